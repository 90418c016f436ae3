// Where people come from. The workspace keeps its own copy; a source is read into it. What a source
// says of a person is its *word*: texts by column. What must stay true: a word is kept as it was
// said, so that next time only what the source itself changed is taken over.

import Basics
import Domain
import Storage

package struct SourceDescription: Sendable, Equatable {
  /// As the administrator calls it.
  package var name: String
  /// Those it tells of; empty where only reading shows them.
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

/// A person as a source tells of them.
package struct SourcePerson: Sendable, Equatable {
  /// The source's key for this person.
  package var externalID: String
  package var word: SourceWord
  /// Where in the source, for audit and messages, such as `people.csv line 3`.
  package var place: String

  package init(externalID: String, word: SourceWord, place: String) {
    self.externalID = externalID
    self.word = word
    self.place = place
  }
}

/// A row that tells of somebody who cannot be taken over; the person stays as they are.
package struct SourceRefusal: Sendable, Equatable {
  /// Nil where the row does not even say whom it is about.
  package var externalID: String?
  package var place: String
  package var problem: Problem

  package init(externalID: String?, place: String, problem: Problem) {
    self.externalID = externalID
    self.place = place
    self.problem = problem
  }
}

package struct PeoplePage: Sendable, Equatable {
  package var people: [SourcePerson] = []
  package var refused: [SourceRefusal] = []
  /// From here on the next reading may begin; nil where the source cannot tell changes.
  package var cursor: SourceCursor?

  package init() {}

  package var count: Int { people.count + refused.count }

  /// The most people a page holds: a page is one transaction.
  package static let size = 500
}

/// Values that go back to the source.
package struct WriteBack: Sendable, Equatable {
  package var person: PersonID
  package var externalID: String
  /// Only what changed; an empty text clears.
  package var values: [PersonField: String]

  package init(person: PersonID, externalID: String, values: [PersonField: String]) {
    self.person = person
    self.externalID = externalID
    self.values = values
  }

  /// A line for a command: the key, and fields by their names.
  package var json: JSONValue {
    var members: [String: JSONValue] = ["external_id": .string(externalID)]
    for (field, value) in values { members[field.description] = .string(value) }
    return .object(members)
  }
}

package protocol PeopleSource: Sendable {
  func describe() async throws -> SourceDescription
  /// Everybody, or who changed since `cursor` where the source can tell; pages are made when they
  /// are asked for. What ends the stream with an error has told nothing: forget its pages.
  func people(changedSince cursor: SourceCursor?) -> AsyncThrowingStream<PeoplePage, any Error>
  func record(_ change: WriteBack) async throws
}

extension Problem {
  /// Whether the same question to the same source may go well in a while.
  package var isTransientAtSource: Bool {
    ["http.", "sqlite.busy", "sqlite.locked", "source.changed-meanwhile", "source.unavailable"]
      .contains { code.hasPrefix($0) } && !code.hasPrefix("http.bad-")
  }

  static func cannotWriteBack(_ name: String) -> Problem {
    Problem(
      "source.cannot-write-back", "\(name) takes nothing back.",
      remedy: "Change the person in the system it comes from, or set source.write-back.")
  }
}
