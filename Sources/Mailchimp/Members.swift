// Members of an audience: listings, single reads and writes, and the bulk call. A 404 on a member
// is believed only after the audience itself has answered: a vanished audience reads the same, and
// 500 people must not be taken for gone.

import Basics
import Domain
import HTTP

/// Which members to list.
package struct MemberQuery: Sendable, Equatable {
  /// Changed after this second (exclusive at Mailchimp's side, in UTC). Ask from before the mark:
  /// `last_changed` is coarse.
  package var changedSince: Instant?
  /// Archived members show up for certain only when asked for by name.
  package var status: MemberStatus?

  package init(changedSince: Instant? = nil, status: MemberStatus? = nil) {
    self.changedSince = changedSince
    self.status = status
  }
}

package struct MemberPage: Sendable, Equatable {
  /// In the order of their last change, oldest first.
  package var members: [Member]
  /// How many Mailchimp counts for the query, this page's among them.
  package var total: Int
  /// Entries of this page without an e-mail address (text-message contacts): not ours to sync.
  package var withoutAddress: Int
  /// Mailchimp's clock when it answered.
  package var serverTime: Instant?

  /// Entries of the answer, for the next offset.
  package var entries: Int { members.count + withoutAddress }
}

/// A member as it is after a write, and what of the write did not take.
package struct WrittenMember: Sendable, Equatable {
  package var member: Member
  package var discrepancies: [Discrepancy]
  package var serverTime: Instant?
}

package enum ArchiveOutcome: Sendable, Equatable {
  case archived
  /// Archived, bounced or pending before: Mailchimp archives none of these, and nothing is left
  /// to do. A pending one is still pending.
  case nothingToArchive
}

extension MailchimpClient {
  /// One page of a listing; `count` up to 1000. Members that change meanwhile move towards the
  /// end: repeat from the last mark until a page is empty.
  package func members(
    of audience: String, _ query: MemberQuery = MemberQuery(), offset: Int = 0, count: Int = 1000
  ) async throws(MailchimpError) -> MemberPage {
    var fields = [
      FormField(
        "fields",
        (Member.wireFields.map { "members.\($0)" } + ["total_items"]).joined(separator: ",")),
      FormField("count", String(min(1000, max(1, count)))), FormField("offset", String(offset)),
      FormField("sort_field", "last_changed"), FormField("sort_dir", "ASC"),
    ]
    if let status = query.status { fields.append(FormField("status", status.rawValue)) }
    // A date as old as 1970 made the call hang; there were no members before 2001 anyway.
    if let since = query.changedSince, since > Instant(milliseconds: 978_307_200_000) {
      let second = Instant(milliseconds: since.milliseconds / 1000 * 1000)
      fields.append(FormField("since_last_changed", second.description))
    }
    return try page(try await call("GET", ["lists", audience, "members"], query: fields))
  }

  /// The members an answer lists.
  func page(_ answer: Answer) throws(MailchimpError) -> MemberPage {
    guard let items = answer.json["members"]?.array else {
      throw .unreadable("the members are missing.", .reading, status: answer.status)
    }
    var page = MemberPage(
      members: [], total: answer.json["total_items"].wholeNumber, withoutAddress: 0,
      serverTime: answer.serverTime)
    page.members.reserveCapacity(items.count)
    for item in items {
      if item["email_address"].cleanText == nil, item["id"].cleanText != nil {
        page.withoutAddress += 1
        continue
      }
      page.members.append(try read(item, .reading, answer.status))
    }
    return page
  }

  /// One member by the id the server returned, or by `MemberWrite.computedID`;
  /// `.person(.notThere)` when the audience has none.
  package func member(
    _ id: String, of audience: String
  ) async throws(MailchimpError) -> Member {
    let answer = try await aboutMember(
      "GET", audience, id,
      query: [FormField("fields", Member.wireFields.joined(separator: ","))])
    return try read(answer.json, .reading, answer.status)
  }

  /// Creates or changes. Without `status` an existing member keeps its own. With the id of a
  /// member of another address it renames that member; the answer has the new id.
  package func put(
    _ write: MemberWrite, to audience: String, id: String? = nil, skipsMergeValidation: Bool = false
  ) async throws(MailchimpError) -> WrittenMember {
    try await send("PUT", write, audience, id, skipsMergeValidation)
  }

  /// Changes what is there; `.person(.notThere)` where nothing is.
  package func patch(
    _ write: MemberWrite, in audience: String, id: String? = nil,
    skipsMergeValidation: Bool = false
  ) async throws(MailchimpError) -> WrittenMember {
    var write = write
    write.statusIfNew = nil
    return try await send("PATCH", write, audience, id, skipsMergeValidation)
  }

  /// Archives a member. Safe to repeat: one that cannot be archived counts as done.
  package func archive(
    _ id: String, in audience: String
  ) async throws(MailchimpError) -> ArchiveOutcome {
    do throws(MailchimpError) {
      _ = try await aboutMember("DELETE", audience, id)
      return .archived
    } catch {
      let detail = error.problem.fields["detail"]?.lowercased() ?? ""
      if error.status == 405, detail.contains("cannot be removed") { return .nothingToArchive }
      throw error
    }
  }

  /// Deletes a contact and its history for good; only they themselves can come back, by a form of
  /// Mailchimp's. Only the hash of the address is documented here. Safe to repeat: one that is not
  /// there counts as done.
  package func deletePermanently(
    _ key: AddressKey, from audience: String
  ) async throws(MailchimpError) {
    let id = Digest.md5(key.description.utf8)
    do throws(MailchimpError) {
      _ = try await aboutMember(
        "POST", audience, id, under: ["actions", "delete-permanent"])
    } catch {
      guard error.fault == .person(.notThere) else { throw error }
    }
  }

  private func send(
    _ method: String, _ write: MemberWrite, _ audience: String, _ id: String?,
    _ skipsMergeValidation: Bool
  ) async throws(MailchimpError) -> WrittenMember {
    try refuseUnsendable(write)
    let answer = try await aboutMember(
      method, audience, id ?? write.computedID,
      query: skipsMergeValidation ? [FormField("skip_merge_validation", "true")] : [],
      body: write.json)
    let context = CallContext(method: method, isAboutMember: true)
    let member = try read(answer.json, context, answer.status)
    return WrittenMember(
      member: member, discrepancies: write.discrepancies(in: member),
      serverTime: answer.serverTime)
  }

  func refuseUnsendable(_ write: MemberWrite) throws(MailchimpError) {
    guard let status = write.unsendableStatus else { return }
    throw MailchimpError(
      Problem(
        "mailchimp.status-not-sendable",
        "A request would have set the status '\(status.rawValue)', which is only ever read.",
        remedy: "Report this to the developers."),
      .everyone(.programme))
  }

  func read(
    _ json: JSONValue, _ context: CallContext, _ status: Int
  ) throws(MailchimpError) -> Member {
    do throws(WireFlaw) {
      return try Member(json: json)
    } catch {
      throw .unreadable(error.sentence, context, status: status)
    }
  }

  /// A call on one member whose 404 is believed only when the audience is there.
  func aboutMember(
    _ method: String, _ audience: String, _ id: String, under: [String] = [],
    query: [FormField] = [], body: JSONValue? = nil
  ) async throws(MailchimpError) -> Answer {
    do throws(MailchimpError) {
      return try await call(
        method, ["lists", audience, "members", id] + under, query: query, body: body,
        isAboutMember: true)
    } catch {
      guard error.fault == .person(.notThere) else { throw error }
      _ = try await call("GET", ["lists", audience], query: [FormField("fields", "id")])
      throw error
    }
  }
}
