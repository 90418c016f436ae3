// Every edit of the console and its way back, on a real workspace: taking it back leaves what was
// before, and making it again what was made.

import Basics
import Console
import Domain
import Screen
import Storage
import Support
import Testing

@testable import Commands

@Suite struct ConsoleEditsTests {
  private let directory: TemporaryDirectory
  private let workspace: Workspace
  private let open = Ticket(pane: .overview, generation: 0)

  init() throws {
    directory = try TemporaryDirectory()
    workspace = try Workspace.create(at: directory.file("a.listkeeper"))
  }

  private func edit(_ order: Effect) async throws -> Edit? {
    try await workspace.write(as: "tester") { (tx) throws(Problem) in try tx.edit(order)?.edit }
  }

  private func read<Value: Sendable>(
    _ body: @escaping @Sendable (WorkspaceReading) throws(Problem) -> Value
  ) async throws -> Value {
    try await workspace.read(body)
  }

  /// Makes the edit, takes it back, makes it again and takes it back once more: `state` must be as
  /// before after each way back, and as after the edit when it is made again.
  private func goesThereAndBack<Value: Equatable & Sendable>(
    _ order: Effect, _ state: @escaping @Sendable (WorkspaceReading) throws(Problem) -> Value,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let before = try await read(state)
    let first = try #require(
      try await edit(order), "it has no way back", sourceLocation: sourceLocation)
    let after = try await read(state)
    #expect(after != before, "it changes nothing", sourceLocation: sourceLocation)
    let back = try #require(first.back, sourceLocation: sourceLocation)
    let second = try #require(try await edit(back)?.back, sourceLocation: sourceLocation)
    #expect(try await read(state) == before, sourceLocation: sourceLocation)
    let third = try #require(try await edit(second)?.back, sourceLocation: sourceLocation)
    #expect(try await read(state) == after, sourceLocation: sourceLocation)
    _ = try await edit(third)
    #expect(try await read(state) == before, sourceLocation: sourceLocation)
  }

  private func add(_ change: @Sendable (inout Person) -> Void = { _ in }) async throws -> PersonID {
    var person = Person(id: PersonID(0), noticedAt: workspace.time.now())
    person.firstName = "Ada"
    person.lastName = "Lovelace"
    person.emails = ["ada@example.org", "ada@work.example.org"]
    person.birthday = MonthDay(month: 12, day: 10)
    person.optIn = .yes
    change(&person)
    let wanted = person
    return try await workspace.write(as: "tester") { (tx) throws(Problem) in
      try tx.directory.add(wanted)
    }
  }

  private struct Face: Equatable, Sendable {
    var values: [String]
    var emails: [String]
    var address: PostalAddress?
    var isDeleted: Bool

    init?(_ person: Person?) {
      guard let person else { return nil }
      let fields: [PersonField] = [
        .firstName, .lastName, .phone, .company, .birthday, .dateOfBirth, .optIn, .active, .kind,
        .manager, .externalID, .account,
      ]
      values = fields.map { person.value(of: $0).text }
      emails = person.emails
      address = person.postalAddress
      isDeleted = person.deletedAt != nil
    }
  }

  @Test func `an edited person goes back to every value there was`() async throws {
    let manager = try await add { $0.emails = ["boss@example.org"] }
    let id = try await add { person in
      person.emails = ["ada2@example.org"]
      person.managerID = manager
      person.postalAddress = PostalAddress()
      person.postalAddress?.city = "London"
    }
    var draft = PersonDraft(
      id: id,
      values: [
        .firstName: "Augusta", .birthday: "", .optIn: "no", .active: "no", .manager: "",
        .phone: "+44 1",
      ],
      emails: ["augusta@example.org", "ada2@example.org"])
    draft.address = ["city": "Paris", "country": "FR"]
    try await goesThereAndBack(.savePerson(draft, open)) { (reading) throws(Problem) in
      Face(try reading.directory.person(id))
    }
  }

  @Test func `a new person is marked as deleted by z, and comes back`() async throws {
    let made = try #require(
      try await edit(.savePerson(PersonDraft(id: nil, values: [.firstName: "Bo"]), open)))
    guard case .deletePerson(let id, .mark, _)? = made.back else {
      Issue.record("\(made)")
      return
    }
    let again = try #require(try await edit(.deletePerson(id, .mark, open))?.back)
    #expect(
      try await read { (it) throws(Problem) in try it.directory.person(id)?.deletedAt != nil })
    _ = try await edit(again)
    #expect(
      try await read { (it) throws(Problem) in try it.directory.person(id)?.deletedAt == nil })
  }

  @Test func `marking as deleted is taken back, removing for good says that it cannot be`()
    async throws
  {
    let id = try await add()
    try await goesThereAndBack(.deletePerson(id, .mark, open)) { (reading) throws(Problem) in
      Face(try reading.directory.person(id))
    }
    _ = try await edit(.deletePerson(id, .mark, open))
    let removed = try #require(try await edit(.deletePerson(id, .remove, open)))
    #expect(removed.back == nil)
    #expect(removed.whyNot.contains("Ada Lovelace (#\(id.rawValue)) was removed for good"))
  }

  @Test func `rows of the mapping are set, changed, moved and removed, there and back`()
    async throws
  {
    let rows: @Sendable (WorkspaceReading) throws(Problem) -> [String] = {
      (reading) throws(Problem) in
      try reading.audiences.mapping().map { "\($0.field) \($0.tag) \($0.transforms)" }
    }
    try await goesThereAndBack(
      .changeMapping(.set(FieldMapping(.company, "COMPANY"), replacing: nil), open), rows)
    let last = FieldMapping(.company, "COMPANY")
    _ = try await edit(.changeMapping(.set(last, replacing: nil), open))
    // What was removed comes back at the end.
    try await goesThereAndBack(.changeMapping(.remove(last.tag), open)) { (it) throws(Problem) in
      Set(try rows(it))
    }
    try await goesThereAndBack(.changeMapping(.move(last.tag, to: 0), open), rows)
    var changed = last
    changed.transforms = [.trim]
    try await goesThereAndBack(.changeMapping(.set(changed, replacing: last.tag), open), rows)
    let backfill = try #require(try await edit(.changeMapping(.backfill(last.tag), open)))
    #expect(backfill.back == nil && backfill.whyNot.contains("Executions"))
  }

  @Test func `searches and their tags go there and back`() async throws {
    let searches: @Sendable (WorkspaceReading) throws(Problem) -> [String] = {
      (reading) throws(Problem) in
      try reading.searches.all().map { "\($0.name) \($0.query) \($0.isTag)" }
    }
    try await goesThereAndBack(
      .editSearch(.save(old: nil, name: "Board", filter: "last:smith", isTag: true), open), searches
    )
    _ = try await edit(
      .editSearch(.save(old: nil, name: "Board", filter: "last:smith", isTag: false), open))
    try await goesThereAndBack(
      .editSearch(.save(old: "Board", name: "The board", filter: "first:ada", isTag: true), open),
      searches)
    try await goesThereAndBack(.editSearch(.mark("Board", isTag: true), open), searches)
    try await goesThereAndBack(.editSearch(.remove("Board", leavingTag: false), open), searches)
  }

  @Test func `schedules and named filters go there and back`() async throws {
    let terms: @Sendable (WorkspaceReading) throws(Problem) -> [ScheduleTerms] = {
      (reading) throws(Problem) in try reading.schedules.all().map(\.terms)
    }
    var wanted = ScheduleTerms(.resync, try Cadence("daily at 02:30"))
    try await goesThereAndBack(.saveSchedule(nil, wanted, open), terms)
    _ = try await edit(.saveSchedule(nil, wanted, open))
    let id = try #require(
      try await read { (it) throws(Problem) in try it.schedules.all().first?.id })
    wanted.isActive = false
    try await goesThereAndBack(.saveSchedule(id, wanted, open), terms)
    try await goesThereAndBack(.removeSchedule(id, open), terms)

    let filters: @Sendable (WorkspaceReading) throws(Problem) -> [SavedFilter] = {
      (reading) throws(Problem) in try reading.filters.all()
    }
    var failed = ExecutionFilter()
    failed.text = "timeout"
    try await goesThereAndBack(.saveFilter(SavedFilter("mine", failed), open), filters)
    _ = try await edit(.saveFilter(SavedFilter("mine", failed), open))
    failed.text = "refused"
    try await goesThereAndBack(.saveFilter(SavedFilter("mine", failed), open), filters)
    try await goesThereAndBack(.removeFilter("mine", open), filters)
  }

  @Test func `settings go back to what was set, and to the default where nothing was`() {
    let values = SettingValues([
      Settings.zone.key: "Europe/Paris", Settings.key.key: "0123456789abcdef0123456789abcdef-us1",
    ])
    let edits = [
      SettingEdit(key: Settings.zone.key, value: Secret("UTC")),
      SettingEdit(key: Settings.name.key, value: Secret("Choir")),
      SettingEdit(
        key: Settings.key.key, value: Secret("0123456789abcdef0123456789abcdef-us1")),
    ]
    #expect(
      values.wayBack(from: edits)?.back
        == .saveSettings(
          [
            SettingEdit(key: Settings.zone.key, value: Secret("Europe/Paris")),
            SettingEdit(key: Settings.name.key, value: nil),
          ], open))
    #expect(values.wayBack(from: [edits[2]]) == nil)
    #expect(values.wayBack(from: [edits[0]])?.what == "the setting Time zone")
  }

  @Test func `an edit that is refused leaves no way back`() async throws {
    await #expect(throws: Problem.self) {
      _ = try await edit(.removeSchedule(ScheduleID(99), open))
    }
    await #expect(throws: Problem.self) {
      _ = try await edit(
        .editSearch(.save(old: nil, name: "All active", filter: "last:ada", isTag: false), open))
    }
  }

  // MARK: Presets

  private struct SetUpState: Equatable, Sendable {
    var settings: [String: String]
    var schedules: [ScheduleTerms]
    var rows: [FieldMapping]
  }

  @Test(arguments: Preset.allCases)
  func `a preset is taken back in one step, and made again in one`(preset: Preset) async throws {
    try await workspace.write(as: "tester") { (tx) throws(Problem) in
      try tx.settings.set(Settings.leavers.key, to: "unsubscribe")
    }
    try await goesThereAndBack(.applyPreset(preset, open)) { (reading) throws(Problem) in
      SetUpState(
        settings: Dictionary(
          try reading.settings.stored().map { ($0.key, $0.value) }, uniquingKeysWith: { $1 }),
        schedules: try reading.schedules.all().map(\.terms),
        rows: try reading.audiences.mapping())
    }
  }

  // MARK: Lines

  @Test func `a pane as lines counts the mapping to its last piece`() async throws {
    let world = World(size: Size(200, 1000), now: workspace.time.now())
    var session = ConsoleSession(world: world, opening: .mapping)
    try await workspace.write(as: "tester") { (tx) throws(Problem) in
      try tx.settings.set(Settings.audience.key, to: "a1")
      try tx.audiences.saveMergeFields(
        [MergeField(tag: "FNAME", name: "First name", type: .text)], of: "a1")
      try tx.audiences.saveMapping(Preset.customers.mapping)
    }
    let workspace = workspace
    var pieces = 0
    ConsoleCommand.answer(&session, at: world.now) { (query) throws(Problem) in
      guard case .mappingTally(let rows, _) = query else {
        return try workspace.readBlocking { (reading) throws(Problem) in
          try ConsoleAnswers.answer(query, in: reading)
        }
      }
      pieces += 1
      var piece = MappingTally()
      piece.looked = 1000
      piece.next = pieces < 250 ? PersonID(Int64(pieces) * 1000) : nil
      for row in rows { piece.rows[row.tag] = MappingTally.Row() }
      return .mappingTally(piece)
    }
    #expect(pieces == 250)
    #expect(!session.plainLines().joined().contains("looked at"))
  }
}
