// The file of `sandbox --faults`: JSON with a list of rules. A mistake is answered with the file,
// the rule and the property, because a rule that silently does nothing teaches the wrong thing.

import Basics

extension SandboxFaults {
  /// ```json
  /// {"seed": 7, "rules": [
  ///   {"method": "PUT", "path": "/3.0/lists/*/members/*", "nth": 3, "action": "cut-after"},
  ///   {"path": "/3.0/**", "probability": 0.05, "action": "status", "status": 503}
  /// ]}
  /// ```
  /// An action `webhook-…` concerns deliveries to webhooks; its `path` is then their type, such as
  /// `/profile`. With `nth` and without `count` one request goes wrong; without both, all of them.
  package init(parsing text: String, file: String) throws(Problem) {
    let reader = FaultFileReader(file: file)
    let json: JSONValue
    do {
      json = try JSONValue.parse(text)
    } catch {
      throw Problem(
        "faults.not-json", "The faults file \(file) is not JSON.",
        remedy: "Correct it: \(error.sentence)", fields: ["file": file]
      ).caused(by: error)
    }
    guard let object = json.object, let items = object["rules"]?.array else {
      throw reader.problem("has no list named \"rules\"")
    }
    if let odd = object.keys.sorted().first(where: { !["seed", "rules"].contains($0) }) {
      throw reader.problem("has a property \"\(odd)\" that means nothing")
    }
    var rules: [SandboxFaultRule] = []
    for (index, item) in items.enumerated() { rules.append(try reader.rule(item, index + 1)) }
    var seed: UInt64 = 1
    if let value = object["seed"] {
      guard let number = value.int, number >= 0 else {
        throw reader.problem("has a seed that is no whole number")
      }
      seed = UInt64(number)
    }
    self.init(rules, seed: seed)
  }
}

private struct FaultFileReader {
  let file: String

  static let actions: [String: [String]] = [
    "status": ["status", "title", "detail", "applied"], "too-many-requests": [],
    "forbidden-without-json": [], "time-out": ["applied"], "cut-before": [], "cut-after": [],
    "truncate": ["bytes"], "garbage": [], "delay": ["milliseconds"],
    "webhook-duplicate": [], "webhook-reverse": [], "webhook-delay": ["milliseconds"],
    "webhook-hold": [], "webhook-bad-signature": [], "webhook-lose": [],
  ]

  func problem(_ what: String, rule: Int? = nil) -> Problem {
    let place = rule.map { "Rule \($0) of the faults file \(file)" } ?? "The faults file \(file)"
    var fields = ["file": file]
    fields["rule"] = rule.map(String.init)
    return Problem(
      "faults.bad-rule", "\(place) \(what).",
      remedy: "Correct it; the actions are \(Self.actions.keys.sorted().joined(separator: ", ")).",
      fields: fields)
  }

  func rule(_ json: JSONValue, _ number: Int) throws(Problem) -> SandboxFaultRule {
    guard let object = json.object else { throw problem("is no object", rule: number) }
    guard let action = object["action"]?.string, let own = Self.actions[action] else {
      throw problem("has no action that is known", rule: number)
    }
    let known = ["method", "path", "nth", "count", "probability", "action"] + own
    if let odd = object.keys.sorted().first(where: { !known.contains($0) }) {
      throw problem("has a property \"\(odd)\" that means nothing for \(action)", rule: number)
    }
    func text(_ name: String) throws(Problem) -> String? {
      guard let value = object[name] else { return nil }
      guard let text = value.string else { throw problem("has no text in \(name)", rule: number) }
      return text
    }
    func whole(_ name: String, from least: Int) throws(Problem) -> Int? {
      guard let value = object[name] else { return nil }
      guard let number = value.int, number >= Int64(least), number <= 1_000_000_000 else {
        throw problem("needs a whole number from \(least) in \(name)", rule: number)
      }
      return Int(number)
    }
    func flag(_ name: String) throws(Problem) -> Bool {
      guard let value = object[name] else { return false }
      guard let flag = value.bool else {
        throw problem("needs true or false in \(name)", rule: number)
      }
      return flag
    }
    let fault: SandboxFault
    switch action {
    case "status":
      guard let status = try whole("status", from: 100), status < 600 else {
        throw problem("needs a status from 100 to 599", rule: number)
      }
      fault = .status(
        status, title: try text("title") ?? "", detail: try text("detail") ?? "",
        applied: try flag("applied"))
    case "too-many-requests": fault = .tooManyRequests
    case "forbidden-without-json": fault = .forbiddenWithoutJSON
    case "time-out": fault = .timeOut(applied: try flag("applied"))
    case "cut-before": fault = .cut(applied: false)
    case "cut-after": fault = .cut(applied: true)
    case "truncate": fault = .truncated(bytes: try whole("bytes", from: 0) ?? 20)
    case "garbage": fault = .garbage
    case "webhook-duplicate": fault = .delivery(.duplicated)
    case "webhook-reverse": fault = .delivery(.reversed)
    case "webhook-delay":
      fault = .delivery(.delayed(milliseconds: try whole("milliseconds", from: 0) ?? 1000))
    case "webhook-hold": fault = .delivery(.heldBack)
    case "webhook-bad-signature": fault = .delivery(.badSignature)
    case "webhook-lose": fault = .delivery(.lost)
    default: fault = .delayed(milliseconds: try whole("milliseconds", from: 0) ?? 1000)
    }
    var rule = SandboxFaultRule(fault, method: try text("method"), path: try text("path"))
    let nth = try whole("nth", from: 1)
    rule.nth = nth ?? 1
    rule.count = try whole("count", from: 1) ?? (nth == nil ? nil : 1)
    if let value = object["probability"] {
      guard let chance = value.double, (0...1).contains(chance) else {
        throw problem("needs a probability from 0 to 1", rule: number)
      }
      rule.probability = chance
    }
    return rule
  }
}
