// Contacts nobody here stands behind, a window at a time, by address.

import Basics
import Domain
import SQLite

extension Reports {
  /// Of the chosen audience. Who is archived is on no list any more.
  package func strangers(
    _ place: WindowPlace, count: Int
  ) throws(Problem) -> Window<UnknownContact> {
    let audience = try settings.values()[Settings.audience]
    let total = try strangerCount(audience)
    let last = max(0, total - count)
    let offset: Int =
      switch place {
      case .at(let position): min(max(0, position), last)
      case .end: last
      case .around: 0
      }
    let rows = try database.rows(
      """
      SELECT l.address_key, l.email, l.status, s.since, l.last_changed,
        trim(coalesce(l.seen ->> '$.FNAME', '') || ' ' || coalesce(l.seen ->> '$.LNAME', ''))
      FROM link l LEFT JOIN stranger s
        ON s.audience_id = l.audience_id AND s.address_key = l.address_key
      WHERE \(Self.isStranger) ORDER BY l.address_key LIMIT ? OFFSET ?
      """, audience, count, offset
    ) { (row) throws(Problem) in
      UnknownContact(
        key: AddressKey(row.text(0)), email: row.text(1), name: row.text(5),
        status: try row.state(2), since: row.optionalInstant(3),
        changedAt: row.optionalInstant(4))
    }
    return Window(rows: rows, offset: offset, total: total)
  }

  package func strangerCount(_ audienceID: String) throws(Problem) -> Int {
    try database.integer("SELECT count(*) FROM link l WHERE \(Self.isStranger)", audienceID)
  }

  /// As a verification counts them. The status is a literal, so that the partial index is found.
  private static let isStranger = """
    l.audience_id = ? AND l.owner_id IS NULL AND l.status IS NOT NULL AND l.status <> 'archived'
      AND NOT EXISTS (SELECT 1 FROM address WHERE key = l.address_key AND position = 0)
    """
}
