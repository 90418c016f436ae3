// What the scenario tests say in one word: the first sync, a later run, what was written, where
// somebody stands.

import Basics
import Domain
import Storage
import Support

extension Scenario {
  /// Starts the engine and lets the first sync go without a look.
  @discardableResult
  func begin() async throws -> Execution {
    try await startEngine()
    return try await run(.forceSync(approve: true))
  }

  /// Reads what changed there, sends what changed here, to the end.
  @discardableResult
  func again() async throws -> Execution { try await run(.forceSync(approve: true)) }

  /// Writes to Mailchimp since `forgetExchanges`, as method and body.
  var writes: [(method: String, body: String)] {
    mailchimp.exchanges.filter { $0.method != "GET" }
      .map { ($0.method, String(decoding: $0.body, as: UTF8.self)) }
  }

  /// State and reason, as `excluded: child`.
  func place(_ id: PersonID) async throws -> String {
    guard let standing = try await standing(id) else { return "nowhere" }
    return standing.reason.isEmpty
      ? standing.state.rawValue : "\(standing.state.rawValue): \(standing.reason)"
  }

  func field(_ tag: String, of address: String) async throws -> String? {
    try await audience()[address]?["merge_fields"]?[tag]?.string
  }

  func rows(_ id: ExecutionID) async throws -> [RowOutcome] {
    try await workspace.read { (reading) throws(Problem) in
      try reading.reports.outcomes(of: id, .at(0), count: 1000).rows.map(\.outcome)
    }
  }

  /// The newest execution there is.
  func newest() async throws -> ExecutionID {
    try await workspace.read { (reading) throws(Problem) in
      ExecutionID(Int64(try reading.database.integer("SELECT coalesce(max(id), 0) FROM execution")))
    }
  }

  /// Steps over the time of the next poll, once that is fixed.
  func letPollComeDue(_ time: SteppedTime) async throws {
    let due = try await when { (reading) throws(Problem) in
      try reading.engine.record().nextPollAt.flatMap { $0 > reading.now ? $0 : nil }
    }
    time.advance(to: due)
  }

  func remove(_ id: PersonID) async throws {
    try await workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.directory.markDeleted(id)
    }
  }

  func set(_ key: String, to value: String) async throws {
    try await workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.settings.set(key, to: value)
    }
  }
}
