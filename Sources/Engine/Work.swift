// What the engine's messages say. A body is small and complete: whoever leases it after a crash
// goes on from it and needs nothing that was in memory.

import Basics
import Domain
import Queue

/// The kinds of message, by the words they are stored under. The schema's triggers know the first
/// two.
package enum MessageKind: String, Sendable, CaseIterable {
  /// A person changed; taken in by `Intake`, which knows their addresses.
  case personChanged = "person changed"
  /// Bring one address in step.
  case syncAddress = "sync address"
  /// Read members of the audience, some pages at a time.
  case readAudience = "read audience"
  /// Compare everyone with what was agreed, a window at a time, and write the plan.
  case survey
  /// Send up to 500 rows of a plan, or up to 500 named addresses.
  case sendChunk = "send chunk"
  /// Compare directory and audience, some pages or addresses at a time; or read the addresses of a
  /// repair again.
  case verify
  /// Plan what takes an execution back, a window of its rows at a time.
  case undo
  /// Read the source of people, and carry out what it says.
  case refreshPeople = "refresh people"
  /// Tell the source what Mailchimp changed of one person.
  case writeBack = "write back"
  /// What is kept as a tag, or who is to hold one, may differ; taken in by `TagIntake`.
  case lookAtTags = "look at tags"
  /// Tell Mailchimp who gains and who loses a tag, a turn at a time.
  case syncTags = "sync tags"
  /// Copy the workspace into a folder.
  case backup
  /// Look at one address again, because a webhook named it.
  case pullMember = "pull member"
  /// See to it that the audience's webhook is there and right.
  case tendWebhook = "tend webhook"
}

/// How a sync that was asked for is to end.
package enum SyncMode: String, Sendable {
  /// Plan, guard, send.
  case sync
  /// The same, and the plan is not held for a look.
  case approved
  /// Plan only.
  case dryRun = "dry run"
}

/// A reading of the audience in progress.
struct ReadAudience: Sendable, Equatable {
  var execution: ExecutionID
  /// Everything, not only what changed since the last poll.
  var isFull: Bool
  /// Archived members are asked for in a pass of their own (facts: an unfiltered listing is not
  /// known to show them).
  var isArchivedPass = false
  /// Who was there before and was not shown is asked for by key; the last one that was. Nil until
  /// everybody has been shown.
  var missingAfter: AddressKey?
  var place = ListingPlace()
  /// How many members this pass has, once a page said so.
  var total: Int?
  /// Our clock when the reading began: what it has not seen since then is gone.
  var startedAt: Instant
  /// Mailchimp's clock when the reading began: the next poll asks from here.
  var serverStartedAt: Instant?
  /// Members already read in this reading.
  var read = 0
  /// More may be gone than the guard lets pass: the administrator said so.
  var letsGo = false
  /// What follows it.
  var then: SyncMode?

  var message: NewMessage {
    var body: [String: JSONValue] = [
      "execution": .int(execution.rawValue), "full": .bool(isFull),
      "archived": .bool(isArchivedPass), "offset": .int(Int64(place.offset)),
      "tail": .array(place.tail.map { .string($0) }),
      "started_at": .int(startedAt.milliseconds), "read": .int(Int64(read)),
    ]
    if let total { body["total"] = .int(Int64(total)) }
    if letsGo { body["lets_go"] = .bool(true) }
    if let missingAfter { body["missing_after"] = .string(missingAfter.description) }
    if let serverStartedAt { body["server_started_at"] = .int(serverStartedAt.milliseconds) }
    if let then { body["then"] = .string(then.rawValue) }
    return NewMessage(
      kind: MessageKind.readAudience.rawValue, subject: "audience:\(execution.rawValue)",
      body: JSONValue.object(body).description, priority: then == nil ? 6 : 3, runAt: startedAt)
  }

  init(execution: ExecutionID, isFull: Bool, startedAt: Instant, then: SyncMode?) {
    self.execution = execution
    self.isFull = isFull
    self.startedAt = startedAt
    self.then = then
  }

  init(_ message: Message) throws(Problem) {
    let body = try JSONValue.parse(message.body)
    execution = try body.identifier("execution")
    isFull = body["full"]?.bool ?? false
    isArchivedPass = body["archived"]?.bool ?? false
    missingAfter = body["missing_after"]?.string.map { AddressKey($0) }
    place.offset = Int(body["offset"]?.int ?? 0)
    place.tail = body["tail"]?.array?.compactMap(\.string) ?? []
    total = body["total"]?.int.map { Int($0) }
    startedAt = Instant(milliseconds: body["started_at"]?.int ?? 0)
    serverStartedAt = body["server_started_at"]?.int.map(Instant.init(milliseconds:))
    read = Int(body["read"]?.int ?? 0)
    letsGo = body["lets_go"]?.bool ?? false
    then = body["then"]?.string.flatMap(SyncMode.init)
  }
}

/// A comparison in progress: windows of addresses by key, then people without an address by id.
struct SurveyWork: Sendable, Equatable {
  var execution: ExecutionID
  var plan: PlanID
  var mode: SyncMode
  /// The last address of the windows done; nil at the start.
  var after: AddressKey?
  /// Whom it looks at.
  enum Reach: Sendable, Equatable {
    case everybody
    /// The addresses whose differences this execution repairs.
    case repair
    /// The addresses another execution touched, or those it could not send.
    case again(ExecutionID, refusedOnly: Bool)
  }
  var reach = Reach.everybody
  /// Set once all addresses are done: the last person without an address that was looked at.
  var withoutAddress: PersonID?

  func message(at now: Instant) -> NewMessage {
    var body: [String: JSONValue] = [
      "execution": .int(execution.rawValue), "plan": .int(plan.rawValue),
      "mode": .string(mode.rawValue),
    ]
    if let after { body["after"] = .string(after.description) }
    if let withoutAddress { body["without_address"] = .int(withoutAddress.rawValue) }
    switch reach {
    case .everybody: break
    case .repair: body["repair"] = true
    case .again(let id, let refusedOnly):
      body["again"] = .int(id.rawValue)
      if refusedOnly { body["refused_only"] = true }
    }
    return NewMessage(
      kind: MessageKind.survey.rawValue, subject: "audience:\(execution.rawValue)",
      body: JSONValue.object(body).description, priority: 3, runAt: now)
  }

  init(execution: ExecutionID, plan: PlanID, mode: SyncMode) {
    self.execution = execution
    self.plan = plan
    self.mode = mode
  }

  init(_ message: Message) throws(Problem) {
    let body = try JSONValue.parse(message.body)
    execution = try body.identifier("execution")
    plan = try body.identifier("plan")
    mode = body["mode"]?.string.flatMap(SyncMode.init) ?? .sync
    if let id = body["again"]?.int {
      reach = .again(ExecutionID(id), refusedOnly: body["refused_only"]?.bool ?? false)
    } else if body["repair"]?.bool ?? false {
      reach = .repair
    }
    after = body["after"]?.string.map { AddressKey($0) }
    withoutAddress = body["without_address"]?.int.map { PersonID($0) }
  }
}

/// Up to 500 addresses to be sent: rows of a plan by their ordinals, or the addresses themselves.
struct SendChunk: Sendable, Equatable {
  enum Content: Sendable, Equatable {
    case plan(PlanID, Range<Int>)
    case keys([AddressKey])
  }

  var execution: ExecutionID
  var content: Content
  /// After a try: those of the content who are still to be sent; nil before, for all.
  var only: Set<AddressKey>?

  /// The most that one batch call takes (facts: `POST /lists/{id}` takes 500 members).
  static let size = 500

  func message(at now: Instant, priority: Int = 4) -> NewMessage {
    let subject: String
    var body: [String: JSONValue] = ["execution": .int(execution.rawValue)]
    switch content {
    case .plan(let plan, let rows):
      subject = "chunk:\(execution.rawValue):\(rows.lowerBound)"
      body["plan"] = .int(plan.rawValue)
      body["from"] = .int(Int64(rows.lowerBound))
      body["to"] = .int(Int64(rows.upperBound))
    case .keys(let keys):
      subject = "chunk:\(execution.rawValue):\(keys.first?.description ?? "")"
      body["addresses"] = .array(keys.map { .string($0.description) })
    }
    return NewMessage(
      kind: MessageKind.sendChunk.rawValue, subject: subject,
      body: JSONValue.object(body).description, priority: priority, runAt: now)
  }

  init(execution: ExecutionID, _ content: Content) {
    self.execution = execution
    self.content = content
  }

  init(_ message: Message) throws(Problem) {
    let body = try JSONValue.parse(message.body)
    execution = try body.identifier("execution")
    if let keys = body["addresses"]?.array {
      content = .keys(keys.compactMap(\.string).map { AddressKey($0) })
    } else {
      let from = Int(body["from"]?.int ?? 0)
      content = .plan(
        try body.identifier("plan"), from..<max(from, Int(body["to"]?.int ?? 0)))
    }
    only = body["only"]?.array.map { Set($0.compactMap(\.string).map { AddressKey($0) }) }
  }

  /// The chunks of a whole plan, or of many addresses.
  static func chunks(of count: Int) -> [Range<Int>] {
    stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
  }
}

/// Tags to be placed and taken: what is left to do stands in the workspace, so it says only whose.
struct SyncTagsWork: Sendable, Equatable {
  var execution: ExecutionID

  func message(for audienceID: String, at now: Instant) -> NewMessage {
    NewMessage(
      kind: MessageKind.syncTags.rawValue, subject: "tags:\(audienceID)",
      body: JSONValue.object(["execution": .int(execution.rawValue)]).description, priority: 6,
      runAt: now)
  }

  init(execution: ExecutionID) { self.execution = execution }

  init(_ message: Message) throws(Problem) {
    execution = try JSONValue.parse(message.body).identifier("execution")
  }
}

/// `address:KEY`, as the schema's triggers write it too.
enum SyncAddress {
  static func message(_ key: AddressKey, at now: Instant, priority: Int = 5) -> NewMessage {
    NewMessage(
      kind: MessageKind.syncAddress.rawValue, subject: "address:\(key)", priority: priority,
      runAt: now, merge: .oldest)
  }

  static func key(_ message: Message) -> AddressKey {
    AddressKey(String(message.subject.dropFirst("address:".count)))
  }
}

extension JSONValue {
  func identifier<Tag>(_ name: String) throws(Problem) -> Identifier<Tag> {
    guard let number = self[name]?.int else {
      throw Problem("queue.bad-message", "A message names no \(name).")
    }
    return Identifier(number)
  }
}
