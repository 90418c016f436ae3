// A copy of the whole database as it was at one moment, made while others go on writing. It appears
// under its name only when it is complete, whole and on disk; a backup replaces a file only where
// that was asked for.

import Basics
import CSQLite
import Glibc

extension Connection {
  /// Copies this database to `destination`, one file by itself, readable by its owner only.
  package func backup(to destination: String, replacing: Bool = false) throws(Problem) {
    guard replacing || access(destination, F_OK) != 0 else {
      throw Problem(
        "sqlite.backup-exists", "There is already a file \(destination).",
        remedy: "Name another file, or remove that one.")
    }
    let unfinished = destination + ".part"
    // One left by a backup that was cut off; SQLite would add to it.
    unlink(unfinished)
    do throws(Problem) {
      let copy = try Connection(path: unfinished, mode: .readWriteCreate, keepingJournal: true)
      try copyPages(to: copy)
      try copy.script("PRAGMA journal_mode=DELETE")
      try copy.checkIntegrity()
    } catch {
      unlink(unfinished)
      throw error
    }
    guard rename(unfinished, destination) == 0 else {
      let cause = String(cString: strerror(errno))
      unlink(unfinished)
      throw Problem(
        "sqlite.backup-not-named", "The backup could not be given the name \(destination).",
        remedy: "Name another file.", cause: cause)
    }
  }

  /// Makes `destination` what this database is, in one transaction that others see as any other.
  package func overwrite(_ destination: Connection) throws(Problem) {
    try copyPages(to: destination)
  }

  /// Reads the whole file; `sqlite.not-whole` where something in it does not fit.
  package func checkIntegrity() throws(Problem) {
    let first = try one("PRAGMA integrity_check(1)") { $0.text(0) } ?? ""
    guard first == "ok" else {
      throw Problem(
        "sqlite.not-whole", "The database \(path) is not whole.",
        remedy: "Run `listkeeper doctor` on the workspace it comes from.", cause: first)
    }
  }

  private func copyPages(to copy: Connection) throws(Problem) {
    guard let backup = sqlite3_backup_init(copy.handle, "main", handle, "main") else {
      throw copy.problem(sqlite3_errcode(copy.handle))
    }
    var result = sqlite3_backup_step(backup, -1)
    var attempts = 0
    while [SQLITE_BUSY, SQLITE_LOCKED].contains(result & 0xFF), attempts < 50 {
      attempts += 1
      sqlite3_sleep(100)
      result = sqlite3_backup_step(backup, -1)
    }
    // Finish reports what step met, unless that was only a lock.
    let finished = sqlite3_backup_finish(backup)
    if finished != SQLITE_OK { throw copy.problem(finished) }
    if result != SQLITE_DONE { throw Problem.sqlite(result, on: nil, path: path) }
  }
}
