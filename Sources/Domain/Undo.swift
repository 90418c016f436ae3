// Undo: what an execution did to one contact, taken back from its before-image. What must stay true:
// nobody is subscribed against their word or by a rule that would end it again at once; where the
// world has moved since, nothing is touched; what cannot be undone says why. What was taken into the
// directory is taken back by `UndoHere`.

import Basics

/// What becomes of one row of the execution that is undone.
package enum Undoing: Sendable, Equatable {
  /// Carries it out; each change has the value of now as its old one.
  case row(PlanRow)
  /// Stays as it is, and why: a code and a sentence.
  case stays(String, String)
  /// There was nothing done.
  case nothing
}

/// What is known now of the address of one row, and of the person it was about.
package struct UndoContext: Sendable {
  package var resolution: GroupResolution
  package var link: Link?
  package var suppression: Suppression?
  package var planner: SyncPlanner
  /// As they are now; nil where they are not in the directory any more.
  package var person: Person?
  /// The person's contact, where it has another address than the row's.
  package var theirs: Link?
  /// Of a rename, the contact's other address: the one it had, or the one it is to leave.
  package var other: OtherAddress?
  /// Nobody changed the person since they came, and nobody depends on them.
  package var isUntouched = false
  /// Something was sent of the person to another audience or address.
  package var isSentElsewhere = false

  package struct OtherAddress: Sendable, Equatable {
    package var resolution: GroupResolution
    package var link: Link?

    package init(resolution: GroupResolution, link: Link?) {
      self.resolution = resolution
      self.link = link
    }
  }

  package init(
    resolution: GroupResolution, link: Link?, suppression: Suppression?, planner: SyncPlanner
  ) {
    self.resolution = resolution
    self.link = link
    self.suppression = suppression
    self.planner = planner
  }

  /// Of the desired member as it is now.
  var digest: Int64? { planner.desired(resolution)?.digest }
}

package enum Undo {
  package static func decide(_ outcome: RowOutcome, _ context: UndoContext) -> Undoing {
    switch outcome.result {
    case .skipped where outcome.reason == "changed-there":
      return .stays("noticed", "Only seen here; undo the execution that took it or wrote over it.")
    case .unchanged, .excluded, .refused, .skipped: return .nothing
    case .suppressed:
      return .stays(
        "theirs", "It was decided at Mailchimp; who left there is never put back by an undo.")
    case .created, .updated, .unsubscribed, .archived: break
    }
    if outcome.reason == "status-there" {
      return .stays("theirs", "It was decided at Mailchimp, not by us.")
    }
    if outcome.reason == "arrival" { return withdraw(outcome, context) }
    let here = outcome.changes.filter(\.isHere)
    if here.isEmpty { return there(outcome, context) }
    let back = putBack(outcome, here, context)
    if here.count == outcome.changes.count { return back }
    var sent = outcome
    sent.changes.removeAll(where: \.isHere)
    return both(there(sent, context), back)
  }

  /// What was sent, taken back.
  private static func there(_ outcome: RowOutcome, _ context: UndoContext) -> Undoing {
    let fields = outcome.changes.filter { $0.name != "status" }
    if let move = fields.first(where: { $0.name == FieldConflict.emailTag }) {
      return renameBack(outcome, move, fields.filter { $0 != move }, context)
    }
    guard let link = context.link, let status = link.status else {
      return .stays("gone", "Mailchimp does not have this contact any more.")
    }
    switch outcome.result {
    case .created: return unmake(outcome, link, status, context)
    case .archived: return revive(outcome, link, status, context)
    case .unsubscribed: return resubscribe(outcome, fields, link, status, context)
    default: return restore(outcome, fields, link, context)
    }
  }

  /// One row of both halves; where only one can be undone, it says so of the other.
  private static func both(_ there: Undoing, _ here: Undoing) -> Undoing {
    switch (there, here) {
    case (.row(var row), .row(let back)):
      row.changes += back.changes
      row.remarks += back.remarks
      return .row(row)
    case (.row(var row), .stays(_, let sentence)), (.stays(_, let sentence), .row(var row)):
      row.remarks.append(sentence)
      return .row(row)
    case (.nothing, let other), (let other, .nothing): return other
    case (.stays(let code, let first), .stays(_, let second)):
      return .stays(code, first == second ? first : "\(first) \(second)")
    }
  }

  private static func row(
    _ outcome: RowOutcome, _ link: Link, _ action: PlanAction, status: MemberStatus?,
    _ changes: [FieldChange], _ context: UndoContext
  ) -> Undoing {
    .row(
      PlanRow(
        key: outcome.key, email: link.email, person: outcome.person ?? link.owner, action: action,
        status: status, changes: changes, digest: context.digest ?? link.digest ?? 0))
  }

  private static func change(_ old: MemberStatus, _ new: MemberStatus) -> FieldChange {
    FieldChange("status", old: .text(old.rawValue), new: .text(new.rawValue))
  }

  /// Who was added is archived: nothing of them is lost.
  private static func unmake(
    _ outcome: RowOutcome, _ link: Link, _ status: MemberStatus, _ context: UndoContext
  ) -> Undoing {
    switch status {
    case .subscribed, .transactional:
      return row(
        outcome, link, .archive, status: nil, [change(status, .archived)], context)
    case .pending:
      return .stays("pending", "Who has not confirmed yet cannot be archived.")
    case .unsubscribed, .cleaned, .archived:
      return .stays("moved", "It is \(status.rawValue) by now.")
    }
  }

  private static func revive(
    _ outcome: RowOutcome, _ link: Link, _ status: MemberStatus, _ context: UndoContext
  ) -> Undoing {
    guard status == .archived, link.endedByUs else {
      return .stays("moved", "It is \(status.rawValue) by now, not by us.")
    }
    guard link.agreedStatus == .subscribed else {
      return .stays("not-subscribed", "It was not subscribed before.")
    }
    if let bar = bar(context) { return bar }
    if context.resolution.recipient == nil, context.planner.policy.leavers != .keep {
      return .stays(
        "leaver", "They still leave by the rule for leavers; the next sync would end it again.")
    }
    return row(outcome, link, .create, status: .subscribed, [change(status, .subscribed)], context)
  }

  private static func resubscribe(
    _ outcome: RowOutcome, _ fields: [FieldChange], _ link: Link, _ status: MemberStatus,
    _ context: UndoContext
  ) -> Undoing {
    guard status == .unsubscribed, link.endedByUs else {
      return .stays("moved", "It is \(status.rawValue) by now, not by us.")
    }
    if let bar = bar(context) { return bar }
    guard context.resolution.recipient != nil, context.resolution.consent == .yes else {
      return .stays("opt-in-needed", "Only an opt-in of their own subscribes them again.")
    }
    let before = outcome.changes.first { $0.name == "status" }?.old.plainText ?? ""
    let old: MemberStatus = before == MemberStatus.pending.rawValue ? .pending : .subscribed
    guard let restored = reversed(fields, link) else { return moved(fields, link) }
    return row(outcome, link, .update, status: old, [change(status, old)] + restored, context)
  }

  private static func restore(
    _ outcome: RowOutcome, _ fields: [FieldChange], _ link: Link, _ context: UndoContext
  ) -> Undoing {
    if outcome.changes.contains(where: { $0.name == "status" }) {
      return .stays("opted-in", "It follows an opt-in; clear the opt-in instead.")
    }
    if fields.isEmpty { return .nothing }
    guard let restored = reversed(fields, link) else { return moved(fields, link) }
    if link.status == .cleaned || link.status == .archived {
      return .stays("moved", "It is \(link.status?.rawValue ?? "gone") by now.")
    }
    return row(outcome, link, .update, status: nil, restored, context)
  }

  /// The changes turned round; nil where one of the values is another by now.
  static func reversed(_ fields: [FieldChange], _ link: Link) -> [FieldChange]? {
    let isAsLeft = fields.allSatisfy { $0.new.agrees(with: link.seen[$0.name] ?? .empty) }
    return isAsLeft ? fields.map { FieldChange($0.name, old: $0.new, new: $0.old) } : nil
  }

  private static func moved(_ fields: [FieldChange], _ link: Link) -> Undoing {
    let names = fields.filter { !$0.new.agrees(with: link.seen[$0.name] ?? .empty) }.map(\.name)
    return .stays("moved", "Changed since: \(names.sorted().joined(separator: ", ")).")
  }

  /// What bars a subscription, whoever asks for it.
  private static func bar(_ context: UndoContext) -> Undoing? {
    if context.resolution.isOptedOut {
      return .stays("opted-out", "They opted out.")
    }
    if let suppression = context.suppression {
      return .stays("suppressed", suppression.reason.sentence)
    }
    return nil
  }

  /// Whether what a row sends may still be sent: all is as it was when it was planned.
  package static func stands(_ row: PlanRow, _ context: UndoContext) -> Bool {
    if row.action == .rename { return mayRename(row, context) }
    guard let link = context.link, let status = link.status else { return false }
    if row.action == .create || row.status == .subscribed || row.status == .pending {
      guard link.endedByUs, bar(context) == nil else { return false }
    }
    return row.changes.allSatisfy { change in
      change.isHere
        || (change.name == "status"
          ? change.old == .text(status.rawValue)
          : change.old.agrees(with: link.seen[change.name] ?? .empty))
    }
  }
}

extension Link {
  /// After a restored row: what stands on either side is agreed to, different as it is, so that the
  /// next sync leaves it alone until one of them changes that field. `desired` is what the directory
  /// holds now.
  package static func restored(
    _ row: PlanRow, desired: DesiredMember?, before: Link?, answered: Member?, audienceID: String,
    at: Instant
  ) -> Agreement {
    var agreement = Link.agreed(
      after: row, desired: nil, before: before, answered: answered, audienceID: audienceID, at: at)
    for (tag, value) in row.values {
      agreement.link.agreeToDiffer(
        tag, ours: desired?.values[tag] ?? value, theirs: agreement.link.seen[tag] ?? value)
    }
    if row.from != nil {
      agreement.link.agreed?[FieldConflict.emailTag] = .text(row.key.description)
      agreement.link.decided[FieldConflict.emailTag] = nil
    }
    if agreement.unexpectedStatus == nil, let desired { agreement.link.digest = desired.digest }
    return agreement
  }

  /// After a value was put back here that only Mailchimp may change: the next change there is taken.
  package mutating func putBack(_ held: [String: MergeValue]) {
    for (tag, value) in held { agreeToDiffer(tag, ours: value, theirs: seen[tag] ?? .empty) }
    digest = nil
  }

  /// As it was before somebody arrived from it; it becomes nobody again until it changes.
  package mutating func withdraw(arrival digest: Int64?) {
    owner = nil
    agreed = nil
    agreedStatus = nil
    kept = [:]
    decided = [:]
    self.digest = digest
  }

  private mutating func agreeToDiffer(_ tag: String, ours: MergeValue, theirs: MergeValue) {
    agreed = agreed ?? [:]
    agreed?[tag] = ours
    kept[tag] = ours.agrees(with: theirs) ? nil : theirs
    decided[tag] = nil
  }
}
