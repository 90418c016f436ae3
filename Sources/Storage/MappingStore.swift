// The mapping's edits, each with what the engine is asked for, in one transaction. A refused edit
// writes nothing.

import Basics
import Domain
import SQLite

/// What an edit of the mapping came to.
package struct MappingEdit: Sendable, Equatable {
  package var before: MappingBoard
  package var after: MappingBoard
  /// The row that only people who change from now on get; nil where there is none to ask about.
  package var waiting: FieldMapping?
}

extension WorkspaceAccess {
  /// The mapping as it stands, with what it is held against.
  package func mappingBoard() throws(Problem) -> MappingBoard {
    let values = try settings.values()
    let audience = values[Settings.audience]
    return MappingBoard(
      rows: try audiences.mapping(), mergeFields: try audiences.mergeFields(of: audience),
      customFields: try directory.customFields(),
      hasSynced: try audiences.progress(of: audience).firstSyncAt != nil,
      direction: values[Settings.direction])
  }
}

extension WorkspaceTransaction {
  /// Makes the edit. With `backfill` its row is for everybody at once, which a sync that the guard
  /// judges brings about.
  @discardableResult
  package func changeMapping(
    _ change: MappingChange, backfill: Bool = false
  ) throws(Problem) -> MappingEdit {
    let before = try mappingBoard()
    var after = try before.applying(change, at: now)
    var tag: String?
    if case .set(let row, _) = change { tag = row.tag }
    if backfill, let tag { after = try after.applying(.backfill(tag), at: now) }
    try audiences.saveMapping(after.rows)
    try requests.insert(.settingsChanged)
    var asksForSync = backfill && tag != nil
    if case .backfill = change { asksForSync = true }
    if asksForSync, before.hasSynced { try requests.insert(.forceSync(approve: false)) }
    var waiting = after.rows.first { $0.tag == tag && $0.since != nil }
    if case .restore = change {
      waiting = after.rows.first { row in
        row.since != nil
          && !before.rows.contains { $0.tag == row.tag && $0.since == row.since }
      }
    }
    return MappingEdit(before: before, after: after, waiting: waiting)
  }

  /// Every row is for everybody: what a resync means.
  package func backfillMapping() throws(Problem) {
    try database.execute("UPDATE field_mapping SET since = NULL WHERE since IS NOT NULL")
  }
}
