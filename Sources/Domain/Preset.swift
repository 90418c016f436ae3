// The five set-ups that must work as they are (product.md §13). A preset only fills in settings;
// every one can be changed afterwards.

import Basics

package enum Preset: String, Sendable, CaseIterable {
  case registrants, constituents, customers, users, families

  /// One line for help and the wizard.
  package var summary: String {
    switch self {
    case .registrants: "opted-in registrants; leavers are archived"
    case .constituents: "active individuals; leavers are archived"
    case .customers: "customers who ticked the opt-in; leavers are archived"
    case .users: "everyone with an address, when they change; leavers are kept"
    case .families: "account managers instead of children; leavers are kept"
    }
  }

  /// What to set, by key; all of them keys of `Settings`.
  package var settings: [String: String] {
    switch self {
    case .registrants, .customers:
      [
        Settings.scope.key: Scope.optedIn.description,
        Settings.leavers.key: LeaverRule.archive.rawValue,
      ]
    case .constituents:
      [
        Settings.scope.key: Scope.everyone.description,
        Settings.includesOrganisations.key: "no",
        Settings.leavers.key: LeaverRule.archive.rawValue,
        Settings.everySearchIsTag.key: "yes",
      ]
    case .users:
      [
        Settings.scope.key: Scope.everyone.description,
        Settings.leavers.key: LeaverRule.keep.rawValue,
        Settings.duplicates.key: DuplicateRule.lastChanged.rawValue,
        Settings.existing.key: ExistingRule.whenChanged.rawValue,
      ]
    case .families:
      [
        Settings.scope.key: Scope.everyone.description,
        Settings.leavers.key: LeaverRule.keep.rawValue,
      ]
    }
  }

  /// The preset named `word`, or a refusal with what there is.
  package static func named(_ word: String) throws(Problem) -> Preset {
    if let preset = Preset(rawValue: word.lowercased()) { return preset }
    let names = allCases.map(\.rawValue)
    throw Problem(
      "preset.unknown", "There is no preset '\(Text.oneLine(word))'.",
      remedy: "Give one of: \(names.joined(separator: ", "))."
        + Suggestion.sentence(word, among: names))
  }
}
