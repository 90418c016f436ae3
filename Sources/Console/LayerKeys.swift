// The keys of what lies over a pane, and of fields in it: forms, dialogs, menus, pages. What must stay
// true: whatever somebody chose, a letter is text wherever text is typed, Esc leaves, Enter takes,
// and arrows move.

import Screen

enum LayerAction {
  static let save: ActionID = "form.save"
  static let next: ActionID = "form.next"
  static let previous: ActionID = "form.previous"
  static let test: ActionID = "form.test"
  static let reveal: ActionID = "form.reveal"
  static let personBefore: ActionID = "form.person-before"
  static let personAfter: ActionID = "form.person-after"
  static let yes: ActionID = "dialog.yes"
  static let no: ActionID = "dialog.no"
  static let close: ActionID = "menu.close"
  static let closePage: ActionID = "page.close"
  static let search: ActionID = "page.search"
  static let complete: ActionID = "search.complete"
  static let toggle: ActionID = "columns.toggle"
  static let columnUp: ActionID = "columns.up"
  static let columnDown: ActionID = "columns.down"
  static let usual: ActionID = "columns.usual"
  static let copyAddress: ActionID = "login.copy"
}

/// What lies over a pane, by the keys it takes.
enum LayerKind: CaseIterable, Sendable {
  case form, dialog, menu, page, prompt, columns, login

  var title: String {
    switch self {
    case .form: "In forms and fields"
    case .dialog: "In questions"
    case .menu: "In menus and lists of themes"
    case .page: "In pages to read"
    case .prompt: "While a search is typed"
    case .columns: "In the list of columns"
    case .login: "In a login"
    }
  }

  /// Keys are text there.
  var takesText: Bool { self == .form || self == .prompt || self == .login }

  var bindings: [KeyBinding] {
    switch self {
    case .form:
      [
        KeyBinding(["^S"], "Save", LayerAction.save, help: "Save what is in the form."),
        KeyBinding(["Tab"], "Next field", LayerAction.next, help: "To the next field."),
        KeyBinding(["S-Tab"], "Field before", LayerAction.previous, help: "To the field before."),
        KeyBinding(["^T"], "Try", LayerAction.test, help: "Try what is in it; nothing is saved."),
        KeyBinding(
          ["^R"], "Reveal", LayerAction.reveal, help: "Show a secret for ten seconds, or hide it."),
        KeyBinding(
          ["PgUp"], "Person before", LayerAction.personBefore,
          help: "In a row of the mapping: show it on the people before."),
        KeyBinding(
          ["PgDn"], "Other people", LayerAction.personAfter,
          help: "In a row of the mapping: show it on other people."),
      ]
    case .dialog:
      [
        KeyBinding(["y", "Y"], "Yes", LayerAction.yes, help: "Do it."),
        KeyBinding(["n", "q"], "No", LayerAction.no, help: "Let it be, as Esc does."),
      ]
    case .menu:
      [KeyBinding(["q"], "Close", LayerAction.close, help: "Choose nothing, as Esc does.")]
    case .page:
      [
        KeyBinding(
          ["/"], "Search", LayerAction.search, help: "Show only the lines that have a word."),
        KeyBinding(
          ["q", "?", "!"], "Close", LayerAction.closePage, help: "Close the page, as Esc does."),
      ]
    case .prompt:
      [
        KeyBinding(
          ["Tab"], "Take", LayerAction.complete, help: "Take what is offered to complete a search.")
      ]
    case .columns:
      [
        KeyBinding(
          ["Space"], "Show or hide", LayerAction.toggle, help: "Show a column, or hide it."),
        KeyBinding(["K", "S-Up"], "Up", LayerAction.columnUp, help: "Move a column up."),
        KeyBinding(["J", "S-Down"], "Down", LayerAction.columnDown, help: "Move a column down."),
        KeyBinding(
          ["r"], "As usual", LayerAction.usual, help: "The columns that are usual, in their order."),
        KeyBinding(["q"], "Close", LayerAction.close, help: "Choose nothing, as Esc does."),
      ]
    case .login:
      [
        KeyBinding(
          ["^Y"], "Copy the address", LayerAction.copyAddress,
          help: "Copy the address to open in a browser.")
      ]
    }
  }
}

extension UserKeys {
  /// The key that a place with these bindings takes for what was pressed; nil for one that was given
  /// away. `isText`: what types something is text.
  func meaning(
    of key: Key, among bindings: [KeyBinding], isText: Bool
  ) -> Key? {
    guard isChanged, !isText || key.typed == nil else { return key }
    if let chosen = bindings.first(where: { keys[$0.action]?.contains(key) ?? false }) {
      return chosen.keys.first
    }
    let own = bindings.filter { $0.keys.contains(key) }
    if !own.isEmpty { return own.allSatisfy { keys[$0.action] != nil } ? nil : key }
    guard !isText else { return key }
    // As the moves are called there; one that was given away means none.
    if let motion = motion(key) {
      return GlobalKeys.motions.first { $0.motion == motion }?.keys.first
    }
    return GlobalKeys.motion(key) == nil ? key : nil
  }
}
