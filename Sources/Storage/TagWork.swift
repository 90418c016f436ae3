// What is left to do about tags, in the order in which it is done, and what became of it. The state
// stands in the tables alone: whoever comes after a stop finds the same next turn. What must stay
// true: a gain is sent only after it was looked whether others gave the tag before.

import Basics
import Domain
import SQLite

extension TagStore {
  /// A tag with somebody to tell, which Mailchimp can be told about.
  private static let open = """
    t.audience_id = ? AND t.state IN ('kept', 'leaving') AND t.segment_id IS NOT NULL
      AND NOT t.reads
    """

  private static let unsettled = """
    t.audience_id = ? AND t.state = 'new' AND (t.adopts
      OR EXISTS (SELECT 1 FROM tag_work w WHERE w.tag_id = t.id AND w.change = 'gain'))
    """

  private static let unread =
    "t.audience_id = ? AND t.state = 'kept' AND t.segment_id IS NOT NULL AND t.reads"

  private static let misnamed =
    "t.audience_id = ? AND t.is_named_back AND t.segment_id IS NOT NULL"

  /// True while the flow has something to do: while its next turn is another one than a rest.
  package func hasWork(_ audienceID: String) throws(Problem) -> Bool {
    let isWaitedFor = "EXISTS (SELECT 1 FROM tag_work w WHERE w.tag_id = t.id)"
    return try database.one(
      """
      SELECT 1 FROM kept_tag t
      WHERE (\(Self.misnamed)) OR (\(Self.unsettled)) OR (\(Self.unread))
        OR (\(Self.open) AND \(isWaitedFor))
      LIMIT 1
      """, audienceID, audienceID, audienceID, audienceID
    ) { $0.bool(0) } ?? false
  }

  /// How many gains and losses wait to be sent.
  package func waiting(_ audienceID: String) throws(Problem) -> Int {
    try database.integer(
      """
      SELECT count(*) FROM tag_work w JOIN kept_tag t ON t.id = w.tag_id
      WHERE t.audience_id = ? AND t.state IN ('new', 'kept', 'leaving')
      """, audienceID)
  }

  /// What comes next; with `keys`, among these addresses alone.
  package func turn(
    _ audienceID: String, among keys: Set<AddressKey>? = nil
  ) throws(Problem) -> TagTurn {
    if keys == nil {
      if let tag = try tags(Self.misnamed, [audienceID]).first { return .nameBack(tag) }
      let new = try tags(Self.unsettled, [audienceID])
      if !new.isEmpty { return .settle(new) }
      if let tag = try tags(Self.unread, [audienceID]).first { return .read(tag) }
    }
    let open = try tags(Self.open, [audienceID])
    let unchecked = try waiting(for: open, isChecked: false, among: keys)
    if let tag = unchecked.tag {
      // As many as we gave it to need not be those: others may have passed it on.
      return unchecked.keys.count < KeptTag.bulkFrom ? .look(unchecked.keys.sorted()) : .read(tag)
    }
    let checked = try waiting(for: open, isChecked: true, among: keys)
    guard let tag = checked.tag else { return .rest }
    if checked.keys.count < KeptTag.bulkFrom { return .single(checked.keys.sorted()) }
    var chunk: [AddressKey] = []
    for change in ["gain", "lose"] {
      chunk += try addresses(
        of: tag.id, among: keys, "is_checked AND change = ? ORDER BY address_key", [change],
        limit: KeptTag.chunk * KeptTag.chunks)
    }
    return .bulk(tag, chunk)
  }

  /// The first tag with somebody to tell, and who waits: enough of them to know whether they are
  /// many. A few a tag are looked at, however many there are.
  private func waiting(
    for open: [KeptTag], isChecked: Bool, among keys: Set<AddressKey>?
  ) throws(Problem) -> (tag: KeptTag?, keys: Set<AddressKey>) {
    var first: KeptTag?
    var found: Set<AddressKey> = []
    for tag in open where found.count < KeptTag.bulkFrom {
      let some = try addresses(
        of: tag.id, among: keys, "is_checked = ?", [isChecked], limit: KeptTag.bulkFrom)
      if first == nil, !some.isEmpty { first = tag }
      found.formUnion(some)
    }
    return (first, found)
  }

  private func addresses(
    of tag: TagID, among keys: Set<AddressKey>?, _ condition: String, _ values: Bindings,
    limit: Int
  ) throws(Problem) -> [AddressKey] {
    let meant = keys == nil ? "1" : "address_key IN (SELECT value FROM json_each(?))"
    let among: Bindings = keys.map { [Self.json($0)] } ?? []
    return try database.rows(
      "SELECT address_key FROM tag_work WHERE tag_id = ? AND \(meant) AND \(condition) LIMIT ?",
      bindings: [tag] + among + values + [limit]
    ) { AddressKey($0.text(0)) }
  }

  /// What is to be sent at these addresses: of one tag, or of all that Mailchimp knows.
  package func changes(
    at keys: [AddressKey], of tag: TagID? = nil, in audienceID: String, checked: Bool = true
  ) throws(Problem) -> [TagChange] {
    try database.rows(
      """
      SELECT w.tag_id, w.address_key, w.change = 'gain', l.owner_id, l.email, l.member_id
      FROM kept_tag t CROSS JOIN tag_work w ON w.tag_id = t.id
        LEFT JOIN link l ON l.audience_id = t.audience_id AND l.address_key = w.address_key
      WHERE \(Self.open) AND (?2 IS NULL OR t.id = ?2)
        AND w.address_key IN (SELECT value FROM json_each(?3)) AND w.is_checked = ?4
      ORDER BY w.tag_id, w.address_key
      """, audienceID, tag, Self.json(keys), checked
    ) {
      TagChange(
        tag: $0.identifier(0), key: AddressKey($0.text(1)), isGain: $0.bool(2),
        person: $0.optionalIdentifier(3), email: $0.optionalText(4) ?? $0.text(1),
        memberID: $0.optionalText(5))
    }
  }

  // MARK: What became of it

  package func record(_ findings: [TagFinding]) throws(Problem) {
    for finding in findings { try record(finding) }
  }

  private func record(_ finding: TagFinding) throws(Problem) {
    switch finding {
    case .placed(_, []), .removed(_, []), .refused(_, []): break
    case .free(let tag):
      try database.execute("UPDATE kept_tag SET is_free = 1 WHERE id = ?", tag)
    case .made(let tag, let segment):
      try settle(tag, segment, "kept")
      try forget(tag)
      try check(tag)
    case .adopted(let tag, let segment):
      try settle(tag, segment, "kept")
      try startReading(tag)
    case .taken(let tag, let segment): try settle(tag, segment, "undecided")
    case .vanished(let tag):
      try forget(tag)
      try database.execute(
        """
        UPDATE kept_tag SET state = CASE WHEN search_id IS NULL THEN 'leaving' ELSE 'new' END,
          segment_id = NULL, due = coalesce(due, 'change'), reads = 0, read_offset = 0,
          name_there = NULL, is_named_back = 0, asked_at = NULL, problem = NULL
        WHERE id = ?
        """, tag)
      try database.execute("DELETE FROM tag_work WHERE tag_id = ?", tag)
      try askForLook()
    case .unusable(let tag, let problem):
      try database.execute(
        "UPDATE kept_tag SET state = 'problem', problem = ? WHERE id = ?",
        problem.json.description, tag)
    case .holders(let tag, let keys, let next): try read(tag, keys, next)
    case .looked(let tag, let free, let held):
      try check(tag, free)
      try drop(tag, held, "gain")
      try database.execute(
        """
        INSERT OR IGNORE INTO tag_holder (tag_id, address_key)
          SELECT ?1, value FROM json_each(?2) WHERE NOT EXISTS (SELECT 1 FROM tag_membership
            WHERE tag_id = ?1 AND address_key = value)
        """, tag, Self.json(held))
    case .placed(let tag, let keys):
      try database.execute(
        """
        INSERT OR IGNORE INTO tag_membership (tag_id, address_key, placed_at)
          SELECT ?, value, ? FROM json_each(?) WHERE true
        """, tag, now, Self.json(keys))
      try done(tag, keys, "gain")
      try drifts.settle(tag: tag, at: keys)
    case .removed(let tag, let keys):
      try database.execute(
        """
        DELETE FROM tag_membership WHERE tag_id = ?
          AND address_key IN (SELECT value FROM json_each(?))
        """, tag, Self.json(keys))
      try done(tag, keys, "lose")
      try drifts.settle(tag: tag, at: keys)
    case .named(let tag, let name): try call(tag, name)
    case .keepsName(let tag, let problem):
      try database.execute(
        "UPDATE kept_tag SET is_named_back = 0, problem = ? WHERE id = ?",
        problem.json.description, tag)
    case .refused(let tag, let keys):
      try database.execute(
        """
        DELETE FROM tag_work WHERE tag_id = ?
          AND address_key IN (SELECT value FROM json_each(?))
        """, tag, Self.json(keys))
    }
  }

  private func settle(_ tag: TagID, _ segment: Int64, _ state: String) throws(Problem) {
    let isAsked = state == TagState.undecided.rawValue
    try database.execute(
      """
      UPDATE kept_tag SET segment_id = ?2, problem = NULL, is_free = 0, adopts = CASE ?3
          WHEN 'undecided' THEN 0 ELSE adopts END,
        asked_at = CASE WHEN ?3 <> 'undecided' THEN NULL WHEN state = ?3 THEN asked_at ELSE ?4 END,
        state = ?3
      WHERE id = ?1
      """, tag, isAsked ? nil : segment, state, now)
  }

  /// Under our own name there is nothing to ask; under another one it is asked once.
  private func call(_ tag: TagID, _ name: String) throws(Problem) {
    try database.execute(
      """
      UPDATE kept_tag SET is_named_back = 0, problem = NULL, name_there = NULL, asked_at = NULL
      WHERE id = ? AND name = ? AND name_there IS NOT NULL
      """, tag, name)
    try database.execute(
      """
      UPDATE kept_tag SET name_there = ?2,
        asked_at = CASE WHEN name_there = ?2 THEN asked_at ELSE ?3 END
      WHERE id = ?1 AND name <> ?2
      """, tag, name, now)
  }

  /// Nobody holds it any more.
  private func forget(_ tag: TagID) throws(Problem) {
    for table in ["tag_membership", "tag_holder"] {
      try database.execute("DELETE FROM \(table) WHERE tag_id = ?", tag)
    }
  }

  private func check(_ tag: TagID, _ keys: [AddressKey]? = nil) throws(Problem) {
    try database.execute(
      """
      UPDATE tag_work SET is_checked = 1 WHERE tag_id = ?1
        AND (?2 IS NULL OR address_key IN (SELECT value FROM json_each(?2)))
      """, tag, keys.map { Self.json($0) })
  }

  private func drop(_ tag: TagID, _ keys: [AddressKey], _ change: String) throws(Problem) {
    try database.execute(
      """
      DELETE FROM tag_work WHERE tag_id = ? AND change = ?
        AND address_key IN (SELECT value FROM json_each(?))
      """, tag, change, Self.json(keys))
  }

  /// Sent. Where a comparison came to another end meanwhile, it is made again.
  private func done(_ tag: TagID, _ keys: [AddressKey], _ change: String) throws(Problem) {
    let moved = try database.rows(
      """
      SELECT value FROM json_each(?) WHERE NOT EXISTS (SELECT 1 FROM tag_work
        WHERE tag_id = ? AND address_key = value AND change = ?)
      """, Self.json(keys), tag, change
    ) { AddressKey($0.text(0)) }
    try drop(tag, keys, change)
    if !moved.isEmpty, let audience = try self.tag(tag)?.audienceID {
      try touch(moved, in: audience)
    }
  }

  // MARK: Who holds it

  private func startReading(_ tag: TagID) throws(Problem) {
    try database.execute(
      "UPDATE kept_tag SET reads = 1, read_offset = 0 WHERE id = ?", tag)
  }

  private func read(_ tag: TagID, _ keys: [AddressKey], _ next: TagPlace?) throws(Problem) {
    if let before = try self.tag(tag), before.place.offset == 0 {
      try database.execute("DELETE FROM tag_holder WHERE tag_id = ?", tag)
    }
    try database.execute(
      """
      INSERT OR IGNORE INTO tag_holder (tag_id, address_key)
        SELECT ?, value FROM json_each(?) WHERE true
      """, tag, Self.json(keys))
    try drifts.settle(tag: tag, at: keys, missingOnly: true)
    if let next {
      try database.execute(
        "UPDATE kept_tag SET reads = 1, read_offset = ?, read_tail = ? WHERE id = ?", next.offset,
        JSONValue.array(next.tail.map(JSONValue.string)).description, tag)
    } else {
      try finishReading(tag)
    }
  }

  /// All who hold it are known: those we are to take over become ours, all others who would gain it
  /// have it from somebody else, and who lost it by another hand gets it back.
  private func finishReading(_ id: TagID) throws(Problem) {
    guard let tag = try self.tag(id) else { return }
    let isHeld = """
      EXISTS (SELECT 1 FROM tag_holder h
        WHERE h.tag_id = ?1 AND h.address_key = x.address_key)
      """
    if tag.adopts {
      try database.execute(
        """
        INSERT OR IGNORE INTO tag_membership (tag_id, address_key, placed_at)
          SELECT ?1, address_key, ?2 FROM tag_work x
          WHERE tag_id = ?1 AND change = 'gain' AND \(isHeld)
        """, id, now)
    }
    try database.execute(
      "DELETE FROM tag_work AS x WHERE tag_id = ?1 AND change = 'gain' AND \(isHeld)", id)
    // Taken away by somebody else: what was to be lost is lost, what is wanted is put back.
    let lost = """
      SELECT address_key FROM tag_membership x WHERE tag_id = ?1 AND NOT \(isHeld)
        AND EXISTS (SELECT 1 FROM link l WHERE l.audience_id = ?2
          AND l.address_key = x.address_key AND l.status IN ('subscribed', 'unsubscribed'))
      """
    try database.execute(
      """
      INSERT OR IGNORE INTO tag_work (tag_id, address_key, change, is_checked)
        SELECT ?1, address_key, 'gain', 1 FROM (\(lost)) WHERE true
      """, id, tag.audienceID)
    try database.execute(
      """
      DELETE FROM tag_membership WHERE tag_id = ?1 AND address_key IN (\(lost))
      """, id, tag.audienceID)
    try database.execute(
      """
      DELETE FROM tag_work AS x WHERE tag_id = ?1 AND change = 'lose'
        AND NOT EXISTS (SELECT 1 FROM tag_membership
          WHERE tag_id = ?1 AND address_key = x.address_key)
      """, id)
    // What stays in this table is others' doing.
    try database.execute(
      """
      DELETE FROM tag_holder WHERE tag_id = ?1 AND address_key IN
        (SELECT address_key FROM tag_membership WHERE tag_id = ?1)
      """, id)
    try check(id)
    try database.execute(
      "UPDATE kept_tag SET reads = 0, read_offset = 0, adopts = 0 WHERE id = ?", id)
  }
}
