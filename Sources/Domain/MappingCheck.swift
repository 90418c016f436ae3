// Whether a mapping can work, against the audience's own merge fields: asked when it is made and
// again before anything is sent. An empty answer means yes; each problem names its row and the way
// out.

import Basics

package enum MappingCheck {
  /// All that is wrong, in the order of the rows, then what is missing.
  package static func problems(
    in mapping: [FieldMapping], mergeFields: [MergeField], customFields: [CustomField] = []
  ) -> [Problem] {
    let fields = Dictionary(mergeFields.map { ($0.tag, $0) }) { first, _ in first }
    let types = Dictionary(customFields.map { ($0.name, $0.type) }) { first, _ in first }
    var problems: [Problem] = []
    var sentTags: Set<String> = []
    var takenFields: Set<PersonField> = []
    for row in mapping {
      if row.direction != .fromMailchimp, !sentTags.insert(row.tag).inserted {
        problems.append(
          problem(
            "duplicate-tag", row, "Two rows send to \(row.tag).",
            "Keep one of them, or join the fields with join(…)."))
      }
      if row.direction != .toMailchimp, !takenFields.insert(row.field).inserted {
        problems.append(
          problem(
            "duplicate-field", row, "Two rows take into \(row.field).", "Keep one of them."))
      }
      problems += rowProblems(row, field: fields[row.tag], tags: mergeFields.map(\.tag), types)
    }
    return problems + missing(in: mapping, mergeFields)
  }

  // MARK: One row

  private static func rowProblems(
    _ row: FieldMapping, field: MergeField?, tags: [String], _ types: [String: FieldType]
  ) -> [Problem] {
    guard let field else {
      return [
        problem(
          "unknown-tag", row, "The audience has no merge field \(row.tag).",
          "Create it at Mailchimp (Audience fields), or remove the row."
            + Suggestion.sentence(row.tag, among: tags))
      ]
    }
    for name in row.namedFields where name.type(customTypes: types) == nil {
      return [
        problem(
          "unknown-field", row, "People have no field \(name).",
          "Add the custom field, or change the row.")
      ]
    }
    var problems: [Problem] = []
    let type = row.field.type(customTypes: types) ?? .text
    if row.direction != .toMailchimp,
      let step = row.transforms.first(where: { !$0.isReversible(from: type) })
    {
      problems.append(
        problem(
          "not-reversible", row,
          "\(row.field) is taken back from \(row.tag), but \(step) cannot "
            + "be turned back.", "Send only (to), or remove the transform."))
    }
    if row.direction != .fromMailchimp { problems += typeProblems(row, field, types) }
    return problems
  }

  private static func typeProblems(
    _ row: FieldMapping, _ field: MergeField, _ types: [String: FieldType]
  ) -> [Problem] {
    guard var type = row.field.type(customTypes: types) else { return [] }
    var constant: String?
    for step in row.transforms {
      guard let next = step.type(from: type) else {
        return [
          problem(
            "transform-type", row, "\(step) cannot work on \(row.field), which is \(type.article).",
            "Remove the step, or choose one for that type.")
        ]
      }
      type = next
      switch step {
      case .constant(let text): constant = text
      case .join, .dateFormat: constant = nil
      default: break
      }
    }
    if let constant {
      if case .leftOut(let remark) = field.fit(.text(constant)) {
        return [problem("type-mismatch", row, remark, "Change the constant.")]
      }
      return []
    }
    if field.type.accepts(type) { return [] }
    let remedy =
      type == .date && field.type == .birthday
      ? "Add the transform month-day, which takes month and day of the date."
      : "Choose a person field or a merge field of the same type."
    return [
      problem(
        "type-mismatch", row,
        "\(row.field) is \(type.article), and \(field.label) is a field of type "
          + "\(field.type.rawValue).", remedy)
    ]
  }

  // MARK: The whole

  private static func missing(in mapping: [FieldMapping], _ mergeFields: [MergeField])
    -> [Problem]
  {
    var problems: [Problem] = []
    let sent = Set(mapping.filter { $0.direction != .fromMailchimp }.map(\.tag))
    let sends = !sent.isEmpty || mapping.isEmpty
    if sends {
      let absent = ["FNAME", "LNAME"].filter { !sent.contains($0) }
      if !absent.isEmpty {
        problems.append(
          Problem(
            "mapping.minimum",
            "Nothing is sent to \(absent.joined(separator: " and ")); the least to send is FNAME, "
              + "LNAME and the address, which is always sent.",
            remedy: "Add a row for \(absent.joined(separator: " and "))."))
      }
      for field in mergeFields where field.isRequired && !sent.contains(field.tag) {
        problems.append(
          Problem(
            "mapping.required-without-source",
            "The audience requires \(field.label), and no row sends to it.",
            remedy: "Add a row for \(field.tag), or make the field optional at Mailchimp.",
            fields: ["tag": field.tag]))
      }
    } else {
      let taken = Set(mapping.map(\.field))
      let absent = [PersonField.firstName, .lastName].filter { !taken.contains($0) }
      if !absent.isEmpty {
        problems.append(
          Problem(
            "mapping.minimum",
            "Nothing is taken into \(absent.map(\.description).joined(separator: " and ")); the "
              + "least to take is first and last name.",
            remedy: "Add a row for \(absent.map(\.description).joined(separator: " and "))."))
      }
    }
    return problems
  }

  private static func problem(
    _ code: String, _ row: FieldMapping, _ sentence: String, _ remedy: String
  ) -> Problem {
    Problem(
      "mapping.\(code)", sentence, remedy: remedy,
      fields: ["field": row.field.description, "tag": row.tag])
  }
}

extension FieldMapping {
  /// The rows a workspace starts with, as far as the audience has such fields; the two names always.
  package static func initial(for mergeFields: [MergeField]) -> [FieldMapping] {
    let tags = Set(mergeFields.map(\.tag))
    return initial.filter { ["FNAME", "LNAME"].contains($0.tag) || tags.contains($0.tag) }
  }

  /// Every person field the row reads.
  fileprivate var namedFields: [PersonField] {
    [field]
      + transforms.flatMap { step -> [PersonField] in
        if case .join(let fields, _) = step { fields } else { [] }
      }
  }
}

extension MergeField.Kind {
  /// Whether values of a person field's type can go in without a transform.
  package func accepts(_ type: FieldType) -> Bool {
    switch self {
    case .text: type != .address
    case .number: type == .number
    case .date: type == .date
    case .birthday: type == .birthday
    case .address: type == .address
    case .phone, .url, .imageurl, .zip: type == .text || type == .choice
    case .radio, .dropdown: type == .text || type == .choice || type == .yesNo
    }
  }
}

extension FieldType {
  fileprivate var article: String {
    switch self {
    case .text: "text"
    case .number: "a number"
    case .yesNo: "yes or no"
    case .date: "a date"
    case .birthday: "a birthday"
    case .choice: "a choice"
    case .address: "a postal address"
    }
  }
}
