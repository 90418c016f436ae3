// The details of an execution as pictures, tab by tab, at the three sizes. (One suite of pictures,
// hence its length.)

import Basics
import Domain
import Screen
import Testing

@testable import Console

// swift-format-ignore
@Suite struct ExecutionPictureTests {
  @Test func `Summary at 80 by 24`() {
    expectPicture(shown(.executions, 80, 24, pressing: "j Enter"), from: "┌─ #311", """
      ┌─ #311 force sync ────────────────────────────────────────────────── [ ] tab ─┐
      │ Summary  Step outputs  People  Requests  Logs                                │
      │ ◐ partial                                                                  ┃ │
      │                                                                            ┃ │
      │ Trigger  force sync                  Created           3  █░░░░░░░░░░░░░   ┃ │
      │ Flow     directory → Mailchimp       Updated         120  █░░░░░░░░░░░░░   ┃ │
      │ Started  2026-11-21 13:02:07         Unsubscribed      0                   ┃ │
      │ Took     1:31                        Archived          0                     │
      │                                      Refused          28  █░░░░░░░░░░░░░     │
      └──────────────────────────────────────────────────────────────────────────────┘

       F Force sync  Enter Show  x Actions  / Filter  : Command  ? Help  q Quit
      """)
  }

  @Test func `Summary at 120 by 36`() {
    expectPicture(shown(.executions, 120, 36, pressing: "j Enter"), from: "┌─ #311", """
      ┌─ #311 force sync ────────────────────────────────────────────────────────────────────────────────────────── [ ] tab ─┐
      │ Summary  Step outputs  People  Requests  Logs                                                                        │
      │ ◐ partial                                                                                                            │
      │                                                                                                                      │
      │ Trigger  force sync                           Created           3  █░░░░░░░░░░░░░░░░░░░░░░░░░░░░░                    │
      │ Flow     directory → Mailchimp                Updated         120  █░░░░░░░░░░░░░░░░░░░░░░░░░░░░░                    │
      │ Started  2026-11-21 13:02:07                  Unsubscribed      0                                                    │
      │ Took     1:31                                 Archived          0                                                    │
      │                                               Refused          28  █░░░░░░░░░░░░░░░░░░░░░░░░░░░░░                    │
      │                                               Excluded          0                                                    │
      │                                               Unchanged    19,877  █████████████████████████████░                    │
      │                                                                                                                      │
      ×3
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘

       F Force sync  Enter Show  x Actions  / Filter  P Pause  & Form  b Filters  s Sort  : Command  ? Help  q Quit
      """)
  }

  @Test func `Summary at 200 by 60`() {
    expectPicture(shown(.executions, 200, 60, pressing: "j Enter"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Executions ────────────────────────────────────────────────────────────────────────── 1–7 of 7 ─┐┌─ #311 force sync ────────────────────────────────────────────────────────────────────── [ ] tab ─┐
      │  Status      Started           Took Number Trigger    Flow                  What happened        ││ Summary  Step outputs  People  Requests  Logs                                                    │
      │  ◌ running   11-21 13:41:07           #312 force sync directory → Mailchimp 62%  12,400 of 20,0… ││ ◐ partial                                                                                        │
      │› ◐ partial   11-21 13:02:07    1:31   #311 force sync directory → Mailchimp 28 refused, 3 creat… ││                                                                                                  │
      │  ● succeeded 11-21 12:42:07    1:31   #310 poll       Mailchimp → directory no changes           ││ Trigger  force sync                           Created           3  █░░░░░░░░░░░░░░░░░░░░░░░░     │
      │  ✗ failed    11-21 10:52:07    1:31   #309 schedule   directory → Mailchimp Mailchimp refused t… ││ Flow     directory → Mailchimp                Updated         120  █░░░░░░░░░░░░░░░░░░░░░░░░     │
      │  ● succeeded 11-21 10:22:07    1:31   #308 retry      directory → Mailchimp 3 created, 120 upda… ││ Started  2026-11-21 13:02:07                  Unsubscribed      0                                │
      │  ‖ held      11-20 12:42:07           #307 resync     directory → Mailchimp waits for your deci… ││ Took     1:31                                 Archived          0                                │
      │  ✗ cancelled 11-19 11:42:07    1:31   #306 resync     directory → Mailchimp 28 refused, 3 creat… ││                                               Refused          28  █░░░░░░░░░░░░░░░░░░░░░░░░     │
      │                                                                                                  ││                                               Excluded          0                                │
      │                                                                                                  ││                                               Unchanged    19,877  ████████████████████████░     │
      │                                                                                                  ││                                                                                                  │
      ×43
      └──────────────────────────────────────────────────────────────────────────────────────────────────┘└──────────────────────────────────────────────────────────────────────────────────────────────────┘

       F Force sync  Enter Show  x Actions  / Filter  P Pause  & Form  b Filters  s Sort  R Resync  Space Mark  ] Next tab  y Copy  v Range  * All  + Zoom  . Hold  : Command  ? Help  q Quit
      """)
  }

  @Test func `Step outputs at 80 by 24`() {
    expectPicture(shown(.executions, 80, 24, pressing: "j Enter ]"), from: "┌─ #311", """
      ┌─ #311 force sync ────────────────────────────────────────────────── [ ] tab ─┐
      │ Summary  Step outputs  People  Requests  Logs                                │
      │› ▾ Read the audience  ● succeeded  13:02:07.000  1.4 s                       │
      │      members  19,104                                                         │
      │  ▾ Send changes  ◐ partial  13:03:07.000  1:29                               │
      │      created  3                                                              │
      │      refused  28                                                             │
      │                                                                              │
      ×1
      └──────────────────────────────────────────────────────────────────────────────┘

       F Force sync  Enter Show  o Fold all  x Actions  : Command  ? Help  q Quit
      """)
  }

  @Test func `Step outputs at 120 by 36`() {
    expectPicture(shown(.executions, 120, 36, pressing: "j Enter ]"), from: "┌─ #311", """
      ┌─ #311 force sync ────────────────────────────────────────────────────────────────────────────────────────── [ ] tab ─┐
      │ Summary  Step outputs  People  Requests  Logs                                                                        │
      │› ▾ Read the audience  ● succeeded  13:02:07.000  1.4 s                                                               │
      │      members  19,104                                                                                                 │
      │  ▾ Send changes  ◐ partial  13:03:07.000  1:29                                                                       │
      │      created  3                                                                                                      │
      │      refused  28                                                                                                     │
      │                                                                                                                      │
      ×7
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘

       F Force sync  Enter Show  o Fold all  x Actions  / Filter  P Pause  & Form  b Filters  : Command  ? Help  q Quit
      """)
  }

  @Test func `Step outputs at 200 by 60`() {
    expectPicture(shown(.executions, 200, 60, pressing: "j Enter ]"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Executions ────────────────────────────────────────────────────────────────────────── 1–7 of 7 ─┐┌─ #311 force sync ────────────────────────────────────────────────────────────────────── [ ] tab ─┐
      │  Status      Started           Took Number Trigger    Flow                  What happened        ││ Summary  Step outputs  People  Requests  Logs                                                    │
      │  ◌ running   11-21 13:41:07           #312 force sync directory → Mailchimp 62%  12,400 of 20,0… ││› ▾ Read the audience  ● succeeded  13:02:07.000  1.4 s                                           │
      │› ◐ partial   11-21 13:02:07    1:31   #311 force sync directory → Mailchimp 28 refused, 3 creat… ││      members  19,104                                                                             │
      │  ● succeeded 11-21 12:42:07    1:31   #310 poll       Mailchimp → directory no changes           ││  ▾ Send changes  ◐ partial  13:03:07.000  1:29                                                   │
      │  ✗ failed    11-21 10:52:07    1:31   #309 schedule   directory → Mailchimp Mailchimp refused t… ││      created  3                                                                                  │
      │  ● succeeded 11-21 10:22:07    1:31   #308 retry      directory → Mailchimp 3 created, 120 upda… ││      refused  28                                                                                 │
      │  ‖ held      11-20 12:42:07           #307 resync     directory → Mailchimp waits for your deci… ││                                                                                                  │
      │  ✗ cancelled 11-19 11:42:07    1:31   #306 resync     directory → Mailchimp 28 refused, 3 creat… ││                                                                                                  │
      │                                                                                                  ││                                                                                                  │
      ×45
      └──────────────────────────────────────────────────────────────────────────────────────────────────┘└──────────────────────────────────────────────────────────────────────────────────────────────────┘

       F Force sync  Enter Show  o Fold all  x Actions  / Filter  P Pause  & Form  b Filters  s Sort  R Resync  Space Mark  ] Next tab  y Copy  v Range  * All  + Zoom  . Hold  : Command  ? Help  q Quit
      """)
  }

  @Test func `People at 80 by 24`() {
    expectPicture(shown(.executions, 80, 24, pressing: "j Enter ] ]"), from: "┌─ #311", """
      ┌─ #311 force sync ──────────────────────────────────────── 1–2 of 2  [ ] tab ─┐
      │ Summary  Step outputs  People  Requests  Logs                                │
      │  Result       Name       E-mail               Reason or change               │
      │› refused      Grace Hop… grace@example        Mailchimp finds the address i… │
      │  updated      Ada Lovel… ada@example.org      FNAME: Ada → Adele             │
      │                                                                              │
      ×3
      └──────────────────────────────────────────────────────────────────────────────┘

       F Force sync  Enter Show  f Outcome  x Actions  : Command  ? Help  q Quit
      """)
  }

  @Test func `People at 200 by 60`() {
    expectPicture(shown(.executions, 200, 60, pressing: "j Enter ] ]"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Executions ────────────────────────────────────────────────────────────────────────── 1–7 of 7 ─┐┌─ #311 force sync ──────────────────────────────────────────────────────────── 1–2 of 2  [ ] tab ─┐
      │  Status      Started           Took Number Trigger    Flow                  What happened        ││ Summary  Step outputs  People  Requests  Logs                                                    │
      │  ◌ running   11-21 13:41:07           #312 force sync directory → Mailchimp 62%  12,400 of 20,0… ││  Result       Name                  E-mail                    Reason or change                   │
      │› ◐ partial   11-21 13:02:07    1:31   #311 force sync directory → Mailchimp 28 refused, 3 creat… ││› refused      Grace Hopper          grace@example             Mailchimp finds the address inval… │
      │  ● succeeded 11-21 12:42:07    1:31   #310 poll       Mailchimp → directory no changes           ││  updated      Ada Lovelace          ada@example.org           FNAME: Ada → Adele                 │
      │  ✗ failed    11-21 10:52:07    1:31   #309 schedule   directory → Mailchimp Mailchimp refused t… ││                                                                                                  │
      │  ● succeeded 11-21 10:22:07    1:31   #308 retry      directory → Mailchimp 3 created, 120 upda… ││                                                                                                  │
      │  ‖ held      11-20 12:42:07           #307 resync     directory → Mailchimp waits for your deci… ││                                                                                                  │
      │  ✗ cancelled 11-19 11:42:07    1:31   #306 resync     directory → Mailchimp 28 refused, 3 creat… ││                                                                                                  │
      │                                                                                                  ││                                                                                                  │
      ×45
      └──────────────────────────────────────────────────────────────────────────────────────────────────┘└──────────────────────────────────────────────────────────────────────────────────────────────────┘

       F Force sync  Enter Show  f Outcome  x Actions  / Filter  P Pause  & Form  b Filters  s Sort  R Resync  Space Mark  ] Next tab  y Copy  v Range  * All  + Zoom  . Hold  : Command  ? Help  q Quit
      """)
  }

  @Test func `Requests at 80 by 24`() {
    expectPicture(shown(.executions, 80, 24, pressing: "j Enter ] ] ]"), from: "┌─ #311", """
      ┌─ #311 force sync ──────────────────────────────────────── 1–2 of 2  [ ] tab ─┐
      │ Summary  Step outputs  People  Requests  Logs                                │
      │  Time         Call   Path                      Answer    Took Problem        │
      │› 13:03:07.000 POST   /3.0/lists/a1b2c3d4e5     200     840 ms                │
      │  13:04:07.000 PUT    /3.0/lists/a1b2c3d4e5/me… 400     120 ms Invalid Resou… │
      │                                                                              │
      ×3
      └──────────────────────────────────────────────────────────────────────────────┘

       F Force sync  Enter Show  x Actions  / Filter  : Command  ? Help  q Quit
      """)
  }

  @Test func `Requests at 120 by 36`() {
    expectPicture(shown(.executions, 120, 36, pressing: "j Enter ] ] ]"), from: "┌─ #311", """
      ┌─ #311 force sync ──────────────────────────────────────────────────────────────────────────────── 1–2 of 2  [ ] tab ─┐
      │ Summary  Step outputs  People  Requests  Logs                                                                        │
      │  Time         Call   Path                                     Answer    Took     Sent      Got Problem               │
      │› 13:03:07.000 POST   /3.0/lists/a1b2c3d4e5                    200     840 ms   164 kB   201 kB                       │
      │  13:04:07.000 PUT    /3.0/lists/a1b2c3d4e5/members/ab12       400     120 ms    210 B    380 B Invalid Resource      │
      │                                                                                                                      │
      ×9
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘

       F Force sync  Enter Show  x Actions  / Filter  P Pause  & Form  b Filters  s Sort  : Command  ? Help  q Quit
      """)
  }

  @Test func `Requests at 200 by 60`() {
    expectPicture(shown(.executions, 200, 60, pressing: "j Enter ] ] ]"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Executions ────────────────────────────────────────────────────────────────────────── 1–7 of 7 ─┐┌─ #311 force sync ──────────────────────────────────────────────────────────── 1–2 of 2  [ ] tab ─┐
      │  Status      Started           Took Number Trigger    Flow                  What happened        ││ Summary  Step outputs  People  Requests  Logs                                                    │
      │  ◌ running   11-21 13:41:07           #312 force sync directory → Mailchimp 62%  12,400 of 20,0… ││  Time         Call   Path                        Answer    Took     Sent      Got Problem        │
      │› ◐ partial   11-21 13:02:07    1:31   #311 force sync directory → Mailchimp 28 refused, 3 creat… ││› 13:03:07.000 POST   /3.0/lists/a1b2c3d4e5       200     840 ms   164 kB   201 kB                │
      │  ● succeeded 11-21 12:42:07    1:31   #310 poll       Mailchimp → directory no changes           ││  13:04:07.000 PUT    /3.0/lists/a1b2c3d4e5/memb… 400     120 ms    210 B    380 B Invalid Resou… │
      │  ✗ failed    11-21 10:52:07    1:31   #309 schedule   directory → Mailchimp Mailchimp refused t… ││                                                                                                  │
      │  ● succeeded 11-21 10:22:07    1:31   #308 retry      directory → Mailchimp 3 created, 120 upda… ││                                                                                                  │
      │  ‖ held      11-20 12:42:07           #307 resync     directory → Mailchimp waits for your deci… ││                                                                                                  │
      │  ✗ cancelled 11-19 11:42:07    1:31   #306 resync     directory → Mailchimp 28 refused, 3 creat… ││                                                                                                  │
      │                                                                                                  ││                                                                                                  │
      ×45
      └──────────────────────────────────────────────────────────────────────────────────────────────────┘└──────────────────────────────────────────────────────────────────────────────────────────────────┘

       F Force sync  Enter Show  x Actions  / Filter  P Pause  & Form  b Filters  s Sort  R Resync  Space Mark  ] Next tab  y Copy  v Range  * All  + Zoom  . Hold  : Command  ? Help  q Quit
      """)
  }

  @Test func `Logs at 80 by 24`() {
    expectPicture(shown(.executions, 80, 24, pressing: "j Enter ] ] ] ]"), from: "┌─ #311", """
      ┌─ #311 force sync ──────────────────────────────────────── 1–3 of 3  [ ] tab ─┐
      │ Summary  Step outputs  People  Requests  Logs                                │
      │  Time         Level   What happened                                          │
      │› 13:39:07.000 info    Force sync began.                                      │
      │  13:40:07.000 warning A value was cut at 255 characters.                     │
      │  13:41:07.000 error   Mailchimp refused grace@example: the address is not v… │
      │                                                                              │
      ×2
      └──────────────────────────────────────────────────────────────────────────────┘

       F Force sync  Enter Show  x Actions  / Filter  : Command  ? Help  q Quit
      """)
  }

  @Test func `Logs at 120 by 36`() {
    expectPicture(shown(.executions, 120, 36, pressing: "j Enter ] ] ] ]"), from: "┌─ #311", """
      ┌─ #311 force sync ──────────────────────────────────────────────────────────────────────────────── 1–3 of 3  [ ] tab ─┐
      │ Summary  Step outputs  People  Requests  Logs                                                                        │
      │  Time         Level   What happened                                                                                  │
      │› 13:39:07.000 info    Force sync began.                                                                              │
      │  13:40:07.000 warning A value was cut at 255 characters.                                                             │
      │  13:41:07.000 error   Mailchimp refused grace@example: the address is not valid.  person=#4                          │
      │                                                                                                                      │
      ×8
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘

       F Force sync  Enter Show  x Actions  / Filter  P Pause  & Form  b Filters  s Sort  : Command  ? Help  q Quit
      """)
  }

  @Test func `Logs at 200 by 60`() {
    expectPicture(shown(.executions, 200, 60, pressing: "j Enter ] ] ] ]"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Executions ────────────────────────────────────────────────────────────────────────── 1–7 of 7 ─┐┌─ #311 force sync ──────────────────────────────────────────────────────────── 1–3 of 3  [ ] tab ─┐
      │  Status      Started           Took Number Trigger    Flow                  What happened        ││ Summary  Step outputs  People  Requests  Logs                                                    │
      │  ◌ running   11-21 13:41:07           #312 force sync directory → Mailchimp 62%  12,400 of 20,0… ││  Time         Level   What happened                                                              │
      │› ◐ partial   11-21 13:02:07    1:31   #311 force sync directory → Mailchimp 28 refused, 3 creat… ││› 13:39:07.000 info    Force sync began.                                                          │
      │  ● succeeded 11-21 12:42:07    1:31   #310 poll       Mailchimp → directory no changes           ││  13:40:07.000 warning A value was cut at 255 characters.                                         │
      │  ✗ failed    11-21 10:52:07    1:31   #309 schedule   directory → Mailchimp Mailchimp refused t… ││  13:41:07.000 error   Mailchimp refused grace@example: the address is not valid.  person=#4      │
      │  ● succeeded 11-21 10:22:07    1:31   #308 retry      directory → Mailchimp 3 created, 120 upda… ││                                                                                                  │
      │  ‖ held      11-20 12:42:07           #307 resync     directory → Mailchimp waits for your deci… ││                                                                                                  │
      │  ✗ cancelled 11-19 11:42:07    1:31   #306 resync     directory → Mailchimp 28 refused, 3 creat… ││                                                                                                  │
      │                                                                                                  ││                                                                                                  │
      ×45
      └──────────────────────────────────────────────────────────────────────────────────────────────────┘└──────────────────────────────────────────────────────────────────────────────────────────────────┘

       F Force sync  Enter Show  x Actions  / Filter  P Pause  & Form  b Filters  s Sort  R Resync  Space Mark  ] Next tab  y Copy  v Range  * All  + Zoom  . Hold  : Command  ? Help  q Quit
      """)
  }

  @Test func `a request at 120 by 36`() {
    expectPicture(shown(.executions, 120, 36, pressing: "j Enter ] ] ] Enter"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Executions ────────────────────────────────────────────────────────────────────────────────────────────── 1–7 of 7 ─┐
      │  Status      Started           Took  Number Trigger    Flow                  What happened                           │
      │  ◌ running   11-21 13:41:07            #312 force sync directory → Mailchimp 62%  12,400 of 20,000  206/s  about 36… │
      │› ◐ partial   11-21 13:02:07    1:31    #311 force sync directory → Mailchimp 28 refused, 3 created, 120 updated      │
      │  ● succeeded 11-21 12:42:07    1:31    #310 poll       Mailchimp → directory no changes                              │
      │  ✗ failed    11-21 10:52:07    1:31    #309 schedule   directory → Mailchimp Mailchimp refused the API key.          │
      │  ● succeed┌─ Request ────────────────────────────────────────────────────────────────────────────────────┐           │
      │  ‖ held   │ POST /3.0/lists/a1b2c3d4e5                                                                   │view (8)   │
      │  ✗ cancell│ At      2026-11-21 13:03:07                                                                  │dated      │
      │           │ Answer  200  in 840 ms                                                                       │           │
      │           │ Sizes   164 kB sent, 201 kB got                                                              │           │
      │           │                                                                                              │           │
      │           │ Request                                                                                      │           │
      │           │ {                                                                                            │           │
      │           │   "email_address": "ada@example.org",                                                        │           │
      └───────────│   "merge_fields": {                                                                          │───────────┘
      ┌─ #311 forc│     "LNAME": "O'Hara"                                                                        │  [ ] tab ─┐
      │ Summary  S│   }                                                                                          │           │
      │  Time     │ }                                                                                            │           │
      │› 13:03:07.│                                                                                              │           │
      │  13:04:07.│ Response                                                                                     │ource      │
      │           │ {                                                                                            │           │
      │           │   "id": "ab12",                                                                              │           │
      │           │   "status": "subscribed"                                                                     │           │
      │           │ }                                                                                            │           │
      │           └──────────────────────────────────────────────────────────────────────────────────────────────┘           │
      │                                                                                                                      │
      ×4
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘

       j k Scroll  / Search  Esc Close
      """)
  }

  @Test func `the actions at 80 by 24, with what the selected one does`() {
    expectPicture(shown(.executions, 80, 24, pressing: "j x j"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03
      1 Over 2 People 3 Aud 4 Map 5 Tags 6 Executions 7 Logs 8 Review 9 Sched 0 Set
      ┌─ Executions ────────────────────────────────────────────────────── 1–7 of 7 ─┐
      │  Status      Started           Took Number Trigger    What happened          │
      │  ◌ running   ┌─ Actions ──────────────────────────────────────┐00 of 20,000… │
      │› ◐ partial   │  c    Cancel this run                          │d, 3 created… │
      │  ● succeeded │  r    Retry what failed                        │s             │
      │  ✗ failed    │  p    Replay                                   │ refused the… │
      │  ● succeeded │  u    Undo this run                            │, 120 updated │
      │  ‖ held      │  o    Compare with its original                │ your decisi… │
      │  ✗ cancelled │  g    Go to its original                       │d, 3 created… │
      └──────────────│  l    Its lines in Logs                        │──────────────┘
      ┌─ #311 force s│  e    Executions of this person                │──── [ ] tab ─┐
      │ Summary  Step│  s    What was sent for this person            │              │
      │ ◐ partial    │  k    Copy as curl                             │            ┃ │
      │              │  t    Log lines of that time                   │            ┃ │
      │ Trigger  forc│                                                │░░░░░░░░░   ┃ │
      │ Flow     dire│  Do all of it, or of those that are marked,    │░░░░░░░░░   ┃ │
      │ Started  2026│  again as a new, linked execution.             │            ┃ │
      │ Took     1:31└────────────────────────────────────────────────┘              │
      │                                      Refused          28  █░░░░░░░░░░░░░     │
      └──────────────────────────────────────────────────────────────────────────────┘

       Enter Choose  Esc Cancel
      """)
  }
}
