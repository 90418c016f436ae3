// What ran, when, and what came of it: the list at the left or on top, one execution in detail
// beside it. Filters combine; a running execution shows how far it is.

import Basics
import Domain
import Screen

struct ExecutionsPane: Pane {
  private var split = Split()
  private var book = TicketBook(.executions)
  private var list = Feed<Execution>()
  private var detail = ExecutionDetail()
  private var filter = ExecutionFilter()
  private var since = "any time"

  // MARK: Events

  mutating func update(_ event: PaneEvent, in world: World) -> [Effect] {
    let effects = take(event, in: world)
    return effects + settle(in: world)
  }

  private mutating func take(_ event: PaneEvent, in world: World) -> [Effect] {
    switch event {
    case .appeared(let row):
      if row != nil {
        filter = ExecutionFilter()
        since = "any time"
      }
      detail.expire()
      return ask(at: row.map { .around($0) }, in: world)
    case .disappeared, .ticked, .resized, .pressed, .pasted: return []
    case .dataChanged:
      detail.expire()
      let filter = filter
      return list.refresh(height: split.listHeight(world), &book) { .executions(filter, $0) }
    case .moved(let motion):
      if split.focus == .list {
        list.move(motion, height: split.listHeight(world))
      } else {
        moveDetail(motion, in: world)
      }
    case .wheeled(let point, let rows): wheel(point, rows, in: world)
    case .clicked(let point, let isDouble): return click(point, isDouble, in: world)
    case .acted(let action): return act(action, in: world)
    case .typed(ExecutionsAction.search, let text):
      filter.text = Text.oneLine(text)
      return ask(at: .at(0), in: world)
    case .cancelled(ExecutionsAction.search):
      filter.text = ""
      return ask(at: .at(0), in: world)
    case .submitted(ExecutionsAction.filter, let values):
      return read(values, in: world) + [.closeForm(ExecutionsAction.filter)]
    case .answered(let ticket, let answer): return take(answer, ticket, in: world)
    case .typed, .submitted, .cancelled: break
    }
    return []
  }

  private mutating func take(_ answer: Answer, _ ticket: Ticket, in world: World) -> [Effect] {
    let height = split.listHeight(world)
    switch answer {
    case .executions(let window):
      // A goal row is looked for by the id it was asked with.
      _ = list.accept(window, ticket, height: height) { [goal] in $0.id.rawValue == goal }
      return []
    case .undoPreview(let preview):
      guard ticket == undoing else { return [] }
      undoing = nil
      return [.open(.dialog(Self.undoDialog(preview)))]
    case .refused(let problem) where ticket == undoing:
      undoing = nil
      return [.notice(Notice(problem))]
    case .refused(let problem):
      if list.accept(problem, ticket) { return [] }
      return detail.take(answer, ticket, height: split.detailHeight(world))
    default: return detail.take(answer, ticket, height: split.detailHeight(world))
    }
  }

  private var goal: Int64?
  /// The question what an undo would do, while it is out.
  private var undoing: Ticket?

  private static func undoDialog(_ preview: UndoPreview) -> Dialog {
    let counts = preview.counts
    var lines = [preview.sentence.prefix(1).uppercased() + preview.sentence.dropFirst() + "."]
    if counts.update > 0 {
      lines.append("Old values stay there until that field changes here.")
    }
    if counts.restore > 0 {
      lines.append("What is put back here leaves with the next sync where the mapping sends it.")
    }
    lines += preview.notes.prefix(3).map { "\(Wording.people($0.count)): \($0.sentence)" }
    lines += preview.stays.prefix(6).map {
      "\(Wording.people($0.count)) \($0.count == 1 ? "stays" : "stay"): \($0.sentence)"
    }
    let rest = preview.stays.dropFirst(6).reduce(0) { $0 + $1.count }
    if rest > 0 { lines.append("\(Wording.people(rest)) stay for other reasons.") }
    return Dialog(
      title: "Undo \(preview.execution)", lines: lines, verb: "Undo",
      word: counts.archive > 0 ? "\(counts.archive)" : nil,
      orders: [.request(.undoExecution(preview.execution))])
  }

  private mutating func ask(at place: WindowRequest.Place?, in world: World) -> [Effect] {
    if case .around(let id) = place { goal = id }
    let filter = filter
    return list.restart(at: place, height: split.listHeight(world), &book) {
      .executions(filter, $0)
    }
  }

  /// Asks for whatever the picture lacks now.
  private mutating func settle(in world: World) -> [Effect] {
    let filter = filter
    let more = list.refill(height: split.listHeight(world), &book) { .executions(filter, $0) }
    return more
      + detail.show(
        list.selected, height: split.detailHeight(world), isShown: split.isDetailShown(world), &book
      )
  }

  private mutating func moveDetail(_ motion: Motion, in world: World) {
    let width = max(1, (split.frames(world).detail?.width ?? 1) - 5)
    let total = list.selected.map { detail.lines($0, world, width: width).count } ?? 0
    detail.move(motion, height: split.detailHeight(world), total: total)
  }

  // MARK: Keys

  func bindings(in world: World) -> [KeyBinding] {
    let run = list.selected
    let none = "No execution is selected."
    let isOver = run?.status.isFinished ?? false
    let hasFailed = isOver && ((run?.counts.refused ?? 0) > 0 || run?.status == .failed)
    return [
      KeyBinding(
        ["Enter"], split.focus == .list ? "Open" : "Show", ExecutionsAction.open, priority: 50,
        whyNot: run == nil ? none : nil,
        help: "Open the detail; in it, show the whole of the selected row."),
      KeyBinding(
        ["/"], "Filter", ExecutionsAction.search, priority: 35,
        help: "Filter by text as you type: a name, an address, an error."),
      KeyBinding(
        ["&"], "Form", ExecutionsAction.filter, priority: 25,
        help: "Filter by status, trigger, flow, time, originals only, without changes."),
      KeyBinding(
        ["c"], "Cancel this run", ExecutionsAction.cancel, place: .actionMenu,
        whyNot: run == nil ? none : isOver ? "It is over: nothing is left to cancel." : nil,
        help: "Stop the execution at the next safe point."),
      KeyBinding(
        ["r"], "Retry what failed", ExecutionsAction.retry, place: .actionMenu,
        whyNot: run == nil
          ? none
          : !isOver ? "It is not over yet." : hasFailed ? nil : "Nothing in it failed.",
        help: "Send again what this execution could not send."),
      KeyBinding(
        ["p"], "Replay", ExecutionsAction.replay, place: .actionMenu,
        whyNot: run == nil ? none : isOver ? nil : "It is not over yet.",
        help: "Do all of it again as a new, linked execution."),
      KeyBinding(
        ["u"], "Undo", ExecutionsAction.undo, place: .actionMenu,
        whyNot: run == nil ? none : isOver ? nil : "It is not over yet.",
        help: "Put back what it changed, there and here, where that can be done; asks first."),
    ] + split.bindings(hasTabs: true)
  }

  var canGoBack: Bool { split.canGoBack }

  private mutating func act(_ action: ActionID, in world: World) -> [Effect] {
    switch action {
    case GlobalKeys.back where !split.canGoBack:
      guard isFiltered else { return [] }
      filter = ExecutionFilter()
      since = "any time"
      return ask(at: .at(0), in: world)
    case ExecutionsAction.open:
      guard split.focus == .detail else {
        split.focus = .detail
        return []
      }
      return detail.open(&book, zone: world.zone)
    case ExecutionsAction.search:
      let prompt = Prompt(
        action, label: "/", text: filter.text, help: "a name, an address, an error")
      return [.open(.prompt(prompt))]
    case ExecutionsAction.filter: return [.open(.form(filterForm()))]
    case ExecutionsAction.cancel: return confirm(action)
    case ExecutionsAction.retry: return confirm(action)
    case ExecutionsAction.replay: return confirm(action)
    case ExecutionsAction.undo:
      guard let run = list.selected else { return [] }
      let ticket = book.next()
      undoing = ticket
      return [.query(.undoPreview(run.id), ticket)]
    case SplitAction.nextTab: detail.turn(1)
    case SplitAction.previousTab: detail.turn(-1)
    default: _ = split.take(action)
    }
    return []
  }

  private func confirm(_ action: ActionID) -> [Effect] {
    guard let run = list.selected else { return [] }
    let counts = run.counts
    let dialog: Dialog
    switch action {
    case ExecutionsAction.cancel:
      let done = Wording.number(run.done)
      let of = run.total.map { " of \(Wording.number($0))" } ?? ""
      dialog = Dialog(
        title: "Cancel \(run.id)",
        lines: ["\(done)\(of) people are done; they stay as they are. The rest is not sent."],
        verb: "Cancel the run", orders: [.request(.cancelExecution(run.id))])
    case ExecutionsAction.retry:
      dialog = Dialog(
        title: "Retry \(run.id)",
        lines: ["The \(Wording.people(counts.refused)) it could not send are sent again."],
        verb: "Retry", orders: [.request(.retryExecution(run.id))])
    default:
      let all = counts.changed + counts.refused
      dialog = Dialog(
        title: "Replay \(run.id)",
        lines: [
          "The \(Wording.people(all)) it touched are compared with the audience once more,"
            + " in a new execution."
        ], verb: "Replay", orders: [.request(.replayExecution(run.id))])
    }
    return [.open(.dialog(dialog))]
  }

  func copies(in world: World) -> [CopyItem] {
    guard let run = list.selected else { return [] }
    let lines = detail.lines(run, world, width: 100).map { $0.map(\.text).joined() }
    let text = lines.joined(separator: "\n")
    return [
      CopyItem("The number \(run.id)", "\(run.id)"), CopyItem("This tab", text),
      CopyItem("This tab", text, to: .file),
      CopyItem("The list", plainLines(in: world).joined(separator: "\n"), to: .file),
    ]
  }

  // MARK: The mouse

  private mutating func wheel(_ point: Point, _ rows: Int, in world: World) {
    let frames = split.frames(world)
    if frames.list?.contains(point) ?? false {
      list.scroll(rows, height: split.listHeight(world))
    } else if frames.detail?.contains(point) ?? false {
      for _ in 0..<abs(rows) { moveDetail(rows < 0 ? .up : .down, in: world) }
    }
  }

  private mutating func click(_ point: Point, _ isDouble: Bool, in world: World) -> [Effect] {
    let frames = split.frames(world)
    if let frame = frames.list, frame.contains(point) {
      split.focus = .list
      let isRow = list.select(line: point.y - frame.y - 2, height: split.listHeight(world))
      if isRow && isDouble { return act(ExecutionsAction.open, in: world) }
    } else if let frame = frames.detail, frame.contains(point) {
      split.focus = .detail
      if point.y == frame.y + 1 {
        detail.turn(at: point.x - frame.x - 1, width: frame.width - 2)
      } else if detail.select(line: point.y - frame.y - 3, height: split.detailHeight(world)),
        isDouble
      {
        return act(ExecutionsAction.open, in: world)
      }
    }
    return []
  }

  // MARK: Filters

  private var isFiltered: Bool { filter != ExecutionFilter() }

  private static let spans: [(name: String, duration: Duration?)] = [
    ("any time", nil), ("the last hour", .hours(1)), ("the last day", .days(1)),
    ("the last 7 days", .days(7)), ("the last 30 days", .days(30)),
  ]

  private func filterForm() -> FormLayer {
    func choices(_ names: [String]) -> Form.Kind { .choice(names.map { Form.Choice($0) }) }
    let form = Form([
      Form.Field(
        "status", "Status", choices(["any"] + ExecutionStatus.allCases.map(\.rawValue)),
        value: filter.statuses.first?.rawValue ?? "any", help: "How it ended, or where it stands."),
      Form.Field(
        "trigger", "Trigger", choices(["any"] + Trigger.allCases.map(\.rawValue)),
        value: filter.trigger?.rawValue ?? "any", help: "What started it."),
      Form.Field(
        "flow", "Flow", choices(["any"] + FlowKind.allCases.map(\.rawValue)),
        value: filter.flow?.rawValue ?? "any", help: "What it moved, and which way."),
      Form.Field(
        "since", "Started", choices(Self.spans.map(\.name)), value: since,
        help: "How far back to look."),
      Form.Field(
        "originals", "Originals only", .toggle, value: filter.originalsOnly ? "true" : "false",
        help: "Leave out retries and replays."),
      Form.Field(
        "unchanged", "Hide without changes", .toggle,
        value: filter.hidesUnchanged ? "true" : "false",
        help: "Leave out executions that changed nobody."),
    ])
    return FormLayer(
      ExecutionsAction.filter, title: "Filter executions", form: form, verb: "Filter")
  }

  private mutating func read(_ values: FormValues, in world: World) -> [Effect] {
    filter.statuses = Set([ExecutionStatus(rawValue: values["status"] ?? "")].compactMap { $0 })
    filter.trigger = Trigger(rawValue: values["trigger"] ?? "")
    filter.flow = FlowKind(rawValue: values["flow"] ?? "")
    filter.originalsOnly = values["originals"] == "true"
    filter.hidesUnchanged = values["unchanged"] == "true"
    since = values["since"] ?? "any time"
    let span = Self.spans.first { $0.name == since }?.duration
    filter.since = span.map { world.now - $0 }
    return ask(at: .at(0), in: world)
  }

  private var filterText: String {
    var parts = filter.statuses.map(\.rawValue)
    if let trigger = filter.trigger { parts.append(trigger.rawValue) }
    if let flow = filter.flow { parts.append(flow.rawValue) }
    if filter.since != nil { parts.append(since) }
    if filter.originalsOnly { parts.append("originals") }
    if filter.hidesUnchanged { parts.append("with changes") }
    if !filter.text.isEmpty { parts.append("\"\(filter.text)\"") }
    return parts.joined(separator: ", ")
  }

  // MARK: The picture

  private static let columns = [
    TableColumn("Status", minimum: 11, priority: 10),
    TableColumn("Started", minimum: 14, priority: 9),
    TableColumn("Took", minimum: 7, priority: 6, align: .right),
    TableColumn("Number", minimum: 6, ideal: 7, priority: 4, align: .right),
    TableColumn("Trigger", minimum: 10, priority: 7),
    TableColumn("Flow", minimum: 21, priority: 1),
    TableColumn("What happened", minimum: 12, ideal: 24, weight: 1, priority: 8),
  ]

  private func cells(_ run: Execution, _ world: World) -> [Run] {
    let glyphs = world.capabilities.glyphs
    let status = Wording.runs(run.status, glyphs).first ?? Run("")
    let what: Run =
      switch run.status {
      case .running: Run(Progress(run, now: world.now).text, .info)
      case .held: Run("waits for your decision in Review (8)", .warning)
      default:
        run.problem.map { Run($0.sentence, .danger) }
          ?? Run(Wording.counts(run.counts), run.counts.changed > 0 ? .text : .dim)
      }
    return [
      status, Run(Wording.short(run.startedAt ?? run.queuedAt, world.zone)),
      Run(run.tookMilliseconds.map { Wording.took($0) } ?? "", .dim), Run("\(run.id)", .dim),
      Run(run.trigger.rawValue), Run(run.flow.rawValue, .dim), what,
    ]
  }

  private var empty: [String] {
    isFiltered
      ? ["Nothing fits the filter.", "Esc clears it."]
      : ["Nothing has run yet.", "Press F to force a sync."]
  }

  func draw(on canvas: inout Canvas, in world: World) {
    let frames = split.frames(world)
    if let frame = frames.list {
      let title = filterText.isEmpty ? "Executions" : "Executions: \(filterText)"
      let isFocused = split.focus == .list
      let note = list.note(height: split.listHeight(world))
      let room = canvas.box(frame, title: title, note: note, focused: isFocused)
      canvas.inside(room) { canvas in
        list.draw(Self.columns, on: &canvas, focused: isFocused, empty: empty) { cells($0, world) }
      }
    }
    if let frame = frames.detail {
      detail.draw(list.selected, on: &canvas, frame, focused: split.focus == .detail, world)
    }
  }

  func plainLines(in world: World) -> [String] {
    list.plain(Self.columns, empty: empty.joined(separator: " ")) { cells($0, world) }
  }
}

enum ExecutionsAction {
  static let open: ActionID = "executions.open"
  static let search: ActionID = "executions.search"
  static let filter: ActionID = "executions.filter"
  static let cancel: ActionID = "executions.cancel"
  static let retry: ActionID = "executions.retry"
  static let replay: ActionID = "executions.replay"
  static let undo: ActionID = "executions.undo"
}
