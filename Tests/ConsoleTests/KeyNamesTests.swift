// Keys of one's own are the keys the console speaks of: whatever was chosen, no screen, page or notice
// goes on naming what the program came with, and what lies over a pane takes them too.

import Basics
import Domain
import Screen
import Testing

@testable import Console

@Suite struct KeyNamesTests {
  /// A file that gives every action another key: signs nobody's sentences hold by accident, and where
  /// text is typed keys that type nothing.
  private static let others: UserKeys? = {
    let inText = Set(
      LayerKind.allCases.filter(\.takesText).flatMap(\.bindings).map(\.action.description))
    let lines = UserKeys.actions.map(\.description).sorted().enumerated().map { index, action in
      let sign = Unicode.Scalar(0x4E00 + UInt32(index)).map { String($0) } ?? ""
      return "\(action) = \(inText.contains(action) ? "A-F\(index % 24 + 1)" : sign)"
    }
    return try? UserKeys(reading: lines.joined(separator: "\n"), file: "keys")
  }()

  private func console(_ pane: PaneID, _ keys: UserKeys, _ world: World) -> TestSession {
    var console = Sample.session(pane, world)
    console.handle(.keysRead(keys))
    console.answerAll()
    return console
  }

  /// What a sentence that names a key the program came with looks like.
  private func naming(_ text: String) -> [String] {
    let verbs =
      "shows|takes|makes|lists|maps|reads|enables|clears|sends|compares|brings|adds|opens|leaves"
      + "|reopens|comes|marks|goes|saves|closes|undoes|approves|adopts|renames|repairs|discards"
    let patterns = [
      #"[Pp]ress (?![一-鿿│]|A-F|Esc|Enter|with)\S+"#, #"\bx [a-zA-Z.]\b(?! \w)"#, #"\bpane [0-9]"#,
      #"\([0-9]\)"#, #"[;:,] ([a-zA-Z0-9]|\^[A-Z]) (\#(verbs))\b"#,
      #"\. ([b-zB-HJ-Z0-9]|\^[A-Z]) (\#(verbs))\b"#,
    ]
    return patterns.flatMap { pattern -> [String] in
      guard let regex = try? Regex(pattern) else { return ["no pattern: \(pattern)"] }
      return text.matches(of: regex).map { String(text[$0.range]) }
    }
  }

  @Test(arguments: PaneID.allCases)
  func `with other keys no screen, page or notice names an old one`(_ pane: PaneID) throws {
    let keys = try #require(Self.others)
    var unread = Sample.world(120, 36)
    unread.overview = nil
    unread.hasKey = false
    for world in [Sample.world(120, 36), Sample.world(200, 60), unread] {
      let start = console(pane, keys, world)
      // Most lines are on every screen: each is looked at once.
      var texts: Set<String> = []
      func look(at text: String) {
        texts.formUnion(text.split(separator: "\n").map(String.init))
      }
      look(at: start.picture)
      look(at: start.session.plainLines().joined(separator: "\n"))
      for binding in start.session.bindings() {
        look(at: binding.help)
        if let whyNot = binding.whyNot { look(at: whyNot) }
        var pressed = start
        if binding.place == .actionMenu {
          pressed.press(keys[GlobalKeys.actions])
          #expect(pressed.picture.contains("Actions"))
        }
        guard let key = binding.keys.first else { continue }
        pressed.handle(.input(.key(key)))
        pressed.answerAll()
        look(at: pressed.picture)
      }
      for text in texts {
        #expect(naming(text) == [], "\(pane): \(text)")
      }
    }
  }

  @Test func `without keys of one's own every action is named by the one it came with`() {
    let keys = UserKeys()
    #expect(keys[PeopleAction.add] == "a")
    #expect(keys[PeopleAction.mark] == "x d")
    #expect(keys[.executions] == "6")
    #expect(keys[GlobalKeys.startEngine] == ": Start the engine here")
    for action in UserKeys.actions { #expect(!keys[action].isEmpty, "\(action)") }
  }

  @Test func `a form, a question, a menu and a page take the keys that were chosen`() throws {
    var console = ready(.people)
    console.handle(
      .keysRead(
        try UserKeys(
          reading: """
            form.save = ^G
            form.next = F5
            dialog.yes = j
            menu.close = c
            page.search = f
            columns.usual = u
            """, file: "keys")))
    console.press("a")
    #expect(console.lastLine.contains("^G Save"))
    #expect(console.lastLine.contains("F5 Next field"))
    console.type("Ada")
    #expect(console.press("^S") == [])
    #expect(console.picture.contains("Add a person"))
    let saved = console.press("^G")
    #expect(saved.contains { if case .savePerson = $0 { true } else { false } })
    console.press("Esc Esc")
    console.press("x d")
    #expect(console.picture.contains("[ j Delete ]"))
    #expect(console.press("y") == [])
    #expect(!console.press("j").isEmpty)
    console.press("x")
    #expect(console.picture.contains("Sync this person now"))
    #expect(console.press("q") == [])
    #expect(console.picture.contains("Sync this person now"))
    console.press("c")
    #expect(!console.picture.contains("Sync this person now"))
    console.press("? f")
    console.type("columns")
    #expect(console.picture.contains("Choose the columns"))
  }

  @Test func `a letter is no key where text is typed`() {
    do throws(Problem) {
      _ = try UserKeys(reading: "form.save = s", file: "keys")
      Issue.record("it was taken")
    } catch {
      #expect(error.sentence == "keys, line 1: s is text where form.save is pressed.")
      #expect(error.remedy.contains("types nothing"))
    }
  }

  @Test func `panes that were given other keys are shown by them`() throws {
    var console = ready(.overview)
    console.handle(.keysRead(try UserKeys(reading: "pane.people = F2", file: "keys")))
    #expect(console.picture.contains("F2 People"))
    console.press("2")
    #expect(console.noticeLine.contains("2 does nothing here"))
    console.press("F2")
    #expect(console.session.current == .people)
  }
}
