// Plans: what a sync would do, drafted window by window, held or applied as a whole. A decided plan
// is never decided again.

import Basics
import Domain
import SQLite

package struct PlanStore {
  let database: Connection
  let now: Instant

  package func create(for execution: ExecutionID, audienceID: String) throws(Problem) -> PlanID {
    try database.execute(
      """
      INSERT INTO plan (execution_id, audience_id, status, counts, created_at)
      VALUES (?, ?, 'drafting', ?, ?)
      """, execution, audienceID, PlanCounts().json.description, now)
    let id = PlanID(database.lastInsertedRowID)
    try database.execute("UPDATE execution SET plan_id = ? WHERE id = ?", id, execution)
    return id
  }

  /// What `summary` reads.
  static let summaries = """
    SELECT p.id, p.execution_id, p.status, p.reason, p.counts, p.created_at, e.flow, e.trigger
    FROM plan p JOIN execution e ON e.id = p.execution_id
    """

  package func plan(_ id: PlanID) throws(Problem) -> PlanSummary? {
    try database.one("\(Self.summaries) WHERE p.id = ?", id, map: Self.summary)
  }

  /// The newest plan of these kinds that waits for a decision.
  package func latestHeld(
    of kinds: Set<PlanKind> = Set(PlanKind.allCases)
  ) throws(Problem) -> PlanSummary? {
    try database.rows(
      "\(Self.summaries) WHERE p.status IN ('held', 'ready') ORDER BY p.id DESC",
      map: Self.summary
    ).first { kinds.contains($0.kind) }
  }

  package func held() throws(Problem) -> [PlanSummary] {
    try database.rows(
      "\(Self.summaries) WHERE p.status = 'held' ORDER BY p.id", map: Self.summary)
  }

  /// Appends rows while it is drafted, in the order given.
  package func append(_ rows: [PlanRow], to id: PlanID) throws(Problem) {
    var ordinal = try count(id)
    for row in rows {
      try put(row, at: ordinal, of: id)
      ordinal += 1
    }
  }

  /// The same for a plan that waits already: a newer row takes the place of an older one of its
  /// address, and the counts follow.
  package func merge(_ rows: [PlanRow], into id: PlanID) throws(Problem) {
    var counts = try plan(id)?.counts ?? PlanCounts()
    var next = try count(id)
    for row in rows {
      let earlier = try database.one(
        """
        SELECT ordinal, address_key, email, person_id, action, status, changes, remarks, digest,
          from_key, tags, is_opt_out
        FROM plan_row WHERE plan_id = ? AND address_key = ?
        """, id, row.key
      ) { (found) throws(Problem) in (ordinal: found.int(0), row: try Self.row(found, at: 1)) }
      if let earlier { counts.take(out: earlier.row) }
      try put(row, at: earlier?.ordinal ?? next, of: id)
      if earlier == nil { next += 1 }
      counts.add(row)
    }
    try setCounts(counts, of: id)
  }

  /// Its rows are drafted anew, from now on.
  package func begin(_ id: PlanID) throws(Problem) {
    try database.execute("DELETE FROM plan_row WHERE plan_id = ?", id)
    try database.execute(
      "UPDATE plan SET counts = ?, created_at = ? WHERE id = ? AND status = 'drafting'",
      PlanCounts().json.description, now, id)
  }

  private func put(_ row: PlanRow, at ordinal: Int, of id: PlanID) throws(Problem) {
    try database.execute(
      """
      INSERT OR REPLACE INTO plan_row (plan_id, ordinal, address_key, email, person_id, action, status,
        changes, remarks, digest, from_key, tags, is_opt_out)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, id, ordinal, row.key, row.email, row.person, row.action.rawValue,
      row.status?.rawValue, JSONValue.array(row.changes.map(\.json)).description,
      JSONValue.array(row.remarks.map(JSONValue.string)).description, row.digest,
      row.from, row.tags.json.description, row.isOptOut)
  }

  package func count(_ id: PlanID) throws(Problem) -> Int {
    try database.one("SELECT max(ordinal) + 1 FROM plan_row WHERE plan_id = ?", id) {
      $0.optionalInt(0) ?? 0
    } ?? 0
  }

  /// How many of them are to be sent or taken.
  package func size(_ id: PlanID) throws(Problem) -> Int {
    try database.integer(
      "SELECT count(*) FROM plan_row WHERE plan_id = ? AND action <> 'tags'", id)
  }

  /// How many would gain and lose each tag, by name.
  package func tags(
    of id: PlanID
  ) throws(Problem) -> [(name: String, gains: Int, losses: Int)] {
    try database.rows(
      """
      SELECT t.value, sum(side.key = 'gained'), sum(side.key = 'lost')
      FROM plan_row r, json_each(r.tags) side, json_each(side.value) t
      WHERE r.plan_id = ? AND r.tags <> '{}' GROUP BY t.value ORDER BY t.value
      """, id
    ) { (name: $0.text(0), gains: $0.int(1), losses: $0.int(2)) }
  }

  package func setCounts(_ counts: PlanCounts, of id: PlanID) throws(Problem) {
    try database.execute(
      "UPDATE plan SET counts = ? WHERE id = ?", counts.json.description, id)
  }

  /// What is to be sent or taken: rows of nothing but tags are left out.
  package func rows(_ id: PlanID, _ range: Range<Int>) throws(Problem) -> [PlanRow] {
    try database.rows(
      """
      SELECT address_key, email, person_id, action, status, changes, remarks, digest, from_key,
        tags, is_opt_out
      FROM plan_row
      WHERE plan_id = ? AND ordinal >= ? AND ordinal < ? AND action <> 'tags' ORDER BY ordinal
      """, id, range.lowerBound, range.upperBound
    ) { (row) throws(Problem) in try Self.row(row, at: 0) }
  }

  /// The addresses of a chunk, for the busy-set; of a rename both.
  package func keys(_ id: PlanID, _ range: Range<Int>) throws(Problem) -> [AddressKey] {
    try database.rows(
      """
      SELECT address_key FROM plan_row
        WHERE plan_id = ?1 AND ordinal >= ?2 AND ordinal < ?3 AND action <> 'tags'
      UNION SELECT from_key FROM plan_row
        WHERE plan_id = ?1 AND ordinal >= ?2 AND ordinal < ?3 AND from_key IS NOT NULL
      ORDER BY 1
      """, id, range.lowerBound, range.upperBound
    ) { AddressKey($0.text(0)) }
  }

  /// Moves it on from one of `states`; false when somebody decided before.
  package func decide(
    _ id: PlanID, as status: PlanStatus, from states: [PlanStatus], reason: String? = nil,
    by: String
  ) throws(Problem) -> Bool {
    let allowed = JSONValue.array(states.map { .string($0.rawValue) }).description
    // Who approved it is kept when it has been carried out.
    let isDecided =
      try database.execute(
        """
        UPDATE plan SET status = ?1, reason = coalesce(?2, reason), decided_at = ?3,
          decided_by = CASE ?1 WHEN 'applied' THEN decided_by ELSE ?4 END
        WHERE id = ?5 AND status IN (SELECT value FROM json_each(?6))
        """, status.rawValue, reason, now, by, id, allowed) > 0
    if isDecided, status == .discarded { try tellWaiting(for: id) }
    return isDecided
  }

  /// Lets `newer` stand for a held plan; returns the addresses that it has no row for.
  package func supersede(_ id: PlanID, by newer: PlanID) throws(Problem) -> [AddressKey] {
    try database.execute(
      """
      UPDATE plan SET status = 'discarded', decided_at = ?, decided_by = ?
      WHERE id = ? AND status = 'held'
      """, now, "plan \(newer)", id)
    return try database.rows(
      """
      SELECT address_key FROM plan_row WHERE plan_id = ?1 AND address_key NOT IN
        (SELECT address_key FROM plan_row WHERE plan_id = ?2) ORDER BY address_key
      """, id, newer
    ) { AddressKey($0.text(0)) }
  }

  /// Nobody waits for a plan that comes to nothing.
  private func tellWaiting(for id: PlanID) throws(Problem) {
    try database.execute(
      """
      UPDATE standing SET reason = 'discarded',
        sentence = 'The plan with this change was not carried out; the next sync plans it anew.'
      WHERE state = 'waiting' AND reason IN ('planned', 'held')
        AND person_id IN (SELECT person_id FROM plan_row WHERE plan_id = ?)
      """, id)
  }

  /// The addresses it unsubscribes because somebody opted out here.
  package func optOuts(_ id: PlanID) throws(Problem) -> [AddressKey] {
    try database.rows(
      "SELECT address_key FROM plan_row WHERE plan_id = ? AND is_opt_out ORDER BY ordinal", id
    ) { AddressKey($0.text(0)) }
  }

  static func summary(_ row: Row) throws(Problem) -> PlanSummary {
    PlanSummary(
      id: row.identifier(0), execution: row.identifier(1), status: try row.state(2),
      reason: row.text(3), counts: PlanCounts(json: try row.json(4)), createdAt: row.instant(5),
      kind: PlanKind(try row.state(6), try row.state(7)))
  }

  /// A plan row from eleven columns beginning at `index`.
  static func row(_ row: Row, at index: Int) throws(Problem) -> PlanRow {
    var planned = PlanRow(
      key: AddressKey(row.text(index)), email: row.text(index + 1),
      person: row.optionalIdentifier(index + 2), action: try row.state(index + 3),
      status: row.optionalText(index + 4).flatMap(MemberStatus.init),
      changes: (try row.json(index + 5).array ?? []).map(FieldChange.init(json:)),
      remarks: (try row.json(index + 6).array ?? []).compactMap(\.string),
      digest: row.int64(index + 7))
    planned.from = row.optionalText(index + 8).map { AddressKey($0) }
    planned.tags = TagForecast(json: try row.json(index + 9))
    planned.isOptOut = row.bool(index + 10)
    return planned
  }
}

extension WorkspaceAccess {
  package var plans: PlanStore { PlanStore(database: database, now: now) }
}
