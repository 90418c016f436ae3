// How an audience grew: its people by status at the end of each month, from what the practice
// itself saw. Only the change of each month is kept, so people may come in in any order of time.

import Basics
import HTTP

struct GrowthBook: Sendable {
  /// What a month added to each status, by month.
  private var changes: [Int: [MemberStatus: Int]] = [:]
  private var deletions: [Int: Int] = [:]

  /// Months since the year 0.
  static func month(of instant: Instant) -> Int {
    let (days, rest) = instant.milliseconds.quotientAndRemainder(dividingBy: 86_400_000)
    let date = CivilDate(daysSince1970: rest < 0 ? days - 1 : days)
    return date.year * 12 + date.month - 1
  }

  static func name(of month: Int) -> String {
    padded(Int64(month / 12), 4) + "-" + padded(Int64(month % 12 + 1), 2)
  }

  mutating func note(_ old: MemberStatus?, _ new: MemberStatus?, at now: Instant) {
    if old == new { return }
    let month = Self.month(of: now)
    if let old { changes[month, default: [:]][old, default: 0] -= 1 }
    if let new {
      changes[month, default: [:]][new, default: 0] += 1
    } else {
      deletions[month, default: 0] += 1
    }
  }

  /// From the first month to that of `last`: how many there were at its end, and how many were
  /// permanently deleted during it.
  func months(
    from first: Instant, to last: Instant
  ) -> [(month: Int, people: [MemberStatus: Int], deleted: Int)] {
    let start = min(Self.month(of: first), changes.keys.min() ?? .max)
    let end = Self.month(of: last)
    if start > end { return [] }
    var people: [MemberStatus: Int] = [:]
    return (start...end).map { month in
      people.merge(changes[month] ?? [:]) { $0 + $1 }
      return (month, people, deletions[month] ?? 0)
    }
  }
}

extension SandboxAudience {
  func listGrowth(_ request: HTTPRequest, at now: Instant) throws(Refusal) -> Answer {
    let page = try Page(request)
    for (name, values) in [("sort_field", ["month"]), ("sort_dir", ["ASC", "DESC"])] {
      if let value = request.query(name), !values.contains(value) {
        throw .unvalidated(name, SchemaCheck.notOneOf(values))
      }
    }
    var months = growth.months(from: created, to: now)
    if request.query("sort_dir") == "DESC" { months.reverse() }
    return answer(
      [
        "history": .array(page.of(months).map { growthJSON($0.month, $0.people, $0.deleted) }),
        "list_id": .string(id), "total_items": .int(Int64(months.count)),
        "_links": growthLinks(""),
      ], request, schema: "Lists/Growth/Collection.json")
  }

  func showGrowth(
    _ name: String, _ request: HTTPRequest, at now: Instant
  ) throws(Refusal) -> Answer {
    let months = growth.months(from: created, to: now)
    guard let found = months.first(where: { GrowthBook.name(of: $0.month) == name }) else {
      throw .notFound
    }
    return answer(
      growthJSON(found.month, found.people, found.deleted), request,
      schema: "Lists/Growth/Instance.json")
  }

  private func growthJSON(
    _ month: Int, _ people: [MemberStatus: Int], _ deleted: Int
  ) -> JSONValue {
    let name = GrowthBook.name(of: month)
    var shown: [String: JSONValue] = [
      "list_id": .string(id), "month": .string(name), "existing": 0, "imports": 0, "optins": 0,
      "reconfirm": 0, "deleted": .int(Int64(deleted)), "_links": growthLinks("/\(name)"),
    ]
    for status in MemberStatus.allCases where status != .archived {
      shown[status.rawValue] = .int(Int64(people[status] ?? 0))
    }
    return .object(shown)
  }

  private func growthLinks(_ path: String) -> JSONValue {
    [
      Schema.entry(
        dataCentre, "self", "/lists/\(id)/growth-history\(path)",
        target: path.isEmpty ? "Lists/Growth/CollectionResponse.json" : "Lists/Growth/Response.json"
      ), Schema.entry(dataCentre, "parent", "/lists/\(id)", target: "Lists/Response.json"),
    ]
  }
}
