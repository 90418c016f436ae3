// Undo of what came into the directory: values taken, people who arrived, addresses that moved. What
// must stay true: a field that anybody changed since is left as it is; consent is never put back; what
// the next sync would take again at once is refused, or said.

import Basics

extension Undo {
  // MARK: Values taken

  /// The fields that still hold what was taken get their value of before.
  static func putBack(
    _ outcome: RowOutcome, _ here: [FieldChange], _ context: UndoContext
  ) -> Undoing {
    guard let person = context.person else { return removed }
    if let move = here.first(where: { $0.name == PersonField.email.description }) {
      return moveBack(outcome, move, person, context)
    }
    let link = contact(of: person, context)
    var back: [FieldChange] = []
    var remarks: [String] = []
    var moved: [String] = []
    for change in here {
      guard let field = PersonField(change.name), field != .optIn else { continue }
      guard stands(change, person, link, context.planner) else {
        moved.append(change.name)
        continue
      }
      back.append(FieldChange(change.name, old: change.new, new: change.old, isHere: true))
      if !context.planner.held(person, field).isEmpty {
        remarks.append("\(field) comes from Mailchimp only: the next change there is taken again.")
      }
    }
    let told = "Changed since: \(moved.sorted().joined(separator: ", "))."
    guard !back.isEmpty else {
      return moved.isEmpty
        ? .stays("consent", "An opt-in is never changed by an undo.") : .stays("moved", told)
    }
    return row(
      outcome, .restore, at: link?.key ?? outcome.key, person, back,
      remarks: remarks + (moved.isEmpty ? [] : [told]))
  }

  /// Whether a field still holds what was taken, and Mailchimp what it was taken from.
  private static func stands(
    _ change: FieldChange, _ person: Person, _ link: Link?, _ planner: SyncPlanner
  ) -> Bool {
    guard let field = PersonField(change.name), let value = planner.value(of: field, person),
      value.shown.agrees(with: change.new)
    else { return false }
    guard let link, let agreed = link.agreed else { return true }
    return planner.tags(taking: field).allSatisfy { tag in
      guard let known = agreed[tag], let seen = link.seen[tag] else { return true }
      return seen.agrees(with: known) || link.kept[tag].map { seen.agrees(with: $0) } ?? false
    }
  }

  /// The contact whose values are the person's.
  private static func contact(of person: Person, _ context: UndoContext) -> Link? {
    [context.link, context.theirs].compactMap { $0 }.first { $0.owner == person.id }
  }

  /// An address that was changed at Mailchimp: the person gets the old one again, and the sync that
  /// follows gives it to the contact.
  private static func moveBack(
    _ outcome: RowOutcome, _ move: FieldChange, _ person: Person, _ context: UndoContext
  ) -> Undoing {
    let policy = context.planner.policy
    guard policy.direction.sends else {
      return .stays(
        "only-taken",
        "Addresses come from Mailchimp only, and the next sync would take it again: change it there."
      )
    }
    guard policy.addressChange == .rename else {
      return .stays(
        "new-contact", "Changed addresses are new contacts by now; give the old one by hand.")
    }
    guard person.primaryEmail.map({ .text($0) }) == move.new, let link = context.theirs,
      link.status == .subscribed, link.key == AddressKey(move.new.plainText)
    else { return .stays("moved", "The address was changed since, or the contact has left.") }
    if context.link?.status != nil { return addressTaken }
    let there = context.resolution.recipient ?? context.resolution.stopped
    if there != nil {
      return .stays("address-shared", "Somebody else has the old address here by now.")
    }
    return row(
      outcome, .restore, at: outcome.key, person,
      [FieldChange(move.name, old: move.new, new: move.old, isHere: true)], remarks: [],
      from: link.key)
  }

  // MARK: Arrivals

  /// Who became a person because a contact arrived is marked deleted; the contact stays.
  static func withdraw(_ outcome: RowOutcome, _ context: UndoContext) -> Undoing {
    guard let person = context.person else { return removed }
    guard person.deletedAt == nil else {
      return .stays("moved", "The person is marked deleted already.")
    }
    guard context.isUntouched else {
      return .stays("moved", "The person was changed since they came.")
    }
    guard !context.isSentElsewhere else {
      return .stays("sent", "The person was sent to another address or audience since.")
    }
    return row(
      outcome, .delete, at: outcome.key, person,
      [FieldChange("person", old: .text("here"), new: .text("deleted"), isHere: true)],
      remarks: ["The contact at Mailchimp stays as it is."])
  }

  // MARK: Renames

  /// A contact we gave a person's new address gets the old one again, where the person has it again.
  static func renameBack(
    _ outcome: RowOutcome, _ move: FieldChange, _ fields: [FieldChange], _ context: UndoContext
  ) -> Undoing {
    guard let link = context.link, link.status == .subscribed else {
      return .stays("moved", "The contact has another address or status by now.")
    }
    guard let other = context.other, let recipient = other.resolution.recipient,
      recipient.person.id == link.owner
    else {
      return .stays(
        "renamed",
        "The person has the new address here; give them the old one, and the contact follows.")
    }
    if other.link?.status != nil { return addressTaken }
    let back = reversed(fields, link)
    var row = PlanRow(
      key: recipient.key, email: recipient.email, person: recipient.person.id, action: .rename,
      status: nil,
      changes: [FieldChange(move.name, old: .text(link.email), new: .text(recipient.email))]
        + (back ?? []),
      remarks: back == nil ? ["Other values changed since, and stay."] : [],
      digest: context.planner.desired(other.resolution)?.digest ?? 0)
    row.from = link.key
    return .row(row)
  }

  /// The same once the row is carried out: its own address is the one to go back to.
  static func mayRename(_ row: PlanRow, _ context: UndoContext) -> Bool {
    guard let link = context.other?.link, link.status == .subscribed, link.owner == row.person,
      context.link?.status == nil, let recipient = context.resolution.recipient
    else { return false }
    return recipient.person.id == row.person && context.suppression == nil
  }

  // MARK: In the transaction that writes

  /// The changes of a row that may still be put back, as values by field.
  package static func values(
    _ row: PlanRow, _ context: UndoContext
  ) -> [PersonField: PersonValue] {
    guard let person = context.person else { return [:] }
    let link = contact(of: person, context)
    var values: [PersonField: PersonValue] = [:]
    for change in row.changes where change.isHere {
      var taken = change
      (taken.old, taken.new) = (change.new, change.old)
      guard let field = PersonField(change.name), field != .optIn,
        let value = context.planner.value(change.new, of: field)
      else { continue }
      if field == .email {
        guard context.link?.status == nil, person.primaryEmail.map({ .text($0) }) == change.old
        else { continue }
      } else if !stands(taken, person, link, context.planner) {
        continue
      }
      values[field] = value
    }
    return values
  }

  /// Whether somebody who arrived may still be marked deleted.
  package static func mayWithdraw(_ context: UndoContext) -> Bool {
    guard let person = context.person else { return false }
    return person.deletedAt == nil && context.isUntouched && !context.isSentElsewhere
  }

  // MARK: Words

  private static let removed = Undoing.stays(
    "removed", "The person is not in the directory any more.")
  private static let addressTaken = Undoing.stays(
    "address-taken", "Another contact at Mailchimp has the old address.")

  private static func row(
    _ outcome: RowOutcome, _ action: PlanAction, at key: AddressKey, _ person: Person,
    _ changes: [FieldChange], remarks: [String], from: AddressKey? = nil
  ) -> Undoing {
    var row = PlanRow(
      key: key, email: person.primaryEmail ?? key.description, person: person.id, action: action,
      status: nil, changes: changes, remarks: remarks, digest: 0)
    row.from = from
    return .row(row)
  }
}

extension SyncPlanner {
  /// The merge fields a person field is taken from.
  package func tags(taking field: PersonField) -> [String] {
    columns.filter { $0.mapping.field == field && $0.direction.takes }.map(\.tag)
  }

  /// What the directory holds of a field that is only taken, by merge tag; empty for all others.
  package func held(_ person: Person, _ field: PersonField) -> [String: MergeValue] {
    var held: [String: MergeValue] = [:]
    for column in columns where column.mapping.field == field && !column.direction.sends {
      held[column.tag] = self.held(person, column)
    }
    return held
  }

  func held(_ person: Person, _ column: Column) -> MergeValue {
    let value = person.value(of: column.mapping.field, customTypes: customTypes)
    return column.field.fit(value).value ?? .text(value.text)
  }

  /// Nil for a custom field that is not defined any more.
  func value(of field: PersonField, _ person: Person) -> PersonValue? {
    field.type(customTypes: customTypes) == nil
      ? nil : person.value(of: field, customTypes: customTypes)
  }

  /// A value as outcomes show it, back as one of the field.
  func value(_ shown: MergeValue, of field: PersonField) -> PersonValue? {
    guard let type = field.type(customTypes: customTypes) else { return nil }
    if case .address(let address) = shown { return .address(address) }
    return shown.isEmpty ? .empty : PersonValue(shown.plainText, as: type)
  }
}
