// Lines to read: a detail, a log line's whole text, a help page. What must stay true: wrapping loses
// no character but the blank it breaks at, and the last line can always be reached.

/// Which line is on top.
package struct ScrollState: Sendable, Hashable {
  package private(set) var top: Int = 0

  package init() {}

  /// Moves by a key that means moving; false where it means something else.
  package mutating func handle(_ key: Key, total: Int, height: Int) -> Bool {
    let page = max(1, height - 1)
    switch key {
    case "j", "Down": scroll(by: 1, total: total, height: height)
    case "k", "Up": scroll(by: -1, total: total, height: height)
    case "g", "Home": top = 0
    case "G", "End": scroll(by: total, total: total, height: height)
    case "PgDn", "^F": scroll(by: page, total: total, height: height)
    case "PgUp", "^B": scroll(by: -page, total: total, height: height)
    case "^D": scroll(by: max(1, page / 2), total: total, height: height)
    case "^U": scroll(by: -max(1, page / 2), total: total, height: height)
    default: return false
    }
    return true
  }

  package mutating func scroll(by lines: Int, total: Int, height: Int) {
    top = max(0, min(first(total: total, height: height) + lines, total - height))
  }

  /// The line on top when there are `total` and `height` can be seen.
  package func first(total: Int, height: Int) -> Int { max(0, min(top, total - height)) }
}

package enum TextView {
  /// Draws already wrapped lines in the whole canvas, with a scroll bar when they are too many.
  package static func draw(
    _ lines: [[Run]], on canvas: inout Canvas, _ state: ScrollState = ScrollState()
  ) {
    let top = state.first(total: lines.count, height: canvas.height)
    let isLong = lines.count > canvas.height
    let width = canvas.width - (isLong ? 1 : 0)
    for (y, line) in lines.dropFirst(top).prefix(canvas.height).enumerated() {
      canvas.line(line, 0, y, width: width)
    }
    if isLong {
      canvas.scrollBar(canvas.width - 1, 0, canvas.height, top: top, total: lines.count)
    }
  }

  /// One paragraph of runs in lines of at most `width` cells, the second and later ones indented.
  package static func wrap(_ runs: [Run], to width: Int, indent: Int = 0) -> [[Run]] {
    var lines: [[Run]] = [[]]
    var used = 0
    var room = width
    var blanks = 0
    func append(_ text: String, _ run: Run) {
      let last = lines.count - 1
      if let end = lines[last].last, end.role == run.role, end.attributes == run.attributes,
        used > 0
      {
        lines[last][lines[last].count - 1].text += text
      } else {
        lines[last].append(Run(text, run.role, run.attributes))
      }
      used += CharacterWidth.of(text)
    }
    func breakLine() {
      lines.append(indent > 0 ? [Run(String(repeating: " ", count: indent))] : [])
      room = width - indent
      used = 0
      blanks = 0
    }
    for run in runs {
      for (paragraph, text) in run.text.split(separator: "\n", omittingEmptySubsequences: false)
        .enumerated()
      {
        if paragraph > 0 { breakLine() }
        for piece in pieces(of: text) {
          if piece == " " {
            blanks += 1
            continue
          }
          // A blank is only written with the word after it, so that no line ends in one.
          if used + blanks + CharacterWidth.of(piece) <= room {
            append(String(repeating: " ", count: blanks) + piece, run)
          } else {
            if used > 0 { breakLine() }
            for (index, part) in CharacterWidth.wrap(piece, to: max(2, width - indent)).enumerated()
            {
              if index > 0 { breakLine() }
              append(part, run)
            }
          }
          blanks = 0
        }
      }
    }
    return lines
  }

  /// Labels in one column, values beside them, wrapped; empty values are shown as a dash.
  package static func pairs(
    _ pairs: [(label: String, value: [Run])], width: Int, labelWidth: Int? = nil
  ) -> [[Run]] {
    let widest = pairs.map { CharacterWidth.of($0.label) }.max() ?? 0
    let column = min(labelWidth ?? widest, max(4, width / 2))
    return pairs.flatMap { pair in
      let label = Run(CharacterWidth.fit(pair.label, to: column) + "  ", .label)
      let isEmpty = pair.value.allSatisfy(\.text.isEmpty)
      let value = isEmpty ? [Run("-", .dim)] : pair.value
      let wrapped = wrap(value, to: max(2, width - column - 2))
      return wrapped.enumerated().map { index, line in
        index == 0 ? [label] + line : [Run(String(repeating: " ", count: column + 2))] + line
      }
    }
  }

  /// Words and single blanks, in order.
  private static func pieces(of text: Substring) -> [String] {
    var pieces: [String] = []
    var word = ""
    for character in text {
      if character == " " {
        if !word.isEmpty { pieces.append(word) }
        pieces.append(" ")
        word = ""
      } else {
        word.append(character)
      }
    }
    if !word.isEmpty { pieces.append(word) }
    return pieces
  }
}
