// Reads and keeps the numbers that are drawn.

import Basics
import Domain
import SQLite

package struct FigureStore: WorkspaceAccess {
  package let database: Connection
  package let now: Instant

  package func throughput() throws(Problem) -> Throughput {
    var minutes: [Int64: Int] = [:]
    try database.query(
      "SELECT minute, people FROM throughput WHERE minute > ?", Throughput.minute(now) - 60
    ) { minutes[$0.int64(0)] = $0.int(1) }
    return Throughput(minutes)
  }

  // MARK: Growth

  package func growth(of audience: String) throws(Problem) -> AudienceGrowth {
    let months = try database.rows(
      """
      SELECT month, subscribed, unsubscribed, cleaned, pending FROM growth_month
      WHERE audience_id = ? ORDER BY month
      """, audience
    ) {
      GrowthMonth(
        $0.text(0), subscribed: $0.int(1), unsubscribed: $0.int(2), cleaned: $0.int(3),
        pending: $0.int(4))
    }
    let readAt = try database.one("SELECT at FROM growth_reading WHERE audience_id = ?", audience) {
      $0.instant(0)
    }
    return AudienceGrowth(months: months, readAt: readAt)
  }

  /// Months that are told again replace what was kept of them; others stay.
  package func save(_ months: [GrowthMonth], of audience: String) throws(Problem) {
    for month in months {
      try database.execute(
        """
        INSERT INTO growth_month (audience_id, month, subscribed, unsubscribed, cleaned, pending)
          VALUES (?, ?, ?, ?, ?, ?)
          ON CONFLICT (audience_id, month) DO UPDATE SET subscribed = excluded.subscribed,
            unsubscribed = excluded.unsubscribed, cleaned = excluded.cleaned,
            pending = excluded.pending
        """, audience, month.month, month.subscribed, month.unsubscribed, month.cleaned,
        month.pending)
    }
    try database.execute(
      """
      INSERT INTO growth_reading (audience_id, at) VALUES (?, ?)
        ON CONFLICT (audience_id) DO UPDATE SET at = excluded.at
      """, audience, now)
  }

  // MARK: What the plan allows

  /// Nil before the audiences were read.
  package func allowance() throws(Problem) -> AudienceAllowance? {
    try database.one("SELECT audiences, most, may_create FROM account_allowance") {
      AudienceAllowance(audiences: $0.int(0), most: $0.optionalInt(1), mayCreate: $0.bool(2))
    }
  }

  package func save(_ allowance: AudienceAllowance) throws(Problem) {
    try database.execute(
      """
      INSERT INTO account_allowance (id, audiences, most, may_create) VALUES (1, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET audiences = excluded.audiences, most = excluded.most,
          may_create = excluded.may_create
      """, allowance.audiences, allowance.most, allowance.mayCreate)
  }
}

extension WorkspaceAccess {
  package var figures: FigureStore { FigureStore(database: database, now: now) }
}
