// Where somebody is in a list of any length. What must stay true: the selected row exists whenever
// there is one, and what is drawn always contains it.

package struct ListState: Sendable, Hashable {
  package private(set) var total: Int
  package private(set) var selected: Int
  /// The first row shown, as far as the height allows it.
  package private(set) var top: Int

  package init(total: Int = 0, selected: Int = 0) {
    self.total = max(0, total)
    self.selected = max(0, min(selected, total - 1))
    top = 0
  }

  package var isEmpty: Bool { total == 0 }

  /// The list got longer or shorter; the selection stays on its number, or on the last row.
  package mutating func resize(to total: Int) {
    self.total = max(0, total)
    select(selected)
  }

  package mutating func select(_ row: Int) { selected = max(0, min(row, total - 1)) }

  /// The rows to show in `height` lines.
  package func window(height: Int) -> Range<Int> {
    let first = firstRow(height: height)
    return first..<min(total, first + max(0, height))
  }

  /// Moves by a key that means moving; false where it means something else. `height` is how many
  /// rows are shown.
  package mutating func handle(_ key: Key, height: Int) -> Bool {
    let page = max(1, height - 1)
    switch key {
    case "j", "Down", "^N": select(selected + 1)
    case "k", "Up": select(selected - 1)
    case "g", "Home": select(0)
    case "G", "End": select(total - 1)
    case "PgDn", "^F": select(selected + page)
    case "PgUp", "^B": select(selected - page)
    case "^D": select(selected + max(1, page / 2))
    case "^U": select(selected - max(1, page / 2))
    default: return false
    }
    settle(height: height)
    return true
  }

  /// The wheel moves what is seen; the selection follows only when it would leave the window.
  package mutating func scroll(by rows: Int, height: Int) {
    top = max(0, min(firstRow(height: height) + rows, max(0, total - height)))
    selected = max(top, min(selected, top + max(1, height) - 1))
    select(selected)
  }

  /// Keeps the window where it is now, for lists whose rows come and go above it.
  package mutating func settle(height: Int) { top = firstRow(height: height) }

  private func firstRow(height: Int) -> Int {
    guard height > 0 else { return 0 }
    var first = top
    if selected < first { first = selected }
    if selected >= first + height { first = selected - height + 1 }
    return max(0, min(first, max(0, total - height)))
  }
}
