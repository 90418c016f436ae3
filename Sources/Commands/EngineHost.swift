// Somebody has to do what is asked: the engine that runs already, wherever it runs, or one in this
// process for as long as it takes. Everything goes through the workspace's requests either way.

import Basics
import Domain
import Engine
import Storage

/// Asks the engine for something and follows it to its end.
struct EngineHost {
  let workspace: Workspace
  let context: CommandContext
  let log: DiagnosticLog

  /// How far a request came.
  enum Ending: Equatable {
    /// The engine of another process took it over; nobody waited.
    case handedOver
    /// Done, with nothing to follow.
    case answered
    case execution(Execution)
    /// It waits for something that hits everyone.
    case blocked(Problem, Execution)
    /// Somebody wanted to end before it was over.
    case interrupted(ExecutionID?)
  }

  /// The engine of another process, if one runs.
  var isElsewhere: Bool {
    get throws(Problem) {
      try EngineLock.holder(of: workspace.path).map { !$0.isThisProcess } ?? false
    }
  }

  /// Writes the requests and sees to it that an engine takes them; one ending for each. Without
  /// `waits` an engine that already runs is left alone with them.
  func carryOut(
    _ requests: [Request], waits: Bool, progress: (Execution) -> Void
  ) throws(Problem) -> [Ending] {
    let user = context.user
    let (ids, askedAt) = try workspace.writeBlocking(as: user) { (tx) throws(Problem) in
      (try requests.map { (request) throws(Problem) in try tx.requests.insert(request) }, tx.now)
    }
    if !waits, try isElsewhere {
      try hear(ids)
      return requests.map { _ in .handedOver }
    }
    try context.stop.listen()
    let wakeup = try Wakeup()
    workspace.changes.register(wakeup)
    defer { workspace.changes.unregister(wakeup) }
    let watch = try ChangeWatch(workspace)
    defer { withExtendedLifetime(watch) {} }
    var engine: SyncEngine?
    defer {
      if let engine { stop(engine) }
    }
    while true {
      if engine == nil, try EngineLock.holder(of: workspace.path) == nil { engine = try start() }
      let seen = try workspace.readBlocking { (reading) throws(Problem) in
        try ids.map { (id) throws(Problem) in try Seen(id, in: reading) }
      }
      let endings = try seen.map { (seen) throws(Problem) in try seen.ending(since: askedAt) }
      let ended = endings.compactMap { $0 }
      // The engine that runs for this alone also tells Mailchimp what follows for tags.
      if ended.count == requests.count {
        if engine == nil { return ended }
        if try isSettled { return ended }
      }
      if let execution = seen.lazy.compactMap(\.execution).last { progress(execution) }
      guard context.stop.wait(for: [wakeup]) else {
        return zip(seen, endings).map { $1 ?? .interrupted($0.execution?.id) }
      }
    }
  }

  /// Writes requests and has them answered: by the engine that runs, or, where none does, at once and
  /// without one. True when an engine runs, which also does what follows.
  func ask(_ requests: [Request]) throws(Problem) -> Bool {
    let user = context.user
    let ids = try workspace.writeBlocking(as: user) { (tx) throws(Problem) in
      try requests.map { (request) throws(Problem) in try tx.requests.insert(request) }
    }
    let isAnswered = try EngineLock.holder(of: workspace.path) == nil ? answer() : false
    try hear(ids)
    return !isAnswered
  }

  /// False when an engine was quicker.
  private func answer() throws(Problem) -> Bool {
    let workspace = workspace
    do throws(Problem) {
      try waitFor { () throws(Problem) in
        try await RequestDesk.answer(workspace, version: CommandTool.version)
      }
      return true
    } catch {
      if error.code == "engine.held" { return false }
      throw error
    }
  }

  /// Throws what an engine refuses. One that does not answer in time has the requests all the same.
  private func hear(_ ids: [RequestID]) throws(Problem) {
    let wakeup = try Wakeup()
    workspace.changes.register(wakeup)
    defer { workspace.changes.unregister(wakeup) }
    let watch = try ChangeWatch(workspace)
    defer { withExtendedLifetime(watch) {} }
    let latest = workspace.time.now() + Self.hearing
    while true {
      let answers = try workspace.readBlocking { (reading) throws(Problem) in
        try ids.map { (id) throws(Problem) in try reading.requests.answer(to: id) ?? .done(nil) }
      }
      let left = latest - workspace.time.now()
      guard answers.contains(.waiting), left > .zero,
        context.stop.wait(for: [wakeup], timeout: left)
      else { return try refuse(answers) }
    }
  }

  /// Of several that were refused the first is told, and how many they are: the others hold.
  private func refuse(_ answers: [RequestAnswer]) throws(Problem) {
    let refused = answers.compactMap { if case .refused(let problem) = $0 { problem } else { nil } }
    guard var problem = refused.first else { return }
    if answers.count > 1 {
      let were = refused.count == 1 ? "was" : "were"
      problem.sentence =
        "\(refused.count) of \(answers.count) \(were) refused: \(problem.sentence)"
      problem.fields["refused"] = String(refused.count)
    }
    throw problem
  }

  /// An engine that is well answers within milliseconds.
  private static let hearing = Duration.seconds(5)

  private var isSettled: Bool {
    get throws(Problem) {
      try workspace.readBlocking { (reading) throws(Problem) in
        try reading.reports.areTagsSettled()
      }
    }
  }

  /// Nil when another process was quicker.
  private func start() throws(Problem) -> SyncEngine? {
    let (workspace, log) = (workspace, log)
    let engine = try SyncEngine(workspace: workspace, log: log, version: CommandTool.version)
    do throws(Problem) {
      try waitFor { () throws(Problem) in try await engine.start() }
      return engine
    } catch {
      if error.code == "engine.held" { return nil }
      throw error
    }
  }

  private func stop(_ engine: SyncEngine) {
    // Stopping ends what runs at a safe point and throws nothing.
    _ = try? waitFor { () throws(Problem) in await engine.stop() }
  }

  /// The state of a request, in one reading.
  private struct Seen: Sendable {
    var answer: RequestAnswer?
    var execution: Execution?

    init(_ id: RequestID, in reading: WorkspaceReading) throws(Problem) {
      answer = try reading.requests.answer(to: id)
      if case .done(let followed?) = answer {
        execution = try reading.executions.execution(followed)
      }
    }

    func ending(since askedAt: Instant) throws(Problem) -> Ending? {
      switch answer {
      case nil, .waiting: return nil
      case .refused(let problem): throw problem
      case .done(nil): return .answered
      case .done: break
      }
      guard let execution else { return .answered }
      if execution.status.isFinished || execution.status == .held {
        return .execution(execution)
      }
      // What blocked it before this was asked may be mended by now.
      if execution.status == .waiting, let problem = execution.problem,
        let blockedAt = execution.heartbeatAt, blockedAt >= askedAt
      {
        return .blocked(problem, execution)
      }
      return nil
    }
  }
}
