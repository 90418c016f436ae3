// A people platform to practise a source on: who works or sings somewhere, kept by somebody else,
// and answered page by page in two dialects, SCIM and plain JSON. Who is removed is simply gone:
// no answer ever names a person who is not there.

import Basics
import HTTP

package struct SandboxPlatformPerson: Sendable, Equatable {
  /// Names of what can be changed, in the plain dialect.
  static let fields = [
    "email", "email2", "first_name", "last_name", "phone", "company", "birthday", "active",
    "opt_in",
  ]

  package let id: String
  package internal(set) var email = ""
  package internal(set) var email2 = ""
  package internal(set) var firstName = ""
  package internal(set) var lastName = ""
  package internal(set) var phone = ""
  package internal(set) var company = ""
  /// `YYYY-MM-DD` or `MM/DD`, as it was given.
  package internal(set) var birthday = ""
  package internal(set) var isActive = true
  package internal(set) var hasOptedIn = true
  package let created: Instant
  package internal(set) var modified: Instant
  var version = 1

  init(id: String, at now: Instant) {
    self.id = id
    created = now
    modified = now
  }

  /// Sets one field by its plain name; false where there is no such field or the value does not fit.
  mutating func set(_ name: String, _ value: JSONValue) -> Bool {
    if name == "active" || name == "opt_in" {
      guard let flag = value.bool ?? value.string.flatMap({ Bool($0.lowercased()) }) else {
        return false
      }
      if name == "active" { isActive = flag } else { hasOptedIn = flag }
      return true
    }
    guard let text = value.string ?? (value.isNull ? "" : nil) else { return false }
    switch name {
    case "email": email = text
    case "email2": email2 = text
    case "first_name": firstName = text
    case "last_name": lastName = text
    case "phone": phone = text
    case "company": company = text
    case "birthday": birthday = text
    default: return false
    }
    return true
  }
}

package struct SandboxPlatform: Sendable {
  package let key: String
  package private(set) var people: [SandboxPlatformPerson] = []
  private var made = 0

  package init(key: String) { self.key = key }

  package subscript(id: String) -> SandboxPlatformPerson? { people.first { $0.id == id } }

  // MARK: What happens on the platform

  /// Somebody new, with fields by their plain names; returns the id.
  @discardableResult
  package mutating func add(
    _ fields: [String: JSONValue], at now: Instant
  ) throws(Problem) -> String {
    var person = SandboxPlatformPerson(id: String(made + 1001), at: now)
    try Self.set(fields, on: &person)
    made += 1
    people.append(person)
    return person.id
  }

  package mutating func change(
    _ id: String, _ fields: [String: JSONValue], at now: Instant
  ) throws(Problem) {
    let index = try index(of: id)
    var person = people[index]
    try Self.set(fields, on: &person)
    put(person, at: index, now)
  }

  package mutating func remove(_ id: String) throws(Problem) {
    people.remove(at: try index(of: id))
  }

  package mutating func removeAll() { people = [] }

  /// People to begin with, the same ones for the same seed.
  mutating func addSamplePeople(_ count: Int, seed: UInt64, at now: Instant) {
    var random = SandboxRandom(seed: seed)
    for number in 0..<count {
      let sample = SamplePerson(number: number, using: &random)
      made += 1
      var person = SandboxPlatformPerson(id: String(made + 1000), at: now)
      person.email = sample.address
      person.firstName = sample.first
      person.lastName = sample.last
      person.phone = sample.phone
      people.append(person)
    }
  }

  private func index(of id: String) throws(Problem) -> Int {
    guard let index = people.firstIndex(where: { $0.id == id }) else {
      throw Problem(
        "sandbox.no-person", "Nobody on the platform has the id \(id).",
        remedy: "Name one that /platform/people lists.")
    }
    return index
  }

  private static func set(
    _ fields: [String: JSONValue], on person: inout SandboxPlatformPerson
  ) throws(Problem) {
    for (name, value) in fields.sorted(by: { $0.key < $1.key }) where !person.set(name, value) {
      throw Problem(
        "sandbox.bad-value", "The platform cannot keep that as \(Text.oneLine(name)).",
        remedy: "Its fields are \(SandboxPlatformPerson.fields.joined(separator: ", ")).")
    }
  }

  /// Puts a changed person in place; the time of the change moves only where something changed.
  mutating func put(_ person: SandboxPlatformPerson, at index: Int, _ now: Instant) {
    if person == people[index] { return }
    var person = person
    person.modified = now
    person.version += 1
    people[index] = person
  }

  // MARK: Answering

  /// Answers one request below `/platform`.
  package mutating func answer(_ request: HTTPRequest, at now: Instant) -> HTTPResponse {
    let parts = request.path.split(separator: "/").map(String.init)
    let base = request.headers["Host"].map { "http://\($0)" } ?? ""
    switch (parts.dropFirst().first, parts.count) {
    case ("scim", 4...5) where parts[2] == "v2":
      return answerSCIM(request, Array(parts.dropFirst(3)), base: base, at: now)
    case ("people", 2): return answerPlain(request, nil, base: base, at: now)
    case ("people", 3): return answerPlain(request, parts[2], base: base, at: now)
    default: return .json(404, ["error": "There is nothing here."])
    }
  }

  func isAllowed(_ request: HTTPRequest) -> Bool {
    request.headers["Authorization"] == "Bearer \(key)"
  }

  private mutating func answerPlain(
    _ request: HTTPRequest, _ id: String?, base: String, at now: Instant
  ) -> HTTPResponse {
    guard isAllowed(request) else { return .json(401, ["error": "This key is not known."]) }
    guard let id else {
      if request.method == "GET" { return listPlain(request, base: base) }
      return .json(405, ["error": "Only GET is allowed here."])
    }
    guard let index = people.firstIndex(where: { $0.id == id }) else {
      return .json(404, ["error": "There is nobody with this id."])
    }
    switch request.method {
    case "GET": break
    case "PATCH":
      guard let fields = (try? JSONValue.parse(request.body))?.object else {
        return .json(400, ["error": "The body is no JSON object."])
      }
      do throws(Problem) {
        try change(id, fields, at: now)
      } catch {
        return .json(400, ["error": .string(error.sentence)])
      }
    default: return .json(405, ["error": "Only GET and PATCH are allowed here."])
    }
    return .json(200, Self.plain(people[index]))
  }

  private func listPlain(_ request: HTTPRequest, base: String) -> HTTPResponse {
    func number(_ name: String, _ unsaid: Int) -> Int? {
      guard let text = request.query(name) else { return unsaid }
      return Int(text).flatMap { $0 >= 1 ? $0 : nil }
    }
    guard let page = number("page", 1), let asked = number("per_page", 50), page < 1 << 30 else {
      return .json(400, ["error": "page and per_page are whole numbers from 1."])
    }
    var shown = people
    if let text = request.query("updated_since") {
      guard let since = Instant(iso8601: text) else {
        return .json(400, ["error": "updated_since is no time."])
      }
      shown.removeAll { $0.modified < since }
    }
    let size = min(asked, 100)
    let start = min((page - 1) * size, shown.count)
    let end = min(start + size, shown.count)
    var next = JSONValue.null
    if end < shown.count {
      let query =
        [FormField("page", String(page + 1)), FormField("per_page", String(size))]
        + request.query.filter { $0.name == "updated_since" }
      next = .string("\(base)/platform/people?\(FormEncoding.encode(query))")
    }
    return .json(
      200,
      [
        "data": .array(shown[start..<end].map(Self.plain)), "next": next,
        "total": .int(Int64(shown.count)),
      ])
  }

  private static func plain(_ person: SandboxPlatformPerson) -> JSONValue {
    [
      "id": .string(person.id), "email": .string(person.email), "email2": .string(person.email2),
      "first_name": .string(person.firstName), "last_name": .string(person.lastName),
      "phone": .string(person.phone), "company": .string(person.company),
      "birthday": .string(person.birthday), "active": .bool(person.isActive),
      "opt_in": .bool(person.hasOptedIn), "created_at": .string(person.created.description),
      "updated_at": .string(person.modified.description),
    ]
  }
}
