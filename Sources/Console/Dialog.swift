// A question before something happens. What must stay true: Cancel has the focus, `y` is enough to
// say yes, the sentences say what will happen and to how many, and yes does just that: what is to
// be ordered is decided when the question is put, whatever the lists show by the time it is answered.

import Basics
import Domain
import Screen

package struct Dialog: Sendable, Equatable {
  package var title: String
  package var lines: [String]
  /// What yes does, in a word or two.
  package var verb: String
  /// What must be typed to say yes, for what is large or cannot be undone; nil: `y` is enough.
  package var word: String?
  /// What is ordered by yes.
  package var orders: [Effect]
  /// What the pane hears as cancelled when the answer is no; nil where it need not know.
  package var action: ActionID?
  private var isYesFocused = false
  private var field = TextField()

  package init(
    title: String, lines: [String], verb: String, word: String? = nil, orders: [Effect],
    action: ActionID? = nil
  ) {
    self.action = action
    self.orders = orders
    self.title = title
    self.lines = lines
    self.verb = verb
    self.word = word
  }
}

extension Dialog: LayerContent {
  var layer: Layer { .dialog(self) }

  var kind: LayerKind? { .dialog }

  func hints(_ keys: UserKeys) -> [(keys: String, label: String)] {
    word == nil
      ? [(keys[LayerAction.yes], verb), ("Esc", "Cancel")] : [("Enter", verb), ("Esc", "Cancel")]
  }

  mutating func press(_ key: Key, in world: World) -> LayerReply {
    if key == "Esc" { return no }
    if let word {
      if key == "Enter" { return field.text == word ? yes : .stay }
      _ = field.handle(key)
      return .stay
    }
    switch key {
    case "y", "Y": return yes
    case "n", "N", "q": return no
    case "Tab", "S-Tab", "Left", "Right", "h", "l": isYesFocused.toggle()
    case "Enter", "Space": return isYesFocused ? yes : no
    default: break
    }
    return .stay
  }

  mutating func paste(_ text: String, in world: World) -> LayerReply {
    if word != nil { _ = field.handle(.pasted(text)) }
    return .stay
  }

  mutating func click(_ point: Point, in world: World) -> LayerReply {
    let frame = Canvas.popupFrame(size(world), on: world.size)
    let room = frame.inset(2, 1)
    guard word == nil, point.y == room.bottom - 1 else { return .stay }
    let button = buttons(room.width, world.keys).first { button in
      (button.x..<(button.x + CharacterWidth.of(button.text))).contains(point.x - room.x)
    }
    return button.map { $0.isYes ? yes : no } ?? .stay
  }

  /// Where the two buttons stand in a row of `width` cells.
  private func buttons(
    _ width: Int, _ keys: UserKeys
  ) -> [(x: Int, text: String, isYes: Bool)] {
    var x = width
    return [("\(keys[LayerAction.yes]) \(verb)", true), ("Cancel", false)].map { label, isYes in
      let text = "[ \(label) ]"
      x -= CharacterWidth.of(text) + 1
      return (x, text, isYes)
    }
  }

  private func size(_ world: World) -> Size {
    let width = min(64, world.size.width - 6)
    return Size(width, text(width).count + 5)
  }

  private func text(_ width: Int) -> [[Run]] {
    let text = Fold.text(lines, to: width - 4)
    return word.map { text + [[], [Run("Type \($0) and press Enter."), Run("")]] } ?? text
  }

  private var yes: LayerReply { LayerReply(closes: true, outcome: .order(orders)) }
  private var no: LayerReply {
    LayerReply(closes: true, outcome: action.map { .tell(.cancelled($0)) } ?? .none)
  }

  func draw(on canvas: inout Canvas, in world: World) {
    let size = size(world)
    let text = text(size.width)
    canvas.popup(size, title: title) { canvas in
      let room = max(0, canvas.height - 3)
      for (y, line) in text.prefix(room).enumerated() { canvas.line(line, 0, y + 1) }
      let y = canvas.height - 1
      if word != nil {
        field.draw(on: &canvas, 0, y, width: min(30, canvas.width), focused: true)
      } else {
        for button in buttons(canvas.width, world.keys) {
          let isFocused = button.isYes == isYesFocused
          if isFocused { canvas.standOn(button.x, y) }
          canvas.text(button.text, button.x, y, isFocused ? .buttonFocused : .button)
        }
      }
    }
  }
}
