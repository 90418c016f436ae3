// A changed row of the mapping under a running engine: who is in step stays so until they change,
// and a backfill brings everybody, through the guard.

import Basics
import Domain
import Queue
import Sandbox
import Support
import Testing

@testable import Engine
@testable import Storage

@Suite struct BackfillScenarioTests {
  private let row = FieldMapping(.company, "PHONE")

  /// People with a company that is not mapped, in step.
  private func synced(_ count: Int) async throws -> Scenario {
    let scenario = try await Scenario()
    try await scenario.crowd(count)
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      for number in 0..<count {
        for person in try tx.directory.people(at: AddressKey("person\(number)@town.dev")) {
          try tx.directory.update(person.id) { $0.company = "C\(number)" }
        }
      }
    }
    try await scenario.startEngine()
    let first = try await scenario.run(.forceSync(approve: true))
    guard first.counts.created == count else { throw Violation("\(first)") }
    try await scenario.rests()
    return scenario
  }

  private func change(_ scenario: Scenario, _ change: MappingChange) async throws {
    _ = try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.changeMapping(change)
    }
  }

  private func values(_ scenario: Scenario) async throws -> [String: String] {
    try await scenario.audience().compactMapValues { $0["merge_fields"]?["PHONE"]?.string }
      .filter { !$0.value.isEmpty }
  }

  @Test func `a new row waits for changes, and a resync is for everybody`() async throws {
    let scenario = try await synced(3)
    try await change(scenario, .set(row, replacing: "PHONE"))
    let quiet = try await scenario.run(.forceSync(approve: false))
    #expect(quiet.status == .succeeded)
    #expect(quiet.counts.changed == 0)
    #expect(try await values(scenario) == [:])

    // One changes something else, and gets it with that.
    let last = try await scenario.lastExecution()
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      for person in try tx.directory.people(at: AddressKey("person1@town.dev")) {
        try tx.directory.update(person.id) { $0.lastName = "King" }
      }
    }
    let single = try await scenario.execution(after: last)
    #expect(single.counts.updated == 1)
    #expect(try await values(scenario) == ["person1@town.dev": "C1"])

    let resync = try await scenario.run(.resync(approve: false))
    #expect(resync.counts.updated == 2)
    #expect(try await values(scenario).count == 3)
    let again = try await scenario.run(.forceSync(approve: false))
    #expect(again.counts.changed == 0)
    await scenario.end()
  }

  @Test func `a backfill plans everybody and is held where it changes too many`() async throws {
    let scenario = try await synced(120)
    try await change(scenario, .set(row, replacing: "PHONE"))
    let last = try await scenario.lastExecution()
    try await change(scenario, .backfill("PHONE"))
    let held = try await scenario.when { (reading) throws(Problem) in
      try reading.executions.latest(after: last) { $0.status == .held }
    }
    #expect(try await values(scenario) == [:])
    let plan = try #require(held.plan)
    try await scenario.ask(.approvePlan(plan))
    let done = try await scenario.when { (reading) throws(Problem) in
      try reading.executions.execution(held.id).flatMap { $0.status.isFinished ? $0 : nil }
    }
    #expect(done.counts.updated == 120)
    #expect(try await values(scenario).count == 120)
    await scenario.end()
  }

  /// A sync under way that has compared everybody up to person1.
  private func underWay(_ scenario: Scenario) async throws -> ExecutionID {
    await scenario.stopEngine()
    let audience = scenario.mailchimp.audience
    return try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      let id = try tx.executions.create(
        .pushPeople, .forceSync, audienceID: audience, status: .running)
      let plan = try tx.plans.create(for: id, audienceID: audience)
      var work = SurveyWork(execution: id, plan: plan, mode: .sync)
      work.after = AddressKey("person1@town.dev")
      try MessageQueue.enqueue(work.message(at: tx.now), on: tx.database)
      return id
    }
  }

  @Test func `a backfill that joins a sync misses nobody whom that one has passed`() async throws {
    let scenario = try await synced(3)
    let id = try await underWay(scenario)
    try await change(scenario, .set(row, replacing: "PHONE"))
    try await change(scenario, .backfill("PHONE"))
    try await scenario.startEngine()
    let done = try await scenario.settled(id)
    #expect(done.status == .succeeded)
    #expect(done.counts.updated == 3)
    #expect(done.done == done.total)
    try await scenario.rests()
    #expect(try await values(scenario).count == 3)
    #expect(try await scenario.lastExecution() == id)
    await scenario.end()
  }

  @Test func `who changed behind a comparison is in it where changes do not leave by themselves`()
    async throws
  {
    let scenario = try await synced(3)
    let id = try await underWay(scenario)
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.settings.set("sync.on-change", to: "no")
      for person in try tx.directory.people(at: AddressKey("person0@town.dev")) {
        try tx.directory.update(person.id) { $0.firstName = "Other" }
      }
      try tx.requests.insert(.forceSync(approve: false))
    }
    try await scenario.startEngine()
    #expect(try await scenario.settled(id).counts.updated == 1)
    #expect(
      try await scenario.audience()["person0@town.dev"]?["merge_fields"]?["FNAME"] == "Other")
    await scenario.end()
  }

  @Test func `a sync that is joined while nothing changed does not begin again`() async throws {
    let scenario = try await synced(3)
    let id = try await underWay(scenario)
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.requests.insert(.forceSync(approve: false))
    }
    try await scenario.startEngine()
    let done = try await scenario.settled(id)
    #expect(done.counts.unchanged == 1)
    #expect(try await scenario.lastExecution() == id)
    await scenario.end()
  }
}
