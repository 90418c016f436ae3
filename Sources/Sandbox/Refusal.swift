// What the practice Mailchimp answers when it says no: titles and details to the letter, because
// a client decides by them. Some titles come without `type`; clients must bear that.

import Basics
import HTTP

struct Refusal: Error, Equatable {
  struct FieldError: Equatable {
    let field: String
    let message: String
  }

  var status: Int
  var title: String
  var detail: String
  var errors: [FieldError] = []
  /// Newer answers leave `type` out for some titles.
  var hasType = true
  /// The `Allow` header of a 405.
  var allow: String?

  /// A 400 that concerns the body as a whole.
  static func invalid(_ detail: String) -> Refusal {
    Refusal(status: 400, title: "Invalid Resource", detail: detail)
  }

  /// A 400 of the schema check: names the fields.
  static func unvalidated(_ errors: [FieldError]) -> Refusal {
    Refusal(
      status: 400, title: "Invalid Resource",
      detail:
        "The resource submitted could not be validated. For field-specific details, see the "
        + "'errors' array.",
      errors: errors)
  }

  static func unvalidated(_ field: String, _ message: String) -> Refusal {
    .unvalidated([FieldError(field: field, message: message)])
  }

  static func mergeFields(_ errors: [FieldError]) -> Refusal {
    Refusal(
      status: 400, title: "Invalid Resource", detail: "Your merge fields were invalid.",
      errors: errors)
  }

  static func memberExists(_ address: String) -> Refusal {
    Refusal(
      status: 400, title: "Member Exists",
      detail: "\(address) is already a list member. Use PUT to insert or update list members.",
      hasType: false)
  }

  static func compliance(_ address: String) -> Refusal {
    Refusal(
      status: 400, title: "Member In Compliance State",
      detail: "\(address) is in a compliance state due to unsubscribe, bounce, or compliance "
        + "review and cannot be subscribed.",
      hasType: false)
  }

  static func forgotten(_ address: String) -> Refusal {
    Refusal(
      status: 400, title: "Forgotten Email Not Subscribed",
      detail: "\(address) was permanently deleted and cannot be re-imported. The contact must "
        + "re-subscribe to get back on the list.",
      hasType: false)
  }

  static let notFound = Refusal(
    status: 404, title: "Resource Not Found",
    detail: "The requested resource could not be found.")

  static let invalidPath = Refusal(
    status: 404, title: "Resource Not Found", detail: "Invalid path")

  static let keyInvalid = Refusal(
    status: 401, title: "API Key Invalid",
    detail: "Your API key may be invalid, or you've attempted to access the wrong datacenter.")

  static let keyMissing = Refusal(
    status: 401, title: "API Key Missing",
    detail: "Your request did not include an API key.")

  static let notPermitted = Refusal(
    status: 403, title: "User action not permitted",
    detail: "User does not have access to the requested operation")

  static let unreadableBody = Refusal(
    status: 400, title: "JSON Parse Exception",
    detail: "We encountered an unspecified JSON parsing error.")

  static let invalidOverride = Refusal(
    status: 422, title: "Invalid Method Override",
    detail: "The X-HTTP-Method-Override header may only be used with POST requests.")

  static let tooMany = Refusal(
    status: 429, title: "Too Many Requests",
    detail: "You have exceeded the limit of 10 simultaneous connections.")

  static func methodNotAllowed(allow: [String]) -> Refusal {
    Refusal(
      status: 405, title: "Method Not Allowed",
      detail: "The requested method and resource are not compatible. See the Allow header for "
        + "this resource's available methods.",
      allow: allow.joined(separator: ", "))
  }

  /// For what only a tag can do, asked of a saved segment.
  static func noStaticSegment(_ id: Int) -> Refusal {
    Refusal(
      status: 404, title: "Resource Not Found",
      detail: "A Static Segment with an id of \(id) does not exist for this list.")
  }

  static let notArchivable = Refusal(
    status: 405, title: "Method Not Allowed",
    detail: "This list member cannot be removed. Can not archive a contact that is bounced, "
      + "pending or archived",
    allow: "GET, PUT")
}

extension Refusal {
  /// The problem document; `instance` is the request's id.
  func response(instance: String, dataCentre: String) -> HTTPResponse {
    var document: [String: JSONValue] = [
      "title": .string(title), "status": .int(Int64(status)), "detail": .string(detail),
      "instance": .string(instance),
    ]
    if hasType { document["type"] = "https://mailchimp.com/developer/marketing/docs/errors/" }
    if !errors.isEmpty {
      document["errors"] = .array(
        errors.map { ["field": .string($0.field), "message": .string($0.message)] })
    }
    var response = HTTPResponse.json(
      status, .object(document), type: "application/problem+json")
    response.headers.set("X-Request-Id", instance)
    response.headers.set(
      "Link", Schema.link(dataCentre, "Definitions/ProblemDetailDocument.json"))
    if let allow { response.headers.set("Allow", allow) }
    return response
  }
}

/// Addresses of schemas and resources as real answers name them.
enum Schema {
  static func link(_ dataCentre: String, _ name: String) -> String {
    "<https://\(dataCentre).api.mailchimp.com/schema/3.0/\(name)>; rel=\"describedBy\""
  }

  /// One entry of `_links`.
  static func entry(
    _ dataCentre: String, _ rel: String, _ path: String, _ method: String = "GET",
    target: String? = nil
  ) -> JSONValue {
    let host = "https://\(dataCentre).api.mailchimp.com"
    var entry: [String: JSONValue] = [
      "rel": .string(rel), "href": .string("\(host)/3.0\(path)"), "method": .string(method),
    ]
    if let target { entry["targetSchema"] = .string("\(host)/schema/3.0/Definitions/\(target)") }
    return .object(entry)
  }
}
