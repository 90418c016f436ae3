// What the columns of a people file mean. The native names are understood in any case and order;
// other common spellings are suggested, never guessed, because a wrong guess mails people.

import Basics
import Domain

/// One native column.
package enum CSVColumn: String, Sendable, CaseIterable {
  case externalID = "external_id"
  case account, kind
  case firstName = "first_name"
  case lastName = "last_name"
  case email, email2, email3, phone, company, birthday
  case dateOfBirth = "date_of_birth"
  case optIn = "opt_in"
  case active
  case manager = "manager_external_id"
  case updatedAt = "updated_at"

  /// A file must have one of these, or there is nobody to tell apart.
  static let naming: Set<CSVColumn> = [.firstName, .lastName, .email, .email2, .email3, .company]

  /// The field of a person it fills; nil for further addresses and the time of change.
  var field: PersonField? {
    switch self {
    case .externalID: .externalID
    case .account: .account
    case .kind: .kind
    case .firstName: .firstName
    case .lastName: .lastName
    case .email: .email
    case .phone: .phone
    case .company: .company
    case .birthday: .birthday
    case .dateOfBirth: .dateOfBirth
    case .optIn: .optIn
    case .active: .active
    case .manager: .manager
    case .email2, .email3, .updatedAt: nil
    }
  }

  /// Other names for it that other systems use, as `CSVHeader.simple` makes them.
  var otherSpellings: [String] {
    switch self {
    case .externalID: ["id", "externalid", "constituentid", "contactid", "customerid", "userid"]
    case .account: ["accountname", "group", "category"]
    case .kind: ["type", "contacttype", "constituenttype"]
    case .firstName: ["firstname", "first", "fname", "givenname", "forename", "vorname", "prenom"]
    case .lastName: ["lastname", "last", "lname", "surname", "familyname", "nachname", "nom"]
    case .email: ["mail", "emailaddress", "primaryemail", "email1", "emailaddress1"]
    case .email2: ["secondaryemail", "emailaddress2"]
    case .email3: ["emailaddress3"]
    case .phone: ["phonenumber", "telephone", "tel", "mobile", "mobilephone"]
    case .company: ["organisation", "organization", "companyname", "organisationname"]
    case .birthday: ["birthdate", "bday"]
    case .dateOfBirth: ["dob", "dateofbirth", "birthdate"]
    case .optIn: ["optin", "subscribed", "newsletter", "marketingconsent", "consent"]
    case .active: ["isactive", "status", "enabled"]
    case .manager: ["managerid", "accountmanager", "manager", "parentid"]
    case .updatedAt: ["updated", "lastmodified", "modified", "modifiedat", "lastupdated"]
    }
  }
}

package struct CSVHeader: Sendable, Equatable {
  package enum Meaning: Sendable, Equatable {
    case native(CSVColumn)
    /// A custom field of this name.
    case custom(String)
    case ignored(String)
  }

  package let columns: [Meaning]
  /// Columns that may have been meant to be a native one which the file lacks.
  package let suggestions: [Suggestion]

  package struct Suggestion: Sendable, Equatable {
    package let name: String
    package let column: CSVColumn
  }

  /// `known` are the custom fields there are; with `customFields` further columns become new ones.
  /// `matching` says of columns, by their names, what they are taken for whatever they are called
  /// (see `ImportOrder`).
  package init(
    _ row: CSVRow, known: [CustomField], customFields: Bool, matching: [String: String] = [:]
  ) throws(Problem) {
    var columns: [Meaning] = []
    var places: [String: Int] = [:]
    for (place, cell) in row.cells.enumerated() {
      let name = Text.oneLine(cell)
      if let other = places[name.lowercased()], !name.isEmpty {
        throw Problem(
          "csv.duplicate-column",
          "The header names '\(name)' twice, in columns \(other + 1) and \(place + 1).",
          remedy: "Rename or remove one of them.",
          fields: ["line": "\(row.line)", "column": "\(place + 1)"])
      }
      places[name.lowercased()] = place
      columns.append(
        try matching[name].map { (target) throws(Problem) in
          try CSVHeader.meaning(of: name, as: target, known)
        } ?? CSVHeader.meaning(name, known, customFields))
    }
    for name in matching.keys.sorted() where places[name.lowercased()] == nil {
      throw Problem(
        "import.no-column", "The file has no column '\(name)'.",
        remedy: "Give one of: \(row.cells.map { Text.oneLine($0) }.joined(separator: ", ")).")
    }
    try CSVHeader.refuseTwice(row.cells, columns)
    self.columns = columns
    let native = Set(
      columns.compactMap { if case .native(let column) = $0 { column } else { nil } })
    suggestions = zip(row.cells, columns).compactMap { cell, meaning in
      // Of what somebody matched by hand nothing is suggested.
      if matching[Text.oneLine(cell)] != nil { return nil }
      if case .native = meaning { return nil }
      let simple = CSVHeader.simple(cell)
      return CSVColumn.allCases.first {
        !native.contains($0)
          && (CSVHeader.simple($0.rawValue) == simple || $0.otherSpellings.contains(simple))
      }.map { Suggestion(name: Text.oneLine(cell), column: $0) }
    }
    if native.isDisjoint(with: CSVColumn.naming) { throw unusable(line: row.line) }
  }

  private static func meaning(
    _ name: String, _ known: [CustomField], _ customFields: Bool
  ) -> Meaning {
    // Named as searches and mappings name it.
    if case .custom(let own)? = PersonField(name) { return meaning(own, known, customFields) }
    let lower = name.lowercased()
    if let native = CSVColumn(rawValue: lower) { return .native(native) }
    if let field = known.first(where: { $0.name.lowercased() == lower }) {
      return .custom(field.name)
    }
    return customFields && !name.isEmpty ? .custom(name) : .ignored(name)
  }

  /// What a column is taken for because somebody says so.
  private static func meaning(
    of name: String, as target: String, _ known: [CustomField]
  ) throws(Problem) -> Meaning {
    if target.isEmpty { return .ignored(name) }
    if case .custom(let own)? = PersonField(target) {
      return .custom(known.first { $0.name.lowercased() == own.lowercased() }?.name ?? own)
    }
    if let native = CSVColumn(rawValue: target.lowercased()) { return .native(native) }
    let all = CSVColumn.allCases.map(\.rawValue)
    throw Problem(
      "import.unknown-target", "A column cannot be taken for '\(Text.oneLine(target))'.",
      remedy: "Give one of: \(all.joined(separator: ", ")), or custom.NAME."
        + Basics.Suggestion.sentence(target, among: all))
  }

  /// Two columns for one field: nobody could say which counts.
  private static func refuseTwice(_ names: [String], _ columns: [Meaning]) throws(Problem) {
    var taken: [String: String] = [:]
    for (cell, meaning) in zip(names, columns) {
      guard let word = SourceWord.name(meaning) else { continue }
      let name = Text.oneLine(cell)
      if let other = taken[word.lowercased()] {
        throw Problem(
          "import.matched-twice",
          "The columns '\(other)' and '\(name)' are both taken for \(word).",
          remedy: "Leave one of them out, or take it for something else.",
          fields: ["field": word])
      }
      taken[word.lowercased()] = name
    }
  }

  /// The columns of a file as they seem to be, one by one; nothing is refused.
  static func guesses(_ row: CSVRow, known: [CustomField]) -> [ImportFile.Column] {
    let meanings = row.cells.map { meaning(Text.oneLine($0), known, false) }
    var taken = Set(meanings.compactMap(SourceWord.name))
    return zip(row.cells, meanings).map { cell, meaning in
      let name = Text.oneLine(cell)
      if let word = SourceWord.name(meaning) {
        return ImportFile.Column(name: name, target: word, origin: .named)
      }
      let spelling = simple(cell)
      let column = CSVColumn.allCases.first {
        !taken.contains($0.rawValue)
          && (simple($0.rawValue) == spelling || $0.otherSpellings.contains(spelling))
      }
      guard let column else { return ImportFile.Column(name: name) }
      // Who is mailed may not hang on a guess.
      if column == .optIn || column == .active {
        return ImportFile.Column(name: name, hint: column.rawValue)
      }
      taken.insert(column.rawValue)
      return ImportFile.Column(name: name, target: column.rawValue, origin: .suggested)
    }
  }

  /// Letters and digits only, small.
  private static func simple(_ name: String) -> String {
    name.lowercased().filter { $0.isLetter || $0.isNumber }
  }

  private func unusable(line: Int) -> Problem {
    let renames = suggestions.map { "'\($0.name)' to \($0.column.rawValue)" }
    return Problem(
      "csv.no-header",
      "The first line names neither a name nor an e-mail address, so nobody can be read from the "
        + "file.",
      remedy: renames.isEmpty
        ? "Let the first line name the columns, such as: external_id,first_name,last_name,email."
        : "Rename \(renames.joined(separator: ", ")) in the first line.",
      fields: ["line": "\(line)"])
  }

  package var customFields: [String] {
    columns.compactMap { if case .custom(let name) = $0 { name } else { nil } }
  }

  /// Names of columns that are left out.
  package var ignored: [String] {
    columns.compactMap { if case .ignored(let name) = $0, !name.isEmpty { name } else { nil } }
  }

  package func contains(_ column: CSVColumn) -> Bool { columns.contains(.native(column)) }
}
