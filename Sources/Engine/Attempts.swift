// What is told of a try that did not work: whom it concerned, why, and what comes next. What must stay
// true: nobody is said to be tried again of whom nothing is left in the queue, and a letter that is
// sent again says whose it is.

import Basics
import Domain
import Queue
import Storage

/// The end of a message that is not tried again by itself any more.
struct GivenUp: Sendable {
  /// As executions, rows and standings tell it.
  let problem: Problem
  /// As the dead letter keeps it, among others of its cause.
  let cause: Problem

  /// It never would work as it is: what to do is said already.
  init(_ problem: Problem) {
    self.problem = problem
    cause = problem
  }

  /// What was tried to the end does not come right by waiting.
  init(_ problem: Problem, _ setback: Setback, tries: Int) {
    let isRefused = if case .person = setback.fault { true } else { false }
    var cause = problem
    var told = problem
    if !isRefused {
      cause.remedy =
        "When the cause has gone, send it again in Review or with `listkeeper queue retry`."
      told = cause
      told.sentence += " Given up after \(tries) tries: it is a dead letter now."
    }
    self.problem = told
    self.cause = cause
  }
}

enum Attempts {
  /// The execution that was to do it first, where this is another try of it.
  static func original(of message: Message, saying body: JSONValue) -> ExecutionID? {
    guard message.attempt > 0 || body["revived"]?.bool == true else { return nil }
    return body["original"]?.int.map { ExecutionID($0) }
  }

  /// Sends a dead letter again; false when there is none of this number. Work that names its
  /// execution is linked to it when it is leased; single changes are told here whose try they are.
  static func revive(
    _ id: Identifier<Message>, _ tx: WorkspaceTransaction
  ) throws(Problem) -> Bool {
    guard try MessageQueue.revive(id, now: tx.now, on: tx.database) else { return false }
    let single = MessageKind.allCases.filter(\.isSingle).map { JSONValue.string($0.rawValue) }
    try tx.database.execute(
      """
      UPDATE message SET body = json_remove(json_set(body, '$.revived', json('true'), '$.original',
          coalesce(body ->> '$.original', body ->> '$.execution')), '$.execution')
      WHERE id = ? AND body ->> '$.execution' IS NOT NULL
        AND kind IN (SELECT value FROM json_each(?))
      """, id, JSONValue.array(single))
    return true
  }
}

extension Recorder {
  /// Each try of single changes is an execution: it names whom it did not reach, and that they wait.
  func tellWaiting(
    _ message: Message, of work: LeasedWork, because problem: Problem, _ outcome: Outcome,
    _ tx: WorkspaceTransaction
  ) throws(Problem) {
    let sentence =
      "\(problem.sentence) Waiting to be tried again: "
      + "this was try \(message.attempt + 1) of \(policy.retries + 1)."
    try tx.executions.record(
      try concerned(message, of: work, outcome, tx).map {
        RowOutcome(
          person: $0.person, key: $0.key, result: .skipped, reason: problem.code,
          sentence: sentence)
      }, of: work.execution.id)
  }

  /// The next try of a chunk is about those alone whom this one did not send.
  func narrow(
    _ message: Message, _ outcome: Outcome, _ tx: WorkspaceTransaction
  ) throws(Problem) {
    guard message.kind == MessageKind.sendChunk.rawValue, !outcome.unsent.isEmpty else { return }
    try tx.database.execute(
      "UPDATE message SET body = json_set(body, '$.only', json(?)) WHERE id = ?",
      JSONValue.array(outcome.unsent.map { .string($0.key.description) }), message.id)
  }

  /// Whom a dead letter was about is refused with its reason; the letter itself, about those alone,
  /// can be sent again.
  func bury(
    _ message: Message, of work: LeasedWork, as given: GivenUp, _ outcome: Outcome,
    _ tx: WorkspaceTransaction
  ) throws(Problem) -> Bool {
    try narrow(message, outcome, tx)
    let problem = given.problem
    let sentence = problem.description
    let unsent = try concerned(message, of: work, outcome, tx)
    if work.kind == .pullMember {
      try tx.webhooks.note("Given up: \(given.cause.sentence)", about: SyncAddress.key(message))
    }
    var counts = ExecutionCounts()
    counts.refused = unsent.count
    try tx.executions.record(
      unsent.map {
        RowOutcome(
          person: $0.person, key: $0.key, result: .refused, reason: problem.code,
          sentence: sentence)
      }, of: work.execution.id)
    try tx.executions.add(counts, done: counts.refused, to: work.execution.id)
    if given.problem != given.cause {
      try tx.executions.log(
        [LogLine(at: tx.now, .error, sentence, fields: ["code": problem.code])],
        of: work.execution.id)
    }
    if work.kind == .syncAddress || work.kind == .sendChunk {
      try tx.standings.save(
        unsent.compactMap { address in
          address.person.map {
            (
              person: $0,
              Standing(.refused, reason: problem.code, sentence: sentence, key: address.key)
            )
          }
        })
    }
    return try MessageQueue.bury(
      message.id, token: work.token, problem: given.cause, now: tx.now, on: tx.database)
  }

  /// Whom a message was about and did not reach, by address; nobody whose row says so already.
  private func concerned(
    _ message: Message, of work: LeasedWork, _ outcome: Outcome, _ tx: WorkspaceTransaction
  ) throws(Problem) -> [UnsentAddress] {
    if work.kind == .writeBack {
      let id = PersonID(String(message.subject.dropFirst(WriteBackPeople.subject.count)))
      guard let id, let person = try tx.directory.person(id),
        !outcome.rows.contains(where: { $0.person == id })
      else { return [] }
      return [UnsentAddress(key: AddressKey(person.primaryEmail ?? ""), person: id)]
    }
    var unsent = outcome.unsent
    if unsent.isEmpty { unsent = work.addresses.map { UnsentAddress(key: $0, person: nil) } }
    if work.kind.isSingle {
      let key = SyncAddress.key(message)
      unsent = unsent.filter { $0.key == key }
    }
    // What broke off before it came to single people knows their addresses alone.
    let nameless = unsent.filter { $0.person == nil }.map(\.key)
    let links = try tx.links.links(work.execution.audienceID ?? "", at: nameless)
    for index in unsent.indices where unsent[index].person == nil {
      let key = unsent[index].key
      let people = try tx.directory.people(at: key)
      unsent[index].person =
        links[key]?.owner
        ?? people.first { $0.primaryEmail.map { AddressKey($0) } == key }?.id
    }
    return unsent.sorted { $0.key < $1.key }
  }
}
