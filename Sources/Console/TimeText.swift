// Moments as people type them: a time of today, a day, so long ago. The zone is the workspace's.

import Basics
import Domain

enum TimeText {
  static let help = "13:05, 11-21 13:05, 2026-11-21, 2026-11-21 13:05, or -30m, -2h, -7d"

  /// Nil where it cannot be read. A time without a day is the last one that was.
  static func parse(_ text: String, in world: World) -> Instant? {
    let text = Text.oneLine(text)
    if text.hasPrefix("-") { return ago(text.dropFirst()).map { world.now - $0 } }
    let today = Wording.date(world.now, world.zone)
    let parts = text.split(separator: " ").flatMap { $0.split(separator: "T") }
    let (day, clock): (Substring?, Substring?) =
      switch parts.count {
      case 1: parts[0].contains(":") ? (nil, parts[0]) : (parts[0], nil)
      case 2: (parts[0], parts[1])
      default: (nil, nil)
      }
    guard day != nil || clock != nil else { return nil }
    let wholeDay = day.map { $0.count <= 5 ? "\(today.prefix(5))\($0)" : "\($0)" } ?? today
    let wholeClock = clock.map { $0.utf8.count == 5 ? "\($0):00" : "\($0)" } ?? "00:00:00"
    guard let civil = Instant(iso8601: "\(wholeDay)T\(wholeClock)Z") else { return nil }
    let found = world.zone.instant(civil)
    return day == nil && found > world.now ? found - .days(1) : found
  }

  private static func ago(_ text: Substring) -> Duration? {
    guard let unit = text.last, let number = Int(text.dropLast()), (0...100_000).contains(number)
    else { return nil }
    switch unit {
    case "s": return .seconds(number)
    case "m": return .seconds(number * 60)
    case "h": return .hours(number)
    case "d": return .days(number)
    default: return nil
    }
  }
}

extension ClockZone {
  /// The moment at which this zone's clock reads what `civil` reads in UTC; of two, the first.
  func instant(_ civil: Instant) -> Instant {
    let offsets = Set(steps.map(\.offset)).sorted(by: >)
    let found = offsets.map { civil - .seconds($0) }.first { self.civil($0) == civil }
    // A time that was skipped: as if the clock had not been moved.
    return found ?? civil - .seconds(offsets.last ?? 0)
  }
}
