// Lists too long to count: whatever is thought of their length, the rows that are read are those next
// to the anchor, and both ends are where they are.

import Basics
import Domain
import SQLite
import Support
import Testing

@testable import Storage

@Suite struct KeysetTests {
  let test: TestWorkspace

  init() throws { test = try TestWorkspace() }

  private let lines: @Sendable (Reports) throws(Problem) -> ReportList = {
    (reports) throws(Problem) in try reports.logList(LogFilter())
  }

  /// Log lines 1 to `count`, every seventh of them a warning, and every `gap`th deleted again.
  private func addLines(_ count: Int, gap: Int = 0) throws {
    try test.write { (tx) throws(Problem) in
      try tx.database.execute(
        """
        INSERT INTO log_line (at, level, sentence)
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
        SELECT i * 1000, CASE WHEN i % 7 = 0 THEN 2 ELSE 1 END, 'Line ' || i || '.' FROM n
        """, count)
      if gap > 0 { try tx.database.execute("DELETE FROM log_line WHERE id % ? = 0", gap) }
    }
  }

  private func walk<Value: Sendable>(
    _ list: @escaping @Sendable (Reports) throws(Problem) -> ReportList, counting most: Int,
    _ body: @escaping @Sendable (KeysetWalk) throws(Problem) -> Value
  ) throws -> Value {
    try test.read { (reading) throws(Problem) in
      let list = try list(reading.reports)
      var walk = KeysetWalk(reading.database, list, list.keyset ?? Keyset())
      walk.mostCounted = most
      return try body(walk)
    }
  }

  @Test(arguments: [0, 3, 10])
  func `walking up from the end shows every row once and ends at the first`(gap: Int) throws {
    try addLines(400, gap: gap)
    let ids = try test.read { (reading) throws(Problem) in
      try reading.database.rows("SELECT id FROM log_line ORDER BY id") { $0.int64(0) }
    }
    // Twenty are counted, so that most of the four hundred are guessed.
    var (seen, offset) = try walk(lines, counting: 20) { (walk) throws(Problem) in
      let last = try walk.slice(.end, count: 10, from: nil)
      return (last.ids, last.offset)
    }
    var steps = 0
    while offset > 0 {
      steps += 1
      try #require(steps < 200, "It never reaches the first row.")
      let (first, at) = (seen[0], offset)
      let slice = try walk(lines, counting: 20) { (walk) throws(Problem) in
        try walk.slice(
          .at(max(0, at - 7)), count: 10, from: WindowAnchor(id: first, position: at))
      }
      offset = slice.offset
      seen = slice.ids.filter { $0 < first } + seen
    }
    #expect(seen == ids)
  }

  @Test(arguments: [0, 3])
  func `walking down from the start shows every row once, and the last says the length`(
    gap: Int
  ) throws {
    try addLines(400, gap: gap)
    var seen: [Int64] = []
    var length = 0
    while true {
      let (last, count, known) = (seen.last, seen.count, length)
      let slice = try walk(lines, counting: 20) { (walk) throws(Problem) in
        try walk.slice(
          .at(count), count: 10,
          from: last.map { WindowAnchor(id: $0, position: count - 1, total: known) })
      }
      length = slice.total
      let new = slice.ids.filter { $0 > last ?? 0 }
      seen += new
      if new.isEmpty || slice.offset + slice.ids.count >= slice.total { break }
    }
    let all = try test.read { (reading) throws(Problem) in
      try reading.database.integer("SELECT count(*) FROM log_line")
    }
    #expect(seen.count == all)
    #expect(seen == seen.sorted())
    #expect(length == all)
  }

  @Test func `what is guessed is near, and what can be counted is exact`() throws {
    try addLines(3000, gap: 4)
    let (guessed, counted, around) = try walk(lines, counting: 50) { (walk) throws(Problem) in
      var exact = walk
      exact.mostCounted = 10_000
      return (
        try walk.slice(.end, count: 10, from: nil), try exact.slice(.end, count: 10, from: nil),
        try walk.slice(.around(1501), count: 11, from: nil)
      )
    }
    #expect(guessed.isEstimate)
    #expect((2150...2350).contains(guessed.total), "\(guessed.total)")
    #expect(!counted.isEstimate)
    #expect(counted.total == 2250)
    #expect(around.ids.contains(1501))
    #expect((1000...1250).contains(around.offset), "\(around.offset)")
  }

  @Test func `an anchor that is gone still says where to read on`() throws {
    try addLines(300)
    try test.write { (tx) throws(Problem) in
      try tx.database.execute("DELETE FROM log_line WHERE id BETWEEN 140 AND 160")
    }
    let slice = try walk(lines, counting: 20) { (walk) throws(Problem) in
      try walk.slice(.at(148), count: 6, from: WindowAnchor(id: 150, position: 150, total: 300))
    }
    #expect(slice.ids == [138, 139, 161, 162, 163, 164])
  }

  @Test func `running executions lead, and walking goes over the border and back`() throws {
    let ids = try test.write { (tx) throws(Problem) in
      try (0..<60).map { (index) throws(Problem) in
        let id = try tx.executions.create(
          .pushPeople, .poll, audienceID: "a", status: .running)
        if index % 20 != 3 {
          try tx.database.execute(
            "UPDATE execution SET status = 'succeeded', finished_at = 5 WHERE id = ?", id)
        }
        return id.rawValue
      }
    }
    let running = [ids[43], ids[23], ids[3]]
    let wanted = running + ids.reversed().filter { !running.contains($0) }
    for position in [0, 1, 2, 3, 4, 30, 58] {
      for start in [0, 2, 3, 5, 29, 50] {
        let slice = try walk({ $0.executionList(ExecutionFilter()) }, counting: 10_000) {
          (walk) throws(Problem) in
          try walk.slice(
            .at(start), count: 9, from: WindowAnchor(id: wanted[position], position: position))
        }
        #expect(slice.ids == Array(wanted[slice.offset..<slice.offset + 9]), "\(position) \(start)")
        #expect(slice.offset == min(start, 51))
      }
    }
  }

  @Test func `a search in pieces finds the same line as one in a whole`() throws {
    try addLines(500, gap: 11)
    func search(
      _ text: String, from: Int64?, backwards: Bool, piece: Int
    ) throws -> (LogSearch, Int) {
      var (place, turns, share) = (from, 0, -1)
      while true {
        turns += 1
        let at = place
        let answer = try test.read { (reading) throws(Problem) in
          try reading.reports.logMatch(
            LogFilter(), text: text, minimum: .debug, from: at, backwards: backwards || from == nil,
            origin: from, piece: piece)
        }
        guard case .goesOn(let next, let done) = answer else { return (answer, turns) }
        #expect(done >= share && done <= 1000)
        (place, share) = (next, done)
      }
    }
    for (text, from, backwards) in [
      ("ine 450.", 1, false), ("LINE 12.", 490, true), ("line 3", nil, true), ("%", 1, false),
      ("nothing like it", 1, false), ("line 499.", 499, false),
    ] as [(String, Int64?, Bool)] {
      let (whole, _) = try search(text, from: from, backwards: backwards, piece: 10_000)
      let (pieces, turns) = try search(text, from: from, backwards: backwards, piece: 30)
      #expect(whole == pieces, "\(text)")
      if whole == .nothing, from == 1 { #expect(turns > 5) }
    }
    #expect(try search("ine 450.", from: 1, backwards: false, piece: 30).0 == .found(450))
  }

  @Test func `a moment is found among lines, or the last line where all are earlier`() throws {
    try addLines(300, gap: 7)
    func line(_ seconds: Int64, _ minimum: LogLevel = .debug) throws -> Int64? {
      var filter = LogFilter()
      filter.minimum = minimum
      let wanted = filter
      return try test.read { (reading) throws(Problem) in
        try reading.reports.logLine(wanted, at: Instant(milliseconds: seconds * 1000))
      }
    }
    #expect(try line(100) == 100)
    #expect(try line(0) == 1)
    // The 140th is deleted.
    #expect(try line(140) == 141)
    #expect(try line(9999) == 300)
  }

  @Test func `a retry beside its original says who fared otherwise`() throws {
    let (first, second) = try test.write { (tx) throws(Problem) in
      let first = try tx.executions.create(.pushPeople, .resync, audienceID: "a", status: .running)
      let second = try tx.executions.create(
        .pushPeople, .retry, attempt: 2, original: first, audienceID: "a", status: .running)
      func outcome(_ key: String, _ result: RowResult, _ sentence: String = "") -> RowOutcome {
        RowOutcome(person: nil, key: AddressKey(key), result: result, sentence: sentence)
      }
      try tx.executions.record(
        [
          outcome("a@x.org", .refused, "Not now."), outcome("b@x.org", .refused, "Never."),
          outcome("c@x.org", .created),
        ], of: first)
      try tx.executions.record(
        [outcome("a@x.org", .created), outcome("b@x.org", .refused, "Never.")], of: second)
      return (first, second)
    }
    let both = try test.read { (reading) throws(Problem) in
      try reading.reports.comparison(of: second)
    }
    let found = try #require(both)
    #expect(found.original.id == first)
    #expect(
      Set(found.moves.map { "\($0.old?.rawValue ?? "-") \($0.new?.rawValue ?? "-") \($0.count)" })
        == ["refused created 1", "refused refused 1", "created - 1"])
    #expect(found.people.map(\.key.description) == ["a@x.org", "c@x.org"])
    #expect(found.people.first?.sentence == "Not now.")
    #expect(
      try test.read { (reading) throws(Problem) in try reading.reports.comparison(of: first) }
        == nil)
  }

  @Test func `a filter that was kept is the same filter when it is read again`() async throws {
    try await forAll(100) { random in
      var filter = ExecutionFilter()
      filter.statuses = Set(ExecutionStatus.allCases.filter { _ in Bool.random(using: &random) })
      filter.flow = Bool.random(using: &random) ? FlowKind.allCases.randomElement() : nil
      filter.trigger = Bool.random(using: &random) ? Trigger.allCases.randomElement() : nil
      filter.since = Bool.random(using: &random) ? Instant(milliseconds: 1_700_000_000_123) : nil
      filter.within = Bool.random(using: &random) ? .days(7) : nil
      filter.originalsOnly = Bool.random(using: &random)
      filter.hidesUnchanged = Bool.random(using: &random)
      filter.who = Bool.random(using: &random) ? "ada@example.org" : ""
      filter.text = Bool.random(using: &random) ? "a \"b\" %" : ""
      if ExecutionFilter(json: filter.json) != filter { throw Violation("\(filter)") }
    }
    var filter = ExecutionFilter()
    filter.statuses = [.failed]
    let kept = filter
    let names = try test.write { (tx) throws(Problem) in
      try tx.filters.save(SavedFilter("Mine", kept))
      try tx.filters.save(SavedFilter("MINE", kept))
      return try tx.filters.all().map(\.name)
    }
    #expect(names == ["Went wrong", "With changes", "MINE"])
    #expect(throws: Problem.self) {
      try test.write { (tx) throws(Problem) in
        try tx.filters.save(SavedFilter("went WRONG", kept))
      }
    }
  }

  @Test(arguments: ExecutionSort.Column.allCases)
  func `executions in any order are walked whole, the same way as they are sorted at once`(
    column: ExecutionSort.Column
  ) throws {
    struct Run {
      var id: Int64
      var status: ExecutionStatus
      var took: Int64?
      var people: Int
    }
    let states = ExecutionStatus.allCases
    var runs: [Run] = []
    for index in 0..<80 {
      let status = states[index * 5 % states.count]
      let took = status.isFinished && index % 9 != 0 ? Int64(index * 37 % 50) : nil
      runs.append(Run(id: 0, status: status, took: took, people: index * 13 % 30))
    }
    let wanted = runs
    let ids = try test.write { (tx) throws(Problem) in
      try wanted.map { (run) throws(Problem) in
        let id = try tx.executions.create(.pushPeople, .poll, audienceID: "a", status: .running)
        try tx.database.execute(
          """
          UPDATE execution SET status = ?, updated = ?, started_at = ?, finished_at = ? WHERE id = ?
          """, run.status.rawValue, run.people, run.took.map { _ in Int64(1000) },
          run.status.isFinished ? 1000 + (run.took ?? 0) : nil, id)
        return id.rawValue
      }
    }
    for index in runs.indices { runs[index].id = ids[index] }
    func place(_ run: Run) -> Int { ExecutionStatus.byUrgency.firstIndex(of: run.status) ?? 0 }
    for sort in [ExecutionSort(column), ExecutionSort(column).reversed] {
      let sign: Int64 = sort.isReversed ? 1 : -1
      // What comes first, second, third in a row; smaller first.
      func rank(_ run: Run) -> (Int64, Int64, Int64) {
        switch column {
        case .started: (run.status == .running ? sign : -sign, sign * run.id, 0)
        case .took:
          run.took.map { (0, sign * $0, sign * run.id) } ?? (1, -run.id, 0)
        case .outcome: (Int64(place(run)) * -sign, -run.id, 0)
        case .people: (sign * Int64(run.people), sign * run.id, 0)
        }
      }
      let sorted = runs.sorted { rank($0) < rank($1) }.map(\.id)
      var seen: [Int64] = []
      while seen.count < sorted.count {
        let (last, count) = (seen.last, seen.count)
        let slice = try walk({ $0.executionList(ExecutionFilter(), sort) }, counting: 10_000) {
          (walk) throws(Problem) in
          try walk.slice(
            .at(count), count: 7,
            from: last.map { WindowAnchor(id: $0, position: count - 1, total: nil) })
        }
        let new = slice.ids.filter { !seen.contains($0) }
        try #require(!new.isEmpty, "\(sort) stops at \(seen.count)")
        seen += new
      }
      #expect(seen == sorted, "\(sort)")
    }
  }

  @Test func `a window of time shows the lines from then on, whatever gaps there are`() throws {
    try addLines(400, gap: 3)
    let all = try test.read { (reading) throws(Problem) in
      try reading.database.rows("SELECT id FROM log_line ORDER BY id") { $0.int64(0) }
    }
    for minutes in [1, 5, 100] {
      let (found, now) = try test.read { (reading) throws(Problem) in
        var filter = LogFilter()
        filter.within = .minutes(minutes)
        return (
          try reading.reports.logs(filter, .at(0), count: 1000).rows.map(\.id), reading.now
        )
      }
      let start = (now - .minutes(minutes)).milliseconds
      #expect(found == all.filter { $0 * 1000 >= start })
    }
  }
}
