// One person as lines and as JSON.

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
    object["duplicateOf"] = JSONShape.id(detail.standing.other)
    object["sentence"] = .string(detail.sentence { "\($0)" })
    object["member"] =
      detail.link.map { link in
        [
          "status": JSONShape.text(link.status?.rawValue), "id": JSONShape.text(link.memberID),
          "pendingSince": JSONShape.time(detail.pendingSince),
        ]
      } ?? .null
    object["suppression"] =
      detail.suppression.map { suppression in
        ["reason": .string(suppression.reason.rawValue), "at": JSONShape.time(suppression.at)]
      } ?? .null
    object["source"] =
      detail.source.map { source in
        [
          "name": .string(source.name), "place": .string(source.place),
          "saidAt": JSONShape.time(source.saidAt),
          "leftAs": JSONShape.text(source.leftAs?.rawValue),
          "word": .object(source.values.mapValues { .string($0) }),
        ]
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
      "address": person.postalAddress.map { JSONShape.value(.address($0)) } ?? .null,
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
      ("Address", person.postalAddress.map { PersonValue.address($0).text } ?? ""),
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
        [standing.state.rawValue, standing.fullReason].filter { !$0.isEmpty }.joined(
          separator: ": ")
      ),
      ("", detail.sentence { zone.print($0) }),
      ("At Mailchimp", detail.link?.status?.rawValue ?? ""),
      (
        "Suppressed", detail.suppression.map { "\($0.reason.rawValue), \(zone.print($0.at))" } ?? ""
      ),
    ]
    if let source = detail.source {
      pairs += [
        ("Source", "\(source.name), said \(zone.print(source.saidAt)) (\(source.place))"),
        ("", source.leaving),
      ]
      pairs += source.columns.map { ("  \($0.name)", $0.text) }
    } else {
      pairs.append(("Source", "this directory"))
    }
    return pairs.filter { !$0.1.isEmpty }.map { name, value in
      name + String(repeating: " ", count: max(1, 17 - name.count)) + value
    }
  }
}
