// The login of Mailchimp as far as a program needs it: a page that asks whether to allow it, a code
// that is good once and for a short time, and a token that works like a key and never ends by
// itself. Whatever does not fit to the letter is refused.

import Basics
import HTTP

struct SandboxOAuth: Sendable {
  static let codeLife = Duration.minutes(10)

  private struct Code {
    let redirect: String
    let issued: Instant
  }

  private var codes: [String: Code] = [:]
  private(set) var tokens: Set<String> = []
  private var made = 0

  /// A code that is handed over by way of `redirect`.
  mutating func issueCode(for redirect: String, at now: Instant) -> String {
    made += 1
    let code = Digest.md5("oauth code \(made) \(now.milliseconds)".utf8)
    codes[code] = Code(redirect: redirect, issued: now)
    return code
  }

  /// The token for a code; nil where the code is not good, which it is once.
  mutating func redeem(_ code: String, for redirect: String, at now: Instant) -> String? {
    guard let issued = codes.removeValue(forKey: code), issued.redirect == redirect,
      now - issued.issued <= Self.codeLife
    else { return nil }
    made += 1
    let token = Digest.md5("oauth token \(made) \(now.milliseconds)".utf8)
    tokens.insert(token)
    return token
  }

  /// The person takes back what was allowed.
  mutating func disconnect() {
    codes = [:]
    tokens = []
  }
}

extension SandboxMailchimp {
  // MARK: The browser

  /// `GET /oauth2/authorize`: the question, or with `allow=yes` and `allow=no` what the links of
  /// the page lead to.
  mutating func authorize(_ request: HTTPRequest, at now: Instant) -> HTTPResponse {
    func refuse(_ words: String) -> HTTPResponse {
      Self.page(400, "<h1>This cannot be allowed</h1><p>\(SandboxDesk.escaped(words))</p>")
    }
    guard request.query("response_type") == "code" else {
      return refuse("response_type has to be code.")
    }
    guard request.query("client_id") == configuration.clientID else {
      return refuse("No application has this client_id.")
    }
    guard let redirect = request.query("redirect_uri"), HTTPAddress(redirect) != nil,
      configuration.redirectURI.map({ $0 == redirect }) ?? true
    else { return refuse("The redirect_uri is not the one of this application.") }
    var fields: [FormField] = []
    switch request.query("allow") {
    case "yes": fields.append(FormField("code", oauth.issueCode(for: redirect, at: now)))
    case "no": fields.append(FormField("error", "access_denied"))
    default: return question(request)
    }
    if let state = request.query("state") { fields.append(FormField("state", state)) }
    let target = redirect + (redirect.contains("?") ? "&" : "?") + FormEncoding.encode(fields)
    return HTTPResponse(302, headers: ["Location": target])
  }

  private func question(_ request: HTTPRequest) -> HTTPResponse {
    func link(_ answer: String, _ word: String) -> String {
      let query = request.query.filter { $0.name != "allow" } + [FormField("allow", answer)]
      let target = SandboxDesk.escaped("/oauth2/authorize?\(FormEncoding.encode(query))")
      return "<p><a href=\"\(target)\">\(word)</a></p>"
    }
    return Self.page(
      200,
      "<h1>Allow access to the practice account?</h1>" + link("yes", "Allow")
        + link("no", "Deny"))
  }

  private static func page(_ status: Int, _ content: String) -> HTTPResponse {
    let page = """
      <!doctype html><html lang="en"><meta charset="utf-8"><title>Log in to practise</title>
      \(content)</html>

      """
    return HTTPResponse(
      status, headers: ["Content-Type": "text/html; charset=utf-8"], body: Array(page.utf8))
  }

  // MARK: The program

  /// `POST /oauth2/token`: a code becomes a token.
  mutating func exchangeCode(_ request: HTTPRequest, at now: Instant) -> HTTPResponse {
    func refuse(_ error: String, _ words: String) -> HTTPResponse {
      .json(400, ["error": .string(error), "error_description": .string(words)])
    }
    guard request.method == "POST" else {
      var response = refuse("invalid_request", "Only POST is allowed here.")
      response.status = 405
      response.headers.set("Allow", "POST")
      return response
    }
    let type = request.headers["Content-Type"]?.lowercased() ?? ""
    guard type.hasPrefix("application/x-www-form-urlencoded") else {
      return refuse("invalid_request", "The body has to be a form.")
    }
    let form = FormEncoding.decode(request.body)
    func sent(_ name: String) -> String? { form.first { $0.name == name }?.value }
    guard let grant = sent("grant_type"), let client = sent("client_id"),
      let secret = sent("client_secret"), let redirect = sent("redirect_uri"),
      let code = sent("code")
    else { return refuse("invalid_request", "A parameter is missing.") }
    guard grant == "authorization_code" else {
      return refuse("unsupported_grant_type", "The grant_type has to be authorization_code.")
    }
    guard client == configuration.clientID, secret == configuration.clientSecret else {
      return refuse("invalid_client", "The client credentials are invalid.")
    }
    guard let token = oauth.redeem(code, for: redirect, at: now) else {
      return refuse("invalid_grant", "The code is invalid, expired, or of another redirect_uri.")
    }
    return .json(200, ["access_token": .string(token), "expires_in": 0, "scope": nil])
  }
}
