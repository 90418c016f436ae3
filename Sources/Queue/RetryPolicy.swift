// When to try again after a transient problem, and when to stop: exponential steps under a cap, each
// with full jitter, so that a crowd that failed together does not come back together. Never fewer
// than five retries.

import Basics

package struct RetryPolicy: Sendable, Hashable {
  package enum Decision: Sendable, Hashable {
    case again(at: Instant)
    case giveUp
  }

  /// At least this many retries, whatever a setting says.
  package static let fewestRetries = 5

  package let retries: Int
  package let firstStep: Duration
  package let longestStep: Duration

  package init(
    retries: Int = 8, firstStep: Duration = .seconds(2), longestStep: Duration = .minutes(15)
  ) {
    self.retries = max(retries, RetryPolicy.fewestRetries)
    self.firstStep = max(firstStep, .milliseconds(1))
    self.longestStep = max(longestStep, self.firstStep)
  }

  /// The widest wait after `failures` failed tries (1 for the first): doubling, up to the cap.
  package func ceiling(afterFailures failures: Int) -> Duration {
    let first = firstStep.wholeMilliseconds
    let last = longestStep.wholeMilliseconds
    let doublings = max(failures - 1, 0)
    guard doublings < 62, first <= last >> Int64(doublings) else { return longestStep }
    return .milliseconds(first << Int64(doublings))
  }

  /// What to do after `failures` failed tries. `fraction`, drawn evenly from 0 to 1, says how much
  /// of the ceiling to wait.
  package func decide(failures: Int, now: Instant, fraction: Double) -> Decision {
    guard failures <= retries else { return .giveUp }
    let widest = Double(ceiling(afterFailures: failures).wholeMilliseconds)
    let part = min(max(fraction, 0), 1)
    return .again(at: now + .milliseconds(Int64(widest * part)))
  }
}
