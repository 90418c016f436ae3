import Basics
import Glibc
import SQLite
import Support
import Testing

@Suite struct ConnectionTests {
  let folder: TemporaryDirectory
  let connection: Connection

  init() throws {
    folder = try TemporaryDirectory()
    connection = try Connection(path: folder.file("a.db"))
  }

  // MARK: Values

  static let texts = [
    "", " ", "é", "e\u{301}", "中文 😀 👩‍👩‍👧", "a\u{0}b", "\u{0}", "'; DROP TABLE t; --",
    "\u{202E}עברית", String(repeating: "x", count: 70000),
  ]

  @Test(arguments: texts) func `a text comes back as it was put in`(text: String) throws {
    let read = try connection.one("SELECT ?, typeof(?1)", text) { ($0.text(0), $0.text(1)) }
    #expect(read?.0.unicodeScalars.elementsEqual(text.unicodeScalars) == true)
    #expect(read?.1 == "text")
  }

  @Test func `every kind of value comes back from a table as it was put in`() throws {
    try connection.script("CREATE TABLE t (v ANY) STRICT")
    let values: [SQLiteValue] = [
      .null, .integer(0), .integer(.min), .integer(.max), .real(0.1), .real(-1e300), .text(""),
      .text("7"), .blob([]), .blob([0, 255, 0]),
    ]
    for value in values { try connection.execute("INSERT INTO t VALUES (?)", value) }
    #expect(try connection.rows("SELECT v FROM t ORDER BY rowid") { $0.value(0) } == values)
  }

  @Test func `an empty text and an empty blob are not NULL`() throws {
    let isNull = try connection.one("SELECT ? IS NULL, ? IS NULL, ? IS NULL", "", [UInt8](), nil) {
      [$0.bool(0), $0.bool(1), $0.bool(2)]
    }
    #expect(isNull == [false, false, true])
  }

  @Test func `times, ids, truth values and states are stored in their plain form`() throws {
    let at = Instant(milliseconds: -1)
    let id = Identifier<ConnectionTests>(7)
    try connection.query("SELECT ?, ?, ?, ?", at, id, true, Colour.red) { (row) throws(Problem) in
      #expect(row.value(0) == .integer(-1))
      #expect(row.value(1) == .integer(7))
      #expect(row.value(2) == .integer(1))
      #expect(row.value(3) == .text("red"))
      #expect(row.instant(0) == at)
      #expect(row.identifier(1) == id)
      #expect(row.bool(2))
      #expect(try row.state(3) == Colour.red)
    }
  }

  @Test func `a state this version does not know is a problem`() throws {
    let problem = #expect(throws: Problem.self) {
      try connection.one("SELECT 'mauve'") { (row) throws(Problem) -> Colour in try row.state(0) }
    }
    #expect(problem?.code == "sqlite.unknown-state")
  }

  @Test func `the optional twin tells NULL from zero`() throws {
    try connection.query("SELECT NULL, 0") { row in
      #expect(row.optionalInt(0) == nil && row.optionalInt(1) == 0)
      #expect(row.optionalText(0) == nil && row.optionalText(1) == "0")
      #expect(row.optionalInstant(0) == nil)
    }
  }

  // MARK: Statements

  @Test func `a statement may run inside the rows of the same statement`() throws {
    try connection.script("CREATE TABLE t (n INTEGER) STRICT; INSERT INTO t VALUES (1), (2), (3)")
    var pairs: [Int] = []
    try connection.query("SELECT n FROM t ORDER BY n") { (outer) throws(Problem) in
      let a = outer.int(0)
      try connection.query("SELECT n FROM t ORDER BY n") { pairs.append(a * 10 + $0.int(0)) }
    }
    #expect(pairs == [11, 12, 13, 21, 22, 23, 31, 32, 33])
  }

  @Test func `reading stops where the closure throws, and the statement works again`() throws {
    try connection.script("CREATE TABLE t (n INTEGER) STRICT; INSERT INTO t VALUES (1), (2)")
    for _ in 0..<2 {
      let problem = #expect(throws: Problem.self) {
        try connection.query("SELECT n FROM t") { (_) throws(Problem) in throw Problem("stop", "") }
      }
      #expect(problem?.code == "stop")
    }
    try connection.script("DROP TABLE t")
  }

  @Test func `more texts than the cache holds all work`() throws {
    for n in 0..<600 { #expect(try connection.integer("SELECT \(n)") == n) }
  }

  @Test func `changes counts the rows of the last writing statement only`() throws {
    try connection.script("CREATE TABLE t (n INTEGER) STRICT")
    #expect(try connection.execute("INSERT INTO t VALUES (1), (2)") == 2)
    #expect(try connection.execute("SELECT n FROM t") == 0)
    #expect(try connection.execute("DELETE FROM t WHERE n = 9") == 0)
    #expect(connection.lastInsertedRowID == 2)
  }

  @Test(arguments: ["SELECT 1; SELECT 2", "", "SELEC 1", "SELECT \"no such thing\"", "SELECT ?"])
  func `text that is not one complete statement is refused`(sql: String) {
    let problem = #expect(throws: Problem.self) { try connection.execute(sql) }
    #expect(problem?.code == "sqlite.statement")
  }

  // MARK: Transactions

  @Test func `a transaction that throws leaves nothing`() throws {
    try connection.script("CREATE TABLE t (n INTEGER) STRICT")
    #expect(throws: Problem.self) {
      try connection.transaction { () throws(Problem) in
        try connection.execute("INSERT INTO t VALUES (1)")
        throw Problem("stop", "")
      }
    }
    #expect(!connection.isInTransaction)
    #expect(try connection.integer("SELECT count(*) FROM t") == 0)
  }

  @Test func `an inner transaction that throws undoes itself and not the outer one`() throws {
    try connection.script("CREATE TABLE t (n INTEGER) STRICT")
    try connection.transaction { () throws(Problem) in
      try connection.execute("INSERT INTO t VALUES (1)")
      do throws(Problem) {
        try connection.transaction { () throws(Problem) in
          try connection.execute("INSERT INTO t VALUES (2)")
          try connection.transaction { () throws(Problem) in
            _ = try connection.execute("INSERT INTO t VALUES (3)")
          }
          throw Problem("stop", "")
        }
      } catch {}
      try connection.execute("INSERT INTO t VALUES (4)")
    }
    #expect(try connection.rows("SELECT n FROM t ORDER BY n") { $0.int(0) } == [1, 4])
  }

  // MARK: How the file is opened

  @Test func `every connection syncs fully, checks references and never checkpoints`() throws {
    let reader = try Connection(path: connection.path, mode: .readOnly)
    for each in [connection, reader] {
      #expect(try each.integer("PRAGMA synchronous") == 2)
      #expect(try each.integer("PRAGMA foreign_keys") == 1)
      #expect(try each.integer("PRAGMA wal_autocheckpoint") == 0)
      #expect(try each.integer("PRAGMA mmap_size") == 0)
      #expect(try each.integer("PRAGMA busy_timeout") == 5000)
      #expect(try each.one("PRAGMA journal_mode") { $0.text(0) } == "wal")
    }
  }

  @Test func `a schema may check JSON and write the full-text index, whoever opens the file`()
    throws
  {
    try connection.script(
      """
      CREATE TABLE t (body TEXT NOT NULL CHECK (json_valid(body))) STRICT;
      CREATE VIRTUAL TABLE words USING fts5(body);
      CREATE TRIGGER t_words AFTER INSERT ON t BEGIN INSERT INTO words VALUES (NEW.body); END;
      CREATE VIEW found AS SELECT body FROM words WHERE words MATCH 'ada';
      """)
    for mode in [Connection.Mode.readWriteCreate, .readWrite] {
      let writer = try Connection(path: connection.path, mode: mode)
      try writer.execute("INSERT INTO t VALUES (?)", #"{"name":"Ada"}"#)
      #expect(throws: Problem.self) { try writer.execute("INSERT INTO t VALUES ('ada')") }
    }
    let reader = try Connection(path: connection.path, mode: .readOnly)
    #expect(try reader.integer("SELECT count(*) FROM found") == 2)
  }

  @Test func `a file it makes is for its owner only`() throws {
    try connection.script("CREATE TABLE t (n INTEGER) STRICT")
    for name in ["a.db", "a.db-wal", "a.db-shm"] {
      var status = stat()
      #expect(stat(folder.file(name), &status) == 0)
      #expect(status.st_mode & 0o777 == 0o600, "\(name)")
    }
  }

  @Test func `full-text search and functions of ours work inside triggers`() throws {
    try connection.register(function: "doubled", arguments: 1) { values in
      guard case .text(let text) = values[0] else { return .null }
      return .text(text + text)
    }
    try connection.script(
      """
      CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL, twice TEXT) STRICT;
      CREATE VIRTUAL TABLE words USING fts5(name);
      CREATE TRIGGER t_words AFTER INSERT ON t BEGIN
        INSERT INTO words(rowid, name) VALUES (NEW.id, NEW.name);
        UPDATE t SET twice = doubled(NEW.name) WHERE id = NEW.id;
      END;
      """)
    try connection.execute("INSERT INTO t (name) VALUES (?)", "Zoë")
    #expect(
      try connection.one(
        "SELECT twice FROM t JOIN words ON words.rowid = t.id WHERE words MATCH ?", "zoe"
      ) { $0.text(0) } == "ZoëZoë")
  }

  @Test func `what a function of ours throws fails the statement with its code`() throws {
    try connection.register(function: "refuse", arguments: 0) { (_) throws(Problem) in
      throw Problem("test.refused", "No.")
    }
    let problem = #expect(throws: Problem.self) { try connection.execute("SELECT refuse()") }
    #expect(problem?.cause == "test.refused")
  }

  @Test func `the data version differs after another's commit and not after one's own`() throws {
    let other = try Connection(path: connection.path)
    try connection.script("CREATE TABLE t (n INTEGER) STRICT")
    let before = (try connection.dataVersion(), try other.dataVersion())
    try connection.execute("INSERT INTO t VALUES (1)")
    #expect(try connection.dataVersion() == before.0)
    #expect(try other.dataVersion() != before.1)
  }

  @Test func `a checkpoint empties the log, and gives up in words while a reader holds it`() throws
  {
    try connection.script("CREATE TABLE t (n INTEGER) STRICT; INSERT INTO t VALUES (1)")
    let reader = try Connection(path: connection.path, mode: .readOnly)
    try reader.transaction(.deferred) { () throws(Problem) in
      #expect(try reader.integer("SELECT n FROM t") == 1)
      try connection.execute("UPDATE t SET n = 2")
      #expect(try connection.checkpointTruncate(patience: .milliseconds(20)) == false)
    }
    #expect(try connection.checkpointTruncate() == true)
    var status = stat()
    #expect(stat(folder.file("a.db-wal"), &status) == 0)
    #expect(status.st_size == 0)

    try connection.execute("UPDATE t SET n = 3")
    #expect(stat(folder.file("a.db-wal"), &status) == 0)
    #expect(status.st_size > 0)
    #expect(try Connection.checkpointTruncate(connection.path) == true)
    #expect(stat(folder.file("a.db-wal"), &status) == 0)
    #expect(status.st_size == 0)
    #expect(try reader.integer("SELECT n FROM t") == 3)
  }

  // MARK: Backup

  @Test func `a backup holds what was committed, and its owner alone may read it`() throws {
    try connection.script("CREATE TABLE t (n INTEGER) STRICT; INSERT INTO t VALUES (1), (2)")
    try connection.backup(to: folder.file("b.db"))
    try connection.execute("DELETE FROM t")
    let copy = try Connection(path: folder.file("b.db"), mode: .readOnly)
    #expect(try copy.integer("SELECT count(*) FROM t") == 2)
    var status = stat()
    #expect(stat(folder.file("b.db"), &status) == 0 && status.st_mode & 0o777 == 0o600)
    #expect(access(folder.file("b.db.part"), F_OK) != 0)
  }

  @Test func `a backup does not replace a file`() throws {
    try folder.write("b.db", "precious")
    let problem = #expect(throws: Problem.self) {
      try connection.backup(to: folder.file("b.db"))
    }
    #expect(problem?.code == "sqlite.backup-exists")
  }

  @Test func `a backup into a folder that is not there leaves nothing and says so`() throws {
    let problem = #expect(throws: Problem.self) {
      try connection.backup(to: folder.file("nowhere/b.db"))
    }
    #expect(problem?.code == "sqlite.cannot-open")
  }
}

enum Colour: String, Bindable { case red, green }
