// The signature of a delivery: `t=<unix seconds>,v1=<hex>`, the digits being HMAC-SHA256 over
// `<t>.<raw body>`. The secret is taken as the text it is, not as what its letters encode.

import Basics

package enum WebhookSignature {
  package static let header = "X-Mailchimp-Signature"

  package static func value(secret: String, body: [UInt8], at now: Instant) -> String {
    let seconds = now.wholeSecond.milliseconds / 1000
    let signed = Array("\(seconds).".utf8) + body
    return "t=\(seconds),v1="
      + Digest.hex(Digest.hmacSHA256(key: Array(secret.utf8), signed))
  }
}
