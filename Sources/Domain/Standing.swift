// Where one person stands, and why: the answer every screen and report gives (product.md: every
// person has a state and a reason that a human can read).

import Basics

package enum PersonState: String, Sendable, CaseIterable {
  case inStep = "in step"
  case waiting
  case excluded
  case refused
}

/// Why a person is not a recipient, in the order the rules are walked (product.md §2).
package enum Exclusion: Sendable, Hashable {
  case deleted
  case inactive
  case organisation
  /// Replaced by the account manager; where that one fails a rule, with that rule.
  indirect case child(manager: PersonID, because: Exclusion?)
  case noEmail
  case invalidEmail
  case optedOut
  case suppressed(SuppressionReason)
  case outOfScope
  case duplicateOf(PersonID)

  /// The code that screens, reports and searches use.
  package var code: String {
    switch self {
    case .deleted: "deleted"
    case .inactive: "inactive"
    case .organisation: "organisation"
    // The manager's own reason, where there is one (product.md §2).
    case .child(_, let because): because?.code ?? "child"
    case .noEmail: "no-email"
    case .invalidEmail: "invalid-email"
    case .optedOut: "opted-out"
    case .suppressed: "suppressed"
    case .outOfScope: "out-of-scope"
    case .duplicateOf: "duplicate-of"
    }
  }

  /// The person whose details are sent instead.
  package var other: PersonID? {
    switch self {
    case .duplicateOf(let other): other
    case .child(_, let because): because?.other
    default: nil
    }
  }

  package static let codes = [
    "deleted", "inactive", "organisation", "child", "no-email", "invalid-email", "opted-out",
    "suppressed", "out-of-scope", "duplicate-of",
  ]
}

/// Why an address may not be subscribed by us.
package enum SuppressionReason: String, Sendable, CaseIterable {
  case unsubscribed
  case cleaned
  case forgotten
  case complianceState = "compliance state"
  case archivedByOthers = "archived by others"
  case deletedByOthers = "deleted by others"
  /// Erased here, at their own request.
  case erased
}

/// State and reason of one person, as stored and shown.
package struct Standing: Sendable, Equatable {
  package var state: PersonState
  /// An exclusion's code, a refusal's problem code, `changed`, `paused`, …; empty when in step.
  package var reason: String
  /// The reason as a sentence for people, with the way out where there is one.
  package var sentence: String
  /// The address this person was last resolved at (their own or their account manager's).
  package var key: AddressKey?
  /// Of a duplicate: who is written to.
  package var other: PersonID?

  package init(_ state: PersonState, reason: String = "", sentence: String = "", key: AddressKey?) {
    self.state = state
    self.reason = reason
    self.sentence = sentence
    self.key = key
  }

  /// The reason with the number that belongs to it: `duplicate-of #17`.
  package var fullReason: String { Standing.full(reason, other) }

  package static func full(_ reason: String, _ other: PersonID?) -> String {
    other.map { "\(reason) \($0)" } ?? reason
  }
}
