// The memory of the source of people: what it said last of everybody, and the rows of a reading
// until they are carried out.

import Basics
import Domain
import SQLite

/// The reading that was carried out last.
package struct SourceRecord: Sendable, Equatable {
  package var name = ""
  package var cursor: String?
  /// Of a file: which state of it was read last.
  package var signature: String?
  /// When a reading began last, and when one was carried out: any, and one of everybody.
  package var startedAt: Instant?
  package var readAt: Instant?
  package var fullAt: Instant?

  package init() {}
}

/// What the source said last of somebody.
package struct SourceMemory: Sendable, Equatable {
  package var word: JSONValue
  package var place: String
  package var saidAt: Instant
  /// Set while the source does not name them: what was done here.
  package var leftAs: VanishedRule?
  package var isRemoved: Bool
  /// Forgotten at their own request: nothing the source says of them may be written down.
  package var isErased = false
}

/// One row of a reading.
package struct SourceRow: Sendable, Equatable {
  package enum Action: String, Sendable {
    /// As it was said before.
    case same
    /// Said otherwise, and the person is so already.
    case word
    case create, update
    /// Not named any more.
    case vanish
    case refused
  }

  package var externalID: String
  package var word: JSONValue?
  package var place: String
  package var action: Action

  package init(externalID: String, word: JSONValue? = nil, place: String, action: Action) {
    self.externalID = externalID
    self.word = word
    self.place = place
    self.action = action
  }

  fileprivate var isToDo: Bool { action != .same && action != .refused }
}

package struct SourceStore {
  let database: Connection
  let now: Instant

  package func record() throws(Problem) -> SourceRecord {
    try database.one(
      "SELECT name, cursor, signature, started_at, read_at, full_at FROM source"
    ) { row in
      var record = SourceRecord()
      record.name = row.text(0)
      record.cursor = row.optionalText(1)
      record.signature = row.optionalText(2)
      record.startedAt = row.optionalInstant(3)
      record.readAt = row.optionalInstant(4)
      record.fullAt = row.optionalInstant(5)
      return record
    } ?? SourceRecord()
  }

  package func save(_ record: SourceRecord) throws(Problem) {
    try database.execute(
      """
      UPDATE source SET name = ?, cursor = ?, signature = ?, started_at = ?, read_at = ?,
        full_at = ?
      """, record.name, record.cursor, record.signature, record.startedAt, record.readAt,
      record.fullAt)
  }

  /// How many people the source named last time.
  package func known() throws(Problem) -> Int {
    try database.integer(
      "SELECT count(*) FROM source_person WHERE left_at IS NULL AND is_removed = 0")
  }

  package func memories(
    _ externalIDs: some Collection<String>
  ) throws(Problem) -> [String: SourceMemory] {
    var found: [String: SourceMemory] = [:]
    try database.query(
      """
      SELECT s.external_id, s.word, s.place, s.said_at, s.left_as, s.is_removed
      FROM json_each(?) j CROSS JOIN source_person s WHERE s.external_id = j.value
      """, JSONValue.array(externalIDs.map(JSONValue.string))
    ) { (row) throws(Problem) in
      found[row.text(0)] = SourceMemory(
        word: try row.json(1), place: row.text(2), saidAt: row.instant(3),
        leftAs: row.optionalText(4).flatMap(VanishedRule.init), isRemoved: row.bool(5))
    }
    guard try hasErased() else { return found }
    for id in externalIDs where found[id] == nil {
      let said = try database.one(
        "SELECT said_at FROM source_person WHERE external_id = ?", try erasedName(id)
      ) { $0.instant(0) }
      guard let said else { continue }
      found[id] = SourceMemory(
        word: .object([:]), place: "", saidAt: said, leftAs: nil, isRemoved: true,
        isErased: true)
    }
    return found
  }

  /// What stands for the external id of somebody who was erased: its keyed hash.
  func erasedName(_ externalID: String) throws(Problem) -> String {
    Schema.erasedMark + Digest.hex(try ConsentStore(database: database).hash(externalID))
  }

  /// Those of these external ids whose people were erased, and what stands for them.
  package func erasedNames(
    _ externalIDs: some Collection<String>
  ) throws(Problem) -> [String: String] {
    var found: [String: String] = [:]
    for (id, memory) in try memories(externalIDs) where memory.isErased {
      found[id] = try erasedName(id)
    }
    return found
  }

  /// True for what stands for somebody who was erased.
  package static func isErasedName(_ text: String) -> Bool { text.hasPrefix(Schema.erasedMark) }

  private func hasErased() throws(Problem) -> Bool {
    try database.one(
      "SELECT 1 FROM source_person WHERE external_id GLOB '\(Schema.erasedMark)*' LIMIT 1"
    ) { $0.bool(0) } ?? false
  }

  /// What the source said is now done here.
  package func remember(_ rows: some Sequence<SourceRow>) throws(Problem) {
    for row in rows {
      guard let word = row.word else { continue }
      try database.execute(
        """
        INSERT INTO source_person (external_id, word, place, said_at) VALUES (?1, ?2, ?3, ?4)
          ON CONFLICT (external_id) DO UPDATE SET word = ?2, place = ?3, said_at = ?4,
            left_at = NULL, left_as = NULL, is_removed = 0
        """, row.externalID, word, row.place, now)
    }
  }

  package func leave(_ externalID: String, as rule: VanishedRule) throws(Problem) {
    try database.execute(
      "UPDATE source_person SET left_at = ?, left_as = ? WHERE external_id = ?", now,
      rule.rawValue, externalID)
  }

  // MARK: A reading

  /// Those of these whom the reading named already.
  package func named(
    _ externalIDs: some Sequence<String>, in plan: PlanID
  ) throws(Problem) -> Set<String> {
    var found: Set<String> = []
    try database.query(
      """
      SELECT r.external_id FROM json_each(?) j CROSS JOIN source_row r
      WHERE r.plan_id = ? AND r.external_id = j.value
      """, JSONValue.array(externalIDs.map(JSONValue.string)), plan
    ) { found.insert($0.text(0)) }
    return found
  }

  /// Those of these who are still to be added by this reading.
  package func toCreate(
    _ externalIDs: some Sequence<String>, in plan: PlanID, from ordinal: Int
  ) throws(Problem) -> Set<String> {
    var found: Set<String> = []
    try database.query(
      """
      SELECT r.external_id FROM json_each(?) j CROSS JOIN source_row r
      WHERE r.plan_id = ? AND r.external_id = j.value AND r.action = 'create' AND r.ordinal >= ?
      """, JSONValue.array(externalIDs.map(JSONValue.string)), plan, ordinal
    ) { found.insert($0.text(0)) }
    return found
  }

  package func put(_ rows: some Sequence<SourceRow>, in plan: PlanID) throws(Problem) {
    var ordinal = try end(of: plan)
    for row in rows {
      try database.execute(
        """
        INSERT INTO source_row (plan_id, external_id, word, place, action, ordinal)
        VALUES (?, ?, ?, ?, ?, ?)
        """, plan, row.externalID, row.word, row.place, row.action.rawValue,
        row.isToDo ? ordinal : nil)
      if row.isToDo { ordinal += 1 }
    }
  }

  /// The ordinal after the last.
  package func end(of plan: PlanID) throws(Problem) -> Int {
    try database.one("SELECT max(ordinal) + 1 FROM source_row WHERE plan_id = ?", plan) {
      $0.optionalInt(0) ?? 0
    } ?? 0
  }

  package func rows(
    of plan: PlanID, from ordinal: Int, count: Int
  ) throws(Problem) -> [SourceRow] {
    try database.rows(
      """
      SELECT external_id, word, place, action FROM source_row
      WHERE plan_id = ? AND ordinal >= ? AND ordinal < ? ORDER BY ordinal
      """, plan, ordinal, ordinal + count
    ) { (row) throws(Problem) in
      SourceRow(
        externalID: row.text(0), word: row.isNull(1) ? nil : try row.json(1), place: row.text(2),
        action: try row.state(3))
    }
  }

  /// These come after all others.
  package func putOff(_ externalIDs: some Sequence<String>, in plan: PlanID) throws(Problem) {
    var ordinal = try end(of: plan)
    for id in externalIDs {
      try database.execute(
        "UPDATE source_row SET ordinal = ? WHERE plan_id = ? AND external_id = ?", ordinal, plan,
        id)
      ordinal += 1
    }
  }

  /// A window over everybody known: who is not named by this reading, and where it ends (nil at the
  /// end).
  package func missing(
    in plan: PlanID, after externalID: String, window: Int
  ) throws(Problem) -> (missing: [String], last: String?) {
    var missing: [String] = []
    var last: String?
    var count = 0
    try database.query(
      """
      SELECT s.external_id, s.left_at IS NULL AND s.is_removed = 0 AND NOT EXISTS
        (SELECT 1 FROM source_row r WHERE r.plan_id = ?1 AND r.external_id = s.external_id)
      FROM source_person s WHERE s.external_id > ?2 ORDER BY s.external_id LIMIT ?3
      """, plan, externalID, window
    ) { row in
      count += 1
      last = row.text(0)
      if row.bool(1) { missing.append(row.text(0)) }
    }
    return (missing, count < window ? nil : last)
  }

  /// Removes rows of readings other than `plan`, at most `limit`; false when none is left.
  package func clean(keeping plan: PlanID?, limit: Int) throws(Problem) -> Bool {
    try database.execute(
      """
      DELETE FROM source_row WHERE (plan_id, external_id) IN (
        SELECT plan_id, external_id FROM source_row WHERE plan_id <> ? LIMIT ?)
      """, plan?.rawValue ?? 0, limit) == limit
  }

  /// Removes rows that nobody will carry out any more: of plans that were discarded, of refreshes
  /// that ended early. A dead letter may be sent again and keeps its rows. At most `limit`; false
  /// when none is left.
  package func sweep(limit: Int) throws(Problem) -> Bool {
    try database.execute(
      """
      DELETE FROM source_row WHERE (plan_id, external_id) IN (
        SELECT r.plan_id, r.external_id FROM source_row r WHERE NOT EXISTS (
          SELECT 1 FROM plan p JOIN execution e ON e.id = p.execution_id
          WHERE p.id = r.plan_id AND (e.status IN ('waiting', 'running', 'held')
            OR EXISTS (SELECT 1 FROM message m
              WHERE m.kind = 'refresh people' AND m.body ->> '$.execution' = e.id)))
        LIMIT ?)
      """, limit) == limit
  }

  /// How a complete reading goes on once somebody decided.
  package func keep(_ body: String, of plan: PlanID) throws(Problem) {
    try database.execute(
      "INSERT OR REPLACE INTO source_reading (plan_id, body) VALUES (?, ?)", plan, body)
  }

  package func body(of plan: PlanID) throws(Problem) -> String? {
    try database.one("SELECT body FROM source_reading WHERE plan_id = ?", plan) { $0.text(0) }
  }

  // MARK: Write-backs

  /// Keeps a text beside the word, under a name of its own.
  package func remember(
    _ value: String, as name: String, of externalID: String
  ) throws(Problem) {
    try database.execute(
      """
      UPDATE source_person SET word = json_set(word, '$.' || json_quote(?1), ?2)
      WHERE external_id = ?3
      """, name, value, externalID)
  }

  /// Fields that the source does not know yet.
  package func writeBacks(of person: PersonID) throws(Problem) -> [PersonField] {
    try database.rows(
      "SELECT field FROM write_back WHERE person_id = ? ORDER BY field", person
    ) { $0.text(0) }.compactMap { PersonField($0) }
  }

  package func wroteBack(_ fields: some Sequence<PersonField>, of person: PersonID) throws(Problem)
  {
    for field in fields {
      try database.execute(
        "DELETE FROM write_back WHERE person_id = ? AND field = ?", person, field.description)
    }
  }
}

extension WorkspaceAccess {
  package var source: SourceStore { SourceStore(database: database, now: now) }
}

extension WorkspaceTransaction {
  /// Lets `body` write in the name of somebody else, such as a source.
  package func acting<Value>(
    as name: String, _ body: () throws(Problem) -> Value
  ) throws(Problem) -> Value {
    try database.execute("UPDATE acting SET who = ?", name)
    let value = try body()
    try database.execute("UPDATE acting SET who = ?, evidence = ''", who)
    return value
  }
}
