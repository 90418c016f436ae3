// What is asked about tags before anything is sent, and what follows from the answer: names that are
// somebody else's, tags of ours that were renamed at Mailchimp, tags that are no longer kept; and what
// a plan says of tags person by person.

import Basics
import Domain
import Sandbox
import Storage
import Support
import Testing

@Suite(.timeLimit(.minutes(10))) struct TagQuestionTests {
  private func synced(
    _ time: SteppedTime, people: Int = 3, _ search: String, _ filter: String
  ) async throws -> Scenario {
    let scenario = try await Scenario(time: time)
    try await scenario.crowd(people)
    try await scenario.save(search, filter)
    try await scenario.startEngine()
    let first = try await scenario.run(.forceSync(approve: true))
    #expect(first.status == .succeeded)
    try await scenario.tagsRest(time)
    return scenario
  }

  private func decide(
    _ scenario: Scenario, _ edit: SavedSearchEdit, _ time: SteppedTime
  ) async throws {
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.searches.apply(edit)
    }
    try await scenario.tagsRest(time)
  }

  private func questions(_ scenario: Scenario) async throws -> [SavedSearchRow] {
    try await scenario.workspace.read { (reading) throws(Problem) in
      let rows = try reading.reports.tagQuestions()
      #expect(try reading.reports.overview().tagQuestions == rows.count)
      return rows
    }
  }

  // MARK: Plans

  @Test func `a plan counts no tag whose name is somebody else's, and asks before it is approved`()
    async throws
  {
    let scenario = try await Scenario()
    try await scenario.crowd(4)
    try scenario.mailchimp.perform(.adminMakesTag("VIP"))
    try await scenario.save("VIP", "first:p")
    try await scenario.save("Ours", "first:p0 OR first:p1")
    try await scenario.startEngine()
    let held = try await scenario.run(.forceSync(approve: false))
    #expect(held.status == .held)
    let (plan, rows) = try await scenario.planRows(of: held)
    let ours = rows.filter { !$0.tags.gained.isEmpty }
    #expect(plan?.counts.tagsAdded == ours.count)
    #expect(ours.allSatisfy { $0.tags == TagForecast(gained: ["Ours"]) })
    #expect(try await questions(scenario).map(\.name) == ["VIP"])
    #expect(try await questions(scenario).first?.question == .taken)
    await scenario.end()
  }

  @Test func `a dry run lists person by person which tags are gained and lost`() async throws {
    let time = SteppedTime()
    let scenario = try await synced(time, people: 3, "Lovelaces", "last:lovelace")
    try await scenario.rename(2, to: "Lovelace")
    try await scenario.tagsRest(time)
    // Not taken in yet: who enters and who leaves stands in the plan alone.
    await scenario.stopEngine()
    try await scenario.rename(1, to: "King")
    try await scenario.add("new@town.dev", first: "New", last: "Lovelace")
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.database.execute("DELETE FROM message")
    }
    try await scenario.startEngine()
    let dry = try await scenario.run(.dryRun)
    let (plan, rows) = try await scenario.planRows(of: dry)
    let said = Dictionary(rows.map { ($0.key.description, $0.tags) }) { first, _ in first }
    #expect(said["new@town.dev"] == TagForecast(gained: ["Lovelaces"]))
    #expect(said["person0@town.dev"] == TagForecast(lost: ["Lovelaces"]))
    #expect(plan?.counts.tagsAdded == 1 && plan?.counts.tagsRemoved == 1)
    #expect(try await scenario.holders("Lovelaces") == ["person0@town.dev", "person1@town.dev"])
    await scenario.end()
  }

  @Test func `who gains nothing but a tag has a row of the plan, and no call of its own`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await synced(time, people: 12, "All", "active:yes")
    try scenario.mailchimp.perform(.adminUntags("person3@town.dev", "All"))
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.database.execute("DELETE FROM tag_membership WHERE address_key = 'person3@town.dev'")
    }
    let dry = try await scenario.run(.dryRun)
    let (plan, rows) = try await scenario.planRows(of: dry)
    #expect(rows.map(\.action) == [.tags])
    #expect(rows.first?.tags == TagForecast(gained: ["All"]))
    #expect(plan?.counts.rows == 0)
    scenario.mailchimp.forgetExchanges()
    let applied = try await scenario.run(.approvePlan(try #require(dry.plan)))
    #expect(applied.status == .succeeded)
    try await scenario.tagsRest(time)
    #expect(try await scenario.holders("All").count == 12)
    let writes = scenario.mailchimp.exchanges.filter { $0.method != "GET" }
    #expect(writes.map(\.path).allSatisfy { $0.hasSuffix("/tags") } && writes.count == 1)
    await scenario.end()
  }

  // MARK: Renamed at Mailchimp

  @Test func `a tag an admin renamed is followed by its number, and never made a second time`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await synced(time, people: 3, "Lovelaces", "last:lovelace")
    try await scenario.rename(1, to: "Lovelace")
    try await scenario.tagsRest(time)
    try scenario.mailchimp.perform(.adminRenamesTag("Lovelaces", to: "Byrons"))
    try await scenario.rename(2, to: "Lovelace")
    try await scenario.tagsRest(time)
    #expect(try await scenario.tagsThere() == ["Byrons"])
    #expect(try await scenario.holders("Byrons") == ["person0@town.dev", "person1@town.dev"])
    #expect(try await questions(scenario).first?.question == .renamed("Byrons"))
    // Losing it works under the new name too.
    try await scenario.rename(1, to: "King")
    try await scenario.tagsRest(time)
    #expect(try await scenario.tagsThere() == ["Byrons"])
    #expect(try await scenario.holders("Byrons") == ["person1@town.dev"])
    await scenario.end()
  }

  @Test func `the new name is adopted without anybody changing over`() async throws {
    let time = SteppedTime()
    let scenario = try await synced(time, people: 12, "All", "active:yes")
    try scenario.mailchimp.perform(.adminRenamesTag("All", to: "Everybody"))
    _ = try await scenario.run(.forceSync(approve: false))
    try await scenario.tagsRest(time)
    #expect(try await questions(scenario).map(\.name) == ["All"])
    scenario.mailchimp.forgetExchanges()
    try await decide(scenario, .adopt("All"), time)
    #expect(scenario.mailchimp.exchanges.allSatisfy { $0.method == "GET" })
    #expect(try await questions(scenario) == [])
    #expect(try await scenario.keptTag("Everybody")?.state == .kept)
    try await scenario.crowd(1, from: 12)
    try await scenario.tagsRest(time)
    #expect(try await scenario.tagsThere() == ["Everybody"])
    #expect(try await scenario.holders("Everybody").count == 13)
    await scenario.end()
  }

  @Test func `the old name comes back when that is decided, and a refusal asks again`() async throws
  {
    let time = SteppedTime()
    let scenario = try await synced(time, people: 3, "All", "active:yes")
    try scenario.mailchimp.perform(.adminRenamesTag("All", to: "Everybody"))
    try scenario.mailchimp.perform(.adminMakesTag("All"))
    _ = try await scenario.run(.forceSync(approve: false))
    try await scenario.tagsRest(time)
    try await decide(scenario, .nameTagBack("All"), time)
    let asked = try #require(try await questions(scenario).first)
    #expect(asked.question == .renamed("Everybody"))
    #expect(asked.problem?.code == "mailchimp.tag-refused")
    try scenario.mailchimp.perform(.adminDeletesTag("All"))
    try await decide(scenario, .nameTagBack("All"), time)
    #expect(try await questions(scenario) == [])
    #expect(try await scenario.tagsThere() == ["All"])
    #expect(try await scenario.holders("All").count == 3)
    await scenario.end()
  }

  // MARK: No longer kept

  @Test func `a tag that was left behind is listed with its holders and taken off when chosen`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await synced(time, people: 12, "All", "active:yes")
    try scenario.mailchimp.perform(.personSignsUp("stranger@town.dev"))
    try scenario.mailchimp.perform(.adminTags("stranger@town.dev", "All"))
    try await decide(scenario, .remove("All", leavingTag: true), time)
    _ = try await scenario.run(.resync(approve: false))
    try await scenario.tagsRest(time)
    #expect(try await scenario.holders("All").count == 13)
    let left = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.reports.tagsWithoutSearch()
    }
    #expect(left.map(\.tagSentence) == ["no longer kept; 12 members still hold it"])
    let found = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.reports.countPeople(left.first?.filter ?? "")
    }
    #expect(found == 12)
    try await decide(scenario, .takeTagOff("All"), time)
    #expect(try await scenario.holders("All") == ["stranger@town.dev"])
    let after = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.reports.tagsWithoutSearch()
    }
    #expect(after == [])
    await scenario.end()
  }
}

extension Scenario {
  fileprivate func planRows(
    of execution: Execution
  ) async throws -> (PlanSummary?, [PlanRow]) {
    guard let id = execution.plan else { return (nil, []) }
    return try await workspace.read { (reading) throws(Problem) in
      (
        try reading.plans.plan(id),
        try reading.reports.planRows(of: id, .at(0), count: 100).rows.map(\.row)
      )
    }
  }
}
