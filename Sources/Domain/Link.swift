// What ties a person to a member: the last state both sides agreed on, what Mailchimp showed last,
// and the ids it returned. One row an address and audience (the unit of sync is the address).

import Basics

package struct Link: Sendable, Equatable {
  package var audienceID: String
  package var key: AddressKey
  /// Whose values were sent; nil for a contact no person stands behind (*unknown*, left alone).
  package var owner: PersonID?
  /// The address in the form Mailchimp returned it.
  package var email: String
  /// The subscriber hash as returned; nil before the first answer.
  package var memberID: String?
  package var contactID: String?
  /// Stays when the address changes, as the contact id does; bulk answers have it and not that.
  package var webID: Int64?
  /// The status Mailchimp showed last; nil when it is not there (never sent, or gone).
  package var status: MemberStatus?
  /// Values both agreed on, by merge tag, as sent; nil before the first agreement. The address
  /// stands among them as `EMAIL`.
  package var agreed: [String: MergeValue]?
  /// What Mailchimp made of values it was sent, where it keeps them its own way.
  package var kept: [String: MergeValue]
  /// Conflicts that wait for a decision, or were decided and not carried out yet, by merge tag.
  package var decided: [String: ConflictDecision]
  /// The status both agreed on: what our last write left behind.
  package var agreedStatus: MemberStatus?
  /// Values of the merge fields Mailchimp showed last.
  package var seen: [String: MergeValue]
  package var seenAt: Instant?
  /// Mailchimp's `last_changed` of that reading.
  package var lastChanged: Instant?
  /// Digest of the desired member as agreed; nil means "plan this one again".
  package var digest: Int64?
  /// True when the last unsubscribe or archive was ours, so that we may take it back.
  package var endedByUs: Bool
  /// The administrator's word on an ending that was not ours; spent with the next status we send.
  package var mayReturn: ReturnRule?
  package var sentAt: Instant?
  /// A status we set out to send, and when: written down before the call, so that where its answer
  /// is lost the next reading knows it for ours. Nil once an answer or a reading told.
  package var attempt: Attempt?
  /// When we last set out to give or take a tag of whom we ended: that moves `last_changed` as well.
  package var taggedAt: Instant?

  package struct Attempt: Sendable, Equatable {
    package var status: MemberStatus
    package var at: Instant

    package init(_ status: MemberStatus, at: Instant) {
      self.status = status
      self.at = at
    }

    /// The member shows what we set out to send, changed when we sent it.
    func explains(_ member: Member) -> Bool {
      guard member.status == status, let changed = member.lastChanged else { return false }
      return Link.isOurs(changed, since: at)
    }
  }

  /// What changed from a call of ours to its last moment: Mailchimp ends it after 120 s, and its clock
  /// is not ours.
  static func isOurs(_ changed: Instant, since call: Instant) -> Bool {
    changed - call >= .zero - SyncPolicy.overlap
      && changed - call <= .seconds(120) + SyncPolicy.overlap
  }

  package init(audienceID: String, key: AddressKey, email: String) {
    self.audienceID = audienceID
    self.key = key
    self.email = email
    seen = [:]
    kept = [:]
    decided = [:]
    endedByUs = false
  }

  /// Our own write took effect: `asked` is what both agree on, and an ending is ours to take back.
  mutating func agree(on asked: MemberStatus, was known: MemberStatus?) {
    status = asked
    endedByUs = asked == .unsubscribed || asked == .archived
    // After our own archive it still says what they were, so that we may take it back.
    agreedStatus = asked == .archived ? known : asked
    mayReturn = nil
    attempt = nil
  }

  /// An ending that may be taken back by us: our own, or one the administrator decided about.
  package var mayBeRaised: Bool { endedByUs || mayReturn != nil }

  /// A conflict of this link waits for somebody.
  package var hasOpenConflict: Bool { decided.values.contains(.open) }
}

extension Link {
  /// Another contact than the one this link knows; false where neither id can tell.
  package func isAnother(than member: Member) -> Bool {
    if let contactID, let other = member.contactID { return contactID != other }
    if let webID, let other = member.webID { return webID != other }
    return false
  }
}

/// What is about to be sent, and the contact it is meant for, as known before.
package struct Intention: Sendable {
  package var link: Link
  /// Nil where only tags are given or taken.
  package var status: MemberStatus?

  package init(_ link: Link, _ status: MemberStatus?) {
    self.link = link
    self.status = status
  }
}

/// How somebody who was taken out by others may come back.
package enum ReturnRule: String, Sendable, CaseIterable {
  /// The administrator lifted the suppression.
  case lifted
  /// Mailchimp is to ask them: *pending*, until they confirm.
  case asked
}
