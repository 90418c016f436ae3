// How transforms are written, in mappings on the command line, in exports and in the file:
// `trim, case(title)`, `join(first_name, last_name; " ")`. Printing and reading back is the identity.

import Basics

extension Transform: CustomStringConvertible {
  package var description: String {
    switch self {
    case .trim: "trim"
    case .letterCase(let letterCase): "case(\(letterCase.rawValue))"
    case .dateFormat(let pattern): "date(\(TransformText.word(pattern)))"
    case .monthDay: "month-day"
    case .phone(let format): "phone(\(format.rawValue))"
    case .constant(let text): "constant(\(TransformText.quoted(text)))"
    case .join(let fields, let separator):
      "join(\(fields.map { TransformText.word($0.description) }.joined(separator: ", ")); "
        + "\(TransformText.quoted(separator)))"
    case .defaultWhenEmpty(let text): "default(\(TransformText.quoted(text)))"
    }
  }

  /// Several steps as one text; empty for none.
  package static func print(_ steps: [Transform]) -> String {
    steps.map(\.description).joined(separator: ", ")
  }

  /// Reads what `print` gives. A text that cannot be read is refused with the column and the forms
  /// there are.
  package static func list(_ text: String) throws(Problem) -> [Transform] {
    var reader = TransformText(text: text)
    return try reader.list()
  }
}

private struct TransformText {
  private let characters: [Unicode.Scalar]
  private var at = 0

  init(text: String) { characters = Array(text.unicodeScalars) }

  static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { out.unicodeScalars.append("\\") }
      out.unicodeScalars.append(scalar)
    }
    return out + "\""
  }

  /// Bare where it reads back as it is.
  static func word(_ text: String) -> String {
    let isBare = text.utf8.allSatisfy { byte in
      switch byte {
      case 48...57, 65...90, 97...122: true
      default: "_./-".utf8.contains(byte)
      }
    }
    return isBare && !text.isEmpty ? text : quoted(text)
  }

  mutating func list() throws(Problem) -> [Transform] {
    var steps: [Transform] = []
    skipBlanks()
    while at < characters.count {
      steps.append(try step())
      skipBlanks()
      if at == characters.count { break }
      try expect(",")
      skipBlanks()
      if at == characters.count { throw problem("a step is missing after ','", at: at) }
    }
    return steps
  }

  private mutating func step() throws(Problem) -> Transform {
    let start = at
    let name = bareWord()
    switch name {
    case "trim": return .trim
    case "month-day": return .monthDay
    case "case":
      return .letterCase(try choice(of: Transform.LetterCase.allCases))
    case "phone":
      return .phone(try choice(of: Transform.PhoneFormat.allCases))
    case "date":
      let pattern = try argument()
      guard ["YYYY", "MM", "DD"].contains(where: { pattern.contains($0) }) else {
        throw problem("'\(pattern)' has none of YYYY, MM and DD", at: start)
      }
      return .dateFormat(pattern)
    case "constant": return .constant(try argument())
    case "default": return .defaultWhenEmpty(try argument())
    case "join": return try join()
    default:
      let names = ["trim", "case", "date", "month-day", "phone", "constant", "join", "default"]
      throw problem(
        name.isEmpty ? "a step is missing" : "there is no step '\(name)'", at: start,
        suggestion: Suggestion.sentence(name, among: names))
    }
  }

  private mutating func join() throws(Problem) -> Transform {
    try expect("(")
    var fields: [PersonField] = []
    var separator = " "
    repeat {
      skipBlanks()
      let start = at
      let name = try word()
      guard let field = PersonField(name) else {
        throw problem(
          "there is no field '\(name)'", at: start,
          suggestion: Suggestion.sentence(name, among: PersonField.builtIn.map(\.description)))
      }
      fields.append(field)
      skipBlanks()
    } while take(",")
    if take(";") {
      skipBlanks()
      separator = try word()
      skipBlanks()
    }
    try expect(")")
    return .join(fields, separator: separator)
  }

  private mutating func choice<Choice: RawRepresentable<String>>(of choices: [Choice])
    throws(Problem) -> Choice
  {
    let start = at
    let word = try argument()
    guard let choice = choices.first(where: { $0.rawValue == word.lowercased() }) else {
      let words = choices.map(\.rawValue)
      throw problem(
        "'\(word)' is none of \(words.joined(separator: ", "))", at: start,
        suggestion: Suggestion.sentence(word, among: words))
    }
    return choice
  }

  private mutating func argument() throws(Problem) -> String {
    try expect("(")
    skipBlanks()
    let word = try word()
    skipBlanks()
    try expect(")")
    return word
  }

  private mutating func word() throws(Problem) -> String {
    guard take("\"") else {
      let start = at
      while at < characters.count, !",;()\"".unicodeScalars.contains(characters[at]) { at += 1 }
      var text = characters[start..<at]
      while text.last?.properties.isWhitespace ?? false { text.removeLast() }
      if text.isEmpty { throw problem("a value is missing", at: start) }
      return String(String.UnicodeScalarView(text))
    }
    let start = at - 1
    var text = String.UnicodeScalarView()
    while at < characters.count {
      let scalar = characters[at]
      at += 1
      if scalar == "\"" { return String(text) }
      if scalar == "\\", at < characters.count {
        text.append(characters[at])
        at += 1
      } else {
        text.append(scalar)
      }
    }
    throw problem("a quote is not closed", at: start)
  }

  private mutating func bareWord() -> String {
    let start = at
    while at < characters.count, !",;()\"".unicodeScalars.contains(characters[at]),
      !characters[at].properties.isWhitespace
    { at += 1 }
    return String(String.UnicodeScalarView(characters[start..<at])).lowercased()
  }

  private mutating func take(_ sign: Unicode.Scalar) -> Bool {
    guard at < characters.count, characters[at] == sign else { return false }
    at += 1
    return true
  }

  private mutating func expect(_ sign: Unicode.Scalar) throws(Problem) {
    skipBlanks()
    guard take(sign) else {
      throw problem(
        at < characters.count
          ? "'\(characters[at])' stands where '\(sign)' was expected" : "'\(sign)' is missing",
        at: at)
    }
  }

  private mutating func skipBlanks() {
    while at < characters.count, characters[at].properties.isWhitespace { at += 1 }
  }

  private func problem(_ what: String, at: Int, suggestion: String = "") -> Problem {
    Problem(
      "mapping.unreadable-transform",
      Text.oneLine("The transform cannot be read: \(what), at column \(at + 1)."),
      remedy: "Give steps such as \(Transform.forms.joined(separator: ", ")), with commas between."
        + suggestion,
      fields: ["column": String(at + 1)])
  }
}
