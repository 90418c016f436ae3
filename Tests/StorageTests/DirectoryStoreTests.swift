import Basics
import Domain
import SQLite
import Support
import Testing

@testable import Storage

/// A workspace of its own for each test.
struct TestWorkspace {
  let folder: TemporaryDirectory
  let workspace: Workspace

  init() throws {
    folder = try TemporaryDirectory()
    workspace = try Workspace.create(at: folder.file("a.listkeeper"), time: FixedTime())
  }

  @discardableResult
  func write<Value: Sendable>(
    _ body: @escaping @Sendable (WorkspaceTransaction) throws(Problem) -> Value
  ) throws(Problem) -> Value {
    try workspace.writeBlocking(as: "ada", evidence: "form 1", body)
  }

  func read<Value: Sendable>(
    _ body: @escaping @Sendable (WorkspaceReading) throws(Problem) -> Value
  ) throws(Problem) -> Value {
    try workspace.readBlocking(body)
  }

  /// Adds somebody with a first name and addresses.
  @discardableResult
  func add(_ name: String, _ emails: String..., manager: PersonID? = nil) throws -> PersonID {
    try write { (tx) throws(Problem) in
      var person = Person(id: PersonID(0), noticedAt: tx.now)
      person.firstName = name
      person.emails = emails
      person.managerID = manager
      return try tx.directory.add(person)
    }
  }

  func person(_ id: PersonID) throws -> Person {
    try #require(try read { (reading) throws(Problem) in try reading.directory.person(id) })
  }

  func queued() throws -> [String] {
    try read { (reading) throws(Problem) in
      try reading.database.rows(
        "SELECT subject FROM message WHERE state = 'ready' ORDER BY subject"
      ) { $0.text(0) }
    }
  }
}

@Suite struct DirectoryStoreTests {
  let test: TestWorkspace

  init() throws { test = try TestWorkspace() }

  @Test func `a person comes out as they went in`() throws {
    let id = try test.write { (tx) throws(Problem) in
      try tx.directory.define(CustomField(name: "Shoe size", type: .number))
      var person = Person(id: PersonID(0), account: "Donors", noticedAt: tx.now)
      person.externalID = "X 1"
      person.kind = .organisation
      person.firstName = "Ada"
      person.lastName = "Łovelace 👩🏽‍🚀"
      person.phone = "+33 1"
      person.company = "Analytical \"Engines\""
      var address = PostalAddress()
      address.line1 = "1 Rue"
      address.country = "FR"
      person.postalAddress = address
      person.birthday = MonthDay("12/10")
      person.dateOfBirth = CivilDate("1985-12-10")
      person.optIn = .yes
      person.optInAt = Instant(milliseconds: 5)
      person.isActive = false
      person.emails = ["ada@example.org", "b@example.org"]
      person.customFields = ["Shoe size": "38.5"]
      person.sourceUpdatedAt = Instant(milliseconds: 7)
      return try tx.directory.add(person)
    }
    let stored = try test.person(id)
    #expect(stored.externalID == "X 1")
    #expect(stored.account == "Donors")
    #expect(stored.lastName == "Łovelace 👩🏽‍🚀")
    #expect(stored.postalAddress?.line1 == "1 Rue")
    #expect(stored.birthday == MonthDay("12/10"))
    #expect(stored.dateOfBirth == CivilDate("1985-12-10"))
    #expect(stored.optInAt == Instant(milliseconds: 5))
    #expect(stored.optInHow == "form 1")
    #expect(!stored.isActive)
    #expect(stored.emails == ["ada@example.org", "b@example.org"])
    #expect(stored.customFields == ["Shoe size": "38.5"])
    #expect(stored.changedAt == Instant(milliseconds: 7))
    #expect(stored.createdAt == FixedTime().instant)
    #expect(stored.noticedAt == FixedTime().instant)
  }

  @Test func `saving what is already so writes nothing`() throws {
    let id = try test.add("Ada", "ada@example.org")
    let person = try test.person(id)
    try test.write { (tx) throws(Problem) in try tx.database.execute("DELETE FROM message") }
    let changed = try test.write { (tx) throws(Problem) in
      try tx.directory.update(id) {
        $0.firstName = " Ada\u{7}"
        $0.emails = ["ada@example.org ", "", "ADA@example.org"]
      }
    }
    #expect(!changed)
    #expect(try test.person(id) == person)
    #expect(try test.queued().isEmpty)
  }

  @Test func `only what differs is audited, addresses one by one`() throws {
    let id = try test.add("Ada", "a@example.org", "b@example.org", "c@example.org")
    try test.write { (tx) throws(Problem) in
      try tx.directory.update(id) {
        $0.lastName = "King"
        $0.emails = ["a@example.org", "x@example.org"]
      }
    }
    let audit = try test.read { (reading) throws(Problem) in
      try reading.database.rows(
        "SELECT field, coalesce(old, '-'), coalesce(new, '-') FROM audit ORDER BY id"
      ) { [$0.text(0), $0.text(1), $0.text(2)] }
    }
    #expect(
      audit.suffix(3) == [
        ["last_name", "", "King"], ["email2", "b@example.org", "x@example.org"],
        ["email3", "c@example.org", "-"],
      ])
  }

  @Test func `an opt-in that changes has the time and the evidence of its change`() throws {
    let id = try test.add("Ada", "a@example.org")
    try test.write { (tx) throws(Problem) in try tx.directory.update(id) { $0.optIn = .no } }
    let person = try test.person(id)
    #expect(person.optInAt == FixedTime().instant)
    #expect(person.optInHow == "form 1")
    let ledger = try test.read { (reading) throws(Problem) in
      try reading.database.rows("SELECT address_key, old, new, evidence FROM consent_entry") {
        [$0.text(0), $0.text(1), $0.text(2), $0.text(3)]
      }
    }
    #expect(ledger == [["a@example.org", "opt-in unknown", "opt-in no", "form 1"]])
  }

  @Test func `deleting is two steps and the first can be taken back`() throws {
    let id = try test.add("Ada", "a@example.org")
    let refusal = #expect(throws: Problem.self) {
      try test.write { (tx) throws(Problem) in try tx.directory.remove(id) }
    }
    #expect(refusal?.code == "people.not-deleted")
    try test.write { (tx) throws(Problem) in
      try tx.directory.markDeleted(id)
      try tx.directory.undelete(id)
      try tx.directory.markDeleted(id)
      try tx.directory.remove(id)
    }
    #expect(try test.read { (reading) throws(Problem) in try reading.directory.count() } == 0)
    #expect(try test.queued().contains("address:a@example.org"))
  }

  @Test func `what the directory cannot hold is refused by name`() throws {
    let ada = try test.add("Ada")
    let grace = try test.add("Grace")
    func code(_ change: @escaping @Sendable (inout Person) -> Void) -> String? {
      do throws(Problem) {
        try test.write { (tx) throws(Problem) in
          try tx.directory.update(ada) { (person) throws(Problem) in change(&person) }
        }
        return nil
      } catch {
        return error.code
      }
    }
    #expect(code { $0.managerID = ada } == "people.own-manager")
    #expect(code { $0.managerID = PersonID(99) } == "people.unknown-manager")
    #expect(code { $0.customFields = ["No such": "1"] } == "fields.unknown")
    #expect(code { $0.externalID = "X" } == nil)
    #expect(code { $0.managerID = grace } == nil)
    let taken = #expect(throws: Problem.self) {
      try test.write { (tx) throws(Problem) in
        try tx.directory.update(grace) { $0.externalID = "X" }
      }
    }
    #expect(taken?.code == "people.external-id-taken")
  }

  @Test func `values of custom fields are kept in one spelling or refused`() throws {
    let day = try CustomField(name: "Day", type: .birthday).stored("3-7")
    #expect(day == "03/07")
    #expect(try CustomField(name: "Vip", type: .yesNo).stored("TRUE") == "yes")
    #expect(
      try CustomField(name: "Size", type: .choice, choices: ["S", "M"]).stored("m") == "M")
    for (type, value) in [
      (FieldType.number, "1-2"), (.number, "0x10"), (.date, "2026-02-30"), (.yesNo, "maybe"),
    ] {
      #expect(throws: Problem.self) { try CustomField(name: "F", type: type).stored(value) }
    }
  }

  @Test func `a form's draft adds, changes, and names a manager by external id`() throws {
    let (boss, child) = try test.write { (tx) throws(Problem) in
      let boss = try tx.directory.apply(
        PersonDraft(id: nil, values: [.firstName: "Boss", .externalID: "B1"], emails: ["b@x.org"]))
      let child = try tx.directory.apply(
        PersonDraft(id: nil, values: [.firstName: "Kid", .manager: "B1"]))
      return (boss, child)
    }
    #expect(try test.person(child).managerID == boss)
    #expect(try test.person(child).account == Account.defaultName)
    try test.write { (tx) throws(Problem) in
      try tx.directory.apply(PersonDraft(id: child, values: [.manager: "", .email: "k@x.org"]))
    }
    #expect(try test.person(child).managerID == nil)
    #expect(try test.person(child).emails == ["k@x.org"])
  }

  @Test func `people without an account go where the setting says`() throws {
    let id = try test.write { (tx) throws(Problem) in
      try tx.settings.set("directory.default-account", to: "Guests")
      return try tx.directory.add(Person(id: PersonID(0), account: "", noticedAt: tx.now))
    }
    #expect(try test.person(id).account == "Guests")
  }

  // MARK: Groups

  @Test func `one address is one group: its owners and their children`() throws {
    let ada = try test.add("Ada", "Shared@example.org")
    let bob = try test.add("Bob", "shared@example.org", "other@example.org")
    let kid = try test.add("Kid", "kid@example.org", manager: ada)
    let elsewhere = try test.add("Elsewhere", "other@example.org")
    let baby = try test.add("Baby", manager: elsewhere)
    let groups = try test.read { (reading) throws(Problem) in
      try reading.candidates.candidates(
        at: [
          AddressKey("shared@example.org"), AddressKey("kid@example.org"),
          AddressKey("other@example.org"), AddressKey("nobody@example.org"),
        ], policy: RecipientPolicy())
    }
    func ids(_ key: String) -> Set<PersonID> {
      Set((groups[AddressKey(key)] ?? []).map(\.person.id))
    }
    #expect(ids("shared@example.org") == [ada, bob, kid])
    #expect(ids("kid@example.org") == [kid])
    #expect(ids("other@example.org") == [elsewhere, baby])
    #expect(groups.count == 3)
    #expect(groups.values.joined().allSatisfy { $0.manager?.id == $0.person.managerID })
  }

  @Test func `a change concerns the old and the new address and those that were sent`() throws {
    let boss = try test.add("Boss", "boss@example.org")
    let kid = try test.add("Kid", "kid@example.org", manager: boss)
    try test.write { (tx) throws(Problem) in
      try tx.standings.save([
        (kid, Standing(.inStep, key: AddressKey("before@example.org")))
      ])
      try tx.database.execute(
        """
        INSERT INTO link (audience_id, address_key, email, owner_id)
        VALUES ('a', 'sent@example.org', 'sent@example.org', ?)
        """, kid)
    }
    let keys = try test.read { (reading) throws(Problem) in try reading.candidates.keys(of: kid) }
    #expect(
      Set(keys.map(\.description)) == [
        "kid@example.org", "boss@example.org", "before@example.org", "sent@example.org",
      ])
  }

  @Test func `a survey's windows meet every address once, and everybody without one`() throws {
    for number in 0..<25 { try test.add("P", "p\(number % 20)@example.org") }
    let loose = try test.add("Loose")
    let boss = try test.add("Boss")
    let kid = try test.add("Kid", "kid@example.org", manager: boss)
    try test.write { (tx) throws(Problem) in
      for (key, owner) in [("gone@example.org", PersonID(1)), ("unknown@example.org", nil)] {
        try tx.database.execute(
          "INSERT INTO link (audience_id, address_key, email, owner_id) VALUES ('a', ?1, ?1, ?2)",
          key, owner)
      }
    }
    var met: [AddressKey] = []
    while true {
      let after = met.last
      let window = try test.read { (reading) throws(Problem) in
        try reading.candidates.keys(after: after, limit: 7, audienceID: "a")
      }
      if window.isEmpty { break }
      met += window
    }
    #expect(met == met.sorted())
    #expect(met.count == 22)
    #expect(met.contains(AddressKey("gone@example.org")))
    let without = try test.read { (reading) throws(Problem) in
      try reading.candidates.withoutAddress(after: nil, limit: 10, policy: RecipientPolicy())
    }
    #expect(without.map(\.person.id) == [loose, boss, kid])
  }

  @Test func `who stood here at set-up is unchanged until they change or were sent`() throws {
    let still = try test.add("Still", "a@example.org")
    let sent = try test.add("Sent", "b@example.org")
    let changed = try test.add("Changed", "c@example.org")
    let policy = RecipientPolicy(existing: .whenChanged)
    func unchanged() throws -> [PersonID] {
      try test.read { (reading) throws(Problem) in
        try reading.candidates.candidates([still, sent, changed], policy: policy)
      }.filter(\.isUnchangedSinceSetUp).map(\.person.id)
    }
    // Until the set-up has ended everybody counts as existing.
    #expect(try unchanged() == [still, sent, changed])
    try test.write { (tx) throws(Problem) in
      try tx.database.execute("UPDATE workspace SET set_up_at = ?", tx.now)
      try tx.database.execute(
        """
        INSERT INTO link (audience_id, address_key, email, owner_id, agreed)
        VALUES ('a', 'b@example.org', 'b@example.org', ?, '{}')
        """, sent)
      try tx.database.execute("UPDATE acting SET at = at + 1")
      try tx.directory.update(changed) { $0.phone = "1" }
    }
    #expect(try unchanged() == [still])
  }

  @Test func `counts by state follow every change`() throws {
    let ada = try test.add("Ada", "a@example.org")
    let bob = try test.add("Bob")
    try test.write { (tx) throws(Problem) in
      try tx.standings.save([
        (ada, Standing(.inStep, key: AddressKey("a@example.org"))),
        (bob, Standing(.excluded, reason: "no-email", key: nil)),
        (PersonID(99), Standing(.inStep, key: nil)),
      ])
    }
    func counts() throws -> [StandingCount] {
      try test.read { (reading) throws(Problem) in try reading.standings.counts() }
    }
    #expect(
      try counts() == [
        StandingCount(state: .excluded, reason: "no-email", people: 1),
        StandingCount(state: .inStep, reason: "", people: 1),
      ])
    try test.write { (tx) throws(Problem) in
      try tx.directory.update(ada) { $0.lastName = "King" }
      try tx.directory.markDeleted(bob)
      try tx.directory.remove(bob)
    }
    #expect(try counts() == [StandingCount(state: .waiting, reason: "changed", people: 1)])
    let standing = try test.read { (reading) throws(Problem) in
      try reading.standings.standing(of: ada)
    }
    #expect(standing?.standing.key == AddressKey("a@example.org"))
  }
}

@Suite struct FieldWritingTests {
  let test: TestWorkspace

  init() throws { test = try TestWorkspace() }

  @Test func `any field is written from a value, and the same value again writes nothing`() throws {
    let boss = try test.add("Boss", "boss@example.org")
    let id = try test.add("Ada", "ada@example.org", "b@example.org")
    var address = PostalAddress()
    address.line1 = "1 Rue"
    address.city = "Paris"
    let values: [PersonField: PersonValue] = [
      .email: .text("new@example.org"), .externalID: .text("X1"), .account: .text("Donors"),
      .kind: .text("organisation"), .firstName: .text("Ada\tB"), .lastName: .empty,
      .phone: .text("+33"), .company: .text("C"), .address: .address(address),
      .birthday: .monthDay(try #require(MonthDay("12/10"))),
      .dateOfBirth: .date(try #require(CivilDate("1985-12-10"))), .active: .yesNo(false),
      .manager: .text("#\(boss.rawValue)"), .custom("size"): .number(38.5),
    ]
    func write() throws -> Bool {
      try test.write { (tx) throws(Problem) in try tx.directory.set(values, of: id) }
    }
    try test.write { (tx) throws(Problem) in
      try tx.directory.define(CustomField(name: "size", type: .number))
    }
    #expect(try write())
    let ada = try test.person(id)
    #expect(ada.emails == ["new@example.org", "b@example.org"])
    #expect(ada.firstName == "Ada B")
    #expect(ada.postalAddress == address)
    #expect(ada.managerID == boss)
    #expect(ada.customFields == ["size": "38.5"])
    #expect(ada.birthday == MonthDay("12/10"))
    #expect(!ada.isActive)
    #expect(try !write())
    try test.write { (tx) throws(Problem) in try tx.directory.set(.address, .empty, of: id) }
    #expect(try test.person(id).postalAddress == nil)
  }

  @Test func `an opt-in is written with its own time and story`() throws {
    let id = try test.add("Ada", "ada@example.org")
    try test.write { (tx) throws(Problem) in
      try tx.directory.set(
        .optIn, .text("no"), of: id, at: Instant(milliseconds: 42), how: "unsubscribed there")
    }
    let ada = try test.person(id)
    #expect(ada.optIn == .no)
    #expect(ada.optInAt == Instant(milliseconds: 42))
    #expect(ada.optInHow == "unsubscribed there")
  }

  @Test func `a value the field cannot hold is refused and nothing is written`() throws {
    let id = try test.add("Ada", "ada@example.org")
    let problem = #expect(throws: Problem.self) {
      try test.write { (tx) throws(Problem) in
        try tx.directory.set([.lastName: .text("X"), .optIn: .text("maybe")], of: id)
      }
    }
    #expect(problem?.code == "people.unknown-choice")
    #expect(try test.person(id).lastName == "")
  }
}
