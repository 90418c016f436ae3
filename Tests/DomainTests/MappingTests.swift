// Transforms, the rules of each merge field type, and the check of a whole mapping.

import Basics
import Domain
import Support
import Testing

@Suite struct MappingTests {
  // MARK: Transforms

  private func applied(_ text: String, to value: PersonValue) throws -> PersonValue {
    try Transform.list(text).reduce(value) { $1.apply($0, of: person(1)) }
  }

  @Test func `transforms change the value as they say`() throws {
    let born = PersonValue.date(try #require(CivilDate("1990-02-03")))
    #expect(try applied("trim", to: .text("  a   b ")) == .text("a b"))
    #expect(try applied("case(title)", to: .text("mary-ann O'HARA")) == .text("Mary-Ann O'Hara"))
    #expect(try applied("trim, case(upper)", to: .text(" é ")) == .text("É"))
    #expect(try applied("date(DD.MM.YYYY)", to: born) == .text("03.02.1990"))
    #expect(try applied("month-day", to: born).text == "02/03")
    #expect(try applied("phone(digits)", to: .text("+1 (555) 123-4567")) == .text("15551234567"))
    #expect(try applied("phone(us)", to: .text("+1 555 123 4567")) == .text("(555) 123-4567"))
    #expect(try applied("constant(\"x\")", to: .text("y")) == .text("x"))
    #expect(try applied("join(last_name, first_name; \", \")", to: .empty) == .text("Smith, Ada1"))
    #expect(try applied("default(\"friend\")", to: .empty) == .text("friend"))
    #expect(try applied("default(\"friend\")", to: .text("Ada")) == .text("Ada"))
  }

  @Test func `transforms printed and read back are the same`() async throws {
    try await forAll(500) { random in
      let texts = ["", " ", "a, b; c", "\"q\\", "é)", "YYYY", "none"]
      let steps = (0..<Int.random(in: 0...4, using: &random)).map { _ -> Transform in
        switch Int.random(in: 0..<8, using: &random) {
        case 0: .trim
        case 1: .letterCase(random.pick(Transform.LetterCase.allCases))
        case 2: .dateFormat(random.pick(["YYYY-MM-DD", "DD. MM", "(MM)", "le \"DD\", MM"]))
        case 3: .monthDay
        case 4: .phone(random.pick(Transform.PhoneFormat.allCases))
        case 5: .constant(random.pick(texts))
        case 6:
          .join(
            [.firstName, random.pick([.lastName, .custom("shoe, size"), .custom("größe")])],
            separator: random.pick(texts))
        default: .defaultWhenEmpty(random.pick(texts))
        }
      }
      let text = Transform.print(steps)
      let again = try Transform.list(text)
      if again != steps { throw Violation("\(text) read as \(again)") }
    }
  }

  @Test(arguments: [
    ("tirm", "trim"), ("case(tilte)", "title"), ("join(frist_name)", "first_name"),
  ])
  func `a misspelt transform is refused with what was meant`(text: String, meant: String) {
    let problem = #expect(throws: Problem.self) { try Transform.list(text) }
    #expect(problem?.remedy.contains("Did you mean '\(meant)'?") == true)
  }

  @Test(arguments: [
    "trim trim", "trim,", "case", "case(", "case()", "date(foo)", "join(first_name; \"x)", "(", ")",
    "constant(a) b", "join(;)",
  ])
  func `a transform that cannot be read is refused with its column`(text: String) {
    let problem = #expect(throws: Problem.self) { try Transform.list(text) }
    #expect(problem?.code == "mapping.unreadable-transform")
    #expect(problem?.fields["column"] != nil)
  }

  // MARK: Merge fields

  private func field(
    _ type: MergeField.Kind, choices: [String] = [], size: Int? = nil, phone: String? = nil
  ) -> MergeField {
    MergeField(
      tag: "X", name: "Field", type: type, choices: choices, size: size, phoneFormat: phone)
  }

  @Test func `text past its limit is cut at a whole character and said`() {
    let start = String(repeating: "x", count: 254)
    let fit = field(.text).fit(.text(start + "e\u{301}"))
    #expect(fit.value == .text(start))
    #expect(fit.remark == "X (Field) cut to 254 characters: its limit is 255.")
    #expect(field(.text).fit(.text(start + "e")) == .fits(.text(start + "e")))
  }

  @Test func `a field's size is how wide a form shows it and cuts nothing`() {
    let name = "Maximiliane Theodora von und zu Hohenstein"
    #expect(field(.text, size: 25).fit(.text(name)) == .fits(.text(name)))
  }

  @Test func `values that do not fit their type are left out and said`() {
    let bad: [(MergeField, PersonValue)] = [
      (field(.number), .text("many")), (field(.number), .text("0x10")),
      (field(.date), .text("31.01.2026")), (field(.date), .text("2026-02-30")),
      (field(.birthday), .text("31/12")), (field(.url), .text("example.org")),
      (field(.url), .text("https://")), (field(.zip), .text("1234")),
      (field(.dropdown, choices: ["A"]), .text("B")), (field(.phone, phone: "US"), .text("12345")),
      (field(.address), .text("Main Street 1")),
    ]
    for (field, value) in bad {
      #expect(field.fit(value).value == nil, "\(field.type) took \(value)")
      #expect(field.fit(value).remark?.contains("left out") == true)
    }
  }

  @Test func `values are written as Mailchimp wants them`() throws {
    let date = try #require(CivilDate("2026-01-02"))
    let day = try #require(MonthDay(month: 1, day: 2))
    #expect(field(.number).fit(.text("-3.5")).value == .number(-3.5))
    #expect(field(.date).fit(.date(date)).value == .text("2026-01-02"))
    #expect(field(.birthday).fit(.monthDay(day)).value == .text("01/02"))
    #expect(field(.text).fit(.number(3)).value == .text("3"))
    #expect(field(.phone).fit(.text("+44 20 7946")).value == .text("+44 20 7946"))
    #expect(field(.phone, phone: "US").fit(.text("1-555-123-4567")).value == .text("5551234567"))
    #expect(field(.dropdown, choices: ["Red"]).fit(.text("red")).value == .text("Red"))
    #expect(field(.zip).fit(.text("12345-6789")).value == .text("12345"))
    for type in MergeField.Kind.allCases {
      #expect(field(type).fit(.empty) == .fits(.empty))
    }
  }

  @Test func `only complete addresses are sent`() {
    var address = PostalAddress()
    address.line1 = "Main Street 1"
    address.city = "Springfield"
    address.zip = "12345"
    let incomplete = field(.address).fit(.address(address))
    #expect(incomplete.value == nil)
    #expect(incomplete.remark == "X (Field) left out: the address has no state.")
    address.state = "IL"
    #expect(field(.address).fit(.address(address)) == .fits(.address(address)))
  }

  @Test func `an address that comes back with a country filled in is the same`() {
    var ours = PostalAddress()
    ours.line1 = "Main Street 1"
    var theirs = ours
    theirs.country = "US"
    #expect(MergeValue.address(ours).agrees(with: .address(theirs)))
    theirs.city = "Springfield"
    #expect(!MergeValue.address(ours).agrees(with: .address(theirs)))
    var nobody = PostalAddress()
    nobody.country = "US"
    #expect(MergeValue.empty.agrees(with: .address(nobody)))
  }

  // MARK: The check

  private func codes(
    _ mapping: [FieldMapping], _ fields: [MergeField], _ custom: [CustomField] = []
  )
    -> [String]
  {
    MappingCheck.problems(in: mapping, mergeFields: fields, customFields: custom).map(\.code)
  }

  private let least = [FieldMapping(.firstName, "FNAME"), FieldMapping(.lastName, "LNAME")]

  @Test func `the least mapping is fine and less is refused with what is missing`() {
    #expect(codes(least, names()).isEmpty)
    let problems = MappingCheck.problems(
      in: [FieldMapping(.firstName, "FNAME")], mergeFields: names())
    #expect(problems.map(\.code) == ["mapping.minimum"])
    #expect(problems.first?.sentence.contains("LNAME") == true)
    #expect(codes([], names()) == ["mapping.minimum"])
    #expect(
      codes([FieldMapping(.firstName, "FNAME", direction: .fromMailchimp)], names())
        == ["mapping.minimum"])
  }

  @Test func `a workspace that only takes, or only sends, is judged by that`() {
    func codes(_ mapping: [FieldMapping], _ direction: SyncDirection) -> [String] {
      MappingCheck.problems(in: mapping, mergeFields: names(), direction: direction).map(\.code)
    }
    func rows(_ direction: SyncDirection, _ transforms: [Transform] = []) -> [FieldMapping] {
      [
        FieldMapping(.firstName, "FNAME", direction: direction, transforms: transforms),
        FieldMapping(.lastName, "LNAME", direction: direction),
      ]
    }
    // Rows for both ways do in either; rows for the other way move nothing.
    for direction in SyncDirection.allCases { #expect(codes(rows(.both), direction).isEmpty) }
    #expect(codes(rows(.fromMailchimp), .toMailchimp) == ["mapping.minimum"])
    #expect(codes(rows(.toMailchimp), .fromMailchimp) == ["mapping.minimum"])
    #expect(codes(rows(.fromMailchimp), .fromMailchimp).isEmpty)
    #expect(codes([], .fromMailchimp) == ["mapping.minimum"])
    // What is never taken back need not be turned back.
    let upper: [Transform] = [.letterCase(.upper)]
    #expect(codes(rows(.both, upper), .toMailchimp).isEmpty)
    #expect(codes(rows(.both, upper), .fromMailchimp) == ["mapping.not-reversible"])
    #expect(codes(rows(.both, upper), .both) == ["mapping.not-reversible"])
    // A required field matters only where something is sent.
    let required = names() + [MergeField(tag: "CITY", name: "City", isRequired: true)]
    let taking = MappingCheck.problems(
      in: rows(.both), mergeFields: required, direction: .fromMailchimp)
    #expect(taking.isEmpty)
    let remarks = MappingCheck.remarks(
      on: rows(.toMailchimp), mergeFields: names(), customFields: [], direction: .fromMailchimp)
    #expect(remarks.map(\.code) == ["mapping.idle", "mapping.idle"])
    #expect(remarks.first?.sentence.contains("only takes (sync.direction)") == true)
  }

  @Test func `the check agrees with the planner about what is sent and taken`() async throws {
    try await forAll(300) { random in
      let limit = random.pick(SyncDirection.allCases)
      let mapping = ["FNAME", "LNAME"].map { tag in
        FieldMapping(
          tag == "FNAME" ? .firstName : .lastName, tag,
          direction: random.pick(SyncDirection.allCases))
      }
      let planner = SyncPlanner(
        mapping: mapping, mergeFields: names(), policy: SyncPolicy(direction: limit))
      let isEnough = MappingCheck.problems(
        in: mapping, mergeFields: names(), direction: limit
      ).isEmpty
      let sends = planner.sentTags == ["FNAME", "LNAME"]
      let takes = mapping.allSatisfy { $0.within(limit)?.direction.takes ?? false }
      if isEnough != (sends || takes && (limit == .fromMailchimp || planner.sentTags.isEmpty)) {
        throw Violation("\(mapping) within \(limit): \(isEnough)")
      }
    }
  }

  @Test func `what starts a workspace fits the audience it finds`() {
    #expect(codes(FieldMapping.initial(for: names()), names()).isEmpty)
    let more = names() + [MergeField(tag: "BIRTHDAY", name: "Birthday", type: .birthday)]
    #expect(FieldMapping.initial(for: more).map(\.tag) == ["FNAME", "LNAME", "BIRTHDAY"])
  }

  @Test func `a date of birth goes onto a birthday only by month and day`() {
    let fields = names() + [MergeField(tag: "BIRTHDAY", name: "Birthday", type: .birthday)]
    let whole = FieldMapping(.dateOfBirth, "BIRTHDAY")
    let problems = MappingCheck.problems(in: least + [whole], mergeFields: fields)
    #expect(problems.map(\.code) == ["mapping.type-mismatch"])
    #expect(problems.first?.remedy.contains("month-day") == true)
    let taken = FieldMapping(.dateOfBirth, "BIRTHDAY", transforms: [.monthDay])
    #expect(codes(least + [taken], fields).isEmpty)
  }

  @Test func `types that do not meet are refused`() {
    let fields = names() + [MergeField(tag: "AGE", name: "Age", type: .number)]
    let custom = [CustomField(name: "age", type: .number), CustomField(name: "note", type: .text)]
    #expect(codes(least + [FieldMapping(.company, "AGE")], fields) == ["mapping.type-mismatch"])
    #expect(codes(least + [FieldMapping(.custom("age"), "AGE")], fields, custom).isEmpty)
    #expect(
      codes(least + [FieldMapping(.custom("note"), "AGE")], fields, custom)
        == ["mapping.type-mismatch"])
    #expect(
      codes(least + [FieldMapping(.custom("nope"), "AGE")], fields, custom)
        == ["mapping.unknown-field"])
    #expect(
      codes(least + [FieldMapping(.company, "AGE", transforms: [.constant("7")])], fields).isEmpty)
    #expect(
      codes(least + [FieldMapping(.company, "AGE", transforms: [.constant("x")])], fields)
        == ["mapping.type-mismatch"])
    #expect(
      codes(least + [FieldMapping(.company, "FNAME", transforms: [.monthDay])], fields)
        == ["mapping.duplicate-tag", "mapping.transform-type"])
  }

  @Test func `fields the audience lacks or requires are named`() {
    #expect(codes(least + [FieldMapping(.phone, "PHOEN")], names()) == ["mapping.unknown-tag"])
    let required = names() + [MergeField(tag: "CITY", name: "City", isRequired: true)]
    #expect(codes(least, required) == ["mapping.required-without-source"])
  }

  @Test func `what cannot be turned back is not taken back`() {
    let both = FieldMapping(
      .firstName, "FNAME", direction: .both, transforms: [.letterCase(.upper)])
    #expect(codes([both, least[1]], names()) == ["mapping.not-reversible"])
  }
}
