// The check that comes before all others: is the body of the right shape. It is strict where the
// real server is (null and [] are refused) and blind where the real server is (unknown names).

import Basics
import HTTP

enum SchemaCheck {
  static func found(_ value: JSONValue, insteadOf wanted: String) -> String {
    let name =
      switch value {
      case .null: "NULL"
      case .bool: "boolean"
      case .int: "integer"
      case .number: "number"
      case .string: "string"
      case .array: "array"
      case .object: "object"
      }
    return "Schema describes \(wanted), \(name) found instead"
  }

  static func notOneOf(_ values: [String]) -> String {
    "Data presented is not one of the accepted values: \(values.joined(separator: ", "))."
  }

  static let noSchema = "Data did not match any of the schemas described in anyOf."
}

/// `count` and `offset` of a collection: ten by default, more than a thousand silently cut.
struct Page {
  let count: Int
  let offset: Int

  init(_ request: HTTPRequest) throws(Refusal) {
    count = min(1000, try Page.number(request, "count") ?? 10)
    offset = try Page.number(request, "offset") ?? 0
  }

  private static func number(_ request: HTTPRequest, _ name: String) throws(Refusal) -> Int? {
    guard let text = request.query(name) else { return nil }
    guard let value = Int(text) else {
      throw .unvalidated(name, SchemaCheck.found(.string(text), insteadOf: "integer"))
    }
    guard value >= 0 else { throw .unvalidated(name, "Value must be at least 0") }
    return value
  }

  func of<Item>(_ items: [Item]) -> ArraySlice<Item> {
    let start = min(offset, items.count)
    return items[start..<min(items.count, start + count)]
  }
}

extension FieldSelection {
  init(_ request: HTTPRequest, top: Set<String>) {
    self.init(
      fields: request.query("fields"), exclude: request.query("exclude_fields"), top: top)
  }
}

/// What a call answers when all went well.
struct Answer {
  let status: Int
  /// JSON; nil for an empty answer.
  let body: [UInt8]?
  let schema: String?

  init(_ status: Int, _ body: JSONValue?, schema: String? = nil) {
    self.init(status, bytes: body?.serialized(), schema: schema)
  }

  /// For a body that is written already.
  init(_ status: Int, bytes: [UInt8]?, schema: String? = nil) {
    self.status = status
    body = bytes
    self.schema = schema
  }

  /// An object whose members are written already.
  static func object(_ members: [(name: String, value: [UInt8])]) -> [UInt8] {
    var out: [UInt8] = [UInt8(ascii: "{")]
    for (index, member) in members.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      JSONValue.write(member.name, into: &out)
      out.append(UInt8(ascii: ":"))
      out.append(contentsOf: member.value)
    }
    out.append(UInt8(ascii: "}"))
    return out
  }
}
