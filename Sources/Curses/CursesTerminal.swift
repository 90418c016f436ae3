// The terminal the program was started on. ncurses paints; keys, pastes and the mouse are read from
// the descriptor by our own decoder, so that nothing hides between two libraries. What must stay
// true: the terminal is given back as it was found on every way out, and one thread, the one that
// opened it, does everything here.

import Basics
import CNcurses
import Glibc
import Screen

package final class CursesTerminal: Terminal {
  package struct Options: Sendable {
    /// The environment: TERM, NO_COLOR, ESCDELAY, COLORTERM, TMUX.
    package var environment: [String: String]
    package var capturesMouse: Bool
    /// Where standard error goes while the screen is up; nowhere when nil.
    package var diagnosticDescriptor: Int32?

    package init(
      environment: [String: String], capturesMouse: Bool = true, diagnosticDescriptor: Int32? = nil
    ) {
      self.environment = environment
      self.capturesMouse = capturesMouse
      self.diagnosticDescriptor = diagnosticDescriptor
    }
  }

  package private(set) var traits: TerminalTraits
  private let options: Options
  private let signals: Signals
  private let screen: OpaquePointer
  private let time: any TimeSource
  private let escapePause: Duration
  private var palette: CursesPalette
  private var decoder = InputDecoder()
  private var escapeSince: Instant?
  private var shown: (buffer: CellBuffer, theme: Theme)?
  /// The theme last used and what is left of it on this terminal.
  private var adapted: (from: Theme, to: Theme)?
  private var isCapturingMouse = false
  private var followsBackground = false
  private var isOpen = true
  /// Standard error as it was, while it is sent elsewhere.
  private var savedError: Int32 = -1

  /// Takes the terminal over. Throws `terminal.unsupported` where there is none that could show a
  /// screen; the remedy is `--plain`.
  package init(_ options: Options, time: any TimeSource = SystemTime()) throws(Problem) {
    let name = options.environment["TERM"] ?? ""
    guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
      throw Self.unsupported("Standard input and output are not both a terminal.")
    }
    guard !name.isEmpty, name != "dumb", name != "unknown" else {
      throw Self.unsupported("The terminal '\(Text.oneLine(name))' cannot show a screen.")
    }
    guard nc_use_utf8() == 1 else {
      throw Self.unsupported("This system has no UTF-8 locale.")
    }
    // Ours first: ncurses takes only signals that nobody has.
    signals = try Signals(catching: Signal.allCases)
    try TerminalGuard.arm(input: STDIN_FILENO, output: STDOUT_FILENO)
    var used = name
    var opened = DirectColour.open(options.environment)
    let isDirect = opened != nil
    if opened == nil {
      opened = LeanDescription(of: name, options.environment)?.open(as: name) ?? nc_newterm(name)
    }
    if opened == nil {
      used = "xterm-256color"
      opened = nc_newterm(used)
    }
    guard let opened else {
      TerminalGuard.release(leavingScreen: false)
      throw Self.unsupported("Nothing is known about the terminal '\(Text.oneLine(name))'.")
    }
    screen = opened
    self.options = options
    self.time = time
    let delay = options.environment["ESCDELAY"].flatMap { Int($0) } ?? 25
    escapePause = .milliseconds(max(1, min(delay, 2000)))
    palette = CursesPalette(environment: options.environment, keepsSixteen: isDirect)
    traits = TerminalTraits(
      name: used, depth: palette.depth, size: Size(Int(nc_columns()), Int(nc_lines())),
      remark: used == name
        ? "" : "Nothing is known about the terminal '\(Text.oneLine(name))'; \(used) is used.")
    raw()
    noecho()
    nonl()
    typeahead(-1)
    scrollok(nc_screen(), false)
    idlok(nc_screen(), true)
    adoptSize()
    enterModes()
  }

  deinit { close() }

  private static func unsupported(_ sentence: String) -> Problem {
    Problem(
      "terminal.unsupported", sentence,
      remedy: "Use --plain for lines instead of a screen, or run it in another terminal.")
  }

  // MARK: Painting

  package func present(_ buffer: CellBuffer, theme: Theme) {
    guard isOpen, shown?.buffer != buffer || shown?.theme != theme else { return }
    let adapted = adaptedTheme(theme)
    let isFresh = shown?.theme != theme || shown?.buffer.size != buffer.size
    let rows = min(buffer.size.height, traits.size.height)
    let columns = min(buffer.size.width, traits.size.width)
    if isFresh { paintGround(adapted) }
    var changes = isFresh ? rows * columns : 0
    for y in 0..<rows where isFresh || shown?.buffer.row(y) != buffer.row(y) {
      palette.put(buffer.row(y).prefix(columns), row: y, theme: adapted)
      if !isFresh, let old = shown?.buffer.row(y) {
        changes += zip(old, buffer.row(y)).reduce(0) { $0 + ($1.0 == $1.1 ? 0 : 1) }
      }
    }
    // A trap in another thread gives the terminal back; nothing is written after that.
    guard TerminalGuard.beginFrame() else { return }
    defer { TerminalGuard.endFrame() }
    if let cursor = buffer.cursor ?? buffer.focus, cursor.x < columns, cursor.y < rows {
      wmove(nc_screen(), Int32(cursor.y), Int32(cursor.x))
      leaveok(nc_screen(), false)
      curs_set(buffer.cursor == nil ? 0 : 1)
    } else {
      leaveok(nc_screen(), true)
      curs_set(0)
    }
    // Terminals that know the marks show the frame at once, whole; the others ignore them. What is
    // written in one piece and is short arrives whole without them.
    let isMarked = changes > Self.mostUnmarked
    if isMarked { send(Self.frameBegins) }
    _ = nc_doupdate()
    if isMarked { send(Self.frameEnds) }
    shown = (buffer, theme)
  }

  package func redraw() {
    shown = nil
    clearok(nc_screen(), true)
  }

  private func adaptedTheme(_ theme: Theme) -> Theme {
    if let adapted, adapted.from == theme { return adapted.to }
    let new = theme.adapted(to: traits.depth)
    adapted = (theme, new)
    return new
  }

  /// What no buffer covers has the theme's background too.
  private func paintGround(_ theme: Theme) {
    var cell = palette.cell(.blank, theme: theme)
    wbkgrndset(nc_screen(), &cell)
    werase(nc_screen())
  }

  // MARK: Input

  package func waitForInput(timeout: Duration?, descriptors: [Int32]) -> [InputEvent] {
    let deadline = timeout.map { time.now() + $0 }
    while true {
      var events = takeSignals()
      var waits = [STDIN_FILENO, signals.descriptor].map {
        pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
      }
      waits += descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      let patience = events.isEmpty ? patience(until: deadline) : 0
      guard poll(&waits, nfds_t(waits.count), patience) >= 0 else {
        if errno == EINTR && events.isEmpty { continue }
        return events.isEmpty ? [.hungUp] : events
      }
      if waits[0].revents & Int16(POLLIN) != 0 {
        events += readInput()
      } else if waits[0].revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 {
        events.append(.hungUp)
      }
      events += takeSignals()
      for (wait, descriptor) in zip(waits.dropFirst(2), descriptors) where wait.revents != 0 {
        events.append(.rang(descriptor))
      }
      if let since = escapeSince, time.now() - since >= escapePause {
        escapeSince = nil
        events += decoder.pauseEnded(at: time.now())
      }
      if !events.isEmpty { return events }
      if let deadline, time.now() >= deadline { return [] }
    }
  }

  /// Milliseconds to sleep at most, -1 for ever.
  private func patience(until deadline: Instant?) -> Int32 {
    let now = time.now()
    var ends: [Instant] = []
    if let deadline { ends.append(deadline) }
    if let since = escapeSince { ends.append(since + escapePause) }
    guard let first = ends.min() else { return -1 }
    return Int32(clamping: max(0, first.milliseconds - now.milliseconds))
  }

  /// Everything there is to read, so that a burst becomes one frame; at most 64 KiB, so that a flood
  /// cannot starve the rest.
  private func readInput() -> [InputEvent] {
    var events: [InputEvent] = []
    var block = [UInt8](repeating: 0, count: 4096)
    for _ in 0..<16 {
      let count = read(STDIN_FILENO, &block, block.count)
      if count <= 0 {
        if count < 0 && (errno == EINTR || errno == EAGAIN) { break }
        return events + [.hungUp]
      }
      events += decoder.feed(block.prefix(count), at: time.now())
      var more = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
      if poll(&more, 1, 0) <= 0 || more.revents & Int16(POLLIN) == 0 { break }
    }
    escapeSince = decoder.isWaiting ? time.now() : nil
    return events
  }

  private func takeSignals() -> [InputEvent] {
    let came = signals.take()
    guard !came.isEmpty else { return [] }
    var events: [InputEvent] = []
    if came.contains(.hangUp) { events.append(.hungUp) }
    if came.contains(.terminate) { events.append(.terminated) }
    if came.contains(.interrupt) { events.append(.interrupted) }
    guard events.isEmpty else { return events }
    if came.contains(.stop) {
      suspend()
      events.append(.resumed)
    } else if came.contains(.runOn) {
      // Stopped from outside without being asked: a shell has used the terminal since.
      reset_prog_mode()
      enterModes()
      redraw()
      events.append(.resumed)
    }
    if came.contains(.windowChanged) || came.contains(.runOn) || came.contains(.stop) {
      let before = traits.size
      adoptSize()
      if traits.size != before { events.append(.resized(traits.size)) }
    }
    return events
  }

  private func adoptSize() {
    if let size = TerminalGuard.size(of: STDOUT_FILENO) {
      let (rows, columns) = (Int32(clamping: size.rows), Int32(clamping: size.columns))
      if rows != nc_lines() || columns != nc_columns() { resizeterm(rows, columns) }
    }
    let size = Size(Int(nc_columns()), Int(nc_lines()))
    if size != traits.size { shown = nil }
    traits.size = size
  }

  // MARK: Modes

  private static let mouseOn = "\u{1B}[?1000h\u{1B}[?1002h\u{1B}[?1006h"
  private static let mouseOff = "\u{1B}[?1006l\u{1B}[?1002l\u{1B}[?1000l"
  /// Cells that change in a frame without marks.
  private static let mostUnmarked = 500
  private static let frameBegins = "\u{1B}[?2026h"
  private static let frameEnds = "\u{1B}[?2026l"
  private static let pasteOn = "\u{1B}[?2004h"
  private static let pasteOff = "\u{1B}[?2004l"
  private static let backgroundQuestion = "\u{1B}[?2031h\u{1B}]11;?\u{1B}\\"
  private static let backgroundOff = "\u{1B}[?2031l"

  private func enterModes() {
    redirectError()
    send(Self.pasteOn)
    isCapturingMouse = false
    captureMouse(options.capturesMouse)
    if followsBackground { send(Self.backgroundQuestion) }
  }

  package func followBackground() {
    // Without colours nothing follows from it; and old consoles would print the question.
    guard isOpen, !followsBackground, traits.depth > .mono, traits.name != "linux",
      !traits.name.hasPrefix("vt")
    else { return }
    followsBackground = true
    send(Self.backgroundQuestion)
  }

  private var modesOff: String {
    Self.mouseOff + Self.pasteOff + (followsBackground ? Self.backgroundOff : "")
  }

  package func captureMouse(_ captured: Bool) {
    guard isOpen, captured != isCapturingMouse else { return }
    isCapturingMouse = captured
    send(captured ? Self.mouseOn : Self.mouseOff)
  }

  package func suspend() {
    guard isOpen else { return }
    let wasCapturing = isCapturingMouse
    send(modesOff)
    endwin()
    restoreError()
    Signals.stopSelf()
    reset_prog_mode()
    enterModes()
    captureMouse(wasCapturing)
    redraw()
  }

  package func close() {
    guard isOpen else { return }
    isOpen = false
    send(modesOff)
    endwin()
    TerminalGuard.release(leavingScreen: false)
    restoreError()
    delscreen(screen)
  }

  @discardableResult
  package func copy(_ text: String) -> Bool {
    // Terminals drop a longer one without a word.
    let encoded = Self.base64(Array(text.utf8))
    guard isOpen, encoded.count <= 74_994 else { return false }
    send("\u{1B}]52;c;\(encoded)\u{7}")
    return true
  }

  static func base64(_ bytes: [UInt8]) -> String {
    let signs = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var out: [UInt8] = []
    out.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var value = group.reduce(0) { $0 << 8 | UInt32($1) }
      value <<= 8 * UInt32(3 - group.count)
      for place in 0..<4 {
        out.append(
          place <= group.count
            ? signs[Int(value >> (18 - 6 * UInt32(place)) & 63)] : UInt8(ascii: "="))
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  private func send(_ sequence: String) {
    var rest = Array(sequence.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        return
      }
    }
  }

  /// What writes to standard error now would write across the screen.
  private func redirectError() {
    guard savedError < 0, isatty(STDERR_FILENO) == 1 else { return }
    let target = options.diagnosticDescriptor ?? open("/dev/null", O_WRONLY | O_CLOEXEC)
    guard target >= 0 else { return }
    savedError = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
    dup2(target, STDERR_FILENO)
    if options.diagnosticDescriptor == nil { _ = Glibc.close(target) }
  }

  private func restoreError() {
    guard savedError >= 0 else { return }
    dup2(savedError, STDERR_FILENO)
    _ = Glibc.close(savedError)
    savedError = -1
  }
}
