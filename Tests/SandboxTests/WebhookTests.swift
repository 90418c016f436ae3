// The webhooks of an audience: making, showing, changing and deleting them, and the check of their
// address.

import Basics
import HTTP
import Support
import Testing

@testable import Sandbox

@Suite struct WebhookTests {
  private func unverified(_ code: Int) -> (String, String) {
    (
      "url",
      "We couldn't verify the URL is working. Please double check and try again. HTTP Code: \(code)"
    )
  }

  @Test func `a webhook is made once its address has answered a GET`() async throws {
    let practice = try Practice()
    let ear = try Ear()
    let answer = try await practice.hook(
      ear.url("/hook?key=1"), events: ["subscribe", "cleaned"], sources: ["user"])
    #expect(answer.status == 200)
    #expect(answer["url"] == .string(ear.url("/hook?key=1")))
    #expect(answer["list_id"] == .string(practice.server.audience))
    #expect(answer["events"]["subscribe"] == true)
    #expect(answer["events"]["cleaned"] == true)
    #expect(answer["events"]["profile"] == false)
    #expect(answer["events"]["campaign"] == false)
    #expect(answer["sources"] == ["user": true, "admin": false, "api": false])
    #expect(ear.requests.map(\.method) == ["GET"])
    #expect(ear.requests.first?.path == "/hook")
    #expect(ear.requests.first?.query("key") == "1")
  }

  @Test func `the signing secret is in the answer to the creation alone`() async throws {
    let practice = try Practice()
    let ear = try Ear()
    let made = try await practice.hook(ear.url())
    let secret = try #require(made["signing_secret"].string)
    #expect(secret.utf8.count == 43)
    #expect(
      secret.utf8.allSatisfy {
        (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
          || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
      })
    #expect(made["signing_enabled"] == true)
    let path = "\(practice.lists)/webhooks/\(made["id"].string ?? "")"
    for answer in [
      try await practice.api.call("GET", path),
      try await practice.api.call("PATCH", path, ["events": ["profile": false]]),
    ] {
      #expect(answer.status == 200)
      #expect(answer["signing_enabled"] == true)
      #expect(answer["signing_secret"] == .null)
    }
    let all = try await practice.api.call("GET", "\(practice.lists)/webhooks")
    #expect(all["webhooks"][0]?["signing_enabled"] == true)
    #expect(!all.body.contains(secret))
    #expect(!all.body.contains("signing_secret"))
  }

  @Test func `a server that does not sign gives no secret`() async throws {
    let practice = try Practice { $0.signsWebhooks = false }
    let ear = try await practice.ear()
    let all = try await practice.api.call("GET", "\(practice.lists)/webhooks")
    #expect(all["webhooks"][0]?["signing_enabled"] == false)
    try await practice.add(ada)
    await practice.server.deliveriesSettled()
    #expect(ear.requests.count == 1)
    #expect(ear.requests.first?.headers["X-Mailchimp-Signature"] == nil)
  }

  @Test func `a server that keeps its secret signs all the same`() async throws {
    let practice = try Practice { $0.tellsWebhookSecret = false }
    let ear = try Ear()
    let made = try await practice.hook(ear.url())
    #expect(made["signing_enabled"] == true)
    #expect(made["signing_secret"] == .null)
    ear.forget()
    try await practice.add(ada)
    await practice.server.deliveriesSettled()
    #expect(ear.requests.first?.headers["X-Mailchimp-Signature"] != nil)
  }

  @Test(arguments: [403, 404, 302, 204, 500])
  func `an address that answers a GET with anything but 200 is refused`(
    _ status: Int
  ) async throws {
    let practice = try Practice()
    let ear = try Ear()
    ear.getStatus.withLock { $0 = status }
    expectErrors(try await practice.hook(ear.url()), notValidated, [unverified(status)])
    #expect(practice.server.webhooks().isEmpty)
  }

  @Test func `an address where nobody listens is refused`() async throws {
    let practice = try Practice()
    // Port 1 is nobody's.
    expectErrors(
      try await practice.hook("http://127.0.0.1:1/hook"), notValidated, [unverified(0)])
  }

  @Test func `an address that keeps silent for ten seconds is refused`() async throws {
    let practice = try Practice()
    let ear = try Ear()
    ear.getStatus.withLock { $0 = nil }
    async let answer = practice.hook(ear.url())
    #expect(await ear.heard(1))
    practice.clock.advance(.seconds(10))
    expectErrors(try await answer, notValidated, [unverified(0)])
  }

  @Test(arguments: ["nonsense", "", "ftp://127.0.0.1/hook", "http://a b/"])
  func `what is no address on the web is refused`(_ url: String) async throws {
    let practice = try Practice()
    expectErrors(try await practice.hook(url), notValidated, [("url", "Invalid URL")])
  }

  @Test func `two webhooks whose addresses differ in the query alone are refused`() async throws {
    let practice = try Practice()
    let ear = try Ear()
    #expect(try await practice.hook(ear.url("/hook?key=1")).status == 200)
    let again = try await practice.hook(ear.url("/hook?key=2"))
    expectErrors(
      again, notValidated, [("url", "Sorry, you can't set up multiple WebHooks for one URL")])
    #expect(try await practice.hook(ear.url("/other?key=2")).status == 200)
    #expect(practice.server.webhooks().count == 2)
  }

  @Test func `a body of the wrong shape is refused`() async throws {
    let practice = try Practice(malformed: true)
    let ear = try Ear()
    let path = "\(practice.lists)/webhooks"
    expectErrors(
      try await practice.api.call("POST", path, [:]), notValidated,
      [("", "Required fields were not provided: url")])
    expectErrors(
      try await practice.api.call(
        "POST", path, ["url": .string(ear.url()), "events": ["profile": "yes"]]),
      notValidated, [("events.profile", "Schema describes boolean, string found instead")])
    expectErrors(
      try await practice.api.call("POST", path, ["url": .string(ear.url()), "sources": []]),
      notValidated, [("sources", "Schema describes object, array found instead")])
  }

  @Test func `all webhooks are listed, and one by its id`() async throws {
    let practice = try Practice()
    let ear = try Ear()
    for number in 1...12 { _ = try await practice.hook(ear.url("/\(number)")) }
    let all = try await practice.api.call("GET", "\(practice.lists)/webhooks")
    #expect(all["webhooks"].array?.count == 12)
    #expect(all["total_items"] == 12)
    #expect(all["list_id"] == .string(practice.server.audience))
    let id = try #require(all["webhooks"][6]?["id"]?.string)
    let one = try await practice.api.call("GET", "\(practice.lists)/webhooks/\(id)")
    #expect(one.json == all["webhooks"][6])
    expectProblem(
      try await practice.api.call("GET", "\(practice.lists)/webhooks/0123456789"), 404,
      "Resource Not Found")
  }

  @Test func `a change keeps what it does not name`() async throws {
    let practice = try Practice()
    let ear = try Ear()
    let made = try await practice.hook(ear.url(), events: ["profile"], sources: ["user", "admin"])
    let path = "\(practice.lists)/webhooks/\(made["id"].string ?? "")"
    ear.forget()
    let answer = try await practice.api.call(
      "PATCH", path, ["events": ["cleaned": true], "sources": ["admin": false]])
    #expect(answer["events"]["profile"] == true)
    #expect(answer["events"]["cleaned"] == true)
    #expect(answer["sources"] == ["user": true, "admin": false, "api": false])
    #expect(answer["url"] == .string(ear.url()))
    #expect(ear.requests.isEmpty)
  }

  @Test func `another address is tried before it is taken`() async throws {
    let practice = try Practice()
    let (ear, deaf) = (try Ear(), try Ear())
    deaf.getStatus.withLock { $0 = 403 }
    let made = try await practice.hook(ear.url())
    let path = "\(practice.lists)/webhooks/\(made["id"].string ?? "")"
    expectErrors(
      try await practice.api.call("PATCH", path, ["url": .string(deaf.url())]), notValidated,
      [unverified(403)])
    #expect(practice.server.webhooks().first?.url == ear.url())
    let answer = try await practice.api.call("PATCH", path, ["url": .string(ear.url("/other"))])
    #expect(answer["url"] == .string(ear.url("/other")))
  }

  @Test func `a deleted webhook is not found and hears nothing more`() async throws {
    let practice = try Practice()
    let ear = try await practice.ear()
    let id = try #require(practice.server.webhooks().first?.id)
    let path = "\(practice.lists)/webhooks/\(id)"
    #expect(try await practice.api.call("DELETE", path).status == 204)
    expectProblem(try await practice.api.call("DELETE", path), 404, "Resource Not Found")
    try await practice.add(ada)
    await practice.server.deliveriesSettled()
    #expect(ear.requests.isEmpty)
  }

  @Test func `an unknown method of a webhook is refused with those there are`() async throws {
    let practice = try Practice(malformed: true)
    let answer = try await practice.api.call("PUT", "\(practice.lists)/webhooks/0123456789", [:])
    expectProblem(answer, 405, "Method Not Allowed")
    #expect(answer.header("Allow") == "GET, PATCH, DELETE")
  }
}
