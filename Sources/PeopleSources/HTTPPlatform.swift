// A platform on the web as a source: pages of JSON, SCIM 2.0 (RFC 7644) ready-made, others by a few
// settings. What must stay true: the key goes to the platform's own origin and nowhere else, and a
// list that changed its length while it was read has told nothing.

import Basics
import Domain
import HTTP

package struct HTTPPlatform: PeopleSource {
  package struct Layout: Sendable {
    /// SCIM: `/Users` is added to the address, pages and changes are asked for its way.
    package var isSCIM = false
    package var list = ""
    package var pages = SourcePaging.none
    /// Places by column; what is not named stands under its own name.
    package var fields: [String: String] = [:]
    package var since = ""
    package var writesBack = false
    package var keyHeader = "Authorization"

    package init() {}
  }

  let address: String
  let layout: Layout
  let columns: SourceColumns
  private let key: @Sendable () async throws(Problem) -> Secret
  private let http: HTTPClient
  private let callTime: Duration
  private let time: any TimeSource

  /// `key` is asked for each reading; an empty one is not sent.
  package init(
    _ address: String, layout: Layout, columns: SourceColumns = SourceColumns(),
    http: HTTPClient, callTime: Duration = .seconds(120), time: any TimeSource = SystemTime(),
    key: @escaping @Sendable () async throws(Problem) -> Secret
  ) {
    self.address = layout.isSCIM ? HTTPPlatform.appending("/Users", to: address) : address
    self.layout = layout
    self.columns = columns
    self.http = http
    self.callTime = callTime
    self.time = time
    self.key = key
  }

  package var name: String {
    HTTPAddress(address)?.host ?? Text.oneLine(Text.masked(address: address))
  }

  package func describe() async throws -> SourceDescription {
    SourceDescription(
      name: name, fields: [], hasKeys: true, canWriteBack: layout.writesBack,
      tellsChanges: layout.isSCIM || !layout.since.isEmpty)
  }

  /// SCIM asks for so many at a time.
  static let size = 100
  /// Their clock and ours may differ by so much.
  private static let overlap = Duration.minutes(5)

  package func people(
    changedSince cursor: SourceCursor?
  ) -> AsyncThrowingStream<PeoplePage, any Error> {
    let started = SourceCursor((time.now() - HTTPPlatform.overlap).description)
    let reading = Locked(PlatformReading(next: first(since: cursor)))
    return AsyncThrowingStream {
      guard let next = reading.withLock({ $0.next }) else { return nil }
      let answer = try await call("GET", next)
      var page = PeoplePage()
      page.cursor = started
      let people = try self.people(in: answer.json)
      let number = reading.withLock { $0.read }
      for (index, person) in people.enumerated() {
        page.add(columns(of: person), columns, at: "\(name) person \(number + index + 1)")
      }
      let following = try follow(next, answer, people.count, number)
      try reading.withLock { reading throws(Problem) in
        try reading.go(on: following, read: people, total: total(answer.json), name: name)
      }
      return page
    }
  }

  package func record(_ change: WriteBack) async throws {
    if !layout.writesBack { throw Problem.cannotWriteBack(name) }
    let target = HTTPPlatform.appending(
      "/\(FormEncoding.encode(change.externalID))", to: address)
    let body = layout.isSCIM ? SCIM.patch(change.values) : try plainPatch(change.values)
    _ = try await call("PATCH", target, body: body)
  }

  // MARK: Pages

  private func first(since cursor: SourceCursor?) -> String {
    var query: [FormField] = []
    if layout.isSCIM {
      query = [FormField("startIndex", "1"), FormField("count", "\(HTTPPlatform.size)")]
      if let cursor {
        query.append(FormField("filter", "meta.lastModified gt \"\(cursor.text)\""))
      }
    } else {
      if case .page(let name) = layout.pages { query.append(FormField(name, "1")) }
      if case .offset(let name) = layout.pages { query.append(FormField(name, "0")) }
      if let cursor, !layout.since.isEmpty {
        query.append(FormField(layout.since, cursor.text))
      }
    }
    return HTTPPlatform.adding(query, to: address)
  }

  /// Before the query, which stays: `https://host/scim?tenant=7` is an address too.
  private static func appending(_ path: String, to address: String) -> String {
    let mark = address.firstIndex(of: "?") ?? address.endIndex
    var base = String(address[..<mark])
    while base.hasSuffix("/") { base.removeLast() }
    return base + path + address[mark...]
  }

  private static func adding(_ query: [FormField], to address: String) -> String {
    if query.isEmpty { return address }
    return address + (address.contains("?") ? "&" : "?") + FormEncoding.encode(query)
  }

  /// The address of the next page; nil at the end.
  private func follow(
    _ current: String, _ answer: Answer, _ count: Int, _ before: Int
  ) throws(Problem) -> String? {
    if layout.isSCIM {
      if count == 0 || before + count >= total(answer.json) ?? 0 { return nil }
      return HTTPPlatform.setting("startIndex", to: before + count + 1, in: current)
    }
    switch layout.pages {
    case .none: return nil
    case .page(let name):
      let number = HTTPPlatform.parameter(name, in: current).flatMap { Int($0) } ?? 1
      return count == 0 ? nil : HTTPPlatform.setting(name, to: number + 1, in: current)
    case .offset(let name):
      return count == 0 ? nil : HTTPPlatform.setting(name, to: before + count, in: current)
    case .header: return try sameOrigin(LinkHeader.next(answer.headers.all("Link")))
    case .link(let place): return try sameOrigin(answer.json.at(place)?.string)
    }
  }

  private func sameOrigin(_ link: String?) throws(Problem) -> String? {
    guard let link, !link.isEmpty else { return nil }
    let origin = HTTPAddress(address)?.origin ?? ""
    let whole = link.hasPrefix("/") ? origin + link : link
    guard let next = HTTPAddress(whole), next.origin == origin else {
      throw Problem(
        "source.elsewhere", "The next page of \(name) is at another address.",
        remedy: "Correct source.url: the key is not sent elsewhere.",
        cause: Text.oneLine(link))
    }
    return whole
  }

  private static func parameter(_ name: String, in address: String) -> String? {
    let query = address.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
    return FormEncoding.decode(query).first { $0.name == name }?.value
  }

  private static func setting(_ name: String, to number: Int, in address: String) -> String {
    let parts = address.split(separator: "?", maxSplits: 1)
    let query = FormEncoding.decode(parts.dropFirst().first ?? "").map {
      $0.name == name ? FormField(name, "\(number)") : $0
    }
    return parts[0] + "?" + FormEncoding.encode(query)
  }

  private func people(in json: JSONValue) throws(Problem) -> [JSONValue] {
    let place = layout.isSCIM ? "Resources" : layout.list
    if layout.isSCIM, json["Resources"] == nil, total(json) == 0 { return [] }
    guard let list = json.at(place)?.array else {
      throw Problem(
        "source.no-list",
        "The answer of \(name) has no list" + (place.isEmpty ? "." : " at \(place)."),
        remedy: "Correct source.url and source.list.")
    }
    return list
  }

  private func total(_ json: JSONValue) -> Int? {
    layout.isSCIM ? json["totalResults"]?.int.map { Int($0) } : nil
  }

  /// The columns of one person.
  private func columns(of person: JSONValue) -> [String: String?] {
    var columns: [String: String?] = layout.isSCIM ? SCIM.columns(person) : [:]
    if !layout.isSCIM {
      for (name, value) in person.object ?? [:] where layout.fields[name.lowercased()] == nil {
        columns[name] = .some(value.cell)
      }
    }
    for (name, place) in layout.fields {
      columns[name] = .some(person.at(place).map { $0.cell } ?? "")
    }
    return columns
  }

  private func plainPatch(_ values: [PersonField: String]) throws(Problem) -> JSONValue {
    var body = JSONValue.object([:])
    for (field, value) in values {
      let name = if case .custom(let name) = field { name } else { field.description }
      let place = layout.fields[name.lowercased()] ?? name
      body = body.putting(.string(value), at: place.split(separator: ".").map(String.init)[...])
    }
    return body
  }

  // MARK: One call

  private struct Answer: Sendable {
    let json: JSONValue
    let headers: HTTPHeaders
  }

  private func call(
    _ method: String, _ target: String, body: JSONValue? = nil
  ) async throws(Problem) -> Answer {
    let type = layout.isSCIM ? "application/scim+json" : "application/json"
    var headers: HTTPHeaders = ["Accept": type]
    let key = try await key()
    if !key.isEmpty {
      let isBearer = layout.keyHeader.lowercased() == "authorization"
      headers.add(layout.keyHeader, (isBearer ? "Bearer " : "") + key.reveal())
    }
    if body != nil { headers.add("Content-Type", type) }
    let response = try await http.send(
      HTTPClientRequest(
        method, target, headers: headers, body: body?.serialized() ?? [], totalTime: callTime))
    switch response.status {
    case 200..<300: break
    case 401, 403:
      throw Problem(
        "source.key-refused", "\(name) refused the key (\(response.status)).",
        remedy: "Correct source.key.", fields: ["status": "\(response.status)"])
    case 408, 429, 500...:
      throw Problem(
        "source.unavailable", "\(name) answered \(response.status).",
        remedy: "It is tried again by itself.", fields: ["status": "\(response.status)"],
        cause: ErrorLine.clean(response.body.prefix(4096), hiding: [key]))
    default:
      throw Problem(
        "source.refused",
        "\(name) answered \(response.status) to \(method == "GET" ? "a reading" : "a change").",
        remedy: "Check source.url, and what the key may do there.",
        fields: ["status": "\(response.status)"],
        cause: ErrorLine.clean(response.body.prefix(4096), hiding: [key]))
    }
    if method != "GET" { return Answer(json: [:], headers: response.headers) }
    do throws(Problem) {
      return Answer(json: try JSONValue.parse(response.body), headers: response.headers)
    } catch {
      throw Problem(
        "source.not-json", "What \(name) answered is no JSON.",
        remedy: "Correct source.url.", cause: error.sentence)
    }
  }
}

/// How far a platform's list was read.
private struct PlatformReading: Sendable {
  var next: String?
  var read = 0
  var total: Int?
  /// Every address that was read: none comes twice.
  private var seen: Set<String>
  private var last: [UInt8]?

  init(next: String) {
    self.next = next
    seen = [next]
  }

  mutating func go(on following: String?, read people: [JSONValue], total: Int?, name: String)
    throws(Problem)
  {
    // A platform that does not know the parameter of the page gives the same one for ever.
    let digest = people.isEmpty ? nil : Digest.sha256(JSONValue.array(people).serialized())
    if let digest, digest == last {
      throw Problem(
        "source.circle", "Two pages of \(name) in a row hold the same people.",
        remedy: "Correct source.pages.")
    }
    last = digest
    read += people.count
    let hasMoved = self.total != nil && total != self.total
    self.total = total
    if hasMoved || (following == nil && total.map { $0 != read } ?? false) {
      throw Problem(
        "source.changed-meanwhile", "The list of \(name) changed while it was read.",
        remedy: "It is read again by itself.")
    }
    if let following, !seen.insert(following).inserted {
      throw Problem(
        "source.circle", "\(name) names a page as the next one that was read already.",
        remedy: "Correct source.pages.")
    }
    next = following
  }
}

/// `<https://…>; rel="next"`
private enum LinkHeader {
  static func next(_ lines: [String]) -> String? {
    for link in lines.flatMap({ $0.split(separator: ",") }) {
      let parts = link.split(separator: ";").map { Text.oneLine($0) }
      guard let target = parts.first, target.hasPrefix("<"), target.hasSuffix(">"),
        parts.dropFirst().contains(where: { ["rel=\"next\"", "rel=next"].contains($0) })
      else { continue }
      return String(target.dropFirst().dropLast())
    }
    return nil
  }
}

extension JSONValue {
  /// What stands at `a.0.b`; the value itself where the place is empty.
  func at(_ place: String) -> JSONValue? {
    var value: JSONValue? = self
    for part in place.split(separator: ".") {
      value = Int(part).flatMap { value?[$0] } ?? value?[String(part)]
    }
    return value
  }

  /// A copy with `value` at a path of names.
  fileprivate func putting(_ value: JSONValue, at path: ArraySlice<String>) -> JSONValue {
    guard let name = path.first else { return value }
    var members = object ?? [:]
    members[name] = (members[name] ?? [:]).putting(value, at: path.dropFirst())
    return .object(members)
  }
}
