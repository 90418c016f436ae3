// What consoles and commands ask of the engine, as rows: asked in one transaction, answered in that
// of the work it started. Nobody who asks needs to know where the engine runs.

import Basics
import Domain
import SQLite

package struct StoredRequest: Sendable, Equatable {
  package let id: RequestID
  package let request: Request
  package let at: Instant
  package let by: String
}

package struct RequestInbox {
  let database: Connection
  let now: Instant

  @discardableResult
  package func insert(_ request: Request) throws(Problem) -> RequestID {
    try database.execute(
      """
      INSERT INTO request (name, body, at, by)
        VALUES (?, ?, ?, coalesce((SELECT who FROM acting), 'outside Listkeeper'))
      """, request.name, request.body, now)
    return RequestID(database.lastInsertedRowID)
  }

  /// Those without an answer, oldest first. One that this version does not understand is answered
  /// as refused by `refuseUnknown`, and left out here.
  package func waiting(limit: Int = 100) throws(Problem) -> [StoredRequest] {
    try rows(limit).compactMap { row in
      row.request.map { StoredRequest(id: row.id, request: $0, at: row.at, by: row.by) }
    }
  }

  /// Refuses the waiting requests whose words this version does not know.
  package func refuseUnknown() throws(Problem) {
    for row in try rows(1000) where row.request == nil {
      try answer(
        row.id,
        .refused(
          Problem(
            "request.unknown", "This engine does not understand '\(Text.oneLine(row.name))'.",
            remedy: "Use the same version of Listkeeper for the engine and the console.")))
    }
  }

  package func answer(_ id: RequestID, _ answer: RequestAnswer) throws(Problem) {
    switch answer {
    case .waiting: break
    case .done(let execution):
      try database.execute(
        "UPDATE request SET state = 'done', execution_id = ? WHERE id = ?", execution, id)
    case .refused(let problem):
      try database.execute(
        "UPDATE request SET state = 'refused', problem = ? WHERE id = ?", problem.json, id)
    }
  }

  /// Nil when there is no such request.
  package func answer(to id: RequestID) throws(Problem) -> RequestAnswer? {
    try database.one("SELECT state, execution_id, problem FROM request WHERE id = ?", id) {
      (row) throws(Problem) in
      switch row.text(0) {
      case "done": .done(row.optionalIdentifier(1))
      case "refused": .refused(Problem(json: try row.json(2)))
      default: .waiting
      }
    }
  }

  /// Removes answered requests from before `limit`.
  package func sweep(before limit: Instant) throws(Problem) {
    try database.execute("DELETE FROM request WHERE state <> 'waiting' AND at < ?", limit)
  }

  private func rows(
    _ limit: Int
  ) throws(Problem) -> [(id: RequestID, name: String, request: Request?, at: Instant, by: String)] {
    try database.rows(
      """
      SELECT id, name, body, at, by FROM request WHERE state = 'waiting' ORDER BY id LIMIT ?
      """, limit
    ) { (row) throws(Problem) in
      (
        row.identifier(0), row.text(1), Request(name: row.text(1), body: try row.json(2)),
        row.instant(3), row.text(4)
      )
    }
  }
}

extension Workspace {
  /// Returns when the engine has answered. It waits as long as that takes: who asks checks first
  /// that an engine runs, and may cancel the task.
  package func waitForAnswer(to id: RequestID) async throws(Problem) -> RequestAnswer {
    let changes = changes.stream()
    if let answer = try await answer(to: id), answer != .waiting { return answer }
    for await _ in changes {
      if let answer = try await answer(to: id), answer != .waiting { return answer }
    }
    throw Problem(describing: CancellationError())
  }

  private func answer(to id: RequestID) async throws(Problem) -> RequestAnswer? {
    try await read { (reading) throws(Problem) in try reading.requests.answer(to: id) }
  }
}

extension WorkspaceAccess {
  package var requests: RequestInbox { RequestInbox(database: database, now: now) }
}

extension Request {
  /// What stands beside the name, as JSON.
  var body: JSONValue {
    switch self {
    case .forceSync(let approve), .resync(let approve): ["approve": .bool(approve)]
    case .syncPerson(let person): ["id": .int(person.rawValue)]
    case .approvePlan(let plan), .discardPlan(let plan): ["id": .int(plan.rawValue)]
    case .retryExecution(let id), .replayExecution(let id), .cancelExecution(let id):
      ["id": .int(id.rawValue)]
    case .reviveMessage(let id), .discardMessage(let id): ["id": .int(id)]
    case .dryRun, .pause, .enable, .settingsChanged, .checkWebhook, .removeWebhook: [:]
    case .verify(let sample, let seed):
      JSONValue.object(
        [
          "sample": sample.map { .int(Int64($0)) },
          "seed": seed.map { .string(String($0)) },
        ].compactMapValues { $0 })
    case .repairDrift(.rows(let ids)): ["rows": .array(ids.map { .int($0) })]
    case .repairDrift(.all(let kind)): ["kind": kind.map { .string($0.rawValue) } ?? .null]
    case .undoExecution(let id): ["id": .int(id.rawValue)]
    case .refresh: [:]
    case .decideConflict(let id, let decision):
      ["id": .int(id.rawValue), "decision": .string(decision.rawValue)]
    case .liftSuppression(let person), .askAgain(let person): ["id": .int(person.rawValue)]
    case .runSchedule(let id): ["id": .int(id.rawValue)]
    case .addContact(let key): ["address": .string(key.description)]
    }
  }

  /// Nil for what this version does not know.
  init?(name: String, body: JSONValue) {
    let approve = body["approve"]?.bool ?? false
    let id = body["id"]?.int
    switch (name, id) {
    case ("force sync", _): self = .forceSync(approve: approve)
    case ("resync", _): self = .resync(approve: approve)
    case ("dry run", _): self = .dryRun
    case ("sync person", let id?): self = .syncPerson(PersonID(id))
    case ("approve plan", let id?): self = .approvePlan(PlanID(id))
    case ("discard plan", let id?): self = .discardPlan(PlanID(id))
    case ("retry execution", let id?): self = .retryExecution(ExecutionID(id))
    case ("replay execution", let id?): self = .replayExecution(ExecutionID(id))
    case ("cancel execution", let id?): self = .cancelExecution(ExecutionID(id))
    case ("revive message", let id?): self = .reviveMessage(id)
    case ("discard message", let id?): self = .discardMessage(id)
    case ("pause", _): self = .pause
    case ("enable", _): self = .enable
    case ("settings changed", _): self = .settingsChanged
    case ("check webhook", _): self = .checkWebhook
    case ("remove webhook", _): self = .removeWebhook
    case ("verify", _):
      self = .verify(
        sample: body["sample"]?.int.map { Int($0) },
        seed: body["seed"]?.string.flatMap { UInt64($0) })
    case ("repair drift", _):
      if let rows = body["rows"]?.array {
        self = .repairDrift(.rows(rows.compactMap(\.int)))
      } else {
        let kind = body["kind"]?.string
        let known = kind.flatMap(DriftClass.init)
        if kind != nil, known == nil { return nil }
        self = .repairDrift(.all(known))
      }
    case ("undo execution", let id?): self = .undoExecution(ExecutionID(id))
    case ("refresh", _): self = .refresh
    case ("decide conflict", let id?):
      guard let decision = body["decision"]?.string.flatMap(ConflictDecision.init) else {
        return nil
      }
      self = .decideConflict(ConflictID(id), decision)
    case ("lift suppression", let id?): self = .liftSuppression(PersonID(id))
    case ("ask again", let id?): self = .askAgain(PersonID(id))
    case ("run schedule", let id?): self = .runSchedule(ScheduleID(id))
    case ("add contact", _):
      guard let address = body["address"]?.string else { return nil }
      self = .addContact(AddressKey(address))
    default: return nil
    }
  }
}
