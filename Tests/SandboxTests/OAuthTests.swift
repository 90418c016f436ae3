// The login: the page, the code, the token, and what the token opens.

import Basics
import Foundation
import HTTP
import Support
import Testing

@testable import Sandbox

private let back = "http://127.0.0.1:1/back"

@Suite struct OAuthTests {
  /// What is changed to nothing is left out.
  private func authorize(
    _ practice: Practice, _ changes: [String: String] = [:]
  ) async throws -> RawAnswer {
    var fields: [String: String] = [
      "response_type": "code", "client_id": practice.server.configuration.clientID,
      "redirect_uri": back, "state": "a b&c",
    ]
    fields.merge(changes) { $1 }
    let query = fields.filter { !$0.value.isEmpty }.map { FormField($0.key, $0.value) }
    return try await RawHTTP(port: practice.server.port, authorization: nil)
      .call("GET", "/oauth2/authorize?\(FormEncoding.encode(query))")
  }

  private func code(_ practice: Practice) async throws -> String {
    let answer = try await authorize(practice, ["allow": "yes"])
    let query = try #require(answer.header("Location")?.split(separator: "?").last)
    return try #require(FormEncoding.decode(query).first { $0.name == "code" }?.value)
  }

  private func token(
    _ practice: Practice, _ code: String, _ changes: [String: String] = [:],
    type: String = "application/x-www-form-urlencoded"
  ) async throws -> RawAnswer {
    let configuration = practice.server.configuration
    var fields: [String: String] = [
      "grant_type": "authorization_code", "client_id": configuration.clientID,
      "client_secret": configuration.clientSecret, "redirect_uri": back, "code": code,
    ]
    fields.merge(changes) { $1 }
    let form = FormEncoding.encode(
      fields.filter { !$0.value.isEmpty }.map { FormField($0.key, $0.value) })
    let connection = try RawConnection(port: practice.server.port)
    defer { connection.close() }
    connection.send(
      "POST /oauth2/token HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: \(type)\r\n"
        + "Content-Length: \(form.utf8.count)\r\n\r\n\(form)")
    return await RawHTTP.answer(on: connection)
  }

  @Test func `the page asks, and its links lead back with a code or without`() async throws {
    let practice = try Practice()
    let page = try await authorize(practice)
    #expect(page.status == 200)
    #expect(page.header("Content-Type")?.hasPrefix("text/html") == true)
    for answer in ["yes", "no"] {
      let link = try #require(
        page.body.split(separator: "\"").first { $0.hasSuffix("allow=\(answer)") })
      let target = link.split(separator: "&amp;").joined(separator: "&")
      let next = try await RawHTTP(port: practice.server.port, authorization: nil)
        .call("GET", target)
      #expect(next.status == 302)
      let location = try #require(next.header("Location"))
      #expect(location.hasPrefix("\(back)?"))
      let fields = FormEncoding.decode(location.split(separator: "?").last ?? "")
      #expect(fields.first { $0.name == "state" }?.value == "a b&c")
      #expect(fields.contains { $0.name == "code" } == (answer == "yes"))
      #expect(fields.contains { $0 == FormField("error", "access_denied") } == (answer == "no"))
    }
    #expect(practice.server.exchanges.isEmpty)
  }

  @Test func `an address with a query of its own keeps it`() async throws {
    let practice = try Practice()
    let answer = try await authorize(
      practice, ["allow": "yes", "redirect_uri": "\(back)?a=1", "state": ""])
    let location = try #require(answer.header("Location"))
    #expect(location.hasPrefix("\(back)?a=1&code="))
    #expect(!location.contains("state"))
  }

  @Test(arguments: [
    ["client_id": "1"], ["client_id": ""], ["response_type": "token"], ["redirect_uri": ""],
    ["redirect_uri": "nonsense"],
  ])
  func `a request to log in that does not fit is refused without a redirect`(
    _ changes: [String: String]
  ) async throws {
    let practice = try Practice()
    let answer = try await authorize(
      practice, changes.merging(["allow": "yes"]) { first, _ in first })
    #expect(answer.status == 400)
    #expect(answer.header("Location") == nil)
  }

  @Test func `another address than the registered one is refused`() async throws {
    let practice = try Practice { $0.redirectURI = "http://127.0.0.1:2/back" }
    #expect(try await authorize(practice).status == 400)
    let right = try await authorize(practice, ["redirect_uri": "http://127.0.0.1:2/back"])
    #expect(right.status == 200)
  }

  @Test func `a code becomes a token that opens the API and never ends`() async throws {
    let practice = try Practice()
    let answer = try await token(practice, try await code(practice))
    #expect(answer.status == 200)
    #expect(answer["expires_in"] == 0)
    #expect(answer.json.object?["scope"] == .null)
    let text = try #require(answer["access_token"].string)
    practice.clock.advance(.days(4000))
    for scheme in ["Bearer", "OAuth"] {
      let api = RawHTTP(port: practice.server.port, authorization: "\(scheme) \(text)")
      #expect(try await api.call("GET", "/3.0/ping").status == 200)
    }
  }

  @Test func `a token tells its data centre and where the API is`() async throws {
    let practice = try Practice()
    let answer = try await token(practice, try await code(practice))
    let text = try #require(answer["access_token"].string)
    let connection = try RawConnection(port: practice.server.port)
    defer { connection.close() }
    connection.send(
      "GET /oauth2/metadata HTTP/1.1\r\nHost: 127.0.0.1:\(practice.server.port)\r\n"
        + "Connection: close\r\nAuthorization: OAuth \(text)\r\n\r\n")
    let metadata = await RawHTTP.answer(on: connection)
    #expect(metadata["dc"] == "us19")
    #expect(metadata["api_endpoint"] == .string(practice.server.url))
  }

  @Test func `a code is good once`() async throws {
    let practice = try Practice()
    let code = try await code(practice)
    #expect(try await token(practice, code).status == 200)
    let again = try await token(practice, code)
    #expect(again.status == 400)
    #expect(again["error"] == "invalid_grant")
  }

  @Test func `a code is good for ten minutes`() async throws {
    let practice = try Practice()
    let (early, late) = (try await code(practice), try await code(practice))
    practice.clock.advance(.minutes(10))
    #expect(try await token(practice, early).status == 200)
    practice.clock.advance(.seconds(1))
    #expect(try await token(practice, late)["error"] == "invalid_grant")
  }

  @Test(arguments: [
    ("code", "nonsense", "invalid_grant"), ("redirect_uri", "\(back)/2", "invalid_grant"),
    ("client_secret", "nonsense", "invalid_client"), ("client_id", "1", "invalid_client"),
    ("grant_type", "password", "unsupported_grant_type"),
  ])
  func `what does not fit the code gives no token`(
    _ field: String, _ value: String, _ error: String
  ) async throws {
    let practice = try Practice(malformed: true)
    let answer = try await token(practice, try await code(practice), [field: value])
    #expect(answer.status == 400)
    #expect(answer["error"] == .string(error))
    #expect(answer["access_token"] == .null)
  }

  @Test func `a token is asked for by a whole form alone`() async throws {
    let practice = try Practice(malformed: true)
    let code = try await code(practice)
    #expect(
      try await token(practice, code, type: "application/json")["error"] == "invalid_request")
    #expect(
      try await token(practice, code, ["client_secret": ""])["error"] == "invalid_request")
    #expect(try await practice.api.call("GET", "/oauth2/token").status == 405)
    #expect(try await token(practice, code).status == 200)
  }

  @Test func `tokens end when the owner disconnects programs, keys do not`() async throws {
    let practice = try Practice()
    let answer = try await token(practice, try await code(practice))
    let text = try #require(answer["access_token"].string)
    try practice.perform(.programsAreDisconnected)
    let api = RawHTTP(port: practice.server.port, authorization: "Bearer \(text)")
    expectProblem(try await api.call("GET", "/3.0/ping"), 401, "API Key Invalid")
    #expect(try await api.call("GET", "/oauth2/metadata")["error"] == "invalid_token")
    #expect(try await practice.api.call("GET", "/3.0/ping").status == 200)
  }

  @Test func `a recording of the login has neither code nor secret nor token`() async throws {
    let folder = try TemporaryDirectory()
    let path = folder.file("recording.jsonl")
    let practice = try Practice { $0.recordPath = path }
    let code = try await code(practice)
    let answer = try await token(practice, code)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.contains("\"grant_type\":\"authorization_code\""))
    #expect(text.split(separator: "\n").count == 1)
    for secret in [
      code, practice.server.configuration.clientSecret, answer["access_token"].string ?? "",
    ] {
      #expect(!secret.isEmpty && !text.contains(secret))
    }
  }
}
