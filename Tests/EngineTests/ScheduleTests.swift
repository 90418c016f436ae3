// Schedules through the real engine, on a clock that a test moves.

import Basics
import Domain
import Foundation
import Queue
import Storage
import Support
import Testing

@Suite(.timeLimit(.minutes(10))) struct ScheduleTests {
  /// 2026-03-28T12:00:00Z: the night after, Paris goes from 02:00 to 03:00.
  private static let noon = Instant(milliseconds: 1_774_699_200_000)

  private func add(
    _ scenario: Scenario, _ type: ScheduleType, _ cadence: String,
    _ change: @Sendable @escaping (inout ScheduleTerms) -> Void = { _ in }
  ) async throws -> ScheduleID {
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      var terms = ScheduleTerms(type, try Cadence(cadence))
      change(&terms)
      return try tx.schedules.add(terms)
    }
  }

  private func schedule(_ scenario: Scenario, _ id: ScheduleID) async throws -> Schedule {
    try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.schedules.schedule(id)
    }
  }

  private func scheduled(_ scenario: Scenario) async throws -> [Execution] {
    try await scenario.executions().filter { $0.trigger == .schedule }
  }

  /// The next execution of a schedule, once it has ended or is held.
  private func run(
    _ scenario: Scenario, _ time: SteppedTime, after id: ExecutionID
  ) async throws -> Execution {
    try await scenario.passes(time) { (reading) throws(Problem) in
      try reading.executions.latest(after: id) {
        $0.trigger == .schedule && ($0.status.isFinished || $0.status == .held)
      }
    }
  }

  @Test func `a nightly schedule runs once a night, at the end of the gap when the clocks change`()
    async throws
  {
    let time = SteppedTime(Self.noon)
    let scenario = try await Scenario(
      settings: ["workspace.zone": "Europe/Paris", "sync.poll-minutes": "1440"], time: time)
    try await scenario.crowd(3)
    let id = try await add(scenario, .resync, "daily at 02:30")
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    var starts: [String] = []
    for _ in 0..<3 {
      let next = try #require(try await schedule(scenario, id).nextRunAt)
      let last = try await scenario.lastExecution()
      time.advance(to: next)
      let execution = try await run(scenario, time, after: last)
      #expect(execution.status == .succeeded)
      #expect(execution.isForEveryone)
      // The clock may have been stepped past the time before the engine looked at it.
      #expect(execution.queuedAt >= next)
      starts.append("\(next)")
    }
    #expect(starts == ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z", "2026-03-31T00:30:00Z"])
    #expect(try await scheduled(scenario).count == 3)
    #expect(
      try await schedule(scenario, id).lastExecution == (try await scheduled(scenario).last?.id))
    await scenario.end()
  }

  @Test func `runs missed while no engine ran happen once at start`() async throws {
    let time = SteppedTime(Self.noon)
    let scenario = try await Scenario(time: time)
    try await scenario.crowd(2)
    let id = try await add(scenario, .syncSubscriptions, "every 15 minutes")
    try await scenario.startEngine()
    let first = try await scenario.run(.forceSync(approve: true))
    await scenario.stopEngine()
    time.advance(.days(3))
    try await scenario.startEngine()
    let missed = try await run(scenario, time, after: first.id)
    #expect(missed.status == .succeeded)
    #expect(missed.queuedAt == Self.noon + .days(3))
    #expect(try await scheduled(scenario).count == 1)
    #expect(try await schedule(scenario, id).nextRunAt == Self.noon + .days(3) + .minutes(15))
    await scenario.end()
  }

  @Test func `what is not active does not run, and a pause holds what is`() async throws {
    let time = SteppedTime(Self.noon)
    let scenario = try await Scenario(time: time)
    try await scenario.crowd(2)
    let idle = try await add(scenario, .resync, "every 5 minutes") { $0.isActive = false }
    let id = try await add(scenario, .syncSubscriptions, "every hour")
    #expect(try await schedule(scenario, idle).nextRunAt == nil)
    try await scenario.startEngine()
    let first = try await scenario.run(.forceSync(approve: true))
    try await scenario.ask(.pause)
    time.advance(.hours(30))
    try await scenario.ask(.settingsChanged)
    #expect(try await scheduled(scenario).isEmpty)
    try await scenario.ask(.enable)
    let run = try await run(scenario, time, after: first.id)
    #expect(!run.isForEveryone)
    #expect(try await scheduled(scenario).count == 1)
    #expect(try await schedule(scenario, id).nextRunAt == Self.noon + .hours(31))
    await scenario.end()
  }

  @Test func `a schedule that comes due while a sync runs joins it`() async throws {
    let time = SteppedTime(Self.noon)
    let scenario = try await Scenario(time: time)
    try await scenario.crowd(2)
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    let sync = try await add(scenario, .syncSubscriptions, "every 5 minutes")
    let all = try await add(scenario, .resync, "every 5 minutes")
    let hold = scenario.mailchimp.hold(.arrival, method: "GET", path: "/3.0/lists/*")
    let resync = try #require(try await scenario.ask(.resync(approve: false)))
    await hold.reached()
    for _ in 0..<2 {
      let due = try #require(try await schedule(scenario, sync).nextRunAt)
      time.advance(to: due)
      _ = try await scenario.when { (reading) throws(Problem) in
        let ran = try reading.schedules.all().allSatisfy { $0.lastRunAt == due }
        return ran ? true : nil
      }
    }
    #expect(try await schedule(scenario, sync).lastExecution == resync)
    #expect(try await schedule(scenario, all).lastExecution == resync)
    #expect(try await scheduled(scenario).isEmpty)
    hold.release()
    #expect(try await scenario.settled(resync).status == .succeeded)
    await scenario.end()
  }

  @Test func `the first sync is held for a schedule too, and later ones leave the plan alone`()
    async throws
  {
    let time = SteppedTime(Self.noon)
    let scenario = try await Scenario(time: time)
    try await scenario.crowd(2)
    let id = try await add(scenario, .syncSubscriptions, "every 10 minutes")
    try await scenario.startEngine()
    time.advance(.minutes(10))
    let held = try await run(scenario, time, after: ExecutionID(0))
    #expect(held.status == .held)
    let due = try #require(try await schedule(scenario, id).nextRunAt)
    time.advance(to: due)
    _ = try await scenario.when { (reading) throws(Problem) in
      try reading.schedules.schedule(id).lastRunAt == due ? true : nil
    }
    #expect(try await schedule(scenario, id).lastExecution == held.id)
    #expect(try await scheduled(scenario).map(\.status) == [.held])
    #expect(try await scenario.audience().isEmpty)
    try await scenario.ask(.approvePlan(try #require(held.plan)))
    #expect(try await scenario.settled(held.id).status == .succeeded)
    #expect(try await scenario.audience().count == 2)
    await scenario.end()
  }

  @Test func `the guard holds what a schedule would change beyond its limit`() async throws {
    let time = SteppedTime(Self.noon)
    let scenario = try await Scenario(settings: ["guard.people": "20"], time: time)
    try await scenario.crowd(30)
    try await scenario.startEngine()
    let first = try await scenario.run(.forceSync(approve: true))
    await scenario.stopEngine()
    try await scenario.rename(30, to: "Other")
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.database.execute("DELETE FROM message")
    }
    _ = try await add(scenario, .syncSubscriptions, "every 2 hours")
    time.advance(.hours(2))
    scenario.mailchimp.forgetExchanges()
    try await scenario.startEngine()
    let held = try await run(scenario, time, after: first.id)
    #expect(held.status == .held)
    #expect(scenario.mailchimp.exchanges.allSatisfy { $0.method == "GET" })
    await scenario.end()
  }

  @Test func `a schedule that cannot begin says so in an execution, and is due again`() async throws
  {
    let time = SteppedTime(Self.noon)
    let scenario = try await Scenario(time: time)
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.settings.unset("mailchimp.key")
    }
    let id = try await add(scenario, .resync, "every hour")
    try await scenario.startEngine()
    time.advance(.hours(1))
    let failed = try await run(scenario, time, after: ExecutionID(0))
    #expect(failed.status == .failed)
    #expect(failed.problem?.code == "settings.no-key")
    #expect(try await schedule(scenario, id).nextRunAt == Self.noon + .hours(2))
    await scenario.end()
  }

  @Test func `a verification by the clock looks at its sample; a refresh needs a source`()
    async throws
  {
    let time = SteppedTime(Self.noon)
    let scenario = try await Scenario(time: time)
    try await scenario.crowd(5)
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    let verification = try await add(scenario, .verification, "every hour") { $0.sample = 2 }
    let refresh = try await add(scenario, .refreshPeople, "every hour")
    let looked = try await scenario.run(.runSchedule(verification))
    #expect(looked.flow == .verification)
    #expect(looked.trigger == .schedule)
    #expect(looked.status == .succeeded)
    let problem = await #expect(throws: Problem.self) {
      try await scenario.ask(.runSchedule(refresh))
    }
    #expect(problem?.code == "settings.no-source")
    let last = try await scenario.lastExecution()
    time.advance(to: try #require(try await schedule(scenario, refresh).nextRunAt))
    let failed = try await scenario.passes(time) { (reading) throws(Problem) in
      try reading.executions.latest(after: last) { $0.flow == .refresh && $0.status.isFinished }
    }
    #expect(failed.status == .failed)
    #expect(failed.problem?.code == "settings.no-source")
    await scenario.end()
  }

  @Test func `changing a schedule, or the workspace's zone, reckons its next run anew`()
    async throws
  {
    let time = SteppedTime(Self.noon)
    let scenario = try await Scenario(time: time)
    let id = try await add(scenario, .resync, "daily at 02:30")
    #expect("\(try await schedule(scenario, id).nextRunAt!)" == "2026-03-29T02:30:00Z")
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      var terms = try tx.schedules.schedule(id).terms
      terms.cadence = try Cadence("daily at 06:00")
      try tx.schedules.set(id, to: terms)
    }
    #expect("\(try await schedule(scenario, id).nextRunAt!)" == "2026-03-29T06:00:00Z")
    try await scenario.startEngine()
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.settings.set("workspace.zone", to: "Europe/Paris")
    }
    let next = try await scenario.when { (reading) throws(Problem) in
      let next = try reading.schedules.schedule(id).nextRunAt
      return next.map { "\($0)" == "2026-03-29T04:00:00Z" } == true ? next : nil
    }
    #expect("\(next)" == "2026-03-29T04:00:00Z")
    #expect(try await scheduled(scenario).isEmpty)
    await scenario.end()
  }

  @Test func `a backup is written beside everything else, opens, and the last few stay`()
    async throws
  {
    let time = SteppedTime(Self.noon)
    // Not even connected: a backup needs nobody.
    let scenario = try await Scenario(time: time)
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.settings.unset("mailchimp.key")
    }
    try await scenario.crowd(3)
    let folder = scenario.directory.file("backups")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    let stranger = "\(folder)/test-000000-20200101T000000Z.backup"
    #expect(FileManager.default.createFile(atPath: stranger, contents: nil))
    let id = try await add(scenario, .backup, "daily at 02:30") { terms in
      terms.folder = folder
      terms.keeps = 2
    }
    try await scenario.startEngine()
    var last = ExecutionID(0)
    for _ in 0..<3 {
      time.advance(to: try #require(try await schedule(scenario, id).nextRunAt))
      let execution = try await run(scenario, time, after: last)
      #expect(execution.status == .succeeded)
      #expect(execution.flow == .backup)
      last = execution.id
    }
    let latest = last
    let steps = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.reports.steps(of: latest)
    }
    let output = try #require(steps.first?.output)
    let path = try #require(output["file"]?.string)
    #expect(path.contains("-20260331T023"))
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(output["bytes"]?.int == attributes[.size] as? Int64)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(names.count == 3)
    #expect(FileManager.default.fileExists(atPath: stranger))
    let copy = try Workspace.open(at: path, readOnly: true)
    let people = try await copy.read { (reading) throws(Problem) in
      try reading.database.integer("SELECT count(*) FROM person")
    }
    #expect(people == 3)
    copy.close()
    await scenario.end()
  }

  @Test func `a backup without its folder fails with the folder's name, and nothing blocks`()
    async throws
  {
    let time = SteppedTime(Self.noon)
    let scenario = try await Scenario(time: time)
    try await scenario.crowd(1)
    let id = try await add(scenario, .backup, "every hour") { $0.folder = "/nowhere/at/all" }
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    let ran = try await scenario.ask(.runSchedule(id))
    let failed = try await scenario.settled(ran)
    #expect(failed.status == .failed)
    let log = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.rows("SELECT sentence FROM log_line WHERE execution_id = ?", failed.id) {
        $0.text(0)
      }
    }
    #expect(log.contains { $0.contains("There is no folder /nowhere/at/all for the backup.") })
    #expect(try await scenario.run(.forceSync(approve: false)).status == .succeeded)
    await scenario.end()
  }
}
