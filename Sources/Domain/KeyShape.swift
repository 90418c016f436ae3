// What an API key looks like: said where it is pasted, before anything is asked of Mailchimp. What must
// stay true: no problem quotes the key.

import Basics

package enum KeyShape {
  /// What is wrong with a text that should be a key; nil where it may be one.
  package static func flaw(of text: String) -> Problem? {
    guard !text.isEmpty else {
      return Problem(
        "mailchimp.key-missing", "No Mailchimp API key is set.",
        remedy: "Paste one into Settings, Mailchimp, API key.")
    }
    guard text.utf8.allSatisfy({ isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }) else {
      return Problem(
        "mailchimp.key-malformed",
        "The Mailchimp API key holds a character that no key has.",
        remedy: "Copy the key once more, without blanks or quotes around it.")
    }
    guard let dash = text.lastIndex(of: "-"), let letter = text[dash...].dropFirst().first,
      letter.isLetter, text.last?.isNumber ?? false
    else { return withoutDataCentre }
    guard text[..<dash].utf8.count >= 16 else {
      return Problem(
        "mailchimp.key-truncated", "The Mailchimp API key is too short.",
        remedy: "Copy the whole key: its beginning was cut off.")
    }
    return nil
  }

  package static let withoutDataCentre = Problem(
    "mailchimp.key-without-data-centre",
    "The Mailchimp API key does not end in a data centre such as -us19.",
    remedy: "Copy the whole key: its end was cut off.")

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
  }
}
