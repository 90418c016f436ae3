import Foundation
import Screen
import Support
import Testing

/// The harness itself, on programs whose behaviour is known.
@Suite(.serialized) struct HarnessTests {
  @Test func `a program's output, errors and code come back`() async throws {
    let ended = try await ChildProcess.run(
      "/bin/sh", ["-c", "cat; echo \"$WORD\" >&2; pwd; exit 7"], environment: ["WORD": "oops"],
      input: "in\n", directory: "/usr")
    #expect(ended == ChildProcess.Ended(code: 7, output: "in\n/usr\n", errors: "oops\n"))
    let killed = try ChildProcess("/bin/sh", ["-c", "echo up; exec sleep 60"])
    try await killed.prints("up")
    killed.send(signal: SIGKILL)
    #expect(try await killed.ended().code == 137)
  }

  @Test func `much in and much out does not block`() async throws {
    let text = String(repeating: "0123456789abcdef\n", count: 60_000)
    let ended = try await ChildProcess.run("/bin/cat", input: text)
    #expect(ended.output == text)
  }

  @Test func `a program that does not exist is a failure with its name`() async {
    await #expect(throws: Violation.self) { try await ChildProcess.run("/no/such/program") }
  }

  @Test func `a program on a terminal sees its size, its keys and its window change`() async throws
  {
    let session = try TerminalSession(
      "/bin/sh", ["-c", "stty size; trap 'stty size' WINCH; while read x; do echo \"<$x>\"; done"],
      size: Size(90, 20))
    try await session.waits(for: "20 90")
    session.type("hello\n")
    try await session.waits(for: "<hello>")
    session.resize(Size(70, 12))
    session.type("again\n")
    try await session.waits(for: "12 70")
    session.press("^D")
    #expect(try await session.exitCode() == 0)
  }

  @Test func `a signal that is sent at once waits for the program to start`() async throws {
    for _ in 0..<5 {
      let session = try TerminalSession("/bin/sh", ["-c", "exec sleep 60"])
      try await session.send(signal: SIGTERM)
      #expect(try await session.exitCode() == 143)
    }
  }

  @Test func `a terminal left raw is noticed`() async throws {
    let session = try TerminalSession(
      "/bin/sh", ["-c", "stty raw -echo; printf '\\033[?1049h\\033[?25l\\033[?2004h'"])
    #expect(try await session.exitCode() == 0)
    try await session.waits(for: "the alternate screen") {
      $0.isAlternate && $0.modes.contains(2004)
    }
    #expect(
      session.leftovers
        == ["terminal settings", "alternate screen", "hidden cursor", "mode 2004"])
    #expect(await session.isCooked(within: .zero) == false)
  }

  @Test func `a wait that fails shows the screen`() async throws {
    let session = try TerminalSession("/bin/sh", ["-c", "echo here; exec sleep 60"])
    try await session.waits(for: "here")
    let failure = await #expect(throws: Violation.self) {
      try await session.waits(for: "there", within: .milliseconds(50))
    }
    #expect(failure?.description.contains("|here") == true)
  }
}
