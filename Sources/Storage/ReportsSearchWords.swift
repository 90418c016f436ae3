// What a search here can name: for completing one as it is typed.

import Basics
import Domain
import SQLite

extension Reports {
  /// Everything that is known without looking at people one by one.
  package func searchWords() throws(Problem) -> SearchVocabulary {
    var words = SearchVocabulary()
    words.customFields = try directory.customFields()
    words.accounts = try database.rows("SELECT name FROM account ORDER BY name LIMIT 500") {
      $0.text(0)
    }
    words.tags = try database.rows(
      """
      SELECT DISTINCT name FROM kept_tag
      WHERE audience_id = (SELECT value FROM setting WHERE key = 'mailchimp.audience')
      ORDER BY name LIMIT 500
      """
    ) { $0.text(0) }
    let counts = try standings.counts()
    words.states = PersonState.allCases.map { state in
      .init(
        state.searchWord,
        people: counts.filter { $0.state == state }.reduce(0) { $0 + $1.people })
    }
    var reasons: [String: Int] = [:]
    for count in counts where !count.reason.isEmpty {
      reasons[count.reason, default: 0] += count.people
    }
    words.reasons = reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { .init($0.key, people: $0.value) }
    return words
  }

  /// The values that begin so, most frequent first; looks at everybody.
  package func searchValues(
    _ beginning: SearchBeginning, limit: Int = 12
  ) throws(Problem) -> [SearchVocabulary.Counted] {
    let value: String
    var path: Bindings = []
    switch beginning.field {
    case .last: value = "p.last_name"
    case .first: value = "p.first_name"
    case .name: value = "trim(p.first_name || ' ' || p.last_name)"
    case .company: value = "p.company"
    case .phone: value = "p.phone"
    case .external: value = "coalesce(p.external_id, '')"
    case .email:
      return try counted("email", of: "address", [], beginning.text, limit)
    case .custom(let name, _):
      value = "coalesce(CAST(json_extract(p.custom, ?) AS TEXT), '')"
      path = ["$.\"\(name)\""]
    default: return []
    }
    return try counted(value, of: "person p", path, beginning.text, limit)
  }

  private func counted(
    _ value: String, of table: String, _ values: Bindings, _ start: String, _ limit: Int
  ) throws(Problem) -> [SearchVocabulary.Counted] {
    // `%` and `_` mean themselves.
    let pattern = start.reduce(into: "") { $0 += "\\%_".contains($1) ? "\\\($1)" : "\($1)" } + "%"
    return try database.rows(
      """
      SELECT v, count(*) FROM (SELECT \(value) AS v FROM \(table))
      WHERE v LIKE ? ESCAPE '\\' AND v <> '' GROUP BY v ORDER BY 2 DESC, 1 LIMIT ?
      """, bindings: values + [pattern, limit]
    ) { .init($0.text(0), people: $0.int(1)) }
  }
}
