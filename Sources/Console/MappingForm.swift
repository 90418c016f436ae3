// A row of the mapping as a form. A few letters of a name are enough; what they are read as stands
// beside the field, and what cannot work stands under it before anybody saves.

import Basics
import Domain
import Screen

enum MappingForm {
  static let field = "field"
  static let tag = "tag"
  static let direction = "direction"
  static let transforms = "transforms"

  static func form(
    for row: FieldMapping, on board: MappingBoard, replacing: String?, glyphs: Glyphs
  ) -> Form {
    func way(_ way: SyncDirection, _ words: String) -> Form.Choice {
      Form.Choice(way.rawValue, glyphs == .ascii ? words : "\(way.arrow) \(words)")
    }
    var form = Form([
      Form.Field(field, "Person field", value: "\(row.field)", required: true),
      Form.Field(
        direction, "Way",
        .choice([
          way(.toMailchimp, "to Mailchimp"), way(.fromMailchimp, "from Mailchimp"),
          way(.both, "both ways"),
        ]), value: row.direction.rawValue,
        help: "To: sent from here. From: taken from there. Both: whichever side changed."),
      Form.Field(tag, "Merge field", value: row.tag, required: true),
      Form.Field(
        transforms, "Transforms", value: Transform.print(row.transforms),
        help: "Steps with commas between, or nothing: \(Transform.forms.joined(separator: ", ")).",
        placeholder: "as it is"),
    ])
    judge(&form, board, replacing: replacing, isFinal: false)
    return form
  }

  /// Says beside the fields what they are read as, and under them what is wrong; while something is
  /// still to be filled in, only what is wrong with the rest.
  static func judge(
    _ form: inout Form, _ board: MappingBoard, replacing: String?, isFinal: Bool
  ) {
    form.clearProblems()
    form.setHelp(fieldHelp(form[field], board), of: field)
    form.setHelp(tagHelp(form[tag], board), of: tag)
    let isWhole = [field, tag].allSatisfy { !Text.oneLine(form[$0]).isEmpty }
    if !isWhole {
      for id in [field, tag] where isFinal && Text.oneLine(form[id]).isEmpty {
        form.setProblem("It is needed.", of: id)
      }
      return
    }
    do throws(Problem) {
      let row = try row(form.texts, board)
      _ = try board.applying(.set(row, replacing: replacing), at: Instant(milliseconds: 0))
    } catch {
      form.setProblem(error.description, of: place(of: error))
    }
  }

  /// The row a filled form means.
  static func row(_ values: FormValues, _ board: MappingBoard) throws(Problem) -> FieldMapping {
    let wanted = Text.oneLine(values[field] ?? "")
    guard let personField = personField(wanted, board) else {
      throw Problem(
        "mapping.unknown-field", "People have no field '\(wanted)'.",
        remedy: "Type a few letters of its name."
          + Suggestion.sentence(wanted, among: names(board)),
        fields: ["place": field])
    }
    let steps: [Transform]
    do throws(Problem) {
      steps = try Transform.list(values[transforms] ?? "")
    } catch {
      // The forms there are stand beside the field: only what was meant is said under it.
      var problem = error
      problem.remedy =
        error.remedy.hasSuffix("?")
        ? error.remedy.split(separator: ".").last.map { Text.oneLine($0) } ?? "" : ""
      problem.fields["place"] = transforms
      throw problem
    }
    return FieldMapping(
      personField, mergeTag(Text.oneLine(values[tag] ?? ""), board),
      direction: SyncDirection(rawValue: values[direction] ?? "") ?? .toMailchimp,
      transforms: steps)
  }

  /// The same where it can be read already, for the people shown below.
  static func read(_ values: FormValues, _ board: MappingBoard) -> FieldMapping? {
    let isWhole = [field, tag].allSatisfy { !Text.oneLine(values[$0] ?? "").isEmpty }
    do throws(Problem) {
      return isWhole ? try row(values, board) : nil
    } catch {
      return nil
    }
  }

  private static func place(of problem: Problem) -> String {
    if let place = problem.fields["place"] { return place }
    switch problem.code {
    case "mapping.not-reversible", "mapping.transform-type", "mapping.unreadable-transform":
      return transforms
    case "mapping.unknown-field", "mapping.duplicate-field": return field
    case "mapping.not-taken", "mapping.minimum": return direction
    default: return tag
    }
  }

  // MARK: Names by a few letters

  static func fields(_ board: MappingBoard) -> [PersonField] {
    PersonField.builtIn + board.customFields.map { .custom($0.name) }
  }

  private static func names(_ board: MappingBoard) -> [String] {
    fields(board).map(\.description)
  }

  /// The name itself, else the best of those that have these letters in order.
  private static func best(_ text: String, among names: [String]) -> [String] {
    let text = Text.oneLine(text)
    if let exact = names.first(where: { $0.lowercased() == text.lowercased() }) { return [exact] }
    return names.enumerated()
      .compactMap { place, name in Fuzzy.score(text, in: name).map { ($0, place, name) } }
      .sorted { ($1.0, $0.1) < ($0.0, $1.1) }.map(\.2)
  }

  static func personField(_ text: String, _ board: MappingBoard) -> PersonField? {
    let text = text.hasPrefix("custom:") ? "custom." + text.dropFirst(7) : text
    return best(text, among: names(board)).first.flatMap { PersonField($0) }
  }

  static func mergeTag(_ text: String, _ board: MappingBoard) -> String {
    guard let fields = board.mergeFields else { return text.uppercased() }
    // By tag, else by what people read beside it.
    if let tag = best(text, among: fields.map(\.tag)).first { return tag }
    if let name = best(text, among: fields.map(\.name)).first,
      let field = fields.first(where: { $0.name == name })
    {
      return field.tag
    }
    return text.uppercased()
  }

  private static func fieldHelp(_ text: String, _ board: MappingBoard) -> String {
    guard !Text.oneLine(text).isEmpty, let field = personField(Text.oneLine(text), board) else {
      return "A few letters are enough: \(names(board).joined(separator: ", "))."
    }
    let type = field.type(customTypes: board.customTypes)?.article ?? "unknown"
    var help = "\(field): \(type)."
    if case .custom(let name) = field,
      let choices = board.customFields.first(where: { $0.name == name })?.choices, !choices.isEmpty
    {
      help += " Choices: \(choices.joined(separator: ", "))."
    }
    let others = best(text, among: names(board)).dropFirst().prefix(3)
    return others.isEmpty ? help : help + " Also: \(others.joined(separator: ", "))."
  }

  private static func tagHelp(_ text: String, _ board: MappingBoard) -> String {
    guard let fields = board.mergeFields else {
      return "The audience's fields were not read yet: leave this and read them."
    }
    let tag = mergeTag(Text.oneLine(text), board)
    guard !Text.oneLine(text).isEmpty, let field = fields.first(where: { $0.tag == tag }) else {
      let free = board.freeFields.map(\.tag).joined(separator: ", ")
      return free.isEmpty
        ? "Every merge field has a row; another can be created in Mapping."
        : "Without a row: \(free). Another can be created in Mapping."
    }
    return describe(field)
  }

  static func describe(_ field: MergeField) -> String {
    var help = "\(field.label): \(field.type.rawValue)"
    if field.isRequired { help += ", required" }
    if field.type == .text { help += ", at most \(MergeField.longestText) characters" }
    if !field.choices.isEmpty { help += "; choices: \(field.choices.joined(separator: ", "))" }
    return help + "."
  }
}

extension Form {
  /// Every value, by id.
  var texts: FormValues {
    Dictionary(fields.filter(\.takesFocus).map { ($0.id, $0.value) }, uniquingKeysWith: { $1 })
  }

  mutating func setHelp(_ text: String, of id: String) {
    guard let index = fields.firstIndex(where: { $0.id == id }) else { return }
    fields[index].help = text
  }
}
