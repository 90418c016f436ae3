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

extension CustomField {
  /// The value in its one spelling; one that the field's type cannot hold is refused, saying what
  /// it can.
  package func stored(_ value: String) throws(Problem) -> String {
    switch type {
    case .text, .address: return value
    case .number: if Double(plain: value) != nil { return value }
    case .yesNo:
      switch value.lowercased() {
      case "yes", "true", "1": return "yes"
      case "no", "false", "0": return "no"
      default: break
      }
    case .date: if let date = CivilDate(value) { return date.description }
    case .birthday: if let day = MonthDay(value) { return day.description }
    case .choice:
      if choices.isEmpty { return value }
      if let choice = choices.first(where: { $0.lowercased() == value.lowercased() }) {
        return choice
      }
    }
    let wanted =
      switch type {
      case .number: "a number"
      case .yesNo: "yes or no"
      case .date: "a date, such as 1985-12-10"
      case .birthday: "month and day, such as 12/10"
      case .choice: "one of: \(choices.joined(separator: ", "))"
      case .text, .address: "a text"
      }
    throw Problem(
      "fields.does-not-fit", "'\(value.prefix(60))' does not fit the custom field '\(name)'.",
      remedy: "Give \(wanted).", fields: ["field": name])
  }
}
