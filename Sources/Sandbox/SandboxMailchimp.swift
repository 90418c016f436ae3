// A Mailchimp to practise on: the Marketing API 3.0 as a pure state machine, a request in, an
// answer out. It is a reading of the API of its own and shares no code with our client, so that
// the two can disagree. It is as unforgiving as the real one is known to be; where the real one's
// behaviour is not known it refuses rather than obliges.

import Basics
import HTTP

package struct SandboxMailchimp: Sendable {
  package let configuration: SandboxConfiguration
  package internal(set) var audiences: [SandboxAudience] = []
  var audiencesMade = 0
  package internal(set) var isKeyRevoked = false
  /// Lower-case addresses refused with "has signed up to a lot of lists".
  package var busyAddresses: Set<String> = []
  /// What a GET of an address that is to be a webhook was answered.
  var webhookProbes: [String: Int] = [:]
  var oauth = SandboxOAuth()
  var batches = BatchBook()
  private var requests = 0

  /// With one audience, ready to be written to.
  package init(_ configuration: SandboxConfiguration = SandboxConfiguration(), at now: Instant) {
    self.configuration = configuration
    addAudience(configuration.audienceName, at: now)
  }

  /// Another audience; its id is the same in every run.
  @discardableResult
  package mutating func addAudience(_ name: String, at now: Instant) -> SandboxAudience {
    audiencesMade += 1
    let audience = SandboxAudience(
      number: audiencesMade, name: name, dataCentre: configuration.dataCentre, created: now,
      changeLag: configuration.changeLag)
    audiences.append(audience)
    return audience
  }

  /// The audience of that id.
  package subscript(audience id: String) -> SandboxAudience? {
    audiences.first { $0.id == id }
  }

  /// Answers one request. Paths outside the API are 404 without a document.
  package mutating func answer(_ request: HTTPRequest, at now: Instant) -> HTTPResponse {
    requests += 1
    let instance = requestID()
    var response: HTTPResponse
    advanceBatches(at: now)
    do throws(Refusal) {
      if request.path == "/oauth2/token" {
        response = exchangeCode(request, at: now)
      } else if let special = outside(request) ?? batchArchive(request, at: now) {
        response = special
      } else {
        var request = request
        request.method = try method(of: request)
        try authenticate(request)
        // Bound first: as an argument it would run while a copy of the state is held.
        let answer = try route(request, at: now)
        response = plain(answer)
      }
    } catch {
      response = error.response(instance: instance, dataCentre: configuration.dataCentre)
    }
    response.headers.set("Server", "openresty")
    response.headers.set("Vary", "Accept-Encoding")
    response.headers.set("X-Request-Id", instance)
    response.headers.set("Date", HTTPDate.print(now))
    return response
  }

  /// The 429 for a request over the limit of simultaneous ones.
  package mutating func refuseOverLimit(at now: Instant) -> HTTPResponse {
    requests += 1
    var response = Refusal.tooMany.response(
      instance: requestID(), dataCentre: configuration.dataCentre)
    response.headers.set("Server", "openresty")
    response.headers.set("Date", HTTPDate.print(now))
    return response
  }

  private func requestID() -> String {
    let hex = Array(Digest.md5("request \(requests)".utf8))
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(hex[$0]) }
      .joined(separator: "-")
  }

  private func plain(_ answer: Answer) -> HTTPResponse {
    var response = HTTPResponse(
      answer.status, headers: ["Content-Type": "application/json; charset=utf-8"],
      body: answer.body ?? [])
    if let schema = answer.schema {
      response.headers.set("Link", Schema.link(configuration.dataCentre, schema))
    }
    return response
  }

  // MARK: Who asks

  /// Some answers need no key: the redirect of `/3.0` without its slash, and the description of
  /// the account behind an OAuth token, which is 200 even when the token is wrong.
  private func outside(_ request: HTTPRequest) -> HTTPResponse? {
    let centre = configuration.dataCentre
    switch request.path {
    case "/3.0":
      let target = "http://\(centre).api.mailchimp.com/3.0/"
      return HTTPResponse(
        301,
        headers: ["Content-Type": "text/html; charset=iso-8859-1", "Location": target],
        body: Array("<html><body>Moved to <a href=\"\(target)\">here</a>.</body></html>\n".utf8))
    case "/oauth2/metadata":
      guard isFromTheAccount(request) else {
        return .json(
          200,
          [
            "error": "invalid_token",
            "error_description": "The access token provided is invalid.",
          ])
      }
      return .json(
        200,
        [
          "dc": .string(centre), "role": "owner", "accountname": "Practice", "user_id": 1,
          "login": [
            "email": "practice@directory.example.org", "avatar": nil, "login_id": 1,
            "login_name": "practice", "login_email": "practice@directory.example.org",
          ],
          "login_url": "https://login.mailchimp.com",
          // The address that was asked: where the API is that this token opens.
          "api_endpoint": .string(
            request.headers["Host"].map { "http://\($0)" }
              ?? "https://\(centre).api.mailchimp.com"),
        ])
    default: return nil
    }
  }

  private func method(of request: HTTPRequest) throws(Refusal) -> String {
    guard let override = request.headers["X-HTTP-Method-Override"] else { return request.method }
    guard request.method == "POST" else { throw .invalidOverride }
    return override.uppercased()
  }

  private func authenticate(_ request: HTTPRequest) throws(Refusal) {
    guard request.headers["Authorization"] != nil else { throw .keyMissing }
    guard isFromTheAccount(request) else { throw .keyInvalid }
  }

  /// A key of another data centre is as wrong as any other wrong key.
  private func isValid(_ key: String) -> Bool {
    if isKeyRevoked { return false }
    return key == configuration.token || oauth.tokens.contains(key)
      || (key == configuration.key && key.hasSuffix("-\(configuration.dataCentre)"))
  }

  /// Whether the request carries the key or the token; simultaneous requests are counted over both.
  func isFromTheAccount(_ request: HTTPRequest) -> Bool {
    presentedKeys(request).contains(where: isValid)
  }

  /// The key or token of a Basic (any user name), Bearer or OAuth header.
  private func presentedKeys(_ request: HTTPRequest) -> [String] {
    guard let header = request.headers["Authorization"] else { return [] }
    let words = header.split(separator: " ", maxSplits: 1).map(String.init)
    guard words.count == 2 else { return [] }
    switch words[0].lowercased() {
    case "bearer", "oauth": return [words[1]]
    case "basic":
      guard let pair = Base64.decode(words[1]), let colon = pair.firstIndex(of: ":") else {
        return []
      }
      return [String(pair[pair.index(after: colon)...])]
    default: return []
    }
  }
}

enum Base64 {
  /// The text behind an RFC 4648 encoding; nil where it is none.
  static func decode(_ text: String) -> String? {
    var bits: UInt32 = 0
    var count = 0
    var out: [UInt8] = []
    for byte in text.utf8 where byte != UInt8(ascii: "=") {
      let value: UInt32
      switch byte {
      case 65...90: value = UInt32(byte - 65)
      case 97...122: value = UInt32(byte - 71)
      case 48...57: value = UInt32(byte + 4)
      case UInt8(ascii: "+"): value = 62
      case UInt8(ascii: "/"): value = 63
      default: return nil
      }
      bits = bits << 6 | value
      count += 6
      if count >= 8 {
        count -= 8
        out.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
    return String(validating: out, as: UTF8.self)
  }
}
