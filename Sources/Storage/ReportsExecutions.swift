// Executions and all that hangs on them: steps, row outcomes, requests, log lines; plans.

import Basics
import Domain
import SQLite

extension Reports {
  // MARK: Executions

  /// Running first, then latest first.
  package func executions(
    _ filter: ExecutionFilter, _ place: WindowPlace, count: Int
  ) throws(Problem) -> Window<Execution> {
    try window(try executionList(filter), place, count: count) { (ids) throws(Problem) in
      try byID(ids) {
        "SELECT \(ExecutionStore.columns) FROM execution WHERE id IN \($0)"
      } map: { (row) throws(Problem) in
        try ExecutionStore.execution(row)
      }
    }
  }

  func executionList(_ filter: ExecutionFilter) throws(Problem) -> ReportList {
    var list = ReportList(
      tables: "execution e", id: "e.id", order: "(e.status = 'running') DESC, e.id DESC",
      isBefore: """
        ((e.status = 'running'), e.id) >
          (SELECT (q.status = 'running'), q.id FROM execution q WHERE q.id = ?)
        """)
    if !filter.statuses.isEmpty {
      list.filter(
        "e.status IN (SELECT value FROM json_each(?))",
        JSONValue.array(filter.statuses.map { .string($0.rawValue) }))
    }
    if let flow = filter.flow { list.filter("e.flow = ?", flow.rawValue) }
    if let trigger = filter.trigger { list.filter("e.trigger = ?", trigger.rawValue) }
    if let since = filter.since { list.filter("e.queued_at >= ?", since) }
    if let until = filter.until { list.filter("e.queued_at < ?", until) }
    if filter.originalsOnly { list.filter("e.original_id IS NULL") }
    // Nothing changed and nothing is wrong.
    if filter.hidesUnchanged {
      list.filter("(e.detected_changes = 1 OR e.status <> 'succeeded')")
    }
    if let person = filter.person {
      list.filter("e.id IN (SELECT execution_id FROM row_outcome WHERE person_id = ?)", person)
    }
    let text = Text.oneLine(filter.text)
    if !text.isEmpty { list.filter(Reports.executionText(text).0, Reports.executionText(text).1) }
    return list
  }

  /// Its number, an address it touched, words of its log, flow, trigger, status or problem.
  private static func executionText(_ text: String) -> (String, Bindings) {
    let key = AddressKey(text).description
    var condition = """
      e.id = ? OR instr(lower(e.flow || ' ' || e.trigger || ' ' || e.status || ' '
          || coalesce(e.problem ->> '$.sentence', '')), ?) > 0
        OR e.id IN (SELECT execution_id FROM row_outcome WHERE address_key = ?)
      """
    var values: Bindings = [ExecutionID(text)?.rawValue ?? 0, key, key]
    if let pattern = logPattern(text) {
      condition += """
         OR e.id IN (SELECT execution_id FROM log_line
          WHERE id IN (SELECT rowid FROM log_text WHERE log_text MATCH ?))
        """
      values.append(pattern)
    }
    return ("(\(condition))", values)
  }

  package func execution(_ id: ExecutionID) throws(Problem) -> Execution? {
    try ExecutionStore(database: database, now: now).execution(id)
  }

  /// The newest one, for commands that say `latest`.
  package func latestExecution() throws(Problem) -> ExecutionID? {
    try database.one("SELECT max(id) FROM execution") { $0.optionalIdentifier(0) } ?? nil
  }

  /// In the order they ran.
  package func steps(of id: ExecutionID) throws(Problem) -> [StepRow] {
    try database.rows(
      """
      SELECT id, name, status, started_at, finished_at - started_at, output FROM step
      WHERE execution_id = ? ORDER BY id
      """, id
    ) { (row) throws(Problem) in
      StepRow(
        id: row.int64(0), name: row.text(1), status: try row.state(2), startedAt: row.instant(3),
        tookMilliseconds: row.optionalInt64(4), output: try row.json(5))
    }
  }

  // MARK: Row outcomes

  static let outcomeColumns =
    "o.person_id, o.address_key, o.result, o.reason, o.sentence, o.changes"

  static func outcome(_ row: Row, at index: Int) throws(Problem) -> RowOutcome {
    RowOutcome(
      person: row.optionalIdentifier(index), key: AddressKey(row.text(index + 1)),
      result: try row.state(index + 2), reason: row.text(index + 3),
      sentence: row.text(index + 4),
      changes: (try row.json(index + 5).array ?? []).map(FieldChange.init(json:)))
  }

  /// Refused first, then in the order they were written.
  package func outcomes(
    of id: ExecutionID, _ place: WindowPlace, count: Int
  ) throws(Problem) -> Window<OutcomeRow> {
    try window(outcomeList(id), place, count: count) { (ids) throws(Problem) in
      try byID(ids) { ids in
        """
        SELECT o.id, coalesce(\(Reports.displayName), ''), \(Reports.outcomeColumns)
        FROM row_outcome o LEFT JOIN person p ON p.id = o.person_id WHERE o.id IN \(ids)
        """
      } map: { (row) throws(Problem) in
        OutcomeRow(
          id: row.int64(0), name: row.text(1), email: row.text(3),
          outcome: try Reports.outcome(row, at: 2))
      }
    }
  }

  func outcomeList(_ id: ExecutionID) -> ReportList {
    var list = ReportList(
      tables: "row_outcome o", id: "o.id", order: "(o.result <> 'refused'), o.id",
      isBefore: """
        ((o.result <> 'refused'), o.id) <
          (SELECT (q.result <> 'refused'), q.id FROM row_outcome q WHERE q.id = ?)
        """)
    list.filter("o.execution_id = ?", id)
    return list
  }

  // MARK: Requests

  private static let exchangeColumns =
    "x.id, x.at, x.method, x.path, x.status, x.took, x.request_bytes, x.response_bytes, x.problem"

  private static func exchange(_ row: Row) -> ExchangeRow {
    ExchangeRow(
      id: row.int64(0), at: row.instant(1), method: row.text(2), path: row.text(3),
      status: row.optionalInt(4), tookMilliseconds: row.int64(5), requestBytes: row.int(6),
      responseBytes: row.int(7), problem: row.text(8))
  }

  /// In the order they were made, without bodies.
  package func exchanges(
    of id: ExecutionID, _ place: WindowPlace, count: Int
  ) throws(Problem) -> Window<ExchangeRow> {
    var list = ReportList(tables: "exchange x", id: "x.id", order: "x.id", isBefore: "x.id < ?")
    list.filter("x.execution_id = ?", id)
    return try window(list, place, count: count) { (ids) throws(Problem) in
      try byID(ids) {
        "SELECT \(Reports.exchangeColumns) FROM exchange x WHERE x.id IN \($0)"
      } map: {
        Reports.exchange($0)
      }
    }
  }

  /// One with its bodies, where they were kept.
  package func exchange(_ id: Int64) throws(Problem) -> ExchangeRow? {
    try database.one(
      """
      SELECT \(Reports.exchangeColumns), b.request, b.response
      FROM exchange x LEFT JOIN exchange_body b ON b.exchange_id = x.id WHERE x.id = ?
      """, id
    ) { row in
      var exchange = Reports.exchange(row)
      exchange.requestBody = row.optionalText(9)
      exchange.responseBody = row.optionalText(10)
      return exchange
    }
  }

  // MARK: Log lines

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
    _ filter: LogFilter, _ place: WindowPlace, count: Int
  ) throws(Problem) -> Window<LogRow> {
    try window(logList(filter), place, count: count) { (ids) throws(Problem) in
      try byID(ids) {
        "SELECT \(Reports.logColumns) FROM log_line l WHERE l.id IN \($0)"
      } map: { (row) throws(Problem) in
        try Reports.logRow(row)
      }
    }
  }

  /// Lines after `id`, oldest first, for following.
  package func logs(
    _ filter: LogFilter, after id: Int64, limit: Int
  ) throws(Problem) -> [LogRow] {
    let list = logList(filter)
    return try database.rows(
      """
      SELECT \(Reports.logColumns) FROM log_line l WHERE \(list.condition) AND l.id > ?
      ORDER BY l.id LIMIT ?
      """, bindings: list.values + [id, limit], map: Reports.logRow)
  }

  /// The id of the next line of `filter` that has `text` and is at least `minimum`: after or before
  /// `from`, or the last one without it.
  package func logMatch(
    _ filter: LogFilter, text: String, minimum: LogLevel, from: Int64?, backwards: Bool
  ) throws(Problem) -> Int64? {
    var list = logList(filter)
    list.filter("l.level >= \(minimum.rawValue)")
    list.filterLog(text: text)
    let isBack = backwards || from == nil
    list.filter(isBack ? "l.id < ?" : "l.id > ?", from ?? Int64.max)
    return try database.one(
      """
      SELECT l.id FROM log_line l WHERE \(list.condition)
      ORDER BY l.id \(isBack ? "DESC" : "ASC") LIMIT 1
      """, bindings: list.values
    ) { $0.int64(0) }
  }

  func logList(_ filter: LogFilter) -> ReportList {
    var list = ReportList(tables: "log_line l", id: "l.id", order: "l.id", isBefore: "l.id < ?")
    // A literal, so that the partial indexes are found.
    if filter.minimum > .debug { list.filter("l.level >= \(filter.minimum.rawValue)") }
    if let execution = filter.execution { list.filter("l.execution_id = ?", execution) }
    list.filterLog(text: filter.text)
    return list
  }

  /// Every word, each as the beginning of one; nil for a text without letters and digits.
  fileprivate static func logPattern(_ text: String) -> String? {
    let words = text.split { !$0.isLetter && !$0.isNumber }
    return words.isEmpty ? nil : words.map { "\"\($0)\"*" }.joined(separator: " ")
  }

  // MARK: Plans

  /// Those that wait for a decision, latest first.
  package func plans() throws(Problem) -> [PlanSummary] {
    try PlanStore(database: database, now: now).held().reversed()
  }

  /// All of them, latest first.
  package func allPlans(limit: Int) throws(Problem) -> [PlanSummary] {
    try database.rows(
      "\(PlanStore.summaries) ORDER BY p.id DESC LIMIT ?", limit, map: PlanStore.summary)
  }

  /// In the order they were planned; a row's id is its ordinal.
  package func planRows(
    of id: PlanID, _ place: WindowPlace, count: Int
  ) throws(Problem) -> Window<PlanRowSummary> {
    var list = ReportList(
      tables: "plan_row r", id: "r.ordinal", order: "r.ordinal", isBefore: "r.ordinal < ?")
    list.filter("r.plan_id = ?", id)
    // Ordinals have no gaps.
    list.total = try database.integer(
      "SELECT coalesce(max(ordinal) + 1, 0) FROM plan_row WHERE plan_id = ?", id)
    return try window(list, place, count: count) { (ordinals) throws(Problem) in
      guard let first = ordinals.first, let last = ordinals.last else { return [:] }
      var found: [Int64: PlanRowSummary] = [:]
      try database.query(
        """
        SELECT r.ordinal, coalesce(\(Reports.displayName), ''), r.address_key, r.email,
          r.person_id, r.action, r.status, r.changes, r.remarks, r.digest, r.from_key
        FROM plan_row r LEFT JOIN person p ON p.id = r.person_id
        WHERE r.plan_id = ? AND r.ordinal BETWEEN ? AND ?
        """, id, first, last
      ) { (row) throws(Problem) in
        found[row.int64(0)] = PlanRowSummary(
          id: row.int64(0), name: row.text(1), row: try PlanStore.row(row, at: 2))
      }
      return found
    }
  }
}

extension ReportList {
  fileprivate mutating func filterLog(text: String) {
    if let pattern = Reports.logPattern(text) {
      filter("l.id IN (SELECT rowid FROM log_text WHERE log_text MATCH ?)", pattern)
    }
  }
}
