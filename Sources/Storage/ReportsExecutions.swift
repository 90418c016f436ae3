// Executions and all that hangs on them: steps, row outcomes, requests, log lines; plans.

import Basics
import Domain
import SQLite

extension Reports {
  // MARK: Executions

  /// Running first, then latest first; or in another order.
  package func executions(
    _ filter: ExecutionFilter, sort: ExecutionSort = ExecutionSort(), _ place: WindowPlace,
    count: Int, anchor: WindowAnchor? = nil
  ) throws(Problem) -> Window<Execution> {
    try window(executionList(filter, sort), place, count: count, anchor: anchor) {
      (ids) throws(Problem) in
      try byID(ids) {
        "SELECT \(ExecutionStore.columns) FROM execution WHERE id IN \($0)"
      } map: { (row) throws(Problem) in
        try ExecutionStore.execution(row)
      }
    }
  }

  func executionList(
    _ filter: ExecutionFilter, _ sort: ExecutionSort = ExecutionSort()
  ) -> ReportList {
    var list = ReportList(tables: "execution e", id: "e.id", keyset: sort.keyset)
    if let only = filter.statuses.first, filter.statuses.count == 1 {
      list.filter("e.status = ?", only.rawValue)
    } else if !filter.statuses.isEmpty {
      list.filter(
        "e.status IN (SELECT value FROM json_each(?))",
        JSONValue.array(filter.statuses.map { .string($0.rawValue) }))
    }
    if let flow = filter.flow { list.filter("e.flow = ?", flow.rawValue) }
    if let trigger = filter.trigger { list.filter("e.trigger = ?", trigger.rawValue) }
    if let since = filter.since { list.filter("e.queued_at >= ?", since) }
    if let until = filter.until { list.filter("e.queued_at < ?", until) }
    if let within = filter.within { list.filter("e.queued_at >= ?", now - within) }
    if filter.originalsOnly { list.filter("e.original_id IS NULL") }
    // Nothing changed and nothing is wrong; in the words of its index.
    if filter.hidesUnchanged {
      list.filter("(e.detected_changes = 1 OR e.status <> 'succeeded')")
    }
    if let person = filter.person {
      list.filter("e.id IN (SELECT execution_id FROM row_outcome WHERE person_id = ?)", person)
    }
    let who = AddressKey(filter.who).description
    if !who.isEmpty {
      let number = who.hasPrefix("#") ? Int64(who.dropFirst()) ?? 0 : 0
      list.filter(
        """
        e.id IN (SELECT execution_id FROM row_outcome WHERE address_key = ?
          UNION ALL SELECT execution_id FROM row_outcome WHERE person_id IN
            (SELECT id FROM person WHERE external_id = ? OR id = ?
              UNION SELECT person_id FROM address WHERE key = ?))
        """, who, Text.oneLine(filter.who), number, who)
    }
    let text = Text.oneLine(filter.text)
    if !text.isEmpty { list.filter(Reports.executionText(text).0, Reports.executionText(text).1) }
    return list
  }

  /// Of lines with a word that stands everywhere, only the latest are looked at.
  private static let mostLines = 20_000

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
         OR e.id IN (SELECT execution_id FROM log_line WHERE id IN
          (SELECT rowid FROM log_text WHERE log_text MATCH ?
            ORDER BY rowid DESC LIMIT \(mostLines)))
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

  /// Refused first, then in the order they were written; with `result`, only those.
  package func outcomes(
    of id: ExecutionID, only result: RowResult? = nil, _ place: WindowPlace, count: Int,
    anchor: WindowAnchor? = nil
  ) throws(Problem) -> Window<OutcomeRow> {
    try window(outcomeList(id, result), place, count: count, anchor: anchor) {
      (ids) throws(Problem) in
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

  func outcomeList(_ id: ExecutionID, _ result: RowResult? = nil) -> ReportList {
    var list = ReportList(
      tables: "row_outcome o", id: "o.id",
      keyset: Keyset(groups: ["(o.result <> 'refused') = 0", "(o.result <> 'refused') = 1"]))
    list.filter("o.execution_id = ?", id)
    if let result { list.filter("o.result = ?", result.rawValue) }
    return list
  }

  /// How an execution that does another again went beside it; nil where it does none again, or
  /// where that one is gone.
  package func comparison(of id: ExecutionID) throws(Problem) -> RunComparison? {
    guard let run = try execution(id), let first = run.original,
      let original = try execution(first)
    else { return nil }
    // With one max() in the list, SQLite takes the bare columns from the row that has it.
    let both = """
      WITH old AS (SELECT address_key AS k, result, sentence, max(id) FROM row_outcome
          WHERE execution_id = ?1 GROUP BY address_key),
        new AS (SELECT address_key AS k, result, sentence, max(id) FROM row_outcome
          WHERE execution_id = ?2 GROUP BY address_key),
        both AS (
          SELECT new.k AS k, old.result AS before, new.result AS after,
            coalesce(nullif(new.sentence, ''), old.sentence, '') AS sentence
          FROM new LEFT JOIN old ON old.k = new.k
          UNION ALL SELECT old.k, old.result, NULL, old.sentence
          FROM old LEFT JOIN new ON new.k = old.k WHERE new.k IS NULL)
      """
    var comparison = RunComparison(original: original, run: run)
    comparison.moves = try database.rows(
      """
      \(both) SELECT before, after, count(*) FROM both GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
      """, first, id
    ) {
      RunComparison.Move(
        old: RowResult(rawValue: $0.text(0)), new: RowResult(rawValue: $0.text(1)),
        count: $0.int(2))
    }
    comparison.people = try database.rows(
      """
      \(both) SELECT k, before, after, sentence FROM both WHERE before IS NOT after
      ORDER BY after IS NOT 'refused', k LIMIT 200
      """, first, id
    ) {
      RunComparison.Difference(
        key: AddressKey($0.text(0)), old: RowResult(rawValue: $0.text(1)),
        new: RowResult(rawValue: $0.text(2)), sentence: $0.text(3))
    }
    return comparison
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
    of id: ExecutionID, _ place: WindowPlace, count: Int, anchor: WindowAnchor? = nil
  ) throws(Problem) -> Window<ExchangeRow> {
    var list = ReportList(tables: "exchange x", id: "x.id", keyset: Keyset())
    list.filter("x.execution_id = ?", id)
    return try window(list, place, count: count, anchor: anchor) { (ids) throws(Problem) in
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

  /// The last request of an execution that was about this address, with its bodies: it is named in
  /// the path by its digest, or stands in what was sent.
  package func exchange(
    of id: ExecutionID, about key: AddressKey
  ) throws(Problem) -> ExchangeRow? {
    let found = try database.one(
      """
      SELECT x.id FROM exchange x LEFT JOIN exchange_body b ON b.exchange_id = x.id
      WHERE x.execution_id = ?1
        AND (instr(x.path, ?2) > 0 OR instr(lower(coalesce(b.request, '')), ?3) > 0)
      ORDER BY x.id DESC LIMIT 1
      """, id, Digest.md5(key.description.utf8), key
    ) { $0.int64(0) }
    guard let found else { return nil }
    return try exchange(found)
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
          r.person_id, r.action, r.status, r.changes, r.remarks, r.digest, r.from_key, r.tags,
          r.is_opt_out
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

extension ExecutionSort {
  fileprivate var keyset: Keyset {
    switch column {
    case .started:
      let groups = [
        // Said twice, so that the index of unfinished executions is found.
        "e.status = 'running' AND e.status IN ('waiting', 'running', 'held')",
        "e.status <> 'running'",
      ]
      return Keyset(groups: isReversed ? groups.reversed() : groups, descends: !isReversed)
    case .took:
      // Those that took no time yet come last, whichever way round.
      return Keyset([
        Keyset.Group(
          condition: "e.finished_at IS NOT NULL AND e.started_at IS NOT NULL",
          keys: ["e.finished_at - e.started_at - e.waited"], descends: !isReversed),
        Keyset.Group(
          condition: "(e.finished_at IS NULL OR e.started_at IS NULL)", descends: true),
      ])
    case .outcome:
      let all = ExecutionStatus.byUrgency.map { "e.status = '\($0.rawValue)'" }
      return Keyset(groups: isReversed ? all.reversed() : all, descends: true)
    case .people:
      return Keyset([
        Keyset.Group(
          keys: [
            "e.created + e.updated + e.unsubscribed + e.archived + e.deleted + e.refused"
          ],
          descends: !isReversed)
      ])
    }
  }
}
