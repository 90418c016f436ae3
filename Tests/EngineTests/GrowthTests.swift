// Numbers that the engine keeps to be drawn: how the audience grew, and how much was done.

import Basics
import Domain
import Storage
import Support
import Testing

@Suite(.timeLimit(.minutes(10))) struct GrowthTests {
  @Test func `a full reading keeps how the audience grew, and what is done is counted by minute`()
    async throws
  {
    let scenario = try await Scenario()
    try await scenario.crowd(3)
    try scenario.mailchimp.perform(.personSignsUp("amy@else.dev"))
    try await scenario.startEngine()
    _ = try await scenario.run(.forceSync(approve: true))
    let audience = scenario.mailchimp.audience
    let (growth, throughput, now) = try await scenario.workspace.read { (reading) throws(Problem) in
      (
        try reading.figures.growth(of: audience), try reading.reports.overview().throughput,
        reading.now
      )
    }
    #expect(growth.months.last?.subscribed == 1)
    #expect(growth.isFresh(at: now))
    #expect(throughput.hour(to: now).reduce(0, +) >= 3)
    await scenario.end()
  }
}
