// The people platform: both dialects, pages, filters, changes, and what it refuses.

import Basics
import Foundation
import HTTP
import Support
import Testing

@testable import Sandbox

private struct Platform {
  let practice: Practice
  let api: RawHTTP

  init(people: Int = 0) throws {
    practice = try Practice { $0.platformPeople = people }
    api = RawHTTP(
      port: practice.server.port,
      authorization: "Bearer \(practice.server.configuration.platformKey)")
  }

  func add(_ email: String, _ more: [String: JSONValue] = [:]) throws -> String {
    try practice.server.platform { platform, now throws(Problem) in
      try platform.add(more.merging(["email": .string(email)]) { first, _ in first }, at: now)
    }
  }

  func users(_ query: String = "") async throws -> RawAnswer {
    try await api.call("GET", "/platform/scim/v2/Users\(query)")
  }

  func people(_ query: String = "") async throws -> RawAnswer {
    try await api.call("GET", "/platform/people\(query)")
  }

  func patch(_ id: String, _ operations: JSONValue) async throws -> RawAnswer {
    try await api.call(
      "PATCH", "/platform/scim/v2/Users/\(id)",
      [
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations,
      ])
  }
}

private func expectSCIM(
  _ answer: RawAnswer, _ status: Int, _ type: String? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(answer.status == status, sourceLocation: sourceLocation)
  #expect(answer["status"] == .string(String(status)), sourceLocation: sourceLocation)
  #expect(
    answer["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"],
    sourceLocation: sourceLocation)
  #expect(answer["scimType"].string == type, sourceLocation: sourceLocation)
}

@Suite struct PlatformTests {
  // MARK: SCIM

  @Test func `a user has names, addresses, state and times`() async throws {
    let platform = try Platform()
    let id = try platform.add(
      ada,
      [
        "email2": .string(grace), "first_name": "Ada", "last_name": "Byron", "phone": "000",
        "company": "Engines", "birthday": "12/10", "opt_in": false,
      ])
    let answer = try await platform.api.call("GET", "/platform/scim/v2/Users/\(id)")
    #expect(answer.status == 200)
    #expect(answer.header("Content-Type")?.hasPrefix("application/scim+json") == true)
    #expect(answer["userName"] == .string(ada))
    #expect(answer["active"] == true)
    #expect(
      answer["name"]
        == ["givenName": "Ada", "familyName": "Byron", "formatted": "Ada Byron"])
    #expect(
      answer["emails"] == [
        ["value": .string(ada), "type": "work", "primary": true],
        ["value": .string(grace), "type": "home", "primary": false],
      ])
    #expect(answer["phoneNumbers"][0]?["value"] == "000")
    #expect(answer["meta"]["lastModified"] == "2026-01-02T03:04:05Z")
    #expect(
      answer["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]
        == ["organization": "Engines"])
    #expect(
      answer["urn:ietf:params:scim:schemas:extension:practice:2.0:User"]
        == ["birthday": "12/10", "optIn": false])
  }

  @Test func `users come in pages that together hold everybody once`() async throws {
    let platform = try Platform(people: 7)
    var ids: [String] = []
    var start = 1
    while true {
      let page = try await platform.users("?startIndex=\(start)&count=3")
      #expect(page["totalResults"] == 7)
      #expect(page["startIndex"] == .int(Int64(start)))
      let found = page["Resources"].array ?? []
      #expect(page["itemsPerPage"] == .int(Int64(found.count)))
      if found.isEmpty { break }
      ids += found.compactMap { $0["id"]?.string }
      start += found.count
    }
    #expect(ids.count == 7)
    #expect(Set(ids).count == 7)
  }

  @Test func `a page holds a hundred unasked and two hundred at most`() async throws {
    let platform = try Platform(people: 250)
    #expect(try await platform.users()["itemsPerPage"] == 100)
    #expect(try await platform.users("?count=1000")["itemsPerPage"] == 200)
    #expect(try await platform.users("?count=0")["itemsPerPage"] == 0)
    #expect(try await platform.users("?startIndex=-4&count=1")["startIndex"] == 1)
  }

  @Test func `the filter on the last change tells who changed since`() async throws {
    let platform = try Platform()
    let first = try platform.add(ada)
    platform.practice.clock.advance(.seconds(1))
    let second = try platform.add(grace)
    func ids(_ word: String) async throws -> [String?] {
      let filter = FormEncoding.encode("meta.lastModified \(word) \"2026-01-02T03:04:05Z\"")
      return try await platform.users("?filter=\(filter)")["Resources"].array?
        .map { $0["id"]?.string } ?? []
    }
    #expect(try await ids("gt") == [second])
    #expect(try await ids("ge") == [first, second])
    #expect(try await ids("le") == [first])
    #expect(try await ids("lt").isEmpty)
    platform.practice.clock.advance(.seconds(1))
    #expect(
      try await platform.patch(first, [["op": "replace", "path": "active", "value": false]])
        .status == 200)
    #expect(try await ids("gt") == [first, second])
  }

  @Test(arguments: [
    "userName eq \"ADA@mail.example.org\"", "emails.value eq \"ada@mail.example.org\"",
    "active eq true",
  ])
  func `a filter on address or state finds who fits`(_ filter: String) async throws {
    let platform = try Platform()
    let id = try platform.add(ada)
    _ = try platform.add(grace, ["active": false])
    let answer = try await platform.users("?filter=\(FormEncoding.encode(filter))")
    #expect(answer["totalResults"] == 1)
    #expect(answer["Resources"][0]?["id"] == .string(id))
  }

  @Test(arguments: [
    "meta.lastModified gt yesterday", "meta.lastModified gt \"yesterday\"", "nonsense",
    "title co \"x\"", "active eq maybe",
  ])
  func `a filter that is not understood is refused`(_ filter: String) async throws {
    let platform = try Platform(people: 1)
    expectSCIM(
      try await platform.users("?filter=\(FormEncoding.encode(filter))"), 400, "invalidFilter")
  }

  @Test func `PATCH replaces what its paths name`() async throws {
    let platform = try Platform()
    let id = try platform.add(ada, ["email2": .string(ada), "phone": "000"])
    platform.practice.clock.advance(.seconds(5))
    let answer = try await platform.patch(
      id,
      [
        ["op": "Replace", "path": "name.givenName", "value": "Ada"],
        ["op": "replace", "path": "emails[type eq \"work\"].value", "value": .string(grace)],
        ["op": "remove", "path": "phoneNumbers[type eq \"work\"].value"],
        ["op": "replace", "value": ["name": ["familyName": "Byron"], "active": false]],
        [
          "op": "add",
          "path": "urn:ietf:params:scim:schemas:extension:practice:2.0:User:optIn",
          "value": false,
        ],
      ])
    #expect(answer.status == 200)
    #expect(answer["meta"]["lastModified"] == "2026-01-02T03:04:10Z")
    let person = try #require(platform.practice.server.platform { platform, _ in platform[id] })
    #expect(person.firstName == "Ada")
    #expect(person.lastName == "Byron")
    #expect(person.email == grace)
    #expect(person.email2 == ada)
    #expect(person.phone.isEmpty)
    #expect(!person.isActive)
    #expect(!person.hasOptedIn)
  }

  @Test func `PATCH with what is already so leaves the time of the change`() async throws {
    let platform = try Platform()
    let id = try platform.add(ada)
    platform.practice.clock.advance(.seconds(5))
    let answer = try await platform.patch(id, [["op": "replace", "path": "active", "value": true]])
    #expect(answer["meta"]["lastModified"] == "2026-01-02T03:04:05Z")
    #expect(answer["meta"]["version"] == "W/\"1\"")
  }

  @Test func `a PATCH that cannot be done whole changes nothing`() async throws {
    let platform = try Platform()
    let id = try platform.add(ada)
    let good: JSONValue = ["op": "replace", "path": "name.givenName", "value": "Ada"]
    expectSCIM(
      try await platform.patch(id, [good, ["op": "replace", "path": "title", "value": "x"]]), 400,
      "invalidPath")
    expectSCIM(
      try await platform.patch(id, [good, ["op": "replace", "path": "active", "value": 7]]), 400,
      "invalidValue")
    expectSCIM(
      try await platform.patch(id, [good, ["op": "move", "path": "active"]]), 400,
      "invalidSyntax")
    expectSCIM(try await platform.patch(id, [good, ["op": "remove"]]), 400, "noTarget")
    expectSCIM(
      try await platform.api.call("PATCH", "/platform/scim/v2/Users/\(id)", ["Operations": [good]]),
      400, "invalidSyntax")
    #expect(platform.practice.server.platform { platform, _ in platform[id]?.firstName } == "")
  }

  @Test func `without the key nobody is told anything`() async throws {
    let platform = try Platform(people: 1)
    for authorization in [nil, "Bearer nonsense", "Basic practice-platform-key"] {
      let stranger = RawHTTP(port: platform.practice.server.port, authorization: authorization)
      expectSCIM(try await stranger.call("GET", "/platform/scim/v2/Users"), 401)
      let plain = try await stranger.call("GET", "/platform/people")
      #expect(plain.status == 401)
      #expect(plain["error"].string?.isEmpty == false)
    }
  }

  @Test func `who or what is not there is not found`() async throws {
    let platform = try Platform(people: 1)
    expectSCIM(try await platform.api.call("GET", "/platform/scim/v2/Users/7"), 404)
    expectSCIM(try await platform.api.call("GET", "/platform/scim/v2/Groups"), 404)
    expectSCIM(try await platform.api.call("DELETE", "/platform/scim/v2/Users/1001"), 405)
    #expect(try await platform.api.call("GET", "/platform/people/7").status == 404)
    #expect(try await platform.api.call("GET", "/platform/else").status == 404)
  }

  // MARK: Plain

  @Test func `plain pages lead from one to the next`() async throws {
    let platform = try Platform(people: 7)
    var ids: [String] = []
    var target = "/platform/people?per_page=3"
    var pages = 0
    while true {
      let page = try await platform.api.call("GET", target)
      ids += (page["data"].array ?? []).compactMap { $0["id"]?.string }
      pages += 1
      guard let next = page["next"].string else { break }
      // The test's client says a host without a port.
      target = String(next.dropFirst("http://127.0.0.1".utf8.count))
    }
    #expect(pages == 3)
    #expect(Set(ids).count == 7)
    #expect(ids.count == 7)
  }

  @Test func `plain people are those updated since, and the link says so too`() async throws {
    let platform = try Platform(people: 1)
    platform.practice.clock.advance(.seconds(5))
    let ids = [try platform.add(ada), try platform.add(grace)]
    let page = try await platform.people("?updated_since=2026-01-02T03:04:10Z&per_page=1")
    #expect(page["data"].array?.count == 1)
    #expect(page["data"][0]?["id"] == .string(ids[0]))
    #expect(page["data"][0]?["updated_at"] == "2026-01-02T03:04:10Z")
    #expect(page["total"] == 2)
    let next = try #require(page["next"].string)
    #expect(next.hasSuffix("?page=2&per_page=1&updated_since=2026-01-02T03%3A04%3A10Z"))
  }

  @Test(arguments: ["?page=0", "?per_page=x", "?updated_since=yesterday", "?page=99999999999999"])
  func `a plain question that makes no sense is refused`(_ query: String) async throws {
    #expect(try await Platform(people: 1).people(query).status == 400)
  }

  @Test func `a plain person is changed by the fields that are sent`() async throws {
    let platform = try Platform()
    let id = try platform.add(ada, ["first_name": "Ada"])
    let answer = try await platform.api.call(
      "PATCH", "/platform/people/\(id)", ["last_name": "Byron", "active": false])
    #expect(answer.status == 200)
    #expect(answer["first_name"] == "Ada")
    #expect(answer["last_name"] == "Byron")
    #expect(answer["active"] == false)
    let bad = try await platform.api.call("PATCH", "/platform/people/\(id)", ["shoe": "42"])
    #expect(bad.status == 400)
    #expect(try await platform.api.call("PUT", "/platform/people/\(id)", [:]).status == 405)
  }

  // MARK: Deeds and trouble

  @Test func `what happens on the platform can be done over HTTP`() async throws {
    let platform = try Platform()
    let visitor = RawHTTP(port: platform.practice.server.port, authorization: nil)
    let added = try await visitor.call(
      "POST", "/sandbox/platform-add", ["email": .string(ada), "first_name": "Ada"])
    let id = try #require(added["id"].string)
    let changed = try await visitor.call(
      "POST", "/sandbox/platform-change", ["id": .string(id), "active": false])
    #expect(changed["platform_people"] == 1)
    #expect(platform.practice.server.platform { platform, _ in platform[id]?.isActive } == false)
    let removed = try await visitor.call("POST", "/sandbox/platform-remove", ["id": .string(id)])
    #expect(removed["platform_people"] == 0)
    let again = try await visitor.call("POST", "/sandbox/platform-remove", ["id": .string(id)])
    #expect(again.status == 400)
    #expect(again["error"] == .string("Nobody on the platform has the id \(id)."))
    let odd = try await visitor.call("POST", "/sandbox/platform-add", ["shoe": "42"])
    #expect(odd.status == 400)
    _ = try await visitor.call("POST", "/sandbox/platform-add", ["email": .string(ada)])
    #expect(
      try await visitor.call("POST", "/sandbox/platform-remove-all")["platform_people"] == 0)
  }

  @Test func `a removed person is in no answer`() async throws {
    let platform = try Platform()
    let id = try platform.add(ada)
    try platform.practice.server.platform { platform, _ throws(Problem) in try platform.remove(id) }
    #expect(try await platform.users()["totalResults"] == 0)
    expectSCIM(try await platform.api.call("GET", "/platform/scim/v2/Users/\(id)"), 404)
    #expect(try platform.add(grace) != id)
  }

  @Test func `the platform is no part of what is counted and recorded`() async throws {
    let folder = try TemporaryDirectory()
    let path = folder.file("recording.jsonl")
    let practice = try Practice {
      $0.recordPath = path
      $0.maxConnections = 0
    }
    let api = RawHTTP(
      port: practice.server.port,
      authorization: "Bearer \(practice.server.configuration.platformKey)")
    #expect(try await api.call("GET", "/platform/people").status == 200)
    _ = try await api.call("GET", "/sandbox")
    #expect(practice.server.exchanges.isEmpty)
    #expect(practice.server.platformExchanges.map(\.path) == ["/platform/people"])
    #expect(try String(contentsOfFile: path, encoding: .utf8).isEmpty)
  }

  @Test func `trouble comes to the platform where a rule names it`() async throws {
    let platform = try Platform(people: 1)
    platform.practice.server.addFault(SandboxFaultRule(.status(500)))
    #expect(try await platform.people().status == 200)
    platform.practice.server.addFault(
      SandboxFaultRule(.status(503), path: "/platform/**", count: 1))
    #expect(try await platform.people().status == 503)
    #expect(try await platform.people().status == 200)
  }
}
