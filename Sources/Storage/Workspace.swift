// One workspace: its file, the one connection of this process that writes, and connections that
// read. Whoever writes says who they are, in the transaction that writes: the triggers audit by it,
// and a write that says nothing is audited as made outside Listkeeper.

import Basics
import Domain
import Glibc
import SQLite

package final class Workspace: Sendable {
  /// The file, without symbolic links.
  package let path: String
  package let time: any TimeSource
  package let isReadOnly: Bool
  /// What was put right while opening, for people to read.
  package let notices: [Problem]
  /// Rung after each commit of this process, and of others while a `ChangeWatch` runs.
  package let changes: ChangeNotice

  private let writer: DatabaseThread?
  private let reader: WorkspaceReader

  /// Makes a new workspace and opens it. There must be no file at `path`.
  package static func create(
    at path: String, time: any TimeSource = SystemTime()
  ) throws(Problem) -> Workspace {
    if WorkspaceFile.exists(at: path) {
      try WorkspaceFile.check(path)
      throw Problem(
        "workspace.exists", "There is already a file \(path).",
        remedy: "Open it without `init`, or name another file.")
    }
    try WorkspaceFile.makeParentOfDefault(for: path)
    return try Workspace(path, time: time, readOnly: false)
  }

  /// Opens the workspace at `path`, bringing an older one up to date. With `readOnly` nothing can
  /// be written through it, and an older one is refused.
  package static func open(
    at path: String, time: any TimeSource = SystemTime(), readOnly: Bool = false
  ) throws(Problem) -> Workspace {
    try WorkspaceFile.check(path)
    return try Workspace(path, time: time, readOnly: readOnly)
  }

  private init(_ named: String, time: any TimeSource, readOnly: Bool) throws(Problem) {
    let changes = ChangeNotice()
    do throws(Problem) {
      let migrator = Migrator(
        applicationID: Schema.applicationID, migrations: Schema.migrations, time: time)
      let connection = try migrator.open(
        path: named, mode: readOnly ? .readOnly : .readWriteCreate
      )
      path = WorkspaceFile.resolved(named)
      notices = readOnly ? [] : try WorkspaceFile.closeToOthers(path).map { [$0] } ?? []
      if readOnly {
        writer = nil
      } else {
        // Also where an earlier `create` was killed half-way.
        try FirstRows.insert(into: connection, at: time.now())
        writer = try DatabaseThread(connection) { changes.ring() }
      }
      reader = try WorkspaceReader(path: path, time: time)
    } catch {
      throw WorkspaceFile.problem(error, at: named)
    }
    self.time = time
    self.changes = changes
    isReadOnly = readOnly
  }

  // MARK: Writing

  /// Runs `body` as one transaction in the name of `who` and returns when it is on disk. What it
  /// throws undoes all it did. `evidence` goes into the consent ledger where opt-ins change.
  @discardableResult
  package func write<Value: Sendable>(
    as who: String, evidence: String = "",
    _ body: @escaping @Sendable (WorkspaceTransaction) throws(Problem) -> Value
  ) async throws(Problem) -> Value {
    let time = time
    return try await writing().write { (database) throws(Problem) in
      try WorkspaceTransaction.run(on: database, at: time.now(), who, evidence, body)
    }
  }

  /// The same for callers that may block; never from an async function or from `body`.
  @discardableResult
  package func writeBlocking<Value: Sendable>(
    as who: String, evidence: String = "",
    _ body: @escaping @Sendable (WorkspaceTransaction) throws(Problem) -> Value
  ) throws(Problem) -> Value {
    let time = time
    return try writing().writeBlocking { (database) throws(Problem) in
      try WorkspaceTransaction.run(on: database, at: time.now(), who, evidence, body)
    }
  }

  private func writing() throws(Problem) -> DatabaseThread {
    if let writer { return writer }
    throw Problem(
      "workspace.opened-read-only", "The workspace \(path) is open for reading only.",
      remedy: "Open it without the read-only option.")
  }

  // MARK: Reading

  /// Runs `body` over the file as it is at one moment, on a connection shared by this process.
  package func read<Value: Sendable>(
    _ body: @escaping @Sendable (WorkspaceReading) throws(Problem) -> Value
  ) async throws(Problem) -> Value {
    try await reader.read(body)
  }

  /// The same for callers that may block; never from an async function or from `body`.
  package func readBlocking<Value: Sendable>(
    _ body: @escaping @Sendable (WorkspaceReading) throws(Problem) -> Value
  ) throws(Problem) -> Value {
    try reader.readBlocking(body)
  }

  /// Another connection to read by, so that a long report holds up no screen.
  package func makeReader() throws(Problem) -> WorkspaceReader {
    try WorkspaceReader(path: path, time: time)
  }

  // MARK: The file

  /// Moves the write-ahead log into the file; the engine's janitor alone calls this. False when
  /// readers or a writer did not let go within two seconds.
  package func checkpoint() throws(Problem) -> Bool {
    try Connection.checkpointTruncate(path)
  }

  /// Commits what was handed in and closes all connections of this object.
  package func close() {
    reader.close()
    writer?.close()
  }
}

/// What stores work on: a connection inside a transaction, and the time that counts as now.
package protocol WorkspaceAccess {
  var database: Connection { get }
  var now: Instant { get }
}

/// A transaction that writes. Valid inside the closure it is handed to.
package struct WorkspaceTransaction: WorkspaceAccess {
  package let database: Connection
  package let now: Instant
  package let who: String

  fileprivate static func run<Value>(
    on database: Connection, at now: Instant, _ who: String, _ evidence: String,
    _ body: (WorkspaceTransaction) throws(Problem) -> Value
  ) throws(Problem) -> Value {
    try database.execute("UPDATE acting SET who = ?, at = ?, evidence = ?", who, now, evidence)
    let value = try body(WorkspaceTransaction(database: database, now: now, who: who))
    try database.execute("UPDATE acting SET who = NULL, at = NULL, evidence = NULL")
    return value
  }

  /// Writes inside `body` are audited as `who`, with `evidence`; afterwards as before.
  package func acting<Value>(
    as other: String, evidence: String = "",
    _ body: () throws(Problem) -> Value
  ) throws(Problem) -> Value {
    let before = try database.one("SELECT evidence FROM acting") { $0.optionalText(0) } ?? nil
    try database.execute("UPDATE acting SET who = ?, evidence = ?", other, evidence)
    let value = try body()
    try database.execute("UPDATE acting SET who = ?, evidence = ?", who, before)
    return value
  }

  /// From here on this transaction writes with other evidence, such as the next line of a file.
  package func give(evidence: String) throws(Problem) {
    try database.execute("UPDATE acting SET evidence = ?", evidence)
  }
}

/// The file as it was at one moment, for reading. Valid inside the closure it is handed to.
package struct WorkspaceReading: WorkspaceAccess {
  package let database: Connection
  package let now: Instant
}

/// One connection to read by, on a thread of its own.
package final class WorkspaceReader: Sendable {
  private let reader: Reader
  private let time: any TimeSource

  fileprivate init(path: String, time: any TimeSource) throws(Problem) {
    reader = try Reader(path: path)
    self.time = time
  }

  package func read<Value: Sendable>(
    _ body: @escaping @Sendable (WorkspaceReading) throws(Problem) -> Value
  ) async throws(Problem) -> Value {
    let time = time
    return try await reader.read { (database) throws(Problem) in
      try body(WorkspaceReading(database: database, now: time.now()))
    }
  }

  /// The same for callers that may block; never from an async function or from `body`.
  package func readBlocking<Value: Sendable>(
    _ body: @escaping @Sendable (WorkspaceReading) throws(Problem) -> Value
  ) throws(Problem) -> Value {
    let time = time
    return try reader.readBlocking { (database) throws(Problem) in
      try body(WorkspaceReading(database: database, now: time.now()))
    }
  }

  /// Ends the read that runs now, if one does.
  package func interrupt() { reader.interrupt() }

  package func close() { reader.close() }
}
