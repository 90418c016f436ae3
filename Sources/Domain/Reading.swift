// What a reading of Mailchimp (poll, full listing, answer) means: a pure decision over the member
// and the link. What must stay true: the API does not say who ended a subscription, so every ending
// our own ledger did not make counts as theirs and suppresses the address.

import Basics

/// What follows from one member that was read.
package struct Absorbed: Sendable, Equatable {
  package var link: Link
  /// To be recorded; nil leaves what is there.
  package var suppression: Suppression?
  /// The address is subscribed again by its owner's doing: what was suppressed is lifted.
  package var liftsSuppression = false
  package var consent: ConsentEntry?
  /// What the contact decided there, for the opt-in here where *consent back* is set.
  package var consentBack: ConsentBack?
  /// The contact changed its address there; the link of this one goes.
  package var movedFrom: AddressKey?
  /// A subscriber nobody here stands behind, seen for the first time.
  package var isArrival = false
  /// The address is to be planned again.
  package var needsPlan = false
  /// What to show of it; nil for an echo.
  package var outcome: RowOutcome?

  package init(link: Link) { self.link = link }
}

package enum Reading {
  /// Takes in a member as read. `owner` is the person who stands at the address here, if anybody;
  /// `mapping` says which fields are ours; `moved` is the link of this very contact at
  /// another address, where this one has none that is live.
  package static func absorb(
    _ member: Member, audienceID: String, link known: Link?, owner: PersonID?,
    mapping: [FieldMapping], now: Instant, moved from: Link? = nil
  ) -> Absorbed {
    let isMove = from != nil && known?.status == nil && from?.key != AddressKey(member.email)
    let before = isMove ? from : known
    var link =
      before ?? Link(audienceID: audienceID, key: AddressKey(member.email), email: member.email)
    link.key = AddressKey(member.email)
    let isAnother = link.isAnother(than: member)
    if isAnother {
      // Another contact stands at the address now: with this one nothing was agreed yet.
      link.agreed = nil
      link.kept = [:]
      link.decided = [:]
      link.digest = nil
    }
    let person = owner ?? link.owner
    let edits = foreignEdits(member, link, mapping)
    let attempt = before?.status != member.status ? link.attempt : nil
    let isOurs = attempt?.explains(member) ?? false
    let moved =
      !isOurs && (before?.status != member.status || isNoLongerOurs(member, before))
    link.attempt = nil
    link.email = member.email
    link.memberID = member.id
    link.contactID = member.contactID ?? (isAnother ? nil : link.contactID)
    link.webID = member.webID ?? link.webID
    // Where it holds what was agreed, it does not keep it its own way any more.
    link.kept = link.kept.filter { tag, _ in
      guard let agreed = link.agreed?[tag], let theirs = member.mergeFields[tag] else {
        return true
      }
      return !agreed.agrees(with: theirs)
    }
    link.seen = member.mergeFields
    link.seenAt = now
    link.lastChanged = member.lastChanged ?? link.lastChanged
    link.status = member.status
    var absorbed = Absorbed(link: link)
    absorbed.isArrival =
      before == nil && person == nil && member.status == .subscribed
    if isMove, let from { move(from, into: &absorbed, person: person) }
    if isOurs, let attempt { own(attempt, into: &absorbed, was: before?.status, person: person) }
    if moved {
      absorb(member, into: &absorbed, was: before?.status, person: person, now: now)
    }
    if !edits.isEmpty {
      absorbed.link.digest = nil
      absorbed.needsPlan = true
      // A conflict that waits is looked at anew with what stands there now.
      for edit in edits { absorbed.link.decided[edit.name] = nil }
      if absorbed.outcome == nil {
        absorbed.outcome = RowOutcome(
          person: person, key: link.key, result: .skipped, reason: "changed-there",
          sentence: "Changed at Mailchimp; the next run brings both sides in step.",
          changes: edits)
      } else {
        absorbed.outcome?.changes += edits
      }
    }
    if moved || isOurs || isAnother, person != nil { absorbed.needsPlan = true }
    return absorbed
  }

  /// The reason on a row that tells of a write of ours whose answer was lost.
  package static let answerLost = "answer-lost"

  /// A write of ours whose answer was lost: agreed on and booked as it would have been.
  private static func own(
    _ attempt: Link.Attempt, into absorbed: inout Absorbed, was old: MemberStatus?,
    person: PersonID?
  ) {
    absorbed.link.agree(on: attempt.status, was: old)
    absorbed.link.sentAt = attempt.at
    absorbed.link.digest = nil
    absorbed.consent = ConsentEntry(
      person: person, key: absorbed.link.key, old: old?.rawValue ?? "",
      new: attempt.status.rawValue, at: attempt.at, by: "Listkeeper",
      evidence: "the answer was lost")
    let result: RowResult =
      switch attempt.status {
      case .unsubscribed: .unsubscribed
      case .archived: .archived
      default: old == nil ? .created : .updated
      }
    absorbed.outcome = RowOutcome(
      person: person, key: absorbed.link.key, result: result, reason: answerLost,
      sentence: "Sent before; the answer was lost, and Mailchimp shows that it was done.")
  }

  private static func move(_ from: Link, into absorbed: inout Absorbed, person: PersonID?) {
    absorbed.movedFrom = from.key
    absorbed.link.digest = nil
    absorbed.link.decided[FieldConflict.emailTag] = nil
    absorbed.needsPlan = person != nil
    guard person != nil else { return }
    absorbed.outcome = RowOutcome(
      person: person, key: absorbed.link.key, result: .skipped, reason: "changed-there",
      sentence: "The address was changed at Mailchimp.",
      changes: [
        FieldChange(
          FieldConflict.emailTag, old: .text(from.email), new: .text(absorbed.link.email))
      ])
  }

  /// An ending that was ours to take back when we saw it last and has been touched since: they may
  /// have come back, by themselves or by a write of ours whose answer was lost, and left again between
  /// two readings, and end where we had left them. Whatever moved it, from
  /// here on it counts as theirs. The first sight after an archive is ours: it has no answer to
  /// compare with.
  private static func isNoLongerOurs(_ member: Member, _ before: Link?) -> Bool {
    guard let before, before.mayBeRaised, suppressionReason(of: member.status) != nil,
      let known = before.lastChanged, let now = member.lastChanged, now > known
    else { return false }
    // So do our own tags.
    if let tagged = before.taggedAt, Link.isOurs(now, since: tagged) { return false }
    guard let sentAt = before.sentAt else { return true }
    return before.seenAt.map { $0 >= sentAt } ?? false
  }

  /// A member we had that a complete listing, archived ones included, does not show any more:
  /// somebody deleted it for good. Nil when it was not there before either.
  package static func missing(
    _ link: Link, now: Instant, evidence: String = "not in the full listing"
  ) -> Absorbed? {
    guard let status = link.status else { return nil }
    var gone = link
    gone.status = nil
    gone.seen = [:]
    gone.seenAt = now
    gone.digest = nil
    gone.endedByUs = false
    var absorbed = Absorbed(link: gone)
    absorbed.suppression = Suppression(
      key: link.key, reason: .deletedByOthers, at: now, evidence: evidence)
    absorbed.consent = ConsentEntry(
      person: link.owner, key: link.key, old: status.rawValue, new: "", at: now, by: "Mailchimp",
      evidence: evidence)
    absorbed.outcome = RowOutcome(
      person: link.owner, key: link.key, result: .suppressed,
      reason: SuppressionReason.deletedByOthers.rawValue,
      sentence: SuppressionReason.deletedByOthers.sentence,
      changes: [FieldChange("status", old: .text(status.rawValue), new: .empty)])
    absorbed.needsPlan = link.owner != nil
    return absorbed
  }

  /// The ending a status means when our ledger did not make it.
  package static func suppressionReason(of status: MemberStatus) -> SuppressionReason? {
    switch status {
    case .unsubscribed: .unsubscribed
    case .cleaned: .cleaned
    case .archived: .archivedByOthers
    case .subscribed, .pending, .transactional: nil
    }
  }

  /// A status other than the one we left: somebody else's doing.
  private static func absorb(
    _ member: Member, into absorbed: inout Absorbed, was old: MemberStatus?, person: PersonID?,
    now: Instant
  ) {
    let (key, at) = (absorbed.link.key, member.lastChanged ?? now)
    let reason = suppressionReason(of: member.status)
    absorbed.link.endedByUs = false
    absorbed.link.mayReturn = nil
    absorbed.link.agreedStatus = nil
    absorbed.link.digest = nil
    let evidence = member.unsubscribeReason.flatMap { $0.isEmpty ? nil : $0 } ?? "read by poll"
    if let reason {
      absorbed.suppression = Suppression(key: key, reason: reason, at: at, evidence: evidence)
    } else if member.status == .subscribed {
      absorbed.liftsSuppression = true
    }
    absorbed.consentBack = ConsentBack(
      member.status, at: at, evidence: evidence, isObserved: old != nil)
    // A contact read for the first time changed nothing, unless it shows an ending.
    guard old != nil || reason != nil else { return }
    absorbed.consent = ConsentEntry(
      person: person, key: key, old: old?.rawValue ?? "", new: member.status.rawValue, at: at,
      by: "Mailchimp", evidence: evidence)
    absorbed.outcome = RowOutcome(
      person: person, key: key, result: reason == nil ? .updated : .suppressed,
      reason: reason?.rawValue ?? "status-there",
      sentence: reason?.sentence
        ?? (old == .pending && member.status == .subscribed
          ? "They confirmed: subscribed at Mailchimp now."
          : "Now \(member.status.rawValue) at Mailchimp, not by us."),
      changes: [
        FieldChange(
          "status", old: .text(old?.rawValue ?? ""), new: .text(member.status.rawValue))
      ])
  }

  /// Mapped fields that changed there. What equals the last reading or what both agreed on is an
  /// echo of our own write.
  private static func foreignEdits(_ member: Member, _ link: Link, _ mapping: [FieldMapping])
    -> [FieldChange]
  {
    guard let agreed = link.agreed else { return [] }
    var tags: Set<String> = []
    return mapping.filter { tags.insert($0.tag).inserted }.compactMap { row in
      guard let theirs = member.mergeFields[row.tag] else { return nil }
      let seen = link.seen[row.tag] ?? .empty
      if theirs.agrees(with: seen) { return nil }
      // Who is asked about a conflict is to hear of every change, back to what was agreed too.
      if link.decided[row.tag] == .open { return FieldChange(row.tag, old: seen, new: theirs) }
      if let kept = link.kept[row.tag], theirs.agrees(with: kept) { return nil }
      if let agreed = agreed[row.tag], theirs.agrees(with: agreed) { return nil }
      return FieldChange(row.tag, old: seen, new: theirs)
    }.sorted { $0.name < $1.name }
  }
}
