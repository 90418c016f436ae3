// People as lists, details and histories.

import Basics
import Domain
import SQLite

extension Reports {
  /// People whom `search` finds, everybody for an empty one.
  package func people(
    _ search: String = "", sort: PeopleSort = PeopleSort(), _ place: WindowPlace, count: Int,
    anchor: WindowAnchor? = nil
  ) throws(Problem) -> Window<PersonRow> {
    try window(
      try peopleList(search, sort), place, count: count, anchor: anchor, read: personRows)
  }

  /// How many `search` finds.
  package func countPeople(_ search: String) throws(Problem) -> Int {
    try count(try peopleList(search))
  }

  /// Their ids in order, for whatever works on all that a search finds.
  package func ids(
    _ search: String, after id: PersonID? = nil, limit: Int
  ) throws(Problem) -> [PersonID] {
    let filter = try self.search(search)
    return try database.rows(
      """
      SELECT p.id FROM \(PersonRecord.tables) WHERE \(filter.condition) AND p.id > ?
      ORDER BY p.id LIMIT ?
      """, bindings: filter.bindings + [id?.rawValue ?? 0, limit]
    ) { $0.identifier(0) }
  }

  func peopleList(
    _ search: String, _ sort: PeopleSort = PeopleSort()
  ) throws(Problem) -> ReportList {
    var list = ReportList(tables: "person p", id: "p.id", keyset: sort.keyset)
    if search.allSatisfy(\.isWhitespace) {
      list.total = try directory.count()
    } else {
      let filter = try self.search(search)
      list.filter("(\(filter.condition))", filter.bindings)
    }
    return list
  }

  private func personRows(_ ids: [Int64]) throws(Problem) -> [Int64: PersonRow] {
    try byID(ids) { ids in
      """
      SELECT p.id, \(Reports.displayName),
        (SELECT email FROM address WHERE person_id = p.id AND position = 0), a.name, p.opt_in,
        coalesce(s.state, 'waiting'), coalesce(s.reason, ''),
        coalesce(p.source_updated_at, p.noticed_at), p.active, p.deleted_at IS NOT NULL,
        CASE WHEN EXISTS (SELECT 1 FROM source_person w WHERE w.external_id = p.external_id
          AND w.is_removed = 0) THEN (SELECT name FROM source) ELSE '' END,
        p.created_at, s.other_id, p.custom, \(Reports.personDetails.map(\.sql).joined(separator: ", "))
      FROM \(PersonRecord.tables) LEFT JOIN standing s ON s.person_id = p.id WHERE p.id IN \(ids)
      """
    } map: { (row) throws(Problem) in
      var person = PersonRow(
        id: row.identifier(0), name: row.text(1), email: row.text(2), account: row.text(3),
        optIn: try row.state(4), state: try row.state(5), reason: row.text(6),
        changedAt: row.instant(7), isActive: row.bool(8), isDeleted: row.bool(9),
        source: row.text(10))
      person.addedAt = row.instant(11)
      person.other = row.optionalIdentifier(12)
      for (name, text) in try PersonRecord.custom(row, 13) {
        person.details[.custom(name)] = text
      }
      for (index, detail) in Reports.personDetails.enumerated() where !row.isNull(14 + index) {
        person.details[detail.column] = row.text(14 + index)
      }
      return person
    }
  }

  /// Texts for columns that are not always shown; nothing where there is none.
  private static let personDetails: [(column: PersonColumn, sql: String)] = [
    (.company, "nullif(p.company, '')"), (.phone, "nullif(p.phone, '')"), (.kind, "p.kind"),
    (.birthday, SearchCompiler.effectiveBirthday), (.dateOfBirth, "p.date_of_birth"),
    (.city, "nullif(json_extract(p.postal_address, '$.city'), '')"),
    (.country, "nullif(json_extract(p.postal_address, '$.country'), '')"),
    (.externalID, "p.external_id"),
    (
      .manager,
      "(SELECT trim(m.first_name || ' ' || m.last_name) FROM person m WHERE m.id = p.manager_id)"
    ),
    (
      .tags,
      """
      (SELECT group_concat(name, ', ') FROM (SELECT DISTINCT t.name FROM link k
        JOIN tag_membership h ON h.address_key = k.address_key
        JOIN kept_tag t ON t.id = h.tag_id AND t.audience_id = k.audience_id
        WHERE k.owner_id = p.id
          AND k.audience_id = (SELECT value FROM setting WHERE key = 'mailchimp.audience')
        ORDER BY t.name))
      """
    ),
  ]

  // MARK: One person

  /// Nil when there is no such person.
  package func person(_ id: PersonID) throws(Problem) -> PersonDetail? {
    guard let person = try directory.person(id) else { return nil }
    let standing =
      try standings.standing(of: id)?.standing
      ?? Standing(.waiting, reason: "changed", key: nil)
    var detail = PersonDetail(person: person, standing: standing)
    if let manager = person.managerID {
      detail.managerName = try directory.person(manager)?.displayName ?? ""
    }
    detail.source = try word(of: person)
    let audience = try settings.values()[Settings.audience]
    if !audience.isEmpty, let key = standing.key ?? person.primaryEmail.map({ AddressKey($0) }) {
      detail.link = try links.link(audience, at: key)
      detail.suppression = try consent.suppressions(audience, at: [key])[key]
      detail.pendingSince = try detail.link.flatMap(pendingSince)
      detail.standing.sentence = SignUpForm.named(
        in: standing.sentence, at: try signUpForm(of: audience))
    }
    return detail
  }

  private func word(of person: Person) throws(Problem) -> PersonSource? {
    guard let key = person.externalID, let memory = try source.memories([key])[key],
      !memory.isRemoved
    else { return nil }
    return PersonSource(
      name: try source.record().name, place: memory.place, saidAt: memory.saidAt,
      leftAs: memory.leftAs,
      values: (memory.word.object ?? [:]).compactMapValues(\.string)
        .filter { !$0.key.hasPrefix("told.") })
  }

  /// What *explain* walks; nil when there is no such person.
  package func explanation(of id: PersonID) throws(Problem) -> Explanation? {
    let values = try settings.values()
    let policy = RecipientPolicy(values)
    guard let candidate = try candidates.candidates([id], policy: policy).first else { return nil }
    let key = Recipients.addressKey(of: candidate)
    let group =
      try key.map { (key) throws(Problem) in
        try candidates.candidates(at: [key], policy: policy)[key] ?? []
      } ?? [candidate]
    var explanation = Explanation(
      engine: try engineState(), policy: policy, candidate: candidate, group: group)
    explanation.problem = try engine.record().blockedBy
    let audience = values[Settings.audience]
    if !audience.isEmpty, let key {
      explanation.link = try links.link(audience, at: key)
      explanation.suppression = try consent.suppressions(audience, at: [key])[key]
      explanation.pendingSince = try explanation.link.flatMap(pendingSince)
      explanation.signUpForm = try signUpForm(of: audience)
    }
    explanation.notBefore = try database.one(
      """
      SELECT min(run_at) FROM message
      WHERE state = 'ready' AND (kind, subject) IN
        (VALUES ('person changed', 'person:' || ?), ('sync address', 'address:' || ?))
      """, id, key?.description ?? "", map: { $0.optionalInstant(0) }
    ).flatMap { $0 }.flatMap { $0 > now ? $0 : nil }
    if !values[Settings.onChange], explanation.notBefore == nil,
      try standings.standing(of: id)?.standing.reason == "changed"
    {
      explanation.notBefore = try nextScheduledSync()
    }
    let last = try database.one(
      """
      SELECT \(Reports.outcomeColumns), coalesce(e.finished_at, e.started_at, e.queued_at)
      FROM row_outcome o JOIN execution e ON e.id = o.execution_id
      WHERE o.person_id = ? ORDER BY o.id DESC LIMIT 1
      """, id
    ) { (row) throws(Problem) in (try Reports.outcome(row, at: 0), row.instant(6)) }
    explanation.lastOutcome = last?.0
    explanation.lastOutcomeAt = last?.1
    return explanation
  }

  /// As the ledger has it; one who was pending when first read, as Mailchimp dates the contact.
  private func pendingSince(_ link: Link) throws(Problem) -> Instant? {
    guard link.status == .pending else { return nil }
    return try consent.lastPending(link.key) ?? link.lastChanged
  }

  private func signUpForm(of audience: String) throws(Problem) -> String {
    try audiences.audience(audience)?.subscribeURL ?? ""
  }

  /// When the next schedule sends what changed; nil where none does.
  private func nextScheduledSync() throws(Problem) -> Instant? {
    try schedules.all().filter {
      $0.terms.isActive && [.syncSubscriptions, .resync].contains($0.terms.type)
    }.compactMap(\.nextRunAt).min()
  }

  /// What executions did with somebody, latest first.
  package func runs(
    of id: PersonID, _ place: WindowPlace, count: Int, anchor: WindowAnchor? = nil
  ) throws(Problem) -> Window<PersonRun> {
    var list = ReportList(
      tables: "row_outcome o", id: "o.id", keyset: Keyset(descends: true))
    list.filter("o.person_id = ?", id)
    return try window(list, place, count: count, anchor: anchor) { (ids) throws(Problem) in
      try byID(ids) { ids in
        """
        SELECT o.id, \(Reports.outcomeColumns), e.id, e.flow, e.trigger, e.status,
          coalesce(e.finished_at, e.started_at, e.queued_at)
        FROM row_outcome o JOIN execution e ON e.id = o.execution_id WHERE o.id IN \(ids)
        """
      } map: { (row) throws(Problem) in
        PersonRun(
          id: row.int64(0), execution: row.identifier(7), flow: try row.state(8),
          trigger: try row.state(9), status: try row.state(10), at: row.instant(11),
          outcome: try Reports.outcome(row, at: 1))
      }
    }
  }

  /// What was changed of somebody, latest first.
  package func history(
    of id: PersonID, _ place: WindowPlace, count: Int, anchor: WindowAnchor? = nil
  ) throws(Problem) -> Window<AuditRow> {
    var list = ReportList(tables: "audit u", id: "u.id", keyset: Keyset(descends: true))
    list.filter("u.person_id = ?", id)
    return try window(list, place, count: count, anchor: anchor) { (ids) throws(Problem) in
      try audit(
        "WHERE id IN (SELECT value FROM json_each(?))", [JSONValue.array(ids.map { .int($0) })]
      ).reduce(into: [:]) { $0[$1.id] = $1 }
    }
  }

  /// The whole audit trail, latest first.
  package func audit(before id: Int64? = nil, limit: Int) throws(Problem) -> [AuditRow] {
    try audit("WHERE id < ? ORDER BY id DESC LIMIT ?", [id ?? Int64.max, limit])
  }

  func audit(_ rest: String, _ values: Bindings) throws(Problem) -> [AuditRow] {
    try database.rows(
      """
      SELECT id, at, who, person_id, CASE field WHEN 'account_id' THEN 'account'
          WHEN 'manager_id' THEN 'manager' ELSE field END,
        \(Reports.auditValue("old")), \(Reports.auditValue("new"))
      FROM audit \(rest)
      """, bindings: values
    ) { row in
      func value(_ index: Int) -> String {
        row.text(4) == "deleted_at" && !row.isNull(index)
          ? Instant(milliseconds: row.int64(index)).description : row.text(index)
      }
      return AuditRow(
        id: row.int64(0), at: row.instant(1), who: row.text(2),
        person: row.optionalIdentifier(3), field: row.text(4), old: value(5), new: value(6)
      ).readable
    }
  }

  /// Numbers as the words they stand for.
  private static func auditValue(_ column: String) -> String {
    """
    CASE field
      WHEN 'account_id' THEN (SELECT name FROM account WHERE id = CAST(\(column) AS INTEGER))
      WHEN 'manager_id' THEN '#' || \(column)
      WHEN 'active' THEN CASE \(column) WHEN '1' THEN 'yes' WHEN '0' THEN 'no' END
      ELSE \(column) END
    """
  }

  /// The consent ledger of a person, latest first.
  package func consentHistory(
    of id: PersonID, limit: Int = 200
  ) throws(Problem) -> [ConsentEntry] {
    try database.rows(
      """
      SELECT person_id, address_key, old, new, at, by, evidence FROM consent_entry
      WHERE person_id = ? ORDER BY id DESC LIMIT ?
      """, id, limit
    ) {
      ConsentEntry(
        person: $0.optionalIdentifier(0), key: AddressKey($0.text(1)), old: $0.text(2),
        new: $0.text(3), at: $0.instant(4), by: $0.text(5), evidence: $0.text(6))
    }
  }
}
