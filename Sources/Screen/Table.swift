// Rows under headings. A table knows its columns, not its data: it asks for the rows in view, so a
// list of a million costs what one of twenty costs. What must stay true: columns never overlap,
// those of low priority go first when there is no room, and the one that is left is never dropped.

package struct TableColumn: Sendable, Hashable {
  package var title: String
  /// Narrower than this and the column is dropped.
  package var minimum: Int
  /// What it gets when there is room.
  package var ideal: Int
  /// Its share of what is left then; 0 stays at `ideal`.
  package var weight: Int
  /// Columns with the lowest are dropped first.
  package var priority: Int
  package var alignment: Alignment

  package init(
    _ title: String, minimum: Int, ideal: Int? = nil, weight: Int = 0, priority: Int = 5,
    align alignment: Alignment = .left
  ) {
    self.title = title
    self.minimum = max(1, minimum)
    self.ideal = max(self.minimum, ideal ?? minimum)
    self.weight = weight
    self.priority = priority
    self.alignment = alignment
  }
}

package struct TableRow: Sendable, Hashable {
  /// One for each column, dropped ones too.
  package var cells: [Run]
  package var isMarked: Bool
  /// Stands out wherever it occurs in a cell, in letters of either case.
  package var highlight: String

  package init(_ cells: [Run], marked: Bool = false, highlighting text: String = "") {
    self.cells = cells
    isMarked = marked
    highlight = text
  }
}

package struct Table: Sendable, Hashable {
  package struct Sort: Sendable, Hashable {
    package var column: Int
    package var isDescending: Bool

    package init(column: Int, descending: Bool = false) {
      self.column = column
      isDescending = descending
    }
  }

  package var columns: [TableColumn]
  package var sort: Sort?
  /// Shown instead of rows; its first line stands out.
  package var empty: [String]
  package var showsHeadings = true

  package init(_ columns: [TableColumn], sort: Sort? = nil, empty: [String] = ["Nothing here."]) {
    self.columns = columns
    self.sort = sort
    self.empty = empty
  }

  /// How many rows fit in `height` lines.
  package func rowsShown(in height: Int) -> Int { max(0, height - (showsHeadings ? 1 : 0)) }

  /// Draws in the whole canvas. `row` is asked for the rows in view; nil is one still being read.
  package func draw(
    on canvas: inout Canvas, _ state: ListState, focused: Bool, row: (Int) -> TableRow?
  ) {
    let shown = rowsShown(in: canvas.height)
    let first = showsHeadings ? 1 : 0
    let widths = widths(in: room(canvas.width))
    if showsHeadings { drawHeadings(on: &canvas, widths) }
    guard !state.isEmpty else {
      let said = empty.enumerated().flatMap { index, text in
        CharacterWidth.wrap(text, to: canvas.width - 2).map { ($0, index == 0 ? Role.text : .dim) }
      }
      for (y, (text, role)) in said.enumerated() {
        canvas.text(text, 1, first + 1 + y, role, width: canvas.width - 2, align: .centre)
      }
      return
    }
    let window = state.window(height: shown)
    for index in window {
      let y = first + index - window.lowerBound
      let isSelected = index == state.selected
      let ground: Ground =
        isSelected ? (focused ? .selection : .selectionInactive) : canvas.ground
      canvas.inside(Rect(0, y, canvas.width - 1, 1), on: ground) { line in
        line.fill()
        if isSelected && focused { line.standOn(0, 0) }
        drawRow(on: &line, row(index), widths, isSelected: isSelected)
      }
    }
    canvas.scrollBar(
      canvas.width - 1, first, shown, top: window.lowerBound, total: state.total)
  }

  /// The row under a place in the canvas the table was drawn in.
  package func row(at point: Point, in size: Size, _ state: ListState) -> Int? {
    let first = showsHeadings ? 1 : 0
    let window = state.window(height: rowsShown(in: size.height))
    let index = window.lowerBound + point.y - first
    return point.y >= first && window.contains(index) && (0..<size.width).contains(point.x)
      ? index : nil
  }

  /// The column whose heading is there, for sorting with the mouse.
  package func heading(at point: Point, in size: Size) -> Int? {
    guard showsHeadings, point.y == 0 else { return nil }
    var x = Self.margin
    for (index, width) in widths(in: room(size.width)).enumerated() {
      guard let width else { continue }
      if (x..<(x + width + Self.gap)).contains(point.x) { return index }
      x += width + Self.gap
    }
    return nil
  }

  // MARK: Columns

  /// Cells for the cursor and the mark before the first column.
  private static let margin = 2
  private static let gap = 1

  private func room(_ width: Int) -> Int { max(0, width - Self.margin - 1) }

  /// The width of each column in `room` cells; nil for those that are dropped.
  package func widths(in room: Int) -> [Int?] {
    var kept = Array(columns.indices)
    func need(_ kept: [Int]) -> Int {
      kept.reduce(0) { $0 + columns[$1].minimum } + Self.gap * max(0, kept.count - 1)
    }
    while kept.count > 1, need(kept) > room {
      // The lowest priority goes; of equals the one furthest right.
      let lowest = kept.reversed().min { columns[$0].priority < columns[$1].priority }
      kept.removeAll { $0 == lowest }
    }
    var widths = [Int?](repeating: nil, count: columns.count)
    var left = room - need(kept)
    for index in kept { widths[index] = min(columns[index].minimum, max(0, room)) }
    let byPriority = kept.sorted {
      (columns[$1].priority, $0) < (columns[$0].priority, $1)
    }
    for index in byPriority where left > 0 {
      let more = min(left, columns[index].ideal - columns[index].minimum)
      widths[index] = (widths[index] ?? 0) + more
      left -= more
    }
    var weights = kept.reduce(0) { $0 + columns[$1].weight }
    for index in kept where left > 0 && columns[index].weight > 0 {
      let share = left * columns[index].weight / weights
      widths[index] = (widths[index] ?? 0) + share
      left -= share
      weights -= columns[index].weight
    }
    return widths
  }

  // MARK: Drawing

  private func drawHeadings(on canvas: inout Canvas, _ widths: [Int?]) {
    var x = Self.margin
    for (index, width) in widths.enumerated() {
      guard let width else { continue }
      let column = columns[index]
      let arrow =
        sort?.column == index
        ? (sort?.isDescending == true ? canvas.glyphs.descending : canvas.glyphs.ascending) : ""
      let titleWidth = max(0, width - CharacterWidth.of(arrow))
      let title = CharacterWidth.cut(column.title, to: titleWidth, ellipsis: canvas.glyphs.ellipsis)
      canvas.text(title + arrow, x, 0, .tableHeading, width: width, align: column.alignment)
      x += width + Self.gap
    }
  }

  /// Writes what is found in a cell that begins at `x` once more, so that it stands out.
  private func highlight(
    _ text: String, in cell: String, at x: Int, _ width: Int, on line: inout Canvas
  ) {
    for (head, match) in Self.matches(of: text, in: cell) {
      let start = CharacterWidth.of(head)
      guard start + CharacterWidth.of(match) <= width else { return }
      line.text(match, x + start, 0, .match, attributes: .underline)
    }
  }

  /// Each occurrence of `text` with what stands before it.
  package static func matches(
    of text: String, in line: String
  ) -> [(head: Substring, match: String)] {
    let wanted = Array(text.lowercased())
    let given = Array(line)
    guard !wanted.isEmpty, given.count >= wanted.count else { return [] }
    let folded = given.map { $0.lowercased() }
    let letters = wanted.map(String.init)
    var found: [(Substring, String)] = []
    var place = 0
    while place + letters.count <= given.count {
      if folded[place] == letters[0], Array(folded[place..<place + letters.count]) == letters {
        found.append((line.prefix(place), String(given[place..<place + letters.count])))
        place += letters.count
      } else {
        place += 1
      }
    }
    return found
  }

  private func drawRow(
    on line: inout Canvas, _ row: TableRow?, _ widths: [Int?], isSelected: Bool
  ) {
    if isSelected { line.text(line.glyphs.cursor, 0, 0, .accent) }
    guard let row else {
      line.text(line.glyphs.ellipsis, Self.margin, 0, .dim)
      return
    }
    if row.isMarked { line.text(line.glyphs.mark, 1, 0, .mark) }
    var x = Self.margin
    for (index, width) in widths.enumerated() {
      guard let width else { continue }
      if index < row.cells.count {
        let cell = row.cells[index]
        line.text(
          cell.text, x, 0, cell.role, width: width, align: columns[index].alignment,
          attributes: cell.attributes)
        if !row.highlight.isEmpty {
          highlight(row.highlight, in: cell.text, at: x, width, on: &line)
        }
      }
      x += width + Self.gap
    }
  }
}
