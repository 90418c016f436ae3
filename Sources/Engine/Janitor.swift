// Housekeeping: moves the write-ahead log into the file (nobody else does, see Sources/README.md,
// checkpoint discipline), removes executions past their retention and rows of readings nobody carries out, frees leases nobody
// renewed.

import Basics
import Domain
import Queue
import Storage

struct Janitor: Sendable {
  let workspace: Workspace
  let term: Int64
  let log: DiagnosticLog

  /// Every so often; what does not work now is tried next time.
  static let interval = Duration.seconds(60)
  /// API bodies are kept this long.
  static let bodiesKept = Duration.days(7)

  func clean(settings: SettingValues) async {
    let now = workspace.time.now()
    let before = now - .days(settings[Settings.retentionDays])
    let failuresBefore = now - .days(settings[Settings.retentionFailureDays])
    do {
      let term = term
      try await workspace.write(as: "janitor") { (tx) throws(Problem) in
        try EngineLock.fence(term: term, on: tx)
        _ = try MessageQueue.expire(now: now, term: term, on: tx.database)
        try tx.database.execute(
          """
          DELETE FROM exchange_body WHERE exchange_id IN
            (SELECT id FROM exchange WHERE at < ? ORDER BY id LIMIT 500)
          """, now - Self.bodiesKept)
      }
      try await workspace.write(as: "janitor") { (tx) throws(Problem) in
        try EngineLock.fence(term: term, on: tx)
        try tx.webhooks.sweep(bodiesBefore: now - Self.bodiesKept, before: before)
      }
      var isMore = true
      while isMore, !Task.isCancelled {
        isMore = try await workspace.write(as: "janitor") { (tx) throws(Problem) in
          try EngineLock.fence(term: term, on: tx)
          return try tx.source.sweep(limit: SourceRecorder.cleaned)
        }
      }
      // Short transactions, so that nobody waits for a sweep.
      var removed = 1
      while removed > 0, !Task.isCancelled {
        removed = try await workspace.write(as: "janitor") { (tx) throws(Problem) in
          try EngineLock.fence(term: term, on: tx)
          return try tx.executions.sweep(before: before, failuresBefore: failuresBefore)
        }
      }
      _ = try workspace.checkpoint()
    } catch {
      log.problem(.warning, error)
    }
  }
}
