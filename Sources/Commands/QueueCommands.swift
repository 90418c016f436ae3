// `queue`: what waits to be done, and the dead letters with what to do about them.

import Basics
import Console
import Domain
import Queue
import Storage

enum QueueCommands {
  private static let all = Command.Option.flag("all", "All dead letters.")
  private static let cause = Command.Option.value(
    "cause", "CODE", "Those that died of this cause, as `queue dead` prints it.")
  private static let letters = Command.Argument(
    "LETTER", .search, "Numbers of dead letters, as `queue dead` prints them.")

  static let group = CommandGroup(
    "queue", "What waits to be done", alone: "list", [list, dead, retry, discard])

  private static let list = Command(
    "queue list", "Count the messages by kind and state",
    shape: #"{"messages": [{"kind": "sync address", "state": "ready", "count": 3, "nextAt": "…"}]}"#
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let (counts, zone) = try workspace.readBlocking { (reading) throws(Problem) in
        (
          try MessageQueue.counts(on: reading.database),
          LocalTime.zone(try reading.settings.values()[Settings.zone])
        )
      }
      run.report([
        "messages": .array(
          counts.map {
            [
              "kind": .string($0.kind), "state": .string($0.state.rawValue),
              "count": JSONShape.number($0.count), "nextAt": JSONShape.time($0.firstRunAt),
            ]
          })
      ]) {
        if counts.isEmpty { return run.output.line("The queue is empty.") }
        run.output.table(
          TextTable(
            [.left("kind"), .left("state"), .right("messages"), .left("next")],
            counts.map {
              [$0.kind, $0.state.rawValue, Phrase.number($0.count), zone.print($0.firstRunAt)]
            }))
      }
    }
    return .done
  }

  private static let dead = Command(
    "queue dead", "List the dead letters by cause", options: [cause],
    shape: """
      {"deadLetters": [{"id": 7, "kind": "sync address", "subject": "address:…",
        "attempts": 6, "diedAt": "…", "code": "mailchimp.server-error", "cause": "…"}]}
      """
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let wanted = run[cause]
      let (all, letters) = try workspace.readBlocking { (reading) throws(Problem) in
        (try reading.reports.deadLetters(), try read(cause: wanted, in: reading))
      }
      let groups = all.filter { group in letters.contains { $0.code == group.code } }
      run.report([
        "deadLetters": .array(
          letters.map {
            [
              "id": .int($0.id), "kind": .string($0.kind), "subject": .string($0.subject),
              "attempts": JSONShape.number($0.attempts), "diedAt": JSONShape.time($0.diedAt),
              "code": .string($0.code), "cause": .string($0.cause),
            ]
          })
      ]) {
        if groups.isEmpty { return run.output.line("There are no dead letters.") }
        for group in groups {
          let found = letters.filter { $0.code == group.code }
          run.output.line("\(Phrase.number(found.count)) × \(group.code): \(group.cause)")
          for letter in found {
            run.output.line(
              "    #\(letter.id)  \(letter.subject), \(letter.attempts) attempts")
          }
        }
      }
    }
    return .done
  }

  private static let retry = Command(
    "queue retry", "Send dead letters again", [letters], options: [all, cause],
    shape: #"{"requested": true, "letters": 3}"#
  ) { (run) throws(Problem) in
    try ask(run) { .reviveMessage($0) }
  }

  private static let discard = Command(
    "queue discard", "Throw dead letters away", [letters], options: [all, cause],
    shape: #"{"requested": true, "letters": 3}"#
  ) { (run) throws(Problem) in
    try ask(run) { .discardMessage($0) }
  }

  private static func ask(
    _ run: CommandRun, _ request: (Int64) -> Request
  ) throws(Problem) -> ExitCode {
    let isAny = run.has(all) || run[cause] != nil
    guard isAny != !run.arguments.isEmpty else {
      throw Problem(
        "usage.which-letters", "It is not said which dead letters are meant.",
        remedy: "Give their numbers, or --cause CODE, or --all.")
    }
    let ids = try run.arguments.map { (text) throws(Problem) in
      try (run.identifier(text, "dead letter") as Identifier<DeadLetterRow>).rawValue
    }
    let wanted = run[cause]
    return try run.withWorkspace { (workspace) throws(Problem) in
      let found = try workspace.readBlocking { (reading) throws(Problem) in
        try read(cause: wanted, in: reading).map(\.id)
      }
      let chosen = isAny ? found : ids
      let missing = chosen.filter { !found.contains($0) }
      if let missing = missing.first {
        throw Problem(
          "queue.missing", "There is no dead letter #\(missing).",
          remedy: "See them with: \(run.program) queue dead")
      }
      if chosen.isEmpty {
        run.done("There are no such dead letters.", ["requested": false, "letters": 0])
        return .done
      }
      return try SyncCommands.ask(chosen.map(request), run, workspace)
    }
  }

  /// All of them, or all of one cause.
  static func read(
    cause: String?, in reading: WorkspaceReading
  ) throws(Problem) -> [DeadLetterRow] {
    var letters: [DeadLetterRow] = []
    while true {
      let next = try reading.reports.deadLetters(
        cause: cause, after: letters.last?.id ?? 0, limit: 1000)
      letters += next
      if next.count < 1000 { return letters }
    }
  }
}
