// `people fields`: the fields the administrator added to people. Removing one that people have
// values in asks first, because the values go with it.

import Basics
import Domain
import Storage

enum PeopleFieldCommands {
  private static let type = Command.Option.value(
    "type", "TYPE", "text, number, yes/no, date, birthday or choice; text unless given.")
  private static let choices = Command.Option.value(
    "choices", "A,B", "What a choice field offers, in this order.")
  private static let yes = Command.Option.flag("yes", "Empty the field for everybody who has it.")

  static let list = Command(
    "people fields", "List the custom fields of people",
    shape: """
      {"fields": [{"name": "shoe_size", "type": "number", "choices": [], "people": 0,
        "mappedOnto": null}]}
      """
  ) { (run) throws(Problem) in
    try run.withWorkspace { (workspace) throws(Problem) in
      let rows = try workspace.readBlocking { (reading) throws(Problem) in
        let mapping = try reading.audiences.mapping()
        return try reading.directory.customFields().map { (field) throws(Problem) in
          (
            field, try reading.directory.peopleWithValue(in: field.name),
            mapping.first { $0.names(.custom(field.name)) }?.tag
          )
        }
      }
      run.report([
        "fields": .array(
          rows.map { field, people, tag in
            [
              "name": .string(field.name), "type": .string(field.type.rawValue),
              "choices": .array(field.choices.map { .string($0) }),
              "people": JSONShape.number(people), "mappedOnto": JSONShape.text(tag),
            ]
          })
      ]) {
        if rows.isEmpty {
          run.output.line("There are no custom fields.")
          run.output.line("Add one: listkeeper people add-field NAME --type TYPE")
          return
        }
        run.output.table(
          TextTable(
            [.left("name"), .left("type"), .right("people"), .left("mapped onto")],
            rows.map { field, people, tag in
              [
                field.name,
                field.choices.isEmpty
                  ? field.type.rawValue
                  : "\(field.type.rawValue) (\(field.choices.joined(separator: ", ")))",
                Phrase.number(people), tag ?? "",
              ]
            }))
      }
    }
    return .done
  }

  static let add = Command(
    "people add-field", "Add a custom field to people",
    [.init("NAME", .one, "Its name, such as shoe_size.")], options: [type, choices],
    notes: "In searches and mappings it is custom.NAME; as a column of a file it is NAME.",
    shape: #"{"done": true, "field": "shoe_size"}"#
  ) { (run) throws(Problem) in
    let word = run[type] ?? "text"
    let kinds = FieldType.allCases.filter { $0 != .address }.map(\.rawValue)
    guard let kind = FieldType(rawValue: word.lowercased()), kind != .address else {
      throw Problem(
        "usage.unknown-type", "'\(Text.oneLine(word))' is no type of a custom field.",
        remedy: "Give one of: \(kinds.joined(separator: ", "))."
          + Suggestion.sentence(word, among: kinds))
    }
    let field = CustomField(
      name: Text.oneLine(run.argument(0)), type: kind,
      choices: (run[choices] ?? "").split(separator: ",").map { Text.oneLine($0) }
        .filter { !$0.isEmpty })
    return try run.withWorkspace { (workspace) throws(Problem) in
      try workspace.writeBlocking(as: run.context.user) { (tx) throws(Problem) in
        try tx.directory.define(field)
      }
      run.done(
        "People have the custom field \(field.name) (\(field.type.rawValue)) now.",
        ["done": true, "field": .string(field.name)])
      return .done
    }
  }

  static let remove = Command(
    "people remove-field", "Remove a custom field, and with --yes its values",
    [.init("NAME", .one, "Its name, such as shoe_size.")], options: [yes],
    notes: "A field that is mapped stays until its row is removed.",
    shape: #"{"done": true, "people": 0}"#
  ) { (run) throws(Problem) in
    let name = Text.oneLine(run.argument(0))
    let empties = run.has(yes)
    return try run.withWorkspace { (workspace) throws(Problem) in
      var people = 0
      var known = name
      while true {
        do throws(Problem) {
          try workspace.writeBlocking(as: run.context.user) { (tx) throws(Problem) in
            try tx.directory.undefine(name)
          }
          break
        } catch {
          guard error.code == "fields.in-use", empties else { throw error }
          known = error.fields["name"] ?? name
        }
        let field = known
        people += try workspace.writeBlocking(as: run.context.user) { (tx) throws(Problem) in
          try tx.directory.clearField(named: field, limit: 500)
        }
      }
      run.done(
        "The custom field \(name) is gone"
          + (people == 0 ? "." : ", with the values of \(Phrase.number(people)) people."),
        ["done": true, "people": JSONShape.number(people)])
      return .done
    }
  }
}
