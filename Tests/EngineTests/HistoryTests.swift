// Random histories: people are edited here, persons and administrators act there, calls are cut or
// refused, the engine stops and starts, syncs are forced. When all is quiet again the promises hold,
// whatever came in which order.

import Basics
import Domain
import Glibc
import Queue
import Sandbox
import Storage
import Support
import Testing

@Suite(.timeLimit(.minutes(10))) struct HistoryTests {
  @Test func `after any history both sides agree and nobody came back against their will`()
    async throws
  {
    // `LISTKEEPER_ROUNDS=300` looks longer.
    let rounds = getenv("LISTKEEPER_ROUNDS").flatMap { Int(String(cString: $0)) } ?? 16
    try await withThrowingTaskGroup(of: Void.self) { group in
      for round in 0..<rounds {
        if round >= 4 { try await group.next() }
        group.addTask {
          let seed = runSeed &+ UInt64(round)
          do {
            var history = try await History(seed: seed)
            try await history.play()
          } catch {
            throw Counterexample(seed: seed, round: round, reason: "\(error)")
          }
        }
      }
      try await group.waitForAll()
    }
  }
}

private struct History {
  private static let crowd = 7
  private var random: SeededGenerator
  private let time = SteppedTime()
  private let scenario: Scenario
  private let leavers: String
  private var people: [PersonID] = []
  private var isRunning = false
  private var told: [String] = []
  /// Addresses that somebody at Mailchimp took out, and that nobody there brought back.
  private var ended: Set<String> = []
  /// What persons wrote into a field that is not mapped.
  private var notes: [String: String] = [:]

  init(seed: UInt64) async throws {
    random = SeededGenerator(seed: seed)
    leavers = ["keep", "unsubscribe", "archive"].randomElement(using: &random) ?? "keep"
    scenario = try await Scenario(
      settings: ["recipients.leavers": leavers, "guard.people": "1000000"], time: time)
    try scenario.mailchimp.with { (mailchimp) throws(Problem) in
      try mailchimp.addMergeField("NOTE", "Note", .text)
    }
    let asksTwice = Bool.random(using: &random)
    try scenario.mailchimp.perform(.personSignsUp("stranger@town.dev", ["NOTE": "Hands off"]))
    if asksTwice {
      try scenario.mailchimp.with { (mailchimp) throws(Problem) in
        try mailchimp.setDoubleOptIn(true)
      }
      told.append("the audience asks for a confirmation")
    }
  }

  private func address(_ number: Int) -> String { "person\(number)@town.dev" }

  mutating func play() async throws {
    do {
      try await act()
      try await settle()
      try await judge()
    } catch {
      await scenario.end()
      throw Violation("\(error)\nleavers: \(leavers)\n" + told.joined(separator: "\n"))
    }
    await scenario.end()
  }

  // MARK: What happens

  private mutating func act() async throws {
    for number in 0..<Self.crowd where Bool.random(using: &random) {
      people.append(try await scenario.add(address(number), first: "P\(number)"))
    }
    try await start()
    _ = try await scenario.ask(.forceSync(approve: true))
    for _ in 0..<Int.random(in: 8...20, using: &random) {
      switch Int.random(in: 0..<12, using: &random) {
      case 0...3: try await editHere()
      case 4...6: try await actThere()
      case 7: trouble()
      case 8:
        if isRunning { await stop() } else { try await start() }
      case 9:
        told.append("sync asked for")
        let request: Request =
          Bool.random(using: &random) ? .forceSync(approve: true) : .resync(approve: true)
        try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
          try tx.requests.insert(request)
        }
      case 10:
        let step = Int.random(in: 1...400, using: &random)
        told.append("\(step) seconds pass")
        time.advance(.seconds(step))
      default: await breathe()
      }
    }
  }

  /// Lets the engine come some way, not further than real time allows.
  private func breathe() async {
    _ = await time.isAsked(
      moreThan: time.looks + 40, within: .milliseconds(3))
  }

  private mutating func start() async throws {
    told.append("engine starts")
    try await scenario.startEngine()
    isRunning = true
  }

  private mutating func stop() async {
    told.append("engine stops")
    await scenario.stopEngine()
    isRunning = false
  }

  private mutating func editHere() async throws {
    let number = Int.random(in: 0..<Self.crowd, using: &random)
    guard let id = people.randomElement(using: &random), people.count > 2 else {
      told.append("here: new \(address(number))")
      people.append(try await scenario.add(address(number), first: "P\(number)"))
      return
    }
    let kind = Int.random(in: 0..<8, using: &random)
    let name = "N\(Int.random(in: 0..<50, using: &random))"
    let new = address(number)
    told.append("here: person \(id) edit \(kind) \(name) \(new)")
    switch kind {
    case 0: people.append(try await scenario.add(new, first: name))
    case 1: try await scenario.edit(id) { $0.emails = [new] }
    case 2: try await scenario.edit(id) { $0.optIn = .no }
    case 3: try await scenario.edit(id) { $0.optIn = .yes }
    case 4: try await scenario.edit(id) { $0.isActive.toggle() }
    default: try await scenario.edit(id) { $0.lastName = name }
    }
    time.advance(.milliseconds(7))
  }

  private mutating func actThere() async throws {
    let who = address(Int.random(in: 0..<Self.crowd, using: &random))
    let note = "T\(Int.random(in: 0..<50, using: &random))"
    let kind = Int.random(in: 0..<8, using: &random)
    let before = scenario.mailchimp.member(who)
    let deed: SandboxDeed =
      switch kind {
      case 0: .personUnsubscribes(who)
      case 1: .mailBounces(who)
      case 2: .adminArchives(who)
      case 3: .adminDeletesPermanently(who)
      case 4: .personEdits(who, ["FNAME": .string(note), "NOTE": .string(note)])
      case 5: .adminEdits(who, ["LNAME": .string(note)])
      case 6: .personSignsUp(who)
      default: .personConfirms(who)
      }
    // Only who was asked can confirm.
    if kind == 7, before?.status != .pending { return }
    do {
      try scenario.mailchimp.perform(deed)
    } catch {
      return
    }
    told.append("there: \(deed) (was \(before?.status.rawValue ?? "unknown"))")
    switch kind {
    case 0, 1, 2: ended.insert(who)
    case 3:
      ended.insert(who)
      notes[who] = nil
    case 4: notes[who] = note
    case 6, 7: ended.remove(who)
    default: break
    }
  }

  private mutating func trouble() {
    let faults: [SandboxFault] = [
      .cut(applied: false), .cut(applied: true), .status(500), .status(503, applied: true),
      .tooManyRequests, .forbiddenWithoutJSON, .garbage, .truncated(bytes: 20),
    ]
    guard let fault = faults.randomElement(using: &random) else { return }
    let method = ["GET", "PUT", "PATCH", "DELETE", nil].randomElement(using: &random) ?? nil
    let count = Int.random(in: 1...4, using: &random)
    told.append("trouble: \(fault) \(method ?? "any") \(count) times")
    scenario.mailchimp.addFault(SandboxFaultRule(fault, method: method, count: count))
  }

  // MARK: At rest

  private mutating func settle() async throws {
    told.append("quiet")
    scenario.mailchimp.clearFaults()
    if !isRunning { try await start() }
    // Everything that was left to be tried again is tried.
    _ = try await scenario.passes(time) { (reading) throws(Problem) in
      try reading.database.integer(
        """
        SELECT (SELECT count(*) FROM message WHERE state <> 'dead')
          + (SELECT count(*) FROM request WHERE state = 'waiting')
          + (SELECT count(*) FROM execution WHERE status IN ('running', 'waiting'))
        """) == 0 ? true : nil
    }
    for _ in 0..<2 {
      time.advance(.minutes(1))
      let id = try await scenario.ask(.resync(approve: true))
      let done = try await scenario.settled(id, time)
      guard done.status.isFinished, done.status != .cancelled else {
        throw Violation("A resync at rest ended as \(done.status.rawValue).")
      }
      _ = try await scenario.passes(time) { (reading) throws(Problem) in
        try reading.database.integer("SELECT count(*) FROM message WHERE state <> 'dead'") == 0
          ? true : nil
      }
    }
  }

  private func judge() async throws {
    scenario.mailchimp.forgetExchanges()
    let last = try await scenario.settled(try await scenario.ask(.resync(approve: true)), time)
    if last.counts.changed > 0 || !scenario.mailchimp.exchanges.allSatisfy({ $0.method == "GET" }) {
      let rows = try await scenario.outcomes(of: last.id)
      throw Violation("A further sync sent something: \(last.counts) \(rows)")
    }
    let contacts = try await scenario.audience()
    for who in ended where ["subscribed", "pending"].contains(contacts[who]?["status"]?.string) {
      throw Violation("\(who) was taken out there and is \(contacts[who]?["status"] ?? .null).")
    }
    let stranger = contacts["stranger@town.dev"]
    guard stranger?["status"] == "subscribed",
      stranger?["merge_fields"]?["NOTE"] == "Hands off"
    else { throw Violation("A stranger was touched.") }
    for (who, note) in notes where contacts[who] != nil {
      guard contacts[who]?["merge_fields"]?["NOTE"]?.string == note else {
        throw Violation("The unmapped field of \(who) was touched.")
      }
    }
    try await judgePeople(contacts)
    // A poll may have come due meanwhile; nothing is shown as going on for ever.
    _ = try await scenario.passes(time) { (reading) throws(Problem) in
      try reading.executions.open().isEmpty ? true : nil
    }
  }

  /// Everybody has a state; who is in step is there with the values of the directory.
  private func judgePeople(_ contacts: [String: JSONValue]) async throws {
    for id in people {
      let person = try await scenario.workspace.read { (reading) throws(Problem) in
        try reading.directory.person(id)
      }
      guard let person else { continue }
      guard let standing = try await scenario.standing(id) else {
        throw Violation("Person \(id) stands nowhere.")
      }
      guard standing.state == .inStep || !standing.reason.isEmpty else {
        throw Violation("Person \(id) is \(standing.state) without a reason.")
      }
      guard standing.state != .waiting || standing.reason == "opt-in-needed" else {
        throw Violation("Person \(id) still waits: \(standing.reason).")
      }
      let member = contacts[person.primaryEmail ?? ""]
      if standing.state == .inStep {
        guard member?["merge_fields"]?["FNAME"]?.string == person.firstName,
          // What is empty here overwrites nothing at the first link.
          person.lastName.isEmpty
            || member?["merge_fields"]?["LNAME"]?.string == person.lastName
        else { throw Violation("Person \(id) is in step with \(member ?? .null).") }
      }
      if person.optIn == .no, member?["status"] == "subscribed", standing.reason == "opted-out" {
        throw Violation("Person \(id) opted out and is subscribed.")
      }
    }
  }
}
