// The value of one person field with its type, so that a date stays a date until a transform or a
// merge field says how it is written.

import Basics

package enum PersonValue: Sendable, Hashable {
  case text(String)
  case number(Double)
  case yesNo(Bool)
  case date(CivilDate)
  case monthDay(MonthDay)
  case address(PostalAddress)

  package static let empty = PersonValue.text("")

  package var isEmpty: Bool {
    switch self {
    case .text(let text): text.isEmpty
    case .address(let address): MergeValue.address(address).isEmpty
    case .number, .yesNo, .date, .monthDay: false
    }
  }

  /// As one line of text: dates `YYYY-MM-DD`, birthdays `MM/DD`, numbers without needless decimals.
  package var text: String {
    switch self {
    case .text(let text): text
    case .number(let number): number.plain
    case .yesNo(let value): value ? "yes" : "no"
    case .date(let date): date.description
    case .monthDay(let day): day.description
    case .address(let address):
      [
        address.line1, address.line2, address.city, address.state, address.zip, address.country,
      ].filter { !$0.isEmpty }.joined(separator: ", ")
    }
  }

  /// Reads stored text as a value of `type`; text that does not fit stays text, and is left out
  /// with a remark where it is sent.
  package init(_ text: String, as type: FieldType) {
    let typed: PersonValue? =
      switch type {
      case .text, .choice, .address: nil
      case .number: Double(plain: text).map { .number($0) }
      case .yesNo:
        switch text.lowercased() {
        case "yes", "true", "1": .yesNo(true)
        case "no", "false", "0": .yesNo(false)
        default: nil
        }
      case .date: CivilDate(text).map { .date($0) }
      case .birthday: MonthDay(text).map { .monthDay($0) }
      }
    self = typed ?? .text(text)
  }
}

extension Person {
  /// The value of a field; custom fields are read by the types given for them, text without.
  package func value(of field: PersonField, customTypes: [String: FieldType] = [:]) -> PersonValue {
    switch field {
    case .email: .text(primaryEmail ?? "")
    case .externalID: .text(externalID ?? "")
    case .account: .text(account)
    case .kind: .text(kind.rawValue)
    case .firstName: .text(firstName)
    case .lastName: .text(lastName)
    case .phone: .text(phone)
    case .company: .text(company)
    case .address: postalAddress.map { .address($0) } ?? .empty
    case .birthday: birthday.map { .monthDay($0) } ?? .empty
    case .dateOfBirth: dateOfBirth.map { .date($0) } ?? .empty
    case .optIn: .text(optIn.rawValue)
    case .active: .yesNo(isActive)
    case .manager: .text(managerID.map { String($0.rawValue) } ?? "")
    case .custom(let name): PersonValue(customFields[name] ?? "", as: customTypes[name] ?? .text)
    }
  }
}

extension PersonField {
  /// The type of the field, custom fields as defined; nil for a custom field nobody defined.
  package func type(customTypes: [String: FieldType]) -> FieldType? {
    if case .custom(let name) = self { customTypes[name] } else { builtInType }
  }
}

extension Double {
  /// Without a decimal point where there is nothing after it.
  package var plain: String {
    Int64(exactly: self).map(String.init) ?? "\(self)"
  }

  /// Reads what `plain` prints: a finite decimal number such as `12`, `-3.5`, `1e+21`; nothing
  /// hexadecimal, no `inf`.
  package init?(plain text: String) {
    let allowed = text.utf8.allSatisfy { (48...57).contains($0) || "+-.eE".utf8.contains($0) }
    guard allowed, let value = Double(text), value.isFinite else { return nil }
    self = value
  }
}
