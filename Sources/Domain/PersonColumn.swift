// What a list of people can show of each, and the order it can be in: one table of columns for the
// grid, the command line and what is remembered of a grid. Its words are those of the search
// language wherever both have one.

import Basics

package enum PersonColumn: Sendable, Hashable {
  case state, name, email, reason, optIn, account, changed
  case company, phone, kind, active, birthday, dateOfBirth, city, country, manager, externalID
  case source, tags, added, id
  /// A custom field.
  case custom(String)

  package static let builtIn: [PersonColumn] = [
    .state, .name, .email, .reason, .optIn, .account, .changed, .company, .phone, .kind, .active,
    .birthday, .dateOfBirth, .city, .country, .manager, .externalID, .source, .tags, .added, .id,
  ]

  /// What a list shows until somebody chooses.
  package static let usual: [PersonColumn] = [
    .state, .name, .email, .reason, .optIn, .account, .changed,
  ]

  package var word: String {
    switch self {
    case .state: "state"
    case .name: "name"
    case .email: "email"
    case .reason: "reason"
    case .optIn: "opt-in"
    case .account: "account"
    case .changed: "changed"
    case .company: "company"
    case .phone: "phone"
    case .kind: "kind"
    case .active: "active"
    case .birthday: "birthday"
    case .dateOfBirth: "born"
    case .city: "city"
    case .country: "country"
    case .manager: "manager"
    case .externalID: "external"
    case .source: "source"
    case .tags: "tags"
    case .added: "added"
    case .id: "id"
    case .custom(let name): "custom.\(name)"
    }
  }

  /// Reads what `word` prints.
  package init?(_ word: String) {
    if word.hasPrefix("custom."), word.count > 7 {
      self = .custom(String(word.dropFirst(7)))
    } else if let column = Self.builtIn.first(where: { $0.word == word }) {
      self = column
    } else {
      return nil
    }
  }

  package var title: String {
    switch self {
    case .email: "E-mail"
    case .optIn: "Opt-in"
    case .externalID: "External id"
    case .custom(let name): name
    default: word.prefix(1).uppercased() + word.dropFirst()
    }
  }

  /// What is first in a list that is ordered by it.
  package var help: String {
    switch self {
    case .state: "in step, waiting, excluded or refused"
    case .name: "first and last name, or the company"
    case .email: "the primary address"
    case .reason: "why they stand there"
    case .optIn: "yes, no or unknown"
    case .account: "the group they belong to"
    case .changed: "when they changed last"
    case .company, .phone, .city, .country: "as it stands in the directory"
    case .kind: "individual or organisation"
    case .active: "yes, no or deleted"
    case .birthday: "month and day"
    case .dateOfBirth: "the date of birth"
    case .manager: "the account manager, of a child"
    case .externalID: "the id in the system they come from"
    case .source: "who tells of them"
    case .tags: "what we gave their contact"
    case .added: "when they came into the workspace"
    case .id: "the number here"
    case .custom: "a custom field"
    }
  }

  /// False for what is read row by row alone.
  package var isSortable: Bool {
    switch self {
    case .source, .tags, .manager: false
    default: true
    }
  }

  /// Times are first wanted latest first.
  package var descendsFirst: Bool { self == .changed || self == .added }
}

/// The order of a list of people.
package struct PeopleSort: Sendable, Hashable, CustomStringConvertible {
  package var column: PersonColumn
  package var isDescending: Bool

  package init(_ column: PersonColumn = .name, descending: Bool? = nil) {
    self.column = column
    isDescending = descending ?? column.descendsFirst
  }

  /// `name`, or `-name` for the other way round than it is first wanted.
  package var description: String {
    (isDescending == column.descendsFirst ? "" : "-") + column.word
  }

  /// Reads what `description` prints.
  package init?(_ text: String) {
    let isReversed = text.hasPrefix("-")
    guard let column = PersonColumn(isReversed ? String(text.dropFirst()) : text),
      column.isSortable
    else { return nil }
    self.init(column, descending: column.descendsFirst != isReversed)
  }

  package var reversed: Self { PeopleSort(column, descending: !isDescending) }
}
