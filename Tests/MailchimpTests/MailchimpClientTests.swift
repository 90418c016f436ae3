// The client against answers no sandbox should give: hostile, cut and foreign ones, and what goes
// over the wire for each call.

import Basics
import Domain
import HTTP
import Support
import Testing

@testable import Mailchimp

struct MailchimpClientTests {
  private static let key = "0123456789abcdef0123456789abcdef-us19"
  private static let audience = "a1b2c3d4e5"

  private func answered<Result: Sendable>(
    _ handler: @escaping @Sendable (HTTPRequest) -> HTTPReply,
    _ body: (MailchimpClient) async throws -> Result
  ) async throws -> Result {
    let listener = HTTPListener { request, _ in handler(request) }
    try listener.start()
    defer { listener.stop() }
    let client = try MailchimpClient(
      MailchimpConnection(
        key: MailchimpKey(Secret(Self.key)), url: "http://127.0.0.1:\(listener.port)"),
      http: HTTPClient(), budget: RequestBudget())
    return try await body(client)
  }

  private static let ann: JSONValue = [
    "id": "f00", "email_address": "ann@host.test", "status": "subscribed",
    "merge_fields": ["FNAME": "Ann", "AGE": 5, "ADDRESS": ""],
    "last_changed": "2026-01-02T03:04:05+00:00", "contact_id": "c1",
  ]

  @Test func `a PUT carries key, address and only what was given`() async throws {
    let seen = Locked<HTTPRequest?>(nil)
    let written = try await answered({ request in
      seen.withLock { $0 = request }
      return .response(.json(200, Self.ann))
    }) { client in
      try await client.put(
        MemberWrite(
          email: "Ann@host.test", statusIfNew: .pending,
          mergeFields: ["FNAME": .text("Ann"), "AGE": .number(5), "OLD": .empty]),
        to: Self.audience)
    }
    let request = try #require(seen.withLock { $0 })
    // The MD5 of ann@host.test in lower case.
    let hash = Digest.md5("ann@host.test".utf8)
    #expect(request.path == "/3.0/lists/\(Self.audience)/members/\(hash)")
    #expect(request.headers["Authorization"]?.hasPrefix("Basic ") == true)
    #expect(
      try JSONValue.parse(request.body) == [
        "email_address": "Ann@host.test", "status_if_new": "pending",
        "merge_fields": ["FNAME": "Ann", "AGE": 5, "OLD": ""],
      ])
    #expect(written.member.id == "f00")
    #expect(written.member.contactID == "c1")
    #expect(written.member.mergeFields["AGE"] == .number(5))
    #expect(written.discrepancies.isEmpty)
  }

  @Test(arguments: [MemberStatus.cleaned, .archived])
  func `a status that is only read is never sent`(status: MemberStatus) async throws {
    let requests = Locked(0)
    let error = try await answered({ _ in
      requests.withLock { $0 += 1 }
      return .response(.json(200, Self.ann))
    }) { client in
      await #expect(throws: MailchimpError.self) {
        try await client.put(MemberWrite(email: "a@b.test", status: status), to: Self.audience)
      }
    }
    #expect(error?.fault == .everyone(.programme))
    #expect(requests.withLock { $0 } == 0)
  }

  @Test func `a missing member is believed when the audience is there, and only then`() async throws
  {
    for isThere in [true, false] {
      let error = try await answered({ request in
        isThere && !request.path.contains("/members/")
          ? .response(.json(200, ["id": .string(Self.audience)]))
          : .response(
            .json(
              404,
              [
                "title": "Resource Not Found",
                "detail": "The requested resource could not be found.",
              ]))
      }) { client in
        await #expect(throws: MailchimpError.self) {
          try await client.member("f00", of: Self.audience)
        }
      }
      #expect(error?.fault == (isThere ? .person(.notThere) : .everyone(.audienceVanished)))
    }
  }

  @Test func `collections are read to their last page`() async throws {
    let list = try await answered({ request in
      let offset = Int(request.query("offset") ?? "") ?? -1
      guard request.query("count") == "1000" else { return .cut }
      let page = (offset..<min(offset + 2, 5)).map { number -> JSONValue in
        ["id": .string("list\(number)"), "name": "L"]
      }
      return .response(
        .json(
          200,
          [
            "lists": .array(page), "total_items": 5,
            "constraints": ["may_create": false, "max_instances": 5],
          ]))
    }) { client in try await client.audiences() }
    #expect(list.audiences.map(\.id) == ["list0", "list1", "list2", "list3", "list4"])
    #expect(!list.mayCreate)
  }

  @Test func `a collection that never ends is given up`() async throws {
    let error = try await answered({ _ in
      .response(.json(200, ["lists": [["id": "again"]], "total_items": 1_000_000]))
    }) { client in
      await #expect(throws: MailchimpError.self) { try await client.audiences() }
    }
    #expect(error?.fault == .transient(.unreadable, lookFirst: false))
  }

  @Test func `a listing asks in UTC, oldest change first, and tells Mailchimp's clock`()
    async throws
  {
    let seen = Locked<HTTPRequest?>(nil)
    let page = try await answered({ request in
      seen.withLock { $0 = request }
      var response = HTTPResponse.json(
        200,
        [
          "members": [Self.ann, ["id": "sms", "email_address": "", "status": "subscribed"]],
          "total_items": 2,
        ])
      response.headers.set("Date", "Fri, 02 Jan 2026 03:04:09 GMT")
      return .response(response)
    }) { client in
      try await client.members(
        of: Self.audience,
        MemberQuery(changedSince: Instant(milliseconds: 1_767_323_045_678), status: .archived),
        offset: 3)
    }
    let request = try #require(seen.withLock { $0 })
    #expect(request.query("since_last_changed") == "2026-01-02T03:04:05Z")
    #expect(request.query("status") == "archived")
    #expect(request.query("sort_dir") == "ASC")
    #expect(request.query("offset") == "3")
    #expect(request.query("fields")?.contains("_links") == false)
    #expect(page.serverTime == Instant(iso8601: "2026-01-02T03:04:09Z"))
    #expect(page.members.map(\.email) == ["ann@host.test"])
    #expect(page.withoutAddress == 1)
  }

  @Test func `each person of a bulk call gets an outcome in the order sent`() async throws {
    let outcomes = try await answered({ _ in
      .response(
        .json(
          200,
          [
            "new_members": [Self.ann],
            "updated_members": [],
            "errors": [
              [
                "email_address": "BOB@host.test", "error": "Your merge fields were invalid.",
                "error_code": "ERROR_GENERIC", "field": "LNAME",
                "field_message": "Please enter a value",
              ]
            ],
            "error_count": 1,
          ]))
    }) { client in
      try await client.bulk(
        ["bob@host.test", "Ann@host.test", "eve@host.test"].map {
          MemberWrite(email: $0, statusIfNew: .subscribed)
        }, to: Self.audience)
    }
    #expect(outcomes.count == 3)
    guard case .refused(let bob) = outcomes[0], case .created(let ann) = outcomes[1],
      case .refused(let eve) = outcomes[2]
    else {
      Issue.record("\(outcomes)")
      return
    }
    #expect(bob.problem.code == "mailchimp.merge-field-invalid")
    #expect(ann.member.id == "f00")
    #expect(eve.fault == .transient(.unreadable, lookFirst: true))
  }

  @Test func `a bulk call with one address twice is refused before it is sent`() async throws {
    let error = try await answered({ _ in .cut }) { client in
      await #expect(throws: MailchimpError.self) {
        try await client.bulk(
          ["a@host.test", "A@host.test"].map { MemberWrite(email: $0, statusIfNew: .subscribed) },
          to: Self.audience)
      }
    }
    #expect(error?.problem.code == "mailchimp.bulk-malformed")
  }

  @Test(arguments: [
    "", "{\"id\":\"f00\",\"email_addr", "<html>Sign in to the hotel</html>", "[]", "{}",
    "{\"id\":\"f00\",\"email_address\":\"a@b.test\",\"status\":\"strange\"}",
    "{\"id\":\"f00\",\"email_address\":\"\u{fffd}",
  ])
  func `a cut or foreign answer is no member and passes`(body: String) async throws {
    let error = try await answered({ _ in .response(HTTPResponse(200, body: Array(body.utf8))) }) {
      client in
      await #expect(throws: MailchimpError.self) {
        try await client.member("f00", of: Self.audience)
      }
    }
    #expect(error?.fault == .transient(.unreadable, lookFirst: false))
    #expect(error?.problem.code == "mailchimp.answer-unreadable")
  }

  @Test func `control characters of an answer stay outside`() async throws {
    let member = try await answered({ _ in
      .response(
        .json(
          200,
          [
            "id": "f\u{1b}00", "email_address": "ann@host.test\u{202e}", "status": "subscribed",
            "merge_fields": ["FNAME": "\u{1b}[31mAnn\u{7}\nB"],
          ]))
    }) { client in try await client.member("f00", of: Self.audience) }
    #expect(member.id == "f00")
    #expect(member.email == "ann@host.test")
    #expect(member.mergeFields["FNAME"] == .text("[31mAnn B"))
  }

  @Test func `the observer hears every exchange, and never the key`() async throws {
    let records = Locked<[ExchangeRecord]>([])
    try await answered({ request in
      request.path.hasSuffix("ping")
        ? .response(
          .json(200, ["health_status": .string("hello \(Self.key)"), "access_token": "tok"]))
        : .cut
    }) { client in
      let observed = client.observed { record in records.withLock { $0.append(record) } }
      try await observed.ping()
      await #expect(throws: MailchimpError.self) { try await observed.account() }
    }
    let heard = records.withLock { $0 }
    #expect(heard.map(\.status) == [200, nil])
    #expect(heard.last?.problem?.code == "http.connection-cut")
    let text = try #require(heard.first?.responseText())
    #expect(text.contains("•••"))
    #expect(!text.contains(Self.key) && !text.contains("tok\""))
    #expect(heard.first?.responseText(limit: 3) == nil)
  }

  @Test func `being told off makes later calls fewer`() async throws {
    let allowed = try await answered({ _ in .response(HTTPResponse(429)) }) { client in
      await #expect(throws: MailchimpError.self) { try await client.ping() }
      return client.budget.state.allowed
    }
    #expect(allowed == 3)
  }

  @Test func `archiving what cannot be archived counts as done`() async throws {
    let outcome = try await answered({ request in
      guard request.method == "DELETE" else { return .cut }
      return .response(
        .json(
          405,
          ["title": "Method Not Allowed", "detail": "This list member cannot be removed."]))
    }) { client in try await client.archive("f00", in: Self.audience) }
    #expect(outcome == .nothingToArchive)
  }
}
