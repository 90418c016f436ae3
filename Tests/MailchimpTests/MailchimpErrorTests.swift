// The catalogue, row by row: whom an answer concerns, under which code, and that no address and no
// control character gets out.

import Basics
import Domain
import HTTP
import Support
import Testing

@testable import Mailchimp

struct MailchimpErrorTests {
  private func error(
    _ status: Int, _ title: String, _ detail: String, errors: [(String, String)] = [],
    method: String = "PUT", isAboutMember: Bool = true
  ) -> MailchimpError {
    var document: [String: JSONValue] = [
      "title": .string(title), "status": .int(Int64(status)), "detail": .string(detail),
      "instance": "0a1b",
    ]
    if !errors.isEmpty {
      document["errors"] = .array(
        errors.map { ["field": .string($0.0), "message": .string($0.1)] })
    }
    return MailchimpError.of(
      .json(status, .object(document), type: "application/problem+json"),
      CallContext(method: method, isAboutMember: isAboutMember))
  }

  private func bare(_ status: Int, method: String = "PUT") -> MailchimpError {
    MailchimpError.of(
      HTTPResponse(status, body: Array("<html>no</html>".utf8)),
      CallContext(method: method, isAboutMember: true))
  }

  @Test(arguments: [
    ("Invalid Resource", "Please provide a valid email address.", PersonFault.invalidAddress),
    (
      "Invalid Resource", "ann@host.test looks fake or invalid, please enter a real email address.",
      .fakeAddress
    ),
    (
      "Invalid Resource",
      "ann@host.test has signed up to a lot of lists very recently; we're not allowing more signups for now",
      .deferred
    ),
    (
      "Member Exists",
      "ann@host.test is already a list member. Use PUT to insert or update list members.",
      .memberExists
    ),
    ("Member Exists", " is already a list member.", .memberExists),
    (
      "Member In Compliance State",
      "ann@host.test is in a compliance state due to unsubscribe, bounce, or compliance review and cannot be subscribed.",
      .complianceState
    ),
    (
      "Forgotten Email Not Subscribed",
      "ann@host.test was permanently deleted and cannot be re-imported. The contact must re-subscribe to get back on the list.",
      .forgotten
    ),
    (
      "Invalid Resource",
      "This contact was previously removed from this audience. To rejoin, they'll need to sign up using a Mailchimp form.",
      .forgotten
    ),
    (
      "Invalid Resource",
      "This member's status is \"cleaned.\" You can only update email addresses for members with a status of \"subscribed.\"",
      .cleaned
    ),
    ("Invalid Resource", "Something nobody has seen before.", .unknown),
  ])
  func `a refusal of one person is that person's`(
    title: String, detail: String, fault: PersonFault
  ) {
    let single = error(400, title, detail)
    #expect(single.fault == .person(fault))
    #expect(single.problem.code == fault.code)
    let bulk = MailchimpError.ofBulk(
      error: detail, code: "ERROR_GENERIC", field: "", message: "")
    #expect(bulk.fault == .person(fault))
    for problem in [single.problem, bulk.problem] {
      #expect(!"\(problem) \(problem.fields)".contains("ann@host.test"))
    }
  }

  @Test func `refused merge fields are named, and a missing required value is told apart`() {
    let refused = error(
      400, "Invalid Resource", "Your merge fields were invalid.",
      errors: [("LTV", "Please enter a number"), ("LNAME", "Please enter a value")])
    guard case .person(.mergeFields(let fields)) = refused.fault else {
      Issue.record("\(refused.fault)")
      return
    }
    #expect(fields.map(\.tag) == ["LTV", "LNAME"])
    #expect(fields.map(\.isMissingValue) == [false, true])
    #expect(refused.problem.sentence.contains("LTV (Please enter a number)"))
    let bulk = MailchimpError.ofBulk(
      error: "Your merge fields were invalid.", code: "ERROR_GENERIC", field: "BIRTHDAY",
      message: "Please enter a month (01-12) and a day (01-31)")
    #expect(bulk.problem.code == "mailchimp.merge-field-invalid")
  }

  @Test func `an address that another member has is a conflict with that member's status`() {
    let refused = error(
      400, "Invalid Resource",
      "The resource submitted could not be validated. For field-specific details, see the 'errors' array.",
      errors: [
        (
          "email address",
          "\"ann@host.test\" is already in this list with a status of \"Unsubscribed\"."
        )
      ])
    #expect(refused.fault == .person(.addressTaken(.unsubscribed)))
    #expect(!"\(refused.problem)".contains("ann@"))
  }

  @Test(arguments: [
    ("merge_fields.FNAME", "Data did not match any of the schemas described in anyOf."),
    ("", "Required fields were not provided: email_address"),
    ("email_address", "Schema describes string, NULL found instead"),
  ])
  func `a refused form is nobody's fault but ours`(field: String, message: String) {
    let refused = error(
      400, "Invalid Resource", "The resource submitted could not be validated.",
      errors: [(field, message)])
    #expect(refused.fault == .everyone(.programme))
    #expect(refused.problem.cause?.contains(message) == true)
  }

  @Test func `what hits everyone is booked on nobody`() {
    #expect(error(401, "API Key Invalid", "…").fault == .everyone(.keyRefused))
    #expect(error(403, "User action not permitted", "…").fault == .everyone(.notPermitted))
    #expect(error(404, "Resource Not Found", "Invalid path").fault == .everyone(.programme))
    #expect(
      error(
        404, "Resource Not Found", "The requested resource could not be found.",
        isAboutMember: false
      )
      .fault == .everyone(.audienceVanished))
    #expect(
      error(400, "JSON Parse Exception", "…", isAboutMember: false).fault == .everyone(.programme))
    #expect(error(405, "Method Not Allowed", "…").fault == .everyone(.programme))
    #expect(error(414, "Resource Nesting Too Deep", "…").fault == .everyone(.programme))
    #expect(error(426, "Upgrade Required", "…").fault == .everyone(.programme))
    #expect(bare(301).fault == .everyone(.wrongAddress))
    #expect(bare(404, method: "GET").fault == .person(.notThere))
  }

  @Test func `what passes is tried again, and a POST is looked for first`() {
    #expect(bare(403).fault == .transient(.throttled, lookFirst: false))
    #expect(bare(429, method: "POST").fault == .transient(.tooManyRequests, lookFirst: false))
    for status in [500, 502, 503, 504] {
      #expect(bare(status).fault == .transient(.server, lookFirst: false))
      #expect(bare(status, method: "POST").fault == .transient(.server, lookFirst: true))
    }
  }

  @Test(arguments: [("no", false), ("maybe", true), ("yes", true)])
  func `a cut POST is looked for only when it can have been sent`(sent: String, look: Bool) {
    let cut = Problem("http.connection-cut", "Cut.", fields: ["sent": sent])
    let post = CallContext(method: "POST", isAboutMember: false)
    let put = CallContext(method: "PUT", isAboutMember: true)
    #expect(MailchimpError.of(cut, post).fault == .transient(.network, lookFirst: look))
    #expect(MailchimpError.of(cut, put).fault == .transient(.network, lookFirst: false))
  }

  @Test func `transport problems keep their code and find their fault`() {
    let put = CallContext(method: "PUT", isAboutMember: true)
    for (code, fault) in [
      ("http.tls-refused", Fault.everyone(.tls)), ("http.bad-address", .everyone(.wrongAddress)),
      ("http.cancelled", .cancelled), ("http.time-out", .transient(.network, lookFirst: false)),
      ("http.answer-too-large", .transient(.unreadable, lookFirst: false)),
    ] {
      let error = MailchimpError.of(Problem(code, "So."), put)
      #expect(error.fault == fault)
      #expect(error.problem.code == code)
    }
  }

  @Test func `nothing an answer says can move a cursor or fill a disk`() {
    let nasty = "\u{1b}[2J\u{202e}" + String(repeating: "x", count: 100_000) + "\r\nann@host.test"
    let refused = error(
      400, nasty, nasty, errors: [("F\u{1b}", "\u{7}" + nasty)])
    let everything = "\(refused.problem) \(refused.problem.fields) \(refused.problem.cause ?? "")"
    #expect(everything.unicodeScalars.allSatisfy { !Text.isControl($0) })
    #expect(everything.count < 10_000)
  }

  @Test func `an error is described by its problem`() {
    let problem = Problem(describing: error(401, "API Key Invalid", "…") as any Error)
    #expect(problem.code == "mailchimp.key-refused")
  }
}

struct MailchimpKeyTests {
  @Test func `the data centre is read from the end of the key`() throws {
    let key = try MailchimpKey(Secret(" 0123456789abcdef0123456789abcdef-us21\n"))
    #expect(key.dataCentre == "us21")
    #expect(try key.baseAddress(override: "") == "https://us21.api.mailchimp.com")
    #expect(try key.baseAddress(override: "http://127.0.0.1:8765/3.0/") == "http://127.0.0.1:8765")
    #expect(
      key.authorization == "Basic bGlzdGtlZXBlcjowMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZi11czIx")
  }

  @Test(arguments: [
    ("ftp://host", "mailchimp.url-malformed"), ("nonsense", "mailchimp.url-malformed"),
    ("http://us19.api.mailchimp.com", "mailchimp.url-unencrypted"),
  ])
  func `a base address that would not do is refused`(url: String, code: String) throws {
    let key = try MailchimpKey(Secret("0123456789abcdef0123456789abcdef-us19"))
    let problem = try #require(throws: Problem.self) { try key.baseAddress(override: url) }
    #expect(problem.code == code)
  }

  @Test(arguments: [
    ("", "mailchimp.key-missing"), (" \n", "mailchimp.key-missing"),
    ("0123456789abcdef0123456789abcdef", "mailchimp.key-without-data-centre"),
    ("0123456789abcdef0123456789abcdef-", "mailchimp.key-without-data-centre"),
    ("0123456789abcdef0123456789abcdef-us", "mailchimp.key-without-data-centre"),
    ("cdef-us19", "mailchimp.key-truncated"),
    ("0123456789abcdef 0123456789abcdef-us19", "mailchimp.key-malformed"),
    ("0123456789abcdef0123456789abcdef-us19.evil.org/", "mailchimp.key-malformed"),
  ])
  func `what cannot be a key is refused before it is sent, and not repeated`(
    text: String, code: String
  ) throws {
    let problem = try #require(throws: Problem.self) { try MailchimpKey(Secret(text)) }
    #expect(problem.code == code)
    #expect(!"\(problem) \(problem.fields)".contains("cdef"))
  }
}

struct DiscrepancyTests {
  private func member(_ fields: [String: MergeValue], status: MemberStatus = .subscribed) -> Member
  {
    Member(id: "1", email: "Ann@host.test", status: status, mergeFields: fields)
  }

  @Test func `an unknown tag is told, an unknown tag without a value is not`() {
    let write = MemberWrite(
      email: "ann@host.test",
      mergeFields: ["FNAME": .text("Ann"), "NOPE": .text("x"), "NIL": .empty])
    let found = write.discrepancies(in: member(["FNAME": .text("Ann")]))
    #expect(found == [Discrepancy("NOPE", sent: .text("x"), got: nil)])
    #expect(found.first?.isIgnored == true)
  }

  @Test func `another spelling of the same value is no discrepancy`() {
    var sent = PostalAddress()
    sent.line1 = "1 Street"
    var got = sent
    got.country = "US"
    let write = MemberWrite(
      email: "ann@HOST.test",
      mergeFields: [
        "N": .text("5.0"), "M": .number(5), "D": .text("2026-01-02T03:04:05Z"),
        "A": .address(sent), "E": .address(PostalAddress()), "T": .text(" two  words "),
      ])
    let answer = member([
      "N": .number(5), "M": .text("5"), "D": .text("2026-01-02"), "A": .address(got),
      "E": .empty, "T": .text("two words"),
    ])
    #expect(write.discrepancies(in: answer).isEmpty)
  }

  @Test func `a status or a value that was not taken is told`() {
    let write = MemberWrite(
      email: "ann@host.test", status: .subscribed, mergeFields: ["FNAME": .text("Anna")])
    #expect(
      write.discrepancies(in: member(["FNAME": .text("Ann")], status: .pending)) == [
        Discrepancy("status", sent: .text("subscribed"), got: .text("pending")),
        Discrepancy("FNAME", sent: .text("Anna"), got: .text("Ann")),
      ])
  }
}
