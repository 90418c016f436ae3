// The overview, as pictures.

import Basics
import Domain
import Screen
import Testing

@testable import Console

@Suite struct OverviewPaneTests {
  @Test func `at 80 by 24 everything that counts is in view`() {
    expectPicture(
      Sample.session(.overview, Sample.world(80, 24)),
      """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03
      1 Overview 2 People 3 Audience 4 Mapping 6 Executions 7 Logs 8 Review 0 Settings
      ┌─ Overview ───────────────────────────────────────────────────────────── 1.0 ─┐
      │ Workspace  Friends of the Library  library.listkeeper                        │
      │ Engine     ● ready  in this console                                          │
      │ Account    Library (us21)                                                    │
      │ Audience   Newsletter (a1b2c3d4e5)                                           │
      │ Version    1.0                                                               │
      │                                                                              │
      │ People  20,000                                                               │
      │   ● in step   19,204  ██████████████████████████████████████░░  96%          │
      │   ○ waiting       12  █░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  <1%          │
      │   ─ excluded     756  █░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  3%           │
      │   ✗ refused       28  █░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  <1%          │
      │   Reasons: opted-out 402, no-email 301, duplicate-of 53,                     │
      │            mailchimp.invalid-email 28                                        │
      │                                                                              │
      │ Runs                                                                         │
      │   Last  ◐ partial  #311 force sync, 13:03 in 1:31: 28 refused, 3 created,    │
      │         120 updated                                                          │
      │   Next  13:45, a poll of Mailchimp                                           │
      └──────────────────────────────────────────────────────────────────────────────┘

       F Force sync  Enter Go there  l Last run  : Command  ? Help  q Quit
      """)
  }
}
