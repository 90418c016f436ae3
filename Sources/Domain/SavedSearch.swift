// A filter in the search language with a name: quick lists that exist from the start, scopes, tags.

import Basics

package struct SavedSearch: Sendable, Equatable {
  package var name: String
  package var query: SearchQuery
  /// Marked as a tag; with the setting "every search is a tag" all are.
  package var isTag: Bool
  /// Exists from the start, or with its account, and can be neither changed nor removed.
  package var isQuick: Bool

  package init(
    _ name: String, _ query: SearchQuery, isTag: Bool = false, isQuick: Bool = false
  ) {
    self.name = name
    self.query = query
    self.isTag = isTag
    self.isQuick = isQuick
  }

  /// Refuses to keep as a tag what would follow itself round: who holds a tag must not depend on who
  /// holds one.
  package func checkTag() throws(Problem) {
    if query.asksForTags {
      throw Problem(
        "searches.tag-of-tags",
        "The search '\(name)' asks for tags itself, so it cannot be kept as one.",
        remedy: "Write it without tag:, or leave it a search.")
    }
    if name.count > KeptTag.longestName {
      throw Problem(
        "searches.name-too-long",
        "The name has \(name.count) characters; Mailchimp keeps \(KeptTag.longestName) of a tag's.",
        remedy: "Give it a shorter name.")
    }
  }

  /// The quick lists of a new workspace; `account` ones are made as accounts appear.
  package static let quickLists = [
    SavedSearch("All active", SearchQuery([yes(.active), no(.deleted)])),
    SavedSearch("Opted in", SearchQuery([yes(.optIn), no(.deleted)])),
    SavedSearch(
      "New this month", SearchQuery([SearchTerm(.field(.created, [.date(.equal, .thisMonth)]))])),
    SavedSearch(
      "Birthday this month",
      SearchQuery([
        SearchTerm(.field(.birthday, [.birthday(.thisMonth)])), yes(.active), no(.deleted),
      ])),
  ]

  /// Everybody of one account.
  package static func account(_ name: String) -> SavedSearch {
    SavedSearch(
      name, SearchQuery([SearchTerm(.field(.account, [.equals(name)])), no(.deleted)]))
  }

  private static func yes(_ field: SearchField) -> SearchTerm {
    SearchTerm(.field(field, [.equals("yes")]))
  }

  private static func no(_ field: SearchField) -> SearchTerm {
    SearchTerm(.field(field, [.equals("no")]))
  }
}
