// The tags of one person: the calls that give, take and show them, and the search for a tag by the
// beginning of its name. Names that nobody knows are made when they are given, never when they are
// taken; what is given twice changes nothing.

import Basics
import HTTP

extension SandboxAudience {
  /// Longer names are refused.
  static let tagNameLimit = 100

  /// Puts tags on somebody who is about to be stored; unknown names are made. A saved segment of
  /// the name is no tag and stays what it is.
  mutating func wear(_ names: [String], _ member: inout SandboxMember, _ now: Instant) {
    for name in names {
      guard let tag = tagToWear(name, at: now) else { continue }
      if !member.tags.contains(where: { $0.segment == tag }) {
        member.tags.append(MemberTag(segment: tag, added: now.wholeSecond))
      }
    }
  }

  /// The tag of that name, made when it is new; nil where the name cannot be one.
  mutating func tagToWear(_ name: String, at now: Instant) -> Int? {
    if let id = segments.id(named: name) { return segments[id]?.type == .static ? id : nil }
    let name = SegmentBook.trimmed(name)
    return name.isEmpty ? nil : segments.add(name, .static, at: now).id
  }

  /// Only the hash is documented for this call, so only the hash is taken. A body without `tags`
  /// is taken and does nothing.
  mutating func changeTags(
    hash: String, _ body: JSONValue, at now: Instant
  ) throws(Refusal) -> Answer {
    guard let member = member(id: hash) else { throw .notFound }
    for change in try TagChange.read(body) {
      if change.isActive {
        if let tag = tagToWear(change.name, at: now) {
          setTag(tag, on: member.serial, true, at: now)
        }
      } else if let tag = segments.tag(named: change.name) {
        setTag(tag.id, on: member.serial, false, at: now)
      }
    }
    return Answer(204, nil)
  }

  func listTags(hash: String, _ request: HTTPRequest) throws(Refusal) -> Answer {
    let page = try Page(request)
    guard let member = member(id: hash) else { throw .notFound }
    let selection = FieldSelection(request, top: ["tags", "total_items", "_links"])
    var out = SelectedObject(selection)
    out.put(
      "tags",
      .array(
        page.of(member.tags).map { tag in
          [
            "id": .int(Int64(tag.segment)), "name": .string(segments.name(of: tag.segment)),
            "date_added": .string(tag.added.onTheWire),
          ]
        }))
    out.put("total_items", .int(Int64(member.tags.count)))
    let path = "/lists/\(id)/members/\(member.id)"
    out.put(
      "_links",
      [
        Schema.entry(
          dataCentre, "self", path + "/tags", target: "Lists/Members/Tags/CollectionResponse.json"),
        Schema.entry(dataCentre, "parent", path, target: "Lists/Members/Response.json"),
      ])
    return Answer(200, out.value, schema: "Lists/Members/Tags/Collection.json")
  }

  /// Tags whose name begins so, in any case; all without a name.
  func searchTags(_ request: HTTPRequest) -> Answer {
    let prefix = (request.query("name") ?? "").lowercased()
    let found = segments.all.filter {
      $0.type == .static && $0.name.lowercased().hasPrefix(prefix)
    }
    return Answer(
      200,
      [
        "tags": .array(
          found.map { ["id": .int(Int64($0.id)), "name": .string($0.name)] }),
        "total_items": .int(Int64(found.count)),
      ], schema: "Lists/TagSearch/Collection.json")
  }
}

/// One line of the tags call.
private struct TagChange {
  let name: String
  let isActive: Bool

  /// All lines, or a refusal that names those that do not fit.
  static func read(_ body: JSONValue) throws(Refusal) -> [TagChange] {
    guard let sent = body["tags"] else { return [] }
    guard let items = sent.array else {
      throw .unvalidated("tags", SchemaCheck.found(sent, insteadOf: "array"))
    }
    if let flag = body["is_syncing"], flag.bool == nil {
      throw .unvalidated("is_syncing", SchemaCheck.found(flag, insteadOf: "boolean"))
    }
    var changes: [TagChange] = []
    var errors: [Refusal.FieldError] = []
    for (index, item) in items.enumerated() {
      do throws(Refusal) {
        changes.append(try TagChange(item, "tags.item:\(index)"))
      } catch {
        errors += error.errors
      }
    }
    if !errors.isEmpty { throw .unvalidated(errors) }
    return changes
  }

  private init(_ json: JSONValue, _ place: String) throws(Refusal) {
    guard json.object != nil else {
      throw .unvalidated(place, SchemaCheck.found(json, insteadOf: "object"))
    }
    let missing = ["name", "status"].filter { json[$0] == nil }
    if !missing.isEmpty {
      throw .unvalidated(
        place, "Required fields were not provided: \(missing.joined(separator: ", "))")
    }
    name = try SandboxAudience.segmentName(json["name"] ?? .null, "\(place).name")
    guard let word = json["status"]?.string, ["active", "inactive"].contains(word) else {
      throw .unvalidated("\(place).status", SchemaCheck.notOneOf(["inactive", "active"]))
    }
    isActive = word == "active"
  }
}
