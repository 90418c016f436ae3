// Transforms: what happens to a value on its way to Mailchimp, and how they are written. Printing
// and reading back gives the same steps. The cases are in `FieldMapping`.

import Basics

extension Transform {
  /// The forms there are, for help texts and refusals.
  package static let forms = [
    "trim", "case(upper)", "case(lower)", "case(title)", "date(YYYY-MM-DD)", "month-day",
    "phone(digits)", "phone(us)", "constant(\"text\")", "join(first_name, last_name; \" \")",
    "default(\"text\")",
  ]

  /// What follows from values of `type`, nil when this step cannot work on them.
  package func type(from type: FieldType) -> FieldType? {
    switch self {
    case .trim, .letterCase: type == .choice ? .choice : (type == .text ? .text : nil)
    case .dateFormat: type == .date ? .text : nil
    case .monthDay: type == .date || type == .birthday ? .birthday : nil
    case .phone: type == .text ? .text : nil
    case .constant, .join: .text
    case .defaultWhenEmpty(let text):
      // The default must be of the kind it stands in for.
      switch type {
      case .text, .choice: type
      case .address: nil
      default: PersonValue(text, as: type) == .text(text) ? nil : type
      }
    }
  }

  /// True when what this step made of values of `type` can be turned back into them
  /// (`TakenValue`). Month and day do so only where the person field holds no year either.
  package func isReversible(from type: FieldType) -> Bool {
    switch self {
    case .trim, .defaultWhenEmpty: true
    case .dateFormat(let pattern): DatePattern.isComplete(pattern)
    case .monthDay: type == .birthday
    case .letterCase, .phone, .constant, .join: false
    }
  }

  /// One step. A value it cannot work on goes through as it is and is judged by the merge field.
  package func apply(
    _ value: PersonValue, of person: Person, customTypes: [String: FieldType] = [:]
  ) -> PersonValue {
    switch self {
    case .trim: value.mapText { Text.oneLine($0) }
    case .letterCase(let letterCase): value.mapText(letterCase.apply)
    case .dateFormat(let pattern):
      if case .date(let date) = value { .text(Transform.print(date, pattern)) } else { value }
    case .monthDay:
      if case .date(let date) = value, let day = MonthDay(month: date.month, day: date.day) {
        .monthDay(day)
      } else {
        value
      }
    case .phone(let format): value.mapText(format.apply)
    case .constant(let text): .text(text)
    case .join(let fields, let separator):
      .text(
        fields.map { person.value(of: $0, customTypes: customTypes).text }
          .filter { !$0.isEmpty }.joined(separator: separator))
    case .defaultWhenEmpty(let text):
      value.isEmpty ? .text(text) : value
    }
  }

  private static func print(_ date: CivilDate, _ pattern: String) -> String {
    var out = ""
    for piece in DatePattern.pieces(of: pattern) {
      switch piece {
      case .literal(let character): out.append(character)
      case .part("YYYY"): out += padded(Int64(date.year), 4)
      case .part("MM"): out += padded(Int64(date.month), 2)
      case .part: out += padded(Int64(date.day), 2)
      }
    }
    return out
  }

  /// The ten digits of a number in the United States, without a leading 1; nil for any other.
  static func tenDigits(_ text: String) -> String? {
    var digits = text.utf8.filter { (48...57).contains($0) }
    if digits.count == 11, digits.first == UInt8(ascii: "1") { digits.removeFirst() }
    return digits.count == 10 ? String(decoding: digits, as: UTF8.self) : nil
  }
}

/// A date pattern in pieces, so that printing and reading back see the same ones.
enum DatePattern {
  enum Piece: Equatable {
    /// `YYYY`, `MM` or `DD`.
    case part(String)
    case literal(Character)
  }

  static func pieces(of pattern: String) -> [Piece] {
    var pieces: [Piece] = []
    var rest = pattern[...]
    while let first = rest.first {
      if let name = ["YYYY", "MM", "DD"].first(where: { rest.hasPrefix($0) }) {
        pieces.append(.part(name))
        rest = rest.dropFirst(name.count)
      } else {
        pieces.append(.literal(first))
        rest = rest.dropFirst()
      }
    }
    return pieces
  }

  /// True when a date can be read from what the pattern prints.
  static func isComplete(_ pattern: String) -> Bool {
    let pieces = pieces(of: pattern)
    return ["YYYY", "MM", "DD"].allSatisfy { pieces.contains(.part($0)) }
  }
}

extension PersonValue {
  fileprivate func mapText(_ change: (String) -> String) -> PersonValue {
    if case .text(let text) = self { .text(change(text)) } else { self }
  }
}

extension Transform.LetterCase {
  func apply(_ text: String) -> String {
    switch self {
    case .upper: return text.uppercased()
    case .lower: return text.lowercased()
    case .title:
      var out = ""
      var isStart = true
      for character in text {
        out += isStart ? character.uppercased() : character.lowercased()
        isStart = character == " " || character == "-" || character == "'"
      }
      return out
    }
  }
}

extension Transform.PhoneFormat {
  fileprivate func apply(_ text: String) -> String {
    switch self {
    case .digits:
      return String(decoding: text.utf8.filter { (48...57).contains($0) }, as: UTF8.self)
    case .us:
      guard let digits = Transform.tenDigits(text) else { return text }
      return "(\(digits.prefix(3))) \(digits.dropFirst(3).prefix(3))-\(digits.suffix(4))"
    }
  }
}
