// A practice Mailchimp for one test: a server on a port of its own, a clock that only moves when
// told, and raw HTTP to speak to it. Where LISTKEEPER_RECORD_DIR names a folder each server leaves
// its recording there; what a test says wrongly on purpose goes to `malformed/` below it.

import Basics
import Foundation
import HTTP
import Support
import Testing

@testable import Sandbox

final class StepClock: TimeSource {
  private let time: SteppedTime

  init(_ text: String = "2026-01-02T03:04:05Z") {
    time = SteppedTime(Instant(iso8601: text) ?? Instant(milliseconds: 0))
  }

  func now() -> Instant { time.now() }

  func advance(_ duration: Duration) { time.advance(duration) }

  func sleep(until deadline: Instant) async throws { try await time.sleep(until: deadline) }
}

struct Practice {
  let server: SandboxServer
  let clock = StepClock()
  let api: RawHTTP
  let lists: String

  /// `malformed` says that the test sends what no good client would.
  init(
    malformed: Bool = false, _ configure: (inout SandboxConfiguration) -> Void = { _ in }
  ) throws {
    var configuration = SandboxConfiguration()
    configuration.recordPath = try Practice.recording(malformed)
    configure(&configuration)
    server = SandboxServer(configuration: configuration, time: clock)
    try server.start()
    api = RawHTTP(port: server.port, key: server.key)
    lists = "/3.0/lists/\(server.audience)"
  }

  private static func recording(_ malformed: Bool) throws -> String? {
    guard let folder = ProcessInfo.processInfo.environment["LISTKEEPER_RECORD_DIR"] else {
      return nil
    }
    let path = malformed ? "\(folder)/malformed" : folder
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return "\(path)/\(UUID().uuidString).jsonl"
  }

  /// The path of a member by address.
  func member(_ address: String) -> String {
    "\(lists)/members/\(SandboxMember.hash(of: address))"
  }

  /// Puts a person in by the API and returns the answer.
  @discardableResult
  func add(
    _ address: String, _ status: String = "subscribed", _ more: [String: JSONValue] = [:]
  ) async throws -> RawAnswer {
    let answer = try await post(address, status, more)
    #expect(answer.status == 200, "\(answer.body)")
    return answer
  }

  func post(
    _ address: String, _ status: String = "subscribed", _ more: [String: JSONValue] = [:]
  ) async throws -> RawAnswer {
    let body: [String: JSONValue] = ["email_address": .string(address), "status": .string(status)]
    return try await api.call("POST", "\(lists)/members", .object(body.merging(more) { $1 }))
  }

  /// PUT with the address in the body, as a good client sends it.
  func put(
    _ address: String, _ body: [String: JSONValue], _ query: String = ""
  ) async throws -> RawAnswer {
    let own: [String: JSONValue] = ["email_address": .string(address)]
    return try await api.call("PUT", member(address) + query, .object(own.merging(body) { $1 }))
  }

  func patch(_ address: String, _ body: JSONValue, _ query: String = "") async throws -> RawAnswer {
    try await api.call("PATCH", member(address) + query, body)
  }

  func get(_ address: String) async throws -> RawAnswer {
    try await api.call("GET", member(address))
  }

  func delete(_ address: String) async throws -> RawAnswer {
    try await api.call("DELETE", member(address))
  }

  func erase(_ address: String) async throws -> RawAnswer {
    try await api.call("POST", member(address) + "/actions/delete-permanent")
  }

  /// Puts tags on (true) or takes them off, in the order of their names.
  func tag(_ address: String, _ tags: [String: Bool]) async throws -> RawAnswer {
    let lines = tags.sorted { $0.key < $1.key }.map { name, isActive -> JSONValue in
      ["name": .string(name), "status": isActive ? "active" : "inactive"]
    }
    return try await api.call(
      "POST", member(address) + "/tags", ["tags": .array(lines), "is_syncing": true])
  }

  func makeTag(_ name: String, _ addresses: [String] = []) async throws -> RawAnswer {
    try await api.call(
      "POST", "\(lists)/segments",
      ["name": .string(name), "static_segment": .array(addresses.map { .string($0) })])
  }

  /// The path of the segment that an answer describes.
  func segment(_ answer: RawAnswer) -> String { segment(answer.json) }

  func segment(_ json: JSONValue) -> String { "\(lists)/segments/\(json["id"]?.int ?? 0)" }

  func move(
    _ segment: String, add: [String] = [], remove: [String] = []
  ) async throws -> RawAnswer {
    try await api.call(
      "POST", segment,
      [
        "members_to_add": .array(add.map { .string($0) }),
        "members_to_remove": .array(remove.map { .string($0) }),
      ])
  }

  func perform(_ deed: SandboxDeed) throws { try server.perform(deed) }

  /// Adds a merge field as an administrator.
  func field(
    _ tag: String, _ type: MergeType, required: Bool = false, choices: [String] = []
  ) throws {
    try server.with { mailchimp throws(Problem) in
      try mailchimp.addMergeField(tag, tag, type, required: required, choices: choices)
    }
  }
}

/// Expects a problem document with that status, title and detail.
func expectProblem(
  _ answer: RawAnswer, _ status: Int, _ title: String, _ detail: String? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(answer.status == status, sourceLocation: sourceLocation)
  #expect(answer["title"] == .string(title), sourceLocation: sourceLocation)
  #expect(answer["status"] == .int(Int64(status)), sourceLocation: sourceLocation)
  if let detail { #expect(answer["detail"] == .string(detail), sourceLocation: sourceLocation) }
  #expect(
    answer.header("Content-Type") == "application/problem+json; charset=utf-8",
    sourceLocation: sourceLocation)
  #expect(
    answer["instance"].string == answer.header("X-Request-Id"), sourceLocation: sourceLocation)
}

/// Expects a 400 whose `errors` are those, as field and message.
func expectErrors(
  _ answer: RawAnswer, _ detail: String, _ errors: [(String, String)],
  sourceLocation: SourceLocation = #_sourceLocation
) {
  expectProblem(answer, 400, "Invalid Resource", detail, sourceLocation: sourceLocation)
  let expected = JSONValue.array(errors.map { ["field": .string($0.0), "message": .string($0.1)] })
  #expect(answer["errors"] == expected, sourceLocation: sourceLocation)
}

let notValidated =
  "The resource submitted could not be validated. For field-specific details, see the 'errors' "
  + "array."
let mergeInvalid = "Your merge fields were invalid."
let compliance =
  "is in a compliance state due to unsubscribe, bounce, or compliance review and cannot be "
  + "subscribed."
let forgotten =
  "was permanently deleted and cannot be re-imported. The contact must re-subscribe to get back "
  + "on the list."
let ada = "ada@mail.example.org"
let grace = "grace@mail.example.org"
