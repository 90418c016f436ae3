import Basics
import Domain
import Sandbox
import Storage
import Support
import Testing

@Suite struct FieldScenarioTests {
  private func raw(_ scenario: Scenario) -> RawHTTP {
    RawHTTP(port: scenario.mailchimp.port, key: scenario.mailchimp.key)
  }

  @Test func `a field without a mapping and another program's tags stay as they are`()
    async throws
  {
    let scenario = try await Scenario()
    try scenario.mailchimp.with { (mailchimp) throws(Problem) in
      try mailchimp.addMergeField("NOTE", "Note", .text)
    }
    let path = "/3.0/lists/\(scenario.mailchimp.audience)/members"
    let made = try await raw(scenario).call(
      "POST", path,
      [
        "email_address": "ada@lovelace.dev", "status": "subscribed", "tags": ["Board", "Choir"],
        "merge_fields": ["FNAME": "Augusta", "NOTE": "By another program"],
      ])
    #expect(made.status == 200)
    scenario.mailchimp.forgetExchanges()
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada", last: "Byron")
    try await scenario.begin()
    try await scenario.edit(ada) { $0.lastName = "King" }
    try await scenario.again()
    let member = try await scenario.audience()["ada@lovelace.dev"]
    #expect(member?["merge_fields"]?["FNAME"] == "Ada")
    #expect(member?["merge_fields"]?["LNAME"] == "King")
    #expect(member?["merge_fields"]?["NOTE"] == "By another program")
    #expect(
      Set(member?["tags"]?.array?.compactMap { $0["name"]?.string } ?? []) == ["Board", "Choir"])
    #expect(!scenario.writes.contains { $0.body.contains("NOTE") || $0.body.contains("tags") })
    await scenario.end()
  }

  @Test func `at the first link an empty value never overwrites a filled one, later it clears`()
    async throws
  {
    let scenario = try await Scenario()
    try scenario.mailchimp.perform(
      .personSignsUp("ada@lovelace.dev", ["FNAME": "Augusta", "LNAME": "Byron", "PHONE": "1"]))
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada")
    try await scenario.begin()
    #expect(try await scenario.field("FNAME", of: "ada@lovelace.dev") == "Ada")
    #expect(try await scenario.field("LNAME", of: "ada@lovelace.dev") == "Byron")
    #expect(try await scenario.field("PHONE", of: "ada@lovelace.dev") == "1")

    try await scenario.edit(ada) { $0.lastName = "King" }
    try await scenario.again()
    #expect(try await scenario.field("LNAME", of: "ada@lovelace.dev") == "King")
    try await scenario.edit(ada) { $0.lastName = "" }
    try await scenario.again()
    #expect(try await scenario.field("LNAME", of: "ada@lovelace.dev") == "")
    // Never filled here, so never cleared there.
    #expect(try await scenario.field("PHONE", of: "ada@lovelace.dev") == "1")
    await scenario.end()
  }

  @Test func `a mapped field edited at Mailchimp is written again at the next poll`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await Scenario(time: time)
    try await scenario.add("ada@lovelace.dev", first: "Ada", last: "King")
    try await scenario.begin()
    try scenario.mailchimp.perform(.adminEdits("ada@lovelace.dev", ["LNAME": "Somebody else's"]))
    let before = try await scenario.newest()
    try await scenario.letPollComeDue(time)
    let poll = try await scenario.execution(after: before) { $0.flow == .pullMembers }
    #expect(poll.trigger == .poll)
    _ = try await scenario.execution(after: before) {
      $0.counts.updated == 1 && $0.flow == .pushPeople
    }
    #expect(try await scenario.field("LNAME", of: "ada@lovelace.dev") == "King")

    // Our own writing, read back, is no change.
    let last = try await scenario.newest()
    scenario.mailchimp.forgetExchanges()
    try await scenario.letPollComeDue(time)
    let echo = try await scenario.execution(after: last) { $0.flow == .pullMembers }
    #expect(echo.counts.changed == 0)
    #expect(!echo.detectedChanges)
    #expect(scenario.writes.isEmpty)
    await scenario.end()
  }

  @Test func `a contact without a person is left alone for ever`() async throws {
    let scenario = try await Scenario(settings: ["recipients.leavers": "archive"])
    try scenario.mailchimp.perform(.personSignsUp("guest@town.dev", ["FNAME": "Guest"]))
    try await scenario.add("ada@lovelace.dev", first: "Ada")
    let before = try await scenario.audience()["guest@town.dev"]
    try await scenario.begin()
    try await scenario.again()
    _ = try await scenario.run(.resync(approve: true))
    #expect(try await scenario.audience()["guest@town.dev"] == before)
    await scenario.end()
  }

  @Test func `a text too long for its field is cut at a whole character and the row says so`()
    async throws
  {
    let scenario = try await Scenario()
    let family = String(repeating: "👩‍👩‍👧‍👦", count: 40)
    try await scenario.add("ada@lovelace.dev", first: "Ada", last: family)
    let first = try await scenario.begin()
    let kept = try #require(try await scenario.field("LNAME", of: "ada@lovelace.dev"))
    #expect(kept == String(family.prefix(36)))
    let row = try #require(try await scenario.rows(first.id).first)
    #expect(row.result == .created)
    #expect(row.sentence.contains("LNAME"))
    #expect(row.sentence.contains("cut"))
    await scenario.end()
  }

  @Test func `whoever has no value for a required field is refused with that reason`()
    async throws
  {
    let scenario = try await Scenario()
    try scenario.mailchimp.with { (mailchimp) throws(Problem) in
      try mailchimp.addMergeField("COMPANY", "Company", .text, required: true)
    }
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.audiences.saveMapping(FieldMapping.initial + [FieldMapping(.company, "COMPANY")])
    }
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada")
    let alan = try await scenario.add("alan@turing.dev", first: "Alan") { $0.company = "Bletchley" }
    try await scenario.begin()
    #expect(try await scenario.audience().keys.sorted() == ["alan@turing.dev"])
    #expect(try await scenario.place(ada) == "refused: person.required-field")
    #expect(try await scenario.standing(ada)?.sentence.contains("COMPANY") == true)
    #expect(try await scenario.place(alan) == "in step")

    try await scenario.edit(ada) { $0.company = "Analytical Engines" }
    try await scenario.again()
    #expect(try await scenario.field("COMPANY", of: "ada@lovelace.dev") == "Analytical Engines")
    #expect(try await scenario.place(ada) == "in step")
    await scenario.end()
  }
}
