import Basics
import Domain
import Sandbox
import Storage
import Support
import Testing

@Suite struct WhoIsOnTheListTests {
  @Test func `everybody who is left out is told by which rule and why`() async throws {
    let scenario = try await Scenario(settings: ["recipients.scope": "opted-in"])
    func add(_ email: String?, _ change: (inout Person) -> Void) async throws -> PersonID {
      try await scenario.add(email, first: "P", last: email ?? "nobody", change)
    }
    try scenario.mailchimp.perform(.personSignsUp("left@town.dev"))
    try scenario.mailchimp.perform(.personUnsubscribes("left@town.dev"))
    var cases: [(PersonID, String)] = []
    let deleted = try await add("gone@town.dev") { $0.optIn = .yes }
    try await scenario.remove(deleted)
    cases.append((deleted, "deleted"))
    cases.append((try await add("idle@town.dev") { $0.isActive = false }, "inactive"))
    cases.append((try await add("firm@town.dev") { $0.kind = .organisation }, "organisation"))
    let parent = try await add("parent@town.dev") { $0.optIn = .yes }
    cases.append((try await add("kid@town.dev") { $0.managerID = parent }, "child"))
    cases.append((try await add(nil) { $0.optIn = .yes }, "no-email"))
    cases.append((try await add("not an address") { $0.optIn = .yes }, "invalid-email"))
    cases.append((try await add("no@town.dev") { $0.optIn = .no }, "opted-out"))
    cases.append((try await add("left@town.dev") { $0.optIn = .yes }, "suppressed"))
    cases.append((try await add("quiet@town.dev") { $0.optIn = .unknown }, "out-of-scope"))
    let older = try await add("both@town.dev") { person in
      person.optIn = .yes
      person.sourceUpdatedAt = Instant(milliseconds: 1000)
    }
    let newer = try await add("Both@Town.dev") { person in
      person.optIn = .yes
      person.sourceUpdatedAt = Instant(milliseconds: 2000)
    }
    cases.append((older, "duplicate-of"))

    try await scenario.begin()
    for (person, code) in cases {
      #expect(try await scenario.place(person) == "excluded: \(code)")
      let sentence = try await scenario.standing(person)?.sentence ?? ""
      #expect(sentence.count > 10, "\(code): \(sentence)")
      let lines = try await scenario.workspace.read { (reading) throws(Problem) in
        try reading.reports.explanation(of: person)?.lines() ?? []
      }
      #expect(lines.contains { $0.text.hasPrefix("\(code): yes") }, "\(lines)")
    }
    #expect(Set(cases.map(\.1)) == Set(Exclusion.codes))
    #expect(try await scenario.standing(older)?.sentence.contains("\(newer)") == true)
    let subscribed = try await scenario.audience().filter { $0.value["status"] == "subscribed" }
    #expect(subscribed.keys.sorted() == ["both@town.dev", "parent@town.dev"])
    await scenario.end()
  }

  @Test func `a manager who opts out takes the children along, with that reason`() async throws {
    let scenario = try await Scenario()
    let parent = try await scenario.add("parent@town.dev", first: "Pat")
    let one = try await scenario.add("one@town.dev", first: "One") { $0.managerID = parent }
    let two = try await scenario.add(nil, first: "Two") { $0.managerID = parent }
    try await scenario.begin()
    #expect(try await scenario.audience().keys.sorted() == ["parent@town.dev"])
    #expect(try await scenario.field("FNAME", of: "parent@town.dev") == "Pat")
    #expect(try await scenario.place(one) == "excluded: child")
    #expect(try await scenario.place(two) == "excluded: child")

    try await scenario.edit(parent) { $0.optIn = .no }
    try await scenario.again()
    #expect(try await scenario.status("parent@town.dev") == "unsubscribed")
    #expect(try await scenario.place(one) == "excluded: opted-out")
    #expect(try await scenario.place(two) == "excluded: opted-out")
    await scenario.end()
  }

  @Test func `an address that Mailchimp has forgotten excludes all who share it at once`()
    async throws
  {
    let scenario = try await Scenario()
    try scenario.mailchimp.perform(.personSignsUp("shared@town.dev"))
    try scenario.mailchimp.perform(.adminDeletesPermanently("shared@town.dev"))
    let one = try await scenario.add("shared@town.dev", first: "One")
    let two = try await scenario.add("SHARED@town.dev", first: "Two")
    let child = try await scenario.add(nil, first: "Child") { $0.managerID = two }
    try await scenario.begin()
    for person in [one, two, child] {
      #expect(try await scenario.place(person) == "excluded: suppressed")
    }
    await scenario.end()
  }

  @Test func `of those who share an address the latest change gives the details`() async throws {
    let scenario = try await Scenario()
    let one = try await scenario.add("shared@town.dev", first: "One", last: "First")
    let two = try await scenario.add("Shared@Town.dev", first: "Two", last: "Second")
    try await scenario.edit(two) { $0.phone = "1" }
    try await scenario.begin()
    #expect(try await scenario.field("FNAME", of: "shared@town.dev") == "Two")
    #expect(try await scenario.place(one) == "excluded: duplicate-of")

    try await scenario.edit(one) { $0.lastName = "Changed" }
    try await scenario.again()
    #expect(try await scenario.audience().count == 1)
    #expect(try await scenario.field("FNAME", of: "shared@town.dev") == "One")
    #expect(try await scenario.field("LNAME", of: "shared@town.dev") == "Changed")
    #expect(try await scenario.place(one) == "in step")
    #expect(try await scenario.place(two) == "excluded: duplicate-of")
    await scenario.end()
  }

  @Test func `who stood unsent at set-up waits until something changes, where that is set`()
    async throws
  {
    let scenario = try await Scenario(settings: ["sync.existing": "when they change"])
    let idle = try await scenario.add("idle@town.dev", first: "Idle")
    let moved = try await scenario.add("moved@town.dev", first: "Moved")
    // A look beforehand shows it as it will be, and is no set-up.
    try await scenario.startEngine()
    _ = try await scenario.run(.dryRun)
    #expect(try await scenario.standing(idle)?.reason == "unchanged-since-set-up")
    try await scenario.again()
    #expect(try await scenario.audience().isEmpty)
    #expect(try await scenario.standing(idle)?.state == .waiting)
    #expect(try await scenario.standing(idle)?.sentence.contains("Unchanged since set-up") == true)

    let before = try await scenario.newest()
    try await scenario.edit(moved) { $0.lastName = "On" }
    _ = try await scenario.execution(after: before) { $0.counts.created == 1 }
    #expect(try await scenario.audience().keys.sorted() == ["moved@town.dev"])
    #expect(try await scenario.standing(idle)?.state == .waiting)

    // Whoever is new afterwards is sent at once.
    let last = try await scenario.newest()
    try await scenario.add("new@town.dev", first: "New")
    _ = try await scenario.execution(after: last) { $0.counts.created == 1 }
    #expect(try await scenario.audience().keys.sorted() == ["moved@town.dev", "new@town.dev"])

    // A resync is for everyone.
    let resync = try await scenario.run(.resync(approve: true))
    #expect(resync.counts.created == 1)
    #expect(try await scenario.status("idle@town.dev") == "subscribed")
    #expect(try await scenario.place(idle) == "in step")
    try await scenario.again()
    #expect(try await scenario.place(idle) == "in step")
    await scenario.end()
  }

  @Test(arguments: [("", "no-email"), ("ada at lovelace", "invalid-email")])
  func `a single change that leaves no usable address fails once, naming the person`(
    address: String, code: String
  ) async throws {
    let scenario = try await Scenario()
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada", last: "Lovelace")
    try await scenario.begin()
    let before = try await scenario.newest()
    try await scenario.edit(ada) { $0.emails = address.isEmpty ? [] : [address] }
    let failed = try await scenario.execution(after: before) { $0.status == .failed }
    #expect(failed.trigger == .change)
    #expect(try await scenario.place(ada) == "excluded: \(code)")
    let lines = try await scenario.workspace.read { (reading) throws(Problem) in
      var filter = LogFilter()
      filter.execution = failed.id
      return try reading.reports.logs(filter, .at(0), count: 10).rows.map(\.line)
    }
    #expect(lines.contains { $0.level == .error && $0.sentence.contains("Ada Lovelace") })
    let open = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.integer(
        "SELECT count(*) FROM execution WHERE original_id = ?", failed.id)
    }
    #expect(open == 0)
    await scenario.end()
  }

  @Test(arguments: [
    ("keep", "subscribed"), ("unsubscribe", "unsubscribed"), ("archive", "archived"),
  ])
  func `whoever leaves is kept, unsubscribed or archived, as the setting says`(
    rule: String, status: String
  ) async throws {
    let scenario = try await Scenario(settings: ["recipients.leavers": rule])
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada")
    let alan = try await scenario.add("alan@turing.dev", first: "Alan")
    try await scenario.begin()
    try await scenario.edit(ada) { $0.isActive = false }
    try await scenario.remove(alan)
    try await scenario.again()
    #expect(try await scenario.status("ada@lovelace.dev") == status)
    #expect(try await scenario.status("alan@turing.dev") == status)

    // Back again: what we ended ourselves we may take back, an unsubscribe only on a yes.
    try await scenario.edit(ada) { $0.isActive = true }
    try await scenario.again()
    let back = try await scenario.status("ada@lovelace.dev")
    #expect(back == (rule == "unsubscribe" ? "unsubscribed" : "subscribed"))
    await scenario.end()
  }
}
