// The door: keys, data centres, paths, methods, headers, and the calls about the account and its
// audiences.

import Basics
import Foundation
import Support
import Testing

@testable import Sandbox

@Suite struct AccessTests {
  private let wrong =
    "Your API key may be invalid, or you've attempted to access the wrong datacenter."

  @Test func `the key opens as Basic password of any user, as Bearer and as OAuth token`()
    async throws
  {
    let practice = try Practice()
    let port = practice.server.port
    for client in [
      RawHTTP(port: port, key: practice.server.key),
      RawHTTP(port: port, key: practice.server.key, user: ""),
      RawHTTP(port: port, authorization: "Bearer \(practice.server.key)"),
      RawHTTP(port: port, authorization: "Bearer practice-oauth-token"),
      RawHTTP(port: port, authorization: "OAuth practice-oauth-token"),
    ] {
      #expect(try await client.call("GET", "/3.0/ping").status == 200)
    }
  }

  @Test(arguments: [
    "0123456789abcdef0123456789abcdef-us20", "0123456789abcdef0123456789abcdef", "", "nonsense",
  ])
  func `another key and another data centre look the same`(_ key: String) async throws {
    let practice = try Practice()
    let client = RawHTTP(port: practice.server.port, key: key)
    expectProblem(try await client.call("GET", "/3.0/"), 401, "API Key Invalid", wrong)
  }

  @Test func `the right key at a server of another data centre is invalid`() async throws {
    let practice = try Practice { $0.dataCentre = "us7" }
    expectProblem(try await practice.api.call("GET", "/3.0/"), 401, "API Key Invalid", wrong)
  }

  @Test(arguments: ["Basic %%%", "Basic", "Digest abc", "Basic bm9jb2xvbg=="])
  func `an authorization that cannot be read is an invalid key`(_ header: String) async throws {
    let practice = try Practice()
    let client = RawHTTP(port: practice.server.port, authorization: header)
    expectProblem(try await client.call("GET", "/3.0/ping"), 401, "API Key Invalid", wrong)
  }

  @Test func `no key at all is refused`() async throws {
    let practice = try Practice()
    let client = RawHTTP(port: practice.server.port, authorization: nil)
    expectProblem(try await client.call("GET", "/3.0/lists"), 401, "API Key Missing")
  }

  @Test func `a revoked key is refused until it is restored`() async throws {
    let practice = try Practice()
    try practice.perform(.keyIsRevoked)
    expectProblem(
      try await practice.api.call("GET", "/3.0/ping"), 401, "API Key Invalid", wrong)
    try practice.perform(.keyIsRestored)
    #expect(try await practice.api.call("GET", "/3.0/ping").status == 200)
  }

  @Test func `the API without its slash redirects to plain http with a page`() async throws {
    let practice = try Practice(malformed: true)
    let answer = try await practice.api.call("GET", "/3.0")
    #expect(answer.status == 301)
    #expect(answer.header("Location") == "http://us19.api.mailchimp.com/3.0/")
    #expect(answer.header("Content-Type")?.hasPrefix("text/html") == true)
    #expect(answer.body.contains("<html>"))
  }

  @Test(arguments: ["/3.0/1234", "/3.0/lists/x/y", "/3.0/lists//members/", "/3.0x"])
  func `a path that leads nowhere is an invalid path`(_ path: String) async throws {
    let practice = try Practice(malformed: true)
    expectProblem(
      try await practice.api.call("GET", path), 404, "Resource Not Found", "Invalid path")
  }

  @Test func `the wrong path of permanent deletion erases nobody`() async throws {
    let practice = try Practice(malformed: true)
    try await practice.add(ada)
    let answer = try await practice.api.call(
      "POST", practice.member(ada) + "/actions/permanently-delete")
    #expect(answer.status == 404)
    #expect(try await practice.get(ada).status == 200)
  }

  @Test func `a method that a resource does not have is answered with those it has`()
    async throws
  {
    let practice = try Practice(malformed: true)
    let answer = try await practice.api.call("DELETE", "\(practice.lists)/members")
    expectProblem(answer, 405, "Method Not Allowed")
    #expect(answer.header("Allow") == "GET, POST")
    #expect(answer["detail"].string?.hasPrefix("The requested method and resource are not") == true)
  }

  @Test func `a method may be overridden by POST only`() async throws {
    let practice = try Practice(malformed: true)
    try await practice.add(ada)
    let header = ["X-HTTP-Method-Override: PATCH"]
    let patched = try await practice.api.call(
      "POST", practice.member(ada), ["vip": true], headers: header)
    #expect(patched["vip"] == true)
    expectProblem(
      try await practice.api.call("GET", practice.member(ada), headers: header), 422,
      "Invalid Method Override")
  }

  @Test func `answers carry a request id, their schema and their date`() async throws {
    let practice = try Practice()
    let answer = try await practice.api.call("GET", "\(practice.lists)/members")
    #expect(answer.header("Content-Type") == "application/json; charset=utf-8")
    #expect(
      answer.header("Link")
        == "<https://us19.api.mailchimp.com/schema/3.0/Lists/Members/Collection.json>; "
        + "rel=\"describedBy\"")
    #expect(answer.header("Date") == "Fri, 02 Jan 2026 03:04:05 GMT")
    let again = try await practice.api.call("GET", "\(practice.lists)/members")
    #expect(answer.header("X-Request-Id")?.utf8.count == 36)
    #expect(answer.header("X-Request-Id") != again.header("X-Request-Id"))
    #expect(answer.header("Retry-After") == nil)
  }

  // MARK: Account and audiences

  @Test func `the account tells role, plan and subscribers`() async throws {
    let practice = try Practice()
    try await practice.add(ada)
    try await practice.add(grace, "unsubscribed")
    let answer = try await practice.api.call("GET", "/3.0/?exclude_fields=_links")
    #expect(answer["role"] == "owner")
    #expect(answer["pricing_plan_type"] == "forever_free")
    #expect(answer["total_subscribers"] == 1)
    #expect(answer["first_payment"] == "")
    #expect(answer["_links"] == .null)
  }

  @Test func `the description of a token is 200 with an error for a wrong one`() async throws {
    let practice = try Practice()
    let port = practice.server.port
    let right = try await RawHTTP(port: port, authorization: "OAuth practice-oauth-token")
      .call("GET", "/oauth2/metadata")
    #expect(right["dc"] == "us19")
    #expect(right["api_endpoint"] == "http://127.0.0.1")
    let wrong = try await RawHTTP(port: port, authorization: "OAuth nonsense")
      .call("GET", "/oauth2/metadata")
    #expect(wrong.status == 200)
    #expect(wrong["error"] == "invalid_token")
    #expect(wrong["api_endpoint"] == .null)
  }

  @Test func `audiences come ten to a page with the constraints of the plan`() async throws {
    let practice = try Practice { $0.maxAudiences = 12 }
    practice.server.with { mailchimp in
      for number in 2...12 { mailchimp.addAudience("Audience \(number)", at: practice.clock.now()) }
    }
    let answer = try await practice.api.call("GET", "/3.0/lists")
    #expect(answer["lists"].array?.count == 10)
    #expect(answer["total_items"] == 12)
    #expect(
      answer["constraints"]
        == ["may_create": false, "max_instances": 12, "current_total_instances": 12])
    let lean = try await practice.api.call(
      "GET", "/3.0/lists?count=1000&fields=lists.id,lists.name,total_items")
    #expect(lean["lists"].array?.count == 12)
    #expect(lean["lists"][11] == ["id": lean["lists"][11]?["id"] ?? .null, "name": "Audience 12"])
  }

  @Test func `an audience counts its people by status`() async throws {
    let practice = try Practice()
    for (number, status) in ["subscribed", "subscribed", "unsubscribed", "pending"].enumerated() {
      try await practice.add("person\(number)@mail.example.org", status)
    }
    _ = try await practice.delete("person0@mail.example.org")
    let answer = try await practice.api.call(
      "GET", "\(practice.lists)?include_total_contacts=true")
    #expect(answer["stats"]["member_count"] == 1)
    #expect(answer["stats"]["unsubscribe_count"] == 1)
    #expect(answer["stats"]["cleaned_count"] == 0)
    #expect(answer["stats"]["total_contacts"] == 3)
    #expect(answer["stats"]["merge_field_count"] == 5)
    #expect(answer["stats"]["last_sub_date"] == "2026-01-02T03:04:05+00:00")
    let plain = try await practice.api.call("GET", practice.lists)
    #expect(plain["stats"]["total_contacts"] == nil)
  }

  @Test func `in an audience that vanished everything is not found`() async throws {
    let practice = try Practice()
    try await practice.add(ada)
    try practice.perform(.adminDeletesAudience)
    for path in [practice.lists, "\(practice.lists)/members", practice.member(ada)] {
      expectProblem(
        try await practice.api.call("GET", path), 404, "Resource Not Found",
        "The requested resource could not be found.")
    }
    #expect(try await practice.api.call("GET", "/3.0/lists")["total_items"] == 0)
  }

  @Test func `an audience is created with all its parts and refused beyond the plan`()
    async throws
  {
    let practice = try Practice { $0.maxAudiences = 2 }
    let body: JSONValue = [
      "name": "Second", "permission_reminder": "You joined.", "email_type_option": false,
      "contact": ["company": "C", "address1": "A", "city": "B", "country": "GB"],
      "campaign_defaults": [
        "from_name": "N", "from_email": "n@mail.example.org", "subject": "", "language": "en",
      ],
    ]
    let made = try await practice.api.call("POST", "/3.0/lists", body)
    #expect(made.status == 200)
    #expect(made["name"] == "Second")
    #expect(made["contact"]["country"] == "GB")
    let id = made["id"].string ?? ""
    #expect(try await practice.api.call("GET", "/3.0/lists/\(id)")["name"] == "Second")
    expectProblem(
      try await practice.api.call("POST", "/3.0/lists", body), 403, "User action not permitted",
      "User does not have access to the requested operation")
  }

  @Test func `an audience without its contact is refused`() async throws {
    let practice = try Practice(malformed: true)
    let answer = try await practice.api.call("POST", "/3.0/lists", ["name": "Second"])
    expectErrors(
      answer, notValidated,
      [
        (
          "",
          "Required fields were not provided: permission_reminder, email_type_option, contact, "
            + "campaign_defaults"
        )
      ])
  }

  @Test func `an audience is renamed by PATCH`() async throws {
    let practice = try Practice()
    let answer = try await practice.api.call(
      "PATCH", practice.lists, ["name": "Renamed", "double_optin": true])
    #expect(answer["name"] == "Renamed")
    #expect(answer["double_optin"] == true)
  }
}
