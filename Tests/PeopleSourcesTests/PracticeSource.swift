// Real places people come from, small enough to be changed by a test: a file, a database, commands,
// platforms on a socket. Each holds rows of columns and can be told others, or to break.

import Basics
import Domain
import Glibc
import HTTP
import PeopleSources
import SQLite
import Support

enum PracticeKind: String, Sendable, CaseIterable, CustomStringConvertible {
  case csv, sqlite, commandCSV, commandJSON, scim, http
  var description: String { rawValue }
}

typealias PracticeRow = [String: String]

final class PracticeSource: Sendable {
  let kind: PracticeKind
  let folder: TemporaryDirectory
  let platform: PracticePlatform
  private let http: HTTPClient

  /// Columns in their order.
  static let columns = ["external_id", "first_name", "last_name", "email", "active"]

  init(_ kind: PracticeKind, _ rows: [PracticeRow]) throws {
    self.kind = kind
    folder = try TemporaryDirectory()
    platform = try PracticePlatform()
    http = try HTTPClient()
    try set(rows)
  }

  deinit { platform.stop() }

  func set(_ rows: [PracticeRow]) throws {
    switch kind {
    case .csv, .commandCSV: _ = try folder.write("people.csv", Self.csv(rows))
    case .commandJSON:
      _ = try folder.write(
        "people.json",
        rows.map { JSONValue.object($0.mapValues(JSONValue.string)).description + "\n" }.joined())
    case .sqlite:
      let path = folder.file("people.db")
      unlink(path)
      let database = try Connection(path: path, keepingJournal: true)
      try database.script(
        "CREATE TABLE people (external_id TEXT, first_name TEXT, last_name TEXT, email TEXT, "
          + "active TEXT)")
      for row in rows {
        try database.execute(
          "INSERT INTO people VALUES (?, ?, ?, ?, ?)",
          bindings: Self.columns.map { row[$0] ?? "" })
      }
    case .scim, .http: platform.people.withLock { $0 = rows }
    }
  }

  func `break`() throws {
    switch kind {
    case .csv: unlink(folder.file("people.csv"))
    case .sqlite: unlink(folder.file("people.db"))
    case .commandCSV, .commandJSON: _ = try folder.write("broken", "")
    case .scim, .http: platform.isBroken.withLock { $0 = true }
    }
  }

  var source: any PeopleSource {
    let csv = folder.file("people.csv")
    switch kind {
    case .csv: return CSVFile(csv)
    case .sqlite:
      return SQLiteDatabase(
        folder.file("people.db"), query: "SELECT * FROM people ORDER BY rowid",
        writeBack: """
          UPDATE people SET first_name = coalesce(:first_name, first_name),
            email = coalesce(:email, email) WHERE external_id = :external_id
          """)
    case .commandCSV: return command("cat '\(csv)'")
    case .commandJSON: return command("cat '\(folder.file("people.json"))'")
    case .scim, .http:
      var layout = HTTPPlatform.Layout()
      layout.writesBack = true
      layout.isSCIM = kind == .scim
      if kind == .http {
        layout.list = "data.items"
        layout.pages = .link("data.next")
        layout.fields = ["external_id": "id", "first_name": "name.first", "email": "mail.0"]
      }
      return HTTPPlatform(
        platform.url + (kind == .scim ? "/scim" : "/plain/people"), layout: layout, http: http
      ) { Secret(PracticePlatform.key) }
    }
  }

  private func command(_ text: String) -> CommandOutput {
    CommandOutput(
      """
      if [ -e '\(folder.file("broken"))' ]; then
        printf 'external_id,first_n'; printf 'no \\033[31mdatabase password=hunter2\\n' >&2; exit 7
      fi
      \(text)
      """, writeBack: "cat >> '\(folder.file("told.json"))'")
  }

  static func csv(_ rows: [PracticeRow]) -> String {
    let lines = rows.map { row in
      columns.map { "\"" + (row[$0] ?? "").split(separator: "\"").joined(separator: "\"\"") + "\"" }
        .joined(separator: ",")
    }
    return ([columns.joined(separator: ",")] + lines).joined(separator: "\n") + "\n"
  }

  func all(since cursor: SourceCursor? = nil) async throws -> PeoplePage {
    var whole = PeoplePage()
    for try await page in source.people(changedSince: cursor) {
      whole.people += page.people
      whole.refused += page.refused
      whole.cursor = page.cursor
    }
    return whole
  }
}

/// A platform that speaks SCIM under `/scim` and something of its own under `/plain/people`.
final class PracticePlatform: Sendable {
  static let key = "platform-key-1234"
  let people = Locked<[PracticeRow]>([])
  let isBroken = Locked(false)
  /// Method, target and body of each call.
  let calls = Locked<[(method: String, target: String, body: JSONValue)]>([])
  private let listener: HTTPListener

  init() throws {
    let (people, isBroken, calls) = (people, isBroken, calls)
    listener = HTTPListener { request, info in
      let body = request.body.isEmpty ? JSONValue.null : (try? JSONValue.parse(request.body)) ?? ""
      calls.withLock { $0.append((request.method, info.target, body)) }
      if isBroken.withLock({ $0 }) { return .response(HTTPResponse(503)) }
      guard request.headers["Authorization"] == "Bearer \(PracticePlatform.key)" else {
        return .response(HTTPResponse(401))
      }
      if request.method == "PATCH" { return .response(HTTPResponse(204)) }
      let rows = people.withLock { $0 }
      return .response(
        request.path.hasPrefix("/scim")
          ? PracticePlatform.scim(rows, request) : PracticePlatform.plain(rows, request))
    }
    try listener.start()
  }

  var url: String { "http://127.0.0.1:\(listener.port)" }
  func stop() { listener.stop() }

  private static func scim(_ rows: [PracticeRow], _ request: HTTPRequest) -> HTTPResponse {
    let start = max(1, request.query("startIndex").flatMap { Int($0) } ?? 1)
    // Fewer than asked for: a server may.
    let window = rows.dropFirst(start - 1).prefix(2)
    return .json(
      200,
      [
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": .int(Int64(rows.count)), "startIndex": .int(Int64(start)),
        "Resources": .array(
          window.map { row in
            [
              "id": .string(row["external_id"] ?? ""),
              "name": [
                "givenName": .string(row["first_name"] ?? ""),
                "familyName": .string(row["last_name"] ?? ""),
              ],
              "emails": [
                ["value": "old@example.org"],
                ["value": .string(row["email"] ?? ""), "primary": true],
              ],
              "active": row["active"].map { .string($0) } ?? true,
              "meta": ["lastModified": "2026-01-02T03:04:05Z"],
            ]
          }),
      ])
  }

  private static func plain(_ rows: [PracticeRow], _ request: HTTPRequest) -> HTTPResponse {
    let page = request.query("page").flatMap { Int($0) } ?? 1
    let window = rows.dropFirst((page - 1) * 2).prefix(2)
    let isLast = page * 2 >= rows.count
    return .json(
      200,
      [
        "data": [
          "next": isLast ? .null : .string("/plain/people?page=\(page + 1)"),
          "items": .array(
            window.map { row in
              [
                "id": .string(row["external_id"] ?? ""),
                "name": ["first": .string(row["first_name"] ?? "")],
                "last_name": .string(row["last_name"] ?? ""),
                "mail": [.string(row["email"] ?? "")],
                "active": .string(row["active"] ?? ""),
              ]
            }),
        ]
      ])
  }
}
