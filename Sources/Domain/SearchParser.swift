// Reads the search language:
//
//     query = term { blank term }              all must hold
//     term  = ["-"] ( word | field ":" match { "," match } )
//     match = "none" | ["="] word | ("<" | ">") value
//     word  = text without blanks, or "in quotes", where \" and \\ stand for themselves
//
// There are no parentheses. A text that cannot be read is refused with the column and what could
// stand there; nothing is guessed, because scopes decide mail.

import Basics

extension SearchQuery {
  /// Reads `text`; `customFields` are the ones `custom.NAME` may name.
  package init(_ text: String, customFields: [CustomField] = []) throws(Problem) {
    var parser = SearchParser(text: text, customFields: customFields)
    self = try parser.query()
  }
}

private struct SearchParser {
  private let scalars: [Unicode.Scalar]
  private let customFields: [CustomField]
  private var at = 0

  init(text: String, customFields: [CustomField]) {
    scalars = Array(text.unicodeScalars)
    self.customFields = customFields
  }

  mutating func query() throws(Problem) -> SearchQuery {
    var terms: [SearchTerm] = []
    skipBlanks()
    while at < scalars.count {
      terms.append(try term())
      skipBlanks()
    }
    return SearchQuery(terms)
  }

  // MARK: Grammar

  private mutating func term() throws(Problem) -> SearchTerm {
    let isNegated = take("-")
    let start = at
    let word = try word()
    if take(":") {
      if word.hasQuoteFirst { throw problem("A field's name stands in quotes", at: start) }
      // `custom:NAME:value` is read as `custom.NAME:value`.
      if word.text == "custom" {
        let name = try self.word()
        guard take(":") else {
          throw problem(
            "A value is missing after 'custom.\(name.text)'", at: start,
            remedy: "Write custom.\(SearchText.quoted(name.text)):value.")
        }
        let field = try field("custom.\(name.text)", at: start)
        return SearchTerm(.field(field, try matches(of: field)), isNegated: isNegated)
      }
      let field = try field(word.text, at: start)
      return SearchTerm(.field(field, try matches(of: field)), isNegated: isNegated)
    }
    if word.text.isEmpty {
      throw problem(
        at < scalars.count ? "'\(scalars[at])' stands alone" : "Something is missing", at: start,
        remedy: "Give a word, or a field and a value such as last:smith.")
    }
    if at < scalars.count, !isBlank(scalars[at]) {
      throw problem(
        "'\(scalars[at])' stands alone", at: at, remedy: "Put text with such signs in quotes.")
    }
    return SearchTerm(.text(word.text), isNegated: isNegated)
  }

  private mutating func matches(of field: SearchField) throws(Problem) -> [SearchMatch] {
    var matches: [SearchMatch] = []
    repeat { matches.append(try match(of: field)) } while take(",")
    if at < scalars.count, !isBlank(scalars[at]) {
      throw problem(
        "'\(scalars[at])' stands alone", at: at, remedy: "Put text with such signs in quotes.")
    }
    return matches
  }

  private mutating func match(of field: SearchField) throws(Problem) -> SearchMatch {
    let start = at
    let sign = ["=", "<", ">"].first { take($0) }
    let word = try word()
    if word.text.isEmpty {
      throw problem(
        "A value is missing after '\(field.word):'", at: start,
        remedy: "Expected: \(expectation(field)).")
    }
    if sign == nil, !word.isQuoted, word.text == "none" {
      guard field.canBeMissing else {
        throw problem(
          "'none' cannot hold: everybody has a value in '\(field.word)'", at: start,
          remedy: "Expected: \(expectation(field)).")
      }
      return .missing
    }
    switch field.kind {
    case .text:
      if let sign, sign != "=" {
        throw problem(
          "'\(sign)' compares dates and numbers, and '\(field.word)' is text", at: start,
          remedy: "Write \(field.word):\(SearchText.quoted(word.text)), or put a text with that "
            + "sign in quotes.")
      }
      return sign == "=" ? .equals(word.text) : .contains(word.text)
    case .choice(let words): return try choice(word.text, of: words, field, sign, at: start)
    case .number:
      guard let number = Double(plain: word.text) else {
        throw mismatch(word.text, field, at: start)
      }
      return .number(comparison(sign), number)
    case .date:
      if let date = date(word.text) { return .date(comparison(sign), date) }
      throw mismatch(word.text, field, at: start)
    case .birthday:
      guard sign == nil || sign == "=", let birthday = birthday(word.text) else {
        throw mismatch(word.text, field, at: start)
      }
      return .birthday(birthday)
    }
  }

  private func choice(
    _ word: String, of words: [String], _ field: SearchField, _ sign: String?, at start: Int
  ) throws(Problem) -> SearchMatch {
    let lowered = word.lowercased()
    guard sign == nil || sign == "=", words.contains(lowered) else {
      throw problem(
        "'\(field.word)' has no value '\(word)'", at: start,
        remedy: "Expected: \(expectation(field)).\(Suggestion.sentence(word, among: words))")
    }
    return .equals(lowered)
  }

  private func field(_ name: String, at start: Int) throws(Problem) -> SearchField {
    if name.hasPrefix("custom.") {
      let rest = String(name.dropFirst(7))
      if let field = customFields.first(where: { $0.name == rest }) {
        return .custom(field.name, field.type)
      }
      throw problem(
        "There is no custom field '\(rest)'", at: start,
        remedy: customFields.isEmpty
          ? "Add the custom field first."
          : "Expected: \(customFields.map(\.name).joined(separator: ", "))."
            + Suggestion.sentence(rest, among: customFields.map(\.name)))
    }
    let lowered = name.lowercased()
    if let field = SearchField.builtIn.first(where: { $0.word == lowered }) { return field }
    let words = SearchField.builtIn.map(\.word)
    throw problem(
      name.isEmpty ? "A field's name is missing before ':'" : "There is no field '\(name)'",
      at: start,
      remedy: "Expected: \(words.joined(separator: ", ")) or custom.NAME."
        + Suggestion.sentence(name, among: words))
  }

  // MARK: Values

  private func comparison(_ sign: String?) -> SearchComparison {
    sign.flatMap { SearchComparison(rawValue: $0) } ?? .equal
  }

  private func date(_ word: String) -> SearchDate? {
    switch word {
    case "today": .today
    case "this-month": .thisMonth
    default: CivilDate(word).map { .day($0) }
    }
  }

  private func birthday(_ word: String) -> SearchBirthday? {
    switch word {
    case "today": .today
    case "this-month": .thisMonth
    default: MonthDay(word).map { .day($0) }
    }
  }

  private func expectation(_ field: SearchField) -> String {
    let none = field.canBeMissing ? ", or none" : ""
    return switch field.kind {
    case .text: "text, =exact text\(none)"
    case .choice(let words): words.joined(separator: ", ") + none
    case .number: "a number, >number, <number\(none)"
    case .date: "a date like 2026-01-31, >date, <date, today, this-month\(none)"
    case .birthday: "month and day like 01/31, today, this-month\(none)"
    }
  }

  private func mismatch(_ word: String, _ field: SearchField, at start: Int) -> Problem {
    problem(
      "'\(word)' does not fit '\(field.word)'", at: start,
      remedy: "Expected: \(expectation(field)).")
  }

  private func problem(_ what: String, at: Int, remedy: String = "") -> Problem {
    Problem(
      "search.unreadable", Text.oneLine("\(what) at column \(at + 1) of the search."),
      remedy: Text.oneLine(remedy), fields: ["column": String(at + 1)])
  }

  // MARK: Words

  private struct Word {
    var text: String
    var isQuoted = false
    var hasQuoteFirst = false
  }

  /// Up to a blank, a colon or a comma outside quotes.
  private mutating func word() throws(Problem) -> Word {
    var word = Word(text: "")
    let start = at
    while at < scalars.count {
      let scalar = scalars[at]
      if scalar == "\"" {
        if at == start { word.hasQuoteFirst = true }
        word.isQuoted = true
        word.text += try quotedText()
      } else if isBlank(scalar) || scalar == ":" || scalar == "," {
        break
      } else {
        word.text.unicodeScalars.append(scalar)
        at += 1
      }
    }
    return word
  }

  private mutating func quotedText() throws(Problem) -> String {
    let start = at
    var text = ""
    at += 1
    while at < scalars.count {
      let scalar = scalars[at]
      at += 1
      if scalar == "\"" { return text }
      if scalar == "\\", at < scalars.count {
        text.unicodeScalars.append(scalars[at])
        at += 1
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    throw problem("A quote is not closed", at: start, remedy: "End it with \".")
  }

  private mutating func take(_ sign: Unicode.Scalar) -> Bool {
    guard at < scalars.count, scalars[at] == sign else { return false }
    at += 1
    return true
  }

  private mutating func take(_ sign: String) -> Bool {
    sign.unicodeScalars.first.map { take($0) } ?? false
  }

  private mutating func skipBlanks() {
    while at < scalars.count, isBlank(scalars[at]) { at += 1 }
  }

  private func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace }
}
