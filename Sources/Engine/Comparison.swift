// Some addresses with all that is known of them here, ready to be compared with their members. Loaded
// in a few queries, whatever their number.

import Basics
import Domain
import Queue
import Storage

struct Comparison {
  let groups: AddressGroups
  let planner: SyncPlanner
  private let queued: Set<AddressKey>
  private let refused: Set<PersonID>

  init(
    _ keys: [AddressKey], audienceID: String, settings: SettingValues,
    mergeFields: [MergeField]? = nil, _ access: some WorkspaceAccess
  ) throws(Problem) {
    groups = try AddressGroups(keys, audienceID: audienceID, settings: settings, access)
    planner = try Planning.planner(audienceID, settings, access, mergeFields: mergeFields)
    var queued = try access.drifts.queued(among: keys)
    let changed = try access.drifts.changedPeople(
      among: groups.candidates.values.joined().map(\.person.id))
    for (key, candidates) in groups.candidates
    where candidates.contains(where: { changed.contains($0.person.id) }) {
      queued.insert(key)
    }
    let recipients = groups.resolutions.compactMapValues { $0.recipient?.person.id }
    let standings = try access.drifts.standings(of: Array(recipients.values))
    for (key, person) in recipients where standings.planned.contains(person) {
      queued.insert(key)
    }
    self.queued = queued
    refused = standings.refused
  }

  /// With the tags of each.
  func verified(
    members: [AddressKey: Member], _ access: some WorkspaceAccess
  ) throws(Problem) -> [VerifiedAddress] {
    let tags = try tags(of: members, access)
    return groups.keys.map { key in
      var found = verified(sides(key, member: members[key]))
      if let member = members[key], let owner = groups.links[key]?.owner {
        found.add(tags: tags.drifts(key, owner, holding: member.tagIDs))
      }
      return found
    }
  }

  /// What is known of our tags at these members, as far as they gain and lose any.
  func tags(
    of members: [AddressKey: Member], _ access: some WorkspaceAccess
  ) throws(Problem) -> TagKnowledge {
    var subjects: [AddressKey: PersonID] = [:]
    for (key, member) in members where member.status.isTagged && !queued.contains(key) {
      guard let link = groups.links[key], link.status?.isTagged ?? false else { continue }
      subjects[key] = link.owner
    }
    var known = try access.tags.knowledge(groups.audienceID, subjects)
    for tag in known.tags {
      known.onTheWay[tag.id, default: []].formUnion(queued)
    }
    return known
  }

  func sides(_ key: AddressKey, member: Member?) -> AddressSides {
    let resolution = groups.resolutions[key] ?? GroupResolution()
    let people = (groups.candidates[key] ?? []).filter { Recipients.addressKey(of: $0) == key }
    return AddressSides(
      key: key, resolution: resolution, people: Set(people.map(\.person.id)),
      link: groups.links[key], member: member, isQueued: queued.contains(key),
      isRefused: resolution.recipient.map { refused.contains($0.person.id) } ?? false)
  }

  func verified(_ sides: AddressSides) -> VerifiedAddress {
    Verification.compare(sides, audienceID: groups.audienceID) { planned(sides, $0) }
  }

  /// What the planner says of this address for a link.
  func planned(_ sides: AddressSides, _ link: Link?) -> Planned {
    planner.plan(
      key: sides.key, resolution: sides.resolution, link: link,
      beside: groups.beside[sides.key] ?? .nothing)
  }

  /// As the link saw it last: what an answer to our own write showed.
  func verifiedAsSeen(_ key: AddressKey) -> VerifiedAddress {
    verified(sides(key, member: groups.links[key].flatMap(Member.init(seenBy:))))
  }
}

extension Member {
  /// Nil where Mailchimp has nobody.
  init?(seenBy link: Link) {
    guard let status = link.status else { return nil }
    self.init(
      id: link.memberID ?? "", email: link.email, status: status, mergeFields: link.seen,
      contactID: link.contactID, lastChanged: link.lastChanged)
    webID = link.webID
  }
}

extension Recorder {
  /// What a verification found; and differences that a push or a repair has closed, by looking at
  /// them once more.
  func saveVerification(
    _ outcome: Outcome, of work: LeasedWork, _ tx: WorkspaceTransaction
  ) throws(Problem) {
    let id = work.execution.id
    let audienceID = work.execution.audienceID ?? ""
    try tx.drifts.show(outcome.shown, to: id)
    try tx.drifts.save(outcome.drifts, of: id, audienceID: audienceID)
    if let end = outcome.verified {
      try tx.drifts.conclude(
        id, audienceID: audienceID, sample: end.sample, totals: end.totals.json)
    }
    var keys: [AddressKey] = []
    if work.kind.isPush {
      keys = outcome.links.map(\.key) + outcome.seen.keys
    } else if case .planned = outcome.ending {
      keys = try tx.drifts.keys(inRepair: id, after: nil, limit: 100_000)
    }
    let open = try tx.drifts.open(audienceID, at: keys)
    guard !open.isEmpty else { return }
    let comparison = try Comparison(
      open, audienceID: audienceID, settings: try tx.settings.values(), tx)
    for key in open {
      try tx.drifts.settle(
        key, remaining: comparison.verifiedAsSeen(key).drifts, audienceID: audienceID)
    }
  }
}
