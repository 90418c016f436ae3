// `people forget`: erases somebody for good, here and at Mailchimp. What must stay true: nothing is
// erased before it was said what would be, and nobody is forgotten here while Mailchimp goes on to
// mail them.

import Basics
import Domain
import Mailchimp
import Storage

enum ForgetCommand {
  private static let yes = Command.Option.flag(
    "yes", "Do it. Without it, it is said what would be erased, and nothing is.")
  private static let there = Command.Option.flag(
    "there", "Delete the contacts at Mailchimp for good as well.")

  static let command = Command(
    "people forget", "Erase people for good, as they may ask (GDPR, article 17)",
    [
      .init(
        "PERSON", .several,
        "#NUMBER, an external id or an address, also one that nobody here has; or one search.")
    ],
    options: [there, yes],
    notes: """
      Everything that names them goes: fields, history, outcomes, requests and answers, lines of the \
      log. The consent ledger keeps what was consented to when, under a keyed hash of the address, \
      by which a source does not add them again, and whoever is imported or typed in anew is not \
      mailed: only they themselves can come back, with the sign-up form. It cannot be undone. Backups and exports made before are not touched; \
      one that is restored forgets them again.
      """,
    shape: """
      {"done": true, "people": [{"person": 1 or null, "addresses": ["…"], "keptAddresses": [],
        "contacts": [{"audience": "…", "address": "…", "status": "subscribed"}],
        "audit": 1, "ledger": 1, "outcomes": 1, "logLines": 0, "requests": 0, "namedBy": []}]},
        done: false without --yes
      """
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let subjects = try subjects(run, workspace)
      if !run.has(there), subjects.contains(where: { !$0.contacts.isEmpty }) {
        throw stillThere(subjects.flatMap(\.contacts), run)
      }
      try workspace.readBlocking { (reading) throws(Problem) in
        for subject in subjects { try reading.erasures.check(subject) }
      }
      guard run.has(yes) else { return try preview(subjects, run, workspace) }
      var erased: [(ErasureSubject, ErasureCounts)] = []
      let eraser = Eraser(workspace, as: run.context.user, run.context.time)
      for subject in subjects { erased.append((subject, try eraser.forget(subject))) }
      let isSwept = try eraser.sweep()
      run.report([
        "done": true, "people": .array(erased.map { json($0.0, $0.1) }),
      ]) {
        for (subject, counts) in erased { run.output.lines(told(subject, counts)) }
        if !isSwept {
          run.output.line(
            "The workspace is being read just now; its journal is emptied within a minute.")
        }
        run.output.line("Backups and exports of before still have them.")
      }
      return .done
    }
  }

  // MARK: Whom

  private static func subjects(
    _ run: CommandRun, _ workspace: Workspace
  ) throws(Problem) -> [ErasureSubject] {
    var found: [ErasureSubject] = []
    for word in run.arguments {
      for subject in try subjects(word, isAlone: run.arguments.count == 1, workspace)
      where !found.contains(where: { $0.person == subject.person && $0.keys == subject.keys }) {
        found.append(subject)
      }
    }
    return found
  }

  private static func subjects(
    _ word: String, isAlone: Bool, _ workspace: Workspace
  ) throws(Problem) -> [ErasureSubject] {
    do throws(Problem) {
      let id = try PersonFinder.find(word, in: workspace)
      return try workspace.readBlocking { (reading) throws(Problem) in
        [try reading.erasures.subject(id)]
      }
    } catch {
      guard error.code == "people.missing" else { throw error }
      if word.contains("@"), !word.contains(":") {
        let alone = try workspace.readBlocking { (reading) throws(Problem) in
          try reading.erasures.subject(AddressKey(word))
        }
        if let alone { return [alone] }
      }
      guard isAlone, word.contains(":") else { throw error }
      let people = try PeopleCommands.all(word, workspace)
      return try workspace.readBlocking { (reading) throws(Problem) in
        try people.map { (id) throws(Problem) in try reading.erasures.subject(id) }
      }
    }
  }

  private static func stillThere(
    _ contacts: [ErasureSubject.Contact], _ run: CommandRun
  ) -> Problem {
    let first = contacts[0]
    let more = contacts.count > 1 ? " (and \(contacts.count - 1) more contacts)" : ""
    return Problem(
      "forget.contact-there",
      "\(first.key)\(more) is \(first.status.rawValue) in the audience \(first.audience): Mailchimp"
        + " would go on to have them. Nothing was changed.",
      remedy: "Let them be deleted there for good too: \(run.program) people forget --there "
        + run.arguments.map { Text.shellWord($0) }.joined(separator: " "))
  }

  // MARK: Saying it

  private static func preview(
    _ subjects: [ErasureSubject], _ run: CommandRun, _ workspace: Workspace
  ) throws(Problem) -> ExitCode {
    let counted = try workspace.readBlocking { (reading) throws(Problem) in
      try subjects.map { (subject) throws(Problem) in
        (subject, try reading.erasures.counts(of: subject))
      }
    }
    let words = run.arguments.map { Text.shellWord($0) }.joined(separator: " ")
    let flags = run.has(there) ? "--there --yes" : "--yes"
    run.report(["done": false, "people": .array(counted.map { json($0.0, $0.1) })]) {
      for (subject, counts) in counted.prefix(20) {
        run.output.lines(told(subject, counts))
      }
      if counted.count > 20 { run.output.line("… and \(Phrase.people(counted.count - 20)) more.") }
      run.output.line(
        "Nothing was changed. Erase \(Phrase.people(counted.count)) with: \(run.program) people"
          + " forget \(flags) \(words)")
    }
    return .done
  }

  private static func told(_ subject: ErasureSubject, _ counts: ErasureCounts) -> [String] {
    var lines: [String] = []
    let number = subject.person.map { " (\($0))" } ?? ""
    lines.append("\(subject.name)\(number): \(list(subject.keys.map(\.description), "no address"))")
    var parts = [
      "\(Phrase.number(counts.audit)) lines of the audit trail",
      "\(Phrase.number(counts.ledger)) of the consent ledger, which keeps a hash",
      "\(Phrase.number(counts.outcomes)) outcomes",
    ]
    if counts.logLines > 0 { parts.append("\(Phrase.number(counts.logLines)) log lines") }
    if counts.bodies > 0 { parts.append("\(Phrase.number(counts.bodies)) requests") }
    lines.append("  here: \(parts.joined(separator: ", "))")
    for contact in subject.contacts {
      lines.append(
        "  at Mailchimp: \(contact.key), \(contact.status.rawValue) in \(contact.audience),"
          + " deleted for good")
    }
    if !subject.shared.isEmpty {
      lines.append(
        "  kept, because others have it too: "
          + subject.shared.map(\.description).joined(separator: ", "))
    }
    for place in subject.namedBy { lines.append("  still named by \(place): change it yourself") }
    return lines
  }

  private static func list(_ items: [String], _ none: String) -> String {
    items.isEmpty ? none : items.joined(separator: ", ")
  }

  private static func json(_ subject: ErasureSubject, _ counts: ErasureCounts) -> JSONValue {
    func texts(_ keys: [AddressKey]) -> JSONValue {
      .array(keys.map { .string($0.description) })
    }
    return [
      "person": subject.person.map { JSONShape.id($0) } ?? .null,
      "addresses": texts(subject.keys), "keptAddresses": texts(subject.shared),
      "contacts": .array(
        subject.contacts.map {
          [
            "audience": .string($0.audience), "address": .string($0.key.description),
            "status": .string($0.status.rawValue),
          ]
        }),
      "audit": JSONShape.number(counts.audit), "ledger": JSONShape.number(counts.ledger),
      "outcomes": JSONShape.number(counts.outcomes),
      "logLines": JSONShape.number(counts.logLines), "requests": JSONShape.number(counts.bodies),
      "namedBy": .array(subject.namedBy.map(JSONValue.string)),
    ]
  }
}
