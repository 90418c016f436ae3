// The rule of a saved segment. Only the conditions that somebody practising needs are understood;
// any other is refused, because a segment that quietly holds nobody would teach the wrong lesson.

import Basics

struct SegmentRule: Sendable {
  private let matchesAll: Bool
  private let conditions: [Condition]
  /// As it was sent.
  let json: JSONValue

  private struct Condition: Sendable {
    enum Subject: Sendable {
      case address
      case field(String)
      case tag(Int)
    }

    let subject: Subject
    let operation: String
    let value: String
  }

  /// Reads `options` of a segment.
  init(_ json: JSONValue) throws(Refusal) {
    guard json.object != nil else {
      throw .unvalidated("options", SchemaCheck.found(json, insteadOf: "object"))
    }
    let match = json["match"]?.string ?? "all"
    guard ["any", "all"].contains(match) else {
      throw .unvalidated("options.match", SchemaCheck.notOneOf(["any", "all"]))
    }
    matchesAll = match == "all"
    let sent = json["conditions"] ?? []
    guard let items = sent.array else {
      throw .unvalidated("options.conditions", SchemaCheck.found(sent, insteadOf: "array"))
    }
    var conditions: [Condition] = []
    for (index, item) in items.enumerated() {
      guard let condition = Self.condition(item) else {
        throw .unvalidated("options.conditions.item:\(index)", SchemaCheck.noSchema)
      }
      conditions.append(condition)
    }
    self.conditions = conditions
    self.json = ["match": .string(match), "conditions": sent]
  }

  private static func condition(_ json: JSONValue) -> Condition? {
    guard let operation = json["op"]?.string else { return nil }
    let value = json["value"]?.string ?? ""
    switch json["condition_type"]?.string {
    case "EmailAddress" where ["is", "not", "contains", "starts", "ends"].contains(operation):
      return Condition(subject: .address, operation: operation, value: value)
    case "TextMerge"
    where ["is", "not", "contains", "starts", "ends", "blank", "blank_not"].contains(operation):
      guard let field = json["field"]?.string else { return nil }
      return Condition(subject: .field(field), operation: operation, value: value)
    case "StaticSegment" where ["static_is", "static_not"].contains(operation):
      guard let tag = json["value"]?.int else { return nil }
      return Condition(subject: .tag(Int(clamping: tag)), operation: operation, value: "")
    default: return nil
    }
  }

  func matches(_ member: SandboxMember, in audience: SandboxAudience) -> Bool {
    func holds(_ condition: Condition) -> Bool {
      switch condition.subject {
      case .address: Self.holds(condition, member.address)
      case .field(let tag):
        Self.holds(
          condition,
          audience.mergeField(tagged: tag).flatMap { member.values[$0.id]?.string } ?? "")
      case .tag(let id):
        member.tags.contains { $0.segment == id } == (condition.operation == "static_is")
      }
    }
    return matchesAll ? conditions.allSatisfy(holds) : conditions.contains(where: holds)
  }

  private static func holds(_ condition: Condition, _ text: String) -> Bool {
    let text = text.lowercased()
    let value = condition.value.lowercased()
    switch condition.operation {
    case "is": return text == value
    case "not": return text != value
    case "contains": return text.contains(value)
    case "starts": return text.hasPrefix(value)
    case "ends": return text.hasSuffix(value)
    case "blank": return text.isEmpty
    default: return !text.isEmpty
    }
  }
}
