// Tags and plans that wait for a look: the rows say which tags follow, and they follow when somebody
// has approved, not before.

import Basics
import Domain
import Sandbox
import Storage
import Support
import Testing

@Suite(.timeLimit(.minutes(10))) struct HeldTagTests {
  /// Twenty people in step, of whom four hold the tag because of us; a guard that lets four pass.
  private func organisation(_ time: SteppedTime) async throws -> Scenario {
    let scenario = try await Scenario(
      settings: ["guard.people": "4", "guard.percent": "1", "recipients.leavers": "archive"],
      time: time)
    try await scenario.crowd(20)
    try await scenario.rename(4, to: "King")
    try await scenario.save("Lovelaces", "last:lovelace")
    try await scenario.save("Kings", "last:king")
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    try await scenario.tagsRest(time)
    #expect(try await scenario.holders("Kings").count == 4)
    time.advance(.hours(2))
    return scenario
  }

  private func held(_ scenario: Scenario) async throws -> (PlanSummary, [PlanRow]) {
    try await scenario.when { (reading) throws(Problem) in
      try reading.plans.held().first.map { (plan) throws(Problem) in
        (plan, try reading.plans.rows(plan.id, 0..<100))
      }
    }
  }

  @Test func `single changes that are held say which tags follow, and place none before`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await organisation(time)
    try await scenario.rename(8, to: "Lovelace")
    let (plan, rows) = try await held(scenario)
    try await scenario.tagsRest(time)
    #expect(plan.counts.tagsAdded == 8)
    #expect(plan.counts.tagsRemoved == 4)
    #expect(rows.count == 8)
    #expect(rows.allSatisfy { $0.tags.gained == ["Lovelaces"] })
    #expect(rows.count { $0.tags.lost == ["Kings"] } == 4)
    #expect(try await scenario.holders("Lovelaces").isEmpty)
    #expect(try await scenario.holders("Kings").count == 4)

    // Others are not kept waiting.
    let id = try await scenario.add("ada@lovelace.dev", first: "Ada", last: "Lovelace")
    try await scenario.tagsRest(time)
    #expect(try await scenario.holders("Lovelaces") == ["ada@lovelace.dev"])
    #expect(try await scenario.standing(id)?.state == .inStep)

    try await scenario.ask(.approvePlan(plan.id))
    try await scenario.tagsRest(time)
    #expect(try await scenario.holders("Lovelaces").count == 9)
    #expect(try await scenario.holders("Kings").isEmpty)
    await scenario.end()
  }

  @Test func `a held plan that comes to nothing leaves the tags to the next sync`() async throws {
    let time = SteppedTime()
    let scenario = try await organisation(time)
    try await scenario.rename(8, to: "Lovelace")
    let (plan, _) = try await held(scenario)
    try await scenario.ask(.discardPlan(plan.id))
    try await scenario.tagsRest(time)
    #expect(try await scenario.holders("Lovelaces").isEmpty)
    _ = try await scenario.run(.forceSync(approve: true))
    try await scenario.tagsRest(time)
    #expect(try await scenario.holders("Lovelaces").count == 8)
    #expect(try await scenario.holders("Kings").isEmpty)
    await scenario.end()
  }
}
