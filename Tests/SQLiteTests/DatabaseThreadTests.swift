import Basics
import Glibc
import SQLite
import Support
import Testing

@Suite struct DatabaseThreadTests {
  let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  /// A writer over a fresh table `t`, whose transactions take in whatever waits.
  func writer(
    closures: Int = 512, onCommit: @escaping @Sendable () -> Void = {}
  ) throws -> DatabaseThread {
    let connection = try Connection(path: folder.file("a.db"))
    try connection.script(
      """
      CREATE TABLE t (n INTEGER PRIMARY KEY) STRICT;
      CREATE TABLE child (n INTEGER REFERENCES t DEFERRABLE INITIALLY DEFERRED) STRICT;
      """)
    var bounds = DatabaseThread.Bounds()
    bounds.closures = closures
    bounds.time = .seconds(3600)
    return try DatabaseThread(connection, bounds: bounds, onCommit: onCommit)
  }

  typealias Job = @Sendable (Connection) throws(Problem) -> Void

  func insert(_ n: Int) -> Job { run("INSERT INTO t VALUES (\(n))") }

  /// Runs `statements`, then throws `problem` if there is one.
  func run(_ statements: String..., then problem: Problem? = nil) -> Job {
    { (connection) throws(Problem) in
      for sql in statements { try connection.execute(sql) }
      if let problem { throw problem }
    }
  }

  func stored() throws -> [Int] {
    try Connection(path: folder.file("a.db"), mode: .readOnly)
      .rows("SELECT n FROM t ORDER BY rowid") { $0.int(0) }
  }

  /// Hands `jobs` in while the writer is held in a first closure, so that all of them wait
  /// together; returns their outcomes in order.
  func together(
    _ writer: DatabaseThread,
    _ jobs: [Job]
  ) async -> [String] {
    let gate = Gate()
    let first = Task.immediate { try await writer.write { _ in gate.wait() } }
    let waiting = jobs.map { job in Task.immediate { try await writer.write(job) } }
    gate.open()
    _ = await first.result
    var outcomes: [String] = []
    for task in waiting {
      do {
        try await task.value
        outcomes.append("ok")
      } catch {
        outcomes.append((error as? Problem)?.code ?? "\(error)")
      }
    }
    return outcomes
  }

  @Test func `writers that wait together share one commit, and one notice`() async throws {
    let notices = Locked(0)
    let writer = try writer { notices.withLock { $0 += 1 } }
    let outcomes = await together(
      writer,
      (0..<20).map(insert))
    writer.close()
    #expect(outcomes == Array(repeating: "ok", count: 20))
    #expect(notices.withLock { $0 } == 1)
    #expect(try stored() == Array(0..<20))
  }

  @Test func `one transaction takes in no more closures than its bound`() async throws {
    let notices = Locked(0)
    let writer = try writer(closures: 2) { notices.withLock { $0 += 1 } }
    _ = await together(
      writer,
      (0..<9).map(insert))
    writer.close()
    // The closure that held the writer is the first of ten.
    #expect(notices.withLock { $0 } == 5)
    #expect(try stored() == Array(0..<9))
  }

  @Test func `a closure that throws undoes itself and none of those it was committed with`()
    async throws
  {
    let writer = try writer()
    let outcomes = await together(
      writer,
      [
        insert(1),
        run("INSERT INTO t VALUES (2)", then: Problem("stop", "")),
        run("INSERT INTO t VALUES (3)", "INSERT INTO t VALUES (1)"),
        insert(4),
      ])
    #expect(outcomes == ["ok", "stop", "sqlite.constraint", "ok"])
    #expect(try stored() == [1, 4])
  }

  @Test func `when the commit is refused everybody is told and nothing stays`() async throws {
    let writer = try writer()
    let outcomes = await together(
      writer,
      [
        run("INSERT INTO t VALUES (1)"),
        run("INSERT INTO child VALUES (99)"),
      ])
    #expect(outcomes == ["sqlite.constraint", "sqlite.constraint"])
    #expect(try stored() == [])
    try await writer.write { (c) throws(Problem) in _ = try c.execute("INSERT INTO t VALUES (5)") }
    #expect(try stored() == [5])
  }

  @Test func `when SQLite undoes the transaction itself those before are told, those after go on`()
    async throws
  {
    let writer = try writer()
    let outcomes = await together(
      writer,
      [
        run("INSERT INTO t VALUES (1)"),
        run("INSERT OR ROLLBACK INTO t VALUES (1)"),
        run("INSERT INTO t VALUES (2)"),
      ])
    #expect(outcomes == ["sqlite.constraint", "sqlite.constraint", "ok"])
    #expect(try stored() == [2])
  }

  @Test func `whoever is answered finds his work in the file`() async throws {
    let writer = try writer()
    let path = folder.file("a.db")
    try await withThrowingTaskGroup { group in
      for n in 0..<50 {
        group.addTask {
          try await writer.write { (c) throws(Problem) in
            _ = try c.execute("INSERT INTO t VALUES (?)", n)
          }
          let found = try Connection(path: path, mode: .readOnly)
            .integer("SELECT count(*) FROM t WHERE n = ?", n)
          if found != 1 { throw Violation("\(n) was answered and is not there") }
        }
      }
      try await group.waitForAll()
    }
  }

  @Test func `a commit that changed nothing gives no notice`() async throws {
    let notices = Locked(0)
    let writer = try writer { notices.withLock { $0 += 1 } }
    let count = try await writer.write { (c) throws(Problem) in
      try c.execute("DELETE FROM t")
      return try c.integer("SELECT count(*) FROM t")
    }
    writer.close()
    #expect(count == 0)
    #expect(notices.withLock { $0 } == 0)
  }

  @Test func `closing commits what was handed in and refuses what comes later`() async throws {
    let writer = try writer()
    let gate = Gate()
    let first = Task.immediate { try await writer.write { _ in gate.wait() } }
    let second = Task.immediate {
      try await writer.write { (c) throws(Problem) in _ = try c.execute("INSERT INTO t VALUES (1)")
      }
    }
    gate.open()
    writer.close()
    writer.close()
    // The last connection is gone: the log went with it.
    #expect(access(folder.file("a.db-wal"), F_OK) != 0)
    try await first.value
    try await second.value
    #expect(try stored() == [1])
    let problem = await #expect(throws: Problem.self) { try await writer.write { _ in } }
    #expect(problem?.code == "sqlite.closed")
    #expect(throws: Problem.self) { try writer.writeBlocking { _ in } }
  }

  @Test func `while another process writes for too long the writer says busy and goes on later`()
    throws
  {
    let other = try Connection(path: folder.file("a.db"))
    let writer = try DatabaseThread(
      Connection(path: folder.file("a.db"), patience: .milliseconds(10)))
    try other.transaction { () throws(Problem) in
      let problem = #expect(throws: Problem.self) { try writer.writeBlocking { _ in } }
      #expect(problem?.code == "sqlite.busy")
    }
    #expect(try writer.writeBlocking { _ in 7 } == 7)
  }

  // MARK: Readers

  @Test func `a read sees one moment, whatever is written meanwhile`() async throws {
    let writer = try writer()
    try writer.writeBlocking { (c) throws(Problem) in _ = try c.execute("INSERT INTO t VALUES (1)")
    }
    let reader = try Reader(path: folder.file("a.db"))
    let counts = try await reader.read { (c) throws(Problem) in
      let before = try c.integer("SELECT count(*) FROM t")
      try writer.writeBlocking { (c) throws(Problem) in
        _ = try c.execute("INSERT INTO t VALUES (2)")
      }
      return [before, try c.integer("SELECT count(*) FROM t")]
    }
    #expect(counts == [1, 1])
    #expect(
      try reader.readBlocking { (c) throws(Problem) in try c.integer("SELECT count(*) FROM t") }
        == 2)
  }

  @Test func `what is written after a read began is not seen, even before its first question`()
    throws
  {
    let writer = try writer()
    let reader = try Reader(path: folder.file("a.db"))
    let seen = try reader.readBlocking { (c) throws(Problem) in
      try writer.writeBlocking { (c) throws(Problem) in
        _ = try c.execute("INSERT INTO t VALUES (1)")
      }
      return try c.integer("SELECT count(*) FROM t")
    }
    #expect(seen == 0)
  }

  @Test func `a reader that throws reads again, and a closed one refuses`() async throws {
    _ = try writer()
    let reader = try Reader(path: folder.file("a.db"))
    await #expect(throws: Problem.self) {
      try await reader.read { (_) throws(Problem) in throw Problem("stop", "") }
    }
    #expect(try await reader.read { _ in 1 } == 1)
    reader.close()
    let problem = await #expect(throws: Problem.self) { try await reader.read { _ in } }
    #expect(problem?.code == "sqlite.closed")
    reader.interrupt()
  }

  @Test func `a read that would never end can be interrupted`() async throws {
    let connection = try Connection(path: folder.file("a.db"))
    let started = Gate()
    try connection.register(function: "started", arguments: 1) { values in
      started.open()
      return values[0]
    }
    let reader = try Reader(connection)
    let endless = Task.immediate {
      try await reader.read { (c) throws(Problem) in
        try c.integer(
          """
          WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c)
          SELECT count(started(n)) FROM c
          """)
      }
    }
    started.wait()
    reader.interrupt()
    let problem = await #expect(throws: Problem.self) { try await endless.value }
    #expect(problem?.code == "sqlite.interrupted")
  }
}

/// Holds one thread until another opens it; opened once, it stays open.
// @unchecked because a semaphore of the system is made to be used from several threads.
final class Gate: @unchecked Sendable {
  private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

  init() {
    semaphore.initialize(to: sem_t())
    sem_init(semaphore, 0, 0)
  }

  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  func open() { sem_post(semaphore) }

  func wait() {
    while sem_wait(semaphore) != 0 {}
    sem_post(semaphore)
  }
}
