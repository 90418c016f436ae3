import Basics
import Domain
import Sandbox
import Support
import Testing

@Suite struct FirstSyncTests {
  @Test func `the first sync is held and writes nothing, approval sends exactly the plan`()
    async throws
  {
    let scenario = try await Scenario()
    try await scenario.add("ada@lovelace.dev", first: "Ada", last: "Lovelace")
    try await scenario.add("alan@turing.dev", first: "Alan")
    try await scenario.add("no-at-sign", first: "Nobody")
    try await scenario.startEngine()

    let held = try await scenario.run(.forceSync(approve: false))
    #expect(held.status == .held)
    #expect(scenario.mailchimp.count("POST") + scenario.mailchimp.count("PUT") == 0)
    let plan = try #require(held.plan)

    try await scenario.ask(.approvePlan(plan))
    let done = try await scenario.when { (reading) throws(Problem) in
      try reading.executions.execution(held.id).flatMap { $0.status.isFinished ? $0 : nil }
    }
    #expect(done.status == .succeeded)
    #expect(done.counts.created == 2)
    #expect(done.counts.excluded == 1)
    let contacts = try await scenario.audience()
    #expect(contacts.keys.sorted() == ["ada@lovelace.dev", "alan@turing.dev"])
    #expect(contacts["ada@lovelace.dev"]?["merge_fields"]?["LNAME"] == "Lovelace")
    await scenario.end()
  }

  @Test func `a second sync sends nothing`() async throws {
    let scenario = try await Scenario()
    for index in 0..<25 { try await scenario.add("person\(index)@town.dev", first: "P\(index)") }
    try await scenario.startEngine()
    let first = try await scenario.run(.forceSync(approve: true))
    #expect(first.counts.created == 25)
    scenario.mailchimp.forgetExchanges()

    let second = try await scenario.run(.forceSync(approve: false))
    #expect(second.status == .succeeded)
    #expect(second.counts.changed == 0)
    #expect(second.counts.unchanged == 25)
    #expect(scenario.mailchimp.exchanges.allSatisfy { $0.method == "GET" })
    await scenario.end()
  }

  @Test func `one edited person leaves by itself as one execution with one row`() async throws {
    let scenario = try await Scenario()
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada")
    try await scenario.add("alan@turing.dev", first: "Alan")
    try await scenario.startEngine()
    let first = try await scenario.run(.forceSync(approve: true))

    try await scenario.edit(ada) { $0.lastName = "King" }
    let change = try await scenario.execution(after: first.id)
    #expect(change.trigger == .change)
    #expect(change.status == .succeeded)
    #expect(change.counts.updated == 1)
    #expect(change.done == 1)
    #expect(
      try await scenario.audience()["ada@lovelace.dev"]?["merge_fields"]?["LNAME"] == "King")
    #expect(try await scenario.standing(ada)?.state == .inStep)
    await scenario.end()
  }

  @Test func `nothing leaves before the first sync was looked at`() async throws {
    let scenario = try await Scenario()
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada")
    try await scenario.startEngine()
    let held = try await scenario.run(.forceSync(approve: false))
    try await scenario.edit(ada) { $0.firstName = "Augusta" }
    _ = try await scenario.when { (reading) throws(Problem) in
      try reading.database.one(
        "SELECT 1 FROM message WHERE kind = 'sync address' AND state = 'ready'"
      ) { $0.int(0) }
    }
    #expect(scenario.mailchimp.exchanges.allSatisfy { $0.method == "GET" })

    // The row's world has moved: it is skipped, said, and planned anew.
    try await scenario.ask(.approvePlan(try #require(held.plan)))
    let anew = try await scenario.execution(after: held.id)
    #expect(anew.counts.created == 1)
    #expect(
      try await scenario.audience()["ada@lovelace.dev"]?["merge_fields"]?["FNAME"] == "Augusta")
    await scenario.end()
  }

  @Test func `who unsubscribed there is known before anything is written and never subscribed`()
    async throws
  {
    let scenario = try await Scenario()
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada") { $0.optIn = .yes }
    try scenario.mailchimp.perform(.personSignsUp("ada@lovelace.dev"))
    try scenario.mailchimp.perform(.personUnsubscribes("ada@lovelace.dev"))
    try await scenario.startEngine()
    let first = try await scenario.run(.forceSync(approve: true))
    #expect(first.counts.created == 0)
    #expect(try await scenario.status("ada@lovelace.dev") == "unsubscribed")
    #expect(try await scenario.standing(ada)?.reason == "suppressed")

    try await scenario.edit(ada) { $0.firstName = "Augusta" }
    _ = try await scenario.execution(after: first.id)
    #expect(try await scenario.status("ada@lovelace.dev") == "unsubscribed")
    await scenario.end()
  }

  @Test func `a first sync with nobody in the directory leaves the look for the next`() async throws
  {
    let scenario = try await Scenario()
    try await scenario.startEngine()
    let empty = try await scenario.run(.forceSync(approve: false))
    #expect(empty.status == .succeeded)
    try await scenario.add("ada@lovelace.dev", first: "Ada")
    let held = try await scenario.run(.forceSync(approve: false))
    #expect(held.status == .held)
    await scenario.end()
  }
}
