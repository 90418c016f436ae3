// What was queued by itself is not lost with a plan that came to nothing, and no way past the guard
// leads over a replay.

import Basics
import Domain
import Sandbox
import Storage
import Support
import Testing

@Suite(.timeLimit(.minutes(10))) struct KeptChangesTests {
  /// Twelve people and Ada, in step, with a guard that lets four changes pass.
  private func organisation(_ settings: [String: String] = [:]) async throws -> (
    Scenario, PersonID
  ) {
    let scenario = try await Scenario(
      settings: ["guard.people": "4", "recipients.leavers": "archive"]
        .merging(settings) { _, new in new })
    try await scenario.crowd(12)
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada") { $0.optIn = .yes }
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    try await scenario.rests()
    return (scenario, ada)
  }

  private func retire(_ count: Int, in scenario: Scenario) async throws {
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      for number in 0..<count {
        for person in try tx.directory.people(at: AddressKey("person\(number)@town.dev")) {
          try tx.directory.update(person.id) { $0.isActive = false }
        }
      }
    }
  }

  @Test func `an opt-out queued while a sync was read is sent though its plan is discarded`()
    async throws
  {
    let (scenario, ada) = try await organisation()
    let hold = scenario.mailchimp.hold(.arrival, method: "GET", path: "/3.0/lists/*/members")
    let id = try await scenario.ask(.forceSync(approve: false))
    await hold.reached()
    try await retire(8, in: scenario)
    try await scenario.edit(ada) { $0.optIn = .no }
    hold.release()
    let held = try await scenario.settled(id)
    #expect(held.status == .held)
    let plan = try #require(held.plan)
    try await scenario.ask(.discardPlan(plan))
    try await scenario.rests()
    #expect(try await scenario.status("ada@lovelace.dev") == "unsubscribed")
    #expect(try await scenario.status("person3@town.dev") == "subscribed")
    await scenario.end()
  }

  @Test func `a discarded plan takes off the list who opted out, and nobody else`() async throws {
    let (scenario, ada) = try await organisation(
      ["sync.on-change": "no", "recipients.leavers": "unsubscribe"])
    try await retire(3, in: scenario)
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      for number in 5..<8 {
        for person in try tx.directory.people(at: AddressKey("person\(number)@town.dev")) {
          try tx.directory.update(person.id) { $0.lastName = "Changed" }
        }
      }
    }
    try await scenario.edit(ada) { $0.optIn = .no }
    let held = try await scenario.run(.forceSync(approve: false))
    #expect(held.status == .held)
    let plan = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.plans.plan(held.plan!)
    }
    #expect(plan?.counts.unsubscribe == 4)
    #expect(plan?.counts.optOuts == 1)
    try await scenario.ask(.discardPlan(try #require(held.plan)))
    try await scenario.rests()
    #expect(try await scenario.status("ada@lovelace.dev") == "unsubscribed")
    #expect(try await scenario.status("person1@town.dev") == "subscribed")
    await scenario.end()
  }

  @Test func `too many opt-outs for the guard wait as a new plan when theirs is discarded`()
    async throws
  {
    let (scenario, _) = try await organisation()
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      for number in 0..<6 {
        for person in try tx.directory.people(at: AddressKey("person\(number)@town.dev")) {
          try tx.directory.update(person.id) { $0.optIn = .no }
        }
      }
    }
    let first = try await scenario.when { (reading) throws(Problem) in
      try reading.plans.held().first { $0.counts.optOuts == 6 }
    }
    try await scenario.ask(.discardPlan(first.id))
    let second = try await scenario.when { (reading) throws(Problem) in
      try reading.plans.held().first { $0.counts.optOuts == 6 }
    }
    #expect(second.id != first.id)
    let told = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.rows(
        "SELECT sentence FROM log_line WHERE execution_id = ?", first.execution
      ) { $0.text(0) }
    }
    #expect(told.contains { $0.contains("6 people in it opted out here") })
    #expect(try await scenario.status("person0@town.dev") == "subscribed")
    _ = try await scenario.settled(try await scenario.ask(.approvePlan(second.id)))
    #expect(try await scenario.status("person0@town.dev") == "unsubscribed")
    await scenario.end()
  }

  @Test func `an opt-out leaves though the held plan it stood in was cancelled`() async throws {
    let (scenario, ada) = try await organisation(["sync.on-change": "no"])
    try await retire(8, in: scenario)
    try await scenario.edit(ada) { $0.optIn = .no }
    let held = try await scenario.run(.forceSync(approve: false))
    #expect(held.status == .held)
    try await scenario.ask(.cancelExecution(held.id))
    try await scenario.rests()
    #expect(try await scenario.status("ada@lovelace.dev") == "unsubscribed")
    #expect(try await scenario.status("person3@town.dev") == "subscribed")
    await scenario.end()
  }

  @Test func `a change queued while a sync was read is sent though the sync is cancelled`()
    async throws
  {
    let (scenario, ada) = try await organisation()
    let hold = scenario.mailchimp.hold(.arrival, method: "GET", path: "/3.0/lists/*/members")
    let id = try #require(try await scenario.ask(.forceSync(approve: false)))
    await hold.reached()
    try await scenario.edit(ada) { $0.firstName = "Augusta" }
    try await scenario.ask(.cancelExecution(id))
    hold.release()
    #expect(try await scenario.settled(id).status == .cancelled)
    try await scenario.rests()
    let merge = try await scenario.audience()["ada@lovelace.dev"]?["merge_fields"]
    #expect(merge?["FNAME"] == "Augusta")
    await scenario.end()
  }

  @Test func `cancelling a blocked change does not lose it`() async throws {
    let (scenario, ada) = try await organisation()
    try scenario.mailchimp.perform(.keyIsRevoked)
    try await scenario.edit(ada) { $0.firstName = "Augusta" }
    let blocked = try await scenario.when { (reading) throws(Problem) in
      try reading.engine.record().blockedBy == nil
        ? nil : try reading.executions.open().first { $0.trigger == .change }
    }
    try await scenario.ask(.cancelExecution(blocked.id))
    try scenario.mailchimp.perform(.keyIsRestored)
    try await scenario.ask(.settingsChanged)
    _ = try await scenario.execution(after: blocked.id) { $0.status == .succeeded }
    let merge = try await scenario.audience()["ada@lovelace.dev"]?["merge_fields"]
    #expect(merge?["FNAME"] == "Augusta")
    await scenario.end()
  }

  @Test func `a replay that would take many off the list is held for a look`() async throws {
    let (scenario, _) = try await organisation(["sync.on-change": "no"])
    let first = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.executions.latest(after: ExecutionID(0)) { $0.trigger == .forceSync }
    }
    try await retire(12, in: scenario)
    try await scenario.rests()
    scenario.mailchimp.forgetExchanges()
    let replay = try await scenario.run(.replayExecution(try #require(first?.id)))
    #expect(replay.status == .held)
    let plan = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.plans.plan(replay.plan!)
    }
    #expect(plan?.counts.archive == 12)
    #expect(scenario.mailchimp.exchanges.allSatisfy { $0.method == "GET" })
    await scenario.end()
  }

  @Test func `what an administrator approved does not count against the next hour`() async throws {
    let (scenario, ada) = try await organisation()
    try await scenario.rename(8, to: "Changed")
    let plan = try await scenario.when { (reading) throws(Problem) in
      try reading.plans.held().first
    }
    _ = try await scenario.settled(try await scenario.ask(.approvePlan(plan.id)))
    try await scenario.rests()
    try await scenario.edit(ada) { $0.optIn = .no }
    try await scenario.rests()
    #expect(try await scenario.status("ada@lovelace.dev") == "unsubscribed")
    await scenario.end()
  }

  @Test func `who left themselves is not let back because somebody archived the contact later`()
    async throws
  {
    let (scenario, ada) = try await organisation()
    for deed in [
      SandboxDeed.personUnsubscribes("ada@lovelace.dev"), .adminArchives("ada@lovelace.dev"),
    ] {
      try scenario.mailchimp.perform(deed)
      _ = try await scenario.run(.forceSync(approve: true))
      try await scenario.rests()
    }
    let problem = await #expect(throws: Problem.self) {
      try await scenario.ask(.liftSuppression(ada))
    }
    #expect(problem?.code == "consent.left-themselves")
    await scenario.end()
  }
}
