// Choices behind one key, each with its letter. A choice that cannot be made now stays in its place and
// says why.

import Basics
import Domain
import Screen

package struct Menu: Sendable, Equatable {
  package enum Choice: Sendable, Equatable {
    case use(KeyBinding)
    case order([Effect])
    /// For the pane that opened the menu.
    case tell(PaneEvent)
  }

  package struct Item: Sendable, Equatable {
    package var key: Key
    package var label: String
    package var whyNot: String?
    package var choice: Choice

    package init(_ key: Key, _ label: String, _ choice: Choice, whyNot: String? = nil) {
      self.key = key
      self.label = label
      self.choice = choice
      self.whyNot = whyNot
    }
  }

  package var title: String
  package var items: [Item]
  private(set) var selected = 0

  /// Begins at the first choice that can be made unless told where.
  package init(title: String, items: [Item], selected: Int? = nil) {
    self.title = title
    self.items = items
    self.selected = selected ?? items.firstIndex { $0.whyNot == nil } ?? 0
  }

  init(title: String, bindings: [KeyBinding]) {
    self.init(
      title: title,
      items: bindings.map { binding in
        Item(binding.keys.first ?? "Enter", binding.label, .use(binding), whyNot: binding.whyNot)
      })
  }

  static func copying(_ copies: [CopyItem]) -> Menu {
    Menu(
      title: "Copy",
      items: copies.enumerated().map { index, copy in
        let letter = Unicode.Scalar(UInt8(97 + index % 26))
        let target = copy.target == .file ? "to a file" : "to the clipboard"
        return Item(
          Key(letter), "\(copy.label), \(target)", .order([.copy(copy.text, copy.target)]))
      })
  }
}

/// Something `y` offers.
package struct CopyItem: Sendable, Equatable {
  package var label: String
  package var text: String
  package var target: CopyTarget

  package init(_ label: String, _ text: String, to target: CopyTarget = .clipboard) {
    self.label = label
    self.text = text
    self.target = target
  }
}

extension Menu: LayerContent {
  var layer: Layer { .menu(self) }
  var kind: LayerKind? { .menu }

  func hints(_ keys: UserKeys) -> [(keys: String, label: String)] {
    [("Enter", "Choose"), ("Esc", "Cancel")]
  }

  func owns(_ key: Key) -> Bool { items.contains { $0.key == key } }

  mutating func press(_ key: Key, in world: World) -> LayerReply {
    if let item = items.first(where: { $0.key == key }) { return choose(item) }
    switch key {
    case "Esc", "q": return .close
    case "Up", "k", "S-Tab": selected = max(0, selected - 1)
    case "Down", "j", "Tab": selected = min(items.count - 1, selected + 1)
    case "Enter", "Space":
      if items.indices.contains(selected) { return choose(items[selected]) }
    default: break
    }
    return .stay
  }

  mutating func wheel(_ rows: Int, in world: World) -> LayerReply {
    selected = max(0, min(items.count - 1, selected + rows.signum()))
    return .stay
  }

  mutating func click(_ point: Point, in world: World) -> LayerReply {
    let frame = Canvas.popupFrame(size(world), on: world.size)
    guard frame.contains(point) else { return .close }
    guard point.y - frame.y - 1 < rows(frame.height - 2) else { return .stay }
    let line = point.y - frame.y - 1 + top(rows(frame.height - 2))
    return items.indices.contains(line) ? choose(items[line]) : .stay
  }

  private func choose(_ item: Item) -> LayerReply {
    if let whyNot = item.whyNot {
      return LayerReply(closes: true, outcome: .order([.notice(Notice(.warning, whyNot))]))
    }
    switch item.choice {
    case .use(let binding): return LayerReply(closes: true, outcome: .use(binding))
    case .order(let effects): return LayerReply(closes: true, outcome: .order(effects))
    case .tell(let event): return LayerReply(closes: true, outcome: .tell(event))
    }
  }

  /// The first item in view: the selected one always is.
  private func top(_ height: Int) -> Int { max(0, selected - height + 1) }

  /// What there is to say below the items of the selected one: why not, or what it does.
  private func about(_ item: Item) -> String {
    if let whyNot = item.whyNot { return whyNot }
    if case .use(let binding) = item.choice { return binding.help }
    return ""
  }

  /// Blank line included; 0 where there would mostly be nothing to say.
  private var aboutHeight: Int { items.allSatisfy { !about($0).isEmpty } ? 3 : 0 }

  /// Lines for the items, of so many.
  private func rows(_ height: Int) -> Int { max(1, height - aboutHeight) }

  private func size(_ world: World) -> Size {
    let widest = items.map { CharacterWidth.of($0.label) }.max() ?? 0
    let width = max(widest, title.count) + 12
    return Size(
      min(aboutHeight > 0 ? max(50, width) : width, world.size.width - 4),
      min(items.count + 2 + aboutHeight, world.size.height - 2))
  }

  func draw(on canvas: inout Canvas, in world: World) {
    canvas.popup(size(world), title: title) { canvas in
      let rows = rows(canvas.height)
      if rows < canvas.height, items.indices.contains(selected) {
        let said = Fold.text([about(items[selected])], to: canvas.width - 2, .dim)
        for (y, line) in said.prefix(canvas.height - rows - 1).enumerated() {
          canvas.line(line, 1, rows + 1 + y, width: canvas.width - 2)
        }
      }
      let top = top(rows)
      for (y, item) in items.dropFirst(top).prefix(rows).enumerated() {
        let isSelected = y + top == selected
        canvas.inside(Rect(0, y, canvas.width, 1), on: isSelected ? .selection : .popup) { line in
          line.fill()
          if isSelected { line.standOn(0, 0) }
          let isOff = item.whyNot != nil
          line.text(item.key.description, 1, 0, isOff ? .keyDisabled : .key)
          line.text(item.label, 6, 0, isOff ? .dim : .text, width: max(0, line.width - 7))
        }
      }
    }
  }
}
