// One run of a flow and what it leaves behind: status, counts, steps, row outcomes, requests, log
// lines (product.md §7).

import Basics

package typealias ExecutionID = Identifier<Execution>
package typealias PlanID = Identifier<PlanSummary>

package enum FlowKind: String, Sendable, CaseIterable {
  case pushPeople = "directory → Mailchimp"
  case pullMembers = "Mailchimp → directory"
  case tags
  case verification
  case refresh
  case writeBack = "directory → source"
  case backup
  /// Making, checking and repairing the webhook itself.
  case webhook
}

/// What started an execution.
package enum Trigger: String, Sendable, CaseIterable {
  case change, webhook, poll, schedule
  case forceSync = "force sync"
  case resync, retry, replay
  /// Asked for by somebody: a verification, a repair.
  case request
  /// Takes back what another execution did.
  case undo
}

package enum ExecutionStatus: String, Sendable, CaseIterable {
  case waiting, running, succeeded, partial, failed, held, cancelled

  package var isFinished: Bool {
    switch self {
    case .waiting, .running, .held: false
    case .succeeded, .partial, .failed, .cancelled: true
    }
  }
}

/// People by what happened to them. `excluded` and `unchanged` are counted, not listed.
package struct ExecutionCounts: Sendable, Hashable {
  package var created = 0
  package var updated = 0
  package var unchanged = 0
  package var unsubscribed = 0
  package var archived = 0
  /// Contacts somebody deleted at Mailchimp.
  package var deleted = 0
  package var excluded = 0
  package var refused = 0

  package init() {}

  package var changed: Int { created + updated + unsubscribed + archived + deleted }

  package static func += (a: inout Self, b: Self) {
    a.created += b.created
    a.updated += b.updated
    a.unchanged += b.unchanged
    a.unsubscribed += b.unsubscribed
    a.archived += b.archived
    a.deleted += b.deleted
    a.excluded += b.excluded
    a.refused += b.refused
  }
}

package struct Execution: Sendable, Equatable, Identifiable {
  package var id: ExecutionID
  package var flow: FlowKind
  package var trigger: Trigger
  package var attempt: Int
  /// When it is a retry or replay: of which one.
  package var original: ExecutionID?
  package var status: ExecutionStatus
  package var counts: ExecutionCounts
  package var detectedChanges: Bool
  package var queuedAt: Instant
  package var startedAt: Instant?
  package var finishedAt: Instant?
  package var heartbeatAt: Instant?
  /// People done and people to do, where known.
  package var done: Int
  package var total: Int?
  package var plan: PlanID?
  package var problem: Problem?
  package var audienceID: String?
  /// It looks at everybody, those too who stood unsent at set-up: a resync, whoever asked for it.
  package var isForEveryone = false
  /// In whose name it writes into the directory; nil where that is not a person's wish.
  package var askedBy: String?
  /// How long its plan waited for a look, once that was given.
  package var waitedMilliseconds: Int64 = 0

  package init(
    id: ExecutionID, flow: FlowKind, trigger: Trigger, attempt: Int = 1,
    original: ExecutionID? = nil, status: ExecutionStatus = .waiting, queuedAt: Instant
  ) {
    self.id = id
    self.flow = flow
    self.trigger = trigger
    self.attempt = attempt
    self.original = original
    self.status = status
    self.queuedAt = queuedAt
    counts = ExecutionCounts()
    detectedChanges = false
    done = 0
  }

  /// Start to end in milliseconds, once both are known; without what it waited for somebody.
  package var tookMilliseconds: Int64? {
    guard let startedAt, let finishedAt else { return nil }
    return finishedAt.milliseconds - startedAt.milliseconds - waitedMilliseconds
  }
}

/// What happened to one person in one execution.
package enum RowResult: String, Sendable, CaseIterable {
  case created, updated, unsubscribed, archived, unchanged, excluded, refused, skipped, suppressed
}

/// One old and new value. There, at Mailchimp, the name is a merge tag, `status`, or `EMAIL`; here
/// it is a person field.
package struct FieldChange: Sendable, Hashable {
  package var name: String
  package var old: MergeValue
  package var new: MergeValue
  /// Taken from Mailchimp into the directory.
  package var isHere: Bool

  package init(_ name: String, old: MergeValue, new: MergeValue, isHere: Bool = false) {
    self.name = name
    self.old = old
    self.new = new
    self.isHere = isHere
  }
}

/// A person touched or refused by an execution, with before and after; also the undo image.
package struct RowOutcome: Sendable, Equatable {
  package var person: PersonID?
  package var key: AddressKey
  package var result: RowResult
  /// A stable code; empty when there is nothing to explain.
  package var reason: String
  package var sentence: String
  package var changes: [FieldChange]

  package init(
    person: PersonID?, key: AddressKey, result: RowResult, reason: String = "",
    sentence: String = "", changes: [FieldChange] = []
  ) {
    self.person = person
    self.key = key
    self.result = result
    self.reason = reason
    self.sentence = sentence
    self.changes = changes
  }
}

/// A line for the administrator, stored with its execution; the sentence is complete by itself.
package struct LogLine: Sendable, Equatable {
  package var at: Instant
  package var level: LogLevel
  package var sentence: String
  package var fields: [String: String]

  package init(at: Instant, _ level: LogLevel, _ sentence: String, fields: [String: String] = [:]) {
    self.at = at
    self.level = level
    self.sentence = sentence
    self.fields = fields
  }
}
