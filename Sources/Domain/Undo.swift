// Undo: what an execution did to one contact, taken back from its before-image. What must stay true:
// nobody is subscribed against their word or by a rule that would end it again at once; where the
// world has moved since, nothing is touched; what cannot be undone says why.

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

package struct UndoContext: Sendable {
  package var resolution: GroupResolution
  package var link: Link?
  package var suppression: Suppression?
  /// Of the desired member as it is now.
  package var digest: Int64?
  package var leavers: LeaverRule

  package init(
    resolution: GroupResolution, link: Link?, suppression: Suppression?, digest: Int64?,
    leavers: LeaverRule
  ) {
    self.resolution = resolution
    self.link = link
    self.suppression = suppression
    self.digest = digest
    self.leavers = leavers
  }
}

package enum Undo {
  package static func decide(_ outcome: RowOutcome, _ context: UndoContext) -> Undoing {
    switch outcome.result {
    case .unchanged, .excluded, .refused, .skipped: return .nothing
    case .suppressed:
      return .stays("theirs", "It was decided at Mailchimp, not by us.")
    case .created, .updated, .unsubscribed, .archived: break
    }
    let sent = outcome.changes.filter { !$0.isHere }
    if outcome.reason == "arrival" {
      return .stays("arrival", "They came from Mailchimp; delete the person here.")
    }
    if sent.isEmpty, !outcome.changes.isEmpty {
      return .stays("taken", "Taken from Mailchimp; the person's history has the old value.")
    }
    guard let link = context.link, let status = link.status else {
      return .stays("gone", "Mailchimp does not have this contact any more.")
    }
    let fields = sent.filter { $0.name != "status" }
    if fields.contains(where: { $0.name == FieldConflict.emailTag }) {
      return .stays("renamed", "The address was changed; give the person the old one again.")
    }
    switch outcome.result {
    case .created: return unmake(outcome, link, status, context)
    case .archived: return revive(outcome, link, status, context)
    case .unsubscribed: return resubscribe(outcome, fields, link, status, context)
    default: return restore(outcome, fields, link, context)
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
    if context.resolution.recipient == nil, context.leavers != .keep {
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
  private static func reversed(_ fields: [FieldChange], _ link: Link) -> [FieldChange]? {
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

  /// Whether a row of an undo may still be carried out: all is as it was when it was planned.
  package static func stands(_ row: PlanRow, _ context: UndoContext) -> Bool {
    guard let link = context.link, let status = link.status else { return false }
    if row.action == .create || row.status == .subscribed || row.status == .pending {
      guard link.endedByUs, bar(context) == nil else { return false }
    }
    return row.changes.allSatisfy { change in
      change.name == "status"
        ? change.old == .text(status.rawValue)
        : change.old.agrees(with: link.seen[change.name] ?? .empty)
    }
  }
}

extension Link {
  /// After a restored row: the values of before are what both agree on for the directory as it is
  /// now, so that the next sync leaves them alone until the person changes here.
  package static func restored(
    _ row: PlanRow, digest: Int64?, before: Link?, answered: Member?, audienceID: String,
    at: Instant
  ) -> Agreement {
    var agreement = Link.agreed(
      after: row, desired: nil, before: before, answered: answered, audienceID: audienceID, at: at)
    var agreed = agreement.link.agreed ?? [:]
    for (tag, value) in row.values {
      agreed[tag] = value
      agreement.link.kept[tag] = nil
      agreement.link.decided[tag] = nil
    }
    agreement.link.agreed = agreed
    if agreement.unexpectedStatus == nil, let digest { agreement.link.digest = digest }
    return agreement
  }
}

/// What an undo would do, before it is asked for.
package struct UndoPreview: Sendable, Equatable {
  package var execution: ExecutionID
  package var counts = PlanCounts()
  /// What stays, by reason, most first.
  package var stays: [Stay] = []

  package struct Stay: Sendable, Equatable {
    package var sentence: String
    package var count: Int
  }

  package init(_ execution: ExecutionID) { self.execution = execution }

  package mutating func add(_ undoing: Undoing) {
    switch undoing {
    case .row(let row): counts.add(row)
    case .nothing: break
    case .stays(_, let sentence):
      if let place = stays.firstIndex(where: { $0.sentence == sentence }) {
        stays[place].count += 1
      } else {
        stays.append(Stay(sentence: sentence, count: 1))
      }
    }
  }

  /// `3 get old values back, 2 are archived`
  package var sentence: String {
    let parts = [
      (counts.update, "get their old values back"), (counts.create, "come back"),
      (counts.archive, "are archived"), (counts.unsubscribe, "are unsubscribed"),
    ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    return parts.isEmpty ? "nothing can be undone" : parts.joined(separator: ", ")
  }
}
