// What a client sends about a person, after the shape check and before any rule about people.
// Names the server does not know are ignored without a word; a null is refused in a single write
// and means "not sent" in the bulk call.

import Basics

struct MemberBody: Equatable {
  enum Kind {
    case post, put, patch
    /// An item of the bulk call, by its place.
    case item(Int)
  }

  var address: String?
  var status: MemberStatus?
  var statusIfNew: MemberStatus?
  var mergeFields: [String: JSONValue] = [:]
  var emailType: String?
  var language: String?
  var isVIP: Bool?
  var latitude: Double?
  var longitude: Double?
  var ipSignup: String?
  var ipOpt: String?
  var timestampSignup: Instant?
  var timestampOpt: Instant?
  var tags: [String]?
  var interests: [String: Bool] = [:]

  init(_ json: JSONValue, _ kind: Kind) throws(Refusal) {
    var reader = BodyReader(json, kind)
    guard json.object != nil else {
      throw .unvalidated(reader.place(""), SchemaCheck.found(json, insteadOf: "object"))
    }
    address = reader.text("email_address")
    status = reader.status("status")
    statusIfNew = reader.status("status_if_new")
    emailType = reader.text("email_type")
    language = reader.text("language")
    isVIP = reader.flag("vip")
    ipSignup = reader.text("ip_signup")
    ipOpt = reader.text("ip_opt")
    timestampSignup = reader.time("timestamp_signup")
    timestampOpt = reader.time("timestamp_opt")
    latitude = reader.coordinate("latitude")
    longitude = reader.coordinate("longitude")
    mergeFields = reader.mergeFields()
    interests = reader.interests()
    if case .patch = kind {} else { tags = reader.tags() }
    if !reader.errors.isEmpty { throw .unvalidated(reader.errors) }
    address = address.map(MemberBody.trimmed)
  }

  private static func trimmed(_ address: String) -> String {
    let blanks: Set<Character> = [" ", "\t", "\n", "\r"]
    return String(
      address.drop { blanks.contains($0) }.reversed().drop { blanks.contains($0) }
        .reversed())
  }
}

/// Reads one property after the other and gathers what does not fit.
private struct BodyReader {
  private let json: JSONValue
  private let kind: MemberBody.Kind
  private(set) var errors: [Refusal.FieldError] = []

  init(_ json: JSONValue, _ kind: MemberBody.Kind) {
    self.json = json
    self.kind = kind
    require()
  }

  func place(_ name: String) -> String {
    guard case .item(let index) = kind else { return name }
    return name.isEmpty ? "members.item:\(index)" : "members.item:\(index).\(name)"
  }

  private mutating func require() {
    guard case .post = kind, json.object != nil else { return }
    let missing = ["email_address", "status"].filter { json[$0] == nil || json[$0] == .null }
    if !missing.isEmpty {
      refuse("", "Required fields were not provided: \(missing.joined(separator: ", "))")
    }
  }

  private mutating func refuse(_ name: String, _ message: String) {
    errors.append(Refusal.FieldError(field: place(name), message: message))
  }

  /// What was sent under a name; a null counts as not sent in the bulk call only.
  private func sent(_ name: String) -> JSONValue? {
    guard let value = json[name] else { return nil }
    if case .item = kind, value.isNull { return nil }
    return value
  }

  mutating func text(_ name: String) -> String? {
    guard let value = sent(name) else { return nil }
    if let text = value.string { return text }
    refuse(name, SchemaCheck.found(value, insteadOf: "string"))
    return nil
  }

  mutating func flag(_ name: String) -> Bool? {
    guard let value = sent(name) else { return nil }
    if let flag = value.bool { return flag }
    refuse(name, SchemaCheck.found(value, insteadOf: "boolean"))
    return nil
  }

  mutating func status(_ name: String) -> MemberStatus? {
    guard let word = text(name) else { return nil }
    var known = MemberStatus.allCases.filter { $0 != .archived }
    if case .patch = kind { known.removeAll { $0 == .transactional } }
    if let status = known.first(where: { $0.rawValue == word }) { return status }
    refuse(name, SchemaCheck.notOneOf(known.map(\.rawValue)))
    return nil
  }

  mutating func time(_ name: String) -> Instant? {
    guard let text = text(name), !text.isEmpty else { return nil }
    let instant = text.utf8.count >= 19 ? Instant(iso8601: text) : nil
    if instant == nil { refuse(name, SchemaCheck.noSchema) }
    return instant
  }

  mutating func coordinate(_ name: String) -> Double? {
    guard let location = sent("location") else { return nil }
    guard location.object != nil else {
      if name == "latitude" {
        refuse("location", SchemaCheck.found(location, insteadOf: "object"))
      }
      return nil
    }
    guard let value = location[name] else { return nil }
    if case .item = kind, value.isNull { return nil }
    let number = (value.double ?? value.string.flatMap { Double($0) }).flatMap {
      $0.isFinite ? $0 : nil
    }
    if number == nil { refuse("location.\(name)", SchemaCheck.noSchema) }
    return number
  }

  mutating func mergeFields() -> [String: JSONValue] {
    guard let value = sent("merge_fields") else { return [:] }
    guard let fields = value.object else {
      refuse("merge_fields", SchemaCheck.found(value, insteadOf: "object"))
      return [:]
    }
    var kept: [String: JSONValue] = [:]
    for (tag, value) in fields.sorted(by: { $0.key < $1.key }) {
      if case .item = kind, value.isNull { continue }
      switch value {
      case .string, .int, .number: kept[tag] = value
      case .object(let parts) where parts.values.allSatisfy({ $0.string != nil }):
        kept[tag] = value
      default: refuse("merge_fields.\(tag)", SchemaCheck.noSchema)
      }
    }
    return kept
  }

  mutating func interests() -> [String: Bool] {
    guard let value = sent("interests") else { return [:] }
    guard let interests = value.object else {
      refuse("interests", SchemaCheck.found(value, insteadOf: "object"))
      return [:]
    }
    var kept: [String: Bool] = [:]
    for (id, value) in interests.sorted(by: { $0.key < $1.key }) {
      if case .item = kind, value.isNull { continue }
      kept[id] = value.bool
      if value.bool == nil {
        refuse("interests.\(id)", SchemaCheck.found(value, insteadOf: "boolean"))
      }
    }
    return kept
  }

  mutating func tags() -> [String]? {
    guard let value = sent("tags") else { return nil }
    guard let tags = value.array else {
      refuse("tags", SchemaCheck.found(value, insteadOf: "array"))
      return nil
    }
    for (index, tag) in tags.enumerated() where tag.string == nil {
      refuse("tags.item:\(index)", SchemaCheck.found(tag, insteadOf: "string"))
    }
    return tags.compactMap(\.string)
  }
}
