// What the planner is given and what it says: policy, desired member, and what is to happen at one
// address. What must stay true: every case says what becomes of the people who stand there.

import Basics

/// What the planner needs of settings and audience.
package struct SyncPolicy: Sendable, Equatable {
  /// The audience asks people to confirm: new members are sent as *pending*.
  package var doubleOptIn: Bool
  package var leavers: LeaverRule
  /// What the workspace allows at all; each field mapping has a direction of its own within it.
  package var direction: SyncDirection
  package var conflicts: ConflictRule
  package var addressChange: AddressChangeRule
  package var arrivals: ArrivalRule

  package init(
    doubleOptIn: Bool = false, leavers: LeaverRule = .keep, direction: SyncDirection = .both,
    conflicts: ConflictRule = .directory, addressChange: AddressChangeRule = .rename,
    arrivals: ArrivalRule = .list
  ) {
    self.doubleOptIn = doubleOptIn
    self.leavers = leavers
    self.direction = direction
    self.conflicts = conflicts
    self.addressChange = addressChange
    self.arrivals = arrivals
  }

  package init(_ settings: SettingValues, doubleOptIn: Bool) {
    self.init(
      doubleOptIn: doubleOptIn, leavers: settings[Settings.leavers],
      direction: settings[Settings.direction], conflicts: settings[Settings.conflicts],
      addressChange: settings[Settings.addressChange], arrivals: settings[Settings.arrivals])
  }

  /// `last_changed` has one second and lies up to 4 s before the answer; what polls overlap by is
  /// what two times must differ by to be told apart.
  package static let overlap = Duration.seconds(10)
}

/// What we want Mailchimp to hold for one recipient.
package struct DesiredMember: Sendable, Equatable {
  package var key: AddressKey
  package var email: String
  package var person: PersonID
  /// By merge tag; a value that does not fit its field is not here.
  package var values: [String: MergeValue]
  /// What the directory holds of fields that are only taken, by merge tag.
  package var held: [String: MergeValue]
  /// Whose details these are.
  package var record: Person
  package var remarks: [String]
  /// Set when a required field has no value: the person is refused.
  package var refusal: Problem?
  package var digest: Int64
}

/// Why nothing is sent for an address now although somebody stands there.
package enum WaitingReason: String, Sendable, CaseIterable {
  case unchangedSinceSetUp = "unchanged-since-set-up"
  /// Unsubscribed there: if by us, a new explicit *yes* subscribes them again.
  case optInNeeded = "opt-in-needed"
  /// A leaver who has not confirmed cannot be archived.
  case pendingLeaver = "pending-leaver"
  /// Changed on both sides, and the rule is to ask.
  case conflict
  /// The direction is from Mailchimp: nobody is added there by us.
  case onlyTaken = "only-taken"
  /// Archived by an undo: sent again when the person changes here.
  case undone
  /// Both sides agree; Mailchimp has asked them, and they have not confirmed yet.
  case unconfirmed
}

/// What is to happen at one address.
package enum Planned: Sendable, Equatable {
  /// Both sides agree; the link takes this digest (`Link.agreeing`).
  case inStep(digest: Int64)
  /// The same, but the contact is *pending*: only their own confirmation brings them in step.
  case unconfirmed(digest: Int64)
  /// Nobody is to be written to and nothing is to be taken back.
  case excluded
  case refused(Problem)
  case row(PlanRow)
  case waiting(WaitingReason)
  /// A refusal at a former address followed the recipient here: not to be subscribed by us.
  case barred(SuppressionReason)
  /// Nothing moves, but fields changed on both sides and wait for somebody's decision; the link
  /// takes the digest.
  case conflicted(digest: Int64, [FieldConflict])
}
