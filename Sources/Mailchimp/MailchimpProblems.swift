// The sentences and remedies for what Mailchimp answers: what happened, then what to do. The codes
// are stable; scripts and tests know them.

import Basics
import Domain

extension PersonFault {
  /// The stable code, also the reason code of a refused person.
  package var code: String {
    switch self {
    case .invalidAddress: "mailchimp.invalid-address"
    case .fakeAddress: "mailchimp.fake-address"
    case .deferred: "mailchimp.deferred"
    case .mergeFields: "mailchimp.merge-field-invalid"
    case .complianceState: "mailchimp.compliance-state"
    case .forgotten: "mailchimp.forgotten"
    case .addressTaken: "mailchimp.address-taken"
    case .memberExists: "mailchimp.member-exists"
    case .cleaned: "mailchimp.member-cleaned"
    case .notThere: "mailchimp.not-a-member"
    case .unknown: "mailchimp.refused"
    case .webhook(.unreachable): "mailchimp.webhook-unreachable"
    case .webhook(.badAddress): "mailchimp.webhook-address"
    case .webhook(.refused): "mailchimp.webhook-refused"
    }
  }

  func problem(detail: String) -> Problem {
    switch self {
    case .invalidAddress:
      Problem(
        code, "Mailchimp does not take this for an e-mail address.",
        remedy: "Correct the address.")
    case .fakeAddress:
      Problem(
        code, "Mailchimp holds this address for invented.", remedy: "Ask the person for another.")
    case .deferred:
      Problem(
        code, "This address has signed up to many lists lately; Mailchimp takes no more for now.",
        remedy: "Wait: it is tried again in some days.")
    case .mergeFields(let fields):
      Problem(
        code, Self.sentence(fields),
        remedy: "Correct the value of this person, or the field in Mailchimp.",
        fields: ["fields": fields.map(\.tag).joined(separator: ",")])
    case .complianceState:
      Problem(
        code,
        "Mailchimp will not subscribe this address: its owner unsubscribed, it bounced, or it is under review.",
        remedy: "Ask the person to sign up with the audience's sign-up form.")
    case .forgotten:
      Problem(
        code, "This address was permanently deleted from the audience and cannot be added again.",
        remedy: "Ask the person to sign up with the audience's sign-up form.")
    case .addressTaken(let status):
      Problem(
        code,
        "The new address already belongs to another contact of the audience"
          + (status.map { " (\($0.rawValue))." } ?? "."),
        remedy: "Merge the two contacts in Mailchimp, or correct the address.")
    case .memberExists:
      Problem(
        code, "The address already is a contact of the audience.",
        remedy: "Wait: it is updated at the next run.")
    case .cleaned:
      Problem(
        code, "Mail to this contact bounced; Mailchimp does not change its address.",
        remedy: "Archive the contact in Mailchimp; the new address is then added by itself.")
    case .notThere:
      Problem(code, "The address is not in the audience.")
    case .unknown:
      Problem(
        code, detail.isEmpty ? "Mailchimp refuses this person." : "Mailchimp refuses: \(detail)",
        remedy: "Look this person up in Mailchimp.")
    case .webhook(.unreachable(let status)):
      Problem(
        code,
        "Mailchimp did not reach the webhook's address"
          + (status.map { ": it met HTTP code \($0)." } ?? "."),
        remedy: """
          Let webhook.url be reached from the internet and forward it to the listener, GET requests \
          too. Until then changes are found by polling.
          """)
    case .webhook(.badAddress):
      Problem(
        code, "Mailchimp does not take the webhook's address for one.",
        remedy: "Correct webhook.url: an https address with a public name.")
    case .webhook(.refused):
      Problem(
        code,
        detail.isEmpty
          ? "Mailchimp refuses the webhook." : "Mailchimp refuses the webhook: \(detail)",
        remedy: "Look at the webhooks of the audience in Mailchimp; one may have the same address.")
    }
  }

  private static func sentence(_ fields: [FieldRefusal]) -> String {
    guard !fields.isEmpty else { return "Mailchimp refuses a merge field." }
    let parts = fields.prefix(5).map { "\($0.tag) (\($0.message))" }
    let more = fields.count > 5 ? " and \(fields.count - 5) more" : ""
    return "Mailchimp refuses \(parts.joined(separator: ", "))\(more)."
  }
}

let keyRefusedProblem = Problem(
  "mailchimp.key-refused", "Mailchimp refuses the API key.",
  remedy: "Make a new key in Mailchimp and paste it into Settings, Mailchimp, API key.")

func notPermittedProblem(_ detail: String) -> Problem {
  Problem(
    "mailchimp.not-permitted", "The user who made the API key may not do this.",
    remedy: "Look at the user's role and the account's plan in Mailchimp.",
    cause: detail.isEmpty ? nil : detail)
}

let throttledProblem = Problem(
  "mailchimp.throttled", "Mailchimp's edge turns requests away for now.",
  remedy: "Wait some minutes: it is tried again.")

let tooManyProblem = Problem(
  "mailchimp.too-many-requests", "Mailchimp allows only 10 connections at once for one user.",
  remedy: "Wait: it is tried again with fewer. Stop other programs that use the same account.")

let audienceVanishedProblem = Problem(
  "mailchimp.audience-vanished", "The audience does not exist any more.",
  remedy: "Choose another in the Audience pane, or with 'listkeeper audiences use ID'.")

func wrongAddressProblem(_ status: Int) -> Problem {
  Problem(
    "mailchimp.wrong-address", "What answers at the base address is not Mailchimp (\(status)).",
    remedy: "Correct mailchimp.url, or leave it empty.")
}

func serverProblem(_ status: Int) -> Problem {
  Problem(
    "mailchimp.server-error", "Mailchimp has trouble of its own (\(status)).",
    remedy: "Wait: it is tried again.")
}

func programmeProblem(_ status: Int, _ detail: String, _ errors: [FieldRefusal]) -> Problem {
  let parts = errors.prefix(5).map { "\($0.tag): \($0.message)" }
  let cause = ([detail] + parts).filter { !$0.isEmpty }.joined(separator: " · ")
  return Problem(
    "mailchimp.programme-error", "Mailchimp does not take the form of a request (\(status)).",
    remedy: "Report this to the developers with the request shown in the execution.",
    cause: cause.isEmpty ? nil : cause)
}
