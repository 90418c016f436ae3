// What can be done at `/sandbox` beside the deeds of people: trouble, deliveries held back, and the
// people platform. A test whose sandbox is another process does here what it else does from Swift.

import Basics
import HTTP

extension SandboxServer {
  /// Every control, with the fields its form has.
  static let controls: [(name: String, words: String, fields: [String])] = [
    ("settle", "Wait until every delivery that is due was made", []),
    ("release-deliveries", "Send the deliveries that are held back", ["reversed"]),
    ("faults", "Let things go wrong, as in a faults file", ["rules"]),
    ("clear-faults", "End all trouble", []),
    (
      "platform-add", "The platform has somebody new",
      ["email", "first_name", "last_name", "phone", "company", "birthday", "active", "opt_in"]
    ),
    (
      "platform-change", "The platform changes somebody",
      [
        "id", "email", "first_name", "last_name", "phone", "company", "birthday", "active",
        "opt_in",
      ]
    ),
    ("platform-remove", "The platform removes somebody", ["id"]),
    ("platform-remove-all", "The platform loses everybody", []),
  ]

  /// The answer of a control; nil for every other request.
  func control(_ request: HTTPRequest) async -> HTTPResponse? {
    let parts = request.path.split(separator: "/").map(String.init)
    guard parts.count == 2, parts[0] == "sandbox" else { return nil }
    if request.method == "GET", parts[1] == "deliveries" { return .json(200, deliveryLog) }
    guard request.method == "POST", Self.controls.contains(where: { $0.name == parts[1] }) else {
      return nil
    }
    let isForm = SandboxDesk.isForm(request)
    do throws(Problem) {
      let sent = try SandboxDesk.sent(request)
      let answer = try await control(parts[1], sent)
      return isForm ? HTTPResponse(303, headers: ["Location": "/sandbox"]) : .json(200, answer)
    } catch {
      return .json(400, ["error": .string(error.sentence), "remedy": .string(error.remedy)])
    }
  }

  private func control(
    _ name: String, _ sent: [String: JSONValue]
  ) async throws(Problem) -> JSONValue {
    func id() throws(Problem) -> String {
      if let id = sent["id"]?.string ?? sent["id"]?.int.map(String.init) { return id }
      throw Problem(
        "sandbox.field-missing", "The field id is missing.", remedy: "Send it as text.")
    }
    let fields = sent.filter { $0.key != "id" }
    switch name {
    case "settle": await deliveriesSettled()
    case "release-deliveries":
      releaseDeliveries(reversed: sent["reversed"] == true || sent["reversed"] == "true")
    case "faults":
      // A form has the list as text.
      let text =
        sent["rules"]?.string.map { "{\"rules\": \($0)}" } ?? JSONValue.object(sent).description
      setFaults(try SandboxFaults(parsing: text, file: "that was sent"))
    case "clear-faults": clearFaults()
    case "platform-add":
      let id = try platform { platform, now throws(Problem) in
        try platform.add(fields, at: now)
      }
      return ["id": .string(id)]
    case "platform-change":
      let id = try id()
      try platform { platform, now throws(Problem) in
        try platform.change(id, fields, at: now)
      }
    case "platform-remove":
      let id = try id()
      try platform { platform, _ throws(Problem) in try platform.remove(id) }
    default: platform { platform, _ in platform.removeAll() }
    }
    return [
      "delivered": .int(Int64(deliveryAttempts.count)),
      "waiting": .int(Int64(waitingDeliveries)),
      "platform_people": .int(Int64(platform { platform, _ in platform.people.count })),
    ]
  }

  private var deliveryLog: JSONValue {
    [
      "waiting": .int(Int64(waitingDeliveries)),
      "attempts": .array(
        deliveryAttempts.map { attempt in
          [
            "type": .string(attempt.delivery.type), "url": .string(attempt.delivery.url),
            "body": .string(String(decoding: attempt.delivery.body, as: UTF8.self)),
            "status": attempt.status.map { .int(Int64($0)) } ?? .null,
          ]
        }),
    ]
  }
}
