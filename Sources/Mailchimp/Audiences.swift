// The account and its audiences: whose key it is, which audiences there are, which fields they keep.

import Basics
import Domain
import HTTP

/// All audiences of an account, and whether the plan allows another.
package struct AudienceList: Sendable, Equatable {
  package var audiences: [Audience]
  package var mayCreate: Bool
  package var mostAudiences: Int?
}

extension MailchimpClient {
  /// Returns when the key works.
  package func ping() async throws(MailchimpError) {
    let answer = try await call("GET", ["ping"])
    guard answer.json["health_status"]?.string != nil else {
      throw .unreadable("it is no ping.", .reading, status: answer.status)
    }
  }

  /// Whose key it is.
  package func account() async throws(MailchimpError) -> MailchimpAccount {
    let fields = [
      "account_id", "account_name", "username", "login_name", "email", "role",
      "pricing_plan_type", "total_subscribers",
    ]
    let answer = try await call(
      "GET", [""], query: [FormField("fields", fields.joined(separator: ","))])
    guard let id = answer.json["account_id"].cleanText else {
      throw .unreadable("the account has no id.", .reading, status: answer.status)
    }
    let json = answer.json
    return MailchimpAccount(
      id: id, name: json["account_name"].cleanText ?? "",
      login: json["login_name"].cleanText ?? json["username"].cleanText ?? json["email"].cleanText
        ?? "",
      role: json["role"].cleanText ?? "", plan: json["pricing_plan_type"].cleanText ?? "",
      totalSubscribers: json["total_subscribers"].wholeNumber)
  }

  /// Every audience, however many pages it takes.
  package func audiences() async throws(MailchimpError) -> AudienceList {
    let (items, last) = try await allPages(
      ["lists"], of: "lists",
      fields: Audience.wireFields.map { "lists.\($0)" } + ["total_items", "constraints"])
    var list = AudienceList(audiences: [], mayCreate: true)
    for item in items {
      do throws(WireFlaw) {
        list.audiences.append(try Audience(json: item, at: dataCentre))
      } catch {
        throw .unreadable(error.sentence, .reading, status: 200)
      }
    }
    list.mayCreate = last["constraints"]?["may_create"]?.bool ?? true
    list.mostAudiences = last["constraints"]?["max_instances"]?.int.flatMap { Int(exactly: $0) }
    return list
  }

  /// One audience; `.everyone(.audienceVanished)` when it is gone.
  package func audience(_ id: String) async throws(MailchimpError) -> Audience {
    try read(
      try await call(
        "GET", ["lists", id],
        query: [FormField("fields", Audience.wireFields.joined(separator: ","))]), "GET")
  }

  /// How it grew, month by month, oldest first.
  package func growth(of audience: String) async throws(MailchimpError) -> [GrowthMonth] {
    let (items, _) = try await allPages(
      ["lists", audience, "growth-history"], of: "history",
      fields: ["month", "subscribed", "unsubscribed", "cleaned", "pending"]
        .map { "history.\($0)" } + ["total_items"])
    return items.compactMap(GrowthMonth.init(json:)).sorted { $0.month < $1.month }
  }

  /// Makes an audience; look at the plan's limit first, which Mailchimp tells as a lack of rights.
  package func createAudience(_ draft: AudienceDraft) async throws(MailchimpError) -> Audience {
    try read(try await call("POST", ["lists"], body: draft.json), "POST")
  }

  /// Whether Mailchimp asks everybody who joins to confirm; everything else stays as it is.
  package func setDoubleOptIn(_ isOn: Bool, of id: String) async throws(MailchimpError)
    -> Audience
  {
    try read(try await call("PATCH", ["lists", id], body: ["double_optin": .bool(isOn)]), "PATCH")
  }

  private func read(_ answer: Answer, _ method: String) throws(MailchimpError) -> Audience {
    do throws(WireFlaw) {
      return try Audience(json: answer.json, at: dataCentre)
    } catch {
      throw .unreadable(
        error.sentence, CallContext(method: method, isAboutMember: false), status: answer.status)
    }
  }

  /// The same with how many the audience keeps at most, where Mailchimp says so.
  package func mergeFieldList(
    of audience: String
  ) async throws(MailchimpError) -> (fields: [MergeField], limit: Int?) {
    let (items, last) = try await allPages(
      ["lists", audience, "merge-fields"], of: "merge_fields",
      fields: MergeField.wireFields.map { "merge_fields.\($0)" } + [
        "total_items", "merge_field_limit",
      ])
    return (
      items.compactMap(MergeField.init(json:)),
      last["merge_field_limit"]?.int.flatMap { Int(exactly: $0) }
    )
  }

  /// Creates a field. The answer is the field as it is now, which the caller holds against what was
  /// asked: a tag that is too long comes back cut.
  package func createMergeField(
    _ draft: MergeFieldDraft, in audience: String
  ) async throws(MailchimpError) -> MergeField {
    var body: [String: JSONValue] = [
      "tag": .string(draft.tag), "name": .string(draft.name), "type": .string(draft.type.rawValue),
      "required": .bool(draft.isRequired),
    ]
    if !draft.choices.isEmpty {
      body["options"] = ["choices": .array(draft.choices.map { .string($0) })]
    }
    let answer = try await call("POST", ["lists", audience, "merge-fields"], body: .object(body))
    guard let field = MergeField(json: answer.json) else {
      throw .unreadable("the merge field has no tag.", .reading, status: answer.status)
    }
    return field
  }

  /// The audience's own fields, all of them, in Mailchimp's order.
  package func mergeFields(of audience: String) async throws(MailchimpError) -> [MergeField] {
    let (items, _) = try await allPages(
      ["lists", audience, "merge-fields"], of: "merge_fields",
      fields: MergeField.wireFields.map { "merge_fields.\($0)" } + ["total_items"])
    return items.compactMap(MergeField.init(json:))
  }
}

extension AudienceList {
  package var allowance: AudienceAllowance {
    AudienceAllowance(audiences: audiences.count, most: mostAudiences, mayCreate: mayCreate)
  }
}

extension GrowthMonth {
  /// Nil where it does not say of which month it is.
  init?(json: JSONValue) {
    guard let month = json["month"].cleanText, CivilDate(month + "-01") != nil else { return nil }
    self.init(
      month, subscribed: json["subscribed"].wholeNumber,
      unsubscribed: json["unsubscribed"].wholeNumber, cleaned: json["cleaned"].wholeNumber,
      pending: json["pending"].wholeNumber)
  }
}

extension CallContext {
  static let reading = CallContext(method: "GET", isAboutMember: false)
}

extension Audience {
  static let wireFields = [
    "id", "web_id", "name", "permission_reminder", "campaign_defaults.from_name",
    "campaign_defaults.from_email", "date_created", "list_rating", "subscribe_url_long",
    "double_optin", "stats.member_count", "stats.unsubscribe_count", "stats.cleaned_count",
    "stats.campaign_last_sent", "contact",
  ]

  init(json: JSONValue, at centre: String) throws(WireFlaw) {
    guard let id = json["id"].cleanText else { throw WireFlaw("an audience has no id.") }
    self.init(id: id, name: json["name"].cleanText ?? id)
    dataCentre = centre
    let parts = ["company", "address1", "address2", "city", "state", "zip", "country"]
    postalAddress = parts.compactMap { json["contact"]?[$0].cleanText }.joined(separator: ", ")
    webID = json["web_id"]?.int
    members = json["stats"]?["member_count"].wholeNumber ?? 0
    unsubscribes = json["stats"]?["unsubscribe_count"].wholeNumber ?? 0
    cleaned = json["stats"]?["cleaned_count"].wholeNumber ?? 0
    doubleOptIn = json["double_optin"]?.bool ?? false
    campaignLastSent = json["stats"]?["campaign_last_sent"].instant
    rating = json["list_rating"].wholeNumber
    permissionReminder = json["permission_reminder"].cleanText ?? ""
    fromName = json["campaign_defaults"]?["from_name"].cleanText ?? ""
    fromEmail = json["campaign_defaults"]?["from_email"].cleanText ?? ""
    subscribeURL = json["subscribe_url_long"].cleanText ?? ""
    createdAt = json["date_created"].instant
  }
}

extension MergeField {
  static let wireFields = [
    "merge_id", "tag", "name", "type", "required", "default_value", "options",
  ]

  /// Nil for a field without a tag. A type this version does not know is text: Mailchimp checks
  /// the value itself and says so.
  init?(json: JSONValue) {
    guard let tag = json["tag"].cleanText else { return nil }
    let options = json["options"]
    self.init(
      mergeID: json["merge_id"]?.int ?? 0, tag: tag, name: json["name"].cleanText ?? tag,
      type: json["type"].cleanText.flatMap(MergeField.Kind.init(rawValue:)) ?? .text,
      isRequired: json["required"]?.bool ?? false,
      defaultValue: json["default_value"].cleanText ?? "",
      choices: (options?["choices"]?.array ?? []).compactMap { Optional($0).cleanText },
      size: options?["size"]?.int.flatMap { $0 > 0 ? Int(exactly: $0) : nil },
      phoneFormat: options?["phone_format"].cleanText,
      dateFormat: options?["date_format"].cleanText)
  }
}

extension AudienceDraft {
  /// The body that asks for it; what was left empty is left out.
  fileprivate var json: JSONValue {
    func group(_ fields: [(String, Field)]) -> JSONValue {
      .object(
        Dictionary(
          uniqueKeysWithValues: fields.filter { !self[$0.1].isEmpty }.map {
            ($0.0, .string($0.1 == .country ? self[$0.1].uppercased() : self[$0.1]))
          }))
    }
    return [
      "name": .string(self[.name]), "permission_reminder": .string(self[.permissionReminder]),
      "email_type_option": .bool(isOn(.formatChoice)), "double_optin": .bool(isOn(.doubleOptIn)),
      "contact": group([
        ("company", .company), ("address1", .address1), ("address2", .address2), ("city", .city),
        ("state", .state), ("zip", .zip), ("country", .country), ("phone", .phone),
      ]),
      "campaign_defaults": group([
        ("from_name", .fromName), ("from_email", .fromEmail), ("subject", .subject),
        ("language", .language),
      ]),
    ]
  }
}
