// A world with something in it, and a fitting answer to every question.

import Basics
import Domain
import Screen

@testable import Console

enum Sample {
  /// 2026-11-21 13:42:07 UTC.
  static let now = Instant(milliseconds: 1_795_268_527_000)

  static func minutesAgo(_ minutes: Int) -> Instant { now - .minutes(minutes) }

  static func overview() -> Overview {
    var overview = Overview(workspace: "Friends of the Library")
    overview.engine = .running
    overview.account = "Library (us21)"
    overview.audienceID = "a1b2c3d4e5"
    overview.audienceName = "Newsletter"
    overview.people = [.inStep: 19_204, .waiting: 12, .excluded: 756, .refused: 28]
    overview.reasons = [
      .init(code: "opted-out", count: 402), .init(code: "no-email", count: 301),
      .init(code: "duplicate-of", count: 53), .init(code: "mailchimp.invalid-email", count: 28),
    ]
    overview.isFirstSyncDone = true
    overview.lastRun = execution(311, .partial, minutes: 40)
    overview.nextPoll = now + .minutes(3)
    return overview
  }

  static func world(_ width: Int = 80, _ height: Int = 24) -> World {
    var world = World(size: Size(width, height), now: now)
    world.overview = overview()
    world.engine = .here
    world.hasKey = true
    world.version = "1.0"
    world.path = "library.listkeeper"
    return world
  }

  static func execution(
    _ id: Int64, _ status: ExecutionStatus, trigger: Trigger = .forceSync, minutes: Int
  ) -> Execution {
    var run = Execution(
      id: ExecutionID(id), flow: .pushPeople, trigger: trigger, status: status,
      queuedAt: minutesAgo(minutes))
    run.startedAt = minutesAgo(minutes)
    if status.isFinished { run.finishedAt = minutesAgo(minutes) + .seconds(91) }
    run.counts.created = 3
    run.counts.updated = 120
    run.counts.unchanged = 19_877
    if status != .succeeded { run.counts.refused = 28 }
    run.done = 20_000
    run.total = 20_000
    run.detectedChanges = true
    return run
  }

  /// A session that has been started and answered nothing yet.
  static func session(_ pane: PaneID = .overview, _ world: World = world()) -> TestSession {
    TestSession(pane, world)
  }
}

extension Sample {
  static func executions() -> Window<Execution> {
    var running = execution(312, .running, minutes: 1)
    running.done = 12_400
    running.counts.refused = 0
    running.heartbeatAt = now
    var failed = execution(309, .failed, trigger: .schedule, minutes: 170)
    failed.problem = Problem(
      "mailchimp.key-refused", "Mailchimp refused the API key.",
      remedy: "Make a new key and set it in Settings.")
    failed.counts = ExecutionCounts()
    var poll = execution(310, .succeeded, trigger: .poll, minutes: 60)
    poll.flow = .pullMembers
    poll.counts = ExecutionCounts()
    poll.detectedChanges = false
    var retry = execution(308, .succeeded, trigger: .retry, minutes: 200)
    retry.original = ExecutionID(307)
    retry.attempt = 2
    let runs = [
      running, execution(311, .partial, minutes: 40), poll, failed, retry,
      execution(307, .held, trigger: .resync, minutes: 1500),
      execution(306, .cancelled, trigger: .resync, minutes: 3000),
    ]
    return Window(rows: runs, offset: 0, total: 7)
  }

  static func people() -> Window<PersonRow> {
    let names: [(String, String, PersonState, String)] = [
      ("Ada Lovelace", "ada@example.org", .inStep, ""),
      ("José Núñez", "jose@example.org", .inStep, ""),
      ("李小龍", "li@example.org", .waiting, "changed"),
      ("Grace Hopper", "grace@example", .refused, "mailchimp.invalid-email"),
      ("Alan Turing", "", .excluded, "no-email"),
      ("Katherine Johnson", "kj@example.org", .excluded, "opted-out"),
    ]
    let rows = names.enumerated().map { index, row in
      PersonRow(
        id: PersonID(Int64(index + 1)), name: row.0, email: row.1, account: "Donors",
        optIn: row.3 == "opted-out" ? .no : .yes, state: row.2, reason: row.3,
        changedAt: minutesAgo(index * 700))
    }
    return Window(rows: rows, offset: 0, total: 20_000)
  }

  static func person(_ id: Int64 = 1) -> PersonDetail {
    var person = Person(id: PersonID(id), account: "Donors", noticedAt: minutesAgo(90))
    person.firstName = "Ada"
    person.lastName = "Lovelace"
    person.emails = ["ada@example.org"]
    person.optIn = .yes
    person.birthday = MonthDay(month: 12, day: 10)
    person.customFields = ["membership": "gold"]
    var link = Link(
      audienceID: "a1b2c3d4e5", key: AddressKey("ada@example.org"), email: "ada@example.org")
    link.status = .subscribed
    link.agreed = ["FNAME": .text("Ada"), "LNAME": .text("Lovelace")]
    link.sentAt = minutesAgo(40)
    return PersonDetail(
      person: person, standing: Standing(.inStep, key: link.key), link: link)
  }
}

extension Sample {
  static func audiences() -> [Audience] {
    var newsletter = Audience(id: "a1b2c3d4e5", name: "Newsletter")
    newsletter.members = 19_104
    newsletter.unsubscribes = 402
    newsletter.cleaned = 31
    newsletter.doubleOptIn = true
    newsletter.rating = 4
    newsletter.campaignLastSent = minutesAgo(4000)
    newsletter.permissionReminder = "You signed up at our desk."
    newsletter.fromName = "The Library"
    newsletter.fromEmail = "news@library.example"
    newsletter.subscribeURL = "https://library.example/join"
    newsletter.webID = 4711
    var volunteers = Audience(id: "f6a7b8c9d0", name: "Volunteers")
    volunteers.members = 312
    return [newsletter, volunteers]
  }

  static func mapping() -> MappingReading {
    let rows = mappingRows()
    return MappingReading(
      rows: rows,
      board: MappingBoard(
        rows: rows.map(\.mapping),
        mergeFields: rows.compactMap(\.mergeField) + [
          MergeField(tag: "LNAME", name: "Last Name"),
          MergeField(
            tag: "SIZE", name: "T-shirt", type: .dropdown, isRequired: false,
            choices: ["S", "M", "L"]),
        ], customFields: customFields(), hasSynced: true))
  }

  static func customFields() -> [CustomField] {
    [
      CustomField(name: "size", type: .choice, choices: ["S", "M", "XL"]),
      CustomField(name: "children", type: .number),
    ]
  }

  /// Three people with contacts: the last one has no first name.
  static func mappingExamples() -> Window<MappingExample> {
    let names = [("Ada", "Byron"), ("Grace", "Hopper"), ("", "Turing")]
    let rows = names.enumerated().map { index, name in
      var person = Person(id: PersonID(Int64(index + 1)), noticedAt: now)
      (person.firstName, person.lastName) = name
      person.phone = index == 1 ? "+1 312 555 0134" : ""
      person.birthday = MonthDay(month: 12, day: 10 + index)
      person.dateOfBirth = CivilDate(year: 1815, month: 12, day: 10 + index)
      person.customFields = ["size": index == 0 ? "XL" : "S"]
      return MappingExample(
        person: person, email: "\(name.1.lowercased())@example.org",
        seen: ["FNAME": .text(name.0), "BIRTHDAY": .text(index == 0 ? "12/10" : "")])
    }
    return Window(rows: rows, offset: 0, total: 3)
  }

  /// Everybody counted at once: a first name is missing.
  static func mappingTally(of rows: [FieldMapping]) -> MappingTally {
    var tally = MappingTally()
    let judge = MappingJudge(mapping().board)
    for example in mappingExamples().rows { tally.add(example, rows, by: judge) }
    tally.looked = 3
    return tally
  }

  private static func mappingRows() -> [MappingRow] {
    [
      MappingRow(
        mapping: FieldMapping(.firstName, "FNAME"), fieldType: .text,
        mergeField: MergeField(tag: "FNAME", name: "First Name", isRequired: true)),
      MappingRow(
        mapping: FieldMapping(.birthday, "BIRTHDAY", transforms: [.trim]), fieldType: .birthday,
        mergeField: MergeField(tag: "BIRTHDAY", name: "Birthday", type: .birthday)),
      MappingRow(
        mapping: FieldMapping(.phone, "PHONE", direction: .both), fieldType: .text, mergeField: nil,
        problem: "The audience has no merge field PHONE."),
    ]
  }

  static func consent() -> Window<ConsentRow> {
    let rows = [
      ConsentRow(
        id: 2, at: now - .seconds(3600), person: PersonID(11), name: "Ada Byron",
        key: AddressKey("ada@example.org"), old: "opt-in yes", new: "opt-in no", by: "Mailchimp",
        evidence: "unsubscribed there"),
      ConsentRow(
        id: 1, at: now - .seconds(7200), person: PersonID(11), name: "Ada Byron",
        key: AddressKey("ada@example.org"), old: "", new: "opt-in yes", by: "ada",
        evidence: "form 1"),
    ]
    return Window(rows: rows, offset: 0, total: rows.count)
  }

  static func plan() -> PlanSummary {
    var counts = PlanCounts()
    counts.create = 120
    counts.update = 40
    counts.unsubscribe = 7
    counts.unchanged = 19_000
    counts.excluded = 756
    return PlanSummary(
      id: PlanID(9), execution: ExecutionID(307), status: .held,
      reason: "The first sync of a workspace waits for a look.", counts: counts,
      createdAt: minutesAgo(90))
  }

  static func planRows() -> Window<PlanRowSummary> {
    let rows = [
      PlanRow(
        key: AddressKey("ada@example.org"), email: "ada@example.org", person: PersonID(1),
        action: .update, status: nil,
        changes: [FieldChange("FNAME", old: .text("Ada"), new: .text("Adele"))], digest: 1),
      PlanRow(
        key: AddressKey("kj@example.org"), email: "kj@example.org", person: PersonID(6),
        action: .unsubscribe, status: .unsubscribed, changes: [], digest: 2),
    ]
    return Window(
      rows: rows.enumerated().map { index, row in
        PlanRowSummary(
          id: Int64(index + 1), name: index == 0 ? "Ada Lovelace" : "Katherine J", row: row)
      }, offset: 0, total: 167)
  }

  static func letters() -> [DeadLetterGroup] {
    [
      DeadLetterGroup(
        code: "mailchimp.server-error", cause: "Mailchimp answered 500 six times.", count: 3,
        firstAt: minutesAgo(300),
        lastAt: minutesAgo(200), example: "grace@example.org")
    ]
  }

  static func letterRows() -> [DeadLetterRow] {
    ["grace", "alan", "katherine"].enumerated().map { index, name in
      DeadLetterRow(
        id: Int64(index + 70), kind: "sync address", subject: "address:\(name)@example.org",
        attempts: 6, diedAt: minutesAgo(300 - index * 50), code: "mailchimp.server-error",
        cause: "Mailchimp answered 500 six times.")
    }
  }

  static func logs(_ count: Int = 3) -> Window<LogRow> {
    let texts: [(LogLevel, String)] = [
      (.info, "Force sync began."), (.warning, "A value was cut at 255 characters."),
      (.error, "Mailchimp refused grace@example: the address is not valid."),
    ]
    let rows = (0..<count).map { index in
      LogRow(
        id: Int64(index + 1), execution: ExecutionID(311),
        line: LogLine(
          at: minutesAgo(count - index), texts[index % 3].0, texts[index % 3].1,
          fields: index % 3 == 2 ? ["person": "#4"] : [:]))
    }
    return Window(rows: rows, offset: 0, total: count)
  }

  static func settings(key: String = "0123456789abcdef0123456789abcdef-us21") -> [SettingRow] {
    Settings.all.map { setting in
      switch setting.key {
      case "mailchimp.key": SettingRow(key: setting.key, value: Secret(key))
      case "workspace.name": SettingRow(key: setting.key, value: Secret("Friends of the Library"))
      default: SettingRow(key: setting.key, value: nil)
      }
    }
  }

  static func steps() -> [StepRow] {
    [
      StepRow(
        id: 1, name: "Read the audience", status: .succeeded, startedAt: minutesAgo(40),
        tookMilliseconds: 1410, output: ["members": 19104]),
      StepRow(
        id: 2, name: "Send changes", status: .partial, startedAt: minutesAgo(39),
        tookMilliseconds: 89_000, output: ["created": 3, "refused": 28]),
    ]
  }

  static func outcomes() -> Window<OutcomeRow> {
    let refused = RowOutcome(
      person: PersonID(4), key: AddressKey("grace@example"), result: .refused,
      reason: "mailchimp.invalid-email", sentence: "Mailchimp finds the address invalid.")
    let updated = RowOutcome(
      person: PersonID(1), key: AddressKey("ada@example.org"), result: .updated,
      changes: [FieldChange("FNAME", old: .text("Ada"), new: .text("Adele"))])
    return Window(
      rows: [
        OutcomeRow(id: 1, name: "Grace Hopper", email: "grace@example", outcome: refused),
        OutcomeRow(id: 2, name: "Ada Lovelace", email: "ada@example.org", outcome: updated),
      ], offset: 0, total: 2)
  }

  static func exchanges() -> Window<ExchangeRow> {
    Window(
      rows: [
        ExchangeRow(
          id: 1, at: minutesAgo(39), method: "POST", path: "/3.0/lists/a1b2c3d4e5", status: 200,
          tookMilliseconds: 840, requestBytes: 164_000, responseBytes: 201_000, problem: ""),
        ExchangeRow(
          id: 2, at: minutesAgo(38), method: "PUT", path: "/3.0/lists/a1b2c3d4e5/members/ab12",
          status: 400, tookMilliseconds: 120, requestBytes: 210, responseBytes: 380,
          problem: "Invalid Resource"),
      ], offset: 0, total: 2)
  }

  /// The first of `exchanges` with its bodies.
  static func exchange() -> ExchangeRow? {
    var row = exchanges().rows.first
    row?.requestBody = #"{"email_address": "ada@example.org", "merge_fields": {"LNAME": "O'Hara"}}"#
    row?.responseBody = #"{"id": "ab12", "status": "subscribed"}"#
    return row
  }

  static var savedFilter: SavedFilter {
    var filter = ExecutionFilter()
    filter.statuses = [.failed]
    filter.within = .days(7)
    return SavedFilter("Failed this week", filter)
  }

  static func comparison() -> RunComparison {
    var retry = execution(308, .succeeded, trigger: .retry, minutes: 200)
    retry.original = ExecutionID(307)
    let person = RunComparison.Difference(
      key: AddressKey("grace@example.org"), old: .refused, new: .created, sentence: "Added.")
    return RunComparison(
      original: execution(307, .partial, trigger: .resync, minutes: 1500), run: retry,
      moves: [
        RunComparison.Move(old: .refused, new: .created, count: 25),
        RunComparison.Move(old: .refused, new: nil, count: 3),
      ], people: [person])
  }

  static func explanation() -> [ExplanationLine] {
    [
      ExplanationLine(.passed, "Engine: running.", .engine),
      ExplanationLine(.passed, "deleted: no."),
      ExplanationLine(.stopped, "opted-out: yes. They opted out on 2026-03-02 by a form."),
      ExplanationLine(.note, "At Mailchimp the member is unsubscribed.", .mailchimp),
    ]
  }

  static func history() -> Window<AuditRow> {
    let row = AuditRow(
      id: 1, at: minutesAgo(90), who: "anna", person: PersonID(1), field: "first_name",
      old: "Adele", new: "Ada")
    return Window(rows: [row], offset: 0, total: 1)
  }

  /// A fitting answer to any question.
  static func answer(to query: Query) -> Answer {
    switch query {
    case .people: .people(people())
    case .person(let id): .person(person(id.rawValue))
    case .explanation: .explanation(explanation())
    case .history: .history(history())
    case .audiences: .audiences(audiences())
    case .webhook: .webhook(webhook())
    case .deliveries: .deliveries(deliveries())
    case .mapping: .mapping(mapping())
    case .customFields: .customFields(customFields())
    case .consent: .consent(consent())
    case .executions: .executions(executions())
    case .execution(let id): .execution(execution(id.rawValue, .succeeded, minutes: 5))
    case .steps: .steps(steps())
    case .outcomes: .outcomes(outcomes())
    case .exchanges: .exchanges(exchanges())
    case .exchange, .exchangeAbout: .exchange(exchange())
    case .comparison: .comparison(comparison())
    case .savedFilters: .savedFilters(SavedFilter.standard + [savedFilter])
    case .logs: .logs(logs())
    case .logMatch, .logTime: .logMatch(.found(3))
    case .logRange(_, let ids): .logRange(logs().rows.filter { ids.contains($0.id) })
    case .plans: .plans([plan()])
    case .planRows: .planRows(planRows())
    case .deadLetters: .deadLetters(letters())
    case .settings: .settings(settings())
    case .savedSearches: .savedSearches(savedSearches(), [CustomField(name: "role", type: .text)])
    case .searchCounts: .searchCounts(searchCounts)
    case .schedules: .schedules(schedules())
    case .driftGroups: .driftGroups([])
    case .undoPreview(let id): .undoPreview(UndoPreview(id))
    case .drifts: .drifts(Window())
    case .conflicts: .conflicts(conflicts())
    case .tagQuestions: .tagQuestions([])
    case .strangers: .strangers(strangers())
    case .mappingExamples: .mappingExamples(mappingExamples())
    case .mappingTally(let rows, _): .mappingTally(mappingTally(of: rows))
    case .growth: .growth(growth)
    case .letters: .letterRows(letterRows())
    case .allowance: .allowance(AudienceAllowance(audiences: 2, most: 5, mayCreate: true))
    case .searchWords: .searchWords(searchWords())
    case .searchValues(let beginning):
      .searchValues(beginning, [.init("Lovelace", people: 2), .init("Lowell", people: 1)])
    case .choice(.these(let people), _):
      .choice(PeopleChoice(people: people, names: ["Ada Lovelace"]))
    case .choice:
      .choice(
        PeopleChoice(
          people: (1...19_000).map { PersonID($0) }, unaffected: 1000, members: 18_000,
          names: ["Ada Lovelace", "José Núñez", "李小龍"]))
    case .range(_, _, let from, let to): .range([from, to])
    case .personRuns: .personRuns(personRuns())
    }
  }
}

extension Sample {
  static func conflicts() -> [ConflictRow] {
    [
      ConflictRow(
        id: ConflictID(4), key: AddressKey("ada@example.org"), person: PersonID(1), tag: "LNAME",
        field: "last_name", ours: .text("Lovelace"), theirs: .text("King"),
        agreed: .text("Byron"), noticedAt: minutesAgo(30), decision: "open")
    ]
  }

  /// A year and a bit, with a dip.
  static let growth = AudienceGrowth(
    months: [
      12_400, 13_050, 13_900, 14_200, 14_950, 15_800, 16_700, 16_100, 16_900, 17_600, 18_200,
      18_700,
      18_950, 19_104,
    ].enumerated().map { index, people in
      let month = 9 + index
      return GrowthMonth(
        "\(2025 + month / 12)-\(month % 12 < 9 ? "0" : "")\(month % 12 + 1)", subscribed: people,
        unsubscribed: 120 + index * 20, cleaned: 4 + index * 2)
    }, readAt: minutesAgo(600))

  static func strangers() -> Window<UnknownContact> {
    let contacts = [
      UnknownContact(
        key: AddressKey("amy@else.example"), email: "amy@else.example", name: "Amy Pond",
        status: .subscribed, since: minutesAgo(9000)),
      UnknownContact(
        key: AddressKey("bob@else.example"), email: "Bob@else.example", status: .unsubscribed,
        since: minutesAgo(50)),
    ]
    return Window(rows: contacts, offset: 0, total: 2)
  }

  static func webhook() -> WebhookHealth {
    var health = WebhookHealth(state: .working)
    var record = WebhookRecord(audienceID: "a1b2c3d4e5")
    record.remoteID = "77"
    record.checkedAt = minutesAgo(30)
    record.verifiedAt = minutesAgo(40)
    health.record = record
    health.address = Secret("https://lists.example.org/webhook/verysecretpath")
    health.listensAt = "127.0.0.1:8077"
    return health
  }

  static func deliveries() -> Window<WebhookDelivery> {
    let left = WebhookDelivery(
      id: DeliveryID(12), receivedAt: minutesAgo(3), type: "unsubscribe",
      summary: "unsubscribe, manual", addresses: [AddressKey("ada@example.org")],
      firedAt: minutesAgo(4), signature: .verified, fate: .lookedAt, execution: ExecutionID(311))
    let refused = WebhookDelivery(
      id: DeliveryID(11), receivedAt: minutesAgo(8), type: "profile", summary: "profile",
      addresses: [AddressKey("li@example.org")], firedAt: nil, signature: .absent, fate: .refused,
      sentence: "It is not signed, and others were.")
    return Window(rows: [left, refused], offset: 0, total: 2)
  }

  static func schedules() -> [ScheduleRow] {
    var sync = Schedule(
      id: ScheduleID(1), terms: ScheduleTerms(.syncSubscriptions, .hours(6)),
      since: minutesAgo(9000), createdAt: minutesAgo(9000))
    // 16:00.
    sync.nextRunAt = Instant(milliseconds: 1_795_276_800_000)
    sync.lastRunAt = minutesAgo(222)
    sync.lastExecution = ExecutionID(311)
    let night = ClockTime(hour: 2, minute: 30).map { Cadence.daily($0) } ?? .hours(24)
    var terms = ScheduleTerms(.backup, night)
    terms.zone = "Europe/Paris"
    terms.folder = "/var/backups/listkeeper"
    var backup = Schedule(
      id: ScheduleID(2), terms: terms, since: minutesAgo(9000), createdAt: minutesAgo(9000))
    backup.nextRunAt = Instant(milliseconds: 1_795_311_000_000)
    backup.lastRunAt = minutesAgo(752)
    backup.lastExecution = ExecutionID(309)
    var failed = execution(309, .failed, trigger: .schedule, minutes: 752)
    failed.flow = .backup
    failed.counts = ExecutionCounts()
    failed.problem = Problem(
      "backup.no-folder", "There is no folder /var/backups/listkeeper for the backup.",
      remedy: "Make it, or give the schedule another one.")
    var off = ScheduleTerms(.verification, .minutes(90))
    off.isActive = false
    off.sample = 25
    return [
      ScheduleRow(
        schedule: sync, lastRun: execution(311, .partial, trigger: .schedule, minutes: 222)),
      ScheduleRow(schedule: backup, lastRun: failed),
      ScheduleRow(
        schedule: Schedule(
          id: ScheduleID(3), terms: off, since: minutesAgo(500), createdAt: minutesAgo(500))),
    ]
  }
}

extension Sample {
  static func searchWords() -> SearchVocabulary {
    var words = SearchVocabulary()
    words.customFields = customFields()
    words.accounts = ["Default account", "Donors"]
    words.tags = ["choir"]
    words.states = [.init("in-step", people: 19_204), .init("refused", people: 28)]
    words.reasons = [.init("opted-out", people: 402), .init("no-email", people: 301)]
    return words
  }

  static func personRuns() -> Window<PersonRun> {
    let rows = [
      PersonRun(
        id: 9, execution: ExecutionID(311), flow: .pushPeople, trigger: .forceSync,
        status: .partial, at: minutesAgo(40),
        outcome: RowOutcome(
          person: PersonID(1), key: AddressKey("ada@example.org"), result: .updated,
          changes: [FieldChange("FNAME", old: .text("Adele"), new: .text("Ada"))])),
      PersonRun(
        id: 4, execution: ExecutionID(306), flow: .pushPeople, trigger: .resync,
        status: .succeeded, at: minutesAgo(3000),
        outcome: RowOutcome(
          person: PersonID(1), key: AddressKey("ada@example.org"), result: .created)),
    ]
    return Window(rows: rows, offset: 0, total: 2)
  }
}

extension Sample {
  static func importFile() -> ImportFile {
    ImportFile(
      path: "/home/ada/people.csv", name: "people.csv", signature: "1",
      columns: [
        .init(
          name: "Given name", samples: ["Ada", "Grace"], target: "first_name", origin: .suggested),
        .init(
          name: "last_name", samples: ["Byron", "Hopper"], target: "last_name", origin: .named),
        .init(name: "email", samples: ["ada@example.org"], target: "email", origin: .named),
        .init(name: "newsletter", samples: ["yes", "no"], hint: "opt_in"),
        .init(name: "Shoe", samples: ["38", "41.5"]),
      ],
      targets: ["external_id", "first_name", "last_name", "email", "opt_in", "custom.size"])
  }

  static func importPreview() -> ImportPreview {
    var preview = ImportPreview()
    preview.rows = 5000
    preview.add(
      ImportRow(
        id: 7, .refused,
        text: "'13/45' does not fit birthday. Give month and day, such as 12/10."))
    preview.add(ImportRow(id: 2, .added, name: "Ada Byron", email: "ada@example.org"))
    preview.add(
      ImportRow(
        id: 3, .changed, name: "Grace Hopper", email: "grace@example.org",
        text: "last_name: Murray → Hopper"))
    preview.counts[.added] = 120
    preview.counts[.unchanged] = 4878
    preview.ignoredColumns = ["newsletter", "Shoe"]
    return preview
  }
}

extension TestSession {
  /// Names a file and is shown its columns.
  mutating func openImport() {
    press("i")
    type("/home/ada/people.csv")
    press("Enter")
    answerImport()
  }

  /// Answers what was asked of a file.
  mutating func answerImport() {
    for effect in effects {
      switch effect {
      case .inspectFile(_, let ticket):
        handle(.answered(ticket, .importFile(Sample.importFile())))
      case .previewImport(_, let ticket):
        handle(.answered(ticket, .importNews(.looking(done: 900))))
        handle(.answered(ticket, .importNews(.previewed(Sample.importPreview()))))
      default: break
      }
    }
    effects = []
  }
}
