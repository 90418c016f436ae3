// The guard (product.md §8): whether a plan may be carried out, or is held for a look. What must
// stay true: the first plan for an audience is always held, unless somebody said beforehand that it
// need not be.

import Basics

/// The limits and where we are.
package struct Guard: Sendable, Equatable {
  /// So many people may change in an hour …
  package var people: Int
  /// … or so many of a hundred, whichever is more.
  package var percent: Int
  /// No plan for this audience was carried out yet.
  package var isFirstSync: Bool
  /// Approved beforehand (`demo`, `sync --approve`).
  package var isApproved: Bool

  package init(
    people: Int = 100, percent: Int = 10, isFirstSync: Bool = false, isApproved: Bool = false
  ) {
    self.people = people
    self.percent = percent
    self.isFirstSync = isFirstSync
    self.isApproved = isApproved
  }

  package init(_ settings: SettingValues, isFirstSync: Bool, isApproved: Bool) {
    self.init(
      people: settings[Settings.guardPeople], percent: settings[Settings.guardPercent],
      isFirstSync: isFirstSync, isApproved: isApproved)
  }

  package enum Verdict: Sendable, Equatable {
    case pass
    /// Nothing is written; the sentence says why, with the numbers.
    case hold(String)
  }

  /// `earlier` is what this flow did in the hour before; `total` the people the audience and the
  /// directory have in common. Additions take nothing away and do not count; they are in the plan.
  package func judge(
    _ counts: PlanCounts, earlier: PlanCounts = PlanCounts(), total: Int,
    sourceCameBackEmpty: Bool = false
  ) -> Verdict {
    if isApproved { return .pass }
    if sourceCameBackEmpty {
      return .hold(
        "The source of people came back empty. Look at the source, then approve or discard.")
    }
    if counts.rows == 0 { return .pass }
    if isFirstSync {
      return .hold(
        "The first sync of this audience: \(Guard.list(counts)). Look at the plan, then approve or "
          + "discard it.")
    }
    let limit = limit(of: total)
    let sum = Guard.weight(counts) + Guard.weight(earlier)
    guard sum > limit else { return .pass }
    let before =
      Guard.weight(earlier) == 0 ? "" : ", after \(Guard.weight(earlier)) in the last hour"
    return .hold(
      "More than \(limit) \(limit == 1 ? "person" : "people") would change: \(Guard.list(counts))"
        + "\(before). Look at the plan, "
        + "then approve or discard it.")
  }

  /// So many people may change of `total`.
  package func limit(of total: Int) -> Int {
    max(people, total / 100 * percent + total % 100 * percent / 100)
  }

  package static func weight(_ counts: PlanCounts) -> Int {
    counts.update + counts.unsubscribe + counts.archive + counts.take + counts.restore
      + counts.delete
  }

  private static func list(_ counts: PlanCounts) -> String {
    let parts = [
      (counts.create, "added"), (counts.update, "updated"), (counts.unsubscribe, "unsubscribed"),
      (counts.archive, "archived"), (counts.take, "taken from Mailchimp"),
      (counts.arrival, "arriving from Mailchimp"),
      (counts.confirmations, "sent a confirmation mail"), (counts.restore, "put back here"),
      (counts.delete, "marked deleted here"),
    ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    return parts.joined(separator: ", ")
  }
}
