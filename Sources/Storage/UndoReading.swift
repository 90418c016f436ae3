// The row outcomes of an execution in the order they were written, for whoever takes them back; and
// what was done since to people who came.

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

extension DirectoryStore {
  /// Those of `ids` whom nobody changed since they came from Mailchimp, and who manage nobody.
  package func untouched(among ids: some Collection<PersonID>) throws(Problem) -> Set<PersonID> {
    Set(
      try database.rows(
        """
        SELECT p.id FROM json_each(?) j CROSS JOIN person p WHERE p.id = j.value
          AND NOT EXISTS (SELECT 1 FROM audit a WHERE a.person_id = p.id
            AND (a.at > p.created_at OR a.who NOT GLOB 'Mailchimp*'))
          AND NOT EXISTS (SELECT 1 FROM person c WHERE c.manager_id = p.id)
        """, JSONValue.array(ids.map { .int($0.rawValue) })
      ) { $0.identifier(0) })
  }
}

extension LinkStore {
  /// Those of `ids` who stand behind several contacts, one of which at least was sent to.
  package func sentTwice(among ids: some Collection<PersonID>) throws(Problem) -> Set<PersonID> {
    Set(
      try database.rows(
        """
        SELECT owner_id FROM link WHERE owner_id IN (SELECT value FROM json_each(?))
        GROUP BY owner_id HAVING count(*) > 1 AND max(sent_at) IS NOT NULL
        """, JSONValue.array(ids.map { .int($0.rawValue) })
      ) { $0.identifier(0) })
  }
}
