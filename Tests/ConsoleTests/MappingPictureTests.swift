// The mapping's editor as pictures: the list with its detail at three sizes, the form and the picker.

import Basics
import Domain
import Screen
import Testing

@testable import Console

// swift-format-ignore
@Suite struct MappingPictureTests {
  @Test func `Mapping at 80 by 24`() {
    expectPicture(shown(.mapping, 80, 24), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03
      1 Over 2 People 3 Aud 4 Mapping 5 Tags 6 Exec 7 Logs 8 Review 9 Sched 0 Set
      ┌─ Field mapping ────────────────────────────────────── < Ada Byron, 1 of 3 > ─┐
      │  Field here    Type     Value        Field there Type     Value    Check     │
      │› first_name    text     Ada      ──→ FNAME *     text     Ada      ✗ 1       │
      │  birthday      birthday 12/10    ──→ BIRTHDAY    birthday 12/10    ● fits    │
      │  phone         text     nothing  ←─→ PHONE       missing  nothing  ✗ wrong   │
      │                                                                              │
      ×2
      │ ✗ Nothing is sent to LNAME. a adds a row.                                    │
      └──────────────────────────────────────────────────────────────────────────────┘
      ┌─ first_name ──→ FNAME ──────────────────────────────────────────── 1–3 of 3 ─┐
      │ On real people  Problems 1  Row                                              │
      │ 1 person would be refused: FNAME is required, and they have no value that    │
      │ fits. p lists them.                                                          │
      │  Person         Here                 What moves             There now        │
      │› Ada Byron      Ada              ──→ Ada                    Ada              │
      │  Grace Hopper   Grace            ──→ Grace                  Grace            │
      │  Turing         nothing          ──→ ✗ required, and there… nothing          │
      │                                                                              │
      └──────────────────────────────────────────────────────────────────────────────┘

       F Force sync  Enter Change  a Add  > Other person  : Command  ? Help  q Quit
      """)
  }

  @Test func `Mapping at 120 by 36, with a row that cannot work`() {
    expectPicture(shown(.mapping, 120, 36, pressing: "G >"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Field mapping ─────────────────────────────────────────────────────────────────────────── < Grace Hopper, 2 of 3 > ─┐
      │  Field here       Type     Value          Field there  Type     Value    Check                Transforms For         │
      │  first_name       text     Grace      ──→ FNAME *      text     Grace    ✗ 1 refused                     everybody   │
      │  birthday         birthday 12/11      ──→ BIRTHDAY     birthday nothing  ● fits: 3            trim       everybody   │
      │› phone            text     +1 312 55… ←─→ PHONE        missing  nothing  ✗ The audience has …            everybody   │
      │                                                                                                                      │
      ×8
      │ ✗ Nothing is sent to LNAME. a adds a row.                                                                            │
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘
      ┌─ phone ←─→ PHONE ───────────────────────────────────────────────────────────────────────────────────────── 1–3 of 3 ─┐
      │ On real people  Problems 3  Row                                                                                      │
      │ The audience has no merge field PHONE.                                                                               │
      │                                                                                                                      │
      │  Person                   Here                       What moves                               There now              │
      │  Ada Byron                nothing                ←─→ ▲ left out: the audience has no such fi… nothing                │
      │› Grace Hopper             +1 312 555 0134        ←─→ ▲ left out: the audience has no such fi… nothing                │
      │  Turing                   nothing                ←─→ ▲ left out: the audience has no such fi… nothing                │
      │                                                                                                                      │
      ×6
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘

       F Force sync  Enter Change  a Add  > Other person  p Problems  d Remove  c Create field  : Command  ? Help  q Quit
      """)
  }

  @Test func `Mapping at 200 by 60, with the people whose values do not move`() {
    expectPicture(shown(.mapping, 200, 60, pressing: "p"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Field mapping ────────────────────────────────────────────────────────── < Ada Byron, 1 of 3 > ─┐┌─ first_name ──→ FNAME ──────────────────────────────────────────────────────────────── 1–1 of 1 ─┐
      │  Field here       Type     Value             Field there  Type     Value    Check                ││ On real people  Problems 1  Row                                                                  │
      │› first_name       text     Ada           ──→ FNAME *      text     Ada      ✗ 1 refused          ││  Person               E-mail       Value                Why                                      │
      │  birthday         birthday 12/10         ──→ BIRTHDAY     birthday 12/10    ● fits: 3            ││› Turing               turing@exam… nothing              required, and there is no value that fi… │
      │  phone            text     nothing       ←─→ PHONE        missing  nothing  ✗ The audience has … ││                                                                                                  │
      │                                                                                                  ││                                                                                                  │
      ×48
      │ ✗ Nothing is sent to LNAME. a adds a row.                                                        ││                                                                                                  │
      └──────────────────────────────────────────────────────────────────────────────────────────────────┘└──────────────────────────────────────────────────────────────────────────────────────────────────┘

       F Force sync  Enter Show person  a Add  > Other person  p Problems  d Remove  c Create field  v Check all  K Move up  J Move down  P Pause  R Resync  r Read fields  : Command  ? Help  q Quit
      """)
  }

  @Test func `a row being changed at 80 by 24, on real people`() {
    expectPicture(shown(.mapping, 80, 24, pressing: "j e Tab Tab Tab"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03
      1 ┌─ Change birthday – BIRTHDAY ─────────────────────────────────────────────┐
      ┌─│                                                                          │─┐
      │ │  Person field *  birthday                                                │ │
      │ │  Way             → to Mailchimp                                 ▼        │ │
      │›│  Merge field *   BIRTHDAY                                                │ │
      │ │  Transforms      trim                                                    │ │
      │ │                  Steps with commas between, or nothing: trim,            │ │
      │ │                  case(upper), case(lower), case(title),                  │ │
      │ │                  date(YYYY-MM-DD), month-day, phone(digits),             │ │
      │ │ ── On real people ────────────────────────────────────────────────────── │ │
      └─│   Person     Here                 What moves             There now       │─┘
      ┌─│ › Ada Byron  12/10            ──→ 12/10                  12/10           │─┐
      │ │   Grace Hop… 12/11            ──→ 12/11                  nothing         │ │
      │ │   Turing     12/12            ──→ 12/12                  nothing         │ │
      │ │                                                                          │ │
      ×1
      │›│                                                                          │ │
      │ │                                                                          │ │
      ×2
      └─└──────────────────────────────────────────────────────────────────────────┘─┘

       ^S Save  Esc Cancel  ^T Try with all  PgDn Other people  Tab Next field
      """)
  }

  @Test func `the merge fields for a date of birth at 120 by 36`() {
    expectPicture(shown(.mapping, 120, 36, pressing: "a d a t e Enter"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Field mapping ────────────────────────────────────────────────────────────────────────────── < Ada Byron, 1 of 3 > ─┐
      │  Field here       Type     Value          Field there  Type     Value    Check                Transforms For         │
      │› first_name       text     Ada        ──→ FNAME *      text     Ada      ✗ 1 refused                     everybody   │
      │  birthday         birthday 12/10      ──→ BIRTHDAY     birthday 12/10    ● fits: 3            trim       everybody   │
      │  phone            text     nothing    ←─→ PHONE        missing  nothing  ✗ The audience has …            everybody   │
      │                                                                                                                      │
      ×4
      │             ┌─ date_of_birth: with which merge field? ──────────────────────────────────────── 5 of 5 ─┐             │
      │             │ A few letters are enough                                                                 │             │
      │             │                                                                                          │             │
      │             │ › LNAME     Last Name   text                                                             │             │
      │ ✗ Nothing is│   Create a merge field for date_of_birth…                                                │             │
      └─────────────│   FNAME *   First Name  text      Ada    goes with first_name                            │─────────────┘
      ┌─ first_name │   BIRTHDAY  Birthday    birthday  12/10  goes with birthday                              │── 1–3 of 3 ─┐
      │ On real peop│   SIZE      T-shirt     dropdown         does not fit                                    │             │
      │ 1 person wou│                                                                                          │             │
      │             │                                                                                          │             │
      │  Person     └──────────────────────────────────────────────────────────────────────────────────────────┘             │
      │› Ada Byron                Ada                    ──→ Ada                                      Ada                    │
      │  Grace Hopper             Grace                  ──→ Grace                                    Grace                  │
      │  Turing                   nothing                ──→ ✗ required, and there is no value that … nothing                │
      │                                                                                                                      │
      ×6
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘

       Enter Choose  Up Down Move  Esc Cancel
      """)
  }

  @Test func `a row being changed at 120 by 36`() {
    expectPicture(shown(.mapping, 120, 36, pressing: "j e Tab Tab Tab"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Field mapping ────────────────────────────────────────────────────────────────────────────── < Ada Byron, 1 of 3 > ─┐
      │  Field here       Type     Value          Field there  Type     Value    Check                Transforms For         │
      │  first_name       text     Ada        ──→ FNAME *      text     Ada      ✗ 1 refused                     everybody   │
      │› birthday         birthday 12/10      ──→ BIRTHDAY     birthday 12/10    ● fits: 3            trim       everybody   │
      │  phone            text     nothing    ←─→ PHONE        missing  nothing  ✗ The audience has …            everybody   │
      │         ┌─ Change birthday – BIRTHDAY ─────────────────────────────────────────────────────────────────────┐         │
      │         │                                                                                                  │         │
      │         │  Person field *  birthday                                      Steps with commas between, or     │         │
      │         │  Way             → to Mailchimp                             ▼  nothing: trim, case(upper),       │         │
      │         │  Merge field *   BIRTHDAY                                      case(lower), case(title),         │         │
      │         │  Transforms      trim                                          date(YYYY-MM-DD), month-day,      │         │
      │         │                                                                phone(digits), phone(us),         │         │
      │         │                                                                constant("text"),                 │         │
      │         │                                                                join(first_name, last_name; "     │         │
      │ ✗ Nothin│ ── On real people ────────────────────────────────────────────────────────────────────────────── │         │
      └─────────│   Person               Here                   What moves                    There now            │─────────┘
      ┌─ birthda│ › Ada Byron            12/10              ──→ 12/10                         12/10                │–3 of 3 ─┐
      │ On real │   Grace Hopper         12/11              ──→ 12/11                         nothing              │         │
      │ Goes to │   Turing               12/12              ──→ 12/12                         nothing              │         │
      │         │                                                                                                  │         │
      │  Person │                                                                                                  │         │
      │› Ada Byr│                                                                                                  │         │
      │  Grace H│                                                                                                  │         │
      │  Turing │                                                                                                  │         │
      │         │                                                                                                  │         │
      │         └──────────────────────────────────────────────────────────────────────────────────────────────────┘         │
      │                                                                                                                      │
      ×4
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘

       ^S Save  Esc Cancel  ^T Try with all  PgDn Other people  Tab Next field  Space Choose  F1 Help
      """)
  }

  @Test func `a row being changed at 200 by 60`() {
    expectPicture(shown(.mapping, 200, 60, pressing: "j e Tab Tab Tab"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Field mapping ────────────────────────────────────────────────────────── < Ada Byron, 1 of 3 > ─┐┌─ birthday ──→ BIRTHDAY ─────────────────────────────────────────────────────────────── 1–3 of 3 ─┐
      │  Field here       Type     Value             Field there  Type     Value    Check                ││ On real people  Problems  Row                                                                    │
      │  first_name       text     Ada           ──→ FNAME *      text     Ada      ✗ 1 refused          ││ Goes to Mailchimp through trim, for everybody.                                                   │
      │› birthday         birthday 12/10         ──→ BIRTHDAY     birthday 12/10    ● fits: 3            ││                                                                                                  │
      │  phone            text     nothing       ←─→ PHONE        missing  nothing  ✗ The audience has … ││  Person               Here                   What moves                      There now           │
      │                                                                                                  ││› Ada Byron            12/10              ──→ 12/10                           12/10               │
      │                                                                                                  ││  Grace Hopper         12/11              ──→ 12/11                           nothing             │
      │                                                                                                  ││  Turing               12/12              ──→ 12/12                           nothing             │
      │                                                                                                  ││                                                                                                  │
      ×8
      │                                                 ┌─ Change birthday – BIRTHDAY ─────────────────────────────────────────────────────────────────────┐                                                 │
      │                                                 │                                                                                                  │                                                 │
      │                                                 │  Person field *  birthday                                      Steps with commas between, or     │                                                 │
      │                                                 │  Way             → to Mailchimp                             ▼  nothing: trim, case(upper),       │                                                 │
      │                                                 │  Merge field *   BIRTHDAY                                      case(lower), case(title),         │                                                 │
      │                                                 │  Transforms      trim                                          date(YYYY-MM-DD), month-day,      │                                                 │
      │                                                 │                                                                phone(digits), phone(us),         │                                                 │
      │                                                 │                                                                constant("text"),                 │                                                 │
      │                                                 │                                                                join(first_name, last_name; "     │                                                 │
      │                                                 │ ── On real people ────────────────────────────────────────────────────────────────────────────── │                                                 │
      │                                                 │   Person               Here                   What moves                    There now            │                                                 │
      │                                                 │ › Ada Byron            12/10              ──→ 12/10                         12/10                │                                                 │
      │                                                 │   Grace Hopper         12/11              ──→ 12/11                         nothing              │                                                 │
      │                                                 │   Turing               12/12              ──→ 12/12                         nothing              │                                                 │
      │                                                 │                                                                                                  │                                                 │
      ×5
      │                                                 └──────────────────────────────────────────────────────────────────────────────────────────────────┘                                                 │
      │                                                                                                  ││                                                                                                  │
      ×15
      │ ✗ Nothing is sent to LNAME. a adds a row.                                                        ││                                                                                                  │
      └──────────────────────────────────────────────────────────────────────────────────────────────────┘└──────────────────────────────────────────────────────────────────────────────────────────────────┘

       ^S Save  Esc Cancel  ^T Try with all  PgDn Other people  Tab Next field  Space Choose  F1 Help
      """)
  }

  @Test func `the fields to choose from at 80 by 24`() {
    expectPicture(shown(.mapping, 80, 24, pressing: "a"), """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03
      1 Over 2 People 3 Aud 4 Mapping 5 Tags 6 Exec 7 Logs 8 Review 9 Sched 0 Set
      ┌─┌─ Add a row: which field here? ──────────────────────────────── 16 of 16 ─┐─┐
      │ │ A few letters are enough                                                 │ │
      │›│                                                                          │ │
      │ │ › external_id          text                                              │ │
      │ │   account              text      Default account                         │ │
      │ │   kind                 choice    individual                              │ │
      │ │   last_name            text      Byron                                   │ │
      │ │   email                text                                              │ │
      │ │   company              text                                              │ │
      └─│   address              address                                           │─┘
      ┌─│   date_of_birth        date      1815-12-10                              │─┐
      │ │   opt_in               choice    unknown                                 │ │
      │ │   active               yes/no    yes                                     │ │
      │ │   manager_external_id  text                                              │ │
      │ │   custom.size          choice    XL                                      │ │
      │›│   custom.children      number                                            │ │
      │ │   first_name           text      Ada              goes with FNAME        │ │
      │ │   phone                text                       goes with PHONE        │ │
      │ │                                                                          │ │
      └─└──────────────────────────────────────────────────────────────────────────┘─┘

       Enter Choose  Up Down Move  Esc Cancel
      """)
  }

  @Test func `the fields to choose from at 200 by 60`() {
    expectPicture(shown(.mapping, 200, 60, pressing: "a"), """
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
      ×8
      │                                                     ┌─ Add a row: which field here? ──────────────────────────────────────────────── 16 of 16 ─┐                                                     │
      │                                                     │ A few letters are enough                                                                 │                                                     │
      │                                                     │                                                                                          │                                                     │
      │                                                     │ › external_id          text                                                              │                                                     │
      │                                                     │   account              text      Default account                                         │                                                     │
      │                                                     │   kind                 choice    individual                                              │                                                     │
      │                                                     │   last_name            text      Byron                                                   │                                                     │
      │                                                     │   email                text                                                              │                                                     │
      │                                                     │   company              text                                                              │                                                     │
      │                                                     │   address              address                                                           │                                                     │
      │                                                     │   date_of_birth        date      1815-12-10                                              │                                                     │
      │                                                     │   opt_in               choice    unknown                                                 │                                                     │
      │                                                     │   active               yes/no    yes                                                     │                                                     │
      │                                                     │   manager_external_id  text                                                              │                                                     │
      │                                                     │   custom.size          choice    XL                                                      │                                                     │
      │                                                     │   custom.children      number                                                            │                                                     │
      │                                                     │   first_name           text      Ada              goes with FNAME                        │                                                     │
      │                                                     │   phone                text                       goes with PHONE                        │                                                     │
      │                                                     │   birthday             birthday  12/10            goes with BIRTHDAY                     │                                                     │
      │                                                     │                                                                                          │                                                     │
      ×1
      │                                                     └──────────────────────────────────────────────────────────────────────────────────────────┘                                                     │
      │                                                                                                  ││                                                                                                  │
      ×14
      │ ✗ Nothing is sent to LNAME. a adds a row.                                                        ││                                                                                                  │
      └──────────────────────────────────────────────────────────────────────────────────────────────────┘└──────────────────────────────────────────────────────────────────────────────────────────────────┘

       Enter Choose  Up Down Move  Esc Cancel
      """)
  }
}
