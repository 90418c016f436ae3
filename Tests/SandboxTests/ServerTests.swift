// The server around the state: simultaneous requests, faults of every kind, holds, the recording,
// the page for somebody practising, sample people.

import Basics
import Foundation
import HTTP
import Support
import Testing

@testable import Sandbox

@Suite struct ServerTests {
  // MARK: Simultaneous requests

  @Test func `the eleventh simultaneous request of the account is refused, by token too`()
    async throws
  {
    let practice = try Practice()
    let hold = practice.server.hold(.arrival, path: "/3.0/ping")
    var waiting: [RawConnection] = []
    for _ in 1...10 { waiting.append(try practice.api.begin("GET", "/3.0/ping")) }
    await hold.reached(10)
    let answer = try await practice.api.call("GET", "/3.0/ping")
    expectProblem(answer, 429, "Too Many Requests")
    #expect(answer.header("Retry-After") == nil)
    let token = RawHTTP(
      port: practice.server.port, authorization: "OAuth practice-oauth-token")
    #expect(try await token.call("GET", "/3.0/lists").status == 429)
    hold.release()
    for connection in waiting {
      #expect(await RawHTTP.answer(on: connection).status == 200)
      connection.close()
    }
    #expect(try await practice.api.call("GET", "/3.0/ping").status == 200)
  }

  @Test func `requests wait side by side for their latency`() async throws {
    let practice = try Practice { $0.latency = .milliseconds(1) }
    let hold = practice.server.hold(.answer)
    let one = try practice.api.begin("GET", "/3.0/ping")
    let two = try practice.api.begin("GET", "/3.0/ping")
    await hold.reached(2)
    hold.release()
    #expect(await RawHTTP.answer(on: one).status == 200)
    #expect(await RawHTTP.answer(on: two).status == 200)
  }

  @Test func `a client that leaves frees its place`() async throws {
    let practice = try Practice { $0.maxConnections = 1 }
    practice.server.addFault(SandboxFaultRule(.timeOut(applied: false), count: 1))
    let hold = practice.server.hold(.arrival)
    let leaving = try practice.api.begin("GET", "/3.0/ping")
    await hold.reached()
    hold.release()
    leaving.close()
    var status: Int? = 429
    while status == 429 { status = try await practice.api.call("GET", "/3.0/ping").status }
    #expect(status == 200)
  }

  // MARK: Faults

  private func faulty(
    _ fault: SandboxFault, _ method: String = "PUT"
  ) async throws -> (Practice, RawAnswer) {
    let practice = try Practice {
      $0.faults = SandboxFaults([SandboxFaultRule(fault, method: method)])
    }
    let answer = try await practice.put(ada, ["status_if_new": "subscribed"])
    return (practice, answer)
  }

  @Test(arguments: [(400, false), (500, false), (502, false), (503, true), (504, true)])
  func `a fault answers with its status before or after the effect`(
    _ status: Int, _ applied: Bool
  ) async throws {
    let (practice, answer) = try await faulty(
      .status(status, title: "Trouble", detail: "On demand.", applied: applied))
    #expect(answer.status == status)
    #expect(answer["title"] == "Trouble")
    #expect(answer["detail"] == "On demand.")
    #expect((practice.server.member(ada) != nil) == applied)
  }

  @Test func `a fault answers 429 and nothing happens`() async throws {
    let (practice, answer) = try await faulty(.tooManyRequests)
    expectProblem(answer, 429, "Too Many Requests")
    #expect(practice.server.member(ada) == nil)
  }

  @Test func `a fault answers 403 with a page`() async throws {
    let (practice, answer) = try await faulty(.forbiddenWithoutJSON)
    #expect(answer.status == 403)
    #expect(answer.header("Content-Type") == "text/html")
    #expect(answer.json == .null)
    #expect(practice.server.member(ada) == nil)
  }

  @Test(arguments: [false, true])
  func `a connection is cut without a byte before or after the effect`(
    _ applied: Bool
  ) async throws {
    let (practice, answer) = try await faulty(.cut(applied: applied))
    #expect(answer.status == nil)
    #expect(answer.body.isEmpty)
    #expect((practice.server.member(ada) != nil) == applied)
  }

  @Test func `an answer ends in its middle after the effect`() async throws {
    let (practice, answer) = try await faulty(.truncated(bytes: 20))
    #expect(answer.status == 200)
    #expect(answer.body.utf8.count == 20)
    #expect(!answer.isWhole)
    #expect(practice.server.member(ada) != nil)
  }

  @Test func `an answer is garbage after the effect`() async throws {
    let (practice, answer) = try await faulty(.garbage)
    #expect(answer.status == 200)
    #expect(answer.isWhole || !answer.body.isEmpty)
    #expect(answer.json == .null)
    #expect(practice.server.member(ada) != nil)
  }

  @Test func `a delayed answer is the right one`() async throws {
    let (_, answer) = try await faulty(.delayed(milliseconds: 1))
    #expect(answer["email_address"] == .string(ada))
  }

  @Test(arguments: [false, true])
  func `no answer comes while the client waits, with or without the effect`(
    _ applied: Bool
  ) async throws {
    let practice = try Practice {
      $0.faults = SandboxFaults([
        SandboxFaultRule(.timeOut(applied: applied), method: "DELETE", count: 1)
      ])
    }
    try await practice.add(ada)
    practice.server.forgetExchanges()
    let hold = practice.server.hold(.answer, method: "DELETE")
    let waiting = try practice.api.begin("DELETE", practice.member(ada))
    if applied {
      await hold.reached()
      hold.release()
    }
    // Stopping the server ends what waits: had there been an answer, it would be read here.
    await practice.server.exchanged(1)
    #expect(practice.server.member(ada)?.status == (applied ? .archived : .subscribed))
    practice.server.stop()
    #expect(await RawHTTP.answer(on: waiting).status == nil)
    waiting.close()
  }

  @Test func `the nth of the matching requests goes wrong, and as many as are counted`() throws {
    let rule = SandboxFaultRule(
      .garbage, method: "PUT", path: "/3.0/lists/*/members/*", nth: 2, count: 2)
    var faults = SandboxFaults([rule])
    func hit(_ method: String, _ path: String) -> Bool {
      faults.next(HTTPRequest(method, path)) != nil
    }
    let path = "/3.0/lists/a/members/b"
    #expect(!hit("PUT", path))
    #expect(!hit("GET", path))
    #expect(!hit("PUT", "/3.0/lists/a/members/b/tags"))
    #expect(hit("PUT", path))
    #expect(hit("PUT", path))
    #expect(!hit("PUT", path))
  }

  @Test func `chance comes from the seed`() throws {
    func hits(_ seed: UInt64) -> [Bool] {
      var faults = SandboxFaults(
        [SandboxFaultRule(.garbage, path: "/3.0/**", probability: 0.5)], seed: seed)
      return (0..<64).map { _ in faults.next(HTTPRequest("GET", "/3.0/lists")) != nil }
    }
    #expect(hits(7) == hits(7))
    #expect(hits(7) != hits(8))
    #expect(Set(hits(7)) == [true, false])
  }

  @Test func `a faults file is read whole`() throws {
    let faults = try SandboxFaults(
      parsing: """
        {"seed": 7, "rules": [
          {"method": "PUT", "path": "/3.0/lists/*/members/*", "nth": 3, "action": "cut-after"},
          {"path": "/3.0/**", "probability": 0.25, "action": "status", "status": 503,
           "applied": true},
          {"action": "time-out"}, {"action": "truncate", "bytes": 5, "count": 2},
          {"action": "delay", "milliseconds": 20}, {"action": "garbage"},
          {"action": "cut-before"}, {"action": "too-many-requests"},
          {"action": "forbidden-without-json"}
        ]}
        """, file: "faults.json")
    #expect(faults.rules.count == 9)
    #expect(
      faults.rules[0]
        == SandboxFaultRule(
          .cut(applied: true), method: "PUT", path: "/3.0/lists/*/members/*", nth: 3, count: 1))
    #expect(
      faults.rules[1]
        == SandboxFaultRule(
          .status(503, applied: true), path: "/3.0/**", probability: 0.25))
    #expect(faults.rules[3] == SandboxFaultRule(.truncated(bytes: 5), count: 2))
  }

  @Test(arguments: [
    ("[]", "has no list named \"rules\""),
    (#"{"rules": [{"action": "explode"}]}"#, "Rule 1 of the faults file f.json has no action"),
    (#"{"rules": [{"action": "garbage"}, {"action": "status"}]}"#, "Rule 2 of the faults file"),
    (#"{"rules": [{"action": "garbage", "often": 1}]}"#, "a property \"often\""),
    (#"{"rules": [{"action": "garbage", "nth": 0}]}"#, "a whole number from 1 in nth"),
    (#"{"rules": [{"action": "garbage", "probability": 2}]}"#, "a probability from 0 to 1"),
    (#"{"rules": ["#, "is not JSON"),
  ])
  func `a mistake in a faults file is told with its place`(
    _ text: String, _ words: String
  ) throws {
    let problem = #expect(throws: Problem.self) {
      try SandboxFaults(parsing: text, file: "f.json")
    }
    #expect(problem?.sentence.contains(words) == true, "\(problem?.sentence ?? "")")
    #expect(problem?.sentence.contains("f.json") == true)
    #expect(problem?.remedy.isEmpty == false)
  }

  // MARK: Recording

  private func lines(_ path: String) throws -> [JSONValue] {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
      try JSONValue.parse(String($0))
    }
  }

  @Test func `each exchange is recorded as one line without the key`() async throws {
    let folder = try TemporaryDirectory()
    let path = folder.file("recording.jsonl")
    let practice = try Practice { $0.recordPath = path }
    try await practice.add(ada)
    _ = try await practice.api.call("GET", "\(practice.lists)/members?count=5&status=subscribed")
    _ = try await practice.delete(ada)
    let lines = try lines(path)
    #expect(lines.count == 3)
    #expect(lines[0]["method"] == "POST")
    #expect(lines[0]["request_body"]?["email_address"] == .string(ada))
    #expect(lines[0]["status"] == 200)
    #expect(lines[0]["response_body"]?["email_address"] == .string(ada))
    #expect(lines[1]["query"] == ["count": "5", "status": "subscribed"])
    #expect(lines[1]["path"] == .string("\(practice.lists)/members"))
    #expect(lines[1]["request_body"] == .null)
    #expect(
      lines[1]["response_headers"]?["Content-Type"] == "application/json; charset=utf-8")
    #expect(lines[2]["status"] == 204)
    #expect(lines[2]["response_body"] == .null)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(!text.contains(practice.server.key))
    #expect(!text.lowercased().contains("authorization"))
    let key = Data("anybody:\(practice.server.key)".utf8).base64EncodedString()
    #expect(!text.contains(key))
  }

  @Test func `an exchange that a fault altered has no status`() async throws {
    let folder = try TemporaryDirectory()
    let path = folder.file("recording.jsonl")
    let practice = try Practice {
      $0.recordPath = path
      $0.faults = SandboxFaults([SandboxFaultRule(.garbage, nth: 2)])
    }
    _ = try await practice.api.call("GET", "/3.0/ping")
    _ = try await practice.api.call("GET", "/3.0/ping")
    let lines = try lines(path)
    #expect(lines[0]["status"] == 200)
    #expect(lines[1]["status"] == .null)
    #expect(lines[1]["response_body"] == .null)
    #expect(lines[1]["path"] == "/3.0/ping")
  }

  @Test func `a recording that cannot be opened stops the start with its name`() throws {
    var configuration = SandboxConfiguration()
    configuration.recordPath = "/nowhere/recording.jsonl"
    let server = SandboxServer(configuration: configuration)
    let problem = #expect(throws: Problem.self) { try server.start() }
    #expect(problem?.code == "sandbox.cannot-record")
    #expect(problem?.sentence.contains("/nowhere/recording.jsonl") == true)
  }

  // MARK: Looking from a test

  @Test func `what was sent can be counted by method and path`() async throws {
    let practice = try Practice()
    try await practice.add(ada)
    _ = try await practice.get(ada)
    _ = try await practice.get(grace)
    #expect(practice.server.count("GET", "/3.0/lists/*/members/*") == 2)
    #expect(practice.server.count("POST") == 1)
    #expect(practice.server.exchanges.map(\.status) == [200, 200, 404])
    practice.server.forgetExchanges()
    #expect(practice.server.exchanges.isEmpty)
  }

  @Test func `a hold stops a request after its effect and before its answer`() async throws {
    let practice = try Practice()
    let hold = practice.server.hold(.answer, method: "PUT")
    let waiting = try practice.api.begin(
      "PUT", practice.member(ada),
      text: "{\"email_address\": \"\(ada)\", \"status_if_new\": \"subscribed\"}")
    await hold.reached()
    #expect(practice.server.member(ada) != nil)
    #expect(practice.server.exchanges.isEmpty)
    hold.release()
    #expect(await RawHTTP.answer(on: waiting).status == 200)
    waiting.close()
  }

  // MARK: Practising

  @Test func `the page lists what can be done and needs no key`() async throws {
    let practice = try Practice()
    let visitor = RawHTTP(port: practice.server.port, authorization: nil)
    let page = try await visitor.call("GET", "/sandbox")
    #expect(page.status == 200)
    for deed in SandboxDesk.deeds { #expect(page.body.contains("/sandbox/\(deed.name)")) }
    #expect(practice.server.exchanges.isEmpty)
  }

  @Test func `every deed on the page can be done`() async throws {
    let practice = try Practice()
    let visitor = RawHTTP(port: practice.server.port, authorization: nil)
    let fields: [String: JSONValue] = [
      "address": .string(ada), "to": .string(grace), "tag": "CITY", "name": "City",
      "field": "FNAME", "value": "Ada", "choices": "Tea, Cakes",
      "merge_fields": ["FNAME": "Ada"],
    ]
    for deed in SandboxDesk.deeds where deed.name != "admin-delete-audience" {
      try practice.perform(.personSignsUp(ada))
      let answer = try await visitor.call("POST", "/sandbox/\(deed.name)", .object(fields))
      #expect(answer.status == 200, "\(deed.name): \(answer.body)")
      if practice.server.member(grace) != nil {
        try practice.perform(.adminDeletesPermanently(grace))
      }
    }
    let last = try await visitor.call("POST", "/sandbox/admin-delete-audience")
    #expect(last["audiences"] == [])
  }

  @Test func `a deed by form leads back to the page`() async throws {
    let practice = try Practice()
    let visitor = RawHTTP(port: practice.server.port, authorization: nil)
    let form = "address=ada%40mail.example.org&merge_fields=FNAME%3DAda%3B+LNAME%3DByron"
    let connection = try RawConnection(port: practice.server.port)
    connection.send(
      "POST /sandbox/sign-up HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        + "Content-Type: application/x-www-form-urlencoded\r\n"
        + "Content-Length: \(form.utf8.count)\r\n\r\n\(form)")
    let answer = await RawHTTP.answer(on: connection)
    connection.close()
    #expect(answer.status == 303)
    #expect(answer.header("Location") == "/sandbox")
    #expect(try await practice.get(ada)["full_name"] == "Ada Byron")
    let state = try await visitor.call("GET", "/sandbox/state")
    #expect(state["audiences"][0]?["people"]?["subscribed"] == 1)
  }

  @Test func `a deed that cannot be done says why`() async throws {
    let practice = try Practice()
    let visitor = RawHTTP(port: practice.server.port, authorization: nil)
    let answer = try await visitor.call(
      "POST", "/sandbox/unsubscribe", ["address": .string(ada)])
    #expect(answer.status == 400)
    #expect(answer["error"] == .string("\(ada) is not in this audience."))
    #expect(try await visitor.call("POST", "/sandbox/unsubscribe", [:]).status == 400)
    #expect(try await visitor.call("POST", "/sandbox/dance", [:]).status == 400)
    #expect(try await visitor.call("GET", "/elsewhere").status == 404)
  }

  @Test func `sample people are the same for the same seed and of every status`() throws {
    func people(_ seed: UInt64) -> [SandboxMember] {
      var mailchimp = SandboxMailchimp(at: StepClock().now())
      mailchimp.addSamplePeople(300, seed: seed, at: StepClock().now())
      return mailchimp.audiences[0].members
    }
    #expect(people(1) == people(1))
    #expect(people(1) != people(2))
    #expect(people(1).count == 300)
    #expect(Set(people(1).map(\.status)) == Set(MemberStatus.allCases))
    #expect(people(1).allSatisfy { SandboxAudience.isAddress($0.address) })
  }
}
