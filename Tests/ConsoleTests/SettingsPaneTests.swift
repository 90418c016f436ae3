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
    console.press("/")
    console.type("poll-minutes")
    console.press("Enter Enter")
    console.type("99999")
    #expect(console.picture.contains("does not fit Poll, minutes."))
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
    console.press("/")
    console.type("source.query")
    console.press("Enter Enter")
    console.handle(.input(.pasted("SELECT * FROM a -- all\nWHERE b = 1")))
    #expect(console.noticeLine.contains("has a line break"))
    #expect(!console.picture.contains("SELECT * FROM a -- all"))
    console.handle(.input(.pasted("SELECT * FROM a WHERE b = 1\n")))
    #expect(console.picture.contains("SELECT * FROM a WHERE b = 1"))
  }

  /// Only the settings with these words are shown.
  private func found(_ words: String, _ width: Int = 120, _ height: Int = 36) -> TestSession {
    var console = ready(.settings, Sample.world(width, height))
    console.press("/")
    console.type(words)
    console.press("Enter")
    return console
  }

  @Test func `search shows only the settings that have the words, and Esc shows all again`() {
    var console = found("guard")
    #expect(console.picture.contains("Guard, people") && console.picture.contains("Guard, percent"))
    #expect(!console.picture.contains("API key"))
    #expect(console.picture.contains("Settings: guard"))
    console.press("Esc")
    #expect(console.picture.contains("Attempts") && console.picture.contains("Guard, people"))
    #expect(found("no such words").picture.contains("No setting has these words."))
  }

  @Test func `a search by a word of the help finds the setting, by its section too`() {
    #expect(found("dead letter").picture.contains("Attempts"))
    #expect(found("retention").picture.contains("Failures, days"))
  }

  @Test
  func `beside a setting stand its key, what it takes, its default and where its value is from`() {
    var console = found("poll-minutes")
    #expect(
      console.picture.contains("sync.poll-minutes  a whole number from 1 to 1,440  default 5"))
    #expect(console.picture.contains("Its default holds."))
    console.handle(.dataChanged)
    console.answer(
      .settings([
        SettingRow(
          key: "sync.poll-minutes", value: Secret("7"), changedBy: "ada",
          changedAt: Sample.minutesAgo(60))
      ])
    ) { $0 == .settings }
    #expect(console.picture.contains("Set by ada on 11-21 12:42:07."))
  }

  @Test func `a secret that is a reference says that it is read each time, and never what it is`() {
    var console = ready(.settings)
    console.handle(.dataChanged)
    console.answer(
      .settings([
        SettingRow(key: "mailchimp.key", value: Secret("env:SECRET_NAME"), changedBy: "ada")
      ])
    ) { $0 == .settings }
    console.press("]")
    #expect(console.picture.contains("Set by ada; read from the environment each time."))
    #expect(!console.picture.contains("SECRET_NAME"))
  }

  @Test func `a change is marked, said, and undone and done again`() {
    var console = found("poll-minutes")
    console.press("Enter")
    console.type("9")
    console.press("Enter")
    #expect(console.picture.contains("◆Poll, minutes"))
    #expect(console.picture.contains("Changed here, not saved; it was the default."))
    #expect(console.picture.contains("1 change not saved"))
    console.press("z")
    #expect(!console.picture.contains("◆Poll"))
    #expect(console.noticeLine.contains("Poll, minutes is its default again"))
    console.press("z")
    #expect(console.noticeLine.contains("Nothing to take back"))
    console.press("Z")
    #expect(console.picture.contains("◆Poll, minutes"))
  }

  @Test func `what was saved is no step of the pane any more: z is everywhere's again`() {
    var console = found("every-search")
    console.press("Space")
    guard case .saveSettings(let edits, let ticket)? = console.press("^S").first else {
      return #expect(Bool(false), "\(console.picture)")
    }
    #expect(edits == [SettingEdit(key: "tags.every-search", value: Secret("yes"))])
    let back = Effect.saveSettings([SettingEdit(key: "tags.every-search", value: nil)], ticket)
    console.handle(.edited(ticket, Edit("a setting", back: back)))
    console.handle(.answered(ticket, .done))
    let undone = console.press("z")
    guard case .saveSettings([SettingEdit(key: "tags.every-search", value: nil)], _)? = undone.first
    else { return #expect(Bool(false), "\(undone)") }
  }

  @Test func `taking back every change is one step of undo`() {
    var console = found("guard")
    console.press("Enter")
    console.type("5")
    console.press("Tab")
    console.type("3")
    console.press("Enter")
    #expect(console.picture.contains("2 changes not saved"))
    console.press("u")
    #expect(!console.picture.contains("not saved"))
    console.press("z")
    #expect(console.picture.contains("2 changes not saved"))
  }

  @Test func `a time zone that is none is refused at its field, with one that is meant`() {
    var console = found("time zone")
    console.press("Enter ^U")
    console.type("Europe/Pariss")
    #expect(console.picture.contains("There is no time zone"))
    #expect(console.press("Enter ^S") == [])
  }

  @Test func `what is changed is kept though a search hides it`() {
    var console = found("poll-minutes")
    console.press("Enter")
    console.type("9")
    console.press("Enter Esc /")
    console.type("retention")
    console.press("Enter")
    #expect(!console.picture.contains("Poll, minutes"))
    guard case .saveSettings(let edits, _)? = console.press("^S").first else {
      return #expect(Bool(false), "\(console.picture)")
    }
    #expect(edits == [SettingEdit(key: "sync.poll-minutes", value: Secret("9"))])
  }

  @Test func `sections stand at the side where there is room, and a click goes there`() throws {
    var console = ready(.settings, Sample.world(200, 60))
    let line = try #require(
      console.session.draw().lines.firstIndex { $0.hasPrefix("│  Retention") })
    console.handle(.input(.mouse(MouseEvent(.pressed(.left), Point(5, line)))))
    #expect(console.picture.contains("› Retention"))
    #expect(console.picture.contains("retention.days  a whole number"))
  }

  @Test func `a scope's search that there is not is told in the field as it is typed`() {
    var console = ready(.settings)
    console.press("/")
    console.type("recipients.scope")
    console.press("Enter")
    let asked = console.press("Enter").queries
    #expect(asked == [.savedSearches])
    console.answerAll()
    console.press("^U")
    console.type("search:Nobody knows")
    #expect(console.picture.contains("There is no saved search"))
    console.press("^U")
    console.type("opted-in")
    #expect(!console.picture.contains("There is no saved search"))
  }
}
