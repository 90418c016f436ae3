// An audience in lines of a label and a value, with the way to what is changed at Mailchimp: for the
// pane and the command line alike. Menu names at Mailchimp wander, so each way says its date.

package enum AudienceFacts {
  /// Where each fact is changed: a page of Mailchimp's and the steps to it.
  package static func ways(of audience: Audience) -> [(what: String, way: String)] {
    let page = audience.defaultsPage.map { "\($0) or " } ?? ""
    let menu = "Audience, Settings, Audience name and defaults (as of November 2026)"
    return [
      ("Reminder, from name and address", page + menu),
      (
        "Postal address",
        "Audience, Settings, Required email footer content (as of November 2026)"
      ),
    ]
  }

  /// Why the permission reminder is worth a look, and where: first the page, since a notice may be
  /// cut. Without `hasPage`, as in practice, no page is named.
  package static func reminder(of audience: Audience, hasPage: Bool = true) -> String {
    let page = hasPage ? audience.defaultsPage.map { " at \($0)" } ?? "" : ""
    return "Check the permission reminder\(page): it tells people why they get your mail, and keeps"
      + " them from marking it as spam."
  }

  package static func of(_ audience: Audience) -> [String] {
    var lines = [
      "Name           \(audience.name) (\(audience.id))",
      "People         \(audience.members) members, \(audience.unsubscribes) unsubscribed,"
        + " \(audience.cleaned) cleaned",
      "Double opt-in  \(audience.doubleOptIn ? "on" : "off")",
      "Last campaign  \(audience.campaignLastSent.map { "\($0)" } ?? "none yet")",
      "Rating         \(audience.rating) of 5",
      "Reminder       \(audience.permissionReminder.isEmpty ? "none" : audience.permissionReminder)",
      "From           \(audience.fromName) <\(audience.fromEmail)>",
    ]
    if !audience.postalAddress.isEmpty { lines.append("Address        \(audience.postalAddress)") }
    if !audience.subscribeURL.isEmpty { lines.append("Sign-up form   \(audience.subscribeURL)") }
    lines += ["", "Changed at Mailchimp:"]
    return lines + ways(of: audience).map { "  \($0.what): \($0.way)" }
  }
}

/// What a connection that was just made leads to.
package struct NewConnection: Sendable, Equatable {
  package var account: MailchimpAccount
  /// Such as `us19`.
  package var dataCentre: String
  /// The chosen one, else the account's first; nil where it has none.
  package var audience: Audience?

  package init(account: MailchimpAccount, dataCentre: String, audience: Audience?) {
    self.account = account
    self.dataCentre = dataCentre
    self.audience = audience
  }

  /// Whose it is, where, and what is worth a look now.
  package func sentences(hasPage: Bool = true) -> [String] {
    let role = account.role.isEmpty ? "" : " as \(account.role)"
    let reminder = audience.map { AudienceFacts.reminder(of: $0, hasPage: hasPage) }
    return ["Connected to \(account.name)\(role), in the data centre \(dataCentre)."]
      + (reminder.map { [$0] } ?? [])
  }
}
