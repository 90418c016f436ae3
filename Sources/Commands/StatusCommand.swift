// `status`: the overview as lines.

import Basics
import Console
import Domain
import Storage

enum StatusCommand {
  static let group = CommandGroup(
    Command(
      "status", "What the engine does, how people stand, what waits for a decision",
      notes: "Ends with exit code 4 while everything is blocked by a wrong set-up.",
      shape: """
        {"workspace": "…", "engine": "running", "problem": null, "audience": {"id": "…",
          "name": "…"}, "people": {"in step": 0, "waiting": 0, "excluded": 0, "refused": 0},
          "reasons": [{"code": "no-email", "people": 1}], "waitingMessages": 0,
          "deadLetters": 0, "heldPlans": 0, "lastRun": EXECUTION or null,
          "running": EXECUTION or null, "nextPollAt": null, "nextScheduleAt": null, "isFirstSyncDone": true,
          "verification": {"execution": 9, "at": "…", "sample": null, "differences": 0,
          "open": 0} or null, "conflicts": 0, "tagQuestions": 0, "queue": {"ready": 0, "later": 0, "inHand": 0,
          "oldest": null}, "lastHour": [0]}
        where engine is no engine, running, paused or blocked, and lastHour is people a minute, oldest
        first.
        """
    ) { (run) throws(Problem) in
      try run.withWorkspace { (workspace) throws(Problem) in
        let (overview, zone) = try workspace.readBlocking { (reading) throws(Problem) in
          (
            try reading.reports.overview(),
            LocalTime.zone(try reading.settings.values()[Settings.zone])
          )
        }
        run.report(json(overview, at: workspace.time.now())) {
          run.output.lines(lines(overview, zone))
        }
        return overview.engine == .blocked
          ? overview.problem.map { ExitCode.of($0) } ?? .failed : .done
      }
    })

  private static func lines(_ overview: Overview, _ zone: ClockZone) -> [String] {
    var lines = ["\(overview.workspace): \(overview.engine.rawValue)"]
    if let problem = overview.problem { lines.append(problem.description) }
    let audience =
      overview.audienceID.isEmpty
      ? "none chosen" : "\(overview.audienceName) (\(overview.audienceID))"
    lines.append("Audience   \(audience)")
    let people = PersonState.allCases.map {
      "\(Phrase.number(overview.people[$0] ?? 0)) \($0.rawValue)"
    }
    lines.append(
      "People     \(Phrase.number(overview.totalPeople)): \(people.joined(separator: ", "))")
    for reason in overview.reasons.prefix(10) {
      lines.append("           \(Phrase.number(reason.count)) \(reason.code)")
    }
    if let running = overview.running {
      let total = running.total.map { " of \(Phrase.number($0))" } ?? ""
      lines.append("Running    \(running.id), \(Phrase.number(running.done))\(total) people")
    }
    if let last = overview.lastRun {
      lines.append(
        "Last run   \(last.id) \(last.status.rawValue), \(zone.print(last.finishedAt)):"
          + " \(Phrase.counts(last.counts))")
    }
    if let next = overview.nextPoll { lines.append("Next poll  \(zone.print(next))") }
    if let next = overview.schedules.first {
      lines.append("Schedules  \(zone.print(next.nextRunAt)): \(next.title)")
    }
    lines.append(
      "Queue      \(Phrase.number(overview.waitingMessages)) waiting,"
        + " \(Phrase.number(overview.deadLetters)) dead")
    if overview.heldPlans > 0 {
      lines.append("Review     \(Phrase.number(overview.heldPlans)) held: listkeeper plans list")
    }
    if overview.conflicts > 0 {
      lines.append(
        "           \(Phrase.number(overview.conflicts)) in conflict: listkeeper conflicts list")
    }
    if overview.tagQuestions > 0 {
      lines.append(
        "           \(Phrase.number(overview.tagQuestions)) to decide about tags: listkeeper searches list"
      )
    }
    if let verified = overview.verification {
      let what = verified.sample.map { "\(Phrase.number($0)) random addresses" } ?? "everybody"
      lines.append(
        "Verified   \(what), \(zone.print(verified.at)): "
          + (verified.open == 0
            ? "nothing differs"
            : "\(Phrase.number(verified.open)) differences: listkeeper drift list"))
    }
    return lines
  }

  private static func json(_ overview: Overview, at now: Instant) -> JSONValue {
    let people = PersonState.allCases.map {
      ($0.rawValue, JSONShape.number(overview.people[$0] ?? 0))
    }
    return [
      "workspace": .string(overview.workspace), "engine": .string(overview.engine.rawValue),
      "problem": JSONShape.problem(overview.problem),
      "audience": [
        "id": .string(overview.audienceID), "name": .string(overview.audienceName),
      ],
      "people": .object(Dictionary(uniqueKeysWithValues: people)),
      "reasons": .array(
        overview.reasons.map {
          ["code": .string($0.code), "people": JSONShape.number($0.count)]
        }),
      "waitingMessages": JSONShape.number(overview.waitingMessages),
      "deadLetters": JSONShape.number(overview.deadLetters),
      "heldPlans": JSONShape.number(overview.heldPlans),
      "lastRun": overview.lastRun.map { JSONShape.execution($0) } ?? .null,
      "running": overview.running.map { JSONShape.execution($0) } ?? .null,
      "nextPollAt": JSONShape.time(overview.nextPoll),
      "nextScheduleAt": JSONShape.time(overview.schedules.first?.nextRunAt),
      "isFirstSyncDone": .bool(overview.isFirstSyncDone),
      "verification": overview.verification.map { verified in
        [
          "execution": JSONShape.id(verified.execution), "at": JSONShape.time(verified.at),
          "sample": JSONShape.number(verified.sample),
          "differences": JSONShape.number(verified.totals.differences),
          "open": JSONShape.number(verified.open),
        ]
      } ?? .null,
      "conflicts": JSONShape.number(overview.conflicts),
      "tagQuestions": JSONShape.number(overview.tagQuestions),
      "queue": [
        "ready": JSONShape.number(overview.queue.ready),
        "later": JSONShape.number(overview.queue.later),
        "inHand": JSONShape.number(overview.queue.inHand),
        "oldest": JSONShape.time(overview.queue.oldest),
      ],
      "lastHour": .array(
        overview.throughput.hour(to: now).map { JSONShape.number($0) }),
    ]
  }
}
