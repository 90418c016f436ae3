// `schedules`, `backup` and `restore` as somebody types them, and a schedule that runs under `serve`.

import Basics
import Domain
import Foundation
import Storage
import Support
import Testing

@testable import Commands

@Suite struct ScheduleCommandTests {
  @Test func `schedules are added, listed, changed and removed`() async throws {
    let shell = try Shell(empty: ())
    #expect(try await shell.run("init").code == 0)
    let empty = try await shell.run("schedules")
    #expect(empty.output.contains("schedules add resync daily at 02:30"))
    let added = try await shell.run(
      "schedules", "add", "sync", "subscriptions", "every", "6", "hours")
    #expect(added.output.contains("Schedule #1 sync subscriptions, every 6 hours, was added"))
    #expect(added.output.contains("No engine runs now"))
    let weekly = try await shell.json(
      "schedules", "add", "resync", "weekly", "on", "mon,thu", "at", "2:30", "--zone",
      "Europe/Paris", "--active", "no")
    #expect(weekly["cadence"] == "weekly on Mon, Thu at 02:30")
    #expect(weekly["active"] == false)
    #expect(weekly["nextRunAt"] == .null)
    let on = try await shell.json("schedules", "set", "2", "daily at 04:00", "--active", "yes")
    #expect(on["cadence"] == "daily at 04:00")
    #expect(on["zone"] == "Europe/Paris")
    #expect(on["nextRunAt"]?.string != nil)
    let back = try await shell.json("schedules", "set", "2", "--zone", "workspace")
    #expect(back["zone"] == .null)
    #expect(back["cadence"] == "daily at 04:00")
    let week = try await shell.json("schedules", "week")
    #expect(week["days"]?.array?.count == 7)
    #expect(week["days"]?.array?[1]["runs"]?.array?.contains { $0["schedule"] == 2 } ?? false)
    #expect(try await shell.run("schedules", "week").output.contains("#2 resync"))
    let status = try await shell.json("status")
    #expect(status["lastHour"]?.array?.count == 60)
    #expect(status["queue"]?["ready"] == 0)
    #expect(status["nextScheduleAt"]?.string != nil)
    #expect(try await shell.run("schedules", "remove", "1").code == 0)
    let left = try await shell.json("schedules", "list")
    #expect(left["schedules"]?.array?.map { $0["id"] } == [2])
  }

  @Test(arguments: [
    (["add", "resink", "daily", "at", "02:30"], 2, "Did you mean 'resync'?"),
    (["add", "resync", "daily"], 1, "does not say how often"),
    (["add", "resync", "daily", "at", "25:00"], 1, "no time of day"),
    (["add", "resync", "daily", "at", "02:30", "--zone", "Europe/Pariss"], 1, "Europe/Paris'?"),
    (["add", "resync", "daily", "at", "02:30", "--keep", "3"], 2, "--keep has no meaning"),
    (["add", "backup", "daily", "at", "02:30"], 1, "A backup needs a folder."),
    (["add", "backup", "every", "hour", "--folder", "/not/there"], 1, "There is no folder"),
    (["add", "verification", "every", "hour", "--sample", "0"], 2, "does not fit --sample"),
    (["add", "verification", "every", "hour", "--sample", "5000"], 1, "is too large"),
    (["set", "7", "--active", "yes"], 1, "There is no schedule #7."),
    (["remove", "x"], 2, "names no schedule"),
    (["add", "resync"], 2, ""),
  ]) func `what cannot be a schedule is refused with a sentence that helps`(
    words: [String], code: Int, sentence: String
  ) async throws {
    let shell = try Shell(empty: ())
    #expect(try await shell.run("init").code == 0)
    let ended = try await shell.run(["schedules"] + words)
    #expect(ended.code == Int32(code), "\(ended.errors)")
    #expect(sentence.isEmpty || ended.errors.contains(sentence), "\(ended.errors)")
    #expect(try await shell.json("schedules", "list")["schedules"]?.array?.isEmpty == true)
  }

  @Test func `a schedule whose time came while nothing ran runs under serve, once`() async throws {
    let shell = try Shell(empty: ())
    #expect(try await shell.run("init").code == 0)
    let folder = shell.directory.file("backups")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    let added = try await shell.run(
      "schedules", "add", "backup", "daily", "at", "02:30", "--folder", folder, "--keep", "3")
    #expect(added.code == 0, "\(added.errors)")
    let workspace = try Workspace.open(at: shell.workspace)
    defer { workspace.close() }
    // Its time was three nights ago.
    try await workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.database.execute("UPDATE schedule SET next_run_at = ?", tx.now - .days(3))
    }
    let watch = try ChangeWatch(workspace)
    let changes = workspace.changes.stream()
    let engine = try shell.start("serve")
    _ = try await engine.prints("runs")
    func ended() async throws -> [Execution] {
      try await workspace.read { (reading) throws(Problem) in
        try reading.reports.executions(ExecutionFilter(), .at(0), count: 10).rows
          .filter { $0.status.isFinished }
      }
    }
    if try await ended().isEmpty {
      for await _ in changes where try await !ended().isEmpty { break }
    }
    withExtendedLifetime(watch) {}
    let runs = try await ended()
    #expect(runs.map(\.status) == [.succeeded])
    #expect(runs.map(\.trigger) == [.schedule])
    engine.send(signal: SIGTERM)
    #expect(try await engine.ended().code == 0)
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(files.count == 1)
    let list = try await shell.json("schedules", "list")
    #expect(list["schedules"]?[0]?["lastRun"]?["status"] == "succeeded")

    // And back to it.
    try await shell.add("first_name=Ada", "email=ada@mail.example.org")
    let backup = "\(folder)/\(files[0])"
    let restored = try await shell.json("restore", backup)
    #expect(restored["people"] == 0)
    #expect(restored["keptAs"]?.string?.contains(".before-restore-") == true)
    let people = try await shell.json("people", "list")
    #expect(people["people"]?.array?.isEmpty == true)
  }

  @Test func `a backup replaces nothing unless that is said`() async throws {
    let shell = try Shell(empty: ())
    #expect(try await shell.run("init").code == 0)
    let file = shell.directory.file("l.backup")
    let made = try await shell.json("backup", file)
    #expect(made["bytes"]?.int ?? 0 > 0)
    let again = try await shell.run("backup", file)
    #expect(again.code == 1)
    #expect(again.errors.contains("--force"))
    #expect(try await shell.run("backup", file, "--force").code == 0)
    #expect(try await shell.run("restore", shell.directory.file("none")).code == 1)
  }
}
