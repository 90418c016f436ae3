// What was said to Mailchimp and answered, word for word: kept for a while and up to a size, so that
// a busy workspace does not grow by it. Sizes are those that the table `exchange` tells.

import Basics
import SQLite

extension ExecutionStore {
  /// Removes the oldest bodies said before `before`; returns how many were removed, 0 when none is
  /// left.
  package func sweepBodies(before: Instant, limit: Int = 500) throws(Problem) -> Int {
    // Ids grow with time: only the oldest are looked at.
    try database.execute(
      """
      DELETE FROM exchange_body WHERE exchange_id IN (
        SELECT x.id
        FROM (SELECT exchange_id FROM exchange_body ORDER BY exchange_id LIMIT ?) b
        CROSS JOIN exchange x ON x.id = b.exchange_id WHERE x.at < ?)
      """, limit, before)
  }

  /// The newest exchange whose body is beyond `most` bytes, counted from the newest on; nil where
  /// all of them have room.
  package func firstBodyBeyond(bytes most: Int64) throws(Problem) -> Int64? {
    try database.one(
      """
      SELECT id FROM (
        SELECT b.exchange_id AS id, sum(
          CASE WHEN b.request IS NULL THEN 0 ELSE x.request_bytes END
          + CASE WHEN b.response IS NULL THEN 0 ELSE x.response_bytes END)
          OVER (ORDER BY b.exchange_id DESC) AS total
        FROM exchange_body b JOIN exchange x ON x.id = b.exchange_id)
      WHERE total > ? ORDER BY id DESC LIMIT 1
      """, most
    ) { $0.int64(0) }
  }

  /// Removes bodies up to this exchange; returns how many were removed, 0 when none is left.
  package func removeBodies(upTo exchange: Int64, limit: Int = 500) throws(Problem) -> Int {
    try database.execute(
      """
      DELETE FROM exchange_body WHERE exchange_id IN (
        SELECT exchange_id FROM exchange_body WHERE exchange_id <= ? ORDER BY exchange_id LIMIT ?)
      """, exchange, limit)
  }
}
