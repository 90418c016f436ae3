// `schedules`: what runs by the clock. Commands write rows; the engine, wherever it runs, sees them.

import Basics
import Console
import Domain
import Engine
import Foundation
import Storage

enum ScheduleCommands {
  private static let zone = Command.Option.value(
    "zone", "ZONE", "A time zone such as Europe/Paris; `workspace` for the workspace's own.")
  private static let active = Command.Option.value(
    "active", "yes|no", "Whether it runs; yes unless given.")
  private static let sample = Command.Option.value(
    "sample", "N", "Verification: so many people at random, or `all`.")
  private static let folder = Command.Option.value(
    "folder", "DIR", "Backup: the folder the files go into.")
  private static let keep = Command.Option.value(
    "keep", "N", "Backup: how many files stay; 7 unless given.")

  private static let wait = Command.Option.flag(
    "wait", "Wait until it is done, and print what came of it.")

  private static let terms = [zone, active, sample, folder, keep]

  static let group = CommandGroup(
    "schedules", "What runs by the clock", alone: "list", [list, add, set, remove, run, week])

  private static let example = """
    {"id": 1, "type": "resync", "cadence": "daily at 02:30", "zone": null,
      "active": true, "sample": null, "folder": null, "keeps": null,
      "nextRunAt": "2026-01-02T03:04:05Z", "lastRunAt": null, "lastRun": EXECUTION or null}
    """

  private static let list = Command(
    "schedules list", "List the schedules",
    shape: "{\"schedules\": [SCHEDULE]} where SCHEDULE is\n\(example)"
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let (rows, zone) = try workspace.readBlocking { (reading) throws(Problem) in
        (try reading.reports.schedules(), try reading.settings.values()[Settings.zone])
      }
      run.report(["schedules": .array(rows.map { json($0) })]) {
        if rows.isEmpty {
          run.output.line("Nothing runs by the clock. Add a schedule with, for example:")
          run.output.line("  \(run.program) schedules add resync daily at 02:30")
        } else {
          run.output.table(table(rows, LocalTime.zone(zone)))
        }
      }
      try remark(run, workspace, rows)
    }
    return .done
  }

  private static let add = Command(
    "schedules add", "Add a schedule",
    [
      .init(
        "TYPE", .one,
        "One of: \(ScheduleType.allCases.map(\.rawValue).joined(separator: ", "))."),
      .init("HOW-OFTEN", .several, "Such as: \(Cadence.forms.joined(separator: "; "))."),
    ], options: terms,
    notes: """
      A time that does not exist on a day, because the clocks go forward, runs at the first moment \
      after the gap; one that comes twice runs once. Minutes and hours are counted as they pass. A \
      time that was missed while no engine ran happens once when one starts.
      """,
    shape: "SCHEDULE as in `schedules list`"
  ) { (run) throws(Problem) in
    let (type, often) = try typeAndCadence(run.arguments)
    var terms = ScheduleTerms(type, often)
    try read(run, into: &terms)
    let wanted = terms
    return try change(run, "was added") { (tx) throws(Problem) in try tx.schedules.add(wanted) }
  }

  private static let set = Command(
    "schedules set", "Change a schedule; what is not named stays as it is",
    [
      .init("ID", .one, "The schedule's number, such as 3."),
      .init("HOW-OFTEN", .search, "Such as: \(Cadence.forms.joined(separator: "; "))."),
    ], options: terms,
    notes: "Its next run is reckoned anew.",
    shape: "SCHEDULE as in `schedules list`"
  ) { (run) throws(Problem) in
    let id: ScheduleID = try run.identifier(run.argument(0), "schedule")
    let words = run.arguments.dropFirst().joined(separator: " ")
    let often = words.isEmpty ? nil : try Cadence(words)
    var terms = try run.withWorkspace { (workspace) throws(Problem) in
      try workspace.readBlocking { (reading) throws(Problem) in
        try reading.schedules.schedule(id).terms
      }
    }
    if let often { terms.cadence = often }
    try read(run, into: &terms)
    let wanted = terms
    return try change(run, "was changed") { (tx) throws(Problem) in
      try tx.schedules.set(id, to: wanted)
      return id
    }
  }

  private static let remove = Command(
    "schedules remove", "Remove a schedule; what it ran stays",
    [.init("ID", .one, "The schedule's number, such as 3.")],
    shape: #"{"done": true}"#
  ) { (run) throws(Problem) in
    let id: ScheduleID = try run.identifier(run.argument(0), "schedule")
    try run.withWorkspace { (workspace) throws(Problem) in
      let title = try workspace.writeBlocking(as: run.context.user) { (tx) throws(Problem) in
        let title = try tx.schedules.schedule(id).title
        try tx.schedules.remove(id)
        return title
      }
      run.done("Schedule \(title), was removed.")
    }
    return .done
  }

  private static let run = Command(
    "schedules run", "Run a schedule now, beside its times",
    [.init("ID", .one, "The schedule's number, such as 3.")],
    options: [wait],
    notes: "Where no engine runs, this command runs one until it is done.",
    shape: #"{"execution": EXECUTION, "plan": PLAN or null} as in `sync`"#
  ) { (run) throws(Problem) in
    let id: ScheduleID = try run.identifier(run.argument(0), "schedule")
    return try run.withWorkspace { (workspace) throws(Problem) in
      let isPaused = try workspace.readBlocking { (reading) throws(Problem) in
        _ = try reading.schedules.schedule(id)
        return try reading.engine.record().isPaused
      }
      if isPaused {
        throw Problem(
          "engine.paused", "Everything is paused.", remedy: "Go on with: \(run.program) enable")
      }
      return try SyncCommands.carryOut(.runSchedule(id), waits: run.has(wait), run, workspace)
    }
  }

  private static let week = Command(
    "schedules week", "What runs in the seven days ahead, day by day",
    notes: """
      The days are those of the workspace's time zone; one on which the clocks change has 23 or 25 \
      hours. Where a schedule runs more than 6 times in a day, the first time stands for all of them.
      """,
    shape: """
      {"zone": "Europe/Paris", "days": [{"date": "2026-11-21", "hours": 24, "runs":
        [{"schedule": 1, "type": "resync", "at": "2026-11-21T01:30:00Z", "count": 1}]}]}
      """
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let (rows, zone, now) = try workspace.readBlocking { (reading) throws(Problem) in
        (
          try reading.schedules.active(), try reading.settings.values()[Settings.zone], reading.now
        )
      }
      let agenda = Agenda(rows, from: now, zone: zone)
      run.report([
        "zone": .string(zone), "days": .array(agenda.days.map(json)),
      ]) {
        let clock = LocalTime.zone(zone)
        for day in agenda.days {
          let runs = day.entries.map { entry in
            let at = clock.print(entry.at).dropFirst(11).prefix(5)
            return "\(entry.count == 1 ? "\(at)" : "\(entry.count) times") \(entry.schedule)"
              + " \(entry.type.rawValue)"
          }
          let length = day.hours == 24 ? "" : " (\(day.hours) hours)"
          run.output.line(
            "\(day.weekday.short) \(day.date)\(length)  "
              + (runs.isEmpty ? "nothing" : runs.joined(separator: ", ")))
        }
      }
    }
    return .done
  }

  private static func json(_ day: Agenda.Day) -> JSONValue {
    [
      "date": .string("\(day.date)"), "hours": JSONShape.number(day.hours),
      "runs": .array(
        day.entries.map { entry in
          [
            "schedule": JSONShape.id(entry.schedule), "type": .string(entry.type.rawValue),
            "at": JSONShape.time(entry.at), "count": JSONShape.number(entry.count),
          ]
        }),
    ]
  }

  // MARK: Reading what was typed

  /// `sync subscriptions daily at 02:30` needs no quotes: the type is the first word or the first
  /// two.
  static func typeAndCadence(
    _ words: [String]
  ) throws(Problem) -> (ScheduleType, Cadence) {
    let words = words.flatMap { $0.split(separator: " ").map(String.init) }
    for count in [2, 1] where words.count > count {
      if let type = ScheduleType(name: words.prefix(count).joined(separator: " ")) {
        return (type, try Cadence(words.dropFirst(count).joined(separator: " ")))
      }
    }
    let word = words.first ?? ""
    let names = ScheduleType.allCases.map(\.rawValue)
    throw Problem(
      "usage.unknown-choice", "There is no schedule of the type '\(Text.oneLine(word))'.",
      remedy: "Give one of: \(names.joined(separator: ", "))."
        + Suggestion.sentence(word, among: names))
  }

  private static func read(
    _ run: CommandRun, into terms: inout ScheduleTerms
  ) throws(Problem) {
    if let name = run[zone] { terms.zone = name == "workspace" ? nil : Text.oneLine(name) }
    if let word = run[active] {
      guard ["yes", "no"].contains(word) else {
        throw Problem(
          "usage.not-yes-or-no", "'\(Text.oneLine(word))' does not say whether it runs.",
          remedy: "Give yes or no.")
      }
      terms.isActive = word == "yes"
    }
    if let text = run[sample] { terms.sample = text == "all" ? nil : try number(text, "--sample") }
    if let text = run[keep] { terms.keeps = try number(text, "--keep") }
    if let path = run[folder] {
      // The engine may run elsewhere: it gets the whole path.
      let whole = URL(filePath: path, directoryHint: .isDirectory).standardizedFileURL.path
      terms.folder = whole.count > 1 && whole.hasSuffix("/") ? String(whole.dropLast()) : whole
    }
    try refuse(sample, unless: .verification, run, terms)
    try refuse(folder, unless: .backup, run, terms)
    try refuse(keep, unless: .backup, run, terms)
    try check(terms)
  }

  /// Refuses what would fail when its time comes, while somebody looks on who can set it right.
  static func check(_ terms: ScheduleTerms) throws(Problem) {
    try terms.check()
    if let sample = terms.sample, sample > VerifyAudience.mostSampled {
      throw Problem(
        "schedules.no-sample", "A sample of \(sample) people is too large.",
        remedy: "Give a number from 1 to \(VerifyAudience.mostSampled), or none for everyone.",
        fields: ["field": "sample"])
    }
    guard terms.type == .backup, terms.folder.hasPrefix("/") else { return }
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: terms.folder, isDirectory: &isFolder),
      isFolder.boolValue
    {
      return
    }
    throw Problem(
      "schedules.no-folder", "There is no folder \(Text.oneLine(terms.folder)).",
      remedy: "Make it first.", fields: ["field": "folder"])
  }

  private static func number(_ text: String, _ what: String) throws(Problem) -> Int {
    guard let number = Int(text), number > 0 else {
      throw Problem(
        "usage.not-a-number", "'\(Text.oneLine(text))' does not fit \(what).",
        remedy: "Give a whole number from 1 on.")
    }
    return number
  }

  private static func refuse(
    _ option: Command.Option, unless type: ScheduleType, _ run: CommandRun, _ terms: ScheduleTerms
  ) throws(Problem) {
    guard run.has(option) || run[option] != nil, terms.type != type else { return }
    throw Problem(
      "usage.option-does-not-fit",
      "--\(option.name) has no meaning for a schedule of the type \(terms.type.rawValue).",
      remedy: "Leave it out; it is for the type \(type.rawValue).")
  }

  private static func change(
    _ run: CommandRun, _ verb: String,
    _ body: @escaping @Sendable (WorkspaceTransaction) throws(Problem) -> ScheduleID
  ) throws(Problem) -> ExitCode {
    try run.withWorkspace { (workspace) throws(Problem) in
      let id = try workspace.writeBlocking(as: run.context.user, body)
      let (rows, zone) = try workspace.readBlocking { (reading) throws(Problem) in
        (try reading.reports.schedules(), try reading.settings.values()[Settings.zone])
      }
      guard let row = rows.first(where: { $0.id == id }) else {
        throw Problem("schedules.missing", "Schedule \(id) has been removed meanwhile.")
      }
      run.report(json(row)) {
        let next = row.schedule.nextRunAt.map { "next run \(LocalTime.zone(zone).print($0))" }
        run.output.line(
          "Schedule \(row.schedule.title), \(verb): \(next ?? "not active, so it does not run").")
      }
      try remark(run, workspace, [row])
      return .done
    }
  }

  /// Who would run it, where nobody does.
  private static func remark(
    _ run: CommandRun, _ workspace: Workspace, _ rows: [ScheduleRow]
  ) throws(Problem) {
    guard !run.json, rows.contains(where: { $0.schedule.terms.isActive }),
      try EngineLock.holder(of: workspace.path) == nil
    else { return }
    run.output.line("No engine runs now; schedules need one: \(run.program) serve")
  }

  // MARK: Printing

  private static func table(_ rows: [ScheduleRow], _ clock: ClockZone) -> TextTable {
    TextTable(
      [
        .right("id"), .left("type"), .left("how often"), .left("zone"), .left("active"),
        .left("next run"), .left("last run"), .left("result"), .left("with"),
      ],
      rows.map { row in
        let terms = row.schedule.terms
        return [
          row.id.description, terms.type.rawValue, "\(terms.cadence)", terms.zone ?? "workspace",
          terms.isActive ? "yes" : "no", clock.print(row.schedule.nextRunAt),
          clock.print(row.schedule.lastRunAt),
          row.lastRun.map { "\($0.id) \($0.status.rawValue)" } ?? "", terms.particulars,
        ]
      })
  }

  static func json(_ row: ScheduleRow) -> JSONValue {
    let terms = row.schedule.terms
    let isBackup = terms.type == .backup
    return [
      "id": JSONShape.id(row.id), "type": .string(terms.type.rawValue),
      "cadence": .string("\(terms.cadence)"), "zone": JSONShape.text(terms.zone),
      "active": .bool(terms.isActive), "sample": JSONShape.number(terms.sample),
      "folder": JSONShape.text(isBackup ? terms.folder : nil),
      "keeps": JSONShape.number(isBackup ? terms.keeps : nil),
      "nextRunAt": JSONShape.time(row.schedule.nextRunAt),
      "lastRunAt": JSONShape.time(row.schedule.lastRunAt),
      "lastRun": row.lastRun.map { JSONShape.execution($0) } ?? .null,
    ]
  }
}
