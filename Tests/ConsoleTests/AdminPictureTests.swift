// The panes an administrator looks at daily, as pictures at the sizes the others are not drawn at.
// (One suite of pictures, hence its length.)

import Basics
import Domain
import Screen
import Testing

@testable import Console

// swift-format-ignore
@Suite struct AdminPictureTests {
  @Test func `Audience at 120 by 36, facts beside how it grew`() {
    expectPicture(shown(.audience, 120, 36), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Audiences ─────────────────────────────────────────────────────────────────────────────────────────────── 1–2 of 2 ─┐
      │  In use Name                                    Members Unsubscribed Double opt-in Last campaign Rating Id           │
      │› ● yes  Newsletter                               19,104          402 yes           2026-11-18    4 of 5 a1b2c3d4e5   │
      │         Volunteers                                  312            0 no            none          0 of 5 f6a7b8c9d0   │
      │                                                                                                                      │
      ×10
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘
      ┌─ Newsletter ─────────────────────────────────────────────────────────────────────────────────────────────── [ ] tab ─┐
      │ Details  Growth  Where to change it                                                                                  │
      │ Id             a1b2c3d4e5                                 ┃  19,104 in 2026-11  +154 since 2026-10, +6,054 in a year │
      │ People         19,104 members, 402 unsubscribed, 31       ┃  as of 03:42; 380 unsubscribed, 30 cleaned, 0            │
      │                cleaned                                    ┃  unconfirmed                                             │
      │ Double opt-in  yes: new people are asked to confirm by    ┃                                                          │
      │                mail                                       ┃  19,104 │                        ▂▂▂ ▄▄▄ ▆▆▆ ▇▇▇ ███     │
      │ Sign-up form   https://library.example/join               ┃         │    ▂▂▂ ▄▄▄ ▇▇▇ ▅▅▅ ███ ███ ███ ███ ███ ███     │
      │ Webhook        Working; deliveries must be signed.  w     ┃         │▇▇▇ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███     │
      │                shows it                                   ┃         │███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███     │
      │ Reminder       You signed up at our desk.                 ┃   9,552 │███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███     │
      │ From           The Library <news@library.example>         ┃         │███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███     │
      │ Address        -                                          ┃         │███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███     │
      │ Last campaign  2026-11-18 19:02:07                                0 │███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███     │
      │ Rating         4 of 5                                                Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov     │
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘

       F Force sync  Enter Use it  i Paste an id  r Read again  w Webhook  P Pause  u Unknown  : Command  ? Help  q Quit
      """)
  }

  @Test func `Audience at 200 by 60`() {
    expectPicture(shown(.audience, 200, 60), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Audiences ─────────────────────────────────────────────────────────────────────────── 1–2 of 2 ─┐┌─ Newsletter ─────────────────────────────────────────────────────────────────────────── [ ] tab ─┐
      │  In use Name                  Members Unsubscribed Double opt-in Last campaign Rating Id         ││ Details  Growth  Where to change it                                                              │
      │› ● yes  Newsletter             19,104          402 yes           2026-11-18    4 of 5 a1b2c3d4e5 ││ Id             a1b2c3d4e5                                                                        │
      │         Volunteers                312            0 no            none          0 of 5 f6a7b8c9d0 ││ People         19,104 members, 402 unsubscribed, 31 cleaned                                      │
      │                                                                                                  ││ Double opt-in  yes: new people are asked to confirm by mail                                      │
      │                                                                                                  ││ Sign-up form   https://library.example/join                                                      │
      │                                                                                                  ││ Webhook        Working; deliveries must be signed.  w shows it                                   │
      │                                                                                                  ││ Reminder       You signed up at our desk.                                                        │
      │                                                                                                  ││ From           The Library <news@library.example>                                                │
      │                                                                                                  ││ Address        -                                                                                 │
      │                                                                                                  ││ Last campaign  2026-11-18 19:02:07                                                               │
      │                                                                                                  ││ Rating         4 of 5                                                                            │
      │                                                                                                  ││ Audiences      The plan of the Mailchimp account allows 5, and there are 2.                      │
      │                                                                                                  ││                                                                                                  │
      │                                                                                                  ││ 19,104 in 2026-11  +154 since 2026-10, +6,054 in a year                                          │
      │                                                                                                  ││ as of 03:42; 380 unsubscribed, 30 cleaned, 0 unconfirmed                                         │
      │                                                                                                  ││                                                                                                  │
      │                                                                                                  ││ 19,104 │                                                            ▂▂▂▂▂ ▅▅▅▅▅ ▇▇▇▇▇ █████      │
      │                                                                                                  ││        │                                    ▁▁▁▁▁       ▃▃▃▃▃ ▇▇▇▇▇ █████ █████ █████ █████      │
      │                                                                                                  ││        │                              ▄▄▄▄▄ █████ ▆▆▆▆▆ █████ █████ █████ █████ █████ █████      │
      │                                                                                                  ││        │            ▁▁▁▁▁ ▃▃▃▃▃ ▇▇▇▇▇ █████ █████ █████ █████ █████ █████ █████ █████ █████      │
      │                                                                                                  ││        │      ▄▄▄▄▄ █████ █████ █████ █████ █████ █████ █████ █████ █████ █████ █████ █████      │
      │                                                                                                  ││        │█████ █████ █████ █████ █████ █████ █████ █████ █████ █████ █████ █████ █████ █████      │
      ×1
      │                                                                                                  ││  9,552 │█████ █████ █████ █████ █████ █████ █████ █████ █████ █████ █████ █████ █████ █████      │
      │                                                                                                  ││        │█████ █████ █████ █████ █████ █████ █████ █████ █████ █████ █████ █████ █████ █████      │
      ×4
      │                                                                                                  ││      0 │█████ █████ █████ █████ █████ █████ █████ █████ █████ █████ █████ █████ █████ █████      │
      │                                                                                                  ││         Oct   Nov   Dec   2026  Feb   Mar   Apr   May   Jun   Jul   Aug   Sep   Oct   Nov        │
      │                                                                                                  ││                                                                                                  │
      ×22
      └──────────────────────────────────────────────────────────────────────────────────────────────────┘└──────────────────────────────────────────────────────────────────────────────────────────────────┘

       F Force sync  Enter Use it  i Paste an id  r Read again  w Webhook  P Pause  u Unknown  c Create  o Double opt-in  R Resync  ] Next tab  y Copy  + Zoom  . Hold  : Command  ? Help  q Quit
      """)
  }

  @Test func `Audience at 80 by 24, how it grew`() {
    expectPicture(shown(.audience, 80, 24, pressing: "]"), """
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
      │ 19,104 in 2026-11  +154 since 2026-10, +6,054 in a year                      │
      │ 19,104 │                    ▁▁▁ ▂▂▂ ▁▁▁ ▃▃▃ ▄▄▄ ▆▆▆ ▇▇▇ ▇▇▇ ███              │
      │        │▁▁▁ ▃▃▃ ▅▅▅ ▅▅▅ ▇▇▇ ███ ███ ███ ███ ███ ███ ███ ███ ███              │
      │        │███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███              │
      ×1
      │      0 │███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███              │
      │         Oct Nov Dec Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov              │
      └──────────────────────────────────────────────────────────────────────────────┘

       F Force sync  Enter Use it  i Paste an id  : Command  ? Help  q Quit
      """)
  }

  @Test func `Schedules at 200 by 60`() {
    expectPicture(shown(.schedules, 200, 60, pressing: "j"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Schedules ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────── 1–3 of 3 ─┐
      │  On    Type                   How often                               Next run                                      Last run                                    Zone                                 │
      │  ● on  #1 sync subscriptions  every 6 hours                           16:00 (2 h 18 min)                            ◐ partial 10:00                             UTC                                  │
      │› ● on  #2 backup              daily at 02:30                          11-22 01:30 (12 h)                            ✗ failed 01:10                              Europe/Paris                         │
      │  ○ off #3 verification        every 90 minutes                        not active                                    never                                       UTC                                  │
      │                                                                                                                                                                                                      │
      ×18
      │ #2 backup, daily at 02:30, to /var/backups/listkeeper, keeping 7, Europe/Paris                                                                                                                       │
      │ Last run: ✗ failed #309: There is no folder /var/backups/listkeeper for the backup. Make it, or give the schedule another one.                                                                       │
      │ What comes due while no engine runs happens once when one starts.                                                                                                                                    │
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘
      ┌─ The week ahead ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────── UTC ─┐
      │ Sat 21 Nov                 │Sun 22 Nov                 │Mon 23 Nov                 │Tue 24 Nov                 │Wed 25 Nov                 │Thu 26 Nov                 │Fri 27 Nov                   │
      │ 16:00 #1 sync subscriptions│01:30 #2 backup            │01:30 #2 backup            │01:30 #2 backup            │01:30 #2 backup            │01:30 #2 backup            │01:30 #2 backup              │
      │ 19:42 #1 sync subscriptions│01:42 #1 sync subscriptions│01:42 #1 sync subscriptions│01:42 #1 sync subscriptions│01:42 #1 sync subscriptions│01:42 #1 sync subscriptions│01:42 #1 sync subscriptions  │
      │                            │07:42 #1 sync subscriptions│07:42 #1 sync subscriptions│07:42 #1 sync subscriptions│07:42 #1 sync subscriptions│07:42 #1 sync subscriptions│07:42 #1 sync subscriptions  │
      │                            │13:42 #1 sync subscriptions│13:42 #1 sync subscriptions│13:42 #1 sync subscriptions│13:42 #1 sync subscriptions│13:42 #1 sync subscriptions│13:42 #1 sync subscriptions  │
      │                            │19:42 #1 sync subscriptions│19:42 #1 sync subscriptions│19:42 #1 sync subscriptions│19:42 #1 sync subscriptions│19:42 #1 sync subscriptions│19:42 #1 sync subscriptions  │
      │                            │                           │                           │                           │                           │                           │                             │
      ×19
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘

       F Force sync  a Add  e Edit  Space Off  n Run now  Enter Last run  d Remove  P Pause  R Resync  y Copy  . Hold  : Command  ? Help  q Quit
      """)
  }

  @Test func `Tags at 80 by 24`() {
    expectPicture(shown(.tags, 80, 24), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03
      1 Over 2 People 3 Aud 4 Map 5 Tags 6 Exec 7 Logs 8 Review 9 Sched 0 Set
      ┌─ Searches and tags ─────────────────────────────────────────────── 1–4 of 4 ─┐
      │  Search              People Tag            Have it Filter                    │
      │› All active          19,204                        active:yes deleted:no     │
      │  Choir                   13 ● kept              12 account:choir             │
      │  VIP                      1                        first:ada                 │
      │  Volunteers             240 ✗ decide: x a…       0 custom.role:volunteer     │
      │                                                                              │
      ×2
      └──────────────────────────────────────────────────────────────────────────────┘
      ┌─ All active ───────────────────────────────────────────────── 1–4 of 20,000 ─┐
      │ active:yes deleted:no                                                        │
      │ No tag is kept of it: t makes it one.                                        │
      │                                                                              │
      │  Name                     E-mail                       State      Account    │
      │› Ada Lovelace             ada@example.org              ● in step  Donors    ┃│
      │  José Núñez               jose@example.org             ● in step  Donors     │
      │  李小龍                   li@example.org               ○ waiting  Donors     │
      │  Grace Hopper             grace@example                ✗ refused  Donors     │
      └──────────────────────────────────────────────────────────────────────────────┘

       F Force sync  Enter Who is in it  n New  e Edit  : Command  ? Help  q Quit
      """)
  }

  @Test func `Tags at 120 by 36`() {
    expectPicture(shown(.tags, 120, 36), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Searches and tags ─────────────────────────────────────────────────────────────────────────────────────── 1–4 of 4 ─┐
      │  Search                    People Tag                  Have it Filter                                                │
      │› All active                19,204                              active:yes deleted:no                                 │
      │  Choir                         13 ● kept                    12 account:choir                                         │
      │  VIP                            1                              first:ada                                             │
      │  Volunteers                   240 ✗ decide: x a, x r         0 custom.role:volunteer                                 │
      │                                                                                                                      │
      ×8
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘
      ┌─ All active ──────────────────────────────────────────────────────────────────────────────────────── 1–10 of 20,000 ─┐
      │ active:yes deleted:no                                                                                                │
      │ No tag is kept of it: t makes it one.                                                                                │
      │                                                                                                                      │
      │  Name                                     E-mail                                       State      Account            │
      │› Ada Lovelace                             ada@example.org                              ● in step  Donors            ┃│
      │  José Núñez                               jose@example.org                             ● in step  Donors             │
      │  李小龍                                   li@example.org                               ○ waiting  Donors             │
      │  Grace Hopper                             grace@example                                ✗ refused  Donors             │
      │  Alan Turing                                                                           ─ excluded Donors             │
      │  Katherine Johnson                        kj@example.org                               ─ excluded Donors             │
      │  …                                                                                                                   │
      ×3
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘

       F Force sync  Enter Who is in it  n New  e Edit  t Tag on/off  / Filter  x Actions  : Command  ? Help  q Quit
      """)
  }

  @Test func `Tags at 200 by 60`() {
    expectPicture(shown(.tags, 200, 60), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Searches and tags ─────────────────────────────────────────────────────────────────── 1–4 of 4 ─┐┌─ All active ──────────────────────────────────────────────────────────────────── 1–50 of 20,000 ─┐
      │  Search                People Tag              Have it Filter                                    ││ active:yes deleted:no                                                                            │
      │› All active            19,204                          active:yes deleted:no                     ││ No tag is kept of it: t makes it one.                                                            │
      │  Choir                     13 ● kept                12 account:choir                             ││                                                                                                  │
      │  VIP                        1                          first:ada                                 ││  Name                           E-mail                             State      Account            │
      │  Volunteers               240 ✗ decide: x a, …       0 custom.role:volunteer                     ││› Ada Lovelace                   ada@example.org                    ● in step  Donors            ┃│
      │                                                                                                  ││  José Núñez                     jose@example.org                   ● in step  Donors             │
      │                                                                                                  ││  李小龍                         li@example.org                     ○ waiting  Donors             │
      │                                                                                                  ││  Grace Hopper                   grace@example                      ✗ refused  Donors             │
      │                                                                                                  ││  Alan Turing                                                       ─ excluded Donors             │
      │                                                                                                  ││  Katherine Johnson              kj@example.org                     ─ excluded Donors             │
      │                                                                                                  ││  …                                                                                               │
      ×43
      └──────────────────────────────────────────────────────────────────────────────────────────────────┘└──────────────────────────────────────────────────────────────────────────────────────────────────┘

       F Force sync  Enter Who is in it  n New  e Edit  t Tag on/off  / Filter  x Actions  P Pause  R Resync  s By size  y Copy  + Zoom  . Hold  : Command  ? Help  q Quit
      """)
  }

  @Test func `Review at 120 by 36, dead letters one by one`() {
    expectPicture(shown(.review, 120, 36, pressing: "j"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Review ────────────────────────────────────────────────────────────────────────────────────────────────── 1–4 of 4 ─┐
      │  What         Since        How many Why, and what it would do                                                        │
      │  ‖ plan #9    12:12             167 The first sync of a workspace waits for a look.                                  │
      │› ✗ letters    08:42               3 Mailchimp answered 500 six times.                                                │
      │  ▲ conflicts  13:12               1 changed here and at Mailchimp: say which value counts                            │
      │  ✗ refused                       28 refused: correct them, and they are sent again                                   │
      │                                                                                                                      │
      ×7
      │ x s sends them again   x d discards them   Enter one by one                                                          │
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘
      ┌─ Dead letters ──────────────────────────────────────────────────────────────────────────────────────────── 1–3 of 3 ─┐
      │ Mailchimp answered 500 six times.                                                                                    │
      │ mailchimp.server-error, first 11-21 08:42:07, last 11-21 10:22:07                                                    │
      │  About                               What               Tries Given up    Cause                                      │
      │› address:grace@example.org           sync address           6 08:42       Mailchimp answered 500 six times.          │
      │  address:alan@example.org            sync address           6 09:32       Mailchimp answered 500 six times.          │
      │  address:katherine@example.org       sync address           6 10:22       Mailchimp answered 500 six times.          │
      │                                                                                                                      │
      ×7
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘

       F Force sync  A Approve  Enter Open  x Actions  v Verify  P Pause  o Look up  R Resync  : Command  ? Help  q Quit
      """)
  }

  @Test func `Review at 200 by 60, conflicts`() {
    expectPicture(shown(.review, 200, 60, pressing: "j j"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Review ────────────────────────────────────────────────────────────────────────────── 1–4 of 4 ─┐┌─ Conflicts ─────────────────────────────────────────────────────────────────────────── 1–1 of 1 ─┐
      │  What         Since        How many Why, and what it would do                                    ││  E-mail                       Field            Here             At Mailchimp     Before          │
      │  ‖ plan #9    12:12             167 The first sync of a workspace waits for a look.              ││› ada@example.org              last_name        Lovelace         King             Byron           │
      │  ✗ letters    08:42               3 Mailchimp answered 500 six times.                            ││                                                                                                  │
      │› ▲ conflicts  13:12               1 changed here and at Mailchimp: say which value counts        ││                                                                                                  │
      │  ✗ refused                       28 refused: correct them, and they are sent again               ││                                                                                                  │
      │                                                                                                  ││                                                                                                  │
      ×47
      │ x h here counts   x t there counts   Enter one by one                                            ││                                                                                                  │
      └──────────────────────────────────────────────────────────────────────────────────────────────────┘└──────────────────────────────────────────────────────────────────────────────────────────────────┘

       F Force sync  A Approve  Enter Open  x Actions  v Verify  P Pause  o Look up  R Resync  y Copy  + Zoom  . Hold  : Command  ? Help  q Quit
      """)
  }

  @Test func `Settings at 200 by 60`() {
    expectPicture(shown(.settings, 200, 60, pressing: "] j"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Settings ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┐
      │  Workspace        │   Workspace                                                                                                                                                                      │
      │› Mailchimp        │   Name                       Friends of the Library                                                                                                                              │
      │  Recipients       │   Time zone                  UTC                                                                                                                                                 │
      │  Sync             │   Default account            Default account                                                                                                                                     │
      │  Safety           │                                                                                                                                                                                  │
      │  Retention        │   Mailchimp                                                                                                                                                                      │
      │  Console          │   API key *                  •••••••••••••••••••••••••••••••••••••                                                                                                               │
      │  Webhook          │   Mailchimp user id                                                        A label only, to remember whose key this is.                                                          │
      │  People source    │   Base address                                                                                                                                                                   │
      │                   │   Audience id *                                                                                                                                                                  │
      │                   │   Connections                6                                                                                                                                                   │
      │                   │   Time-out, seconds          120                                                                                                                                                 │
      │                   │   Login: client id                                                                                                                                                               │
      │                   │   Login: client secret                                                                                                                                                           │
      │                   │   Login: address             https://login.mailchimp.com                                                                                                                         │
      │                   │   Login: redirect address    http://127.0.0.1:8078/mailchimp                                                                                                                     │
      │                   │                                                                                                                                                                                  │
      │                   │   Recipients                                                                                                                                                                     │
      │                   │   Scope                      everyone                                                                                                                                            │
      │                   │   Include organisations      [□] no                                                                                                                                              │
      │                   │   Shared addresses           last changed                               ▼                                                                                                        │
      │                   │   Leavers                    keep                                       ▼                                                                                                        │
      │                   │                                                                                                                                                                                  │
      │                   │   Sync                                                                                                                                                                           │
      │                   │   Existing people            all                                        ▼                                                                                                        │
      │                   │   Direction                  to                                         ▼                                                                                                        │
      │                   │   Conflicts                  directory                                  ▼                                                                                                        │
      │                   │   Changed addresses          rename                                     ▼                                                                                                        │
      │                   │   Arrivals                   list                                       ▼                                                                                                        │
      │                   │   Consent back               [□] no                                                                                                                                              │
      │                   │   Sync on change             [■] yes                                                                                                                                             │
      │                   │   Poll, minutes              5                                                                                                                                                   │
      │                   │   Attempts                   6                                                                                                                                                   │
      │                   │   Every search is a tag      [□] no                                                                                                                                              │
      │                   │                                                                                                                                                                                  │
      │                   │   Safety                                                                                                                                                                         │
      │                   │   Guard, people              100                                                                                                                                                 │
      │                   │   Guard, percent             10                                                                                                                                                  │
      │                   │                                                                                                                                                                                  │
      │                   │   Retention                                                                                                                                                                      │
      │                   │   Executions, days           90                                                                                                                                                  │
      │                   │   Failures, days             365                                                                                                                                                 │
      │                   │                                                                                                                                                                                  │
      │                   │   Console                                                                                                                                                                        │
      │                   │   Theme                      standard                                                                                                                                            │
      │                   │   Line drawing               auto                                       ▼                                                                                                        │
      │                   │   Cursor                     fields                                     ▼                                                                                                        │
      │                   │                                                                                                                                                                                  │
      │                   │   Webhook                                                                                                                                                                        │
      │                   │   Public address                                                                                                                                                                 │
      │                   │   Listens on                 127.0.0.1:8077                                                                                                                                      │
      │──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────│
      │ mailchimp.user  a text  no default                                                                                                                                                                   │
      │ Its default holds.                                                                                                                                                                                   │
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘

       ^S Save  Enter Edit  F Force sync  / Search  ^T Test key  ^R Reveal  P Pause  Space Choose  R Resync  L Log in with Mailchimp  u Take back  ] Next section  W Reconfigure  : Command  ? Help  q Quit
      """, hidesThumb: true)
  }

  @Test func `Logs at 120 by 36`() {
    expectPicture(shown(.logs, 120, 36), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Logs, following ───────────────────────────────────────────────────────────────────────────────────────── 1–3 of 3 ─┐
      │  Time         Level   What happened                                                                                  │
      │  13:39:07.000 info    Force sync began.                                                                              │
      │  13:40:07.000 warning A value was cut at 255 characters.                                                             │
      │› 13:41:07.000 error   Mailchimp refused grace@example: the address is not valid.  person=#4                          │
      │                                                                                                                      │
      ×25
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘

       F Force sync  / Search  f Stop following  L Level  Enter Open  x Actions  e Next error  : Command  ? Help  q Quit
      """)
  }

  @Test func `Logs at 200 by 60`() {
    expectPicture(shown(.logs, 200, 60), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Logs, following ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────── 1–3 of 3 ─┐
      │  Time         Level   What happened                                                                                                                                                                  │
      │  13:39:07.000 info    Force sync began.                                                                                                                                                              │
      │  13:40:07.000 warning A value was cut at 255 characters.                                                                                                                                             │
      │› 13:41:07.000 error   Mailchimp refused grace@example: the address is not valid.  person=#4                                                                                                          │
      │                                                                                                                                                                                                      │
      ×49
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘

       F Force sync  / Search  f Stop following  L Level  Enter Open  x Actions  e Next error  o Errors only  P Pause  & Form  T Window  @ Time  w Wrap  Space Mark  R Resync  : Command  ? Help  q Quit
      """)
  }

  @Test func `Executions at 160 by 40, compared with the original`() {
    expectPicture(shown(.executions, 160, 40, pressing: "j j j j x o"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Executions ────────────────────────────────────────────────────── 1–7 of 7 ─┐┌─ #308 retry ─────────────────────────────────────────────────────── [ ] tab ─┐
      │  Status      Started           Took Number Trigger    What happened          ││ Summary  Step outputs  People  Requests  Logs                                │
      │  ◌ running   11-21 13:41:07           #312 force sync 62%  12,400 of 20,000… ││ ● succeeded                                                                  │
      │  ◐ partial   11-21 13:02:07    1:31   #311 force sync 28 refused, 3 created… ││                                                                              │
      │  ● succeeded 11-21 12:42:07    1:31   #310 poll       no changes             ││ Trigger  retry of #307, attempt 2    Created           3  █░░░░░░░░░░░░░     │
      │  ✗ failed    11-21 10:52:07    1:31   #309 schedule   Mailchimp refused the… ││ Flow     directory → Mailchimp       Updated         120  █░░░░░░░░░░░░░     │
      │› ● succeeded 11-21 10:22:07    1:31   #308 retry      3 created, 120 updated ││ Started  2026-11-21 10:22:07         Unsubscribed      0                     │
      │  ‖ held      11-20 12:42:07           #307 resync     waits for your decisi… ││ Took     1:31                        Archived          0                     │
      │  ✗ cancelled 11-19 11:42:07   ┌─ #308 beside its original #307 ──────────────────────────────────────────────────────────────┐         0                     │
      │                               │               #307 resync             #308 retry                                             │         0                     │
      │                               │ Status        ◐ partial               ● succeeded                                            │    19,877  █████████████░     │
      │                               │ Started       2026-11-20 12:42:07     2026-11-21 10:22:07                                    │                               │
      │                               │ Took          1:31                    1:31                                                   │                               │
      │                               │ Created       3                       3                                                      │                               │
      │                               │ Updated       120                     120                                                    │                               │
      │                               │ Unchanged     19,877                  19,877                                                 │                               │
      │                               │ Unsubscribed  0                       0                                                      │                               │
      │                               │ Archived      0                       0                                                      │                               │
      │                               │ Excluded      0                       0                                                      │                               │
      │                               │ Refused       28                      0                                                      │                               │
      │                               │                                                                                              │                               │
      │                               │ What became of whom                                                                          │                               │
      │                               │        25 people  refused → created                                                          │                               │
      │                               │         3 people  refused → not in it                                                        │                               │
      │                               │                                                                                              │                               │
      │                               │ Who fared otherwise                                                                          │                               │
      │                               │ grace@example.org  refused → created  Added.                                                 │                               │
      │                               └──────────────────────────────────────────────────────────────────────────────────────────────┘                               │
      │                                                                              ││                                                                              │
      ×6
      └──────────────────────────────────────────────────────────────────────────────┘└──────────────────────────────────────────────────────────────────────────────┘

       j k Scroll  / Search  Esc Close
      """)
  }
}
