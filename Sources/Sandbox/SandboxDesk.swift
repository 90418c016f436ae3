// The page for somebody practising: what can be done as a subscriber or an administrator, and the
// form to do it. It lives at `/sandbox`, outside the API, on the same port.

import Basics
import HTTP

enum SandboxDesk {
  /// Every deed that can be done over HTTP, with the fields its form has.
  static let deeds: [(name: String, words: String, fields: [String])] = [
    ("unsubscribe", "A subscriber clicks unsubscribe", ["address", "reason"]),
    ("edit-profile", "A subscriber edits the profile", ["address", "merge_fields"]),
    ("change-address", "A subscriber changes the address", ["address", "to"]),
    ("sign-up", "Somebody signs up by the form", ["address", "merge_fields"]),
    ("confirm", "Somebody pending confirms", ["address"]),
    ("bounce", "Mail to somebody bounces", ["address"]),
    ("complain", "A subscriber reports abuse", ["address"]),
    ("admin-archive", "An administrator archives somebody", ["address"]),
    ("admin-delete", "An administrator deletes somebody permanently", ["address"]),
    ("admin-unsubscribe", "An administrator unsubscribes somebody", ["address"]),
    ("admin-edit", "An administrator edits somebody", ["address", "merge_fields"]),
    ("admin-require-field", "An administrator adds a required merge field", ["tag", "name"]),
    ("admin-delete-field", "An administrator deletes a merge field", ["tag"]),
    ("admin-delete-audience", "An administrator deletes the audience", []),
    ("revoke-key", "The key is revoked", []),
    ("restore-key", "The key works again", []),
    ("limit-signups", "An address has signed up to a lot of lists", ["address"]),
    ("admin-make-tag", "An administrator makes a tag", ["tag"]),
    ("admin-delete-tag", "An administrator deletes a tag", ["tag"]),
    ("admin-tag", "An administrator puts a tag on somebody", ["address", "tag"]),
    ("admin-untag", "An administrator takes a tag off somebody", ["address", "tag"]),
    ("admin-rename-tag", "An administrator renames a tag", ["tag", "to"]),
    ("admin-save-segment", "An administrator saves a segment", ["name", "field", "value"]),
    ("unsubscribe-abuse", "A subscriber unsubscribes by reporting abuse", ["address"]),
    ("admin-change-address", "An administrator changes somebody's address", ["address", "to"]),
    ("admin-double-optin-on", "An administrator switches double opt-in on", []),
    ("admin-double-optin-off", "An administrator switches double opt-in off", []),
    ("admin-delete-webhook", "An administrator deletes the webhook there, or all", ["url"]),
    ("disconnect-programs", "The owner disconnects the programs that logged in", []),
    ("admin-make-group", "An administrator makes a group of interests", ["name", "choices"]),
    ("choose-interests", "A subscriber chooses interests", ["address", "choices"]),
    ("finish-batches", "Batches that wait or run are through", []),
    ("admin-delete-group", "An administrator deletes a group of interests", ["name"]),
  ]

  static func answer(
    _ request: HTTPRequest, _ mailchimp: inout SandboxMailchimp, at now: Instant
  ) -> HTTPResponse {
    let parts = request.path.split(separator: "/").map(String.init)
    switch (request.method, parts.count) {
    case ("GET", 0): return index(mailchimp)
    case ("GET", 1) where parts[0] == "sandbox": return index(mailchimp)
    case ("GET", 2) where parts == ["oauth2", "authorize"]:
      return mailchimp.authorize(request, at: now)
    case ("GET", 2) where parts == ["sandbox", "state"]: return .json(200, summary(mailchimp))
    case ("POST", 2) where parts[0] == "sandbox":
      return perform(parts[1], request, &mailchimp, at: now)
    default:
      return .json(404, ["error": "There is nothing here. GET /sandbox lists what there is."])
    }
  }

  /// A date this old makes the real server hang.
  static func hangs(_ request: HTTPRequest) -> Bool {
    guard request.method == "GET", let since = request.query("since_last_changed"),
      let micros = WireTime.read(since)
    else { return false }
    return micros < 365 * 86_400_000_000
  }

  /// A problem document made by a fault.
  static func problem(_ status: Int, _ title: String, _ detail: String) -> HTTPResponse {
    .json(
      status,
      [
        "type": "https://mailchimp.com/developer/marketing/docs/errors/",
        "title": .string(title.isEmpty ? HTTPResponse.reason(of: status) : title),
        "status": .int(Int64(status)),
        "detail": .string(
          detail.isEmpty ? "An unexpected internal error has occurred." : detail),
        "instance": "00000000-0000-0000-0000-000000000000",
      ], type: "application/problem+json")
  }

  // MARK: Doing

  private static func perform(
    _ name: String, _ request: HTTPRequest, _ mailchimp: inout SandboxMailchimp, at now: Instant
  ) -> HTTPResponse {
    let isForm = isForm(request)
    do throws(Problem) {
      let sent = try sent(request)
      let deed = try deed(name, sent)
      try mailchimp.perform(deed, in: sent["audience"]?.string, at: now)
    } catch {
      return .json(
        400, ["error": .string(error.sentence), "remedy": .string(error.remedy)])
    }
    return isForm
      ? HTTPResponse(303, headers: ["Location": "/sandbox"])
      : .json(200, summary(mailchimp))
  }

  static func isForm(_ request: HTTPRequest) -> Bool {
    request.headers["Content-Type"]?.hasPrefix("application/x-www-form") == true
  }

  /// The fields of a form or of a JSON object.
  static func sent(_ request: HTTPRequest) throws(Problem) -> [String: JSONValue] {
    try isForm(request) ? form(request.body) : json(request.body)
  }

  private static func json(_ body: [UInt8]) throws(Problem) -> [String: JSONValue] {
    if body.isEmpty { return [:] }
    guard let object = try JSONValue.parse(body).object else {
      throw Problem(
        "sandbox.not-an-object", "The body is no JSON object.",
        remedy: "Send one like {\"address\": \"ada@mail.example.org\"}.")
    }
    return object
  }

  /// A form names merge fields as `merge_fields=FNAME=Ada; LNAME=Byron`.
  private static func form(_ body: [UInt8]) throws(Problem) -> [String: JSONValue] {
    var sent: [String: JSONValue] = [:]
    for field in FormEncoding.decode(body) where !field.value.isEmpty {
      guard field.name == "merge_fields" else {
        sent[field.name] = .string(field.value)
        continue
      }
      var values: [String: JSONValue] = [:]
      for pair in field.value.split(separator: ";") {
        let halves = pair.split(separator: "=", maxSplits: 1).map { Text.oneLine($0) }
        guard halves.count == 2 else {
          throw Problem(
            "sandbox.bad-fields", "\"\(Text.oneLine(pair))\" is no field and value.",
            remedy: "Write them like FNAME=Ada; LNAME=Byron.")
        }
        values[halves[0]] = .string(halves[1])
      }
      sent["merge_fields"] = .object(values)
    }
    return sent
  }

  private static func deed(
    _ name: String, _ sent: [String: JSONValue]
  ) throws(Problem) -> SandboxDeed {
    func text(_ field: String) throws(Problem) -> String {
      guard let text = sent[field]?.string, !text.isEmpty else {
        throw Problem(
          "sandbox.field-missing", "The field \(field) is missing.", remedy: "Send it as text.")
      }
      return text
    }
    let values = sent["merge_fields"]?.object ?? [:]
    let choices = (sent["choices"]?.string ?? "").split(separator: ",").map { Text.oneLine($0) }
    switch name {
    case "unsubscribe":
      guard let reason = sent["reason"]?.string else {
        return .personUnsubscribes(try text("address"))
      }
      return .personUnsubscribes(try text("address"), reason: reason)
    case "edit-profile": return .personEdits(try text("address"), values)
    case "change-address": return .personChangesAddress(try text("address"), to: try text("to"))
    case "sign-up": return .personSignsUp(try text("address"), values)
    case "confirm": return .personConfirms(try text("address"))
    case "bounce": return .mailBounces(try text("address"))
    case "complain": return .personComplains(try text("address"))
    case "admin-archive": return .adminArchives(try text("address"))
    case "admin-delete": return .adminDeletesPermanently(try text("address"))
    case "admin-unsubscribe": return .adminUnsubscribes(try text("address"))
    case "admin-edit": return .adminEdits(try text("address"), values)
    case "admin-require-field":
      return .adminAddsRequiredField(tag: try text("tag"), name: try text("name"))
    case "admin-delete-field": return .adminDeletesField(tag: try text("tag"))
    case "admin-delete-audience": return .adminDeletesAudience
    case "revoke-key": return .keyIsRevoked
    case "restore-key": return .keyIsRestored
    case "limit-signups": return .signupsAreLimited(try text("address"))
    case "admin-tag": return .adminTags(try text("address"), try text("tag"))
    case "admin-untag": return .adminUntags(try text("address"), try text("tag"))
    case "admin-make-tag": return .adminMakesTag(try text("tag"))
    case "admin-rename-tag": return .adminRenamesTag(try text("tag"), to: try text("to"))
    case "admin-delete-tag": return .adminDeletesTag(try text("tag"))
    case "admin-save-segment":
      return .adminSavesSegment(
        try text("name"), field: try text("field"), value: try text("value"))
    case "unsubscribe-abuse": return .personUnsubscribesForAbuse(try text("address"))
    case "admin-change-address":
      return .adminChangesAddress(try text("address"), to: try text("to"))
    case "admin-double-optin-on": return .adminSetsDoubleOptIn(true)
    case "admin-double-optin-off": return .adminSetsDoubleOptIn(false)
    case "admin-delete-webhook": return .adminDeletesWebhook(url: sent["url"]?.string)
    case "disconnect-programs": return .programsAreDisconnected
    case "admin-make-group": return .adminMakesGroup(try text("name"), choices)
    case "admin-delete-group": return .adminDeletesGroup(try text("name"))
    case "finish-batches": return .batchesFinish
    case "choose-interests": return .personChoosesInterests(try text("address"), choices)
    default:
      throw Problem(
        "sandbox.no-deed", "There is no deed \(name).", remedy: "GET /sandbox lists them.")
    }
  }

  // MARK: Showing

  private static func summary(_ mailchimp: SandboxMailchimp) -> JSONValue {
    [
      "key": .string(mailchimp.configuration.key), "key_works": .bool(!mailchimp.isKeyRevoked),
      "audiences": .array(
        mailchimp.audiences.map { audience in
          var counts: [String: JSONValue] = [:]
          for status in MemberStatus.allCases {
            counts[status.rawValue] = .int(Int64(audience.count(status)))
          }
          return [
            "id": .string(audience.id), "name": .string(audience.name),
            "people": .object(counts), "webhooks": .int(Int64(audience.webhooks.count)),
            "double_optin": .bool(audience.hasDoubleOptIn),
          ]
        }),
    ]
  }

  private static func index(_ mailchimp: SandboxMailchimp) -> HTTPResponse {
    var page = """
      <!doctype html><html lang="en"><meta charset="utf-8"><title>A Mailchimp to practise on</title>
      <style>body{font:16px sans-serif;max-width:46em;margin:2em auto;padding:0 1em}
      form{margin:.4em 0}input{margin-right:.5em}code{background:#eee}</style>
      <h1>A Mailchimp to practise on</h1>
      <p>The API is at <code>/3.0/</code>, the key is
      <code>\(escaped(mailchimp.configuration.key))</code>.</p><h2>Audiences</h2><ul>
      """
    for audience in mailchimp.audiences {
      let counts = MemberStatus.allCases.map { "\(audience.count($0)) \($0.rawValue)" }
        .joined(separator: ", ")
      page += "<li><b>\(escaped(audience.name))</b> <code>\(audience.id)</code>: \(counts)</li>\n"
    }
    page += "</ul><h2>What people do</h2>\n"
    for deed in deeds {
      let fields = deed.fields + (mailchimp.audiences.count > 1 ? ["audience"] : [])
      page += form(deed.name, deed.words, fields)
    }
    page += "<h2>Deliveries, trouble, the people platform</h2>\n"
    page +=
      "<p>The platform is at <code>/platform/scim/v2/Users</code> and "
      + "<code>/platform/people</code>, its key is "
      + "<code>\(escaped(mailchimp.configuration.platformKey))</code>.</p>\n"
    for control in SandboxServer.controls {
      page += form(control.name, control.words, control.fields)
    }
    page +=
      "<p>The same over the wire: POST JSON to <code>/sandbox/unsubscribe</code> and so on; "
      + "<code>GET /sandbox/state</code> counts people, "
      + "<code>GET /sandbox/deliveries</code> lists what was sent to webhooks.</p></html>\n"
    return HTTPResponse(
      200, headers: ["Content-Type": "text/html; charset=utf-8"], body: Array(page.utf8))
  }

  private static func form(_ name: String, _ words: String, _ fields: [String]) -> String {
    let inputs = fields.map { "<input name=\"\($0)\" placeholder=\"\(placeholder($0))\">" }
    return "<form method=\"post\" action=\"/sandbox/\(name)\">\(inputs.joined())"
      + "<button>\(words)</button></form>\n"
  }

  private static func placeholder(_ field: String) -> String {
    field == "merge_fields" ? "FNAME=Ada; LNAME=Byron" : field
  }

  static func escaped(_ text: String) -> String {
    var out = ""
    for character in text {
      switch character {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      default: out.append(character)
      }
    }
    return out
  }
}
