// Looks around addresses: where their recipients stood before, where the owners of contacts nobody
// stands behind went. Only addresses that need it are looked at: who stands where they stood costs
// nothing.

import Basics
import Domain
import Storage

struct Surroundings {
  let audienceID: String
  let settings: SettingValues
  let policy: RecipientPolicy
  let links: [AddressKey: Link]
  let resolutions: [AddressKey: GroupResolution]

  func look(_ access: some WorkspaceAccess) throws(Problem) -> [AddressKey: Whereabouts] {
    var beside: [AddressKey: Whereabouts] = [:]
    try lookBack(access, &beside)
    try lookAhead(access, &beside)
    try lookForStrangers(access, &beside)
    try lookForClaims(access, &beside)
    try lookWhenEdited(access, &beside)
    return beside
  }

  /// Recipients who would come onto the list, new or back: did they come from another address?
  private func lookBack(
    _ access: some WorkspaceAccess, _ beside: inout [AddressKey: Whereabouts]
  ) throws(Problem) {
    var newcomers: [PersonID: AddressKey] = [:]
    for (key, resolution) in resolutions where mayJoin(links[key]?.status) {
      if let recipient = resolution.recipient { newcomers[recipient.person.id] = key }
    }
    let owned = try access.links.links(audienceID, ownedBy: Array(newcomers.keys))
    let left = owned.values.flatMap { $0 }.filter { link in
      link.owner.flatMap { newcomers[$0] } != link.key
    }
    // Where somebody else has the contact by now, the ledger knows who refused.
    let refused = try access.consent.refusals(audienceID, of: Array(newcomers.keys))
    for (person, old, reason) in refused {
      guard let key = newcomers[person], key != old,
        !left.contains(where: { $0.key == old && $0.owner == person })
      else { continue }
      beside[key, default: .nothing].former.append(
        Whereabouts.Former(
          link: Link(audienceID: audienceID, key: old, email: old.description), isFree: false,
          refusal: reason))
    }
    guard !left.isEmpty else { return }
    let keys = left.map(\.key)
    let standing = try resolve(keys, access)
    let suppressions = try access.consent.suppressions(audienceID, at: keys)
    let attributed = try access.consent.attributed(among: suppressions.keys)
    for link in left {
      guard let key = link.owner.flatMap({ newcomers[$0] }) else { continue }
      let there = standing[link.key]
      // Whose it was the ledger tells; what was refused before anybody here was known there is of who
      // has the contact first. Who has it after them refused nothing.
      let isTheirs =
        !attributed.contains(link.key)
        || refused.contains { $0.person == link.owner && $0.key == link.key }
      let reason = suppressions[link.key].map(\.reason)
      let refusal = isTheirs && reason != .cleaned ? reason : nil
      // Of who is not there any more only the refusal is left.
      if link.status == nil, refusal == nil { continue }
      beside[key, default: .nothing].former.append(
        Whereabouts.Former(
          link: link, isFree: there?.recipient == nil && there?.stopped == nil,
          isOthers: there?.recipient.map { $0.person.id != link.owner } ?? false,
          refusal: refusal))
    }
  }

  private func mayJoin(_ status: MemberStatus?) -> Bool {
    switch status {
    case nil, .archived, .unsubscribed: true
    case .subscribed, .pending, .transactional, .cleaned: false
    }
  }

  /// Owners of contacts at whose address nobody stands: where are they now?
  private func lookAhead(
    _ access: some WorkspaceAccess, _ beside: inout [AddressKey: Whereabouts]
  ) throws(Problem) {
    var owners: [AddressKey: PersonID] = [:]
    for (key, link) in links where link.status != nil {
      let resolution = resolutions[key]
      guard resolution?.recipient == nil, resolution?.stopped == nil else { continue }
      owners[key] = link.owner
    }
    let people = try access.candidates.candidates(Set(owners.values), policy: policy)
    let found = Dictionary(people.map { ($0.person.id, $0) }) { first, _ in first }
    var now: [PersonID: AddressKey] = [:]
    for candidate in people {
      if case .stands(let key) = Recipients.personRules(candidate, policy) {
        now[candidate.person.id] = key
      }
    }
    let keys = Array(Set(now.values))
    let standing = try resolve(keys, access)
    let known = try access.links.links(audienceID, at: keys)
    for (key, owner) in owners {
      guard let candidate = found[owner] else { continue }
      let there = now[owner].flatMap { $0 == key ? nil : $0 }
      let isRecipient = there.flatMap { standing[$0]?.recipient?.person.id } == owner
      beside[key, default: .nothing].owner = Whereabouts.Owner(
        optIn: candidate.person.optIn, standsElsewhere: isRecipient,
        statusThere: there.flatMap { known[$0]?.status })
    }
  }

  private func lookForStrangers(
    _ access: some WorkspaceAccess, _ beside: inout [AddressKey: Whereabouts]
  ) throws(Problem) {
    guard settings[Settings.arrivals] == .add else { return }
    let strangers = links.values.filter { $0.owner == nil && $0.status == .subscribed }.map(\.key)
    for key in try access.candidates.furtherAddresses(among: strangers) {
      beside[key, default: .nothing].isFurtherAddress = true
    }
  }

  /// Contacts that were moved at Mailchimp to where somebody else stands here, as `lookBack` sees them
  /// from the address they had.
  private func lookForClaims(
    _ access: some WorkspaceAccess, _ beside: inout [AddressKey: Whereabouts]
  ) throws(Problem) {
    var claims: [AddressKey: Link] = [:]
    for (key, link) in links {
      guard let owner = link.owner, let recipient = resolutions[key]?.recipient,
        recipient.person.id != owner,
        case .text(let home)? = link.agreed?[FieldConflict.emailTag],
        link.hasMoved(from: AddressKey(home))
      else { continue }
      claims[AddressKey(home)] = link
    }
    if claims.isEmpty { return }
    let standing = try resolve(Array(claims.keys), access)
    let known = try access.links.links(audienceID, at: claims.keys)
    for (home, link) in claims
    where known[home]?.status == nil && standing[home]?.recipient?.person.id == link.owner {
      beside[link.key, default: .nothing].isClaimed = true
    }
  }

  /// For the rule *newest*: of those both sides may have changed.
  private func lookWhenEdited(
    _ access: some WorkspaceAccess, _ beside: inout [AddressKey: Whereabouts]
  ) throws(Problem) {
    guard settings[Settings.conflicts] == .newest else { return }
    var people: [PersonID: AddressKey] = [:]
    for (key, resolution) in resolutions where links[key]?.digest == nil {
      if let recipient = resolution.recipient { people[recipient.person.id] = key }
    }
    for (person, edited) in try access.candidates.edited(Array(people.keys)) {
      guard let key = people[person] else { continue }
      beside[key, default: .nothing].edited = edited
    }
  }

  private func resolve(
    _ keys: [AddressKey], _ access: some WorkspaceAccess
  ) throws(Problem) -> [AddressKey: GroupResolution] {
    let candidates = try access.candidates.candidates(at: keys, policy: policy)
    let suppressions = try access.consent.suppressions(audienceID, at: keys)
    var found: [AddressKey: GroupResolution] = [:]
    for key in keys {
      found[key] = Recipients.resolve(
        group: candidates[key] ?? [], key: key, suppression: suppressions[key], policy: policy)
    }
    return found
  }
}
