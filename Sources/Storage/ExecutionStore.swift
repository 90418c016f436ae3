// Executions and what hangs on them. An execution is finished exactly once: every finishing
// statement names the states it may leave.

import Basics
import Domain
import SQLite

package struct ExecutionStore {
  let database: Connection
  let now: Instant

  static let columns = """
    id, flow, trigger, attempt, original_id, audience_id, status, created, updated, unchanged,
    unsubscribed, archived, excluded, refused, detected_changes, queued_at, started_at,
    finished_at, heartbeat_at, done, total, plan_id, problem, for_everyone,
    asked_by, waited, deleted
    """

  /// Adds the time since it was held, which is over.
  private static let endOfWaiting = "waited = waited + coalesce(?1 - held_at, 0), held_at = NULL"

  package func create(
    _ flow: FlowKind, _ trigger: Trigger, attempt: Int = 1, original: ExecutionID? = nil,
    audienceID: String?, status: ExecutionStatus = .waiting, isForEveryone: Bool = false,
    askedBy: String? = nil
  ) throws(Problem) -> ExecutionID {
    try database.execute(
      """
      INSERT INTO execution
        (flow, trigger, attempt, original_id, audience_id, status, queued_at, started_at,
         heartbeat_at, for_everyone, asked_by)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, flow.rawValue, trigger.rawValue, attempt, original, audienceID, status.rawValue, now,
      status == .running ? now : nil, status == .running ? now : nil, isForEveryone, askedBy)
    return Identifier(database.lastInsertedRowID)
  }

  package func execution(_ id: ExecutionID) throws(Problem) -> Execution? {
    try database.one(
      "SELECT \(Self.columns) FROM execution WHERE id = ?", id, map: Self.execution)
  }

  /// The id of the one made last.
  package func newest() throws(Problem) -> ExecutionID? {
    try database.one("SELECT max(id) FROM execution") { $0.optionalIdentifier(0) } ?? nil
  }

  /// Those not finished, oldest first.
  package func open() throws(Problem) -> [Execution] {
    try database.rows(
      """
      SELECT \(Self.columns) FROM execution WHERE status IN ('waiting', 'running', 'held')
      ORDER BY id
      """, map: Self.execution)
  }

  /// Those whose end answers for who asks now: of the open ones, who was not told to stop.
  package func joinable() throws(Problem) -> [Execution] {
    try database.rows(
      """
      SELECT \(Self.columns) FROM execution
      WHERE status IN ('waiting', 'running', 'held') AND NOT wants_cancel ORDER BY id
      """, map: Self.execution)
  }

  /// From waiting or held to running.
  package func start(_ id: ExecutionID) throws(Problem) {
    try database.execute(
      """
      UPDATE execution SET status = 'running', started_at = coalesce(started_at, ?1),
        heartbeat_at = ?1, problem = NULL, \(Self.endOfWaiting)
      WHERE id = ?2 AND status IN ('waiting', 'held', 'running')
      """, now, id)
  }

  /// Adds to the counts; also the heartbeat. `hasNoticed`: it saw changes that others count.
  package func add(
    _ counts: ExecutionCounts, done: Int, hasNoticed: Bool = false, to id: ExecutionID
  ) throws(Problem) {
    try database.execute(
      """
      UPDATE execution SET created = created + ?, updated = updated + ?, unchanged = unchanged + ?,
        unsubscribed = unsubscribed + ?, archived = archived + ?, excluded = excluded + ?,
        deleted = deleted + ?, refused = refused + ?, done = done + ?, heartbeat_at = ?,
        detected_changes = detected_changes OR ?
      WHERE id = ?
      """, counts.created, counts.updated, counts.unchanged, counts.unsubscribed, counts.archived,
      counts.excluded, counts.deleted, counts.refused, done, now,
      counts.changed + counts.refused > 0 || hasNoticed, id)
  }

  /// What it counted so far is counted anew from here: its work begins from the top.
  package func countAnew(_ id: ExecutionID) throws(Problem) {
    try database.execute(
      """
      UPDATE execution SET created = 0, updated = 0, unchanged = 0, unsubscribed = 0, archived = 0,
        deleted = 0, excluded = 0, refused = 0, done = 0, detected_changes = 0, heartbeat_at = ?
      WHERE id = ?
      """, now, id)
    try database.execute("DELETE FROM row_outcome WHERE execution_id = ?", id)
  }

  package func setTotal(_ total: Int?, of id: ExecutionID) throws(Problem) {
    try database.execute(
      "UPDATE execution SET total = ?, done = 0, heartbeat_at = ? WHERE id = ?", total, now, id)
  }

  package func setPlan(_ plan: PlanID, of id: ExecutionID) throws(Problem) {
    try database.execute("UPDATE execution SET plan_id = ? WHERE id = ?", plan, id)
  }

  package func openChunks(_ count: Int, of id: ExecutionID) throws(Problem) {
    try database.execute(
      "UPDATE execution SET open_chunks = open_chunks + ? WHERE id = ?", count, id)
  }

  /// One chunk returned; true when it was the last.
  package func closeChunk(of id: ExecutionID) throws(Problem) -> Bool {
    try database.execute(
      "UPDATE execution SET open_chunks = open_chunks - 1 WHERE id = ? AND open_chunks > 0", id)
    return try database.integer("SELECT open_chunks FROM execution WHERE id = ?", id) == 0
  }

  package func hold(_ id: ExecutionID) throws(Problem) {
    try database.execute(
      """
      UPDATE execution SET status = 'held', heartbeat_at = ?1, held_at = ?1
      WHERE id = ?2 AND status IN ('waiting', 'running')
      """, now, id)
  }

  /// It waits until an engine takes it up again.
  package func wait(_ id: ExecutionID) throws(Problem) {
    try database.execute(
      "UPDATE execution SET status = 'waiting' WHERE id = ? AND status = 'running'", id)
  }

  /// True while a message, in hand or waiting, carries it on.
  package func isCarried(_ id: ExecutionID) throws(Problem) -> Bool {
    try database.one(
      """
      SELECT 1 FROM message
      WHERE state IN ('ready', 'leased') AND body ->> '$.execution' = ? LIMIT 1
      """, id
    ) { $0.bool(0) } ?? false
  }

  /// Ends those no message carries on: an engine was killed before it could tell, and what they
  /// were about is told by a later one.
  package func endAbandoned() throws(Problem) {
    let abandoned: [ExecutionID] = try database.rows(
      """
      SELECT id FROM execution WHERE status IN ('waiting', 'running')
        AND id NOT IN (SELECT body ->> '$.execution' FROM message
          WHERE state IN ('ready', 'leased') AND body ->> '$.execution' IS NOT NULL)
      """
    ) { $0.identifier(0) }
    for id in abandoned {
      try log(
        [LogLine(at: now, .info, "It was left off; a later execution takes its people up.")],
        of: id)
      try finish(id, as: .cancelled)
    }
  }

  /// It waits because of this problem; it goes on when the problem has gone.
  package func block(_ id: ExecutionID, by problem: Problem) throws(Problem) {
    try database.execute(
      """
      UPDATE execution SET status = 'waiting', problem = ?, heartbeat_at = ?
      WHERE id = ? AND status IN ('waiting', 'running')
      """, problem.json.description, now, id)
  }

  /// Ends it: by `status`, or, where none is given, by its counts. Steps still open end with it.
  package func finish(
    _ id: ExecutionID, as status: ExecutionStatus? = nil, because problem: Problem? = nil
  ) throws(Problem) {
    try database.execute(
      """
      UPDATE execution SET finished_at = ?1, heartbeat_at = ?1,
        started_at = coalesce(started_at, ?1), problem = coalesce(?2, problem),
        status = coalesce(?3, CASE
          WHEN wants_cancel THEN 'cancelled'
          WHEN refused = 0 THEN 'succeeded'
          WHEN created + updated + unsubscribed + archived + deleted + unchanged > 0 THEN 'partial'
          ELSE 'failed' END), \(Self.endOfWaiting)
      WHERE id = ?4 AND status IN ('waiting', 'running', 'held')
      """, now, problem?.json.description, status?.rawValue, id)
    try database.execute(
      """
      UPDATE step SET finished_at = ?,
        status = (SELECT status FROM execution WHERE id = step.execution_id)
      WHERE execution_id = ? AND finished_at IS NULL
      """, now, id)
  }

  package func requestCancel(_ id: ExecutionID) throws(Problem) -> Bool {
    try database.execute(
      """
      UPDATE execution SET wants_cancel = 1
      WHERE id = ? AND status IN ('waiting', 'running', 'held')
      """, id) > 0
  }

  package func wantsCancel(_ id: ExecutionID) throws(Problem) -> Bool {
    try database.integer("SELECT wants_cancel FROM execution WHERE id = ?", id) == 1
  }

  // Steps.

  /// Begins the step of that name, or goes on with it.
  package func beginStep(_ name: String, of id: ExecutionID) throws(Problem) {
    try database.execute(
      """
      INSERT INTO step (execution_id, name, status, started_at) VALUES (?, ?, 'running', ?)
      ON CONFLICT (execution_id, name) DO UPDATE SET status = 'running', finished_at = NULL
      """, id, name, now)
  }

  /// The output replaces what the step had put out before (RFC 7396 merge of its members).
  package func endStep(
    _ name: String, of id: ExecutionID, as status: ExecutionStatus?, output: JSONValue
  ) throws(Problem) {
    try database.execute(
      """
      UPDATE step SET output = json_patch(output, ?), status = coalesce(?, status),
        finished_at = CASE WHEN ? IS NULL THEN finished_at ELSE ? END
      WHERE execution_id = ? AND name = ?
      """, output.description, status?.rawValue, status?.rawValue, now, id, name)
  }

  // What flows leave behind.

  package func record(_ outcomes: [RowOutcome], of id: ExecutionID) throws(Problem) {
    for outcome in outcomes {
      try database.execute(
        """
        INSERT INTO row_outcome
          (execution_id, person_id, address_key, result, reason, sentence, changes)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """, id, outcome.person, outcome.key, outcome.result.rawValue, outcome.reason,
        outcome.sentence, JSONValue.array(outcome.changes.map(\.json)).description)
    }
  }

  package func record(_ exchanges: [ExchangeRow], of id: ExecutionID?) throws(Problem) {
    for exchange in exchanges {
      try database.execute(
        """
        INSERT INTO exchange
          (execution_id, at, method, path, status, took, request_bytes, response_bytes, problem)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """, id, exchange.at, exchange.method, exchange.path, exchange.status,
        exchange.tookMilliseconds, exchange.requestBytes, exchange.responseBytes, exchange.problem)
      if exchange.requestBody != nil || exchange.responseBody != nil {
        try database.execute(
          "INSERT INTO exchange_body (exchange_id, request, response) VALUES (?, ?, ?)",
          database.lastInsertedRowID, exchange.requestBody, exchange.responseBody)
      }
    }
  }

  package func log(_ lines: [LogLine], of id: ExecutionID?) throws(Problem) {
    for line in lines {
      try database.execute(
        "INSERT INTO log_line (execution_id, at, level, sentence, fields) VALUES (?, ?, ?, ?, ?)",
        id, line.at, line.level.rawValue, line.sentence,
        JSONValue.object(line.fields.mapValues(JSONValue.string)).description)
    }
  }

  /// The addresses an execution touched, or could not send, in their order.
  package func keys(
    of id: ExecutionID, refusedOnly: Bool, after key: AddressKey? = nil, limit: Int
  ) throws(Problem) -> [AddressKey] {
    try database.rows(
      """
      SELECT DISTINCT address_key FROM row_outcome
      WHERE execution_id = ? AND address_key > ? \(refusedOnly ? "AND result = 'refused'" : "")
      ORDER BY address_key LIMIT ?
      """, id, key?.description ?? "", limit
    ) { AddressKey($0.text(0)) }
  }

  /// What pushes to this audience changed since `start` that nobody approved: what the guard adds up.
  package func changes(
    since start: Instant, audienceID: String
  ) throws(Problem) -> PlanCounts {
    try database.one(
      """
      SELECT sum(created), sum(updated), sum(unsubscribed), sum(archived) FROM execution
      WHERE audience_id = ? AND flow = ? AND heartbeat_at >= ?
        AND NOT EXISTS (SELECT 1 FROM plan WHERE plan.id = execution.plan_id
          AND status IN ('approved', 'applied') AND decided_by <> 'engine')
      """, audienceID, FlowKind.pushPeople.rawValue, start
    ) { row in
      var counts = PlanCounts()
      counts.create = row.optionalInt(0) ?? 0
      counts.update = row.optionalInt(1) ?? 0
      counts.unsubscribe = row.optionalInt(2) ?? 0
      counts.archive = row.optionalInt(3) ?? 0
      return counts
    } ?? PlanCounts()
  }

  /// Removes finished executions older than these times, with all they left: at most `limit` of them
  /// and `rows` rows a call, so that nobody waits for the sweep of a large one. Returns how many rows
  /// went; 0 when nothing is left to remove.
  package func sweep(
    before: Instant, failuresBefore: Instant, limit: Int = 200, rows: Int = 5000
  ) throws(Problem) -> Int {
    let old = """
      SELECT id FROM execution
      WHERE finished_at < CASE WHEN status IN ('failed', 'partial') THEN ?1 ELSE ?2 END
      ORDER BY id LIMIT ?3
      """
    let parts = [
      ("row_outcome", "rowid", "execution_id IN (\(old))"),
      ("log_line", "rowid", "execution_id IN (\(old))"),
      ("exchange", "rowid", "execution_id IN (\(old))"),
      (
        "plan_row", "(plan_id, ordinal)",
        "plan_id IN (SELECT id FROM plan WHERE execution_id IN (\(old)))"
      ),
    ]
    for (table, key, condition) in parts {
      let columns = key.filter { !"()".contains($0) }
      let removed = try database.execute(
        """
        DELETE FROM \(table) WHERE \(key) IN (
          SELECT \(columns) FROM \(table) WHERE \(condition) LIMIT ?4)
        """, failuresBefore, before, limit, rows)
      if removed > 0 { return removed }
    }
    return try database.execute(
      "DELETE FROM execution WHERE id IN (\(old))", failuresBefore, before, limit)
  }

  static func execution(_ row: Row) throws(Problem) -> Execution {
    var execution = Execution(
      id: row.identifier(0), flow: try row.state(1), trigger: try row.state(2),
      attempt: row.int(3), original: row.optionalIdentifier(4), status: try row.state(6),
      queuedAt: row.instant(15))
    execution.audienceID = row.optionalText(5)
    execution.counts.created = row.int(7)
    execution.counts.updated = row.int(8)
    execution.counts.unchanged = row.int(9)
    execution.counts.unsubscribed = row.int(10)
    execution.counts.archived = row.int(11)
    execution.counts.excluded = row.int(12)
    execution.counts.refused = row.int(13)
    execution.detectedChanges = row.bool(14)
    execution.startedAt = row.optionalInstant(16)
    execution.finishedAt = row.optionalInstant(17)
    execution.heartbeatAt = row.optionalInstant(18)
    execution.done = row.int(19)
    execution.total = row.optionalInt(20)
    execution.plan = row.optionalIdentifier(21)
    execution.problem = row.isNull(22) ? nil : Problem(json: try row.json(22))
    execution.isForEveryone = row.bool(23)
    execution.askedBy = row.optionalText(24)
    execution.waitedMilliseconds = row.int64(25)
    execution.counts.deleted = row.int(26)
    return execution
  }
}

extension WorkspaceAccess {
  package var executions: ExecutionStore { ExecutionStore(database: database, now: now) }
}
