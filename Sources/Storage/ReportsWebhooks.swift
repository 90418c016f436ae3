// The webhook's health and its inbox, for status, pane and doctor.

import Basics
import Domain
import SQLite

extension Reports {
  /// Of the chosen audience.
  package func webhook() throws(Problem) -> WebhookHealth {
    let settings = try settings.values()
    let url = settings[Settings.webhookURL]
    var health = WebhookHealth(state: .off)
    health.record = try webhooks.record(of: settings[Settings.audience])
    let path = settings[Settings.webhookPath]
    if !url.isEmpty, !path.isEmpty {
      health.address = Secret(WebhookWish.address(url: url, path: path))
    }
    if try EngineLock.holder(of: database.path) != nil {
      let listener = try webhooks.listener()
      health.listensAt = listener.address
      health.listenerProblem = listener.problem
    }
    health.lastDeliveryAt =
      try database.one("SELECT received_at FROM webhook_delivery ORDER BY id DESC LIMIT 1") {
        $0.optionalInstant(0)
      } ?? nil
    try database.query("SELECT fate, count(*) FROM webhook_delivery GROUP BY fate") { row in
      if let fate = DeliveryFate(rawValue: row.text(0)) { health.counts[fate] = row.int(1) }
    }
    if url.isEmpty {
      health.state = health.record?.remoteID == nil ? .off : .trouble
    } else if health.problem != nil {
      health.state = .trouble
    } else {
      health.state = health.record?.remoteID == nil ? .waiting : .working
    }
    return health
  }

  /// Latest first.
  package func deliveries(
    _ place: WindowPlace, count: Int
  ) throws(Problem) -> Window<WebhookDelivery> {
    let list = ReportList(
      tables: "webhook_delivery d", id: "d.id", order: "d.id DESC", isBefore: "d.id > ?")
    return try window(list, place, count: count) { (ids) throws(Problem) in
      var rows = try byID(ids) {
        """
        SELECT d.id, d.received_at, d.type, d.summary, d.fired_at, d.signature, d.fate, d.sentence,
          d.execution_id FROM webhook_delivery d WHERE d.id IN \($0)
        """
      } map: { (row) throws(Problem) in
        WebhookDelivery(
          id: row.identifier(0), receivedAt: row.instant(1), type: row.text(2),
          summary: row.text(3), addresses: [], firedAt: row.optionalInstant(4),
          signature: try row.state(5), fate: try row.state(6), sentence: row.text(7),
          execution: row.optionalIdentifier(8))
      }
      try database.query(
        """
        SELECT delivery_id, address_key FROM webhook_address
        WHERE delivery_id IN (SELECT value FROM json_each(?)) ORDER BY delivery_id, position
        """, JSONValue.array(ids.map { .int($0) })
      ) { rows[$0.int64(0)]?.addresses.append(AddressKey($0.text(1))) }
      return rows
    }
  }
}
