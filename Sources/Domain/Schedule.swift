// What runs by the clock, and when next. This is the one place that knows civil calendars and time
// zones; everything is decided from values, so that asking twice gives the same answer. What must
// stay true: the next run is later than the instant it was asked for, and no day or week is left
// out, whatever a zone does to its clocks.

import Basics
import Foundation

package typealias ScheduleID = Identifier<Schedule>

/// What a schedule does. The words are those of the screen, the command line and the schema.
package enum ScheduleType: String, Sendable, CaseIterable {
  /// A force sync: what changed.
  case syncSubscriptions = "sync subscriptions"
  /// Everyone.
  case resync
  case verification
  case refreshPeople = "refresh people"
  case backup

  /// Reads the name, or a beginning of it that names only one: `sync`, `refresh`.
  package init?(name: String) {
    let wanted = Text.oneLine(name).lowercased().map { $0 == "-" || $0 == "_" ? " " : $0 }
    let found = Self.allCases.filter { $0.rawValue.hasPrefix(String(wanted)) }
    let exact = found.first { $0.rawValue == String(wanted) }
    guard let one = exact ?? (found.count == 1 && !wanted.isEmpty ? found[0] : nil) else {
      return nil
    }
    self = one
  }
}

package enum Weekday: Int, Sendable, CaseIterable, Comparable {
  case monday, tuesday, wednesday, thursday, friday, saturday, sunday

  /// `Mon`
  package var short: String { String("\(self)".capitalized.prefix(3)) }

  /// Reads `monday`, `Mon`, `mo`.
  package init?(name: some StringProtocol) {
    let wanted = name.lowercased()
    guard wanted.count >= 2, let day = Self.allCases.first(where: { "\($0)".hasPrefix(wanted) })
    else { return nil }
    self = day
  }

  /// Of a day counted from 1970-01-01, a Thursday.
  init(daysSince1970 days: Int64) {
    self = Self.allCases[Int(((days + 3) % 7 + 7) % 7)]
  }

  package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// A time of day on a clock, printed `HH:MM`.
package struct ClockTime: Sendable, Hashable, CustomStringConvertible {
  package let hour: Int
  package let minute: Int

  package init?(hour: Int, minute: Int) {
    guard (0..<24).contains(hour), (0..<60).contains(minute) else { return nil }
    self.hour = hour
    self.minute = minute
  }

  /// Reads `2:30` and `02:30`.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, (1...2).contains(parts[0].count), parts[1].count == 2,
      parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }),
      let hour = Int(parts[0]), let minute = Int(parts[1])
    else { return nil }
    self.init(hour: hour, minute: minute)
  }

  package var description: String { padded(Int64(hour), 2) + ":" + padded(Int64(minute), 2) }

  fileprivate var milliseconds: Int64 { Int64(hour * 60 + minute) * 60_000 }
}

/// How often: `every 15 minutes`, `every 6 hours`, `daily at 02:30`, `weekly on Mon, Thu at 02:30`.
/// Minutes and hours are counted as they pass, from when the schedule was made, so that a change of
/// the clocks neither shortens nor doubles one; who wants a time of day takes daily.
package enum Cadence: Sendable, Hashable, CustomStringConvertible {
  case minutes(Int)
  case hours(Int)
  case daily(ClockTime)
  case weekly(Set<Weekday>, ClockTime)

  package static let forms = [
    "every 15 minutes", "every 6 hours", "daily at 02:30", "weekly on Mon, Thu at 02:30",
  ]

  package var description: String {
    switch self {
    case .minutes(let count): count == 1 ? "every minute" : "every \(count) minutes"
    case .hours(let count): count == 1 ? "every hour" : "every \(count) hours"
    case .daily(let time): "daily at \(time)"
    case .weekly(let days, let time):
      "weekly on \(days.sorted().map(\.short).joined(separator: ", ")) at \(time)"
    }
  }

  /// Reads what `description` prints, and what people write instead (`weekly on monday at 2:30`).
  package init(_ text: String) throws(Problem) {
    let words = Text.oneLine(text).lowercased()
      .split(whereSeparator: { $0 == " " || $0 == "," }).map(String.init)
    switch words.first {
    case "every": self = try Self.every(words.dropFirst(), text)
    case "daily":
      guard words.count == 3, words[1] == "at" else { throw Self.unreadable(text) }
      self = .daily(try Self.time(words[2]))
    case "weekly":
      guard words.count >= 5, words[1] == "on", words[words.count - 2] == "at" else {
        throw Self.unreadable(text)
      }
      var days: Set<Weekday> = []
      for word in words[2..<(words.count - 2)] where word != "and" {
        guard let day = Weekday(name: word) else {
          throw Problem(
            "schedules.no-weekday", "'\(word)' is no day of the week.",
            remedy: "Write them as in: \(Self.forms[3])", fields: ["field": "cadence"])
        }
        days.insert(day)
      }
      if days.isEmpty { throw Self.unreadable(text) }
      self = .weekly(days, try Self.time(words[words.count - 1]))
    default: throw Self.unreadable(text)
    }
  }

  private static func every(
    _ words: ArraySlice<String>, _ text: String
  ) throws(Problem) -> Cadence {
    let words = Array(words)
    let number = words.count == 1 ? "1" : words.first ?? ""
    guard (1...2).contains(words.count), let unit = words.last, let count = Int(number) else {
      throw unreadable(text)
    }
    switch unit {
    case "minute", "minutes", "min":
      try check(count, 1...1440, "minutes")
      return .minutes(count)
    case "hour", "hours", "h":
      try check(count, 1...720, "hours")
      return .hours(count)
    default: throw unreadable(text)
    }
  }

  private static func check(
    _ count: Int, _ range: ClosedRange<Int>, _ unit: String
  ) throws(Problem) {
    guard !range.contains(count) else { return }
    throw Problem(
      "schedules.too-often", "A schedule cannot run every \(count) \(unit).",
      remedy: "Give a number of \(unit) from \(range.lowerBound) to \(range.upperBound).",
      fields: ["field": "cadence"])
  }

  private static func time(_ word: String) throws(Problem) -> ClockTime {
    if let time = ClockTime(word) { return time }
    throw Problem(
      "schedules.no-time", "'\(word)' is no time of day.",
      remedy: "Write hours and minutes, such as 02:30.", fields: ["field": "cadence"])
  }

  private static func unreadable(_ text: String) -> Problem {
    Problem(
      "schedules.no-cadence", "'\(Text.oneLine(text))' does not say how often.",
      remedy: "Write one of: \(forms.joined(separator: "; ")).", fields: ["field": "cadence"])
  }

  /// The first run after `instant`. `since` is what minutes and hours are counted from.
  package func next(after instant: Instant, since: Instant, in zone: CivilZone) -> Instant {
    switch self {
    case .minutes(let count): Self.step(.minutes(count), after: instant, since: since)
    case .hours(let count): Self.step(.hours(count), after: instant, since: since)
    case .daily(let time): Self.day(after: instant, at: time, in: zone) { _ in true }
    case .weekly(let days, let time):
      Self.day(after: instant, at: time, in: zone) { days.contains($0) }
    }
  }

  private static func step(_ step: Duration, after instant: Instant, since: Instant) -> Instant {
    let length = step.wholeMilliseconds
    let passed = instant.milliseconds - since.milliseconds
    return Instant(milliseconds: since.milliseconds + (max(0, passed) / length + 1) * length)
  }

  /// The days before that of `instant` need no look: what their clocks showed had come by then.
  private static func day(
    after instant: Instant, at time: ClockTime, in zone: CivilZone, _ fits: (Weekday) -> Bool
  ) -> Instant {
    var day = zone.day(instant)
    while true {
      if fits(Weekday(daysSince1970: day)) {
        let run = zone.first(showing: day * 86_400_000 + time.milliseconds)
        if run > instant { return run }
      }
      day += 1
    }
  }
}

/// A time zone's clock.
package struct CivilZone: Sendable {
  package let name: String
  private let zone: TimeZone

  /// Nil for a name that is none.
  package init?(_ name: String) {
    guard let zone = TimeZone(identifier: name) else { return nil }
    self.name = name
    self.zone = zone
  }

  /// The zone of that name; UTC where it is none, as on every screen.
  package init(orUTC name: String) {
    self = CivilZone(name) ?? CivilZone(name: "UTC", zone: .gmt)
  }

  private init(name: String, zone: TimeZone) {
    self.name = name
    self.zone = zone
  }

  /// Every name the system knows.
  package static var names: [String] { TimeZone.knownTimeZoneIdentifiers }

  private func offset(_ milliseconds: Int64) -> Int64 {
    let date = Date(timeIntervalSince1970: Double(milliseconds / 1000))
    return Int64(zone.secondsFromGMT(for: date)) * 1000
  }

  /// The day the clock shows, counted from 1970-01-01.
  func day(_ instant: Instant) -> Int64 {
    let civil = instant.milliseconds + offset(instant.milliseconds)
    return civil >= 0 ? civil / 86_400_000 : -((-civil + 86_399_999) / 86_400_000)
  }

  /// The first instant at which the clock shows `civil` (milliseconds, as if it were UTC) or later:
  /// for a time that is skipped, the end of the gap; of one that comes twice, the first.
  func first(showing civil: Int64) -> Instant {
    // No zone is further than 16 hours from Greenwich, and none changes twice within an hour. Before
    // `start` the clock has shown nothing as late as `civil`.
    let hour: Int64 = 3_600_000
    var start = civil - 16 * hour
    var current = offset(start)
    for probe in stride(from: start + hour, through: civil + 16 * hour, by: Int(hour)) {
      let next = offset(probe)
      if next == current { continue }
      let change = firstMoment(in: (probe - hour)...probe) { offset($0) != current }
      let candidate = max(start, civil - current)
      if candidate < change { return Instant(milliseconds: candidate) }
      start = change
      current = next
    }
    return Instant(milliseconds: max(start, civil - current))
  }

  /// To the second; zones change at whole ones.
  private func firstMoment(in range: ClosedRange<Int64>, _ holds: (Int64) -> Bool) -> Int64 {
    var (low, high) = (range.lowerBound, range.upperBound)
    while high - low > 1000 {
      let middle = low + (high - low) / 2000 * 1000
      if holds(middle) { high = middle } else { low = middle }
    }
    return high
  }
}

/// What somebody says about a schedule; the rest follows from it.
package struct ScheduleTerms: Sendable, Hashable {
  package var type: ScheduleType
  package var cadence: Cadence
  /// Nil: that of the workspace.
  package var zone: String?
  package var isActive = true
  /// Verification: how many people, at random; nil for everyone.
  package var sample: Int?
  /// Backup: where the files go, and how many of them stay.
  package var folder = ""
  package var keeps = 7

  package init(_ type: ScheduleType, _ cadence: Cadence) {
    self.type = type
    self.cadence = cadence
  }

  /// `resync, daily at 02:30`
  package var title: String { "\(type.rawValue), \(cadence)" }

  /// What only this type has: `to /backups, keeping 7`; empty for most.
  package var particulars: String {
    switch type {
    case .verification: sample.map { "a sample of \($0)" } ?? "everyone"
    case .backup: "to \(folder), keeping \(keeps)"
    case .syncSubscriptions, .resync, .refreshPeople: ""
    }
  }

  /// Everything that was said, for the audit.
  package var description: String {
    [title, zone ?? "", particulars, isActive ? "" : "not active"].filter { !$0.isEmpty }
      .joined(separator: ", ")
  }

  /// Refuses what cannot work; `fields["field"]` of the problem names what.
  package func check() throws(Problem) {
    if let zone, CivilZone(zone) == nil {
      throw Problem(
        "schedules.no-zone", "There is no time zone '\(Text.oneLine(zone))'.",
        remedy: "Give a name such as Europe/Paris."
          + Suggestion.sentence(zone, among: CivilZone.names), fields: ["field": "zone"])
    }
    if let sample, sample < 1 {
      throw Problem(
        "schedules.no-sample", "A sample of \(sample) is nobody.",
        remedy: "Give a number of people from 1 on, or none for everyone.",
        fields: ["field": "sample"])
    }
    guard type == .backup else { return }
    guard folder.hasPrefix("/") else {
      throw Problem(
        "schedules.no-folder",
        folder.isEmpty
          ? "A backup needs a folder." : "'\(Text.oneLine(folder))' is not the whole path.",
        remedy: "Give the whole path of a folder, such as /var/backups/listkeeper.",
        fields: ["field": "folder"])
    }
    guard (1...1000).contains(keeps) else {
      throw Problem(
        "schedules.keeps", "\(keeps) backups cannot be kept.",
        remedy: "Give a number from 1 to 1000.", fields: ["field": "keeps"])
    }
  }
}

package struct Schedule: Sendable, Equatable, Identifiable {
  package let id: ScheduleID
  package var terms: ScheduleTerms
  /// What minutes and hours are counted from.
  package var since: Instant
  package var createdAt: Instant
  /// Nil while it is not active.
  package var nextRunAt: Instant?
  package var lastRunAt: Instant?
  package var lastExecution: ExecutionID?

  package init(id: ScheduleID, terms: ScheduleTerms, since: Instant, createdAt: Instant) {
    self.id = id
    self.terms = terms
    self.since = since
    self.createdAt = createdAt
  }

  /// `#3 resync, daily at 02:30`
  package var title: String { "\(id) \(terms.title)" }

  /// The first run after `instant`, whether it is active or not.
  package func next(after instant: Instant, workspaceZone: String) -> Instant {
    terms.cadence.next(
      after: instant, since: since, in: CivilZone(orUTC: terms.zone ?? workspaceZone))
  }
}

/// A schedule with what became of its last run, as lists show it.
package struct ScheduleRow: Sendable, Equatable, Identifiable {
  package var schedule: Schedule
  /// Nil where it has not run, or where that execution is past its retention.
  package var lastRun: Execution?

  package init(schedule: Schedule, lastRun: Execution? = nil) {
    self.schedule = schedule
    self.lastRun = lastRun
  }

  package var id: ScheduleID { schedule.id }
}
