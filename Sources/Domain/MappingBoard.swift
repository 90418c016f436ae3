// The mapping with what it is held against, and the edits there are. What must stay true: an edit
// that leaves something wrong that was not wrong before is refused and changes nothing; one that
// mends a part of what is wrong is not.

import Basics

/// One edit of the mapping.
package enum MappingChange: Sendable, Equatable {
  /// Adds a row, or puts it where the row of `replacing` stands.
  case set(FieldMapping, replacing: String?)
  /// By merge tag.
  case remove(String)
  /// To this place, counted from 0: the order of lists, forms and exports.
  case move(String, to: Int)
  /// For everybody from now on, whoever was in step before included; nil means every row.
  case backfill(String?)
  /// The rows as they were before an edit, or after one that was taken back. Refused where the
  /// mapping is not as that edit left it: somebody else's would be lost.
  case restore([FieldMapping], expecting: [FieldMapping])
}

package struct MappingBoard: Sendable, Equatable {
  package var rows: [FieldMapping]
  /// Nil before the audience's fields were read.
  package var mergeFields: [MergeField]?
  package var customFields: [CustomField]
  /// Before the first sync everybody is sent everything: nobody is in step who could be left out.
  package var hasSynced: Bool
  /// What the workspace allows at all.
  package var direction: SyncDirection

  package init(
    rows: [FieldMapping], mergeFields: [MergeField]?, customFields: [CustomField] = [],
    hasSynced: Bool = false, direction: SyncDirection = .both
  ) {
    self.direction = direction
    self.rows = rows
    self.mergeFields = mergeFields
    self.customFields = customFields
    self.hasSynced = hasSynced
  }

  package var customTypes: [String: FieldType] {
    Dictionary(customFields.map { ($0.name, $0.type) }) { first, _ in first }
  }

  package var problems: [Problem] {
    MappingCheck.problems(
      in: rows, mergeFields: mergeFields, customFields: customFields, direction: direction)
  }

  /// What is wrong with the mapping as a whole: what it lacks.
  package var lacks: [Problem] {
    let tags = Set(rows.map(\.tag))
    return problems.filter { problem in !(problem.fields["tag"].map(tags.contains) ?? false) }
  }

  /// What works for most, but not for every value.
  package var remarks: [Problem] {
    mergeFields.map {
      MappingCheck.remarks(
        on: rows, mergeFields: $0, customFields: customFields, direction: direction)
    } ?? []
  }

  /// Merge fields that no row names.
  package var freeFields: [MergeField] {
    let taken = Set(rows.map(\.tag))
    return (mergeFields ?? []).filter { !taken.contains($0.tag) }
  }

  // MARK: Edits

  /// The board after `change`, made at `now`. A row that is new or says something else is for
  /// people who change from then on, until it is backfilled.
  package func applying(_ change: MappingChange, at now: Instant) throws(Problem) -> MappingBoard {
    var after = self
    switch change {
    case .set(var row, let replacing):
      let old = replacing.flatMap { tag in rows.first { $0.tag == tag } }
      if row.tag != replacing, rows.contains(where: { $0.tag == row.tag }) {
        throw Problem(
          "mapping.duplicate-tag", "There is a row for \(row.tag) already.",
          remedy: "Change that row, or choose another merge field.", fields: ["tag": row.tag])
      }
      if let old, old.saysTheSame(as: row) {
        row.since = old.since
      } else {
        row.since = hasSynced ? now : nil
      }
      if let index = after.rows.firstIndex(where: { $0.tag == replacing }) {
        after.rows[index] = row
      } else {
        after.rows.append(row)
      }
    case .remove(let tag): after.rows.remove(at: try index(of: tag))
    case .move(let tag, let place):
      let row = after.rows.remove(at: try index(of: tag))
      after.rows.insert(row, at: max(0, min(place, after.rows.count)))
    case .backfill(let tag?): after.rows[try index(of: tag)].since = nil
    case .backfill(nil): for index in after.rows.indices { after.rows[index].since = nil }
    case .restore(let wanted, let expected):
      after.rows = try restoring(wanted, expecting: expected, at: now)
    }
    let before = problems
    if let worse = after.problems.first(where: { !Self.isKnown($0, among: before) }) { throw worse }
    return after
  }

  /// True when `problem` was there before, or there was less then.
  private static func isKnown(_ problem: Problem, among before: [Problem]) -> Bool {
    if before.contains(problem) { return true }
    guard let missing = problem.fields["missing"] else { return false }
    return before.contains { old in
      guard old.code == problem.code, let had = old.fields["missing"] else { return false }
      return Set(missing.split(separator: " ")).isSubset(of: Set(had.split(separator: " ")))
    }
  }

  /// The rows of `wanted` where those of `expected` stand. A row whose edit was only for who changed
  /// since is again what it was; one that everybody got meanwhile is an edit like any other.
  private func restoring(
    _ wanted: [FieldMapping], expecting expected: [FieldMapping], at now: Instant
  ) throws(Problem) -> [FieldMapping] {
    let isAsLeft =
      rows.count == expected.count
      && zip(rows, expected).allSatisfy { $0.saysTheSame(as: $1) }
    guard isAsLeft else {
      throw Problem(
        "mapping.changed-meanwhile", "The mapping was changed elsewhere since.",
        remedy: "Look at it as it is now; nothing was taken back.")
    }
    return wanted.map { row in
      guard let current = rows.first(where: { $0.tag == row.tag }) else { return row }
      var row = row
      if current.saysTheSame(as: row) {
        row.since = current.since
      } else if current.since == nil, hasSynced {
        row.since = now
      }
      return row
    }
  }

  private func index(of tag: String) throws(Problem) -> Int {
    if let index = rows.firstIndex(where: { $0.tag == tag }) { return index }
    throw Problem(
      "usage.unknown-mapping", "Nothing is mapped onto '\(Text.oneLine(tag))'.",
      remedy: "See `listkeeper mapping list`." + Suggestion.sentence(tag, among: rows.map(\.tag)))
  }
}

/// A merge field to be created, as somebody asks for it. Mailchimp cuts a long tag without a word
/// and creates nothing past its limit, so both are said before it is asked.
package struct MergeFieldDraft: Sendable, Equatable {
  package var tag: String
  package var name: String
  package var type: MergeField.Kind
  package var choices: [String]
  package var isRequired: Bool

  package init(
    tag: String, name: String, type: MergeField.Kind = .text, choices: [String] = [],
    isRequired: Bool = false
  ) {
    self.tag = Text.oneLine(tag).uppercased()
    self.name = Text.oneLine(name)
    self.type = type
    self.choices = choices.map { Text.oneLine($0) }.filter { !$0.isEmpty }
    self.isRequired = isRequired
  }

  package static let longestTag = 10
  /// What an audience keeps on most plans, and on the premium one.
  package static let mostFields = 30
  package static let mostFieldsPremium = 80

  /// Nil when it can be asked for; a problem names its form field in `fields["field"]`. `limit` is
  /// Mailchimp's own word on how many the audience keeps.
  package func problem(beside existing: [MergeField], limit: Int? = nil) -> Problem? {
    if let flaw = Self.flaw(ofTag: tag) {
      return Problem(
        "merge-fields.tag", "\(tag.isEmpty ? "The tag" : "The tag '\(tag)'") \(flaw).",
        remedy: "Give at most \(Self.longestTag) characters of A–Z, 0–9 and _; a longer tag would "
          + "be cut, and what is sent to it ignored.", fields: ["field": "tag"])
    }
    if existing.contains(where: { $0.tag == tag }) {
      return Problem(
        "merge-fields.exists", "The audience has a merge field \(tag) already.",
        remedy: "Map onto it, or give another tag.", fields: ["field": "tag"])
    }
    if name.isEmpty {
      return Problem(
        "merge-fields.no-name", "The merge field needs a name.",
        remedy: "Give what people read beside it, such as 'Membership'.", fields: ["field": "name"])
    }
    if type == .radio || type == .dropdown {
      if choices.count < 2 || Set(choices).count != choices.count {
        return Problem(
          "merge-fields.choices",
          "A field of type \(type.rawValue) needs at least two choices that differ.",
          remedy: "Give them with commas between.", fields: ["field": "choices"])
      }
    } else if !choices.isEmpty {
      return Problem(
        "merge-fields.choices", "A field of type \(type.rawValue) has no choices.",
        remedy: "Leave them out, or make it a dropdown or radio field.",
        fields: ["field": "choices"])
    }
    // Older answers do not tell the limit; more than the usual ones mean the premium plan.
    let most =
      limit ?? (existing.count > Self.mostFields ? Self.mostFieldsPremium : Self.mostFields)
    if existing.count >= most {
      return Problem(
        "merge-fields.limit",
        "The audience has \(existing.count) merge fields, the most it keeps (\(most)).",
        remedy: "Delete one at Mailchimp (Audience fields), or map onto one that is there.")
    }
    return nil
  }

  private static func flaw(ofTag tag: String) -> String? {
    if tag.isEmpty { return "is missing" }
    let allowed = tag.utf8.allSatisfy {
      (65...90).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "_")
    }
    if !allowed { return "has other characters than A–Z, 0–9 and _" }
    return tag.utf8.count > longestTag ? "has \(tag.utf8.count) characters" : nil
  }
}
