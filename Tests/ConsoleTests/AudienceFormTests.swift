// Audience: a new one as a form, double opt-in, the end of the connection, and where things are
// changed at Mailchimp.

import Basics
import Domain
import Screen
import Testing

@testable import Console

@Suite struct AudienceFormTests {
  private static let values: [(field: AudienceDraft.Field, text: String)] = [
    (.name, "Friends"), (.company, "Choir"), (.address1, "1 Main St"), (.address2, ""),
    (.city, "Bern"), (.state, ""), (.zip, "3000"), (.country, "ch"), (.phone, ""),
    (.permissionReminder, "You joined the choir."), (.fromName, "The choir"),
    (.fromEmail, "choir@choir.example"), (.subject, "News"),
  ]

  /// The form with everything that is needed, and ^S pressed.
  private func submitted() -> (TestSession, AudienceDraft?, Ticket?) {
    var console = ready(.audience)
    console.press("c")
    for (_, text) in Self.values {
      console.type(text)
      console.press("Tab")
    }
    guard case .createAudience(let draft, let ticket)? = console.press("^S").first else {
      return (console, nil, nil)
    }
    return (console, draft, ticket)
  }

  @Test func `the form stars what Mailchimp asks for, and says what is missing`() {
    var console = ready(.audience)
    console.press("c")
    expectPicture(
      console,
      """
       Friends of the Library   ● ready   Library (us21) → Newsletter   last ◐ 13:03   next 13:45
       1 Overview   2 People   3 Audience   4 Mapping   5 Tags   6 Executions   7 Logs   8 Review   9 Schedules   0 Settings
      ┌─ Audiences ─────────────────────────────────────────────────────────────────────────────────────────────── 1–2 of 2 ─┐
      │  In use Name                                    Members Unsubscribed Double opt-in Last campaign Rating Id           │
      │› ● yes  Newsletter                               19,104          402 yes           2026-11-18    4 of 5 a1b2c3d4e5   │
      │         ┌─ Create an audience ─────────────────────────────────────────────────────────────────────────────┐b8c9d0   │
      │         │                                                                                                  │         │
      │         │  Name *                                                               What people see when they  │         │
      │         │  Company *                                                            sign up or unsubscribe.    │         │
      │         │  Address *                                                                                       │         │
      │         │  Address, line 2                                                                                 │         │
      │         │  City *                                                                                          │         │
      │         │  State or region                                                                                 │         │
      │         │  Postal code                                                                                     │         │
      │         │  Country *                                                                                       │         │
      │         │  Phone                                                                                           │         │
      │         │  Permission reminder *                                                                           │         │
      └─────────│  From name *                                                                                     │─────────┘
      ┌─ Newslet│  From address *                                                                                  │[ ] tab ─┐
      │ Details │  Subject *                                                                                       │         │
      │ Id      │  Language *             en                                                                       │n a year │
      │ People  │  Format choice *        [□] no                                                                   │         │
      │         │  Double opt-in          [□] no                                                                   │         │
      │ Double o│                                                                                                  │         │
      │         │                                                                                                  │ ███     │
      │ Sign-up │                                                                                                  │ ███     │
      │ Webhook │                                                                                                  │ ███     │
      │         │                                                                                                  │ ███     │
      │ Reminder│                                                                                                  │ ███     │
      │ From    └──────────────────────────────────────────────────────────────────────────────────────────────────┘ ███     │
      │ Address        -                                          ┃         │███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███     │
      │ Last campaign  2026-11-18 19:02:07                                0 │███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███     │
      │ Rating         4 of 5                                                Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov     │
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘

       ^S Create  Tab Next field  Space Choose  Esc Cancel  F1 Help
      """)
    #expect(console.press("^S") == [])
    for label in ["Name", "Company", "Address", "City", "Country", "From name"] {
      #expect(console.picture.contains("\(label) is needed."), "\(label)")
    }
    #expect(!console.picture.contains("Phone is needed."))
  }

  @Test func `a value is judged where the cursor is, before anything is sent`() {
    var console = ready(.audience)
    console.press("c")
    for (field, text) in Self.values where field != .subject {
      console.type(field == .country ? "Switzerland" : text)
      if field == .country { #expect(console.picture.contains("The country is two letters")) }
      console.press("Tab")
    }
    #expect(console.press("^S") == [])
  }

  @Test func `a filled form makes the audience, and it is selected and its reminder linked`() {
    var (console, draft, ticket) = submitted()
    guard let draft, let ticket else { return #expect(Bool(false), "\(console.picture)") }
    for (field, text) in Self.values { #expect(draft[field] == text) }
    #expect(draft[.language] == "en")
    #expect(!draft.isOn(.doubleOptIn))
    #expect(throws: Never.self) { try draft.check() }
    var friends = Audience(id: "ff00ff00ff", name: "Friends")
    friends.webID = 99
    friends.dataCentre = "us19"
    friends.postalAddress = "Choir, 1 Main St, Bern, 3000, CH"
    console.handle(.answered(ticket, .audience(friends)))
    #expect(console.noticeLine.contains("Friends was made and is used now. Check the permission"))
    console.answer(.audiences(Sample.audiences() + [friends])) { $0 == .audiences }
    #expect(console.picture.contains("Choir, 1 Main St, Bern, 3000, CH"))
    #expect(!console.picture.contains("Create an audience"))
    console.press("!")
    #expect(
      console.picture.contains("https://us19.admin.mailchimp.com/lists/settings/defaults?id=99"))
  }

  @Test func `at the limit of the plan the whole refusal stands on the form`() {
    var (console, _, ticket) = submitted()
    guard let ticket else { return #expect(Bool(false), "\(console.picture)") }
    let problem = Problem(
      "mailchimp.plan-full",
      "No audience was made. The plan of the Mailchimp account allows 2, and there are 2.",
      remedy:
        "Use one that is there: Newsletter (a1b2c3d4e5), Volunteers (f6a7b8c9d0). Or make room"
        + " in Mailchimp: Audience, View audiences, tick one, Delete. Or take a larger plan.")
    #expect(console.handle(.answered(ticket, .refused(problem))) == [])
    for words in ["allows 2, and there are 2", "Volunteers (f6a7b8c9d0)", "take a larger plan."] {
      #expect(console.picture.contains(words), "\(words)")
    }
    #expect(console.picture.contains("choir@choir.example"))
    console.handle(.input(.resized(Size(80, 24))))
    #expect(console.picture.contains("take a larger plan."))
  }

  @Test func `a refusal is a notice once the form was left`() {
    var (console, _, ticket) = submitted()
    guard let ticket else { return #expect(Bool(false), "\(console.picture)") }
    console.press("Esc Esc")
    #expect(!console.picture.contains("Create an audience"))
    console.press("c")
    #expect(console.noticeLine.contains("Mailchimp is still being asked."))
    console.handle(.answered(ticket, .refused(Problem("test.refused", "It was refused."))))
    #expect(console.noticeLine.contains("It was refused."))
    console.press("Esc c")
    #expect(console.picture.contains("Create an audience"))
  }

  @Test func `double opt-in asks and says what follows, either way`() {
    var console = ready(.audience)
    console.press("o")
    #expect(console.picture.contains("Double opt-in off"))
    #expect(console.picture.contains("is a member at once"))
    #expect(console.press("Enter") == [])
    console.press("j o")
    #expect(console.picture.contains("is asked by mail and is"))
    #expect(console.picture.contains("312 members"))
    guard case .setDoubleOptIn(true, of: "f6a7b8c9d0", let ticket)? = console.press("y").first
    else { return #expect(Bool(false), "\(console.effects)") }
    var changed = Sample.audiences()[1]
    changed.doubleOptIn = true
    #expect(console.handle(.answered(ticket, .audience(changed))).queries == [.audiences])
    #expect(console.noticeLine.contains("Double opt-in of Volunteers is on."))
  }

  @Test func `disconnecting asks, and then says what was done and what is left to do`() {
    var console = ready(.audience)
    console.press("D")
    #expect(console.picture.contains("People, links and the consent ledger are kept."))
    guard case .disconnect(let ticket)? = console.press("y").first else {
      return #expect(Bool(false), "\(console.effects)")
    }
    console.handle(
      .answered(ticket, .disconnected(["The key is forgotten.", "Delete the webhook by hand."])))
    #expect(console.picture.contains("The key is forgotten."))
    #expect(console.picture.contains("Delete the webhook by hand."))
    console.press("Esc")
    #expect(!console.picture.contains("Newsletter (a1b2c3d4e5)"))
  }

  @Test func `an order's answer is not lost while the webhook is shown`() {
    var console = ready(.audience)
    guard case .disconnect(let ticket)? = console.press("D y").first else {
      return #expect(Bool(false), "\(console.effects)")
    }
    console.press("w")
    console.handle(.answered(ticket, .refused(Problem("test.refused", "It was refused."))))
    #expect(console.noticeLine.contains("It was refused."))
  }

  @Test func `the first audience is selected, with what is changed where`() {
    var world = Sample.world(200, 60)
    world.overview?.audienceID = ""
    var audiences = Sample.audiences()
    audiences[0].postalAddress = "Library, 1 Main St, Bern"
    audiences[0].dataCentre = "us19"
    var console = Sample.session(.audience, world)
    console.answer(.audiences(audiences)) { $0 == .audiences }
    for text in [
      "You signed up at our desk.", "The Library <news@library.example>",
      "Library, 1 Main St, Bern", "https://library.example/join",
    ] {
      #expect(console.picture.contains(text), "\(text)")
    }
    console.press("[")
    for text in [
      "https://us19.admin.mailchimp.com/lists/settings/defaults?id=4711",
      "Required email footer content",
    ] {
      #expect(console.picture.contains(text), "\(text)")
    }
    world.isPractice = true
    console.handle(.worldChanged(world))
    #expect(!console.picture.contains("admin.mailchimp.com"))
  }

  @Test func `a saved key links to the permission reminder of the audience`() {
    var console = ready(.settings)
    console.press("] Enter")
    console.type("fedcba9876543210fedcba9876543210-us7")
    guard case .testKey(_, url: _, let test)? = console.press("^S").last,
      case .saveSettings(_, let save)? = console.handle(
        .answered(test, .account(MailchimpAccount(id: "1", name: "Library", role: "owner")))
      ).first, case .refreshAudiences(let reading)? = console.handle(.answered(save, .done)).last
    else { return #expect(Bool(false), "\(console.effects)") }
    #expect(console.noticeLine.contains("Connected to Library as owner."))
    console.handle(.answered(reading, .audiences(Sample.audiences())))
    console.press("!")
    let words = console.picture.split(whereSeparator: { " │\n".contains($0) }).joined(
      separator: " ")
    #expect(words.contains("admin.mailchimp.com/lists/settings/defaults?id=4711"))
    #expect(words.contains("id=4711: it tells people why"))
  }
}
