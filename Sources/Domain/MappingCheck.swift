// Whether a mapping can work, against the audience's own merge fields and in the direction of the
// workspace: asked when it is made and again before anything is sent. An empty answer means yes;
// each problem names its row and the way out.

import Basics

package enum MappingCheck {
  /// All that is wrong, in the order of the rows, then what is missing. Without the audience's
  /// fields (nil: not read yet) only what does not need them is judged. A row is judged by the way
  /// its values go within the workspace's `direction`; one that moves none by its names alone.
  package static func problems(
    in mapping: [FieldMapping], mergeFields: [MergeField]?, customFields: [CustomField] = [],
    direction: SyncDirection = .both
  ) -> [Problem] {
    let fields = mergeFields.map { Dictionary($0.map { ($0.tag, $0) }) { first, _ in first } }
    let types = Dictionary(customFields.map { ($0.name, $0.type) }) { first, _ in first }
    var problems: [Problem] = []
    var sentTags: Set<String> = []
    var takenFields: Set<PersonField> = []
    let tags = mergeFields?.map(\.tag) ?? []
    for row in mapping {
      if let problem = nameProblem(row, fields, tags: tags, types) {
        problems.append(problem)
        continue
      }
      guard let row = row.within(direction) else { continue }
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
      problems += rowProblems(row, fields, types)
    }
    return problems + missing(in: mapping, mergeFields ?? [], direction)
  }

  // MARK: One row

  /// What a row names that is not there.
  private static func nameProblem(
    _ row: FieldMapping, _ fields: [String: MergeField]?, tags: [String],
    _ types: [String: FieldType]
  ) -> Problem? {
    if row.tag == "EMAIL" {
      return problem(
        "address-is-sent", row, "The e-mail address is no merge field; it is always sent.",
        "Remove the row.")
    }
    if let fields, fields[row.tag] == nil {
      return problem(
        "unknown-tag", row, "The audience has no merge field \(row.tag).",
        "Create it (in Mapping, or `listkeeper mapping create-field`), or remove the row."
          + Suggestion.sentence(row.tag, among: tags))
    }
    for name in row.namedFields where name.type(customTypes: types) == nil {
      return problem(
        "unknown-field", row, "People have no field \(name).",
        "Add the custom field, or change the row."
          + Suggestion.sentence("\(name)", among: types.keys.map { "custom.\($0)" }))
    }
    return nil
  }

  private static func rowProblems(
    _ row: FieldMapping, _ fields: [String: MergeField]?, _ types: [String: FieldType]
  ) -> [Problem] {
    var problems: [Problem] = []
    let type = row.field.type(customTypes: types) ?? .text
    if row.direction != .toMailchimp {
      if !row.field.isTakeable {
        problems.append(
          problem(
            "not-taken", row, "\(row.field) is never taken from a merge field.",
            row.field == .optIn
              ? "Send only (to); consent comes back with the subscription." : "Send only (to)."))
      } else if let step = row.transforms.first(where: { !$0.isReversible(from: type) }) {
        problems.append(
          problem(
            "not-reversible", row,
            "\(row.field) is taken back from \(row.tag), but \(step) cannot be turned back.",
            "Send only (to), or remove the transform."))
      } else if let field = fields?[row.tag], row.direction == .fromMailchimp,
        !field.type.fills(type, through: row.transforms)
      {
        problems.append(
          problem(
            "type-mismatch", row,
            "\(field.label) is a field of type \(field.type.rawValue), and \(row.field) is "
              + "\(type.article).",
            "Choose a person field or a merge field of the same type."))
      }
    }
    if row.direction != .fromMailchimp { problems += typeProblems(row, fields?[row.tag], types) }
    return problems
  }

  private static func typeProblems(
    _ row: FieldMapping, _ field: MergeField?, _ types: [String: FieldType]
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
    guard let field else { return [] }
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

  // MARK: What works, but not for everybody

  /// Choices of one side that the other does not have: such values are left out, and the row
  /// outcome says so. The administrators of Mailchimp may add one at any time, so this refuses
  /// nothing.
  package static func remarks(
    on mapping: [FieldMapping], mergeFields: [MergeField], customFields: [CustomField],
    direction: SyncDirection = .both
  ) -> [Problem] {
    let fields = Dictionary(mergeFields.map { ($0.tag, $0) }) { first, _ in first }
    let known = Dictionary(customFields.map { ($0.name, $0) }) { first, _ in first }
    return mapping.flatMap { row -> [Problem] in
      guard let row = row.within(direction) else { return [idle(row, direction)] }
      guard let field = fields[row.tag], field.type == .radio || field.type == .dropdown,
        row.transforms.allSatisfy({ $0.isReversible(from: .choice) }),
        let ours = choices(of: row.field, known), !ours.isEmpty
      else { return [] }
      var remarks: [Problem] = []
      func compare(_ here: [String], _ there: [String], _ sentence: (String) -> String) {
        let have = Set(there.map { $0.lowercased() })
        let lacking = here.filter { !have.contains($0.lowercased()) }
        if lacking.isEmpty { return }
        let names = lacking.map { "'\($0)'" }.joined(separator: ", ")
        remarks.append(
          problem(
            "choices-differ", row, sentence(names), "Give both sides the same choices."))
      }
      if row.direction != .fromMailchimp {
        compare(ours, field.choices) {
          "\(field.label) has no choice \($0): people with it are sent without."
        }
      }
      if row.direction != .toMailchimp {
        compare(field.choices, ours) {
          "\(row.field) has no choice \($0): it is left as it is where Mailchimp says so."
        }
      }
      return remarks
    }
  }

  private static func idle(_ row: FieldMapping, _ direction: SyncDirection) -> Problem {
    let (does, word) = direction == .toMailchimp ? ("only sends", "takes") : ("only takes", "sends")
    return problem(
      "idle", row,
      "The workspace \(does) (sync.direction), so the row of \(row.tag) \(word) nothing.",
      "Turn the row round, or set sync.direction to both.")
  }

  private static func choices(
    of field: PersonField, _ known: [String: CustomField]
  ) -> [String]? {
    switch field {
    case .kind: Person.Kind.allCases.map(\.rawValue)
    case .optIn: OptIn.allCases.map(\.rawValue)
    case .active: ["yes", "no"]
    case .custom(let name):
      known[name].map { $0.type == .yesNo ? ["yes", "no"] : $0.type == .choice ? $0.choices : [] }
    default: nil
    }
  }

  // MARK: The whole

  /// Where both directions are open, rows that only take make a mapping that only takes.
  private static func missing(
    in mapping: [FieldMapping], _ mergeFields: [MergeField], _ direction: SyncDirection
  ) -> [Problem] {
    var problems: [Problem] = []
    let moving = mapping.compactMap { $0.within(direction) }
    let sent = Set(moving.filter { $0.direction != .fromMailchimp }.map(\.tag))
    let sends = direction == .both ? !sent.isEmpty || mapping.isEmpty : direction.sends
    if sends {
      let absent = ["FNAME", "LNAME"].filter { !sent.contains($0) }
      if !absent.isEmpty {
        problems.append(
          Problem(
            "mapping.minimum",
            "Nothing is sent to \(absent.joined(separator: " and ")); the least to send is FNAME, "
              + "LNAME and the address, which is always sent.",
            remedy: "Add a row for \(absent.joined(separator: " and ")).",
            fields: ["missing": absent.joined(separator: " ")]))
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
      let taken = Set(moving.map(\.field))
      let absent = [PersonField.firstName, .lastName].filter { !taken.contains($0) }
      if !absent.isEmpty {
        problems.append(
          Problem(
            "mapping.minimum",
            "Nothing is taken into \(absent.map(\.description).joined(separator: " and ")); the "
              + "least to take is first and last name.",
            remedy: "Add a row for \(absent.map(\.description).joined(separator: " and ")).",
            fields: ["missing": absent.map(\.description).joined(separator: " ")]))
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

extension MergeField.Kind {
  /// Whether its values can be read into a person field's type, single ones aside that do not fit.
  func fills(_ type: FieldType, through transforms: [Transform]) -> Bool {
    let isPrinted = transforms.contains { if case .dateFormat = $0 { true } else { false } }
    if isPrinted { return self == .text }
    return switch self {
    case .text: type != .address
    case .number: type == .number || type == .text
    case .date: type == .date || type == .text
    case .birthday: type == .birthday || type == .text
    case .address: type == .address
    case .phone, .url, .imageurl, .zip: type == .text
    case .radio, .dropdown: [.text, .choice, .yesNo, .number].contains(type)
    }
  }
}

extension FieldType {
  package var article: String {
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
