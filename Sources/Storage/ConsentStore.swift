// The consent ledger (append-only) and the suppressions, which outlive person and link. A
// suppression is found by its address and, after an erasure, by the address's keyed hash.

import Basics
import Domain
import SQLite

package struct ConsentStore {
  let database: Connection

  package func record(_ entries: [ConsentEntry]) throws(Problem) {
    for entry in entries {
      try database.execute(
        """
        INSERT INTO consent_entry (person_id, address_key, old, new, at, by, evidence)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """, entry.person, entry.key, entry.old, entry.new, entry.at, entry.by, entry.evidence)
    }
  }

  /// When this address was asked to confirm last; nil where the ledger has no such line.
  package func lastPending(_ key: AddressKey) throws(Problem) -> Instant? {
    try database.one(
      """
      SELECT at FROM consent_entry WHERE address_key = ? AND new = 'pending'
      ORDER BY id DESC LIMIT 1
      """, key
    ) { $0.instant(0) }
  }

  static let suppressionsAt = """
    SELECT s.address_key, s.reason, s.at, s.evidence FROM json_each(?) AS j
      CROSS JOIN suppression s INDEXED BY suppression_by_key
        ON s.audience_id = ? AND s.address_key = j.value
    """

  /// The suppressions among these addresses.
  package func suppressions(
    _ audienceID: String, at keys: some Collection<AddressKey>
  ) throws(Problem) -> [AddressKey: Suppression] {
    let found = try database.rows(
      Self.suppressionsAt, json(keys), audienceID
    ) { (row) throws(Problem) in
      Suppression(
        key: AddressKey(row.text(0)), reason: try row.state(1), at: row.instant(2),
        evidence: row.text(3))
    }
    var byKey = Dictionary(found.map { ($0.key, $0) }) { first, _ in first }
    guard try hasErased(audienceID) else { return byKey }
    for key in keys where byKey[key] == nil {
      byKey[key] = try database.one(
        """
        SELECT reason, at, evidence FROM suppression
        WHERE audience_id = ? AND address_hash = ? AND address_key IS NULL
        """, audienceID, try hash(key)
      ) { (row) throws(Problem) in
        Suppression(key: key, reason: try row.state(0), at: row.instant(1), evidence: row.text(2))
      }
    }
    return byKey
  }

  static let refusedBy = """
    SELECT DISTINCT c.person_id, s.address_key, s.reason
    FROM json_each(?1) p CROSS JOIN consent_entry c ON c.person_id = p.value
      CROSS JOIN suppression s INDEXED BY suppression_by_key
        ON s.audience_id = ?2 AND s.address_key = c.address_key
    WHERE c.by = 'Mailchimp' AND c.new NOT IN ('subscribed', 'pending')
      AND s.reason <> 'cleaned'
    ORDER BY c.person_id, s.address_key
    """

  /// Addresses these people refused at by themselves, as the ledger has it, and that are suppressed
  /// still; not those that bounced. Whoever has the contact there now, the refusal was theirs.
  package func refusals(
    _ audienceID: String, of people: some Collection<PersonID>
  ) throws(Problem) -> [(person: PersonID, key: AddressKey, reason: SuppressionReason)] {
    if people.isEmpty { return [] }
    return try database.rows(
      Self.refusedBy, JSONValue.array(people.map { .int($0.rawValue) }), audienceID
    ) { (row) throws(Problem) in
      (PersonID(row.int64(0)), AddressKey(row.text(1)), try row.state(2))
    }
  }

  /// Those of these addresses of whose refusals the ledger tells whose they were.
  package func attributed(among keys: some Collection<AddressKey>) throws(Problem) -> Set<
    AddressKey
  > {
    Set(
      try database.rows(
        """
        SELECT DISTINCT address_key FROM consent_entry
        WHERE address_key IN (SELECT value FROM json_each(?)) AND \(Self.isRefusal)
        """, json(keys)
      ) { AddressKey($0.text(0)) })
  }

  /// How the evidence begins of what the ledger is told later than it was read.
  private static let readBefore = "read before it was known whose it is"

  private static let isRefusal = """
    by = 'Mailchimp' AND new NOT IN ('subscribed', 'pending') AND person_id IS NOT NULL
    """

  /// These links are about to be saved: where one goes to somebody else, the ledger is told whose the
  /// refusal there was, if it does not know, so that it follows whoever leaves and not who comes.
  package func noteHandovers(_ links: [Link], at now: Instant) throws(Problem) {
    for link in links {
      guard let owner = link.owner else { continue }
      try database.execute(
        """
        INSERT INTO consent_entry (person_id, address_key, old, new, at, by, evidence)
        SELECT l.owner_id, l.address_key, '', 'suppressed: ' || s.reason, ?4, 'Mailchimp',
          '\(Self.readBefore); somebody else has the address now'
        FROM link l JOIN suppression s ON s.audience_id = l.audience_id
          AND s.address_key = l.address_key
        WHERE l.audience_id = ?1 AND l.address_key = ?2 AND l.owner_id <> ?3
          AND s.reason <> 'cleaned'
          AND NOT EXISTS (SELECT 1 FROM consent_entry
            WHERE address_key = l.address_key AND \(Self.isRefusal))
        """, link.audienceID, link.key, owner, now)
    }
  }

  /// These people's standings are about to be saved: who left an address of their own that bars
  /// refused there by themselves, as far as anybody knows, and the ledger is told. Their contact may
  /// never have had to be written to, so that no link says whose it was. Of several who stood there
  /// together anybody may have: all who leave are told of, but nobody who came after the first had
  /// left. Who stood at a manager's address refused nothing.
  package func noteDepartures(
    _ people: some Collection<PersonID>, from audienceID: String, at now: Instant
  ) throws(Problem) {
    try database.execute(
      """
      INSERT INTO consent_entry (person_id, address_key, old, new, at, by, evidence)
      SELECT st.person_id, st.key, '', 'suppressed: ' || s.reason, ?3, 'Mailchimp',
        '\(Self.readBefore); they have another address now'
      FROM json_each(?1) AS j CROSS JOIN standing st ON st.person_id = j.value
        CROSS JOIN suppression s INDEXED BY suppression_by_key
          ON s.audience_id = ?2 AND s.address_key = st.key
      WHERE s.reason <> 'cleaned'
        AND NOT EXISTS (SELECT 1 FROM address
          WHERE person_id = st.person_id AND position = 0 AND key = st.key)
        AND EXISTS (SELECT 1 FROM audit
          WHERE person_id = st.person_id AND field = 'email1' AND lower(trim(old)) = st.key)
        AND NOT EXISTS (SELECT 1 FROM consent_entry c
          WHERE c.address_key = st.key AND \(Self.isRefusal)
            AND (c.person_id = st.person_id OR c.evidence NOT GLOB '\(Self.readBefore)*'
              OR NOT EXISTS (SELECT 1 FROM audit a WHERE a.person_id = st.person_id
                AND a.field = 'email1' AND lower(trim(a.new)) = st.key AND a.at < c.at)))
      """, JSONValue.array(people.map { .int($0.rawValue) }), audienceID, now)
  }

  /// Remembers it; a later reason replaces an earlier one, but that somebody else archived or
  /// deleted the contact does not undo that the person left or bounced before: an administrator may
  /// lift the one and not the other.
  package func suppress(_ suppressions: [Suppression], in audienceID: String) throws(Problem) {
    for suppression in suppressions {
      try database.execute(
        """
        INSERT INTO suppression (audience_id, address_hash, address_key, reason, at, evidence)
        VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (audience_id, address_hash) DO UPDATE
        SET address_key = excluded.address_key, (reason, at, evidence) =
          (SELECT \(Self.graver("excluded", "suppression")))
        """, audienceID, try hash(suppression.key), suppression.key, suppression.reason.rawValue,
        suppression.at, suppression.evidence)
    }
  }

  /// Reason, time and evidence of `new`, or of `old` where that is the graver.
  static func graver(_ new: String, _ old: String) -> String {
    let weak = "('archived by others', 'deleted by others')"
    let keeps = "\(new).reason IN \(weak) AND \(old).reason NOT IN \(weak)"
    return ["reason", "at", "evidence"].map {
      "CASE WHEN \(keeps) THEN \(old).\($0) ELSE \(new).\($0) END"
    }.joined(separator: ", ")
  }

  /// Takes them back: the member is there and subscribed by their own doing.
  package func lift(_ keys: [AddressKey], in audienceID: String) throws(Problem) {
    for key in keys {
      try database.execute(
        "DELETE FROM suppression WHERE audience_id = ? AND address_hash = ?", audienceID,
        try hash(key))
    }
  }

  /// When whoever had this address was erased last; nil where nobody was.
  package func erasedAt(_ key: AddressKey) throws(Problem) -> Instant? {
    try database.one(
      """
      SELECT at FROM consent_entry WHERE address_key = ? AND new = 'erased'
      ORDER BY id DESC LIMIT 1
      """, Schema.erasedMark + Digest.hex(try hash(key))
    ) { $0.instant(0) }
  }

  private func hasErased(_ audienceID: String) throws(Problem) -> Bool {
    try database.one(
      "SELECT 1 FROM suppression WHERE audience_id = ? AND address_key IS NULL LIMIT 1",
      audienceID
    ) { $0.bool(0) } ?? false
  }

  /// HMAC-SHA256 with the workspace's own key: of no use to whoever has the file's copy only in
  /// part, and the same for one address as long as the workspace lives.
  func hash(_ key: AddressKey) throws(Problem) -> [UInt8] { try hash(key.description) }

  /// The same of an external id that was erased.
  func hash(_ text: String) throws(Problem) -> [UInt8] {
    let secret = try database.one("SELECT hash_key FROM workspace") { $0.blob(0) } ?? []
    return Digest.hmacSHA256(key: secret, text.utf8)
  }
}

extension WorkspaceAccess {
  package var consent: ConsentStore { ConsentStore(database: database) }
}
