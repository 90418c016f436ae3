// What the panes do with keys and answers: every refusal says why, nothing is sent that was not
// meant, nothing typed is lost.

import Basics
import Domain
import Screen
import Testing

@testable import Console

/// A pane with everything it asked for, and no memory of having asked.
private func ready(_ pane: PaneID, _ world: World = Sample.world(120, 36)) -> TestSession {
  var console = Sample.session(pane, world)
  console.answerAll()
  return console
}

extension [Effect] {
  fileprivate var queries: [Query] {
    compactMap { if case .query(let query, _) = $0 { query } else { nil } }
  }
  /// The ticket of the first order that is no question.
  fileprivate var orderTicket: Ticket? {
    for effect in self {
      switch effect {
      case .saveSettings(_, let ticket), .testKey(_, _, let ticket), .savePerson(_, let ticket),
        .deletePerson(_, _, let ticket), .chooseAudience(_, let ticket):
        return ticket
      default: continue
      }
    }
    return nil
  }
}

@Suite struct PeoplePaneTests {
  @Test func `a search that cannot be read says why and leaves the rows`() {
    var console = ready(.people)
    console.press("/")
    console.type("state:x")
    console.answer(.refused(Problem("search.unknown", "'x' is no state.", remedy: "Give waiting.")))
    { $0 == .people(search: "state:x", WindowRequest(.at(0), count: 39)) }
    #expect(console.picture.contains("'x' is no state. Give waiting."))
    #expect(console.picture.contains("Ada Lovelace"))
  }

  @Test func `a slow answer to what was typed before is dropped`() {
    var console = ready(.people)
    console.press("/ a d")
    let questions = console.effects
    guard case .query(_, let old)? = questions.first, case .query(_, let new)? = questions.last
    else { return #expect(Bool(false), "two questions were expected") }
    let found = Window(rows: Array(Sample.people().rows.prefix(1)), offset: 0, total: 1)
    console.handle(.answered(new, .people(found)))
    console.handle(.answered(old, .people(Sample.people())))
    #expect(console.picture.contains("1–1 of 1"))
    #expect(!console.picture.contains("Grace Hopper"))
  }

  @Test func `Esc clears the search and asks for everybody again`() {
    var console = ready(.people)
    console.press("/ a Enter")
    #expect(
      console.press("Esc").queries.first == .people(search: "", WindowRequest(.at(0), count: 39)))
  }

  @Test func `an edit sends only what was changed`() {
    var console = ready(.people)
    console.press("e")
    console.press("Tab ^U")
    console.type("King")
    let effects = console.press("^S")
    guard case .savePerson(let draft, let ticket)? = effects.first else {
      return #expect(Bool(false), "nothing was saved: \(effects)")
    }
    #expect(draft == PersonDraft(id: PersonID(1), values: [.lastName: "King"]))
    console.handle(.answered(ticket, .savedPerson(PersonID(1))))
    #expect(console.noticeLine.contains("#1 was saved."))
    #expect(!console.picture.contains("Edit Ada"))
  }

  @Test func `what does not fit its field is said there and not sent`() {
    var console = ready(.people)
    console.press("a")
    console.type("Ada")
    console.press("Tab Tab")
    console.type("ada@example")
    #expect(console.picture.contains("Not valid: the part after the @ has no dot."))
    #expect(console.press("^S") == [])
    console.type(".org")
    #expect(console.press("^S").orderTicket != nil)
  }

  @Test func `a refused save keeps the form and what was typed`() {
    var console = ready(.people)
    console.press("a")
    console.type("Ada")
    guard let ticket = console.press("^S").orderTicket else { return #expect(Bool(false)) }
    console.handle(
      .answered(
        ticket,
        .refused(
          Problem(
            "people.duplicate-id", "The external id A1 is taken.", fields: ["field": "external_id"])
        )))
    #expect(console.picture.contains("The external id A1 is taken."))
    #expect(console.picture.contains("Add a person"))
    guard case .savePerson(let draft, _)? = console.press("^S").first else {
      return #expect(Bool(false), "what was typed is lost")
    }
    #expect(draft.values[.firstName] == "Ada")
  }

  @Test func `a form without a name or an address is not sent`() {
    var console = ready(.people)
    console.press("a")
    #expect(console.press("^S") == [])
    #expect(console.picture.contains("A name or an e-mail address is needed."))
  }

  @Test func `leaving a changed form takes two presses of Esc`() {
    var console = ready(.people)
    console.press("a")
    console.type("Ada")
    console.press("Esc")
    #expect(console.picture.contains("Press Esc again to drop 1 change."))
    console.press("Esc")
    #expect(!console.picture.contains("Add a person"))
  }

  @Test func `removing for good comes after deleting and asks for the number`() {
    var console = ready(.people)
    console.press("x D")
    #expect(console.noticeLine.contains("Delete the person first: x d."))
    console.press("x d")
    #expect(console.picture.contains("Ada Lovelace (#1) is marked as deleted"))
    #expect(console.press("Enter") == [])
    let effects = console.press("x d y")
    guard case .deletePerson(PersonID(1), .mark, _)? = effects.first else {
      return #expect(Bool(false), "\(effects)")
    }

    var gone = Sample.people()
    gone.rows[0].isDeleted = true
    console.handle(.dataChanged)
    console.answer(.people(gone)) { if case .people = $0 { true } else { false } }
    console.press("x D")
    #expect(console.press("y Enter") == [])
    console.press("Backspace")
    console.type("1")
    let removed = console.press("Enter").contains { effect in
      if case .deletePerson(PersonID(1), .remove, _) = effect { true } else { false }
    }
    #expect(removed)
  }

  @Test func `syncing one person says why not while paused`() {
    var world = Sample.world(120, 36)
    var console = ready(.people, world)
    #expect(console.press("x s") == [.request(.syncPerson(PersonID(1)))])
    world.overview?.engine = .paused
    console.handle(.worldChanged(world))
    #expect(console.press("x s") == [])
    #expect(console.noticeLine.contains("Sending is paused"))
  }

  @Test func `explain is read when it is looked at and shows where it stops`() {
    var console = ready(.people)
    let effects = console.press("x w")
    #expect(effects.queries == [.explanation(PersonID(1))])
    console.answerAll()
    #expect(console.picture.contains("✗ opted-out: yes."))
  }
}

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
    #expect(effects.queries == [.people(search: "", WindowRequest(.around(4), count: 39))])
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
      console.press("x s") == [.reviveLetters(cause: "Mailchimp answered 500 six times.")])
    #expect(console.press("x d y") == [])
    console.press("Backspace")
    console.type("3")
    #expect(
      console.press("Enter") == [.discardLetters(cause: "Mailchimp answered 500 six times.")])
  }

  @Test func `the old and the new value of a row can be read in full`() {
    var console = ready(.review)
    console.press("Enter Enter")
    #expect(console.picture.contains("FNAME: Ada → Adele"))
  }
}

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
    #expect(console.noticeLine.contains("Check its permission reminder"))
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

@Suite struct LogsPaneTests {
  @Test func `a move stops following, and f follows again`() {
    var console = ready(.logs)
    #expect(console.picture.contains("following"))
    console.press("k")
    #expect(!console.picture.contains("following"))
    #expect(console.press("f").queries == [.logs(LogFilter(), WindowRequest(.end, count: 87))])
  }

  @Test func `E looks for the error above and shows it among its neighbours`() {
    var console = ready(.logs)
    let effects = console.press("k E")
    #expect(
      effects.queries == [
        .logMatch(LogFilter(), text: "", minimum: .error, from: 2, backwards: true)
      ])
    console.answer(.logMatch(3)) { if case .logMatch = $0 { true } else { false } }
    guard case .query(.logs(_, let request), _)? = console.effects.last else {
      return #expect(Bool(false))
    }
    #expect(request.place == .around(3))
  }

  @Test func `n says that nothing is searched for`() {
    var console = ready(.logs)
    #expect(console.press("n") == [])
    #expect(console.noticeLine.contains("press / first"))
  }
}

@Suite struct SettingsPaneTests {
  private static let key = "fedcba9876543210fedcba9876543210-us7"

  /// Settings with a new key typed, and saved with ^S.
  private func saving() -> (TestSession, [Effect]) {
    var console = ready(.settings)
    console.press("] Enter")
    console.type(Self.key)
    let effects = console.press("^S")
    return (console, effects)
  }

  @Test func `a new key is tried before anything is saved`() {
    var (console, effects) = saving()
    guard case .testKey(Secret(Self.key), url: "", let ticket)? = effects.last, effects.count == 1
    else { return #expect(Bool(false), "\(effects)") }
    let saved = console.handle(
      .answered(ticket, .account(MailchimpAccount(id: "1", name: "Library", role: "owner"))))
    guard case .saveSettings(let edits, let save)? = saved.first else {
      return #expect(Bool(false), "\(saved)")
    }
    #expect(edits == [SettingEdit(key: "mailchimp.key", value: Secret(Self.key))])
    console.handle(.answered(save, .done))
    #expect(console.noticeLine.contains("Connected to Library as owner."))
  }

  @Test func `a refused key saves nothing and stays to be corrected`() {
    var (console, effects) = saving()
    guard let ticket = effects.orderTicket else { return #expect(Bool(false)) }
    let after = console.handle(
      .answered(
        ticket, .refused(Problem("mailchimp.key-refused", "Mailchimp refused the API key."))))
    #expect(after == [])
    #expect(console.noticeLine.contains("Nothing was saved. Mailchimp refused the API key."))
    #expect(console.picture.contains("1 change not saved"))
  }

  @Test func `a secret is dots, and is revealed for ten seconds`() {
    var console = ready(.settings)
    console.press("]")
    #expect(!console.picture.contains("0123456789abcdef"))
    console.press("^R")
    #expect(console.picture.contains("0123456789abcdef"))
    #expect(console.session.wakeAt == Sample.now + .seconds(10))
    console.handle(.ticked, at: Sample.now + .seconds(10))
    #expect(!console.picture.contains("0123456789abcdef"))
    let plain = console.session.plainLines().joined(separator: "\n")
    #expect(!plain.contains("0123456789abcdef"))
    #expect(plain.contains("API key *: ••••us21"))
  }

  @Test func `a value that does not fit is refused beside its field`() {
    var console = ready(.settings)
    for _ in 0..<40 where !console.picture.contains("How often Mailchimp") { console.press("j") }
    console.press("Enter")
    console.type("99999")
    #expect(console.picture.contains("Give a whole number from 1 to 1440."))
    #expect(console.press("^S") == [])
    console.press("Enter")
    #expect(console.lastLine.contains("^S"))
  }

  @Test func `quitting with unsaved settings asks`() {
    var console = ready(.settings)
    console.press("Enter")
    console.type("X")
    console.press("Enter")
    #expect(console.press("q") == [])
    #expect(console.picture.contains("1 setting is changed here and not saved."))
    #expect(console.press("Enter") == [])
    #expect(console.press("q y") == [.quit])
  }

  @Test func `letters are text while a field is open`() {
    var console = ready(.settings)
    console.press("Enter ^U")
    #expect(console.type("FRPq:?0") == [])
    #expect(console.picture.contains("FRPq:?0"))
    console.press("Esc")
    #expect(console.picture.contains("Friends of the Library  "))
  }
}

@Suite struct KeyTableTests {
  @Test func `no two keys of a pane mean two things`() {
    for pane in PaneID.allCases {
      var console = ready(pane)
      console.press("j")
      let own = console.session.panes[pane]?.bindings(in: console.session.world) ?? []
      for place in [KeyBinding.Place.keys, .actionMenu] {
        let keys = own.filter { $0.place == place }.flatMap(\.keys)
        #expect(Set(keys).count == keys.count, "\(pane)")
      }
    }
  }

  @Test func `a pane never takes a key that means the same everywhere`() {
    let world = Sample.world()
    let kept: Set<Key> = [
      "F", "R", "P", ":", "^P", "?", "F1", "q", "^L", "^Z", ".", "!", "%", "y", "x", "0", "1", "6",
    ]
    for pane in PaneID.allCases {
      let own = ready(pane, world).session.panes[pane]?.bindings(in: world) ?? []
      let taken = own.filter { $0.place == .keys }.flatMap(\.keys).filter(kept.contains)
      #expect(taken == [], "\(pane)")
    }
  }

  @Test func `every binding has a sentence, and the README's table has every key`() {
    let table = ConsoleSession.keyTable()
    for pane in PaneID.allCases {
      #expect(table.contains("**\(pane)**"))
      for binding in ready(pane).session.bindings() {
        let isListed = binding.keys.isEmpty || table.contains("| \(binding.help) |")
        #expect(binding.help.hasSuffix(".") && isListed, "\(binding.action)")
      }
    }
  }

  @Test func `the letters of a name find it, and the key finds itself`() {
    let world = Sample.world()
    let all = GlobalKeys.bindings(in: world, isHeld: false)
    func best(_ letters: String) -> ActionID? {
      all.compactMap { binding in
        Fuzzy.score(letters, in: binding).map { ($0, binding.action) }
      }.max { $0.0 < $1.0 }?.1
    }
    #expect(best("fsync") == GlobalKeys.forceSync)
    #expect(best("resy") == GlobalKeys.resync)
    #expect(best("F") == GlobalKeys.forceSync)
    #expect(best("settings") == GlobalKeys.pane(.settings))
    #expect(best("zzzz") == nil)
  }
}
