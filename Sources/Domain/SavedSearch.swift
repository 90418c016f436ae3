// A filter in the search language with a name: quick lists that exist from the start, scopes, and
// later tags.

import Basics

package struct SavedSearch: Sendable, Equatable {
  package var name: String
  package var query: SearchQuery

  package init(_ name: String, _ query: SearchQuery) {
    self.name = name
    self.query = query
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
