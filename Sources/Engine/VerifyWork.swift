// What a verification in progress says of itself: enough for whoever leases it after a crash to go
// on from it. The counts travel with it; what it found is in tables.

import Basics
import Domain
import Queue
import Storage

struct VerifyWork: Sendable, Equatable {
  enum Phase: String, Sendable {
    /// Pages of the audience, then of its archived contacts.
    case contacts, archived
    /// Addresses of the directory that the audience has not shown, by key.
    case directory
    /// People without an address, by id.
    case people
    /// Random addresses, one by one.
    case sample
    /// Addresses of a repair, read again one by one.
    case repair
  }

  var execution: ExecutionID
  var phase: Phase
  /// The page reached; and the contacts of this pass, once a page said so.
  var place = ListingPlace()
  var total: Int?
  /// The last address, or person, that was done.
  var after: AddressKey?
  var person: PersonID?
  /// How many random addresses were asked for, by what chance, and which are left.
  var sample: Int?
  var seed: UInt64 = 0
  var left: [AddressKey]?
  /// Of a repair: the plan to be made.
  var plan: PlanID?
  var totals = VerificationTotals()

  init(execution: ExecutionID, phase: Phase) {
    self.execution = execution
    self.phase = phase
  }

  func message(at now: Instant) -> NewMessage {
    var body: [String: JSONValue] = [
      "execution": .int(execution.rawValue), "phase": .string(phase.rawValue),
      "offset": .int(Int64(place.offset)), "seed": .string(String(seed)), "totals": totals.json,
    ]
    if !place.tail.isEmpty { body["tail"] = .array(place.tail.map { .string($0) }) }
    if let total { body["total"] = .int(Int64(total)) }
    if let after { body["after"] = .string(after.description) }
    if let person { body["person"] = .int(person.rawValue) }
    if let sample { body["sample"] = .int(Int64(sample)) }
    if let left { body["left"] = .array(left.map { .string($0.description) }) }
    if let plan { body["plan"] = .int(plan.rawValue) }
    return NewMessage(
      kind: MessageKind.verify.rawValue, subject: "audience:\(execution.rawValue)",
      body: JSONValue.object(body).description, priority: 6, runAt: now)
  }

  init(_ message: Message) throws(Problem) {
    let body = try JSONValue.parse(message.body)
    execution = try body.identifier("execution")
    guard let phase = body["phase"]?.string.flatMap(Phase.init) else {
      throw Problem("queue.bad-message", "A message names no phase of the verification.")
    }
    self.phase = phase
    place.offset = Int(body["offset"]?.int ?? 0)
    place.tail = body["tail"]?.array?.compactMap(\.string) ?? []
    total = body["total"]?.int.map { Int($0) }
    after = body["after"]?.string.map { AddressKey($0) }
    person = body["person"]?.int.map { PersonID($0) }
    sample = body["sample"]?.int.map { Int($0) }
    seed = body["seed"]?.string.flatMap { UInt64($0) } ?? 0
    left = body["left"]?.array?.compactMap(\.string).map { AddressKey($0) }
    plan = body["plan"]?.int.map { PlanID($0) }
    totals = VerificationTotals(json: body["totals"] ?? [:])
  }
}

extension VerifyAudience {
  /// Starts a verification of everybody, or of `sample` random addresses. One that has not begun or
  /// not ended is joined: asking twice is asking once.
  package static func start(
    _ trigger: Trigger, sample: Int?, seed: UInt64? = nil, audienceID: String,
    _ tx: WorkspaceTransaction
  ) throws(Problem) -> ExecutionID {
    if let sample, !(1...VerifyAudience.mostSampled).contains(sample) {
      throw Problem(
        "verify.bad-sample", "A sample of \(sample) addresses cannot be looked at.",
        remedy: "Give a number from 1 to \(VerifyAudience.mostSampled), or verify everybody.")
    }
    let open = try tx.executions.joinable().first {
      $0.flow == .verification && $0.audienceID == audienceID
    }
    if let open { return open.id }
    let id = try tx.executions.create(.verification, trigger, audienceID: audienceID)
    var work = VerifyWork(execution: id, phase: sample == nil ? .contacts : .sample)
    work.sample = sample
    work.seed = seed ?? UInt64.random(in: .min ... .max)
    try MessageQueue.enqueue(work.message(at: tx.now), on: tx.database)
    return id
  }

  /// Reads the addresses of these differences again and plans them like any others: the guard
  /// judges, and nobody is subscribed whom the planner would not subscribe.
  static func repair(
    _ selection: DriftSelection, audienceID: String, _ tx: WorkspaceTransaction
  ) throws(Problem) -> ExecutionID? {
    guard try tx.audiences.progress(of: audienceID).firstSyncAt != nil else {
      throw Problem(
        "sync.first-not-done", "This audience has not had its first sync.",
        remedy: "Force a sync and approve the plan first.")
    }
    // Tags are told by an execution of their own.
    let count = try tx.tags.repair(selection, audienceID: audienceID)
    let tags = count > 0 ? try TagIntake.start(.request, audienceID, tx) : nil
    guard try tx.drifts.isMoreThanTags(selection, audienceID: audienceID) else {
      if count > 0 { return tags }
      throw Problem(
        "drift.none", "No such difference waits to be repaired.",
        remedy: "Look for differences with `listkeeper verify`.")
    }
    let id = try tx.executions.create(.pushPeople, .request, audienceID: audienceID)
    let addresses = try tx.drifts.beginRepair(selection, by: id, audienceID: audienceID)
    var work = VerifyWork(execution: id, phase: .repair)
    work.plan = try tx.plans.create(for: id, audienceID: audienceID)
    try tx.executions.setTotal(addresses, of: id)
    try MessageQueue.enqueue(work.message(at: tx.now), on: tx.database)
    return id
  }
}

/// The end of a verification.
package struct VerificationEnd: Sendable, Equatable {
  /// Nil for everybody.
  var sample: Int?
  var totals: VerificationTotals
}
