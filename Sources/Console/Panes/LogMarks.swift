// Lines of the log that are marked, to be copied together. What must stay true: a line that is drawn
// as marked is one that is copied, however far from the screen it stands; within a range that was
// begun, as soon as it is ended.

import Domain

struct LogMarks: Sendable, Equatable {
  private var rows: [Int64: LogRow] = [:]
  /// The line where a range began that is not ended yet.
  private(set) var start: Int64?

  var isEmpty: Bool { rows.isEmpty && start == nil }
  var count: Int { rows.count }
  /// Oldest first.
  var all: [LogRow] { rows.values.sorted { $0.id < $1.id } }

  /// Whether a line is drawn as marked while the cursor stands on another: ids follow the list.
  func contains(_ id: Int64, cursor: Int64?) -> Bool {
    rows[id] != nil || range(to: cursor)?.contains(id) ?? false
  }

  /// From where the range began to this line.
  func range(to cursor: Int64?) -> ClosedRange<Int64>? {
    guard let start, let cursor else { return nil }
    return min(start, cursor)...max(start, cursor)
  }

  mutating func toggle(_ row: LogRow) {
    if rows.removeValue(forKey: row.id) == nil { rows[row.id] = row }
  }

  mutating func begin(at id: Int64) { start = id }
  mutating func endRange() { start = nil }
  mutating func add(_ all: [LogRow]) { for row in all { rows[row.id] = row } }
  mutating func clear() { self = LogMarks() }
}
