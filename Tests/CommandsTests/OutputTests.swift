import Basics
import Domain
import Foundation
import Support
import Testing

@testable import Commands

@Suite struct OutputTests {
  /// What `body` writes, through a real file.
  private func written(_ body: (Output) -> Void) throws -> String {
    let directory = try TemporaryDirectory()
    let path = directory.file("out")
    let descriptor = open(path, O_RDWR | O_CREAT, 0o600)
    defer { close(descriptor) }
    let output = Output(descriptor: descriptor)
    body(output)
    output.flush()
    return try String(contentsOfFile: path, encoding: .utf8)
  }

  @Test func `a name that would steer the terminal is printed without its controls`() throws {
    let evil = "A\u{1b}[2J\u{9b}31mda\u{202e}\u{7}\n#"
    let lines = try written { $0.table(TextTable([.left("name")], [[evil]])) }
    #expect(lines == "NAME\nA[2J31mda #\n")
  }

  @Test func `JSON keeps such a name whole, with its controls as escapes`() throws {
    let evil = "A\u{1b}[2J\u{9b}\u{202e}\u{E0041}é"
    let text = try written { $0.json(["name": .string(evil)]) }
    #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || !Text.isControl($0) })
    #expect(try JSONValue.parse(text)["name"]?.string == evil)
  }

  @Test func `columns are as wide as what is seen, and the last one is not filled`() throws {
    let table = TextTable(
      [.left("name"), .right("people"), .left("note")],
      [["美咲", "1", "x"], ["Zoë", "12,400", ""]])
    #expect(
      table.lines() == [
        "NAME  PEOPLE  NOTE", "美咲       1  x", "Zoë   12,400",
      ])
  }

  @Test func `a reader that goes away ends the output and nothing else`() throws {
    signal(SIGPIPE, SIG_IGN)
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let output = Output(descriptor: ends[1])
    close(ends[0])
    output.line("somebody")
    output.flush()
    #expect(output.isClosed)
    output.line("nobody")
    output.flush()
    close(ends[1])
  }

  @Test func `a password hint and progress never reach a file`() throws {
    #expect(try written { $0.progress("half") } == "")
  }

  @Test func `words the shell has unquoted are quoted again for the search`() {
    #expect(
      PersonFinder.search(["last:smith", "account:Guest account", "two words", "-x"])
        == #"last:smith account:"Guest account" "two words" -x"#)
    #expect(PersonFinder.search(["last:smith opt-in:yes"]) == "last:smith opt-in:yes")
    #expect(PersonFinder.search([]) == "")
  }

  @Test(arguments: [
    ("127.0.0.1:8765", "127.0.0.1", 8765), (":0", "127.0.0.1", 0), ("8765", "127.0.0.1", 8765),
    ("[::1]:80", "::1", 80), ("0.0.0.0:65535", "0.0.0.0", 65535),
  ])
  func `an address to listen on is read`(_ text: String, _ host: String, _ port: UInt16) throws {
    let address = try ListenAddress(text)
    #expect(address.address == host)
    #expect(address.port == port)
  }

  @Test(arguments: ["", ":", "host", "a:65536", "a:-1", "a b:1", "http://x:1"])
  func `what is no address to listen on is a usage error`(_ text: String) {
    #expect { try ListenAddress(text) } throws: { ExitCode.of(Problem(describing: $0)) == .usage }
  }

  @Test func `the workspace's zone moves times through daylight saving`() {
    let paris = LocalTime.zone("Europe/Paris")
    func print(_ text: String) -> String { paris.print(Instant(iso8601: text)) }
    #expect(print("2026-01-15T12:00:00Z") == "2026-01-15 13:00:00")
    #expect(print("2026-07-15T12:00:00.900Z") == "2026-07-15 14:00:00")
    #expect(print("2026-03-29T00:59:59Z") == "2026-03-29 01:59:59")
    #expect(print("2026-03-29T01:00:00Z") == "2026-03-29 03:00:00")
    #expect(
      LocalTime.zone("Nowhere/Else").print(Instant(iso8601: "2026-07-15")) == "2026-07-15 00:00:00")
  }

  @Test(arguments: [
    ("3.40.1", false), ("3.44.5", false), ("3.44.6", true), ("3.50.6", false), ("3.50.7", true),
    ("3.51.2", false), ("3.51.3", true), ("3.52.0", true), ("4.0.0", true),
  ])
  func `doctor knows which SQLite has the log's reset mended`(_ version: String, _ has: Bool) {
    #expect(DoctorCommand.hasLogResetFix(version) == has)
  }
}
