// Groups of interests: read over the API, made by administrators, chosen by people and by programs.
// Where an audience has groups every member shows every interest as true or false.

import Basics
import HTTP

package struct InterestGroup: Sendable, Equatable {
  package struct Interest: Sendable, Equatable {
    package let id: String
    package let name: String
  }

  package let id: String
  package let title: String
  package let type: String
  package let interests: [Interest]
}

extension SandboxAudience {
  var interestIDs: [String] { groups.flatMap { $0.interests.map(\.id) } }

  /// Every interest of the audience; nil where it has no groups.
  func interests(of member: SandboxMember) -> JSONValue? {
    if groups.isEmpty { return nil }
    var shown: [String: JSONValue] = [:]
    for id in interestIDs { shown[id] = .bool(member.interests.contains(id)) }
    return .object(shown)
  }

  /// What somebody chose, by name, in the order of the groups.
  func interestNames(of member: SandboxMember) -> [String] {
    groups.flatMap { $0.interests.filter { member.interests.contains($0.id) }.map(\.name) }
  }

  /// The choice with those sent laid over it; interests that are not named stay.
  func interests(
    of member: SandboxMember, with sent: [String: Bool]
  ) throws(Refusal) -> Set<String> {
    if sent.isEmpty { return member.interests }
    if let unknown = Set(sent.keys).subtracting(interestIDs).min() {
      throw .invalid("Invalid interest ID: '\(unknown)'.")
    }
    return member.interests.union(sent.filter(\.value).keys)
      .subtracting(sent.filter { !$0.value }.keys)
  }

  // MARK: The calls

  func answerInterests(
    _ resource: AudienceResource, _ request: HTTPRequest, _ rest: [String]
  ) throws(Refusal) -> Answer {
    if resource == .interestGroups { return try listGroups(request) }
    guard let index = groups.firstIndex(where: { $0.id == rest[1] }) else { throw .notFound }
    let group = groups[index]
    switch resource {
    case .interests: return try listInterests(of: group, request)
    case .interest:
      guard let place = group.interests.firstIndex(where: { $0.id == rest[3] }) else {
        throw .notFound
      }
      return answer(
        json(of: group.interests[place], place, in: group), request,
        schema: "Lists/Interests/Instance.json")
    default:
      return answer(
        json(of: group, index), request, schema: "Lists/InterestCategories/Instance.json")
    }
  }

  private func listGroups(_ request: HTTPRequest) throws(Refusal) -> Answer {
    let page = try Page(request)
    var listed = Array(groups.enumerated())
    if let type = request.query("type") { listed.removeAll { $0.element.type != type } }
    let whole: [String: JSONValue] = [
      "list_id": .string(id),
      "categories": .array(page.of(listed).map { json(of: $0.element, $0.offset) }),
      "total_items": .int(Int64(listed.count)),
      "_links": links("/interest-categories", "Lists/InterestCategories", parent: ""),
    ]
    return answer(
      .object(whole), request, schema: "Lists/InterestCategories/Collection.json")
  }

  private func listInterests(
    of group: InterestGroup, _ request: HTTPRequest
  ) throws(Refusal) -> Answer {
    let page = try Page(request)
    let listed = Array(group.interests.enumerated())
    let path = "/interest-categories/\(group.id)"
    let whole: [String: JSONValue] = [
      "interests": .array(page.of(listed).map { json(of: $0.element, $0.offset, in: group) }),
      "list_id": .string(id), "category_id": .string(group.id),
      "total_items": .int(Int64(listed.count)),
      "_links": links(path + "/interests", "Lists/Interests", parent: path),
    ]
    return answer(.object(whole), request, schema: "Lists/Interests/Collection.json")
  }

  private func json(of group: InterestGroup, _ place: Int) -> JSONValue {
    [
      "list_id": .string(id), "id": .string(group.id), "title": .string(group.title),
      "display_order": .int(Int64(place)), "type": .string(group.type),
      "_links": links(
        "/interest-categories/\(group.id)", "Lists/InterestCategories",
        parent: "/interest-categories"),
    ]
  }

  private func json(
    of interest: InterestGroup.Interest, _ place: Int, in group: InterestGroup
  ) -> JSONValue {
    let path = "/interest-categories/\(group.id)/interests"
    let count = members.count {
      $0.status == .subscribed && $0.interests.contains(interest.id)
    }
    return [
      "category_id": .string(group.id), "list_id": .string(id), "id": .string(interest.id),
      "name": .string(interest.name), "subscriber_count": .string("\(count)"),
      "display_order": .int(Int64(place + 1)),
      "_links": links("\(path)/\(interest.id)", "Lists/Interests", parent: path),
    ]
  }

  private func links(_ path: String, _ schema: String, parent: String) -> JSONValue {
    [
      Schema.entry(dataCentre, "self", "/lists/\(id)\(path)", target: "\(schema)/Response.json"),
      Schema.entry(dataCentre, "parent", "/lists/\(id)\(parent)"),
    ]
  }

  func answer(_ whole: JSONValue, _ request: HTTPRequest, schema: String) -> Answer {
    let selection = FieldSelection(request, top: Set((whole.object ?? [:]).keys))
    return Answer(200, selection.applied(to: whole), schema: schema)
  }

  // MARK: Deeds

  mutating func performOnGroups(_ deed: SandboxDeed, at now: Instant) throws(Problem) {
    switch deed {
    case .adminMakesGroup(let title, let names):
      if groups.contains(where: { $0.title == title }) {
        throw Problem(
          "sandbox.refused", "This audience has a group \(title) already.",
          remedy: "Name it otherwise.")
      }
      groupsMade += 1
      let number = groupsMade
      groups.append(
        InterestGroup(
          id: String(Digest.md5("group \(id) \(number)".utf8).prefix(10)), title: title,
          type: "checkboxes",
          interests: names.map {
            .init(id: String(Digest.md5("\(id) \(number) \($0)".utf8).prefix(10)), name: $0)
          }))
    case .adminDeletesGroup(let title):
      guard groups.contains(where: { $0.title == title }) else {
        throw Problem(
          "sandbox.no-group", "This audience has no group \(title).",
          remedy: "Name one that it has.")
      }
      groups.removeAll { $0.title == title }
    case .personChoosesInterests(let address, let names):
      let all = groups.flatMap(\.interests)
      if let unknown = names.first(where: { name in !all.contains { $0.name == name } }) {
        throw Problem(
          "sandbox.no-interest", "No group of this audience has \(unknown).",
          remedy: "Name interests that its groups have.")
      }
      let chosen = Set(all.filter { names.contains($0.name) }.map(\.id))
      try change(address, at: now) { member, _ in member.interests = chosen }
    default: break
    }
  }
}
