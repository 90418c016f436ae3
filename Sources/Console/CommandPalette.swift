// Everything that can be done, in this pane and in the others, and every setting, found by a few
// letters. It knows nothing of its own: its entries are the bindings and the table of settings, and
// choosing one is pressing its key, there where it acts.

import Basics
import Domain
import Screen

package struct CommandPalette: Sendable, Equatable {
  struct Entry: Sendable, Equatable {
    var label: String
    /// Where it belongs to, where that is not here: a pane, a section of the settings.
    var place = ""
    var help: String
    var keys: String
    /// As a file writes it: `mailchimp.key`.
    var name = ""
    var whyNot: String?
    var outcome: LayerReply.Outcome

    /// Of an action in a menu: its key is no key by itself.
    var isBehindMenu: Bool {
      if case .use(let binding) = outcome { binding.place == .actionMenu } else { false }
    }
  }

  private var entries: [Entry]
  private var field = TextField()
  private var selected = 0

  init(_ entries: [Entry]) { self.entries = entries }

  /// The entries that fit what was typed, best first.
  var matches: [Entry] {
    guard !field.text.isEmpty else { return entries }
    return entries.enumerated()
      .compactMap { index, entry in
        Fuzzy.score(field.text, in: entry).map { (score: $0, index: index, entry: entry) }
      }
      .sorted { ($1.score, $0.index) < ($0.score, $1.index) }
      .map(\.entry)
  }
}

extension CommandPalette.Entry {
  /// What can be done here.
  init(_ binding: KeyBinding, _ names: UserKeys = UserKeys()) {
    let menu = "\(names[GlobalKeys.actions]) "
    self.init(
      label: binding.label, help: binding.help,
      keys: (binding.place == .actionMenu ? menu : "") + binding.keyNames,
      name: "\(binding.action)", whyNot: binding.whyNot, outcome: .use(binding))
  }

  /// What can be done in another pane.
  init(_ binding: KeyBinding, in pane: PaneID, _ names: UserKeys) {
    let menu = "\(names[GlobalKeys.actions]) "
    let keys = (binding.place == .actionMenu ? menu : "") + (binding.keys.first?.description ?? "")
    self.init(
      label: binding.label, place: "\(pane)", help: binding.help, keys: "\(names[pane]) \(keys)",
      name: "\(binding.action)", outcome: .order([.act(pane, binding.action)]))
  }

  init(_ setting: SettingDescription, _ names: UserKeys) {
    self.init(
      label: setting.label, place: "Settings, \(setting.section.rawValue)",
      help: setting.help, keys: names[.settings], name: setting.key,
      outcome: .order([.jump(.setting(setting.key))]))
  }
}

/// How well a few letters fit a text.
enum Fuzzy {
  /// Nil where the letters do not all occur in order. Beginnings of words and runs of letters
  /// count more; so do short texts.
  static func score(_ letters: String, in text: String) -> Int? {
    let wanted = Array(letters.lowercased().unicodeScalars.filter { $0 != " " })
    guard !wanted.isEmpty else { return 0 }
    let given = Array(text.lowercased().unicodeScalars)
    var (score, next, last) = (0, 0, -2)
    for (place, scalar) in given.enumerated() where next < wanted.count && scalar == wanted[next] {
      let startsWord = place == 0 || given[place - 1] == " "
      score += startsWord ? 10 : (place == last + 1 ? 6 : 1)
      (next, last) = (next + 1, place)
    }
    return next == wanted.count ? score * 8 - given.count : nil
  }

  /// The key itself counts most, then the name, then what it belongs to, the sentence least.
  static func score(_ letters: String, in entry: CommandPalette.Entry) -> Int? {
    if entry.keys == letters || entry.keys.split(separator: " ").contains(Substring(letters)) {
      return entry.place.isEmpty && !entry.isBehindMenu ? 10_000 : 1500
    }
    if let score = score(letters, in: entry.label) {
      return score + (entry.place.isEmpty ? 1010 : 1000)
    }
    if !entry.place.isEmpty, let score = score(letters, in: "\(entry.place) \(entry.label)") {
      return score + 600
    }
    // In sentences letters occur by accident: there whole pieces are wanted.
    let sentence = "\(entry.help) \(entry.name)".lowercased()
    return sentence.contains(letters.lowercased()) ? 0 : nil
  }
}

extension CommandPalette: LayerContent {
  var layer: Layer { .palette(self) }
  var kind: LayerKind? { nil }

  func hints(_ keys: UserKeys) -> [(keys: String, label: String)] {
    [("Enter", "Do it"), ("Up Down", "Choose"), ("Esc", "Close")]
  }

  mutating func press(_ key: Key, in world: World) -> LayerReply {
    switch key {
    case "Esc", "^P": return .close
    case "Up", "S-Tab": selected = max(0, selected - 1)
    case "Down", "Tab": selected = min(max(0, matches.count - 1), selected + 1)
    case "Enter": return choose(selected)
    default:
      if field.handle(key) == .changed { selected = 0 }
    }
    return .stay
  }

  mutating func paste(_ text: String, in world: World) -> LayerReply {
    if field.handle(.pasted(text)) == .changed { selected = 0 }
    return .stay
  }

  mutating func wheel(_ rows: Int, in world: World) -> LayerReply {
    selected = max(0, min(matches.count - 1, selected + rows.signum()))
    return .stay
  }

  mutating func click(_ point: Point, in world: World) -> LayerReply {
    let frame = Canvas.popupFrame(size(world), on: world.size)
    guard frame.contains(point) else { return .close }
    return choose(first(frame.height - 4) + point.y - frame.y - 3)
  }

  private func choose(_ index: Int) -> LayerReply {
    let found = matches
    guard found.indices.contains(index) else { return .stay }
    return LayerReply(closes: true, outcome: found[index].outcome)
  }

  private func size(_ world: World) -> Size {
    // Wide screens have room for whole sentences.
    Size(
      min(max(76, world.size.width - 16), 130, world.size.width - 4),
      min(max(24, world.size.height * 2 / 3), world.size.height - 4))
  }

  /// The first entry in view where `rows` are shown.
  private func first(_ rows: Int) -> Int { max(0, selected - max(0, rows - 1)) }

  func draw(on canvas: inout Canvas, in world: World) {
    let found = matches
    canvas.popup(size(world), title: "Command", note: "\(found.count)") { canvas in
      field.draw(
        on: &canvas, 0, 0, width: canvas.width, focused: true,
        placeholder: "A few letters of an action, a pane or a setting")
      let rows = max(0, canvas.height - 2)
      let first = first(rows)
      if found.isEmpty { canvas.text("Nothing is called that.", 0, 2, .dim) }
      for (line, entry) in found.dropFirst(first).prefix(rows).enumerated() {
        let isSelected = first + line == selected
        canvas.inside(
          Rect(0, line + 2, canvas.width, 1), on: isSelected ? .selection : .popup
        ) { row in
          row.fill()
          let isOff = entry.whyNot != nil
          row.text(entry.label, 1, 0, isOff ? .dim : .strong, width: min(24, row.width - 2))
          let room = row.width - 26 - 10
          let about = entry.place.isEmpty ? entry.help : "\(entry.place): \(entry.help)"
          if room > 8 { row.text(entry.whyNot ?? about, 26, 0, .dim, width: room) }
          row.text(
            entry.keys, row.width - 10, 0, isOff ? .keyDisabled : .key, width: 9, align: .right)
        }
      }
    }
  }
}
