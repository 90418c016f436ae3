// Runs a shell command in a session of its own, away from our terminal, and reads what it prints.
// What must stay true: when this returns, nothing the command started in its session is left, no
// more of its output is held in memory than the caller keeps, and output that was cut says so.

import CSystem
import Foundation
import Glibc

package struct ShellCommand: Sendable {
  package let text: String
  /// For all of it.
  package let limit: Duration

  package init(text: String, limit: Duration) {
    self.text = text
    self.limit = limit
  }

  package struct Ended: Sendable, Equatable {
    /// The exit code; 128 and the signal's number when a signal ended it.
    package var code: Int32
    /// The beginning of what it said on standard error.
    package var errors: [UInt8]
    /// True when time was up before both the shell had exited and its output had ended: what was
    /// read is cut.
    package var isOverTime = false
  }

  private static let mostErrors = 4096

  /// Blocks. `take` gets the output in pieces; what it throws ends the command and is thrown, and so
  /// does ringing `stop` (`cancelled`). Problems of its own have codes `command.*`.
  package func run(
    input: [UInt8] = [], stop: Wakeup? = nil,
    _ take: (ArraySlice<UInt8>) throws(Problem) -> Void
  ) throws(Problem) -> Ended {
    var theirs: [Int32] = []
    // Input, output, errors.
    var open: [Int32] = []
    defer { for descriptor in open where descriptor >= 0 { close(descriptor) } }
    let pid: pid_t
    do throws(Problem) {
      for number in 0..<3 {
        let ends = try ShellCommand.pipe()
        theirs.append(number == 0 ? ends.read : ends.write)
        open.append(number == 0 ? ends.write : ends.read)
        _ = fcntl(open[number], F_SETFL, O_NONBLOCK)
      }
      pid = try start([0: theirs[0], 1: theirs[1], 2: theirs[2]])
    } catch {
      for descriptor in theirs { close(descriptor) }
      throw error
    }
    for descriptor in theirs { close(descriptor) }
    var errors: [UInt8] = []
    do throws(Problem) {
      let isWhole = try exchange(
        pid, input, &open, &errors, ContinuousClock.now + limit, stop, take)
      return Ended(code: ShellCommand.end(pid), errors: errors, isOverTime: !isWhole)
    } catch {
      _ = ShellCommand.end(pid)
      throw error
    }
  }

  /// Until the output has ended and the shell has exited (true), or time is up (false).
  private func exchange(
    _ pid: pid_t, _ input: [UInt8], _ open: inout [Int32], _ errors: inout [UInt8],
    _ deadline: ContinuousClock.Instant, _ stop: Wakeup?,
    _ take: (ArraySlice<UInt8>) throws(Problem) -> Void
  ) throws(Problem) -> Bool {
    var rest = input[...]
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    if rest.isEmpty { ShellCommand.shut(&open, 0) }
    while true {
      let hasEnded = open[1] < 0
      // Something in the background may hold the error output for ever: nobody waits for it.
      let isOver = hasEnded && ShellCommand.hasExited(pid)
      let milliseconds = isOver ? 0 : (deadline - .now).wholeMilliseconds
      if !isOver, milliseconds <= 0 { return false }
      // An exit rings nothing; with the output ended it is near.
      let patience = min(milliseconds, hasEnded ? 2 : 60_000)
      var set = [
        pollfd(fd: open[0], events: Int16(POLLOUT), revents: 0),
        pollfd(fd: open[1], events: Int16(POLLIN), revents: 0),
        pollfd(fd: open[2], events: Int16(POLLIN), revents: 0),
        pollfd(fd: stop?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
      ]
      let ready = poll(&set, 4, Int32(patience))
      if ready > 0, set[3].revents != 0 { throw Problem("cancelled", "The command was ended.") }
      if ready > 0, set[0].revents != 0 {
        let count = rest.withUnsafeBytes { write(open[0], $0.baseAddress, $0.count) }
        if count > 0 { rest = rest.dropFirst(count) }
        let isClosed = count < 0 && errno != EAGAIN && errno != EINTR
        if rest.isEmpty || isClosed { ShellCommand.shut(&open, 0) }
      }
      for index in 1...2 where ready > 0 && set[index].revents != 0 {
        let count = read(open[index], &buffer, buffer.count)
        if count < 0, errno == EAGAIN || errno == EINTR { continue }
        if count <= 0 {
          ShellCommand.shut(&open, index)
        } else if index == 1 {
          try take(buffer[..<count])
        } else {
          errors += buffer[..<min(count, ShellCommand.mostErrors - errors.count)]
        }
      }
      // What it said before it exited is in the pipe and was read just now.
      if isOver { return true }
    }
  }

  private func start(_ descriptors: [Int32: Int32]) throws(Problem) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (number, ours) in descriptors.sorted(by: { $0.key < $1.key }) {
      posix_spawn_file_actions_adddup2(&actions, ours, number)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // 0x80 is POSIX_SPAWN_SETSID, which Glibc's module does not show.
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK) | 0x80)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigdefault(&attributes, &all)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    let words = ["/bin/sh", "-c", text]
    var arguments = words.map { strdup($0) } + [nil]
    defer { for text in arguments { free(text) } }
    let variables = ProcessInfo.processInfo.environment
    var environment = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in environment { free(text) } }
    var pid: pid_t = 0
    let failure = posix_spawn(&pid, "/bin/sh", &actions, &attributes, &arguments, &environment)
    guard failure == 0 else {
      throw Problem(
        "command.not-started", "The command did not start.",
        remedy: "Try it again.", cause: String(cString: strerror(failure)))
    }
    return pid
  }

  /// True once the shell is gone; it is not reaped, so that its number stays its own.
  private static func hasExited(_ pid: pid_t) -> Bool {
    var information = siginfo_t()
    waitid(P_PID, id_t(pid), &information, WEXITED | WNOHANG | WNOWAIT)
    return information.si_signo != 0
  }

  /// Ends whatever there is in its group. The shell is not reaped yet, or runs: nobody else's group
  /// can be meant.
  private static func end(_ pid: pid_t) -> Int32 {
    kill(-pid, SIGKILL)
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
  }

  private static func shut(_ open: inout [Int32], _ index: Int) {
    if open[index] >= 0 { close(open[index]) }
    open[index] = -1
  }

  /// Closed in every child from the beginning, also in those another thread starts now, and above
  /// the numbers a child is given.
  private static func pipe() throws(Problem) -> (read: Int32, write: Int32) {
    var ends: [Int32] = [-1, -1]
    guard lk_pipe(&ends) == 0 else { throw noPipe() }
    let moved = ends.map { fcntl($0, F_DUPFD_CLOEXEC, 10) }
    let isWhole = moved.allSatisfy { $0 >= 0 }
    let problem = noPipe()
    for end in ends { close(end) }
    if !isWhole {
      for end in moved where end >= 0 { close(end) }
      throw problem
    }
    return (moved[0], moved[1])
  }

  private static func noPipe() -> Problem {
    Problem(
      "command.no-pipe", "The system gave no pipe for the command.",
      remedy: "Raise the limit of open files (ulimit -n).", cause: String(cString: strerror(errno)))
  }
}
