// The login in the console: the address can be taken as it stands, what is pasted is not shown, and
// whatever ends it, it is told what was saved.

import Basics
import Domain
import Screen
import Testing

@testable import Console

@Suite struct LoginDialogTests {
  private static let address =
    "https://login.mailchimp.com/oauth2/authorize?response_type=code&client_id=100000000001"
    + "&redirect_uri=http%3A%2F%2F127.0.0.1%3A8078%2Fmailchimp"
    + "&state=1x2m7f1u5gks13w5e11264sgs2c9k2w8y8o41b3z9p0q7r5t6v"
  private static let invitation = LoginInvitation(
    address: address, listensAt: "127.0.0.1:8078")
  private static let account = MailchimpAccount(id: "1", name: "Library", role: "owner")

  private static var connection: NewConnection {
    var audience = Audience(id: "a1", name: "Newsletter")
    audience.webID = 77
    audience.dataCentre = "us19"
    return NewConnection(account: account, dataCentre: "us19", audience: audience)
  }

  /// Settings with the dialog open, waiting for the answer.
  private func waiting(_ world: World = Sample.world()) throws -> (TestSession, Ticket) {
    var console = ready(.settings, world)
    let ordered = console.press("L")
    #expect(ordered.first == .captureMouse(false))
    let ticket = try #require(ordered.orderTicket)
    console.handle(.answered(ticket, .login(.waiting(Self.invitation, nil))))
    return (console, ticket)
  }

  @Test func `the address runs from edge to edge, without a frame`() throws {
    for (width, height) in [(80, 24), (120, 36), (60, 16)] {
      let (console, _) = try waiting(Sample.world(width, height))
      let lines = console.session.draw().lines
      let first = try #require(lines.firstIndex { $0.hasPrefix("https://") })
      let count = (Self.address.count + width - 1) / width
      #expect(lines[first..<(first + count)].joined() == Self.address, "at \(width)")
      #expect(console.picture.contains("Waiting for the answer at 127.0.0.1:8078."))
      #expect(console.lastLine.contains("^Y Copy the address"))
    }
  }

  @Test func `the address is copied by a key`() throws {
    var (console, _) = try waiting()
    #expect(console.press("^Y") == [.copy(Self.address, .clipboard)])
  }

  @Test func `the palette begins a login from any pane`() {
    var console = ready(.people)
    console.press(":")
    console.type("log in with")
    let ordered = console.press("Enter")
    #expect(console.session.current == .settings)
    #expect(ordered.orderTicket?.pane == .settings)
    #expect(console.picture.contains("Log in with Mailchimp"))
  }

  @Test func `what is pasted goes out as a secret and is never shown`() throws {
    var (console, _) = try waiting()
    let pasted = "http://127.0.0.1:8078/mailchimp?code=0123456789abcdef&state=s"
    #expect(console.press("Enter") == [])
    #expect(console.handle(.input(.pasted(pasted + "\n"))) == [])
    #expect(!console.picture.contains("0123456789abcdef"))
    #expect(console.press("Enter") == [.pasteLogin(Secret(pasted))])
    #expect(console.press("Enter") == [])
  }

  @Test func `an answer that is none to this login is told, and it goes on waiting`() throws {
    var (console, ticket) = try waiting()
    let stray = Problem("login.wrong-state", "This is the answer to another login.")
    console.handle(.answered(ticket, .login(.waiting(Self.invitation, stray))))
    #expect(console.picture.contains("This is the answer to another login."))
    #expect(console.picture.contains("https://login.mailchimp.com"))
  }

  @Test func `done names account, data centre and the permission reminder with its page`() throws {
    var (console, ticket) = try waiting()
    console.handle(.answered(ticket, .login(.finishing)))
    console.handle(.answered(ticket, .login(.done(Self.connection))))
    let picture = console.picture
    #expect(picture.contains("Connected to Library as owner, in the data centre us19."))
    #expect(picture.contains("https://us19.admin.mailchimp.com/lists/settings/defaults?id=77"))
    #expect(picture.contains("keeps them from marking it as spam."))
    #expect(console.press("Enter") == [.captureMouse(true), .endLogin])
    #expect(!console.picture.contains("Log in with Mailchimp ─"))
  }

  @Test func `a failed login says why, in words, and begins again with Enter`() throws {
    var (console, ticket) = try waiting()
    let problem = Problem(
      "login.no-account", "The login gave access to no account.", remedy: "Create one.")
    console.handle(.answered(ticket, .login(.failed(problem))))
    #expect(
      console.picture.contains("Nothing was saved. The login gave access to no account."))
    let again = console.press("Enter")
    let next = try #require(again.orderTicket)
    #expect(next != ticket)
    // What the first one still says is not about this one.
    console.handle(.answered(ticket, .login(.done(Self.connection))))
    #expect(console.picture.contains("One moment…"))
  }

  @Test func `Esc gives a login up, and what comes after shows nothing`() throws {
    var (console, ticket) = try waiting()
    #expect(console.press("Esc") == [.captureMouse(true), .endLogin])
    #expect(console.noticeLine.contains("The login was given up; nothing was saved."))
    #expect(console.handle(.answered(ticket, .login(.finishing))) == [])
    #expect(!console.picture.contains("The answer is here"))
  }

  @Test func `a login left in its last moment tells whether it was saved`() throws {
    var (console, ticket) = try waiting()
    console.handle(.answered(ticket, .login(.finishing)))
    #expect(console.press("Esc") == [.captureMouse(true), .endLogin])
    #expect(!console.noticeLine.contains("given up"))
    var other = console
    console.handle(.answered(ticket, .login(.done(Self.connection))))
    #expect(console.noticeLine.contains("Connected to Library as owner"))
    other.handle(.answered(ticket, .login(.failed(Problem("http.cancelled", "Broken off.")))))
    #expect(other.noticeLine.contains("The login was given up; nothing was saved."))
  }

  @Test func `changes that are not saved are not logged in over`() {
    var console = ready(.settings)
    console.press("Enter")
    console.type("X")
    console.press("Enter")
    #expect(console.press("L") == [])
    #expect(console.noticeLine.contains("A login uses what is saved: save the changes first"))
  }

  @Test func `where the terminal has the mouse already it is not given back to us`() throws {
    var world = Sample.world()
    world.capabilities.capturesMouse = false
    var console = ready(.settings, world)
    #expect(!console.press("L").contains(.captureMouse(false)))
    #expect(console.press("Esc") == [.endLogin])
  }
}
