// One line typed at the foot of the screen, for filters and searches; a search is completed as it is
// typed. What must stay true: Enter keeps exactly what is seen, and what is offered is taken by Tab
// alone.

import Basics
import Domain
import Screen

package struct Prompt: Sendable, Equatable {
  package var action: ActionID
  package var label: String
  package var help: String
  /// What a search may name; nil for what is no search.
  private(set) var words: SearchVocabulary?
  private var completion: SearchCompletion?
  private var chosen = 0
  private var field: TextField

  package init(
    _ action: ActionID, label: String, text: String = "", help: String = "",
    completing words: SearchVocabulary? = nil
  ) {
    self.action = action
    self.label = label
    self.help = help
    self.words = words
    field = TextField(text)
    complete()
  }

  /// More is known of what can be named.
  mutating func learn(_ words: SearchVocabulary) {
    let old = completion?.suggestions
    self.words = words
    complete()
    if completion?.suggestions.prefix(old?.count ?? 0).elementsEqual(old ?? []) != true {
      chosen = 0
    }
  }

  /// What could stand in the place of what is typed.
  mutating func offer(_ suggestions: [SearchSuggestion], instead text: String) {
    guard text == field.text else { return }
    completion = SearchCompletion(replacing: 0..<text.count, by: suggestions)
    chosen = 0
  }

  private mutating func complete() {
    completion = words.map { SearchCompletion(field.text, cursor: field.cursor, $0) }
    chosen = max(0, min(chosen, suggestions.count - 1))
  }

  private var suggestions: [SearchSuggestion] { completion?.suggestions ?? [] }

  private static func help(_ suggestion: SearchSuggestion) -> String {
    suggestion.people.map { Wording.people($0) } ?? suggestion.help
  }
}

extension Prompt: LayerContent {
  var layer: Layer { .prompt(self) }
  var kind: LayerKind? { .prompt }

  func hints(_ keys: UserKeys) -> [(keys: String, label: String)] {
    suggestions.isEmpty
      ? [("Enter", "Keep"), ("Esc", "Clear"), ("Up Down", "Move")]
      : [
        (keys[LayerAction.complete], "Take"), ("Up Down", "Choose"), ("Enter", "Keep"),
        ("Esc", "Clear"),
      ]
  }

  mutating func press(_ key: Key, in world: World) -> LayerReply {
    switch key {
    case "Enter":
      return LayerReply(
        closes: true, outcome: .tell(.submitted(action, ["text": field.text])))
    case "Esc": return LayerReply(closes: true, outcome: .tell(.cancelled(action)))
    case "Tab" where !suggestions.isEmpty: return take()
    case "Down" where !suggestions.isEmpty, "S-Down", "^N":
      chosen = min(chosen + 1, max(0, suggestions.count - 1))
      return .stay
    case "Up" where !suggestions.isEmpty, "S-Up":
      chosen = max(chosen - 1, 0)
      return .stay
    case "Up", "Down", "PgUp", "PgDn":
      return LayerReply(outcome: GlobalKeys.motion(key).map { .tell(.moved($0)) } ?? .none)
    default: return edit(.key(key))
    }
  }

  private mutating func take() -> LayerReply {
    guard let completion, suggestions.indices.contains(chosen) else { return .stay }
    let (text, cursor) = completion.taking(suggestions[chosen], in: field.text)
    field.set(text, cursor: cursor)
    return changed()
  }

  mutating func paste(_ text: String, in world: World) -> LayerReply {
    edit(.pasted(text))
  }

  private mutating func edit(_ event: InputEvent) -> LayerReply {
    switch field.handle(event) {
    case .changed: return changed()
    case .moved:
      complete()
      return .stay
    case .ignored: return .stay
    }
  }

  private mutating func changed() -> LayerReply {
    chosen = 0
    complete()
    return LayerReply(outcome: .tell(.typed(action, field.text)))
  }

  mutating func click(_ point: Point, in world: World) -> LayerReply {
    let frame = list(world)
    guard frame.inset(1, 1).contains(point) else { return .stay }
    chosen = top(frame.height - 2) + point.y - frame.y - 1
    return take()
  }

  mutating func wheel(_ rows: Int, in world: World) -> LayerReply {
    chosen = max(0, min(chosen + rows.signum(), suggestions.count - 1))
    return .stay
  }

  // MARK: The picture

  /// The frame of what is offered, above the line that is typed; empty where nothing is.
  private func list(_ world: World) -> Rect {
    let row = ScreenLayout(world.size).notice
    guard !suggestions.isEmpty else { return Rect(0, row.y, 0, 0) }
    let widest =
      suggestions.map { CharacterWidth.of($0.label) + CharacterWidth.of(Self.help($0)) }.max() ?? 0
    let height = min(suggestions.count, 8, max(1, row.y - 6)) + 2
    return Rect(2, row.y - height, min(widest + 7, world.size.width - 4), height)
  }

  private func top(_ height: Int) -> Int { max(0, chosen - max(1, height) + 1) }

  func draw(on canvas: inout Canvas, in world: World) {
    let row = ScreenLayout(world.size).notice
    drawList(on: &canvas, world)
    canvas.inside(row) { canvas in
      canvas.fill()
      canvas.hideCursor()
      let x = canvas.text(" \(label) ", 0, 0, .accent)
      let isLong = words != nil || completion != nil
      let width = min(isLong ? 72 : 48, max(8, canvas.width - x - 1))
      field.draw(on: &canvas, x, 0, width: width, focused: true)
      let rest = canvas.width - x - width - 2
      if rest > 10 { canvas.text(help, x + width + 1, 0, .dim, width: rest) }
    }
  }

  private func drawList(on canvas: inout Canvas, _ world: World) {
    let frame = list(world)
    guard !frame.isEmpty else { return }
    let labels = suggestions.map { CharacterWidth.of($0.label) }.max() ?? 0
    canvas.inside(frame, on: .popup) { canvas in
      canvas.fill()
      let count = suggestions.count
      let note = count > frame.height - 2 ? "\(chosen + 1) of \(Wording.number(count))" : ""
      let room = canvas.box(canvas.bounds, title: "", note: note, focused: true)
      let top = top(room.height)
      for (y, suggestion) in suggestions.dropFirst(top).prefix(room.height).enumerated() {
        let isChosen = y + top == chosen
        canvas.inside(
          Rect(room.x, room.y + y, room.width, 1), on: isChosen ? .selection : .popup
        ) { line in
          line.fill()
          line.text(suggestion.label, 1, 0, isChosen ? .text : .accent, width: line.width - 2)
          let x = min(labels, line.width / 2) + 3
          line.text(Self.help(suggestion), x, 0, .dim, width: max(0, line.width - x - 1))
        }
      }
    }
  }
}
