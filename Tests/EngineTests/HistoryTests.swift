// Laws as properties of the whole: some random histories with each run of the tests. `Laws` plays
// thousands.

import Histories
import Sandbox
import Support
import Testing

@Suite(.timeLimit(.minutes(10))) struct HistoryTests {
  @Test func `after any history both sides agree and nobody came back against their will`()
    async throws
  {
    let failures = await Histories.failures(60, from: runSeed)
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
    #expect(await Histories.failure(of: history) == nil)
    for (deed, expected) in unseen {
      let reason = await Histories.failure(of: history, unseen: [deed])
      #expect(reason.map(Histories.law) == expected)
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
