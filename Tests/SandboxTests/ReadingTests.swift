// What else can be read of an audience: groups of interests, growth, sign-up forms, people by
// name, and what its limits are.

import Basics
import Support
import Testing

@testable import Sandbox

@Suite struct ReadingTests {
  // MARK: Interests

  @Test func `groups and their interests come in pages`() async throws {
    let practice = try Practice()
    let names = (0..<12).map { "Interest \($0)" }
    try practice.perform(.adminMakesGroup("Ensembles", names))
    try practice.perform(.adminMakesGroup("Days", ["Monday"]))
    let path = "\(practice.lists)/interest-categories"
    let groups = try await practice.api.call("GET", path)
    #expect(groups["total_items"] == 2)
    #expect(groups["categories"][0]?["title"] == "Ensembles")
    #expect(groups["categories"][0]?["type"] == "checkboxes")
    let group = "\(path)/\(groups["categories"][0]?["id"]?.string ?? "")"
    #expect(try await practice.api.call("GET", group)["title"] == "Ensembles")
    let interests = try await practice.api.call("GET", "\(group)/interests")
    #expect(interests["interests"].array?.count == 10)
    #expect(interests["total_items"] == 12)
    let first = interests["interests"][0]
    #expect(first?["name"] == "Interest 0")
    #expect(first?["subscriber_count"] == "0")
    let one = try await practice.api.call("GET", "\(group)/interests/\(first?["id"]?.string ?? "")")
    #expect(one["name"] == "Interest 0")
    for missing in ["\(path)/0123456789", "\(group)/interests/0123456789"] {
      #expect(try await practice.api.call("GET", missing).status == 404)
    }
  }

  @Test func `every interest shows in a member, and those not sent stay`() async throws {
    let practice = try Practice()
    #expect(try await practice.add(ada)["interests"] == .null)
    try practice.perform(.adminMakesGroup("Days", ["Monday", "Tuesday"]))
    let ids = practice.server.with { $0.audiences[0].interestIDs }
    #expect(try await practice.get(ada)["interests"] == .object([ids[0]: false, ids[1]: false]))
    let set = try await practice.put(ada, ["interests": .object([ids[0]: true])])
    #expect(set["interests"] == .object([ids[0]: true, ids[1]: false]))
    let more = try await practice.patch(ada, ["interests": .object([ids[1]: true])])
    #expect(more["interests"] == .object([ids[0]: true, ids[1]: true]))
    let fewer = try await practice.patch(ada, ["interests": .object([ids[0]: false])])
    #expect(fewer["interests"] == .object([ids[0]: false, ids[1]: true]))
    let bulk = try await practice.api.call(
      "POST", practice.lists,
      [
        "members": [
          [
            "email_address": .string(ada), "status_if_new": "subscribed",
            "interests": .object([ids[0]: true]),
          ]
        ], "update_existing": true,
      ])
    #expect(
      bulk["updated_members"][0]?["interests"] == .object([ids[0]: true, ids[1]: true]))
    try practice.perform(.personChoosesInterests(ada, ["Tuesday"]))
    #expect(try await practice.get(ada)["interests"] == .object([ids[0]: false, ids[1]: true]))
    try practice.perform(.adminDeletesGroup("Days"))
    #expect(try await practice.get(ada)["interests"] == .null)
  }

  @Test func `an unknown interest refuses the whole write`() async throws {
    let practice = try Practice()
    try practice.perform(.adminMakesGroup("Days", ["Monday"]))
    let id = practice.server.with { $0.audiences[0].interestIDs[0] }
    try await practice.add(ada)
    let answer = try await practice.patch(
      ada,
      ["merge_fields": ["FNAME": "Ada"], "interests": .object([id: true, "0123456789": false])])
    expectProblem(answer, 400, "Invalid Resource", "Invalid interest ID: '0123456789'.")
    let member = try await practice.get(ada)
    #expect(member["merge_fields"]["FNAME"] == "")
    #expect(member["interests"][id] == false)
  }

  @Test func `an interest that is neither true nor false is refused`() async throws {
    let practice = try Practice(malformed: true)
    try practice.perform(.adminMakesGroup("Days", ["Monday"]))
    let id = practice.server.with { $0.audiences[0].interestIDs[0] }
    let answer = try await practice.post(ada, "subscribed", ["interests": .object([id: "yes"])])
    expectErrors(
      answer, notValidated,
      [("interests.\(id)", "Schema describes boolean, string found instead")])
  }

  // MARK: Growth

  @Test func `growth shows who there was at the end of each month`() async throws {
    let practice = try Practice()
    try await practice.add(ada)
    try await practice.add(grace)
    practice.clock.advance(.seconds(31 * 86_400))
    try practice.perform(.personUnsubscribes(ada))
    practice.clock.advance(.seconds(31 * 86_400))
    _ = try await practice.erase(grace)
    let path = "\(practice.lists)/growth-history"
    let months = try await practice.api.call("GET", path)
    #expect(months["total_items"] == 3)
    let shown = months["history"].array ?? []
    #expect(shown.map { $0["month"] } == ["2026-01", "2026-02", "2026-03"])
    #expect(shown.map { $0["subscribed"] } == [2, 1, 0])
    #expect(shown.map { $0["unsubscribed"] } == [0, 1, 1])
    #expect(shown.map { $0["deleted"] } == [0, 0, 1])
    let last = try await practice.api.call("GET", "\(path)?sort_field=month&sort_dir=DESC&count=1")
    #expect(last["history"].array?.map { $0["month"] } == ["2026-03"])
    #expect(try await practice.api.call("GET", "\(path)/2026-02")["subscribed"] == 1)
    #expect(try await practice.api.call("GET", "\(path)/2025-12").status == 404)
  }

  @Test func `the last month of growth is what the audience counts`() async throws {
    let practice = try Practice { $0.people = 500 }
    let months = try await practice.api.call(
      "GET", "\(practice.lists)/growth-history?count=1000")
    let last = months["history"].array?.last
    for status in MemberStatus.allCases where status != .archived {
      let count = practice.server.with { $0.audiences[0].count(status) }
      #expect(last?[status.rawValue] == .int(Int64(count)))
    }
    #expect(months["history"].array?.count ?? 0 >= 12)
  }

  // MARK: Search

  @Test func `people are found by address to the letter and by the beginning of a name`()
    async throws
  {
    let practice = try Practice()
    try await practice.add(ada, "subscribed", ["merge_fields": ["FNAME": "Ada", "LNAME": "Byron"]])
    try await practice.add(
      "adam@mail.example.org", "unsubscribed", ["merge_fields": ["FNAME": "Adam"]])
    try await practice.add(grace, "subscribed", ["merge_fields": ["LNAME": "Adams"]])
    func search(_ query: String) async throws -> RawAnswer {
      try await practice.api.call("GET", "/3.0/search-members?query=\(query)")
    }
    let exact = try await search(ada)
    #expect(exact["exact_matches"]["total_items"] == 1)
    #expect(exact["exact_matches"]["members"]?[0]?["email_address"] == .string(ada))
    #expect(exact["full_search"]["total_items"] == 1)
    let names = try await search("ADA")
    #expect(names["exact_matches"]["members"] == [])
    #expect(names["full_search"]["total_items"] == 3)
    #expect(try await search("byr")["full_search"]["total_items"] == 1)
    #expect(try await search("yron")["full_search"]["total_items"] == 0)
  }

  @Test func `a search may name an audience and must name somebody`() async throws {
    let practice = try Practice(malformed: true)
    let second = practice.server.with { $0.addAudience("Second", at: practice.clock.now()).id }
    try await practice.add(ada)
    func search(_ query: String) async throws -> RawAnswer {
      try await practice.api.call("GET", "/3.0/search-members\(query)")
    }
    let here = try await search("?query=\(ada)&list_id=\(practice.server.audience)")
    #expect(here["exact_matches"]["total_items"] == 1)
    #expect(
      try await search("?query=\(ada)&list_id=\(second)")["exact_matches"]["total_items"] == 0)
    #expect(try await search("?query=\(ada)&list_id=0000000000").status == 404)
    #expect(try await search("").status == 400)
    #expect(try await search("?query=").status == 400)
  }

  // MARK: Forms and limits

  @Test func `the sign-up form has the short address of the audience`() async throws {
    let practice = try Practice()
    let audience = try await practice.api.call("GET", practice.lists)
    let forms = try await practice.api.call("GET", "\(practice.lists)/signup-forms")
    #expect(forms["total_items"] == 1)
    #expect(forms["signup_forms"][0]?["signup_form_url"] == audience["subscribe_url_short"])
    #expect(audience["subscribe_url_long"].string?.contains(practice.server.audience) == true)
  }

  @Test func `the constraints say that nothing more may be made before it is refused`()
    async throws
  {
    let practice = try Practice { $0.maxAudiences = 1 }
    let lists = try await practice.api.call("GET", "/3.0/lists")
    #expect(
      lists["constraints"]
        == ["may_create": false, "max_instances": 1, "current_total_instances": 1])
    let answer = try await practice.api.call(
      "POST", "/3.0/lists",
      [
        "name": "Second", "permission_reminder": "You asked for it.", "email_type_option": false,
        "contact": [
          "company": "Choir", "address1": "1 Main Street", "city": "Springfield", "country": "US",
        ],
        "campaign_defaults": [
          "from_name": "Choir", "from_email": "choir@mail.example.org", "subject": "",
          "language": "en",
        ],
      ])
    expectProblem(
      answer, 403, "User action not permitted",
      "User does not have access to the requested operation")
  }

  @Test func `every path below an audience names its methods when another one is used`()
    async throws
  {
    let practice = try Practice(malformed: true)
    for resource in AudienceResource.allCases {
      let path = resource.rawValue.replacing("*", with: "0123456789")
      let answer = try await practice.api.call(
        "OPTIONS", practice.lists + (path.isEmpty ? "" : "/\(path)"))
      #expect(answer.status == 405, "\(resource)")
      #expect(answer.header("Allow") == resource.methods.joined(separator: ", "))
    }
  }
}
