// Questions about tags in Review and in Tags: the same keys, the same words; what is no longer kept;
// and what a plan says of tags.

import Basics
import Domain
import Screen
import Testing

@testable import Console

@Suite struct TagQuestionTests {
  private static let asked = [
    SavedSearchRow(
      name: "Choir", filter: "account:choir", isMarked: true, isTag: true, state: .kept,
      placed: 12, nameThere: "Singers", askedAt: Sample.minutesAgo(60)),
    SavedSearchRow(
      name: "Volunteers", filter: "custom.role:volunteer", isMarked: true, isTag: true,
      state: .undecided, askedAt: Sample.minutesAgo(90)),
  ]
  private static let left = SavedSearchRow(
    name: "Old", filter: #"tag:="Old""#, isTag: true, state: .left, placed: 3, isSearchGone: true)

  private func review(_ world: World = Sample.world(120, 36)) -> TestSession {
    var console = Sample.session(.review, world)
    console.answer(.plans([])) { $0 == .plans }
    console.answer(.deadLetters([])) { $0 == .deadLetters }
    console.answer(.tagQuestions(Self.asked)) { $0 == .tagQuestions }
    return console
  }

  private static func edit(_ effects: [Effect]) -> (SavedSearchEdit, Ticket)? {
    for effect in effects {
      if case .editSearch(let edit, let ticket) = effect { return (edit, ticket) }
    }
    return nil
  }

  @Test(arguments: [(80, 24), (120, 36)])
  func `both kinds wait in Review with what is asked and the keys`(_ size: (Int, Int)) {
    let console = review(Sample.world(size.0, size.1))
    for text in ["a name is in question", "renamed to 'Singers'", "made by others", "x a"] {
      #expect(console.picture.contains(text), "\(text)")
    }
  }

  @Test func `the first decision is selected, whichever was read first`() {
    var console = Sample.session(.review, Sample.world(120, 36))
    console.answer(.deadLetters([])) { $0 == .deadLetters }
    console.answer(.plans([])) { $0 == .plans }
    console.answer(.tagQuestions(Self.asked)) { $0 == .tagQuestions }
    console.answer(.conflicts(Sample.conflicts())) { $0 == .conflicts }
    #expect(console.picture.contains("› ▲ conflicts"))
  }

  @Test func `a new name is adopted or taken back, after it was asked`() throws {
    var console = review()
    console.press("x a")
    #expect(console.picture.contains("is called 'Singers' here too"))
    #expect(Self.edit(console.press("y"))?.0 == .adopt("Choir"))
    console.press("x b")
    #expect(console.picture.contains("'Singers' is called 'Choir' at Mailchimp again"))
    let (edit, ticket) = try #require(Self.edit(console.press("y")))
    #expect(edit == .nameTagBack("Choir"))
    let after = console.handle(.answered(ticket, .done))
    #expect(after.queries == [.tagQuestions])
    #expect(console.noticeLine.contains("The tag was decided."))
  }

  @Test
  func `somebody else's tag is adopted or ours called otherwise, and a refusal keeps the form`()
    throws
  {
    var console = review()
    console.press("Enter j x b")
    #expect(console.noticeLine.contains("has its name at Mailchimp"))
    console.press("Esc")
    console.press("Enter j x a")
    #expect(console.picture.contains("Others made this tag."))
    #expect(Self.edit(console.press("y"))?.0 == .adopt("Volunteers"))
    console.press("x c")
    console.type(" of ours")
    let (edit, ticket) = try #require(Self.edit(console.press("^S")))
    #expect(edit == .renameTag("Volunteers", to: "Volunteers of ours"))
    let refusal = Problem("searches.tag-taken", "It is taken.", fields: ["field": "tag"])
    console.handle(.answered(ticket, .refused(refusal)))
    #expect(console.picture.contains("It is taken."))
  }

  @Test func `they count in Review's number and under what wants attention`() {
    var world = Sample.world(120, 36)
    world.overview?.tagQuestions = 2
    var console = ready(.overview, world)
    #expect(console.picture.contains("8 ▲ 2 tags have a name in question"))
    #expect(console.picture.contains("8 Review 2"))
    console.press("Enter")
    #expect(console.session.current == .review)
  }

  private func tags(_ rows: [SavedSearchRow]) -> TestSession {
    var console = Sample.session(.tags, Sample.world(120, 36))
    console.answer(.savedSearches(rows, [])) { $0 == .savedSearches }
    return console
  }

  @Test func `a tag that is no longer kept says who still holds it and is taken off by its number`()
    throws
  {
    var console = tags([Self.left])
    #expect(console.picture.contains("No longer kept; 3 members still hold it."))
    console.press("e")
    #expect(console.noticeLine.contains("Its search is gone"))
    console.press("x o")
    #expect(console.picture.contains("is taken off 3 people who have it from us"))
    #expect(Self.edit(console.press("y Enter")) == nil)
    console.press("Backspace")
    console.type("3")
    #expect(Self.edit(console.press("Enter"))?.0 == .takeTagOff("Old"))
  }

  @Test func `a renamed tag is decided in Tags by the same keys`() {
    var console = tags([Self.asked[0]])
    #expect(console.picture.contains("Renamed at Mailchimp to 'Singers'"))
    console.press("x b")
    #expect(Self.edit(console.press("y"))?.0 == .nameTagBack("Choir"))
  }

  @Test func `a row of a plan names the tags that follow it`() {
    var console = Sample.session(.review, Sample.world(120, 36))
    var plan = Sample.plan()
    plan.counts.tagsAdded = 2
    plan.counts.tagsRemoved = 1
    var row = PlanRow(
      key: AddressKey("ada@example.org"), email: "ada@example.org", person: PersonID(1),
      action: .tags, status: nil, changes: [], digest: 0)
    row.tags = TagForecast(gained: ["VIP", "Choir"], lost: ["New"])
    let rows = [PlanRowSummary(id: 0, name: "Ada Lovelace", row: row)]
    console.answer(.plans([plan])) { $0 == .plans }
    console.answer(.deadLetters([])) { $0 == .deadLetters }
    console.answer(.planRows(Window(rows: rows, offset: 0, total: 1))) {
      if case .planRows = $0 { true } else { false }
    }
    #expect(console.picture.contains("tags +VIP +Choir -New"))
    #expect(console.picture.contains("tags: 2 placed, 1 taken off"))
    console.press("Enter Enter")
    #expect(console.picture.contains("Gains the tag 'VIP'"))
    #expect(console.picture.contains("Loses the tag 'New'"))
  }
}

@Suite struct UnknownContactsTests {
  @Test(arguments: [(80, 24), (120, 36)])
  func `unknown contacts are a view of Audience with status and since when`(_ size: (Int, Int)) {
    var console = ready(.audience, Sample.world(size.0, size.1))
    console.press("u")
    console.answerAll()
    for text in ["Unknown contacts", "amy@else.example", "unsubscribed", "Known since", "1–2 of 2"]
    {
      #expect(console.picture.contains(text), "\(text)")
    }
    console.press("u")
    console.answerAll()
    #expect(console.picture.contains("Newsletter"))
  }

  @Test func `one is looked up, and shown with both records or why not`() {
    var console = ready(.audience)
    console.press("u")
    console.answerAll()
    let ordered = console.press("Enter")
    guard case .lookUp(let key, let ticket)? = ordered.first else {
      Issue.record("\(ordered)")
      return
    }
    #expect(key == AddressKey("amy@else.example"))
    console.handle(.answered(ticket, .refused(Problem("x", "Mailchimp is away."))))
    #expect(console.noticeLine.contains("Mailchimp is away."))
  }

  @Test func `a subscriber is added after it was asked, nobody else is offered`() {
    var console = ready(.audience)
    console.press("u")
    console.answerAll()
    console.press("a")
    #expect(console.picture.contains("Amy Pond <amy@else.example> becomes a person"))
    #expect(console.press("y").first == .request(.addContact(AddressKey("amy@else.example"))))
    console.press("j a")
    #expect(console.noticeLine.contains("Only subscribers are added; this one is unsubscribed."))
  }
}
