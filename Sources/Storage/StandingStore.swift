// Where everybody stands, and why: written by the engine, read by every screen. The counts by state
// and reason are kept by triggers, so that no overview counts a million rows.

import Basics
import Domain
import SQLite

package struct StandingCount: Sendable, Equatable {
  package let state: PersonState
  package let reason: String
  package let people: Int
}

package struct StandingStore {
  let database: Connection
  let now: Instant

  /// Writes what differs. `since` stays while state and reason do. People who were removed in the
  /// meantime are passed over.
  package func save(_ standings: [(person: PersonID, Standing)]) throws(Problem) {
    for (person, standing) in standings {
      try database.execute(
        """
        INSERT INTO standing (person_id, state, reason, sentence, key, since, other_id)
          SELECT id, ?2, ?3, ?4, ?5, ?6, ?7 FROM person WHERE id = ?1
          ON CONFLICT (person_id) DO UPDATE SET state = excluded.state, reason = excluded.reason,
            sentence = excluded.sentence, key = excluded.key, other_id = excluded.other_id,
            since = CASE WHEN (state, reason) = (excluded.state, excluded.reason)
              THEN since ELSE excluded.since END
          WHERE (state, reason, sentence, key, other_id) IS NOT (excluded.state, excluded.reason,
            excluded.sentence, excluded.key, excluded.other_id)
        """, person, standing.state.rawValue, standing.reason, standing.sentence,
        standing.key?.description, now, standing.other)
    }
  }

  /// Nil for somebody who is not in the directory.
  package func standing(of person: PersonID) throws(Problem) -> (
    standing: Standing, since: Instant
  )? {
    try database.one(
      "SELECT state, reason, sentence, key, other_id, since FROM standing WHERE person_id = ?",
      person
    ) { (row) throws(Problem) in (try StandingStore.standing(row, at: 0), row.instant(5)) }
  }

  /// By state and reason, most first.
  package func counts() throws(Problem) -> [StandingCount] {
    try database.rows(
      """
      SELECT state, reason, people FROM standing_count WHERE people > 0
      ORDER BY people DESC, state, reason
      """
    ) { (row) throws(Problem) in
      StandingCount(state: try row.state(0), reason: row.text(1), people: row.int(2))
    }
  }

  /// State, reason, sentence, key and other, from five columns.
  static func standing(_ row: Row, at index: Int) throws(Problem) -> Standing {
    var standing = Standing(
      try row.state(index), reason: row.text(index + 1), sentence: row.text(index + 2),
      key: row.optionalText(index + 3).map { AddressKey($0) })
    standing.other = row.optionalIdentifier(index + 4)
    return standing
  }
}

extension WorkspaceAccess {
  package var standings: StandingStore { StandingStore(database: database, now: now) }
}
