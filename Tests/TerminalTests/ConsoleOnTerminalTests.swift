// The console as somebody uses it: the real binary on a real pseudo-terminal. Each test awaits what
// the screen shows; none looks at a clock.

import Basics
import Domain
import Foundation
import Screen
import Storage
import Support
import Testing

@Suite(.serialized) struct ConsoleOnTerminalTests {
  /// Places of its own, so that a test neither sees nor leaves anything in somebody's home.
  private struct Home {
    let directory: TemporaryDirectory
    var environment: [String: String] {
      [
        "HOME": directory.path, "XDG_DATA_HOME": directory.file("data"),
        "XDG_STATE_HOME": directory.file("state"), "XDG_CONFIG_HOME": directory.file("config"),
        "TMPDIR": directory.path, "LC_ALL": "C.UTF-8",
      ]
    }
    var workspace: String { directory.file("own.listkeeper") }

    init() throws { directory = try TemporaryDirectory() }
  }

  private func demo(
    _ home: Home, size: Size = Size(80, 24), _ more: [String: String] = [:]
  ) async throws -> TerminalSession {
    let session = try TerminalSession(
      try builtProduct("listkeeper"), ["demo"],
      environment: home.environment.merging(more) { _, new in new }, size: size)
    try await session.waits(for: "Force sync")
    try await session.waits(for: "ready")
    return session
  }

  /// A workspace without key and audience opens with its set-up.
  private func leaveSetUp(_ session: TerminalSession) async throws {
    try await session.waits(for: "Step 1 of 6")
    session.press("Esc")
    // Gone before the next key, which would be one with the Esc before it.
    try await session.waits(forNo: "Step 1 of 6")
  }

  @Test func `one command ends in a console in which F sends everybody`() async throws {
    let home = try Home()
    let session = try await demo(home)
    try await session.waits(for: "Overview")
    session.press("F")
    session.press("6")
    try await session.waits(for: "succeeded")
    try await session.waits(for: "created")
    session.press("2")
    try await session.waits(for: "in step")
    session.press("q")
    session.press("y")
    #expect(try await session.exitCode() == 0)
    #expect(await session.isCooked())
    // What was made for the demo is gone with it.
    let left = try FileManager.default.contentsOfDirectory(atPath: home.directory.path)
    #expect(!left.contains { $0.hasPrefix("listkeeper-demo") })
  }

  @Test func `^C while a secret is typed gives the echo back and keeps nothing`() async throws {
    let home = try Home()
    let program = try builtProduct("listkeeper")
    let words = ["--workspace", home.workspace]
    _ = try await ChildProcess.run(program, words + ["init"], environment: home.environment)
    let session = try TerminalSession(
      program, words + ["settings", "set", "mailchimp.key", "-"], environment: home.environment)
    try await session.waits(for: "Value (not shown):")
    session.type("0123456789abcdef")
    session.send([0x03])
    #expect(try await session.exitCode() == 1)
    #expect(await session.isCooked())
  }

  @Test func `keys pressed before the first picture are all obeyed`() async throws {
    let home = try Home()
    let session = try TerminalSession(
      try builtProduct("listkeeper"), ["demo"], environment: home.environment)
    session.press("F")
    session.press("6")
    try await session.waits(for: "succeeded")
    session.press("q")
    session.press("y")
    #expect(try await session.exitCode() == 0)
  }

  @Test func `every pane opens by its digit, at 80x24 and at 200x60`() async throws {
    for size in [Size(80, 24), Size(200, 60)] {
      let home = try Home()
      let session = try await demo(home, size: size)
      for (key, words) in [
        ("2", "People"), ("3", "Practice audience"), ("4", "FNAME"), ("6", "Executions"),
        ("7", "Logs"), ("8", "Review"), ("9", "Nothing runs by the clock"), ("0", "API key"),
        ("1", "First steps"),
      ] {
        session.press(Key(name: key) ?? "1")
        try await session.waits(for: words)
      }
      #expect(session.screen.unknown == [])
      try await session.send(signal: SIGTERM)
      _ = try await session.exitCode()
      #expect(await session.isCooked())
    }
  }

  @Test func `resizing repaints, and too small a window says the size it needs`() async throws {
    let home = try Home()
    let session = try await demo(home)
    session.resize(Size(120, 36))
    try await session.waits(for: "the wide screen") { CharacterWidth.of($0.line(2)) >= 118 }
    session.resize(Size(40, 10))
    try await session.waits(for: "60")
    session.resize(Size(80, 24))
    try await session.waits(for: "Force sync")
    try await session.send(signal: SIGTERM)
    _ = try await session.exitCode()
    #expect(await session.isCooked())
  }

  @Test func `without colours the words and shapes still say it`() async throws {
    let home = try Home()
    let session = try await demo(home, ["NO_COLOR": "1"])
    session.press("2")
    try await session.waits(for: "waiting")
    let screen = session.screen
    for row in 0..<24 {
      for column in 0..<80 {
        #expect(screen.style(at: Point(column, row)).foreground == .terminal)
      }
    }
    try await session.send(signal: SIGTERM)
    _ = try await session.exitCode()
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func `a signal at any moment of the start ends it and leaves nothing behind`(
    signal: Int32
  ) async throws {
    let moments: [(name: String, holds: @Sendable (ScreenReader) -> Bool)] = [
      ("the start", { _ in true }), ("bracketed paste", { $0.modes.contains(2004) }),
      ("the alternate screen", \.isAlternate), ("the first picture", { $0.contains("Overview") }),
    ]
    for moment in moments {
      let home = try Home()
      let session = try TerminalSession(
        try builtProduct("listkeeper"), ["demo"], environment: home.environment)
      try await session.waits(for: moment.name, until: moment.holds)
      try await session.send(signal: signal)
      _ = try await session.exitCode()
      #expect(await session.isCooked(), "\(moment.name): \(session.leftovers)")
      let left = try FileManager.default.contentsOfDirectory(atPath: home.directory.path)
      #expect(!left.contains { $0.hasPrefix("listkeeper-demo") }, "\(moment.name)")
    }
  }

  @Test func `a trap leaves the terminal as it was`() async throws {
    let home = try Home()
    let session = try await demo(home)
    try await session.send(signal: SIGSEGV)
    _ = try await session.exitCode()
    #expect(await session.isCooked(), "\(session.leftovers)")
  }

  @Test func `a lost connection ends the console`() async throws {
    let home = try Home()
    let session = try await demo(home)
    session.hangUp()
    try await session.waitsForEnd()
  }

  @Test func `losing the connection leaves in the log which schedules do not run`() async throws {
    let home = try Home()
    let binary = try builtProduct("listkeeper")
    for words in [["init"], ["schedules", "add", "resync", "daily", "at", "02:30"]] {
      _ = try await ChildProcess.run(
        binary, ["--workspace", home.workspace] + words, environment: home.environment)
    }
    let session = try TerminalSession(
      binary, ["--workspace", home.workspace], environment: home.environment)
    try await leaveSetUp(session)
    try await session.waits(for: "in this console")
    session.hangUp()
    try await session.waitsForEnd()
    let workspace = try Workspace.open(at: home.workspace)
    let told = try await workspace.read { (reading) throws(Problem) in
      try reading.database.rows("SELECT sentence FROM log_line") { $0.text(0) }
    }
    #expect(told.contains { $0.contains("The terminal went away") && $0.contains("#1 resync") })
    workspace.close()
  }

  @Test func `kill -9 in the middle leaves a whole file and no lock`() async throws {
    let home = try Home()
    let binary = try builtProduct("listkeeper")
    let made = try await ChildProcess.run(
      binary, ["--workspace", home.workspace, "init"], environment: home.environment)
    #expect(made.code == 0, "\(made.errors)")
    let session = try TerminalSession(
      binary, ["--workspace", home.workspace], environment: home.environment)
    try await leaveSetUp(session)
    try await session.waits(for: "Force sync")
    session.press("2")
    try await session.waits(for: "People")
    try await session.send(signal: SIGKILL)
    _ = try await session.exitCode()

    let workspace = try Workspace.open(at: home.workspace)
    let verdict = try await workspace.read { (reading) throws(Problem) in
      try reading.database.one("PRAGMA integrity_check") { $0.text(0) }
    }
    #expect(verdict == "ok")
    #expect(try EngineLock.holder(of: home.workspace) == nil)
    workspace.close()
  }

  @Test func `a second console is a viewer whose keys reach the engine of the first`() async throws
  {
    let home = try Home()
    let binary = try builtProduct("listkeeper")
    _ = try await ChildProcess.run(
      binary, ["--workspace", home.workspace, "init"], environment: home.environment)
    let first = try TerminalSession(
      binary, ["--workspace", home.workspace], environment: home.environment)
    try await leaveSetUp(first)
    try await first.waits(for: "Force sync")
    try await first.waits(for: "in this console")
    let second = try TerminalSession(
      binary, ["--workspace", home.workspace], environment: home.environment)
    try await leaveSetUp(second)
    try await second.waits(for: "Force sync")
    try await second.waits(for: "looks on")
    second.press("F")
    try await second.waits(for: "There is no API key")
    // The engine of the other console obeys.
    second.press("P")
    try await first.waits(for: "paused")
    try await second.waits(for: "paused")
    second.press("q")
    second.press("y")
    _ = try await second.exitCode()
    try await first.send(signal: SIGTERM)
    _ = try await first.exitCode()
  }

  @Test func `a dumb terminal is told in words to use lines`() async throws {
    let home = try Home()
    let session = try TerminalSession(
      try builtProduct("listkeeper"), ["demo"],
      environment: home.environment.merging(["TERM": "dumb"]) { _, new in new })
    try await session.waits(for: "--plain")
    #expect(try await session.exitCode() != 0)
  }
}
