// Housekeeping: moves the write-ahead log into the file (nobody else does, see Sources/README.md,
// checkpoint discipline), removes executions past their retention, bodies beyond their time and size,
// and rows of readings nobody carries out, frees leases nobody renewed.

import Basics
import Domain
import PeopleSources
import Queue
import Storage

struct Janitor: Sendable {
  let workspace: Workspace
  let term: Int64
  let log: DiagnosticLog
  /// Whether it also looks how large the kept bodies are, which means reading all of them.
  var weighs = false

  /// Every so often; what does not work now is tried next time.
  static let interval = Duration.seconds(60)
  /// Between two looks at how large the kept bodies are.
  static let weighing = Duration.hours(1)
  /// API bodies are kept this long.
  static let bodiesKept = Duration.days(7)
  /// And so much of them in bytes, the newest.
  static let mostBodies: Int64 = 256 << 20

  func clean(settings: SettingValues) async {
    let now = workspace.time.now()
    let before = now - .days(settings[Settings.retentionDays])
    let failuresBefore = now - .days(settings[Settings.retentionFailureDays])
    do {
      let term = term
      try await workspace.write(as: "janitor") { (tx) throws(Problem) in
        try EngineLock.fence(term: term, on: tx)
        _ = try MessageQueue.expire(now: now, term: term, on: tx.database)
      }
      try await cleanBodies(before: now - Self.bodiesKept)
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
      _ = try await Blocking.run { () throws(Problem) in try workspace.checkpoint() }
      // What the last pieces of work left.
      ProcessMemory.giveBack()
    } catch {
      log.problem(.warning, error)
    }
  }

  /// The old ones, and the oldest where together they are too large; in short transactions.
  func cleanBodies(before: Instant, most: Int64 = Janitor.mostBodies) async throws(Problem) {
    try await repeating { (executions) throws(Problem) in try executions.sweepBodies(before: before)
    }
    guard weighs else { return }
    let beyond = try await workspace.read { (reading) throws(Problem) in
      try reading.executions.firstBodyBeyond(bytes: most)
    }
    guard let beyond else { return }
    try await repeating { (executions) throws(Problem) in
      try executions.removeBodies(upTo: beyond)
    }
  }

  /// Until `body` removes nothing more.
  private func repeating(
    _ body: @escaping @Sendable (ExecutionStore) throws(Problem) -> Int
  ) async throws(Problem) {
    let term = term
    var removed = 1
    while removed > 0, !Task.isCancelled {
      removed = try await workspace.write(as: "janitor") { (tx) throws(Problem) in
        try EngineLock.fence(term: term, on: tx)
        return try body(tx.executions)
      }
    }
  }
}
