// A refresh in progress: clean what an earlier one left, read the source page by page, see who is
// missing, then (the guard willing) carry it out a few hundred people at a time. Each is one message
// that says how far it has come.

import Basics
import Domain
import Queue
import Storage

package struct RefreshWork: Sendable, Equatable {
  package enum Phase: String, Sendable {
    case clean, read
    /// Who was known and is not named any more.
    case compare
    case apply
  }

  package var execution: ExecutionID
  var phase = Phase.clean
  /// Everybody, not only who changed since last time.
  var isFull: Bool
  var startedAt: Instant
  /// The plan this reading fills; nil before it begins.
  var plan: PlanID?
  /// Rows read so far, and those among them that say not even whom they are about.
  var read = 0
  var unidentified = 0
  /// The last known person whose presence was looked at.
  var after = ""
  /// The next row to be carried out, and how many were put off since one could be.
  var position = 0
  var putOff = 0
  /// What will be remembered of the source.
  var source = ""
  var cursor: String?
  var signature: String?

  package init(execution: ExecutionID, isFull: Bool, startedAt: Instant) {
    self.execution = execution
    self.isFull = isFull
    self.startedAt = startedAt
  }

  /// Reads the source: joins a refresh that has not ended, replaces one that is held. Requests,
  /// schedules, file watches and intervals all come here; `who` is told in the log of what is
  /// replaced.
  package static func start(
    _ trigger: Trigger, isFull: Bool = true, by who: String, _ tx: WorkspaceTransaction
  ) throws(Problem) -> ExecutionID {
    guard try tx.settings.values()[Settings.sourceKind] != .builtIn else {
      throw Problem(
        "settings.no-source", "People are edited here; there is no source to read.",
        remedy: "Set source.kind in Settings or with `listkeeper settings set`.")
    }
    let open = try tx.executions.joinable().filter { $0.flow == .refresh }
    if let running = open.first(where: { $0.status != .held }) { return running.id }
    for held in open {
      try tx.executions.log(
        [LogLine(at: tx.now, .info, "The source is read again; this plan was not carried out.")],
        of: held.id)
      if let plan = held.plan {
        _ = try tx.plans.decide(plan, as: .discarded, from: [.held], by: who)
      }
      try tx.executions.finish(held.id, as: .cancelled)
    }
    let id = try tx.executions.create(.refresh, trigger, audienceID: nil)
    var record = try tx.source.record()
    let isComplete = record.fullAt.map { tx.now - $0 >= fullEvery } ?? true
    try MessageQueue.enqueue(
      RefreshWork(execution: id, isFull: isFull || isComplete, startedAt: tx.now)
        .message(at: tx.now), on: tx.database)
    record.startedAt = tx.now
    try tx.source.save(record)
    return id
  }

  /// Who vanished shows only where everybody is read: so often at least.
  static let fullEvery = Duration.hours(24)

  package func message(at now: Instant) -> NewMessage {
    NewMessage(
      kind: MessageKind.refreshPeople.rawValue, subject: "source:\(execution.rawValue)",
      body: body, priority: 4, runAt: now)
  }

  var body: String {
    var body: [String: JSONValue] = [
      "execution": .int(execution.rawValue), "phase": .string(phase.rawValue),
      "full": .bool(isFull), "started_at": .int(startedAt.milliseconds), "read": .int(Int64(read)),
      "unidentified": .int(Int64(unidentified)), "after": .string(after),
      "position": .int(Int64(position)), "put_off": .int(Int64(putOff)),
      "source": .string(source),
    ]
    if let plan { body["plan"] = .int(plan.rawValue) }
    if let cursor { body["cursor"] = .string(cursor) }
    if let signature { body["signature"] = .string(signature) }
    return JSONValue.object(body).description
  }

  init(body text: String) throws(Problem) {
    let body = try JSONValue.parse(text)
    guard let id = body["execution"]?.int,
      let phase = body["phase"]?.string.flatMap(Phase.init)
    else { throw Problem("queue.bad-message", "A message names no execution.") }
    self.init(
      execution: ExecutionID(id), isFull: body["full"]?.bool ?? true,
      startedAt: Instant(milliseconds: body["started_at"]?.int ?? 0))
    self.phase = phase
    plan = body["plan"]?.int.map { PlanID($0) }
    read = Int(body["read"]?.int ?? 0)
    unidentified = Int(body["unidentified"]?.int ?? 0)
    after = body["after"]?.string ?? ""
    position = Int(body["position"]?.int ?? 0)
    putOff = Int(body["put_off"]?.int ?? 0)
    source = body["source"]?.string ?? ""
    cursor = body["cursor"]?.string
    signature = body["signature"]?.string
  }

  init(_ message: Message) throws(Problem) { try self.init(body: message.body) }
}
