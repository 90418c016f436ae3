// `X-Mailchimp-Signature: t=<unix seconds>,v1=<hex>`: whether a delivery comes from whoever knows the
// secret of our webhook. The hex is HMAC-SHA256 of `<t>.<raw body>`. What must stay true: it is
// checked over the bytes as they came, in constant time, and a time-stamp that is off is no
// signature. Whether the secret is used as text or decoded first is not established; as text is
// what the published definition says.

import Basics

/// What the signature of a delivery is worth.
package enum SignatureVerdict: String, Sendable, CaseIterable {
  case verified
  /// The delivery has none.
  case absent
  /// It has one that does not hold.
  case bad
  /// It has one, and the secret is not known here: the webhook was made by hand.
  case unchecked
}

package struct WebhookSignature: Sendable, Equatable {
  package static let header = "X-Mailchimp-Signature"
  /// A time-stamp further off than this is refused: what was recorded is not played again.
  package static let tolerance = Duration.seconds(300)

  /// As it stands in the header: those digits were signed.
  package let time: String
  package let seconds: Int64
  /// Those of the version we know; a header may carry several while a secret is changed.
  package let digests: [[UInt8]]

  /// Nil where there is no time, more than one, or no digest.
  package init?(header: String) {
    var time: String?
    var digests: [[UInt8]] = []
    for part in header.split(separator: ",", omittingEmptySubsequences: true).prefix(16) {
      let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard halves.count == 2 else { continue }
      let name = halves[0].drop { $0 == " " }
      let value = String(halves[1])
      switch name {
      case "t":
        guard time == nil else { return nil }
        time = value
      case "v1": digests += Self.bytes(ofHex: value).map { [$0] } ?? []
      default: break
      }
    }
    guard let time, !digests.isEmpty, (1...15).contains(time.utf8.count),
      time.utf8.allSatisfy({ (48...57).contains($0) }), let seconds = Int64(time)
    else { return nil }
    self.time = time
    self.seconds = seconds
    self.digests = digests
  }

  /// True when it was made with `secret` over these bytes, not longer than `tolerance` from `now`.
  package func holds(for body: [UInt8], secret: Secret, now: Instant) -> Bool {
    let signedAt = Instant(milliseconds: seconds * 1000)
    let distance = signedAt < now ? now - signedAt : signedAt - now
    let expected = Digest.hmacSHA256(
      key: Array(secret.reveal().utf8), Array("\(time).".utf8) + body)
    // Each is compared, whichever holds.
    let isEqual = digests.reduce(false) { found, digest in
      let same = Digest.areEqual(digest, expected)
      return found || same
    }
    return isEqual && distance <= Self.tolerance
  }

  /// The verdict on a delivery; `header` is nil where it has none, `secret` where none is known.
  package static func check(
    _ header: String?, body: [UInt8], secret: Secret?, now: Instant
  ) -> SignatureVerdict {
    guard let header else { return .absent }
    guard let secret, !secret.isEmpty else { return .unchecked }
    guard let signature = WebhookSignature(header: header) else { return .bad }
    return signature.holds(for: body, secret: secret, now: now) ? .verified : .bad
  }

  /// 32 bytes from 64 hexadecimal digits; nil for anything else.
  private static func bytes(ofHex text: String) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count == 64 else { return nil }
    var bytes: [UInt8] = []
    for place in stride(from: 0, to: 64, by: 2) {
      guard let high = value(digits[place]), let low = value(digits[place + 1]) else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 48...57: digit - 48
    case 97...102: digit - 87
    case 65...70: digit - 55
    default: nil
    }
  }
}
