// What an administrator decides about tags: whether somebody else's is taken over, what ours is called,
// whether one that is no longer kept is taken off. What must stay true: nothing here calls anybody; it
// is written down, and the tags flow carries it out.

import Basics
import Domain
import SQLite

extension TagStore {
  /// Takes over a tag that others made: those who hold it and are in the search become ours. Where
  /// ours was renamed there, takes over the name.
  package func adopt(_ search: String) throws(Problem) {
    let tag = try tag(of: search) { $0.state == .undecided || $0.nameThere != nil }
    if let name = tag.nameThere { return try rename(tagOf: search, to: name) }
    try database.execute(
      "UPDATE kept_tag SET state = 'new', adopts = 1, asked_at = NULL WHERE id = ?", tag.id)
    try askForLook()
  }

  /// Ours was renamed at Mailchimp, and is to have its name there again.
  package func nameBack(_ search: String) throws(Problem) {
    let tag = try tag(of: search) { $0.nameThere != nil }
    try database.execute(
      "UPDATE kept_tag SET is_named_back = 1, problem = NULL WHERE id = ?", tag.id)
    try askForLook()
  }

  /// A tag that is no longer kept is taken off those we gave it to.
  package func takeOff(_ name: String) throws(Problem) {
    let audience = try settings.values()[Settings.audience]
    let left = try tags("t.audience_id = ? AND t.state = 'left' AND t.name = ?", [audience, name])
    guard let tag = left.first else {
      throw Problem(
        "searches.no-left-tag", "No tag '\(Text.oneLine(name))' was left behind.",
        remedy: "See `listkeeper searches list`.")
    }
    try database.execute(
      "UPDATE kept_tag SET state = 'leaving', due = 'change' WHERE id = ?", tag.id)
    try askForLook()
  }

  /// The tag of a search takes over the name others gave it, where that is what it is to be called
  /// now: nobody changes over to a second one.
  func follow(_ search: Int64, to name: String) throws(Problem) {
    try database.execute(
      """
      UPDATE OR IGNORE kept_tag SET name = ?2, name_there = NULL, is_named_back = 0,
        asked_at = NULL, problem = NULL
      WHERE search_id = ?1 AND name_there = ?2 COLLATE NOCASE
      """, search, name)
  }

  /// Calls our tag otherwise; the one that is at Mailchimp under the old name, if it is ours, is
  /// taken off those we gave it to.
  package func rename(tagOf search: String, to name: String) throws(Problem) {
    let found = try searches.search(named: search)
    let name = Text.oneLine(name)
    if name.isEmpty || name.count > KeptTag.longestName {
      throw Problem(
        "searches.tag-name", "'\(name)' cannot be the name of a tag.",
        remedy: "Give a name of 1 to \(KeptTag.longestName) characters.", fields: ["field": "tag"])
    }
    let other = try database.one(
      "SELECT name FROM saved_search WHERE coalesce(tag, name) = ? COLLATE NOCASE AND name <> ?",
      name, found.name
    ) { $0.text(0) }
    if let other {
      throw Problem(
        "searches.tag-taken", "The saved search '\(other)' has a tag of this name.",
        remedy: "Give another name.", fields: ["field": "tag"])
    }
    try database.execute(
      "UPDATE saved_search SET tag = nullif(?, name) WHERE name = ?", name, found.name)
    let id = try database.integer("SELECT id FROM saved_search WHERE name = ?", found.name)
    try follow(Int64(id), to: name)
    // Nothing of an undecided one is at Mailchimp.
    try database.execute(
      """
      DELETE FROM kept_tag WHERE state = 'undecided'
        AND search_id = (SELECT id FROM saved_search WHERE name = ?)
      """, found.name)
    try askForLook()
  }

  private func tag(
    of search: String, where isAsked: (KeptTag) -> Bool
  ) throws(Problem) -> KeptTag {
    let found = try searches.search(named: search)
    let audience = try settings.values()[Settings.audience]
    guard
      let tag = try tags(
        """
        t.audience_id = ? AND t.search_id = (SELECT id FROM saved_search WHERE name = ?)
        """, [audience, found.name]
      ).first(where: isAsked)
    else {
      throw Problem(
        "searches.nothing-to-decide", "The search '\(found.name)' waits for no decision.",
        remedy: "See `listkeeper searches list`.")
    }
    return tag
  }
}

// MARK: Repairing

extension TagStore {
  /// Takes up differences of tags: what was found missing counts as lost, and these addresses are
  /// compared again, so that it is told to Mailchimp like any other change. Returns how many.
  package func repair(_ selection: DriftSelection, audienceID: String) throws(Problem) -> Int {
    let chosen = try drifts.ofTags(selection, audienceID: audienceID)
    for tag in try tags(of: audienceID) {
      let rows = chosen.filter { $0.tag.lowercased() == tag.name.lowercased() }
      if rows.isEmpty { continue }
      let missing = Self.json(rows.filter(\.isMissing).map(\.key))
      for table in ["tag_membership", "tag_holder"] {
        try database.execute(
          """
          DELETE FROM \(table) WHERE tag_id = ?
            AND address_key IN (SELECT value FROM json_each(?))
          """, tag.id, missing)
      }
      try compare(tag, .these(rows.map(\.key)))
      let open = try database.rows(
        """
        SELECT value FROM json_each(?) WHERE NOT EXISTS
          (SELECT 1 FROM tag_work WHERE tag_id = ? AND address_key = value)
        """, Self.json(rows.map(\.key)), tag.id
      ) { AddressKey($0.text(0)) }
      // Nothing is to be told there any more.
      try drifts.settle(tag: tag.id, at: open)
    }
    return chosen.count
  }
}
