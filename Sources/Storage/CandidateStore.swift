// People as the engine needs them: by address, with their account managers, a window at a time. One
// address is one group: everybody whose primary address it is, and the children of those people.
// A window costs the same few statements whether it has one address or a thousand.

import Basics
import Domain
import SQLite

package struct CandidateStore {
  let database: Connection
  let now: Instant

  // MARK: Groups

  /// The group of each address; an address without anybody has none.
  package func candidates(
    at keys: [AddressKey], policy: RecipientPolicy
  ) throws(Problem) -> [AddressKey: [Candidate]] {
    if keys.isEmpty { return [:] }
    let list = JSONValue.array(Set(keys).map { .string($0.description) })
    var owners: [(key: AddressKey, person: Person)] = []
    try database.query(
      """
      SELECT \(PersonRecord.columns), e.key
      FROM json_each(?) j CROSS JOIN address e CROSS JOIN \(PersonRecord.tables)
      WHERE e.position = 0 AND e.key = j.value AND p.id = e.person_id
      """, list
    ) { (row) throws(Problem) in
      owners.append((AddressKey(row.text(PersonRecord.count)), try PersonRecord.person(row)))
    }
    let keyOfOwner = Dictionary(
      owners.map { ($0.person.id, $0.key) }, uniquingKeysWith: { first, _ in first })
    var people = owners.map(\.person)
    var keysOfPeople = owners.map(\.key)
    let children = try read(
      "json_each(?) j CROSS JOIN \(PersonRecord.tables)", "p.manager_id = j.value",
      ids: owners.map(\.person.id))
    for child in children {
      // Never nil: children were asked for by these managers.
      guard let manager = child.managerID, let key = keyOfOwner[manager] else { continue }
      // A child with the manager's own address is in that group already.
      if keyOfOwner[child.id] == key { continue }
      people.append(child)
      keysOfPeople.append(key)
    }
    let candidates = try complete(people, policy: policy)
    var groups: [AddressKey: [Candidate]] = [:]
    for (key, candidate) in zip(keysOfPeople, candidates) {
      groups[key, default: []].append(candidate)
    }
    return groups
  }

  /// These people, in the order of their ids.
  package func candidates(
    _ ids: some Collection<PersonID>, policy: RecipientPolicy
  ) throws(Problem) -> [Candidate] {
    let people = try read(
      "json_each(?) j CROSS JOIN \(PersonRecord.tables)", "p.id = j.value", ids: Array(Set(ids)))
    return try complete(people.sorted { $0.id < $1.id }, policy: policy)
  }

  /// Adds what the rules need to know beside each person.
  private func complete(
    _ people: [Person], policy: RecipientPolicy
  ) throws(Problem) -> [Candidate] {
    var known = Dictionary(
      people.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let missing = Set(people.compactMap(\.managerID)).filter { known[$0] == nil }
    if !missing.isEmpty {
      let store = DirectoryStore(database: database, now: now)
      known.merge(try store.people(missing)) { mine, _ in mine }
    }
    let inScope = try idsInScope(policy.scope, of: people.map(\.id))
    let unchanged =
      policy.existing == .whenChanged ? try unchangedSinceSetUp(people.map(\.id)) : []
    return people.map { person in
      Candidate(
        person, manager: person.managerID.flatMap { known[$0] },
        isInScope: inScope?.contains(person.id) ?? true,
        isUnchangedSinceSetUp: unchanged.contains(person.id))
    }
  }

  /// Those of `ids` who are in the saved search that is the scope; nil for every other scope.
  private func idsInScope(_ scope: Scope, of ids: [PersonID]) throws(Problem) -> Set<PersonID>? {
    guard case .search(let name) = scope else { return nil }
    let searches = SavedSearchStore(database: database, now: now)
    let filter = try searches.compiled(named: name)
    var found: Set<PersonID> = []
    try database.query(
      """
      SELECT p.id FROM json_each(?) j CROSS JOIN \(PersonRecord.tables)
      WHERE p.id = j.value AND (\(filter.condition))
      """, bindings: [json(ids)] + filter.values
    ) { found.insert($0.identifier(0)) }
    return found
  }

  /// Those of `ids` about whom nothing changed since set-up and who were never sent; before it is
  /// over, everybody.
  private func unchangedSinceSetUp(_ ids: [PersonID]) throws(Problem) -> Set<PersonID> {
    var found: Set<PersonID> = []
    try database.query(
      """
      SELECT p.id FROM json_each(?) j CROSS JOIN person p
      WHERE p.id = j.value
        AND p.noticed_at <= coalesce((SELECT set_up_at FROM workspace), p.noticed_at)
        AND NOT EXISTS (SELECT 1 FROM link WHERE owner_id = p.id AND agreed IS NOT NULL)
      """, json(ids)
    ) { found.insert($0.identifier(0)) }
    return found
  }

  private func read(
    _ tables: String, _ condition: String, ids: [PersonID]
  ) throws(Problem) -> [Person] {
    if ids.isEmpty { return [] }
    return try database.rows(
      "SELECT \(PersonRecord.columns) FROM \(tables) WHERE \(condition)", json(ids),
      map: PersonRecord.person)
  }

  // MARK: Addresses

  /// Every address that a change of this person may concern: their own and their account manager's,
  /// the one they were last resolved at, and those that were sent with their details. Of somebody
  /// who was removed, those of their links.
  package func keys(of person: PersonID) throws(Problem) -> Set<AddressKey> {
    Set(
      try database.rows(
        """
        SELECT key FROM address WHERE person_id = ?1 AND position = 0
        UNION SELECT key FROM address WHERE position = 0
          AND person_id = (SELECT manager_id FROM person WHERE id = ?1)
        UNION SELECT key FROM standing WHERE person_id = ?1 AND key IS NOT NULL
        UNION SELECT address_key FROM link WHERE owner_id = ?1
        """, person
      ) { AddressKey($0.text(0)) })
  }

  /// The next addresses after `key` that a survey of the audience looks at, in their order: every
  /// primary address, and every contact that somebody here stood behind; where strangers become
  /// people, every contact.
  package func keys(
    after key: AddressKey?, limit: Int, audienceID: String, strangers: Bool = false
  ) throws(Problem) -> [AddressKey] {
    let after = key?.description ?? ""
    return try database.rows(
      """
      SELECT key FROM (SELECT DISTINCT key FROM address
        WHERE position = 0 AND key > ? ORDER BY key LIMIT ?)
      UNION SELECT address_key FROM (SELECT address_key FROM link
        WHERE audience_id = ? AND address_key > ? AND (owner_id IS NOT NULL OR ?)
        ORDER BY address_key LIMIT ?)
      ORDER BY 1 LIMIT ?
      """, after, limit, audienceID, after, strangers, limit, limit
    ) { AddressKey($0.text(0)) }
  }

  /// Which of these are further addresses of somebody: no strangers.
  package func furtherAddresses(
    among keys: some Collection<AddressKey>
  ) throws(Problem) -> Set<AddressKey> {
    if keys.isEmpty { return [] }
    return Set(
      try database.rows(
        "SELECT key FROM address WHERE position > 0 AND key IN (SELECT value FROM json_each(?))",
        JSONValue.array(keys.map { .string($0.description) })
      ) { AddressKey($0.text(0)) })
  }

  /// Those of `keys` that are somebody's primary address.
  package func primaryAddresses(
    among keys: some Collection<AddressKey>
  ) throws(Problem) -> Set<AddressKey> {
    if keys.isEmpty { return [] }
    return Set(
      try database.rows(
        "SELECT key FROM address WHERE position = 0 AND key IN (SELECT value FROM json_each(?))",
        JSONValue.array(keys.map { .string($0.description) })
      ) { AddressKey($0.text(0)) })
  }

  /// When the fields of these people were edited here last, not by Mailchimp.
  package func edited(
    _ people: some Collection<PersonID>
  ) throws(Problem) -> [PersonID: [PersonField: Instant]] {
    if people.isEmpty { return [:] }
    var found: [PersonID: [PersonField: Instant]] = [:]
    try database.query(
      """
      SELECT person_id, field, max(at) FROM audit
      WHERE person_id IN (SELECT value FROM json_each(?)) AND who NOT LIKE 'Mailchimp%'
      GROUP BY person_id, field
      """, json(people)
    ) { row in
      let field = row.text(1) == "email1" ? PersonField.email : PersonField(row.text(1))
      guard let field else { return }
      found[row.identifier(0), default: [:]][field] = row.instant(2)
    }
    return found
  }

  /// About how many addresses and people without one a survey will look at, for its progress.
  package func surveySize() throws(Problem) -> Int {
    try database.integer("SELECT coalesce(sum(people), 0) FROM standing_count")
  }

  /// People after `id` who belong to no address: without one of their own or, for children, of
  /// their account manager.
  package func withoutAddress(
    after id: PersonID?, limit: Int, policy: RecipientPolicy
  ) throws(Problem) -> [Candidate] {
    let people = try database.rows(
      """
      SELECT \(PersonRecord.columns) FROM \(PersonRecord.tables)
      WHERE p.id > ? AND NOT EXISTS (SELECT 1 FROM address
        WHERE person_id = coalesce(p.manager_id, p.id) AND position = 0)
      ORDER BY p.id LIMIT ?
      """, id?.rawValue ?? 0, limit, map: PersonRecord.person)
    return try complete(people, policy: policy)
  }

  private func json(_ ids: some Sequence<PersonID>) -> JSONValue {
    .array(ids.map { .int($0.rawValue) })
  }
}

extension WorkspaceAccess {
  package var candidates: CandidateStore { CandidateStore(database: database, now: now) }
}
