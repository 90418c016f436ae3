// Filters of executions that were given names. They belong to the workspace, so that everybody who
// opens it finds them.

import Basics
import Domain
import SQLite

extension Schema {
  static let executionFilters = """

    CREATE TABLE execution_filter (
      name TEXT PRIMARY KEY COLLATE NOCASE CHECK (name <> ''),
      filter TEXT NOT NULL CHECK (json_valid(filter))
    ) STRICT, WITHOUT ROWID;
    """
}

package struct FilterStore: WorkspaceAccess {
  package let database: Connection
  package let now: Instant

  /// Those every workspace has, then those that were saved, by name.
  package func all() throws(Problem) -> [SavedFilter] {
    SavedFilter.standard
      + (try database.rows("SELECT name, filter FROM execution_filter ORDER BY name") {
        (row) throws(Problem) in
        SavedFilter(row.text(0), ExecutionFilter(json: try row.json(1)))
      })
  }

  package func filter(named name: String) throws(Problem) -> SavedFilter {
    let all = try all()
    let wanted = Text.oneLine(name).lowercased()
    guard let found = all.first(where: { $0.name.lowercased() == wanted }) else {
      throw Problem(
        "filters.missing", "There is no filter '\(Text.oneLine(name))'.",
        remedy: "Give one of: \(all.map(\.name).joined(separator: ", "))."
          + Suggestion.sentence(name, among: all.map(\.name)))
    }
    return found
  }

  /// Adds the filter, or replaces the one of this name.
  package func save(_ saved: SavedFilter) throws(Problem) {
    let name = Text.oneLine(saved.name)
    try check(name)
    try database.execute(
      """
      INSERT INTO execution_filter (name, filter) VALUES (?, ?)
        ON CONFLICT (name) DO UPDATE SET name = excluded.name, filter = excluded.filter
      """, name, saved.filter.json)
  }

  package func remove(named name: String) throws(Problem) {
    try check(Text.oneLine(name))
    let found = try filter(named: name)
    try database.execute("DELETE FROM execution_filter WHERE name = ?", found.name)
  }

  private func check(_ name: String) throws(Problem) {
    if name.isEmpty {
      throw Problem(
        "filters.no-name", "A filter is saved under a name.", remedy: "Give it one.",
        fields: ["field": "text"])
    }
    if SavedFilter.standard.contains(where: { $0.name.lowercased() == name.lowercased() }) {
      throw Problem(
        "filters.standard", "Every workspace has the filter '\(name)'; it stays as it is.",
        remedy: "Use another name.", fields: ["field": "text"])
    }
  }
}

extension WorkspaceAccess {
  package var filters: FilterStore { FilterStore(database: database, now: now) }
}
