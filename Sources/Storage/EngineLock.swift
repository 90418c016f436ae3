// One engine a workspace. The lock is the kernel's (flock on a file beside the workspace that is
// never removed), so it dies with its process however that ends; the term in the `engine` row
// fences what an engine that lost the lock may still try to write.

import Basics
import Glibc
import SQLite

package final class EngineLock: Sendable {
  /// Higher than that of every engine before.
  package let term: Int64
  private let workspace: Workspace
  private let file: LockFile

  static let suffix = ".lock"

  /// Who holds the lock.
  package struct Holder: Sendable, Equatable {
    /// Nil when the holder had not written it yet.
    package let pid: Int32?

    package var isThisProcess: Bool { pid == getpid() }
  }

  /// Takes the lock and begins a new term; `engine.held` when another engine has it.
  package static func acquire(
    _ workspace: Workspace, version: String
  ) async throws(Problem) -> EngineLock {
    let file = try LockFile(workspace.path + suffix)
    guard file.lock() else {
      let holder = try LockFile.holder(workspace.path + suffix)?.pid
      throw Problem(
        "engine.held",
        "Another engine runs this workspace\(holder.map { " (process \($0))" } ?? "").",
        remedy: "Use that one, or end it first.", fields: ["workspace": workspace.path])
    }
    let pid = getpid()
    file.write("\(pid)\n")
    let term = try await workspace.write(as: "engine") { (tx) throws(Problem) in
      try tx.database.one(
        """
        UPDATE engine SET term = term + 1, pid = ?, version = ?, started_at = ?,
          heartbeat_at = ?, stopped_at = NULL
        RETURNING term
        """, pid, version, tx.now, tx.now
      ) { $0.int64(0) }
    }
    guard let term else {
      throw Problem("workspace.damaged", "The workspace \(workspace.path) has no engine row.")
    }
    return EngineLock(term: term, workspace: workspace, file: file)
  }

  private init(term: Int64, workspace: Workspace, file: LockFile) {
    self.term = term
    self.workspace = workspace
    self.file = file
  }

  /// Heartbeat and fence in one: the first statement of every transaction of an engine. Throws
  /// `engine.lost` when a later engine has begun; the caller then stops.
  package static func fence(term: Int64, on tx: WorkspaceTransaction) throws(Problem) {
    let held = try tx.database.execute(
      "UPDATE engine SET heartbeat_at = ? WHERE id = 1 AND term = ?", tx.now, term)
    if held == 0 {
      throw Problem(
        "engine.lost", "Another engine has taken over this workspace.",
        remedy: "Let that one work; this one stops.", fields: ["term": String(term)])
    }
  }

  package func fence(_ tx: WorkspaceTransaction) throws(Problem) {
    try EngineLock.fence(term: term, on: tx)
  }

  /// Says that the engine stopped and lets the lock go. The lock goes too when this object does.
  package func release() async {
    let term = term
    // A file that can no longer be written must not keep the lock held.
    _ = try? await workspace.write(as: "engine") { (tx) throws(Problem) in
      try tx.database.execute(
        "UPDATE engine SET stopped_at = ?, pid = NULL WHERE term = ?", tx.now, term)
    }
    file.unlock()
  }

  /// Who holds the lock of the workspace at `path`, this process included; nil when nobody does.
  package static func holder(of path: String) throws(Problem) -> Holder? {
    try LockFile.holder(WorkspaceFile.resolved(path) + suffix)
  }
}

/// Keeps every engine away from a workspace while it lives, without beginning a term: for what needs
/// the file to itself.
package final class EngineVacancy: Sendable {
  private let file: LockFile

  /// `engine.running` where an engine runs.
  package init(at path: String) throws(Problem) {
    let lock = WorkspaceFile.resolved(path) + EngineLock.suffix
    file = try LockFile(lock)
    guard file.lock() else {
      let holder = try LockFile.holder(lock)?.pid
      throw Problem(
        "engine.running",
        "An engine runs this workspace\(holder.map { " (process \($0))" } ?? "").",
        remedy: "Quit that console or stop that `listkeeper serve` first.",
        fields: ["workspace": path])
    }
  }

  package func end() { file.unlock() }
}

/// The file beside the workspace that carries the lock and, for people and viewers, a process id.
private final class LockFile: Sendable {
  private let descriptor: Int32

  init(_ path: String) throws(Problem) {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    if descriptor < 0 {
      throw Problem(
        "engine.no-lock", "The lock \(path) cannot be opened.",
        remedy: "Correct the rights of the workspace's folder.",
        cause: String(cString: strerror(errno)))
    }
  }

  deinit {
    // A child between fork and exec has a copy of the descriptor, and would keep the lock.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  /// A viewer that looks holds the lock for an instant, hence more than one try.
  func lock() -> Bool {
    for attempt in 0..<5 {
      if attempt > 0 { usleep(2000) }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
    }
    return false
  }

  func unlock() {
    ftruncate(descriptor, 0)
    flock(descriptor, LOCK_UN)
  }

  func write(_ text: String) {
    ftruncate(descriptor, 0)
    _ = pwrite(descriptor, text, text.utf8.count, 0)
  }

  static func holder(_ path: String) throws(Problem) -> EngineLock.Holder? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 {
      if errno == ENOENT { return nil }
      throw Problem(
        "engine.no-lock", "The lock \(path) cannot be opened.",
        remedy: "Correct the rights of the workspace's folder.",
        cause: String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    if flock(descriptor, LOCK_SH | LOCK_NB) == 0 { return nil }
    var buffer = [UInt8](repeating: 0, count: 32)
    let count = max(0, pread(descriptor, &buffer, buffer.count, 0))
    let digits = buffer[..<count].prefix { (48...57).contains($0) }
    return EngineLock.Holder(pid: Int32(String(decoding: digits, as: UTF8.self)))
  }
}
