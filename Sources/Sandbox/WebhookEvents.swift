// What a change of a person tells the webhooks: which events, with which fields, from whom. The
// events follow from the person before and after, never from the call that changed him, so that no
// way of changing somebody can forget to tell. Sending them is somebody else's business.

import Basics
import HTTP

/// Who makes the changes that follow, and what the status alone does not tell.
struct EventCause: Equatable {
  var source = WebhookSource.api
  var unsubscribeReason = "manual"
  var cleanedReason = "hard"
  /// The person clicked in a mail.
  var campaign: String?

  static let api = EventCause()

  init(source: WebhookSource = .api) { self.source = source }

  init(_ deed: SandboxDeed) {
    switch deed {
    case .personEdits, .personChangesAddress, .personSignsUp, .personConfirms,
      .personChoosesInterests:
      source = .user
    case .personUnsubscribes, .mailBounces:
      source = .user
      campaign = Self.campaignID
    case .personUnsubscribesForAbuse, .personComplains:
      source = .user
      unsubscribeReason = "abuse"
      cleanedReason = "abuse"
      campaign = Self.campaignID
    default: source = .admin
    }
  }

  static let campaignID = "cb398d21d2"
}

/// One thing to tell, before it is known to which webhook.
struct WebhookEvent: Equatable {
  let type: String
  let source: WebhookSource
  /// Names as inside `data[…]`, in the order they are sent.
  let data: [FormField]
}

/// One event on its way to one webhook.
package struct WebhookDelivery: Sendable, Equatable {
  package let audience: String
  package let webhook: String
  package let url: String
  package let type: String
  package let body: [UInt8]
  let secret: String?
}

extension SandboxAudience {
  /// Notes what `new` means for the webhooks; nothing where there are none.
  mutating func tellWebhooks(from old: SandboxMember?, to new: SandboxMember) {
    if webhooks.isEmpty { return }
    var events: [WebhookEvent] = []
    let isMoved = old.map { $0.address != new.address } ?? false
    if let old, isMoved { events.append(moved(old, new)) }
    if old?.status != new.status {
      switch new.status {
      case .subscribed:
        events.append(subscribed(new))
        // Who signs up is told of twice.
        if cause.source == .user { events.append(profile(new)) }
      case .unsubscribed where old != nil: events.append(unsubscribed(new, action: "unsub"))
      case .archived where old?.status == .subscribed:
        events.append(unsubscribed(new, action: "delete"))
      case .cleaned: events.append(cleaned(new))
      default: break
      }
    }
    let isShown = new.status == .subscribed || new.status == .unsubscribed
    if let old, isShown, isMoved || hasOtherProfile(old, new),
      !events.contains(where: { $0.type == "profile" || $0.type == "subscribe" })
    {
      events.append(profile(new))
    }
    if isMoved {
      moves += 1
      // No order is promised: every second time the profile, with the new address, comes first.
      if moves.isMultiple(of: 2) { events.reverse() }
    }
    if !events.isEmpty { self.events.append(events) }
  }

  /// Notes that somebody was permanently deleted.
  mutating func tellWebhooks(erased member: SandboxMember) {
    guard !webhooks.isEmpty, member.status == .subscribed || member.status == .unsubscribed
    else { return }
    events.append([unsubscribed(member, action: "delete")])
  }

  /// What is to be sent now, act by act and webhook by webhook; each group is sent in its order.
  mutating func takeDeliveries(at now: Instant) -> [[WebhookDelivery]] {
    if events.isEmpty { return [] }
    let firedAt = String(now.wholeSecond.description.prefix(19))
      .split(separator: "T").joined(separator: " ")
    var groups: [[WebhookDelivery]] = []
    for act in events {
      for hook in webhooks {
        let group = act.filter { hook.events.contains($0.type) && hook.sources.contains($0.source) }
          .map { event in
            WebhookDelivery(
              audience: id, webhook: hook.id, url: hook.url, type: event.type,
              body: Self.body(event, firedAt), secret: hook.secret)
          }
        if !group.isEmpty { groups.append(group) }
      }
    }
    events = []
    return groups
  }

  /// As a browser would send the form: brackets escaped, a blank as a plus sign.
  private static func body(_ event: WebhookEvent, _ firedAt: String) -> [UInt8] {
    let fields =
      [FormField("type", event.type), FormField("fired_at", firedAt)]
      + event.data.map { FormField("data\($0.name)", $0.value) }
    let text = FormEncoding.encode(fields)
    return Array(
      text.split(separator: "%20", omittingEmptySubsequences: false).joined(separator: "+").utf8)
  }

  // MARK: The events

  private func subscribed(_ member: SandboxMember) -> WebhookEvent {
    event(
      "subscribe",
      identity(member) + [("ip_opt", member.ipOpt), ("ip_signup", member.ipSignup)].map(field),
      merges(member))
  }

  private func unsubscribed(_ member: SandboxMember, action: String) -> WebhookEvent {
    let reason = [("action", action), ("reason", cause.unsubscribeReason)].map(field)
    let tail = [("ip_opt", member.ipOpt)] + (cause.campaign.map { [("campaign_id", $0)] } ?? [])
    return event("unsubscribe", reason + identity(member), merges(member) + tail.map(field))
  }

  private func profile(_ member: SandboxMember) -> WebhookEvent {
    event("profile", identity(member) + [field("ip_opt", member.ipOpt)], merges(member))
  }

  private func moved(_ old: SandboxMember, _ new: SandboxMember) -> WebhookEvent {
    event(
      "upemail",
      [
        ("list_id", id), ("new_id", new.uniqueEmailID), ("new_email", new.address),
        ("old_email", old.address),
      ].map(field), [])
  }

  private func cleaned(_ member: SandboxMember) -> WebhookEvent {
    event(
      "cleaned",
      [
        ("list_id", id), ("campaign_id", cause.campaign ?? ""), ("reason", cause.cleanedReason),
        ("email", member.address),
      ].map(field), [])
  }

  private func event(_ type: String, _ head: [FormField], _ tail: [FormField]) -> WebhookEvent {
    WebhookEvent(type: type, source: cause.source, data: head + tail)
  }

  private func field(_ name: String, _ value: String) -> FormField {
    FormField("[\(name)]", value)
  }

  private func identity(_ member: SandboxMember) -> [FormField] {
    [
      ("id", member.uniqueEmailID), ("list_id", id), ("email", member.address),
      ("email_type", member.emailType),
    ].map(field)
  }

  private func merges(_ member: SandboxMember) -> [FormField] {
    var fields = [FormField("[merges][EMAIL]", member.address)]
    for merge in mergeFields {
      let name = "[merges][\(merge.tag)]"
      switch member.values[merge.id] ?? MergeValue.empty {
      case .object(let parts):
        for (part, value) in parts.sorted(by: { $0.key < $1.key }) {
          fields.append(FormField("\(name)[\(part)]", value.string ?? ""))
        }
      case .string(let text): fields.append(FormField(name, text))
      case let other: fields.append(FormField(name, other.description))
      }
    }
    return fields + interests(member)
  }

  /// What somebody chose: all names together, then group by group.
  private func interests(_ member: SandboxMember) -> [FormField] {
    if groups.isEmpty { return [] }
    func joined(_ group: InterestGroup) -> String {
      group.interests.filter { member.interests.contains($0.id) }.map(\.name)
        .joined(separator: ",")
    }
    let all = interestNames(of: member).joined(separator: ",")
    return [FormField("[merges][INTERESTS]", all)]
      + groups.enumerated().flatMap { place, group in
        [("id", group.id), ("name", group.title), ("groups", joined(group))].map { part, value in
          FormField("[merges][GROUPINGS][\(place)][\(part)]", value)
        }
      }
  }

  /// Whether anything differs that a profile shows. Tags are no part of it.
  private func hasOtherProfile(_ old: SandboxMember, _ new: SandboxMember) -> Bool {
    var before = old
    before.status = new.status
    before.lastChanged = new.lastChanged
    before.tags = new.tags
    before.leftByPerson = new.leftByPerson
    before.unsubscribeReason = new.unsubscribeReason
    before.unsubscribedAt = new.unsubscribedAt
    before.timestampOpt = new.timestampOpt
    before.timestampSignup = new.timestampSignup
    before.ipOpt = new.ipOpt
    before.ipSignup = new.ipSignup
    before.source = new.source
    return before != new
  }
}

extension SandboxMailchimp {
  /// Whether there is something the webhooks were not told.
  var hasNews: Bool { audiences.contains { !$0.events.isEmpty } }

  /// What the webhooks are to be told since the last look.
  package mutating func takeDeliveries(at now: Instant) -> [[WebhookDelivery]] {
    var groups: [[WebhookDelivery]] = []
    for index in audiences.indices { groups += audiences[index].takeDeliveries(at: now) }
    return groups
  }

  /// Whether the webhook a delivery is for is still there.
  func wants(_ delivery: WebhookDelivery) -> Bool {
    self[audience: delivery.audience]?.hasWebhook(delivery.webhook) ?? false
  }

  /// Forgets a webhook, because it kept failing or because an administrator deletes it.
  mutating func dropWebhook(_ id: String, of audience: String) {
    guard let index = audiences.firstIndex(where: { $0.id == audience }) else { return }
    audiences[index].webhooks.removeAll { $0.id == id }
  }
}
