// HTTP/1.1 written by hand over a socket, for tests that must not trust a client of ours: one
// request a connection, the bytes as they are named, the answer as it came.

import Basics
import Foundation

package struct RawAnswer: Sendable {
  /// Nil where the connection ended before a status line.
  package let status: Int?
  package let headers: [(name: String, value: String)]
  package let body: String
  /// True when as much body came as was announced.
  package let isWhole: Bool

  init(_ text: String) {
    guard let end = text.firstRange(of: "\r\n\r\n") else {
      (status, headers, body, isWhole) = (nil, [], text, false)
      return
    }
    let lines = text[..<end.lowerBound].split(separator: "\r\n")
    status = lines.first.flatMap { line in
      line.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    }
    headers = lines.dropFirst().map { line in
      let halves = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      return (String(halves[0]), halves.count > 1 ? String(halves[1].drop { $0 == " " }) : "")
    }
    body = String(text[end.upperBound...])
    let announced = headers.first { $0.name.lowercased() == "content-length" }
    isWhole = body.utf8.count == announced.flatMap { Int($0.value) } ?? 0
  }

  package func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }

  /// The body as JSON; null where it is none.
  package var json: JSONValue { (try? JSONValue.parse(body)) ?? .null }

  /// A member of the body; null where there is none.
  package subscript(_ name: String) -> JSONValue { json[name] ?? .null }
}

package struct RawHTTP: Sendable {
  private let port: UInt16
  private let authorization: String?

  /// Says `authorization` in every request; nothing when it is nil.
  package init(port: UInt16, authorization: String?) {
    self.port = port
    self.authorization = authorization
  }

  /// With a key as the password of HTTP Basic.
  package init(port: UInt16, key: String, user: String = "anybody") {
    let pair = Data("\(user):\(key)".utf8).base64EncodedString()
    self.init(port: port, authorization: "Basic \(pair)")
  }

  /// Sends a request and reads until the other side closes. `target` goes out as it is.
  package func call(
    _ method: String, _ target: String, _ body: JSONValue? = nil, headers: [String] = []
  ) async throws -> RawAnswer {
    try await call(method, target, text: body?.description, headers: headers)
  }

  package func call(
    _ method: String, _ target: String, text: String?, headers: [String] = []
  ) async throws -> RawAnswer {
    let connection = try begin(method, target, text: text, headers: headers)
    defer { connection.close() }
    return await Self.answer(on: connection)
  }

  /// Sends a request and leaves the answer to be read.
  package func begin(
    _ method: String, _ target: String, text: String? = nil, headers: [String] = []
  ) throws -> RawConnection {
    let connection = try RawConnection(port: port)
    var lines = ["\(method) \(target) HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
    if let authorization { lines.append("Authorization: \(authorization)") }
    if let text {
      lines += ["Content-Type: application/json", "Content-Length: \(text.utf8.count)"]
    }
    connection.send((lines + headers).joined(separator: "\r\n") + "\r\n\r\n" + (text ?? ""))
    return connection
  }

  package static func answer(on connection: RawConnection) async -> RawAnswer {
    RawAnswer(await connection.read())
  }
}
