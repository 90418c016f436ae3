// What the webhook's messages say.

import Basics
import Domain
import Queue

/// A look at one address. Its subject is that of `SyncAddress`: the two exclude each other.
enum PullAddress {
  static func message(_ key: AddressKey, at now: Instant) -> NewMessage {
    NewMessage(
      kind: MessageKind.pullMember.rawValue, subject: "address:\(key)", priority: 4, runAt: now,
      merge: .oldest)
  }
}

/// A visit to the webhook of an audience; what is to be done there the settings say by then.
struct WebhookVisit: Sendable, Equatable {
  var execution: ExecutionID
  var audienceID: String

  func message(at now: Instant) -> NewMessage {
    let body: JSONValue = [
      "execution": .int(execution.rawValue), "audience": .string(audienceID),
    ]
    return NewMessage(
      kind: MessageKind.tendWebhook.rawValue, subject: "webhook:\(execution.rawValue)",
      body: body.description, priority: 6, runAt: now)
  }

  init(execution: ExecutionID, audienceID: String) {
    self.execution = execution
    self.audienceID = audienceID
  }

  init(_ message: Message) throws(Problem) {
    let body = try JSONValue.parse(message.body)
    execution = try body.identifier("execution")
    audienceID = body["audience"]?.string ?? ""
  }
}
