// The listing of an audience's people: filters, order, pages. Our reading of what is not
// established: without `status=archived` archived people are left out. A sorted listing is kept
// until somebody changes, so that a hundred pages of a large audience are one sort.

import Basics
import HTTP

/// Serials in the order of one query, as of one version of the audience.
struct Listing: Sendable {
  let query: [FormField]
  let version: Int
  let serials: [Int]
}

extension SandboxAudience {
  mutating func listMembers(_ request: HTTPRequest) throws(Refusal) -> Answer {
    let page = try Page(request)
    let filter = try MemberFilter(request)
    let order = try MemberOrder(request)
    let serials = ordered(request, filter, order)
    let selection = FieldSelection(
      request, top: ["members", "list_id", "total_items", "_links"])
    var out = SelectedObject(selection)
    out.put("members") { inside in
      .array(page.of(serials).compactMap { people[$0].map { json(of: $0, inside) } })
    }
    out.put("list_id", .string(id))
    out.put("total_items", .int(Int64(serials.count)))
    let path = "/lists/\(id)/members"
    out.put(
      "_links",
      [
        Schema.entry(dataCentre, "self", path, target: "Lists/Members/CollectionResponse.json"),
        Schema.entry(dataCentre, "parent", "/lists/\(id)", target: "Lists/Members/Response.json"),
        Schema.entry(dataCentre, "create", path, "POST", target: "Lists/Members/Response.json"),
      ])
    return Answer(200, out.value, schema: "Lists/Members/Collection.json")
  }

  private mutating func ordered(
    _ request: HTTPRequest, _ filter: MemberFilter, _ order: MemberOrder
  ) -> [Int] {
    let paging: Set<String> = ["count", "offset", "fields", "exclude_fields"]
    let query = request.query.filter { !paging.contains($0.name) }
    if let listing, listing.query == query, listing.version == version { return listing.serials }
    var keyed: [(key: Int64, serial: Int)] = []
    for case .some(let member) in people where filter.matches(member) {
      keyed.append((order.key(of: member), member.serial))
    }
    if order.isSorted {
      keyed.sort { ($0.key, $0.serial) < ($1.key, $1.serial) }
      if order.isDescending { keyed.reverse() }
    }
    let serials = keyed.map(\.serial)
    listing = Listing(query: query, version: version, serials: serials)
    return serials
  }
}

private struct MemberOrder {
  private let field: String?
  let isDescending: Bool

  var isSorted: Bool { field != nil }

  init(_ request: HTTPRequest) throws(Refusal) {
    field = try oneOf(
      ["timestamp_opt", "timestamp_signup", "last_changed"], "sort_field", request)
    isDescending = try oneOf(["ASC", "DESC"], "sort_dir", request) == "DESC"
  }

  func key(of member: SandboxMember) -> Int64 {
    switch field {
    case "timestamp_opt": member.timestampOpt?.milliseconds ?? .min
    case "timestamp_signup": member.timestampSignup?.milliseconds ?? .min
    case "last_changed": member.lastChanged.milliseconds
    default: 0
    }
  }
}

private struct MemberFilter {
  private let status: MemberStatus?
  private let emailType: String?
  private let uniqueEmailID: String?
  private let isVIPOnly: Bool
  private let changed: Window
  private let optedIn: Window
  private let unsubscribed: Window

  /// Both ends exclusive, in microseconds.
  private struct Window {
    let after: Int64?
    let before: Int64?

    func contains(_ instant: Instant?) -> Bool {
      if after == nil, before == nil { return true }
      guard let micros = instant.map({ $0.milliseconds * 1000 }) else { return false }
      return micros > after ?? .min && micros < before ?? .max
    }
  }

  init(_ request: HTTPRequest) throws(Refusal) {
    func time(_ name: String) -> Int64? { request.query(name).flatMap(WireTime.read) }
    let word = try oneOf(MemberStatus.allCases.map(\.rawValue), "status", request)
    status = word.flatMap { MemberStatus(rawValue: $0) }
    if request.query("unsubscribed_since") != nil, status != .unsubscribed {
      throw .unvalidated(
        "unsubscribed_since", "This filter may only be used with a status of unsubscribed.")
    }
    if request.query("since_last_campaign") != nil, status == nil {
      throw .unvalidated("since_last_campaign", "This filter may only be used with a status.")
    }
    emailType = request.query("email_type")
    uniqueEmailID = request.query("unique_email_id")
    isVIPOnly = request.query("vip_only") == "true"
    changed = Window(after: time("since_last_changed"), before: time("before_last_changed"))
    optedIn = Window(after: time("since_timestamp_opt"), before: time("before_timestamp_opt"))
    unsubscribed = Window(after: time("unsubscribed_since"), before: nil)
  }

  func matches(_ member: SandboxMember) -> Bool {
    if let status {
      if member.status != status { return false }
    } else if member.status == .archived {
      return false
    }
    if isVIPOnly, !member.isVIP { return false }
    if let emailType, member.emailType != emailType { return false }
    if let uniqueEmailID, member.uniqueEmailID != uniqueEmailID { return false }
    return changed.contains(member.lastChanged) && optedIn.contains(member.timestampOpt)
      && unsubscribed.contains(member.unsubscribedAt)
  }
}

/// A query value out of a closed set; nil where it was not sent.
private func oneOf(_ values: [String], _ name: String, _ request: HTTPRequest) throws(Refusal)
  -> String?
{
  guard let value = request.query(name) else { return nil }
  guard values.contains(value) else {
    throw .unvalidated(name, SchemaCheck.notOneOf(values))
  }
  return value
}
