import Basics
import Domain
import Sandbox
import Storage
import Support
import Testing

@testable import Engine
@testable import Mailchimp

/// Listings that move while they are read.
@Suite(.timeLimit(.minutes(10))) struct ListingTests {
  /// An audience in the order of the last change.
  private struct Moving {
    var ids: [Int]
    /// When each changed last; 0 for long ago.
    var changed: [Int: Int64] = [:]

    mutating func change(_ count: Int, _ random: inout SeededGenerator) {
      for _ in 0..<count where !ids.isEmpty {
        let id = ids.remove(at: Int.random(in: 0..<ids.count, using: &random))
        changed[id] = Int64(changed.count + 1)
        // Now and then somebody leaves the listing altogether.
        if Int.random(in: 0..<10, using: &random) > 0 { ids.append(id) }
      }
    }

    func page(_ offset: Int, count: Int) -> MemberPage {
      MemberPage(
        members: ids.dropFirst(offset).prefix(count).map {
          Member(
            id: "\($0)", email: "p\($0)@town.dev", status: .subscribed, mergeFields: [:],
            lastChanged: Instant(milliseconds: changed[$0] ?? 0))
        }, total: ids.count, withoutAddress: 0, serverTime: nil)
    }
  }

  @Test func `nobody who stayed is skipped, however many others move meanwhile`() async throws {
    try await forAll(300) { random in
      var audience = Moving(ids: Array(0..<Int.random(in: 0...6000, using: &random)))
      let everybody = Set(audience.ids)
      var place = ListingPlace()
      var seen: Set<String> = []
      var calls = 0
      let most = [0, 3, ListingPlace.shared - 1, 400, 900, 3000][
        Int.random(in: 0..<6, using: &random)]
      while !place.isOver {
        calls += 1
        guard calls < 300 else { throw Violation("it does not end: \(place.offset)") }
        let offset = place.offset
        let page = audience.page(offset, count: PullMembers.page)
        if place.take(page, at: offset) != nil { seen.formUnion(page.members.map(\.id)) }
        // Nobody reads to the end of what grows faster than it can be read.
        if calls < 40 { audience.change(Int.random(in: 0...most, using: &random), &random) }
      }
      let missed = everybody.subtracting(audience.changed.keys).filter { !seen.contains("\($0)") }
      guard missed.isEmpty else { throw Violation("\(missed.count) were skipped") }
    }
  }

  @Test func `nobody who keeps a tag is skipped, however many others lose or gain it meanwhile`()
    async throws
  {
    try await forAll(300) { random in
      var holders = Moving(ids: Array(0..<Int.random(in: 0...6000, using: &random)))
      let everybody = Set(holders.ids)
      var newcomer = everybody.count
      var place = ListingPlace()
      var seen: Set<String> = []
      var calls = 0
      let most = [0, 3, ListingPlace.shared - 1, 400, 900][Int.random(in: 0..<5, using: &random)]
      while !place.isOver {
        calls += 1
        guard calls < 300 else { throw Violation("it does not end: \(place.offset)") }
        let offset = place.offset
        let page = holders.page(offset, count: PullMembers.page)
        _ = place.take(page, at: offset)
        seen.formUnion(page.members.map(\.id))
        guard calls < 40 else { continue }
        for _ in 0..<Int.random(in: 0...most, using: &random) {
          let index = Int.random(in: 0...holders.ids.count, using: &random)
          if index < holders.ids.count, Int.random(in: 0..<5, using: &random) > 0 {
            holders.ids.remove(at: index)
          } else {
            newcomer += 1
            holders.ids.insert(newcomer, at: index)
          }
        }
      }
      let missed = everybody.intersection(holders.ids).filter { !seen.contains("\($0)") }
      guard missed.isEmpty else { throw Violation("\(missed.count) were skipped") }
    }
  }

  @Test(arguments: [30, 300])
  func `who holds a tag is read without a gap while others lose it`(count: Int) async throws {
    let time = SteppedTime()
    let scenario = try await Scenario(time: time)
    try await scenario.crowd(1500)
    try await scenario.save("All", "active:yes")
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    try await scenario.tagsRest(time)
    let tags = try await scenario.raw("segments?type=static&count=10")["segments"].array ?? []
    let tag = try #require(tags.first?["id"]?.int)
    let first = try await scenario.raw("segments/\(tag)/members?count=\(count)")["members"].array
    let hold = scenario.mailchimp.hold(
      .answer, method: "GET", path: "/3.0/lists/*/segments/*/members")
    let id = try await scenario.ask(.resync(approve: false))
    await hold.reached()
    for member in first ?? [] {
      let address = try #require(member["email_address"]?.string)
      try scenario.mailchimp.perform(.adminUntags(address, "All"))
    }
    scenario.mailchimp.forgetExchanges()
    hold.release()
    _ = try await scenario.settled(id)
    try await scenario.tagsRest(time)
    // Those who lost it were read before; nobody else is taken for one of them.
    #expect(scenario.mailchimp.count("POST", "/3.0/lists/*/segments/*") == 0)
    #expect(try await scenario.holders("All").count == 1500 - count)
    await scenario.end()
  }

  @Test func `at rest everybody is new once, and no call is spent on looking twice`() {
    let audience = Moving(ids: Array(0..<2900))
    var place = ListingPlace()
    var new: [String] = []
    var offsets: [Int] = []
    while !place.isOver {
      offsets.append(place.offset)
      let page = audience.page(place.offset, count: PullMembers.page)
      new += place.take(page, at: place.offset)?.map(\.id) ?? []
    }
    #expect(new == audience.ids.map(String.init))
    #expect(offsets == [0, 950, 1900])
  }

  @Test(arguments: [30, 1200])
  func `a reading of many during which others change misses none of them`(count: Int) async throws {
    let time = SteppedTime()
    let scenario = try await Scenario(time: time)
    try scenario.mailchimp.with { mailchimp throws(Problem) in
      for number in 0..<1500 {
        try mailchimp.perform(.personSignsUp("person\(number)@town.dev"), at: time.now())
      }
    }
    time.advance(.minutes(1))
    // The first page is on its way while some of it change and move behind.
    let hold = scenario.mailchimp.hold(.answer, method: "GET", path: "/3.0/lists/*/members")
    try await scenario.startEngine()
    let id = try await scenario.ask(.forceSync(approve: true))
    await hold.reached()
    for number in 0..<count {
      try scenario.mailchimp.perform(.adminEdits("person\(number)@town.dev", ["FNAME": "New"]))
    }
    hold.release()
    #expect(try await scenario.settled(id).status == .succeeded)
    let known = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.integer("SELECT count(*) FROM link WHERE status = 'subscribed'")
    }
    #expect(known == 1500)
    #expect(try await scenario.link("person7@town.dev")?.seen["FNAME"] == .text("New"))
    await scenario.end()
  }
}
