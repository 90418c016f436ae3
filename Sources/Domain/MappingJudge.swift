// What the rows of a mapping come to for a real person and their contact: what stands here, what
// moves, what stands there. What must stay true: a value is judged by the very rules that decide when
// it is sent or taken, so that nothing refused later was shown as fine.

import Basics

/// A real person with what their contact shows.
package struct MappingExample: Sendable, Equatable, Identifiable {
  package var person: Person
  /// The address they stand at; empty where there is none.
  package var email: String
  /// As Mailchimp showed the contact last; nil where there is no contact.
  package var seen: [String: MergeValue]?

  package init(person: Person, email: String, seen: [String: MergeValue]?) {
    self.person = person
    self.email = email
    self.seen = seen
  }

  package var id: PersonID { person.id }
}

/// What becomes of one person's value in one row.
package enum MappingFate: String, Sendable, CaseIterable {
  case fits
  /// There is nothing to move.
  case empty
  /// Moves shortened.
  case cut
  /// Does not move: it does not fit.
  case leftOut = "left out"
  /// The audience requires a value and there is none that fits: the person is not sent at all.
  case refused

  /// True where somebody should look at the value.
  package var isFlaw: Bool { self == .cut || self == .leftOut || self == .refused }
}

/// What a row comes to for one person.
package struct MappingSample: Sendable, Equatable {
  /// Here, as it is.
  package var ours: String
  /// As it is sent; for a row that only takes, as it would be taken. Empty where it does not move.
  package var moved: String
  /// As Mailchimp showed it last; nil where it did not.
  package var theirs: String?
  package var fate: MappingFate
  /// Why it is cut, left out or refused; empty otherwise.
  package var remark: String
  /// True where it is the value from Mailchimp that is judged.
  package var isTaken = false

  package init(
    ours: String, moved: String, theirs: String? = nil, fate: MappingFate = .fits,
    remark: String = ""
  ) {
    self.ours = ours
    self.moved = moved
    self.theirs = theirs
    self.fate = fate
    self.remark = remark
  }
}

/// Judges values by a board whose types and choices are looked up once, for a few people or for all.
package struct MappingJudge: Sendable {
  private let direction: SyncDirection
  /// Nil before the audience's fields were read.
  private let fields: [String: MergeField]?
  private let types: [String: FieldType]
  private let choices: [String: [String]]

  package init(_ board: MappingBoard) {
    direction = board.direction
    fields = board.mergeFields.map { all in
      Dictionary(all.map { ($0.tag, $0) }) { first, _ in first }
    }
    types = board.customTypes
    choices = Dictionary(board.customFields.map { ($0.name, $0.choices) }) { first, _ in first }
  }

  /// What `row` comes to for this person. A row that the workspace's direction lets move nothing is
  /// judged as if it did.
  package func sample(of row: FieldMapping, for example: MappingExample) -> MappingSample {
    let way = (row.within(direction) ?? row).direction
    let ours = example.person.value(of: row.field, customTypes: types)
    let theirs = example.seen?[row.tag]
    var sample =
      way == .fromMailchimp
      ? taken(row, theirs) : sent(row, ours, of: example.person)
    sample.ours = ours.text
    sample.theirs = example.seen.map { _ in theirs?.plainText ?? "" }
    // A row for both ways is as good as its worse way.
    if way == .both, let theirs, !sample.fate.isFlaw {
      let back = taken(row, theirs)
      if back.fate.isFlaw {
        (sample.fate, sample.remark, sample.isTaken) = (back.fate, back.remark, true)
      }
    }
    return sample
  }

  private func sent(_ row: FieldMapping, _ ours: PersonValue, of person: Person) -> MappingSample {
    let value = row.transforms.reduce(ours) { $1.apply($0, of: person, customTypes: types) }
    guard let fields else {
      return MappingSample(
        ours: "", moved: value.text, fate: value.isEmpty ? .empty : .fits)
    }
    guard let field = fields[row.tag] else {
      return MappingSample(
        ours: "", moved: "", fate: .leftOut,
        remark: "\(row.tag) left out: the audience has no such field.")
    }
    let fit = field.fit(value)
    var sample = MappingSample(
      ours: "", moved: fit.value?.plainText ?? "", fate: .fits, remark: fit.remark ?? "")
    switch fit {
    case .fits(let value): sample.fate = value.isEmpty ? .empty : .fits
    case .cut: sample.fate = .cut
    case .leftOut: sample.fate = .leftOut
    }
    if field.isRequired, fit.value?.isEmpty ?? true {
      sample.fate = .refused
      sample.remark = Refusal.requiredField(field, of: person, remark: fit.remark).sentence
    }
    return sample
  }

  private func taken(_ row: FieldMapping, _ theirs: MergeValue?) -> MappingSample {
    guard let theirs, !theirs.isEmpty else {
      return MappingSample(ours: "", moved: "", fate: .empty)
    }
    let fit = TakenValue.read(
      theirs, into: row.field, transforms: row.transforms, customTypes: types, choices: choices)
    let fate: MappingFate = fit.value == nil ? .leftOut : fit.remark == nil ? .fits : .cut
    var sample = MappingSample(
      ours: "", moved: fit.value?.text ?? "", fate: fate, remark: fit.remark ?? "")
    sample.isTaken = true
    return sample
  }
}
