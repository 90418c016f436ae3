// What is the same in every pane: themes looked at live, dividers that move, help that is searched, the
// mouse on the frame, and what is remembered for the next time.

import Basics
import Domain
import Screen
import Testing

@testable import Console

@Suite struct LookTests {
  private static let themes = [
    ThemeChoice("standard", "the terminal's own colours"), ThemeChoice("dark", "yours"),
    ThemeChoice("light", "yours"),
  ]

  private func console(_ pane: PaneID = .overview, _ theme: String = "standard") -> TestSession {
    var world = Sample.world(120, 36)
    world.theme = theme
    var console = ready(pane, world)
    console.handle(.themesRead(Self.themes))
    return console
  }

  private func pick(_ console: inout TestSession) {
    console.press(":")
    console.type("themes")
    console.press("Enter")
  }

  // MARK: Themes

  @Test func `moving through the themes shows each at once, and Esc puts the old one back`() {
    var console = console()
    pick(&console)
    #expect(console.picture.contains("came with the program") == false)
    console.press("Down")
    #expect(console.session.themePreview == "dark")
    console.press("j")
    #expect(console.session.themePreview == "light")
    #expect(console.press("Esc") == [])
    #expect(console.session.themePreview == nil)
  }

  @Test func `Enter keeps a theme as a setting, and a refusal puts the old one back`() throws {
    var console = console()
    pick(&console)
    let orders = console.press("Down Enter")
    guard case .saveSettings(let edits, let ticket)? = orders.last else {
      Issue.record("nothing was saved")
      return
    }
    #expect(edits == [SettingEdit(key: "console.theme", value: Secret("dark"))])
    // Until it is read back it stays as it was chosen.
    #expect(console.session.themePreview == "dark")
    var refused = console
    refused.handle(.answered(ticket, .refused(Problem("full", "The disk is full."))))
    #expect(refused.session.themePreview == nil)
    #expect(refused.noticeLine.contains("The disk is full."))
    var world = Sample.world(120, 36)
    world.theme = "dark"
    console.handle(.answered(ticket, .done))
    console.handle(.worldChanged(world))
    #expect(console.session.themePreview == nil)
    #expect(console.session.world.themes == Self.themes)
  }

  @Test func `the theme's field in Settings opens the same list`() {
    var console = console(.settings)
    console.press(":")
    console.type("console.theme")
    console.press("Enter")
    console.answerAll()
    console.press("Enter")
    #expect(console.picture.contains("the terminal's own colours"))
  }

  // MARK: Dividers

  @Test func `the line between list and detail goes where the mouse drags it`() {
    for size in [Size(120, 36), Size(200, 60)] {
      var console = ready(.people, Sample.world(size.width, size.height))
      let split = Split()
      let before = split.frames(console.session.seen(by: .people))
      guard let list = before.list else { continue }
      let isBeside = size.width >= 160
      let body = ScreenLayout(size).body
      let from = isBeside ? Point(list.right - 1, body.y + 5) : Point(10, body.y + list.bottom - 1)
      for target in [-7, 9] {
        var console = console
        let to = isBeside ? Point(from.x + target, from.y) : Point(from.x, from.y + target)
        console.handle(.input(.mouse(MouseEvent(.pressed(.left), from))))
        console.handle(.input(.mouse(MouseEvent(.dragged(.left), to))))
        console.handle(.input(.mouse(MouseEvent(.released(.left), to))))
        let after = split.frames(console.session.seen(by: .people)).list ?? .zero
        let moved = isBeside ? after.right - list.right : after.bottom - list.bottom
        #expect(abs(moved - target) <= 1, "\(size) \(target): \(moved)")
        // Without a press on the line nothing moves.
        console.handle(.input(.mouse(MouseEvent(.dragged(.left), from))))
        #expect(split.frames(console.session.seen(by: .people)).list == after)
      }
      console.press("j")
    }
  }

  @Test func `less and more room for the list stop before a part vanishes`() {
    var console = ready(.executions, Sample.world(120, 36))
    for _ in 0..<30 { console.press("<") }
    let narrow = Split().frames(console.session.seen(by: .executions))
    #expect(narrow.list?.height ?? 0 >= 4)
    for _ in 0..<30 { console.press(">") }
    let wide = Split().frames(console.session.seen(by: .executions))
    #expect(wide.detail?.height ?? 0 >= 4)
    #expect(console.session.draw().size == Size(120, 36))
  }

  @Test func `where nothing is divided the keys say so`() {
    var console = ready(.logs)
    console.press("<")
    #expect(console.noticeLine.contains("Nothing is divided here."))
    console = ready(.people, Sample.world(120, 20))
    console.press(">")
    #expect(console.noticeLine.contains("Tab changes between them"))
    console = ready(.people)
    console.press("+ <")
    #expect(console.noticeLine.contains("_ shows both again"))
  }

  // MARK: Help

  @Test func `help is searched by what it says and by its key`() {
    var console = ready(.people)
    console.press("? /")
    console.type("force sync")
    #expect(console.picture.contains("send now what changed"))
    #expect(!console.picture.contains("Add a person"))
    // Letters are text while the word is typed, and keys again after Enter.
    console.press("Enter Esc")
    #expect(console.picture.contains("Add a person"))
    console.press("/")
    console.type("^L")
    #expect(console.picture.contains("Paint the screen anew"))
    console.press("Esc Esc")
    #expect(!console.picture.contains("Help: People"))
  }

  // MARK: The mouse

  @Test func `a click on a key in the last row presses it`() {
    var console = ready(.people)
    let line = console.lastLine
    guard let range = line.range(of: "? Help") else {
      Issue.record("no help in \(line)")
      return
    }
    let x = line.distance(from: line.startIndex, to: range.lowerBound)
    console.handle(.input(.mouse(MouseEvent(.pressed(.left), Point(x, 35)))))
    #expect(console.picture.contains("Help: People"))
  }

  @Test func `the buttons of a question can be clicked, and only they answer it`() {
    for (word, isYes) in [("[ Cancel ]", false), ("[ y Resync ]", true)] {
      var console = ready(.overview)
      console.press("R")
      let lines = console.session.draw().lines
      guard let y = lines.firstIndex(where: { $0.contains(word) }),
        let range = lines[y].range(of: word)
      else {
        Issue.record("no \(word)")
        return
      }
      #expect(console.handle(.input(.mouse(MouseEvent(.pressed(.left), Point(2, 2))))) == [])
      #expect(console.picture.contains("Resync everyone"))
      let x = lines[y].distance(from: lines[y].startIndex, to: range.lowerBound) + 2
      let orders = console.handle(.input(.mouse(MouseEvent(.pressed(.left), Point(x, y)))))
      #expect(orders.contains(.request(.resync(approve: false))) == isYes)
      #expect(!console.picture.contains("Resync everyone"))
    }
  }

  @Test func `the right button opens what can be done with the row under it`() {
    var console = ready(.people)
    console.handle(.input(.mouse(MouseEvent(.pressed(.right), Point(20, 5)))))
    #expect(console.picture.contains("Why: explain"))
  }

  // MARK: The cursor

  @Test func `the cursor stands on what the keys act on, hidden unless somebody wants it shown`() {
    for pane in PaneID.allCases where pane != .overview {
      var console = ready(pane)
      let first = console.session.draw()
      #expect(first.cursor == nil, "\(pane)")
      guard let place = first.focus else {
        Issue.record("\(pane) stands nowhere")
        continue
      }
      console.press("j")
      let second = console.session.draw()
      if second != first { #expect(second.focus != nil, "\(pane)") }
      console.press("?")
      #expect(console.session.draw().focus != place, "\(pane)")
    }
    var world = Sample.world(120, 36)
    world.capabilities.showsCursor = true
    let console = ready(.people, world)
    let screen = console.session.draw()
    #expect(screen.cursor != nil && screen.cursor == screen.focus)
  }

  // MARK: Memory

  @Test func `the next console opens where this one was left`() throws {
    var console = ready(.people)
    console.press("/")
    console.type("state:refused")
    console.press("Enter")
    console.press("> >")
    console.press("6 &")
    console.press("Esc 7 w t L %")
    let kept = try JSONValue.parse("\(console.session.memory.json)")
    var next = ConsoleSession(world: Sample.world(120, 36))
    next.recall(ConsoleMemory(json: kept))
    #expect(next.current == .logs)
    #expect(next.memory == console.session.memory)
    #expect(next.world.capabilities.capturesMouse == false)
    #expect(next.seen(by: .people).listShare == 600)
    _ = next.start()
    _ = next.handle(.input(.key("2")), at: Sample.now)
    #expect(next.draw().picture.contains("People: state:refused"))
  }

  @Test func `a memory that says nonsense is as none`() throws {
    let json = try JSONValue.parse(
      #"{"pane":"cellar","shares":{"people":7,"logs":"x"},"panes":{"people":[1],"x":{}}}"#)
    let memory = ConsoleMemory(json: json)
    #expect(memory.pane == nil && memory.shares == [:] && memory.panes == [.people: [:]])
  }

  @Test func `a set-up that was left half-way is open again in the next console`() {
    var memory = ConsoleMemory()
    memory.pane = .settings
    var unread = Sample.world(120, 36)
    unread.overview = nil
    unread.hasKey = false
    var session = ConsoleSession(world: unread)
    session.recall(memory)
    _ = session.start()
    var world = Sample.world(120, 36)
    world.hasKey = false
    world.overview?.audienceID = ""
    _ = session.handle(.worldChanged(world), at: Sample.now)
    #expect(session.draw().picture.contains("Step 1 of 6"))
  }

  // MARK: Read-only

  @Test func `a console that only looks asks nothing of the engine`() {
    var world = Sample.world(120, 36)
    world.isReadOnly = true
    var console = ready(.overview, world)
    #expect(console.picture.contains("read-only"))
    for key in ["F", "R", "P"] {
      #expect(console.press(key) == [])
      #expect(console.noticeLine.contains("--read-only"))
    }
  }
}
