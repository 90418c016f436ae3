// Completes what somebody types in the search language: fields, and after a colon the values that
// can stand there. What must stay true: whatever is offered, once taken, is read by `SearchQuery` as
// that field and that value, quotation marks included.

import Basics

/// What a search here can name beyond the words of the language.
package struct SearchVocabulary: Sendable, Equatable {
  package struct Counted: Sendable, Equatable {
    package var word: String
    package var people: Int?

    package init(_ word: String, people: Int? = nil) {
      self.word = word
      self.people = people
    }
  }

  package var customFields: [CustomField] = []
  package var accounts: [String] = []
  package var tags: [String] = []
  package var states: [Counted] = []
  package var reasons: [Counted] = []
  /// Values people have in text fields, most frequent first: those of the last beginning that was
  /// asked for.
  package var values: [Counted] = []
  /// Which beginning that was.
  package var beginning: SearchBeginning?

  package init() {}
}

/// The beginning of a value, in a field whose values only the directory knows.
package struct SearchBeginning: Sendable, Equatable {
  package var field: SearchField
  package var text: String

  package init(_ field: SearchField, _ text: String) {
    self.field = field
    self.text = text
  }
}

package struct SearchSuggestion: Sendable, Equatable {
  /// What comes in the place of the piece that is being typed.
  package var text: String
  package var label: String
  package var help: String
  /// How many have it, where that is known.
  package var people: Int?

  package init(text: String, label: String, help: String = "", people: Int? = nil) {
    self.text = text
    self.label = label
    self.help = help
    self.people = people
  }
}

package struct SearchCompletion: Sendable, Equatable {
  /// The characters of the text that a suggestion replaces.
  package let range: Range<Int>
  /// Best first.
  package let suggestions: [SearchSuggestion]
  /// What the directory is to be asked for, where only it knows what could follow.
  package let beginning: SearchBeginning?

  /// For the cursor after `cursor` characters of `text`.
  package init(_ text: String, cursor: Int, _ words: SearchVocabulary) {
    let piece = Piece(Array(text.prefix(cursor)), words.customFields)
    range = piece.start..<cursor
    switch piece.place {
    case .field(let typed):
      beginning = nil
      let isAlone = text.allSatisfy(\.isWhitespace)
      suggestions =
        typed.isEmpty && !isAlone ? [] : Self.fields(beginningWith: typed, words.customFields)
    case .value(let field, let typed, let isCompared):
      beginning = Self.asksDirectory(field) && !typed.isEmpty ? SearchBeginning(field, typed) : nil
      suggestions = Self.values(of: field, beginningWith: typed, isCompared, words)
    case .nothing:
      beginning = nil
      suggestions = []
    }
  }

  /// Of a text that is no search.
  package init(replacing range: Range<Int>, by suggestions: [SearchSuggestion]) {
    self.range = range
    self.suggestions = suggestions
    beginning = nil
  }

  /// `text` with a suggestion taken, and where the cursor then stands.
  package func taking(_ suggestion: SearchSuggestion, in text: String) -> (
    text: String, cursor: Int
  ) {
    let head = String(text.prefix(range.lowerBound)) + suggestion.text
    return (head + text.dropFirst(range.upperBound), head.count)
  }

  // MARK: Fields

  private static func fields(
    beginningWith typed: String, _ custom: [CustomField]
  ) -> [SearchSuggestion] {
    let all = SearchField.builtIn + custom.map { .custom($0.name, $0.type) }
    return all.filter { $0.word.lowercased().hasPrefix(typed.lowercased()) && $0.word != typed }
      .map { SearchSuggestion(text: $0.typed + ":", label: $0.word + ":", help: $0.help) }
  }

  // MARK: Values

  private static func asksDirectory(_ field: SearchField) -> Bool {
    switch field {
    case .account, .tag, .reason: false
    case .custom(_, .choice): false
    default: field.kind == .text
    }
  }

  private static func values(
    of field: SearchField, beginningWith typed: String, _ isCompared: Bool,
    _ words: SearchVocabulary
  ) -> [SearchSuggestion] {
    var all: [(word: String, help: String, people: Int?)] = []
    func plain(_ words: [String]) -> [(String, String, Int?)] { words.map { ($0, "", nil) } }
    func counted(_ list: [SearchVocabulary.Counted]) -> [(String, String, Int?)] {
      list.map { ($0.word, "", $0.people) }
    }
    switch (field, field.kind) {
    case (.state, .choice(let names)):
      all = names.map { name in (name, "", words.states.first { $0.word == name }?.people) }
    case (.reason, _): all = counted(words.reasons)
    case (.account, _): all = plain(words.accounts)
    case (.tag, _): all = plain(words.tags)
    case (.custom(let name, .choice), _):
      all = plain(words.customFields.first { $0.name == name }?.choices ?? [])
    case (_, .choice(let names)): all = plain(names)
    case (_, .date):
      all = [
        ("today", "since midnight", nil), ("this-month", "since the first", nil),
        (">", "after a day, such as >2026-01-31", nil), ("<", "before a day", nil),
      ]
    case (_, .birthday): all = plain(["today", "this-month"])
    case (_, .number): all = [(">", "more than", nil), ("<", "less than", nil)]
    default:
      if words.beginning == SearchBeginning(field, typed) { all = counted(words.values) }
    }
    if isCompared { all.removeAll { ["<", ">"].contains($0.word) } }
    let lowered = typed.lowercased()
    var found = all.filter { $0.word.lowercased().hasPrefix(lowered) }.map { value in
      let isText = field.kind == .text
      return SearchSuggestion(
        text: isText ? SearchText.quoted(value.word) : value.word, label: value.word,
        help: value.help, people: value.people)
    }
    if field.canBeMissing, !isCompared, "none".hasPrefix(lowered) {
      found.append(SearchSuggestion(text: "none", label: "none", help: "who has no value"))
    }
    // Nothing is left to complete.
    return found.count == 1 && found[0].label == typed ? [] : found
  }
}

/// What is being typed at the cursor.
private struct Piece {
  enum Place {
    case field(String)
    /// `isCompared`: after `=`, `<` or `>`.
    case value(SearchField, String, isCompared: Bool)
    case nothing
  }
  /// The first of the characters that make it up.
  var start: Int
  var place: Place

  init(_ text: [Character], _ custom: [CustomField]) {
    var token = 0
    var colon: Int?
    var value = 0
    var isQuoted = false
    for (index, character) in text.enumerated() {
      switch character {
      case "\"" where index == 0 || text[index - 1] != "\\": isQuoted.toggle()
      case _ where isQuoted: break
      case _ where character.isWhitespace:
        (token, colon) = (index + 1, nil)
      case ":" where colon == nil: (colon, value) = (index, index + 1)
      case "," where colon != nil: value = index + 1
      default: break
      }
    }
    if token < text.count, text[token] == "-" { token += 1 }
    guard let colon else {
      let typed = String(text[token...])
      start = token
      place = typed.contains("\"") ? .nothing : .field(typed)
      return
    }
    let name = String(text[token..<colon]).filter { $0 != "\"" }
    let fields = SearchField.builtIn + custom.map { .custom($0.name, $0.type) }
    let isCompared = value < text.count && "=<>".contains(text[value])
    if isCompared { value += 1 }
    start = value
    guard let field = fields.first(where: { $0.word == name || $0.word == name.lowercased() })
    else {
      place = .nothing
      return
    }
    let typed = String(text[value...]).filter { $0 != "\"" && $0 != "\\" }
    place = .value(field, typed, isCompared: isCompared)
  }
}

extension SearchField {
  /// Its word as a search has it before the colon.
  fileprivate var typed: String {
    if case .custom(let name, _) = self { "custom.\(SearchText.quoted(name))" } else { word }
  }

  /// What it asks, for somebody who chooses one.
  package var help: String {
    switch self {
    case .last: "part of the last name"
    case .first: "part of the first name"
    case .name: "part of first and last name"
    case .email: "part of any of their addresses"
    case .account: "the group they belong to"
    case .kind: "individual or organisation"
    case .company: "part of the company's name"
    case .phone: "part of the phone number"
    case .optIn: "yes, no or unknown"
    case .active: "yes or no"
    case .deleted: "marked as deleted: yes or no"
    case .state: "in-step, waiting, excluded or refused"
    case .reason: "why they stand there"
    case .updated: "when they changed last: >2026-01-31, today"
    case .created: "when they came in: this-month, <2026-01-31"
    case .birthday: "12/31, today or this-month"
    case .id: "the number here"
    case .external: "the id in the system they come from"
    case .tag: "what we gave their contact"
    case .custom(_, let type): "a custom field: \(type.rawValue)"
    }
  }
}
