// Review: decisions name their numbers, and losing people asks for theirs.

import Basics
import Domain
import Screen
import Testing

@testable import Console

@Suite struct ReviewPaneTests {
  @Test func `a plan that takes people off the list asks for their number`() {
    var console = ready(.review)
    console.press("A")
    #expect(console.picture.contains("7 people leave the list."))
    #expect(console.press("y Enter") == [])
    console.press("Backspace")
    console.type("7")
    #expect(console.press("Enter").first == .request(.approvePlan(PlanID(9))))
  }

  @Test func `a plan that only adds is approved with y`() {
    var console = Sample.session(.review, Sample.world(120, 36))
    var plan = Sample.plan()
    plan.counts.unsubscribe = 0
    console.answer(.plans([plan])) { $0 == .plans }
    console.answer(.deadLetters([])) { $0 == .deadLetters }
    console.press("A")
    #expect(console.press("Enter") == [])
    #expect(console.press("A y").first == .request(.approvePlan(PlanID(9))))
    #expect(console.press("x d y").first == .request(.discardPlan(PlanID(9))))
  }

  @Test func `dead letters are sent again at once and discarded only by their number`() {
    var console = ready(.review)
    console.press("j A")
    #expect(console.noticeLine.contains("These are dead letters: x s sends them again."))
    #expect(
      console.press("x s") == [.reviveLetters(cause: "mailchimp.server-error")])
    #expect(console.press("x d y") == [])
    console.press("Backspace")
    console.type("3")
    #expect(
      console.press("Enter") == [.discardLetters(cause: "mailchimp.server-error")])
  }

  @Test func `the old and the new value of a row can be read in full`() {
    var console = ready(.review)
    console.press("Enter Enter")
    #expect(console.picture.contains("FNAME: Ada → Adele"))
  }

  @Test func `conflicts show both values and are decided for all or one by one`() {
    var console = ready(.review)
    console.press("j j")
    #expect(console.picture.contains("Lovelace"))
    #expect(console.picture.contains("King"))
    #expect(console.press("x t y") == [.request(.decideConflict(ConflictID(4), .mailchimp))])
    console.press("Enter")
    console.press("x n")
    #expect(console.noticeLine.contains("Only a changed address"))
    #expect(console.press("x h y") == [.request(.decideConflict(ConflictID(4), .directory))])
  }
}
