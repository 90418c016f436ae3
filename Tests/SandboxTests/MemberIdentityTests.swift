// By which names a member is known, and what an answer about a member holds.

import Basics
import Support
import Testing

@testable import Sandbox

@Suite struct MemberIdentityTests {
  @Test func `the id is the MD5 of the lower-case address`() async throws {
    let practice = try Practice()
    let answer = try await practice.add("Ada@Mail.Example.org")
    #expect(answer["id"].string == Digest.md5(ada.utf8))
    #expect(answer["email_address"] == "Ada@Mail.Example.org")
  }

  @Test func `a member answers to the hash in either case, the address and the contact id`()
    async throws
  {
    let practice = try Practice()
    let created = try await practice.add(ada)
    let hash = SandboxMember.hash(of: ada)
    let contact = created["contact_id"].string ?? ""
    #expect(contact.count == 32 && contact != hash)
    for name in [hash, hash.uppercased(), ada, "ADA%40mail.example.org", contact] {
      let path = "\(practice.lists)/members/\(name)"
      #expect(try await practice.api.call("GET", path)["id"].string == hash, "\(name)")
    }
    let path = "\(practice.lists)/members/\(ada)"
    let patched = try await practice.api.call("PATCH", path, ["vip": true])
    #expect(patched["vip"] == true)
    let put = try await practice.api.call(
      "PUT", "\(practice.lists)/members/\(contact)",
      ["email_address": .string(ada), "vip": false])
    #expect(put["vip"] == false)
    #expect(try await practice.api.call("DELETE", path).status == 204)
  }

  @Test func `a member of old with a mixed-case id answers only to the id that a listing shows`()
    async throws
  {
    let practice = try Practice()
    let written = "Ada@mail.example.org"
    try practice.server.with { mailchimp throws(Problem) in
      try mailchimp.plantWithOldID(written, at: practice.clock.now())
    }
    #expect(try await practice.get(ada).status == 404)
    expectProblem(
      try await practice.put(ada, ["status_if_new": "subscribed"]), 400, "Member Exists")
    let listed = try await practice.api.call("GET", "\(practice.lists)/members")
    let id = listed["members"][0]?["id"]?.string ?? ""
    #expect(id == Digest.md5(written.utf8))
    #expect(
      try await practice.api.call("GET", "\(practice.lists)/members/\(id)")["email_address"]
        == .string(written))
  }

  @Test func `an address has one unique_email_id in all audiences and another contact in each`()
    async throws
  {
    let practice = try Practice()
    let other = practice.server.with { $0.addAudience("Second", at: practice.clock.now()).id }
    let here = try await practice.add(ada)
    let there = try await practice.api.call(
      "POST", "/3.0/lists/\(other)/members",
      ["email_address": .string(ada), "status": "subscribed"])
    #expect(here["unique_email_id"] == there["unique_email_id"])
    #expect(here["unique_email_id"].string?.utf8.count == 10)
    #expect(here["contact_id"] != there["contact_id"])
    #expect(here["list_id"] != there["list_id"])
  }

  @Test func `times are in UTC with an offset, and empty when they never were`() async throws {
    let practice = try Practice()
    let answer = try await practice.add(ada, "unsubscribed")
    #expect(answer["last_changed"] == "2026-01-02T03:04:05+00:00")
    #expect(answer["timestamp_signup"] == "")
    #expect(answer["timestamp_opt"] == "")
  }

  @Test func `empty values are empty texts, numbers are numbers, an address is an object`()
    async throws
  {
    let practice = try Practice()
    try practice.field("LTV", .number)
    let empty = try await practice.add(ada)
    #expect(
      empty["merge_fields"]
        == ["FNAME": "", "LNAME": "", "ADDRESS": "", "PHONE": "", "BIRTHDAY": "", "LTV": ""])
    let address: JSONValue = [
      "addr1": "12 St James's Square", "addr2": "", "city": "London", "state": "",
      "zip": "SW1Y 4JH", "country": "GB",
    ]
    let full = try await practice.patch(
      ada, ["merge_fields": ["LTV": "668.3", "ADDRESS": address]])
    #expect(full["merge_fields"]["LTV"] == 668.3)
    #expect(full["merge_fields"]["ADDRESS"] == address)
  }
}
