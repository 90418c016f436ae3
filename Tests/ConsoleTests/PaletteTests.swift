// The palette finds everything: what can be done here, in the other panes, and every setting; and
// choosing takes nobody by surprise.

import Basics
import Domain
import Screen
import Testing

@testable import Console

@Suite struct PaletteTests {
  @Test func `every setting is found by its name, and opens at its field`() {
    for setting in Settings.all {
      var console = ready(.people)
      console.press(":")
      console.type(setting.key)
      #expect(console.picture.contains(setting.label.prefix(20)), "\(setting.key)")
      console.press("Enter")
      console.answerAll()
      #expect(console.session.current == .settings, "\(setting.key)")
      // Where it stands its help is shown.
      let help = setting.help.split(separator: " ").prefix(2).joined(separator: " ")
      #expect(console.picture.contains(help), "\(setting.key)")
    }
  }

  @Test func `every action of every pane is found from every other one`() {
    let world = Sample.world(120, 36)
    for (pane, value) in ConsoleSession.freshPanes() {
      var console = ready(pane == .overview ? .logs : .overview, world)
      console.press(":")
      guard case .palette(let palette)? = console.session.topLayer else {
        Issue.record("no palette")
        return
      }
      let names = Set(palette.matches.map(\.name))
      for binding in value.bindings(in: world) where !SplitAction.all.contains(binding.action) {
        #expect(names.contains("\(binding.action)"), "\(pane) \(binding.action)")
      }
    }
  }

  @Test func `an action of another pane that needs no row is done there at once`() {
    var console = ready(.overview)
    console.press(":")
    console.type("people.add")
    console.press("Enter")
    #expect(console.session.current == .people)
    #expect(console.picture.contains("Add a person"))
  }

  @Test func `one that needs a row waits for somebody to choose it`() {
    var console = ready(.overview)
    console.press("2")
    console.answerAll()
    console.press("1 :")
    console.type("people.delete")
    let orders = console.press("Enter")
    #expect(console.session.current == .people)
    #expect(orders.allSatisfy { if case .deletePerson = $0 { false } else { true } })
    #expect(!console.picture.contains("Delete 1 person"))
    #expect(console.noticeLine.contains("x d is Delete, on what you select"))
  }

  @Test func `the key that is typed comes first, and names beat sentences`() {
    var console = ready(.overview)
    for (letters, label) in [("F", "Force sync"), ("theme", "Themes"), ("3", "Audience")] {
      console.press(":")
      console.type(letters)
      guard case .palette(let palette)? = console.session.topLayer else { return }
      #expect(palette.matches.first?.label == label, "\(letters)")
      console.press("Esc")
    }
  }
}
