import Basics
import Foundation
import SQLite
import Support
import Testing

@Suite struct MigratorTests {
  static let applicationID: Int32 = 0x4C4B_5445
  static let first = Migration(
    "first", "CREATE TABLE t (n INTEGER) STRICT; INSERT INTO t VALUES (1);")
  static let second = Migration("second", "ALTER TABLE t ADD COLUMN name TEXT;")

  let folder: TemporaryDirectory
  var path: String { folder.file("a.db") }

  init() throws { folder = try TemporaryDirectory() }

  func migrator(_ migrations: Migration...) -> Migrator {
    Migrator(applicationID: Self.applicationID, migrations: migrations, time: Noon())
  }

  func refused(
    _ migrator: Migrator, mode: Connection.Mode = .readWriteCreate
  ) throws -> Problem? {
    let before = try? Data(contentsOf: URL(fileURLWithPath: path))
    var found: Problem?
    do throws(Problem) { _ = try migrator.open(path: path, mode: mode) } catch { found = error }
    let after = try? Data(contentsOf: URL(fileURLWithPath: path))
    #expect(before == after, "a refused file was changed")
    return found
  }

  @Test func `a new file gets the whole schema and our mark, without a backup`() throws {
    do {
      let connection = try migrator(Self.first, Self.second).open(path: path)
      #expect(try connection.integer("PRAGMA application_id") == Int(Self.applicationID))
      #expect(try connection.integer("PRAGMA user_version") == 2)
      #expect(try connection.one("PRAGMA journal_mode") { $0.text(0) } == "wal")
      #expect(
        try connection.rows("SELECT name, applied_at FROM migration ORDER BY version") {
          "\($0.text(0)) \($0.instant(1))"
        } == ["first 2026-01-01T12:00:00Z", "second 2026-01-01T12:00:00Z"])
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.db"])
  }

  @Test func `opening again changes nothing`() throws {
    _ = try migrator(Self.first).open(path: path)
    let connection = try migrator(Self.first).open(path: path)
    #expect(try connection.integer("SELECT count(*) FROM t") == 1)
    #expect(connection.totalChanges == 0)
  }

  @Test func `an older file is backed up and then upgraded with its rows`() throws {
    _ = try migrator(Self.first).open(path: path)
    let connection = try migrator(Self.first, Self.second).open(path: path)
    #expect(try connection.one("SELECT n, name FROM t") { $0.isNull(1) } == true)
    let backup = try migrator(Self.first).open(
      path: path + ".backup-v1-2026-01-01T120000Z", mode: .readOnly)
    #expect(try backup.integer("SELECT count(*) FROM t") == 1)
  }

  @Test func `a migration that breaks leaves the file at the version before`() throws {
    _ = try migrator(Self.first).open(path: path)
    let broken = Migration(
      "broken", "CREATE TABLE u (n INTEGER) STRICT; INSERT INTO nowhere VALUES (1);")
    #expect(throws: Problem.self) { try migrator(Self.first, broken).open(path: path) }
    let connection = try migrator(Self.first).open(path: path)
    #expect(try connection.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'u'") == 0)
  }

  @Test func `a migration may rebuild a table others refer to, but not lose what they refer to`()
    throws
  {
    let parents = Migration(
      "parents",
      """
      CREATE TABLE parent (id INTEGER PRIMARY KEY) STRICT;
      CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL REFERENCES parent) STRICT;
      INSERT INTO parent VALUES (1); INSERT INTO child VALUES (1, 1);
      """)
    func rebuild(_ name: String, keeping rows: String) -> Migration {
      Migration(
        name,
        """
        CREATE TABLE rebuilt (id INTEGER PRIMARY KEY, name TEXT) STRICT;
        INSERT INTO rebuilt (id) SELECT id FROM parent WHERE \(rows);
        DROP TABLE parent; ALTER TABLE rebuilt RENAME TO parent;
        """)
    }
    _ = try migrator(parents).open(path: path)
    #expect(throws: Problem.self) {
      try migrator(parents, rebuild("lossy", keeping: "false")).open(path: path)
    }
    try FileManager.default.removeItem(atPath: path + ".backup-v1-2026-01-01T120000Z")
    let connection = try migrator(parents, rebuild("whole", keeping: "true")).open(path: path)
    #expect(try connection.integer("SELECT count(*) FROM parent") == 1)
    #expect(try connection.integer("PRAGMA foreign_keys") == 1)
  }

  @Test func `a newer file is refused with what to do, and left as it is`() throws {
    _ = try migrator(Self.first, Self.second).open(path: path)
    let problem = try refused(migrator(Self.first))
    #expect(problem?.code == "workspace.newer")
    #expect(problem?.remedy.contains("Install") == true)
  }

  @Test func `another program's database is refused and left as it is, its journal mode too`()
    throws
  {
    do {
      let other = try Connection(path: path, keepingJournal: true)
      try other.script("CREATE TABLE theirs (n INTEGER)")
    }
    let problem = try refused(migrator(Self.first))
    #expect(problem?.code == "workspace.foreign")
  }

  @Test func `a file that is no database is refused and left as it is`() throws {
    try folder.write("a.db", String(repeating: "name;email\n", count: 100))
    #expect(try refused(migrator(Self.first))?.code == "workspace.foreign")
  }

  @Test func `a file made by a migration with other text is refused and left as it is`() throws {
    _ = try migrator(Self.first).open(path: path)
    let edited = Migration("first", Self.first.sql + " ")
    #expect(try refused(migrator(edited, Self.second))?.code == "workspace.other-schema")
  }

  @Test func `an older file opened only for reading says that it must be upgraded`() throws {
    _ = try migrator(Self.first).open(path: path)
    let problem = try refused(migrator(Self.first, Self.second), mode: .readOnly)
    #expect(problem?.code == "workspace.older")
  }

  @Test func `two that open an old file at once apply each migration once`() async throws {
    _ = try migrator(Self.first).open(path: path)
    let slow = Migration("third", "INSERT INTO t (n) VALUES (3);")
    let migrations = [Self.first, Self.second, slow]
    let path = path
    try await withThrowingTaskGroup { group in
      for place in 0..<4 {
        group.addTask {
          // Each at its own minute, so that their backups have names of their own.
          _ = try Migrator(
            applicationID: Self.applicationID, migrations: migrations, time: Noon(minute: place)
          ).open(path: path)
        }
      }
      try await group.waitForAll()
    }
    let connection = try migrator(Self.first, Self.second, slow).open(path: path)
    #expect(try connection.rows("SELECT n FROM t ORDER BY n") { $0.int(0) } == [1, 3])
  }
}

/// Noon of New Year's Day, always.
struct Noon: TimeSource {
  var minute = 0

  func now() -> Instant {
    Instant(milliseconds: 1_767_268_800_000 + Int64(minute) * 60000)
  }
  func sleep(until deadline: Instant) async throws {}
}
