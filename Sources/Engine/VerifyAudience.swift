// Compares the directory with the audience and writes down what differs. What must stay true: it
// changes nothing, at Mailchimp or in links; memory stays flat whatever the number of people; one
// that was interrupted goes on where it was. A repair alone takes in what it reads, as a poll does,
// before its addresses are planned.

import Basics
import Domain
import Mailchimp
import Queue
import Storage

package struct VerifyAudience: Flow {
  package static let kind = FlowKind.verification

  /// The most random addresses: each costs a call.
  package static let mostSampled = 1000
  /// Addresses read one by one in a turn.
  static let turn = 50
  static let step = "Verify"

  package func handle(
    _ batch: [Message], in run: FlowRun
  ) async throws(Setback) -> Outcome {
    guard let message = batch.first else { return Outcome() }
    do throws(MailchimpError) {
      let work = try Setback.wrap { () throws(Problem) in try VerifyWork(message) }
      switch work.phase {
      case .contacts, .archived: return try await page(work, in: run)
      case .directory: return try await window(work, in: run)
      case .people: return try await people(work, in: run)
      case .sample: return try await sample(work, in: run)
      case .repair: return try await repair(work, in: run)
      }
    } catch {
      throw Setback(error)
    }
  }

  private func goOn(
    _ next: VerifyWork, _ outcome: inout Outcome, in run: FlowRun
  ) {
    outcome.ending = .goesOn
    outcome.step = StepReport(Self.step, nil, output: next.totals.json)
    outcome.next = [next.message(at: run.time.now())]
  }

  // MARK: Everybody

  /// The next pages of the audience against the people at their addresses.
  private func page(_ work: VerifyWork, in run: FlowRun) async throws(MailchimpError) -> Outcome {
    var outcome = Outcome()
    var next = work
    let isFirst = work.phase == .contacts && work.place == ListingPlace()
    if isFirst {
      outcome.audience = try await run.mailchimp.audience(run.audienceID)
      outcome.mergeFields = try await run.mailchimp.mergeFields(of: run.audienceID)
      outcome.total = try await read(run) { (reading) throws(Problem) in
        try reading.candidates.surveySize()
      }
    }
    let page = try await run.mailchimp.members(
      of: run.audienceID, MemberQuery(status: work.phase == .archived ? .archived : nil),
      offset: work.place.offset)
    if isFirst { try await lookAtTagNames(&outcome, in: run) }
    let fields = outcome.mergeFields
    let fresh = next.place.take(page, at: work.place.offset) ?? []
    let members = try await withAllTags(
      Dictionary(fresh.map { (AddressKey($0.email), $0) }) { first, _ in first }, in: run)
    let (keys, verified) = try await read(run) { (reading) throws(Problem) in
      let known = try KnownMembers(
        Array(members.values), audienceID: run.audienceID, reading)
      var byKey: [AddressKey: Member] = [:]
      for member in members.values { byKey[known.place(of: member)] = member }
      for key in try reading.drifts.shown(to: run.execution, among: Array(byKey.keys)) {
        byKey[key] = nil
      }
      let keys = byKey.keys.sorted()
      return (keys, try compare(keys, byKey, fields, run, reading))
    }
    take(verified, into: &outcome, &next.totals)
    outcome.shown = keys
    if next.place.isOver {
      next.place = ListingPlace()
      next.phase = work.phase == .contacts ? .archived : .directory
    }
    goOn(next, &outcome, in: run)
    return outcome
  }

  /// The next addresses of the directory that no page has shown. Those Mailchimp had before are
  /// asked for one by one: a page may have been turned under us.
  private func window(
    _ work: VerifyWork, in run: FlowRun
  ) async throws(MailchimpError) -> Outcome {
    let (keys, hidden, links) = try await read(run) { (reading) throws(Problem) in
      let keys = try reading.candidates.keys(
        after: work.after, limit: Survey.window, audienceID: run.audienceID)
      let shown = try reading.drifts.shown(to: run.execution, among: keys)
      let hidden = keys.filter { !shown.contains($0) }
      return (keys, hidden, try reading.links.links(run.audienceID, at: hidden))
    }
    let present = try await withAllTags(
      PullMembers().present(
        hidden.compactMap { links[$0] }.filter { $0.status != nil }, in: run), in: run)
    var next = work
    var outcome = Outcome()
    let verified = try await read(run) { (reading) throws(Problem) in
      try compare(hidden, present, nil, run, reading)
    }
    take(verified, into: &outcome, &next.totals)
    outcome.shown = present.keys.sorted()
    next.after = keys.last ?? work.after
    if keys.count < Survey.window {
      next.phase = .people
      next.person = PersonID(0)
    }
    goOn(next, &outcome, in: run)
    return outcome
  }

  /// People who stand at no address are excluded, with their reason.
  private func people(
    _ work: VerifyWork, in run: FlowRun
  ) async throws(MailchimpError) -> Outcome {
    let people = try await read(run) { (reading) throws(Problem) in
      try reading.candidates.withoutAddress(
        after: work.person, limit: Survey.window, policy: RecipientPolicy(run.settings))
    }
    var outcome = Outcome()
    var next = work
    let withoutAddress = people.count { Recipients.addressKey(of: $0) == nil }
    next.totals.excluded += withoutAddress
    outcome.counts.excluded += withoutAddress
    outcome.done = people.count
    next.person = people.last?.person.id
    if people.count < Survey.window {
      conclude(next, &outcome, in: run)
    } else {
      goOn(next, &outcome, in: run)
    }
    return outcome
  }

  private func conclude(_ work: VerifyWork, _ outcome: inout Outcome, in run: FlowRun) {
    let totals = work.totals
    outcome.verified = VerificationEnd(sample: work.sample, totals: totals)
    outcome.ending = .finishes
    outcome.step = StepReport(Self.step, .succeeded, output: totals.json)
    outcome.log.append(
      LogLine(at: run.time.now(), totals.differences == 0 ? .info : .warning, totals.sentence))
  }

  // MARK: A sample

  private func sample(
    _ work: VerifyWork, in run: FlowRun
  ) async throws(MailchimpError) -> Outcome {
    var next = work
    var outcome = Outcome()
    var left = work.left ?? []
    if work.left == nil {
      outcome.audience = try await run.mailchimp.audience(run.audienceID)
      outcome.mergeFields = try await run.mailchimp.mergeFields(of: run.audienceID)
      try await lookAtTagNames(&outcome, in: run)
      left = try await read(run) { (reading) throws(Problem) in
        try reading.drifts.sample(
          work.sample ?? 1, seed: work.seed, audienceID: run.audienceID)
      }
      outcome.total = left.count
    }
    let keys = Array(left.prefix(Self.turn)).sorted()
    let fields = outcome.mergeFields
    let links = try await read(run) { (reading) throws(Problem) in
      try reading.links.links(run.audienceID, at: keys)
    }
    let present = try await members(keys, links, in: run)
    let verified = try await read(run) { (reading) throws(Problem) in
      try compare(keys, present, fields, run, reading)
    }
    take(verified, into: &outcome, &next.totals)
    outcome.shown = keys
    outcome.done = keys.count
    next.left = Array(left.dropFirst(Self.turn))
    if next.left?.isEmpty ?? true {
      conclude(next, &outcome, in: run)
    } else {
      goOn(next, &outcome, in: run)
    }
    return outcome
  }

  // MARK: A repair

  /// Reads the next addresses of a repair as a poll would, and forgets what was agreed there, so
  /// that all of them are planned again.
  private func repair(
    _ work: VerifyWork, in run: FlowRun
  ) async throws(MailchimpError) -> Outcome {
    var outcome = Outcome()
    var next = work
    let (keys, links) = try await read(run) { (reading) throws(Problem) in
      let keys = try reading.drifts.keys(
        inRepair: work.execution, after: work.after, limit: Self.turn)
      return (keys, try reading.links.links(run.audienceID, at: keys))
    }
    let present = try await members(keys, links, in: run)
    let found = Array(present.values)
    let known = try await read(run) { (reading) throws(Problem) in
      try KnownMembers(found, audienceID: run.audienceID, reading)
    }
    let now = run.time.now()
    for key in keys {
      let absorbed: Absorbed?
      if let member = present[key] {
        absorbed = known.absorb(member, at: now)
      } else {
        absorbed = links[key].flatMap { Reading.missing($0, now: now) }
      }
      guard var link = absorbed?.link ?? links[key] else { continue }
      link.digest = nil
      outcome.links.append(link)
      guard let absorbed else { continue }
      if let suppression = absorbed.suppression { outcome.suppressions.append(suppression) }
      if absorbed.liftsSuppression { outcome.lifted.append(link.key) }
      if let entry = absorbed.consent { outcome.consent.append(entry) }
      if let back = absorbed.consentBack { outcome.consentBack[link.key] = back }
      if let from = absorbed.movedFrom { outcome.goneLinks.append(from) }
      if let row = absorbed.outcome { outcome.rows.append(row) }
    }
    next.after = keys.last ?? work.after
    outcome.ending = .goesOn
    outcome.step = StepReport(StepName.read, keys.count < Self.turn ? .succeeded : nil)
    if keys.count < Self.turn, let plan = work.plan {
      var survey = SurveyWork(execution: work.execution, plan: plan, mode: .sync)
      survey.reach = .repair
      outcome.next = [survey.message(at: now)]
    } else {
      outcome.next = [next.message(at: now)]
    }
    return outcome
  }

  // MARK: Both sides

  /// The members of these addresses, read one by one, also where their contacts have others by now;
  /// who is not there is left out.
  private func members(
    _ keys: [AddressKey], _ links: [AddressKey: Link], in run: FlowRun
  ) async throws(MailchimpError) -> [AddressKey: Member] {
    try await withAllTags(
      PullMembers().found(
        keys.map {
          links[$0] ?? Link(audienceID: run.audienceID, key: $0, email: $0.description)
        }, in: run), in: run)
  }

  /// A member shows fifty tags; of who has as many, all are read, where we keep any.
  private func withAllTags(
    _ members: [AddressKey: Member], in run: FlowRun
  ) async throws(MailchimpError) -> [AddressKey: Member] {
    let crowded = members.filter {
      $0.value.tagIDs.count >= Member.mostTagsShown && $0.value.status.isTagged
    }
    guard !crowded.isEmpty, try await !keptTags(run).isEmpty else { return members }
    var members = members
    for (key, member) in crowded {
      let tags = try await run.mailchimp.tags(ofMember: member.id, in: run.audienceID)
      members[key]?.tags = tags.map(\.name)
      members[key]?.tagIDs = Set(tags.map(\.id))
    }
    return members
  }

  /// One of our tags may have another name there.
  private func lookAtTagNames(
    _ outcome: inout Outcome, in run: FlowRun
  ) async throws(MailchimpError) {
    let ours = try await keptTags(run).filter { $0.segmentID != nil }
    guard !ours.isEmpty else { return }
    let names = TagNames(there: try await run.mailchimp.tags(of: run.audienceID), ours: ours)
    let news = names.news(of: ours, at: run.time.now())
    outcome.tags += news.findings
    outcome.log += news.log
  }

  private func keptTags(_ run: FlowRun) async throws(MailchimpError) -> [KeptTag] {
    try await read(run) { (reading) throws(Problem) in
      try reading.tags.tags(of: run.audienceID)
    }
  }

  private func compare(
    _ keys: [AddressKey], _ members: [AddressKey: Member], _ fields: [MergeField]?,
    _ run: FlowRun, _ reading: WorkspaceReading
  ) throws(Problem) -> [VerifiedAddress] {
    try Comparison(
      keys, audienceID: run.audienceID, settings: run.settings, mergeFields: fields, reading
    ).verified(members: members, reading)
  }

  private func take(
    _ found: [VerifiedAddress], into outcome: inout Outcome, _ totals: inout VerificationTotals
  ) {
    for verified in found {
      totals += verified.totals
      outcome.counts.unchanged += verified.totals.inStep
      outcome.counts.excluded += verified.totals.excluded
      outcome.done += verified.totals.people
      outcome.drifts += verified.drifts
      if verified.isNews { outcome.wantsPoll = true }
      outcome.rows += verified.drifts.map { drift in
        RowOutcome(
          person: drift.person, key: drift.key, result: .skipped, reason: drift.kind.code,
          sentence: drift.sentence,
          changes: [FieldChange(drift.name, old: drift.theirs, new: drift.ours)])
      }
    }
  }

  private func read<Value: Sendable>(
    _ run: FlowRun, _ body: @escaping @Sendable (WorkspaceReading) throws(Problem) -> Value
  ) async throws(MailchimpError) -> Value {
    try await Setback.wrap { () async throws(Problem) in try await run.workspace.read(body) }
  }
}

extension VerificationTotals {
  /// Both sides with their sums.
  package var sentence: String {
    let kinds = DriftClass.allCases.compactMap { kind in
      drift[kind].flatMap { $0 == 0 ? nil : "\($0) \(kind.rawValue)" }
    }
    let found =
      kinds.isEmpty ? "no differences" : "differences: \(kinds.joined(separator: ", "))"
    return
      "Verified \(people) people: \(inStep) in step, \(different) different, \(waiting) waiting, "
      + "\(excluded) excluded, \(refused) refused; \(contacts) contacts: \(matched) matched, "
      + "\(left) left behind, \(unknown) unknown; \(found)."
  }
}
