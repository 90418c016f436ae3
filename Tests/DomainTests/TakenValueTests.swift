// Values on their way back from Mailchimp: what was sent comes back as it was, and what a stranger
// wrote there is read carefully or left out.

import Basics
import Domain
import Support
import Testing

@Suite struct TakenValueTests {
  private let types: [String: FieldType] = [
    "n": .number, "yn": .yesNo, "d": .date, "b": .birthday, "c": .choice, "t": .text,
  ]
  private let choices = ["c": ["Red", "green", "Bleu ciel"]]

  private func taken(
    _ value: MergeValue, _ field: PersonField, _ steps: String = ""
  ) throws -> TakenFit {
    TakenValue.read(
      value, into: field, transforms: try Transform.list(steps), customTypes: types,
      choices: choices)
  }

  // MARK: Laws

  /// A person with something in every field that can be mapped, or nothing.
  private func somebody(_ random: inout SeededGenerator) throws -> Person {
    var somebody = person(1)
    func text(_ random: inout SeededGenerator) -> String {
      random.pick(["", "Ada", "O'Hara-Łovelace", "mary ann", "👩🏽‍🚀", "x (y) \"z\"", "0", "yes"])
    }
    func date(_ random: inout SeededGenerator) -> CivilDate? {
      random.chance(20)
        ? nil : CivilDate(daysSince1970: Int64.random(in: -700_000...2_000_000, using: &random))
    }
    somebody.firstName = text(&random)
    somebody.lastName = text(&random)
    somebody.phone = text(&random)
    somebody.company = text(&random)
    somebody.dateOfBirth = date(&random)
    somebody.birthday = date(&random).flatMap { MonthDay(month: $0.month, day: $0.day) }
    if random.chance(60) {
      var address = PostalAddress()
      address.line1 = "1 Rue \(text(&random))"
      address.city = "Paris"
      address.state = "IDF"
      address.zip = "75001"
      address.country = random.pick(["", "FR"])
      somebody.postalAddress = address.oneLine
    }
    somebody.customFields = [
      "n": random.pick(["", "0", "-3.5", "12", "1e+21"]), "yn": random.pick(["", "yes", "no"]),
      "d": date(&random)?.description ?? "",
      "b": date(&random).flatMap { MonthDay(month: $0.month, day: $0.day)?.description } ?? "",
      "c": random.pick(["", "Red", "green", "Bleu ciel"]), "t": text(&random),
    ].filter { !$0.value.isEmpty }
    return somebody
  }

  /// Rows that are allowed both ways, as `MappingCheck` sees it.
  private func row(_ random: inout SeededGenerator) -> (FieldMapping, MergeField) {
    let patterns = [
      "YYYY-MM-DD", "DD.MM.YYYY", "MM/DD/YYYY", "YYYYMMDD", "le DD, mois MM YYYY", "DDMMYYYY (DD)",
    ]
    let (field, kinds, steps): (PersonField, [MergeField.Kind], [Transform]) = random.pick([
      (.firstName, [.text], [.trim]), (.lastName, [.text], [.defaultWhenEmpty("friend"), .trim]),
      (.phone, [.phone, .text], []), (.company, [.text], [.trim, .defaultWhenEmpty("none")]),
      (.birthday, [.birthday, .text], random.chance(50) ? [.monthDay] : []),
      (.dateOfBirth, [.date, .text], []),
      (.dateOfBirth, [.text], [.dateFormat(random.pick(patterns))]),
      (.address, [.address], []), (.custom("n"), [.number, .text], []),
      (.custom("n"), [.number], [.defaultWhenEmpty("7")]),
      (.custom("yn"), [.text, .radio], []), (.custom("d"), [.date, .text], []),
      (.custom("d"), [.text], [.dateFormat(random.pick(patterns))]),
      (.custom("b"), [.birthday, .text], [.monthDay]),
      (.custom("c"), [.dropdown, .text], [.trim]), (.custom("t"), [.text], []),
      (.kind, [.text], []), (.active, [.text], []),
    ])
    let kind = random.pick(kinds)
    let choices =
      kind == .radio ? ["Yes", "No"] : kind == .dropdown ? ["RED", "Green", "bleu ciel"] : []
    return (
      FieldMapping(field, "X", direction: .both, transforms: steps),
      MergeField(tag: "X", name: "X", type: kind, choices: choices)
    )
  }

  @Test func `what was sent is taken back as the value it was sent from`() async throws {
    try await forAll(3000) { random in
      let somebody = try somebody(&random)
      let (row, field) = row(&random)
      let problems = MappingCheck.problems(
        in: [row], mergeFields: [field],
        customFields: types.map { CustomField(name: $0.key, type: $0.value) })
      if let problem = problems.first(where: { $0.code != "mapping.minimum" }) {
        throw Violation("\(row) is refused: \(problem)")
      }
      let ours = somebody.value(of: row.field, customTypes: types)
      func send(_ value: PersonValue) -> MergeValue? {
        field.fit(
          row.transforms.reduce(value) { $1.apply($0, of: somebody, customTypes: types) }
        ).value
      }
      guard let sent = send(ours) else { throw Violation("\(ours) does not fit \(field)") }
      let back = TakenValue.read(
        sent, into: row.field, transforms: row.transforms, customTypes: types, choices: choices)
      guard let value = back.value else {
        throw Violation("\(row) sent \(sent), and it was left out: \(back.remark ?? "")")
      }
      // An empty field may have been sent as its default: then that comes back, and is sent again.
      if ours.isEmpty, !sent.isEmpty {
        if send(value) != sent { throw Violation("\(row): \(value) is not sent as \(sent) again") }
      } else if value != ours || back.remark != nil {
        throw Violation("\(row): \(ours) was sent as \(sent) and came back as \(back)")
      }
    }
  }

  @Test func `nothing that is taken holds a control character`() async throws {
    let texts = [
      "\u{1b}[2J", "a\tb", "12/10\r\n", "1985-12-10\u{0}", "\u{202e}yes", "Red\u{7f}", "10.12.1985",
      "\u{9b}31m", "7\u{200e}", String(repeating: "e\u{301}\u{1b}", count: 300), "\u{feff}",
    ]
    let fields: [PersonField] = PersonField.builtIn + types.keys.sorted().map { .custom($0) }
    try await forAll(2000) { random in
      let text = random.pick(texts) + (random.chance(30) ? random.pick(texts) : "")
      var address = PostalAddress()
      for part in PostalAddress.parts { address[keyPath: part.path] = random.pick(texts) }
      let value: MergeValue = random.chance(20) ? .address(address) : .text(text)
      let field = random.pick(fields)
      let steps: [Transform] = random.pick([
        [], [.trim], [.dateFormat("DD.MM.YYYY")], [.monthDay], [.defaultWhenEmpty("x")],
      ])
      let fit = TakenValue.read(
        value, into: field, transforms: steps, customTypes: types, choices: choices)
      var shown = [fit.remark ?? ""]
      if case .address(let address) = fit.value {
        shown += PostalAddress.parts.map { address[keyPath: $0.path] }
      } else if let value = fit.value {
        shown.append(value.text)
      }
      for text in shown where text.unicodeScalars.contains(where: Text.isControl) {
        throw Violation("\(field) took \(text.debugDescription) from \(value)")
      }
    }
  }

  // MARK: Cases

  @Test func `a choice we do not know is left out and said`() throws {
    let fit = try taken(.text("purple"), .custom("c"))
    #expect(fit.value == nil)
    #expect(
      fit.remark
        == "custom.c left as it is: 'purple' is none of its choices (Red, green, Bleu ciel).")
    #expect(try taken(.text("RED"), .custom("c")) == TakenFit(value: .text("Red")))
    #expect(try taken(.text("company"), .kind).value == nil)
  }

  @Test(arguments: [
    (PersonField.custom("n"), "many", "custom.n left as it is: 'many' is no number."),
    (.custom("yn"), "perhaps", "custom.yn left as it is: 'perhaps' is no yes or no."),
    (
      .dateOfBirth, "2026-02-30",
      "date_of_birth left as it is: '2026-02-30' is no date like 2026-01-31."
    ),
    (.birthday, "31/12", "birthday left as it is: '31/12' is no month and day like 01/31."),
    (.address, "1 Rue", "address left as it is: '1 Rue' is no postal address."),
    (.custom("gone"), "x", "custom.gone left as it is: people have no such field."),
    (.account, "", "account left as it is: it cannot be empty."),
  ])
  func `what does not fit the field is left out and said`(
    field: PersonField, text: String, remark: String
  ) throws {
    #expect(try taken(.text(text), field) == TakenFit(value: nil, remark: remark))
  }

  @Test func `an empty value empties the field, and an opt-in becomes unknown`() throws {
    #expect(try taken(.empty, .firstName) == TakenFit(value: .empty))
    #expect(try taken(.empty, .dateOfBirth, "date(DD.MM.YYYY)") == TakenFit(value: .empty))
    #expect(try taken(.text(" \u{1b} "), .custom("n")) == TakenFit(value: .empty))
    var nowhere = PostalAddress()
    nowhere.country = "US"
    #expect(try taken(.address(nowhere), .address) == TakenFit(value: .empty))
    #expect(try taken(.empty, .optIn) == TakenFit(value: .text("unknown")))
  }

  @Test func `a value too long is cut at a whole character and said`() throws {
    let start = String(repeating: "x", count: 254)
    let fit = try taken(.text(start + "e\u{301}"), .firstName)
    #expect(fit.value == .text(start))
    #expect(fit.remark == "first_name cut to 254 characters: its limit is 255.")
  }

  @Test func `a printed date is read by its pattern and by nothing else`() throws {
    let date = try #require(CivilDate("1985-12-10"))
    #expect(try taken(.text("10.12.1985"), .dateOfBirth, "date(DD.MM.YYYY)").value == .date(date))
    for wrong in [
      "12.10.1985 ", "10.13.1985", "10.12.85", "+1.12.1985", "10.12.1985x", "10-12-1985",
    ] {
      let fit = try taken(.text(wrong), .dateOfBirth, "date(DD.MM.YYYY)")
      #expect(fit.value != .date(date), "\(wrong)")
    }
    // A part that is there twice must say the same twice.
    #expect(try taken(.text("10 10.12.1985"), .dateOfBirth, "date(DD DD.MM.YYYY)").value != nil)
    #expect(try taken(.text("11 10.12.1985"), .dateOfBirth, "date(DD DD.MM.YYYY)").value == nil)
  }

  @Test func `only steps that lose nothing can be turned back`() throws {
    let steps: [(String, FieldType, Bool)] = [
      ("trim", .text, true), ("default(x)", .text, true), ("date(YYYY-MM-DD)", .date, true),
      ("date(DD.MM.)", .date, false), ("month-day", .birthday, true), ("month-day", .date, false),
      ("case(upper)", .text, false), ("phone(digits)", .text, false), ("constant(x)", .text, false),
      ("join(first_name)", .text, false),
    ]
    for (text, type, can) in steps {
      let step = try #require(try Transform.list(text).first)
      #expect(step.isReversible(from: type) == can, "\(text)")
    }
  }
}
