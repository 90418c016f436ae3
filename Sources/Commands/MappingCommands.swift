// `mapping`: which person field goes into which merge field. What cannot work is refused with the
// problem and nothing is written.

import Basics
import Domain
import Storage

enum MappingCommands {
  private static let direction = Command.Option.value(
    "direction", "to|from|both", "Which way values go; `to` Mailchimp unless given.")
  private static let transform = Command.Option.value(
    "transform", "STEPS", "What happens to the value on its way, such as 'trim, case(title)'.")
  private static let constant = Command.Option.value(
    "constant", "TEXT", "Send this text for everybody, whatever the field holds.")
  private static let fallback = Command.Option.value(
    "default", "TEXT", "Send this text where the field is empty.")
  private static let backfill = Command.Option.flag(
    "backfill", "For everybody at once; else people get it when they change next.")
  private static let name = Command.Option.value(
    "name", "NAME", "What people read beside the field; the tag unless given.")
  private static let type = Command.Option.value(
    "type", "TYPE", "\(MergeField.Kind.allCases.map(\.rawValue).joined(separator: ", ")).")
  private static let choices = Command.Option.value(
    "choices", "A,B", "The choices of a radio or dropdown field.")
  private static let required = Command.Option.flag(
    "required", "Mailchimp refuses people without a value.")

  static let group = CommandGroup(
    "mapping", "Which field goes into which", alone: "list",
    [list, set, remove, check, move, backfillRows, fields, createField])

  private static let reportShape = #"{"mapping": […], "problems": […]} as in `mapping list`"#

  private static let list = Command(
    "mapping list", "List the mappings",
    shape: """
      {"mapping": [{"field": "first_name", "tag": "FNAME", "direction": "to",
        "transforms": "", "type": "text", "since": null}],
        "problems": [{"code": "…", "sentence": "…"}], "remarks": […]}
      """
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in show(try board(workspace), run) }
    return .done
  }

  private static let check = Command(
    "mapping check", "Hold the mappings against the audience's own fields",
    notes: "Ends with exit code 4 when something cannot work.",
    shape: reportShape
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let board = try board(workspace)
      run.report(json(board)) {
        if board.problems.isEmpty { run.output.line("The mapping can work.") }
        for problem in board.problems + board.remarks { run.output.line(problem.description) }
      }
      return board.problems.isEmpty ? .done : .configuration
    }
  }

  private static let set = Command(
    "mapping set", "Add or change the mapping of a merge field",
    [
      .init("FIELD", .one, "A person's field, such as first_name or custom.shoe_size."),
      .init("TAG", .one, "The audience's merge field, such as FNAME."),
    ], options: [direction, transform, constant, fallback, backfill],
    notes: """
      The transforms there are: \(Transform.forms.joined(separator: ", ")). Only trim, default, a \
      date with year, month and day, and month-day onto a birthday can be taken back; others are to \
      Mailchimp only.
      """,
    shape: reportShape
  ) { (run) throws(Problem) in
    let field = try personField(run.argument(0))
    let word = run[direction] ?? "to"
    guard let way = SyncDirection(rawValue: word) else {
      throw Problem(
        "usage.unknown-direction", "'\(Text.oneLine(word))' is no direction.",
        remedy: "Give to, from or both.")
    }
    var steps = try Transform.list(run[transform] ?? "")
    if let text = run[constant] { steps.append(.constant(Text.oneLine(text))) }
    if let text = run[fallback] { steps.append(.defaultWhenEmpty(Text.oneLine(text))) }
    let tag = tag(run.argument(1))
    let row = FieldMapping(field, tag, direction: way, transforms: steps)
    return try change(.set(row, replacing: tag), run, backfill: run.has(backfill))
  }

  private static let remove = Command(
    "mapping remove", "Remove the mapping of a merge field; its values stay as they are",
    [.init("TAG", .one, "The merge field, such as PHONE.")],
    shape: reportShape
  ) { (run) throws(Problem) in
    try change(.remove(tag(run.argument(0))), run)
  }

  private static let move = Command(
    "mapping move", "Put a row in another place of the list",
    [
      .init("TAG", .one, "The merge field, such as PHONE."),
      .init("PLACE", .one, "Its new place, counted from 1."),
    ], notes: "The order is that of lists, forms and exports; it changes nothing that is sent.",
    shape: reportShape
  ) { (run) throws(Problem) in
    guard let place = Int(run.argument(1)), place > 0 else {
      throw Problem(
        "usage.not-a-number", "'\(Text.oneLine(run.argument(1)))' is no place.",
        remedy: "Give a number, counted from 1.")
    }
    return try change(.move(tag(run.argument(0)), to: place - 1), run)
  }

  private static let backfillRows = Command(
    "mapping backfill", "Bring everybody in step with changed rows",
    [.init("TAG", .optional, "The merge field; every row unless given.")],
    notes: """
      A row that was made or changed after the first sync is for people who change from then on. \
      This asks the engine for a sync that sends or takes it for everybody; the guard judges it \
      like any other.
      """,
    shape: reportShape
  ) { (run) throws(Problem) in
    try change(.backfill(run.arguments.isEmpty ? nil : tag(run.argument(0))), run)
  }

  // MARK: Merge fields

  private static let fields = Command(
    "mapping fields", "Read the audience's merge fields from Mailchimp again",
    shape: """
      {"mergeFields": [{"tag": "FNAME", "name": "First Name", "type": "text", "required": false,
        "choices": [], "mapped": true}]}
      """
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let access = try AccountAccess(workspace)
      let fields = try waitFor { () throws(Problem) in try await access.readMergeFields() }
      let mapped = Set(try board(workspace).rows.map(\.tag))
      run.report(["mergeFields": .array(fields.map { json($0, mapped) })]) {
        run.output.table(
          TextTable(
            [
              .left("merge field"), .left("name"), .left("type"), .left("required"),
              .left("mapped"),
            ],
            fields.map { field in
              [
                field.tag, field.name,
                field.choices.isEmpty
                  ? field.type.rawValue
                  : "\(field.type.rawValue) (\(field.choices.joined(separator: ", ")))",
                field.isRequired ? "yes" : "no", mapped.contains(field.tag) ? "yes" : "no",
              ]
            }))
      }
    }
    return .done
  }

  private static let createField = Command(
    "mapping create-field", "Create a merge field at Mailchimp",
    [.init("TAG", .one, "At most 10 characters of A–Z, 0–9 and _.")],
    options: [name, type, choices, required],
    notes: """
      An audience keeps 30 merge fields (80 on the premium plan). The type cannot be changed \
      afterwards: deleting a field deletes its values.
      """,
    shape: #"{"done": true, "mergeField": {"tag": "SHOE", "name": "Shoe size", "type": "number"}}"#
  ) { (run) throws(Problem) in
    let word = run[type] ?? "text"
    let kinds = MergeField.Kind.allCases.map(\.rawValue)
    guard let kind = MergeField.Kind(rawValue: word.lowercased()) else {
      throw Problem(
        "usage.unknown-type", "'\(Text.oneLine(word))' is no type of a merge field.",
        remedy: "Give one of: \(kinds.joined(separator: ", "))."
          + Suggestion.sentence(word, among: kinds))
    }
    let draft = MergeFieldDraft(
      tag: run.argument(0), name: run[name] ?? run.argument(0), type: kind,
      choices: (run[choices] ?? "").split(separator: ",").map { Text.oneLine($0) },
      isRequired: run.has(required))
    // Said without asking Mailchimp: it would cut the tag.
    if let problem = draft.problem(beside: []) { throw problem }
    return try run.withWorkspace { (workspace) throws(Problem) in
      let access = try AccountAccess(workspace)
      let field = try waitFor { () throws(Problem) in try await access.createMergeField(draft) }
      run.done(
        "The audience has the merge field \(field.tag) (\(field.type.rawValue)) now."
          + " Map onto it: listkeeper mapping set FIELD \(field.tag)",
        ["done": true, "mergeField": json(field, [])])
      return .done
    }
  }

  // MARK: Shared

  private static func tag(_ word: String) -> String { Text.oneLine(word).uppercased() }

  private static func personField(_ word: String) throws(Problem) -> PersonField {
    let name = Text.oneLine(word)
    if let field = PersonField(name) { return field }
    let names = PersonField.builtIn.map(\.description)
    throw Problem(
      "usage.unknown-field", "People have no field '\(name)'.",
      remedy: "Give one of: \(names.joined(separator: ", ")), or custom.NAME."
        + Suggestion.sentence(name, among: names))
  }

  private static func board(_ workspace: Workspace) throws(Problem) -> MappingBoard {
    try workspace.readBlocking { (reading) throws(Problem) in try reading.mappingBoard() }
  }

  private static func change(
    _ change: MappingChange, _ run: CommandRun, backfill: Bool = false
  ) throws(Problem) -> ExitCode {
    try run.withWorkspace { (workspace) throws(Problem) in
      let edit = try workspace.writeBlocking(as: run.context.user) { (tx) throws(Problem) in
        try tx.changeMapping(change, backfill: backfill)
      }
      show(edit.after, run)
      if let row = edit.waiting, !run.json {
        run.output.line(
          "People get this when they change next. For everybody at once:"
            + " listkeeper mapping backfill \(row.tag)")
      }
      return .done
    }
  }

  private static func show(_ board: MappingBoard, _ run: CommandRun) {
    run.report(json(board)) {
      run.output.table(table(board))
      for problem in board.problems + board.remarks { run.output.line(problem.description) }
    }
  }

  private static func json(_ board: MappingBoard) -> JSONValue {
    [
      "mapping": .array(
        board.rows.map { row in
          [
            "field": .string(row.field.description), "tag": .string(row.tag),
            "direction": .string(row.direction.rawValue),
            "transforms": .string(Transform.print(row.transforms)),
            "type": JSONShape.text(mergeType(of: row.tag, board)),
            "since": JSONShape.time(row.since),
          ]
        }),
      "problems": .array(board.problems.map { CommandTool.json(of: $0) }),
      "remarks": .array(board.remarks.map { CommandTool.json(of: $0) }),
    ]
  }

  private static func json(_ field: MergeField, _ mapped: Set<String>) -> JSONValue {
    [
      "tag": .string(field.tag), "name": .string(field.name), "type": .string(field.type.rawValue),
      "required": .bool(field.isRequired), "choices": .array(field.choices.map { .string($0) }),
      "mapped": .bool(mapped.contains(field.tag)),
    ]
  }

  private static func table(_ board: MappingBoard) -> TextTable {
    TextTable(
      [
        .left("field"), .left(""), .left("merge field"), .left("type"), .left("transforms"),
        .left("for"),
      ],
      board.rows.map { row in
        [
          row.field.description, row.direction.arrow, row.tag, mergeType(of: row.tag, board) ?? "?",
          Transform.print(row.transforms), row.since == nil ? "everybody" : "who changes",
        ]
      })
  }

  private static func mergeType(of tag: String, _ board: MappingBoard) -> String? {
    board.mergeFields?.first { $0.tag == tag }?.type.rawValue
  }
}
