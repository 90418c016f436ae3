// Brings a file to the schema this program knows, or refuses it in words. The list of migrations is
// only ever added to at its end; each is one transaction; what was applied is kept with a digest of
// its text, so that a file made by other SQL is never taken for ours. A foreign or newer file is
// left exactly as it was.

import Basics
import Glibc

package struct Migration: Sendable {
  package let name: String
  package let sql: String
  /// What the file remembers of it.
  package let checksum: String

  package init(_ name: String, _ sql: String) {
    self.name = name
    self.sql = sql
    checksum = Digest.hex(Digest.sha256(Array("\(name)\n\(sql)".utf8)))
  }
}

package struct Migrator: Sendable {
  package let applicationID: Int32
  package let migrations: [Migration]
  private let time: any TimeSource

  package init(
    applicationID: Int32, migrations: [Migration], time: any TimeSource = SystemTime()
  ) {
    self.applicationID = applicationID
    self.migrations = migrations
    self.time = time
  }

  /// Opens the file at `path` and brings it up to date. Nothing is written to a file that is not
  /// ours or is newer; one that is older is first copied beside itself as `path.backup-vN-TIME`.
  /// `prepare` runs before any migration, to register functions the schema calls.
  package func open(
    path: String, mode: Connection.Mode = .readWriteCreate,
    prepare: (Connection) throws(Problem) -> Void = { _ in }
  ) throws(Problem) -> Connection {
    let connection: Connection
    let version: Int
    do throws(Problem) {
      connection = try Connection(path: path, mode: mode, keepingJournal: true)
      try prepare(connection)
      version = try check(connection)
    } catch  where error.code == "sqlite.not-a-database" {
      throw foreign(path).caused(by: error)
    }
    if mode == .readOnly {
      if version < migrations.count { throw older(path) }
      return connection
    }
    try connection.useWriteAheadLog()
    if version < migrations.count {
      if version > 0 { try backUp(connection, version: version) }
      try upgrade(connection)
    }
    return connection
  }

  // MARK: Recognising the file

  /// The version of the file, 0 for a new one; a problem when it is not for us.
  private func check(_ connection: Connection) throws(Problem) -> Int {
    let path = connection.path
    let id = try connection.integer("PRAGMA application_id")
    let version = try connection.integer("PRAGMA user_version")
    if id != Int(applicationID) {
      let tables = try connection.integer("SELECT count(*) FROM sqlite_schema")
      guard id == 0, version == 0, tables == 0 else { throw foreign(path) }
      return 0
    }
    if version > migrations.count {
      throw Problem(
        "workspace.newer", "The workspace \(path) was made by a newer version of Listkeeper.",
        remedy: "Install that version or a later one, or name another workspace.",
        fields: ["version": String(version), "known": String(migrations.count)])
    }
    guard version >= 0 else { throw foreign(path) }
    let applied = try connection.rows(
      "SELECT name, checksum FROM migration ORDER BY version"
    ) { (name: $0.text(0), checksum: $0.text(1)) }
    let expected = migrations.prefix(version)
    guard
      applied.count == version,
      zip(applied, expected).allSatisfy({ $0.checksum == $1.checksum })
    else {
      throw Problem(
        "workspace.other-schema",
        "The workspace \(path) was made by another development version of Listkeeper.",
        remedy: "Open it with that version, or name a new workspace.")
    }
    return version
  }

  private func foreign(_ path: String) -> Problem {
    Problem(
      "workspace.foreign", "\(path) is not a Listkeeper workspace.",
      remedy: "Name another file, or a new one to be made.")
  }

  private func older(_ path: String) -> Problem {
    Problem(
      "workspace.older", "The workspace \(path) was made by an older version of Listkeeper.",
      remedy: "Open it once with the right to write, which brings it up to date.")
  }

  // MARK: Upgrading it

  private func backUp(_ connection: Connection, version: Int) throws(Problem) {
    let stamp = time.now().description.filter { $0 != ":" }
    try connection.backup(to: "\(connection.path).backup-v\(version)-\(stamp)")
  }

  private func upgrade(_ connection: Connection) throws(Problem) {
    // A migration that rebuilds a table must be able to drop it; references are checked after.
    try connection.script("PRAGMA foreign_keys=OFF")
    while try step(connection) {}
    try connection.script("PRAGMA foreign_keys=ON")
  }

  /// Applies the next migration; false when there is none. The version is read again inside the
  /// transaction, because another process may be upgrading the same file.
  private func step(_ connection: Connection) throws(Problem) -> Bool {
    try connection.transaction(.immediate) { () throws(Problem) in
      let version = try check(connection)
      guard version < migrations.count else { return false }
      let migration = migrations[version]
      if version == 0 {
        try connection.script(
          """
          PRAGMA application_id=\(applicationID);
          CREATE TABLE migration (
            version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL,
            applied_at INTEGER NOT NULL
          ) STRICT;
          """)
      }
      try connection.script(migration.sql)
      try connection.execute(
        "INSERT INTO migration (version, name, checksum, applied_at) VALUES (?, ?, ?, ?)",
        version + 1, migration.name, migration.checksum, time.now())
      try connection.script("PRAGMA user_version=\(version + 1)")
      let broken = try connection.one("PRAGMA foreign_key_check") { $0.text(0) }
      if let broken {
        throw Problem(
          "sqlite.constraint", "The migration '\(migration.name)' left a reference to nothing.",
          remedy: "Send the diagnostic log to the developers.", fields: ["table": broken])
      }
      return true
    }
  }
}
