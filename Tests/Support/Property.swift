// Laws checked on random values. A seed makes a run repeatable: a failure prints it, and
// `LISTKEEPER_SEED=N swift test` plays the same run again.

import Glibc

/// SplitMix64: small, and the same on every machine.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// The seed of this test run: from `LISTKEEPER_SEED`, else new each time.
package let runSeed: UInt64 =
  getenv("LISTKEEPER_SEED").flatMap { UInt64(String(cString: $0)) }
  ?? UInt64.random(in: 1...UInt64.max)

/// Runs `body` `count` times, each with a generator of its own; what it throws carries the seed.
package func forAll(
  _ count: Int, _ body: (inout SeededGenerator) throws -> Void
) async throws {
  for round in 0..<count {
    // Between two rounds others have their turn: the tests share as many threads as there are cores.
    await Task.yield()
    let seed = runSeed &+ UInt64(round)
    var generator = SeededGenerator(seed: seed)
    do {
      try body(&generator)
    } catch {
      throw Counterexample(seed: seed, round: round, reason: "\(error)")
    }
  }
}

/// A law that did not hold, and how to see it again.
package struct Counterexample: Error, CustomStringConvertible {
  package let seed: UInt64
  package let round: Int
  package let reason: String

  package init(seed: UInt64, round: Int, reason: String) {
    self.seed = seed
    self.round = round
    self.reason = reason
  }

  package var description: String {
    "\(reason) (round \(round); see it again with LISTKEEPER_SEED=\(seed))"
  }
}

/// Thrown by a law that does not hold.
package struct Violation: Error, CustomStringConvertible {
  package let description: String
  package init(_ description: String) { self.description = description }
}
