// `logs`: the log lines of executions, oldest first, and those to come.

import Basics
import Console
import Domain
import Storage

enum LogCommand {
  private static let follow = Command.Option.flag(
    "follow", short: "f", "Go on with new lines until Ctrl-C.")
  private static let errors = Command.Option.flag("errors", "Only errors.")
  private static let level = Command.Option.value(
    "level", "LEVEL", "This level and graver: debug, info, warning or error.")
  private static let execution = Command.Option.value(
    "execution", "ID", "Only of this execution.")
  private static let limit = Command.Option.value(
    "limit", "N", "At most so many of the latest; 100 unless given.")

  static let group = CommandGroup(
    Command(
      "logs", "The log lines of executions",
      [.init("TEXT", .search, "Only lines with these words.")],
      options: [follow, errors, level, execution, limit],
      shape: """
        One line each: {"id": 1, "execution": 12, "at": "2026-01-02T03:04:05Z",
          "level": "info", "sentence": "…", "fields": {}}
        """
    ) { (run) throws(Problem) in
      var chosen = LogFilter()
      chosen.text = run.arguments.joined(separator: " ")
      chosen.execution = try run[execution].map { (text) throws(Problem) in
        try run.identifier(text, "execution")
      }
      if let word = run[level] {
        guard let found = LogLevel.allCases.first(where: { $0.name == word }) else {
          throw Problem(
            "usage.unknown-level", "There is no level '\(Text.oneLine(word))'.",
            remedy: "Give one of: \(LogLevel.allCases.map(\.name).joined(separator: ", ")).")
        }
        chosen.minimum = found
      }
      if run.has(errors) { chosen.minimum = .error }
      let filter = chosen
      let count = try run.number(limit, 1...1_000_000) ?? 100
      // Before the first line, so that whoever reads it may end this.
      if run.has(follow) { try run.context.stop.listen() }
      try run.withWorkspace { (workspace) throws(Problem) in
        let zone = try workspace.readBlocking { (reading) throws(Problem) in
          LocalTime.zone(try reading.settings.values()[Settings.zone])
        }
        let first = try workspace.readBlocking { (reading) throws(Problem) in
          try reading.reports.logs(filter, .end, count: count)
        }
        print(first.rows, zone, run)
        if run.has(follow) {
          try go(on: first.rows.last?.id ?? 0, filter, zone, run, workspace)
        }
      }
      return .done
    })

  private static func go(
    on last: Int64, _ filter: LogFilter, _ zone: ClockZone, _ run: CommandRun,
    _ workspace: Workspace
  ) throws(Problem) {
    var last = last
    let wakeup = try Wakeup()
    workspace.changes.register(wakeup)
    let watch = try ChangeWatch(workspace)
    defer { withExtendedLifetime(watch) {} }
    repeat {
      while !run.output.isClosed {
        let after = last
        let rows = try workspace.readBlocking { (reading) throws(Problem) in
          try reading.reports.logs(filter, after: after, limit: 500)
        }
        guard let newest = rows.last else { break }
        print(rows, zone, run)
        last = newest.id
      }
    } while !run.output.isClosed && run.context.stop.wait(for: [wakeup])
  }

  private static func print(_ rows: [LogRow], _ zone: ClockZone, _ run: CommandRun) {
    for row in rows {
      if run.json {
        run.output.jsonLine(JSONShape.logRow(row))
      } else {
        run.output.line(line(row, zone))
      }
    }
    run.output.flush()
  }

  static func line(_ row: LogRow, _ zone: ClockZone) -> String {
    let level = row.line.level.name
    let pad = String(repeating: " ", count: max(0, 7 - level.count))
    let execution = row.execution.map { "\($0)  " } ?? ""
    return "\(zone.print(row.line.at))  \(level)\(pad)  \(execution)"
      + Text.oneLine(row.line.sentence)
  }
}
