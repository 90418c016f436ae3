// The bulk call: up to five hundred people, always 200, each refusal beside its address.

import Basics
import Support
import Testing

@testable import Sandbox

@Suite struct MemberBatchTests {
  private func batch(
    _ practice: Practice, _ members: [JSONValue], _ more: [String: JSONValue] = [:],
    _ query: String = ""
  ) async throws -> RawAnswer {
    let body: [String: JSONValue] = ["members": .array(members)]
    return try await practice.api.call(
      "POST", practice.lists + query, .object(body.merging(more) { $1 }))
  }

  private func item(_ address: String, _ more: [String: JSONValue] = [:]) -> JSONValue {
    let body: [String: JSONValue] = ["email_address": .string(address), "status": "subscribed"]
    return .object(body.merging(more) { $1 })
  }

  @Test func `the bulk call answers 200 although everybody was refused`() async throws {
    let practice = try Practice()
    let answer = try await batch(practice, [item("AAAAA"), item("foo@example.com")])
    #expect(answer.status == 200)
    #expect(answer["total_created"] == 0)
    #expect(answer["error_count"] == 2)
    #expect(answer["new_members"] == [])
    #expect(answer["errors"][0]?["email_address"] == "AAAAA")
    #expect(answer["errors"][0]?["error"] == "Please provide a valid email address.")
    #expect(answer["errors"][0]?["error_code"] == "ERROR_GENERIC")
  }

  @Test func `one refusal does not touch the others`() async throws {
    let practice = try Practice()
    let answer = try await batch(practice, [item(ada), item("AAAAA"), item(grace)])
    #expect(answer["total_created"] == 2)
    #expect(answer["error_count"] == 1)
    #expect(try await practice.get(ada).status == 200)
    #expect(try await practice.get(grace).status == 200)
  }

  @Test func `without update_existing somebody who is there is an error`() async throws {
    let practice = try Practice()
    try await practice.add(ada)
    let answer = try await batch(practice, [item(ada, ["merge_fields": ["FNAME": "Ada"]])])
    #expect(answer["errors"][0]?["error_code"] == "ERROR_CONTACT_EXISTS")
    #expect(
      answer["errors"][0]?["error"]
        == .string(
          "\(ada) is already a list member. Use PUT to insert or update list members."))
    #expect(try await practice.get(ada)["merge_fields"]["FNAME"] == "")
  }

  @Test func `with update_existing values that are named change and the others stay`()
    async throws
  {
    let practice = try Practice()
    try await practice.add(
      ada, "subscribed", ["merge_fields": ["FNAME": "Ada", "LNAME": "Byron"]])
    let answer = try await batch(
      practice, [item(ada, ["merge_fields": ["LNAME": "King"]])], ["update_existing": true])
    #expect(answer["total_updated"] == 1)
    #expect(answer["total_created"] == 0)
    #expect(answer["updated_members"][0]?["merge_fields"]?["FNAME"] == "Ada")
    #expect(answer["updated_members"][0]?["merge_fields"]?["LNAME"] == "King")
  }

  @Test func `status_if_new does not change the status of somebody who is there`() async throws {
    let practice = try Practice()
    try await practice.add(ada, "unsubscribed")
    let members: [JSONValue] = [
      ["email_address": .string(ada), "status_if_new": "subscribed"],
      ["email_address": .string(grace), "status_if_new": "pending"],
    ]
    let answer = try await batch(practice, members, ["update_existing": true])
    #expect(answer["updated_members"][0]?["status"] == "unsubscribed")
    #expect(answer["new_members"][0]?["status"] == "pending")
  }

  @Test func `a new person without any status is an error`() async throws {
    let practice = try Practice(malformed: true)
    let answer = try await batch(practice, [["email_address": .string(ada)]])
    #expect(answer["error_count"] == 1)
    #expect(try await practice.get(ada).status == 404)
  }

  @Test func `who unsubscribed personally is not subscribed by the bulk call`() async throws {
    let practice = try Practice()
    try await practice.add(ada)
    try practice.perform(.personUnsubscribes(ada))
    let answer = try await batch(practice, [item(ada)], ["update_existing": true])
    #expect(answer["errors"][0]?["error"] == .string("\(ada) \(compliance)"))
    #expect(try await practice.get(ada)["status"] == "unsubscribed")
  }

  @Test func `who was permanently deleted is not added by the bulk call`() async throws {
    let practice = try Practice()
    try await practice.add(ada)
    _ = try await practice.erase(ada)
    let answer = try await batch(practice, [item(ada)], ["update_existing": true])
    #expect(answer["errors"][0]?["error"] == .string("\(ada) \(forgotten)"))
  }

  @Test(arguments: [false, true])
  func `an archived person comes back by the bulk call`(_ updates: Bool) async throws {
    let practice = try Practice()
    try await practice.add(ada, "subscribed", ["merge_fields": ["FNAME": "Ada"]])
    _ = try await practice.delete(ada)
    let answer = try await batch(practice, [item(ada)], ["update_existing": .bool(updates)])
    #expect(answer["error_count"] == 0)
    let member = try await practice.get(ada)
    #expect(member["status"] == "subscribed")
    #expect(member["merge_fields"]["FNAME"] == "Ada")
  }

  @Test func `a merge error names its field`() async throws {
    let practice = try Practice()
    try practice.field("LTV", .number)
    let answer = try await batch(practice, [item(ada, ["merge_fields": ["LTV": "much"]])])
    #expect(answer["errors"][0]?["error"] == .string(mergeInvalid))
    #expect(answer["errors"][0]?["field"] == "LTV")
    #expect(answer["errors"][0]?["field_message"] == "Please enter a number")
  }

  @Test func `the second of an address sent twice is an error`() async throws {
    let practice = try Practice()
    let answer = try await batch(
      practice,
      [
        item(ada, ["merge_fields": ["FNAME": "First"]]),
        item("ADA@mail.example.org", ["merge_fields": ["FNAME": "Second"]]),
      ])
    #expect(answer["total_created"] == 1)
    #expect(answer["error_count"] == 1)
    #expect(try await practice.get(ada)["merge_fields"]["FNAME"] == "First")
  }

  @Test func `with skip_duplicate_check the first counts and there is no error`() async throws {
    let practice = try Practice()
    let answer = try await batch(
      practice,
      [
        item(ada, ["merge_fields": ["FNAME": "First"]]),
        item(ada, ["merge_fields": ["FNAME": "Second"]]),
      ], [:], "?skip_duplicate_check=true")
    #expect(answer["total_created"] == 1)
    #expect(answer["error_count"] == 0)
    #expect(try await practice.get(ada)["merge_fields"]["FNAME"] == "First")
  }

  @Test func `tags are added to what is there, and replaced with sync_tags`() async throws {
    let practice = try Practice()
    try await practice.add(ada, "subscribed", ["tags": ["Choir"]])
    func names() async throws -> [String] {
      try await practice.get(ada)["tags"].array?.compactMap { $0["name"]?.string } ?? []
    }
    _ = try await batch(practice, [item(ada, ["tags": ["Board"]])], ["update_existing": true])
    #expect(try await names() == ["Choir", "Board"])
    _ = try await batch(
      practice, [item(ada, ["tags": ["Garden"]])], ["update_existing": true, "sync_tags": true])
    #expect(try await names() == ["Garden"])
  }

  @Test func `nulls in the bulk call are as if not sent`() async throws {
    let practice = try Practice()
    let answer = try await batch(
      practice, [item(ada, ["language": nil, "merge_fields": nil, "vip": nil])])
    #expect(answer["total_created"] == 1)
  }

  @Test func `more than five hundred people are refused as a whole`() async throws {
    let practice = try Practice(malformed: true)
    let members = (0...500).map { item("person\($0)@mail.example.org") }
    let answer = try await batch(practice, members)
    expectProblem(answer, 400, "Invalid Resource", notValidated)
    #expect(practice.server.with { $0.audiences[0].count(.subscribed) } == 0)
  }

  @Test func `five hundred people are taken in one call`() async throws {
    let practice = try Practice()
    let answer = try await batch(
      practice, (1...500).map { item("person\($0)@mail.example.org") })
    #expect(answer["total_created"] == 500)
    #expect(answer["new_members"].array?.count == 500)
  }

  @Test func `the answer shows people without contact id`() async throws {
    let practice = try Practice()
    let member = try await batch(practice, [item(ada)])["new_members"][0] ?? .null
    #expect(member["id"]?.string == SandboxMember.hash(of: ada))
    #expect(member["contact_id"] == nil)
    #expect(member["full_name"] == nil)
  }

  @Test func `required fields bind the bulk call unless merge validation is skipped`()
    async throws
  {
    let practice = try Practice()
    try practice.perform(.adminAddsRequiredField(tag: "CITY", name: "City"))
    let refused = try await batch(practice, [item(ada)])
    #expect(refused["errors"][0]?["field"] == "CITY")
    #expect(refused["errors"][0]?["field_message"] == "Please enter a value")
    let taken = try await batch(practice, [item(ada)], [:], "?skip_merge_validation=true")
    #expect(taken["total_created"] == 1)
  }
}
