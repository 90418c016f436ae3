// People as the mapping's editor asks for them: those in step as examples, everybody counted in
// pieces of one cost.

import Basics
import Domain
import Support
import Testing

@testable import Storage

@Suite struct MappingReportsTests {
  let test: TestWorkspace
  private static let rows = [
    FieldMapping(.firstName, "FNAME"), FieldMapping(.company, "NOTE", direction: .both),
  ]

  init() throws {
    test = try TestWorkspace()
    try test.write { (tx) throws(Problem) in
      try tx.settings.set(Settings.audience.key, to: "a1")
      try tx.audiences.save([Audience(id: "a1", name: "News")])
      try tx.audiences.saveMergeFields(
        [
          MergeField(tag: "FNAME", name: "First Name"),
          MergeField(tag: "NOTE", name: "Note"),
        ], of: "a1")
    }
  }

  /// Forty people: every third in step with a contact, every tenth excluded.
  private func addMany() throws {
    try test.write { (tx) throws(Problem) in
      for number in 1...40 {
        var person = Person(id: PersonID(0), noticedAt: tx.now)
        person.firstName = "P\(number)"
        person.company = number % 4 == 0 ? String(repeating: "x", count: 300) : ""
        person.emails = ["p\(number)@example.org"]
        let id = try tx.directory.add(person)
        let key = AddressKey("p\(number)@example.org")
        if number % 3 == 0 {
          try tx.standings.save([(id, Standing(.inStep, key: key))])
          var link = Link(audienceID: "a1", key: key, email: "p\(number)@example.org")
          link.owner = id
          link.status = .subscribed
          link.seen = ["FNAME": .text("Seen\(number)")]
          try tx.links.save([link])
        }
        if number % 10 == 0 {
          try tx.standings.save([(id, Standing(.excluded, reason: "opted-out", key: key))])
        }
      }
    }
  }

  @Test func `examples are those in step with what their contacts show, a window at a time`() throws
  {
    try addMany()
    let first = try test.read { (reading) throws(Problem) in
      try reading.reports.mappingExamples(.at(0), count: 5)
    }
    #expect(first.total == 12)
    #expect(first.rows.map(\.person.firstName) == ["P3", "P6", "P9", "P12", "P15"])
    #expect(first.rows[1].seen == ["FNAME": .text("Seen6")])
    #expect(first.rows[1].email == "p6@example.org")
    let late = try test.read { (reading) throws(Problem) in
      try reading.reports.mappingExamples(.at(11), count: 5)
    }
    #expect(late.offset == 7)
    #expect(late.rows.last?.person.firstName == "P39")
  }

  @Test func `before anybody is in step people without contacts are the examples`() throws {
    try test.add("Ada", "ada@example.org")
    let found = try test.read { (reading) throws(Problem) in
      try reading.reports.mappingExamples(.at(0), count: 5)
    }
    #expect(found.rows.map(\.person.firstName) == ["Ada"])
    #expect(found.rows.first?.seen == nil)
  }

  @Test func `pieces go through everybody once, and pass over those of whom nothing is sent`()
    throws
  {
    try addMany()
    var sum = MappingTally()
    var pieces = 0
    repeat {
      let after = sum.next
      let piece = try test.read { (reading) throws(Problem) in
        try reading.reports.mappingTally(of: Self.rows, after: after, limit: 7)
      }
      sum.add(piece)
      pieces += 1
    } while !sum.isWhole
    #expect(pieces == 6)
    #expect(sum.looked == 40)
    #expect(sum.people == 36)
    #expect(sum.rows["FNAME"]?.count(.fits) == 36)
    // 4, 8, … 40 without 20 and 40.
    #expect(sum.rows["NOTE"]?.count(.cut) == 8)
    #expect(sum.rows["NOTE"]?.flaws.first?.email == "p4@example.org")
  }

  @Test func `neither examples nor a piece of a count sorts or scans everybody`() throws {
    let statements = [
      "SELECT person_id FROM standing WHERE state = ? ORDER BY reason, person_id LIMIT 5 OFFSET 0",
      """
      SELECT \(PersonRecord.columns), s.state FROM \(PersonRecord.tables)
      LEFT JOIN standing s ON s.person_id = p.id WHERE p.id > ? ORDER BY p.id LIMIT 5
      """,
    ]
    for sql in statements {
      let plan = try test.read { (reading) throws(Problem) in
        try reading.database.rows("EXPLAIN QUERY PLAN " + sql, "x") { $0.text(3) }
      }
      #expect(!plan.contains { $0.contains("FOR ORDER BY") }, "\(plan)")
      #expect(!plan.contains { $0.hasPrefix("SCAN p") || $0.hasPrefix("SCAN standing") }, "\(plan)")
    }
  }
}
