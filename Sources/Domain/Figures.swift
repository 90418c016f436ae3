// Numbers that are drawn: how much was done minute by minute, how an audience grew month by month,
// and how many audiences the plan of the account has room for. What must stay true: every one of
// them was recorded; nothing is made up between two that are known.

import Basics

/// People an engine was done with, by minute.
package struct Throughput: Sendable, Equatable {
  /// By minutes since 1970; a minute without anybody is not there.
  package var minutes: [Int64: Int]

  package init(_ minutes: [Int64: Int] = [:]) { self.minutes = minutes }

  package static func minute(_ instant: Instant) -> Int64 { instant.milliseconds / 60_000 }

  /// Sixty minutes, the last of them that of `now`.
  package func hour(to now: Instant) -> [Int] {
    let last = Self.minute(now)
    return (0..<60).map { minutes[last - 59 + $0] ?? 0 }
  }
}

/// What waits in the queue beside what is ready now.
package struct QueueDepth: Sendable, Equatable {
  /// To be worked off as soon as there is a hand.
  package var ready = 0
  /// Those that wait for their time, such as the next try.
  package var later = 0
  package var inHand = 0
  /// Since when the oldest ready one waits.
  package var oldest: Instant?

  package init() {}
}

/// An audience at the end of one month, as Mailchimp counts.
package struct GrowthMonth: Sendable, Equatable {
  /// `2026-11`
  package var month: String
  package var subscribed: Int
  package var unsubscribed: Int
  package var cleaned: Int
  package var pending: Int

  package init(
    _ month: String, subscribed: Int, unsubscribed: Int = 0, cleaned: Int = 0, pending: Int = 0
  ) {
    self.month = month
    self.subscribed = subscribed
    self.unsubscribed = unsubscribed
    self.cleaned = cleaned
    self.pending = pending
  }
}

/// How an audience grew, as it was read last.
package struct AudienceGrowth: Sendable, Equatable {
  /// Oldest first.
  package var months: [GrowthMonth]
  /// When Mailchimp was asked; nil where it never was.
  package var readAt: Instant?

  package init(months: [GrowthMonth] = [], readAt: Instant? = nil) {
    self.months = months
    self.readAt = readAt
  }

  /// After this long it is read again when somebody looks.
  package static let freshFor = Duration.days(1)

  package func isFresh(at now: Instant) -> Bool {
    readAt.map { now - $0 < Self.freshFor } ?? false
  }

  /// `+320 since October, +1,204 in a year`; empty where there is nothing to compare.
  package func sentence(_ number: (Int) -> String) -> String {
    guard let last = months.last else { return "" }
    func said(_ from: GrowthMonth?, _ since: String) -> String? {
      from.map {
        "\($0.subscribed > last.subscribed ? "" : "+")\(number(last.subscribed - $0.subscribed)) \(since)"
      }
    }
    let before = months.dropLast().last
    let year = months.count > 12 ? months[months.count - 13] : nil
    return [said(before, "since \(before?.month ?? "")"), said(year, "in a year")]
      .compactMap { $0 }.joined(separator: ", ")
  }
}

/// How many audiences the account has, and may have.
package struct AudienceAllowance: Sendable, Equatable {
  package var audiences: Int
  /// Nil where Mailchimp does not say.
  package var most: Int?
  package var mayCreate: Bool

  package init(audiences: Int, most: Int?, mayCreate: Bool) {
    self.audiences = audiences
    self.most = most
    self.mayCreate = mayCreate
  }

  package var sentence: String {
    if let most, mayCreate || audiences >= most {
      return
        "The plan of the Mailchimp account allows \(most), and there \(audiences == 1 ? "is" : "are") \(audiences)."
    }
    return mayCreate
      ? "The plan of the Mailchimp account has room for another beside the \(audiences) there."
      : "The plan or the role of the key's owner does not allow another beside the \(audiences) there."
  }

  /// How room is made, where there is none; empty where there is.
  package var wayOut: String {
    mayCreate
      ? ""
      : "Or make room in Mailchimp: Audience, the name of the audience, View audiences, tick one, Delete"
        + " (as of November 2026); its contacts go with it. Or take a larger plan."
  }
}
