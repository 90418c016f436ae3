// Which columns a list shows, and in which order. Nothing changes until it is kept; at least one
// column stays, because a list of nothing tells nobody anything.

import Basics
import Domain
import Screen

package struct ColumnChooser: Sendable, Equatable {
  package struct Item: Sendable, Equatable {
    package var id: String
    package var title: String
    package var help: String
    package var isChosen: Bool
  }

  /// What hears `columns`, their ids with line ends between, when they are kept.
  package var action: ActionID
  package var items: [Item]
  /// What `r` goes back to.
  private let usual: [String]
  private var selected = 0
  private var note = ""

  /// Chosen ones first, in their order.
  package init(
    _ action: ActionID, all: [Item], chosen: [String], usual: [String]
  ) {
    self.action = action
    self.usual = usual
    items = all
    choose(chosen)
  }

  private mutating func choose(_ ids: [String]) {
    let first = ids.compactMap { id in items.first { $0.id == id } }
    let rest = items.filter { !ids.contains($0.id) }
    items = (first + rest).map { item in
      var item = item
      item.isChosen = ids.contains(item.id)
      return item
    }
  }

  package static func ids(in values: FormValues) -> [String] {
    (values["columns"] ?? "").split(separator: "\n").map(String.init)
  }
}

extension ColumnChooser: LayerContent {
  var layer: Layer { .columns(self) }

  var kind: LayerKind? { .columns }

  func hints(_ keys: UserKeys) -> [(keys: String, label: String)] {
    [
      (keys[LayerAction.toggle], "Show or hide"),
      ("\(keys[LayerAction.columnDown]) \(keys[LayerAction.columnUp])", "Move"), ("Enter", "Keep"),
      (keys[LayerAction.usual], "As usual"), ("Esc", "Cancel"),
    ]
  }

  mutating func press(_ key: Key, in world: World) -> LayerReply {
    note = ""
    switch key {
    case "Esc", "q": return .close
    case "Enter", "^S":
      let ids = items.filter(\.isChosen).map(\.id).joined(separator: "\n")
      return LayerReply(closes: true, outcome: .tell(.submitted(action, ["columns": ids])))
    case "Space": toggle()
    case "J", "S-Down": move(1)
    case "K", "S-Up": move(-1)
    case "r": choose(usual)
    default:
      switch GlobalKeys.motion(key) {
      case .up: selected = max(0, selected - 1)
      case .down: selected = min(items.count - 1, selected + 1)
      case .pageUp, .halfUp: selected = max(0, selected - 10)
      case .pageDown, .halfDown: selected = min(items.count - 1, selected + 10)
      case .top: selected = 0
      case .bottom: selected = items.count - 1
      case .left, .right, nil: break
      }
    }
    return .stay
  }

  private mutating func toggle() {
    if items[selected].isChosen, items.filter(\.isChosen).count == 1 {
      note = "One column stays."
    } else {
      items[selected].isChosen.toggle()
    }
  }

  private mutating func move(_ step: Int) {
    let target = selected + step
    guard items.indices.contains(target) else { return }
    items.swapAt(selected, target)
    selected = target
  }

  mutating func wheel(_ rows: Int, in world: World) -> LayerReply {
    selected = max(0, min(items.count - 1, selected + rows.signum()))
    return .stay
  }

  mutating func click(_ point: Point, in world: World) -> LayerReply {
    let frame = Canvas.popupFrame(size(world), on: world.size)
    guard frame.contains(point) else { return .close }
    let line = point.y - frame.y - 1 + top(frame.height - 3)
    guard items.indices.contains(line), point.y - frame.y - 1 < frame.height - 3 else {
      return .stay
    }
    selected = line
    toggle()
    return .stay
  }

  private func top(_ height: Int) -> Int { max(0, selected - max(1, height) + 1) }

  private func size(_ world: World) -> Size {
    Size(min(66, world.size.width - 4), items.count + 3)
  }

  func draw(on canvas: inout Canvas, in world: World) {
    let chosen = items.filter(\.isChosen).count
    let count = "\(chosen) of \(items.count)"
    canvas.popup(size(world), title: "Columns", note: count) { canvas in
      let height = canvas.height - 1
      let top = top(height)
      for (y, item) in items.dropFirst(top).prefix(height).enumerated() {
        let isSelected = y + top == selected
        canvas.inside(Rect(0, y, canvas.width, 1), on: isSelected ? .selection : .popup) { line in
          line.fill()
          line.text(item.isChosen ? "[x]" : "[ ]", 1, 0, item.isChosen ? .accent : .dim)
          line.text(item.title, 5, 0, item.isChosen ? .text : .dim, width: 18)
          line.text(item.help, 24, 0, .dim, width: max(0, line.width - 25))
        }
      }
      canvas.scrollBar(canvas.width, 0, height, top: top, total: items.count)
      canvas.text(note, 1, height, .warning, width: canvas.width - 2)
    }
  }
}
