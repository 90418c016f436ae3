// No command: the console. It hosts the engine where the workspace has none, and is a viewer with
// full function otherwise. Whatever ends it, the terminal is given back first and the engine ends at
// a safe point after that.

import Basics
import Console
import Curses
import Domain
import Screen
import Storage

enum ConsoleCommand {
  static let command = Command("console", "Open the console") { (run) throws(Problem) in
    if run.json {
      throw Problem(
        "usage.no-json", "The console prints no JSON.",
        remedy: "Name a command, such as `listkeeper status --json`.")
    }
    let workspace = try open(run)
    defer { workspace.close() }
    if let name = run[.plain] {
      try printPlain(name, workspace, run)
      return .done
    }
    try show(workspace, run)
    return .done
  }

  /// The workspace that was named has to be there; the default one is made where it is missing.
  private static func open(_ run: CommandRun) throws(Problem) -> Workspace {
    let path = run.workspacePath
    if run[.workspace] == nil, run[.plain] == nil, !run.has(.readOnly),
      !WorkspaceFile.exists(at: path)
    {
      return try Workspace.create(at: path, time: run.context.time)
    }
    return try Workspace.open(at: path, time: run.context.time)
  }

  /// Opens the console on `workspace` and returns when it was left.
  static func show(
    _ workspace: Workspace, _ run: CommandRun, isPractice: Bool = false
  ) throws(Problem) {
    let context = run.context
    let log = try diagnosticLog(run)
    var options = CursesTerminal.Options(environment: [:], diagnosticDescriptor: log.fileDescriptor)
    for name in ["TERM", "NO_COLOR", "ESCDELAY", "COLORTERM", "TMUX"] {
      options.environment[name] = context.environment(name)
    }
    // What was practised is thrown away, and so is where one stood in it.
    let memoryFile =
      isPractice ? nil : MemoryFile(of: workspace.path, environment: context.environment)
    let remembered = memoryFile?.read() ?? ConsoleMemory()
    options.capturesMouse = remembered.capturesMouse
    let terminal = try CursesTerminal(options, time: context.time)
    defer { terminal.close() }
    var world = World(size: terminal.traits.size, now: context.time.now())
    world.capabilities.hasColour = terminal.traits.depth > .mono
    world.version = CommandTool.version
    world.path = workspace.path
    world.isPractice = isPractice
    world.isReadOnly = run.has(.readOnly)
    world.capabilities.plainTerminal = isPlain(context.environment)
    let seat = EngineSeat(workspace, log: log)
    let services = try ConsoleServices(workspace, seat: seat, user: context.user, world: world)
    defer { services.close() }
    let watch = try ChangeWatch(workspace)
    defer { withExtendedLifetime(watch) {} }
    if !world.isReadOnly {
      seat.begin { problem in
        // Where another process has the engine this console is a viewer, and its first row says so.
        if let problem, problem.code != "engine.held" { log.problem(.error, problem) }
      }
    }
    var session = ConsoleSession(world: world)
    session.recall(remembered)
    var loop = try ConsoleLoop(
      terminal: terminal, services: services, session: session,
      own: OwnLook(environment: context.environment), time: context.time)
    loop.run()
    terminal.close()
    memoryFile?.write(loop.session.memory)
    let wasHere = seat.leave()
    if wasHere, !isPractice { try sayWhatStopped(workspace, run, log, isLost: loop.lostTerminal) }
  }

  /// True where lines and signs beyond ASCII cannot be counted on: the locale is C or names other
  /// letters than UTF-8, or the terminal is one of those that draw few of them.
  private static func isPlain(_ environment: (String) -> String?) -> Bool {
    let locales = ["LC_ALL", "LC_CTYPE", "LANG"].map { environment($0)?.uppercased() ?? "" }
    let isOther = locales.first { !$0.isEmpty }.map { locale in
      locale.contains(".")
        ? !locale.contains("UTF-8") && !locale.contains("UTF8") : ["C", "POSIX"].contains(locale)
    }
    let name = environment("TERM") ?? ""
    return isOther ?? false || name == "linux" || name.hasPrefix("vt")
  }

  /// The engine ended with the console: who is still there reads it, else the log keeps it.
  private static func sayWhatStopped(
    _ workspace: Workspace, _ run: CommandRun, _ log: DiagnosticLog, isLost: Bool
  ) throws(Problem) {
    let stopped = StoppedSchedules(
      try workspace.readBlocking { (reading) throws(Problem) in try reading.schedules.active() })
    guard isLost else {
      run.output.lines(stopped.lines)
      run.output.line(
        "The engine stopped with the console. To go on without it: \(run.program) serve")
      return
    }
    let sentence =
      "The terminal went away, and the engine stopped with its console."
      + (stopped.schedules.isEmpty ? "" : " " + stopped.sentence)
      + " Run `listkeeper serve` to go on without a terminal."
    log.write(.warning, sentence)
    try workspace.writeBlocking(as: run.context.user) { (tx) throws(Problem) in
      try tx.executions.log([LogLine(at: tx.now, .warning, sentence)], of: nil)
    }
  }

  /// `--plain PANE`: what the pane shows, as lines.
  private static func printPlain(
    _ name: String, _ workspace: Workspace, _ run: CommandRun
  ) throws(Problem) {
    guard let pane = PaneID(name: name) else {
      let names = PaneID.allCases.map { "\($0)".lowercased() }
      throw Problem(
        "usage.unknown-pane", "There is no pane '\(Text.oneLine(name))'.",
        remedy: "Give one of: \(names.joined(separator: ", "))."
          + Suggestion.sentence(name, among: names))
    }
    var world = World(size: Size(200, 1000), now: run.context.time.now())
    world.version = CommandTool.version
    world.path = workspace.path
    let base = world
    world = try workspace.readBlocking { (reading) throws(Problem) in
      try WorldReading(base, [], seat: .free, in: reading).world
    }
    var session = ConsoleSession(world: world, opening: pane)
    answer(&session, at: world.now) { (query) throws(Problem) in
      try workspace.readBlocking { (reading) throws(Problem) in
        try ConsoleAnswers.answer(query, in: reading)
      }
    }
    run.output.lines(session.plainLines())
  }

  /// Answers questions until none is open. A pane asks a few and then has what it shows; what is
  /// counted in pieces is counted to its end.
  static func answer(
    _ session: inout ConsoleSession, at now: Instant,
    _ read: (Query) throws(Problem) -> Answer
  ) {
    var effects = session.start()[...]
    var rounds = 0
    while let effect = effects.popFirst(), rounds < 100 {
      guard case .query(let query, let ticket) = effect else { continue }
      if case .mappingTally = query {} else { rounds += 1 }
      let answer: Answer
      do throws(Problem) { answer = try read(query) } catch { answer = .refused(error) }
      effects += session.handle(.answered(ticket, answer), at: now)
    }
  }

  /// The one that was named, else `$XDG_STATE_HOME/listkeeper/listkeeper.log`; silent where that
  /// cannot be written.
  private static func diagnosticLog(_ run: CommandRun) throws(Problem) -> DiagnosticLog {
    if run[.log] != nil { return try run.log() }
    let state =
      run.context.environment("XDG_STATE_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil }
      ?? (run.context.environment("HOME") ?? "") + "/.local/state"
    guard state.hasPrefix("/") else { return .silent }
    do throws(Problem) {
      try PrivateFile.makeFolder("\(state)/listkeeper")
      return try DiagnosticLog(path: "\(state)/listkeeper/listkeeper.log", time: run.context.time)
    } catch {
      return .silent
    }
  }
}
