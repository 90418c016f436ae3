// Somebody's own keys: they win over those the program came with, and a file that cannot be read is
// named with its line.

import Basics
import Domain
import Screen
import Testing

@testable import Console

@Suite struct UserKeysTests {
  private func console(_ pane: PaneID, _ text: String) throws -> TestSession {
    var console = ready(pane)
    console.handle(.keysRead(try UserKeys(reading: text, file: "keys")))
    return console
  }

  private func refusal(_ text: String) -> Problem? {
    do throws(Problem) {
      _ = try UserKeys(reading: text, file: "/home/ada/keys")
      return nil
    } catch {
      return error
    }
  }

  @Test func `a key of one's own acts, and the one it replaces says that it does nothing`() throws {
    var console = try console(.people, "# mine\n\nsync.force = ^G F5  \n")
    #expect(console.press("F") == [])
    #expect(console.noticeLine.contains("F does nothing here"))
    #expect(console.press("^G") == [.request(.forceSync(approve: false))])
    #expect(console.press("F5") == [.request(.forceSync(approve: false))])
    console.press("? /")
    console.type("^G")
    #expect(console.picture.contains("^G F5"))
  }

  @Test func `it wins over whatever the program came with`() throws {
    // a is Add in People.
    var console = try console(.people, "sync.force = a")
    #expect(console.press("a") == [.request(.forceSync(approve: false))])
    #expect(!console.picture.contains("Add a person"))
    // A move wins too, and the key it came with is free.
    console = try self.console(.people, "move.down = F\nmove.up = e")
    let before = console.session.draw().focus
    #expect(!console.press("F").contains(.request(.forceSync(approve: false))))
    #expect(console.session.draw().focus != before)
    console.press("e")
    #expect(console.session.draw().focus == before)
    console.press("j")
    #expect(console.session.draw().focus == before)
    #expect(console.noticeLine.contains("j does nothing here"))
  }

  @Test func `none takes a key away, and the palette still finds the action`() throws {
    var console = try console(.people, "people.add = none")
    console.press("a")
    #expect(console.noticeLine.contains("a does nothing here"))
    console.press(":")
    console.type("people.add")
    console.press("Enter")
    #expect(console.picture.contains("Add a person"))
  }

  @Test func `letters behind x can be chosen too`() throws {
    var console = try console(.people, "people.explain = e")
    console.press("x e")
    #expect(console.picture.contains("Explain"))
  }

  @Test(arguments: [
    ("people.add a", "line 1: 'people.add a' is no line of keys."),
    ("\npeople.ad = a", "line 2: There is no action 'people.ad'."),
    ("people.add = ctrl-a", "line 1: 'ctrl-a' is no key."),
    ("people.add = Esc", "line 1: Esc always means the same."),
    ("people.add = a\npeople.add = b", "line 2: people.add has its keys in line 1 already."),
    ("people.add = g\nsync.force = g", "line 2: g is people.add already, in line 1."),
    ("move.down = g\nsync.force = g", "line 2: g is move.down already, in line 1."),
  ]) func `a wrong line is named with what was expected`(text: String, sentence: String) {
    let problem = refusal(text)
    #expect(problem?.sentence == "/home/ada/keys, " + sentence)
    #expect(problem?.remedy.isEmpty == false)
  }

  @Test func `the nearest name is offered, and two panes may use one key`() {
    #expect(refusal("people.ad = a")?.remedy.contains("'people.add'") == true)
    #expect(refusal("people.add = ^G\nlogs.follow = ^G") == nil)
  }

  @Test func `the table names every action once, with its keys`() throws {
    let rows = try UserKeys(reading: "sync.force = ^G", file: "keys").table()
    #expect(Set(rows.map(\.action)).count == rows.count)
    #expect(Set(rows.map(\.action)) == Set(UserKeys.actions.map(\.description)))
    #expect(rows.first { $0.action == "sync.force" }?.keys == "^G")
    #expect(rows.first { $0.action == "people.delete" }?.keys == "x d")
  }

  @Test func `help shows the moves with the keys they have now`() throws {
    var console = try console(.people, "move.down = ^N\nsync.force = g")
    console.press("? /")
    console.type("row down")
    #expect(console.picture.contains("^N             A row down."))
    console.press("Esc /")
    console.type("first row")
    #expect(console.picture.contains("Home           To the first row."))
  }

  @Test func `a key that one pane takes from everywhere is named there as what is left`() throws {
    // z is Undo everywhere, and Add in People now.
    let text = "people.add = z"
    var console = try console(.people, text)
    let there = console.session.seen(by: .people).keys
    #expect(there[GlobalKeys.undo] == ": Undo")
    #expect(console.session.seen(by: .tags).keys[GlobalKeys.undo] == "z")
    console.press(":")
    console.type("undo")
    console.press("Enter")
    #expect(console.noticeLine.contains("Nothing to take back: : Undo undoes"))
    console = try self.console(.tags, text)
    console.press("z")
    #expect(console.noticeLine.contains("Nothing to take back: z undoes"))
    // Zooming is told by the keys it has.
    console = try self.console(.people, "split.zoom = ^G")
    console.press("_")
    #expect(console.noticeLine.contains("Nothing is zoomed: ^G gives"))
  }
}
