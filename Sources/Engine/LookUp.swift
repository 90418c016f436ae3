// One address with both its records: what the directory says of it now, beside the member as just
// read, and what a sync would do. It writes nothing.

import Basics
import Domain
import Storage

package enum LookUp {
  package static func sideBySide(
    _ key: AddressKey, member: Member?, _ reading: WorkspaceReading
  ) throws(Problem) -> SideBySide {
    let settings = try reading.settings.values()
    let audienceID = settings[Settings.audience]
    let comparison = try Comparison([key], audienceID: audienceID, settings: settings, reading)
    let sides = comparison.sides(key, member: member)
    var verified = comparison.verified(sides)
    var kept: [String] = []
    if let member, let owner = sides.link?.owner {
      let tags = try comparison.tags(of: [key: member], reading)
      verified.add(tags: tags.drifts(key, owner, holding: member.tagIDs))
      kept = tags.tags.filter {
        $0.segmentID != nil && tags.wanted[$0.id]?.contains(owner) ?? false
      }
      .map(\.name)
    }
    let person = sides.resolution.recipient?.person.id ?? sides.resolution.stopped?.person.id
    let link = Verification.present(sides, audienceID: audienceID)
    return SideBySide(
      sides, verified: verified, planned: comparison.planned(sides, link),
      desired: comparison.planner.desired(sides.resolution, link),
      mapping: try reading.audiences.mapping(),
      standing: try person.flatMap { (id) throws(Problem) in
        try reading.standings.standing(of: id)?.standing
      },
      suppression: try reading.consent.suppressions(audienceID, at: [key])[key], kept: kept)
  }
}
