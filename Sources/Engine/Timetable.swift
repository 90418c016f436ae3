// What runs by the clock. A schedule that is due starts what a hand would start, through the same
// door and with the same guard, or joins what of it is still open; however many of its times were
// missed, it runs once.

import Basics
import Domain
import Queue
import Storage

extension Intake {
  /// Starts every schedule that is due, in one transaction.
  func runDueSchedules(_ tx: WorkspaceTransaction) throws(Problem) {
    try EngineLock.fence(term: term, on: tx)
    try tx.schedules.reckonAnew()
    guard try !tx.engine.record().isPaused else { return }
    for schedule in try tx.schedules.due() {
      let id: ExecutionID
      do throws(Problem) {
        id = try tx.database.savepoint { () throws(Problem) in
          try begin(schedule, by: "schedule \(schedule.id)", tx)
        }
      } catch {
        if error.code.hasPrefix("sqlite.") || error.code.hasPrefix("engine.") { throw error }
        // Nobody waits for an answer: an execution tells it.
        id = try tx.executions.create(
          schedule.terms.type.flow, .schedule, audienceID: nil, status: .running)
        try tx.executions.log([LogLine(at: tx.now, .error, error.description)], of: id)
        try tx.executions.finish(id, as: .failed, because: error)
      }
      try tx.schedules.ran(schedule, in: id)
    }
  }

  /// Now, because somebody asked; its own times stay as they are.
  func runSchedule(
    _ id: ScheduleID, by who: String, _ tx: WorkspaceTransaction
  ) throws(Problem) -> ExecutionID {
    let schedule = try tx.schedules.schedule(id)
    let execution = try begin(schedule, by: who, tx)
    try tx.schedules.ran(schedule, in: execution)
    return execution
  }

  private func begin(
    _ schedule: Schedule, by who: String, _ tx: WorkspaceTransaction
  ) throws(Problem) -> ExecutionID {
    let last: Execution? =
      try schedule.lastExecution.map { (id) throws(Problem) in
        try tx.executions.execution(id)
      } ?? nil
    // A source is read anew all the same: what came back empty at night may be there by now.
    if let last, !last.status.isFinished,
      last.status != .held || schedule.terms.type != .refreshPeople
    {
      try tell("Schedule \(schedule.title), was due again and waits for this.", last.id, tx)
      return last.id
    }
    let before = try tx.executions.newest()
    let id = try start(schedule, by: who, tx)
    let isNew = before.map { id > $0 } ?? true
    try tell(
      isNew
        ? "Started by schedule \(schedule.title)."
        : "Schedule \(schedule.title), was due and joined this.", id, tx)
    return id
  }

  private func start(
    _ schedule: Schedule, by who: String, _ tx: WorkspaceTransaction
  ) throws(Problem) -> ExecutionID {
    switch schedule.terms.type {
    case .syncSubscriptions: return try startSync(.schedule, .sync, isFull: false, by: who, tx)
    case .resync: return try startSync(.schedule, .sync, isFull: true, by: who, tx)
    case .backup: return try startBackup(schedule.terms, tx)
    case .verification:
      return try VerifyAudience.start(
        .schedule, sample: schedule.terms.sample, audienceID: try audience(tx), tx)
    case .refreshPeople: return try RefreshWork.start(.schedule, by: who, tx)
    }
  }

  private func startBackup(
    _ terms: ScheduleTerms, _ tx: WorkspaceTransaction
  ) throws(Problem) -> ExecutionID {
    let open = try tx.executions.open().first { $0.flow == .backup }
    if let open { return open.id }
    let id = try tx.executions.create(.backup, .schedule, audienceID: nil)
    try MessageQueue.enqueue(
      BackupWork(execution: id, folder: terms.folder, keeps: terms.keeps).message(at: tx.now),
      on: tx.database)
    return id
  }

  private func tell(
    _ sentence: String, _ id: ExecutionID, _ tx: WorkspaceTransaction
  ) throws(Problem) {
    try tx.executions.log([LogLine(at: tx.now, .info, sentence)], of: id)
  }
}

extension ScheduleType {
  /// Of which flow its executions are.
  var flow: FlowKind {
    switch self {
    case .syncSubscriptions, .resync: .pushPeople
    case .verification: .verification
    case .refreshPeople: .refresh
    case .backup: .backup
    }
  }
}
