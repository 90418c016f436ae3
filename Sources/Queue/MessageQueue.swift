// The durable queue: verbs over one table, each on the connection (and so in the transaction) of its
// caller. Two things stay true whatever happens: at most one message of a kind and subject is ready,
// at most one of a subject is leased. Nothing is finished by its id alone: every finishing statement
// names the lease's token, and one that names a lost lease changes nothing and says so.

import Basics
import SQLite

package enum MessageQueue {
  /// The table and its indexes, for the migration of the file that holds the queue.
  package static let schema = """
    CREATE TABLE message (
      id INTEGER PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('ready', 'leased', 'dead')),
      priority INTEGER NOT NULL DEFAULT 5, run_at INTEGER NOT NULL,
      attempt INTEGER NOT NULL DEFAULT 0,
      lease_term INTEGER, lease_token TEXT, lease_until INTEGER, died_at INTEGER, died_of TEXT,
      CHECK ((state = 'leased') = (lease_token IS NOT NULL)),
      CHECK ((state = 'leased') = (lease_until IS NOT NULL)),
      CHECK ((state = 'dead') = (died_at IS NOT NULL))
    ) STRICT;
    CREATE INDEX message_by_turn ON message (priority, run_at, id) WHERE state = 'ready';
    -- Asking twice is asking once.
    CREATE UNIQUE INDEX message_one_ready ON message (kind, subject) WHERE state = 'ready';
    -- Never two hands on one person.
    CREATE UNIQUE INDEX message_one_leased ON message (subject) WHERE state = 'leased';
    """

  /// A member of a body that notes who looked at the message while it was waiting. What is asked anew
  /// meanwhile has not been looked at: the note is gone.
  package static let seenBy = "seenBy"

  /// Finds by kind (`?1`) what is ready or in hand, whatever else waits: each half by an index of its
  /// own.
  package static let open = """
    SELECT id FROM message WHERE state = 'ready' AND kind = ?1
    UNION ALL SELECT id FROM message WHERE state = 'leased' AND kind = ?1
    """

  /// Says yes to a member of every body of a kind that is open.
  package static func set(_ path: String, kind: String, on connection: Connection) throws(Problem) {
    try connection.execute(setOpen, kind, path)
  }

  static let setOpen = """
    UPDATE message SET body = json_set(body, ?2, json('true')) WHERE id IN (\(open))
    """

  /// The statement that enqueues, for a trigger's body: every argument is an SQL expression.
  package static func enqueueSQL(
    kind: String, subject: String, body: String = "'{}'", priority: String = "5", runAt: String,
    merge: NewMessage.Merge = .newest
  ) -> String {
    """
    INSERT INTO message (kind, subject, body, state, priority, run_at)
    VALUES (\(kind), \(subject), \(body), 'ready', \(priority), \(runAt))
    ON CONFLICT (kind, subject) WHERE state = 'ready' DO UPDATE SET
      run_at = min(run_at, excluded.run_at), priority = min(priority, excluded.priority),
      attempt = 0,
      body = \(merge == .newest ? "excluded.body" : "json_remove(body, '$.\(seenBy)')")
    """
  }

  // MARK: Putting in

  /// Puts `message` in, or lets the ready one of its kind and subject take it up: the earlier time
  /// and the more urgent priority hold, and its tries count from the beginning, because somebody
  /// asked anew. Returns the id of the ready message.
  @discardableResult
  package static func enqueue(
    _ message: NewMessage, on connection: Connection
  ) throws(Problem) -> Identifier<Message> {
    let sql = message.merge == .newest ? enqueueNewest : enqueueOldest
    let id: Identifier<Message>? = try connection.one(
      sql, message.kind, message.subject, message.body, message.priority, message.runAt
    ) { $0.identifier(0) }
    guard let id else { throw Problem("internal", "A message was put in and has no id.") }
    return id
  }

  private static let enqueueNewest =
    enqueueSQL(kind: "?", subject: "?", body: "?", priority: "?", runAt: "?") + " RETURNING id"
  private static let enqueueOldest =
    enqueueSQL(
      kind: "?", subject: "?", body: "?", priority: "?", runAt: "?", merge: .oldest)
    + " RETURNING id"

  // MARK: Taking out

  /// Leases what is due at `now`, in the order of priority, time and id: at most `limit` messages,
  /// at most one a subject, none whose subject is leased or excluded.
  package static func lease(
    kinds: [String], limit: Int, now: Instant, term: Int64, token: String, duration: Duration,
    excludingSubjects: some Collection<String> = [], on connection: Connection
  ) throws(Problem) -> [Message] {
    let lease = Message.Lease(term: term, token: token, until: now + duration)
    return try connection.transaction { () throws(Problem) in
      var leased: [Message] = []
      var subjects = Set(excludingSubjects)
      // One priority after the other, so that the index ends the reading at `now` in each.
      var priority = try nextPriority(after: nil, on: connection)
      while let current = priority, leased.count < limit {
        try connection.query(
          turn(kinds: kinds),
          // Behind each of the excluded there is one at most of each kind.
          bindings: [current, now] + kinds.map { $0 }
            + [(limit + subjects.count) * max(kinds.count, 1)]
        ) { (row) throws(Problem) in
          guard leased.count < limit, subjects.insert(row.text(2)).inserted else { return }
          leased.append(try message(row).leased(lease))
        }
        priority = try nextPriority(after: current, on: connection)
      }
      for message in leased {
        try connection.execute(
          """
          UPDATE message SET state = 'leased', lease_term = ?, lease_token = ?, lease_until = ?
          WHERE id = ?
          """, term, token, lease.until, message.id)
      }
      return leased
    }
  }

  /// The due messages of one priority, in order.
  static func turn(kinds: [String]) -> String {
    """
    SELECT \(columns) FROM message AS m
    WHERE state = 'ready' AND priority = ? AND run_at <= ? AND kind IN (\(marks(kinds)))
      AND NOT EXISTS (SELECT 1 FROM message WHERE state = 'leased' AND subject = m.subject)
    ORDER BY priority, run_at, id LIMIT ?
    """
  }

  /// When the next ready message of these kinds is due, past or future; nil when there is none.
  package static func nextDue(
    kinds: [String], on connection: Connection
  ) throws(Problem) -> Instant? {
    var earliest: Instant?
    var priority = try nextPriority(after: nil, on: connection)
    while let current = priority {
      let due = try connection.one(
        """
        SELECT run_at FROM message
        WHERE state = 'ready' AND priority = ? AND kind IN (\(marks(kinds)))
        ORDER BY priority, run_at, id LIMIT 1
        """, bindings: [current] + kinds.map { $0 }
      ) { $0.instant(0) }
      if let due { earliest = min(earliest ?? due, due) }
      priority = try nextPriority(after: current, on: connection)
    }
    return earliest
  }

  private static func nextPriority(
    after priority: Int?, on connection: Connection
  ) throws(Problem) -> Int? {
    try connection.one(
      """
      SELECT priority FROM message WHERE state = 'ready' AND priority > ?
      ORDER BY priority LIMIT 1
      """, Int64(priority ?? Int.min)
    ) { $0.int(0) }
  }

  // MARK: Keeping and finishing a lease

  /// Keeps every message of `token` until `until`; returns how many there are.
  package static func renew(
    token: String, until: Instant, on connection: Connection
  ) throws(Problem) -> Int {
    try connection.execute(
      "UPDATE message SET lease_until = ? WHERE state = 'leased' AND lease_token = ?",
      until, token)
  }

  /// Done: the message is gone. False when the lease is not `token`'s any more.
  package static func complete(
    _ id: Identifier<Message>, token: String, on connection: Connection
  ) throws(Problem) -> Bool {
    try connection.execute(
      "DELETE FROM message WHERE id = ? AND state = 'leased' AND lease_token = ?", id, token) == 1
  }

  /// It did not work this time: ready again at `runAt`, with one more try counted; or folded into
  /// the one that was put in meanwhile. False when the lease is not `token`'s any more.
  package static func release(
    _ id: Identifier<Message>, token: String, runAt: Instant, on connection: Connection
  ) throws(Problem) -> Bool {
    try giveBack(id, token: token, runAt: runAt, tries: 1, on: connection)
  }

  /// It could not even be tried (a blocked flow, a clean stop): as `release`, counting nothing.
  package static func postpone(
    _ id: Identifier<Message>, token: String, runAt: Instant, on connection: Connection
  ) throws(Problem) -> Bool {
    try giveBack(id, token: token, runAt: runAt, tries: 0, on: connection)
  }

  /// Given up: a dead letter, kept with its cause. False when the lease is not `token`'s any more.
  package static func bury(
    _ id: Identifier<Message>, token: String, problem: Problem, now: Instant,
    on connection: Connection
  ) throws(Problem) -> Bool {
    try connection.execute(
      """
      UPDATE message SET state = 'dead', attempt = attempt + 1, died_at = ?, died_of = ?,
        lease_term = NULL, lease_token = NULL, lease_until = NULL
      WHERE id = ? AND state = 'leased' AND lease_token = ?
      """, now, text(problem), id, token) == 1
  }

  /// Frees the leases of earlier terms and those nobody renewed in time; no try is counted, because
  /// nobody knows whether there was one. Returns how many it freed.
  package static func expire(
    now: Instant, term: Int64, on connection: Connection
  ) throws(Problem) -> Int {
    try connection.transaction { () throws(Problem) in
      let lost = try connection.rows(
        """
        SELECT \(columns) FROM message
        WHERE state = 'leased' AND (lease_term < ? OR lease_until <= ?) ORDER BY id
        """, term, now, map: message)
      for message in lost {
        try makeReady(message, runAt: message.runAt, attempt: message.attempt, on: connection)
      }
      return lost.count
    }
  }

  private static func giveBack(
    _ id: Identifier<Message>, token: String, runAt: Instant, tries: Int,
    on connection: Connection
  ) throws(Problem) -> Bool {
    try connection.transaction { () throws(Problem) in
      let mine = try connection.one(
        "SELECT \(columns) FROM message WHERE id = ? AND state = 'leased' AND lease_token = ?",
        id, token, map: message)
      guard let mine else { return false }
      try makeReady(mine, runAt: runAt, attempt: mine.attempt + tries, on: connection)
      return true
    }
  }

  /// Makes a leased or dead message ready, or folds it into its ready twin: that one is newer, so
  /// its body holds; the earlier time, the more urgent priority and the smaller count of tries win.
  private static func makeReady(
    _ message: Message, runAt: Instant, attempt: Int, on connection: Connection
  ) throws(Problem) {
    let folded = try connection.execute(
      """
      UPDATE message SET run_at = min(run_at, ?), priority = min(priority, ?),
        attempt = min(attempt, ?)
      WHERE state = 'ready' AND kind = ? AND subject = ?
      """, runAt, message.priority, attempt, message.kind, message.subject)
    if folded == 1 {
      try connection.execute("DELETE FROM message WHERE id = ?", message.id)
    } else {
      try connection.execute(
        """
        UPDATE message SET state = 'ready', run_at = ?, attempt = ?,
          lease_term = NULL, lease_token = NULL, lease_until = NULL, died_at = NULL, died_of = NULL
        WHERE id = ?
        """, runAt, attempt, message.id)
    }
  }

  // MARK: The dead

  /// Sends a dead letter again, its tries counted anew; false when there is no such dead letter.
  package static func revive(
    _ id: Identifier<Message>, now: Instant, on connection: Connection
  ) throws(Problem) -> Bool {
    try connection.transaction { () throws(Problem) in
      let dead = try connection.one(
        "SELECT \(columns) FROM message WHERE id = ? AND state = 'dead'", id, map: message)
      guard let dead else { return false }
      try makeReady(dead, runAt: now, attempt: 0, on: connection)
      return true
    }
  }

  /// Throws a dead letter away; false when there is no such dead letter.
  package static func discard(
    _ id: Identifier<Message>, on connection: Connection
  ) throws(Problem) -> Bool {
    try connection.execute("DELETE FROM message WHERE id = ? AND state = 'dead'", id) == 1
  }

  /// The dead letters grouped by kind and the code of their problem, the largest group first.
  package static func causes(on connection: Connection) throws(Problem) -> [DeadCause] {
    // With max() in the list, SQLite takes the bare columns from the row that has the maximum.
    try connection.rows(
      """
      SELECT kind, count(*), died_of, max(died_at) FROM message WHERE state = 'dead'
      GROUP BY kind, died_of ->> '$.code' ORDER BY count(*) DESC, kind, died_of ->> '$.code'
      """
    ) { (row) throws(Problem) in
      DeadCause(
        kind: row.text(0), count: row.int(1), latest: try problem(row, 2),
        latestAt: row.instant(3))
    }
  }

  // MARK: Looking

  package static func message(
    _ id: Identifier<Message>, on connection: Connection
  ) throws(Problem) -> Message? {
    try connection.one("SELECT \(columns) FROM message WHERE id = ?", id, map: message)
  }

  /// Messages in the order of their ids, after `after`; nil for `state`, `kind` or `cause` (the code
  /// of the problem) means any.
  package static func list(
    state: Message.State? = nil, kind: String? = nil, cause: String? = nil,
    after: Identifier<Message>? = nil, limit: Int, on connection: Connection
  ) throws(Problem) -> [Message] {
    var conditions = ["id > ?"]
    var values: Bindings = [after?.rawValue ?? 0]
    for (column, value) in [
      ("state", state?.rawValue), ("kind", kind), ("died_of ->> '$.code'", cause),
    ] {
      guard let value else { continue }
      conditions.append("\(column) = ?")
      values.append(value)
    }
    return try connection.rows(
      """
      SELECT \(columns) FROM message WHERE \(conditions.joined(separator: " AND "))
      ORDER BY id LIMIT ?
      """, bindings: values + [limit], map: message)
  }

  /// Any `limit` ready ones of a kind, without a look at the others: however many wait, this costs what
  /// it returns.
  package static func some(
    kind: String, limit: Int, on connection: Connection
  ) throws(Problem) -> [Message] {
    try connection.rows(someReady, kind, limit, map: message)
  }

  static let someReady = """
    SELECT \(columns) FROM message WHERE state = 'ready' AND kind = ? ORDER BY subject LIMIT ?
    """

  /// When the next of those comes due that are ready and not due at `now`; a look at each priority.
  package static func nextDue(
    after now: Instant, on connection: Connection
  ) throws(Problem) -> Instant? {
    var next: Instant?
    try eachPriority(on: connection) { (priority) throws(Problem) in
      let first = try connection.one(
        """
        SELECT run_at FROM message WHERE state = 'ready' AND priority = ? AND run_at > ?
        ORDER BY run_at LIMIT 1
        """, priority, now
      ) { $0.instant(0) }
      if let first { next = min(next ?? first, first) }
    }
    return next
  }

  /// How many are ready: due at `now`, and later; and since when the oldest is due. A console asks it
  /// after each commit, so that only the number of all is counted, by an index.
  package static func waiting(
    at now: Instant, on connection: Connection
  ) throws(Problem) -> (due: Int, later: Int, oldest: Instant?) {
    let all = try connection.integer("SELECT count(*) FROM message WHERE state = 'ready'")
    var later = 0
    var oldest: Instant?
    try eachPriority(on: connection) { (priority) throws(Problem) in
      later += try connection.integer(
        "SELECT count(*) FROM message WHERE state = 'ready' AND priority = ? AND run_at > ?",
        priority, now)
      let first = try connection.one(
        "SELECT min(run_at) FROM message WHERE state = 'ready' AND priority = ?", priority
      ) { $0.instant(0) }
      if let first { oldest = min(oldest ?? first, first) }
    }
    return (all - later, later, oldest)
  }

  private static func eachPriority(
    on connection: Connection, _ body: (Int) throws(Problem) -> Void
  ) throws(Problem) {
    var priority = try nextPriority(after: nil, on: connection)
    while let current = priority {
      try body(current)
      priority = try nextPriority(after: current, on: connection)
    }
  }

  package static func counts(on connection: Connection) throws(Problem) -> [MessageCount] {
    try connection.rows(
      """
      SELECT kind, state, count(*), min(run_at) FROM message
      GROUP BY kind, state ORDER BY kind, state
      """
    ) { (row) throws(Problem) in
      MessageCount(
        kind: row.text(0), state: try row.state(1), count: row.int(2), firstRunAt: row.instant(3))
    }
  }

  /// Takes back what a wider piece of work makes needless: the ready messages of `kind`, only those
  /// about `subjects` and only up to the id `last` where these are given. Returns how many.
  package static func deleteReady(
    kind: String, subjects: [String]? = nil, upTo last: Identifier<Message>? = nil,
    on connection: Connection
  ) throws(Problem) -> Int {
    let upTo = last?.rawValue ?? Int64.max
    guard let subjects else {
      return try connection.execute(
        "DELETE FROM message WHERE state = 'ready' AND kind = ? AND id <= ?", kind, upTo)
    }
    return try connection.transaction { () throws(Problem) in
      var count = 0
      for subject in subjects {
        count += try connection.execute(
          "DELETE FROM message WHERE state = 'ready' AND kind = ? AND subject = ? AND id <= ?",
          kind, subject, upTo)
      }
      return count
    }
  }

  // MARK: Rows

  private static let columns = """
    id, kind, subject, body, state, priority, run_at, attempt, lease_term, lease_token,
      lease_until, died_at, died_of
    """

  private static func message(_ row: Row) throws(Problem) -> Message {
    let lease = row.optionalText(9).map {
      Message.Lease(term: row.int64(8), token: $0, until: row.instant(10))
    }
    var death: Message.Death?
    if let at = row.optionalInstant(11) {
      death = Message.Death(at: at, cause: try problem(row, 12))
    }
    return Message(
      id: row.identifier(0), kind: row.text(1), subject: row.text(2), body: row.text(3),
      state: try row.state(4), priority: row.int(5), runAt: row.instant(6), attempt: row.int(7),
      lease: lease, death: death)
  }

  private static func marks(_ values: [String]) -> String {
    values.map { _ in "?" }.joined(separator: ", ")
  }

  /// A problem as `died_of` keeps it: JSON, grouped by its code.
  private static func text(_ problem: Problem) -> JSONValue {
    var object: [String: JSONValue] = [
      "code": .string(problem.code), "sentence": .string(problem.sentence),
    ]
    if !problem.remedy.isEmpty { object["remedy"] = .string(problem.remedy) }
    if !problem.fields.isEmpty {
      object["fields"] = .object(problem.fields.mapValues { .string($0) })
    }
    if let cause = problem.cause { object["cause"] = .string(cause) }
    return .object(object)
  }

  private static func problem(_ row: Row, _ index: Int) throws(Problem) -> Problem {
    let kept = try row.json(index)
    return Problem(
      kept["code"]?.string ?? "", kept["sentence"]?.string ?? "",
      remedy: kept["remedy"]?.string ?? "",
      fields: (kept["fields"]?.object ?? [:]).compactMapValues { $0.string },
      cause: kept["cause"]?.string)
  }
}

extension Message {
  fileprivate func leased(_ lease: Lease) -> Message {
    Message(
      id: id, kind: kind, subject: subject, body: body, state: .leased, priority: priority,
      runAt: runAt, attempt: attempt, lease: lease)
  }
}
