import Basics
import Domain
import SQLite
import Support
import Testing

@testable import Storage

/// The SQL of a search finds exactly whom the language's own reading of it finds.
@Suite struct SearchCompilerTests {
  static let fields = [
    CustomField(name: "Note", type: .text), CustomField(name: "Size", type: .number),
    CustomField(name: "Since", type: .date), CustomField(name: "Day", type: .birthday),
    CustomField(name: "Vip", type: .yesNo),
  ]

  static let words = [
    "ada", "Ada", "ÉCOLE", "école", "straße", "STRASSE", "o'b", "%", "_a", "\"q\"", "中文", "لام",
    "lov", "LOVELACE", "a", "example.org", "+33", "👩🏽‍🚀", "don", "",
  ]

  static func somebody(_ random: inout SeededGenerator) -> Person {
    var person = Person(
      id: PersonID(0),
      account: ["Donors", "École amie", Account.defaultName].randomElement(
        using: &random)!,  // Not nil: a literal of three.
      noticedAt: Instant(milliseconds: 0))
    func word() -> String {
      Bool.random(using: &random) ? "" : words.randomElement(using: &random) ?? ""
    }
    person.kind = Bool.random(using: &random) ? .individual : .organisation
    person.firstName = word() + word()
    person.lastName = word()
    person.company = word()
    person.phone = word()
    let externalID = word()
    if !externalID.isEmpty { person.externalID = externalID + " \(random.next())" }
    person.optIn = OptIn.allCases.randomElement(using: &random) ?? .unknown
    person.isActive = Bool.random(using: &random)
    if Bool.random(using: &random) { person.deletedAt = Instant(milliseconds: 1) }
    person.birthday =
      [nil, MonthDay("01/15"), MonthDay("02/29")].randomElement(using: &random) ?? nil
    person.dateOfBirth = [nil, CivilDate("1990-01-15")].randomElement(using: &random) ?? nil
    person.emails = (0..<Int.random(in: 0...2, using: &random)).map {
      "\(words.randomElement(using: &random) ?? "")\($0)@example.org"
    }
    let day: Int64 = 86_400_000
    person.sourceUpdatedAt =
      Bool.random(using: &random)
      ? nil : FixedTime().instant - .milliseconds(day / 3 * Int64.random(in: 0...9, using: &random))
    if Bool.random(using: &random) { person.customFields["Note"] = word() }
    if Bool.random(using: &random) {
      person.customFields["Size"] = ["1", "-2.5", "38", ".5"].randomElement(using: &random)
      person.customFields["Since"] = ["2027-01-14", "2027-01-15", "1999-12-31"].randomElement(
        using: &random)
      person.customFields["Day"] = ["01/15", "02/29"].randomElement(using: &random)
      person.customFields["Vip"] = ["yes", "no"].randomElement(using: &random)
    }
    person.customFields = person.customFields.filter { !$0.value.isEmpty }
    return person
  }

  static func query(_ random: inout SeededGenerator) -> SearchQuery {
    func word() -> String { words.randomElement(using: &random) ?? "" }
    func date() -> SearchDate {
      [
        .today, .thisMonth,
        .day(CivilDate(daysSince1970: 20_830 + Int64.random(in: 0...6, using: &random))),
      ]
      .randomElement(using: &random) ?? .today
    }
    func comparison() -> SearchComparison {
      SearchComparison.allCases.randomElement(using: &random) ?? .equal
    }
    let custom = fields.map { SearchField.custom($0.name, $0.type) }
    func match(_ field: SearchField) -> SearchMatch {
      if field.canBeMissing, Int.random(in: 0..<5, using: &random) == 0 { return .missing }
      switch field.kind {
      case .text: return Bool.random(using: &random) ? .contains(word()) : .equals(word())
      case .choice(let choices): return .equals(choices.randomElement(using: &random) ?? "")
      case .number:
        return .number(comparison(), [1, -2.5, 38, 0.5, 7].randomElement(using: &random) ?? 0)
      case .date: return .date(comparison(), date())
      case .birthday:
        return .birthday(
          [.today, .thisMonth, .day(MonthDay("02/29")!)].randomElement(using: &random)
            ?? .today)  // 02/29 is a day of the year.
      }
    }
    let terms = (0..<Int.random(in: 1...2, using: &random)).map { _ in
      let condition: SearchCondition
      if Int.random(in: 0..<4, using: &random) == 0 {
        condition = .text(word())
      } else {
        let field = (SearchField.builtIn + custom).randomElement(using: &random) ?? .last
        let count = Int.random(in: 1...2, using: &random)
        condition = .field(field, (0..<count).map { _ in match(field) })
      }
      return SearchTerm(condition, isNegated: Bool.random(using: &random))
    }
    return SearchQuery(terms)
  }

  @Test func `whom the SQL finds is whom the language means`() async throws {
    let test = try TestWorkspace()
    try await forAll(3) { random in
      var generator = random
      let made = (0..<60).map { _ in SearchCompilerTests.somebody(&generator) }
      try test.write { (tx) throws(Problem) in
        try tx.database.script(
          "DELETE FROM person; DELETE FROM custom_field; DELETE FROM standing_count")
        for field in SearchCompilerTests.fields { try tx.directory.define(field) }
        for (place, person) in made.enumerated() {
          let id = try tx.directory.add(person)
          if place % 3 > 0 {
            try tx.standings.save([
              (
                id,
                place % 3 == 1
                  ? Standing(.inStep, key: nil) : Standing(.excluded, reason: "no-email", key: nil)
              )
            ])
          }
        }
      }
      let people = try test.read { (reading) throws(Problem) in
        try reading.directory.people(after: nil, limit: 1000).map { (person) throws(Problem) in
          (person, try reading.standings.standing(of: person.id)?.standing)
        }
      }
      #expect(people.count == 60)
      let day = SearchDay(now: FixedTime().instant, zone: "Pacific/Auckland")
      var hits = 0
      for _ in 0..<150 {
        let query = SearchCompilerTests.query(&generator)
        let compiled = SearchCompiler(day: day).compile(query)
        let found = try test.read { (reading) throws(Problem) in
          try reading.database.rows(
            """
            SELECT p.id FROM \(PersonRecord.tables) WHERE \(compiled.condition) ORDER BY p.id
            """, bindings: compiled.bindings
          ) { PersonID($0.int64(0)) }
        }
        let meant = people.filter { query.matches($0.0, standing: $0.1, on: day) }.map(\.0.id)
        if (1..<60).contains(found.count) { hits += 1 }
        if found != meant { throw Violation("\(query): \(found) instead of \(meant)") }
      }
      // Else the law was looked at where it says nothing.
      if hits < 50 { throw Violation("only \(hits) searches found some and not all") }
    }
  }

  @Test func `a text of three letters is looked up, not compared with everybody`() throws {
    let test = try TestWorkspace()
    let plan = try test.read { (reading) throws(Problem) in
      let search = try reading.search("lovelace email:example")
      return try reading.database.rows(
        "EXPLAIN QUERY PLAN SELECT p.id FROM \(PersonRecord.tables) WHERE \(search.condition)",
        bindings: search.bindings
      ) { $0.text(3) }
    }
    #expect(!plan.contains { $0.hasPrefix("SCAN p") }, "\(plan)")
  }

  @Test func `saved searches start with the quick lists and guard the scope`() throws {
    let test = try TestWorkspace()
    let names = try test.read { (reading) throws(Problem) in try reading.searches.all().map(\.name)
    }
    #expect(
      names == [
        "All active", "Birthday this month", "Default account", "New this month", "Opted in",
      ])
    try test.write { (tx) throws(Problem) in
      try tx.searches.save(SavedSearch("Choir", SearchQuery("account:choir")))
      try tx.settings.set("recipients.scope", to: "search:Choir")
    }
    let refusal = #expect(throws: Problem.self) {
      try test.write { (tx) throws(Problem) in try tx.searches.remove(named: "choir") }
    }
    #expect(refusal?.code == "searches.is-scope")
  }

  @Test func `a saved search as scope decides who is in it`() throws {
    let test = try TestWorkspace()
    let ada = try test.add("Ada", "ada@example.org")
    try test.add("Grace", "grace@example.org")
    let inScope = try test.write { (tx) throws(Problem) in
      try tx.searches.save(SavedSearch("A", SearchQuery("first:ada")))
      return try tx.candidates.candidates(
        at: [AddressKey("ada@example.org"), AddressKey("grace@example.org")],
        policy: RecipientPolicy(scope: .search("A"))
      ).values.joined().filter(\.isInScope).map(\.person.id)
    }
    #expect(inScope == [ada])
  }
}
