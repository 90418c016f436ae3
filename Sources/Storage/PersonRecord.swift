// A person as rows: which columns make one, and how they are read. Everybody who reads people
// selects these columns in this order, so that there is one place where a row becomes a `Person`.

import Basics
import Domain
import SQLite

enum PersonRecord {
  /// For `FROM \(tables)`; beside them the tables may be joined to others.
  static let tables = "person p JOIN account a ON a.id = p.account_id"

  static let columns = """
    p.id, p.external_id, a.name, p.kind, p.first_name, p.last_name, p.phone, p.company,
    p.postal_address, p.birthday, p.date_of_birth, p.opt_in, p.opt_in_at, p.opt_in_how, p.active,
    p.deleted_at, p.manager_id, p.custom, p.source_updated_at, p.created_at, p.noticed_at,
    (SELECT group_concat(email, char(10)) FROM
      (SELECT email FROM address WHERE person_id = p.id ORDER BY position))
    """

  /// How many columns that are; a caller's own columns come after them.
  static let count = 22

  static func person(_ row: Row) throws(Problem) -> Person {
    var person = Person(id: row.identifier(0), account: row.text(2), noticedAt: row.instant(20))
    person.externalID = row.optionalText(1)
    person.kind = try row.state(3)
    person.firstName = row.text(4)
    person.lastName = row.text(5)
    person.phone = row.text(6)
    person.company = row.text(7)
    if !row.isNull(8) { person.postalAddress = PostalAddress(json: try row.json(8)) }
    person.birthday = row.optionalText(9).flatMap { MonthDay($0) }
    person.dateOfBirth = row.optionalText(10).flatMap { CivilDate($0) }
    person.optIn = try row.state(11)
    person.optInAt = row.optionalInstant(12)
    person.optInHow = row.text(13)
    person.isActive = row.bool(14)
    person.deletedAt = row.optionalInstant(15)
    person.managerID = row.optionalIdentifier(16)
    person.customFields = try custom(row, 17)
    person.sourceUpdatedAt = row.optionalInstant(18)
    person.createdAt = row.instant(19)
    if !row.isNull(21) {
      person.emails = row.text(21).split(separator: "\n").map(String.init)
    }
    return person
  }

  /// Most people have no custom field: `{}` is not parsed.
  static func custom(_ row: Row, _ index: Int) throws(Problem) -> [String: String] {
    if row.withBytes(ofText: index, { $0.count <= 2 }) { return [:] }
    return (try row.json(index).object ?? [:]).compactMapValues {
      switch $0 {
      case .string(let text): text
      case .null, .array, .object: nil
      case .bool, .int, .number: $0.description
      }
    }
  }

  /// Custom fields as stored: empty ones are no values.
  static func json(_ custom: [String: String]) -> JSONValue {
    .object(custom.filter { !$0.value.isEmpty }.mapValues(JSONValue.string))
  }
}

extension Person {
  /// Text as it is kept: one line, no control characters, no surrounding blanks; addresses that are
  /// empty or named twice are left out.
  package func cleaned() -> Person {
    var clean = self
    clean.externalID = externalID.map { Text.oneLine($0) }.flatMap { $0.isEmpty ? nil : $0 }
    clean.account = Text.oneLine(account)
    clean.firstName = Text.oneLine(firstName)
    clean.lastName = Text.oneLine(lastName)
    clean.phone = Text.oneLine(phone)
    clean.company = Text.oneLine(company)
    clean.optInHow = Text.oneLine(optInHow)
    if let address = postalAddress?.oneLine {
      clean.postalAddress = address.isEmpty ? nil : address
    }
    var keys: Set<AddressKey> = []
    clean.emails = emails.map { Text.oneLine($0) }.filter {
      !$0.isEmpty && keys.insert(AddressKey($0)).inserted
    }
    clean.customFields = [:]
    for (name, value) in customFields {
      let value = Text.oneLine(value)
      if !value.isEmpty { clean.customFields[Text.oneLine(name)] = value }
    }
    return clean
  }
}
