// People as pictures: the list, somebody explained, who is marked, a search being completed, columns
// being chosen, and a file on its way in. (One suite of pictures, hence its length.)

import Basics
import Domain
import Screen
import Testing

@testable import Console

private func importing(_ width: Int, _ height: Int, pressing keys: String = "") -> TestSession {
  var console = ready(.people, Sample.world(width, height))
  console.openImport()
  for key in keys.split(separator: " ") {
    console.press(String(key))
    console.answerImport()
  }
  return console
}

// swift-format-ignore
@Suite struct PeoplePictureTests {
  @Test func `People at 80 by 24`() {
    expectPicture(shown(.people, 80, 24), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03
      1 Over 2 People 3 Aud 4 Map 5 Tags 6 Exec 7 Logs 8 Review 9 Sched 0 Set
      ┌─ People ───────────────────────────────── 1 more column, h l  1–7 of 20,000 ─┐
      │  State      Name▲          E-mail           Reason       Opt-in   Account    │
      │› ● in step  Ada Lovelace   ada@example.org               yes      Donors    ┃│
      │  ● in step  José Núñez     jose@example.org              yes      Donors     │
      │  ○ waiting  李小龍         li@example.org   changed      yes      Donors     │
      │  ✗ refused  Grace Hopper   grace@example    mailchimp.i… yes      Donors     │
      │  ─ excluded Alan Turing                     no-email     yes      Donors     │
      │  ─ excluded Katherine Joh… kj@example.org   opted-out    no       Donors     │
      │  …                                                                           │
      └──────────────────────────────────────────────────────────────────────────────┘
      ┌─ Ada Lovelace (#1) ──────────────────────────────────────────────── [ ] tab ─┐
      │ Details  Explain  Executions  History  Consent                               │
      │ State       ● in step                                                      ┃ │
      │ Name        Ada Lovelace                                                   ┃ │
      │ E-mail      ada@example.org                                                  │
      │ Opt-in      yes                                                              │
      │ Account     Donors                                                           │
      │ Kind        individual                                                       │
      │ Active      yes                                                              │
      └──────────────────────────────────────────────────────────────────────────────┘

       F Force sync  / Search  Enter Open  a Add  e Edit  : Command  ? Help  q Quit
      """)
  }

  @Test func `People at 120 by 36, explained`() {
    expectPicture(shown(.people, 120, 36, pressing: "j ]"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ People ──────────────────────────────────────────────────────────────────────────────────────────── 1–13 of 20,000 ─┐
      │  State      Name▲                E-mail                         Reason            Opt-in   Account    Changed        │
      │  ● in step  Ada Lovelace         ada@example.org                                  yes      Donors     11-21 13:42:07┃│
      │› ● in step  José Núñez           jose@example.org                                 yes      Donors     11-21 02:02:07 │
      │  ○ waiting  李小龍               li@example.org                 changed           yes      Donors     11-20 14:22:07 │
      │  ✗ refused  Grace Hopper         grace@example                  mailchimp.invali… yes      Donors     11-20 02:42:07 │
      │  ─ excluded Alan Turing                                         no-email          yes      Donors     11-19 15:02:07 │
      │  ─ excluded Katherine Johnson    kj@example.org                 opted-out         no       Donors     11-19 03:22:07 │
      │  …                                                                                                                   │
      ×6
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘
      ┌─ Ada Lovelace (#2) ──────────────────────────────────────────────────────────────────────────────────────── [ ] tab ─┐
      │ Details  Explain  Executions  History  Consent                                                                       │
      │ ● in step                                                                                                            │
      │                                                                                                                      │
      │ Engine                                                                                                               │
      │ ● Running.                                                                                                           │
      │                                                                                                                      │
      │ Who is on the list: the rules in their order                                                                         │
      │  1 ● deleted       no.                                                                                               │
      │  7 ✗ opted-out     yes. They opted out on 2026-03-02 by a form.                                                      │
      │    • Not looked at any more: suppressed, out-of-scope, duplicate-of.                                                 │
      │                                                                                                                      │
      │ At Mailchimp                                                                                                         │
      │ • At Mailchimp the member is unsubscribed.                                                                           │
      │                                                                                                                      │
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘

       F Force sync  / Search  Enter Open  a Add  e Edit  x Actions  Space Mark  P Pause  & Saved  : Command  ? Help  q Quit
      """)
  }

  @Test func `People at 200 by 60, with executions`() {
    expectPicture(shown(.people, 200, 60, pressing: "Space Space Enter ] ]"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ People  2 marked ────────────────────────────────────────────────────────────── 1–53 of 20,000 ─┐┌─ Ada Lovelace (#3) ─────────────────────────────────────────────────────────────────── 1–2 of 2 ─┐
      │  State      Name▲               E-mail           Reason       Opt-in   Account    Changed        ││ Details  Explain  Executions  History  Consent                                                   │
      │ ◆● in step  Ada Lovelace        ada@example.org               yes      Donors     11-21 13:42:07┃││  Execution  When           Result       Trigger      What changed, and why                       │
      │ ◆● in step  José Núñez          jose@example.org              yes      Donors     11-21 02:02:07 ││› ◐ #311     11-21 13:02:07 updated      force sync   FNAME: Adele → Ada                          │
      │› ○ waiting  李小龍              li@example.org   changed      yes      Donors     11-20 14:22:07 ││  ● #306     11-19 11:42:07 created      resync                                                   │
      │  ✗ refused  Grace Hopper        grace@example    mailchimp.i… yes      Donors     11-20 02:42:07 ││                                                                                                  │
      │  ─ excluded Alan Turing                          no-email     yes      Donors     11-19 15:02:07 ││                                                                                                  │
      │  ─ excluded Katherine Johnson   kj@example.org   opted-out    no       Donors     11-19 03:22:07 ││                                                                                                  │
      │  …                                                                                               ││                                                                                                  │
      ×46
      └──────────────────────────────────────────────────────────────────────────────────────────────────┘└──────────────────────────────────────────────────────────────────────────────────────────────────┘

       F Force sync  / Search  Enter Execution  a Add  e Edit  x Actions  Space Mark  P Pause  & Saved  s Sort  c Columns  i Import  R Resync  ] Next tab  v Range  * All  y Copy  : Command  ? Help  q Quit
      """)
  }

  @Test func `a search being completed`() {
    expectPicture(shown(.people, 80, 24, pressing: "/ s t Tab"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03
      1 Over 2 People 3 Aud 4 Map 5 Tags 6 Exec 7 Logs 8 Review 9 Sched 0 Set
      ┌─ People: state: ───────────────────────── 1 more column, h l  1–7 of 20,000 ─┐
      │  State      Name▲          E-mail           Reason       Opt-in   Account    │
      │› ● in step  Ada Lovelace   ada@example.org               yes      Donors    ┃│
      │  ● in step  José Núñez     jose@example.org              yes      Donors     │
      │  ○ waiting  李小龍         li@example.org   changed      yes      Donors     │
      │  ✗ refused  Grace Hopper   grace@example    mailchimp.i… yes      Donors     │
      │  ─ excluded Alan Turing                     no-email     yes      Donors     │
      │  ─ excluded Katherine Joh… kj@example.org   opted-out    no       Donors     │
      │  …                                                                           │
      └──────────────────────────────────────────────────────────────────────────────┘
      ┌─ Ada Lovelace (#1) ──────────────────────────────────────────────── [ ] tab ─┐
      │ Details  Explain  Executions  History  Consent                               │
      │ State       ● in step                                                      ┃ │
      │ Name        Ada Lovelace                                                   ┃ │
      │ ┌─────────────────────────┐                                                  │
      │ │ in-step   19,204 people │                                                  │
      │ │ waiting                 │                                                  │
      │ │ excluded                │                                                  │
      │ │ refused   28 people     │                                                  │
      └─└─────────────────────────┘──────────────────────────────────────────────────┘
       / state:
       Tab Take  Up Down Choose  Enter Keep  Esc Clear
      """)
  }

  @Test func `columns being chosen`() {
    expectPicture(shown(.people, 80, 24, pressing: "c j Space J"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03
      1 Over ┌─ Columns ──────────────────────────────────────────── 6 of 23 ─┐
      ┌─ Peop│  [x] State              in step, waiting, excluded or refused  │,000 ─┐
      │  Stat│  [x] E-mail             the primary address                    │nt    │
      │› ● in│  [ ] Name               first and last name, or the company    │s    ┃│
      │  ● in│  [x] Reason             why they stand there                   │s     │
      │  ○ wa│  [x] Opt-in             yes, no or unknown                     │s     │
      │  ✗ re│  [x] Account            the group they belong to               │s     │
      │  ─ ex│  [x] Changed            when they changed last                 │s     │
      │  ─ ex│  [ ] Company            as it stands in the directory          │s     │
      │  …   │  [ ] Phone              as it stands in the directory          │      │
      └──────│  [ ] Kind               individual or organisation             │──────┘
      ┌─ Ada │  [ ] Active             yes, no or deleted                     │ tab ─┐
      │ Detai│  [ ] Birthday           month and day                          │      │
      │ State│  [ ] Born               the date of birth                      │    ┃ │
      │ Name │  [ ] City               as it stands in the directory          │    ┃ │
      │ E-mai│  [ ] Country            as it stands in the directory          │      │
      │ Opt-i│  [ ] Manager            the account manager, of a child        │      │
      │ Accou│  [ ] External id        the id in the system they come from    │      │
      │ Kind │  [ ] Source             who tells of them                      │      │
      │ Activ│                                                                │      │
      └──────└────────────────────────────────────────────────────────────────┘──────┘

       Space Show or hide  J K Move  Enter Keep  r As usual  Esc Cancel
      """)
  }

  @Test func `what is done to all who are shown asks with their number`() {
    expectPicture(shown(.people, 80, 24, pressing: "* x t"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03
      1 Over 2 People 3 Aud 4 Map 5 Tags 6 Exec 7 Logs 8 Review 9 Sched 0 Set
      ┌─ People  20,000 marked ────────────────── 1 more column, h l  1–7 of 20,000 ─┐
      │  State      Name▲          E-mail           Reason       Opt-in   Account    │
      │›◆● in step  Ada Lovelace   ada@example.org               yes      Donors    ┃│
      │ ◆● in ┌─ Deactivate 19,000 people ───────────────────────────────────┐rs     │
      │ ◆○ wai│                                                              │rs     │
      │ ◆✗ ref│ 19,000 people: Ada Lovelace, José Núñez, 李小龍 and 18,997   │rs     │
      │ ◆─ exc│ more are inactive from now on and leave the audience by your │rs     │
      │ ◆─ exc│ rule for leavers.                                            │rs     │
      │  …    │ 18,000 of them are members at Mailchimp now.                 │       │
      └───────│ 1,000 more are so already and stay as they are.              │───────┘
      ┌─ Ada L│ z takes it back.                                             │] tab ─┐
      │ Detail│                                                              │       │
      │ State │ Type 19000 and press Enter.                                  │     ┃ │
      │ Name  │                                                              │     ┃ │
      │ E-mail│                                                              │       │
      │ Opt-in└──────────────────────────────────────────────────────────────┘       │
      │ Account     Donors                                                           │
      │ Kind        individual                                                       │
      │ Active      yes                                                              │
      └──────────────────────────────────────────────────────────────────────────────┘

       Enter Deactivate  Esc Cancel
      """)
  }

  @Test func `the columns of a file at 80 by 24`() {
    expectPicture(importing(80, 24), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03
      1 Over 2 People 3 Aud 4 Map 5 Tags 6 Exec 7 Logs 8 Review 9 Sched 0 Set
      ┌─ Import people.csv ────────────────────────────────────────────── 5 columns ─┐
      │ What each column of the file is taken for. Nothing is written before you     │
      │ have seen what would become of every row.                                    │
      │                                                                              │
      │  Column           What stands in …    Taken for           Because            │
      │› Given name       Ada • Grace      →  first_name          spelling: check it │
      │  last_name        Byron • Hopper   →  last_name           its name           │
      │  email            ada@example.org  →  email               its name           │
      │  newsletter       yes • no            left out            perhaps opt_in?    │
      │  Shoe             38 • 41.5           left out            Enter, or n        │
      │                                                                              │
      ×8
      └──────────────────────────────────────────────────────────────────────────────┘

       p Preview  Enter Take it for…  - Leave out  : Command  ? Help  q Quit
      """)
  }

  @Test func `what would become of a file at 120 by 36`() {
    expectPicture(importing(120, 36, pressing: "p ] ]"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Import people.csv ────────────────────────────────────────────────────────────────────────────────────── 5 columns ─┐
      │ What would become of the 5,000 rows. Nothing is written yet.                                                         │
      │                                                                                                                      │
      ×1
      │ Refused 1  New 120  Changed 1  Unchanged 4,878                                                                       │
      │     Line Name                   E-mail                     What changes, or why not                                  │
      │›       3 Grace Hopper           grace@example.org          last_name: Murray → Hopper                                │
      │                                                                                                                      │
      ×21
      │ 1 row is refused: correct the file, or l leaves them out.                                                            │
      │ Left out: newsletter, Shoe.                                                                                          │
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘

       i Import  ] Next  l Leave out refused  Esc Back to the columns  F Force sync  P Pause  : Command  ? Help  q Quit
      """)
  }

  @Test func `a file with refused rows at 200 by 60`() {
    expectPicture(importing(200, 60, pressing: "p"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Import people.csv ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────── 5 columns ─┐
      │ What would become of the 5,000 rows. Nothing is written yet.                                                                                                                                         │
      │                                                                                                                                                                                                      │
      ×1
      │ Refused 1  New 120  Changed 1  Unchanged 4,878                                                                                                                                                       │
      │     Line Why it is refused, and what to do                                                                                                                                                           │
      │›       7 '13/45' does not fit birthday. Give month and day, such as 12/10.                                                                                                                           │
      │                                                                                                                                                                                                      │
      ×45
      │ 1 row is refused: correct the file, or l leaves them out.                                                                                                                                            │
      │ Left out: newsletter, Shoe.                                                                                                                                                                          │
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘

       i Import  ] Next  l Leave out refused  Esc Back to the columns  F Force sync  P Pause  R Resync  y Copy  . Hold  : Command  ? Help  q Quit
      """)
  }
}
