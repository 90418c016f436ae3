import Basics
@testable import Queue
import SQLite
import Support
import Testing

@Suite struct MessageQueueTests {
  static let now = Instant(milliseconds: 1_000_000)

  let folder: TemporaryDirectory
  let connection: Connection

  init() throws {
    folder = try TemporaryDirectory()
    connection = try Connection(path: folder.file("a.db"))
    try connection.script(MessageQueue.schema)
  }

  func put(
    _ kind: String, _ subject: String, body: String = "{}", priority: Int = 5,
    runAt: Instant = Self.now
  ) throws(Problem) -> Identifier<Message> {
    try MessageQueue.enqueue(
      NewMessage(kind: kind, subject: subject, body: body, priority: priority, runAt: runAt),
      on: connection)
  }

  func take(
    _ token: String, kinds: [String] = ["push", "pull"], limit: Int = 500,
    at now: Instant = Self.now, term: Int64 = 1, excluding: [String] = []
  ) throws(Problem) -> [String] {
    try MessageQueue.lease(
      kinds: kinds, limit: limit, now: now, term: term, token: token, duration: .minutes(1),
      excludingSubjects: excluding, on: connection
    ).map { "\($0.kind) \($0.subject)" }
  }

  // MARK: Turns

  @Test func `urgent goes before early, early before late, and nothing before its time`() throws {
    _ = try put("push", "late", runAt: Self.now - .seconds(1))
    _ = try put("push", "early", runAt: Self.now - .seconds(2))
    _ = try put("push", "urgent", priority: 1)
    _ = try put("push", "tomorrow", priority: 1, runAt: Self.now + .milliseconds(1))
    _ = try put("push", "twin of late", runAt: Self.now - .seconds(1))
    #expect(
      try take("a") == ["push urgent", "push early", "push late", "push twin of late"])
    #expect(try take("b", at: Self.now + .milliseconds(1)) == ["push tomorrow"])
  }

  @Test func `two kinds about one subject are leased one after the other`() throws {
    let push = try put("push", "ada")
    _ = try put("pull", "ada", runAt: Self.now - .seconds(1))
    #expect(try take("a") == ["pull ada"])
    #expect(try take("b") == [])
    #expect(try MessageQueue.message(push, on: connection)?.state == .ready)
  }

  @Test func `a batch is filled although many at the front are excluded or about one subject`()
    throws
  {
    let kinds = ["push", "pull"]
    for subject in 0..<40 { for kind in kinds { _ = try put(kind, "\(subject)", priority: 1) } }
    for subject in 40..<50 { _ = try put("push", "\(subject)") }
    let excluded = (0..<38).map(String.init)
    #expect(
      try take("a", limit: 4, excluding: excluded)
        == ["push 38", "push 39", "push 40", "push 41"])
  }

  @Test func `what becomes due next is found among the kinds asked for`() throws {
    _ = try put("push", "ada", priority: 9, runAt: Self.now + .seconds(5))
    _ = try put("push", "bo", priority: 1, runAt: Self.now + .seconds(9))
    _ = try put("pull", "ada", runAt: Self.now + .seconds(1))
    #expect(try MessageQueue.nextDue(kinds: ["push"], on: connection) == Self.now + .seconds(5))
    #expect(
      try MessageQueue.nextDue(kinds: ["push", "pull"], on: connection) == Self.now + .seconds(1))
    #expect(try MessageQueue.nextDue(kinds: ["tags"], on: connection) == nil)
    #expect(try MessageQueue.nextDue(kinds: [], on: connection) == nil)
  }

  // MARK: Fences

  @Test func `after a new term freed a lease the old token finishes nothing`() throws {
    let id = try put("push", "ada")
    #expect(try take("old", term: 1) == ["push ada"])
    #expect(try MessageQueue.expire(now: Self.now, term: 2, on: connection) == 1)
    #expect(try take("new", term: 2) == ["push ada"])
    let problem = Problem("x", "X.")
    let before = try MessageQueue.list(limit: 9, on: connection)
    #expect(try MessageQueue.complete(id, token: "old", on: connection) == false)
    #expect(try MessageQueue.release(id, token: "old", runAt: Self.now, on: connection) == false)
    #expect(try MessageQueue.postpone(id, token: "old", runAt: Self.now, on: connection) == false)
    #expect(
      try MessageQueue.bury(id, token: "old", problem: problem, now: Self.now, on: connection)
        == false)
    #expect(
      try MessageQueue.renew(token: "old", until: .init(milliseconds: 9), on: connection) == 0)
    #expect(try MessageQueue.list(limit: 9, on: connection) == before)
    #expect(try MessageQueue.complete(id, token: "new", on: connection))
  }

  @Test func `a renewed lease outlives its first end`() throws {
    _ = try put("push", "ada")
    _ = try take("a")
    let later = Self.now + .minutes(2)
    #expect(try MessageQueue.renew(token: "a", until: later, on: connection) == 1)
    #expect(try MessageQueue.expire(now: later - .milliseconds(1), term: 1, on: connection) == 0)
    #expect(try MessageQueue.expire(now: later, term: 1, on: connection) == 1)
  }

  @Test func `what was asked for during the work is done after it, once and with the newer body`()
    throws
  {
    let first = try put("push", "ada", body: "1", priority: 2)
    _ = try take("a")
    let second = try put("push", "ada", body: "2")
    #expect(first != second)
    #expect(try take("b") == [])
    #expect(
      try MessageQueue.release(first, token: "a", runAt: Self.now + .hours(1), on: connection))
    let left = try MessageQueue.list(limit: 9, on: connection)
    #expect(left.map(\.id) == [second])
    #expect(left.first?.body == "2")
    #expect(left.first?.priority == 2)
    #expect(left.first?.runAt == Self.now)
    #expect(left.first?.attempt == 0)
  }

  @Test func `the table itself refuses a second hand on one person and a half lease`() throws {
    let columns = "(kind, subject, body, state, run_at, lease_token, lease_until, died_at)"
    try connection.execute(
      "INSERT INTO message \(columns) VALUES ('push', 'ada', '', 'leased', 0, 'a', 1, NULL)")
    for values in [
      "('pull', 'ada', '', 'leased', 0, 'b', 1, NULL)",
      "('push', 'bo', '', 'leased', 0, 'b', NULL, NULL)",
      "('push', 'bo', '', 'ready', 0, 'b', 1, NULL)",
      "('push', 'bo', '', 'dead', 0, NULL, NULL, NULL)",
      "('push', 'bo', '', 'lost', 0, NULL, NULL, NULL)",
    ] {
      let problem = #expect(throws: Problem.self) {
        try connection.execute("INSERT INTO message \(columns) VALUES \(values)")
      }
      #expect(problem?.code == "sqlite.constraint", "\(values)")
    }
  }

  // MARK: The dead

  @Test func `the dead are counted by kind and cause, with the latest words`() throws {
    for (number, code) in ["a", "b", "a", "a"].enumerated() {
      let id = try put("push", "\(number)")
      _ = try take("t")
      let problem = Problem(code, "Number \(number).", remedy: "Mend it.")
      #expect(
        try MessageQueue.bury(
          id, token: "t", problem: problem, now: Self.now + .seconds(number), on: connection))
    }
    let causes = try MessageQueue.causes(on: connection)
    #expect(causes.map(\.count) == [3, 1])
    #expect(causes.map(\.latest.sentence) == ["Number 3.", "Number 1."])
    #expect(causes.first?.latestAt == Self.now + .seconds(3))
    #expect(
      try MessageQueue.list(state: .dead, cause: "b", limit: 9, on: connection).map(\.subject)
        == ["1"])
    #expect(
      try MessageQueue.counts(on: connection) == [
        MessageCount(kind: "push", state: .dead, count: 4, firstRunAt: Self.now)
      ])
  }

  @Test func `a list goes on after the last id it gave`() throws {
    let ids = try (0..<5).map { try put("push", "\($0)") }
    let first = try MessageQueue.list(state: .ready, kind: "push", limit: 3, on: connection)
    let rest = try MessageQueue.list(
      state: .ready, kind: "push", after: first.last?.id, limit: 3, on: connection)
    #expect((first + rest).map(\.id) == ids)
  }

  // MARK: With the rest of the file

  @Test func `a message goes and stays with the change that caused it`() throws {
    try connection.script("CREATE TABLE person (name TEXT) STRICT")
    #expect(throws: Problem.self) {
      try connection.transaction { () throws(Problem) in
        try connection.execute("INSERT INTO person VALUES ('ada')")
        _ = try put("push", "ada")
        throw Problem("stop", "")
      }
    }
    #expect(try MessageQueue.counts(on: connection) == [])
  }

  @Test(arguments: ["INSERT INTO", "INSERT OR REPLACE INTO"])
  func `a trigger enqueues, and changes to one person are one message`(insert: String) throws {
    try connection.script(
      """
      CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT, changed_at INTEGER) STRICT;
      CREATE TRIGGER person_added AFTER INSERT ON person BEGIN
        \(enqueue());
      END;
      CREATE TRIGGER person_changed AFTER UPDATE ON person BEGIN
        \(enqueue());
      END;
      """)
    try connection.execute("\(insert) person VALUES (7, 'Ada', 2000), (8, 'Bo', 2000)")
    try connection.execute("UPDATE person SET name = 'Ada L', changed_at = 3000 WHERE id = 7")
    try connection.execute("UPDATE person SET changed_at = 1000")
    let messages = try MessageQueue.list(limit: 9, on: connection)
    #expect(messages.map(\.subject) == ["person:7", "person:8"])
    #expect(messages.map(\.runAt.milliseconds) == [1000, 1000])
    #expect(messages.map(\.body) == [#"{"name":"Ada L"}"#, #"{"name":"Bo"}"#])
    let deletion = try connection.execute("DELETE FROM person")
    #expect(deletion == 2)
  }

  func enqueue() -> String {
    MessageQueue.enqueueSQL(
      kind: "'person'", subject: "'person:' || NEW.id", body: "json_object('name', NEW.name)",
      runAt: "NEW.changed_at")
  }

  @Test func `a million messages that wait for later do not slow the next turn down`() throws {
    // Read from the plan, not from a clock: a search that ends at now, without a sort.
    let plan = try connection.rows(
      "EXPLAIN QUERY PLAN " + MessageQueue.turn(kinds: ["push", "pull"]),
      5, Self.now, "push", "pull", 500
    ) { $0.text(3) }
    #expect(plan.first == "SEARCH m USING INDEX message_by_turn (priority=? AND run_at<?)")
    #expect(plan.allSatisfy { !$0.contains("TEMP B-TREE") && !$0.contains("SCAN") }, "\(plan)")
  }

  @Test func `what waits is counted by what is due, whatever its priority`() async throws {
    try await forAll(50) { random in
      try connection.execute("DELETE FROM message")
      var times: [Int64] = []
      for number in 0..<Int.random(in: 0...12, using: &random) {
        let time = Int64.random(in: 1...6, using: &random) * 1000
        times.append(time)
        try MessageQueue.enqueue(
          NewMessage(
            kind: "push", subject: "\(number)", priority: Int.random(in: 1...3, using: &random),
            runAt: Instant(milliseconds: time)), on: connection)
      }
      let now = Instant(milliseconds: 3000)
      let waiting = try MessageQueue.waiting(at: now, on: connection)
      #expect(waiting.due == times.count { $0 <= 3000 })
      #expect(waiting.later == times.count { $0 > 3000 })
      #expect(waiting.oldest?.milliseconds == times.min())
      let next = try MessageQueue.nextDue(after: now, on: connection)
      #expect(next?.milliseconds == times.filter { $0 > 3000 }.min())
    }
  }

  @Test func `what is asked again and again costs what it returns, not what waits`() throws {
    for sql in [
      "SELECT 1 FROM message WHERE id IN (\(MessageQueue.open))",
      MessageQueue.someReady, MessageQueue.setOpen,
    ] {
      let second: [any Bindable] =
        sql == MessageQueue.someReady ? [9] : sql == MessageQueue.setOpen ? ["$.x"] : []
      let plan = try connection.rows(
        "EXPLAIN QUERY PLAN " + sql, bindings: ["push"] + second
      ) { $0.text(3) }
      #expect(plan.allSatisfy { !$0.contains("TEMP B-TREE") }, "\(plan)")
      #expect(
        plan.allSatisfy { !$0.contains("SCAN") || $0.contains("message_one_leased") }, "\(plan)")
    }
  }
}
