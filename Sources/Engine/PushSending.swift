// How rows leave: held where they add up to too much, looked at first where values are taken too,
// together where they are many, one by one where an answer of their own matters.

import Basics
import Domain
import Mailchimp
import Queue
import Storage

extension Push {
  // MARK: Sending

  mutating func send() async {
    if holds() { return }
    await lookFirst()
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
  mutating func holds() -> Bool {
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

  /// Where values are taken as well, a change there that no poll has seen yet must not be written
  /// over: the members are looked at before they are written. Who changed is planned anew.
  mutating func lookFirst() async {
    let updates = toSend.filter { $0.action == .update || $0.action == .rename }
    guard planner.takes, !updates.isEmpty, !(isChunk && isFreshlyRead) else { return }
    do throws(MailchimpError) {
      let changed = try await takeIn(try await look(at: updates), for: updates)
      toSend.removeAll { changed.contains($0.key) }
    } catch {
      for row in updates { setbacks[row.key] = Setback(error) }
      let failed = Set(updates.map(\.key))
      kept = toSend.filter { failed.contains($0.key) }
      toSend.removeAll { failed.contains($0.key) }
    }
  }

  /// Takes in what these members say; returns the addresses of those rows that are planned anew
  /// because of it.
  mutating func takeIn(
    _ members: [Member], for rows: [PlanRow]
  ) async throws(MailchimpError) -> Set<AddressKey> {
    let run = run
    let known = try await Setback.wrap { () async throws(Problem) in
      try await run.workspace.read { [audienceID = run.audienceID] (reading) throws(Problem) in
        try KnownMembers(members, audienceID: audienceID, reading)
      }
    }
    let sources = Dictionary(rows.map { ($0.from ?? $0.key, $0.key) }) { first, _ in first }
    var changed: Set<AddressKey> = []
    for member in members {
      let absorbed = known.absorb(member, at: now)
      guard let key = sources[absorbed.movedFrom ?? absorbed.link.key], absorbed.needsPlan else {
        continue
      }
      PullMembers().take(absorbed, in: known, into: &outcome, at: now, run)
      outcome.next.append(SyncAddress.message(key, at: now))
      changed.insert(key)
    }
    outcome.done += changed.count
    return changed
  }

  /// Who is not there any more may stand at another address, changed there since the last poll: only
  /// a contact that is at none was deleted. Returns those that are planned anew.
  mutating func follow(_ gone: [PlanRow]) async -> Set<AddressKey> {
    var moved: [Member] = []
    do throws(MailchimpError) {
      for row in gone {
        guard let link = groups.link(for: row), link.status != nil else { continue }
        if let member = try await PullMembers().found(link, in: run),
          AddressKey(member.email) != link.key
        {
          moved.append(member)
        }
      }
      return moved.isEmpty ? [] : try await takeIn(moved, for: gone)
    } catch {
      for row in gone { setbacks[row.key] = Setback(error) }
      return Set(gone.map(\.key))
    }
  }

  /// A few are asked for one by one; of many, all that changed since the last poll are listed.
  func look(at rows: [PlanRow]) async throws(MailchimpError) -> [Member] {
    if rows.count < PushPeople.bulkFrom {
      var members: [Member] = []
      for row in rows {
        guard let link = groups.link(for: row) else { continue }
        if let member = try await PullMembers().found(link, in: run) { members.append(member) }
      }
      return members
    }
    return try await run.members(
      MemberQuery(changedSince: polledTo.map { $0 - PullMembers.overlap }))
  }

  var isFreshlyRead: Bool { polledTo.map { now - $0 < .seconds(60) } ?? false }

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

  /// Additions and plain updates of recipients. What touches a status that is there, renames or
  /// ends goes alone.
  func leavesTogether(_ row: PlanRow) -> Bool {
    let status = groups.links[row.key]?.status
    return switch row.action {
    case .create: status == nil
    case .update:
      row.status == nil && status != .unsubscribed && groups.resolutions[row.key]?.recipient != nil
    case .unsubscribe, .archive, .rename, .take, .arrival, .restore, .delete: false
    }
  }

  /// `status_if_new` alone: a member who is there already keeps the status they have, and one who
  /// was deleted meanwhile does not come back subscribed.
  func write(_ row: PlanRow) -> MemberWrite {
    MemberWrite(
      email: row.email, status: nil, statusIfNew: row.statusIfGone, mergeFields: row.values)
  }

  mutating func sendTogether(_ rows: [PlanRow]) async {
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

  mutating func sendSingly(_ rows: [PlanRow]) async {
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
    let gone = zip(rows, answers).filter { row, answer in
      if case .failure(let error)? = answer { error.fault == .person(.notThere) } else { false }
    }
    let followed = await follow(gone.map(\.0))
    for (row, answer) in zip(rows, answers) where !followed.contains(row.key) {
      switch answer {
      case .success(let member): succeeded(row, member)
      case .failure(let error): met(error, row)
      case nil: continue
      }
    }
  }

  func sendOne(_ row: PlanRow) async throws(MailchimpError) -> Member? {
    let link = groups.link(for: row)
    let id = link?.memberID
    switch row.action {
    case .take, .arrival, .restore, .delete: return nil
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
  func rename(_ row: PlanRow, _ link: Link?) async throws(MailchimpError) -> Member? {
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
