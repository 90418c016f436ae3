// The set-up as an administrator goes through it: nothing typed is lost, nothing is saved before it is
// asked for, a refused key saves nothing, and the test sends one person after a reading.

import Basics
import Domain
import Screen
import Testing

@testable import Console

@Suite struct SetUpTests {
  static let key = "fedcba9876543210fedcba9876543210-us7"

  static func newWorld(_ width: Int = 80, _ height: Int = 24) -> World {
    var world = Sample.world(width, height)
    var overview = Overview(workspace: "Listkeeper")
    overview.engine = .running
    world.overview = overview
    world.hasKey = false
    return world
  }

  private static let unset = Answer.settings(
    Settings.all.map { SettingRow(key: $0.key, value: nil) })

  /// A console that is opened on a workspace without anything.
  func opened(_ width: Int = 80, _ height: Int = 24) -> TestSession {
    var world = Self.newWorld(width, height)
    let full = world
    world.overview = nil
    var console = TestSession(.overview, world)
    console.handle(.worldChanged(full))
    console.answer(Self.unset) { $0 == .settings }
    return console
  }

  /// The same, on step 2.
  func connecting(_ width: Int = 80, _ height: Int = 24) -> TestSession {
    var console = opened(width, height)
    console.press("^S")
    return console
  }

  /// The same with a key that was taken, the audiences read and the first of them preselected.
  func connected(_ width: Int = 80, _ height: Int = 24) throws -> TestSession {
    var console = connecting(width, height)
    console.type(Self.key)
    let tried = try #require(console.press("^S").orderTicket)
    let account = MailchimpAccount(id: "1", name: "Library", role: "owner")
    let saved = try #require(console.handle(.answered(tried, .account(account))).orderTicket)
    let effects = console.handle(.answered(saved, .done))
    var world = Self.newWorld(width, height)
    world.hasKey = true
    console.handle(.worldChanged(world))
    for effect in effects {
      if case .refreshAudiences(let ticket) = effect {
        console.handle(.answered(ticket, .audiences(Sample.audiences())))
      }
    }
    console.answer(Self.unset) { $0 == .settings }
    return console
  }

  /// On the step of this number, all before it gone through.
  func on(_ step: Int, _ width: Int = 80, _ height: Int = 24) throws -> TestSession {
    var console = try connected(width, height)
    let chosen = console.press("Enter")
    var world = Sample.world(width, height)
    world.overview?.isFirstSyncDone = false
    console.handle(.worldChanged(world))
    console.handle(.answered(try #require(chosen.orderTicket), .done))
    guard step > 3 else { return console }
    console.press("^S")
    console.answer(.mapping(Sample.mapping())) { $0 == .mapping }
    console.answer(.mappingExamples(Sample.mappingExamples())) {
      if case .mappingExamples = $0 { true } else { false }
    }
    for _ in 4..<max(4, step) { console.press("PgDn") }
    return console
  }

  @Test func `the set-up opens by itself where there is neither key nor audience`() {
    let console = opened()
    #expect(console.session.current == .settings)
    #expect(console.picture.contains("Step 1 of 6: Initial configuration"))
  }

  @Test func `it stays away from practice, and where a key or an audience is set`() {
    let changes: [(inout World) -> Void] = [
      { $0.isPractice = true }, { $0.hasKey = true }, { $0.overview?.audienceID = "a1" },
    ]
    for change in changes {
      var world = Self.newWorld()
      change(&world)
      let full = world
      world.overview = nil
      var console = TestSession(.overview, world)
      console.handle(.worldChanged(full))
      #expect(console.session.current == .overview)
    }
  }

  @Test func `Esc leaves to where it came from, and what was typed waits`() {
    var console = opened(120, 36)
    console.type(" of Ada")
    console.press("Esc")
    #expect(console.session.current == .overview)
    console.press("0 W")
    #expect(console.picture.contains("Listkeeper of Ada"))
    #expect(console.picture.contains("1 change not saved"))
  }

  @Test func `an empty name is refused in its field, and nothing is saved`() {
    var console = opened()
    console.press("^U")
    #expect(console.press("^S") == [])
    #expect(console.picture.contains("Name is needed."))
    #expect(console.picture.contains("Step 1 of 6"))
  }

  @Test func `a preset is put in before the name is saved, and only then it goes on`() throws {
    var console = opened()
    console.type("!")
    console.press("Tab Tab")
    console.type("f")
    let ordered = console.press("^S")
    guard case .applyPreset(.families, let ticket)? = ordered.first, ordered.count == 1 else {
      return #expect(Bool(false), "\(ordered)")
    }
    #expect(console.picture.contains("Step 1 of 6"))
    let saved = console.handle(.answered(ticket, .done))
    #expect(
      saved.contains {
        if case .saveSettings(let edits, _) = $0 {
          edits == [SettingEdit(key: "workspace.name", value: Secret("Listkeeper!"))]
        } else {
          false
        }
      })
    console.handle(.answered(try #require(saved.orderTicket), .done))
    #expect(console.picture.contains("Step 2 of 6: Connections"))
  }

  @Test func `a preset that is taken back is not shown as chosen, and one done again is`() throws {
    var console = opened()
    console.press("Tab Tab")
    console.type("f")
    guard case .applyPreset(_, let ticket)? = console.press("^S").first else {
      return #expect(Bool(false), "no preset")
    }
    console.handle(.answered(ticket, .done))
    let after = Settings.all.map { setting in
      SettingRow(key: setting.key, value: Preset.families.settings[setting.key].map { Secret($0) })
    }
    func read(_ answer: Answer) {
      console.handle(.dataChanged)
      console.answer(answer) { $0 == .settings }
    }
    console.answer(.settings(after)) { $0 == .settings }
    console.press("PgUp")
    #expect(console.picture.contains("◉ families"), "\(console.picture)")
    read(Self.unset)
    #expect(!console.picture.contains("◉ families"), "\(console.picture)")
    read(.settings(after))
    #expect(console.picture.contains("◉ families"))
  }

  @Test func `a key that was cut is told so where it is pasted or left, before it is tried`() {
    var console = connecting(120, 36)
    console.type("0123456789abcdef0123")
    #expect(!console.picture.contains("does not end in a"))
    console.press("Tab")
    #expect(console.picture.contains("does not end in a"))
    console.press("S-Tab ^U")
    console.handle(.input(.pasted("  \(Self.key)\n")))
    #expect(!console.picture.contains("✗"))
    console.press("^U")
    console.handle(.input(.pasted("abc-us7")))
    #expect(console.picture.contains("too short"))
    #expect(console.press("^S") == [])
    console.press("^U")
    console.type("env:MAILCHIMP_KEY")
    console.press("Tab")
    #expect(!console.picture.contains("✗"))
  }

  @Test func `a refused key says why beside its field, and saves nothing`() throws {
    var console = connecting(120, 36)
    console.type(Self.key)
    let ticket = try #require(console.press("^S").orderTicket)
    let refused = Problem("mailchimp.key-refused", "Mailchimp refused the API key.")
    #expect(console.handle(.answered(ticket, .refused(refused))) == [])
    #expect(console.picture.contains("Mailchimp refused the API key."))
    #expect(console.picture.contains("Nothing was saved."))
    #expect(!console.picture.contains(Self.key))
  }

  @Test func `a key that was taken brings the audiences, the first one preselected`() throws {
    var console = try connected()
    #expect(console.picture.contains("Connected to Library as owner."))
    #expect(console.picture.contains("◉ Newsletter"))
    let ordered = console.press("Enter")
    guard case .chooseAudience("a1b2c3d4e5", let ticket)? = ordered.first else {
      return #expect(Bool(false), "\(ordered)")
    }
    console.handle(.answered(ticket, .done))
    #expect(console.picture.contains("Step 3 of 6: Settings"))
  }

  @Test func `going back loses nothing that was typed`() throws {
    var console = try on(3)
    console.press("Tab")
    console.press("^U")
    console.type("opted-in")
    console.press("PgUp")
    #expect(console.picture.contains("Step 2 of 6"))
    console.press("PgDn")
    #expect(console.picture.contains("Step 3 of 6"))
    #expect(console.picture.contains("opted-in"))
  }

  @Test func `the mapping step shows a real person's values on both sides, one after the other`()
    throws
  {
    var console = try on(4, 120, 36)
    #expect(console.picture.contains("With the values of Ada Byron, 1 of 3:"))
    #expect(console.picture.contains("──→ FNAME *"))
    console.press(">")
    #expect(console.picture.contains("With the values of Grace Hopper, 2 of 3:"))
    #expect(console.picture.contains("+1 312 555 0134"))
    console.press("> >")
    #expect(console.picture.contains("With the values of Turing, 3 of 3:"))
    #expect(console.picture.contains("requires FNAME (First Name), and Turing has no value"))
  }

  @Test func `a step that was left with something typed says so in the list of steps`() throws {
    var console = try on(3, 120, 36)
    console.press("Tab")
    console.type("x")
    console.press("PgUp")
    #expect(console.picture.contains("1 change"))
  }

  @Test func `the mapping step says what is missing and leads to the editor and back`() throws {
    var console = try on(4)
    #expect(console.picture.contains("The audience has no merge field PHONE."))
    #expect(console.picture.contains("LNAME"))
    console.press("e")
    #expect(console.session.current == .mapping)
    console.press("0")
    #expect(console.picture.contains("Step 4 of 6: Field mapping"))
  }

  /// The test begun with an address, and nobody there yet.
  func testing(_ width: Int = 80, _ height: Int = 24) throws -> TestSession {
    var console = try on(5, width, height)
    console.type("Ada")
    console.press("Tab Tab")
    console.type("me@example.org")
    console.press("^S")
    return console
  }

  private func ticket(of effects: [Effect], _ request: Request) -> Ticket? {
    for effect in effects {
      if case .ask(request, let ticket) = effect { return ticket }
    }
    return nil
  }

  /// The test gone through, both records side by side.
  func tested(_ width: Int = 80, _ height: Int = 24) throws -> TestSession {
    var console = try testing(width, height)
    console.answer(.people(Window(rows: [], offset: 0, total: 0))) {
      $0 == .people(search: "email:=me@example.org", WindowRequest(.at(0), count: 20))
    }
    let save = try #require(console.effects.orderTicketOfLastPerson)
    let reading = console.handle(.answered(save, .savedPerson(PersonID(7))))
    let read = try #require(ticket(of: reading, .dryRun))
    console.handle(.answered(read, .taken(ExecutionID(1))))
    var run = Sample.execution(1, .succeeded, minutes: 1)
    console.answer(.execution(run)) { $0 == .execution(ExecutionID(1)) }
    let send = try #require(ticket(of: console.effects, .syncPerson(PersonID(7))))
    console.handle(.answered(send, .taken(ExecutionID(2))))
    run = Sample.execution(2, .succeeded, minutes: 1)
    run.counts = ExecutionCounts()
    run.counts.created = 1
    console.answer(.execution(run)) { $0 == .execution(ExecutionID(2)) }
    let look = try #require(console.effects.orderTicketOfLastLookUp)
    let both = SideBySide(key: AddressKey("me@example.org"), person: PersonID(7))
    console.handle(.answered(look, .sideBySide(both)))
    console.answer(.steps(Sample.steps())) { $0 == .steps(ExecutionID(2)) }
    console.answer(.outcomes(Sample.outcomes())) {
      if case .outcomes(ExecutionID(2), nil, _) = $0 { true } else { false }
    }
    return console
  }

  @Test func `the test reads the audience before it sends one person, and shows both records`()
    throws
  {
    let console = try tested(120, 36)
    #expect(console.picture.contains("#2 succeeded, 1 created"))
    #expect(console.picture.contains("At Mailchimp"))
    #expect(console.picture.contains("Execution #2"))
    #expect(console.picture.contains("Send changes"))
    #expect(console.picture.contains("ada@example.org: updated"))
    #expect(console.lastLine.contains("u Archive it there"))
  }

  @Test func `the test refuses an address that somebody here has`() throws {
    var console = try testing(120, 36)
    var row = try #require(Sample.people().rows.first)
    row.email = "Me@Example.org"
    console.answer(.people(Window(rows: [row], offset: 0, total: 1))) {
      if case .people = $0 { true } else { false }
    }
    #expect(console.picture.contains("Ada Lovelace (#1) has"))
    #expect(console.effects.orderTicketOfLastPerson == nil)
  }

  @Test func `a reading that is refused sends nobody and says why`() throws {
    var console = try testing()
    console.answer(.people(Window(rows: [], offset: 0, total: 0))) {
      if case .people = $0 { true } else { false }
    }
    let save = try #require(console.effects.orderTicketOfLastPerson)
    let reading = console.handle(.answered(save, .savedPerson(PersonID(7))))
    let read = try #require(ticket(of: reading, .dryRun))
    let after = console.handle(
      .answered(read, .refused(Problem("settings.no-audience", "No audience is chosen."))))
    #expect(after == [])
    #expect(console.picture.contains("No audience is chosen."))
  }

  @Test func `what the test made is archived there and deleted here in two steps, each asked for`()
    throws
  {
    var console = try tested()
    console.press("u")
    #expect(console.picture.contains("1 contact, me@example.org, was made by the test"))
    let undone = console.press("y")
    #expect(ticket(of: undone, .undoExecution(ExecutionID(2))) != nil)
    let undo = try #require(ticket(of: undone, .undoExecution(ExecutionID(2))))
    console.handle(.answered(undo, .taken(ExecutionID(3))))
    var run = Sample.execution(3, .succeeded, trigger: .undo, minutes: 1)
    run.counts = ExecutionCounts()
    run.counts.archived = 1
    console.answer(.execution(run)) { $0 == .execution(ExecutionID(3)) }
    let look = try #require(console.effects.orderTicketOfLastLookUp)
    console.handle(
      .answered(look, .sideBySide(SideBySide(key: AddressKey("me@example.org"), person: nil))))
    let marked = console.press("d")
    guard case .deletePerson(PersonID(7), .mark, let mark)? = marked.first else {
      return #expect(Bool(false), "\(marked)")
    }
    console.handle(.answered(mark, .done))
    #expect(console.press("d") == [])
    #expect(console.picture.contains("This cannot be taken back."))
    guard case .deletePerson(PersonID(7), .remove, _)? = console.press("y").first else {
      return #expect(Bool(false))
    }
  }

  @Test func `no to taking the test back leaves it as it was`() throws {
    var console = try tested()
    console.press("u Esc")
    #expect(console.lastLine.contains("u Archive it there"))
    #expect(console.press("u y").contains { if case .ask = $0 { true } else { false } })
  }

  @Test func `Finish says that the first plan is held, and F asks for it`() throws {
    var console = try on(6, 120, 36)
    console.answer(.mapping(Sample.mapping())) { $0 == .mapping }
    #expect(console.picture.contains("the plan is held"))
    #expect(console.press("F") == [.request(.forceSync(approve: false))])
    console.press("Enter")
    #expect(console.session.current == .overview)
  }

  @Test func `every step fits every size, down to 60 by 16`() throws {
    for (width, height) in [(80, 24), (120, 36), (200, 60), (60, 16)] {
      for step in 3...6 {
        let console = try on(step, width, height)
        #expect(console.picture.contains("Step \(step) of 6"))
        #expect(console.session.draw().lines.allSatisfy { CharacterWidth.of($0) <= width })
      }
      #expect(try connected(width, height).picture.contains("Newsletter"))
    }
  }

  @Test func `the key is dots until somebody asks, and dots again ten seconds later`() {
    var console = connecting(120, 36)
    console.type(Self.key)
    #expect(!console.picture.contains(Self.key))
    #expect(console.lastLine.contains("^R Reveal"))
    console.press("^R")
    #expect(console.picture.contains(Self.key))
    #expect(console.session.wakeAt == Sample.now + .seconds(10))
    console.handle(.ticked, at: Sample.now + .seconds(10))
    #expect(!console.picture.contains(Self.key))
  }

  @Test func `F1 beside the key tells where it is made`() {
    var console = connecting()
    console.press("F1")
    #expect(console.picture.contains("Where the API key is"))
  }

  @Test func `the palette reopens the set-up from any pane`() {
    var console = ready(.people)
    console.press(":")
    console.type("reconfigure")
    console.press("Enter")
    #expect(console.picture.contains("Set-up"))
  }
}

extension [Effect] {
  fileprivate var orderTicketOfLastPerson: Ticket? {
    reversed().lazy.compactMap {
      if case .savePerson(_, let ticket) = $0 { ticket } else { nil }
    }.first
  }
  fileprivate var orderTicketOfLastLookUp: Ticket? {
    reversed().lazy.compactMap { if case .lookUp(_, let ticket) = $0 { ticket } else { nil } }.first
  }
}
