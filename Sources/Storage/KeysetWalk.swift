// Windows of lists too long to count: read from a row that is known, by its id, forwards or
// backwards, at the cost of the rows read whatever the length of the list. What must stay true: the
// rows are those next to the anchor, the list begins at 0, its last row stands at `total` - 1; in
// between, where there are more than ten thousand rows, positions are estimates.

import Basics
import Domain
import SQLite

/// How a list in the order of its ids is laid out.
struct Keyset: Sendable {
  /// Conditions, in their order in the list; each row meets exactly one. Within them the ids run.
  var groups = ["1"]
  /// Latest first.
  var descends = false
}

extension ReportList {
  init(tables: String, id: String, keyset: Keyset) {
    self.init(tables: tables, id: id, order: id, isBefore: "\(id) < ?", keyset: keyset)
  }
}

struct KeysetWalk {
  struct Slice {
    var ids: [Int64]
    var offset: Int
    var total: Int
    var isEstimate: Bool
  }

  private struct Place {
    var group: Int
    var id: Int64
  }

  private struct Length {
    var total: Int
    var isEstimate: Bool
  }

  let database: Connection
  let list: ReportList
  let keyset: Keyset

  /// Up to here lists are counted.
  var mostCounted = 10_000

  init(_ database: Connection, _ list: ReportList, _ keyset: Keyset) {
    self.database = database
    self.list = list
    self.keyset = keyset
  }

  // MARK: Slices

  func slice(_ place: WindowPlace, count: Int, from anchor: WindowAnchor?) throws(Problem) -> Slice
  {
    let length: Length
    if let anchor, let total = anchor.total {
      length = Length(total: total, isEstimate: anchor.isEstimate)
    } else {
      length = try self.length()
    }
    switch place {
    case .at(let wanted) where wanted <= 0 && anchor == nil: return try start(count, length)
    case .at(let wanted):
      if wanted + count >= length.total { return try end(count, length) }
      guard let anchor else {
        let ids = try ids(from: nil, limit: count + 1, skipping: wanted)
        return try ids.isEmpty ? end(count, length) : finish(ids, count, at: wanted, length)
      }
      return try slice(wanted, count, near: anchor, length)
    case .end: return try end(count, length)
    case .around(let id):
      guard let place = try find(id) else { return try start(count, length) }
      let at = try position(of: place, length)
      return try slice(
        max(0, at - count / 2), count, near: WindowAnchor(id: id, position: at), length)
    }
  }

  private func start(_ count: Int, _ length: Length) throws(Problem) -> Slice {
    try finish(try ids(from: nil, limit: count + 1), count, at: 0, length)
  }

  private func end(_ count: Int, _ length: Length) throws(Problem) -> Slice {
    let ids = try ids(from: nil, backwards: true, limit: count + 1)
    guard ids.count > count else {
      return Slice(
        ids: ids.reversed(), offset: 0, total: ids.count, isEstimate: false)
    }
    let total = max(length.total, ids.count)
    return Slice(
      ids: ids.prefix(count).reversed(), offset: total - count, total: total,
      isEstimate: length.isEstimate)
  }

  /// The rows from position `wanted` on, as the anchor's position has it.
  private func slice(
    _ wanted: Int, _ count: Int, near anchor: WindowAnchor, _ length: Length
  ) throws(Problem) -> Slice {
    let row = try find(anchor.id) ?? Place(group: keyset.groups.count - 1, id: anchor.id)
    let distance = wanted - anchor.position
    var at = anchor.position
    // Rows may have come or gone before it; near the start that is seen at little cost.
    if at <= mostCounted, let exact = try self.count(before: row) { at = exact }
    if distance >= 0 {
      let ids = try ids(from: row, inclusive: true, limit: count + 1, skipping: distance)
      return try ids.count < count
        ? end(count, length) : finish(ids, count, at: at + distance, length)
    }
    // One more than is shown tells whether the list begins here.
    let before = try ids(from: row, backwards: true, limit: 1 - distance)
    let isStart = before.count < 1 - distance
    var ids = Array(before.prefix(-distance).reversed())
    if ids.count <= count {
      ids += try self.ids(from: row, inclusive: true, limit: count + 1 - ids.count)
    }
    if isStart { return try start(count, length) }
    var grown = length
    var offset = at + distance
    if offset <= 0 {
      // More rows above than were thought.
      grown.total += mostCounted - offset
      grown.isEstimate = true
      offset = mostCounted
    }
    return try ids.count < count
      ? end(count, grown) : finish(ids, count, at: offset, grown)
  }

  /// `ids` may hold one more than is shown: then the list goes on.
  private func finish(
    _ ids: [Int64], _ count: Int, at offset: Int, _ length: Length
  ) throws(Problem) -> Slice {
    let shown = Array(ids.prefix(count))
    let reached = offset + shown.count
    let goesOn = ids.count > count
    return Slice(
      ids: shown, offset: offset,
      total: goesOn ? max(length.total, reached + 1) : reached,
      isEstimate: length.isEstimate && (goesOn || offset > 0))
  }

  // MARK: Walking

  /// Ids in the order of the list, or against it, from a row on or from the end they begin at.
  private func ids(
    from row: Place?, inclusive: Bool = false, backwards: Bool = false, limit: Int,
    skipping: Int = 0
  ) throws(Problem) -> [Int64] {
    var found: [Int64] = []
    var skip = skipping
    let all = Array(keyset.groups.indices)
    let order = backwards ? all.reversed() : all
    let isDown = keyset.descends != backwards
    for group in order {
      if let row, backwards ? group > row.group : group < row.group { continue }
      var condition = "\(list.condition) AND \(keyset.groups[group])"
      var values = list.values
      if let row, row.group == group {
        condition += " AND \(list.id) \(isDown ? "<" : ">")\(inclusive ? "=" : "") ?"
        values.append(row.id)
      }
      let part = try database.rows(
        """
        SELECT \(list.id) FROM \(list.tables) WHERE \(condition)
        ORDER BY \(list.id) \(isDown ? "DESC" : "ASC") LIMIT ?
        """, bindings: values + [limit + skip - found.count]
      ) { $0.int64(0) }
      let dropped = min(skip, part.count)
      skip -= dropped
      found += part.dropFirst(dropped)
      if found.count >= limit { break }
    }
    return found
  }

  private func find(_ id: Int64) throws(Problem) -> Place? {
    let cases = keyset.groups.enumerated().map { "WHEN \($1) THEN \($0)" }.joined(separator: " ")
    let group = try database.one(
      """
      SELECT CASE \(cases) END FROM \(list.tables)
      WHERE \(list.condition) AND \(list.id) = ?
      """, bindings: list.values + [id]
    ) { $0.int(0) }
    return group.map { Place(group: $0, id: id) }
  }

  // MARK: Counting

  /// How many there are, counted up to a bound and estimated by the distance of ids beyond it.
  private func length() throws(Problem) -> Length {
    if let total = list.total { return Length(total: total, isEstimate: false) }
    var length = Length(total: 0, isEstimate: false)
    for group in keyset.groups {
      let condition = "\(list.condition) AND \(group)"
      let counted = try bounded(condition, list.values)
      guard counted > mostCounted else {
        length.total += counted
        continue
      }
      let first = try edge(condition, "ASC", 0)
      let last = try edge(condition, "DESC", 0)
      let within = try edge(condition, "DESC", mostCounted)
      guard let first, let last, let within else { continue }
      let density = Double(mostCounted) / Double(max(1, last - within))
      length.total += max(counted, Int((Double(last - first) * density).rounded()) + 1)
      length.isEstimate = true
    }
    return length
  }

  private func edge(
    _ condition: String, _ direction: String, _ skip: Int
  ) throws(Problem) -> Int64? {
    try database.one(
      """
      SELECT \(list.id) FROM \(list.tables) WHERE \(condition)
      ORDER BY \(list.id) \(direction) LIMIT 1 OFFSET ?
      """, bindings: list.values + [skip]
    ) { $0.int64(0) }
  }

  private func bounded(_ condition: String, _ values: Bindings) throws(Problem) -> Int {
    try database.one(
      """
      SELECT count(*) FROM (SELECT 1 FROM \(list.tables) WHERE \(condition)
        LIMIT \(mostCounted + 1))
      """, bindings: values
    ) { $0.int(0) } ?? 0
  }

  /// The rows before this one; nil where they are too many to count.
  private func count(before row: Place) throws(Problem) -> Int? {
    var sum = 0
    for group in keyset.groups.prefix(row.group) {
      sum += try bounded("\(list.condition) AND \(group)", list.values)
    }
    if sum <= mostCounted {
      sum += try bounded(
        """
        \(list.condition) AND \(keyset.groups[row.group])
          AND \(list.id) \(keyset.descends ? ">" : "<") ?
        """, list.values + [row.id])
    }
    return sum <= mostCounted ? sum : nil
  }

  private func position(of row: Place, _ length: Length) throws(Problem) -> Int {
    if let exact = try count(before: row) { return exact }
    let condition = "\(list.condition) AND \(keyset.groups[row.group])"
    guard let low = try edge(condition, "ASC", 0), let high = try edge(condition, "DESC", 0),
      high > low
    else { return mostCounted }
    let share = Double(keyset.descends ? high - row.id : row.id - low) / Double(high - low)
    return max(mostCounted, Int(Double(length.total - 1) * share))
  }
}
