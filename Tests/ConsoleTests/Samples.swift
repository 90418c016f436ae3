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
