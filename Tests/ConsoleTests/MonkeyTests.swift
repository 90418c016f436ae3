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
    "jkghlGFRPxyYnNaeEfLwtcrspdDuUiAo./&:?![]+_%1234567890 \"é中".unicodeScalars.map { Key($0) } + [
      "Enter", "Esc", "Tab", "S-Tab", "Up", "Down", "Left", "Right", "PgUp", "PgDn", "Home", "End",
      "Backspace", "Delete", "^A", "^B", "^C", "^D", "^E", "^F", "^L", "^P", "^R", "^S", "^T", "^U",
      "^W", "F1",
    ]

  private static let sizes = [
    Size(80, 24), Size(120, 36), Size(200, 60), Size(60, 16), Size(59, 15), Size(1, 1), Size(0, 0),
    Size(159, 23), Size(160, 24), Size(300, 16),
  ]

  @Test func `20,000 events never trap, and every screen stands`() throws {
    try forAll(20) { random in
      var console = Sample.session(.overview, Sample.world(80, 24))
      var now = Sample.now
      for step in 0..<1000 {
        now = now + .milliseconds(Int.random(in: 0...900, using: &random))
        console.handle(event(&random, console), at: now)
        if console.effects.count > 60 { console.effects.removeFirst(30) }
        guard step % 100 == 0 else { continue }
        let screen = console.session.draw()
        guard screen.size == console.session.world.size else {
          throw Violation("the screen has \(screen.size)")
        }
        for line in screen.lines {
          if CharacterWidth.of(line) > screen.size.width {
            throw Violation("a line is too long: \(line)")
          }
          if line.unicodeScalars.contains(where: Text.isControl) {
            throw Violation("a control character in: \(line)")
          }
        }
      }
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
      let kinds: [MouseEvent.Kind] = [.pressed(.left), .doublePressed(.left), .wheelUp, .wheelDown]
      return .input(.mouse(MouseEvent(kinds.randomElement(using: &random) ?? .wheelUp, point)))
    case 97: return .input(.pasted("ada@example.org\nFq\u{1B}[31m"))
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
