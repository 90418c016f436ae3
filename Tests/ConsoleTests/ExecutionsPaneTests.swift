// Executions: filters, tabs, and what may be done with which run.

import Basics
import Domain
import Screen
import Testing

@testable import Console

@Suite struct ExecutionsPaneTests {
  @Test func `the filter form asks for what it says, and Esc clears it`() {
    var console = ready(.executions)
    console.press("& Space Tab Tab Tab Tab Tab Tab Tab Tab Space")
    let effects = console.press("^S")
    guard case .executions(let filter, _, _)? = effects.queries.first else {
      return #expect(Bool(false), "\(effects)")
    }
    #expect(filter.statuses == [.failed, .partial])
    #expect(filter.originalsOnly)
    #expect(console.picture.contains("Executions: failed or partial, originals"))
    guard case .executions(let all, _, _)? = console.press("Esc").queries.first else {
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

  @Test func `every filter combines with every other, and the form shows them again`() {
    var console = ready(.executions)
    console.press("& Space Tab Space Tab Space Tab Space Tab")
    console.type("2026-11-20 08:00")
    console.press("Tab")
    console.type("13:00")
    console.press("Tab")
    console.type("ada@example.org")
    console.press("Tab")
    console.type("refused")
    console.press("Tab Space Tab Space")
    guard case .executions(let filter, _, _)? = console.press("^S").queries.first else {
      return #expect(Bool(false))
    }
    #expect(filter.statuses == [.failed, .partial])
    #expect(filter.trigger == .change)
    #expect(filter.flow == .pushPeople)
    #expect(filter.within == .hours(1))
    #expect(filter.since == Instant(iso8601: "2026-11-20T08:00:00Z"))
    #expect(filter.until == Instant(iso8601: "2026-11-21T13:00:00Z"))
    #expect(filter.who == "ada@example.org")
    #expect(filter.text == "refused")
    #expect(filter.originalsOnly && filter.hidesUnchanged)
    console.press("&")
    let shown = console.picture
    for text in ["failed or partial", "2026-11-20 08:00:00", "ada@example.org", "the last hour"] {
      #expect(shown.contains(text), "\(text)")
    }
  }

  @Test func `a time that is none is refused beside its field, with nothing lost`() {
    var console = ready(.executions)
    console.press("& Tab Tab Tab Tab")
    console.type("soon")
    #expect(console.press("^S").queries == [])
    #expect(console.picture.contains("'soon' is no time."))
    #expect(console.picture.contains("Filter executions"))
  }

  @Test func `a filter is saved under a name, chosen by its letter and forgotten again`() {
    var console = ready(.executions)
    console.press("b")
    console.answerAll()
    console.press("+")
    #expect(console.noticeLine.contains("Everything is shown"))
    console.press("b")
    console.answerAll()
    guard case .executions(let chosen, _, _)? = console.press("c").queries.first else {
      return #expect(Bool(false))
    }
    #expect(chosen == Sample.savedFilter.filter)
    console.press("b")
    console.answerAll()
    guard case .removeFilter("Failed this week", _)? = console.press("-").first else {
      return #expect(Bool(false))
    }
    console.press("Esc / 4 2 Enter b")
    console.answerAll()
    console.press("+")
    console.type("Mine")
    guard case .saveFilter(let kept, _)? = console.press("Enter").first else {
      return #expect(Bool(false))
    }
    #expect(kept.name == "Mine")
    #expect(kept.filter.text == "42")
  }

  @Test func `people are shown by their outcome`() {
    var console = ready(.executions)
    console.press("f")
    #expect(console.noticeLine.contains("That is for the tab People"))
    console.press("j ] ]")
    console.answerAll()
    console.press("f")
    #expect(console.picture.contains("refused  28"))
    guard case .outcomes(ExecutionID(311), .refused, _)? = console.press("r").queries.first else {
      return #expect(Bool(false))
    }
    #expect(console.picture.contains("#311 force sync, only refused"))
  }

  @Test func `outputs fold and unfold, one by one and all at once`() {
    var console = ready(.executions)
    console.press("j ]")
    let members: JSONValue = ["sizes": [1, 2, 3], "name": "x"]
    let steps = [
      StepRow(
        id: 1, name: "Read", status: .succeeded, startedAt: Sample.now, tookMilliseconds: 5,
        output: ["data": members, "long": .array((0..<40).map { .int($0) })])
    ]
    console.answer(.steps(steps)) { if case .steps = $0 { true } else { false } }
    #expect(console.picture.contains("▾ data  {2}"))
    #expect(console.picture.contains("▸ long  [40]"))
    console.press("Enter j Enter")
    #expect(console.picture.contains("▸ data  {2}"))
    #expect(!console.picture.contains("sizes"))
    console.press("o")
    #expect(console.picture.contains("sizes"))
    console.press("o")
    #expect(!console.picture.contains("sizes"))
    // To the left: up to what it belongs to, then closed.
    console.press("h h")
    #expect(!console.picture.contains("data"))
    #expect(console.picture.contains("▸ Read"))
  }

  @Test func `a request is read laid out, and copied for a shell without the key`() {
    var console = ready(.executions)
    console.press("j ] ] ]")
    console.answerAll()
    console.press("Enter Enter")
    console.answerAll()
    #expect(console.picture.contains("\"email_address\": \"ada@example.org\""))
    #expect(console.picture.contains("Response"))
    console.press("Esc x k")
    let copied = console.answer(.exchange(Sample.exchange())) {
      if case .exchange = $0 { true } else { false }
    }
    let wanted = #"""
      curl --request POST "https://$DC.api.mailchimp.com/3.0/lists/a1b2c3d4e5" \
        --user "any:$MAILCHIMP_KEY" \
        --header 'content-type: application/json' \
        --data '{"email_address": "ada@example.org", "merge_fields": {"LNAME": "O'\''Hara"}}'
      """#
    #expect(copied == [.copy(wanted, .clipboard)])
  }

  @Test func `a retry is laid beside its original`() {
    var console = ready(.executions)
    console.press("j x o")
    #expect(console.noticeLine.contains("It does no other execution again."))
    console.press("j j j x o")
    #expect(console.effects.queries.contains(.comparison(ExecutionID(308))))
    console.answerAll()
    #expect(console.picture.contains("#308 beside its original #307"))
    #expect(console.picture.contains("25 people  refused → created"))
    #expect(console.picture.contains("grace@example.org  refused → created  Added."))
  }

  @Test func `person, request and log line lead to each other`() {
    var console = ready(.executions)
    console.press("j ] ]")
    console.answerAll()
    console.press("x s")
    #expect(
      console.effects.queries.last
        == .exchangeAbout(ExecutionID(311), AddressKey("grace@example")))
    console.answerAll()
    #expect(console.picture.contains("Request"))
    console.press("Esc x e")
    guard
      case .executions(let touched, _, _)? = console.effects.queries.last(where: {
        if case .executions = $0 { true } else { false }
      })
    else { return #expect(Bool(false)) }
    #expect(touched.who == "grace@example")
    console.answerAll()
    console.press("j ]")
    console.answerAll()
    console.press("x t")
    #expect(console.session.current == .logs)
    var lines = LogFilter()
    lines.execution = ExecutionID(311)
    lines.minimum = .debug
    guard
      case .logTime(lines, _)? = console.effects.queries.last(where: {
        if case .logTime = $0 { true } else { false }
      })
    else { return #expect(Bool(false), "\(console.effects.queries)") }
    console.answerAll()
    console.press("x o")
    #expect(console.session.current == .executions)
    console.press("2")
    console.answerAll()
    console.press("x x")
    #expect(console.session.current == .executions)
  }

  @Test func `held updates wait until the hold ends`() {
    var console = ready(.executions)
    console.press(".")
    #expect(console.picture.contains("updates held"))
    #expect(console.handle(.dataChanged) == [])
    #expect(console.press(".").queries.count == 1)
  }

  // MARK: Order and marks

  private func sorts(_ effects: [Effect]) -> [ExecutionSort] {
    effects.queries.compactMap { query in
      if case .executions(_, let sort, _) = query { sort } else { nil }
    }
  }

  @Test func `s offers four orders, S turns them round, and a heading does both`() {
    var console = ready(.executions)
    console.press("s")
    #expect(console.picture.contains("How long it took"))
    #expect(sorts(console.press("t")) == [ExecutionSort(.took)])
    console.answerAll()
    #expect(console.picture.contains("Took▼") || console.picture.contains("▼Took"))
    #expect(sorts(console.press("S")) == [ExecutionSort(.took, reversed: true)])
    console.answerAll()
    #expect(console.session.panes[.executions]?.memory["sort"] == "-took")
    let click = MouseEvent(.pressed(.left), Point(4, 3))
    #expect(sorts(console.handle(.input(.mouse(click)))) == [ExecutionSort(.outcome)])
  }

  @Test func `what is marked is retried, replayed or cancelled with one yes that names how many`() {
    var console = ready(.executions)
    console.press("*")
    #expect(console.picture.contains("7 marked"))
    console.press("x")
    #expect(console.picture.contains("Replay 7 executions"))
    console.press("c")
    // Of the seven one runs and one is held.
    #expect(console.picture.contains("Cancel 2 executions"))
    #expect(console.picture.contains("5 more that are marked are left as they are."))
    #expect(
      console.press("y") == [
        .request(.cancelExecution(ExecutionID(307))), .request(.cancelExecution(ExecutionID(312))),
      ])
    console.press("Esc")
    #expect(!console.picture.contains("marked"))
  }

  @Test func `marks of what does not fit say why, and a range marks all in between`() {
    var console = ready(.executions)
    console.press("Space")
    console.press("x r")
    #expect(console.noticeLine.contains("Nothing failed in those that are marked."))
    console.press("Esc g v j j v")
    #expect(console.picture.contains("3 marked"))
  }
}
