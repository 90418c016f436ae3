// Writes what work at the source found, inside the `Recorder`'s transaction.

import Basics
import Domain
import PeopleSources
import Queue
import Storage

enum SourceRecorder {
  /// Rows carried out in one transaction.
  static let chunk = PeopleImport.chunk
  /// Rows of earlier readings removed in one transaction.
  static let cleaned = 5000

  static func write(
    _ findings: SourceFindings, into outcome: inout Outcome, _ tx: WorkspaceTransaction
  ) throws(Problem) {
    switch findings {
    case .cleans(let work): try clean(work, &outcome, tx)
    case .rows(let rows, let plan): try tx.source.put(rows, in: plan)
    case .concludes(let work):
      guard let plan = work.plan else { return }
      var next = work
      next.phase = .apply
      try tx.source.keep(next.body, of: plan)
      var record = try tx.source.record()
      record.signature = work.signature ?? record.signature
      try tx.source.save(record)
    case .applies(let work): try apply(work, &outcome, tx)
    case .wroteBack(let changes): try wroteBack(changes, tx)
    }
  }

  private static func clean(
    _ work: RefreshWork, _ outcome: inout Outcome, _ tx: WorkspaceTransaction
  ) throws(Problem) {
    var work = work
    // What a reading that broke off had counted is counted anew.
    if let begun = try tx.executions.execution(work.execution)?.plan,
      try tx.plans.decide(begun, as: .discarded, from: [.drafting], by: tx.who)
    {
      try tx.executions.countAnew(work.execution)
    }
    if try !tx.source.clean(keeping: nil, limit: cleaned) {
      work.plan = try tx.plans.create(for: work.execution, audienceID: "")
      work.phase = .read
    }
    outcome.next = [work.message(at: tx.now)]
  }

  /// The guard or somebody let it through.
  static func begin(
    _ plan: PlanID, in execution: Execution, by who: String, _ tx: WorkspaceTransaction
  ) throws(Problem) {
    guard let body = try tx.source.body(of: plan),
      try tx.plans.decide(plan, as: .approved, from: [.drafting, .held], by: who)
    else { return }
    try tx.executions.start(execution.id)
    try tx.executions.setTotal(try tx.source.end(of: plan), of: execution.id)
    try tx.executions.beginStep(RefreshStep.apply, of: execution.id)
    try MessageQueue.enqueue(RefreshWork(body: body).message(at: tx.now), on: tx.database)
  }

  private static func apply(
    _ work: RefreshWork, _ outcome: inout Outcome, _ tx: WorkspaceTransaction
  ) throws(Problem) {
    guard let plan = work.plan else { return outcome.ending = .finishes }
    var work = work
    let rows = try tx.source.rows(of: plan, from: work.position, count: chunk)
    if rows.isEmpty {
      // All of them are carried out; the file keeps none of what was staged.
      guard try tx.source.clean(keeping: nil, limit: cleaned) else {
        return try finish(work, plan, &outcome, tx)
      }
      outcome.next = [work.message(at: tx.now)]
      return
    }
    let left = try tx.source.end(of: plan) - work.position
    let settings = try tx.settings.values()
    var application = SourceApplication(
      source: work.source, startedAt: work.startedAt, vanished: settings[Settings.sourceVanished])
    application = try tx.acting(as: application.author) { [application] () throws(Problem) in
      var copy = application
      try copy.apply(
        rows, of: plan, before: work.position + rows.count, takesAll: work.putOff >= left, tx)
      return copy
    }
    try tx.source.putOff(application.putOff, in: plan)
    work.position += rows.count
    work.putOff =
      application.putOff.count == rows.count ? work.putOff + application.putOff.count : 0
    tell(application, work, &outcome, at: tx.now)
    outcome.done = rows.count - application.putOff.count
    outcome.next = [work.message(at: tx.now)]
  }

  private static func tell(
    _ application: SourceApplication, _ work: RefreshWork, _ outcome: inout Outcome,
    at now: Instant
  ) {
    for done in application.done {
      if done.isNew { outcome.counts.created += 1 } else { outcome.counts.updated += 1 }
      outcome.rows.append(
        RowOutcome(
          person: done.person, key: done.key, result: done.isNew ? .created : .updated,
          reason: done.hasVanished ? "vanished" : "",
          sentence: done.hasVanished ? "No longer named by \(work.source)." : "",
          changes: done.changes))
    }
    for (row, person, problem) in application.refused {
      outcome.counts.refused += 1
      outcome.rows.append(
        RowOutcome(
          person: person, key: AddressKey(""), result: .refused, reason: problem.code,
          sentence: problem.description))
      outcome.log.append(
        LogLine(at: now, .warning, problem.description, fields: ["place": row.place]))
    }
    if application.refusalsKept > 0 {
      outcome.log.append(
        LogLine(
          at: now, .warning,
          "\(application.refusalsKept) say opt-in yes at the source and no here, later; they stay "
            + "no."))
    }
  }

  private static func finish(
    _ work: RefreshWork, _ plan: PlanID, _ outcome: inout Outcome, _ tx: WorkspaceTransaction
  ) throws(Problem) {
    var record = try tx.source.record()
    record.name = work.source
    record.cursor = work.cursor
    record.signature = work.signature
    record.readAt = tx.now
    if work.isFull { record.fullAt = work.startedAt }
    try tx.source.save(record)
    _ = try tx.plans.decide(plan, as: .applied, from: [.approved], by: tx.who)
    // What failed before has been made good.
    try tx.database.execute(
      "DELETE FROM message WHERE state = 'dead' AND kind = ?",
      MessageKind.refreshPeople.rawValue)
    outcome.step = StepReport(RefreshStep.apply, .succeeded)
    outcome.ending = .finishes
  }

  /// What was sent is known there now, unless it changed again meanwhile; then its message waits.
  private static func wroteBack(
    _ changes: [WriteBack], _ tx: WorkspaceTransaction
  ) throws(Problem) {
    for change in changes {
      let person = try tx.directory.person(change.person)
      let known = change.values.filter { person?.value(of: $0.key).text == $0.value }
      try tx.source.wroteBack(known.keys, of: change.person)
      for (field, value) in change.values {
        try tx.source.remember(
          value, as: SourceWord.told(field.description), of: change.externalID)
      }
    }
  }
}
