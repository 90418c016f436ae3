// What a cell means, not what it looks like. Panes draw with roles on grounds; a theme turns the
// pair into colours when the frame is presented. What must stay true: no drawing code names a
// colour, and no meaning rests on colour alone.

/// The meaning of what is written. The raw value is the name in a theme file; where a theme does
/// not name `a.b`, it looks for `a`, then for `text`.
package enum Role: String, Sendable, Hashable, CaseIterable {
  case text
  case dim = "text.dim"
  case strong = "text.strong"
  case title
  case heading
  case label
  case accent
  case success
  case info
  case warning
  case danger
  case border
  case borderFocused = "border.focused"
  case key
  case keyLabel = "key.label"
  case keyDisabled = "key.disabled"
  case tab
  case tabActive = "tab.active"
  case tableHeading = "table.heading"
  case mark
  case input
  case placeholder = "input.placeholder"
  case required = "input.required"
  case match
  case progress
  case progressRest = "progress.rest"
  case scrollBar = "scroll"
  case button
  case buttonFocused = "button.focused"
  case link
}

/// What lies under the writing. A ground that names a foreground in the theme wins over the role.
package enum Ground: String, Sendable, Hashable, CaseIterable {
  case normal
  /// The row the keys act on, in the list that has the focus.
  case selection
  /// The same in a list that has not.
  case selectionInactive = "selection.inactive"
  case input
  case inputFocused = "input.focused"
  /// Dialogs, menus, the palette.
  case popup
  /// The first and the last row of the screen.
  case bar
  case error = "bar.error"
}

package struct Attributes: OptionSet, Sendable, Hashable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let bold = Attributes(rawValue: 1)
  package static let underline = Attributes(rawValue: 2)
  package static let reverse = Attributes(rawValue: 4)
  package static let dim = Attributes(rawValue: 8)
  package static let italic = Attributes(rawValue: 16)

  /// The words of theme files.
  package static let named: [(name: String, attribute: Attributes)] = [
    ("bold", .bold), ("underline", .underline), ("reverse", .reverse), ("dim", .dim),
    ("italic", .italic),
  ]
}

/// A piece of a line in one role.
package struct Run: Sendable, Hashable, ExpressibleByStringLiteral {
  package var text: String
  package var role: Role
  package var attributes: Attributes

  package init(_ text: String, _ role: Role = .text, _ attributes: Attributes = []) {
    self.text = text
    self.role = role
    self.attributes = attributes
  }

  package init(stringLiteral value: String) { self.init(value) }

  package var width: Int { CharacterWidth.of(text) }
}

/// The signs that are not text: lines, bars, marks. Terminals and fonts that cannot show them get
/// the ASCII set; every sign of either set is one cell wide.
package struct Glyphs: Sendable, Hashable {
  package var horizontal, vertical, topLeft, topRight, bottomLeft, bottomRight: String
  package var teeLeft, teeRight, teeUp, teeDown, cross: String
  package var ellipsis, ascending, descending, mark, cursor, bullet: String
  package var barFull, barRest, scrollThumb: String
  package var success, failure, partial, running, waiting, warning, paused, arrow: String
  package var checkOn, checkOff, radioOn, radioOff, mask: String
  /// Eighths of a column, lowest first.
  package var levels: [String]

  package static let unicode = Glyphs(
    horizontal: "─", vertical: "│", topLeft: "┌", topRight: "┐", bottomLeft: "└",
    bottomRight: "┘", teeLeft: "├", teeRight: "┤", teeUp: "┴", teeDown: "┬", cross: "┼",
    ellipsis: "…", ascending: "▲", descending: "▼", mark: "◆", cursor: "›", bullet: "•",
    barFull: "█", barRest: "░", scrollThumb: "┃", success: "●", failure: "✗",
    partial: "◐", running: "◌", waiting: "○", warning: "▲", paused: "‖", arrow: "→",
    checkOn: "■", checkOff: "□", radioOn: "◉", radioOff: "○", mask: "•",
    levels: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"])

  package static let ascii = Glyphs(
    horizontal: "-", vertical: "|", topLeft: "+", topRight: "+", bottomLeft: "+",
    bottomRight: "+", teeLeft: "+", teeRight: "+", teeUp: "+", teeDown: "+", cross: "+",
    ellipsis: "~", ascending: "^", descending: "v", mark: "*", cursor: ">", bullet: "*",
    barFull: "#", barRest: ".", scrollThumb: "#", success: "+", failure: "x",
    partial: "%", running: "*", waiting: "-", warning: "!", paused: "=", arrow: ">",
    checkOn: "x", checkOff: " ", radioOn: "*", radioOff: " ", mask: "*",
    levels: ["_", "_", ".", ".", "-", "=", "=", "#"])
}
