// Sends the rows of an undo's plan, one call each: they are few, and each answer counts. What must stay
// true: each contact is looked at first, and one that moved since the last reading is left as it is and
// taken in. What goes back into the directory alone is left to `PutBack`.

import Basics
import Domain
import Mailchimp
import Queue
import Storage

struct UndoPush: Flow {
  static let kind = FlowKind.pushPeople

  func handle(_ batch: [Message], in run: FlowRun) async throws(Setback) -> Outcome {
    guard let message = batch.first else { return Outcome() }
    let rows: [PlanRow]
    let contexts: UndoContexts
    do throws(Problem) {
      let chunk = try SendChunk(message)
      guard case .plan(let plan, let range) = chunk.content else { return Outcome() }
      (rows, contexts) = try await run.workspace.read { (reading) throws(Problem) in
        let rows = try reading.plans.rows(plan, range).filter {
          chunk.only?.contains($0.key) ?? true
        }
        return (
          rows, try UndoContexts(rows.map(UndoPlace.init), run.audienceID, run.settings, reading)
        )
      }
    } catch {
      throw Setback(error)
    }
    var outcome = Outcome()
    outcome.ending = .chunkReturned
    var standing: [PlanRow] = []
    for row in rows {
      if row.action == .restore || row.action == .delete {
        outcome.done += 1
        outcome.putBack.append(row)
      } else if Undo.stands(row, contexts[UndoPlace(row)]) {
        standing.append(row)
      } else {
        leave(row, &outcome)
      }
    }
    do throws(MailchimpError) {
      standing = try await unmoved(standing, contexts, &outcome, in: run)
      try await intend(standing, contexts, in: run)
    } catch {
      throw Setback(error)
    }
    let now = run.time.now()
    let answers = await sideBySide(standing) { (row) async throws(MailchimpError) in
      try await send(row, id: contexts[UndoPlace(row)].contact(of: row)?.memberID, in: run)
    }
    for (row, answer) in zip(standing, answers) {
      switch answer {
      case .success(.answered(let member)):
        take(row, member, contexts[UndoPlace(row)], run, now, &outcome)
      case .success(.forestalled):
        leave(row, &outcome)
        outcome.wantsPoll = true
      case .failure(let error):
        if case .person = error.fault {
          refuse(row, error, now, &outcome)
        } else {
          outcome.unsent.append(UnsentAddress(key: row.key, person: row.person))
          let setback = Setback(error)
          outcome.fates[message.id] = setback.isCancellation ? .givenBack : .again(setback)
        }
      }
    }
    outcome.step = StepReport(StepName.send, nil)
    return outcome
  }

  private func leave(_ row: PlanRow, _ outcome: inout Outcome) {
    outcome.done += 1
    outcome.counts.excluded += 1
    outcome.rows.append(
      RowOutcome(
        person: row.person, key: row.key, result: .skipped, reason: "moved",
        sentence: "Changed since the undo was planned; left as it is."))
  }

  // MARK: Before the calls

  /// The rows whose contacts are as we know them. What else was found is taken in as a reading does.
  private func unmoved(
    _ rows: [PlanRow], _ contexts: UndoContexts, _ outcome: inout Outcome, in run: FlowRun
  ) async throws(MailchimpError) -> [PlanRow] {
    let contacts = rows.map { row in
      contexts[UndoPlace(row)].contact(of: row)
        ?? Link(audienceID: run.audienceID, key: row.from ?? row.key, email: row.email)
    }
    let look = try await Look(at: contacts, in: run)
    let now = run.time.now()
    var unmoved: [PlanRow] = []
    for (row, contact) in zip(rows, contacts) {
      guard let absorbed = look.news[contact.key] else {
        unmoved.append(row)
        continue
      }
      if let member = look.found[contact.key], isDone(row, member, absorbed, contact) {
        let answered = row.action == .archive ? nil : member
        take(row, answered, contexts[UndoPlace(row)], run, now, &outcome)
        continue
      }
      PullMembers().take(absorbed, in: look.known, into: &outcome, at: now, run)
      leave(row, &outcome)
    }
    return unmoved
  }

  /// Sent before, and the answer was lost. A status counts as ours only where we had noted it.
  private func isDone(
    _ row: PlanRow, _ member: Member, _ absorbed: Absorbed, _ contact: Link
  ) -> Bool {
    let isOurs =
      row.sentStatus == nil
      ? member.status == contact.status : absorbed.outcome?.reason == Reading.answerLost
    return isOurs && AddressKey(member.email) == row.key
      && row.values.allSatisfy { $1.agrees(with: member.mergeFields[$0] ?? .empty) }
  }

  /// What is about to become of statuses stands in the file before the calls.
  private func intend(
    _ rows: [PlanRow], _ contexts: UndoContexts, in run: FlowRun
  ) async throws(MailchimpError) {
    let intentions = rows.compactMap { row in
      row.sentStatus.flatMap { status in
        contexts[UndoPlace(row)].contact(of: row).map { Intention($0, status) }
      }
    }
    guard !intentions.isEmpty else { return }
    try await Setback.wrap { () async throws(Problem) in try await run.intend(intentions) }
  }

  // MARK: The calls

  private enum Sent: Sendable {
    /// The member as it is now, where the call returns it.
    case answered(Member?)
    /// Somebody was quicker: there was nothing left to archive.
    case forestalled
  }

  private func send(
    _ row: PlanRow, id: String?, in run: FlowRun
  ) async throws(MailchimpError) -> Sent {
    switch row.action {
    case .archive:
      let id = id ?? Digest.md5(row.key.description.utf8)
      return switch try await run.mailchimp.archive(id, in: run.audienceID) {
      case .archived: .answered(nil)
      case .nothingToArchive: .forestalled
      }
    case .create:
      // A revival: what it was, and nothing of it is set anew.
      let write = MemberWrite(
        email: row.email, status: row.status, statusIfNew: row.status, mergeFields: row.values)
      return .answered(try await run.mailchimp.put(write, to: run.audienceID, id: id).member)
    default:
      let write = MemberWrite(
        email: row.email, status: row.status, statusIfNew: nil, mergeFields: row.values)
      return .answered(
        try await run.mailchimp.patch(
          write, in: run.audienceID, id: id, skipsMergeValidation: true
        ).member)
    }
  }

  // MARK: The answers

  private func take(
    _ row: PlanRow, _ member: Member?, _ context: UndoContext, _ run: FlowRun, _ now: Instant,
    _ outcome: inout Outcome
  ) {
    outcome.done += 1
    let agreement = Link.restored(
      row, desired: context.planner.desired(context.resolution), before: context.contact(of: row),
      answered: member, audienceID: run.audienceID, at: now)
    if let member, agreement.unexpectedStatus != nil {
      // Neither sent nor known: somebody was quicker.
      let absorbed = Reading.absorb(
        member, audienceID: run.audienceID, link: agreement.link, owner: row.person, mapping: [],
        now: now)
      let known = KnownMembers(audienceID: run.audienceID, isFirst: false)
      PullMembers().take(absorbed, in: known, into: &outcome, at: now, run)
    } else {
      outcome.links.append(agreement.link)
    }
    if let from = row.from { outcome.goneLinks.append(from) }
    if row.changes.contains(where: \.isHere) { outcome.putBack.append(row) }
    let remarks = row.remarks + agreement.remarks
    if var entry = agreement.consent {
      entry.evidence = "execution \(run.execution)"
      outcome.consent.append(entry)
    }
    let result: RowResult
    switch row.action {
    case .archive:
      outcome.counts.archived += 1
      result = .archived
      if let person = context.resolution.recipient?.person.id {
        outcome.standings[person] = Standing(.undone, key: row.key)
      }
    case .create:
      outcome.counts.created += 1
      result = .created
    default:
      outcome.counts.updated += 1
      result = .updated
    }
    outcome.rows.append(
      RowOutcome(
        person: row.person, key: row.key, result: result,
        reason: remarks.isEmpty ? "" : "remark", sentence: remarks.joined(separator: " "),
        changes: row.changes.filter { !$0.isHere }))
  }

  private func refuse(
    _ row: PlanRow, _ error: MailchimpError, _ now: Instant, _ outcome: inout Outcome
  ) {
    outcome.done += 1
    outcome.counts.refused += 1
    outcome.rows.append(
      RowOutcome(
        person: row.person, key: row.key, result: .refused, reason: error.problem.code,
        sentence: error.problem.description, changes: row.changes))
    outcome.log.append(
      LogLine(
        at: now, .error, error.problem.description,
        fields: [
          "address": Text.masked(email: row.key.description), "code": error.problem.code,
        ]))
  }
}

extension UndoContext {
  /// The contact a row is about: of a rename, that of the address it is to leave.
  func contact(of row: PlanRow) -> Link? { row.action == .rename ? other?.link : link }
}
