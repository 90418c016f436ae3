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
      ×12
      │           │ / ^                                                                                          │           │
      └───────────└──────────────────────────────────────────────────────────────────────────────────────────────┘───────────┘

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
      │  ‖ held      11-20 12:42:07           #307 resync     directory → Mailchimp waits for your deci… ││ Started    2026-11-21 13:41:07                Unsubscribed      0                                │
      │  ✗ cancelled 11-19 11:42:07    1:┌─ Command ────────────────────────────────────────────────────────────────────────────────────────────────────────────────── 2 ─┐ 0                                │
      │                                  │ guard                                                                                                                          │ 0                                │
      │                                  │                                                                                                                                │ 0                                │
      │                                  │  Guard, people            Settings, Safety: An execution that would change more people than this, and than the shar…        0  │77  ████████████████████████░     │
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
      +- Logs, following ----------------------------- 1-3 of 3 -+
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
      │  ‖ held      11-20 12:42:07 waits for your … ││ Started    2026-11-21 13:41:07                Unsubscribed      0                                            │
      │  ✗ cancelled 11-19 11:42:07 28 refused, 3 c… ││ Heartbeat  just now                           Archived          0                                            │
      │                                              ││                                               Refused           0                                            │
      │                                              ││                                               Excluded          0                                            │
      │                                              ││                                               Unchanged    19,877  █████████████████████████████░            │
      │                                              ││                                                                                                              │
      ×6
      └──────────────────────────────────────────────┘└──────────────────────────────────────────────────────────────────────────────────────────────────────────────┘
       ▲ This console only looks: it was opened with --read-only.
       F Force sync  Enter Open  x Actions  / Filter  P Pause  & Form  b Filters  s Sort  R Resync  Space Mark  ] Next tab  y Copy  : Command  ? Help  q Quit
      """, hidesThumb: true)
  }

  @Test func `the themes at 120 by 36, with the one that is tried`() {
    var console = shown(.overview, 120, 36, pressing: ":", typing: "themes")
    console.press("Enter Down Down")
    expectPicture(console, """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Overview ───────────────────────────────────────────────────────────────────────────────────────────────────── 1.0 ─┐
      │ Workspace  Friends of the Library  library.listkeeper      Wants attention                                           │
      │ Engine     ● ready  in this console                        › 2 • 28 people are refused: see why                      │
      │ Account    Library (us21)                                                                                            │
      │ Audience   Newsletter (a1b2c3d4e5)                         Runs                                                      │
      │                                                              Queue  empty                                            │
      │ People  20,000                                               Done   nothing in the last hour                         │
      │   ● in step   19,204  ████████████████████████░░  96%        Last   ◐ partial  #311 force sync, 13:03 in 1:31: 28    │
      │   ○ waiting       12  █░░░░░░░░░░░░░░░░░░░░░░░░░  <1%               refused, 3 created, 120 updated                  │
      │   ─ excluded     756  █░░░░░░░░░░░░░░░░░░░░░░░░░  3%         Next   13:45, a poll of Mailchimp                       │
      │   ✗ refused       28  █░░░░░░░░░░░░░░░░░░░░░░░░░  <1%                                                                │
      │   Reasons: opted-out 402, no-emai┌─ Theme ───────────────────────── now standard ─┐                                  │
      │            mailchimp.invalid-emai│   standard  the terminal's own colours         │                                  │
      │   Verified: never; 8, then v comp│   auto      dark or light, as the terminal is  │                                  │
      │                                  │ › mono      no colours                         │                                  │
      │                                  │   dark      came with the program              │                                  │
      │                                  │   harbour   yours                              │                                  │
      │                                  │                                                │                                  │
      ×1
      │                                  │   text dim success warning danger accent key   │                                  │
      │                                  └────────────────────────────────────────────────┘                                  │
      │                                                                                                                      │
      ×9
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘

       Enter Keep  Up Down Look  Esc As before
      """, hidesThumb: true)
  }

  @Test func `the themes at 200 by 60, with the one that is tried`() {
    var console = shown(.overview, 200, 60, pressing: ":", typing: "themes")
    console.press("Enter Down Down")
    expectPicture(console, """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Overview ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────── 1.0 ─┐
      │ Workspace  Friends of the Library  library.listkeeper                                              Wants attention                                                                                   │
      │ Engine     ● ready  in this console                                                                › 2 • 28 people are refused: see why                                                              │
      │ Account    Library (us21)                                                                                                                                                                            │
      │ Audience   Newsletter (a1b2c3d4e5)                                                                 Runs                                                                                              │
      │                                                                                                      Queue  empty                                                                                    │
      │ People  20,000                                                                                       Done   nothing in the last hour                                                                 │
      │   ● in step   19,204  ██████████████████████████████████████░░  96%                                  Last   ◐ partial  #311 force sync, 13:03 in 1:31: 28 refused, 3 created, 120 updated            │
      │   ○ waiting       12  █░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  <1%                                  Next   13:45, a poll of Mailchimp                                                               │
      │   ─ excluded     756  █░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  3%                                                                                                                                   │
      │   ✗ refused       28  █░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  <1%                                                                                                                                  │
      │   Reasons: opted-out 402, no-email 301, duplicate-of 53, mailchimp.invalid-email 28                                                                                                                  │
      │   Verified: never; 8, then v compares both sides                                                                                                                                                     │
      │                                                                                                                                                                                                      │
      ×9
      │                                                                          ┌─ Theme ───────────────────────── now standard ─┐                                                                          │
      │                                                                          │   standard  the terminal's own colours         │                                                                          │
      │                                                                          │   auto      dark or light, as the terminal is  │                                                                          │
      │                                                                          │ › mono      no colours                         │                                                                          │
      │                                                                          │   dark      came with the program              │                                                                          │
      │                                                                          │   harbour   yours                              │                                                                          │
      │                                                                          │                                                │                                                                          │
      ×1
      │                                                                          │   text dim success warning danger accent key   │                                                                          │
      │                                                                          └────────────────────────────────────────────────┘                                                                          │
      │                                                                                                                                                                                                      │
      ×21
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘

       Enter Keep  Up Down Look  Esc As before
      """, hidesThumb: true)
  }

  @Test func `help at 80 by 24`() {
    expectPicture(shown(.review, 80, 24, pressing: "?"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03
      1 ┌─ Help: Review ───────────────────────────────────────────────────────────┐
      ┌─│ Review                                                                   │─┐
      │ │   Enter          Look at the rows; in them, show the whole of one.       │ │
      │›│   A              Apply exactly this plan; asks first, with its numbers.  │ │
      │ │   v              Compare directory and audience now; what differs is     │ │
      │ │                  shown here.                                             │ │
      │ │   o              Read the selected address from Mailchimp and show both  │ │
      │ │                  records. (Not now: No address is selected in the        │ │
      │ │                  detail.)                                                │ │
      │ │   Tab S-Tab      Between the list and its detail.                        │ │
      └─│   +              Give this part all the room.                            │─┘
      ┌─│   _              Show both parts again. (Not now: Nothing is zoomed: +   │─┐
      │ │                  gives this part all the room.)                          │ │
      │ │                                                                          │ │
      │ │ Actions, behind x                                                        │ │
      │ │   x h            The value here counts: of all conflicts, or in the      │ │
      │›│                  detail of the selected one. (Not now: This is a plan: A │ │
      │ │                  approves it, x d discards it, Enter shows its rows.)    │ │
      │ │   x t            The value at Mailchimp counts: of all, or in the detail │ │
      │ │                  of the selected one. (Not now: This is a plan: A        │ │
      └─└──────────────────────────────────────────────────────────────────────────┘─┘

       j k Scroll  / Search  Esc Close
      """, hidesThumb: true)
  }

  @Test func `help at 200 by 60`() {
    expectPicture(shown(.review, 200, 60, pressing: "?"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 ┌─ Help: Review ───────────────────────────────────────────────────────────────────────────────┐
      ┌─ Review ──────────────────────────────────────────│ Review                                                                                       │───────────────────────────────────── 1–50 of 167 ─┐
      │  What         Since        How many Why, and what │   Enter          Look at the rows; in them, show the whole of one.                           │                                                   │
      │› ‖ plan #9    12:12             167 The first sync│   A              Apply exactly this plan; asks first, with its numbers.                      │ed                                                 │
      │  ✗ letters    08:42               3 Mailchimp answ│   v              Compare directory and audience now; what differs is shown here.             │.                                                  │
      │  ▲ conflicts  13:12               1 changed here a│   o              Read the selected address from Mailchimp and show both records. (Not now:   │       Status       Old and new values             │
      │  ✗ refused                       28 refused: corre│                  No address is selected in the detail.)                                      │                    FNAME: Ada → Adele             │
      │                                                   │   Tab S-Tab      Between the list and its detail.                                            │       unsubscribed                                │
      │                                                   │   +              Give this part all the room.                                                │                                                   │
      │                                                   │   _              Show both parts again. (Not now: Nothing is zoomed: + gives this part all   │                                                   │
      │                                                   │                  the room.)                                                                  │                                                   │
      │                                                   │                                                                                              │                                                   │
      │                                                   │ Actions, behind x                                                                            │                                                   │
      │                                                   │   x h            The value here counts: of all conflicts, or in the detail of the selected   │                                                   │
      │                                                   │                  one. (Not now: This is a plan: A approves it, x d discards it, Enter shows  │                                                   │
      │                                                   │                  its rows.)                                                                  │                                                   │
      │                                                   │   x t            The value at Mailchimp counts: of all, or in the detail of the selected     │                                                   │
      │                                                   │                  one. (Not now: This is a plan: A approves it, x d discards it, Enter shows  │                                                   │
      │                                                   │                  its rows.)                                                                  │                                                   │
      │                                                   │   x n            The new address becomes a contact of its own; the old one stays. (Not now:  │                                                   │
      │                                                   │                  This is a plan: A approves it, x d discards it, Enter shows its rows.)      │                                                   │
      │                                                   │   x s            Send the dead letters of this cause again, or in the detail the selected    │                                                   │
      │                                                   │                  one. (Not now: This is a plan: A approves it, x d discards it, Enter shows  │                                                   │
      │                                                   │                  its rows.)                                                                  │                                                   │
      │                                                   │   x d            Discard the plan, the dead letters or the differences; asks first.          │                                                   │
      │                                                   │   x r            Bring in step what differs: all of a kind, or in the detail the selected    │                                                   │
      │                                                   │                  one. (Not now: This is a plan: A approves it, x d discards it, Enter shows  │                                                   │
      │                                                   │                  its rows.)                                                                  │                                                   │
      │                                                   │   x a            Take over the selected tag that others made, or the name they gave ours.    │                                                   │
      │                                                   │                  (Not now: This is a plan: A approves it, x d discards it, Enter shows its   │                                                   │
      │                                                   │                  rows.)                                                                      │                                                   │
      │                                                   │   x c            Give our tag another name than the one in question. (Not now: This is a     │                                                   │
      │                                                   │                  plan: A approves it, x d discards it, Enter shows its rows.)                │                                                   │
      │                                                   │   x b            Give our tag its name at Mailchimp again. (Not now: This is a plan: A       │                                                   │
      │                                                   │                  approves it, x d discards it, Enter shows its rows.)                        │                                                   │
      │                                                   │                                                                                              │                                                   │
      │                                                   │ Everywhere                                                                                   │                                                   │
      │                                                   │   1              Show Overview.                                                              │                                                   │
      │                                                   │   2              Show People.                                                                │                                                   │
      │                                                   │   3              Show Audience.                                                              │                                                   │
      │                                                   │   4              Show Mapping.                                                               │                                                   │
      │                                                   │   5              Show Tags.                                                                  │                                                   │
      │                                                   │   6              Show Executions.                                                            │                                                   │
      │                                                   │   7              Show Logs.                                                                  │                                                   │
      │                                                   │   8              Show Review.                                                                │                                                   │
      │                                                   │   9              Show Schedules.                                                             │                                                   │
      │                                                   │   0              Show Settings.                                                              │                                                   │
      │                                                   │   F              Force sync: send now what changed.                                          │                                                   │
      │                                                   │   R              Resync: compare every person with the audience and send what differs; asks  │                                                   │
      │                                                   │                  first.                                                                      │                                                   │
      │                                                   │   P              Pause or enable: while paused nothing is sent or taken, and everything      │                                                   │
      │                                                   │                  waits.                                                                      │                                                   │
      │                                                   │   x              Everything that can be done with what is selected, by letter.               │                                                   │
      │                                                   │   y              Copy what is selected, to the clipboard or to a file.                       │                                                   │
      │                                                   │   .              Hold updates: the lists stand still until it is pressed again.              │                                                   │
      │ A approves it   x d discards it   Enter shows its │   !              Read the notices of the past again.                                         │                                                   │
      └───────────────────────────────────────────────────└──────────────────────────────────────────────────────────────────────────────────────────────┘───────────────────────────────────────────────────┘

       j k Scroll  / Search  Esc Close
      """, hidesThumb: true)
  }

  @Test func `the palette at 120 by 36`() {
    expectPicture(shown(.people, 120, 36, pressing: ":", typing: "opt"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ People ──────────────────────────────────────────────────────────────────────────────────────────── 1–13 of 20,000 ─┐
      │  State      Name▲                E-mail                         Reason            Opt-in   Account    Changed        │
      │› ● in step  Ada Lovelace         ada@example.org                                  yes      Donors     11-21 13:42:07 │
      │  ● in step  José Núñez           jose@example.org                                 yes      Donors     11-21 02:02:07 │
      │  ○ wai┌─ Command ─────────────────────────────────────────────────────────────────────────────────────── 21 ─┐:22:07 │
      │  ✗ ref│ opt                                                                                                  │:42:07 │
      │  ─ exc│                                                                                                      │:02:07 │
      │  ─ exc│  Opt out                  Record a no: unsubscribed wherever already a member.                  x o  │:22:07 │
      │  …    │  Stop the change          Nobody is being changed.                                              x .  │       │
      │  …    │  Open its execution       Logs: Show the execution that wrote the line.                       7 x o  │       │
      │  …    │  Adopt                    Tags: Take over a tag of this name that others made, or the nam…    5 x a  │       │
      │  …    │  Adopt                    Review: Take over the selected tag that others made, or the nam…    8 x a  │       │
      │  …    │  Double opt-in            Audience: Switch double opt-in of this audience on or off; asks…      3 o  │       │
      │  …    │  Look up at Mailchimp     Read the contact now and show both records side by side.              x l  │       │
      │  …    │  Compare with its origin… Executions: A retry, replay or undo beside the execution it goe…    6 x o  │       │
      └───────│  Time limit, seconds      Settings, People source: sqlite, command and platforms: how lon…        0  │───────┘
      ┌─ Ada L│  Time zone                Settings, Workspace: Dates and schedules are read in this zone,…        0  │] tab ─┐
      │ Detail│  Secret path              Settings, Webhook: The secret at the end of the webhook's addre…        0  │       │
      │ State │  List                     Settings, People source: http: where in the answer the people s…        0  │     ┃ │
      │ Name  │  Write back               Settings, People source: What Mailchimp changed goes back to th…        0  │     ┃ │
      │ E-mail│  Further columns          Settings, People source: On: further columns become custom fiel…        0  │     ┃ │
      │ Opt-in│  Refresh, minutes         Settings, People source: How often the source is read by itself…        0  │     ┃ │
      │ Accoun│  Default account          Settings, Workspace: People who name no account belong to this …        0  │     ┃ │
      │ Kind  │  Search                   Search as you type: last:smith opt-in:yes state:refused "free t…        /  │     ┃ │
      │ Active│  Scope                    Settings, Recipients: Who may be mailed: everyone, opted-in, or…        0  │     ┃ │
      │ Birthd│  Leavers                  Settings, Recipients: What happens at Mailchimp to people who a…        0  │     ┃ │
      │ member│  Direction                Settings, Sync: to: the directory is sent, nothing is written h…        0  │     ┃ │
      │ Change└──────────────────────────────────────────────────────────────────────────────────────────────────────┘       │
      │                                                                                                                      │
      │ At Mailchimp                                                                                                         │
      │ Status   subscribed                                                                                                  │
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘

       Enter Do it  Up Down Choose  Esc Close
      """, hidesThumb: true)
  }

  @Test func `what was edited, and what cannot be taken back, at 80 by 24`() {
    var console = shown(.logs, 80, 24, pressing: "1")
    let order = Ticket(pane: .mapping, generation: 0)
    console.handle(.edited(order, Edit("the mapping of FNAME", back: .removeFilter("x", order))))
    console.handle(.edited(order, Edit("the sync of Ada", whyNot: "What was sent is undone in 6, by x u.")))
    console.press("z z !")
    expectPicture(console, """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03
      1 Overview 2 People 3 Aud 4 Map 5 Tags 6 Exec 7 Logs 8 Review 9 Sched 0 Set
      ┌─ Overview ───────────────────────────────────────────────────────────── 1.0 ─┐
      │ Workspace  Friends of the Library  library.listkeeper                      ┃ │
      │ Engine     ● ready  in this console                                        ┃ │
      │ Audience   Newsletter (a1b2c3d4e5)  Library (us21)                         ┃ │
      │                                                                            ┃ │
      │ Wants attention                                                            ┃ │
      │ › 2 • 28 people are refused: see why                                       ┃ │
      │                                                                            ┃ │
      │ ┌─ Notices ────────────────────────────────────────────────────────────────┐ │
      │ │ 13:42  ▲ What was sent is undone in 6, by x u. z again takes back the    │ │
      │ │          mapping of FNAME.                                               │ │
      │ └──────────────────────────────────────────────────────────────────────────┘ │
      │ Runs                                                                       ┃ │
      │   Queue  empty                                                             ┃ │
      │   Done   nothing in the last hour                                          ┃ │
      │   Last   ◐ partial #311 force sync 13:03: 28 refused, 3 created, 120 upda… ┃ │
      │   Next   13:45, a poll of Mailchimp                                          │
      │                                                                              │
      │ Why                                                                          │
      └──────────────────────────────────────────────────────────────────────────────┘
       ▲ What was sent is undone in 6, by x u. z again takes back…  ! shows all of it
       j k Scroll  / Search  Esc Close
      """, hidesThumb: true)
  }

  @Test func `what was edited, and what cannot be taken back, at 120 by 36`() {
    var console = shown(.logs, 120, 36, pressing: "1")
    let order = Ticket(pane: .mapping, generation: 0)
    console.handle(.edited(order, Edit("the mapping of FNAME", back: .removeFilter("x", order))))
    console.handle(.edited(order, Edit("the sync of Ada", whyNot: "What was sent is undone in 6, by x u.")))
    console.press("z z !")
    expectPicture(console, """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Overview ───────────────────────────────────────────────────────────────────────────────────────────────────── 1.0 ─┐
      │ Workspace  Friends of the Library  library.listkeeper      Wants attention                                           │
      │ Engine     ● ready  in this console                        › 2 • 28 people are refused: see why                      │
      │ Account    Library (us21)                                                                                            │
      │ Audience   Newsletter (a1b2c3d4e5)                         Runs                                                      │
      │                                                              Queue  empty                                            │
      │ People  20,000                                               Done   nothing in the last hour                         │
      │   ● in step   19,204  ████████████████████████░░  96%        Last   ◐ partial  #311 force sync, 13:03 in 1:31: 28    │
      │   ○ waiting       12  █░░░░░░░░░░░░░░░░░░░░░░░░░  <1%               refused, 3 created, 120 updated                  │
      │   ─ excluded     756  █░░░░░░░░░░░░░░░░░░░░░░░░░  3%         Next   13:45, a poll of Mailchimp                       │
      │   ✗ refused       28  █░░░░░░░░░░░░░░░░░░░░░░░░░  <1%                                                                │
      │   Reasons: opted-out 402, no-email 301, duplicate-of 53,                                                             │
      │            mailchimp.invalid-email 28                                                                                │
      │   Verified: never; 8, then v compares both sides                                                                     │
      │           ┌─ Notices ────────────────────────────────────────────────────────────────────────────────────┐           │
      │           │ 13:42  ▲ What was sent is undone in 6, by x u. z again takes back the mapping of FNAME.      │           │
      │           └──────────────────────────────────────────────────────────────────────────────────────────────┘           │
      │                                                                                                                      │
      ×13
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘
       ▲ What was sent is undone in 6, by x u. z again takes back the mapping of FNAME.
       j k Scroll  / Search  Esc Close
      """, hidesThumb: true)
  }

  @Test func `what was edited, and what cannot be taken back, at 200 by 60`() {
    var console = shown(.logs, 200, 60, pressing: "1")
    let order = Ticket(pane: .mapping, generation: 0)
    console.handle(.edited(order, Edit("the mapping of FNAME", back: .removeFilter("x", order))))
    console.handle(.edited(order, Edit("the sync of Ada", whyNot: "What was sent is undone in 6, by x u.")))
    console.press("z z !")
    expectPicture(console, """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Overview ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────── 1.0 ─┐
      │ Workspace  Friends of the Library  library.listkeeper                                              Wants attention                                                                                   │
      │ Engine     ● ready  in this console                                                                › 2 • 28 people are refused: see why                                                              │
      │ Account    Library (us21)                                                                                                                                                                            │
      │ Audience   Newsletter (a1b2c3d4e5)                                                                 Runs                                                                                              │
      │                                                                                                      Queue  empty                                                                                    │
      │ People  20,000                                                                                       Done   nothing in the last hour                                                                 │
      │   ● in step   19,204  ██████████████████████████████████████░░  96%                                  Last   ◐ partial  #311 force sync, 13:03 in 1:31: 28 refused, 3 created, 120 updated            │
      │   ○ waiting       12  █░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  <1%                                  Next   13:45, a poll of Mailchimp                                                               │
      │   ─ excluded     756  █░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  3%                                                                                                                                   │
      │   ✗ refused       28  █░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  <1%                                                                                                                                  │
      │   Reasons: opted-out 402, no-email 301, duplicate-of 53, mailchimp.invalid-email 28                                                                                                                  │
      │   Verified: never; 8, then v compares both sides                                                                                                                                                     │
      │                                                                                                                                                                                                      │
      ×12
      │                                                   ┌─ Notices ────────────────────────────────────────────────────────────────────────────────────┐                                                   │
      │                                                   │ 13:42  ▲ What was sent is undone in 6, by x u. z again takes back the mapping of FNAME.      │                                                   │
      │                                                   └──────────────────────────────────────────────────────────────────────────────────────────────┘                                                   │
      │                                                                                                                                                                                                      │
      ×25
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘
       ▲ What was sent is undone in 6, by x u. z again takes back the mapping of FNAME.
       j k Scroll  / Search  Esc Close
      """, hidesThumb: true)
  }
}
