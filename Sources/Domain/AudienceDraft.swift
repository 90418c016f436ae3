// An audience that is to be made: what Mailchimp asks for, once, for the form and the command line.
// What must stay true: whatever is starred here is refused when it is missing, before anything is
// sent.

import Basics

package struct AudienceDraft: Sendable, Equatable {
  package enum Field: String, Sendable, CaseIterable {
    case name, company, address1, address2, city, state, zip, country, phone
    case permissionReminder = "permission-reminder"
    case fromName = "from-name"
    case fromEmail = "from-email"
    case subject, language
    case formatChoice = "format-choice"
    case doubleOptIn = "double-opt-in"
  }

  private var texts: [Field: String]

  package init(_ values: [Field: String]) {
    texts = values.mapValues { Text.oneLine($0) }
  }

  /// By the names of the fields, as a form hands them over.
  package init(named values: [String: String]) {
    var known: [Field: String] = [:]
    for (name, text) in values { if let field = Field(rawValue: name) { known[field] = text } }
    self.init(known)
  }

  package subscript(_ field: Field) -> String { texts[field] ?? "" }

  package func isOn(_ field: Field) -> Bool {
    ["yes", "true", "on", "1"].contains(self[field].lowercased())
  }

  /// Refuses the first field that Mailchimp would; `fields["field"]` names it.
  package func check() throws(Problem) {
    for field in Field.allCases {
      let flaw = field.flaw(self[field])
      guard !flaw.isEmpty else { continue }
      throw Problem(
        "audience.field", flaw, remedy: field.help, fields: ["field": field.rawValue])
    }
  }
}

extension AudienceDraft.Field {
  package var label: String {
    switch self {
    case .name: "Name"
    case .company: "Company"
    case .address1: "Address"
    case .address2: "Address, line 2"
    case .city: "City"
    case .state: "State or region"
    case .zip: "Postal code"
    case .country: "Country"
    case .phone: "Phone"
    case .permissionReminder: "Permission reminder"
    case .fromName: "From name"
    case .fromEmail: "From address"
    case .subject: "Subject"
    case .language: "Language"
    case .formatChoice: "Format choice"
    case .doubleOptIn: "Double opt-in"
    }
  }

  /// Starred: Mailchimp makes no audience without it.
  package var isRequired: Bool {
    switch self {
    case .address2, .state, .zip, .phone, .doubleOptIn: false
    default: true
    }
  }

  package var isToggle: Bool { self == .formatChoice || self == .doubleOptIn }

  package var help: String {
    switch self {
    case .name: "What people see when they sign up or unsubscribe."
    case .company: "Stands with the address in the foot of every mail, as the law asks."
    case .address1: "Street and number of the organisation."
    case .address2: "A second line, where there is one."
    case .city: "The city of the organisation."
    case .state: "State, province or region, where there is one."
    case .zip: "The postal code, where there is one."
    case .country: "Two letters, such as US, GB or CH."
    case .phone: "Shown in the foot where it is given."
    case .permissionReminder: "One sentence that tells people why they get your mail."
    case .fromName: "Who the mail comes from, unless a campaign says otherwise."
    case .fromEmail: "Where answers go, unless a campaign says otherwise."
    case .subject: "The subject that new campaigns begin with."
    case .language: "The language of the audience's forms and mails, such as en or de."
    case .formatChoice: "yes lets people choose between HTML and plain text when they sign up."
    case .doubleOptIn: "yes asks everybody who joins to confirm by mail."
    }
  }

  /// What is wrong with `text`, as a sentence; empty when nothing is.
  package func flaw(_ text: String) -> String {
    let text = Text.oneLine(text)
    if text.isEmpty { return isRequired ? "\(label) is needed." : "" }
    switch self {
    case .country:
      let isCode = text.utf8.count == 2 && text.utf8.allSatisfy { isLetter($0) }
      return isCode ? "" : "The country is two letters, such as US."
    case .language:
      let isCode =
        (2...6).contains(text.utf8.count)
        && text.utf8.allSatisfy { isLetter($0) || $0 == UInt8(ascii: "_") }
      return isCode ? "" : "The language is a code such as en."
    case .fromEmail: return EmailAddress.flaw(text).map { "Not a valid address: \($0)." } ?? ""
    case .formatChoice, .doubleOptIn:
      let words = ["yes", "true", "on", "1", "no", "false", "off", "0"]
      return words.contains(text.lowercased()) ? "" : "\(label) is yes or no."
    default: return ""
    }
  }
}

private func isLetter(_ byte: UInt8) -> Bool {
  (65...90).contains(byte) || (97...122).contains(byte)
}
