// Overview: what wants attention, the queue, and the last hour.

import Basics
import Domain
import Screen
import Testing

@testable import Console

@Suite struct OverviewPaneTests {
  private func troubled(_ width: Int = 80, _ height: Int = 24) -> World {
    var world = Sample.world(width, height)
    world.overview?.heldPlans = 1
    world.overview?.conflicts = 2
    world.overview?.webhookProblem = Problem(
      "mailchimp.webhook-unreachable", "Mailchimp cannot reach the webhook.",
      remedy: "Let the web server forward it.")
    return world
  }

  @Test func `each line of what wants attention has the key that leads there`() {
    let console = ready(.overview, troubled())
    #expect(console.picture.contains("› 3 ▲ Mailchimp cannot reach the webhook."))
    #expect(console.picture.contains("8 ‖ 1 plan waits for your decision"))
    #expect(console.picture.contains("8 ▲ 2 fields changed on both sides: say which value counts"))
    #expect(console.picture.contains("2 • 28 people are refused: see why"))
  }

  @Test func `Enter goes to what is selected`() {
    var console = ready(.overview, troubled())
    console.press("Enter")
    #expect(console.session.current == .audience)
    #expect(console.picture.contains("Webhook, deliveries"))
    console = ready(.overview, troubled())
    console.press("j Enter")
    #expect(console.session.current == .review)
    console = ready(.overview, troubled())
    console.press("j j j Enter")
    #expect(console.session.current == .people)
    #expect(console.picture.contains("People: state:refused"))
  }

  @Test func `a click selects and a second one goes there`() throws {
    var console = ready(.overview, troubled(120, 36))
    let line = try #require(
      console.session.draw().lines.firstIndex { $0.contains("2 fields changed") })
    let place = Point(80, line)
    console.handle(.input(.mouse(MouseEvent(.pressed(.left), place))))
    #expect(console.picture.contains("› 8 ▲ 2 fields changed"))
    console.handle(.input(.mouse(MouseEvent(.doublePressed(.left), place))))
    #expect(console.session.current == .review)
  }

  @Test func `past the last of what wants attention the view moves, and back`() {
    var world = troubled(80, 16)
    world.overview?.deadLetters = 3
    var console = ready(.overview, world)
    let first = console.picture
    console.press("j j j j j j j j")
    #expect(console.picture != first && !console.picture.contains("Workspace"))
    console.press("k k k k k k k k k k k k")
    #expect(console.picture == first)
  }

  @Test func `the last hour is drawn from what was recorded, with words`() {
    var world = Sample.world(80, 24)
    let last = Throughput.minute(world.now)
    world.overview?.throughput = Throughput([
      last: 40, last - 1: 850, last - 59: 10, last - 60: 999,
    ])
    let console = ready(.overview, world)
    #expect(
      console.picture.contains("900 read, compared or sent in the last hour, peak 850 a minute"))
    #expect(console.picture.contains("▁" + String(repeating: "─", count: 57) + "█▁"))
    world.capabilities.glyphs = .ascii
    #expect(ready(.overview, world).picture.contains("#_"))
    // Higher where there is room.
    world.capabilities.glyphs = .unicode
    world.size = Size(200, 60)
    #expect(ready(.overview, world).session.draw().lines.count { $0.contains("█") } >= 8)
  }

  @Test func `the queue says how much, since when, and what comes later`() {
    var world = Sample.world(120, 36)
    world.overview?.waitingMessages = 1207
    world.overview?.queue.ready = 1204
    world.overview?.queue.later = 3
    world.overview?.queue.inHand = 12
    world.overview?.queue.oldest = Sample.minutesAgo(2)
    #expect(
      ready(.overview, world).session.plainLines().joined(separator: "\n").contains(
        "1,204 messages wait, the oldest since 13:40; 12 in hand; 3 for later"))
    #expect(ready(.overview).picture.contains("Queue  empty"))
  }

  @Test func `at 80 by 24 the steps that are done are counted, and the runs stay in view`() {
    var world = Sample.world()
    world.overview?.isFirstSyncDone = false
    world.overview?.heldPlans = 1
    let console = ready(.overview, world)
    #expect(console.picture.contains("First steps  4 of 5 done"))
    #expect(console.picture.contains("→ Press 8 to look at the plan, then A approves it."))
    #expect(!console.picture.contains("Set the API key"))
    #expect(console.picture.contains("Queue  empty"))
  }

  @Test func `nothing is asked of the workspace and no clock runs`() {
    var console = Sample.session(.overview, troubled())
    #expect(console.effects == [])
    #expect(console.session.wakeAt == nil)
    console.press("j")
    #expect(console.effects == [])
  }
}
