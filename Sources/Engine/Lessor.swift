// Leases messages and gives each piece of work its execution, in one transaction.

import Basics
import Domain
import Queue
import Storage

struct Lessor: Sendable {
  let term: Int64

  /// A lease lasts this long unless it is renewed; the dispatcher renews it while the work runs.
  static let duration = Duration.minutes(5)

  /// What could be leased for one order: nothing, one piece of work, or several where single
  /// changes that are retries come beside fresh ones.
  func lease(
    _ kind: MessageKind, limit: Int, busy: Set<AddressKey>, audienceID: String,
    _ tx: WorkspaceTransaction
  ) throws(Problem) -> [LeasedWork] {
    try EngineLock.fence(term: term, on: tx)
    let token = Self.token()
    var excluded = busy
    if kind == .syncAddress {
      excluded.formUnion(try tx.links.newcomers(audienceID, from: busy))
    }
    let messages = try MessageQueue.lease(
      kinds: [kind.rawValue], limit: limit, now: tx.now, term: term, token: token,
      duration: Self.duration, excludingSubjects: Set(excluded.map { "address:\($0)" }),
      on: tx.database)
    guard !messages.isEmpty else { return [] }
    if kind == .writeBack { return try writeBacks(messages, token, tx) }
    if kind.isSingle {
      return try singleChanges(messages, kind, token, audienceID: audienceID, tx)
    }
    var works: [LeasedWork] = []
    for message in messages {
      if let work = try carriedOn(message, kind, token, busy: busy, tx) { works.append(work) }
    }
    return works
  }

  /// One batch of single changes is one execution; retries are executions of their own, linked to
  /// their original. What an execution had in hand when its engine ended, or when something blocked
  /// it, goes on in that one: each message says which.
  private func singleChanges(
    _ leased: [Message], _ kind: MessageKind, _ token: String, audienceID: String,
    _ tx: WorkspaceTransaction
  ) throws(Problem) -> [LeasedWork] {
    let (flow, trigger): (FlowKind, Trigger) =
      kind == .pullMember ? (.pullMembers, .webhook) : (.pushPeople, .change)
    let homes = try leased.map { (message) throws(Problem) in
      (message: message, home: try home(of: message, tx))
    }
    // Who may be renamed is in hand with the address they come from.
    let former =
      kind == .syncAddress
      ? try tx.links.former(audienceID, of: leased.map(SyncAddress.key)) : [:]
    let places = Dictionary(homes.map { (SyncAddress.key($0.message), $0.home) }) { a, _ in a }
    var groups: [ExecutionID?: [Message]] = [:]
    var unended: [ExecutionID: [Message]] = [:]
    for (message, home) in homes {
      let from = former[SyncAddress.key(message)] ?? []
      guard from.allSatisfy({ places[$0] ?? home == home }) else {
        try wait(message, token, tx)
        continue
      }
      switch home {
      case .goesOn(let id): unended[id, default: []].append(message)
      case .retries(let original): groups[original, default: []].append(message)
      }
    }
    func work(_ messages: [Message], _ execution: Execution) -> LeasedWork {
      let keys = Set(messages.map(SyncAddress.key))
      var work = LeasedWork(
        kind: kind, messages: messages, token: token, execution: execution, addresses: keys)
      work.former = keys.reduce(into: []) { $0.formUnion(former[$1] ?? []) }
      return work
    }
    var works: [LeasedWork] = []
    for (id, messages) in unended.sorted(by: { $0.key < $1.key }) {
      try tx.executions.start(id)
      guard let execution = try tx.executions.execution(id) else { continue }
      works.append(work(messages, execution))
    }
    for (original, messages) in groups.sorted(by: {
      ($0.key?.rawValue ?? 0) < ($1.key?.rawValue ?? 0)
    }
    ) {
      let attempt = (messages.map(\.attempt).max() ?? 0) + 1
      let id = try tx.executions.create(
        flow, original == nil ? trigger : .retry, attempt: attempt, original: original,
        audienceID: audienceID, status: .running)
      try tx.executions.setTotal(messages.count, of: id)
      try tx.database.execute(
        """
        UPDATE message SET body = json_set(json_remove(body, '$.revived'), '$.execution', ?)
        WHERE id IN (SELECT value FROM json_each(?))
        """, id, JSONValue.array(messages.map { .int($0.id.rawValue) }))
      guard let execution = try tx.executions.execution(id) else { continue }
      works.append(work(messages, execution))
    }
    return works
  }

  /// The execution a single change belongs to.
  private enum Home: Hashable {
    /// It was in hand when an engine ended or something blocked it.
    case goesOn(ExecutionID)
    /// A new one; of a retry, linked to its original.
    case retries(ExecutionID?)
  }

  private func home(of message: Message, _ tx: WorkspaceTransaction) throws(Problem) -> Home {
    let body = try JSONValue.parse(message.body)
    if let id = body["execution"]?.int.map({ ExecutionID($0) }),
      let execution = try tx.executions.execution(id), !execution.status.isFinished
    {
      return .goesOn(id)
    }
    return .retries(Attempts.original(of: message, saying: body))
  }

  /// Somebody has one of these people in hand; it is looked at again when they are done.
  private func wait(
    _ message: Message, _ token: String, _ tx: WorkspaceTransaction
  ) throws(Problem) {
    _ = try MessageQueue.postpone(
      message.id, token: token, runAt: tx.now + .milliseconds(200), on: tx.database)
  }

  /// A message that names its execution carries it on. Where that one has ended (a dead letter sent
  /// again), a new execution is linked to it.
  private func carriedOn(
    _ message: Message, _ kind: MessageKind, _ token: String, busy: Set<AddressKey>,
    _ tx: WorkspaceTransaction
  ) throws(Problem) -> LeasedWork? {
    var message = message
    var chunk: SendChunk?
    let id: ExecutionID
    switch kind {
    case .sendChunk:
      let content = try SendChunk(message)
      chunk = content
      id = content.execution
    case .readAudience: id = try ReadAudience(message).execution
    case .survey: id = try SurveyWork(message).execution
    case .verify: id = try VerifyWork(message).execution
    case .undo: id = try UndoWork(message).execution
    case .refreshPeople: id = try RefreshWork(message).execution
    case .syncTags: id = try SyncTagsWork(message).execution
    case .backup: id = try BackupWork(message).execution
    case .tendWebhook: id = try WebhookVisit(message).execution
    case .personChanged, .syncAddress, .writeBack, .lookAtTags, .pullMember: return nil
    }
    guard var execution = try tx.executions.execution(id) else {
      _ = try MessageQueue.complete(message.id, token: token, on: tx.database)
      return nil
    }
    if execution.status.isFinished {
      let new = try tx.executions.create(
        // The rows of an undo are what was, also when they are sent again.
        execution.flow, execution.trigger == .undo ? .undo : .retry, attempt: execution.attempt + 1,
        original: execution.original ?? id, audienceID: execution.audienceID, status: .running,
        isForEveryone: execution.isForEveryone, askedBy: execution.askedBy)
      if kind == .sendChunk { try tx.executions.openChunks(1, of: new) }
      try tx.database.execute(
        "UPDATE message SET body = json_set(body, '$.execution', ?) WHERE id = ?", new, message.id)
      guard let renewed = try MessageQueue.message(message.id, on: tx.database),
        let linked = try tx.executions.execution(new)
      else { return nil }
      message = renewed
      execution = linked
    }
    var addresses: Set<AddressKey> = []
    switch chunk?.content {
    case .plan(let plan, let rows): addresses = Set(try tx.plans.keys(plan, rows))
    case .keys(let keys): addresses = Set(keys)
    case nil: break
    }
    if let only = chunk?.only { addresses.formIntersection(only) }
    var former: Set<AddressKey> = []
    if kind == .sendChunk {
      if execution.total == nil { try tx.executions.setTotal(addresses.count, of: execution.id) }
      former = try tx.links.former(execution.audienceID ?? "", of: addresses).values
        .reduce(into: []) { $0.formUnion($1) }
    }
    if kind == .syncTags {
      addresses = Set(try tx.tags.turn(execution.audienceID ?? "").keys)
    }
    guard addresses.union(former).isDisjoint(with: busy) else {
      try wait(message, token, tx)
      return nil
    }
    try tx.executions.start(execution.id)
    return LeasedWork(
      kind: kind, messages: [message], token: token, execution: execution, addresses: addresses,
      former: former)
  }

  private static func token() -> String {
    String(UInt64.random(in: .min ... .max), radix: 36)
      + String(UInt64.random(in: .min ... .max), radix: 36)
  }
}
