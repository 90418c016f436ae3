// What a plan says of tags beforehand, and what a verification finds of them, decided from what is
// known of some addresses. What must stay true: a tag that is not ours is never forecast as a loss
// and never a difference.

import Basics

/// Some addresses and every tag that is kept.
package struct TagKnowledge: Sendable, Equatable {
  package var tags: [KeptTag] = []
  /// Who is in the search of each tag.
  package var wanted: [TagID: Set<PersonID>] = [:]
  /// Who holds it because we put it there, and because others did, as far as we looked.
  package var ours: [TagID: Set<AddressKey>] = [:]
  package var theirs: [TagID: Set<AddressKey>] = [:]
  /// Where a change waits to be sent, or to be looked for.
  package var onTheWay: [TagID: Set<AddressKey>] = [:]

  package init() {}

  /// The tags `person` gains and loses at `key`; those whose name is somebody else's are left out.
  package func forecast(_ key: AddressKey, _ person: PersonID) -> TagForecast {
    var forecast = TagForecast()
    for tag in tags where tag.state != .undecided {
      let isWanted = wanted[tag.id]?.contains(person) ?? false
      let isOurs = ours[tag.id]?.contains(key) ?? false
      let isTheirs = theirs[tag.id]?.contains(key) ?? false
      if isWanted, !isOurs, !isTheirs { forecast.gained.append(tag.name) }
      if isOurs, !isWanted { forecast.lost.append(tag.name) }
    }
    return forecast
  }

  /// What differs at `key`, whose contact holds the tags of these numbers: one somebody is to hold
  /// and does not, and one we put there that they are not to hold any more.
  package func drifts(
    _ key: AddressKey, _ person: PersonID, holding segments: Set<Int64>
  ) -> [Drift] {
    var drifts: [Drift] = []
    for tag in tags {
      guard let segment = tag.segmentID, tag.state == .kept || tag.state == .leaving,
        !(onTheWay[tag.id]?.contains(key) ?? false)
      else { continue }
      let isWanted = wanted[tag.id]?.contains(person) ?? false
      let isHeld = segments.contains(segment)
      let isOurs = ours[tag.id]?.contains(key) ?? false
      guard isWanted ? !isHeld : isHeld && isOurs else { continue }
      let held = MergeValue.text("held")
      drifts.append(
        Drift(
          key: key, person: person, kind: .tag, name: tag.name, ours: isWanted ? held : .empty,
          theirs: isHeld ? held : .empty))
    }
    return drifts
  }
}
