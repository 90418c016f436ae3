// Whom an erasure is about, and how to tell a text that names them. What must stay true: an address
// that somebody else has too is theirs as well, and nothing is erased by it; a longer address is not
// named by a shorter one within it.

import Basics

package struct ErasureSubject: Sendable, Equatable {
  /// A contact of theirs that Mailchimp still has, as far as we know.
  package struct Contact: Sendable, Equatable {
    package var audienceID: String
    package var audience: String
    package var key: AddressKey
    package var status: MemberStatus

    package init(audienceID: String, audience: String, key: AddressKey, status: MemberStatus) {
      self.audienceID = audienceID
      self.audience = audience
      self.key = key
      self.status = status
    }
  }

  /// Nil where nobody here has the address.
  package var person: PersonID?
  package var name: String
  /// As they were called before.
  package var formerNames: [String] = []
  package var externalID: String?
  /// Every address they have or had, but for those that somebody else has too.
  package var keys: [AddressKey]
  /// Those that others have too: they stay, and so does what Mailchimp has under them.
  package var shared: [AddressKey]
  package var contacts: [Contact] = []
  /// Texts of the administrator's own that name them, such as a saved search: for them to change.
  package var namedBy: [String] = []

  package init(
    person: PersonID?, name: String, externalID: String? = nil, keys: [AddressKey],
    shared: [AddressKey] = []
  ) {
    self.person = person
    self.name = name
    self.externalID = externalID
    self.keys = keys
    self.shared = shared
  }

  /// What a text is looked through for, in small letters: addresses, the ids Mailchimp's paths have
  /// for them, and each whole name of two words.
  package var marks: [String] {
    keys.map { $0.description.lowercased() } + keys.map { Digest.md5($0.description.utf8) }
      + wholeNames.map { $0.lowercased() }
  }

  /// The same for a search that knows small and large letters of ASCII alone: as they are written,
  /// and all small or all large, which finds whatever a screen, a log or an answer makes of them.
  package var probes: [String] {
    Set((keys.map(\.description) + wholeNames).flatMap { [$0, $0.lowercased(), $0.uppercased()] })
      .map(Self.asciiLowercased).sorted() + keys.map { Digest.md5($0.description.utf8) }
  }

  private var wholeNames: [String] { ([name] + formerNames).filter { $0.contains(" ") } }

  private static func asciiLowercased(_ text: String) -> String {
    String(decoding: text.utf8.map { (65...90).contains($0) ? $0 + 32 : $0 }, as: UTF8.self)
  }

  /// True when `text` names them, in whatever case; with addresses as a form has them, too.
  package func isNamed(in text: String) -> Bool {
    let text = Array(text.lowercased().utf8)
    return marks.contains { mark in
      Self.contains(text, Array(mark.utf8))
        || mark.contains("@")
          && Self.contains(text, Array(mark.split(separator: "@").joined(separator: "%40").utf8))
    }
  }

  private static func contains(_ text: [UInt8], _ mark: [UInt8]) -> Bool {
    guard let first = mark.first, text.count >= mark.count else { return false }
    for start in 0...(text.count - mark.count)
    where text[start] == first && text[start..<start + mark.count].elementsEqual(mark) {
      let end = start + mark.count
      let isCut = start > 0 && isOfWord(text[start - 1])
      let goesOn =
        end < text.count
        && (isOfWord(text[end]) && text[end] != UInt8(ascii: ".")
          || text[end] == UInt8(ascii: ".") && end + 1 < text.count && isOfWord(text[end + 1]))
      if !isCut, !goesOn { return true }
    }
    return false
  }

  private static func isOfWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...:
      true
    default: [".", "_", "+", "-"].contains(Unicode.Scalar(byte))
    }
  }
}

/// What an erasure took away, or would: rows by what they were.
package struct ErasureCounts: Sendable, Equatable {
  package var audit = 0
  package var ledger = 0
  package var outcomes = 0
  package var logLines = 0
  package var bodies = 0

  package init() {}
}
