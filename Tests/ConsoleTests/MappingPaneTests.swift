// Mapping as an administrator edits it: rows are added by a few letters, changed, removed, moved,
// taken back and done again; what cannot work is said in the form; real people show what comes of it.

import Basics
import Domain
import Screen
import Testing

@testable import Console

@Suite struct MappingPaneTests {
  private func change(_ effects: [Effect]) -> (MappingChange, Ticket)? {
    for effect in effects {
      if case .changeMapping(let change, let ticket) = effect { return (change, ticket) }
    }
    return nil
  }

  @Test func `a row is added by a few letters on both sides and asked for everybody`() throws {
    var console = ready(.mapping)
    console.press("a")
    #expect(console.picture.contains("which field here?"))
    console.type("lastn")
    console.press("Enter")
    #expect(console.picture.contains("last_name: with which merge field?"))
    console.type("lna")
    console.press("Enter")
    #expect(console.picture.contains("Add a row"))
    #expect(console.picture.contains("Byron"))
    let row = FieldMapping(.lastName, "LNAME")
    let (made, ticket) = try #require(change(console.press("^S")))
    #expect(made == .set(row, replacing: nil))
    var waiting = row
    waiting.since = Sample.now
    console.handle(.answered(ticket, .mappingChanged(waiting: waiting)))
    #expect(console.picture.contains("LNAME for everybody now?"))
    #expect(console.picture.contains("the guard judges it"))
    let (backfill, second) = try #require(change(console.press("y")))
    #expect(backfill == .backfill("LNAME"))
    console.handle(.answered(second, .mappingChanged(waiting: nil)))
    #expect(console.noticeLine.contains("A sync for everybody was asked for"))
  }

  @Test func `what has a row or does not fit stays in the picker and says why`() {
    var console = ready(.mapping)
    console.press("a")
    console.type("date_of")
    console.press("Enter")
    console.type("FNAME")
    console.press("Enter")
    let why = "FNAME goes with first_name already: change that row instead."
    #expect(console.picture.contains(why))
    console.press("^U")
    console.type("size")
    console.press("Enter")
    #expect(console.picture.contains("SIZE is a field of type dropdown, and date_of_birth is a"))
    console.press("Esc")
    #expect(change(console.press("^S")) == nil)
    #expect(!console.picture.contains("with which merge field?"))
  }

  @Test func `what cannot work is said under its field and nothing is ordered`() {
    var console = ready(.mapping)
    console.press("e")
    console.press("^U")
    console.type("date_of_birth")
    console.press("Tab Tab ^U")
    console.type("size")
    #expect(console.picture.contains("date_of_birth is a date"))
    #expect(change(console.press("^S")) == nil)
    console.press("Tab")
    console.type("tirm")
    #expect(console.picture.contains("there is no"))
    #expect(console.picture.contains("'trim'?"))
    #expect(change(console.press("^S")) == nil)
    #expect(console.picture.contains("Change first_name"))
  }

  @Test func `the form shows what a transform comes to on real people while it is typed`() {
    var console = ready(.mapping)
    console.press("e Tab Tab Tab")
    console.type("case(upper)")
    #expect(console.picture.contains("ADA"))
    #expect(console.picture.contains("GRACE"))
    console.type(", ")
    #expect(console.picture.contains("They follow as soon as the row can be read."))
    console.type("default(\"Friend\")")
    #expect(console.picture.contains("Friend"))
    console.press("PgDn")
    #expect(!console.picture.contains("ADA"))
    #expect(console.picture.contains("GRACE"))
  }

  @Test func `a row is tried with everybody before it is saved`() throws {
    var console = ready(.mapping)
    console.press("e Tab Tab Tab")
    console.type("trim")
    let asked = console.press("^T")
    let row = FieldMapping(.firstName, "FNAME", transforms: [.trim])
    #expect(asked.queries == [.mappingTally([row], after: nil)])
    console.answerAll()
    #expect(console.picture.contains("1 person would be refused: FNAME is required"))
    #expect(console.picture.contains("2 values move whole"))
    #expect(console.picture.contains("Change first_name"))
  }

  @Test func `one key shows the next person on both sides`() {
    var console = ready(.mapping)
    #expect(console.picture.contains("< Ada Byron, 1 of 3 >"))
    console.press(">")
    #expect(console.picture.contains("< Grace Hopper, 2 of 3 >"))
    #expect(console.picture.contains("+1 312"))
    console.press("<")
    #expect(console.picture.contains("< Ada Byron, 1 of 3 >"))
  }

  @Test func `values that do not move are counted in the row and listed by p`() {
    var console = ready(.mapping)
    #expect(console.picture.contains("✗ 1 refused"))
    console.press("p")
    #expect(console.picture.contains("turing@example.org"))
    #expect(console.picture.contains("required, and there is no value that fits"))
    #expect(
      console.press("Enter").contains { if case .query(.people, _) = $0 { true } else { false } })
    #expect(console.session.current == .people)
  }

  @Test func `a count goes on piece by piece while somebody looks, and stops when nobody does`()
    throws
  {
    var console = Sample.session(.mapping, Sample.world(120, 36))
    console.answer(.mapping(Sample.mapping())) { $0 == .mapping }
    var piece = Sample.mappingTally(of: Sample.mapping().board.rows)
    piece.next = PersonID(3)
    let more = console.answer(.mappingTally(piece)) {
      if case .mappingTally(_, nil) = $0 { true } else { false }
    }
    guard case .mappingTally(_, PersonID(3))? = more.queries.last else {
      return #expect(Bool(false), "\(more)")
    }
    #expect(console.picture.contains("3 of 20,000 people looked at"))
    console.press("2")
    let late = console.answer(.mappingTally(piece)) {
      if case .mappingTally(_, PersonID(3)) = $0 { true } else { false }
    }
    #expect(late.queries.isEmpty)
    let back = console.press("4")
    #expect(
      back.queries.contains { if case .mappingTally(_, PersonID(3)) = $0 { true } else { false } })
  }

  @Test func `an edit is taken back by z, as the workspace says it was before`() throws {
    var console = ready(.mapping)
    console.press("j e Tab Tab Tab")
    console.press("End Backspace Backspace Backspace Backspace")
    let (made, ticket) = try #require(change(console.press("^S")))
    #expect(made == .set(FieldMapping(.birthday, "BIRTHDAY"), replacing: "BIRTHDAY"))
    let rows = Sample.mapping().board.rows
    var after = rows
    after[1].transforms = []
    let back = MappingChange.restore(rows, expecting: after)
    console.handle(
      .edited(ticket, Edit("the mapping of BIRTHDAY", back: .changeMapping(back, ticket))))
    console.handle(.answered(ticket, .mappingChanged(waiting: nil)))
    #expect(console.noticeLine.contains("z takes it back"))
    let (undone, _) = try #require(change(console.press("z")))
    #expect(undone == back)
  }

  @Test func `removing asks first, and what must stay is refused at once`() throws {
    var console = ready(.mapping)
    #expect(change(console.press("d")) == nil)
    #expect(console.noticeLine.contains("Nothing is sent to FNAME"))
    console.press("Esc j d")
    #expect(console.picture.contains("The values at Mailchimp and here stay as they are."))
    #expect(change(console.press("Enter")) == nil)
    let (made, _) = try #require(change(console.press("d y")))
    #expect(made == .remove("BIRTHDAY"))
  }

  @Test func `a merge field's tag is judged before Mailchimp would cut it`() throws {
    var console = ready(.mapping)
    console.press("c")
    #expect(console.picture.contains("At most 10 characters"))
    console.type("MEMBERSHIPNO")
    #expect(console.picture.contains("has 12 characters"))
    console.press("Backspace Backspace Tab")
    console.type("Membership")
    let effects = console.press("^S")
    guard case .createMergeField(let draft, let ticket)? = effects.first else {
      return #expect(Bool(false), "\(console.picture)")
    }
    #expect(draft == MergeFieldDraft(tag: "MEMBERSHIP", name: "Membership"))
    let problem = Problem(
      "merge-fields.limit", "The audience has 30 merge fields.", remedy: "Delete one.")
    console.handle(.answered(ticket, .refused(problem)))
    #expect(console.picture.contains("The audience has 30 merge fields. Delete one."))
    guard case .createMergeField(_, let again)? = console.press("^S").first else {
      return #expect(Bool(false), "\(console.picture)")
    }
    console.handle(.answered(again, .done))
    #expect(console.noticeLine.contains("MEMBERSHIP was created"))
    #expect(!console.picture.contains("Create a merge field"))
  }

  @Test func `a field that fits nothing leads to a merge field made for it, and on to its row`()
    throws
  {
    var console = ready(.mapping)
    console.press("a")
    console.type("children")
    console.press("Enter")
    console.type("create")
    console.press("Enter")
    #expect(console.picture.contains("CHILDREN"))
    guard case .createMergeField(let draft, let ticket)? = console.press("^S").first else {
      return #expect(Bool(false), "\(console.picture)")
    }
    #expect(draft == MergeFieldDraft(tag: "CHILDREN", name: "Children", type: .number))
    console.handle(.answered(ticket, .done))
    var reading = Sample.mapping()
    reading.board.mergeFields?.append(
      MergeField(tag: "CHILDREN", name: "Children", type: .number))
    console.answer(.mapping(reading)) { $0 == .mapping }
    #expect(console.picture.contains("Add a row"))
    let (made, _) = try #require(change(console.press("^S")))
    #expect(made == .set(FieldMapping(.custom("children"), "CHILDREN"), replacing: nil))
  }

  @Test func `rows are moved, checked and read again`() throws {
    var console = ready(.mapping)
    let (made, _) = try #require(change(console.press("J")))
    #expect(made == .move("FNAME", to: 1))
    #expect(change(console.press("g K")) == nil)
    #expect(console.noticeLine.contains("It is the first row."))
    let asked = console.press("v")
    #expect(console.picture.contains("The audience has no merge field PHONE."))
    #expect(asked.queries.contains { if case .mappingTally(_, nil) = $0 { true } else { false } })
    console.press("Esc")
    console.answerAll()
    #expect(console.noticeLine.contains("do not move whole: FNAME, PHONE; p lists them."))
    guard case .readMergeFields? = console.press("r").first else {
      return #expect(Bool(false))
    }
  }
}
