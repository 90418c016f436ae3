// The three-way merge: ours is the desired member, theirs what Mailchimp showed last, the link the
// last state both agreed on. What must stay true: planning again after applying plans nothing; a
// field without a mapping is in no row; a status that somebody else ended is never raised.

import Basics

package struct SyncPlanner: Sendable {
  package let policy: SyncPolicy
  let columns: [Column]
  /// What a new person is made of: everything that can be turned back.
  let arrivalColumns: [Column]
  let customTypes: [String: FieldType]
  let choices: [String: [String]]

  /// One mapped field, with the direction in which values may move.
  struct Column: Sendable {
    var mapping: FieldMapping
    var field: MergeField
    var direction: SyncDirection

    var tag: String { field.tag }
  }

  /// Mappings onto fields the audience does not have are left out: Mailchimp would drop them in
  /// silence. `MappingCheck` names them before anything is sent.
  package init(
    mapping: [FieldMapping], mergeFields: [MergeField], customFields: [CustomField] = [],
    policy: SyncPolicy
  ) {
    self.policy = policy
    let types = Dictionary(customFields.map { ($0.name, $0.type) }) { first, _ in first }
    customTypes = types
    choices = Dictionary(customFields.map { ($0.name, $0.choices) }) { first, _ in first }
    let fields = Dictionary(mergeFields.map { ($0.tag, $0) }) { first, _ in first }
    var taken: Set<String> = []
    let known = mapping.compactMap { row in
      fields[row.tag].map { Column(mapping: row, field: $0, direction: row.direction) }
    }
    .filter { taken.insert($0.tag).inserted }.sorted { $0.tag < $1.tag }
    columns = known.compactMap { column in
      var column = column
      // A value that cannot be turned back is never taken.
      let own: SyncDirection =
        column.mapping.isReversible(customTypes: types) ? column.direction : .toMailchimp
      guard column.direction == own || column.direction == .both,
        let direction = own.within(policy.direction)
      else { return nil }
      column.direction = direction
      return column
    }
    arrivalColumns = known.filter { $0.mapping.isReversible(customTypes: types) }
  }

  /// The tags that are sent, in order.
  package var sentTags: [String] { columns.filter(\.direction.sends).map(\.tag) }

  /// Values may move into the directory.
  package var takes: Bool {
    policy.direction.takes && columns.contains { $0.direction.takes }
  }

  // MARK: Ours

  package func desired(_ recipient: Recipient, _ link: Link? = nil) -> DesiredMember {
    desired(recipient, link, intent: policy.doubleOptIn ? "pending" : "subscribed")
  }

  private func desired(_ recipient: Recipient, _ link: Link?, intent: String) -> DesiredMember {
    let person = recipient.person
    // A row that leaves this person as they are has no part in the digest either.
    let columns = columns.filter { $0.mapping.reaches(person, link) }
    var values: [String: MergeValue] = [:]
    var held: [String: MergeValue] = [:]
    var remarks: [String] = []
    var refusal: Problem?
    for column in columns {
      let (field, mapping) = (column.field, column.mapping)
      guard column.direction.sends else {
        held[field.tag] = self.held(person, column)
        continue
      }
      var value = person.value(of: mapping.field, customTypes: customTypes)
      for step in mapping.transforms {
        value = step.apply(value, of: person, customTypes: customTypes)
      }
      let fit = field.fit(value)
      values[field.tag] = fit.value
      if let remark = fit.remark { remarks.append(remark) }
      if field.isRequired, fit.value?.isEmpty ?? true, refusal == nil {
        refusal = Refusal.requiredField(field, of: person, remark: fit.remark)
      }
    }
    var digest = Digest64()
    digest.combine(recipient.key.description)
    digest.combine(recipient.email)
    digest.combine(String(person.id.rawValue))
    digest.combine(intent)
    for column in columns {
      if column.direction != .toMailchimp { digest.combine(column.direction.rawValue) }
      guard let value = values[column.tag] ?? held[column.tag] else { continue }
      digest.combine(column.tag)
      digest.combine(value)
    }
    return DesiredMember(
      key: recipient.key, email: recipient.email, person: person.id, values: values, held: held,
      record: person, remarks: remarks, refusal: refusal, digest: digest.value)
  }

  /// The desired member behind `resolution`: of the recipient, else of who was stopped. `link` is
  /// what was agreed so far: rows that are only for who changes are judged by it.
  package func desired(_ resolution: GroupResolution, _ link: Link? = nil) -> DesiredMember? {
    if let recipient = resolution.recipient { return desired(recipient, link) }
    return resolution.stopped.map { desired($0, link, intent: "stopped") }
  }

  // MARK: The plan of one address

  package func plan(
    key: AddressKey, resolution: GroupResolution, link: Link?, beside: Whereabouts = .nothing
  ) -> Planned {
    if let recipient = resolution.recipient {
      return plan(desired(recipient, link), resolution, link, beside)
    }
    // A contact nobody stands behind and nobody ever did is somebody else's.
    guard let link, let status = link.status else { return .excluded }
    if let stopped = resolution.stopped {
      return plan(
        stopped: desired(stopped, link, intent: "stopped"), resolution, link, status, beside)
    }
    if resolution.isOptedOut {
      return unsubscribe(link, status, key: key, of: nil, isOptOut: true)
    }
    guard link.owner != nil else {
      return arrival(link, status, resolution, beside).map(Planned.row) ?? .excluded
    }
    return plan(leaver: link, status, key: key, beside)
  }

  private func plan(
    _ desired: DesiredMember, _ resolution: GroupResolution, _ link: Link?, _ beside: Whereabouts
  ) -> Planned {
    if resolution.isUnchangedSinceSetUp, link?.agreed == nil, beside.former.isEmpty {
      return .waiting(.unchangedSinceSetUp)
    }
    guard let link, let status = link.status else { return join(desired, beside) }
    if beside.isClaimed, takesAddresses { return .excluded }
    switch status {
    case .subscribed, .transactional:
      return update(desired, link, beside) ?? .inStep(digest: desired.digest)
    case .pending:
      return update(desired, link, beside) ?? .unconfirmed(digest: desired.digest)
    case .unsubscribed:
      let isOurs = link.endedByUs && resolution.consent == .yes
      if isOurs || link.mayReturn == .asked, policy.direction.sends {
        if let reason = refusal(link, beside) { return .barred(reason) }
        if let refusal = desired.refusal { return .refused(refusal) }
        return .row(
          row(
            .update, desired, status: isOurs ? joinStatus : .pending, was: status,
            merge(desired, link, beside)))
      }
      return update(desired, link, beside)
        ?? .waiting(policy.direction.sends ? .optInNeeded : .onlyTaken)
    case .archived:
      // An undo archived them with the details they still have.
      if link.endedByUs, link.digest == desired.digest { return .waiting(.undone) }
      if let refusal = desired.refusal { return .refused(refusal) }
      // What we archived we may revive, and only to what it was; what others archived only when the
      // administrator says so.
      guard let comeback = comeback(link) else { return .refused(Refusal.archived(desired.email)) }
      guard policy.direction.sends else { return .waiting(.onlyTaken) }
      if let reason = refusal(link, beside) { return .barred(reason) }
      return .row(
        row(.create, desired, status: comeback, was: status, merge(desired, link, beside)))
    case .cleaned:
      return .refused(Refusal.cleaned(desired.email))
    }
  }

  /// A refusal at another address bars the way back to this one too, unless they are asked.
  private func refusal(_ link: Link, _ beside: Whereabouts) -> SuppressionReason? {
    link.mayReturn == .asked ? nil : beside.refusal
  }

  private func comeback(_ link: Link) -> MemberStatus? {
    switch link.mayReturn {
    case .asked: .pending
    case .lifted: joinStatus
    case nil: link.endedByUs && link.agreedStatus == .subscribed ? .subscribed : nil
    }
  }

  /// Somebody Mailchimp does not know at this address: renamed where they were known at another,
  /// else added.
  private func join(_ desired: DesiredMember, _ beside: Whereabouts) -> Planned {
    if policy.addressChange == .rename, let former = beside.renamed,
      former.decided[FieldConflict.emailTag] != .newContact
    {
      return move(desired, from: former, beside)
    }
    if takesAddresses, let moved = beside.moved(from: desired.key) {
      return move(desired, from: moved, beside)
    }
    guard policy.direction.sends else { return .waiting(.onlyTaken) }
    if let refusal = desired.refusal { return .refused(refusal) }
    if let reason = beside.refusal { return .barred(reason) }
    return .row(row(.create, desired, status: joinStatus, was: nil, all(desired)))
  }

  private var takesAddresses: Bool { policy.addressChange == .rename && policy.direction.takes }

  /// The three-way merge of the address itself.
  private func move(_ desired: DesiredMember, from former: Link, _ beside: Whereabouts) -> Planned {
    let tag = FieldConflict.emailTag
    let ours = MergeValue.text(desired.key.description)
    let theirs = MergeValue.text(former.key.description)
    let agreed = former.agreed?[tag] ?? theirs
    var conflict: FieldConflict?
    var merge = FieldMerge.decide(policy.direction, ours: ours, theirs: theirs, agreed: agreed)
    if merge == .conflict {
      let decision =
        former.decided[tag]
        ?? policy.conflicts.decide(
          here: beside.edited[.email] ?? desired.record.changedAt, there: former.lastChanged,
          overlap: SyncPolicy.overlap)
      conflict = FieldConflict(
        key: former.key, person: desired.person, tag: tag, field: .email, ours: ours,
        theirs: theirs, agreed: agreed, decision: decision)
      merge = decision == .open ? .conflict : decision == .mailchimp ? .take : .send
    } else if let decided = former.decided[tag] {
      // Mailchimp refused to rename it, and somebody said what to do.
      merge = decided == .mailchimp ? .take : .send
    }
    switch merge {
    case .conflict:
      guard former.decided[tag] != .open, let conflict else { return .waiting(.conflict) }
      return .conflicted(digest: desired.digest, [conflict])
    case .take:
      var row = PlanRow(
        key: desired.key, email: desired.email, person: desired.person, action: .take, status: nil,
        changes: [
          FieldChange(
            PersonField.email.description, old: .text(desired.email), new: .text(former.email),
            isHere: true)
        ], digest: desired.digest)
      row.from = former.key
      row.edits = [
        PersonEdit(.email, .text(former.email), from: tag, old: desired.record.value(of: .email))
      ]
      row.conflicts = conflict.map { [$0] } ?? []
      return .row(row)
    case .send, .leave:
      if former.decided[tag] == .open { return .waiting(.conflict) }
      if let refusal = desired.refusal { return .refused(refusal) }
      var merged = self.merge(desired, former, beside)
      merged.sends.insert(
        FieldChange(tag, old: .text(former.email), new: .text(desired.email)), at: 0)
      if let conflict { merged.conflicts.append(conflict) }
      var row = row(.rename, desired, status: nil, was: former.status, merged)
      row.from = former.key
      return .row(row)
    }
  }

  /// Opted out or suppressed: an unsubscribed member still gets changed details, without a status.
  private func plan(
    stopped desired: DesiredMember, _ resolution: GroupResolution, _ link: Link,
    _ status: MemberStatus, _ beside: Whereabouts
  ) -> Planned {
    if status == .unsubscribed {
      return desired.refusal == nil ? update(desired, link, beside) ?? .excluded : .excluded
    }
    return resolution.isOptedOut
      ? unsubscribe(link, status, key: desired.key, of: desired, isOptOut: true) : .excluded
  }

  private func plan(
    leaver link: Link, _ status: MemberStatus, key: AddressKey, _ beside: Whereabouts
  ) -> Planned {
    if let owner = beside.owner {
      // The opt-out follows a person to a new address, and stays at the old one.
      if owner.optIn == .no {
        return unsubscribe(link, status, key: key, of: nil, isOptOut: true)
      }
      if owner.standsElsewhere, isLeftToTheNewAddress(link, status, owner) { return .excluded }
    }
    guard policy.direction.sends else { return .excluded }
    switch (policy.leavers, status) {
    case (.unsubscribe, .subscribed), (.unsubscribe, .pending):
      return unsubscribe(link, status, key: key, of: nil, isOptOut: false)
    case (.archive, .subscribed), (.archive, .transactional):
      return .row(
        PlanRow(
          key: key, email: link.email, person: link.owner, action: .archive, status: nil,
          changes: [statusChange(from: status, to: .archived)],
          digest: endingDigest(key, .archived)))
    case (.archive, .pending): return .waiting(.pendingLeaver)
    default: return .excluded
    }
  }

  /// Their contact is renamed from there, or stays beside the new one.
  private func isLeftToTheNewAddress(
    _ link: Link, _ status: MemberStatus, _ owner: Whereabouts.Owner
  ) -> Bool {
    if policy.addressChange == .newContact { return true }
    if link.decided[FieldConflict.emailTag] == .newContact { return true }
    return status == .subscribed && owner.statusThere == nil
  }

  private func unsubscribe(
    _ link: Link, _ status: MemberStatus, key: AddressKey, of desired: DesiredMember?,
    isOptOut: Bool
  ) -> Planned {
    guard status == .subscribed || status == .pending else { return .excluded }
    let details = desired.flatMap { $0.refusal == nil ? $0 : nil }
    var row = PlanRow(
      key: key, email: link.email, person: desired?.person ?? link.owner, action: .unsubscribe,
      status: .unsubscribed,
      changes: [statusChange(from: status, to: .unsubscribed)]
        + (details.map { merge($0, link, .nothing).sends } ?? []),
      remarks: details?.remarks ?? [], digest: details?.digest ?? endingDigest(key, .unsubscribed))
    row.isOptOut = isOptOut
    return .row(row)
  }

  /// A subscriber nobody here knows, where such become people.
  private func arrival(
    _ link: Link, _ status: MemberStatus, _ resolution: GroupResolution, _ beside: Whereabouts
  ) -> PlanRow? {
    guard policy.arrivals == .add, policy.direction.takes, status == .subscribed,
      resolution.exclusions.isEmpty, !beside.isFurtherAddress
    else { return nil }
    let row = arrival(link)
    // An undo left it to be nobody, as it is.
    return link.digest == row.digest ? nil : row
  }

  /// Who would come of a contact.
  package func arrival(_ link: Link) -> PlanRow {
    var edits = [PersonEdit(.email, .text(link.email), from: FieldConflict.emailTag)]
    var remarks: [String] = []
    for column in arrivalColumns {
      guard let theirs = link.seen[column.tag], !theirs.isEmpty else { continue }
      let taken = taken(theirs, column)
      if let remark = taken.remark { remarks.append(remark) }
      guard let value = taken.value, !value.isEmpty else { continue }
      edits.append(PersonEdit(column.mapping.field, value, from: column.tag))
    }
    var digest = Digest64()
    digest.combine("arrival")
    digest.combine(link.key.description)
    for edit in edits {
      digest.combine(edit.field.description)
      digest.combine(edit.value.text)
    }
    var row = PlanRow(
      key: link.key, email: link.email, person: nil, action: .arrival, status: nil,
      changes: edits.map {
        FieldChange($0.field.description, old: .empty, new: $0.value.shown, isHere: true)
      }, remarks: remarks, digest: digest.value)
    row.edits = edits
    return row
  }

  // MARK: Rows

  /// The status of somebody who comes onto the list.
  private var joinStatus: MemberStatus { policy.doubleOptIn ? .pending : .subscribed }

  /// Nil when both sides agree.
  private func update(_ desired: DesiredMember, _ link: Link, _ beside: Whereabouts) -> Planned? {
    // Neither side moved since we agreed.
    if link.digest == desired.digest {
      if let refusal = desired.refusal { return .refused(refusal) }
      return link.hasOpenConflict ? .waiting(.conflict) : nil
    }
    var merged = merge(desired, link, beside)
    if let refusal = desired.refusal {
      // What is missing here may be there, to be taken.
      guard !merged.edits.isEmpty else { return .refused(refusal) }
      merged.sends = []
    }
    if merged.sends.isEmpty, merged.edits.isEmpty {
      return merged.conflicts.isEmpty
        ? nil : .conflicted(digest: desired.digest, merged.conflicts)
    }
    return .row(
      row(
        merged.sends.isEmpty ? .take : .update, desired, status: nil, was: link.status, merged))
  }

  private func row(
    _ action: PlanAction, _ desired: DesiredMember, status: MemberStatus?, was: MemberStatus?,
    _ merged: Merged
  ) -> PlanRow {
    var row = PlanRow(
      key: desired.key, email: desired.email, person: desired.person, action: action,
      status: status,
      changes: (status.map { [statusChange(from: was, to: $0)] } ?? []) + merged.sends
        + merged.taken,
      remarks: (action == .take ? [] : desired.remarks) + merged.remarks, digest: desired.digest)
    row.edits = merged.edits
    row.conflicts = merged.conflicts
    return row
  }

  private func statusChange(from old: MemberStatus?, to new: MemberStatus) -> FieldChange {
    FieldChange("status", old: .text(old?.rawValue ?? ""), new: .text(new.rawValue))
  }

  private func all(_ desired: DesiredMember) -> Merged {
    Merged(
      sends: columns.compactMap { column in
        guard let value = desired.values[column.tag], !value.isEmpty else { return nil }
        return FieldChange(column.tag, old: .empty, new: value)
      })
  }

  private func endingDigest(_ key: AddressKey, _ status: MemberStatus) -> Int64 {
    var digest = Digest64()
    digest.combine(key.description)
    digest.combine(status.rawValue)
    return digest.value
  }
}

extension PlanRow {
  /// The merge fields to send, by tag.
  package var values: [String: MergeValue] {
    Dictionary(
      changes.filter { !$0.isHere && $0.name != "status" && $0.name != FieldConflict.emailTag }
        .map { ($0.name, $0.new) }
    ) { _, last in last }
  }

  /// For calls that must say what a contact becomes that is not there (bulk, PUT). A row without a
  /// status changes somebody who was there: one who vanished meanwhile was deleted by others, and
  /// must not come back as a subscriber.
  package var statusIfGone: MemberStatus { status ?? .unsubscribed }
}

extension Digest64 {
  fileprivate mutating func combine(_ value: MergeValue) {
    switch value {
    case .text(let text): combine(text)
    case .number(let number):
      combine("number")
      combine(number.plain)
    case .address(let address):
      for part in [
        address.line1, address.line2, address.city, address.state, address.zip, address.country,
      ] { combine(part) }
    }
  }
}
