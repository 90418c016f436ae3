// Tags of one person: what the tags call takes, what it quietly ignores, and what a member shows.

import Basics
import Support
import Testing

@testable import Sandbox

@Suite struct TagTests {
  private func names(_ practice: Practice, _ address: String) async throws -> [String] {
    try await practice.get(address)["tags"].array?.compactMap { $0["name"]?.string } ?? []
  }

  @Test func `a tag that nobody knows is made and put on, with an empty 204`() async throws {
    let practice = try Practice()
    try await practice.add(ada)
    let answer = try await practice.tag(ada, ["Choir": true, "Board": true])
    #expect(answer.status == 204)
    #expect(answer.body.isEmpty)
    #expect(try await names(practice, ada).sorted() == ["Board", "Choir"])
    #expect(try await practice.get(ada)["tags_count"] == 2)
  }

  @Test func `a tag set inactive comes off, and one that is not there is no error`() async throws {
    let practice = try Practice()
    try await practice.add(ada, "subscribed", ["tags": ["Choir"]])
    #expect(try await practice.tag(ada, ["Choir": false, "Unknown": false]).status == 204)
    #expect(try await names(practice, ada) == [])
    let search = try await practice.api.call("GET", "\(practice.lists)/tag-search")
    #expect(search["tags"].array?.compactMap { $0["name"]?.string } == ["Choir"])
  }

  @Test func `an empty list of tags is taken`() async throws {
    let practice = try Practice()
    try await practice.add(ada)
    #expect(try await practice.tag(ada, [:]).status == 204)
  }

  @Test func `the tags of somebody unknown are 404`() async throws {
    let practice = try Practice()
    let path = practice.member(ada) + "/tags"
    let body: JSONValue = ["tags": [["name": "Choir", "status": "active"]]]
    for answer in [
      try await practice.api.call("POST", path, body), try await practice.api.call("GET", path),
    ] {
      expectProblem(
        answer, 404, "Resource Not Found", "The requested resource could not be found.")
    }
  }

  @Test func `an archived person can be tagged and stays archived`() async throws {
    let practice = try Practice()
    try await practice.add(ada)
    _ = try await practice.delete(ada)
    #expect(try await practice.tag(ada, ["Choir": true]).status == 204)
    #expect(try await practice.get(ada)["status"] == "archived")
    #expect(try await names(practice, ada) == ["Choir"])
  }

  @Test func `a body without the wrapper gets 204 and does nothing`() async throws {
    let practice = try Practice(malformed: true)
    try await practice.add(ada)
    let path = practice.member(ada) + "/tags"
    let one: JSONValue = ["name": "Choir", "status": "active"]
    for body in [one, [one]] {
      #expect(try await practice.api.call("POST", path, body).status == 204)
    }
    #expect(try await names(practice, ada) == [])
  }

  @Test func `one line that does not fit refuses the call as a whole`() async throws {
    let practice = try Practice(malformed: true)
    try await practice.add(ada)
    let answer = try await practice.api.call(
      "POST", practice.member(ada) + "/tags",
      ["tags": [["name": "Choir", "status": "active"], ["name": "Board", "status": "on"], 1]])
    expectErrors(
      answer, notValidated,
      [
        (
          "tags.item:1.status",
          "Data presented is not one of the accepted values: inactive, active."
        ), ("tags.item:2", "Schema describes object, integer found instead"),
      ])
    #expect(try await names(practice, ada) == [])
  }

  @Test func `tags must be found by hash, an address is not taken`() async throws {
    let practice = try Practice()
    try await practice.add(ada)
    let answer = try await practice.api.call("GET", "\(practice.lists)/members/\(ada)/tags")
    #expect(answer.status == 404)
  }

  @Test func `tagging moves the time of the last change, tagging again does not`() async throws {
    let practice = try Practice()
    try await practice.add(ada)
    let before = try await practice.get(ada)["last_changed"]
    practice.clock.advance(.seconds(60))
    _ = try await practice.tag(ada, ["Choir": true])
    let tagged = try await practice.get(ada)["last_changed"]
    #expect(tagged != before)
    practice.clock.advance(.seconds(60))
    _ = try await practice.tag(ada, ["Choir": true, "Unknown": false])
    #expect(try await practice.get(ada)["last_changed"] == tagged)
    _ = try await practice.tag(ada, ["Choir": false])
    #expect(try await practice.get(ada)["last_changed"] != tagged)
  }

  @Test func `names differ in more than case and blanks`() async throws {
    let practice = try Practice()
    try await practice.add(ada)
    _ = try await practice.tag(ada, ["Choir": true])
    _ = try await practice.tag(ada, ["  CHOIR ": true])
    #expect(try await names(practice, ada) == ["Choir"])
    _ = try await practice.tag(ada, ["choir": false])
    #expect(try await names(practice, ada) == [])
  }

  @Test func `a member shows fifty tags at most and the whole count`() async throws {
    let practice = try Practice()
    let tags = (0..<60).map { JSONValue.string("Tag \($0)") }
    let added = try await practice.add(ada, "subscribed", ["tags": .array(tags)])
    #expect(added["tags_count"] == 60)
    #expect(added["tags"].array?.count == 50)
  }

  @Test func `the list of tags pages by ten and names the day of each`() async throws {
    let practice = try Practice()
    let tags = (0..<25).map { JSONValue.string("Tag \($0)") }
    try await practice.add(ada, "subscribed", ["tags": .array(tags)])
    let path = practice.member(ada) + "/tags"
    let first = try await practice.api.call("GET", path)
    #expect(first["tags"].array?.count == 10)
    #expect(first["total_items"] == 25)
    #expect(first["tags"][0]?["name"] == "Tag 0")
    #expect(first["tags"][0]?["date_added"] == "2026-01-02T03:04:05+00:00")
    let rest = try await practice.api.call("GET", path + "?count=1000&offset=20")
    #expect(rest["tags"].array?.compactMap { $0["name"]?.string }.first == "Tag 20")
    #expect(rest["tags"].array?.count == 5)
  }

  @Test func `tags sent with a change of somebody who is there do nothing`() async throws {
    let practice = try Practice(malformed: true)
    try await practice.add(ada, "subscribed", ["tags": ["Choir"]])
    #expect(try await practice.put(ada, ["tags": ["Board"]]).status == 200)
    #expect(try await practice.patch(ada, ["tags": ["Board"]]).status == 200)
    #expect(try await names(practice, ada) == ["Choir"])
  }

  @Test func `tags with a PUT that creates somebody are put on`() async throws {
    let practice = try Practice()
    _ = try await practice.put(ada, ["status_if_new": "subscribed", "tags": ["Choir"]])
    #expect(try await names(practice, ada) == ["Choir"])
  }

  @Test func `tags as objects are refused on creation`() async throws {
    let practice = try Practice(malformed: true)
    let answer = try await practice.post(
      ada, "subscribed", ["tags": [["name": "Choir", "status": "active"]]])
    expectErrors(
      answer, notValidated,
      [("tags.item:0", "Schema describes string, object found instead")])
    #expect(try await practice.get(ada).status == 404)
  }

  @Test func `the search finds tags by the beginning of their name, saved segments not`()
    async throws
  {
    let practice = try Practice()
    try await practice.add(ada, "subscribed", ["tags": ["Choir", "Chess", "Board"]])
    try practice.perform(.adminSavesSegment("Cherries", field: "FNAME", value: "Ada"))
    let answer = try await practice.api.call("GET", "\(practice.lists)/tag-search?name=ch")
    #expect(answer["tags"].array?.compactMap { $0["name"]?.string } == ["Choir", "Chess"])
    #expect(answer["total_items"] == 2)
    #expect(answer["tags"][0]?["id"] == (try await practice.get(ada)["tags"][0]?["id"]))
  }
}
