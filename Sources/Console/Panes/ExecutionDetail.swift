// One execution in its tabs: summary, step outputs, people, requests, logs. Each tab reads its own
// rows when it is looked at, and again when the file changes; another execution empties them all.

import Basics
import Domain
import Screen

struct ExecutionDetail: Sendable, Equatable {
  enum Tab: Int, Sendable, CaseIterable {
    case summary, steps, people, requests, logs

    var title: String {
      switch self {
      case .summary: "Summary"
      case .steps: "Step outputs"
      case .people: "People"
      case .requests: "Requests"
      case .logs: "Logs"
      }
    }
  }

  private(set) var tab = Tab.summary
  /// Only people with this result.
  private(set) var result: RowResult?
  private var subject: ExecutionID?
  private var steps = Loaded<[StepRow]>()
  private var tree = StepTree()
  private var people = Feed<OutcomeRow>(keyed: true)
  private var requests = Feed<ExchangeRow>(keyed: true)
  private var logs = Feed<LogRow>(keyed: true)
  private var exchange = Loaded<ExchangeRow>()
  /// The request that is being read is to be copied, not shown.
  private var isForShell = false
  private var scroll = ScrollState()
  /// Tabs whose rows are as fresh as the file.
  private var fresh: Set<Tab> = []

  // MARK: Asking

  /// Everything shown may be old now.
  mutating func expire() { fresh = [] }

  /// Shows this execution: asks for what its open tab lacks.
  mutating func show(
    _ run: Execution?, height: Int, isShown: Bool, _ book: inout TicketBook
  ) -> [Effect] {
    if run?.id != subject {
      let open = tab
      self = ExecutionDetail()
      tab = open
      subject = run?.id
    }
    guard let id = subject, isShown else { return [] }
    let isFresh = !fresh.insert(tab).inserted
    let rows = max(1, height - 1)
    switch tab {
    case .summary: return []
    case .steps:
      return isFresh ? steps.refill(.steps(id), &book) : steps.refresh(.steps(id), &book)
    case .people:
      let result = result
      return isFresh
        ? people.refill(height: rows, &book) { .outcomes(id, result, $0) }
        : people.refresh(height: rows, &book) { .outcomes(id, result, $0) }
    case .requests:
      return isFresh
        ? requests.refill(height: rows, &book) { .exchanges(id, $0) }
        : requests.refresh(height: rows, &book) { .exchanges(id, $0) }
    case .logs:
      let filter = Self.lines(of: id)
      return isFresh
        ? logs.refill(height: rows, &book) { .logs(filter, $0) }
        : logs.refresh(height: rows, &book) { .logs(filter, $0) }
    }
  }

  /// Every line of an execution, the finest too.
  static func lines(of id: ExecutionID) -> LogFilter {
    var filter = LogFilter()
    filter.execution = id
    filter.minimum = .debug
    return filter
  }

  mutating func take(
    _ answer: Answer, _ ticket: Ticket, height: Int, in world: World
  ) -> [Effect] {
    let rows = max(1, height - 1)
    switch answer {
    case .steps(let all):
      if steps.accept(all, ticket) { tree.show(all, world, height: height) }
    case .outcomes(let window): _ = people.accept(window, ticket, height: rows)
    case .exchanges(let window): _ = requests.accept(window, ticket, height: rows)
    case .logs(let window): _ = logs.accept(window, ticket, height: rows)
    case .exchange(let row?):
      guard exchange.accept(row, ticket) else { return [] }
      if isForShell { return [.copy(RequestText.curl(row), .clipboard)] }
      return [.open(.reader(RequestText.reader(row, world.zone)))]
    case .exchange(nil):
      if exchange.accept(Self.gone, ticket) { return [.notice(Notice(.info, Self.gone.sentence))] }
    case .refused(let problem):
      if !steps.accept(problem, ticket), !people.accept(problem, ticket),
        !requests.accept(problem, ticket), !logs.accept(problem, ticket),
        exchange.accept(problem, ticket)
      {
        return [.notice(Notice(problem))]
      }
    default: break
    }
    return []
  }

  private static let gone = Problem(
    "console.gone", "No request of this execution is known to be about that.")

  // MARK: Moving

  mutating func turn(_ step: Int) {
    let count = Tab.allCases.count
    turn(to: Tab(rawValue: (tab.rawValue + step + count) % count) ?? .summary)
  }

  mutating func turn(at x: Int, width: Int) {
    if let index = tabs.tab(at: x, width: width), let tab = Tab(rawValue: index) { turn(to: tab) }
  }

  mutating func turn(to tab: Tab) {
    self.tab = tab
    scroll = ScrollState()
  }

  mutating func move(_ motion: Motion, _ run: Execution?, width: Int, height: Int, in world: World)
  {
    let rows = max(1, height - 1)
    switch tab {
    case .people: people.move(motion, height: rows)
    case .requests: requests.move(motion, height: rows)
    case .logs: logs.move(motion, height: rows)
    case .steps: tree.move(motion, world, height: height)
    case .summary:
      let total = run.map { ExecutionSummary($0, world, width: width).lines.count } ?? 0
      scroll.move(motion, total: total, height: height)
    }
  }

  mutating func select(line: Int, height: Int) -> Bool {
    let rows = max(1, height - 1)
    switch tab {
    case .people: return people.select(line: line, height: rows)
    case .requests: return requests.select(line: line, height: rows)
    case .logs: return logs.select(line: line, height: rows)
    // Without headings, lines begin one higher.
    case .steps: return tree.select(line: line + 1, height: height)
    case .summary: return false
    }
  }

  // MARK: Acting

  /// The rows a key of a tab acts on.
  var person: OutcomeRow? { tab == .people ? people.selected : nil }
  var request: ExchangeRow? { tab == .requests ? requests.selected : nil }
  var line: LogRow? { tab == .logs ? logs.selected : nil }

  /// Shows the whole of the selected row, or what stands behind it.
  mutating func open(_ book: inout TicketBook, height: Int, in world: World) -> [Effect] {
    switch tab {
    case .people:
      guard let row = people.selected else { return [] }
      guard let person = row.outcome.person else {
        return [.notice(Notice(.info, "Nobody here stands behind \(row.email)."))]
      }
      return [.switchPane(.people, row: person.rawValue)]
    case .requests: return requests.selected.map { read(.exchange($0.id), &book) } ?? []
    case .logs:
      return logs.selected.map { [.open(.reader(LogText.reader($0, world.zone)))] } ?? []
    case .steps:
      guard let line = tree.selected else { return [] }
      guard line.isFolded == nil else {
        tree.turn(world, height: height)
        return []
      }
      let text = line.value.split(separator: "\n", omittingEmptySubsequences: false)
      return [
        .open(.reader(Reader(title: "Step output", lines: text.map { [Run(String($0))] })))
      ]
    case .summary: return []
    }
  }

  mutating func turnAll(height: Int, in world: World) { tree.turnAll(world, height: height) }

  /// The last request that was about this person.
  mutating func findRequest(of row: OutcomeRow, _ book: inout TicketBook) -> [Effect] {
    subject.map { read(.exchangeAbout($0, row.outcome.key), &book) } ?? []
  }

  mutating func copyForShell(_ row: ExchangeRow, _ book: inout TicketBook) -> [Effect] {
    let effects = read(.exchange(row.id), &book)
    isForShell = true
    return effects
  }

  private mutating func read(_ query: Query, _ book: inout TicketBook) -> [Effect] {
    isForShell = false
    return exchange.ask(query, &book)
  }

  mutating func show(_ result: RowResult?) {
    self.result = result
    people = Feed(keyed: true)
    fresh.remove(.people)
  }

  // MARK: The picture

  private var tabs: Tabs { Tabs(Tab.allCases.map(\.title), active: tab.rawValue) }

  func draw(
    _ run: Execution?, on canvas: inout Canvas, _ frame: Rect, focused: Bool, _ world: World
  ) {
    let title = run.map { "\($0.id) \($0.trigger.rawValue)" } ?? "Detail"
    let only = tab == .people ? result.map { ", only \($0.rawValue)" } ?? "" : ""
    canvas.box(frame, title: title + only, note: note(frame.height - 4), focused: focused)
    canvas.inside(frame.insideFrame) { tabs.draw(on: &$0) }
    canvas.inside(frame.belowTabs) { canvas in
      guard let run else {
        canvas.text("Nothing is selected.", 1, 0, .dim)
        return
      }
      drawTab(run, on: &canvas, focused: focused, world)
    }
  }

  /// Where in a long list the view is.
  private func note(_ height: Int) -> String {
    let place =
      switch tab {
      case .people: people.note(height: height)
      case .requests: requests.note(height: height)
      case .logs: logs.note(height: height)
      case .summary, .steps: ""
      }
    return place.isEmpty ? "[ ] tab" : "\(place)  [ ] tab"
  }

  private func drawTab(
    _ run: Execution, on canvas: inout Canvas, focused: Bool, _ world: World
  ) {
    let glyphs = world.capabilities.glyphs
    switch tab {
    case .summary:
      canvas.inside(canvas.bounds.inset(1, 0)) { canvas in
        TextView.draw(lines(run, world, width: canvas.width - 1), on: &canvas, scroll)
      }
    case .steps:
      if steps.value?.isEmpty == false {
        tree.draw(on: &canvas, focused: focused)
      } else if let line = lines(run, world, width: canvas.width - 2).first {
        canvas.line(line, 1, 0)
      }
    case .people:
      people.draw(
        Self.peopleColumns, on: &canvas, focused: focused,
        empty: result.map {
          [
            "Nobody was \($0.rawValue).",
            "\(world.keys[ExecutionsAction.outcome]) shows the others.",
          ]
        } ?? [
          "Nobody was touched or refused.",
          "Those already in step and those excluded are counted in the summary.",
        ]
      ) { Self.cells($0, glyphs) }
    case .requests:
      requests.draw(
        Self.requestColumns, on: &canvas, focused: focused, empty: ["Mailchimp was not asked."]
      ) { Self.cells($0, world.zone) }
    case .logs:
      logs.draw(LogText.columns, on: &canvas, focused: focused, empty: ["No line was written."]) {
        LogText.cells($0, world.zone)
      }
    }
  }

  /// The tab as lines, for copying.
  func lines(_ run: Execution, _ world: World, width: Int) -> [[Run]] {
    let glyphs = world.capabilities.glyphs
    func table(_ lines: [String]) -> [[Run]] { lines.map { [Run($0)] } }
    switch tab {
    case .summary: return ExecutionSummary(run, world, width: width).lines
    case .steps:
      if let problem = steps.problem { return Fold.text([problem.description], to: width, .danger) }
      guard let all = steps.value else { return [[Run("Loading…", .dim)]] }
      return all.isEmpty ? [[Run("No step has run yet.", .dim)]] : tree.lines.rows.map(\.runs)
    case .people:
      return table(people.plain(Self.peopleColumns, empty: "Nobody.") { Self.cells($0, glyphs) })
    case .requests:
      return table(
        requests.plain(Self.requestColumns, empty: "None.") { Self.cells($0, world.zone) })
    case .logs:
      return table(logs.plain(LogText.columns, empty: "None.") { LogText.cells($0, world.zone) })
    }
  }

  private static let peopleColumns = [
    TableColumn("Result", minimum: 12, priority: 10),
    TableColumn("Name", minimum: 10, ideal: 20, weight: 1, priority: 6),
    TableColumn("E-mail", minimum: 14, ideal: 24, weight: 1, priority: 7),
    TableColumn("Reason or change", minimum: 16, ideal: 30, weight: 3, priority: 8),
  ]

  private static func cells(_ row: OutcomeRow, _ glyphs: Glyphs) -> [Run] {
    let outcome = row.outcome
    let changes = Wording.changes(outcome.changes, glyphs)
    let why = [outcome.sentence, changes].filter { !$0.isEmpty }.joined(separator: " ")
    return [
      Run(outcome.result.rawValue, Wording.role(outcome.result)), Run(row.name), Run(row.email),
      Run(why.isEmpty ? outcome.reason : why, outcome.result == .refused ? .danger : .text),
    ]
  }

  private static let requestColumns = [
    TableColumn("Time", minimum: 12, priority: 6),
    TableColumn("Call", minimum: 6, priority: 9),
    TableColumn("Path", minimum: 24, ideal: 40, weight: 1, priority: 8),
    TableColumn("Answer", minimum: 6, priority: 10),
    TableColumn("Took", minimum: 7, priority: 7, align: .right),
    TableColumn("Sent", minimum: 8, priority: 3, align: .right),
    TableColumn("Got", minimum: 8, priority: 3, align: .right),
    TableColumn("Problem", minimum: 14, ideal: 24, weight: 1, priority: 5),
  ]

  private static func cells(_ row: ExchangeRow, _ zone: ClockZone) -> [Run] {
    [
      Run(Wording.precise(row.at, zone), .dim), Run(row.method),
      Run(RequestText.readable(row.path)),
      Run(row.status.map { "\($0)" } ?? "none", RequestText.isGood(row) ? .success : .danger),
      Run(Wording.took(row.tookMilliseconds)), Run(Wording.bytes(row.requestBytes), .dim),
      Run(Wording.bytes(row.responseBytes), .dim), Run(row.problem, .danger),
    ]
  }
}
