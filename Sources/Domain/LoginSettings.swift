// The settings of a Mailchimp login (OAuth 2): the application that asks, and where the browser is
// led back to. What must stay true: nothing here is the access itself, which is kept in
// `mailchimp.key`, so that forgetting one setting ends the connection.

import Basics

extension Settings {
  package static let clientID = text(
    "mailchimp.client-id", .mailchimp, "Login: client id", default: "",
    help: """
      Only to log in instead of pasting a key. In Mailchimp: your profile, Extras, Registered apps, \
      Register an app (as of November 2026); its redirect URI is the address below. Then \
      press L, or run listkeeper connect --login.
      """)
  package static let clientSecret = secret(
    "mailchimp.client-secret", .mailchimp, "Login: client secret",
    help: """
      Shown once beside the client id when the app is registered. It may be a reference: env:NAME, \
      file:PATH or command:COMMAND.
      """)
  package static let loginURL = address(
    "mailchimp.login-url", .mailchimp, "Login: address", named: "login address",
    default: "https://login.mailchimp.com",
    help: """
      Leave it: Mailchimp's own. A practice Mailchimp (listkeeper sandbox) has the login at its own \
      address, such as http://127.0.0.1:8765.
      """)
  package static let redirect = address(
    "mailchimp.redirect", .mailchimp, "Login: redirect address", named: "redirect address",
    default: "http://127.0.0.1:8078/mailchimp",
    help: """
      To the letter as it was registered with the app. On http://127.0.0.1 Listkeeper receives the \
      answer itself; with any other, or over SSH, paste the address the browser ended on.
      """)

  static let loginSettings: [SettingDescription] = [
    .init(clientID), .init(clientSecret), .init(loginURL), .init(redirect),
  ]
}
