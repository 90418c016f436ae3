// How numbers, times and states are written on every screen: one place, so that the overview and a
// list never say the same thing in two ways. Every state is a sign, a word and a role: colour is
// never alone.

import Basics
import Domain
import Screen

enum Wording {
  /// `12,400`
  static func number(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0 && (digits.count - index) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return (value < 0 ? "-" : "") + text
  }

  /// `about 1,200,000`: three digits of what is only guessed; few are told as they are.
  static func rough(_ value: Int) -> String {
    var unit = 1
    while value / unit >= 1000 { unit *= 10 }
    return value < 1000 ? number(value) : "about \(number(value / unit * unit))"
  }

  /// `1 person`, `12,400 people`
  static func people(_ count: Int) -> String {
    count == 1 ? "1 person" : "\(number(count)) people"
  }

  static func count(_ value: Int, _ one: String, _ many: String) -> String {
    "\(number(value)) \(value == 1 ? one : many)"
  }

  /// `40 ms`, `1.4 s`, `14 s`, `1:31`, `1:02:03`
  static func took(_ milliseconds: Int64) -> String {
    let ms = max(0, milliseconds)
    if ms < 1000 { return "\(ms) ms" }
    if ms < 10_000 { return "\(ms / 1000).\(ms % 1000 / 100) s" }
    let seconds = ms / 1000
    if seconds < 60 { return "\(seconds) s" }
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
    let rest = padded(seconds % 60, 2)
    return hours > 0 ? "\(hours):\(padded(minutes, 2)):\(rest)" : "\(minutes):\(rest)"
  }

  /// `9 s`, `4 min`, `2 h 5 min`: for what is only roughly known.
  static func about(_ seconds: Int64) -> String {
    if seconds < 60 { return "\(max(1, seconds)) s" }
    let minutes = (seconds + 30) / 60
    if minutes < 60 { return "\(minutes) min" }
    return minutes % 60 == 0 ? "\(minutes / 60) h" : "\(minutes / 60) h \(minutes % 60) min"
  }

  /// `2026-11-21 13:42:07` on the workspace's clock.
  static func time(_ instant: Instant, _ zone: ClockZone) -> String {
    let text = "\(zone.civil(instant))"
    return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8))"
  }

  /// `11-21 13:42:07`, and of earlier years `2025-11-21`.
  static func short(_ instant: Instant, in world: World) -> String {
    let text = time(instant, world.zone)
    return String(isOfEarlierYear(text, world) ? text.prefix(10) : text.dropFirst(5))
  }

  private static func isOfEarlierYear(_ text: String, _ world: World) -> Bool {
    text.prefix(4) < date(world.now, world.zone).prefix(4)
  }

  /// `13:42:07.123`
  static func precise(_ instant: Instant, _ zone: ClockZone) -> String {
    let ms = zone.civil(instant).milliseconds % 1000
    return "\(time(instant, zone).suffix(8)).\(padded(ms < 0 ? ms + 1000 : ms, 3))"
  }

  /// `2026-11-21`
  static func date(_ instant: Instant, _ zone: ClockZone) -> String {
    String(time(instant, zone).prefix(10))
  }

  /// `13:42` today, `11-20 13:42` on other days, and of earlier years `2025-11-20`.
  static func clock(_ instant: Instant, in world: World) -> String {
    let text = time(instant, world.zone)
    if isOfEarlierYear(text, world) { return String(text.prefix(10)) }
    let isToday = text.prefix(10) == date(world.now, world.zone)
    return String(isToday ? text.dropFirst(11).prefix(5) : text.dropFirst(5).prefix(11))
  }

  /// `12%`; something that is there is never shown as nothing.
  static func percent(_ part: Int, of whole: Int) -> String {
    guard whole > 0, part > 0 else { return "0%" }
    let share = part * 100 / whole
    return share == 0 ? "<1%" : "\(share)%"
  }

  /// `840 B`, `164 kB`
  static func bytes(_ count: Int) -> String {
    count < 1000 ? "\(count) B" : "\(number((count + 500) / 1000)) kB"
  }

  /// With a capital letter, for headings.
  static func capitalised(_ text: String) -> String {
    text.prefix(1).uppercased() + text.dropFirst()
  }
}

// States: sign, word, role.
extension Wording {
  static func sign(_ status: ExecutionStatus, _ glyphs: Glyphs) -> String {
    switch status {
    case .succeeded: glyphs.success
    case .failed: glyphs.failure
    case .partial: glyphs.partial
    case .running: glyphs.running
    case .waiting: glyphs.waiting
    case .held: glyphs.paused
    case .cancelled: glyphs.failure
    }
  }

  static func role(_ status: ExecutionStatus) -> Role {
    switch status {
    case .succeeded: .success
    case .failed: .danger
    case .partial, .held: .warning
    case .running: .info
    case .waiting, .cancelled: .dim
    }
  }

  static func runs(_ status: ExecutionStatus, _ glyphs: Glyphs) -> [Run] {
    [Run("\(sign(status, glyphs)) \(status.rawValue)", role(status))]
  }

  static func role(_ state: PersonState) -> Role {
    switch state {
    case .inStep: .success
    case .waiting: .info
    case .excluded: .dim
    case .refused: .danger
    }
  }

  static func sign(_ state: PersonState, _ glyphs: Glyphs) -> String {
    switch state {
    case .inStep: glyphs.success
    case .waiting: glyphs.waiting
    case .excluded: glyphs.horizontal
    case .refused: glyphs.failure
    }
  }

  static func role(_ level: LogLevel) -> Role {
    switch level {
    case .debug: .dim
    case .info: .text
    case .warning: .warning
    case .error: .danger
    }
  }

  static func role(_ result: RowResult) -> Role {
    switch result {
    case .created, .updated: .success
    case .unsubscribed, .archived, .skipped: .warning
    case .refused: .danger
    case .unchanged, .excluded, .suppressed: .dim
    }
  }

  static func role(_ level: Notice.Level) -> Role {
    switch level {
    case .info: .info
    case .success: .success
    case .warning: .warning
    case .error: .danger
    }
  }

  static func sign(_ level: Notice.Level, _ glyphs: Glyphs) -> String {
    switch level {
    case .info: glyphs.bullet
    case .success: glyphs.success
    case .warning: glyphs.warning
    case .error: glyphs.failure
    }
  }

  /// The engine in a sign, a word and a role.
  static func engine(_ world: World) -> Run {
    let glyphs = world.capabilities.glyphs
    guard let overview = world.overview else { return Run("\(glyphs.waiting) reading", .dim) }
    switch overview.engine {
    case .none:
      return world.engine == .starting
        ? Run("\(glyphs.waiting) starting", .dim) : Run("\(glyphs.waiting) no engine", .warning)
    case .paused: return Run("\(glyphs.paused) paused", .warning)
    case .blocked: return Run("\(glyphs.failure) blocked", .danger)
    case .running:
      return overview.running == nil
        ? Run("\(glyphs.success) ready", .success) : Run("\(glyphs.running) running", .info)
    }
  }

  static func value(_ value: MergeValue) -> String {
    switch value {
    case .text(let text): text.isEmpty ? "(empty)" : text
    case .number(let number):
      Int64(exactly: number).map { String($0) } ?? "\(number)"
    case .address(let address):
      [
        address.line1, address.line2, address.city, address.state, address.zip, address.country,
      ].filter { !$0.isEmpty }.joined(separator: ", ")
    }
  }

  /// The changes of one row: `FNAME: Ada → Adele; LNAME: King`. Where there was nothing before, the
  /// new value says all.
  static func changes(_ changes: [FieldChange], _ glyphs: Glyphs) -> String {
    changes.map { change in
      change.old.isEmpty && !change.new.isEmpty
        ? "\(change.name): \(value(change.new))" : Wording.change(change, glyphs)
    }.joined(separator: "; ")
  }

  /// `FNAME: Ada → Adele`
  static func change(_ change: FieldChange, _ glyphs: Glyphs) -> String {
    "\(change.name): \(value(change.old)) \(glyphs.arrow) \(value(change.new))"
  }

  /// What an execution is called where there is room for one word: what somebody merely asked for,
  /// by what it does.
  static func name(_ run: Execution) -> String {
    run.trigger == .request ? run.flow.rawValue : run.trigger.rawValue
  }

  /// What an execution did; of one that is not there to change anybody, that.
  static func outcome(_ run: Execution) -> String {
    guard run.status == .succeeded, run.counts.changed == 0, run.counts.refused == 0 else {
      return counts(run.counts)
    }
    return switch run.flow {
    case .verification: "both sides compared"
    case .backup: "the workspace copied"
    case .webhook: "the webhook looked at"
    default: counts(run.counts)
    }
  }

  /// What an execution did, most important first: `3 created, 1 refused`, or `no changes`.
  static func counts(_ counts: ExecutionCounts) -> String {
    let parts: [(Int, String)] = [
      (counts.refused, "refused"), (counts.created, "created"), (counts.updated, "updated"),
      (counts.unsubscribed, "unsubscribed"), (counts.archived, "archived"),
      (counts.deleted, "deleted there"),
    ]
    let said = parts.filter { $0.0 > 0 }.map { "\(number($0.0)) \($0.1)" }
    return said.isEmpty ? "no changes" : said.joined(separator: ", ")
  }
}
