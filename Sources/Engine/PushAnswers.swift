// What Mailchimp answered, row by row: agreements, refusals, what a refusal says about consent.

import Basics
import Domain
import Mailchimp
import Queue
import Storage

extension Push {
  // MARK: Answers

  mutating func succeeded(_ row: PlanRow, _ member: Member?) {
    outcome.done += 1
    let resolution = groups.resolutions[row.key]
    let before = groups.link(for: row)
    // One that was renamed was planned without a link of the new address.
    let known = row.from == nil ? before : nil
    let agreement = Link.agreed(
      after: row, desired: resolution.flatMap { planner.desired($0, known) }, before: before,
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
      if agreement.isEditedThere { outcome.next.append(SyncAddress.message(row.key, at: now)) }
      if let resolution {
        let digest = row.digest
        stand(
          agreement.link.status == .pending
            ? .unconfirmed(digest: digest) : .inStep(digest: digest), resolution, row.key)
      }
    }
    switch row.action {
    case .create: outcome.counts.created += 1
    case .update, .rename, .take, .restore, .delete, .tags: outcome.counts.updated += 1
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

  /// Nothing was left to do when we came: what stands there is others' doing.
  mutating func forestalled(_ row: PlanRow, _ member: Member) {
    let absorbed = Reading.absorb(
      member, audienceID: run.audienceID, link: groups.link(for: row), owner: row.person,
      mapping: [], now: now)
    planAnew(row, after: absorbed, in: KnownMembers(audienceID: run.audienceID, isFirst: false))
  }

  /// The answer shows a status we neither sent nor knew: somebody was quicker.
  mutating func absorb(_ member: Member, _ link: Link, _ row: PlanRow) {
    let absorbed = Reading.absorb(
      member, audienceID: run.audienceID, link: link, owner: row.person, mapping: [], now: now)
    outcome.links.append(absorbed.link)
    if let suppression = absorbed.suppression { outcome.suppressions.append(suppression) }
    if absorbed.liftsSuppression { outcome.lifted.append(row.key) }
    if let entry = absorbed.consent { outcome.consent.append(entry) }
    if let back = absorbed.consentBack { outcome.consentBack[row.key] = back }
    if absorbed.needsPlan { outcome.next.append(SyncAddress.message(row.key, at: now)) }
  }

  mutating func met(_ met: MailchimpError, _ row: PlanRow) {
    let error = requiredOfEverybody(met) ?? met
    guard case .person(let fault) = error.fault else {
      setbacks[row.key] = Setback(error)
      if error.isRefusal { outcome.notDone.append(row.key) }
      return
    }
    outcome.done += 1
    let gone =
      fault == .notThere
      ? groups.link(for: row).flatMap { Reading.missing($0, now: now) }?.suppression : nil
    refuse(
      row.key, row.person, error.problem.code,
      gone?.reason.sentence ?? error.problem.description, changes: row.changes)
    // Refused is not sent: nothing to be known for ours.
    if row.sentStatus != nil, let link = groups.link(for: row), link.status != nil {
      var link = link
      link.attempt = nil
      outcome.links.append(link)
    }
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
  mutating func renameRefused(_ row: PlanRow, _ from: Link) {
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
  func requiredOfEverybody(_ error: MailchimpError) -> MailchimpError? {
    guard case .person(.mergeFields(let refusals)) = error.fault else { return nil }
    let sent = Set(planner.sentTags)
    guard let tag = refusals.first(where: { $0.isMissingValue && !sent.contains($0.tag) })?.tag
    else { return nil }
    return MailchimpError(
      Problem(
        "mailchimp.field-required",
        "The audience requires a value in \(tag), and no field here is mapped to it.",
        remedy: "Map a field to \(tag) in Mapping, or make it optional at Mailchimp.",
        fields: ["tag": tag]),
      .everyone(.fieldRequired))
  }

  mutating func suppress(
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
  mutating func suppress(_ suppression: Suppression) {
    outcome.suppressions.append(suppression)
    let key = suppression.key
    let resolution = Recipients.resolve(
      group: groups.candidates[key] ?? [], key: key, suppression: suppression,
      policy: groups.policy)
    outcome.standings.merge(groups.excluded(resolution, at: key)) { _, new in new }
  }

  func deferred(_ key: AddressKey) -> NewMessage {
    var message = SyncAddress.message(key, at: now)
    message.runAt = now + PushPeople.deferredFor
    return message
  }
}
