// Looking for people by address or name, in one audience or in all. Exact matches have the address
// to the letter; the full search finds those whose address, or any part of whose name, begins so.
// Archived people are found too, as a search by an administrator would.

import Basics
import HTTP

extension SandboxMailchimp {
  /// At most so many are shown; the total counts all.
  static let searchLimit = 100

  func searchMembers(_ request: HTTPRequest) throws(Refusal) -> Answer {
    guard let text = request.query("query"), !SegmentBook.trimmed(text).isEmpty else {
      throw .unvalidated("query", "This value should not be blank.")
    }
    let query = SegmentBook.trimmed(text).lowercased()
    var searched = audiences
    if let id = request.query("list_id") {
      searched.removeAll { $0.id != id }
      if searched.isEmpty { throw .notFound }
    }
    let selection = FieldSelection(request, top: ["exact_matches", "full_search", "_links"])
    var out = SelectedObject(selection)
    out.put("exact_matches") { inside in
      found(searched.flatMap { audience in [(audience, matching(query, in: audience))] }, inside)
    }
    out.put("full_search") { inside in
      found(
        searched.flatMap { audience in
          [(audience, audience.members.filter { audience.finds($0, query) })]
        }, inside)
    }
    out.put("_links", [Schema.entry(configuration.dataCentre, "self", "/search-members")])
    return Answer(200, out.value, schema: "SearchMembers/Collection.json")
  }

  private func matching(_ query: String, in audience: SandboxAudience) -> [SandboxMember] {
    audience.member(address: query).map { [$0] } ?? []
  }

  private func found(
    _ matches: [(SandboxAudience, [SandboxMember])], _ selection: FieldSelection
  ) -> JSONValue {
    let flat = matches.flatMap { audience, members in members.map { (audience, $0) } }
    var out = SelectedObject(selection)
    out.put("members") { inside in
      .array(flat.prefix(Self.searchLimit).map { $0.json(of: $1, inside) })
    }
    out.put("total_items", .int(Int64(flat.count)))
    return out.value
  }
}

extension SandboxAudience {
  /// `query` is in lower case.
  fileprivate func finds(_ member: SandboxMember, _ query: String) -> Bool {
    if member.address.lowercased().hasPrefix(query) { return true }
    let name = fullName(of: member).lowercased()
    return name.hasPrefix(query) || name.split(separator: " ").contains { $0.hasPrefix(query) }
  }
}
