import Basics
import Domain
import Sandbox
import Storage
import Support
import Testing

/// Who was asked to confirm, and has not yet: they wait, and everybody can see for what.
@Suite(.timeLimit(.minutes(10))) struct ConfirmationTests {
  /// Ada was asked; Ben confirmed at once and serves for comparison.
  private func asked(
    _ settings: [String: String] = [:], time: any TimeSource = SystemTime()
  ) async throws -> (scenario: Scenario, ada: PersonID, ben: PersonID) {
    let scenario = try await Scenario(settings: settings, time: time)
    try scenario.mailchimp.perform(.adminSetsDoubleOptIn(true))
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada") { $0.optIn = .yes }
    let ben = try await scenario.add("ben@town.dev", first: "Ben") { $0.optIn = .yes }
    try await scenario.begin()
    try scenario.mailchimp.perform(.personConfirms("ben@town.dev"))
    try await scenario.again()
    #expect(try await scenario.place(ben) == "in step")
    return (scenario, ada, ben)
  }

  @Test func `who has not confirmed waits, and list, search, detail, explain and overview say so`()
    async throws
  {
    let (scenario, ada, _) = try await asked()
    for _ in 0..<2 {
      #expect(try await scenario.place(ada) == "waiting: unconfirmed")
      // Neither a change nor a look at everybody makes it anything else.
      try await scenario.edit(ada) { $0.lastName = "King" }
      try await scenario.again()
      _ = try await scenario.run(.resync(approve: true))
    }
    #expect(try await scenario.field("LNAME", of: "ada@lovelace.dev") == "King")
    try await scenario.workspace.read { (reading) throws(Problem) in
      let reports = reading.reports
      let found = try reports.people("state:waiting reason:unconfirmed", .at(0), count: 10).rows
      #expect(found.map(\.id) == [ada])
      #expect(found.first?.reason == "unconfirmed")
      let asked = try reading.consent.lastPending(AddressKey("ada@lovelace.dev"))
      let since = asked.map { "\($0)" } ?? "never"
      let sentence = "Waits for their own confirmation since \(since); Mailchimp sent the mail."
      let detail = try reports.person(ada)
      #expect(detail?.sentence { "\($0)" } == sentence)
      let lines = try reports.explanation(of: ada)?.lines() ?? []
      let said = "unconfirmed: yes. \(sentence)"
      #expect(lines.contains { $0.mark == .stopped && $0.text == said && $0.topic == .mailchimp })
      let overview = try reports.overview()
      #expect(overview.people[.waiting] == 1)
      #expect(overview.people[.inStep] == 1)
      #expect(overview.reasons == [.init(code: "unconfirmed", count: 1)])
    }
    await scenario.end()
  }

  @Test
  func `a poll that finds the confirmation brings them in step, with their word in the ledger`()
    async throws
  {
    let time = SteppedTime()
    let (scenario, ada, _) = try await asked(time: time)
    time.advance(.seconds(30))
    try scenario.mailchimp.perform(.personConfirms("ada@lovelace.dev"))
    try await scenario.letPollComeDue(time)
    _ = try await scenario.when { (reading) throws(Problem) in
      try reading.standings.standing(of: ada)?.standing.state == .inStep ? true : nil
    }
    let entry = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.consentLines(of: ada).last
    }
    #expect(entry == "pending → subscribed, Mailchimp")
    await scenario.end()
  }

  @Test(arguments: [nil, 2])
  func `a verification that sees the confirmation counts them and has it read`(
    sample: Int?
  ) async throws {
    let (scenario, ada, _) = try await asked(["sync.poll-minutes": "1440"])
    let before = try await scenario.run(.verify(sample: sample, seed: 1))
    #expect(before.counts.unchanged == 1)
    #expect(!before.detectedChanges)
    try scenario.mailchimp.perform(.personConfirms("ada@lovelace.dev"))
    let verified = try await scenario.run(.verify(sample: sample, seed: 1))
    #expect(verified.counts.unchanged == 2)
    #expect(!verified.detectedChanges)
    _ = try await scenario.when { (reading) throws(Problem) in
      try reading.standings.standing(of: ada)?.standing.state == .inStep ? true : nil
    }
    await scenario.end()
  }

  @Test
  func `an opt-in cleared while they are asked is an unsubscribe there, and a yes asks anew`()
    async throws
  {
    let (scenario, ada, _) = try await asked()
    scenario.mailchimp.forgetExchanges()
    try await scenario.edit(ada) { $0.optIn = .no }
    try await scenario.again()
    #expect(try await scenario.status("ada@lovelace.dev") == "unsubscribed")
    #expect(try await scenario.place(ada) == "excluded: opted-out")
    #expect(scenario.writes.map(\.method) == ["PATCH"])
    #expect(scenario.writes.first?.body.contains("\"status\":\"unsubscribed\"") == true)
    // Our own unsubscribe, taken back by their yes: asked once more.
    try await scenario.edit(ada) { $0.optIn = .yes }
    try await scenario.again()
    #expect(try await scenario.status("ada@lovelace.dev") == "pending")
    #expect(try await scenario.place(ada) == "waiting: unconfirmed")
    await scenario.end()
  }

  @Test func `a leaver who has not confirmed is watched, and archived once they have`() async throws
  {
    let time = SteppedTime()
    let (scenario, ada, ben) = try await asked(["recipients.leavers": "archive"], time: time)
    scenario.mailchimp.forgetExchanges()
    try await scenario.edit(ada) { $0.isActive = false }
    try await scenario.edit(ben) { $0.isActive = false }
    try await scenario.again()
    _ = try await scenario.run(.resync(approve: true))
    #expect(scenario.mailchimp.count("DELETE") == 1)
    #expect(try await scenario.status("ben@town.dev") == "archived")
    #expect(try await scenario.status("ada@lovelace.dev") == "pending")
    #expect(try await scenario.place(ada) == "excluded: inactive")

    time.advance(.seconds(30))
    try scenario.mailchimp.perform(.personConfirms("ada@lovelace.dev"))
    try await scenario.letPollComeDue(time)
    _ = try await scenario.when { (reading) throws(Problem) in
      try reading.links.link(
        reading.settings.values()[Settings.audience], at: AddressKey("ada@lovelace.dev"))?
        .status == .archived ? true : nil
    }
    #expect(try await scenario.status("ada@lovelace.dev") == "archived")
    #expect(scenario.mailchimp.count("DELETE") == 2)
    #expect(try await scenario.place(ada) == "excluded: inactive")
    await scenario.end()
  }
}

extension WorkspaceReading {
  /// The ledger of one person, oldest first, as `pending → subscribed, Mailchimp`.
  fileprivate func consentLines(of person: PersonID) throws(Problem) -> [String] {
    try reports.consent(of: person, .at(0), count: 200).rows.reversed().map {
      "\($0.old) → \($0.new), \($0.by)"
    }
  }
}
