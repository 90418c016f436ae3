// Verification (product.md §9): the directory and the audience at one address, compared as they are
// now. What must stay true: a difference is what the planner would still have to do if it knew the
// member as just read, or an ending nobody here has seen; so an address just synced has none, and a
// field without a mapping is never one.

import Basics

/// Kinds of differences, in the order in which they are shown.
package enum DriftClass: String, Sendable, CaseIterable {
  case missingThere = "missing there"
  /// A contact nobody here stands behind (*unknown*, left alone).
  case missingHere = "missing here"
  case status
  case field
  /// A tag of ours that is gone, or one that is there too much.
  case tag

  /// As row outcomes and searches have it.
  package var code: String { rawValue.replacing(" ", with: "-") }
}

/// One difference between directory and audience.
package struct Drift: Sendable, Equatable {
  package var key: AddressKey
  package var person: PersonID?
  package var kind: DriftClass
  /// The merge tag, `status`, or the tag.
  package var name: String
  package var ours: MergeValue
  package var theirs: MergeValue

  package init(
    key: AddressKey, person: PersonID?, kind: DriftClass, name: String, ours: MergeValue,
    theirs: MergeValue
  ) {
    self.key = key
    self.person = person
    self.kind = kind
    self.name = name
    self.ours = ours
    self.theirs = theirs
  }

  /// What it says, without the address.
  package var sentence: String {
    switch kind {
    case .missingThere: "Missing at Mailchimp."
    case .missingHere: "Nobody here stands behind this contact."
    case .status: "Here \(said(ours)), at Mailchimp \(said(theirs))."
    case .field: "\(name) is \(said(ours)) here and \(said(theirs)) at Mailchimp."
    case .tag:
      ours.isEmpty
        ? "The tag '\(name)' is held because of us, and is not to be held any more."
        : "The tag '\(name)' is to be held, and is not."
    }
  }

  private func said(_ value: MergeValue) -> String {
    kind == .status
      ? (value.isEmpty ? "nothing" : value.plainText)
      : (value.isEmpty ? "empty" : "'\(value.plainText)'")
  }
}

/// What a verification counted; both sides add up by themselves.
package struct VerificationTotals: Sendable, Equatable {
  // The people of the directory, each once.
  package var inStep = 0
  /// Recipients at whose address something differs.
  package var different = 0
  package var waiting = 0
  package var excluded = 0
  package var refused = 0

  /// The contacts of the audience by their status.
  package var members: [MemberStatus: Int] = [:]
  // The same contacts by who stands behind them.
  package var matched = 0
  /// Somebody stood behind them once.
  package var left = 0
  package var unknown = 0

  /// Recipients Mailchimp does not have.
  package var missingThere = 0
  /// Differences by their kind.
  package var drift: [DriftClass: Int] = [:]

  package init() {}

  package var people: Int { inStep + different + waiting + excluded + refused }
  package var contacts: Int { members.values.reduce(0, +) }
  package var differences: Int { drift.values.reduce(0, +) }

  package static func += (a: inout Self, b: Self) {
    a.inStep += b.inStep
    a.different += b.different
    a.waiting += b.waiting
    a.excluded += b.excluded
    a.refused += b.refused
    a.members.merge(b.members, uniquingKeysWith: +)
    a.matched += b.matched
    a.left += b.left
    a.unknown += b.unknown
    a.missingThere += b.missingThere
    a.drift.merge(b.drift, uniquingKeysWith: +)
  }
}

/// One address as a verification found it.
package struct VerifiedAddress: Sendable, Equatable {
  package var drifts: [Drift] = []
  package var totals = VerificationTotals()
  /// They confirmed, or have another address there, and nobody here has seen it yet: no difference,
  /// but a reading is due.
  package var isNews = false

  package init() {}

  /// Adds what differs in tags: somebody who was in step but for them is different.
  package mutating func add(tags: [Drift]) {
    guard !tags.isEmpty else { return }
    drifts += tags
    totals.drift[.tag, default: 0] += tags.count
    totals.different += totals.inStep
    totals.inStep = 0
  }
}

/// The two sides of one address.
package struct AddressSides: Sendable {
  package var key: AddressKey
  package var resolution: GroupResolution
  /// The people who belong to this address and no other, whatever the rules say of them.
  package var people: Set<PersonID>
  package var link: Link?
  /// As just read; nil where Mailchimp has nobody of this address. The contact of the link may have
  /// another one by now.
  package var member: Member?
  /// Something about this address waits in the queue: it is not a difference but on its way.
  package var isQueued: Bool
  /// The last try was refused and the reason stands.
  package var isRefused: Bool

  package init(
    key: AddressKey, resolution: GroupResolution, people: Set<PersonID>, link: Link?,
    member: Member?, isQueued: Bool = false, isRefused: Bool = false
  ) {
    self.key = key
    self.resolution = resolution
    self.people = people
    self.link = link
    self.member = member
    self.isQueued = isQueued
    self.isRefused = isRefused
  }

  /// The address was changed there, and nobody here has seen it yet.
  var isMoved: Bool { member.map { AddressKey($0.email) != key } ?? false }
}

package enum Verification {
  /// Compares one address. `plan` is what the planner says about it for a link.
  package static func compare(
    _ sides: AddressSides, audienceID: String, plan: (Link?) -> Planned
  ) -> VerifiedAddress {
    var found = VerifiedAddress()
    let isUnknown = isUnknown(sides)
    count(sides, isUnknown: isUnknown, into: &found.totals)
    if isUnknown {
      // Who is archived is on no list any more.
      if let member = sides.member, member.status != .archived {
        found.drifts = [
          Drift(
            key: sides.key, person: nil, kind: .missingHere, name: "status", ours: .empty,
            theirs: .text(member.status.rawValue))
        ]
        found.totals.drift = [.missingHere: 1]
      }
      return found
    }
    let recipient = sides.resolution.recipient?.person.id
    if sides.isQueued || sides.isMoved {
      if recipient != nil { found.totals.waiting += 1 }
      found.isNews = sides.isMoved
      return found
    }
    let planned = plan(present(sides, audienceID: audienceID))
    switch planned {
    case .refused:
      found.totals.refused += recipient == nil ? 0 : 1
      found.drifts = unseenEnding(sides)
    case .waiting:
      found.totals.waiting += recipient == nil ? 0 : 1
      found.drifts = unseenEnding(sides)
    case .inStep:
      found.totals.inStep += recipient == nil ? 0 : 1
      found.isNews = sides.link?.status == .pending && sides.member?.status == .subscribed
    case .unconfirmed: found.totals.waiting += recipient == nil ? 0 : 1
    case .excluded: found.drifts = unseenEnding(sides)
    case .barred:
      found.totals.excluded += recipient == nil ? 0 : 1
      found.drifts = unseenEnding(sides)
    // Both values wait for a decision in Review already.
    case .conflicted: found.totals.waiting += recipient == nil ? 0 : 1
    case .row where sides.isRefused: found.totals.refused += recipient == nil ? 0 : 1
    case .row(let row):
      found.drifts = drifts(row, sides)
      let isMissing = found.drifts.contains { $0.kind == .missingThere }
      found.totals.missingThere += isMissing ? 1 : 0
      found.totals.different += recipient == nil ? 0 : 1
    }
    for drift in found.drifts { found.totals.drift[drift.kind, default: 0] += 1 }
    return found
  }

  /// A contact nobody here stands behind or ever stood behind.
  private static func isUnknown(_ sides: AddressSides) -> Bool {
    let resolution = sides.resolution
    return resolution.recipient == nil && resolution.stopped == nil
      && resolution.exclusions.isEmpty && sides.link?.owner == nil
  }

  private static func count(
    _ sides: AddressSides, isUnknown: Bool, into totals: inout VerificationTotals
  ) {
    let resolution = sides.resolution
    let excluded = resolution.exclusions.filter { sides.people.contains($0.person) }
    totals.excluded = excluded.count
    guard let member = sides.member else { return }
    totals.members = [member.status: 1]
    let stands = resolution.recipient != nil || !resolution.exclusions.isEmpty
    totals.unknown = isUnknown ? 1 : 0
    totals.matched = stands ? 1 : 0
    totals.left = isUnknown || stands ? 0 : 1
  }

  /// The link as it would be had it seen the member; where it has seen just this, as it is.
  package static func present(_ sides: AddressSides, audienceID: String) -> Link? {
    guard let member = sides.member else {
      guard var link = sides.link, link.status != nil else { return sides.link }
      link.status = nil
      link.seen = [:]
      link.digest = nil
      return link
    }
    var link =
      sides.link ?? Link(audienceID: audienceID, key: sides.key, email: member.email)
    let moved =
      link.status != member.status
      || member.mergeFields.contains { !$1.agrees(with: link.seen[$0] ?? .empty) }
    if link.status != member.status { link.endedByUs = false }
    link.status = member.status
    link.seen = member.mergeFields
    link.lastChanged = member.lastChanged ?? link.lastChanged
    if moved { link.digest = nil }
    return link
  }

  /// A status other than the one known here is a difference, whatever the planner makes of it: an
  /// ending that was not seen yet, or somebody who came back.
  private static func unseenEnding(_ sides: AddressSides) -> [Drift] {
    guard let known = sides.link?.status, known != sides.member?.status else { return [] }
    return [
      Drift(
        key: sides.key, person: person(sides), kind: .status, name: "status",
        ours: .text(known.rawValue), theirs: .text(sides.member?.status.rawValue ?? ""))
    ]
  }

  private static func person(_ sides: AddressSides) -> PersonID? {
    sides.resolution.recipient?.person.id ?? sides.resolution.stopped?.person.id
      ?? sides.link?.owner
  }

  private static func drifts(_ row: PlanRow, _ sides: AddressSides) -> [Drift] {
    let person = row.person ?? person(sides)
    if sides.member == nil {
      return [
        Drift(
          key: sides.key, person: person, kind: .missingThere, name: "status",
          ours: .text(row.status?.rawValue ?? ""), theirs: .empty)
      ]
    }
    let changes = row.changes.map { change in
      Drift(
        key: sides.key, person: person, kind: change.name == "status" ? .status : .field,
        name: change.name, ours: change.isHere ? change.old : change.new,
        theirs: change.isHere ? change.new : change.old)
    }
    // An ending they made themselves shows as one, also where only details would be sent.
    return changes.contains { $0.kind == .status } ? changes : unseenEnding(sides) + changes
  }
}
