// Mapping: rows are added, changed, removed and taken back; what cannot work is said in the form;
// for whom an edit is, is asked.

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

  @Test func `a row is added by a few letters and asked for everybody`() throws {
    var console = ready(.mapping)
    console.press("a")
    console.type("lastn")
    console.press("Tab Tab")
    console.type("lna")
    #expect(console.picture.contains("LNAME (Last Name): text"))
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

  @Test func `what cannot work is said under its field and nothing is ordered`() {
    var console = ready(.mapping)
    console.press("a")
    console.type("date_of_birth")
    console.press("Tab Tab")
    console.type("size")
    #expect(console.picture.contains("date_of_birth is a date"))
    #expect(change(console.press("^S")) == nil)
    console.press("Tab")
    console.type("tirm")
    #expect(console.picture.contains("there is no"))
    #expect(console.picture.contains("'trim'?"))
    #expect(change(console.press("^S")) == nil)
    #expect(console.picture.contains("Add a row"))
  }

  @Test func `a tag that has a row takes no second one`() {
    var console = ready(.mapping)
    console.press("a")
    console.type("company")
    console.press("Tab Tab")
    console.type("FNAME")
    #expect(change(console.press("^S")) == nil)
    #expect(console.picture.contains("There is a row for FNAME already."))
  }

  @Test func `an edit is taken back by z`() throws {
    var console = ready(.mapping)
    console.press("j e Tab Tab Tab")
    console.press("End Backspace Backspace Backspace Backspace")
    let (made, ticket) = try #require(change(console.press("^S")))
    #expect(made == .set(FieldMapping(.birthday, "BIRTHDAY"), replacing: "BIRTHDAY"))
    let before = MappingChange.set(
      FieldMapping(.birthday, "BIRTHDAY", transforms: [.trim]), replacing: "BIRTHDAY")
    console.handle(
      .edited(ticket, Edit("the mapping of BIRTHDAY", back: .changeMapping(before, ticket))))
    console.handle(.answered(ticket, .mappingChanged(waiting: nil)))
    #expect(console.noticeLine.contains("z takes it back"))
    let (undone, _) = try #require(change(console.press("z")))
    #expect(undone == before)
  }

  @Test func `removing asks first, and a refusal is a notice`() throws {
    var console = ready(.mapping)
    #expect(change(console.press("d")) == nil)
    #expect(console.picture.contains("The values at Mailchimp and here stay as they are."))
    #expect(change(console.press("Enter")) == nil)
    let (made, ticket) = try #require(change(console.press("d y")))
    #expect(made == .remove("FNAME"))
    console.handle(
      .answered(ticket, .refused(Problem("mapping.minimum", "Nothing is sent to FNAME."))))
    #expect(console.noticeLine.contains("Nothing is sent to FNAME."))
    console.press("Esc z")
    #expect(console.noticeLine.contains("Nothing to take back"))
  }

  @Test func `a merge field's tag is judged before Mailchimp would cut it`() throws {
    var console = ready(.mapping)
    console.press("c")
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

  @Test func `rows are moved, checked and read again`() throws {
    var console = ready(.mapping)
    let (made, _) = try #require(change(console.press("J")))
    #expect(made == .move("FNAME", to: 1))
    #expect(change(console.press("g K")) == nil)
    console.press("v")
    #expect(console.picture.contains("The audience has no merge field PHONE."))
    console.press("Esc")
    guard case .readMergeFields? = console.press("r").first else {
      return #expect(Bool(false))
    }
  }
}
