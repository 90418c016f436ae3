// What the engine leaves in the file about itself, for every console: paused or not, what blocks
// it, when it polls next. Term and lock are `EngineLock`'s.

import Basics
import Domain
import SQLite

package struct EngineRecord: Sendable, Equatable {
  package var isPaused: Bool
  /// What hits everyone and keeps the queue waiting.
  package var blockedBy: Problem?
  package var nextPollAt: Instant?
  /// Whose key it is, as Mailchimp names them; empty before it was asked.
  package var keyOwner = ""

  /// Who an update from there is recorded as.
  package var mailchimpUser: String {
    keyOwner.isEmpty ? "Mailchimp" : "Mailchimp (\(keyOwner))"
  }
}

package struct EngineStore {
  let database: Connection

  package func record() throws(Problem) -> EngineRecord {
    try database.one("SELECT is_paused, blocked_by, next_poll_at, key_owner FROM engine") {
      (row) throws(Problem) in
      EngineRecord(
        isPaused: row.bool(0),
        blockedBy: row.isNull(1) ? nil : Problem(json: try row.json(1)),
        nextPollAt: row.optionalInstant(2), keyOwner: row.text(3))
    } ?? EngineRecord(isPaused: false, blockedBy: nil, nextPollAt: nil)
  }

  package func setPaused(_ isPaused: Bool) throws(Problem) {
    try database.execute("UPDATE engine SET is_paused = ?", isPaused)
  }

  package func setKeyOwner(_ name: String) throws(Problem) {
    try database.execute("UPDATE engine SET key_owner = ?", Text.oneLine(name))
  }

  /// Nil when a success cleared it.
  package func setBlocked(by problem: Problem?) throws(Problem) {
    try database.execute("UPDATE engine SET blocked_by = ?", problem?.json.description)
  }

  /// The set-up is over with the first sync that is asked for; later calls change nothing.
  package func markSetUp(at now: Instant) throws(Problem) {
    try database.execute("UPDATE workspace SET set_up_at = ? WHERE set_up_at IS NULL", now)
  }

  package func setNextPoll(_ at: Instant?) throws(Problem) {
    try database.execute("UPDATE engine SET next_poll_at = ?", at)
  }
}

extension WorkspaceAccess {
  package var engine: EngineStore { EngineStore(database: database) }
}
