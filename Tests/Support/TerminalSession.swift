// A program on a real pseudo-terminal, with a person before it: presses keys, looks at the screen,
// resizes the window, hangs up. A shell with job control stands between us and the program, as in
// life: so ^Z has somewhere to go back to, and after the end the terminal can still be looked at.
// What must stay true: every wait ends with what was asked for or with the screen in the failure.

import Basics
import CSystem
import Foundation
import Glibc
import Screen

package final class TerminalSession: Sendable {
  struct State: Sendable {
    /// Fed with every byte; may hold half a frame.
    var reader: ScreenReader
    /// The last whole frame.
    var screen: ScreenReader
    /// Everything the program has written.
    var byteCount = 0
    var pid: pid_t?
    var isStopped = false
    var code: Int32?
    /// Neither the program nor its shell lives any more.
    var isOver = false
    var isGone = false
  }

  /// Starts the program in its own process group, tells descriptor 3 what becomes of it, and holds
  /// the terminal until descriptor 4 is closed. Descriptor 5 stays open in the program and in the
  /// shell: its end is the end of both. A shell whose job SIGINT has ended sends itself one.
  private static let shell = """
    trap : HUP INT
    set -m
    sh -c 'echo "pid $$" >&3; exec "$@" 3>&- 4<&-' sh "$@"
    status=$?
    while [ $status -eq 148 ]; do
      echo "stopped" >&3
      read -r go <&4 || exit 1
      fg >/dev/null
      status=$?
    done
    echo "exit $status" >&3
    read -r go <&4
    """

  private let master: Int32
  private let leader: pid_t
  private let state: Observed<State>
  private let shellInput: Locked<Int32>
  private let closing: Wakeup
  private let termiosBefore: [UInt8]

  package init(
    _ executable: String, _ arguments: [String] = [], environment: [String: String] = [:],
    size: Size = Size(80, 24), directory: String? = nil
  ) throws {
    let path: String
    (master, path) = try PseudoTerminal.open()
    Self.setSize(size, of: master)
    termiosBefore = Self.termios(of: master)
    let news = try Pipes.make()
    let orders = try Pipes.make()
    let life = try Pipes.make()
    let observed = Observed(State(reader: ScreenReader(size), screen: ScreenReader(size)))
    state = observed
    shellInput = Locked(orders.write)
    closing = try Wakeup()
    var added = ["TERM": "xterm-256color"]
    added.merge(environment) { _, new in new }
    leader = try Spawn.start(
      "/bin/sh", ["-c", Self.shell, "sh", executable] + arguments,
      environment: Spawn.environment(added), directory: directory,
      descriptors: [3: news.write, 4: orders.read, 5: life.write], opening: path, newSession: true)
    Glibc.close(news.write)
    Glibc.close(orders.read)
    Glibc.close(life.write)
    Self.listen(news.read, observed)
    Self.read(master, until: closing, observed)
    Self.watch(life.read, observed)
    Spawn.reap(leader) { code in
      observed.update { if $0.code == nil { $0.code = code } }
    }
  }

  deinit { close() }

  /// Ends the program if it still runs, and the terminal.
  package func close() {
    let value = state.value
    if let pid = value.pid {
      // The shell buries it and ends when its own input does, below.
      if value.code == nil { kill(-pid, SIGKILL) }
    } else if !value.isOver {
      // With the leader of its session the terminal goes, and with the terminal whatever is left.
      kill(leader, SIGKILL)
    }
    shellInput.withLock { descriptor in
      if descriptor >= 0 { Glibc.close(descriptor) }
      descriptor = -1
    }
    closing.ring()
  }

  // MARK: Looking

  /// The last whole frame.
  package var screen: ScreenReader { state.value.screen }

  /// Bytes the program has written to its terminal.
  package var byteCount: Int { state.value.byteCount }

  /// Waits until the screen shows `text`.
  package func waits(for text: String, within limit: Duration = .seconds(120)) async throws {
    try await waits(for: "'\(text)'", within: limit) { $0.contains(text) }
  }

  /// Waits until the screen no longer shows `text`.
  package func waits(forNo text: String, within limit: Duration = .seconds(120)) async throws {
    try await waits(for: "no '\(text)'", within: limit) { !$0.contains(text) }
  }

  /// Waits until `holds` is true of the screen; `what` names it in the failure.
  package func waits(
    for what: String, within limit: Duration = .seconds(120),
    until holds: @escaping @Sendable (ScreenReader) -> Bool
  ) async throws {
    // Once it has shown, it has shown: the next frame may already be another.
    let hasShown = Locked(false)
    _ = await state.waits(within: limit) { state in
      if holds(state.screen) { hasShown.withLock { $0 = true } }
      return hasShown.withLock { $0 } || state.code != nil
    }
    if hasShown.withLock({ $0 }) { return }
    // What was sent before the end may still be on its way.
    if await state.waits(
      within: state.value.code == nil ? .zero : .milliseconds(500), until: { holds($0.screen) })
    {
      return
    }
    let value = state.value
    throw Violation(
      "The screen does not show \(what)"
        + (value.code.map { "; the program ended with \($0)" } ?? "") + ":\n" + value.screen.framed)
  }

  /// The exit code, as a shell gives it: 128 and the number for a signal.
  package func exitCode(within limit: Duration = .seconds(120)) async throws -> Int32 {
    _ = await state.waits(within: limit) { $0.code != nil }
    guard let code = state.value.code else {
      throw Violation("The program still runs:\n" + screen.framed)
    }
    return code
  }

  /// Waits until the program is gone, for when its shell cannot say how, as after a hang-up.
  package func waitsForEnd(within limit: Duration = .seconds(120)) async throws {
    guard await state.waits(within: limit, until: { $0.isOver }) else {
      throw Violation("The program still runs:\n" + screen.framed)
    }
  }

  package func waitsForStop(within limit: Duration = .seconds(120)) async throws {
    guard await state.waits(within: limit, until: { $0.isStopped }) else {
      throw Violation("The program was not stopped:\n" + screen.framed)
    }
  }

  /// What differs from the terminal before the program: nothing, when it cleaned up.
  package var leftovers: [String] { Self.leftovers(state.value.reader, master, termiosBefore) }

  /// The terminal is as it was before the program; what is still on its way is waited for.
  package func isCooked(within limit: Duration = .seconds(5)) async -> Bool {
    let (master, before) = (master, termiosBefore)
    return await state.waits(within: limit) { Self.leftovers($0.reader, master, before).isEmpty }
  }

  private static func leftovers(
    _ screen: ScreenReader, _ master: Int32, _ before: [UInt8]
  ) -> [String] {
    var left: [String] = []
    if termios(of: master) != before { left.append("terminal settings") }
    if screen.isAlternate { left.append("alternate screen") }
    if screen.cursor == nil { left.append("hidden cursor") }
    for mode in [1, 1000, 1002, 1003, 1004, 1006, 2004, 2026] where screen.modes.contains(mode) {
      left.append("mode \(mode)")
    }
    return left
  }

  // MARK: Doing

  package func press(_ keys: Key...) { for key in keys { send(key.bytes) } }

  package func type(_ text: String) { send(Array(text.utf8)) }

  package func paste(_ text: String) {
    send(Array("\u{1B}[200~\(text)\u{1B}[201~".utf8))
  }

  package func click(_ x: Int, _ y: Int) {
    send(Array("\u{1B}[<0;\(x + 1);\(y + 1)M\u{1B}[<0;\(x + 1);\(y + 1)m".utf8))
  }

  package func send(_ bytes: [UInt8]) { Pipes.writeAll(bytes, to: master) }

  package func resize(_ size: Size) {
    state.update {
      $0.reader.resize(size)
      $0.screen.resize(size)
    }
    Self.setSize(size, of: master)
  }

  /// Sends a signal to the program alone, as soon as its number is known: its first picture may be
  /// here before that.
  package func send(signal: Int32) async throws {
    try await waitsForStart()
    if let pid = state.value.pid, state.value.code == nil { kill(pid, signal) }
  }

  package func waitsForStart() async throws {
    guard await state.waits(within: .seconds(120), until: { $0.pid != nil }) else {
      throw Violation("The program did not start.")
    }
  }

  /// The process, once it has started.
  package var pid: pid_t? { state.value.pid }

  /// Lets a stopped program run on in the foreground, as `fg` does.
  package func runOn() {
    state.update { $0.isStopped = false }
    shellInput.withLock { Pipes.writeAll(Array("go\n".utf8), to: $0) }
  }

  /// The window is closed: the line is gone for the program.
  package func hangUp() { closing.ring() }

  // MARK: Threads

  private static func read(_ master: Int32, until closing: Wakeup, _ state: Observed<State>) {
    Thread.detachNewThread {
      var block = [UInt8](repeating: 0, count: 65536)
      while true {
        var waits = [
          pollfd(fd: master, events: Int16(POLLIN), revents: 0),
          pollfd(fd: closing.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        if poll(&waits, 2, -1) < 0 && errno == EINTR { continue }
        if waits[1].revents != 0 { break }
        let count = Glibc.read(master, &block, block.count)
        if count < 0 && errno == EINTR { continue }
        if count <= 0 { break }
        let bytes = block.prefix(count)
        state.update {
          $0.reader.feed(bytes)
          $0.byteCount += count
          // Between the marks of a synchronized update the screen is not to be looked at.
          if !$0.reader.modes.contains(2026) { $0.screen = $0.reader }
        }
      }
      state.update { $0.isGone = true }
      Glibc.close(master)
    }
  }

  private static func watch(_ life: Int32, _ state: Observed<State>) {
    Thread.detachNewThread {
      var byte: UInt8 = 0
      while Glibc.read(life, &byte, 1) > 0 || errno == EINTR { errno = 0 }
      Glibc.close(life)
      state.update { $0.isOver = true }
    }
  }

  private static func listen(_ news: Int32, _ state: Observed<State>) {
    Thread.detachNewThread {
      var line: [UInt8] = []
      var byte: UInt8 = 0
      while true {
        let count = Glibc.read(news, &byte, 1)
        if count < 0 && errno == EINTR { continue }
        if count <= 0 { break }
        guard byte == 0x0A else {
          line.append(byte)
          continue
        }
        let words = String(decoding: line, as: UTF8.self).split(separator: " ")
        line = []
        state.update { state in
          switch words.first {
          case "pid": state.pid = words.last.flatMap { pid_t($0) }
          case "stopped": state.isStopped = true
          case "exit": state.code = words.last.flatMap { Int32($0) }
          default: break
          }
        }
      }
      Glibc.close(news)
    }
  }

  // MARK: The terminal's own state

  private static func setSize(_ size: Size, of descriptor: Int32) {
    var window = winsize()
    window.ws_col = UInt16(clamping: size.width)
    window.ws_row = UInt16(clamping: size.height)
    _ = ioctl(descriptor, UInt(TIOCSWINSZ), &window)
  }

  /// The settings as bytes that can be compared.
  private static func termios(of descriptor: Int32) -> [UInt8] {
    var settings = Glibc.termios()
    guard tcgetattr(descriptor, &settings) == 0 else { return [] }
    var bytes = [settings.c_iflag, settings.c_oflag, settings.c_cflag, settings.c_lflag].flatMap {
      withUnsafeBytes(of: $0, Array.init)
    }
    bytes += withUnsafeBytes(of: settings.c_cc, Array.init)
    return bytes
  }
}

extension Key {
  /// What an xterm sends for it.
  package var bytes: [UInt8] {
    func sequence(_ final: String, number: Int? = nil) -> [UInt8] {
      var parameter = 1
      if modifiers.contains(.shift) { parameter += 1 }
      if modifiers.contains(.alt) { parameter += 2 }
      if modifiers.contains(.control) { parameter += 4 }
      let head = number.map(String.init) ?? (parameter > 1 ? "1" : "")
      return Array("\u{1B}[\(head)\(parameter > 1 ? ";\(parameter)" : "")\(final)".utf8)
    }
    let escape: [UInt8] = modifiers.contains(.alt) ? [0x1B] : []
    switch code {
    case .character(let scalar):
      if modifiers.contains(.control) { return escape + [UInt8(scalar.value & 0x1F)] }
      return escape + Array(String(scalar).utf8)
    case .enter: return escape + [0x0D]
    case .escape: return escape + [0x1B]
    case .tab: return modifiers.contains(.shift) ? Array("\u{1B}[Z".utf8) : escape + [0x09]
    case .backspace: return escape + [0x7F]
    case .up: return sequence("A")
    case .down: return sequence("B")
    case .right: return sequence("C")
    case .left: return sequence("D")
    case .home: return sequence("H")
    case .end: return sequence("F")
    case .insert: return sequence("~", number: 2)
    case .delete: return sequence("~", number: 3)
    case .pageUp: return sequence("~", number: 5)
    case .pageDown: return sequence("~", number: 6)
    case .function(let number):
      let codes = [11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24]
      return sequence("~", number: codes[min(max(number, 1), 12) - 1])
    }
  }
}
