// What came from Mailchimp, taken back; and what the syncs after it make of that.

import Basics
import Domain
import Sandbox
import Storage
import Support
import Testing

@testable import Engine

@Suite(.timeLimit(.minutes(10))) struct UndoHereTests {
  private let old = "ada@lovelace.dev"

  private func both(
    _ settings: [String: String] = [:], last: SyncDirection = .both
  ) async throws -> (Scenario, PersonID) {
    let scenario = try await Scenario(
      settings: ["sync.direction": "both", "sync.poll-minutes": "1440"]
        .merging(settings) { _, new in new })
    try await scenario.map([
      FieldMapping(.firstName, "FNAME", direction: .both),
      FieldMapping(.lastName, "LNAME", direction: last),
    ])
    let ada = try await scenario.add(old, first: "Ada", last: "Byron")
    try await scenario.startEngine()
    try await sync(scenario)
    return (scenario, ada)
  }

  private func sync(_ scenario: Scenario) async throws {
    _ = try await scenario.run(.forceSync(approve: true))
    try await scenario.rests()
  }

  private func syncsWithoutWriting(_ scenario: Scenario) async throws {
    scenario.mailchimp.forgetExchanges()
    try await sync(scenario)
    #expect(scenario.mailchimp.exchanges.allSatisfy { $0.method == "GET" })
  }

  private func undo(_ id: ExecutionID, _ scenario: Scenario) async throws -> [RowOutcome] {
    let undone = try await scenario.run(.undoExecution(id))
    #expect(undone.status.isFinished)
    try await scenario.rests()
    return try await scenario.rows(of: undone.id)
  }

  private func there(_ tag: String, _ scenario: Scenario) async throws -> JSONValue? {
    try await scenario.audience()[old]?["merge_fields"]?[tag]
  }

  @Test func `a value taken goes back in the name of who asks, and from here to Mailchimp`()
    async throws
  {
    let (scenario, ada) = try await both()
    try scenario.mailchimp.perform(.personEdits(old, ["LNAME": "King"]))
    try await sync(scenario)
    #expect(try await scenario.person(ada)?.lastName == "King")

    let rows = try await undo(try await scenario.execution(telling: "taken"), scenario)
    #expect(rows.map(\.reason) == ["restored"])
    #expect(rows.first?.person == ada)
    #expect(try await scenario.person(ada)?.lastName == "Byron")
    let who = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.rows(
        "SELECT who FROM audit WHERE person_id = ? AND field = 'last_name' ORDER BY id DESC", ada
      ) { $0.text(0) }
    }
    #expect(who.first == "test")
    try await sync(scenario)
    #expect(try await there("LNAME", scenario) == "Byron")
    try await syncsWithoutWriting(scenario)
    #expect(try await scenario.person(ada)?.lastName == "Byron")
    #expect(try await scenario.standing(ada)?.state == .inStep)
    await scenario.end()
  }

  @Test func `where a field is only taken it stays put back until it changes there`() async throws {
    let (scenario, ada) = try await both(last: .fromMailchimp)
    try scenario.mailchimp.perform(.personEdits(old, ["LNAME": "King"]))
    try await sync(scenario)
    let id = try await scenario.execution(telling: "taken")
    let preview = try await scenario.workspace.read { (reading) throws(Problem) in
      try UndoExecution.preview(id, reading)
    }
    #expect(preview.counts.restore == 1)
    #expect(preview.notes.count == 1)
    _ = try await undo(id, scenario)
    for _ in 0..<2 {
      try await syncsWithoutWriting(scenario)
      #expect(try await scenario.person(ada)?.lastName == "Byron")
      #expect(try await there("LNAME", scenario) == "King")
    }
    try scenario.mailchimp.perform(.personEdits(old, ["LNAME": "Lovelace"]))
    try await sync(scenario)
    #expect(try await scenario.person(ada)?.lastName == "Lovelace")
    await scenario.end()
  }

  @Test func `a value somebody changed since is left as it is, and the row says so`() async throws {
    let (scenario, ada) = try await both()
    try scenario.mailchimp.perform(.personEdits(old, ["LNAME": "King", "FNAME": "Augusta"]))
    try await sync(scenario)
    let id = try await scenario.execution(telling: "taken")
    try await scenario.edit(ada) { $0.lastName = "Lovelace" }
    try await scenario.rests()
    let rows = try await undo(id, scenario)
    #expect(rows.map(\.result) == [.updated])
    #expect(rows.first?.sentence == "Changed since: last_name.")
    #expect(try await scenario.person(ada)?.lastName == "Lovelace")
    #expect(try await scenario.person(ada)?.firstName == "Ada")
    let again = try await undo(id, scenario)
    #expect(again.map(\.reason) == ["moved"])
    await scenario.end()
  }

  @Test func `what one row sent and took goes back on both sides and stays so`() async throws {
    let (scenario, ada) = try await both(["sync.on-change": "no"])
    try await scenario.edit(ada) { $0.firstName = "Augusta" }
    try scenario.mailchimp.perform(.personEdits(old, ["LNAME": "King"]))
    try await sync(scenario)
    #expect(try await there("FNAME", scenario) == "Augusta")
    #expect(try await scenario.person(ada)?.lastName == "King")
    let rows = try await undo(try await scenario.execution(changing: "last_name"), scenario)
    #expect(rows.count == 1)
    #expect(Set(rows.flatMap(\.changes).map(\.name)) == ["FNAME", "last_name"])
    try await sync(scenario)
    #expect(try await there("FNAME", scenario) == "Ada")
    #expect(try await there("LNAME", scenario) == "Byron")
    #expect(try await scenario.person(ada)?.lastName == "Byron")
    try await syncsWithoutWriting(scenario)
    #expect(try await there("FNAME", scenario) == "Ada")
    await scenario.end()
  }

  // MARK: Arrivals

  @Test func `who arrived is marked deleted, the contact stays, and no reading adds them again`()
    async throws
  {
    let (scenario, _) = try await both([
      "sync.arrivals": "add", "recipients.leavers": "archive",
    ])
    let address = "mary@somerville.dev"
    try scenario.mailchimp.perform(.personSignsUp(address, ["FNAME": "Mary"]))
    try await sync(scenario)
    let mary = try #require(try await scenario.people(at: address).first)
    let id = try await scenario.execution(telling: "arrival")
    let told = try await scenario.rows(of: id).first { $0.reason == "arrival" }
    #expect(told?.person == mary.id)

    let rows = try await undo(id, scenario)
    #expect(rows.contains { $0.reason == "withdrawn" && $0.person == mary.id })
    #expect(try await scenario.person(mary.id)?.deletedAt != nil)
    try await syncsWithoutWriting(scenario)
    _ = try await scenario.run(.resync(approve: true))
    try await scenario.rests()
    #expect(try await scenario.people(at: address).map(\.id) == [mary.id])
    #expect(try await scenario.status(address) == "subscribed")

    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.directory.remove(mary.id)
    }
    try await scenario.rests()
    try await syncsWithoutWriting(scenario)
    #expect(try await scenario.people(at: address).isEmpty)
    #expect(try await scenario.status(address) == "subscribed")
    await scenario.end()
  }

  @Test func `who arrived and was changed since stays`() async throws {
    let (scenario, _) = try await both(["sync.arrivals": "add"])
    let address = "mary@somerville.dev"
    try scenario.mailchimp.perform(.personSignsUp(address))
    try await sync(scenario)
    let mary = try #require(try await scenario.people(at: address).first)
    let id = try await scenario.execution(telling: "arrival")
    try await scenario.edit(mary.id) { $0.company = "Royal Society" }
    try await scenario.rests()
    let rows = try await undo(id, scenario)
    #expect(rows.contains { $0.reason == "moved" && $0.result == .skipped })
    #expect(try await scenario.person(mary.id)?.deletedAt == nil)
    await scenario.end()
  }

  // MARK: Addresses

  @Test func `an address taken goes back, and the contact follows in place`() async throws {
    let (scenario, ada) = try await both()
    let contact = try await scenario.audience()[old]?["contact_id"]
    try scenario.mailchimp.perform(.personChangesAddress(old, to: "ada@king.dev"))
    try await sync(scenario)
    #expect(try await scenario.person(ada)?.primaryEmail == "ada@king.dev")
    _ = try await undo(try await scenario.execution(telling: "taken"), scenario)
    try await sync(scenario)
    #expect(try await scenario.person(ada)?.primaryEmail == old)
    #expect(try await scenario.audience().keys.sorted() == [old])
    #expect(try await scenario.audience()[old]?["contact_id"] == contact)
    try await syncsWithoutWriting(scenario)
    await scenario.end()
  }

  @Test func `an address is not put back where the next sync would take it again`() async throws {
    let scenario = try await Scenario(settings: [
      "sync.direction": "from", "sync.arrivals": "add", "sync.poll-minutes": "1440",
    ])
    try scenario.mailchimp.perform(.personSignsUp(old))
    try await scenario.startEngine()
    // With nobody here the first look is the next one's.
    _ = try await scenario.run(.forceSync(approve: true))
    try await sync(scenario)
    let ada = try #require(try await scenario.people(at: old).first)
    try scenario.mailchimp.perform(.personChangesAddress(old, to: "ada@king.dev"))
    try await sync(scenario)
    #expect(try await scenario.person(ada.id)?.primaryEmail == "ada@king.dev")
    let rows = try await undo(try await scenario.execution(telling: "taken"), scenario)
    #expect(rows.map(\.reason) == ["only-taken"])
    #expect(try await scenario.person(ada.id)?.primaryEmail == "ada@king.dev")
    await scenario.end()
  }

  @Test func `a contact we renamed goes back once the person has the old address again`()
    async throws
  {
    let (scenario, ada) = try await both(["sync.on-change": "no"])
    try await scenario.edit(ada) { $0.emails = ["ada@king.dev"] }
    try await sync(scenario)
    #expect(try await scenario.audience().keys.sorted() == ["ada@king.dev"])
    let id = try await scenario.execution(changing: "EMAIL")
    #expect(try await undo(id, scenario).map(\.reason) == ["renamed"])

    try await scenario.edit(ada) { $0.emails = ["ada@lovelace.dev"] }
    try scenario.mailchimp.perform(.personSignsUp(old))
    let refused = try await undo(id, scenario)
    #expect(refused.map(\.result) == [.refused])
    #expect(refused.first?.reason == "mailchimp.address-taken")

    try scenario.mailchimp.perform(.personChangesAddress(old, to: "other@town.dev"))
    let rows = try await undo(id, scenario)
    #expect(rows.map(\.result) == [.updated])
    #expect(try await scenario.audience().keys.sorted() == [old, "other@town.dev"])
    #expect(try await scenario.link("ada@king.dev") == nil)
    try await syncsWithoutWriting(scenario)
    #expect(try await scenario.standing(ada)?.state == .inStep)
    await scenario.end()
  }

  // MARK: Consent

  @Test func `who left there is not put back, and the undo says so`() async throws {
    let (scenario, ada) = try await both(["consent.back": "yes"])
    try scenario.mailchimp.perform(.personUnsubscribes(old))
    try await sync(scenario)
    let id = try await scenario.execution(telling: "unsubscribed")
    let rows = try await undo(id, scenario)
    #expect(rows.map(\.result) == [.skipped])
    #expect(rows.first?.sentence.contains("never put back") == true)
    try await sync(scenario)
    #expect(try await scenario.status(old) == "unsubscribed")
    #expect(try await scenario.person(ada)?.optIn == .no)
    await scenario.end()
  }
}

extension Scenario {
  /// The latest execution with a row of this reason.
  func execution(telling reason: String) async throws -> ExecutionID {
    try await found("SELECT max(execution_id) FROM row_outcome WHERE reason = ?", reason)
  }

  /// The latest execution with a row that changed this field.
  func execution(changing field: String) async throws -> ExecutionID {
    try await found(
      """
      SELECT max(execution_id) FROM row_outcome
      WHERE result = 'updated' AND EXISTS (
        SELECT 1 FROM json_each(changes) WHERE value ->> '$.name' = ?)
      """, field)
  }

  private func found(_ sql: String, _ value: String) async throws -> ExecutionID {
    let id = try await workspace.read { (reading) throws(Problem) in
      try reading.database.one(sql, value) { $0.optionalIdentifier(0) as ExecutionID? } ?? nil
    }
    guard let id else { throw Violation("Nothing tells of \(value).") }
    return id
  }
}
