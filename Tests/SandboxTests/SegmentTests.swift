// Segments: tags are the static ones. Making, filling, emptying and deleting them, and who counts.

import Basics
import Support
import Testing

@testable import Sandbox

@Suite struct SegmentTests {
  private func list(_ practice: Practice, _ query: String = "") async throws -> RawAnswer {
    try await practice.api.call("GET", "\(practice.lists)/segments\(query)")
  }

  private func names(_ answer: RawAnswer) -> [String] {
    answer["segments"].array?.compactMap { $0["name"]?.string } ?? []
  }

  // MARK: Making and naming

  @Test func `a segment made with an empty list is a tag of that name`() async throws {
    let practice = try Practice()
    let made = try await practice.makeTag("Choir")
    #expect(made.status == 200)
    #expect(made["type"] == "static")
    #expect(made["member_count"] == 0)
    #expect(made["created_at"] == "2026-01-02T03:04:05+00:00")
    #expect(made["options"] == .null)
    #expect(made["list_id"].string == practice.server.audience)
    try await practice.add(ada, "subscribed", ["tags": ["Choir"]])
    #expect(try await practice.get(ada)["tags"][0]?["id"] == made["id"])
  }

  @Test func `addresses given at the making are put in where they are members`() async throws {
    let practice = try Practice()
    try await practice.add(ada)
    let made = try await practice.makeTag("Choir", [ada, grace])
    #expect(made["member_count"] == 1)
    #expect(try await practice.get(ada)["tags"][0]?["name"] == "Choir")
  }

  @Test func `a name that is taken is refused, whatever its case`() async throws {
    let practice = try Practice()
    _ = try await practice.makeTag("Choir")
    for name in ["Choir", " choir "] {
      expectProblem(
        try await practice.makeTag(name), 400, "Invalid Resource",
        "Sorry, that tag already exists.")
    }
    #expect(names(try await list(practice)) == ["Choir"])
  }

  @Test func `a segment without rule and without list is refused`() async throws {
    let practice = try Practice()
    let answer = try await practice.api.call(
      "POST", "\(practice.lists)/segments", ["name": "Choir"])
    expectProblem(
      answer, 400, "Invalid Resource",
      "Must provide either an \"options\" field or a \"static_segment\" field")
  }

  @Test func `a nameless segment is refused`() async throws {
    let practice = try Practice(malformed: true)
    let path = "\(practice.lists)/segments"
    #expect(try await practice.api.call("POST", path, ["static_segment": []]).status == 400)
    let answer = try await practice.api.call("POST", path, ["name": " ", "static_segment": []])
    expectErrors(answer, notValidated, [("name", "This value should not be blank.")])
  }

  @Test func `a renamed tag keeps its number and its people`() async throws {
    let practice = try Practice()
    try await practice.add(ada)
    let made = try await practice.makeTag("Choir", [ada])
    _ = try await practice.makeTag("Board")
    let path = practice.segment(made)
    let taken = try await practice.api.call("PATCH", path, ["name": "board"])
    #expect(taken["detail"] == "Sorry, that tag already exists.")
    let renamed = try await practice.api.call("PATCH", path, ["name": "Singers"])
    #expect(renamed["id"] == made["id"])
    #expect(renamed["member_count"] == 1)
    #expect(try await practice.get(ada)["tags"][0]?["name"] == "Singers")
    // The old name is free again, its own may be written otherwise.
    #expect(try await practice.makeTag("Choir").status == 200)
    #expect(try await practice.api.call("PATCH", path, ["name": "SINGERS"]).status == 200)
  }

  // MARK: Listing

  @Test func `segments come in pages of ten with the total beside them`() async throws {
    let practice = try Practice()
    for number in 0..<12 { _ = try await practice.makeTag("Tag \(number)") }
    let first = try await list(practice)
    #expect(names(first).count == 10)
    #expect(first["total_items"] == 12)
    #expect(names(try await list(practice, "?count=5&offset=10")) == ["Tag 10", "Tag 11"])
  }

  @Test func `tags and saved segments can be told apart and left out`() async throws {
    let practice = try Practice()
    _ = try await practice.makeTag("Choir")
    try practice.perform(.adminSavesSegment("Adas", field: "FNAME", value: "Ada"))
    #expect(names(try await list(practice)) == ["Choir", "Adas"])
    #expect(names(try await list(practice, "?type=static")) == ["Choir"])
    #expect(names(try await list(practice, "?type=saved")) == ["Adas"])
    let saved = try await list(practice, "?exclude_type=static")
    #expect(names(saved) == ["Adas"])
    #expect(saved["segments"][0]?["options"]?["match"] == "all")
  }

  @Test func `an unknown type of segment is refused`() async throws {
    let practice = try Practice(malformed: true)
    #expect(try await list(practice, "?exclude_type=tags").status == 400)
    #expect(try await list(practice, "?type=tags").status == 400)
  }

  @Test func `the times of making and changing select, both ends exclusive`() async throws {
    let practice = try Practice()
    let made = try await practice.makeTag("Old")
    practice.clock.advance(.seconds(60))
    _ = try await practice.makeTag("New")
    let query = "?since_created_at=2026-01-02T03:04:05Z"
    #expect(names(try await list(practice, query)) == ["New"])
    practice.clock.advance(.seconds(60))
    _ = try await practice.api.call("PATCH", practice.segment(made), ["name": "Older"])
    let updated = "?since_updated_at=2026-01-02T03:05:05Z"
    #expect(names(try await list(practice, updated)) == ["Older"])
  }

  @Test func `fields choose what is shown of each segment`() async throws {
    let practice = try Practice()
    _ = try await practice.makeTag("Choir")
    let answer = try await list(practice, "?fields=segments.name,total_items")
    #expect(answer.json == ["segments": [["name": "Choir"]], "total_items": 1])
  }

  // MARK: Moving people

  @Test func `five hundred at a time are added and removed, and counted`() async throws {
    let practice = try Practice()
    let tag = practice.segment(try await practice.makeTag("Choir"))
    try await practice.add(ada)
    try await practice.add(grace)
    let added = try await practice.move(tag, add: [ada, "GRACE@mail.example.org"])
    #expect(added.status == 200)
    #expect(added["total_added"] == 2)
    #expect(added["members_added"].array?.count == 2)
    #expect(added["members_added"][0]?["tags_count"] == 1)
    #expect(added["errors"] == [])
    let both = try await practice.move(tag, add: [ada], remove: [grace])
    #expect(both["total_added"] == 0)
    #expect(both["total_removed"] == 1)
    #expect(both["error_count"] == 0)
    #expect(try await practice.get(grace)["tags"] == [])
  }

  @Test func `addresses that are not members are reported and the others move`() async throws {
    let practice = try Practice()
    let tag = practice.segment(try await practice.makeTag("Choir"))
    try await practice.add(ada)
    try await practice.add(grace)
    _ = try await practice.delete(grace)
    let answer = try await practice.move(tag, add: [ada, grace, "nobody@mail.example.org"])
    #expect(answer["total_added"] == 1)
    #expect(answer["error_count"] == 2)
    #expect(
      answer["errors"][0]?["email_addresses"] == [.string(grace), "nobody@mail.example.org"])
    #expect(try await practice.get(grace)["tags"] == [])
  }

  @Test func `more than five hundred are refused as a whole`() async throws {
    let practice = try Practice(malformed: true)
    let tag = practice.segment(try await practice.makeTag("Choir"))
    try await practice.add(ada)
    let addresses = [ada] + (0..<500).map { "person\($0)@mail.example.org" }
    for answer in [
      try await practice.move(tag, add: addresses),
      try await practice.move(tag, remove: addresses),
    ] {
      expectProblem(answer, 400, "Invalid Resource", notValidated)
    }
    #expect(try await practice.get(ada)["tags"] == [])
  }

  @Test func `a static segment sent to the call that moves people does nothing`() async throws {
    let practice = try Practice(malformed: true)
    try await practice.add(ada)
    let tag = practice.segment(try await practice.makeTag("Choir", [ada]))
    let answer = try await practice.api.call("POST", tag, ["static_segment": []])
    #expect(answer.status == 200)
    #expect(answer["total_removed"] == 0)
    #expect(try await practice.get(ada)["tags_count"] == 1)
  }

  @Test func `an empty list in a change empties the tag, another replaces who is in`()
    async throws
  {
    let practice = try Practice()
    try await practice.add(ada)
    try await practice.add(grace)
    let tag = practice.segment(try await practice.makeTag("Choir", [ada]))
    let replaced = try await practice.api.call("PATCH", tag, ["static_segment": [.string(grace)]])
    #expect(replaced["member_count"] == 1)
    #expect(try await practice.get(ada)["tags"] == [])
    #expect(try await practice.get(grace)["tags_count"] == 1)
    let emptied = try await practice.api.call("PATCH", tag, ["static_segment": []])
    #expect(emptied["member_count"] == 0)
    #expect(try await practice.get(grace)["tags"] == [])
  }

  @Test func `moving people moves their time of the last change`() async throws {
    let practice = try Practice()
    try await practice.add(ada)
    let tag = practice.segment(try await practice.makeTag("Choir"))
    practice.clock.advance(.seconds(60))
    _ = try await practice.move(tag, add: [ada])
    #expect(try await practice.get(ada)["last_changed"] == "2026-01-02T03:05:05+00:00")
  }

  @Test func `a deleted tag is off everybody and its number is gone`() async throws {
    let practice = try Practice()
    try await practice.add(ada)
    let made = try await practice.makeTag("Choir", [ada])
    let tag = practice.segment(made)
    #expect(try await practice.api.call("DELETE", tag).status == 204)
    #expect(try await practice.get(ada)["tags"] == [])
    for method in ["GET", "DELETE"] {
      #expect(try await practice.api.call(method, tag).status == 404)
    }
    #expect(try await practice.move(tag, add: [ada]).status == 404)
    #expect(try await practice.makeTag("Choir")["id"] != made["id"])
  }

  // MARK: Who counts

  @Test func `unsubscribed, cleaned and transactional people count only when asked for`()
    async throws
  {
    let practice = try Practice()
    let statuses = [
      "subscribed", "pending", "unsubscribed", "transactional", "cleaned", "archived",
    ]
    for status in statuses {
      let address = "\(status)@mail.example.org"
      let first = status == "transactional" ? status : "subscribed"
      try await practice.add(
        address, status == "pending" ? status : first, ["tags": ["Choir"]])
      switch status {
      case "unsubscribed": try practice.perform(.personUnsubscribes(address))
      case "cleaned": try practice.perform(.mailBounces(address))
      case "archived": try practice.perform(.adminArchives(address))
      default: break
      }
    }
    let tag = practice.segment(try await list(practice)["segments"][0] ?? .null)
    func counts(_ query: String) async throws -> [JSONValue?] {
      let one = try await practice.api.call("GET", tag + query)
      let all = try await list(practice, query)
      let people = try await practice.api.call("GET", "\(tag)/members\(query)")
      return [one["member_count"], all["segments"][0]?["member_count"], people["total_items"]]
    }
    #expect(try await counts("") == [2, 2, 2])
    #expect(try await counts("?include_unsubscribed=true") == [3, 3, 3])
    #expect(try await counts("?include_cleaned=true&include_transactional=true") == [4, 4, 4])
    let archived = "archived@mail.example.org"
    #expect(try await practice.get(archived)["tags_count"] == 1)
    // Coming back brings the tags back.
    try await practice.add(archived)
    #expect(try await counts("") == [3, 3, 3])
    _ = try await practice.erase(archived)
    #expect(try await counts("") == [2, 2, 2])
  }

  @Test func `the people of a segment come in pages, with names and without tags`() async throws {
    let practice = try Practice()
    let addresses = (0..<12).map { "person\($0)@mail.example.org" }
    for address in addresses {
      try await practice.add(address, "subscribed", ["merge_fields": ["FNAME": "Ada"]])
    }
    let tag = practice.segment(try await practice.makeTag("Choir", addresses))
    let first = try await practice.api.call("GET", "\(tag)/members")
    #expect(first["members"].array?.count == 10)
    #expect(first["total_items"] == 12)
    #expect(first["members"][0]?["full_name"] == "Ada")
    #expect(first["members"][0]?["tags"] == nil)
    let rest = try await practice.api.call("GET", "\(tag)/members?count=1000&offset=10")
    #expect(
      rest["members"].array?.compactMap { $0["email_address"]?.string }
        == ["person10@mail.example.org", "person11@mail.example.org"])
  }

  @Test func `one person is added and removed by the calls for one`() async throws {
    let practice = try Practice()
    try await practice.add(ada)
    let tag = practice.segment(try await practice.makeTag("Choir"))
    let added = try await practice.api.call(
      "POST", "\(tag)/members", ["email_address": .string(ada)])
    #expect(added.status == 200)
    #expect(added["id"].string == SandboxMember.hash(of: ada))
    let stranger = try await practice.api.call(
      "POST", "\(tag)/members", ["email_address": .string(grace)])
    #expect(stranger.status == 404)
    let path = "\(tag)/members/\(SandboxMember.hash(of: ada))"
    #expect(try await practice.api.call("DELETE", path).status == 204)
    #expect(try await practice.get(ada)["tags"] == [])
    #expect(try await practice.api.call("DELETE", path).status == 404)
  }

  @Test func `a saved segment computes its people and takes none by hand`() async throws {
    let practice = try Practice()
    try await practice.add(ada, "subscribed", ["merge_fields": ["FNAME": "Ada"]])
    try await practice.add(grace, "subscribed", ["merge_fields": ["FNAME": "Grace"]])
    let made = try await practice.api.call(
      "POST", "\(practice.lists)/segments",
      [
        "name": "Adas",
        "options": [
          "match": "all",
          "conditions": [
            ["condition_type": "TextMerge", "field": "FNAME", "op": "is", "value": "Ada"]
          ],
        ],
      ])
    #expect(made["type"] == "saved")
    #expect(made["member_count"] == 1)
    let path = practice.segment(made)
    let people = try await practice.api.call("GET", "\(path)/members")
    #expect(people["members"][0]?["email_address"] == .string(ada))
    let id = made["id"].int ?? 0
    expectProblem(
      try await practice.move(path, add: [grace]), 404, "Resource Not Found",
      "A Static Segment with an id of \(id) does not exist for this list.")
    _ = try await practice.tag(ada, ["Adas": true])
    #expect(try await practice.get(ada)["tags"] == [])
  }

  @Test func `a condition that is not understood is refused`() async throws {
    let practice = try Practice()
    let answer = try await practice.api.call(
      "POST", "\(practice.lists)/segments",
      ["name": "Far", "options": ["conditions": [["condition_type": "IPGeoIn"]]]])
    expectProblem(answer, 400, "Invalid Resource", notValidated)
  }

  @Test func `a segment that is not there, or has no number, is 404`() async throws {
    let practice = try Practice(malformed: true)
    for name in ["1", "Choir", "-1"] {
      let answer = try await practice.api.call("GET", "\(practice.lists)/segments/\(name)")
      expectProblem(
        answer, 404, "Resource Not Found", "The requested resource could not be found.")
    }
  }

  // MARK: Administrators

  @Test func `what administrators do to tags shows in the API`() async throws {
    let practice = try Practice()
    try await practice.add(ada)
    try practice.perform(.adminMakesTag("Choir"))
    try practice.perform(.adminTags(ada, "choir"))
    try practice.perform(.adminTags(ada, "Board"))
    #expect(
      try await practice.get(ada)["tags"].array?.compactMap { $0["name"]?.string }
        == ["Choir", "Board"])
    try practice.perform(.adminRenamesTag("Choir", to: "Singers"))
    try practice.perform(.adminUntags(ada, "Board"))
    #expect(
      try await practice.get(ada)["tags"].array?.compactMap { $0["name"]?.string } == ["Singers"])
    try practice.perform(.adminDeletesTag("Singers"))
    #expect(try await practice.get(ada)["tags"] == [])
    #expect(names(try await list(practice)) == ["Board"])
    #expect(throws: Problem.self) { try practice.perform(.adminDeletesTag("Singers")) }
    #expect(throws: Problem.self) { try practice.perform(.adminMakesTag("board")) }
    #expect(throws: Problem.self) { try practice.perform(.adminTags(grace, "Board")) }
  }

  @Test func `counts stay true while a whole audience is tagged, five hundred at a time`() throws {
    let clock = StepClock()
    var mailchimp = SandboxMailchimp(at: clock.now())
    mailchimp.addSamplePeople(5_000, at: clock.now())
    let list = mailchimp.audiences[0].id
    let addresses = mailchimp.audiences[0].members.filter { $0.status != .archived }
      .map(\.address)
    for number in 0..<3 {
      let made = try call(
        "POST", "segments", ["name": .string("Tag \(number)"), "static_segment": []])
      let path = "segments/\(made["id"]?.int ?? 0)"
      for start in stride(from: 0, to: addresses.count, by: 500) {
        let slice = addresses[start..<min(start + 500, addresses.count)]
        _ = try call("POST", path, ["members_to_add": .array(slice.map { .string($0) })])
      }
    }
    let shown = try call("GET", "segments", nil)
    let people = mailchimp.audiences[0]
    #expect(
      shown["segments"]?.array?.allSatisfy {
        $0["member_count"] == .int(Int64(people.count(.subscribed) + people.count(.pending)))
      } == true)

    func call(_ method: String, _ path: String, _ body: JSONValue?) throws -> JSONValue {
      let answer = mailchimp.answer(
        .init(
          method, "/3.0/lists/\(list)/\(path)",
          headers: ["Authorization": "Bearer \(SandboxConfiguration().key)"],
          body: body?.serialized() ?? []), at: clock.now())
      return try JSONValue.parse(answer.body)
    }
  }
}

@Suite struct ShortMembersTests {
  @Test func `people written straight to bytes are to the byte what they are as JSON`() throws {
    let clock = StepClock()
    var mailchimp = SandboxMailchimp(at: clock.now())
    mailchimp.addSamplePeople(300, at: clock.now())
    try mailchimp.addMergeField("LTV", "Value", .number)
    try mailchimp.perform(.adminMakesGroup("Days \"\\\u{1}é|", ["Monday"]), at: clock.now())
    let address = mailchimp.audiences[0].members[0].address
    let values: [String: JSONValue] = [
      "LTV": .number(1.5), "FNAME": "A\"\n|é",
      "ADDRESS": ["addr1": "1", "city": "Springfield", "state": "", "zip": "00000"],
    ]
    try mailchimp.perform(.adminEdits(address, values), at: clock.now())
    for number in 0..<60 {
      try mailchimp.perform(.adminTags(address, "Tag \"\(number)|"), at: clock.now())
    }
    let audience = mailchimp.audiences[0]
    var writer = ShortMembers(audience)
    let members = audience.members
    #expect(
      String(decoding: writer.array(of: members), as: UTF8.self)
        == JSONValue.array(members.map { audience.shortJSON(of: $0) }).description)
    #expect(String(decoding: writer.array(of: []), as: UTF8.self) == "[]")
  }
}
