// The log lines of every execution: followed as they come, searched, filtered by level, read one by
// one. What must stay true: following yields to the reader, the moment they move.

import Basics
import Domain
import Screen

struct LogsPane: Pane {
  private var book = TicketBook(.logs)
  private var list = Feed<LogRow>(keyed: true)
  private var filter = LogFilter()
  private var search = ""
  private var lastSearch = ""
  private var hunt: LogHunt?
  private var goal: Int64?
  private var isWrapped = false
  private var hidesTimes = false
  /// Lines to be copied together, by their ids.
  private var marks = LogMarks()
  /// The lines of a range, while they are asked for.
  private var ranging: Ticket?

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
    case .arrived(let jump): return arrive(jump, in: world)
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
    case .cancelled(LogsAction.search): (search, hunt) = ("", nil)
    case .submitted(LogsAction.search, let values):
      let text = Text.oneLine(values["text"] ?? "")
      // Nothing typed looks for the same again.
      search = text.isEmpty ? lastSearch : text
      lastSearch = search
      // From the tail the last one is wanted, from the middle the next one.
      return search.isEmpty ? [] : find(backwards: list.followsEnd)
    case .submitted(LogsAction.time, let values):
      guard let instant = TimeText.parse(values["text"] ?? "", in: world) else {
        return [.notice(Notice(.warning, "That is no time. Write \(TimeText.help)."))]
      }
      return go(to: instant)
    case .submitted(LogsAction.window, let values):
      let chosen = LogsAction.windows.first { $0.digit.description == values["digit"] }
      var wanted = filter
      wanted.within = chosen?.within
      return show(wanted, in: world)
    case .submitted(LogsAction.filter, let values):
      return read(values, in: world)
    case .answered(let ticket, let answer): return take(answer, ticket, in: world)
    default: break
    }
    return []
  }

  private mutating func arrive(_ jump: Jump, in world: World) -> [Effect] {
    switch jump {
    case .executions, .setting, .people, .webhook: return []
    case .logs(let wanted, let line):
      filter = wanted
      list.followsEnd = line == nil
      return ask(at: line.map { .around($0) } ?? .end, in: world)
    case .logsAt(let wanted, let instant):
      filter = wanted
      return go(to: instant)
    }
  }

  private mutating func take(_ answer: Answer, _ ticket: Ticket, in world: World) -> [Effect] {
    switch answer {
    case .logs(let window):
      _ = list.accept(window, ticket, height: height(world)) { [goal] in $0.id == goal }
    case .logMatch(let found):
      guard var hunting = hunt else { return [] }
      switch hunting.take(found, ticket, &book) {
      case .stranger: return []
      case .goesOn(let effects):
        hunt = hunting
        return effects
      case .nothing:
        hunt = nil
        return [.notice(Notice(.info, "There is no further line like that."))]
      case .found(let id):
        hunt = nil
        list.followsEnd = false
        return ask(at: .around(id), in: world)
      }
    case .logRange(let rows):
      guard ticket == ranging else { return [] }
      ranging = nil
      marks.endRange()
      marks.add(rows)
      guard rows.isEmpty else { return [] }
      return [.notice(Notice(.warning, "That is too much for a range: filter the lines first."))]
    case .refused(let problem):
      if ticket == ranging {
        ranging = nil
        marks.endRange()
        return [.notice(Notice(problem))]
      }
      if ticket == hunt?.ticket {
        hunt = nil
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
    // At the tail the search begins behind the last line.
    let from = list.followsEnd && backwards ? nil : list.selected?.id
    let begun = LogHunt(
      filter, text ?? search, minimum: minimum, from: from, backwards: backwards, &book)
    hunt = begun
    return [begun.first]
  }

  private mutating func go(to instant: Instant) -> [Effect] {
    let begun = LogHunt(filter, "", minimum: .debug, from: nil, backwards: false, &book)
    hunt = begun
    return [.query(.logTime(filter, instant), begun.ticket)]
  }

  // MARK: Keys

  func bindings(in world: World) -> [KeyBinding] {
    LogsAction.bindings(
      list.selected, follows: list.followsEnd, isWrapped: isWrapped, search: search, filter,
      world.keys)
  }

  private mutating func act(_ action: ActionID, in world: World) -> [Effect] {
    let row = list.selected
    switch action {
    case GlobalKeys.back:
      if hunt != nil {
        hunt = nil
        return [.notice(Notice(.info, "The search is left."))]
      }
      if !marks.isEmpty {
        (marks, ranging) = (LogMarks(), nil)
      } else if !search.isEmpty {
        search = ""
      } else if filter != LogFilter() {
        return show(LogFilter(), in: world)
      }
    case LogsAction.open:
      return row.map { [.open(.reader(LogText.reader($0, world.zone)))] } ?? []
    case LogsAction.execution:
      return row?.execution.map { [.switchPane(.executions, row: $0.rawValue)] } ?? []
    case LogsAction.person:
      return row.flatMap { LogText.person($0) }
        .map { [.switchPane(.people, row: $0.rawValue)] } ?? []
    case LogsAction.only:
      var wanted = filter
      wanted.execution = filter.execution == nil ? row?.execution : nil
      filter = wanted
      list.followsEnd = false
      return ask(at: row.map { .around($0.id) } ?? .end, in: world)
    case LogsAction.follow:
      if list.followsEnd {
        list.followsEnd = false
      } else {
        return ask(at: .end, in: world)
      }
    case LogsAction.level:
      let levels = LogLevel.allCases
      return level(levels[(filter.minimum.rawValue + 1) % levels.count], in: world)
    case LogsAction.errors:
      return level(filter.minimum == .error ? .info : .error, in: world)
    case LogsAction.search:
      return [
        .open(
          .prompt(
            Prompt(
              action, label: "/",
              help:
                "\(world.keys[LogsAction.next]) and \(world.keys[LogsAction.previous]) go on searching"
            )))
      ]
    case LogsAction.time:
      return [.open(.prompt(Prompt(action, label: "Go to", help: TimeText.help)))]
    case LogsAction.filter: return [.open(.form(LogsAction.form(filter)))]
    case LogsAction.next: return find(backwards: false)
    case LogsAction.previous: return find(backwards: true)
    case LogsAction.nextError: return find("", minimum: .error, backwards: false)
    case LogsAction.previousError: return find("", minimum: .error, backwards: true)
    case LogsAction.window: return [.open(.menu(LogsAction.menu(filter)))]
    case LogsAction.mark:
      guard let row else { return [] }
      marks.toggle(row)
      list.move(.down, height: height(world))
    case LogsAction.range:
      guard let row else { return [] }
      guard let range = marks.range(to: row.id) else {
        marks.begin(at: row.id)
        return []
      }
      let ticket = book.next()
      ranging = ticket
      return [.query(.logRange(filter, range), ticket)]
    case LogsAction.all:
      if marks.count == 0 {
        marks.add(list.visible(height(world)).compactMap { list.row(at: $0) })
      } else {
        marks.clear()
      }
    case LogsAction.wrap: isWrapped.toggle()
    case LogsAction.times: hidesTimes.toggle()
    case LogsAction.export:
      return [.exportLogs(filter), .notice(Notice(.info, "The lines are written to a file…"))]
    default: break
    }
    return []
  }

  private mutating func show(_ wanted: LogFilter, in world: World) -> [Effect] {
    filter = wanted
    return ask(at: .end, in: world)
  }

  private mutating func level(_ level: LogLevel, in world: World) -> [Effect] {
    let row = list.selected
    let follows = list.followsEnd
    filter.minimum = level
    let said = level == .error ? "errors only" : "\(level.name) and graver"
    // The selected line stays, where it is grave enough; else the end is shown.
    let stays = row.map { !follows && $0.line.level >= level } ?? false
    return [.notice(Notice(.info, "Shown: \(said)."))]
      + ask(at: stays ? row.map { .around($0.id) } : .end, in: world)
  }

  private mutating func read(_ values: FormValues, in world: World) -> [Effect] {
    let number = Text.oneLine(values["execution"] ?? "")
    let execution = ExecutionID(number)
    if execution == nil && !number.isEmpty {
      return [
        .refuseForm(
          LogsAction.filter,
          Problem(
            "logs.not-a-number", "'\(number)' is no number of an execution.",
            remedy: "Write it as #312, or leave it empty.", fields: ["field": "execution"]))
      ]
    }
    var wanted = LogFilter()
    wanted.within = filter.within
    wanted.minimum = LogLevel.allCases.first { $0.name == values["level"] } ?? .info
    wanted.execution = execution
    wanted.text = Text.oneLine(values["text"] ?? "")
    return [.closeForm(LogsAction.filter)] + show(wanted, in: world)
  }

  var memory: [String: String] {
    ["level": filter.minimum.name, "wrap": "\(isWrapped)", "times": "\(!hidesTimes)"]
  }

  mutating func recall(_ memory: [String: String]) {
    filter.minimum = LogLevel.allCases.first { $0.name == memory["level"] } ?? filter.minimum
    isWrapped = memory["wrap"] == "true"
    hidesTimes = memory["times"] == "false"
  }

  func copies(in world: World) -> [CopyItem] {
    guard let row = list.selected else { return [] }
    let view = list.visible(height(world)).compactMap { list.row(at: $0) }
    let shown = view.map { LogText.plain($0, world.zone) }.joined(separator: "\n")
    let marked = marks.all.map { LogText.plain($0, world.zone) }.joined(separator: "\n")
    let what = "The \(Wording.count(marks.count, "marked line", "marked lines"))"
    return (marks.count == 0 ? [] : [CopyItem(what, marked), CopyItem(what, marked, to: .file)]) + [
      CopyItem("The line", LogText.plain(row, world.zone)),
      CopyItem("The sentence", row.line.sentence), CopyItem("The lines in view", shown),
      CopyItem("The lines in view", shown, to: .file),
    ]
  }

  // MARK: The picture

  private var columns: [TableColumn] {
    hidesTimes ? Array(LogText.columns.dropFirst()) : LogText.columns
  }

  private func cells(_ row: LogRow, _ zone: ClockZone) -> [Run] {
    let cells = LogText.cells(row, zone)
    return hidesTimes ? Array(cells.dropFirst()) : cells
  }

  private func empty(_ world: World) -> [String] {
    if filter.execution != nil || filter.within != nil || !filter.text.isEmpty {
      return ["No line fits the filter.", "Esc clears it."]
    }
    return filter.minimum > .info
      ? [
        "Nothing so grave was written.", "\(world.keys[LogsAction.level]) shows less grave lines.",
      ]
      : [
        "Nothing was written yet.",
        "Lines appear when something runs: press \(world.keys[GlobalKeys.forceSync]).",
      ]
  }

  private func title(in world: World) -> String {
    var parts = ["Logs"]
    // Lines show the time alone: of another day, its date stands here.
    if let at = list.selected?.line.at, !list.followsEnd {
      let day = Wording.date(at, world.zone)
      if day != Wording.date(world.now, world.zone) { parts.append(day) }
    }
    if filter.minimum != .info {
      parts.append(filter.minimum == .error ? "errors only" : "from \(filter.minimum.name)")
    }
    if filter.within != nil { parts.append(LogsAction.name(of: filter.within)) }
    if marks.start != nil {
      parts.append("range from here: \(world.keys[LogsAction.range]) marks it")
    } else if marks.count > 0 {
      parts.append("\(Wording.number(marks.count)) marked")
    }
    if let id = filter.execution { parts.append("only \(id)") }
    if !filter.text.isEmpty { parts.append("with \"\(filter.text)\"") }
    if !search.isEmpty {
      let share = hunt.map { " \($0.share / 10)%" } ?? ""
      parts.append("searching \"\(search)\"\(share)")
    }
    if list.followsEnd { parts.append("following") }
    return parts.joined(separator: ", ")
  }

  func draw(on canvas: inout Canvas, in world: World) {
    let note = list.note(height: height(world))
    let room = canvas.box(canvas.bounds, title: title(in: world), note: note, focused: true)
    let cursor = list.selected?.id
    canvas.inside(room) { canvas in
      if isWrapped && !list.isEmpty && !list.isLoading {
        drawWrapped(on: &canvas, world.zone)
      } else {
        list.draw(
          columns, on: &canvas, focused: true, empty: empty(world), highlighting: search,
          marked: { row, _ in marks.contains(row.id, cursor: cursor) }
        ) {
          cells($0, world.zone)
        }
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
      let folded = Fold.lines([heads + cells.suffix(1)], to: canvas.width - 3)
      return search.isEmpty ? folded : folded.map { LogText.highlighted($0, search) }
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
        if let row = list.row(at: position), marks.contains(row.id, cursor: list.selected?.id) {
          canvas.text(canvas.glyphs.mark, 1, 0, .mark)
        }
        for (line, runs) in lines.enumerated() { canvas.line(runs, 2, line) }
      }
      y += lines.count
      position += 1
    }
    canvas.scrollBar(canvas.width - 1, 0, canvas.height, top: first, total: list.count)
  }

  func plainLines(in world: World) -> [String] {
    list.plain(columns, empty: empty(world).joined(separator: " ")) { cells($0, world.zone) }
  }
}
