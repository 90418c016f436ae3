// One request and its answer, for the workspace's request rows. Bodies are kept as bytes and leave
// only through `requestText` and `responseText`, which know the secrets and mask them.

import Basics

package struct ExchangeRecord: Sendable {
  package let at: Instant
  package let method: String
  /// Path and query, without scheme and host.
  package let path: String
  /// Nil when no answer came.
  package let status: Int?
  package let tookMilliseconds: Int64
  package let problem: Problem?
  private let requestBody: [UInt8]
  private let responseBody: [UInt8]
  private let secret: Secret

  init(
    at: Instant, method: String, path: String, status: Int?, tookMilliseconds: Int64,
    problem: Problem?, requestBody: [UInt8], responseBody: [UInt8], secret: Secret
  ) {
    self.at = at
    self.method = method
    self.path = path
    self.status = status
    self.tookMilliseconds = tookMilliseconds
    self.problem = problem
    self.requestBody = requestBody
    self.responseBody = responseBody
    self.secret = secret
  }

  package var requestBytes: Int { requestBody.count }
  package var responseBytes: Int { responseBody.count }

  /// The body sent, secrets masked, control characters taken out; nil when there was none or it
  /// is longer than `limit` bytes.
  package func requestText(limit: Int = 65536) -> String? { masked(requestBody, limit) }

  /// The body that came back, likewise.
  package func responseText(limit: Int = 65536) -> String? { masked(responseBody, limit) }

  private func masked(_ bytes: [UInt8], _ limit: Int) -> String? {
    guard !bytes.isEmpty, bytes.count <= limit else { return nil }
    if let value = try? JSONValue.parse(bytes) {
      let value = path.contains("/webhooks") ? Self.withoutWebhookPaths(value) : value
      return Self.masked(value, secret.reveal()).description
    }
    return Self.masked(Text.lines(String(decoding: bytes, as: UTF8.self)), secret.reveal())
  }

  private static func masked(_ value: JSONValue, _ secret: String) -> JSONValue {
    switch value {
    case .string(let text): .string(masked(text, secret))
    case .array(let items): .array(items.map { masked($0, secret) })
    case .object(let members):
      .object(
        Dictionary(
          uniqueKeysWithValues: members.map { name, value in
            (name, secretNames.contains(name.lowercased()) ? "•••" : masked(value, secret))
          }))
    default: value
    }
  }

  /// What follows the host of a webhook's address is a secret, other programs' too.
  private static func withoutWebhookPaths(_ value: JSONValue) -> JSONValue {
    switch value {
    case .array(let items): return .array(items.map(withoutWebhookPaths))
    case .object(var members):
      for (name, value) in members { members[name] = withoutWebhookPaths(value) }
      if let url = members["url"]?.string {
        let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        members["url"] = .string((parts.prefix(3) + ["•••"]).joined(separator: "/"))
      }
      return .object(members)
    default: return value
    }
  }

  private static func masked(_ text: String, _ secret: String) -> String {
    guard !secret.isEmpty, text.contains(secret) else { return text }
    return text.split(separator: secret, omittingEmptySubsequences: false).joined(separator: "•••")
  }
}

private let secretNames: Set<String> = [
  "access_token", "api_key", "apikey", "client_secret", "password", "signing_secret", "code",
]
