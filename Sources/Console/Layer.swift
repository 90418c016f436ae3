// What lies over the pane: dialogs, prompts, forms, menus, the palette, pages to read. Layers are
// drawn back to front and get the keys front to back; each is a value that carries what it will
// answer, so that nothing has to remember who opened it.

import Basics
import Domain
import Screen

package enum Layer: Sendable, Equatable {
  case dialog(Dialog)
  case prompt(Prompt)
  case form(FormLayer)
  case menu(Menu)
  case palette(CommandPalette)
  case reader(Reader)
  case login(LoginDialog)
  case themes(ThemePicker)
  case picker(Picker)
  case columns(ColumnChooser)

  /// True where keys are text.
  var takesText: Bool {
    switch self {
    case .prompt, .form, .palette, .login, .picker: true
    case .dialog(let dialog): dialog.word != nil
    case .reader(let reader): reader.isSearching
    case .menu, .themes, .columns: false
    }
  }

  /// The layer of this case, as what all of them can do.
  private var content: any LayerContent {
    switch self {
    case .dialog(let layer): layer
    case .prompt(let layer): layer
    case .form(let layer): layer
    case .menu(let layer): layer
    case .palette(let layer): layer
    case .reader(let layer): layer
    case .login(let layer): layer
    case .themes(let layer): layer
    case .picker(let layer): layer
    case .columns(let layer): layer
    }
  }

  private mutating func change(
    _ body: (inout any LayerContent) -> LayerReply
  ) -> LayerReply {
    var content = content
    let reply = body(&content)
    self = content.layer
    return reply
  }

  mutating func press(_ key: Key, in world: World) -> LayerReply {
    change { $0.press(key, in: world) }
  }
  mutating func paste(_ text: String, in world: World) -> LayerReply {
    change { $0.paste(text, in: world) }
  }
  mutating func wheel(_ rows: Int, in world: World) -> LayerReply {
    change { $0.wheel(rows, in: world) }
  }
  mutating func click(_ point: Point, in world: World) -> LayerReply {
    change { $0.click(point, in: world) }
  }
  func draw(on canvas: inout Canvas, in world: World) { content.draw(on: &canvas, in: world) }
  func hints(_ keys: UserKeys) -> [(keys: String, label: String)] { content.hints(keys) }

  /// The key it takes for what was pressed; nil for one that somebody gave away.
  func meaning(of key: Key, _ keys: UserKeys) -> Key? {
    guard let kind = content.kind, !content.owns(key) else { return key }
    return keys.meaning(of: key, among: kind.bindings, isText: takesText)
  }

  /// True where something is to be selected in the terminal: the mouse is its own meanwhile.
  var isForSelecting: Bool { if case .login = self { true } else { false } }
}

/// What a layer answers to an event.
struct LayerReply: Sendable, Equatable {
  enum Outcome: Sendable, Equatable {
    case none
    /// For the pane, or for the session where it asked.
    case tell(PaneEvent)
    /// As if the binding's key had been pressed.
    case use(KeyBinding)
    case order([Effect])
  }
  var closes = false
  var outcome = Outcome.none

  static let stay = LayerReply()
  static let close = LayerReply(closes: true)
}

protocol LayerContent: Sendable {
  /// Itself, as the case it belongs to.
  var layer: Layer { get }
  /// Whose keys it takes; nil for one that has only arrows, Enter and Esc beside text.
  var kind: LayerKind? { get }
  /// True for a key that means a thing of its own in it, such as the letter of a choice.
  func owns(_ key: Key) -> Bool
  /// For the footer while it is on top.
  func hints(_ keys: UserKeys) -> [(keys: String, label: String)]
  mutating func press(_ key: Key, in world: World) -> LayerReply
  mutating func paste(_ text: String, in world: World) -> LayerReply
  mutating func wheel(_ rows: Int, in world: World) -> LayerReply
  mutating func click(_ point: Point, in world: World) -> LayerReply
  /// Draws on a canvas of the whole screen.
  func draw(on canvas: inout Canvas, in world: World)
}

extension LayerContent {
  func owns(_ key: Key) -> Bool { false }
  mutating func paste(_ text: String, in world: World) -> LayerReply { .stay }
  mutating func wheel(_ rows: Int, in world: World) -> LayerReply { .stay }
  mutating func click(_ point: Point, in world: World) -> LayerReply { .stay }
}

extension Canvas {
  /// A framed box in the middle of the screen, cleared, with `body` drawn inside it.
  mutating func popup(
    _ size: Size, title: String, note: String = "", _ body: (inout Canvas) -> Void
  ) {
    let frame = Self.popupFrame(size, on: self.size)
    hideCursor()
    standOn(frame.x, frame.y)
    inside(frame, on: .popup) { canvas in
      canvas.fill()
      let room = canvas.box(canvas.bounds, title: title, note: note, focused: true)
      canvas.inside(room.inset(1, 0), body)
    }
  }

  /// Where `popup` draws its frame: never over the row of the notices, of which a sign at its edge
  /// would be all that is left.
  static func popupFrame(_ size: Size, on screen: Size) -> Rect {
    let frame = Rect(screen).inset(2, 1).centred(size)
    let bottom = max(1, screen.height - 2)
    let height = min(frame.height, max(0, bottom - 1))
    return Rect(frame.x, min(frame.y, bottom - height), frame.width, height)
  }
}

/// Lines of runs folded to a width: the last run of a line is wrapped under its own beginning.
enum Fold {
  static func lines(_ lines: [[Run]], to width: Int) -> [[Run]] {
    lines.flatMap { fold($0, to: width) }
  }

  /// How many rows the lines take; no more are counted than could matter.
  static func count(_ lines: [[Run]], to width: Int, atMost limit: Int) -> Int {
    var count = 0
    for line in lines where count < limit { count += fold(line, to: width).count }
    return min(count, limit)
  }

  private static func fold(_ line: [Run], to width: Int) -> [[Run]] {
    guard var last = line.last else { return [[]] }
    var head = Array(line.dropLast())
    // Blanks before the last run are a distance, which wrapping would lose.
    let blanks = last.text.prefix { $0 == " " }
    if !blanks.isEmpty {
      head.append(Run(String(blanks)))
      last.text.removeFirst(blanks.count)
    }
    let indent = head.reduce(0) { $0 + $1.width }
    guard indent + last.width > width else { return [head + [last]] }
    let isRoomy = width - indent >= 16
    let column = isRoomy ? indent : min(2, max(0, width - 1))
    let pieces = CharacterWidth.wrap(last.text, to: max(1, width - column))
    let blank = Run(String(repeating: " ", count: column))
    let folded = pieces.enumerated().map { index, piece -> [Run] in
      let run = Run(piece, last.role, last.attributes)
      return isRoomy && index == 0 ? head + [run] : [blank, run]
    }
    return isRoomy || head.isEmpty ? folded : [head] + folded
  }

  /// Sentences wrapped to a width, each beginning a new line.
  static func text(_ sentences: [String], to width: Int, _ role: Role = .text) -> [[Run]] {
    lines(sentences.map { [Run($0, role)] }, to: width)
  }
}
