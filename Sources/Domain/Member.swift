// What Mailchimp holds: members of an audience, their merge fields, the audience itself. Values as
// we read them; the wire is `Mailchimp`'s matter.

import Basics

/// A member's status at Mailchimp. `archived` is only ever read; `cleaned` is never sent
/// (mailchimp/mc-magento#448: the API cannot undo it).
package enum MemberStatus: String, Sendable, CaseIterable {
  case subscribed, unsubscribed, cleaned, pending, transactional, archived

  /// Such members gain and lose tags; archived and bounced ones are left alone.
  package var isTagged: Bool { self != .cleaned && self != .archived }
}

/// The value of one merge field, as sent and as answered. Empty text is "no value" for every type.
package enum MergeValue: Sendable, Hashable {
  case text(String)
  case number(Double)
  case address(PostalAddress)

  package static let empty = MergeValue.text("")

  package var isEmpty: Bool {
    switch self {
    case .text(let text): text.isEmpty
    case .number: false
    case .address(let address):
      // Mailchimp fills in a country where there is no address.
      address.line1.isEmpty && address.line2.isEmpty && address.city.isEmpty
        && address.state.isEmpty && address.zip.isEmpty
    }
  }
}

/// One contact of an audience, as Mailchimp answered.
package struct Member: Sendable, Equatable {
  /// The subscriber hash the server returned; never only the computed one.
  package var id: String
  /// Stable over a change of address; absent from older answers.
  package var contactID: String?
  package var uniqueEmailID: String?
  package var webID: Int64?
  package var email: String
  package var status: MemberStatus
  /// By merge tag.
  package var mergeFields: [String: MergeValue]
  package var lastChanged: Instant?
  package var unsubscribeReason: String?
  /// At most 50 of them are shown, with their numbers.
  package var tags: [String]
  package var tagIDs: Set<Int64> = []

  package static let mostTagsShown = 50

  package init(
    id: String, email: String, status: MemberStatus, mergeFields: [String: MergeValue] = [:],
    contactID: String? = nil, lastChanged: Instant? = nil
  ) {
    self.id = id
    self.contactID = contactID
    self.email = email
    self.status = status
    self.mergeFields = mergeFields
    self.lastChanged = lastChanged
    self.tags = []
  }
}

/// A field an audience keeps for each member.
package struct MergeField: Sendable, Equatable {
  package var mergeID: Int64
  /// At most 10 characters of A–Z, 0–9 and _.
  package var tag: String
  package var name: String
  package var type: Kind
  package var isRequired: Bool
  package var defaultValue: String
  /// Allowed values of radio and dropdown fields.
  package var choices: [String]
  /// How wide a form shows the field, in characters; no limit.
  package var size: Int?
  package var phoneFormat: String?
  package var dateFormat: String?

  package enum Kind: String, Sendable, CaseIterable {
    case text, number, address, phone, date, url, imageurl, radio, dropdown, birthday, zip
  }

  package init(
    mergeID: Int64 = 0, tag: String, name: String, type: Kind = .text, isRequired: Bool = false,
    defaultValue: String = "", choices: [String] = [], size: Int? = nil,
    phoneFormat: String? = nil, dateFormat: String? = nil
  ) {
    self.mergeID = mergeID
    self.tag = tag
    self.name = name
    self.type = type
    self.isRequired = isRequired
    self.defaultValue = defaultValue
    self.choices = choices
    self.size = size
    self.phoneFormat = phoneFormat
    self.dateFormat = dateFormat
  }
}

/// One audience of the account.
package struct Audience: Sendable, Equatable {
  package var id: String
  package var webID: Int64?
  package var name: String
  package var members: Int
  package var unsubscribes: Int
  package var cleaned: Int
  package var doubleOptIn: Bool
  package var campaignLastSent: Instant?
  /// 0 to 5 stars.
  package var rating: Int
  package var permissionReminder: String
  package var fromName: String
  package var fromEmail: String
  package var subscribeURL: String
  package var createdAt: Instant?
  /// In the foot of every mail, on one line; empty where the account does not tell it.
  package var postalAddress = ""
  /// Such as `us19`: whose pages show it. Empty where it is not known.
  package var dataCentre = ""

  package init(id: String, name: String) {
    self.id = id
    self.name = name
    members = 0
    unsubscribes = 0
    cleaned = 0
    doubleOptIn = false
    rating = 0
    permissionReminder = ""
    fromName = ""
    fromEmail = ""
    subscribeURL = ""
  }
}

/// Whose key it is.
package struct MailchimpAccount: Sendable, Equatable {
  package var id: String
  package var name: String
  package var login: String
  package var role: String
  package var plan: String
  package var totalSubscribers: Int

  package init(
    id: String, name: String, login: String = "", role: String = "", plan: String = "",
    totalSubscribers: Int = 0
  ) {
    self.id = id
    self.name = name
    self.login = login
    self.role = role
    self.plan = plan
    self.totalSubscribers = totalSubscribers
  }

  /// As whom updates are recorded: the login, else the account.
  package var owner: String { login.isEmpty ? name : login }
}

extension Audience {
  /// Where Mailchimp lets its name, its sender and its permission reminder be changed (as of
  /// November 2026); nil where the page is not known.
  package var defaultsPage: String? {
    guard let webID else { return nil }
    let host = dataCentre.isEmpty ? "admin.mailchimp.com" : "\(dataCentre).admin.mailchimp.com"
    return "https://\(host)/lists/settings/defaults?id=\(webID)"
  }
}
