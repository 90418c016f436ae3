// A practice Mailchimp somewhere on this machine, spoken to by hand: what people do there, and what
// an audience holds, without any client of ours in between.

import Basics
import Support

struct PracticeSite: Sendable {
  let port: UInt16
  let key: String
  let audience: String

  init(port: UInt16, key: String, audience: String) {
    self.port = port
    self.key = key
    self.audience = audience
  }

  init(_ scenario: Scenario) {
    self.init(
      port: scenario.mailchimp.port, key: scenario.mailchimp.key,
      audience: scenario.mailchimp.audience)
  }

  /// Does what a subscriber or an administrator can do.
  func perform(_ deed: String, _ body: JSONValue) async throws {
    var body = body
    if body["address"] != nil, case .object(var fields) = body {
      fields["audience"] = .string(audience)
      body = .object(fields)
    }
    let answer = try await RawHTTP(port: port, authorization: nil)
      .call("POST", "/sandbox/\(deed)", body)
    if answer.status != 200 { throw Violation("\(deed) \(body): \(answer.body)") }
  }

  /// Brings about what had happened there before.
  func live(through pasts: [RealisticPeople.Past]) async throws {
    for past in pasts {
      let address = JSONValue.string(past.address)
      try await perform(
        "sign-up",
        [
          "address": address,
          "merge_fields": .object(past.fields.mapValues { .string($0) }),
        ])
      let deed: String? =
        switch past.event {
        case .subscribed: nil
        case .unsubscribed: "unsubscribe"
        case .cleaned: "bounce"
        case .archived: "admin-archive"
        case .forgotten: "admin-delete"
        }
      if let deed { try await perform(deed, ["address": address]) }
    }
  }

  /// Every contact by lower-case address, archived ones too.
  func contacts() async throws -> [String: JSONValue] {
    let raw = RawHTTP(port: port, key: key)
    var contacts: [String: JSONValue] = [:]
    for filter in ["", "&status=archived"] {
      var offset = 0
      while true {
        let page = try await raw.call(
          "GET", "/3.0/lists/\(audience)/members?count=1000&offset=\(offset)\(filter)")
        guard let members = page["members"].array else {
          throw Violation("no members: \(page.body)")
        }
        for member in members {
          contacts[member["email_address"]?.string?.lowercased() ?? ""] = member
        }
        offset += members.count
        if members.isEmpty { break }
      }
    }
    return contacts
  }
}

/// Every way in which an audience is not what was expected, one sentence each.
func differences(
  _ expected: [String: PaperReading.Contact], before: [String: JSONValue],
  after: [String: JSONValue]
) -> [String] {
  var found: [String] = []
  for (address, contact) in expected.sorted(by: { $0.key < $1.key }) {
    guard let member = after[address] else {
      found.append("\(address) is missing, to be \(contact.status)")
      continue
    }
    let status = member["status"]?.string ?? ""
    if status != contact.status {
      found.append("\(address) is \(status), to be \(contact.status)")
    }
    if contact.isUntouched {
      if member != before[address] { found.append("\(address) was touched") }
      continue
    }
    for (tag, value) in contact.fields.sorted(by: { $0.key < $1.key }) {
      let held = member["merge_fields"]?[tag]?.string ?? "nothing"
      if !matches(held, value) {
        found.append("\(address) has \(tag) \(held), to be \(value)")
      }
    }
  }
  for (address, member) in after.sorted(by: { $0.key < $1.key }) where expected[address] == nil {
    if before[address] == nil {
      found.append("\(address) is there, to be nowhere")
    } else if member != before[address] {
      found.append("\(address) is nobody's, and was touched")
    }
  }
  for address in before.keys.sorted() where after[address] == nil {
    found.append("\(address) is gone")
  }
  return found
}

/// Scalar by scalar; a value longer than its field is cut at a whole character.
private func matches(_ held: String, _ value: String) -> Bool {
  if value.unicodeScalars.count <= 255 {
    return Array(held.unicodeScalars) == Array(value.unicodeScalars)
  }
  let pieces = zip(held, value).prefix { $0 == $1 }.count
  // Nothing but whole characters of it, and as many as fit.
  return pieces == held.count && held.unicodeScalars.count <= 255
    && held.utf8.count > 200 && value.hasPrefix(held)
}
