// What becomes of a plan once it is let through: chunks to be sent, in the execution that carries it
// out. What must stay true: a plan is applied once, whoever approves it, and however often.

import Basics
import Domain
import Queue
import Storage

/// Turns a plan into chunks.
enum PlanApplication {
  /// The plan that this execution is still to make is not held for a look. Its message carries it,
  /// also one that is in hand: the `Recorder` looks there before it puts in the next.
  static func approveBeforehand(
    _ id: ExecutionID, _ tx: WorkspaceTransaction
  ) throws(Problem) {
    for (kind, member) in [(MessageKind.readAudience, "$.then"), (.survey, "$.mode")] {
      try tx.database.execute(
        """
        UPDATE message SET body = json_set(body, ?2, ?3)
        WHERE id IN (\(MessageQueue.open)) AND body ->> '$.execution' = ?4
          AND body ->> ?2 IS NOT NULL
        """, kind.rawValue, member, SyncMode.approved.rawValue, id)
    }
  }

  /// Readings that wait because too many contacts are gone may take them for deleted.
  static func letGo(_ tx: WorkspaceTransaction) throws(Problem) {
    try MessageQueue.set("$.lets_go", kind: MessageKind.readAudience.rawValue, on: tx.database)
  }

  /// The survey of this sync begins from the top once the window in hand is done; false where it
  /// has none any more.
  static func surveyAgain(_ id: ExecutionID, _ tx: WorkspaceTransaction) throws(Problem) -> Bool {
    try tx.database.execute(
      """
      UPDATE message SET body = json_set(body, '$.again', json('true'))
      WHERE id IN (\(MessageQueue.open)) AND body ->> '$.execution' = ?2
      """, MessageKind.survey.rawValue, id) > 0
  }

  static func isApprovedBeforehand(
    _ id: ExecutionID, _ tx: WorkspaceTransaction
  ) throws(Problem) -> Bool {
    for kind in [MessageKind.readAudience, .survey] {
      let found = try tx.database.one(
        """
        SELECT 1 FROM message WHERE id IN (\(MessageQueue.open)) AND body ->> '$.execution' = ?2
          AND ?3 IN (body ->> '$.then', body ->> '$.mode') LIMIT 1
        """, kind.rawValue, id, SyncMode.approved.rawValue
      ) { $0.bool(0) }
      if found != nil { return true }
    }
    return false
  }

  static func apply(
    _ id: PlanID, in execution: Execution, by who: String, _ tx: WorkspaceTransaction
  ) throws(Problem) {
    if execution.flow == .refresh {
      return try SourceRecorder.begin(id, in: execution, by: who, tx)
    }
    guard
      try tx.plans.decide(id, as: .approved, from: [.drafting, .held, .ready], by: who)
    else { return }
    let size = try tx.plans.size(id)
    if let audienceID = execution.audienceID {
      var progress = try tx.audiences.progress(of: audienceID)
      // With nobody in the directory, and nobody who arrives, there was nothing to look at.
      let hasPeople = size > 0 ? true : try tx.directory.count() > 0
      // An undo is no sync: what it takes back may have been a trial before the first one.
      if progress.firstSyncAt == nil, hasPeople, execution.trigger != .undo {
        progress.firstSyncAt = tx.now
        try tx.audiences.save(progress, of: audienceID)
      }
    }
    try SeenMessages.remove(carriedOutBy: id, tx)
    let count = try tx.plans.count(id)
    if let audienceID = execution.audienceID {
      try tx.tags.compareAll(
        audienceID, because: execution.trigger, reading: execution.trigger == .resync)
    }
    try tx.executions.start(execution.id)
    try tx.executions.setTotal(size, of: execution.id)
    guard size > 0 else {
      _ = try tx.plans.decide(id, as: .applied, from: [.approved], by: who)
      try tx.executions.finish(execution.id)
      return
    }
    let chunks = SendChunk.chunks(of: count)
    for rows in chunks {
      try MessageQueue.enqueue(
        SendChunk(execution: execution.id, .plan(id, rows)).message(at: tx.now), on: tx.database)
    }
    try tx.executions.openChunks(chunks.count, of: execution.id)
    try tx.executions.beginStep(StepName.send, of: execution.id)
  }
}

extension PlanApplication {
  /// Nobody's opt-out is dropped with a plan: where it is not carried out, or not to its end, it
  /// leaves by itself, as the guard lets it; who left the list for another reason stays on it.
  static func letOptOutsGo(_ id: PlanID, _ tx: WorkspaceTransaction) throws(Problem) {
    for key in try tx.plans.optOuts(id) {
      try MessageQueue.enqueue(SyncAddress.message(key, at: tx.now), on: tx.database)
    }
  }
}

extension PlanApplication {
  /// A sync found everything anew that single changes wait with: nobody is asked twice. What came to
  /// their plan while the sync looked elsewhere goes its way singly again.
  static func supersede(
    by plan: PlanID, of sync: Execution, _ tx: WorkspaceTransaction
  ) throws(Problem) {
    guard try tx.plans.plan(plan)?.kind == .sync else { return }
    for held in try tx.plans.held() where held.kind == .changes {
      guard let holder = try tx.executions.execution(held.execution),
        holder.audienceID == sync.audienceID
      else { continue }
      for key in try tx.plans.supersede(held.id, by: plan) {
        try MessageQueue.enqueue(SyncAddress.message(key, at: tx.now), on: tx.database)
      }
      try tx.executions.log(
        [LogLine(at: tx.now, .info, "Plan \(plan) of a sync holds these changes too.")],
        of: holder.id)
      try tx.executions.finish(holder.id, as: .cancelled)
    }
  }
}

/// Single changes that a survey saw as well. They wait until its plan is carried out, which sends
/// them too; where it is not, they leave by themselves.
enum SeenMessages {
  static let singleKinds = JSONValue.array(
    MessageKind.allCases.filter(\.isSingle).map { .string($0.rawValue) }
  ).description

  static func mark(by plan: PlanID, _ tx: WorkspaceTransaction) throws(Problem) {
    try tx.database.execute(
      "UPDATE message SET body = json_set(body, ?, ?) WHERE state = 'ready' AND kind = ?",
      "$.\(MessageQueue.seenBy)", plan, MessageKind.syncAddress.rawValue)
  }

  /// Removes those that the plan saw, and those its rows are about: a row is decided again from what
  /// the file says when it is sent.
  static func remove(carriedOutBy plan: PlanID, _ tx: WorkspaceTransaction) throws(Problem) {
    try tx.database.execute(
      """
      DELETE FROM message WHERE state = 'ready' AND kind = ?1 AND (body ->> ?2 = ?3
        OR subject IN (SELECT 'address:' || address_key FROM plan_row
          WHERE plan_id = ?3 AND action <> 'tags'))
      """, MessageKind.syncAddress.rawValue, "$.\(MessageQueue.seenBy)", plan)
  }
}

/// The steps of a sync, as they are shown.
enum StepName {
  static let read = "Read the audience"
  static let compare = "Compare"
  static let send = "Send"
  static let tags = "Place tags"
}
