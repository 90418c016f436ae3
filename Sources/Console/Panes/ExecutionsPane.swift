// What ran, when, and what came of it: the list at the left or on top, one execution in detail
// beside it. Filters combine; a running execution shows how far it is.

import Basics
import Domain
import Screen

struct ExecutionsPane: Pane {
  var split = Split()
  var divided: Split? { split }
  var book = TicketBook(.executions)
  var list = Feed<Execution>(keyed: true)
  var detail = ExecutionDetail()
  var filter = ExecutionFilter()
  var goal: Int64?
  /// The question what an undo would do, while it is out.
  var undoing: Ticket?
  var saved = Loaded<[SavedFilter]>()
  var isMenuWanted = false
  var comparison = Loaded<RunComparison>()
  var sort = ExecutionSort()
  var marks = ExecutionMarks()

  // MARK: Events

  mutating func update(_ event: PaneEvent, in world: World) -> [Effect] {
    let effects = take(event, in: world)
    return effects + settle(in: world)
  }

  mutating func take(_ event: PaneEvent, in world: World) -> [Effect] {
    switch event {
    case .appeared(let row):
      if row != nil { filter = ExecutionFilter() }
      detail.expire()
      return ask(at: row.map { .around($0) }, in: world) + saved.refresh(.savedFilters, &book)
    case .arrived(.executions(let wanted)):
      return show(wanted, in: world) + saved.refresh(.savedFilters, &book)
    case .arrived, .disappeared, .ticked, .resized, .pressed, .pasted: return []
    case .dataChanged:
      detail.expire()
      let (filter, sort) = (filter, sort)
      return list.refresh(height: split.listHeight(world), &book) {
        .executions(filter, sort: sort, $0)
      }
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
    case .submitted(ExecutionsAction.sort, let values):
      return values["sort"].flatMap { ExecutionSort($0) }.map { order(by: $0, in: world) } ?? []
    case .submitted(ExecutionsAction.keepFilter, let values):
      let kept = SavedFilter(Text.oneLine(values["text"] ?? ""), filter)
      let ticket = book.next()
      saving = ticket
      return [.saveFilter(kept, ticket)]
    case .submitted(ExecutionsAction.filter, let values):
      do throws(Problem) {
        let wanted = try ExecutionFilterForm.filter(values, replacing: filter, in: world)
        return show(wanted, in: world) + [.closeForm(ExecutionsAction.filter)]
      } catch {
        return [.refuseForm(ExecutionsAction.filter, error)]
      }
    case .answered(let ticket, let answer): return take(answer, ticket, in: world)
    case .typed, .submitted, .cancelled: break
    }
    return []
  }

  /// The order to keep or drop a filter, while it is out.
  var saving: Ticket?

  mutating func take(_ answer: Answer, _ ticket: Ticket, in world: World) -> [Effect] {
    let height = split.listHeight(world)
    switch answer {
    case .executions(let window):
      // A goal row is looked for by the id it was asked with.
      _ = list.accept(window, ticket, height: height) { [goal] in $0.id.rawValue == goal }
      marks.refresh(window.rows)
      return []
    case .savedFilters(let all):
      if ticket == saving {
        saving = nil
        return [
          .notice(
            Notice(
              .success, "The filters are kept; \(world.keys[ExecutionsAction.filters]) shows them.")
          )
        ]
          + saved.ask(.savedFilters, &book)
      }
      guard saved.accept(all, ticket), isMenuWanted else { return [] }
      isMenuWanted = false
      return [.open(.menu(ExecutionFilterForm.menu(all, current: filter, world.keys)))]
    case .comparison(let both?):
      guard comparison.accept(both, ticket) else { return [] }
      return [.open(.reader(ComparisonText.reader(both, world)))]
    case .comparison(nil):
      guard comparison.accept(Self.noOriginal, ticket) else { return [] }
      return [.notice(Notice(.info, Self.noOriginal.sentence))]
    case .undoPreview(let preview):
      guard ticket == undoing else { return [] }
      undoing = nil
      return [.open(.dialog(ExecutionDialogs.undo(preview)))]
    case .refused(let problem) where ticket == undoing || ticket == saving:
      (undoing, saving) = (nil, nil)
      return [.notice(Notice(problem))]
    case .refused(let problem):
      if list.accept(problem, ticket) { return [] }
      if saved.accept(problem, ticket) || comparison.accept(problem, ticket) {
        return [.notice(Notice(problem))]
      }
      return detail.take(answer, ticket, height: split.detailHeight(world), in: world)
    default: return detail.take(answer, ticket, height: split.detailHeight(world), in: world)
    }
  }

  static let noOriginal = Problem(
    "console.gone", "The execution it does again is not kept any more.")

  mutating func show(_ wanted: ExecutionFilter, in world: World) -> [Effect] {
    filter = wanted
    split.focus = .list
    return ask(at: .at(0), in: world)
  }

  mutating func ask(at place: WindowRequest.Place?, in world: World) -> [Effect] {
    if case .around(let id) = place { goal = id }
    let (filter, sort) = (filter, sort)
    return list.restart(at: place, height: split.listHeight(world), &book) {
      .executions(filter, sort: sort, $0)
    }
  }

  /// The list in another order, with the same row selected.
  mutating func order(by wanted: ExecutionSort, in world: World) -> [Effect] {
    sort = wanted
    marks.endRange()
    return ask(at: list.selected.map { .around($0.id.rawValue) } ?? .at(0), in: world)
  }

  mutating func endRange() -> [Effect] {
    guard let start = marks.start else { return [] }
    let positions = min(start, list.position)...max(start, list.position)
    let here = positions.compactMap { list.row(at: $0) }
    marks.endRange()
    guard here.count == positions.count else {
      return [.notice(Notice(.warning, "That is too much for a range: filter them first."))]
    }
    marks.add(here)
    return []
  }

  /// Asks for whatever the picture lacks now.
  mutating func settle(in world: World) -> [Effect] {
    let (filter, sort) = (filter, sort)
    let more = list.refill(height: split.listHeight(world), &book) {
      .executions(filter, sort: sort, $0)
    }
    return more
      + detail.show(
        list.selected, height: split.detailHeight(world), isShown: split.isDetailShown(world), &book
      )
  }

  mutating func moveDetail(_ motion: Motion, in world: World) {
    let width = max(1, (split.frames(world).detail?.width ?? 1) - 5)
    detail.move(
      motion, list.selected, width: width, height: split.detailHeight(world), in: world)
  }

  // MARK: Keys

  func bindings(in world: World) -> [KeyBinding] {
    ExecutionsAction.bindings(
      list.selected, detail, world.keys, isInDetail: split.focus == .detail, marked: marks.all)
      + split.bindings(hasTabs: true, world.keys)
  }

  var canGoBack: Bool { split.canGoBack }

  mutating func act(_ action: ActionID, in world: World) -> [Effect] {
    if let name = ExecutionFilterForm.name(action) {
      let found = (saved.value ?? []).first { $0.name == name }
      return show(found?.filter ?? ExecutionFilter(), in: world)
    }
    if let result = ExecutionsAction.result(action) {
      detail.show(result)
      return []
    }
    let run = list.selected
    switch action {
    case GlobalKeys.back where !split.canGoBack && !marks.isEmpty: marks.clear()
    case GlobalKeys.back where !split.canGoBack:
      return filter == ExecutionFilter() ? [] : show(ExecutionFilter(), in: world)
    case ExecutionsAction.open:
      guard split.focus == .detail else {
        split.focus = .detail
        return []
      }
      return detail.open(&book, height: split.detailHeight(world), in: world)
    case ExecutionsAction.search:
      let prompt = Prompt(
        action, label: "/", text: filter.text, help: "a name, an address, an error")
      return [.open(.prompt(prompt))]
    case ExecutionsAction.filter:
      return [.open(.form(ExecutionFilterForm.layer(filter, action, in: world)))]
    case ExecutionsAction.filters:
      // Known since the pane was shown, so that a letter typed at once finds the menu open.
      if let all = saved.value {
        return [.open(.menu(ExecutionFilterForm.menu(all, current: filter, world.keys)))]
      }
      isMenuWanted = true
      return saved.ask(.savedFilters, &book)
    case ExecutionsAction.keepFilter:
      return [.open(.prompt(Prompt(action, label: "Name of this filter", help: "")))]
    case ExecutionsAction.dropFilter:
      guard let kept = saved.value?.last(where: { $0.filter == filter }) else { return [] }
      let ticket = book.next()
      saving = ticket
      return [.removeFilter(kept.name, ticket)]
    case ExecutionsAction.undo:
      guard let run else { return [] }
      let ticket = book.next()
      undoing = ticket
      return [.query(.undoPreview(run.id), ticket)]
    case ExecutionsAction.compare:
      return run.map { comparison.ask(.comparison($0.id), &book) } ?? []
    case ExecutionsAction.original:
      return run?.original.map { [.switchPane(.executions, row: $0.rawValue)] } ?? []
    case ExecutionsAction.outcome:
      return run.map { [.open(.menu(ExecutionsAction.menu($0)))] } ?? []
    case ExecutionsAction.sort: return [.open(.menu(ExecutionsAction.sortMenu(sort)))]
    case ExecutionsAction.reverse: return order(by: sort.reversed, in: world)
    case ExecutionsAction.mark:
      guard let run else { return [] }
      marks.toggle(run)
      list.move(.down, height: split.listHeight(world))
    case ExecutionsAction.range:
      if marks.start != nil { return endRange() }
      marks.begin(at: list.position)
    case ExecutionsAction.all:
      if marks.all.isEmpty {
        marks.add(list.visible(split.listHeight(world)).compactMap { list.row(at: $0) })
      } else {
        marks.clear()
      }
    case ExecutionsAction.cancel where !marks.all.isEmpty,
      ExecutionsAction.retry where !marks.all.isEmpty,
      ExecutionsAction.replay where !marks.all.isEmpty:
      return [.open(.dialog(ExecutionMarks.dialog(action, marks.all)))]
    case ExecutionsAction.foldAll:
      detail.turnAll(height: split.detailHeight(world), in: world)
      return []
    case SplitAction.nextTab: detail.turn(1)
    case SplitAction.previousTab: detail.turn(-1)
    default:
      if split.take(action) { return [] }
      return run.map { jump(action, $0) } ?? []
    }
    return []
  }

  /// From a row of the detail to what belongs to it.
  mutating func jump(_ action: ActionID, _ run: Execution) -> [Effect] {
    let filter = ExecutionDetail.lines(of: run.id)
    switch action {
    case ExecutionsAction.logs:
      return [.jump(.logs(filter, line: detail.line?.id))]
    case ExecutionsAction.person:
      guard let row = detail.person else { return [] }
      var wanted = ExecutionFilter()
      wanted.who = row.outcome.key.description
      return [.jump(.executions(wanted))]
    case ExecutionsAction.request:
      return detail.person.map { detail.findRequest(of: $0, &book) } ?? []
    case ExecutionsAction.curl:
      return detail.request.map { detail.copyForShell($0, &book) } ?? []
    case ExecutionsAction.requestLogs:
      return detail.request.map { [.jump(.logsAt(filter, $0.at))] } ?? []
    case ExecutionsAction.cancel, ExecutionsAction.retry, ExecutionsAction.replay:
      return [.open(.dialog(ExecutionDialogs.dialog(action, run)))]
    default: return []
    }
  }

  var memory: [String: String] {
    var memory: [String: String] = [:]
    if filter != ExecutionFilter() { memory["filter"] = "\(filter.json)" }
    if sort != ExecutionSort() { memory["sort"] = sort.description }
    return memory
  }

  mutating func recall(_ memory: [String: String]) {
    sort = memory["sort"].flatMap { ExecutionSort($0) } ?? sort
    // What says nonsense is as nothing remembered: every execution is shown.
    guard let json = memory["filter"].flatMap({ try? JSONValue.parse($0) }) else { return }
    filter = ExecutionFilter(json: json)
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
}
