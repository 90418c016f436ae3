// The guard of a refresh (product.md §8): whether what a source says may be carried out, or is held
// for a look. What must stay true: a source that answers with nobody changes nothing by itself.

import Basics

/// What a reading of the source would do here.
package struct RefreshCounts: Sendable, Equatable {
  package var read = 0
  package var added = 0
  package var changed = 0
  package var vanished = 0
  /// People the source named before.
  package var known = 0
  /// Everybody was read, not only who changed.
  package var isFull = true

  package init() {}
}

extension Guard {
  /// Additions take nothing away and do not count; nor does anything when the source is read for the
  /// first time, except that it is empty.
  package func judge(_ counts: RefreshCounts, source: String) -> Verdict {
    if counts.isFull, counts.read == 0 {
      return .hold(
        "\(source) came back empty; \(counts.known) people are known from it. Look at the source, "
          + "then approve or discard.")
    }
    if counts.known == 0 { return .pass }
    let limit = max(people, counts.known / 100 * percent + counts.known % 100 * percent / 100)
    guard counts.changed + counts.vanished > limit else { return .pass }
    return .hold(
      "More than \(limit) of \(counts.known) people known from \(source) would change: "
        + "\(counts.changed) changed, \(counts.vanished) no longer named, \(counts.added) added. "
        + "Look at the plan, then approve or discard it.")
  }
}
