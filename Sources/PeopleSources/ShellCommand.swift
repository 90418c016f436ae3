// Runs a shell command in a session of its own, away from our terminal, and reads what it prints.
// What must stay true: when this returns, nothing the command started in its session is left, and
// no more of its output is held in memory than the caller keeps.

import Basics
import Foundation
import Glibc

struct ShellCommand: Sendable {
  let text: String
  /// For all of it.
  let limit: Duration

  struct Ended: Sendable, Equatable {
    /// The exit code; 128 and the signal's number when a signal ended it.
    var code: Int32
    /// The beginning of what it said on standard error.
    var errors: [UInt8]
    var isOverTime = false
  }

  private static let mostErrors = 4096

  /// Blocks. `take` gets the output in pieces; what it throws ends the command and is thrown.
  func run(
    input: [UInt8] = [], _ take: (ArraySlice<UInt8>) throws(Problem) -> Void
  ) throws(Problem) -> Ended {
    let pipes = try (ShellCommand.pipe(), ShellCommand.pipe(), ShellCommand.pipe())
    var open = [pipes.0.write, pipes.1.read, pipes.2.read]
    defer { for descriptor in open { close(descriptor) } }
    let theirs = [pipes.0.read, pipes.1.write, pipes.2.write]
    let started = Result { () throws(Problem) in
      try start([0: theirs[0], 1: theirs[1], 2: theirs[2]])
    }
    for descriptor in theirs { close(descriptor) }
    let pid = try started.get()
    var errors: [UInt8] = []
    let deadline = ContinuousClock.now + limit
    do throws(Problem) {
      try exchange(input, &open, &errors, deadline, take)
    } catch {
      _ = end(pid, by: .now)
      throw error
    }
    let (code, isOverTime) = end(pid, by: deadline)
    return Ended(code: code, errors: errors, isOverTime: isOverTime)
  }

  /// Until both outputs are closed, or time is up. `open`: input, output, errors.
  private func exchange(
    _ input: [UInt8], _ open: inout [Int32], _ errors: inout [UInt8],
    _ deadline: ContinuousClock.Instant, _ take: (ArraySlice<UInt8>) throws(Problem) -> Void
  ) throws(Problem) {
    var rest = input[...]
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    if rest.isEmpty { ShellCommand.shut(&open, 0) }
    while open[1] >= 0 || open[2] >= 0 {
      let milliseconds = (deadline - .now).wholeMilliseconds
      if milliseconds <= 0 { return }
      var set = [
        pollfd(fd: open[0], events: Int16(POLLOUT), revents: 0),
        pollfd(fd: open[1], events: Int16(POLLIN), revents: 0),
        pollfd(fd: open[2], events: Int16(POLLIN), revents: 0),
      ]
      if poll(&set, 3, Int32(clamping: min(milliseconds, 60_000))) <= 0 { continue }
      if set[0].revents != 0 {
        let count = rest.withUnsafeBytes { write(open[0], $0.baseAddress, $0.count) }
        if count > 0 { rest = rest.dropFirst(count) }
        let isClosed = count < 0 && errno != EAGAIN && errno != EINTR
        if rest.isEmpty || isClosed { ShellCommand.shut(&open, 0) }
      }
      for index in 1...2 where set[index].revents != 0 {
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
        "source.unavailable", "The command did not start.",
        remedy: "It is tried again by itself.", cause: String(cString: strerror(failure)))
    }
    return pid
  }

  /// Waits for the shell until `deadline`, and ends whatever there is in its group then.
  private func end(
    _ pid: pid_t, by deadline: ContinuousClock.Instant
  ) -> (code: Int32, isOverTime: Bool) {
    // It is not reaped yet: its number stays its own, and nobody else's group can be meant.
    var hasExited = false
    while true {
      var information = siginfo_t()
      waitid(P_PID, id_t(pid), &information, WEXITED | WNOHANG | WNOWAIT)
      hasExited = information.si_signo != 0
      if hasExited || ContinuousClock.now >= deadline { break }
      // Its outputs are closed: it is about to exit.
      var pause = timespec(tv_sec: 0, tv_nsec: 1_000_000)
      nanosleep(&pause, nil)
    }
    kill(-pid, SIGKILL)
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
    let signal = status & 0x7F
    return (signal == 0 ? (status >> 8) & 0xFF : 128 + signal, !hasExited)
  }

  private static func shut(_ open: inout [Int32], _ index: Int) {
    if open[index] >= 0 { close(open[index]) }
    open[index] = -1
  }

  /// Closed in children, our ends without blocking, all above the numbers a child is given.
  private static func pipe() throws(Problem) -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    guard Glibc.pipe(&ends) == 0 else {
      throw Problem(
        "source.unavailable", "The system gave no pipe for the command.",
        remedy: "Raise the limit of open files (ulimit -n).",
        cause: String(cString: strerror(errno)))
    }
    let moved = ends.map { end in
      defer { close(end) }
      return fcntl(end, F_DUPFD_CLOEXEC, 10)
    }
    return (moved[0], moved[1])
  }
}
