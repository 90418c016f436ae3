// Laws as properties of the whole: random histories through the real engine. People are edited here,
// persons and administrators act there, calls are cut or refused, the engine stops, is killed and
// starts. When all is quiet again the promises hold, whatever came in which order. A failure prints
// its seed, and the least of its acts that still fail.

import Sandbox
import Support

package enum Histories {
  /// The histories of `count` seeds from `seed` on that break a law; `width` are played at a time.
  /// `tell` hears after each how many have ended, and how it failed.
  package static func failures(
    _ count: Int, from seed: UInt64, width: Int = 4,
    tell: @Sendable (_ played: Int, Counterexample?) -> Void = { _, _ in }
  ) async -> [Counterexample] {
    await withTaskGroup(of: Counterexample?.self) { group in
      var failures: [Counterexample] = []
      var played = 0
      func end(_ failure: Counterexample?) {
        played += 1
        tell(played, failure)
        if let failure { failures.append(failure) }
      }
      for round in 0..<count {
        if round >= width, let ended = await group.next() { end(ended) }
        group.addTask { await counterexample(seed &+ UInt64(round), round) }
      }
      for await ended in group { end(ended) }
      return failures
    }
  }

  /// How a history fails; nil when it does not. `unseen` are done there at the end without being
  /// booked, to see that the judgement finds them.
  package static func failure(of history: History, unseen: [SandboxDeed] = []) async -> String? {
    do {
      try await HistoryPlayer.play(history, unseen: unseen)
      return nil
    } catch {
      return "\(error)"
    }
  }

  /// The law that a reason names: what stands before the colon.
  package static func law(_ reason: String) -> String { String(reason.prefix { $0 != ":" }) }

  private static func counterexample(_ seed: UInt64, _ round: Int) async -> Counterexample? {
    let history = History(seed: seed)
    guard let first = await failure(of: history) else { return nil }
    var smallest = history
    var reason = first
    smallest.acts = await shrunk(history.acts, replays: 60) { acts in
      var shorter = history
      shorter.acts = acts
      guard let again = await failure(of: shorter), law(again) == law(first) else { return false }
      reason = again
      return true
    }
    return Counterexample(seed: seed, round: round, reason: "\(reason)\n\(smallest)\n")
  }
}
