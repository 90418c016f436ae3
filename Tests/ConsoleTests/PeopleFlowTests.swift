// People by the hand of somebody: lists are ordered and columns chosen, searches completed, many
// marked and changed with their number said, files looked at before they are imported.

import Basics
import Domain
import Screen
import Testing

@testable import Console

@Suite struct PeopleFlowTests {
  private func sorts(_ effects: [Effect]) -> [PeopleSort] {
    effects.queries.compactMap { query in
      if case .people(_, let sort, _) = query { sort } else { nil }
    }
  }

  // MARK: Order and columns

  @Test func `a heading that is clicked orders the list, and clicked again turns it round`() {
    var console = ready(.people, Sample.world(120, 36))
    func click(_ x: Int) -> [Effect] {
      console.handle(.input(.mouse(MouseEvent(.pressed(.left), Point(x, 3)))))
    }
    #expect(sorts(click(45)) == [PeopleSort(.email)])
    console.answerAll()
    #expect(console.picture.contains("E-mail▲"))
    #expect(sorts(click(45)) == [PeopleSort(.email, descending: true)])
    console.answerAll()
    // Times begin with the latest.
    #expect(sorts(click(105)) == [PeopleSort(.changed, descending: true)])
  }

  @Test func `s offers every order and S turns it round, with the same person selected`() {
    var console = ready(.people)
    console.press("j s")
    #expect(console.picture.contains("Name  (now; turns it round)"))
    #expect(sorts(console.press("a")) == [PeopleSort(.state)])
    let again = console.press("S").queries.first
    #expect(
      again
        == .people(
          search: "", sort: PeopleSort(.state, descending: true),
          WindowRequest(.around(2), count: 39)))
  }

  @Test func `an order that no column shows is said in the frame`() {
    var console = ready(.people)
    console.press("s")
    for _ in 0..<11 { console.press("Down") }
    console.press("Enter")
    console.answerAll()
    #expect(console.picture.contains("by date of birth") || console.picture.contains("by born"))
  }

  @Test func `columns are chosen, moved and kept, and the usual ones come back`() {
    var console = ready(.people)
    console.press("c G Space")
    #expect(console.picture.contains("8 of 23"))
    console.press("Enter")
    #expect(console.picture.contains("children"))
    #expect(console.session.panes[.people]?.memory["columns"]?.hasSuffix("custom.children") == true)
    console.press("c r Enter")
    #expect(!console.picture.contains("children"))
    #expect(console.session.panes[.people]?.memory["columns"] == nil)
  }

  @Test func `the last column cannot be taken away`() {
    var console = ready(.people)
    console.press("c Space j Space j Space j Space j Space j Space j Space")
    #expect(console.picture.contains("One column stays."))
  }

  @Test func `columns that do not fit are moved into view, and the first one stays`() {
    var console = ready(.people, Sample.world(80, 24))
    #expect(!console.picture.contains("Changed"))
    #expect(console.picture.contains("1 more column, h l"))
    console.press("l")
    #expect(console.picture.contains("Changed"))
    #expect(console.picture.contains("State"))
    #expect(!console.picture.contains("Name▲"))
    console.press("h")
    #expect(console.picture.contains("Name▲"))
  }

  @Test func `what was chosen is there again in the next console`() {
    var console = ready(.people)
    console.press("c r G Space Enter S")
    console.answerAll()
    let memory = console.session.panes[.people]?.memory ?? [:]
    var pane = PeoplePane()
    pane.recall(memory)
    #expect(pane.memory == memory)
    #expect(memory["sort"] == "-name")
  }

  // MARK: Searching

  @Test func `Tab takes a field and then its value, and the list follows each`() {
    var console = ready(.people)
    console.press("/")
    console.answerAll()
    console.type("st")
    #expect(console.picture.contains("in-step, waiting, excluded or refused"))
    #expect(
      console.press("Tab").queries.first
        == .people(search: "state:", WindowRequest(.at(0), count: 39)))
    #expect(console.picture.contains("28 people"))
    console.type("re")
    let found = console.press("Tab").queries.first
    #expect(found == .people(search: "state:refused", WindowRequest(.at(0), count: 39)))
    console.press("Enter")
    #expect(console.picture.contains("People: state:refused"))
  }

  @Test func `values that only the directory knows are asked for and offered`() {
    var console = ready(.people)
    console.press("/")
    console.answerAll()
    let asked = console.type("last:lo").queries
    #expect(asked.contains(.searchValues(SearchBeginning(.last, "lo"))))
    console.answerAll()
    #expect(console.picture.contains("Lovelace"))
    console.press("Down Tab")
    #expect(console.noticeLine.contains("last:Lowell"))
  }

  // MARK: Many at once

  @Test func `who is marked is named with the number, which must be typed`() {
    var console = ready(.people)
    console.press("Space Space")
    #expect(console.picture.contains("2 marked"))
    #expect(
      console.press("x t").queries.first
        == .choice(.these([PersonID(1), PersonID(2)]), .deactivate))
    console.answerAll()
    #expect(console.picture.contains("Deactivate 2 people"))
    #expect(console.press("y Enter") == [])
    console.press("Backspace")
    console.type("2")
    let orders = console.press("Enter")
    guard case .changePeople(.deactivate, [PersonID(1), PersonID(2)], let ticket)? = orders.first
    else { return #expect(Bool(false), "\(orders)") }
    console.handle(.answered(ticket, .changed(PeopleProgress(done: 1, total: 2))))
    #expect(console.picture.contains("50% of 2 done"))
    console.press("x t")
    #expect(console.noticeLine.contains("People are being changed"))
    #expect(console.press("x .") == [.stopChange])
    console.handle(.answered(ticket, .changed(PeopleProgress(done: 2, total: 2, isOver: true))))
    #expect(console.noticeLine.contains("Deactivate 2 people: done."))
    #expect(!console.picture.contains("marked"))
  }

  @Test func `all that a search finds are marked but those taken off again`() {
    var console = ready(.people)
    console.press("*")
    #expect(console.picture.contains("20,000 marked"))
    console.press("j Space")
    #expect(console.picture.contains("19,999 marked"))
    #expect(
      console.press("x d").queries.first
        == .choice(.found(search: "", except: [PersonID(2)]), .delete))
    console.answerAll()
    #expect(console.picture.contains("Delete 19,000 people"))
    #expect(console.picture.contains("1,000 more are so already"))
    #expect(console.picture.contains("Type 19000"))
    console.press("Esc")
    // Another search means others: nobody is marked unseen.
    console.press("/")
    console.type("a")
    console.press("Enter")
    #expect(!console.picture.contains("marked"))
  }

  @Test func `a range marks everybody from its beginning to the cursor`() {
    var console = ready(.people)
    console.press("j v j j")
    #expect(console.picture.contains("v marks it"))
    console.press("v")
    #expect(console.picture.contains("3 marked"))
    let effects = console.press("x a")
    #expect(
      effects.queries.first == .choice(.these([PersonID(2), PersonID(3), PersonID(4)]), .activate))
  }

  @Test func `a range beyond what is here is read, and one too long says so`() {
    var console = ready(.people)
    console.press("v G")
    console.answer(
      .people(
        Window(
          rows: [
            PersonRow(
              id: PersonID(20_000), name: "Zoe", email: "", account: "", optIn: .no,
              state: .waiting, reason: "", changedAt: Sample.now)
          ], offset: 19_999, total: 20_000))
    ) { if case .people = $0 { true } else { false } }
    #expect(
      console.press("v").queries.first
        == .range(search: "", sort: PeopleSort(), from: PersonID(1), to: PersonID(20_000)))
    console.answer(.range([])) { if case .range = $0 { true } else { false } }
    #expect(console.noticeLine.contains("* marks all that are shown"))
  }

  @Test func `more than can be synced one by one is pointed to the sync of all`() {
    var console = ready(.people)
    console.press("* x s")
    console.answerAll()
    #expect(console.noticeLine.contains("F sends what changed"))
  }

  @Test func `Esc ends a range, takes marks off and clears the search, one after the other`() {
    var console = ready(.people)
    console.press("/")
    console.type("a")
    console.press("Enter")
    console.answerAll()
    console.press("Space v Esc")
    #expect(console.picture.contains("1 marked"))
    console.press("Esc")
    #expect(!console.picture.contains("marked"))
    #expect(console.picture.contains("People: a"))
    console.press("Esc")
    #expect(!console.picture.contains("People: a"))
  }

  @Test func `marked people are moved to the account that was typed`() {
    var console = ready(.people)
    console.press("Space Space x g")
    #expect(console.picture.contains("Move 2 people to an account"))
    console.type("Board")
    #expect(
      console.press("^S").queries.first
        == .choice(.these([PersonID(1), PersonID(2)]), .move(account: "Board")))
    console.answerAll()
    let orders = console.press("y")
    #expect(
      orders.contains { if case .changePeople(.move("Board"), _, _) = $0 { true } else { false } })
  }

  @Test func `only who others archived or who left can be lifted or asked, and the rest says why`()
  {
    var console = Sample.session(.people, Sample.world(120, 36))
    console.answer(.people(Sample.people())) { if case .people = $0 { true } else { false } }
    func suppress(_ reason: SuppressionReason?) {
      var detail = Sample.person()
      detail.suppression = reason.map {
        Suppression(key: AddressKey("ada@example.org"), reason: $0, at: Sample.now, evidence: "")
      }
      console.handle(.dataChanged)
      console.answer(.person(detail)) { if case .person = $0 { true } else { false } }
    }
    suppress(.archivedByOthers)
    console.press("x b")
    #expect(console.noticeLine.contains("Mailchimp asks only those who unsubscribed."))
    #expect(console.press("x i y").contains(.request(.liftSuppression(PersonID(1)))))
    suppress(.unsubscribed)
    console.press("x i")
    #expect(console.noticeLine.contains("They left by themselves: x b"))
    #expect(console.press("x b y").contains(.request(.askAgain(PersonID(1)))))
  }

  // MARK: The detail

  @Test func `an execution of the person is opened from their list of executions`() {
    var console = ready(.people)
    console.press("Enter ] ]")
    console.answerAll()
    #expect(console.picture.contains("FNAME: Adele → Ada"))
    console.press("j Enter")
    #expect(console.session.current == .executions)
    #expect(
      console.effects.queries.contains { query in
        if case .executions(_, _, let window) = query {
          window.place == .around(306)
        } else {
          false
        }
      })
  }

  // MARK: Files

  @Test func `a file is named with Tab, matched, looked at and imported only with yes`() {
    var console = ready(.people)
    let listed = console.press("i")
    guard case .listFiles("", let ticket)? = listed.last else {
      return #expect(Bool(false), "\(listed)")
    }
    console.handle(.answered(ticket, .files("", ["data/", "people.csv"])))
    #expect(console.picture.contains("people.csv"))
    console.press("Down Tab")
    guard case .inspectFile("people.csv", _)? = console.press("Enter").first else {
      return #expect(Bool(false), "no file was looked into")
    }
    console.answerImport()
    #expect(console.picture.contains("spelling: check it"))
    // Who is mailed hangs on nobody's guess.
    #expect(console.picture.contains("perhaps opt_in?"))
    console.press("j j j Enter")
    console.type("opt")
    console.press("Enter")
    #expect(console.picture.contains("you say so"))
    guard case .previewImport(let order, _)? = console.press("p").first else {
      return #expect(Bool(false), "nothing was looked at")
    }
    #expect(order.matching["Given name"] == "first_name")
    #expect(order.matching["newsletter"] == "opt_in")
    #expect(order.matching["Shoe"] == "")
    #expect(order.signature == "1")
    console.answerImport()
    console.press("i")
    #expect(console.noticeLine.contains("1 row is refused"))
    console.press("l i")
    #expect(console.picture.contains("Import 121 people"))
    #expect(console.press("y Enter") == [])
    console.press("Backspace")
    console.type("121")
    guard case .importPeople(let wanted, let done)? = console.press("Enter").first else {
      return #expect(Bool(false), "nothing was imported")
    }
    #expect(wanted.leavesOutRefused)
    console.handle(.answered(done, .importNews(.writing(done: 60, total: 121))))
    #expect(console.picture.contains("Importing: 60 of 121 rows."))
    console.handle(
      .answered(done, .importNews(.imported(added: 120, changed: 1, unchanged: 4878, notices: []))))
    #expect(console.noticeLine.contains("120 added, 1 changed"))
    #expect(console.picture.contains("Ada Lovelace"))
  }

  @Test func `two columns for one field, or none that names anybody, are no file to look at`() {
    var console = ready(.people)
    console.openImport()
    console.press("j - j - k k -")
    #expect(console.press("p") == [])
    #expect(console.noticeLine.contains("No column is taken for a name or an e-mail address"))
    for keys in ["Enter", "j Enter"] {
      console.press(keys)
      console.type("email")
      console.press("Enter")
    }
    console.press("p")
    #expect(console.noticeLine.contains("are both taken for"))
  }

  @Test func `an import that is refused says why and leaves what was matched`() {
    var console = ready(.people)
    console.openImport()
    console.press("j -")
    guard case .previewImport(_, let ticket)? = console.press("p").first else {
      return #expect(Bool(false), "nothing was looked at")
    }
    console.handle(
      .answered(ticket, .refused(Problem("csv.no-file", "The file people.csv cannot be read."))))
    #expect(console.noticeLine.contains("cannot be read"))
    #expect(console.picture.contains("left out"))
    // Leaving now would lose what was matched.
    console.press("Esc Esc")
    #expect(console.noticeLine.contains("Esc again leaves"))
    #expect(console.picture.contains("Import people.csv"))
    console.press("Esc")
    #expect(!console.picture.contains("Import people.csv"))
  }

  @Test func `a column is taken for whatever a few letters find, however many there are`() {
    var console = ready(.people)
    console.openImport()
    console.press("Enter")
    console.type("extern")
    console.press("Enter")
    #expect(console.picture.contains("external_id"))
    console.press("Enter")
    #expect(console.picture.contains("Take '"))
    console.type("leave")
    console.press("Enter")
    #expect(console.picture.contains("left out"))
  }

  @Test func `leaving a preview stops its reading, and its late answers change nothing`() {
    var console = ready(.people)
    console.openImport()
    guard case .previewImport(_, let ticket)? = console.press("p").first else {
      return #expect(Bool(false), "nothing was looked at")
    }
    #expect(console.press("Esc") == [.stopImport])
    let before = console.picture
    console.handle(.answered(ticket, .importNews(.looking(done: 500))))
    console.handle(.answered(ticket, .refused(Problem("import.stopped", "Stopped."))))
    #expect(console.picture == before)
  }

  @Test func `an import that breaks off says how much is written, and z takes that back at once`() {
    var console = ready(.people)
    console.openImport()
    console.press("p")
    console.answerImport()
    console.press("l i")
    console.type("121")
    guard case .importPeople(_, let ticket)? = console.press("Enter").first else {
      return #expect(Bool(false), "nothing was imported")
    }
    console.handle(.answered(ticket, .importNews(.writing(done: 60, total: 121))))
    #expect(console.press("Esc") == [.stopImport])
    let mark = EditMark(who: "import people.csv", first: 1, last: 500)
    let open = Ticket(pane: .overview, generation: 0)
    console.handle(
      .edited(ticket, Edit("the import of people.csv", back: .takeBack(mark, what: "", open))))
    console.handle(
      .answered(
        ticket,
        .importNews(
          .brokenOff(
            Problem("import.stopped", "The import was stopped."), done: 60, total: 121,
            canBeTakenBack: true))))
    #expect(console.noticeLine.contains("60 of 121 rows were written"))
    // What was seen before it is seen no more: the rows stand otherwise now.
    #expect(console.picture.contains("What each column of the file is taken for."))
    console.press("Esc")
    guard case .takeBack(mark, _, _)? = console.press("Esc z").last else {
      return #expect(Bool(false), "z takes nothing back")
    }
  }
}
