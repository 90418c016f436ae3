// The keys of the log, and why one cannot be used now.

import Basics
import Domain
import Screen

enum LogsAction {
  static let open: ActionID = "logs.open"
  static let follow: ActionID = "logs.follow"
  static let level: ActionID = "logs.level"
  static let errors: ActionID = "logs.errors"
  static let search: ActionID = "logs.search"
  static let filter: ActionID = "logs.filter"
  static let time: ActionID = "logs.time"
  static let next: ActionID = "logs.next"
  static let previous: ActionID = "logs.previous"
  static let nextError: ActionID = "logs.next-error"
  static let previousError: ActionID = "logs.previous-error"
  static let wrap: ActionID = "logs.wrap"
  static let times: ActionID = "logs.times"
  static let execution: ActionID = "logs.execution"
  static let only: ActionID = "logs.only"
  static let person: ActionID = "logs.person"
  static let export: ActionID = "logs.export"
  static let window: ActionID = "logs.window"
  static let mark: ActionID = "logs.mark"
  static let range: ActionID = "logs.range"
  static let all: ActionID = "logs.all"

  /// How far back a window looks, by its digit.
  static let windows: [(digit: Key, name: String, within: Duration?)] = [
    ("0", "everything", nil), ("1", "the last minute", .minutes(1)),
    ("2", "the last 5 minutes", .minutes(5)), ("3", "the last 15 minutes", .minutes(15)),
    ("4", "the last hour", .hours(1)), ("5", "the last day", .days(1)),
    ("6", "the last 7 days", .days(7)),
  ]

  static func name(of within: Duration?) -> String {
    windows.first { $0.within == within }?.name ?? "lately"
  }

  static func menu(_ filter: LogFilter) -> Menu {
    Menu(
      title: "Show",
      items: windows.map { window in
        Menu.Item(
          window.digit, window.name + (window.within == filter.within ? "  (now)" : ""),
          .tell(.submitted(Self.window, ["digit": window.digit.description])))
      }, selected: windows.firstIndex { $0.within == filter.within } ?? 0)
  }

  static func bindings(
    _ row: LogRow?, follows: Bool, isWrapped: Bool, search text: String, _ shown: LogFilter,
    _ keys: UserKeys
  ) -> [KeyBinding] {
    let noSearch = text.isEmpty ? "Nothing is searched for: press \(keys[search]) first." : nil
    let none = row == nil ? "There is no line here." : nil
    let noExecution = none ?? (row?.execution == nil ? "The line has no execution." : nil)
    let noPerson =
      none ?? (row.flatMap { LogText.person($0) } == nil ? "The line names no person." : nil)
    return [
      KeyBinding(
        ["Enter"], "Open", open, priority: 40, whyNot: none,
        help: "Show the whole line with its fields."),
      KeyBinding(
        ["f"], follows ? "Stop following" : "Follow", follow, priority: 50,
        help: "Follow the end as lines come; any move stops it."),
      KeyBinding(
        ["L"], "Level", level, priority: 45,
        help: "Show from this level on: debug, info, warning, errors only."),
      KeyBinding(
        ["o"], shown.minimum == .error ? "All levels" : "Errors only", errors, priority: 30,
        help: "Show errors only, or everything again."),
      KeyBinding(
        ["/"], "Search", search, priority: 55,
        help: "Search the lines for a text; long logs go on in the background, Esc leaves."),
      KeyBinding(["n"], "Next", next, whyNot: noSearch, help: "The next match below."),
      KeyBinding(["N"], "Previous", previous, whyNot: noSearch, help: "The match above."),
      KeyBinding(
        ["&"], "Form", filter, priority: 28,
        help: "Show only lines of a level, of one execution, with some words; combined."),
      KeyBinding(
        ["@"], "Time", time, priority: 26, help: "Go to a time: \(TimeText.help)."),
      KeyBinding(
        ["e"], "Next error", nextError, priority: 35, help: "The next error below."),
      KeyBinding(["E"], "Previous error", previousError, help: "The error above."),
      KeyBinding(
        ["w"], isWrapped ? "No wrap" : "Wrap", wrap, priority: 25,
        help: "Wrap long lines, or cut them."),
      KeyBinding(
        ["T"], "Window", window, priority: 27,
        help: "Show only the last minute, hour or day: the key, then a digit, the first for all."),
      KeyBinding(
        ["Space"], "Mark", mark, priority: 20, whyNot: none,
        help: "Mark the line, or not any more; what is marked can be copied together."),
      KeyBinding(
        ["v"], "Range", range, priority: 9, whyNot: none,
        help: "Begin a range here; \(keys[range]) again marks all in between."),
      KeyBinding(
        ["*"], "All", all, priority: 8, whyNot: none,
        help: "Mark all in view, or none any more."),
      KeyBinding(["t"], "Times", times, priority: 15, help: "Show or hide the times."),
      KeyBinding(
        ["o"], "Open its execution", execution, place: .actionMenu, whyNot: noExecution,
        help: "Show the execution that wrote the line."),
      KeyBinding(
        ["i"], shown.execution == nil ? "Only its execution" : "Every execution", only,
        place: .actionMenu, whyNot: shown.execution == nil ? noExecution : nil,
        help: "Show only lines of the execution that wrote this one, or all again."),
      KeyBinding(
        ["p"], "Its person", person, place: .actionMenu, whyNot: noPerson,
        help: "Show the person that the line names."),
      KeyBinding(
        ["w"], "Write all to a file", export, place: .actionMenu, whyNot: none,
        help: "Write every line of the filter to a file beside the workspace."),
    ]
  }

  static func form(_ filter: LogFilter) -> FormLayer {
    let levels = LogLevel.allCases.map {
      Form.Choice($0.name, $0 == .error ? "errors only" : "\($0.name) and graver")
    }
    let form = Form([
      Form.Field(
        "level", "Level", .choice(levels), value: filter.minimum.name, help: "How grave at least."),
      Form.Field(
        "execution", "Execution", value: filter.execution.map { "\($0)" } ?? "",
        help: "Only lines of this one, such as #312."),
      Form.Field(
        "text", "Words", value: filter.text,
        help: "Only lines with all of these words, or words that begin so."),
    ])
    return FormLayer(Self.filter, title: "Filter the log", form: form, verb: "Filter")
  }
}
