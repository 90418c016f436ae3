// Real people for the mapping's editor: a few as examples, and everybody counted in pieces. What must
// stay true: a piece costs the same wherever it begins, so that a key never waits behind a count.

import Basics
import Domain
import SQLite

extension Reports {
  /// People with what their contacts show: those in step, where both sides hold something; before
  /// there are any, those who come nearest to it.
  package func mappingExamples(
    _ place: WindowPlace, count: Int
  ) throws(Problem) -> Window<MappingExample> {
    var state = PersonState.inStep
    var total = 0
    for next in [PersonState.inStep, .waiting, .refused, .excluded] where total == 0 {
      state = next
      total = try database.integer(
        "SELECT coalesce(sum(people), 0) FROM standing_count WHERE state = ?", next.rawValue)
    }
    let last = max(0, total - count)
    let offset =
      switch place {
      case .at(let position): max(0, min(position, last))
      case .around: 0
      case .end: last
      }
    let ids: [PersonID] = try database.rows(
      """
      SELECT person_id FROM standing WHERE state = ? ORDER BY reason, person_id LIMIT ? OFFSET ?
      """, state.rawValue, count, offset
    ) { $0.identifier(0) }
    let people = try directory.people(ids)
    let keys = Dictionary(
      try database.rows(
        """
        SELECT person_id, key FROM standing
        WHERE key IS NOT NULL AND person_id IN (SELECT value FROM json_each(?))
        """, JSONValue.array(ids.map { .int($0.rawValue) })
      ) { (row) -> (PersonID, AddressKey) in (row.identifier(0), AddressKey(row.text(1))) }
    ) { first, _ in first }
    let audience = try settings.values()[Settings.audience]
    let found = try links.links(audience, at: Array(keys.values))
    let rows = ids.compactMap { id in
      people[id].map { example($0, keys[id].flatMap { found[$0] }) }
    }
    return Window(rows: rows, offset: offset, total: max(total, offset + rows.count))
  }

  private func example(_ person: Person, _ link: Link?) -> MappingExample {
    MappingExample(
      person: person, email: link?.email ?? person.primaryEmail ?? "",
      seen: link?.status == nil ? nil : link?.seen)
  }

  /// What `mapping` comes to for the people after `id`, as many as are looked at in a moment. Those
  /// of whom nothing is sent are passed over.
  package func mappingTally(
    of mapping: [FieldMapping], after id: PersonID?, limit: Int = 1000
  ) throws(Problem) -> MappingTally {
    let board = try mappingBoard()
    let judge = MappingJudge(board)
    let takes = mapping.contains { ($0.within(board.direction) ?? $0).direction.takes }
    var tally = MappingTally()
    var found: [(person: Person, key: AddressKey?)] = []
    try database.query(
      """
      SELECT \(PersonRecord.columns), s.state, s.key
      FROM \(PersonRecord.tables) LEFT JOIN standing s ON s.person_id = p.id
      WHERE p.id > ? ORDER BY p.id LIMIT ?
      """, id?.rawValue ?? 0, limit
    ) { (row) throws(Problem) in
      tally.looked += 1
      tally.next = row.identifier(0)
      if row.text(PersonRecord.count) == PersonState.excluded.rawValue { return }
      found.append(
        (
          try PersonRecord.person(row),
          row.optionalText(PersonRecord.count + 1).map { AddressKey($0) }
        ))
    }
    if tally.looked < limit { tally.next = nil }
    let audience = try settings.values()[Settings.audience]
    let known = takes ? try links.links(audience, at: Set(found.compactMap(\.key))) : [:]
    for (person, key) in found {
      tally.add(example(person, key.flatMap { known[$0] }), mapping, by: judge)
    }
    return tally
  }
}
