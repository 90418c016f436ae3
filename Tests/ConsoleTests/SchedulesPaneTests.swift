// What runs by the clock, as a pane, and the words of quitting with it.

import Basics
import Domain
import Screen
import Testing

@testable import Console

// swift-format-ignore
@Suite struct SchedulesPaneTests {
  private func pane(_ width: Int = 80, _ height: Int = 24, _ keys: String = "") -> TestSession {
    var console = ready(.schedules, Sample.world(width, height))
    if !keys.isEmpty { console.press(keys) }
    console.answerAll()
    return console
  }

  @Test func `Schedules at 80 by 24`() {
    expectPicture(pane(), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03
      1 Over 2 People 3 Aud 4 Map 5 Tags 6 Exec 7 Logs 8 Review 9 Schedules 0 Set
      ┌─ Schedules ─────────────────────────────────────────────────────── 1–3 of 3 ─┐
      │  On    Type                  How often      Next run           Last run      │
      │› ● on  #1 sync subscriptions every 6 h      16:00 (2 h 18 min) ◐ 10:00       │
      │  ● on  #2 backup             daily at 02:30 11-22 01:30 (12 h) ✗ 01:10       │
      │  ○ off #3 verification       every 90 min   not active         never         │
      │                                                                              │
      ×1
      │ #1 sync subscriptions, every 6 hours                                         │
      │ Last run: ◐ partial #311: 28 refused, 3 created, 120 updated                 │
      │ What comes due while no engine runs happens once when one starts.            │
      └──────────────────────────────────────────────────────────────────────────────┘
      ┌─ The week ahead ─────────────────────────────────────────────────────── UTC ─┐
      │ Sat 21 Nov        16:00 #1  19:42 #1                                         │
      │ Sun 22 Nov        01:30 #2  01:42 #1  07:42 #1  13:42 #1  19:42 #1           │
      │ Mon 23 Nov        01:30 #2  01:42 #1  07:42 #1  13:42 #1  19:42 #1           │
      │ Tue 24 Nov        01:30 #2  01:42 #1  07:42 #1  13:42 #1  19:42 #1           │
      │ Wed 25 Nov        01:30 #2  01:42 #1  07:42 #1  13:42 #1  19:42 #1           │
      │ Thu 26 Nov        01:30 #2  01:42 #1  07:42 #1  13:42 #1  19:42 #1           │
      │ Fri 27 Nov        01:30 #2  01:42 #1  07:42 #1  13:42 #1  19:42 #1           │
      └──────────────────────────────────────────────────────────────────────────────┘

       F Force sync  a Add  e Edit  Space Off  n Run now  : Command  ? Help  q Quit
      """)
  }

  @Test func `Schedules at 120 by 36, the last one selected`() {
    expectPicture(pane(120, 36, "G"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Schedules ─────────────────────────────────────────────────────────────────────────────────────────────── 1–3 of 3 ─┐
      │  On    Type                   How often            Next run                   Last run                Zone           │
      │  ● on  #1 sync subscriptions  every 6 hours        16:00 (2 h 18 min)         ◐ partial 10:00         UTC            │
      │  ● on  #2 backup              daily at 02:30       11-22 01:30 (12 h)         ✗ failed 01:10          Europe/Paris   │
      │› ○ off #3 verification        every 90 minutes     not active                 never                   UTC            │
      │                                                                                                                      │
      ×6
      │ #3 verification, every 90 minutes, a sample of 25                                                                    │
      │ It has not run yet.                                                                                                  │
      │ What comes due while no engine runs happens once when one starts.                                                    │
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘
      ┌─ The week ahead ─────────────────────────────────────────────────────────────────────────────────────────────── UTC ─┐
      │ Sat 21 Nov     │Sun 22 Nov     │Mon 23 Nov      │Tue 24 Nov      │Wed 25 Nov      │Thu 26 Nov      │Fri 27 Nov       │
      │ 16:00 #1 sync …│01:30 #2 backup│01:30 #2 backup │01:30 #2 backup │01:30 #2 backup │01:30 #2 backup │01:30 #2 backup  │
      │ 19:42 #1 sync …│01:42 #1 sync …│01:42 #1 sync s…│01:42 #1 sync s…│01:42 #1 sync s…│01:42 #1 sync s…│01:42 #1 sync s… │
      │                │07:42 #1 sync …│07:42 #1 sync s…│07:42 #1 sync s…│07:42 #1 sync s…│07:42 #1 sync s…│07:42 #1 sync s… │
      │                │13:42 #1 sync …│13:42 #1 sync s…│13:42 #1 sync s…│13:42 #1 sync s…│13:42 #1 sync s…│13:42 #1 sync s… │
      │                │19:42 #1 sync …│19:42 #1 sync s…│19:42 #1 sync s…│19:42 #1 sync s…│19:42 #1 sync s…│19:42 #1 sync s… │
      │                │               │                │                │                │                │                 │
      ×7
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘

       F Force sync  a Add  e Edit  Space On  n Run now  Enter Last run  d Remove  P Pause  : Command  ? Help  q Quit
      """)
  }

  @Test func `a schedule that is due says whom it waits for`() {
    var world = Sample.world(120, 36)
    world.now = world.now + .days(2)
    world.overview?.engine = EngineState.none
    var console = Sample.session(.schedules, world)
    console.answerAll()
    #expect(console.picture.contains("due, but no engine"))
    #expect(console.picture.contains("No engine runs: nothing runs by the clock"))
    world.overview?.engine = .paused
    console = Sample.session(.schedules, world)
    console.answerAll()
    #expect(console.picture.contains("due, all is paused"))
    #expect(console.press("n") == [])
    #expect(console.noticeLine.contains("press P"))
  }

  @Test func `a form adds a schedule, and a refusal keeps it open beside its field`() throws {
    var console = pane()
    console.press("a")
    #expect(console.picture.contains("Add a schedule"))
    console.press("Tab ^U")
    console.type("dayly at 4")
    #expect(console.press("^S") == [])
    #expect(console.picture.contains("does not say how often"))
    console.press("^U")
    console.type("daily at 4:00")
    let effects = console.press("^S")
    guard case .saveSchedule(nil, let terms, let ticket)? = effects.first else {
      Issue.record("\(effects)")
      return
    }
    #expect(terms.title == "sync subscriptions, daily at 04:00")
    #expect(terms.zone == nil)
    console.handle(
      .answered(
        ticket,
        .refused(Problem("schedules.no-zone", "No such zone.", fields: ["field": "zone"]))))
    #expect(console.picture.contains("No such zone."))
    let again = console.press("^S")
    guard case .saveSchedule(nil, _, let second)? = again.first else {
      Issue.record("\(again)")
      return
    }
    console.handle(.answered(second, .done))
    #expect(!console.picture.contains("Add a schedule"))
    #expect(console.noticeLine.contains("Sync subscriptions, daily at 04:00: added."))
  }

  @Test func `the form says what is wrong as it is typed, and when it would run`() {
    var console = pane(120, 36)
    console.press("a")
    #expect(
      console.picture.contains(
        "Runs next: Sun 22 Nov 02:30, Mon 23 Nov 02:30, Tue 24 Nov 02:30 (UTC)."))
    console.press("Tab ^U")
    console.type("every 0 hours")
    #expect(console.picture.contains("A schedule cannot run every 0 hours."))
    #expect(!console.picture.contains("Runs next"))
    console.press("^U")
    console.type("every 6 hours")
    #expect(console.picture.contains("Runs next: Sat 21 Nov 19:42, Sun 22 Nov 01:42"))
    console.press("Tab")
    console.type("Europe/Pariss")
    #expect(console.picture.contains("There is no time zone 'Europe/Pariss'."))
    console.press("Tab Tab Tab")
    console.type("backups")
    #expect(console.picture.contains("is not the whole path"))
  }

  @Test func `space switches off, n runs now, Enter shows the last run, d asks`() throws {
    var console = pane()
    let off = console.press("Space")
    guard case .saveSchedule(ScheduleID(1)?, let terms, _)? = off.first else {
      Issue.record("\(off)")
      return
    }
    #expect(!terms.isActive)
    #expect(console.press("n") == [.request(.runSchedule(ScheduleID(1)))])
    #expect(console.press("d") == [])
    #expect(console.picture.contains("Remove schedule #1"))
    let gone = console.press("y")
    guard case .removeSchedule(ScheduleID(1), _)? = gone.first else {
      Issue.record("\(gone)")
      return
    }
    console.press("Enter")
    #expect(console.session.current == .executions)
  }

  @Test func `quitting with the engine says which schedules do not run, and offers serve`() {
    var world = Sample.world()
    world.overview?.schedules = Sample.schedules().map(\.schedule).filter { $0.nextRunAt != nil }
    var console = Sample.session(.overview, world)
    #expect(console.press("q") == [])
    #expect(console.picture.contains("#1 sync subscriptions, every 6 hours"))
    #expect(console.picture.contains("listkeeper --workspace library.listkeeper serve"))
    #expect(console.press("y") == [.quit])
    world.engine = .elsewhere("serve (4711)")
    console = Sample.session(.overview, world)
    #expect(console.press("q") == [.quit])
  }

  @Test func `the overview's next run is the earlier of poll and schedule`() {
    var world = Sample.world()
    world.overview?.schedules = Sample.schedules().map(\.schedule).filter { $0.nextRunAt != nil }
    #expect(Sample.session(.overview, world).picture.contains("13:45, a poll of Mailchimp"))
    world.overview?.nextPoll = Sample.now + .days(1)
    world.size = Size(120, 36)
    let picture = Sample.session(.overview, world).picture
    #expect(picture.contains("16:00, schedule #1 sync subscriptions"))
    #expect(picture.contains("next 16:00"))
  }
}

@Suite struct PaneBarTests {
  private func line(_ bar: PaneBar) -> String {
    var text = ""
    for place in bar.places {
      text += String(repeating: " ", count: place.x - text.count)
      text += String(place.pane.digit)
      if !place.title.isEmpty { text += " " + place.title }
      if !place.badge.isEmpty { text += " " + place.badge }
    }
    return text
  }

  @Test(arguments: [60, 70, 80, 90, 100, 119, 120, 200])
  func `every digit and the whole of the open pane's name fit`(width: Int) {
    for badge in ["", "3", "47"] {
      for current in PaneID.allCases {
        let bar = PaneBar(width: width, current: current, badges: [.review: badge])
        let text = line(bar)
        #expect(text.count <= width, "\(text)")
        #expect(bar.places.map(\.pane) == PaneID.inOrder)
        #expect(text.contains("\(current.digit) \(current)"))
        for place in bar.places {
          #expect(bar.pane(at: place.x) == place.pane)
          #expect(bar.pane(at: place.x + place.width - 1) == place.pane)
        }
      }
    }
  }

  @Test func `at 80 columns every pane keeps a name, also beside a badge`() {
    for current in PaneID.allCases {
      let bar = PaneBar(width: 80, current: current, badges: [.review: "47"])
      for place in bar.places {
        #expect(place.title == (place.pane == current ? "\(place.pane)" : place.pane.short))
      }
    }
  }

  @Test func `names are whole where there is room, and none are left where there is none`() {
    let wide = PaneBar(width: 120, current: .people)
    #expect(wide.places.allSatisfy { $0.title == "\($0.pane)" })
    let narrow = PaneBar(width: 30, current: .people)
    #expect(narrow.places.filter { !$0.title.isEmpty }.map(\.pane) == [.people])
  }
}
