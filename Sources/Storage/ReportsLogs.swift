// The log: read by the ids of its lines, which come in the order of time, and searched a bounded
// piece at a time. What must stay true: no question here takes longer than one piece, however long
// the log is; the words of a filter alone are found by an index.

import Basics
import Domain
import SQLite

extension Reports {
  private static let logColumns = "l.id, l.execution_id, l.at, l.level, l.sentence, l.fields"

  private static func logRow(_ row: Row) throws(Problem) -> LogRow {
    LogRow(
      id: row.int64(0), execution: row.optionalIdentifier(1),
      line: LogLine(
        at: row.instant(2), LogLevel(rawValue: row.int(3)) ?? .info, row.text(4),
        fields: (try row.json(5).object ?? [:]).compactMapValues(\.string)))
  }

  /// Oldest first.
  package func logs(
    _ filter: LogFilter, _ place: WindowPlace, count: Int, anchor: WindowAnchor? = nil
  ) throws(Problem) -> Window<LogRow> {
    try window(try logList(filter), place, count: count, anchor: anchor) { (ids) throws(Problem) in
      try byID(ids) {
        "SELECT \(Reports.logColumns) FROM log_line l WHERE l.id IN \($0)"
      } map: { (row) throws(Problem) in
        try Reports.logRow(row)
      }
    }
  }

  /// Lines after `id`, oldest first, for following; to `last` where that is told.
  package func logs(
    _ filter: LogFilter, after id: Int64, through last: Int64 = .max, limit: Int
  ) throws(Problem) -> [LogRow] {
    let list = try logList(filter)
    return try database.rows(
      """
      SELECT \(Reports.logColumns) FROM \(list.tables) WHERE \(list.condition)
        AND \(list.id) > ? AND \(list.id) <= ? ORDER BY \(list.id) LIMIT ?
      """, bindings: list.values + [id, last, limit], map: Reports.logRow)
  }

  func logList(
    _ filter: LogFilter, isScanned: Bool = false
  ) throws(Problem) -> ReportList {
    var list = ReportList(tables: "log_line l", id: "l.id", keyset: Keyset())
    if let pattern = Reports.logPattern(filter.text) {
      list.tables = "log_text t CROSS JOIN log_line l ON l.id = t.rowid"
      list.id = "t.rowid"
      list.filter("t.log_text MATCH ?", pattern)
    }
    // A literal, so that the partial indexes are found; where every line is read anyway the index of
    // nearly all of them would only cost.
    if filter.minimum > .debug {
      let isHidden = isScanned && filter.minimum == .info
      list.filter("\(isHidden ? "+" : "")l.level >= \(filter.minimum.rawValue)")
    }
    if let execution = filter.execution { list.filter("l.execution_id = ?", execution) }
    if let within = filter.within {
      list.filter("\(list.id) >= ?", try firstLine(from: now - within) ?? 0)
    }
    return list
  }

  /// Every word, each as the beginning of one; nil for a text without letters and digits.
  static func logPattern(_ text: String) -> String? {
    let words = text.split { !$0.isLetter && !$0.isNumber }
    return words.isEmpty ? nil : words.map { "\"\($0)\"*" }.joined(separator: " ")
  }

  // MARK: Searching

  /// Lines read for one answer.
  package static let logPiece = 200_000

  /// The next line of `filter` that has `text`, in any part and in letters of either case, and is
  /// at least `minimum`: after or before `from`, or the last one without it. A search that began at
  /// `origin` says how far it is.
  package func logMatch(
    _ filter: LogFilter, text: String, minimum: LogLevel, from: Int64?, backwards: Bool,
    origin: Int64? = nil, piece: Int = Reports.logPiece
  ) throws(Problem) -> LogSearch {
    var filter = filter
    filter.minimum = max(filter.minimum, minimum)
    let isBack = backwards || from == nil
    var list = try logList(filter, isScanned: !text.isEmpty)
    guard
      let low = try database.one("SELECT min(id) FROM log_line", map: { $0.optionalInt64(0) })
        ?? nil,
      let high = try database.one("SELECT max(id) FROM log_line", map: { $0.optionalInt64(0) })
        ?? nil
    else { return .nothing }
    let start = min(max(from ?? high + 1, low - 1), high + 1)
    let order = isBack ? "DESC" : "ASC"
    guard !text.isEmpty else {
      list.filter("\(list.id) \(isBack ? "<" : ">") ?", start)
      return try first(list, order).map { .found($0) } ?? .nothing
    }
    let end = isBack ? max(low, start - Int64(piece)) : min(high, start + Int64(piece))
    list.filter(
      isBack ? "\(list.id) < ? AND \(list.id) >= ?" : "\(list.id) > ? AND \(list.id) <= ?", start,
      end)
    let pattern = "%" + Reports.literal(text) + "%"
    list.filter(
      """
      (l.sentence LIKE ? ESCAPE '\\' OR (l.fields <> '{}' AND l.fields LIKE ? ESCAPE '\\'))
      """, pattern, pattern)
    if let found = try first(list, order) { return .found(found) }
    if isBack ? end <= low : end >= high { return .nothing }
    let begun = min(max(origin ?? start, low), high + 1)
    let way = max(1, isBack ? begun - low : high - begun)
    return .goesOn(from: end, share: Int(abs(end - begun) * 1000 / way))
  }

  private func first(_ list: ReportList, _ order: String) throws(Problem) -> Int64? {
    try database.one(
      """
      SELECT \(list.id) FROM \(list.tables) WHERE \(list.condition)
      ORDER BY \(list.id) \(order) LIMIT 1
      """, bindings: list.values
    ) { $0.int64(0) }
  }

  /// As LIKE takes it for itself.
  private static func literal(_ text: String) -> String {
    text.map { "%_\\".contains($0) ? "\\\($0)" : String($0) }.joined()
  }

  /// The first line of `filter` from this moment on; the last one where none is so late.
  package func logLine(_ filter: LogFilter, at instant: Instant) throws(Problem) -> Int64? {
    guard let from = try firstLine(from: instant) else { return nil }
    var list = try logList(filter)
    list.filter("\(list.id) >= ?", from)
    if let found = try first(list, "ASC") { return found }
    return try first(try logList(filter), "DESC")
  }

  /// The id from which on lines were written at this moment or later; nil where there are none.
  private func firstLine(from instant: Instant) throws(Problem) -> Int64? {
    // Lines are written in the order of time, so that halving finds the place in two dozen looks.
    let low = try database.one("SELECT min(id) FROM log_line", map: { $0.optionalInt64(0) }) ?? nil
    let top = try database.one("SELECT max(id) FROM log_line", map: { $0.optionalInt64(0) }) ?? nil
    guard var from = low, let top else { return nil }
    var high = top + 1
    while from < high {
      let middle = from + (high - from) / 2
      let line = try database.one(
        "SELECT id, at FROM log_line WHERE id >= ? ORDER BY id LIMIT 1", middle
      ) { (id: $0.int64(0), at: $0.instant(1)) }
      if let line, line.at < instant { from = line.id + 1 } else { high = middle }
    }
    return from
  }
}
