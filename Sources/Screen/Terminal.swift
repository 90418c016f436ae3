// What a terminal is to the rest of the program: something that shows a buffer and says what came
// in. `Curses` has the real one, tests have a scripted one. What must stay true: input is events in
// the past tense, in the order in which they happened.

import Basics

package struct MouseEvent: Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    case pressed(Button)
    case doublePressed(Button)
    case released(Button)
    case dragged(Button)
    case wheelUp, wheelDown
  }

  package enum Button: Sendable, Hashable { case left, middle, right }

  package var kind: Kind
  package var position: Point
  package var modifiers: Modifiers

  package init(_ kind: Kind, _ position: Point, _ modifiers: Modifiers = []) {
    self.kind = kind
    self.position = position
    self.modifiers = modifiers
  }
}

package enum InputEvent: Sendable, Hashable {
  case key(Key)
  /// Pasted text: data, never commands. Line breaks are line feeds; nothing else was cleaned.
  case pasted(String)
  case mouse(MouseEvent)
  case resized(Size)
  case focused(Bool)
  /// The terminal's background is light, or it is dark: asked for, or changed since.
  case background(isLight: Bool)
  /// A descriptor that was waited for can be read.
  case rang(Int32)
  /// The program ran on after a stop; everything must be painted again.
  case resumed
  /// SIGINT came, from outside: the key ^C is a key.
  case interrupted
  /// SIGTERM came.
  case terminated
  /// The terminal is gone; nothing can be shown any more.
  case hungUp
}

package enum ColourDepth: Int, Sendable, Hashable, Comparable {
  case mono, eight, sixteen, indexed, direct

  package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// What the terminal at hand can do.
package struct TerminalTraits: Sendable, Hashable {
  /// The value of TERM that is used.
  package var name: String
  package var depth: ColourDepth
  package var size: Size
  /// A sentence for the first screen when something had to be done without, else empty.
  package var remark: String

  package init(name: String, depth: ColourDepth, size: Size, remark: String = "") {
    self.name = name
    self.depth = depth
    self.size = size
    self.remark = remark
  }
}

/// One thread owns it, the one that opened it.
package protocol Terminal: AnyObject {
  var traits: TerminalTraits { get }

  /// Shows the buffer; only what changed since the last one is sent.
  func present(_ buffer: CellBuffer, theme: Theme)

  /// Sleeps until something comes in, one of `descriptors` can be read, or the time is over; an
  /// empty answer means the time is over. nil waits for ever.
  func waitForInput(timeout: Duration?, descriptors: [Int32]) -> [InputEvent]

  /// Sends the next frame whole, for a screen somebody else wrote on.
  func redraw()

  /// Gives the terminal back and stops the program, as ^Z does; returns when it runs on.
  func suspend()

  /// Puts text on the clipboard of the person's own machine, where the terminal lets it; false when
  /// the text is too long for that.
  @discardableResult
  func copy(_ text: String) -> Bool

  /// While captured, mouse presses are events; otherwise the terminal selects text with them.
  func captureMouse(_ captured: Bool)

  /// Asks whether the background is light, now and whenever it changes; terminals that know answer
  /// with `background`. Asking again asks once.
  func followBackground()

  /// Gives the terminal back as it was found. Safe to call twice.
  func close()
}
