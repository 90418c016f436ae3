import Basics
import Domain
import Queue
import Sandbox
import Storage
import Support
import Testing

/// What comes back from Mailchimp: polls, full readings, answers that show somebody was quicker.
@Suite(.timeLimit(.minutes(10))) struct ReturnTests {
  private func synced(
    _ time: SteppedTime, _ settings: [String: String] = [:], people: Int = 5
  ) async throws -> Scenario {
    let scenario = try await Scenario(settings: settings, time: time)
    try await scenario.crowd(people)
    try await scenario.startEngine()
    let first = try await scenario.run(.forceSync(approve: true))
    #expect(first.status == .succeeded)
    return scenario
  }

  @Test func `a poll finds who left, bounced or was archived and suppresses each`() async throws {
    let time = SteppedTime()
    let scenario = try await synced(time)
    time.advance(.seconds(30))
    try scenario.mailchimp.perform(.personUnsubscribes("person0@town.dev"))
    try scenario.mailchimp.perform(.mailBounces("person1@town.dev"))
    try scenario.mailchimp.perform(.adminArchives("person2@town.dev"))
    let poll = try await scenario.poll(time)
    #expect(poll.status == .succeeded)
    #expect(try await scenario.suppression("person0@town.dev") == .unsubscribed)
    #expect(try await scenario.suppression("person1@town.dev") == .cleaned)
    #expect(try await scenario.suppression("person2@town.dev") == .archivedByOthers)
    #expect(try await scenario.suppression("person3@town.dev") == nil)
    let entries = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.rows(
        "SELECT new FROM consent_entry WHERE by = 'Mailchimp' ORDER BY address_key"
      ) { $0.text(0) }
    }
    #expect(entries == ["unsubscribed", "cleaned", "archived"])

    // Nobody of them comes back by an edit here.
    try await scenario.rests()
    try await scenario.rename(5, to: "Other")
    _ = try await scenario.passes(time) { (reading) throws(Problem) in
      try reading.links.link(
        reading.settings.values()[Settings.audience], at: AddressKey("person4@town.dev"))?
        .agreed?["LNAME"] == .text("Other") ? true : nil
    }
    try await scenario.rests()
    #expect(try await scenario.status("person0@town.dev") == "unsubscribed")
    #expect(try await scenario.status("person1@town.dev") == "cleaned")
    #expect(try await scenario.status("person2@town.dev") == "archived")
    await scenario.end()
  }

  @Test func `a full reading finds who was deleted for good, and nobody sends them again`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await synced(time)
    time.advance(.seconds(30))
    try scenario.mailchimp.perform(.adminDeletesPermanently("person0@town.dev"))
    let resync = try await scenario.run(.resync(approve: false))
    #expect(resync.status == .succeeded)
    // The resync reads first, and counts what its reading found.
    #expect(resync.counts.deleted == 1)
    #expect(resync.counts.archived == 0)
    #expect(resync.detectedChanges)
    #expect(try await scenario.suppression("person0@town.dev") == .deletedByOthers)
    #expect(try await scenario.status("person0@town.dev") == nil)
    await scenario.end()
  }

  @Test func `more deletions than the guard lets pass bar nobody until they are approved`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await synced(time, ["guard.people": "2", "guard.percent": "1"])
    time.advance(.seconds(30))
    for number in 0..<3 {
      try scenario.mailchimp.perform(.adminDeletesPermanently("person\(number)@town.dev"))
    }
    try await scenario.ask(.resync(approve: false))
    #expect(try await scenario.blockedBy() == "mailchimp.many-gone")
    #expect(try await scenario.suppression("person0@town.dev") == nil)

    let approved = try await scenario.run(.resync(approve: true))
    #expect(approved.status == .succeeded)
    #expect(try await scenario.suppression("person0@town.dev") == .deletedByOthers)
    #expect(try await scenario.suppression("person4@town.dev") == nil)
    await scenario.end()
  }

  @Test func `a poll that finds too many deleted waits for the word of a force sync`() async throws
  {
    let time = SteppedTime()
    let scenario = try await synced(time, ["guard.people": "2", "guard.percent": "1"])
    time.advance(.seconds(30))
    for number in 0..<3 {
      try scenario.mailchimp.perform(.adminDeletesPermanently("person\(number)@town.dev"))
    }
    time.advance(.days(7))
    let blocked = try await scenario.passes(time) { (reading) throws(Problem) in
      try reading.engine.record().blockedBy?.code
    }
    #expect(blocked == "mailchimp.many-gone")
    #expect(try await scenario.suppression("person0@town.dev") == nil)

    _ = try await scenario.settled(try await scenario.ask(.forceSync(approve: true)), time)
    let barred = try await scenario.passes(time) { (reading) throws(Problem) in
      let audience = try reading.settings.values()[Settings.audience]
      let keys = (0..<5).map { AddressKey("person\($0)@town.dev") }
      let found = try reading.consent.suppressions(audience, at: keys)
      return found.isEmpty ? nil : found.count
    }
    #expect(barred == 3)
    await scenario.end()
  }

  @Test func `a deletion that no poll shows is found within a week, without anybody asking`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await synced(time)
    time.advance(.seconds(30))
    try scenario.mailchimp.perform(.adminDeletesPermanently("person0@town.dev"))
    _ = try await scenario.poll(time)
    #expect(try await scenario.suppression("person0@town.dev") == nil)
    time.advance(.days(7))
    _ = try await scenario.poll(time)
    #expect(try await scenario.suppression("person0@town.dev") == .deletedByOthers)
    await scenario.end()
  }

  @Test func `who signs up by the form after Mailchimp refused them is in step again`() async throws
  {
    let time = SteppedTime()
    let scenario = try await synced(time)
    try scenario.mailchimp.perform(.personSignsUp("ada@lovelace.dev"))
    try scenario.mailchimp.perform(.adminDeletesPermanently("ada@lovelace.dev"))
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada") { $0.optIn = .yes }
    try await scenario.rests()
    #expect(try await scenario.suppression("ada@lovelace.dev") == .forgotten)
    #expect(try await scenario.link("ada@lovelace.dev") == nil)

    time.advance(.seconds(30))
    try scenario.mailchimp.perform(.personSignsUp("ada@lovelace.dev"))
    _ = try await scenario.poll(time)
    try await scenario.rests()
    #expect(try await scenario.suppression("ada@lovelace.dev") == nil)
    #expect(try await scenario.standing(ada)?.state == .inStep)
    #expect(try await scenario.link("ada@lovelace.dev")?.owner == ada)
    let member = try await scenario.audience()["ada@lovelace.dev"]
    #expect(member?["merge_fields"]?["FNAME"] == "Ada")
    #expect(member?["status"] == "subscribed")
    await scenario.end()
  }

  @Test func `of many that are gone each is asked for once, a window at a time`() async throws {
    let time = SteppedTime()
    let scenario = try await synced(time, ["guard.people": "1000"], people: 520)
    for number in 0..<510 {
      try scenario.mailchimp.perform(.adminDeletesPermanently("person\(number)@town.dev"))
    }
    time.advance(.seconds(30))
    scenario.mailchimp.forgetExchanges()
    let resync = try await scenario.run(.resync(approve: false))
    #expect(resync.status == .succeeded)
    let asked = scenario.mailchimp.exchanges.filter {
      $0.method == "GET" && $0.path.contains("/members/")
    }
    #expect(asked.count == 510)
    let suppressed = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.integer(
        "SELECT count(*) FROM suppression WHERE reason = 'deleted by others'")
    }
    #expect(suppressed == 510)
    await scenario.end()
  }

  @Test func `our own writes come back as polls without changes`() async throws {
    let time = SteppedTime()
    let scenario = try await synced(time)
    let poll = try await scenario.poll(time)
    #expect(poll.counts.changed == 0)
    #expect(!poll.detectedChanges)
    #expect(try await scenario.outcomes(of: poll.id).isEmpty)
    await scenario.end()
  }

  @Test func `an edit there of a mapped field is overwritten, of another field never`() async throws
  {
    let time = SteppedTime()
    let scenario = try await synced(time)
    try scenario.mailchimp.with { (mailchimp) throws(Problem) in
      try mailchimp.addMergeField("NOTE", "Note", .text)
    }
    time.advance(.seconds(30))
    try scenario.mailchimp.perform(
      .personEdits("person0@town.dev", ["FNAME": "Their", "NOTE": "Mine"]))
    _ = try await scenario.poll(time)
    try await scenario.rests()
    let member = try await scenario.audience()["person0@town.dev"]
    #expect(member?["merge_fields"]?["FNAME"] == "P0")
    #expect(member?["merge_fields"]?["NOTE"] == "Mine")
    await scenario.end()
  }

  @Test func `many updates at once bring nobody back whom an administrator took out`() async throws
  {
    let time = SteppedTime()
    let scenario = try await synced(time, people: 15)
    await scenario.stopEngine()
    time.advance(.seconds(30))
    try scenario.mailchimp.perform(.adminArchives("person0@town.dev"))
    try scenario.mailchimp.perform(.adminDeletesPermanently("person1@town.dev"))
    try scenario.mailchimp.perform(.personUnsubscribes("person2@town.dev"))
    try await scenario.rename(15, to: "Other")
    try await scenario.startEngine()
    _ = try await scenario.passes(time) { (reading) throws(Problem) in
      try reading.database.integer("SELECT count(*) FROM message") == 0 ? true : nil
    }
    #expect(try await scenario.status("person0@town.dev") != "subscribed")
    #expect(try await scenario.status("person1@town.dev") == nil)
    #expect(try await scenario.status("person2@town.dev") == "unsubscribed")
    #expect(try await scenario.suppression("person2@town.dev") == .unsubscribed)
    await scenario.end()
  }

  @Test func `a reading that was under way while we unsubscribed somebody is not taken for theirs`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await synced(time)
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada") { $0.optIn = .yes }
    _ = try await scenario.when { (reading) throws(Problem) in
      try reading.standings.standing(of: ada)?.standing.state == .inStep ? true : nil
    }
    // The listing is answered with what was so before, and arrives after.
    let hold = scenario.mailchimp.hold(.answer, method: "GET", path: "/3.0/lists/*/members")
    let sync = try await scenario.ask(.forceSync(approve: false))
    await hold.reached()
    time.advance(.seconds(20))
    try await scenario.edit(ada) { $0.optIn = .no }
    // Either it leaves meanwhile, or it waits for the reading: both are well.
    _ = await time.isAsked(moreThan: time.looks + 200, within: .milliseconds(300))
    hold.release()
    _ = try await scenario.settled(sync)
    try await scenario.rests()
    #expect(try await scenario.status("ada@lovelace.dev") == "unsubscribed")
    _ = try await scenario.poll(time)
    #expect(scenario.mailchimp.count("PATCH") == 1)
    let theirs = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.integer("SELECT count(*) FROM consent_entry WHERE by = 'Mailchimp'")
    }
    #expect(theirs == 0)
    #expect(try await scenario.suppression("ada@lovelace.dev") == nil)
    #expect(try await scenario.link("ada@lovelace.dev")?.endedByUs == true)

    // So that her own yes brings her back.
    try await scenario.edit(ada) { $0.optIn = .yes }
    _ = try await scenario.when { (reading) throws(Problem) in
      try reading.standings.standing(of: ada)?.standing.state == .inStep ? true : nil
    }
    #expect(try await scenario.status("ada@lovelace.dev") == "subscribed")
    await scenario.end()
  }

  @Test func `a vanished audience blocks everything and is not 5 people gone`() async throws {
    let time = SteppedTime()
    let scenario = try await synced(time)
    try scenario.mailchimp.perform(.adminDeletesAudience)
    try await scenario.rename(5, to: "Other")
    let blocked = try await scenario.when { (reading) throws(Problem) in
      try reading.engine.record().blockedBy
    }
    #expect(!blocked.remedy.isEmpty)
    let suppressions = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.integer("SELECT count(*) FROM suppression")
    }
    #expect(suppressions == 0)
    #expect(try await scenario.messages(.dead).isEmpty)
    await scenario.end()
  }

  @Test func `an opt-out is sent although a field became required there`() async throws {
    let time = SteppedTime()
    let scenario = try await synced(time)
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada") { $0.optIn = .yes }
    _ = try await scenario.when { (reading) throws(Problem) in
      try reading.standings.standing(of: ada)?.standing.state == .inStep ? true : nil
    }
    try scenario.mailchimp.perform(.adminAddsRequiredField(tag: "SCHOOL", name: "School"))
    try await scenario.edit(ada) { $0.optIn = .no }
    try await scenario.rests()
    #expect(try await scenario.status("ada@lovelace.dev") == "unsubscribed")
    await scenario.end()
  }

  @Test func `a field that became required there blocks with its name until it is settled`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await synced(time)
    try scenario.mailchimp.perform(.adminAddsRequiredField(tag: "SCHOOL", name: "School"))
    let new = try await scenario.add("new@town.dev", first: "New")
    let blocked = try await scenario.when { (reading) throws(Problem) in
      try reading.engine.record().blockedBy
    }
    #expect(blocked.sentence.contains("SCHOOL"))
    #expect(!blocked.remedy.isEmpty)
    #expect(try await scenario.standing(new)?.state == .waiting)
    #expect(try await scenario.messages().allSatisfy { $0.state != .dead && $0.attempt == 0 })

    try scenario.mailchimp.perform(.adminDeletesField(tag: "SCHOOL"))
    _ = try await scenario.passes(time) { (reading) throws(Problem) in
      try reading.standings.standing(of: new)?.standing.state == .inStep ? true : nil
    }
    let record = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.engine.record()
    }
    #expect(record.blockedBy == nil)
    await scenario.end()
  }

  // MARK: Refusals older than the person

  @Test func `a refusal from before anybody was known there stays with who had the address first`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await Scenario(settings: ["sync.direction": "to"], time: time)
    try scenario.mailchimp.perform(.personSignsUp("desk@town.dev"))
    try scenario.mailchimp.perform(.personUnsubscribes("desk@town.dev"))
    time.advance(.seconds(30))
    let ada = try await scenario.add("desk@town.dev", first: "Ada")
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    try await scenario.rests()
    #expect(try await scenario.link("desk@town.dev")?.owner == ada)

    // Handed over twice: from Ada to Bea, from Bea to Cleo.
    try await scenario.edit(ada) { $0.emails = ["ada@town.dev"] }
    try await scenario.rests()
    let bea = try await scenario.add("desk@town.dev", first: "Bea")
    try await scenario.rests()
    #expect(try await scenario.link("desk@town.dev")?.owner == bea)
    try await scenario.edit(bea) { $0.emails = ["bea@town.dev"] }
    try await scenario.rests()
    #expect(try await scenario.status("bea@town.dev") == "subscribed")
    let cleo = try await scenario.add("desk@town.dev", first: "Cleo")
    try await scenario.rests()
    #expect(try await scenario.link("desk@town.dev")?.owner == cleo)

    let further = try await scenario.run(.resync(approve: true))
    #expect(further.counts.changed == 0)
    #expect(try await scenario.status("ada@town.dev") == nil)
    #expect(try await scenario.standing(ada)?.reason == "suppressed")
    #expect(try await scenario.standing(cleo)?.reason == "suppressed")
    await scenario.end()
  }
}

extension Scenario {
  /// The code of what everybody waits for, once there is something.
  fileprivate func blockedBy() async throws -> String {
    try await when { (reading) throws(Problem) in try reading.engine.record().blockedBy?.code }
  }
}
