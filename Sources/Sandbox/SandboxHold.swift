// A place where requests stop until they are let go, so that a test can look at, or end, the
// program under test exactly between two effects.

import Basics

package final class SandboxHold: Sendable {
  /// Before the request takes effect, or after it has and before the answer.
  package enum Place: Sendable {
    case arrival, answer
  }

  let place: Place
  private let method: String?
  private let path: String?
  private let state = Locked(State())

  private struct State {
    var isReleased = false
    var reached = 0
    var tickets = 0
    var parked: [Int: CheckedContinuation<Void, Never>] = [:]
    var gone: Set<Int> = []
    var watchers: [(count: Int, CheckedContinuation<Void, Never>)] = []
  }

  init(_ place: Place, method: String?, path: String?) {
    self.place = place
    self.method = method
    self.path = path
  }

  func matches(method: String, path: String) -> Bool {
    if let wanted = self.method, wanted != method { return false }
    return self.path.map { PathPattern.matches($0, path) } ?? true
  }

  /// How many requests have come this far.
  package var count: Int { state.withLock { $0.reached } }

  /// Returns when that many requests have come this far.
  package func reached(_ count: Int = 1) async {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        if state.reached < count { state.watchers.append((count, continuation)) }
        return state.reached >= count
      }
      if isThere { continuation.resume() }
    }
  }

  /// Lets everybody go on, and stops nobody from now on.
  package func release() {
    let parked = state.withLock { state in
      state.isReleased = true
      defer { state.parked = [:] }
      return Array(state.parked.values)
    }
    for continuation in parked { continuation.resume() }
  }

  /// Stays here until released, or until the task is cancelled because the client left.
  func pass() async {
    let ticket = state.withLock { state in
      state.tickets += 1
      return state.tickets
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let (mayGo, watchers) = state.withLock { state in
          state.reached += 1
          let due = state.watchers.filter { $0.count <= state.reached }
          state.watchers.removeAll { $0.count <= state.reached }
          let mayGo = state.isReleased || state.gone.remove(ticket) != nil
          if !mayGo { state.parked[ticket] = continuation }
          return (mayGo, due)
        }
        for watcher in watchers { watcher.1.resume() }
        if mayGo { continuation.resume() }
      }
    } onCancel: {
      let parked = state.withLock { state in
        if let parked = state.parked.removeValue(forKey: ticket) { return Optional(parked) }
        state.gone.insert(ticket)
        return nil
      }
      parked?.resume()
    }
  }
}
