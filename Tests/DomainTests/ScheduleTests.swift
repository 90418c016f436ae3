// When things run next: by example at the changes of real clocks, and as laws over every zone the
// system knows.

import Basics
import Domain
import Foundation
import Support
import Testing

@Suite struct ScheduleTests {
  private func at(_ text: String) throws -> Instant { try #require(Instant(iso8601: text)) }

  private func next(_ cadence: String, _ zone: String, after: String) throws -> String {
    let zone = try #require(CivilZone(zone))
    let after = try at(after)
    return "\(try Cadence(cadence).next(after: after, since: after, in: zone))"
  }

  @Test func `a time that does not exist that day runs at the end of the gap`() throws {
    // Paris went from 02:00 to 03:00 at 01:00 UTC on 2026-03-29.
    let evening = "2026-03-28T12:00:00Z"
    #expect(try next("daily at 02:30", "Europe/Paris", after: evening) == "2026-03-29T01:00:00Z")
    #expect(try next("daily at 01:59", "Europe/Paris", after: evening) == "2026-03-29T00:59:00Z")
    #expect(try next("daily at 03:00", "Europe/Paris", after: evening) == "2026-03-29T01:00:00Z")
    #expect(
      try next("daily at 02:30", "Europe/Paris", after: "2026-03-29T01:00:00Z")
        == "2026-03-30T00:30:00Z")
  }

  @Test func `a time that comes twice runs once`() throws {
    // Paris went from 03:00 back to 02:00 at 01:00 UTC on 2026-10-25.
    let first = "2026-10-25T00:30:00Z"
    #expect(
      try next("daily at 02:30", "Europe/Paris", after: "2026-10-24T12:00:00Z") == first)
    #expect(try next("daily at 02:30", "Europe/Paris", after: first) == "2026-10-26T01:30:00Z")
    #expect(
      try next("daily at 02:30", "Europe/Paris", after: "2026-10-25T01:10:00Z")
        == "2026-10-26T01:30:00Z")
  }

  @Test func `midnight runs once where the clocks go back over it`() throws {
    // St John's went back at 00:01 until 2011: 00:00 came twice on 2010-11-07.
    let first = try next("daily at 00:00", "America/St_Johns", after: "2010-11-06T12:00:00Z")
    #expect(first == "2010-11-07T02:30:00Z")
    #expect(try next("daily at 00:00", "America/St_Johns", after: first) == "2010-11-08T03:30:00Z")
  }

  @Test func `a day a zone left out runs at its end, and no week is left out`() throws {
    // Samoa had no Friday 2011-12-30.
    let friday = try next("weekly on Fri at 10:00", "Pacific/Apia", after: "2011-12-29T12:00:00Z")
    #expect(friday == "2011-12-30T10:00:00Z")
    #expect(
      try next("weekly on Fri at 10:00", "Pacific/Apia", after: friday) == "2012-01-05T20:00:00Z")
  }

  @Test func `minutes and hours are counted as they pass, from when the schedule was made`() throws
  {
    let zone = try #require(CivilZone("Europe/Paris"))
    let since = try at("2026-03-28T22:10:00Z")
    let six = try Cadence("every 6 hours")
    var run = since
    var runs: [String] = []
    for _ in 0..<3 {
      run = six.next(after: run, since: since, in: zone)
      runs.append("\(run)")
    }
    #expect(runs == ["2026-03-29T04:10:00Z", "2026-03-29T10:10:00Z", "2026-03-29T16:10:00Z"])
    let late = try at("2026-04-11T00:11:30Z")
    #expect("\(six.next(after: late, since: since, in: zone))" == "2026-04-11T04:10:00Z")
    #expect(
      try Cadence("every 7 minutes").next(after: since - .days(2), since: since, in: zone)
        == since + .minutes(7))
  }

  @Test func `how often is read as people write it and printed in one way`() throws {
    let spellings = [
      ("every 15 minutes", "every 15 minutes"), ("Every  minute", "every minute"),
      ("every 1 hours", "every hour"), ("EVERY 24 HOURS", "every 24 hours"),
      ("daily at 2:30", "daily at 02:30"),
      ("weekly on thursday and mon at 02:30", "weekly on Mon, Thu at 02:30"),
      ("weekly on Mo,We,Su at 0:00", "weekly on Mon, Wed, Sun at 00:00"),
    ]
    for (typed, printed) in spellings {
      let cadence = try Cadence(typed)
      #expect("\(cadence)" == printed)
      #expect(try Cadence(printed) == cadence)
    }
    for form in Cadence.forms { #expect("\(try Cadence(form))" == form) }
  }

  @Test(arguments: [
    ("", "schedules.no-cadence"), ("hourly", "schedules.no-cadence"),
    ("every", "schedules.no-cadence"), ("every day", "schedules.no-cadence"),
    ("every 0 minutes", "schedules.too-often"), ("every -5 minutes", "schedules.too-often"),
    ("every 99999 hours", "schedules.too-often"), ("daily at 24:00", "schedules.no-time"),
    ("daily at 2.30", "schedules.no-time"), ("daily 02:30", "schedules.no-cadence"),
    ("weekly on at 02:30", "schedules.no-cadence"),
    ("weekly on Someday at 02:30", "schedules.no-weekday"),
  ]) func `what does not say how often is refused with the words to use`(
    _ text: String, _ code: String
  ) {
    let problem = #expect(throws: Problem.self) { try Cadence(text) }
    #expect(problem?.code == code)
    #expect(problem?.remedy.isEmpty == false)
    #expect(problem?.fields["field"] == "cadence")
  }

  @Test func `a type is read by its beginning, where that names one`() {
    #expect(ScheduleType(name: "sync") == .syncSubscriptions)
    #expect(ScheduleType(name: "Sync-Subscriptions") == .syncSubscriptions)
    #expect(ScheduleType(name: "re") == nil)
    #expect(ScheduleType(name: "ref") == .refreshPeople)
    #expect(ScheduleType(name: "") == nil)
    for type in ScheduleType.allCases { #expect(ScheduleType(name: type.rawValue) == type) }
  }

  @Test func `terms that cannot work are refused by the field that is wrong`() throws {
    var terms = ScheduleTerms(.backup, try Cadence("daily at 02:30"))
    #expect(throws: Problem.self) { try terms.check() }
    terms.folder = "backups"
    #expect(throws: Problem.self) { try terms.check() }
    terms.folder = "/backups"
    try terms.check()
    terms.keeps = 0
    #expect(throws: Problem.self) { try terms.check() }
    terms.keeps = 3
    terms.zone = "Europe/Pariss"
    let problem = #expect(throws: Problem.self) { try terms.check() }
    #expect(problem?.fields["field"] == "zone")
    #expect(problem?.remedy.contains("Did you mean 'Europe/Paris'?") == true)
  }
}

/// Laws, in every zone, near what its clocks went through in the years 2000 to 2037.
@Suite struct ScheduleLawsTests {
  /// A zone and a moment in it: half of them within two days of a change.
  private func place(_ random: inout SeededGenerator) throws -> (CivilZone, TimeZone, Instant) {
    guard let name = CivilZone.names.randomElement(using: &random),
      let zone = CivilZone(name), let foundation = TimeZone(identifier: name)
    else { throw Violation("There is no zone.") }
    var seconds = Double.random(in: 946_684_800...2_114_380_800, using: &random)
    if Bool.random(using: &random),
      let change = foundation.nextDaylightSavingTimeTransition(
        after: Date(timeIntervalSince1970: seconds))
    {
      let near = change.timeIntervalSince1970
      seconds = near + Double.random(in: -172_800...172_800, using: &random)
    }
    return (zone, foundation, Instant(milliseconds: Int64(seconds * 1000)))
  }

  private func time(_ random: inout SeededGenerator) -> ClockTime {
    // Most changes happen in the first hours.
    let hour = Int.random(in: 0...1, using: &random) == 0 ? 3 : 23
    return ClockTime(
      hour: Int.random(in: 0...hour, using: &random), minute: Int.random(in: 0...59, using: &random)
    )!  // because both are in range
  }

  private func cadence(_ random: inout SeededGenerator) -> Cadence {
    switch Int.random(in: 0..<4, using: &random) {
    case 0: return .minutes(Int.random(in: 1...1440, using: &random))
    case 1: return .hours(Int.random(in: 1...720, using: &random))
    case 2: return .daily(time(&random))
    default:
      let days = Weekday.allCases.filter { _ in Bool.random(using: &random) }
      return .weekly(days.isEmpty ? [.sunday] : Set(days), time(&random))
    }
  }

  @Test func `the next run is later, and the same whenever it is asked for before`() async throws {
    try await forAll(2000) { random in
      let (zone, _, instant) = try place(&random)
      let cadence = cadence(&random)
      let since = instant - .minutes(Int.random(in: -5000...500_000, using: &random))
      let next = cadence.next(after: instant, since: since, in: zone)
      guard next > instant else {
        throw Violation("\(cadence) in \(zone.name): \(next) is not after \(instant)")
      }
      let wait = next.milliseconds - instant.milliseconds
      let later = Instant(
        milliseconds: instant.milliseconds + Int64.random(in: 0..<wait, using: &random))
      let again = cadence.next(after: later, since: since, in: zone)
      guard again == next else {
        throw Violation("\(cadence) in \(zone.name): \(next) at \(instant), \(again) at \(later)")
      }
    }
  }

  /// The same from the definition, by looking at the clock minute for minute: a day's run comes when
  /// the clock first shows its time, or a later one.
  @Test func `every day has its run, when its time first comes or is skipped`() async throws {
    try await forAll(120) { random in
      let (zone, foundation, start) = try place(&random)
      let time = time(&random)
      let wanted = time.hour * 60 + time.minute
      func clock(_ minute: Int64) -> Int64 {
        let date = Date(timeIntervalSince1970: Double(minute * 60))
        return minute + Int64(foundation.secondsFromGMT(for: date) / 60)
      }
      func dayDue(_ shown: Int64) -> Int64 { (shown - Int64(wanted)) / 1440 }
      let from = start.milliseconds / 60_000
      // Begins two days before, so that what was shown before a clock went back counts.
      var latest = dayDue(clock(from - 2880))
      var due: [Int64] = []
      for minute in (from - 2880)...(from + 2880) {
        let day = dayDue(clock(minute))
        guard day > latest else { continue }
        latest = day
        if minute > from { due.append(minute) }
      }
      var runs: [Int64] = []
      var run = Instant(milliseconds: from * 60_000)
      while true {
        run = Cadence.daily(time).next(after: run, since: run, in: zone)
        if run.milliseconds / 60_000 > from + 2880 { break }
        runs.append(run.milliseconds / 60_000)
      }
      guard runs == due else {
        throw Violation("daily at \(time) in \(zone.name) after \(start): \(runs), not \(due)")
      }
    }
  }

  @Test func `a weekly run falls into every week`() async throws {
    try await forAll(300) { random in
      let (zone, _, instant) = try place(&random)
      let cadence = Cadence.weekly(
        [Weekday.allCases.randomElement(using: &random) ?? .monday],
        time(&random))
      var run = instant
      for _ in 0..<4 {
        let next = cadence.next(after: run, since: instant, in: zone)
        guard next - run <= .days(8) else {
          throw Violation("\(cadence) in \(zone.name): \(run), then \(next)")
        }
        run = next
      }
    }
  }
}
