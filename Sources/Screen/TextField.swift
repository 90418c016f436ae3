// One line being edited. What must stay true: the cursor stands between characters as people see
// them, never inside one; a paste comes in as one clean line; a masked field never shows its text
// unless it was asked to.

import Basics

package struct TextField: Sendable, Hashable {
  package enum Outcome: Sendable, Hashable { case ignored, moved, changed }

  package private(set) var text: String
  /// How many characters stand before the cursor.
  package private(set) var cursor: Int
  package var isMasked: Bool
  /// A masked field that shows its text for now.
  package var isRevealed = false
  /// More characters than this are refused.
  package var limit: Int

  package init(_ text: String = "", masked: Bool = false, limit: Int = 4096) {
    self.text = text
    self.limit = limit
    isMasked = masked
    cursor = text.count
  }

  /// Replaces the text; the cursor goes to its end.
  package mutating func set(_ text: String) {
    self.text = text
    cursor = text.count
  }

  /// The same, with the cursor after so many characters.
  package mutating func set(_ text: String, cursor: Int) {
    self.text = text
    self.cursor = max(0, min(cursor, text.count))
  }

  package mutating func handle(_ event: InputEvent) -> Outcome {
    switch event {
    case .key(let key): return handle(key)
    case .pasted(let text): return insert(isMasked ? Self.secret(text) : Text.oneLine(text))
    default: return .ignored
    }
  }

  /// A key that was pasted, broken over lines or with blanks around it as mails and web pages show
  /// them, is the key without them. A reference such as `command:pass show mailchimp` keeps its blanks.
  private static func secret(_ text: String) -> String {
    let line = Text.oneLine(text)
    return line.contains(":") ? line : line.filter { $0 != " " }
  }

  package mutating func handle(_ key: Key) -> Outcome {
    if let scalar = key.typed {
      return Text.isControl(scalar) ? .ignored : insert(String(scalar))
    }
    switch key {
    case "Left": return move(to: cursor - 1)
    case "Right": return move(to: cursor + 1)
    case "Home", "^A": return move(to: 0)
    case "End", "^E": return move(to: text.count)
    case "^Left", "A-b", "A-Left": return move(to: wordStart)
    case "^Right", "A-f", "A-Right": return move(to: wordEnd)
    case "Backspace": return remove(from: cursor - 1, to: cursor)
    case "Delete": return remove(from: cursor, to: cursor + 1)
    case "^U": return remove(from: 0, to: cursor)
    case "^K": return remove(from: cursor, to: text.count)
    case "^W", "A-Backspace": return remove(from: isMasked ? 0 : wordStart, to: cursor)
    default: return .ignored
    }
  }

  /// Draws `width` cells; shows the terminal's cursor when it has the focus.
  package func draw(
    on canvas: inout Canvas, _ x: Int, _ y: Int, width: Int, focused: Bool, placeholder: String = ""
  ) {
    guard width > 0 else { return }
    let ground: Ground = focused ? .inputFocused : .input
    let shown = visible(width: width, mask: canvas.glyphs.mask)
    canvas.inside(Rect(x, y, width, 1), on: ground) { field in
      field.fill()
      if text.isEmpty && !placeholder.isEmpty {
        field.text(placeholder, 0, 0, .placeholder, width: width)
      } else {
        field.text(shown.text, 0, 0, .input)
      }
      if focused { field.showCursor(min(shown.cursor, width - 1), 0) }
    }
  }

  /// The part that is shown and the column of the cursor in it: it scrolls so that the cursor is
  /// in view with the cell after it.
  func visible(width: Int, mask: String) -> (text: String, cursor: Int) {
    let characters: [String] =
      isMasked && !isRevealed
      ? [String](repeating: mask, count: text.count) : text.map(String.init)
    var first = cursor
    var column = 0
    while first > 0 {
      let size = CharacterWidth.of(characters[first - 1])
      if column + size > width - 1 { break }
      column += size
      first -= 1
    }
    return (characters[first...].joined(), column)
  }

  // MARK: Editing

  private mutating func insert(_ piece: String) -> Outcome {
    guard !piece.isEmpty else { return .ignored }
    let at = text.index(text.startIndex, offsetBy: cursor)
    let head = String(text[..<at]) + piece
    let whole = head + text[at...]
    guard whole.count <= limit else { return .ignored }
    // Counted again, because what came in may have joined the character before or after it.
    cursor = min(head.count, whole.count)
    text = whole
    return .changed
  }

  private mutating func remove(from start: Int, to end: Int) -> Outcome {
    let (low, high) = (max(0, start), min(text.count, end))
    guard low < high else { return .ignored }
    let from = text.index(text.startIndex, offsetBy: low)
    let to = text.index(text.startIndex, offsetBy: high)
    text.removeSubrange(from..<to)
    cursor = min(low, text.count)
    return .changed
  }

  private mutating func move(to place: Int) -> Outcome {
    let target = max(0, min(text.count, place))
    guard target != cursor else { return .ignored }
    cursor = target
    return .moved
  }

  private var wordStart: Int {
    let characters = Array(text)
    var at = cursor
    while at > 0, characters[at - 1].isWhitespace { at -= 1 }
    while at > 0, !characters[at - 1].isWhitespace { at -= 1 }
    return at
  }

  private var wordEnd: Int {
    let characters = Array(text)
    var at = cursor
    while at < characters.count, characters[at].isWhitespace { at += 1 }
    while at < characters.count, !characters[at].isWhitespace { at += 1 }
    return at
  }
}
