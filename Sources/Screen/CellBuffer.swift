// A whole screen as values: what the canvas wrote and a terminal shows. What must stay true: every
// wide glyph is followed by its own continuation cell in the same row, so that no half characters
// exist, whatever was drawn over what.

package struct Cell: Sendable, Hashable {
  package var glyph: Glyph
  package var role: Role
  package var ground: Ground
  package var attributes: Attributes
  /// The right half of the wide glyph before it.
  package var isContinuation: Bool

  package static let blank = Cell(
    glyph: Glyph(base: 0x20, width: 1), role: .text, ground: .normal, attributes: [],
    isContinuation: false)
}

package struct CellBuffer: Sendable, Hashable {
  package let size: Size
  /// Where text is being typed: the terminal's cursor shows there; hidden when nil.
  package var cursor: Point?
  /// What the keys act on, such as the selected row. The cursor stands there, hidden, where nothing is
  /// typed: screen readers and braille displays follow it.
  package var focus: Point?
  private var cells: [Cell]

  package init(_ size: Size) {
    self.size = size
    cells = [Cell](repeating: .blank, count: size.width * size.height)
  }

  package subscript(x: Int, y: Int) -> Cell { cells[y * size.width + x] }

  /// One row, left to right.
  package func row(_ y: Int) -> ArraySlice<Cell> {
    cells[(y * size.width)..<((y + 1) * size.width)]
  }

  /// Writes a glyph at a place inside the buffer. A wide one that does not fit in its row becomes a
  /// blank; the other half of a wide glyph it lands on becomes one too.
  mutating func put(
    _ glyph: Glyph, x: Int, y: Int, role: Role, ground: Ground, attributes: Attributes
  ) {
    let at = y * size.width + x
    var cell = Cell(
      glyph: glyph, role: role, ground: ground, attributes: attributes, isContinuation: false)
    if glyph.width == 2 && x + 1 >= size.width { cell.glyph = Cell.blank.glyph }
    breakWide(x: x, at: at)
    cells[at] = cell
    if cell.glyph.width == 2 {
      breakWide(x: x + 1, at: at + 1)
      cell.isContinuation = true
      cell.glyph = Cell.blank.glyph
      cells[at + 1] = cell
    }
  }

  /// Puts another ground under what is written.
  mutating func lay(_ ground: Ground, x: Int, y: Int) { cells[y * size.width + x].ground = ground }

  private mutating func breakWide(x: Int, at: Int) {
    if cells[at].isContinuation && x > 0 {
      cells[at - 1].glyph = Cell.blank.glyph
      cells[at].isContinuation = false
    } else if cells[at].glyph.width == 2 && x + 1 < size.width {
      cells[at + 1].isContinuation = false
      cells[at + 1].glyph = Cell.blank.glyph
    }
  }

  // MARK: Reading, for tests, `--plain` and copying

  /// Each row as text, with the blanks at its end removed.
  package var lines: [String] { (0..<size.height).map(line) }

  package func line(_ y: Int) -> String {
    var text = ""
    for cell in row(y) where !cell.isContinuation { text += cell.glyph.text }
    while text.last == " " { text.removeLast() }
    return text
  }

  /// The rows as one text, without empty ones at the end.
  package var picture: String {
    var all = lines
    while all.last == "" { all.removeLast() }
    return all.joined(separator: "\n")
  }
}
