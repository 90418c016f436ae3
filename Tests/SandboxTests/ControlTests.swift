// What a test whose sandbox is another process does at `/sandbox`: trouble, deliveries, waiting.

import Basics
import HTTP
import Support
import Testing

@testable import Sandbox

@Suite struct ControlTests {
  private func visitor(_ practice: Practice) -> RawHTTP {
    RawHTTP(port: practice.server.port, authorization: nil)
  }

  @Test func `every control is on the page and can be done`() async throws {
    let practice = try Practice { $0.platformPeople = 3 }
    let visitor = visitor(practice)
    let page = try await visitor.call("GET", "/sandbox")
    for control in SandboxServer.controls {
      #expect(page.body.contains("action=\"/sandbox/\(control.name)\""))
      let fields: [String: JSONValue] =
        switch control.name {
        case "faults": ["rules": []]
        case "platform-change", "platform-remove": ["id": "1001"]
        default: [:]
        }
      let answer = try await visitor.call("POST", "/sandbox/\(control.name)", .object(fields))
      #expect(answer.status == 200, "\(control.name): \(answer.body)")
    }
  }

  @Test func `deliveries are held back, listed, and sent in reverse over HTTP`() async throws {
    let practice = try Practice()
    let ear = try await practice.ear(["user"])
    let visitor = visitor(practice)
    let held = try await visitor.call(
      "POST", "/sandbox/faults", ["rules": [["action": "webhook-hold"]]])
    #expect(held.status == 200)
    _ = try await visitor.call("POST", "/sandbox/sign-up", ["address": .string(ada)])
    _ = try await visitor.call("POST", "/sandbox/unsubscribe", ["address": .string(ada)])
    let settled = try await visitor.call("POST", "/sandbox/settle")
    #expect(settled["waiting"] == 3)
    #expect(ear.types.isEmpty)
    _ = try await visitor.call("POST", "/sandbox/release-deliveries", ["reversed": true])
    #expect(try await visitor.call("POST", "/sandbox/settle")["delivered"] == 3)
    #expect(ear.types == ["unsubscribe", "profile", "subscribe"])
    let log = try await visitor.call("GET", "/sandbox/deliveries")
    #expect(log["attempts"].array?.map { $0["status"] } == [200, 200, 200])
    #expect(log["attempts"][0]?["type"] == "unsubscribe")
    #expect(log["attempts"][0]?["body"] == .string(ear.bodies[0]))
    #expect(log["waiting"] == 0)
  }

  @Test func `faults that are sent replace those before, and can be ended`() async throws {
    let practice = try Practice()
    let visitor = visitor(practice)
    let rule: JSONValue = ["action": "status", "status": 503, "path": "/3.0/ping"]
    _ = try await visitor.call("POST", "/sandbox/faults", ["rules": [rule]])
    #expect(try await practice.api.call("GET", "/3.0/ping").status == 503)
    let bad = try await visitor.call("POST", "/sandbox/faults", ["rules": [["action": "explode"]]])
    #expect(bad.status == 400)
    #expect(bad["error"].string?.contains("Rule 1") == true)
    #expect(try await practice.api.call("GET", "/3.0/ping").status == 503)
    _ = try await visitor.call("POST", "/sandbox/clear-faults")
    #expect(try await practice.api.call("GET", "/3.0/ping").status == 200)
  }

  @Test func `webhooks and double opt-in are in the state`() async throws {
    let practice = try Practice()
    _ = try await practice.ear()
    try practice.perform(.adminSetsDoubleOptIn(true))
    let state = try await visitor(practice).call("GET", "/sandbox/state")
    #expect(state["audiences"][0]?["webhooks"] == 1)
    #expect(state["audiences"][0]?["double_optin"] == true)
  }
}
