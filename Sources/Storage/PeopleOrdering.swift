// A list of people in any order, laid out for `KeysetWalk`: what is empty comes last whichever way
// round, and of the orders people use every day each follows an index.

import Domain
import SQLite

extension PeopleSort {
  /// True where an index has this order; else every window looks at everybody.
  package var isIndexed: Bool {
    switch column {
    case .name, .email, .state, .account, .changed, .company, .optIn, .externalID, .added, .id: true
    default: false
    }
  }

  var keyset: Keyset {
    func group(_ condition: String = "1", _ keys: String...) -> Keyset.Group {
      Keyset.Group(condition: condition, keys: keys, descends: isDescending)
    }
    func each(_ groups: [Keyset.Group]) -> [Keyset.Group] {
      isDescending ? groups.reversed() : groups
    }
    /// Those who have one by it, then those who have none, by their ids.
    func filled(_ value: String) -> [Keyset.Group] {
      [
        group("\(value) <> ''", "\(value) COLLATE NOCASE"),
        Keyset.Group(condition: "\(value) = ''"),
      ]
    }
    func words(_ value: String, _ all: [String]) -> [Keyset.Group] {
      each(all.map { group("\(value) = '\($0)'") })
    }
    switch column {
    case .name:
      // Who has neither name nor company is shown by an address, which no index of people has.
      return Keyset([
        group("\(Self.shownName) > ''", Self.shownName),
        Keyset.Group(condition: "\(Self.shownName) = ''"),
      ])
    case .email:
      var with = group("e.position = 0", "e.key")
      with.tables = "address e CROSS JOIN person p ON p.id = e.person_id"
      with.id = "e.person_id"
      let without = "NOT EXISTS (SELECT 1 FROM address WHERE person_id = p.id AND position = 0)"
      return Keyset([with, Keyset.Group(condition: without)])
    case .state:
      return Keyset(
        each(
          PersonState.byUrgency.map { state in
            var one = group("s.state = '\(state.rawValue)'", "s.reason")
            one.tables = "standing s CROSS JOIN person p ON p.id = s.person_id"
            one.id = "s.person_id"
            return one
          }))
    case .reason: return Keyset(filled(Self.reason))
    case .account:
      var all = group("1", "a.name")
      all.tables = "account a CROSS JOIN person p ON p.account_id = a.id"
      return Keyset([all])
    case .changed: return Keyset([group("1", "coalesce(p.source_updated_at, p.noticed_at)")])
    case .optIn: return Keyset(words("p.opt_in", OptIn.allCases.map(\.rawValue)))
    case .kind: return Keyset(words("p.kind", Person.Kind.allCases.map(\.rawValue)))
    case .active:
      return Keyset(
        each([
          group("p.active = 1 AND p.deleted_at IS NULL"),
          group("p.active = 0 AND p.deleted_at IS NULL"), group("p.deleted_at IS NOT NULL"),
        ]))
    case .externalID:
      return Keyset([
        group("p.external_id IS NOT NULL", "p.external_id"),
        Keyset.Group(condition: "p.external_id IS NULL"),
      ])
    case .company: return Keyset(filled("p.company"))
    case .phone: return Keyset(filled("p.phone"))
    case .birthday: return Keyset(filled("coalesce(\(SearchCompiler.effectiveBirthday), '')"))
    case .dateOfBirth: return Keyset(filled("coalesce(p.date_of_birth, '')"))
    case .city: return Keyset(filled("coalesce(json_extract(p.postal_address, '$.city'), '')"))
    case .country:
      return Keyset(filled("coalesce(json_extract(p.postal_address, '$.country'), '')"))
    case .custom(let name): return Keyset(custom(name))
    case .added, .id, .source, .tags, .manager: return Keyset([group()])
    }
  }

  /// As the list shows it, and as `person_by_shown_name` has it.
  private static let shownName = """
    (CASE WHEN p.first_name <> '' OR p.last_name <> ''
      THEN trim(p.first_name || ' ' || p.last_name) ELSE p.company END) COLLATE NOCASE
    """

  private static let reason =
    "coalesce((SELECT reason FROM standing WHERE person_id = p.id), '')"

  /// Numbers by their size, before what is none.
  private func custom(_ name: String) -> [Keyset.Group] {
    // In a literal, because a key is no place for a binding: a name holds no quotation mark and no
    // backslash, and apostrophes are doubled.
    let path = name.filter { $0 != "\"" && $0 != "\\" }.split(
      separator: "'", omittingEmptySubsequences: false
    ).joined(separator: "''")
    let value = "coalesce(CAST(json_extract(p.custom, '$.\"\(path)\"') AS TEXT), '')"
    let isNumber = "\(value) GLOB '*[0-9]*' AND \(value) NOT GLOB '*[^0-9.-]*'"
    return [
      Keyset.Group(
        condition: isNumber, keys: ["CAST(\(value) AS REAL)"], descends: isDescending),
      Keyset.Group(
        condition: "\(value) <> '' AND NOT (\(isNumber))", keys: ["\(value) COLLATE NOCASE"],
        descends: isDescending),
      Keyset.Group(condition: "\(value) = ''"),
    ]
  }
}

extension PersonState {
  /// Whoever wants somebody's attention first.
  fileprivate static let byUrgency: [PersonState] = [.refused, .waiting, .excluded, .inStep]
}
