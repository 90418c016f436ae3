import Basics
import Domain
import SQLite
import Storage
import Support
import Testing

/// Who is to gain and lose a tag, found by SQL and held against the words: what we gave, with what
/// is gained and without what is lost, is who is in the search; what others gave is never lost.
@Suite struct TagStoreTests {
  private static let audience = "a1"
  private let test: TestWorkspace

  init() throws {
    test = try TestWorkspace()
    try test.write { (tx) throws(Problem) in
      try tx.settings.set("mailchimp.audience", to: Self.audience)
    }
  }

  private func link(_ person: PersonID?, _ email: String, _ status: MemberStatus?) throws {
    try test.write { (tx) throws(Problem) in
      var link = Link(audienceID: Self.audience, key: AddressKey(email), email: email)
      link.owner = person
      link.status = status
      try tx.links.save([link])
    }
  }

  @discardableResult
  private func tag(_ name: String, _ filter: String) throws -> KeptTag {
    try test.write { (tx) throws(Problem) in
      try tx.searches.save(SavedSearch(name, try SearchQuery(filter), isTag: true))
      try tx.tags.reconcile(Self.audience)
    }
    return try #require(try kept(name))
  }

  private func kept(_ name: String) throws -> KeptTag? {
    try test.read { (reading) throws(Problem) in
      try reading.tags.tags(of: Self.audience).first { $0.name == name }
    }
  }

  private func compare(_ tag: KeptTag, _ keys: [String]? = nil) throws {
    try test.write { (tx) throws(Problem) in
      try tx.tags.compare(
        try tx.tags.tag(tag.id) ?? tag,
        keys.map { .these($0.map { AddressKey($0) }) } ?? .everybody)
    }
  }

  private func record(_ findings: TagFinding...) throws {
    try test.write { (tx) throws(Problem) in try tx.tags.record(findings) }
  }

  private func work(_ tag: KeptTag) throws -> [String: String] {
    let rows = try test.read { (reading) throws(Problem) in
      try reading.database.rows(
        "SELECT address_key, change FROM tag_work WHERE tag_id = ?", tag.id
      ) { ($0.text(0), $0.text(1)) }
    }
    return Dictionary(rows) { first, _ in first }
  }

  private func ours(_ tag: KeptTag) throws -> Set<String> {
    Set(
      try test.read { (reading) throws(Problem) in
        try reading.database.rows(
          "SELECT address_key FROM tag_membership WHERE tag_id = ?", tag.id
        ) { $0.text(0) }
      })
  }

  /// Carries out what is to be done without a Mailchimp.
  private func send(_ tag: KeptTag) throws {
    let work = try work(tag)
    let gains = work.filter { $0.value == "gain" }.keys.map { AddressKey($0) }
    let losses = work.filter { $0.value == "lose" }.keys.map { AddressKey($0) }
    try record(.placed(tag.id, gains), .removed(tag.id, losses))
  }

  @Test
  func `ours with gains and without losses are those in the search, and then nothing is left`()
    async throws
  {
    try await forAll(6) { random in
      let test = try TagStoreTests()
      let statuses: [MemberStatus?] = [
        .subscribed, .subscribed, .unsubscribed, .pending, .cleaned, .archived, nil,
      ]
      let letters = ["ann", "bob", "cat"]
      var people: [(id: PersonID, email: String)] = []
      for number in 0..<40 {
        let email = "p\(number)@town.dev"
        let id = try test.test.add(random.pick(letters), email)
        people.append((id, email))
        if random.chance(85) { try test.link(id, email, random.pick(statuses)) }
      }
      let tag = try test.tag("Anns", "first:ann")
      try test.record(.made(tag.id, segment: 7))
      // Others gave it to some, before and besides.
      let foreign = people.filter { _ in random.chance(15) }.map(\.email)
      try test.record(.looked(tag.id, free: [], held: foreign.map { AddressKey($0) }))
      var changed: [String] = []
      for round in 0..<4 {
        // Those alone who changed find the same as everybody.
        try test.compare(tag, round == 0 || random.chance(30) ? nil : changed)
        let before = try test.ours(tag)
        let work = try test.work(tag)
        let wanted = try test.inSearch(people, "ann")
        let open = try test.members(people, MemberStatus.tagged)
        for (key, change) in work {
          if change == "lose", !before.contains(key) {
            throw Violation("\(key) was to lose what we never gave")
          }
          if change == "gain", foreign.contains(key) || before.contains(key) {
            throw Violation("\(key) was to gain what they have")
          }
        }
        try test.send(tag)
        let after = try test.ours(tag)
        let meant = before.subtracting(open).intersection(
          try test.members(people, MemberStatus.allCases)
        )
        .union(wanted.intersection(open).subtracting(foreign))
        if after != meant { throw Violation("\(after.sorted()) instead of \(meant.sorted())") }
        try test.compare(tag)
        if try !test.work(tag).isEmpty { throw Violation("a second comparison found something") }
        changed = []
        for person in people where random.chance(30) {
          changed.append(person.email)
          let name = random.pick(letters)
          try test.test.write { (tx) throws(Problem) in
            _ = try tx.directory.update(person.id) { $0.firstName = name }
          }
          if random.chance(30) { try test.link(person.id, person.email, random.pick(statuses)) }
        }
      }
    }
  }

  fileprivate func inSearch(_ people: [(id: PersonID, email: String)], _ name: String) throws
    -> Set<String>
  {
    Set(try people.filter { try test.person($0.id).firstName == name }.map(\.email))
  }

  fileprivate func members(
    _ people: [(id: PersonID, email: String)], _ statuses: [MemberStatus]
  ) throws -> Set<String> {
    let keys = people.map { AddressKey($0.email) }
    let links = try test.read { (reading) throws(Problem) in
      try reading.links.links(Self.audience, at: keys)
    }
    return Set(
      links.values.filter { link in link.status.map { statuses.contains($0) } ?? false }
        .map(\.key.description))
  }

  @Test func `a turn has at most four calls of 500 of each, and few people are told one by one`()
    throws
  {
    let tag = try tag("All", "active:yes")
    try record(.made(tag.id, segment: 7))
    try test.write { (tx) throws(Problem) in
      for number in 0..<4801 {
        try tx.database.execute(
          """
          INSERT INTO tag_work VALUES (?, ?, ?, 1)
          """, tag.id, "p\(number)@town.dev", number < 2400 ? "gain" : "lose")
      }
    }
    var left = 4801
    while left > 0 {
      let turn = try test.read { (reading) throws(Problem) in try reading.tags.turn(Self.audience) }
      let changes = try test.read { (reading) throws(Problem) in
        try reading.tags.changes(at: turn.keys, in: Self.audience)
      }
      let gains = changes.filter(\.isGain).map(\.key)
      let losses = changes.filter { !$0.isGain }.map(\.key)
      #expect(gains.count <= 2000 && losses.count <= 2000)
      if left < KeptTag.bulkFrom {
        #expect(turn == .single(changes.map(\.key)))
      } else if case .bulk(let of, _) = turn {
        #expect(of.id == tag.id)
      } else {
        Issue.record("\(turn)")
      }
      #expect(!changes.isEmpty)
      left -= changes.count
      try record(.placed(tag.id, gains), .removed(tag.id, losses))
    }
    #expect(
      try test.read { (reading) throws(Problem) in try reading.tags.turn(Self.audience) } == .rest)
  }

  @Test func `a gain is sent only after it was looked who has the tag from others`() throws {
    let ada = try test.add("Ada", "ada@town.dev")
    try link(ada, "ada@town.dev", .subscribed)
    let tag = try tag("All", "active:yes")
    try compare(tag)
    func turn() throws -> TagTurn {
      try test.read { (reading) throws(Problem) in try reading.tags.turn(Self.audience) }
    }
    guard case .settle(let new) = try turn() else { return #expect(Bool(false)) }
    #expect(new.map(\.id) == [tag.id])
    try record(.made(tag.id, segment: 7))
    #expect(try turn() == .single([AddressKey("ada@town.dev")]))
    try send(tag)
    let bea = try test.add("Bea", "bea@town.dev")
    try link(bea, "bea@town.dev", .subscribed)
    try compare(tag)
    #expect(try turn() == .look([AddressKey("bea@town.dev")]))
    try record(.looked(tag.id, free: [], held: [AddressKey("bea@town.dev")]))
    #expect(try turn() == .rest)
    #expect(try ours(tag) == ["ada@town.dev"])
  }

  @Test func `who lost our tag by another hand gets it back when all who hold it were read`() throws
  {
    for name in ["ada", "bea", "cleo"] {
      let id = try test.add(name, "\(name)@town.dev")
      try link(id, "\(name)@town.dev", .subscribed)
    }
    let tag = try tag("All", "active:yes")
    try record(.made(tag.id, segment: 7))
    try compare(tag)
    try send(tag)
    try test.write { (tx) throws(Problem) in
      try tx.tags.compareAll(Self.audience, because: .resync, reading: true)
    }
    // Cleo's was taken away; a stranger has it too.
    try record(
      .holders(
        tag.id, [AddressKey("ada@town.dev"), AddressKey("x@else.dev")], next: TagPlace(offset: 2)),
      .holders(tag.id, [AddressKey("bea@town.dev")], next: nil))
    #expect(try work(tag) == ["cleo@town.dev": "gain"])
    #expect(try ours(tag) == ["ada@town.dev", "bea@town.dev"])
    try send(tag)
    #expect(try ours(tag).count == 3)
  }

  @Test func `an adopted tag is ours where the search finds its holder and theirs elsewhere`()
    throws
  {
    for name in ["ada", "bea"] {
      let id = try test.add(name, "\(name)@town.dev")
      try link(id, "\(name)@town.dev", .subscribed)
    }
    let tag = try tag("Adas", "first:ada")
    try compare(tag)
    try record(.taken(tag.id, segment: 9))
    #expect(try kept("Adas")?.state == .undecided)
    try test.write { (tx) throws(Problem) in try tx.tags.adopt("adas") }
    try record(.adopted(tag.id, segment: 9))
    try record(
      .holders(tag.id, ["ada@town.dev", "bea@town.dev"].map { AddressKey($0) }, next: nil))
    #expect(try ours(tag) == ["ada@town.dev"])
    #expect(try work(tag) == [:])
    try compare(tag)
    #expect(try work(tag) == [:])
  }

  @Test func `a search that is none any more takes its tag off those we gave it to, or leaves it`()
    throws
  {
    let ada = try test.add("Ada", "ada@town.dev")
    try link(ada, "ada@town.dev", .subscribed)
    for keeps in [false, true] {
      let tag = try self.tag("Some", "first:ada")
      try record(.made(tag.id, segment: 7))
      try compare(tag)
      try send(tag)
      try test.write { (tx) throws(Problem) in
        try tx.searches.remove(named: "Some", leavingTag: keeps)
        try tx.tags.reconcile(Self.audience)
      }
      if keeps {
        // It stays on Ada, and nobody compares it any more.
        #expect(try kept("Some")?.state == .left)
        try test.write { (tx) throws(Problem) in
          try tx.tags.compareAll(Self.audience, because: .resync, reading: true)
        }
        #expect(
          try test.read { (reading) throws(Problem) in
            try reading.tags.nextDue(Self.audience)?.tag.id
          } == nil)
        #expect(try work(tag) == [:] && ours(tag) == ["ada@town.dev"])
        #expect(try self.tag("Some", "first:ada").id == tag.id)
      } else {
        #expect(try kept("Some")?.state == .leaving)
        try compare(tag)
        #expect(try work(tag) == ["ada@town.dev": "lose"])
        try send(tag)
        // The name is remembered as ours.
        let again = try self.tag("Some", "first:ada")
        #expect(again.id == tag.id && again.state == .kept)
        try test.write { (tx) throws(Problem) in
          try tx.searches.remove(named: "Some")
          try tx.tags.reconcile(Self.audience)
        }
        try compare(tag)
        try send(tag)
      }
    }
  }

  @Test func `each account has a quick list that goes with its name and cannot be changed`() throws
  {
    let name = #"Choir "A" \ old"#
    try test.write { (tx) throws(Problem) in
      _ = try tx.directory.accountID(name)
      try tx.searches.save(SavedSearch("Board", try SearchQuery("first:ada")))
      _ = try tx.directory.accountID("Board")
    }
    let all = try test.read { (reading) throws(Problem) in try reading.searches.all() }
    let list = try #require(all.first { $0.name == name })
    #expect(list.query == SavedSearch.account(name).query)
    #expect(list.isQuick)
    #expect(all.contains { $0.name.hasPrefix("Board (account ") && $0.isQuick })
    let refusal = #expect(throws: Problem.self) {
      try test.write { (tx) throws(Problem) in try tx.searches.remove(named: name) }
    }
    #expect(refusal?.code == "searches.quick")
    try test.write { (tx) throws(Problem) in
      try tx.searches.mark(name, isTag: true)
      try tx.database.execute("UPDATE account SET name = 'Singers' WHERE name = ?", name)
    }
    let renamed = try test.read { (reading) throws(Problem) in
      try reading.searches.search(named: "Singers")
    }
    #expect(renamed.query == SavedSearch.account("Singers").query && renamed.isTag)
  }

  @Test func `a tag that follows tags is refused, and the language asks for ours`() throws {
    let refusal = #expect(throws: Problem.self) { try self.tag("Loop", "-tag:loop") }
    #expect(refusal?.code == "searches.tag-of-tags")
    let ada = try test.add("Ada", "ada@town.dev")
    try test.add("Bea", "bea@town.dev")
    try link(ada, "ada@town.dev", .subscribed)
    let tag = try self.tag("Adas", "first:ada")
    try record(.made(tag.id, segment: 7))
    try compare(tag)
    try send(tag)
    let found = try test.read { (reading) throws(Problem) in
      (
        try reading.reports.ids("tag:adas", limit: 9),
        try reading.reports.ids("tag:none", limit: 9),
        try reading.reports.ids("-tag:=ADAS", limit: 9)
      )
    }
    #expect(found.0 == [ada])
    #expect(found.1.count == 1 && found.1 == found.2)
  }

  @Test func `a search that depends on the day is due again when the day is another one`() throws {
    let tag = try tag("New", "created:this-month")
    try compare(tag)
    func due() throws -> TagID? {
      try test.read { (reading) throws(Problem) in try reading.tags.nextDue(Self.audience)?.tag.id }
    }
    #expect(try due() == nil)
    try test.write { (tx) throws(Problem) in
      try tx.database.execute("UPDATE kept_tag SET compared_on = '2001-01-01'")
    }
    #expect(try due() == tag.id)
  }
}

extension SeededGenerator {
  fileprivate mutating func chance(_ percent: Int) -> Bool {
    Int.random(in: 0..<100, using: &self) < percent
  }
  fileprivate mutating func pick<Item>(_ items: [Item]) -> Item {
    items[Int.random(in: items.indices, using: &self)]
  }
}

extension MemberStatus {
  fileprivate static let tagged: [MemberStatus] = [
    .subscribed, .unsubscribed, .pending, .transactional,
  ]
}
