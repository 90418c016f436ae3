// Sends the rows of an undo's plan, one call each: they are few, and each answer counts. What goes back
// into the directory alone is left to `PutBack`.

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
        outcome.done += 1
        outcome.counts.excluded += 1
        outcome.rows.append(
          RowOutcome(
            person: row.person, key: row.key, result: .skipped, reason: "moved",
            sentence: "Changed since the undo was planned; left as it is."))
      }
    }
    let now = run.time.now()
    for (row, answer) in await send(standing, contexts, in: run) {
      switch answer {
      case .success(let member): take(row, member, contexts[UndoPlace(row)], run, now, &outcome)
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

  private func send(
    _ rows: [PlanRow], _ contexts: UndoContexts, in run: FlowRun
  ) async -> [(PlanRow, Result<Member?, MailchimpError>)] {
    await withTaskGroup(of: (Int, Result<Member?, MailchimpError>).self) { group in
      for (index, row) in rows.enumerated() {
        let id = contexts[UndoPlace(row)].contact(of: row)?.memberID
        group.addTask {
          do throws(MailchimpError) {
            return (index, .success(try await sendOne(row, id: id, in: run)))
          } catch {
            return (index, .failure(error))
          }
        }
      }
      var found: [(Int, Result<Member?, MailchimpError>)] = []
      for await one in group { found.append(one) }
      return found.sorted { $0.0 < $1.0 }.map { (rows[$0.0], $0.1) }
    }
  }

  private func sendOne(
    _ row: PlanRow, id: String?, in run: FlowRun
  ) async throws(MailchimpError) -> Member? {
    switch row.action {
    case .archive:
      _ = try await run.mailchimp.archive(
        id ?? Digest.md5(row.key.description.utf8), in: run.audienceID)
      return nil
    case .create:
      // A revival: what it was, and nothing of it is set anew.
      let write = MemberWrite(
        email: row.email, status: row.status, statusIfNew: row.status, mergeFields: row.values)
      return try await run.mailchimp.put(write, to: run.audienceID, id: id).member
    default:
      let write = MemberWrite(
        email: row.email, status: row.status, statusIfNew: nil, mergeFields: row.values)
      return try await run.mailchimp.patch(
        write, in: run.audienceID, id: id, skipsMergeValidation: true
      ).member
    }
  }

  private func take(
    _ row: PlanRow, _ member: Member?, _ context: UndoContext, _ run: FlowRun, _ now: Instant,
    _ outcome: inout Outcome
  ) {
    outcome.done += 1
    let agreement = Link.restored(
      row, desired: context.planner.desired(context.resolution), before: context.contact(of: row),
      answered: member, audienceID: run.audienceID, at: now)
    outcome.links.append(agreement.link)
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
