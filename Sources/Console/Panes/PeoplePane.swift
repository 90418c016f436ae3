// Everybody in the directory: a list in chosen columns and any order, searched in the search
// language, each with state and reason; one person in detail; people added, edited, marked and
// changed together. What is done to people is in `PeopleWork`, the keys in `PeopleKeys`.

import Basics
import Domain
import Screen

struct PeoplePane: Pane {
  var split = Split()
  var divided: Split? { assistant == nil ? split : nil }
  var book = TicketBook(.people)
  var list = Feed<PersonRow>(keyed: true)
  var grid = PeopleGrid()
  var marks = PeopleMarks()
  var work = PeopleWork()
  var detail = PersonView()
  var search = ""
  var custom = Loaded<[CustomField]>()
  var words = Loaded<SearchVocabulary>()
  var goal: Int64?
  /// Whom the open form edits; nil for somebody new.
  var edited: Person?
  /// Their account manager when the form was opened.
  var editedManager = ""
  var saving: Ticket?
  /// The custom field that is being added.
  var adding: Ticket?
  var looking: Ticket?
  /// Saved searches are read, to choose one.
  var choosing: Ticket?
  var ranging: Ticket?
  var valuing: Ticket?
  /// A file of people on its way in; it has all the room meanwhile.
  var assistant: ImportAssistant?
  var inspecting: Ticket?
  var filing: Ticket?
  var lastPath = ""

  // MARK: Events

  mutating func update(_ event: PaneEvent, in world: World) -> [Effect] {
    let effects = take(event, in: world)
    let (search, sort) = (search, grid.sort)
    let more = list.refill(height: split.listHeight(world), &book) {
      .people(search: search, sort: sort, $0)
    }
    return effects + more + detail.show(list.selected?.id, world, split, &book)
  }

  mutating func take(_ event: PaneEvent, in world: World) -> [Effect] {
    switch event {
    case .appeared(let row):
      if row != nil { find("") }
      detail.expire()
      return ask(at: row.map { .around($0) }, in: world) + custom.ask(.customFields, &book)
    case .arrived(.people(let wanted)):
      search = wanted
      return ask(at: .at(0), in: world) + custom.ask(.customFields, &book)
    case .dataChanged:
      detail.expire()
      let (search, sort) = (search, grid.sort)
      return list.refresh(height: split.listHeight(world), &book) {
        .people(search: search, sort: sort, $0)
      } + custom.refresh(.customFields, &book)
    case .moved(let motion): move(motion, in: world)
    case .wheeled(_, let rows) where assistant != nil: assistant?.wheel(rows, world)
    case .wheeled(let point, let rows):
      let frames = split.frames(world)
      if frames.list?.contains(point) ?? false {
        list.scroll(rows, height: split.listHeight(world))
      } else if frames.detail?.contains(point) ?? false {
        detail.scroll(by: rows, world, split)
      }
    case .clicked(let point, let isDouble): return click(point, isDouble, in: world)
    case .acted(let action): return act(action, in: world)
    case .typed(PeopleAction.search, let text):
      find(Text.oneLine(text))
      return ask(at: .at(0), in: world) + askValues(text)
    case .typed(ImportAction.open, let text): return listFiles(text)
    case .cancelled(PeopleAction.search):
      find("")
      return ask(at: .at(0), in: world)
    case .submitted(let action, let values): return submit(action, values, in: world)
    case .answered(let ticket, let answer): return take(answer, ticket, in: world)
    case .typed, .cancelled, .arrived, .disappeared, .ticked, .resized, .pressed, .pasted: break
    }
    return []
  }

  mutating func submit(
    _ action: ActionID, _ values: FormValues, in world: World
  ) -> [Effect] {
    switch action {
    case PeopleAction.saved:
      find(values["filter"] ?? "")
      return ask(at: .at(0), in: world)
    case PeopleAction.addField:
      let ticket = book.next()
      adding = ticket
      return [.addCustomField(CustomFieldForm.field(values), ticket)]
    case PeopleAction.edit, PeopleAction.add: return save(values)
    case PeopleAction.columns:
      grid.choose(ColumnChooser.ids(in: values))
    case PeopleAction.sort:
      guard let sort = values["sort"].flatMap({ PeopleSort($0) }) else { break }
      return order(by: sort, in: world)
    case ImportAction.open:
      let path = Text.oneLine(values["text"] ?? "")
      guard !path.isEmpty else { break }
      let ticket = book.next()
      (lastPath, inspecting) = (path, ticket)
      return [.inspectFile(path, ticket)]
    case ImportAction.match: assistant?.match(values[Picker.choice] ?? "")
    case PeopleAction.move:
      let account = Text.oneLine(values["account"] ?? "")
      guard let selection else { return [.closeForm(action)] }
      return [.closeForm(action)] + work.choose(.move(account: account), selection, &book)
    default: break
    }
    return []
  }

  /// The list in another order, with the same row selected.
  mutating func order(by sort: PeopleSort, in world: World) -> [Effect] {
    grid.sort = sort
    marks.endRange()
    return ask(at: list.selected.map { .around($0.id.rawValue) } ?? .at(0), in: world)
  }

  mutating func find(_ text: String) {
    guard text != search else { return }
    search = text
    marks.leaveList()
  }

  mutating func ask(at place: WindowRequest.Place?, in world: World) -> [Effect] {
    if case .around(let id) = place { goal = id }
    let (search, sort) = (search, grid.sort)
    return list.restart(at: place, height: split.listHeight(world), &book) {
      .people(search: search, sort: sort, $0)
    }
  }

  var unsaved: String? { assistant?.unsaved }

  // MARK: Searching

  /// The prompt, with what is known already; what can be named is read again meanwhile.
  mutating func openSearch() -> [Effect] {
    let prompt = Prompt(
      PeopleAction.search, label: "/", text: search, help: "state:refused -opt-in:no last:smith",
      completing: words.value ?? SearchVocabulary())
    return [.open(.prompt(prompt))] + words.ask(.searchWords, &book)
  }

  /// Asks the directory for values that begin as what is typed does.
  mutating func askValues(_ text: String) -> [Effect] {
    let known = words.value ?? SearchVocabulary()
    let completion = SearchCompletion(text, cursor: text.count, known)
    guard let beginning = completion.beginning, beginning != known.beginning else { return [] }
    let ticket = book.next()
    valuing = ticket
    return [.query(.searchValues(beginning), ticket)]
  }

  // MARK: Marking

  mutating func endRange(in world: World) -> [Effect] {
    guard let start = marks.start, let row = list.selected else { return [] }
    let positions = min(start.position, list.position)...max(start.position, list.position)
    let here = positions.compactMap { list.row(at: $0)?.id }
    if here.count == positions.count {
      marks.endRange()
      marks.add(here)
      return []
    }
    let isDown = start.position <= list.position
    let (from, to) = isDown ? (start.id, row.id) : (row.id, start.id)
    let ticket = book.next()
    ranging = ticket
    return [.query(.range(search: search, sort: grid.sort, from: from, to: to), ticket)]
  }

  /// Whom an action reaches: who is marked, else the selected one.
  var selection: PeopleSelection? {
    marks.selection(search: search) ?? list.selected.map { .these([$0.id]) }
  }

  // MARK: The picture

  func empty(_ world: World) -> [String] {
    search.isEmpty
      ? [
        "There are no people yet.",
        "Press \(world.keys[PeopleAction.add]) to add one, or \(world.keys[ImportAction.open]) to import a CSV"
          + " file.",
      ] : ["Nobody fits the search.", "Esc clears it."]
  }

  func draw(on canvas: inout Canvas, in world: World) {
    if let assistant { return assistant.draw(on: &canvas, world) }
    let frames = split.frames(world)
    if let frame = frames.list { drawList(on: &canvas, frame, world) }
    if let frame = frames.detail {
      detail.draw(on: &canvas, frame, focused: split.focus == .detail, world, split)
    }
  }

  private func drawList(on canvas: inout Canvas, _ frame: Rect, _ world: World) {
    let isFocused = split.focus == .list
    var title = search.isEmpty ? "People" : "People: \(search)"
    let marked = marks.count(of: list.count)
    if marks.start != nil {
      title += "  range from here: \(world.keys[PeopleAction.range]) marks it"
    } else if marked > 0 {
      title += "  \(Wording.number(marked)) marked"
    }
    var note = [
      grid.remarks(world.keys, width: frame.width - 2), list.note(height: split.listHeight(world)),
    ]
    if let progress = work.progress {
      let share = ProgressBar(done: progress.done, total: progress.total).percent
      note = [
        "\(share) of \(Wording.number(progress.total)) done, \(world.keys[PeopleAction.stop]) stops"
      ]
    }
    let text = note.filter { !$0.isEmpty }.joined(separator: "  ")
    let room = canvas.box(frame, title: title, note: text, focused: isFocused)
    let (marks, cursor) = (marks, list.position)
    canvas.inside(room) { canvas in
      list.draw(
        grid.tableColumns, on: &canvas, focused: isFocused, empty: empty(world),
        sort: grid.tableSort,
        marked: { marks.contains($0.id, at: $1, cursor: cursor) }
      ) { grid.cells($0, world) }
    }
  }

  func plainLines(in world: World) -> [String] {
    if let assistant { return assistant.plainLines() }
    return list.plain(grid.tableColumns, empty: empty(world).joined(separator: " ")) {
      grid.cells($0, world)
    }
  }

  var memory: [String: String] {
    var memory = grid.memory
    if !search.isEmpty { memory["search"] = search }
    return memory
  }

  mutating func recall(_ memory: [String: String]) {
    search = memory["search"] ?? ""
    grid.recall(memory)
  }

  func copies(in world: World) -> [CopyItem] {
    guard let row = list.selected else { return [] }
    let text = detail.lines(world, width: 100).map { $0.map(\.text).joined() }
    return [
      CopyItem("The address", row.email), CopyItem("The name", row.name),
      CopyItem("This tab", text.joined(separator: "\n")),
      CopyItem("The list", plainLines(in: world).joined(separator: "\n"), to: .file),
    ]
  }

  /// Everybody first, then each by its name.
  static func menu(_ rows: [SavedSearchRow]) -> Menu {
    let all = [("Everybody", "")] + rows.map { ($0.name, $0.filter) }
    return Menu(
      title: "Saved searches",
      items: all.enumerated().map { index, search in
        let (name, filter) = search
        let key = index == 0 ? "*" : index <= 9 ? Key(Unicode.Scalar(UInt8(48 + index))) : Key("-")
        return Menu.Item(
          key, filter.isEmpty ? name : "\(name)  \(filter)",
          .tell(.submitted(PeopleAction.saved, ["filter": filter])))
      })
  }
}
