// What a single write of a person does and does not do: POST, PUT and PATCH, row by row.

import Basics
import Support
import Testing

@testable import Sandbox

@Suite struct MemberWriteTests {
  // MARK: Creating

  @Test func `POST needs an address and a status`() async throws {
    let practice = try Practice(malformed: true)
    expectErrors(
      try await practice.api.call("POST", "\(practice.lists)/members", ["merge_fields": [:]]),
      notValidated, [("", "Required fields were not provided: email_address, status")])
  }

  @Test(arguments: ["subscribed", "unsubscribed", "pending"])
  func `POST of somebody who is there is Member Exists`(_ status: String) async throws {
    let practice = try Practice()
    try await practice.add(ada, status)
    let answer = try await practice.post("ADA@mail.example.org")
    expectProblem(
      answer, 400, "Member Exists",
      "ADA@mail.example.org is already a list member. Use PUT to insert or update list members.")
    #expect(answer["type"] == .null)
  }

  @Test func `POST takes tags as names`() async throws {
    let practice = try Practice()
    let answer = try await practice.add(ada, "subscribed", ["tags": ["Choir", "Board"]])
    #expect(answer["tags_count"] == 2)
    #expect(answer["tags"].array?.compactMap { $0["name"]?.string } == ["Choir", "Board"])
  }

  @Test func `tags as objects are refused`() async throws {
    let practice = try Practice(malformed: true)
    expectErrors(
      try await practice.post(ada, "subscribed", ["tags": [["name": "Choir"]]]), notValidated,
      [("tags.item:0", "Schema describes string, object found instead")])
  }

  @Test func `PUT of a new address needs a status of one kind`() async throws {
    let practice = try Practice()
    expectErrors(
      try await practice.put(ada, [:]), notValidated,
      [("", "Required fields were not provided: status_if_new")])
  }

  @Test func `PUT of a hash that is not there needs an address`() async throws {
    let practice = try Practice(malformed: true)
    expectErrors(
      try await practice.api.call(
        "PUT", practice.member(ada), ["status_if_new": "subscribed"]), notValidated,
      [("", "Required fields were not provided: email_address")])
  }

  @Test func `tags given by PUT count on creation`() async throws {
    let practice = try Practice()
    let answer = try await practice.put(ada, ["status_if_new": "subscribed", "tags": ["Choir"]])
    #expect(answer["tags"][0]?["name"] == "Choir")
  }

  // MARK: Changing

  @Test func `PUT without a status leaves an unsubscribed person unsubscribed`() async throws {
    let practice = try Practice()
    try await practice.add(ada, "unsubscribed")
    let answer = try await practice.put(
      ada, ["status_if_new": "subscribed", "merge_fields": ["FNAME": "Ada"]])
    #expect(answer.status == 200)
    #expect(answer["status"] == "unsubscribed")
    #expect(answer["merge_fields"]["FNAME"] == "Ada")
  }

  @Test func `PUT of an existing person works without an address in the body`() async throws {
    let practice = try Practice(malformed: true)
    try await practice.add(ada)
    let answer = try await practice.api.call(
      "PUT", practice.member(ada), ["merge_fields": ["FNAME": "Ada"]])
    #expect(answer.status == 200)
    #expect(answer["merge_fields"]["FNAME"] == "Ada")
  }

  @Test func `PATCH of somebody who is not there is not found`() async throws {
    let practice = try Practice()
    expectProblem(
      try await practice.patch(ada, ["status": "subscribed"]), 404, "Resource Not Found",
      "The requested resource could not be found.")
  }

  @Test func `PATCH changes what is given and nothing else`() async throws {
    let practice = try Practice()
    try await practice.add(
      ada, "subscribed",
      ["merge_fields": ["FNAME": "Ada", "LNAME": "Byron"], "language": "en", "vip": true])
    let answer = try await practice.patch(ada, ["merge_fields": ["LNAME": "King"]])
    #expect(answer["merge_fields"]["FNAME"] == "Ada")
    #expect(answer["merge_fields"]["LNAME"] == "King")
    #expect(answer["full_name"] == "Ada King")
    #expect(answer["language"] == "en")
    #expect(answer["vip"] == true)
    #expect(answer["status"] == "subscribed")
  }

  @Test(arguments: ["PUT", "PATCH"])
  func `tags sent for an existing person are ignored without an error`(
    _ method: String
  ) async throws {
    let practice = try Practice(malformed: method == "PATCH")
    try await practice.add(ada, "subscribed", ["tags": ["Choir"]])
    let answer = try await practice.api.call(
      method, practice.member(ada), ["email_address": .string(ada), "tags": ["Board"]])
    #expect(answer.status == 200)
    #expect(answer["tags"].array?.compactMap { $0["name"]?.string } == ["Choir"])
  }

  @Test func `an empty text clears a value`() async throws {
    let practice = try Practice()
    try await practice.add(ada, "subscribed", ["merge_fields": ["FNAME": "Ada"]])
    let answer = try await practice.patch(ada, ["merge_fields": ["FNAME": ""]])
    #expect(answer["merge_fields"]["FNAME"] == "")
  }

  @Test func `a tag that the audience does not have is ignored without an error`() async throws {
    let practice = try Practice()
    let answer = try await practice.add(
      ada, "subscribed", ["merge_fields": ["FNAME": "Ada", "NICKNAME": "Countess"]])
    #expect(answer["merge_fields"]["NICKNAME"] == nil)
    #expect(answer["merge_fields"]["FNAME"] == "Ada")
  }

  @Test func `properties that the server does not know are ignored`() async throws {
    let practice = try Practice(malformed: true)
    let answer = try await practice.add(
      ada, "subscribed", ["web_id": 1, "shoe_size": 42, "member_rating": 5])
    #expect(answer["shoe_size"] == .null)
    #expect(answer["member_rating"] == 2)
  }

  @Test func `a PUT that changes nothing leaves the time of the last change alone`() async throws {
    let practice = try Practice()
    let first = try await practice.add(ada, "subscribed", ["merge_fields": ["FNAME": "Ada"]])
    practice.clock.advance(.minutes(5))
    let same = try await practice.put(
      ada, ["status": "subscribed", "merge_fields": ["FNAME": "Ada"]])
    #expect(same["last_changed"] == first["last_changed"])
    let other = try await practice.put(ada, ["merge_fields": ["FNAME": "Augusta"]])
    #expect(other["last_changed"] == "2026-01-02T03:09:05+00:00")
  }

  @Test func `timestamps are taken in both forms and shown in UTC`() async throws {
    let practice = try Practice()
    let answer = try await practice.add(
      ada, "subscribed",
      ["timestamp_signup": "2020-01-02 03:04:05", "timestamp_opt": "2020-01-02T03:04:05+01:00"])
    #expect(answer["timestamp_signup"] == "2020-01-02T03:04:05+00:00")
    #expect(answer["timestamp_opt"] == "2020-01-02T02:04:05+00:00")
  }

  @Test func `an interest that no group has is refused`() async throws {
    let practice = try Practice()
    let answer = try await practice.post(ada, "subscribed", ["interests": ["0123456789": true]])
    expectProblem(answer, 400, "Invalid Resource", "Invalid interest ID: '0123456789'.")
  }

  // MARK: Shapes that are refused

  @Test func `a null is refused in a single write`() async throws {
    let practice = try Practice(malformed: true)
    try await practice.add(ada)
    expectErrors(
      try await practice.patch(ada, ["language": nil]), notValidated,
      [("language", "Schema describes string, NULL found instead")])
    expectErrors(
      try await practice.put(ada, ["status_if_new": nil]), notValidated,
      [("status_if_new", "Schema describes string, NULL found instead")])
  }

  @Test func `a missing address and a null one are told apart and both told`() async throws {
    let practice = try Practice(malformed: true)
    expectErrors(
      try await practice.api.call(
        "POST", "\(practice.lists)/members", ["email_address": nil, "status": "subscribed"]),
      notValidated,
      [
        ("", "Required fields were not provided: email_address"),
        ("email_address", "Schema describes string, NULL found instead"),
      ])
  }

  @Test func `null merge values are refused by name`() async throws {
    let practice = try Practice(malformed: true)
    let message = "Data did not match any of the schemas described in anyOf."
    expectErrors(
      try await practice.post(
        ada, "subscribed", ["merge_fields": ["LNAME": nil, "FNAME": nil]]), notValidated,
      [("merge_fields.FNAME", message), ("merge_fields.LNAME", message)])
  }

  @Test func `an empty list for merge fields is refused`() async throws {
    let practice = try Practice(malformed: true)
    expectErrors(
      try await practice.post(ada, "subscribed", ["merge_fields": []]), notValidated,
      [("merge_fields", "Schema describes object, array found instead")])
  }

  @Test func `a body that is no JSON is refused`() async throws {
    let practice = try Practice(malformed: true)
    let answer = try await practice.api.call(
      "POST", "\(practice.lists)/members", text: "{\"email_address\":")
    expectProblem(answer, 400, "JSON Parse Exception")
  }

  // MARK: Addresses that are refused

  @Test(arguments: ["AAAAA", "", "ada@mail", "ada lovelace@mail.example.org", "@mail.example.org"])
  func `what is no address is refused`(_ address: String) async throws {
    let practice = try Practice()
    expectProblem(
      try await practice.post(address), 400, "Invalid Resource",
      "Please provide a valid email address.")
  }

  @Test(arguments: ["example.com", "example.net", "EXAMPLE.org"])
  func `an address of an example domain looks fake`(_ domain: String) async throws {
    let practice = try Practice()
    expectProblem(
      try await practice.post("foo@\(domain)"), 400, "Invalid Resource",
      "foo@\(domain) looks fake or invalid, please enter a real email address.")
  }

  @Test func `an address that signed up to a lot of lists is refused for now`() async throws {
    let practice = try Practice()
    try practice.perform(.signupsAreLimited(ada))
    expectProblem(
      try await practice.post(ada), 400, "Invalid Resource",
      "\(ada) has signed up to a lot of lists very recently; we're not allowing more signups for "
        + "now")
    try await practice.add(grace)
  }

  @Test func `blanks around an address do not count`() async throws {
    let practice = try Practice()
    #expect(try await practice.add(" \(ada) ")["email_address"] == .string(ada))
  }

  // MARK: Changing the address

  @Test(arguments: ["PUT", "PATCH"])
  func `a new address changes the ids that follow it and nothing else`(
    _ method: String
  ) async throws {
    let practice = try Practice()
    let old = try await practice.add(
      ada, "subscribed", ["merge_fields": ["FNAME": "Ada"], "tags": ["Choir"]])
    practice.clock.advance(.minutes(1))
    let answer = try await practice.api.call(
      method, practice.member(ada), ["email_address": "countess@mail.example.org"])
    #expect(answer.status == 200)
    #expect(answer["id"].string == Digest.md5("countess@mail.example.org".utf8))
    #expect(answer["unique_email_id"] != old["unique_email_id"])
    for name in ["web_id", "contact_id", "tags_count", "timestamp_opt", "merge_fields", "tags"] {
      #expect(answer[name] == old[name], "\(name)")
    }
    #expect(answer["last_changed"] == "2026-01-02T03:05:05+00:00")
    #expect(try await practice.get(ada).status == 404)
    #expect(try await practice.get("countess@mail.example.org").status == 200)
  }

  @Test(arguments: [
    (MemberStatus.subscribed, "subscribed"), (.unsubscribed, "Unsubscribed"),
    (.cleaned, "Cleaned"), (.archived, "archived"),
  ])
  func `an address that another member has is refused with that member's status`(
    _ status: MemberStatus, _ word: String
  ) async throws {
    let practice = try Practice()
    try await practice.add(ada)
    try await practice.add(grace)
    switch status {
    case .unsubscribed: try practice.perform(.personUnsubscribes(grace))
    case .cleaned: try practice.perform(.mailBounces(grace))
    case .archived: try practice.perform(.adminArchives(grace))
    default: break
    }
    let answer = try await practice.patch(ada, ["email_address": .string(grace)])
    expectErrors(
      answer, notValidated,
      [("email address", "\"\(grace)\" is already in this list with a status of \"\(word)\".")])
    #expect(answer["type"].string != nil)
  }

  @Test func `the address of somebody permanently deleted is refused`() async throws {
    let practice = try Practice()
    try await practice.add(ada)
    try await practice.add(grace)
    _ = try await practice.erase(grace)
    expectErrors(
      try await practice.patch(ada, ["email_address": .string(grace)]), notValidated,
      [("email address", "\"\(grace)\" is already in this list with a status of \"Deleted\".")])
  }

  @Test func `PUT to a hash that is not there with an address that is: Member Exists`()
    async throws
  {
    let practice = try Practice()
    try await practice.add(grace)
    let answer = try await practice.put(
      ada, ["email_address": .string(grace), "status": "subscribed"])
    expectProblem(
      answer, 400, "Member Exists",
      "\(grace) is already a list member. Use PUT to insert or update list members.")
  }

  @Test func `PUT to a hash that is not there with a new address creates under the new id`()
    async throws
  {
    let practice = try Practice()
    let answer = try await practice.put(
      ada, ["email_address": .string(grace), "status_if_new": "subscribed"])
    #expect(answer.status == 200)
    #expect(answer["id"].string == SandboxMember.hash(of: grace))
    #expect(try await practice.get(ada).status == 404)
  }

  @Test func `another spelling of the same address keeps the id`() async throws {
    let practice = try Practice()
    let old = try await practice.add(ada)
    let answer = try await practice.patch(ada, ["email_address": "Ada@Mail.example.org"])
    #expect(answer["email_address"] == "Ada@Mail.example.org")
    #expect(answer["id"] == old["id"])
    #expect(answer["unique_email_id"] == old["unique_email_id"])
  }

  @Test func `a refused write leaves no trace`() async throws {
    let practice = try Practice()
    try await practice.add(ada)
    try practice.field("LTV", .number)
    let before = try await practice.get(ada)
    practice.clock.advance(.minutes(1))
    let answer = try await practice.patch(
      ada,
      [
        "email_address": .string(grace), "status": "unsubscribed",
        "merge_fields": ["FNAME": "Ada", "LTV": "much"],
      ])
    expectErrors(answer, mergeInvalid, [("LTV", "Please enter a number")])
    #expect(try await practice.get(ada).json == before.json)
    #expect(try await practice.get(grace).status == 404)
  }
}
