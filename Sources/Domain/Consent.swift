// Consent: what we may do to a subscription, what others did, and the record of both. The API does
// not say who unsubscribed somebody, so every ending our ledger did not make counts as theirs.

import Basics

/// One line of the append-only consent ledger.
package struct ConsentEntry: Sendable, Equatable {
  package var person: PersonID?
  package var key: AddressKey
  package var old: String
  package var new: String
  package var at: Instant
  /// Who or what: a user, the source, `Mailchimp`, an execution.
  package var by: String
  /// Form, IP address, webhook id, import file and line.
  package var evidence: String

  package init(
    person: PersonID?, key: AddressKey, old: String, new: String, at: Instant, by: String,
    evidence: String
  ) {
    self.person = person
    self.key = key
    self.old = old
    self.new = new
    self.at = at
    self.by = by
    self.evidence = evidence
  }
}

/// A decision a contact made at Mailchimp, as it may come back to the opt-in here.
package struct ConsentBack: Sendable, Equatable {
  package var optIn: OptIn
  package var at: Instant
  package var evidence: String
  /// We saw the status change; at first sight its age is unknown.
  package var isObserved: Bool

  package init(optIn: OptIn, at: Instant, evidence: String, isObserved: Bool) {
    self.optIn = optIn
    self.at = at
    self.evidence = evidence
    self.isObserved = isObserved
  }

  /// How a decision that came back is told in the directory.
  package static let origin = "Mailchimp: "

  /// What a status says: a bounce takes the address away, not the consent; an archive is nobody's
  /// own decision.
  package init?(_ status: MemberStatus, at: Instant, evidence: String, isObserved: Bool) {
    switch status {
    case .unsubscribed:
      self.init(optIn: .no, at: at, evidence: evidence, isObserved: isObserved)
    case .subscribed:
      self.init(optIn: .yes, at: at, evidence: evidence, isObserved: isObserved)
    case .cleaned, .pending, .transactional, .archived: return nil
    }
  }

  /// The latest explicit decision counts; of two that cannot be told apart the opt-out. What is
  /// seen for the first time may be old: it fills an unknown, and lifts no opt-out.
  package func changes(_ person: Person) -> Bool {
    if person.optIn == optIn { return false }
    guard person.optIn != .unknown, let decided = person.optInAt else {
      return optIn == .no || person.optIn == .unknown
    }
    switch optIn {
    case .no: return decided - at <= SyncPolicy.overlap
    case .yes:
      // Of two decisions made there we saw the order, however close they are.
      let isTheirs = person.optInHow.hasPrefix(ConsentBack.origin)
      return isObserved && (isTheirs ? at >= decided : at - decided > SyncPolicy.overlap)
    case .unknown: return false
    }
  }
}

/// An address that is not to be subscribed by us; it survives its person and its link.
package struct Suppression: Sendable, Equatable {
  package var key: AddressKey
  package var reason: SuppressionReason
  package var at: Instant
  package var evidence: String

  package init(key: AddressKey, reason: SuppressionReason, at: Instant, evidence: String) {
    self.key = key
    self.reason = reason
    self.at = at
    self.evidence = evidence
  }
  /// What a refusal by Mailchimp means for the address, by the code of the client's problem: nil
  /// where it says nothing about consent.
  package init?(refusal code: String, key: AddressKey, at: Instant) {
    switch code {
    case "mailchimp.forgotten": self.init(key: key, reason: .forgotten, at: at, evidence: code)
    case "mailchimp.compliance-state":
      self.init(key: key, reason: .complianceState, at: at, evidence: code)
    default: return nil
    }
  }
}
