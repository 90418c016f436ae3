// Contacts nobody here stands behind: listed since they were noticed, and added as people only where
// that keeps them on the list.

import Basics
import Domain
import Sandbox
import Storage
import Support
import Testing

@Suite(.timeLimit(.minutes(10))) struct StrangerTests {
  private func synced(_ settings: [String: String] = [:]) async throws -> Scenario {
    let scenario = try await Scenario(settings: settings)
    try await scenario.crowd(3)
    try scenario.mailchimp.perform(.personSignsUp("amy@else.dev"))
    try scenario.mailchimp.perform(.adminEdits("amy@else.dev", ["FNAME": "Amy"]))
    try scenario.mailchimp.perform(.personSignsUp("bob@else.dev"))
    try scenario.mailchimp.perform(.personUnsubscribes("bob@else.dev"))
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    return scenario
  }

  private func strangers(
    _ scenario: Scenario, _ place: WindowPlace = .at(0), count: Int = 10
  ) async throws -> Window<UnknownContact> {
    try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.reports.strangers(place, count: count)
    }
  }

  @Test func `they are listed a window at a time with status, name and since when`() async throws {
    let scenario = try await synced()
    let all = try await strangers(scenario)
    #expect(all.rows.map(\.email) == ["amy@else.dev", "bob@else.dev"])
    #expect(all.rows.map(\.status) == [.subscribed, .unsubscribed])
    #expect(all.rows.map(\.name) == ["Amy", ""])
    let since = try #require(all.rows.first?.since)
    #expect(try await strangers(scenario, .at(1), count: 1).rows.map(\.email) == ["bob@else.dev"])
    // Read again and changed: noticed first when it was noticed first.
    try scenario.mailchimp.perform(.adminEdits("amy@else.dev", ["FNAME": "Amelia"]))
    _ = try await scenario.run(.resync(approve: false))
    let again = try await strangers(scenario).rows.first
    #expect(again?.since == since && again?.name == "Amelia")
    let verified = try await scenario.run(.verify(sample: nil))
    #expect(verified.status == .succeeded)
    #expect(try await scenario.drifts().count { $0.hasPrefix("missing here") } == 2)
    await scenario.end()
  }

  @Test func `who arrives in an empty directory is kept in step from then on`() async throws {
    let scenario = try await Scenario(
      settings: ["sync.direction": "both", "sync.arrivals": "add"])
    try scenario.mailchimp.perform(.personSignsUp("amy@else.dev", ["FNAME": "Amy"]))
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    let (progress, people) = try await scenario.workspace.read { (reading) throws(Problem) in
      (
        try reading.audiences.progress(of: reading.settings.values()[Settings.audience]),
        try reading.directory.people(after: nil, limit: 10)
      )
    }
    #expect(people.map(\.firstName) == ["Amy"])
    // Single changes wait for the first sync: this was it.
    try #require(progress.firstSyncAt != nil)
    try await scenario.rests()
    #expect(try await scenario.standing(people[0].id)?.state == .inStep)
    await scenario.end()
  }

  @Test func `somebody added here by hand is no stranger any more`() async throws {
    let scenario = try await synced()
    try await scenario.add("amy@else.dev", first: "Amy")
    #expect(try await strangers(scenario).rows.map(\.email) == ["bob@else.dev"])
    await scenario.end()
  }

  @Test func `a subscriber becomes a person as an arrival does, and stays subscribed`() async throws
  {
    let scenario = try await synced()
    let added = try await scenario.run(.addContact(AddressKey("amy@else.dev")))
    #expect(added.status == .succeeded && added.counts.created == 1)
    let person = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.directory.people(at: AddressKey("amy@else.dev")).first
    }
    #expect(person?.firstName == "Amy" && person?.optIn == .yes)
    #expect(person?.optInHow == "subscribed at Mailchimp")
    #expect(try await strangers(scenario).rows.map(\.email) == ["bob@else.dev"])
    _ = try await scenario.run(.forceSync(approve: false))
    #expect(try await scenario.status("amy@else.dev") == "subscribed")
    #expect(try await scenario.standing(try #require(person?.id))?.state == .inStep)
    await scenario.end()
  }

  @Test func `who is not subscribed, is known, or would leave the list is refused with the reason`()
    async throws
  {
    let scenario = try await synced()
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.searches.save(SavedSearch("Town", try SearchQuery("first:p")))
    }
    func refusal(_ address: String) async throws -> String? {
      do {
        try await scenario.ask(.addContact(AddressKey(address)))
        return nil
      } catch {
        return (error as? Problem)?.code
      }
    }
    #expect(try await refusal("bob@else.dev") == "contacts.not-subscribed")
    #expect(try await refusal("person0@town.dev") == "contacts.known")
    #expect(try await refusal("nobody@else.dev") == "contacts.missing")
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.settings.set("recipients.scope", to: "search:Town")
    }
    #expect(try await refusal("amy@else.dev") == "contacts.would-leave")
    #expect(try await scenario.person("amy@else.dev") == nil)
    #expect(try await scenario.status("amy@else.dev") == "subscribed")
    await scenario.end()
  }
}
