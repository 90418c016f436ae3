// `sync`, `pause`, `enable` and `plans`: what is asked of the engine, and how it ended.

import Basics
import Domain
import Storage

enum SyncCommands {
  private static let resync = Command.Option.flag(
    "resync", "Compare everyone with the audience, not only those who changed.")
  private static let dryRun = Command.Option.flag(
    "dry-run", "Only make the plan, to look at with `listkeeper plans show`.")
  private static let approve = Command.Option.value(
    "approve", "PLAN",
    "Carry out this plan of a sync; `latest` is the newest that waits, and where none waits, sync"
      + " without holding the first plan.")
  private static let wait = Command.Option.flag(
    "wait", "Wait until it is done, and print what came of it.")

  static let sync = CommandGroup(
    Command(
      "sync", "Send what changed, now", options: [resync, dryRun, approve, wait],
      notes: """
        Where no engine runs, this command runs one until the sync is done; else it asks the one \
        that runs, and returns at once unless --wait is given. The first sync of an audience is \
        held for a look: it ends with exit code 3 and says how to look at the plan and approve it.
        """,
      shape: """
        {"execution": EXECUTION, "plan": PLAN or null}, or {"requested": true}
        where nothing is waited for; EXECUTION is as in `executions list`
        and PLAN as in `plans list`.
        """
    ) { (run) throws(Problem) in
      try run.withWorkspace { (workspace) throws(Problem) in
        try checkReady(workspace, run)
        let request = try request(run, workspace)
        return try carryOut(
          request, waits: run.has(wait), approvesHeld: run[approve] == "latest", run, workspace)
      }
    })

  private static func request(
    _ run: CommandRun, _ workspace: Workspace
  ) throws(Problem) -> Request {
    let plan = run[approve]
    if run.has(dryRun), run.has(resync) || plan != nil {
      throw Problem(
        "usage.contradiction", "--dry-run goes alone.",
        remedy: "Leave --resync and --approve away: a dry run looks at everyone.")
    }
    if run.has(dryRun) { return .dryRun }
    guard let plan else {
      return run.has(resync) ? .resync(approve: false) : .forceSync(approve: false)
    }
    if let waiting = try PlanCommands.named(plan, of: PlanKind.ofSync, run, workspace) {
      return .approvePlan(waiting.id)
    }
    return run.has(resync) ? .resync(approve: true) : .forceSync(approve: true)
  }

  /// Refuses what can only wait for ever.
  static func checkReady(_ workspace: Workspace, _ run: CommandRun) throws(Problem) {
    let (settings, record) = try workspace.readBlocking { (reading) throws(Problem) in
      (try reading.settings.values(), try reading.engine.record())
    }
    if !settings.isSet(Settings.key) { throw Problem.noKey }
    if !settings.isSet(Settings.audience) { throw Problem.noAudience }
    if record.isPaused {
      throw Problem(
        "engine.paused", "Everything is paused.", remedy: "Go on with: \(run.program) enable")
    }
  }

  /// Asks, follows where that is wanted, prints and says how it ended.
  static func carryOut(
    _ request: Request, waits: Bool, approvesHeld: Bool = false, _ run: CommandRun,
    _ workspace: Workspace
  ) throws(Problem) -> ExitCode {
    var endings = try follow([request], waits: waits, run, workspace)
    // It joined a sync that was asked for without approval, and that one was held.
    if approvesHeld, case .execution(let execution)? = endings.first, execution.status == .held,
      let plan = execution.plan
    {
      endings = try follow([.approvePlan(plan)], waits: waits, run, workspace)
    }
    guard let ending = endings.first else { return .done }
    guard case .execution(let execution) = ending else { return try say(ending, run) }
    let plan = try plan(of: execution, workspace)
    run.report([
      "execution": JSONShape.execution(execution),
      "plan": plan.map { JSONShape.plan($0) } ?? .null,
    ]) { run.output.lines(lines(execution, plan, run)) }
    return exitCode(execution)
  }

  /// The same for several requests at once; the gravest ending counts.
  static func carryOut(
    all requests: [Request], waits: Bool, _ run: CommandRun, _ workspace: Workspace
  ) throws(Problem) -> ExitCode {
    let endings = try follow(requests, waits: waits, run, workspace)
    var executions: [Execution] = []
    for ending in endings {
      guard case .execution(let execution) = ending else { return try say(ending, run) }
      if !executions.contains(where: { $0.id == execution.id }) { executions.append(execution) }
    }
    let plans = try executions.map { (execution) throws(Problem) in
      try plan(of: execution, workspace)
    }
    run.report(["executions": .array(executions.map { JSONShape.execution($0) })]) {
      for (execution, plan) in zip(executions, plans) {
        run.output.lines(lines(execution, plan, run))
      }
    }
    return executions.map { exitCode($0) }.first { $0 != .done } ?? .done
  }

  static func follow(
    _ requests: [Request], waits: Bool, _ run: CommandRun, _ workspace: Workspace
  ) throws(Problem) -> [EngineHost.Ending] {
    let host = EngineHost(workspace: workspace, context: run.context, log: try run.log())
    let errors = run.context.errors
    defer { errors.endProgress() }
    return try host.carryOut(requests, waits: waits) { execution in
      let total = execution.total.map { " of \(Phrase.number($0))" } ?? ""
      errors.progress("Execution \(execution.id): \(Phrase.number(execution.done))\(total) people")
    }
  }

  /// Endings that are no execution.
  static func say(
    _ ending: EngineHost.Ending, _ run: CommandRun
  ) throws(Problem) -> ExitCode {
    switch ending {
    case .handedOver:
      run.done(
        "The engine that runs was asked. See: \(run.program) executions list",
        ["requested": true])
    case .answered, .execution: run.done("Done.")
    case .interrupted(let execution):
      let what = execution.map { "Execution \($0)" } ?? "The request"
      throw Problem(
        "sync.interrupted", "\(what) was left at a safe point.",
        remedy: "It goes on when an engine runs: \(run.program) sync --wait")
    case .blocked(let problem, let execution):
      var problem = problem
      problem.fields["execution"] = String(execution.id.rawValue)
      throw problem
    }
    return .done
  }

  private static func plan(
    of execution: Execution, _ workspace: Workspace
  ) throws(Problem) -> PlanSummary? {
    guard let id = execution.plan else { return nil }
    return try workspace.readBlocking { (reading) throws(Problem) in try reading.plans.plan(id) }
  }

  private static func lines(
    _ execution: Execution, _ plan: PlanSummary?, _ run: CommandRun
  ) -> [String] {
    let took = execution.tookMilliseconds.map { " in \(Phrase.duration(milliseconds: $0))" } ?? ""
    let end = execution.status == .held ? "." : "\(took): \(Phrase.counts(execution.counts))"
    var lines = ["Execution \(execution.id) \(execution.status.rawValue)\(end)"]
    if let problem = execution.problem { lines.append(problem.description) }
    if let plan, plan.status == .held || plan.status == .ready {
      if !plan.reason.isEmpty { lines.append(plan.reason) }
      lines.append("Plan \(plan.id) (\(plan.kind.rawValue)): \(Phrase.counts(plan.counts))")
      let number = plan.id.rawValue
      lines.append("  look at it:  \(run.program) plans show \(number)")
      if plan.status == .held {
        lines.append("  approve it:  \(run.program) plans approve \(number)")
        lines.append("  discard it:  \(run.program) plans discard \(number)")
      }
    } else if execution.counts.refused > 0 || execution.status == .failed {
      lines.append("  see why:  \(run.program) executions show \(execution.id.rawValue)")
    }
    return lines
  }

  static func exitCode(_ execution: Execution) -> ExitCode {
    switch execution.status {
    case .held: .held
    case .succeeded, .waiting, .running: .done
    case .partial, .cancelled: .failed
    case .failed: execution.problem.map { ExitCode.of($0) } ?? .failed
    }
  }

  /// Has requests answered that decide something; what follows from them is not waited for.
  static func ask(
    _ requests: [Request], _ run: CommandRun, _ workspace: Workspace
  ) throws(Problem) -> ExitCode {
    let host = EngineHost(workspace: workspace, context: run.context, log: try run.log())
    let isRunning = try host.ask(requests)
    run.done(
      isRunning
        ? "The engine was asked."
        : "Done; what is to be sent leaves when an engine runs: \(run.program) sync, or serve.",
      ["requested": true, "count": .int(Int64(requests.count))])
    return .done
  }

  // MARK: Pausing

  static let pause = CommandGroup(
    Command(
      "pause", "Stop all sending and taking; what happens meanwhile waits",
      shape: #"{"done": true}"#
    ) { (run) throws(Problem) in
      try setPaused(true, run)
      run.done("Paused. Go on with: \(run.program) enable")
      return .done
    })

  static let enable = CommandGroup(
    Command("enable", "Go on after a pause", shape: #"{"done": true}"#) { (run) throws(Problem) in
      try setPaused(false, run)
      run.done("Enabled.")
      return .done
    })

  private static func setPaused(_ isPaused: Bool, _ run: CommandRun) throws(Problem) {
    try run.withWorkspace { (workspace) throws(Problem) in
      let user = run.context.user
      // Without an engine the row says it at once; the request tells the one that runs.
      try workspace.writeBlocking(as: user) { (tx) throws(Problem) in
        try tx.engine.setPaused(isPaused)
        try tx.requests.insert(isPaused ? .pause : .enable)
      }
    }
  }
}

extension CommandRun {
  /// How to call this program for the same workspace, for sentences that say what to run.
  var program: String {
    guard let path = self[.workspace] else { return "listkeeper" }
    return "listkeeper --workspace \(Text.shellWord(path))"
  }
}
