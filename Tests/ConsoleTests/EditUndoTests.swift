// z and Z: every edit that was carried out has its way back, one at a time, and what has none says so.

import Basics
import Domain
import Screen
import Testing

@testable import Console

@Suite struct EditUndoTests {
  private let open = Ticket(pane: .overview, generation: 0)

  private func filter(_ name: String) -> Effect {
    .saveFilter(SavedFilter(name, ExecutionFilter()), open)
  }

  /// What an order was, and its ticket.
  private func order(_ effects: [Effect]) -> (name: String, ticket: Ticket)? {
    for effect in effects {
      if case .saveFilter(let saved, let ticket) = effect { return (saved.name, ticket) }
    }
    return nil
  }

  @Test func `z with nothing to take back says what it is for`() {
    var console = ready(.people)
    #expect(console.press("z") == [])
    #expect(console.noticeLine.contains("Nothing to take back"))
    #expect(console.press("Z") == [])
    #expect(console.noticeLine.contains("Nothing was taken back."))
  }

  @Test func `edits are taken back in turn and made again in turn, in any pane`() throws {
    var console = ready(.people)
    let pane = Ticket(pane: .executions, generation: 5)
    console.handle(.edited(pane, Edit("one", back: filter("zero"))))
    console.handle(.edited(pane, Edit("two", back: filter("one"))))
    let second = try #require(order(console.press("z")))
    #expect(second.name == "one")
    // Only one step is under way at a time.
    #expect(order(console.press("z")) == nil)
    #expect(console.noticeLine.contains("One moment"))
    console.handle(.edited(second.ticket, Edit("two", back: filter("two"))))
    console.handle(.answered(second.ticket, .done))
    #expect(console.noticeLine.contains("Taken back: two. Z makes it again."))
    console.press("7")
    let first = try #require(order(console.press("z")))
    #expect(first.name == "zero")
    console.handle(.edited(first.ticket, Edit("one", back: filter("one"))))
    console.handle(.answered(first.ticket, .done))
    let again = try #require(order(console.press("Z")))
    #expect(again.name == "one")
    console.handle(.edited(again.ticket, Edit("one", back: filter("zero"))))
    console.handle(.answered(again.ticket, .done))
    #expect(console.noticeLine.contains("Made again: one. z takes it back."))
    #expect(try #require(order(console.press("Z"))).name == "two")
  }

  @Test func `a new edit ends what could be made again`() throws {
    var console = ready(.people)
    let pane = Ticket(pane: .executions, generation: 5)
    console.handle(.edited(pane, Edit("one", back: filter("zero"))))
    let step = try #require(order(console.press("z")))
    console.handle(.edited(step.ticket, Edit("one", back: filter("one"))))
    console.handle(.answered(step.ticket, .done))
    console.handle(.edited(pane, Edit("other", back: filter("none"))))
    #expect(order(console.press("Z")) == nil)
  }

  @Test func `a step that is refused says why, and the one before it can be taken`() throws {
    var console = ready(.people)
    let pane = Ticket(pane: .executions, generation: 5)
    console.handle(.edited(pane, Edit("one", back: filter("zero"))))
    console.handle(.edited(pane, Edit("two", back: filter("one"))))
    let step = try #require(order(console.press("z")))
    console.handle(.answered(step.ticket, .refused(Problem("gone", "The filter is gone."))))
    #expect(console.noticeLine.contains("Two stays as it is. The filter is gone."))
    console.press("Esc")
    #expect(try #require(order(console.press("z"))).name == "zero")
  }

  @Test func `what was sent says where it is taken back, then z goes on to the edit before`() throws
  {
    var console = ready(.people)
    console.handle(
      .edited(Ticket(pane: .executions, generation: 5), Edit("one", back: filter("zero"))))
    console.press("F")
    #expect(order(console.press("z")) == nil)
    #expect(console.noticeLine.contains("taken back in Executions: press 6, then x u."))
    #expect(console.noticeLine.contains("z again takes back one."))
    #expect(try #require(order(console.press("z"))).name == "zero")
  }

  @Test func `removing somebody for good is said to be for good`() {
    var console = ready(.people)
    console.handle(
      .edited(
        Ticket(pane: .people, generation: 9),
        Edit("Ada", whyNot: "Ada was removed for good, which cannot be undone.")))
    console.press("z")
    #expect(console.noticeLine.contains("cannot be undone"))
  }
}
