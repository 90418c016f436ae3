import Basics
import Domain
import Queue
import Sandbox
import Storage
import Support
import Testing

/// Saved searches as tags on the audience: who enters gains, who leaves loses, what others did stays.
@Suite(.timeLimit(.minutes(10))) struct TagTests {
  private func synced(
    _ time: SteppedTime = SteppedTime(), people: Int = 3, search: (String, String)? = nil,
    _ settings: [String: String] = [:]
  ) async throws -> Scenario {
    let scenario = try await Scenario(settings: settings, time: time)
    try await scenario.crowd(people)
    if let search { try await scenario.save(search.0, search.1) }
    try await scenario.startEngine()
    let first = try await scenario.run(.forceSync(approve: true))
    #expect(first.status == .succeeded)
    try await scenario.tagsRest(time)
    return scenario
  }

  @Test func `members gain and lose the tag as they enter and leave the search`() async throws {
    let time = SteppedTime()
    let scenario = try await synced(time, search: ("Lovelaces", "last:lovelace"))
    #expect(try await scenario.tagsThere().isEmpty)

    try await scenario.rename(2, to: "Lovelace")
    try await scenario.tagsRest(time)
    #expect(try await scenario.holders("Lovelaces") == ["person0@town.dev", "person1@town.dev"])
    let execution = try await scenario.executions().last { $0.flow == .tags }
    #expect(execution?.status == .succeeded)
    #expect(execution?.counts.updated == 2)

    try await scenario.rename(1, to: "King")
    try await scenario.tagsRest(time)
    #expect(try await scenario.holders("Lovelaces") == ["person1@town.dev"])
    await scenario.end()
  }

  @Test func `a second sync makes no execution of tags and only reads`() async throws {
    let time = SteppedTime()
    let scenario = try await synced(time, people: 25, search: ("All", "active:yes"))
    #expect(try await scenario.holders("All").count == 25)
    scenario.mailchimp.forgetExchanges()
    let before = try await scenario.executions().count { $0.flow == .tags }
    _ = try await scenario.run(.forceSync(approve: false))
    try await scenario.tagsRest(time)
    #expect(try await scenario.executions().count { $0.flow == .tags } == before)
    #expect(scenario.mailchimp.exchanges.allSatisfy { $0.method == "GET" })
    _ = try await scenario.run(.resync(approve: false))
    try await scenario.tagsRest(time)
    #expect(scenario.mailchimp.exchanges.allSatisfy { $0.method == "GET" })
    await scenario.end()
  }

  @Test func `a tag of the same name that others made is left alone until somebody decides`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await Scenario(time: time)
    try await scenario.crowd(3)
    try scenario.mailchimp.perform(.personSignsUp("stranger@town.dev"))
    try scenario.mailchimp.perform(.adminTags("stranger@town.dev", "vip"))
    try await scenario.save("VIP", "first:p")
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    try await scenario.tagsRest(time)
    #expect(try await scenario.holders("vip") == ["stranger@town.dev"])
    #expect(try await scenario.keptTag("VIP")?.state == .undecided)

    // One of ours holds it by their hand.
    try scenario.mailchimp.perform(.adminTags("person0@town.dev", "vip"))
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.tags.adopt("VIP")
    }
    try await scenario.tagsRest(time)
    #expect(
      try await scenario.holders("vip")
        == ["person0@town.dev", "person1@town.dev", "person2@town.dev", "stranger@town.dev"])

    // The search finds nobody any more: ours lose it, the stranger does not.
    try await scenario.save("VIP", "first:nobody")
    try await scenario.tagsRest(time)
    #expect(try await scenario.holders("vip") == ["stranger@town.dev"])
    await scenario.end()
  }

  @Test func `our tag by another name leaves the tag of others as it is`() async throws {
    let time = SteppedTime()
    let scenario = try await Scenario(time: time)
    try await scenario.crowd(2)
    try scenario.mailchimp.perform(.adminMakesTag("VIP"))
    try await scenario.save("VIP", "first:p")
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    try await scenario.tagsRest(time)
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.tags.rename(tagOf: "VIP", to: "Our VIP")
    }
    try await scenario.tagsRest(time)
    #expect(try await scenario.holders("VIP") == [])
    #expect(try await scenario.holders("Our VIP").count == 2)
    // Called otherwise once more: the members change over.
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.tags.rename(tagOf: "VIP", to: "Friends")
    }
    try await scenario.tagsRest(time)
    #expect(try await scenario.holders("Our VIP") == [])
    #expect(try await scenario.holders("Friends").count == 2)
    await scenario.end()
  }

  @Test func `a tag given by hand to somebody who then enters the search is never taken`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await synced(time, people: 30, search: ("Kings", "last:king"))
    try await scenario.rename(1, to: "King")
    try await scenario.tagsRest(time)
    for number in [5, 20] {
      try scenario.mailchimp.perform(.adminTags("person\(number)@town.dev", "Kings"))
    }
    try await scenario.rename(30, to: "King")
    try await scenario.tagsRest(time)
    #expect(try await scenario.holders("Kings").count == 30)
    try await scenario.rename(30, to: "Queen")
    try await scenario.tagsRest(time)
    #expect(try await scenario.holders("Kings") == ["person20@town.dev", "person5@town.dev"])
    await scenario.end()
  }

  @Test func `a tag that others passed on to somebody else is not ours for being as many`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await synced(time, people: 40, search: ("Kings", "last:king"))
    try await scenario.rename(20, to: "King")
    try await scenario.tagsRest(time)
    try scenario.mailchimp.perform(.adminUntags("person0@town.dev", "Kings"))
    try scenario.mailchimp.perform(.adminTags("person25@town.dev", "Kings"))
    try await scenario.rename(40, to: "King")
    try await scenario.tagsRest(time)
    #expect(try await scenario.holders("Kings").count == 40)
    try await scenario.rename(40, to: "Queen")
    try await scenario.tagsRest(time)
    #expect(try await scenario.holders("Kings") == ["person25@town.dev"])
    await scenario.end()
  }

  @Test func `what others take away is put back by a resync, a deleted tag is made anew`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await synced(time, people: 12, search: ("All", "active:yes"))
    try scenario.mailchimp.perform(.adminUntags("person3@town.dev", "All"))
    _ = try await scenario.run(.forceSync(approve: false))
    try await scenario.tagsRest(time)
    #expect(try await scenario.holders("All").count == 11)
    _ = try await scenario.run(.resync(approve: false))
    try await scenario.tagsRest(time)
    #expect(try await scenario.holders("All").count == 12)

    try scenario.mailchimp.perform(.adminDeletesTag("All"))
    _ = try await scenario.run(.resync(approve: false))
    try await scenario.tagsRest(time)
    #expect(try await scenario.holders("All").count == 12)
    await scenario.end()
  }

  @Test func `of more than fifty tags each is known`() async throws {
    let time = SteppedTime()
    let scenario = try await synced(time, people: 2)
    for number in 0..<60 {
      try scenario.mailchimp.perform(.adminTags("person0@town.dev", "Theirs \(number)"))
    }
    try await scenario.save("Ours", "active:yes")
    try await scenario.tagsRest(time)
    // Theirs too, beyond the fifty a member shows and the ten of a page.
    try scenario.mailchimp.perform(.adminUntags("person0@town.dev", "Ours"))
    try scenario.mailchimp.perform(.adminTags("person0@town.dev", "Ours"))
    #expect(try await scenario.holders("Ours").count == 2)
    try await scenario.save("Second", "first:p0")
    try await scenario.tagsRest(time)
    #expect(try await scenario.tagsOf("person0@town.dev").count == 62)
    await scenario.end()
  }

  @Test func `a search that depends on the day is compared again at local midnight`() async throws {
    // 2026-03-01 09:00 UTC: Auckland's evening.
    let time = SteppedTime()
    let scenario = try await synced(
      time, people: 2, search: ("New", "created:this-month"),
      ["workspace.zone": "Pacific/Auckland", "sync.poll-minutes": "1440"])
    #expect(try await scenario.holders("New").count == 2)
    // The month ends there at 11:00 UTC; how soon the clock is moved on is nobody's to say.
    let midnight = try #require(Instant(iso8601: "2026-03-31T11:00:00Z"))
    time.advance(to: midnight - .seconds(60))
    _ = try await scenario.passes(time) { (reading) throws(Problem) in
      try reading.database.integer("SELECT count(*) FROM tag_membership") == 0 ? true : nil
    }
    #expect(time.now() < midnight + .seconds(30 * 60))
    #expect(try await scenario.holders("New") == [])
    let last = try #require(try await scenario.executions().last { $0.flow == .tags })
    #expect(last.trigger == .schedule)
    #expect(last.queuedAt >= midnight)
    await scenario.end()
  }

  @Test func `an archived member keeps the tags and an archived leaver is told nothing`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await synced(
      time, people: 2, search: ("All", "active:yes deleted:no"), ["recipients.leavers": "archive"])
    let gone = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.directory.people(at: AddressKey("person0@town.dev"))
    }
    try await scenario.edit(try #require(gone.first?.id)) { $0.isActive = false }
    try await scenario.tagsRest(time)
    #expect(try await scenario.status("person0@town.dev") == "archived")
    #expect(try await scenario.executions().count { $0.flow == .tags } == 1)
    try await scenario.edit(try #require(gone.first?.id)) { $0.isActive = true }
    try await scenario.tagsRest(time)
    #expect(try await scenario.status("person0@town.dev") == "subscribed")
    #expect(try await scenario.holders("All").count == 2)
    await scenario.end()
  }

  @Test func `a contact whose address changes keeps our tag, and loses it by its new address`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await synced(time, people: 2, search: ("Known", "first:p"))
    let person = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.directory.people(at: AddressKey("person0@town.dev")).first?.id
    }
    try await scenario.edit(try #require(person)) { $0.emails = ["moved@town.dev"] }
    try await scenario.tagsRest(time)
    #expect(try await scenario.holders("Known").contains("moved@town.dev"))
    try await scenario.edit(try #require(person)) { $0.firstName = "Nobody" }
    try await scenario.tagsRest(time)
    #expect(try await scenario.holders("Known") == ["person1@town.dev"])
    await scenario.end()
  }

  @Test func `who is refused is told and tried again with the next sync`() async throws {
    let time = SteppedTime()
    let scenario = try await synced(time, people: 20)
    // Nobody here knows yet that one has gone.
    try scenario.mailchimp.perform(.adminArchives("person3@town.dev"))
    try await scenario.save("All", "active:yes")
    try await scenario.tagsRest(time)
    let tags = try #require(try await scenario.executions().last { $0.flow == .tags })
    #expect(tags.status == .partial)
    #expect(tags.counts.refused == 1 && tags.counts.updated == 19)
    let outcomes = try await scenario.outcomes(of: tags.id)
    #expect(outcomes.filter { $0.result == "refused" }.map(\.key) == ["person3@town.dev"])
    await scenario.end()
  }

  @Test func `a stop half-way is taken up where it was, and nobody is told twice`() async throws {
    let time = SteppedTime()
    let scenario = try await synced(time, people: 2600)
    scenario.mailchimp.forgetExchanges()
    let changes = scenario.workspace.changes.stream()
    try await scenario.save("All", "active:yes")
    for await _ in changes {
      let placed = try await scenario.workspace.read { (reading) throws(Problem) in
        try reading.database.integer("SELECT count(*) FROM tag_membership")
      }
      if placed > 0 { break }
    }
    await scenario.stopEngine()
    let left = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.integer("SELECT count(*) FROM tag_work")
    }
    #expect(left < 2600)
    try await scenario.startEngine()
    try await scenario.tagsRest(time)
    #expect(try await scenario.holders("All").count == 2600)
    let bulk = scenario.mailchimp.exchanges.filter {
      $0.method == "POST" && $0.path.contains("/segments/")
    }
    #expect(bulk.count == 6)
    #expect(try await scenario.executions().count { $0.flow == .tags } == 1)
    await scenario.end()
  }

  @Test func `three thousand people are tagged in six calls`() async throws {
    let time = SteppedTime()
    let scenario = try await synced(
      time, people: 3000, [Settings.everySearchIsTag.key: "no"])
    scenario.mailchimp.forgetExchanges()
    try await scenario.save("All", "active:yes")
    try await scenario.tagsRest(time)
    #expect(try await scenario.holders("All").count == 3000)
    let bulk = scenario.mailchimp.exchanges.filter {
      $0.method == "POST" && $0.path.contains("/segments/")
    }
    #expect(bulk.count == 6)
    await scenario.end()
  }

  @Test
  func `with every search a tag the quick lists and accounts are placed, and a plan says how many`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await Scenario(settings: [Settings.everySearchIsTag.key: "yes"], time: time)
    try await scenario.crowd(12)
    try await scenario.startEngine()
    let held = try await scenario.run(.forceSync(approve: false))
    let plan = try await scenario.workspace.read { (reading) throws(Problem) in
      try held.plan.flatMap { (id) throws(Problem) in try reading.plans.plan(id) }
    }
    // All active, new this month, and the default account; nobody has opted in or a birthday.
    #expect(plan?.counts.tagsAdded == 36)
    try await scenario.ask(.approvePlan(try #require(held.plan)))
    _ = try await scenario.settled(held.id)
    try await scenario.tagsRest(time)
    #expect(try await scenario.tagsThere() == ["All active", "Default account", "New this month"])
    #expect(try await scenario.holders("Default account").count == 12)

    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.settings.unset(Settings.everySearchIsTag.key)
    }
    try await scenario.tagsRest(time)
    #expect(try await scenario.holders("All active") == [])
    await scenario.end()
  }
}

extension Scenario {
  func save(_ name: String, _ filter: String) async throws {
    try await workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.searches.save(SavedSearch(name, try SearchQuery(filter), isTag: true))
    }
  }

  func keptTag(_ name: String) async throws -> KeptTag? {
    let audience = mailchimp.audience
    return try await workspace.read { (reading) throws(Problem) in
      try reading.tags.tags(of: audience).first { $0.name == name }
    }
  }

  /// Until nothing is due and nothing is in hand; what is put off by a moment is waited for.
  func tagsRest(_ time: SteppedTime) async throws {
    let soon = Duration.seconds(5)
    _ = try await passes(time) { (reading) throws(Problem) in
      let open = try reading.database.integer(
        """
        SELECT (SELECT count(*) FROM message WHERE state = 'leased'
            OR (state = 'ready' AND run_at <= ?))
          + (SELECT count(*) FROM execution WHERE status IN ('running', 'waiting'))
        """, reading.now + soon)
      return open == 0 ? true : nil
    }
  }

  func raw(_ path: String) async throws -> RawAnswer {
    try await RawHTTP(port: mailchimp.port, key: mailchimp.key).call(
      "GET", "/3.0/lists/\(mailchimp.audience)/\(path)")
  }

  func tagsThere() async throws -> [String] {
    let found = try await raw("segments?type=static&count=1000")["segments"].array ?? []
    return found.compactMap { $0["name"]?.string }.sorted()
  }

  /// Who holds a tag at Mailchimp, in order.
  func holders(_ name: String) async throws -> [String] {
    let found = try await raw("segments?type=static&count=1000")["segments"].array ?? []
    let id = found.first { $0["name"]?.string?.lowercased() == name.lowercased() }?["id"]?.int
    guard let id else { return [] }
    var addresses: [String] = []
    while true {
      let page =
        try await raw(
          "segments/\(id)/members?count=1000&offset=\(addresses.count)&include_unsubscribed=true")[
          "members"
        ].array ?? []
      addresses += page.compactMap { $0["email_address"]?.string }
      if page.isEmpty { return addresses.sorted() }
    }
  }

  func tagsOf(_ address: String) async throws -> [String] {
    let id = Digest.md5(address.utf8)
    return (try await raw("members/\(id)/tags?count=1000")["tags"].array ?? [])
      .compactMap { $0["name"]?.string }
  }
}
