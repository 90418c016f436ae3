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
  private var subject: ExecutionID?
  private var steps = Loaded<[StepRow]>()
  private var people = Feed<OutcomeRow>()
  private var requests = Feed<ExchangeRow>()
  private var logs = Feed<LogRow>()
  private var exchange = Loaded<ExchangeRow>()
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
    var filter = LogFilter()
    filter.execution = id
    filter.minimum = .debug
    switch tab {
    case .summary: return []
    case .steps:
      return isFresh ? steps.refill(.steps(id), &book) : steps.refresh(.steps(id), &book)
    case .people:
      return isFresh
        ? people.refill(height: rows, &book) { .outcomes(id, $0) }
        : people.refresh(height: rows, &book) { .outcomes(id, $0) }
    case .requests:
      return isFresh
        ? requests.refill(height: rows, &book) { .exchanges(id, $0) }
        : requests.refresh(height: rows, &book) { .exchanges(id, $0) }
    case .logs:
      return isFresh
        ? logs.refill(height: rows, &book) { [filter] in .logs(filter, $0) }
        : logs.refresh(height: rows, &book) { [filter] in .logs(filter, $0) }
    }
  }

  mutating func take(_ answer: Answer, _ ticket: Ticket, height: Int) -> [Effect] {
    let rows = max(1, height - 1)
    switch answer {
    case .steps(let all): _ = steps.accept(all, ticket)
    case .outcomes(let window): _ = people.accept(window, ticket, height: rows)
    case .exchanges(let window): _ = requests.accept(window, ticket, height: rows)
    case .logs(let window): _ = logs.accept(window, ticket, height: rows)
    case .exchange(let row?):
      if exchange.accept(row, ticket) { return [.open(.reader(Self.reader(row)))] }
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

  // MARK: Moving

  mutating func turn(_ step: Int) {
    let count = Tab.allCases.count
    tab = Tab(rawValue: (tab.rawValue + step + count) % count) ?? .summary
    scroll = ScrollState()
  }

  mutating func turn(at x: Int, width: Int) {
    if let index = tabs.tab(at: x, width: width), let tab = Tab(rawValue: index) { self.tab = tab }
  }

  /// `total` is the number of lines of a tab that is text.
  mutating func move(_ motion: Motion, height: Int, total: Int) {
    let rows = max(1, height - 1)
    switch tab {
    case .people: people.move(motion, height: rows)
    case .requests: requests.move(motion, height: rows)
    case .logs: logs.move(motion, height: rows)
    case .summary, .steps:
      scroll.move(motion, total: total, height: height)
    }
  }

  mutating func select(line: Int, height: Int) -> Bool {
    let rows = max(1, height - 1)
    switch tab {
    case .people: return people.select(line: line, height: rows)
    case .requests: return requests.select(line: line, height: rows)
    case .logs: return logs.select(line: line, height: rows)
    case .summary, .steps: return false
    }
  }

  /// Shows the whole of the selected row.
  mutating func open(_ book: inout TicketBook, zone: ClockZone) -> [Effect] {
    switch tab {
    case .people:
      guard let row = people.selected else { return [] }
      guard let person = row.outcome.person else {
        return [.notice(Notice(.info, "Nobody here stands behind \(row.email)."))]
      }
      return [.switchPane(.people, row: person.rawValue)]
    case .requests: return requests.selected.map { exchange.ask(.exchange($0.id), &book) } ?? []
    case .logs:
      return logs.selected.map { [.open(.reader(LogText.reader($0, zone)))] } ?? []
    case .summary, .steps: return []
    }
  }

  private static func reader(_ row: ExchangeRow) -> Reader {
    var lines: [[Run]] = [
      [Run("\(row.method) ", .strong), Run(row.path)],
      [Run("Answer ", .label), Run(row.status.map { "\($0)" } ?? "none")],
      [Run("Took ", .label), Run(Wording.took(row.tookMilliseconds))],
    ]
    if !row.problem.isEmpty { lines.append([Run(row.problem, .danger)]) }
    for (name, body) in [("Sent", row.requestBody), ("Answered", row.responseBody)] {
      lines += [[], [Run(name, .heading)]]
      let text = body.map { body -> String in
        // A body that is no JSON is shown as it is.
        (try? JSONValue.parse(body))?.pretty() ?? body
      }
      let shown = text ?? "The body was not kept."
      lines += Text.lines(shown).split(separator: "\n", omittingEmptySubsequences: false)
        .prefix(2000).map { [Run(String($0), text == nil ? .dim : .text)] }
    }
    return Reader(title: "Request", lines: lines)
  }

  // MARK: The picture

  private var tabs: Tabs { Tabs(Tab.allCases.map(\.title), active: tab.rawValue) }

  func draw(
    _ run: Execution?, on canvas: inout Canvas, _ frame: Rect, focused: Bool, _ world: World
  ) {
    let title = run.map { "\($0.id) \($0.trigger.rawValue)" } ?? "Detail"
    canvas.box(frame, title: title, note: "[ ] tab", focused: focused)
    canvas.inside(frame.insideFrame) { tabs.draw(on: &$0) }
    canvas.inside(frame.belowTabs) { canvas in
      guard let run else {
        canvas.text("Nothing is selected.", 1, 0, .dim)
        return
      }
      drawTab(run, on: &canvas, focused: focused, world)
    }
  }

  private func drawTab(
    _ run: Execution, on canvas: inout Canvas, focused: Bool, _ world: World
  ) {
    let glyphs = world.capabilities.glyphs
    switch tab {
    case .summary, .steps:
      canvas.inside(canvas.bounds.inset(1, 0)) { canvas in
        TextView.draw(lines(run, world, width: canvas.width - 1), on: &canvas, scroll)
      }
    case .people:
      people.draw(
        Self.peopleColumns, on: &canvas, focused: focused,
        empty: [
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
    case .steps: return stepLines(world.zone, glyphs, width: width)
    case .people:
      return table(people.plain(Self.peopleColumns, empty: "Nobody.") { Self.cells($0, glyphs) })
    case .requests:
      return table(
        requests.plain(Self.requestColumns, empty: "None.") { Self.cells($0, world.zone) })
    case .logs:
      return table(logs.plain(LogText.columns, empty: "None.") { LogText.cells($0, world.zone) })
    }
  }

  private func stepLines(_ zone: ClockZone, _ glyphs: Glyphs, width: Int) -> [[Run]] {
    if let problem = steps.problem { return Fold.text([problem.description], to: width, .danger) }
    guard let all = steps.value else { return [[Run("Loading…", .dim)]] }
    if all.isEmpty { return [[Run("No step has run yet.", .dim)]] }
    return all.flatMap { step -> [[Run]] in
      let took = step.tookMilliseconds.map { "  \(Wording.took($0))" } ?? ""
      let head =
        [Run("\(step.name)  ", .heading)] + Wording.runs(step.status, glyphs)
        + [Run("  \(Wording.precise(step.startedAt, zone))\(took)", .dim)]
      return [head] + Self.output(step.output, width: width) + [[]]
    }
  }

  /// A flat record as labels and values, anything else as JSON.
  private static func output(_ output: JSONValue, width: Int) -> [[Run]] {
    if output.isNull { return [] }
    let isFlat = output.object?.values.allSatisfy { $0.array == nil && $0.object == nil } ?? false
    guard let members = output.object, isFlat else {
      let lines = output.pretty().split(separator: "\n", omittingEmptySubsequences: false)
      return Fold.lines(lines.prefix(2000).map { [Run("  "), Run(String($0))] }, to: width)
    }
    return TextView.pairs(
      members.sorted { $0.key < $1.key }.map { name, value in
        (
          "  \(name)",
          [Run(value.string ?? value.int.map { Wording.number(Int($0)) } ?? "\(value)")]
        )
      }, width: width)
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
    let isGood = (row.status ?? 0) / 100 == 2
    return [
      Run(Wording.precise(row.at, zone), .dim), Run(row.method), Run(row.path),
      Run(row.status.map { "\($0)" } ?? "none", isGood ? .success : .danger),
      Run(Wording.took(row.tookMilliseconds)), Run(Wording.bytes(row.requestBytes), .dim),
      Run(Wording.bytes(row.responseBytes), .dim), Run(row.problem, .danger),
    ]
  }
}

/// What an execution was and did, on one page.
struct ExecutionSummary {
  let lines: [[Run]]

  init(_ run: Execution, _ world: World, width: Int) {
    let glyphs = world.capabilities.glyphs
    var result = Wording.runs(run.status, glyphs)
    if run.status == .running {
      result.append(Run("  \(Progress(run, now: world.now).text)"))
    } else if run.status == .held {
      result.append(Run("  it waits for your decision: press 8", .warning))
    } else if !run.detectedChanges && run.status.isFinished {
      result.append(Run("  nothing had changed", .dim))
    }
    var lines = Fold.lines([result], to: width)
    if let problem = run.problem {
      lines += Fold.text([problem.sentence], to: width, .danger)
      if !problem.remedy.isEmpty { lines += Fold.text([problem.remedy], to: width) }
    }
    lines.append([])
    // Facts beside counts where both have room, so that neither needs scrolling.
    let isWide = width >= 72
    let half = isWide ? min(width / 2, 46) : width
    let facts = Self.facts(run, world, width: half - 2)
    let bars = Self.bars(run, glyphs, width: isWide ? width - half : width)
    guard isWide else {
      self.lines = lines + facts + [[]] + bars
      return
    }
    for index in 0..<max(facts.count, bars.count) {
      let left = index < facts.count ? facts[index] : []
      let gap = half - left.reduce(0) { $0 + $1.width }
      let right = index < bars.count ? bars[index] : []
      lines.append(left + [Run(String(repeating: " ", count: max(0, gap)))] + right)
    }
    self.lines = lines
  }

  private static func facts(_ run: Execution, _ world: World, width: Int) -> [[Run]] {
    var trigger = run.trigger.rawValue
    if let original = run.original { trigger += " of \(original), attempt \(run.attempt)" }
    var pairs: [(label: String, value: [Run])] = [
      ("Trigger", [Run(trigger)]), ("Flow", [Run(run.flow.rawValue)]),
      ("Started", [Run(run.startedAt.map { Wording.time($0, world.zone) } ?? "not yet")]),
    ]
    if let took = run.tookMilliseconds { pairs.append(("Took", [Run(Wording.took(took))])) }
    if let audience = run.audienceID { pairs.append(("Audience", [Run(audience)])) }
    if let plan = run.plan { pairs.append(("Plan", [Run("\(plan)")])) }
    return TextView.pairs(pairs, width: width)
  }

  private static func bars(_ run: Execution, _ glyphs: Glyphs, width: Int) -> [[Run]] {
    let counts = run.counts
    let rows: [(name: String, count: Int, role: Role)] = [
      ("created", counts.created, .success), ("updated", counts.updated, .success),
      ("unchanged", counts.unchanged, .dim), ("unsubscribed", counts.unsubscribed, .warning),
      ("archived", counts.archived, .warning), ("excluded", counts.excluded, .dim),
      ("refused", counts.refused, .danger),
    ]
    let all = rows.reduce(0) { $0 + $1.count }
    let numbers = rows.map { Wording.number($0.count) }
    let column = numbers.map(\.count).max() ?? 1
    let barWidth = max(0, min(30, width - 18 - column))
    return zip(rows, numbers).map { row, number in
      let full = ProgressBar(done: row.count, total: max(1, all)).filled(of: barWidth)
      return [
        Run(CharacterWidth.fit(Wording.capitalised(row.name), to: 13), .label),
        Run(CharacterWidth.fit(number, to: column, .right) + "  ", row.count > 0 ? .strong : .dim),
        Run(String(repeating: glyphs.barFull, count: full), row.role),
        Run(String(repeating: glyphs.barRest, count: barWidth - full), .progressRest),
      ]
    }
  }
}

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
