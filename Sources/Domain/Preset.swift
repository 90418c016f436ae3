// The five set-ups that must work as they are (product.md §13). A preset only fills in settings;
// schedules and the mapping; everything can be changed afterwards.

import Basics

package enum Preset: String, Sendable, CaseIterable {
  case registrants, constituents, customers, users, families

  /// One line for help and the wizard.
  package var summary: String {
    switch self {
    case .registrants: "opted-in registrants, nightly; opt-ins both ways; leavers are archived"
    case .constituents:
      "active individuals, nightly; every search is a tag; leavers are archived"
    case .customers: "who opted in, on change; opt-ins both ways; leavers are archived"
    case .users: "everyone with an address; on change, both ways; leavers are kept"
    case .families: "managers instead of children; every 24 hours; leavers are kept"
    }
  }

  /// What to set, by key; all of them keys of `Settings`. Whatever another preset sets is set here
  /// too, so that one can be put over another.
  package var settings: [String: String] {
    [
      Settings.direction.key: (self == .users ? SyncDirection.both : .toMailchimp).rawValue,
      Settings.scope.key: (isOptedInOnly ? Scope.optedIn : .everyone).description,
      Settings.includesOrganisations.key: "no",
      Settings.leavers.key: (keepsLeavers ? LeaverRule.keep : .archive).rawValue,
      Settings.duplicates.key: DuplicateRule.lastChanged.rawValue,
      Settings.existing.key: (self == .users ? ExistingRule.whenChanged : .all).rawValue,
      Settings.addressChange.key:
        (self == .users ? AddressChangeRule.newContact : .rename).rawValue,
      Settings.arrivals.key: (self == .users ? ArrivalRule.add : .list).rawValue,
      Settings.consentBack.key: isOptedInOnly ? "yes" : "no",
      Settings.onChange.key: schedules.isEmpty ? "yes" : "no",
      Settings.everySearchIsTag.key: self == .constituents ? "yes" : "no",
    ]
  }

  private var isOptedInOnly: Bool { self == .registrants || self == .customers }
  private var keepsLeavers: Bool { self == .users || self == .families }

  /// When it runs by the clock; without any, on change.
  package var schedules: [ScheduleTerms] {
    switch self {
    case .registrants, .constituents:
      ClockTime(hour: 2, minute: 30).map { [ScheduleTerms(.syncSubscriptions, .daily($0))] } ?? []
    case .families: [ScheduleTerms(.syncSubscriptions, .hours(24))]
    case .customers, .users: []
    }
  }

  /// The mapping it starts with: names go both ways where values are taken.
  package var mapping: [FieldMapping] {
    FieldMapping.initial.map { row in
      var row = row
      row.direction = self == .users ? .both : .toMailchimp
      return row
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
