// Batches: operations done later, whose outcome is in an archive and nowhere else.

import Basics
import Foundation
import HTTP
import Support
import Testing

@testable import Sandbox

@Suite struct BatchTests {
  private func submit(_ practice: Practice, _ operations: [JSONValue]) async throws -> RawAnswer {
    try await practice.api.call("POST", "/3.0/batches", ["operations": .array(operations)])
  }

  private func operation(
    _ method: String, _ path: String, _ body: JSONValue? = nil, id: String = "1"
  ) -> JSONValue {
    var operation: [String: JSONValue] = [
      "method": .string(method), "path": .string(path), "operation_id": .string(id),
    ]
    if let body { operation["body"] = .string(body.description) }
    return .object(operation)
  }

  private func adding(_ address: String, _ practice: Practice) -> JSONValue {
    operation(
      "POST", "/lists/\(practice.server.audience)/members",
      ["email_address": .string(address), "status": "subscribed"], id: address)
  }

  private func status(_ practice: Practice, _ batch: RawAnswer) async throws -> RawAnswer {
    try await practice.api.call("GET", "/3.0/batches/\(batch["id"].string ?? "")")
  }

  /// Unpacks the results with tar, as somebody else's program reads them.
  private func results(_ practice: Practice, _ batch: RawAnswer) throws -> [JSONValue] {
    let path = try path(batch)
    let answer = practice.server.with {
      $0.answer(HTTPRequest("GET", path), at: practice.clock.now())
    }
    #expect(answer.status == 200)
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let archive = folder.appending(path: "response.tar.gz")
    try Data(answer.body).write(to: archive)
    let tar = Process()
    let pipe = Pipe()
    tar.executableURL = URL(filePath: "/usr/bin/env")
    tar.arguments = ["tar", "-xzvf", archive.path, "-C", folder.path]
    tar.standardOutput = pipe
    try tar.run()
    let listed = String(
      decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self
    ).split(separator: "\n").map(String.init)
    tar.waitUntilExit()
    #expect(tar.terminationStatus == 0)
    #expect(listed.first == "./")
    return try listed.dropFirst().flatMap { name in
      let bytes = [UInt8](try Data(contentsOf: folder.appending(path: name)))
      return try JSONValue.parse(bytes).array ?? []
    }
  }

  private func path(_ batch: RawAnswer) throws -> String {
    let url = batch["response_body_url"].string ?? ""
    return try #require(URL(string: url)?.path)
  }

  @Test func `a batch goes through its stages and takes effect when it starts`() async throws {
    let practice = try Practice()
    let batch = try await submit(practice, [adding(ada, practice)])
    #expect(batch.status == 200)
    #expect(batch["status"] == "pending")
    #expect(batch["total_operations"] == 1)
    #expect(batch["completed_at"] == "")
    #expect(batch["response_body_url"] == "")
    for stage in ["preprocessing", "started", "finalizing"] {
      #expect(try await practice.get(ada).status == (stage == "finalizing" ? 200 : 404))
      practice.clock.advance(.seconds(1))
      #expect(try await status(practice, batch)["status"] == .string(stage))
    }
    practice.clock.advance(.seconds(1))
    let finished = try await status(practice, batch)
    #expect(finished["status"] == "finished")
    #expect(finished["finished_operations"] == 1)
    #expect(finished["errored_operations"] == 0)
    #expect(finished["completed_at"] == "2026-01-02T03:04:09+00:00")
  }

  @Test func `a finished batch tells its errors only in its results`() async throws {
    let practice = try Practice(malformed: true)
    let batch = try await submit(
      practice,
      [
        adding(ada, practice), adding("nonsense", practice),
        operation("GET", "/lists/0000000000", id: "list"),
        operation("GET", "/nothing", id: "path"), operation("POST", "/batches", [:], id: "own"),
        operation("DELETE", "/lists/\(practice.server.audience)/members", id: "method"),
      ])
    try practice.perform(.batchesFinish)
    let finished = try await status(practice, batch)
    #expect(finished["status"] == "finished")
    #expect(finished["errored_operations"] == 5)
    practice.clock.advance(.seconds(5))
    let results = try results(practice, finished)
    #expect(results.map { $0["status_code"] } == [200, 400, 404, 404, 404, 405])
    #expect(
      results.map { $0["operation_id"]?.string } == [
        ada, "nonsense", "list", "path", "own", "method",
      ])
    let first = try JSONValue.parse(results[0]["response"]?.string ?? "")
    #expect(first["email_address"] == .string(ada))
    let second = try JSONValue.parse(results[1]["response"]?.string ?? "")
    #expect(second["detail"] == "Please provide a valid email address.")
    #expect(second["instance"] == "")
  }

  @Test func `an operation takes its parameters`() async throws {
    let practice = try Practice()
    try await practice.add(ada)
    let path = "/lists/\(practice.server.audience)/members"
    let batch = try await submit(
      practice,
      [["method": "GET", "path": .string(path), "params": ["fields": "total_items", "count": 1]]])
    try practice.perform(.batchesFinish)
    practice.clock.advance(.seconds(5))
    let results = try results(practice, try await status(practice, batch))
    #expect(results[0]["response"] == "{\"total_items\":1}")
  }

  @Test func `many results come in several files`() async throws {
    let practice = try Practice()
    let batch = try await submit(
      practice,
      (0..<250).map { operation("GET", "/ping", id: "\($0)") })
    try practice.perform(.batchesFinish)
    practice.clock.advance(.seconds(5))
    let results = try results(practice, try await status(practice, batch))
    #expect(Set(results.compactMap { $0["operation_id"]?.string }).count == 250)
  }

  @Test func `the link needs a moment, wants no credentials and is fetched without any`()
    async throws
  {
    let practice = try Practice()
    let batch = try await submit(practice, [operation("GET", "/ping")])
    try practice.perform(.batchesFinish)
    let link = try path(try await status(practice, batch))
    let visitor = RawHTTP(port: practice.server.port, authorization: nil)
    #expect(try await visitor.call("GET", link).status == 400)
    practice.clock.advance(.seconds(5))
    #expect(try await practice.api.call("GET", link).status == 400)
    let answer = try await visitor.call("GET", link)
    #expect(answer.status == 200)
    #expect(answer.header("Content-Type") == "application/gzip")
    #expect(try await visitor.call("GET", link + "x").status == 404)
  }

  @Test func `a body that is no text is refused, as is an unknown method`() async throws {
    let practice = try Practice(malformed: true)
    let answer = try await submit(practice, [["method": "POST", "path": "/lists", "body": [:]]])
    expectErrors(
      answer, notValidated,
      [("operations.item:0.body", "Schema describes string, object found instead")])
    #expect(try await submit(practice, [operation("MOVE", "/lists")]).status == 400)
    #expect(try await submit(practice, [["path": "/lists"]]).status == 400)
    #expect(try await practice.api.call("POST", "/3.0/batches", [:]).status == 400)
  }

  @Test func `more than a thousand operations are refused, and five hundred batches wait at most`()
    async throws
  {
    let practice = try Practice(malformed: true)
    let operations = (0...1000).map { operation("GET", "/ping", id: "\($0)") }
    #expect(try await submit(practice, operations).status == 400)
    #expect(try await submit(practice, Array(operations.dropLast())).status == 200)
    let now = practice.clock.now()
    for _ in 1..<500 {
      _ = practice.server.with { mailchimp in
        mailchimp.answer(
          HTTPRequest(
            "POST", "/3.0/batches",
            headers: ["Authorization": "Bearer \(practice.server.key)"],
            body: Array("{\"operations\":[]}".utf8)), at: now)
      }
    }
    expectProblem(
      try await submit(practice, []), 429, "Too Many Requests", "You have 500 pending batches.")
    try practice.perform(.batchesFinish)
    #expect(try await submit(practice, []).status == 200)
  }

  @Test func `batches are listed in pages, can be deleted and disappear after days`()
    async throws
  {
    let practice = try Practice()
    var all: [RawAnswer] = []
    for _ in 0..<12 { all.append(try await submit(practice, [operation("GET", "/ping")])) }
    let listed = try await practice.api.call("GET", "/3.0/batches")
    #expect(listed["batches"].array?.count == 10)
    #expect(listed["total_items"] == 12)
    let path = "/3.0/batches/\(all[0]["id"].string ?? "")"
    #expect(try await practice.api.call("DELETE", path).status == 204)
    #expect(try await practice.api.call("GET", path).status == 404)
    practice.clock.advance(.seconds(8 * 86_400))
    #expect(try await status(practice, all[1]).status == 404)
  }
}
