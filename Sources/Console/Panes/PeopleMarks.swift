// Who is marked in a list of people: some by their ids, or all that a search finds but some. What
// must stay true: a row that is drawn as marked is one that an action reaches, and the other way
// round.

import Basics
import Domain

struct PeopleMarks: Sendable, Equatable {
  struct Start: Sendable, Equatable {
    var id: PersonID
    var position: Int
  }

  private var ids: Set<PersonID> = []
  /// All are marked, without those in `ids`.
  private(set) var isAll = false
  /// Where a range began that is not ended yet.
  private(set) var start: Start?

  var isEmpty: Bool { !isAll && ids.isEmpty }

  func count(of total: Int) -> Int { isAll ? max(0, total - ids.count) : ids.count }

  /// Whether a row is drawn as marked while the cursor stands at `cursor`.
  func contains(_ id: PersonID, at position: Int, cursor: Int) -> Bool {
    if let start, min(start.position, cursor)...max(start.position, cursor) ~= position {
      return true
    }
    return ids.contains(id) != isAll
  }

  func selection(search: String) -> PeopleSelection? {
    if isEmpty { return nil }
    return isAll ? .found(search: search, except: ids.sorted()) : .these(ids.sorted())
  }

  mutating func toggle(_ id: PersonID) { ids.formSymmetricDifference([id]) }

  mutating func begin(at id: PersonID, _ position: Int) {
    start = Start(id: id, position: position)
  }

  mutating func endRange() { start = nil }

  mutating func add(_ people: [PersonID]) {
    if isAll { ids.subtract(people) } else { ids.formUnion(people) }
  }

  mutating func markAll() {
    self = PeopleMarks()
    isAll = true
  }

  mutating func clear() { self = PeopleMarks() }

  /// The list is another one now: all of it means others.
  mutating func leaveList() {
    start = nil
    if isAll { clear() }
  }
}
