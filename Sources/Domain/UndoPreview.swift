// What an undo would do, in numbers and words, before it is asked for and while it waits.

import Basics

/// What an undo would do, before it is asked for.
package struct UndoPreview: Sendable, Equatable {
  package var execution: ExecutionID
  package var counts = PlanCounts()
  /// What stays, by reason, most first.
  package var stays: [Stay] = []
  /// What is to be known of those that go back.
  package var notes: [Stay] = []

  package struct Stay: Sendable, Equatable {
    package var sentence: String
    package var count: Int
  }

  package init(_ execution: ExecutionID) { self.execution = execution }

  package mutating func add(_ undoing: Undoing) {
    switch undoing {
    case .row(let row):
      counts.add(row)
      // One row may go back on both sides.
      if row.action != .restore, row.action != .delete, row.changes.contains(where: \.isHere) {
        counts.restore += 1
      }
      for remark in row.remarks { Self.count(remark, in: &notes) }
    case .nothing: break
    case .stays(_, let sentence): Self.count(sentence, in: &stays)
    }
  }

  package mutating func sort() {
    stays.sort { ($1.count, $0.sentence) < ($0.count, $1.sentence) }
    notes.sort { ($1.count, $0.sentence) < ($0.count, $1.sentence) }
  }

  private static func count(_ sentence: String, in list: inout [Stay]) {
    if let place = list.firstIndex(where: { $0.sentence == sentence }) {
      list[place].count += 1
    } else {
      list.append(Stay(sentence: sentence, count: 1))
    }
  }

  package var sentence: String { Self.sentence(counts) }

  /// `3 get old values back at Mailchimp, 2 are archived there`
  package static func sentence(_ counts: PlanCounts) -> String {
    let parts = [
      (counts.update, "gets old values back at Mailchimp", "get old values back at Mailchimp"),
      (counts.create, "comes back there", "come back there"),
      (counts.archive, "is archived there", "are archived there"),
      (counts.unsubscribe, "is unsubscribed there", "are unsubscribed there"),
      (counts.restore, "gets old values back here", "get old values back here"),
      (counts.delete, "who arrived is marked deleted", "who arrived are marked deleted"),
    ].filter { $0.0 > 0 }.map { "\($0.0) \($0.0 == 1 ? $0.1 : $0.2)" }
    return parts.isEmpty ? "nothing can be undone" : parts.joined(separator: ", ")
  }
}
