// How a feed looks: rows in a table, or, where there are none, why, and what to do about it.

import Basics
import Screen

extension Feed {
  /// As `Table` wants to know it.
  private func state(height: Int) -> ListState {
    var state = ListState(total: count)
    state.scroll(by: top, height: height)
    state.select(position)
    return state
  }

  /// Draws in the whole canvas.
  func draw(
    _ columns: [TableColumn], on canvas: inout Canvas, focused: Bool, empty: [String],
    highlighting text: String = "", sort: Table.Sort? = nil,
    marked: (Row, _ position: Int) -> Bool = { _, _ in false }, row: (Row) -> [Run]
  ) {
    if total == nil {
      if let problem {
        for (y, line) in Fold.text([problem.description], to: canvas.width - 2, .danger)
          .enumerated()
        {
          canvas.line(line, 1, y)
        }
      } else {
        canvas.text("Loading…", 1, 0, .dim)
      }
      return
    }
    var table = Table(columns, sort: sort, empty: empty)
    let shown = table.rowsShown(in: canvas.height)
    if let problem {
      // A refusal, with older rows below it: it stands in the place of their headings.
      let text = "\(canvas.glyphs.failure) \(problem.description)"
      canvas.text(text, 1, 0, .danger, width: canvas.width - 2)
      table.showsHeadings = false
    }
    let rows = Rect(0, problem == nil ? 0 : 1, canvas.width, shown + (problem == nil ? 1 : 0))
    canvas.inside(rows) { canvas in
      table.draw(on: &canvas, state(height: shown), focused: focused) { position in
        self.row(at: position).map {
          TableRow(row($0), marked: marked($0, position), highlighting: text)
        }
      }
    }
  }

  /// Draws the list in a box that takes all the room, with lines below it about the selected row.
  func draw(
    _ columns: [TableColumn], title: String, height: Int, foot: [[Run]], footHeight: Int,
    on canvas: inout Canvas, empty: [String], row: (Row) -> [Run]
  ) {
    var rows = canvas.box(canvas.bounds, title: title, note: note(height: height), focused: true)
    let place = rows.cutBottom(footHeight)
    canvas.inside(rows) { canvas in
      draw(columns, on: &canvas, focused: true, empty: empty, row: row)
    }
    canvas.inside(place.inset(1, 0)) { canvas in
      for (y, line) in foot.prefix(footHeight).enumerated() {
        canvas.line(line, 0, y, width: canvas.width)
      }
    }
  }

  /// Draws the list in a box of its own at `frame`.
  func draw(
    _ columns: [TableColumn], title: String, in frame: Rect, on canvas: inout Canvas, height: Int,
    focused: Bool, empty: [String], row: (Row) -> [Run]
  ) {
    let room = canvas.box(frame, title: title, note: note(height: height), focused: focused)
    canvas.inside(room) { canvas in
      draw(columns, on: &canvas, focused: focused, empty: empty, row: row)
    }
  }

  /// Where in the list the view is: `101–120 of 8,312`.
  func note(height: Int) -> String {
    guard total != nil, count > 0 else { return "" }
    let view = visible(height)
    let last = Wording.number(view.upperBound)
    // What is guessed is not told to the last row.
    if isEstimate { return "row \(Wording.rough(view.lowerBound + 1)) of \(Wording.rough(count))" }
    return "\(Wording.number(view.lowerBound + 1))–\(last) of \(Wording.number(count))"
  }

  /// The rows that are here, for `--plain`: the headings, then one line a row.
  func plain(_ columns: [TableColumn], empty: String, row: (Row) -> [Run]) -> [String] {
    if let problem, total == nil { return [problem.description] }
    if total == nil { return ["Loading…"] }
    if rows.isEmpty { return [empty] }
    let cells = rows.map { row($0).map(\.text) }
    let widths = columns.indices.map { index in
      ([columns[index].title] + cells.map { index < $0.count ? $0[index] : "" })
        .map { CharacterWidth.of($0) }.max() ?? 0
    }
    func line(_ texts: [String]) -> String {
      zip(texts, columns.indices)
        .map { CharacterWidth.fit($0, to: widths[$1], columns[$1].alignment) }
        .joined(separator: "  ").trimmedAtEnd
    }
    let shown = cells.map(line)
    let more = count - rows.count
    return [line(columns.map(\.title))] + shown
      + (more > 0 ? ["… \(Wording.number(more)) more"] : [])
  }
}

/// How a list is moved: by a key, by the wheel, or by a click on one of its lines.
enum Nudge: Sendable, Equatable {
  case move(Motion)
  case scroll(Int)
  case line(Int)
}

extension Feed {
  /// False for a click where no row is.
  @discardableResult
  mutating func take(_ nudge: Nudge, height: Int) -> Bool {
    switch nudge {
    case .move(let motion): move(motion, height: height)
    case .scroll(let rows): scroll(rows, height: height)
    case .line(let line): return select(line: line, height: height)
    }
    return true
  }
}

extension ScrollState {
  mutating func move(_ motion: Motion, total: Int, height: Int) {
    let page = max(1, height - 1)
    let rows =
      switch motion {
      case .up: -1
      case .down: 1
      case .pageUp: -page
      case .pageDown: page
      case .halfUp: -max(1, height / 2)
      case .halfDown: max(1, height / 2)
      case .top: -total
      case .bottom: total
      case .left, .right: 0
      }
    scroll(by: rows, total: total, height: height)
  }
}

extension Rect {
  /// The room inside a frame, and of that the part below one row of tabs.
  var insideFrame: Rect { inset(1, 1) }
  var belowTabs: Rect {
    var room = insideFrame
    _ = room.cutTop(1)
    return room
  }
}
