// How a person's value becomes the value of a merge field (facts §7 of the API): each type's rules,
// once. A value that does not fit is left out and said, never sent in the hope that it works.

import Basics

/// What became of one value on its way into a merge field.
package enum MergeFit: Sendable, Equatable {
  case fits(MergeValue)
  /// Sent shortened; the remark says so.
  case cut(MergeValue, remark: String)
  /// Not sent; the remark says why.
  case leftOut(remark: String)

  package var value: MergeValue? {
    switch self {
    case .fits(let value), .cut(let value, _): value
    case .leftOut: nil
    }
  }

  package var remark: String? {
    switch self {
    case .fits: nil
    case .cut(_, let remark), .leftOut(let remark): remark
    }
  }
}

extension MergeField {
  /// Longest text Mailchimp keeps. A field's own `size` is how wide a form shows it (25 unless
  /// somebody changed it), no limit.
  package static let longestText = 255

  /// `PHONE` and the like, as remarks and problems call it.
  package var label: String { name.isEmpty || name == tag ? tag : "\(tag) (\(name))" }

  /// The value as it is sent.
  package func fit(_ value: PersonValue) -> MergeFit {
    if value.isEmpty { return .fits(.empty) }
    switch type {
    case .text: return fitText(value.text)
    case .number: return fitNumber(value)
    case .date: return fitDate(value)
    case .birthday: return fitBirthday(value)
    case .phone: return fitPhone(value.text)
    case .zip: return fitZip(value.text)
    case .url, .imageurl: return fitURL(value.text)
    case .radio, .dropdown: return fitChoice(value.text)
    case .address: return fitAddress(value)
    }
  }

  private func leftOut(_ why: String) -> MergeFit { .leftOut(remark: "\(label) left out: \(why).") }

  private func fitText(_ text: String) -> MergeFit {
    let limit = MergeField.longestText
    let kept = text.prefix(scalars: limit)
    if kept.utf8.count == text.utf8.count { return .fits(.text(text)) }
    return .cut(
      .text(kept), remark: "\(label) cut to \(kept.count) characters: its limit is \(limit).")
  }

  private func fitNumber(_ value: PersonValue) -> MergeFit {
    switch value {
    case .number(let number): return .fits(.number(number))
    case .text(let text):
      if let number = Double(plain: text) { return .fits(.number(number)) }
    default: break
    }
    return leftOut("'\(value.text)' is no number")
  }

  private func fitDate(_ value: PersonValue) -> MergeFit {
    switch value {
    case .date(let date): return .fits(.text(date.description))
    case .text(let text):
      if let date = CivilDate(text) { return .fits(.text(date.description)) }
    default: break
    }
    return leftOut("'\(value.text)' is no date like 2026-01-31")
  }

  private func fitBirthday(_ value: PersonValue) -> MergeFit {
    switch value {
    case .monthDay(let day): return .fits(.text(day.description))
    case .text(let text):
      if let day = MonthDay(text) { return .fits(.text(day.description)) }
    default: break
    }
    return leftOut("'\(value.text)' is no month and day like 01/31")
  }

  /// An international field takes what there is; one in the format of the United States wants ten
  /// digits.
  private func fitPhone(_ text: String) -> MergeFit {
    guard let phoneFormat, phoneFormat.uppercased() == "US" else { return fitText(text) }
    guard let digits = Transform.tenDigits(text) else {
      return leftOut("'\(text)' has not the ten digits of a number in the United States")
    }
    return .fits(.text(digits))
  }

  private func fitZip(_ text: String) -> MergeFit {
    let digits = text.utf8.prefix { (48...57).contains($0) }
    let rest = text.utf8.dropFirst(digits.count)
    guard digits.count == 5, rest.isEmpty || rest.first == UInt8(ascii: "-") else {
      return leftOut("'\(text)' is no ZIP code of five digits")
    }
    return .fits(.text(String(decoding: digits, as: UTF8.self)))
  }

  private func fitURL(_ text: String) -> MergeFit {
    let lowered = text.lowercased()
    for scheme in ["https://", "http://"] where lowered.hasPrefix(scheme) {
      let host = lowered.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
      if !host.isEmpty, !lowered.contains(" ") { return .fits(.text(text)) }
    }
    return leftOut("'\(text)' is no address that begins with https:// or http://")
  }

  private func fitChoice(_ text: String) -> MergeFit {
    if choices.contains(text) { return .fits(.text(text)) }
    let lowered = text.lowercased()
    if let choice = choices.first(where: { $0.lowercased() == lowered }) {
      return .fits(.text(choice))
    }
    return leftOut("'\(text)' is none of its choices (\(choices.joined(separator: ", ")))")
  }

  /// Only complete addresses: an incomplete one, once stored, makes every later write of that
  /// member fail.
  private func fitAddress(_ value: PersonValue) -> MergeFit {
    guard case .address(let address) = value else {
      return leftOut("'\(value.text)' is no postal address")
    }
    let missing = [
      ("street", address.line1), ("city", address.city), ("state", address.state),
      ("postal code", address.zip),
    ].filter { $0.1.isEmpty }.map(\.0)
    guard missing.isEmpty else {
      return leftOut("the address has no \(missing.joined(separator: ", no "))")
    }
    return .fits(.address(address))
  }
}

extension MergeValue {
  /// True when both say the same. Mailchimp fills in a country where none was sent.
  package func agrees(with other: MergeValue) -> Bool {
    if isEmpty && other.isEmpty { return true }
    switch (self, other) {
    case (.address(var ours), .address(var theirs)):
      if ours.country.isEmpty || theirs.country.isEmpty {
        ours.country = ""
        theirs.country = ""
      }
      return ours == theirs
    case (.number(let number), .text(let text)), (.text(let text), .number(let number)):
      return Double(plain: text) == number
    default: return self == other
    }
  }

  /// For lists and remarks.
  package var plainText: String {
    switch self {
    case .text(let text): text
    case .number(let number): number.plain
    case .address(let address): PersonValue.address(address).text
    }
  }
}
