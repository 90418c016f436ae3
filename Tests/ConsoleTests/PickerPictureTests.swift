// Pictures of what is chosen from, at the sizes screens have: commands, columns, fields, audiences; and
// of a form that needs the whole screen.

import Screen
import Testing

@testable import Console

// swift-format-ignore
@Suite struct PickerPictureTests {
  @Test func `a form as high as the screen leaves the notices their row, at 80 by 24`() {
    var console = shown(.people, 80, 24, pressing: "e")
    console.handle(.noticed(Notice(.success, "The backup is written.")))
    expectPicture(console, """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03
      1 ┌─ Edit Ada Lovelace (#1) ─────────────────────────────────────────────────┐
      ┌─│                                                                          │─┐
      │ │  First name         Ada                                                ┃ │ │
      │›│                     A name or an address is needed.                    ┃ │┃│
      │ │  Last name          Lovelace                                           ┃ │ │
      │ │  E-mail             ada@example.org                                    ┃ │ │
      │ │  E-mail 2                                                              ┃ │ │
      │ │  E-mail 3                                                              ┃ │ │
      │ │  Opt-in             yes                                            ▼   ┃ │ │
      │ │  Phone                                                                 ┃ │ │
      └─│  Company                                                                 │─┘
      ┌─│  Birthday           12/10                                                │─┐
      │ │  Date of birth                                                           │ │
      │ │  Kind               individual                                     ▼     │ │
      │ │  Active             yes                                            ▼     │ │
      │ │  Account            Donors                                               │ │
      │ │  External id                                                             │ │
      │ │  Account manager                                                         │ │
      │ │                                                                          │ │
      ×1
      └─└──────────────────────────────────────────────────────────────────────────┘─┘
       ● The backup is written.
       ^S Save  Tab Next field  Space Choose  Esc Cancel
      """)
  }

  @Test func `the palette at 80 by 24`() {
    expectPicture(shown(.executions, 80, 24, pressing: ":"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03
      1 Over 2 People 3 Aud 4 Map 5 Tags 6 Executions 7 Logs 8 Review 9 Sched 0 Set
      ┌─┌─ Command ────────────────────────────────────────────────────────── 228 ─┐─┐
      │ │ A few letters of an action, a pane or a setting                          │ │
      │›│                                                                          │ │
      │ │  Open                     Open the detail; in it, show the wh…    Enter  │ │
      │ │  Filter                   Filter by text as you type: a name,…        /  │ │
      │ │  Form                     Filter by status, trigger, flow, ti…        &  │ │
      │ │  Filters                  Filters with names: choose one, sav…        b  │ │
      │ │  Sort                     Sort by start, duration, outcome or…        s  │ │
      │ │  Reverse                  Turn the order of the list round.           S  │ │
      └─│  Mark                     Mark the execution, or not any more…    Space  │─┘
      ┌─│  Range                    Begin a range here; v again marks a…        v  │─┐
      │ │  All                      Mark all in view, or none any more.         *  │ │
      │ │  Outcome                  That is for the tab People: ] goes …        f  │ │
      │ │  Fold all                 That is for the tab Step outputs: ]…        o  │ │
      │ │  Cancel this run          Stop the execution, or all that are…      x c  │ │
      │ │  Retry what failed        It is not over yet.                       x r  │ │
      │ │  Replay                   It is not over yet.                       x p  │ │
      │ │  Undo this run            It is not over yet.                       x u  │ │
      │ │  Compare with its origin… It does no other execution again.         x o  │ │
      └─└──────────────────────────────────────────────────────────────────────────┘─┘

       Enter Do it  Up Down Choose  Esc Close
      """)
  }

  @Test func `the columns at 80 by 24, the last one chosen`() {
    expectPicture(shown(.people, 80, 24, pressing: "c G Space"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03
      1 Over ┌─ Columns ──────────────────────────────────────────── 8 of 23 ─┐
      ┌─ Peop│  [x] Account            the group they belong to               │,000 ─┐
      │  Stat│  [x] Changed            when they changed last                 │nt    │
      │› ● in│  [ ] Company            as it stands in the directory          │s    ┃│
      │  ● in│  [ ] Phone              as it stands in the directory          │s     │
      │  ○ wa│  [ ] Kind               individual or organisation             │s     │
      │  ✗ re│  [ ] Active             yes, no or deleted                     │s     │
      │  ─ ex│  [ ] Birthday           month and day                          │s     │
      │  ─ ex│  [ ] Born               the date of birth                      │s     │
      │  …   │  [ ] City               as it stands in the directory          │      │
      └──────│  [ ] Country            as it stands in the directory          │──────┘
      ┌─ Ada │  [ ] Manager            the account manager, of a child        │ tab ─┐
      │ Detai│  [ ] External id        the id in the system they come from    │      │
      │ State│  [ ] Source             who tells of them                      │    ┃ │
      │ Name │  [ ] Tags               what we gave their contact             │    ┃ │
      │ E-mai│  [ ] Added              when they came into the workspace      │      │
      │ Opt-i│  [ ] Id                 the number here                        │      │
      │ Accou│  [ ] size               a custom field                         │      │
      │ Kind │  [x] children           a custom field                         │      │
      │ Activ│                                                                │      │
      └──────└────────────────────────────────────────────────────────────────┘──────┘

       Space Show or hide  J K Move  Enter Keep  r As usual  Esc Cancel
      """)
  }

  @Test func `the columns at 120 by 36`() {
    expectPicture(shown(.people, 120, 36, pressing: "c j Space"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ People ──────────────────────────────────────────────────────────────────────────────────────────── 1–13 of 20,000 ─┐
      │  State      Name▲                E-mail                         Reason            Opt-in   Account    Changed        │
      │› ● in step  Ada Lovelace         ada@example.org                                  yes      Donors     11-21 13:42:07┃│
      │  ● in step  José Núñez   ┌─ Columns ──────────────────────────────────────────── 6 of 23 ─┐Donors     11-21 02:02:07 │
      │  ○ waiting  李小龍       │  [x] State              in step, waiting, excluded or refused  │Donors     11-20 14:22:07 │
      │  ✗ refused  Grace Hopper │  [ ] Name               first and last name, or the company    │Donors     11-20 02:42:07 │
      │  ─ excluded Alan Turing  │  [x] E-mail             the primary address                    │Donors     11-19 15:02:07 │
      │  ─ excluded Katherine Joh│  [x] Reason             why they stand there                   │Donors     11-19 03:22:07 │
      │  …                       │  [x] Opt-in             yes, no or unknown                     │                          │
      │  …                       │  [x] Account            the group they belong to               │                          │
      │  …                       │  [x] Changed            when they changed last                 │                          │
      │  …                       │  [ ] Company            as it stands in the directory          │                          │
      │  …                       │  [ ] Phone              as it stands in the directory          │                          │
      │  …                       │  [ ] Kind               individual or organisation             │                          │
      │  …                       │  [ ] Active             yes, no or deleted                     │                          │
      └──────────────────────────│  [ ] Birthday           month and day                          │──────────────────────────┘
      ┌─ Ada Lovelace (#1) ──────│  [ ] Born               the date of birth                      │──────────────── [ ] tab ─┐
      │ Details  Explain  Executi│  [ ] City               as it stands in the directory          │                          │
      │ State       ● in step    │  [ ] Country            as it stands in the directory          │                        ┃ │
      │ Name        Ada Lovelace │  [ ] Manager            the account manager, of a child        │                        ┃ │
      │ E-mail      ada@example.o│  [ ] External id        the id in the system they come from    │                        ┃ │
      │ Opt-in      yes          │  [ ] Source             who tells of them                      │                        ┃ │
      │ Account     Donors       │  [ ] Tags               what we gave their contact             │                        ┃ │
      │ Kind        individual   │  [ ] Added              when they came into the workspace      │                        ┃ │
      │ Active      yes          │  [ ] Id                 the number here                        │                        ┃ │
      │ Birthday    12/10        │  [ ] size               a custom field                         │                        ┃ │
      │ membership  gold         │  [ ] children           a custom field                         │                        ┃ │
      │ Changed     2026-11-21 12│                                                                │                          │
      │                          └────────────────────────────────────────────────────────────────┘                          │
      │ At Mailchimp                                                                                                         │
      │ Status   subscribed                                                                                                  │
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘

       Space Show or hide  J K Move  Enter Keep  r As usual  Esc Cancel
      """)
  }

  @Test func `the columns at 200 by 60`() {
    expectPicture(shown(.people, 200, 60, pressing: "c"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ People ──────────────────────────────────────────────────────────────────────── 1–53 of 20,000 ─┐┌─ Ada Lovelace (#1) ──────────────────────────────────────────────────────────────────── [ ] tab ─┐
      │  State      Name▲               E-mail           Reason       Opt-in   Account    Changed        ││ Details  Explain  Executions  History  Consent                                                   │
      │› ● in step  Ada Lovelace        ada@example.org               yes      Donors     11-21 13:42:07┃││ State       ● in step                                                                            │
      │  ● in step  José Núñez          jose@example.org              yes      Donors     11-21 02:02:07 ││ Name        Ada Lovelace                                                                         │
      │  ○ waiting  李小龍              li@example.org   changed      yes      Donors     11-20 14:22:07 ││ E-mail      ada@example.org                                                                      │
      │  ✗ refused  Grace Hopper        grace@example    mailchimp.i… yes      Donors     11-20 02:42:07 ││ Opt-in      yes                                                                                  │
      │  ─ excluded Alan Turing                          no-email     yes      Donors     11-19 15:02:07 ││ Account     Donors                                                                               │
      │  ─ excluded Katherine Johnson   kj@example.org   opted-out    no       Donors     11-19 03:22:07 ││ Kind        individual                                                                           │
      │  …                                                                                               ││ Active      yes                                                                                  │
      │  …                                                                                               ││ Birthday    12/10                                                                                │
      │  …                                                                                               ││ membership  gold                                                                                 │
      │  …                                                                                               ││ Changed     2026-11-21 12:12:07                                                                  │
      │  …                                                                                               ││                                                                                                  │
      │  …                                                                                               ││ At Mailchimp                                                                                     │
      │  …                                                                                               ││ Status   subscribed                                                                              │
      │  …                                                               ┌─ Columns ──────────────────────────────────────────── 7 of 23 ─┐                                                                  │
      │  …                                                               │  [x] State              in step, waiting, excluded or refused  │                                                                  │
      │  …                                                               │  [x] Name               first and last name, or the company    │                                                                  │
      │  …                                                               │  [x] E-mail             the primary address                    │                                                                  │
      │  …                                                               │  [x] Reason             why they stand there                   │                                                                  │
      │  …                                                               │  [x] Opt-in             yes, no or unknown                     │                                                                  │
      │  …                                                               │  [x] Account            the group they belong to               │                                                                  │
      │  …                                                               │  [x] Changed            when they changed last                 │                                                                  │
      │  …                                                               │  [ ] Company            as it stands in the directory          │                                                                  │
      │  …                                                               │  [ ] Phone              as it stands in the directory          │                                                                  │
      │  …                                                               │  [ ] Kind               individual or organisation             │                                                                  │
      │  …                                                               │  [ ] Active             yes, no or deleted                     │                                                                  │
      │  …                                                               │  [ ] Birthday           month and day                          │                                                                  │
      │  …                                                               │  [ ] Born               the date of birth                      │                                                                  │
      │  …                                                               │  [ ] City               as it stands in the directory          │                                                                  │
      │  …                                                               │  [ ] Country            as it stands in the directory          │                                                                  │
      │  …                                                               │  [ ] Manager            the account manager, of a child        │                                                                  │
      │  …                                                               │  [ ] External id        the id in the system they come from    │                                                                  │
      │  …                                                               │  [ ] Source             who tells of them                      │                                                                  │
      │  …                                                               │  [ ] Tags               what we gave their contact             │                                                                  │
      │  …                                                               │  [ ] Added              when they came into the workspace      │                                                                  │
      │  …                                                               │  [ ] Id                 the number here                        │                                                                  │
      │  …                                                               │  [ ] size               a custom field                         │                                                                  │
      │  …                                                               │  [ ] children           a custom field                         │                                                                  │
      │  …                                                               │                                                                │                                                                  │
      │  …                                                               └────────────────────────────────────────────────────────────────┘                                                                  │
      │  …                                                                                               ││                                                                                                  │
      ×13
      └──────────────────────────────────────────────────────────────────────────────────────────────────┘└──────────────────────────────────────────────────────────────────────────────────────────────────┘

       Space Show or hide  J K Move  Enter Keep  r As usual  Esc Cancel
      """)
  }

  @Test func `the merge fields for a field at 80 by 24`() {
    expectPicture(shown(.mapping, 80, 24, pressing: "a d a t e Enter"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03
      1 Over 2 People 3 Aud 4 Mapping 5 Tags 6 Exec 7 Logs 8 Review 9 Sched 0 Set
      ┌─ Field mapping ────────────────────────────────────── < Ada Byron, 1 of 3 > ─┐
      │  Field here    Type     Value        Field there Type     Value    Check     │
      │› first_name    text     Ada      ──→ FNAME *     text     Ada      ✗ 1       │
      │  birthday      birthday 12/10    ──→ BIRTHDAY    birthday 12/10    ● fits    │
      │ ┌─ date_of_birth: with which merge field? ──────────────────────── 5 of 5 ─┐ │
      │ │ A few letters are enough                                                 │ │
      │ │                                                                          │ │
      │ │ › LNAME     Last Name   text                                             │ │
      │ │   Create a merge field for date_of_birth…                                │ │
      └─│   FNAME *   First Name  text      Ada    goes with first_name            │─┘
      ┌─│   BIRTHDAY  Birthday    birthday  12/10  goes with birthday              │─┐
      │ │   SIZE      T-shirt     dropdown         does not fit                    │ │
      │ │                                                                          │ │
      ×1
      │ └──────────────────────────────────────────────────────────────────────────┘ │
      │› Ada Byron      Ada              ──→ Ada                    Ada              │
      │  Grace Hopper   Grace            ──→ Grace                  Grace            │
      │  Turing         nothing          ──→ ✗ required, and there… nothing          │
      │                                                                              │
      └──────────────────────────────────────────────────────────────────────────────┘

       Enter Choose  Up Down Move  Esc Cancel
      """)
  }

  @Test func `the merge fields for a field at 200 by 60`() {
    expectPicture(shown(.mapping, 200, 60, pressing: "a d a t e Enter"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Field mapping ────────────────────────────────────────────────────────── < Ada Byron, 1 of 3 > ─┐┌─ first_name ──→ FNAME ──────────────────────────────────────────────────────────────── 1–3 of 3 ─┐
      │  Field here       Type     Value             Field there  Type     Value    Check                ││ On real people  Problems 1  Row                                                                  │
      │› first_name       text     Ada           ──→ FNAME *      text     Ada      ✗ 1 refused          ││ 1 person would be refused: FNAME is required, and they have no value that fits. p lists them.    │
      │  birthday         birthday 12/10         ──→ BIRTHDAY     birthday 12/10    ● fits: 3            ││                                                                                                  │
      │  phone            text     nothing       ←─→ PHONE        missing  nothing  ✗ The audience has … ││  Person               Here                   What moves                      There now           │
      │                                                                                                  ││› Ada Byron            Ada                ──→ Ada                             Ada                 │
      │                                                                                                  ││  Grace Hopper         Grace              ──→ Grace                           Grace               │
      │                                                                                                  ││  Turing               nothing            ──→ ✗ required, and there is no va… nothing             │
      │                                                                                                  ││                                                                                                  │
      ×13
      │                                                     ┌─ date_of_birth: with which merge field? ──────────────────────────────────────── 5 of 5 ─┐                                                     │
      │                                                     │ A few letters are enough                                                                 │                                                     │
      │                                                     │                                                                                          │                                                     │
      │                                                     │ › LNAME     Last Name   text                                                             │                                                     │
      │                                                     │   Create a merge field for date_of_birth…                                                │                                                     │
      │                                                     │   FNAME *   First Name  text      Ada    goes with first_name                            │                                                     │
      │                                                     │   BIRTHDAY  Birthday    birthday  12/10  goes with birthday                              │                                                     │
      │                                                     │   SIZE      T-shirt     dropdown         does not fit                                    │                                                     │
      │                                                     │                                                                                          │                                                     │
      ×1
      │                                                     └──────────────────────────────────────────────────────────────────────────────────────────┘                                                     │
      │                                                                                                  ││                                                                                                  │
      ×20
      │ ✗ Nothing is sent to LNAME. a adds a row.                                                        ││                                                                                                  │
      └──────────────────────────────────────────────────────────────────────────────────────────────────┘└──────────────────────────────────────────────────────────────────────────────────────────────────┘

       Enter Choose  Up Down Move  Esc Cancel
      """)
  }

  @Test func `the fields to choose from at 120 by 36`() {
    expectPicture(shown(.mapping, 120, 36, pressing: "a n a"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Field mapping ────────────────────────────────────────────────────────────────────────────── < Ada Byron, 1 of 3 > ─┐
      │  Field here       Type     Value          Field there  Type     Value    Check                Transforms For         │
      │› first_name       text     Ada        ──→ FNAME *      text     Ada      ✗ 1 refused                     everybody   │
      │  birthday         birthday 12/10      ──→ BIRTHDAY     birthday 12/10    ● fits: 3            trim       everybody   │
      │  phone            text     nothing    ←─→ PHONE        missing  nothing  ✗ The audience has …            everybody   │
      │             ┌─ Add a row: which field here? ───────────────────────────────────────────────── 4 of 16 ─┐             │
      │             │ na                                                                                       │             │
      │             │                                                                                          │             │
      │             │ › last_name            text      Byron                                                   │             │
      │             │   first_name           text      Ada              goes with FNAME                        │             │
      │             │   external_id          text                                                              │             │
      │             │   manager_external_id  text                                                              │             │
      │             │                                                                                          │             │
      ×1
      │ ✗ Nothing is│                                                                                          │             │
      └─────────────│                                                                                          │─────────────┘
      ┌─ first_name │                                                                                          │── 1–3 of 3 ─┐
      │ On real peop│                                                                                          │             │
      │ 1 person wou│                                                                                          │             │
      │             │                                                                                          │             │
      │  Person     │                                                                                          │             │
      │› Ada Byron  │                                                                                          │             │
      │  Grace Hoppe│                                                                                          │             │
      │  Turing     │                                                                                          │             │
      │             │                                                                                          │             │
      ×1
      │             └──────────────────────────────────────────────────────────────────────────────────────────┘             │
      │                                                                                                                      │
      ×3
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘

       Enter Choose  Up Down Move  Esc Cancel
      """)
  }

  @Test func `the audiences of a new key at 80 by 24`() throws {
    expectPicture(try SetUpTests().connected(80, 24), """
       Listkeeper   ● ready   not connected → no audience
      1 Over 2 People 3 Aud 4 Map 5 Tags 6 Exec 7 Logs 8 Review 9 Sched 0 Settings
      ┌─ Set-up ────────────────┐┌─ Step 2 of 6: Connections ────────────────────────┐
      │● 1 Initial configuration││ The key is tried at once, before it is kept.      │
      │    done                 ││                                          * needed │
      │› 2 Connections          ││  API key         set; empty keeps it              │
      │    now                  ││                  In Mailchimp: your profile,      │
      │○ 3 Settings             ││                  then Account & billing,          │
      │    to do                ││                  Extras, API keys, Create A Key   │
      │○ 4 Field mapping        ││                  (as of November 2026). Make a    │
      │    to do                ││                  new key for Listkeeper alone     │
      │○ 5 Test                 ││  Base address                                     │
      │    to do                ││                  [ Log in by browser ]            │
      │○ 6 Finish               ││ Audience *                                        │
      │    to do                ││ › ◉ Newsletter                                    │
      │                         ││     19,104 members, double opt-in on              │
      │                         ││   ○ Volunteers                                    │
      │                         ││                                                   │
      ×1
      │                         ││ Connected to Library as owner. Now choose the     │
      │                         ││ audience.                                         │
      └─────────────────────────┘└───────────────────────────────────────────────────┘

       ^S Use this audience  Tab Fields  PgUp Step back  : Command  ? Help  q Quit
      """)
  }

  @Test func `the audiences of a new key at 120 by 36`() throws {
    expectPicture(try SetUpTests().connected(120, 36), """
       Listkeeper   ● ready   not connected → no audience
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Set-up ──────────────────┐┌─ Step 2 of 6: Connections ──────────────────────────────────────────────────────────────┐
      │ ● 1 Initial configuration ││ The key is tried at once, before it is kept.                                            │
      │     done                  ││                                                                                * needed │
      │ › 2 Connections           ││  API key         set; empty keeps it                                                    │
      │     now                   ││  Base address                                                                           │
      │ ○ 3 Settings              ││                  [ Log in by browser ]                                                  │
      │     to do                 ││                                                                                         │
      │ ○ 4 Field mapping         ││                                                                                         │
      │     to do                 ││                                                                                         │
      │ ○ 5 Test                  ││                                                                                         │
      │     to do                 ││                                                                                         │
      │ ○ 6 Finish                ││ Audience *                                                                              │
      │     to do                 ││ › ◉ Newsletter                                                                          │
      │                           ││     19,104 members, double opt-in on                                                    │
      │                           ││   ○ Volunteers                                                                          │
      │                           ││                                                                                         │
      ×14
      │                           ││ Connected to Library as owner. Now choose the audience.                                 │
      └───────────────────────────┘└─────────────────────────────────────────────────────────────────────────────────────────┘

       ^S Use this audience  Tab Fields  PgUp Step back  F Force sync  P Pause  R Resync  y Copy  : Command  ? Help  q Quit
      """)
  }

  @Test func `the audiences of a new key at 200 by 60`() throws {
    expectPicture(try SetUpTests().connected(200, 60), """
       Listkeeper   ● ready   not connected → no audience
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Set-up ──────────────────┐┌─ Step 2 of 6: Connections ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┐
      │ ● 1 Initial configuration ││ The key is tried at once, before it is kept.                                                                                                                            │
      │     done                  ││                                                                                                                                                                * needed │
      │ › 2 Connections           ││  API key         set; empty keeps it                                                                                                                                    │
      │     now                   ││  Base address                                                                                                                                                           │
      │ ○ 3 Settings              ││                  [ Log in by browser ]                                                                                                                                  │
      │     to do                 ││                                                                                                                                                                         │
      │ ○ 4 Field mapping         ││                                                                                                                                                                         │
      │     to do                 ││                                                                                                                                                                         │
      │ ○ 5 Test                  ││                                                                                                                                                                         │
      │     to do                 ││                                                                                                                                                                         │
      │ ○ 6 Finish                ││ Audience *                                                                                                                                                              │
      │     to do                 ││ › ◉ Newsletter                                                                                                                                                          │
      │                           ││     19,104 members, double opt-in on                                                                                                                                    │
      │                           ││   ○ Volunteers                                                                                                                                                          │
      │                           ││                                                                                                                                                                         │
      ×38
      │                           ││ Connected to Library as owner. Now choose the audience.                                                                                                                 │
      └───────────────────────────┘└─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘

       ^S Use this audience  Tab Fields  PgUp Step back  F Force sync  P Pause  R Resync  y Copy  . Hold  : Command  ? Help  q Quit
      """)
  }
}
