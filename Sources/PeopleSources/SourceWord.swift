// What a source says of one person, as texts by column name, and what of it is new. Pure. What must
// stay true: a column whose text the source did not change is never taken over a second time, so
// that a value edited here or taken from Mailchimp stays.

import Basics
import Domain

package struct SourceWord: Sendable, Equatable {
  /// Native columns by their names, custom fields as `custom.NAME`; clean texts.
  package var values: [String: String]

  package init(_ values: [String: String] = [:]) { self.values = values }

  package init(json: JSONValue) {
    values = (json.object ?? [:]).compactMapValues(\.string)
  }

  package var json: JSONValue { .object(values.mapValues(JSONValue.string)) }

  /// The columns to be taken over. `last` is nil where the source never spoke of this person; then
  /// for somebody who stands here already (`isKnownHere`) an empty text overwrites nothing.
  func news(since last: SourceWord?, isKnownHere: Bool) -> SourceWord {
    guard let last else {
      return isKnownHere ? SourceWord(values.filter { !$0.value.isEmpty }) : self
    }
    // What the source repeats because it was told so is no news either.
    var news = values.filter {
      last.values[$0.key] != $0.value && last.values[SourceWord.told($0.key)] != $0.value
    }
    // Addresses are a list: where one changed, each stands where the source puts it.
    let addresses = SourceWord.addresses
    if addresses.contains(where: { news[$0] != nil }) {
      for column in addresses { news[column] = values[column] }
    }
    return SourceWord(news)
  }

  /// Under which a text is kept that the source was told.
  package static func told(_ column: String) -> String { "told.\(column)" }

  private static let addresses = [CSVColumn.email, .email2, .email3].map(\.rawValue)

  var cells: [(CSVHeader.Meaning, String)] {
    values.sorted { $0.key < $1.key }.compactMap { name, text in
      if let column = CSVColumn(rawValue: name) { return (.native(column), text) }
      if name.hasPrefix("custom.") { return (.custom(String(name.dropFirst(7))), text) }
      return nil
    }
  }

  /// The name under which a column's text is kept; nil for what is left out.
  static func name(_ meaning: CSVHeader.Meaning) -> String? {
    switch meaning {
    case .native(let column): column.rawValue
    case .custom(let name): "custom.\(name)"
    case .ignored: nil
    }
  }
}

/// How a source's columns are understood.
package struct SourceColumns: Sendable {
  /// The column that tells people apart.
  package var key: String
  package var known: [CustomField]
  /// Further columns become custom fields.
  package var takesFurther: Bool

  package init(
    key: String = CSVColumn.externalID.rawValue, known: [CustomField] = [],
    takesFurther: Bool = false
  ) {
    self.key = key
    self.known = known
    self.takesFurther = takesFurther
  }
}

/// Turns rows with these columns into people, or refuses them.
struct SourceRowReader: Sendable {
  let meanings: [CSVHeader.Meaning]
  private let keyPlace: Int
  private let cells: CellReader

  /// `source` is named where the columns cannot be used.
  init(_ names: [String], _ columns: SourceColumns, source: String) throws(Problem) {
    let key = columns.key.lowercased()
    guard let place = names.firstIndex(where: { Text.oneLine($0).lowercased() == key }) else {
      throw Problem(
        "source.no-key", "\(source) has no column '\(columns.key)' to tell people apart.",
        remedy: "Add it, or name another column in source.key-column.")
    }
    keyPlace = place
    meanings = try CSVHeader(
      CSVRow(line: 1, cells: names), known: columns.known, customFields: columns.takesFurther
    ).columns
    cells = CellReader(columns.known)
  }

  /// Custom fields that would be new.
  var customFields: [String] {
    meanings.compactMap { if case .custom(let name) = $0 { name } else { nil } }
  }

  func add(_ row: [String?], at place: String, to page: inout PeoplePage) {
    guard row.count == meanings.count else {
      return refuse(
        Problem(
          "source.cells", "It has \(row.count) cells, the header \(meanings.count).",
          remedy: "Check the quotation marks and delimiters of that row."), nil, place, &page)
    }
    let key = Text.oneLine(row[keyPlace] ?? "")
    guard !key.isEmpty else {
      return refuse(
        Problem(
          "source.no-key", "It has no key.", remedy: "Give each person a key of their own."),
        nil, place, &page)
    }
    var values: [String: String] = [:]
    for (meaning, text) in zip(meanings, row) {
      guard let text, let name = SourceWord.name(meaning), meaning != .native(.externalID) else {
        continue
      }
      values[name] = Text.oneLine(text)
    }
    let word = SourceWord(values)
    var (patch, problems) = cells.read(word.cells, place: place)
    patch.externalID = key
    if problems.isEmpty, !patch.namesSomebody {
      problems = [
        Problem(
          "source.nobody", "\(place): neither a name nor an e-mail address.",
          remedy: "Fill one in at the source.")
      ]
    }
    if patch.manager.value == key {
      problems.append(
        Problem(
          "source.own-manager", "\(place): \(key) is named as their own account manager.",
          remedy: "Name somebody else, or nobody."))
    }
    if let problem = problems.first {
      page.refused.append(SourceRefusal(externalID: key, place: place, problem: problem))
    } else {
      page.people.append(SourcePerson(externalID: key, word: word, place: place))
    }
  }

  private func refuse(
    _ problem: Problem, _ key: String?, _ place: String, _ page: inout PeoplePage
  ) {
    var problem = problem
    problem.sentence = "\(place): \(problem.sentence)"
    page.refused.append(SourceRefusal(externalID: key, place: place, problem: problem))
  }
}
