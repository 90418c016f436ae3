// What happens at Mailchimp unseen, in the moment before we write: nothing of it is lost, nobody who
// left comes back by it, and what was ours stays ours.

import Basics
import Domain
import Queue
import Sandbox
import Storage
import Support
import Testing

@Suite(.timeLimit(.minutes(10))) struct UnseenTests {
  private let ada = "ada@lovelace.dev"

  /// Ada in step on both sides; some time has passed.
  private func synced(
    _ time: SteppedTime, _ settings: [String: String] = [:]
  ) async throws -> (Scenario, PersonID) {
    let scenario = try await Scenario(settings: settings, time: time)
    try await scenario.map([
      FieldMapping(.firstName, "FNAME", direction: .both),
      FieldMapping(.lastName, "LNAME", direction: .both),
    ])
    let id = try await scenario.add(ada, first: "Ada", last: "Byron") { $0.optIn = .yes }
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    try await scenario.rests()
    time.advance(.seconds(30))
    return (scenario, id)
  }

  private func theirs(_ scenario: Scenario) async throws -> Int {
    try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.integer("SELECT count(*) FROM consent_entry WHERE by = 'Mailchimp'")
    }
  }

  // MARK: Endings

  @Test(arguments: ["to", "both"])
  func `who was unsubscribed there unseen is not archived over, and does not come back`(
    direction: String
  ) async throws {
    let time = SteppedTime()
    let (scenario, id) = try await synced(
      time, ["recipients.leavers": "archive", "sync.direction": direction])
    try scenario.mailchimp.perform(.adminUnsubscribes(ada))
    time.advance(.seconds(30))
    try await scenario.edit(id) { $0.isActive = false }
    try await scenario.rests()
    #expect(try await scenario.suppression(ada) == .unsubscribed)
    time.advance(.seconds(30))
    try await scenario.edit(id) { $0.isActive = true }
    try await scenario.rests()
    _ = try await scenario.poll(time)
    try await scenario.rests()
    #expect(try await scenario.status(ada) == "unsubscribed")
    #expect(try await scenario.standing(id)?.reason == "suppressed")
    await scenario.end()
  }

  @Test func `who opted out here and is asked to confirm there is taken off without a sync`()
    async throws
  {
    let time = SteppedTime()
    let (scenario, _) = try await synced(time)
    let grace = "grace@hopper.dev"
    try await scenario.add(grace, first: "Grace") { $0.optIn = .no }
    try await scenario.rests()
    try scenario.mailchimp.perform(.adminSetsDoubleOptIn(true))
    try scenario.mailchimp.perform(.personSignsUp(grace))
    #expect(try await scenario.status(grace) == "pending")
    _ = try await scenario.poll(time)
    try await scenario.rests()
    #expect(try await scenario.status(grace) == "unsubscribed")
    await scenario.end()
  }

  @Test func `an opt-out here over an unsubscribe there is theirs, whoever says yes later`()
    async throws
  {
    let time = SteppedTime()
    let (scenario, id) = try await synced(time)
    try scenario.mailchimp.perform(.personUnsubscribes(ada))
    time.advance(.seconds(30))
    try await scenario.edit(id) { $0.optIn = .no }
    try await scenario.rests()
    time.advance(.seconds(30))
    try await scenario.edit(id) { $0.optIn = .yes }
    try await scenario.rests()
    #expect(scenario.mailchimp.count("PATCH") == 0)
    #expect(try await scenario.status(ada) == "unsubscribed")
    #expect(try await scenario.suppression(ada) == .unsubscribed)
    await scenario.end()
  }

  @Test func `many leavers are looked at in one listing, and who left before us is told apart`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await Scenario(settings: ["recipients.leavers": "archive"], time: time)
    try await scenario.crowd(15)
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    try await scenario.rests()
    _ = try await scenario.poll(time)
    time.advance(.seconds(30))
    try scenario.mailchimp.perform(.personUnsubscribes("person0@town.dev"))
    try scenario.mailchimp.perform(.adminArchives("person1@town.dev"))
    scenario.mailchimp.forgetExchanges()
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      for person in try tx.directory.people(after: nil, limit: 100) {
        try tx.directory.update(person.id) { $0.isActive = false }
      }
    }
    try await scenario.rests()
    #expect(scenario.mailchimp.count("DELETE") == 13)
    #expect(scenario.mailchimp.count("GET", "/3.0/lists/*/members") == 2)
    #expect(scenario.mailchimp.count("GET", "/3.0/lists/*/members/*") == 0)
    #expect(try await scenario.status("person0@town.dev") == "unsubscribed")
    #expect(try await scenario.suppression("person1@town.dev") == .archivedByOthers)
    #expect(try await scenario.suppression("person2@town.dev") == nil)
    await scenario.end()
  }

  @Test(arguments: [("to", "list"), ("both", "list"), ("both", "add")])
  func `a contact that moved unseen to where somebody is to be added is one contact still`(
    direction: String, arrivals: String
  ) async throws {
    let time = SteppedTime()
    let (scenario, _) = try await synced(
      time, ["sync.direction": direction, "sync.arrivals": arrivals])
    try scenario.mailchimp.perform(.personSignsUp("grace@old.dev", ["FNAME": "Grace"]))
    _ = try await scenario.poll(time)
    try await scenario.rests()
    time.advance(.seconds(30))
    try scenario.mailchimp.perform(.personChangesAddress("grace@old.dev", to: "grace@new.dev"))
    time.advance(.seconds(30))
    let bea = try await scenario.add("grace@new.dev", first: "Bea") { $0.optIn = .yes }
    try await scenario.rests()
    _ = try await scenario.run(.resync(approve: true))
    let old = try await scenario.link("grace@old.dev")
    let new = try await scenario.link("grace@new.dev")
    #expect(old?.contactID != new?.contactID || old?.status == nil)
    #expect(try await scenario.status("grace@old.dev") == old?.status?.rawValue)
    #expect(new?.contactID == scenario.mailchimp.member("grace@new.dev")?.contactID)
    let there = try await scenario.people(at: "grace@new.dev")
    if arrivals == "add" {
      // Whose contact it is takes its address; two share it then.
      let grace = try #require(there.first { $0.id != bea })
      #expect(grace.firstName == "Grace")
      #expect(try await scenario.standing(grace.id)?.state == .inStep)
      #expect(try await scenario.standing(bea)?.other == grace.id)
    } else {
      #expect(there.map(\.id) == [bea])
      #expect(try await scenario.standing(bea)?.state == .inStep)
    }
    await scenario.end()
  }

  @Test func `who came back and left again unseen is not subscribed by a yes here`() async throws {
    let time = SteppedTime()
    let (scenario, id) = try await synced(time)
    try await scenario.edit(id) { $0.optIn = .no }
    try await scenario.rests()
    #expect(try await scenario.link(ada)?.endedByUs == true)
    time.advance(.seconds(30))
    try scenario.mailchimp.perform(.personSignsUp(ada))
    time.advance(.seconds(5))
    try scenario.mailchimp.perform(.adminUnsubscribes(ada))
    time.advance(.seconds(5))
    try await scenario.edit(id) { $0.optIn = .yes }
    try await scenario.rests()
    #expect(try await scenario.status(ada) == "unsubscribed")
    #expect(try await scenario.suppression(ada) == .unsubscribed)
    await scenario.end()
  }

  @Test func `an ending of ours whose answer was lost stays ours`() async throws {
    for (leavers, method) in [("keep", "PATCH"), ("archive", "DELETE")] {
      let time = SteppedTime()
      let (scenario, id) = try await synced(time, ["recipients.leavers": leavers])
      scenario.mailchimp.addFault(
        SandboxFaultRule(.cut(applied: true), method: method, count: 1))
      try await scenario.edit(id) { person in
        if leavers == "keep" { person.optIn = .no } else { person.isActive = false }
      }
      _ = try await scenario.passes(time) { (reading) throws(Problem) in
        try reading.database.integer("SELECT count(*) FROM message WHERE state <> 'dead'") == 0
          ? true : nil
      }
      _ = try await scenario.poll(time)
      #expect(try await scenario.link(ada)?.endedByUs == true)
      #expect(try await scenario.suppression(ada) == nil)
      #expect(try await theirs(scenario) == 0)
      try await scenario.edit(id) {
        $0.optIn = .yes
        $0.isActive = true
      }
      try await scenario.rests()
      #expect(try await scenario.status(ada) == "subscribed")
      await scenario.end()
    }
  }

  @Test func `who is archived again after a revival whose answer was lost stays away`() async throws
  {
    let time = SteppedTime()
    let (scenario, id) = try await synced(time)
    try scenario.mailchimp.perform(.adminArchives(ada))
    _ = try await scenario.poll(time)
    #expect(try await scenario.suppression(ada) == .archivedByOthers)
    time.advance(.seconds(30))
    scenario.mailchimp.addFault(SandboxFaultRule(.cut(applied: true), method: "PUT", count: 1))
    try await scenario.ask(.liftSuppression(id))
    _ = try await scenario.when { (reading) throws(Problem) in
      try reading.database.integer("SELECT count(*) FROM message WHERE attempt > 0") > 0
        ? true : nil
    }
    #expect(try await scenario.status(ada) == "subscribed")
    time.advance(.seconds(5))
    try scenario.mailchimp.perform(.adminArchives(ada))
    _ = try await scenario.passes(time) { (reading) throws(Problem) in
      try reading.database.integer("SELECT count(*) FROM message WHERE state <> 'dead'") == 0
        ? true : nil
    }
    #expect(try await scenario.status(ada) == "archived")
    #expect(try await scenario.suppression(ada) == .archivedByOthers)
    await scenario.end()
  }

  @Test func `an addition whose answer was lost is read as ours, and ticks nobody's opt-in`()
    async throws
  {
    let time = SteppedTime()
    let (scenario, _) = try await synced(
      time, ["consent.back": "yes", "sync.direction": "both", "sync.arrivals": "add"])
    scenario.mailchimp.addFault(SandboxFaultRule(.cut(applied: true), method: "PUT", count: 50))
    let id = try await scenario.add("grace@hopper.dev", first: "Grace")
    _ = try await scenario.passes(time) { (reading) throws(Problem) in
      try reading.database.integer("SELECT count(*) FROM message WHERE state <> 'dead'") == 0
        ? true : nil
    }
    #expect(try await scenario.status("grace@hopper.dev") == "subscribed")
    _ = try await scenario.poll(time)
    let link = try await scenario.link("grace@hopper.dev")
    #expect(link?.status == .subscribed)
    #expect(link?.owner == id)
    #expect(try await scenario.person(id)?.optIn == .unknown)
    #expect(try await theirs(scenario) == 0)
    await scenario.end()
  }

  @Test func `who came back and left again is not hidden by a tag of ours`() async throws {
    let time = SteppedTime()
    let scenario = try await Scenario(settings: ["sync.on-change": "yes"], time: time)
    let id = try await scenario.add(ada, first: "Ada") { $0.optIn = .yes }
    try await scenario.save("Adas", "first:Ada")
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    try await scenario.tagsRest(time)
    try await scenario.edit(id) { $0.optIn = .no }
    try await scenario.rests()
    #expect(try await scenario.link(ada)?.endedByUs == true)
    time.advance(.seconds(30))
    try scenario.mailchimp.perform(.personSignsUp(ada))
    time.advance(.seconds(5))
    try scenario.mailchimp.perform(.adminUnsubscribes(ada))
    time.advance(.seconds(5))
    try await scenario.edit(id) { $0.firstName = "Augusta" }
    try await scenario.tagsRest(time)
    #expect(try await scenario.holders("Adas").isEmpty)
    #expect(try await scenario.suppression(ada) == .unsubscribed)
    #expect(try await scenario.link(ada)?.endedByUs == false)
    await scenario.end()
  }

  @Test func `a tag taken from whom we unsubscribed does not make the ending theirs`() async throws
  {
    let time = SteppedTime()
    let scenario = try await Scenario(time: time)
    let id = try await scenario.add(ada, first: "Ada") { $0.optIn = .yes }
    try await scenario.save("Yes", "opt-in:yes")
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    try await scenario.tagsRest(time)
    #expect(try await scenario.holders("Yes") == [ada])
    try await scenario.edit(id) { $0.optIn = .no }
    _ = try await scenario.when { (reading) throws(Problem) in
      try reading.links.link(reading.settings.values()[Settings.audience], at: AddressKey(ada))?
        .status == .unsubscribed ? true : nil
    }
    time.advance(.seconds(3))
    try await scenario.tagsRest(time)
    #expect(try await scenario.holders("Yes").isEmpty)
    _ = try await scenario.poll(time)
    #expect(try await scenario.suppression(ada) == nil)
    #expect(try await scenario.link(ada)?.endedByUs == true)
    await scenario.end()
  }

  @Test func `who comes back and leaves just after a tag of ours has left by themselves`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await Scenario(time: time)
    let id = try await scenario.add(ada, first: "Ada") { $0.optIn = .yes }
    try await scenario.save("Yes", "opt-in:yes")
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    try await scenario.tagsRest(time)
    try await scenario.edit(id) { $0.optIn = .no }
    try await scenario.tagsRest(time)
    #expect(try await scenario.holders("Yes").isEmpty)
    #expect(try await scenario.link(ada)?.endedByUs == true)
    time.advance(.seconds(5))
    try scenario.mailchimp.perform(.personSignsUp(ada))
    time.advance(.seconds(5))
    try scenario.mailchimp.perform(.personUnsubscribes(ada))
    _ = try await scenario.poll(time)
    #expect(try await scenario.suppression(ada) == .unsubscribed)
    #expect(try await scenario.link(ada)?.endedByUs == false)
    await scenario.end()
  }

  // MARK: Values

  @Test func `an edit there that shows first in our own answer is not lost`() async throws {
    let time = SteppedTime()
    let (scenario, id) = try await synced(time, ["sync.direction": "to"])
    try scenario.mailchimp.perform(.personEdits(ada, ["LNAME": "King"]))
    try await scenario.edit(id) { $0.firstName = "Augusta" }
    try await scenario.rests()
    let fields = try await scenario.audience()[ada]?["merge_fields"]
    #expect(fields?["FNAME"] == "Augusta")
    #expect(fields?["LNAME"] == "Byron")
    await scenario.end()
  }

  @Test func `the values of a sign-up nobody has seen yet meet the rules of a first link`()
    async throws
  {
    let time = SteppedTime()
    let (scenario, _) = try await synced(
      time, ["sync.direction": "both", "sync.conflicts": "mailchimp"])
    let new = "mary@somerville.dev"
    try scenario.mailchimp.perform(.personSignsUp(new, ["FNAME": "Mary", "LNAME": "Somerville"]))
    let id = try await scenario.add(new, first: "M.")
    try await scenario.rests()
    #expect(try await scenario.person(id)?.firstName == "Mary")
    #expect(try await scenario.person(id)?.lastName == "Somerville")
    #expect(try await scenario.standing(id)?.state == .inStep)
    await scenario.end()
  }

  @Test func `an edit made here while a value is taken meets the rule for conflicts`()
    async throws
  {
    let time = SteppedTime()
    let (scenario, id) = try await synced(time, ["sync.direction": "both"])
    try scenario.mailchimp.perform(.personEdits(ada, ["LNAME": "King"]))
    let hold = scenario.mailchimp.hold(.answer, method: "PATCH")
    // The first look finds the other name, and with what it found the row is planned anew.
    try await scenario.edit(id) { $0.firstName = "Augusta" }
    await hold.reached()
    try await scenario.edit(id) { $0.lastName = "Lovelace" }
    hold.release()
    try await scenario.rests()
    #expect(try await scenario.person(id)?.lastName == "Lovelace")
    #expect(
      try await scenario.audience()[ada]?["merge_fields"]?["LNAME"] == "Lovelace")
    let told = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.conflicts.list(openOnly: false, limit: 10)
    }
    #expect(told.map(\.tag) == ["LNAME"])
    await scenario.end()
  }

  // MARK: People in hand

  @Test func `a decision about somebody who is in hand is not written over`() async throws {
    let time = SteppedTime()
    let (scenario, id) = try await synced(
      time, ["sync.direction": "both", "sync.conflicts": "ask"])
    try scenario.mailchimp.perform(.personEdits(ada, ["LNAME": "King"]))
    try await scenario.edit(id) { $0.lastName = "Lovelace" }
    try await scenario.rests()
    let open = try #require(try await scenario.conflicts().first)
    let hold = scenario.mailchimp.hold(.answer, method: "PATCH")
    try await scenario.edit(id) { $0.firstName = "Augusta" }
    await hold.reached()
    async let decided = scenario.ask(.decideConflict(open.id, .mailchimp))
    _ = await time.isAsked(moreThan: time.looks + 100, within: .milliseconds(300))
    hold.release()
    _ = try await decided
    try await scenario.rests()
    #expect(try await scenario.person(id)?.lastName == "King")
    #expect(try await scenario.conflicts().isEmpty)
    await scenario.end()
  }

  @Test func `nobody touches the address a contact is being renamed from`() async throws {
    let time = SteppedTime()
    let (scenario, id) = try await synced(time)
    let hold = scenario.mailchimp.hold(.arrival, method: "PATCH")
    try await scenario.edit(id) { $0.emails = ["countess@lovelace.dev"] }
    await hold.reached()
    scenario.mailchimp.forgetExchanges()
    let heir = try await scenario.add(ada, first: "Heir")
    _ = await time.isAsked(moreThan: time.looks + 100, within: .milliseconds(300))
    #expect(scenario.mailchimp.exchanges.isEmpty)
    #expect(hold.count == 1)
    hold.release()
    _ = try await scenario.passes(time) { (reading) throws(Problem) in
      try reading.standings.standing(of: heir)?.standing.state == .inStep ? true : nil
    }
    let contacts = try await scenario.audience()
    #expect(contacts.keys.sorted() == [ada, "countess@lovelace.dev"])
    #expect(contacts[ada]?["merge_fields"]?["FNAME"] == "Heir")
    #expect(contacts["countess@lovelace.dev"]?["merge_fields"]?["FNAME"] == "Ada")
    await scenario.end()
  }

  @Test func `a refusal follows a person back to an address we archived`() async throws {
    let time = SteppedTime()
    let (scenario, id) = try await synced(
      time, ["recipients.leavers": "archive", "sync.address-change": "rename"])
    // Two contacts of one person: the first is archived by us, the second is where they refuse.
    try await scenario.edit(id) { $0.isActive = false }
    try await scenario.rests()
    #expect(try await scenario.status(ada) == "archived")
    try await scenario.edit(id) {
      $0.isActive = true
      $0.emails = ["countess@lovelace.dev"]
    }
    try await scenario.rests()
    #expect(try await scenario.status("countess@lovelace.dev") == "subscribed")
    time.advance(.seconds(30))
    try scenario.mailchimp.perform(.personUnsubscribes("countess@lovelace.dev"))
    _ = try await scenario.poll(time)
    try await scenario.edit(id) { $0.emails = [ada] }
    try await scenario.rests()
    #expect(try await scenario.status(ada) == "archived")
    #expect(try await scenario.standing(id)?.reason == "suppressed")
    await scenario.end()
  }
}
