// The merge of all mapped fields of one member: what is sent, what is taken, what is in conflict.
// What must stay true: a value that taking would not change is not taken, so that merging again
// after a merge finds nothing.

import Basics

extension SyncPlanner {
  /// What moves between a person and a member.
  struct Merged: Sendable, Equatable {
    var sends: [FieldChange] = []
    var edits: [PersonEdit] = []
    /// The edits as they are shown.
    var taken: [FieldChange] = []
    var conflicts: [FieldConflict] = []
    var remarks: [String] = []
  }

  func taken(_ theirs: MergeValue, _ column: Column) -> TakenFit {
    TakenValue.read(
      theirs, into: column.mapping.field, transforms: column.mapping.transforms,
      customTypes: customTypes, choices: choices)
  }

  func merge(_ desired: DesiredMember, _ link: Link, _ beside: Whereabouts) -> Merged {
    var merged = Merged()
    for column in columns { merge(column, desired, link, beside, into: &merged) }
    return merged
  }

  private func merge(
    _ column: Column, _ desired: DesiredMember, _ link: Link, _ beside: Whereabouts,
    into merged: inout Merged
  ) {
    let (tag, field) = (column.tag, column.mapping.field)
    guard let ours = desired.values[tag] ?? desired.held[tag] else { return }
    let theirs = link.seen[tag] ?? .empty
    var decision = FieldMerge.decide(
      column.direction, ours: ours, theirs: theirs, agreed: link.agreed?[tag],
      kept: link.kept[tag])
    guard decision == .take || decision == .conflict else {
      if decision == .send { merged.sends.append(FieldChange(tag, old: theirs, new: ours)) }
      return
    }
    let held = desired.record.value(of: field, customTypes: customTypes)
    let taken = taken(theirs, column)
    if taken.value == held { return }
    if decision == .conflict {
      let conflict = FieldConflict(
        key: link.key, person: desired.person, tag: tag, field: field, ours: ours, theirs: theirs,
        agreed: link.agreed?[tag],
        decision: link.decided[tag]
          ?? policy.conflicts.decide(
            here: beside.edited[field] ?? desired.record.changedAt, there: link.lastChanged,
            overlap: SyncPolicy.overlap))
      merged.conflicts.append(conflict)
      switch conflict.decision {
      case .open: return
      case .directory, .newContact: decision = .send
      case .mailchimp: decision = .take
      }
    }
    if decision == .send {
      merged.sends.append(FieldChange(tag, old: theirs, new: ours))
      return
    }
    if let remark = taken.remark { merged.remarks.append(remark) }
    guard let value = taken.value else { return }
    merged.edits.append(PersonEdit(field, value, from: tag, old: held))
    merged.taken.append(
      FieldChange(field.description, old: held.shown, new: value.shown, isHere: true))
  }
}

extension FieldMapping {
  /// What comes back can be turned into our value again.
  package func isReversible(customTypes: [String: FieldType]) -> Bool {
    guard field.isTakeable, var type = field.type(customTypes: customTypes) else { return false }
    for step in transforms {
      guard step.isReversible(from: type), let next = step.type(from: type) else { return false }
      type = next
    }
    return true
  }
}

extension PersonValue {
  /// As lists and outcomes show it.
  var shown: MergeValue {
    if case .address(let address) = self { .address(address) } else { .text(text) }
  }
}
