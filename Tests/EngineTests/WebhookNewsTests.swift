import Basics
import Domain
import Engine
import HTTP
import Sandbox
import Storage
import Support
import Testing

/// What deliveries tell that a member's status does not, whom they do not name, and secrets that are
/// not told.
@Suite(.timeLimit(.minutes(10))) struct WebhookNewsTests {
  private func optIn(_ address: String, _ site: WebhookSite) async throws -> OptIn? {
    try await site.scenario.workspace.read { (reading) throws(Problem) in
      try reading.directory.people(at: AddressKey(address)).first?.optIn
    }
  }

  // MARK: Complaints

  @Test(arguments: [false, true])
  func `a mail reported as abuse clears the opt-in, also where a poll saw the bounce first`(
    pollFirst: Bool
  ) async throws {
    let site = try await WebhookSite(settings: ["consent.back": "yes"])
    let who = "person0@town.dev"
    if pollFirst { site.scenario.mailchimp.addFault(SandboxFaultRule(.delivery(.lost))) }
    try await site.deeds(.personComplains(who))
    if pollFirst {
      _ = try await site.scenario.poll(site.time)
      try await site.scenario.rests()
      #expect(try await site.scenario.suppression(who) == .cleaned)
      #expect(try await optIn(who, site) == .unknown)
      // Mailchimp tries the delivery again, and now it arrives.
      let list = site.scenario.mailchimp.audience
      let answer = try await site.post(
        "type=cleaned&data%5Blist_id%5D=\(list)&data%5Breason%5D=abuse"
          + "&data%5Bemail%5D=person0%40town.dev")
      #expect(answer.status == 200)
      try await site.scenario.rests()
    }
    #expect(try await optIn(who, site) == .no)
    let (delivery, evidence) = try await site.scenario.workspace.read {
      (reading) throws(Problem) in
      (
        try reading.reports.deliveries(.at(0), count: 1).rows.first?.id,
        try reading.database.rows(
          "SELECT evidence FROM consent_entry WHERE new = 'opt-in no'"
        ) { $0.text(0) }
      )
    }
    #expect(evidence == ["webhook delivery \(delivery?.rawValue ?? 0), cleaned, abuse"])
    await site.end()
  }

  @Test func `an unsubscribe by reporting abuse clears the opt-in with that as its reason`()
    async throws
  {
    let site = try await WebhookSite(settings: ["consent.back": "yes"])
    try await site.deeds(.personUnsubscribesForAbuse("person0@town.dev"))
    #expect(try await optIn("person0@town.dev", site) == .no)
    #expect(try await site.inbox().first?.summary == "unsubscribe, abuse")
    await site.end()
  }

  @Test func `a bounce suppresses the address and leaves the opt-in`() async throws {
    let site = try await WebhookSite(settings: ["consent.back": "yes"])
    try await site.deeds(.mailBounces("person0@town.dev"))
    #expect(try await site.scenario.suppression("person0@town.dev") == .cleaned)
    #expect(try await optIn("person0@town.dev", site) == .unknown)
    await site.end()
  }

  // MARK: Confirmations

  @Test func `a confirmation told by the webhook brings them in step`() async throws {
    let site = try await WebhookSite()
    try site.scenario.mailchimp.perform(.adminSetsDoubleOptIn(true))
    let check = try await site.scenario.run(.forceSync(approve: false))
    #expect(check.status == .succeeded)
    let ada = try await site.scenario.add("ada@lovelace.dev", first: "Ada") { $0.optIn = .yes }
    _ = try await site.scenario.when { (reading) throws(Problem) in
      try reading.standings.standing(of: ada)?.standing.reason == "unconfirmed" ? true : nil
    }
    site.time.advance(.seconds(30))
    try await site.deeds(.personConfirms("ada@lovelace.dev"))
    #expect(try await site.scenario.standing(ada)?.state == .inStep)
    // Told of twice, looked at as often, and news once.
    var news: [String] = []
    for look in try await site.looks() {
      news += try await site.scenario.outcomes(of: look.id).map(\.key)
    }
    #expect(news == ["ada@lovelace.dev"])
    await site.end()
  }

  // MARK: Whom a delivery does not name

  /// A program moves the contact, which no webhook of ours tells; a delivery names one of the two
  /// addresses only.
  @Test(arguments: ["person2%40town.dev", "new2%40town.dev"])
  func `a contact found at an address the delivery did not name is read by a poll at once`(
    named: String
  ) async throws {
    let site = try await WebhookSite()
    let mailchimp = site.scenario.mailchimp
    let raw = RawHTTP(port: mailchimp.port, key: mailchimp.key)
    let moved = try await raw.call(
      "PATCH",
      "/3.0/lists/\(mailchimp.audience)/members/\(Digest.md5("person2@town.dev".utf8))",
      ["email_address": "new2@town.dev"])
    #expect(moved.status == 200)
    let before = try await site.scenario.lastExecution()
    let body = "type=profile&data%5Blist_id%5D=\(mailchimp.audience)&data%5Bemail%5D=\(named)"
    #expect(try await site.post(body).status == 200)
    // The time stands still: no poll is due by itself.
    let poll = try await site.scenario.when { (reading) throws(Problem) in
      try reading.executions.latest(after: before) { $0.trigger == .poll && $0.status.isFinished }
    }
    #expect(poll.status == .succeeded)
    #expect(
      try await site.scenario.outcomes(of: poll.id).map(\.key) == ["new2@town.dev"])
    try await site.scenario.rests()
    // Nothing was thrown away: the one contact is told apart from nobody, here as there.
    #expect(try await site.scenario.audience().count == 5)
    #expect(try await site.scenario.suppression("person2@town.dev") == nil)
    #expect(try await site.inbox().allSatisfy { $0.fate != .waiting })
    await site.end()
  }

  // MARK: Secrets

  @Test func `a webhook that is signed with a secret nobody told us is made once, and said`()
    async throws
  {
    let site = try await WebhookSite { $0.tellsWebhookSecret = false }
    let mailchimp = site.scenario.mailchimp
    let made = try #require(mailchimp.webhooks().first)
    for _ in 0..<2 {
      let problem = try #require(try await site.record?.problem)
      #expect(problem.code == "webhook.no-secret")
      #expect(problem.remedy.contains("webhook create"))
      #expect(mailchimp.webhooks().map(\.id) == [made.id])
      #expect(mailchimp.count("POST", "/3.0/lists/*/webhooks") == 1)
      #expect(mailchimp.count("DELETE", "/3.0/lists/*/webhooks/*") == 0)
      #expect(try await site.scenario.run(.checkWebhook).status == .failed)
    }
    // It works all the same.
    try await site.deeds(.personUnsubscribes("person0@town.dev"))
    #expect(try await site.scenario.suppression("person0@town.dev") == .unsubscribed)
    #expect(try await site.inbox().map(\.signature) == [.unchecked])
    await site.end()
  }
}
