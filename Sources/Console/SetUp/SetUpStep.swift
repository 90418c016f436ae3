// The steps of the set-up, with what each says and which fields it asks. What must stay true: a field
// here is a setting of the one table, shown, explained and checked as the Settings pane does it.

import Basics
import Domain
import Screen

enum SetUpStep: Int, Sendable, CaseIterable {
  case start, connections, settings, mapping, test, finish

  var title: String {
    switch self {
    case .start: "Initial configuration"
    case .connections: "Connections"
    case .settings: "Settings"
    case .mapping: "Field mapping"
    case .test: "Test"
    case .finish: "Finish"
    }
  }

  var number: Int { rawValue + 1 }
  var next: SetUpStep? { SetUpStep(rawValue: rawValue + 1) }
  var previous: SetUpStep? { SetUpStep(rawValue: rawValue - 1) }

  /// A sentence above the fields.
  var sentence: String {
    switch self {
    case .start: "A name, a clock, and a usual set-up."
    case .connections: "The key is tried at once, before it is kept."
    case .settings: "Who is on the list, which way, and when."
    case .mapping: "Which field here goes into which there."
    case .test: "One person goes there and back: you."
    case .finish: "What stands, and what the first sync does."
    }
  }
}

enum SetUpAction {
  static let open: ActionID = "set-up.open"
  /// The same for a new workspace, by itself.
  static let begin: ActionID = "set-up.begin"
  static let next: ActionID = "set-up.next"
  static let previous: ActionID = "set-up.previous"
  static let fields: ActionID = "set-up.fields"
  static let editor: ActionID = "set-up.editor"
  static let execution: ActionID = "set-up.execution"
  static let takeBack: ActionID = "set-up.take-back"
  static let delete: ActionID = "set-up.delete"
  static let again: ActionID = "set-up.again"
  static let previousPerson: ActionID = "set-up.previous-person"
  static let nextPerson: ActionID = "set-up.next-person"
  static let nextField: ActionID = "set-up.next-field"
  static let reveal: ActionID = "set-up.reveal"
}

enum SetUpForms {
  static let preset = "preset"
  static let login = "log-in"

  static func form(_ step: SetUpStep, _ values: [String: Secret], hasKey: Bool) -> Form? {
    func fields(_ keys: String...) -> [Form.Field] {
      keys.compactMap { key in
        Settings.description(of: key).map { SettingFields.field($0, values[key]) }
      }
    }
    switch step {
    case .start:
      let choices =
        [Form.Choice("", "as it stands")]
        + Preset.allCases.map { Form.Choice($0.rawValue) }
      let names = fields(Settings.name.key, Settings.zone.key).map { field in
        var field = field
        field.isRequired = true
        if field.value.isEmpty { field.value = field.placeholder }
        return field
      }
      return Form(
        names + [
          Form.Field(
            preset, "Begin with", .choice(choices), value: "",
            help: "Space or a letter chooses. It only fills in settings; all can be changed later.")
        ])
    case .connections:
      let asked = fields(Settings.key.key, Settings.url.key).map { field in
        guard field.kind == .secret else { return field }
        var field = field
        // What is set is not shown here: empty keeps it.
        field.value = ""
        field.placeholder = hasKey ? "set; empty keeps it" : ""
        field.isRequired = !hasKey
        return field
      }
      return Form(
        asked + [
          Form.Field(
            login, "Log in by browser", .button,
            help: "Gives access in a browser; needs a client id and secret in Settings.")
        ])
    case .settings:
      return Form(
        fields(
          Settings.direction.key, Settings.scope.key, Settings.leavers.key, Settings.existing.key,
          Settings.onChange.key))
    case .mapping, .test, .finish: return nil
    }
  }

  /// What is wrong with a field; empty when nothing is. A key is judged once it is whole: pasted, or
  /// left.
  static func flaw(
    _ field: Form.Field, isFinal: Bool, isTyped: Bool = false, searches: [SavedSearchRow]? = nil
  ) -> String {
    let text = Text.oneLine(field.value)
    let isReference = ["env:", "file:", "command:", "oauth:"].contains { text.hasPrefix($0) }
    if field.id == Settings.key.key, !text.isEmpty, !isTyped, !isReference,
      let flaw = KeyShape.flaw(of: text)
    {
      return flaw.description
    }
    if text.isEmpty, field.isRequired { return isFinal ? "\(field.label) is needed." : "" }
    return Settings.description(of: field.id).map {
      SettingFields.problem(field.value, $0, searches: searches)
    } ?? ""
  }
}
