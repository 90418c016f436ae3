// How many calls may be under way at once. Mailchimp allows 10 connections a user, over all
// programs, and sends no Retry-After: so we stay below, halve when told off, and recover slowly.

import Basics

/// The decision, without waiting.
package struct BudgetState: Sendable, Equatable {
  package let most: Int
  package private(set) var allowed: Int
  package private(set) var inFlight = 0
  /// Calls that went well since the last change of `allowed`.
  package private(set) var streak = 0
  /// Counts the halvings: calls begun before one must not cause the next.
  package private(set) var generation = 0

  /// Good calls in a row before one more is allowed.
  package static let patience = 20

  package init(most: Int = 6) {
    self.most = min(9, max(1, most))
    allowed = self.most
  }

  package var hasRoom: Bool { inFlight < allowed }

  /// Begins a call; the answer is handed back at its end.
  package mutating func begin() -> Int {
    inFlight += 1
    return generation
  }

  package mutating func end(begunIn generation: Int, _ verdict: Verdict) {
    inFlight -= 1
    switch verdict {
    case .neutral: break
    case .toldOff:
      streak = 0
      guard generation == self.generation else { return }
      self.generation += 1
      allowed = max(1, allowed / 2)
    case .fine:
      guard allowed < most else { return }
      streak += 1
      if streak >= Self.patience {
        streak = 0
        allowed += 1
      }
    }
  }

  package enum Verdict: Sendable, Equatable {
    case fine
    /// 429, or 403 without JSON.
    case toldOff
    /// Says nothing about our rate.
    case neutral
  }
}

/// The gate before every call: first come, first served; a waiting task may be cancelled.
package final class RequestBudget: Sendable {
  private struct Gate {
    var state: BudgetState
    var waiting: [Waiter] = []
    var nextID = 0
    /// Waiters cancelled before they had taken their place.
    var cancelled: Set<Int> = []
  }

  private struct Waiter {
    let id: Int
    let continuation: CheckedContinuation<Int?, Never>
  }

  private let gate: Locked<Gate>

  package init(most: Int = 6) {
    gate = Locked(Gate(state: BudgetState(most: most)))
  }

  package var state: BudgetState { gate.withLock { $0.state } }

  /// Runs `call` as soon as there is room; `verdict` reads from its result whether we were told
  /// off. Throws `CancellationError` when the task is cancelled while it waits.
  package func run<Result: Sendable>(
    _ call: () async -> Result, verdict: (Result) -> BudgetState.Verdict
  ) async throws(CancellationError) -> Result {
    guard let generation = await enter() else { throw CancellationError() }
    let result = await call()
    leave(generation, verdict(result))
    return result
  }

  /// The generation the call begins in; nil when cancelled.
  private func enter() async -> Int? {
    let id = gate.withLock { gate in
      gate.nextID += 1
      return gate.nextID
    }
    // Cancelled after it was let in: the call itself will notice.
    defer { _ = gate.withLock { $0.cancelled.remove(id) } }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let decided: Int?? = gate.withLock { gate in
          if gate.cancelled.remove(id) != nil { return .some(nil) }
          if gate.waiting.isEmpty, gate.state.hasRoom { return gate.state.begin() }
          gate.waiting.append(Waiter(id: id, continuation: continuation))
          return nil
        }
        if let decided { continuation.resume(returning: decided) }
      }
    } onCancel: {
      let waiter = gate.withLock { gate in
        guard let place = gate.waiting.firstIndex(where: { $0.id == id }) else {
          gate.cancelled.insert(id)
          return nil as Waiter?
        }
        return gate.waiting.remove(at: place)
      }
      waiter?.continuation.resume(returning: nil)
    }
  }

  private func leave(_ generation: Int, _ verdict: BudgetState.Verdict) {
    let admitted = gate.withLock { gate in
      gate.state.end(begunIn: generation, verdict)
      var admitted: [(Waiter, Int)] = []
      while gate.state.hasRoom, !gate.waiting.isEmpty {
        admitted.append((gate.waiting.removeFirst(), gate.state.begin()))
      }
      return admitted
    }
    for (waiter, generation) in admitted { waiter.continuation.resume(returning: generation) }
  }
}
