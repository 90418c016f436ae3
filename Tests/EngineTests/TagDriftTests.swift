// Verification of tags: what somebody is to hold and does not, and what we gave that they are not to
// hold any more. What others gave is neither.

import Basics
import Domain
import Sandbox
import Storage
import Support
import Testing

@Suite(.timeLimit(.minutes(10))) struct TagDriftTests {
  /// Twelve people, of whom six hold the tag because of us.
  private func synced(_ time: SteppedTime) async throws -> Scenario {
    let scenario = try await Scenario(settings: ["sync.poll-minutes": "1440"], time: time)
    try await scenario.crowd(12)
    try await scenario.rename(6, to: "Lovelace")
    try await scenario.save("Lovelaces", "last:lovelace")
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    try await scenario.tagsRest(time)
    #expect(try await scenario.holders("Lovelaces").count == 6)
    return scenario
  }

  /// One loses it by another hand, one is given it by another hand; and of one we gave it to, the
  /// loss was never sent.
  private func drifted(_ time: SteppedTime) async throws -> Scenario {
    let scenario = try await synced(time)
    try scenario.mailchimp.perform(.adminUntags("person1@town.dev", "Lovelaces"))
    for number in [9, 10] {
      try scenario.mailchimp.perform(.adminTags("person\(number)@town.dev", "Lovelaces"))
    }
    try scenario.mailchimp.perform(.adminTags("person8@town.dev", "Theirs"))
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.database.execute(
        "INSERT INTO tag_membership SELECT id, 'person9@town.dev', 0, NULL FROM kept_tag")
    }
    return scenario
  }

  private func tagDrifts(_ scenario: Scenario) async throws -> [String] {
    try await scenario.drifts().filter { $0.hasPrefix("tag") }
  }

  @Test func `both kinds are found in full, and what others gave is not among them`() async throws {
    let time = SteppedTime()
    let scenario = try await drifted(time)
    scenario.mailchimp.forgetExchanges()
    _ = try await scenario.run(.verify(sample: nil))
    #expect(try await tagDrifts(scenario) == ["tag person1@town.dev", "tag person9@town.dev"])
    #expect(scenario.mailchimp.exchanges.allSatisfy { $0.method == "GET" })
    let rows = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.reports.drifts(.tag, .at(0), count: 10).rows.map(\.drift)
    }
    #expect(rows.map(\.name) == ["Lovelaces", "Lovelaces"])
    #expect(rows.map { $0.ours.plainText } == ["held", ""])
    #expect(rows.map { $0.theirs.plainText } == ["", "held"])
    await scenario.end()
  }

  @Test func `a sample finds the same at its addresses`() async throws {
    let time = SteppedTime()
    let scenario = try await drifted(time)
    _ = try await scenario.run(.verify(sample: 12, seed: 3))
    #expect(try await tagDrifts(scenario) == ["tag person1@town.dev", "tag person9@town.dev"])
    await scenario.end()
  }

  @Test func `a repair puts back and takes off, touches nobody else's, and then nothing differs`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await drifted(time)
    _ = try await scenario.run(.verify(sample: nil))
    let repaired = try await scenario.run(.repairDrift(.all(.tag)))
    #expect(repaired.flow == .tags && repaired.status == .succeeded)
    #expect(repaired.counts.updated == 2)
    try await scenario.tagsRest(time)
    #expect(
      try await scenario.holders("Lovelaces")
        == ["0", "10", "1", "2", "3", "4", "5"].map { "person\($0)@town.dev" })
    #expect(try await scenario.holders("Theirs") == ["person8@town.dev"])
    #expect(try await tagDrifts(scenario) == [])
    _ = try await scenario.run(.verify(sample: nil))
    #expect(try await tagDrifts(scenario) == [])
    await scenario.end()
  }

  @Test
  func `a tag that was deleted at Mailchimp is missing at everybody, and made anew by a repair`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await synced(time)
    try scenario.mailchimp.perform(.adminDeletesTag("Lovelaces"))
    _ = try await scenario.run(.verify(sample: nil))
    #expect(try await tagDrifts(scenario).count == 6)
    _ = try await scenario.run(.repairDrift(.all(.tag)))
    try await scenario.tagsRest(time)
    #expect(try await scenario.holders("Lovelaces").count == 6)
    #expect(try await tagDrifts(scenario) == [])
    await scenario.end()
  }

  @Test func `a resync that puts a tag back settles the difference`() async throws {
    let time = SteppedTime()
    let scenario = try await synced(time)
    try scenario.mailchimp.perform(.adminUntags("person1@town.dev", "Lovelaces"))
    _ = try await scenario.run(.verify(sample: nil))
    #expect(try await tagDrifts(scenario) == ["tag person1@town.dev"])
    _ = try await scenario.run(.resync(approve: false))
    try await scenario.tagsRest(time)
    #expect(try await tagDrifts(scenario) == [])
    await scenario.end()
  }

  @Test func `beyond the fifty tags a member shows, ours are still seen`() async throws {
    let time = SteppedTime()
    let scenario = try await synced(time)
    for number in 0..<60 {
      try scenario.mailchimp.perform(.adminTags("person0@town.dev", "A \(number)"))
    }
    try scenario.mailchimp.perform(.adminUntags("person0@town.dev", "Lovelaces"))
    try scenario.mailchimp.perform(.adminTags("person0@town.dev", "Lovelaces"))
    _ = try await scenario.run(.verify(sample: nil))
    #expect(try await tagDrifts(scenario) == [])
    await scenario.end()
  }
}

extension Scenario {
  func person(_ address: String) async throws -> PersonID? {
    try await workspace.read { (reading) throws(Problem) in
      try reading.directory.people(at: AddressKey(address)).first?.id
    }
  }
}
