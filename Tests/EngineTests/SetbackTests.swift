import Basics
import Domain
import Sandbox
import Support
import Testing

@Suite struct SetbackTests {
  @Test func `a chunk cut off after it was applied is tried again and counted once`() async throws {
    let scenario = try await Scenario()
    for index in 0..<30 { try await scenario.add("person\(index)@town.dev", first: "P\(index)") }
    scenario.mailchimp.addFault(
      SandboxFaultRule(.cut(applied: true), method: "POST", path: "/3.0/lists/*", count: 1))
    try await scenario.startEngine()
    let done = try await scenario.run(.forceSync(approve: true))
    #expect(done.status == .succeeded)
    #expect(try await scenario.audience().count == 30)
    #expect(done.counts.created + done.counts.updated + done.counts.unchanged == 30)
    await scenario.end()
  }

  @Test func `a revoked key blocks without using up attempts, and a new start goes on`()
    async throws
  {
    let scenario = try await Scenario()
    try await scenario.add("ada@lovelace.dev", first: "Ada")
    try scenario.mailchimp.perform(.keyIsRevoked)
    try await scenario.startEngine()
    let id = try #require(try await scenario.ask(.forceSync(approve: true)))
    let blocked = try await scenario.when { (reading) throws(Problem) in
      try reading.engine.record().blockedBy
    }
    #expect(blocked.code.hasPrefix("mailchimp."))
    #expect(!blocked.remedy.isEmpty)
    let waiting = try await scenario.when { (reading) throws(Problem) in
      try reading.executions.execution(id)
    }
    #expect(waiting.status == .waiting)

    try scenario.mailchimp.perform(.keyIsRestored)
    let joined = try await scenario.run(.forceSync(approve: true))
    #expect(joined.id == id)
    #expect(joined.counts.created == 1)
    let record = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.engine.record()
    }
    #expect(record.blockedBy == nil)
    await scenario.end()
  }

  @Test func `a refused person names the reason and the others arrive`() async throws {
    let scenario = try await Scenario()
    for index in 0..<12 { try await scenario.add("person\(index)@town.dev", first: "P\(index)") }
    let fake = try await scenario.add("someone@example.com", first: "Fake")
    try await scenario.startEngine()
    let done = try await scenario.run(.forceSync(approve: true))
    #expect(done.status == .partial)
    #expect(done.counts.created == 12)
    #expect(done.counts.refused == 1)
    let standing = try #require(try await scenario.standing(fake))
    #expect(standing.state == .refused)
    #expect(!standing.sentence.isEmpty)
    await scenario.end()
  }

  @Test func `pause stops sending and enable continues with what happened meanwhile`() async throws
  {
    let scenario = try await Scenario()
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada")
    try await scenario.startEngine()
    let first = try await scenario.run(.forceSync(approve: true))
    try await scenario.ask(.pause)
    scenario.mailchimp.forgetExchanges()
    try await scenario.edit(ada) { $0.firstName = "Augusta" }
    _ = try await scenario.when { (reading) throws(Problem) in
      try reading.database.one(
        "SELECT 1 FROM message WHERE kind = 'sync address' AND state = 'ready'"
      ) { $0.int(0) }
    }
    #expect(scenario.mailchimp.exchanges.isEmpty)
    try await scenario.ask(.enable)
    let change = try await scenario.execution(after: first.id)
    #expect(change.counts.updated == 1)
    await scenario.end()
  }

  @Test func `a person without a usable address is a failed execution that names them`()
    async throws
  {
    let scenario = try await Scenario()
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada", last: "King")
    try await scenario.startEngine()
    let first = try await scenario.run(.forceSync(approve: true))
    try await scenario.edit(ada) { $0.emails = [] }
    let failed = try await scenario.execution(after: first.id) { $0.status == .failed }
    #expect(failed.problem?.sentence.contains("Ada King") == true)
    #expect(try await scenario.standing(ada)?.reason == "no-email")
    await scenario.end()
  }

  @Test func `a second engine on the same workspace is refused with the holder named`() async throws
  {
    let scenario = try await Scenario()
    try await scenario.startEngine()
    let problem = await #expect(throws: Problem.self) { try await scenario.startEngine() }
    #expect(problem?.code == "engine.held")
    await scenario.end()
  }
}

@Suite struct VanishedMemberTests {
  @Test func `a bulk update says that who has vanished meanwhile is no subscriber`() async throws {
    let scenario = try await Scenario()
    var people: [PersonID] = []
    for index in 0..<12 {
      people.append(try await scenario.add("person\(index)@town.dev", first: "P\(index)"))
    }
    try await scenario.startEngine()
    let first = try await scenario.run(.forceSync(approve: true))
    try await scenario.ask(.pause)
    for person in people { try await scenario.edit(person) { $0.lastName = "New" } }
    _ = try await scenario.when { (reading) throws(Problem) in
      try reading.database.integer("SELECT count(*) FROM message WHERE kind = 'sync address'")
        == 12 ? true : nil
    }
    scenario.mailchimp.forgetExchanges()
    try await scenario.ask(.enable)
    _ = try await scenario.execution(after: first.id)
    let call = try #require(scenario.mailchimp.exchanges.first { $0.method == "POST" })
    let items = try JSONValue.parse(call.body)["members"]?.array ?? []
    #expect(items.count == 12)
    #expect(items.allSatisfy { $0["status_if_new"] == "unsubscribed" && $0["status"] == nil })
    await scenario.end()
  }
}

@Suite struct UnreadableSettingTests {
  @Test func `a scope that cannot be read blocks instead of meaning everyone`() async throws {
    let scenario = try await Scenario()
    try await scenario.add("ada@lovelace.dev", first: "Ada")
    // A stranger's hand: `settings set` would refuse it.
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      _ = try tx.database.execute(
        "INSERT INTO setting VALUES ('recipients.scope', 'opted in', 0, 'sqlite3')")
    }
    try await scenario.startEngine()
    try await scenario.ask(.forceSync(approve: true))
    let blocked = try await scenario.when { (reading) throws(Problem) in
      try reading.engine.record().blockedBy
    }
    #expect(blocked.code == "settings.unreadable")
    #expect(blocked.sentence.contains("recipients.scope"))
    #expect(scenario.mailchimp.exchanges.isEmpty)
    await scenario.end()
  }
}
