// The differences a verification found, until they are repaired, dismissed or found no more. One row
// an address and field: finding it again renews it, and what was dismissed stays so until it changes.

import Basics
import Domain
import SQLite

package struct DriftStore {
  let database: Connection
  let now: Instant

  // MARK: Finding

  package func save(
    _ drifts: [Drift], of id: ExecutionID, audienceID: String
  ) throws(Problem) {
    for drift in drifts {
      try database.execute(
        """
        INSERT INTO drift (audience_id, execution_id, address_key, person_id, class, name, ours,
          theirs, found_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (audience_id, address_key, class, name) DO UPDATE SET
          execution_id = excluded.execution_id, person_id = excluded.person_id,
          ours = excluded.ours, theirs = excluded.theirs,
          found_at = CASE WHEN state = 'open' THEN found_at ELSE excluded.found_at END,
          decided_at = NULL, repair_id = NULL,
          state = CASE WHEN state = 'dismissed' AND (ours, theirs) IS (excluded.ours, excluded.theirs)
            THEN 'dismissed' ELSE 'open' END
        """, audienceID, id, drift.key, drift.person, drift.kind.rawValue, drift.name,
        drift.ours.json.description, drift.theirs.json.description, now)
    }
    guard !drifts.isEmpty else { return }
    try database.execute("UPDATE execution SET detected_changes = 1 WHERE id = ?", id)
  }

  /// Remembers which addresses the audience has shown to this verification.
  package func show(_ keys: [AddressKey], to id: ExecutionID) throws(Problem) {
    for key in keys {
      try database.execute(
        "INSERT OR IGNORE INTO verified (execution_id, address_key) VALUES (?, ?)", id, key)
    }
  }

  package func shown(
    to id: ExecutionID, among keys: some Collection<AddressKey>
  ) throws(Problem) -> Set<AddressKey> {
    Set(
      try database.rows(
        """
        SELECT address_key FROM verified
        WHERE execution_id = ? AND address_key IN (SELECT value FROM json_each(?))
        """, id, json(keys)
      ) { AddressKey($0.text(0)) })
  }

  /// What an earlier verification found and this one did not is over: everywhere, or at the
  /// addresses of the sample.
  package func conclude(
    _ id: ExecutionID, audienceID: String, sample: Int?, totals: JSONValue
  ) throws(Problem) {
    let atSample =
      sample == nil
      ? "" : "AND address_key IN (SELECT address_key FROM verified WHERE execution_id = ?1)"
    try database.execute(
      "DELETE FROM drift WHERE execution_id <> ?1 AND audience_id = ?2 \(atSample)", id,
      audienceID)
    try database.execute("DELETE FROM verified WHERE execution_id = ?", id)
    try database.execute(
      """
      INSERT OR REPLACE INTO verification (audience_id, execution_id, at, sample, totals)
      VALUES (?, ?, ?, ?, ?)
      """, audienceID, id, now, sample, totals.description)
  }

  /// Random addresses of the directory and the audience: the same for the same seed, as long as
  /// nobody comes or goes. One pass over all of them, keeping `count`.
  package func sample(
    _ count: Int, seed: UInt64, audienceID: String
  ) throws(Problem) -> [AddressKey] {
    var chosen: [(mark: Int64, key: AddressKey)] = []
    try database.query(
      """
      SELECT key FROM address WHERE position = 0
      UNION SELECT address_key FROM link WHERE audience_id = ? AND status IS NOT NULL
      """, audienceID
    ) { row in
      let key = row.text(0)
      var digest = Digest64()
      digest.combine(String(seed))
      digest.combine(key)
      let mark = digest.value
      if chosen.count == count, let last = chosen.last, last.mark <= mark { return }
      let place = chosen.firstIndex { $0.mark > mark } ?? chosen.count
      chosen.insert((mark, AddressKey(key)), at: place)
      if chosen.count > count { chosen.removeLast() }
    }
    return chosen.map(\.key)
  }

  // MARK: What is on its way

  /// Addresses a message waits for, or has in hand.
  package func queued(among keys: some Collection<AddressKey>) throws(Problem) -> Set<AddressKey> {
    Set(
      try database.rows(
        """
        SELECT value FROM json_each(?) WHERE
          EXISTS (SELECT 1 FROM message WHERE state = 'ready' AND kind = 'sync address'
            AND subject = 'address:' || value)
          OR EXISTS (SELECT 1 FROM message WHERE state = 'leased'
            AND subject = 'address:' || value)
        """, json(keys)
      ) { AddressKey($0.text(0)) })
  }

  /// People whose change has not been taken in.
  package func changedPeople(among people: [PersonID]) throws(Problem) -> Set<PersonID> {
    Set(
      try database.rows(
        """
        SELECT value FROM json_each(?) WHERE
          EXISTS (SELECT 1 FROM message WHERE state = 'ready' AND kind = 'person changed'
            AND subject = 'person:' || value)
        """, JSONValue.array(people.map { .int($0.rawValue) })
      ) { $0.identifier(0) })
  }

  /// Of these, who was refused at the last try, and who stands in a plan that is not done.
  package func standings(
    of people: [PersonID]
  ) throws(Problem) -> (refused: Set<PersonID>, planned: Set<PersonID>) {
    let isPlanning =
      try database.one(
        "SELECT 1 FROM plan WHERE status IN ('drafting', 'held', 'approved') LIMIT 1"
      ) { $0.bool(0) } ?? false
    var refused: Set<PersonID> = []
    var planned: Set<PersonID> = []
    try database.query(
      """
      SELECT person_id, state FROM json_each(?) j CROSS JOIN standing s
      WHERE s.person_id = j.value
        AND (s.state = 'refused' OR (s.state = 'waiting' AND s.reason = 'planned'))
      """, JSONValue.array(people.map { .int($0.rawValue) })
    ) { row in
      if row.text(1) == "refused" {
        refused.insert(row.identifier(0))
      } else if isPlanning {
        planned.insert(row.identifier(0))
      }
    }
    return (refused, planned)
  }

  // MARK: Deciding

  private func condition(_ selection: DriftSelection) -> (String, Bindings) {
    switch selection {
    case .rows(let ids):
      (
        "state = 'open' AND id IN (SELECT value FROM json_each(?))",
        [JSONValue.array(ids.map { .int($0) }).description]
      )
    case .all(let kind):
      (
        "state = 'open' AND (? IS NULL OR class = ?)", [kind?.rawValue, kind?.rawValue]
      )
    }
  }

  /// True where something other than tags is chosen.
  package func isMoreThanTags(
    _ selection: DriftSelection, audienceID: String
  ) throws(Problem) -> Bool {
    let (condition, values) = condition(selection)
    return try database.one(
      "SELECT 1 FROM drift WHERE audience_id = ? AND class <> 'tag' AND \(condition) LIMIT 1",
      bindings: [audienceID] + values
    ) { $0.bool(0) } ?? false
  }

  /// What is chosen of tags: at which address which one, and whether it is missing there.
  package func ofTags(
    _ selection: DriftSelection, audienceID: String
  ) throws(Problem) -> [(id: Int64, key: AddressKey, tag: String, isMissing: Bool)] {
    let (condition, values) = condition(selection)
    return try database.rows(
      """
      SELECT id, address_key, name, ours <> '""' FROM drift
      WHERE audience_id = ? AND class = 'tag' AND \(condition)
      """, bindings: [audienceID] + values
    ) { (id: $0.int64(0), key: AddressKey($0.text(1)), tag: $0.text(2), isMissing: $0.bool(3)) }
  }

  /// These are no more: both sides agree about the tag.
  package func settle(
    tag: TagID, at keys: [AddressKey], missingOnly: Bool = false
  ) throws(Problem) {
    if keys.isEmpty { return }
    try database.execute(
      """
      UPDATE drift SET state = 'repaired', decided_at = ?1
      WHERE state = 'open' AND class = 'tag' AND (NOT ?4 OR ours <> '""')
        AND address_key IN (SELECT value FROM json_each(?2))
        AND (audience_id, name) = (SELECT audience_id, name FROM kept_tag WHERE id = ?3)
      """, now, json(keys), tag, missingOnly)
  }

  /// Gives what is chosen, tags excepted, to an execution that repairs it; returns how many
  /// addresses.
  package func beginRepair(
    _ selection: DriftSelection, by id: ExecutionID, audienceID: String
  ) throws(Problem) -> Int {
    let (condition, values) = condition(selection)
    try database.execute(
      "UPDATE drift SET repair_id = ? WHERE audience_id = ? AND class <> 'tag' AND \(condition)",
      bindings: [id, audienceID] + values)
    return try database.integer(
      "SELECT count(DISTINCT address_key) FROM drift WHERE repair_id = ?", id)
  }

  /// Of the audience that is chosen; returns how many.
  package func dismiss(_ selection: DriftSelection, audienceID: String) throws(Problem) -> Int {
    let (condition, values) = condition(selection)
    return try database.execute(
      """
      UPDATE drift SET state = 'dismissed', decided_at = ?
      WHERE audience_id = ? AND \(condition)
      """, bindings: [now, audienceID] + values)
  }

  /// The addresses an execution repairs, in their order.
  package func keys(
    inRepair id: ExecutionID, after key: AddressKey?, limit: Int
  ) throws(Problem) -> [AddressKey] {
    try database.rows(
      """
      SELECT DISTINCT address_key FROM drift WHERE repair_id = ? AND address_key > ?
      ORDER BY address_key LIMIT ?
      """, id, key?.description ?? "", limit
    ) { AddressKey($0.text(0)) }
  }

  /// Those of `keys` where something is open.
  package func open(
    _ audienceID: String, at keys: some Collection<AddressKey>
  ) throws(Problem) -> [AddressKey] {
    if keys.isEmpty { return [] }
    let isAny = try database.one("SELECT 1 FROM drift WHERE state = 'open' LIMIT 1") { $0.bool(0) }
    guard isAny == true else { return [] }
    return try database.rows(
      """
      SELECT DISTINCT address_key FROM drift WHERE state = 'open' AND audience_id = ?
        AND address_key IN (SELECT value FROM json_each(?))
      """, audienceID, json(keys)
    ) { AddressKey($0.text(0)) }
  }

  /// What was open at `key` and is not among what differs still; tags are settled by what becomes of
  /// them.
  package func settle(
    _ key: AddressKey, remaining: [Drift], audienceID: String
  ) throws(Problem) {
    let names = JSONValue.array(remaining.map { .string("\($0.kind.rawValue) \($0.name)") })
    try database.execute(
      """
      UPDATE drift SET state = 'repaired', decided_at = ?
      WHERE audience_id = ? AND address_key = ? AND state = 'open' AND class <> 'tag'
        AND class || ' ' || name NOT IN (SELECT value FROM json_each(?))
      """, now, audienceID, key, names.description)
  }
}

extension WorkspaceAccess {
  package var drifts: DriftStore { DriftStore(database: database, now: now) }
}

extension VerificationTotals {
  package var json: JSONValue {
    func count(_ number: Int) -> JSONValue { .int(Int64(number)) }
    return [
      "people": [
        "in step": count(inStep), "different": count(different), "waiting": count(waiting),
        "excluded": count(excluded), "refused": count(refused), "all": count(people),
      ],
      "contacts": [
        "matched": count(matched), "left": count(left), "unknown": count(unknown),
        "all": count(contacts),
      ],
      "statuses": .object(
        Dictionary(members.map { ($0.rawValue, count($1)) }) { first, _ in first }),
      "missing there": count(missingThere),
      "differences": .object(
        Dictionary(drift.map { ($0.rawValue, count($1)) }) { first, _ in first }),
    ]
  }

  package init(json: JSONValue) {
    self.init()
    func count(_ part: String, _ name: String) -> Int { Int(json[part]?[name]?.int ?? 0) }
    inStep = count("people", "in step")
    different = count("people", "different")
    waiting = count("people", "waiting")
    excluded = count("people", "excluded")
    refused = count("people", "refused")
    matched = count("contacts", "matched")
    left = count("contacts", "left")
    unknown = count("contacts", "unknown")
    missingThere = Int(json["missing there"]?.int ?? 0)
    for (name, number) in json["statuses"]?.object ?? [:] {
      guard let status = MemberStatus(rawValue: name) else { continue }
      members[status] = Int(number.int ?? 0)
    }
    for (name, number) in json["differences"]?.object ?? [:] {
      guard let kind = DriftClass(rawValue: name) else { continue }
      drift[kind] = Int(number.int ?? 0)
    }
  }
}
