// Both sides act in the same moment: somebody signs up while we add them, edits while we write, comes
// by themselves after Mailchimp refused us. What they did there counts as theirs.

import Basics
import Domain
import Sandbox
import Storage
import Support
import Testing

@Suite(.timeLimit(.minutes(10))) struct SimultaneousTests {
  private let settings = ["sync.direction": "both", "sync.conflicts": "mailchimp"]

  private func organisation(
    _ time: SteppedTime, _ settings: [String: String] = [:]
  ) async throws -> Scenario {
    let scenario = try await Scenario(
      settings: self.settings.merging(settings) { _, new in new }, time: time)
    try await scenario.map([
      FieldMapping(.firstName, "FNAME", direction: .both),
      FieldMapping(.lastName, "LNAME", direction: .both),
    ])
    return scenario
  }

  private func names(_ scenario: Scenario, _ address: String) async throws -> [String] {
    try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.directory.people(at: AddressKey(address)).flatMap { [$0.firstName, $0.lastName] }
    }
  }

  // MARK: Additions

  @Test func `who signs up while many are added keeps what they wrote, and their status`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await organisation(time, ["consent.back": "yes"])
    try await scenario.crowd(15)
    let hold = scenario.mailchimp.hold(.arrival, method: "POST", path: "/3.0/lists/*")
    try await scenario.startEngine()
    let id = try await scenario.ask(.forceSync(approve: true))
    await hold.reached()
    let values: [String: JSONValue] = ["FNAME": "Mary", "LNAME": "Somerville"]
    try scenario.mailchimp.perform(.personSignsUp("person3@town.dev", values))
    try scenario.mailchimp.perform(.personSignsUp("person4@town.dev", values))
    try scenario.mailchimp.perform(.personUnsubscribes("person4@town.dev"))
    hold.release()
    #expect(try await scenario.settled(id).counts.refused == 0)
    try await scenario.rests()
    #expect(try await names(scenario, "person3@town.dev") == ["Mary", "Somerville"])
    #expect(try await names(scenario, "person5@town.dev") == ["P5", ""])
    let there = try await scenario.audience()["person3@town.dev"]
    #expect(there?["merge_fields"]?["LNAME"] == "Somerville")
    #expect(try await scenario.status("person4@town.dev") == "unsubscribed")
    #expect(try await scenario.suppression("person4@town.dev") == .unsubscribed)
    // Theirs, not ours: what they decided is known here too.
    let ticked = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.directory.people(at: AddressKey("person3@town.dev")).map(\.optIn)
    }
    #expect(ticked == [.yes])
    #expect(try await scenario.audience().count == 15)
    await scenario.end()
  }

  @Test func `who signed up just after the audience was read is met, also where few are added`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await organisation(time)
    try await scenario.crowd(3)
    try await scenario.startEngine()
    let held = try await scenario.run(.forceSync(approve: false))
    #expect(held.status == .held)
    try scenario.mailchimp.perform(
      .personSignsUp("person1@town.dev", ["FNAME": "Mary", "LNAME": "Somerville"]))
    _ = try await scenario.settled(
      try await scenario.ask(.approvePlan(try #require(held.plan))))
    try await scenario.rests()
    #expect(try await names(scenario, "person1@town.dev") == ["Mary", "Somerville"])
    #expect(try await names(scenario, "person2@town.dev") == ["P2", ""])
    await scenario.end()
  }

  @Test func `who was archived there since the reading is not revived by an addition`() async throws
  {
    let time = SteppedTime()
    let scenario = try await organisation(time)
    try await scenario.crowd(15)
    try await scenario.startEngine()
    let held = try await scenario.run(.forceSync(approve: false))
    try scenario.mailchimp.perform(.personSignsUp("person1@town.dev"))
    try scenario.mailchimp.perform(.adminArchives("person1@town.dev"))
    _ = try await scenario.settled(
      try await scenario.ask(.approvePlan(try #require(held.plan))))
    try await scenario.rests()
    #expect(try await scenario.status("person1@town.dev") == "archived")
    #expect(try await scenario.suppression("person1@town.dev") == .archivedByOthers)
    #expect(try await scenario.status("person2@town.dev") == "subscribed")
    await scenario.end()
  }

  // MARK: Changes

  @Test func `an edit there since the reading of a sync is not written over by its changes`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await organisation(
      time, ["sync.on-change": "no", "guard.people": "5", "guard.percent": "1"])
    try await scenario.crowd(15)
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    try await scenario.rests()
    time.advance(.minutes(70))
    try await scenario.rename(15, to: "Ours")
    let held = try await scenario.run(.forceSync(approve: false))
    #expect(held.status == .held)
    try scenario.mailchimp.perform(.personEdits("person3@town.dev", ["LNAME": "Theirs"]))
    _ = try await scenario.settled(
      try await scenario.ask(.approvePlan(try #require(held.plan))))
    try await scenario.rests()
    #expect(try await names(scenario, "person3@town.dev") == ["P3", "Theirs"])
    let there = try await scenario.audience()
    #expect(there["person3@town.dev"]?["merge_fields"]?["LNAME"] == "Theirs")
    #expect(there["person4@town.dev"]?["merge_fields"]?["LNAME"] == "Ours")
    await scenario.end()
  }

  @Test func `where our own writes fill the list to be looked through, a poll takes them in`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await organisation(
      time,
      [
        "sync.on-change": "no", "guard.people": "100000", "sync.poll-minutes": "1440",
        "mailchimp.connections": "1",
      ])
    try await scenario.crowd(2000)
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    try await scenario.rests()
    time.advance(.minutes(2))
    try await scenario.rename(2000, to: "Ours")
    let last = try await scenario.lastExecution()
    let hold = scenario.mailchimp.hold(.arrival, method: "POST", path: "/3.0/lists/*")
    let id = try await scenario.ask(.forceSync(approve: true))
    await hold.reached()
    time.advance(.minutes(2))
    hold.release()
    #expect(try await scenario.settled(id).counts.updated == 2000)
    let poll = try await scenario.execution(after: last) { $0.trigger == .poll }
    #expect(poll.status == .succeeded)
    await scenario.end()
  }

  // MARK: After a refusal

  @Test(arguments: [1, 15])
  func `who joins by themselves after a deferred refusal is told as theirs`(count: Int) async throws
  {
    let time = SteppedTime()
    let scenario = try await organisation(time, ["consent.back": "yes"])
    try await scenario.add("ada@lovelace.dev", first: "Ada")
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    try await scenario.rests()
    time.advance(.seconds(30))
    try scenario.mailchimp.perform(.signupsAreLimited("person0@town.dev"))
    try await scenario.crowd(count)
    try await scenario.rests()
    #expect(try await scenario.status("person0@town.dev") == nil)
    #expect(try await scenario.link("person0@town.dev")?.attempt == nil)
    time.advance(.seconds(20))
    try scenario.mailchimp.perform(.personSignsUp("person0@town.dev"))
    _ = try await scenario.poll(time)
    let optIns = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.directory.people(at: AddressKey("person0@town.dev")).map(\.optIn)
    }
    #expect(optIns == [.yes])
    await scenario.end()
  }

  @Test func `who leaves by themselves after our opt-out was refused has left by themselves`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await organisation(time)
    let id = try await scenario.add("ada@lovelace.dev", first: "Ada") { $0.optIn = .yes }
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    try await scenario.rests()
    time.advance(.seconds(30))
    scenario.mailchimp.addFault(SandboxFaultRule(.tooManyRequests, method: "PATCH", count: 1))
    try await scenario.edit(id) { $0.optIn = .no }
    _ = try await scenario.when { (reading) throws(Problem) in
      try reading.database.integer("SELECT count(*) FROM row_outcome WHERE result = 'skipped'") > 0
        ? true : nil
    }
    #expect(try await scenario.link("ada@lovelace.dev")?.attempt == nil)
    try scenario.mailchimp.perform(.personUnsubscribes("ada@lovelace.dev"))
    _ = try await scenario.poll(time)
    #expect(try await scenario.suppression("ada@lovelace.dev") == .unsubscribed)
    await scenario.end()
  }
}
