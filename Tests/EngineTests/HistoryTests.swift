// Laws as properties of the whole: random histories through the real engine. People are edited here,
// persons and administrators act there, calls are cut or refused, the engine stops and starts. When
// all is quiet again the promises hold, whatever came in which order. `LISTKEEPER_ROUNDS=300` looks
// longer; a failure prints its seed, and the least of its acts that still fail.

import Glibc
import Sandbox
import Support
import Testing

@Suite(.timeLimit(.minutes(10))) struct HistoryTests {
  @Test func `after any history both sides agree and nobody came back against their will`()
    async throws
  {
    let rounds = getenv("LISTKEEPER_ROUNDS").flatMap { Int(String(cString: $0)) } ?? 60
    let failures = await withTaskGroup(of: Counterexample?.self) { group in
      var failures: [Counterexample] = []
      for round in 0..<rounds {
        if round >= 4, let failure = await group.next() ?? nil { failures.append(failure) }
        group.addTask { await counterexample(runSeed &+ UInt64(round), round) }
      }
      for await failure in group { if let failure { failures.append(failure) } }
      return failures
    }
    if !failures.isEmpty {
      throw Violation(failures.map(\.description).joined(separator: "\n\n"))
    }
  }

  @Test func `what should not have been done is found by the judgement, whatever it is`()
    async throws
  {
    let acts: [Act] = [
      .here(0, .added(at: "person0@town.dev", .yes)), .here(0, .last("N1")),
      .here(1, .added(at: "person1@town.dev", .yes)), .start, .sync(approved: true),
      .resync(approved: true), .breathe,
      .there(.personSignsUp("person2@town.dev")), .there(.adminUnsubscribes("person2@town.dev")),
    ]
    let unseen: [(SandboxDeed, String)] = [
      (.adminEdits("person0@town.dev", ["NOTE": "Theirs"]), "an unmapped field was touched"),
      (.adminEdits("person0@town.dev", ["LNAME": "Theirs"]), "the sides differ"),
      (.adminUntags(History.stranger, History.theirTag), "a foreign tag was touched"),
      (.adminUntags("person0@town.dev", History.ourTag), "in the search and without its tag"),
      (.personUnsubscribes(History.stranger), "a stranger was touched"),
      (.personSignsUp("person2@town.dev"), "taken out there and back"),
      (.adminDeletesPermanently("person1@town.dev"), "in step with nobody"),
    ]
    let history = History(
      settings: ["guard.people": "1000", "sync.direction": "both"], asksTwice: false,
      keepsTag: true, lastWord: nil, acts: acts)
    #expect(await failure(history) == nil)
    for (deed, expected) in unseen {
      #expect(await failure(history, unseen: [deed]).map { String(law($0)) } == expected)
    }
  }

  @Test func `a failing history is shortened to what it needs to fail`() async {
    var replays = 0
    let rest = await shrunk(Array(1...40), replays: 100) { acts in
      replays += 1
      return acts.contains(7) && acts.contains(31)
    }
    #expect(rest == [7, 31])
    #expect(replays <= 100)
    let unbroken = await shrunk(Array(1...40), replays: 1) { _ in true }
    #expect(unbroken == Array(21...40))
  }

  @Test func `a seed draws the same history each time`() {
    #expect(History(seed: 7) == History(seed: 7))
    #expect(History(seed: 7) != History(seed: 8))
  }
}

/// How a history fails; nil when it does not.
private func failure(_ history: History, unseen: [SandboxDeed] = []) async -> String? {
  do {
    try await HistoryPlayer.play(history, unseen: unseen)
    return nil
  } catch {
    return "\(error)"
  }
}

/// The law is what stands before the colon.
private func law(_ reason: String) -> Substring { reason.prefix { $0 != ":" } }

private func counterexample(_ seed: UInt64, _ round: Int) async -> Counterexample? {
  let history = History(seed: seed)
  guard let first = await failure(history) else { return nil }
  var smallest = history
  var reason = first
  smallest.acts = await shrunk(history.acts, replays: 60) { acts in
    var shorter = history
    shorter.acts = acts
    guard let again = await failure(shorter), law(again) == law(first) else { return false }
    reason = again
    return true
  }
  return Counterexample(seed: seed, round: round, reason: "\(reason)\n\(smallest)\n")
}
