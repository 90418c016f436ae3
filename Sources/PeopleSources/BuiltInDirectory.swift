// The workspace's own people as a source: edited in the console or imported. What it is told to
// record, it writes into the directory.

import Basics
import Domain
import Storage

package struct BuiltInDirectory: PeopleSource {
  private let workspace: Workspace
  private let page: Int

  package init(_ workspace: Workspace, page: Int = PeoplePage.size) {
    self.workspace = workspace
    self.page = page
  }

  package func describe() async throws -> SourceDescription {
    let custom = try await workspace.read { (reading) throws(Problem) in
      try reading.directory.customFields().map { PersonField.custom($0.name) }
    }
    return SourceDescription(
      name: "built-in directory", fields: PersonField.builtIn + custom, hasKeys: true,
      canWriteBack: true, tellsChanges: true)
  }

  /// Everybody by id; with a cursor, those of whom a change was noticed at or after it. Who has no
  /// external id is called by their id, such as `#17`.
  package func people(
    changedSince cursor: SourceCursor?
  ) -> AsyncThrowingStream<PeoplePage, any Error> {
    let since = cursor.flatMap { Int64($0.text) }.map { Instant(milliseconds: $0) }
    let (workspace, size) = (workspace, page)
    let started = SourceCursor("\(workspace.time.now().milliseconds)")
    let last = Locked<PersonID?>(nil)
    return AsyncThrowingStream {
      let after = last.withLock { $0 }
      let (people, managers) = try await workspace.read { (reading) throws(Problem) in
        let people = try reading.directory.people(after: after, limit: size)
        return (people, try reading.directory.people(Set(people.compactMap(\.managerID))))
      }
      guard let end = people.last?.id else { return nil }
      last.withLock { $0 = end }
      var page = PeoplePage()
      page.cursor = started
      page.people = people.filter { person in since.map { person.noticedAt >= $0 } ?? true }
        .map { person in
          SourcePerson(
            externalID: person.externalID ?? "\(person.id)",
            word: SourceWord(person, manager: person.managerID.flatMap { managers[$0] }),
            place: "\(person.id)")
        }
      return page
    }
  }

  package func record(_ change: WriteBack) async throws {
    let draft = PersonDraft(id: change.person, values: change.values)
    try await workspace.write(as: "Mailchimp") { (tx) throws(Problem) in
      try tx.directory.apply(draft)
    }
  }
}

extension SourceWord {
  init(_ person: Person, manager: Person?) {
    self.init()
    for column in CSVColumn.allCases where column != .externalID {
      values[column.rawValue] = PeopleExport.cell(column, person, manager: manager)
    }
    for (name, value) in person.customFields { values["custom.\(name)"] = value }
  }
}
