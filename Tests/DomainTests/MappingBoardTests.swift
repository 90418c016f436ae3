// Edits of the mapping: what is refused, for whom an edit is, and how it is taken back; and what is
// said before a merge field is asked for.

import Basics
import Domain
import Support
import Testing

@Suite struct MappingBoardTests {
  private let fields = [
    MergeField(tag: "FNAME", name: "First Name"), MergeField(tag: "LNAME", name: "Last Name"),
    MergeField(tag: "AGE", name: "Age", type: .number),
    MergeField(tag: "BORN", name: "Born", type: .date),
    MergeField(tag: "BIRTHDAY", name: "Birthday", type: .birthday),
    MergeField(tag: "SIZE", name: "Size", type: .dropdown, choices: ["S", "M", "L"]),
    MergeField(tag: "ADDRESS", name: "Address", type: .address),
    MergeField(tag: "NOTE", name: "Note"),
  ]
  private let custom = [
    CustomField(name: "age", type: .number),
    CustomField(name: "size", type: .choice, choices: ["s", "m", "XL"]),
    CustomField(name: "news", type: .yesNo), CustomField(name: "born", type: .date),
  ]

  private func board(
    _ extra: FieldMapping..., hasSynced: Bool = false, fields: [MergeField]? = nil
  ) -> MappingBoard {
    MappingBoard(
      rows: [FieldMapping(.firstName, "FNAME"), FieldMapping(.lastName, "LNAME")] + extra,
      mergeFields: fields ?? self.fields, customFields: custom, hasSynced: hasSynced)
  }

  private func code(
    _ board: MappingBoard, _ change: MappingChange
  ) -> String? {
    do throws(Problem) {
      _ = try board.applying(change, at: at(100))
      return nil
    } catch { return error.code }
  }

  // MARK: Refusals

  @Test func `custom fields go both ways where their types meet`() {
    let fine: [(PersonField, String, SyncDirection)] = [
      (.custom("age"), "AGE", .both), (.custom("born"), "BORN", .both),
      (.custom("size"), "SIZE", .both), (.custom("news"), "NOTE", .both),
      (.custom("age"), "NOTE", .fromMailchimp), (.address, "ADDRESS", .both),
      (.company, "AGE", .fromMailchimp), (.dateOfBirth, "BORN", .both),
    ]
    for (field, tag, way) in fine {
      let row = FieldMapping(field, tag, direction: way)
      #expect(code(board(), .set(row, replacing: nil)) == nil, "\(row)")
    }
    let wrong: [(PersonField, String, SyncDirection)] = [
      (.custom("news"), "AGE", .fromMailchimp), (.custom("age"), "BORN", .fromMailchimp),
      (.custom("born"), "AGE", .toMailchimp), (.custom("born"), "BIRTHDAY", .fromMailchimp),
      (.company, "ADDRESS", .fromMailchimp), (.address, "NOTE", .fromMailchimp),
      (.dateOfBirth, "BIRTHDAY", .both),
    ]
    for (field, tag, way) in wrong {
      let row = FieldMapping(field, tag, direction: way)
      #expect(code(board(), .set(row, replacing: nil)) == "mapping.type-mismatch", "\(row)")
    }
  }

  @Test func `what a merge field has no say in is never taken`() {
    for field in [PersonField.email, .externalID, .manager, .optIn] {
      let row = FieldMapping(field, "NOTE", direction: .both)
      #expect(code(board(), .set(row, replacing: nil)) == "mapping.not-taken", "\(field)")
      #expect(code(board(), .set(FieldMapping(field, "NOTE"), replacing: nil)) == nil, "\(field)")
    }
  }

  @Test func `steps that lose something are to Mailchimp only, complete dates come back`() {
    func set(_ field: PersonField, _ tag: String, _ steps: [Transform]) -> String? {
      code(
        board(), .set(FieldMapping(field, tag, direction: .both, transforms: steps), replacing: nil)
      )
    }
    #expect(set(.company, "NOTE", [.letterCase(.upper)]) == "mapping.not-reversible")
    #expect(set(.company, "NOTE", [.constant("x")]) == "mapping.not-reversible")
    #expect(set(.dateOfBirth, "BIRTHDAY", [.monthDay]) == "mapping.not-reversible")
    #expect(set(.dateOfBirth, "NOTE", [.dateFormat("DD.MM.")]) == "mapping.not-reversible")
    #expect(set(.dateOfBirth, "NOTE", [.dateFormat("DD.MM.YYYY")]) == nil)
    #expect(set(.birthday, "BIRTHDAY", [.monthDay]) == nil)
    #expect(set(.company, "NOTE", [.trim, .defaultWhenEmpty("none")]) == nil)
  }

  @Test func `one tag takes one row and one person field is taken from one tag`() {
    let row = FieldMapping(.company, "FNAME")
    #expect(code(board(), .set(row, replacing: nil)) == "mapping.duplicate-tag")
    #expect(code(board(), .set(row, replacing: "LNAME")) == "mapping.duplicate-tag")
    let taken = FieldMapping(.company, "NOTE", direction: .both)
    let again = FieldMapping(.company, "SIZE", direction: .fromMailchimp)
    #expect(code(board(taken), .set(again, replacing: nil)) == "mapping.duplicate-field")
  }

  @Test func `less than the least is refused with what is missing`() throws {
    #expect(code(board(), .remove("LNAME")) == "mapping.minimum")
    let turned = FieldMapping(.lastName, "LNAME", direction: .fromMailchimp)
    #expect(code(board(), .set(turned, replacing: "LNAME")) == "mapping.minimum")
    let taking = MappingBoard(
      rows: [
        FieldMapping(.firstName, "FNAME", direction: .fromMailchimp),
        FieldMapping(.lastName, "LNAME", direction: .fromMailchimp),
      ], mergeFields: fields)
    let problem = #expect(throws: Problem.self) {
      try taking.applying(.remove("LNAME"), at: at(1))
    }
    #expect(problem?.sentence.contains("last_name") == true)
  }

  @Test func `a required merge field keeps its row`() {
    let required = fields + [MergeField(tag: "CITY", name: "City", isRequired: true)]
    let full = board(FieldMapping(.company, "CITY"), fields: required)
    #expect(code(full, .remove("CITY")) == "mapping.required-without-source")
  }

  @Test func `a row that is wrong already does not stop another from being mended`() {
    let ill = MappingBoard(
      rows: [FieldMapping(.phone, "GONE"), FieldMapping(.company, "LOST")], mergeFields: fields)
    #expect(code(ill, .remove("GONE")) == nil)
    #expect(code(ill, .set(FieldMapping(.firstName, "FNAME"), replacing: nil)) == nil)
    #expect(code(ill, .set(FieldMapping(.phone, "GNOE"), replacing: nil)) == "mapping.unknown-tag")
  }

  @Test func `what needs no merge fields is judged before they are read`() {
    let unread = MappingBoard(
      rows: [FieldMapping(.firstName, "FNAME"), FieldMapping(.lastName, "LNAME")],
      mergeFields: nil)
    #expect(unread.problems.isEmpty)
    #expect(code(unread, .set(FieldMapping(.phone, "ANY"), replacing: nil)) == nil)
    #expect(
      code(unread, .set(FieldMapping(.custom("x"), "ANY"), replacing: nil))
        == "mapping.unknown-field")
    #expect(code(unread, .remove("FNAME")) == "mapping.minimum")
  }

  @Test func `choices only one side has are told and refuse nothing`() throws {
    let row = FieldMapping(.custom("size"), "SIZE", direction: .both)
    let after = try board().applying(.set(row, replacing: nil), at: at(1))
    #expect(after.problems.isEmpty)
    #expect(
      after.remarks.map(\.sentence) == [
        "SIZE (Size) has no choice 'XL': people with it are sent without.",
        "custom.size has no choice 'L': it is left as it is where Mailchimp says so.",
      ])
  }

  // MARK: For whom

  @Test func `before the first sync a row is for everybody, afterwards for who changes`() throws {
    let row = FieldMapping(.company, "NOTE")
    let early = try board().applying(.set(row, replacing: nil), at: at(100))
    #expect(early.rows.last?.since == nil)
    let late = try board(hasSynced: true).applying(.set(row, replacing: nil), at: at(100))
    #expect(late.rows.last?.since == at(100))
    // Saying the same again is no change.
    let same = try late.applying(.set(row, replacing: "NOTE"), at: at(200))
    #expect(same.rows.last?.since == at(100))
    let other = FieldMapping(.company, "NOTE", transforms: [.trim])
    let changed = try late.applying(.set(other, replacing: "NOTE"), at: at(200))
    #expect(changed.rows.last?.since == at(200))
    #expect(try changed.applying(.backfill("NOTE"), at: at(300)).rows.last?.since == nil)
    #expect(try changed.applying(.backfill(nil), at: at(300)).rows.allSatisfy { $0.since == nil })
  }

  // MARK: Back

  /// Any edit that is not refused, with the board after it.
  private func edited(
    _ start: MappingBoard, _ random: inout SeededGenerator
  ) -> MappingBoard? {
    let tag = random.pick(fields.map(\.tag))
    let change: MappingChange
    switch Int.random(in: 0..<3, using: &random) {
    case 0: change = .remove(tag)
    case 1: change = .move(tag, to: Int.random(in: 0..<4, using: &random))
    default:
      change = .set(
        FieldMapping(
          random.pick([.company, .phone, .custom("age"), .dateOfBirth]), tag,
          direction: random.pick(SyncDirection.allCases)),
        replacing: random.chance(50) ? tag : random.chance(50) ? random.pick(fields).tag : nil)
    }
    return try? start.applying(change, at: at(1))
  }

  @Test func `an edit taken back leaves every row as it was, and done again as it became`()
    async throws
  {
    try await forAll(400) { random in
      let start = board(
        FieldMapping(.company, "NOTE"), FieldMapping(.custom("age"), "AGE"),
        hasSynced: random.chance(50))
      guard let after = edited(start, &random) else { return }
      let back = try after.applying(.restore(start.rows, expecting: after.rows), at: at(2))
      if back.rows != start.rows { throw Violation("taken back: \(back.rows)") }
      let again = try back.applying(.restore(after.rows, expecting: start.rows), at: at(3))
      let isSame =
        again.rows.count == after.rows.count
        && zip(again.rows, after.rows).allSatisfy { $0.saysTheSame(as: $1) }
      if !isSame { throw Violation("done again: \(again.rows)") }
      // What is done again is an edit: nobody who is in step gets it unasked.
      if start.hasSynced,
        again.rows.contains(where: { row in
          row.since == nil && !start.rows.contains { $0.saysTheSame(as: row) }
            && start.rows.contains { $0.tag == row.tag }
        })
      {
        throw Violation("for everybody unasked: \(again.rows)")
      }
    }
  }

  @Test func `an edit is not taken back over somebody else's`() throws {
    let start = board(FieldMapping(.company, "NOTE"))
    let after = try start.applying(.remove("NOTE"), at: at(1))
    let elsewhere = try after.applying(
      .set(FieldMapping(.phone, "NOTE"), replacing: nil), at: at(2))
    #expect(
      code(elsewhere, .restore(start.rows, expecting: after.rows)) == "mapping.changed-meanwhile")
  }

  @Test func `an edit that everybody got is taken back for who changes only`() throws {
    let start = board(FieldMapping(.company, "NOTE"), hasSynced: true)
    let edit = FieldMapping(.company, "NOTE", transforms: [.letterCase(.upper)])
    let after = try start.applying(.set(edit, replacing: "NOTE"), at: at(1))
    let back = try after.applying(.restore(start.rows, expecting: after.rows), at: at(2))
    #expect(back.rows.last?.since == nil)
    let backfilled = try after.applying(.backfill("NOTE"), at: at(2))
    let late = try backfilled.applying(.restore(start.rows, expecting: after.rows), at: at(3))
    #expect(late.rows.last?.since == at(3))
  }

  // MARK: Merge fields

  @Test(arguments: [
    ("MEMBERSHIPNO", "merge-fields.tag"), ("A-B", "merge-fields.tag"), ("", "merge-fields.tag"),
    ("GRÖSSE", "merge-fields.tag"), ("FNAME", "merge-fields.exists"),
  ])
  func `a tag Mailchimp would cut or not take is refused`(tag: String, code: String) {
    let problem = MergeFieldDraft(tag: tag, name: "X").problem(beside: fields)
    #expect(problem?.code == code)
    #expect(problem?.fields["field"] == "tag")
  }

  @Test func `choices belong to radio and dropdown fields, at least two`() {
    func code(_ type: MergeField.Kind, _ choices: [String]) -> String? {
      MergeFieldDraft(tag: "X", name: "X", type: type, choices: choices).problem(beside: [])?.code
    }
    #expect(code(.dropdown, ["a", "b"]) == nil)
    #expect(code(.radio, ["a"]) == "merge-fields.choices")
    #expect(code(.radio, ["a", "a"]) == "merge-fields.choices")
    #expect(code(.text, ["a", "b"]) == "merge-fields.choices")
    #expect(
      MergeFieldDraft(tag: "X", name: " ").problem(beside: [])?.code == "merge-fields.no-name")
  }

  @Test func `the most an audience keeps is said with its number`() {
    func problem(_ count: Int, limit: Int? = nil) -> Problem? {
      let many = (0..<count).map { MergeField(tag: "F\($0)", name: "F") }
      return MergeFieldDraft(tag: "NEW", name: "New").problem(beside: many, limit: limit)
    }
    #expect(problem(29) == nil)
    #expect(problem(30)?.sentence.contains("30 merge fields") == true)
    #expect(problem(30, limit: 80) == nil)
    #expect(problem(31) == nil)
    #expect(problem(80)?.code == "merge-fields.limit")
  }
}
