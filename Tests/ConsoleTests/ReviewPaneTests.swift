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

  @Test func `discarding says before and after that opt-outs are not dropped`() {
    var console = Sample.session(.review, Sample.world(120, 36))
    var plan = Sample.plan()
    plan.counts.optOuts = 5
    console.answer(.plans([plan])) { $0 == .plans }
    console.answer(.deadLetters([])) { $0 == .deadLetters }
    console.press("x d")
    #expect(console.picture.contains("5 people in it opted out here"))
    #expect(console.picture.contains("tick the opt-in in People first"))
    #expect(console.press("y").first == .request(.discardPlan(PlanID(9))))
    #expect(console.noticeLine.contains("but for 5 opt-outs"))
  }

  @Test func `dead letters are sent again at once and discarded only by their number`() {
    var console = ready(.review)
    console.press("j A")
    #expect(console.noticeLine.contains("These are dead letters: x s sends them again,"))
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

  @Test func `the keys that decide stand below the list, for what is selected`() {
    var console = ready(.review)
    #expect(console.picture.contains("A approves it   x d discards it"))
    console.press("j")
    #expect(console.picture.contains("x s sends them again   x d discards them"))
    console.press("j")
    #expect(console.picture.contains("x h here counts   x t there counts"))
  }

  @Test func `a dead letter is sent again or discarded by itself`() {
    var console = ready(.review)
    console.press("j")
    console.answerAll()
    #expect(console.picture.contains("address:alan@example.org"))
    console.press("Enter j")
    #expect(console.press("x s") == [.request(.reviveMessage(71))])
    console.press("x d")
    #expect(console.picture.contains("About address:alan@example.org"))
    #expect(console.press("y") == [.request(.discardMessage(71))])
  }

  @Test func `who is refused and who has not confirmed wait here, and lead to the person`() {
    var world = Sample.world(120, 36)
    world.overview?.reasons.append(.init(code: "unconfirmed", count: 12))
    var console = ready(.review, world)
    #expect(console.picture.contains("refused: correct them, and they are sent again"))
    #expect(console.picture.contains("asked by Mailchimp to confirm, and have not yet"))
    let asked = console.press("G").queries
    #expect(
      asked.contains {
        if case .people(search: "reason:unconfirmed", _, _) = $0 { true } else { false }
      })
    console.answerAll()
    #expect(console.picture.contains("Unconfirmed"))
    console.press("A")
    #expect(console.noticeLine.contains("These people have not confirmed: Enter shows them"))
    console.press("Enter")
    guard case .lookUp(let key, _)? = console.press("o").first else {
      return #expect(Bool(false), "\(console.picture)")
    }
    #expect(key == AddressKey("ada@example.org"))
    console.press("Enter")
    #expect(console.session.current == .people)
  }

  @Test func `with nothing to decide it says so, and how to look for differences`() {
    var world = Sample.world()
    world.overview?.people[.refused] = 0
    var console = Sample.session(.review, world)
    console.answer(.plans([])) { $0 == .plans }
    console.answer(.deadLetters([])) { $0 == .deadLetters }
    #expect(console.picture.contains("Nothing waits for a decision."))
    #expect(console.press("v") == [.request(.verify(sample: nil))])
  }
}
