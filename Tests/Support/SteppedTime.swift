// A clock that stands still until a test moves it. What must stay true: whoever sleeps is woken when
// the time they named has come, also where it came before they had lain down.

import Basics
import Foundation

package final class SteppedTime: TimeSource {
  private struct State: Sendable {
    var now: Instant
    var sleepers: [UUID: Sleeper] = [:]
    /// Those cancelled before they had lain down.
    var cancelled: Set<UUID> = []
    var looks = 0
  }

  private struct Sleeper: Sendable {
    var deadline: Instant
    var wake: CheckedContinuation<Void, any Error>
  }

  private let state: Observed<State>

  package init(_ start: Instant = Instant(milliseconds: 1_772_355_600_000)) {
    state = Observed(State(now: start))
  }

  package func now() -> Instant {
    state.update { state in
      state.looks += 1
      return state.now
    }
  }

  /// How often somebody asked for the time.
  package var looks: Int { state.value.looks }

  /// True when the time was asked for more than `count` times, within `limit` of real time.
  package func isAsked(moreThan count: Int, within limit: Duration) async -> Bool {
    await state.waits(within: limit) { $0.looks > count }
  }

  package func sleep(until deadline: Instant) async throws {
    let id = UUID()
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let answer: Result<Void, any Error>? = state.update { state in
          if state.cancelled.remove(id) != nil { return .failure(CancellationError()) }
          if state.now >= deadline { return .success(()) }
          state.sleepers[id] = Sleeper(deadline: deadline, wake: continuation)
          return nil
        }
        if let answer { continuation.resume(with: answer) }
      }
    } onCancel: {
      let sleeper = state.update { state in
        let sleeper = state.sleepers.removeValue(forKey: id)
        if sleeper == nil { state.cancelled.insert(id) }
        return sleeper
      }
      sleeper?.wake.resume(throwing: CancellationError())
    }
  }

  package func advance(_ step: Duration) { advance(to: state.value.now + step) }

  package func advance(to instant: Instant) {
    let woken = state.update { state in
      state.now = max(state.now, instant)
      let woken = state.sleepers.filter { $0.value.deadline <= state.now }
      for id in woken.keys { state.sleepers[id] = nil }
      return woken.values.map(\.wake)
    }
    for sleeper in woken { sleeper.resume() }
  }

  /// Waits until somebody sleeps, and moves the time to where the first of them wakes.
  package func advanceToNextSleeper() async throws {
    guard await state.waits(within: .seconds(120), until: { !$0.sleepers.isEmpty }) else {
      throw Violation("Nobody sleeps: there is no time to move to.")
    }
    if let next = state.value.sleepers.values.map(\.deadline).min() { advance(to: next) }
  }
}
