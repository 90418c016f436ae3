// One person of an audience as the practice Mailchimp keeps it, and as its answers show it. `id`
// follows the address, `contactID` never changes; what the person did is remembered beside the
// status, because the status alone does not tell.

import Basics
import HTTP

package enum MemberStatus: String, Sendable, CaseIterable {
  case subscribed, unsubscribed, cleaned, pending, transactional, archived
}

/// That a person wears a tag.
package struct MemberTag: Sendable, Equatable {
  /// The segment that the tag is.
  package let segment: Int
  package let added: Instant
}

package struct SandboxMember: Sendable, Equatable {
  /// Also the base of `web_id`; the place in the audience's store.
  package let serial: Int
  package internal(set) var id: String
  package internal(set) var address: String
  package let contactID: String
  package internal(set) var uniqueEmailID: String
  package internal(set) var status: MemberStatus
  /// True from the person's own unsubscribing until the person comes back by a form or a
  /// confirmation; survives archiving.
  package internal(set) var leftByPerson = false
  package internal(set) var unsubscribeReason = ""
  /// Values by merge field number; what is empty is not kept.
  var values: [Int: JSONValue] = [:]
  /// In the order they were given.
  package internal(set) var tags: [MemberTag] = []
  /// Ids of the interests that were chosen.
  package internal(set) var interests: Set<String> = []
  var emailType = "html"
  var language = ""
  var isVIP = false
  var latitude = 0.0
  var longitude = 0.0
  var ipSignup = ""
  var ipOpt = ""
  var source = "API - Generic"
  package internal(set) var timestampSignup: Instant?
  package internal(set) var timestampOpt: Instant?
  /// To the second, as answers show it.
  package internal(set) var lastChanged: Instant
  var unsubscribedAt: Instant?

  init(serial: Int, address: String, contactID: String, status: MemberStatus, at now: Instant) {
    self.serial = serial
    self.address = address
    self.contactID = contactID
    self.status = status
    id = Self.hash(of: address)
    uniqueEmailID = Self.uniqueID(of: address)
    lastChanged = now.wholeSecond
  }

  /// The id that an address has in every audience: MD5 of its lower-case form.
  package static func hash(of address: String) -> String {
    Digest.md5(address.lowercased().utf8)
  }

  /// The same for an address in all audiences, and not its hash.
  static func uniqueID(of address: String) -> String {
    String(Digest.md5("unique \(address.lowercased())".utf8).prefix(10))
  }

  var webID: Int64 { Int64(400_000_000 + serial) }

  /// Moves to another address: the id goes along, contact, tags and history stay.
  mutating func move(to newAddress: String) {
    let isSameAddress = address.lowercased() == newAddress.lowercased()
    address = newAddress
    if !isSameAddress {
      id = Self.hash(of: newAddress)
      uniqueEmailID = Self.uniqueID(of: newAddress)
    }
  }
}

extension Instant {
  /// Without its milliseconds.
  var wholeSecond: Instant {
    let rest = milliseconds % 1000
    return Instant(milliseconds: milliseconds - (rest < 0 ? rest + 1000 : rest))
  }

  /// `2022-02-23T19:37:41+00:00`, as every time in an answer.
  var onTheWire: String { wholeSecond.description.dropLast() + "+00:00" }
}

extension SandboxAudience {
  func json(of member: SandboxMember, _ selection: FieldSelection) -> JSONValue {
    var out = SelectedObject(selection)
    fillShort(member, into: &out)
    out.put("contact_id", .string(member.contactID))
    out.put("full_name", .string(fullName(of: member)))
    out.put("consents_to_one_to_one_messaging", true)
    if member.status == .unsubscribed {
      out.put("unsubscribe_reason", .string(member.unsubscribeReason))
    }
    return out.value
  }

  /// As the bulk call shows people: without contact_id and full_name.
  func shortJSON(of member: SandboxMember) -> JSONValue {
    var out = SelectedObject(.everything)
    fillShort(member, into: &out)
    return out.value
  }

  /// As a segment shows people: with the name, without their tags.
  func segmentJSON(of member: SandboxMember, _ selection: FieldSelection) -> JSONValue {
    var out = SelectedObject(selection)
    fillCore(member, into: &out)
    out.put("full_name", .string(fullName(of: member)))
    return out.value
  }

  private func fillShort(_ member: SandboxMember, into out: inout SelectedObject) {
    fillCore(member, into: &out)
    out.put("web_id", .int(member.webID))
    out.put("source", .string(member.source))
    out.put("tags_count", .int(Int64(member.tags.count)))
    out.put("tags", tags(of: member))
  }

  private func fillCore(_ member: SandboxMember, into out: inout SelectedObject) {
    func time(_ instant: Instant?) -> JSONValue { .string(instant?.onTheWire ?? "") }
    out.put("id", .string(member.id))
    out.put("email_address", .string(member.address))
    out.put("unique_email_id", .string(member.uniqueEmailID))
    out.put("email_type", .string(member.emailType))
    out.put("status", .string(member.status.rawValue))
    out.put("merge_fields", mergeValues(of: member))
    if let interests = interests(of: member) { out.put("interests", interests) }
    out.put("stats", ["avg_open_rate": 0, "avg_click_rate": 0])
    out.put("ip_signup", .string(member.ipSignup))
    out.put("timestamp_signup", time(member.timestampSignup))
    out.put("ip_opt", .string(member.ipOpt))
    out.put("timestamp_opt", time(member.timestampOpt))
    out.put("member_rating", 2)
    out.put("last_changed", time(member.lastChanged))
    out.put("language", .string(member.language))
    out.put("vip", .bool(member.isVIP))
    out.put("email_client", "")
    out.put("location", location(of: member))
    out.put("list_id", .string(id))
    out.put("_links", links(ofID: member.id))
  }

  func location(of member: SandboxMember) -> JSONValue {
    [
      "latitude": .number(member.latitude), "longitude": .number(member.longitude), "gmtoff": 0,
      "dstoff": 0, "country_code": "", "timezone": "",
    ]
  }

  /// Every field of the audience, in whatever order it was defined; empty is `""`.
  func mergeValues(of member: SandboxMember) -> JSONValue {
    var values: [String: JSONValue] = [:]
    values.reserveCapacity(mergeFields.count)
    for field in mergeFields { values[field.tag] = member.values[field.id] ?? MergeValue.empty }
    return .object(values)
  }

  func fullName(of member: SandboxMember) -> String {
    ["FNAME", "LNAME"].compactMap { tag in
      mergeField(tagged: tag).flatMap { member.values[$0.id]?.string }
    }.filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// How many tags a member shows at most.
  static let tagsShown = 50

  private func tags(of member: SandboxMember) -> JSONValue {
    .array(member.tags.prefix(Self.tagsShown).map { tagJSON($0.segment) })
  }

  func tagJSON(_ id: Int) -> JSONValue {
    ["id": .int(Int64(id)), "name": .string(segments.name(of: id))]
  }

  func links(ofID member: String) -> JSONValue {
    let path = "/lists/\(id)/members/\(member)"
    let response = "Lists/Members/Response.json"
    return [
      Schema.entry(dataCentre, "self", path, target: response),
      Schema.entry(
        dataCentre, "parent", "/lists/\(id)/members",
        target: "Lists/Members/CollectionResponse.json"),
      Schema.entry(dataCentre, "update", path, "PATCH", target: response),
      Schema.entry(dataCentre, "upsert", path, "PUT", target: response),
      Schema.entry(dataCentre, "delete", path, "DELETE"),
      Schema.entry(dataCentre, "delete_permanent", path + "/actions/delete-permanent", "POST"),
    ]
  }
}
