// Finds out who is to gain or lose a tag, and starts the flow where there is something to tell. It
// compares in sets, one tag or some addresses a transaction, and starts nothing where nothing
// differs: a second sync makes no execution and no call.

import Basics
import Domain
import Queue
import Storage

struct TagIntake: Sendable {
  let term: Int64

  /// Addresses compared with every tag at a time.
  static let batch = 2000
  /// People times tags a transaction.
  static let reach = 20_000

  /// One piece of it; true when there may be more. `reconciles`: the searches may have changed.
  func take(
    settings: SettingValues, reconciles: Bool, _ tx: WorkspaceTransaction
  ) throws(Problem) -> Bool {
    try EngineLock.fence(term: term, on: tx)
    // Put in again while there is more, so that a stop here loses nothing.
    _ = try MessageQueue.deleteReady(kind: MessageKind.lookAtTags.rawValue, on: tx.database)
    let audienceID = settings[Settings.audience]
    guard !audienceID.isEmpty else { return false }
    if reconciles { try tx.tags.reconcile(audienceID) }
    guard try tx.audiences.progress(of: audienceID).firstSyncAt != nil else { return false }
    let (more, because) = try compare(audienceID, tx)
    if more { try tx.tags.askForLook() }
    _ = try Self.start(because, audienceID, tx)
    return more
  }

  private func compare(
    _ audienceID: String, _ tx: WorkspaceTransaction
  ) throws(Problem) -> (more: Bool, because: Trigger) {
    var because = Trigger.change
    let tags = max(1, min(50, Self.reach / max(1, try tx.candidates.surveySize())))
    var compared = 0
    while compared < tags, let due = try tx.tags.nextDue(audienceID) {
      try tx.tags.compare(due.tag, .everybody)
      because = due.because
      compared += 1
    }
    if compared > 0 { return (true, because) }
    let keys = try tx.tags.dueKeys(audienceID, limit: Self.batch)
    guard !keys.isEmpty else { return (false, because) }
    for tag in try tx.tags.tags(of: audienceID) { try tx.tags.compare(tag, .these(keys)) }
    try tx.tags.forgetDue(keys, audienceID)
    return (true, because)
  }

  /// One execution carries all that is to be told; one that is under way takes up what is new.
  /// Nil where nothing is to be told.
  static func start(
    _ trigger: Trigger, _ audienceID: String, _ tx: WorkspaceTransaction
  ) throws(Problem) -> ExecutionID? {
    guard try tx.tags.hasWork(audienceID) else { return nil }
    let subject = SyncTagsWork(execution: ExecutionID(0)).message(for: audienceID, at: tx.now)
      .subject
    let carried = try tx.database.one(
      """
      SELECT body ->> '$.execution' FROM message
      WHERE subject = ? AND state IN ('ready', 'leased') LIMIT 1
      """, subject
    ) { $0.identifier(0) as ExecutionID }
    if let carried { return carried }
    let id = try tx.executions.create(.tags, trigger, audienceID: audienceID)
    try tx.executions.setTotal(try tx.tags.waiting(audienceID), of: id)
    try MessageQueue.enqueue(
      SyncTagsWork(execution: id).message(for: audienceID, at: tx.now), on: tx.database)
    return id
  }
}
