// A person as a form and back, custom fields and postal address included; and a custom field to be
// added. A draft holds only what the form changed.

import Basics
import Domain
import Screen

/// A person as a form, and back.
enum PersonForm {
  private static let texts: [(field: PersonField, label: String, help: String)] = [
    (.phone, "Phone", "As people write it; Mailchimp takes any text here."),
    (.company, "Company", "Shown instead of a name where there is none."),
    (.birthday, "Birthday", "Month and day, such as 12/10."),
    (.dateOfBirth, "Date of birth", "Year, month and day, such as 1985-12-10."),
    (.account, "Account", "The group the person belongs to; empty for the default account."),
    (.externalID, "External id", "The id in the system the person comes from; unique."),
    (.manager, "Account manager", "For a child: the manager's external id, or # and the id."),
  ]

  private static let addressLabels = [
    "line1": "Street", "line2": "Street, more", "city": "City", "state": "State",
    "zip": "Postal code", "country": "Country",
  ]

  /// The parts of the postal address, as fields.
  private static func address(of person: Person?) -> [Form.Field] {
    [Form.Field("address", "Postal address", .heading)]
      + PostalAddress.parts.map { part in
        Form.Field(
          "address.\(part.name)", addressLabels[part.name] ?? part.name,
          value: person?.postalAddress?[keyPath: part.path] ?? "",
          help: part.name == "country"
            ? "Two letters, such as FR; empty where Mailchimp is to fill it in."
            : "Mailchimp takes an address only with street, city, state and postal code.")
      }
  }

  /// A custom field, as its type wants to be filled in.
  private static func custom(_ field: CustomField, of person: Person?) -> Form.Field {
    let id = "\(PersonField.custom(field.name))"
    let value = person?.customFields[field.name] ?? ""
    func choice(_ names: [String]) -> Form.Field {
      // A value from before the choices were as they are stays one.
      let all = names.contains(value) || value.isEmpty ? names : names + [value]
      return Form.Field(
        id, field.name, .choice([Form.Choice("", "(empty)")] + all.map { Form.Choice($0) }),
        value: value, help: "A custom field: \(field.type.rawValue).")
    }
    switch field.type {
    case .yesNo: return choice(["yes", "no"])
    case .choice where !field.choices.isEmpty: return choice(field.choices)
    default:
      let example =
        switch field.type {
        case .number: "a number, such as 38.5"
        case .date: "year, month and day, such as 1985-12-10"
        case .birthday: "month and day, such as 12/10"
        default: field.type.rawValue
        }
      return Form.Field(id, field.name, value: value, help: "A custom field: \(example).")
    }
  }

  static func form(for person: Person?, manager: String, custom: [CustomField] = []) -> Form {
    func choice(_ field: PersonField, _ label: String, _ names: [String], _ help: String)
      -> Form.Field
    {
      Form.Field(
        "\(field)", label, .choice(names.map { Form.Choice($0) }),
        value: Self.text(field, of: person, manager: manager), help: help)
    }
    func line(_ field: PersonField, _ label: String, _ help: String) -> Form.Field {
      Form.Field(
        "\(field)", label, value: Self.text(field, of: person, manager: manager), help: help)
    }
    var fields = [
      line(.firstName, "First name", "A name or an address is needed."),
      line(.lastName, "Last name", ""),
    ]
    for index in 0..<max(3, person?.emails.count ?? 0) {
      let emails = person?.emails ?? []
      fields.append(
        Form.Field(
          "email\(index)", index == 0 ? "E-mail" : "E-mail \(index + 1)",
          value: index < emails.count ? emails[index] : "",
          help: index == 0
            ? "The primary address: the only one that is sent."
            : "Recognised when it comes in; never sent."))
    }
    fields.append(
      choice(
        .optIn, "Opt-in", OptIn.allCases.map(\.rawValue),
        "No is an opt-out: unsubscribed wherever already a member. Unknown bars only where the"
          + " scope is opted-in."))
    fields += texts.prefix(4).map { line($0.field, $0.label, $0.help) }
    fields.append(
      choice(
        .kind, "Kind", Person.Kind.allCases.map(\.rawValue),
        "Organisations are excluded unless the settings include them."))
    fields.append(choice(.active, "Active", ["yes", "no"], "Inactive people leave the audience."))
    fields += texts.dropFirst(4).map { line($0.field, $0.label, $0.help) }
    fields += address(of: person)
    let known = Set(custom.map(\.name))
    let others = (person?.customFields.keys.sorted() ?? []).filter { !known.contains($0) }
    if !custom.isEmpty || !others.isEmpty {
      fields.append(Form.Field("custom", "Custom fields", .heading))
    }
    fields += custom.map { Self.custom($0, of: person) }
    fields += others.map { line(.custom($0), $0, "A custom field.") }
    return Form(fields)
  }

  /// What stands in the field of `person`.
  private static func text(_ field: PersonField, of person: Person?, manager: String) -> String {
    guard let person else {
      switch field {
      case .kind: return Person.Kind.individual.rawValue
      case .optIn: return OptIn.unknown.rawValue
      case .active: return "yes"
      default: return ""
      }
    }
    switch field {
    case .email: return person.primaryEmail ?? ""
    case .externalID: return person.externalID ?? ""
    case .account: return person.account
    case .kind: return person.kind.rawValue
    case .firstName: return person.firstName
    case .lastName: return person.lastName
    case .phone: return person.phone
    case .company: return person.company
    case .address: return person.postalAddress.map { Wording.value(.address($0)) } ?? ""
    case .birthday: return person.birthday.map { "\($0)" } ?? ""
    case .dateOfBirth: return person.dateOfBirth.map { "\($0)" } ?? ""
    case .optIn: return person.optIn.rawValue
    case .active: return person.isActive ? "yes" : "no"
    case .manager: return manager
    case .custom(let name): return person.customFields[name] ?? ""
    }
  }

  /// Only what the form changed.
  static func draft(_ values: FormValues, of person: Person?, manager: String) -> PersonDraft {
    var draft = PersonDraft(id: person?.id)
    for (id, value) in values {
      guard let field = PersonField(id), field != .email else { continue }
      let new = Text.oneLine(value)
      if new != text(field, of: person, manager: manager) { draft.values[field] = new }
    }
    for part in PostalAddress.parts {
      guard let value = values["address.\(part.name)"] else { continue }
      let new = Text.oneLine(value)
      if new != person?.postalAddress?[keyPath: part.path] ?? "" { draft.address[part.name] = new }
    }
    let emails = values.filter { $0.key.hasPrefix("email") && $0.key != "email" }
      .sorted { $0.key < $1.key }.map { Text.oneLine($0.value) }.filter { !$0.isEmpty }
    if emails != person?.emails ?? [] { draft.emails = emails }
    return draft
  }
}

/// A custom field to be added.
enum CustomFieldForm {
  static func form() -> Form {
    Form([
      Form.Field(
        "name", "Name", required: true,
        help: "Its name in searches, mappings and CSV headers, such as shoe_size."),
      Form.Field(
        "type", "Type",
        .choice(FieldType.allCases.filter { $0 != .address }.map { Form.Choice($0.rawValue) }),
        value: FieldType.text.rawValue, help: "What it holds; anything else is refused."),
      Form.Field(
        "choices", "Choices", help: "For type choice: with commas between, such as S, M, L."),
    ])
  }

  static func field(_ values: FormValues) -> CustomField {
    CustomField(
      name: Text.oneLine(values["name"] ?? ""),
      type: values["type"].flatMap(FieldType.init) ?? .text,
      choices: (values["choices"] ?? "").split(separator: ",").map { Text.oneLine($0) }
        .filter { !$0.isEmpty })
  }
}
