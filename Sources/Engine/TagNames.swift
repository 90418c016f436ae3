// What the names at Mailchimp say of our tags: whether one is somebody else's, whether one of ours was
// renamed or has gone. Pure; the flows that list the tags ask it before they name one.

import Basics
import Domain
import Mailchimp

struct TagNames {
  /// As the audience has them.
  let there: [AudienceTag]
  /// All of ours.
  let ours: [KeptTag]
  private let byID: [Int64: String]
  private let byName: [String: Int64]

  init(there: [AudienceTag], ours: [KeptTag]) {
    self.there = there
    self.ours = ours
    byID = Dictionary(there.map { ($0.id, $0.name) }) { first, _ in first }
    byName = Dictionary(there.map { ($0.name.lowercased(), $0.id) }) { first, _ in first }
  }

  /// The number of the tag that has our name, ours or not.
  func segment(named tag: KeptTag) -> Int64? { byName[tag.name.lowercased()] }

  /// True where the name belongs to another tag of ours, which was renamed to it: that one cannot be
  /// taken over a second time.
  func isOursAlready(_ segment: Int64, besides tag: KeptTag) -> Bool {
    ours.contains { $0.id != tag.id && $0.segmentID == segment }
  }

  /// Nil where Mailchimp has no such tag any more.
  func name(of tag: KeptTag) -> String? { tag.segmentID.flatMap { byID[$0] } }

  /// What is news of these: other names, and, where it is `askedBefore` anything is made, names that
  /// are somebody else's.
  func news(of tags: [KeptTag], at now: Instant) -> (findings: [TagFinding], log: [LogLine]) {
    var (findings, log): ([TagFinding], [LogLine]) = ([], [])
    for tag in tags {
      if let name = name(of: tag) {
        let known = tag.toldName
        if name == known { continue }
        findings.append(.named(tag.id, name))
        let isBack = name.lowercased() == tag.name.lowercased()
        if isBack || name.lowercased() == known.lowercased() { continue }
        log.append(
          LogLine(
            at: now, .warning,
            "The tag '\(tag.name)' was renamed to '\(name)' at Mailchimp: it is kept under that "
              + "name. Adopt it, or rename it back, in Review (8)."))
      } else if tag.state == .new, !tag.adopts, !tag.isFree, let segment = segment(named: tag) {
        findings.append(.taken(tag.id, segment: segment))
        log.append(Self.taken(tag, at: now))
      }
    }
    return (findings, log)
  }

  static func taken(_ tag: KeptTag, at now: Instant) -> LogLine {
    LogLine(
      at: now, .warning,
      "The audience has a tag '\(tag.name)' that others made: nothing is sent for it. "
        + "Adopt it, or call ours otherwise, in Review (8).")
  }
}
