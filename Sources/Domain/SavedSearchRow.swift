// A saved search as lists show it, with what is at Mailchimp of its tag; and what an edit of one
// says.

import Basics

package struct SavedSearchRow: Sendable, Equatable, Identifiable {
  package var name: String
  package var filter: String
  package var isQuick: Bool
  /// Marked as a tag itself; `isTag` is also true where every search is one.
  package var isMarked: Bool
  package var isTag: Bool
  /// What the tag is called at Mailchimp.
  package var tag: String
  /// Nil before the engine took note of it.
  package var state: TagState?
  package var problem: Problem?
  /// How many hold the tag because we gave it to them, and how many changes wait to be sent.
  package var placed: Int
  package var waiting: Int
  /// What others call the tag at Mailchimp now, and whether it is about to have our name again.
  package var nameThere: String?
  package var isNamedBack: Bool
  /// Since when it waits for a decision.
  package var askedAt: Instant?
  /// A tag whose search was removed, or is none any more; `name` is the tag's.
  package var isSearchGone: Bool

  package init(
    name: String, filter: String, isQuick: Bool = false, isMarked: Bool = false,
    isTag: Bool = false, tag: String = "", state: TagState? = nil, problem: Problem? = nil,
    placed: Int = 0, waiting: Int = 0, nameThere: String? = nil, isNamedBack: Bool = false,
    askedAt: Instant? = nil, isSearchGone: Bool = false
  ) {
    self.name = name
    self.filter = filter
    self.isQuick = isQuick
    self.isMarked = isMarked
    self.isTag = isTag
    self.tag = tag.isEmpty ? name : tag
    self.state = state
    self.problem = problem
    self.placed = placed
    self.waiting = waiting
    self.nameThere = nameThere
    self.isNamedBack = isNamedBack
    self.askedAt = askedAt
    self.isSearchGone = isSearchGone
  }

  /// No search has a line break in its name.
  package var id: String { isSearchGone ? "tag\n\(name)" : name }

  package var question: TagQuestion? {
    guard isTag, !isSearchGone else { return nil }
    if state == .undecided { return .taken }
    return isNamedBack ? nil : nameThere.map { .renamed($0) }
  }

  package var needsDecision: Bool { question != nil }

  /// `12 members still hold it`
  package var holders: String {
    placed == 1 ? "1 member still holds it" : "\(placed) members still hold it"
  }

  /// `no`, `kept`, `needs a decision`, `not placed yet`; with its name where that is another one.
  package var tagSentence: String {
    if isSearchGone {
      let end = state == .leaving ? ", is taken off" : ""
      return "no longer kept\(end); \(holders)"
    }
    guard isTag else { return "no" }
    let word =
      switch state {
      case _ where question != nil && state != .undecided: "was renamed there"
      case nil, .new: "not placed yet"
      case .kept: "kept"
      case .undecided: "needs a decision"
      case .problem: "refused"
      case .leaving, .left: "is taken off"
      }
    return tag == name ? word : "\(word), as '\(tag)'"
  }
}

/// What only the administrator can say about a tag.
package enum TagQuestion: Sendable, Equatable {
  /// Others made a tag of its name.
  case taken
  /// Others gave ours this name.
  case renamed(String)

  /// About the tag of this name, without what can be done.
  package func sentence(_ tag: String) -> String {
    switch self {
    case .taken: "The audience has a tag '\(tag)' that others made."
    case .renamed(let name):
      "Our tag '\(tag)' was renamed to '\(name)' at Mailchimp; it is kept under that name."
    }
  }
}

/// What is to become of a saved search.
package enum SavedSearchEdit: Sendable, Equatable {
  /// Adds one, or changes the one that was called `old`.
  case save(old: String?, name: String, filter: String, isTag: Bool)
  case mark(String, isTag: Bool)
  case remove(String, leavingTag: Bool)
  case adopt(String)
  case renameTag(String, to: String)
  /// Give its tag our name at Mailchimp again.
  case nameTagBack(String)
  /// Take a tag that is no longer kept off those we gave it to; by the name of the tag.
  case takeTagOff(String)
}
