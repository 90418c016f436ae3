// Compares everyone with what was agreed and writes the plan, a window at a time. Memory stays flat
// whatever the number of people; a survey that was interrupted goes on at its cursor. It sends
// nothing: that is `PushPeople`'s, once the guard has let the plan through.

import Basics
import Domain
import Mailchimp
import Queue
import Storage

struct Survey: Flow {
  static let kind = FlowKind.pushPeople

  /// Addresses a window; a window is one transaction.
  static let window = 1000

  func handle(_ batch: [Message], in run: FlowRun) async throws(Setback) -> Outcome {
    guard let message = batch.first else { return Outcome() }
    do throws(MailchimpError) {
      let work = try Setback.wrap { () throws(Problem) in try SurveyWork(message) }
      let news = try await lookAtTagNames(work, run)
      var outcome = try await Setback.wrap { () async throws(Problem) in
        try await run.workspace.read { (reading) throws(Problem) in
          try window(work, news.taken, run, reading)
        }
      }
      outcome.tags = news.findings
      outcome.log = news.log + outcome.log
      return outcome
    } catch {
      throw Setback(error)
    }
  }

  /// Before the first window: a tag whose name is somebody else's waits for a decision, and is not
  /// counted as if it were placed.
  private func lookAtTagNames(
    _ work: SurveyWork, _ run: FlowRun
  ) async throws(MailchimpError) -> (findings: [TagFinding], taken: Set<TagID>, log: [LogLine]) {
    guard work.after == nil, work.withoutAddress == nil else { return ([], [], []) }
    let ours = try await Setback.wrap { () async throws(Problem) in
      try await run.workspace.read { (reading) throws(Problem) in
        try reading.tags.tags(of: run.audienceID)
      }
    }
    guard !ours.isEmpty else { return ([], [], []) }
    let names = TagNames(there: try await run.mailchimp.tags(of: run.audienceID), ours: ours)
    let news = names.news(of: ours, at: run.time.now())
    let taken = news.findings.compactMap { finding in
      if case .taken(let tag, _) = finding { tag } else { nil }
    }
    return (news.findings, Set(taken), news.log)
  }

  private func window(
    _ work: SurveyWork, _ taken: Set<TagID>, _ run: FlowRun, _ reading: WorkspaceReading
  ) throws(Problem) -> Outcome {
    var outcome = Outcome()
    outcome.plan = work.plan
    var next = work
    var counts = try reading.plans.plan(work.plan)?.counts ?? PlanCounts()
    if work.withoutAddress == nil {
      let keys = try keys(work, run, reading)
      if work.after == nil, work.reach == .everybody {
        outcome.total = try reading.candidates.surveySize()
      }
      try compare(keys, taken, run, reading, &outcome, &counts)
      next.after = keys.last ?? work.after
      if keys.count < Self.window { next.withoutAddress = PersonID(0) }
    } else if work.reach != .everybody {
      next.withoutAddress = nil
    } else {
      try excludeWithoutAddress(&next, run, reading, &outcome, &counts)
    }
    outcome.planCounts = counts
    let isDone = next.withoutAddress == nil && work.withoutAddress != nil
    if isDone {
      try conclude(work, run, reading, &outcome, counts)
    } else {
      outcome.step = StepReport(StepName.compare, nil)
      outcome.ending = .goesOn
      outcome.next = [next.message(at: reading.now)]
    }
    return outcome
  }

  // MARK: A window of addresses

  private func keys(
    _ work: SurveyWork, _ run: FlowRun, _ reading: WorkspaceReading
  ) throws(Problem) -> [AddressKey] {
    switch work.reach {
    case .everybody:
      try reading.candidates.keys(
        after: work.after, limit: Self.window, audienceID: run.audienceID,
        strangers: run.settings[Settings.arrivals] == .add)
    case .repair:
      try reading.drifts.keys(inRepair: work.execution, after: work.after, limit: Self.window)
    case .again(let id, let refusedOnly):
      try reading.executions.keys(
        of: id, refusedOnly: refusedOnly, after: work.after, limit: Self.window)
    }
  }

  private func compare(
    _ keys: [AddressKey], _ taken: Set<TagID>, _ run: FlowRun, _ reading: WorkspaceReading,
    _ outcome: inout Outcome, _ counts: inout PlanCounts
  ) throws(Problem) {
    let groups = try AddressGroups(
      keys, audienceID: run.audienceID, settings: run.settings, reading)
    let planner = try Planning.planner(run.audienceID, run.settings, reading)
    for key in keys {
      guard let resolution = groups.resolutions[key] else { continue }
      let link = groups.links[key]
      outcome.standings.merge(groups.excluded(resolution, at: key)) { first, _ in first }
      counts.excluded += resolution.exclusions.count
      outcome.counts.excluded += resolution.exclusions.count
      outcome.done += resolution.exclusions.count
      let person = resolution.recipient?.person.id
      if person != nil { outcome.done += 1 }
      guard let planned = groups.plan(key, by: planner) else { continue }
      if let person, let standing = planned.standing(at: key) {
        outcome.standings[person] = standing
      }
      switch planned {
      case .inStep(let digest), .unconfirmed(let digest):
        counts.unchanged += 1
        outcome.counts.unchanged += 1
        if let link, link.digest != digest, let desired = planner.desired(resolution, link) {
          outcome.links.append(link.agreeing(on: desired, at: reading.now))
        }
      case .row(let row):
        outcome.planRows.append(row)
        if let person {
          outcome.standings[person] = Standing(
            .waiting, reason: "planned", sentence: "In the plan; not sent yet.", key: key)
        }
      case .refused(let problem):
        counts.refused += 1
        outcome.counts.refused += 1
        outcome.rows.append(
          RowOutcome(
            person: person, key: key, result: .refused, reason: problem.code,
            sentence: problem.description))
      case .conflicted(let digest, let conflicts):
        outcome.conflicts += conflicts
        outcome.links += groups.conflicted(conflicts, at: key, digest: digest)
      case .excluded, .waiting, .barred: break
      }
    }
    outcome.planRows = try groups.foretellingTags(
      outcome.planRows, besides: taken, isWhole: true, reading)
    for row in outcome.planRows { counts.add(row) }
  }

  private func excludeWithoutAddress(
    _ next: inout SurveyWork, _ run: FlowRun, _ reading: WorkspaceReading,
    _ outcome: inout Outcome, _ counts: inout PlanCounts
  ) throws(Problem) {
    let groups = try AddressGroups([], audienceID: run.audienceID, settings: run.settings, reading)
    let people = try reading.candidates.withoutAddress(
      after: next.withoutAddress, limit: Self.window, policy: groups.policy)
    for candidate in people {
      guard let standing = groups.standingWithoutAddress(candidate) else { continue }
      outcome.standings[candidate.person.id] = standing
      counts.excluded += 1
      outcome.counts.excluded += 1
      outcome.done += 1
    }
    next.withoutAddress = people.count < Self.window ? nil : people.last?.person.id
  }

  // MARK: The end

  private func conclude(
    _ work: SurveyWork, _ run: FlowRun, _ reading: WorkspaceReading, _ outcome: inout Outcome,
    _ counts: PlanCounts
  ) throws(Problem) {
    let progress = try reading.audiences.progress(of: run.audienceID)
    let isFirst = progress.firstSyncAt == nil
    let verdict: PlanVerdict
    if work.mode == .dryRun {
      verdict = .keep
    } else {
      let judge = Guard(run.settings, isFirstSync: isFirst, isApproved: work.mode == .approved)
      let earlier = try reading.executions.changes(
        since: reading.now - .hours(1), audienceID: run.audienceID)
      switch judge.judge(
        counts, earlier: isFirst ? PlanCounts() : earlier,
        total: try reading.candidates.surveySize())
      {
      case .pass: verdict = .apply
      case .hold(let reason): verdict = .hold(reason)
      }
    }
    outcome.ending = .planned(verdict)
    for tag in try reading.plans.tags(of: work.plan) {
      outcome.log.append(
        LogLine(
          at: reading.now, .info,
          "Tag '\(tag.name)': \(tag.gains) would gain it, \(tag.losses) would lose it."))
    }
    if counts.tagsAdded > 0 {
      outcome.log.append(LogLine(at: reading.now, .info, PlanCounts.tagWarning))
    }
    outcome.planCounts = counts
    outcome.step = StepReport(StepName.compare, .succeeded, output: counts.json)
    var sentence =
      "Compared: \(counts.create) to add, \(counts.update) to update, "
      + (counts.take > 0 ? "\(counts.take) to take from Mailchimp, " : "")
      + (counts.arrival > 0 ? "\(counts.arrival) arriving from Mailchimp, " : "")
      + "\(counts.unsubscribe) to unsubscribe, \(counts.archive) to archive; "
      + "\(counts.unchanged) unchanged, \(counts.excluded) excluded, \(counts.refused) refused."
    if case .hold(let reason) = verdict { sentence += " Held: \(reason)" }
    outcome.log.append(LogLine(at: reading.now, .info, sentence))
  }
}

/// The planner for a workspace as it is now.
enum Planning {
  static func planner(
    _ audienceID: String, _ settings: SettingValues, _ access: some WorkspaceAccess,
    mergeFields: [MergeField]? = nil
  ) throws(Problem) -> SyncPlanner {
    var known = mergeFields
    if known == nil { known = try access.audiences.mergeFields(of: audienceID) }
    return SyncPlanner(
      mapping: try access.audiences.mapping(),
      mergeFields: known ?? [],
      customFields: try access.directory.customFields(),
      policy: SyncPolicy(
        settings, doubleOptIn: try access.audiences.audience(audienceID)?.doubleOptIn ?? false))
  }
}
