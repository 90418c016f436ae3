import Basics
import Domain
import Queue
import Sandbox
import Storage
import Support
import Testing

/// Trying again, giving up, taking up again: over stepped time.
@Suite(.timeLimit(.minutes(10))) struct PersistenceTests {
  @Test func `a chunk that is tried again counts everybody once`() async throws {
    let time = SteppedTime()
    let scenario = try await Scenario(time: time)
    try await scenario.crowd(4)
    try await scenario.add("fake@example.com", first: "Fake")
    scenario.mailchimp.addFault(
      SandboxFaultRule(.status(500), method: "PUT", nth: 2, count: 1))
    try await scenario.startEngine()
    let id = try await scenario.ask(.forceSync(approve: true))
    let done = try await scenario.settled(id, time)
    #expect(done.status == .partial)
    #expect(done.counts.created == 4)
    #expect(done.counts.unchanged == 0)
    #expect(done.counts.refused == 1)
    #expect(done.done == done.total)
    let keys = try await scenario.outcomes(of: done.id).map(\.key)
    #expect(keys.count == Set(keys).count)
    // Who had arrived was not sent again.
    #expect(scenario.mailchimp.count("PUT") == 6)
    await scenario.end()
  }

  @Test func `named people who are tried again count once too`() async throws {
    let time = SteppedTime()
    let scenario = try await Scenario(time: time)
    try await scenario.crowd(4)
    try await scenario.add("fake@example.com", first: "Fake")
    try await scenario.startEngine()
    let first = try await scenario.settled(try await scenario.ask(.forceSync(approve: true)), time)
    await scenario.stopEngine()
    try await scenario.rename(4, to: "Other")
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.database.execute("DELETE FROM message")
      try tx.requests.insert(.replayExecution(first.id))
    }
    scenario.mailchimp.addFault(
      SandboxFaultRule(.status(500), method: "PATCH", nth: 2, count: 1))
    try await scenario.startEngine()
    let replay = try await scenario.passes(time) { (reading) throws(Problem) in
      try reading.executions.latest(after: first.id) {
        $0.trigger == .replay && $0.status.isFinished
      }
    }
    #expect(replay.counts.updated == 4)
    #expect(replay.counts.unchanged == 0)
    #expect(replay.counts.refused == 1)
    #expect(replay.done == replay.total)
    await scenario.end()
  }

  @Test func `a chunk given up refuses those it could not send, and can be sent again`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await Scenario(time: time)
    try await scenario.crowd(4)
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada")
    let path = "/3.0/lists/*/members/\(Digest.md5("ada@lovelace.dev".utf8))"
    scenario.mailchimp.addFault(SandboxFaultRule(.status(500), method: "PUT", path: path))
    try await scenario.startEngine()
    let id = try await scenario.ask(.forceSync(approve: true))
    let done = try await scenario.settled(id, time)
    #expect(done.status == .partial)
    #expect(done.counts.created == 4)
    #expect(done.counts.refused == 1)
    #expect(scenario.mailchimp.count("PUT", path) >= 6)
    let dead = try await scenario.messages(.dead)
    #expect(dead.count == 1)
    let standing = try #require(try await scenario.standing(ada))
    #expect(standing.state == .refused)
    #expect(!standing.sentence.isEmpty)

    scenario.mailchimp.clearFaults()
    try await scenario.ask(.reviveMessage(try #require(dead.first).id.rawValue))
    let again = try await scenario.passes(time) { (reading) throws(Problem) in
      try reading.executions.latest(after: done.id) {
        $0.original == done.id && $0.status.isFinished
      }
    }
    #expect(again.counts.created == 1)
    #expect(try await scenario.status("ada@lovelace.dev") == "subscribed")
    #expect(try await scenario.standing(ada)?.state == .inStep)
    await scenario.end()
  }

  @Test func `a single change given up stands as refused with its reason and can be sent again`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await Scenario(time: time)
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada")
    try await scenario.startEngine()
    let first = try await scenario.settled(try await scenario.ask(.forceSync(approve: true)), time)
    scenario.mailchimp.addFault(SandboxFaultRule(.status(500), method: "PATCH"))
    try await scenario.edit(ada) { $0.lastName = "King" }
    let dead = try await scenario.passes(time) { (reading) throws(Problem) in
      try MessageQueue.list(state: .dead, limit: 1, on: reading.database).first
    }
    #expect(dead.attempt >= 6)
    let standing = try #require(try await scenario.standing(ada))
    #expect(standing.state == .refused)
    #expect(!standing.sentence.isEmpty)
    let tries = try await scenario.executions().filter {
      $0.id > first.id && $0.flow == .pushPeople
    }
    #expect(tries.allSatisfy { $0.status == .failed })
    #expect(Set(tries.dropFirst().map(\.original)) == [tries.first?.id])
    #expect(tries.map(\.attempt) == Array(1...tries.count))

    // Each says whom it did not reach, and what comes next.
    for (number, attempt) in tries.dropLast().enumerated() {
      let row = try #require(try await scenario.rows(of: attempt.id).first)
      #expect(row.person == ada)
      #expect(row.result == .skipped)
      #expect(row.reason == "mailchimp.server-error")
      #expect(row.sentence.contains("Waiting to be tried again: this was try \(number + 1) of "))
    }
    let last = try #require(tries.last)
    let row = try #require(try await scenario.rows(of: last.id).first)
    #expect(row.person == ada)
    #expect(row.result == .refused)
    let log = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.rows(
        "SELECT sentence FROM log_line WHERE execution_id = ?", last.id
      ) { $0.text(0) }
    }
    for told in [row.sentence, standing.sentence, last.problem?.description ?? ""] {
      #expect(told.contains("Given up after \(tries.count) tries: it is a dead letter now."))
      #expect(told.contains("queue retry"))
    }
    #expect(dead.death?.cause.remedy.contains("queue retry") == true)
    #expect(
      !(log + [row.sentence, standing.sentence]).contains { $0.contains("it is tried again") })

    scenario.mailchimp.clearFaults()
    try await scenario.ask(.reviveMessage(dead.id.rawValue))
    _ = try await scenario.passes(time) { (reading) throws(Problem) in
      try reading.standings.standing(of: ada)?.standing.state == .inStep ? true : nil
    }
    let again = try #require(try await scenario.executions().last { $0.flow == .pushPeople })
    #expect(again.trigger == .retry)
    #expect(again.original == tries.first?.id)
    #expect(
      try await scenario.audience()["ada@lovelace.dev"]?["merge_fields"]?["LNAME"] == "King")
    await scenario.end()
  }

  @Test func `work that takes longer than a lease keeps it`() async throws {
    let time = SteppedTime()
    let scenario = try await Scenario(time: time)
    try await scenario.crowd(12)
    let hold = scenario.mailchimp.hold(.answer, method: "POST", path: "/3.0/lists/*")
    try await scenario.startEngine()
    let id = try await scenario.ask(.forceSync(approve: true))
    await hold.reached()
    for _ in 0..<8 { try await time.advanceToNextSleeper() }
    time.advance(.minutes(6))
    try await time.advanceToNextSleeper()
    hold.release()
    let done = try await scenario.settled(id, time)
    #expect(done.status == .succeeded)
    #expect(done.counts.created == 12)
    #expect(scenario.mailchimp.count("POST") == 1)
    await scenario.end()
  }

  @Test func `a change of somebody who is in hand waits without keeping the engine busy`()
    async throws
  {
    let time = SteppedTime()
    let scenario = try await Scenario(time: time)
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada")
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    let hold = scenario.mailchimp.hold(.arrival, method: "PATCH", path: nil)
    try await scenario.edit(ada) { $0.lastName = "King" }
    await hold.reached()
    try await scenario.edit(ada) { $0.lastName = "Byron" }
    _ = try await scenario.when { (reading) throws(Problem) in
      try reading.database.one(
        "SELECT 1 FROM message WHERE kind = 'sync address' AND state = 'ready'"
      ) { $0.int(0) }
    }
    let looks = time.looks
    let isBusy = await time.isAsked(moreThan: looks + 40, within: .milliseconds(400))
    #expect(!isBusy)
    hold.release()
    _ = try await scenario.passes(time) { (reading) throws(Problem) in
      try reading.database.integer("SELECT count(*) FROM message") == 0 ? true : nil
    }
    #expect(
      try await scenario.audience()["ada@lovelace.dev"]?["merge_fields"]?["LNAME"] == "Byron")
    await scenario.end()
  }

  @Test func `settings put right let what was blocked go on at once`() async throws {
    let time = SteppedTime()
    let scenario = try await Scenario(time: time)
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada")
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    try scenario.mailchimp.perform(.keyIsRevoked)
    try await scenario.edit(ada) { $0.lastName = "King" }
    _ = try await scenario.when { (reading) throws(Problem) in
      try reading.engine.record().blockedBy
    }
    #expect(try await scenario.messages(.ready).map(\.attempt) == [0])
    try scenario.mailchimp.perform(.keyIsRestored)
    try await scenario.ask(.settingsChanged)
    // The clock stands still: only the request can have let it go.
    _ = try await scenario.when { (reading) throws(Problem) in
      try reading.standings.standing(of: ada)?.standing.state == .inStep ? true : nil
    }
    await scenario.end()
  }
}
