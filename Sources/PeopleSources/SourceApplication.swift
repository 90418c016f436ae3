// Rows of a reading into the directory, the same way an import takes them. What must stay true: what
// the source said is remembered in the transaction that applies it, and only then; one row that the
// directory refuses keeps none of the others back.

import Basics
import Domain
import Storage

package struct SourceApplication: Sendable {
  package struct Done: Sendable {
    package var person: PersonID
    package var key: AddressKey
    package var isNew: Bool
    package var hasVanished: Bool
    package var changes: [FieldChange]
  }

  package private(set) var done: [Done] = []
  package private(set) var unchanged = 0
  package private(set) var refused: [(row: SourceRow, person: PersonID?, problem: Problem)] = []
  /// Their account managers come later in the reading.
  package private(set) var putOff: [String] = []
  /// Rows that say yes where somebody here said no, later than the source.
  package private(set) var refusalsKept = 0

  private let source: String
  private let startedAt: Instant
  private let vanished: VanishedRule

  package init(source: String, startedAt: Instant, vanished: VanishedRule) {
    self.source = source
    self.startedAt = startedAt
    self.vanished = vanished
  }

  /// As whom it writes.
  package var author: String { PersonPatch.sourcePrefix + source }

  /// `position` is that of the row after these; with `takesAll` nobody waits for a manager any more.
  package mutating func apply(
    _ rows: [SourceRow], of plan: PlanID, before position: Int, takesAll: Bool,
    _ tx: WorkspaceTransaction
  ) throws(Problem) {
    let keys = rows.map(\.externalID)
    let memories = try tx.source.memories(keys)
    let ids = try tx.directory.ids(externalIDs: keys)
    try defineFields(rows, tx)
    let reader = CellReader(try tx.directory.customFields())
    var patches: [(row: SourceRow, patch: PersonPatch)] = []
    for row in rows {
      if row.action == .vanish {
        try leave(row, ids[row.externalID], tx)
        continue
      }
      guard let json = row.word else { continue }
      let memory = memories[row.externalID]
      // Removed since it was read: they stay so.
      if let memory, memory.isRemoved, memory.leftAs == nil { continue }
      patches.append(
        (
          row,
          SourceApplication.patch(
            row.externalID, SourceWord(json: json), at: row.place, memory: memory,
            isKnownHere: ids[row.externalID] != nil, reader)
        ))
    }
    try refuseUnknownManagers(&patches, plan, position, ids, tx)
    var state = try attempt(patches, ids, takesAll: takesAll, tx)
    putOff = state.deferred.compactMap(\.externalID)
    let late = Set(putOff + refused.map(\.row.externalID))
    try tx.source.remember(patches.map(\.row).filter { !late.contains($0.externalID) })
    for touched in state.touched ?? [] {
      let after = try tx.directory.person(touched.id) ?? touched.after
      done.append(
        Done(
          person: touched.id, key: AddressKey(after.primaryEmail ?? ""),
          isNew: touched.before == nil, hasVanished: false,
          changes: FieldChange.between(touched.before, after)))
    }
    unchanged += state.unchanged
    refusalsKept += state.refusalsKept
    state.touched = nil
  }

  /// Those whose manager is neither here nor still to come are refused, and tried again next time.
  private mutating func refuseUnknownManagers(
    _ patches: inout [(row: SourceRow, patch: PersonPatch)], _ plan: PlanID, _ position: Int,
    _ ids: [String: PersonID], _ tx: WorkspaceTransaction
  ) throws(Problem) {
    let names = Set(patches.compactMap(\.patch.manager.value))
    if names.isEmpty { return }
    let here = try tx.directory.managers(Array(names))
    var coming = try tx.source.toCreate(names, in: plan, from: position)
    coming.formUnion(patches.map(\.row.externalID))
    for (row, patch) in patches {
      guard let name = patch.manager.value, here[name] == nil, !coming.contains(name) else {
        continue
      }
      refuse(
        row, ids[row.externalID],
        SourceStore.isErasedName(name)
          ? Problem(
            "source.forgotten-manager",
            "\(row.place): the account manager was forgotten here at their own request.",
            remedy: "Name somebody else at the source, or nobody.")
          : Problem(
            "source.unknown-manager",
            "\(row.place): the account manager \(name) is neither in the source nor here.",
            remedy: "Add them at the source, or name nobody."))
    }
    let out = Set(refused.map(\.row.externalID))
    patches.removeAll { out.contains($0.row.externalID) }
  }

  /// All at once; where the directory refuses one, each by itself.
  private mutating func attempt(
    _ patches: [(row: SourceRow, patch: PersonPatch)], _ ids: [String: PersonID], takesAll: Bool,
    _ tx: WorkspaceTransaction
  ) throws(Problem) -> ImportState {
    do throws(Problem) {
      return try tx.database.savepoint { () throws(Problem) in
        var state = begin(takesAll: takesAll)
        try state.apply(patches.map(\.patch), on: tx)
        return state
      }
    } catch {
      if error.code.hasPrefix("engine.") || error.isTransientAtSource { throw error }
    }
    var whole = begin(takesAll: takesAll)
    for (row, patch) in patches {
      let before = whole
      do throws(Problem) {
        whole = try tx.database.savepoint { () throws(Problem) in
          var state = before
          try state.apply([patch], on: tx)
          return state
        }
      } catch {
        if error.code.hasPrefix("engine.") || error.isTransientAtSource { throw error }
        var problem = error
        problem.sentence = "\(row.place): \(error.sentence)"
        refuse(row, ids[row.externalID], problem)
      }
    }
    return whole
  }

  private func begin(takesAll: Bool) -> ImportState {
    var state = ImportState(startedAt: startedAt, file: source, externalIDs: [])
    state.howPrefix = PersonPatch.sourcePrefix
    state.touched = []
    state.takesAll = takesAll
    return state
  }

  private mutating func refuse(_ row: SourceRow, _ person: PersonID?, _ problem: Problem) {
    refused.append((row, person, problem))
  }

  private mutating func leave(
    _ row: SourceRow, _ id: PersonID?, _ tx: WorkspaceTransaction
  ) throws(Problem) {
    try tx.source.leave(row.externalID, as: vanished)
    guard let id, let before = try tx.directory.person(id) else { return }
    var after = before
    switch vanished {
    case .inactive: after.isActive = false
    case .deleted: if after.deletedAt == nil { after.deletedAt = tx.now }
    }
    try tx.give(evidence: "no longer named by \(source)")
    guard try tx.directory.save(after, over: before) else {
      unchanged += 1
      return
    }
    done.append(
      Done(
        person: id, key: AddressKey(before.primaryEmail ?? ""), isNew: false, hasVanished: true,
        changes: FieldChange.between(before, after)))
  }

  /// Columns that became custom fields, by the setting.
  private func defineFields(_ rows: [SourceRow], _ tx: WorkspaceTransaction) throws(Problem) {
    let known = Set(try tx.directory.customFields().map { $0.name.lowercased() })
    var new: Set<String> = []
    for row in rows {
      for name in (row.word?.object ?? [:]).keys where name.hasPrefix("custom.") {
        let field = String(name.dropFirst(7))
        if !known.contains(field.lowercased()) { new.insert(field) }
      }
    }
    for name in new.sorted() { try tx.directory.define(CustomField(name: name, type: .text)) }
  }

  /// What of a word is to be written.
  static func patch(
    _ externalID: String, _ word: SourceWord, at place: String, memory: SourceMemory?,
    isKnownHere: Bool, _ reader: CellReader
  ) -> PersonPatch {
    let last = isKnownHere ? memory.map { SourceWord(json: $0.word) } : nil
    let news = word.news(since: last, isKnownHere: isKnownHere)
    // The cells were in order when they were read.
    var patch = reader.read(news.cells, place: place).patch
    patch.externalID = externalID
    if let leftAs = memory?.leftAs, isKnownHere {
      switch leftAs {
      case .inactive:
        patch.isActive = reader.read(word.cells, place: place).patch.isActive ?? true
      case .deleted: patch.undeletes = true
      }
    }
    return patch
  }
}
