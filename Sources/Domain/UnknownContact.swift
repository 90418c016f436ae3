// A contact of the audience nobody here stands behind (*unknown*, left alone), as lists show it.

import Basics

package struct UnknownContact: Sendable, Equatable, Identifiable {
  package var key: AddressKey
  /// The address as Mailchimp has it.
  package var email: String
  /// As its first two name fields say it; empty where they are not there.
  package var name: String
  package var status: MemberStatus
  /// When it was noticed first.
  package var since: Instant?
  /// Mailchimp's `last_changed`.
  package var changedAt: Instant?

  package init(
    key: AddressKey, email: String, name: String = "", status: MemberStatus, since: Instant?,
    changedAt: Instant? = nil
  ) {
    self.key = key
    self.email = email
    self.name = name
    self.status = status
    self.since = since
    self.changedAt = changedAt
  }

  package var id: AddressKey { key }
}
