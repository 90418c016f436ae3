// Tells the source what Mailchimp changed of people who come from it. Each person by themselves: one
// whom the source refuses keeps nobody else waiting.

import Basics
import Domain
import PeopleSources
import Queue
import Storage

struct WriteBackPeople: Sendable {
  /// People in one execution.
  static let batch = 50
  static let subject = "write-back person:"

  func handle(_ batch: [Message], in run: SourceRun) async throws(Setback) -> Outcome {
    var outcome = Outcome()
    var sent: [WriteBack] = []
    do throws(Problem) {
      let source = try await run.source()
      for message in batch {
        guard let id = PersonID(String(message.subject.dropFirst(Self.subject.count))),
          let (person, change) = try await pending(id, run)
        else { continue }
        do {
          try await source.record(change)
          sent.append(change)
          outcome.counts.updated += 1
          outcome.rows.append(
            RowOutcome(
              person: id, key: AddressKey(person.primaryEmail ?? ""), result: .updated,
              reason: "written-back",
              changes: change.values.sorted { $0.key.description < $1.key.description }.map {
                FieldChange($0.key.description, old: .empty, new: .text($0.value))
              }))
        } catch {
          try fail(Problem(describing: error), message, person, run, &outcome)
        }
        outcome.done += 1
      }
    } catch {
      throw Setback(error)
    }
    outcome.source = .wroteBack(sent)
    return outcome
  }

  private func fail(
    _ problem: Problem, _ message: Message, _ person: Person, _ run: SourceRun,
    _ outcome: inout Outcome
  ) throws(Problem) {
    if problem.code == "http.cancelled" || problem.code == "cancelled" {
      outcome.fates[message.id] = .givenBack
      return
    }
    outcome.log.append(
      LogLine(
        at: run.time.now(), .error,
        problem.isTransientAtSource ? problem.sentence : problem.description,
        fields: ["code": problem.code]))
    if problem.isTransientAtSource {
      outcome.fates[message.id] = .again(Setback(problem))
      return
    }
    outcome.fates[message.id] = .dead(problem)
    outcome.counts.refused += 1
    outcome.rows.append(
      RowOutcome(
        person: person.id, key: AddressKey(person.primaryEmail ?? ""), result: .refused,
        reason: problem.code, sentence: problem.description))
  }

  /// The person and what the source does not know of them; nil where there is nothing.
  private func pending(
    _ id: PersonID, _ run: SourceRun
  ) async throws(Problem) -> (Person, WriteBack)? {
    try await run.workspace.read { (reading) throws(Problem) in
      let fields = try reading.source.writeBacks(of: id)
      guard !fields.isEmpty, let person = try reading.directory.person(id),
        let externalID = person.externalID
      else { return nil }
      var values: [PersonField: String] = [:]
      for field in fields { values[field] = person.value(of: field).text }
      return (person, WriteBack(person: id, externalID: externalID, values: values))
    }
  }
}

extension Lessor {
  /// A batch of write-backs is one execution; a try again is one of its own, linked to it.
  func writeBacks(
    _ messages: [Message], _ token: String, _ tx: WorkspaceTransaction
  ) throws(Problem) -> [LeasedWork] {
    var groups: [ExecutionID?: [Message]] = [:]
    var works: [LeasedWork] = []
    for message in messages {
      let body = try JSONValue.parse(message.body)
      if let id = body["execution"]?.int.map({ ExecutionID($0) }),
        let execution = try tx.executions.execution(id), !execution.status.isFinished
      {
        try tx.executions.start(id)
        works.append(
          LeasedWork(
            kind: .writeBack, messages: [message], token: token, execution: execution,
            addresses: []))
        continue
      }
      let original = Attempts.original(of: message, saying: body)
      groups[original, default: []].append(message)
    }
    for (original, messages) in groups {
      let attempt = (messages.map(\.attempt).max() ?? 0) + 1
      let id = try tx.executions.create(
        .writeBack, original == nil ? .change : .retry, attempt: attempt, original: original,
        audienceID: nil, status: .running)
      try tx.executions.setTotal(messages.count, of: id)
      for message in messages {
        try tx.database.execute(
          """
          UPDATE message SET body = json_set(json_remove(body, '$.revived'), '$.execution', ?)
          WHERE id = ?
          """, id, message.id)
      }
      guard let execution = try tx.executions.execution(id) else { continue }
      works.append(
        LeasedWork(
          kind: .writeBack, messages: messages, token: token, execution: execution,
          addresses: []))
    }
    return works
  }
}
