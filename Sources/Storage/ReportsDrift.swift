// Differences as screens and `--json` show them, and how the last verification ended.

import Basics
import Domain
import SQLite

extension Reports {
  /// Open differences of the audience that is chosen by kind, in the order of the kinds. Those of
  /// another one wait until it is chosen again.
  package func driftGroups() throws(Problem) -> [DriftGroup] {
    let groups = try database.rows(
      """
      SELECT class, count(*), min(found_at) FROM drift
      WHERE state = 'open' AND audience_id = ? GROUP BY class
      """, try settings.values()[Settings.audience]
    ) { (row) throws(Problem) in
      DriftGroup(kind: try row.state(0), count: row.int(1), firstAt: row.instant(2))
    }
    return DriftClass.allCases.compactMap { kind in groups.first { $0.kind == kind } }
  }

  /// Open differences by kind and address.
  package func drifts(
    _ kind: DriftClass?, _ place: WindowPlace, count: Int
  ) throws(Problem) -> Window<DriftRow> {
    try window(try driftList(kind), place, count: count) { (ids) throws(Problem) in
      try byID(ids) { ids in
        """
        SELECT d.id, coalesce(\(Reports.displayName), ''), d.address_key, d.person_id, d.class,
          d.name, d.ours, d.theirs, d.found_at, d.execution_id
        FROM drift d LEFT JOIN person p ON p.id = d.person_id WHERE d.id IN \(ids)
        """
      } map: { (row) throws(Problem) in
        DriftRow(
          id: row.int64(0), name: row.text(1),
          drift: Drift(
            key: AddressKey(row.text(2)), person: row.optionalIdentifier(3),
            kind: try row.state(4), name: row.text(5),
            ours: MergeValue(json: try JSONValue.parse(row.text(6))),
            theirs: MergeValue(json: try JSONValue.parse(row.text(7)))),
          foundAt: row.instant(8), execution: row.identifier(9))
      }
    }
  }

  func driftList(_ kind: DriftClass?) throws(Problem) -> ReportList {
    var list = ReportList(
      tables: "drift d", id: "d.id", order: "d.class, d.address_key, d.id",
      isBefore: """
        (d.class, d.address_key, d.id) <
          (SELECT q.class, q.address_key, q.id FROM drift q WHERE q.id = ?)
        """)
    list.filter("d.state = 'open' AND d.audience_id = ?", try settings.values()[Settings.audience])
    if let kind { list.filter("d.class = ?", kind.rawValue) }
    return list
  }

  /// Nil where the audience was never verified.
  package func lastVerification(
    of audienceID: String
  ) throws(Problem) -> VerificationSummary? {
    let open = try database.integer(
      "SELECT count(*) FROM drift WHERE state = 'open' AND audience_id = ?", audienceID)
    return try database.one(
      "SELECT execution_id, at, sample, totals FROM verification WHERE audience_id = ?",
      audienceID
    ) { (row) throws(Problem) in
      VerificationSummary(
        execution: row.identifier(0), at: row.instant(1), sample: row.optionalInt(2),
        totals: VerificationTotals(json: try row.json(3)), open: open)
    }
  }
}
