// People of a bulk answer written straight to bytes: five hundred of them are a megabyte, and whole
// audiences are moved through these calls. What is written is `shortJSON` to the byte; a test holds
// the two together.

import Basics

struct ShortMembers {
  private let audience: SandboxAudience
  /// `_links` around the places where the id of the person stands.
  private let links: [[UInt8]]
  private let fields: [(id: Int, key: [UInt8])]
  private var tags: [Int: [UInt8]] = [:]
  private var times: [Int64: [UInt8]] = [:]

  init(_ audience: SandboxAudience) {
    self.audience = audience
    // No path of a link holds a bar.
    links = audience.links(ofID: "|").serialized().split(separator: UInt8(ascii: "|"))
      .map(Array.init)
    fields = audience.mergeFields.sorted { $0.tag < $1.tag }.map {
      ($0.id, JSONValue.string($0.tag).serialized())
    }
  }

  mutating func array(of members: [SandboxMember]) -> [UInt8] {
    var out: [UInt8] = [UInt8(ascii: "[")]
    out.reserveCapacity(members.count * 2200)
    for (index, member) in members.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      write(member, into: &out)
    }
    out.append(UInt8(ascii: "]"))
    return out
  }

  /// Names in the order in which JSON is written everywhere: by their bytes.
  private mutating func write(_ member: SandboxMember, into out: inout [UInt8]) {
    func raw(_ text: StaticString) {
      out.append(
        contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
    func text(_ text: String) { JSONValue.write(text, into: &out) }
    func value(_ value: JSONValue) { out.append(contentsOf: value.serialized()) }
    raw("{\"_links\":")
    for (index, part) in links.enumerated() {
      if index > 0 { out.append(contentsOf: member.id.utf8) }
      out.append(contentsOf: part)
    }
    raw(",\"email_address\":")
    text(member.address)
    raw(",\"email_client\":\"\",\"email_type\":")
    text(member.emailType)
    raw(",\"id\":")
    text(member.id)
    if let interests = audience.interests(of: member) {
      raw(",\"interests\":")
      value(interests)
    }
    raw(",\"ip_opt\":")
    text(member.ipOpt)
    raw(",\"ip_signup\":")
    text(member.ipSignup)
    raw(",\"language\":")
    text(member.language)
    raw(",\"last_changed\":")
    out.append(contentsOf: time(member.lastChanged))
    raw(",\"list_id\":")
    text(audience.id)
    raw(",\"location\":")
    value(audience.location(of: member))
    raw(",\"member_rating\":2,\"merge_fields\":{")
    for (index, field) in fields.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      out.append(contentsOf: field.key)
      out.append(UInt8(ascii: ":"))
      switch member.values[field.id] {
      case nil: raw("\"\"")
      case .string(let string): text(string)
      case .some(let other): value(other)
      }
    }
    raw("},\"source\":")
    text(member.source)
    raw(",\"stats\":{\"avg_click_rate\":0,\"avg_open_rate\":0},\"status\":")
    text(member.status.rawValue)
    raw(",\"tags\":[")
    for (index, tag) in member.tags.prefix(SandboxAudience.tagsShown).enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      out.append(contentsOf: self.tag(tag.segment))
    }
    raw("],\"tags_count\":")
    out.append(contentsOf: String(member.tags.count).utf8)
    raw(",\"timestamp_opt\":")
    out.append(contentsOf: time(member.timestampOpt))
    raw(",\"timestamp_signup\":")
    out.append(contentsOf: time(member.timestampSignup))
    raw(",\"unique_email_id\":")
    text(member.uniqueEmailID)
    raw(",\"vip\":")
    out.append(contentsOf: (member.isVIP ? "true" : "false").utf8)
    raw(",\"web_id\":")
    out.append(contentsOf: String(member.webID).utf8)
    raw("}")
  }

  private mutating func tag(_ id: Int) -> [UInt8] {
    if let known = tags[id] { return known }
    let written = audience.tagJSON(id).serialized()
    tags[id] = written
    return written
  }

  private mutating func time(_ instant: Instant?) -> [UInt8] {
    guard let instant else { return Array("\"\"".utf8) }
    if let known = times[instant.milliseconds] { return known }
    let written = JSONValue.string(instant.onTheWire).serialized()
    times[instant.milliseconds] = written
    return written
  }
}
