// The workspace as a file among files: where it is by default, whether what lies there may be
// opened, and who may read it. A workspace holds people and secrets, so nobody but its owner may
// read it: rights that are too open are corrected where we own the file and refused where not.

import Basics
import Glibc

package enum WorkspaceFile {
  /// `$XDG_DATA_HOME/listkeeper/default.listkeeper`; the folder of the specification where the
  /// variable is unset, empty or relative.
  package static func defaultPath(
    environment: (String) -> String? = { name in getenv(name).map { String(cString: $0) } }
  ) -> String {
    if let data = environment("XDG_DATA_HOME"), data.hasPrefix("/") {
      return "\(data)/listkeeper/default.listkeeper"
    }
    let home = environment("HOME").flatMap { $0.isEmpty ? nil : $0 } ?? "."
    return "\(home)/.local/share/listkeeper/default.listkeeper"
  }

  package static func exists(at path: String) -> Bool { access(path, F_OK) == 0 }

  /// Makes the folders above the default workspace, for their owner only. Nothing is made for a
  /// path somebody named: a slip of the pen must not grow folders.
  static func makeParentOfDefault(for path: String) throws(Problem) {
    guard path == defaultPath() else { return }
    var made = ""
    for part in path.split(separator: "/").dropLast() {
      made += "/" + part
      if mkdir(made, 0o700) != 0, errno != EEXIST {
        throw Problem(
          "workspace.no-folder", "The folder \(made) for the workspace cannot be made.",
          remedy: "Correct the rights of the folder above it, or name a file with --workspace.",
          cause: String(cString: strerror(errno)))
      }
    }
  }

  /// The file behind `path`, without links, so that two names of one workspace share one lock.
  static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  /// What stands at `path` before it is opened: a problem where it is no file of ours to open.
  static func check(_ path: String) throws(Problem) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      let cause = String(cString: strerror(errno))
      if errno == ENOENT || errno == ENOTDIR {
        throw Problem(
          "workspace.missing", "There is no workspace \(path).",
          remedy: "Make it with `listkeeper init`, name another with --workspace, or look around "
            + "first with `listkeeper demo`.")
      }
      throw Problem(
        "workspace.cannot-open", "The workspace \(path) cannot be reached.",
        remedy: "Correct the rights of its folder.", cause: cause)
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR:
      throw Problem(
        "workspace.is-folder", "\(path) is a folder, not a workspace.",
        remedy: "Name a file inside it.")
    default:
      throw Problem(
        "workspace.foreign", "\(path) is not a Listkeeper workspace.",
        remedy: "Name another file, or a new one to be made.")
    }
  }

  /// Makes the file and what SQLite put beside it readable by its owner only. A notice says that
  /// this was needed; a file of somebody else that others may read is refused.
  static func closeToOthers(_ path: String) throws(Problem) -> Problem? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & 0o077 != 0 else { return nil }
    let rights = "0" + String(status.st_mode & 0o777, radix: 8)
    guard chmod(path, 0o600) == 0 else {
      throw Problem(
        "workspace.too-open", "Others may read the workspace \(path) (its rights are \(rights)).",
        remedy: "Let its owner run: chmod 600 '\(path)'",
        cause: String(cString: strerror(errno)))
    }
    // There may be none of these; where there is one, the file's owner owns it.
    for beside in ["-wal", "-shm"] { chmod(path + beside, 0o600) }
    return Problem(
      "workspace.rights-corrected",
      "Others could read the workspace \(path) (its rights were \(rights)); now only you can.",
      remedy: "If they should not have, make new API keys.")
  }

  /// SQLite's refusals in the words of a workspace.
  static func problem(_ problem: Problem, at path: String) -> Problem {
    switch problem.code {
    case "sqlite.busy":
      Problem(
        "workspace.locked", "Another program keeps the workspace \(path) locked.",
        remedy: "End the program that holds it, such as an open sqlite3 shell, and try again."
      ).caused(by: problem)
    case "sqlite.readonly":
      Problem(
        "workspace.read-only", "The workspace \(path) cannot be written.",
        remedy: "Correct the rights of the file and of its folder, or name another workspace."
      ).caused(by: problem)
    case "sqlite.cannot-open", "sqlite.permission":
      Problem(
        "workspace.cannot-open", "The workspace \(path) cannot be opened.",
        remedy: "Check that its folder exists and that you may read and write there."
      ).caused(by: problem)
    case "sqlite.corrupt":
      Problem(
        "workspace.damaged", "The workspace \(path) is damaged.",
        remedy: "Put it aside and restore the newest backup with `listkeeper restore`."
      ).caused(by: problem)
    case "sqlite.no-wal":
      Problem(
        "workspace.not-local", "The workspace \(path) cannot keep a write-ahead log.",
        remedy: "Put the file on a local disk."
      ).caused(by: problem)
    default: problem
    }
  }
}
