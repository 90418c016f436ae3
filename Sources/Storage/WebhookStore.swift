// The webhook of each audience and the inbox of its deliveries. What must stay true: a delivery and
// the order to look at its people are written in one transaction; a delivery is *looked at* only by
// a look that began after it came.

import Basics
import Domain
import SQLite

/// A delivery as it came in.
package struct NewDelivery: Sendable, Equatable {
  package var event: WebhookEvent
  package var body: [UInt8]
  /// False for one that names somebody who was erased: whom it names is not written down.
  package var isKept = true
  package var audienceID: String
  package var signature: SignatureVerdict
  /// `waiting`, `ignored` or `refused`.
  package var fate: DeliveryFate
  package var sentence: String

  package init(
    event: WebhookEvent, body: [UInt8], audienceID: String, signature: SignatureVerdict,
    fate: DeliveryFate, sentence: String = ""
  ) {
    self.event = event
    self.body = body
    self.audienceID = audienceID
    self.signature = signature
    self.fate = fate
    self.sentence = sentence
  }
}

/// The end of a look at one address.
package struct WebhookLook: Sendable, Equatable {
  package var key: AddressKey
  /// The last delivery there was when the look began.
  package var upTo: DeliveryID
  package var changed: Bool

  package init(key: AddressKey, upTo: DeliveryID, changed: Bool) {
    self.key = key
    self.upTo = upTo
    self.changed = changed
  }
}

package struct WebhookStore {
  let database: Connection
  let now: Instant

  // MARK: The webhook

  package func record(of audienceID: String) throws(Problem) -> WebhookRecord? {
    try database.one(
      """
      SELECT remote_id, address, signing_secret, created_at, checked_at, verified_at, problem
      FROM webhook WHERE audience_id = ?
      """, audienceID
    ) { (row) throws(Problem) in
      var record = WebhookRecord(audienceID: audienceID)
      record.remoteID = row.optionalText(0)
      record.address = Secret(row.text(1))
      record.signingSecret = row.optionalText(2).map { Secret($0) }
      record.createdAt = row.optionalInstant(3)
      record.checkedAt = row.optionalInstant(4)
      record.verifiedAt = row.optionalInstant(5)
      record.problem = row.isNull(6) ? nil : Problem(json: try row.json(6))
      return record
    }
  }

  /// Of every audience that ever had one.
  package func records() throws(Problem) -> [WebhookRecord] {
    let ids = try database.rows("SELECT audience_id FROM webhook ORDER BY audience_id") {
      $0.text(0)
    }
    var found: [WebhookRecord] = []
    for id in ids { found += try record(of: id).map { [$0] } ?? [] }
    return found
  }

  /// Replaces what stands there. A delivery that was verified meanwhile stays so while the signing
  /// secret is the same.
  package func save(_ record: WebhookRecord) throws(Problem) {
    try database.execute(
      """
      INSERT INTO webhook (audience_id, remote_id, address, signing_secret, created_at,
        checked_at, verified_at, problem) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (audience_id) DO UPDATE SET remote_id = excluded.remote_id,
        address = excluded.address, created_at = excluded.created_at,
        checked_at = excluded.checked_at, problem = excluded.problem,
        verified_at = CASE WHEN webhook.signing_secret = excluded.signing_secret
          THEN coalesce(webhook.verified_at, excluded.verified_at) ELSE excluded.verified_at END,
        signing_secret = excluded.signing_secret
      """, record.audienceID, record.remoteID, record.address.reveal(),
      record.signingSecret?.reveal(), record.createdAt, record.checkedAt, record.verifiedAt,
      record.problem?.json.description)
  }

  package func forget(_ audienceID: String) throws(Problem) {
    try database.execute("DELETE FROM webhook WHERE audience_id = ?", audienceID)
  }

  /// The secret at the end of our address; made where there is none yet.
  package func path() throws(Problem) -> Secret {
    let settings = SettingsStore(database: database, now: now)
    let known = try settings.values()[Settings.webhookPath]
    if !known.isEmpty { return known }
    let made = (0..<4).map { _ in padded(UInt64.random(in: .min ... .max)) }.joined()
    try settings.set(Settings.webhookPath.key, to: made)
    return Secret(made)
  }

  private func padded(_ number: UInt64) -> String {
    let digits = String(number, radix: 36)
    return String(repeating: "0", count: 13 - digits.count) + digits
  }

  // MARK: The listener

  /// Where the listener of the engine listens; nil when it stopped. A webhook that is in trouble is
  /// looked after again: nobody may have listened when Mailchimp tried its address.
  package func setListening(at address: String?, problem: Problem? = nil) throws(Problem) {
    if address != nil {
      try database.execute("UPDATE webhook SET checked_at = NULL WHERE problem IS NOT NULL")
    }
    try database.execute(
      "UPDATE webhook_listener SET address = ?, since = ?, problem = ?", address, now,
      problem?.json.description)
  }

  /// As the last engine left it: whether one runs now is the lock's word.
  package func listener() throws(Problem) -> (address: String?, problem: Problem?) {
    try database.one("SELECT address, problem FROM webhook_listener") { (row) throws(Problem) in
      (
        address: row.optionalText(0),
        problem: row.isNull(1) ? nil : Problem(json: try row.json(1))
      )
    } ?? (address: nil, problem: nil)
  }

  // MARK: Deliveries

  /// Puts it into the inbox; nil where the same body is there already, and nothing changes then.
  package func receive(_ delivery: NewDelivery) throws(Problem) -> DeliveryID? {
    let event = delivery.event
    let id: DeliveryID? = try database.one(
      """
      INSERT INTO webhook_delivery (received_at, digest, audience_id, type, summary, fired_at,
        signature, fate, sentence, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT DO NOTHING RETURNING id
      """, now, Digest.sha256(delivery.body), delivery.audienceID, event.type, event.summary,
      event.firedAt, delivery.signature.rawValue, delivery.fate.rawValue, delivery.sentence,
      delivery.isKept ? delivery.body : nil
    ) { $0.identifier(0) }
    guard let id, delivery.isKept else { return id }
    for (position, key) in event.addresses.enumerated() {
      try database.execute(
        """
        INSERT INTO webhook_address (delivery_id, position, address_key, is_open)
        VALUES (?, ?, ?, ?)
        """, id, position, key, delivery.fate == .waiting)
    }
    return id
  }

  /// The last delivery so far; 0 for none.
  package func lastDelivery() throws(Problem) -> DeliveryID {
    try database.one("SELECT coalesce(max(id), 0) FROM webhook_delivery") { $0.identifier(0) }
      ?? DeliveryID(0)
  }

  /// What the open deliveries about these addresses say, for the ledger: "webhook delivery 12,
  /// unsubscribe, manual". Where there are several, the latest of those with a reason counts.
  package func evidence(
    _ keys: some Collection<AddressKey>
  ) throws(Problem) -> [AddressKey: String] {
    var found: [AddressKey: String] = [:]
    try database.query(
      """
      SELECT a.address_key, d.id, d.summary FROM webhook_address a
      JOIN webhook_delivery d ON d.id = a.delivery_id
      WHERE a.is_open = 1 AND a.address_key IN (SELECT value FROM json_each(?))
      ORDER BY d.type IN ('unsubscribe', 'cleaned'), d.id
      """, json(keys)
    ) { row in
      found[AddressKey(row.text(0))] = "webhook delivery \(row.int64(1)), \(row.text(2))"
    }
    return found
  }

  /// Ends the deliveries whose people have all been looked at.
  package func finish(_ looks: [WebhookLook], in execution: ExecutionID) throws(Problem) {
    for look in looks {
      let deliveries: [DeliveryID] = try database.rows(
        """
        UPDATE webhook_address SET is_open = 0, changed = ?
        WHERE address_key = ? AND is_open = 1 AND delivery_id <= ? RETURNING delivery_id
        """, look.changed, look.key, look.upTo
      ) { $0.identifier(0) }
      for id in Set(deliveries) {
        try database.execute(
          """
          UPDATE webhook_delivery SET execution_id = ?1, sentence = '', fate = CASE
              WHEN EXISTS (SELECT 1 FROM webhook_address WHERE delivery_id = ?2 AND is_open = 1)
                THEN 'waiting'
              WHEN EXISTS (SELECT 1 FROM webhook_address WHERE delivery_id = ?2 AND changed = 1)
                THEN 'looked at'
              ELSE 'echo' END
          WHERE id = ?2
          """, execution, id)
      }
    }
  }

  /// Says of the open deliveries about this address why they are still waiting.
  package func note(_ sentence: String, about key: AddressKey) throws(Problem) {
    try database.execute(
      """
      UPDATE webhook_delivery SET sentence = ? WHERE id IN
        (SELECT delivery_id FROM webhook_address WHERE address_key = ? AND is_open = 1)
      """, sentence, key)
  }

  // MARK: Retention

  /// How many refused ones are kept: a stranger cannot fill the file.
  package static let mostRefused = 500

  /// Bodies go like those of API calls; the rows like executions, refused ones beyond the last
  /// few at once.
  package func sweep(bodiesBefore: Instant, before: Instant) throws(Problem) {
    try database.execute(
      """
      UPDATE webhook_delivery SET body = NULL WHERE id IN
        (SELECT id FROM webhook_delivery WHERE received_at < ? AND body IS NOT NULL
          ORDER BY id LIMIT 500)
      """, bodiesBefore)
    try database.execute(
      """
      DELETE FROM webhook_delivery WHERE id IN
        (SELECT id FROM webhook_delivery WHERE received_at < ? AND fate <> 'waiting'
          ORDER BY id LIMIT 500)
      """, before)
    try database.execute(
      """
      DELETE FROM webhook_delivery WHERE fate = 'refused' AND id <=
        (SELECT id FROM webhook_delivery WHERE fate = 'refused'
          ORDER BY id DESC LIMIT 1 OFFSET ?)
      """, Self.mostRefused)
  }
}

extension WorkspaceAccess {
  package var webhooks: WebhookStore { WebhookStore(database: database, now: now) }
}
