// Erasing somebody from the workspace at their own request (GDPR, article 17). What must stay true:
// afterwards no byte of the file names them; nobody else loses anything; and who is not to be mailed
// stays so, by the keyed hash of the address. What Mailchimp has is deleted there before.
//
// Lines of the log that name them are kept as lines without their words, and whole bodies of
// requests that do are dropped: what else those told is gone too.

import Basics
import Domain
import Queue
import SQLite

package struct ErasureStore {
  let database: Connection
  let now: Instant

  /// Who a person is to an erasure, and what there is of them.
  package func subject(_ id: PersonID) throws(Problem) -> ErasureSubject {
    guard let person = try DirectoryStore(database: database, now: now).person(id) else {
      throw DirectoryStore.missing(id)
    }
    let all = try database.rows(
      """
      SELECT key FROM address WHERE person_id = ?1
      UNION SELECT address_key FROM link WHERE owner_id = ?1
      UNION SELECT lower(trim(value)) FROM (
        SELECT old AS value FROM audit WHERE person_id = ?1 AND field GLOB 'email*'
        UNION SELECT new FROM audit WHERE person_id = ?1 AND field GLOB 'email*')
        WHERE value IS NOT NULL
      UNION SELECT address_key FROM consent_entry WHERE person_id = ?1
        AND address_key <> '' AND address_key NOT GLOB '\(Schema.erasedMark)*'
      """, id
    ) { AddressKey($0.text(0)) }
    let shared = Set(
      try database.rows(
        """
        SELECT DISTINCT key FROM address
        WHERE key IN (SELECT value FROM json_each(?)) AND person_id <> ?
        """, json(all), id
      ) { AddressKey($0.text(0)) })
    var subject = ErasureSubject(
      person: id, name: person.displayName, externalID: person.externalID,
      keys: all.filter { !shared.contains($0) }, shared: shared.sorted())
    subject.formerNames = try formerNames(of: person)
    return try completed(subject)
  }

  /// By the audit trail, from what they are called now backwards.
  private func formerNames(of person: Person) throws(Problem) -> [String] {
    var named = person
    var names: Set<String> = []
    try database.query(
      """
      SELECT field, old FROM audit WHERE person_id = ? AND field IN ('first_name', 'last_name')
      ORDER BY id DESC
      """, person.id
    ) { row in
      let before = row.optionalText(1) ?? ""
      if row.text(0) == "first_name" { named.firstName = before } else { named.lastName = before }
      names.insert(named.displayName)
    }
    return names.subtracting([person.displayName]).sorted()
  }

  /// An address that nobody here has; nil where nothing names it.
  package func subject(_ key: AddressKey) throws(Problem) -> ErasureSubject? {
    let isKnown =
      try database.one(
        """
        SELECT 1 WHERE EXISTS (SELECT 1 FROM link WHERE address_key = ?1)
          OR EXISTS (SELECT 1 FROM suppression WHERE address_key = ?1)
          OR EXISTS (SELECT 1 FROM consent_entry WHERE address_key = ?1)
          OR EXISTS (SELECT 1 FROM row_outcome WHERE address_key = ?1)
          OR EXISTS (SELECT 1 FROM conflict WHERE address_key = ?1)
        """, key
      ) { $0.bool(0) } ?? false
    guard isKnown else { return nil }
    return try completed(ErasureSubject(person: nil, name: key.description, keys: [key]))
  }

  private func completed(_ subject: ErasureSubject) throws(Problem) -> ErasureSubject {
    var subject = subject
    subject.contacts = try database.rows(
      """
      SELECT l.audience_id, coalesce(a.name, l.audience_id), l.address_key, l.status
      FROM link l LEFT JOIN audience a ON a.id = l.audience_id
      WHERE l.address_key IN (SELECT value FROM json_each(?)) AND l.status IS NOT NULL
      ORDER BY l.audience_id, l.address_key
      """, json(subject.keys)
    ) { (row) throws(Problem) in
      ErasureSubject.Contact(
        audienceID: row.text(0), audience: row.text(1), key: AddressKey(row.text(2)),
        status: try row.state(3))
    }
    let named = subject
    subject.namedBy = try database.rows(
      """
      SELECT 'the saved search ''' || name || '''', filter FROM saved_search
      UNION ALL SELECT 'the filter of executions ''' || name || '''', filter FROM execution_filter
      UNION ALL SELECT 'the setting ' || key, value FROM setting
      """
    ) { ($0.text(0), $0.text(1)) }.filter { named.isNamed(in: $0.1) }.map(\.0)
    return subject
  }

  /// How much of them there is, in tables that are looked up by person or address.
  package func counts(of subject: ErasureSubject) throws(Problem) -> ErasureCounts {
    var counts = ErasureCounts()
    let id = subject.person
    let keys = json(subject.keys)
    counts.audit = try database.integer("SELECT count(*) FROM audit WHERE person_id = ?", id)
    counts.ledger = try database.integer(
      "SELECT count(*) FROM consent_entry WHERE \(Self.theirs)", id, keys)
    counts.outcomes = try database.integer(
      "SELECT count(*) FROM row_outcome WHERE \(Self.theirs)", id, keys)
    return counts
  }

  /// Holds for plans that name them, by person, addresses and external id.
  private static func names(_ plan: String) -> String {
    """
    (EXISTS (SELECT 1 FROM plan_row WHERE plan_id = \(plan) AND \(theirs))
      OR EXISTS (SELECT 1 FROM source_row WHERE plan_id = \(plan)
        AND (external_id = ?3 OR \(managed(by: "?3")))))
    """
  }

  /// Holds for what the source says of those whose account manager has this key.
  private static func managed(by key: String) -> String {
    "(instr(word, \(key)) AND word ->> '$.manager_external_id' = \(key))"
  }

  private static let theirs =
    "(person_id = ?1 OR address_key IN (SELECT value FROM json_each(?2)))"

  // MARK: Texts

  /// Rows whose texts name them. It reads whole tables: what is found before a transaction needs no
  /// second look within it, but for what came since.
  package struct Mentions: Sendable {
    fileprivate var logLines: [Int64] = []
    fileprivate var exchanges: [Int64] = []
    fileprivate var lastLine: Int64 = 0
    fileprivate var lastExchange: Int64 = 0

    package init() {}
  }

  package func mentions(
    of subject: ErasureSubject, after seen: Mentions = Mentions()
  ) throws(Problem) -> Mentions {
    var found = seen
    let probes = JSONValue.array(subject.probes.map(JSONValue.string))
    try database.query(
      """
      SELECT id, sentence || char(10) || fields FROM log_line
      WHERE id > ? AND \(Self.mentions("sentence || char(10) || fields"))
      """, seen.lastLine, probes
    ) { if subject.isNamed(in: $0.text(1)) { found.logLines.append($0.int64(0)) } }
    try database.query(
      """
      SELECT x.id, x.path || char(10) || coalesce(b.request, '') || char(10)
        || coalesce(b.response, '')
      FROM exchange x LEFT JOIN exchange_body b ON b.exchange_id = x.id
      WHERE x.id > ? AND (\(Self.mentions("x.path")) OR \(Self.mentions("b.request"))
        OR \(Self.mentions("b.response")))
      """, seen.lastExchange, probes
    ) { if subject.isNamed(in: $0.text(1)) { found.exchanges.append($0.int64(0)) } }
    found.lastLine = try last("log_line")
    found.lastExchange = try last("exchange")
    return found
  }

  private func last(_ table: String) throws(Problem) -> Int64 {
    try database.one("SELECT coalesce(max(id), 0) FROM \(table)") { $0.int64(0) } ?? 0
  }

  /// A first look at a column: any of `probes`, and also within a longer word.
  private static func mentions(_ column: String, _ probes: String = "?2") -> String {
    """
    EXISTS (SELECT 1 FROM json_each(\(probes)) WHERE instr(lower(\(column)), value)
      OR instr(lower(\(column)), replace(value, '@', '%40')))
    """
  }

  // MARK: Erasing

  /// Erases them; `by` is on record. Refuses while work that is in hand, or a plan that waits, names
  /// them: it would bring them back, or fall short.
  @discardableResult
  package func erase(
    _ subject: ErasureSubject, mentions seen: Mentions = Mentions(), by who: String
  ) throws(Problem) -> ErasureCounts {
    try refuseWhileInHand(subject)
    var counts = try counts(of: subject)
    let mentions = try mentions(of: subject, after: seen)
    counts.logLines = mentions.logLines.count
    counts.bodies = mentions.exchanges.count
    let born: Instant? = try subject.person.flatMap { (id) throws(Problem) in
      try database.one("SELECT created_at FROM person WHERE id = ?", id) { $0.instant(0) }
    }
    try suppress(subject)
    try removeHistory(subject, by: who)
    try removeFacts(subject)
    try dropWords(mentions)
    try removeWork(subject)
    try keepLedger(subject, by: who)
    try database.execute(
      "INSERT INTO erasure (at, by, person_id, born_at) VALUES (?, ?, ?, ?)", now, who,
      subject.person, born)
    return counts
  }

  /// Refuses where a plan that waits names them.
  package func check(_ subject: ErasureSubject) throws(Problem) {
    let plan: Int64? = try database.one(
      """
      SELECT p.id FROM plan p JOIN execution e ON e.id = p.execution_id
      WHERE p.status IN ('drafting', 'ready', 'held', 'approved') AND e.finished_at IS NULL
        AND \(Self.names("p.id"))
      """, subject.person, json(subject.keys), subject.externalID
    ) { $0.int64(0) }
    guard let plan else { return }
    throw Problem(
      "forget.in-plan", "Plan \(plan), which waits, names \(subject.name).",
      remedy: "Approve or discard it first: listkeeper plans discard \(plan)")
  }

  private func refuseWhileInHand(_ subject: ErasureSubject) throws(Problem) {
    try check(subject)
    let isAtWork =
      try database.one(
        """
        SELECT 1 FROM message WHERE state = 'leased' AND lease_until > ?
          AND lease_term = (SELECT term FROM engine) LIMIT 1
        """, now
      ) { $0.bool(0) } ?? false
    if isAtWork {
      throw Problem(
        "forget.engine-at-work", "The engine is at work, and may have them in hand.",
        remedy: "Wait until the sync has ended, or pause it first: listkeeper pause")
    }
    let cursors = "('$.after', '$.missing_after')"
    let isPlace =
      try database.one(
        """
        SELECT 1 FROM message, json_tree(message.body) AS part
        WHERE part.fullkey IN \(cursors) AND part.atom IN (SELECT value FROM json_each(?)) LIMIT 1
        """, json(subject.keys)
      ) { $0.bool(0) } ?? false
    if isPlace {
      throw Problem(
        "forget.engine-at-work", "A sync that is under way has come as far as them.",
        remedy: "Wait until it has ended.")
    }
  }

  /// Every audience remembers that the address is not to be added again; a reason of before stays.
  private func suppress(_ subject: ErasureSubject) throws(Problem) {
    let consent = ConsentStore(database: database)
    for key in subject.keys {
      try database.execute(
        """
        INSERT INTO suppression (audience_id, address_hash, address_key, reason, at, evidence)
          SELECT id, ?1, NULL, 'erased', ?2, '' FROM (SELECT id FROM audience
            UNION SELECT value FROM setting WHERE key = 'mailchimp.audience'
            UNION SELECT audience_id FROM suppression WHERE address_hash = ?1) WHERE true
          ON CONFLICT (audience_id, address_hash) DO UPDATE SET address_key = NULL, evidence = ''
        """, try consent.hash(key), now)
    }
  }

  private func removeFacts(_ subject: ErasureSubject) throws(Problem) {
    let keys = json(subject.keys)
    for table in ["link", "stranger", "tag_due", "tag_membership", "tag_holder", "tag_work"] {
      try database.execute(
        "DELETE FROM \(table) WHERE address_key IN (SELECT value FROM json_each(?))", keys)
    }
    // Children stood at it too; they are looked at anew.
    try database.execute(
      "UPDATE standing SET key = NULL WHERE key IN (SELECT value FROM json_each(?))", keys)
    if let id = subject.person {
      // Those at a shared address are others' from now on.
      try database.execute("UPDATE link SET owner_id = NULL, digest = NULL WHERE owner_id = ?", id)
      try database.execute("DELETE FROM write_back WHERE person_id = ?", id)
      try database.execute("DELETE FROM person WHERE id = ?", id)
    }
    guard let externalID = subject.externalID else { return }
    try database.execute("DELETE FROM source_row WHERE external_id = ?", externalID)
    try database.execute("DELETE FROM source_person WHERE external_id = ?", externalID)
    // A source that still names them does not bring them back.
    let erasedName = try SourceStore(database: database, now: now).erasedName(externalID)
    try database.execute(
      """
      INSERT OR REPLACE INTO source_person (external_id, word, place, said_at, is_removed)
        VALUES (?, '{}', '', ?, 1)
      """, erasedName, now)
    // Nor do those they were account manager of go on to name them.
    for table in ["source_person", "source_row"] {
      try database.execute(
        """
        UPDATE \(table) SET word = json_set(word, '$.manager_external_id', ?2)
        WHERE \(Self.managed(by: "?1"))
        """, externalID, erasedName)
    }
    let isTheirs = "value ->> '$.name' = 'manager_external_id' AND value ->> '$.new' = ?1"
    try database.execute(
      """
      UPDATE plan_row SET changes = (SELECT json_group_array(json(iif(\(isTheirs),
          json_set(value, '$.new', ?2), value)))
        FROM (SELECT value FROM json_each(plan_row.changes) ORDER BY key))
      WHERE instr(changes, ?1) AND EXISTS (SELECT 1 FROM json_each(changes) WHERE \(isTheirs))
      """, externalID, erasedName)
  }

  private func removeHistory(_ subject: ErasureSubject, by who: String) throws(Problem) {
    let (id, keys) = (subject.person, json(subject.keys))
    // A dry run that named them can no longer be carried out as it was shown.
    try database.execute(
      """
      UPDATE plan SET status = 'discarded', decided_at = ?4, decided_by = ?5
      WHERE status IN ('ready', 'drafting') AND \(Self.names("plan.id"))
      """, id, keys, subject.externalID, now, who)
    for table in ["row_outcome", "plan_row", "conflict", "drift"] {
      try database.execute("DELETE FROM \(table) WHERE \(Self.theirs)", id, keys)
    }
    try database.execute(
      "DELETE FROM verified WHERE address_key IN (SELECT value FROM json_each(?))", keys)
    try database.execute("DELETE FROM audit WHERE person_id = ?", id)
    try database.execute(
      """
      UPDATE webhook_delivery SET summary = 'erased', sentence = '', body = NULL,
        fate = iif(fate = 'waiting', 'ignored', fate)
      WHERE id IN (SELECT delivery_id FROM webhook_address
        WHERE address_key IN (SELECT value FROM json_each(?)))
      """, keys)
    try database.execute(
      "DELETE FROM webhook_address WHERE address_key IN (SELECT value FROM json_each(?))", keys)
    let problem = Problem("erased", "It named somebody who was forgotten since.").json
    for (table, column, neutral) in [
      ("execution", "problem", problem.description), ("request", "problem", problem.description),
      ("message", "died_of", problem.description), ("step", "output", "{}"),
      ("request", "body", "{}"), ("webhook_delivery", "summary", "erased"),
      ("webhook_delivery", "sentence", ""),
    ] {
      try replace(column, of: table, naming: subject, by: neutral)
    }
  }

  private func replace(
    _ column: String, of table: String, naming subject: ErasureSubject, by neutral: String
  ) throws(Problem) {
    let probes = JSONValue.array(subject.probes.map(JSONValue.string))
    let found = try database.rows(
      """
      SELECT rowid, \(column) FROM \(table)
      WHERE \(column) IS NOT NULL AND \(Self.mentions(column, "?"))
      """, probes
    ) { ($0.int64(0), $0.text(1)) }
    for (id, text) in found where subject.isNamed(in: text) {
      try database.execute("UPDATE \(table) SET \(column) = ? WHERE rowid = ?", neutral, id)
    }
  }

  private func dropWords(_ mentions: Mentions) throws(Problem) {
    for id in mentions.logLines {
      guard
        let line = try database.one(
          "SELECT execution_id, at, level FROM log_line WHERE id = ?", id,
          map: { (execution: $0.optionalInt64(0), at: $0.instant(1), level: $0.int(2)) })
      else { continue }
      // Not changed in place: the search index hears of rows that come and go.
      try database.execute("DELETE FROM log_line WHERE id = ?", id)
      try database.execute(
        """
        INSERT INTO log_line (id, execution_id, at, level, sentence)
          VALUES (?, ?, ?, ?, 'This line named somebody who was forgotten since.')
        """, id, line.execution, line.at, line.level)
    }
    for id in mentions.exchanges {
      try database.execute("DELETE FROM exchange_body WHERE exchange_id = ?", id)
    }
  }

  private func removeWork(_ subject: ErasureSubject) throws(Problem) {
    var subjects = subject.keys.map { "address:\($0)" }
    if let id = subject.person {
      subjects += ["person:\(id.rawValue)", "write-back person:\(id.rawValue)"]
    }
    try database.execute(
      "DELETE FROM message WHERE subject IN (SELECT value FROM json_each(?))",
      JSONValue.array(subjects.map(JSONValue.string)))
    for list in ["addresses", "only", "left"] {
      try database.execute(
        """
        UPDATE message SET body = json_set(body, '$.\(list)', json((
          SELECT json_group_array(value) FROM json_each(message.body, '$.\(list)')
          WHERE value NOT IN (SELECT value FROM json_each(?1)))))
        WHERE EXISTS (SELECT 1 FROM json_each(message.body, '$.\(list)')
          WHERE value IN (SELECT value FROM json_each(?1)))
        """, json(subject.keys))
    }
    // A listing is followed by the ids of those its last page ended with.
    for (table, column) in [("exchange", "path"), ("message", "body"), ("kept_tag", "read_tail")] {
      for mark in subject.keys.map({ Digest.md5($0.description.utf8) }) {
        try database.execute(
          """
          UPDATE \(table) SET \(column) = replace(\(column), ?1, 'erased')
          WHERE instr(\(column), ?1)
          """, mark)
      }
    }
    for key in subject.keys {
      // A chunk is called by its first address.
      try database.execute(
        """
        UPDATE message SET subject = 'chunk:erased:' || id
        WHERE kind = 'send chunk' AND substr(subject, -length(?1)) = ?1
        """, ":\(key)")
      let mark = key.description.split(separator: "@").joined(separator: "%40")
      for text in [key.description, mark] {
        try database.execute(
          "UPDATE exchange SET path = replace(path, ?1, 'erased') WHERE instr(path, ?1)", text)
      }
    }
  }

  /// The ledger goes on to prove what was consented to, for who can name the address: its lines
  /// carry the keyed hash instead of it.
  private func keepLedger(_ subject: ErasureSubject, by who: String) throws(Problem) {
    let consent = ConsentStore(database: database)
    for key in subject.keys {
      let mark = Schema.erasedMark + Digest.hex(try consent.hash(key))
      try database.execute(
        """
        UPDATE consent_entry SET person_id = NULL, evidence = '', address_key = ?
        WHERE address_key = ?
        """, mark, key)
      try database.execute(
        """
        INSERT INTO consent_entry (address_key, old, new, at, by, evidence)
          VALUES (?, '', 'erased', ?, ?, '')
        """, mark, now, who)
    }
    try database.execute(
      "UPDATE consent_entry SET person_id = NULL, evidence = '' WHERE person_id = ?",
      subject.person)
  }
}

extension WorkspaceAccess {
  package var erasures: ErasureStore { ErasureStore(database: database, now: now) }
}
