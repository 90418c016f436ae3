import Basics
import Domain
import Queue
import SQLite
import Support
import Testing

@testable import Storage

@Suite struct ReportsTests {
  let test: TestWorkspace

  init() throws { test = try TestWorkspace() }

  /// A hundred people whose names are out of order.
  func addMany() throws {
    try test.write { (tx) throws(Problem) in
      for number in 0..<100 {
        var person = Person(id: PersonID(0), noticedAt: tx.now)
        // Some have a company alone.
        if number % 8 != 2 {
          let place = number * 37 % 100
          person.firstName = "P\(number)"
          person.lastName = "\(place)".count == 1 ? "n0\(place)" : "N\(place)"
        }
        // What is empty, and what is the same, is ordered too.
        if number % 10 > 0 { person.emails = ["p\(number)@example.org"] }
        person.company = ["", "Acme", "acme", "Zoo"][number % 4]
        if number % 7 == 0 { person.externalID = "x\(number)" }
        person.optIn = OptIn.allCases[number % 3]
        person.isActive = number % 5 > 0
        if number % 2 == 0 {
          person.sourceUpdatedAt = tx.now - .seconds(number)
        }
        let id = try tx.directory.add(person)
        if number % 3 == 0 { try tx.standings.save([(id, Standing(.inStep, key: nil))]) }
      }
    }
  }

  static let orders = PersonColumn.builtIn.filter(\.isSortable).flatMap {
    [PeopleSort($0), PeopleSort($0).reversed]
  }

  @Test(arguments: orders)
  func `windows laid side by side are the whole list in its order`(order: PeopleSort) throws {
    try addMany()
    func window(_ place: WindowPlace, _ count: Int) throws -> Window<PersonRow> {
      try test.read { (reading) throws(Problem) in
        try reading.reports.people(sort: order, place, count: count)
      }
    }
    let whole = try window(.at(0), 1000)
    #expect(whole.total == 100)
    #expect(Set(whole.rows.map(\.id)).count == 100)
    var pieces: [PersonRow] = []
    for start in stride(from: 0, to: 100, by: 17) where start + 17 <= 100 {
      pieces += try window(.at(start), 17).rows
    }
    #expect(pieces == Array(whole.rows.prefix(pieces.count)))
    for position in [0, 3, 50, 99] {
      let id = whole.rows[position].id
      let around = try window(.around(id.rawValue), 11)
      #expect(around.rows.contains { $0.id == id }, "\(order) \(position)")
      #expect(around.rows == Array(whole.rows[around.offset..<around.offset + 11]))
    }
    #expect(try window(.end, 5).rows == Array(whole.rows.suffix(5)))
    #expect(try window(.at(5000), 5).offset == 95)
    #expect(try window(.around(9999), 5).offset == 0)
    // Page by page from row to row, down and up again, as a screen reads it.
    var down = Array(try window(.at(0), 9).rows)
    while down.count < 100, let last = down.last {
      let anchor = WindowAnchor(id: last.id.rawValue, position: down.count - 1, total: 100)
      let start = down.count
      let next = try test.read { (reading) throws(Problem) in
        try reading.reports.people(sort: order, .at(start), count: 9, anchor: anchor)
      }
      down += next.rows.dropFirst(start - next.offset)
    }
    #expect(down == whole.rows)
    var (up, offset) = (try window(.end, 9).rows, 91)
    while offset > 0 {
      let anchor = WindowAnchor(id: up[0].id.rawValue, position: offset, total: 100)
      let start = max(0, offset - 9)
      let next = try test.read { (reading) throws(Problem) in
        try reading.reports.people(sort: order, .at(start), count: 9, anchor: anchor)
      }
      up = next.rows.prefix(offset - next.offset) + up
      offset = next.offset
    }
    #expect(up == whole.rows)
    let rows = order.isDescending ? whole.rows.reversed() : whole.rows
    switch order.column {
    case .name:
      let names = rows.map { $0.name.lowercased() }
      #expect(names == names.sorted())
    case .changed: #expect(rows.map(\.changedAt) == rows.map(\.changedAt).sorted())
    case .state:
      let places: [PersonState: Int] = [.refused: 0, .waiting: 1, .excluded: 2, .inStep: 3]
      let states = rows.compactMap { places[$0.state] }
      #expect(states == states.sorted())
    case .id: #expect(rows.map(\.id) == rows.map(\.id).sorted())
    case .company:
      // Whichever way round, who has none comes last.
      let names = whole.rows.map { $0.details[.company] ?? "" }
      #expect(names.suffix(25).allSatisfy { $0.isEmpty })
      let filled = names.prefix(75).map { $0.lowercased() }
      #expect(filled == (order.isDescending ? filled.sorted(by: >) : filled.sorted()))
    case .email:
      #expect(whole.rows.suffix(10).allSatisfy { $0.email.isEmpty })
      let filled = whole.rows.prefix(90).map(\.email)
      #expect(filled == (order.isDescending ? filled.sorted(by: >) : filled.sorted()))
    default: break
    }
  }

  @Test func `numbers in a custom field are ordered by their size, before what is none`() throws {
    try test.write { (tx) throws(Problem) in
      try tx.directory.define(CustomField(name: "it's size", type: .text))
      for value in ["10", "9", "", "XL", "-1.5", "m"] {
        var person = Person(id: PersonID(0), noticedAt: tx.now)
        person.lastName = "N"
        person.customFields = ["it's size": value]
        try tx.directory.add(person)
      }
    }
    let column = PersonColumn.custom("it's size")
    func values(_ sort: PeopleSort) throws -> [String] {
      try test.read { (reading) throws(Problem) in
        try reading.reports.people(sort: sort, .at(0), count: 10).rows.map {
          $0.details[column] ?? ""
        }
      }
    }
    #expect(try values(PeopleSort(column)) == ["-1.5", "9", "10", "m", "XL", ""])
    #expect(try values(PeopleSort(column).reversed) == ["10", "9", "-1.5", "XL", "m", ""])
  }

  @Test func `a search narrows the list and its total`() throws {
    try addMany()
    let found = try test.read { (reading) throws(Problem) in
      try reading.reports.people("p7 -email:p77", .at(0), count: 50)
    }
    #expect(found.total == 10)
    #expect(found.rows.allSatisfy { $0.name.hasPrefix("P7") || $0.email.hasPrefix("p7") })
    #expect(
      try test.read { (reading) throws(Problem) in
        try reading.reports.countPeople("p7 -email:p77")
      } == 10)
  }

  @Test func `no list of a million is sorted to show a screenful`() throws {
    var lists: [(String, ReportList)] = []
    for order in Self.orders where order.isIndexed {
      lists.append(
        (
          "people by \(order)",
          try test.workspace.readList { (reports) throws(Problem) in
            try reports.peopleList("", order)
          }
        ))
    }
    for column in ExecutionSort.Column.allCases {
      for sort in [ExecutionSort(column), ExecutionSort(column).reversed] {
        lists.append(
          (
            "executions by \(sort)",
            try test.workspace.readList { $0.executionList(ExecutionFilter(), sort) }
          ))
      }
    }
    lists.append(("outcomes", try test.workspace.readList { $0.outcomeList(ExecutionID(1)) }))
    for level in LogLevel.allCases {
      var filter = LogFilter()
      filter.minimum = level
      let wanted = filter
      lists.append(
        (
          "logs \(level)",
          try test.workspace.readList { (reports) throws(Problem) in
            try reports.logList(wanted)
          }
        ))
    }
    for (name, list) in lists {
      let values = list.values.map { $0?.sqliteValue }
      for group in list.keyset?.groups ?? [] {
        // As windows ask: from a row on.
        let first = group.keys.first ?? list.id(group)
        let sql = list.idsSQL(group, "\(first) > ?", isDown: group.descends)
        let plan = try test.read { (reading) throws(Problem) in
          try reading.database.rows("EXPLAIN QUERY PLAN " + sql, bindings: values + [50, 9]) {
            $0.text(3)
          }
        }
        #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(name): \(plan)")
        #expect(
          plan.contains {
            $0.contains("INDEX") || $0.contains("SCAN p") || $0.contains("PRIMARY KEY")
          }, "\(name): \(plan)")
      }
    }
  }

  @Test func `executions are found by every filter and running ones lead`() throws {
    let ids = try test.write { (tx) throws(Problem) in
      let old = try tx.executions.create(.pushPeople, .change, audienceID: "a", status: .running)
      let quiet = try tx.executions.create(.pullMembers, .poll, audienceID: "a", status: .running)
      let last = try tx.executions.create(
        .pushPeople, .retry, attempt: 2, original: quiet, audienceID: "a")
      try tx.database.execute(
        "UPDATE execution SET status = 'succeeded', finished_at = 5 WHERE id = ?", quiet)
      try tx.executions.record(
        [
          RowOutcome(person: nil, key: AddressKey("x@example.org"), result: .created),
          RowOutcome(
            person: PersonID(7), key: AddressKey("y@example.org"), result: .refused,
            reason: "person.required-field", sentence: "No.",
            changes: [FieldChange("FNAME", old: .text("a"), new: .empty)]),
        ], of: old)
      try tx.executions.log(
        [LogLine(at: tx.now, .error, "The weather turned."), LogLine(at: tx.now, .info, "Began.")],
        of: old)
      return [old, quiet, last]
    }
    func found(_ change: (inout ExecutionFilter) -> Void) throws -> [ExecutionID] {
      var filter = ExecutionFilter()
      change(&filter)
      let wanted = filter
      return try test.read { (reading) throws(Problem) in
        try reading.reports.executions(wanted, .at(0), count: 10).rows.map(\.id)
      }
    }
    #expect(try found { _ in } == [ids[0], ids[2], ids[1]])
    #expect(try found { $0.statuses = [.running, .waiting] } == [ids[0], ids[2]])
    #expect(try found { $0.flow = .pullMembers } == [ids[1]])
    #expect(try found { $0.trigger = .retry } == [ids[2]])
    #expect(try found { $0.originalsOnly = true } == [ids[0], ids[1]])
    #expect(try found { $0.hidesUnchanged = true } == [ids[0], ids[2]])
    #expect(try found { $0.person = PersonID(7) } == [ids[0]])
    #expect(try found { $0.who = " X@example.org" } == [ids[0]])
    #expect(try found { $0.who = "nobody@example.org" } == [])
    #expect(try found { $0.within = .seconds(60) } == [ids[0], ids[2], ids[1]])
    #expect(
      try found { ($0.trigger, $0.flow, $0.originalsOnly) = (.poll, .pullMembers, true) } == [
        ids[1]
      ])
    #expect(try found { $0.text = "X@Example.org" } == [ids[0]])
    #expect(try found { $0.text = "weath" } == [ids[0]])
    #expect(try found { $0.text = "#3" } == [ids[2]])
    #expect(try found { $0.text = "\"'%" } == [])
    #expect(try found { $0.since = FixedTime().instant + .seconds(1) } == [])
    let outcomes = try test.read { (reading) throws(Problem) in
      try reading.reports.outcomes(of: ids[0], .at(0), count: 10)
    }
    #expect(outcomes.rows.map(\.outcome.result) == [.refused, .created])
    #expect(outcomes.rows.first?.outcome.changes.first?.old == .text("a"))
    var filter = LogFilter()
    filter.minimum = .warning
    let wanted = filter
    let logs = try test.read { (reading) throws(Problem) in
      try reading.reports.logs(wanted, .end, count: 10)
    }
    #expect(logs.rows.map(\.line.sentence) == ["The weather turned."])
    let match = try test.read { (reading) throws(Problem) in
      try reading.reports.logMatch(
        LogFilter(), text: "began", minimum: .info, from: nil, backwards: false)
    }
    #expect(match == .found(2))
  }

  @Test func `an overview counts people, letters and plans`() throws {
    try addMany()
    try test.write { (tx) throws(Problem) in
      try tx.standings.save([
        (PersonID(1), Standing(.excluded, reason: "no-email", key: nil)),
        (PersonID(2), Standing(.refused, reason: "x", key: nil)),
      ])
      try tx.database.execute(
        """
        UPDATE message SET state = 'dead', died_at = 3, died_of = ?
        WHERE subject IN ('person:4', 'person:5')
        """, Problem("test", "It rained.").json)
    }
    let (overview, letters, rows) = try test.read { (reading) throws(Problem) in
      (
        try reading.reports.overview(), try reading.reports.deadLetters(),
        try reading.reports.deadLetters(cause: "It rained.", limit: 10)
      )
    }
    #expect(overview.totalPeople == 100)
    #expect(overview.people[.excluded] == 1)
    #expect(Set(overview.reasons.map(\.code)) == ["no-email", "x"])
    #expect(overview.deadLetters == 2)
    #expect(overview.waitingMessages == 98)
    #expect(overview.engine == .none)
    #expect(letters.map(\.cause) == ["It rained."])
    #expect(letters.map(\.count) == [2])
    #expect(rows.map(\.subject) == ["person:4", "person:5"])
  }

  @Test func `a person's detail, history and explanation belong together`() throws {
    let boss = try test.add("Boss", "boss@example.org")
    let kid = try test.add("Kid", manager: boss)
    try test.write { (tx) throws(Problem) in
      try tx.settings.set("mailchimp.audience", to: "a1")
      try tx.directory.update(kid) {
        $0.account = "Donors"
        $0.isActive = false
      }
      var link = Link(
        audienceID: "a1", key: AddressKey("boss@example.org"), email: "Boss@example.org")
      link.owner = boss
      try tx.links.save([link])
      try tx.standings.save([(kid, Standing(.excluded, reason: "child", key: link.key))])
    }
    let (detail, history, explanation) = try test.read { (reading) throws(Problem) in
      (
        try reading.reports.person(kid),
        try reading.reports.history(of: kid, .at(0), count: 50).rows,
        try reading.reports.explanation(of: kid)
      )
    }
    #expect(detail?.managerName == "Boss")
    #expect(detail?.link?.email == "Boss@example.org")
    #expect(
      Set(history.map { "\($0.field): \($0.old)→\($0.new)" }) == [
        "person: →added", "account: Default account→Donors", "active: yes→no",
      ])
    #expect(history.map(\.id) == history.map(\.id).sorted(by: >))
    #expect(Set(explanation?.group.map(\.person.id) ?? []) == [boss, kid])
    #expect(explanation?.link?.owner == boss)
  }
}

extension Workspace {
  /// A list as reports make it.
  fileprivate func readList(
    _ make: @escaping @Sendable (Reports) throws(Problem) -> ReportList
  ) throws(Problem) -> ReportList {
    let box = Locked<ReportList?>(nil)
    try readBlocking { (reading) throws(Problem) in
      let list = try make(reading.reports)
      box.withLock { $0 = list }
    }
    guard let list = box.withLock({ $0 }) else { throw Problem("test", "No list.") }
    return list
  }
}
