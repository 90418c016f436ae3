// Trouble on demand: rules that say which requests go wrong, and how. A rule counts the requests
// it matches, so "the third PUT" is the third PUT in every run; chance comes from a seed.

import Basics
import HTTP

/// How an exchange goes wrong. `applied` says whether the request takes effect all the same.
package enum SandboxFault: Sendable, Equatable {
  /// A problem document with this status.
  case status(Int, title: String = "", detail: String = "", applied: Bool = false)
  case tooManyRequests
  /// What a blocking edge sends: 403 and a page.
  case forbiddenWithoutJSON
  /// No answer for as long as the client stays.
  case timeOut(applied: Bool)
  /// The connection ends without a byte.
  case cut(applied: Bool)
  /// The answer ends after that many bytes of its body; the request took effect.
  case truncated(bytes: Int)
  /// A 200 whose body is no JSON; the request took effect.
  case garbage
  /// The right answer, but late.
  case delayed(milliseconds: Int)
  /// Not of a request but of a delivery to a webhook; `path` of the rule is then its type, such
  /// as `/profile`.
  case delivery(SandboxDeliveryFault)

  var isOfDelivery: Bool { if case .delivery = self { true } else { false } }
}

package struct SandboxFaultRule: Sendable, Equatable {
  /// Any method when nil.
  package var method: String?
  /// `*` stands for one segment, `**` at the end for any rest; any path when nil.
  package var path: String?
  /// The first matching request that goes wrong, from 1.
  package var nth = 1
  /// How many go wrong from there; all when nil.
  package var count: Int?
  /// The chance of each of them.
  package var probability = 1.0
  package var fault: SandboxFault

  package init(
    _ fault: SandboxFault, method: String? = nil, path: String? = nil, nth: Int = 1,
    count: Int? = nil, probability: Double = 1
  ) {
    self.fault = fault
    self.method = method
    self.path = path
    self.nth = nth
    self.count = count
    self.probability = probability
  }

  package func matches(method: String, path: String) -> Bool {
    if let wanted = self.method, wanted != method { return false }
    guard let pattern = self.path else { return true }
    return PathPattern.matches(pattern, path)
  }
}

package enum PathPattern {
  package static func matches(_ pattern: String, _ path: String) -> Bool {
    let wanted = pattern.split(separator: "/", omittingEmptySubsequences: false)
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    for (index, segment) in wanted.enumerated() {
      if segment == "**", index == wanted.count - 1 { return true }
      guard index < parts.count, segment == "*" || segment == parts[index] else { return false }
    }
    return wanted.count == parts.count
  }
}

package struct SandboxFaults: Sendable {
  package private(set) var rules: [SandboxFaultRule]
  private var seen: [Int]
  private var fired: [Int]
  private var random: SandboxRandom

  package init(_ rules: [SandboxFaultRule] = [], seed: UInt64 = 1) {
    self.rules = rules
    seen = rules.map { _ in 0 }
    fired = seen
    random = SandboxRandom(seed: seed)
  }

  /// Takes in another rule, whose counting begins now.
  package mutating func add(_ rule: SandboxFaultRule) {
    rules.append(rule)
    seen.append(0)
    fired.append(0)
  }

  /// The fault of this request: that of the first rule that fires. Every matching rule counts it.
  package mutating func next(_ request: HTTPRequest) -> SandboxFault? {
    next { rule in
      // Only a rule that names the people platform troubles it.
      let isMeant = (rule.path.map(Self.isOfPlatform) ?? false) == Self.isOfPlatform(request.path)
      return isMeant && !rule.fault.isOfDelivery
        && rule.matches(method: request.method, path: request.path)
    }
  }

  /// What goes wrong with this delivery.
  mutating func next(_ delivery: WebhookDelivery) -> SandboxDeliveryFault? {
    let fault = next {
      $0.fault.isOfDelivery && $0.matches(method: "POST", path: "/\(delivery.type)")
    }
    if case .delivery(let fault) = fault { return fault }
    return nil
  }

  static func isOfPlatform(_ path: String) -> Bool {
    path == "/platform" || path.hasPrefix("/platform/")
  }

  private mutating func next(_ fits: (SandboxFaultRule) -> Bool) -> SandboxFault? {
    var fault: SandboxFault?
    for (index, rule) in rules.enumerated() where fits(rule) {
      seen[index] += 1
      guard fault == nil, seen[index] >= rule.nth, fired[index] < rule.count ?? .max else {
        continue
      }
      let isHit =
        rule.probability >= 1 || Double.random(in: 0..<1, using: &random) < rule.probability
      if isHit {
        fired[index] += 1
        fault = rule.fault
      }
    }
    return fault
  }
}
