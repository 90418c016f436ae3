// Numbers as bars. What must stay true: nothing is shown as done before it is, and something that
// has begun is never shown as nothing.

package struct ProgressBar: Sendable, Hashable {
  package var done: Int
  /// nil while nobody knows how much there is.
  package var total: Int?

  package init(done: Int, total: Int?) {
    self.done = max(0, done)
    self.total = total
  }

  /// Full cells out of `width`.
  package func filled(of width: Int) -> Int {
    guard let total, total > 0, width > 0 else { return 0 }
    if done >= total { return width }
    guard done > 0 else { return 0 }
    return max(1, min(width - 1, Int(Double(done) / Double(total) * Double(width))))
  }

  /// `45%`, rounded down; empty while the total is unknown.
  package var percent: String {
    guard let total, total > 0 else { return "" }
    return "\(min(100, Int(Double(done) / Double(total) * 100)))%"
  }

  package func draw(
    on canvas: inout Canvas, _ x: Int, _ y: Int, width: Int, _ role: Role = .progress
  ) {
    let full = filled(of: width)
    canvas.fill(Rect(x, y, full, 1), with: canvas.glyphs.barFull, role)
    canvas.fill(Rect(x + full, y, width - full, 1), with: canvas.glyphs.barRest, .progressRest)
  }
}

/// Counts side by side, newest at the right.
package struct Sparkline: Sendable, Hashable {
  package var values: [Int]

  package init(_ values: [Int]) { self.values = values }

  /// A column for each in as many rows as are wanted, the top one first: the largest fills them all,
  /// nothing is blank, and what is there is never shown as nothing.
  package func cells(rows: Int, _ glyphs: Glyphs) -> [[String]] {
    let most = max(1, values.max() ?? 1)
    let steps = glyphs.levels.count
    return (0..<rows).map { row in
      values.map { value in
        let height = value > 0 ? max(1, value * rows * steps / most) : 0
        let here = height - (rows - 1 - row) * steps
        return here <= 0 ? " " : here >= steps ? glyphs.levels[steps - 1] : glyphs.levels[here - 1]
      }
    }
  }

  /// In one row, a cell for each.
  package func text(_ glyphs: Glyphs) -> String { cells(rows: 1, glyphs).joined().joined() }

  package func draw(on canvas: inout Canvas, _ x: Int, _ y: Int, width: Int, _ role: Role = .accent)
  {
    let shown = Sparkline(Array(values.suffix(max(0, width))))
    canvas.text(shown.text(canvas.glyphs), x + width - shown.values.count, y, role)
  }
}

/// Labelled counts as horizontal bars on a common scale.
package struct BarChart: Sendable, Hashable {
  package struct Bar: Sendable, Hashable {
    package var label: String
    package var value: Int
    package var text: String
    package var role: Role

    package init(_ label: String, _ value: Int, text: String? = nil, _ role: Role = .progress) {
      self.label = label
      self.value = max(0, value)
      self.text = text ?? String(value)
      self.role = role
    }
  }

  package var bars: [Bar]
  /// What a full bar means; the largest value when nil.
  package var scale: Int?

  package init(_ bars: [Bar], scale: Int? = nil) {
    self.bars = bars
    self.scale = scale
  }

  /// One bar a row in the whole canvas.
  package func draw(on canvas: inout Canvas) {
    let labels = min(canvas.width / 3, bars.map { CharacterWidth.of($0.label) }.max() ?? 0)
    let numbers = bars.map { CharacterWidth.of($0.text) }.max() ?? 0
    let room = canvas.width - labels - numbers - 2
    let full = scale ?? bars.map(\.value).max() ?? 0
    for (y, bar) in bars.enumerated() {
      canvas.text(bar.label, 0, y, .label, width: labels)
      if room > 0 {
        ProgressBar(done: bar.value, total: max(1, full))
          .draw(on: &canvas, labels + 1, y, width: room, bar.role)
      }
      canvas.text(bar.text, canvas.width - numbers, y, .text, width: numbers, align: .right)
    }
  }
}
