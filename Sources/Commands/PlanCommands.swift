// `plans`: what a sync would do, to look at, approve or discard.

import Basics
import Domain
import PeopleSources
import Storage

enum PlanCommands {
  private static let wait = Command.Option.flag(
    "wait", "Wait until it is done, and print what came of it.")
  private static let all = Command.Option.flag("all", "Also those that were decided.")

  static let group = CommandGroup(
    "plans", "Plans that wait for a decision", alone: "list",
    [list, show, approve, discard, export])

  private static let list = Command(
    "plans list", "List the plans that wait for a decision", options: [all],
    shape: "{\"plans\": [PLAN]} where PLAN is\n\(JSONShape.planExample)"
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let isAll = run.has(all)
      let (plans, zone) = try workspace.readBlocking { (reading) throws(Problem) in
        (
          isAll ? try reading.reports.allPlans(limit: 1000) : try reading.reports.plans(),
          LocalTime.zone(try reading.settings.values()[Settings.zone])
        )
      }
      run.report(["plans": .array(plans.map { JSONShape.plan($0) })]) {
        if plans.isEmpty { return run.output.line("No plan waits for a decision.") }
        run.output.table(
          TextTable(
            [
              .left("plan"), .left("of"), .left("status"), .left("made"),
              .left("what it would do"),
            ],
            plans.map {
              [
                "\($0.id)", $0.kind.rawValue, $0.status.rawValue, zone.print($0.createdAt),
                Phrase.counts($0.counts),
              ]
            }))
      }
    }
    return .done
  }

  private static let show = Command(
    "plans show", "Show a plan, row by row", [.init("PLAN", .one, "Its number, or latest.")],
    shape: """
      {"plan": PLAN, "rows": [{"person": 1, "name": "…", "email": "…", "action": "create",
        "status": "subscribed", "changes": [{"name": "FNAME", "old": "", "new": "Ada"}],
        "remarks": [], "tags": {"gained": ["Choir"], "lost": []}}]} where PLAN is as in `plans list`
      """
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let plan = try find(run, workspace)
      if !run.json {
        run.output.line(
          "Plan \(plan.id) (\(plan.kind.rawValue), \(plan.status.rawValue)): "
            + Phrase.counts(plan.counts))
        if !plan.reason.isEmpty { run.output.line(plan.reason) }
        if plan.counts.tagsAdded > 0 { run.output.line(PlanCounts.tagWarning) }
      }
      var rows: [JSONValue] = []
      var offset = 0
      while !run.output.isClosed {
        let start = offset
        let window = try workspace.readBlocking { (reading) throws(Problem) in
          try reading.reports.planRows(of: plan.id, .at(start), count: 500)
        }
        for row in window.rows.dropFirst(start - window.offset) {
          if run.json {
            rows.append(JSONShape.planRow(row.row, name: row.name))
          } else {
            run.output.lines(lines(row))
          }
        }
        offset = window.offset + window.rows.count
        if window.rows.isEmpty || offset >= window.total { break }
      }
      if run.json { run.output.json(["plan": JSONShape.plan(plan), "rows": .array(rows)]) }
    }
    return .done
  }

  private static let export = Command(
    "plans export", "Write every row of a plan to a file",
    [
      .init("PLAN", .one, "Its number, or latest."),
      .init("FILE", .one, "A new file: CSV, or JSON where its name ends in .json; - prints it."),
    ],
    notes: """
      CSV has one line for each old and new value, and one for each tag that is gained or lost: plan, row, action, status, person, name, email, \
      field, old, new, remarks. JSON is as `plans show --json`. The file is readable by you alone.
      """,
    shape: #"{"done": true, "plan": 1, "rows": 3, "file": "plan.csv"}"#
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let plan = try find(run, workspace)
      let path = run.argument(1)
      let isJSON = path.hasSuffix(".json")
      let file = path == "-" ? nil : try PrivateFile.Writer(path)
      let put = { (bytes: [UInt8]) throws(Problem) in
        if let file { try file.put(bytes) } else { run.output.put(bytes) }
      }
      try put(
        isJSON
          ? Array("{\"plan\": \(JSONShape.plan(plan)), \"rows\": [".utf8)
          : CSVWriter.line(exportColumns))
      var count = 0
      while true {
        let start = count
        let window = try workspace.readBlocking { (reading) throws(Problem) in
          try reading.reports.planRows(of: plan.id, .at(start), count: 500)
        }
        let new = window.rows.dropFirst(max(0, start - window.offset))
        for row in new {
          if isJSON {
            let json = JSONShape.planRow(row.row, name: row.name)
            try put(Array((count == 0 ? "\n" : ",\n").utf8) + Output.ascii(json))
          } else {
            try put(cells(row, of: plan.id).flatMap { CSVWriter.line($0) })
          }
          count += 1
        }
        if new.isEmpty || count >= window.total { break }
      }
      if isJSON { try put(Array("\n]}\n".utf8)) }
      guard path != "-" else { return }
      run.done(
        "\(Phrase.number(count)) rows of plan \(plan.id) written to \(path).",
        [
          "done": true, "plan": JSONShape.id(plan.id), "rows": JSONShape.number(count),
          "file": .string(path),
        ])
    }
    return .done
  }

  private static let exportColumns = [
    "plan", "row", "action", "status", "person", "name", "email", "field", "old", "new", "remarks",
  ]

  /// One line for each old and new value; a row without any has one line too.
  private static func cells(_ summary: PlanRowSummary, of plan: PlanID) -> [[String]] {
    let row = summary.row
    let head = [
      plan.description, String(summary.id + 1), row.action.rawValue, row.status?.rawValue ?? "",
      row.person?.description ?? "", summary.name, row.email,
    ]
    let remarks = row.remarks.joined(separator: " ")
    let changes = row.changes + row.tags.changes
    if changes.isEmpty { return [head + ["", "", "", remarks]] }
    return changes.map { change in
      head + [change.name, change.old.plainText, change.new.plainText, remarks]
    }
  }

  private static func lines(_ summary: PlanRowSummary) -> [String] {
    let row = summary.row
    let status = row.status.map { " as \($0.rawValue)" } ?? ""
    return ["\(row.action.rawValue)\(status)  \(summary.name) <\(row.email)>"]
      + row.changes.map { "    \(Phrase.change($0))" }
      + row.tags.gained.map { "    gains the tag '\($0)'" }
      + row.tags.lost.map { "    loses the tag '\($0)'" } + row.remarks.map { "    \($0)" }
  }

  private static let approve = Command(
    "plans approve", "Carry out exactly this plan",
    [.init("PLAN", .one, "Its number, or latest.")], options: [wait],
    notes: """
      Whoever changed since the plan was made, here or at Mailchimp, is left out of it and planned \
      anew. `latest` is the newest of any \
      kind that waits: a sync's, a refresh's, an undo's or a repair's. Where no engine runs, this \
      command runs one until it is done.
      """,
    shape: "as `sync --json`"
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let plan = try find(run, workspace)
      if !run.json { run.output.line("Plan \(plan.id) is of kind \(plan.kind.rawValue).") }
      return try SyncCommands.carryOut(
        .approvePlan(plan.id), waits: run.has(wait), run, workspace)
    }
  }

  private static let discard = Command(
    "plans discard", "Discard a plan; nothing of it is written but opt-outs",
    [.init("PLAN", .one, "Its number, or latest.")],
    notes: """
      Whoever opted out here is taken off the list all the same: at once, or, where they are more \
      than the guard lets pass, with a new plan that waits. To let them leave, approve; to keep \
      somebody on the list, tick their opt-in first.
      """, shape: #"{"requested": true}"#
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let plan = try find(run, workspace)
      if !run.json, let warning = plan.counts.optOutWarning { run.output.line(warning) }
      return try SyncCommands.ask([.discardPlan(plan.id)], run, workspace)
    }
  }

  private static func find(
    _ run: CommandRun, _ workspace: Workspace
  ) throws(Problem) -> PlanSummary {
    let kinds = Set(PlanKind.allCases)
    if let plan = try named(run.argument(0), of: kinds, run, workspace) { return plan }
    throw missing("No plan is held.", run)
  }

  /// The plan of this number, which has to be of one of `kinds`; of `latest` the newest of these
  /// that waits, nil where none does.
  static func named(
    _ text: String, of kinds: Set<PlanKind>, _ run: CommandRun, _ workspace: Workspace
  ) throws(Problem) -> PlanSummary? {
    if text == "latest" {
      return try workspace.readBlocking { (reading) throws(Problem) in
        try reading.plans.latestHeld(of: kinds)
      }
    }
    let id: PlanID = try run.identifier(text, "plan")
    let found = try workspace.readBlocking { (reading) throws(Problem) in
      try reading.plans.plan(id)
    }
    guard let plan = found else { throw missing("There is no plan \(Text.oneLine(text)).", run) }
    guard kinds.contains(plan.kind) else {
      throw Problem(
        "plans.other-kind", "Plan \(plan.id) is of kind \(plan.kind.rawValue).",
        remedy:
          "Look at it with: \(run.program) plans show \(plan.id.rawValue); carry it out with: "
          + "\(run.program) plans approve \(plan.id.rawValue)")
    }
    return plan
  }

  static func missing(_ sentence: String, _ run: CommandRun) -> Problem {
    Problem(
      "plans.missing", sentence, remedy: "See them with: \(run.program) plans list --all")
  }
}
