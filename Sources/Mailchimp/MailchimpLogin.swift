// The login by OAuth 2: the address a browser opens, the code it comes back with, the token the code
// is good for, and where the API of that token is. What must stay true: a code counts only with the
// state this login made up, and secrets go only where the login address leads.

import Basics
import HTTP

/// What a login came to.
package struct MailchimpGrant: Sendable, Equatable {
  /// As `mailchimp.key` keeps it.
  package let key: Secret
  /// For `mailchimp.url`; nil where the address follows from the data centre.
  package let url: String?
}

package struct MailchimpLogin: Sendable {
  private let clientID: String
  private let clientSecret: Secret
  private let base: String
  package let redirect: HTTPAddress
  private let redirectText: String
  private let state: Secret

  /// Refuses what cannot lead anywhere; makes up the state.
  package init(
    clientID: String, clientSecret: Secret, address: String, redirect: String
  ) throws(Problem) {
    guard !clientID.isEmpty, !clientSecret.isEmpty else {
      throw Problem(
        "login.no-client", "The client id or the client secret of the login is not set.",
        remedy: """
          Register an app in Mailchimp (your profile, Extras, Registered apps, as of November 2026), \
          then set mailchimp.client-id and mailchimp.client-secret. Or paste an API key instead.
          """)
    }
    guard HTTPAddress(address) != nil, let back = HTTPAddress(redirect) else {
      throw Problem(
        "login.address-malformed", "The login address or the redirect address is none.",
        remedy: "Correct mailchimp.login-url and mailchimp.redirect.")
    }
    self.clientID = clientID
    self.clientSecret = clientSecret
    base = address
    self.redirect = back
    redirectText = redirect
    // The system's generator; 256 bits nobody can guess.
    state = Secret(
      (0..<4).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined())
  }

  /// Where the browser has to go.
  package var address: String {
    "\(base)/oauth2/authorize?"
      + FormEncoding.encode([
        FormField("response_type", "code"), FormField("client_id", clientID),
        FormField("redirect_uri", redirectText), FormField("state", state.reveal()),
      ])
  }

  /// The code in the address a browser ended on.
  package func code(inAddress text: String) throws(Problem) -> Secret {
    let line = Text.oneLine(text)
    guard let mark = line.firstIndex(of: "?") else {
      throw Problem(
        "login.no-code", "What was pasted is not the address the browser ended on.",
        remedy: "Paste the whole address, from http on; it has code= and state= in it.")
    }
    let query = line[line.index(after: mark)...].prefix { $0 != "#" }
    return try code(in: FormEncoding.decode(query))
  }

  /// The code among the fields of the redirect; refuses an answer to another login.
  package func code(in fields: [FormField]) throws(Problem) -> Secret {
    func sent(_ name: String) -> String? { fields.first { $0.name == name }?.value }
    guard sent("state") == state.reveal() else {
      throw Problem(
        "login.wrong-state", "This is the answer to another login, or to none of ours.",
        remedy: "Open the address of this login, and paste the one the browser ends on.")
    }
    if let error = sent("error") {
      throw Problem(
        "login.refused",
        error == "access_denied"
          ? "The access was denied in the browser." : "Mailchimp refuses the login.",
        remedy: "Log in again and allow the access.", fields: ["error": Text.oneLine(error)])
    }
    guard let code = sent("code"), !code.isEmpty else {
      throw Problem(
        "login.no-code", "The address has no code in it.",
        remedy: "Paste the whole address the browser ended on.")
    }
    return Secret(code)
  }

  /// Exchanges the code, which is good once, and finds out where the account is.
  package func grant(for code: Secret, over http: HTTPClient) async throws(Problem)
    -> MailchimpGrant
  {
    try await grant(try await redeem(code, over: http), over: http)
  }

  private func redeem(_ code: Secret, over http: HTTPClient) async throws(Problem) -> Secret {
    let form = FormEncoding.encode([
      FormField("grant_type", "authorization_code"), FormField("client_id", clientID),
      FormField("client_secret", clientSecret.reveal()), FormField("redirect_uri", redirectText),
      FormField("code", code.reveal()),
    ])
    let answer = try await http.send(
      HTTPClientRequest(
        "POST", "\(base)/oauth2/token",
        headers: [
          "Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json",
        ], body: Array(form.utf8), totalTime: .seconds(30)))
    let json = Self.json(answer.body)
    guard (200..<300).contains(answer.status), let token = json["access_token"].cleanText,
      token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else { throw Self.refusal(answer.status, json) }
    return Secret(token)
  }

  /// Null where it is no JSON: what is wanted is then missing, and the refusal that follows says so
  /// with the status, which tells more than where a page of HTML stops being JSON.
  private static func json(_ body: [UInt8]) -> JSONValue { (try? JSONValue.parse(body)) ?? .null }

  private static func refusal(_ status: Int, _ json: JSONValue) -> Problem {
    let facts = ["status": String(status), "error": json["error"].cleanText ?? ""]
    let cause = json["error_description"].cleanText
    return switch json["error"].cleanText {
    case "invalid_grant":
      Problem(
        "login.code-refused", "Mailchimp does not take the code: it is used up, too old or wrong.",
        remedy: "Log in again; a code is good once, and only for minutes.", fields: facts,
        cause: cause)
    case "invalid_client":
      Problem(
        "login.client-refused", "Mailchimp does not know the client id with this client secret.",
        remedy: "Correct mailchimp.client-id and mailchimp.client-secret.", fields: facts,
        cause: cause)
    default:
      Problem(
        "login.no-token", "The login address gave no access (\(status)).",
        remedy: "Look at mailchimp.login-url and mailchimp.redirect, then begin again.",
        fields: facts, cause: cause)
    }
  }

  /// A token that is no good is answered with 200 too: only an `api_endpoint` says it is one.
  private func grant(_ token: Secret, over http: HTTPClient) async throws(Problem)
    -> MailchimpGrant
  {
    let answer = try await http.send(
      HTTPClientRequest(
        "GET", "\(base)/oauth2/metadata",
        headers: ["Authorization": "OAuth \(token.reveal())", "Accept": "application/json"],
        totalTime: .seconds(30)))
    let json = Self.json(answer.body)
    guard let endpoint = json["api_endpoint"].cleanText, let address = HTTPAddress(endpoint) else {
      throw Problem(
        "login.no-account", "The login gave access to no account.",
        remedy: """
          Without a Mailchimp account, create one at mailchimp.com; then disconnect and connect again.
          """, fields: ["status": String(answer.status), "error": json["error"].cleanText ?? ""])
    }
    let isOwn = address.host.hasSuffix(".api.mailchimp.com") && address.isSecure
    guard isOwn || !(HTTPAddress(base)?.host.hasSuffix("mailchimp.com") ?? true) else {
      throw Problem(
        "login.strange-address", "Mailchimp's login named an address that is not Mailchimp's.",
        remedy: "Look for a proxy that stands between.", fields: ["host": address.host])
    }
    let centre =
      json["dc"].cleanText ?? String(address.host.prefix { $0 != "." })
    let key = Secret("\(MailchimpKey.tokenPrefix)\(token.reveal())-\(centre)")
    let direct = "https://\(try MailchimpKey(key).dataCentre).api.mailchimp.com"
    return MailchimpGrant(
      key: key, url: address.origin == direct ? nil : address.origin)
  }
}
