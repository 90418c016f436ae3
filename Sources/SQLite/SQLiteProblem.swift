// SQLite's result codes as problems. The text SQLite gives becomes the cause, and never carries a
// value that was bound: the few run-time messages that quote one (FTS5, JSON paths) are cut.

import Basics
import CSQLite

extension Problem {
  /// What went wrong on `database`, whose file is `path`; `sql` is named only where it is at fault.
  static func sqlite(
    _ result: Int32, on database: OpaquePointer?, path: String, sql: String? = nil,
    preparing: Bool = false
  ) -> Problem {
    // Some calls report only the primary code; the connection then knows the extended one.
    let known = database.map { sqlite3_extended_errcode($0) } ?? result
    let extended = known & 0xFF == result & 0xFF ? known : result
    var message =
      database.map { String(cString: sqlite3_errmsg($0)) }
      ?? String(cString: sqlite3_errstr(result))
    if result & 0xFF == SQLITE_ERROR, !preparing { message = withoutQuoted(message) }
    let (code, sentence, remedy) = words(for: extended, path: path)
    var fields = ["result": String(extended)]
    if extended & 0xFF == SQLITE_CONSTRAINT { fields["constraint"] = constraint(extended) }
    if let sql, [SQLITE_ERROR, SQLITE_RANGE, SQLITE_MISMATCH].contains(extended & 0xFF) {
      fields["statement"] = String(sql.prefix(200))
    }
    return Problem(code, sentence, remedy: remedy, fields: fields, cause: message)
  }

  private static func words(for result: Int32, path: String) -> (String, String, String) {
    switch result & 0xFF {
    case SQLITE_BUSY, SQLITE_LOCKED:
      (
        "sqlite.busy", "\(path) is busy: something else kept it locked for too long.",
        "Try again; if it stays, end the program that holds the file."
      )
    case SQLITE_CONSTRAINT:
      ("sqlite.constraint", "A rule of the file \(path) refused the change.", "")
    case SQLITE_CORRUPT:
      (
        "sqlite.corrupt", "\(path) is damaged.",
        "Put it aside and restore the newest backup."
      )
    case SQLITE_NOTADB:
      (
        "sqlite.not-a-database", "\(path) is not a SQLite database.",
        "Name another file."
      )
    case SQLITE_READONLY:
      (
        "sqlite.readonly", "\(path) cannot be written.",
        "Correct the rights of the file and of its folder, or use another file."
      )
    case SQLITE_FULL:
      ("sqlite.full", "The disk that holds \(path) is full.", "Make room, then try again.")
    case SQLITE_CANTOPEN:
      (
        "sqlite.cannot-open", "\(path) cannot be opened.",
        "Check that its folder exists and that you may read and write there."
      )
    case SQLITE_PERM, SQLITE_AUTH:
      ("sqlite.permission", "You may not use \(path).", "Correct the rights of the file.")
    case SQLITE_IOERR:
      (
        "sqlite.io", "Reading or writing \(path) did not work.",
        "Check the disk, and that the file is on a local one."
      )
    case SQLITE_INTERRUPT:
      ("sqlite.interrupted", "The statement on \(path) was interrupted.", "")
    case SQLITE_TOOBIG:
      ("sqlite.too-big", "A value is larger than \(path) can hold.", "Shorten it.")
    case SQLITE_NOMEM:
      ("sqlite.no-memory", "There is not enough memory to work on \(path).", "Free some memory.")
    default:
      (
        "sqlite.statement", "A statement on \(path) is wrong.",
        "Send the diagnostic log to the developers."
      )
    }
  }

  private static func constraint(_ extended: Int32) -> String {
    // The values of sqlite3.h, whose macros Swift cannot see.
    switch extended >> 8 {
    case 1: "check"
    case 3: "foreign-key"
    case 5: "not-null"
    case 6: "primary-key"
    case 7: "trigger"
    case 8: "unique"
    case 10: "row-id"
    case 12: "type"
    default: "other"
    }
  }

  /// Cuts what a run-time message quotes, which may be a search term or a path that was bound.
  private static func withoutQuoted(_ message: String) -> String {
    if message.hasPrefix("no such column: ") { return "no such column" }
    guard let quote = message.firstIndex(where: { "\"'`".contains($0) }) else { return message }
    return message[..<quote] + "…"
  }
}
