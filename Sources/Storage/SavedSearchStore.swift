// Searches with a name: the quick lists every workspace starts with, scopes, and later tags. They
// are kept as text with the version of the grammar they were written in.

import Basics
import Domain
import SQLite

package struct SavedSearchStore: WorkspaceAccess {
  package let database: Connection
  package let now: Instant

  package func all() throws(Problem) -> [SavedSearch] {
    let fields = try directory.customFields()
    return try database.rows("SELECT name, filter FROM saved_search ORDER BY name") {
      (row) throws(Problem) in
      SavedSearch(row.text(0), try SearchQuery(row.text(1), customFields: fields))
    }
  }

  package func search(named name: String) throws(Problem) -> SavedSearch {
    let found = try database.one(
      "SELECT name, filter FROM saved_search WHERE name = ?", name
    ) { ($0.text(0), $0.text(1)) }
    guard let (name, filter) = found else { throw missing(name) }
    return SavedSearch(name, try SearchQuery(filter, customFields: try directory.customFields()))
  }

  /// Adds or replaces the search of this name.
  package func save(_ search: SavedSearch) throws(Problem) {
    let name = Text.oneLine(search.name)
    if name.isEmpty {
      throw Problem(
        "searches.no-name", "A saved search needs a name.", remedy: "Give it one.")
    }
    try database.execute(
      """
      INSERT INTO saved_search (name, filter, grammar) VALUES (?, ?, ?)
        ON CONFLICT (name) DO UPDATE SET filter = excluded.filter, grammar = excluded.grammar
      """, name, search.query.description, SearchQuery.grammarVersion)
  }

  /// Removes a search; the one that is the scope cannot go.
  package func remove(named name: String) throws(Problem) {
    if case .search(let scope) = try settings.values()[Settings.scope],
      scope.lowercased() == name.lowercased()
    {
      throw Problem(
        "searches.is-scope", "The saved search '\(name)' is the scope: it decides who is mailed.",
        remedy: "Choose another scope in the settings first.")
    }
    guard try database.execute("DELETE FROM saved_search WHERE name = ?", name) > 0 else {
      throw missing(name)
    }
  }

  func compiled(named name: String) throws(Problem) -> CompiledSearch {
    SearchCompiler(day: try searchDay()).compile(try search(named: name).query)
  }

  private func missing(_ name: String) -> Problem {
    Problem(
      "searches.missing", "There is no saved search '\(Text.oneLine(name))'.",
      remedy: "List them with `listkeeper searches list`.")
  }
}

extension WorkspaceAccess {
  package var searches: SavedSearchStore { SavedSearchStore(database: database, now: now) }
}
