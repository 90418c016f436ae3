// SCIM 2.0's user (RFC 7643) as columns, and changes as its PATCH (RFC 7644). Pure.

import Basics
import Domain

enum SCIM {
  private static let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

  static func columns(_ user: JSONValue) -> [String: String?] {
    var columns: [String: String?] = [:]
    func set(_ column: CSVColumn, _ value: JSONValue?) {
      columns[column.rawValue] = .some(value?.cell ?? "")
    }
    set(.externalID, user["id"])
    set(.firstName, user["name"]?["givenName"])
    set(.lastName, user["name"]?["familyName"])
    let emails = ordered(user["emails"])
    for (index, column) in [CSVColumn.email, .email2, .email3].enumerated() {
      set(column, index < emails.count ? emails[index] : nil)
    }
    set(.phone, ordered(user["phoneNumbers"]).first)
    set(.company, user[enterprise]?["organization"])
    if user[enterprise]?["manager"] != nil { set(.manager, user[enterprise]?["manager"]?["value"]) }
    set(.active, user["active"] ?? true)
    set(.updatedAt, user["meta"]?["lastModified"])
    return columns
  }

  /// The values of a multi-valued attribute, the primary one first.
  private static func ordered(_ list: JSONValue?) -> [JSONValue] {
    let all = list?.array ?? []
    let primary = all.filter { $0["primary"]?.bool == true }
    let others = all.filter { $0["primary"]?.bool != true }
    return (primary + others).compactMap { $0["value"] }
  }

  static func patch(_ values: [PersonField: String]) -> JSONValue {
    var operations: [JSONValue] = []
    for (field, value) in values.sorted(by: { $0.key.description < $1.key.description }) {
      let path: String
      switch field {
      case .firstName: path = "name.givenName"
      case .lastName: path = "name.familyName"
      case .email: path = "emails[primary eq true].value"
      case .phone: path = "phoneNumbers[primary eq true].value"
      case .company: path = "\(enterprise):organization"
      case .active: path = "active"
      // Nothing in a SCIM user holds these.
      default: continue
      }
      operations.append(
        value.isEmpty
          ? ["op": "remove", "path": .string(path)]
          : [
            "op": "replace", "path": .string(path),
            "value": field == .active ? .bool(value == "yes") : .string(value),
          ])
    }
    return [
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
      "Operations": .array(operations),
    ]
  }

  /// Fields that a SCIM user holds.
  static let fields: Set<PersonField> = [.firstName, .lastName, .email, .phone, .company, .active]
}
