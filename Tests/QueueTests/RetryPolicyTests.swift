import Basics
import Queue
import Support
import Testing

@Suite struct RetryPolicyTests {
  static let now = Instant(milliseconds: 1_000_000)

  func wait(_ decision: RetryPolicy.Decision) -> Duration? {
    if case .again(let at) = decision { at - Self.now } else { nil }
  }

  @Test(arguments: [-1, 0, 1, 4, 5]) func `nobody can ask for fewer than five retries`(retries: Int)
  {
    let policy = RetryPolicy(retries: retries)
    for failures in 1...5 {
      #expect(policy.decide(failures: failures, now: Self.now, fraction: 0.5) != .giveUp)
    }
    #expect(policy.decide(failures: 6, now: Self.now, fraction: 0.5) == .giveUp)
  }

  @Test func `the widest wait doubles until it meets the cap`() {
    let policy = RetryPolicy(retries: 9, firstStep: .seconds(2), longestStep: .minutes(1))
    let waits = (1...7).map { wait(policy.decide(failures: $0, now: Self.now, fraction: 1)) }
    #expect(waits == [2, 4, 8, 16, 32, 60, 60].map { .seconds($0) })
  }

  @Test func `a wait is never negative, never over the cap, and grows with the fraction`()
    async throws
  {
    try await forAll(500) { generator in
      let policy = RetryPolicy(
        retries: .random(in: 5...100, using: &generator),
        firstStep: .milliseconds(Int.random(in: 0...10000, using: &generator)),
        longestStep: .milliseconds(Int.random(in: 0...1_000_000, using: &generator)))
      let failures = Int.random(in: 1...policy.retries, using: &generator)
      let fractions = [-1, 0, Double.random(in: 0...1, using: &generator), 1, 2]
      let waits = try fractions.map { fraction in
        guard let wait = wait(policy.decide(failures: failures, now: Self.now, fraction: fraction))
        else { throw Violation("gave up after \(failures) of \(policy)") }
        return wait
      }
      guard waits == waits.sorted(), let least = waits.first, let most = waits.last, least == .zero,
        most <= policy.longestStep, most > .zero
      else { throw Violation("\(waits) by \(policy)") }
    }
  }
}
