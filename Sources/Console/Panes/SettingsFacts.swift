// What is said of one setting beside its help: its key, what it takes, its default, and where its
// value comes from; and the sections at the side where there is room. What must stay true: a secret
// is said to be set, never what it is.

import Basics
import Domain
import Screen

enum SettingsFacts {
  static let height = 3

  /// Two lines about the setting with the focus.
  static func lines(
    _ setting: SettingDescription, _ row: SettingRow?, _ form: Form, in world: World
  ) -> [[Run]] {
    let fallback =
      setting.defaultText.isEmpty ? "no default" : "default \(setting.defaultText)"
    return [
      [
        Run(setting.key, .strong), Run("  \(takes(setting))", .label), Run("  \(fallback)", .dim),
      ],
      origin(setting, row, form, in: world),
    ]
  }

  static func takes(_ setting: SettingDescription) -> String {
    switch setting.kind {
    case .text: "a text"
    case .secret: "a secret, or env:NAME, file:PATH, command:COMMAND"
    case .number(let range):
      "a whole number from \(Wording.number(range.lowerBound)) to"
        + " \(Wording.number(range.upperBound))"
    case .toggle: "yes or no"
    case .choice(let names): "one of: \(names.joined(separator: ", "))"
    }
  }

  private static func origin(
    _ setting: SettingDescription, _ row: SettingRow?, _ form: Form, in world: World
  ) -> [Run] {
    let was = form.initialValue(of: setting.key)
    if form[setting.key] != was {
      let before =
        setting.isSecret
        ? (was.isEmpty ? "nothing" : "another one")
        : was.isEmpty
          ? "the default" : setting.kind == .toggle ? (was == "true" ? "yes" : "no") : was
      return [
        Run(
          "Changed here, not saved; it was \(before). \(world.keys[SettingsAction.undo]) undoes it.",
          .warning)
      ]
    }
    guard let row, let value = row.value else { return [Run("Its default holds.", .dim)] }
    let when = row.changedAt.map { " on \(Wording.short($0, in: world))" } ?? ""
    let who = row.changedBy.isEmpty ? "" : " by \(row.changedBy)"
    return [Run("Set\(who)\(when)\(reference(setting, value)).", .dim)]
  }

  /// Where a secret is read from each time, where it is not kept here itself.
  private static func reference(_ setting: SettingDescription, _ value: Secret) -> String {
    guard setting.isSecret else { return "" }
    let kinds = [
      "env:": "read from the environment", "file:": "read from a file",
      "command:": "asked of a command",
    ]
    let text = value.reveal()
    return kinds.first { text.hasPrefix($0.key) }.map { "; \($0.value) each time" }
      ?? "; kept in the workspace's file"
  }
}

/// The sections as a column, each with how many of its settings were changed.
struct SettingsSections {
  static let width = 20
  /// From this width of the pane on they are shown.
  private static let wide = 110

  static func columns(in room: Rect) -> (sections: Rect?, form: Rect) {
    guard room.width >= wide else { return (nil, room) }
    var rest = room
    let left = rest.cutLeft(width)
    _ = rest.cutLeft(2)
    return (left, rest)
  }

  private let form: Form
  private var sections: [SettingSection] {
    SettingSection.allCases.filter { section in fields(section).contains { !$0.isHidden } }
  }

  init(_ form: Form) { self.form = form }

  private func fields(_ section: SettingSection) -> [Form.Field] {
    form.fields.filter { Settings.description(of: $0.id)?.section == section }
  }

  /// The first field of the section on this line.
  func field(atLine line: Int) -> String? {
    sections.indices.contains(line)
      ? fields(sections[line]).first { $0.takesFocus }?.id : nil
  }

  func draw(on canvas: inout Canvas) {
    let current = form.focused.flatMap { Settings.description(of: $0.id)?.section }
    let changed = Set(form.changedIDs)
    for (y, section) in sections.enumerated() {
      let isCurrent = section == current
      let fields = fields(section)
      let count = fields.count { changed.contains($0.id) }
      canvas.text(
        isCurrent ? canvas.glyphs.cursor : " ", 0, y, .accent)
      canvas.text(section.rawValue, 2, y, isCurrent ? .strong : .label, width: canvas.width - 7)
      if fields.contains(where: { !$0.problem.isEmpty }) {
        canvas.text(canvas.glyphs.failure, canvas.width - 5, y, .danger)
      }
      if count > 0 { canvas.text("\(canvas.glyphs.mark)\(count)", canvas.width - 4, y, .mark) }
    }
    canvas.verticalLine(canvas.width - 1, 0, canvas.height)
  }
}

/// The edits of the pane that are not saved, to be undone and done again.
struct SettingsHistory: Sendable, Equatable {
  struct Step: Sendable, Equatable {
    var id: String
    var before: String
    var after: String
  }

  private var past: [[Step]] = []
  private var future: [[Step]] = []
  private static let most = 100

  var canUndo: Bool { !past.isEmpty }
  var canRedo: Bool { !future.isEmpty }

  mutating func note(_ steps: [Step]) {
    let steps = steps.filter { $0.before != $0.after }
    if steps.isEmpty { return }
    past = past.suffix(Self.most - 1) + [steps]
    future = []
  }

  /// The fields with what they held before.
  mutating func undo() -> [(id: String, value: String)] {
    guard let steps = past.popLast() else { return [] }
    future.append(steps)
    return steps.reversed().map { ($0.id, $0.before) }
  }

  mutating func redo() -> [(id: String, value: String)] {
    guard let steps = future.popLast() else { return [] }
    past.append(steps)
    return steps.map { ($0.id, $0.after) }
  }
}
