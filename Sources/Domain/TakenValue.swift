// How a value from Mailchimp becomes the value of a person field: the way back of `Transform` and
// `MergeFit`. What must stay true: what we sent through a row that can be turned back is taken as
// the value we sent it from; nothing taken holds a control character; what does not fit is left out
// and said, never guessed.

import Basics

/// What became of one value on its way into a person field.
package struct TakenFit: Sendable, Equatable {
  /// Nil when the value is left out; the person keeps theirs.
  package var value: PersonValue?
  /// For the row outcome: left out or cut, and why; nil when the value fits.
  package var remark: String?

  package init(value: PersonValue?, remark: String? = nil) {
    self.value = value
    self.remark = remark
  }
}

package enum TakenValue {
  /// Reads `value` into `field`, undoing `transforms` from the last to the first. An empty value
  /// empties the field. `choices` are those of custom choice fields, by name; without any, every
  /// text is a choice. A default that comes back is taken as it is: where it stands for an empty
  /// field of ours, both sides agree already and nobody asks.
  package static func read(
    _ value: MergeValue, into field: PersonField, transforms: [Transform],
    customTypes: [String: FieldType], choices: [String: [String]] = [:]
  ) -> TakenFit {
    guard let type = field.type(customTypes: customTypes) else {
      return .leftOut(field, "people have no such field")
    }
    var taken: PersonValue =
      switch value {
      case .text(let text): .text(text)
      case .number(let number): .number(number)
      case .address(let address): value.isEmpty ? .empty : .address(address.oneLine)
      }
    if !taken.isEmpty {
      for step in transforms.reversed() {
        guard let back = step.undo(taken) else {
          return .leftOut(field, "\(shown(taken.text)) cannot be turned back through \(step)")
        }
        taken = back
      }
      if case .text(let text) = taken { taken = .text(Text.oneLine(text)) }
    }
    if taken.isEmpty { return empty(field) }
    switch field {
    case .custom(let name): return fit(taken, field, type, choices: choices[name] ?? [])
    case .kind: return fit(taken, field, type, choices: Person.Kind.allCases.map(\.rawValue))
    case .optIn: return fit(taken, field, type, choices: OptIn.allCases.map(\.rawValue))
    default: return fit(taken, field, type, choices: [])
    }
  }

  private static func empty(_ field: PersonField) -> TakenFit {
    switch field {
    case .account, .kind, .active: .leftOut(field, "it cannot be empty")
    case .optIn: TakenFit(value: .text(OptIn.unknown.rawValue))
    default: TakenFit(value: .empty)
    }
  }

  private static func fit(
    _ value: PersonValue, _ field: PersonField, _ type: FieldType, choices: [String]
  ) -> TakenFit {
    if case .address = value, type != .address {
      return .leftOut(field, "it holds no postal address")
    }
    let text = value.text
    switch type {
    case .text: return cut(text, field)
    case .address:
      guard case .address(let address) = value else {
        return .leftOut(field, "\(shown(text)) is no postal address")
      }
      return cut(address, field)
    case .choice:
      if choices.isEmpty { return cut(text, field) }
      let lowered = text.lowercased()
      guard
        let choice = choices.first(where: { $0 == text })
          ?? choices.first(where: { $0.lowercased() == lowered })
      else {
        let known = choices.joined(separator: ", ")
        return .leftOut(field, "\(shown(text)) is none of its choices (\(known))")
      }
      return TakenFit(value: .text(choice))
    case .number, .yesNo, .date, .birthday:
      let typed = PersonValue(text, as: type)
      if case .text = typed { return .leftOut(field, "\(shown(text)) is no \(type.example)") }
      return TakenFit(value: typed)
    }
  }

  private static func cut(_ text: String, _ field: PersonField) -> TakenFit {
    let limit = MergeField.longestText
    let kept = text.prefix(scalars: limit)
    if kept.utf8.count == text.utf8.count { return TakenFit(value: .text(text)) }
    return TakenFit(
      value: .text(Text.oneLine(kept)),
      remark: "\(field) cut to \(kept.count) characters: its limit is \(limit).")
  }

  private static func cut(_ address: PostalAddress, _ field: PersonField) -> TakenFit {
    let limit = MergeField.longestText
    var kept = address
    for part in PostalAddress.parts {
      kept[keyPath: part.path] = Text.oneLine(address[keyPath: part.path].prefix(scalars: limit))
    }
    return TakenFit(
      value: .address(kept),
      remark: kept == address
        ? nil : "\(field) cut: the limit of each of its parts is \(limit) characters.")
  }

  /// A stranger's value inside a sentence.
  private static func shown(_ text: String) -> String {
    let text = Text.oneLine(text)
    return text.count > 60 ? "'\(text.prefix(59))…'" : "'\(text)'"
  }
}

extension TakenFit {
  fileprivate static func leftOut(_ field: PersonField, _ why: String) -> TakenFit {
    TakenFit(value: nil, remark: "\(field) left as it is: \(why).")
  }
}

extension Transform {
  /// One step turned back; nil where the value cannot have come out of it.
  fileprivate func undo(_ value: PersonValue) -> PersonValue? {
    switch self {
    case .trim, .defaultWhenEmpty: return value
    case .dateFormat(let pattern):
      guard case .text(let text) = value else { return nil }
      let date = Transform.read(text, pattern) ?? Transform.read(Text.oneLine(text), pattern)
      return date.map { .date($0) }
    case .monthDay:
      return MonthDay(Text.oneLine(value.text)).map { .monthDay($0) }
    case .letterCase, .phone, .constant, .join: return nil
    }
  }

  /// Reads what `dateFormat(pattern)` printed, digit by digit; nil for anything else.
  private static func read(_ text: String, _ pattern: String) -> CivilDate? {
    var parts: [String: Int] = [:]
    var rest = text[...]
    for piece in DatePattern.pieces(of: pattern) {
      switch piece {
      case .literal(let character):
        guard rest.popFirst() == character else { return nil }
      case .part(let name):
        let digits = rest.prefix(name.count)
        guard digits.count == name.count, digits.utf8.allSatisfy({ (48...57).contains($0) }),
          let number = Int(digits), parts[name, default: number] == number
        else { return nil }
        parts[name] = number
        rest = rest.dropFirst(name.count)
      }
    }
    guard rest.isEmpty, let year = parts["YYYY"], let month = parts["MM"], let day = parts["DD"]
    else { return nil }
    return CivilDate(year: year, month: month, day: day)
  }
}

extension PostalAddress {
  /// Each part clean and on one line.
  package var oneLine: PostalAddress {
    var clean = self
    for part in PostalAddress.parts {
      clean[keyPath: part.path] = Text.oneLine(self[keyPath: part.path])
    }
    return clean
  }

  /// The parts in the order of forms, with the names that drafts and commands use.
  package static var parts: [(name: String, path: WritableKeyPath<PostalAddress, String>)] {
    [
      ("line1", \.line1), ("line2", \.line2), ("city", \.city), ("state", \.state), ("zip", \.zip),
      ("country", \.country),
    ]
  }
}

extension FieldType {
  fileprivate var example: String {
    switch self {
    case .number: "number"
    case .yesNo: "yes or no"
    case .date: "date like 2026-01-31"
    case .birthday: "month and day like 01/31"
    case .text, .choice, .address: rawValue
    }
  }
}

extension String {
  /// The longest beginning of whole characters within so many scalars.
  func prefix(scalars limit: Int) -> String {
    if unicodeScalars.count <= limit { return self }
    var kept = ""
    var length = 0
    for character in self {
      length += character.unicodeScalars.count
      if length > limit { break }
      kept.append(character)
    }
    return kept
  }
}
