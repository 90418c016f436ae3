// The settings of the workspace: texts by key, checked by the table of settings before they are
// kept. Secrets lie in the file as they were given (it is its owner's alone), or as a reference.

import Basics
import Domain
import SQLite

/// One setting that was set, with who set it last.
package struct StoredSetting: Sendable, Equatable {
  package let key: String
  package let value: String
  package let changedAt: Instant
  package let changedBy: String
}

package struct SettingsStore {
  let database: Connection
  let now: Instant

  /// What was set; everything else has its default.
  package func values() throws(Problem) -> SettingValues {
    var texts: [String: String] = [:]
    try database.query("SELECT key, value FROM setting") { texts[$0.text(0)] = $0.text(1) }
    return SettingValues(texts)
  }

  package func stored() throws(Problem) -> [StoredSetting] {
    try database.rows("SELECT key, value, changed_at, changed_by FROM setting ORDER BY key") {
      StoredSetting(
        key: $0.text(0), value: $0.text(1), changedAt: $0.instant(2), changedBy: $0.text(3))
    }
  }

  /// Refuses a key that there is not and a text that its setting cannot hold.
  package func set(_ key: String, to text: String) throws(Problem) {
    try description(of: key).refuseLineBreak(in: text)
    let text = WholePath.of(Text.oneLine(text), key)
    try description(of: key).validate(text)
    if key == Settings.scope.key, case .search(let name) = Scope(text) {
      let exists = try database.integer("SELECT count(*) FROM saved_search WHERE name = ?", name)
      guard exists > 0 else {
        throw Problem(
          "settings.unknown-search", "There is no saved search '\(name)'.",
          remedy: "List them with `listkeeper searches list`, or save it first.",
          fields: ["key": key])
      }
      try SavedSearchStore(database: database, now: now).checkScope(name)
    }
    try database.execute(
      """
      INSERT INTO setting (key, value, changed_at, changed_by)
        VALUES (?, ?, ?, coalesce((SELECT who FROM acting), 'outside Listkeeper'))
        ON CONFLICT (key) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at,
          changed_by = excluded.changed_by
        WHERE value <> excluded.value
      """, key, text, now)
  }

  /// Back to the default.
  package func unset(_ key: String) throws(Problem) {
    _ = try description(of: key)
    try database.execute("DELETE FROM setting WHERE key = ?", key)
  }

  private func description(of key: String) throws(Problem) -> SettingDescription {
    if let known = Settings.description(of: key) { return known }
    throw Problem(
      "settings.unknown", "There is no setting '\(Text.oneLine(key))'.",
      remedy: "See them all with `listkeeper settings list`.", fields: ["key": key])
  }
}

extension WorkspaceAccess {
  package var settings: SettingsStore { SettingsStore(database: database, now: now) }
}
