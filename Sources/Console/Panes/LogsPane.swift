// The log lines of every execution: followed as they come, searched, filtered by level, read one by
// one. What must stay true: following yields to the reader, the moment they move.

import Basics
import Domain
import Screen

struct LogsPane: Pane {
  private var book = TicketBook(.logs)
  private var list = Feed<LogRow>()
  private var filter = LogFilter()
  private var search = ""
  private var finding: Ticket?
  private var goal: Int64?
  private var isWrapped = false
  private var hidesTimes = false

  init() { list.followsEnd = true }

  // MARK: Events

  mutating func update(_ event: PaneEvent, in world: World) -> [Effect] {
    let effects = take(event, in: world)
    let filter = filter
    return effects + list.refill(height: height(world), &book) { .logs(filter, $0) }
  }

  private func height(_ world: World) -> Int { max(1, world.body.height - 3) }

  private mutating func take(_ event: PaneEvent, in world: World) -> [Effect] {
    let height = height(world)
    switch event {
    case .appeared: return ask(at: list.followsEnd ? .end : nil, in: world)
    case .dataChanged:
      let filter = filter
      return list.refresh(height: height, &book) { .logs(filter, $0) }
    case .moved(let motion): list.move(motion, height: height)
    case .wheeled(_, let rows): list.scroll(rows, height: height)
    case .clicked(let point, let isDouble):
      if !isWrapped, list.select(line: point.y - 2, height: height), isDouble {
        return act(LogsAction.open, in: world)
      }
    case .acted(let action): return act(action, in: world)
    case .typed(LogsAction.search, let text): search = Text.oneLine(text)
    case .cancelled(LogsAction.search): search = ""
    case .submitted(LogsAction.search, let values):
      search = Text.oneLine(values["text"] ?? "")
      // From the tail the last one is wanted, from the middle the next one.
      return search.isEmpty ? [] : find(backwards: list.followsEnd)
    case .answered(let ticket, let answer): return take(answer, ticket, in: world)
    default: break
    }
    return []
  }

  private mutating func take(_ answer: Answer, _ ticket: Ticket, in world: World) -> [Effect] {
    switch answer {
    case .logs(let window):
      _ = list.accept(window, ticket, height: height(world)) { [goal] in $0.id == goal }
    case .logMatch(let id) where ticket == finding:
      finding = nil
      guard let id else { return [.notice(Notice(.info, "There is no further line like that."))] }
      list.followsEnd = false
      return ask(at: .around(id), in: world)
    case .refused(let problem):
      if ticket == finding {
        finding = nil
        return [.notice(Notice(problem))]
      }
      _ = list.accept(problem, ticket)
    default: break
    }
    return []
  }

  private mutating func ask(at place: WindowRequest.Place?, in world: World) -> [Effect] {
    if case .around(let id) = place { goal = id }
    let filter = filter
    return list.restart(at: place, height: height(world), &book) { .logs(filter, $0) }
  }

  private mutating func find(
    _ text: String? = nil, minimum: LogLevel = .debug, backwards: Bool
  ) -> [Effect] {
    let ticket = book.next()
    finding = ticket
    // At the tail the search begins behind the last line.
    let from = list.followsEnd && backwards ? nil : list.selected?.id
    return [
      .query(
        .logMatch(
          filter, text: text ?? search, minimum: minimum, from: from, backwards: backwards), ticket)
    ]
  }

  // MARK: Keys

  func bindings(in world: World) -> [KeyBinding] {
    let noSearch = search.isEmpty ? "Nothing is searched for: press / first." : nil
    let none = list.selected == nil ? "There is no line here." : nil
    return [
      KeyBinding(
        ["Enter"], "Open", LogsAction.open, priority: 40, whyNot: none,
        help: "Show the whole line with its fields."),
      KeyBinding(
        ["f"], list.followsEnd ? "Stop following" : "Follow", LogsAction.follow, priority: 50,
        help: "Follow the end as lines come; any move stops it."),
      KeyBinding(
        ["L"], "Level", LogsAction.level, priority: 45,
        help: "Show from this level on: debug, info, warning, errors only."),
      KeyBinding(["/"], "Search", LogsAction.search, priority: 55, help: "Search the lines."),
      KeyBinding(["n"], "Next", LogsAction.next, whyNot: noSearch, help: "The next match below."),
      KeyBinding(
        ["N"], "Previous", LogsAction.previous, whyNot: noSearch, help: "The match above."),
      KeyBinding(
        ["e"], "Next error", LogsAction.nextError, priority: 35, help: "The next error below."),
      KeyBinding(["E"], "Previous error", LogsAction.previousError, help: "The error above."),
      KeyBinding(
        ["w"], isWrapped ? "No wrap" : "Wrap", LogsAction.wrap, priority: 25,
        help: "Wrap long lines, or cut them."),
      KeyBinding(
        ["t"], "Times", LogsAction.times, priority: 15, help: "Show or hide the times."),
      KeyBinding(
        ["o"], "Open its execution", LogsAction.execution, place: .actionMenu,
        whyNot: none ?? (list.selected?.execution == nil ? "The line has no execution." : nil),
        help: "Show the execution that wrote the line."),
    ]
  }

  private mutating func act(_ action: ActionID, in world: World) -> [Effect] {
    switch action {
    case GlobalKeys.back:
      guard !search.isEmpty else { return [] }
      search = ""
    case LogsAction.open:
      return list.selected.map { [.open(.reader(LogText.reader($0, world.zone)))] } ?? []
    case LogsAction.execution:
      guard let id = list.selected?.execution else { return [] }
      return [.switchPane(.executions, row: id.rawValue)]
    case LogsAction.follow:
      if list.followsEnd {
        list.followsEnd = false
      } else {
        return ask(at: .end, in: world)
      }
    case LogsAction.level:
      let levels = LogLevel.allCases
      let next = (filter.minimum.rawValue + 1) % levels.count
      filter.minimum = levels[next]
      let said = filter.minimum == .error ? "errors only" : "\(filter.minimum.name) and graver"
      return [.notice(Notice(.info, "Shown: \(said)."))] + ask(at: .end, in: world)
    case LogsAction.search:
      return [
        .open(.prompt(Prompt(action, label: "/", text: search, help: "n and N go on searching")))
      ]
    case LogsAction.next: return find(backwards: false)
    case LogsAction.previous: return find(backwards: true)
    case LogsAction.nextError: return find("", minimum: .error, backwards: false)
    case LogsAction.previousError: return find("", minimum: .error, backwards: true)
    case LogsAction.wrap: isWrapped.toggle()
    case LogsAction.times: hidesTimes.toggle()
    default: break
    }
    return []
  }

  func copies(in world: World) -> [CopyItem] {
    guard let row = list.selected else { return [] }
    return [
      CopyItem("The line", LogText.sentence(row)),
      CopyItem("The lines read", plainLines(in: world).joined(separator: "\n"), to: .file),
    ]
  }

  // MARK: The picture

  private var columns: [TableColumn] {
    hidesTimes ? Array(LogText.columns.dropFirst()) : LogText.columns
  }

  private func cells(_ row: LogRow, _ zone: ClockZone) -> [Run] {
    var cells = LogText.cells(row, zone)
    if !search.isEmpty, LogText.sentence(row).lowercased().contains(search.lowercased()) {
      cells[2].role = .match
    }
    return hidesTimes ? Array(cells.dropFirst()) : cells
  }

  private var empty: [String] {
    filter.minimum > .info
      ? ["Nothing so grave was written.", "L shows less grave lines."]
      : ["Nothing was written yet.", "Lines appear when something runs: press F."]
  }

  private var title: String {
    var parts = ["Logs"]
    if filter.minimum != .info {
      parts.append(filter.minimum == .error ? "errors only" : "from \(filter.minimum.name)")
    }
    if !search.isEmpty { parts.append("searching \"\(search)\"") }
    if list.followsEnd { parts.append("following") }
    return parts.joined(separator: ", ")
  }

  func draw(on canvas: inout Canvas, in world: World) {
    let note = list.note(height: height(world))
    let room = canvas.box(canvas.bounds, title: title, note: note, focused: true)
    canvas.inside(room) { canvas in
      if isWrapped && !list.isEmpty && !list.isLoading {
        drawWrapped(on: &canvas, world.zone)
      } else {
        list.draw(columns, on: &canvas, focused: true, empty: empty) { cells($0, world.zone) }
      }
    }
  }

  /// Whole lines, as many as fit, the selected one always among them.
  private func drawWrapped(on canvas: inout Canvas, _ zone: ClockZone) {
    func folded(_ position: Int) -> [[Run]] {
      guard let row = list.row(at: position) else { return [[Run("…", .dim)]] }
      let cells = cells(row, zone)
      let heads = cells.dropLast().enumerated().map { index, cell in
        let width = (hidesTimes ? LogText.columns[1] : LogText.columns[index]).minimum + 1
        return Run(CharacterWidth.fit(cell.text, to: width), cell.role)
      }
      return Fold.lines([heads + cells.suffix(1)], to: canvas.width - 3)
    }
    // Upwards from the selected line until the screen is full, no higher than the view begins.
    var first = list.position
    var height = folded(first).count
    while first > list.top, height < canvas.height {
      height += folded(first - 1).count
      if height <= canvas.height { first -= 1 }
    }
    var y = 0
    var position = first
    while y < canvas.height, position < list.count {
      let lines = folded(position)
      let isSelected = position == list.position
      let rows = Rect(0, y, canvas.width - 1, lines.count)
      canvas.inside(rows, on: isSelected ? .selection : canvas.ground) { canvas in
        canvas.fill()
        if isSelected { canvas.text(canvas.glyphs.cursor, 0, 0, .accent) }
        for (line, runs) in lines.enumerated() { canvas.line(runs, 2, line) }
      }
      y += lines.count
      position += 1
    }
    canvas.scrollBar(canvas.width - 1, 0, canvas.height, top: first, total: list.count)
  }

  func plainLines(in world: World) -> [String] {
    list.plain(columns, empty: empty.joined(separator: " ")) { cells($0, world.zone) }
  }
}

enum LogsAction {
  static let open: ActionID = "logs.open"
  static let follow: ActionID = "logs.follow"
  static let level: ActionID = "logs.level"
  static let search: ActionID = "logs.search"
  static let next: ActionID = "logs.next"
  static let previous: ActionID = "logs.previous"
  static let nextError: ActionID = "logs.next-error"
  static let previousError: ActionID = "logs.previous-error"
  static let wrap: ActionID = "logs.wrap"
  static let times: ActionID = "logs.times"
  static let execution: ActionID = "logs.execution"
}
