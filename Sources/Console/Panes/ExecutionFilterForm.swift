// The filters of executions as a form, as a line in the title, and as a menu of those with names.
// What must stay true: whatever the form can say, it shows again when it is opened the next time.

import Basics
import Domain
import Screen

enum ExecutionFilterForm {
  private static let states: [(name: String, statuses: Set<ExecutionStatus>)] =
    [
      ("any", []), ("failed or partial", [.failed, .partial]),
      ("waiting, running or held", [.waiting, .running, .held]),
    ] + ExecutionStatus.allCases.map { ($0.rawValue, [$0]) }

  private static let spans: [(name: String, duration: Duration?)] = [
    ("any time", nil), ("the last hour", .hours(1)), ("the last day", .days(1)),
    ("the last 7 days", .days(7)), ("the last 30 days", .days(30)), ("the last 90 days", .days(90)),
  ]

  static func layer(_ filter: ExecutionFilter, _ action: ActionID, in world: World) -> FormLayer {
    func choices(_ names: [String]) -> Form.Kind { .choice(names.map { Form.Choice($0) }) }
    func moment(_ instant: Instant?) -> String {
      instant.map { Wording.time($0, world.zone) } ?? ""
    }
    let status = states.first { $0.statuses == filter.statuses }?.name ?? words(filter.statuses)
    let names = states.map(\.name)
    let form = Form([
      Form.Field(
        "status", "Status", choices(names.contains(status) ? names : names + [status]),
        value: status, help: "How it ended, or where it stands."),
      Form.Field(
        "trigger", "Trigger", choices(["any"] + Trigger.allCases.map(\.rawValue)),
        value: filter.trigger?.rawValue ?? "any", help: "What started it."),
      Form.Field(
        "flow", "Flow", choices(["any"] + FlowKind.allCases.map(\.rawValue)),
        value: filter.flow?.rawValue ?? "any", help: "What it moved, and which way."),
      Form.Field(
        "since", "Time", choices(spans.map(\.name)),
        value: spans.first { $0.duration == filter.within }?.name ?? "any time",
        help: "How far back to look."),
      Form.Field(
        "from", "From", value: moment(filter.since), help: "Not before: \(TimeText.help).",
        placeholder: "a day or a time"),
      Form.Field(
        "to", "To", value: moment(filter.until), help: "Before: \(TimeText.help).",
        placeholder: "a day or a time"),
      Form.Field(
        "who", "Person", value: filter.person.map { "\($0)" } ?? filter.who,
        help: "Who was touched: an address, #7, an external id.", placeholder: "anybody"),
      Form.Field(
        "text", "Text", value: filter.text,
        help: "A number, words of its log, an address, an error."),
      Form.Field(
        "originals", "Originals only", .toggle, value: filter.originalsOnly ? "true" : "false",
        help: "Leave out retries and replays."),
      Form.Field(
        "unchanged", "Hide without changes", .toggle,
        value: filter.hidesUnchanged ? "true" : "false",
        help: "Leave out executions that changed nobody."),
    ])
    return FormLayer(action, title: "Filter executions", form: form, verb: "Filter")
  }

  /// The filter that the form says.
  static func filter(
    _ values: FormValues, replacing old: ExecutionFilter, in world: World
  ) throws(Problem) -> ExecutionFilter {
    var filter = ExecutionFilter()
    let status = values["status"] ?? "any"
    filter.statuses = states.first { $0.name == status }?.statuses ?? old.statuses
    filter.trigger = Trigger(rawValue: values["trigger"] ?? "")
    filter.flow = FlowKind(rawValue: values["flow"] ?? "")
    filter.within = spans.first { $0.name == values["since"] }?.duration
    filter.since = try moment(values, "from", in: world)
    filter.until = try moment(values, "to", in: world)
    filter.who = Text.oneLine(values["who"] ?? "")
    if let person = old.person, filter.who == "\(person)" {
      (filter.person, filter.who) = (person, "")
    }
    filter.text = Text.oneLine(values["text"] ?? "")
    filter.originalsOnly = values["originals"] == "true"
    filter.hidesUnchanged = values["unchanged"] == "true"
    return filter
  }

  private static func moment(
    _ values: FormValues, _ id: String, in world: World
  ) throws(Problem) -> Instant? {
    let text = Text.oneLine(values[id] ?? "")
    if text.isEmpty { return nil }
    guard let instant = TimeText.parse(text, in: world) else {
      throw Problem(
        "executions.not-a-time", "'\(text)' is no time.",
        remedy: "Write it as \(TimeText.help).", fields: ["field": id])
    }
    return instant
  }

  // MARK: In words

  /// In one line; empty where everything is shown.
  static func text(_ filter: ExecutionFilter, in world: World) -> String {
    var parts: [String] = []
    if !filter.statuses.isEmpty {
      parts.append(
        states.first { $0.statuses == filter.statuses }?.name ?? words(filter.statuses))
    }
    if let trigger = filter.trigger { parts.append(trigger.rawValue) }
    if let flow = filter.flow { parts.append(flow.rawValue) }
    if let within = filter.within {
      parts.append(spans.first { $0.duration == within }?.name ?? "lately")
    }
    if let since = filter.since { parts.append("from \(Wording.clock(since, in: world))") }
    if let until = filter.until { parts.append("before \(Wording.clock(until, in: world))") }
    if let person = filter.person { parts.append("person \(person)") }
    if !filter.who.isEmpty { parts.append("person \(filter.who)") }
    if filter.originalsOnly { parts.append("originals") }
    if filter.hidesUnchanged { parts.append("with changes") }
    if !filter.text.isEmpty { parts.append("\"\(filter.text)\"") }
    return parts.joined(separator: ", ")
  }

  private static func words(_ statuses: Set<ExecutionStatus>) -> String {
    statuses.map(\.rawValue).sorted().joined(separator: " or ")
  }

  // MARK: Those with names

  private static let letters: [Key] = "abcdefghijklmnoprtuvwxyz".unicodeScalars.map { Key($0) }
  private static let chosen = "executions.filter:"

  static func menu(
    _ saved: [SavedFilter], current: ExecutionFilter, _ keys: UserKeys
  ) -> Menu {
    let isAll = current == ExecutionFilter()
    var bindings = [
      KeyBinding(
        ["0"], "Everything", ActionID(chosen), whyNot: isAll ? "Everything is shown." : nil,
        help: "")
    ]
    bindings += zip(letters, saved).map { key, saved in
      KeyBinding([key], saved.name, ActionID(chosen + saved.name), help: "")
    }
    let isKept = saved.contains { $0.filter == current }
    bindings += [
      KeyBinding(
        ["+"], "Save this filter…", ExecutionsAction.keepFilter,
        whyNot: isAll
          ? "Everything is shown: filter first, with \(keys[ExecutionsAction.search]) or"
            + " \(keys[ExecutionsAction.filter])."
          : isKept ? "This filter has a name already." : nil, help: ""),
      KeyBinding(
        ["-"], "Forget this filter", ExecutionsAction.dropFilter,
        whyNot: saved.contains { $0.filter == current && !SavedFilter.standard.contains($0) }
          ? nil : "What is shown is not a filter that was saved.", help: ""),
    ]
    return Menu(title: "Filters", bindings: bindings)
  }

  /// The name that was chosen in the menu; nil for another action.
  static func name(_ action: ActionID) -> String? {
    action.description.hasPrefix(chosen)
      ? String(action.description.dropFirst(chosen.count)) : nil
  }
}
