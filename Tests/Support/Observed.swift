// A value that other threads change and a test waits for, by event, never by sleeping. What must
// stay true: a waiter is told once, either that it is so or that the time is over; what it waits for
// is decided from the value it is given alone, because the lock is held meanwhile.

import Basics
import Foundation

/// Returns when the task is cancelled, and not before: for handlers that must never answer.
package func untilCancelled() async {
  let (never, continuation) = AsyncStream.makeStream(of: Never.self)
  for await _ in never {}
  withExtendedLifetime(continuation) {}
}

package final class Observed<Value: Sendable>: Sendable {
  private struct Waiter {
    var holds: @Sendable (Value) -> Bool
    var answer: CheckedContinuation<Bool, Never>
  }

  private struct State {
    var value: Value
    var waiters: [UUID: Waiter] = [:]
    /// Those whose time was over before they had begun to wait.
    var late: Set<UUID> = []
  }

  private let state: Locked<State>

  package init(_ value: Value) { state = Locked(State(value: value)) }

  package var value: Value { state.withLock { $0.value } }

  @discardableResult
  package func update<Result>(_ body: (inout Value) -> Result) -> Result {
    let (result, ready) = state.withLock { state in
      let result = body(&state.value)
      let ready = state.waiters.filter { $0.value.holds(state.value) }
      for id in ready.keys { state.waiters[id] = nil }
      return (result, ready)
    }
    for waiter in ready.values { waiter.answer.resume(returning: true) }
    return result
  }

  /// True as soon as `holds` is true of the value; false when it was not within the time.
  package func waits(
    within limit: Duration, until holds: @escaping @Sendable (Value) -> Bool
  ) async -> Bool {
    let id = UUID()
    let clock = Task {
      // A sleep, because what is waited for may never happen: the time-out of the harness.
      try? await Task.sleep(for: limit)
      self.give(up: id)
    }
    defer { clock.cancel() }
    return await withCheckedContinuation { answer in
      let known: Bool? = state.withLock { state in
        let isLate = state.late.remove(id) != nil
        if holds(state.value) { return true }
        if isLate { return false }
        state.waiters[id] = Waiter(holds: holds, answer: answer)
        return nil
      }
      if let known { answer.resume(returning: known) }
    }
  }

  private func give(up id: UUID) {
    let waiter = state.withLock { state in
      let waiter = state.waiters.removeValue(forKey: id)
      if waiter == nil && !Task.isCancelled { state.late.insert(id) }
      return waiter
    }
    waiter?.answer.resume(returning: false)
  }
}
