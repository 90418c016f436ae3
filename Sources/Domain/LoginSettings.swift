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
  package static let clientSecret = Setting<Secret>(
    key: "mailchimp.client-secret", section: .mailchimp, label: "Login: client secret",
    help: """
      Shown once beside the client id when the app is registered. It may be a reference: env:NAME, \
      file:PATH or command:COMMAND.
      """,
    defaultValue: Secret(""), defaultText: "", kind: .secret, isRequired: false
  ) { (text: String) throws(Problem) in Secret(Text.oneLine(text)) }
  package static let loginURL = Setting<String>(
    key: "mailchimp.login-url", section: .mailchimp, label: "Login: address",
    help: """
      Leave it: Mailchimp's own. A practice Mailchimp (listkeeper sandbox) has the login at its own \
      address, such as http://127.0.0.1:8765.
      """,
    defaultValue: "https://login.mailchimp.com", defaultText: "https://login.mailchimp.com",
    kind: .text, isRequired: false
  ) { (text: String) throws(Problem) in try address(text, "login address") }
  package static let redirect = Setting<String>(
    key: "mailchimp.redirect", section: .mailchimp, label: "Login: redirect address",
    help: """
      To the letter as it was registered with the app. On http://127.0.0.1 Listkeeper receives the \
      answer itself; with any other, or over SSH, paste the address the browser ended on.
      """,
    defaultValue: "http://127.0.0.1:8078/mailchimp", defaultText: "http://127.0.0.1:8078/mailchimp",
    kind: .text, isRequired: false
  ) { (text: String) throws(Problem) in try address(text, "redirect address") }

  static let loginSettings: [SettingDescription] = [
    .init(clientID), .init(clientSecret), .init(loginURL), .init(redirect),
  ]

  /// A token goes only over https, or to this machine.
  private static func address(_ text: String, _ what: String) throws(Problem) -> String {
    var address = Text.oneLine(text)
    while address.hasSuffix("/") { address.removeLast() }
    let isPlain = address.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }
    guard isPlain, address.hasPrefix("https://") || isLoopback(address) else {
      throw Problem(
        "settings.not-an-address",
        "The \(what) \(address) is neither https nor on this machine.",
        remedy: "Give an address that begins with https://, or with http://127.0.0.1.")
    }
    return address
  }
}
