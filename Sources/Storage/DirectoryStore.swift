// The people of the workspace: reading, adding, changing and removing them. Only columns that
// differ are written; audit, queue and consent ledger follow by themselves (the schema's triggers).
// Texts are cleaned here, at the door.

import Basics
import Domain
import SQLite

package struct DirectoryStore {
  let database: Connection
  let now: Instant

  // MARK: Reading

  package func person(_ id: PersonID) throws(Problem) -> Person? {
    try one("p.id = ?", id)
  }

  package func person(externalID: String) throws(Problem) -> Person? {
    try one("p.external_id = ?", externalID)
  }

  /// People by id; those who do not exist are left out.
  package func people(_ ids: some Collection<PersonID>) throws(Problem) -> [PersonID: Person] {
    if ids.isEmpty { return [:] }
    var found: [PersonID: Person] = [:]
    found.reserveCapacity(ids.count)
    try database.query(
      """
      SELECT \(PersonRecord.columns) FROM json_each(?) j CROSS JOIN \(PersonRecord.tables)
      WHERE p.id = j.value
      """, json(ids)
    ) { (row) throws(Problem) in
      let person = try PersonRecord.person(row)
      found[person.id] = person
    }
    return found
  }

  /// Who has these external ids.
  package func ids(
    externalIDs: some Sequence<String>
  ) throws(Problem) -> [String: PersonID] {
    var found: [String: PersonID] = [:]
    try database.query(
      """
      SELECT p.external_id, p.id FROM json_each(?) j CROSS JOIN person p
      WHERE p.external_id = j.value
      """, JSONValue.array(externalIDs.map(JSONValue.string))
    ) { found[$0.text(0)] = $0.identifier(1) }
    return found
  }

  /// Everybody with this as primary address, by id.
  package func people(at key: AddressKey) throws(Problem) -> [Person] {
    try database.rows(
      """
      SELECT \(PersonRecord.columns) FROM \(PersonRecord.tables)
        JOIN address e ON e.person_id = p.id AND e.position = 0
      WHERE e.key = ? ORDER BY p.id
      """, key, map: PersonRecord.person)
  }

  /// Everybody of these names who has no e-mail address, by id.
  package func peopleWithoutAddress(
    firstName: String, lastName: String
  ) throws(Problem) -> [Person] {
    try database.rows(
      """
      SELECT \(PersonRecord.columns) FROM \(PersonRecord.tables)
      WHERE p.last_name = ?1 COLLATE NOCASE AND p.first_name = ?2 COLLATE NOCASE
        AND p.last_name = ?1 AND p.first_name = ?2
        AND NOT EXISTS (SELECT 1 FROM address WHERE person_id = p.id)
      ORDER BY p.id
      """, lastName, firstName, map: PersonRecord.person)
  }

  /// Whom these words name as account manager: external ids, or `#` and an id.
  package func managers(_ names: [String]) throws(Problem) -> [String: PersonID] {
    var found = try ids(externalIDs: names)
    for name in names where found[name] == nil && name.hasPrefix("#") {
      if let id = PersonID(name), try person(id) != nil { found[name] = id }
    }
    return found
  }

  package func children(of manager: PersonID) throws(Problem) -> [PersonID] {
    try database.rows("SELECT id FROM person WHERE manager_id = ? ORDER BY id", manager) {
      $0.identifier(0)
    }
  }

  /// How many there are, those marked deleted included.
  package func count() throws(Problem) -> Int {
    // Everybody has a standing from the moment they are added.
    try database.integer("SELECT coalesce(sum(people), 0) FROM standing_count")
  }

  /// A window by id, for whatever walks over everybody.
  package func people(after id: PersonID?, limit: Int) throws(Problem) -> [Person] {
    try database.rows(
      """
      SELECT \(PersonRecord.columns) FROM \(PersonRecord.tables)
      WHERE p.id > ? ORDER BY p.id LIMIT ?
      """, id?.rawValue ?? 0, limit, map: PersonRecord.person)
  }

  private func one(_ condition: String, _ value: any Bindable) throws(Problem) -> Person? {
    try database.one(
      "SELECT \(PersonRecord.columns) FROM \(PersonRecord.tables) WHERE \(condition)", value,
      map: PersonRecord.person)
  }

  // MARK: Writing

  /// Adds a person; the id and the times of noticing are given here, whatever stands in `person`.
  @discardableResult
  package func add(_ person: Person) throws(Problem) -> PersonID {
    var person = person.cleaned()
    person.customFields = try stored(person.customFields)
    try check(person, replacing: nil)
    if person.optIn != .unknown, person.optInHow.isEmpty { person.optInHow = try evidence() }
    try database.execute(
      """
      INSERT INTO person (external_id, account_id, kind, first_name, last_name, phone, company,
        postal_address, birthday, date_of_birth, opt_in, opt_in_at, opt_in_how, active, deleted_at,
        manager_id, custom, source_updated_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, person.externalID, try accountID(person.account), person.kind.rawValue,
      person.firstName, person.lastName, person.phone, person.company,
      person.postalAddress?.json, person.birthday?.description, person.dateOfBirth,
      person.optIn.rawValue, person.optInAt, person.optInHow, person.isActive, person.deletedAt,
      person.managerID, PersonRecord.json(person.customFields), person.sourceUpdatedAt)
    let id = PersonID(database.lastInsertedRowID)
    try setEmails(person.emails, of: id, from: [])
    return id
  }

  /// Lets `change` alter the person as they are now and writes what then differs; false when
  /// nothing does.
  @discardableResult
  package func update(
    _ id: PersonID, _ change: (inout Person) throws(Problem) -> Void
  ) throws(Problem) -> Bool {
    guard let before = try person(id) else { throw DirectoryStore.missing(id) }
    var after = before
    try change(&after)
    return try save(after, over: before)
  }

  /// The same for who has read the person already, in this transaction.
  package func save(_ changed: Person, over before: Person) throws(Problem) -> Bool {
    var after = changed.cleaned()
    if after.optIn != before.optIn {
      // A new decision has a time and a story of its own, where the caller did not say them.
      if after.optInAt == before.optInAt {
        after.optInAt = after.optIn == .unknown ? nil : now
        if after.optInHow == before.optInHow { after.optInHow = try evidence() }
      }
    }
    if after.customFields != before.customFields {
      after.customFields = try stored(after.customFields)
    }
    if after == before { return false }
    try check(after, replacing: before)
    var columns: [String] = []
    var values: Bindings = []
    func set(_ column: String, _ value: (any Bindable)?, _ differs: Bool) {
      guard differs else { return }
      columns.append("\(column) = ?")
      values.append(value)
    }
    set("external_id", after.externalID, after.externalID != before.externalID)
    if after.account != before.account {
      set("account_id", try accountID(after.account), true)
    }
    set("kind", after.kind.rawValue, after.kind != before.kind)
    set("first_name", after.firstName, after.firstName != before.firstName)
    set("last_name", after.lastName, after.lastName != before.lastName)
    set("phone", after.phone, after.phone != before.phone)
    set("company", after.company, after.company != before.company)
    set("postal_address", after.postalAddress?.json, after.postalAddress != before.postalAddress)
    set("birthday", after.birthday?.description, after.birthday != before.birthday)
    set("date_of_birth", after.dateOfBirth, after.dateOfBirth != before.dateOfBirth)
    set("opt_in", after.optIn.rawValue, after.optIn != before.optIn)
    set("opt_in_at", after.optInAt, after.optInAt != before.optInAt)
    set("opt_in_how", after.optInHow, after.optInHow != before.optInHow)
    set("active", after.isActive, after.isActive != before.isActive)
    set("deleted_at", after.deletedAt, after.deletedAt != before.deletedAt)
    set("manager_id", after.managerID, after.managerID != before.managerID)
    set(
      "custom", PersonRecord.json(after.customFields), after.customFields != before.customFields)
    set(
      "source_updated_at", after.sourceUpdatedAt, after.sourceUpdatedAt != before.sourceUpdatedAt)
    if !columns.isEmpty {
      try database.execute(
        "UPDATE person SET \(columns.joined(separator: ", ")) WHERE id = ?",
        bindings: values + [before.id])
    }
    let emails = try setEmails(after.emails, of: before.id, from: before.emails)
    return !columns.isEmpty || emails
  }

  /// Writes what a form says: a new person where the draft names nobody.
  @discardableResult
  package func apply(_ draft: PersonDraft) throws(Problem) -> PersonID {
    let manager = try draft.values[.manager].map { (text) throws(Problem) in try self.manager(text)
    }
    func fill(_ person: inout Person) throws(Problem) {
      try draft.apply(to: &person)
      if let manager { person.managerID = manager }
      if draft.emails == nil, let email = draft.values[.email].map({ Text.oneLine($0) }) {
        person.emails = [email] + person.emails.dropFirst()
      }
    }
    if let id = draft.id {
      try update(id, fill)
      return id
    }
    var person = Person(id: PersonID(0), account: "", noticedAt: now)
    try fill(&person)
    return try add(person)
  }

  /// Writes values into fields of somebody, whatever the fields: a postal address, a custom field,
  /// the account manager by external id or `#` and an id. `at` and `how` say when an opt-in among
  /// them was decided and how that came about. False when nothing differs.
  @discardableResult
  package func set(
    _ values: [PersonField: PersonValue], of id: PersonID, at: Instant? = nil, how: String? = nil
  ) throws(Problem) -> Bool {
    try update(id) { (person) throws(Problem) in
      for (field, value) in values {
        if field == .manager {
          person.managerID = try manager(value.text)
        } else {
          try person.set(field, to: value)
        }
      }
      if values[.optIn] != nil {
        if let at { person.optInAt = at }
        if let how { person.optInHow = how }
      }
    }
  }

  /// The same for one field.
  @discardableResult
  package func set(
    _ field: PersonField, _ value: PersonValue, of id: PersonID, at: Instant? = nil,
    how: String? = nil
  ) throws(Problem) -> Bool {
    try set([field: value], of: id, at: at, how: how)
  }

  /// Whom a form names as account manager: an external id, `#` and an id, or nobody.
  private func manager(_ text: String) throws(Problem) -> PersonID? {
    let text = Text.oneLine(text)
    if text.isEmpty { return nil }
    if let id = try managers([text])[text] { return id }
    throw Problem(
      "people.unknown-manager", "There is no person '\(text)' to be account manager.",
      remedy: "Give the external id of somebody in the directory, or # and their id.",
      fields: ["field": "\(PersonField.manager)"])
  }

  /// The first step of deleting; the person stays until removed.
  package func markDeleted(_ id: PersonID) throws(Problem) {
    try update(id) { if $0.deletedAt == nil { $0.deletedAt = now } }
  }

  package func undelete(_ id: PersonID) throws(Problem) {
    try update(id) { $0.deletedAt = nil }
  }

  /// The second step: only who is marked deleted can be removed. Links, suppressions and the
  /// consent ledger stay.
  package func remove(_ id: PersonID) throws(Problem) {
    guard let person = try person(id) else { throw DirectoryStore.missing(id) }
    guard person.deletedAt != nil else {
      throw Problem(
        "people.not-deleted", "\(person.displayName) (\(id)) is not marked deleted.",
        remedy: "Delete the person first, then remove them.", fields: ["id": "\(id.rawValue)"])
    }
    try database.execute("DELETE FROM person WHERE id = ?", id)
  }

  static func missing(_ id: PersonID) -> Problem {
    Problem(
      "people.missing", "There is no person \(id).",
      remedy: "Search for them with `listkeeper people list`.", fields: ["id": "\(id.rawValue)"])
  }

  // MARK: Inside

  private func check(_ person: Person, replacing before: Person?) throws(Problem) {
    if let manager = person.managerID, manager != before?.managerID {
      guard manager != before?.id else {
        throw Problem(
          "people.own-manager", "\(person.displayName) cannot be their own account manager.",
          remedy: "Name somebody else, or nobody.", fields: ["field": "\(PersonField.manager)"])
      }
      guard try database.integer("SELECT count(*) FROM person WHERE id = ?", manager) > 0 else {
        throw Problem(
          "people.unknown-manager", "There is no person \(manager) to be account manager.",
          remedy: "Name somebody of the directory, or nobody.")
      }
    }
    if let externalID = person.externalID, externalID != before?.externalID,
      let other = try ids(externalIDs: [externalID])[externalID], other != before?.id
    {
      throw Problem(
        "people.external-id-taken", "The external id \(externalID) belongs to person \(other).",
        remedy: "Give another external id, or change that person.",
        fields: ["id": "\(other.rawValue)", "field": "\(PersonField.externalID)"])
    }
    if person.emails.count > DirectoryStore.mostEmails {
      throw Problem(
        "people.too-many-addresses",
        "\(person.displayName) has \(person.emails.count) e-mail addresses.",
        remedy: "Give at most \(DirectoryStore.mostEmails).")
    }
  }

  /// As the schema says.
  static let mostEmails = 64

  @discardableResult
  private func setEmails(
    _ emails: [String], of id: PersonID, from before: [String]
  ) throws(Problem) -> Bool {
    var changed = false
    for (position, email) in emails.enumerated() {
      if position >= before.count {
        try database.execute(
          "INSERT INTO address (person_id, position, email) VALUES (?, ?, ?)", id, position, email)
        changed = true
      } else if email != before[position] {
        try database.execute(
          "UPDATE address SET email = ? WHERE person_id = ? AND position = ?", email, id, position)
        changed = true
      }
    }
    // The last first, so that taking it back by the audit trail leaves no gap.
    for position in (emails.count..<max(emails.count, before.count)).reversed() {
      try database.execute(
        "DELETE FROM address WHERE person_id = ? AND position = ?", id, position)
      changed = true
    }
    return changed
  }

  /// What this transaction goes by: a file and line, a form; else who writes.
  private func evidence() throws(Problem) -> String {
    try database.one(
      "SELECT CASE WHEN coalesce(evidence, '') <> '' THEN evidence ELSE coalesce(who, '') END "
        + "FROM acting"
    ) { $0.text(0) } ?? ""
  }

  private func json(_ ids: some Collection<PersonID>) -> JSONValue {
    .array(ids.map { .int($0.rawValue) })
  }
}

extension WorkspaceAccess {
  package var directory: DirectoryStore { DirectoryStore(database: database, now: now) }
}
