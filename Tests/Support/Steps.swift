// What tests of the engine say in one word: many people at once, time that passes while nothing is in
// hand, what is left undone.

import Basics
import Domain
import Queue
import Sandbox
import Storage

extension Scenario {
  /// `count` people in one transaction: `person0@town.dev` and so on.
  package func crowd(_ count: Int, from start: Int = 0) async throws {
    try await workspace.write(as: "test") { (tx) throws(Problem) in
      for number in start..<(start + count) {
        var person = Person(id: PersonID(0), noticedAt: tx.now)
        person.emails = ["person\(number)@town.dev"]
        person.firstName = "P\(number)"
        try tx.directory.add(person)
      }
    }
  }

  /// Gives everybody of a crowd another last name, in one transaction.
  package func rename(_ count: Int, to last: String) async throws {
    try await workspace.write(as: "test") { (tx) throws(Problem) in
      for number in 0..<count {
        for person in try tx.directory.people(at: AddressKey("person\(number)@town.dev")) {
          try tx.directory.update(person.id) { $0.lastName = last }
        }
      }
    }
  }

  /// Lets time pass, to the next thing somebody waits for, until `find` finds something; it stands
  /// still while work is in hand.
  package func passes<Value: Sendable>(
    _ time: SteppedTime,
    until find: @escaping @Sendable (WorkspaceReading) throws(Problem) -> Value?
  ) async throws -> Value {
    for _ in 0..<2000 {
      var changes = workspace.changes.stream().makeAsyncIterator()
      let (found, inHand) = try await workspace.read { (reading) throws(Problem) in
        (
          try find(reading),
          try reading.database.integer("SELECT count(*) FROM message WHERE state = 'leased'")
        )
      }
      if let found { return found }
      if inHand > 0 {
        _ = await changes.next()
      } else {
        try await time.advanceToNextSleeper()
      }
    }
    throw Violation("It did not come to pass.")
  }

  package func settled(_ id: ExecutionID?, _ time: SteppedTime) async throws -> Execution {
    guard let id else { throw Violation("No execution was started.") }
    return try await passes(time) { (reading) throws(Problem) in
      guard let execution = try reading.executions.execution(id) else { return nil }
      return execution.status.isFinished || execution.status == .held ? execution : nil
    }
  }

  /// The next poll, once it has ended.
  package func poll(_ time: SteppedTime) async throws -> Execution {
    let last = try await lastExecution()
    return try await passes(time) { (reading) throws(Problem) in
      try reading.executions.latest(after: last) { $0.trigger == .poll && $0.status.isFinished }
    }
  }

  package func lastExecution() async throws -> ExecutionID {
    try await workspace.read { (reading) throws(Problem) in
      let last = try reading.database.integer("SELECT coalesce(max(id), 0) FROM execution")
      return ExecutionID(Int64(last))
    }
  }

  package func executions() async throws -> [Execution] {
    let last = try await lastExecution().rawValue
    return try await workspace.read { (reading) throws(Problem) in
      var found: [Execution] = []
      for number in stride(from: Int64(1), through: last, by: 1) {
        found += try reading.executions.execution(ExecutionID(number)).map { [$0] } ?? []
      }
      return found
    }
  }

  package func messages(_ state: Message.State? = nil) async throws -> [Message] {
    try await workspace.read { (reading) throws(Problem) in
      try MessageQueue.list(state: state, limit: 10_000, on: reading.database)
    }
  }

  package func outcomes(of id: ExecutionID) async throws -> [(key: String, result: String)] {
    try await workspace.read { (reading) throws(Problem) in
      try reading.database.rows(
        "SELECT address_key, result FROM row_outcome WHERE execution_id = ? ORDER BY id", id
      ) { ($0.text(0), $0.text(1)) }
    }
  }

  /// The rows of an execution, whole.
  package func rows(of id: ExecutionID) async throws -> [RowOutcome] {
    try await workspace.read { (reading) throws(Problem) in
      try reading.executions.outcomes(of: id, after: 0, limit: 10_000).map(\.outcome)
    }
  }

  package func link(_ address: String) async throws -> Link? {
    let audience = mailchimp.audience
    return try await workspace.read { (reading) throws(Problem) in
      try reading.links.link(audience, at: AddressKey(address))
    }
  }

  package func suppression(_ address: String) async throws -> SuppressionReason? {
    let audience = mailchimp.audience
    return try await workspace.read { (reading) throws(Problem) in
      let key = AddressKey(address)
      return try reading.consent.suppressions(audience, at: [key])[key]?.reason
    }
  }

  package func map(_ mapping: [FieldMapping]) async throws {
    try await workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.audiences.saveMapping(mapping)
    }
  }

  package func person(_ id: PersonID) async throws -> Person? {
    try await workspace.read { (reading) throws(Problem) in try reading.directory.person(id) }
  }

  package func people(at address: String) async throws -> [Person] {
    try await workspace.read { (reading) throws(Problem) in
      try reading.directory.people(at: AddressKey(address))
    }
  }

  package func conflicts() async throws -> [ConflictRow] {
    try await workspace.read { (reading) throws(Problem) in
      try reading.conflicts.list(openOnly: true, limit: 100)
    }
  }

  /// Waits until nothing is in hand and nothing is due.
  package func rests() async throws {
    _ = try await when { (reading) throws(Problem) in
      let open = try reading.database.integer(
        """
        SELECT (SELECT count(*) FROM message WHERE state = 'leased'
            OR (state = 'ready' AND run_at <= ?))
          + (SELECT count(*) FROM execution WHERE status IN ('running'))
        """, reading.now)
      return open == 0 ? true : nil
    }
  }
}

extension ExecutionStore {
  package func latest(
    after id: ExecutionID, where fits: (Execution) -> Bool
  ) throws(Problem) -> Execution? {
    // An execution's id is never used again; 64 are more than any test makes in between.
    for number in stride(from: id.rawValue + 64, to: id.rawValue, by: -1) {
      if let execution = try execution(ExecutionID(number)), fits(execution) { return execution }
    }
    return nil
  }
}
