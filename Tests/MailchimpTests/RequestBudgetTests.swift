// How many at once: the decision by value, the gate with tasks.

import Basics
import Support
import Testing

@testable import Mailchimp

struct RequestBudgetTests {
  @Test func `being told off halves once for all calls that were under way`() {
    var state = BudgetState(most: 6)
    let calls = (0..<6).map { _ in state.begin() }
    #expect(!state.hasRoom)
    for call in calls { state.end(begunIn: call, .toldOff) }
    #expect(state.allowed == 3)
    let next = state.begin()
    state.end(begunIn: next, .toldOff)
    #expect(state.allowed == 1)
    state.end(begunIn: state.begin(), .toldOff)
    #expect(state.allowed == 1)
  }

  @Test func `it recovers one by one and never beyond the most`() {
    var state = BudgetState(most: 4)
    state.end(begunIn: state.begin(), .toldOff)
    #expect(state.allowed == 2)
    for _ in 0..<BudgetState.patience { state.end(begunIn: state.begin(), .fine) }
    #expect(state.allowed == 3)
    for _ in 0..<BudgetState.patience * 5 { state.end(begunIn: state.begin(), .fine) }
    #expect(state.allowed == 4)
  }

  @Test(arguments: [(-3, 1), (0, 1), (9, 9), (40, 9)])
  func `the most is kept between one and nine`(wanted: Int, most: Int) {
    #expect(BudgetState(most: wanted).allowed == most)
  }

  @Test func `never are more under way than allowed, and all come to their turn`() async {
    let budget = RequestBudget(most: 3)
    let counts = Locked((now: 0, peak: 0, done: 0))
    await withTaskGroup { group in
      for _ in 0..<40 {
        group.addTask {
          _ = try? await budget.run {
            counts.withLock {
              $0.now += 1
              $0.peak = max($0.peak, $0.now)
            }
            await Task.yield()
            counts.withLock {
              $0.now -= 1
              $0.done += 1
            }
          } verdict: { _ in
            .fine
          }
        }
      }
    }
    #expect(counts.withLock { $0.peak } <= 3)
    #expect(counts.withLock { $0.done } == 40)
    #expect(budget.state.inFlight == 0)
  }

  @Test func `a task cancelled while it waits leaves the queue and takes no room`() async throws {
    let budget = RequestBudget(most: 1)
    let gate = AsyncStream.makeStream(of: Void.self)
    let entered = AsyncStream.makeStream(of: Void.self)
    let holder = Task {
      try await budget.run {
        entered.continuation.yield()
        for await _ in gate.stream { break }
      } verdict: { _ in
        .fine
      }
    }
    for await _ in entered.stream { break }
    let waiter = Task {
      try await budget.run {
        true
      } verdict: { _ in
        .fine
      }
    }
    waiter.cancel()
    await #expect(throws: CancellationError.self) { try await waiter.value }
    gate.continuation.yield()
    try await holder.value
    #expect(
      try await budget.run {
        7
      } verdict: { _ in
        .fine
      } == 7)
    #expect(budget.state.inFlight == 0)
  }
}
