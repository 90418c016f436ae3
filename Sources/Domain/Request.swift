// What a console or a command asks of the engine. A console never calls the engine, not even the
// one in its own process: it writes one of these into the workspace and reads what happens.

import Basics

package typealias RequestID = Identifier<Request>

package enum Request: Sendable, Equatable {
  /// Now, what changed. `approve` skips the look at the first plan (`demo`, `sync --approve`).
  case forceSync(approve: Bool)
  /// Now, everyone.
  case resync(approve: Bool)
  case dryRun
  case syncPerson(PersonID)
  case approvePlan(PlanID)
  case discardPlan(PlanID)
  case retryExecution(ExecutionID)
  case replayExecution(ExecutionID)
  case cancelExecution(ExecutionID)
  case reviveMessage(Int64)
  case discardMessage(Int64)
  case pause
  case enable
  /// Somebody changed settings or mapping: look again.
  case settingsChanged
  /// Compare directory and audience: everybody, or so many random addresses.
  case verify(sample: Int?, seed: UInt64? = nil)
  /// Bring the addresses of these differences in step.
  case repairDrift(DriftSelection)
  /// Put back what an execution changed, where that is possible.
  case undoExecution(ExecutionID)
  /// Read the source of people again.
  case refresh
  case decideConflict(ConflictID, ConflictDecision)
  /// Others took the person out at Mailchimp, and the administrator says they may be added again.
  case liftSuppression(PersonID)
  /// Mailchimp is to ask them whether they want to come back: *pending*, until they confirm.
  case askAgain(PersonID)
  /// Now, beside its times.
  case runSchedule(ScheduleID)
  /// Make, check and repair the audience's webhook, now.
  case checkWebhook
  /// Delete it and go on by polling alone: the public address is unset.
  case removeWebhook
  /// A contact nobody here stands behind becomes a person, as an arrival does.
  case addContact(AddressKey)

  /// The word it is stored under.
  package var name: String {
    switch self {
    case .forceSync: "force sync"
    case .resync: "resync"
    case .dryRun: "dry run"
    case .syncPerson: "sync person"
    case .approvePlan: "approve plan"
    case .discardPlan: "discard plan"
    case .retryExecution: "retry execution"
    case .replayExecution: "replay execution"
    case .cancelExecution: "cancel execution"
    case .reviveMessage: "revive message"
    case .discardMessage: "discard message"
    case .pause: "pause"
    case .enable: "enable"
    case .settingsChanged: "settings changed"
    case .checkWebhook: "check webhook"
    case .removeWebhook: "remove webhook"
    case .verify: "verify"
    case .repairDrift: "repair drift"
    case .undoExecution: "undo execution"
    case .refresh: "refresh"
    case .decideConflict: "decide conflict"
    case .liftSuppression: "lift suppression"
    case .askAgain: "ask again"
    case .runSchedule: "run schedule"
    case .addContact: "add contact"
    }
  }
}

/// Which of the open differences are meant.
package enum DriftSelection: Sendable, Equatable {
  case rows([Int64])
  /// All of one kind; nil for all.
  case all(DriftClass?)
}

/// What became of a request.
package enum RequestAnswer: Sendable, Equatable {
  case waiting
  /// Taken; the execution it started or joined, where there is one.
  case done(ExecutionID?)
  case refused(Problem)
}
