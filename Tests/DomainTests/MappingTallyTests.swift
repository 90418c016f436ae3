// What a mapping comes to for real people: each value judged as the planner judges it, and everybody
// counted in pieces.

import Basics
import Domain
import Support
import Testing

@Suite struct MappingTallyTests {
  private static let board = MappingBoard(
    rows: [],
    mergeFields: [
      MergeField(tag: "FNAME", name: "First Name", isRequired: true),
      MergeField(tag: "NOTE", name: "Note"),
      MergeField(tag: "SIZE", name: "Size", type: .dropdown, choices: ["S", "M"]),
      MergeField(tag: "BIRTHDAY", name: "Birthday", type: .birthday),
    ],
    customFields: [CustomField(name: "size", type: .choice, choices: ["S", "M", "XL"])])

  private func sample(
    _ row: FieldMapping, seen: [String: MergeValue]? = nil,
    _ change: @escaping (inout Person) -> Void = { _ in }
  ) -> MappingSample {
    let example = MappingExample(
      person: person(1, "ada@example.org", change), email: "ada@example.org", seen: seen)
    return MappingJudge(Self.board).sample(of: row, for: example)
  }

  @Test func `a value that fits moves through its steps, beside what the contact shows`() {
    let row = FieldMapping(.firstName, "FNAME", transforms: [.letterCase(.upper)])
    let sample = sample(row, seen: ["FNAME": .text("Ida")])
    #expect(sample.ours == "Ada1")
    #expect(sample.moved == "ADA1")
    #expect(sample.theirs == "Ida")
    #expect(sample.fate == .fits)
  }

  @Test func `a value that does not fit is left out with the planner's own remark`() {
    let row = FieldMapping(.custom("size"), "SIZE")
    let sample = sample(row) { $0.customFields = ["size": "XL"] }
    #expect(sample.fate == .leftOut)
    #expect(sample.moved == "")
    #expect(sample.remark == "SIZE (Size) left out: 'XL' is none of its choices (S, M).")
    #expect(sample.theirs == nil)
  }

  @Test func `a long text is cut, and an empty value that is required is refused`() {
    let long = sample(FieldMapping(.company, "NOTE")) {
      $0.company = String(repeating: "x", count: 300)
    }
    #expect(long.fate == .cut)
    #expect(long.moved.count == MergeField.longestText)
    let none = sample(FieldMapping(.company, "FNAME"))
    #expect(none.fate == .refused)
    #expect(none.remark.contains("requires FNAME (First Name)"))
    #expect(sample(FieldMapping(.company, "NOTE")).fate == .empty)
  }

  @Test func `a row that takes is judged by what stands there, one for both ways by the worse way`()
  {
    let taking = FieldMapping(.birthday, "NOTE", direction: .fromMailchimp)
    let bad = sample(taking, seen: ["NOTE": .text("tomorrow")])
    #expect(bad.fate == .leftOut)
    #expect(bad.isTaken)
    #expect(sample(taking, seen: ["NOTE": .text("12/10")]).moved == "12/10")
    #expect(sample(taking).fate == .empty)
    let both = FieldMapping(.custom("size"), "SIZE", direction: .both)
    let theirs = sample(both, seen: ["SIZE": .text("L")]) { $0.customFields = ["size": "M"] }
    #expect(theirs.moved == "M")
    #expect(theirs.fate == .leftOut)
    #expect(theirs.remark.contains("'L' is none of its choices"))
  }

  @Test func `pieces of a count make the count of the whole`() async throws {
    let rows = [
      FieldMapping(.company, "NOTE"), FieldMapping(.custom("size"), "SIZE"),
      FieldMapping(.company, "FNAME"),
    ]
    let judge = MappingJudge(Self.board)
    try await forAll(60) { random in
      let people = (1...40).map { id in
        MappingExample(
          person: person(Int64(id), "p\(id)@example.org") {
            $0.company = random.pick(["", "Acme", String(repeating: "y", count: 256)])
            $0.customFields = ["size": random.pick(["", "S", "XL"])]
          }, email: "p\(id)@example.org", seen: nil)
      }
      var whole = MappingTally()
      for person in people { whole.add(person, rows, by: judge) }
      var sum = MappingTally()
      var rest = people[...]
      while !rest.isEmpty {
        let size = Int.random(in: 1...9, using: &random)
        var piece = MappingTally()
        for person in rest.prefix(size) { piece.add(person, rows, by: judge) }
        rest = rest.dropFirst(size)
        piece.next = rest.first?.id
        sum.add(piece)
      }
      if sum != whole { throw Violation("\(sum) is not \(whole)") }
      for row in rows {
        let counted = whole.rows[row.tag]?.counts.values.reduce(0, +)
        if counted != people.count { throw Violation("\(row) counted \(counted ?? 0)") }
      }
    }
  }

  @Test func `however many values are wrong, only the first are kept`() {
    let judge = MappingJudge(Self.board)
    let row = FieldMapping(.company, "FNAME")
    var tally = MappingTally()
    for id in 1...(MappingTally.mostFlaws + 20) {
      tally.add(
        MappingExample(person: person(Int64(id)), email: "", seen: nil), [row], by: judge)
    }
    tally.add(tally)
    #expect(tally.rows["FNAME"]?.flaws.count == MappingTally.mostFlaws)
    #expect(tally.rows["FNAME"]?.flawed == 2 * (MappingTally.mostFlaws + 20))
    #expect(tally.rows["FNAME"]?.flaws.first?.person == PersonID(1))
  }
}
