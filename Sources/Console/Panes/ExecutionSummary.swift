// The first tab of an execution: how it stands, what it is, and what it did to how many.

import Basics
import Domain
import Screen

/// What an execution was and did, on one page.
struct ExecutionSummary {
  let lines: [[Run]]

  init(_ run: Execution, _ world: World, width: Int) {
    let glyphs = world.capabilities.glyphs
    var result = Wording.runs(run.status, glyphs)
    if run.status == .running {
      result.append(Run("  \(Progress(run, now: world.now).text)"))
    } else if run.status == .held {
      result.append(Run("  it waits for your decision: press \(world.keys[.review])", .warning))
    } else if !run.detectedChanges && run.status.isFinished {
      result.append(Run("  nothing had changed", .dim))
    }
    var lines = Fold.lines([result], to: width)
    if let problem = run.problem {
      lines += Fold.text([problem.sentence], to: width, .danger)
      if !problem.remedy.isEmpty { lines += Fold.text([problem.remedy], to: width) }
    }
    if run.status == .running, let total = run.total, total > 0 {
      let bar = ProgressBar(done: run.done, total: total)
      let length = max(0, min(60, width - 2))
      let full = bar.filled(of: length)
      lines.append([
        Run(String(repeating: glyphs.barFull, count: full), .progress),
        Run(String(repeating: glyphs.barRest, count: length - full), .progressRest),
      ])
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
    if !run.status.isFinished, let beat = run.heartbeatAt {
      let ago = max(0, (world.now - beat).wholeMilliseconds / 1000)
      let text = ago < 5 ? "just now" : "\(Wording.about(ago)) ago"
      pairs.append(("Heartbeat", [Run(text, ago > 120 ? .warning : .text)]))
    }
    if let took = run.tookMilliseconds { pairs.append(("Took", [Run(Wording.took(took))])) }
    if let audience = run.audienceID { pairs.append(("Audience", [Run(audience)])) }
    if let plan = run.plan { pairs.append(("Plan", [Run("\(plan)")])) }
    return TextView.pairs(pairs, width: width)
  }

  private static func bars(_ run: Execution, _ glyphs: Glyphs, width: Int) -> [[Run]] {
    let counts = run.counts
    // What changed somebody first: on a short screen the end is out of view. Each stands in its place
    // whatever its number, so that one execution can be held against the next.
    let rows: [(name: String, count: Int, role: Role)] = [
      ("created", counts.created, .success), ("updated", counts.updated, .success),
      ("unsubscribed", counts.unsubscribed, .warning), ("archived", counts.archived, .warning),
      // Rare, and then it is to be seen.
      ("deleted", counts.deleted, .warning),
      ("refused", counts.refused, .danger), ("excluded", counts.excluded, .dim),
      ("unchanged", counts.unchanged, .dim),
    ].filter { $0.name != "deleted" || $0.count > 0 }
    let all = rows.reduce(0) { $0 + $1.count }
    let numbers = rows.map { Wording.number($0.count) }
    let column = max(6, numbers.map(\.count).max() ?? 1)
    let barWidth = max(0, min(30, width - 18 - column))
    return zip(rows, numbers).map { row, number in
      let full = ProgressBar(done: row.count, total: max(1, all)).filled(of: barWidth)
      return [
        Run(CharacterWidth.fit(Wording.capitalised(row.name), to: 13), .label),
        Run(CharacterWidth.fit(number, to: column, .right) + "  ", row.count > 0 ? .strong : .dim),
        Run(String(repeating: glyphs.barFull, count: full), row.role),
        // Nobody: nothing to look at, and nothing to send when one moves from execution to execution.
        Run(
          row.count > 0 ? String(repeating: glyphs.barRest, count: barWidth - full) : "",
          .progressRest),
      ]
    }
  }
}
