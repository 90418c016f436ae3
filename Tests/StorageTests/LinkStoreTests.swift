import Basics
import Domain
@testable import Storage
import Support
import Testing

/// Links are saved whole, by one of two statements: what stands in the file must not tell by which.
@Suite struct LinkStoreTests {
  private static let audience = "a1"
  private let test: TestWorkspace

  init() throws { test = try TestWorkspace() }

  @Test func `a link that is saved reads back as it was saved last, but for the latest tag`()
    async throws
  {
    let people = try (0..<3).map { try test.add("Person \($0)", "person\($0)@town.dev") }
    var last: [AddressKey: Link] = [:]
    try await forAll(200) { random in
      var link = Self.link(people, &random)
      try save(link)
      let told = [last[link.key]?.taggedAt, link.taggedAt].compactMap { $0 }.max()
      link.taggedAt = told
      last[link.key] = link
      let found = try read(link.key)
      guard found == link else { throw Violation("\(link) was read as \(found as Any)") }
    }
    #expect(last.count == 4)
  }

  @Test func `a link that was seen again as it was differs in nothing but when`() async throws {
    let ada = try test.add("Ada", "ada@town.dev")
    try await forAll(50) { random in
      var link = Self.link([ada], &random)
      try save(link)
      link.taggedAt = try read(link.key)?.taggedAt
      let (key, later) = (link.key, Instant(milliseconds: 9_000_000))
      try test.write { (tx) throws(Problem) in
        try tx.links.see([key: later], in: Self.audience)
      }
      link.seenAt = later
      guard try read(link.key) == link else { throw Violation("\(link)") }
    }
  }

  @Test func `whom we ended is found among these addresses, and nobody else`() throws {
    let people = try (0..<3).map { try test.add("Person \($0)", "person\($0)@town.dev") }
    for number in 0..<3 {
      var link = Link(
        audienceID: Self.audience, key: AddressKey("person\(number)@town.dev"),
        email: "person\(number)@town.dev")
      link.owner = people[number]
      link.endedByUs = number > 0
      try save(link)
    }
    let found = try test.read { (reading) throws(Problem) in
      try reading.links.ended(
        Self.audience, at: [AddressKey("person0@town.dev"), AddressKey("person1@town.dev")])
    }
    #expect(found.map(\.key) == [AddressKey("person1@town.dev")])
  }

  private func save(_ link: Link) throws {
    try test.write { (tx) throws(Problem) in try tx.links.save([link]) }
  }

  private func read(_ key: AddressKey) throws -> Link? {
    try test.read { (reading) throws(Problem) in try reading.links.link(Self.audience, at: key) }
  }

  /// At one of four addresses, with ids of a few, so that indexes meet old and new values.
  private static func link(_ people: [PersonID], _ random: inout SeededGenerator) -> Link {
    func some<Value>(_ values: [Value]) -> Value? {
      Bool.random(using: &random) ? values.randomElement(using: &random) : nil
    }
    let number = Int.random(in: 0..<4, using: &random)
    var link = Link(
      audienceID: audience, key: AddressKey("key\(number)@town.dev"), email: "Key@town.dev")
    link.owner = some(people)
    link.memberID = some(["m1", "m2"])
    link.contactID = some(["c1", "c2"])
    link.webID = some([1, 2])
    link.status = some(MemberStatus.allCases)
    link.agreed = some([["FNAME": .text("Ada")], [:]])
    link.seen = some([["FNAME": .text("Bea")]]) ?? [:]
    link.seenAt = some([Instant(milliseconds: 1000), Instant(milliseconds: 2000)])
    link.digest = some([3, 4])
    link.endedByUs = Bool.random(using: &random)
    link.taggedAt = some([Instant(milliseconds: 5000), Instant(milliseconds: 6000)])
    link.decided = some([["FNAME": ConflictDecision.open]]) ?? [:]
    return link
  }

  @Test func `what is asked of some costs the same however large the audience is`() throws {
    for sql in [
      LinkStore.ofOwners, LinkStore.formerly, LinkStore.ofContacts, LinkStore.ofWebIDs,
      ConsentStore.suppressionsAt, ConsentStore.refusedBy,
    ] {
      let plan = try test.read { (reading) throws(Problem) in
        try reading.database.rows("EXPLAIN QUERY PLAN " + sql, "[]", "a1") { $0.text(3) }
      }
      #expect(plan.allSatisfy { !$0.hasSuffix("(audience_id=?)") }, "\(plan)")
      #expect(plan.allSatisfy { !$0.hasPrefix("SCAN") || $0.contains("VIRTUAL") }, "\(plan)")
    }
  }
}
