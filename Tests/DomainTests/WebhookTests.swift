import Basics
import Domain
import Support
import Testing

/// What a delivery says, and whether its signature holds: pure, over hostile bytes.
@Suite struct WebhookTests {
  static let body = Array(
    ("type=unsubscribe&fired_at=2026-01-02+03%3A04%3A05&data%5Baction%5D=unsub"
      + "&data%5Breason%5D=manual&data%5Blist_id%5D=a6b5da1054"
      + "&data%5Bemail%5D=person%40directory.example.org").utf8)
  static let digest = "0fef16ce9ab04e929e09c9085b55c1ff39aeac701c573bae2a71e40631081c5a"
  static let time: Int64 = 1_767_323_045

  private func at(_ seconds: Int64) -> Instant { Instant(milliseconds: seconds * 1000) }

  private func verdict(
    _ header: String?, _ body: [UInt8] = body, secret: String? = "test-secret", now: Int64 = time
  ) -> SignatureVerdict {
    WebhookSignature.check(header, body: body, secret: secret.map { Secret($0) }, now: at(now))
  }

  // MARK: The signature

  @Test func `the published definition's example is verified`() {
    #expect(verdict("t=1767323045,v1=\(Self.digest)") == .verified)
    #expect(verdict("t=1767323045, v1=\(Self.digest.uppercased()), v0=ab") == .verified)
    // While a secret is changed a header may carry two.
    let other = String(repeating: "a", count: 64)
    #expect(verdict("t=1767323045,v1=\(other),v1=\(Self.digest)") == .verified)
  }

  @Test func `a time-stamp more than 300 seconds off is no signature`() {
    let header = "t=1767323045,v1=\(Self.digest)"
    for distance: Int64 in [-300, 0, 300] {
      #expect(verdict(header, now: Self.time + distance) == .verified)
    }
    for distance: Int64 in [-301, 301, 86_400] {
      #expect(verdict(header, now: Self.time + distance) == .bad)
    }
  }

  @Test func `without a header, or without a secret here, nothing is verified`() {
    #expect(verdict(nil) == .absent)
    #expect(verdict("t=1767323045,v1=\(Self.digest)", secret: nil) == .unchecked)
    #expect(verdict("t=1767323045,v1=\(Self.digest)", secret: "") == .unchecked)
  }

  @Test(arguments: [
    "", "t=1767323045", "v1=\(digest)", "t=,v1=\(digest)", "t=-1767323045,v1=\(digest)",
    "t=1767323045,t=1767323045,v1=\(digest)", "t=1767323045;v1=\(digest)",
    "t=99999999999999999999999999,v1=\(digest)", "t=1767323045,v1=\(digest)00",
    "t=1767323045,v1=\(String(repeating: "g", count: 64))", "t=01767323045,v1=\(digest)",
  ])
  func `a malformed header is bad, not absent`(header: String) {
    #expect(verdict(header) == .bad)
  }

  @Test func `a change of one byte of body, time or secret fails`() async throws {
    try await forAll(400) { random in
      var body = Self.body
      var time = Array("1767323045".utf8)
      var secret = Array("test-secret".utf8)
      func spoil(_ bytes: inout [UInt8]) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        bytes[place] ^= UInt8.random(in: 1...255, using: &random)
      }
      switch Int.random(in: 0..<3, using: &random) {
      case 0: spoil(&body)
      case 1: spoil(&time)
      default:
        // Another letter: bytes that are no text cannot stand in a secret.
        let place = Int.random(in: 0..<secret.count, using: &random)
        secret[place] = secret[place] == 0x78 ? 0x79 : 0x78
      }
      let header = "t=\(String(decoding: time, as: UTF8.self)),v1=\(Self.digest)"
      let found = verdict(header, body, secret: String(decoding: secret, as: UTF8.self))
      if found != .bad { throw Violation("It was \(found).") }
    }
  }

  // MARK: The event

  private func event(_ pairs: (String, String)...) -> WebhookEvent {
    WebhookEvent(fields: pairs.map { (name: $0.0, value: $0.1) })
  }

  @Test func `an unsubscribe names whom to look at and why`() {
    let event = event(
      ("type", "unsubscribe"), ("fired_at", "2026-01-02 03:04:05"), ("data[action]", "unsub"),
      ("data[reason]", "manual"), ("data[id]", "8a25ff1d98"), ("data[list_id]", "a6b5da1054"),
      ("data[email]", "Ann@Directory.example.org"),
      ("data[merges][EMAIL]", "ann@directory.example.org"), ("data[merges][FNAME]", "Ann"))
    #expect(event.kind == .unsubscribe)
    #expect(event.listID == "a6b5da1054")
    #expect(event.addresses == [AddressKey("ann@directory.example.org")])
    #expect(event.firedAt == at(Self.time))
    #expect(event.summary == "unsubscribe, manual")
  }

  @Test func `an address change names both addresses`() {
    let event = event(
      ("type", "upemail"), ("data[new_email]", "ann.b@directory.example.org"),
      ("data[old_email]", "ann@directory.example.org"))
    #expect(
      event.addresses
        == [AddressKey("ann@directory.example.org"), AddressKey("ann.b@directory.example.org")])
  }

  @Test func `a complaint tells its reason, a campaign names nobody`() {
    #expect(event(("type", "cleaned"), ("data[reason]", "abuse")).summary == "cleaned, abuse")
    let campaign = event(("type", "campaign"), ("data[email]", "ann@directory.example.org"))
    #expect(campaign.addresses.isEmpty)
  }

  @Test func `what is missing or odd is left out`() {
    let nothing = event()
    #expect(nothing.type == "" && nothing.addresses.isEmpty && nothing.firedAt == nil)
    #expect(nothing.summary == "no type")
    let odd = event(
      ("type", "sms_subscribe"), ("fired_at", "yesterday"), ("data[email]", "no address"),
      ("data[old_email]", "a b@c.org"), ("data[new_email]", "@"), ("data[list_id]", ""),
      ("data[merges][EMAIL]", "\u{7}ann@directory.example.org"))
    #expect(odd.kind == nil && odd.type == "sms_subscribe")
    #expect(odd.addresses.isEmpty && odd.firedAt == nil && odd.listID == nil)
  }

  @Test func `any fields give an event of bounded size`() async throws {
    let names = [
      "type", "fired_at", "data[email]", "data[old_email]", "data[new_email]", "data[list_id]",
      "data[merges][EMAIL]", "data[reason]", "data[action]", "",
    ]
    try await forAll(500) { random in
      let fields = (0..<Int.random(in: 0..<14, using: &random)).map { _ in
        let bytes = (0..<Int.random(in: 0..<400, using: &random)).map { _ in
          Bool.random(using: &random)
            ? UInt8.random(in: .min ... .max, using: &random) : UInt8(ascii: "@")
        }
        return (
          name: names.randomElement(using: &random) ?? "",
          value: String(decoding: bytes, as: UTF8.self)
        )
      }
      let event = WebhookEvent(fields: fields)
      let text = event.type + event.summary + (event.listID ?? "")
      let isClean = !text.unicodeScalars.contains(where: Text.isControl)
      guard isClean, event.summary.count < 220,
        event.addresses.count <= WebhookEvent.mostAddresses,
        event.addresses.allSatisfy({ $0.description.utf8.count <= 254 })
      else { throw Violation("\(event)") }
      _ = WebhookSignature(header: fields.first?.value ?? "")
    }
  }

  // MARK: What is done about the webhooks of an audience

  private let path = Secret("abcdefghijklmnop")
  private var address: String {
    WebhookWish.address(url: "https://lists.example.org", path: path)
  }

  private func webhook(
    _ id: String, _ url: String? = nil, events: Set<String> = WebhookWish.events,
    signed: Bool? = nil
  ) -> RemoteWebhook {
    RemoteWebhook(
      id: id, url: url ?? address, events: events, sources: WebhookWish.sources, isSigned: signed)
  }

  private func steps(
    _ listed: [RemoteWebhook], known: String? = nil, hasSecret: Bool = false,
    isOurMaking: Bool = false
  ) -> [WebhookStep] {
    WebhookPlan.steps(
      listed, address: address, path: path, known: known, hasSecret: hasSecret,
      isOurMaking: isOurMaking)
  }

  @Test func `others' webhooks are never touched`() {
    let others = [webhook("1", "https://other.example.org/webhook/x"), webhook("2", "")]
    #expect(steps(others) == [.create])
    #expect(steps(others + [webhook("3")]) == [.keep(webhook("3"))])
  }

  @Test func `ours is repaired where it differs, and made anew where its secret is lost`() {
    #expect(steps([webhook("1", events: ["subscribe"])], known: "1") == [.update("1")])
    let moved = webhook("1", "https://old.example.org/webhook/abcdefghijklmnop")
    #expect(steps([moved]) == [.update("1")])
    // Its address was changed by hand: it is ours by its id.
    #expect(steps([webhook("1", "https://x.example.org")], known: "1") == [.update("1")])
    #expect(steps([webhook("1", signed: true)], known: "1") == [.delete("1"), .create])
    let signed = webhook("1", signed: true)
    #expect(steps([signed], known: "1", hasSecret: true) == [.keep(signed)])
    #expect(steps([signed], known: "2", hasSecret: true) == [.delete("1"), .create])
  }

  @Test func `of several of ours one stays`() {
    let all = [webhook("1"), webhook("2"), webhook("3")]
    #expect(steps(all, known: "2") == [.delete("1"), .delete("3"), .keep(webhook("2"))])
    #expect(
      steps([webhook("1", events: []), webhook("2")]) == [.delete("1"), .keep(webhook("2"))])
  }

  @Test func `one whose secret was not told is made anew once, and never in a loop`() {
    let signed = webhook("1", signed: true)
    // Somebody made it by hand: only a creation of ours can tell the secret.
    #expect(steps([signed]) == [.delete("1"), .create])
    #expect(steps([signed], known: "1") == [.delete("1"), .create])
    #expect(steps([signed], known: "1", isOurMaking: true) == [.keepUnverified(signed)])
    // Changed by others it is made anew, which ends as before.
    let changed = webhook("1", events: [], signed: true)
    #expect(steps([changed], known: "1", isOurMaking: true) == [.delete("1"), .create])
    // Not signed, there is nothing to know.
    let unsigned = webhook("1", signed: false)
    #expect(steps([unsigned], known: "1", isOurMaking: true) == [.keep(unsigned)])
  }
}
