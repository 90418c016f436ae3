// The people of some addresses with all that is known of each address, and what the planner says
// about them. Loaded in a few queries, whatever their number (a survey of a million walks windows).

import Basics
import Domain
import Storage

struct AddressGroups {
  let audienceID: String
  let policy: RecipientPolicy
  private let sendsOnChange: Bool
  let keys: [AddressKey]
  let candidates: [AddressKey: [Candidate]]
  let links: [AddressKey: Link]
  let resolutions: [AddressKey: GroupResolution]
  /// What is known beside an address; most have nothing.
  let beside: [AddressKey: Whereabouts]

  init(
    _ keys: [AddressKey], audienceID: String, settings: SettingValues,
    _ access: some WorkspaceAccess
  ) throws(Problem) {
    self.audienceID = audienceID
    self.keys = keys
    sendsOnChange = settings[Settings.onChange]
    policy = RecipientPolicy(settings)
    candidates = try access.candidates.candidates(at: keys, policy: policy)
    links = try access.links.links(audienceID, at: keys)
    let suppressions = try access.consent.suppressions(audienceID, at: keys)
    var resolutions: [AddressKey: GroupResolution] = [:]
    for key in keys {
      resolutions[key] = Recipients.resolve(
        group: candidates[key] ?? [], key: key, suppression: suppressions[key], policy: policy)
    }
    self.resolutions = resolutions
    beside = try Surroundings(
      audienceID: audienceID, settings: settings, policy: policy, links: links,
      resolutions: resolutions
    ).look(access)
  }

  /// The plan of one of these addresses.
  func plan(_ key: AddressKey, by planner: SyncPlanner) -> Planned? {
    resolutions[key].map {
      planner.plan(
        key: key, resolution: $0, link: links[key], beside: beside[key] ?? .nothing)
    }
  }

  /// The link a row is applied to: of a rename, that of the address the contact had.
  func link(for row: PlanRow) -> Link? {
    guard let from = row.from else { return links[row.key] }
    return beside[row.key]?.former.first { $0.link.key == from }?.link
  }

  /// The links that wait with these conflicts: of a changed address, that of the old one.
  func conflicted(_ conflicts: [FieldConflict], at key: AddressKey, digest: Int64) -> [Link] {
    Dictionary(grouping: conflicts, by: \.key).compactMap { place, conflicts in
      let link =
        links[place] ?? beside[key]?.former.first { $0.link.key == place }?.link
      return link?.conflicted(conflicts, digest: digest)
    }
  }

  /// Addresses something may have to be sent for: with a recipient, or known at Mailchimp as ours.
  var worthSending: [AddressKey] {
    keys.filter { resolutions[$0]?.recipient != nil || links[$0]?.owner != nil }
  }

  /// Where everybody at these addresses stands as far as the rules alone say it: recipients wait
  /// to be sent, all others are excluded.
  func standings() -> [PersonID: Standing] {
    var standings: [PersonID: Standing] = [:]
    for key in keys {
      guard let resolution = resolutions[key] else { continue }
      if let recipient = resolution.recipient {
        standings[recipient.person.id] = Standing(
          .waiting, reason: "changed",
          sentence: sendsOnChange
            ? "Changed here; not sent yet." : "Changed here; leaves with the next sync.",
          key: key)
      }
      standings.merge(excluded(resolution, at: key)) { first, _ in first }
    }
    return standings
  }

  func excluded(_ resolution: GroupResolution, at key: AddressKey) -> [PersonID: Standing] {
    Dictionary(
      resolution.exclusions.map { ($0.person, Standing($0.exclusion, key: key)) }
    ) { first, _ in first }
  }

  /// Of somebody who stands at no address at all; nil for those who do stand at one.
  func standingWithoutAddress(_ candidate: Candidate) -> Standing? {
    guard case .excluded(let exclusion) = Recipients.personRules(candidate, policy),
      Recipients.addressKey(of: candidate) == nil
    else { return nil }
    return Standing(exclusion, key: nil)
  }
}
