// Plays thousands of random histories in an optimised build: `swift run -c release Laws 2000`. Each
// breaks no law, or is printed with its seed and the least of its acts that still break it, and the
// program ends with 1. `LISTKEEPER_SEED=N` begins with that seed.

import Foundation
import Histories
import Support

@main enum Laws {
  static func main() async {
    let arguments = CommandLine.arguments.dropFirst()
    let count = arguments.first.flatMap { Int($0) } ?? 2000
    let begun = ContinuousClock.now
    let failures = await Histories.failures(count, from: runSeed, width: 8) { played, failure in
      if let failure { print("\(failure)\n") }
      if played.isMultiple(of: 500) { print("\(played) histories") }
      fflush(nil)
    }
    let seconds = (ContinuousClock.now - begun) / .seconds(1)
    print(
      "\(count) random histories from seed \(runSeed), \(failures.count) of them against a law, in "
        + "\(Int(seconds)) seconds.")
    exit(failures.isEmpty ? 0 : 1)
  }
}
