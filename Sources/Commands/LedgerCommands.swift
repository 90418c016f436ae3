// `audit` and `consent`: who changed what, and who said yes or no, when and on what evidence. Both
// are append-only and may be long: they are read page by page, latest first, and exported whole.

import Basics
import Console
import Domain
import PeopleSources
import Storage

enum LedgerCommands {
  private static let person = Command.Option.value(
    "person", "PERSON", "Only of this person: #NUMBER, an external id or an address.")
  private static let address = Command.Option.value(
    "address", "ADDRESS", "Only of this e-mail address, whoever stands there.")
  private static let field = Command.Option.value(
    "field", "FIELD", "Only this field, such as last_name, email or custom.size.")
  private static let who = Command.Option.value(
    "who", "TEXT", "Only by whoever has this in their name, such as Mailchimp.")
  private static let since = Command.Option.value(
    "since", "DATE", "From this day on (2026-01-31), or from a time (2026-01-31T08:00:00Z).")
  private static let until = Command.Option.value("until", "DATE", "Before this day or time.")
  private static let limit = Command.Option.value(
    "limit", "N", "At most so many lines; 200 unless given, everything with --export.")
  private static let export = Command.Option.value(
    "export", "FILE", "Write CSV to a new file that only you can read; - prints it.")

  /// Lines a transaction.
  private static let page = 500

  static let audit = CommandGroup(
    "audit", "Who changed what, and when", alone: "list",
    [
      Command(
        "audit list", "List the changes of people, latest first",
        options: [person, field, who, since, until, limit, export],
        notes: """
          What Mailchimp changed is told in the name of the API key's owner. The trail is \
          append-only.
          """,
        shape: """
          {"audit": [{"id": 1, "at": "…", "who": "…", "person": 1, "field": "last_name",
            "old": "…", "new": "…"}]}
          """
      ) { (run) throws(Problem) in
        try list(
          run, "audit",
          ["id", "at", "who", "person", "field", "old", "new"],
          json: { (row: AuditRow) in
            [
              "id": .int(row.id), "at": JSONShape.time(row.at), "who": .string(row.who),
              "person": JSONShape.id(row.person), "field": .string(row.field),
              "old": .string(row.old), "new": .string(row.new),
            ]
          },
          cells: { row, print in
            [
              "\(row.id)", print(row.at), row.who, row.person.map { "\($0)" } ?? "", row.field,
              row.old, row.new,
            ]
          }, id: \.id
        ) { (reading, filter, before, count) throws(Problem) in
          try reading.reports.audit(filter, before: before, limit: count)
        }
      }
    ])

  static let consent = CommandGroup(
    "consent", "Who said yes or no, and on what evidence", alone: "list",
    [
      Command(
        "consent list", "List the consent ledger, latest first",
        options: [person, address, who, since, until, limit, export],
        notes: "The ledger is append-only and outlives the person.",
        shape: """
          {"consent": [{"id": 1, "at": "…", "person": 1, "name": "…", "address": "…",
            "old": "subscribed", "new": "unsubscribed", "by": "…", "evidence": "…"}]}
          """
      ) { (run) throws(Problem) in
        try list(
          run, "consent",
          ["id", "at", "person", "name", "address", "old", "new", "by", "evidence"],
          json: { (row: ConsentRow) in
            [
              "id": .int(row.id), "at": JSONShape.time(row.at), "person": JSONShape.id(row.person),
              "name": .string(row.name), "address": .string(row.key.description),
              "old": .string(row.old), "new": .string(row.new), "by": .string(row.by),
              "evidence": .string(row.evidence),
            ]
          },
          cells: { row, print in
            [
              "\(row.id)", print(row.at), row.person.map { "\($0)" } ?? "", row.name,
              row.key.description, row.old, row.new, row.by, row.evidence,
            ]
          }, id: \.id
        ) { (reading, filter, before, count) throws(Problem) in
          try reading.reports.consent(filter, before: before, limit: count)
        }
      }
    ] + ConflictCommands.readmission)

  // MARK: Shared

  /// Reads page after page and prints or writes each before the next, so that memory stays flat
  /// whatever the length.
  private static func list<Row: Sendable>(
    _ run: CommandRun, _ name: String, _ head: [String],
    json: (Row) -> JSONValue, cells: (Row, (Instant) -> String) -> [String],
    id: KeyPath<Row, Int64>,
    read: @escaping @Sendable (WorkspaceReading, LedgerFilter, Int64?, Int) throws(Problem) -> [Row]
  ) throws(Problem) -> ExitCode {
    let given = try run.number(limit, 1...10_000_000)
    let file = run[export].map { Text.oneLine($0) }
    let most = given ?? (file == nil ? 200 : Int.max)
    return try run.withWorkspace { (workspace) throws(Problem) in
      let zone = try PeopleCommands.zone(workspace)
      let filter = try filter(run, workspace, zone)
      // First of all: a file that is there already is told before anything is read.
      let writer = try file.flatMap { (file) throws(Problem) in
        file == "-" ? nil : try PrivateFile.Writer(file)
      }
      let put = { (bytes: [UInt8]) throws(Problem) in
        if let writer { try writer.put(bytes) } else { run.output.put(bytes) }
      }
      if file != nil {
        try put(CSVWriter.line(head))
      } else if run.json {
        try put(Array("{\"\(name)\": [".utf8))
      }
      var (last, count) = (Int64?.none, 0)
      while count < most, !run.output.isClosed {
        let (before, wanted) = (last, min(page, most - count))
        let found = try workspace.readBlocking { (reading) throws(Problem) in
          try read(reading, filter, before, wanted)
        }
        if file != nil {
          try put(found.flatMap { CSVWriter.line(cells($0) { $0.description }) })
        } else if run.json {
          for (place, row) in found.enumerated() {
            try put(Array((count + place == 0 ? "\n" : ",\n").utf8) + Output.ascii(json(row)))
          }
        } else if !found.isEmpty {
          let table = TextTable(head.map { .left($0) }, found.map { cells($0) { zone.print($0) } })
          run.output.lines(Array(table.lines().dropFirst(count == 0 ? 0 : 1)))
        }
        count += found.count
        last = found.last?[keyPath: id]
        if found.count < wanted { break }
      }
      if let file {
        guard writer != nil else { return .done }
        run.done(
          "\(Phrase.number(count)) lines were written to \(file).",
          ["done": true, "lines": JSONShape.number(count)])
      } else if run.json {
        try put(Array((count == 0 ? "]}\n" : "\n]}\n").utf8))
      } else if count == 0 {
        run.output.line("Nothing was found.")
      } else if count == most, given == nil {
        run.output.line("There may be more: give --limit N, or --export FILE for all.")
      }
      return .done
    }
  }

  private static func filter(
    _ run: CommandRun, _ workspace: Workspace, _ zone: ClockZone
  ) throws(Problem) -> LedgerFilter {
    var filter = LedgerFilter()
    if let word = run[person] { filter.person = try PersonFinder.find(word, in: workspace) }
    if let word = run[address] { filter.address = AddressKey(Text.oneLine(word)) }
    filter.field = run[field].map {
      let name = Text.oneLine($0)
      return PersonField(name)?.description ?? name
    }
    filter.who = run[who].map { Text.oneLine($0) }
    filter.since = try zone.instant(run[since])
    filter.until = try zone.instant(run[until])
    return filter
  }
}
