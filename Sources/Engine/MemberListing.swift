// Reading a listing of members page by page while others change it. What must stay true: nobody is
// skipped because somebody else changed meanwhile. Listings come in the order of the last change, so
// who changes moves to the end and everybody behind moves up: pages share some members, and a page
// that shows none of those the one before ended with is read again from further up, until one does.
// Whoever stands before somebody who has not moved was read already, or has moved to the end. (By
// offset and not by the time of the last member: our own bulk writes give thousands the same second,
// which no time can be set between; and pages can be asked for side by side.) Who holds a tag is listed in
// an order of its own, in which nobody moves to the end: who loses the tag lets those behind move up,
// and whoever of the page before is shown again proves that nobody between was jumped over.

import Basics
import Domain
import Mailchimp

/// How far a listing has been read.
struct ListingPlace: Sendable, Equatable {
  /// Where the next page begins.
  var offset = 0
  /// The marks of the last members read, for telling whether that page follows on.
  var tail: [String] = []
  var isOver = false

  /// Members two pages have in common: so many may change between two calls at no cost.
  static let shared = 50
  /// How much further up a page that does not follow on is read again. Less than a page, so that
  /// none is jumped over on the way; not much less, so that it gets ahead of those who change.
  static let stepBack = 800
  /// From page to page.
  static let step = PullMembers.page - shared

  /// Takes a page that was read at `place`; those of its members that are new to this reading. Nil
  /// where it does not follow on: it is to be read once more, from `offset` as it is now.
  mutating func take(_ page: MemberPage, at place: Int) -> [Member]? {
    let known = Set(tail)
    if !known.isEmpty, place > 0, page.members.allSatisfy({ !known.contains(Self.mark($0)) }) {
      offset = max(0, place - Self.stepBack)
      return nil
    }
    isOver = page.entries == 0 || place + page.entries >= page.total
    offset = place + max(1, page.entries - Self.shared)
    tail = page.members.suffix(Self.shared).map(Self.mark)
    return page.members.filter { !known.contains(Self.mark($0)) }
  }

  /// Who has not changed has not moved; one that has proves nothing about its neighbours.
  private static func mark(_ member: Member) -> String {
    "\(member.id) \(member.lastChanged?.milliseconds ?? 0)"
  }
}

extension FlowRun {
  /// Everybody a query lists, each as read last.
  func members(_ query: MemberQuery) async throws(MailchimpError) -> [Member] {
    var place = ListingPlace()
    var found: [Member] = []
    while !place.isOver {
      let offset = place.offset
      let page = try await mailchimp.members(
        of: audienceID, query, offset: offset, count: PullMembers.page)
      found += place.take(page, at: offset) == nil ? [] : page.members
    }
    return found.latest
  }
}

extension [Member] {
  /// Each once; of one that was listed twice what was read last, in the place it was read first.
  var latest: [Member] {
    var places: [String: Int] = [:]
    var found: [Member] = []
    for member in self {
      if let place = places[member.id] {
        found[place] = member
      } else {
        places[member.id] = found.count
        found.append(member)
      }
    }
    return found
  }
}
