// The loop of the console: it sleeps until a key, a signal, an answer or a change of the workspace
// comes, lets the session handle it, and paints. Keys and answers are painted at once, news at most
// 30 times a second; an idle console sleeps. Nothing in here waits for anything else.

import Basics
import Console
import Screen
import Storage

struct ConsoleLoop {
  private let terminal: any Terminal
  private let services: ConsoleServices
  private let changes: Wakeup
  private let time: any TimeSource
  private let own: OwnLook
  private(set) var session: ConsoleSession
  private var theme = Theme.standard
  private var themeName = ""
  /// What the terminal said of its background; nil while it said nothing.
  private var isLight: Bool?
  private var lastLook: Instant?
  private var hasNews = true
  private var isOver = false
  /// True once the terminal has gone away.
  private(set) var lostTerminal = false

  /// At most 30 looks at the news a second.
  private static let pause = Duration.milliseconds(33)

  init(
    terminal: any Terminal, services: ConsoleServices, session: ConsoleSession, own: OwnLook,
    time: any TimeSource
  ) throws(Problem) {
    self.terminal = terminal
    self.services = services
    self.session = session
    self.own = own
    self.time = time
    changes = try Wakeup()
    services.workspace.changes.register(changes)
  }

  /// Returns when the console is to end.
  mutating func run() {
    adoptTheme()
    if !terminal.traits.remark.isEmpty {
      handle(.noticed(Notice(.warning, terminal.traits.remark)))
    }
    obey(session.start())
    paint()
    // What nobody needs for the first picture; keys that were typed before it are still to be read.
    handle(.themesRead(own.shelf.choices()))
    readKeys()
    while !isOver {
      lookAtNews()
      let events = terminal.waitForInput(
        timeout: patience(),
        descriptors: [services.wakeup.descriptor, changes.descriptor] + own.descriptors)
      for event in events where !isOver { take(event) }
      adoptTheme()
      if let due = session.wakeAt, due <= time.now() { handle(.ticked) }
      if !isOver { paint() }
    }
    services.workspace.changes.unregister(changes)
  }

  private mutating func take(_ event: InputEvent) {
    switch event {
    case .rang(services.wakeup.descriptor):
      for mail in services.takeMail() where !isOver { handle(mail) }
    case .rang(changes.descriptor):
      changes.silence()
      hasNews = true
    case .rang(let descriptor): readAgain(own.written(descriptor))
    case .background(let isLight):
      guard isLight != self.isLight else { break }
      self.isLight = isLight
      themeName = ""
    case .hungUp:
      lostTerminal = true
      handle(.input(event))
    default: handle(.input(event))
    }
  }

  private mutating func handle(_ event: SessionEvent) {
    obey(session.handle(event, at: time.now()))
  }

  private mutating func obey(_ effects: [Effect]) {
    for effect in effects where !services.carryOut(effect) {
      switch effect {
      case .suspend:
        terminal.suspend()
        handle(.input(.resumed))
      case .redraw: terminal.redraw()
      case .captureMouse(let isOurs): terminal.captureMouse(isOurs)
      case .copy(let text, .clipboard): copy(text)
      case .quit: isOver = true
      default: break
      }
    }
  }

  private mutating func copy(_ text: String) {
    if terminal.copy(text) {
      handle(.noticed(Notice(.success, "Copied, where the terminal lets programs copy.")))
    } else {
      handle(.noticed(Notice(.info, "That is too long for the clipboard: it goes to a file.")))
      _ = services.carryOut(.copy(text, .file))
    }
  }

  // MARK: News

  private mutating func lookAtNews() {
    guard hasNews else { return }
    let now = time.now()
    if let lastLook, now < lastLook + Self.pause, now >= lastLook { return }
    lastLook = now
    hasNews = false
    services.refresh()
  }

  private func patience() -> Duration? {
    let now = time.now()
    var ends: [Instant] = []
    if hasNews, let lastLook { ends.append(lastLook + Self.pause) }
    if let due = session.wakeAt { ends.append(due) }
    guard let first = ends.min() else { return nil }
    return max(.zero, first - now)
  }

  private mutating func adoptTheme() {
    let name = session.themePreview ?? services.theme
    guard name != themeName else { return }
    // What a theme leaves to the terminal has to be right on its ground.
    if name != Theme.mono.name { terminal.followBackground() }
    let isReread = themeName.isEmpty
    themeName = name
    let (found, problem) = own.shelf.theme(name, onLight: isLight)
    // A theme that was right and is being written keeps its colours until it is right again.
    if problem == nil || !isReread { theme = found }
    if let problem { handle(.noticed(own.notice(problem))) }
  }

  // MARK: Keys and themes of somebody's own

  private mutating func readAgain(_ files: OwnLook.Written) {
    if files.keys { readKeys() }
    if files.themes {
      handle(.themesRead(own.shelf.choices()))
      themeName = ""
    }
  }

  private mutating func readKeys() {
    do throws(Problem) { handle(.keysRead(try own.readKeys())) } catch {
      handle(.noticed(own.notice(error)))
    }
  }

  private func paint() {
    terminal.present(session.draw(), theme: theme)
  }
}
