// Some addresses with all that is known of them and of every tag: who is in which search, who holds a
// tag because of us or of others, what is on its way. Read in a few queries, whatever their number;
// what follows from it is decided in `Domain`.

import Basics
import Domain
import SQLite

extension TagStore {
  /// `subjects` are addresses with whoever stands behind them, or will.
  package func knowledge(
    _ audienceID: String, _ subjects: [AddressKey: PersonID]
  ) throws(Problem) -> TagKnowledge {
    let tags = try tags(of: audienceID).filter { $0.state != .left }
    guard !tags.isEmpty, !subjects.isEmpty else { return TagKnowledge() }
    let keys = Self.json(subjects.keys)
    let people = JSONValue.array(Set(subjects.values).map { .int($0.rawValue) })
    var known = TagKnowledge()
    known.tags = tags
    let day = try searchDay()
    for tag in tags {
      let filter = try filter(of: tag, day)
      var wanted: Set<PersonID> = []
      try database.query(
        """
        SELECT p.id FROM json_each(?) j CROSS JOIN person p ON p.id = j.value
          JOIN account a ON a.id = p.account_id
        WHERE (\(filter.condition))
        """, bindings: [people] + filter.bindings
      ) { wanted.insert($0.identifier(0)) }
      known.wanted[tag.id] = wanted
    }
    let ids = JSONValue.array(tags.map { .int($0.id.rawValue) })
    known.ours = try held("tag_membership", keys, ids)
    known.theirs = try held("tag_holder", keys, ids)
    known.onTheWay = try held("tag_work", keys, ids)
    let due = try database.rows(
      """
      SELECT address_key FROM tag_due
      WHERE audience_id = ? AND address_key IN (SELECT value FROM json_each(?))
      """, audienceID, keys
    ) { AddressKey($0.text(0)) }
    let waiting = try database.rows(
      "SELECT id FROM kept_tag WHERE audience_id = ? AND due IS NOT NULL", audienceID
    ) { $0.identifier(0) as TagID }
    for tag in tags {
      if waiting.contains(tag.id) {
        known.onTheWay[tag.id] = Set(subjects.keys)
      } else if !due.isEmpty {
        known.onTheWay[tag.id, default: []].formUnion(due)
      }
    }
    return known
  }

  private func held(
    _ table: String, _ keys: JSONValue, _ tags: JSONValue
  ) throws(Problem) -> [TagID: Set<AddressKey>] {
    var found: [TagID: Set<AddressKey>] = [:]
    try database.query(
      """
      SELECT tag_id, address_key FROM \(table)
      WHERE tag_id IN (SELECT value FROM json_each(?))
        AND address_key IN (SELECT value FROM json_each(?))
      """, tags, keys
    ) { found[$0.identifier(0), default: []].insert(AddressKey($0.text(1))) }
    return found
  }
}
