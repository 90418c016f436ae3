// The days ahead: by example at the changes of real clocks, and against the engine's own reckoning.

import Basics
import Domain
import Support
import Testing

@Suite struct AgendaTests {
  private func at(_ text: String) throws -> Instant { try #require(Instant(iso8601: text)) }

  private func schedule(
    _ id: Int64, _ cadence: String, from now: Instant, zone: String? = nil
  ) throws -> Schedule {
    var terms = ScheduleTerms(.resync, try Cadence(cadence))
    terms.zone = zone
    var schedule = Schedule(
      id: ScheduleID(id), terms: terms, since: now - .hours(1), createdAt: now)
    schedule.nextRunAt = schedule.next(after: now, workspaceZone: "Europe/Paris")
    return schedule
  }

  @Test func `the day on which the clocks go back has 25 hours and the run it will have`() throws {
    let now = try at("2026-10-24T12:00:00Z")
    let agenda = Agenda(
      [try schedule(1, "daily at 02:30", from: now), try schedule(2, "every 6 hours", from: now)],
      from: now, days: 3, zone: "Europe/Paris")
    #expect(agenda.days.map(\.hours) == [24, 25, 24])
    #expect(agenda.days.map { "\($0.date)" } == ["2026-10-24", "2026-10-25", "2026-10-26"])
    #expect(agenda.days.map(\.weekday) == [.saturday, .sunday, .monday])
    let sunday = agenda.days[1].entries.map { "\($0.schedule) \($0.at)" }
    #expect(
      sunday == [
        "#2 2026-10-24T23:00:00Z", "#1 2026-10-25T00:30:00Z", "#2 2026-10-25T05:00:00Z",
        "#2 2026-10-25T11:00:00Z",
        "#2 2026-10-25T17:00:00Z",
      ])
  }

  @Test func `a day in which the clocks go forward has 23 hours`() throws {
    let now = try at("2026-03-29T00:10:00Z")
    let agenda = Agenda([], from: now, days: 2, zone: "Europe/Paris")
    #expect(agenda.days.map(\.hours) == [23, 24])
    #expect(agenda.isEmpty)
  }

  @Test func `a schedule of another zone stands on the workspace's day`() throws {
    let now = try at("2026-11-21T12:00:00Z")
    let tokyo = try schedule(1, "daily at 03:00", from: now, zone: "Asia/Tokyo")
    let agenda = Agenda([tokyo], from: now, days: 2, zone: "Europe/Paris")
    #expect(
      agenda.days.map { $0.entries.map { "\($0.at)" } } == [
        ["2026-11-21T18:00:00Z"], ["2026-11-22T18:00:00Z"],
      ])
  }

  @Test func `what runs often is told once a day with its number`() throws {
    let now = try at("2026-11-21T12:00:00Z")
    let often = try schedule(1, "every 15 minutes", from: now)
    let agenda = Agenda([often], from: now, days: 2, zone: "UTC")
    #expect(agenda.days[1].entries.map(\.count) == [96])
    #expect(agenda.days[1].entries.first.map { "\($0.at)" } == "2026-11-22T00:00:00Z")
  }

  @Test func `what is due already runs now, once`() throws {
    let now = try at("2026-11-21T12:00:00Z")
    var late = try schedule(1, "daily at 02:30", from: now)
    late.nextRunAt = now - .days(3)
    let agenda = Agenda([late], from: now, days: 2, zone: "UTC")
    #expect(agenda.days[0].entries.map(\.at) == [now])
    #expect(agenda.days[1].entries.map { "\($0.at)" } == ["2026-11-22T02:30:00Z"])
  }

  @Test func `whatever the cadence, the runs are those the engine will reckon one after the other`()
    async throws
  {
    let zones = ["UTC", "Europe/Paris", "America/St_Johns", "Australia/Lord_Howe"]
    let cadences = [
      "every 5 hours", "daily at 02:15", "weekly on Sun, Mon at 01:45", "every 50 minutes",
    ]
    try await forAll(60) { random in
      let zone = zones[Int.random(in: 0..<4, using: &random)]
      let cadence = cadences[Int.random(in: 0..<4, using: &random)]
      let now = Instant(
        milliseconds: Int64.random(in: 1_500_000_000...1_900_000_000, using: &random) * 1000)
      let one = try schedule(1, cadence, from: now, zone: zone)
      let agenda = Agenda([one], from: now, zone: zone)
      let shown = agenda.days.flatMap(\.entries)
      var next = try #require(one.nextRunAt)
      for entry in shown {
        #expect(entry.at == next)
        for _ in 0..<entry.count { next = one.next(after: next, workspaceZone: zone) }
      }
    }
  }
}
