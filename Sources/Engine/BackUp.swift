// A scheduled backup: a copy of the workspace into a folder, of which the last few stay. It needs no
// Mailchimp, so it runs while everything else is blocked. Only files named as ours of this very
// workspace are ever removed.

import Basics
import Domain
import Foundation
import Queue
import Storage

/// What is to be copied where.
struct BackupWork: Sendable, Equatable {
  var execution: ExecutionID
  var folder: String
  var keeps: Int

  func message(at now: Instant) -> NewMessage {
    let body: JSONValue = [
      "execution": .int(execution.rawValue), "folder": .string(folder), "keeps": .int(Int64(keeps)),
    ]
    return NewMessage(
      kind: MessageKind.backup.rawValue, subject: "backup:\(execution.rawValue)",
      body: body.description, priority: 6, runAt: now)
  }

  init(execution: ExecutionID, folder: String, keeps: Int) {
    self.execution = execution
    self.folder = folder
    self.keeps = keeps
  }

  init(_ message: Message) throws(Problem) {
    let body = try JSONValue.parse(message.body)
    guard let id = body["execution"]?.int, let folder = body["folder"]?.string,
      let keeps = body["keeps"]?.int
    else { throw Problem("queue.bad-message", "A backup's message does not say where to.") }
    self.init(execution: ExecutionID(id), folder: folder, keeps: max(1, Int(keeps)))
  }
}

struct BackUp: Sendable {
  static let step = "Back up"

  func handle(_ messages: [Message], in workspace: Workspace) async -> Outcome {
    var outcome = Outcome()
    for message in messages {
      do throws(Problem) {
        let work = try BackupWork(message)
        let (copy, removed) = try await onThread { () throws(Problem) in
          let folder = try BackupFolder(work.folder, of: workspace)
          let copy = try workspace.backUp(to: folder.path(at: workspace.time.now()))
          return (copy, try folder.keep(work.keeps))
        }
        outcome.step = StepReport(
          Self.step, .succeeded,
          output: [
            "file": .string(copy.path), "bytes": .int(copy.bytes),
            "removed": .array(removed.map { .string($0) }),
          ])
      } catch {
        outcome.fates[message.id] = .dead(error)
        outcome.log.append(LogLine(at: workspace.time.now(), .error, error.description))
        outcome.step = StepReport(Self.step, .failed)
      }
    }
    return outcome
  }

  /// Copying a file blocks: not on a thread of the pool.
  private func onThread<Value: Sendable>(
    _ work: @escaping @Sendable () throws(Problem) -> Value
  ) async throws(Problem) -> Value {
    let result: Result<Value, Problem> = await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(returning: Result { () throws(Problem) in try work() })
      }
    }
    return try result.get()
  }
}

/// Where the backups of one workspace lie: `NAME-ID-20261121T023000Z.backup`. The id tells apart
/// workspaces of one name.
struct BackupFolder: Sendable {
  let folder: String
  private let stem: String

  init(_ folder: String, of workspace: Workspace) throws(Problem) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue
    else {
      throw Problem(
        "backup.no-folder", "There is no folder \(folder) for the backup.",
        remedy: "Make it, or give the schedule another one.", fields: ["field": "folder"])
    }
    self.folder = folder
    let name = workspace.path.split(separator: "/").last.map(String.init) ?? "workspace"
    let plain = name.hasSuffix(".listkeeper") ? String(name.dropLast(11)) : name
    stem = "\(plain)-\(try workspace.fingerprint())-"
  }

  func path(at now: Instant) -> String {
    let stamp = "\(now)".prefix(19).filter { $0 != "-" && $0 != ":" }
    return "\(folder)/\(stem)\(stamp)Z.backup"
  }

  /// Removes all but the newest `count`; returns the paths of those that went.
  func keep(_ count: Int) throws(Problem) -> [String] {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder)
    } catch {
      throw Problem(
        "backup.unreadable-folder", "The folder \(folder) cannot be read.",
        remedy: "Correct its rights, so that old backups can be removed.",
        cause: String(describing: error))
    }
    var removed: [String] = []
    for name in names.filter(isOurs).sorted().dropLast(count) {
      let path = "\(folder)/\(name)"
      guard unlink(path) == 0 else {
        throw Problem(
          "backup.not-removed", "The old backup \(path) cannot be removed.",
          remedy: "Correct the rights of the folder.", cause: String(cString: strerror(errno)))
      }
      removed.append(path)
    }
    return removed
  }

  private func isOurs(_ name: String) -> Bool {
    guard name.hasPrefix(stem), name.hasSuffix("Z.backup") else { return false }
    let stamp = name.dropFirst(stem.count).dropLast(8)
    return stamp.count == 15 && stamp.allSatisfy { $0 == "T" || ("0"..."9").contains($0) }
  }
}
