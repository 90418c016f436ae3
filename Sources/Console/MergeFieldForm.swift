// A merge field to be created at Mailchimp, as a form. What must stay true: the rule of its tag, which
// Mailchimp does not tell but cuts by, is said before anything is asked for.

import Basics
import Domain
import Screen

enum MergeFieldForm {
  static func form(_ draft: MergeFieldDraft? = nil) -> Form {
    Form([
      Form.Field(
        "tag", "Tag", value: draft?.tag ?? "", required: true,
        help: "At most \(MergeFieldDraft.longestTag) characters of A–Z, 0–9 and _; a longer one "
          + "would be cut, and what is sent to it ignored."),
      Form.Field(
        "name", "Name", value: draft?.name ?? "", required: true,
        help: "What people read beside it in forms and at Mailchimp."),
      Form.Field(
        "type", "Type", .choice(MergeField.Kind.allCases.map { Form.Choice($0.rawValue) }),
        value: (draft?.type ?? .text).rawValue,
        help: "It cannot be changed afterwards: deleting a field deletes its values."),
      Form.Field(
        "choices", "Choices", value: draft?.choices.joined(separator: ", ") ?? "",
        help: "For radio and dropdown: with commas between, such as S, M, L."),
      Form.Field(
        "required", "Required", .toggle, value: "false",
        help: "Mailchimp then refuses people without a value."),
    ])
  }

  static func draft(_ values: FormValues) -> MergeFieldDraft {
    MergeFieldDraft(
      tag: values["tag"] ?? "", name: values["name"] ?? "",
      type: values["type"].flatMap(MergeField.Kind.init) ?? .text,
      choices: (values["choices"] ?? "").split(separator: ",").map { Text.oneLine($0) },
      isRequired: values["required"] == "true")
  }

  /// As it is typed only the tag is judged, since its rule is the one that Mailchimp does not tell.
  static func judge(_ form: inout Form, _ existing: [MergeField], isFinal: Bool) {
    form.clearProblems()
    guard let problem = draft(form.texts).problem(beside: existing, limit: .max) else { return }
    let place = problem.fields["field"] ?? "tag"
    if isFinal || (place == "tag" && !form["tag"].isEmpty) {
      form.setProblem(problem.description, of: place)
    }
  }

  /// What is proposed for a person field: its name as far as a tag may be long, and its type.
  static func proposal(for field: PersonField, _ board: MappingBoard) -> MergeFieldDraft {
    let words = "\(field)".split(separator: ".").last.map(String.init) ?? ""
    let tag = words.uppercased().unicodeScalars.map { scalar in
      ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar) ? String(scalar) : "_"
    }.joined()
    let name = Wording.capitalised(words.split(separator: "_").joined(separator: " "))
    var choices: [String] = []
    let type: MergeField.Kind
    switch field.type(customTypes: board.customTypes) ?? .text {
    case .text: type = field == .phone ? .phone : .text
    case .number: type = .number
    case .date: type = .date
    case .birthday: type = .birthday
    case .address: type = .address
    case .yesNo: (type, choices) = (.dropdown, ["yes", "no"])
    case .choice:
      if case .custom(let custom) = field {
        choices = board.customFields.first { $0.name == custom }?.choices ?? []
      }
      type = choices.count < 2 ? .text : .dropdown
    }
    return MergeFieldDraft(
      tag: String(tag.prefix(MergeFieldDraft.longestTag)), name: name, type: type,
      choices: type == .dropdown ? choices : [])
  }
}
