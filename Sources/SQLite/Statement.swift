// One prepared statement of one connection, kept for its next use. Whoever borrows it from the
// connection's cache gives it back reset and without values, so no cursor outlives its closure.

import Basics
import CSQLite

final class Statement {
  let handle: OpaquePointer
  let sql: String
  private unowned let connection: Connection
  /// True while a closure reads its rows; a second use of the same text then prepares another.
  var isBorrowed = false

  init(_ handle: OpaquePointer, sql: String, of connection: Connection) {
    self.handle = handle
    self.sql = sql
    self.connection = connection
  }

  /// Called by the connection; a statement must not outlive it.
  func finish() { sqlite3_finalize(handle) }

  func bind(_ values: Bindings) throws(Problem) {
    let expected = Int(sqlite3_bind_parameter_count(handle))
    guard expected == values.count else {
      throw Problem(
        "sqlite.statement",
        "A statement on \(connection.path) takes \(expected) values and got \(values.count).",
        remedy: "Send the diagnostic log to the developers.",
        fields: ["statement": String(sql.prefix(200))])
    }
    for (place, value) in values.enumerated() {
      let result = bind(value?.sqliteValue ?? .null, at: Int32(place + 1))
      if result != SQLITE_OK { throw connection.problem(result, sql: sql) }
    }
  }

  /// True when it stands on a row, false when it is done.
  func step() throws(Problem) -> Bool {
    switch sqlite3_step(handle) {
    case SQLITE_ROW: true
    case SQLITE_DONE: false
    case let result: throw connection.problem(result, sql: sql)
    }
  }

  /// Forgets the cursor and the values; the outcome of the last step is already known.
  func reset() {
    sqlite3_reset(handle)
    sqlite3_clear_bindings(handle)
  }

  private func bind(_ value: SQLiteValue, at index: Int32) -> Int32 {
    switch value {
    case .null: return sqlite3_bind_null(handle, index)
    case .integer(let number): return sqlite3_bind_int64(handle, index, number)
    case .real(let number): return sqlite3_bind_double(handle, index, number)
    case .text(var text):
      return text.withUTF8 {
        lk_sqlite_bind_text(handle, index, $0.baseAddress, sqlite3_uint64($0.count))
      }
    case .blob(let bytes):
      return bytes.withUnsafeBytes {
        lk_sqlite_bind_blob(handle, index, $0.baseAddress, sqlite3_uint64($0.count))
      }
    }
  }
}
