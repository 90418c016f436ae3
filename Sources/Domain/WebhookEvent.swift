// What a webhook delivery says, as far as it is believed: whom to look at, and what to note in the
// ledger beside what the look finds. What must stay true: nothing in here decides anything about a
// person; bodies come from strangers, in any order, twice, cut or forged.

import Basics

package struct WebhookEvent: Sendable, Equatable {
  package enum Kind: String, Sendable, CaseIterable {
    case subscribe, unsubscribe, profile, upemail, cleaned, campaign
  }

  /// The word as it came, cleaned and cut; a type this version does not know keeps its own.
  package var type: String
  package var kind: Kind? { Kind(rawValue: type) }
  /// Nil where the event names none.
  package var listID: String?
  /// Whom to look at, in the order of the body, each once; at most `mostAddresses`.
  package var addresses: [AddressKey]
  /// Mailchimp writes no zone; it is read as UTC.
  package var firedAt: Instant?
  /// `unsub`, `delete`; empty where the event has none.
  package var action: String
  /// `manual`, `abuse`, `hard`; empty where the event has none.
  package var reason: String

  /// An address change names two, and repeats one of them in its merge fields.
  package static let mostAddresses = 4

  /// From the fields of the form body, in their order. Where a field comes twice, the first counts;
  /// what is missing or odd is left out.
  package init(fields: [(name: String, value: String)]) {
    func first(_ name: String) -> String? {
      fields.first { $0.name == name }.map { Self.word($0.value) }.flatMap { $0.isEmpty ? nil : $0 }
    }
    type = first("type").map { $0.lowercased() } ?? ""
    listID = first("data[list_id]")
    firedAt = first("fired_at").flatMap { Instant(iso8601: $0) }
    action = first("data[action]") ?? ""
    reason = first("data[reason]") ?? ""
    addresses = []
    guard kind != .campaign else { return }
    for name in Self.addressFields {
      guard let field = fields.first(where: { $0.name == name }), let key = Self.key(field.value),
        !addresses.contains(key)
      else { continue }
      addresses.append(key)
    }
  }

  private static let addressFields = [
    "data[email]", "data[old_email]", "data[new_email]", "data[merges][EMAIL]",
  ]

  /// Such as "unsubscribe, manual", for the inbox and as evidence.
  package var summary: String {
    ([type.isEmpty ? "no type" : type] + [action == "unsub" ? "" : action, reason])
      .filter { !$0.isEmpty }.joined(separator: ", ")
  }

  /// Short enough for a column, without control characters.
  private static func word(_ text: String) -> String {
    String(Text.oneLine(text.prefix(64)))
  }

  /// What may be an address at all; whether anybody is there is asked, not believed.
  private static func key(_ text: String) -> AddressKey? {
    guard text.utf8.count <= 254 else { return nil }
    let key = AddressKey(text)
    let bytes = Array(key.description.utf8)
    guard let at = bytes.lastIndex(of: UInt8(ascii: "@")), at > 0, at < bytes.count - 1,
      !key.description.unicodeScalars.contains(where: {
        Text.isControl($0) || $0.properties.isWhitespace
      })
    else { return nil }
    return key
  }
}
