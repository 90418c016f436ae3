// Windows of long lists: read from a row that is known, by its keys and its id, forwards or
// backwards, at the cost of the rows read whatever the length of the list. What must stay true: the
// rows are those next to the anchor, the list begins at 0, its last row stands at `total` - 1; in
// between, where there are more than ten thousand rows, positions are estimates.

import Basics
import Domain
import SQLite

/// How a list is laid out: in groups one after the other, each row in exactly one of them.
struct Keyset: Sendable {
  struct Group: Sendable {
    var condition = "1"
    /// What it is read from, and the id there, where that is not what the list is read from.
    var tables: String?
    var id: String?
    /// What its rows are ordered by, before their ids; never NULL in it.
    var keys: [String] = []
    /// From the last to the first.
    var descends = false
  }
  var groups: [Group]

  init(_ groups: [Group]) { self.groups = groups }

  /// In the order of ids alone, within each of these conditions.
  init(groups: [String] = ["1"], descends: Bool = false) {
    self.groups = groups.map { Group(condition: $0, descends: descends) }
  }

  /// Its length cannot be guessed by the distance of ids.
  var isSorted: Bool { groups.contains { !$0.keys.isEmpty } }
}

extension ReportList {
  init(tables: String, id: String, keyset: Keyset) {
    self.init(tables: tables, id: id, order: id, isBefore: "\(id) < ?", keyset: keyset)
  }

  func tables(_ group: Keyset.Group) -> String { group.tables ?? tables }
  func id(_ group: Keyset.Group) -> String { group.id ?? id }

  /// The ids of a group in its order, where `place` holds; the last `?` is the limit.
  func idsSQL(_ group: Keyset.Group, _ place: String = "1", isDown: Bool = false) -> String {
    let direction = isDown ? "DESC" : "ASC"
    let order = (group.keys + [id(group)]).map { "\($0) \(direction)" }.joined(separator: ", ")
    return """
      SELECT \(id(group)) FROM \(tables(group))
      WHERE \(condition) AND \(group.condition) AND \(place) ORDER BY \(order) LIMIT ?
      """
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
    var keys: [SQLiteValue]
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
      guard let anchor else { return try walk(to: wanted, count, length) }
      return try slice(wanted, count, near: anchor, length)
    case .end: return try end(count, length)
    case .around(let id):
      guard let place = try find(id) else { return try start(count, length) }
      let at = try position(of: place, length)
      return try slice(
        max(0, at - count / 2), count, near: WindowAnchor(id: id, position: at), length)
    }
  }

  /// The rows from a position on, where no row near it is known.
  private func walk(to wanted: Int, _ count: Int, _ length: Length) throws(Problem) -> Slice {
    let ids = try ids(from: nil, limit: count + 1, skipping: max(0, wanted))
    return try ids.isEmpty ? end(count, length) : finish(ids, count, at: max(0, wanted), length)
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
    guard let row = try find(anchor.id) ?? placeOfGone(anchor.id) else {
      return try walk(to: wanted, count, length)
    }
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
    if offset <= 0, keyset.isSorted {
      offset = try position(of: row, length) + distance
    } else if offset <= 0 {
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
    for index in backwards ? all.reversed() : all {
      if let row, backwards ? index > row.group : index < row.group { continue }
      let group = keyset.groups[index]
      let isDown = group.descends != backwards
      let start = row.flatMap { $0.group == index ? $0 : nil }
      let parts = start.map { places(beyond: $0, isDown, inclusive) } ?? [("1", [])]
      for (place, values) in parts {
        let part = try database.rows(
          list.idsSQL(group, place, isDown: isDown),
          bindings: list.values + values + [limit + skip - found.count]
        ) { $0.int64(0) }
        let dropped = min(skip, part.count)
        skip -= dropped
        found += part.dropFirst(dropped)
        if found.count >= limit { return found }
      }
    }
    return found
  }

  /// The rows of its group that come after a row, or before it where `isDown` turns its order: as
  /// conditions, the nearest rows first, each of which an index in the group's order answers.
  private func places(
    beyond row: Place, _ isDown: Bool, _ inclusive: Bool = false
  ) -> [(String, Bindings)] {
    let group = keyset.groups[row.group]
    let sign = isDown ? "<" : ">"
    let keys = zip(group.keys, row.keys).map { (name: $0, value: $1 as any Bindable) }
    return (0...keys.count).reversed().map { count in
      var conditions = keys.prefix(count).map { "\($0.name) = ?" }
      var values: Bindings = keys.prefix(count).map(\.value)
      if count == keys.count {
        conditions.append("\(list.id(group)) \(sign)\(inclusive ? "=" : "") ?")
        values.append(row.id)
      } else {
        conditions.append("\(keys[count].name) \(sign) ?")
        values.append(keys[count].value)
      }
      return (conditions.joined(separator: " AND "), values)
    }
  }

  private func find(_ id: Int64) throws(Problem) -> Place? {
    for (index, group) in keyset.groups.enumerated() {
      let place = try database.one(
        """
        SELECT \((group.keys + ["1"]).joined(separator: ", ")) FROM \(list.tables(group))
        WHERE \(list.condition) AND \(group.condition) AND \(list.id(group)) = ?
        """, bindings: list.values + [id]
      ) { row in Place(group: index, keys: group.keys.indices.map { row.value($0) }, id: id) }
      if let place { return place }
    }
    return nil
  }

  /// Where a row stood that is gone; nil where only the row itself could say.
  private func placeOfGone(_ id: Int64) -> Place? {
    keyset.isSorted ? nil : Place(group: keyset.groups.count - 1, keys: [], id: id)
  }

  // MARK: Counting

  /// How many there are, counted up to a bound and estimated by the distance of ids beyond it.
  private func length() throws(Problem) -> Length {
    if let total = list.total { return Length(total: total, isEstimate: false) }
    if keyset.isSorted {
      let total = try database.one(
        "SELECT count(*) FROM \(list.tables) WHERE \(list.condition)", bindings: list.values
      ) { $0.int(0) }
      return Length(total: total ?? 0, isEstimate: false)
    }
    var length = Length(total: 0, isEstimate: false)
    for group in keyset.groups {
      let condition = "\(list.condition) AND \(group.condition)"
      let counted = try bounded(group, "1", list.values)
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

  private func bounded(
    _ group: Keyset.Group, _ place: String, _ values: Bindings, most: Int? = nil
  ) throws(Problem) -> Int {
    try database.one(
      """
      SELECT count(*) FROM (SELECT 1 FROM \(list.tables(group))
        WHERE \(list.condition) AND \(group.condition) AND \(place) LIMIT ?)
      """, bindings: values + [most ?? mostCounted + 1]
    ) { $0.int(0) } ?? 0
  }

  /// The rows before this one; nil where they are more than may be counted.
  private func count(before row: Place, all: Bool = false) throws(Problem) -> Int? {
    let most = all ? -1 : mostCounted + 1
    var sum = 0
    for group in keyset.groups.prefix(row.group) where all || sum <= mostCounted {
      sum += try bounded(group, "1", list.values, most: most)
    }
    let group = keyset.groups[row.group]
    for (place, values) in places(beyond: row, !group.descends) where all || sum <= mostCounted {
      sum += try bounded(group, place, list.values + values, most: most)
    }
    return all || sum <= mostCounted ? sum : nil
  }

  private func position(of row: Place, _ length: Length) throws(Problem) -> Int {
    if let exact = try count(before: row, all: keyset.isSorted) { return exact }
    let group = keyset.groups[row.group]
    let condition = "\(list.condition) AND \(group.condition)"
    guard let low = try edge(condition, "ASC", 0), let high = try edge(condition, "DESC", 0),
      high > low
    else { return mostCounted }
    let share = Double(group.descends ? high - row.id : row.id - low) / Double(high - low)
    return max(mostCounted, Int(Double(length.total - 1) * share))
  }
}
