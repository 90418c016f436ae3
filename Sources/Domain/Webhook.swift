// The webhook of an audience: how it must be at Mailchimp, what is known of it here, and the
// deliveries it brought. What must stay true: a webhook that is not ours is never touched; ours is
// known by its id, or by the secret at the end of its address, which nobody else can have.

import Basics

/// A webhook as Mailchimp lists it.
package struct RemoteWebhook: Sendable, Equatable {
  package var id: String
  package var url: String
  package var events: Set<String>
  package var sources: Set<String>
  /// Nil where Mailchimp does not say.
  package var isSigned: Bool?
  /// Only in the answer to its creation.
  package var signingSecret: Secret?

  package init(
    id: String, url: String, events: Set<String>, sources: Set<String>, isSigned: Bool? = nil,
    signingSecret: Secret? = nil
  ) {
    self.id = id
    self.url = url
    self.events = events
    self.sources = sources
    self.isSigned = isSigned
    self.signingSecret = signingSecret
  }
}

/// What we ask of Mailchimp.
package enum WebhookWish {
  package static let allEvents = [
    "subscribe", "unsubscribe", "profile", "cleaned", "upemail", "campaign",
  ]
  package static let events: Set<String> = [
    "subscribe", "unsubscribe", "profile", "cleaned", "upemail",
  ]
  package static let allSources = ["user", "admin", "api"]
  /// Not the API: else we would hear our own writes.
  package static let sources: Set<String> = ["user", "admin"]

  /// Where the listener answers, behind the public address.
  package static let pathPrefix = "/webhook/"

  package static func address(url: String, path: Secret) -> String {
    url + pathPrefix + path.reveal()
  }
}

/// What is to be done about the webhooks of an audience; a pure decision.
package enum WebhookStep: Sendable, Equatable {
  case create
  /// Events, sources or address differ.
  case update(String)
  /// Also one whose secret was lost: deleted and made anew, because only a creation tells it.
  case delete(String)
  /// All is as it should be.
  case keep(RemoteWebhook)
  /// We made it, it is signed, and its creation told no secret: making it once more would tell none
  /// either. It goes on unverified.
  case keepUnverified(RemoteWebhook)
}

package enum WebhookPlan {
  /// `known` is the id we remember; `hasSecret` whether its signing secret is here, `isOurMaking`
  /// whether the answer to its creation was.
  package static func steps(
    _ listed: [RemoteWebhook], address: String, path: Secret, known: String?, hasSecret: Bool,
    isOurMaking: Bool = false
  ) -> [WebhookStep] {
    let ours = listed.filter { isOurs($0, path: path, known: known) }
    // The one we remember, else one that is right already, else the first.
    let kept =
      ours.first { $0.id == known } ?? ours.first { isRight($0, address) } ?? ours.first
    let steps = ours.filter { $0.id != kept?.id }.map { WebhookStep.delete($0.id) }
    guard let kept else { return steps + [.create] }
    let isSecretKnown = hasSecret && kept.id == known
    if !isRight(kept, address), isSecretKnown || kept.isSigned != true {
      return steps + [.update(kept.id)]
    }
    guard kept.isSigned == true, !isSecretKnown else { return steps + [.keep(kept)] }
    return isOurMaking && kept.id == known && isRight(kept, address)
      ? steps + [.keepUnverified(kept)] : steps + [.delete(kept.id), .create]
  }

  package static func isOurs(_ webhook: RemoteWebhook, path: Secret, known: String?) -> Bool {
    let ending = WebhookWish.pathPrefix + path.reveal()
    return webhook.id == known || (!path.isEmpty && webhook.url.hasSuffix(ending))
  }

  private static func isRight(_ webhook: RemoteWebhook, _ address: String) -> Bool {
    webhook.url == address && webhook.events == WebhookWish.events
      && webhook.sources == WebhookWish.sources
  }
}

extension Problem {
  package static let noWebhookURL = Problem(
    "webhook.no-url", "No public address is set for the webhook.",
    remedy: "Set one: listkeeper settings set webhook.url https://…, where Mailchimp can reach it.")

  package static let webhookWithoutSecret = Problem(
    "webhook.no-secret",
    "Mailchimp signs what the webhook delivers, and did not tell the secret when it was made.",
    remedy: """
      Deliveries are taken all the same, by the secret path alone. To try once more, run listkeeper \
      webhook remove, set webhook.url again, then listkeeper webhook create.
      """)
}

/// What is known here of an audience's webhook.
package struct WebhookRecord: Sendable, Equatable {
  package var audienceID: String
  /// Nil while there is none at Mailchimp, as far as we know.
  package var remoteID: String?
  package var address: Secret
  package var signingSecret: Secret?
  package var createdAt: Instant?
  package var checkedAt: Instant?
  /// When the signature of a delivery held first; from then on unsigned ones are refused.
  package var verifiedAt: Instant?
  /// What stands in its way until a success clears it.
  package var problem: Problem?

  package init(audienceID: String) {
    self.audienceID = audienceID
    address = Secret("")
  }

  package static let checkedEvery = Duration.days(1)
  package static let triedEvery = Duration.hours(1)

  /// When it is looked after next, if it is wanted at `address`; nil for now.
  package func nextCheck(address wanted: Secret) -> Instant? {
    guard let checkedAt, address == wanted else { return nil }
    return checkedAt + (problem == nil ? Self.checkedEvery : Self.triedEvery)
  }
}

// MARK: Deliveries

package typealias DeliveryID = Identifier<WebhookDelivery>

/// What became of a delivery.
package enum DeliveryFate: String, Sendable, CaseIterable {
  /// On disk; its people are still to be looked at.
  case waiting
  /// The look found something.
  case lookedAt = "looked at"
  /// The look found nothing that was not known.
  case echo
  /// It names nobody of this audience.
  case ignored
  /// Not signed as it must be.
  case refused
}

/// One delivery as the inbox shows it.
package struct WebhookDelivery: Sendable, Equatable, Identifiable {
  package var id: DeliveryID
  package var receivedAt: Instant
  package var type: String
  /// Such as "unsubscribe, manual".
  package var summary: String
  package var addresses: [AddressKey]
  package var firedAt: Instant?
  package var signature: SignatureVerdict
  package var fate: DeliveryFate
  /// Why, where there is something to say.
  package var sentence: String
  /// The look, once there was one.
  package var execution: ExecutionID?

  package init(
    id: DeliveryID, receivedAt: Instant, type: String, summary: String, addresses: [AddressKey],
    firedAt: Instant?, signature: SignatureVerdict, fate: DeliveryFate, sentence: String = "",
    execution: ExecutionID? = nil
  ) {
    self.id = id
    self.receivedAt = receivedAt
    self.type = type
    self.summary = summary
    self.addresses = addresses
    self.firedAt = firedAt
    self.signature = signature
    self.fate = fate
    self.sentence = sentence
    self.execution = execution
  }
}

/// The webhook of the chosen audience, for status and pane.
package struct WebhookHealth: Sendable, Equatable {
  /// In this order; each with a sentence.
  package enum State: String, Sendable, CaseIterable {
    /// No public address is set: polling alone.
    case off
    /// Wanted, not made yet.
    case waiting
    case working
    /// Made, and something stands in its way.
    case trouble
  }

  package var state: State
  package var record: WebhookRecord?
  /// Where Mailchimp is to deliver, secret path included; empty while it is off.
  package var address: Secret
  /// Where the listener of the engine listens; nil where none does.
  package var listensAt: String?
  package var listenerProblem: Problem?
  package var lastDeliveryAt: Instant?
  /// By fate, of those that are kept.
  package var counts: [DeliveryFate: Int]

  package init(state: State) {
    self.state = state
    address = Secret("")
    counts = [:]
  }

  package var problem: Problem? { record?.problem ?? listenerProblem }

  package var sentence: String {
    switch state {
    case .off: "Off: changes at Mailchimp are found by polling."
    case .waiting: "Not made yet."
    case .working:
      record?.verifiedAt == nil
        ? "Working; no delivery's signature has been verified yet."
        : "Working; deliveries must be signed."
    case .trouble: problem?.sentence ?? "Something stands in its way."
    }
  }
}
