// Every pane as a picture, answered and at rest; the three that matter most at three sizes. (One
// suite of pictures, hence its length.)

import Basics
import Domain
import Screen
import Testing

@testable import Console

// swift-format-ignore
@Suite struct PictureTests {
  @Test func `Overview at 80 by 24`() {
    expectPicture(shown(.overview, 80, 24), """
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
      │ People  20,000                                                             ┃ │
      │   ● in step   19,204  ██████░  96%    ○ waiting       12  █░░░░░░  <1%     ┃ │
      │   ─ excluded     756  █░░░░░░  3%     ✗ refused       28  █░░░░░░  <1%     ┃ │
      │                                                                            ┃ │
      │ Runs                                                                       ┃ │
      │   Queue  empty                                                             ┃ │
      │   Done   nothing in the last hour                                          ┃ │
      │   Last   ◐ partial #311 force sync 13:03: 28 refused, 3 created, 120 upda… ┃ │
      │   Next   13:45, a poll of Mailchimp                                          │
      │                                                                              │
      │ Why                                                                          │
      └──────────────────────────────────────────────────────────────────────────────┘

       F Force sync  Enter Go there  l Last run  P Pause  : Command  ? Help  q Quit
      """)
  }

  @Test func `Overview at 120 by 36, with a run, a held plan and a standing error`() {
    let console = shown(.overview, 120, 36) { world in
      world.overview?.engine = .blocked
      world.overview?.heldPlans = 1
      world.overview?.deadLetters = 3
      world.overview?.waitingMessages = 1204
      world.overview?.running = Sample.executions().rows.first
      world.overview?.problem = Problem(
        "mailchimp.key-refused", "Mailchimp refused the API key.",
        remedy: "Make a new key and set it in Settings (0).")
    }
    expectPicture(console, """
       Friends of the Library   ✗ blocked   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review 4   9 Schedules   0 Settings
      ┌─ Overview ───────────────────────────────────────────────────────────────────────────────────────────────────── 1.0 ─┐
      │ Workspace  Friends of the Library  library.listkeeper      Wants attention                                           │
      │ Engine     ✗ blocked  the queue waits for what wants       › 0 ✗ Mailchimp refused the API key.                      │
      │            attention                                             Make a new key and set it in Settings (0).          │
      │ Account    Library (us21)                                    8 ‖ 1 plan waits for your decision                      │
      │ Audience   Newsletter (a1b2c3d4e5)                           8 ▲ 3 dead letters could not be sent: send them again   │
      │                                                                  or discard them                                     │
      │ People  20,000                                               2 • 28 people are refused: see why                      │
      │   ● in step   19,204  ████████████████████████░░  96%                                                                │
      │   ○ waiting       12  █░░░░░░░░░░░░░░░░░░░░░░░░░  <1%      Runs                                                      │
      │   ─ excluded     756  █░░░░░░░░░░░░░░░░░░░░░░░░░  3%         ████████████████████████░░░░░░░░░░░░░░░░                │
      │   ✗ refused       28  █░░░░░░░░░░░░░░░░░░░░░░░░░  <1%        ◌ running  #312 force sync  62%  12,400 of 20,000       │
      │   Reasons: opted-out 402, no-email 301, duplicate-of 53,                206/s  about 36 s left                       │
      │            mailchimp.invalid-email 28                        Queue  1,204 messages wait; 3 dead letters              │
      │   Verified: never; 8, then v compares both sides             Done   nothing in the last hour                         │
      │                                                              Last   ◐ partial  #311 force sync, 13:03 in 1:31: 28    │
      │                                                                     refused, 3 created, 120 updated                  │
      │                                                              Next   13:45, a poll of Mailchimp                       │
      │                                                                                                                      │
      ×12
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘
       ██████████████████░░░░░░░░░░░░  #312 force sync  62%  12,400 of 20,000  206/s  about 36 s left
       F Force sync  Enter Go there  l Last run  P Pause  R Resync  y Copy  . Hold  : Command  ? Help  q Quit
      """)
  }

  @Test func `Overview at 200 by 60`() {
    expectPicture(shown(.overview, 200, 60), """
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
      ×41
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘

       F Force sync  Enter Go there  l Last run  P Pause  R Resync  y Copy  . Hold  : Command  ? Help  q Quit
      """)
  }

  @Test func `a held first plan is the next thing to do, and F is done`() {
    let console = shown(.overview, 120, 36) { world in
      world.overview?.isFirstSyncDone = false
      world.overview?.heldPlans = 1
      world.hasKey = true
    }
    #expect(console.picture.contains("● Press F to force a sync."))
    #expect(console.picture.contains("→ Press 8 to look at the plan, then A approves it."))
    #expect(console.picture.contains("› 8 ‖ 1 plan waits for your decision"))
  }

  @Test func `Overview of a new workspace says what to do next`() {
    let console = shown(.overview, 80, 24) { world in
      world.overview = Overview(workspace: "New")
      world.hasKey = false
      world.engine = .here
      world.overview?.engine = .running
    }
    expectPicture(console, """
       New   ● ready   not connected → no audience
      1 Overview 2 People 3 Aud 4 Map 5 Tags 6 Exec 7 Logs 8 Review 9 Sched 0 Set
      ┌─ Overview ───────────────────────────────────────────────────────────── 1.0 ─┐
      │ Workspace  New  library.listkeeper                                         ┃ │
      │ Engine     ● ready  in this console                                        ┃ │
      │ Audience   none chosen  not connected                                      ┃ │
      │                                                                            ┃ │
      │ First steps                                                                ┃ │
      │   → Set the API key: press 0 for Settings.                                 ┃ │
      │   ○ Choose the audience: press 3.                                          ┃ │
      │   ○ Add people: press 2, then a; or run listkeeper people import FILE.csv. ┃ │
      │   ○ Press F to force a sync. The first one waits in Review (8) for your    ┃ │
      │     approval.                                                              ┃ │
      │                                                                            ┃ │
      │ People  0                                                                  ┃ │
      │   ● in step   0  ░░░░░░░░░░░░  0%     ○ waiting   0  ░░░░░░░░░░░░  0%      ┃ │
      │   ─ excluded  0  ░░░░░░░░░░░░  0%     ✗ refused   0  ░░░░░░░░░░░░  0%      ┃ │
      │                                                                              │
      │ Runs                                                                         │
      │   Queue  empty                                                               │
      │   Done   nothing in the last hour                                            │
      └──────────────────────────────────────────────────────────────────────────────┘

       F Force sync  Enter Go there  l Last run  P Pause  : Command  ? Help  q Quit
      """)
  }

  @Test func `Executions at 80 by 24`() {
    expectPicture(shown(.executions, 80, 24, pressing: "j j j"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03
      1 Over 2 People 3 Aud 4 Map 5 Tags 6 Executions 7 Logs 8 Review 9 Sched 0 Set
      ┌─ Executions ────────────────────────────────────────────────────── 1–7 of 7 ─┐
      │  Status      Started           Took Number Trigger    What happened          │
      │  ◌ running   11-21 13:41:07           #312 force sync 62%  12,400 of 20,000… │
      │  ◐ partial   11-21 13:02:07    1:31   #311 force sync 28 refused, 3 created… │
      │  ● succeeded 11-21 12:42:07    1:31   #310 poll       no changes             │
      │› ✗ failed    11-21 10:52:07    1:31   #309 schedule   Mailchimp refused the… │
      │  ● succeeded 11-21 10:22:07    1:31   #308 retry      3 created, 120 updated │
      │  ‖ held      11-20 12:42:07           #307 resync     waits for your decisi… │
      │  ✗ cancelled 11-19 11:42:07    1:31   #306 resync     28 refused, 3 created… │
      └──────────────────────────────────────────────────────────────────────────────┘
      ┌─ #309 schedule ──────────────────────────────────────────────────── [ ] tab ─┐
      │ Summary  Step outputs  People  Requests  Logs                                │
      │ ✗ failed                                                                   ┃ │
      │ Mailchimp refused the API key.                                             ┃ │
      │ Make a new key and set it in Settings.                                     ┃ │
      │                                                                            ┃ │
      │ Trigger  schedule                    Created           0                     │
      │ Flow     directory → Mailchimp       Updated           0                     │
      │ Started  2026-11-21 10:52:07         Unsubscribed      0                     │
      └──────────────────────────────────────────────────────────────────────────────┘

       F Force sync  Enter Open  x Actions  / Filter  : Command  ? Help  q Quit
      """)
  }

  @Test func `Executions at 120 by 36, with the people of one`() {
    expectPicture(shown(.executions, 120, 36, pressing: "j ] ]"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Executions ────────────────────────────────────────────────────────────────────────────────────────────── 1–7 of 7 ─┐
      │  Status      Started           Took  Number Trigger    Flow                  What happened                           │
      │  ◌ running   11-21 13:41:07            #312 force sync directory → Mailchimp 62%  12,400 of 20,000  206/s  about 36… │
      │› ◐ partial   11-21 13:02:07    1:31    #311 force sync directory → Mailchimp 28 refused, 3 created, 120 updated      │
      │  ● succeeded 11-21 12:42:07    1:31    #310 poll       Mailchimp → directory no changes                              │
      │  ✗ failed    11-21 10:52:07    1:31    #309 schedule   directory → Mailchimp Mailchimp refused the API key.          │
      │  ● succeeded 11-21 10:22:07    1:31    #308 retry      directory → Mailchimp 3 created, 120 updated                  │
      │  ‖ held      11-20 12:42:07            #307 resync     directory → Mailchimp waits for your decision in Review (8)   │
      │  ✗ cancelled 11-19 11:42:07    1:31    #306 resync     directory → Mailchimp 28 refused, 3 created, 120 updated      │
      │                                                                                                                      │
      ×5
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘
      ┌─ #311 force sync ──────────────────────────────────────────────────────────────────────────────── 1–2 of 2  [ ] tab ─┐
      │ Summary  Step outputs  People  Requests  Logs                                                                        │
      │  Result       Name                      E-mail                        Reason or change                               │
      │› refused      Grace Hopper              grace@example                 Mailchimp finds the address invalid.           │
      │  updated      Ada Lovelace              ada@example.org               FNAME: Ada → Adele                             │
      │                                                                                                                      │
      ×9
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘

       F Force sync  Enter Open  f Outcome  x Actions  / Filter  P Pause  & Form  b Filters  : Command  ? Help  q Quit
      """)
  }

  @Test func `Executions without Unicode`() {
    let console = shown(.executions, 80, 24, pressing: "j") { world in
      world.capabilities.glyphs = .ascii
    }
    expectPicture(console, """
       Friends of the Library   + ready   Library (us21) > Newsletter   last % 13:03
      1 Over 2 People 3 Aud 4 Map 5 Tags 6 Executions 7 Logs 8 Review 9 Sched 0 Set
      +- Executions ------------------------------------------------------ 1-7 of 7 -+
      |  Status      Started           Took Number Trigger    What happened          |
      |  * running   11-21 13:41:07           #312 force sync 62%  12,400 of 20,000~ |
      |> % partial   11-21 13:02:07    1:31   #311 force sync 28 refused, 3 created~ |
      |  + succeeded 11-21 12:42:07    1:31   #310 poll       no changes             |
      |  x failed    11-21 10:52:07    1:31   #309 schedule   Mailchimp refused the~ |
      |  + succeeded 11-21 10:22:07    1:31   #308 retry      3 created, 120 updated |
      |  = held      11-20 12:42:07           #307 resync     waits for your decisi~ |
      |  x cancelled 11-19 11:42:07    1:31   #306 resync     28 refused, 3 created~ |
      +------------------------------------------------------------------------------+
      +- #311 force sync -------------------------------------------------- [ ] tab -+
      | Summary  Step outputs  People  Requests  Logs                                |
      | % partial                                                                  # |
      |                                                                            # |
      | Trigger  force sync                  Created           3  #.............   # |
      | Flow     directory > Mailchimp       Updated         120  #.............   # |
      | Started  2026-11-21 13:02:07         Unsubscribed      0                   # |
      | Took     1:31                        Archived          0                     |
      |                                      Refused          28  #.............     |
      +------------------------------------------------------------------------------+

       F Force sync  Enter Open  x Actions  / Filter  : Command  ? Help  q Quit
      """)
  }

  @Test func `Audience at 80 by 24`() {
    expectPicture(shown(.audience, 80, 24), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03
      1 Over 2 People 3 Audience 4 Map 5 Tags 6 Exec 7 Logs 8 Review 9 Sched 0 Set
      ┌─ Audiences ─────────────────────────────────────────────────────── 1–2 of 2 ─┐
      │  In use Name                   Members Unsubscribed Double opt-in Id         │
      │› ● yes  Newsletter              19,104          402 yes           a1b2c3d4e5 │
      │         Volunteers                 312            0 no            f6a7b8c9d0 │
      │                                                                              │
      ×4
      └──────────────────────────────────────────────────────────────────────────────┘
      ┌─ Newsletter ─────────────────────────────────────────────────────── [ ] tab ─┐
      │ Details  Growth  Where to change it                                          │
      │ Id             a1b2c3d4e5                                                  ┃ │
      │ People         19,104 members, 402 unsubscribed, 31 cleaned                ┃ │
      │ Double opt-in  yes: new people are asked to confirm by mail                ┃ │
      │ Sign-up form   https://library.example/join                                ┃ │
      │ Webhook        Working; deliveries must be signed.  w shows it               │
      │ Reminder       You signed up at our desk.                                    │
      │ From           The Library <news@library.example>                            │
      └──────────────────────────────────────────────────────────────────────────────┘

       F Force sync  Enter Use it  i Paste an id  : Command  ? Help  q Quit
      """)
  }

  @Test func `Review at 80 by 24, with the rows of a plan`() {
    expectPicture(shown(.review, 80, 24), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03
      1 Over 2 People 3 Aud 4 Map 5 Tags 6 Exec 7 Logs 8 Review 9 Sched 0 Set
      ┌─ Review ────────────────────────────────────────────────────────── 1–4 of 4 ─┐
      │  What         Since        How many Why, and what it would do                │
      │› ‖ plan #9    12:12             167 The first sync of a workspace waits for… │
      │  ✗ letters    08:42               3 Mailchimp answered 500 six times.        │
      │  ▲ conflicts  13:12               1 changed here and at Mailchimp: say whic… │
      │  ✗ refused                       28 refused: correct them, and they are sen… │
      │                                                                              │
      ×1
      │ A approves it   x d discards it   Enter shows its rows                       │
      └──────────────────────────────────────────────────────────────────────────────┘
      ┌─ Plan #9 ─────────────────────────────────────────────────────── 1–4 of 167 ─┐
      │ 120 added, 40 changed, 7 unsubscribed                                        │
      │ 19,000 stay as they are, 756 excluded, 0 refused                             │
      │ The first sync of a workspace waits for a look.                              │
      │  Action      Name       E-mail                 Status       Old and new val… │
      │› update      Ada Lovel… ada@example.org                     FNAME: Ada → Ad…┃│
      │  unsubscribe Katherine… kj@example.org         unsubscribed                  │
      │  …                                                                           │
      ×1
      └──────────────────────────────────────────────────────────────────────────────┘

       F Force sync  A Approve  Enter Open  x Actions  : Command  ? Help  q Quit
      """)
  }

  @Test func `Logs at 80 by 24, wrapped`() {
    expectPicture(shown(.logs, 80, 24, pressing: "w"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03
      1 Over 2 People 3 Aud 4 Map 5 Tags 6 Exec 7 Logs 8 Review 9 Sched 0 Set
      ┌─ Logs, following ───────────────────────────────────────────────── 1–3 of 3 ─┐
      │  13:39:07.000 info    Force sync began.                                      │
      │  13:40:07.000 warning A value was cut at 255 characters.                     │
      │› 13:41:07.000 error   Mailchimp refused grace@example: the address is not    │
      │                       valid.  person=#4                                      │
      │                                                                              │
      ×13
      └──────────────────────────────────────────────────────────────────────────────┘

       F Force sync  / Search  f Stop following  L Level  : Command  ? Help  q Quit
      """)
  }

  @Test func `Settings at 80 by 24`() {
    expectPicture(shown(.settings, 80, 24), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03
      1 Over 2 People 3 Aud 4 Map 5 Tags 6 Exec 7 Logs 8 Review 9 Sched 0 Settings
      ┌─ Settings ───────────────────────────────────────────────────────────────────┐
      │ Workspace                                                                    │
      │ Name                       Friends of the Library                            │
      │                            Shown at the top of the console and in reports.   │
      │                            Default: Listkeeper.                              │
      │ Time zone                  UTC                                               │
      │ Default account            Default account                                   │
      │                                                                              │
      │ Mailchimp                                                                    │
      │ API key *                  •••••••••••••••••••••••••••••••••••••             │
      │ Mailchimp user id                                                            │
      │ Base address                                                                 │
      │ Audience id *                                                                │
      │ Connections                6                                                 │
      │ Time-out, seconds          120                                               │
      │ Login: client id                                                             │
      │──────────────────────────────────────────────────────────────────────────────│
      │ workspace.name  a text  default Listkeeper                                   │
      │ Set.                                                                         │
      └──────────────────────────────────────────────────────────────────────────────┘

       ^S Save  Enter Edit  F Force sync  / Search  : Command  ? Help  q Quit
      """, hidesThumb: true)
  }

  @Test func `Settings at 120 by 36, help beside the field`() {
    expectPicture(shown(.settings, 120, 36, pressing: "]"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Settings ───────────────────────────────────────────────────────────────────────────────────────────────────────────┐
      │  Workspace        │   Workspace                                                                                      │
      │› Mailchimp        │   Name                       Friends of the Library                                              │
      │  Recipients       │   Time zone                  UTC                                                                 │
      │  Sync             │   Default account            Default account                                                     │
      │  Safety           │                                                                                                  │
      │  Retention        │   Mailchimp                                                                                      │
      │  Console          │   API key *                  •••••••••••••••••••••••••••••••••••••     In Mailchimp: your        │
      │  Webhook          │   Mailchimp user id                                                    profile, then Account &   │
      │  People source    │   Base address                                                         billing, Extras, API      │
      │                   │   Audience id *                                                        keys, Create A Key (as of │
      │                   │   Connections                6                                         November 2026). Make a    │
      │                   │   Time-out, seconds          120                                       new key for Listkeeper    │
      │                   │   Login: client id                                                     alone and keep it in a    │
      │                   │   Login: client secret                                                 safe place: it is shown   │
      │                   │   Login: address             https://login.mailchimp.com               only once. It ends in a   │
      │                   │   Login: redirect address    http://127.0.0.1:8078/mailchimp           data centre such as       │
      │                   │                                                                        -us21. Instead of the key │
      │                   │   Recipients                                                           itself you may give       │
      │                   │   Scope                      everyone                                  env:NAME, file:PATH or    │
      │                   │   Include organisations      [□] no                                    command:COMMAND.          │
      │                   │   Shared addresses           last changed                           ▼                            │
      │                   │   Leavers                    keep                                   ▼                            │
      │                   │                                                                                                  │
      │                   │   Sync                                                                                           │
      │                   │   Existing people            all                                    ▼                            │
      │                   │   Direction                  to                                     ▼                            │
      │                   │   Conflicts                  directory                              ▼                            │
      │──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────│
      │ mailchimp.key  a secret, or env:NAME, file:PATH, command:COMMAND  no default                                         │
      │ Set; kept in the workspace's file.                                                                                   │
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘

       ^S Save  Enter Edit  F Force sync  / Search  ^T Test key  ^R Reveal  P Pause  Space Choose  : Command  ? Help  q Quit
      """, hidesThumb: true)
  }

  @Test func `Below 24 rows the detail is hidden`() {
    expectPicture(shown(.executions, 60, 16), """
       Friends of the Library   ● ready   last ◐ 13:03
      1 2 3 4 5 6 Executions 7 8 9 0
      ┌─ Executions ────────────────────────────────── 1–7 of 7 ─┐
      │  Status      Started        Trigger    What happened     │
      │› ◌ running   11-21 13:41:07 force sync 62%  12,400 of 2… │
      │  ◐ partial   11-21 13:02:07 force sync 28 refused, 3 cr… │
      │  ● succeeded 11-21 12:42:07 poll       no changes        │
      │  ✗ failed    11-21 10:52:07 schedule   Mailchimp refuse… │
      │  ● succeeded 11-21 10:22:07 retry      3 created, 120 u… │
      │  ‖ held      11-20 12:42:07 resync     waits for your d… │
      │  ✗ cancelled 11-19 11:42:07 resync     28 refused, 3 cr… │
      │                                                          │
      ×1
      └──────────────────────────────────────────────────────────┘

       F Force sync  Enter Open  : Command  ? Help  q Quit
      """)
  }

  @Test func `the palette, with what the letters find`() {
    expectPicture(shown(.people, 80, 24, pressing: ": s y n c"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03
      1 Over 2 People 3 Aud 4 Map 5 Tags 6 Exec 7 Logs 8 Review 9 Sched 0 Set
      ┌─┌─ Command ─────────────────────────────────────────────────────────── 15 ─┐─┐
      │ │ sync                                                                     │ │
      │›│                                                                          │┃│
      │ │  Force sync               Force sync: send now what changed.          F  │ │
      │ │  Sync this person now     Send these people now, before every…      x s  │ │
      │ │  Sync on change           Settings, Sync: On: a change here l…        0  │ │
      │ │  Resync                   Resync: compare every person with t…        R  │ │
      │ │  Arrivals                 Settings, Sync: Subscribers at Mail…        0  │ │
      │ │  Attempts                 Settings, Sync: How often a transie…        0  │ │
      └─│  Direction                Settings, Sync: to: the directory i…        0  │─┘
      ┌─│  Conflicts                Settings, Sync: Which value counts …        0  │─┐
      │ │  Consent back             Settings, Sync: An unsubscribe at M…        0  │ │
      │ │  Poll, minutes            Settings, Sync: How often Mailchimp…        0  │ │
      │ │  Existing people          Settings, Sync: People who stood he…        0  │ │
      │ │  Changed addresses        Settings, Sync: rename: the contact…        0  │ │
      │ │  Every search is a tag    Settings, Sync: On: every saved sea…        0  │ │
      │ │  Why: explain             Walk the rules and the last sync fo…      x w  │ │
      │ │  Pause                    Pause or enable: while paused nothi…        P  │ │
      │ │                                                                          │ │
      └─└──────────────────────────────────────────────────────────────────────────┘─┘

       Enter Do it  Up Down Choose  Esc Close
      """)
  }
}
