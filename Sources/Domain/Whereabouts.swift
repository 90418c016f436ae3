// What is known beside one address: where the person who stands there stood before, and where the
// owner of a contact stands now. A changed address is one change seen from two addresses; both see
// it here, so that the new one renames and the old one leaves it alone.

import Basics

package struct Whereabouts: Sendable, Equatable {
  /// An address the recipient left behind, with its contact.
  package struct Former: Sendable, Equatable {
    package var link: Link
    /// Nobody stands there now.
    package var isFree: Bool
    /// Somebody else is the recipient there.
    package var isOthers: Bool
    /// Their refusal there, which follows them to a new address; a bounce does not.
    package var refusal: SuppressionReason?

    package init(
      link: Link, isFree: Bool, isOthers: Bool = false, refusal: SuppressionReason? = nil
    ) {
      self.link = link
      self.isFree = isFree
      self.isOthers = isOthers
      self.refusal = refusal
    }
  }

  /// The owner of a contact at whose address nobody stands any more.
  package struct Owner: Sendable, Equatable {
    package var optIn: OptIn
    /// They are the recipient of another address, which Mailchimp knows with this status, if at all.
    package var standsElsewhere: Bool
    package var statusThere: MemberStatus?

    package init(optIn: OptIn, standsElsewhere: Bool, statusThere: MemberStatus? = nil) {
      self.optIn = optIn
      self.standsElsewhere = standsElsewhere
      self.statusThere = statusThere
    }
  }

  package var former: [Former]
  package var owner: Owner?
  /// The address is a further one of somebody here: no stranger.
  package var isFurtherAddress: Bool
  /// The contact is that of somebody else here, who was moved to this address at Mailchimp and is
  /// still to take it; then it is decided who is written to at it.
  package var isClaimed = false
  /// When fields were edited here last, for the rule *newest*.
  package var edited: [PersonField: Instant]

  package init(
    former: [Former] = [], owner: Owner? = nil, isFurtherAddress: Bool = false,
    edited: [PersonField: Instant] = [:]
  ) {
    self.former = former
    self.owner = owner
    self.isFurtherAddress = isFurtherAddress
    self.edited = edited
  }

  package static let nothing = Whereabouts()

  /// The contact that is to be renamed: a subscribed one (Mailchimp renames no other), left for
  /// good; of several the one sent last.
  package var renamed: Link? {
    former.filter { $0.isFree && $0.link.status == .subscribed && $0.refusal == nil }
      .map(\.link)
      .max {
        let (a, b) = ($0.sentAt?.milliseconds ?? 0, $1.sentAt?.milliseconds ?? 0)
        return a != b ? a < b : $0.key > $1.key
      }
  }

  /// The contact that was moved at Mailchimp from `key` to where somebody else stands here: it cannot
  /// be renamed back, but its address can be taken.
  package func moved(from key: AddressKey) -> Link? {
    former.first { $0.isOthers && $0.refusal == nil && $0.link.hasMoved(from: key) }?.link
  }

  /// A refusal that followed the person here.
  package var refusal: SuppressionReason? {
    former.sorted { $0.link.key < $1.link.key }.lazy.compactMap(\.refusal).first
  }
}

extension Link {
  /// The contact was at `key` when both sides agreed last, and only Mailchimp has moved it since.
  package func hasMoved(from key: AddressKey) -> Bool {
    status == .subscribed && self.key != key && decided[FieldConflict.emailTag] == nil
      && agreed?[FieldConflict.emailTag] == .text(key.description)
  }
}
