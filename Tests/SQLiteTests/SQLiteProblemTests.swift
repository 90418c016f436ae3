import Basics
import Glibc
import SQLite
import Support
import Testing

@Suite struct SQLiteProblemTests {
  let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  func code(_ body: () throws -> Void) -> String? {
    do { try body() } catch { return (error as? Problem)?.code }
    return nil
  }

  @Test func `a broken rule says which kind of rule it was`() throws {
    let connection = try Connection(path: folder.file("a.db"))
    try connection.script(
      """
      CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE CHECK (name <> ''),
        parent INTEGER REFERENCES t, CHECK (id < 100)) STRICT;
      CREATE TRIGGER no BEFORE INSERT ON t WHEN NEW.name = 'no' BEGIN SELECT RAISE(ABORT, 'no'); END;
      INSERT INTO t VALUES (1, 'a', NULL);
      """)
    let cases: [(Bindings, String)] = [
      ([2, "a", nil], "unique"), ([1, "b", nil], "primary-key"), ([2, nil, nil], "not-null"),
      ([2, "", nil], "check"), ([2, "b", 9], "foreign-key"), ([2, "no", nil], "trigger"),
      ([2, [UInt8](), nil], "type"),
    ]
    for (values, kind) in cases {
      let problem = #expect(throws: Problem.self) {
        try connection.execute("INSERT INTO t VALUES (?, ?, ?)", bindings: values)
      }
      #expect(problem?.code == "sqlite.constraint")
      #expect(problem?.fields["constraint"] == kind)
    }
  }

  @Test func `a problem never carries a value that was bound`() throws {
    let connection = try Connection(path: folder.file("a.db"))
    try connection.script(
      """
      CREATE VIRTUAL TABLE words USING fts5(name);
      CREATE TABLE t (name TEXT UNIQUE CHECK (name <> 'ada')) STRICT;
      INSERT INTO t VALUES ('secretive');
      """)
    let statements = [
      "SELECT * FROM words WHERE words MATCH ?", "SELECT json_extract('{}', ?)",
      "INSERT INTO t VALUES (?)", "SELECT json(?)", "SELECT abs(?), json_array_length('[]', ?1)",
    ]
    let values = [
      "secretive", "\"secretive", "secretive:x", "secretive@example.org", "'secretive",
      "(secretive",
      "secretive `x`",
    ]
    var refused = 0
    for sql in statements {
      for value in values {
        do throws(Problem) {
          try connection.execute(sql, value)
        } catch {
          refused += 1
          let everything = "\(error) \(error.cause ?? "") \(error.fields)"
          #expect(!everything.contains("secretive"), "\(sql): \(everything)")
        }
      }
    }
    #expect(refused > 15)
  }

  @Test func `a writer that waits too long is told that the file is busy`() throws {
    let first = try Connection(path: folder.file("a.db"))
    try first.script("CREATE TABLE t (n INTEGER) STRICT")
    let second = try Connection(path: folder.file("a.db"), patience: .milliseconds(10))
    try first.transaction { () throws(Problem) in
      #expect(code { try second.transaction {} } == "sqlite.busy")
      #expect(try second.integer("SELECT count(*) FROM t") == 0)
    }
    #expect(code { try second.transaction {} } == nil)
  }

  @Test func `a file that is no database, is damaged or is not there is named so`() throws {
    let path = folder.file("a.db")
    do {
      let connection = try Connection(path: path)
      try connection.script("CREATE TABLE t (n TEXT) STRICT")
      for _ in 0..<50 {
        try connection.execute("INSERT INTO t VALUES (?)", String(repeating: "x", count: 500))
      }
    }
    let descriptor = open(path, O_WRONLY)
    let rubbish = [UInt8](repeating: 0xA5, count: 4096 * 4)
    #expect(pwrite(descriptor, rubbish, rubbish.count, 4096) == rubbish.count)
    close(descriptor)
    #expect(
      code { _ = try Connection(path: path).integer("SELECT count(*) FROM t") } == "sqlite.corrupt")

    let text = try folder.write("b.db", String(repeating: "Dear diary, ", count: 500))
    #expect(code { _ = try Connection(path: text) } == "sqlite.not-a-database")
    #expect(
      code { _ = try Connection(path: folder.file("c.db"), mode: .readWrite) }
        == "sqlite.cannot-open")
    #expect(access(folder.file("c.db"), F_OK) != 0)
    #expect(code { _ = try Connection(path: folder.file("no/c.db")) } == "sqlite.cannot-open")
  }

  @Test func `a read-only connection changes nothing and says so`() throws {
    let writer = try Connection(path: folder.file("a.db"))
    try writer.script("CREATE TABLE t (n INTEGER) STRICT")
    let reader = try Connection(path: folder.file("a.db"), mode: .readOnly)
    #expect(code { try reader.execute("INSERT INTO t VALUES (1)") } == "sqlite.readonly")
  }

  @Test func `a disk that is full leaves what was there`() throws {
    let connection = try Connection(path: folder.file("a.db"))
    try connection.script("CREATE TABLE t (n TEXT) STRICT; INSERT INTO t VALUES ('kept')")
    try connection.execute("PRAGMA max_page_count=10")
    #expect(
      code {
        try connection.transaction { () throws(Problem) in
          for _ in 0..<100 {
            try connection.execute("INSERT INTO t VALUES (?)", String(repeating: "x", count: 4000))
          }
        }
      } == "sqlite.full")
    #expect(try connection.rows("SELECT n FROM t") { $0.text(0) } == ["kept"])
  }

  /// Runs as a user who may not write, because root may write anything.
  @Test func `a file one may only read is refused in words before anything is tried`() async throws
  {
    let path = folder.file("a.db")
    _ = try Connection(path: path)
    chmod(path, 0o444)
    // The folder may be written: SQLite would make its log there and open the file without a word.
    chmod(folder.path, 0o777)
    await #expect(processExitsWith: .success) { [path = path as String] in
      if getuid() == 0, setgid(65534) != 0 || setuid(65534) != 0 { exit(3) }
      let problem = #expect(throws: Problem.self) {
        try Connection(path: path, mode: .readWriteCreate)
      }
      #expect(problem?.code == "sqlite.readonly")
      #expect(problem?.sentence == "\(path) cannot be written.")
      #expect(problem?.remedy.isEmpty == false)
    }
  }
}
