// Changes of many people: whom one would change, and the change itself, a few hundred a transaction.

import Basics
import Domain
import SQLite

extension Reports {
  /// Whom `change` would change of a selection, as it is now.
  package func choice(
    _ selection: PeopleSelection, for change: PeopleChange
  ) throws(Problem) -> PeopleChoice {
    let tables: String
    var condition = "1"
    var values: Bindings
    switch selection {
    case .these(let ids):
      tables = "json_each(?) j CROSS JOIN person p ON p.id = j.value"
      values = [JSONValue.array(ids.map { .int($0.rawValue) })]
    case .found(let search, let except):
      let filter = try self.search(search)
      tables = "person p"
      condition = "(\(filter.condition))"
      values = filter.bindings
      if !except.isEmpty {
        condition += " AND p.id NOT IN (SELECT value FROM json_each(?))"
        values.append(JSONValue.array(except.map { .int($0.rawValue) }))
      }
    }
    var choice = PeopleChoice(people: [])
    try database.query(
      """
      SELECT p.id, \(change.isNew), EXISTS (SELECT 1 FROM link WHERE owner_id = p.id
        AND status IN ('subscribed', 'pending'))
      FROM \(tables) WHERE \(condition) ORDER BY p.id
      """, bindings: change.values + values
    ) { row in
      guard row.bool(1) else {
        choice.unaffected += 1
        return
      }
      choice.people.append(row.identifier(0))
      if row.bool(2) { choice.members += 1 }
    }
    choice.names = try database.rows(
      "SELECT \(Reports.displayName) FROM person p WHERE p.id IN (SELECT value FROM json_each(?))"
        + " ORDER BY p.id",
      JSONValue.array(choice.people.prefix(3).map { .int($0.rawValue) })
    ) { $0.text(0) }
    return choice
  }

  /// The people from one to another in a list, at most `limit`, where they stand in that order.
  package func peopleBetween(
    _ search: String, _ sort: PeopleSort, from: PersonID, to: PersonID, limit: Int
  ) throws(Problem) -> [PersonID] {
    let list = try peopleList(search, sort)
    let slice = try KeysetWalk(database, list, sort.keyset).slice(
      .at(1), count: limit,
      from: WindowAnchor(id: from.rawValue, position: 1, total: .max, isEstimate: true))
    guard let start = slice.ids.firstIndex(of: from.rawValue),
      let end = slice.ids.firstIndex(of: to.rawValue), start <= end
    else { return [] }
    return slice.ids[start...end].map { PersonID($0) }
  }
}

extension PeopleChange {
  /// Holds for people it would change; over the alias p.
  fileprivate var isNew: String {
    switch self {
    case .activate: "p.active = 0"
    case .deactivate: "p.active = 1"
    case .optOut: "p.opt_in <> 'no'"
    case .move: "p.account_id IS NOT (SELECT id FROM account WHERE name = ?)"
    case .delete: "p.deleted_at IS NULL"
    case .restore, .remove: "p.deleted_at IS NOT NULL"
    case .sync, .forget: "1"
    }
  }

  fileprivate var values: Bindings {
    if case .move(let account) = self { [account] } else { [] }
  }
}

extension WorkspaceTransaction {
  /// Changes these people; who is gone meanwhile is passed over.
  package func change(_ people: ArraySlice<PersonID>, _ change: PeopleChange) throws(Problem) {
    for id in people where try directory.person(id) != nil {
      switch change {
      case .activate: try directory.update(id) { $0.isActive = true }
      case .deactivate: try directory.update(id) { $0.isActive = false }
      case .optOut: try directory.update(id) { $0.optIn = .no }
      case .move(let account): try directory.update(id) { $0.account = account }
      case .delete: try directory.markDeleted(id)
      case .restore: try directory.undelete(id)
      case .remove: try directory.remove(id)
      case .sync: try requests.insert(.syncPerson(id))
      case .forget:
        throw Problem("internal", "Forgetting somebody is not one change among others.")
      }
    }
  }

  /// Does `body` and says by which lines of the audit trail it can be taken back.
  package func marking<Value>(
    _ body: () throws(Problem) -> Value
  ) throws(Problem) -> (value: Value, mark: EditMark?) {
    let last = "SELECT coalesce(max(id), 0) FROM audit"
    let before = try database.integer(last)
    let value = try body()
    let after = try database.integer(last)
    guard after > before else { return (value, nil) }
    return (value, EditMark(who: who, first: Int64(before + 1), last: Int64(after)))
  }
}
