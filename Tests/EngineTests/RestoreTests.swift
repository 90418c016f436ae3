// Back to an older state of the workspace, while Mailchimp has gone on: nobody who left in between is
// subscribed again.

import Basics
import Domain
import Sandbox
import Storage
import Support
import Testing

@Suite(.timeLimit(.minutes(10))) struct RestoreTests {
  @Test func `after a restore the next sync is held, and approved it resubscribes nobody`()
    async throws
  {
    let scenario = try await Scenario()
    let ada = try await scenario.add("ada@lovelace.dev", first: "Ada") { $0.optIn = .yes }
    try await scenario.add("alan@turing.dev", first: "Alan") { $0.optIn = .yes }
    try await scenario.add("grace@hopper.dev", first: "Grace") { $0.optIn = .yes }
    try await scenario.startEngine()
    let first = try await scenario.run(.forceSync(approve: true))
    let copy = try scenario.workspace.backUp(to: scenario.directory.file("old.backup"))

    // One leaves here, one at Mailchimp, and one comes.
    try await scenario.edit(ada) { $0.optIn = .no }
    _ = try await scenario.execution(after: first.id) { $0.counts.unsubscribed == 1 }
    try scenario.mailchimp.perform(.personUnsubscribes("alan@turing.dev"))
    try await scenario.add("late@comer.dev", first: "Late") { $0.optIn = .yes }
    await scenario.stopEngine()

    let done = try Restoration.restore(
      copy.path, to: scenario.workspace.path, by: "tester")
    #expect(done.people == 3)
    #expect(done.optOuts == 1)
    try await scenario.add("edsger@dijkstra.dev", first: "Edsger") { $0.optIn = .yes }
    try await scenario.startEngine()
    let held = try await scenario.run(.forceSync(approve: false))
    #expect(held.status == .held)
    try await scenario.ask(.approvePlan(try #require(held.plan)))
    _ = try await scenario.settled(held.id)
    #expect(try await scenario.status("ada@lovelace.dev") == "unsubscribed")
    #expect(try await scenario.status("alan@turing.dev") == "unsubscribed")
    #expect(try await scenario.status("grace@hopper.dev") == "subscribed")
    #expect(try await scenario.status("edsger@dijkstra.dev") == "subscribed")
    let again = try await scenario.run(.resync(approve: false))
    #expect(again.status == .succeeded)
    #expect(try await scenario.status("ada@lovelace.dev") == "unsubscribed")
    #expect(try await scenario.status("alan@turing.dev") == "unsubscribed")
    await scenario.end()
  }
}
