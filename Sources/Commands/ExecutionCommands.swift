// `executions`: what ran, with the filters of the executions pane, and what can still be done about
// it.

import Basics
import Console
import Domain
import Engine
import Storage

enum ExecutionCommands {
  private static let status = Command.Option.value(
    "status", "STATUS", "Only of this status; several with commas.")
  private static let flow = Command.Option.value(
    "flow", "FLOW", "Only of this flow: push, pull, tags, verification or refresh.")
  private static let trigger = Command.Option.value(
    "trigger", "TRIGGER", "Only started so: change, poll, 'force sync', resync, retry, …")
  private static let since = Command.Option.value(
    "since", "TIME", "Only since then, such as 2026-01-31 (a day here) or 2026-01-31T08:00Z.")
  private static let until = Command.Option.value("until", "TIME", "Only before then.")
  private static let originals = Command.Option.flag(
    "originals", "Leave out retries and replays.")
  private static let changes = Command.Option.flag(
    "changes", "Leave out executions that found nothing to change.")
  private static let person = Command.Option.value(
    "person", "PERSON", "Only those that touched this person.")
  private static let limit = Command.Option.value(
    "limit", "N", "At most so many; 50 unless given.")
  private static let saved = Command.Option.value(
    "filter", "NAME", "Begin with the filter of this name; what else is given is added.")
  private static let saving = Command.Option.value(
    "save", "NAME", "Keep the filter of this command under a name.")
  private static let requests = Command.Option.flag("requests", "Also the requests to Mailchimp.")
  private static let logs = Command.Option.flag("logs", "Also the log lines.")
  private static let wait = Command.Option.flag(
    "wait", "Wait until it is done, and print what came of it.")
  private static let which = Command.Argument(
    "EXECUTION", .one, "Its number, or latest.")

  static let group = CommandGroup(
    "executions", "What ran", alone: "list",
    [list, show, retry, replay, cancel, undo, filters, forget])

  private static let list = Command(
    "executions list", "List executions, running ones and the latest first",
    [.init("TEXT", .search, "Words of its log, an address, a status.")],
    options: [
      status, flow, trigger, since, until, originals, changes, person, limit, saved, saving,
    ],
    shape: "{\"executions\": [EXECUTION], \"total\": 1} where EXECUTION is\n"
      + JSONShape.executionExample
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let count = try run.number(limit, 1...10000) ?? 50
      let filter = try filter(run, workspace)
      if let name = run[saving] {
        try workspace.writeBlocking(as: run.context.user) { (tx) throws(Problem) in
          try tx.filters.save(SavedFilter(name, filter))
        }
      }
      let (window, zone) = try workspace.readBlocking { (reading) throws(Problem) in
        (
          try reading.reports.executions(filter, .at(0), count: count),
          LocalTime.zone(try reading.settings.values()[Settings.zone])
        )
      }
      run.report([
        "executions": .array(window.rows.map { JSONShape.execution($0) }),
        "total": JSONShape.number(window.total),
      ]) {
        run.output.table(
          TextTable(
            [
              .left("execution"), .left("status"), .left("flow"), .left("trigger"),
              .left("queued"), .right("took"), .left("counts"),
            ],
            window.rows.map {
              [
                "\($0.id)", $0.status.rawValue, $0.flow.rawValue, $0.trigger.rawValue,
                zone.print($0.queuedAt),
                $0.tookMilliseconds.map { Phrase.duration(milliseconds: $0) } ?? "",
                Phrase.counts($0.counts),
              ]
            }))
        if window.total > window.rows.count {
          run.output.line(
            "\(Phrase.number(window.total - window.rows.count)) more: --limit shows them.")
        }
      }
    }
    return .done
  }

  private static let filters = Command(
    "executions filters", "The filters that have names",
    shape: #"{"filters": [{"name": "Went wrong", "filter": {"statuses": ["failed"]}}]}"#
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let all = try workspace.readBlocking { (reading) throws(Problem) in
        try reading.filters.all()
      }
      run.report([
        "filters": .array(all.map { ["name": .string($0.name), "filter": $0.filter.json] })
      ]) {
        run.output.table(
          TextTable([.left("name"), .left("filter")], all.map { [$0.name, "\($0.filter.json)"] }))
      }
    }
    return .done
  }

  private static let forget = Command(
    "executions forget", "Forget a filter that was saved",
    [Command.Argument("NAME", .one, "Its name.")], shape: #"{"removed": "Mine"}"#
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let name = run.arguments[0]
      try workspace.writeBlocking(as: run.context.user) { (tx) throws(Problem) in
        try tx.filters.remove(named: name)
      }
      run.report(["removed": .string(name)]) { run.output.line("'\(name)' is forgotten.") }
    }
    return .done
  }

  private static func filter(
    _ run: CommandRun, _ workspace: Workspace
  ) throws(Problem) -> ExecutionFilter {
    var filter = ExecutionFilter()
    if let name = run[saved] {
      filter = try workspace.readBlocking { (reading) throws(Problem) in
        try reading.filters.filter(named: name).filter
      }
    }
    if run.has(status) { filter.statuses = [] }
    for word in (run[status] ?? "").split(separator: ",") {
      filter.statuses.insert(try choice(String(word), ExecutionStatus.allCases, "status"))
    }
    let flows: [(String, FlowKind)] = [
      ("push", .pushPeople), ("pull", .pullMembers), ("tags", .tags),
      ("verification", .verification), ("refresh", .refresh),
      ("write-back", .writeBack),
      ("backup", .backup), ("webhook", .webhook),
    ]
    if let word = run[flow] {
      guard let found = flows.first(where: { $0.0 == word || $0.1.rawValue == word }) else {
        throw unknown(word, flows.map(\.0), "flow")
      }
      filter.flow = found.1
    }
    if let word = run[trigger] {
      filter.trigger = try choice(word, Trigger.allCases, "trigger")
    }
    let zone = try PeopleCommands.zone(workspace)
    if let since = try zone.instant(run[since]) { filter.since = since }
    if let until = try zone.instant(run[until]) { filter.until = until }
    if run.has(originals) { filter.originalsOnly = true }
    if run.has(changes) { filter.hidesUnchanged = true }
    if let text = run[person] { filter.person = try PersonFinder.find(text, in: workspace) }
    if !run.arguments.isEmpty { filter.text = run.arguments.joined(separator: " ") }
    return filter
  }

  private static func choice<Value: RawRepresentable<String>>(
    _ word: String, _ all: [Value], _ what: String
  ) throws(Problem) -> Value {
    guard let value = Value(rawValue: word) else {
      throw unknown(word, all.map(\.rawValue), what)
    }
    return value
  }

  private static func unknown(_ word: String, _ known: [String], _ what: String) -> Problem {
    Problem(
      "usage.unknown-choice", "There is no \(what) '\(Text.oneLine(word))'.",
      remedy: "Give one of: \(known.joined(separator: ", "))."
        + Suggestion.sentence(word, among: known))
  }

  // MARK: One

  private static let show = Command(
    "executions show", "Show one execution: its steps, and everybody it touched", [which],
    options: [requests, logs],
    shape: """
      {"execution": EXECUTION, "steps": [{"name": "…", "status": "succeeded", "output": {}}],
        "people": [{"person": 1, "name": "…", "email": "…", "result": "created", "reason": "",
        "sentence": "", "changes": [{"name": "FNAME", "old": "", "new": "Ada"}]}],
        "requests": [{"at": "…", "method": "PUT", "path": "…", "status": 200,
        "tookMilliseconds": 20, "problem": ""}], "logs": [{"at": "…", "level": "info",
        "sentence": "…", "fields": {}}]} where EXECUTION is as in `executions list`
      """
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let id = try find(run, workspace)
      let detail = try workspace.readBlocking { (reading) throws(Problem) in
        try Detail(id, in: reading)
      }
      let people = try all { (start, anchor) throws(Problem) in
        try workspace.readBlocking { (reading) throws(Problem) in
          try reading.reports.outcomes(of: id, .at(start), count: 500, anchor: anchor)
        }
      }
      let exchanges =
        !run.has(requests) && !run.json
        ? []
        : try all { (start, anchor) throws(Problem) in
          try workspace.readBlocking { (reading) throws(Problem) in
            try reading.reports.exchanges(of: id, .at(start), count: 500, anchor: anchor)
          }
        }
      var filter = LogFilter()
      filter.execution = id
      let logFilter = filter
      let lines =
        !run.has(logs) && !run.json
        ? []
        : try all { (start, anchor) throws(Problem) in
          try workspace.readBlocking { (reading) throws(Problem) in
            try reading.reports.logs(logFilter, .at(start), count: 500, anchor: anchor)
          }
        }
      run.report([
        "execution": JSONShape.execution(detail.execution),
        "steps": .array(detail.steps.map(json)), "people": .array(people.map(json)),
        "requests": .array(exchanges.map(json)),
        "logs": .array(lines.map { JSONShape.logRow($0) }),
      ]) {
        run.output.lines(detail.lines)
        if !people.isEmpty {
          run.output.line()
          run.output.lines(people.flatMap(Self.lines))
        }
        if !exchanges.isEmpty { run.output.line() }
        for exchange in exchanges {
          let status = exchange.status.map(String.init) ?? "---"
          run.output.line(
            "\(detail.zone.print(exchange.at))  \(exchange.method)  \(status)  "
              + "\(Phrase.duration(milliseconds: exchange.tookMilliseconds))  \(exchange.path)"
              + (exchange.problem.isEmpty ? "" : "  \(exchange.problem)"))
        }
        if !lines.isEmpty { run.output.line() }
        for row in lines { run.output.line(LogCommand.line(row, detail.zone)) }
      }
    }
    return .done
  }

  /// Every row of a list that is read in windows.
  private static func all<Row: Sendable & Equatable & Identifiable>(
    _ read: (Int, WindowAnchor?) throws(Problem) -> Window<Row>
  ) throws(Problem) -> [Row] where Row.ID == Int64 {
    var rows: [Row] = []
    while true {
      let anchor = rows.last.map { WindowAnchor(id: $0.id, position: rows.count - 1) }
      let last = rows.last?.id
      let window = try read(rows.count, anchor)
      // Where the list ends, its last rows come once more.
      let again = window.rows.lastIndex { $0.id == last }.map { $0 + 1 } ?? 0
      let new = window.rows.dropFirst(again)
      rows += new
      if new.isEmpty || rows.count >= window.total { return rows }
    }
  }

  private struct Detail: Sendable {
    var execution: Execution
    var steps: [StepRow]
    var zone: ClockZone

    init(_ id: ExecutionID, in reading: WorkspaceReading) throws(Problem) {
      guard let found = try reading.reports.execution(id) else {
        throw Problem(
          "executions.missing", "There is no execution \(id).",
          remedy: "See them with: listkeeper executions list")
      }
      execution = found
      steps = try reading.reports.steps(of: id)
      zone = LocalTime.zone(try reading.settings.values()[Settings.zone])
    }

    var lines: [String] {
      var lines = [
        "Execution \(execution.id): \(execution.flow.rawValue), \(execution.trigger.rawValue)",
        "Status    \(execution.status.rawValue)", "Counts    \(Phrase.counts(execution.counts))",
        "Queued    \(zone.print(execution.queuedAt))",
      ]
      if let started = execution.startedAt { lines.append("Started   \(zone.print(started))") }
      if let took = execution.tookMilliseconds {
        lines.append("Took      \(Phrase.duration(milliseconds: took))")
      }
      if let original = execution.original { lines.append("Original  \(original)") }
      if let who = execution.askedBy { lines.append("Asked by  \(who)") }
      if let plan = execution.plan { lines.append("Plan      \(plan)") }
      if let problem = execution.problem { lines.append("Problem   \(problem.description)") }
      for step in steps { lines.append("Step      \(step.name): \(step.status.rawValue)") }
      return lines
    }
  }

  private static func lines(_ row: OutcomeRow) -> [String] {
    let outcome = row.outcome
    let why = outcome.sentence.isEmpty ? outcome.reason : outcome.sentence
    return [
      "\(outcome.result.rawValue)  \(row.name) <\(row.email)>" + (why.isEmpty ? "" : "  \(why)")
    ]
      + outcome.changes.map { "    \(Phrase.change($0))" }
  }

  private static func json(_ step: StepRow) -> JSONValue {
    [
      "name": .string(step.name), "status": .string(step.status.rawValue),
      "startedAt": JSONShape.time(step.startedAt),
      "tookMilliseconds": step.tookMilliseconds.map { .int($0) } ?? .null, "output": step.output,
    ]
  }

  private static func json(_ row: OutcomeRow) -> JSONValue {
    [
      "person": JSONShape.id(row.outcome.person), "name": .string(row.name),
      "email": .string(row.email), "result": .string(row.outcome.result.rawValue),
      "reason": .string(row.outcome.reason), "sentence": .string(row.outcome.sentence),
      "changes": JSONShape.changes(row.outcome.changes),
    ]
  }

  private static func json(_ row: ExchangeRow) -> JSONValue {
    [
      "at": JSONShape.time(row.at), "method": .string(row.method), "path": .string(row.path),
      "status": JSONShape.number(row.status), "tookMilliseconds": .int(row.tookMilliseconds),
      "requestBytes": JSONShape.number(row.requestBytes),
      "responseBytes": JSONShape.number(row.responseBytes), "problem": .string(row.problem),
    ]
  }

  // MARK: Doing

  private static let retry = Command(
    "executions retry", "Try the people again that it refused", [which], options: [wait],
    shape: "as `sync --json`"
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      try SyncCommands.carryOut(
        .retryExecution(find(run, workspace)), waits: run.has(wait), run, workspace)
    }
  }

  private static let replay = Command(
    "executions replay", "Run it anew, as an execution linked to it", [which], options: [wait],
    shape: "as `sync --json`"
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      try SyncCommands.carryOut(
        .replayExecution(find(run, workspace)), waits: run.has(wait), run, workspace)
    }
  }

  private static let yes = Command.Option.flag("yes", "Do it; without this, only say what it does.")

  private static let undo = Command(
    "executions undo", "Put back what one changed, there and here", [which], options: [yes, wait],
    notes: """
      Says first what can be put back and what cannot, and why; with --yes it is done, as an \
      execution linked to it. Old values stay at Mailchimp until that field changes here. Values \
      taken from there are put back here in your name, and leave with the next sync where the \
      mapping sends them. Who was added is archived; who arrived is marked deleted; nobody who \
      opted out is subscribed; what moved since is left as it is.
      """,
    shape: """
      {"undo": 12, "counts": COUNTS, "sentence": "…", "stays": [{"sentence": "…", "people": 1}],
       "notes": [{"sentence": "…", "people": 1}]}
      with COUNTS as in `plans list`; with --yes as `sync --json`.
      """
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let id = try find(run, workspace)
      let preview = try workspace.readBlocking { (reading) throws(Problem) in
        try UndoExecution.preview(id, reading)
      }
      let isWanted = run.has(yes)
      if !isWanted || !run.json {
        run.report([
          "undo": JSONShape.id(id), "counts": JSONShape.counts(preview.counts),
          "sentence": .string(preview.sentence),
          "stays": .array(preview.stays.map(json)), "notes": .array(preview.notes.map(json)),
        ]) {
          run.output.line("Undo of execution \(id): \(preview.sentence).")
          for note in preview.notes {
            run.output.line("    \(Phrase.number(note.count)): \(note.sentence)")
          }
          for stay in preview.stays {
            run.output.line("    \(Phrase.number(stay.count)) stay: \(stay.sentence)")
          }
          if !isWanted, preview.counts.rows > 0 {
            run.output.line("Do it with: \(run.program) executions undo \(id.rawValue) --yes")
          }
        }
      }
      guard isWanted else { return .done }
      return try SyncCommands.carryOut(.undoExecution(id), waits: run.has(wait), run, workspace)
    }
  }

  private static func json(_ stay: UndoPreview.Stay) -> JSONValue {
    ["sentence": .string(stay.sentence), "people": JSONShape.number(stay.count)]
  }

  private static let cancel = Command(
    "executions cancel", "Stop one at the next safe point", [which],
    shape: #"{"requested": true}"#
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      try SyncCommands.ask([.cancelExecution(find(run, workspace))], run, workspace)
    }
  }

  private static func find(
    _ run: CommandRun, _ workspace: Workspace
  ) throws(Problem) -> ExecutionID {
    let text = run.argument(0)
    guard text == "latest" else { return try run.identifier(text, "execution") }
    let latest = try workspace.readBlocking { (reading) throws(Problem) in
      try reading.reports.latestExecution()
    }
    guard let latest else {
      throw Problem(
        "executions.missing", "Nothing has run yet.", remedy: "Run: \(run.program) sync --wait")
    }
    return latest
  }
}
