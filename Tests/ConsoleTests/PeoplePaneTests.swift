// People: what is searched, edited and deleted; nothing typed is lost, nothing is sent unmeant.

import Basics
import Domain
import Screen
import Testing

@testable import Console

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
    #expect(console.picture.contains("Not valid: the part after the @ has no"))
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
    guard case .changePeople(.delete, [PersonID(1)], let ticket)? = effects.first else {
      return #expect(Bool(false), "\(effects)")
    }
    var gone = Sample.people()
    gone.rows[0].isDeleted = true
    console.handle(.answered(ticket, .changed(PeopleProgress(done: 1, total: 1, isOver: true))))
    console.answer(.people(gone)) { if case .people = $0 { true } else { false } }
    console.press("x D")
    #expect(console.press("y Enter") == [])
    console.press("Backspace")
    console.type("1")
    let removed = console.press("Enter").contains { effect in
      if case .changePeople(.remove, [PersonID(1)], _) = effect { true } else { false }
    }
    #expect(removed)
  }

  @Test func `forgetting somebody says that Mailchimp loses them too and asks for the number`() {
    var console = ready(.people)
    console.press("x E")
    #expect(console.picture.contains("At Mailchimp the contact is deleted for good."))
    #expect(console.press("y Enter") == [])
    console.press("Backspace")
    console.type("1")
    let forgotten = console.press("Enter").contains { effect in
      if case .changePeople(.forget, [PersonID(1)], _) = effect { true } else { false }
    }
    #expect(forgotten)
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
    #expect(console.picture.contains("✗ opted-out"))
    #expect(console.picture.contains("Not looked at any more: suppressed, out-of-scope"))
  }

  @Test func `a saved search is chosen as the filter, and everybody comes back`() {
    var console = ready(.people)
    #expect(console.press("&").queries == [.savedSearches])
    console.answerAll()
    #expect(console.picture.contains("Saved searches"))
    #expect(console.picture.contains("Everybody"))
    let search = Sample.savedSearches()[0]
    #expect(
      console.press("1").queries.first
        == .people(search: search.filter, WindowRequest(.at(0), count: 39)))
    #expect(console.picture.contains("People: \(search.filter)"))
    console.press("&")
    console.answerAll()
    #expect(
      console.press("*").queries.first == .people(search: "", WindowRequest(.at(0), count: 39)))
  }

  @Test func `more saved searches than rows are scrolled`() {
    var console = ready(.people, Sample.world(80, 24))
    console.press("&")
    let many = (0..<40).map { SavedSearchRow(name: "Search \($0)", filter: "last:n\($0)") }
    console.answer(.savedSearches(many, [])) { $0 == .savedSearches }
    #expect(!console.picture.contains("Search 30"))
    for _ in 0..<31 { console.press("Down") }
    #expect(console.picture.contains("Search 30"))
    #expect(console.press("Enter").queries.first.map { "\($0)".contains("last:n30") } == true)
  }

  @Test func `the detail says what the source said last, and when`() {
    var console = Sample.session(.people, Sample.world(120, 36))
    console.answer(.people(Sample.people())) { if case .people = $0 { true } else { false } }
    var detail = Sample.person()
    detail.source = PersonSource(
      name: "people.csv", place: "people.csv line 3", saidAt: Sample.minutesAgo(30),
      leftAs: .inactive, values: ["last_name": "Byron", "phone": ""])
    console.answer(.person(detail)) { if case .person = $0 { true } else { false } }
    console.press("Enter G")
    let picture = console.picture
    for text in ["At the source: people.csv", "line 3", "no longer named", "Byron"] {
      #expect(picture.contains(text), "\(text)")
    }
  }
}
