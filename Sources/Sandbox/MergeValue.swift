// Which value a merge field takes, what is stored of it, and the words of a refusal. One table for
// every way in (single writes and the bulk call), so that all refuse alike.

import Basics

enum MergeValue {
  enum Reading: Equatable {
    case accepted(JSONValue)
    case refused(String)
  }

  static let required = "Please enter a value"
  static let incompleteAddress = "Please enter a complete address"
  static let empty = JSONValue.string("")

  /// Reads what was sent for a field. `""` clears every type.
  static func read(_ value: JSONValue, for field: MergeField) -> Reading {
    if value == empty { return .accepted(empty) }
    switch field.type {
    case .text: return text(value)
    case .number: return number(value)
    case .date: return date(value)
    case .birthday: return birthday(value)
    case .phone: return phone(value, format: field.phoneFormat ?? "none")
    case .address: return address(value)
    case .url, .imageurl: return url(value)
    case .zip: return zip(value)
    case .radio, .dropdown: return choice(value, of: field.choices)
    }
  }

  static func isEmpty(_ value: JSONValue) -> Bool {
    switch value {
    case .string(let text): text.isEmpty
    case .object: ["addr1", "city", "state", "zip"].allSatisfy { part(value, $0).isEmpty }
    default: false
    }
  }

  /// True when what was sent leaves out a part that must be there, if only empty: a state may be.
  static func lacksPart(_ value: JSONValue) -> Bool {
    guard let members = value.object, !isEmpty(value) else { return false }
    return ["addr1", "city", "state", "zip"].contains { members[$0]?.string == nil }
  }

  /// An address that says something but lacks street, city or postal code. A state may be empty.
  static func isIncompleteAddress(_ value: JSONValue) -> Bool {
    guard value.object != nil, !isEmpty(value) else { return false }
    return ["addr1", "city", "zip"].contains { part(value, $0).isEmpty }
  }

  // MARK: By type

  private static func text(_ value: JSONValue) -> Reading {
    guard let text = plain(value) else { return .refused(required) }
    return text.unicodeScalars.count <= 255
      ? .accepted(.string(text)) : .refused("Please enter at most 255 characters")
  }

  private static func number(_ value: JSONValue) -> Reading {
    switch value {
    case .int: return .accepted(value)
    case .number(let number) where number.isFinite: return .accepted(value)
    case .string(let text):
      // Digits with a point at most: what else passes for a number there is not known.
      guard text.allSatisfy({ "0123456789.-".contains($0) }) else {
        return .refused("Please enter a number")
      }
      if let whole = Int64(text) { return .accepted(.int(whole)) }
      if let real = Double(text), real.isFinite { return .accepted(.number(real)) }
      return .refused("Please enter a number")
    default: return .refused("Please enter a number")
    }
  }

  private static func date(_ value: JSONValue) -> Reading {
    guard let text = value.string, let day = CivilDate(String(text.prefix(10))),
      text.utf8.count == 10 || Instant(iso8601: text) != nil
    else { return .refused("Please enter the date") }
    return .accepted(.string(day.description))
  }

  private static func birthday(_ value: JSONValue) -> Reading {
    let refusal = Reading.refused("Please enter a month (01-12) and a day (01-31)")
    guard let parts = value.string?.split(separator: "/", omittingEmptySubsequences: false),
      parts.count == 2,
      parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy(isDigit) }),
      var month = Int(parts[0]), var day = Int(parts[1])
    else { return refusal }
    if month > 12, day <= 12 { (month, day) = (day, month) }
    guard (1...12).contains(month), (1...31).contains(day) else { return refusal }
    return .accepted(.string("\(padded(Int64(month), 2))/\(padded(Int64(day), 2))"))
  }

  private static func phone(_ value: JSONValue, format: String) -> Reading {
    guard let text = plain(value) else { return .refused(required) }
    if format == "US", text.utf8.filter(isDigit).count != 10 {
      return .refused("Please enter a phone number of ten digits")
    }
    return .accepted(.string(text))
  }

  private static func address(_ value: JSONValue) -> Reading {
    guard let members = value.object else { return .refused(incompleteAddress) }
    var kept: [String: JSONValue] = [:]
    for name in ["addr1", "addr2", "city", "state", "zip"] {
      kept[name] = .string(members[name]?.string ?? "")
    }
    let country = members["country"]?.string ?? ""
    kept["country"] = .string(country.isEmpty ? "US" : country.uppercased())
    guard country.isEmpty || (country.utf8.count == 2 && country.utf8.allSatisfy(isLetter)) else {
      return .refused("Please enter a country of two letters")
    }
    return .accepted(.object(kept))
  }

  private static func url(_ value: JSONValue) -> Reading {
    guard let text = value.string, let colon = text.firstRange(of: "://"),
      ["http", "https", "ftp"].contains(text[..<colon.lowerBound].lowercased()),
      let host = text[colon.upperBound...].split(separator: "/", omittingEmptySubsequences: false)
        .first, !host.isEmpty, !text.contains(" ")
    else { return .refused("Please enter a valid URL") }
    return .accepted(.string(text))
  }

  private static func zip(_ value: JSONValue) -> Reading {
    guard let text = plain(value), text.utf8.count == 5, text.utf8.allSatisfy(isDigit) else {
      return .refused("Please enter a zip code of five digits")
    }
    return .accepted(.string(text))
  }

  private static func choice(_ value: JSONValue, of choices: [String]) -> Reading {
    guard let text = plain(value), choices.contains(text) else {
      return .refused("Please select one of the choices")
    }
    return .accepted(.string(text))
  }

  // MARK: Parts

  private static func plain(_ value: JSONValue) -> String? {
    switch value {
    case .string(let text): text
    case .int(let number): String(number)
    case .number(let number): "\(number)"
    default: nil
    }
  }

  private static func part(_ address: JSONValue, _ name: String) -> String {
    let text = address[name]?.string ?? ""
    return text.allSatisfy(\.isWhitespace) ? "" : text
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
  private static func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte | 0x20) }
}
