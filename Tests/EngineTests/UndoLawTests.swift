// Undo as a law: random changes on both sides, a sync, everything undone from the last to the first,
// and a sync again. `LISTKEEPER_SEED=N` plays a failure again.

import Basics
import Domain
import Glibc
import Sandbox
import Storage
import Support
import Testing

@Suite(.timeLimit(.minutes(10))) struct UndoLawTests {
  @Test
  func `what an undo says is put back stands so on both sides after a sync, and nobody is back`()
    async throws
  {
    let rounds = getenv("LISTKEEPER_ROUNDS").flatMap { Int(String(cString: $0)) } ?? 10
    var checked = 0
    for round in 0..<rounds {
      let seed = runSeed &+ UInt64(round)
      do {
        var play = try await UndoPlay(seed)
        checked += try await play.run()
      } catch {
        throw Counterexample(seed: seed, round: round, reason: "\(error)")
      }
    }
    #expect(checked > 0)
  }
}

private struct UndoPlay {
  private static let tags = ["first_name": "FNAME", "last_name": "LNAME"]

  private var random: SeededGenerator
  private let scenario: Scenario
  private let lastSends: Bool
  private var people: [PersonID] = []
  private var left: Set<String> = []
  /// What stands where, by side, person and field; the undo that came last counts.
  private var expected: [String: MergeValue] = [:]

  init(_ seed: UInt64) async throws {
    var random = SeededGenerator(seed: seed)
    lastSends = Bool.random(using: &random)
    scenario = try await Scenario(settings: [
      "sync.direction": Bool.random(using: &random) ? "both" : "to",
      "sync.on-change": Bool.random(using: &random) ? "yes" : "no",
      "sync.arrivals": Bool.random(using: &random) ? "add" : "list",
      "sync.conflicts": Bool.random(using: &random) ? "directory" : "mailchimp",
      "consent.back": Bool.random(using: &random) ? "yes" : "no",
      "recipients.leavers": Bool.random(using: &random) ? "keep" : "archive",
      "guard.people": "1000000", "sync.poll-minutes": "1440",
    ])
    try await scenario.map([
      FieldMapping(.firstName, "FNAME", direction: .both),
      FieldMapping(.lastName, "LNAME", direction: lastSends ? .both : .fromMailchimp),
    ])
    self.random = random
  }

  private static func address(_ number: Int) -> String { "person\(number)@town.dev" }

  mutating func run() async throws -> Int {
    for number in 0..<5 {
      people.append(
        try await scenario.add(Self.address(number), first: "F\(number)", last: "L\(number)") {
          $0.optIn = .yes
        })
    }
    try await scenario.startEngine()
    try await sync()
    let first = try await scenario.lastExecution()
    for _ in 0..<Int.random(in: 3...8, using: &random) { try await act() }
    try await sync()
    for run in try await scenario.executions().reversed()
    where run.id > first && run.trigger != .undo {
      if Int.random(in: 0..<4, using: &random) == 0 { leaveUnseen() }
      try await undo(run.id)
    }
    try await sync()
    try await judge()
    scenario.mailchimp.forgetExchanges()
    try await sync()
    let sent = scenario.mailchimp.exchanges.filter { $0.method != "GET" }
    guard sent.isEmpty else {
      throw Violation("the sync after it sent: \(sent.map { "\($0.method) \($0.path)" })")
    }
    await scenario.end()
    return expected.count
  }

  private func sync() async throws {
    _ = try await scenario.run(.forceSync(approve: true))
    try await scenario.rests()
  }

  private mutating func act() async throws {
    let number = Int.random(in: 0..<5, using: &random)
    let name = "N\(Int.random(in: 0..<90, using: &random))"
    let isFirst = Bool.random(using: &random)
    let address = Self.address(number)
    switch Int.random(in: 0..<10, using: &random) {
    case 0...2:
      try await scenario.edit(people[number]) {
        if isFirst { $0.firstName = name } else { $0.lastName = name }
      }
    case 3...6: perform(.personEdits(address, [isFirst ? "FNAME" : "LNAME": .string(name)]))
    case 7: perform(.personSignsUp("new\(number)@town.dev", ["FNAME": .string(name)]))
    case 8:
      perform(.personUnsubscribes(address))
      left.insert(address)
    default:
      try await scenario.edit(people[number]) { $0.optIn = .no }
      left.insert(address)
    }
  }

  /// Nothing here knows of it when the undo is sent.
  private mutating func leaveUnseen() {
    let address = Self.address(Int.random(in: 0..<5, using: &random))
    perform(.personUnsubscribes(address))
    left.insert(address)
  }

  private func perform(_ deed: SandboxDeed) {
    // What is not possible at this point does not happen.
    do { try scenario.mailchimp.perform(deed) } catch {}
  }

  private mutating func undo(_ id: ExecutionID) async throws {
    let undone: Execution
    do { undone = try await scenario.run(.undoExecution(id)) } catch is Problem { return }
    try await scenario.rests()
    for row in try await scenario.rows(of: undone.id) where row.result == .updated {
      guard let person = row.person else { throw Violation("a row about nobody: \(row)") }
      for change in row.changes where change.name != "status" {
        expected["\(change.isHere ? "here" : "there") \(person) \(change.name)"] = change.new
        guard change.isHere, let tag = Self.tags[change.name], tag == "FNAME" || lastSends else {
          continue
        }
        expected["there \(person) \(tag)"] = change.new
      }
    }
  }

  private func judge() async throws {
    let contacts = try await scenario.audience()
    for address in left {
      guard let status = contacts[address]?["status"]?.string else { continue }
      if status == "subscribed" || status == "pending" {
        throw Violation("left, and on the list again: \(address)")
      }
    }
    for (what, value) in expected.sorted(by: { $0.key < $1.key }) {
      let words = what.split(separator: " ").map(String.init)
      guard let id = PersonID(words[1]), let person = try await scenario.person(id) else {
        throw Violation("nobody of that number: \(what)")
      }
      let found: String? =
        switch (words[0], words[2]) {
        case ("here", "first_name"): person.firstName
        case ("here", "last_name"): person.lastName
        case ("here", _): person.deletedAt == nil ? "here" : "deleted"
        default:
          contacts[person.primaryEmail ?? ""]?["merge_fields"]?[words[2]]?.string
        }
      guard found == value.plainText else {
        throw Violation(
          "put back as '\(value.plainText)' and found as '\(found ?? "nothing")': \(what)")
      }
    }
  }
}
