// Audience: choosing asks first.

import Basics
import Domain
import Screen
import Testing

@testable import Console

@Suite struct AudiencePaneTests {
  @Test func `choosing asks first and Cancel has the focus`() {
    var world = Sample.world(120, 36)
    world.overview?.audienceID = ""
    var console = ready(.audience, world)
    console.press("Enter")
    #expect(console.picture.contains("Newsletter (a1b2c3d4e5) with its 19,104 members"))
    #expect(console.picture.contains("It uses double opt-in"))
    #expect(console.press("Enter") == [])
    guard case .chooseAudience("a1b2c3d4e5", let ticket)? = console.press("Enter y").first else {
      return #expect(Bool(false))
    }
    console.handle(.answered(ticket, .done))
    #expect(console.noticeLine.contains("Check the permission reminder"))
  }

  @Test func `an id may be pasted`() {
    var console = ready(.audience)
    console.press("i")
    console.handle(.input(.pasted(" zz99 \n")))
    console.press("Enter")
    guard case .chooseAudience("zz99", _)? = console.press("y").first else {
      return #expect(Bool(false), "\(console.picture)")
    }
  }

  @Test func `without a key nothing is asked and the way out is said`() {
    var world = Sample.world(120, 36)
    world.hasKey = false
    var console = Sample.session(.audience, world)
    #expect(console.effects == [])
    #expect(console.picture.contains("There is no API key yet. Press 0"))
    console.press("Enter")
    #expect(console.noticeLine.contains("There is no API key yet"))
  }
}
