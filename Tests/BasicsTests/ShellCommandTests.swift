import Glibc
import Support
import Testing

@testable import Basics

@Suite struct ShellCommandTests {
  private func run(
    _ text: String, input: [UInt8] = [], limit: Duration = .seconds(60), stop: Wakeup? = nil
  ) throws(Problem) -> (ended: ShellCommand.Ended, output: String) {
    var output: [UInt8] = []
    let ended = try ShellCommand(text: text, limit: limit).run(input: input, stop: stop) {
      output += $0
    }
    return (ended, String(decoding: output, as: UTF8.self))
  }

  @Test func `output that a shell left to the background is read to its end`() throws {
    let (ended, output) = try run("(sleep 0.2; echo late) & echo early; exit 3")
    #expect(output == "early\nlate\n")
    #expect(ended == ShellCommand.Ended(code: 3, errors: []))
  }

  @Test func `output cut in the background is over time although the shell exited well`() throws {
    let (ended, output) = try run(
      "echo first; (sleep 600; echo second) &", limit: .milliseconds(200))
    #expect(output == "first\n")
    #expect(ended.isOverTime)
  }

  @Test func `nobody waits for an error output that stays open`() throws {
    let (ended, output) = try run("echo all; echo trouble >&2; sleep 600 >/dev/null &")
    #expect(output == "all\n")
    #expect(!ended.isOverTime)
    #expect(String(decoding: ended.errors, as: UTF8.self) == "trouble\n")
  }

  @Test func `input that is never read does not hold up the end of time`() throws {
    let input = [UInt8](repeating: 0x78, count: 1 << 20)
    #expect(try run("sleep 600", input: input, limit: .milliseconds(200)).ended.isOverTime)
  }

  @Test func `long input and long output pass each other`() throws {
    let input = [UInt8](repeating: 0x78, count: 1 << 20)
    let (ended, output) = try run("cat", input: input)
    #expect(output.utf8.count == input.count)
    #expect(ended == ShellCommand.Ended(code: 0, errors: []))
  }

  @Test(.timeLimit(.minutes(10)))
  func `ringing ends the command and what it started`() throws {
    let folder = try TemporaryDirectory()
    let fifo = folder.file("alive")
    #expect(mkfifo(fifo, 0o600) == 0)
    let stop = try Wakeup()
    stop.ring()
    let problem = #expect(throws: Problem.self) {
      try run("exec 3<>'\(fifo)'; sleep 600 & sleep 600", stop: stop)
    }
    #expect(problem?.code == "cancelled")
    // Nobody holds it open for reading any more, once the kernel has taken the killed ones down:
    // opening it for writing finds no one.
    var end = open(fifo, O_WRONLY | O_NONBLOCK)
    while end >= 0 {
      close(end)
      sched_yield()
      end = open(fifo, O_WRONLY | O_NONBLOCK)
    }
    #expect(errno == ENXIO)
  }

  @Test func `a command has no terminal of ours`() throws {
    let (ended, output) = try run("if (: </dev/tty) 2>/dev/null; then echo terminal; fi")
    #expect(output == "")
    #expect(ended.code == 0)
  }
}
