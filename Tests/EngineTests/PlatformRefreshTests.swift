// People from a platform on a real socket, in both its dialects, through the real engine: pages,
// what changes there and vanishes there, and what Mailchimp changed told back.

import Basics
import Domain
import Engine
import Sandbox
import Storage
import Support
import Testing

@Suite struct PlatformRefreshTests {
  enum Dialect: String, Sendable, CaseIterable {
    case scim, plain

    /// How many people an answer holds where nothing else is asked for, or what is asked for.
    var page: Int { self == .scim ? 100 : 50 }

    func settings(_ platform: String) -> [String: String] {
      switch self {
      case .scim: ["source.kind": "scim", "source.url": "\(platform)/scim/v2"]
      case .plain:
        [
          "source.kind": "http", "source.url": "\(platform)/people", "source.list": "data",
          "source.pages": "link:next", "source.fields": "external_id=id",
          "source.since": "updated_since",
        ]
      }
    }
  }

  /// Ada and `count` others on the platform, read and in step with the audience.
  private func site(_ dialect: Dialect, others count: Int) async throws -> (Scenario, String) {
    let scenario = try await Scenario(settings: ["sync.direction": "both"]) {
      $0.platformPeople = count
    }
    let ada = try scenario.mailchimp.platform { platform, now throws(Problem) in
      try platform.add(
        ["email": "ada@lovelace.dev", "first_name": "Ada", "last_name": "Byron"], at: now)
    }
    let key = scenario.mailchimp.configuration.platformKey
    let settings = dialect.settings(scenario.mailchimp.platformURL)
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      for (name, text) in settings { try tx.settings.set(name, to: text) }
      try tx.settings.set("source.key", to: key)
      try tx.settings.set("source.write-back", to: "yes")
    }
    try await scenario.map([
      FieldMapping(.firstName, "FNAME", direction: .both),
      FieldMapping(.lastName, "LNAME", direction: .both),
    ])
    try await scenario.startEngine()
    return (scenario, ada)
  }

  private func person(_ scenario: Scenario, _ externalID: String) async throws -> Person? {
    try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.directory.person(externalID: externalID)
    }
  }

  private func lists(_ scenario: Scenario) -> Int {
    scenario.mailchimp.platformExchanges.count { $0.method == "GET" }
  }

  @Test(arguments: Dialect.allCases)
  func `a platform is read page by page, told what Mailchimp changed, and believed who vanished`(
    dialect: Dialect
  ) async throws {
    let (scenario, ada) = try await site(dialect, others: 204)
    let first = try await scenario.run(.refresh)
    #expect(first.status == .succeeded)
    #expect(first.counts.created == 205)
    #expect(lists(scenario) == (205 + dialect.page - 1) / dialect.page)
    let sync = try await scenario.run(.forceSync(approve: true))
    #expect(sync.counts.created == 205)

    // Changed at Mailchimp: taken here, and told to the platform.
    try scenario.mailchimp.perform(.personEdits("ada@lovelace.dev", ["LNAME": "King"]))
    _ = try await scenario.run(.forceSync(approve: false))
    let back = try await scenario.execution(after: sync.id) { $0.flow == .writeBack }
    #expect(back.counts.updated == 1)
    #expect(scenario.mailchimp.platform { platform, _ in platform[ada]?.lastName } == "King")
    #expect(scenario.mailchimp.platformExchanges.last?.method == "PATCH")

    // The platform repeats what it was told, changes one and no longer names another.
    let other = try scenario.mailchimp.platform { platform, now throws(Problem) in
      try platform.change(ada, ["first_name": "Augusta"], at: now)
      let other = platform.people[0].id
      try platform.remove(other)
      return other
    }
    let second = try await scenario.run(.refresh)
    #expect(second.status == .succeeded)
    #expect(second.counts.updated == 2)
    #expect(second.counts.unchanged == 203)
    let after = try #require(try await person(scenario, ada))
    #expect(after.firstName == "Augusta")
    #expect(after.lastName == "King")
    #expect(try await person(scenario, other)?.isActive == false)
    let left = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.integer("SELECT count(*) FROM source_row")
    }
    #expect(left == 0)
    await scenario.end()
  }

  @Test(arguments: Dialect.allCases)
  func `a reading of what changed names few, and nobody else counts as vanished`(
    dialect: Dialect
  ) async throws {
    let (scenario, ada) = try await site(dialect, others: 120)
    _ = try await scenario.run(.refresh)
    // As if the clocks did not differ, so that it tells of Ada alone.
    let since = scenario.mailchimp.platform { platform, _ in
      (platform.people.map(\.modified).max() ?? Instant(milliseconds: 0)) + .milliseconds(1)
    }
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      var record = try tx.source.record()
      record.cursor = since.description
      try tx.source.save(record)
    }
    try scenario.mailchimp.platform { platform, now throws(Problem) in
      try platform.change(ada, ["last_name": "King"], at: now)
    }
    let before = lists(scenario)
    let id = try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try RefreshWork.start(.schedule, isFull: false, by: "test", tx)
    }
    let second = try await scenario.settled(id)
    #expect(second.counts.updated == 1)
    #expect(second.counts.unchanged == 0)
    #expect(lists(scenario) - before == 1)
    #expect(try await person(scenario, ada)?.lastName == "King")
    await scenario.end()
  }

  @Test func `a platform that names nobody any more is held, and everybody stays`() async throws {
    let (scenario, _) = try await site(.scim, others: 250)
    let first = try await scenario.run(.refresh)
    #expect(first.counts.created == 251)
    scenario.mailchimp.platform { platform, _ in platform.removeAll() }
    let held = try await scenario.run(.refresh)
    #expect(held.status == .held)
    let active = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.integer("SELECT count(*) FROM person WHERE active")
    }
    #expect(active == 251)
    await scenario.end()
  }
}
