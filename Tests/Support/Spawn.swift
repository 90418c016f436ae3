// posix_spawn and pseudo-terminals as tests need them: chosen descriptors, a session of its own,
// signals as a shell would set them.

import Foundation
import Glibc

enum Pipes {
  /// Both ends closed in children and above the numbers that children are given.
  static func make() throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw Violation("No pipe: \(String(cString: strerror(errno)))") }
    let moved = ends.map { fcntl($0, F_DUPFD_CLOEXEC, 10) }
    for end in ends { close(end) }
    return (moved[0], moved[1])
  }

  static func writeAll(_ bytes: [UInt8], to descriptor: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return }
      rest = rest.dropFirst(count)
    }
  }
}

enum PseudoTerminal {
  /// Our end and the path of the other one.
  static func open() throws -> (master: Int32, path: String) {
    // Glibc's module does not show posix_openpt and its friends; these are what they do on Linux.
    let unlock: UInt = 0x4004_5431
    let askNumber: UInt = 0x8004_5430
    let opened = Glibc.open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    let master = fcntl(opened, F_DUPFD_CLOEXEC, 10)
    close(opened)
    var locked: Int32 = 0
    var number: UInt32 = 0
    guard master >= 0, ioctl(master, unlock, &locked) == 0, ioctl(master, askNumber, &number) == 0
    else { throw Violation("There is no pseudo-terminal: \(String(cString: strerror(errno)))") }
    return (master, "/dev/pts/\(number)")
  }
}

enum Spawn {
  /// A plain environment that does not depend on who runs the tests, and `added`.
  static func environment(_ added: [String: String]) -> [String: String] {
    let own = ProcessInfo.processInfo.environment
    var plain = ["LANG": "C.UTF-8"]
    for name in ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH"] { plain[name] = own[name] }
    return plain.merging(added) { _, new in new }
  }

  /// Starts a program. `descriptors` says which of ours it gets under which number.
  static func start(
    _ executable: String, _ arguments: [String], environment: [String: String],
    directory: String? = nil, descriptors: [Int32: Int32], opening terminal: String? = nil,
    newSession: Bool
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let terminal {
      // The first terminal that the leader of a session opens becomes its own.
      posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0)
      posix_spawn_file_actions_adddup2(&actions, 0, 1)
      posix_spawn_file_actions_adddup2(&actions, 0, 2)
    }
    for (number, ours) in descriptors.sorted(by: { $0.key < $1.key }) {
      posix_spawn_file_actions_adddup2(&actions, ours, number)
    }

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var flags = Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK)
    if newSession { flags |= 0x80 }  // POSIX_SPAWN_SETSID, which Glibc's module does not show
    posix_spawnattr_setflags(&attributes, Int16(flags))
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigdefault(&attributes, &all)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)

    // Glibc's module does not show the file action for a folder; a shell goes there and makes room.
    let words =
      directory.map { ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", $0, executable] + arguments }
      ?? [executable] + arguments
    var argv = words.map { strdup($0) } + [nil]
    var envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in argv + envp { free(text) } }
    var pid: pid_t = 0
    let failure = posix_spawnp(&pid, words[0], &actions, &attributes, &argv, &envp)
    guard failure == 0 else {
      throw Violation("'\(executable)' did not start: \(String(cString: strerror(failure)))")
    }
    return pid
  }

  /// Waits for the child on a thread of its own and gives its exit code as a shell would.
  static func reap(_ pid: pid_t, _ done: @escaping @Sendable (Int32) -> Void) {
    Thread.detachNewThread {
      var status: Int32 = 0
      while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
      let signal = status & 0x7F
      done(signal == 0 ? (status >> 8) & 0xFF : 128 + signal)
    }
  }
}
