// The platform's SCIM 2.0 dialect (RFC 7643 and 7644), as far as people who are kept somewhere need
// it: Users in pages, two kinds of filter, and PATCH. What is asked for and not understood is
// refused, never left out of the question.

import Basics
import HTTP

/// A refusal in SCIM's own form; the status is a text there.
private struct SCIMRefusal: Error {
  let status: Int
  var type: String?
  let detail: String

  static func filter(_ detail: String) -> SCIMRefusal {
    SCIMRefusal(status: 400, type: "invalidFilter", detail: detail)
  }

  static func syntax(_ detail: String) -> SCIMRefusal {
    SCIMRefusal(status: 400, type: "invalidSyntax", detail: detail)
  }

  static func value(_ detail: String) -> SCIMRefusal {
    SCIMRefusal(status: 400, type: "invalidValue", detail: detail)
  }

  var response: HTTPResponse {
    var body: [String: JSONValue] = [
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
      "status": .string(String(status)), "detail": .string(detail),
    ]
    if let type { body["scimType"] = .string(type) }
    return .json(status, .object(body), type: "application/scim+json")
  }
}

private let userSchema = "urn:ietf:params:scim:schemas:core:2.0:User"
private let workSchema = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
private let ownSchema = "urn:ietf:params:scim:schemas:extension:practice:2.0:User"

extension SandboxPlatform {
  static let mostPerPage = 200

  /// Answers a request; `path` is what stands behind `/platform/scim/v2/`.
  mutating func answerSCIM(
    _ request: HTTPRequest, _ path: [String], base: String, at now: Instant
  ) -> HTTPResponse {
    do throws(SCIMRefusal) {
      guard isAllowed(request) else {
        throw SCIMRefusal(status: 401, detail: "This key is not known.")
      }
      guard path.first == "Users" else {
        throw SCIMRefusal(status: 404, detail: "There is no such resource.")
      }
      let body: JSONValue
      if path.count == 1 {
        guard request.method == "GET" else {
          throw SCIMRefusal(status: 405, detail: "Only GET is allowed here.")
        }
        body = try list(request, base: base)
      } else {
        guard let index = people.firstIndex(where: { $0.id == path[1] }) else {
          throw SCIMRefusal(status: 404, detail: "Resource \(path[1]) not found.")
        }
        if request.method == "PATCH" {
          put(try patched(people[index], request.body), at: index, now)
        } else if request.method != "GET" {
          throw SCIMRefusal(status: 405, detail: "Only GET and PATCH are allowed here.")
        }
        body = Self.user(people[index], base: base)
      }
      return .json(200, body, type: "application/scim+json")
    } catch {
      return error.response
    }
  }

  // MARK: Listing

  private func list(_ request: HTTPRequest, base: String) throws(SCIMRefusal) -> JSONValue {
    func number(_ name: String, _ unsaid: Int) throws(SCIMRefusal) -> Int {
      guard let text = request.query(name) else { return unsaid }
      guard let value = Int(text) else { throw .value("\(name) has to be a whole number.") }
      return value
    }
    // Less than 1 counts as 1, a negative count as 0, and nobody gets more than fits a page.
    let start = max(1, try number("startIndex", 1))
    let count = min(Self.mostPerPage, max(0, try number("count", 100)))
    var shown = people
    if let text = request.query("filter") {
      let filter = try SCIMFilter(text)
      shown.removeAll { !filter.includes($0) }
    }
    let from = min(start - 1, shown.count)
    let page = shown[from..<min(shown.count, from + count)]
    return [
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
      "totalResults": .int(Int64(shown.count)), "startIndex": .int(Int64(start)),
      "itemsPerPage": .int(Int64(page.count)),
      "Resources": .array(page.map { Self.user($0, base: base) }),
    ]
  }

  private static func user(_ person: SandboxPlatformPerson, base: String) -> JSONValue {
    var emails: [JSONValue] = []
    if !person.email.isEmpty {
      emails.append(["value": .string(person.email), "type": "work", "primary": true])
    }
    if !person.email2.isEmpty {
      emails.append(["value": .string(person.email2), "type": "home", "primary": false])
    }
    let phones: [JSONValue] =
      person.phone.isEmpty ? [] : [["value": .string(person.phone), "type": "work"]]
    let whole = [person.firstName, person.lastName].filter { !$0.isEmpty }.joined(separator: " ")
    return [
      "schemas": [.string(userSchema), .string(workSchema), .string(ownSchema)],
      "id": .string(person.id),
      "userName": .string(person.email.isEmpty ? person.id : person.email),
      "displayName": .string(whole), "active": .bool(person.isActive),
      "name": [
        "givenName": .string(person.firstName), "familyName": .string(person.lastName),
        "formatted": .string(whole),
      ],
      "emails": .array(emails), "phoneNumbers": .array(phones),
      workSchema: ["organization": .string(person.company)],
      ownSchema: [
        "birthday": .string(person.birthday), "optIn": .bool(person.hasOptedIn),
      ],
      "meta": [
        "resourceType": "User", "created": .string(person.created.description),
        "lastModified": .string(person.modified.description),
        "version": .string("W/\"\(person.version)\""),
        "location": .string("\(base)/platform/scim/v2/Users/\(person.id)"),
      ],
    ]
  }

  // MARK: Changing

  private func patched(
    _ person: SandboxPlatformPerson, _ body: [UInt8]
  ) throws(SCIMRefusal) -> SandboxPlatformPerson {
    guard let json = try? JSONValue.parse(body),
      json["schemas"]?.array?.contains("urn:ietf:params:scim:api:messages:2.0:PatchOp") == true,
      let operations = json["Operations"]?.array, !operations.isEmpty
    else { throw .syntax("The body is no PatchOp with Operations.") }
    var person = person
    for operation in operations {
      let word = operation["op"]?.string?.lowercased() ?? ""
      guard ["replace", "add", "remove"].contains(word) else {
        throw .syntax("The op has to be add, remove or replace.")
      }
      guard let path = operation["path"]?.string else {
        guard word != "remove", let values = operation["value"]?.object else {
          throw SCIMRefusal(status: 400, type: "noTarget", detail: "A path is missing.")
        }
        for (path, value) in values.sorted(by: { $0.key < $1.key }) {
          try Self.replace(path, value, in: &person)
        }
        continue
      }
      guard let value = word == "remove" ? .null : operation["value"] else {
        throw .value("A value is missing.")
      }
      try Self.replace(path, value, in: &person)
    }
    return person
  }

  private static func replace(
    _ path: String, _ value: JSONValue, in person: inout SandboxPlatformPerson
  ) throws(SCIMRefusal) {
    if let field = fields[path.lowercased()] {
      guard person.set(field, value) else { throw .value("This is no value for \(path).") }
      return
    }
    switch (path.lowercased(), value) {
    case ("name", .object(let parts)):
      for (part, value) in parts.sorted(by: { $0.key < $1.key }) where part != "formatted" {
        try replace("name.\(part)", value, in: &person)
      }
    case ("emails", .array(let emails)):
      let texts = emails.sorted { $0["primary"] == true && $1["primary"] != true }
        .map { $0["value"]?.string ?? "" }
      guard texts.count <= 2 else { throw .value("Two addresses are the most that are kept.") }
      person.email = texts.first ?? ""
      person.email2 = texts.dropFirst().first ?? ""
    case (workSchema.lowercased(), .object(let parts)),
      (ownSchema.lowercased(), .object(let parts)):
      for (part, value) in parts.sorted(by: { $0.key < $1.key }) {
        try replace("\(path):\(part)", value, in: &person)
      }
    default:
      throw SCIMRefusal(
        status: 400, type: "invalidPath", detail: "There is nothing to change at \(path).")
    }
  }

  /// Paths in lower case, and which field of a person each is.
  private static let fields = [
    "active": "active", "username": "email", "name.givenname": "first_name",
    "name.familyname": "last_name", "emails[type eq \"work\"].value": "email",
    "emails[primary eq true].value": "email", "emails[type eq \"home\"].value": "email2",
    "phonenumbers[type eq \"work\"].value": "phone",
    "\(workSchema):organization".lowercased(): "company",
    "\(ownSchema):birthday".lowercased(): "birthday", "\(ownSchema):optin".lowercased(): "opt_in",
  ]
}

/// One comparison: a time of the last change, or an address.
private struct SCIMFilter {
  private enum Test {
    case modified(String, Instant)
    case address(String)
    case active(Bool)
  }

  private let test: Test

  init(_ text: String) throws(SCIMRefusal) {
    let words = text.split(separator: " ", maxSplits: 2).map(String.init)
    guard words.count == 3 else { throw .filter("A filter is attribute, operator and value.") }
    let (attribute, word) = (words[0].lowercased(), words[1].lowercased())
    let isQuoted = words[2].count >= 2 && words[2].hasPrefix("\"") && words[2].hasSuffix("\"")
    let value = String(words[2].dropFirst().dropLast())
    switch (attribute, word) {
    case ("meta.lastmodified", "gt"), ("meta.lastmodified", "ge"), ("meta.lastmodified", "lt"),
      ("meta.lastmodified", "le"):
      guard isQuoted, let instant = Instant(iso8601: value) else {
        throw .filter("\(words[2]) is no time in quotes.")
      }
      test = .modified(word, instant)
    case ("username", "eq"), ("emails.value", "eq"):
      guard isQuoted else { throw .filter("\(words[2]) is no text in quotes.") }
      test = .address(value.lowercased())
    case ("active", "eq"):
      guard let flag = Bool(words[2].lowercased()) else {
        throw .filter("\(words[2]) is neither true nor false.")
      }
      test = .active(flag)
    default: throw .filter("\(words[0]) \(words[1]) is not supported.")
    }
  }

  func includes(_ person: SandboxPlatformPerson) -> Bool {
    switch test {
    case .modified("gt", let instant): person.modified > instant
    case .modified("ge", let instant): person.modified >= instant
    case .modified("lt", let instant): person.modified < instant
    case .modified(_, let instant): person.modified <= instant
    case .address(let text):
      person.email.lowercased() == text || person.email2.lowercased() == text
    case .active(let flag): person.isActive == flag
    }
  }
}
