// The calls about segments: listing them with their counts, making, changing and deleting one, and
// moving up to five hundred people at a time. Our reading of what is not established: somebody
// archived is no member for these calls, and who is there already is neither added nor an error.

import Basics
import HTTP

extension SandboxAudience {
  static let segmentBatchLimit = 500

  /// Who counts: unsubscribed, cleaned and transactional people only when they are asked for.
  private static func shown(_ request: HTTPRequest) -> Set<MemberStatus> {
    var statuses: Set<MemberStatus> = [.subscribed, .pending]
    for (name, status): (String, MemberStatus) in [
      ("include_unsubscribed", .unsubscribed), ("include_cleaned", .cleaned),
      ("include_transactional", .transactional),
    ] where request.query(name) == "true" { statuses.insert(status) }
    return statuses
  }

  /// A name as text, trimmed, not empty and not too long.
  static func segmentName(_ value: JSONValue, _ place: String) throws(Refusal) -> String {
    guard let text = value.string else {
      throw .unvalidated(place, SchemaCheck.found(value, insteadOf: "string"))
    }
    let name = SegmentBook.trimmed(text)
    guard !name.isEmpty else { throw .unvalidated(place, "This value should not be blank.") }
    guard name.count <= tagNameLimit else {
      throw .unvalidated(place, "This value is too long: \(tagNameLimit) characters at most.")
    }
    return name
  }

  // MARK: Segments

  func listSegments(_ request: HTTPRequest) throws(Refusal) -> Answer {
    let page = try Page(request)
    func type(_ name: String) throws(Refusal) -> SegmentType? {
      guard let word = request.query(name) else { return nil }
      guard let type = SegmentType(rawValue: word) else {
        throw .unvalidated(name, SchemaCheck.notOneOf(SegmentType.allCases.map(\.rawValue)))
      }
      return type
    }
    let (only, without) = (try type("type"), try type("exclude_type"))
    func isInside(_ instant: Instant, _ name: String) -> Bool {
      let micros = instant.milliseconds * 1000
      let after = request.query("since_\(name)").flatMap(WireTime.read) ?? .min
      let before = request.query("before_\(name)").flatMap(WireTime.read) ?? .max
      return micros > after && micros < before
    }
    let listed = segments.all.filter {
      (only == nil || $0.type == only) && $0.type != without
        && isInside($0.created, "created_at") && isInside($0.updated, "updated_at")
    }
    let statuses = Self.shown(request)
    let selection = FieldSelection(request, top: ["segments", "list_id", "total_items", "_links"])
    var out = SelectedObject(selection)
    out.put("segments") { inside in
      .array(page.of(listed).map { json(of: $0, statuses, inside) })
    }
    out.put("list_id", .string(id))
    out.put("total_items", .int(Int64(listed.count)))
    let path = "/lists/\(id)/segments"
    out.put(
      "_links",
      [
        Schema.entry(dataCentre, "self", path, target: "Lists/Segments/CollectionResponse.json"),
        Schema.entry(dataCentre, "parent", "/lists/\(id)", target: "Lists/Response.json"),
        Schema.entry(dataCentre, "create", path, "POST", target: "Lists/Segments/Response.json"),
      ])
    return Answer(200, out.value, schema: "Lists/Segments/Collection.json")
  }

  func showSegment(_ number: String, _ request: HTTPRequest) throws(Refusal) -> Answer {
    answer(try segment(number), request)
  }

  mutating func createSegment(
    _ body: JSONValue, _ request: HTTPRequest, at now: Instant
  ) throws(Refusal) -> Answer {
    guard let sent = body["name"] else {
      throw .unvalidated("", "Required fields were not provided: name")
    }
    let name = try Self.segmentName(sent, "name")
    let addresses = try Self.addresses(body, "static_segment")
    var rule: SegmentRule?
    if let options = body["options"] { rule = try SegmentRule(options) }
    guard (addresses == nil) != (rule == nil) else {
      throw .invalid("Must provide either an \"options\" field or a \"static_segment\" field")
    }
    try refuseTakenSegment(name)
    let segment = segments.add(name, rule == nil ? .static : .saved, rule, at: now)
    for address in addresses ?? [] {
      if let member = current(address) { setTag(segment.id, on: member.serial, true, at: now) }
    }
    return answer(segments[segment.id] ?? segment, request)
  }

  /// `static_segment` says who is in from now on; `[]` empties the tag.
  mutating func changeSegment(
    _ number: String, _ body: JSONValue, _ request: HTTPRequest, at now: Instant
  ) throws(Refusal) -> Answer {
    let segment = try segment(number)
    var name = segment.name
    if let sent = body["name"] {
      name = try Self.segmentName(sent, "name")
      if segments.id(named: name) ?? segment.id != segment.id { try refuseTakenSegment(name) }
    }
    let addresses = try Self.addresses(body, "static_segment")
    var rule: SegmentRule?
    if let options = body["options"] { rule = try SegmentRule(options) }
    if addresses != nil, segment.type != .static { throw .noStaticSegment(segment.id) }
    if rule != nil, segment.type == .static {
      throw .invalid("A static segment has no \"options\".")
    }
    if name != segment.name { segments.rename(segment.id, name, at: now) }
    if let rule { segments.setRule(rule, of: segment.id, at: now) }
    if let addresses {
      let wanted = Set(addresses.compactMap { current($0)?.serial })
      for serial in segment.members.subtracting(wanted) {
        setTag(segment.id, on: serial, false, at: now)
      }
      for serial in wanted.sorted() { setTag(segment.id, on: serial, true, at: now) }
    }
    return answer(try self.segment(number), request)
  }

  mutating func deleteSegment(_ number: String, at now: Instant) throws(Refusal) -> Answer {
    removeSegment(try segment(number).id, at: now)
    return Answer(204, nil)
  }

  // MARK: People of a segment

  /// Up to five hundred to add and as many to remove. Other properties do nothing.
  mutating func moveMembers(
    _ number: String, _ body: JSONValue, at now: Instant
  ) throws(Refusal) -> Answer {
    let tag = try tagID(number)
    let additions = try Self.addresses(body, "members_to_add") ?? []
    let removals = try Self.addresses(body, "members_to_remove") ?? []
    var strangers: [JSONValue] = []
    var moved: [Bool: [SandboxMember]] = [:]
    for (addresses, isAddition) in [(additions, true), (removals, false)] {
      for address in addresses {
        guard let member = current(address) else {
          strangers.append(.string(address))
          continue
        }
        guard setTag(tag, on: member.serial, isAddition, at: now) else { continue }
        if let changed = self.member(serial: member.serial) {
          moved[isAddition, default: []].append(changed)
        }
      }
    }
    let (added, removed) = (moved[true] ?? [], moved[false] ?? [])
    let links: JSONValue = [
      Schema.entry(
        dataCentre, "self", "/lists/\(id)/segments/\(tag)", target: "Lists/Segments/Response.json")
    ]
    let error: JSONValue = [
      "email_addresses": .array(strangers),
      "error": "Email addresses are not members of this list.",
    ]
    var writer = ShortMembers(self)
    let body = Answer.object([
      ("members_added", writer.array(of: added)), ("members_removed", writer.array(of: removed)),
      ("errors", JSONValue.array(strangers.isEmpty ? [] : [error]).serialized()),
      ("total_added", Array("\(added.count)".utf8)),
      ("total_removed", Array("\(removed.count)".utf8)),
      ("error_count", Array("\(strangers.count)".utf8)), ("_links", links.serialized()),
    ])
    return Answer(200, bytes: body, schema: "Lists/Segments/BatchPOST-Response.json")
  }

  mutating func listSegmentMembers(
    _ number: String, _ request: HTTPRequest
  ) throws(Refusal) -> Answer {
    let page = try Page(request)
    let segment = try segment(number)
    let serials = serials(of: segment, Self.shown(request))
    let selection = FieldSelection(request, top: ["members", "total_items", "_links"])
    var out = SelectedObject(selection)
    out.put("members") { inside in
      .array(
        page.of(serials).compactMap { serial in
          member(serial: serial).map { segmentJSON(of: $0, inside) }
        })
    }
    out.put("total_items", .int(Int64(serials.count)))
    let path = "/lists/\(id)/segments/\(segment.id)"
    out.put(
      "_links",
      [
        Schema.entry(
          dataCentre, "self", path + "/members",
          target: "Lists/Segments/Members/CollectionResponse.json"),
        Schema.entry(dataCentre, "parent", path, target: "Lists/Segments/Response.json"),
      ])
    return Answer(200, out.value, schema: "Lists/Segments/Members/Collection.json")
  }

  mutating func addSegmentMember(
    _ number: String, _ body: JSONValue, at now: Instant
  ) throws(Refusal) -> Answer {
    let tag = try tagID(number)
    guard let sent = body["email_address"] else {
      throw .unvalidated("", "Required fields were not provided: email_address")
    }
    guard let address = sent.string else {
      throw .unvalidated("email_address", SchemaCheck.found(sent, insteadOf: "string"))
    }
    guard let known = current(address) else { throw .notFound }
    setTag(tag, on: known.serial, true, at: now)
    let member = self.member(serial: known.serial) ?? known
    return Answer(
      200, segmentJSON(of: member, .everything), schema: "Lists/Segments/Members/Instance.json")
  }

  mutating func removeSegmentMember(
    _ number: String, hash: String, at now: Instant
  ) throws(Refusal) -> Answer {
    let tag = try tagID(number)
    guard let member = member(id: hash),
      setTag(tag, on: member.serial, false, at: now)
    else { throw .notFound }
    return Answer(204, nil)
  }

  // MARK: Steps

  private func segment(_ number: String) throws(Refusal) -> SandboxSegment {
    guard let segment = Int(number).flatMap({ segments[$0] }) else { throw .notFound }
    return segment
  }

  /// The number alone: who holds the segment while it changes makes it be copied.
  private func tagID(_ number: String) throws(Refusal) -> Int {
    let segment = try segment(number)
    guard segment.type == .static else { throw .noStaticSegment(segment.id) }
    return segment.id
  }

  func refuseTakenSegment(_ name: String) throws(Refusal) {
    if segments.id(named: name) != nil { throw .invalid("Sorry, that tag already exists.") }
  }

  /// Somebody who is in the audience now, archived people not.
  private func current(_ address: String) -> SandboxMember? {
    member(address: SegmentBook.trimmed(address)).flatMap { $0.status == .archived ? nil : $0 }
  }

  private static func addresses(_ body: JSONValue, _ name: String) throws(Refusal) -> [String]? {
    guard let sent = body[name] else { return nil }
    guard let items = sent.array else {
      throw .unvalidated(name, SchemaCheck.found(sent, insteadOf: "array"))
    }
    guard items.count <= segmentBatchLimit else {
      throw .unvalidated(name, "Array must contain at most \(segmentBatchLimit) items")
    }
    var errors: [Refusal.FieldError] = []
    for (index, item) in items.enumerated() where item.string == nil {
      errors.append(
        .init(
          field: "\(name).item:\(index)", message: SchemaCheck.found(item, insteadOf: "string")))
    }
    if !errors.isEmpty { throw .unvalidated(errors) }
    return items.compactMap(\.string)
  }

  /// Kept like a listing of people, so that the pages of a large tag are one sort.
  private mutating func serials(
    of segment: SandboxSegment, _ statuses: Set<MemberStatus>
  ) -> [Int] {
    let words = statuses.map(\.rawValue).sorted().joined(separator: ",")
    let query = [FormField("of segment \(segment.id)", words)]
    if let listing, listing.query == query, listing.version == version { return listing.serials }
    let serials: [Int]
    if let rule = segment.rule {
      serials = members.filter { statuses.contains($0.status) && rule.matches($0, in: self) }
        .map(\.serial)
    } else {
      serials = segment.members.filter { serial in
        member(serial: serial).map { statuses.contains($0.status) } ?? false
      }.sorted()
    }
    listing = Listing(query: query, version: version, serials: serials)
    return serials
  }

  private func count(_ segment: SandboxSegment, _ statuses: Set<MemberStatus>) -> Int {
    guard let rule = segment.rule else { return segment.count(statuses) }
    return members.count { statuses.contains($0.status) && rule.matches($0, in: self) }
  }

  private func answer(_ segment: SandboxSegment, _ request: HTTPRequest) -> Answer {
    let whole = json(of: segment, Self.shown(request), .everything)
    let selection = FieldSelection(request, top: Set((whole.object ?? [:]).keys))
    return Answer(200, selection.applied(to: whole), schema: "Lists/Segments/Instance.json")
  }

  private func json(
    of segment: SandboxSegment, _ statuses: Set<MemberStatus>, _ selection: FieldSelection
  ) -> JSONValue {
    var out = SelectedObject(selection)
    out.put("id", .int(Int64(segment.id)))
    out.put("name", .string(segment.name))
    out.put("member_count", .int(Int64(count(segment, statuses))))
    out.put("type", .string(segment.type.rawValue))
    out.put("created_at", .string(segment.created.onTheWire))
    out.put("updated_at", .string(segment.updated.onTheWire))
    if let rule = segment.rule { out.put("options", rule.json) }
    out.put("list_id", .string(id))
    let path = "/lists/\(id)/segments/\(segment.id)"
    let response = "Lists/Segments/Response.json"
    out.put(
      "_links",
      [
        Schema.entry(dataCentre, "self", path, target: response),
        Schema.entry(
          dataCentre, "parent", "/lists/\(id)/segments",
          target: "Lists/Segments/CollectionResponse.json"),
        Schema.entry(dataCentre, "delete", path, "DELETE"),
        Schema.entry(dataCentre, "update", path, "PATCH", target: response),
        Schema.entry(
          dataCentre, "members", path + "/members", target: "Lists/Segments/Members/Response.json"),
      ])
    return out.value
  }
}
