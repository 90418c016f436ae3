// Verification and repair against the practice Mailchimp, where somebody else has been at work.

import Basics
import Domain
import Sandbox
import Storage
import Support
import Testing

@testable import Engine

extension Scenario {
  func drifts() async throws -> [String] {
    try await workspace.read { (reading) throws(Problem) in
      try reading.database.rows(
        "SELECT class || ' ' || address_key FROM drift WHERE state = 'open' ORDER BY 1"
      ) { $0.text(0) }
    }
  }

  fileprivate func totals() async throws -> VerificationTotals {
    try await workspace.read { (reading) throws(Problem) in
      let json = try reading.database.one("SELECT totals FROM verification") {
        (row) throws(Problem) in try row.json(0)
      }
      return VerificationTotals(json: json ?? [:])
    }
  }
}

@Suite struct VerificationScenarioTests {
  /// Five people in step; then five things happen at Mailchimp that nobody here has seen.
  private func drifted() async throws -> Scenario {
    let scenario = try await Scenario(settings: ["sync.poll-minutes": "1440"])
    for name in ["ada", "ben", "cy", "dan", "eve"] {
      try await scenario.add("\(name)@town.dev", first: name, last: "Town")
    }
    try await scenario.add(nil, first: "Nobody")
    try await scenario.startEngine()
    let first = try await scenario.run(.forceSync(approve: true))
    #expect(first.counts.created == 5)
    return scenario
  }

  private func somebodyElse(_ scenario: Scenario) throws {
    let mailchimp = scenario.mailchimp
    try mailchimp.perform(.adminDeletesPermanently("ada@town.dev"))
    try mailchimp.perform(.personUnsubscribes("ben@town.dev"))
    try mailchimp.perform(.adminEdits("cy@town.dev", ["FNAME": "Cyrus"]))
    try mailchimp.perform(.personSignsUp("stranger@town.dev"))
  }

  @Test func `right after a sync nothing differs and both sides add up`() async throws {
    let scenario = try await drifted()
    scenario.mailchimp.forgetExchanges()
    let verified = try await scenario.run(.verify(sample: nil))
    #expect(verified.status == .succeeded)
    #expect(verified.flow == .verification)
    #expect(!verified.detectedChanges)
    #expect(try await scenario.drifts() == [])
    let totals = try await scenario.totals()
    #expect(totals.inStep == 5)
    #expect(totals.excluded == 1)
    #expect(verified.counts.excluded == 1)
    #expect(totals.people == 6)
    #expect(totals.members == [.subscribed: 5])
    #expect(totals.matched == 5)
    #expect(scenario.mailchimp.exchanges.allSatisfy { $0.method == "GET" })
    await scenario.end()
  }

  @Test func `what somebody else did is found, classified, and changes nothing`() async throws {
    let scenario = try await drifted()
    try somebodyElse(scenario)
    let before = try await scenario.link("ben@town.dev")
    scenario.mailchimp.forgetExchanges()
    let verified = try await scenario.run(.verify(sample: nil))
    #expect(verified.status == .succeeded)
    #expect(verified.detectedChanges)
    #expect(
      try await scenario.drifts() == [
        "field cy@town.dev", "missing here stranger@town.dev", "missing there ada@town.dev",
        "status ben@town.dev",
      ])
    let totals = try await scenario.totals()
    #expect(totals.people == 6)
    #expect(totals.contacts == totals.matched + totals.left + totals.unknown)
    #expect(totals.contacts == 5)
    #expect(scenario.mailchimp.exchanges.allSatisfy { $0.method == "GET" })
    #expect(try await scenario.link("ben@town.dev") == before)
    await scenario.end()
  }

  @Test func `a repair closes what it can, subscribes nobody who left, and then nothing differs`()
    async throws
  {
    let scenario = try await drifted()
    try somebodyElse(scenario)
    _ = try await scenario.run(.verify(sample: nil))
    let repaired = try await scenario.run(.repairDrift(.all(nil)))
    #expect(repaired.trigger == .request)
    #expect(repaired.counts.updated == 1)
    let audience = try await scenario.audience()
    #expect(audience["cy@town.dev"]?["merge_fields"]?["FNAME"] == "cy")
    #expect(audience["ben@town.dev"]?["status"] == "unsubscribed")
    #expect(audience["ada@town.dev"] == nil)
    #expect(try await scenario.suppression("ada@town.dev") == .deletedByOthers)
    #expect(try await scenario.drifts() == ["missing here stranger@town.dev"])

    _ = try await scenario.run(.verify(sample: nil))
    #expect(try await scenario.drifts() == ["missing here stranger@town.dev"])
    await scenario.end()
  }

  @Test func `somebody who was never sent is created by a repair`() async throws {
    let scenario = try await drifted()
    await scenario.stopEngine()
    try await scenario.add("fay@town.dev", first: "fay")
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      // Lost, as only a stranger's hand can lose it.
      try tx.database.execute("DELETE FROM message")
    }
    try await scenario.startEngine()
    _ = try await scenario.run(.verify(sample: nil))
    #expect(try await scenario.drifts() == ["missing there fay@town.dev"])
    let repaired = try await scenario.run(.repairDrift(.all(.missingThere)))
    #expect(repaired.counts.created == 1)
    #expect(try await scenario.status("fay@town.dev") == "subscribed")
    #expect(try await scenario.drifts() == [])
    await scenario.end()
  }

  @Test func `a sample looks at so many addresses one by one, the same for the same seed`()
    async throws
  {
    let scenario = try await drifted()
    try somebodyElse(scenario)
    var found: Set<[String]> = []
    for _ in 0..<2 {
      scenario.mailchimp.forgetExchanges()
      let verified = try await scenario.run(.verify(sample: 3, seed: 7))
      #expect(verified.total == 3)
      let members = scenario.mailchimp.exchanges.map(\.path).filter { $0.contains("/members/") }
      #expect(members.count == 3)
      found.insert(members.sorted())
    }
    #expect(found.count == 1)
    await #expect(throws: Problem.self) { try await scenario.ask(.verify(sample: 0)) }
    await scenario.end()
  }

  @Test func `what was dismissed stays so until it changes`() async throws {
    let scenario = try await drifted()
    try scenario.mailchimp.perform(.personSignsUp("stranger@town.dev"))
    _ = try await scenario.run(.verify(sample: nil))
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      _ = try tx.drifts.dismiss(
        .all(.missingHere), audienceID: try tx.settings.values()[Settings.audience])
    }
    _ = try await scenario.run(.verify(sample: nil))
    #expect(try await scenario.drifts() == [])
    try scenario.mailchimp.perform(.personUnsubscribes("stranger@town.dev"))
    _ = try await scenario.run(.verify(sample: nil))
    #expect(try await scenario.drifts() == ["missing here stranger@town.dev"])
    await scenario.end()
  }

  @Test func `differences of another audience wait until it is chosen again`() async throws {
    let scenario = try await drifted()
    try scenario.mailchimp.perform(.adminEdits("cy@town.dev", ["FNAME": "Cyrus"]))
    _ = try await scenario.run(.verify(sample: nil))
    await scenario.stopEngine()
    for (audience, found) in [("other", 0), (scenario.mailchimp.audience, 1)] {
      let groups = try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
        try tx.settings.set("mailchimp.audience", to: audience)
        return try tx.reports.driftGroups()
      }
      #expect(groups.map(\.count).reduce(0, +) == found)
    }
    await scenario.end()
  }

  @Test func `what a newer verification does not find any more is gone`() async throws {
    let scenario = try await drifted()
    try scenario.mailchimp.perform(.adminEdits("cy@town.dev", ["FNAME": "Cyrus"]))
    _ = try await scenario.run(.verify(sample: nil))
    #expect(try await scenario.drifts() == ["field cy@town.dev"])
    try scenario.mailchimp.perform(.adminEdits("cy@town.dev", ["FNAME": "cy"]))
    _ = try await scenario.run(.verify(sample: nil))
    #expect(try await scenario.drifts() == [])
    await scenario.end()
  }

  @Test func `asking twice is asking once`() async throws {
    let scenario = try await drifted()
    let (one, two) = try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      (try tx.requests.insert(.verify(sample: nil)), try tx.requests.insert(.verify(sample: nil)))
    }
    let answers = [
      try await scenario.workspace.waitForAnswer(to: one),
      try await scenario.workspace.waitForAnswer(to: two),
    ]
    #expect(answers[0] == answers[1])
    await scenario.end()
  }
}
