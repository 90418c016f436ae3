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

  package init(
    name: String, filter: String, isQuick: Bool = false, isMarked: Bool = false,
    isTag: Bool = false, tag: String = "", state: TagState? = nil, problem: Problem? = nil,
    placed: Int = 0, waiting: Int = 0
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
  }

  package var id: String { name }

  package var needsDecision: Bool { isTag && state == .undecided }

  /// `no`, `kept`, `needs a decision`, `not placed yet`; with its name where that is another one.
  package var tagSentence: String {
    guard isTag else { return "no" }
    let word =
      switch state {
      case nil, .new: "not placed yet"
      case .kept: "kept"
      case .undecided: "needs a decision"
      case .problem: "refused"
      case .leaving: "is taken off"
      }
    return tag == name ? word : "\(word), as '\(tag)'"
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
}
