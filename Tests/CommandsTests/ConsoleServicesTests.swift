import Basics
import Console
import Domain
import Glibc
import Screen
import Storage
import Support
import Testing

@testable import Commands

@Suite struct ConsoleServicesTests {
  /// Services on a workspace of their own, and the mail they have sent.
  private struct Office {
    let directory: TemporaryDirectory
    let workspace: Workspace
    let services: ConsoleServices

    init(isPractice: Bool = false) throws {
      directory = try TemporaryDirectory()
      workspace = try Workspace.create(at: directory.file("a.listkeeper"))
      var world = World(size: Size(80, 24), now: workspace.time.now())
      world.isPractice = isPractice
      services = try ConsoleServices(
        workspace, seat: EngineSeat(workspace, log: .silent), user: "tester", world: world)
    }

    func close() {
      services.close()
      workspace.close()
    }

    /// All mail up to the first that `find` takes something from.
    func first<Value: Sendable>(
      _ find: @escaping @Sendable (SessionEvent) -> Value?
    ) async throws -> (Value, before: [SessionEvent]) {
      let services = services
      return try await onThread { () throws(Problem) in
        var seen: [SessionEvent] = []
        while true {
          for event in services.takeMail() {
            if let value = find(event) { return (value, seen) }
            seen.append(event)
          }
          var wait = [
            pollfd(fd: services.wakeup.descriptor, events: Int16(POLLIN), revents: 0)
          ]
          guard poll(&wait, 1, 20_000) > 0 else {
            throw Problem("test", "Nothing came in 20 seconds; before that: \(seen).")
          }
        }
      }
    }

    func answer(to ticket: Ticket) async throws -> Answer {
      try await first { event in
        if case .answered(ticket, let answer) = event { answer } else { nil }
      }.0
    }
  }

  private func ticket(_ generation: Int, _ pane: PaneID = .people) -> Ticket {
    Ticket(pane: pane, generation: generation)
  }

  @Test
  func `a person is saved in the user's name, found again, and refused where a value is wrong`()
    async throws
  {
    let office = try Office()
    defer { office.close() }
    let draft = PersonDraft(id: nil, values: [.firstName: "Ada", .birthday: "12/10"])
    #expect(office.services.carryOut(.savePerson(draft, ticket(1))))
    guard case .savedPerson(let id) = try await office.answer(to: ticket(1)) else {
      Issue.record("Ada was not saved")
      return
    }
    #expect(
      office.services.carryOut(.query(.history(id, WindowRequest(.at(0), count: 50)), ticket(2))))
    guard case .history(let window) = try await office.answer(to: ticket(2)) else {
      Issue.record("no history came")
      return
    }
    #expect(window.rows.allSatisfy { $0.who == "tester" } && window.total > 0)
    let wrong = PersonDraft(id: id, values: [.birthday: "13/45"])
    _ = office.services.carryOut(.savePerson(wrong, ticket(3)))
    guard case .refused = try await office.answer(to: ticket(3)) else {
      Issue.record("a wrong birthday was taken")
      return
    }
  }

  @Test func `of many searches typed at once the last is answered, and none before it after it`()
    async throws
  {
    let office = try Office()
    defer { office.close() }
    try await office.workspace.write(as: "test") { (tx) throws(Problem) in
      for index in 0..<500 {
        var person = Person(id: PersonID(0), noticedAt: tx.now)
        person.firstName = "Person \(index)"
        try tx.directory.add(person)
      }
    }
    for index in 1...50 {
      _ = office.services.carryOut(
        .query(
          .people(search: "person \(index * 9)", WindowRequest(.at(0), count: 10)), ticket(index)))
    }
    let (window, before) = try await office.first { event in
      if case .answered(Ticket(pane: .people, generation: 50), .people(let window)) = event {
        window
      } else {
        nil
      }
    }
    #expect(window.rows.map(\.name) == ["Person 450"])
    #expect(
      before.allSatisfy { event in
        if case .answered(_, .refused) = event { false } else { true }
      })
    #expect(office.services.takeMail().isEmpty)
  }

  @Test func `the world comes with its news, and says that nobody runs the engine`() async throws {
    let office = try Office()
    defer { office.close() }
    try await office.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.settings.set(Settings.zone.key, to: "Europe/Paris")
      try tx.settings.set(Settings.lines.key, to: "ascii")
      try tx.settings.set(Settings.theme.key, to: "light")
    }
    office.services.refresh()
    let (world, _) = try await office.first { event in
      if case .worldChanged(let world) = event { world } else { nil }
    }
    #expect(world.engine == .nobody)
    #expect(world.zone.name == "Europe/Paris")
    #expect(world.capabilities.glyphs == .ascii)
    #expect(world.overview?.engine == EngineState.none)
    #expect(office.services.theme == "light")
  }

  @Test func `a request that the engine refuses comes back as a notice`() async throws {
    let office = try Office()
    defer { office.close() }
    #expect(office.services.carryOut(.request(.approvePlan(PlanID(77)))))
    #expect(office.services.carryOut(.startEngine))
    let text = try await office.first { event -> String? in
      // A console reads the world again at each change; here at each piece of mail.
      office.services.refresh()
      if case .noticed(let notice) = event, notice.level == .error { return notice.text }
      return nil
    }.0
    #expect(text.contains("77"))
    #expect(await onPlainThread { office.services.seat.leave() })
  }

  @Test(arguments: [true, false])
  func `only in practice is the first plan approved without a look`(_ isPractice: Bool)
    async throws
  {
    let office = try Office(isPractice: isPractice)
    defer { office.close() }
    _ = office.services.carryOut(.request(.forceSync(approve: false)))
    _ = try await office.first { event -> Bool? in
      if case .worldChanged = event { true } else { nil }
    }
    let requests = try await office.workspace.read { (reading) throws(Problem) in
      try reading.requests.waiting().map(\.request)
    }
    #expect(requests == [.forceSync(approve: isPractice)])
  }

  @Test func `effects of the terminal are left to the loop`() throws {
    let office = try Office()
    defer { office.close() }
    for effect: Effect in [.quit, .redraw, .suspend, .captureMouse(true), .copy("x", .clipboard)] {
      #expect(!office.services.carryOut(effect))
    }
  }

  private func onPlainThread(_ body: @escaping @Sendable () -> Bool) async -> Bool {
    (try? await onThread { () throws(Problem) in body() }) ?? false
  }

  @Test func `a change of many is one edit, which is taken back whole`() async throws {
    let office = try Office()
    defer { office.close() }
    let people = try await office.workspace.write(as: "test") { (tx) throws(Problem) in
      try (0..<600).map { (index) throws(Problem) in
        var person = Person(id: PersonID(0), noticedAt: tx.now)
        person.firstName = "Person \(index)"
        return try tx.directory.add(person)
      }
    }
    func inactive() async throws -> Int {
      try await office.workspace.read { (reading) throws(Problem) in
        try reading.reports.countPeople("active:no")
      }
    }
    #expect(office.services.carryOut(.changePeople(.deactivate, people, ticket(1))))
    let (back, _) = try await office.first { event -> Effect? in
      if case .edited(Ticket(pane: .people, generation: 1), let edit) = event {
        edit.back
      } else {
        nil
      }
    }
    #expect(try await inactive() == 600)
    guard case .takeBack(let mark, let what, _) = back else {
      Issue.record("the way back is \(back)")
      return
    }
    #expect(what == "the deactivation of 600 people")
    #expect(office.services.carryOut(.takeBack(mark, what: what, ticket(2))))
    let (progress, _) = try await office.first { event -> PeopleProgress? in
      guard case .answered(Ticket(pane: .people, generation: 2), .changed(let news)) = event else {
        return nil
      }
      return news.isOver ? news : nil
    }
    #expect(progress.left == 0)
    #expect(try await inactive() == 0)
  }

  @Test func `who is forgotten is gone, and there is no way back`() async throws {
    let office = try Office()
    defer { office.close() }
    let people = try await office.workspace.write(as: "test") { (tx) throws(Problem) in
      try ["Ada", "Bo"].map { (name) throws(Problem) in
        var person = Person(id: PersonID(0), noticedAt: tx.now)
        person.firstName = name
        person.emails = ["\(name)@town.dev"]
        return try tx.directory.add(person)
      }
    }
    #expect(office.services.carryOut(.changePeople(.forget, [people[0]], ticket(1))))
    let (news, before) = try await office.first { event -> PeopleProgress? in
      guard case .answered(_, .changed(let news)) = event else { return nil }
      return news.isOver ? news : nil
    }
    #expect(news.done == 1)
    #expect(news.undo == nil)
    #expect(!before.contains { if case .edited = $0 { true } else { false } })
    let left = try await office.workspace.read { (reading) throws(Problem) in
      try reading.database.rows(
        "SELECT first_name FROM person UNION ALL SELECT email FROM address"
      ) { $0.text(0) }
    }
    #expect(left == ["Bo", "Bo@town.dev"])
  }

  private func file(of count: Int, in office: Office) throws -> String {
    let rows = (1...count).map { "x\($0),Person \($0),p\($0)@example.org\n" }.joined()
    return try office.directory.write("many.csv", "external_id,first_name,email\n" + rows)
  }

  @Test func `a preview that is left reads no further and writes nothing`() async throws {
    let office = try Office()
    defer { office.close() }
    let order = ImportOrder(path: try file(of: 20_000, in: office))
    #expect(office.services.carryOut(.previewImport(order, ticket(1))))
    #expect(office.services.carryOut(.stopImport))
    let (problem, before) = try await office.first { event -> Problem? in
      if case .answered(_, .refused(let problem)) = event { problem } else { nil }
    }
    #expect(problem.code == "import.stopped")
    #expect(
      !before.contains { event in
        if case .answered(_, .importNews(.previewed)) = event { true } else { false }
      })
  }

  @Test func `an import that breaks off is taken back as a whole by its one way back`()
    async throws
  {
    let office = try Office()
    defer { office.close() }
    // The directory refuses somebody of the third transaction, which nobody could have seen before.
    try await office.workspace.write(as: "tester") { (tx) throws(Problem) in
      try tx.database.script(
        """
        CREATE TRIGGER full BEFORE INSERT ON person WHEN NEW.external_id = 'x600'
        BEGIN SELECT RAISE(ABORT, 'no room'); END
        """)
    }
    let order = ImportOrder(path: try file(of: 1000, in: office))
    #expect(office.services.carryOut(.importPeople(order, ticket(1))))
    let ((problem, done, canBeTakenBack), before) = try await office.first {
      event -> (Problem, Int, Bool)? in
      guard case .answered(_, .importNews(.brokenOff(let problem, let done, 1000, let can))) = event
      else { return nil }
      return (problem, done, can)
    }
    #expect((problem.cause ?? "").contains("no room"))
    #expect((done, canBeTakenBack) == (500, true))
    let ways = before.compactMap { event -> Effect? in
      if case .edited(_, let edit) = event { edit.back } else { nil }
    }
    guard ways.count == 1, case .takeBack(let mark, let what, _) = ways[0] else {
      Issue.record("the ways back are \(ways)")
      return
    }
    #expect(what == "the import of many.csv")
    let workspace = office.workspace
    func left() async throws -> Int {
      try await workspace.read { (reading) throws(Problem) in
        try reading.reports.countPeople("-deleted:yes")
      }
    }
    #expect(try await left() == 500)
    #expect(office.services.carryOut(.takeBack(mark, what: what, ticket(2))))
    _ = try await office.first { event -> Bool? in
      guard case .answered(_, .changed(let news)) = event, news.isOver else { return nil }
      return true
    }
    #expect(try await left() == 0)
  }

  @Test func `a file is found by its beginning, looked at, imported and taken back`() async throws {
    let office = try Office()
    defer { office.close() }
    let path = try office.directory.write("people.csv", "first_name,active\nAda,\nBob,perhaps\n")
    _ = try office.directory.write("people.png", "no people")
    #expect(office.services.carryOut(.listFiles(String(path.dropLast(4)), ticket(1))))
    #expect(
      try await office.answer(to: ticket(1)) == .files(String(path.dropLast(4)), [path]))
    #expect(office.services.carryOut(.inspectFile(path, ticket(2))))
    guard case .importFile(let file) = try await office.answer(to: ticket(2)) else {
      Issue.record("the file was not looked into")
      return
    }
    var order = ImportOrder(path: path, signature: file.signature, leavesOutRefused: true)
    #expect(office.services.carryOut(.previewImport(order, ticket(3))))
    let (preview, _) = try await office.first { event -> ImportPreview? in
      guard case .answered(_, .importNews(.previewed(let preview))) = event else { return nil }
      return preview
    }
    #expect((preview[.added], preview[.refused]) == (1, 1))
    #expect(office.services.carryOut(.importPeople(order, ticket(4))))
    let (back, _) = try await office.first { event -> Effect? in
      if case .edited(_, let edit) = event { edit.back } else { nil }
    }
    #expect(office.services.carryOut(back))
    _ = try await office.first { event -> Bool? in
      guard case .answered(_, .changed(let news)) = event else { return nil }
      return news.isOver ? true : nil
    }
    let deleted = try await office.workspace.read { (reading) throws(Problem) in
      try reading.reports.countPeople("deleted:yes")
    }
    #expect(deleted == 1)
    order.signature = "another"
    #expect(office.services.carryOut(.importPeople(order, ticket(5))))
    guard case .refused = try await office.answer(to: ticket(5)) else {
      Issue.record("a file that was not looked at was imported")
      return
    }
  }
}
