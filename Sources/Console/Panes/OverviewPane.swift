// How things stand, at one look: the engine, the health of everybody, the last and the running
// execution, what needs a decision, and, before the first sync, what to do next.

import Basics
import Domain
import Screen

struct OverviewPane: Pane {
  private var scroll = ScrollState()

  mutating func update(_ event: PaneEvent, in world: World) -> [Effect] {
    switch event {
    case .moved(let motion):
      let height = height(world)
      scroll.move(motion, total: height.total, height: height.shown)
    case .wheeled(_, let rows):
      let height = height(world)
      scroll.scroll(by: rows, total: height.total, height: height.shown)
    case .acted(OverviewAction.attend): return attend(in: world)
    case .acted(OverviewAction.start): return [.startEngine]
    case .acted(OverviewAction.last):
      guard let run = world.overview?.running ?? world.overview?.lastRun else { return [] }
      return [.switchPane(.executions, row: run.id.rawValue)]
    default: break
    }
    return []
  }

  private func height(_ world: World) -> (total: Int, shown: Int) {
    (
      OverviewText(world, width: world.body.width - 4).height, max(0, world.body.height - 2)
    )
  }

  /// Goes to what wants attention most.
  private func attend(in world: World) -> [Effect] {
    guard let overview = world.overview else { return [] }
    if !world.hasKey { return [.switchPane(.settings, row: nil)] }
    if overview.audienceID.isEmpty { return [.switchPane(.audience, row: nil)] }
    if overview.decisions + (overview.verification?.open ?? 0) > 0 {
      return [.switchPane(.review, row: nil)]
    }
    if overview.problem != nil { return [.switchPane(.settings, row: nil)] }
    return [.switchPane(.people, row: nil)]
  }

  func bindings(in world: World) -> [KeyBinding] {
    let overview = world.overview
    let hasRun = overview?.running != nil || overview?.lastRun != nil
    return [
      KeyBinding(
        ["Enter"], "Go there", OverviewAction.attend, priority: 50,
        help: "Go to what wants attention most."),
      KeyBinding(
        ["l"], "Last run", OverviewAction.last, priority: 45,
        whyNot: hasRun ? nil : "Nothing has run yet: press F.",
        help: "Show the running or the last execution."),
      KeyBinding(
        ["s"], "Start engine", OverviewAction.start, priority: world.engine == .nobody ? 58 : 0,
        whyNot: GlobalKeys.whyNotStart(world),
        help: "Run the engine in this console, where nothing else runs it."),
    ]
  }

  func copies(in world: World) -> [CopyItem] {
    [CopyItem("The overview", plainLines(in: world).joined(separator: "\n"))]
  }

  func draw(on canvas: inout Canvas, in world: World) {
    let room = canvas.box(canvas.bounds, title: "Overview", note: world.version, focused: true)
    canvas.inside(room.inset(1, 0)) { canvas in
      let text = OverviewText(world, width: canvas.width)
      guard let (left, right) = text.columns else {
        TextView.draw(text.lines, on: &canvas, scroll)
        return
      }
      let parts = canvas.bounds.columns([.rest, .rest], gap: OverviewText.gap)
      canvas.inside(parts[0]) { TextView.draw(left, on: &$0, scroll) }
      canvas.inside(parts[1]) { TextView.draw(right, on: &$0, scroll) }
    }
  }

  func plainLines(in world: World) -> [String] {
    OverviewText(world, width: 100).lines.map { line in
      line.map(\.text).joined().trimmedAtEnd
    }
  }
}

enum OverviewAction {
  static let attend: ActionID = "overview.attend"
  static let last: ActionID = "overview.last"
  static let start: ActionID = "overview.start"
}

/// The overview as lines.
struct OverviewText {
  private let world: World
  private let width: Int
  private let glyphs: Glyphs

  init(_ world: World, width: Int) {
    self.world = world
    self.width = width
    glyphs = world.capabilities.glyphs
  }

  static let gap = 3

  /// Everything in one column.
  var lines: [[Run]] {
    guard let overview = world.overview else { return [[Run("Reading the workspace…", .dim)]] }
    return Self.stack([
      head(overview), firstSteps(overview), attention(overview), health(overview), runs(overview),
    ])
  }

  /// Two columns, where there is room for them.
  var columns: (left: [[Run]], right: [[Run]])? {
    guard width >= 116, let overview = world.overview else { return nil }
    let half = OverviewText(world, width: (width - Self.gap) / 2)
    return (
      Self.stack([half.head(overview), half.health(overview)]),
      Self.stack([half.firstSteps(overview), half.attention(overview), half.runs(overview)])
    )
  }

  var height: Int { columns.map { max($0.left.count, $0.right.count) } ?? lines.count }

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
    case .paused: state = [engine, Run("  nothing is sent or taken; P enables it", .dim)]
    case .blocked: state = [engine, Run("  the queue waits for what wants attention", .dim)]
    case .none: state = [engine, Run("  nothing runs until one is started: press s", .dim)]
    }
    let audience = overview.audienceName.isEmpty ? overview.audienceID : overview.audienceName
    let name =
      audience == overview.audienceID || overview.audienceID.isEmpty
      ? audience : "\(audience) (\(overview.audienceID))"
    return TextView.pairs(
      [
        ("Workspace", [Run(overview.workspace, .strong), Run("  \(world.path)", .dim)]),
        ("Engine", state),
        ("Account", [Run(overview.account.isEmpty ? "not connected" : overview.account)]),
        ("Audience", [Run(name.isEmpty ? "none chosen" : name)]),
        ("Version", [Run(world.version)]),
      ], width: width)
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
        (world.hasKey, "Set the API key: press 0 for Settings."),
        (!overview.audienceID.isEmpty, "Choose the audience: press 3."),
        (
          overview.totalPeople > 0,
          "Add people: press 2, then a; or run listkeeper people import FILE.csv."
        ),
        (
          overview.heldPlans > 0,
          world.isPractice
            ? "Press F to force a sync, then 6 to see what it did."
            : "Press F to force a sync. The first one waits in Review (8) for your approval."
        ),
      ]
      + (overview.heldPlans > 0
        ? [(false, "Press 8 to look at the plan, then A approves it.")] : [])
    let next = steps.firstIndex { !$0.isDone }
    return [heading("First steps")]
      + steps.enumerated().flatMap { index, step -> [[Run]] in
        let sign = step.isDone ? glyphs.success : index == next ? glyphs.arrow : glyphs.waiting
        let role: Role = step.isDone ? .success : index == next ? .accent : .dim
        return fold([
          Run("  \(sign) ", role), Run(step.text, index == next ? .strong : .dim),
        ])
      }
  }

  private func attention(_ overview: Overview) -> [[Run]] {
    var lines: [[Run]] = []
    if let problem = overview.problem {
      lines += fold([Run("  \(glyphs.failure) ", .danger), Run(problem.sentence, .danger)])
      if !problem.remedy.isEmpty { lines += fold([Run("    "), Run(problem.remedy)]) }
    }
    if let problem = overview.webhookProblem {
      lines += fold([Run("  \(glyphs.warning) ", .warning), Run(problem.sentence, .warning)])
      if !problem.remedy.isEmpty { lines += fold([Run("    "), Run(problem.remedy)]) }
    }
    if overview.heldPlans > 0 {
      let plans = Wording.count(overview.heldPlans, "plan waits", "plans wait")
      let them = overview.heldPlans == 1 ? "it" : "them"
      lines += fold(
        [
          Run("  \(glyphs.paused) ", .warning),
          Run("\(plans) for your decision: press 8 to look at \(them)."),
        ])
    }
    if overview.deadLetters > 0 {
      let letters = Wording.count(overview.deadLetters, "dead letter", "dead letters")
      lines += fold(
        [
          Run("  \(glyphs.warning) ", .warning),
          Run("\(letters) could not be sent: press 8 to send again or discard."),
        ])
    }
    if overview.conflicts > 0 {
      let fields = Wording.count(overview.conflicts, "field was", "fields were")
      lines += fold(
        [
          Run("  \(glyphs.warning) ", .warning),
          Run("\(fields) changed on both sides: press 8 to say which value counts."),
        ])
    }
    if overview.tagQuestions > 0 {
      let tags = Wording.count(overview.tagQuestions, "tag has", "tags have")
      lines += fold(
        [
          Run("  \(glyphs.warning) ", .warning),
          Run("\(tags) a name in question: press 8 to adopt it or call ours otherwise."),
        ])
    }
    if let open = overview.verification?.open, open > 0 {
      let differences = Wording.count(open, "difference was", "differences were")
      lines += fold(
        [
          Run("  \(glyphs.warning) ", .warning),
          Run("\(differences) found at Mailchimp: press 8 to repair or dismiss."),
        ])
    }
    return lines.isEmpty ? [] : [heading("Wants attention")] + lines
  }

  // MARK: Health

  private func health(_ overview: Overview) -> [[Run]] {
    let total = overview.totalPeople
    var lines = [heading("People  \(Wording.number(total))")]
    let numbers = PersonState.allCases.map { Wording.number(overview.people[$0] ?? 0) }
    let column = numbers.map(\.count).max() ?? 1
    let barWidth = max(0, min(40, width - 14 - column - 10))
    for (state, number) in zip(PersonState.allCases, numbers) {
      let count = overview.people[state] ?? 0
      let bar = ProgressBar(done: count, total: max(1, total))
      let full = bar.filled(of: barWidth)
      let role = Wording.role(state)
      lines.append([
        Run("  \(Wording.sign(state, glyphs)) ", role),
        Run(CharacterWidth.fit(state.rawValue, to: 9) + " "),
        Run(CharacterWidth.fit(number, to: column, .right) + "  ", .strong),
        Run(String(repeating: glyphs.barFull, count: full), role),
        Run(String(repeating: glyphs.barRest, count: barWidth - full), .progressRest),
        Run("  \(Wording.percent(count, of: total))", .dim),
      ])
    }
    if !overview.reasons.isEmpty {
      let said = overview.reasons.prefix(8).map { "\($0.code) \(Wording.number($0.count))" }
      lines += fold([Run("  Reasons: ", .label), Run(said.joined(separator: ", "), .dim)])
    }
    if let verified = overview.verification {
      let whom =
        verified.sample.map { Wording.count($0, "random address", "random addresses") }
        ?? "everybody"
      let found = verified.totals.differences
      let what =
        found == 0 ? "nothing differed" : "\(Wording.count(found, "difference", "differences"))"
      lines += fold([
        Run("  Verified: ", .label),
        Run("\(Wording.clock(verified.at, in: world)), \(whom): \(what)", .dim),
      ])
    }
    return lines
  }

  // MARK: Runs

  private func runs(_ overview: Overview) -> [[Run]] {
    var lines = [heading("Runs")]
    if let run = overview.running {
      let progress = Progress(run, now: world.now)
      if let total = run.total {
        let barWidth = max(0, min(40, width - 4))
        let full = ProgressBar(done: run.done, total: total).filled(of: barWidth)
        lines.append([
          Run("  "), Run(String(repeating: glyphs.barFull, count: full), .progress),
          Run(String(repeating: glyphs.barRest, count: barWidth - full), .progressRest),
        ])
      }
      lines += fold(
        [Run("  ")] + Wording.runs(run.status, glyphs)
          + [Run("  \(run.id) \(run.trigger.rawValue)  \(progress.text)")])
    }
    var pairs: [(label: String, value: [Run])] = []
    if let run = overview.lastRun {
      let at = run.finishedAt ?? run.startedAt ?? run.queuedAt
      let took = run.tookMilliseconds.map { " in \(Wording.took($0))" } ?? ""
      pairs.append(
        (
          "  Last",
          Wording.runs(run.status, glyphs) + [
            Run("  \(run.id) \(run.trigger.rawValue), \(Wording.clock(at, in: world))\(took): "),
            Run(Wording.counts(run.counts)),
          ]
        ))
    } else {
      pairs.append(("  Last", [Run("nothing has run yet", .dim)]))
    }
    let next = overview.nextRun.map { next in
      let what = next.schedule.map { "schedule \($0.id) \($0.terms.type.rawValue)" }
      return "\(Wording.clock(next.at, in: world)), \(what ?? "a poll of Mailchimp")"
    }
    pairs.append(("  Next", [Run(next ?? "nothing is due", next == nil ? .dim : .text)]))
    if overview.waitingMessages > 0 {
      let waiting = Wording.count(overview.waitingMessages, "message waits", "messages wait")
      pairs.append(("  Queue", [Run("\(waiting) to be worked off")]))
    }
    return lines + TextView.pairs(pairs, width: width)
  }
}

extension String {
  var trimmedAtEnd: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
