// Tells Mailchimp who gains and who loses a tag, a turn at a time: whether a name is free, who has a
// tag from others, then the changes, one by one where they are few and 500 a call where they are
// many, some calls side by side. What must stay true: nothing is sent for a name that is somebody
// else's, and nobody is told to lose a tag we did not give.

import Basics
import Domain
import Mailchimp
import Queue
import Storage

struct SyncTags: Flow {
  static let kind = FlowKind.tags

  /// Pages of 1000 members a turn, while it is read who holds a tag.
  static let pages = 4

  func handle(_ batch: [Message], in run: FlowRun) async throws(Setback) -> Outcome {
    guard let message = batch.first else { return Outcome() }
    let seen: Seen
    do throws(Problem) {
      seen = try await run.workspace.read { (reading) throws(Problem) in try Seen(run, reading) }
    } catch {
      throw Setback(error)
    }
    var work = TagTelling(run: run, seen: seen)
    do throws(MailchimpError) {
      try await work.tell()
    } catch {
      // What was done before it stays done.
      let setback = Setback(error)
      work.outcome.fates[message.id] = setback.isCancellation ? .givenBack : .again(setback)
      if !setback.isCancellation {
        work.outcome.log.append(
          LogLine(
            at: run.time.now(), .warning, error.problem.description,
            fields: ["code": error.problem.code]))
      }
    }
    return work.outcome
  }

  /// What a turn needs to know.
  struct Seen: Sendable {
    var turn: TagTurn
    var tags: [TagID: KeptTag]
    var changes: [TagChange] = []
    /// Of those to be told, whom we ended.
    var ended: [Link] = []

    init(_ run: FlowRun, _ reading: WorkspaceReading) throws(Problem) {
      let store = reading.tags
      turn = try store.turn(run.audienceID)
      tags = Dictionary(
        try store.tags(of: run.audienceID).map { ($0.id, $0) }, uniquingKeysWith: { a, _ in a })
      // What came up since this was leased is in nobody's hand: it is the next turn's.
      if !run.addresses.isSuperset(of: turn.keys) {
        turn =
          run.addresses.isEmpty ? .rest : try store.turn(run.audienceID, among: run.addresses)
      }
      switch turn {
      case .look(let keys):
        changes = try store.changes(at: keys, in: run.audienceID, checked: false)
      case .single(let keys): changes = try store.changes(at: keys, in: run.audienceID)
      case .bulk(let tag, let keys):
        changes = try store.changes(at: keys, of: tag.id, in: run.audienceID)
      case .settle, .read, .nameBack, .rest: break
      }
      ended = try reading.links.ended(run.audienceID, at: Set(changes.map(\.key)))
    }
  }
}

/// One turn on its way.
private struct TagTelling {
  let run: FlowRun
  var seen: SyncTags.Seen
  var outcome = Outcome()
  /// Whom we ended, and tell of tags.
  private var tagged: [Link] = []

  init(run: FlowRun, seen: SyncTags.Seen) {
    self.run = run
    self.seen = seen
  }

  mutating func tell() async throws(MailchimpError) {
    outcome.step = StepReport(StepName.tags, nil)
    switch seen.turn {
    case .settle(let tags): try await settle(tags)
    case .read(let tag): try await read(tag)
    case .look: try await look()
    case .single:
      try await lookFirst()
      try await sendSingly()
      try await lookAfter()
    case .bulk(let tag, _):
      try await lookFirst()
      try await sendTogether(tag)
      try await lookAfter()
    case .nameBack(let tag): try await nameBack(tag)
    case .rest: break
    }
  }

  private mutating func log(_ level: LogLevel, _ sentence: String) {
    outcome.log.append(LogLine(at: run.time.now(), level, sentence))
  }

  // MARK: Names

  /// First it is looked whether a name is free, and that is written down; then the tag is made. A
  /// tag that is there after that was made by us, also where we did not hear the answer.
  private mutating func settle(_ tags: [KeptTag]) async throws(MailchimpError) {
    let names = try await lookAtNames()
    for tag in tags {
      switch names.segment(named: tag) {
      case let segment? where names.isOursAlready(segment, besides: tag):
        outcome.tags.append(.taken(tag.id, segment: segment))
        outcome.log.append(TagNames.taken(tag, at: run.time.now()))
      case let segment? where tag.isFree: outcome.tags.append(.made(tag.id, segment: segment))
      case let segment? where tag.adopts:
        outcome.tags.append(.adopted(tag.id, segment: segment))
        log(.info, "The tag '\(tag.name)' is taken over; who holds it is read.")
      case let segment?:
        outcome.tags.append(.taken(tag.id, segment: segment))
        outcome.log.append(TagNames.taken(tag, at: run.time.now()))
      case nil where tag.isFree: try await make(tag)
      case nil: outcome.tags.append(.free(tag.id))
      }
    }
  }

  /// The tags of the audience; what is news of ours is noted.
  private mutating func lookAtNames() async throws(MailchimpError) -> TagNames {
    let ours = Array(seen.tags.values)
    let names = TagNames(
      there: try await run.mailchimp.tags(of: run.audienceID), ours: ours)
    let known = ours.filter { $0.segmentID != nil }.sorted { $0.id < $1.id }
    let news = names.news(of: known, at: run.time.now())
    outcome.tags += news.findings
    outcome.log += news.log
    return names
  }

  private mutating func nameBack(_ tag: KeptTag) async throws(MailchimpError) {
    do throws(MailchimpError) {
      let run = run
      let finding = try await about(tag) { (segment) async throws(MailchimpError) in
        try await run.mailchimp.renameTag(segment, to: tag.name, in: run.audienceID)
        return .named(tag.id, tag.name)
      }
      take(finding, of: tag)
      if finding != .vanished(tag.id) { log(.info, "The tag is called '\(tag.name)' again.") }
    } catch {
      guard case .person = error.fault else { throw error }
      let detail = error.problem.fields["detail"] ?? ""
      let problem = Problem(
        "mailchimp.tag-refused",
        "Mailchimp does not call the tag '\(tag.name)' again"
          + (detail.isEmpty ? "." : ": \(detail)"),
        remedy: "Adopt its name, or call ours otherwise.", fields: ["tag": tag.name])
      outcome.tags.append(.keepsName(tag.id, problem))
      log(.error, problem.description)
    }
  }

  private mutating func make(_ tag: KeptTag) async throws(MailchimpError) {
    do throws(MailchimpError) {
      let made = try await run.mailchimp.createTag(tag.name, in: run.audienceID)
      outcome.tags.append(.made(tag.id, segment: made.id))
      log(.info, "The tag '\(tag.name)' was made.")
    } catch {
      guard case .person = error.fault else { throw error }
      let detail = error.problem.fields["detail"] ?? ""
      let problem = Problem(
        "mailchimp.tag-refused",
        "Mailchimp does not take '\(tag.name)' as the name of a tag"
          + (detail.isEmpty ? "." : ": \(detail)"),
        remedy: "Call the tag otherwise: `listkeeper searches rename-tag SEARCH NAME`.",
        fields: ["tag": tag.name])
      outcome.tags.append(.unusable(tag.id, problem))
      log(.error, problem.description)
    }
  }

  /// What a call on a tag came to; one that has gone from Mailchimp is made anew.
  private func about(
    _ tag: KeptTag,
    _ call: (Int64) async throws(MailchimpError) -> TagFinding
  ) async throws(MailchimpError) -> TagFinding {
    do throws(MailchimpError) {
      return try await call(tag.segmentID ?? 0)
    } catch {
      guard error.fault == .person(.notThere) else { throw error }
      return .vanished(tag.id)
    }
  }

  private mutating func take(_ finding: TagFinding, of tag: KeptTag) {
    outcome.tags.append(finding)
    if finding == .vanished(tag.id) {
      log(.warning, "The tag '\(tag.name)' was deleted at Mailchimp; it is made anew.")
    }
  }

  // MARK: Who holds it

  private mutating func read(_ tag: KeptTag) async throws(MailchimpError) {
    let run = run
    var place = tag.place
    for _ in 0..<SyncTags.pages {
      let from = place
      let finding = try await about(tag) { (segment) async throws(MailchimpError) in
        let page = try await run.mailchimp.members(
          ofTag: segment, in: run.audienceID, offset: from.offset)
        // Whoever a page shows holds it, also where the page does not follow on.
        var next = ListingPlace(offset: from.offset, tail: from.tail)
        _ = next.take(page, at: from.offset)
        return .holders(
          tag.id, page.members.map { AddressKey($0.email) },
          next: next.isOver ? nil : TagPlace(offset: next.offset, tail: next.tail))
      }
      take(finding, of: tag)
      guard case .holders(_, _, let next?) = finding else { return }
      place = next
    }
  }

  /// Asks for the tags of the few who would gain one.
  private mutating func look() async throws(MailchimpError) {
    var free: [TagID: [AddressKey]] = [:]
    var held: [TagID: [AddressKey]] = [:]
    for (key, changes) in grouped() {
      do throws(MailchimpError) {
        let there = Set(
          try await run.mailchimp.tags(ofMember: changes[0].id, in: run.audienceID).map(\.id))
        for change in changes {
          if let segment = seen.tags[change.tag]?.segmentID, there.contains(segment) {
            held[change.tag, default: []].append(key)
          } else {
            free[change.tag, default: []].append(key)
          }
        }
      } catch {
        guard case .person = error.fault else { throw error }
        refuse(changes, error.problem)
      }
    }
    for tag in Set(free.keys).union(held.keys).sorted() {
      outcome.tags.append(.looked(tag, free: free[tag] ?? [], held: held[tag] ?? []))
    }
  }

  // MARK: Sending

  /// Tags move `last_changed`: whom we ended is looked at before, or that they came back and left
  /// again would stay hidden. Who moved is taken in, and told of tags in a turn of their own.
  private mutating func lookFirst() async throws(MailchimpError) {
    guard !seen.ended.isEmpty else { return }
    let look = try await Look(at: seen.ended, in: run)
    for link in seen.ended {
      guard let absorbed = look.news[link.key] else { continue }
      PullMembers().take(absorbed, in: look.known, into: &outcome, at: run.time.now(), run)
    }
    seen.changes.removeAll { look.news[$0.key] != nil }
    tagged = seen.ended.filter { look.news[$0.key] == nil }
    let intentions = tagged.map { Intention($0, nil) }
    try await Setback.wrap { [run] () async throws(Problem) in try await run.intend(intentions) }
  }

  /// When our tags changed them is read at once: what changes them from here on is not ours.
  private mutating func lookAfter() async throws(MailchimpError) {
    guard !tagged.isEmpty else { return }
    let look = try await Look(at: tagged, in: run)
    for link in tagged {
      guard let member = look.found[link.key] else { continue }
      let now = run.time.now()
      PullMembers().take(
        look.known.absorb(member, at: now), in: look.known, into: &outcome, at: now, run)
      outcome.tagsSeen.append(link.key)
    }
  }

  /// Single calls name the tags: what they are called is looked at before, so that one that was
  /// renamed there is followed, and one that has gone is not made by the way.
  private mutating func sendSingly() async throws(MailchimpError) {
    let names = try await lookAtNames()
    var told: [TagID: String] = [:]
    for id in Set(seen.changes.map(\.tag)).sorted() {
      guard let tag = seen.tags[id] else { continue }
      told[id] = names.name(of: tag)
      if told[id] == nil { take(.vanished(id), of: tag) }
    }
    for (_, all) in grouped() {
      let changes = all.filter { told[$0.tag] != nil }
      guard let first = changes.first else { continue }
      do throws(MailchimpError) {
        try await run.mailchimp.setTags(
          ofMember: first.id, in: run.audienceID,
          active: changes.filter(\.isGain).compactMap { told[$0.tag] },
          inactive: changes.filter { !$0.isGain }.compactMap { told[$0.tag] })
        succeeded(changes)
      } catch {
        guard case .person = error.fault else { throw error }
        refuse(changes, error.problem)
      }
    }
  }

  /// What one call came to is kept, whatever another one met.
  private mutating func sendTogether(_ tag: KeptTag) async throws(MailchimpError) {
    let calls = calls()
    let answers = await sideBySide(calls) { [run] (changes) async throws(MailchimpError) in
      try await run.mailchimp.changeTag(
        tag.segmentID ?? 0, in: run.audienceID, add: changes.filter(\.isGain).map(\.email),
        remove: changes.filter { !$0.isGain }.map(\.email))
    }
    var (gains, losses) = (0, 0)
    var met: MailchimpError?
    for (changes, answer) in zip(calls, answers) {
      switch answer {
      case .success(let answer):
        let done = take(answer, to: changes, of: tag)
        gains += done.count(where: \.isGain)
        losses += done.count { !$0.isGain }
      case .failure(let error): met = met ?? error
      }
    }
    if gains + losses > 0 {
      log(.info, "Tag '\(tag.name)': \(gains) gained it, \(losses) lost it.")
    }
    if met?.fault == .person(.notThere) { return take(.vanished(tag.id), of: tag) }
    if let met { throw met }
  }

  /// The changes of one tag as its calls take them: so many gains, and so many losses, each.
  private func calls() -> [[TagChange]] {
    let gains = seen.changes.filter(\.isGain)
    let losses = seen.changes.filter { !$0.isGain }
    return stride(from: 0, to: max(gains.count, losses.count), by: KeptTag.chunk).map {
      Array(gains.dropFirst($0).prefix(KeptTag.chunk))
        + losses.dropFirst($0).prefix(KeptTag.chunk)
    }
  }

  /// What was answered to one of these calls; returns those it was done for.
  private mutating func take(
    _ answer: TagBulkAnswer, to changes: [TagChange], of tag: KeptTag
  ) -> [TagChange] {
    let refused = changes.filter { answer.refused[AddressKey($0.email)] != nil }
    let done = changes.filter { answer.refused[AddressKey($0.email)] == nil }
    succeeded(done, of: tag)
    for change in refused {
      refuse(
        [change],
        Problem(
          "mailchimp.tag-not-placed",
          "Mailchimp did not change the tag '\(tag.name)' of this contact: "
            + (answer.refused[AddressKey(change.email)] ?? ""),
          remedy: "It is tried again with the next sync."))
    }
    return done
  }

  // MARK: Answers

  /// By address, in order.
  private func grouped() -> [(key: AddressKey, changes: [TagChange])] {
    Dictionary(grouping: seen.changes, by: \.key).sorted { $0.key < $1.key }
      .map { (key: $0.key, changes: $0.value) }
  }

  private func name(_ change: TagChange) -> String { seen.tags[change.tag]?.name ?? "" }

  /// Of one member.
  private mutating func succeeded(_ changes: [TagChange]) {
    guard let first = changes.first else { return }
    for change in changes {
      outcome.tags.append(
        change.isGain ? .placed(change.tag, [change.key]) : .removed(change.tag, [change.key]))
    }
    told(first, changes)
  }

  /// Of one tag.
  private mutating func succeeded(_ changes: [TagChange], of tag: KeptTag) {
    outcome.tags.append(.placed(tag.id, changes.filter(\.isGain).map(\.key)))
    outcome.tags.append(.removed(tag.id, changes.filter { !$0.isGain }.map(\.key)))
    for change in changes { told(change, [change]) }
  }

  private mutating func told(_ first: TagChange, _ changes: [TagChange]) {
    outcome.counts.updated += 1
    outcome.done += changes.count
    outcome.rows.append(
      RowOutcome(
        person: first.person, key: first.key, result: .updated, reason: "tags",
        changes: changes.map { fieldChange($0) }))
  }

  private mutating func refuse(_ changes: [TagChange], _ problem: Problem) {
    guard let first = changes.first else { return }
    for change in changes { outcome.tags.append(.refused(change.tag, [change.key])) }
    outcome.counts.refused += 1
    outcome.done += changes.count
    outcome.rows.append(
      RowOutcome(
        person: first.person, key: first.key, result: .refused, reason: problem.code,
        sentence: problem.description, changes: changes.map { fieldChange($0) }))
    outcome.log.append(
      LogLine(
        at: run.time.now(), .error, problem.description,
        fields: ["address": Text.masked(email: first.key.description), "code": problem.code]))
  }

  private func fieldChange(_ change: TagChange) -> FieldChange {
    FieldChange(tag: name(change), isGain: change.isGain)
  }
}
