// Numbers and times as every screen writes them.

import Basics
import Domain
import Testing

@testable import Console

@Suite struct WordingTests {
  private let world = Sample.world(80, 24)

  @Test func `a time of an earlier year is told with its year, one of this year with its hour`() {
    let before = world.now - .seconds(400 * 86_400)
    #expect(Wording.short(world.now, in: world) == "11-21 13:42:07")
    #expect(Wording.short(before, in: world) == "2025-10-17")
    #expect(Wording.clock(world.now, in: world) == "13:42")
    #expect(Wording.clock(world.now - .hours(24), in: world) == "11-20 13:42")
    #expect(Wording.clock(before, in: world) == "2025-10-17")
  }

  @Test func `a request's path is read with its signs plain`() {
    let path = "/3.0/lists/a1/members?fields=id%2Cstatus&since=2026-11-21T13%3A42%3A07%2B00%3A00%20"
    #expect(
      RequestText.readable(path)
        == "/3.0/lists/a1/members?fields=id,status&since=2026-11-21T13:42:07+00:00%20")
  }
}
