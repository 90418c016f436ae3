// What is known of the account's audiences, the mapping onto the chosen one, and how far it has
// been read.

import Basics
import Domain
import SQLite

/// How far an audience has been read and sent.
package struct AudienceProgress: Sendable, Equatable {
  /// When it was last read in full; nil means "read before anything is written".
  package var readAt: Instant?
  /// Mailchimp's clock up to which changes were asked for.
  package var polledTo: Instant?
  /// When the first plan was applied or approved; nil means "the next plan is held".
  package var firstSyncAt: Instant?

  package init() {}
}

package struct AudienceStore {
  let database: Connection
  let now: Instant

  /// Remembers what the picker shows; audiences that vanished stay only while links need them.
  package func save(_ audiences: [Audience]) throws(Problem) {
    for audience in audiences {
      try database.execute(
        """
        INSERT INTO audience (id, name, details, listed_at) VALUES (?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET name = excluded.name, details = excluded.details,
          listed_at = excluded.listed_at
        """, audience.id, audience.name, details(audience).description, now)
    }
  }

  package func audiences() throws(Problem) -> [Audience] {
    try database.rows("SELECT id, name, details FROM audience ORDER BY name, id", map: audience)
  }

  package func audience(_ id: String) throws(Problem) -> Audience? {
    try database.one("SELECT id, name, details FROM audience WHERE id = ?", id, map: audience)
  }

  package func saveMergeFields(_ fields: [MergeField], of id: String) throws(Problem) {
    try database.execute(
      """
      INSERT INTO audience (id, name, merge_fields) VALUES (?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET merge_fields = excluded.merge_fields
      """, id, id, JSONValue.array(fields.map(json)).description)
  }

  /// Nil before they were discovered.
  package func mergeFields(of id: String) throws(Problem) -> [MergeField]? {
    try database.one(
      "SELECT merge_fields FROM audience WHERE id = ? AND merge_fields IS NOT NULL", id
    ) { (row) throws(Problem) in (try row.json(0).array ?? []).map(mergeField) }
  }

  package func progress(of id: String) throws(Problem) -> AudienceProgress {
    try database.one(
      "SELECT read_at, polled_to, first_sync_at FROM audience WHERE id = ?", id
    ) { row in
      var progress = AudienceProgress()
      progress.readAt = row.optionalInstant(0)
      progress.polledTo = row.optionalInstant(1)
      progress.firstSyncAt = row.optionalInstant(2)
      return progress
    } ?? AudienceProgress()
  }

  package func save(_ progress: AudienceProgress, of id: String) throws(Problem) {
    try database.execute(
      """
      INSERT INTO audience (id, name, read_at, polled_to, first_sync_at) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET read_at = excluded.read_at, polled_to = excluded.polled_to,
        first_sync_at = excluded.first_sync_at
      """, id, id, progress.readAt, progress.polledTo, progress.firstSyncAt)
  }

  // The mapping.

  package func mapping() throws(Problem) -> [FieldMapping] {
    try database.rows(
      "SELECT field, tag, direction, transforms, since FROM field_mapping ORDER BY position"
    ) { (row) throws(Problem) in
      guard let field = PersonField(row.text(0)) else {
        throw Problem("workspace.corrupt", "The mapping names the unknown field \(row.text(0)).")
      }
      return FieldMapping(
        field, row.text(1), direction: try row.state(2),
        transforms: try Transform.list(row.text(3)), since: row.optionalInstant(4))
    }
  }

  package func saveMapping(_ mapping: [FieldMapping]) throws(Problem) {
    try database.execute("DELETE FROM field_mapping")
    for (position, row) in mapping.enumerated() {
      try database.execute(
        """
        INSERT INTO field_mapping (position, field, tag, direction, transforms, since)
        VALUES (?, ?, ?, ?, ?, ?)
        """, position, row.field.description, row.tag, row.direction.rawValue,
        Transform.print(row.transforms), row.since)
    }
  }

  private func details(_ audience: Audience) -> JSONValue {
    var members: [String: JSONValue] = [
      "members": .int(Int64(audience.members)), "unsubscribes": .int(Int64(audience.unsubscribes)),
      "cleaned": .int(Int64(audience.cleaned)), "double_optin": .bool(audience.doubleOptIn),
      "rating": .int(Int64(audience.rating)),
      "permission_reminder": .string(audience.permissionReminder),
      "from_name": .string(audience.fromName), "from_email": .string(audience.fromEmail),
      "subscribe_url": .string(audience.subscribeURL),
    ]
    if !audience.postalAddress.isEmpty {
      members["postal_address"] = .string(audience.postalAddress)
    }
    if !audience.dataCentre.isEmpty { members["data_centre"] = .string(audience.dataCentre) }
    if let webID = audience.webID { members["web_id"] = .int(webID) }
    if let at = audience.campaignLastSent { members["campaign_last_sent"] = .int(at.milliseconds) }
    if let at = audience.createdAt { members["created_at"] = .int(at.milliseconds) }
    return .object(members)
  }

  private func audience(_ row: Row) throws(Problem) -> Audience {
    let details = try row.json(2)
    var audience = Audience(id: row.text(0), name: row.text(1))
    audience.webID = details["web_id"]?.int
    audience.members = Int(details["members"]?.int ?? 0)
    audience.unsubscribes = Int(details["unsubscribes"]?.int ?? 0)
    audience.cleaned = Int(details["cleaned"]?.int ?? 0)
    audience.doubleOptIn = details["double_optin"]?.bool ?? false
    audience.rating = Int(details["rating"]?.int ?? 0)
    audience.permissionReminder = details["permission_reminder"]?.string ?? ""
    audience.fromName = details["from_name"]?.string ?? ""
    audience.fromEmail = details["from_email"]?.string ?? ""
    audience.subscribeURL = details["subscribe_url"]?.string ?? ""
    audience.campaignLastSent =
      details["campaign_last_sent"]?.int.map(Instant.init(milliseconds:))
    audience.postalAddress = details["postal_address"]?.string ?? ""
    audience.dataCentre = details["data_centre"]?.string ?? ""
    audience.createdAt = details["created_at"]?.int.map(Instant.init(milliseconds:))
    return audience
  }

  private func json(_ field: MergeField) -> JSONValue {
    var members: [String: JSONValue] = [
      "merge_id": .int(field.mergeID), "tag": .string(field.tag), "name": .string(field.name),
      "type": .string(field.type.rawValue), "required": .bool(field.isRequired),
      "default_value": .string(field.defaultValue),
      "choices": .array(field.choices.map(JSONValue.string)),
    ]
    if let size = field.size { members["size"] = .int(Int64(size)) }
    if let format = field.phoneFormat { members["phone_format"] = .string(format) }
    if let format = field.dateFormat { members["date_format"] = .string(format) }
    return .object(members)
  }

  private func mergeField(_ json: JSONValue) -> MergeField {
    MergeField(
      mergeID: json["merge_id"]?.int ?? 0, tag: json["tag"]?.string ?? "",
      name: json["name"]?.string ?? "",
      type: json["type"]?.string.flatMap(MergeField.Kind.init) ?? .text,
      isRequired: json["required"]?.bool ?? false,
      defaultValue: json["default_value"]?.string ?? "",
      choices: (json["choices"]?.array ?? []).compactMap(\.string),
      size: json["size"]?.int.map { Int($0) }, phoneFormat: json["phone_format"]?.string,
      dateFormat: json["date_format"]?.string)
  }
}

extension WorkspaceAccess {
  package var audiences: AudienceStore { AudienceStore(database: database, now: now) }
}
