// What the session says by itself: that something was asked of the engine, and how a run ended.

import Domain

extension ConsoleSession {
  /// What is said when a run has ended: always of one that somebody asked for, otherwise only of
  /// one that did not go well, because polls come and go.
  func notice(ofEnd run: Execution) -> Notice? {
    let text = "\(run.id) \(Wording.name(run)) \(run.status.rawValue)"
    switch run.status {
    case .failed:
      return Notice(
        .error,
        run.problem.map { "\(text): \($0.description)" }
          ?? "\(text): press \(world.keys[.executions]).")
    case .partial: return Notice(.warning, "\(text): \(Wording.counts(run.counts)).")
    case .succeeded, .cancelled:
      let isAskedFor = [.forceSync, .resync, .retry, .replay, .request, .undo].contains(run.trigger)
      let outcome =
        run.flow == .verification
        ? "Review (\(world.keys[.review])) shows what differs" : Wording.outcome(run)
      return isAskedFor ? Notice(.success, "\(text): \(outcome).") : nil
    case .waiting, .running, .held: return nil
    }
  }

  /// What is said at once when something is asked of the engine.
  func sentence(_ request: Request) -> String {
    let runs = "Executions (\(world.keys[.executions]))"
    return switch request {
    case .forceSync: "Force sync was asked for; \(runs) shows it."
    case .resync: "A resync was asked for; \(runs) shows it."
    case .dryRun: "A plan was asked for; Review (\(world.keys[.review])) shows it."
    case .syncPerson(let id): "Person \(id) is synced next."
    case .approvePlan(let id): "Plan \(id) is approved; \(runs) shows it being applied."
    case .discardPlan(let id): "Plan \(id) is discarded; nothing was written."
    case .retryExecution(let id): "A retry of what failed in \(id) was asked for."
    case .replayExecution(let id): "A replay of \(id) was asked for."
    case .cancelExecution(let id): "\(id) stops at the next safe point."
    case .reviveMessage: "The dead letter is sent again."
    case .discardMessage: "The dead letter is discarded."
    case .pause: "Everything is paused; \(world.keys[GlobalKeys.pause]) enables it again."
    case .enable: "Everything is enabled."
    case .settingsChanged: "The engine looks at the settings again."
    case .verify: "A verification was asked for; \(runs) shows it."
    case .repairDrift: "A repair was asked for; \(runs) shows it."
    case .undoExecution(let id): "Undoing \(id) was asked for; \(runs) shows it."
    case .refresh: "The source of people is read again; \(runs) shows it."
    case .decideConflict: "Decided; the value that counts is carried over."
    case .liftSuppression(let id): "Person \(id) may be added again."
    case .askAgain(let id): "Mailchimp asks person \(id) to confirm."
    case .runSchedule(let id): "Schedule \(id) runs now; \(runs) shows it."
    case .checkWebhook: "The webhook is looked at next."
    case .removeWebhook: "The webhook is deleted; changes are found by polling."
    case .addContact(let key): "\(key) becomes a person here."
    }
  }
}
