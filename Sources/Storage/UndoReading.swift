// The row outcomes of an execution in the order they were written, for whoever takes them back.

import Basics
import Domain
import SQLite

extension ExecutionStore {
  /// Those after `id`, at most `limit`, with their ids.
  package func outcomes(
    of execution: ExecutionID, after id: Int64, limit: Int
  ) throws(Problem) -> [(id: Int64, outcome: RowOutcome)] {
    try database.rows(
      """
      SELECT o.id, \(Reports.outcomeColumns) FROM row_outcome o
      WHERE o.execution_id = ? AND o.id > ? ORDER BY o.id LIMIT ?
      """, execution, id, limit
    ) { (row) throws(Problem) in (row.int64(0), try Reports.outcome(row, at: 1)) }
  }
}
