// What a problem means for the message that met it: the only place that knows retry, block and
// dead letter.

import Basics
import Domain
import Mailchimp
import Queue

enum Disposition: Sendable, Equatable {
  /// Tried again at that time.
  case retry(Instant)
  /// Hits everyone: the queue waits, no try is counted.
  case block
  /// A dead letter.
  case bury

  /// `attempt` counts the tries before this one; `fraction` (0 to 1) is the jitter.
  static func of(
    _ setback: Setback, attempt: Int, policy: RetryPolicy, now: Instant, fraction: Double
  ) -> Disposition {
    switch setback.fault {
    case .everyone: .block
    case .person: .bury
    case .transient, .cancelled, nil:
      switch policy.decide(failures: attempt + 1, now: now, fraction: fraction) {
      case .again(let at): .retry(at)
      case .giveUp: .bury
      }
    }
  }

  /// How long a blocked flow waits before it looks again by itself.
  static let blockedFor = Duration.minutes(5)
}
