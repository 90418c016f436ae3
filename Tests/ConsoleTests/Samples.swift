// What the tests of the console have in common: a world with something in it, and a session that
// can be pressed, answered and read.

import Basics
import Domain
import Screen
import Testing

@testable import Console

enum Sample {
  /// 2026-11-21 13:42:07 UTC.
  static let now = Instant(milliseconds: 1_795_268_527_000)

  static func minutesAgo(_ minutes: Int) -> Instant { now - .minutes(minutes) }

  static func overview() -> Overview {
    var overview = Overview(workspace: "Friends of the Library")
    overview.engine = .running
    overview.account = "Library (us21)"
    overview.audienceID = "a1b2c3d4e5"
    overview.audienceName = "Newsletter"
    overview.people = [.inStep: 19_204, .waiting: 12, .excluded: 756, .refused: 28]
    overview.reasons = [
      .init(code: "opted-out", count: 402), .init(code: "no-email", count: 301),
      .init(code: "duplicate-of", count: 53), .init(code: "mailchimp.invalid-email", count: 28),
    ]
    overview.isFirstSyncDone = true
    overview.lastRun = execution(311, .partial, minutes: 40)
    overview.nextPoll = now + .minutes(3)
    return overview
  }

  static func world(_ width: Int = 80, _ height: Int = 24) -> World {
    var world = World(size: Size(width, height), now: now)
    world.overview = overview()
    world.engine = .here
    world.hasKey = true
    world.version = "1.0"
    world.path = "library.listkeeper"
    return world
  }

  static func execution(
    _ id: Int64, _ status: ExecutionStatus, trigger: Trigger = .forceSync, minutes: Int
  ) -> Execution {
    var run = Execution(
      id: ExecutionID(id), flow: .pushPeople, trigger: trigger, status: status,
      queuedAt: minutesAgo(minutes))
    run.startedAt = minutesAgo(minutes)
    if status.isFinished { run.finishedAt = minutesAgo(minutes) + .seconds(91) }
    run.counts.created = 3
    run.counts.updated = 120
    run.counts.unchanged = 19_877
    if status != .succeeded { run.counts.refused = 28 }
    run.done = 20_000
    run.total = 20_000
    run.detectedChanges = true
    return run
  }

  /// A session that has been started and answered nothing yet.
  static func session(_ pane: PaneID = .overview, _ world: World = world()) -> TestSession {
    TestSession(pane, world)
  }
}

/// A session with a memory of its effects.
struct TestSession {
  var session: ConsoleSession
  var effects: [Effect]

  init(_ pane: PaneID, _ world: World) {
    session = ConsoleSession(world: world, opening: pane)
    effects = session.start()
  }

  /// Presses keys by their names, with blanks between them; returns what they ordered.
  @discardableResult
  mutating func press(_ keys: String) -> [Effect] {
    var ordered: [Effect] = []
    for name in keys.split(separator: " ") {
      guard let key = Key(name: String(name)) else { preconditionFailure("no key \(name)") }
      ordered += handle(.input(.key(key)))
    }
    return ordered
  }

  /// Types a text, letter by letter.
  @discardableResult
  mutating func type(_ text: String) -> [Effect] {
    text.unicodeScalars.flatMap { handle(.input(.key(Key($0)))) }
  }

  @discardableResult
  mutating func handle(_ event: SessionEvent) -> [Effect] {
    let ordered = session.handle(event)
    effects += ordered
    return ordered
  }

  /// Answers the latest question that `fits`, with its ticket.
  @discardableResult
  mutating func answer(_ answer: Answer, where fits: (Query) -> Bool) -> [Effect] {
    for effect in effects.reversed() {
      if case .query(let query, let ticket) = effect, fits(query) {
        return handle(.answered(ticket, answer))
      }
    }
    preconditionFailure("Nothing like that was asked.")
  }

  var picture: String { session.draw().picture }
  var lastLine: String { session.draw().lines.last ?? "" }
  var noticeLine: String { session.draw().lines.dropLast().last ?? "" }
}

/// Compares a screen with a picture and prints both rows where they differ.
func expectPicture(
  _ console: TestSession, _ expected: String, sourceLocation: SourceLocation = #_sourceLocation
) {
  let (drawn, wanted) = (console.picture, expected)
  guard drawn != wanted else { return }
  let pairs = zip(
    drawn.split(separator: "\n", omittingEmptySubsequences: false),
    wanted.split(separator: "\n", omittingEmptySubsequences: false))
  let first = pairs.enumerated().first { $1.0 != $1.1 }
  Issue.record(
    """
    The picture differs\(first.map { " from line \($0.offset + 1): |\($0.element.0)|" } ?? ""):
    \(drawn)
    """, sourceLocation: sourceLocation)
}

extension Sample {
  static func executions() -> Window<Execution> {
    var running = execution(312, .running, minutes: 1)
    running.done = 12_400
    running.counts.refused = 0
    running.heartbeatAt = now
    var failed = execution(309, .failed, trigger: .schedule, minutes: 170)
    failed.problem = Problem(
      "mailchimp.key-refused", "Mailchimp refused the API key.",
      remedy: "Make a new key and set it in Settings.")
    failed.counts = ExecutionCounts()
    var poll = execution(310, .succeeded, trigger: .poll, minutes: 60)
    poll.flow = .pullMembers
    poll.counts = ExecutionCounts()
    poll.detectedChanges = false
    var retry = execution(308, .succeeded, trigger: .retry, minutes: 200)
    retry.original = ExecutionID(307)
    retry.attempt = 2
    let runs = [
      running, execution(311, .partial, minutes: 40), poll, failed, retry,
      execution(307, .held, trigger: .resync, minutes: 1500),
      execution(306, .cancelled, trigger: .resync, minutes: 3000),
    ]
    return Window(rows: runs, offset: 0, total: 7)
  }

  static func people() -> Window<PersonRow> {
    let names: [(String, String, PersonState, String)] = [
      ("Ada Lovelace", "ada@example.org", .inStep, ""),
      ("José Núñez", "jose@example.org", .inStep, ""),
      ("李小龍", "li@example.org", .waiting, "changed"),
      ("Grace Hopper", "grace@example", .refused, "mailchimp.invalid-email"),
      ("Alan Turing", "", .excluded, "no-email"),
      ("Katherine Johnson", "kj@example.org", .excluded, "opted-out"),
    ]
    let rows = names.enumerated().map { index, row in
      PersonRow(
        id: PersonID(Int64(index + 1)), name: row.0, email: row.1, account: "Donors",
        optIn: row.3 == "opted-out" ? .no : .yes, state: row.2, reason: row.3,
        changedAt: minutesAgo(index * 700))
    }
    return Window(rows: rows, offset: 0, total: 20_000)
  }

  static func person(_ id: Int64 = 1) -> PersonDetail {
    var person = Person(id: PersonID(id), account: "Donors", noticedAt: minutesAgo(90))
    person.firstName = "Ada"
    person.lastName = "Lovelace"
    person.emails = ["ada@example.org"]
    person.optIn = .yes
    person.birthday = MonthDay(month: 12, day: 10)
    person.customFields = ["membership": "gold"]
    var link = Link(
      audienceID: "a1b2c3d4e5", key: AddressKey("ada@example.org"), email: "ada@example.org")
    link.status = .subscribed
    link.agreed = ["FNAME": .text("Ada"), "LNAME": .text("Lovelace")]
    link.sentAt = minutesAgo(40)
    return PersonDetail(
      person: person, standing: Standing(.inStep, key: link.key), link: link)
  }
}
