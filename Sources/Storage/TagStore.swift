// Tags as the engine keeps them: which there are, who is to gain or lose one, what became of it. A
// comparison is a few statements over sets, whatever the number of members; what it finds stands in
// `tag_work` until it is sent, so that a stop costs nothing. What must stay true: only rows of
// `tag_membership` are ever turned into a loss.

import Basics
import Domain
import Queue
import SQLite

package struct TagStore: WorkspaceAccess {
  package let database: Connection
  package let now: Instant

  /// The kind of message that makes the engine look whether a tag is to be changed.
  package static let look = "look at tags"

  /// Members of these statuses gain and lose tags; archived and bounced ones are left alone.
  static let eligible = "('subscribed', 'unsubscribed', 'pending', 'transactional')"

  static let columns = """
    t.id, t.audience_id, (SELECT name FROM saved_search WHERE id = t.search_id), t.name,
    t.segment_id, t.state, t.problem, t.adopts, t.reads, t.read_offset, t.is_free, t.name_there,
    t.is_named_back, t.read_tail
    """

  /// Of a row of `columns`.
  static func tag(_ row: Row) throws(Problem) -> KeptTag {
    KeptTag(
      id: row.identifier(0), audienceID: row.text(1), search: row.optionalText(2),
      name: row.text(3), segmentID: row.optionalInt64(4), state: try row.state(5),
      problem: row.isNull(6) ? nil : Problem(json: try row.json(6)), adopts: row.bool(7),
      reads: row.bool(8),
      place: TagPlace(
        offset: row.int(9), tail: (try row.json(13).array ?? []).compactMap(\.string)),
      isFree: row.bool(10),
      nameThere: row.optionalText(11), isNamedBack: row.bool(12))
  }

  func tags(_ condition: String, _ values: Bindings) throws(Problem) -> [KeptTag] {
    try database.rows(
      "SELECT \(Self.columns) FROM kept_tag t WHERE \(condition) ORDER BY t.id",
      bindings: values, map: Self.tag)
  }

  package func tags(of audienceID: String) throws(Problem) -> [KeptTag] {
    try tags("t.audience_id = ?", [audienceID])
  }

  package func tag(_ id: TagID) throws(Problem) -> KeptTag? {
    try tags("t.id = ?", [id]).first
  }

  // MARK: Asking for a look

  package func askForLook() throws(Problem) {
    try MessageQueue.enqueue(
      NewMessage(kind: Self.look, subject: "tags", runAt: now), on: database)
  }

  /// Something about these addresses changed: they are compared with every tag of the audience.
  package func touch(_ keys: some Collection<AddressKey>, in audienceID: String) throws(Problem) {
    guard !keys.isEmpty, try hasTags(audienceID) else { return }
    try database.execute(
      """
      INSERT OR IGNORE INTO tag_due (audience_id, address_key)
        SELECT ?, value FROM json_each(?) WHERE value <> ''
      """, audienceID, Self.json(keys))
    try askForLook()
  }

  /// Everybody is compared with every tag; a resync also reads who holds them at Mailchimp, and
  /// puts back what others took away.
  package func compareAll(
    _ audienceID: String, because trigger: Trigger, reading: Bool = false
  ) throws(Problem) {
    try database.execute(
      """
      UPDATE kept_tag SET due = ?1,
        reads = CASE WHEN ?3 AND state = 'kept' AND NOT reads THEN 1 ELSE reads END,
        state = CASE state WHEN 'problem' THEN
          CASE WHEN segment_id IS NULL THEN 'new' ELSE 'kept' END ELSE state END,
        problem = CASE WHEN name_there IS NULL THEN NULL ELSE problem END
      WHERE audience_id = ?2 AND state <> 'left'
      """, trigger.rawValue, audienceID, reading)
    try askForLook()
  }

  private func hasTags(_ audienceID: String) throws(Problem) -> Bool {
    try database.one("SELECT 1 FROM kept_tag WHERE audience_id = ? LIMIT 1", audienceID) {
      $0.bool(0)
    } ?? false
  }

  // MARK: Which tags there are

  /// Brings the tags of an audience in step with the saved searches: one for each search that is to
  /// be a tag, with its name; the tag of a search that is none any more, or that changed its name,
  /// leaves.
  package func reconcile(_ audienceID: String) throws(Problem) {
    let fields = try directory.customFields()
    let wanted = try database.rows(
      """
      SELECT id, coalesce(tag, name), filter FROM saved_search
      WHERE is_tag OR \(Schema.everySearchIsTag) ORDER BY id
      """
    ) { (id: $0.int64(0), name: $0.text(1), filter: $0.text(2)) }
    let searches = wanted.filter { wanted in
      // Marked by a stranger's hand, or by the setting for all: one that asks for tags is none.
      let query = try? SearchQuery(wanted.filter, customFields: fields)
      return query.map { !$0.asksForTags } ?? false && wanted.name.count <= KeptTag.longestName
    }
    let ids = JSONValue.array(searches.map { .int($0.id) })
    try database.execute(
      """
      UPDATE kept_tag SET search_id = NULL WHERE audience_id = ?
        AND search_id IS NOT NULL AND search_id NOT IN (SELECT value FROM json_each(?))
      """, audienceID, ids)
    for search in searches {
      try follow(search.id, to: search.name)
      try database.execute(
        """
        UPDATE kept_tag SET search_id = NULL WHERE audience_id = ? AND search_id = ?
          AND name <> ?
        """, audienceID, search.id, search.name)
    }
    for search in searches {
      let query = try SearchQuery(search.filter, customFields: fields)
      // One that was leaving under this name is taken up again: it is ours.
      try database.execute(
        """
        INSERT INTO kept_tag (audience_id, search_id, name, filter, due, is_dated)
          VALUES (?1, ?2, ?3, ?4, 'change', ?5)
          ON CONFLICT (audience_id, name) DO UPDATE SET search_id = excluded.search_id,
            filter = excluded.filter, due = coalesce(due, 'change'), is_dated = excluded.is_dated,
            state = CASE WHEN state IN ('leaving', 'left') THEN
              CASE WHEN segment_id IS NULL THEN 'new' ELSE 'kept' END ELSE state END
          WHERE search_id IS NULL
            OR (search_id = excluded.search_id
              AND (filter, is_dated) IS NOT (excluded.filter, excluded.is_dated))
        """, audienceID, search.id, search.name, search.filter, query.dependsOnToday)
    }
    try letGo(audienceID)
  }

  /// Tags without a search: one that was never at Mailchimp is forgotten, any other is to be taken
  /// off those we gave it to.
  private func letGo(_ audienceID: String) throws(Problem) {
    try database.execute(
      """
      DELETE FROM kept_tag WHERE audience_id = ? AND search_id IS NULL AND segment_id IS NULL
      """, audienceID)
    try database.execute(
      """
      UPDATE kept_tag SET state = 'leaving', due = coalesce(due, 'change'), reads = 0,
        read_offset = 0, adopts = 0, problem = NULL
      WHERE audience_id = ? AND search_id IS NULL AND state NOT IN ('leaving', 'left')
      """, audienceID)
  }

  static func json(_ keys: some Collection<AddressKey>) -> JSONValue {
    .array(keys.map { .string($0.description) })
  }
}

// MARK: Comparing

extension TagStore {
  /// Whom a comparison looks at.
  package enum Extent: Sendable {
    case everybody
    case these([AddressKey])

    fileprivate var isWhole: Bool {
      if case .everybody = self { true } else { false }
    }
  }

  /// The next tag everybody is to be compared with, and why.
  package func nextDue(_ audienceID: String) throws(Problem) -> (tag: KeptTag, because: Trigger)? {
    let day = try searchDay().today.description
    guard
      let tag = try tags(
        """
        t.audience_id = ? AND t.state <> 'left'
          AND (t.due IS NOT NULL OR (t.is_dated AND t.compared_on IS NOT ?))
        """, [audienceID, day]
      ).first
    else { return nil }
    let word = try database.one("SELECT due FROM kept_tag WHERE id = ?", tag.id) {
      $0.optionalText(0)
    }
    return (tag, (word ?? nil).flatMap(Trigger.init) ?? .schedule)
  }

  /// When a tag whose search depends on the day is to be compared next: now where the day is another
  /// one already, else at the next midnight of the workspace's zone. Nil where there is none.
  package func datedDue(_ audienceID: String) throws(Problem) -> Instant? {
    let days = try database.rows(
      """
      SELECT DISTINCT compared_on FROM kept_tag
      WHERE audience_id = ? AND is_dated AND state <> 'left'
      """, audienceID
    ) { $0.optionalText(0) }
    guard !days.isEmpty else { return nil }
    let day = try searchDay()
    return days.contains { $0 != day.today.description }
      ? now : day.span(of: .today).upperBound
  }

  /// Some addresses something changed about, oldest key first.
  package func dueKeys(_ audienceID: String, limit: Int) throws(Problem) -> [AddressKey] {
    try database.rows(
      "SELECT address_key FROM tag_due WHERE audience_id = ? ORDER BY address_key LIMIT ?",
      audienceID, limit
    ) { AddressKey($0.text(0)) }
  }

  package func forgetDue(_ keys: [AddressKey], _ audienceID: String) throws(Problem) {
    try database.execute(
      """
      DELETE FROM tag_due WHERE audience_id = ?
        AND address_key IN (SELECT value FROM json_each(?))
      """, audienceID, Self.json(keys))
  }

  /// Finds who is to gain the tag and who is to lose it, among everybody or some. Gains are the
  /// members in the search without it; losses those alone whom we gave it to. What stands in a plan
  /// that waits for a look waits with it, and where it came to nothing for the sync that plans it anew.
  package func compare(_ tag: KeptTag, _ extent: Extent) throws(Problem) {
    guard tag.state != .left else { return }
    let day = try searchDay()
    let filter = try self.filter(of: tag, day)
    let meant: Bindings =
      switch extent {
      case .everybody: []
      case .these(let keys): [Self.json(keys)]
      }
    func among(_ alias: String) -> String {
      extent.isWhole ? "1" : "\(alias).address_key IN (SELECT value FROM json_each(?))"
    }
    // Somebody deleted for good holds nothing any more.
    try database.execute(
      """
      DELETE FROM tag_membership WHERE tag_id = ? AND \(among("tag_membership"))
        AND NOT EXISTS (SELECT 1 FROM link l WHERE l.audience_id = ?
          AND l.address_key = tag_membership.address_key AND l.status IS NOT NULL)
      """, bindings: [tag.id] + meant + [tag.audienceID])
    let wanted = """
      SELECT l.address_key, l.owner_id FROM link l JOIN person p ON p.id = l.owner_id
        JOIN account a ON a.id = p.account_id
      WHERE l.audience_id = ? AND l.status IN \(Self.eligible) AND \(among("l"))
        AND (\(filter.condition))
      """
    let wantedValues = [tag.audienceID] + meant + filter.bindings
    let held = """
      SELECT coalesce(r.from_key, r.address_key) FROM plan p JOIN plan_row r ON r.plan_id = p.id
      WHERE p.audience_id = ? AND p.status = 'held'
      """
    func isDiscarded(_ alias: String) -> String {
      """
      EXISTS (SELECT 1 FROM standing WHERE person_id = \(alias).owner_id AND state = 'waiting'
          AND reason = 'discarded')
      """
    }
    let gains = """
      SELECT address_key FROM (\(wanted)) AS x
      WHERE NOT EXISTS (SELECT 1 FROM tag_membership
          WHERE tag_id = ? AND address_key = x.address_key)
        AND NOT EXISTS (SELECT 1 FROM tag_holder WHERE tag_id = ? AND address_key = x.address_key)
        AND address_key NOT IN (\(held)) AND NOT \(isDiscarded("x"))
      """
    let gainValues = wantedValues + [tag.id, tag.id, tag.audienceID]
    let losses = """
      SELECT m.address_key FROM tag_membership m
        JOIN link l ON l.audience_id = ? AND l.address_key = m.address_key
      WHERE m.tag_id = ? AND \(among("m")) AND l.status IN \(Self.eligible)
        AND m.address_key NOT IN (\(held)) AND NOT \(isDiscarded("l"))
        AND NOT EXISTS (SELECT 1 FROM person p JOIN account a ON a.id = p.account_id
          WHERE p.id = l.owner_id AND (\(filter.condition)))
      """
    let lossValues = [tag.audienceID, tag.id] + meant + [tag.audienceID] + filter.bindings
    try database.execute(
      """
      DELETE FROM tag_work WHERE tag_id = ? AND \(among("tag_work"))
        AND CASE change WHEN 'gain' THEN address_key NOT IN (\(gains))
          ELSE address_key NOT IN (\(losses)) END
      """, bindings: [tag.id] + meant + gainValues + lossValues)
    try database.execute(
      """
      INSERT OR IGNORE INTO tag_work (tag_id, address_key, change)
        SELECT ?, address_key, 'gain' FROM (\(gains)) WHERE true
      """, bindings: [tag.id] + gainValues)
    try database.execute(
      """
      INSERT OR REPLACE INTO tag_work (tag_id, address_key, change, is_checked)
        SELECT ?, address_key, 'lose', 1 FROM (\(losses)) WHERE true
      """, bindings: [tag.id] + lossValues)
    guard extent.isWhole else { return }
    try database.execute(
      "UPDATE kept_tag SET due = NULL, compared_on = ? WHERE id = ?", day.today.description, tag.id)
  }

  func filter(
    of tag: KeptTag, _ day: SearchDay
  ) throws(Problem) -> CompiledSearch {
    guard tag.search != nil, tag.state != .leaving else {
      return CompiledSearch(condition: "0", values: [])
    }
    let text = try database.one("SELECT filter FROM kept_tag WHERE id = ?", tag.id) { $0.text(0) }
    let query = try SearchQuery(text ?? "", customFields: try directory.customFields())
    return SearchCompiler(day: day).compile(query)
  }
}

extension WorkspaceAccess {
  package var tags: TagStore { TagStore(database: database, now: now) }
}
