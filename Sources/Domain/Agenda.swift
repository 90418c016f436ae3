// What runs in the days ahead: the schedules' times on the workspace's calendar. What must stay
// true: the times are those the engine reckons, so a day of 23 or 25 hours has the runs it will have.

import Basics

package struct Agenda: Sendable, Equatable {
  /// A run, or, of what runs often, all of one day.
  package struct Entry: Sendable, Equatable {
    package var schedule: ScheduleID
    package var type: ScheduleType
    package var at: Instant
    /// More than one: `at` is the first of them.
    package var count: Int
  }

  package struct Day: Sendable, Equatable {
    package var date: CivilDate
    package var weekday: Weekday
    /// 23 and 25 where the clocks change.
    package var hours: Int
    /// In order of time.
    package var entries: [Entry]
  }

  package var days: [Day]

  /// So many runs of one schedule in one day are shown one by one.
  package static let mostOfOne = 6

  /// The days from that of `now` on, in the workspace's zone. What is due already runs now.
  package init(_ schedules: [Schedule], from now: Instant, days count: Int = 7, zone name: String) {
    let zone = CivilZone(orUTC: name)
    let first = zone.day(now)
    let starts = (0...Int64(count)).map { zone.first(showing: (first + $0) * 86_400_000) }
    days = (0..<count).map { index in
      let hours =
        (starts[index + 1].milliseconds - starts[index].milliseconds + 1_800_000) / 3_600_000
      return Day(
        date: CivilDate(daysSince1970: first + Int64(index)),
        weekday: Weekday(daysSince1970: first + Int64(index)), hours: Int(hours), entries: [])
    }
    for schedule in schedules {
      guard let next = schedule.nextRunAt else { continue }
      var at = max(next, now)
      for index in 0..<count {
        var runs: [Instant] = []
        while at < starts[index + 1] {
          runs.append(at)
          at = schedule.next(after: at, workspaceZone: name)
        }
        days[index].entries += Self.entries(runs, of: schedule)
      }
    }
    for index in days.indices {
      days[index].entries.sort { ($0.at, $0.schedule) < ($1.at, $1.schedule) }
    }
  }

  private static func entries(_ runs: [Instant], of schedule: Schedule) -> [Entry] {
    func entry(_ at: Instant, _ count: Int) -> Entry {
      Entry(schedule: schedule.id, type: schedule.terms.type, at: at, count: count)
    }
    if let first = runs.first, runs.count > mostOfOne { return [entry(first, runs.count)] }
    return runs.map { entry($0, 1) }
  }

  package var isEmpty: Bool { days.allSatisfy(\.entries.isEmpty) }
}
