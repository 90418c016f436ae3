// Brings addresses in step with the directory: single changes as they come, or a chunk of a plan.
// Everything is decided again from what the file says now; a row of a plan whose world has moved is
// skipped, said, and planned anew. A few changes leave as single calls, which answer better; many
// leave 500 at a time.

import Basics
import Domain
import Mailchimp
import Queue
import Storage

struct PushPeople: Flow {
  static let kind = FlowKind.pushPeople

  /// From so many additions and updates on, one bulk call is used.
  static let bulkFrom = 10
  /// "Signed up to a lot of lists very recently": asked again after this.
  static let deferredFor = Duration.days(3)

  func handle(_ batch: [Message], in run: FlowRun) async throws(Setback) -> Outcome {
    var push = try await Push.load(batch, run)
    push.decide()
    await push.send()
    return push.concluded()
  }
}

/// One batch on its way.
struct Push {
  let run: FlowRun
  let batch: [Message]
  let isChunk: Bool
  /// The rows of the plan this chunk carries out; empty for named addresses.
  let planned: [AddressKey: PlanRow]
  let keys: [AddressKey]
  let groups: AddressGroups
  let planner: SyncPlanner
  let now: Instant
  /// What changed within the hour before, and of how many people.
  let earlier: PlanCounts
  let total: Int
  let polledTo: Instant?
  private let signUpForm: String

  var outcome = Outcome()
  var toSend: [PlanRow] = []
  var setbacks: [AddressKey: Setback] = [:]
  /// Rows that could not be looked at, and so were not sent.
  var kept: [PlanRow] = []
  var later: Set<AddressKey> = []

  // MARK: Loading

  static func load(_ batch: [Message], _ run: FlowRun) async throws(Setback) -> Push {
    do throws(Problem) {
      return try await run.workspace.read { (reading) throws(Problem) in
        try Push(batch, run, reading)
      }
    } catch {
      throw Setback(error)
    }
  }

  private init(_ batch: [Message], _ run: FlowRun, _ reading: WorkspaceReading) throws(Problem) {
    self.run = run
    self.batch = batch
    now = reading.now
    var planned: [AddressKey: PlanRow] = [:]
    if let message = batch.first, message.kind == MessageKind.sendChunk.rawValue {
      isChunk = true
      let chunk = try SendChunk(message)
      let isMeant = { (key: AddressKey) in chunk.only?.contains(key) ?? true }
      switch chunk.content {
      case .keys(let keys): self.keys = keys.filter(isMeant)
      case .plan(let plan, let range):
        let rows = try reading.plans.rows(plan, range).filter { isMeant($0.key) }
        keys = rows.map(\.key)
        planned = Dictionary(rows.map { ($0.key, $0) }) { first, _ in first }
      }
    } else {
      isChunk = false
      keys = batch.map(SyncAddress.key)
    }
    self.planned = planned
    let progress = try reading.audiences.progress(of: run.audienceID)
    var settings = run.settings
    // Named addresses before the first sync are a trial: of somebody unsent by nature.
    if isChunk, planned.isEmpty, progress.firstSyncAt == nil {
      settings.texts[Settings.existing.key] = ExistingRule.all.rawValue
    }
    groups = try AddressGroups(keys, audienceID: run.audienceID, settings: settings, reading)
    planner = try Planning.planner(run.audienceID, run.settings, reading)
    earlier = try reading.executions.changes(
      since: reading.now - .hours(1), audienceID: run.audienceID)
    total = try reading.candidates.surveySize()
    polledTo = progress.polledTo
    signUpForm = try reading.audiences.audience(run.audienceID)?.subscribeURL ?? ""
  }

  // MARK: Deciding

  mutating func decide() {
    for key in keys {
      guard let resolution = groups.resolutions[key] else { continue }
      let link = groups.links[key]
      outcome.standings.merge(groups.excluded(resolution, at: key)) { first, _ in first }
      guard let decided = groups.plan(key, by: planner) else { continue }
      if let row = planned[key] {
        decide(row, decided, resolution)
      } else {
        decide(key, decided, resolution, link)
      }
    }
  }

  /// A row of an approved plan: exactly it, or nothing.
  mutating func decide(
    _ row: PlanRow, _ decided: Planned, _ resolution: GroupResolution
  ) {
    switch decided {
    case .row(let current)
    where current.digest == row.digest && current.action == row.action
      && current.status == row.status && current.from == row.from
      && current.takenValues == row.takenValues:
      toSend.append(current)
    case .inStep, .unconfirmed:
      // A single change was quicker.
      outcome.done += 1
      outcome.counts.unchanged += 1
      stand(decided, resolution, row.key)
    default:
      outcome.done += 1
      outcome.rows.append(
        RowOutcome(
          person: row.person, key: row.key, result: .skipped, reason: "moved",
          sentence: "Changed since the plan was made; planned anew."))
      outcome.next.append(SyncAddress.message(row.key, at: now))
    }
  }

  mutating func decide(
    _ key: AddressKey, _ decided: Planned, _ resolution: GroupResolution, _ link: Link?
  ) {
    switch decided {
    case .row(let row):
      toSend.append(row)
      return
    case .inStep(let digest), .unconfirmed(let digest):
      outcome.counts.unchanged += 1
      if let link, link.digest != digest, let desired = planner.desired(resolution, link) {
        outcome.links.append(link.agreeing(on: desired, at: now))
      }
    case .excluded: outcome.counts.excluded += resolution.exclusions.count
    case .refused(let problem):
      refuse(key, resolution.recipient?.person.id, problem.code, problem.description)
    case .conflicted(let digest, let conflicts):
      outcome.conflicts += conflicts
      outcome.links += groups.conflicted(conflicts, at: key, digest: digest)
    case .waiting, .barred: break
    }
    stand(decided, resolution, key)
    outcome.done += 1
  }

  /// Where the recipient stands now that this is decided.
  mutating func stand(_ decided: Planned, _ resolution: GroupResolution, _ key: AddressKey) {
    if let person = resolution.recipient?.person.id, let standing = decided.standing(at: key) {
      outcome.standings[person] = standing
    }
  }

  mutating func refuse(
    _ key: AddressKey, _ person: PersonID?, _ code: String, _ sentence: String,
    changes: [FieldChange] = []
  ) {
    let sentence = SignUpForm.named(in: sentence, at: signUpForm)
    outcome.counts.refused += 1
    outcome.rows.append(
      RowOutcome(
        person: person, key: key, result: .refused, reason: code, sentence: sentence,
        changes: changes))
    outcome.log.append(
      LogLine(
        at: now, .error, sentence,
        fields: ["address": Text.masked(email: key.description), "code": code]))
    if let person {
      outcome.standings[person] = Standing(.refused, reason: code, sentence: sentence, key: key)
    }
  }

  // MARK: The end

  func concluded() -> Outcome {
    var outcome = outcome
    outcome.ending = isChunk ? .chunkReturned : .finishes
    outcome.unsent = (toSend + kept).filter { setbacks[$0.key] != nil }
      .map { UnsentAddress(key: $0.key, person: $0.person) }
    if isChunk {
      if let worst = setbacks.values.max(by: { $0.weight < $1.weight }), let message = batch.first {
        outcome.fates[message.id] = worst.isCancellation ? .givenBack : .again(worst)
      }
    } else {
      for message in batch {
        let key = SyncAddress.key(message)
        if let setback = setbacks[key] {
          outcome.fates[message.id] = setback.isCancellation ? .givenBack : .again(setback)
        } else if later.contains(key) {
          outcome.fates[message.id] = .later(now + PushPeople.deferredFor)
        }
      }
    }
    if let first = setbacks.values.first {
      outcome.log.append(
        LogLine(
          at: now, .warning,
          "\(setbacks.count) people could not be sent: \(first.problem.sentence)",
          fields: ["code": first.problem.code]))
    }
    outcome.log.append(
      LogLine(
        at: now, .info,
        outcome.heldRows.isEmpty ? sentence(outcome.counts) : "Held: \(outcome.heldBecause)"))
    outcome.step = StepReport(
      StepName.send, isChunk ? nil : .succeeded,
      output: isChunk ? [:] : outcome.counts.json)
    return outcome
  }

  func sentence(_ counts: ExecutionCounts) -> String {
    let parts = [
      (counts.created, "created"), (counts.updated, "updated"),
      (counts.unsubscribed, "unsubscribed"), (counts.archived, "archived"),
      (counts.refused, "refused"), (counts.unchanged, "unchanged"),
      (counts.excluded, "excluded"),
    ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    return parts.isEmpty ? "Nothing was sent." : parts.joined(separator: ", ") + "."
  }
}

extension Setback {
  /// Of several in one chunk the heaviest decides.
  fileprivate var weight: Int { isForEveryone ? 2 : isCancellation ? 0 : 1 }
}

extension PlanRow {
  /// What is taken, for telling whether a planned row is still the same.
  fileprivate var takenValues: [FieldChange] { changes.filter(\.isHere) }
}

extension PlanAction {
  var result: RowResult {
    switch self {
    case .create, .arrival: .created
    case .update, .rename, .take, .restore, .delete, .tags: .updated
    case .unsubscribe: .unsubscribed
    case .archive: .archived
    }
  }
}

extension ExecutionCounts {
  var json: JSONValue {
    [
      "created": .int(Int64(created)), "updated": .int(Int64(updated)),
      "unchanged": .int(Int64(unchanged)), "unsubscribed": .int(Int64(unsubscribed)),
      "archived": .int(Int64(archived)), "excluded": .int(Int64(excluded)),
      "refused": .int(Int64(refused)),
    ]
  }
}
