// The orders a list of executions can be in. What must stay true: each of them follows an index, so that
// a window of a million costs what its rows cost.

import Basics

package struct ExecutionSort: Sendable, Hashable, CustomStringConvertible {
  package enum Column: String, Sendable, CaseIterable {
    case started, took, outcome, people
  }

  package var column: Column
  /// The other way round than it is first wanted: latest, longest, worst, most first.
  package var isReversed: Bool

  package init(_ column: Column = .started, reversed: Bool = false) {
    self.column = column
    isReversed = reversed
  }

  /// `took`, or `-took` for the other way round.
  package var description: String { (isReversed ? "-" : "") + column.rawValue }

  /// Reads what `description` prints.
  package init?(_ text: String) {
    let isReversed = text.hasPrefix("-")
    guard let column = Column(rawValue: String(text.drop { $0 == "-" })) else { return nil }
    self.init(column, reversed: isReversed)
  }

  package var reversed: Self { ExecutionSort(column, reversed: !isReversed) }
}

extension ExecutionStatus {
  /// What wants somebody's attention first.
  package static let byUrgency: [ExecutionStatus] = [
    .failed, .partial, .held, .running, .waiting, .cancelled, .succeeded,
  ]
}
