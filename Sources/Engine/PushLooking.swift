// Looks before writing. What must stay true: no status is changed, and where values are taken no value
// is written, on the word of a reading that may be old: an ending or an edit that nobody here has seen
// yet would be lost under ours. Who changed is taken in as a reading does, and planned anew.

import Basics
import Domain
import Mailchimp
import Queue
import Storage

extension Push {
  mutating func lookFirst(isBulk: Bool) async {
    let rows = toSend.filter { isLookedAt($0, isBulk: isBulk) }
    guard !rows.isEmpty else { return }
    do throws(MailchimpError) {
      let seen = try await look(at: rows)
      // Our own writes fill the listing: a poll takes them in once, and not every look after this one.
      if seen.isLong { outcome.wantsPoll = true }
      _ = try await takeIn(seen, for: rows)
    } catch {
      setBack(rows, by: Setback(error))
    }
  }

  /// Takes in what was seen; returns the addresses of those rows that are planned anew because of it.
  private mutating func takeIn(
    _ seen: Seen, for rows: [PlanRow], isAllNews: Bool = false
  ) async throws(MailchimpError) -> Set<AddressKey> {
    let run = run
    var known = try await Setback.wrap { () async throws(Problem) in
      try await run.workspace.read { [audienceID = run.audienceID] (reading) throws(Problem) in
        try KnownMembers(seen.members, audienceID: audienceID, reading)
      }
    }
    // What this call set out to send was refused, or is not on its way yet.
    known.setAttempts(as: rows.map { groups.link(for: $0) ?? newcomer($0) })
    var isRow = Dictionary(rows.map { ($0.from ?? $0.key, $0) }) { first, _ in first }
    var changed: Set<AddressKey> = []
    for member in seen.members {
      let absorbed = known.absorb(member, at: now)
      // Of a contact that moved: the row of the address it left, or of the one it came to.
      let row = absorbed.movedFrom.flatMap { isRow[$0] } ?? isRow[absorbed.link.key]
      guard let row, isAllNews || isNews(absorbed, for: row, member) else { continue }
      isRow[row.from ?? row.key] = nil
      planAnew(row, after: absorbed, in: known)
      changed.insert(row.key)
    }
    for row in rows where seen.gone.contains(row.key) {
      guard let link = groups.link(for: row), let absorbed = Reading.missing(link, now: now)
      else { continue }
      planAnew(row, after: absorbed, in: known)
      changed.insert(row.key)
    }
    return changed
  }

  /// Who is not there any more may stand at another address, changed there since the last poll: only
  /// a contact that is at none was deleted. Returns those that are planned anew.
  mutating func follow(_ gone: [PlanRow]) async -> Set<AddressKey> {
    var seen = Seen()
    do throws(MailchimpError) {
      for row in gone {
        guard let link = groups.link(for: row), link.status != nil else { continue }
        if let member = try await PullMembers().found(link, in: run),
          AddressKey(member.email) != link.key
        {
          seen.members.append(member)
        }
      }
      return seen.members.isEmpty ? [] : try await takeIn(seen, for: gone)
    } catch {
      for row in gone { setbacks[row.key] = Setback(error) }
      return Set(gone.map(\.key))
    }
  }

  /// Mailchimp added none of these, because they are there: somebody was quicker, with values and a
  /// status of their own. They are taken in as a reading does; the rules of a first link decide.
  mutating func meet(_ refused: [(row: PlanRow, error: MailchimpError)]) async {
    guard !refused.isEmpty else { return }
    let rows = refused.map(\.row)
    do throws(MailchimpError) {
      let met = try await takeIn(try await ask(for: rows), for: rows, isAllNews: true)
      for (row, error) in refused where !met.contains(row.key) { self.met(error, row) }
    } catch {
      for row in rows { setbacks[row.key] = Setback(error) }
    }
  }

  /// A status that is there is only changed after a look, and so is whatever we ended: what moves it
  /// would hide that they came back and left again. What was sent before without an answer may be
  /// done by now. Values too where they are taken. Additions where
  /// the values of an unknown contact count. And what a bulk call would revive that is archived, or
  /// add anew at the address a contact has left.
  private func isLookedAt(_ row: PlanRow, isBulk: Bool) -> Bool {
    if mustBeLookedAt(row) { return true }
    return switch row.action {
    case .create, .update: planner.takes || isBulk
    case .rename: planner.takes
    case .take, .arrival, .unsubscribe, .archive, .restore, .delete, .tags: false
    }
  }

  private func changesEnding(_ row: PlanRow) -> Bool {
    guard let link = groups.link(for: row), link.status != nil else { return false }
    return row.sentStatus != nil || link.mayBeRaised
  }

  private func mustBeLookedAt(_ row: PlanRow) -> Bool {
    changesEnding(row) || groups.link(for: row)?.attempt != nil
  }

  private var isFreshlyRead: Bool { polledTo.map { now - $0 < .seconds(60) } ?? false }

  /// Not what we know already; nor what an addition of ours looks like whose answer was lost.
  private func isNews(_ absorbed: Absorbed, for row: PlanRow, _ member: Member) -> Bool {
    if let link = groups.link(for: row), link.status != nil {
      return absorbed.isNews(of: link)
    }
    return absorbed.movedFrom != nil || absorbed.outcome?.reason == Reading.answerLost
      || member.status != row.status
      || planner.sentTags.contains {
        !(row.values[$0] ?? .empty).agrees(with: member.mergeFields[$0] ?? .empty)
      }
  }

  /// What was found counts, and the address is looked at again with it.
  mutating func planAnew(_ row: PlanRow, after absorbed: Absorbed, in known: KnownMembers) {
    PullMembers().take(absorbed, in: known, into: &outcome, at: now, run)
    outcome.next.append(SyncAddress.message(row.key, at: now))
    outcome.done += 1
    toSend.removeAll { $0.key == row.key }
  }

  // MARK: Looking

  private struct Seen: Sendable {
    var members: [Member] = []
    /// Was there before, and is not any more; only single looks tell.
    var gone: Set<AddressKey> = []
    var isLong = false
  }

  /// A few are asked for one by one; of many, all that changed since the last poll are listed. Bulk
  /// additions need the archived alone: anybody else who is there Mailchimp refuses to add.
  private func look(at rows: [PlanRow]) async throws(MailchimpError) -> Seen {
    guard rows.count >= PushPeople.bulkFrom, let polledTo else { return try await ask(for: rows) }
    let areAdditions = rows.allSatisfy { isAddition($0) && !mustBeLookedAt($0) }
    let statuses: [MemberStatus?] = areAdditions ? [.archived] : [.archived, nil]
    let keys = Set(rows.map { $0.from ?? $0.key })
    let contacts = Set(rows.compactMap { groups.link(for: $0)?.contactID })
    let webIDs = Set(rows.compactMap { groups.link(for: $0)?.webID })
    var listed: [Member] = []
    var isWhole = true
    var isLong = false
    for status in statuses {
      let query = MemberQuery(changedSince: polledTo - PullMembers.overlap, status: status)
      guard let members = try await list(query, for: rows) else {
        (isWhole, isLong) = (false, !isFreshlyRead)
        continue
      }
      if members.count > PullMembers.page { isLong = !isFreshlyRead }
      listed += members.filter {
        keys.contains(AddressKey($0.email)) || $0.contactID.map(contacts.contains) ?? false
          || $0.webID.map(webIDs.contains) ?? false
      }
    }
    if isWhole { return Seen(members: listed, gone: left(rows, by: listed), isLong: isLong) }
    // Of whom we know nothing, nothing that long a list says is worth a call each; nor where only our
    // own values count, or where a reading has just been.
    let known = rows.filter {
      groups.link(for: $0)?.status != nil
        && (planner.takes && !isFreshlyRead || changesEnding($0))
    }
    var seen = try await ask(for: known)
    let asked = Set(known.map { $0.from ?? $0.key })
    seen.isLong = isLong
    seen.members += listed.filter { !asked.contains(AddressKey($0.email)) }
    return seen
  }

  /// Whose contact has another address by now, where that is another contact: gone from the old one.
  private func left(_ rows: [PlanRow], by listed: [Member]) -> Set<AddressKey> {
    guard run.settings[Settings.addressChange] == .newContact else { return [] }
    let there = Set(listed.map { AddressKey($0.email) })
    let contacts = Set(listed.compactMap(\.contactID))
    let webIDs = Set(listed.compactMap(\.webID))
    let gone = rows.filter { row in
      guard let link = groups.link(for: row), link.status != nil, !there.contains(link.key) else {
        return false
      }
      return link.contactID.map(contacts.contains) ?? link.webID.map(webIDs.contains) ?? false
    }
    return Set(gone.map(\.key))
  }

  /// Nil where it would take more pages than a tenth of the rows it is for; those that only an edit
  /// since a reading of this very minute could concern are worth one page together.
  private func list(
    _ query: MemberQuery, for rows: [PlanRow]
  ) async throws(MailchimpError) -> [Member]? {
    let count = isFreshlyRead ? max(10, rows.count(where: mustBeLookedAt)) : rows.count
    var place = ListingPlace()
    var members: [Member] = []
    while !place.isOver {
      let offset = place.offset
      let page = try await run.mailchimp.members(of: run.audienceID, query, offset: offset)
      if page.total > count * PullMembers.page / 10 { return nil }
      members += place.take(page, at: offset) == nil ? [] : page.members
    }
    return members.latest
  }

  private func ask(for rows: [PlanRow]) async throws(MailchimpError) -> Seen {
    let run = run
    let links = rows.map {
      groups.link(for: $0) ?? Link(audienceID: run.audienceID, key: $0.key, email: $0.email)
    }
    let found = await sideBySide(links) { (link) async throws(MailchimpError) in
      try await PullMembers().found(link, in: run)
    }
    var seen = Seen()
    for (row, member) in zip(rows, found) {
      if let member = try member.get() {
        seen.members.append(member)
      } else {
        seen.gone.insert(row.key)
      }
    }
    return seen
  }
}

extension PlanRow {
  /// The status that is there afterwards, where the row sets one.
  var sentStatus: MemberStatus? { action == .archive ? .archived : status }
}
