// The calls about audiences as such: the collection with its constraints, one audience with its
// statistics, creating, changing and deleting.

import Basics
import HTTP

extension SandboxAudience {
  func json(_ selection: FieldSelection, withContacts: Bool) -> JSONValue {
    var out = SelectedObject(selection)
    out.put("id", .string(id))
    out.put("web_id", .int(Int64(380_000 + number)))
    out.put("name", .string(name))
    out.put("contact", .object(contact))
    out.put("permission_reminder", .string(permissionReminder))
    out.put("use_archive_bar", .bool(usesArchiveBar))
    out.put("campaign_defaults", .object(campaignDefaults))
    out.put("notify_on_subscribe", .string(notifyOnSubscribe))
    out.put("notify_on_unsubscribe", .string(notifyOnUnsubscribe))
    out.put("date_created", .string(created.onTheWire))
    out.put("list_rating", 0)
    out.put("email_type_option", .bool(hasEmailTypeOption))
    out.put("subscribe_url_short", .string(formAddress))
    out.put("subscribe_url_long", .string("https://forms.example.org/subscribe?id=\(id)"))
    out.put("beamer_address", .string("\(dataCentre)-\(id)@inbound.example.org"))
    out.put("visibility", "prv")
    out.put("double_optin", .bool(hasDoubleOptIn))
    out.put("has_welcome", false)
    out.put("marketing_permissions", .bool(hasMarketingPermissions))
    out.put("modules", [])
    out.put("stats", stats(withContacts: withContacts))
    let collection = "Lists/CollectionResponse.json"
    out.put(
      "_links",
      [
        Schema.entry(dataCentre, "self", "/lists/\(id)", target: "Lists/Response.json"),
        Schema.entry(dataCentre, "parent", "/lists", target: collection),
        Schema.entry(dataCentre, "update", "/lists/\(id)", "PATCH", target: "Lists/Response.json"),
        Schema.entry(
          dataCentre, "batch-sub-unsub-members", "/lists/\(id)", "POST",
          target: "Lists/BatchPOST-Response.json"),
        Schema.entry(dataCentre, "delete", "/lists/\(id)", "DELETE"),
        Schema.entry(
          dataCentre, "members", "/lists/\(id)/members",
          target: "Lists/Members/CollectionResponse.json"),
        Schema.entry(
          dataCentre, "merge-fields", "/lists/\(id)/merge-fields",
          target: "Lists/MergeFields/CollectionResponse.json"),
      ])
    return out.value
  }

  private func stats(withContacts: Bool) -> JSONValue {
    func number(_ status: MemberStatus) -> JSONValue { .int(Int64(count(status))) }
    var stats: [String: JSONValue] = [
      "member_count": number(.subscribed), "unsubscribe_count": number(.unsubscribed),
      "cleaned_count": number(.cleaned), "member_count_since_send": number(.subscribed),
      "unsubscribe_count_since_send": number(.unsubscribed),
      "cleaned_count_since_send": number(.cleaned), "campaign_count": 0,
      "campaign_last_sent": "", "merge_field_count": .int(Int64(mergeFields.count)),
      "avg_sub_rate": 0, "avg_unsub_rate": 0, "target_sub_rate": 0, "open_rate": 0,
      "click_rate": 0, "last_sub_date": .string(lastSubscribed?.onTheWire ?? ""),
      "last_unsub_date": .string(lastUnsubscribed?.onTheWire ?? ""),
    ]
    if withContacts {
      stats["total_contacts"] = .int(
        Int64(MemberStatus.allCases.reduce(0) { $0 + ($1 == .archived ? 0 : count($1)) }))
    }
    return .object(stats)
  }

  func show(_ request: HTTPRequest) -> Answer {
    let whole = json(.everything, withContacts: request.query("include_total_contacts") == "true")
    let selection = FieldSelection(request, top: Set((whole.object ?? [:]).keys))
    return Answer(200, selection.applied(to: whole), schema: "Lists/Instance.json")
  }

  /// One form, whose address is the short one of the audience.
  func listSignupForms() -> Answer {
    let names = [
      "image_url", "image_width", "image_height", "image_alt", "image_link", "image_align",
      "image_border_width", "image_border_style", "image_border_color", "image_target",
    ]
    var header: [String: JSONValue] = ["text": .string(name)]
    for name in names { header[name] = "" }
    let links: JSONValue = [
      Schema.entry(dataCentre, "parent", "/lists/\(id)", target: "Lists/Response.json")
    ]
    return Answer(
      200,
      [
        "signup_forms": [
          [
            "header": .object(header), "contents": [], "styles": [],
            "signup_form_url": .string(formAddress), "list_id": .string(id), "_links": links,
          ]
        ],
        "list_id": .string(id), "total_items": 1, "_links": links,
      ], schema: "Lists/SignupForms/Collection.json")
  }

  /// Where people sign up.
  private var formAddress: String { "http://eepurl.example.org/\(id)" }

  mutating func change(_ body: JSONValue) throws(Refusal) -> Answer {
    try take(body)
    return Answer(200, json(.everything, withContacts: false), schema: "Lists/Instance.json")
  }

  mutating func take(_ body: JSONValue) throws(Refusal) {
    func text(_ name: String) throws(Refusal) -> String? {
      guard let value = body[name] else { return nil }
      guard let text = value.string else {
        throw .unvalidated(name, SchemaCheck.found(value, insteadOf: "string"))
      }
      return text
    }
    func flag(_ name: String) throws(Refusal) -> Bool? {
      guard let value = body[name] else { return nil }
      guard let flag = value.bool else {
        throw .unvalidated(name, SchemaCheck.found(value, insteadOf: "boolean"))
      }
      return flag
    }
    func parts(_ name: String, onto old: [String: JSONValue]) throws(Refusal)
      -> [String: JSONValue]
    {
      guard let value = body[name] else { return old }
      guard let members = value.object else {
        throw .unvalidated(name, SchemaCheck.found(value, insteadOf: "object"))
      }
      return old.merging(members.filter { old[$0.key] != nil && $0.value.string != nil }) { $1 }
    }
    name = try text("name") ?? name
    permissionReminder = try text("permission_reminder") ?? permissionReminder
    notifyOnSubscribe = try text("notify_on_subscribe") ?? notifyOnSubscribe
    notifyOnUnsubscribe = try text("notify_on_unsubscribe") ?? notifyOnUnsubscribe
    usesArchiveBar = try flag("use_archive_bar") ?? usesArchiveBar
    hasEmailTypeOption = try flag("email_type_option") ?? hasEmailTypeOption
    hasDoubleOptIn = try flag("double_optin") ?? hasDoubleOptIn
    hasMarketingPermissions = try flag("marketing_permissions") ?? hasMarketingPermissions
    contact = try parts("contact", onto: contact)
    campaignDefaults = try parts("campaign_defaults", onto: campaignDefaults)
  }
}

extension SandboxMailchimp {
  func listAudiences(_ request: HTTPRequest) throws(Refusal) -> Answer {
    let page = try Page(request)
    var shown = audiences
    if let address = request.query("email") {
      shown.removeAll { $0.member(address: address) == nil }
    }
    if let since = request.query("since_date_created").flatMap(WireTime.read) {
      shown.removeAll { $0.created.milliseconds * 1000 <= since }
    }
    if let before = request.query("before_date_created").flatMap(WireTime.read) {
      shown.removeAll { $0.created.milliseconds * 1000 >= before }
    }
    if request.query("sort_field") == "date_created", request.query("sort_dir") == "DESC" {
      shown.reverse()
    }
    let selection = FieldSelection(
      request, top: ["lists", "total_items", "constraints", "_links"])
    let withContacts = request.query("include_total_contacts") == "true"
    var out = SelectedObject(selection)
    out.put("lists") { inside in
      .array(page.of(shown).map { $0.json(inside, withContacts: withContacts) })
    }
    out.put("total_items", .int(Int64(shown.count)))
    out.put(
      "constraints",
      [
        "may_create": .bool(audiences.count < configuration.maxAudiences),
        "max_instances": .int(Int64(configuration.maxAudiences)),
        "current_total_instances": .int(Int64(audiences.count)),
      ])
    let centre = configuration.dataCentre
    out.put(
      "_links",
      [
        Schema.entry(centre, "self", "/lists", target: "Lists/CollectionResponse.json"),
        Schema.entry(centre, "create", "/lists", "POST", target: "Lists/Response.json"),
      ])
    return Answer(200, out.value, schema: "Lists/Collection.json")
  }

  mutating func createAudience(_ body: JSONValue, at now: Instant) throws(Refusal) -> Answer {
    func missing(_ names: [String], in value: JSONValue) -> String? {
      let absent = names.filter { value[$0] == nil }
      return absent.isEmpty
        ? nil : "Required fields were not provided: \(absent.joined(separator: ", "))"
    }
    if let message = missing(
      ["name", "permission_reminder", "email_type_option", "contact", "campaign_defaults"],
      in: body)
    {
      throw .unvalidated("", message)
    }
    if let message = missing(
      ["company", "address1", "city", "country"], in: body["contact"] ?? .null)
    {
      throw .unvalidated("contact", message)
    }
    if let message = missing(
      ["from_name", "from_email", "subject", "language"], in: body["campaign_defaults"] ?? .null)
    {
      throw .unvalidated("campaign_defaults", message)
    }
    guard audiences.count < configuration.maxAudiences else { throw .notPermitted }
    var audience = SandboxAudience(
      number: audiencesMade + 1, name: "", dataCentre: configuration.dataCentre, created: now)
    try audience.take(body)
    audiencesMade += 1
    audiences.append(audience)
    return Answer(
      200, audience.json(.everything, withContacts: false), schema: "Lists/Instance.json")
  }
}
