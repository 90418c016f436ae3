// What screens and `--json` show, read a window at a time. A window first finds the ids it shows,
// by an index in the order of the list, and then reads those few rows: a list of a million costs a
// screenful. `ReportsTests` asks SQLite for its plan and refuses a sort.

import Basics
import Domain
import SQLite

package struct Reports: WorkspaceAccess {
  package let database: Connection
  package let now: Instant
}

extension WorkspaceAccess {
  package var reports: Reports { Reports(database: database, now: now) }
}

/// The part of a list that is wanted.
package enum WindowPlace: Sendable, Equatable {
  /// From this position on; where the list is shorter, its last rows.
  case at(Int)
  /// The row with this id in the middle; where it is gone, the first rows.
  case around(Int64)
  /// The last rows.
  case end
}

/// A list as SQL: which rows, in which order, and how to say that one comes before another.
struct ReportList {
  /// What is selected from, without a WHERE.
  var tables: String
  var id: String
  var condition = "1"
  var values: Bindings = []
  var order: String
  /// Holds for the rows before the one whose id is bound to its single `?`.
  var isBefore: String
  /// The number of rows where it is known more cheaply than by counting.
  var total: Int?
  /// Set for a list in the order of its ids: it is then read by them and never by positions.
  var keyset: Keyset?

  mutating func filter(_ condition: String, _ values: (any Bindable)?...) {
    filter(condition, values)
  }

  mutating func filter(_ condition: String, _ values: Bindings) {
    self.condition = self.condition == "1" ? condition : "\(self.condition) AND \(condition)"
    self.values += values
    total = nil
  }

  var idsSQL: String {
    "SELECT \(id) FROM \(tables) WHERE \(condition) ORDER BY \(order) LIMIT ? OFFSET ?"
  }
}

extension Reports {
  /// Reads one window of `list`: `read` is given the ids to show and returns the rows by id.
  func window<Row: Sendable & Equatable>(
    _ list: ReportList, _ place: WindowPlace, count: Int, anchor: WindowAnchor? = nil,
    read: ([Int64]) throws(Problem) -> [Int64: Row]
  ) throws(Problem) -> Window<Row> {
    if let keyset = list.keyset {
      let slice = try KeysetWalk(database, list, keyset).slice(place, count: count, from: anchor)
      let rows = try read(slice.ids)
      return Window(
        rows: slice.ids.compactMap { rows[$0] }, offset: slice.offset, total: slice.total,
        isEstimate: slice.isEstimate)
    }
    let total = try self.count(list)
    let last = max(0, total - count)
    let offset: Int
    switch place {
    case .at(let position): offset = min(max(0, position), last)
    case .end: offset = last
    case .around(let id):
      let isThere = try database.one(
        "SELECT 1 FROM \(list.tables) WHERE \(list.condition) AND \(list.id) = ?",
        bindings: list.values + [id]
      ) { $0.bool(0) }
      if isThere == nil {
        offset = 0
      } else {
        let position = try database.one(
          "SELECT count(*) FROM \(list.tables) WHERE \(list.condition) AND \(list.isBefore)",
          bindings: list.values + [id]
        ) { $0.int(0) }
        offset = min(max(0, (position ?? 0) - count / 2), last)
      }
    }
    let ids = try database.rows(list.idsSQL, bindings: list.values + [count, offset]) {
      $0.int64(0)
    }
    let rows = try read(ids)
    return Window(rows: ids.compactMap { rows[$0] }, offset: offset, total: total)
  }

  func count(_ list: ReportList) throws(Problem) -> Int {
    if let total = list.total { return total }
    return try database.one(
      "SELECT count(*) FROM \(list.tables) WHERE \(list.condition)", bindings: list.values
    ) { $0.int(0) } ?? 0
  }

  /// The rows of these ids: `sql` selects them with `\(ids)` standing for the list, the id first.
  func byID<Value>(
    _ ids: [Int64], _ sql: (_ ids: String) -> String, map: (Row) throws(Problem) -> Value
  ) throws(Problem) -> [Int64: Value] {
    if ids.isEmpty { return [:] }
    var found: [Int64: Value] = [:]
    try database.query(
      sql("(SELECT value FROM json_each(?))"),
      JSONValue.array(ids.map { .int($0) })
    ) { (row) throws(Problem) in found[row.int64(0)] = try map(row) }
    return found
  }

  /// A person's name as `Person.displayName` has it, over the alias p; NULL where there is nobody.
  static let displayName = """
    CASE WHEN p.id IS NULL THEN NULL
      WHEN p.first_name <> '' OR p.last_name <> '' THEN trim(p.first_name || ' ' || p.last_name)
      WHEN p.company <> '' THEN p.company
      ELSE coalesce((SELECT email FROM address WHERE person_id = p.id AND position = 0),
        p.external_id, '#' || p.id) END
    """
}
