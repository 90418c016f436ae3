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
  private let shelf: ThemeShelf
  private var session: ConsoleSession
  private var theme = Theme.standard
  private var themeName = ""
  private var lastLook: Instant?
  private var hasNews = true
  private var isOver = false
  /// True once the terminal has gone away.
  private(set) var lostTerminal = false

  /// At most 30 looks at the news a second.
  private static let pause = Duration.milliseconds(33)

  init(
    terminal: any Terminal, services: ConsoleServices, session: ConsoleSession, shelf: ThemeShelf,
    time: any TimeSource
  ) throws(Problem) {
    self.terminal = terminal
    self.services = services
    self.session = session
    self.shelf = shelf
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
    while !isOver {
      lookAtNews()
      let events = terminal.waitForInput(
        timeout: patience(), descriptors: [services.wakeup.descriptor, changes.descriptor])
      for event in events where !isOver { take(event) }
      if let due = session.wakeAt, due <= time.now() { handle(.ticked) }
      if !isOver { paint() }
    }
    services.workspace.changes.unregister(changes)
  }

  private mutating func take(_ event: InputEvent) {
    switch event {
    case .rang(services.wakeup.descriptor):
      for mail in services.takeMail() where !isOver { handle(mail) }
      adoptTheme()
    case .rang(changes.descriptor):
      changes.silence()
      hasNews = true
    case .rang: break
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
    let isTaken = terminal.copy(text)
    handle(
      .noticed(
        isTaken
          ? Notice(.success, "Copied, where the terminal lets programs copy.")
          : Notice(.warning, "That is too long for the clipboard; copy it to a file.")))
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
    let name = services.theme
    guard name != themeName else { return }
    themeName = name
    let (found, problem) = shelf.theme(name)
    theme = found
    if let problem { handle(.noticed(Notice(problem))) }
  }

  private func paint() {
    terminal.present(session.draw(), theme: theme)
  }
}
