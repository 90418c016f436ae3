// Ends a statement that works for too long, from inside: SQLite asks every so many steps. What must
// stay true: the limit is asked about only while it and its connection live, and only time that
// SQLite itself worked is counted.

import Basics
import CSQLite

/// Statements of one connection end with `sqlite.interrupted` once they worked for longer than
/// this, or once nobody wants them any more; `hasPassed` and `isUnwanted` then tell it from an
/// interruption by somebody else.
package final class WorkLimit {
  package private(set) var hasPassed = false
  package private(set) var isUnwanted = false
  private let isAbandoned: @Sendable () -> Bool
  private var deadline: ContinuousClock.Instant
  private let connection: Connection

  /// A step takes well under a microsecond, so it is asked about every millisecond or so.
  private static let steps: Int32 = 2000

  package init(
    _ limit: Duration, on connection: Connection,
    isAbandoned: @escaping @Sendable () -> Bool = { false }
  ) {
    self.connection = connection
    self.isAbandoned = isAbandoned
    deadline = ContinuousClock.now + limit
    sqlite3_progress_handler(
      connection.handle, Self.steps,
      { @Sendable place in
        // Not nil: it is the object of the line below, which takes the handler away as it goes.
        place.map { Unmanaged<WorkLimit>.fromOpaque($0).takeUnretainedValue().isOver() } == true
          ? 1 : 0
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  deinit { sqlite3_progress_handler(connection.handle, 0, nil, nil) }

  /// What `body` takes is not counted.
  package func pausing(_ body: () throws(Problem) -> Void) throws(Problem) {
    let start = ContinuousClock.now
    defer { deadline += ContinuousClock.now - start }
    try body()
  }

  private func isOver() -> Bool {
    if isAbandoned() { isUnwanted = true }
    if ContinuousClock.now >= deadline { hasPassed = true }
    return hasPassed || isUnwanted
  }
}
