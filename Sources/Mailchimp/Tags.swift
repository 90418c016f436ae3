// Tags: at Mailchimp a tag is a segment of the type `static`. A bulk call answers 200 even where
// addresses are refused, and tells them apart; single calls say `is_syncing`, which keeps tag
// automations from firing. What must stay true: every collection is read to its end, because a
// member object shows 50 tags and a page 10.

import Basics
import Domain
import HTTP

/// A tag as the audience has it.
package struct AudienceTag: Sendable, Equatable {
  package var id: Int64
  package var name: String

  package init(id: Int64, name: String) {
    self.id = id
    self.name = name
  }
}

/// What a bulk call for one tag came to: who was refused, and why. All others are done.
package struct TagBulkAnswer: Sendable, Equatable {
  package var refused: [AddressKey: String]
}

extension MailchimpClient {
  /// Every tag of the audience.
  package func tags(of audience: String) async throws(MailchimpError) -> [AudienceTag] {
    let (items, _) = try await allPages(
      ["lists", audience, "segments"], of: "segments",
      fields: ["segments.id", "segments.name", "segments.type", "total_items"],
      query: [FormField("type", "static")])
    return items.filter { $0["type"]?.string == "static" }.compactMap(AudienceTag.init(json:))
  }

  /// Makes a tag that nobody holds. A refusal is about this tag alone.
  package func createTag(
    _ name: String, in audience: String
  ) async throws(MailchimpError) -> AudienceTag {
    let answer = try await call(
      "POST", ["lists", audience, "segments"],
      body: ["name": .string(name), "static_segment": .array([])], isAboutMember: true)
    guard let tag = AudienceTag(json: answer.json) else {
      throw .unreadable("the tag has no id.", .reading, status: answer.status)
    }
    return tag
  }

  /// One page of the members who hold the tag, 1000 at a time: who they are and when they changed,
  /// no more. Who loses the tag meanwhile lets those behind move up.
  package func members(
    ofTag tag: Int64, in audience: String, offset: Int
  ) async throws(MailchimpError) -> MemberPage {
    let fields = ["id", "email_address", "status", "last_changed"].map { "members.\($0)" }
    return try page(
      try await aboutTag(
        "GET", audience, [String(tag), "members"],
        query: [
          FormField("fields", (fields + ["total_items"]).joined(separator: ",")),
          FormField("count", "1000"), FormField("offset", String(offset)),
        ] + Self.everyStatus))
  }

  /// Gives the tag to some and takes it off others, at most 500 of each.
  package func changeTag(
    _ tag: Int64, in audience: String, add: [String], remove: [String]
  ) async throws(MailchimpError) -> TagBulkAnswer {
    guard add.count <= KeptTag.chunk, remove.count <= KeptTag.chunk else {
      throw MailchimpError(
        Problem(
          "mailchimp.bulk-malformed",
          "A call for a tag was to carry \(add.count) and \(remove.count) people.",
          remedy: "Report this to the developers."),
        .everyone(.programme))
    }
    var body: [String: JSONValue] = [:]
    if !add.isEmpty { body["members_to_add"] = .array(add.map { .string($0) }) }
    if !remove.isEmpty { body["members_to_remove"] = .array(remove.map { .string($0) }) }
    // Everybody who moved comes back whole; who did not is all that is asked.
    let answer = try await aboutTag(
      "POST", audience, [String(tag)], body: .object(body),
      leavingOut: ["members_added", "members_removed"])
    var refused: [AddressKey: String] = [:]
    for error in answer.json["errors"]?.array ?? [] {
      let why = error["error"].cleanText ?? "Mailchimp gave no reason."
      for address in error["email_addresses"]?.array ?? [] {
        if let address = Optional(address).cleanText { refused[AddressKey(address)] = why }
      }
    }
    return TagBulkAnswer(refused: refused)
  }

  /// Gives a tag another name; who holds it stays as it is. A refusal is about this tag alone.
  package func renameTag(
    _ tag: Int64, to name: String, in audience: String
  ) async throws(MailchimpError) {
    _ = try await aboutTag("PATCH", audience, [String(tag)], body: ["name": .string(name)])
  }

  /// All tags of a member, however many.
  package func tags(
    ofMember id: String, in audience: String
  ) async throws(MailchimpError) -> [AudienceTag] {
    var tags: [AudienceTag] = []
    var read = 0
    // A member with more than a hundred thousand tags is an answer that never ends.
    for _ in 0..<100 {
      let answer = try await aboutMember(
        "GET", audience, id, under: ["tags"],
        query: [
          FormField("fields", "tags.id,tags.name,total_items"), FormField("count", "1000"),
          FormField("offset", String(read)),
        ])
      guard let page = answer.json["tags"]?.array else { break }
      tags += page.compactMap(AudienceTag.init(json:))
      read += page.count
      if page.isEmpty || read >= answer.json["total_items"].wholeNumber { return tags }
    }
    throw .unreadable("the tags of a member do not end.", .reading, status: 200)
  }

  /// Gives tags to one member and takes others off, by name.
  package func setTags(
    ofMember id: String, in audience: String, active: [String], inactive: [String]
  ) async throws(MailchimpError) {
    let tags = active.map { ($0, "active") } + inactive.map { ($0, "inactive") }
    if tags.isEmpty { return }
    _ = try await aboutMember(
      "POST", audience, id, under: ["tags"],
      body: [
        "tags": .array(tags.map { ["name": .string($0.0), "status": .string($0.1)] }),
        "is_syncing": true,
      ])
  }

  private static let everyStatus = ["unsubscribed", "cleaned", "transactional"].map {
    FormField("include_\($0)", "true")
  }

  /// A call on one tag, whose 404 means that the tag is gone only when the audience is there.
  private func aboutTag(
    _ method: String, _ audience: String, _ path: [String], query: [FormField] = [],
    body: JSONValue? = nil, leavingOut unwanted: Set<String> = []
  ) async throws(MailchimpError) -> Answer {
    do throws(MailchimpError) {
      return try await call(
        method, ["lists", audience, "segments"] + path, query: query, body: body,
        isAboutMember: true, leavingOut: unwanted)
    } catch {
      guard error.fault == .person(.notThere) else { throw error }
      _ = try await call("GET", ["lists", audience], query: [FormField("fields", "id")])
      throw error
    }
  }
}

extension AudienceTag {
  fileprivate init?(json: JSONValue) {
    guard let id = json["id"]?.int, let name = json["name"].cleanText else { return nil }
    self.init(id: id, name: name)
  }
}
