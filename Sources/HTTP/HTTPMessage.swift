// Requests and answers as values (RFC 9110), for the client and for the listener alike.

import Basics

/// Header lines in their order; names compare without case.
package struct HTTPHeaders: Sendable, Equatable, ExpressibleByDictionaryLiteral {
  package private(set) var lines: [Line]

  package struct Line: Sendable, Equatable {
    package let name: String
    package let value: String
  }

  package init(_ lines: [(String, String)] = []) {
    self.lines = lines.map { Line(name: $0.0, value: $0.1) }
  }

  package init(dictionaryLiteral elements: (String, String)...) {
    self.init(elements)
  }

  /// The first value of that name.
  package subscript(name: String) -> String? {
    lines.first { $0.name.utf8.elementsEqual(name.utf8, by: sameIgnoringCase) }?.value
  }

  /// Every value of that name, in order.
  package func all(_ name: String) -> [String] {
    lines.filter { $0.name.utf8.elementsEqual(name.utf8, by: sameIgnoringCase) }.map(\.value)
  }

  package mutating func remove(_ name: String) {
    lines.removeAll { $0.name.utf8.elementsEqual(name.utf8, by: sameIgnoringCase) }
  }

  package mutating func add(_ name: String, _ value: String) {
    lines.append(Line(name: name, value: value))
  }

  package mutating func set(_ name: String, _ value: String) {
    remove(name)
    add(name, value)
  }
}

private func sameIgnoringCase(_ a: UInt8, _ b: UInt8) -> Bool {
  func lower(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte | 0x20 : byte }
  return lower(a) == lower(b)
}

/// A name and value of a query string or a form, decoded; names may repeat.
package struct FormField: Sendable, Equatable {
  package let name: String
  package let value: String

  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// A request as the listener hands it on, and as the client is given it.
package struct HTTPRequest: Sendable, Equatable {
  package var method: String
  /// Percent-decoded path, beginning with `/`, without the query.
  package var path: String
  package var query: [FormField]
  package var headers: HTTPHeaders
  package var body: [UInt8]

  package init(
    _ method: String, _ path: String, query: [FormField] = [], headers: HTTPHeaders = [:],
    body: [UInt8] = []
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
  }

  /// The first query value of that name.
  package func query(_ name: String) -> String? { query.first { $0.name == name }?.value }
}

package struct HTTPResponse: Sendable, Equatable {
  package var status: Int
  package var headers: HTTPHeaders
  package var body: [UInt8]

  package init(_ status: Int, headers: HTTPHeaders = [:], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  package static func json(_ status: Int, _ value: JSONValue, type: String = "application/json")
    -> HTTPResponse
  {
    HTTPResponse(
      status, headers: ["Content-Type": "\(type); charset=utf-8"], body: value.serialized())
  }
}
