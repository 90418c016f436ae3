// `searches`: filters with a name, and the tags that are kept of them. What a change means for the
// audience is said before and after it; the engine carries it out.

import Basics
import Domain
import Storage

enum SearchCommands {
  private static let tag = Command.Option.flag("tag", "Keep it as a tag on the audience.")
  private static let noTag = Command.Option.flag(
    "no-tag", "Keep it as a tag no more: those we gave the tag to lose it.")
  private static let keepTag = Command.Option.flag(
    "keep-tag", "Leave its tag where it is; nobody keeps it in step any more.")

  static let group = CommandGroup(
    "searches", "Saved searches and tags", alone: "list",
    [list, show, set, rename, remove, adopt, renameTag, renameBack, takeOff])

  private static let name = Command.Argument("NAME", .one, "The search, such as 'All active'.")

  private static let searchExample = """
    {"name": "Choir", "filter": "account:choir", "quick": false, "tag": true,
      "tagName": "Choir", "state": "kept", "placed": 12, "waiting": 0, "people": 12,
      "nameThere": null, "problem": null}
    """

  private static let list = Command(
    "searches list", "List the saved searches, with their people and tags",
    notes: """
      Tags of searches that were removed, or are none any more, are listed below while somebody \
      holds one because of us.
      """,
    shape: """
      {"searches": [SEARCH], "noLongerKept": [{"tag": "Old", "state": "left", "placed": 3,
        "waiting": 0}]} where SEARCH is
      \(searchExample)
      """
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let (rows, gone) = try workspace.readBlocking { (reading) throws(Problem) in
        (
          try reading.reports.savedSearches().map { (row) throws(Problem) in
            (row, try reading.reports.countPeople(row.filter))
          }, try reading.reports.tagsWithoutSearch()
        )
      }
      run.report([
        "searches": .array(rows.map { json($0.0, people: $0.1) }),
        "noLongerKept": .array(
          gone.map {
            [
              "tag": .string($0.tag), "state": JSONShape.text($0.state?.rawValue),
              "placed": JSONShape.number($0.placed), "waiting": JSONShape.number($0.waiting),
            ]
          }),
      ]) {
        run.output.table(
          TextTable(
            [
              .left("search"), .right("people"), .left("tag"), .right("holders"), .left("filter"),
            ],
            rows.map { row, people in
              [
                row.name, Phrase.number(people), row.tagSentence,
                row.isTag ? Phrase.number(row.placed) : "", row.filter,
              ]
            }))
        for (row, _) in rows where row.needsDecision || row.problem != nil {
          run.output.lines(decision(row, run))
        }
        for row in gone {
          run.output.line("Tag '\(row.tag)': \(row.tagSentence).")
          if row.state == .left {
            run.output.line(
              "  take it off:  \(run.program) searches take-off \(Text.shellWord(row.tag))")
          }
        }
      }
    }
    return .done
  }

  private static let show = Command(
    "searches show", "Show a saved search and the first who are in it", [name],
    shape: "{\"search\": SEARCH, \"first\": [PERSON]} where SEARCH is\n\(searchExample)"
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      try tell(Text.oneLine(run.argument(0)), run, workspace)
    }
    return .done
  }

  private static let set = Command(
    "searches set", "Add a saved search, or change it",
    [
      name,
      .init(
        "FILTER", .search,
        "Such as account:choir opt-in:yes; left away, the filter stays as it is."),
    ], options: [tag, noTag],
    notes: """
      Says who is found. A search that is kept as a tag is compared with the audience at once, \
      whenever somebody changes, and, where it depends on the day, at midnight of the workspace's \
      zone. Give options before NAME where the filter has words that begin with a minus.
      """,
    shape: "{\"search\": SEARCH, \"first\": [PERSON]} as in `searches show`"
  ) { (run) throws(Problem) in
    if run.has(tag), run.has(noTag) {
      throw Problem(
        "usage.contradiction", "--tag and --no-tag cannot both be given.",
        remedy: "Give one of them.")
    }
    let name = Text.oneLine(run.argument(0))
    let text = PersonFinder.search(Array(run.arguments.dropFirst()))
    let mark: Bool? = run.has(tag) ? true : run.has(noTag) ? false : nil
    try run.withWorkspace { (workspace) throws(Problem) in
      let user = run.context.user
      try workspace.writeBlocking(as: user) { (tx) throws(Problem) in
        let before = try tx.searches.find(name)
        let fields = try tx.directory.customFields()
        if before == nil, text.isEmpty {
          throw Problem(
            "usage.no-filter", "There is no saved search '\(name)' yet.",
            remedy: "Give its filter too, such as account:choir.")
        }
        let query =
          text.isEmpty
          ? before?.query ?? SearchQuery() : try SearchQuery(text, customFields: fields)
        try tx.searches.save(
          SavedSearch(before?.name ?? name, query, isTag: mark ?? before?.isTag ?? false))
      }
      try tell(name, run, workspace)
    }
    return .done
  }

  private static let rename = Command(
    "searches rename", "Give a saved search another name; its tag goes with it",
    [name, .init("NEW", .one, "The new name.")], shape: #"{"done": true}"#
  ) { (run) throws(Problem) in
    let (old, new) = (run.argument(0), run.argument(1))
    try change(run) { (tx) throws(Problem) in try tx.searches.rename(old, to: new) }
    run.done("'\(Text.oneLine(old))' is called '\(Text.oneLine(new))'.")
    return .done
  }

  private static let remove = Command(
    "searches remove", "Remove a saved search", [name], options: [keepTag],
    notes: """
      A search that is kept as a tag takes the tag off those we gave it to; what others gave stays. \
      With --keep-tag the tag stays on everybody, and `searches take-off` takes it off later.
      """,
    shape: #"{"done": true}"#
  ) { (run) throws(Problem) in
    let name = Text.oneLine(run.argument(0))
    let keeps = run.has(keepTag)
    let holders = try change(run) { (tx) throws(Problem) in
      let row = try tx.reports.savedSearches().first { $0.name.lowercased() == name.lowercased() }
      try tx.searches.remove(named: name, leavingTag: keeps)
      return row?.placed ?? 0
    }
    var sentence = "The search '\(name)' was removed."
    if holders > 0 {
      sentence +=
        keeps
        ? " Its tag stays on \(Phrase.people(holders))."
        : " Its tag is taken off \(Phrase.people(holders))."
    }
    run.done(sentence)
    return .done
  }

  private static let adopt = Command(
    "searches adopt", "Take over a tag that others made, or the name they gave ours", [name],
    notes: """
      Those who hold it and are in the search become ours; those who hold it and are not keep it. \
      Where our tag was renamed at Mailchimp, it is called so here too.
      """,
    shape: #"{"done": true}"#
  ) { (run) throws(Problem) in
    let name = run.argument(0)
    try change(run) { (tx) throws(Problem) in try tx.tags.adopt(name) }
    run.done("The tag is taken over.")
    return .done
  }

  private static let renameTag = Command(
    "searches rename-tag", "Call the tag of a search otherwise",
    [name, .init("NEW", .one, "The name of the tag at Mailchimp.")],
    notes: "Those we gave the old tag to get the new one instead.", shape: #"{"done": true}"#
  ) { (run) throws(Problem) in
    let (name, new) = (run.argument(0), run.argument(1))
    try change(run) { (tx) throws(Problem) in try tx.tags.rename(tagOf: name, to: new) }
    run.done("The tag is called '\(Text.oneLine(new))'.")
    return .done
  }

  private static let renameBack = Command(
    "searches rename-back", "Give a tag that was renamed at Mailchimp its name again", [name],
    notes: "Nobody gains or loses it.", shape: #"{"done": true}"#
  ) { (run) throws(Problem) in
    let name = run.argument(0)
    try change(run) { (tx) throws(Problem) in try tx.tags.nameBack(name) }
    run.done("The tag gets its name again with the next sync.")
    return .done
  }

  private static let takeOff = Command(
    "searches take-off", "Take a tag that is no longer kept off those we gave it to",
    [.init("TAG", .one, "The tag, as `searches list` names it below.")],
    notes: "What others gave stays.", shape: #"{"done": true}"#
  ) { (run) throws(Problem) in
    let tag = Text.oneLine(run.argument(0))
    try change(run) { (tx) throws(Problem) in try tx.tags.takeOff(tag) }
    run.done("The tag '\(tag)' is taken off those we gave it to.")
    return .done
  }

  @discardableResult
  private static func change<Value: Sendable>(
    _ run: CommandRun,
    _ body: @escaping @Sendable (WorkspaceTransaction) throws(Problem) -> Value
  ) throws(Problem) -> Value {
    try run.withWorkspace { (workspace) throws(Problem) in
      try workspace.writeBlocking(as: run.context.user, body)
    }
  }

  // MARK: Telling

  private static func tell(
    _ name: String, _ run: CommandRun, _ workspace: Workspace
  ) throws(Problem) {
    let (row, people) = try workspace.readBlocking { (reading) throws(Problem) in
      let found = try reading.searches.search(named: name)
      guard let row = try reading.reports.savedSearches().first(where: { $0.name == found.name })
      else { throw Problem("searches.missing", "There is no saved search '\(found.name)'.") }
      return (row, try reading.reports.people(row.filter, .at(0), count: 10))
    }
    run.report([
      "search": json(row, people: people.total),
      "first": .array(people.rows.map { JSONShape.person($0) }),
    ]) {
      run.output.line("\(row.name): \(row.filter)")
      run.output.line("\(Phrase.people(people.total)) found. Tag: \(row.tagSentence).")
      if row.isTag, row.placed + row.waiting > 0 {
        run.output.line(
          "\(Phrase.people(row.placed)) have it from us; \(Phrase.number(row.waiting)) changes wait."
        )
      }
      run.output.lines(decision(row, run))
      for person in people.rows { run.output.line("  \(person.name)  \(person.email)") }
      if people.total > people.rows.count {
        run.output.line("  and \(Phrase.number(people.total - people.rows.count)) more")
      }
    }
  }

  private static func decision(_ row: SavedSearchRow, _ run: CommandRun) -> [String] {
    if let problem = row.problem { return ["\(row.name): \(problem.description)"] }
    guard let question = row.question else { return [] }
    let first = "\(row.name): \(question.sentence(row.tag))"
    let adopt = "\(run.program) searches adopt \(Text.shellWord(row.name))"
    switch question {
    case .taken:
      return [
        "\(first) Nothing is sent for it.", "  take it over:       \(adopt)",
        "  call ours another:  \(run.program) searches rename-tag \(Text.shellWord(row.name)) NEW",
      ]
    case .renamed:
      return [
        first, "  adopt the name:  \(adopt)",
        "  rename it back:  \(run.program) searches rename-back \(Text.shellWord(row.name))",
      ]
    }
  }

  private static func json(_ row: SavedSearchRow, people: Int) -> JSONValue {
    [
      "name": .string(row.name), "filter": .string(row.filter), "quick": .bool(row.isQuick),
      "tag": .bool(row.isTag), "tagName": .string(row.tag),
      "state": JSONShape.text(row.state?.rawValue), "placed": JSONShape.number(row.placed),
      "waiting": JSONShape.number(row.waiting), "people": JSONShape.number(people),
      "nameThere": JSONShape.text(row.nameThere), "problem": JSONShape.problem(row.problem),
    ]
  }
}
