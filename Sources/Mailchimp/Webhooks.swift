// Webhooks of an audience: list, create, change, delete. The signing secret is in the answer to a
// creation and nowhere else: whoever creates keeps it.

import Basics
import Domain
import HTTP

extension MailchimpClient {
  /// All of them, other programs' too.
  package func webhooks(of audience: String) async throws(MailchimpError) -> [RemoteWebhook] {
    let answer = try await call("GET", ["lists", audience, "webhooks"])
    guard let items = answer.json["webhooks"]?.array else {
      throw .unreadable("'webhooks' is missing.", .reading, status: answer.status)
    }
    return items.compactMap(RemoteWebhook.init(json:))
  }

  /// Mailchimp asks `url` by GET before it answers.
  package func createWebhook(
    at url: Secret, of audience: String
  ) async throws(MailchimpError) -> RemoteWebhook {
    let answer = try await call(
      "POST", ["lists", audience, "webhooks"], body: RemoteWebhook.wish(url))
    return try webhook(answer, "POST")
  }

  /// Sets address, events and sources as we want them; the signing secret stays as it was.
  package func updateWebhook(
    _ id: String, at url: Secret, of audience: String
  ) async throws(MailchimpError) -> RemoteWebhook {
    let answer = try await call(
      "PATCH", ["lists", audience, "webhooks", id], body: RemoteWebhook.wish(url))
    return try webhook(answer, "PATCH")
  }

  /// Safe to repeat: one that is gone counts as deleted, where the audience is there.
  package func deleteWebhook(_ id: String, of audience: String) async throws(MailchimpError) {
    do throws(MailchimpError) {
      _ = try await call("DELETE", ["lists", audience, "webhooks", id])
    } catch {
      guard error.status == 404 else { throw error }
      _ = try await call("GET", ["lists", audience], query: [FormField("fields", "id")])
    }
  }

  private func webhook(
    _ answer: Answer, _ method: String
  ) throws(MailchimpError) -> RemoteWebhook {
    guard let webhook = RemoteWebhook(json: answer.json) else {
      throw .unreadable(
        "the webhook has no id.", CallContext(method: method, isAboutMember: false),
        status: answer.status)
    }
    return webhook
  }
}

extension RemoteWebhook {
  /// Nil where it has no id.
  init?(json: JSONValue) {
    guard let id = json["id"].cleanText ?? json["id"]?.int.map(String.init) else { return nil }
    func chosen(_ name: String) -> Set<String> {
      Set((json[name]?.object ?? [:]).filter { $0.value.bool == true }.keys)
    }
    self.init(
      id: id, url: json["url"].cleanText ?? "", events: chosen("events"),
      sources: chosen("sources"), isSigned: json["signing_enabled"]?.bool,
      signingSecret: json["signing_secret"].cleanText.map { Secret($0) })
  }

  /// The body that asks for it.
  static func wish(_ url: Secret) -> JSONValue {
    func choices(_ names: [String], _ wanted: Set<String>) -> JSONValue {
      .object(
        Dictionary(uniqueKeysWithValues: names.map { ($0, .bool(wanted.contains($0))) }))
    }
    return [
      "url": .string(url.reveal()),
      "events": choices(WebhookWish.allEvents, WebhookWish.events),
      "sources": choices(WebhookWish.allSources, WebhookWish.sources),
    ]
  }
}
