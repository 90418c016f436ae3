// Accounts, which group people, and custom fields, which the administrator adds to them. An account
// is made when somebody names it; a custom field is defined before anybody has a value in it.

import Basics
import Domain
import SQLite

extension DirectoryStore {
  // MARK: Accounts

  package func accounts() throws(Problem) -> [Account] {
    try database.rows("SELECT id, name FROM account ORDER BY name") {
      Account(id: $0.identifier(0), name: $0.text(1))
    }
  }

  /// The account of this name, made where there is none; the workspace's default for no name.
  package func accountID(_ name: String) throws(Problem) -> AccountID {
    let name = name.isEmpty ? try defaultAccount() : name
    if let id: AccountID = try database.one(
      "SELECT id FROM account WHERE name = ?", name, map: { $0.identifier(0) })
    {
      return id
    }
    try database.execute("INSERT INTO account (name) VALUES (?)", name)
    return AccountID(database.lastInsertedRowID)
  }

  package func defaultAccount() throws(Problem) -> String {
    let values = try SettingsStore(database: database, now: now).values()
    let name = values[Settings.defaultAccount]
    return name.isEmpty ? Account.defaultName : name
  }

  // MARK: Custom fields

  package func customFields() throws(Problem) -> [CustomField] {
    try database.rows("SELECT name, type, choices FROM custom_field ORDER BY id") {
      (row) throws(Problem) in
      CustomField(
        name: row.text(0), type: try row.state(1),
        choices: (try row.json(2).array ?? []).compactMap(\.string))
    }
  }

  /// Adds a field; one of this name that is there already is refused, letter case aside.
  package func define(_ field: CustomField) throws(Problem) {
    let name = Text.oneLine(field.name)
    if name.isEmpty || field.type == .address {
      throw Problem(
        "fields.not-possible", "A custom field needs a name and a type other than address.",
        remedy: "Give a name, and text, number, yes/no, date, birthday or choice.")
    }
    if field.type != .choice, !field.choices.isEmpty {
      throw Problem(
        "fields.not-possible", "A custom field of type \(field.type.rawValue) has no choices.",
        remedy: "Leave them out, or make it a choice field.", fields: ["field": "choices"])
    }
    if PersonField(name) != nil || name.contains(where: { "\"\\".contains($0) }) {
      throw Problem(
        "fields.name-taken", "'\(name)' cannot be the name of a custom field.",
        remedy: "Give another name.")
    }
    let added = try database.execute(
      "INSERT INTO custom_field (name, type, choices) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
      name, field.type.rawValue,
      JSONValue.array(field.choices.map { .string(Text.oneLine($0)) }))
    if added == 0 {
      throw Problem(
        "fields.name-taken", "There is a custom field '\(name)' already.",
        remedy: "Give another name, or use that field.")
    }
  }

  /// How many people have a value in it.
  package func peopleWithValue(in name: String) throws(Problem) -> Int {
    try database.integer(
      "SELECT count(*) FROM person WHERE json_extract(custom, ?) IS NOT NULL", path(name))
  }

  /// Empties the field for at most `limit` people, so that nobody waits long for the file; how many
  /// that were.
  package func clearField(named name: String, limit: Int) throws(Problem) -> Int {
    try database.execute(
      """
      UPDATE person SET custom = json_remove(custom, ?1) WHERE id IN
        (SELECT id FROM person WHERE json_extract(custom, ?1) IS NOT NULL LIMIT ?2)
      """, path(name), limit)
  }

  /// Removes a field that nobody has a value in and no mapping names.
  package func undefine(_ name: String) throws(Problem) {
    guard let field = try customFields().first(where: { $0.name.lowercased() == name.lowercased() })
    else {
      throw Problem(
        "fields.unknown", "There is no custom field '\(Text.oneLine(name))'.",
        remedy: "See them with `listkeeper people fields`."
          + Suggestion.sentence(name, among: try customFields().map(\.name)))
    }
    let audiences = AudienceStore(database: database, now: now)
    if let row = try audiences.mapping().first(where: { $0.names(.custom(field.name)) }) {
      throw Problem(
        "fields.mapped", "The custom field '\(field.name)' is mapped onto \(row.tag).",
        remedy: "Remove that row first: listkeeper mapping remove \(row.tag)")
    }
    let people = try peopleWithValue(in: field.name)
    if people > 0 {
      throw Problem(
        "fields.in-use",
        "\(people) \(people == 1 ? "person has" : "people have") a value in the custom field "
          + "'\(field.name)'.",
        remedy: "Remove it with --yes: their values are emptied first.",
        fields: ["people": "\(people)", "name": field.name])
    }
    try database.execute("DELETE FROM custom_field WHERE name = ?", field.name)
  }

  /// Names hold neither quotes nor backslashes (`define`).
  private func path(_ name: String) -> String { "$.\"\(name)\"" }

  /// Values as they are kept; those of fields that nobody defined, and those that do not fit, are
  /// refused.
  func stored(_ values: [String: String]) throws(Problem) -> [String: String] {
    if values.isEmpty { return [:] }
    let known = Dictionary(
      try customFields().map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var stored: [String: String] = [:]
    for (name, value) in values.sorted(by: { $0.key < $1.key }) {
      guard let field = known[name] else {
        throw Problem(
          "fields.unknown", "There is no custom field '\(name)'.",
          remedy: "Define it first, or import with --custom-fields.", fields: ["field": name])
      }
      stored[name] = try field.stored(value)
    }
    return stored
  }
}
