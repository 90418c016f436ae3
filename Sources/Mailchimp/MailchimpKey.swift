// An API key and the data centre at its end, or the token of a login in the same form:
// `oauth:TOKEN-us19`. A wrong data centre and a wrong key look the same to Mailchimp (401), so what
// can be told here is told here and never sent.

import Basics
import Domain
import HTTP

package struct MailchimpKey: Sendable, Hashable {
  /// What is sent: the whole key, or the token alone.
  package let secret: Secret
  /// Such as `us19`.
  package let dataCentre: String
  /// True for the token of a login.
  package let isToken: Bool

  /// How the text of a token begins.
  package static let tokenPrefix = "oauth:"

  /// Refuses, in words, what cannot be a key.
  package init(_ secret: Secret) throws(Problem) {
    let given = Text.oneLine(secret.reveal())
    isToken = given.hasPrefix(Self.tokenPrefix)
    let text = isToken ? String(given.dropFirst(Self.tokenPrefix.count)) : given
    if let flaw = KeyShape.flaw(of: text) { throw flaw }
    guard let dash = text.lastIndex(of: "-") else {
      throw KeyShape.withoutDataCentre
    }
    let centre = text[text.index(after: dash)...].lowercased()
    self.secret = Secret(isToken ? String(text[..<dash]) : text)
    dataCentre = centre
  }

  /// Where the API is: `override` (the sandbox, a proxy) or the data centre's own address; without
  /// a slash at the end, and without the version.
  package func baseAddress(override: String) throws(Problem) -> String {
    var address = Text.oneLine(override)
    while address.hasSuffix("/") { address.removeLast() }
    if address.hasSuffix("/3.0") { address.removeLast(4) }
    if address.isEmpty { return "https://\(dataCentre).api.mailchimp.com" }
    guard let parsed = HTTPAddress(address) else {
      throw Problem(
        "mailchimp.url-malformed", "'\(Text.masked(address: address))' is no base address.",
        remedy: "Write mailchimp.url as https://host or http://127.0.0.1:8765, or leave it empty.")
    }
    // A practice Mailchimp may speak plain http; the real one must never get the key that way.
    if !parsed.isSecure, parsed.host.hasSuffix("mailchimp.com") {
      throw Problem(
        "mailchimp.url-unencrypted", "'\(address)' would send the API key unencrypted.",
        remedy: "Write mailchimp.url with https://, or leave it empty.")
    }
    return address
  }

  /// The value of the Authorization header.
  var authorization: String {
    if isToken { return "Bearer \(secret.reveal())" }
    return "Basic " + base64(Array("listkeeper:\(secret.reveal())".utf8))
  }
}

/// RFC 4648 §4.
private func base64(_ bytes: [UInt8]) -> String {
  let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var out: [UInt8] = []
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let three = bytes[start..<min(start + 3, bytes.count)]
    let value = (0..<3).reduce(UInt32(0)) { value, place in
      value << 8 | (place < three.count ? UInt32(three[start + place]) : 0)
    }
    for place in 0..<4 {
      let shift = UInt32(18 - place * 6)
      out.append(
        place <= three.count ? digits[Int(value >> shift & 63)] : UInt8(ascii: "="))
    }
  }
  return String(decoding: out, as: UTF8.self)
}
