// Writes an outcome: everything a piece of work leaves behind and the end of its messages, in one
// transaction that begins with the fence. If a lease was lost meanwhile, all of it is undone: the
// work is in other hands and will be told by them.

import Basics
import Domain
import Queue
import Storage

/// A piece of work that was leased: some messages, one execution.
struct LeasedWork: Sendable {
  var kind: MessageKind
  var messages: [Message]
  var token: String
  var execution: Execution
  var addresses: Set<AddressKey>
  /// Where they have contacts besides: in hand as well, because these may be renamed.
  var former: Set<AddressKey> = []
}

struct Recorder: Sendable {
  let term: Int64
  let policy: RetryPolicy

  func record(
    _ outcome: Outcome, of work: LeasedWork, jitter: Double, _ tx: WorkspaceTransaction
  ) throws(Problem) {
    try EngineLock.fence(term: term, on: tx)
    let id = work.execution.id
    var outcome = outcome
    if let source = outcome.source, try !tx.executions.wantsCancel(id) {
      try SourceRecorder.write(source, into: &outcome, tx)
    }
    if work.kind == .survey { try SurveyAgain.look(work, &outcome, tx) }
    try PutBack(execution: work.execution).write(&outcome, tx)
    try Takings.leaveOutEdited(
      &outcome, audienceID: work.execution.audienceID ?? "", tx)
    try saveFindings(&outcome, of: work, tx)
    try lookAgain(&outcome, of: work, tx)
    if let step = outcome.step {
      try tx.executions.beginStep(step.name, of: id)
      try tx.executions.endStep(step.name, of: id, as: step.status, output: step.output)
    }
    if let total = outcome.total { try tx.executions.setTotal(total, of: id) }
    try tx.executions.add(
      outcome.counts, done: outcome.done, hasNoticed: outcome.hasNoticed, to: id)
    if let plan = outcome.plan {
      try tx.plans.append(outcome.planRows, to: plan)
      if let counts = outcome.planCounts { try tx.plans.setCounts(counts, of: plan) }
    }
    let isCancelled = try tx.executions.wantsCancel(id)
    let isApproved =
      work.kind.isLook ? try PlanApplication.isApprovedBeforehand(id, tx) : false
    let end = try finishMessages(outcome, of: work, isCancelled: isCancelled, jitter: jitter, tx)
    try carryOnTags(&outcome, of: work, end, tx)
    if !isCancelled {
      for message in outcome.next { try MessageQueue.enqueue(message, on: tx.database) }
    }
    if outcome.blockedBy == nil, outcome.hasSucceeded, try tx.engine.record().blockedBy != nil {
      try tx.engine.setBlocked(by: nil)
    }
    if isApproved, case .planned(.hold) = outcome.ending { outcome.ending = .planned(.apply) }
    if !outcome.heldRows.isEmpty, !isCancelled {
      try hold(outcome, of: work, tx)
    } else {
      try finishExecution(outcome, of: work, end, isCancelled: isCancelled, tx)
    }
    if isApproved { try PlanApplication.approveBeforehand(id, tx) }
  }

  private func saveFindings(
    _ outcome: inout Outcome, of work: LeasedWork, _ tx: WorkspaceTransaction
  ) throws(Problem) {
    let id = work.execution.id
    let audienceID = work.execution.audienceID ?? ""
    try tx.links.remove(audienceID, at: outcome.goneLinks)
    try tx.links.see(outcome.seen, in: audienceID)
    try tx.consent.noteHandovers(outcome.links, at: tx.now)
    try tx.links.save(outcome.links)
    for link in outcome.links {
      let open = Set(link.decided.filter { $0.value == .open }.keys)
      try tx.conflicts.close(audienceID, at: link.key, except: open)
    }
    try tx.conflicts.record(
      outcome.conflicts, in: audienceID, execution: id, by: "the rule")
    try tx.consent.lift(outcome.lifted, in: audienceID)
    try tx.consent.suppress(outcome.suppressions, in: audienceID)
    try tx.consent.record(outcome.consent)
    try tx.consent.noteDepartures(outcome.standings.keys, from: audienceID, at: tx.now)
    try tx.standings.save(outcome.standings.map { (person: $0.key, $0.value) })
    if let owner = outcome.keyOwner { try tx.engine.setKeyOwner(owner) }
    try Takings(audienceID: audienceID, execution: id).write(&outcome, tx)
    if let audience = outcome.audience { try tx.audiences.save([audience]) }
    if let fields = outcome.mergeFields {
      try tx.audiences.saveMergeFields(fields, of: audienceID)
    }
    if let growth = outcome.growth { try tx.figures.save(growth, of: audienceID) }
    if let progress = outcome.progress { try tx.audiences.save(progress, of: audienceID) }
    try tx.executions.record(outcome.rows, of: id)
    let refused = outcome.rows.filter { $0.result == .refused }.map(\.key)
    try tx.links.forgetAttempts(at: refused + outcome.notDone, in: audienceID)
    try tx.links.forgetTagging(at: outcome.tagsSeen, in: audienceID)
    try tx.executions.record(outcome.exchanges, of: id)
    try tx.executions.log(outcome.log, of: id)
    try saveVerification(outcome, of: work, tx)
    try saveTags(outcome, of: work, tx)
    try tx.webhooks.finish(outcome.webhookLooks, in: id)
    for record in outcome.webhooks { try tx.webhooks.save(record) }
    if outcome.wantsPoll { try tx.engine.setNextPoll(tx.now) }
  }

  /// Whoever stands at an address that a reading found barred, or free again, stands anew, also where
  /// nothing of it was ever theirs at Mailchimp; and where somebody new is to confirm, who opted out
  /// here. Before the first sync the survey looks at everybody.
  private func lookAgain(
    _ outcome: inout Outcome, of work: LeasedWork, _ tx: WorkspaceTransaction
  ) throws(Problem) {
    let asked = outcome.links.filter { $0.owner == nil && $0.status == .pending }
    let keys = Set(outcome.suppressions.map(\.key) + outcome.lifted + asked.map(\.key))
    guard work.kind == .readAudience || work.kind == .pullMember, !keys.isEmpty else { return }
    if work.kind == .readAudience,
      try tx.audiences.progress(of: work.execution.audienceID ?? "").firstSyncAt == nil
    {
      return
    }
    for key in try tx.candidates.primaryAddresses(among: keys).sorted() {
      outcome.next.append(SyncAddress.message(key, at: tx.now))
    }
  }

  /// What became of tags; and who is to be compared with them, because something about them changed.
  private func saveTags(
    _ outcome: Outcome, of work: LeasedWork, _ tx: WorkspaceTransaction
  ) throws(Problem) {
    try tx.tags.record(outcome.tags)
    // What a verification finds is repaired when somebody says so.
    guard work.kind != .syncTags, work.execution.flow != .verification else { return }
    var keys = work.addresses
    keys.formUnion(outcome.rows.map(\.key))
    if work.kind == .survey { keys.formUnion(outcome.links.map(\.key)) }
    try tx.tags.touch(keys, in: work.execution.audienceID ?? "")
  }

  /// The turns of one execution follow each other until nothing is left to do, also where a
  /// comparison found more meanwhile.
  private func carryOnTags(
    _ outcome: inout Outcome, of work: LeasedWork, _ end: MessageEnd, _ tx: WorkspaceTransaction
  ) throws(Problem) {
    let audienceID = work.execution.audienceID ?? ""
    guard work.kind == .syncTags, !end.retries, end.dead == nil,
      try tx.tags.hasWork(audienceID)
    else { return }
    outcome.ending = .goesOn
    outcome.next.append(
      SyncTagsWork(execution: work.execution.id).message(for: audienceID, at: tx.now))
  }

  /// How the messages ended.
  private struct MessageEnd {
    var retries = false
    /// Some go on in this very execution.
    var goesOn = false
    var dead: Problem?
  }

  private func finishMessages(
    _ outcome: Outcome, of work: LeasedWork, isCancelled: Bool, jitter: Double,
    _ tx: WorkspaceTransaction
  ) throws(Problem) -> MessageEnd {
    var end = MessageEnd()
    for message in work.messages {
      let isOurs: Bool
      // A change that a cancelled batch could not send is still a change.
      switch isCancelled && !work.kind.isSingle ? .done : outcome.fates[message.id] ?? .done {
      case .done:
        isOurs = try MessageQueue.complete(message.id, token: work.token, on: tx.database)
      case .later(let at):
        end.retries = true
        isOurs = try MessageQueue.postpone(
          message.id, token: work.token, runAt: at, on: tx.database)
      case .dead(let problem):
        end.dead = problem
        isOurs = try bury(message, of: work, as: GivenUp(problem), outcome, tx)
      case .givenBack:
        end.retries = true
        end.goesOn = true
        try narrow(message, outcome, tx)
        isOurs = try MessageQueue.postpone(
          message.id, token: work.token, runAt: tx.now, on: tx.database)
        try tx.executions.wait(work.execution.id)
      case .again(let setback):
        let problem = setback.problem
        switch Disposition.of(
          setback, attempt: message.attempt, policy: policy, now: tx.now, fraction: jitter)
        {
        case .retry(let at):
          end.retries = true
          try narrow(message, outcome, tx)
          if work.kind.isSingle {
            try tellWaiting(message, of: work, because: problem, outcome, tx)
            // Told by an execution of its own.
            try tx.database.execute(
              """
              UPDATE message SET body = json_set(json_remove(body, '$.execution'), '$.original', ?)
              WHERE id = ?
              """, work.execution.original ?? work.execution.id, message.id)
          }
          isOurs = try MessageQueue.release(
            message.id, token: work.token, runAt: at, on: tx.database)
        case .block:
          end.retries = true
          end.goesOn = true
          try narrow(message, outcome, tx)
          isOurs = try MessageQueue.postpone(
            message.id, token: work.token, runAt: tx.now + Disposition.blockedFor,
            on: tx.database)
          try tx.engine.setBlocked(by: problem)
          try tx.executions.block(work.execution.id, by: problem)
        case .bury:
          let given = GivenUp(problem, setback, tries: message.attempt + 1)
          end.dead = given.problem
          isOurs = try bury(message, of: work, as: given, outcome, tx)
        }
      }
      guard isOurs else {
        throw Problem(
          "engine.lease-lost", "The lease of message \(message.id) was lost while it was worked on."
        )
      }
    }
    return end
  }

  private func finishExecution(
    _ outcome: Outcome, of work: LeasedWork, _ end: MessageEnd, isCancelled: Bool,
    _ tx: WorkspaceTransaction
  ) throws(Problem) {
    let id = work.execution.id
    if let problem = end.dead, !work.kind.isSingle, outcome.ending != .chunkReturned {
      if let plan = work.execution.plan {
        if try tx.plans.decide(plan, as: .discarded, from: [.drafting], by: tx.who) {
          try PlanApplication.letOptOutsGo(plan, tx)
        }
      }
      return try tx.executions.finish(id, as: .failed, because: problem)
    }
    switch outcome.ending {
    case .finishes:
      // Single changes that are tried again are told by their retries, linked to this one.
      if end.retries, !work.kind.isSingle { return }
      if end.goesOn, !isCancelled, try tx.executions.isCarried(id) { return }
      if let failure = outcome.failure, !isCancelled {
        return try tx.executions.finish(id, as: .failed, because: failure)
      }
      let problem =
        work.kind.isSingle ? end.dead ?? outcome.fates.values.compactMap(\.problem).first : nil
      let failed = problem != nil && outcome.counts.changed + outcome.counts.unchanged == 0
      let status: ExecutionStatus? = problem == nil ? nil : failed ? .failed : .partial
      try tx.executions.finish(id, as: isCancelled ? .cancelled : status, because: problem)
    case .goesOn:
      if isCancelled { return try tx.executions.finish(id, as: .cancelled) }
      if let mode = outcome.surveys { try beginSurvey(mode, of: work, tx) }
    case .chunkReturned:
      guard !end.retries || isCancelled else { return }
      let isLast = try tx.executions.closeChunk(of: id)
      // Of a cancelled one only what was in hand returns.
      if isCancelled, try tx.executions.isCarried(id) { return }
      guard isLast || isCancelled else { return }
      if let plan = work.execution.plan {
        _ = try tx.plans.decide(plan, as: .applied, from: [.approved], by: tx.who)
      }
      try tx.executions.finish(id)
    case .planned(let verdict):
      try finishPlanning(verdict, outcome, of: work, isCancelled: isCancelled, tx)
    }
  }

  /// Single changes over the limit: a plan of their own, or more rows of the one that waits.
  private func hold(
    _ outcome: Outcome, of work: LeasedWork, _ tx: WorkspaceTransaction
  ) throws(Problem) {
    let id = work.execution.id
    if let waiting = try waitingPlan(like: work.execution, tx), waiting.execution != id {
      try tx.plans.merge(outcome.heldRows, into: waiting.id)
      try tx.executions.log(
        [LogLine(at: tx.now, .info, "Held with plan \(waiting.id), which waits for a look.")],
        of: id)
      return try tx.executions.finish(id, as: .succeeded)
    }
    let plan = try tx.plans.create(for: id, audienceID: work.execution.audienceID ?? "")
    try tx.plans.append(outcome.heldRows, to: plan)
    if let counts = outcome.planCounts { try tx.plans.setCounts(counts, of: plan) }
    _ = try tx.plans.decide(
      plan, as: .held, from: [.drafting], reason: outcome.heldBecause, by: tx.who)
    try tx.executions.hold(id)
  }

  /// The plan that waits for a look at the same audience: of single changes, or of a sync that found
  /// them too.
  private func waitingPlan(
    like execution: Execution, _ tx: WorkspaceTransaction
  ) throws(Problem) -> PlanSummary? {
    for plan in try tx.plans.held() {
      guard let holder = try tx.executions.execution(plan.execution) else { continue }
      if holder.audienceID == execution.audienceID, [.sync, .changes].contains(plan.kind) {
        return plan
      }
    }
    return nil
  }

  /// The survey looks at every address from here on: what waits singly is seen by it, and goes when
  /// its plan is carried out. It stays until then, because a plan may come to nothing.
  private func beginSurvey(
    _ mode: SyncMode, of work: LeasedWork, _ tx: WorkspaceTransaction
  ) throws(Problem) {
    let plan = try tx.plans.create(
      for: work.execution.id, audienceID: work.execution.audienceID ?? "")
    if mode != .dryRun { try SeenMessages.mark(by: plan, tx) }
    try MessageQueue.enqueue(
      SurveyWork(execution: work.execution.id, plan: plan, mode: mode).message(at: tx.now),
      on: tx.database)
    try tx.executions.endAbandoned()
  }

  private func finishPlanning(
    _ verdict: PlanVerdict, _ outcome: Outcome, of work: LeasedWork, isCancelled: Bool,
    _ tx: WorkspaceTransaction
  ) throws(Problem) {
    let id = work.execution.id
    guard let plan = outcome.plan, !isCancelled else {
      return try tx.executions.finish(id, as: .cancelled)
    }
    switch verdict {
    case .apply:
      guard let execution = try tx.executions.execution(id) else { return }
      let mode = try work.messages.first.map { (message) throws(Problem) in
        try SurveyWork(message).mode
      }
      let by = mode == .approved ? "approved beforehand" : tx.who
      try PlanApplication.supersede(by: plan, of: work.execution, tx)
      try PlanApplication.apply(plan, in: execution, by: by, tx)
    case .hold(let reason):
      _ = try tx.plans.decide(plan, as: .held, from: [.drafting], reason: reason, by: tx.who)
      try tx.executions.hold(id)
      try PlanApplication.supersede(by: plan, of: work.execution, tx)
    case .keep:
      _ = try tx.plans.decide(
        plan, as: .ready, from: [.drafting], reason: "Dry run.", by: tx.who)
      try tx.executions.finish(id, as: .succeeded)
    }
  }
}

extension MessageFate {
  fileprivate var problem: Problem? {
    switch self {
    case .again(let setback): setback.problem
    case .dead(let problem): problem
    case .done, .later, .givenBack: nil
    }
  }
}
