// The webhooks of an audience and the calls about them. A webhook's address is tried with a GET
// before it is taken; that is done outside, and what came of it is told by `webhookProbes`. The
// secret its deliveries are signed with leaves this server once, in the answer to its creation.

import Basics
import HTTP

/// Who made a change, as a webhook asks for it.
package enum WebhookSource: String, Sendable, CaseIterable {
  case user, admin, api
}

package struct SandboxWebhook: Sendable, Equatable {
  static let events = [
    "subscribe", "unsubscribe", "profile", "cleaned", "upemail", "campaign", "sms_subscribe",
    "sms_unsubscribe", "upsms", "sms_campaign",
  ]

  package let id: String
  package internal(set) var url: String
  package internal(set) var events: Set<String> = []
  package internal(set) var sources: Set<WebhookSource> = []
  /// Used as text for the signature; nil where this server does not sign.
  package let secret: String?

  init(number: Int, list: String, url: String, isSigned: Bool) {
    id = String(Digest.md5("webhook \(list) \(number)".utf8).prefix(10))
    self.url = url
    secret = isSigned ? Base64.url(Digest.sha256("webhook secret \(list) \(number)".utf8)) : nil
  }

  func json(list: String, dataCentre: String) -> JSONValue {
    var events: [String: JSONValue] = [:]
    for name in Self.events { events[name] = .bool(self.events.contains(name)) }
    var sources: [String: JSONValue] = [:]
    for source in WebhookSource.allCases {
      sources[source.rawValue] = .bool(self.sources.contains(source))
    }
    let path = "/lists/\(list)/webhooks"
    let response = "Lists/Webhooks/Response.json"
    return [
      "id": .string(id), "url": .string(url), "events": .object(events),
      "sources": .object(sources), "signing_enabled": .bool(secret != nil),
      "list_id": .string(list),
      "_links": [
        Schema.entry(dataCentre, "self", "\(path)/\(id)", target: response),
        Schema.entry(
          dataCentre, "parent", path, target: "Lists/Webhooks/CollectionResponse.json"),
        Schema.entry(dataCentre, "update", "\(path)/\(id)", "PATCH", target: response),
        Schema.entry(dataCentre, "delete", "\(path)/\(id)", "DELETE"),
      ],
    ]
  }

  /// Takes over what the body names; what it does not name stays as it is.
  mutating func take(_ body: JSONValue) throws(Refusal) {
    func flags(_ name: String) throws(Refusal) -> [String: Bool] {
      guard let value = body[name] else { return [:] }
      guard let members = value.object else {
        throw .unvalidated(name, SchemaCheck.found(value, insteadOf: "object"))
      }
      var flags: [String: Bool] = [:]
      for (key, value) in members {
        guard let flag = value.bool else {
          throw .unvalidated("\(name).\(key)", SchemaCheck.found(value, insteadOf: "boolean"))
        }
        flags[key] = flag
      }
      return flags
    }
    for (name, isOn) in try flags("events") where Self.events.contains(name) {
      if isOn { events.insert(name) } else { events.remove(name) }
    }
    for (name, isOn) in try flags("sources") {
      guard let source = WebhookSource(rawValue: name) else { continue }
      if isOn { sources.insert(source) } else { sources.remove(source) }
    }
  }

  /// Where a URL leads without its query: two webhooks may not differ in the query alone.
  static func place(_ url: String) -> Substring { url.prefix { $0 != "?" } }
}

extension SandboxAudience {
  /// Answers a call about webhooks. `probes` has what a GET of an address was answered; an address
  /// that nobody tried counts as unreachable.
  mutating func answerWebhooks(
    _ method: String, _ id: String?, _ body: JSONValue, _ configuration: SandboxConfiguration,
    probes: [String: Int]
  ) throws(Refusal) -> Answer {
    let instance = "Lists/Webhooks/Instance.json"
    guard let id else {
      if method == "GET" { return listWebhooks() }
      guard case .object(var shown) = try createWebhook(body, configuration, probes) else {
        throw .notFound
      }
      if configuration.tellsWebhookSecret, let secret = webhooks.last?.secret {
        shown["signing_secret"] = .string(secret)
      }
      return Answer(200, .object(shown), schema: instance)
    }
    guard let index = webhooks.firstIndex(where: { $0.id == id }) else { throw .notFound }
    switch method {
    case "DELETE":
      webhooks.remove(at: index)
      return Answer(204, nil)
    case "PATCH":
      var hook = webhooks[index]
      try hook.take(body)
      if let url = try Self.url(in: body), url != hook.url {
        try check(url, otherThan: id, probes)
        hook.url = url
      }
      webhooks[index] = hook
    default: break
    }
    return Answer(
      200, webhooks[index].json(list: self.id, dataCentre: dataCentre), schema: instance)
  }

  /// The address that has to be tried before `body` can be taken; nil where none has to.
  func webhookToTry(_ id: String?, _ body: JSONValue) -> String? {
    guard let url = body["url"]?.string, HTTPAddress(url) != nil,
      webhooks.first(where: { $0.id == id })?.url != url, id == nil || hasWebhook(id ?? "")
    else { return nil }
    return url
  }

  func hasWebhook(_ id: String) -> Bool { webhooks.contains { $0.id == id } }

  private func listWebhooks() -> Answer {
    let path = "/lists/\(id)/webhooks"
    return Answer(
      200,
      [
        "webhooks": .array(webhooks.map { $0.json(list: id, dataCentre: dataCentre) }),
        "list_id": .string(id), "total_items": .int(Int64(webhooks.count)),
        "_links": [
          Schema.entry(
            dataCentre, "self", path, target: "Lists/Webhooks/CollectionResponse.json"),
          Schema.entry(dataCentre, "parent", "/lists/\(id)", target: "Lists/Response.json"),
          Schema.entry(
            dataCentre, "create", path, "POST", target: "Lists/Webhooks/Response.json"),
        ],
      ], schema: "Lists/Webhooks/Collection.json")
  }

  private mutating func createWebhook(
    _ body: JSONValue, _ configuration: SandboxConfiguration, _ probes: [String: Int]
  ) throws(Refusal) -> JSONValue {
    guard let url = try Self.url(in: body) else {
      throw .unvalidated("", "Required fields were not provided: url")
    }
    var hook = SandboxWebhook(
      number: webhooksMade + 1, list: id, url: url, isSigned: configuration.signsWebhooks)
    try hook.take(body)
    try check(url, otherThan: nil, probes)
    webhooksMade += 1
    webhooks.append(hook)
    return hook.json(list: id, dataCentre: dataCentre)
  }

  private static func url(in body: JSONValue) throws(Refusal) -> String? {
    guard let value = body["url"] else { return nil }
    guard let url = value.string else {
      throw .unvalidated("url", SchemaCheck.found(value, insteadOf: "string"))
    }
    return url
  }

  private func check(
    _ url: String, otherThan id: String?, _ probes: [String: Int]
  ) throws(Refusal) {
    guard HTTPAddress(url) != nil else { throw .unvalidated("url", "Invalid URL") }
    let place = SandboxWebhook.place(url)
    if webhooks.contains(where: { $0.id != id && SandboxWebhook.place($0.url) == place }) {
      throw .unvalidated("url", "Sorry, you can't set up multiple WebHooks for one URL")
    }
    let code = probes[url] ?? 0
    if code != 200 {
      throw .unvalidated(
        "url",
        "We couldn't verify the URL is working. Please double check and try again. HTTP Code: "
          + "\(code)")
    }
  }
}

extension SandboxMailchimp {
  /// The address that a request wants to make a webhook of, which has to be tried before the
  /// request is answered; nil for every other request.
  func webhookToTry(_ request: HTTPRequest) -> String? {
    let parts = request.path.split(separator: "/").map(String.init)
    let method = request.headers["X-HTTP-Method-Override"]?.uppercased() ?? request.method
    guard (4...5).contains(parts.count), parts[0] == "3.0", parts[1] == "lists",
      parts[3] == "webhooks", method == (parts.count == 4 ? "POST" : "PATCH"),
      isFromTheAccount(request), let audience = self[audience: parts[2]],
      let body = try? JSONValue.parse(request.body)
    else { return nil }
    return audience.webhookToTry(parts.count == 5 ? parts[4] : nil, body)
  }
}

extension Base64 {
  /// RFC 4648 with the alphabet for addresses, without padding.
  static func url(_ bytes: [UInt8]) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    var out: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    for byte in bytes {
      bits = bits << 8 | UInt32(byte)
      count += 8
      while count >= 6 {
        count -= 6
        out.append(letters[Int(bits >> UInt32(count) & 63)])
      }
    }
    if count > 0 { out.append(letters[Int(bits << UInt32(6 - count) & 63)]) }
    return String(decoding: out, as: UTF8.self)
  }
}
