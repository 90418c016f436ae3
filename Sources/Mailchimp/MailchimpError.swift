// What went wrong at Mailchimp and whom it concerns. Everything the API is known to answer is
// decided in this file and nowhere else: one person's refusal must not stop a run, and what hits
// everyone must not be booked as 50,000 refusals. Titles are steadier than details, details carry
// the address; both are read leniently, and addresses leave here masked.

import Basics
import Domain
import HTTP

package struct MailchimpError: Error, Sendable, Equatable, ProblemCarrying {
  package let problem: Problem
  package let fault: Fault
  /// The status Mailchimp answered; nil when no answer came.
  package let status: Int?

  package init(_ problem: Problem, _ fault: Fault, status: Int? = nil) {
    self.problem = problem
    self.fault = fault
    self.status = status
  }

  /// Mailchimp answered that it did not do it, whatever becomes of it later.
  package var isRefusal: Bool { status.map { (400..<500).contains($0) && $0 != 408 } ?? false }
}

/// Whom an error concerns, which decides what happens next.
package enum Fault: Sendable, Hashable {
  /// This person only: the same request is never sent again.
  case person(PersonFault)
  /// Every request: the flow is blocked, no attempts are used.
  case everyone(EveryoneFault)
  /// Nobody: it passes. With `lookFirst` a POST may have taken effect, and is looked for before it
  /// is sent again.
  case transient(TransientFault, lookFirst: Bool)
  /// We broke it off ourselves.
  case cancelled
}

package enum PersonFault: Sendable, Hashable {
  case invalidAddress
  case fakeAddress
  /// "Signed up to a lot of lists very recently": comes back after days.
  case deferred
  case mergeFields([FieldRefusal])
  /// Unsubscribed themselves, bounced or under review: only they can come back.
  case complianceState
  /// Deleted permanently: only a Mailchimp form brings them back.
  case forgotten
  /// The new address belongs to another member, with that status where it was told.
  case addressTaken(MemberStatus?)
  case memberExists
  /// A cleaned member's address cannot be changed.
  case cleaned
  /// Not in the audience, and the audience is there.
  case notThere
  /// A refusal this version does not know.
  case unknown
  /// Not a person but our webhook: its address did not answer Mailchimp, or is none.
  case webhook(WebhookFault)
}

package enum WebhookFault: Sendable, Hashable {
  /// With the status that Mailchimp met there, where it says so.
  case unreachable(status: String?)
  case badAddress
  case refused
}

package enum EveryoneFault: Sendable, Hashable {
  case keyRefused
  case notPermitted
  case audienceVanished
  /// A field is required that we have no value for, whoever it is.
  case fieldRequired
  /// Our request has a form Mailchimp does not take.
  case programme
  case tls
  /// What answers there is not Mailchimp, or the address is none.
  case wrongAddress
  /// More contacts are gone at once than may go without a look.
  case manyGone
}

package enum TransientFault: Sendable, Hashable {
  /// More than 10 connections for this user.
  case tooManyRequests
  /// 403 without JSON: the edge throttles or blocks us for minutes.
  case throttled
  case server
  case network
  /// An answer that is cut or is not JSON.
  case unreadable
}

/// Why Mailchimp refuses a value.
package struct FieldRefusal: Sendable, Hashable {
  package let tag: String
  package let message: String

  package init(tag: String, message: String) {
    self.tag = tag
    self.message = message
  }

  /// True when the field is required and had no value; an administrator ticking *required*
  /// refuses everybody at once.
  package var isMissingValue: Bool { message.lowercased().contains("enter a value") }
}

/// What a call was for, where the same answer means different things.
package struct CallContext: Sendable, Equatable {
  package let method: String
  /// True when it concerns one member: a refusal is that person's.
  package let isAboutMember: Bool

  package init(method: String, isAboutMember: Bool) {
    self.method = method
    self.isAboutMember = isAboutMember
  }

  var isUnrepeatable: Bool { method == "POST" }
}

extension MailchimpError {
  /// The catalogue: an answer that is not 2xx, as an error. A member's 404 comes out as
  /// `.person(.notThere)`; whoever asked still has to look whether the audience is there.
  package static func of(_ response: HTTPResponse, _ call: CallContext) -> MailchimpError {
    // What is no JSON is told by its status, as an answer of something between us and Mailchimp.
    let document = try? JSONValue.parse(response.body)
    let isDocument = document?.object != nil
    let title = clean(document?["title"])
    let detail = clean(document?["detail"])
    let errors = (document?["errors"]?.array ?? []).map { error in
      FieldRefusal(tag: clean(error["field"]), message: clean(error["message"]))
    }
    var facts = ["status": String(response.status)]
    if !title.isEmpty { facts["title"] = title }
    if !detail.isEmpty { facts["detail"] = detail }
    if let instance = document?["instance"]?.string ?? response.headers["X-Request-Id"],
      !instance.isEmpty
    {
      facts["request"] = clean(.string(instance))
    }
    let status = response.status
    func everyone(_ fault: EveryoneFault, _ problem: Problem) -> MailchimpError {
      MailchimpError(problem.with(facts), .everyone(fault), status: status)
    }
    func passing(_ fault: TransientFault, _ problem: Problem, look: Bool) -> MailchimpError {
      MailchimpError(
        problem.with(facts), .transient(fault, lookFirst: look && call.isUnrepeatable),
        status: status)
    }
    switch status {
    case 400:
      let fault = personFault(title: title, detail: detail, errors: errors, call)
      guard let fault else { return everyone(.programme, programmeProblem(status, detail, errors)) }
      return refusal(fault, detail: detail, facts, status: status)
    case 401: return everyone(.keyRefused, keyRefusedProblem)
    case 403 where isDocument: return everyone(.notPermitted, notPermittedProblem(detail))
    case 403: return passing(.throttled, throttledProblem, look: false)
    case 404 where detail.lowercased().contains("invalid path"):
      return everyone(.programme, programmeProblem(status, detail, errors))
    case 404 where call.isAboutMember:
      return refusal(.notThere, detail: detail, facts, status: status)
    case 404 where isDocument: return everyone(.audienceVanished, audienceVanishedProblem)
    case 404, 300..<400: return everyone(.wrongAddress, wrongAddressProblem(status))
    case 429: return passing(.tooManyRequests, tooManyProblem, look: false)
    case 408, 500...: return passing(.server, serverProblem(status), look: true)
    default: return everyone(.programme, programmeProblem(status, detail, errors))
    }
  }

  /// One entry of the `errors` of a bulk call. `error` is taken to equal the detail of a single
  /// call (facts: not established), so both are read by the same rules.
  package static func ofBulk(
    error: String, code: String, field: String, message: String
  ) -> MailchimpError {
    let detail = clean(.string(error))
    let call = CallContext(method: "POST", isAboutMember: true)
    let refused = FieldRefusal(tag: clean(.string(field)), message: clean(.string(message)))
    var fault = personFault(
      title: "", detail: detail, errors: refused.tag.isEmpty ? [] : [refused], call)
    if code == "ERROR_CONTACT_EXISTS", fault == nil || fault == .unknown { fault = .memberExists }
    return refusal(
      fault ?? .unknown, detail: detail, ["detail": detail, "error_code": clean(.string(code))],
      status: 200)
  }

  /// A call that got no whole answer.
  package static func of(_ transport: Problem, _ call: CallContext) -> MailchimpError {
    let mayHaveApplied = call.isUnrepeatable && transport.fields["sent"] != "no"
    switch transport.code {
    case "http.cancelled", "cancelled": return MailchimpError(transport, .cancelled)
    case "http.tls-refused": return MailchimpError(transport, .everyone(.tls))
    case "http.bad-address", "http.bad-request":
      return MailchimpError(transport, .everyone(.wrongAddress))
    case "http.answer-too-large", "http.answer-garbled":
      return MailchimpError(transport, .transient(.unreadable, lookFirst: mayHaveApplied))
    default:
      return MailchimpError(transport, .transient(.network, lookFirst: mayHaveApplied))
    }
  }

  /// A 2xx answer that is not what it should be.
  static func unreadable(_ why: String, _ call: CallContext, status: Int) -> MailchimpError {
    MailchimpError(
      Problem(
        "mailchimp.answer-unreadable", "Mailchimp's answer is cut or garbled: \(why)",
        remedy: "Wait: it is tried again. If it stays, look for a proxy that stands between.",
        fields: ["status": String(status)]),
      .transient(.unreadable, lookFirst: call.isUnrepeatable), status: status)
  }

  /// A refusal of one person, with the sentence that screens show.
  static func refusal(
    _ fault: PersonFault, detail: String, _ facts: [String: String], status: Int?
  ) -> MailchimpError {
    MailchimpError(fault.problem(detail: detail).with(facts), .person(fault), status: status)
  }

  /// Text of an answer: one line, no control characters, addresses masked, not endless.
  private static func clean(_ value: JSONValue?) -> String {
    let line = Text.oneLine((value?.string ?? "").prefix(600))
    guard line.contains("@") else { return line }
    return line.split(separator: " ", omittingEmptySubsequences: false).map { word in
      guard word.contains("@"), word.count > 1 else { return String(word) }
      let core = word.drop { !$0.isLetter && !$0.isNumber }
      let tail = core.reversed().prefix { !$0.isLetter && !$0.isNumber }
      let address = core.dropLast(tail.count)
      return word.dropLast(core.count) + Text.masked(email: String(address))
        + String(core.suffix(tail.count))
    }.joined(separator: " ")
  }

  // MARK: 400

  /// Which refusal of a person it is; nil when it is our request's form that is refused.
  private static func personFault(
    title: String, detail: String, errors: [FieldRefusal], _ call: CallContext
  ) -> PersonFault? {
    let title = title.lowercased()
    let text = detail.lowercased()
    if !call.isAboutMember, let error = errors.first(where: { $0.tag == "url" }) {
      return .webhook(WebhookFault(error.message))
    }
    if title == "member exists" || text.contains("is already a list member") {
      return .memberExists
    }
    if title == "member in compliance state" || text.contains("in a compliance state") {
      return .complianceState
    }
    if title == "forgotten email not subscribed" || text.contains("permanently deleted")
      || text.contains("previously removed from this audience")
    {
      return .forgotten
    }
    if text.contains("signed up to a lot of lists") { return .deferred }
    if text.contains("looks fake or invalid") { return .fakeAddress }
    if text.contains("provide a valid email address") { return .invalidAddress }
    if text.contains("update email addresses for members with a status") { return .cleaned }
    if let taken = errors.first(where: { $0.message.contains("already in this list") }) {
      return .addressTaken(statusNamed(in: taken.message))
    }
    if errors.contains(where: isAboutForm) || text.contains("invalid interest id") { return nil }
    if !errors.isEmpty, errors.allSatisfy({ !$0.tag.isEmpty && !$0.tag.contains("@") }) {
      if errors.contains(where: { $0.tag.lowercased().hasPrefix("email") }) {
        return .invalidAddress
      }
      return .mergeFields(errors)
    }
    if text.contains("merge fields were invalid") { return .mergeFields(errors) }
    guard call.isAboutMember, title.isEmpty || title == "invalid resource" else { return nil }
    return .unknown
  }

  /// True for refusals of the request's form, which every person's request would share.
  private static func isAboutForm(_ error: FieldRefusal) -> Bool {
    let message = error.message.lowercased()
    return message.contains("schema") || message.contains("required fields were not provided")
  }

  private static func statusNamed(in message: String) -> MemberStatus? {
    let lowered = message.lowercased()
    guard let place = lowered.firstRange(of: "status of") else { return nil }
    let word = lowered[place.upperBound...].filter(\.isLetter)
    return MemberStatus.allCases.first { word.hasPrefix($0.rawValue) }
  }
}

extension WebhookFault {
  /// By what Mailchimp says of the field `url`.
  fileprivate init(_ message: String) {
    let text = message.lowercased()
    if text.contains("couldn't verify") || text.contains("could not verify") {
      let digits = text.firstRange(of: "http code:").map { text[$0.upperBound...] } ?? ""
      let status = digits.drop { !$0.isNumber }.prefix { $0.isNumber }
      self = .unreachable(status: status.isEmpty ? nil : String(status))
    } else if text.contains("invalid url") {
      self = .badAddress
    } else {
      self = .refused
    }
  }
}

extension Problem {
  func with(_ facts: [String: String]) -> Problem {
    var copy = self
    copy.fields.merge(facts) { _, new in new }
    return copy
  }
}
