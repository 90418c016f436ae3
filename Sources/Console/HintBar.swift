// The last row: what can be pressed, the most useful first. What must stay true: the palette, the help
// and the way out are always there, and what is drawn is what a click presses.

import Screen

struct HintBar {
  struct Hint: Sendable, Equatable {
    var x: Int
    var width: Int
    var keys: String
    var label: String
    var isOff: Bool
    /// What a click presses; nil where several keys are named.
    var key: Key?
  }

  private(set) var hints: [Hint] = []

  /// Of a layer: as many as fit.
  init(_ all: [(keys: String, label: String)], width: Int) {
    var x = 1
    for hint in all where x + hint.keys.count + hint.label.count + 3 < width {
      add(hint.keys, hint.label, isOff: false, key: Key(name: hint.keys), at: &x)
    }
  }

  /// Of a pane; where letters are text only keys that type nothing.
  init(_ bindings: [KeyBinding], isText: Bool, width: Int) {
    let all = bindings.filter {
      $0.place == .keys && $0.priority > 0 && !$0.keys.isEmpty
        && (!isText || $0.keys.contains { $0.typed == nil })
    }
    // The three that always stay come last and are reckoned first.
    let kept = isText ? [] : all.filter { $0.priority >= 998 }
    let others = all.filter { $0.priority < 998 }.sorted { $1.priority < $0.priority }
    func key(_ binding: KeyBinding) -> Key? {
      isText ? binding.keys.first { $0.typed == nil } : binding.keys.first
    }
    func room(_ binding: KeyBinding) -> Int {
      (key(binding)?.description.count ?? 0) + binding.label.count + 3
    }
    var left = width - kept.reduce(0) { $0 + room($1) }
    let shown = others.prefix { binding in
      left -= room(binding)
      return left >= 0
    }
    var x = 1
    for binding in shown + kept.sorted(by: { $1.priority < $0.priority }) {
      let key = key(binding)
      add(
        key?.description ?? "", binding.label, isOff: binding.whyNot != nil, key: key, at: &x)
    }
  }

  private mutating func add(
    _ keys: String, _ label: String, isOff: Bool, key: Key?, at x: inout Int
  ) {
    let width = CharacterWidth.of(keys) + CharacterWidth.of(label) + 1
    hints.append(Hint(x: x, width: width, keys: keys, label: label, isOff: isOff, key: key))
    x += width + 2
  }

  func draw(on canvas: inout Canvas) {
    canvas.fill()
    for hint in hints {
      let x = canvas.text(hint.keys, hint.x, 0, hint.isOff ? .keyDisabled : .key)
      canvas.text(" \(hint.label)  ", x, 0, hint.isOff ? .keyDisabled : .keyLabel)
    }
  }

  func key(at x: Int) -> Key? {
    hints.first { ($0.x..<($0.x + $0.width)).contains(x) }?.key
  }
}
