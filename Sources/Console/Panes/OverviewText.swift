// The overview as lines, in one column or two: a function of the world and a width.

import Basics
import Domain
import Screen

struct OverviewText {
  private let world: World
  private let width: Int
  private let glyphs: Glyphs
  /// Which of what wants attention is selected; nil where nothing is, as in plain lines.
  private let selected: Int?

  init(_ world: World, width: Int, selected: Int? = nil) {
    self.world = world
    self.width = width
    self.selected = selected
    glyphs = world.capabilities.glyphs
  }

  static let gap = 3

  /// Everything in one column.
  var lines: [[Run]] {
    guard let overview = world.overview else { return [[Run("Reading the workspace…", .dim)]] }
    return Self.stack([
      head(overview), firstSteps(overview), attention(overview), health(overview), work(overview),
      reasons(overview),
    ])
  }

  /// Two columns, where there is room for them.
  var columns: (left: [[Run]], right: [[Run]])? {
    guard isWide, let overview = world.overview else { return nil }
    let half = half
    return (
      Self.stack([
        half.head(overview), half.health(overview) + half.reasons(overview).dropFirst(),
      ]),
      Self.stack([half.firstSteps(overview), half.attention(overview), half.work(overview)])
    )
  }

  private var isWide: Bool { width >= 116 }
  /// Everything that matters is to be seen at 80 by 24.
  private var isCompact: Bool { world.size.width < 120 && world.body.height < 24 }
  private var half: OverviewText {
    OverviewText(world, width: (width - Self.gap) / 2, selected: selected)
  }

  var height: Int { columns.map { max($0.left.count, $0.right.count) } ?? lines.count }

  /// Which of what wants attention stands at a place of the text.
  func item(atLine line: Int, column: Int) -> Int? {
    guard let overview = world.overview else { return nil }
    let text = isWide ? half : self
    guard !isWide || column > text.width else { return nil }
    let above = [isWide ? [] : text.head(overview), text.firstSteps(overview)]
    // The blocks above, each with a blank line after it, and the heading.
    var next = above.filter { !$0.isEmpty }.reduce(1) { $0 + $1.count + 1 }
    for (index, item) in Attention.items(world).enumerated() {
      let height = text.lines(of: item, index).count
      if (next..<(next + height)).contains(line) { return index }
      next += height
    }
    return nil
  }

  private static func stack(_ blocks: [[[Run]]]) -> [[Run]] {
    Array(blocks.filter { !$0.isEmpty }.joined(separator: [[]]))
  }

  private func fold(_ runs: [Run]) -> [[Run]] { Fold.lines([runs], to: width) }

  private func heading(_ text: String) -> [Run] { [Run(text, .heading)] }

  // MARK: Who and where

  private func head(_ overview: Overview) -> [[Run]] {
    let engine = Wording.engine(world)
    let state: [Run]
    switch overview.engine {
    case .running: state = [engine, Run("  " + host, .dim)]
    case .paused:
      state = [
        engine, Run("  nothing is sent or taken; \(world.keys[GlobalKeys.pause]) enables it", .dim),
      ]
    case .blocked: state = [engine, Run("  the queue waits for what wants attention", .dim)]
    case .none:
      state = [
        engine,
        Run("  nothing runs until one is started: press \(world.keys[OverviewAction.start])", .dim),
      ]
    }
    let audience = overview.audienceName.isEmpty ? overview.audienceID : overview.audienceName
    let name =
      audience == overview.audienceID || overview.audienceID.isEmpty
      ? audience : "\(audience) (\(overview.audienceID))"
    let account = overview.account.isEmpty ? "not connected" : overview.account
    let shown = name.isEmpty ? "none chosen" : name
    return TextView.pairs(
      [
        ("Workspace", [Run(overview.workspace, .strong), Run("  \(world.path)", .dim)]),
        ("Engine", state),
      ]
        + (isCompact
          ? [("Audience", [Run(shown), Run("  \(account)", .dim)])]
          : [("Account", [Run(account)]), ("Audience", [Run(shown)])]),
      width: width)
  }

  private var host: String {
    switch world.engine {
    case .here: "in this console"
    case .elsewhere(let who): "in \(who); this console looks on, and every key works"
    case .nobody: ""
    case .starting: "in this console, in a moment"
    }
  }

  // MARK: What to do

  private func firstSteps(_ overview: Overview) -> [[Run]] {
    guard !overview.isFirstSyncDone else { return [] }
    let steps: [(isDone: Bool, text: String)] =
      [
        (world.hasKey, "Set the API key: press \(world.keys[.settings]) for Settings."),
        (!overview.audienceID.isEmpty, "Choose the audience: press \(world.keys[.audience])."),
        (
          overview.totalPeople > 0,
          "Add people: press \(world.keys[.people]), then \(world.keys[PeopleAction.add]); or run"
            + " listkeeper people import FILE.csv."
        ),
        (
          overview.heldPlans > 0,
          world.isPractice
            ? "Press \(world.keys[GlobalKeys.forceSync]) to force a sync, then \(world.keys[.executions]) to see what"
              + " it did."
            : "Press \(world.keys[GlobalKeys.forceSync]) to force a sync. The first one waits in Review"
              + " (\(world.keys[.review])) for your approval."
        ),
      ]
      + (overview.heldPlans > 0
        ? [
          (
            false,
            "Press \(world.keys[.review]) to look at the plan, then \(world.keys[ReviewAction.approve]) approves it."
          )
        ] : [])
    let next = steps.firstIndex { !$0.isDone }
    let done = steps.count(where: \.isDone)
    let count = done == 0 ? [] : [Run("  \(done) of \(steps.count) done", .dim)]
    return [heading("First steps") + count]
      + steps.enumerated().flatMap { index, step -> [[Run]] in
        // Where rows are few, what is done is only counted.
        if step.isDone && isCompact { return [] }
        let sign = step.isDone ? glyphs.success : index == next ? glyphs.arrow : glyphs.waiting
        let role: Role = step.isDone ? .success : index == next ? .accent : .dim
        return fold([
          Run("  \(sign) ", role), Run(step.text, index == next ? .strong : .dim),
        ])
      }
  }

  private func attention(_ overview: Overview) -> [[Run]] {
    let items = Attention.items(world)
    if items.isEmpty {
      return overview.isFirstSyncDone
        ? [[Run("\(glyphs.success) ", .success), Run("Nothing wants attention.")]] : []
    }
    return [heading("Wants attention")] + items.enumerated().flatMap { lines(of: $1, $0) }
  }

  /// `› 8 ‖ 1 plan waits for your decision`, and below it what is to be done.
  private func lines(of item: Attention, _ index: Int) -> [[Run]] {
    let isSelected = index == selected
    let isLoud = item.weight == .danger || item.weight == .warning && !item.remedy.isEmpty
    let said = Run(
      item.sentence, isLoud ? item.sign(glyphs).role : isSelected ? .strong : .text)
    let margin = [
      Run(isSelected ? "\(glyphs.cursor) " : "  ", .accent), Run("\(world.keys[item.pane]) ", .key),
      item.sign(glyphs), Run(" "),
    ]
    let wrapped = TextView.wrap([said], to: max(10, width - 6))
    let remedy =
      item.remedy.isEmpty ? [] : TextView.wrap([Run(item.remedy)], to: max(10, width - 6))
    return (wrapped + remedy).enumerated().map { $0 == 0 ? margin + $1 : [Run("      ")] + $1 }
  }

  // MARK: Health

  private func health(_ overview: Overview) -> [[Run]] {
    let total = overview.totalPeople
    var lines = [heading("People  \(Wording.number(total))")]
    let numbers = PersonState.allCases.map { Wording.number(overview.people[$0] ?? 0) }
    let column = numbers.map(\.count).max() ?? 1
    // Two beside each other where rows are few.
    let each = isCompact ? (width - 2) / 2 : width
    let barWidth = max(0, min(40, each - 14 - column - 10))
    let states = zip(PersonState.allCases, numbers).map { state, number -> [Run] in
      let count = overview.people[state] ?? 0
      let bar = ProgressBar(done: count, total: max(1, total))
      let full = bar.filled(of: barWidth)
      let role = Wording.role(state)
      return [
        Run("  "), Run(Wording.sign(state, glyphs), role), Run(" "),
        Run(CharacterWidth.fit(state.rawValue, to: 9) + " "),
        Run(CharacterWidth.fit(number, to: column, .right) + "  ", .strong),
        Run(String(repeating: glyphs.barFull, count: full), role),
        Run(String(repeating: glyphs.barRest, count: barWidth - full), .progressRest),
        Run("  \(CharacterWidth.fit(Wording.percent(count, of: total), to: 5))", .dim),
      ]
    }
    guard isCompact else { return lines + states }
    for pair in stride(from: 0, to: states.count, by: 2) {
      lines.append(Array(states[pair..<min(pair + 2, states.count)].joined()))
    }
    return lines
  }

  /// Why people are not on the list, and when both sides were compared last.
  private func reasons(_ overview: Overview) -> [[Run]] {
    var lines = [heading("Why")]
    if !overview.reasons.isEmpty {
      let said = overview.reasons.prefix(8).map { "\($0.code) \(Wording.number($0.count))" }
      lines += fold([Run("  Reasons: ", .label), Run(said.joined(separator: ", "), .dim)])
    }
    return lines + fold([Run("  Verified: ", .label), Run(verified(overview), .dim)])
  }

  private func verified(_ overview: Overview) -> String {
    guard let verified = overview.verification else {
      return
        "never; \(world.keys[.review]), then \(world.keys[ReviewAction.verify]) compares both sides"
    }
    let whom =
      verified.sample.map { Wording.count($0, "random address", "random addresses") }
      ?? "everybody"
    let found = verified.totals.differences
    let what =
      found == 0 ? "nothing differed" : "\(Wording.count(found, "difference", "differences"))"
    return "\(Wording.clock(verified.at, in: world)), \(whom): \(what)"
  }

  // MARK: Queue and runs

  private func work(_ overview: Overview) -> [[Run]] {
    [heading("Runs")] + running(overview)
      + TextView.pairs(
        [("  Queue", [Run(queue(overview))]), ("  Done", throughput(overview))]
          + last(overview) + next(overview), width: width)
  }

  private func queue(_ overview: Overview) -> String {
    let queue = overview.queue
    var said: [String] = []
    if overview.waitingMessages > 0 || queue.ready > 0 {
      let ready = max(queue.ready, overview.waitingMessages - queue.later)
      let since = queue.oldest.map { ", the oldest since \(Wording.clock($0, in: world))" } ?? ""
      if ready > 0 {
        said.append("\(Wording.count(ready, "message waits", "messages wait"))\(since)")
      }
    }
    if queue.inHand > 0 { said.append("\(Wording.number(queue.inHand)) in hand") }
    if queue.later > 0 { said.append("\(Wording.number(queue.later)) for later") }
    if overview.deadLetters > 0 {
      said.append(Wording.count(overview.deadLetters, "dead letter", "dead letters"))
    }
    return said.isEmpty ? "empty" : said.joined(separator: "; ")
  }

  /// The last hour as columns, a minute or a few each, and what they mean. Nothing moves it but news.
  private func throughput(_ overview: Overview) -> [Run] {
    let minutes = overview.throughput.hour(to: world.now)
    let people = minutes.reduce(0, +)
    guard people > 0 else { return [Run("nothing in the last hour", .dim)] }
    let room = width - 11
    let columns = [60, 30, 20, 15, 12].first { $0 <= room } ?? 12
    let each = 60 / columns
    let values = stride(from: 0, to: 60, by: each).map { minutes[$0..<($0 + each)].reduce(0, +) }
    // As high as the screen has room for.
    let rows = max(1, min(8, (world.body.height - 16) / 4))
    let cells = Sparkline(values).cells(rows: rows, glyphs)
    let most = Wording.number(minutes.max() ?? 0)
    let said =
      "\n\(Wording.number(people)) read, compared or sent in the last hour, peak \(most) a minute"
    if rows == 1 {
      // A line to stand on where there is no row for one.
      return cells.joined().map { $0 == " " ? Run(glyphs.horizontal, .border) : Run($0, .accent) }
        + [Run(said)]
    }
    return [
      Run(cells.map { $0.joined() }.joined(separator: "\n"), .accent),
      Run("\n" + String(repeating: glyphs.horizontal, count: columns), .border), Run(said),
    ]
  }

  private func running(_ overview: Overview) -> [[Run]] {
    guard let run = overview.running else { return [] }
    var lines: [[Run]] = []
    if let total = run.total {
      let barWidth = max(0, min(40, width - 4))
      let full = ProgressBar(done: run.done, total: total).filled(of: barWidth)
      lines.append([
        Run("  "), Run(String(repeating: glyphs.barFull, count: full), .progress),
        Run(String(repeating: glyphs.barRest, count: barWidth - full), .progressRest),
      ])
    }
    return lines
      + fold(
        [Run("  ")] + Wording.runs(run.status, glyphs)
          + [
            Run("  \(run.id) \(Wording.name(run))  \(Progress(run, now: world.now).text)")
          ])
  }

  /// The last one and, where there is room, those before it that are worth a line.
  private func last(_ overview: Overview) -> [(label: String, value: [Run])] {
    guard let last = overview.lastRun else {
      return [("  Last", [Run("nothing has run yet", .dim)])]
    }
    let runs = [last] + overview.earlierRuns.prefix(max(0, world.body.height - 24))
    return runs.enumerated().map { index, run in
      if isCompact || index > 0 { return (index == 0 ? "  Last" : "", short(run)) }
      let at = run.finishedAt ?? run.startedAt ?? run.queuedAt
      let took = run.tookMilliseconds.map { " in \(Wording.took($0))" } ?? ""
      return (
        "  Last",
        Wording.runs(run.status, glyphs) + [
          Run("  \(run.id) \(Wording.name(run)), \(Wording.clock(at, in: world))\(took): "),
          Run(Wording.outcome(run)),
        ]
      )
    }
  }

  /// In one line, whatever has to be left out.
  private func short(_ run: Execution) -> [Run] {
    let at = run.finishedAt ?? run.startedAt ?? run.queuedAt
    let sign = Wording.runs(run.status, glyphs)
    let text =
      " \(run.id) \(Wording.name(run)) \(Wording.clock(at, in: world)): \(Wording.outcome(run))"
    let room = width - 11 - sign.reduce(0) { $0 + $1.width }
    return sign + [Run(CharacterWidth.cut(text, to: room, ellipsis: glyphs.ellipsis))]
  }

  private func next(_ overview: Overview) -> [(label: String, value: [Run])] {
    var runs = overview.schedules.compactMap { schedule in
      schedule.nextRunAt.map {
        (at: $0, what: "schedule \(schedule.id) \(schedule.terms.type.rawValue)")
      }
    }
    if let poll = overview.nextPoll { runs.append((poll, "a poll of Mailchimp")) }
    runs.sort { $0.at < $1.at }
    if runs.isEmpty { return [("  Next", [Run("nothing is due", .dim)])] }
    return runs.prefix(world.body.height < 24 ? 2 : 5).enumerated().map { index, run in
      (index == 0 ? "  Next" : "", [Run("\(Wording.clock(run.at, in: world)), \(run.what)")])
    }
  }
}
