// The overview and what waits for a hand: dead letters by cause. Everything here is counted by
// triggers or by small partial indexes, because it is read after every change.

import Basics
import Domain
import Queue
import SQLite

extension Reports {
  package func overview() throws(Problem) -> Overview {
    let values = try settings.values()
    let record = try engine.record()
    var overview = Overview(workspace: values[Settings.name])
    overview.engine = try engineState()
    overview.problem = record.blockedBy
    overview.nextPoll = record.nextPollAt
    overview.schedules = try schedules.active()
    overview.account = values[Settings.user]
    overview.audienceID = values[Settings.audience]
    for count in try standings.counts() {
      overview.people[count.state, default: 0] += count.people
      if Overview.names(count.state, count.reason) {
        overview.reasons.append(.init(code: count.reason, count: count.people))
      }
    }
    overview.queue = try queueDepth()
    overview.waitingMessages = overview.queue.ready + overview.queue.later
    overview.deadLetters = try database.integer(
      "SELECT count(*) FROM message WHERE state = 'dead'")
    overview.heldPlans = try database.integer("SELECT count(*) FROM plan WHERE status = 'held'")
    overview.lastRun = try database.one(
      """
      SELECT \(ExecutionStore.columns) FROM execution
      WHERE finished_at IS NOT NULL ORDER BY id DESC LIMIT 1
      """, map: ExecutionStore.execution)
    overview.earlierRuns =
      try overview.lastRun.map { (last) throws(Problem) in
        try database.rows(
          """
          SELECT \(ExecutionStore.columns) FROM execution INDEXED BY execution_of_note
          WHERE id < ? AND (detected_changes = 1 OR status <> 'succeeded')
            AND finished_at IS NOT NULL ORDER BY id DESC LIMIT \(Self.earlierRuns)
          """, last.id, map: ExecutionStore.execution)
      } ?? []
    overview.throughput = try figures.throughput()
    overview.running = try database.one(
      """
      SELECT \(ExecutionStore.columns) FROM execution
      WHERE status = 'running' AND status IN ('waiting', 'running', 'held')
      ORDER BY id DESC LIMIT 1
      """, map: ExecutionStore.execution)
    if !overview.audienceID.isEmpty {
      overview.audienceName = try audiences.audience(overview.audienceID)?.name ?? ""
      overview.isFirstSyncDone =
        try audiences.progress(of: overview.audienceID).firstSyncAt != nil
      overview.verification = try lastVerification(of: overview.audienceID)
      overview.tagQuestions = try tagQuestionCount(overview.audienceID)
      overview.conflicts = try database.integer(
        "SELECT count(*) FROM conflict WHERE decision = 'open' AND audience_id = ?",
        overview.audienceID)
      overview.webhookProblem = try webhooks.record(of: overview.audienceID)?.problem
    }
    return overview
  }

  private static let earlierRuns = 6

  private func queueDepth() throws(Problem) -> QueueDepth {
    var depth = QueueDepth()
    let waiting = try MessageQueue.waiting(at: now, on: database)
    depth.ready = waiting.due
    depth.later = waiting.later
    depth.oldest = waiting.due > 0 ? waiting.oldest : nil
    depth.inHand = try database.integer("SELECT count(*) FROM message WHERE state = 'leased'")
    return depth
  }

  /// What the engine does, by its lock first: what a process left in the file when it died does not
  /// count.
  package func engineState() throws(Problem) -> EngineState {
    if try EngineLock.holder(of: database.path) == nil { return .none }
    let record = try engine.record()
    if record.isPaused { return .paused }
    return record.blockedBy == nil ? .running : .blocked
  }

  // MARK: Dead letters

  private static let code = "coalesce(died_of ->> '$.code', '')"
  private static let cause = "coalesce(died_of ->> '$.sentence', '')"

  /// By cause, most first.
  package func deadLetters() throws(Problem) -> [DeadLetterGroup] {
    // With one max() in the list, SQLite takes the bare columns from the row that has it.
    try database.rows(
      """
      SELECT \(Reports.code), \(Reports.cause), count(*), max(died_at), subject,
        (SELECT min(died_at) FROM message AS first WHERE first.state = 'dead'
          AND coalesce(first.died_of ->> '$.code', '') = coalesce(m.died_of ->> '$.code', ''))
      FROM message AS m WHERE state = 'dead' GROUP BY 1 ORDER BY 3 DESC, 1
      """
    ) {
      DeadLetterGroup(
        code: $0.text(0), cause: $0.text(1), count: $0.int(2), firstAt: $0.instant(5),
        lastAt: $0.instant(3), example: $0.text(4))
    }
  }

  /// Oldest first; nil for `cause` means any, else it is a code or a whole sentence.
  package func deadLetters(
    cause: String?, after id: Int64 = 0, limit: Int
  ) throws(Problem) -> [DeadLetterRow] {
    try database.rows(
      """
      SELECT id, kind, subject, attempt, died_at, \(Reports.code), \(Reports.cause) FROM message
      WHERE state = 'dead' AND id > ?1
        AND (?2 IS NULL OR \(Reports.code) = ?2 OR \(Reports.cause) = ?2)
      ORDER BY id LIMIT ?3
      """, id, cause, limit
    ) {
      DeadLetterRow(
        id: $0.int64(0), kind: $0.text(1), subject: $0.text(2), attempts: $0.int(3),
        diedAt: $0.instant(4), code: $0.text(5), cause: $0.text(6))
    }
  }
}
