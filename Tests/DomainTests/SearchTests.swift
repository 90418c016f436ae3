// The search language: read, printed, refused, and what it means.

import Basics
import Domain
import Support
import Testing

private let custom = [
  CustomField(name: "Shoe size", type: .number), CustomField(name: "note", type: .text),
  CustomField(name: "since", type: .date), CustomField(name: "vip", type: .yesNo),
]

@Suite struct SearchTests {
  private func term(_ field: SearchField, _ matches: SearchMatch..., not: Bool = false)
    -> SearchTerm
  {
    SearchTerm(.field(field, matches), isNegated: not)
  }

  // MARK: Reading and printing

  @Test func `the example of the manual is read`() throws {
    let query = try SearchQuery(
      "last:smith account:Guest opt-in:yes updated:>2026-01-01 \"free text\" -tag:vip")
    let day = try #require(CivilDate("2026-01-01"))
    #expect(
      query.terms == [
        term(.last, .contains("smith")), term(.account, .contains("Guest")),
        term(.optIn, .equals("yes")), term(.updated, .date(.greater, .day(day))),
        SearchTerm(.text("free text")), term(.tag, .contains("vip"), not: true),
      ])
  }

  @Test func `alternatives, exact values, no value and custom fields are read`() throws {
    let query = try SearchQuery(
      "account:Guest,=Donors,none custom.\"Shoe size\":>42 birthday:this-month id:5 state:in-step",
      customFields: custom)
    #expect(
      query.terms == [
        term(.account, .contains("Guest"), .equals("Donors"), .missing),
        term(.custom("Shoe size", .number), .number(.greater, 42)),
        term(.birthday, .birthday(.thisMonth)), term(.id, .number(.equal, 5)),
        term(.state, .equals("in-step")),
      ])
    #expect(query.dependsOnToday)
    #expect(try SearchQuery("   ").isEmpty)
  }

  @Test func `a custom field may be written with a colon and is printed with a dot`() throws {
    let query = try SearchQuery(
      "-custom:\"Shoe size\":>42 custom:note:none,a", customFields: custom)
    #expect(query.description == "-custom.\"Shoe size\":>42 custom.note:none,a")
    #expect(
      try SearchQuery("custom.\"Shoe size\":>42", customFields: custom).description
        == "custom.\"Shoe size\":>42")
  }

  @Test func `none in quotes is the word`() throws {
    #expect(try SearchQuery("last:\"none\"").terms == [term(.last, .contains("none"))])
    #expect(try SearchQuery("last:none").terms == [term(.last, .missing)])
    #expect(try SearchQuery("none").terms == [SearchTerm(.text("none"))])
  }

  @Test func `a query printed and read back is the same`() async throws {
    try await forAll(1500) { random in
      let query = SearchQuery(
        (0..<Int.random(in: 0...4, using: &random)).map { _ in randomTerm(&random) })
      let again: SearchQuery
      do {
        again = try SearchQuery(query.description, customFields: custom)
      } catch {
        throw Violation("\(query.description): \(error)")
      }
      if again != query { throw Violation("\(query.description) is read as \(again)") }
    }
  }

  @Test func `no text stops the reader, and a refusal names a column inside it`() async throws {
    let pieces = [
      "last", ":", "-", "\"", "\\", ",", "=", "<", ">", " ", "none", "é", "updated", "2026-01-01",
      "custom.", "x", "id", "e\u{301}", "\u{0}", "👩‍👩‍👧",
    ]
    try await forAll(2000) { random in
      let text = (0..<Int.random(in: 0...8, using: &random)).map { _ in random.pick(pieces) }
        .joined()
      do {
        let query = try SearchQuery(text, customFields: custom)
        if try SearchQuery(query.description, customFields: custom) != query {
          throw Violation("\(text) is printed as \(query)")
        }
      } catch let problem as Problem {
        let column = problem.fields["column"].flatMap { Int($0) } ?? 0
        if !(1...(text.unicodeScalars.count + 1)).contains(column) {
          throw Violation("\(text): \(problem)")
        }
      }
    }
  }

  @Test(arguments: [
    ("lsat:smith", "Did you mean 'last'?", 1), ("a opt-in:yse", "Did you mean 'yes'?", 10),
    ("last:", "Expected: text", 6), ("updated:>yesterday", "a date like", 9),
    ("id:x", "a number", 4), ("last:\"x", "End it with", 6), ("last:>a", "in quotes", 6),
    ("kind:none", "individual, organisation", 6), ("custom.sohe:1", "note", 1),
    ("custom.\"Shoe sise\":1", "Did you mean 'Shoe size'?", 1), ("- x", "Give a word", 2),
    ("a,b", "in quotes", 2), ("custom:note", "custom.note:value", 1),
    ("custom:sohe:1", "note", 1), ("last:a:b", "in quotes", 7),
    ("birthday:>01/01", "month and day", 10),
  ])
  func `what cannot be read is refused with its column and what was expected`(
    text: String, remedy: String, column: Int
  ) {
    let problem = #expect(throws: Problem.self) { try SearchQuery(text, customFields: custom) }
    #expect(problem?.remedy.contains(remedy) == true, "\(problem?.description ?? "")")
    #expect(problem?.fields["column"] == String(column))
  }

  // MARK: Meaning

  private let monday = SearchDay(now: at(1_780_000_000))  // 2026-05-28

  private func found(_ text: String, _ person: Person, _ standing: Standing? = nil) throws -> Bool {
    try SearchQuery(text, customFields: custom)
      .matches(person, standing: standing, tags: ["VIP"], on: monday)
  }

  private var zoe: Person {
    person(7, "Zoe@Example.org", optIn: .yes, changed: 1_780_000_000) {
      $0.firstName = "Zoë"
      $0.lastName = "Ångström"
      $0.emails.append("second@home.example")
      $0.account = "Guest account"
      $0.dateOfBirth = CivilDate("1990-05-03")
      $0.customFields = ["Shoe size": "42", "since": "2020-01-01", "vip": "1"]
      $0.createdAt = at(1_777_600_000)
    }
  }

  @Test(arguments: [
    "ångström", "ÅNGSTRÖM", "zoe@example", "zoë ångström", "\"Zoë Ång\"", "home.example",
    "last:ström", "last:=ångström", "-last:=ström", "name:\"zoë å\"", "email:=second@home.example",
    "opt-in:yes", "active:yes", "deleted:no", "-deleted:yes", "company:none", "-last:none",
    "external:none", "account:Donors,guest", "id:7", "id:>6", "id:<8", "-id:>7",
    "updated:today", "updated:2026-05-28", "updated:>2026-05-27", "-updated:>2026-05-28",
    "updated:<2026-05-29", "-updated:<2026-05-28", "updated:this-month", "created:this-month",
    "birthday:this-month", "birthday:05/03", "-birthday:today", "custom.\"Shoe size\":>41",
    "custom.since:<2020-01-02", "custom.since:2020-01-01", "custom.note:none", "custom.vip:yes",
    "tag:vip", "state:waiting", "kind:individual",
  ])
  func `a search finds whom it describes`(text: String) throws {
    #expect(try found(text, zoe))
  }

  @Test(arguments: [
    "angstrom", "last:zoë", "last:=ström", "opt-in:no,unknown", "deleted:yes", "company:a",
    "birthday:06/03", "birthday:none", "custom.\"Shoe size\":none", "custom.note:a",
    "created:>2026-05-28", "-tag:vip", "email:none", "reason:a", "zoë company:x",
  ])
  func `a search leaves out whom it does not describe`(text: String) throws {
    #expect(try !found(text, zoe))
  }

  @Test func `state and reason are those of the standing`() throws {
    let excluded = Standing(.excluded, reason: "no-email", key: nil)
    #expect(try found("state:excluded reason:no-email", zoe, excluded))
    #expect(try found("state:in-step reason:none", zoe, Standing(.inStep, key: nil)))
  }

  @Test func `days begin in the workspace's zone, across a change of the clock`() throws {
    // An hour ahead of UTC until 2026-03-29 01:00 UTC, two hours after.
    let change = try #require(Instant(iso8601: "2026-03-29T01:00:00Z"))
    let day = SearchDay(now: change) { $0 < change ? 3600 : 7200 }
    let sunday = try #require(CivilDate("2026-03-29"))
    let monday = try #require(CivilDate("2026-03-30"))
    #expect(day.start(of: sunday).description == "2026-03-28T23:00:00Z")
    #expect(day.start(of: monday).description == "2026-03-29T22:00:00Z")
    #expect(day.civil(day.start(of: monday)) == monday)
    #expect(day.span(of: .thisMonth).upperBound.description == "2026-03-31T22:00:00Z")
  }

  @Test func `quick lists can be printed and read`() throws {
    for list in SavedSearch.quickLists + [.account("Guest account, old")] {
      #expect(try SearchQuery(list.query.description) == list.query)
    }
  }

  private func randomTerm(_ random: inout SeededGenerator) -> SearchTerm {
    let texts = [
      "a", "a b", "none", "NONE", "-x", "=x", ">1", "<", "a:b", "a,b", "\"", "\\", "a\"b\\", "é",
      "e\u{301}", "\u{301}x", "日本", "=", "-", "custom.x", " ", "\t",
    ]
    let day = CivilDate(daysSince1970: Int64.random(in: 0..<30000, using: &random))
    if random.chance(25) {
      return SearchTerm(.text(random.pick(texts)), isNegated: random.chance(30))
    }
    let field = random.pick(
      SearchField.builtIn + custom.map { SearchField.custom($0.name, $0.type) })
    let matches = (0..<Int.random(in: 1...3, using: &random)).map { _ -> SearchMatch in
      if field.canBeMissing, random.chance(15) { return .missing }
      switch field.kind {
      case .text:
        return random.chance(50) ? .contains(random.pick(texts)) : .equals(random.pick(texts))
      case .choice(let words): return .equals(random.pick(words))
      case .number:
        return .number(
          random.pick(SearchComparison.allCases), random.pick([0, -1, 42, 2.5, 1e21, 1e-9]))
      case .date:
        return .date(
          random.pick(SearchComparison.allCases), random.pick([.today, .thisMonth, .day(day)]))
      case .birthday:
        let birthday = MonthDay(month: day.month, day: day.day)
        return .birthday(random.pick([.today, .thisMonth] + (birthday.map { [.day($0)] } ?? [])))
      }
    }
    return SearchTerm(.field(field, matches), isNegated: random.chance(30))
  }
}
