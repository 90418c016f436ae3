// Numbers that are kept to be drawn.

import Basics
import Domain
import Storage
import Support
import Testing

@Suite struct FigureStoreTests {
  private func new() throws -> (Workspace, TemporaryDirectory) {
    let directory = try TemporaryDirectory()
    return (try Workspace.create(at: directory.file("test.listkeeper")), directory)
  }

  @Test func `people who are counted done are counted in their minute`() throws {
    let (workspace, directory) = try new()
    defer { withExtendedLifetime(directory) { workspace.close() } }
    let (throughput, now) = try workspace.writeBlocking(as: "test") { (tx) throws(Problem) in
      let id = try tx.executions.create(.pushPeople, .forceSync, audienceID: nil, status: .running)
      try tx.executions.add(ExecutionCounts(), done: 500, to: id)
      try tx.executions.add(ExecutionCounts(), done: 41, to: id)
      // A total that becomes known counts anew, and takes nobody back.
      try tx.executions.setTotal(1000, of: id)
      try tx.executions.add(ExecutionCounts(), done: 9, to: id)
      return (try tx.reports.overview().throughput, tx.now)
    }
    let hour = throughput.hour(to: now)
    #expect(hour.count == 60)
    #expect(hour.last == 550)
    #expect(hour.reduce(0, +) == 550)
    #expect(throughput.hour(to: now + .minutes(3))[56] == 550)
    #expect(throughput.hour(to: now + .hours(2)).allSatisfy { $0 == 0 })
  }

  @Test func `growth is kept by month, and what is told again replaces it`() throws {
    let (workspace, directory) = try new()
    defer { withExtendedLifetime(directory) { workspace.close() } }
    let first = [
      GrowthMonth("2026-10", subscribed: 10), GrowthMonth("2026-11", subscribed: 12, pending: 1),
    ]
    let (before, growth, now) = try workspace.writeBlocking(as: "test") { (tx) throws(Problem) in
      let before = try tx.figures.growth(of: "a1")
      try tx.figures.save(first, of: "a1")
      try tx.figures.save([GrowthMonth("2026-11", subscribed: 15)], of: "a1")
      try tx.figures.save([GrowthMonth("2026-11", subscribed: 99)], of: "b2")
      return (before, try tx.figures.growth(of: "a1"), tx.now)
    }
    #expect(before == AudienceGrowth())
    #expect(growth.months == [first[0], GrowthMonth("2026-11", subscribed: 15)])
    #expect(growth.readAt == now)
    #expect(growth.isFresh(at: now + .hours(23)))
    #expect(!growth.isFresh(at: now + .hours(25)))
  }

  @Test func `what the plan allows is the last word of Mailchimp`() throws {
    let (workspace, directory) = try new()
    defer { withExtendedLifetime(directory) { workspace.close() } }
    let full = AudienceAllowance(audiences: 5, most: 5, mayCreate: false)
    let (before, after) = try workspace.writeBlocking(as: "test") { (tx) throws(Problem) in
      let before = try tx.figures.allowance()
      try tx.figures.save(AudienceAllowance(audiences: 1, most: nil, mayCreate: true))
      try tx.figures.save(full)
      return (before, try tx.figures.allowance())
    }
    #expect(before == nil)
    #expect(after == full)
    #expect(full.sentence == "The plan of the Mailchimp account allows 5, and there are 5.")
    #expect(full.wayOut.contains("View audiences"))
  }

  @Test func `growth says what changed since the month before and in a year`() {
    let months = (0..<13).map { GrowthMonth("m\($0)", subscribed: 100 + $0 * 10) }
    #expect(AudienceGrowth(months: months).sentence { "\($0)" } == "+10 since m11, +120 in a year")
    #expect(AudienceGrowth(months: Array(months.prefix(1))).sentence { "\($0)" } == "")
    let shrunk = [GrowthMonth("m0", subscribed: 9), GrowthMonth("m1", subscribed: 4)]
    #expect(AudienceGrowth(months: shrunk).sentence { "\($0)" } == "-5 since m0")
  }
}
