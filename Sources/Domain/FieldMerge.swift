// The merge of one field: ours, theirs, and the value both agreed on last. What must stay true: at
// the first link an empty value never overwrites a filled one, on either side; a value nobody
// changed moves nowhere.

import Basics

/// What to do where a field changed on both sides since the last agreement.
package enum ConflictRule: String, Sendable, CaseIterable {
  case directory, mailchimp, newest, ask
}

/// What was decided about one conflict.
package enum ConflictDecision: String, Sendable, CaseIterable {
  /// Nobody has decided yet: neither value moves.
  case open
  /// The directory's value counts.
  case directory
  /// Mailchimp's value counts.
  case mailchimp
  /// For an address Mailchimp refused to rename: the new address becomes a contact of its own.
  case newContact = "new contact"
}

/// One field that changed on both sides, with both values. `tag` is a merge tag, or `EMAIL`.
package struct FieldConflict: Sendable, Equatable {
  package var key: AddressKey
  package var person: PersonID
  package var tag: String
  package var field: PersonField
  package var ours: MergeValue
  package var theirs: MergeValue
  package var agreed: MergeValue?
  package var decision: ConflictDecision

  package init(
    key: AddressKey, person: PersonID, tag: String, field: PersonField, ours: MergeValue,
    theirs: MergeValue, agreed: MergeValue?, decision: ConflictDecision
  ) {
    self.key = key
    self.person = person
    self.tag = tag
    self.field = field
    self.ours = ours
    self.theirs = theirs
    self.agreed = agreed
    self.decision = decision
  }

  /// The e-mail address among the tags; no merge field can have it.
  package static let emailTag = "EMAIL"
}

/// The merge of one field.
package enum FieldMerge: Sendable, Equatable {
  /// Both agree, or an empty value would overwrite a filled one at the first link.
  case leave
  case send
  case take
  /// Both sides changed it, and differently.
  case conflict

  /// `kept` is what Mailchimp made of the value it was sent, where it writes it its own way.
  package static func decide(
    _ direction: SyncDirection, ours: MergeValue, theirs: MergeValue, agreed: MergeValue?,
    kept: MergeValue? = nil
  ) -> FieldMerge {
    if ours.agrees(with: theirs) { return .leave }
    guard let agreed else {
      switch direction {
      case .fromMailchimp: return theirs.isEmpty ? .leave : .take
      case .toMailchimp: return ours.isEmpty ? .leave : .send
      case .both: return ours.isEmpty ? .take : theirs.isEmpty ? .send : .conflict
      }
    }
    let changedHere = !ours.agrees(with: agreed)
    let changedThere =
      !theirs.agrees(with: agreed) && !(kept.map { theirs.agrees(with: $0) } ?? false)
    if !changedHere, !changedThere { return .leave }
    switch direction {
    case .fromMailchimp: return .take
    case .toMailchimp: return .send
    case .both: return !changedThere ? .send : !changedHere ? .take : .conflict
    }
  }
}

extension ConflictRule {
  /// Which side counts. `newest` compares our time of the edit with Mailchimp's `last_changed`,
  /// which is per member and coarse: within `overlap` of each other nobody can tell.
  func decide(here: Instant, there: Instant?, overlap: Duration) -> ConflictDecision {
    switch self {
    case .directory: return .directory
    case .mailchimp: return .mailchimp
    case .ask: return .open
    case .newest:
      guard let there else { return .open }
      if here - there > overlap { return .directory }
      return there - here > overlap ? .mailchimp : .open
    }
  }
}

extension SyncDirection {
  package var sends: Bool { self != .fromMailchimp }
  package var takes: Bool { self != .toMailchimp }

  /// What is left of a field's own direction where the workspace's is `limit`; nil for nothing.
  package func within(_ limit: SyncDirection) -> SyncDirection? {
    if limit == .both || limit == self { return self }
    return self == .both ? limit : nil
  }
}
