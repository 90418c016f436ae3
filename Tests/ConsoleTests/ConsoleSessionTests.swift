// The session: keys act or say why not, dialogs hold back what they guard, notices come and go.

import Basics
import Domain
import Screen
import Testing

@testable import Console

@Suite struct ConsoleSessionTests {
  @Test func `F asks the workspace for a force sync and says so`() {
    var console = Sample.session()
    #expect(console.press("F") == [.request(.forceSync(approve: false))])
    #expect(console.noticeLine.contains("Force sync was asked for"))
  }

  @Test func `F before the workspace is read is a force sync as soon as it is`() {
    var world = Sample.world()
    world.overview = nil
    world.engine = .nobody
    var console = Sample.session(.overview, world)
    #expect(!console.press("F F 8").contains(.request(.forceSync(approve: false))))
    #expect(console.noticeLine.contains("Force sync follows as soon as the workspace is read."))
    world = Sample.world()
    #expect(console.handle(.worldChanged(world)) == [.request(.forceSync(approve: false))])
    #expect(console.session.current == .review)
    #expect(console.handle(.worldChanged(world)) == [])
  }

  @Test func `what is missing is said of an early F too`() {
    var world = Sample.world()
    world.overview = nil
    var console = Sample.session(.overview, world)
    console.press("F")
    world = Sample.world()
    world.hasKey = false
    #expect(console.handle(.worldChanged(world)) == [])
    #expect(console.noticeLine.contains("There is no API key yet: press 0"))
  }

  @Test func `F while the engine is starting here asks nothing`() {
    var world = Sample.world()
    world.engine = .starting
    world.overview?.engine = EngineState.none
    var console = Sample.session(.overview, world)
    #expect(console.picture.contains("starting"))
    #expect(console.press("F") == [.request(.forceSync(approve: false))])
    console.press("8")
    #expect(console.session.current == .review)
    world.engine = .nobody
    console = Sample.session(.overview, world)
    #expect(console.press("F 8") == [.request(.forceSync(approve: false))])
    #expect(console.picture.contains("No engine is running"))
  }

  @Test func `F says what is missing instead of doing nothing`() {
    var world = Sample.world()
    world.hasKey = false
    var console = Sample.session(.overview, world)
    #expect(console.press("F") == [])
    #expect(console.noticeLine.contains("There is no API key yet: press 0"))

    world.hasKey = true
    world.overview?.audienceID = ""
    console = Sample.session(.overview, world)
    #expect(console.press("F") == [])
    #expect(console.noticeLine.contains("No audience is chosen yet: press 3"))
  }

  @Test func `R names the number of people, and neither Enter nor Esc resyncs`() {
    var console = Sample.session()
    #expect(console.press("R") == [])
    #expect(console.picture.contains("All 20,000 people"))
    #expect(console.press("Enter") == [])
    #expect(console.press("R Esc") == [])
    #expect(console.press("R y") == [.request(.resync(approve: false))])
  }

  @Test func `P pauses, and enables what is paused`() {
    var console = Sample.session()
    #expect(console.press("P") == [.request(.pause)])
    var world = Sample.world()
    world.overview?.engine = .paused
    console.handle(.worldChanged(world))
    #expect(console.press("P") == [.request(.enable)])
  }

  @Test func `every digit has its pane`() {
    var console = Sample.session()
    for pane in PaneID.allCases {
      console.press(String(pane.digit))
      #expect(console.session.current == pane)
    }
    #expect(PaneID.allCases.count == 10)
  }

  @Test func `Esc never quits and q does`() {
    var console = Sample.session()
    #expect(console.press("Esc Esc Esc") == [])
    #expect(console.press("q") == [.quit])
  }

  @Test func `quitting while a run of ours is live asks first`() {
    var world = Sample.world()
    world.overview?.running = Sample.execution(312, .running, minutes: 1)
    var console = Sample.session(.overview, world)
    #expect(console.press("q") == [])
    #expect(console.picture.contains("Execution #312 runs in this console"))
    #expect(console.press("Esc") == [])
    #expect(console.press("q y") == [.quit])
  }

  @Test func `an error stays until a key and other notices leave with time`() {
    var console = Sample.session()
    console.handle(.noticed(Notice(.info, "Hello.")))
    #expect(console.session.wakeAt == Sample.now + .seconds(4))
    console.handle(.ticked, at: Sample.now + .seconds(4))
    #expect(!console.picture.contains("Hello."))
    console.handle(.noticed(Notice(.error, "The key was refused.")))
    #expect(console.session.wakeAt == nil)
    console.handle(.ticked, at: Sample.now + .hours(9))
    #expect(console.noticeLine.contains("The key was refused."))
    console.press("j")
    #expect(!console.picture.contains("The key was refused."))
    console.press("!")
    #expect(console.picture.contains("The key was refused."))
  }

  @Test func `pasted text is never a command`() {
    var console = Sample.session()
    #expect(console.handle(.input(.pasted("Fq\nR"))) == [])
    #expect(console.noticeLine.contains("Pasted text goes into fields only"))
  }

  @Test func `the palette finds an action by letters and does what its key does`() {
    var console = Sample.session()
    console.press(":")
    console.type("fors")
    #expect(console.press("Enter") == [.request(.forceSync(approve: false))])
    console.press("^P")
    console.type("exec")
    console.press("Enter")
    #expect(console.session.current == .executions)
  }

  @Test func `the hints always keep the palette, the help and the way out`() {
    for width in [60, 80, 120, 200] {
      var console = Sample.session(.overview, Sample.world(width, 24))
      #expect(console.lastLine.hasSuffix(": Command  ? Help  q Quit"), "at \(width)")
      console.press("F")
      #expect(console.lastLine.contains("F Force sync"), "at \(width)")
    }
  }

  @Test func `a screen that is too small says what it needs`() {
    var console = Sample.session(.overview, Sample.world(59, 16))
    #expect(console.picture == "This needs 60×16; the screen has 59×16.")
    #expect(console.press("F R P x") == [])
    console.handle(.input(.resized(Size(60, 16))))
    #expect(console.picture.contains("Overview"))
  }

  @Test func `a click on the pane bar shows that pane`() {
    var console = Sample.session(.overview, Sample.world(80, 24))
    let bar = console.session.draw().line(1)
    let place = Array(bar).firstIndex(of: "0").map { Point($0 + 1, 1) } ?? .zero
    console.handle(.input(.mouse(MouseEvent(.pressed(.left), place))))
    #expect(console.session.current == .settings)
  }

  @Test func `a viewer whose engine ends is told how to run it here`() {
    var world = Sample.world()
    world.engine = .elsewhere("serve (4711)")
    var console = Sample.session(.overview, world)
    #expect(console.picture.contains("viewer"))
    world.engine = .nobody
    world.overview?.engine = EngineState.none
    console.handle(.worldChanged(world))
    #expect(console.noticeLine.contains("The engine in serve (4711) has ended"))
    #expect(console.press("s") == [.startEngine])
    console.press("F")
    #expect(console.picture.contains("No engine is running"))
    #expect(console.press("y") == [.startEngine])
  }

  @Test func `the end of a run that was asked for is told, a quiet poll is not`() {
    var console = Sample.session()
    var world = Sample.world()
    var poll = Sample.execution(312, .succeeded, trigger: .poll, minutes: 1)
    poll.counts = ExecutionCounts()
    world.overview?.lastRun = poll
    console.handle(.worldChanged(world))
    #expect(console.noticeLine == "")
    world.overview?.lastRun = Sample.execution(313, .succeeded, minutes: 0)
    console.handle(.worldChanged(world))
    #expect(console.noticeLine.contains("#313 force sync succeeded: 3 created, 120 updated."))
    var compared = Sample.execution(315, .succeeded, trigger: .request, minutes: 0)
    (compared.flow, compared.counts) = (.verification, ExecutionCounts())
    world.overview?.lastRun = compared
    console.handle(.worldChanged(world))
    #expect(
      console.noticeLine.contains("#315 verification succeeded: Review (8) shows what differs."))
    world.overview?.lastRun = Sample.execution(316, .partial, trigger: .change, minutes: 0)
    console.handle(.worldChanged(world))
    #expect(console.noticeLine.contains("#316 change partial: 28 refused"))
    world.overview?.heldPlans = 1
    console.handle(.worldChanged(world))
    #expect(console.noticeLine.contains("A plan waits for your decision: press 8"))
  }

  @Test func `a click selects a row and a second one opens it`() {
    var console = Sample.session(.executions, Sample.world(80, 24))
    console.answerAll()
    let row = Point(10, 6)
    console.handle(.input(.mouse(MouseEvent(.pressed(.left), row))))
    #expect(console.picture.contains("#310 poll ─"))
    console.handle(.input(.mouse(MouseEvent(.doublePressed(.left), row))))
    #expect(console.lastLine.contains("Enter Show"))
    console.handle(.input(.mouse(MouseEvent(.wheelDown, row))))
    #expect(console.picture.contains("#307 resync ─"))
  }

  @Test func `text from elsewhere never reaches the screen as a command to the terminal`() {
    var console = Sample.session()
    console.handle(.noticed(Notice(.error, "\u{1B}[2J\u{7}gone\u{202E}")))
    let controls = console.picture.unicodeScalars.filter { $0 != "\n" && Text.isControl($0) }
    #expect(controls.isEmpty)
  }

  @Test func `every pane waits in words and never without them`() {
    for pane in PaneID.allCases where pane != .overview {
      let console = Sample.session(pane)
      #expect(console.picture.contains("Loading…"), "\(pane)")
      #expect(console.session.plainLines() == ["Loading…"], "\(pane)")
    }
  }

  @Test func `every pane says why it could not read`() {
    for pane in PaneID.allCases where pane != .overview {
      var console = Sample.session(pane)
      for case .query(_, let ticket) in console.effects {
        console.handle(.answered(ticket, .refused(Problem("test", "The file is busy."))))
      }
      #expect(console.picture.contains("The file is busy."), "\(pane)")
    }
  }

  @Test func `every pane prints its rows as plain lines`() {
    let expected: [PaneID: String] = [
      .overview: "Friends of the Library", .people: "Ada Lovelace", .audience: "Newsletter",
      .mapping: "FNAME", .tags: "account:choir", .executions: "#311", .logs: "Force sync began.",
      .review: "plan #9",
      .settings: "Mailchimp: API key *: ••••us21", .schedules: "every 6 hours",
    ]
    for pane in PaneID.allCases {
      var console = Sample.session(pane)
      console.answerAll()
      let lines = console.session.plainLines()
      #expect(lines.contains { $0.contains(expected[pane] ?? "?") }, "\(pane): \(lines)")
    }
  }

  @Test func `past notices hold what happened, once each, and not that a key did nothing`() {
    var console = ready(.people)
    console.press("Esc Esc ~ Esc")
    console.handle(.noticed(Notice(.success, "The backup is written.")))
    console.handle(.noticed(Notice(.success, "The backup is written.")))
    console.press("!")
    // Once on the page, once in its row below.
    #expect(console.picture.components(separatedBy: "The backup is written.").count == 3)
    #expect(!console.picture.contains("Nothing is open here"))
    #expect(!console.picture.contains("does nothing here"))
  }
}
