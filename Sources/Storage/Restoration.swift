// Going back to a backup. What must stay true: nobody whose refusal the present workspace knows is
// subscribed again because the backup is older. So suppressions, ledger and opt-outs are carried
// over, what was queued or planned then is dropped, and the audience counts as never read: the next
// sync reads it in full and is held for a look.

import Basics
import Domain
import Glibc
import Queue
import SQLite

package struct Restoration: Sendable, Equatable {
  /// Where what was there before lies now; nil where nothing was.
  package private(set) var keptAs: String?
  /// What of the present workspace the backup did not have.
  package private(set) var suppressions = 0
  package private(set) var ledgerEntries = 0
  package private(set) var optOuts = 0
  package private(set) var people = 0
  /// Who was in the backup and has been forgotten since: not brought back.
  package private(set) var erased = 0

  /// Puts the backup `file` in the place of the workspace `path`. Blocks. Refuses while an engine
  /// holds the workspace, and a file that is newer, foreign or of another workspace; with `force`,
  /// a present file that cannot be read, or is another workspace, is put aside as it is, and nothing
  /// is carried over.
  package static func restore(
    _ file: String, to path: String, by who: String, force: Bool = false,
    time: any TimeSource = SystemTime()
  ) throws(Problem) -> Restoration {
    try check(file, time)
    let target = WorkspaceFile.resolved(path)
    guard WorkspaceFile.resolved(file) != target else {
      throw Problem(
        "restore.onto-itself", "\(file) is the workspace itself.", remedy: "Name a backup.")
    }
    try WorkspaceFile.makeParentOfDefault(for: path)
    let vacancy = try EngineVacancy(at: target)
    defer { vacancy.end() }
    var restoration = Restoration()
    let prepared = target + ".restoring"
    remove(prepared)
    defer { remove(prepared) }
    try Connection(path: file, mode: .readOnly, keepingJournal: true).backup(to: prepared)
    let present = try present(target, like: prepared, force: force, time)
    try restoration.prepare(
      prepared, present: present?.path, from: WorkspaceFile.resolved(file), by: who, time)
    try restoration.exchange(prepared, for: target, present, time)
    return restoration
  }

  /// Refuses what is no backup of a workspace that this version can open.
  private static func check(_ file: String, _ time: any TimeSource) throws(Problem) {
    do throws(Problem) {
      try WorkspaceFile.check(file)
      _ = try Schema.migrator(time: time).open(path: file, mode: .readOnly)
    } catch {
      switch error.code {
      case "workspace.older": return
      case "workspace.missing":
        throw Problem(
          "restore.missing", "There is no backup \(file).", remedy: "Name a file that is there.")
      default: throw WorkspaceFile.problem(error, at: file)
      }
    }
  }

  /// The workspace that is there now, open; nil where there is none, or none that can be read and
  /// `force` says that this does not matter.
  private static func present(
    _ target: String, like prepared: String, force: Bool, _ time: any TimeSource
  ) throws(Problem) -> Connection? {
    guard WorkspaceFile.exists(at: target) else { return nil }
    let problem: Problem
    do throws(Problem) {
      try WorkspaceFile.check(target)
      let present = try Schema.migrator(time: time).open(path: target, mode: .readWrite)
      try present.checkIntegrity()
      if try key(of: present) == key(of: Connection(path: prepared, mode: .readOnly)) {
        return present
      }
      problem = Problem(
        "restore.other-workspace", "The backup is of another workspace than \(target).",
        remedy: "Restore it under a new name with --workspace, or put the present one aside and"
          + " restore all the same with --force.")
    } catch {
      problem = WorkspaceFile.problem(error, at: target)
    }
    // A folder, or a file somebody keeps locked, is nothing to be put aside.
    if force, !["workspace.is-folder", "workspace.locked"].contains(problem.code) { return nil }
    if problem.code == "restore.other-workspace" { throw problem }
    throw Problem(
      "restore.present-unreadable", "What it knows cannot be carried over: \(problem.sentence)",
      remedy: "To put it aside and restore without that, add --force.", fields: problem.fields
    ).caused(by: problem)
  }

  private static func key(of database: Connection) throws(Problem) -> [UInt8] {
    try database.one("SELECT hash_key FROM workspace") { $0.blob(0) } ?? []
  }

  private static func remove(_ path: String) {
    for suffix in ["", "-wal", "-shm", "-journal", ".part"] { unlink(path + suffix) }
  }

  // MARK: Making it ready

  private mutating func prepare(
    _ prepared: String, present: String?, from file: String, by who: String, _ time: any TimeSource
  ) throws(Problem) {
    let database = try Schema.migrator(time: time).open(path: prepared, mode: .readWrite)
    if let present { try database.execute("ATTACH ? AS present", present) }
    let now = time.now()
    var carried = self
    try database.transaction(.immediate) { () throws(Problem) in
      try database.execute(
        "UPDATE acting SET who = ?, at = ?, evidence = 'restored from a backup'", who, now)
      try Self.dropWork(database, now, by: who)
      if present != nil { try carried.carryOver(database) }
      carried.erased = try ErasureStore(database: database, now: now).eraseAgain(by: who)
      try Self.beginAnew(database, isPresent: present != nil)
      carried.people = try database.integer("SELECT count(*) FROM person")
      try ExecutionStore(database: database, now: now).log(
        [LogLine(at: now, .warning, "The workspace was restored from \(file) by \(who).")], of: nil)
      try database.execute("UPDATE acting SET who = NULL, at = NULL, evidence = NULL")
    }
    self = carried
    if present != nil { try database.script("DETACH present") }
    try database.script("PRAGMA journal_mode=DELETE")
    try database.checkIntegrity()
  }

  /// What was to be done then is not to be done now: the next sync looks at everybody.
  private static func dropWork(
    _ database: Connection, _ now: Instant, by who: String
  ) throws(Problem) {
    try database.script("DELETE FROM message; DELETE FROM request WHERE state = 'waiting';")
    let executions = ExecutionStore(database: database, now: now)
    for execution in try executions.open() {
      try executions.log(
        [LogLine(at: now, .info, "It was open in the backup that was restored.")], of: execution.id)
      try executions.finish(execution.id, as: .cancelled)
    }
    try database.execute(
      """
      UPDATE plan SET status = 'discarded', decided_at = ?, decided_by = ?
      WHERE status IN ('drafting', 'ready', 'held', 'approved')
      """, now, who)
  }

  private mutating func carryOver(_ database: Connection) throws(Problem) {
    suppressions = try database.execute(
      """
      INSERT INTO suppression (audience_id, address_hash, address_key, reason, at, evidence)
        SELECT audience_id, address_hash, address_key, reason, at, evidence
        FROM present.suppression WHERE true
        ON CONFLICT (audience_id, address_hash) DO UPDATE SET (reason, at, evidence) =
          (SELECT \(ConsentStore.graver("excluded", "suppression")))
      """)
    // What was erased since stays erased here.
    try database.execute(
      """
      UPDATE suppression SET address_key = NULL WHERE address_key IS NOT NULL
        AND (audience_id, address_hash) IN (SELECT audience_id, address_hash
          FROM present.suppression WHERE address_key IS NULL)
      """)
    try database.execute(
      """
      INSERT INTO erasure (at, by, person_id, born_at)
        SELECT at, by, person_id, born_at FROM present.erasure
        EXCEPT SELECT at, by, person_id, born_at FROM main.erasure
      """)
    try database.script(
      """
      CREATE TEMP TABLE carried AS
        SELECT person_id, address_key, old, new, at, by, evidence FROM present.consent_entry
        EXCEPT
        SELECT person_id, address_key, old, new, at, by, evidence FROM main.consent_entry;
      """)
    ledgerEntries = try database.execute(
      """
      INSERT INTO consent_entry (person_id, address_key, old, new, at, by, evidence)
        SELECT person_id, address_key, old, new, at, by, evidence FROM carried ORDER BY at
      """)
    // Only refusals come along: who opted in since is asked again rather than mailed by mistake. A
    // number may mean somebody else where both files went on from an older one, hence the birth.
    optOuts = try database.execute(
      """
      UPDATE person SET opt_in = 'no', opt_in_how = 'carried over by a restore',
        opt_in_at = coalesce((SELECT max(at) FROM carried WHERE new = 'opt-in no'
          AND (person_id = person.id OR address_key IN
            (SELECT key FROM address WHERE address.person_id = person.id))), opt_in_at)
      WHERE opt_in <> 'no' AND (
        id IN (SELECT p.id FROM present.person AS p JOIN carried AS c ON c.person_id = p.id
          WHERE p.opt_in = 'no' AND c.new = 'opt-in no' AND p.created_at = person.created_at)
        OR id IN (SELECT a.person_id FROM address AS a WHERE a.key IN (
          SELECT c.address_key FROM carried AS c WHERE c.address_key <> '' AND c.new = 'opt-in no'
            AND NOT EXISTS (SELECT 1 FROM carried AS later WHERE later.address_key = c.address_key
              AND later.at > c.at AND later.new = 'opt-in yes'))))
      """)
    try database.script("DROP TABLE carried")
  }

  /// The audience is to be read before anything is sent, and no engine of before counts.
  private static func beginAnew(_ database: Connection, isPresent: Bool) throws(Problem) {
    try database.execute(
      "UPDATE audience SET read_at = NULL, polled_to = NULL, first_sync_at = NULL")
    try database.execute(
      """
      UPDATE engine SET term = term + 1, pid = NULL, blocked_by = NULL, next_poll_at = NULL,
        stopped_at = coalesce(stopped_at, started_at)
      """)
    guard isPresent else { return }
    try database.execute(
      """
      UPDATE engine SET term = max(term, (SELECT term FROM present.engine) + 1),
        is_paused = max(is_paused, (SELECT is_paused FROM present.engine))
      """)
  }

  // MARK: Putting it into its place

  /// Whoever has the present file open sees the exchange as one change of it; a file that is no
  /// workspace is moved aside with all that belongs to it.
  private mutating func exchange(
    _ prepared: String, for target: String, _ present: Connection?, _ time: any TimeSource
  ) throws(Problem) {
    let aside = "\(target).before-restore-\("\(time.now())".filter { $0 != ":" })"
    if let present {
      try present.backup(to: aside)
      keptAs = aside
      try Connection(path: prepared, mode: .readOnly, keepingJournal: true).overwrite(present)
      _ = try present.checkpointTruncate()
      return
    }
    if WorkspaceFile.exists(at: target) {
      for suffix in ["-wal", "-shm", "-journal"] where WorkspaceFile.exists(at: target + suffix) {
        try Self.move(target + suffix, to: aside + suffix)
      }
      try Self.move(target, to: aside)
      keptAs = aside
    }
    try Self.move(prepared, to: target)
  }

  private static func move(_ path: String, to other: String) throws(Problem) {
    guard rename(path, other) == 0 else {
      throw Problem(
        "restore.not-moved", "\(path) could not be given the name \(other).",
        remedy: "Correct the rights of the folder.", cause: String(cString: strerror(errno)))
    }
  }
}
