// Log lines as they are written on a screen: one row each, or the whole of one.

import Basics
import Domain
import Screen

/// Log lines as rows, wherever they are shown.
enum LogText {
  static let columns = [
    TableColumn("Time", minimum: 12, priority: 6),
    TableColumn("Level", minimum: 7, priority: 7),
    TableColumn("What happened", minimum: 20, ideal: 40, weight: 1, priority: 10),
  ]

  static func cells(_ row: LogRow, _ zone: ClockZone) -> [Run] {
    let role = Wording.role(row.line.level)
    return [
      Run(Wording.precise(row.line.at, zone), .dim), Run(row.line.level.name, role),
      Run(sentence(row), role),
    ]
  }

  /// The sentence and its fields on one line.
  static func sentence(_ row: LogRow) -> String {
    let fields = row.line.fields.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    return ([row.line.sentence] + fields).joined(separator: "  ")
  }

  /// A line by itself, for files and the clipboard.
  static func plain(_ row: LogRow, _ zone: ClockZone) -> String {
    let level = CharacterWidth.fit(row.line.level.name, to: 7)
    let execution = row.execution.map { "\($0)  " } ?? ""
    return "\(Wording.time(row.line.at, zone))  \(level)  \(execution)\(sentence(row))"
  }

  /// The person a line is about, where it names one.
  static func person(_ row: LogRow) -> PersonID? {
    row.line.fields["person"].flatMap { PersonID($0) }
  }

  /// The runs with every occurrence of `text` set apart.
  static func highlighted(_ runs: [Run], _ text: String) -> [Run] {
    runs.flatMap { run -> [Run] in
      var pieces: [Run] = []
      var rest = run.text[...]
      for (head, match) in Table.matches(of: text, in: run.text) {
        let before = run.text[rest.startIndex..<head.endIndex]
        if !before.isEmpty { pieces.append(Run(String(before), run.role, run.attributes)) }
        pieces.append(Run(match, .match, .underline))
        rest = run.text[run.text.index(head.endIndex, offsetBy: match.count)...]
      }
      if !rest.isEmpty { pieces.append(Run(String(rest), run.role, run.attributes)) }
      return pieces
    }
  }

  static func reader(_ row: LogRow, _ zone: ClockZone) -> Reader {
    let line = row.line
    var pairs: [[Run]] = [
      [Run("Time      ", .label), Run(Wording.time(line.at, zone))],
      [Run("Level     ", .label), Run(line.level.name, Wording.role(line.level))],
    ]
    if let id = row.execution { pairs.append([Run("Execution ", .label), Run("\(id)")]) }
    pairs += [[], [Run(line.sentence)], []]
    pairs += line.fields.sorted { $0.key < $1.key }.map {
      [Run("\($0.key)  ", .label), Run($0.value)]
    }
    return Reader(title: "Log line", lines: pairs)
  }
}
