// What comes in: requests from consoles and commands, and the changed people the schema's triggers
// enqueued. Both are worked off inside one transaction each, so that nothing is taken in twice and
// nothing half.

import Basics
import Domain
import Queue
import Storage

struct Intake: Sendable {
  let term: Int64

  /// People taken in at a time: a transaction stays short.
  static let batch = 200

  // MARK: Changed people

  /// Finds the addresses a changed person stands, or stood, at, tells everybody there where they
  /// stand now, and enqueues each address once. True when there may be more.
  func takeInChanges(settings: SettingValues, _ tx: WorkspaceTransaction) throws(Problem) -> Bool {
    try EngineLock.fence(term: term, on: tx)
    let messages = try MessageQueue.some(
      kind: MessageKind.personChanged.rawValue, limit: Self.batch, on: tx.database)
    guard !messages.isEmpty else { return false }
    let audienceID = settings[Settings.audience]
    var people: [PersonID] = []
    for message in messages {
      people += PersonID(message.subject.dropFirst("person:".count)).map { [$0] } ?? []
    }
    var found: Set<AddressKey> = []
    for person in people { found.formUnion(try tx.candidates.keys(of: person)) }
    let keys = found.sorted()
    let groups = try AddressGroups(keys, audienceID: audienceID, settings: settings, tx)
    var standings = groups.standings()
    var failures: [RowOutcome] = []
    for candidate in try tx.candidates.candidates(people, policy: groups.policy) {
      let person = candidate.person
      if standings[person.id] == nil {
        standings[person.id] = groups.standingWithoutAddress(candidate)
      }
      guard let standing = standings[person.id],
        ["no-email", "invalid-email"].contains(standing.reason)
      else { continue }
      failures.append(
        RowOutcome(
          person: person.id, key: AddressKey(person.primaryEmail ?? ""), result: .excluded,
          reason: standing.reason, sentence: "\(person.displayName): \(standing.sentence)"))
    }
    try tx.consent.noteDepartures(standings.keys, from: audienceID, at: tx.now)
    try tx.standings.save(standings.map { (person: $0.key, $0.value) })
    // Else the next sync finds them by what they are now.
    if settings[Settings.onChange] {
      for key in groups.worthSending {
        try MessageQueue.enqueue(SyncAddress.message(key, at: tx.now), on: tx.database)
      }
    }
    if try tx.audiences.progress(of: audienceID).firstSyncAt != nil {
      try report(failures, audienceID: audienceID, tx)
    }
    for message in messages {
      _ = try MessageQueue.deleteReady(
        kind: message.kind, subjects: [message.subject], upTo: message.id, on: tx.database)
    }
    return messages.count == Self.batch
  }

  /// A change that ends without an address is a failed execution that names the person; there is
  /// nothing to retry.
  private func report(
    _ failures: [RowOutcome], audienceID: String, _ tx: WorkspaceTransaction
  ) throws(Problem) {
    guard !failures.isEmpty else { return }
    let id = try tx.executions.create(
      .pushPeople, .change, audienceID: audienceID, status: .running)
    var counts = ExecutionCounts()
    counts.excluded = failures.count
    try tx.executions.record(failures, of: id)
    try tx.executions.add(counts, done: failures.count, to: id)
    try tx.executions.log(
      failures.map { LogLine(at: tx.now, .error, $0.sentence, fields: ["reason": $0.reason]) },
      of: id)
    try tx.executions.finish(
      id, as: .failed,
      because: Problem(
        "people.no-address",
        failures.count == 1
          ? failures[0].sentence : "\(failures.count) people changed who have no usable address.",
        remedy: "Correct the address, or set the person inactive."))
  }

  // MARK: Requests

  /// Answers every waiting request, but for a decision about an address that is in hand: what is
  /// under way would write over it. True when there was one.
  func takeRequests(
    inHand: InHand = InHand(), _ tx: WorkspaceTransaction
  ) throws(Problem) -> Bool {
    try EngineLock.fence(term: term, on: tx)
    try tx.requests.refuseUnknown()
    let waiting = try tx.requests.waiting()
    for request in waiting {
      if let key = try Decisions.address(of: request.request, tx), inHand.contains(key) { continue }
      // A request that cannot be served is refused; what it wrote until then is undone.
      let answer: RequestAnswer
      do throws(Problem) {
        answer = .done(
          try tx.database.savepoint { () throws(Problem) in
            try serve(request.request, by: request.by, tx)
          })
      } catch {
        if error.code.hasPrefix("sqlite.") || error.code.hasPrefix("engine.") { throw error }
        answer = .refused(error)
      }
      try tx.requests.answer(request.id, answer)
    }
    return !waiting.isEmpty
  }

  private func serve(
    _ request: Request, by who: String, _ tx: WorkspaceTransaction
  ) throws(Problem) -> ExecutionID? {
    switch request {
    case .forceSync(let approve):
      return try startSync(
        .forceSync, approve ? .approved : .sync, isFull: false, by: who, tx)
    case .resync(let approve):
      return try startSync(
        .resync, approve ? .approved : .sync, isFull: true, by: who, tx)
    case .dryRun: return try startSync(.forceSync, .dryRun, isFull: false, by: who, tx)
    case .syncPerson(let person): return try syncPerson(person, tx)
    case .approvePlan(let plan): return try approve(plan, by: who, tx)
    case .discardPlan(let plan): return try discard(plan, by: who, tx)
    case .retryExecution(let id): return try again(id, .retry, by: who, tx)
    case .replayExecution(let id): return try again(id, .replay, by: who, tx)
    case .cancelExecution(let id): return try cancel(id, by: who, tx)
    case .reviveMessage(let id):
      guard try Attempts.revive(Identifier(id), tx) else {
        throw Problem("queue.no-dead-letter", "There is no dead letter #\(id).")
      }
      return nil
    case .discardMessage(let id):
      guard try MessageQueue.discard(Identifier(id), on: tx.database) else {
        throw Problem("queue.no-dead-letter", "There is no dead letter #\(id).")
      }
      return nil
    case .pause:
      try tx.engine.setPaused(true)
      return nil
    case .enable:
      try tx.engine.setPaused(false)
      try wakeBlocked(tx)
      return nil
    case .settingsChanged:
      try tx.engine.setBlocked(by: nil)
      try wakeBlocked(tx)
      return nil
    case .checkWebhook:
      let audienceID = try audience(tx)
      guard try tx.settings.values().isSet(Settings.webhookURL) else { throw .noWebhookURL }
      return try WebhookCalendar.ask(.request, audienceID: audienceID, tx)
    case .removeWebhook:
      let audienceID = try audience(tx)
      try tx.settings.unset(Settings.webhookURL.key)
      return try WebhookCalendar.ask(.request, audienceID: audienceID, tx)
    case .verify(let sample, let seed):
      return try VerifyAudience.start(
        .request, sample: sample, seed: seed, audienceID: try audience(tx), tx)
    case .repairDrift(let selection):
      return try VerifyAudience.repair(selection, audienceID: try audience(tx), tx)
    case .undoExecution(let id):
      return try UndoExecution.start(id, audienceID: try audience(tx), by: who, tx)
    case .refresh: return try RefreshWork.start(.forceSync, by: who, tx)
    case .decideConflict(let id, let decision):
      try Decisions(audienceID: try audience(tx), who: who).decide(id, as: decision, tx)
      return nil
    case .liftSuppression(let person):
      try Decisions(audienceID: try audience(tx), who: who).readmit(person, .lifted, tx)
      return nil
    case .addContact(let key):
      return try Welcome(audienceID: try audience(tx), who: who).add(key, tx)
    case .askAgain(let person):
      try Decisions(audienceID: try audience(tx), who: who).readmit(person, .asked, tx)
      return nil
    case .runSchedule(let id): return try runSchedule(id, by: who, tx)
    }
  }

  func audience(_ tx: WorkspaceTransaction) throws(Problem) -> String {
    let settings = try tx.settings.values()
    guard settings.isSet(Settings.key) else {
      throw Problem(
        "settings.no-key", "There is no Mailchimp API key.",
        remedy: "Set mailchimp.key in Settings or with `listkeeper settings set`.")
    }
    guard settings.isSet(Settings.audience) else {
      throw Problem(
        "settings.no-audience", "No audience is chosen.",
        remedy: "Choose one in Audience or with `listkeeper audiences use ID`.")
    }
    return settings[Settings.audience]
  }

  /// Asking twice is asking once: a sync of this kind that has not ended is joined, and approved
  /// beforehand if that was asked for now. A held plan is replaced by the new one. A dry run joins
  /// nothing and replaces nothing. A schedule joins a held plan too: nobody asked to have it put
  /// aside.
  func startSync(
    _ trigger: Trigger, _ mode: SyncMode, isFull: Bool, by who: String,
    _ tx: WorkspaceTransaction
  ) throws(Problem) -> ExecutionID {
    let audienceID = try audience(tx)
    if mode != .dryRun { try tx.engine.markSetUp(at: tx.now) }
    if mode == .approved { try PlanApplication.letGo(tx) }
    // Everyone means every row of the mapping too.
    if isFull, mode != .dryRun { try tx.backfillMapping() }
    // The plan counts who gains and loses a tag.
    try tx.tags.reconcile(audienceID)
    let isScheduled = trigger == .schedule
    if !isScheduled { try tx.engine.setBlocked(by: nil) }
    let open = try tx.executions.joinable().filter {
      $0.flow == .pushPeople && [.forceSync, .resync, .schedule].contains($0.trigger)
    }
    let dryRuns = try dryRuns(tx)
    if mode != .dryRun,
      let running = open.first(where: {
        $0.audienceID == audienceID && !dryRuns.contains($0.id)
          && ($0.status == .held ? isScheduled : !isFull || $0.isForEveryone)
      })
    {
      if mode == .approved { try PlanApplication.approveBeforehand(running.id, tx) }
      // What its survey has passed it would not see again.
      let mayMiss = try mayMiss(running, tx)
      let again = mayMiss ? try PlanApplication.surveyAgain(running.id, tx) : false
      if again || !mayMiss {
        if !isScheduled { try wakeBlocked(tx) }
        return running.id
      }
    }
    for held in open where held.status == .held && mode != .dryRun {
      try tx.executions.log(
        [LogLine(at: tx.now, .info, "A newer sync was asked for; this plan was not sent.")],
        of: held.id)
      if let plan = held.plan {
        _ = try tx.plans.decide(plan, as: .discarded, from: [.held, .ready], by: who)
      }
      try tx.executions.finish(held.id, as: .cancelled)
    }
    let id = try tx.executions.create(
      .pushPeople, trigger, audienceID: audienceID, isForEveryone: isFull)
    let isFirst = try tx.audiences.progress(of: audienceID).readAt == nil
    try MessageQueue.enqueue(
      ReadAudience(execution: id, isFull: isFull || isFirst, startedAt: tx.now, then: mode).message,
      on: tx.database)
    if !isScheduled { try wakeBlocked(tx) }
    return id
  }

  /// Something was changed since the survey of this sync began which its plan need not hold: the
  /// mapping or a setting; or a person, where changes do not leave by themselves.
  private func mayMiss(
    _ running: Execution, _ tx: WorkspaceTransaction
  ) throws(Problem) -> Bool {
    guard let id = running.plan, let plan = try tx.plans.plan(id) else { return false }
    let leave = try tx.settings.values()[Settings.onChange]
    return try tx.database.one(
      """
      SELECT 1 WHERE EXISTS (SELECT 1 FROM request WHERE name = ?1 AND at >= ?2)
        OR (NOT ?3 AND EXISTS (SELECT 1 FROM person WHERE noticed_at >= ?2))
      """, Request.settingsChanged.name, plan.createdAt, leave
    ) { $0.bool(0) } ?? false
  }

  /// The executions that are to end with a plan and nothing more.
  private func dryRuns(_ tx: WorkspaceTransaction) throws(Problem) -> Set<ExecutionID> {
    Set(
      try tx.database.rows(
        """
        SELECT body ->> '$.execution' FROM message
        WHERE kind IN (?, ?) AND ? IN (body ->> '$.then', body ->> '$.mode')
        """, MessageKind.readAudience.rawValue, MessageKind.survey.rawValue,
        SyncMode.dryRun.rawValue
      ) { $0.identifier(0) })
  }

  /// What waits for a blocked flow may try again now; what Mailchimp put off for days may not.
  private func wakeBlocked(_ tx: WorkspaceTransaction) throws(Problem) {
    try tx.database.execute(
      """
      UPDATE message SET run_at = ?1
      WHERE state = 'ready' AND run_at > ?1 AND run_at <= ?2 AND attempt = 0
      """, tx.now, tx.now + Disposition.blockedFor)
  }

  private func syncPerson(
    _ person: PersonID, _ tx: WorkspaceTransaction
  ) throws(Problem) -> ExecutionID {
    let audienceID = try audience(tx)
    let keys = try tx.candidates.keys(of: person).sorted()
    guard !keys.isEmpty else {
      throw Problem(
        "people.no-address", "Person \(person) has no address to sync.",
        remedy: "Give the person an e-mail address.")
    }
    let progress = try tx.audiences.progress(of: audienceID)
    if progress.firstSyncAt == nil { try allowTrial(of: person, at: keys, progress, tx) }
    let id = try tx.executions.create(.pushPeople, .forceSync, audienceID: audienceID)
    try send(keys, in: id, tx)
    return id
  }

  /// How old a reading may be on which somebody goes before the first sync: nothing polls until then.
  static let trialFreshness = Duration.hours(1)

  /// Before the first sync one person may go alone, named by the administrator as a trial: once the
  /// audience was read in full, and lately, so that nobody's status is raised unseen; and where
  /// nobody else stands at the address. The first plan is held as ever.
  private func allowTrial(
    of person: PersonID, at keys: [AddressKey], _ progress: AudienceProgress,
    _ tx: WorkspaceTransaction
  ) throws(Problem) {
    let isRead = progress.polledTo.map { tx.now - $0 <= Self.trialFreshness } ?? false
    guard progress.readAt != nil, isRead else {
      throw Problem(
        "sync.first-not-done", "This audience has not had its first sync.",
        remedy: "Force a sync and approve the plan first; or test with one person in the"
          + " set-up, which reads the audience before.")
    }
    let policy = RecipientPolicy(try tx.settings.values())
    let groups = try tx.candidates.candidates(at: keys, policy: policy)
    guard groups.values.allSatisfy({ $0.allSatisfy { $0.person.id == person } }) else {
      throw Problem(
        "sync.not-alone",
        "Others stand at the address of person \(person), and nobody goes before the first sync but"
          + " who is named.",
        remedy: "Test with an address that nobody else here has, or force a sync and approve the"
          + " plan.")
    }
  }

  private func send(
    _ keys: [AddressKey], in id: ExecutionID, _ tx: WorkspaceTransaction
  ) throws(Problem) {
    let chunks = SendChunk.chunks(of: keys.count)
    for chunk in chunks {
      try MessageQueue.enqueue(
        SendChunk(execution: id, .keys(Array(keys[chunk]))).message(at: tx.now), on: tx.database)
    }
    try tx.executions.openChunks(chunks.count, of: id)
    try tx.executions.setTotal(keys.count, of: id)
  }

  private func again(
    _ id: ExecutionID, _ trigger: Trigger, by who: String, _ tx: WorkspaceTransaction
  ) throws(Problem) -> ExecutionID {
    guard let original = try tx.executions.execution(id) else {
      throw Problem("executions.unknown", "There is no execution \(id).")
    }
    guard original.status.isFinished else {
      throw Problem(
        "executions.not-finished", "Execution \(id) has not ended.",
        remedy: "Wait for it, or cancel it first.")
    }
    guard original.trigger != .undo else {
      throw Problem(
        "executions.no-retry", "Execution \(id) is an undo.",
        remedy: "Undo the execution it took back once more: what is undone already stays.")
    }
    let settings = try tx.settings.values()
    let audienceID = settings[Settings.audience]
    let earlier = try tx.executions.changes(since: tx.now - .hours(1), audienceID: audienceID)
    let limit = Guard(settings, isFirstSync: false, isApproved: false)
      .limit(of: try tx.candidates.surveySize())
    let room = max(0, limit - Guard.weight(earlier))
    let keys = try tx.executions.keys(of: id, refusedOnly: trigger == .retry, limit: room + 1)
    guard !keys.isEmpty else {
      // One that ended before it came to people is asked for again as what it was.
      if original.flow == .pushPeople, original.isForEveryone {
        return try startSync(.resync, .sync, isFull: true, by: who, tx)
      }
      if original.flow == .pushPeople, original.status == .failed {
        return try startSync(.forceSync, .sync, isFull: false, by: who, tx)
      }
      throw Problem(
        "executions.nothing-to-retry",
        trigger == .retry
          ? "Execution \(id) refused nobody." : "Execution \(id) touched nobody.")
    }
    let new = try tx.executions.create(
      .pushPeople, trigger, attempt: original.attempt + 1, original: original.original ?? id,
      audienceID: try audience(tx))
    if keys.count <= room {
      try send(keys, in: new, tx)
    } else {
      // More than the guard lets pass unseen: a plan first.
      let plan = try tx.plans.create(for: new, audienceID: audienceID)
      var survey = SurveyWork(execution: new, plan: plan, mode: .sync)
      survey.reach = .again(id, refusedOnly: trigger == .retry)
      try MessageQueue.enqueue(survey.message(at: tx.now), on: tx.database)
    }
    return new
  }

  private func cancel(_ id: ExecutionID, by who: String, _ tx: WorkspaceTransaction) throws(Problem)
    -> ExecutionID
  {
    guard let execution = try tx.executions.execution(id), try tx.executions.requestCancel(id)
    else {
      throw Problem("executions.not-running", "Execution \(id) is not running.")
    }
    if let plan = execution.plan {
      _ = try tx.plans.decide(plan, as: .discarded, from: [.drafting, .held, .ready], by: who)
    }
    // Single changes are let go of, not forgotten: they are sent by another execution.
    try tx.database.execute(
      """
      UPDATE message SET body = json_remove(body, '$.execution')
      WHERE state = 'ready' AND kind IN (SELECT value FROM json_each(?))
        AND body ->> '$.execution' = ?
      """, SeenMessages.singleKinds, id)
    try tx.database.execute(
      "DELETE FROM message WHERE state = 'ready' AND body ->> '$.execution' = ?", id)
    if let plan = execution.plan { try PlanApplication.letOptOutsGo(plan, tx) }
    let out = try tx.database.integer(
      "SELECT count(*) FROM message WHERE state = 'leased' AND body ->> '$.execution' = ?", id)
    if out == 0 { try tx.executions.finish(id, as: .cancelled) }
    return id
  }

  // MARK: Plans

  private func held(
    _ id: PlanID, _ tx: WorkspaceTransaction
  ) throws(Problem) -> (PlanSummary, Execution) {
    guard let plan = try tx.plans.plan(id),
      let execution = try tx.executions.execution(
        plan.execution)
    else { throw Problem("plans.unknown", "There is no plan \(id).") }
    guard [.held, .ready].contains(plan.status) else {
      throw Problem(
        "plans.decided", "Plan \(id) is \(plan.status.rawValue) already.",
        remedy: "See `listkeeper plans list` for those that wait.")
    }
    return (plan, execution)
  }

  private func approve(_ id: PlanID, by who: String, _ tx: WorkspaceTransaction) throws(Problem)
    -> ExecutionID
  {
    var (plan, execution) = try held(id, tx)
    if plan.status == .ready {
      let new = try tx.executions.create(
        .pushPeople, .replay, original: execution.id, audienceID: execution.audienceID)
      try tx.executions.setPlan(id, of: new)
      guard let created = try tx.executions.execution(new) else { return new }
      execution = created
    }
    try tx.executions.log(
      [LogLine(at: tx.now, .info, "Plan \(id) was approved by \(who).")], of: execution.id)
    try PlanApplication.apply(id, in: execution, by: who, tx)
    return execution.id
  }

  private func discard(_ id: PlanID, by who: String, _ tx: WorkspaceTransaction) throws(Problem)
    -> ExecutionID
  {
    let (plan, execution) = try held(id, tx)
    _ = try tx.plans.decide(id, as: .discarded, from: [.held, .ready], by: who)
    try PlanApplication.letOptOutsGo(id, tx)
    // Whose changes the survey took up are still to be compared with tags.
    try tx.tags.compareAll(execution.audienceID ?? "", because: .change)
    try tx.executions.log(
      ["Plan \(id) was discarded by \(who).", plan.counts.optOutWarning].compactMap { $0 }
        .map { LogLine(at: tx.now, .info, $0) }, of: execution.id)
    try tx.executions.finish(execution.id, as: .cancelled)
    return execution.id
  }
}
