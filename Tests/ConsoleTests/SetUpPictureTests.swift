// The set-up as pictures: its steps at 80 by 24, and those with the most to show at the other sizes.

import Basics
import Domain
import Screen
import Testing

@testable import Console

// swift-format-ignore
@Suite struct SetUpPictureTests {
  private let steps = SetUpTests()

  @Test func `a new workspace at 80 by 24`() {
    expectPicture(steps.opened(), """
       Listkeeper   ● ready   not connected → no audience
      1 Over 2 People 3 Aud 4 Map 5 Tags 6 Exec 7 Logs 8 Review 9 Sched 0 Settings
      ┌─ Set-up ────────────────┐┌─ Step 1 of 6: Initial configuration ──────────────┐
      │› 1 Initial configuration││ A name, a clock, and a usual set-up.              │
      │    now                  ││                                          * needed │
      │○ 2 Connections          ││  Name *        Listkeeper                         │
      │    to do                ││                Shown at the top of the console    │
      │○ 3 Settings             ││                and in reports. Default:           │
      │    to do                ││                Listkeeper.                        │
      │○ 4 Field mapping        ││  Time zone *   UTC                                │
      │    to do                ││  Begin with    as it stands                   ▼   │
      │○ 5 Test                 ││                                                   │
      │    to do                ││ ○ registrants   opted-in registrants, nightly     │
      │○ 6 Finish               ││ ○ constituents  active individuals, nightly       │
      │    to do                ││ ○ customers     who opted in, on change           │
      │                         ││ ○ users         everyone with an address          │
      │                         ││ ○ families      managers instead of children      │
      │                         ││                                                   │
      ×1
      │                         ││ A step is saved when you go on. What is typed     │
      │                         ││ stays here when you go back or leave.             │
      └─────────────────────────┘└───────────────────────────────────────────────────┘

       ^S Save and go on  Tab Next field  PgUp Step back  Esc Leave  F1 Help
      """)
  }

  @Test func `a refused key at 80 by 24`() throws {
    var console = steps.connecting()
    console.type(SetUpTests.key)
    let ticket = try #require(console.press("^S").orderTicket)
    let refused = Problem(
      "mailchimp.key-refused", "Mailchimp refused the API key.",
      remedy: "Make a new key and set it in Settings.")
    console.handle(.answered(ticket, .refused(refused)))
    expectPicture(console, """
       Listkeeper   ● ready   not connected → no audience
      1 Over 2 People 3 Aud 4 Map 5 Tags 6 Exec 7 Logs 8 Review 9 Sched 0 Settings
      ┌─ Set-up ────────────────┐┌─ Step 2 of 6: Connections ─── 1 change not saved ─┐
      │● 1 Initial configuration││ The key is tried at once, before it is kept.      │
      │    done                 ││                                          * needed │
      │› 2 Connections          ││  API key *       •••••••••••••••••••••••••••••    │
      │    now                  ││                  ✗ Mailchimp refused the API      │
      │○ 3 Settings             ││                    key. Make a new key and set    │
      │    to do                ││                    it in Settings.                │
      │○ 4 Field mapping        ││                  In Mailchimp: your profile,      │
      │    to do                ││                  then Account & billing,          │
      │○ 5 Test                 ││                  Extras, API keys, Create A Key   │
      │    to do                ││                  (as of November 2026). Make a    │
      │○ 6 Finish               ││                  new key for Listkeeper alone     │
      │    to do                ││                  and keep it in a safe place:     │
      │                         ││                  it is shown only once. It ends   │
      │                         ││  Base address                                     │
      │                         ││                  [ Log in by browser ]            │
      │                         ││                                                   │
      ×1
      │                         ││ Nothing was saved.                                │
      └─────────────────────────┘└───────────────────────────────────────────────────┘

       ^S Try the key  Tab Next field  ^R Reveal  PgUp Step back  Esc Leave  F1 Help
      """)
  }

  @Test func `the settings at 80 by 24`() throws {
    expectPicture(try steps.on(3), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03
      1 Over 2 People 3 Aud 4 Map 5 Tags 6 Exec 7 Logs 8 Review 9 Sched 0 Settings
      ┌─ Set-up ────────────────┐┌─ Step 3 of 6: Settings ───────────────────────────┐
      │● 1 Initial configuration││ Who is on the list, which way, and when.          │
      │    done                 ││                                                   │
      │● 2 Connections          ││  Direction          to                        ▼   │
      │    done                 ││                     to: the directory is sent,    │
      │› 3 Settings             ││                     nothing is written here.      │
      │    now                  ││                     from: Mailchimp is taken,     │
      │○ 4 Field mapping        ││                     only opt-outs are sent.       │
      │    to do                ││                     both: each field mapping      │
      │○ 5 Test                 ││                     says. Default: to.            │
      │    to do                ││  Scope              everyone                      │
      │○ 6 Finish               ││  Leavers            keep                      ▼   │
      │    to do                ││  Existing people    all                       ▼   │
      │                         ││  Sync on change     [■] yes                       │
      │                         ││ Double opt-in  on: new people confirm by mail     │
      │                         ││ By the clock   nothing (Schedules)                │
      │                         ││                                                   │
      │                         ││ A step is saved when you go on. What is typed     │
      │                         ││ stays here when you go back or leave.             │
      └─────────────────────────┘└───────────────────────────────────────────────────┘
       ▲ #311 force sync partial: 28 refused, 3 created, 120 updated.
       ^S Save and go on  Tab Next field  PgUp Step back  Esc Leave  F1 Help
      """)
  }

  @Test func `the mapping with real values at 80 by 24`() throws {
    expectPicture(try steps.on(4), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03
      1 Over 2 People 3 Aud 4 Map 5 Tags 6 Exec 7 Logs 8 Review 9 Sched 0 Settings
      ┌─ Set-up ────────────────┐┌─ Step 4 of 6: Field mapping ──────────────────────┐
      │● 1 Initial configuration││ Which field here goes into which there.           │
      │    done                 ││                                                   │
      │● 2 Connections          ││ With the values of Ada Byron, 1 of 3:             │
      │    done                 ││ ● first_name Ada   ──→ FNAME *    Ada             │
      │● 3 Settings             ││ ● birthday   12/10 ──→ BIRTHDAY   12/10           │
      │    done                 ││ ✗ phone      -     ←─→ PHONE      -               │
      │› 4 Field mapping        ││     The audience has no merge field PHONE.        │
      │    now                  ││                                                   │
      │○ 5 Test                 ││ ✗ Nothing is sent to LNAME; the least to send is  │
      │    to do                ││   FNAME, LNAME and the address, which is always   │
      │○ 6 Finish               ││   sent. Add a row for LNAME.                      │
      │    to do                ││ Not mapped: LNAME, SIZE.                          │
      │                         ││ Press e for the editor in Mapping; 0 comes back   │
      │                         ││ here.                                             │
      │                         ││                                                   │
      ×1
      │                         ││ A step is saved when you go on. What is typed     │
      │                         ││ stays here when you go back or leave.             │
      └─────────────────────────┘└───────────────────────────────────────────────────┘
       ▲ #311 force sync partial: 28 refused, 3 created, 120 updated.
       ^S Go on  e Editor  > Other person  PgUp Step back  : Command  ? Help  q Quit
      """)
  }

  @Test func `the test and its execution at 120 by 36`() throws {
    expectPicture(try steps.tested(120, 36), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Set-up ──────────────────┐┌─ Step 5 of 6: Test ─────────────────────────────────────────────────────────────────────┐
      │ ● 1 Initial configuration ││ One person goes there and back: you.                                                    │
      │     done                  ││                                                                                         │
      │ ● 2 Connections           ││ ● done  Add me@example.org here                                                         │
      │     done                  ││ ● done  Read the whole audience; write nothing: #1 succeeded                            │
      │ ● 3 Settings              ││ ● done  Send this one person: #2 succeeded, 1 created                                   │
      │     done                  ││ ● done  Look there                                                                      │
      │ ✗ 4 Field mapping         ││                                                                                         │
      │     3 problems            ││ Execution #2  ● succeeded in 1:31                                                       │
      │ › 5 Test                  ││   ● Read the audience  1.4 s                                                            │
      │     now                   ││   ◐ Send changes  1:29                                                                  │
      │ ○ 6 Finish                ││   grace@example: refused  Mailchimp finds the address invalid.                          │
      │     to do                 ││   ada@example.org: updated  FNAME Adele                                                 │
      │                           ││                                                                                         │
      │                           ││     Here  At Mailchimp                                                                  │
      │                           ││                                                                                         │
      ×14
      │                           ││ A step is saved when you go on. What is typed stays here when you go back or leave.     │
      └───────────────────────────┘└─────────────────────────────────────────────────────────────────────────────────────────┘
       ▲ #311 force sync partial: 28 refused, 3 created, 120 updated.
       ^S Go on  u Archive it there  d Delete here  t Test again  l Execution  PgUp Step back  : Command  ? Help  q Quit
      """)
  }

  @Test func `the mapping with real values at 200 by 60`() throws {
    expectPicture(try steps.on(4, 200, 60), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Set-up ──────────────────┐┌─ Step 4 of 6: Field mapping ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┐
      │ ● 1 Initial configuration ││ Which field here goes into which there.                                                                                                                                 │
      │     done                  ││                                                                                                                                                                         │
      │ ● 2 Connections           ││ With the values of Ada Byron, 1 of 3:                                                                                                                                   │
      │     done                  ││ ● first_name Ada   ──→ FNAME *    Ada                                                                                                                                   │
      │ ● 3 Settings              ││ ● birthday   12/10 ──→ BIRTHDAY   12/10                                                                                                                                 │
      │     done                  ││ ✗ phone      -     ←─→ PHONE      -                                                                                                                                     │
      │ › 4 Field mapping         ││     The audience has no merge field PHONE.                                                                                                                              │
      │     now                   ││                                                                                                                                                                         │
      │ ○ 5 Test                  ││ ✗ Nothing is sent to LNAME; the least to send is FNAME, LNAME and the address, which is always sent. Add a row for LNAME.                                               │
      │     to do                 ││ Not mapped: LNAME, SIZE.                                                                                                                                                │
      │ ○ 6 Finish                ││ Press e for the editor in Mapping; 0 comes back here.                                                                                                                   │
      │     to do                 ││                                                                                                                                                                         │
      │                           ││                                                                                                                                                                         │
      ×40
      │                           ││ A step is saved when you go on. What is typed stays here when you go back or leave.                                                                                     │
      └───────────────────────────┘└─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘
       ▲ #311 force sync partial: 28 refused, 3 created, 120 updated.
       ^S Go on  e Editor  > Other person  PgUp Step back  F Force sync  P Pause  R Resync  y Copy  z Undo  . Hold  : Command  ? Help  q Quit
      """)
  }

  @Test func `the finish at 80 by 24`() throws {
    expectPicture(try steps.on(6, 80, 24), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03
      1 Over 2 People 3 Aud 4 Map 5 Tags 6 Exec 7 Logs 8 Review 9 Sched 0 Settings
      ┌─ Set-up ────────────────┐┌─ Step 6 of 6: Finish ─────────────────────────────┐
      │● 1 Initial configuration││ What stands, and what the first sync does.        │
      │    done                 ││                                                   │
      │● 2 Connections          ││ ● Connected as Library (us21).                    │
      │    done                 ││ ● Audience: Newsletter.                           │
      │● 3 Settings             ││ ▲ The mapping has 3 problems: step 4.             │
      │    done                 ││ ● People here: 20,000.                            │
      │✗ 4 Field mapping        ││ ▲ The test was left out: step 5.                  │
      │    3 problems           ││                                                   │
      │● 5 Test                 ││ Press F for the first sync. The audience is read  │
      │    done                 ││ in full; then the plan is held for a look in      │
      │› 6 Finish               ││ Review (8). Nothing is written at Mailchimp       │
      │    now                  ││ before you approve it there with A.               │
      │                         ││ ^S closes the set-up; W in Settings (0) reopens   │
      │                         ││ it.                                               │
      │                         ││                                                   │
      ×1
      │                         ││ A step is saved when you go on. What is typed     │
      │                         ││ stays here when you go back or leave.             │
      └─────────────────────────┘└───────────────────────────────────────────────────┘
       ▲ #311 force sync partial: 28 refused, 3 created, 120 updated.
       ^S Finish  PgUp Step back  F Force sync  P Pause  : Command  ? Help  q Quit
      """)
  }

  @Test func `the finish at 120 by 36`() throws {
    expectPicture(try steps.on(6, 120, 36), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Set-up ──────────────────┐┌─ Step 6 of 6: Finish ───────────────────────────────────────────────────────────────────┐
      │ ● 1 Initial configuration ││ What stands, and what the first sync does.                                              │
      │     done                  ││                                                                                         │
      │ ● 2 Connections           ││ ● Connected as Library (us21).                                                          │
      │     done                  ││ ● Audience: Newsletter.                                                                 │
      │ ● 3 Settings              ││ ▲ The mapping has 3 problems: step 4.                                                   │
      │     done                  ││ ● People here: 20,000.                                                                  │
      │ ✗ 4 Field mapping         ││ ▲ The test was left out: step 5.                                                        │
      │     3 problems            ││                                                                                         │
      │ ● 5 Test                  ││ Press F for the first sync. The audience is read in full; then the plan is held for a   │
      │     done                  ││ look in Review (8). Nothing is written at Mailchimp before you approve it there with    │
      │ › 6 Finish                ││ A.                                                                                      │
      │     now                   ││ ^S closes the set-up; W in Settings (0) reopens it.                                     │
      │                           ││                                                                                         │
      ×16
      │                           ││ A step is saved when you go on. What is typed stays here when you go back or leave.     │
      └───────────────────────────┘└─────────────────────────────────────────────────────────────────────────────────────────┘
       ▲ #311 force sync partial: 28 refused, 3 created, 120 updated.
       ^S Finish  PgUp Step back  F Force sync  P Pause  R Resync  y Copy  z Undo  . Hold  : Command  ? Help  q Quit
      """)
  }

  @Test func `the finish at 200 by 60`() throws {
    expectPicture(try steps.on(6, 200, 60), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Set-up ──────────────────┐┌─ Step 6 of 6: Finish ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┐
      │ ● 1 Initial configuration ││ What stands, and what the first sync does.                                                                                                                              │
      │     done                  ││                                                                                                                                                                         │
      │ ● 2 Connections           ││ ● Connected as Library (us21).                                                                                                                                          │
      │     done                  ││ ● Audience: Newsletter.                                                                                                                                                 │
      │ ● 3 Settings              ││ ▲ The mapping has 3 problems: step 4.                                                                                                                                   │
      │     done                  ││ ● People here: 20,000.                                                                                                                                                  │
      │ ✗ 4 Field mapping         ││ ▲ The test was left out: step 5.                                                                                                                                        │
      │     3 problems            ││                                                                                                                                                                         │
      │ ● 5 Test                  ││ Press F for the first sync. The audience is read in full; then the plan is held for a look in Review (8). Nothing is written at Mailchimp before you approve it there   │
      │     done                  ││ with A.                                                                                                                                                                 │
      │ › 6 Finish                ││ ^S closes the set-up; W in Settings (0) reopens it.                                                                                                                     │
      │     now                   ││                                                                                                                                                                         │
      │                           ││                                                                                                                                                                         │
      ×40
      │                           ││ A step is saved when you go on. What is typed stays here when you go back or leave.                                                                                     │
      └───────────────────────────┘└─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘
       ▲ #311 force sync partial: 28 refused, 3 created, 120 updated.
       ^S Finish  PgUp Step back  F Force sync  P Pause  R Resync  y Copy  z Undo  . Hold  : Command  ? Help  q Quit
      """)
  }
}
