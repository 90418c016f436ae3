// How rows leave: held where they add up to too much, together where they are many, one by one where
// an answer of their own matters.

import Basics
import Domain
import Mailchimp
import Queue
import Storage

extension Push {
  // MARK: Sending

  mutating func send() async {
    if await holds() { return }
    let isBulk = toSend.count(where: leavesTogether) >= PushPeople.bulkFrom
    await lookFirst(isBulk: isBulk)
    await intend()
    take()
    let together = toSend.filter(leavesTogether)
    if isBulk {
      await sendTogether(together.filter(isAddition), updatesExisting: false)
      await sendTogether(together.filter { !isAddition($0) }, updatesExisting: true)
      await sendSingly(toSend.filter { !leavesTogether($0) })
    } else {
      await sendSingly(toSend)
    }
  }

  /// Single changes add up: over the limit within the hour they wait for a look, as a plan.
  mutating func holds() async -> Bool {
    guard !isChunk, run.trigger != .forceSync else { return false }
    var counts = PlanCounts()
    for row in toSend { counts.add(row) }
    let judge = Guard(run.settings, isFirstSync: false, isApproved: false)
    guard case .hold(let reason) = judge.judge(counts, earlier: earlier, total: total) else {
      return false
    }
    do throws(Problem) {
      let (rows, groups) = (toSend, groups)
      toSend = try await run.workspace.read { (reading) throws(Problem) in
        try groups.foretellingTags(rows, isWhole: false, reading)
      }
    } catch {
      setBack(toSend, by: Setback(error))
      return true
    }
    counts = PlanCounts()
    for row in toSend { counts.add(row) }
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
  mutating func take() {
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

  /// What is about to become of statuses stands in the file before the calls.
  mutating func intend() async {
    let rows = toSend.filter { $0.sentStatus != nil }
    guard !rows.isEmpty else { return }
    do throws(Problem) {
      try await run.intend(
        rows.compactMap { row in
          row.sentStatus.map { Intention(groups.link(for: row) ?? newcomer(row), $0) }
        })
    } catch {
      setBack(rows, by: Setback(error))
    }
  }

  func newcomer(_ row: PlanRow) -> Link {
    var link = Link(audienceID: run.audienceID, key: row.key, email: row.email)
    link.owner = row.person
    return link
  }

  /// They are not sent now.
  mutating func setBack(_ rows: [PlanRow], by setback: Setback) {
    let failed = Set(rows.map(\.key))
    for key in failed { setbacks[key] = setback }
    kept += toSend.filter { failed.contains($0.key) }
    toSend.removeAll { failed.contains($0.key) }
  }

  /// Additions and plain updates of recipients. What touches a status that is there, renames or
  /// ends goes alone.
  func leavesTogether(_ row: PlanRow) -> Bool {
    let status = groups.links[row.key]?.status
    return switch row.action {
    case .create: status == nil
    case .update:
      row.status == nil && status != .unsubscribed && groups.resolutions[row.key]?.recipient != nil
    case .unsubscribe, .archive, .rename, .take, .arrival, .restore, .delete, .tags: false
    }
  }

  /// Somebody Mailchimp has not shown at this address.
  func isAddition(_ row: PlanRow) -> Bool { row.action == .create && leavesTogether(row) }

  /// `status_if_new` alone: a member who is there already keeps the status they have, and one who
  /// was deleted meanwhile does not come back subscribed.
  func write(_ row: PlanRow) -> MemberWrite {
    MemberWrite(
      email: row.email, status: nil, statusIfNew: row.statusIfGone, mergeFields: row.values)
  }

  /// Of additions, whoever is there already is refused by Mailchimp itself, so that nothing of theirs
  /// is written over, however late they came.
  mutating func sendTogether(_ rows: [PlanRow], updatesExisting: Bool) async {
    var refused: [(row: PlanRow, error: MailchimpError)] = []
    do throws(MailchimpError) {
      let answers = try await run.mailchimp.bulk(
        rows.map(write), to: run.audienceID, updatesExisting: updatesExisting)
      for (row, answer) in zip(rows, answers) {
        switch answer {
        case .created(let written):
          let row = row.status == nil ? remade(row) : row
          succeeded(row, written.member)
        case .updated(let written): succeeded(row, written.member)
        case .refused(let error) where !updatesExisting && error.fault == .person(.memberExists):
          refused.append((row, error))
        case .refused(let error): met(error, row)
        }
      }
    } catch {
      for row in rows { met(error, row) }
    }
    await meet(refused)
  }

  /// Who was to be changed was not there any more, and the bulk call has no way to leave it at that:
  /// it is said, and a reading is to find out where the contact went.
  private mutating func remade(_ row: PlanRow) -> PlanRow {
    var row = row
    row.remarks.append(
      "The contact was not on the list any more: Mailchimp added it anew, unsubscribed.")
    outcome.wantsPoll = true
    return row
  }

  mutating func sendSingly(_ rows: [PlanRow]) async {
    let this = self
    let answers = await sideBySide(rows) { (row) async throws(MailchimpError) in
      try await this.sendOne(row)
    }
    let gone = zip(rows, answers).filter { row, answer in
      if case .failure(let error) = answer { error.fault == .person(.notThere) } else { false }
    }
    let followed = await follow(gone.map(\.0))
    for (row, answer) in zip(rows, answers) where !followed.contains(row.key) {
      switch answer {
      case .success(.answered(let member)): succeeded(row, member)
      case .success(.forestalled(let member)): forestalled(row, member)
      case .failure(let error): met(error, row)
      }
    }
  }

  /// What became of one row.
  enum Sent: Sendable {
    /// The member as it is now, where the call returns it.
    case answered(Member?)
    /// Somebody was quicker: there was nothing left to do.
    case forestalled(Member)
  }

  func sendOne(_ row: PlanRow) async throws(MailchimpError) -> Sent {
    let link = groups.link(for: row)
    let id = link?.memberID
    switch row.action {
    case .take, .arrival, .restore, .delete, .tags: return .answered(nil)
    case .create:
      var write = write(row)
      // Only what we archived ourselves comes this way: it is revived to what it was.
      if link?.status == .archived { write.status = row.status }
      return .answered(try await run.mailchimp.put(write, to: run.audienceID, id: id).member)
    case .unsubscribe:
      // An opt-out must not fail because a field became required.
      let write = MemberWrite(
        email: row.email, status: row.status, statusIfNew: nil, mergeFields: row.values)
      return .answered(
        try await run.mailchimp.patch(
          write, in: run.audienceID, id: id, skipsMergeValidation: true
        ).member)
    case .rename: return .answered(try await rename(row, link))
    case .update:
      let write = MemberWrite(
        email: row.email, status: row.status, statusIfNew: nil, mergeFields: row.values)
      return .answered(try await run.mailchimp.patch(write, in: run.audienceID, id: id).member)
    case .archive:
      let id = id ?? Digest.md5(row.key.description.utf8)
      switch try await run.mailchimp.archive(id, in: run.audienceID) {
      case .archived: return .answered(nil)
      // They were subscribed a moment ago.
      case .nothingToArchive:
        return .forestalled(try await run.mailchimp.member(id, of: run.audienceID))
      }
    }
  }

  /// The id of the old address with the new one renames; the history stays. Where the old one is
  /// gone, it may be us who renamed it and did not live to hear the answer: the contact is looked
  /// for by what stays.
  func rename(_ row: PlanRow, _ link: Link?) async throws(MailchimpError) -> Member {
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
}
