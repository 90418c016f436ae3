// A copy of a workspace beside its life: whole, consistent, and proved to open again, while engine
// and consoles go on.

import Basics
import Glibc
import SQLite

/// A backup that was made.
package struct WorkspaceCopy: Sendable, Equatable {
  package let path: String
  package let bytes: Int64
}

extension Workspace {
  /// Copies the workspace to `path`, readable by its owner only. Blocks. Refuses a path that is
  /// taken, unless `replacing`, and always that of the workspace itself.
  package func backUp(to path: String, replacing: Bool = false) throws(Problem) -> WorkspaceCopy {
    if WorkspaceFile.resolved(path) == self.path {
      throw Problem(
        "backup.onto-itself", "\(path) is the workspace itself.", remedy: "Name another file.")
    }
    do throws(Problem) {
      try Connection(path: self.path, mode: .readOnly, keepingJournal: true)
        .backup(to: path, replacing: replacing)
    } catch {
      throw WorkspaceFile.backupProblem(error, at: path)
    }
    // A copy counts once it has been opened as what it is.
    _ = try Schema.migrator(time: time).open(path: path, mode: .readOnly)
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw Problem(
        "backup.vanished", "The backup \(path) is not there any more.",
        remedy: "Back up to a folder that nobody empties.",
        cause: String(cString: strerror(errno)))
    }
    return WorkspaceCopy(path: path, bytes: Int64(status.st_size))
  }

  /// Six letters that tell this workspace, and every copy of it, from others.
  package func fingerprint() throws(Problem) -> String {
    try readBlocking { (reading) throws(Problem) in
      let key = try reading.database.one("SELECT hash_key FROM workspace") { $0.blob(0) } ?? []
      return String(Digest.hex(Digest.sha256(Array("fingerprint".utf8) + key)).prefix(6))
    }
  }
}

extension Schema {
  static func migrator(time: any TimeSource) -> Migrator {
    Migrator(applicationID: applicationID, migrations: migrations, time: time)
  }
}

extension WorkspaceFile {
  /// SQLite's refusals in the words of a backup.
  static func backupProblem(_ problem: Problem, at path: String) -> Problem {
    switch problem.code {
    case "sqlite.backup-exists":
      Problem(
        "backup.exists", "There is already a file \(path).",
        remedy: "Name another file, or replace that one with --force.")
    case "sqlite.cannot-open", "sqlite.permission", "sqlite.readonly":
      Problem(
        "backup.cannot-write", "The backup \(path) cannot be written.",
        remedy: "Check that its folder exists and that you may write there."
      ).caused(by: problem)
    default: problem
    }
  }
}
