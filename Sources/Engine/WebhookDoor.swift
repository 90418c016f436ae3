// Where Mailchimp delivers. What must stay true: a delivery is answered 200 only after it and the
// order to look at its people are on disk, in one transaction; whoever hangs up meanwhile undoes
// nothing. Nothing is believed from a body except whom to look at. Whoever does not know the secret
// path meets what any unknown path meets.

import Basics
import Domain
import HTTP
import Queue
import Storage

package struct WebhookDoor: Sendable {
  private let workspace: Workspace

  /// A delivery has a few kilobytes; whatever is longer is none.
  package static let mostBytes = 262_144

  package init(_ workspace: Workspace) { self.workspace = workspace }

  /// Nil where the path is not that of our webhook.
  package func answer(_ request: HTTPRequest) async -> HTTPResponse? {
    guard request.path.hasPrefix(WebhookWish.pathPrefix) else { return nil }
    let given = Array(request.path.utf8.dropFirst(WebhookWish.pathPrefix.utf8.count))
    do throws(Problem) {
      let path = try await workspace.read { (reading) throws(Problem) in
        try reading.settings.values()[Settings.webhookPath]
      }
      guard !path.isEmpty, Digest.areEqual(given, Array(path.reveal().utf8)) else { return nil }
      return try await answerOurs(request)
    } catch {
      // Mailchimp delivers again later.
      return Self.text(503, "The delivery could not be stored.")
    }
  }

  private func answerOurs(_ request: HTTPRequest) async throws(Problem) -> HTTPResponse {
    switch request.method {
    // Mailchimp asks so before it makes a webhook.
    case "GET", "HEAD": return Self.text(200, "This is the webhook of Listkeeper.")
    case "POST": break
    default:
      var refusal = Self.text(405, "Deliveries come by POST.")
      refusal.headers.set("Allow", "GET, HEAD, POST")
      return refusal
    }
    let type = (request.headers["Content-Type"] ?? "").lowercased()
    let media = type.prefix { $0 != ";" && $0 != " " }
    guard media == "application/x-www-form-urlencoded" else {
      return Self.text(415, "Deliveries are forms.")
    }
    guard request.body.count <= Self.mostBytes else {
      return Self.text(413, "This is too long for a delivery.")
    }
    let signatures = request.headers.all(WebhookSignature.header)
    let header = signatures.isEmpty ? nil : signatures.joined(separator: ",")
    let body = request.body
    let workspace = workspace
    // A task of its own: the caller's ends with its connection.
    let result: Result<DeliveryFate, Problem> = await Task.detached {
      do throws(Problem) {
        return .success(
          try await workspace.write(as: "webhook") { (tx) throws(Problem) in
            try Self.receive(body, header, tx)
          })
      } catch {
        return .failure(error)
      }
    }.value
    if try result.get() == .refused {
      return Self.text(401, "The delivery is not signed as it must be.")
    }
    return Self.text(200, "Received.")
  }

  /// Puts a delivery into the inbox and asks for a look at whom it names.
  static func receive(
    _ body: [UInt8], _ header: String?, _ tx: WorkspaceTransaction
  ) throws(Problem) -> DeliveryFate {
    let audienceID = try tx.settings.values()[Settings.audience]
    var record = try tx.webhooks.record(of: audienceID)
    let verdict = WebhookSignature.check(
      header, body: body, secret: record?.signingSecret, now: tx.now)
    let event = WebhookEvent(
      fields: FormEncoding.decode(body).map { (name: $0.name, value: $0.value) })
    var delivery = NewDelivery(
      event: event, body: body, audienceID: audienceID, signature: verdict, fate: .waiting)
    if record?.verifiedAt != nil, verdict != .verified {
      delivery.fate = .refused
      delivery.sentence =
        verdict == .absent
        ? "It is not signed, and others were." : "Its signature does not hold."
    } else if let list = event.listID, list != audienceID {
      delivery.fate = .ignored
      delivery.sentence = "It is about another audience."
    } else if event.addresses.isEmpty {
      delivery.fate = .ignored
      delivery.sentence = "It names nobody."
    }
    if try isOfErased(event, tx) {
      delivery.isKept = false
      if delivery.fate == .waiting {
        delivery.fate = .ignored
        delivery.sentence = "Whom it names was forgotten here after it was fired."
      }
    }
    if verdict == .verified, record?.verifiedAt == nil, record != nil {
      record?.verifiedAt = tx.now
      if let record { try tx.webhooks.save(record) }
    }
    guard try tx.webhooks.receive(delivery) != nil, delivery.fate == .waiting else {
      return delivery.fate
    }
    for key in event.addresses {
      try MessageQueue.enqueue(PullAddress.message(key, at: tx.now), on: tx.database)
    }
    return delivery.fate
  }

  /// True where all it names were forgotten here after it was fired: Mailchimp tries again for more
  /// than an hour. Who signs up anew by themselves is told of later than that.
  private static func isOfErased(
    _ event: WebhookEvent, _ tx: WorkspaceTransaction
  ) throws(Problem) -> Bool {
    guard let firedAt = event.firedAt, !event.addresses.isEmpty else { return false }
    for key in event.addresses {
      guard let erasedAt = try tx.consent.erasedAt(key), firedAt <= erasedAt else { return false }
    }
    return true
  }

  private static func text(_ status: Int, _ sentence: String) -> HTTPResponse {
    HTTPResponse(
      status, headers: ["Content-Type": "text/plain; charset=utf-8"],
      body: Array("\(sentence)\n".utf8))
  }
}
