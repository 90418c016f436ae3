// `people`: list, look at and change the directory. Everything that concerns more than one person
// says how many before it does anything.

import Basics
import Console
import Domain
import PeopleSources
import Storage

enum PeopleCommands {
  private static let limit = Command.Option.value("limit", "N", "At most so many people.")
  private static let order = Command.Option.value(
    "order", "COLUMN",
    "Such as name, email, state, changed, id or custom.NAME; -COLUMN turns it round.")
  private static let yes = Command.Option.flag(
    "yes", "Do it to all whom a search finds; without it they are counted.")
  private static let remove = Command.Option.flag(
    "remove", "The second step: remove who is marked deleted already, for good.")
  private static let wait = Command.Option.flag(
    "wait", "Wait until it is done, and print what came of it.")
  private static let restore = Command.Option.flag("restore", "Take the mark of deletion away.")
  private static let who = Command.Argument(
    "PERSON", .one, "#NUMBER, an external id or an address.")
  private static let searchWords = Command.Argument(
    "SEARCH", .search, "Such as last:smith account:\"Guest account\" -opt-in:no; quote it as one.")
  private static let fields = Command.Argument(
    "FIELD=VALUE", .several, "Such as first_name=Ada opt_in=yes email=ada@example.org.")

  static let group = CommandGroup(
    "people", "The people of the directory", alone: "list",
    [
      list, show, explain, add, set, delete, ForgetCommand.command, import_, export, sync,
      PeopleFieldCommands.list,
      PeopleFieldCommands.add, PeopleFieldCommands.remove,
    ])

  // MARK: Looking

  private static let list = Command(
    "people list", "List people", [searchWords], options: [limit, order],
    shape: """
      {"people": [{"id": 1, "name": "…", "email": "…", "account": "…", "optIn": "yes",
        "state": "in step", "reason": "", "duplicateOf": null, "changedAt": "…", "active": true,
        "deleted": false, "source": "people.csv" or null}], "total": 1}
      """
  ) { (run) throws(Problem) in
    let word = run[order] ?? "name"
    guard let sort = PeopleSort(word) else {
      let names = PersonColumn.builtIn.filter(\.isSortable).map(\.word)
      throw Problem(
        "usage.unknown-order", "There is no order '\(Text.oneLine(word))'.",
        remedy: "Give one of: \(names.joined(separator: ", ")), or custom.NAME."
          + Suggestion.sentence(word, among: names))
    }
    let most = try run.number(limit, 1...10_000_000) ?? Int.max
    let search = PersonFinder.search(run.arguments)
    try run.withWorkspace { (workspace) throws(Problem) in
      let zone = try zone(workspace)
      var rows: [JSONValue] = []
      var last: WindowAnchor?
      var total = 0
      while !run.output.isClosed {
        let (anchor, start) = (last, last.map { $0.position + 1 } ?? 0)
        let count = min(500, most - start)
        guard count > 0, last == nil || start < total else { break }
        let window = try workspace.readBlocking { (reading) throws(Problem) in
          try reading.reports.people(search, sort: sort, .at(start), count: count, anchor: anchor)
        }
        total = window.total
        let new = window.rows.dropFirst(max(0, start - window.offset))
        guard let end = new.last else { break }
        last = WindowAnchor(id: end.id.rawValue, position: start + new.count - 1, total: total)
        if run.json {
          rows += new.map { JSONShape.person($0) }
        } else {
          run.output.lines(lines(Array(new), zone, withHead: start == 0))
        }
      }
      run.report(["people": .array(rows), "total": JSONShape.number(total)]) {
        if total == 0 { run.output.line("Nobody was found.") }
      }
    }
    return .done
  }

  private static func lines(
    _ rows: [PersonRow], _ zone: ClockZone, withHead: Bool
  ) -> [String] {
    let table = TextTable(
      [
        .left("person"), .left("name"), .left("address"), .left("account"), .left("opt-in"),
        .left("state"), .left("changed"),
      ],
      rows.map { row in
        [
          "\(row.id)", row.name, row.email, row.account, row.optIn.rawValue,
          row.reason.isEmpty ? row.state.rawValue : "\(row.state.rawValue): \(row.fullReason)",
          zone.print(row.changedAt),
        ]
      })
    return withHead ? table.lines() : Array(table.lines().dropFirst())
  }

  private static let show = Command(
    "people show", "Show one person", [who],
    shape: """
      {"id": 1, "externalID": null, "account": "…", "kind": "individual", "firstName": "…",
        "lastName": "…", "emails": ["…"], "phone": "", "company": "", "birthday": null,
        "dateOfBirth": null, "optIn": "yes", "active": true, "deletedAt": null,
        "manager": null, "customFields": {}, "state": "in step", "reason": "", "duplicateOf": null, "sentence": "",
        "member": {"status": "subscribed", "id": "…", "pendingSince": null} or null,
        "suppression": null, "source": null or {"name": "people.csv",
        "place": "people.csv line 3", "saidAt": "…", "leftAs": null,
        "word": {"first_name": "…"}}}
      """
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let id = try PersonFinder.find(run.argument(0), in: workspace)
      let detail = try workspace.readBlocking { (reading) throws(Problem) in
        try reading.reports.person(id)
      }
      guard let detail else { throw missing(id) }
      let zone = try zone(workspace)
      run.report(PersonShape.json(detail)) { run.output.lines(PersonShape.lines(detail, zone)) }
    }
    return .done
  }

  private static let explain = Command(
    "people explain", "Say rule by rule why a person is on the list, or is not", [who],
    shape:
      #"{"person": 1, "lines": [{"mark": "passed", "text": "…"}]}, mark: passed, stopped, note"#
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let id = try PersonFinder.find(run.argument(0), in: workspace)
      let explanation = try workspace.readBlocking { (reading) throws(Problem) in
        try reading.reports.explanation(of: id)
      }
      guard let explanation else { throw missing(id) }
      let lines = explanation.lines()
      run.report([
        "person": JSONShape.id(id),
        "lines": .array(
          lines.map { ["mark": .string($0.mark.rawValue), "text": .string($0.text)] }),
      ]) {
        for line in lines {
          let sign =
            switch line.mark {
            case .passed: "✓"
            case .stopped: "✗"
            case .note: "·"
            }
          run.output.line("\(sign) \(line.text)")
        }
      }
    }
    return .done
  }

  private static func missing(_ id: PersonID) -> Problem {
    Problem(
      "people.missing", "There is no person \(id) any more.",
      remedy: "See who there is: listkeeper people list")
  }

  // MARK: Changing

  private static let add = Command(
    "people add", "Add a person", [fields],
    notes: "Fields: \(fieldNames.joined(separator: ", ")), custom.NAME;"
      + " emails takes several addresses with commas.",
    shape: #"{"done": true, "person": 1}"#
  ) { (run) throws(Problem) in
    let draft = try draft(nil, run.arguments)
    return try save(draft, run)
  }

  private static let set = Command(
    "people set", "Change a person", [who, fields], notes: "Fields as in `people add`.",
    shape: #"{"done": true, "person": 1}"#
  ) { (run) throws(Problem) in
    guard run.arguments.count > 1 else {
      throw Problem(
        "usage.missing-argument", "'people set' needs FIELD=VALUE: what to change.",
        remedy: "Run `listkeeper help people set`.")
    }
    return try run.withWorkspace { (workspace) throws(Problem) in
      let id = try PersonFinder.find(run.argument(0), in: workspace)
      return try save(draft(id, Array(run.arguments.dropFirst())), run, workspace)
    }
  }

  private static var fieldNames: [String] {
    PersonField.builtIn.flatMap { field in
      field == .address
        ? PostalAddress.parts.map { "address.\($0.name)" } : [field.description]
    }
  }

  private static func draft(
    _ id: PersonID?, _ words: [String]
  ) throws(Problem) -> PersonDraft {
    var draft = PersonDraft(id: id)
    for word in words {
      guard let equals = word.firstIndex(of: "=") else {
        throw Problem(
          "usage.not-a-field", "'\(Text.oneLine(word))' has no '='.",
          remedy: "Write it as FIELD=VALUE, such as first_name=Ada.")
      }
      let name = String(word[..<equals])
      let value = String(word[word.index(after: equals)...])
      if name == "emails" {
        draft.emails = value.split(separator: ",").map { Text.oneLine($0) }
        continue
      }
      if name.hasPrefix("address.") {
        draft.address[String(name.dropFirst(8))] = value
        continue
      }
      guard let field = PersonField(name) else {
        let names = fieldNames + ["emails"]
        throw Problem(
          "usage.unknown-field", "People have no field '\(Text.oneLine(name))'.",
          remedy: "Give one of: \(names.joined(separator: ", ")), or custom.NAME."
            + Suggestion.sentence(name, among: names))
      }
      draft.values[field] = value
    }
    return draft
  }

  private static func save(_ draft: PersonDraft, _ run: CommandRun) throws(Problem) -> ExitCode {
    try run.withWorkspace { (workspace) throws(Problem) in try save(draft, run, workspace) }
  }

  private static func save(
    _ draft: PersonDraft, _ run: CommandRun, _ workspace: Workspace
  ) throws(Problem) -> ExitCode {
    let id = try workspace.writeBlocking(as: run.context.user, evidence: "command line") {
      (tx) throws(Problem) in try tx.directory.apply(draft)
    }
    run.done("Saved as \(id).", ["done": true, "person": JSONShape.id(id)])
    return .done
  }

  private static let delete = Command(
    "people delete", "Mark people as deleted, or remove those who are marked",
    [.init("PERSON", .several, "#NUMBER, an external id or an address; with --yes a search.")],
    options: [yes, remove, restore],
    notes: """
      Deleting is two steps: the first marks, and what happens at Mailchimp follows the setting \
      recipients.leavers; the second, with --remove, removes for good.
      """,
    shape: #"{"done": true, "people": 1}"#
  ) { (run) throws(Problem) in
    if run.has(remove), run.has(restore) {
      throw Problem(
        "usage.contradiction", "--remove and --restore exclude each other.",
        remedy: "Give one of them.")
    }
    return try run.withWorkspace { (workspace) throws(Problem) in
      let ids =
        run.has(yes)
        ? try all(try wholeSearch(run.arguments), workspace)
        : try run.arguments.map { (word) throws(Problem) in
          do throws(Problem) { return try PersonFinder.find(word, in: workspace) } catch {
            throw try counted(error, run, workspace)
          }
        }
      let (isRemoval, isRestoring) = (run.has(remove), run.has(restore))
      // One transaction of at most 500, so that nobody else waits for the file.
      for start in stride(from: 0, to: ids.count, by: 500) {
        let chunk = ids[start..<min(start + 500, ids.count)]
        try workspace.writeBlocking(as: run.context.user) { (tx) throws(Problem) in
          for id in chunk {
            if isRemoval {
              try tx.directory.remove(id)
            } else if isRestoring {
              try tx.directory.undelete(id)
            } else {
              try tx.directory.markDeleted(id)
            }
          }
        }
      }
      let what = isRemoval ? "removed" : isRestoring ? "restored" : "marked as deleted"
      run.done(
        "\(Phrase.people(ids.count)) \(what).",
        ["done": true, "people": JSONShape.number(ids.count)])
      return .done
    }
  }

  /// Nothing means everybody to a search: that is not what an empty word can have meant.
  private static func wholeSearch(_ words: [String]) throws(Problem) -> String {
    let search = PersonFinder.search(words)
    guard !Text.oneLine(search).isEmpty else {
      throw Problem(
        "usage.empty-search", "The search is empty, and would find everybody.",
        remedy: "Say whom: such as account:guests.")
    }
    return search
  }

  /// Words that name nobody may be a search: whom it finds is counted, and nobody is changed.
  private static func counted(
    _ problem: Problem, _ run: CommandRun, _ workspace: Workspace
  ) throws(Problem) -> Problem {
    guard problem.code == "people.missing", run.arguments.contains(where: { $0.contains(":") })
    else { return problem }
    let search = try wholeSearch(run.arguments)
    let found = try workspace.readBlocking { (reading) throws(Problem) in
      try reading.reports.countPeople(search)
    }
    let flags = (run.has(remove) ? " --remove" : "") + (run.has(restore) ? " --restore" : "")
    return Problem(
      "people.search-counted",
      "The search finds \(Phrase.people(found)). Nothing was changed.",
      remedy: "Do it to all of them with: "
        + "\(run.program) people delete --yes\(flags) \(Text.shellWord(search))",
      fields: ["people": "\(found)"])
  }

  private static let sync = Command(
    "people sync", "Sync single people now",
    [.init("PERSON", .several, "#NUMBER, an external id or an address.")],
    options: [wait],
    shape: "{\"executions\": [EXECUTION]} where EXECUTION is as in `executions list`,"
      + "\n  or {\"requested\": true} where an engine runs already and --wait is not given"
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let ids = try run.arguments.map { (word) throws(Problem) in
        try PersonFinder.find(word, in: workspace)
      }
      return try SyncCommands.carryOut(
        all: ids.map { .syncPerson($0) }, waits: run.has(wait), run, workspace)
    }
  }

  // MARK: Files

  private static let import_ = PeopleImportCommand.command

  private static let export = Command(
    "people export", "Print people as CSV, as `people import` reads it", [searchWords],
    notes: """
      Without a search, those marked as deleted are left out. Redirect it into a file: \
      listkeeper people export > people.csv
      """,
    shape: #"{"people": [PERSON]} where PERSON is as in `people show` without its state"#
  ) { (run) throws(Problem) in
    let given = PersonFinder.search(run.arguments)
    let search = given.isEmpty ? "-deleted:yes" : given
    try run.withWorkspace { (workspace) throws(Problem) in
      let output = run.output
      guard run.json else {
        return try waitFor { () throws(Problem) in
          _ = try await PeopleExport(workspace).run(search: search) { output.put($0) }
        }
      }
      var people: [JSONValue] = []
      var last: PersonID?
      while true {
        let after = last
        let page = try workspace.readBlocking { (reading) throws(Problem) in
          let ids = try reading.reports.ids(search, after: after, limit: 500)
          let found = try reading.directory.people(ids)
          return ids.compactMap { found[$0] }
        }
        people += page.map { PersonShape.json($0) }
        guard let newest = page.last?.id else { break }
        last = newest
      }
      run.output.json(["people": .array(people)])
    }
    return .done
  }

  static func all(
    _ search: String, _ workspace: Workspace
  ) throws(Problem) -> [PersonID] {
    var ids: [PersonID] = []
    while true {
      let after = ids.last
      let next = try workspace.readBlocking { (reading) throws(Problem) in
        try reading.reports.ids(search, after: after, limit: 5000)
      }
      ids += next
      if next.isEmpty { return ids }
    }
  }

  static func zone(_ workspace: Workspace) throws(Problem) -> ClockZone {
    try workspace.readBlocking { (reading) throws(Problem) in
      LocalTime.zone(try reading.settings.values()[Settings.zone])
    }
  }
}
