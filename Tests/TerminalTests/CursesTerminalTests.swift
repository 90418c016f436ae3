// The real terminal code on a real pseudo-terminal, looked at from outside. The probe is a program
// of a screenful that shows what came in and ends in every way a program can.

import Foundation
import Screen
import Support
import Testing

@Suite(.serialized) struct CursesTerminalTests {
  private func probe(
    _ environment: [String: String] = [:], size: Size = Size(60, 16)
  ) async throws -> TerminalSession {
    let session = try TerminalSession(
      try builtProduct("TerminalProbe"), environment: environment, size: size)
    try await session.waits(for: "events 0")
    return session
  }

  @Test func `what is drawn is what is seen, wide characters too`() async throws {
    let session = try await probe()
    let screen = session.screen
    #expect(screen.line(0).hasPrefix("┌─ Probe ────"))
    #expect(screen.line(1).contains("60x16 indexed xterm-256color"))
    #expect(screen.line(2).hasPrefix("│王小明 é e\u{301} 👩 done"))
    #expect(screen.line(14).hasSuffix("end│"))
    #expect(screen.line(15).hasSuffix("┘"))
    #expect(screen.style(at: Point(20, 4)).background == .ansi(4))
    #expect(screen.style(at: Point(1, 2)).foreground == .ansi(1))
    #expect(screen.isAlternate && screen.cursor == nil)
    #expect(screen.modes.isSuperset(of: [1000, 1002, 1006, 2004]))
    #expect(screen.unknown == [])
  }

  @Test func `a terminal that promises every colour gets them, and keeps its own sixteen`()
    async throws
  {
    let session = try await probe(["COLORTERM": "truecolor"])
    let screen = session.screen
    #expect(screen.line(1).contains("60x16 direct xterm-256color"))
    #expect(screen.line(2).hasPrefix("│王小明 é e\u{301} 👩 done"))
    #expect(screen.style(at: Point(20, 4)).background == .ansi(4))
    #expect(screen.style(at: Point(1, 4)).foreground == .ansi(15))
    #expect(screen.style(at: Point(1, 2)).foreground == .ansi(1))
    #expect(screen.unknown == [])
    let plain = try await probe(["COLORTERM": "truecolor", "NO_COLOR": "1"])
    #expect(plain.screen.line(1).contains("60x16 mono xterm-256color"))
  }

  @Test func `keys, pastes and the mouse arrive as what they are`() async throws {
    let session = try await probe(size: Size(60, 24))
    session.press("Down", "^S", "S-Tab", "F5", "é", "PgDn", "Esc")
    try await session.waits(for: "key Esc")
    session.paste("q\rF\n中")
    session.click(7, 9)
    try await session.waits(for: "mouse released")
    let lines = session.screen.lines
    for (line, words) in [
      "key Down", "key ^S", "key S-Tab", "key F5", "key é", "key PgDn", "key Esc",
      "pasted \"q\\nF\\n中\"", "mouse pressed(Screen.MouseEvent.Button.left) 7,9",
      "mouse released(Screen.MouseEvent.Button.left) 7,9",
    ].enumerated() {
      #expect(lines[5 + line].hasPrefix("│\(words) "), "line \(line)")
    }
  }

  @Test func `a descriptor that rings wakes the loop`() async throws {
    let session = try await probe()
    session.press("w")
    try await session.waits(for: "rang")
  }

  @Test func `resizing repaints at the new size`() async throws {
    let session = try await probe()
    session.resize(Size(100, 30))
    try await session.waits(for: "100x30")
    #expect(session.screen.line(29).hasSuffix("┘"))
    #expect(CharacterWidth.of(session.screen.line(0)) == 100)
    session.resize(Size(40, 10))
    try await session.waits(for: "40x10")
    try await session.waits(for: "the whole frame") {
      $0.line(9).hasPrefix("└") && CharacterWidth.of($0.line(0)) == 40
    }
    session.resize(Size(1, 1))
    session.resize(Size(60, 16))
    try await session.waits(for: "60x16")
  }

  @Test func `quitting gives the terminal back`() async throws {
    let session = try await probe()
    session.press("q")
    #expect(try await session.exitCode() == 0)
    #expect(await session.isCooked(), "left: \(session.leftovers)")
    try await session.waits(for: "bye after key q")
  }

  @Test(
    arguments: [(String, ClosedRange<Int32>)]([
      ("t", 132...133), ("o", 132...133), ("x", 4...4),
    ])) func `a trap in any thread and a plain exit give it back too`(
      key: String, codes: ClosedRange<Int32>
    ) async throws
  {
    let session = try await probe()
    session.type(key)
    #expect(codes.contains(try await session.exitCode()))
    #expect(await session.isCooked(), "left: \(session.leftovers)")
    if codes.contains(132) { try await session.waits(for: "A defect stopped the program.") }
  }

  /// Signals and the exit codes they lead to.
  private static let signals: [(number: Int32, code: Int32)] = [
    (SIGTERM, 3), (SIGINT, 3), (SIGHUP, 3), (SIGSEGV, 139), (SIGABRT, 134), (SIGQUIT, 131),
  ]

  @Test(arguments: signals) func `a signal gives it back`(signal: Int32, code: Int32) async throws {
    let session = try await probe()
    try await session.send(signal: signal)
    #expect(try await session.exitCode() == code)
    #expect(await session.isCooked(), "left: \(session.leftovers)")
  }

  @Test func `a hang-up that was to be ignored from the start is`() async throws {
    let session = try TerminalSession(
      "/bin/sh", ["-c", "trap '' HUP; exec \"$0\"", try builtProduct("TerminalProbe")],
      size: Size(60, 16))
    try await session.waits(for: "events 0")
    try await session.send(signal: SIGHUP)
    session.press("a")
    try await session.waits(for: "key a")
    try await session.send(signal: SIGTERM)
    #expect(try await session.exitCode() == 3)
  }

  @Test func `a closed window ends the program`() async throws {
    let session = try await probe()
    session.hangUp()
    try await session.waitsForEnd()
  }

  @Test func `a suspended program leaves a clean terminal and comes back whole`() async throws {
    let session = try await probe()
    session.press("^Z")
    try await session.waitsForStop()
    #expect(await session.isCooked(), "left: \(session.leftovers)")
    session.runOn()
    try await session.waits(for: "came back")
    #expect(session.screen.line(0).hasPrefix("┌─ Probe"))
    #expect(session.screen.modes.isSuperset(of: [1000, 1049, 2004]))
    try await session.send(signal: SIGTSTP)
    try await session.waitsForStop()
    #expect(await session.isCooked(), "left: \(session.leftovers)")
    session.runOn()
    try await session.waits(for: "resumed")
    session.press("q")
    #expect(try await session.exitCode() == 0)
    #expect(await session.isCooked(), "left: \(session.leftovers)")
  }

  @Test func `standard error does not write across the screen`() async throws {
    let session = try await probe()
    session.press("e", "a")
    try await session.waits(for: "key a")
    #expect(session.screen.contains("SPILT INK") == false)
  }

  @Test func `text can be copied to the person's own clipboard`() async throws {
    let session = try await probe()
    session.press("y")
    try await session.waits(for: "a clipboard") { $0.clipboard != nil }
    #expect(session.screen.clipboard == "Zoë <zoe@example.org>")
  }

  @Test func `the mouse can be given back to the terminal`() async throws {
    let session = try await probe()
    session.press("m")
    try await session.waits(for: "no mouse") {
      !$0.modes.contains(1000) && !$0.modes.contains(1006)
    }
  }

  @Test(arguments: [
    ("xterm-256color", "indexed"), ("xterm", "eight"), ("linux", "eight"), ("vt100", "mono"),
    ("screen-256color", "indexed"),
  ]) func `colours are those the terminal has`(term: String, depth: String) async throws {
    let session = try await probe(["TERM": term])
    #expect(session.screen.contains("60x16 \(depth) \(term)"))
  }

  @Test func `NO_COLOR takes the colours and keeps the meaning`() async throws {
    let session = try await probe(["NO_COLOR": "1"])
    #expect(session.screen.contains("60x16 mono"))
    for y in 0..<16 {
      for x in 0..<60 {
        let style = session.screen.style(at: Point(x, y))
        #expect(style.foreground == .terminal && style.background == .terminal)
      }
    }
    #expect(session.screen.style(at: Point(20, 4)).attributes == [.reverse])
  }

  @Test func `an unknown terminal is treated as an xterm and says so`() async throws {
    let session = try await probe(["TERM": "xterm-of-tomorrow"], size: Size(100, 16))
    #expect(
      session.screen.contains(
        "Nothing is known about the terminal 'xterm-of-tomorrow'; xterm-256color is used."))
  }

  @Test(arguments: ["dumb", ""]) func `a terminal that cannot show a screen is refused`(
    term: String
  ) async throws {
    let session = try TerminalSession(
      try builtProduct("TerminalProbe"), environment: ["TERM": term], size: Size(100, 10))
    #expect(try await session.exitCode() == 1)
    try await session.waits(for: "terminal.unsupported")
    #expect(session.screen.contains("--plain"))
  }

  @Test func `without a terminal it says what to do instead`() async throws {
    let ended = try await ChildProcess.run(
      try builtProduct("TerminalProbe"), environment: ["TERM": "xterm"])
    #expect(ended.code == 1)
    #expect(ended.errors.hasPrefix("terminal.unsupported: Standard input and output are not both"))
    #expect(ended.output == "")
  }

  @Test func `an environment without UTF-8 still shows every script`() async throws {
    let session = try await probe(["LANG": "C", "LC_ALL": "C"])
    #expect(session.screen.contains("王小明"))
  }

  @Test func `any screen after any other is shown exactly`() async throws {
    let size = Size(40, 12)
    var random = SeededGenerator(seed: runSeed)
    var rows = (0..<size.height).map { _ in Self.randomRow(&random, size.width) }
    var scenes: [[String]] = []
    for number in 0..<60 {
      switch Int.random(in: 0..<4, using: &random) {
      case 0:
        // Part of the screen scrolls, which ncurses may do by moving lines.
        let top = Int.random(in: 0..<6, using: &random)
        rows.remove(at: top)
        rows.insert(Self.randomRow(&random, size.width), at: 9)
      case 1:
        rows.remove(at: 9)
        rows.insert(Self.randomRow(&random, size.width), at: 1)
      case 2: rows[Int.random(in: 0..<11, using: &random)] = Self.randomRow(&random, size.width)
      default: rows = rows.map { _ in Self.randomRow(&random, size.width) }
      }
      rows[11] = "scene \(number)."
      scenes.append(rows)
    }
    let folder = try TemporaryDirectory()
    let file = folder.path + "/scenes"
    try scenes.map { $0.joined(separator: "\n") }.joined(separator: "\u{C}")
      .write(toFile: file, atomically: true, encoding: .utf8)
    let session = try TerminalSession(
      try builtProduct("TerminalProbe"), environment: ["PROBE_SCENES": file], size: size)
    for (number, expected) in scenes.enumerated() {
      try await session.waits(for: "scene \(number).")
      #expect(session.screen.lines == expected, "seed \(runSeed), scene \(number)")
      session.press("n")
    }
  }

  private static func randomRow(_ random: inout SeededGenerator, _ width: Int) -> String {
    let pieces = ["word ", "a", "  ", "中", "文 ", "e\u{301}", "👩 ", "│", "─────", "ж", "0123456789"]
    var row = ""
    for _ in 0..<Int.random(in: 0...14, using: &random) {
      row += pieces[Int.random(in: 0..<pieces.count, using: &random)]
    }
    row = CharacterWidth.cut(row, to: width)
    while row.last == " " { row.removeLast() }
    return row
  }

  @Test func `moving a line sends little and idling sends nothing`() async throws {
    let session = try await probe()
    session.press("a")
    try await session.waits(for: "key a")
    let before = session.screen.bytes
    session.press("b")
    try await session.waits(for: "key b")
    #expect(session.screen.bytes - before < 350)
  }
}
