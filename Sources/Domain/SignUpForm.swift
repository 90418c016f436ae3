// The audience's sign-up form, the one way back for who left by themselves or was forgotten. Wherever
// a sentence ends in it, the reader gets its address as well.

package enum SignUpForm {
  private static let mention = "sign-up form."

  /// `sentence` with the form's address where the form is the way out it ends with; the same where
  /// it names none, or where the address is not known.
  package static func named(in sentence: String, at address: String) -> String {
    guard !address.isEmpty, sentence.hasSuffix(mention) else { return sentence }
    return "\(sentence.dropLast()): \(address)"
  }
}
