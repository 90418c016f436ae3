// The three-way merge: ours is the desired member, theirs what Mailchimp showed last, the link the
// last state both agreed on. What must stay true: planning again after applying plans nothing; a
// field without a mapping is in no row; a status that somebody else ended is never raised.

import Basics

/// What the planner needs of settings and audience.
package struct SyncPolicy: Sendable, Equatable {
  /// The audience asks people to confirm: new members are sent as *pending*.
  package var doubleOptIn: Bool
  package var leavers: LeaverRule

  package init(doubleOptIn: Bool = false, leavers: LeaverRule = .keep) {
    self.doubleOptIn = doubleOptIn
    self.leavers = leavers
  }
}

/// What we want Mailchimp to hold for one recipient.
package struct DesiredMember: Sendable, Equatable {
  package var key: AddressKey
  package var email: String
  package var person: PersonID
  /// By merge tag; a value that does not fit its field is not here.
  package var values: [String: MergeValue]
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
}

/// What is to happen at one address.
package enum Planned: Sendable, Equatable {
  /// Both sides agree; the link takes this digest (`Link.agreeing`).
  case inStep(digest: Int64)
  /// Nobody is to be written to and nothing is to be taken back.
  case excluded
  case refused(Problem)
  case row(PlanRow)
  case waiting(WaitingReason)
}

package struct SyncPlanner: Sendable {
  package let policy: SyncPolicy
  private let columns: [Column]
  private let customTypes: [String: FieldType]

  /// One mapped field that is sent; those that are only taken have none.
  private struct Column: Sendable {
    var mapping: FieldMapping
    var field: MergeField
  }

  /// Mappings onto fields the audience does not have are left out: Mailchimp would drop them in
  /// silence. `MappingCheck` names them before anything is sent.
  package init(
    mapping: [FieldMapping], mergeFields: [MergeField], customFields: [CustomField] = [],
    policy: SyncPolicy
  ) {
    self.policy = policy
    customTypes = Dictionary(customFields.map { ($0.name, $0.type) }) { first, _ in first }
    let fields = Dictionary(mergeFields.map { ($0.tag, $0) }) { first, _ in first }
    var taken: Set<String> = []
    columns = mapping.filter { $0.direction != .fromMailchimp }
      .compactMap { row in fields[row.tag].map { Column(mapping: row, field: $0) } }
      .filter { taken.insert($0.field.tag).inserted }
      .sorted { $0.field.tag < $1.field.tag }
  }

  /// The tags that are sent, in order.
  package var sentTags: [String] { columns.map(\.field.tag) }

  // MARK: Ours

  package func desired(_ recipient: Recipient) -> DesiredMember {
    desired(recipient, intent: policy.doubleOptIn ? "pending" : "subscribed")
  }

  private func desired(_ recipient: Recipient, intent: String) -> DesiredMember {
    var values: [String: MergeValue] = [:]
    var remarks: [String] = []
    var refusal: Problem?
    for column in columns {
      let (field, mapping) = (column.field, column.mapping)
      var value = recipient.person.value(of: mapping.field, customTypes: customTypes)
      for step in mapping.transforms {
        value = step.apply(value, of: recipient.person, customTypes: customTypes)
      }
      let fit = field.fit(value)
      values[field.tag] = fit.value
      if let remark = fit.remark { remarks.append(remark) }
      if field.isRequired, fit.value?.isEmpty ?? true, refusal == nil {
        refusal = Refusal.requiredField(field, of: recipient.person, remark: fit.remark)
      }
    }
    var digest = Digest64()
    digest.combine(recipient.key.description)
    digest.combine(recipient.email)
    digest.combine(String(recipient.person.id.rawValue))
    digest.combine(intent)
    for column in columns {
      guard let value = values[column.field.tag] else { continue }
      digest.combine(column.field.tag)
      digest.combine(value)
    }
    return DesiredMember(
      key: recipient.key, email: recipient.email, person: recipient.person.id, values: values,
      remarks: remarks, refusal: refusal, digest: digest.value)
  }

  /// The desired member behind `resolution`: of the recipient, else of who was stopped.
  package func desired(_ resolution: GroupResolution) -> DesiredMember? {
    if let recipient = resolution.recipient { return desired(recipient) }
    return resolution.stopped.map { desired($0, intent: "stopped") }
  }

  // MARK: The plan of one address

  package func plan(key: AddressKey, resolution: GroupResolution, link: Link?) -> Planned {
    if let recipient = resolution.recipient {
      return plan(desired(recipient), resolution, link)
    }
    // A contact nobody stands behind and nobody ever did is somebody else's.
    guard let link, let status = link.status else { return .excluded }
    if let stopped = resolution.stopped {
      return plan(stopped: desired(stopped, intent: "stopped"), resolution, link, status)
    }
    if resolution.isOptedOut { return unsubscribe(link, status, key: key, of: nil) }
    guard link.owner != nil else { return .excluded }
    return plan(leaver: link, status, key: key)
  }

  private func plan(_ desired: DesiredMember, _ resolution: GroupResolution, _ link: Link?)
    -> Planned
  {
    if resolution.isUnchangedSinceSetUp, link?.agreed == nil {
      return .waiting(.unchangedSinceSetUp)
    }
    if let refusal = desired.refusal { return .refused(refusal) }
    guard let link, let status = link.status else {
      return .row(row(.create, desired, status: joinStatus, was: nil, changes: all(desired)))
    }
    switch status {
    case .subscribed, .pending, .transactional:
      return update(desired, link) ?? .inStep(digest: desired.digest)
    case .unsubscribed:
      if link.endedByUs, resolution.consent == .yes {
        return .row(
          row(
            .update, desired, status: joinStatus, was: status, changes: changes(desired, link)))
      }
      return update(desired, link) ?? .waiting(.optInNeeded)
    case .archived:
      // What we archived we may revive, and only to what it was.
      guard link.endedByUs, link.agreedStatus == .subscribed else {
        return .refused(Refusal.archived(desired.email))
      }
      return .row(
        row(.create, desired, status: .subscribed, was: status, changes: changes(desired, link)))
    case .cleaned:
      return .refused(Refusal.cleaned(desired.email))
    }
  }

  /// Opted out or suppressed: an unsubscribed member still gets changed details, without a status.
  private func plan(
    stopped desired: DesiredMember, _ resolution: GroupResolution, _ link: Link,
    _ status: MemberStatus
  ) -> Planned {
    if status == .unsubscribed {
      return desired.refusal == nil ? update(desired, link) ?? .excluded : .excluded
    }
    return resolution.isOptedOut
      ? unsubscribe(link, status, key: desired.key, of: desired) : .excluded
  }

  private func plan(leaver link: Link, _ status: MemberStatus, key: AddressKey) -> Planned {
    switch (policy.leavers, status) {
    case (.unsubscribe, .subscribed), (.unsubscribe, .pending):
      return unsubscribe(link, status, key: key, of: nil)
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

  private func unsubscribe(
    _ link: Link, _ status: MemberStatus, key: AddressKey, of desired: DesiredMember?
  ) -> Planned {
    guard status == .subscribed || status == .pending else { return .excluded }
    let details = desired.flatMap { $0.refusal == nil ? $0 : nil }
    return .row(
      PlanRow(
        key: key, email: link.email, person: desired?.person ?? link.owner, action: .unsubscribe,
        status: .unsubscribed,
        changes: [statusChange(from: status, to: .unsubscribed)]
          + (details.map { changes($0, link) } ?? []),
        remarks: details?.remarks ?? [], digest: details?.digest ?? endingDigest(key, .unsubscribed)
      ))
  }

  // MARK: Rows

  /// The status of somebody who comes onto the list.
  private var joinStatus: MemberStatus { policy.doubleOptIn ? .pending : .subscribed }

  private func update(_ desired: DesiredMember, _ link: Link) -> Planned? {
    // What we agreed on last stands, even where Mailchimp writes a value its own way.
    if link.digest == desired.digest { return nil }
    let changes = changes(desired, link)
    return changes.isEmpty
      ? nil : .row(row(.update, desired, status: nil, was: link.status, changes: changes))
  }

  private func row(
    _ action: PlanAction, _ desired: DesiredMember, status: MemberStatus?, was: MemberStatus?,
    changes: [FieldChange]
  ) -> PlanRow {
    PlanRow(
      key: desired.key, email: desired.email, person: desired.person, action: action,
      status: status,
      changes: (status.map { [statusChange(from: was, to: $0)] } ?? []) + changes,
      remarks: desired.remarks, digest: desired.digest)
  }

  private func statusChange(from old: MemberStatus?, to new: MemberStatus) -> FieldChange {
    FieldChange("status", old: .text(old?.rawValue ?? ""), new: .text(new.rawValue))
  }

  private func all(_ desired: DesiredMember) -> [FieldChange] {
    columns.compactMap { column in
      guard let value = desired.values[column.field.tag], !value.isEmpty else { return nil }
      return FieldChange(column.field.tag, old: .empty, new: value)
    }
  }

  private func changes(_ desired: DesiredMember, _ link: Link) -> [FieldChange] {
    columns.compactMap { column in
      let tag = column.field.tag
      guard let ours = desired.values[tag] else { return nil }
      let theirs = link.seen[tag] ?? .empty
      let decision = FieldMerge.decide(
        column.mapping.direction, ours: ours, theirs: theirs, agreed: link.agreed?[tag])
      return decision == .send ? FieldChange(tag, old: theirs, new: ours) : nil
    }
  }

  private func endingDigest(_ key: AddressKey, _ status: MemberStatus) -> Int64 {
    var digest = Digest64()
    digest.combine(key.description)
    digest.combine(status.rawValue)
    return digest.value
  }
}

/// The merge of one field.
package enum FieldMerge: Sendable, Equatable {
  /// Both agree, or an empty value would overwrite a filled one at the first link.
  case leave
  case send
  /// Changed there only, in a field that is also taken: left to whoever takes.
  case take

  package static func decide(
    _ direction: SyncDirection, ours: MergeValue, theirs: MergeValue, agreed: MergeValue?
  ) -> FieldMerge {
    if ours.agrees(with: theirs) { return .leave }
    switch direction {
    case .fromMailchimp:
      return theirs.isEmpty && agreed == nil ? .leave : .take
    case .toMailchimp:
      return ours.isEmpty && agreed == nil ? .leave : .send
    case .both:
      guard let agreed else { return ours.isEmpty ? .take : .send }
      return ours.agrees(with: agreed) ? .take : .send
    }
  }
}

extension PlanRow {
  /// The merge fields to send, by tag.
  package var values: [String: MergeValue] {
    Dictionary(
      changes.filter { $0.name != "status" && $0.name != "email" }.map { ($0.name, $0.new) }
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
