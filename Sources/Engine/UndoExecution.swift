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

  /// Refuses what is not over, moved no people, or is an undo itself. What goes back into the
  /// directory is written in the name of who asked.
  static func start(
    _ id: ExecutionID, audienceID: String, by who: String, _ tx: WorkspaceTransaction
  ) throws(Problem) -> ExecutionID {
    let original = try check(id, audienceID: audienceID, tx)
    let new = try tx.executions.create(
      .pushPeople, .undo, original: original.original ?? id, audienceID: audienceID, askedBy: who)
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
    guard original.flow == .pushPeople || original.flow == .pullMembers else {
      throw Problem(
        "executions.no-undo",
        "Execution \(id) (\(original.flow.rawValue)) moved nobody between here and Mailchimp.",
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
    preview.sort()
    return preview
  }

  private static func decide(
    _ outcomes: [RowOutcome], _ audienceID: String, _ settings: SettingValues,
    _ access: some WorkspaceAccess
  ) throws(Problem) -> [(RowOutcome, Undoing)] {
    let contexts = try UndoContexts(
      outcomes.map(UndoPlace.init), audienceID, settings, access)
    return outcomes.map { ($0, Undo.decide($0, contexts[UndoPlace($0)])) }
  }

  // MARK: The plan

  package func handle(
    _ batch: [Message], in run: FlowRun
  ) async throws(Setback) -> Outcome {
    try await run.window(batch) { (message, reading) throws(Problem) in
      try plan(try UndoWork(message), run, reading)
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
        "Undoing execution \(work.original): \(UndoPreview.sentence(counts)); "
          + "\(counts.excluded) stay as they are.")
    ]
    return outcome
  }
}
