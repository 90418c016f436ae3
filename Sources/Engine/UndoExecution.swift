// Takes back what an execution did: its rows become a plan of their own, window by window, which the
// guard judges like any other; then its chunks are sent. Rows whose world has moved are left alone.

import Basics
import Domain
import Mailchimp
import Queue
import Storage

/// An undo in progress.
struct UndoWork: Sendable, Equatable {
  var execution: ExecutionID
  var original: ExecutionID
  var plan: PlanID
  /// The last row outcome that was looked at.
  var after: Int64 = 0

  func message(at now: Instant) -> NewMessage {
    NewMessage(
      kind: MessageKind.undo.rawValue, subject: "audience:\(execution.rawValue)",
      body: JSONValue.object([
        "execution": .int(execution.rawValue), "original": .int(original.rawValue),
        "plan": .int(plan.rawValue), "after": .int(after),
      ]).description, priority: 3, runAt: now)
  }

  init(execution: ExecutionID, original: ExecutionID, plan: PlanID) {
    self.execution = execution
    self.original = original
    self.plan = plan
  }

  init(_ message: Message) throws(Problem) {
    let body = try JSONValue.parse(message.body)
    execution = try body.identifier("execution")
    original = try body.identifier("original")
    plan = try body.identifier("plan")
    after = body["after"]?.int ?? 0
  }
}

package struct UndoExecution: Flow {
  package static let kind = FlowKind.pushPeople
  static let window = 1000
  static let step = "Undo"

  /// Refuses what is not over, was no push, or is an undo itself.
  static func start(
    _ id: ExecutionID, audienceID: String, _ tx: WorkspaceTransaction
  ) throws(Problem) -> ExecutionID {
    let original = try check(id, audienceID: audienceID, tx)
    let new = try tx.executions.create(
      .pushPeople, .undo, original: original.original ?? id, audienceID: audienceID)
    let plan = try tx.plans.create(for: new, audienceID: audienceID)
    try MessageQueue.enqueue(
      UndoWork(execution: new, original: id, plan: plan).message(at: tx.now), on: tx.database)
    return new
  }

  @discardableResult
  private static func check(
    _ id: ExecutionID, audienceID: String, _ access: some WorkspaceAccess
  ) throws(Problem) -> Execution {
    guard let original = try access.executions.execution(id) else {
      throw Problem("executions.unknown", "There is no execution \(id).")
    }
    guard original.status.isFinished else {
      throw Problem(
        "executions.not-finished", "Execution \(id) has not ended.",
        remedy: "Wait for it, or cancel it first.")
    }
    guard original.trigger != .undo else {
      throw Problem(
        "executions.no-undo", "Execution \(id) is an undo itself.",
        remedy: "Sync the people it was about: they get their values of today.")
    }
    guard original.audienceID == audienceID else {
      throw Problem(
        "executions.no-undo", "Execution \(id) was about another audience.",
        remedy: "Choose that audience first.")
    }
    guard original.flow == .pushPeople else {
      throw Problem(
        "executions.no-undo",
        "Execution \(id) (\(original.flow.rawValue)) changed nothing at Mailchimp.",
        remedy: "Change the people here; the next sync sends it.")
    }
    return original
  }

  /// What an undo would do now, for whoever is asked before.
  package static func preview(
    _ id: ExecutionID, _ reading: WorkspaceReading
  ) throws(Problem) -> UndoPreview {
    let settings = try reading.settings.values()
    let audienceID = settings[Settings.audience]
    try check(id, audienceID: audienceID, reading)
    var preview = UndoPreview(id)
    var after: Int64 = 0
    while true {
      let rows = try reading.executions.outcomes(of: id, after: after, limit: window)
      for (_, undoing) in try decide(rows.map(\.outcome), audienceID, settings, reading) {
        preview.add(undoing)
      }
      guard rows.count == window, let last = rows.last else { break }
      after = last.id
    }
    preview.stays.sort { ($1.count, $0.sentence) < ($0.count, $1.sentence) }
    return preview
  }

  fileprivate static func decide(
    _ outcomes: [RowOutcome], _ audienceID: String, _ settings: SettingValues,
    _ access: some WorkspaceAccess
  ) throws(Problem) -> [(RowOutcome, Undoing)] {
    let contexts = try UndoContexts(outcomes.map(\.key), audienceID, settings, access)
    return outcomes.map { ($0, Undo.decide($0, contexts[$0.key])) }
  }

  // MARK: The plan

  package func handle(
    _ batch: [Message], in run: FlowRun
  ) async throws(Setback) -> Outcome {
    guard let message = batch.first else { return Outcome() }
    do throws(Problem) {
      let work = try UndoWork(message)
      return try await run.workspace.read { (reading) throws(Problem) in
        try plan(work, run, reading)
      }
    } catch {
      throw Setback(error)
    }
  }

  private func plan(
    _ work: UndoWork, _ run: FlowRun, _ reading: WorkspaceReading
  ) throws(Problem) -> Outcome {
    var outcome = Outcome()
    outcome.plan = work.plan
    var next = work
    var counts = try reading.plans.plan(work.plan)?.counts ?? PlanCounts()
    let rows = try reading.executions.outcomes(
      of: work.original, after: work.after, limit: Self.window)
    let decided = try Self.decide(
      rows.map(\.outcome), run.audienceID, run.settings, reading)
    for (row, undoing) in decided {
      switch undoing {
      case .row(let planned):
        counts.add(planned)
        outcome.planRows.append(planned)
      case .nothing: break
      case .stays(let code, let sentence):
        counts.excluded += 1
        outcome.counts.excluded += 1
        outcome.rows.append(
          RowOutcome(
            person: row.person, key: row.key, result: .skipped, reason: code, sentence: sentence))
      }
    }
    outcome.planCounts = counts
    next.after = rows.last?.id ?? work.after
    guard rows.count < Self.window else {
      outcome.ending = .goesOn
      outcome.step = StepReport(Self.step, nil)
      outcome.next = [next.message(at: reading.now)]
      return outcome
    }
    let earlier = try reading.executions.changes(
      since: reading.now - .hours(1), audienceID: run.audienceID)
    let verdict: PlanVerdict
    switch Guard(run.settings, isFirstSync: false, isApproved: false).judge(
      counts, earlier: earlier, total: try reading.candidates.surveySize())
    {
    case .pass: verdict = .apply
    case .hold(let reason): verdict = .hold(reason)
    }
    outcome.ending = .planned(verdict)
    outcome.step = StepReport(Self.step, .succeeded, output: counts.json)
    outcome.log = [
      LogLine(
        at: reading.now, .info,
        "Undoing execution \(work.original): \(counts.update) get their old values back, "
          + "\(counts.create) come back, \(counts.archive) are archived; "
          + "\(counts.excluded) stay as they are.")
    ]
    return outcome
  }
}

/// What `Undo` needs to know of each address.
private struct UndoContexts {
  let groups: AddressGroups
  let planner: SyncPlanner
  let suppressions: [AddressKey: Suppression]

  init(
    _ keys: [AddressKey], _ audienceID: String, _ settings: SettingValues,
    _ access: some WorkspaceAccess
  ) throws(Problem) {
    groups = try AddressGroups(
      Array(Set(keys)), audienceID: audienceID, settings: settings, access)
    planner = try Planning.planner(audienceID, settings, access)
    suppressions = try access.consent.suppressions(audienceID, at: keys)
  }

  subscript(key: AddressKey) -> UndoContext {
    let resolution = groups.resolutions[key] ?? GroupResolution()
    return UndoContext(
      resolution: resolution, link: groups.links[key], suppression: suppressions[key],
      digest: planner.desired(resolution)?.digest, leavers: planner.policy.leavers)
  }
}

// MARK: Sending

/// Sends the rows of an undo's plan, one call each: they are few, and each answer counts.
struct UndoPush: Flow {
  static let kind = FlowKind.pushPeople

  func handle(_ batch: [Message], in run: FlowRun) async throws(Setback) -> Outcome {
    guard let message = batch.first else { return Outcome() }
    let rows: [PlanRow]
    let contexts: UndoContexts
    do throws(Problem) {
      let chunk = try SendChunk(message)
      guard case .plan(let plan, let range) = chunk.content else { return Outcome() }
      (rows, contexts) = try await run.workspace.read { (reading) throws(Problem) in
        let rows = try reading.plans.rows(plan, range).filter {
          chunk.only?.contains($0.key) ?? true
        }
        return (
          rows, try UndoContexts(rows.map(\.key), run.audienceID, run.settings, reading)
        )
      }
    } catch {
      throw Setback(error)
    }
    var outcome = Outcome()
    outcome.ending = .chunkReturned
    var standing: [PlanRow] = []
    for row in rows {
      if Undo.stands(row, contexts[row.key]) {
        standing.append(row)
      } else {
        outcome.done += 1
        outcome.counts.excluded += 1
        outcome.rows.append(
          RowOutcome(
            person: row.person, key: row.key, result: .skipped, reason: "moved",
            sentence: "Changed since the undo was planned; left as it is."))
      }
    }
    let now = run.time.now()
    for (row, answer) in await send(standing, contexts, in: run) {
      switch answer {
      case .success(let member): take(row, member, contexts[row.key], run, now, &outcome)
      case .failure(let error):
        if case .person = error.fault {
          refuse(row, error, now, &outcome)
        } else {
          outcome.unsent.append(UnsentAddress(key: row.key, person: row.person))
          let setback = Setback(error)
          outcome.fates[message.id] = setback.isCancellation ? .givenBack : .again(setback)
        }
      }
    }
    outcome.step = StepReport(StepName.send, nil)
    return outcome
  }

  private func send(
    _ rows: [PlanRow], _ contexts: UndoContexts, in run: FlowRun
  ) async -> [(PlanRow, Result<Member?, MailchimpError>)] {
    await withTaskGroup(of: (Int, Result<Member?, MailchimpError>).self) { group in
      for (index, row) in rows.enumerated() {
        let id = contexts[row.key].link?.memberID
        group.addTask {
          do throws(MailchimpError) {
            return (index, .success(try await sendOne(row, id: id, in: run)))
          } catch {
            return (index, .failure(error))
          }
        }
      }
      var found: [(Int, Result<Member?, MailchimpError>)] = []
      for await one in group { found.append(one) }
      return found.sorted { $0.0 < $1.0 }.map { (rows[$0.0], $0.1) }
    }
  }

  private func sendOne(
    _ row: PlanRow, id: String?, in run: FlowRun
  ) async throws(MailchimpError) -> Member? {
    switch row.action {
    case .archive:
      _ = try await run.mailchimp.archive(
        id ?? Digest.md5(row.key.description.utf8), in: run.audienceID)
      return nil
    case .create:
      // A revival: what it was, and nothing of it is set anew.
      let write = MemberWrite(
        email: row.email, status: row.status, statusIfNew: row.status, mergeFields: row.values)
      return try await run.mailchimp.put(write, to: run.audienceID, id: id).member
    default:
      let write = MemberWrite(
        email: row.email, status: row.status, statusIfNew: nil, mergeFields: row.values)
      return try await run.mailchimp.patch(
        write, in: run.audienceID, id: id, skipsMergeValidation: true
      ).member
    }
  }

  private func take(
    _ row: PlanRow, _ member: Member?, _ context: UndoContext, _ run: FlowRun, _ now: Instant,
    _ outcome: inout Outcome
  ) {
    outcome.done += 1
    let agreement = Link.restored(
      row, digest: context.digest, before: context.link, answered: member,
      audienceID: run.audienceID, at: now)
    outcome.links.append(agreement.link)
    if var entry = agreement.consent {
      entry.evidence = "execution \(run.execution)"
      outcome.consent.append(entry)
    }
    let result: RowResult
    switch row.action {
    case .archive:
      outcome.counts.archived += 1
      result = .archived
      if let person = context.resolution.recipient?.person.id {
        outcome.standings[person] = Standing(.undone, key: row.key)
      }
    case .create:
      outcome.counts.created += 1
      result = .created
    default:
      outcome.counts.updated += 1
      result = .updated
    }
    outcome.rows.append(
      RowOutcome(
        person: row.person, key: row.key, result: result,
        reason: agreement.remarks.isEmpty ? "" : "remark",
        sentence: agreement.remarks.joined(separator: " "), changes: row.changes))
  }

  private func refuse(
    _ row: PlanRow, _ error: MailchimpError, _ now: Instant, _ outcome: inout Outcome
  ) {
    outcome.done += 1
    outcome.counts.refused += 1
    outcome.rows.append(
      RowOutcome(
        person: row.person, key: row.key, result: .refused, reason: error.problem.code,
        sentence: error.problem.description, changes: row.changes))
    outcome.log.append(
      LogLine(
        at: now, .error, error.problem.description,
        fields: [
          "address": Text.masked(email: row.key.description), "code": error.problem.code,
        ]))
  }
}
