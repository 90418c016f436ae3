// How many people's values a mapping moves whole, cuts, leaves out or refuses, counted over everybody
// in pieces. What must stay true: however many people there are, what is kept of them is bounded.

import Basics

/// A value that does not move as it is, and whose it is.
package struct MappingFlaw: Sendable, Equatable, Identifiable {
  package var person: PersonID
  package var name: String
  package var email: String
  /// On the side it comes from.
  package var value: String
  package var fate: MappingFate
  package var remark: String

  package init(
    person: PersonID, name: String, email: String, value: String, fate: MappingFate,
    remark: String
  ) {
    self.person = person
    self.name = name
    self.email = email
    self.value = value
    self.fate = fate
    self.remark = remark
  }

  package var id: PersonID { person }
}

package struct MappingTally: Sendable, Equatable {
  /// The people of one row whose value does not move whole are listed up to here.
  package static let mostFlaws = 500

  package struct Row: Sendable, Equatable {
    package var counts: [MappingFate: Int] = [:]
    /// The first of them.
    package var flaws: [MappingFlaw] = []

    package init() {}

    package func count(_ fate: MappingFate) -> Int { counts[fate] ?? 0 }
    package var flawed: Int { count(.cut) + count(.leftOut) + count(.refused) }
  }

  /// Everybody who was looked at, those included of whom nothing is sent.
  package var looked = 0
  /// Those who were judged.
  package var people = 0
  /// By merge tag.
  package var rows: [String: Row] = [:]
  /// Where to go on; nil once everybody was looked at.
  package var next: PersonID?

  package init() {}

  package var isWhole: Bool { next == nil }

  /// The piece that comes after this one.
  package mutating func add(_ more: MappingTally) {
    looked += more.looked
    people += more.people
    next = more.next
    for (tag, row) in more.rows {
      rows[tag, default: Row()].counts.merge(row.counts, uniquingKeysWith: +)
      let room = Self.mostFlaws - (rows[tag]?.flaws.count ?? 0)
      rows[tag]?.flaws += row.flaws.prefix(max(0, room))
    }
  }

  /// Judges one person in every row.
  package mutating func add(
    _ example: MappingExample, _ mapping: [FieldMapping], by judge: MappingJudge
  ) {
    people += 1
    for row in mapping {
      let sample = judge.sample(of: row, for: example)
      rows[row.tag, default: Row()].counts[sample.fate, default: 0] += 1
      guard sample.fate.isFlaw, (rows[row.tag]?.flaws.count ?? 0) < Self.mostFlaws else { continue }
      rows[row.tag]?.flaws.append(
        MappingFlaw(
          person: example.id, name: example.person.displayName, email: example.email,
          value: sample.isTaken ? sample.theirs ?? "" : sample.ours, fate: sample.fate,
          remark: sample.remark))
    }
  }
}
