// Which e-mail addresses we send to. Stricter than RFC 5322 on purpose: what Mailchimp would refuse
// one by one is refused here, where the administrator sees it beside the person.

import Basics

package enum EmailAddress {
  /// True when there is nothing to object to.
  package static func isValid(_ text: String) -> Bool { flaw(text) == nil }

  /// What is wrong with an address, to follow "… because"; nil for a valid one.
  ///
  /// Valid is: one `@`; before it 1 to 64 ASCII letters, digits or `!#$%&'*+/=?^_{|}~-` and the
  /// grave accent, with single dots inside (Mailchimp takes no quoted and no other letters there);
  /// after it a domain of at least two labels of 1 to 63 letters, digits and inner hyphens, letters
  /// of every script included, the last label neither a number nor a single letter; 254 bytes in
  /// all, no blanks.
  package static func flaw(_ text: String) -> String? {
    let bytes = Array(text.utf8)
    if bytes.count > 254 { return "it is longer than 254 characters" }
    if text.unicodeScalars.contains(where: { $0.properties.isWhitespace || Text.isControl($0) }) {
      return "it contains a blank"
    }
    let parts = bytes.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
    guard parts.count == 2 else {
      return parts.count < 2 ? "it has no @" : "it has more than one @"
    }
    return flaw(ofLocalPart: parts[0]) ?? flaw(ofDomain: parts[1])
  }

  private static func flaw(ofLocalPart local: ArraySlice<UInt8>) -> String? {
    if local.isEmpty { return "nothing stands before the @" }
    if local.count > 64 { return "more than 64 characters stand before the @" }
    let dot = UInt8(ascii: ".")
    for (place, byte) in local.enumerated() where !isAtom(byte) {
      guard byte == dot else {
        return byte < 0x80
          ? "'\(Character(Unicode.Scalar(byte)))' may not stand before the @"
          : "letters with accents may not stand before the @"
      }
      if place == 0 || place == local.count - 1 || local[local.startIndex + place - 1] == dot {
        return "a dot before the @ stands alone"
      }
    }
    return nil
  }

  private static func flaw(ofDomain domain: ArraySlice<UInt8>) -> String? {
    if domain.isEmpty { return "nothing stands after the @" }
    let labels = domain.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    if labels.count < 2 { return "the part after the @ has no dot" }
    for label in labels {
      let text = String(decoding: label, as: UTF8.self)
      if label.isEmpty { return "a dot after the @ stands alone" }
      if label.count > 63 { return "a part of its domain is longer than 63 characters" }
      if label.first == UInt8(ascii: "-") || label.last == UInt8(ascii: "-") {
        return "a part of its domain begins or ends with a hyphen"
      }
      if !text.unicodeScalars.allSatisfy(isDomainLetter) {
        return "its domain contains something other than letters, digits and hyphens"
      }
    }
    if let last = labels.last, last.count < 2 { return "its domain ends in a single letter" }
    if let last = labels.last, last.allSatisfy({ (48...57).contains($0) }) {
      return "its domain ends in a number"
    }
    return nil
  }

  private static func isAtom(_ byte: UInt8) -> Bool {
    switch byte {
    case 48...57, 65...90, 97...122: true
    default: atomSigns.contains(byte)
    }
  }

  private static let atomSigns = Set("!#$%&'*+/=?^_`{|}~-".utf8)

  private static func isDomainLetter(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 48...57, 65...90, 97...122, 45: true
    case 0..<0x80: false
    default:
      switch scalar.properties.generalCategory {
      case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
        .nonspacingMark, .spacingMark, .decimalNumber:
        true
      default: false
      }
    }
  }
}
