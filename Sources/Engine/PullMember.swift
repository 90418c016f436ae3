// Looks at the addresses that webhooks named: each member is fetched, and taken in as a reading
// takes it. What must stay true: the truth is what Mailchimp answers now, so order, repetition and
// forgery of deliveries change nothing; a burst costs one listing of what changed, not a call each.

import Basics
import Domain
import Mailchimp
import Queue
import Storage

struct PullMember: Flow {
  static let kind = FlowKind.pullMembers

  /// The most addresses of one piece of work.
  static let batch = 4000
  /// From so many addresses on they are looked for in a listing of what changed.
  static let listFrom = 50

  func handle(_ batch: [Message], in run: FlowRun) async throws(Setback) -> Outcome {
    let keys = batch.map(SyncAddress.key)
    let known = try await Known.load(keys, run)
    var looks: [AddressKey: Look] = [:]
    var asked = keys
    if keys.count >= Self.listFrom {
      do throws(MailchimpError) {
        for member in try await changed(Set(keys), since: known.polledTo, in: run) {
          looks[AddressKey(member.email)] = .there(member)
        }
      } catch {
        throw Setback(error)
      }
      // Who is not shown has not changed, unless they were there and are not any more.
      for key in keys where looks[key] == nil && known.links[key]?.status == nil {
        looks[key] = .nobody
      }
      asked = keys.filter { looks[$0] == nil }
    }
    looks.merge(await single(asked, known, in: run)) { _, new in new }
    return try await concluded(batch, keys, looks, known, in: run)
  }

  /// What a look at one address found.
  private enum Look: Sendable {
    case there(Member)
    /// Was there before, and is not any more.
    case gone(Link)
    /// The contact has another address now.
    case moved(Member)
    case nobody
    case setback(MailchimpError)
  }

  /// What the workspace knew when the look began.
  private struct Known: Sendable {
    var links: [AddressKey: Link]
    var evidence: [AddressKey: String]
    var polledTo: Instant?
    var lastDelivery: DeliveryID

    static func load(_ keys: [AddressKey], _ run: FlowRun) async throws(Setback) -> Known {
      do throws(Problem) {
        return try await run.workspace.read { (reading) throws(Problem) in
          Known(
            links: try reading.links.links(run.audienceID, at: keys),
            evidence: try reading.webhooks.evidence(keys),
            polledTo: try reading.audiences.progress(of: run.audienceID).polledTo,
            lastDelivery: try reading.webhooks.lastDelivery())
        }
      } catch {
        throw Setback(error)
      }
    }
  }

  // MARK: Looking

  /// Those of `keys` that changed since the last poll, archived ones too. The cursor stays: others
  /// changed as well, and are the poll's.
  private func changed(
    _ keys: Set<AddressKey>, since polledTo: Instant?, in run: FlowRun
  ) async throws(MailchimpError) -> [Member] {
    var found: [Member] = []
    for status: MemberStatus? in [nil, .archived] {
      let query = MemberQuery(
        changedSince: polledTo.map { $0 - PullMembers.overlap }, status: status)
      found += try await run.members(query).filter { keys.contains(AddressKey($0.email)) }
    }
    return found
  }

  private func single(
    _ keys: [AddressKey], _ known: Known, in run: FlowRun
  ) async -> [AddressKey: Look] {
    await withTaskGroup(of: (AddressKey, Look).self) { group in
      for key in keys {
        group.addTask { (key, await look(at: key, known.links[key], in: run)) }
      }
      var found: [AddressKey: Look] = [:]
      for await (key, look) in group { found[key] = look }
      return found
    }
  }

  private func look(at key: AddressKey, _ link: Link?, in run: FlowRun) async -> Look {
    do throws(MailchimpError) {
      let id = link?.memberID ?? Digest.md5(key.description.utf8)
      if let member = try await member(id, in: run) {
        return AddressKey(member.email) == key ? .there(member) : .moved(member)
      }
      guard let link, link.status != nil else { return .nobody }
      // The contact stays the same where only its address was changed.
      if let member = try await PullMembers().found(link, in: run) {
        return AddressKey(member.email) == key ? .there(member) : .moved(member)
      }
      return .gone(link)
    } catch {
      return .setback(error)
    }
  }

  /// Nil where the audience is there and the member is not.
  private func member(_ id: String, in run: FlowRun) async throws(MailchimpError) -> Member? {
    do throws(MailchimpError) {
      return try await run.mailchimp.member(id, of: run.audienceID)
    } catch {
      if error.fault == .person(.notThere) { return nil }
      throw error
    }
  }

  // MARK: What it means

  private func concluded(
    _ batch: [Message], _ keys: [AddressKey], _ looks: [AddressKey: Look], _ known: Known,
    in run: FlowRun
  ) async throws(Setback) -> Outcome {
    var outcome = Outcome()
    let now = run.time.now()
    let reading = PullMembers()
    let inHand = Set(keys)
    var members: [Member] = []
    var setbacks: [AddressKey: Setback] = [:]
    for key in keys {
      switch looks[key] {
      case .there(let member): members.append(member)
      case .gone(let link):
        if let absorbed = Reading.missing(link, now: now) {
          let known = KnownMembers(audienceID: run.audienceID, isFirst: false)
          reading.take(absorbed, in: known, into: &outcome, at: now, run)
        }
      case .moved(let member):
        // A delivery names both addresses, as a rule; else it is the poll's, which has all in hand.
        if !inHand.contains(AddressKey(member.email)) { outcome.wantsPoll = true }
      case .setback(let error): setbacks[key] = Setback(error)
      case .nobody, nil: break
      }
    }
    let those = members
    var met: KnownMembers
    do throws(Problem) {
      met = try await run.workspace.read { (reading) throws(Problem) in
        try KnownMembers(those, audienceID: run.audienceID, reading)
      }
    } catch {
      throw Setback(error)
    }
    met.tellNews()
    for member in members {
      let absorbed = met.absorb(member, at: now)
      if let from = absorbed.movedFrom, !inHand.contains(from) {
        outcome.wantsPoll = true
      } else {
        reading.take(absorbed, in: met, into: &outcome, at: now, run)
      }
    }
    for member in members where member.status == .cleaned {
      complained(member, &outcome, known, at: now)
    }
    testify(&outcome, known)
    let changed = changedKeys(outcome, known)
    let done = keys.filter { setbacks[$0] == nil }
    outcome.counts.unchanged += done.count { !changed.contains($0) }
    outcome.done = done.count
    outcome.webhookLooks = done.map {
      WebhookLook(key: $0, upTo: known.lastDelivery, changed: changed.contains($0))
    }
    for message in batch {
      if let setback = setbacks[SyncAddress.key(message)] {
        outcome.fates[message.id] = setback.isCancellation ? .givenBack : .again(setback)
      }
    }
    if let first = setbacks.values.first {
      outcome.log.append(
        LogLine(
          at: now, .warning,
          "\(setbacks.count) addresses could not be looked at: \(first.problem.sentence)",
          fields: ["code": first.problem.code]))
    }
    outcome.ending = .finishes
    return outcome
  }

  /// The member's status does not tell a complaint from a bounce, the delivery does, also where a
  /// poll was quicker; a complaint is a refusal.
  private func complained(
    _ member: Member, _ outcome: inout Outcome, _ known: Known, at now: Instant
  ) {
    let key = AddressKey(member.email)
    guard let evidence = known.evidence[key], evidence.hasSuffix("cleaned, abuse") else { return }
    outcome.consentBack[key] = ConsentBack(
      optIn: .no, at: member.lastChanged ?? now, evidence: evidence, isObserved: true)
  }

  /// The ledger says which delivery it was; the member's own words stay behind it.
  private func testify(_ outcome: inout Outcome, _ known: Known) {
    func evidence(_ key: AddressKey, _ old: String) -> String {
      guard let delivery = known.evidence[key] else { return old }
      if old.isEmpty || old == "read by poll" || old.hasPrefix(delivery) {
        return old.hasPrefix(delivery) ? old : delivery
      }
      return "\(delivery); \(old)"
    }
    for index in outcome.consent.indices {
      let entry = outcome.consent[index]
      outcome.consent[index].evidence = evidence(entry.key, entry.evidence)
    }
    for index in outcome.suppressions.indices {
      let suppression = outcome.suppressions[index]
      outcome.suppressions[index].evidence = evidence(suppression.key, suppression.evidence)
    }
    for (key, back) in outcome.consentBack {
      outcome.consentBack[key]?.evidence = evidence(key, back.evidence)
    }
  }

  /// Those about whom the look found something that was not known.
  private func changedKeys(_ outcome: Outcome, _ known: Known) -> Set<AddressKey> {
    var changed = Set(outcome.rows.map(\.key)).union(outcome.goneLinks)
    for link in outcome.links {
      let before = known.links[link.key]
      if before?.status != link.status || before?.seen != link.seen || before?.email != link.email {
        changed.insert(link.key)
      }
    }
    return changed
  }
}
