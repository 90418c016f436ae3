// Who may be in which status, and how a person gets from one to another: each way the API knows.

import Basics
import Support
import Testing

@testable import Sandbox

@Suite struct StatusTests {
  @Test(arguments: ["subscribed", "pending", "unsubscribed", "transactional"])
  func `a new address is created in the status that POST names`(_ status: String) async throws {
    let practice = try Practice()
    #expect(try await practice.add(ada, status)["status"] == .string(status))
    #expect(try await practice.get(ada)["status"] == .string(status))
  }

  @Test func `PUT creates a new address with status_if_new`() async throws {
    let practice = try Practice()
    let answer = try await practice.put(ada, ["status_if_new": "pending"])
    #expect(answer.status == 200)
    #expect(answer["status"] == "pending")
  }

  @Test func `a status given by PUT wins over status_if_new for a new address`() async throws {
    let practice = try Practice()
    let answer = try await practice.put(
      ada, ["status_if_new": "pending", "status": "unsubscribed"])
    #expect(answer["status"] == "unsubscribed")
  }

  @Test(arguments: ["PUT", "PATCH"])
  func `unsubscribing by the API names the administrator as the reason`(
    _ method: String
  ) async throws {
    let practice = try Practice()
    #expect(try await practice.add(ada)["unsubscribe_reason"] == .null)
    let answer = try await practice.api.call(
      method, practice.member(ada), ["email_address": .string(ada), "status": "unsubscribed"])
    #expect(answer.status == 200)
    #expect(answer["unsubscribe_reason"] == "N/A (Unsubscribed by admin)")
  }

  @Test(arguments: ["PUT", "PATCH"])
  func `who was unsubscribed by the API may be subscribed again`(_ method: String) async throws {
    let practice = try Practice()
    try await practice.add(ada, "unsubscribed")
    let answer = try await practice.api.call(
      method, practice.member(ada), ["email_address": .string(ada), "status": "subscribed"])
    #expect(answer.status == 200)
    #expect(answer["status"] == "subscribed")
  }

  @Test func `who was unsubscribed by an administrator may be subscribed again`() async throws {
    let practice = try Practice()
    try await practice.add(ada)
    try practice.perform(.adminUnsubscribes(ada))
    #expect(try await practice.get(ada)["status"] == "unsubscribed")
    #expect(try await practice.patch(ada, ["status": "subscribed"])["status"] == "subscribed")
  }

  @Test(arguments: ["PUT", "PATCH"])
  func `who unsubscribed personally cannot be subscribed`(_ method: String) async throws {
    let practice = try Practice()
    try await practice.add(ada)
    try practice.perform(.personUnsubscribes(ada))
    let answer = try await practice.api.call(
      method, practice.member(ada), ["email_address": .string(ada), "status": "subscribed"])
    expectProblem(answer, 400, "Member In Compliance State", "\(ada) \(compliance)")
    #expect(answer["type"] == .null)
    #expect(try await practice.get(ada)["status"] == "unsubscribed")
  }

  @Test func `who unsubscribed personally may be asked again by pending`() async throws {
    let practice = try Practice()
    try await practice.add(ada)
    try practice.perform(.personUnsubscribes(ada))
    #expect(try await practice.patch(ada, ["status": "pending"])["status"] == "pending")
    let forced = try await practice.patch(ada, ["status": "subscribed"])
    expectProblem(forced, 400, "Member In Compliance State")
    try practice.perform(.personConfirms(ada))
    #expect(try await practice.get(ada)["status"] == "subscribed")
  }

  @Test func `archiving keeps everything readable`() async throws {
    let practice = try Practice()
    try await practice.add(
      ada, "subscribed", ["merge_fields": ["FNAME": "Ada"], "tags": ["Choir"]])
    let answer = try await practice.delete(ada)
    #expect(answer.status == 204)
    #expect(answer.body.isEmpty)
    let kept = try await practice.get(ada)
    #expect(kept["status"] == "archived")
    #expect(kept["merge_fields"]["FNAME"] == "Ada")
    #expect(kept["tags"][0]?["name"] == "Choir")
  }

  @Test(arguments: ["archived", "pending", "cleaned"])
  func `who is archived, pending or cleaned cannot be archived`(_ status: String) async throws {
    let practice = try Practice()
    try await practice.add(ada, status == "pending" ? "pending" : "subscribed")
    if status == "archived" { _ = try await practice.delete(ada) }
    if status == "cleaned" { try practice.perform(.mailBounces(ada)) }
    let answer = try await practice.delete(ada)
    expectProblem(
      answer, 405, "Method Not Allowed",
      "This list member cannot be removed. Can not archive a contact that is bounced, pending or "
        + "archived")
    #expect(answer.header("Allow") == "GET, PUT")
    #expect(try await practice.get(ada)["status"] == .string(status))
  }

  @Test(arguments: ["unsubscribed", "transactional"])
  func `who is unsubscribed or transactional can be archived`(_ status: String) async throws {
    let practice = try Practice()
    try await practice.add(ada, status)
    #expect(try await practice.delete(ada).status == 204)
    #expect(try await practice.get(ada)["status"] == "archived")
  }

  @Test func `archiving somebody who is not there is not found`() async throws {
    let practice = try Practice()
    expectProblem(
      try await practice.delete(ada), 404, "Resource Not Found",
      "The requested resource could not be found.")
  }

  @Test func `POST revives an archived person with old values, tags and a new opt-in time`()
    async throws
  {
    let practice = try Practice()
    let first = try await practice.add(
      ada, "subscribed",
      ["merge_fields": ["FNAME": "Ada", "LNAME": "Byron"], "tags": ["Choir"]])
    _ = try await practice.delete(ada)
    practice.clock.advance(.hours(1))
    let again = try await practice.add(ada, "subscribed", ["merge_fields": ["LNAME": "King"]])
    #expect(again["status"] == "subscribed")
    #expect(again["merge_fields"]["FNAME"] == "Ada")
    #expect(again["merge_fields"]["LNAME"] == "King")
    #expect(again["tags"][0]?["name"] == "Choir")
    #expect(again["contact_id"] == first["contact_id"])
    #expect(first["timestamp_opt"] == "2026-01-02T03:04:05+00:00")
    #expect(again["timestamp_opt"] == "2026-01-02T04:04:05+00:00")
  }

  @Test func `PUT revives an archived person and keeps the opt-in time`() async throws {
    let practice = try Practice()
    let first = try await practice.add(ada)
    _ = try await practice.delete(ada)
    practice.clock.advance(.hours(1))
    let again = try await practice.put(ada, ["status": "subscribed"])
    #expect(again["status"] == "subscribed")
    #expect(again["timestamp_opt"] == first["timestamp_opt"])
    #expect(again["last_changed"] == "2026-01-02T04:04:05+00:00")
  }

  @Test func `PUT without a status leaves an archived person archived`() async throws {
    let practice = try Practice()
    try await practice.add(ada)
    _ = try await practice.delete(ada)
    let answer = try await practice.put(
      ada, ["status_if_new": "subscribed", "merge_fields": ["FNAME": "Ada"]])
    #expect(answer["status"] == "archived")
    #expect(answer["merge_fields"]["FNAME"] == "Ada")
  }

  @Test func `archiving does not make somebody subscribable who left personally`() async throws {
    let practice = try Practice()
    try await practice.add(ada)
    try practice.perform(.personUnsubscribes(ada))
    _ = try await practice.delete(ada)
    expectProblem(
      try await practice.post(ada), 400, "Member In Compliance State", "\(ada) \(compliance)")
  }

  @Test(arguments: ["subscribed", "pending"])
  func `a permanently deleted person reads as never seen and cannot be added`(
    _ status: String
  ) async throws {
    let practice = try Practice()
    try await practice.add(ada)
    #expect(try await practice.erase(ada).status == 204)
    #expect(try await practice.get(ada).status == 404)
    let post = try await practice.post("Ada@mail.example.org", status)
    expectProblem(
      post, 400, "Forgotten Email Not Subscribed", "Ada@mail.example.org \(forgotten)")
    #expect(post["type"] == .null)
    let put = try await practice.put(ada, ["status_if_new": .string(status)])
    expectProblem(put, 400, "Forgotten Email Not Subscribed", "\(ada) \(forgotten)")
  }

  @Test(arguments: [MemberStatus.unsubscribed, .cleaned, .pending, .archived])
  func `people of every status can be deleted permanently`(_ status: MemberStatus) async throws {
    let practice = try Practice()
    try await practice.add(ada, status == .pending ? "pending" : "subscribed")
    switch status {
    case .unsubscribed: try practice.perform(.personUnsubscribes(ada))
    case .cleaned: try practice.perform(.mailBounces(ada))
    case .archived: try practice.perform(.adminArchives(ada))
    default: break
    }
    #expect(try await practice.erase(ada).status == 204)
    #expect(try await practice.erase(ada).status == 404)
  }

  @Test func `a permanently deleted person returns by the signup form only`() async throws {
    let practice = try Practice()
    try await practice.add(ada)
    _ = try await practice.erase(ada)
    try practice.perform(.personSignsUp(ada, ["FNAME": "Ada"]))
    let answer = try await practice.get(ada)
    #expect(answer["status"] == "subscribed")
    #expect(answer["merge_fields"]["FNAME"] == "Ada")
    #expect(answer["timestamp_signup"] == "2026-01-02T03:04:05+00:00")
  }

  @Test func `permanent deletion knows a person by the hash only`() async throws {
    let practice = try Practice()
    let contact = try await practice.add(ada)["contact_id"].string ?? ""
    for name in [ada, contact] {
      let answer = try await practice.api.call(
        "POST", "\(practice.lists)/members/\(name)/actions/delete-permanent")
      #expect(answer.status == 404)
    }
    #expect(try await practice.get(ada).status == 200)
  }

  @Test(arguments: ["PUT", "PATCH"])
  func `the address of somebody cleaned cannot be changed`(_ method: String) async throws {
    let practice = try Practice()
    try await practice.add(ada)
    try practice.perform(.mailBounces(ada))
    let answer = try await practice.api.call(
      method, practice.member(ada), ["email_address": "countess@mail.example.org"])
    expectProblem(
      answer, 400, "Invalid Resource",
      "This member's status is \"cleaned.\" You can only update email addresses for members with "
        + "a status of \"subscribed.\"")
    #expect(try await practice.get(ada).status == 200)
  }

  @Test(arguments: ["subscribed", "pending", "unsubscribed"])
  func `nobody gets out of cleaned by the API, not even who was put there by it`(
    _ status: String
  ) async throws {
    let practice = try Practice()
    try await practice.add(ada)
    #expect(try await practice.patch(ada, ["status": "cleaned"])["status"] == "cleaned")
    expectProblem(
      try await practice.patch(ada, ["status": .string(status)]), 400,
      "Member In Compliance State")
  }

  @Test func `a complaint cleans`() async throws {
    let practice = try Practice()
    try await practice.add(ada)
    try practice.perform(.personComplains(ada))
    #expect(try await practice.get(ada)["status"] == "cleaned")
  }

  @Test func `pending becomes subscribed when the person confirms`() async throws {
    let practice = try Practice()
    #expect(try await practice.add(ada, "pending")["timestamp_opt"] == "")
    try practice.perform(.personConfirms(ada))
    let answer = try await practice.get(ada)
    #expect(answer["status"] == "subscribed")
    #expect(answer["timestamp_opt"] == "2026-01-02T03:04:05+00:00")
  }

  @Test func `who has not confirmed is not subscribed by the API, and may be unsubscribed`()
    async throws
  {
    let practice = try Practice()
    try await practice.add(ada, "pending")
    let refusal = "\(ada) \(compliance)"
    expectProblem(
      try await practice.put(ada, ["status": "subscribed"]), 400, "Member In Compliance State",
      refusal)
    expectProblem(
      try await practice.patch(ada, ["status": "subscribed"]), 400, "Member In Compliance State",
      refusal)
    #expect(try await practice.get(ada)["status"] == "pending")
    #expect(
      try await practice.patch(ada, ["status": "unsubscribed"])["status"] == "unsubscribed")
  }

  @Test func `a change is told as of a little before its answer, and never backwards`()
    async throws
  {
    let practice = try Practice { $0.changeLag = .seconds(4) }
    #expect(try await practice.add(ada)["last_changed"] == "2026-01-02T03:04:01+00:00")
    try practice.perform(.personUnsubscribes(ada))
    let left = try await practice.get(ada)
    #expect(left["last_changed"] == "2026-01-02T03:04:05+00:00")
    practice.clock.advance(.seconds(1))
    let later = try await practice.patch(ada, ["merge_fields": ["FNAME": "Ada"]])
    #expect(later["last_changed"] == "2026-01-02T03:04:05+00:00")
    practice.clock.advance(.seconds(5))
    #expect(try await practice.tag(ada, ["Choir": true]).status == 204)
    let tagged = try await practice.get(ada)
    #expect(tagged["last_changed"] == "2026-01-02T03:04:07+00:00")
  }

  @Test func `with double opt-in the form makes people pending and the API does not`()
    async throws
  {
    let practice = try Practice()
    try practice.server.with { mailchimp throws(Problem) in try mailchimp.setDoubleOptIn(true) }
    try practice.perform(.personSignsUp(ada))
    #expect(try await practice.get(ada)["status"] == "pending")
    #expect(try await practice.add(grace)["status"] == "subscribed")
  }

  @Test func `archived is not a status to ask for`() async throws {
    let practice = try Practice(malformed: true)
    try await practice.add(ada)
    expectErrors(
      try await practice.patch(ada, ["status": "archived"]), notValidated,
      [
        (
          "status",
          "Data presented is not one of the accepted values: subscribed, unsubscribed, cleaned, "
            + "pending."
        )
      ])
  }
}
