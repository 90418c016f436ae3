// The engine of this process, where it has one. A console takes the seat when it is free and leaves
// it cleanly; nothing else in the console knows whether the engine is here or elsewhere.

import Basics
import Engine
import Storage

final class EngineSeat: Sendable {
  private let workspace: Workspace
  private let log: DiagnosticLog
  private let seated = Locked<(engine: SyncEngine, listener: ListenerSeat)?>(nil)
  private let isBeingTaken = Locked(false)

  enum State: Sendable, Equatable { case free, beingTaken, taken }

  init(_ workspace: Workspace, log: DiagnosticLog) {
    self.workspace = workspace
    self.log = log
  }

  var state: State {
    if seated.withLock({ $0 != nil }) { return .taken }
    return isBeingTaken.withLock { $0 } ? .beingTaken : .free
  }

  /// Begins to start the engine here, and says so from now on; `done` hears what came of it:
  /// `engine.held` where another process has it.
  func begin(_ done: @escaping @Sendable (Problem?) -> Void) {
    let isFirst = isBeingTaken.withLock { isBeingTaken in
      defer { isBeingTaken = true }
      return !isBeingTaken
    }
    guard isFirst else { return }
    Task.detached { [self] in
      var problem: Problem?
      do throws(Problem) { try await take() } catch { problem = error }
      isBeingTaken.withLock { $0 = false }
      workspace.changes.ring()
      done(problem)
    }
  }

  private func take() async throws(Problem) {
    guard seated.withLock({ $0 == nil }) else { return }
    let made = try SyncEngine(workspace: workspace, log: log, version: CommandTool.version)
    let listener = ListenerSeat(workspace, log: log)
    try await made.start { () async throws(Problem) in
      try await onThread { () throws(Problem) in try listener.open() }
    }
    seated.withLock { $0 = (made, listener) }
    Task.detached { [self] in
      await made.waitUntilStopped()
      // Closing throws nothing.
      _ = try? await onThread { () throws(Problem) in listener.close() }
      seated.withLock { if $0?.engine === made { $0 = nil } }
      workspace.changes.ring()
    }
  }

  /// Ends the engine at a safe point; true when there was one here. Blocks.
  @discardableResult
  func leave() -> Bool {
    let seated = seated.withLock { seated in
      defer { seated = nil }
      return seated
    }
    guard let (engine, listener) = seated else { return false }
    listener.close()
    // Stopping records or gives back what runs, and throws nothing.
    _ = try? waitFor { () throws(Problem) in await engine.stop() }
    return true
  }
}
