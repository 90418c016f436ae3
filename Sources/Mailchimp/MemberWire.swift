// Members as JSON, both ways. Nothing that Mailchimp sends passes without losing its control
// characters here; nothing is sent that the API ignores in silence or refuses for its form (null,
// an empty list for merge fields, `cleaned` and `archived` as a status).

import Basics
import Domain

/// What is to become of one member.
package struct MemberWrite: Sendable, Equatable {
  /// Always sent, in the form the person wrote it.
  package var email: String
  /// Nil leaves the member's own status alone: the safe default for an existing one.
  package var status: MemberStatus?
  /// For a member that is not there yet.
  package var statusIfNew: MemberStatus?
  /// Only these are touched; an empty value clears.
  package var mergeFields: [String: MergeValue]

  package init(
    email: String, status: MemberStatus? = nil, statusIfNew: MemberStatus? = nil,
    mergeFields: [String: MergeValue] = [:]
  ) {
    self.email = email
    self.status = status
    self.statusIfNew = statusIfNew
    self.mergeFields = mergeFields
  }

  /// The hash Mailchimp names the member by as long as it has told no other.
  package var computedID: String { Digest.md5(AddressKey(email).description.utf8) }

  /// A status that must never be sent, where one is set.
  var unsendableStatus: MemberStatus? {
    [status, statusIfNew].compactMap(\.self).first { $0 == .cleaned || $0 == .archived }
  }

  var json: JSONValue {
    var members: [String: JSONValue] = ["email_address": .string(email)]
    if let status { members["status"] = .string(status.rawValue) }
    if let statusIfNew { members["status_if_new"] = .string(statusIfNew.rawValue) }
    if !mergeFields.isEmpty { members["merge_fields"] = .object(mergeFields.mapValues(\.json)) }
    return .object(members)
  }
}

extension MergeValue {
  /// As a request carries it: "" clears, whatever the type.
  var json: JSONValue {
    if isEmpty { return "" }
    switch self {
    case .text(let text): return .string(text)
    case .number(let number): return Int64(exactly: number).map { .int($0) } ?? .number(number)
    case .address(let address):
      var parts: [String: JSONValue] = [
        "addr1": .string(address.line1), "addr2": .string(address.line2),
        "city": .string(address.city), "state": .string(address.state),
        "zip": .string(address.zip),
      ]
      // Left out it becomes US; two letters or nothing.
      if !address.country.isEmpty { parts["country"] = .string(address.country) }
      return .object(parts)
    }
  }

  /// As an answer carries it.
  init(json: JSONValue) {
    switch json {
    case .int(let value): self = .number(Double(value))
    case .number(let value): self = .number(value)
    case .bool(let value): self = .text(value ? "true" : "false")
    case .object:
      var address = PostalAddress()
      func part(_ name: String) -> String { Text.oneLine(json[name]?.string ?? "") }
      address.line1 = part("addr1")
      address.line2 = part("addr2")
      address.city = part("city")
      address.state = part("state")
      address.zip = part("zip")
      address.country = part("country")
      self = .address(address)
    case .null, .array: self = .empty
    case .string(let text): self = .text(Text.oneLine(text))
    }
  }
}

extension Member {
  /// The properties `init(json:)` reads, for the `fields` parameter.
  static let wireFields = [
    "id", "email_address", "unique_email_id", "contact_id", "web_id", "status", "merge_fields",
    "last_changed", "unsubscribe_reason", "tags",
  ]

  /// Throws the reason, as a sentence, where the answer is not a member.
  init(json: JSONValue) throws(WireFlaw) {
    guard let id = json["id"]?.string, !id.isEmpty else {
      throw WireFlaw("a member has no id.")
    }
    guard let email = json["email_address"]?.string else {
      throw WireFlaw("a member has no address.")
    }
    let word = json["status"]?.string ?? ""
    guard let status = MemberStatus(rawValue: word) else {
      throw WireFlaw("a member's status '\(Text.oneLine(word.prefix(40)))' is not known.")
    }
    self.init(
      id: Text.oneLine(id), email: Text.oneLine(email), status: status,
      mergeFields: (json["merge_fields"]?.object ?? [:]).mapValues(MergeValue.init(json:)),
      contactID: json["contact_id"].cleanText, lastChanged: json["last_changed"].instant)
    uniqueEmailID = json["unique_email_id"].cleanText
    webID = json["web_id"]?.int
    unsubscribeReason = json["unsubscribe_reason"].cleanText
    tags = (json["tags"]?.array ?? []).compactMap { $0["name"].cleanText }
    tagIDs = Set((json["tags"]?.array ?? []).compactMap { $0["id"]?.int })
  }
}

/// Why a part of an answer cannot be read, as the end of a sentence.
struct WireFlaw: Error {
  let sentence: String
  init(_ sentence: String) { self.sentence = sentence }
}

extension Optional<JSONValue> {
  /// The text without control characters; nil where it is missing or empty.
  var cleanText: String? {
    guard let text = self?.string else { return nil }
    let clean = Text.oneLine(text)
    return clean.isEmpty ? nil : clean
  }

  /// A time; "" means it never was.
  var instant: Instant? { cleanText.flatMap { Instant(iso8601: $0) } }

  var wholeNumber: Int { self?.int.flatMap { Int(exactly: $0) } ?? 0 }
}
