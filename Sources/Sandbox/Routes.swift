// Which path leads where, and what each resource can do. An unknown path is a 404 of its own kind,
// a known path with another method a 405 that names the methods there are.

import Basics
import HTTP

extension SandboxMailchimp {
  mutating func route(_ request: HTTPRequest, at now: Instant) throws(Refusal) -> Answer {
    let parts = request.path.split(separator: "/", omittingEmptySubsequences: false)
      .dropFirst().map(String.init)
    guard parts.first == "3.0" else { throw .invalidPath }
    switch parts.count {
    case 2 where parts[1].isEmpty:
      try allow(request, ["GET"])
      return root(request)
    case 2 where parts[1] == "ping":
      try allow(request, ["GET"])
      return Answer(200, ["health_status": "Everything's Chimpy!"], schema: "Ping.json")
    case 2 where parts[1] == "lists":
      try allow(request, ["GET", "POST"])
      if request.method == "GET" { return try listAudiences(request) }
      return try createAudience(try body(of: request), at: now)
    case 2 where parts[1] == "search-members":
      try allow(request, ["GET"])
      return try searchMembers(request)
    case 2 where parts[1] == "batches":
      try allow(request, ["GET", "POST"])
      if request.method == "GET" { return try listBatches(request, at: now) }
      return try submitBatch(try body(of: request), request, at: now)
    case 3 where parts[1] == "batches" && !parts[2].isEmpty:
      try allow(request, ["GET", "DELETE"])
      return try answerBatch(parts[2], request, at: now)
    case 3... where parts[1] == "lists":
      return try routeAudience(request, parts[2], Array(parts.dropFirst(3)), at: now)
    default: throw .invalidPath
    }
  }

  private mutating func routeAudience(
    _ request: HTTPRequest, _ id: String, _ rest: [String], at now: Instant
  ) throws(Refusal) -> Answer {
    guard !id.isEmpty, !rest.contains(""), let resource = AudienceResource(rest) else {
      throw .invalidPath
    }
    try allow(request, resource.methods)
    guard let index = audiences.firstIndex(where: { $0.id == id }) else { throw .notFound }
    switch resource {
    case .audience: return try answerAudience(request, index, at: now)
    case .members: return try answerMembers(request, index, at: now)
    case .member: return try answerMember(request, index, rest[1], at: now)
    case .permanentDeletion:
      try audiences[index].eraseMember(hash: rest[1], at: now)
      return Answer(204, nil)
    case .mergeFields, .mergeField:
      return try answerMergeFields(request, index, rest.count > 1 ? rest[1] : nil)
    case .memberTags, .tagSearch, .segments, .segment, .segmentMembers, .segmentMember:
      return try answerSegments(resource, request, index, rest, at: now)
    case .webhooks, .webhook:
      return try audiences[index].answerWebhooks(
        request.method, rest.count > 1 ? rest[1] : nil, try body(of: request), configuration,
        probes: webhookProbes)
    case .interestGroups, .interestGroup, .interests, .interest:
      return try audiences[index].answerInterests(resource, request, rest)
    case .growth: return try audiences[index].listGrowth(request, at: now)
    case .growthMonth: return try audiences[index].showGrowth(rest[1], request, at: now)
    case .signupForms: return audiences[index].listSignupForms()
    }
  }

  // MARK: Resources

  private mutating func answerAudience(
    _ request: HTTPRequest, _ index: Int, at now: Instant
  ) throws(Refusal) -> Answer {
    switch request.method {
    case "POST":
      return try audiences[index].writeBatch(
        try body(of: request),
        skippingDuplicates: request.query("skip_duplicate_check") == "true",
        context(request, now))
    case "PATCH": return try audiences[index].change(try body(of: request))
    case "DELETE":
      audiences.remove(at: index)
      return Answer(204, nil)
    default: return audiences[index].show(request)
    }
  }

  private mutating func answerMergeFields(
    _ request: HTTPRequest, _ index: Int, _ number: String?
  ) throws(Refusal) -> Answer {
    let centre = configuration.dataCentre
    switch (request.method, number) {
    case ("POST", _):
      return try audiences[index].createMergeField(try body(of: request), centre)
    case ("PATCH", .some(let number)):
      return try audiences[index].changeMergeField(number, try body(of: request), centre)
    case ("DELETE", .some(let number)): return try audiences[index].deleteMergeField(number)
    case (_, .some(let number)):
      return try audiences[index].showMergeField(number, request, centre)
    case (_, nil): return try audiences[index].listMergeFields(request, centre)
    }
  }

  private mutating func answerMembers(
    _ request: HTTPRequest, _ index: Int, at now: Instant
  ) throws(Refusal) -> Answer {
    if request.method == "GET" { return try audiences[index].listMembers(request) }
    let member = try audiences[index].createMember(
      try body(of: request), context(request, now))
    return shown(member, index, request)
  }

  private mutating func answerMember(
    _ request: HTTPRequest, _ index: Int, _ name: String, at now: Instant
  ) throws(Refusal) -> Answer {
    switch request.method {
    case "PUT":
      let member = try audiences[index].upsertMember(
        named: name, try body(of: request), context(request, now))
      return shown(member, index, request)
    case "PATCH":
      let member = try audiences[index].changeMember(
        named: name, try body(of: request), context(request, now))
      return shown(member, index, request)
    case "DELETE":
      try audiences[index].archiveMember(named: name, at: now)
      return Answer(204, nil)
    default:
      guard let member = audiences[index].member(named: name) else { throw .notFound }
      return shown(member, index, request)
    }
  }

  private func shown(_ member: SandboxMember, _ index: Int, _ request: HTTPRequest) -> Answer {
    let whole = audiences[index].json(of: member, .everything)
    let selection = FieldSelection(request, top: Set((whole.object ?? [:]).keys))
    return Answer(200, selection.applied(to: whole), schema: "Lists/Members/Instance.json")
  }

  private func root(_ request: HTTPRequest) -> Answer {
    let centre = configuration.dataCentre
    let people = audiences.reduce(0) { $0 + $1.count(.subscribed) }
    let whole: [String: JSONValue] = [
      "account_id": "0000000000000000000000001", "login_id": "000000001",
      "account_name": "Practice", "email": "practice@directory.example.org",
      "first_name": "Practice", "last_name": "Account", "username": "practice",
      "avatar_url": "", "role": .string(configuration.role),
      "member_since": "2020-01-01T00:00:00+00:00", "pricing_plan_type": "forever_free",
      "first_payment": "", "account_timezone": "UTC", "account_industry": "",
      "contact": [
        "company": "Practice", "addr1": "1 Main Street", "addr2": "", "city": "Springfield",
        "state": "", "zip": "00000", "country": "US",
      ],
      "pro_enabled": false, "last_login": "2020-01-01T00:00:00+00:00",
      "total_subscribers": .int(Int64(people)),
      "_links": [
        Schema.entry(centre, "self", "/"),
        Schema.entry(centre, "lists", "/lists", target: "Lists/CollectionResponse.json"),
      ],
    ]
    let selection = FieldSelection(request, top: Set(whole.keys))
    return Answer(200, selection.applied(to: .object(whole)), schema: "Root.json")
  }

  // MARK: Parts of a request

  func allow(_ request: HTTPRequest, _ methods: [String]) throws(Refusal) {
    if !methods.contains(request.method) { throw .methodNotAllowed(allow: methods) }
  }

  private func context(_ request: HTTPRequest, _ now: Instant) -> WriteContext {
    WriteContext(
      now: now, skipsMergeValidation: request.query("skip_merge_validation") == "true",
      busyAddresses: busyAddresses)
  }

  /// The body as JSON; an empty one is an empty object.
  func body(of request: HTTPRequest) throws(Refusal) -> JSONValue {
    if request.body.isEmpty { return [:] }
    do {
      return try JSONValue.parse(request.body)
    } catch {
      throw Refusal.unreadableBody
    }
  }
}

/// Every resource below an audience, by its path after the audience's id; `*` stands for one name.
enum AudienceResource: String, CaseIterable {
  case audience = ""
  case members = "members"
  case member = "members/*"
  case permanentDeletion = "members/*/actions/delete-permanent"
  case mergeFields = "merge-fields"
  case mergeField = "merge-fields/*"
  case memberTags = "members/*/tags"
  case tagSearch = "tag-search"
  case segments = "segments"
  case segment = "segments/*"
  case segmentMembers = "segments/*/members"
  case segmentMember = "segments/*/members/*"
  case webhooks = "webhooks"
  case webhook = "webhooks/*"
  case interestGroups = "interest-categories"
  case interestGroup = "interest-categories/*"
  case interests = "interest-categories/*/interests"
  case interest = "interest-categories/*/interests/*"
  case growth = "growth-history"
  case growthMonth = "growth-history/*"
  case signupForms = "signup-forms"

  private static let patterns = allCases.map { ($0, $0.rawValue.split(separator: "/")) }

  /// The resource of a path; nil where there is none.
  init?(_ parts: [String]) {
    for (resource, pattern) in Self.patterns
    where pattern.count == parts.count
      && zip(pattern, parts).allSatisfy({ $0 == "*" || $0 == $1 })
    {
      self = resource
      return
    }
    return nil
  }

  var methods: [String] {
    switch self {
    case .audience: ["GET", "POST", "PATCH", "DELETE"]
    case .members, .mergeFields, .memberTags, .segments, .segmentMembers: ["GET", "POST"]
    case .member: ["GET", "PUT", "PATCH", "DELETE"]
    case .permanentDeletion: ["POST"]
    case .mergeField: ["GET", "PATCH", "DELETE"]
    case .tagSearch: ["GET"]
    case .segment: ["GET", "PATCH", "DELETE", "POST"]
    case .segmentMember: ["DELETE"]
    case .webhooks: ["GET", "POST"]
    case .webhook: ["GET", "PATCH", "DELETE"]
    case .interestGroups, .interestGroup, .interests, .interest, .growth, .growthMonth,
      .signupForms:
      ["GET"]
    }
  }
}
