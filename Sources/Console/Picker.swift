// One of many, found by a few letters. What must stay true: what cannot be chosen stays in its place
// and says why, and what makes a new one is there whatever was typed.

import Basics
import Domain
import Screen

package struct Picker: Sendable, Equatable {
  package struct Entry: Sendable, Equatable {
    package var id: String
    package var title: String
    /// Beside the title, in columns.
    package var facts: [String]
    /// Why it cannot be chosen; empty when it can.
    package var whyNot: String
    /// Offered whatever was typed.
    package var isAlways: Bool

    package init(
      _ id: String, _ title: String, _ facts: [String] = [], whyNot: String = "",
      always: Bool = false
    ) {
      self.id = id
      self.title = title
      self.facts = facts
      self.whyNot = whyNot
      isAlways = always
    }
  }

  package var action: ActionID
  package var title: String
  package var entries: [Entry]
  private var field = TextField()
  private var selected = 0
  private var note = ""

  /// `selected` is the id of the entry it begins on.
  package init(_ action: ActionID, title: String, entries: [Entry], selected: String? = nil) {
    self.action = action
    self.title = title
    self.entries = entries
    self.selected = entries.firstIndex { $0.id == selected } ?? 0
  }

  /// The names under which the pane hears what was chosen, and what was typed till then.
  static let choice = "choice"
  static let typed = "typed"

  /// What fits the letters, best first: the title counts, then what stands beside it.
  var matches: [Entry] {
    let text = Text.oneLine(field.text)
    if text.isEmpty { return entries }
    let found = entries.enumerated().compactMap { index, entry -> (Int, Int, Entry)? in
      if entry.isAlways { return (Int.min, index, entry) }
      if let score = Fuzzy.score(text, in: entry.title) { return (score + 1000, index, entry) }
      let lowered = text.lowercased()
      return entry.facts.contains { $0.lowercased().contains(lowered) } ? (0, index, entry) : nil
    }
    return found.sorted { ($1.0, $0.1) < ($0.0, $1.1) }.map(\.2)
  }
}

extension Picker: LayerContent {
  var layer: Layer { .picker(self) }
  var kind: LayerKind? { nil }

  func hints(_ keys: UserKeys) -> [(keys: String, label: String)] {
    [("Enter", "Choose"), ("Up Down", "Move"), ("Esc", "Cancel")]
  }

  mutating func press(_ key: Key, in world: World) -> LayerReply {
    let last = max(0, matches.count - 1)
    let page = max(1, rows(world) - 1)
    switch key {
    case "Esc": return LayerReply(closes: true, outcome: .tell(.cancelled(action)))
    case "Up", "S-Tab": select(selected - 1, last)
    case "Down", "Tab": select(selected + 1, last)
    case "PgUp": select(selected - page, last)
    case "PgDn": select(selected + page, last)
    case "Enter": return choose(selected)
    default:
      if field.handle(key) == .changed { select(0, 0) }
    }
    return .stay
  }

  mutating func paste(_ text: String, in world: World) -> LayerReply {
    if field.handle(.pasted(text)) == .changed { select(0, 0) }
    return .stay
  }

  mutating func wheel(_ rows: Int, in world: World) -> LayerReply {
    select(selected + rows.signum(), max(0, matches.count - 1))
    return .stay
  }

  mutating func click(_ point: Point, in world: World) -> LayerReply {
    let frame = Canvas.popupFrame(size(world), on: world.size)
    guard frame.contains(point) else { return .stay }
    let line = point.y - frame.y - 3
    return (0..<rows(world)).contains(line) ? choose(first(rows(world)) + line) : .stay
  }

  private mutating func select(_ wanted: Int, _ last: Int) {
    selected = max(0, min(wanted, last))
    note = ""
  }

  private mutating func choose(_ index: Int) -> LayerReply {
    let found = matches
    guard found.indices.contains(index) else { return .stay }
    selected = index
    guard found[index].whyNot.isEmpty else {
      note = found[index].whyNot
      return .stay
    }
    let values = [Self.choice: found[index].id, Self.typed: Text.oneLine(field.text)]
    return LayerReply(closes: true, outcome: .tell(.submitted(action, values)))
  }

  private func size(_ world: World) -> Size {
    Size(min(92, world.size.width - 4), min(entries.count + 6, world.size.height - 4))
  }

  /// How many entries are in view.
  private func rows(_ world: World) -> Int {
    max(1, Canvas.popupFrame(size(world), on: world.size).height - 5)
  }

  private func first(_ rows: Int) -> Int { max(0, selected - max(0, rows - 1)) }

  func draw(on canvas: inout Canvas, in world: World) {
    let found = matches
    let shown = rows(world)
    canvas.popup(size(world), title: title, note: "\(found.count) of \(entries.count)") { canvas in
      field.draw(
        on: &canvas, 0, 0, width: canvas.width, focused: true,
        placeholder: "A few letters are enough")
      if found.isEmpty { canvas.text("Nothing is called that.", 0, 2, .dim) }
      let widths = widths(canvas.width - 4)
      let first = first(shown)
      for (line, entry) in found.dropFirst(first).prefix(shown).enumerated() {
        let isSelected = first + line == selected
        canvas.inside(
          Rect(0, line + 2, canvas.width, 1), on: isSelected ? .selection : .popup
        ) { row in
          row.fill()
          if isSelected { row.text(row.glyphs.cursor, 0, 0, .accent) }
          draw(entry, widths, on: &row)
        }
      }
      canvas.scrollBar(canvas.width, 2, shown, top: first, total: found.count)
      let why = note.isEmpty ? "" : note
      canvas.text(why, 0, canvas.height - 1, .warning, width: canvas.width)
    }
  }

  private func draw(_ entry: Entry, _ widths: [Int], on row: inout Canvas) {
    let isOff = !entry.whyNot.isEmpty
    var x = 2
    let texts = [entry.title] + entry.facts
    for (index, width) in widths.enumerated() where index < texts.count && width > 0 {
      let role: Role = isOff || index > 0 ? .dim : entry.isAlways ? .accent : .strong
      // What stands alone may have the whole row.
      let room = entry.facts.isEmpty ? row.width - 3 : width
      row.text(texts[index], x, 0, role, width: room)
      x += width + 2
    }
  }

  /// The widths of the columns; the last ones go where there is no room.
  private func widths(_ room: Int) -> [Int] {
    let rows = entries.filter { !$0.facts.isEmpty }.map { [$0.title] + $0.facts }
    let count = rows.map(\.count).max() ?? 1
    var widths = (0..<count).map { index in
      let widest =
        rows.map { index < $0.count ? CharacterWidth.of($0[index]) : 0 }.max() ?? room
      return index == count - 1 ? widest : min(widest, 28)
    }
    // What does not fit is taken from the widest facts, and only then from the title.
    var over = widths.reduce(0, +) + 2 * (count - 1) - room
    while over > 0, let index = widths.indices.max(by: { need(widths, $0) < need(widths, $1) }) {
      if widths[index] == 0 { break }
      widths[index] -= 1
      over -= 1
    }
    return widths
  }

  /// The title gives way last.
  private func need(_ widths: [Int], _ index: Int) -> Int {
    index == 0 ? min(widths[0], 1) : widths[index]
  }
}
