// The themes there are, one below the other: moving onto one shows it at once on everything, Enter
// keeps it, Esc puts the one before back. What must stay true: looking changes no setting.

import Basics
import Screen

/// A theme that can be chosen.
package struct ThemeChoice: Sendable, Equatable {
  /// As the setting names it.
  package var name: String
  /// What it is, or where it comes from.
  package var about: String
  /// It lies in the person's own folder.
  package var isOwn: Bool

  package init(_ name: String, _ about: String, isOwn: Bool = false) {
    self.name = name
    self.about = about
    self.isOwn = isOwn
  }
}

package struct ThemePicker: Sendable, Equatable {
  private var themes: [ThemeChoice]
  private let before: String
  private var selected: Int

  init(_ themes: [ThemeChoice], current: String) {
    self.themes = themes
    before = current
    selected = themes.firstIndex { $0.name == current } ?? 0
  }
}

extension ThemePicker: LayerContent {
  var layer: Layer { .themes(self) }
  var kind: LayerKind? { .menu }

  func hints(_ keys: UserKeys) -> [(keys: String, label: String)] {
    [("Enter", "Keep"), ("Up Down", "Look"), ("Esc", "As before")]
  }

  mutating func press(_ key: Key, in world: World) -> LayerReply {
    switch key {
    case "Esc", "q": return LayerReply(closes: true, outcome: .order([.previewTheme(nil)]))
    case "Enter", "Space": return keep()
    case "Tab": return look(selected + 1)
    case "S-Tab": return look(selected - 1)
    default: break
    }
    switch GlobalKeys.motion(key) {
    case .up: return look(selected - 1)
    case .down: return look(selected + 1)
    case .top, .pageUp, .halfUp: return look(0)
    case .bottom, .pageDown, .halfDown: return look(themes.count - 1)
    case .left, .right, nil: return .stay
    }
  }

  mutating func wheel(_ rows: Int, in world: World) -> LayerReply { look(selected + rows.signum()) }

  mutating func click(_ point: Point, in world: World) -> LayerReply {
    let frame = Canvas.popupFrame(size(world), on: world.size)
    guard frame.contains(point) else {
      return LayerReply(closes: true, outcome: .order([.previewTheme(nil)]))
    }
    let line = point.y - frame.y - 1
    guard line < rows(frame.height - 2) else { return .stay }
    let index = top(frame.height - 2) + line
    return themes.indices.contains(index) && index == selected ? keep() : look(index)
  }

  private func keep() -> LayerReply {
    guard themes.indices.contains(selected) else { return .close }
    return LayerReply(closes: true, outcome: .order([.chooseTheme(themes[selected].name)]))
  }

  private mutating func look(_ index: Int) -> LayerReply {
    let wanted = max(0, min(themes.count - 1, index))
    guard themes.indices.contains(wanted), wanted != selected else { return .stay }
    selected = wanted
    return LayerReply(outcome: .order([.previewTheme(themes[wanted].name)]))
  }

  // MARK: The picture

  /// What a theme is judged by, below the list.
  private static let sample: [Run] = [
    Run("text "), Run("dim ", .dim), Run("success ", .success), Run("warning ", .warning),
    Run("danger ", .danger), Run("accent ", .accent), Run("key", .key),
  ]

  private func size(_ world: World) -> Size {
    let widest = themes.map { CharacterWidth.of($0.name) + CharacterWidth.of($0.about) }.max() ?? 0
    return Size(max(widest + 12, 50), min(themes.count + 5, world.size.height - 4))
  }

  private func rows(_ height: Int) -> Int { max(1, height - 2) }
  private func top(_ height: Int) -> Int { max(0, selected - rows(height) + 1) }

  func draw(on canvas: inout Canvas, in world: World) {
    canvas.popup(size(world), title: "Theme", note: "now \(before)") { canvas in
      let (top, shown) = (top(canvas.height), rows(canvas.height))
      let names = min(24, themes.map { CharacterWidth.of($0.name) }.max() ?? 0)
      for (y, theme) in themes.dropFirst(top).prefix(shown).enumerated() {
        let isSelected = top + y == selected
        canvas.inside(Rect(0, y, canvas.width, 1), on: isSelected ? .selection : .popup) { line in
          line.fill()
          if isSelected { line.standOn(0, 0) }
          line.text(isSelected ? line.glyphs.cursor : " ", 0, 0, .accent)
          line.text(theme.name, 2, 0, .strong, width: names)
          line.text(theme.about, names + 4, 0, .dim, width: max(0, line.width - names - 5))
        }
      }
      canvas.line(Self.sample, 2, canvas.height - 1, width: canvas.width - 3)
    }
  }
}
