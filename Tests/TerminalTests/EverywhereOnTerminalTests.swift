// What is the same in every pane, by the real binary on a real pseudo-terminal: windows that change
// their size at any moment, keys and bytes that mean nothing, themes and keys of somebody's own that
// are written while the console runs, and what is found again the next day.

import Basics
import Domain
import Foundation
import Screen
import Storage
import Support
import Testing

@Suite(.serialized) struct EverywhereOnTerminalTests {
  private let home: ConsoleHome

  init() throws { home = try ConsoleHome() }

  private var directory: TemporaryDirectory { home.directory }
  private var environment: [String: String] { home.environment }

  private func write(_ text: String, to path: String) throws {
    let whole = directory.file("config/listkeeper/\(path)")
    try FileManager.default.createDirectory(
      atPath: URL(filePath: whole).deletingLastPathComponent().path,
      withIntermediateDirectories: true)
    try text.write(toFile: whole, atomically: true, encoding: .utf8)
  }

  private func end(_ session: TerminalSession) async throws {
    try await session.send(signal: SIGTERM)
    _ = try await session.exitCode()
    #expect(await session.isCooked(), "\(session.leftovers)")
  }

  /// Presses a key and waits until the palette that it opens shows: what was sent before is done.
  private func settle(_ session: TerminalSession) async throws {
    session.press(":")
    try await session.waits(for: "A few letters of an action")
    session.press("Esc")
    try await session.waits(forNo: "A few letters of an action")
  }

  // MARK: Sizes

  @Test func `a storm of sizes, with keys between, ends in the picture of the last size`()
    async throws
  {
    var random = SeededGenerator(seed: runSeed)
    let session = try await home.demo()
    for round in 0..<150 {
      let size = Size(
        Int.random(in: 1...220, using: &random), Int.random(in: 1...70, using: &random))
      session.resize(round % 10 == 9 ? Size(1, 1) : size)
      let keys: [Key] = ["1", "2", "6", "7", "8", "0", "Tab", "+", "_", "j", "PgDn", "<", ">"]
      if let key = keys.randomElement(using: &random) { session.press(key) }
    }
    session.resize(Size(100, 30))
    // A key that comes before the size is one on a screen too small to act on.
    try await session.waits(for: "a screen of 100 by 30") { screen in
      CharacterWidth.of(screen.line(2)) == 100 && screen.line(29).contains("q Quit")
    }
    session.press("7")
    try await session.waits(for: "the logs") { $0.line(2).contains("Logs") }
    try await settle(session)
    // Nothing of an older size was left over: painted anew it looks the same. What stands above and
    // below it, the state of the engine and a notice, comes and goes by itself.
    let lines = session.screen.lines[2..<28]
    session.press("^L")
    try await settle(session)
    #expect(session.screen.lines[2..<28] == lines, "seed \(runSeed)")
    #expect(session.screen.unknown == [])
    try await end(session)
  }

  @Test func `keys, pastes, clicks and broken bytes at random leave a console that can be left`()
    async throws
  {
    var random = SeededGenerator(seed: runSeed)
    let session = try await home.demo(size: Size(120, 36))
    let pieces: [[UInt8]] =
      "jkhlgG120346789xyYnNaeEfLwtcsSdDuUiAo./&:?![]+_<>zZ%.".utf8.map { [$0] } + [
        [0x1B], [0x0D], [0x09], [0x7F], [0x13], [0x10], [0x05], [0xFF], [0xC3], [0x1B, 0x5B],
        Array("\u{1B}[200~ada@example.org\nq\u{1B}[201~".utf8), Array("\u{1B}[<0;20;5M".utf8),
        Array("\u{1B}[<32;20;9M".utf8), Array("\u{1B}[<0;20;9m".utf8),
        Array("\u{1B}[<65;20;5M".utf8), Array("\u{1B}[<2;20;5M".utf8),
        Array("\u{1B}]11;rgb:ffff/ffff/ffff\u{7}".utf8), Array("\u{1B}[?997;2n".utf8),
      ]
    for _ in 0..<1500 {
      if let piece = pieces.randomElement(using: &random) { session.send(piece) }
    }
    // A paste that was cut off would swallow what follows.
    session.send(Array("\u{1B}[201~".utf8))
    for _ in 0..<20 { session.press("Esc") }
    // What was asked for may be answered, and laid over the panes, after the last of these keys.
    try await session.waits(for: "the panes, seed \(runSeed)") { screen in
      if screen.line(35).contains("? Help") { return true }
      session.press("Esc")
      return false
    }
    #expect(session.screen.unknown == [])
    try await end(session)
  }

  // MARK: Themes and keys

  @Test func `a theme of one's own repaints when it is written, and a mistake names its line`()
    async throws
  {
    try write("inherits = standard\n[roles]\ntitle = #ff0000", to: "themes/harbour.theme")
    let session = try await home.demo()
    func colour(_ text: String) -> Colour? {
      session.screen.find(text).map { session.screen.style(at: $0).foreground }
    }
    let plain = colour("Practice")
    session.press(":")
    try await session.waits(for: "A few letters of an action")
    session.type("themes")
    session.press("Enter")
    try await session.waits(for: "harbour")
    // Moving onto it shows it at once, and Esc puts the old one back.
    for _ in 0..<3 { session.press("Down") }
    try await session.waits(for: "the theme") { screen in
      screen.find("Practice").map { screen.style(at: $0).foreground } != plain
    }
    session.press("Esc")
    try await session.waits(for: "the old theme") { screen in
      screen.find("Practice").map { screen.style(at: $0).foreground } == plain
    }
    session.press(":")
    try await session.waits(for: "A few letters of an action")
    session.type("themes")
    session.press("Enter")
    try await session.waits(for: "harbour")
    for _ in 0..<3 { session.press("Down") }
    session.press("Enter")
    try await session.waits(forNo: "the terminal's own colours")
    let red = try #require(colour("Practice"))
    #expect(red != plain)
    try write("inherits = standard\n[roles]\ntitle = #0000ff", to: "themes/harbour.theme")
    try await session.waits(for: "another colour") { screen in
      let now = screen.find("Practice").map { screen.style(at: $0).foreground }
      return now != red && now != plain
    }
    let blue = colour("Practice")
    try write("inherits = standard\n[roles]\ntitle = bleu", to: "themes/harbour.theme")
    try await session.waits(for: "harbour.theme, line 3")
    // What was right before stays until the file is right again.
    #expect(colour("Practice") == blue)
    try await end(session)
  }

  @Test func `the standard colours are dark ones once the terminal says that it is light`()
    async throws
  {
    let session = try await home.demo()
    @Sendable func key(_ screen: ScreenReader) -> Colour? {
      screen.find("Force sync").map { screen.style(at: Point($0.x - 2, $0.y)).foreground }
    }
    try await session.waits(for: "a key in cyan") { key($0) == .ansi(6) }
    session.send(Array("\u{1B}]11;rgb:ffff/ffff/ffff\u{7}".utf8))
    try await session.waits(for: "a key in dark blue") { key($0) == .indexed(19) }
    session.send(Array("\u{1B}[?997;1n".utf8))
    try await session.waits(for: "a key in cyan again") { key($0) == .ansi(6) }
    try await end(session)
  }

  @Test func `a theme's colours are shown as they are written, or the nearest there are`()
    async throws
  {
    try write("inherits = standard\n[roles]\ntitle = #12ab34", to: "themes/harbour.theme")
    let binary = try builtProduct("listkeeper")
    let words = ["--workspace", directory.file("own.listkeeper")]
    _ = try await ChildProcess.run(binary, words + ["init"], environment: environment)
    _ = try await ChildProcess.run(
      binary, words + ["settings", "set", "console.theme", "harbour"], environment: environment)
    for (more, colour) in [
      (["COLORTERM": "truecolor"], Colour.rgb(0x12, 0xAB, 0x34)), ([:], Colour.indexed(35)),
      (["COLORTERM": "truecolor", "TERM": "tmux-256color"], .rgb(0x12, 0xAB, 0x34)),
      (
        ["COLORTERM": "24bit", "TERM": "screen-256color", "TMUX": "/tmp/t,1,0"],
        .rgb(0x12, 0xAB, 0x34)
      ),
      // What screen inherits it need not be able to show.
      (["COLORTERM": "truecolor", "TERM": "screen-256color", "TMUX": ""], .indexed(35)),
    ] {
      let session = try TerminalSession(
        binary, words + ["--read-only"], environment: environment.merging(more) { _, new in new })
      try await session.waits(for: "\(colour)") { screen in
        screen.find("Listkeeper").map { screen.style(at: $0).foreground } == colour
      }
      if more["TERM"] == nil { #expect(session.screen.unknown == []) }
      try await end(session)
    }
  }

  @Test func `keys of one's own are taken up while the console runs, a wrong line is named`()
    async throws
  {
    try write("console.help = ^G", to: "keys")
    let session = try await home.demo()
    session.press("^G")
    try await session.waits(for: "Help: Overview")
    session.press("Esc")
    try await session.waits(forNo: "Help: Overview")
    try write("console.help = ^O\nconsole.helf = ^G", to: "keys")
    try await session.waits(for: "keys, line 2")
    // The keys that were read before go on.
    session.press("Esc")
    try await session.waits(forNo: "keys, line 2")
    session.press("^G")
    try await session.waits(for: "Help: Overview")
    session.press("Esc")
    try await session.waits(forNo: "Help: Overview")
    try write("console.help = ^O", to: "keys")
    try await settle(session)
    session.press("^O")
    try await session.waits(for: "Help: Overview")
    try await end(session)
  }

  // MARK: Memory and looking

  @Test func `the next console opens in the pane and with the filter of the last one`() async throws
  {
    let binary = try builtProduct("listkeeper")
    let words = ["--workspace", directory.file("own.listkeeper")]
    _ = try await ChildProcess.run(binary, words + ["init"], environment: environment)
    _ = try await ChildProcess.run(
      binary, words + ["people", "add", "first_name=Ada", "email=ada@mail.example.org"],
      environment: environment)
    let first = try TerminalSession(binary, words, environment: environment)
    try await first.waits(for: "Step 1 of 6")
    first.press("Esc")
    try await first.waits(forNo: "Step 1 of 6")
    first.press("2")
    try await first.waits(for: "ada@mail")
    first.press("/")
    first.type("first:ada")
    try await first.waits(for: "People: first:ada")
    first.press("Enter", "q", "y")
    #expect(try await first.exitCode() == 0)
    let second = try TerminalSession(binary, words, environment: environment)
    try await second.waits(for: "People: first:ada")
    try await second.waits(for: "ada@mail")
    try await end(second)
  }

  @Test func `a console opened to look refuses to change anything, and runs no engine`()
    async throws
  {
    let binary = try builtProduct("listkeeper")
    let words = ["--workspace", directory.file("own.listkeeper")]
    _ = try await ChildProcess.run(binary, words + ["init"], environment: environment)
    let session = try TerminalSession(binary, words + ["--read-only"], environment: environment)
    try await session.waits(for: "read-only")
    session.press("2")
    try await session.waits(for: "There are no people yet")
    session.press("a")
    try await session.waits(for: "Add a person")
    session.type("Ada")
    session.press("^S")
    try await session.waits(for: "--read-only")
    session.press("Esc")
    try await session.waits(forNo: "Add a person")
    let status = try await ChildProcess.run(
      binary, words + ["status", "--json"], environment: environment)
    #expect(status.output.contains("no engine"))
    try await end(session)
  }

  // MARK: Terminals of all kinds

  @Test func `where lines cannot be counted on they are drawn with plain characters`() async throws
  {
    for more in [
      ["TERM": "linux"], ["LC_ALL": "en_US.ISO-8859-1"], ["LC_ALL": "C"], ["TERM": "vt220"],
    ] {
      let session = try TerminalSession(
        try builtProduct("listkeeper"), ["demo"],
        environment: environment.merging(more) { _, new in new })
      try await session.waits(for: "+- Overview")
      session.press("6")
      try await session.waits(for: "+- Executions")
      #expect(!session.screen.contains("─"), "\(more)")
      try await session.send(signal: SIGTERM)
      _ = try await session.exitCode()
    }
  }

  @Test func `the hidden cursor stands on the selected row, and shows where text is typed`()
    async throws
  {
    let session = try await home.demo()
    session.press("2")
    try await session.waits(for: "in a list of people") { screen in
      screen.line(4).hasPrefix("│›") && screen.position.y == 4
    }
    #expect(session.screen.cursor == nil)
    session.press("j", "j")
    try await session.waits(for: "the third row") { screen in
      screen.line(6).hasPrefix("│›") && screen.position.y == 6
    }
    session.press("/")
    session.type("ad")
    try await session.waits(for: "the search") { screen in
      screen.cursor?.y == 22 && screen.line(22).contains("ad")
    }
    session.press("Esc")
    try await session.waits(for: "a list again") { $0.cursor == nil }
    try await end(session)
  }
}
