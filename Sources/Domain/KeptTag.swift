// A saved search kept as a tag on an audience (product.md §5), and what the engine finds out about
// it. What must stay true: who put a tag on a member is remembered member by member, and what we did
// not put there we never take away.

import Basics

package typealias TagID = Identifier<KeptTag>

/// One tag on one audience.
package struct KeptTag: Sendable, Equatable, Identifiable {
  package var id: TagID
  package var audienceID: String
  /// The saved search behind it; nil once that has gone or is no tag any more.
  package var search: String?
  /// As it is called at Mailchimp.
  package var name: String
  /// Mailchimp's number for it; nil before it was made or found.
  package var segmentID: Int64?
  package var state: TagState
  package var problem: Problem?
  /// Somebody decided to take over a tag of this name that others made.
  package var adopts: Bool
  /// Its members at Mailchimp are being read, from this place on.
  package var reads: Bool
  package var place: TagPlace
  /// Nobody had the name when we looked: who has it now is we.
  package var isFree: Bool
  /// What others call it at Mailchimp now; nil where that is its name. It is followed by this name
  /// until somebody decides which one counts.
  package var nameThere: String?
  /// Somebody decided that it is to have our name at Mailchimp again.
  package var isNamedBack: Bool

  package init(
    id: TagID, audienceID: String, search: String?, name: String, segmentID: Int64? = nil,
    state: TagState = .new, problem: Problem? = nil, adopts: Bool = false, reads: Bool = false,
    place: TagPlace = TagPlace(), isFree: Bool = false,
    nameThere: String? = nil, isNamedBack: Bool = false
  ) {
    self.id = id
    self.audienceID = audienceID
    self.search = search
    self.name = name
    self.segmentID = segmentID
    self.state = state
    self.problem = problem
    self.adopts = adopts
    self.reads = reads
    self.place = place
    self.isFree = isFree
    self.nameThere = nameThere
    self.isNamedBack = isNamedBack
  }

  /// By which single calls have to name it.
  package var toldName: String { nameThere ?? name }

  /// The longest name Mailchimp keeps, in characters.
  package static let longestName = 100
  /// Fewer people than this are told one by one, more of them in one call for the tag.
  package static let bulkFrom = 10
  /// So many may gain, and so many lose, a tag in one call (facts: 500 of each).
  package static let chunk = 500
  /// Such calls a turn, side by side.
  package static let chunks = 4
}

/// How far it was read who holds a tag.
package struct TagPlace: Sendable, Equatable {
  /// Where the next page begins.
  package var offset: Int
  /// Marks of those the page before ended with, for telling whether the next one follows on.
  package var tail: [String]

  package init(offset: Int = 0, tail: [String] = []) {
    self.offset = offset
    self.tail = tail
  }
}

package enum TagState: String, Sendable, CaseIterable {
  /// Nothing of it is at Mailchimp yet.
  case new
  case kept
  /// Somebody else's tag has this name: adopt it, or call ours otherwise. Nothing is sent.
  case undecided
  /// Mailchimp does not take it; the problem says why.
  case problem
  /// No search is behind it any more: those we gave it to lose it.
  case leaving
  /// No search is behind it any more, and it was to be left there: it stays on those we gave it to,
  /// until somebody says otherwise.
  case left
}

/// One thing the tags flow found out; the `TagStore` writes it with the rest of the outcome.
package enum TagFinding: Sendable, Equatable {
  /// Nobody has a tag of its name: it is made next.
  case free(TagID)
  /// It was made by us: nobody else holds it.
  case made(TagID, segment: Int64)
  /// Somebody else's tag has its name.
  case taken(TagID, segment: Int64)
  /// It is somebody else's, and we were told to take it over.
  case adopted(TagID, segment: Int64)
  /// It has gone from Mailchimp; it is made anew.
  case vanished(TagID)
  case unusable(TagID, Problem)
  /// Members who hold it at Mailchimp; the next place to read from, nil at the end.
  case holders(TagID, [AddressKey], next: TagPlace?)
  /// Whether these hold it was looked at: those who do not may gain it, those who do are not ours.
  case looked(TagID, free: [AddressKey], held: [AddressKey])
  case placed(TagID, [AddressKey])
  case removed(TagID, [AddressKey])
  /// Not possible for these now; looked at again with the next comparison.
  case refused(TagID, [AddressKey])
  /// What it is called at Mailchimp.
  case named(TagID, String)
  /// It cannot have our name there again.
  case keepsName(TagID, Problem)
}

/// Somebody who is to gain or lose a tag.
package struct TagChange: Sendable, Equatable {
  package var tag: TagID
  package var key: AddressKey
  package var isGain: Bool
  /// Who stands behind the address.
  package var person: PersonID?
  /// The address as Mailchimp has it, and its id there.
  package var email: String
  package var memberID: String?

  package init(
    tag: TagID, key: AddressKey, isGain: Bool, person: PersonID?, email: String, memberID: String?
  ) {
    self.tag = tag
    self.key = key
    self.isGain = isGain
    self.person = person
    self.email = email
    self.memberID = memberID
  }

  /// The id Mailchimp told, else the hash it names members by.
  package var id: String { memberID ?? Digest.md5(key.description.utf8) }
}

/// What the tags flow does next.
package enum TagTurn: Sendable, Equatable {
  /// Look whether the names are free, and make them.
  case settle([KeptTag])
  /// Read some pages of who holds it.
  case read(KeptTag)
  /// Ask for the tags of these few members.
  case look([AddressKey])
  /// Tell a few members all of their tags that change.
  case single([AddressKey])
  /// Tell one tag all of its members that change.
  case bulk(KeptTag, [AddressKey])
  /// Give it our name at Mailchimp again.
  case nameBack(KeptTag)
  /// Nothing is left to do.
  case rest

  /// Whom it touches: nobody else has them in hand meanwhile.
  package var keys: [AddressKey] {
    switch self {
    case .look(let keys), .single(let keys), .bulk(_, let keys): keys
    case .settle, .read, .nameBack, .rest: []
    }
  }
}
