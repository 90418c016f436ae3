// Searches with a name: the quick lists every workspace starts with, scopes, tags. They are kept as
// text with the version of the grammar they were written in. What must stay true: a quick list can
// be kept as a tag or not, and is otherwise as it came.

import Basics
import Domain
import SQLite

package struct SavedSearchStore: WorkspaceAccess {
  package let database: Connection
  package let now: Instant

  private static let columns = "name, filter, is_tag, is_quick"

  package func all() throws(Problem) -> [SavedSearch] {
    let fields = try directory.customFields()
    return try database.rows("SELECT \(Self.columns) FROM saved_search ORDER BY name") {
      (row) throws(Problem) in try Self.search(row, fields)
    }
  }

  package func search(named name: String) throws(Problem) -> SavedSearch {
    guard let search = try find(name) else { throw missing(name) }
    return search
  }

  package func find(_ name: String) throws(Problem) -> SavedSearch? {
    let fields = try directory.customFields()
    return try database.one(
      "SELECT \(Self.columns) FROM saved_search WHERE name = ?", name
    ) { (row) throws(Problem) in try Self.search(row, fields) }
  }

  private static func search(_ row: Row, _ fields: [CustomField]) throws(Problem) -> SavedSearch {
    SavedSearch(
      row.text(0), try SearchQuery(row.text(1), customFields: fields), isTag: row.bool(2),
      isQuick: row.bool(3))
  }

  /// Adds or replaces the search of this name, its mark as a tag with it. Of a quick list only the
  /// mark can be changed.
  package func save(_ search: SavedSearch) throws(Problem) {
    var search = search
    search.name = Text.oneLine(search.name)
    if search.name.isEmpty {
      throw Problem(
        "searches.no-name", "A saved search needs a name.", remedy: "Give it one.",
        fields: ["field": "name"])
    }
    let before = try find(search.name)
    if let before, before.isQuick, before.query != search.query { throw Self.quick(before.name) }
    if search.isTag { try search.checkTag() }
    if try scope() == search.name { try Self.checkScope(search) }
    try database.execute(
      """
      INSERT INTO saved_search (name, filter, grammar, is_tag) VALUES (?, ?, ?, ?)
        ON CONFLICT (name) DO UPDATE SET grammar = excluded.grammar, is_tag = excluded.is_tag,
          filter = CASE WHEN is_quick THEN filter ELSE excluded.filter END
      """, search.name, search.query.description, SearchQuery.grammarVersion, search.isTag)
  }

  /// Refuses a search that asks for what the scope decides: its people would enter and leave for ever.
  package func checkScope(_ name: String) throws(Problem) {
    try Self.checkScope(try search(named: name))
  }

  private static func checkScope(_ search: SavedSearch) throws(Problem) {
    guard let field = search.query.fieldTheScopeDecides else { return }
    throw Problem(
      "searches.circular-scope",
      "The saved search '\(search.name)' asks for \(field): and cannot be the scope, which decides"
        + " that.",
      remedy: "Use a search that asks for fields of people only.",
      fields: ["key": Settings.scope.key, "field": "filter"])
  }

  private func scope() throws(Problem) -> String? {
    let text = try database.one(
      "SELECT value FROM setting WHERE key = ?", Settings.scope.key
    ) { $0.text(0) }
    guard case .search(let name)? = text.flatMap(Scope.init) else { return nil }
    return name
  }

  /// Whether it is kept as a tag. A tag that is none any more is taken off those we gave it to.
  package func mark(_ name: String, isTag: Bool) throws(Problem) {
    var search = try search(named: name)
    search.isTag = isTag
    try save(search)
  }

  /// A search that is a tag takes its tag along: the members we gave the old one to get the new one.
  package func rename(_ name: String, to new: String) throws(Problem) {
    var search = try search(named: name)
    if search.isQuick { throw Self.quick(search.name) }
    try checkIsNoScope(search.name)
    let old = search.name
    search.name = Text.oneLine(new)
    if search.name.isEmpty {
      throw Problem(
        "searches.no-name", "A saved search needs a name.", remedy: "Give it one.",
        fields: ["field": "name"])
    }
    if let other = try find(search.name), other.name.lowercased() != old.lowercased() {
      throw Problem(
        "searches.name-taken", "There is a saved search '\(other.name)' already.",
        remedy: "Give another name.", fields: ["field": "name"])
    }
    if search.isTag { try search.checkTag() }
    try database.execute("UPDATE saved_search SET name = ? WHERE name = ?", search.name, old)
  }

  /// Removes a search; the one that is the scope cannot go, nor a quick list. Its tag is taken off
  /// those we gave it to, unless it is to be left there: then nobody keeps it any more.
  package func remove(named name: String, leavingTag: Bool = false) throws(Problem) {
    let search = try search(named: name)
    if search.isQuick { throw Self.quick(search.name) }
    try checkIsNoScope(name)
    if leavingTag {
      try database.execute(
        """
        UPDATE kept_tag SET search_id = NULL, asked_at = NULL, due = NULL, reads = 0,
          state = CASE WHEN segment_id IS NULL THEN state ELSE 'left' END
        WHERE search_id = (SELECT id FROM saved_search WHERE name = ?)
        """, name)
      try database.execute(
        "DELETE FROM tag_work WHERE tag_id IN (SELECT id FROM kept_tag WHERE state = 'left')")
    }
    try database.execute("DELETE FROM saved_search WHERE name = ?", name)
  }

  private func checkIsNoScope(_ name: String) throws(Problem) {
    if case .search(let scope) = try settings.values()[Settings.scope],
      scope.lowercased() == name.lowercased()
    {
      throw Problem(
        "searches.is-scope", "The saved search '\(name)' is the scope: it decides who is mailed.",
        remedy: "Choose another scope in the settings first.")
    }
  }

  func compiled(named name: String) throws(Problem) -> CompiledSearch {
    SearchCompiler(day: try searchDay()).compile(try search(named: name).query)
  }

  private static func quick(_ name: String) -> Problem {
    Problem(
      "searches.quick", "'\(name)' is a quick list: it stays as it is.",
      remedy: "Save the search you want under another name.", fields: ["field": "name"])
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
