// The search language as a value (product.md §5): a list of terms that must all hold. What must
// stay true: printing a query and reading it again gives the same query, because scopes decide mail.
// Reading is in `SearchParser`, the meaning in `SearchMatching`, the SQL in `Storage`.

import Basics

package struct SearchQuery: Sendable, Equatable {
  /// Raised when a text may come to mean something else than before.
  package static let grammarVersion = 1

  /// All must hold; an empty query holds for everybody.
  package var terms: [SearchTerm]

  package init(_ terms: [SearchTerm] = []) { self.terms = terms }

  package var isEmpty: Bool { terms.isEmpty }

  /// True when what it finds depends on the day, so that it must be evaluated again each midnight.
  package var dependsOnToday: Bool {
    terms.contains { term in
      guard case .field(_, let matches) = term.condition else { return false }
      return matches.contains { match in
        switch match {
        case .date(_, .today), .date(_, .thisMonth), .birthday(.today), .birthday(.thisMonth): true
        default: false
        }
      }
    }
  }
}

extension SearchQuery {
  /// The first field in it that the scope itself decides: who is on the list may not depend on it.
  package var fieldTheScopeDecides: String? {
    for term in terms {
      guard case .field(let field, _) = term.condition else { continue }
      if [.state, .reason, .tag].contains(field) { return field.word }
    }
    return nil
  }

  /// True when it asks who holds a tag.
  package var asksForTags: Bool {
    terms.contains { term in
      if case .field(.tag, _) = term.condition { true } else { false }
    }
  }
}

package struct SearchTerm: Sendable, Equatable {
  package var isNegated: Bool
  package var condition: SearchCondition

  package init(_ condition: SearchCondition, isNegated: Bool = false) {
    self.condition = condition
    self.isNegated = isNegated
  }
}

package enum SearchCondition: Sendable, Equatable {
  /// Free text: contained in the name, an e-mail address, the company, the phone number, the
  /// account's name or the external id.
  case text(String)
  /// Any of the matches, at least one.
  case field(SearchField, [SearchMatch])
}

/// One of the alternatives after the colon.
package enum SearchMatch: Sendable, Equatable {
  /// Text that contains this; letter case does not count (`SearchText`).
  case contains(String)
  /// Text that is this, letter case aside; and the one form of choices and yes/no.
  case equals(String)
  /// No value.
  case missing
  case number(SearchComparison, Double)
  case date(SearchComparison, SearchDate)
  case birthday(SearchBirthday)
}

package enum SearchComparison: String, Sendable, CaseIterable {
  case equal = ""
  /// Of dates: after the end of that day.
  case greater = ">"
  /// Of dates: before that day begins.
  case less = "<"
}

/// A day, or a span of days, in the workspace's time zone.
package enum SearchDate: Sendable, Equatable, CustomStringConvertible {
  case day(CivilDate)
  case today
  case thisMonth

  package var description: String {
    switch self {
    case .day(let day): day.description
    case .today: "today"
    case .thisMonth: "this-month"
    }
  }
}

package enum SearchBirthday: Sendable, Equatable, CustomStringConvertible {
  case day(MonthDay)
  case today
  case thisMonth

  package var description: String {
    switch self {
    case .day(let day): day.description
    case .today: "today"
    case .thisMonth: "this-month"
    }
  }
}

/// What may stand before a colon.
package enum SearchField: Sendable, Hashable {
  case last, first, name, email, account, kind, company, phone, optIn, active, deleted, state
  case reason, updated, created, birthday, id, external, tag
  /// `custom.NAME`, with its type at the time of reading.
  case custom(String, FieldType)

  package static let builtIn: [SearchField] = [
    .last, .first, .name, .email, .account, .kind, .company, .phone, .optIn, .active, .deleted,
    .state, .reason, .updated, .created, .birthday, .id, .external, .tag,
  ]

  package var word: String {
    switch self {
    case .last: "last"
    case .first: "first"
    case .name: "name"
    case .email: "email"
    case .account: "account"
    case .kind: "kind"
    case .company: "company"
    case .phone: "phone"
    case .optIn: "opt-in"
    case .active: "active"
    case .deleted: "deleted"
    case .state: "state"
    case .reason: "reason"
    case .updated: "updated"
    case .created: "created"
    case .birthday: "birthday"
    case .id: "id"
    case .external: "external"
    case .tag: "tag"
    case .custom(let name, _): "custom.\(name)"
    }
  }

  /// How values of the field are read and compared.
  package enum Kind: Sendable, Equatable {
    case text
    /// One of these words, nothing else.
    case choice([String])
    case number, date, birthday
  }

  package var kind: Kind {
    switch self {
    case .last, .first, .name, .email, .account, .company, .phone, .reason, .external, .tag: .text
    case .kind: .choice(Person.Kind.allCases.map(\.rawValue))
    case .optIn: .choice(OptIn.allCases.map(\.rawValue))
    case .active, .deleted: .choice(["yes", "no"])
    case .state: .choice(PersonState.allCases.map(\.searchWord))
    case .updated, .created: .date
    case .birthday: .birthday
    case .id: .number
    case .custom(_, let type):
      switch type {
      case .text, .choice, .address: .text
      case .number: .number
      case .yesNo: .choice(["yes", "no"])
      case .date: .date
      case .birthday: .birthday
      }
    }
  }

  /// Whether `none` can hold: some fields always have a value.
  package var canBeMissing: Bool {
    switch self {
    case .kind, .optIn, .active, .deleted, .state, .updated, .id: false
    default: true
    }
  }
}

extension PersonState {
  /// As the search language writes it, in one word.
  package var searchWord: String { self == .inStep ? "in-step" : rawValue }
}

// Printing.
extension SearchQuery: CustomStringConvertible {
  package var description: String { terms.map(\.description).joined(separator: " ") }
}

extension SearchTerm: CustomStringConvertible {
  package var description: String {
    let text =
      switch condition {
      case .text(let text): SearchText.quoted(text, isFree: true)
      case .field(let field, let matches):
        "\(field.printed):\(matches.map(\.printed).joined(separator: ","))"
      }
    return isNegated ? "-\(text)" : text
  }
}

extension SearchField {
  fileprivate var printed: String {
    if case .custom(let name, _) = self { "custom.\(SearchText.quoted(name))" } else { word }
  }
}

extension SearchMatch {
  fileprivate var printed: String {
    switch self {
    case .contains(let text): SearchText.quoted(text)
    case .equals(let text): "=\(SearchText.quoted(text))"
    case .missing: "none"
    case .number(let comparison, let number): comparison.rawValue + number.plain
    case .date(let comparison, let date): comparison.rawValue + date.description
    case .birthday(let birthday): birthday.description
    }
  }
}

/// Text inside queries: quoting, and what "contains" means.
package enum SearchText {
  /// In quotes where the bare text would be read as something else.
  static func quoted(_ text: String, isFree: Bool = false) -> String {
    // Canonical equivalence must not hide a difference, so this looks at scalars.
    let bare = text.unicodeScalars.allSatisfy { scalar in
      !scalar.properties.isWhitespace && !Text.isControl(scalar)
        && !"\"\\:,".unicodeScalars.contains(scalar)
    }
    let first = text.unicodeScalars.first
    let leads = first.map { "-=<>".unicodeScalars.contains($0) } ?? true
    if bare, !leads, isFree || text.lowercased() != "none" { return text }
    var out = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { out.unicodeScalars.append("\\") }
      out.unicodeScalars.append(scalar)
    }
    return out + "\""
  }

  /// Lower case for A to Z alone, the way SQLite's `lower()` does it.
  package static func asciiLower(_ text: String) -> String {
    String(decoding: text.utf8.map { (65...90).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
  }

  /// The spellings to look for in `asciiLower` text so that letter case does not count for other
  /// letters either: as typed, all small, all capital, with a capital first letter, and each word
  /// with one. One for plain ASCII. A text contains the word when it contains one of these.
  package static func spellings(of word: String) -> [String] {
    if word.utf8.allSatisfy({ $0 < 0x80 }) { return [asciiLower(word)] }
    let lower = word.lowercased()
    let title = lower.prefix(1).uppercased() + lower.dropFirst()
    let words = Transform.LetterCase.title.apply(lower)
    var spellings: [String] = []
    for spelling in [word, lower, word.uppercased(), title, words].map(asciiLower)
    where !spellings.contains(where: { $0.utf8.elementsEqual(spelling.utf8) }) {
      spellings.append(spelling)
    }
    return spellings
  }
}
