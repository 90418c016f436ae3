// What `Undo` needs to know of some rows, loaded in a few queries.

import Basics
import Domain
import Storage

/// Where and about whom a row is.
struct UndoPlace: Sendable {
  var key: AddressKey
  var person: PersonID?
  var other: AddressKey?

  init(_ outcome: RowOutcome) {
    key = outcome.key
    person = outcome.person
    other = outcome.changes.first { !$0.isHere && $0.name == FieldConflict.emailTag }
      .map { AddressKey($0.old.plainText) }
  }

  init(_ row: PlanRow) {
    key = row.key
    person = row.person
    other = row.from
  }
}

struct UndoContexts: Sendable {
  private let groups: AddressGroups
  private let planner: SyncPlanner
  private let suppressions: [AddressKey: Suppression]
  private let people: [PersonID: Person]
  private let owned: [PersonID: [Link]]
  private let untouched: Set<PersonID>
  private let sent: Set<PersonID>

  init(
    _ places: [UndoPlace], _ audienceID: String, _ settings: SettingValues,
    _ access: some WorkspaceAccess
  ) throws(Problem) {
    let keys = Set(places.map(\.key)).union(places.compactMap(\.other))
    groups = try AddressGroups(
      Array(keys), audienceID: audienceID, settings: settings, access)
    planner = try Planning.planner(audienceID, settings, access)
    suppressions = try access.consent.suppressions(audienceID, at: keys)
    var ids: Set<PersonID> = []
    for place in places {
      if let person = place.person ?? groups.links[place.key]?.owner { ids.insert(person) }
    }
    people = try access.directory.people(ids)
    owned = try access.links.links(audienceID, ownedBy: ids)
    untouched = try access.directory.untouched(among: ids)
    sent = try access.links.sentTwice(among: ids)
  }

  subscript(place: UndoPlace) -> UndoContext {
    let link = groups.links[place.key]
    var context = UndoContext(
      resolution: groups.resolutions[place.key] ?? GroupResolution(), link: link,
      suppression: suppressions[place.key], planner: planner)
    if let other = place.other {
      context.other = UndoContext.OtherAddress(
        resolution: groups.resolutions[other] ?? GroupResolution(), link: groups.links[other])
    }
    // An arrival of before its person was told by its row.
    if let id = place.person ?? link?.owner {
      context.person = people[id]
      let email = people[id]?.primaryEmail.map { AddressKey($0) }
      let others = (owned[id] ?? []).filter { $0.key != place.key && $0.status != nil }
      context.theirs = others.first { $0.key == email } ?? others.first
      context.isUntouched = untouched.contains(id)
      context.isSentElsewhere = sent.contains(id)
    }
    return context
  }
}
