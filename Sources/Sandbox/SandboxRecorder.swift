// Exchanges as lines of JSON, one each, so that they can be checked against the API's description.
// What a client authenticates with is never written: request headers are not recorded at all. An
// exchange that a fault altered has no status, because no real server would have answered so.

import Basics
import Glibc
import HTTP

package final class SandboxRecorder: Sendable {
  private let descriptor: Int32
  private let path: String

  /// Appends to `path`, which only its owner may read.
  package init(path: String) throws(Problem) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    if descriptor < 0 {
      throw Problem(
        "sandbox.cannot-record", "The recording \(path) cannot be opened.",
        remedy: "Name another file, or correct the folder's rights.", fields: ["file": path],
        cause: String(cString: strerror(errno)))
    }
  }

  deinit { close(descriptor) }

  /// Writes one exchange; `response` is nil where a fault altered it. One line is one write(2), so
  /// that lines of several servers do not mix.
  package func record(_ request: HTTPRequest, _ response: HTTPResponse?) {
    var line = Self.line(request, response).serialized()
    line.append(0x0A)
    line.withUnsafeBytes { bytes in
      var sent = 0
      while sent < bytes.count {
        let count = write(descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent)
        // A full disk ends the recording, not the practice.
        if count <= 0 { return }
        sent += count
      }
    }
  }

  package static func line(_ request: HTTPRequest, _ response: HTTPResponse?) -> JSONValue {
    var headers: [String: JSONValue] = [:]
    for line in response?.headers.lines ?? []
    where !["set-cookie", "content-length"].contains(line.name.lowercased()) {
      headers[line.name] = .string(line.value)
    }
    let isToken = request.path == "/oauth2/token"
    var query: [String: JSONValue] = [:]
    for field in request.query { query[field.name] = .string(field.value) }
    return [
      "source": "listkeeper sandbox", "method": .string(request.method),
      "path": .string(request.path), "query": .object(query),
      "request_body": isToken
        ? masked(FormEncoding.decode(request.body)) : content(request.body),
      "status": response.map { .int(Int64($0.status)) } ?? .null,
      "response_headers": .object(headers),
      "response_body": response.map { isToken ? masked($0.body) : content($0.body) } ?? .null,
    ]
  }

  /// JSON as JSON, other text as a string, nothing as null.
  private static func content(_ body: [UInt8]) -> JSONValue {
    if body.isEmpty { return .null }
    if let json = try? JSONValue.parse(body) { return json }
    return .string(String(decoding: body, as: UTF8.self))
  }

  private static let secrets: Set = ["client_secret", "code", "access_token"]

  /// A form as an object, and the answer to it, without what opens anything.
  private static func masked(_ form: [FormField]) -> JSONValue {
    .object(
      Dictionary(form.map { ($0.name, .string(secrets.contains($0.name) ? "•••" : $0.value)) }) {
        first, _ in first
      })
  }

  private static func masked(_ body: [UInt8]) -> JSONValue {
    guard case .object(var members) = content(body) else { return content(body) }
    for name in secrets where members[name] != nil { members[name] = "•••" }
    return .object(members)
  }
}
