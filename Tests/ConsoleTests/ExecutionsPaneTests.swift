// Executions: filters, tabs, and what may be done with which run.

import Basics
import Domain
import Screen
import Testing

@testable import Console

@Suite struct ExecutionsPaneTests {
  @Test func `the filter form asks for what it says, and Esc clears it`() {
    var console = ready(.executions)
    console.press("& Space Tab Tab Tab Tab Space")
    let effects = console.press("^S")
    guard case .executions(let filter, _)? = effects.queries.first else {
      return #expect(Bool(false), "\(effects)")
    }
    #expect(filter.statuses == [.waiting])
    #expect(filter.originalsOnly)
    #expect(console.picture.contains("Executions: waiting, originals"))
    guard case .executions(let all, _)? = console.press("Esc").queries.first else {
      return #expect(Bool(false))
    }
    #expect(all == ExecutionFilter())
  }

  @Test func `a finished run cannot be cancelled and a clean one not retried`() {
    var console = ready(.executions)
    console.press("x r")
    #expect(console.noticeLine.contains("It is not over yet."))
    console.press("j x c")
    #expect(console.noticeLine.contains("It is over: nothing is left to cancel."))
    console.press("j x r")
    #expect(console.noticeLine.contains("Nothing in it failed."))
  }

  @Test func `cancelling and retrying name their numbers and wait for y`() {
    var console = ready(.executions)
    console.press("x c")
    #expect(console.picture.contains("12,400 of 20,000 people are done"))
    #expect(console.press("Enter") == [])
    #expect(console.press("x c y") == [.request(.cancelExecution(ExecutionID(312)))])
    console.press("j x r")
    #expect(console.picture.contains("The 28 people it could not send are sent again."))
    #expect(console.press("y") == [.request(.retryExecution(ExecutionID(311)))])
  }

  @Test func `each tab asks for its own rows once`() {
    var console = ready(.executions)
    console.press("j")
    #expect(console.press("]").queries == [.steps(ExecutionID(311))])
    console.answerAll()
    console.press("]")
    console.answerAll()
    #expect(console.press("[") == [])
    #expect(console.picture.contains("Read the audience"))
  }

  @Test func `a person of an execution is opened in People`() {
    var console = ready(.executions)
    console.press("j ] ]")
    console.answerAll()
    let effects = console.press("Enter Enter")
    #expect(console.session.current == .people)
    #expect(
      effects.queries == [.people(search: "", WindowRequest(.around(4), count: 39)), .customFields])
  }

  @Test func `an answer for an execution that is not selected any more is dropped`() {
    var console = ready(.executions)
    console.press("j ]")
    let asked = console.effects
    console.press("j j")
    for case .query(.steps(ExecutionID(311)), let ticket) in asked {
      console.handle(.answered(ticket, .steps(Sample.steps())))
    }
    #expect(console.picture.contains("Loading…"))
  }

  @Test func `held updates wait until the hold ends`() {
    var console = ready(.executions)
    console.press(".")
    #expect(console.picture.contains("updates held"))
    #expect(console.handle(.dataChanged) == [])
    #expect(console.press(".").queries.count == 1)
  }
}
