// What a dialog names is what yes does, whatever the lists show by the time it is answered.

import Basics
import Domain
import Screen
import Testing

@testable import Console

@Suite struct DialogTests {
  @Test func `yes deletes whom the dialog named, though another person is selected by then`() {
    var console = ready(.people)
    console.press("x d")
    #expect(console.picture.contains("Ada Lovelace (#1)"))
    // Ada leaves the list; the selection falls on the next person.
    console.handle(.dataChanged)
    let rest = Array(Sample.people().rows.dropFirst())
    console.answer(.people(Window(rows: rest, offset: 0, total: rest.count))) {
      if case .people = $0 { true } else { false }
    }
    guard case .changePeople(.delete, let people, _)? = console.press("y").first else {
      Issue.record("nobody was deleted")
      return
    }
    #expect(people == [PersonID(1)])
  }

  @Test func `yes approves the plan whose numbers were shown, though another one stands there`() {
    var console = ready(.review)
    guard case .plans(let plans) = Sample.answer(to: .plans), var other = plans.first else {
      Issue.record("no plan in the samples")
      return
    }
    console.press("A")
    other.id = PlanID(99)
    console.handle(.dataChanged)
    console.answer(.plans([other])) { $0 == .plans }
    console.type("7")
    let orders = console.press("Enter")
    #expect(orders.first == .request(.approvePlan(plans[0].id)))
  }

  @Test func `a question that an answer brings does not take keys meant for a field`() throws {
    var console = ready(.executions)
    console.press("j x u")
    let ticket = try #require(
      console.effects.lazy.compactMap { effect -> Ticket? in
        if case .query(.undoPreview, let ticket) = effect { ticket } else { nil }
      }.last)
    console.press("/")
    console.type("yo")
    var preview = UndoPreview(ExecutionID(311))
    preview.counts.update = 1
    console.handle(.answered(ticket, .undoPreview(preview)))
    #expect(!console.picture.contains("Undo #311"))
    #expect(console.type("yy").allSatisfy { if case .request = $0 { false } else { true } })
    console.press("Enter")
    #expect(console.picture.contains("Undo #311"))
    #expect(console.press("y").contains(.request(.undoExecution(ExecutionID(311)))))
  }

  @Test func `erasing in a hidden secret empties it, since nobody sees what is left`() {
    var console = ready(.settings)
    console.press("] Enter Backspace")
    console.type("abc")
    console.press("Enter ^R")
    #expect(console.picture.contains(" abc "))
  }

  @Test func `what the settings refuse is said beside its field`() {
    var console = ready(.settings)
    console.press("Enter ^U")
    console.type("Choir")
    guard case .saveSettings(_, let ticket)? = console.press("^S").last else {
      Issue.record("nothing was saved")
      return
    }
    let problem = Problem(
      "settings.odd", "The name is taken.", remedy: "Give another.",
      fields: ["key": "workspace.name"])
    console.handle(.answered(ticket, .refused(problem)))
    #expect(
      console.picture.split(separator: "\n").dropLast(3).joined().contains("The name is taken"))
  }

  @Test func `a menu begins at what can be done, and says below what it does or why not`() {
    let off = KeyBinding(["c"], "Cancel", "test.cancel", whyNot: "Nothing runs.", help: "Ends it.")
    let on = KeyBinding(["r"], "Replay", "test.replay", help: "Does it again.")
    let world = Sample.world(80, 24)
    var menu = Menu(title: "Actions", bindings: [off, on])
    func picture(_ menu: Menu) -> String {
      var canvas = Canvas(Size(80, 24))
      menu.draw(on: &canvas, in: world)
      return canvas.finish().picture
    }
    #expect(menu.selected == 1)
    #expect(picture(menu).contains("Does it again."))
    _ = menu.press("Up", in: world)
    #expect(picture(menu).contains("Nothing runs.") && !picture(menu).contains("Ends it."))
  }

  @Test func `a picker takes room from what is widest, so that what stands last is read`() {
    let sample = String(repeating: "Wolfeschlegelstein", count: 3)
    let last = "goes with the merge field NICKNAME, both ways"
    let picker = Picker(
      "test.choose", title: "Field",
      entries: [.init("a", "Nickname of the person", [sample, last])])
    var canvas = Canvas(Size(80, 24))
    picker.draw(on: &canvas, in: Sample.world(80, 24))
    let picture = canvas.finish().picture
    #expect(picture.contains("Nickname of the person  Wolfe"))
    #expect(picture.contains("goes with the merge"))
  }
}
