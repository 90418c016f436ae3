// Reads members of the audience and takes in what they say: statuses, endings that were not ours,
// values that were changed there. A poll asks for what changed since the last one, with an overlap,
// and drops echoes by content; a full reading also finds who is gone. Before anything is written to
// an audience it is read in full once, so that nobody's status there is raised by accident.

import Basics
import Domain
import Mailchimp
import Queue
import Storage

struct PullMembers: Flow {
  static let kind = FlowKind.pullMembers

  /// Members a page (Mailchimp's most), and pages a transaction.
  static let page = 1000
  static let pages = 4
  /// `last_changed` has one second and lies up to 4 s before the answer's `Date`; 10 covers all
  /// that was recorded.
  static let overlap = Duration.seconds(10)
  /// A poll this long after the last full reading is one.
  static let fullEvery = Duration.days(7)
  /// Who was not shown is asked for, so many a turn.
  static let window = 500

  func handle(_ batch: [Message], in run: FlowRun) async throws(Setback) -> Outcome {
    guard let message = batch.first else { return Outcome() }
    do throws(MailchimpError) {
      let work = try Setback.wrap { () throws(Problem) in try ReadAudience(message) }
      return try await read(work, in: run)
    } catch {
      throw Setback(error)
    }
  }

  private func read(_ work: ReadAudience, in run: FlowRun) async throws(MailchimpError) -> Outcome {
    if work.missingAfter != nil { return try await askForMissing(work, in: run) }
    var outcome = Outcome()
    outcome.ending = .goesOn
    var next = work
    if work.total == nil, !work.isArchivedPass {
      // What the audience is like now: a field that became required, double opt-in, its name.
      outcome.audience = try await run.mailchimp.audience(run.audienceID)
      outcome.mergeFields = try await run.mailchimp.mergeFields(of: run.audienceID)
      if work.isFull {
        outcome.keyOwner = try await run.mailchimp.account().owner
        try await askHowItGrew(&outcome, in: run)
      }
    }
    let since = try await since(work, in: run)
    let pages = try await turn(work, since: since, in: run)
    if next.serverStartedAt == nil { next.serverStartedAt = pages.first?.page.serverTime }
    var members: [Member] = []
    for (offset, page) in pages where !next.place.isOver {
      // What does not follow on is read again, and with it what came after.
      guard let fresh = next.place.take(page, at: offset) else { break }
      next.total = page.total
      next.read += fresh.count
      members += page.members
    }
    try await absorb(members.latest, into: &outcome, in: run)
    outcome.done += next.read - work.read
    if next.place.isOver {
      next.place = ListingPlace()
      next.total = nil
      if !work.isArchivedPass {
        next.isArchivedPass = true
      } else if work.isFull {
        next.missingAfter = AddressKey("")
      } else {
        try await conclude(next, &outcome, in: run)
        return outcome
      }
    }
    outcome.step = StepReport(StepName.read, nil, output: ["read": .int(Int64(next.read))])
    outcome.next.append(next.message)
    return outcome
  }

  /// A chart is not worth a reading: where Mailchimp does not tell, the reading goes on.
  private func askHowItGrew(
    _ outcome: inout Outcome, in run: FlowRun
  ) async throws(MailchimpError) {
    do throws(MailchimpError) {
      outcome.growth = try await run.mailchimp.growth(of: run.audienceID)
    } catch {
      if case .cancelled = error.fault { throw error }
      outcome.log.append(
        LogLine(
          at: run.time.now(), .debug,
          "How the audience grew could not be read: \(error.problem.sentence)"))
    }
  }

  // MARK: Pages

  private func since(_ work: ReadAudience, in run: FlowRun) async throws(MailchimpError) -> Instant?
  {
    guard !work.isFull else { return nil }
    return try await Setback.wrap { () async throws(Problem) in
      try await run.workspace.read { (reading) throws(Problem) in
        try reading.audiences.progress(of: run.audienceID).polledTo.map { $0 - Self.overlap }
      }
    }
  }

  /// The next pages side by side, with where each was read; the first alone where it is not known
  /// how many there are.
  private func turn(
    _ work: ReadAudience, since: Instant?, in run: FlowRun
  ) async throws(MailchimpError) -> [(offset: Int, page: MemberPage)] {
    let query = MemberQuery(
      changedSince: since, status: work.isArchivedPass ? .archived : nil)
    var pages: [(offset: Int, page: MemberPage)] = []
    var from = work.place.offset
    var total = work.total ?? 0
    if work.total == nil {
      let first = try await run.mailchimp.members(
        of: run.audienceID, query, offset: from, count: Self.page)
      pages = [(from, first)]
      guard first.entries == Self.page, first.total > Self.page else { return pages }
      from += ListingPlace.step
      total = first.total
    }
    let rest = (0..<(Self.pages - pages.count)).map { from + $0 * ListingPlace.step }
      .filter { $0 == from || $0 + ListingPlace.shared < total }
    let others = await sideBySide(rest) { (offset) async throws(MailchimpError) in
      try await run.mailchimp.members(of: run.audienceID, query, offset: offset, count: Self.page)
    }
    for (offset, page) in zip(rest, others) { pages.append((offset, try page.get())) }
    return pages
  }

  // MARK: What they say

  func absorb(
    _ members: [Member], into outcome: inout Outcome, in run: FlowRun
  ) async throws(MailchimpError) {
    let now = run.time.now()
    let known = try await Setback.wrap { () async throws(Problem) in
      try await run.workspace.read { (reading) throws(Problem) in
        try KnownMembers(members, audienceID: run.audienceID, reading)
      }
    }
    for member in members {
      take(known.absorb(member, at: now), in: known, into: &outcome, at: now, run)
      // Where nobody is renamed the one who was there is gone.
      guard let left = known.left(by: member),
        let gone = Reading.missing(left, now: now, evidence: "the contact has another address now")
      else { continue }
      take(gone, in: known, into: &outcome, at: now, run)
    }
  }

  /// What follows from one member goes into the outcome.
  func take(
    _ absorbed: Absorbed, in known: KnownMembers, into outcome: inout Outcome, at now: Instant,
    _ run: FlowRun
  ) {
    let isFirst = known.isFirst
    if known.isAsKnown(absorbed) {
      outcome.seen[absorbed.link.key] = absorbed.link.seenAt
      return
    }
    outcome.links.append(absorbed.link)
    if let from = absorbed.movedFrom {
      outcome.goneLinks.append(from)
      if !isFirst { outcome.next.append(SyncAddress.message(from, at: now)) }
      // Who stands behind it stands elsewhere here; their address is compared too.
      for key in absorbed.link.owner.flatMap({ known.addresses[$0] }) ?? [] where !isFirst {
        outcome.next.append(SyncAddress.message(key, at: now))
      }
    }
    if let suppression = absorbed.suppression { outcome.suppressions.append(suppression) }
    if absorbed.liftsSuppression { outcome.lifted.append(absorbed.link.key) }
    if let entry = absorbed.consent { outcome.consent.append(entry) }
    if let back = absorbed.consentBack { outcome.consentBack[absorbed.link.key] = back }
    if let row = absorbed.outcome {
      if !isFirst { outcome.rows.append(row) }
      switch row.result {
      case .suppressed where absorbed.link.status == .unsubscribed:
        outcome.counts.unsubscribed += isFirst ? 0 : 1
      case .suppressed where absorbed.link.status == .archived:
        outcome.counts.archived += isFirst ? 0 : 1
      case .suppressed where absorbed.link.status == nil:
        outcome.counts.deleted += isFirst ? 0 : 1
      case .unsubscribed: outcome.counts.unsubscribed += isFirst ? 0 : 1
      case .archived: outcome.counts.archived += isFirst ? 0 : 1
      case .created: outcome.counts.created += isFirst ? 0 : 1
      // Counted where it is taken or written over.
      case .skipped: outcome.hasNoticed = outcome.hasNoticed || !isFirst
      default: outcome.counts.updated += isFirst ? 0 : 1
      }
    }
    // Before the first sync the survey looks at everybody anyway.
    let isArrival = absorbed.isArrival && run.settings[Settings.arrivals] == .add
    if absorbed.needsPlan || isArrival, !isFirst {
      outcome.next.append(SyncAddress.message(absorbed.link.key, at: now))
    }
  }

  // MARK: Who is gone

  /// Who was there and was not shown: asked for one by one, because a page may have been turned under
  /// us, and "gone" has consequences.
  private func askForMissing(
    _ work: ReadAudience, in run: FlowRun
  ) async throws(MailchimpError) -> Outcome {
    var outcome = Outcome()
    var next = work
    let now = run.time.now()
    let (missing, known) = try await Setback.wrap { () async throws(Problem) in
      try await run.workspace.read { (reading) throws(Problem) in
        (
          try reading.links.unseen(
            run.audienceID, since: work.startedAt, after: work.missingAfter, limit: Self.window),
          try KnownMembers([], audienceID: run.audienceID, reading)
        )
      }
    }
    var found = try await present(missing, in: run)
    if work.missingAfter == AddressKey("") { try await guardLoss(work, found.count, in: run) }
    // A contact whose new address has a link of its own left this one behind: an addition of ours met
    // it there, and took it for the one it added.
    let taken = try await Setback.wrap { [found] () async throws(Problem) in
      try await run.workspace.read { (reading) throws(Problem) in
        try reading.links.links(run.audienceID, at: found.values.map { AddressKey($0.email) })
      }
    }
    for link in missing {
      if let member = found[link.key], AddressKey(member.email) != link.key,
        taken[AddressKey(member.email)]?.status != nil
      {
        found[link.key] = nil
      }
      if found[link.key] == nil, let absorbed = Reading.missing(link, now: now) {
        take(absorbed, in: known, into: &outcome, at: now, run)
      }
    }
    try await absorb(Array(found.values), into: &outcome, in: run)
    guard missing.count == Self.window, let last = missing.last?.key else {
      try await conclude(work, &outcome, in: run)
      return outcome
    }
    next.missingAfter = last
    outcome.ending = .goesOn
    outcome.step = StepReport(StepName.read, nil, output: ["read": .int(Int64(next.read))])
    outcome.next.append(next.message)
    return outcome
  }

  /// Nobody is taken for deleted where more are gone than the guard lets pass: another account behind
  /// the address, or an audience emptied by mistake, would bar everybody here for ever.
  private func guardLoss(
    _ work: ReadAudience, _ found: Int, in run: FlowRun
  ) async throws(MailchimpError) {
    guard !work.letsGo, work.then != .approved else { return }
    let (known, unseen) = try await Setback.wrap { () async throws(Problem) in
      try await run.workspace.read { (reading) throws(Problem) in
        try reading.links.presence(run.audienceID, since: work.startedAt)
      }
    }
    let judge = Guard(run.settings, isFirstSync: false, isApproved: false)
    guard unseen - found > judge.limit(of: known) else { return }
    throw MailchimpError(
      Problem(
        "mailchimp.many-gone",
        "\(unseen - found) of \(known) contacts are not in the audience any more; nothing was taken "
          + "over from that.",
        remedy: "Look at the audience at Mailchimp. If they were deleted on purpose, say so with "
          + "`listkeeper sync --approve latest` or a larger guard.people; they are suppressed then.",
        fields: ["gone": String(unseen - found)]),
      .everyone(.manyGone))
  }

  // MARK: The end of a reading

  private func conclude(
    _ work: ReadAudience, _ outcome: inout Outcome, in run: FlowRun
  ) async throws(MailchimpError) {
    let now = run.time.now()
    var progress = try await Setback.wrap { () async throws(Problem) in
      try await run.workspace.read { (reading) throws(Problem) in
        try reading.audiences.progress(of: run.audienceID)
      }
    }
    if work.isFull { progress.readAt = now }
    progress.polledTo = work.serverStartedAt ?? now
    outcome.progress = progress
    outcome.step = StepReport(
      StepName.read, .succeeded,
      output: ["read": .int(Int64(work.read)), "full": .bool(work.isFull)])
    outcome.log.append(
      LogLine(
        at: now, .info,
        work.isFull
          ? "Read the whole audience: \(work.read) contacts."
          : "Read what changed at Mailchimp: \(work.read) contacts."))
    if let mode = work.then {
      // The dispatcher makes the plan's row when it enqueues the survey.
      outcome.surveys = mode
      outcome.ending = .goesOn
    } else {
      outcome.ending = .finishes
    }
  }
}

extension PullMembers {
  /// The member behind a link, nil when there is none any more. Who changed the address meanwhile is
  /// found by the contact id, which stays.
  func present(_ link: Link, in run: FlowRun) async throws(MailchimpError) -> Member? {
    let follows = run.settings[Settings.addressChange] == .rename
    let ids = [
      link.memberID ?? Digest.md5(link.key.description.utf8), follows ? link.contactID : nil,
    ]
    for id in ids {
      guard let id else { continue }
      do throws(MailchimpError) {
        return try await run.mailchimp.member(id, of: run.audienceID)
      } catch {
        guard error.fault == .person(.notThere) else { throw error }
      }
    }
    return nil
  }
}

extension PullMembers {
  /// The same of many, side by side, by the addresses they had.
  func present(
    _ links: [Link], in run: FlowRun
  ) async throws(MailchimpError) -> [AddressKey: Member] {
    let answers = await sideBySide(links) { (link) async throws(MailchimpError) in
      try await present(link, in: run)
    }
    var members: [AddressKey: Member] = [:]
    for (link, answer) in zip(links, answers) {
      if let member = try answer.get() { members[link.key] = member }
    }
    return members
  }

  /// The same, also where no answer has told the contact id yet: a contact sent in bulk whose address
  /// was changed before anything read it is among those that changed since, by its web id.
  func found(
    _ links: [Link], in run: FlowRun
  ) async throws(MailchimpError) -> [AddressKey: Member] {
    var found = try await present(links, in: run)
    guard run.settings[Settings.addressChange] == .rename else { return found }
    let left = links.filter {
      found[$0.key] == nil && $0.contactID == nil && $0.webID != nil && $0.lastChanged != nil
    }
    guard let changed = left.compactMap(\.lastChanged).min() else { return found }
    var keys = Dictionary(left.map { ($0.webID, $0.key) }) { first, _ in first }
    let query = MemberQuery(changedSince: changed - Self.overlap)
    var place = ListingPlace()
    while !keys.isEmpty, !place.isOver {
      let offset = place.offset
      let page = try await run.mailchimp.members(of: run.audienceID, query, offset: offset)
      for member in place.take(page, at: offset) ?? [] where member.webID != nil {
        if let key = keys.removeValue(forKey: member.webID) { found[key] = member }
      }
    }
    return found
  }

  func found(_ link: Link, in run: FlowRun) async throws(MailchimpError) -> Member? {
    try await found([link], in: run)[link.key]
  }
}

extension Setback {
  /// A problem of our own on the way through Mailchimp's errors.
  static func wrap<Value>(_ body: () throws(Problem) -> Value) throws(MailchimpError) -> Value {
    do throws(Problem) { return try body() } catch {
      throw MailchimpError(error, .transient(.unreadable, lookFirst: false))
    }
  }

  static func wrap<Value>(
    _ body: () async throws(Problem) -> Value
  ) async throws(MailchimpError) -> Value {
    do throws(Problem) { return try await body() } catch {
      throw MailchimpError(error, .transient(.unreadable, lookFirst: false))
    }
  }
}
