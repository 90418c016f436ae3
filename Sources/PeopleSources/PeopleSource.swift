// Where people come from. The workspace keeps its own copy; a source is read into it. The built-in
// directory is a source like any other, which happens to be the copy itself.

import Basics
import Domain
import Storage

package struct SourceDescription: Sendable, Equatable {
  /// As the administrator calls it.
  package var name: String
  package var fields: [PersonField]
  /// Whether people carry a key of the source's own.
  package var hasKeys: Bool
  /// Whether it takes changes back.
  package var canWriteBack: Bool
  /// Whether it can tell only what changed since last time.
  package var tellsChanges: Bool
}

/// How far a source was read; only the source itself knows what it means.
package struct SourceCursor: Sendable, Hashable {
  package var text: String
  package init(_ text: String) { self.text = text }
}

/// A person as a source tells of them: without an id of ours.
package struct SourcePerson: Sendable, Equatable {
  package var person: Person
  /// The account manager by the source's key.
  package var manager: String?
  /// Where in the source, for audit and messages, such as `people.csv line 3`.
  package var place: String
}

package struct PeoplePage: Sendable, Equatable {
  package var people: [SourcePerson]
  /// From here on the next reading may begin; nil where the source cannot tell changes.
  package var cursor: SourceCursor?
}

/// A value that goes back to the source.
package struct WriteBack: Sendable, Equatable {
  package var person: PersonID
  package var externalID: String?
  package var field: PersonField
  package var value: String

  package init(person: PersonID, externalID: String?, field: PersonField, value: String) {
    self.person = person
    self.externalID = externalID
    self.field = field
    self.value = value
  }
}

package protocol PeopleSource: Sendable {
  func describe() async throws -> SourceDescription
  func people(changedSince cursor: SourceCursor?) -> AsyncThrowingStream<PeoplePage, any Error>
  func record(_ change: WriteBack) async throws
}
