// What webhooks are told, by whom and in which words: the forms are those of Mailchimp's own
// description, to the letter.

import Basics
import HTTP
import Support
import Testing

@testable import Sandbox

@Suite struct DeliveryTests {
  // MARK: Words

  @Test func `a subscription is told with everything that was given`() async throws {
    let practice = try Practice()
    let ear = try await practice.ear(["api"])
    let made = try await practice.add(
      ada, "subscribed", ["merge_fields": ["FNAME": "Ada B"], "ip_signup": "192.0.2.7"])
    await practice.server.deliveriesSettled()
    let id = made["unique_email_id"].string ?? ""
    let list = practice.server.audience
    #expect(
      ear.bodies == [
        "type=subscribe&fired_at=2026-01-02+03%3A04%3A05&data%5Bid%5D=\(id)"
          + "&data%5Blist_id%5D=\(list)&data%5Bemail%5D=ada%40mail.example.org"
          + "&data%5Bemail_type%5D=html&data%5Bip_opt%5D=192.0.2.1"
          + "&data%5Bip_signup%5D=192.0.2.7&data%5Bmerges%5D%5BEMAIL%5D=ada%40mail.example.org"
          + "&data%5Bmerges%5D%5BFNAME%5D=Ada+B&data%5Bmerges%5D%5BLNAME%5D="
          + "&data%5Bmerges%5D%5BADDRESS%5D=&data%5Bmerges%5D%5BPHONE%5D="
          + "&data%5Bmerges%5D%5BBIRTHDAY%5D="
      ])
    let request = try #require(ear.requests.first)
    #expect(request.headers["Content-Type"] == "application/x-www-form-urlencoded")
    #expect(id.utf8.count == 10)
  }

  @Test func `an unsubscription is told with its reason and the campaign it was clicked in`()
    async throws
  {
    let practice = try Practice()
    let ear = try await practice.ear(["user"])
    try await practice.add(ada)
    try practice.perform(.personUnsubscribes(ada))
    await practice.server.deliveriesSettled()
    let event = try #require(ear.events.first)
    #expect(ear.events.count == 1)
    #expect(event["type"] == "unsubscribe")
    #expect(event["data[action]"] == "unsub")
    #expect(event["data[reason]"] == "manual")
    #expect(event["data[email]"] == ada)
    #expect(event["data[list_id]"] == practice.server.audience)
    #expect(event["data[merges][EMAIL]"] == ada)
    #expect(event["data[campaign_id]"]?.isEmpty == false)
    #expect(event["data[id]"] == practice.server.member(ada)?.uniqueEmailID)
  }

  @Test func `an address change is told as a change of address and of the profile`()
    async throws
  {
    let practice = try Practice()
    let ear = try await practice.ear(["user"])
    try await practice.add(ada)
    try practice.perform(.personChangesAddress(ada, to: grace))
    await practice.server.deliveriesSettled()
    #expect(Set(ear.types) == ["upemail", "profile"])
    let moved = try #require(ear.events.first { $0["type"] == "upemail" })
    #expect(
      moved == [
        "type": "upemail", "fired_at": "2026-01-02 03:04:05",
        "data[list_id]": practice.server.audience, "data[old_email]": ada,
        "data[new_email]": grace,
        "data[new_id]": practice.server.member(grace)?.uniqueEmailID ?? "",
      ])
    let profile = try #require(ear.events.first { $0["type"] == "profile" })
    #expect(profile["data[email]"] == grace)
  }

  @Test func `the two of an address change come in either order`() async throws {
    let practice = try Practice()
    let ear = try await practice.ear(["user"])
    try await practice.add(ada)
    try practice.perform(.personChangesAddress(ada, to: grace))
    await practice.server.deliveriesSettled()
    try practice.perform(.personChangesAddress(grace, to: ada))
    await practice.server.deliveriesSettled()
    #expect(ear.types == ["upemail", "profile", "profile", "upemail"])
  }

  @Test(arguments: [false, true])
  func `a bounce and a complaint are told as cleaned`(_ isComplaint: Bool) async throws {
    let practice = try Practice()
    let ear = try await practice.ear(["user"])
    try await practice.add(ada)
    try practice.perform(isComplaint ? .personComplains(ada) : .mailBounces(ada))
    await practice.server.deliveriesSettled()
    #expect(ear.types == ["cleaned"])
    #expect(ear.events[0]["data[reason]"] == (isComplaint ? "abuse" : "hard"))
    #expect(ear.events[0]["data[email]"] == ada)
    #expect(ear.events[0]["data[campaign_id]"]?.isEmpty == false)
    #expect(ear.events[0]["data[list_id]"] == practice.server.audience)
  }

  @Test func `values that are no text are told as text`() async throws {
    let practice = try Practice()
    try practice.field("POINTS", .number)
    let ear = try await practice.ear(["api"])
    let address: JSONValue = [
      "addr1": "1 Main Street", "city": "Springfield", "state": "IL", "zip": "60000",
    ]
    try await practice.add(ada, "subscribed", ["merge_fields": ["POINTS": 7, "ADDRESS": address]])
    await practice.server.deliveriesSettled()
    let event = try #require(ear.events.first)
    #expect(event["data[merges][POINTS]"] == "7")
    #expect(event["data[merges][ADDRESS][city]"] == "Springfield")
    #expect(event["data[merges][ADDRESS][country]"] == "US")
  }

  @Test func `chosen interests are told by name, together and group by group`() async throws {
    let practice = try Practice()
    let ear = try await practice.ear(["user"])
    try practice.perform(.adminMakesGroup("Voices", ["Soprano", "Bass"]))
    try practice.perform(.adminMakesGroup("Tasks", ["Board", "Kitchen"]))
    try await practice.add(ada)
    try practice.perform(.personChoosesInterests(ada, ["Kitchen", "Bass", "Board"]))
    await practice.server.deliveriesSettled()
    #expect(ear.types == ["profile"])
    let ids = try await practice.api.call("GET", "\(practice.lists)/interest-categories")
    let told = ear.bodies.first?.split(separator: "&").map(String.init)
      .filter { $0.contains("INTERESTS") || $0.contains("GROUPINGS") }
    let merges = "data%5Bmerges%5D"
    #expect(
      told == [
        "\(merges)%5BINTERESTS%5D=Bass%2CBoard%2CKitchen",
        "\(merges)%5BGROUPINGS%5D%5B0%5D%5Bid%5D=\(ids["categories"][0]?["id"]?.string ?? "")",
        "\(merges)%5BGROUPINGS%5D%5B0%5D%5Bname%5D=Voices",
        "\(merges)%5BGROUPINGS%5D%5B0%5D%5Bgroups%5D=Bass",
        "\(merges)%5BGROUPINGS%5D%5B1%5D%5Bid%5D=\(ids["categories"][1]?["id"]?.string ?? "")",
        "\(merges)%5BGROUPINGS%5D%5B1%5D%5Bname%5D=Tasks",
        "\(merges)%5BGROUPINGS%5D%5B1%5D%5Bgroups%5D=Board%2CKitchen",
      ])
    // Who chose nothing is told of with nothing.
    try practice.perform(.personSignsUp(grace))
    await practice.server.deliveriesSettled()
    #expect(ear.events.last?["data[merges][INTERESTS]"] == "")
    #expect(ear.events.last?["data[merges][GROUPINGS][1][groups]"] == "")
  }

  // MARK: What fires, and for whom

  @Test(arguments: ["user", "admin", "api"])
  func `a webhook hears of the sources it asked for alone`(_ source: String) async throws {
    let practice = try Practice()
    let ear = try await practice.ear([source])
    try await practice.add(ada)
    try practice.perform(.personEdits(ada, ["FNAME": "Ada"]))
    try practice.perform(.adminEdits(ada, ["FNAME": "Augusta"]))
    _ = try await practice.patch(ada, ["merge_fields": ["LNAME": "Byron"]])
    await practice.server.deliveriesSettled()
    let heard: [String: [String]] = [
      "user": ["profile"], "admin": ["profile"], "api": ["profile", "subscribe"],
    ]
    #expect(ear.types.sorted() == heard[source])
  }

  @Test func `a webhook hears of the events it asked for alone`() async throws {
    let practice = try Practice()
    let ear = try Ear()
    _ = try await practice.hook(ear.url(), events: ["unsubscribe"])
    ear.forget()
    try await practice.add(ada)
    try practice.perform(.personEdits(ada, ["FNAME": "Ada"]))
    try practice.perform(.adminUnsubscribes(ada))
    await practice.server.deliveriesSettled()
    #expect(ear.types == ["unsubscribe"])
    #expect(ear.events[0]["data[campaign_id]"] == nil)
  }

  @Test func `who signs up by the form is told of twice`() async throws {
    let practice = try Practice()
    let ear = try await practice.ear(["user"])
    try practice.perform(.personSignsUp(ada, ["FNAME": "Ada"]))
    await practice.server.deliveriesSettled()
    #expect(ear.types == ["subscribe", "profile"])
    #expect(ear.events.allSatisfy { $0["data[merges][FNAME]"] == "Ada" })
  }

  @Test func `who must confirm is told of after the confirmation`() async throws {
    let practice = try Practice()
    let ear = try await practice.ear()
    try practice.server.with { mailchimp throws(Problem) in try mailchimp.setDoubleOptIn(true) }
    try practice.perform(.personSignsUp(ada))
    await practice.server.deliveriesSettled()
    #expect(ear.types.isEmpty)
    try practice.perform(.personConfirms(ada))
    await practice.server.deliveriesSettled()
    #expect(ear.types == ["subscribe", "profile"])
  }

  @Test func `editing somebody unsubscribed is told as a profile`() async throws {
    let practice = try Practice()
    let ear = try await practice.ear(["admin"])
    try await practice.add(ada, "unsubscribed")
    try practice.perform(.adminEdits(ada, ["FNAME": "Ada"]))
    await practice.server.deliveriesSettled()
    #expect(ear.types == ["profile"])
  }

  @Test(arguments: [false, true])
  func `archiving and deleting are told as a deletion`(_ isForGood: Bool) async throws {
    let practice = try Practice()
    let ear = try await practice.ear(["admin"])
    try await practice.add(ada)
    try practice.perform(isForGood ? .adminDeletesPermanently(ada) : .adminArchives(ada))
    await practice.server.deliveriesSettled()
    #expect(ear.types == ["unsubscribe"])
    #expect(ear.events[0]["data[action]"] == "delete")
    #expect(ear.events[0]["data[email]"] == ada)
  }

  @Test func `what changes nothing, and tags, are not told`() async throws {
    let practice = try Practice()
    try await practice.add(ada, "subscribed", ["merge_fields": ["FNAME": "Ada"]])
    let ear = try await practice.ear()
    _ = try await practice.patch(ada, ["merge_fields": ["FNAME": "Ada"]])
    _ = try await practice.api.call(
      "POST", "\(practice.lists)",
      [
        "members": [["email_address": .string(ada), "status": "subscribed", "tags": ["Choir"]]],
        "update_existing": true,
      ])
    await practice.server.deliveriesSettled()
    #expect(ear.types.isEmpty)
  }

  @Test func `each of two webhooks is told`() async throws {
    let practice = try Practice()
    let (one, two) = (try Ear(), try Ear())
    _ = try await practice.hook(one.url())
    _ = try await practice.hook(two.url(), sources: ["user"])
    try await practice.add(ada)
    try practice.perform(.personUnsubscribes(ada))
    await practice.server.deliveriesSettled()
    #expect(one.types.sorted() == ["subscribe", "unsubscribe"])
    #expect(two.types == ["unsubscribe"])
  }

  @Test func `a burst of five thousand events is told whole`() async throws {
    let practice = try Practice()
    let ear = try await practice.ear(["user"])
    let now = practice.clock.now()
    try practice.server.with { mailchimp throws(Problem) in
      for number in 1...2500 {
        try mailchimp.perform(.personSignsUp("person\(number)@mail.example.org"), at: now)
      }
    }
    await practice.server.deliveriesSettled()
    let types = Dictionary(grouping: ear.types) { $0 }.mapValues(\.count)
    #expect(types == ["subscribe": 2500, "profile": 2500])
  }

  // MARK: Signatures

  @Test func `a signature is made as the published one`() {
    let body =
      "type=unsubscribe&fired_at=2026-01-02+03%3A04%3A05&data%5Baction%5D=unsub"
      + "&data%5Breason%5D=manual&data%5Blist_id%5D=a6b5da1054"
      + "&data%5Bemail%5D=person%40directory.example.org"
    #expect(
      WebhookSignature.value(
        secret: "test-secret", body: Array(body.utf8),
        at: Instant(milliseconds: 1_767_323_045_000))
        == "t=1767323045,"
        + "v1=0fef16ce9ab04e929e09c9085b55c1ff39aeac701c573bae2a71e40631081c5a")
  }

  @Test func `each delivery is signed with the secret of its webhook and the time of sending`()
    async throws
  {
    let practice = try Practice()
    let ear = try Ear()
    let secret = try #require(try await practice.hook(ear.url())["signing_secret"].string)
    ear.forget()
    practice.clock.advance(.minutes(5))
    try await practice.add(ada)
    await practice.server.deliveriesSettled()
    let request = try #require(ear.requests.first)
    #expect(
      request.headers["X-Mailchimp-Signature"]
        == WebhookSignature.value(secret: secret, body: request.body, at: practice.clock.now()))
    #expect(request.headers["X-Mailchimp-Signature"]?.hasPrefix("t=1767323345,v1=") == true)
  }

  // MARK: More deeds

  @Test func `reporting abuse while leaving is told as the reason`() async throws {
    let practice = try Practice()
    let ear = try await practice.ear(["user"])
    try await practice.add(ada)
    try practice.perform(.personUnsubscribesForAbuse(ada))
    await practice.server.deliveriesSettled()
    #expect(ear.types == ["unsubscribe"])
    #expect(ear.events[0]["data[reason]"] == "abuse")
    expectProblem(
      try await practice.patch(ada, ["status": "subscribed"]), 400, "Member In Compliance State")
  }

  @Test func `an address changed by an administrator is told as from one`() async throws {
    let practice = try Practice()
    let (admin, user) = (try await practice.ear(["admin"]), try await practice.ear(["user"]))
    try await practice.add(ada)
    try practice.perform(.adminChangesAddress(ada, to: grace))
    await practice.server.deliveriesSettled()
    #expect(Set(admin.types) == ["upemail", "profile"])
    #expect(user.types.isEmpty)
  }

  @Test func `a webhook deleted by an administrator is gone`() async throws {
    let practice = try Practice()
    let (one, _) = (try await practice.ear(), try await practice.ear())
    try practice.perform(.adminDeletesWebhook(url: one.url()))
    #expect(practice.server.webhooks().count == 1)
    #expect(throws: Problem.self) { try practice.perform(.adminDeletesWebhook(url: one.url())) }
    try practice.perform(.adminDeletesWebhook(url: nil))
    let all = try await practice.api.call("GET", "\(practice.lists)/webhooks")
    #expect(all["total_items"] == 0)
  }

  @Test func `double opt-in switched by an administrator shows in the audience`() async throws {
    let practice = try Practice()
    try practice.perform(.adminSetsDoubleOptIn(true))
    #expect(try await practice.api.call("GET", practice.lists)["double_optin"] == true)
    try practice.perform(.adminSetsDoubleOptIn(false))
    #expect(try await practice.api.call("GET", practice.lists)["double_optin"] == false)
  }
}
