// What an execution did, taken back; and that the next sync leaves it so.

import Basics
import Domain
import Sandbox
import Storage
import Support
import Testing

@testable import Engine

@Suite struct UndoTests {
  private func synced(_ settings: [String: String] = [:]) async throws -> (Scenario, PersonID) {
    var all = ["sync.poll-minutes": "1440"]
    all.merge(settings) { _, new in new }
    let scenario = try await Scenario(settings: all)
    let ada = try await scenario.add("ada@town.dev", first: "Ada", last: "Lovelace") {
      $0.optIn = .yes
    }
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    return (scenario, ada)
  }

  private func field(_ scenario: Scenario, _ tag: String) async throws -> JSONValue? {
    try await scenario.audience()["ada@town.dev"]?["merge_fields"]?[tag]
  }

  private func staying(_ scenario: Scenario, _ id: ExecutionID) async throws -> [String] {
    try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.rows(
        "SELECT reason FROM row_outcome WHERE execution_id = ? AND result = 'skipped'", id
      ) { $0.text(0) }
    }
  }

  @Test func `an old value comes back and stays until that field changes here`()
    async throws
  {
    let (scenario, ada) = try await synced()
    let before = try await scenario.lastExecution()
    try await scenario.edit(ada) { $0.firstName = "Augusta" }
    let change = try await scenario.execution(after: before)
    #expect(try await field(scenario, "FNAME") == "Augusta")

    let undone = try await scenario.run(.undoExecution(change.id))
    #expect(undone.trigger == .undo)
    #expect(undone.original == change.id)
    #expect(undone.counts.updated == 1)
    #expect(try await field(scenario, "FNAME") == "Ada")

    scenario.mailchimp.forgetExchanges()
    let next = try await scenario.run(.forceSync(approve: false))
    #expect(next.counts.changed == 0)
    #expect(scenario.mailchimp.exchanges.allSatisfy { $0.method == "GET" })
    #expect(try await field(scenario, "FNAME") == "Ada")

    try await scenario.edit(ada) { $0.lastName = "King" }
    _ = try await scenario.execution(after: next.id)
    #expect(try await field(scenario, "LNAME") == "King")
    #expect(try await field(scenario, "FNAME") == "Ada")

    let last = try await scenario.lastExecution()
    try await scenario.edit(ada) { $0.firstName = "Adele" }
    _ = try await scenario.execution(after: last)
    #expect(try await field(scenario, "FNAME") == "Adele")
    await scenario.end()
  }

  @Test func `who was added is archived, not added again by the next sync, but by a change`()
    async throws
  {
    let (scenario, ada) = try await synced()
    let undone = try await scenario.run(.undoExecution(ExecutionID(1)))
    #expect(undone.counts.archived == 1)
    #expect(try await scenario.status("ada@town.dev") == "archived")
    #expect(try await scenario.standing(ada)?.reason == "undone")

    scenario.mailchimp.forgetExchanges()
    let next = try await scenario.run(.forceSync(approve: false))
    #expect(next.status == .succeeded)
    #expect(scenario.mailchimp.exchanges.allSatisfy { $0.method == "GET" })
    #expect(try await scenario.status("ada@town.dev") == "archived")

    try await scenario.edit(ada) { $0.lastName = "King" }
    _ = try await scenario.execution(after: next.id)
    #expect(try await scenario.status("ada@town.dev") == "subscribed")
    await scenario.end()
  }

  @Test func `an opt-out is never undone, and the reason is said before and after`() async throws {
    let (scenario, ada) = try await synced()
    let before = try await scenario.lastExecution()
    try await scenario.edit(ada) { $0.optIn = .no }
    let change = try await scenario.execution(after: before)
    #expect(try await scenario.status("ada@town.dev") == "unsubscribed")
    let preview = try await scenario.workspace.read { (reading) throws(Problem) in
      try UndoExecution.preview(change.id, reading)
    }
    #expect(preview.counts.rows == 0)
    #expect(preview.stays.map(\.sentence) == ["They opted out."])
    let undone = try await scenario.run(.undoExecution(change.id))
    #expect(undone.counts.changed == 0)
    #expect(try await staying(scenario, undone.id) == ["opted-out"])
    #expect(try await scenario.status("ada@town.dev") == "unsubscribed")
    await scenario.end()
  }

  @Test func `what moved since is left as it is`() async throws {
    let (scenario, ada) = try await synced()
    let before = try await scenario.lastExecution()
    try await scenario.edit(ada) { $0.firstName = "Augusta" }
    let change = try await scenario.execution(after: before)
    try await scenario.edit(ada) { $0.firstName = "Adele" }
    _ = try await scenario.execution(after: change.id)
    let undone = try await scenario.run(.undoExecution(change.id))
    #expect(undone.counts.changed == 0)
    #expect(try await staying(scenario, undone.id) == ["moved"])
    #expect(try await field(scenario, "FNAME") == "Adele")
    await scenario.end()
  }

  @Test func `more than the guard allows is held, and only what is over can be undone`()
    async throws
  {
    let (scenario, _) = try await synced(["guard.people": "1", "guard.percent": "1"])
    for index in 0..<3 { try await scenario.add("p\(index)@town.dev", first: "P\(index)") }
    let added = try await scenario.run(.forceSync(approve: false))
    #expect(added.counts.created + added.counts.unchanged >= 1)
    try await scenario.rests()
    let undone = try await scenario.run(.undoExecution(ExecutionID(1)))
    #expect(undone.status == .succeeded)
    await #expect(throws: Problem.self) { try await scenario.ask(.undoExecution(undone.id)) }
    await #expect(throws: Problem.self) {
      try await scenario.ask(.undoExecution(ExecutionID(999)))
    }
    await scenario.end()
  }

  @Test func `undoing many is held for a look`() async throws {
    let scenario = try await Scenario(settings: [
      "sync.poll-minutes": "1440", "guard.people": "2", "guard.percent": "1",
    ])
    try await scenario.crowd(12)
    try await scenario.startEngine()
    let first = try await scenario.run(.forceSync(approve: true))
    let undone = try await scenario.run(.undoExecution(first.id))
    #expect(undone.status == .held)
    #expect(try await scenario.status("person3@town.dev") == "subscribed")
    try await scenario.ask(.approvePlan(try #require(undone.plan)))
    let done = try await scenario.when { (reading) throws(Problem) in
      try reading.executions.execution(undone.id).flatMap { $0.status.isFinished ? $0 : nil }
    }
    #expect(done.counts.archived == 12)
    #expect(try await scenario.status("person3@town.dev") == "archived")
    await scenario.end()
  }

  // MARK: What happens at Mailchimp between the execution and its undo

  @Test
  func `who unsubscribed unseen stays so when their addition is undone, and counts as theirs`()
    async throws
  {
    let (scenario, ada) = try await synced()
    try scenario.mailchimp.perform(.personUnsubscribes("ada@town.dev"))
    let undone = try await scenario.run(.undoExecution(ExecutionID(1)))
    #expect(undone.counts.archived == 0)
    #expect(try await staying(scenario, undone.id) == ["moved"])
    #expect(try await scenario.status("ada@town.dev") == "unsubscribed")
    #expect(try await scenario.suppression("ada@town.dev") == .unsubscribed)
    try await scenario.edit(ada) { $0.optIn = .yes }
    try await scenario.rests()
    #expect(try await scenario.status("ada@town.dev") == "unsubscribed")
    await scenario.end()
  }

  @Test func `who came back and left again unseen is not revived by an undo of our archive`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await Scenario(
      settings: ["sync.poll-minutes": "1440", "recipients.leavers": "archive"], time: time)
    let ada = try await scenario.add("ada@town.dev", first: "Ada", last: "Lovelace")
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    let before = try await scenario.lastExecution()
    try await scenario.edit(ada) { $0.isActive = false }
    let sent = try await scenario.execution(after: before)
    #expect(try await scenario.status("ada@town.dev") == "archived")
    // Back by an administrator's hand at first, so that no rule of ours ends it again.
    // At one go: minute by minute a day has too many steps to wait for.
    time.advance(.days(1))
    _ = try await scenario.poll(time)
    time.advance(.seconds(60))
    try scenario.mailchimp.perform(.personSignsUp("ada@town.dev"))
    time.advance(.seconds(5))
    try scenario.mailchimp.perform(.adminArchives("ada@town.dev"))
    time.advance(.seconds(60))
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.settings.set("recipients.leavers", to: "keep")
    }
    let undone = try await scenario.run(.undoExecution(sent.id))
    #expect(undone.counts.created == 0)
    #expect(try await staying(scenario, undone.id) == ["moved"])
    #expect(try await scenario.status("ada@town.dev") == "archived")
    await scenario.end()
  }

  @Test func `a value that was edited at Mailchimp unseen is not written over by an undo`()
    async throws
  {
    let (scenario, ada) = try await synced()
    let before = try await scenario.lastExecution()
    try await scenario.edit(ada) { $0.firstName = "Augusta" }
    let sent = try await scenario.execution(after: before)
    try await scenario.rests()
    try scenario.mailchimp.perform(.personEdits("ada@town.dev", ["FNAME": "Countess"]))
    scenario.mailchimp.forgetExchanges()
    let undone = try await scenario.run(.undoExecution(sent.id))
    #expect(undone.counts.changed == 0)
    #expect(try await staying(scenario, undone.id).contains("moved"))
    #expect(scenario.mailchimp.count("PATCH") == 0)
    await scenario.end()
  }

  @Test(arguments: ["archive", "value"])
  func `an undo whose answer was lost is told once, as done, and the next sync leaves it`(
    what: String
  ) async throws {
    let time = SteppedTime()
    let scenario = try await Scenario(settings: ["sync.poll-minutes": "1440"], time: time)
    let ada = try await scenario.add("ada@town.dev", first: "Ada", last: "Lovelace")
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    var original = ExecutionID(1)
    if what == "value" {
      let before = try await scenario.lastExecution()
      try await scenario.edit(ada) { $0.firstName = "Augusta" }
      original = try await scenario.execution(after: before).id
    }
    try await scenario.rests()
    scenario.mailchimp.addFault(
      SandboxFaultRule(
        .cut(applied: true), method: what == "value" ? "PATCH" : "DELETE", count: 1))
    let undone = try await scenario.settled(scenario.ask(.undoExecution(original)), time)
    #expect(undone.status == .succeeded)
    #expect(undone.counts.changed == 1)
    #expect(
      try await scenario.rows(of: undone.id).map(\.result) == [
        what == "value" ? .updated : .archived
      ])
    scenario.mailchimp.forgetExchanges()
    _ = try await scenario.run(.forceSync(approve: false))
    #expect(scenario.mailchimp.exchanges.allSatisfy { $0.method == "GET" })
    await scenario.end()
  }
}
