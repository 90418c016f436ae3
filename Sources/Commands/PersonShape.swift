// One person as lines, as JSON and as a line of CSV.

import Basics
import Console
import Domain
import Storage

enum PersonShape {
  static func json(_ person: Person) -> JSONValue {
    .object(object(person))
  }

  static func json(_ detail: PersonDetail) -> JSONValue {
    var object = object(detail.person)
    object["state"] = .string(detail.standing.state.rawValue)
    object["reason"] = .string(detail.standing.reason)
    object["sentence"] = .string(detail.standing.sentence)
    object["member"] =
      detail.link.map { link in
        ["status": JSONShape.text(link.status?.rawValue), "id": JSONShape.text(link.memberID)]
      } ?? .null
    object["suppression"] =
      detail.suppression.map { suppression in
        ["reason": .string(suppression.reason.rawValue), "at": JSONShape.time(suppression.at)]
      } ?? .null
    return .object(object)
  }

  private static func object(_ person: Person) -> [String: JSONValue] {
    [
      "id": JSONShape.id(person.id), "externalID": JSONShape.text(person.externalID),
      "account": .string(person.account), "kind": .string(person.kind.rawValue),
      "firstName": .string(person.firstName), "lastName": .string(person.lastName),
      "emails": .array(person.emails.map { .string($0) }), "phone": .string(person.phone),
      "company": .string(person.company),
      "birthday": JSONShape.text(person.birthday?.description),
      "dateOfBirth": JSONShape.text(person.dateOfBirth?.description),
      "optIn": .string(person.optIn.rawValue), "optInAt": JSONShape.time(person.optInAt),
      "optInHow": .string(person.optInHow), "active": .bool(person.isActive),
      "deletedAt": JSONShape.time(person.deletedAt), "manager": JSONShape.id(person.managerID),
      "customFields": .object(person.customFields.mapValues { .string($0) }),
      "changedAt": JSONShape.time(person.changedAt),
    ]
  }

  static func lines(_ detail: PersonDetail, _ zone: ClockZone) -> [String] {
    let person = detail.person
    let standing = detail.standing
    var pairs: [(String, String)] = [
      ("Person", "\(person.id)"), ("Name", person.displayName),
      ("External id", person.externalID ?? ""), ("Account", person.account),
      ("Kind", person.kind.rawValue), ("Addresses", person.emails.joined(separator: ", ")),
      ("Phone", person.phone), ("Company", person.company),
      ("Birthday", person.birthday?.description ?? ""),
      ("Date of birth", person.dateOfBirth?.description ?? ""),
      ("Opt-in", person.optIn.rawValue), ("Opt-in since", zone.print(person.optInAt)),
      ("Opt-in by", person.optInHow), ("Active", person.isActive ? "yes" : "no"),
      ("Deleted", zone.print(person.deletedAt)), ("Account manager", detail.managerName),
    ]
    pairs += person.customFields.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    pairs += [
      ("Changed", zone.print(person.changedAt)),
      (
        "State",
        [standing.state.rawValue, standing.reason].filter { !$0.isEmpty }.joined(separator: ": ")
      ),
      ("", standing.sentence),
      ("At Mailchimp", detail.link?.status?.rawValue ?? ""),
      (
        "Suppressed", detail.suppression.map { "\($0.reason.rawValue), \(zone.print($0.at))" } ?? ""
      ),
    ]
    return pairs.filter { !$0.1.isEmpty }.map { name, value in
      name + String(repeating: " ", count: max(1, 17 - name.count)) + value
    }
  }
}

/// The native CSV, as it is imported.
enum PeopleCSV {
  private static let columns = [
    "external_id", "account", "kind", "first_name", "last_name", "email", "email2", "email3",
    "phone", "company", "birthday", "date_of_birth", "opt_in", "active", "manager_external_id",
    "updated_at",
  ]

  static func header(_ custom: [String]) -> [UInt8] { record(columns + custom) }

  /// The next people by id, each with the external id of their account manager.
  static func page(
    _ search: String, after id: PersonID?, in reading: WorkspaceReading
  ) throws(Problem) -> [(person: Person, manager: String)] {
    let people: [Person]
    if search.allSatisfy(\.isWhitespace) {
      people = try reading.directory.people(after: id, limit: 500)
    } else {
      let ids = try reading.reports.ids(search, after: id, limit: 500)
      let found = try reading.directory.people(ids)
      people = ids.compactMap { found[$0] }
    }
    let managers = try reading.directory.people(Set(people.compactMap(\.managerID)))
    return people.map { person in
      (person, person.managerID.flatMap { managers[$0]?.externalID } ?? "")
    }
  }

  static func line(_ person: Person, manager: String, _ custom: [String]) -> [UInt8] {
    func email(_ index: Int) -> String {
      person.emails.indices.contains(index) ? person.emails[index] : ""
    }
    let optIn = person.optIn == .unknown ? "" : person.optIn.rawValue
    let values: [String] = [
      person.externalID ?? "", person.account, person.kind.rawValue, person.firstName,
      person.lastName, email(0), email(1), email(2), person.phone, person.company,
      person.birthday?.description ?? "", person.dateOfBirth?.description ?? "", optIn,
      person.isActive ? "yes" : "no", manager, person.sourceUpdatedAt?.description ?? "",
    ]
    return record(values + custom.map { person.customFields[$0] ?? "" })
  }

  /// RFC 4180, with a line feed at the end.
  private static func record(_ values: [String]) -> [UInt8] {
    let cells = values.map { value in
      let needsQuotes = value.utf8.contains { [0x22, 0x2C, 0x0A, 0x0D, 0x3B].contains($0) }
      let doubled = value.split(separator: "\"", omittingEmptySubsequences: false)
        .joined(separator: "\"\"")
      return needsQuotes ? "\"\(doubled)\"" : value
    }
    return Array((cells.joined(separator: ",") + "\n").utf8)
  }
}
