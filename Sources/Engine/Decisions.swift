// What only the administrator can decide: which value of a conflict counts, and whether somebody who
// was taken out by others may come back. What must stay true: nobody who left by themselves is ever
// subscribed by a decision here; they are asked, and they confirm.

import Basics
import Domain
import Queue
import Storage

struct Decisions {
  let audienceID: String
  let who: String

  /// The address a request decides about; nil for requests that decide about none.
  static func address(
    of request: Request, _ access: some WorkspaceAccess
  ) throws(Problem) -> AddressKey? {
    switch request {
    case .decideConflict(let id, _): try access.conflicts.conflict(id)?.key
    case .liftSuppression(let person), .askAgain(let person):
      try access.directory.person(person)?.primaryEmail.map { AddressKey($0) }
    default: nil
    }
  }

  // MARK: Conflicts

  func decide(
    _ id: ConflictID, as decision: ConflictDecision, _ tx: WorkspaceTransaction
  ) throws(Problem) {
    guard let conflict = try tx.conflicts.conflict(id) else {
      throw Problem(
        "conflicts.unknown", "There is no conflict \(id).",
        remedy: "See `listkeeper conflicts list` for those that wait.")
    }
    guard conflict.decision == ConflictDecision.open.rawValue else {
      throw Problem(
        "conflicts.decided", "Conflict \(id) was decided already: \(conflict.decision).",
        remedy: "See `listkeeper conflicts list` for those that wait.")
    }
    guard decision != .open,
      decision != .newContact || conflict.tag == FieldConflict.emailTag
    else {
      throw Problem(
        "conflicts.no-decision", "Conflict \(id) cannot be decided as \(decision.rawValue).",
        remedy: "Say directory or mailchimp; for a changed address also new contact.")
    }
    try tx.conflicts.decide(id, as: decision, by: who)
    guard var link = try tx.links.link(audienceID, at: conflict.key) else { return }
    link.decided[conflict.tag] = decision
    link.digest = nil
    try tx.links.save([link])
    var keys: Set<AddressKey> = [conflict.key]
    if let owner = link.owner { keys.formUnion(try tx.candidates.keys(of: owner)) }
    for key in keys.sorted() {
      try MessageQueue.enqueue(SyncAddress.message(key, at: tx.now, priority: 4), on: tx.database)
    }
  }

  // MARK: Coming back

  /// Lifts what others' doing set on the address of `person`, or has Mailchimp ask them again.
  func readmit(
    _ id: PersonID, _ rule: ReturnRule, _ tx: WorkspaceTransaction
  ) throws(Problem) {
    guard let person = try tx.directory.person(id) else { throw unknown(id) }
    guard let key = person.primaryEmail.map({ AddressKey($0) }) else {
      throw Problem(
        "people.no-address", "\(person.displayName) (\(id)) has no e-mail address.",
        remedy: "Give the person one.")
    }
    let there = try tx.consent.suppressions(audienceID, at: [key])[key]
    guard let suppression = there else {
      throw Problem(
        "consent.not-suppressed", "Nothing bars \(key) at Mailchimp.",
        remedy: "Look at `listkeeper people explain \(id)` for the reason.")
    }
    try check(suppression, rule, key, tx)
    guard person.optIn != .no else {
      throw Problem(
        "consent.opted-out", "\(person.displayName) (\(id)) opted out here.",
        remedy: "Tick the opt-in first, if they asked for it.")
    }
    try tx.consent.lift([key], in: audienceID)
    try tx.consent.record([
      ConsentEntry(
        person: id, key: key, old: "suppressed: \(suppression.reason.rawValue)",
        new: rule == .asked ? "to be asked again" : "suppression lifted", at: tx.now, by: who,
        evidence: "decided by \(who)")
    ])
    var link = try tx.links.link(audienceID, at: key)
    link?.mayReturn = rule
    link?.digest = nil
    if let link { try tx.links.save([link]) }
    try MessageQueue.enqueue(SyncAddress.message(key, at: tx.now, priority: 4), on: tx.database)
  }

  private func check(
    _ suppression: Suppression, _ rule: ReturnRule, _ key: AddressKey, _ tx: WorkspaceTransaction
  ) throws(Problem) {
    switch (suppression.reason, rule) {
    case (.archivedByOthers, _), (.deletedByOthers, .lifted), (.unsubscribed, .asked): return
    case (.unsubscribed, .lifted):
      throw Problem(
        "consent.left-themselves", "\(key) unsubscribed at Mailchimp, not by us.",
        remedy: "Ask them again with `listkeeper consent ask`: Mailchimp mails them, and they "
          + "confirm. Or send them the sign-up form" + (try form(tx)) + ".")
    case (.cleaned, _):
      throw Problem(
        "consent.bounced", "Mail to \(key) bounced.",
        remedy: "Give the person another address.")
    case (.erased, _):
      throw Problem(
        "consent.erased", "Whoever has \(key) was forgotten here at their own request.",
        remedy: "Only they can come back: send them the sign-up form" + (try form(tx)) + ".")
    case (.forgotten, _), (.complianceState, _), (.deletedByOthers, .asked):
      throw Problem(
        "consent.only-themselves",
        "\(key) is held back by Mailchimp (\(suppression.reason.rawValue)).",
        remedy: "Only they can come back: send them the sign-up form" + (try form(tx)) + ".")
    }
  }

  private func form(_ tx: WorkspaceTransaction) throws(Problem) -> String {
    let url = try tx.audiences.audience(audienceID)?.subscribeURL ?? ""
    return url.isEmpty ? "" : ", \(url)"
  }

  private func unknown(_ id: PersonID) -> Problem {
    Problem(
      "people.missing", "There is no person \(id).",
      remedy: "Search for them with `listkeeper people list`.")
  }
}
