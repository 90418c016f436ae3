import Basics
import Domain
import Engine
import HTTP
import Queue
import Sandbox
import Storage
import Support
import Testing

/// Webhooks from Mailchimp's side to ours: a practice Mailchimp that fires for real, a door on a
/// real socket, an engine that looks.
@Suite(.timeLimit(.minutes(10))) struct WebhookFlowTests {
  // MARK: Making and mending

  @Test func `the webhook is made by itself, for people and admins, not for the API`() async throws
  {
    let site = try await WebhookSite()
    let made = try #require(site.scenario.mailchimp.webhooks().first)
    #expect(site.scenario.mailchimp.webhooks().count == 1)
    #expect(made.events == WebhookWish.events)
    #expect(Set(made.sources.map(\.rawValue)) == WebhookWish.sources)
    let record = try #require(try await site.record)
    #expect(record.remoteID == made.id)
    #expect(record.signingSecret?.reveal() == made.secret)
    #expect(record.problem == nil)
    await site.end()
  }

  @Test func `a webhook that was deleted is made anew within a day, others' stay`() async throws {
    let site = try await WebhookSite()
    let mailchimp = site.scenario.mailchimp
    let raw = RawHTTP(port: mailchimp.port, key: mailchimp.key)
    let lists = "/3.0/lists/\(mailchimp.audience)/webhooks"
    let first = try #require(mailchimp.webhooks().first)
    let path = try #require(try await site.record).address.reveal()
    // Another program's, on the same door by another road.
    let others = try await raw.call(
      "POST", lists,
      ["url": .string("\(path)".replacing("/webhook/", with: "/webhook//")), "events": [:]])
    #expect(others.status == 400)
    _ = try await raw.call("DELETE", "\(lists)/\(first.id)")
    #expect(mailchimp.webhooks().isEmpty)
    let before = try await site.scenario.lastExecution()
    site.time.advance(.days(1))
    // No time passes meanwhile: Mailchimp waits ten seconds for the address, no longer.
    let again = try await site.scenario.when { (reading) throws(Problem) in
      try reading.executions.latest(after: before) {
        $0.flow == .webhook && $0.status.isFinished
      }
    }
    #expect(again.status == .succeeded)
    #expect(again.trigger == .schedule)
    #expect(mailchimp.webhooks().count == 1)
    #expect(try await site.record?.signingSecret?.reveal() == mailchimp.webhooks().first?.secret)
    await site.end()
  }

  @Test func `a webhook whose sources were changed is put right on request`() async throws {
    let site = try await WebhookSite()
    let mailchimp = site.scenario.mailchimp
    let raw = RawHTTP(port: mailchimp.port, key: mailchimp.key)
    let id = try #require(mailchimp.webhooks().first).id
    _ = try await raw.call(
      "PATCH", "/3.0/lists/\(mailchimp.audience)/webhooks/\(id)",
      ["sources": ["user": true, "admin": false, "api": true]])
    let check = try await site.scenario.run(.checkWebhook)
    #expect(check.status == .succeeded)
    let mended = try #require(mailchimp.webhooks().first)
    #expect(mended.id == id)
    #expect(Set(mended.sources.map(\.rawValue)) == WebhookWish.sources)
    await site.end()
  }

  @Test func `an address Mailchimp cannot reach is said with its remedy, and the sync goes on`()
    async throws
  {
    // Port 1 is nobody's.
    let site = try await WebhookSite(url: "http://127.0.0.1:1")
    let problem = try #require(try await site.record?.problem)
    #expect(problem.code == "mailchimp.webhook-unreachable")
    #expect(problem.remedy.contains("webhook.url"))
    let overview = try await site.scenario.workspace.read { (reading) throws(Problem) in
      try reading.reports.overview()
    }
    #expect(overview.webhookProblem == problem)
    #expect(overview.problem == nil)
    #expect(overview.deadLetters == 0)
    #expect(try await site.scenario.status("person0@town.dev") == "subscribed")
    try await site.set("webhook.url", "http://127.0.0.1:\(site.listener.port)")
    #expect(try await site.scenario.run(.checkWebhook).status == .succeeded)
    #expect(try await site.record?.problem == nil)
    await site.end()
  }

  @Test func `removing it deletes ours and switches the public address off`() async throws {
    let site = try await WebhookSite()
    #expect(try await site.scenario.run(.removeWebhook).status == .succeeded)
    #expect(site.scenario.mailchimp.webhooks().isEmpty)
    #expect(try await site.record?.remoteID == nil)
    let url = try await site.scenario.workspace.read { (reading) throws(Problem) in
      try reading.settings.values()[Settings.webhookURL]
    }
    #expect(url.isEmpty)
    await site.end()
  }

  // MARK: What people do

  @Test func `who unsubscribes is suppressed by the webhook alone, with the delivery as evidence`()
    async throws
  {
    let site = try await WebhookSite()
    try await site.deeds(.personUnsubscribes("person0@town.dev"))
    #expect(try await site.scenario.link("person0@town.dev")?.status == .unsubscribed)
    #expect(try await site.scenario.suppression("person0@town.dev") == .unsubscribed)
    let delivery = try #require(try await site.inbox().first)
    #expect(delivery.fate == .lookedAt)
    #expect(delivery.signature == .verified)
    let look = try #require(try await site.looks().last)
    #expect(delivery.execution == look.id)
    #expect(look.detectedChanges)
    let evidence = try await site.scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.rows("SELECT evidence FROM consent_entry WHERE by = 'Mailchimp'") {
        $0.text(0)
      }
    }
    #expect(evidence.count == 1)
    #expect(
      evidence.first?.hasPrefix("webhook delivery \(delivery.id.rawValue), unsubscribe, manual")
        ?? false)
    #expect(try await site.record?.verifiedAt != nil)
    await site.end()
  }

  @Test func `a bounce is taken with its reason`() async throws {
    let site = try await WebhookSite()
    try await site.deeds(.mailBounces("person1@town.dev"))
    #expect(try await site.scenario.suppression("person1@town.dev") == .cleaned)
    let summary = try #require(try await site.inbox().first).summary
    #expect(summary == "cleaned, hard")
    await site.end()
  }

  @Test func `duplicates and the other order come to the same end`() async throws {
    var ends: [[String]] = []
    for fault: SandboxDeliveryFault? in [nil, .duplicated, .reversed] {
      let site = try await WebhookSite()
      if let fault { site.scenario.mailchimp.addFault(SandboxFaultRule(.delivery(fault))) }
      try await site.deeds(
        .personEdits("person1@town.dev", ["FNAME": "Other"]),
        .personChangesAddress("person2@town.dev", to: "new2@town.dev"),
        .personUnsubscribes("person0@town.dev"))
      let contacts = try await site.scenario.audience()
      var end: [String] = []
      for address in ["person0", "person1", "person2", "new2"].map({ "\($0)@town.dev" }) {
        let link = try await site.scenario.link(address)
        let first = link?.seen["FNAME"].map { "\($0)" } ?? ""
        end.append(
          "\(address) \(link?.status?.rawValue ?? "none") \(first)"
            + " \(contacts[address]?["status"]?.string ?? "absent")")
      }
      ends.append(end)
      let fates = try await site.inbox().map(\.fate)
      #expect(!fates.contains(.waiting) && !fates.contains(.refused))
      await site.end()
    }
    #expect(ends[0] == ends[1])
    #expect(ends[0] == ends[2])
    #expect(ends[0][0] == "person0@town.dev unsubscribed \(MergeValue.text("P0")) unsubscribed")
  }

  @Test func `what only echoes is an execution without changes`() async throws {
    let site = try await WebhookSite()
    let body =
      "type=profile&data%5Blist_id%5D=\(site.scenario.mailchimp.audience)"
      + "&data%5Bemail%5D=person3%40town.dev"
    #expect(try await site.post(body).status == 200)
    try await site.scenario.rests()
    let look = try #require(try await site.looks().last)
    #expect(look.status == .succeeded)
    #expect(!look.detectedChanges)
    #expect(look.counts.unchanged == 1)
    #expect(try await site.inbox().first?.fate == .echo)
    await site.end()
  }

  @Test func `a forged event costs a look and nothing else`() async throws {
    let site = try await WebhookSite()
    let before = try await site.scenario.audience()
    let list = site.scenario.mailchimp.audience
    for (type, address) in [
      ("unsubscribe", "nobody%40town.dev"), ("unsubscribe", "person4%40town.dev"),
      ("cleaned", "person4%40town.dev"), ("subscribe", "stranger%40town.dev"),
    ] {
      let answer = try await site.post(
        "type=\(type)&data%5Blist_id%5D=\(list)&data%5Bemail%5D=\(address)")
      #expect(answer.status == 200)
    }
    try await site.scenario.rests()
    #expect(try await site.scenario.audience() == before)
    #expect(try await site.scenario.suppression("person4@town.dev") == nil)
    #expect(try await site.scenario.suppression("nobody@town.dev") == nil)
    #expect(try await site.scenario.link("stranger@town.dev") == nil)
    #expect(try await site.inbox().allSatisfy { $0.fate == .echo })
    await site.end()
  }

  @Test func `what was fired before somebody was forgotten and comes after names nobody`()
    async throws
  {
    let site = try await WebhookSite()
    let scenario = site.scenario
    let fired = site.time.now()
    await scenario.stopEngine()
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      for person in try tx.directory.people(at: AddressKey("person0@town.dev")) {
        _ = try tx.erasures.erase(tx.erasures.subject(person.id), by: tx.who)
      }
    }
    site.time.advance(.seconds(30))
    func post(_ address: String, at time: Instant) async throws {
      let words = [
        "type=profile", "fired_at=\(time)", "data%5Blist_id%5D=\(scenario.mailchimp.audience)",
        "data%5Bemail%5D=\(address)", "data%5Bmerges%5D%5BLNAME%5D=Quux",
      ]
      #expect(try await site.post(words.joined(separator: "&")).status == 200)
    }
    try await post("person0%40town.dev", at: fired)
    try await post("person1%40town.dev", at: fired)
    // They may come back by themselves.
    try await post("person0%40town.dev", at: site.time.now())
    let inbox = try await site.inbox()
    #expect(inbox.map(\.fate) == [.waiting, .waiting, .ignored])
    let kept = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.rows(
        """
        SELECT d.body IS NOT NULL OR a.address_key IS NOT NULL FROM webhook_delivery d
        LEFT JOIN webhook_address a ON a.delivery_id = d.id ORDER BY d.id DESC
        """
      ) { $0.bool(0) }
    }
    #expect(kept == [true, true, false])
    await site.end()
  }

  @Test func `a restart between the answer and the look loses nothing`() async throws {
    let site = try await WebhookSite()
    await site.scenario.stopEngine()
    try site.scenario.mailchimp.perform(.personUnsubscribes("person0@town.dev"))
    await site.scenario.mailchimp.deliveriesSettled()
    #expect(try await site.inbox().map(\.fate) == [.waiting])
    #expect(try await site.scenario.link("person0@town.dev")?.status == .subscribed)
    try await site.scenario.startEngine()
    try await site.scenario.rests()
    #expect(try await site.scenario.link("person0@town.dev")?.status == .unsubscribed)
    #expect(try await site.inbox().map(\.fate) == [.lookedAt])
    await site.end()
  }

  @Test func `a burst of two thousand costs listings, not a call each`() async throws {
    let site = try await WebhookSite(people: 2000)
    await site.scenario.stopEngine()
    let now = site.time.now()
    try site.scenario.mailchimp.with { mailchimp throws(Problem) in
      for number in 0..<2000 {
        try mailchimp.perform(.personUnsubscribes("person\(number)@town.dev"), at: now)
      }
    }
    await site.scenario.mailchimp.deliveriesSettled()
    #expect(try await site.inbox().count == 2000)
    try await site.scenario.startEngine()
    try await site.scenario.rests()
    let (open, suppressed, calls) = try await site.scenario.workspace.read {
      (reading) throws(Problem) in
      (
        try reading.database.integer(
          "SELECT count(*) FROM webhook_delivery WHERE fate <> 'looked at'"),
        try reading.database.integer(
          "SELECT count(*) FROM suppression WHERE reason = 'unsubscribed'"),
        try reading.database.integer(
          """
          SELECT count(*) FROM exchange WHERE execution_id IN
            (SELECT id FROM execution WHERE trigger = 'webhook')
          """)
      )
    }
    #expect(open == 0)
    #expect(suppressed == 2000)
    #expect(calls < 20)
    await site.end()
  }

  // MARK: The door

  @Test func `the secret path alone is answered, GET and HEAD too`() async throws {
    let site = try await WebhookSite(people: 1)
    let address = try #require(try await site.record).address.reveal()
    let path = "/webhook/" + (address.split(separator: "/").last ?? "")
    #expect(try await site.send("GET", path, "").status == 200)
    #expect(try await site.send("HEAD", path, "").status == 200)
    for wrong in ["/webhook/", "/webhook", path + "x", String(path.dropLast()), path + "/"] {
      #expect(try await site.send("GET", wrong, "").status == 404)
      #expect(try await site.send("POST", wrong, "type=profile").status == 404)
    }
    #expect(try await site.send("PUT", path, "").status == 405)
    #expect(try await site.send("POST", path, "{}").status == 415)
    let json = ["Content-Type: application/json"]
    #expect(try await site.send("POST", path, "{}", headers: json).status == 415)
    let long = String(repeating: "x", count: WebhookDoor.mostBytes + 1)
    #expect(try await site.post(long).status == 413)
    #expect(try await site.inbox().isEmpty)
    await site.end()
  }

  @Test func `the same delivery twice is answered 200 and kept once`() async throws {
    let site = try await WebhookSite()
    let body = "type=profile&data%5Bemail%5D=person3%40town.dev"
    for _ in 0..<3 { #expect(try await site.post(body).status == 200) }
    #expect(try await site.inbox().count == 1)
    await site.end()
  }

  @Test func `another audience's event and one that names nobody are ignored`() async throws {
    let site = try await WebhookSite()
    #expect(
      try await site.post("type=profile&data%5Blist_id%5D=x&data%5Bemail%5D=a%40b.org").status
        == 200)
    #expect(try await site.post("type=campaign").status == 200)
    #expect(try await site.post("\u{0}%%%=&&&").status == 200)
    #expect(try await site.inbox().map(\.fate) == [.ignored, .ignored, .ignored])
    #expect(try await site.looks().isEmpty)
    await site.end()
  }

  @Test func `once a signature held, unsigned and badly signed deliveries are refused`()
    async throws
  {
    let site = try await WebhookSite()
    let body = "type=profile&data%5Bemail%5D=person3%40town.dev"
    #expect(try await site.post("type=profile&data%5Bemail%5D=person4%40town.dev").status == 200)
    try await site.deeds(.personEdits("person1@town.dev", ["FNAME": "Other"]))
    #expect(try await site.post(body).status == 401)
    let forged = "X-Mailchimp-Signature: t=1,v1=\(String(repeating: "0", count: 64))"
    #expect(try await site.post(body, headers: [forged]).status == 401)
    site.scenario.mailchimp.addFault(SandboxFaultRule(.delivery(.badSignature)))
    try await site.deeds(.personUnsubscribes("person0@town.dev"))
    #expect(try await site.scenario.link("person0@town.dev")?.status == .subscribed)
    let refused = try await site.inbox().filter { $0.fate == .refused }
    #expect(refused.map(\.signature) == [.bad, .absent])
    await site.end()
  }

  @Test func `a client that leaves before the answer undoes nothing`() async throws {
    let site = try await WebhookSite()
    let path = try #require(try await site.record).address.reveal().split(separator: "/").last ?? ""
    let body = "type=profile&data%5Bemail%5D=person3%40town.dev"
    let connection = try RawConnection(port: site.listener.port)
    connection.send(
      "POST /webhook/\(path) HTTP/1.1\r\nHost: h\r\n"
        + "Content-Type: application/x-www-form-urlencoded\r\n"
        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    connection.close()
    let fate = try await site.scenario.when { (reading) throws(Problem) in
      try reading.reports.deliveries(.at(0), count: 1).rows.first.flatMap {
        $0.fate == .waiting ? nil : $0.fate
      }
    }
    #expect(fate == .echo)
    await site.end()
  }
}
