// Fields that changed on both sides. What must stay true: one open conflict an address and field;
// the row keeps both values whatever was decided.

import Basics
import Domain
import SQLite

package struct ConflictStore {
  let database: Connection
  let now: Instant

  private static let columns = """
    id, address_key, person_id, tag, field, ours, theirs, agreed, noticed_at, decision, decided_at,
    decided_by, execution_id
    """

  /// Records them: an open one takes the place of an earlier open one of that field, unless it is the
  /// same, whose number somebody may have before them; a decided one ends it.
  package func record(
    _ conflicts: [FieldConflict], in audienceID: String, execution: ExecutionID?, by who: String
  ) throws(Problem) {
    for conflict in conflicts {
      let isOpen = conflict.decision == .open
      try database.execute(
        """
        DELETE FROM conflict
        WHERE audience_id = ? AND address_key = ? AND tag = ? AND decision = 'open'
          AND NOT (? AND ours = ? AND theirs = ?)
        """, audienceID, conflict.key, conflict.tag, isOpen, conflict.ours.json.description,
        conflict.theirs.json.description)
      // What somebody decided is told once, by their name; what waits, as well.
      let told = try database.integer(
        """
        SELECT count(*) FROM conflict WHERE audience_id = ? AND address_key = ? AND tag = ?
          AND decision = ? AND ours = ? AND theirs = ?
        """, audienceID, conflict.key, conflict.tag, conflict.decision.rawValue,
        conflict.ours.json.description, conflict.theirs.json.description)
      if told > 0 { continue }
      try database.execute(
        """
        INSERT INTO conflict (audience_id, address_key, person_id, tag, field, ours, theirs, agreed,
          noticed_at, execution_id, decision, decided_at, decided_by)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """, audienceID, conflict.key, conflict.person, conflict.tag, conflict.field.description,
        conflict.ours.json.description, conflict.theirs.json.description,
        conflict.agreed?.json.description, now, execution, conflict.decision.rawValue,
        isOpen ? nil : now, isOpen ? nil : who)
    }
  }

  /// Ends open conflicts that are none any more: both sides came to agree by themselves.
  package func close(
    _ audienceID: String, at key: AddressKey, except open: Set<String>
  ) throws(Problem) {
    try database.execute(
      """
      UPDATE conflict SET decision = 'gone', decided_at = ?, decided_by = 'both sides'
      WHERE audience_id = ? AND address_key = ? AND decision = 'open'
        AND tag NOT IN (SELECT value FROM json_each(?))
      """, now, audienceID, key, JSONValue.array(open.sorted().map(JSONValue.string)))
  }

  package func conflict(_ id: ConflictID) throws(Problem) -> ConflictRow? {
    try database.one(
      "SELECT \(Self.columns) FROM conflict WHERE id = ?", id, map: Self.row)
  }

  /// The newest first; `after` is the last id of the window before.
  package func list(
    openOnly: Bool, after: ConflictID? = nil, limit: Int
  ) throws(Problem) -> [ConflictRow] {
    try database.rows(
      """
      SELECT \(Self.columns) FROM conflict
      WHERE id < ? AND (decision = 'open' OR NOT ?) ORDER BY id DESC LIMIT ?
      """, after?.rawValue ?? .max, openOnly, limit, map: Self.row)
  }

  package func openCount() throws(Problem) -> Int {
    try database.integer("SELECT count(*) FROM conflict WHERE decision = 'open'")
  }

  package func decide(
    _ id: ConflictID, as decision: ConflictDecision, by who: String
  ) throws(Problem) {
    try database.execute(
      "UPDATE conflict SET decision = ?, decided_at = ?, decided_by = ? WHERE id = ?",
      decision.rawValue, now, who, id)
  }

  private static func row(_ row: Row) throws(Problem) -> ConflictRow {
    ConflictRow(
      id: row.identifier(0), key: AddressKey(row.text(1)), person: row.optionalIdentifier(2),
      tag: row.text(3), field: row.text(4), ours: MergeValue(json: try row.json(5)),
      theirs: MergeValue(json: try row.json(6)),
      agreed: row.isNull(7) ? nil : MergeValue(json: try row.json(7)), noticedAt: row.instant(8),
      decision: row.text(9), decidedAt: row.optionalInstant(10), decidedBy: row.optionalText(11),
      execution: row.optionalIdentifier(12))
  }
}

extension WorkspaceAccess {
  package var conflicts: ConflictStore { ConflictStore(database: database, now: now) }
}
