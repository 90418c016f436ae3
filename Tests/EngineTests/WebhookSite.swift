// A workspace that Mailchimp can reach: its door on a real socket, a practice Mailchimp that fires for
// real, an engine that looks.

import Basics
import Domain
import Engine
import HTTP
import Sandbox
import Storage
import Support
import Testing

/// A workspace with its listener; the webhook is made by the engine.
final class WebhookSite: Sendable {
  let scenario: Scenario
  let listener: HTTPListener
  let time: SteppedTime

  init(
    people: Int = 5, url: String? = nil, settings: [String: String] = [:],
    _ configure: (inout SandboxConfiguration) -> Void = { _ in }
  ) async throws {
    time = SteppedTime()
    scenario = try await Scenario(settings: settings, time: time, configure)
    let door = WebhookDoor(scenario.workspace)
    listener = HTTPListener { request, _ in
      .response(await door.answer(request) ?? HTTPResponse(404))
    }
    try listener.start()
    try await scenario.crowd(people)
    try await set("webhook.url", url ?? "http://127.0.0.1:\(listener.port)")
    try await scenario.startEngine()
    let first = try await scenario.run(.forceSync(approve: true))
    #expect(first.status == .succeeded)
    _ = try await visited()
    time.advance(.seconds(30))
  }

  func set(_ key: String, _ value: String) async throws {
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.settings.set(key, to: value)
    }
  }

  /// The first visit to the webhook once it has ended.
  func visited() async throws -> Execution {
    try await scenario.when { (reading) throws(Problem) in
      try reading.executions.latest(after: ExecutionID(0)) {
        $0.flow == .webhook && $0.status.isFinished
      }
    }
  }

  func deeds(_ deeds: SandboxDeed...) async throws {
    for deed in deeds { try scenario.mailchimp.perform(deed) }
    await scenario.mailchimp.deliveriesSettled()
    try await scenario.rests()
  }

  var record: WebhookRecord? {
    get async throws {
      let audience = scenario.mailchimp.audience
      return try await scenario.workspace.read { (reading) throws(Problem) in
        try reading.webhooks.record(of: audience)
      }
    }
  }

  func inbox() async throws -> [Domain.WebhookDelivery] {
    try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.reports.deliveries(.at(0), count: 10_000).rows
    }
  }

  /// Executions that look, in their order.
  func looks() async throws -> [Execution] {
    try await scenario.executions().filter { $0.flow == .pullMembers && $0.trigger == .webhook }
  }

  /// Posts a form of our own, as a stranger who knows the path would.
  func post(_ body: String, headers: [String] = []) async throws -> RawAnswer {
    let path = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.settings.values()[Settings.webhookPath].reveal()
    }
    return try await send(
      "POST", "/webhook/\(path)", body,
      headers: ["Content-Type: application/x-www-form-urlencoded"] + headers)
  }

  func send(
    _ method: String, _ target: String, _ body: String, headers: [String] = []
  ) async throws -> RawAnswer {
    let raw = RawHTTP(port: listener.port, authorization: nil)
    let connection = try raw.begin(
      method, target, headers: headers + ["Content-Length: \(body.utf8.count)"])
    defer { connection.close() }
    connection.send(body)
    return await RawHTTP.answer(on: connection)
  }

  func end() async {
    await scenario.end()
    listener.stop()
  }
}
