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
  @Test func `one command ends in a console in which F sends everybody`() async throws {
    let home = try ConsoleHome()
    let session = try await home.demo()
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

  @Test func `the picture in the README is what its first command shows`() async throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let readme = try String(
      contentsOf: root.deletingLastPathComponent().appending(path: "README.md"), encoding: .utf8)
    let picture = try #require(readme.components(separatedBy: "```\n").dropFirst().first)
    let lines = picture.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    let wanted = lines.map { Self.skeleton(String($0)) }
    let home = try ConsoleHome()
    let width = lines.map { CharacterWidth.of($0) }.max() ?? 0
    let session = try await home.demo(size: Size(width, lines.count))
    session.press("F", "6")
    try await session.waits(for: "the picture of the README") { screen in
      screen.lines.map(Self.skeleton) == wanted
    }
    session.press("q", "y")
    #expect(try await session.exitCode() == 0)
  }

  /// A line without what is another at every start: times, and the room they take.
  private static func skeleton(_ line: String) -> String {
    line.replacing(/[0-9][-0-9.:]*( ms| s)?/, with: "0").replacing(/\ +/, with: " ")
      .trimmingCharacters(in: .whitespaces)
  }

  @Test func `^C while a secret is typed gives the echo back and keeps nothing`() async throws {
    let home = try ConsoleHome()
    try await home.run(["init"])
    let session = try home.start([
      "--workspace", home.workspace, "settings", "set", "mailchimp.key", "-",
    ])
    try await session.waits(for: "Value (not shown):")
    session.type("0123456789abcdef")
    session.send([0x03])
    #expect(try await session.exitCode() == 1)
    #expect(await session.isCooked())
  }

  @Test func `keys pressed before the first picture are all obeyed`() async throws {
    let home = try ConsoleHome()
    let session = try home.start(["demo"])
    session.press("F")
    session.press("6")
    try await session.waits(for: "succeeded")
    session.press("q")
    session.press("y")
    #expect(try await session.exitCode() == 0)
  }

  @Test func `every pane opens by its digit, at 80x24 and at 200x60`() async throws {
    for size in [Size(80, 24), Size(200, 60)] {
      let home = try ConsoleHome()
      let session = try await home.demo(size: size)
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
    let home = try ConsoleHome()
    let session = try await home.demo()
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
    let home = try ConsoleHome()
    let session = try await home.demo(["NO_COLOR": "1"])
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
      let home = try ConsoleHome()
      let session = try home.start(["demo"])
      try await session.waits(for: moment.name, until: moment.holds)
      try await session.send(signal: signal)
      _ = try await session.exitCode()
      #expect(await session.isCooked(), "\(moment.name): \(session.leftovers)")
      let left = try FileManager.default.contentsOfDirectory(atPath: home.directory.path)
      #expect(!left.contains { $0.hasPrefix("listkeeper-demo") }, "\(moment.name)")
    }
  }

  @Test func `a trap leaves the terminal as it was`() async throws {
    let home = try ConsoleHome()
    let session = try await home.demo()
    try await session.send(signal: SIGSEGV)
    _ = try await session.exitCode()
    #expect(await session.isCooked(), "\(session.leftovers)")
  }

  @Test func `a lost connection ends the console`() async throws {
    let home = try ConsoleHome()
    let session = try await home.demo()
    session.hangUp()
    try await session.waitsForEnd()
  }

  @Test func `losing the connection leaves in the log which schedules do not run`() async throws {
    let home = try ConsoleHome()
    try await home.run(["init"])
    try await home.run(["schedules", "add", "resync", "daily", "at", "02:30"])
    let session = try await home.console()
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
    let home = try ConsoleHome()
    let made = try await home.run(["init"])
    #expect(made.code == 0, "\(made.errors)")
    let session = try await home.console()
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
    let home = try ConsoleHome()
    try await home.run(["init"])
    let first = try await home.console()
    try await first.waits(for: "Force sync")
    try await first.waits(for: "in this console")
    let second = try await home.console()
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
    let home = try ConsoleHome()
    let session = try home.start(["demo"], ["TERM": "dumb"])
    try await session.waits(for: "--plain")
    #expect(try await session.exitCode() != 0)
  }
}
