// Answers what was asked while no engine runs, so that whoever decides something hears at once whether
// it can be. What must stay true: nothing is sent or read here; what follows waits for an engine.

import Basics
import Domain
import Queue
import Storage

package enum RequestDesk {
  /// Answers every request that waits, under the engine's lock. Throws `engine.held` where an engine
  /// runs, which answers them itself.
  package static func answer(_ workspace: Workspace, version: String) async throws(Problem) {
    let lock = try await EngineLock.acquire(workspace, version: version)
    do throws(Problem) {
      try await begin(lock, workspace)
      let intake = Intake(term: lock.term)
      var isMore = true
      while isMore {
        isMore = try await workspace.write(as: "engine") { (tx) throws(Problem) in
          try intake.takeRequests(tx)
        }
      }
    } catch {
      await lock.release()
      throw error
    }
    await lock.release()
  }

  /// What an engine that was killed had in hand is ready again before anything else is looked at.
  static func begin(_ lock: EngineLock, _ workspace: Workspace) async throws(Problem) {
    let term = lock.term
    try await workspace.write(as: "engine") { (tx) throws(Problem) in
      try EngineLock.fence(term: term, on: tx)
      _ = try MessageQueue.expire(now: tx.now, term: term, on: tx.database)
      try tx.executions.endAbandoned()
    }
  }
}
