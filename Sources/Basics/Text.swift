// What may be shown. Names, answers and files come from strangers: a control character in one of
// them could move the cursor, ring the bell or turn the line around. They are taken out at the door
// (import, edit, answers) and once more before anything is drawn or printed.

package enum Text {
  /// One line without control characters: C0, DEL and C1 go, tabs, line and paragraph breaks become
  /// one blank, explicit bidirectional controls and the byte-order mark go; the ends are trimmed.
  /// Letters of every script, combining marks and joiners stay as they are.
  package static func oneLine(_ text: some StringProtocol) -> String {
    if text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) { return String(text) }
    var kept = String.UnicodeScalarView()
    var blank = false
    for scalar in text.unicodeScalars {
      if scalar.value == 0x20 || isBreak(scalar) {
        blank = !kept.isEmpty
      } else if !isControl(scalar) {
        if blank { kept.append(" ") }
        blank = false
        kept.append(scalar)
      }
    }
    return String(kept)
  }

  /// Text of several lines: as `oneLine`, but line feeds stay and blanks are left alone.
  package static func lines(_ text: some StringProtocol) -> String {
    var kept = String.UnicodeScalarView()
    for scalar in text.unicodeScalars where scalar == "\n" || !isControl(scalar) {
      kept.append(scalar)
    }
    return String(kept)
  }

  /// A word as a shell reads it back, whatever is in it; plain ones stay as they are.
  package static func shellWord(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
        || [45, 46, 47, 95].contains(byte)
    }
    if isPlain, !text.isEmpty { return text }
    return "'"
      + text.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: #"'\''"#) + "'"
  }

  /// True for what a terminal could obey instead of showing.
  package static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7f...0x9f: true
    case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF, 0x2028, 0x2029: true
    case 0xFFF9...0xFFFB, 0xE0000...0xE007F: true
    default: false
    }
  }

  private static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09...0x0D, 0x85, 0x2028, 0x2029: true
    default: false
    }
  }

  /// An address on the web without what stands before its last `@`: a password may be in it.
  package static func masked(address: String) -> String {
    guard let at = address.lastIndex(of: "@") else { return address }
    let scheme = address.firstRange(of: "://").map { address[..<$0.upperBound] } ?? ""
    return "\(scheme)•••\(address[at...])"
  }

  /// An address for logs below debug: `a•••@e•••.org`.
  package static func masked(email: String) -> String {
    guard let at = email.lastIndex(of: "@") else { return "•••" }
    let domain = email[email.index(after: at)...]
    let ending = domain.lastIndex(of: ".").map { domain[$0...] } ?? ""
    return "\(email.prefix(1))•••@\(domain.prefix(1))•••\(ending)"
  }
}
