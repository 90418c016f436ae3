// What moves from Mailchimp into the directory, and what happens where both sides moved.

import Basics
import Domain
import Sandbox
import Storage
import Support
import Testing

@Suite struct BothWaysTests {
  /// A workspace that sends and takes names, Ada in step on both sides.
  private func both(_ settings: [String: String] = [:]) async throws -> (Scenario, PersonID) {
    let scenario = try await Scenario(
      settings: ["sync.direction": "both"].merging(settings) { _, new in new })
    try await scenario.map([
      FieldMapping(.firstName, "FNAME", direction: .both),
      FieldMapping(.lastName, "LNAME", direction: .both),
    ])
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada", last: "Byron")
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    return (scenario, ada)
  }

  private func sync(_ scenario: Scenario) async throws {
    _ = try await scenario.run(.forceSync(approve: true))
    try await scenario.rests()
  }

  @Test func `a value changed there only is taken, audited as the key's owner, and not sent back`()
    async throws
  {
    let (scenario, ada) = try await both()
    try scenario.mailchimp.perform(.personEdits("ada@lovelace.dev", ["LNAME": "King"]))
    scenario.mailchimp.forgetExchanges()
    try await sync(scenario)
    #expect(try await scenario.person(ada)?.lastName == "King")
    #expect(scenario.mailchimp.exchanges.allSatisfy { $0.method == "GET" })
    let who = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.one(
        "SELECT who FROM audit WHERE person_id = ? AND field = 'last_name' ORDER BY id DESC", ada
      ) { $0.text(0) }
    }
    #expect(who?.hasPrefix("Mailchimp (") == true)
    #expect(try await scenario.standing(ada)?.state == .inStep)
    await scenario.end()
  }

  @Test func `a change there is counted once, where it is taken, and the poll that saw it shows`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await Scenario(settings: ["sync.direction": "both"], time: time)
    try await scenario.map([FieldMapping(.lastName, "LNAME", direction: .both)])
    let ada = try await scenario.add("ada@lovelace.dev", last: "Byron")
    try await scenario.startEngine()
    let first = try await scenario.settled(try await scenario.ask(.forceSync(approve: true)), time)
    _ = try await scenario.poll(time)
    time.advance(.seconds(30))
    try scenario.mailchimp.perform(.personEdits("ada@lovelace.dev", ["LNAME": "King"]))
    let poll = try await scenario.poll(time)
    let change = try await scenario.passes(time) { (reading) throws(Problem) in
      try reading.executions.latest(after: poll.id) {
        $0.flow == .pushPeople && $0.status.isFinished
      }
    }
    #expect(try await scenario.person(ada)?.lastName == "King")
    let counted = try await scenario.executions().filter { $0.id > first.id }.map(\.counts.changed)
    #expect(counted.reduce(0, +) == 1)
    #expect(change.counts.updated == 1)
    #expect(poll.counts.changed == 0)
    #expect(poll.detectedChanges)
    // What follows the taken value finds both in step; while it runs it is shown.
    try await scenario.rests()
    let shown = try await scenario.workspace.read { (reading) throws(Problem) in
      var filter = ExecutionFilter()
      filter.hidesUnchanged = true
      return try reading.reports.executions(filter, .at(0), count: 100).rows.map(\.id)
    }
    // The echo of the first sync is hidden, what was seen and what was taken are not.
    #expect(shown == [change.id, poll.id, first.id])
    await scenario.end()
  }

  @Test
  func `with the direction to Mailchimp a foreign edit is overwritten and nothing written here`()
    async throws
  {
    let (scenario, ada) = try await both(["sync.direction": "to"])
    try scenario.mailchimp.perform(.personEdits("ada@lovelace.dev", ["LNAME": "King"]))
    try await sync(scenario)
    #expect(try await scenario.person(ada)?.lastName == "Byron")
    #expect(
      try await scenario.audience()["ada@lovelace.dev"]?["merge_fields"]?["LNAME"] == "Byron")
    await scenario.end()
  }

  @Test func `a conflict that is to be asked about moves neither value until somebody decides`()
    async throws
  {
    let (scenario, ada) = try await both(["sync.conflicts": "ask"])
    try scenario.mailchimp.perform(.personEdits("ada@lovelace.dev", ["LNAME": "King"]))
    try await scenario.edit(ada) { $0.lastName = "Lovelace" }
    try await scenario.rests()
    #expect(try await scenario.person(ada)?.lastName == "Lovelace")
    #expect(
      try await scenario.audience()["ada@lovelace.dev"]?["merge_fields"]?["LNAME"] == "King")
    let open = try await scenario.conflicts()
    #expect(open.map(\.tag) == ["LNAME"])
    #expect(open.first?.ours == .text("Lovelace"))
    #expect(open.first?.theirs == .text("King"))
    #expect(try await scenario.standing(ada)?.reason == "conflict")

    try await scenario.ask(.decideConflict(try #require(open.first?.id), .mailchimp))
    try await scenario.rests()
    #expect(try await scenario.person(ada)?.lastName == "King")
    #expect(try await scenario.conflicts().isEmpty)
    #expect(try await scenario.standing(ada)?.state == .inStep)
    await scenario.end()
  }

  @Test func `where Mailchimp counts its value is taken and both values are kept`() async throws {
    let (scenario, ada) = try await both(["sync.conflicts": "mailchimp"])
    try scenario.mailchimp.perform(.personEdits("ada@lovelace.dev", ["LNAME": "King"]))
    try await scenario.edit(ada) { $0.lastName = "Lovelace" }
    try await scenario.rests()
    #expect(try await scenario.person(ada)?.lastName == "King")
    let told = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.conflicts.list(openOnly: false, limit: 10)
    }
    #expect(told.map(\.decision) == ["mailchimp"])
    #expect(told.first?.ours == .text("Lovelace"))
    await scenario.end()
  }

  // MARK: Addresses

  @Test func `a changed address renames the contact, which keeps its history`() async throws {
    let (scenario, ada) = try await both()
    let before = try await scenario.audience()["ada@lovelace.dev"]?["contact_id"]
    try await scenario.edit(ada) { $0.emails = ["countess@lovelace.dev"] }
    try await scenario.rests()
    let contacts = try await scenario.audience()
    #expect(contacts.keys.sorted() == ["countess@lovelace.dev"])
    #expect(contacts["countess@lovelace.dev"]?["contact_id"] == before)
    #expect(try await scenario.link("ada@lovelace.dev") == nil)
    #expect(try await scenario.standing(ada)?.state == .inStep)
    await scenario.end()
  }

  @Test
  func `an address changed there becomes the person's, or is put back where nothing is taken`()
    async throws
  {
    for direction in ["both", "to"] {
      let (scenario, ada) = try await both(["sync.direction": direction])
      try scenario.mailchimp.perform(
        .personChangesAddress("ada@lovelace.dev", to: "ada@king.dev"))
      try await sync(scenario)
      let expected = direction == "both" ? "ada@king.dev" : "ada@lovelace.dev"
      #expect(try await scenario.person(ada)?.primaryEmail == expected)
      #expect(try await scenario.audience().keys.sorted() == [expected])
      #expect(try await scenario.suppression("ada@lovelace.dev") == nil)
      await scenario.end()
    }
  }

  @Test
  func
    `an address changed there is an arrival where new contacts are wanted, and nobody is put back`()
    async throws
  {
    let (scenario, ada) = try await both([
      "sync.address-change": "new contact", "sync.arrivals": "add",
    ])
    try scenario.mailchimp.perform(.personChangesAddress("ada@lovelace.dev", to: "ada@king.dev"))
    try await sync(scenario)
    #expect(try await scenario.people(at: "ada@king.dev").count == 1)
    #expect(try await scenario.person(ada)?.primaryEmail == "ada@lovelace.dev")
    #expect(try await scenario.standing(ada)?.reason == "suppressed")
    try await scenario.edit(ada) { $0.lastName = "Changed" }
    try await scenario.rests()
    _ = try await scenario.run(.resync(approve: true))
    try await scenario.rests()
    #expect(try await scenario.audience().keys.sorted() == ["ada@king.dev"])
    #expect(try await scenario.standing(ada)?.reason == "suppressed")
    await scenario.end()
  }

  @Test func `where new contacts are wanted the old one stays beside the new`() async throws {
    let (scenario, ada) = try await both([
      "sync.address-change": "new contact", "recipients.leavers": "archive",
    ])
    try await scenario.edit(ada) { $0.emails = ["countess@lovelace.dev"] }
    try await scenario.rests()
    #expect(try await scenario.status("ada@lovelace.dev") == "subscribed")
    #expect(try await scenario.status("countess@lovelace.dev") == "subscribed")
    await scenario.end()
  }

  @Test func `a rename Mailchimp refuses waits in Review, and can become a new contact`()
    async throws
  {
    let (scenario, ada) = try await both()
    // An archived contact that nobody here ever saw holds the new address.
    try scenario.mailchimp.perform(.personSignsUp("countess@lovelace.dev"))
    try scenario.mailchimp.perform(.adminArchives("countess@lovelace.dev"))
    try await scenario.edit(ada) { $0.emails = ["countess@lovelace.dev"] }
    try await scenario.rests()
    let open = try await scenario.conflicts()
    #expect(open.map(\.tag) == ["EMAIL"])
    #expect(try await scenario.status("ada@lovelace.dev") == "subscribed")

    try await scenario.ask(.decideConflict(try #require(open.first?.id), .mailchimp))
    try await scenario.rests()
    #expect(try await scenario.person(ada)?.primaryEmail == "ada@lovelace.dev")
    #expect(try await scenario.conflicts().isEmpty)
    await scenario.end()
  }

  @Test func `who unsubscribed at the old address is not subscribed at the new one`() async throws {
    let (scenario, ada) = try await both()
    try scenario.mailchimp.perform(.personUnsubscribes("ada@lovelace.dev"))
    try await sync(scenario)
    try await scenario.edit(ada) { $0.emails = ["countess@lovelace.dev"] }
    try await scenario.rests()
    try await sync(scenario)
    #expect(try await scenario.status("countess@lovelace.dev") == nil)
    #expect(try await scenario.standing(ada)?.reason == "suppressed")
    await scenario.end()
  }

  @Test func `a bounce stays with the address, and a corrected one goes out again`() async throws {
    let (scenario, ada) = try await both()
    try scenario.mailchimp.perform(.mailBounces("ada@lovelace.dev"))
    try await sync(scenario)
    #expect(try await scenario.standing(ada)?.reason == "suppressed")
    try await scenario.edit(ada) { $0.emails = ["countess@lovelace.dev"] }
    try await scenario.rests()
    #expect(try await scenario.status("countess@lovelace.dev") == "subscribed")
    await scenario.end()
  }

  // MARK: Arrivals

  @Test func `a subscriber nobody knows becomes a person where that is wanted, else is left alone`()
    async throws
  {
    for arrivals in ["add", "list"] {
      let (scenario, _) = try await both(["sync.arrivals": arrivals])
      try scenario.mailchimp.perform(
        .personSignsUp("mary@somerville.dev", ["FNAME": "Mary", "LNAME": "Somerville"]))
      try await sync(scenario)
      let found = try await scenario.people(at: "mary@somerville.dev")
      #expect(found.count == (arrivals == "add" ? 1 : 0))
      if let mary = found.first {
        #expect(mary.firstName == "Mary")
        #expect(mary.optIn == .yes)
        #expect(try await scenario.standing(mary.id)?.state == .inStep)
      }
      #expect(try await scenario.status("mary@somerville.dev") == "subscribed")
      await scenario.end()
    }
  }

  @Test(arguments: ["poll", "resync"])
  func `who moves there to where another stands here takes the address, and is not added anew`(
    way: String
  ) async throws {
    let (scenario, _) = try await both(["sync.arrivals": "add"])
    try scenario.mailchimp.perform(.personSignsUp("mary@somerville.dev", ["FNAME": "Mary"]))
    try await sync(scenario)
    let mary = try #require(try await scenario.people(at: "mary@somerville.dev").first)
    await scenario.stopEngine()
    let bob = try await scenario.add("bob@somerville.dev", first: "Bob")
    try scenario.mailchimp.perform(
      .personChangesAddress("mary@somerville.dev", to: "bob@somerville.dev"))
    try await scenario.startEngine()
    _ = try await scenario.run(way == "poll" ? .forceSync(approve: true) : .resync(approve: true))
    try await scenario.rests()
    try await sync(scenario)
    #expect(
      try await scenario.audience().keys.sorted() == ["ada@lovelace.dev", "bob@somerville.dev"])
    #expect(try await scenario.person(mary.id)?.primaryEmail == "bob@somerville.dev")
    #expect(try await scenario.standing(mary.id)?.state == .inStep)
    #expect(try await scenario.standing(bob)?.fullReason == "duplicate-of \(mary.id)")
    #expect(
      try await scenario.audience()["bob@somerville.dev"]?["merge_fields"]?["FNAME"] == "Mary")
    await scenario.end()
  }

  @Test func `a further address of somebody known is no arrival`() async throws {
    let (scenario, ada) = try await both(["sync.arrivals": "add"])
    try await scenario.edit(ada) { $0.emails = ["ada@lovelace.dev", "ada@private.dev"] }
    try scenario.mailchimp.perform(.personSignsUp("ada@private.dev"))
    try await sync(scenario)
    #expect(try await scenario.people(at: "ada@private.dev").isEmpty)
    await scenario.end()
  }

  // MARK: Consent

  @Test func `an unsubscribe there clears the opt-in here, and a later sign-up ticks it`()
    async throws
  {
    let (scenario, ada) = try await both(["consent.back": "yes", "recipients.scope": "opted-in"])
    try await scenario.edit(ada) {
      $0.optIn = .yes
      $0.optInAt = Instant(milliseconds: 1_000_000)
    }
    try await scenario.rests()
    #expect(try await scenario.status("ada@lovelace.dev") == "subscribed")
    try scenario.mailchimp.perform(.personUnsubscribes("ada@lovelace.dev"))
    try await sync(scenario)
    #expect(try await scenario.person(ada)?.optIn == .no)
    let entry = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.one(
        "SELECT by FROM consent_entry WHERE person_id = ? AND new = 'opt-in no'", ada
      ) { $0.text(0) }
    }
    #expect(entry?.hasPrefix("Mailchimp") == true)
    #expect(try await scenario.status("ada@lovelace.dev") == "unsubscribed")
    await scenario.end()
  }

  @Test
  func `who left by themselves is asked again only by decision, and comes back by confirming`()
    async throws
  {
    let (scenario, ada) = try await both()
    try scenario.mailchimp.perform(.adminUnsubscribes("ada@lovelace.dev"))
    try await sync(scenario)
    #expect(try await scenario.standing(ada)?.reason == "suppressed")
    await #expect(throws: Problem.self) { try await scenario.ask(.liftSuppression(ada)) }

    try await scenario.ask(.askAgain(ada))
    try await scenario.rests()
    #expect(try await scenario.status("ada@lovelace.dev") == "pending")
    try scenario.mailchimp.perform(.personConfirms("ada@lovelace.dev"))
    try await sync(scenario)
    #expect(try await scenario.standing(ada)?.state == .inStep)
    await scenario.end()
  }

  @Test func `who was archived by others comes back once the administrator lifts it`() async throws
  {
    let (scenario, ada) = try await both()
    try scenario.mailchimp.perform(.adminArchives("ada@lovelace.dev"))
    try await sync(scenario)
    #expect(try await scenario.standing(ada)?.reason == "suppressed")
    try await scenario.ask(.liftSuppression(ada))
    try await scenario.rests()
    #expect(try await scenario.status("ada@lovelace.dev") == "subscribed")
    #expect(try await scenario.standing(ada)?.state == .inStep)
    await scenario.end()
  }

  // MARK: The guard over the hour

  @Test func `single changes over the limit wait for a look, and leave when they are approved`()
    async throws
  {
    let scenario = try await Scenario(settings: ["guard.people": "4"])
    try await scenario.crowd(8)
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    scenario.mailchimp.forgetExchanges()
    try await scenario.rename(6, to: "Changed")
    let plan = try await scenario.when { (reading) throws(Problem) in
      try reading.plans.held().first
    }
    #expect(plan.counts.update == 6)
    #expect(scenario.mailchimp.exchanges.isEmpty)
    try await scenario.ask(.approvePlan(plan.id))
    let done = try await scenario.settled(plan.execution)
    #expect(done.counts.updated == 6)
    await scenario.end()
  }

  @Test func `a sync that finds the changes which wait for a look takes their place`() async throws
  {
    let scenario = try await Scenario(settings: ["guard.people": "4"])
    try await scenario.crowd(8)
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    try await scenario.rename(6, to: "Changed")
    let single = try await scenario.when { (reading) throws(Problem) in
      try reading.plans.held().first
    }
    let sync = try await scenario.run(.forceSync(approve: false))
    #expect(sync.status == .held)
    let held = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.plans.held()
    }
    #expect(held.map(\.execution) == [sync.id])
    #expect(held.first?.counts.update == 6)
    #expect(try await scenario.settled(single.execution).status == .cancelled)
    let person = try #require(try await scenario.people(at: "person0@town.dev").first)
    #expect(try await scenario.standing(person.id)?.state == .waiting)
    #expect(try await scenario.standing(person.id)?.reason != "discarded")
    try await scenario.ask(.approvePlan(try #require(sync.plan)))
    #expect(try await scenario.settled(sync.id).counts.updated == 6)
    try await scenario.rests()
    #expect(try await scenario.standing(person.id)?.state == .inStep)
    await scenario.end()
  }
}
