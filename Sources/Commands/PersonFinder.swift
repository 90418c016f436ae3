// Whom a word on the command line means: `#12`, an external id, or an address.

import Basics
import Domain
import Storage

enum PersonFinder {
  static func find(_ text: String, in workspace: Workspace) throws(Problem) -> PersonID {
    let word = Text.oneLine(text)
    let found = try workspace.readBlocking { (reading) throws(Problem) in
      try find(word, in: reading)
    }
    if found.count == 1 { return found[0] }
    if found.isEmpty {
      throw Problem(
        "people.missing", "Nobody is known as '\(word)'.",
        remedy: "Give #NUMBER, an external id or an address, as `people list` shows them.")
    }
    let numbers = found.prefix(5).map(\.description).joined(separator: ", ")
    throw Problem(
      "people.ambiguous", "\(Phrase.people(found.count)) have the address '\(word)'.",
      remedy: "Name one by number: \(numbers).")
  }

  private static func find(
    _ word: String, in reading: WorkspaceReading
  ) throws(Problem) -> [PersonID] {
    if word.hasPrefix("#") {
      guard let id = PersonID(word) else { return [] }
      return try reading.directory.person(id).map { [$0.id] } ?? []
    }
    if let person = try reading.directory.person(externalID: word) { return [person.id] }
    if word.contains("@") { return try reading.directory.people(at: AddressKey(word)).map(\.id) }
    guard let id = PersonID(word) else { return [] }
    return try reading.directory.person(id).map { [$0.id] } ?? []
  }

  /// The words of a search as one text. A word with blanks came in quotes from the shell, and gets
  /// them back; a single word is a whole search already.
  static func search(_ words: [String]) -> String {
    guard words.count > 1 else { return words.first ?? "" }
    return words.map { word in
      guard word.contains(" "), !word.contains("\"") else { return word }
      guard let colon = word.firstIndex(of: ":"), !word[..<colon].contains(" ") else {
        return "\"\(word)\""
      }
      return "\(word[...colon])\"\(word[word.index(after: colon)...])\""
    }.joined(separator: " ")
  }
}
