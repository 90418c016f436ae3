// Tags: what a search is kept as, and what is said before people lose one.

import Basics
import Domain
import Screen
import Testing

@testable import Console

@Suite struct TagsPaneTests {
  private static func isEdit(_ effect: Effect) -> SavedSearchEdit? {
    if case .editSearch(let edit, _) = effect { edit } else { nil }
  }

  @Test func `the people of the selected search are shown, and one is opened`() {
    var console = ready(.tags)
    #expect(console.picture.contains("Ada Lovelace"))
    #expect(
      console.press("j").queries.contains { query in
        if case .people(search: "account:choir", _, _) = query { true } else { false }
      })
    console.answerAll()
    console.press("Enter")
    let opened = console.press("Enter")
    #expect(opened.contains(.switchPane(.people, row: 1)) || console.session.current == .people)
  }

  @Test func `a filter shows only the searches with its words, and Esc all of them again`() {
    var console = ready(.tags)
    console.press("/")
    console.type("vol")
    console.press("Enter")
    #expect(console.picture.contains("Searches and tags: vol"))
    #expect(console.picture.contains("Volunteers") && !console.picture.contains("Choir"))
    console.press("Esc")
    #expect(console.picture.contains("Choir"))
    console.press("/")
    console.type("nothing like it")
    #expect(console.picture.contains("No search has these words."))
  }

  @Test func `searches are sorted by how many they find, and by name again`() throws {
    var console = ready(.tags)
    func line(_ name: String) throws -> Int {
      try #require(console.session.draw().lines.firstIndex { $0.contains(name) })
    }
    #expect(try line("Choir") < line("Volunteers"))
    console.press("s")
    #expect(try line("Volunteers") < line("Choir"))
    console.press("s")
    #expect(try line("Choir") < line("Volunteers"))
  }

  @Test func `a tag is taken off only after its holders were named`() {
    var console = ready(.tags)
    console.press("j t")
    #expect(console.picture.contains("12 people who have it from us"))
    #expect(console.press("y").compactMap(Self.isEdit).isEmpty)
    console.press("Esc j t")
    #expect(console.picture.contains("is given to"))
    #expect(
      console.press("y").compactMap(Self.isEdit) == [.mark("VIP", isTag: true)]
        || console.picture.contains("VIP"))
  }

  @Test func `a filter that cannot be read is marked with its column as it is typed`() {
    var console = ready(.tags)
    console.press("n")
    console.type("Choir two")
    console.press("Tab")
    console.type("account:choir opt-in:maybe")
    #expect(console.picture.contains("'opt-in' has no value 'maybe'"))
    #expect(console.press("^S").compactMap(Self.isEdit).isEmpty)
    for _ in 0..<5 { console.press("Backspace") }
    console.type("yes")
    let ordered = console.press("^S")
    #expect(
      ordered.compactMap(Self.isEdit) == [
        .save(old: nil, name: "Choir two", filter: "account:choir opt-in:yes", isTag: false)
      ])
  }

  @Test func `a refusal keeps what was typed, a success closes the form`() {
    var console = ready(.tags)
    console.press("j e")
    guard case .editSearch(_, let ticket)? = console.press("^S").last else {
      return #expect(Bool(false), "\(console.picture)")
    }
    let refusal = Problem("searches.name-taken", "It is taken.", fields: ["field": "name"])
    console.handle(.answered(ticket, .refused(refusal)))
    #expect(console.picture.contains("It is taken."))
    guard case .editSearch(_, let again)? = console.press("Esc e ^S").last else {
      return #expect(Bool(false), "\(console.picture)")
    }
    console.handle(.answered(again, .done))
    #expect(console.noticeLine.contains("The search was saved."))
  }

  @Test func `a quick list is kept as it is, a decision is offered where one waits`() {
    var console = ready(.tags)
    console.press("e")
    #expect(console.noticeLine.contains("A quick list stays as it is"))
    console.press("x a")
    #expect(console.noticeLine.contains("Nothing is to be decided"))
    console.press("Esc G x a")
    #expect(console.picture.contains("Others made this tag."))
    #expect(console.press("y").compactMap(Self.isEdit) == [.adopt("Volunteers")])
  }
}

// swift-format-ignore
@Suite struct TagsPictureTests {
  @Test func `Tags at 80 by 24, with the people of a search`() {
    expectPicture(shown(.tags, 80, 24, pressing: "j"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03
      1 Over 2 People 3 Aud 4 Map 5 Tags 6 Exec 7 Logs 8 Review 9 Sched 0 Set
      ┌─ Searches and tags ─────────────────────────────────────────────── 1–4 of 4 ─┐
      │  Search              People Tag            Have it Filter                    │
      │  All active          19,204                        active:yes deleted:no     │
      │› Choir                   13 ● kept              12 account:choir             │
      │  VIP                      1                        first:ada                 │
      │  Volunteers             240 ✗ decide: x a…       0 custom.role:volunteer     │
      │                                                                              │
      ×2
      └──────────────────────────────────────────────────────────────────────────────┘
      ┌─ Choir ────────────────────────────────────────────────────── 1–4 of 20,000 ─┐
      │ account:choir                                                                │
      │ Tag 'Choir': 12 people have it from us; 1 change waits.                      │
      │                                                                              │
      │  Name                     E-mail                       State      Account    │
      │› Ada Lovelace             ada@example.org              ● in step  Donors    ┃│
      │  José Núñez               jose@example.org             ● in step  Donors     │
      │  李小龍                   li@example.org               ○ waiting  Donors     │
      │  Grace Hopper             grace@example                ✗ refused  Donors     │
      └──────────────────────────────────────────────────────────────────────────────┘

       F Force sync  Enter Who is in it  n New  e Edit  : Command  ? Help  q Quit
      """)
  }

  @Test func `Tags at 120 by 36`() {
    expectPicture(shown(.tags, 120, 36, pressing: "j"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Searches and tags ─────────────────────────────────────────────────────────────────────────────────────── 1–4 of 4 ─┐
      │  Search                    People Tag                  Have it Filter                                                │
      │  All active                19,204                              active:yes deleted:no                                 │
      │› Choir                         13 ● kept                    12 account:choir                                         │
      │  VIP                            1                              first:ada                                             │
      │  Volunteers                   240 ✗ decide: x a, x r         0 custom.role:volunteer                                 │
      │                                                                                                                      │
      ×8
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘
      ┌─ Choir ───────────────────────────────────────────────────────────────────────────────────────────── 1–10 of 20,000 ─┐
      │ account:choir                                                                                                        │
      │ Tag 'Choir': 12 people have it from us; 1 change waits.                                                              │
      │                                                                                                                      │
      │  Name                                     E-mail                                       State      Account            │
      │› Ada Lovelace                             ada@example.org                              ● in step  Donors            ┃│
      │  José Núñez                               jose@example.org                             ● in step  Donors             │
      │  李小龍                                   li@example.org                               ○ waiting  Donors             │
      │  Grace Hopper                             grace@example                                ✗ refused  Donors             │
      │  Alan Turing                                                                           ─ excluded Donors             │
      │  Katherine Johnson                        kj@example.org                               ─ excluded Donors             │
      │  …                                                                                                                   │
      ×3
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘

       F Force sync  Enter Who is in it  n New  e Edit  t Tag on/off  / Filter  x Actions  : Command  ? Help  q Quit
      """)
  }
}

extension Sample {
  static func savedSearches() -> [SavedSearchRow] {
    [
      SavedSearchRow(
        name: "All active", filter: "active:yes deleted:no", isQuick: true, isTag: false),
      SavedSearchRow(
        name: "Choir", filter: "account:choir", isMarked: true, isTag: true, state: .kept,
        placed: 12, waiting: 1),
      SavedSearchRow(name: "VIP", filter: "first:ada"),
      SavedSearchRow(
        name: "Volunteers", filter: "custom.role:volunteer", isMarked: true, isTag: true,
        state: .undecided),
    ]
  }

  static let searchCounts = ["All active": 19_204, "Choir": 13, "VIP": 1, "Volunteers": 240]
}
