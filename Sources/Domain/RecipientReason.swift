// Why somebody is not on the list, as sentences with the way out: one place for every exclusion,
// suppression, waiting reason and refusal of our own.

import Basics

extension Exclusion {
  /// What a screen says of a person with this exclusion.
  package var sentence: String {
    switch self {
    case .deleted: "Deleted here. Restore the person to bring them back."
    case .inactive: "Inactive here. Set them active to bring them back."
    case .organisation:
      "An organisation, and organisations are left out. Include them in the settings, or change "
        + "the kind."
    case .child(let manager, nil):
      "A child: the account manager \(manager) is written to instead."
    case .child(let manager, let because?):
      "A child whose account manager \(manager) is not written to: \(because.sentence)"
    case .noEmail: "No e-mail address. Add one."
    case .invalidEmail: "The e-mail address is not valid. Correct it."
    case .optedOut:
      "The latest decision for this address is an opt-out. Only a newer opt-in lifts it."
    case .suppressed(let reason): reason.sentence
    case .outOfScope: "Outside the scope that the settings name."
    case .duplicateOf(let other):
      "Shares the address with \(other), whose details are sent. Give one of them another address "
        + "to reach both."
    }
  }
}

extension SuppressionReason {
  package var sentence: String {
    switch self {
    case .unsubscribed:
      "Unsubscribed at Mailchimp, not by us. They may sign up again themselves with the sign-up form."
    case .cleaned:
      "Mailchimp removed the address because mail to it bounced. Give the person another address."
    case .forgotten:
      "Permanently deleted at Mailchimp. Only they themselves can come back, with the sign-up form."
    case .complianceState:
      "Mailchimp holds the address back because of an unsubscribe, a bounce or a review. They may "
        + "sign up again themselves with the sign-up form."
    case .archivedByOthers:
      "Archived at Mailchimp, not by us. Unarchive the contact there to bring it back."
    case .deletedByOthers:
      "Deleted at Mailchimp, not by us. They may sign up again themselves with the sign-up form."
    case .erased:
      "Forgotten here at their own request. Only they themselves can come back, with the sign-up form."
    }
  }
}

extension WaitingReason {
  package var sentence: String {
    switch self {
    case .unchangedSinceSetUp:
      "Unchanged since set-up. Leaves with the first change, or with a resync."
    case .optInNeeded:
      "Unsubscribed at Mailchimp. An unsubscribe of ours is taken back once the opt-in here says "
        + "yes; one of theirs only they take back, with the sign-up form."
    case .pendingLeaver:
      "No longer on the list, but the confirmation at Mailchimp is still open, and a contact in "
        + "that state cannot be archived. Watched until it is confirmed."
    case .conflict:
      "Changed here and at Mailchimp. Say in Review which value counts."
    case .onlyTaken:
      "The direction is from Mailchimp: nobody is added there. Change sync.direction to send."
    case .undone:
      "Archived by an undo. Sent again when the person changes here."
    case .unconfirmed:
      "Waits for their own confirmation; Mailchimp sent the mail."
    }
  }

  /// Of somebody who has not confirmed yet, with the time at which they were asked.
  package static func unconfirmed(since time: String) -> String {
    "Waits for their own confirmation since \(time); Mailchimp sent the mail."
  }
}

/// Refusals we find ourselves, before anything is sent.
package enum Refusal {
  package static func requiredField(_ field: MergeField, of person: Person, remark: String?)
    -> Problem
  {
    Problem(
      "person.required-field",
      "The audience requires \(field.label), and \(person.displayName) has no value that fits."
        + (remark.map { " \($0)" } ?? ""),
      remedy: "Fill the field in, or make it optional at Mailchimp.", fields: ["tag": field.tag])
  }

  package static func cleaned(_ email: String) -> Problem {
    Problem(
      "member.cleaned", "Mailchimp does not deliver to \(email) any more.",
      remedy: "Give the person another address.")
  }

  package static func archived(_ email: String) -> Problem {
    Problem(
      "member.archived", "\(email) was archived at Mailchimp, not by us.",
      remedy: "Unarchive the contact there to bring it back.")
  }
}

extension Standing {
  /// Of somebody who is not on the list; also of those who stand at no address at all.
  package init(_ exclusion: Exclusion, key: AddressKey?) {
    self.init(.excluded, reason: exclusion.code, sentence: exclusion.sentence, key: key)
    other = exclusion.other
  }

  package init(_ reason: WaitingReason, key: AddressKey?) {
    self.init(.waiting, reason: reason.rawValue, sentence: reason.sentence, key: key)
  }
}

extension Planned {
  /// Where the recipient stands by it; nil where that is said elsewhere: a row still has to leave,
  /// and who is excluded is no recipient.
  package func standing(at key: AddressKey) -> Standing? {
    switch self {
    case .inStep: Standing(.inStep, key: key)
    case .unconfirmed: Standing(.unconfirmed, key: key)
    case .waiting(let reason): Standing(reason, key: key)
    case .conflicted: Standing(.conflict, key: key)
    case .refused(let problem):
      Standing(.refused, reason: problem.code, sentence: problem.description, key: key)
    case .barred(let reason): Standing(.suppressed(reason), key: key)
    case .row, .excluded: nil
    }
  }
}
