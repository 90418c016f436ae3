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

  static let group = CommandGroup(
    "mapping", "Which field goes into which", alone: "list", [list, set, remove, check])

  private static let list = Command(
    "mapping list", "List the mappings",
    shape: """
      {"mapping": [{"field": "first_name", "tag": "FNAME", "direction": "to",
        "transforms": "", "type": "text"}], "problems": [{"code": "…", "sentence": "…"}]}
      """
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let state = try State(workspace)
      run.report(state.json) {
        run.output.table(state.table)
        show(state.problems, run)
      }
    }
    return .done
  }

  private static let check = Command(
    "mapping check", "Hold the mappings against the audience's own fields",
    notes: "Ends with exit code 4 when something cannot work.",
    shape: #"{"mapping": […], "problems": […]} as in `mapping list`"#
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let state = try State(workspace)
      run.report(state.json) {
        if state.problems.isEmpty { run.output.line("The mapping can work.") }
        show(state.problems, run)
      }
      return state.problems.isEmpty ? .done : .configuration
    }
  }

  private static let set = Command(
    "mapping set", "Add or change the mapping of a merge field",
    [
      .init("FIELD", .one, "A person's field, such as first_name or custom.shoe_size."),
      .init("TAG", .one, "The audience's merge field, such as FNAME."),
    ], options: [direction, transform],
    notes: "The transforms there are: \(Transform.forms.joined(separator: ", ")).",
    shape: #"{"mapping": […], "problems": […]} as in `mapping list`"#
  ) { (run) throws(Problem) in
    let name = Text.oneLine(run.argument(0))
    guard let field = PersonField(name) else {
      let names = PersonField.builtIn.map(\.description)
      throw Problem(
        "usage.unknown-field", "People have no field '\(name)'.",
        remedy: "Give one of: \(names.joined(separator: ", ")), or custom.NAME."
          + Suggestion.sentence(name, among: names))
    }
    let word = run[direction] ?? "to"
    guard let way = SyncDirection(rawValue: word) else {
      throw Problem(
        "usage.unknown-direction", "'\(Text.oneLine(word))' is no direction.",
        remedy: "Give to, from or both.")
    }
    let row = FieldMapping(
      field, Text.oneLine(run.argument(1)).uppercased(), direction: way,
      transforms: try Transform.list(run[transform] ?? ""))
    return try change(run) { mapping in
      if let index = mapping.firstIndex(where: { $0.tag == row.tag }) {
        mapping[index] = row
      } else {
        mapping.append(row)
      }
    }
  }

  private static let remove = Command(
    "mapping remove", "Remove the mapping of a merge field; its values stay as they are",
    [.init("TAG", .one, "The merge field, such as PHONE.")],
    shape: #"{"mapping": […], "problems": […]} as in `mapping list`"#
  ) { (run) throws(Problem) in
    let tag = Text.oneLine(run.argument(0)).uppercased()
    return try change(run) { (mapping) throws(Problem) in
      let tags = mapping.map(\.tag)
      guard tags.contains(tag) else {
        throw Problem(
          "usage.unknown-mapping", "Nothing is mapped onto '\(tag)'.",
          remedy: "See `listkeeper mapping list`." + Suggestion.sentence(tag, among: tags))
      }
      mapping.removeAll { $0.tag == tag }
    }
  }

  private static func change(
    _ run: CommandRun, _ edit: (inout [FieldMapping]) throws(Problem) -> Void
  ) throws(Problem) -> ExitCode {
    try run.withWorkspace { (workspace) throws(Problem) in
      let before = try State(workspace)
      var mapping = before.mapping
      try edit(&mapping)
      let after = State(mapping, before.mergeFields, before.customFields)
      // What was wrong before may be mended one row at a time; nothing may become worse.
      if let problem = after.problems.first(where: { !before.problems.contains($0) }) {
        throw problem
      }
      let wanted = mapping
      let user = run.context.user
      try workspace.writeBlocking(as: user) { (tx) throws(Problem) in
        try tx.audiences.saveMapping(wanted)
        try tx.requests.insert(.settingsChanged)
      }
      run.report(after.json) {
        run.output.table(after.table)
        show(after.problems, run)
      }
      return .done
    }
  }

  private static func show(_ problems: [Problem], _ run: CommandRun) {
    for problem in problems { run.output.line(problem.description) }
  }

  /// The mapping and what it is held against.
  private struct State {
    var mapping: [FieldMapping]
    /// Nil before the audience's fields were read.
    var mergeFields: [MergeField]?
    var customFields: [CustomField]
    var problems: [Problem]

    init(_ mapping: [FieldMapping], _ mergeFields: [MergeField]?, _ customFields: [CustomField]) {
      self.mapping = mapping
      self.mergeFields = mergeFields
      self.customFields = customFields
      problems =
        mergeFields.map {
          MappingCheck.problems(in: mapping, mergeFields: $0, customFields: customFields)
        } ?? []
    }

    init(_ workspace: Workspace) throws(Problem) {
      self = try workspace.readBlocking { (reading) throws(Problem) in
        let audience = try reading.settings.values()[Settings.audience]
        return State(
          try reading.audiences.mapping(), try reading.audiences.mergeFields(of: audience),
          try reading.directory.customFields())
      }
    }

    var json: JSONValue {
      [
        "mapping": .array(
          mapping.map { row in
            [
              "field": .string(row.field.description), "tag": .string(row.tag),
              "direction": .string(row.direction.rawValue),
              "transforms": .string(Transform.print(row.transforms)),
              "type": JSONShape.text(type(of: row.tag)),
            ]
          }),
        "problems": .array(problems.map { CommandTool.json(of: $0) }),
      ]
    }

    var table: TextTable {
      TextTable(
        [
          .left("field"), .left(""), .left("merge field"), .left("type"), .left("transforms"),
        ],
        mapping.map { row in
          [
            row.field.description, row.direction.arrow, row.tag, type(of: row.tag) ?? "?",
            Transform.print(row.transforms),
          ]
        })
    }

    private func type(of tag: String) -> String? {
      mergeFields?.first { $0.tag == tag }?.type.rawValue
    }
  }
}
