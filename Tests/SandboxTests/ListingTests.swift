// Reading: pages, fields, filters, and what "changed since" really means.

import Basics
import HTTP
import Support
import Testing

@testable import Sandbox

@Suite struct ListingTests {
  private func addresses(_ practice: Practice, _ query: String) async throws -> [String] {
    let answer = try await practice.api.call("GET", "\(practice.lists)/members?\(query)")
    #expect(answer.status == 200, "\(answer.body)")
    return answer["members"].array?.compactMap { $0["email_address"]?.string } ?? []
  }

  /// Three people, changed at 03:04:05, :06 and :07.
  private func three(malformed: Bool = false) async throws -> Practice {
    let practice = try Practice(malformed: malformed)
    for name in ["a", "b", "c"] {
      try await practice.add("\(name)@mail.example.org")
      practice.clock.advance(.seconds(1))
    }
    return practice
  }

  // MARK: Pages

  @Test func `a page has ten people unless more are asked for`() async throws {
    let practice = try Practice { $0.people = 40 }
    #expect(try await addresses(practice, "").count == 10)
    #expect(try await addresses(practice, "count=25").count == 25)
    #expect(try await addresses(practice, "count=0").isEmpty)
  }

  @Test func `more than a thousand are silently cut to a thousand`() async throws {
    let practice = try Practice(malformed: true) { $0.people = 1500 }
    #expect(
      try await addresses(practice, "count=5000&fields=members.email_address").count == 1000)
  }

  @Test func `pages follow each other without a gap and past the end is an empty page`()
    async throws
  {
    let practice = try Practice { $0.people = 60 }
    let all = try await addresses(practice, "count=1000")
    var paged: [String] = []
    for offset in stride(from: 0, to: 70, by: 7) {
      paged += try await addresses(practice, "count=7&offset=\(offset)")
    }
    #expect(paged == all)
    let beyond = try await practice.api.call("GET", "\(practice.lists)/members?offset=1000")
    #expect(beyond["members"] == [])
    #expect(beyond["total_items"].int == Int64(all.count))
  }

  @Test(arguments: ["count=ten", "count=-1", "offset=x"])
  func `a count or offset that is no number is refused`(_ query: String) async throws {
    let practice = try Practice(malformed: true)
    let answer = try await practice.api.call("GET", "\(practice.lists)/members?\(query)")
    expectProblem(answer, 400, "Invalid Resource", notValidated)
  }

  // MARK: Fields

  @Test func `fields are dotted paths from the top`() async throws {
    let practice = try Practice()
    try await practice.add(ada, "subscribed", ["merge_fields": ["FNAME": "Ada"]])
    let answer = try await practice.api.call(
      "GET",
      "\(practice.lists)/members?fields=members.email_address,members.merge_fields.FNAME")
    #expect(
      answer.json
        == [
          "members": [["email_address": .string(ada), "merge_fields": ["FNAME": "Ada"]]]
        ])
  }

  @Test func `excluded fields are left out at their depth`() async throws {
    let practice = try Practice()
    try await practice.add(ada)
    let answer = try await practice.api.call(
      "GET", "\(practice.lists)/members?exclude_fields=members._links,_links,members.stats")
    #expect(answer["_links"] == .null)
    #expect(answer["members"][0]?["_links"] == nil)
    #expect(answer["members"][0]?["stats"] == nil)
    #expect(answer["members"][0]?["email_address"] == .string(ada))
    #expect(answer["total_items"] == 1)
  }

  @Test(arguments: ["fields", "exclude_fields"])
  func `a bare field name of the items does nothing on a collection`(
    _ parameter: String
  ) async throws {
    let practice = try Practice()
    try await practice.add(ada)
    #expect(try await addresses(practice, "\(parameter)=email_address") == [ada])
  }

  @Test func `fields of one member begin at the member`() async throws {
    let practice = try Practice()
    try await practice.add(ada)
    let answer = try await practice.api.call("GET", practice.member(ada) + "?fields=id,status")
    #expect(
      answer.json == ["id": .string(SandboxMember.hash(of: ada)), "status": "subscribed"])
  }

  // MARK: Statuses

  @Test func `archived people come only when their status is asked for`() async throws {
    let practice = try Practice()
    try await practice.add(ada)
    try await practice.add(grace)
    _ = try await practice.delete(ada)
    #expect(try await addresses(practice, "") == [grace])
    #expect(try await addresses(practice, "status=archived") == [ada])
    #expect(try await addresses(practice, "status=subscribed") == [grace])
  }

  @Test func `permanently deleted people never show up`() async throws {
    let practice = try Practice()
    try await practice.add(ada)
    _ = try await practice.erase(ada)
    for query in ["", "status=archived", "status=unsubscribed", "status=cleaned"] {
      #expect(try await addresses(practice, query).isEmpty)
    }
  }

  @Test func `people are found by their unique id, their type of mail and as VIPs`() async throws {
    let practice = try Practice()
    let unique = try await practice.add(ada, "subscribed", ["vip": true])["unique_email_id"]
    try await practice.add(grace, "subscribed", ["email_type": "text"])
    #expect(try await addresses(practice, "unique_email_id=\(unique.string ?? "")") == [ada])
    #expect(try await addresses(practice, "vip_only=true") == [ada])
    #expect(try await addresses(practice, "email_type=text") == [grace])
  }

  @Test func `a status that does not exist is refused`() async throws {
    let practice = try Practice(malformed: true)
    let answer = try await practice.api.call("GET", "\(practice.lists)/members?status=asleep")
    #expect(answer["errors"][0]?["field"] == "status")
  }

  @Test func `filters that need a status are refused without it`() async throws {
    let practice = try Practice()
    for query in [
      "unsubscribed_since=2026-01-01T00:00:00Z",
      "status=subscribed&unsubscribed_since=2026-01-01T00:00:00Z", "since_last_campaign=true",
    ] {
      let answer = try await practice.api.call("GET", "\(practice.lists)/members?\(query)")
      #expect(answer.status == 400, "\(query)")
    }
  }

  @Test func `unsubscribed_since is exclusive and needs unsubscribed`() async throws {
    let practice = try await three()
    _ = try await practice.patch("a@mail.example.org", ["status": "unsubscribed"])
    let asked = "status=unsubscribed&unsubscribed_since=2026-01-02T03:04:"
    #expect(try await addresses(practice, asked + "07Z") == ["a@mail.example.org"])
    #expect(try await addresses(practice, asked + "08Z") == [])
  }

  // MARK: Changed since

  @Test func `since_last_changed leaves out who changed exactly then`() async throws {
    let practice = try await three()
    #expect(
      try await addresses(practice, "since_last_changed=2026-01-02T03:04:06Z")
        == ["c@mail.example.org"])
    #expect(
      try await addresses(practice, "since_last_changed=2026-01-02T03:04:05.999Z")
        == ["b@mail.example.org", "c@mail.example.org"])
  }

  @Test func `before_last_changed leaves out who changed exactly then`() async throws {
    let practice = try await three()
    #expect(
      try await addresses(practice, "before_last_changed=2026-01-02T03:04:06Z")
        == ["a@mail.example.org"])
  }

  @Test(arguments: ["-02:00", "%2B00:00", "%2B05:30", "Z", ""])
  func `the offset of since_last_changed is ignored`(_ offset: String) async throws {
    let practice = try await three(malformed: offset.isEmpty)
    let found = try await addresses(practice, "since_last_changed=2026-01-02T03:04:06\(offset)")
    #expect(found == ["c@mail.example.org"])
  }

  @Test(arguments: ["2026-01-02T03:04:06.0000000Z", "2026-01-02T03:04:06+00:00", "yesterday"])
  func `a time that cannot be read brings everybody`(_ time: String) async throws {
    let practice = try Practice(malformed: true)
    for name in ["a", "b", "c"] { try await practice.add("\(name)@mail.example.org") }
    #expect(try await addresses(practice, "since_last_changed=\(time)").count == 3)
  }

  @Test func `the time of the last change is to the second`() async throws {
    let practice = try Practice()
    practice.clock.advance(.milliseconds(900))
    let first = try await practice.add(ada)
    #expect(first["last_changed"] == "2026-01-02T03:04:05+00:00")
    practice.clock.advance(.milliseconds(50))
    let second = try await practice.patch(ada, ["vip": true])
    #expect(second["last_changed"] == first["last_changed"])
  }

  @Test func `status, address and values move the time of the last change`() async throws {
    let practice = try Practice()
    try await practice.add(ada)
    var seen: Set<String> = []
    for body: JSONValue in [
      ["merge_fields": ["FNAME": "Ada"]], ["email_address": "ADA@mail.example.org"],
      ["status": "unsubscribed"],
    ] {
      practice.clock.advance(.seconds(10))
      let answer = try await practice.patch(ada, body)
      seen.insert(answer["last_changed"].string ?? "")
    }
    practice.clock.advance(.seconds(10))
    _ = try await practice.delete(ada)
    seen.insert(try await practice.get(ada)["last_changed"].string ?? "")
    #expect(seen.count == 4)
  }

  @Test func `a listing is sorted by the last change either way`() async throws {
    let practice = try await three()
    _ = try await practice.patch("a@mail.example.org", ["vip": true])
    let ascending = ["b", "c", "a"].map { "\($0)@mail.example.org" }
    let sorted = "sort_field=last_changed&sort_dir="
    #expect(try await addresses(practice, sorted + "ASC") == ascending)
    #expect(try await addresses(practice, sorted + "DESC") == ascending.reversed())
    #expect(
      try await addresses(practice, sorted + "ASC&offset=1&count=1") == ["c@mail.example.org"])
  }

  @Test func `a date of 1970 makes the call hang until the client gives up`() async throws {
    let practice = try Practice { $0.maxConnections = 1 }
    let hanging = try practice.api.begin(
      "GET", "\(practice.lists)/members?since_last_changed=1970-01-01T00:00:00Z")
    await practice.server.exchanged(1)
    #expect(practice.server.exchanges[0].status == nil)
    #expect(try await practice.api.call("GET", "/3.0/ping").status == 429)
    hanging.close()
    var status: Int? = 429
    while status == 429 { status = try await practice.api.call("GET", "/3.0/ping").status }
    #expect(status == 200)
  }

  @Test func `a large audience is listed page by page in one order`() throws {
    let now = StepClock().now()
    let configuration = SandboxConfiguration()
    var mailchimp = SandboxMailchimp(configuration, at: now)
    mailchimp.addSamplePeople(4_000, at: now)
    let list = mailchimp.audiences[0]
    var found: Set<String> = []
    var last = ""
    for offset in stride(from: 0, to: 4_400, by: 200) {
      let answer = mailchimp.answer(
        HTTPRequest(
          "GET", "/3.0/lists/\(list.id)/members",
          query: [
            FormField("count", "200"), FormField("offset", "\(offset)"),
            FormField("sort_field", "last_changed"), FormField("sort_dir", "ASC"),
            FormField("fields", "members.id,members.last_changed"),
          ], headers: ["Authorization": "Bearer \(configuration.key)"]), at: now)
      for member in try JSONValue.parse(answer.body)["members"]?.array ?? [] {
        found.insert(member["id"]?.string ?? "")
        let changed = member["last_changed"]?.string ?? ""
        #expect(changed >= last)
        last = changed
      }
    }
    #expect(found.count == list.members.count - list.count(.archived))
  }
}
