// The audit trail and the consent ledger as reports: filtered, latest first, read page by page from
// the last id seen, so that an export of years costs a page at a time.

import Basics
import Domain
import SQLite

/// Which lines of the audit trail or the ledger; all of them where nothing is set.
package struct LedgerFilter: Sendable, Equatable {
  package var person: PersonID?
  package var address: AddressKey?
  /// A field of the trail, such as `first_name` or `custom.size`.
  package var field: String?
  /// Part of who did it, letter case aside.
  package var who: String?
  package var since: Instant?
  package var until: Instant?

  package init() {}
}

extension Reports {
  /// The audit trail after `id` (older), latest first.
  package func audit(
    _ filter: LedgerFilter, before id: Int64? = nil, limit: Int
  ) throws(Problem) -> [AuditRow] {
    var wanted = Conditions("id < ?", id ?? Int64.max)
    wanted.add("person_id = ?", filter.person)
    if let field = filter.field, let name = Self.customName(field) {
      let path = "$.\"\(name.filter { $0 != "\"" })\""
      wanted.add(
        "field = 'custom' AND json_extract(old, ?) IS NOT json_extract(new, ?)", path, path)
    } else {
      wanted.add("field = ?", filter.field.map(Self.auditField))
    }
    wanted.add("instr(lower(who), lower(?)) > 0", filter.who)
    wanted.add("at >= ?", filter.since)
    wanted.add("at < ?", filter.until)
    return try audit(
      "WHERE \(wanted.sql) ORDER BY id DESC LIMIT ?", wanted.values + [limit])
  }

  /// The column behind a field's name, as the triggers write it.
  private static func auditField(_ name: String) -> String {
    switch name {
    case "account": "account_id"
    case "manager", "manager_external_id": "manager_id"
    case "address": "postal_address"
    default: name
    }
  }

  private static func customName(_ field: String) -> String? {
    if case .custom(let name)? = PersonField(field) { name } else { nil }
  }

  /// The consent ledger after `id` (older), latest first.
  package func consent(
    _ filter: LedgerFilter, before id: Int64? = nil, limit: Int
  ) throws(Problem) -> [ConsentRow] {
    var wanted = Conditions("c.id < ?", id ?? Int64.max)
    wanted.add("c.person_id = ?", filter.person)
    wanted.add("c.address_key = ?", filter.address)
    wanted.add("instr(lower(c.by), lower(?)) > 0", filter.who)
    wanted.add("c.at >= ?", filter.since)
    wanted.add("c.at < ?", filter.until)
    return try consent(
      "WHERE \(wanted.sql) ORDER BY c.id DESC LIMIT ?", wanted.values + [limit])
  }

  private func consent(_ rest: String, _ values: Bindings) throws(Problem) -> [ConsentRow] {
    try database.rows(
      """
      SELECT c.id, c.at, c.person_id, coalesce(\(Reports.displayName), ''), c.address_key, c.old,
        c.new, c.by, c.evidence
      FROM consent_entry c LEFT JOIN person p ON p.id = c.person_id \(rest)
      """, bindings: values
    ) { row in
      ConsentRow(
        id: row.int64(0), at: row.instant(1), person: row.optionalIdentifier(2), name: row.text(3),
        key: AddressKey(row.text(4)), old: row.text(5), new: row.text(6), by: row.text(7),
        evidence: row.text(8))
    }
  }

  /// Of one person, latest first.
  package func consent(
    of id: PersonID, _ place: WindowPlace, count: Int, anchor: WindowAnchor? = nil
  ) throws(Problem) -> Window<ConsentRow> {
    var list = ReportList(tables: "consent_entry c", id: "c.id", keyset: Keyset(descends: true))
    list.filter("c.person_id = ?", id)
    return try window(list, place, count: count, anchor: anchor) { (ids) throws(Problem) in
      try consent(
        "WHERE c.id IN (SELECT value FROM json_each(?))",
        [JSONValue.array(ids.map { .int($0) })]
      ).reduce(into: [:]) { $0[$1.id] = $1 }
    }
  }
}

/// What a line must meet, all of it; what is nil asks for nothing.
private struct Conditions {
  private var texts: [String]
  private(set) var values: Bindings

  init(_ text: String, _ value: any Bindable) {
    texts = [text]
    values = [value]
  }

  var sql: String { texts.joined(separator: " AND ") }

  mutating func add(_ text: String, _ values: (any Bindable)?...) {
    let given = values.compactMap { $0 }
    guard given.count == values.count else { return }
    texts.append(text)
    self.values += given
  }
}

extension AuditRow {
  /// With what is kept as JSON in words: only the custom fields that differ, an address as one line.
  var readable: AuditRow {
    var row = self
    switch field {
    case "custom":
      let (before, after) = (Self.object(old), Self.object(new))
      let names = Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }.sorted()
      func line(_ values: [String: JSONValue]) -> String {
        names.compactMap { name in
          values[name]?.string.map { names.count == 1 ? $0 : "\(name): \($0)" }
        }.joined(separator: ", ")
      }
      row.field = names.count == 1 ? "custom.\(names[0])" : "custom"
      row.old = line(before)
      row.new = line(after)
    case "postal_address":
      row.field = "address"
      row.old = Self.address(old)
      row.new = Self.address(new)
    default: break
    }
    return row
  }

  /// Empty for a text that is none; the trail also has what a stranger's hand wrote.
  private static func object(_ text: String) -> [String: JSONValue] {
    (try? JSONValue.parse(Array(text.utf8)))?.object ?? [:]
  }

  private static func address(_ text: String) -> String {
    guard let json = try? JSONValue.parse(Array(text.utf8)) else { return text }
    return PersonValue.address(PostalAddress(json: json)).text
  }
}
