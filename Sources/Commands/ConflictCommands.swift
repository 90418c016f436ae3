// `conflicts`: fields that changed on both sides, and which value is to count; and who may come back
// after others took them out at Mailchimp.

import Basics
import Console
import Domain
import Storage

enum ConflictCommands {
  private static let decided = Command.Option.flag("decided", "Those that were decided too.")
  private static let directory = Command.Option.flag("directory", "The value here counts.")
  private static let mailchimp = Command.Option.flag("mailchimp", "The value there counts.")
  private static let newContact = Command.Option.flag(
    "new-contact", "Of a changed address: the new one becomes a contact of its own.")
  private static let all = Command.Option.flag("all", "All that wait.")

  static let group = CommandGroup(
    "conflicts", "Fields that changed on both sides", alone: "list", [list, resolve])

  private static let list = Command(
    "conflicts list", "List the conflicts that wait for a decision, latest first",
    options: [decided],
    shape: """
      {"conflicts": [{"id": 1, "address": "…", "person": 1, "tag": "LNAME", "field": "last_name",
        "here": "…", "there": "…", "agreed": "…", "noticedAt": "…", "decision": "open"}]}
      """
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let openOnly = !run.has(decided)
      let (rows, zone) = try workspace.readBlocking { (reading) throws(Problem) in
        (
          try reading.conflicts.list(openOnly: openOnly, limit: 10_000),
          LocalTime.zone(try reading.settings.values()[Settings.zone])
        )
      }
      run.report([
        "conflicts": .array(
          rows.map {
            [
              "id": JSONShape.id($0.id), "address": .string($0.key.description),
              "person": JSONShape.id($0.person), "tag": .string($0.tag),
              "field": .string($0.field), "here": .string($0.ours.plainText),
              "there": .string($0.theirs.plainText),
              "agreed": $0.agreed.map { .string($0.plainText) } ?? .null,
              "noticedAt": JSONShape.time($0.noticedAt), "decision": .string($0.decision),
            ]
          })
      ]) {
        if rows.isEmpty { return run.output.line("No conflict waits for a decision.") }
        run.output.table(
          TextTable(
            [
              .left("conflict"), .left("address"), .left("field"), .left("here"), .left("there"),
              .left("since"), .left("decision"),
            ],
            rows.map {
              [
                "\($0.id)", $0.key.description, "\($0.field) (\($0.tag))", $0.ours.plainText,
                $0.theirs.plainText, zone.print($0.noticedAt), $0.decision,
              ]
            }))
      }
    }
    return .done
  }

  private static let resolve = Command(
    "conflicts resolve", "Say which value counts",
    [.init("CONFLICT", .search, "Numbers, as `conflicts list` prints them.")],
    options: [directory, mailchimp, newContact, all], shape: #"{"requested": true}"#
  ) { (run) throws(Problem) in
    let chosen: [ConflictDecision] =
      (run.has(directory) ? [.directory] : []) + (run.has(mailchimp) ? [.mailchimp] : [])
      + (run.has(newContact) ? [.newContact] : [])
    guard chosen.count == 1 else {
      throw Problem(
        "usage.no-decision", "One side must be named.",
        remedy: "Give --directory, --mailchimp, or for a changed address --new-contact.")
    }
    let named = try run.arguments.map { (text) throws(Problem) -> ConflictID in
      try run.identifier(text, "conflict")
    }
    guard run.has(all) != !named.isEmpty else {
      throw Problem(
        "usage.no-conflict", "No conflict is named.",
        remedy: "Give numbers from `\(run.program) conflicts list`, or --all.")
    }
    return try run.withWorkspace { (workspace) throws(Problem) in
      let ids =
        !named.isEmpty
        ? named
        : try workspace.readBlocking { (reading) throws(Problem) in
          try reading.conflicts.list(openOnly: true, limit: 10_000).map(\.id)
        }
      return try SyncCommands.ask(ids.map { .decideConflict($0, chosen[0]) }, run, workspace)
    }
  }

  // MARK: Coming back

  private static let search = Command.Option.value(
    "search", "SEARCH", "Everybody a search finds whom others archived or deleted there.")
  private static let yes = Command.Option.flag("yes", "With --search: do it, not only count.")
  private static let people = Command.Argument(
    "PERSON", .search, "#NUMBER, an external id or an address of each.")

  static let readmission = [
    Command(
      "consent lift", "Let somebody be added again whom others archived or deleted there",
      [people], options: [search, yes],
      notes: """
        Who left by themselves cannot be let in by us: see `consent ask`, or send them the sign-up \
        form.
        """,
      shape: #"{"requested": true, "count": 1}"#
    ) { (run) throws(Problem) in
      try run.withWorkspace { (workspace) throws(Problem) in
        guard let text = run[search] else {
          return try ask(run, workspace) { .liftSuppression($0) }
        }
        guard run.arguments.isEmpty else {
          throw Problem(
            "usage.contradiction", "--search goes without names.",
            remedy: "Name people, or give --search SEARCH.")
        }
        let found = try workspace.readBlocking { (reading) throws(Problem) in
          try liftable(text, reading)
        }
        guard run.has(yes), !found.isEmpty else {
          let count = JSONShape.number(found.count)
          run.done(
            "\(Phrase.people(found.count)) whom others archived or deleted there would be let in again."
              + (found.isEmpty ? "" : " Do it with --yes."),
            ["requested": false, "count": count])
          return .done
        }
        return try SyncCommands.ask(found.map { .liftSuppression($0) }, run, workspace)
      }
    },
    Command(
      "consent ask", "Have Mailchimp ask somebody who left whether they want to come back",
      [people],
      notes: "Mailchimp mails them; they are subscribed only when they confirm.",
      shape: #"{"requested": true, "count": 1}"#
    ) { (run) throws(Problem) in
      try run.withWorkspace { (workspace) throws(Problem) in
        try ask(run, workspace) { .askAgain($0) }
      }
    },
  ]

  private static func ask(
    _ run: CommandRun, _ workspace: Workspace, _ request: (PersonID) -> Request
  ) throws(Problem) -> ExitCode {
    guard !run.arguments.isEmpty else {
      throw Problem(
        "usage.nobody-named", "Nobody is named.",
        remedy: "Give #NUMBER, an external id or an address, as `people list` shows them.")
    }
    let named = try run.arguments.map { (word) throws(Problem) in
      try PersonFinder.find(word, in: workspace)
    }
    return try SyncCommands.ask(named.map(request), run, workspace)
  }

  /// Of those a search finds, whom a decision here may let in again, one for an address.
  private static func liftable(
    _ text: String, _ reading: WorkspaceReading
  ) throws(Problem) -> [PersonID] {
    let audience = try reading.settings.values()[Settings.audience]
    var found: [PersonID] = []
    var seen: Set<AddressKey> = []
    var last: PersonID?
    while true {
      let ids = try reading.reports.ids(text, after: last, limit: 1000)
      let people = try reading.directory.people(ids)
      let keys = people.compactMapValues { person in
        person.optIn == .no ? nil : person.primaryEmail.map { AddressKey($0) }
      }
      let barred = try reading.consent.suppressions(audience, at: Array(Set(keys.values)))
      for id in ids {
        guard let key = keys[id], let reason = barred[key]?.reason,
          [.archivedByOthers, .deletedByOthers].contains(reason), seen.insert(key).inserted
        else { continue }
        found.append(id)
      }
      guard ids.count == 1000 else { return found }
      last = ids.last
    }
  }
}
