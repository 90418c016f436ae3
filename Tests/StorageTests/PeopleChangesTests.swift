// Many people changed at once, and edits taken back by the audit trail.

import Basics
import Domain
import Support
import Testing

@testable import Storage

@Suite struct PeopleChangesTests {
  let test: TestWorkspace

  init() throws { test = try TestWorkspace() }

  private func people() throws -> [Person] {
    try test.read { (reading) throws(Problem) in
      try reading.directory.people(after: nil, limit: 1000)
    }
  }

  /// What an edit changes: not when it was noticed, nor how a decision came about.
  private func looks() throws -> [Person] {
    try people().map { person in
      var look = person
      look.noticedAt = Instant(milliseconds: 0)
      (look.optInAt, look.optInHow) = (nil, "")
      return look
    }
  }

  private func takeBack(_ mark: EditMark, limit: Int = 1000) throws -> (mark: EditMark?, left: Int)
  {
    var (rest, next, left): (EditMark?, EditMark?, Int) = (mark, nil, 0)
    while let wanted = rest {
      let (step, made) = try test.write { (tx) throws(Problem) in
        try tx.marking { () throws(Problem) in try tx.takeBack(wanted, limit: limit) }
      }
      next = made.map { $0.joined(next) } ?? next
      left += step.left
      rest = step.rest
    }
    return (next, left)
  }

  @Test func `a choice counts whom a change would change, and who is so already`() throws {
    let ada = try test.add("Ada", "ada@x.org")
    let bob = try test.add("Bob")
    _ = try test.add("Cyd")
    try test.write { (tx) throws(Problem) in
      try tx.change([bob][...], .deactivate)
      try tx.directory.update(ada) { $0.account = "Board" }
    }
    func choice(_ selection: PeopleSelection, _ change: PeopleChange) throws -> PeopleChoice {
      try test.read { (reading) throws(Problem) in
        try reading.reports.choice(selection, for: change)
      }
    }
    let all = try choice(.found(search: "", except: []), .deactivate)
    #expect(all.people.count == 2)
    #expect(all.unaffected == 1)
    #expect(try choice(.found(search: "", except: [ada]), .deactivate).people.count == 1)
    #expect(try choice(.these([bob]), .activate).people == [bob])
    #expect(try choice(.found(search: "active:no", except: []), .activate).people == [bob])
    #expect(try choice(.found(search: "", except: []), .move(account: "board")).unaffected == 1)
    #expect(try choice(.these([ada, bob]), .remove).people == [])
    #expect(all.names.first == "Ada")
  }

  @Test func `a change of many is taken back whole, and made again`() throws {
    for index in 0..<40 { _ = try test.add("P\(index)", "p\(index)@x.org") }
    let before = try looks()
    let ids = before.map(\.id)
    for change: PeopleChange in [.deactivate, .optOut, .move(account: "Board"), .delete] {
      let mark = try test.write { (tx) throws(Problem) in
        try tx.marking { () throws(Problem) in try tx.change(ids[...], change) }.mark
      }
      let after = try looks()
      #expect(after != before, "\(change)")
      let (again, left) = try takeBack(try #require(mark), limit: 7)
      #expect(try looks() == before, "\(change)")
      #expect(left == 0)
      let third = try takeBack(try #require(again), limit: 9).mark
      let redone = try looks().map { person in
        var person = person
        if person.deletedAt != nil { person.deletedAt = after.first?.deletedAt }
        return person
      }
      #expect(redone == after, "\(change)")
      _ = try takeBack(try #require(third))
      #expect(try looks() == before, "\(change)")
    }
  }

  @Test func `any edit of a person is taken back, addresses and fields included`() async throws {
    try test.write { (tx) throws(Problem) in
      try tx.directory.define(CustomField(name: "size", type: .text))
    }
    try await forAll(60) { random in
      let mails = (0..<4).map { "m\($0)@x.org" }
      let (count, later) = (
        Int.random(in: 0...4, using: &random), Int.random(in: 0...4, using: &random)
      )
      let shuffled = mails.shuffled(using: &random)
      let id = try test.write { (tx) throws(Problem) in
        var person = Person(id: PersonID(0), noticedAt: tx.now)
        person.firstName = "Ada"
        person.emails = Array(mails.prefix(count))
        person.birthday = MonthDay(month: 2, day: 3)
        return try tx.directory.add(person)
      }
      let before = try looks().last
      let (name, size) = (Bool.random(using: &random), Bool.random(using: &random))
      let mark = try test.write { (tx) throws(Problem) in
        try tx.marking { () throws(Problem) in
          try tx.directory.update(id) { person in
            if name { person.lastName = "Byron" }
            if size { person.customFields["size"] = "38" }
            person.birthday = nil
            person.emails = Array(shuffled.prefix(later))
          }
        }.mark
      }
      guard let mark else { throw Violation("nothing was edited") }
      let (_, left) = try takeBack(mark)
      if try looks().last != before || left > 0 {
        throw Violation(
          "\(String(describing: before)) became \(String(describing: try looks().last))")
      }
    }
  }

  @Test func `what was changed since stays as it was left, and is counted`() throws {
    let ada = try test.add("Ada", "ada@x.org")
    let mark = try test.write { (tx) throws(Problem) in
      try tx.marking { () throws(Problem) in
        try tx.directory.update(ada) { ($0.lastName, $0.phone) = ("Byron", "1") }
      }.mark
    }
    try test.write { (tx) throws(Problem) in
      try tx.directory.update(ada) { $0.lastName = "King" }
    }
    let (_, left) = try takeBack(try #require(mark))
    let person = try #require(try people().first)
    #expect(left == 1)
    #expect(person.lastName == "King")
    #expect(person.phone.isEmpty)
  }

  @Test
  func `who was added is marked as deleted by the way back, and what others wrote is not touched`()
    throws
  {
    let (id, mark) = try test.write { (tx) throws(Problem) in
      try tx.marking { () throws(Problem) in
        var person = Person(id: PersonID(0), noticedAt: tx.now)
        person.firstName = "Ada"
        let id = try tx.directory.add(person)
        try tx.acting(as: "Mailchimp") { () throws(Problem) in
          _ = try tx.directory.update(id) { $0.lastName = "Byron" }
        }
        return id
      }
    }
    _ = try takeBack(try #require(mark))
    let person = try #require(try people().first { $0.id == id })
    #expect(person.deletedAt != nil)
    #expect(person.lastName == "Byron")
  }

  @Test func `the people between two rows are those of the list, in its order`() throws {
    for index in 0..<30 { _ = try test.add("P\((index * 7) % 30 + 10)") }
    let sort = PeopleSort(.name)
    let all = try test.read { (reading) throws(Problem) in
      try reading.reports.people(sort: sort, .at(0), count: 100).rows.map(\.id)
    }
    func between(_ from: Int, _ to: Int, limit: Int = 100) throws -> [PersonID] {
      try test.read { (reading) throws(Problem) in
        try reading.reports.peopleBetween("", sort, from: all[from], to: all[to], limit: limit)
      }
    }
    #expect(try between(3, 9) == Array(all[3...9]))
    #expect(try between(0, 29) == all)
    #expect(try between(28, 29) == Array(all[28...]))
    #expect(try between(9, 3) == [])
    #expect(try between(0, 29, limit: 10) == [])
  }

  @Test func `a search's words are those of this workspace, and values come most frequent first`()
    throws
  {
    for name in ["Lovelace", "Lovelace", "Lowell", "Hopper", "100% cotton"] {
      try test.write { (tx) throws(Problem) in
        var person = Person(id: PersonID(0), account: "Board", noticedAt: tx.now)
        person.lastName = name
        try tx.directory.add(person)
      }
    }
    let (words, values, cotton) = try test.read { (reading) throws(Problem) in
      (
        try reading.reports.searchWords(),
        try reading.reports.searchValues(SearchBeginning(.last, "LO")),
        try reading.reports.searchValues(SearchBeginning(.last, "1_"))
      )
    }
    #expect(words.accounts.contains("Board"))
    #expect(words.reasons.first == .init("changed", people: 5))
    #expect(words.states.first { $0.word == "waiting" }?.people == 5)
    #expect(values == [.init("Lovelace", people: 2), .init("Lowell", people: 1)])
    #expect(cotton.isEmpty)
  }
}
