// One person before the first sync: only after a full reading, only whoever is named, and the first
// plan is held as ever, also after the trial was taken back.

import Basics
import Domain
import Sandbox
import Support
import Testing

@Suite struct TrialTests {
  @Test func `a trial is refused until the audience was read`() async throws {
    let scenario = try await Scenario()
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada")
    try await scenario.startEngine()
    let problem = await #expect(throws: Problem.self) {
      try await scenario.ask(.syncPerson(ada))
    }
    #expect(problem?.code == "sync.first-not-done")
    #expect(scenario.mailchimp.exchanges.allSatisfy { $0.method == "GET" })
    await scenario.end()
  }

  @Test(arguments: ["all", "when they change"])
  func `a trial sends the one who is named, and the first plan is held all the same`(
    _ existing: String
  ) async throws {
    let scenario = try await Scenario(settings: ["sync.existing": existing])
    try await scenario.add("alan@turing.dev", first: "Alan")
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada") { $0.optIn = .yes }
    try await scenario.startEngine()
    #expect(try await scenario.run(.dryRun).status == .succeeded)
    let sent = try await scenario.run(.syncPerson(ada))
    #expect(sent.status == .succeeded)
    #expect(sent.counts.created == 1)
    #expect(try await scenario.audience().keys.sorted() == ["ada@lovelace.dev"])

    let undone = try await scenario.run(.undoExecution(sent.id))
    #expect(undone.status == .succeeded)
    #expect(try await scenario.status("ada@lovelace.dev") == "archived")
    let held = try await scenario.run(.forceSync(approve: false))
    if existing == "all" { #expect(held.status == .held) }
    #expect(!(try await scenario.audience().keys.contains("alan@turing.dev")))
    await scenario.end()
  }

  @Test func `a trial is refused where somebody else stands at the address`() async throws {
    let scenario = try await Scenario()
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada")
    try await scenario.add("ADA@lovelace.dev", first: "Augusta")
    try await scenario.startEngine()
    _ = try await scenario.run(.dryRun)
    let problem = await #expect(throws: Problem.self) {
      try await scenario.ask(.syncPerson(ada))
    }
    #expect(problem?.code == "sync.not-alone")
    await scenario.end()
  }

  @Test func `who unsubscribed there is not subscribed by a trial`() async throws {
    let scenario = try await Scenario()
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada") { $0.optIn = .yes }
    try scenario.mailchimp.perform(.personSignsUp("ada@lovelace.dev"))
    try scenario.mailchimp.perform(.personUnsubscribes("ada@lovelace.dev"))
    try await scenario.startEngine()
    _ = try await scenario.run(.dryRun)
    _ = try await scenario.run(.syncPerson(ada))
    #expect(try await scenario.status("ada@lovelace.dev") == "unsubscribed")
    await scenario.end()
  }
}
