// Schedules as rows. The next run of an active one is always there and always reckoned from its
// terms: whoever changes them reckons it anew in the same transaction. Changes are audited.

import Basics
import Domain
import SQLite

package struct ScheduleStore: WorkspaceAccess {
  package let database: Connection
  package let now: Instant

  private static let columns = """
    id, type, cadence, zone, is_active, sample, folder, keeps, since, created_at, next_run_at,
    last_run_at, last_execution_id
    """

  package func all() throws(Problem) -> [Schedule] {
    try database.rows("SELECT \(Self.columns) FROM schedule ORDER BY id", map: Self.schedule)
  }

  package func schedule(_ id: ScheduleID) throws(Problem) -> Schedule {
    let found = try database.one(
      "SELECT \(Self.columns) FROM schedule WHERE id = ?", id, map: Self.schedule)
    guard let found else {
      throw Problem(
        "schedules.missing", "There is no schedule \(id).",
        remedy: "See them with `listkeeper schedules list`.")
    }
    return found
  }

  /// Those that are active, the next one first.
  package func active() throws(Problem) -> [Schedule] {
    try database.rows(
      """
      SELECT \(Self.columns) FROM schedule WHERE next_run_at IS NOT NULL ORDER BY next_run_at, id
      """, map: Self.schedule)
  }

  /// Those whose time has come, the widest first: what comes after may join it.
  package func due() throws(Problem) -> [Schedule] {
    try database.rows(
      """
      SELECT \(Self.columns) FROM schedule WHERE next_run_at <= ?
      ORDER BY type <> 'resync', next_run_at, id
      """, now, map: Self.schedule)
  }

  /// When the first of them is due.
  package func nextRunAt() throws(Problem) -> Instant? {
    try database.one("SELECT min(next_run_at) FROM schedule WHERE next_run_at IS NOT NULL") {
      $0.optionalInstant(0)
    } ?? nil
  }

  // MARK: Changing them

  /// Refuses terms that cannot work, and writes nothing then.
  package func add(_ terms: ScheduleTerms) throws(Problem) -> ScheduleID {
    let terms = try checked(terms)
    let since = wholeMinute
    try database.execute(
      """
      INSERT INTO schedule (type, cadence, zone, is_active, sample, folder, keeps, since, created_at)
        VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?)
      """, terms.type.rawValue, terms.cadence.description, terms.zone, terms.sample, terms.folder,
      terms.keeps, since, now)
    let id = ScheduleID(database.lastInsertedRowID)
    try reckon(Schedule(id: id, terms: terms, since: since, createdAt: now))
    try audit(id, old: nil, new: terms.description)
    return id
  }

  /// Minutes and hours are counted anew where how often has changed.
  package func set(_ id: ScheduleID, to terms: ScheduleTerms) throws(Problem) {
    let terms = try checked(terms)
    var schedule = try schedule(id)
    let before = schedule.terms
    guard before != terms else { return }
    if before.cadence != terms.cadence { schedule.since = wholeMinute }
    schedule.terms = terms
    // Inactive for a moment: with the other terms there is no next run yet.
    try database.execute(
      """
      UPDATE schedule SET type = ?, cadence = ?, zone = ?, sample = ?, folder = ?, keeps = ?,
        since = ?, is_active = 0, next_run_at = NULL
      WHERE id = ?
      """, terms.type.rawValue, terms.cadence.description, terms.zone, terms.sample, terms.folder,
      terms.keeps, schedule.since, id)
    try reckon(schedule)
    try audit(id, old: before.description, new: terms.description)
  }

  package func remove(_ id: ScheduleID) throws(Problem) {
    let before = try schedule(id).terms.description
    try database.execute("DELETE FROM schedule WHERE id = ?", id)
    try audit(id, old: before, new: nil)
  }

  /// It has run, in this execution; the next run is the first after now, however many were missed.
  package func ran(_ schedule: Schedule, in execution: ExecutionID) throws(Problem) {
    try database.execute(
      "UPDATE schedule SET last_run_at = ?, last_execution_id = ? WHERE id = ?", now, execution,
      schedule.id)
    try reckon(schedule)
  }

  // MARK: Reckoning

  /// True when some were reckoned in a zone that is not the workspace's any more.
  package func isStale() throws(Problem) -> Bool { try !stale().isEmpty }

  /// Brings those up to date.
  package func reckonAnew() throws(Problem) {
    for schedule in try stale() { try reckon(schedule) }
  }

  private func stale() throws(Problem) -> [Schedule] {
    try database.rows(
      """
      SELECT \(Self.columns) FROM schedule
      WHERE zone IS NULL AND is_active = 1 AND reckoned_in IS NOT ?
      """, try workspaceZone(), map: Self.schedule)
  }

  private func reckon(_ schedule: Schedule) throws(Problem) {
    let zone = try workspaceZone()
    let next = schedule.terms.isActive ? schedule.next(after: now, workspaceZone: zone) : nil
    try database.execute(
      "UPDATE schedule SET is_active = ?, next_run_at = ?, reckoned_in = ? WHERE id = ?",
      schedule.terms.isActive, next, schedule.terms.zone ?? zone, schedule.id)
  }

  private func workspaceZone() throws(Problem) -> String {
    try settings.values()[Settings.zone]
  }

  private var wholeMinute: Instant {
    Instant(milliseconds: now.milliseconds - now.milliseconds % 60_000)
  }

  /// The terms with what does not belong to their type taken out.
  private func checked(_ terms: ScheduleTerms) throws(Problem) -> ScheduleTerms {
    var terms = terms
    if terms.type != .verification { terms.sample = nil }
    if terms.type != .backup { (terms.folder, terms.keeps) = ("", 7) }
    try terms.check()
    return terms
  }

  private func audit(_ id: ScheduleID, old: String?, new: String?) throws(Problem) {
    try database.execute(
      """
      INSERT INTO audit (at, who, person_id, field, old, new)
        VALUES (?, coalesce((SELECT who FROM acting), 'outside Listkeeper'), NULL, ?, ?, ?)
      """, now, "schedule \(id)", old, new)
  }

  private static func schedule(_ row: Row) throws(Problem) -> Schedule {
    var terms = ScheduleTerms(try row.state(1), try Cadence(row.text(2)))
    terms.zone = row.optionalText(3)
    terms.isActive = row.bool(4)
    terms.sample = row.optionalInt(5)
    terms.folder = row.text(6)
    terms.keeps = row.int(7)
    var schedule = Schedule(
      id: row.identifier(0), terms: terms, since: row.instant(8), createdAt: row.instant(9))
    schedule.nextRunAt = row.optionalInstant(10)
    schedule.lastRunAt = row.optionalInstant(11)
    schedule.lastExecution = row.optionalIdentifier(12)
    return schedule
  }
}

extension WorkspaceAccess {
  package var schedules: ScheduleStore { ScheduleStore(database: database, now: now) }
}

extension Reports {
  /// Every schedule with what became of its last run.
  package func schedules() throws(Problem) -> [ScheduleRow] {
    let store = ScheduleStore(database: database, now: now)
    return try store.all().map { (schedule) throws(Problem) in
      ScheduleRow(
        schedule: schedule,
        lastRun: try schedule.lastExecution.map { (id) throws(Problem) in
          try executions.execution(id)
        } ?? nil)
    }
  }
}
