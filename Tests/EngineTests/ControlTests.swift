import Basics
import Domain
import Sandbox
import Storage
import Support
import Testing

@Suite(.timeLimit(.minutes(10))) struct ControlTests {
  @Test
  func `a sync of three chunks cancelled in the first ends as cancelled, the next completes it`()
    async throws
  {
    let scenario = try await Scenario(settings: ["mailchimp.connections": "1"])
    try await scenario.crowd(1200)
    let hold = scenario.mailchimp.hold(.arrival, method: "POST", path: "/3.0/lists/*")
    try await scenario.startEngine()
    let id = try #require(try await scenario.ask(.forceSync(approve: true)))
    await hold.reached()
    try await scenario.ask(.cancelExecution(id))
    hold.release()
    let ended = try await scenario.settled(id)
    #expect(ended.status == .cancelled)
    #expect(try await scenario.audience().count == 500)

    let next = try await scenario.run(.forceSync(approve: false))
    #expect(next.status == .succeeded)
    #expect(next.counts.created == 700)
    #expect(next.counts.unchanged == 500)
    #expect(try await scenario.audience().count == 1200)
    await scenario.end()
  }

  @Test func `a dry run keeps its plan, writes nothing and leaves a held plan alone`() async throws
  {
    let scenario = try await Scenario()
    try await scenario.crowd(3)
    try await scenario.startEngine()
    let held = try await scenario.run(.forceSync(approve: false))
    #expect(held.status == .held)
    let dry = try await scenario.run(.dryRun)
    #expect(dry.status == .succeeded)
    let plans = try await scenario.workspace.read { (reading) throws(Problem) in
      [try reading.plans.plan(held.plan!)?.status, try reading.plans.plan(dry.plan!)?.status]
    }
    #expect(plans == [.held, .ready])
    #expect(try await scenario.audience().isEmpty)
    await scenario.end()
  }

  @Test func `a sync asked for during a dry run is not taken for it`() async throws {
    let scenario = try await Scenario()
    try await scenario.crowd(3)
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    try await scenario.crowd(2, from: 3)
    try await scenario.rests()
    let hold = scenario.mailchimp.hold(.arrival, method: "GET", path: "/3.0/lists/*")
    let dry = try await scenario.ask(.dryRun)
    await hold.reached()
    let sync = try await scenario.ask(.forceSync(approve: false))
    #expect(sync != dry)
    hold.release()
    let done = try await scenario.settled(sync)
    #expect(done.status == .succeeded)
    #expect(try await scenario.audience().count == 5)
    await scenario.end()
  }

  @Test func `approval given while the same sync runs counts for it`() async throws {
    let scenario = try await Scenario()
    try await scenario.crowd(3)
    let hold = scenario.mailchimp.hold(.arrival, method: "GET", path: "/3.0/lists/*")
    try await scenario.startEngine()
    let first = try await scenario.ask(.forceSync(approve: false))
    await hold.reached()
    let second = try await scenario.ask(.forceSync(approve: true))
    #expect(first == second)
    hold.release()
    #expect(try await scenario.settled(second).status == .succeeded)
    #expect(try await scenario.audience().count == 3)
    await scenario.end()
  }

  @Test func `a sync asked for while one is being cancelled is another one`() async throws {
    let scenario = try await Scenario()
    try await scenario.crowd(3)
    let hold = scenario.mailchimp.hold(.arrival, method: "GET", path: "/3.0/lists/*")
    try await scenario.startEngine()
    let first = try #require(try await scenario.ask(.forceSync(approve: true)))
    await hold.reached()
    try await scenario.ask(.cancelExecution(first))
    let second = try await scenario.ask(.forceSync(approve: true))
    #expect(second != first)
    hold.release()
    #expect(try await scenario.settled(second).status == .succeeded)
    #expect(try await scenario.settled(first).status == .cancelled)
    #expect(try await scenario.audience().count == 3)
    await scenario.end()
  }

  @Test func `a plan is decided once`() async throws {
    let scenario = try await Scenario()
    try await scenario.crowd(3)
    try await scenario.startEngine()
    let held = try await scenario.run(.forceSync(approve: false))
    let plan = try #require(held.plan)
    try await scenario.ask(.discardPlan(plan))
    let problem = await #expect(throws: Problem.self) {
      try await scenario.ask(.approvePlan(plan))
    }
    #expect(problem?.code == "plans.decided")
    #expect(try await scenario.audience().isEmpty)

    let again = try await scenario.run(.forceSync(approve: false))
    let second = try #require(again.plan)
    try await scenario.ask(.approvePlan(second))
    _ = try await scenario.settled(again.id)
    let late = await #expect(throws: Problem.self) {
      try await scenario.ask(.approvePlan(second))
    }
    #expect(late?.code == "plans.decided")
    #expect(scenario.mailchimp.count("PUT") == 3)
    await scenario.end()
  }

  @Test func `what an execution took leaves out how long its plan waited for a look`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await Scenario(time: time)
    try await scenario.crowd(2)
    try await scenario.startEngine()
    let held = try await scenario.run(.forceSync(approve: false))
    #expect(held.status == .held)
    time.advance(.hours(20))
    try await scenario.ask(.approvePlan(try #require(held.plan)))
    let done = try await scenario.settled(held.id)
    #expect(done.status == .succeeded)
    #expect(try #require(done.finishedAt) - held.queuedAt >= .hours(20))
    #expect(try #require(done.tookMilliseconds) < 3_600_000)
    await scenario.end()
  }

  @Test func `the guard holds what would change more people than allowed and nothing is written`()
    async throws
  {
    let scenario = try await Scenario(settings: ["guard.people": "20"])
    try await scenario.crowd(30)
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    await scenario.stopEngine()
    try await scenario.rename(30, to: "Other")
    // Only the sync is to find them.
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.database.execute("DELETE FROM message")
    }
    scenario.mailchimp.forgetExchanges()
    try await scenario.startEngine()
    let held = try await scenario.run(.forceSync(approve: false))
    #expect(held.status == .held)
    #expect(scenario.mailchimp.exchanges.allSatisfy { $0.method == "GET" })
    await scenario.end()
  }

  @Test func `retrying sends the refused rows only, as an execution linked to the first`()
    async throws
  {
    let scenario = try await Scenario()
    try await scenario.crowd(4)
    let late = try await scenario.add("late@example.com", first: "Late")
    try await scenario.startEngine()
    let first = try await scenario.run(.forceSync(approve: true))
    #expect(first.status == .partial)
    scenario.mailchimp.forgetExchanges()
    let retry = try await scenario.run(.retryExecution(first.id))
    #expect(retry.original == first.id)
    #expect(retry.trigger == .retry)
    #expect(retry.attempt == 2)
    #expect(retry.counts.refused == 1)
    #expect(retry.total == 1)
    #expect(scenario.mailchimp.count("PUT") == 1)
    #expect(try await scenario.standing(late)?.state == .refused)

    let replay = try await scenario.run(.replayExecution(first.id))
    #expect(replay.original == first.id)
    #expect(replay.trigger == .replay)
    #expect(replay.counts.unchanged == 4)
    #expect(replay.counts.refused == 1)
    await scenario.end()
  }

  @Test func `an engine stopped between chunks goes on where it was, nobody lost and nobody twice`()
    async throws
  {
    let scenario = try await Scenario(settings: ["mailchimp.connections": "1"])
    try await scenario.crowd(1200)
    let hold = scenario.mailchimp.hold(.arrival, method: "POST", path: "/3.0/lists/*")
    try await scenario.startEngine()
    let id = try await scenario.ask(.forceSync(approve: true))
    await hold.reached()
    await scenario.stopEngine()
    hold.release()
    #expect(try await scenario.messages(.leased).isEmpty)
    #expect(try await scenario.messages(.ready).allSatisfy { $0.attempt == 0 })
    try await scenario.startEngine()
    let done = try await scenario.settled(id)
    #expect(done.status == .succeeded)
    #expect(done.counts.created == 1200)
    #expect(done.done == done.total)
    #expect(try await scenario.audience().count == 1200)
    #expect(try await scenario.outcomes(of: done.id).count == 1200)
    scenario.mailchimp.forgetExchanges()
    _ = try await scenario.run(.resync(approve: false))
    #expect(scenario.mailchimp.exchanges.allSatisfy { $0.method == "GET" })
    await scenario.end()
  }

  @Test func `a single change in flight at a clean stop is given back, no try counted`()
    async throws
  {
    let scenario = try await Scenario()
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada")
    try await scenario.startEngine()
    let first = try await scenario.run(.forceSync(approve: true))
    let hold = scenario.mailchimp.hold(.arrival, method: "PATCH", path: nil)
    try await scenario.edit(ada) { $0.lastName = "King" }
    await hold.reached()
    await scenario.stopEngine()
    hold.release()
    let left = try await scenario.messages()
    #expect(left.map(\.attempt) == [0])
    #expect(left.map(\.state) == [.ready])
    try await scenario.startEngine()
    let change = try await scenario.execution(after: first.id) { $0.counts.changed == 1 }
    #expect(change.status == .succeeded)
    let all = try await scenario.executions()
    #expect(all.allSatisfy { $0.status.isFinished })
    await scenario.end()
  }
}
