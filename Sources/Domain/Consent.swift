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
