import Basics
import Domain
import Sandbox
import Storage
import Support
import Testing

@Suite struct ConsentScenarioTests {
  @Test func `nobody who left by themselves is ever subscribed again by us`() async throws {
    let scenario = try await Scenario()
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada") { $0.optIn = .yes }
    try await scenario.begin()
    try scenario.mailchimp.perform(.personUnsubscribes("ada@lovelace.dev"))
    scenario.mailchimp.forgetExchanges()

    // Nothing here brings her back: not a sync, not a resync, not a new yes, not a second person.
    try await scenario.again()
    #expect(try await scenario.place(ada) == "excluded: suppressed")
    try await scenario.edit(ada) { $0.optIn = .no }
    try await scenario.again()
    try await scenario.edit(ada) { $0.optIn = .yes }
    _ = try await scenario.run(.resync(approve: true))
    let twin = try await scenario.add("ADA@lovelace.dev", first: "Twin") { $0.optIn = .yes }
    try await scenario.again()
    #expect(try await scenario.status("ada@lovelace.dev") == "unsubscribed")
    #expect(try await scenario.place(ada) == "excluded: suppressed")
    #expect(try await scenario.place(twin) == "excluded: suppressed")
    #expect(!scenario.writes.contains { $0.body.contains("\"status\"") })
    #expect(!scenario.writes.contains { $0.body.contains("\"status_if_new\":\"subscribed\"") })
    await scenario.end()
  }

  @Test func `a refusal follows who made it, whoever has the address now`() async throws {
    let scenario = try await Scenario(settings: ["consent.back": "no"])
    let ada = try await scenario.add("shared@town.dev", first: "Ada") { $0.optIn = .yes }
    try await scenario.begin()
    try scenario.mailchimp.perform(.personUnsubscribes("shared@town.dev"))
    try await scenario.again()
    let bea = try await scenario.add("shared@town.dev", first: "Bea") { $0.optIn = .yes }
    try await scenario.edit(ada) { $0.emails = ["ada@town.dev"] }
    for _ in 0..<2 {
      try await scenario.again()
      _ = try await scenario.run(.resync(approve: true))
    }
    #expect(try await scenario.place(ada) == "excluded: suppressed")
    #expect(try await scenario.place(bea) == "excluded: suppressed")
    #expect(try await scenario.status("ada@town.dev") == nil)
    #expect(try await scenario.status("shared@town.dev") == "unsubscribed")
    await scenario.end()
  }

  @Test(arguments: [true, false])
  func `who left before they were known here is not subscribed at another address either`(
    isAfterSync: Bool
  ) async throws {
    let scenario = try await Scenario(settings: ["consent.back": "no"])
    try scenario.mailchimp.perform(.personSignsUp("ada@old.dev", ["FNAME": "Ada"]))
    try scenario.mailchimp.perform(.personUnsubscribes("ada@old.dev"))
    let ada = try await scenario.add("ada@old.dev", first: "Ada") { $0.optIn = .yes }
    try await scenario.add("bea@town.dev", first: "Bea") { $0.optIn = .yes }
    try await scenario.begin()
    #expect(try await scenario.place(ada) == "excluded: suppressed")
    if isAfterSync { try await scenario.again() }
    try await scenario.edit(ada) { $0.emails = ["ada@new.dev"] }
    for _ in 0..<2 {
      try await scenario.again()
      _ = try await scenario.run(.resync(approve: true))
    }
    #expect(try await scenario.place(ada) == "excluded: suppressed")
    #expect(try await scenario.status("ada@new.dev") == nil)
    await scenario.end()
  }

  @Test func `who stood at their manager's address refused nothing there, and the manager did`()
    async throws
  {
    let scenario = try await Scenario(settings: ["consent.back": "no"])
    try scenario.mailchimp.perform(.personSignsUp("mia@old.dev", ["FNAME": "Mia"]))
    try scenario.mailchimp.perform(.personUnsubscribes("mia@old.dev"))
    let mia = try await scenario.add("mia@old.dev", first: "Mia") { $0.optIn = .yes }
    let kid = try await scenario.add("kid@town.dev", first: "Kid") {
      $0.optIn = .yes
      $0.managerID = mia
    }
    try await scenario.begin()
    #expect(try await scenario.place(kid) == "excluded: suppressed")
    try await scenario.edit(kid) { $0.managerID = nil }
    try await scenario.again()
    try await scenario.edit(mia) { $0.emails = ["mia@new.dev"] }
    for _ in 0..<2 {
      try await scenario.again()
      _ = try await scenario.run(.resync(approve: true))
    }
    #expect(try await scenario.place(kid) == "in step")
    #expect(try await scenario.place(mia) == "excluded: suppressed")
    #expect(try await scenario.status("mia@new.dev") == nil)
    await scenario.end()
  }

  @Test(arguments: [true, false])
  func `of two at an address that refused before they were known neither comes in by another`(
    isOwnerFirst: Bool
  ) async throws {
    let scenario = try await Scenario(settings: ["consent.back": "no"])
    try scenario.mailchimp.perform(.personSignsUp("both@old.dev", ["FNAME": "Both"]))
    try scenario.mailchimp.perform(.personUnsubscribes("both@old.dev"))
    let ada = try await scenario.add("both@old.dev", first: "Ada") { $0.optIn = .yes }
    let bea = try await scenario.add("both@old.dev", first: "Bea") { $0.optIn = .yes }
    try await scenario.begin()
    let owner = try await scenario.workspace.read {
      [audience = scenario.mailchimp.audience] (reading) throws(Problem) in
      try reading.links.link(audience, at: AddressKey("both@old.dev"))?.owner
    }
    let other = owner == ada ? bea : ada
    for (person, address) in [
      (isOwnerFirst ? owner ?? ada : other, "first@new.dev"),
      (isOwnerFirst ? other : owner ?? ada, "second@new.dev"),
    ] {
      try await scenario.edit(person) { $0.emails = [address] }
      for _ in 0..<2 {
        try await scenario.again()
        _ = try await scenario.run(.resync(approve: true))
      }
    }
    #expect(try await scenario.status("first@new.dev") == nil)
    #expect(try await scenario.status("second@new.dev") == nil)
    #expect(try await scenario.place(ada) == "excluded: suppressed")
    #expect(try await scenario.place(bea) == "excluded: suppressed")
    await scenario.end()
  }

  @Test(arguments: ["keep", "unsubscribe", "archive"])
  func `an opt-out here is an unsubscribe there, whatever happens to leavers`(
    rule: String
  ) async throws {
    let scenario = try await Scenario(settings: ["recipients.leavers": rule])
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada") { $0.optIn = .yes }
    let idle = try await scenario.add("idle@town.dev", first: "Idle") { $0.optIn = .yes }
    try await scenario.begin()
    try await scenario.edit(ada) { $0.optIn = .no }
    try await scenario.edit(idle) { person in
      person.optIn = .no
      person.isActive = false
    }
    try await scenario.again()
    #expect(try await scenario.status("ada@lovelace.dev") == "unsubscribed")
    #expect(try await scenario.status("idle@town.dev") == "unsubscribed")
    #expect(try await scenario.place(ada) == "excluded: opted-out")
    #expect(try await scenario.place(idle) == "excluded: inactive")
    #expect(scenario.mailchimp.count("DELETE") == 0)

    // It was ours, so a new yes takes it back.
    try await scenario.edit(ada) { $0.optIn = .yes }
    try await scenario.again()
    #expect(try await scenario.status("ada@lovelace.dev") == "subscribed")
    #expect(try await scenario.place(ada) == "in step")
    await scenario.end()
  }

  @Test func `of several decisions at one address the latest counts, at a tie the opt-out`()
    async throws
  {
    let scenario = try await Scenario()
    func add(
      _ email: String, _ optIn: OptIn, at time: Int64
    ) async throws -> PersonID {
      try await scenario.add(email, first: "P\(time)") { person in
        person.optIn = optIn
        person.optInAt = Instant(milliseconds: time)
        person.sourceUpdatedAt = Instant(milliseconds: time)
      }
    }
    let early = try await add("yes@town.dev", .no, at: 1)
    let late = try await add("Yes@Town.dev", .yes, at: 2)
    let other = try await add("no@town.dev", .yes, at: 1)
    let later = try await add("NO@town.dev", .no, at: 2)
    _ = try await add("tie@town.dev", .yes, at: 3)
    _ = try await add("Tie@town.dev", .no, at: 3)
    try scenario.mailchimp.perform(.personSignsUp("no@town.dev"))
    try await scenario.begin()
    #expect(try await scenario.status("yes@town.dev") == "subscribed")
    #expect(try await scenario.place(early) == "excluded: duplicate-of")
    #expect(try await scenario.place(late) == "in step")
    #expect(try await scenario.status("no@town.dev") == "unsubscribed")
    #expect(try await scenario.place(other) == "excluded: opted-out")
    #expect(try await scenario.place(later) == "excluded: opted-out")
    #expect(try await scenario.status("tie@town.dev") == nil)
    await scenario.end()
  }

  @Test func `details of an unsubscribed member are kept up to date without a status`()
    async throws
  {
    let scenario = try await Scenario()
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada", last: "Byron")
    try await scenario.begin()
    try scenario.mailchimp.perform(.personUnsubscribes("ada@lovelace.dev"))
    try await scenario.again()
    scenario.mailchimp.forgetExchanges()
    try await scenario.edit(ada) { $0.lastName = "King" }
    try await scenario.again()
    #expect(try await scenario.field("LNAME", of: "ada@lovelace.dev") == "King")
    #expect(try await scenario.status("ada@lovelace.dev") == "unsubscribed")
    #expect(!scenario.writes.isEmpty)
    #expect(!scenario.writes.contains { $0.body.contains("\"status\"") })
    await scenario.end()
  }

  @Test func `bounced, archived and forgotten ones are left alone`() async throws {
    let scenario = try await Scenario()
    let names = ["bounced", "archived", "forgotten"]
    for name in names { try scenario.mailchimp.perform(.personSignsUp("\(name)@town.dev")) }
    try scenario.mailchimp.perform(.mailBounces("bounced@town.dev"))
    try scenario.mailchimp.perform(.adminArchives("archived@town.dev"))
    var people: [PersonID] = []
    for name in names { people.append(try await scenario.add("\(name)@town.dev", first: name)) }
    try await scenario.begin()
    // Forgotten while we knew them: a full reading finds them gone.
    try scenario.mailchimp.perform(.adminDeletesPermanently("forgotten@town.dev"))
    _ = try await scenario.run(.resync(approve: true))
    let before = try await scenario.audience()
    scenario.mailchimp.forgetExchanges()

    for person in people { try await scenario.edit(person) { $0.lastName = "Changed" } }
    try await scenario.again()
    _ = try await scenario.run(.resync(approve: true))
    #expect(scenario.writes.isEmpty)
    #expect(try await scenario.audience() == before)
    for person in people { #expect(try await scenario.place(person) == "excluded: suppressed") }
    await scenario.end()
  }

  @Test(.timeLimit(.minutes(10)))
  func `who left as well where we had ended is suppressed, and never subscribed again`()
    async throws
  {
    let scenario = try await Scenario()
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada") { $0.optIn = .yes }
    try await scenario.begin()
    // Unsubscribed by us; then she clicks the link in an old mail as well.
    try await scenario.edit(ada) { $0.optIn = .no }
    try await scenario.again()
    try scenario.mailchimp.perform(.personUnsubscribes("ada@lovelace.dev"))
    try await scenario.edit(ada) { $0.optIn = .yes }
    try await scenario.again()
    _ = try await scenario.when { (reading) throws(Problem) in
      try reading.standings.standing(of: ada)?.standing.reason == "suppressed" ? true : nil
    }
    #expect(try await scenario.standing(ada)?.sentence.contains("sign-up form") == true)
    // The look shows it, or Mailchimp's refusal does where the look came too early; then never again.
    scenario.mailchimp.forgetExchanges()
    try await scenario.edit(ada) { $0.lastName = "King" }
    try await scenario.again()
    _ = try await scenario.run(.resync(approve: true))
    #expect(!scenario.writes.contains { $0.body.contains("\"status\"") })
    #expect(try await scenario.status("ada@lovelace.dev") == "unsubscribed")
    await scenario.end()
  }

  @Test func `a forgotten address is refused once and remembered`() async throws {
    let scenario = try await Scenario()
    try scenario.mailchimp.perform(.personSignsUp("ada@lovelace.dev"))
    try scenario.mailchimp.perform(.adminDeletesPermanently("ada@lovelace.dev"))
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada") { $0.optIn = .yes }
    let first = try await scenario.begin()
    #expect(first.counts.refused == 1)
    #expect(try await scenario.rows(first.id).map(\.reason) == ["mailchimp.forgotten"])
    #expect(try await scenario.place(ada) == "excluded: suppressed")

    scenario.mailchimp.forgetExchanges()
    try await scenario.edit(ada) { $0.lastName = "King" }
    let second = try await scenario.again()
    #expect(second.counts.refused == 0)
    #expect(scenario.writes.isEmpty)
    await scenario.end()
  }

  @Test func `who signed up to a lot of lists is tried again after days`() async throws {
    let time = SteppedTime()
    let scenario = try await Scenario(time: time)
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada")
    try scenario.mailchimp.perform(.signupsAreLimited("ada@lovelace.dev"))
    let first = try await scenario.begin()
    #expect(first.counts.refused == 1)
    #expect(try await scenario.standing(ada)?.state == .refused)

    // The next sync does not insist.
    scenario.mailchimp.forgetExchanges()
    scenario.mailchimp.with { $0.busyAddresses = [] }
    let before = try await scenario.newest()
    time.advance(.days(4))
    let later = try await scenario.execution(after: before) { $0.counts.created == 1 }
    #expect(later.flow == .pushPeople)
    #expect(try await scenario.status("ada@lovelace.dev") == "subscribed")
    #expect(try await scenario.place(ada) == "in step")
    await scenario.end()
  }

  @Test func `where the audience asks for a confirmation people are pending until they click`()
    async throws
  {
    let scenario = try await Scenario()
    try scenario.mailchimp.with { (mailchimp) throws(Problem) in
      try mailchimp.setDoubleOptIn(true)
    }
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada") { $0.optIn = .yes }
    try await scenario.begin()
    #expect(try await scenario.status("ada@lovelace.dev") == "pending")
    try await scenario.edit(ada) { $0.lastName = "King" }
    try await scenario.again()
    #expect(try await scenario.status("ada@lovelace.dev") == "pending")
    try scenario.mailchimp.perform(.personConfirms("ada@lovelace.dev"))
    try await scenario.again()
    #expect(try await scenario.status("ada@lovelace.dev") == "subscribed")
    #expect(try await scenario.place(ada) == "in step")
    await scenario.end()
  }

  @Test func `an unsubscribe that a poll finds is told beside the person and in the ledger`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await Scenario(time: time)
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada")
    let child = try await scenario.add(nil, first: "Child") { $0.managerID = ada }
    try await scenario.begin()
    try scenario.mailchimp.perform(.personUnsubscribes("ada@lovelace.dev", reason: "Too many"))
    try await scenario.letPollComeDue(time)
    _ = try await scenario.when { (reading) throws(Problem) in
      try reading.standings.standing(of: child)?.standing.reason == "suppressed" ? true : nil
    }
    #expect(try await scenario.place(ada) == "excluded: suppressed")
    let entry = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.one(
        "SELECT old, new, by, evidence FROM consent_entry ORDER BY id DESC LIMIT 1"
      ) { [$0.text(0), $0.text(1), $0.text(2), $0.text(3)] }
    }
    #expect(entry == ["subscribed", "unsubscribed", "Mailchimp", "Too many"])
    await scenario.end()
  }

  @Test func `whoever signs up again themselves is welcome`() async throws {
    let scenario = try await Scenario()
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada")
    try await scenario.begin()
    try scenario.mailchimp.perform(.personUnsubscribes("ada@lovelace.dev"))
    try await scenario.again()
    #expect(try await scenario.place(ada) == "excluded: suppressed")
    try scenario.mailchimp.perform(.personSignsUp("ada@lovelace.dev"))
    try await scenario.again()
    #expect(try await scenario.place(ada) == "in step")
    #expect(try await scenario.status("ada@lovelace.dev") == "subscribed")
    await scenario.end()
  }

  @Test(arguments: [3, 60])
  func `a sign-up after an opt-out here counts where it is clearly the later of the two`(
    seconds: Int
  ) async throws {
    let time = SteppedTime()
    let scenario = try await Scenario(settings: ["consent.back": "yes"], time: time)
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada") { $0.optIn = .yes }
    try await scenario.begin()
    try await scenario.edit(ada) { $0.optIn = .no }
    try await scenario.again()
    #expect(try await scenario.status("ada@lovelace.dev") == "unsubscribed")

    time.advance(.seconds(seconds))
    try scenario.mailchimp.perform(.personSignsUp("ada@lovelace.dev"))
    try await scenario.again()
    let isLater = seconds == 60
    let person = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.directory.person(ada)
    }
    #expect(person?.optIn == (isLater ? .yes : .no))
    #expect(
      try await scenario.status("ada@lovelace.dev") == (isLater ? "subscribed" : "unsubscribed"))
    #expect(try await scenario.place(ada) == (isLater ? "in step" : "excluded: opted-out"))
    await scenario.end()
  }
}
