// The engine of this process, where it has one. A console takes the seat when it is free and leaves
// it cleanly; nothing else in the console knows whether the engine is here or elsewhere.

import Basics
import Engine
import Storage

final class EngineSeat: Sendable {
  private let workspace: Workspace
  private let log: DiagnosticLog
  private let engine = Locked<(engine: SyncEngine, listener: ListenerSeat)?>(nil)

  init(_ workspace: Workspace, log: DiagnosticLog) {
    self.workspace = workspace
    self.log = log
  }

  var isTaken: Bool { engine.withLock { $0 != nil } }

  /// Starts the engine here; `engine.held` where another process has it.
  func take() async throws(Problem) {
    guard !isTaken else { return }
    let made = try SyncEngine(workspace: workspace, log: log, version: CommandTool.version)
    let listener = ListenerSeat(workspace, log: log)
    try await made.start { () async throws(Problem) in
      try await onThread { () throws(Problem) in try listener.open() }
    }
    engine.withLock { $0 = (made, listener) }
    workspace.changes.ring()
    Task.detached { [self] in
      await made.waitUntilStopped()
      // Closing throws nothing.
      _ = try? await onThread { () throws(Problem) in listener.close() }
      engine.withLock { if $0?.engine === made { $0 = nil } }
      workspace.changes.ring()
    }
  }

  /// Ends the engine at a safe point; true when there was one here. Blocks.
  @discardableResult
  func leave() -> Bool {
    let engine = engine.withLock { engine in
      defer { engine = nil }
      return engine
    }
    guard let (engine, listener) = engine else { return false }
    listener.close()
    // Stopping records or gives back what runs, and throws nothing.
    _ = try? waitFor { () throws(Problem) in await engine.stop() }
    return true
  }
}
