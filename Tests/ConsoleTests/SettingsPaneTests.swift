// Settings: a key is tried before it is saved, secrets stay dots, changes are not lost.

import Basics
import Domain
import Screen
import Testing

@testable import Console

@Suite struct SettingsPaneTests {
  private static let key = "fedcba9876543210fedcba9876543210-us7"

  /// Settings with a new key typed, and saved with ^S.
  private func saving() -> (TestSession, [Effect]) {
    var console = ready(.settings)
    console.press("] Enter")
    console.type(Self.key)
    let effects = console.press("^S")
    return (console, effects)
  }

  @Test func `a new key is tried before anything is saved`() {
    var (console, effects) = saving()
    guard case .testKey(Secret(Self.key), url: "", let ticket)? = effects.last, effects.count == 1
    else { return #expect(Bool(false), "\(effects)") }
    let saved = console.handle(
      .answered(ticket, .account(MailchimpAccount(id: "1", name: "Library", role: "owner"))))
    guard case .saveSettings(let edits, let save)? = saved.first else {
      return #expect(Bool(false), "\(saved)")
    }
    #expect(edits == [SettingEdit(key: "mailchimp.key", value: Secret(Self.key))])
    console.handle(.answered(save, .done))
    #expect(console.noticeLine.contains("Connected to Library as owner."))
  }

  @Test func `a refused key saves nothing and stays to be corrected`() {
    var (console, effects) = saving()
    guard let ticket = effects.orderTicket else { return #expect(Bool(false)) }
    let after = console.handle(
      .answered(
        ticket, .refused(Problem("mailchimp.key-refused", "Mailchimp refused the API key."))))
    #expect(after == [])
    #expect(console.noticeLine.contains("Nothing was saved. Mailchimp refused the API key."))
    #expect(console.picture.contains("1 change not saved"))
  }

  @Test func `a secret is dots, and is revealed for ten seconds`() {
    var console = ready(.settings)
    console.press("]")
    #expect(!console.picture.contains("0123456789abcdef"))
    console.press("^R")
    #expect(console.picture.contains("0123456789abcdef"))
    #expect(console.session.wakeAt == Sample.now + .seconds(10))
    console.handle(.ticked, at: Sample.now + .seconds(10))
    #expect(!console.picture.contains("0123456789abcdef"))
    let plain = console.session.plainLines().joined(separator: "\n")
    #expect(!plain.contains("0123456789abcdef"))
    #expect(plain.contains("API key *: ••••us21"))
  }

  @Test func `a value that does not fit is refused beside its field`() {
    var console = ready(.settings)
    for _ in 0..<40 where !console.picture.contains("How often Mailchimp") { console.press("j") }
    console.press("Enter")
    console.type("99999")
    #expect(console.picture.contains("does not fit Poll, minutes. Give"))
    #expect(console.press("^S") == [])
    console.press("Enter")
    #expect(console.lastLine.contains("^S"))
  }

  @Test func `quitting with unsaved settings asks`() {
    var console = ready(.settings)
    console.press("Enter")
    console.type("X")
    console.press("Enter")
    #expect(console.press("q") == [])
    #expect(console.picture.contains("1 setting is changed here and not saved."))
    #expect(console.press("Enter") == [])
    #expect(console.press("q y") == [.quit])
  }

  @Test func `letters are text while a field is open`() {
    var console = ready(.settings)
    console.press("Enter ^U")
    #expect(console.type("FRPq:?0") == [])
    #expect(console.picture.contains("FRPq:?0"))
    console.press("Esc")
    #expect(console.picture.contains("Friends of the Library  "))
  }

  @Test func `a query of several lines is refused where it is pasted, in words`() {
    var console = ready(.settings)
    for _ in 0..<80 where !console.picture.contains("a SELECT whose columns") { console.press("j") }
    console.press("Enter")
    console.handle(.input(.pasted("SELECT * FROM a -- all\nWHERE b = 1")))
    #expect(console.noticeLine.contains("has a line break"))
    #expect(!console.picture.contains("SELECT * FROM a -- all"))
    console.handle(.input(.pasted("SELECT * FROM a WHERE b = 1\n")))
    #expect(console.picture.contains("SELECT * FROM a WHERE b = 1"))
  }
}
