// Reads the source of people and finds out what it changed. Nothing is applied before all of it was
// read and the guard has seen the counts; a source that breaks off has told nothing.

import Basics
import Domain
import PeopleSources
import Queue
import Storage

struct RefreshPeople: Sendable {
  /// People looked at in one look for who is missing.
  static let window = 5000
  /// Refusals that are told one by one in the log; all are rows of the execution.
  private static let mostTold = 20

  func handle(_ batch: [Message], in run: SourceRun) async throws(Setback) -> Outcome {
    guard let message = batch.first else { return Outcome() }
    do throws(Problem) {
      let work = try RefreshWork(message)
      switch work.phase {
      case .clean:
        var outcome = Outcome()
        outcome.source = .cleans(work)
        outcome.ending = .goesOn
        return outcome
      case .read: return try await read(work, run)
      case .compare:
        return try await run.workspace.read { (reading) throws(Problem) in
          try lookForMissing(work, run, reading)
        }
      case .apply:
        var outcome = Outcome()
        outcome.source = .applies(work)
        outcome.ending = .goesOn
        return outcome
      }
    } catch {
      run.desk.put(nil)
      guard error.isTransientAtSource || error.code == "cancelled" || error.code == "http.cancelled"
      else {
        var outcome = Outcome()
        outcome.fates[message.id] = .dead(error)
        outcome.log = [
          LogLine(at: run.time.now(), .error, error.description, fields: ["code": error.code])
        ]
        return outcome
      }
      throw Setback(error)
    }
  }

  // MARK: Reading

  private func read(_ work: RefreshWork, _ run: SourceRun) async throws(Problem) -> Outcome {
    guard let plan = work.plan else { return try again(work) }
    var work = work
    let reading: OpenReading
    if let open = run.desk.reading(of: plan, at: work.read) {
      reading = open
    } else {
      // An engine that was killed took its place in the source along.
      if work.read > 0 { return try again(work) }
      let source = try await run.source()
      let description: SourceDescription
      do { description = try await source.describe() } catch { throw Problem(describing: error) }
      work.source = description.name
      work.signature = (source as? CSVFile)?.signature
      if !description.tellsChanges { work.isFull = true }
      let cursor = try await run.workspace.read { (reading) throws(Problem) in
        try reading.source.record().cursor
      }
      let since = work.isFull ? nil : cursor.map { SourceCursor($0) }
      if since == nil { work.isFull = true }
      reading = OpenReading(plan, source.people(changedSince: since))
      run.desk.put(reading)
    }
    guard let page = try await reading.next() else {
      run.desk.put(nil)
      var outcome = Outcome()
      work.phase = .compare
      outcome.step = StepReport(
        RefreshStep.read, .succeeded, output: ["read": .int(Int64(work.read))])
      outcome.ending = .goesOn
      outcome.next = [work.message(at: run.time.now())]
      return outcome
    }
    let begun = work
    return try await run.workspace.read { (reading) throws(Problem) in
      try compare(page, begun, plan, reading)
    }
  }

  /// From the top.
  private func again(_ work: RefreshWork) throws(Problem) -> Outcome {
    var outcome = Outcome()
    let fresh = RefreshWork(
      execution: work.execution, isFull: work.isFull, startedAt: work.startedAt)
    outcome.source = .cleans(fresh)
    outcome.ending = .goesOn
    return outcome
  }

  private func compare(
    _ page: PeoplePage, _ work: RefreshWork, _ plan: PlanID, _ reading: WorkspaceReading
  ) throws(Problem) -> Outcome {
    var work = work
    let found = try SourceComparison(page, plan: plan, reading)
    var outcome = Outcome()
    var counts = try reading.plans.plan(plan)?.counts ?? PlanCounts()
    for change in found.changes {
      let action: PlanAction = change.person == nil ? .create : .update
      let row = PlanRow(
        key: AddressKey(change.email), email: change.email, person: change.person, action: action,
        status: nil, changes: change.changes, remarks: [change.place], digest: 0)
      counts.add(row)
      outcome.planRows.append(row)
    }
    counts.unchanged += found.unchanged
    counts.refused += found.refused.count
    counts.excluded += found.removedHere
    outcome.counts.unchanged = found.unchanged
    outcome.counts.excluded = found.removedHere
    try tell(found.refused, work, reading, &outcome)
    outcome.plan = plan
    outcome.planCounts = counts
    outcome.done = page.count
    outcome.source = .rows(found.rows, of: plan)
    work.read += page.count
    work.unidentified += found.unidentified
    if let cursor = page.cursor { work.cursor = cursor.text }
    outcome.step = StepReport(RefreshStep.read, nil)
    outcome.ending = .goesOn
    outcome.next = [work.message(at: reading.now)]
    return outcome
  }

  private func tell(
    _ refused: [SourceRefusal], _ work: RefreshWork, _ reading: WorkspaceReading,
    _ outcome: inout Outcome
  ) throws(Problem) {
    let ids = try reading.directory.ids(externalIDs: refused.compactMap(\.externalID))
    outcome.counts.refused += refused.count
    for (index, refusal) in refused.enumerated() {
      outcome.rows.append(
        RowOutcome(
          person: refusal.externalID.flatMap { ids[$0] }, key: AddressKey(""), result: .refused,
          reason: refusal.problem.code, sentence: refusal.problem.description))
      if work.read == 0, index < Self.mostTold {
        outcome.log.append(
          LogLine(
            at: reading.now, .warning, refusal.problem.description,
            fields: ["place": refusal.place]))
      }
    }
  }

  // MARK: Who is missing

  private func lookForMissing(
    _ work: RefreshWork, _ run: SourceRun, _ reading: WorkspaceReading
  ) throws(Problem) -> Outcome {
    guard let plan = work.plan else { return try again(work) }
    var work = work
    var outcome = Outcome()
    var counts = try reading.plans.plan(plan)?.counts ?? PlanCounts()
    outcome.plan = plan
    // A row nobody could make out may be any of those who seem to be missing.
    if work.isFull, work.unidentified == 0 {
      let rule = run.settings[Settings.sourceVanished]
      let (missing, last) = try reading.source.missing(
        in: plan, after: work.after, window: Self.window)
      let ids = try reading.directory.ids(externalIDs: missing)
      let people = try reading.directory.people(Array(ids.values))
      let memories = try reading.source.memories(missing)
      var rows: [SourceRow] = []
      for key in missing {
        rows.append(
          SourceRow(externalID: key, place: memories[key]?.place ?? "", action: .vanish))
        guard let person = ids[key].flatMap({ people[$0] }) else { continue }
        let isSo = rule == .inactive ? !person.isActive : person.deletedAt != nil
        if isSo { continue }
        let change =
          rule == .inactive
          ? FieldChange("active", old: .text("yes"), new: .text("no"))
          : FieldChange("deleted", old: .empty, new: .text("yes"))
        let row = PlanRow(
          key: AddressKey(person.primaryEmail ?? ""), email: person.primaryEmail ?? "",
          person: person.id, action: .update, status: nil, changes: [change],
          remarks: ["No longer named by \(work.source)."], digest: 0)
        counts.add(row)
        counts.vanished += 1
        outcome.planRows.append(row)
      }
      outcome.source = .rows(rows, of: plan)
      if let last {
        work.after = last
        outcome.planCounts = counts
        outcome.step = StepReport(StepName.compare, nil)
        outcome.ending = .goesOn
        outcome.next = [work.message(at: reading.now)]
        return outcome
      }
      if !rows.isEmpty {
        // Recorded first; the next look finds nobody more, and concludes.
        outcome.planCounts = counts
        outcome.ending = .goesOn
        work.after = "\u{10FFFF}"
        outcome.next = [work.message(at: reading.now)]
        return outcome
      }
    }
    outcome.planCounts = counts
    try conclude(work, run, reading, &outcome, counts)
    return outcome
  }

  private func conclude(
    _ work: RefreshWork, _ run: SourceRun, _ reading: WorkspaceReading, _ outcome: inout Outcome,
    _ counts: PlanCounts
  ) throws(Problem) {
    var refresh = RefreshCounts()
    refresh.read = work.read
    refresh.added = counts.create
    refresh.changed = counts.update - counts.vanished
    refresh.vanished = counts.vanished
    refresh.known = try reading.source.known()
    refresh.isFull = work.isFull
    let judge = Guard(run.settings, isFirstSync: false, isApproved: false)
    let verdict: PlanVerdict
    switch judge.judge(refresh, source: work.source) {
    case .pass: verdict = .apply
    case .hold(let reason): verdict = .hold(reason)
    }
    outcome.source = .concludes(work)
    outcome.ending = .planned(verdict)
    outcome.step = StepReport(StepName.compare, .succeeded, output: counts.json)
    var sentence =
      "Read \(work.read) from \(work.source): \(counts.create) to add, \(refresh.changed) to "
      + "change, \(counts.vanished) no longer named; \(counts.unchanged) as before, "
      + "\(counts.refused) refused."
    if work.isFull, work.unidentified > 0 {
      sentence +=
        " \(work.unidentified) rows do not say whom they are about, so nobody counts as missing."
    }
    if counts.excluded > 0 {
      sentence += " \(counts.excluded) were removed here and stay so."
    }
    if case .hold(let reason) = verdict { sentence += " Held: \(reason)" }
    outcome.log.append(LogLine(at: reading.now, .info, sentence))
  }
}

/// The steps of a refresh, beside those of a sync.
enum RefreshStep {
  static let read = "Read the source"
  static let apply = "Take over"
}
