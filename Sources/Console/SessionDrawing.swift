// The frame around the panes: who and where on the first row, the panes on the second, what was
// said on the last but one, what can be pressed on the last.

import Basics
import Domain
import Screen

extension ConsoleSession {
  /// The screen as it stands.
  package func draw() -> CellBuffer {
    var canvas = Canvas(world.size, glyphs: world.capabilities.glyphs)
    let layout = ScreenLayout(world.size)
    guard !layout.isTooSmall else {
      let needed = ScreenLayout.minimum
      let text =
        "This needs \(needed.width)×\(needed.height); the screen has"
        + " \(world.size.width)×\(world.size.height)."
      for (y, line) in CharacterWidth.wrap(text, to: max(1, canvas.width)).enumerated() {
        canvas.text(line, 0, y)
      }
      return canvas.finish()
    }
    canvas.inside(layout.status, on: .bar) { StatusRow(world, isHeld: isHeld).draw(on: &$0) }
    canvas.inside(layout.panes) { PaneBar(world, current: current).draw(on: &$0) }
    canvas.inside(layout.body) { panes[current]?.draw(on: &$0, in: seen(by: current)) }
    canvas.inside(layout.notice) { drawNotice(on: &$0) }
    for layer in layers { layer.draw(on: &canvas, in: world) }
    canvas.inside(layout.hints, on: .bar) { hintBar(width: $0.width - 1).draw(on: &$0) }
    var screen = canvas.finish()
    if world.capabilities.showsCursor { screen.cursor = screen.cursor ?? screen.focus }
    return screen
  }

  private func drawNotice(on canvas: inout Canvas) {
    canvas.fill()
    let room = canvas.width - 2
    if let notice {
      let sign = Wording.sign(notice.level, canvas.glyphs)
      let role = Wording.role(notice.level)
      let isLong =
        CharacterWidth.of(notice.text) + 2 > room && pastNotices.last?.text == notice.text
      let tail =
        isLong
        ? "\(userKeys[GlobalKeys.notices]) shows all of it"
        : notice.level == .error ? "any key clears it" : ""
      let width = room - (tail.isEmpty ? 0 : tail.count + 2)
      canvas.line([Run("\(sign) ", role), Run(notice.text, role)], 1, 0, width: width)
      canvas.text(tail, 1, 0, .dim, width: room, align: .right)
      return
    }
    if let run = world.overview?.running { drawProgress(of: run, on: &canvas) }
  }

  private func drawProgress(of run: Execution, on canvas: inout Canvas) {
    let progress = Progress(run, now: world.now)
    let text = "\(run.id) \(run.trigger.rawValue)  \(progress.text)"
    let barWidth = min(30, max(0, canvas.width - CharacterWidth.of(text) - 6))
    var x = 1
    if barWidth >= 8, run.total != nil {
      ProgressBar(done: run.done, total: run.total).draw(on: &canvas, x, 0, width: barWidth)
      x += barWidth + 2
    }
    canvas.text(text, x, 0, .info, width: canvas.width - x - 1)
  }
}

/// The first row: workspace, engine, account, audience, last and next run; the last ones go first
/// where there is no room.
struct StatusRow {
  private let world: World
  private let isHeld: Bool

  init(_ world: World, isHeld: Bool) {
    self.world = world
    self.isHeld = isHeld
  }

  func draw(on canvas: inout Canvas) {
    canvas.fill()
    let glyphs = canvas.glyphs
    var parts: [[Run]] = []
    let name = world.overview?.workspace ?? ""
    parts.append([Run(name.isEmpty ? "Listkeeper" : name, .title)])
    parts.append([Wording.engine(world)])
    if isHeld { parts.append([Run("\(glyphs.paused) updates held", .warning)]) }
    if world.isReadOnly {
      parts.append([Run("read-only", .warning)])
    } else if case .elsewhere = world.engine {
      parts.append([Run("viewer", .dim)])
    }
    if let overview = world.overview {
      let account = overview.account.isEmpty ? "not connected" : overview.account
      let audience = overview.audienceName.isEmpty ? overview.audienceID : overview.audienceName
      parts.append([
        Run(account), Run(" \(glyphs.arrow) ", .dim),
        Run(audience.isEmpty ? "no audience" : audience),
      ])
      if let run = overview.lastRun {
        let at = (run.finishedAt ?? run.startedAt ?? run.queuedAt)
        let sign = Wording.sign(run.status, glyphs)
        parts.append([
          Run("last ", .label), Run("\(sign) ", Wording.role(run.status)),
          Run(Wording.clock(at, in: world)),
        ])
      }
      if let next = overview.nextRun {
        parts.append([Run("next ", .label), Run(Wording.clock(next.at, in: world))])
      }
    }
    if world.isPractice { parts.insert([Run("practice", .warning)], at: 1) }
    var x = 1
    for part in parts {
      let width = part.reduce(0) { $0 + $1.width }
      // The first two are cut rather than dropped.
      guard x + min(width, 12) < canvas.width else { break }
      guard x + width < canvas.width || part == parts[0] else { continue }
      x = canvas.line(part, x, 0, width: canvas.width - x - 1) + 3
    }
  }
}

/// How far a running execution is, with rate and time left where they can be told.
struct Progress {
  let rate: Int?
  let secondsLeft: Int64?
  private let run: Execution

  init(_ run: Execution, now: Instant) {
    self.run = run
    guard let started = run.startedAt, run.done > 0 else {
      (rate, secondsLeft) = (nil, nil)
      return
    }
    // Measured up to the last heartbeat: the picture must not slow down because nobody looked.
    let end = min(now, run.heartbeatAt ?? now)
    let ms = max(1, end.milliseconds - started.milliseconds)
    let perSecond = Int(Int64(run.done) * 1000 / ms)
    rate = perSecond
    secondsLeft = run.total.flatMap { total in
      total > run.done && perSecond > 0 ? Int64((total - run.done) / perSecond) : nil
    }
  }

  /// `62%  12,400 of 20,000  850/s  about 9 s left`
  var text: String {
    var parts: [String] = []
    if let total = run.total, total > 0 {
      parts.append(ProgressBar(done: run.done, total: total).percent)
      parts.append("\(Wording.number(run.done)) of \(Wording.number(total))")
    } else {
      parts.append(run.done == 0 ? "starting" : "\(Wording.number(run.done)) done")
    }
    if let rate, rate > 0 { parts.append("\(Wording.number(rate))/s") }
    if let secondsLeft { parts.append("about \(Wording.about(secondsLeft)) left") }
    return parts.joined(separator: "  ")
  }
}
