// The bulk call: up to 500 people at once, answered with 200 even when all are refused. Each
// person sent gets an outcome of their own, in the order they were sent; one the answer is silent
// about is not taken for done.

import Basics
import Domain
import HTTP

package enum BulkOutcome: Sendable, Equatable {
  case created(WrittenMember)
  case updated(WrittenMember)
  case refused(MailchimpError)
}

extension MailchimpClient {
  /// The most people one call may carry.
  package static let bulkLimit = 500

  /// Writes all of `writes` in one call; their addresses must differ, and each needs a `status` or
  /// a `statusIfNew` (the API takes no item without). Existing members are changed
  /// only with `updatesExisting`, else they come back as `.memberExists`. An error of the whole
  /// call is thrown; the outcomes stand in the order of `writes`.
  package func bulk(
    _ writes: [MemberWrite], to audience: String, updatesExisting: Bool = true,
    skipsMergeValidation: Bool = false
  ) async throws(MailchimpError) -> [BulkOutcome] {
    if writes.isEmpty { return [] }
    let keys = writes.map { AddressKey($0.email) }
    let areWhole = writes.allSatisfy { $0.status != nil || $0.statusIfNew != nil }
    guard writes.count <= Self.bulkLimit, Set(keys).count == keys.count, areWhole else {
      throw MailchimpError(
        Problem(
          "mailchimp.bulk-malformed",
          "A bulk call was to carry \(writes.count) people, one address twice, or no status.",
          remedy: "Report this to the developers."),
        .everyone(.programme))
    }
    for write in writes { try refuseUnsendable(write) }
    let answer = try await call(
      "POST", ["lists", audience],
      query: skipsMergeValidation ? [FormField("skip_merge_validation", "true")] : [],
      body: [
        "members": .array(writes.map(\.json)), "update_existing": .bool(updatesExisting),
      ])
    return try outcomes(of: writes, keys, in: answer)
  }

  private func outcomes(
    of writes: [MemberWrite], _ keys: [AddressKey], in answer: Answer
  ) throws(MailchimpError) -> [BulkOutcome] {
    let context = CallContext(method: "POST", isAboutMember: true)
    let places = Dictionary(uniqueKeysWithValues: zip(keys, writes.indices))
    var found = [BulkOutcome?](repeating: nil, count: writes.count)
    for (name, isNew) in [("new_members", true), ("updated_members", false)] {
      for item in answer.json[name]?.array ?? [] {
        let member = try read(item, context, answer.status)
        guard let place = places[AddressKey(member.email)] else { continue }
        let written = WrittenMember(
          member: member, discrepancies: writes[place].discrepancies(in: member),
          serverTime: answer.serverTime)
        found[place] = isNew ? .created(written) : .updated(written)
      }
    }
    for item in answer.json["errors"]?.array ?? [] {
      guard let place = places[AddressKey(item["email_address"]?.string ?? "")] else { continue }
      found[place] = .refused(
        MailchimpError.ofBulk(
          error: item["error"]?.string ?? "", code: item["error_code"]?.string ?? "",
          field: item["field"]?.string ?? "", message: item["field_message"]?.string ?? ""))
    }
    return found.map { outcome in
      outcome
        ?? .refused(
          .unreadable("it is silent about a person that was sent.", context, status: answer.status))
    }
  }
}
