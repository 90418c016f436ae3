// The workspace's own people as a source: edited in the console or imported. What it is told to
// record, it writes into the directory.

import Basics
import Domain
import Storage

package struct BuiltInDirectory: PeopleSource {
  private let workspace: Workspace
  private let page: Int

  package init(_ workspace: Workspace, page: Int = 500) {
    self.workspace = workspace
    self.page = page
  }

  package func describe() async throws -> SourceDescription {
    let custom = try await workspace.read { (reading) throws(Problem) in
      try reading.directory.customFields().map { PersonField.custom($0.name) }
    }
    return SourceDescription(
      name: "built-in directory", fields: PersonField.builtIn + custom, hasKeys: false,
      canWriteBack: true, tellsChanges: true)
  }

  /// Everybody by id; with a cursor, those of whom a change was noticed at or after it.
  package func people(
    changedSince cursor: SourceCursor?
  ) -> AsyncThrowingStream<PeoplePage, any Error> {
    let since = cursor.flatMap { Int64($0.text) }.map { Instant(milliseconds: $0) }
    let (workspace, page) = (workspace, page)
    let started = SourceCursor("\(workspace.time.now().milliseconds)")
    let last = Locked<PersonID?>(nil)
    return AsyncThrowingStream {
      let after = last.withLock { $0 }
      let (people, managers) = try await workspace.read { (reading) throws(Problem) in
        let people = try reading.directory.people(after: after, limit: page)
        return (people, try reading.directory.people(Set(people.compactMap(\.managerID))))
      }
      guard let end = people.last?.id else { return nil }
      last.withLock { $0 = end }
      let changed = people.filter { person in since.map { person.noticedAt >= $0 } ?? true }
      return PeoplePage(
        people: changed.map { person in
          let manager = person.managerID.map { managers[$0]?.externalID ?? "\($0)" }
          return SourcePerson(person: person, manager: manager, place: "\(person.id)")
        }, cursor: started)
    }
  }

  package func record(_ change: WriteBack) async throws {
    let draft = PersonDraft(id: change.person, values: [change.field: change.value])
    try await workspace.write(as: "Mailchimp") { (tx) throws(Problem) in
      try tx.directory.apply(draft)
    }
  }
}
