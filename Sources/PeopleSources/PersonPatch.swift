// What one row of a file says of a person: only the columns the file has, each checked. A column
// that is there and empty clears a text; it never takes back a decision (opt-in), and leaves kind,
// account and active as they are.

import Basics
import Domain

struct PersonPatch: Sendable, Equatable {
  enum Cell<Value: Sendable & Equatable>: Sendable, Equatable {
    case absent, empty
    case value(Value)

    var value: Value? { if case .value(let value) = self { value } else { nil } }
  }

  let line: Int
  var externalID: String?
  var account: String?
  var kind: Person.Kind?
  var isActive: Bool?
  var optIn: OptIn?
  var texts: [CSVColumn: String] = [:]
  /// By position.
  var emails: [Int: String] = [:]
  var birthday = Cell<MonthDay>.absent
  var dateOfBirth = Cell<CivilDate>.absent
  var updatedAt = Cell<Instant>.absent
  /// An external id, or `#` and an id.
  var manager = Cell<String>.absent
  var custom: [String: String] = [:]
  /// Where in a source it stands; nil for a line of a file.
  var place: String?
  /// Marked deleted when they vanished from their source; now they are back.
  var undeletes = false

  init(line: Int) { self.line = line }

  var key: AddressKey? {
    (emails[0].flatMap { $0.isEmpty ? nil : $0 } ?? emails[1].flatMap { $0.isEmpty ? nil : $0 }
      ?? emails[2].flatMap { $0.isEmpty ? nil : $0 }).map { AddressKey($0) }
  }

  /// True for a row that tells of nobody.
  var isNobody: Bool {
    externalID == nil && emails.values.allSatisfy(\.isEmpty)
      && [.firstName, .lastName, .company].allSatisfy { texts[$0, default: ""].isEmpty }
  }

  /// True when it gives a name or an address.
  var namesSomebody: Bool {
    emails.values.contains { !$0.isEmpty }
      || [.firstName, .lastName, .company].contains { !texts[$0, default: ""].isEmpty }
  }

  /// Writes the row into `person`. A *no* that did not come from a file is lifted only by a row
  /// that is dated later; returns false where it was left standing.
  func apply(to person: inout Person, decidedAt now: Instant, how: String) -> Bool {
    if let externalID { person.externalID = externalID }
    if let account { person.account = account }
    if let kind { person.kind = kind }
    if let isActive { person.isActive = isActive }
    if undeletes { person.deletedAt = nil }
    for (column, text) in texts {
      switch column {
      case .firstName: person.firstName = text
      case .lastName: person.lastName = text
      case .phone: person.phone = text
      case .company: person.company = text
      default: break
      }
    }
    if !emails.isEmpty {
      var list = person.emails
      for (position, email) in emails.sorted(by: { $0.key < $1.key }) {
        while list.count <= position { list.append("") }
        list[position] = email
      }
      person.emails = list.filter { !$0.isEmpty }
    }
    if birthday != .absent { person.birthday = birthday.value }
    if dateOfBirth != .absent { person.dateOfBirth = dateOfBirth.value }
    for (name, value) in custom { person.customFields[name] = value.isEmpty ? nil : value }
    let isHeard = decide(&person, now, how)
    if updatedAt != .absent { person.sourceUpdatedAt = updatedAt.value }
    return isHeard
  }

  private func decide(_ person: inout Person, _ now: Instant, _ how: String) -> Bool {
    guard let optIn, optIn != .unknown, optIn != person.optIn else { return true }
    if person.optIn == .no {
      let isFromFile = [PersonPatch.howPrefix, PersonPatch.sourcePrefix]
        .contains { person.optInHow.hasPrefix($0) }
      let isLater = updatedAt.value.map { $0 > person.optInAt ?? $0 } ?? false
      if !isFromFile, !isLater { return false }
    }
    person.optIn = optIn
    person.optInAt = updatedAt.value ?? now
    person.optInHow = how
    return true
  }

  /// How decisions that a file brought begin.
  static let howPrefix = "import "
  /// The same for a source.
  static let sourcePrefix = "source "
}

/// Reads rows as patches, naming everything that does not fit.
struct RowReader: Sendable {
  let header: CSVHeader
  private let cells: CellReader

  init(_ header: CSVHeader, known: [CustomField]) {
    self.header = header
    cells = CellReader(known)
  }

  /// The patch, and what is wrong with the row.
  func read(_ row: CSVRow) -> (patch: PersonPatch, problems: [Problem]) {
    var patch = PersonPatch(line: row.line)
    var problems: [Problem] = []
    let extra = row.cells.dropFirst(header.columns.count)
    if row.cells.count < header.columns.count || extra.contains(where: { !$0.isEmpty }) {
      problems.append(
        Problem(
          "csv.cells",
          "Line \(row.line) has \(row.cells.count) cells, the header \(header.columns.count).",
          remedy: "Check the quotation marks and delimiters of that line.",
          fields: ["line": "\(row.line)"]))
      return (patch, problems)
    }
    for (place, meaning) in header.columns.enumerated() {
      do throws(Problem) {
        try cells.set(meaning, Text.oneLine(row.cells[place]), of: &patch)
      } catch {
        var problem = error
        problem.sentence = "Line \(row.line): \(error.sentence)"
        problem.fields["line"] = "\(row.line)"
        problem.fields["column"] = "\(place + 1)"
        problems.append(problem)
      }
    }
    if problems.isEmpty, patch.isNobody {
      problems.append(
        Problem(
          "import.nobody", "Line \(row.line): neither a name nor an e-mail address.",
          remedy: "Fill one in, or remove the line.", fields: ["line": "\(row.line)"]))
    }
    if let manager = patch.manager.value, manager == patch.externalID {
      problems.append(
        Problem(
          "import.own-manager",
          "Line \(row.line): \(manager) is named as their own account manager.",
          remedy: "Name somebody else, or nobody.", fields: ["line": "\(row.line)"]))
    }
    return (patch, problems)
  }
}

/// Reads single cells into a patch, checking each.
struct CellReader: Sendable {
  /// By name: the custom fields there are; those that an import is to make hold any text.
  let fields: [String: CustomField]

  init(_ known: [CustomField]) {
    fields = Dictionary(known.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The patch, and what is wrong with the cells.
  func read(
    _ cells: [(CSVHeader.Meaning, String)], place: String
  ) -> (patch: PersonPatch, problems: [Problem]) {
    var patch = PersonPatch(line: 0)
    patch.place = place
    var problems: [Problem] = []
    for (meaning, text) in cells {
      do throws(Problem) {
        try set(meaning, text, of: &patch)
      } catch {
        var problem = error
        problem.sentence = "\(place): \(error.sentence)"
        problems.append(problem)
      }
    }
    return (patch, problems)
  }

  func set(
    _ meaning: CSVHeader.Meaning, _ text: String, of patch: inout PersonPatch
  ) throws(Problem) {
    switch meaning {
    case .ignored: break
    case .custom(let name):
      patch.custom[name] =
        text.isEmpty
        ? "" : try fields[name].map { (f) throws(Problem) in try f.stored(text) } ?? text
    case .native(let column):
      switch column {
      case .externalID: patch.externalID = text.isEmpty ? nil : text
      case .account: patch.account = text.isEmpty ? nil : text
      case .firstName, .lastName, .phone, .company: patch.texts[column] = text
      case .email: patch.emails[0] = text
      case .email2: patch.emails[1] = text
      case .email3: patch.emails[2] = text
      case .kind:
        guard !text.isEmpty else { break }
        guard let kind = Person.Kind(rawValue: text.lowercased()) else {
          throw unfit(text, column, "Give individual or organisation.")
        }
        patch.kind = kind
      case .active: patch.isActive = text.isEmpty ? nil : try yesNo(text, column)
      case .optIn:
        if text.lowercased() == OptIn.unknown.rawValue || text.isEmpty {
          patch.optIn = .unknown
        } else {
          patch.optIn = try yesNo(text, column) ? .yes : .no
        }
      case .birthday:
        patch.birthday = try cell(text, column, "Give month and day, such as 12/10.") {
          MonthDay($0)
        }
      case .dateOfBirth:
        patch.dateOfBirth = try cell(text, column, "Give a date such as 1985-12-10.") {
          CivilDate($0)
        }
      case .updatedAt:
        patch.updatedAt = try cell(
          text, column, "Give a date and time in ISO 8601, such as 2026-01-31T12:00:00Z."
        ) { Instant(iso8601: $0) }
      case .manager: patch.manager = text.isEmpty ? .empty : .value(text)
      }
    }
  }

  private func yesNo(_ text: String, _ column: CSVColumn) throws(Problem) -> Bool {
    switch text.lowercased() {
    case "yes", "true", "1": return true
    case "no", "false", "0": return false
    default: throw unfit(text, column, "Give yes or no, true or false, 1 or 0.")
    }
  }

  private func cell<Value>(
    _ text: String, _ column: CSVColumn, _ remedy: String, _ read: (String) -> Value?
  ) throws(Problem) -> PersonPatch.Cell<Value> {
    if text.isEmpty { return .empty }
    guard let value = read(text) else { throw unfit(text, column, remedy) }
    return .value(value)
  }

  private func unfit(_ text: String, _ column: CSVColumn, _ remedy: String) -> Problem {
    Problem(
      "import.does-not-fit", "'\(text.prefix(60))' does not fit \(column.rawValue).",
      remedy: remedy)
  }
}
