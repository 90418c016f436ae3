// Pictures of what lies over every pane: the palette, the list of themes, help that is searched, a
// question, what can be copied.

import Basics
import Domain
import Screen
import Testing

@testable import Console

// swift-format-ignore
@Suite struct FramePictureTests {
  private func shown(
    _ pane: PaneID, _ width: Int, _ height: Int, pressing keys: String, typing text: String = ""
  ) -> TestSession {
    var world = Sample.world(width, height)
    world.theme = "standard"
    var console = ready(pane, world)
    console.handle(
      .themesRead([
        ThemeChoice("standard", "the terminal's own colours"),
        ThemeChoice("auto", "dark or light, as the terminal is"), ThemeChoice("mono", "no colours"),
        ThemeChoice("dark", "came with the program"), ThemeChoice("harbour", "yours"),
      ]))
    console.press(keys)
    console.type(text)
    return console
  }

  @Test func `the themes at 80 by 24`() {
    var console = shown(.logs, 80, 24, pressing: ":", typing: "themes")
    console.press("Enter Down Down")
    expectPicture(console, """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03
      1 Over 2 People 3 Aud 4 Map 5 Tags 6 Exec 7 Logs 8 Review 9 Sched 0 Set
      ┌─ Logs, following ───────────────────────────────────────────────── 1–3 of 3 ─┐
      │  Time         Level   What happened                                          │
      │  13:39:07.000 info    Force sync began.                                      │
      │  13:40:07.000 warning A value was cut at 255 characters.                     │
      │› 13:41:07.000 error   Mailchimp refused grace@example: the address is not v… │
      │              ┌─ Theme ───────────────────────── now standard ─┐              │
      │              │   standard  the terminal's own colours         │              │
      │              │   auto      dark or light, as the terminal is  │              │
      │              │ › mono      no colours                         │              │
      │              │   dark      came with the program              │              │
      │              │   harbour   yours                              │              │
      │              │                                                │              │
      ×1
      │              │   text dim success warning danger accent key   │              │
      │              └────────────────────────────────────────────────┘              │
      │                                                                              │
      ×3
      └──────────────────────────────────────────────────────────────────────────────┘

       Enter Keep  Up Down Look  Esc As before
      """, hidesThumb: true)
  }

  @Test func `help searched for a key at 120 by 36`() {
    expectPicture(shown(.logs, 120, 36, pressing: "? /", typing: "^"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview ┌─ Help: Logs ─────────────────────────────────────────────────────────────────────────────────┐0 Settings
      ┌─ Logs, fol│ Everywhere                                                                                   │ 1–3 of 3 ─┐
      │  Time     │   ^L             Paint the screen anew.                                                      │           │
      │  13:39:07.│   ^Z             Leave for the shell; fg comes back.                                         │           │
      │  13:40:07.│   : ^P           Find any action, pane or setting by a few letters of its name.              │           │
      │› 13:41:07.│   q ^C           Back, then quit; asks only while an edit is open or the engine stops with   │           │
      │           │                  work to do.                                                                 │           │
      │           │ Moving, always harmless                                                                      │           │
      │           │   PgUp ^B        A page up.                                                                  │           │
      │           │   PgDn ^F        A page down.                                                                │           │
      │           │   ^U             Half a page up.                                                             │           │
      │           │   ^D             Half a page down.                                                           │           │
      │           │ In forms and fields                                                                          │           │
      │           │   ^S             Save what is in the form.                                                   │           │
      │           │   ^T             Try what is in it; nothing is saved.                                        │           │
      │           │   ^R             Show a secret for ten seconds, or hide it.                                  │           │
      │           │ In a login                                                                                   │           │
      │           │   ^Y             Copy the address to open in a browser.                                      │           │
      │           │                                                                                              │           │
      ×13
      └───────────│ / ^                                                                                          │───────────┘
                  └──────────────────────────────────────────────────────────────────────────────────────────────┘
       Enter Read on  Esc All lines
      """, hidesThumb: true)
  }

  @Test func `the palette over everything at 200 by 60`() {
    expectPicture(shown(.executions, 200, 60, pressing: ":", typing: "guard"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Executions ────────────────────────────────────────────────────────────────────────── 1–7 of 7 ─┐┌─ #312 force sync ────────────────────────────────────────────────────────────────────── [ ] tab ─┐
      │  Status      Started           Took Number Trigger    Flow                  What happened        ││ Summary  Step outputs  People  Requests  Logs                                                    │
      │› ◌ running   11-21 13:41:07           #312 force sync directory → Mailchimp 62%  12,400 of 20,0… ││ ◌ running  62%  12,400 of 20,000  206/s  about 36 s left                                         │
      │  ◐ partial   11-21 13:02:07    1:31   #311 force sync directory → Mailchimp 28 refused, 3 creat… ││ █████████████████████████████████████░░░░░░░░░░░░░░░░░░░░░░░                                     │
      │  ● succeeded 11-21 12:42:07    1:31   #310 poll       Mailchimp → directory no changes           ││                                                                                                  │
      │  ✗ failed    11-21 10:52:07    1:31   #309 schedule   directory → Mailchimp Mailchimp refused t… ││ Trigger    force sync                         Created           3  █░░░░░░░░░░░░░░░░░░░░░░░░     │
      │  ● succeeded 11-21 10:22:07    1:31   #308 retry      directory → Mailchimp 3 created, 120 upda… ││ Flow       directory → Mailchimp              Updated         120  █░░░░░░░░░░░░░░░░░░░░░░░░     │
      │  ‖ held      11-20 12:42:07           #307 resync     directory → Mailchimp waits for your deci… ││ Started    2026-11-21 13:41:07                Unchanged    19,877  ████████████████████████░     │
      │  ✗ cancelled 11-19 11:42:07    1:┌─ Command ────────────────────────────────────────────────────────────────────────────────────────────────────────────────── 2 ─┐ 0  ░░░░░░░░░░░░░░░░░░░░░░░░░     │
      │                                  │ guard                                                                                                                          │ 0  ░░░░░░░░░░░░░░░░░░░░░░░░░     │
      │                                  │                                                                                                                                │ 0  ░░░░░░░░░░░░░░░░░░░░░░░░░     │
      │                                  │  Guard, people            Settings, Safety: An execution that would change more people than this, and than the shar…        0  │ 0  ░░░░░░░░░░░░░░░░░░░░░░░░░     │
      │                                  │  Guard, percent           Settings, Safety: See Guard, people: whichever of the two is more.                                0  │                                  │
      │                                  │                                                                                                                                │                                  │
      ×33
      │                                  └────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘                                  │
      │                                                                                                  ││                                                                                                  │
      ×6
      └──────────────────────────────────────────────────────────────────────────────────────────────────┘└──────────────────────────────────────────────────────────────────────────────────────────────────┘

       Enter Do it  Up Down Choose  Esc Close
      """, hidesThumb: true)
  }

  @Test func `a question that names the number of people, at 60 by 16 without Unicode`() {
    var world = Sample.world(60, 16)
    world.capabilities.glyphs = .ascii
    var console = ready(.logs, world)
    console.press("R")
    expectPicture(console, """
       Friends of the Library   + ready   last % 13:03
      1 Ove 2 Peo 3 Aud 4 Map 5 Tag 6 Exe 7 Logs 8 Rev 9 Sch 0 Set
      +- Logs, following ----------------------------- 1–3 of 3 -+
      |  +- Resync everyone ----------------------------------+  |
      |  |                                                    |  |
      |  | All 20,000 people are compared with the audience   |. |
      |> | Newsletter, and what differs is sent.              |~ |
      |  | The guard holds a resync that would change too     |  |
      |  | much.                                              |  |
      |  |                                                    |  |
      |  |                           [ Cancel ] [ y Resync ]  |  |
      |  +----------------------------------------------------+  |
      |                                                          |
      +----------------------------------------------------------+

       y Resync  Esc Cancel
      """, hidesThumb: true)
  }

  @Test func `a console that only looks, with its list made narrow, at 160 by 24`() {
    var world = Sample.world(160, 24)
    world.isReadOnly = true
    var console = ready(.executions, world)
    console.press("< < < < F")
    expectPicture(console, """
       Friends of the Library   ● ready   read-only   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Executions ────────────────────── 1–7 of 7 ─┐┌─ #312 force sync ────────────────────────────────────────────────────────────────────────────────── [ ] tab ─┐
      │  Status      Started        What happened    ││ Summary  Step outputs  People  Requests  Logs                                                                │
      │› ◌ running   11-21 13:41:07 62%  12,400 of … ││ ◌ running  62%  12,400 of 20,000  206/s  about 36 s left                                                     │
      │  ◐ partial   11-21 13:02:07 28 refused, 3 c… ││ █████████████████████████████████████░░░░░░░░░░░░░░░░░░░░░░░                                                 │
      │  ● succeeded 11-21 12:42:07 no changes       ││                                                                                                              │
      │  ✗ failed    11-21 10:52:07 Mailchimp refus… ││ Trigger    force sync                         Created           3  █░░░░░░░░░░░░░░░░░░░░░░░░░░░░░            │
      │  ● succeeded 11-21 10:22:07 3 created, 120 … ││ Flow       directory → Mailchimp              Updated         120  █░░░░░░░░░░░░░░░░░░░░░░░░░░░░░            │
      │  ‖ held      11-20 12:42:07 waits for your … ││ Started    2026-11-21 13:41:07                Unchanged    19,877  █████████████████████████████░            │
      │  ✗ cancelled 11-19 11:42:07 28 refused, 3 c… ││ Heartbeat  just now                           Unsubscribed      0  ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░            │
      │                                              ││                                               Archived          0  ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░            │
      │                                              ││                                               Excluded          0  ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░            │
      │                                              ││                                               Refused           0  ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░            │
      │                                              ││                                                                                                              │
      ×6
      └──────────────────────────────────────────────┘└──────────────────────────────────────────────────────────────────────────────────────────────────────────────┘
       ▲ This console only looks: it was opened with --read-only.
       F Force sync  Enter Open  x Actions  / Filter  P Pause  & Form  b Filters  s Sort  R Resync  Space Mark  ] Next tab  y Copy  : Command  ? Help  q Quit
      """, hidesThumb: true)
  }
}
