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
private struct Push {
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

  var outcome = Outcome()
  var toSend: [PlanRow] = []
  var setbacks: [AddressKey: Setback] = [:]
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
    groups = try AddressGroups(
      keys, audienceID: run.audienceID, settings: run.settings, reading)
    planner = try Planning.planner(run.audienceID, run.settings, reading)
    earlier = try reading.executions.changes(
      since: reading.now - .hours(1), audienceID: run.audienceID)
    total = try reading.candidates.surveySize()
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
  private mutating func decide(
    _ row: PlanRow, _ decided: Planned, _ resolution: GroupResolution
  ) {
    switch decided {
    case .row(let current)
    where current.digest == row.digest && current.action == row.action
      && current.status == row.status && current.from == row.from
      && current.takenValues == row.takenValues:
      toSend.append(current)
    case .inStep:
      // A single change was quicker.
      outcome.done += 1
      outcome.counts.unchanged += 1
      standInStep(resolution, row.key)
    default:
      outcome.done += 1
      outcome.rows.append(
        RowOutcome(
          person: row.person, key: row.key, result: .skipped, reason: "moved",
          sentence: "Changed since the plan was made; planned anew."))
      outcome.next.append(SyncAddress.message(row.key, at: now))
    }
  }

  private mutating func decide(
    _ key: AddressKey, _ decided: Planned, _ resolution: GroupResolution, _ link: Link?
  ) {
    let person = resolution.recipient?.person.id
    switch decided {
    case .row(let row):
      toSend.append(row)
      return
    case .inStep(let digest):
      outcome.counts.unchanged += 1
      standInStep(resolution, key)
      if let link, link.digest != digest, let desired = planner.desired(resolution) {
        outcome.links.append(link.agreeing(on: desired, at: now))
      }
    case .excluded: outcome.counts.excluded += resolution.exclusions.count
    case .refused(let problem):
      refuse(key, person, problem.code, problem.description)
    case .waiting(let reason):
      if let person {
        outcome.standings[person] = Standing(
          .waiting, reason: reason.rawValue, sentence: reason.sentence, key: key)
      }
    case .barred(let reason):
      if let person { outcome.standings[person] = Standing(.suppressed(reason), key: key) }
    case .conflicted(let digest, let conflicts):
      outcome.conflicts += conflicts
      outcome.links += groups.conflicted(conflicts, at: key, digest: digest)
      if let person {
        outcome.standings[person] = Standing(
          .waiting, reason: WaitingReason.conflict.rawValue,
          sentence: WaitingReason.conflict.sentence, key: key)
      }
    }
    outcome.done += 1
  }

  private mutating func standInStep(_ resolution: GroupResolution, _ key: AddressKey) {
    if let person = resolution.recipient?.person.id {
      outcome.standings[person] = Standing(.inStep, key: key)
    }
  }

  private mutating func refuse(
    _ key: AddressKey, _ person: PersonID?, _ code: String, _ sentence: String,
    changes: [FieldChange] = []
  ) {
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

  // MARK: Sending

  mutating func send() async {
    if holds() { return }
    take()
    let together = toSend.filter(leavesTogether)
    if together.count >= PushPeople.bulkFrom {
      await sendTogether(together)
      await sendSingly(toSend.filter { !leavesTogether($0) })
    } else {
      await sendSingly(toSend)
    }
  }

  /// Single changes add up: over the limit within the hour they wait for a look, as a plan.
  private mutating func holds() -> Bool {
    guard !isChunk, run.trigger != .forceSync else { return false }
    var counts = PlanCounts()
    for row in toSend { counts.add(row) }
    let judge = Guard(run.settings, isFirstSync: false, isApproved: false)
    guard case .hold(let reason) = judge.judge(counts, earlier: earlier, total: total) else {
      return false
    }
    outcome.heldRows = toSend
    outcome.heldBecause = reason
    outcome.planCounts = counts
    for row in toSend {
      guard let person = row.person else { continue }
      outcome.standings[person] = Standing(
        .waiting, reason: "held", sentence: "Held for a look: see Review.", key: row.key)
    }
    outcome.done += toSend.count
    toSend = []
    return true
  }

  /// What goes into the directory alone needs no call.
  private mutating func take() {
    for row in toSend where row.action == .take || row.action == .arrival {
      outcome.done += 1
      outcome.conflicts += row.conflicts
      guard let link = groups.link(for: row) else { continue }
      outcome.links.append(row.action == .take ? link.taken(row) : link)
      if row.action == .arrival {
        outcome.arrivals[row.key] = row.edits
        outcome.counts.created += 1
      } else if let person = row.person {
        outcome.edits[person, default: []] += row.edits
        outcome.counts.updated += 1
      }
      outcome.rows.append(
        RowOutcome(
          person: row.person, key: row.key, result: row.action.result,
          reason: row.action == .take ? "taken" : "arrival",
          sentence: row.remarks.joined(separator: " "), changes: row.changes))
    }
    toSend.removeAll { $0.action == .take || $0.action == .arrival }
  }

  /// Additions and plain updates of recipients. What touches a status that is there, renames or
  /// ends goes alone.
  private func leavesTogether(_ row: PlanRow) -> Bool {
    let status = groups.links[row.key]?.status
    return switch row.action {
    case .create: status == nil
    case .update:
      row.status == nil && status != .unsubscribed && groups.resolutions[row.key]?.recipient != nil
    case .unsubscribe, .archive, .rename, .take, .arrival: false
    }
  }

  /// `status_if_new` alone: a member who is there already keeps the status they have, and one who
  /// was deleted meanwhile does not come back subscribed.
  private func write(_ row: PlanRow) -> MemberWrite {
    MemberWrite(
      email: row.email, status: nil, statusIfNew: row.statusIfGone, mergeFields: row.values)
  }

  private mutating func sendTogether(_ rows: [PlanRow]) async {
    do throws(MailchimpError) {
      let answers = try await run.mailchimp.bulk(rows.map(write), to: run.audienceID)
      for (row, answer) in zip(rows, answers) {
        switch answer {
        case .created(let written), .updated(let written): succeeded(row, written.member)
        case .refused(let error): met(error, row)
        }
      }
    } catch {
      for row in rows { met(error, row) }
    }
  }

  private mutating func sendSingly(_ rows: [PlanRow]) async {
    let this = self
    let answers = await withTaskGroup(of: (Int, Result<Member?, MailchimpError>).self) { group in
      for (index, row) in rows.enumerated() {
        group.addTask {
          do throws(MailchimpError) {
            return (index, .success(try await this.sendOne(row)))
          } catch {
            return (index, .failure(error))
          }
        }
      }
      var found = [Result<Member?, MailchimpError>?](repeating: nil, count: rows.count)
      for await (index, answer) in group { found[index] = answer }
      return found
    }
    for (row, answer) in zip(rows, answers) {
      switch answer {
      case .success(let member): succeeded(row, member)
      case .failure(let error): met(error, row)
      case nil: continue
      }
    }
  }

  private func sendOne(_ row: PlanRow) async throws(MailchimpError) -> Member? {
    let link = groups.link(for: row)
    let id = link?.memberID
    switch row.action {
    case .take, .arrival: return nil
    case .create:
      var write = write(row)
      // Only what we archived ourselves comes this way: it is revived to what it was.
      if link?.status == .archived { write.status = row.status }
      return try await run.mailchimp.put(write, to: run.audienceID, id: id).member
    case .unsubscribe:
      // An opt-out must not fail because a field became required.
      let write = MemberWrite(
        email: row.email, status: row.status, statusIfNew: nil, mergeFields: row.values)
      return try await run.mailchimp.patch(
        write, in: run.audienceID, id: id, skipsMergeValidation: true
      ).member
    case .rename: return try await rename(row, link)
    case .update:
      let write = MemberWrite(
        email: row.email, status: row.status, statusIfNew: nil, mergeFields: row.values)
      return try await run.mailchimp.patch(write, in: run.audienceID, id: id).member
    case .archive:
      _ = try await run.mailchimp.archive(
        id ?? Digest.md5(row.key.description.utf8), in: run.audienceID)
      return nil
    }
  }

  /// The id of the old address with the new one renames; the history stays. Where the old one is
  /// gone, it may be us who renamed it and did not live to hear the answer: the contact is looked
  /// for by what stays.
  private func rename(_ row: PlanRow, _ link: Link?) async throws(MailchimpError) -> Member? {
    let write = MemberWrite(
      email: row.email, status: nil, statusIfNew: nil, mergeFields: row.values)
    do throws(MailchimpError) {
      return try await run.mailchimp.patch(write, in: run.audienceID, id: link?.memberID).member
    } catch {
      guard error.fault == .person(.notThere), let contact = link?.contactID else { throw error }
      let there = try await run.mailchimp.member(contact, of: run.audienceID)
      guard AddressKey(there.email) == row.key else { throw error }
      return try await run.mailchimp.patch(write, in: run.audienceID, id: there.id).member
    }
  }

  // MARK: Answers

  private mutating func succeeded(_ row: PlanRow, _ member: Member?) {
    outcome.done += 1
    let resolution = groups.resolutions[row.key]
    let agreement = Link.agreed(
      after: row, desired: resolution.flatMap { planner.desired($0) },
      before: groups.link(for: row),
      answered: member, audienceID: run.audienceID, at: now)
    if let from = row.from { outcome.goneLinks.append(from) }
    outcome.conflicts += row.conflicts
    if let person = row.person, !row.edits.isEmpty {
      outcome.edits[person, default: []] += row.edits
    }
    if let entry = agreement.consent {
      var entry = entry
      entry.evidence = "execution \(run.execution)"
      outcome.consent.append(entry)
    }
    if let member, agreement.unexpectedStatus != nil {
      absorb(member, agreement.link, row)
    } else {
      outcome.links.append(agreement.link)
      if let resolution { standInStep(resolution, row.key) }
    }
    switch row.action {
    case .create: outcome.counts.created += 1
    case .update, .rename, .take: outcome.counts.updated += 1
    case .arrival: outcome.counts.created += 1
    case .unsubscribe: outcome.counts.unsubscribed += 1
    case .archive: outcome.counts.archived += 1
    }
    let remarks = row.remarks + agreement.remarks
    outcome.rows.append(
      RowOutcome(
        person: row.person, key: row.key, result: row.action.result,
        reason: remarks.isEmpty ? "" : "remark", sentence: remarks.joined(separator: " "),
        changes: row.changes))
  }

  /// The answer shows a status we neither sent nor knew: somebody was quicker.
  private mutating func absorb(_ member: Member, _ link: Link, _ row: PlanRow) {
    let absorbed = Reading.absorb(
      member, audienceID: run.audienceID, link: link, owner: row.person, mapping: [], now: now)
    outcome.links.append(absorbed.link)
    if let suppression = absorbed.suppression { outcome.suppressions.append(suppression) }
    if absorbed.liftsSuppression { outcome.lifted.append(row.key) }
    if let entry = absorbed.consent { outcome.consent.append(entry) }
    if let back = absorbed.consentBack { outcome.consentBack[row.key] = back }
    if absorbed.needsPlan { outcome.next.append(SyncAddress.message(row.key, at: now)) }
  }

  private mutating func met(_ met: MailchimpError, _ row: PlanRow) {
    let error = requiredOfEverybody(met) ?? met
    guard case .person(let fault) = error.fault else {
      setbacks[row.key] = Setback(error)
      return
    }
    outcome.done += 1
    refuse(row.key, row.person, error.problem.code, error.problem.description, changes: row.changes)
    if row.action == .rename, let from = groups.link(for: row) {
      switch fault {
      case .addressTaken, .memberExists, .cleaned, .unknown: return renameRefused(row, from)
      default: break
      }
    }
    switch fault {
    case .forgotten: suppress(row, .forgotten, error.problem)
    case .complianceState: suppress(row, .complianceState, error.problem)
    case .deferred:
      later.insert(row.key)
      outcome.next.append(contentsOf: isChunk ? [deferred(row.key)] : [])
    case .notThere:
      if let link = groups.link(for: row), let absorbed = Reading.missing(link, now: now) {
        outcome.links.append(absorbed.link)
        if let suppression = absorbed.suppression { suppress(suppression) }
        if let entry = absorbed.consent { outcome.consent.append(entry) }
      }
    default: break
    }
  }

  /// Mailchimp renames no contact onto an address it holds already, an archived or deleted one
  /// included. Somebody must say what to do: it is a conflict about the address.
  private mutating func renameRefused(_ row: PlanRow, _ from: Link) {
    let tag = FieldConflict.emailTag
    guard let person = row.person else { return }
    outcome.conflicts.append(
      FieldConflict(
        key: from.key, person: person, tag: tag, field: .email, ours: .text(row.email),
        theirs: .text(from.email), agreed: from.agreed?[tag], decision: .open))
    var link = from
    link.decided[tag] = .open
    outcome.links.append(link)
  }

  /// A required field that nothing is mapped to refuses everybody, not this person.
  private func requiredOfEverybody(_ error: MailchimpError) -> MailchimpError? {
    guard case .person(.mergeFields(let refusals)) = error.fault else { return nil }
    let sent = Set(planner.sentTags)
    guard let tag = refusals.first(where: { $0.isMissingValue && !sent.contains($0.tag) })?.tag
    else { return nil }
    return MailchimpError(
      Problem(
        "mailchimp.field-required",
        "The audience requires a value in \(tag), and no field here is mapped to it.",
        remedy: "Map a field to \(tag) in pane 4 (Mapping), or make it optional at Mailchimp.",
        fields: ["tag": tag]),
      .everyone(.fieldRequired))
  }

  private mutating func suppress(
    _ row: PlanRow, _ reason: SuppressionReason, _ problem: Problem
  ) {
    suppress(
      Suppression(
        key: row.key, reason: reason, at: now,
        evidence: "execution \(run.execution): \(problem.code)"
      ))
  }

  /// Learned from the answer, so everybody at the address stands anew: those who share it, and the
  /// children for whom its owner would have been written to.
  private mutating func suppress(_ suppression: Suppression) {
    outcome.suppressions.append(suppression)
    let key = suppression.key
    let resolution = Recipients.resolve(
      group: groups.candidates[key] ?? [], key: key, suppression: suppression,
      policy: groups.policy)
    outcome.standings.merge(groups.excluded(resolution, at: key)) { _, new in new }
  }

  private func deferred(_ key: AddressKey) -> NewMessage {
    var message = SyncAddress.message(key, at: now)
    message.runAt = now + PushPeople.deferredFor
    return message
  }

  // MARK: The end

  func concluded() -> Outcome {
    var outcome = outcome
    outcome.ending = isChunk ? .chunkReturned : .finishes
    outcome.unsent = toSend.filter { setbacks[$0.key] != nil }
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
          "\(setbacks.count) people could not be sent: \(first.problem.description)",
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

  private func sentence(_ counts: ExecutionCounts) -> String {
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
  fileprivate var result: RowResult {
    switch self {
    case .create, .arrival: .created
    case .update, .rename, .take: .updated
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
