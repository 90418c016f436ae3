// Takes back what an execution had brought into the directory. What must stay true: it is decided in
// the transaction that writes, so that nothing somebody changed a moment before is written over; it is
// written in the name of who asked, and the link says what the next sync is to make of it.

import Basics
import Domain
import Storage

struct PutBack {
  let execution: Execution

  /// Writes what still stands; rows, counts and links of it go into the outcome.
  func write(_ outcome: inout Outcome, _ tx: WorkspaceTransaction) throws(Problem) {
    guard !outcome.putBack.isEmpty else { return }
    let contexts = try UndoContexts(
      outcome.putBack.map(UndoPlace.init), execution.audienceID ?? "", try tx.settings.values(), tx)
    let evidence = "undo of execution \(execution.original ?? execution.id)"
    for row in outcome.putBack {
      let context = contexts[UndoPlace(row)]
      do throws(Problem) {
        try tx.database.savepoint { () throws(Problem) in
          try tx.acting(as: execution.askedBy ?? tx.who, evidence: evidence) { () throws(Problem) in
            if row.action == .delete {
              try withdraw(row, context, &outcome, tx)
            } else {
              try restore(row, context, &outcome, tx)
            }
          }
        }
      } catch {
        if error.code.hasPrefix("sqlite.") { throw error }
        outcome.counts.refused += 1
        tell(row, .refused, error.code, error.description, [], &outcome)
      }
    }
  }

  private func restore(
    _ row: PlanRow, _ context: UndoContext, _ outcome: inout Outcome, _ tx: WorkspaceTransaction
  ) throws(Problem) {
    let values = Undo.values(row, context)
    guard let person = row.person, !values.isEmpty else {
      outcome.counts.excluded += 1
      return tell(
        row, .skipped, "moved", "Changed since the undo was planned; left as it is.", [], &outcome)
    }
    try tx.directory.set(values, of: person)
    try settle(values.keys, of: person, context, &outcome, tx)
    let done = row.changes.filter { change in
      change.isHere && values.keys.contains { $0.description == change.name }
    }
    // What was sent of the same row is told already.
    if row.action != .restore,
      let place = outcome.rows.lastIndex(where: { $0.key == row.key && $0.person == person })
    {
      outcome.rows[place].changes += done
    } else {
      outcome.counts.updated += 1
      tell(row, .updated, "restored", row.remarks.joined(separator: " "), done, &outcome)
    }
  }

  /// A field that only Mailchimp may change keeps what was put back until it changes there again.
  private func settle(
    _ fields: some Sequence<PersonField>, of id: PersonID, _ context: UndoContext,
    _ outcome: inout Outcome, _ tx: WorkspaceTransaction
  ) throws(Problem) {
    guard let person = try tx.directory.person(id) else { return }
    var held: [String: MergeValue] = [:]
    for field in fields { held.merge(context.planner.held(person, field)) { first, _ in first } }
    guard !held.isEmpty else { return }
    if let place = outcome.links.firstIndex(where: { $0.owner == id }) {
      outcome.links[place].putBack(held)
    } else if var link = [context.link, context.theirs].compactMap({ $0 }).first(where: {
      $0.owner == id
    }) {
      link.putBack(held)
      outcome.links.append(link)
    }
  }

  private func withdraw(
    _ row: PlanRow, _ context: UndoContext, _ outcome: inout Outcome, _ tx: WorkspaceTransaction
  ) throws(Problem) {
    guard let person = row.person, Undo.mayWithdraw(context) else {
      outcome.counts.excluded += 1
      return tell(
        row, .skipped, "moved", "Changed since the undo was planned; left as it is.", [], &outcome)
    }
    try tx.directory.markDeleted(person)
    if var link = context.link, link.owner == person {
      link.withdraw(arrival: context.planner.arrival(link).digest)
      outcome.links.append(link)
    }
    outcome.counts.updated += 1
    tell(row, .updated, "withdrawn", "Marked deleted; the contact stays.", row.changes, &outcome)
  }

  private func tell(
    _ row: PlanRow, _ result: RowResult, _ reason: String, _ sentence: String,
    _ changes: [FieldChange], _ outcome: inout Outcome
  ) {
    outcome.rows.append(
      RowOutcome(
        person: row.person, key: row.key, result: result, reason: reason, sentence: sentence,
        changes: changes))
  }
}
