// People, as the workspace's own directory holds them (product.md's words: person, account, custom
// field). Everything here is a value; who may be mailed is decided in `Recipients`.

import Basics

package typealias PersonID = Identifier<Person>
package typealias AccountID = Identifier<Account>

/// Somebody in the directory. Text is clean: one line, no control characters, no surrounding blanks.
package struct Person: Sendable, Equatable, Identifiable {
  package var id: PersonID
  /// The source's key for this person; unique where present.
  package var externalID: String?
  /// Name of the account the person belongs to.
  package var account: String
  package var kind: Kind = .individual
  package var firstName = ""
  package var lastName = ""
  package var phone = ""
  package var company = ""
  package var postalAddress: PostalAddress?
  /// Month and day only.
  package var birthday: MonthDay?
  package var dateOfBirth: CivilDate?
  package var optIn: OptIn = .unknown
  package var optInAt: Instant?
  /// How the opt-in came about: a form, an import file, a colleague.
  package var optInHow = ""
  package var isActive = true
  package var deletedAt: Instant?
  /// Set for children: the account manager who is written to instead.
  package var managerID: PersonID?
  /// In order; the first is the primary address, the only one that is sent.
  package var emails: [String] = []
  package var customFields: [String: String] = [:]
  /// The source's own time of change, where it gives one.
  package var sourceUpdatedAt: Instant?
  /// When the workspace noticed the last change.
  package var noticedAt: Instant
  /// When the person came into the workspace; nil for one not stored yet.
  package var createdAt: Instant?

  package enum Kind: String, Sendable, CaseIterable { case individual, organisation }

  package init(id: PersonID, account: String = Account.defaultName, noticedAt: Instant) {
    self.id = id
    self.account = account
    self.noticedAt = noticedAt
  }

  package var primaryEmail: String? { emails.first }

  /// First and last name, or what else there is to call them by.
  package var displayName: String {
    let name = [firstName, lastName].filter { !$0.isEmpty }.joined(separator: " ")
    if !name.isEmpty { return name }
    return !company.isEmpty ? company : primaryEmail ?? externalID ?? "\(id)"
  }

  /// When the person changed last: the source's word, else when we noticed.
  package var changedAt: Instant { sourceUpdatedAt ?? noticedAt }
}

/// A group of people, such as "Donors".
package struct Account: Sendable, Equatable {
  package var id: AccountID
  package var name: String

  package init(id: AccountID, name: String) {
    self.id = id
    self.name = name
  }

  /// Where people go who name no account.
  package static let defaultName = "Default account"
}

package enum OptIn: String, Sendable, CaseIterable { case yes, no, unknown }

/// A day of the year without a year, printed `MM/DD` as Mailchimp's birthday fields want it.
package struct MonthDay: Sendable, Hashable, CustomStringConvertible {
  package let month: Int
  package let day: Int

  /// Nil when no year has such a day; 02/29 is one.
  package init?(month: Int, day: Int) {
    guard CivilDate(year: 2000, month: month, day: day) != nil else { return nil }
    self.month = month
    self.day = day
  }

  /// Reads `MM/DD` and `MM-DD`.
  package init?(_ text: String) {
    let parts = text.split(whereSeparator: { $0 == "/" || $0 == "-" })
    guard parts.count == 2, parts.allSatisfy({ (1...2).contains($0.count) }),
      let month = Int(parts[0]), let day = Int(parts[1])
    else { return nil }
    self.init(month: month, day: day)
  }

  package var description: String { padded(Int64(month), 2) + "/" + padded(Int64(day), 2) }
}

/// A postal address with the parts of Mailchimp's address fields.
package struct PostalAddress: Sendable, Hashable {
  package var line1 = ""
  package var line2 = ""
  package var city = ""
  package var state = ""
  package var zip = ""
  /// Two letters (ISO 3166-1), or empty.
  package var country = ""

  package init() {}

  package var isEmpty: Bool { self == PostalAddress() }
}

/// A field the administrator added to people.
package struct CustomField: Sendable, Equatable {
  package var name: String
  package var type: FieldType
  /// For a choice field, in their order.
  package var choices: [String]

  package init(name: String, type: FieldType, choices: [String] = []) {
    self.name = name
    self.type = type
    self.choices = choices
  }
}

/// The types a person field can have.
package enum FieldType: String, Sendable, CaseIterable {
  case text, number
  case yesNo = "yes/no"
  case date, birthday, choice, address
}

/// One field of a person, by the name that mappings, searches and CSV headers use.
package enum PersonField: Sendable, Hashable, CustomStringConvertible {
  case email, externalID, account, kind, firstName, lastName, phone, company, address, birthday
  case dateOfBirth, optIn, active, manager
  case custom(String)

  /// Those every person has, in the order of forms and exports.
  package static let builtIn: [PersonField] = [
    .externalID, .account, .kind, .firstName, .lastName, .email, .phone, .company, .address,
    .birthday, .dateOfBirth, .optIn, .active, .manager,
  ]

  package var description: String {
    switch self {
    case .email: "email"
    case .externalID: "external_id"
    case .account: "account"
    case .kind: "kind"
    case .firstName: "first_name"
    case .lastName: "last_name"
    case .phone: "phone"
    case .company: "company"
    case .address: "address"
    case .birthday: "birthday"
    case .dateOfBirth: "date_of_birth"
    case .optIn: "opt_in"
    case .active: "active"
    case .manager: "manager_external_id"
    case .custom(let name): "custom.\(name)"
    }
  }

  /// Reads what `description` prints; `custom:NAME` is read as `custom.NAME`.
  package init?(_ text: String) {
    if text.hasPrefix("custom.") || text.hasPrefix("custom:"), text.count > 7 {
      self = .custom(String(text.dropFirst(7)))
    } else if let field = PersonField.builtIn.first(where: { $0.description == text }) {
      self = field
    } else {
      return nil
    }
  }

  /// The type of a built-in field; custom fields know their own.
  package var builtInType: FieldType? {
    switch self {
    case .birthday: .birthday
    case .dateOfBirth: .date
    case .address: .address
    case .active: .yesNo
    case .kind, .optIn: .choice
    case .custom: nil
    default: .text
    }
  }
}

/// An e-mail address as a key: the unit of sync. Equal keys are one contact in an audience.
package struct AddressKey: Sendable, Hashable, Comparable, CustomStringConvertible {
  package let description: String

  /// Trimmed and lower-cased the way SQLite's `lower(trim())` does it, in ASCII only, so that the
  /// generated column and this type never disagree.
  package init(_ email: String) {
    let lowered = email.utf8.map { (65...90).contains($0) ? $0 | 0x20 : $0 }
    let start = lowered.firstIndex { $0 != 0x20 } ?? lowered.endIndex
    let end = lowered.lastIndex { $0 != 0x20 }.map { $0 + 1 } ?? start
    description = String(decoding: lowered[start..<end], as: UTF8.self)
  }

  package static func < (a: Self, b: Self) -> Bool {
    a.description.utf8.lexicographicallyPrecedes(b.description.utf8)
  }
}
