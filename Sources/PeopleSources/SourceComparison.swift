// One page of a source against what it said last time and against the people here: what is to be
// remembered, and what would change. It reads only.

import Basics
import Domain
import Storage

package struct SourceComparison: Sendable {
  package struct Change: Sendable {
    /// Nil for somebody new.
    package var person: PersonID?
    package var email: String
    package var changes: [FieldChange]
    package var place: String
  }

  /// Every row that says whom it is about, but of those who were forgotten.
  package private(set) var rows: [SourceRow] = []
  package private(set) var changes: [Change] = []
  package private(set) var refused: [SourceRefusal] = []
  /// Rows that do not say whom they are about: who they are must not count as missing.
  package private(set) var unidentified = 0
  package private(set) var unchanged = 0
  /// Removed here, and named by the source all the same.
  package private(set) var removedHere = 0

  package init(
    _ page: PeoplePage, plan: PlanID, _ access: some WorkspaceAccess
  ) throws(Problem) {
    let keys = page.people.map(\.externalID) + page.refused.compactMap(\.externalID)
    var named = try access.source.named(keys, in: plan)
    let memories = try access.source.memories(keys)
    let ids = try access.directory.ids(externalIDs: keys)
    let people = try access.directory.people(Array(ids.values))
    let managerNames = page.people.compactMap { $0.word.values[CSVColumn.manager.rawValue] }
      .filter { !$0.isEmpty }
    let managers = try access.directory.managers(managerNames)
    let erasedManagers = try access.source.erasedNames(
      Set(managerNames.filter { managers[$0] == nil }))
    let reader = CellReader(try access.directory.customFields())
    func isErased(_ key: String) -> Bool { memories[key]?.isErased ?? false }
    for refusal in page.refused {
      if let key = refusal.externalID, isErased(key) {
        removedHere += 1
        continue
      }
      refused.append(refusal)
      guard let key = refusal.externalID else {
        unidentified += 1
        continue
      }
      if named.insert(key).inserted {
        rows.append(SourceRow(externalID: key, place: refusal.place, action: .refused))
      }
    }
    for said in page.people {
      // Not even that they were named: nobody counts them as missing.
      if isErased(said.externalID) {
        removedHere += 1
        continue
      }
      guard named.insert(said.externalID).inserted else {
        refused.append(SourceComparison.twice(said))
        continue
      }
      let memory = memories[said.externalID]
      let person = ids[said.externalID].flatMap { people[$0] }
      if let memory, memory.isRemoved, memory.leftAs == nil {
        removedHere += 1
        rows.append(
          SourceRow(externalID: said.externalID, place: said.place, action: .same))
        continue
      }
      let merged = SourceWord.merged(said.word.keeping(no: erasedManagers), over: memory)
      if let memory, memory.leftAs == nil, SourceWord(json: memory.word) == merged {
        unchanged += 1
        rows.append(
          SourceRow(externalID: said.externalID, place: said.place, action: .same))
        continue
      }
      let patch = SourceApplication.patch(
        said.externalID, merged, at: said.place, memory: memory, isKnownHere: person != nil, reader)
      var after = person ?? Person(id: PersonID(0), account: "", noticedAt: access.now)
      _ = patch.apply(to: &after, decidedAt: access.now, how: PersonPatch.sourcePrefix)
      // The time of change alone changes nobody.
      after.sourceUpdatedAt = person?.sourceUpdatedAt
      var found = FieldChange.between(person, after.cleaned())
      if let name = patch.manager.value, managers[name] == nil || managers[name] != after.managerID
      {
        found.append(FieldChange(CSVColumn.manager.rawValue, old: .empty, new: .text(name)))
      } else if patch.manager == .empty, after.managerID != nil {
        found.append(FieldChange(CSVColumn.manager.rawValue, old: .empty, new: .empty))
      }
      let action: SourceRow.Action =
        person == nil ? .create : found.isEmpty ? .word : .update
      rows.append(
        SourceRow(
          externalID: said.externalID, word: merged.json, place: said.place, action: action))
      if action == .word {
        unchanged += 1
      } else {
        changes.append(
          Change(
            person: person?.id, email: after.primaryEmail ?? "", changes: found,
            place: said.place))
      }
    }
  }

  private static func twice(_ said: SourcePerson) -> SourceRefusal {
    SourceRefusal(
      externalID: said.externalID, place: said.place,
      problem: Problem(
        "source.twice", "\(said.place): the key \(said.externalID) stood there before.",
        remedy: "Give each person a key of their own."))
  }
}

extension SourceWord {
  /// The same with what stands for an account manager who was forgotten, where it names one.
  func keeping(no erased: [String: String]) -> SourceWord {
    var word = self
    let column = CSVColumn.manager.rawValue
    if let mark = values[column].flatMap({ erased[$0] }) { word.values[column] = mark }
    return word
  }

  /// A column the source left out this time keeps what it said before.
  static func merged(_ word: SourceWord, over memory: SourceMemory?) -> SourceWord {
    guard let memory else { return word }
    var values = SourceWord(json: memory.word).values
    for (column, text) in word.values where values[column] != text {
      values[column] = text
      // The source has moved on from what it was told.
      values[SourceWord.told(column)] = nil
    }
    return SourceWord(values)
  }
}

extension FieldChange {
  /// What differs between two states of a person, by field; everything that is set where there was
  /// none before.
  package static func between(_ before: Person?, _ after: Person) -> [FieldChange] {
    let empty = Person(id: PersonID(0), account: "", noticedAt: after.noticedAt)
    let before = before ?? empty
    var changes: [FieldChange] = []
    func add(_ name: String, _ old: String, _ new: String) {
      if old != new { changes.append(FieldChange(name, old: .text(old), new: .text(new))) }
    }
    for field in PersonField.builtIn where field != .email && field != .manager {
      add(field.description, before.value(of: field).text, after.value(of: field).text)
    }
    add("email", before.emails.joined(separator: ", "), after.emails.joined(separator: ", "))
    add(
      "manager_external_id", before.managerID.map { "\($0)" } ?? "",
      after.managerID.map { "\($0)" } ?? "")
    let names = Set(before.customFields.keys).union(after.customFields.keys)
    for name in names.sorted() {
      add("custom.\(name)", before.customFields[name] ?? "", after.customFields[name] ?? "")
    }
    add(
      "deleted", before.deletedAt.map { "\($0)" } ?? "", after.deletedAt.map { "\($0)" } ?? "")
    return changes
  }
}
