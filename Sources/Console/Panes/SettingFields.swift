// Settings as fields of a form: how each is shown, checked and stored. The Settings pane and the
// set-up ask here, so that a text one of them takes is a text the other takes.

import Basics
import Domain
import Screen

enum SettingFields {
  static func kind(_ setting: SettingDescription) -> Form.Kind {
    switch setting.kind {
    case .text: .text
    case .secret: .secret
    case .number: .number
    case .toggle: .toggle
    case .choice(let names): .choice(names.map { Form.Choice($0) })
    }
  }

  /// A stored text as its field holds it; nil where the default holds.
  static func shown(_ value: Secret?, of setting: SettingDescription) -> String {
    let text = value?.reveal()
    switch setting.kind {
    case .toggle:
      return ["yes", "true", "1", "on"].contains(text ?? setting.defaultText) ? "true" : "false"
    case .choice: return text ?? setting.defaultText
    case .text, .secret, .number: return text ?? ""
    }
  }

  /// What a field holds as it is stored; empty where the default is meant.
  static func stored(_ value: String, of setting: SettingDescription) -> String {
    setting.kind == .toggle ? (value == "true" ? "yes" : "no") : Text.oneLine(value)
  }

  /// `searches`: those there are, once they were read.
  static func problem(
    _ value: String, _ setting: SettingDescription, searches: [SavedSearchRow]? = nil
  ) -> String {
    let text = stored(value, of: setting)
    guard !text.isEmpty else { return "" }
    do throws(Problem) {
      try setting.validate(text)
      switch setting.key {
      case Settings.zone.key: return zoneProblem(text)
      case Settings.scope.key: return searches.map { scopeProblem(text, $0) } ?? ""
      default: return ""
      }
    } catch {
      return error.description
    }
  }

  /// Said here already, before the services refuse it.
  private static func zoneProblem(_ name: String) -> String {
    CivilZone(name) != nil
      ? ""
      : "There is no time zone '\(name)'. Give one such as Europe/Paris."
        + Suggestion.sentence(name, among: CivilZone.names)
  }

  /// The same of a search that there is not, or that asks for what the scope decides.
  private static func scopeProblem(_ text: String, _ searches: [SavedSearchRow]) -> String {
    guard case .search(let name)? = Scope(text) else { return "" }
    let known = searches.first { $0.name.lowercased() == name.lowercased() && !$0.isSearchGone }
    guard let known else {
      return "There is no saved search '\(name)'."
        + Suggestion.sentence(name, among: searches.map(\.name))
    }
    // A filter that cannot be read here is left to who saves it.
    let decided = (try? SearchQuery(known.filter))?.fieldTheScopeDecides
    return decided.map { "The search asks for \($0):, which the scope decides." } ?? ""
  }

  /// A field for `setting`, filled with what is stored; nil is the default.
  static func field(_ setting: SettingDescription, _ value: Secret?) -> Form.Field {
    Form.Field(
      setting.key, setting.label, kind(setting), value: shown(value, of: setting),
      required: setting.isRequired,
      help: setting.defaultText.isEmpty
        ? setting.help : "\(setting.help) Default: \(setting.defaultText).",
      placeholder: setting.defaultText)
  }

  /// What is to be written of the fields that were changed.
  static func edits(_ form: Form) -> [SettingEdit] {
    form.changedIDs.compactMap { id -> SettingEdit? in
      guard let setting = Settings.description(of: id) else { return nil }
      let text = stored(form[id], of: setting)
      return SettingEdit(key: id, value: text.isEmpty ? nil : Secret(text))
    }
  }
}
