// Saved searches and their tags as lists, and what a console makes of one.

import Basics
import Domain
import SQLite

extension Reports {
  /// By name, with the state of each tag on the audience that is chosen.
  package func savedSearches() throws(Problem) -> [SavedSearchRow] {
    try savedSearches(where: "1")
  }

  /// Those whose tags wait for a decision, by name.
  package func tagQuestions() throws(Problem) -> [SavedSearchRow] {
    try savedSearches(where: Self.isAsked).filter(\.needsDecision)
  }

  package func tagQuestionCount(_ audienceID: String) throws(Problem) -> Int {
    try database.integer(
      """
      SELECT count(*) FROM kept_tag t
      WHERE t.audience_id = ? AND t.search_id IS NOT NULL AND \(Self.isAsked)
      """, audienceID)
  }

  private static let isAsked =
    "(t.state = 'undecided' OR (t.name_there IS NOT NULL AND NOT t.is_named_back))"

  /// Tags that are kept no longer and that somebody still holds because of us.
  package func tagsWithoutSearch() throws(Problem) -> [SavedSearchRow] {
    let audience = try settings.values()[Settings.audience]
    return try database.rows(
      """
      SELECT t.name, t.state, t.problem, count(m.address_key),
        (SELECT count(*) FROM tag_work WHERE tag_id = t.id)
      FROM kept_tag t JOIN tag_membership m ON m.tag_id = t.id
      WHERE t.audience_id = ? AND t.search_id IS NULL GROUP BY t.id ORDER BY t.name
      """, audience
    ) { (row) throws(Problem) in
      let holds = SearchQuery([SearchTerm(.field(.tag, [.equals(row.text(0))]))])
      return SavedSearchRow(
        name: row.text(0), filter: holds.description, isTag: true, tag: row.text(0),
        state: try row.state(1), problem: row.isNull(2) ? nil : Problem(json: try row.json(2)),
        placed: row.int(3), waiting: row.int(4), isSearchGone: true)
    }
  }

  private func savedSearches(where condition: String) throws(Problem) -> [SavedSearchRow] {
    let audience = try settings.values()[Settings.audience]
    return try database.rows(
      """
      SELECT s.name, s.filter, s.is_quick, s.is_tag, s.is_tag OR \(Schema.everySearchIsTag),
        coalesce(s.tag, s.name), t.state, t.problem,
        (SELECT count(*) FROM tag_membership WHERE tag_id = t.id),
        (SELECT count(*) FROM tag_work WHERE tag_id = t.id), t.name_there,
        coalesce(t.is_named_back, 0), t.asked_at
      FROM saved_search s
        LEFT JOIN kept_tag t ON t.search_id = s.id AND t.audience_id = ?
      WHERE \(condition) ORDER BY s.name
      """, audience
    ) { (row) throws(Problem) in
      SavedSearchRow(
        name: row.text(0), filter: row.text(1), isQuick: row.bool(2), isMarked: row.bool(3),
        isTag: row.bool(4), tag: row.text(5),
        state: row.optionalText(6).flatMap(TagState.init),
        problem: row.isNull(7) ? nil : Problem(json: try row.json(7)), placed: row.int(8),
        waiting: row.int(9), nameThere: row.optionalText(10), isNamedBack: row.bool(11),
        askedAt: row.optionalInstant(12))
    }
  }

  /// How many people each search finds.
  package func searchCounts() throws(Problem) -> [String: Int] {
    var counts: [String: Int] = [:]
    for row in try savedSearches() { counts[row.name] = try countPeople(row.filter) }
    return counts
  }

  /// True where nothing is left for the engine to do about tags now: what it was told is compared
  /// and sent, or waits for something.
  package func areTagsSettled() throws(Problem) -> Bool {
    let record = try engine.record()
    if record.isPaused || record.blockedBy != nil { return true }
    return try database.one(
      """
      SELECT 1 FROM message WHERE kind IN (?, 'sync tags')
        AND (state = 'leased' OR (state = 'ready' AND run_at <= ?)) LIMIT 1
      """, TagStore.look, now
    ) { $0.bool(0) } == nil
  }
}

extension SavedSearchStore {
  package func apply(_ edit: SavedSearchEdit) throws(Problem) {
    switch edit {
    case .save(let old, let name, let filter, let isTag):
      let query: SearchQuery
      do throws(Problem) {
        query = try SearchQuery(filter, customFields: try directory.customFields())
      } catch {
        var problem = error
        problem.fields["field"] = "filter"
        throw problem
      }
      if let old {
        if old != name { try rename(old, to: name) }
      } else if try find(name) != nil {
        throw Problem(
          "searches.name-taken", "There is a saved search '\(name)' already.",
          remedy: "Give another name.", fields: ["field": "name"])
      }
      try save(SavedSearch(name, query, isTag: isTag))
    case .mark(let name, let isTag): try mark(name, isTag: isTag)
    case .remove(let name, let leavingTag): try remove(named: name, leavingTag: leavingTag)
    case .adopt(let name): try tags.adopt(name)
    case .renameTag(let name, let new): try tags.rename(tagOf: name, to: new)
    case .nameTagBack(let name): try tags.nameBack(name)
    case .takeTagOff(let tag): try tags.takeOff(tag)
    }
  }
}
