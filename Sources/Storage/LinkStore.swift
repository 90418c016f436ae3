// Links: what we know of each address in an audience. Written by flows' outcomes only. Where some of
// them are asked for, `CROSS JOIN` and `INDEXED BY` have SQLite begin with what is asked: an audience may
// have a million, and without statistics it takes "of this audience" for the narrower search.

import Basics
import Domain
import SQLite

package struct LinkStore {
  let database: Connection

  private static let columns = """
    audience_id, address_key, owner_id, email, member_id, contact_id, status, agreed,
    agreed_status, seen, seen_at, last_changed, digest, ended_by_us, sent_at, kept, decided,
    may_return, web_id, attempted, attempted_at, tagged_at
    """

  /// The links of these addresses; addresses without one are left out.
  package func links(
    _ audienceID: String, at keys: some Collection<AddressKey>
  ) throws(Problem) -> [AddressKey: Link] {
    let found = try database.rows(
      """
      SELECT \(Self.columns) FROM link
      WHERE audience_id = ? AND address_key IN (SELECT value FROM json_each(?))
      """, audienceID, json(keys), map: link)
    return Dictionary(found.map { ($0.key, $0) }) { first, _ in first }
  }

  package func link(_ audienceID: String, at key: AddressKey) throws(Problem) -> Link? {
    try links(audienceID, at: [key])[key]
  }

  /// Those of these addresses whose ending we may take back (`Link.mayBeRaised`), by key.
  package func ended(
    _ audienceID: String, at keys: some Collection<AddressKey>
  ) throws(Problem) -> [Link] {
    try database.rows(
      """
      SELECT \(Self.columns) FROM link
      WHERE audience_id = ? AND address_key IN (SELECT value FROM json_each(?))
        AND (ended_by_us OR may_return IS NOT NULL)
      ORDER BY address_key
      """, audienceID, json(keys), map: link)
  }

  static let ofOwners = """
    SELECT \(columns) FROM json_each(?) AS j
      CROSS JOIN link ON owner_id = j.value AND audience_id = ?
    """

  /// The links whose details are those of these people, by owner.
  package func links(
    _ audienceID: String, ownedBy people: some Collection<PersonID>
  ) throws(Problem) -> [PersonID: [Link]] {
    if people.isEmpty { return [:] }
    let found = try database.rows(
      Self.ofOwners, JSONValue.array(Set(people).map { .int($0.rawValue) }), audienceID, map: link)
    return Dictionary(grouping: found.filter { $0.owner != nil }) { $0.owner ?? PersonID(0) }
  }

  static let formerly = """
    SELECT e.key, l.address_key FROM json_each(?) AS j
      CROSS JOIN address e ON e.key = j.value AND e.position = 0
      CROSS JOIN link l ON l.owner_id = e.person_id AND l.audience_id = ?
    WHERE l.address_key <> e.key AND l.status IS NOT NULL
    """

  /// Other addresses with a contact of whoever stands at one of these: they may be renamed.
  package func former(
    _ audienceID: String, of keys: some Collection<AddressKey>
  ) throws(Problem) -> [AddressKey: Set<AddressKey>] {
    let found = try database.rows(
      Self.formerly, json(keys), audienceID
    ) { (AddressKey($0.text(0)), AddressKey($0.text(1))) }
    return Dictionary(grouping: found, by: \.0).mapValues { Set($0.map(\.1)) }
  }

  /// The other way round: where those stand now whose contacts are at these addresses.
  package func newcomers(
    _ audienceID: String, from keys: some Collection<AddressKey>
  ) throws(Problem) -> Set<AddressKey> {
    if keys.isEmpty { return [] }
    return Set(
      try database.rows(
        """
        SELECT e.key FROM link l
          JOIN address e ON e.person_id = l.owner_id AND e.position = 0 AND e.key <> l.address_key
        WHERE l.audience_id = ? AND l.address_key IN (SELECT value FROM json_each(?))
          AND l.status IS NOT NULL
        """, audienceID, json(keys)
      ) { AddressKey($0.text(0)) })
  }

  static let ofContacts = """
    SELECT \(columns) FROM json_each(?) AS j
      CROSS JOIN link INDEXED BY link_by_contact ON audience_id = ? AND contact_id = j.value
    """

  /// The links with these contact ids, which stay when an address changes.
  package func links(
    _ audienceID: String, contacts ids: some Collection<String>
  ) throws(Problem) -> [String: Link] {
    if ids.isEmpty { return [:] }
    let found = try database.rows(
      Self.ofContacts, JSONValue.array(ids.map(JSONValue.string)), audienceID, map: link)
    return Dictionary(found.map { ($0.contactID ?? "", $0) }) { first, _ in first }
  }

  static let ofWebIDs = """
    SELECT \(columns) FROM json_each(?) AS j
      CROSS JOIN link INDEXED BY link_by_web_id
        ON audience_id = ? AND contact_id IS NULL AND web_id = j.value
    """

  /// The links with these web ids whose contact id is not known yet.
  package func links(
    _ audienceID: String, webIDs ids: some Collection<Int64>
  ) throws(Problem) -> [Int64: Link] {
    if ids.isEmpty { return [:] }
    let found = try database.rows(
      Self.ofWebIDs, JSONValue.array(ids.map(JSONValue.int)), audienceID, map: link)
    return Dictionary(found.map { ($0.webID ?? 0, $0) }) { first, _ in first }
  }

  /// Those of live links with these contact ids, or else web ids, that stand at other addresses than
  /// these: the contacts have left them.
  package func left(
    _ audienceID: String, contacts: some Collection<String>, webIDs: some Collection<Int64>,
    by keys: Set<AddressKey>
  ) throws(Problem) -> [Link] {
    let known = try database.rows(
      Self.ofContacts, JSONValue.array(contacts.map(JSONValue.string)), audienceID, map: link)
    let unknown = try database.rows(
      Self.ofWebIDs, JSONValue.array(webIDs.map(JSONValue.int)), audienceID, map: link)
    return (known + unknown).filter { $0.status != nil && !keys.contains($0.key) }
  }

  /// The contact has another address now.
  package func remove(_ audienceID: String, at keys: some Collection<AddressKey>) throws(Problem) {
    if keys.isEmpty { return }
    try database.execute(
      """
      DELETE FROM link
      WHERE audience_id = ? AND address_key IN (SELECT value FROM json_each(?))
      """, audienceID, json(keys))
  }

  /// The digests of these addresses where there is one: all a survey needs of those in step.
  package func digests(
    _ audienceID: String, at keys: some Collection<AddressKey>
  ) throws(Problem) -> [AddressKey: Int64] {
    let found = try database.rows(
      """
      SELECT address_key, digest FROM link
      WHERE audience_id = ? AND address_key IN (SELECT value FROM json_each(?))
        AND digest IS NOT NULL
      """, audienceID, json(keys)
    ) { (AddressKey($0.text(0)), $0.int64(1)) }
    return Dictionary(found) { first, _ in first }
  }

  /// Contacts a full reading did not show: there before, not seen since `start`. At most `limit`,
  /// by key.
  package func unseen(
    _ audienceID: String, since start: Instant, after key: AddressKey?, limit: Int
  ) throws(Problem) -> [Link] {
    try database.rows(
      """
      SELECT \(Self.columns) FROM link
      WHERE audience_id = ? AND address_key > ? AND status IS NOT NULL
        AND (seen_at IS NULL OR seen_at < ?)
      ORDER BY address_key LIMIT ?
      """, audienceID, key?.description ?? "", start, limit, map: link)
  }

  /// How many contacts were there, and how many of them a full reading since `start` did not show.
  package func presence(
    _ audienceID: String, since start: Instant
  ) throws(Problem) -> (known: Int, unseen: Int) {
    try database.one(
      """
      SELECT count(*), count(*) FILTER (WHERE seen_at IS NULL OR seen_at < ?2) FROM link
      WHERE audience_id = ?1 AND status IS NOT NULL
      """, audienceID, start
    ) { ($0.int(0), $0.int(1)) } ?? (0, 0)
  }

  /// True when the audience has shown a contact before.
  package func isAnyKnown(_ audienceID: String) throws(Problem) -> Bool {
    try database.one(
      "SELECT 1 FROM link WHERE audience_id = ? AND status IS NOT NULL LIMIT 1", audienceID
    ) { $0.bool(0) } ?? false
  }

  /// Replaces what stands there for each of them, but for a tag told meanwhile: who read the link
  /// before that does not know of it.
  package func save(_ links: [Link]) throws(Problem) {
    for link in links {
      let values: Bindings = [
        link.audienceID, link.key, link.owner, link.email, link.memberID, link.contactID,
        link.status?.rawValue, link.agreed.map { json($0).description },
        link.agreedStatus?.rawValue, json(link.seen).description, link.seenAt, link.lastChanged,
        link.digest, link.endedByUs, link.sentAt, json(link.kept).description,
        JSONValue.object(link.decided.mapValues { .string($0.rawValue) }).description,
        link.mayReturn?.rawValue, link.webID, link.attempt?.status.rawValue, link.attempt?.at,
        link.taggedAt,
      ]
      if try database.execute(Self.update, bindings: values) == 1 { continue }
      try database.execute(Self.replace, bindings: values)
    }
  }

  private static let replace = """
    INSERT OR REPLACE INTO link (\(columns))
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,
      ?19, ?20, ?21, (SELECT max(at) FROM (SELECT tagged_at AS at FROM link
        WHERE audience_id = ?1 AND address_key = ?2 UNION ALL SELECT ?22)))
    """

  /// The same where nothing an index holds differs, which is most often so, at a fraction of the cost:
  /// whole audiences are saved. Where a trigger has something to do for a link that is put in (a
  /// stranger's, one that tags move to) it is put in.
  private static let update = """
    UPDATE link SET email = ?4, status = ?7, agreed = ?8, agreed_status = ?9, seen = ?10,
      seen_at = ?11, last_changed = ?12, digest = ?13, ended_by_us = ?14, sent_at = ?15,
      kept = ?16, decided = ?17, may_return = ?18, attempted = ?20, attempted_at = ?21,
      tagged_at = coalesce(max(tagged_at, ?22), tagged_at, ?22)
    WHERE audience_id = ?1 AND address_key = ?2 AND owner_id = ?3 AND member_id IS ?5
      AND contact_id IS ?6 AND web_id IS ?19
      AND NOT EXISTS (SELECT 1 FROM tag_membership WHERE contact_id = ?6)
    """

  /// Shown again as they were: only when is news.
  package func see(_ sightings: [AddressKey: Instant], in audienceID: String) throws(Problem) {
    for (at, sightings) in Dictionary(grouping: sightings, by: \.value) {
      try database.execute(
        """
        UPDATE link SET seen_at = ?
        WHERE audience_id = ? AND address_key IN (SELECT value FROM json_each(?))
        """, at, audienceID, json(sightings.map(\.key)))
    }
  }

  /// Writes down what is about to be sent, before it is: see `Link.attempt` and `Link.taggedAt`.
  /// Whoever is added has no link yet, and gets one that knows nothing else.
  package func note(_ intentions: [Intention], at now: Instant) throws(Problem) {
    for intention in intentions {
      let link = intention.link
      guard let status = intention.status else {
        try database.execute(
          "UPDATE link SET tagged_at = ? WHERE audience_id = ? AND address_key = ?", now,
          link.audienceID, link.key)
        continue
      }
      try database.execute(
        """
        INSERT INTO link (audience_id, address_key, email, owner_id, attempted, attempted_at)
          VALUES (?, ?, ?, ?, ?, ?)
          ON CONFLICT DO UPDATE SET attempted = excluded.attempted,
            attempted_at = excluded.attempted_at
        """, link.audienceID, link.key, link.email, link.owner, status.rawValue, now)
    }
  }

  /// What was refused was not done: whatever stands there later is not ours. A link that knew nothing
  /// but the attempt goes.
  package func forgetAttempts(
    at keys: some Collection<AddressKey>, in audienceID: String
  ) throws(Problem) {
    if keys.isEmpty { return }
    try database.execute(
      """
      UPDATE link SET attempted = NULL, attempted_at = NULL
      WHERE audience_id = ? AND address_key IN (SELECT value FROM json_each(?))
        AND attempted IS NOT NULL
      """, audienceID, json(keys))
    try database.execute(
      """
      DELETE FROM link WHERE audience_id = ? AND address_key IN (SELECT value FROM json_each(?))
        AND coalesce(status, agreed, seen_at, member_id, contact_id, web_id, may_return) IS NULL
      """, audienceID, json(keys))
  }

  /// When they were changed by our tags has been read.
  package func forgetTagging(
    at keys: some Collection<AddressKey>, in audienceID: String
  ) throws(Problem) {
    if keys.isEmpty { return }
    try database.execute(
      """
      UPDATE link SET tagged_at = NULL
      WHERE audience_id = ? AND address_key IN (SELECT value FROM json_each(?))
      """, audienceID, json(keys))
  }

  /// "Plan these again": what was agreed is kept, the digest goes.
  package func forgetDigests(_ audienceID: String) throws(Problem) {
    try database.execute("UPDATE link SET digest = NULL WHERE audience_id = ?", audienceID)
  }

  private func link(_ row: Row) throws(Problem) -> Link {
    var link = Link(audienceID: row.text(0), key: AddressKey(row.text(1)), email: row.text(3))
    link.owner = row.optionalIdentifier(2)
    link.memberID = row.optionalText(4)
    link.contactID = row.optionalText(5)
    link.status = row.optionalText(6).flatMap(MemberStatus.init)
    link.agreed = row.isNull(7) ? nil : mergeValues(try row.json(7))
    link.agreedStatus = row.optionalText(8).flatMap(MemberStatus.init)
    link.seen = mergeValues(try row.json(9))
    link.seenAt = row.optionalInstant(10)
    link.lastChanged = row.optionalInstant(11)
    link.digest = row.optionalInt64(12)
    link.endedByUs = row.bool(13)
    link.sentAt = row.optionalInstant(14)
    link.kept = mergeValues(try row.json(15))
    link.decided = (try row.json(16).object ?? [:])
      .compactMapValues { $0.string.flatMap(ConflictDecision.init) }
    link.mayReturn = row.optionalText(17).flatMap(ReturnRule.init)
    link.webID = row.optionalInt64(18)
    if let status = row.optionalText(19).flatMap(MemberStatus.init) {
      link.attempt = Link.Attempt(status, at: row.instant(20))
    }
    link.taggedAt = row.optionalInstant(21)
    return link
  }
}

extension WorkspaceAccess {
  package var links: LinkStore { LinkStore(database: database) }
}
