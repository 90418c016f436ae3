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
    #expect(console.picture.contains("There is no API key yet: press 0"))
    console.press("Enter")
    #expect(console.noticeLine.contains("There is no API key yet"))
  }

  @Test func `growth is drawn as high as there were members, oldest at the left`() throws {
    let growth = AudienceGrowth(months: [
      GrowthMonth("2026-09", subscribed: 0), GrowthMonth("2026-10", subscribed: 8),
      GrowthMonth("2026-11", subscribed: 16),
    ])
    let lines = GrowthChart(growth, .unicode).lines(width: 20, height: 5)
      .map { $0.map(\.text).joined() }
    #expect(lines.count == 5)
    #expect(lines[0].hasPrefix("16 │") && lines[3].hasPrefix(" 0 │"))
    #expect(lines[4].contains("Sep") && lines[4].contains("Oct") && lines[4].contains("Nov"))
    // Nobody, half and whole.
    let columns = lines.prefix(4).map { Array($0) }
    let heights = [4, 9, 14].map { x in columns.count { $0.count > x && $0[x] == "█" } }
    #expect(heights == [0, 2, 4])
  }

  @Test func `growth needs no colour and no block characters`() {
    var world = Sample.world(120, 36)
    world.capabilities.glyphs = .ascii
    let console = ready(.audience, world)
    #expect(console.picture.contains("###"))
    #expect(!console.picture.unicodeScalars.contains { $0.value > 0x2500 && $0.value < 0x2600 })
  }

  @Test func `where months do not fit the latest are shown`() {
    let lines = GrowthChart(Sample.growth, .unicode).lines(width: 30, height: 8)
      .map { $0.map(\.text).joined() }
    #expect(lines.last?.contains("Nov") ?? false)
    #expect(lines.allSatisfy { CharacterWidth.of($0) <= 30 })
    #expect(GrowthChart(Sample.growth, .unicode).lines(width: 8, height: 8) == [])
    #expect(GrowthChart(AudienceGrowth(), .unicode).lines(width: 80, height: 8) == [])
  }

  @Test func `growth is asked once for each audience that is looked at, and read again by r`() {
    var console = Sample.session(.audience, Sample.world(120, 36))
    console.answer(.audiences(Sample.audiences())) { $0 == .audiences }
    #expect(console.effects.queries.contains(.growth("a1b2c3d4e5")))
    console.answerAll()
    #expect(console.picture.contains("19,104 in 2026-11  +154 since 2026-10"))
    let moved = console.press("j")
    #expect(moved.queries == [.growth("f6a7b8c9d0")])
    console.answerAll()
    let read = console.press("r")
    #expect(read.contains { if case .readGrowth("f6a7b8c9d0", _) = $0 { true } else { false } })
    #expect(read.contains { if case .refreshAudiences = $0 { true } else { false } })
  }

  @Test func `growth that cannot be read is said in its place`() {
    var console = Sample.session(.audience, Sample.world(120, 36))
    console.answer(.audiences(Sample.audiences())) { $0 == .audiences }
    console.answer(.refused(Problem("http.no-answer", "Mailchimp did not answer."))) {
      $0 == .growth("a1b2c3d4e5")
    }
    #expect(console.picture.contains("Mailchimp did not answer."))
    #expect(console.picture.contains("19,104 members"))
  }

  @Test func `at the plan's limit creating is refused in words before anything is typed`() {
    var console = Sample.session(.audience, Sample.world(200, 60))
    console.answer(.audiences(Sample.audiences())) { $0 == .audiences }
    console.answer(
      .allowance(AudienceAllowance(audiences: 2, most: 2, mayCreate: false))
    ) { $0 == .allowance }
    #expect(console.picture.contains("allows 2"))
    #expect(console.picture.contains("Or make room in Mailchimp"))
    #expect(console.press("c") == [])
    #expect(console.noticeLine.contains("allows 2, and there are 2."))
  }

  @Test func `the webhook's health and the sign-up form stand with the chosen audience`() {
    var console = ready(.audience, Sample.world(200, 60))
    #expect(console.picture.contains("Working; deliveries must be signed."))
    #expect(console.picture.contains("https://library.example/join"))
    console.press("j")
    console.answerAll()
    #expect(!console.picture.contains("Working; deliveries"))
  }

  @Test func `plain lines tell the months for who cannot see a chart`() {
    let lines = ready(.audience).session.plainLines()
    #expect(lines.contains("2026-11  19,104 members, 380 unsubscribed, 30 cleaned"))
  }
}
