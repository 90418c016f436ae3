// Somebody who presses anything at any time, on a screen of any size, while answers come late, twice
// or not at all.

import Basics
import Domain
import Screen
import Support
import Testing

@testable import Console

@Suite struct MonkeyTests {
  private static let keys: [Key] =
    "jkghlGFRPxyYnNaeEfLwtcrspdDuUiAozZ<>./&:?![]+_%1234567890 \"é中".unicodeScalars.map { Key($0) }
    + [
      "Enter", "Esc", "Tab", "S-Tab", "Up", "Down", "Left", "Right", "PgUp", "PgDn", "Home", "End",
      "Backspace", "Delete", "^A", "^B", "^C", "^D", "^E", "^F", "^L", "^P", "^R", "^S", "^T", "^U",
      "^W", "F1",
    ]

  private static let sizes = [
    Size(80, 24), Size(120, 36), Size(200, 60), Size(60, 16), Size(59, 15), Size(1, 1), Size(0, 0),
    Size(159, 23), Size(160, 24), Size(300, 16),
  ]

  @Test func `of 100,000 events none traps, none leaves its part of the screen, none locks in`()
    async throws
  {
    try await forAll(100) { random in
      var console = Sample.session(.overview, Sample.world(80, 24))
      var now = Sample.now
      for step in 0..<1000 {
        now = now + .milliseconds(Int.random(in: 0...900, using: &random))
        console.handle(event(&random, console), at: now)
        if console.effects.count > 60 { console.effects.removeFirst(30) }
        if step % 100 == 99 {
          try checkScreen(console)
          try checkMargins(console)
          try checkWayOut(console)
        }
      }
    }
  }

  /// What is drawn has the screen's size and no control characters.
  private func checkScreen(_ console: TestSession) throws {
    let screen = console.session.draw()
    guard screen.size == console.session.world.size else {
      throw Violation("the screen has \(screen.size)")
    }
    for line in screen.lines {
      if CharacterWidth.of(line) > screen.size.width { throw Violation("too long: \(line)") }
      if line.unicodeScalars.contains(where: Text.isControl) {
        throw Violation("a control character in: \(line)")
      }
    }
    for place in [screen.cursor, screen.focus] {
      if let place, !Rect(screen.size).contains(place) { throw Violation("it stands at \(place)") }
    }
  }

  /// The pane and what lies over it, drawn in the middle of a larger canvas, leave the rest alone.
  private func checkMargins(_ console: TestSession) throws {
    let session = console.session
    let world = session.seen(by: session.current)
    let room = Rect(3, 2, world.body.width, world.body.height)
    let whole = Size(room.width + 6, room.height + 4)
    var canvas = Canvas(whole, glyphs: world.capabilities.glyphs)
    canvas.fill(with: "~")
    canvas.inside(room) { canvas in session.panes[session.current]?.draw(on: &canvas, in: world) }
    let picture = canvas.finish()
    for y in 0..<whole.height {
      for x in 0..<whole.width where !room.contains(Point(x, y)) {
        if picture[x, y].glyph.text != "~" {
          throw Violation("\(session.current) wrote at \(x), \(y) beside \(room)")
        }
      }
    }
  }

  /// From wherever somebody is, some Escs and q lead out, or y where leaving is asked about.
  private func checkWayOut(_ console: TestSession) throws {
    var leaving = console
    for _ in 0..<12 {
      if leaving.press("Esc").contains(.quit) { throw Violation("Esc quits") }
    }
    for _ in 0..<12 {
      if leaving.press("q").contains(.quit) { return }
      if case .dialog? = leaving.session.topLayer, leaving.press("y").contains(.quit) { return }
    }
    throw Violation("no way out of:\n\(leaving.picture)")
  }

  private static func odd(_ random: inout SeededGenerator) -> SessionEvent {
    let open = Ticket(pane: .overview, generation: 0)
    switch Int.random(in: 0..<6, using: &random) {
    case 0: return .edited(open, Edit("an edit", back: .removeFilter("x", open)))
    case 1: return .edited(open, Edit("an edit", whyNot: "It cannot be taken back."))
    case 2: return .answered(.session(Int.random(in: 1...3, using: &random)), .done)
    case 3: return .themesRead([ThemeChoice("dark", "yours"), ThemeChoice("light", "yours")])
    default: return .input(.pasted("ada@example.org\nFq\u{1B}[31m"))
    }
  }

  private func event(_ random: inout SeededGenerator, _ console: TestSession) -> SessionEvent {
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<62: return .input(.key(Self.keys.randomElement(using: &random) ?? "Esc"))
    case 62..<84:
      // An answer to some open question: right, refused, or of another kind.
      let open = console.effects.compactMap { effect -> (Query, Ticket)? in
        if case .query(let query, let ticket) = effect { (query, ticket) } else { nil }
      }
      guard let (query, ticket) = open.randomElement(using: &random) else { return .dataChanged }
      switch Int.random(in: 0..<8, using: &random) {
      case 0: return .answered(ticket, .refused(Problem("test.refused", "It was refused.")))
      case 1: return .answered(ticket, .done)
      case 2: return .answered(ticket, .people(Window(rows: [], offset: 0, total: 0)))
      case 3: return .answered(ticket, .executions(Window(rows: [], offset: 9, total: 3)))
      default: return .answered(ticket, Sample.answer(to: query))
      }
    case 84..<87:
      return .input(.resized(Self.sizes.randomElement(using: &random) ?? Size(80, 24)))
    case 87..<90: return .dataChanged
    case 90..<92: return .ticked
    case 92..<97:
      let point = Point(
        Int.random(in: -1...120, using: &random), Int.random(in: -1...40, using: &random))
      let kinds: [MouseEvent.Kind] = [
        .pressed(.left), .doublePressed(.left), .wheelUp, .wheelDown, .dragged(.left),
        .dragged(.left), .released(.left), .pressed(.right), .pressed(.middle),
      ]
      return .input(.mouse(MouseEvent(kinds.randomElement(using: &random) ?? .wheelUp, point)))
    case 97: return Self.odd(&random)
    case 98: return .noticed(Notice(.error, "Something \u{1B}[2J happened."))
    default:
      var world = Sample.world(80, 24)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: world.overview = nil
      case 1: world.overview = Overview(workspace: "New")
      case 2: world.overview?.running = Sample.executions().rows.first
      default: world.capabilities.glyphs = .ascii
      }
      world.hasKey = Bool.random(using: &random)
      return .worldChanged(world)
    }
  }
}
