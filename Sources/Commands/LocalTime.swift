// The workspace's clock: UTC moved by the offsets its time zone has over the years that can be
// shown. The zones come from Foundation proper, because the essentials alone know only GMT.

import Basics
import Console
import Domain
import Foundation

enum LocalTime {
  /// The zone of that name from 2015 to 2040; UTC for a name that is none.
  static func zone(_ name: String) -> ClockZone {
    guard let zone = TimeZone(identifier: name) else { return .utc }
    let start = Date(timeIntervalSince1970: 1_420_070_400)
    let end = Date(timeIntervalSince1970: 2_208_988_800)
    var steps = [step(zone, start)]
    var at = start
    while let next = zone.nextDaylightSavingTimeTransition(after: at), next < end, next > at {
      steps.append(step(zone, next))
      at = next
    }
    return ClockZone(name: name, steps: steps)
  }

  private static func step(_ zone: TimeZone, _ date: Date) -> ClockZone.Step {
    ClockZone.Step(
      since: Instant(milliseconds: Int64(date.timeIntervalSince1970 * 1000)),
      offset: zone.secondsFromGMT(for: date))
  }
}

extension ClockZone {
  /// `2026-11-21 13:05:09` on this clock.
  func print(_ instant: Instant) -> String {
    let offset = (steps.last { $0.since <= instant } ?? steps.first)?.offset ?? 0
    let civil = Instant(
      milliseconds: (instant.milliseconds / 1000 + Int64(offset)) * 1000)
    return String("\(civil)".dropLast().map { $0 == "T" ? " " : $0 })
  }

  func print(_ instant: Instant?) -> String { instant.map { print($0) } ?? "" }
}

extension ClockZone {
  /// The beginning of a day on this clock (2026-01-31), or a time; nil where none is given.
  func instant(_ text: String?) throws(Problem) -> Instant? {
    guard let text = text.map({ Text.oneLine($0) }) else { return nil }
    if let date = CivilDate(text) { return start(of: date) }
    if let instant = Instant(iso8601: text) { return instant }
    throw Problem(
      "usage.not-a-date", "'\(text)' is no day and no time.",
      remedy: "Write it as 2026-01-31 or 2026-01-31T08:00:00Z.")
  }

  /// The first instant of that day on this clock.
  func start(of day: CivilDate) -> Instant {
    let steps = steps
    let clock = SearchDay(now: Instant(milliseconds: 0)) { instant in
      (steps.last { $0.since <= instant } ?? steps.first)?.offset ?? 0
    }
    return clock.start(of: day)
  }
}
