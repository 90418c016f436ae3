// Laws over random requests: whatever arrives, the answer is one of the API, the people stay found
// by every name they have, and a refused or repeated write changes nothing.

import Basics
import HTTP
import Support
import Testing

@testable import Sandbox

@Suite struct LawTests {
  private static let addresses = (0..<6).map { "person\($0)@mail.example.org" }

  /// A request as clients, good and bad, might send it.
  private func request(
    _ list: String, using random: inout SeededGenerator
  ) -> HTTPRequest {
    let address = Self.addresses.randomElement(using: &random) ?? ada
    let path = "/3.0/lists/\(list)"
    let hash = SandboxMember.hash(of: address)
    let targets = [
      ("POST", path), ("POST", "\(path)/members"), ("PUT", "\(path)/members/\(hash)"),
      ("PATCH", "\(path)/members/\(hash)"), ("PATCH", "\(path)/members/\(address)"),
      ("DELETE", "\(path)/members/\(hash)"), ("GET", "\(path)/members"),
      ("POST", "\(path)/members/\(hash)/actions/delete-permanent"),
      ("POST", "\(path)/merge-fields"), ("PATCH", "\(path)/merge-fields/2"),
      ("GET", "\(path)/merge-fields"), ("POST", "\(path)/members/\(hash)/tags"),
      ("GET", "\(path)/members/\(hash)/tags"), ("POST", "\(path)/segments"),
      ("PATCH", "\(path)/segments/100001"), ("POST", "\(path)/segments/100000"),
      ("DELETE", "\(path)/segments/100000"), ("GET", "\(path)/segments/100001/members"),
      ("POST", "\(path)/segments/100002/members"), ("GET", "\(path)/growth-history"),
      ("DELETE", "\(path)/segments/100001/members/\(hash)"), ("POST", "/3.0/batches"),
    ]
    let (method, target) = targets.randomElement(using: &random) ?? ("GET", path)
    var body = person(using: &random)
    if target == path { body = ["members": .array((0..<3).map { _ in person(using: &random) })] }
    if target.contains("merge-fields") { body = anything(2, using: &random) }
    if target.contains("segments") { body = segment(using: &random) }
    if target.hasSuffix("tags") {
      let names: [JSONValue] = ["Choir", "choir ", "Board", "Garden", ""]
      body = [
        "tags": [
          [
            "name": names.randomElement(using: &random) ?? "",
            "status": Bool.random(using: &random) ? "active" : "inactive",
          ]
        ]
      ]
    }
    if target.hasSuffix("batches") {
      let operation: JSONValue = [
        "method": "PUT", "path": .string("/lists/\(list)/members/\(hash)"),
        "body": .string(body.description),
      ]
      body = ["operations": [operation]]
    }
    if Int.random(in: 0..<12, using: &random) == 0 { body = anything(3, using: &random) }
    let query =
      Int.random(in: 0..<4, using: &random) == 0
      ? [FormField("skip_merge_validation", "true")] : []
    return HTTPRequest(
      method, target, query: query,
      headers: ["Authorization": "Bearer \(SandboxConfiguration().key)"],
      body: method == "GET" || method == "DELETE" ? [] : body.serialized())
  }

  private func segment(using random: inout SeededGenerator) -> JSONValue {
    var body: [String: JSONValue] = [:]
    for name in ["static_segment", "members_to_add", "members_to_remove"]
    where Bool.random(using: &random) {
      body[name] = .array(
        (0..<Int.random(in: 0..<4, using: &random)).map { _ in
          .string(Self.addresses.randomElement(using: &random) ?? ada)
        })
    }
    let names: [JSONValue] = ["Choir", "CHOIR", "Board", "Garden", "Kitchen"]
    if Bool.random(using: &random) { body["name"] = names.randomElement(using: &random) }
    body["email_address"] = .string(Self.addresses.randomElement(using: &random) ?? ada)
    if Int.random(in: 0..<6, using: &random) == 0 { body["options"] = ["conditions": []] }
    return .object(body)
  }

  private func person(using random: inout SeededGenerator) -> JSONValue {
    var body: [String: JSONValue] = [:]
    func maybe(_ chance: Int, using random: inout SeededGenerator) -> Bool {
      Int.random(in: 0..<10, using: &random) < chance
    }
    let words: [JSONValue] = [
      "subscribed", "unsubscribed", "pending", "transactional", "cleaned", "archived",
    ]
    if maybe(9, using: &random) {
      body["email_address"] = .string(Self.addresses.randomElement(using: &random) ?? ada)
    }
    if maybe(6, using: &random) { body["status"] = words.randomElement(using: &random) }
    if maybe(3, using: &random) { body["status_if_new"] = words.randomElement(using: &random) }
    if maybe(3, using: &random) { body["tags"] = ["Choir"] }
    if maybe(3, using: &random) { body["vip"] = .bool(maybe(5, using: &random)) }
    if maybe(5, using: &random) {
      let half: JSONValue = ["addr1": "1", "city": "", "state": "", "zip": ""]
      body["merge_fields"] = [
        "FNAME": anything(0, using: &random), "ADDRESS": maybe(2, using: &random) ? half : "",
        "BIRTHDAY": maybe(5, using: &random) ? "31/12" : "soon",
      ]
    }
    return .object(body)
  }

  private func anything(_ depth: Int, using random: inout SeededGenerator) -> JSONValue {
    let names = [
      "email_address", "members", "name", "type", "tag", "options", "display_order", "location",
      "latitude", "size", "required", "merge_fields", "interests", "tags",
    ]
    switch Int.random(in: 0..<(depth > 0 ? 9 : 7), using: &random) {
    case 0: return nil
    case 1: return .bool(true)
    case 2: return .int(Int64.random(in: .min ... .max, using: &random))
    case 3: return .number(Double.random(in: -1e300...1e300, using: &random))
    case 4: return "text"
    case 5: return ""
    case 6: return "number"
    case 7: return .array((0..<3).map { _ in anything(depth - 1, using: &random) })
    default:
      var object: [String: JSONValue] = [:]
      for _ in 0..<4 {
        object[names.randomElement(using: &random) ?? "name"] = anything(depth - 1, using: &random)
      }
      return .object(object)
    }
  }

  private func check(_ audience: SandboxAudience) throws {
    for status in MemberStatus.allCases {
      let counted = audience.members.filter { $0.status == status }.count
      if counted != audience.count(status) { throw Violation("\(status) is miscounted") }
    }
    for segment in audience.segments.all where segment.type == .static {
      let wearers = audience.members.filter { $0.tags.contains { $0.segment == segment.id } }
      if segment.members != Set(wearers.map(\.serial)) {
        throw Violation("\(segment.name) does not know who wears it")
      }
      for status in MemberStatus.allCases {
        let counted = wearers.filter { $0.status == status }.count
        if segment.count([status]) != counted {
          throw Violation("\(status) wearers of \(segment.name) are miscounted")
        }
      }
    }
    for member in audience.members {
      if Set(member.tags.map(\.segment)).count != member.tags.count {
        throw Violation("\(member.address) wears a tag twice")
      }
      for name in [member.id, member.id.uppercased(), member.address, member.contactID]
      where audience.member(named: name)?.serial != member.serial {
        throw Violation("\(member.address) is not found by \(name)")
      }
      if audience.forgotten.contains(member.address.lowercased()) {
        throw Violation("\(member.address) is both forgotten and there")
      }
    }
  }

  @Test func `whatever is sent, everybody stays found and counted`() async throws {
    try await forAll(12) { random in
      let clock = StepClock()
      var mailchimp = SandboxMailchimp(at: clock.now())
      let list = mailchimp.audiences[0].id
      for _ in 0..<50 {
        let request = request(list, using: &random)
        // What a batch does now is not the doing of the request.
        mailchimp.advanceBatches(at: clock.now())
        let before = mailchimp.audiences[0].members
        let answer = mailchimp.answer(request, at: clock.now())
        guard [200, 204, 400, 404, 405].contains(answer.status) else {
          throw Violation("\(request.method) \(request.path) gave \(answer.status)")
        }
        if answer.status >= 400, mailchimp.audiences[0].members != before {
          throw Violation("a refused \(request.method) \(request.path) changed somebody")
        }
        if !answer.body.isEmpty { _ = try JSONValue.parse(answer.body) }
        try check(mailchimp.audiences[0])
        clock.advance(.seconds(1))
      }
    }
  }

  @Test func `a PUT or PATCH that went through changes nothing when it is repeated`() async throws {
    try await forAll(12) { random in
      let clock = StepClock()
      var mailchimp = SandboxMailchimp(at: clock.now())
      let list = mailchimp.audiences[0].id
      for _ in 0..<50 {
        let request = request(list, using: &random)
        // No batch comes between the two.
        mailchimp.advanceBatches(at: clock.now(), toTheEnd: true)
        let answer = mailchimp.answer(request, at: clock.now())
        clock.advance(.seconds(1))
        guard answer.status == 200, ["PUT", "PATCH"].contains(request.method),
          request.path.contains("/members/"),
          // After a change of address the old name is gone, as it should be.
          request.path.hasSuffix(try JSONValue.parse(answer.body)["id"]?.string ?? "-")
        else { continue }
        let before = mailchimp.audiences[0].members
        _ = mailchimp.answer(request, at: clock.now())
        if mailchimp.audiences[0].members != before {
          throw Violation("\(String(decoding: request.body, as: UTF8.self)) is not idempotent")
        }
      }
    }
  }
}
