// Everything that can be done from here, found by a few letters. It knows nothing of its own: its
// entries are the bindings, and choosing one is pressing its key.

import Basics
import Domain
import Screen

package struct CommandPalette: Sendable, Equatable {
  private var entries: [KeyBinding]
  private var field = TextField()
  private var selected = 0

  init(_ bindings: [KeyBinding]) {
    entries = bindings
  }

  /// The entries that fit what was typed, best first.
  var matches: [KeyBinding] {
    guard !field.text.isEmpty else { return entries }
    return entries.enumerated()
      .compactMap { index, entry in
        Fuzzy.score(field.text, in: entry).map { (score: $0, index: index, entry: entry) }
      }
      .sorted { ($1.score, $0.index) < ($0.score, $1.index) }
      .map(\.entry)
  }
}

/// How well a few letters fit a text.
enum Fuzzy {
  /// Nil where the letters do not all occur in order. Beginnings of words and runs of letters
  /// count more; so do short texts.
  static func score(_ letters: String, in text: String) -> Int? {
    let wanted = Array(letters.lowercased().unicodeScalars.filter { $0 != " " })
    guard !wanted.isEmpty else { return 0 }
    let given = Array(text.lowercased().unicodeScalars)
    var (score, next, last) = (0, 0, -2)
    for (place, scalar) in given.enumerated() where next < wanted.count && scalar == wanted[next] {
      let startsWord = place == 0 || given[place - 1] == " "
      score += startsWord ? 10 : (place == last + 1 ? 6 : 1)
      (next, last) = (next + 1, place)
    }
    return next == wanted.count ? score * 8 - given.count : nil
  }

  /// The name counts double, the key itself most, the sentence least.
  static func score(_ letters: String, in binding: KeyBinding) -> Int? {
    if binding.keys.contains(where: { $0.description == letters }) { return 10_000 }
    if let score = score(letters, in: binding.label) { return score + 1000 }
    // In sentences letters occur by accident: there whole pieces are wanted.
    return binding.help.lowercased().contains(letters.lowercased()) ? 0 : nil
  }
}

extension CommandPalette: LayerContent {
  var layer: Layer { .palette(self) }
  var hints: [(keys: String, label: String)] {
    [("Enter", "Do it"), ("Up Down", "Choose"), ("Esc", "Close")]
  }

  mutating func press(_ key: Key, in world: World) -> LayerReply {
    switch key {
    case "Esc", "^P": return .close
    case "Up", "S-Tab": selected = max(0, selected - 1)
    case "Down", "Tab": selected = min(max(0, matches.count - 1), selected + 1)
    case "Enter": return choose(selected)
    default:
      if field.handle(key) == .changed { selected = 0 }
    }
    return .stay
  }

  mutating func paste(_ text: String, in world: World) -> LayerReply {
    if field.handle(.pasted(text)) == .changed { selected = 0 }
    return .stay
  }

  mutating func wheel(_ rows: Int, in world: World) -> LayerReply {
    selected = max(0, min(matches.count - 1, selected + rows.signum()))
    return .stay
  }

  mutating func click(_ point: Point, in world: World) -> LayerReply {
    let frame = Canvas.popupFrame(size(world), on: world.size)
    guard frame.contains(point) else { return .close }
    return choose(first(frame.height - 4) + point.y - frame.y - 3)
  }

  private func choose(_ index: Int) -> LayerReply {
    let found = matches
    guard found.indices.contains(index) else { return .stay }
    return LayerReply(closes: true, outcome: .use(found[index]))
  }

  private func size(_ world: World) -> Size {
    Size(min(76, world.size.width - 4), min(24, world.size.height - 4))
  }

  /// The first entry in view where `rows` are shown.
  private func first(_ rows: Int) -> Int { max(0, selected - max(0, rows - 1)) }

  func draw(on canvas: inout Canvas, in world: World) {
    let found = matches
    canvas.popup(size(world), title: "Command", note: "\(found.count)") { canvas in
      field.draw(
        on: &canvas, 0, 0, width: canvas.width, focused: true,
        placeholder: "A few letters of an action or a pane")
      let rows = max(0, canvas.height - 2)
      let first = first(rows)
      if found.isEmpty { canvas.text("Nothing is called that.", 0, 2, .dim) }
      for (line, entry) in found.dropFirst(first).prefix(rows).enumerated() {
        let isSelected = first + line == selected
        canvas.inside(
          Rect(0, line + 2, canvas.width, 1), on: isSelected ? .selection : .popup
        ) { row in
          row.fill()
          let isOff = entry.whyNot != nil
          let keys = entry.place == .actionMenu ? "x \(entry.keyNames)" : entry.keyNames
          row.text(entry.label, 1, 0, isOff ? .dim : .strong, width: min(22, row.width - 2))
          let room = row.width - 24 - 10
          if room > 8 { row.text(entry.help, 24, 0, .dim, width: room) }
          row.text(keys, row.width - 10, 0, isOff ? .keyDisabled : .key, width: 9, align: .right)
        }
      }
    }
  }
}
