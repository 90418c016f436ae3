// What a sync would do, row by row: the planner makes rows, a dry run stores them, *apply* executes
// exactly them.

import Basics

package enum PlanAction: String, Sendable, CaseIterable {
  case create, update, unsubscribe, archive
  /// The address changed: the contact is renamed in place.
  case rename
  /// Nothing is sent; values are taken into the directory.
  case take
  /// A contact nobody here stands behind becomes a person.
  case arrival
  /// An undo: values that were taken give way to those of before.
  case restore
  /// An undo: who arrived is marked deleted here.
  case delete
  /// Nothing but tags: they are told by the tags flow, and no chunk carries the row.
  case tags
}

/// One address and what is to happen to it.
package struct PlanRow: Sendable, Equatable {
  package var key: AddressKey
  /// The address as it is sent.
  package var email: String
  package var person: PersonID?
  package var action: PlanAction
  /// Of a rename: the address it had.
  package var from: AddressKey?
  /// The status to send, nil to leave the member's own alone; for `create` the status of the new
  /// member.
  package var status: MemberStatus?
  package var changes: [FieldChange]
  /// Remarks for people: a value was cut, a field left out.
  package var remarks: [String]
  /// Digest of the desired member; a row whose digest has moved is skipped and planned anew.
  package var digest: Int64
  /// What goes into the directory, for the person, or for the new one of an arrival; `changes`
  /// shows it.
  package var edits: [PersonEdit] = []
  /// Fields that changed on both sides, and what becomes of each.
  package var conflicts: [FieldConflict] = []
  /// Tags that follow, as far as they can be told beforehand.
  package var tags = TagForecast()
  /// Unsubscribed because they opted out here: sent whatever becomes of the plan.
  package var isOptOut = false

  package init(
    key: AddressKey, email: String, person: PersonID?, action: PlanAction, status: MemberStatus?,
    changes: [FieldChange], remarks: [String] = [], digest: Int64
  ) {
    self.key = key
    self.email = email
    self.person = person
    self.action = action
    self.status = status
    self.changes = changes
    self.remarks = remarks
    self.digest = digest
  }
}

/// The tags somebody gains and loses, by their names, in order.
package struct TagForecast: Sendable, Equatable {
  package var gained: [String]
  package var lost: [String]

  package init(gained: [String] = [], lost: [String] = []) {
    self.gained = gained
    self.lost = lost
  }

  package var isEmpty: Bool { gained.isEmpty && lost.isEmpty }

  /// As lists and exports show it: `tag VIP`, nothing before, held after.
  package var changes: [FieldChange] {
    gained.map { FieldChange(tag: $0, isGain: true) }
      + lost.map { FieldChange(tag: $0, isGain: false) }
  }
}

extension FieldChange {
  package init(tag name: String, isGain: Bool) {
    let held = MergeValue.text("held")
    self.init("tag \(name)", old: isGain ? .empty : held, new: isGain ? held : .empty)
  }
}

/// A value taken from Mailchimp.
package struct PersonEdit: Sendable, Equatable {
  package var field: PersonField
  package var value: PersonValue
  /// The merge tag it comes from, or `EMAIL`.
  package var tag: String
  /// What the person held when it was planned: another value by now is an edit of its own. Nil for
  /// somebody who arrives.
  package var old: PersonValue?

  package init(
    _ field: PersonField, _ value: PersonValue, from tag: String, old: PersonValue? = nil
  ) {
    self.field = field
    self.value = value
    self.tag = tag
    self.old = old
  }
}

/// Counts of a plan: what would happen to how many.
package struct PlanCounts: Sendable, Hashable {
  package var create = 0
  package var update = 0
  package var unsubscribe = 0
  package var archive = 0
  /// People whose values are taken from Mailchimp, and people who arrive from there.
  package var take = 0
  package var arrival = 0
  /// Confirmation mails Mailchimp will send because of double opt-in.
  package var confirmations = 0
  package var unchanged = 0
  package var excluded = 0
  package var refused = 0
  /// Tags people gain and lose, each counted once a person.
  package var tagsAdded = 0
  package var tagsRemoved = 0

  /// What discarding the plan does not do; nil where nobody in it opted out.
  package var optOutWarning: String? {
    guard optOuts > 0 else { return nil }
    let who = optOuts == 1 ? "1 person in it" : "\(optOuts) people in it"
    return
      "\(who) opted out here, and an opt-out is never dropped: \(optOuts == 1 ? "it is" : "they are")"
      + " sent all the same, at once, or, being too many, with a new plan that waits for a look."
  }

  package static let tagWarning =
    "Placing tags on many may start automations that wait for a tag at Mailchimp."
  /// Of those to update, people whom their source no longer names.
  package var vanished = 0
  /// People whose values an undo puts back here, and who arrived and are marked deleted by it.
  package var restore = 0
  package var delete = 0
  /// Of those to unsubscribe, who opted out here.
  package var optOuts = 0

  package init() {}

  package var rows: Int {
    create + update + unsubscribe + archive + take + arrival + restore + delete
  }

  package mutating func add(_ row: PlanRow) { change(row, by: 1) }

  /// Where another row takes its place.
  package mutating func take(out row: PlanRow) { change(row, by: -1) }

  private mutating func change(_ row: PlanRow, by step: Int) {
    switch row.action {
    case .create: create += step
    case .update, .rename: update += step
    case .take: take += step
    case .arrival: arrival += step
    case .restore: restore += step
    case .delete: delete += step
    case .unsubscribe: unsubscribe += step
    case .archive: archive += step
    case .tags: break
    }
    tagsAdded += row.tags.gained.count * step
    tagsRemoved += row.tags.lost.count * step
    if row.status == .pending { confirmations += step }
    if row.isOptOut { optOuts += step }
  }
}

package enum PlanStatus: String, Sendable, CaseIterable {
  case drafting, ready, held, approved, discarded, applied
}

/// Whose plan it is: what `approve` will carry out.
package enum PlanKind: String, Sendable, CaseIterable {
  case sync
  /// Single changes that added up.
  case changes = "single changes"
  case refresh, undo, repair

  package init(_ flow: FlowKind, _ trigger: Trigger) {
    self =
      switch (flow, trigger) {
      case (.refresh, _): .refresh
      case (_, .undo): .undo
      case (_, .request): .repair
      case (_, .change), (_, .retry): .changes
      default: .sync
      }
  }

  /// What `sync --approve latest` may pick, and `refresh --approve latest`.
  package static let ofSync: Set<PlanKind> = [.sync, .changes]
  package static let ofRefresh: Set<PlanKind> = [.refresh]
}

package struct PlanSummary: Sendable, Equatable {
  package var id: PlanID
  package var execution: ExecutionID
  package var status: PlanStatus
  /// Why it is held, as a sentence; empty when it is not.
  package var reason: String
  package var counts: PlanCounts
  package var createdAt: Instant
  package var kind: PlanKind

  package init(
    id: PlanID, execution: ExecutionID, status: PlanStatus, reason: String, counts: PlanCounts,
    createdAt: Instant, kind: PlanKind = .sync
  ) {
    self.id = id
    self.execution = execution
    self.status = status
    self.reason = reason
    self.counts = counts
    self.createdAt = createdAt
    self.kind = kind
  }
}
