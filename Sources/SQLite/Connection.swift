// One connection to one SQLite file, set up the way the workspace needs it. It belongs to one
// thread at a time: it is not Sendable, and nothing here takes a lock. WAL is never checkpointed
// on the side; only `checkpointTruncate` does, which takes the writer's lock before it looks.

import Basics
import CSQLite
import Glibc

package final class Connection {
  package enum Mode: Sendable {
    /// Makes the file, readable by its owner only, where there is none.
    case readWriteCreate
    case readWrite
    case readOnly
  }

  package enum TransactionKind: String, Sendable {
    case deferred = "BEGIN"
    case immediate = "BEGIN IMMEDIATE"
  }

  package let path: String
  package let mode: Mode
  let handle: OpaquePointer
  /// Ends from any thread what this connection is doing.
  package let interrupter: Interrupter
  private var statements: [String: Statement] = [:]
  private var savepoints = 0
  private let patience: Duration

  /// How long a statement waits for another connection's lock.
  package static let patience = Duration.seconds(5)
  /// Texts kept prepared; beyond them (statements built for a search) the cache starts anew.
  private static let cacheLimit = 256

  /// Opens the file. With `keepingJournal` it stays in whatever journal mode it is, for a file that
  /// may turn out not to be ours; otherwise a connection that may write puts it into WAL.
  package convenience init(
    path: String, mode: Mode = .readWriteCreate, keepingJournal: Bool = false,
    patience: Duration = Connection.patience
  ) throws(Problem) {
    try self.init(opening: path, mode, patience)
    try script("PRAGMA mmap_size=0; PRAGMA foreign_keys=ON; PRAGMA synchronous=FULL;")
    // What is removed is overwritten: an erasure is one of the bytes too.
    try script("PRAGMA secure_delete=ON;")
    if mode != .readOnly, !keepingJournal { try useWriteAheadLog() }
  }

  private init(opening path: String, _ mode: Mode, _ patience: Duration) throws(Problem) {
    if mode == .readWriteCreate {
      // Made first by us, because SQLite would let everybody read it. O_EXCL: closing a descriptor
      // of a file already in use would drop the locks this process holds on it.
      let made = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
      if made >= 0 { close(made) }
    }
    let access =
      switch mode {
      case .readWriteCreate: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      case .readWrite: SQLITE_OPEN_READWRITE
      case .readOnly: SQLITE_OPEN_READONLY
      }
    var opened: OpaquePointer?
    let result = sqlite3_open_v2(
      path, &opened, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
    guard result == SQLITE_OK, let opened else {
      let problem = Problem.sqlite(result, on: opened, path: path)
      sqlite3_close_v2(opened)
      throw problem
    }
    self.path = path
    self.mode = mode
    self.patience = patience
    handle = opened
    interrupter = Interrupter(opened)
    sqlite3_busy_timeout(opened, Int32(clamping: patience.wholeMilliseconds))
    // SQLite opens a write-protected file for reading without a word.
    if mode != .readOnly, sqlite3_db_readonly(opened, "main") == 1 {
      throw Problem.sqlite(SQLITE_READONLY, on: nil, path: path)
    }
    lk_sqlite_configure(opened, SQLITE_DBCONFIG_DEFENSIVE, 1)
    // The schema stays trusted: SQLite 3.40 counts json_valid() in a CHECK, and FTS5 in a trigger,
    // among what a schema may not use otherwise, and then does not even open the file.
    lk_sqlite_configure(opened, SQLITE_DBCONFIG_DQS_DDL, 0)
    lk_sqlite_configure(opened, SQLITE_DBCONFIG_DQS_DML, 0)
    try script("PRAGMA wal_autocheckpoint=0;")
  }

  deinit {
    interrupter.forget()
    for statement in statements.values { statement.finish() }
    sqlite3_close_v2(handle)
  }

  // MARK: Statements

  /// Runs one statement and returns how many rows it changed.
  @discardableResult
  package func execute(_ sql: String, _ values: (any Bindable)?...) throws(Problem) -> Int {
    try execute(sql, bindings: values)
  }

  /// Runs one statement and returns how many rows it changed; 0 for one that changes none.
  @discardableResult
  package func execute(_ sql: String, bindings: Bindings) throws(Problem) -> Int {
    let before = sqlite3_total_changes64(handle)
    try run(sql, bindings) { (statement) throws(Problem) in
      while try statement.step() {}
    }
    // `changes` keeps the count of the last writing statement; a reading one changed nothing.
    return sqlite3_total_changes64(handle) == before ? 0 : changes
  }

  /// Runs several statements without values, such as a schema.
  package func script(_ sql: String) throws(Problem) {
    let result = sqlite3_exec(handle, sql, nil, nil, nil)
    if result != SQLITE_OK { throw problem(result, sql: sql, preparing: true) }
  }

  /// Hands every row to `body`, one at a time; what `body` throws ends the reading.
  package func query(
    _ sql: String, _ values: (any Bindable)?..., row body: (Row) throws(Problem) -> Void
  ) throws(Problem) {
    try query(sql, bindings: values, row: body)
  }

  package func query(
    _ sql: String, bindings: Bindings, row body: (Row) throws(Problem) -> Void
  ) throws(Problem) {
    try run(sql, bindings) { (statement) throws(Problem) in
      let row = Row(statement: statement.handle)
      while try statement.step() { try body(row) }
    }
  }

  /// Every row, as `map` makes of it.
  package func rows<Result>(
    _ sql: String, _ values: (any Bindable)?..., map: (Row) throws(Problem) -> Result
  ) throws(Problem) -> [Result] {
    try rows(sql, bindings: values, map: map)
  }

  package func rows<Result>(
    _ sql: String, bindings: Bindings, map: (Row) throws(Problem) -> Result
  ) throws(Problem) -> [Result] {
    var found: [Result] = []
    try query(sql, bindings: bindings) { (row) throws(Problem) in
      found.append(try map(row))
    }
    return found
  }

  /// The first row, or nil where there is none.
  package func one<Result>(
    _ sql: String, _ values: (any Bindable)?..., map: (Row) throws(Problem) -> Result
  ) throws(Problem) -> Result? {
    try one(sql, bindings: values, map: map)
  }

  package func one<Result>(
    _ sql: String, bindings: Bindings, map: (Row) throws(Problem) -> Result
  ) throws(Problem) -> Result? {
    try run(sql, bindings) { (statement) throws(Problem) in
      try statement.step() ? try map(Row(statement: statement.handle)) : nil
    }
  }

  /// The first column of the first row; 0 where there is no row or it is NULL.
  package func integer(_ sql: String, _ values: (any Bindable)?...) throws(Problem) -> Int {
    try one(sql, bindings: values) { $0.int(0) } ?? 0
  }

  /// Rows changed by the last statement that changed any; triggers do not count.
  package var changes: Int { Int(sqlite3_changes64(handle)) }

  /// Rows changed since the connection was opened, by triggers too.
  package var totalChanges: Int64 { sqlite3_total_changes64(handle) }

  package var lastInsertedRowID: Int64 { sqlite3_last_insert_rowid(handle) }

  // MARK: Transactions

  package var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

  /// All of `body` or nothing. Inside a transaction it is a savepoint, so what it throws undoes
  /// only what it did.
  package func transaction<Result>(
    _ kind: TransactionKind = .immediate, _ body: () throws(Problem) -> Result
  ) throws(Problem) -> Result {
    if isInTransaction { return try savepoint(body) }
    try execute(kind.rawValue)
    do throws(Problem) {
      let result = try body()
      try execute("COMMIT")
      return result
    } catch {
      rollBack()
      throw error
    }
  }

  /// All of `body` or nothing, inside a transaction that goes on either way.
  package func savepoint<Result>(_ body: () throws(Problem) -> Result) throws(Problem) -> Result {
    savepoints += 1
    defer { savepoints -= 1 }
    let name = "s\(savepoints)"
    try execute("SAVEPOINT \(name)")
    do throws(Problem) {
      let result = try body()
      try execute("RELEASE \(name)")
      return result
    } catch {
      // A full disk rolls the whole transaction back by itself; then there is nothing to undo.
      if isInTransaction {
        try execute("ROLLBACK TO \(name)")
        try execute("RELEASE \(name)")
      }
      throw error
    }
  }

  /// Undoes the open transaction, if there is one. A ROLLBACK with one open cannot be refused.
  func rollBack() {
    if isInTransaction { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
  }

  // MARK: The file

  package func useWriteAheadLog() throws(Problem) {
    let mode = try one("PRAGMA journal_mode=WAL") { $0.text(0) }
    guard mode == "wal" else {
      throw Problem(
        "sqlite.no-wal", "\(path) cannot keep a write-ahead log.",
        remedy: "Put the file on a local disk.", cause: "journal_mode=\(mode ?? "")")
    }
  }

  /// A number that differs after another connection committed; its own commits do not count.
  package func dataVersion() throws(Problem) -> Int { try integer("PRAGMA data_version") }

  /// Moves the log into the file and empties it, waiting at most `patience` for readers and the
  /// writer. False when they did not let go; the log then stays for the next time.
  package func checkpointTruncate(patience: Duration = .seconds(2)) throws(Problem) -> Bool {
    sqlite3_busy_timeout(handle, Int32(clamping: patience.wholeMilliseconds))
    defer { sqlite3_busy_timeout(handle, Int32(clamping: self.patience.wholeMilliseconds)) }
    let result = sqlite3_wal_checkpoint_v2(handle, "main", SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
    if result & 0xFF == SQLITE_BUSY || result & 0xFF == SQLITE_LOCKED { return false }
    if result != SQLITE_OK { throw problem(result) }
    return true
  }

  /// The same for the file at `path`, by a connection of its own. It reads no schema: that would take
  /// longer than to move what a quiet minute wrote.
  package static func checkpointTruncate(_ path: String) throws(Problem) -> Bool {
    let connection = try Connection(opening: path, .readWrite, Connection.patience)
    // SQLite has a log to move only once something was read.
    _ = try connection.integer("PRAGMA user_version")
    return try connection.checkpointTruncate()
  }

  /// The version of the library this program runs with, such as `3.40.1`.
  package static var libraryVersion: String { String(cString: sqlite3_libversion()) }

  // MARK: Inside

  func problem(_ result: Int32, sql: String? = nil, preparing: Bool = false) -> Problem {
    .sqlite(result, on: handle, path: path, sql: sql, preparing: preparing)
  }

  private func run<Result>(
    _ sql: String, _ values: Bindings, _ body: (Statement) throws(Problem) -> Result
  ) throws(Problem) -> Result {
    let statement = try borrow(sql)
    defer { giveBack(statement) }
    try statement.bind(values)
    return try body(statement)
  }

  private func borrow(_ sql: String) throws(Problem) -> Statement {
    if let kept = statements[sql], !kept.isBorrowed {
      kept.isBorrowed = true
      return kept
    }
    let statement = try prepare(sql)
    statement.isBorrowed = true
    if statements[sql] == nil {
      if statements.count >= Connection.cacheLimit { forgetStatements() }
      statements[sql] = statement
    }
    return statement
  }

  private func giveBack(_ statement: Statement) {
    statement.reset()
    statement.isBorrowed = false
    if statements[statement.sql] !== statement { statement.finish() }
  }

  private func forgetStatements() {
    for (sql, statement) in statements where !statement.isBorrowed {
      statement.finish()
      statements[sql] = nil
    }
  }

  private func prepare(_ sql: String) throws(Problem) -> Statement {
    var prepared: OpaquePointer?
    var hasMore = false
    var sql = sql
    let result = sql.withUTF8 { text in
      text.withMemoryRebound(to: CChar.self) { text in
        var tail: UnsafePointer<CChar>?
        let result = sqlite3_prepare_v3(
          handle, text.baseAddress, Int32(text.count), UInt32(SQLITE_PREPARE_PERSISTENT),
          &prepared, &tail)
        if let tail, let start = text.baseAddress {
          hasMore = text[(tail - start)...].contains { $0 != 0x20 && $0 != 0x0A && $0 != 0x3B }
        }
        return result
      }
    }
    guard result == SQLITE_OK else { throw problem(result, sql: sql, preparing: true) }
    guard let prepared, !hasMore else {
      sqlite3_finalize(prepared)
      throw Problem(
        "sqlite.statement", "One statement was expected on \(path), and it is none or several.",
        remedy: "Send the diagnostic log to the developers.",
        fields: ["statement": String(sql.prefix(200))])
    }
    return Statement(prepared, sql: sql, of: self)
  }
}

/// Stops a long statement from another thread; the statement then throws `sqlite.interrupted`.
/// It does nothing once the connection is closed.
package final class Interrupter: Sendable {
  // An address rather than the pointer, which is not Sendable; only used under the lock.
  private let address: Locked<UInt>

  fileprivate init(_ handle: OpaquePointer) { address = Locked(UInt(bitPattern: handle)) }

  package func interrupt() {
    address.withLock {
      if let handle = OpaquePointer(bitPattern: $0) { sqlite3_interrupt(handle) }
    }
  }

  fileprivate func forget() { address.withLock { $0 = 0 } }
}
