// The search language as SQL, over the aliases p (person) and a (account). It finds exactly whom
// `SearchQuery.matches` says; texts of three letters and more are looked up in the trigram index
// first, because comparing a million rows takes a second. What somebody typed is only ever bound.

import Basics
import Domain
import Foundation
import SQLite

/// A condition for a WHERE over `PersonRecord.tables`, with its values in order.
package struct CompiledSearch: Sendable, Equatable {
  package let condition: String
  package let values: [SQLiteValue]

  package var bindings: Bindings { values }
}

package struct SearchCompiler: Sendable {
  private let day: SearchDay

  package init(day: SearchDay) { self.day = day }

  package func compile(_ query: SearchQuery) -> CompiledSearch {
    var sql = Fragment.joined(query.terms.map(compile), " AND ")
    if query.isEmpty { sql = Fragment("1") }
    return CompiledSearch(condition: sql.text, values: sql.values)
  }

  // MARK: Terms

  private func compile(_ term: SearchTerm) -> Fragment {
    let condition: Fragment
    switch term.condition {
    case .text(let word): condition = freeText(word, isNegated: term.isNegated)
    case .field(let field, let matches):
      condition = Fragment.joined(
        matches.map { compile(field, $0, isNegated: term.isNegated) }, " OR ")
    }
    // No condition is ever NULL: every nullable value is given a text or asked IS NOT NULL first.
    return term.isNegated ? Fragment("NOT (") + condition + ")" : Fragment("(") + condition + ")"
  }

  private func freeText(_ word: String, isNegated: Bool) -> Fragment {
    let inAccounts =
      Fragment("SELECT id FROM account WHERE ") + text("name", .contains(word))
    guard !isNegated, let pattern = Trigrams.pattern(for: word) else {
      return Fragment.joined(
        [
          names("p", .contains(word)), Fragment("p.account_id IN (") + inAccounts + ")",
          address(.contains(word)),
        ], " OR ")
    }
    return Fragment("p.id IN (SELECT q.id FROM person_text t CROSS JOIN person q ")
      + Fragment("ON q.id = t.rowid WHERE person_text MATCH ?", [.text(pattern)])
      + " AND (" + names("q", .contains(word)) + ") UNION ALL "
      + indexedAddresses(pattern, .contains(word))
      + " UNION ALL SELECT id FROM person WHERE account_id IN (" + inAccounts + "))"
  }

  /// Name, company, phone and external id: what `person_text` knows.
  private func names(_ alias: String, _ match: SearchMatch) -> Fragment {
    Fragment.joined(
      [
        "\(alias).first_name || ' ' || \(alias).last_name", "\(alias).company", "\(alias).phone",
        "coalesce(\(alias).external_id, '')",
      ].map { text($0, match) }, " OR ")
  }

  private func compile(
    _ field: SearchField, _ match: SearchMatch, isNegated: Bool
  ) -> Fragment {
    switch field {
    case .last: return named("p.last_name", match, isNegated)
    case .first: return named("p.first_name", match, isNegated)
    case .name:
      if match == .missing { return Fragment("(p.first_name = '' AND p.last_name = '')") }
      return named("p.first_name || ' ' || p.last_name", match, isNegated)
    case .company: return named("p.company", match, isNegated)
    case .phone: return named("p.phone", match, isNegated)
    case .external: return named("coalesce(p.external_id, '')", match, isNegated)
    case .email:
      if case .contains(let word) = match, !isNegated, let pattern = Trigrams.pattern(for: word) {
        return Fragment("p.id IN (") + indexedAddresses(pattern, match) + ")"
      }
      return address(match)
    case .account:
      return Fragment("p.account_id IN (SELECT id FROM account WHERE ") + text("name", match) + ")"
    case .kind: return text("p.kind", match)
    case .optIn: return text("p.opt_in", match)
    case .active: return text("CASE p.active WHEN 1 THEN 'yes' ELSE 'no' END", match)
    case .deleted: return text("CASE WHEN p.deleted_at IS NULL THEN 'no' ELSE 'yes' END", match)
    case .state: return standing(text("replace(state, ' ', '-')", match))
    case .reason: return standing(text("reason", match))
    case .updated: return instant("coalesce(p.source_updated_at, p.noticed_at)", match)
    case .created: return instant("p.created_at", match)
    case .birthday: return birthday(SearchCompiler.effectiveBirthday, match)
    case .id: return number("p.id", match)
    case .tag: return tag(match)
    case .custom(let name, let type): return custom(name, type, match)
    }
  }

  // MARK: Values

  /// A text that `person_text` knows too.
  private func named(_ value: String, _ match: SearchMatch, _ isNegated: Bool) -> Fragment {
    guard case .contains(let word) = match, !isNegated,
      let pattern = Trigrams.pattern(for: word)
    else { return text(value, match) }
    return Fragment(
      "(p.id IN (SELECT rowid FROM person_text WHERE person_text MATCH ?) AND ", [.text(pattern)])
      + text(value, match) + ")"
  }

  private func text(_ value: String, _ match: SearchMatch) -> Fragment {
    switch match {
    case .contains(let word):
      Fragment.joined(
        SearchText.spellings(of: word).map {
          Fragment("instr(lower(\(value)), ?) > 0", [.text($0)])
        }, " OR ", inParentheses: true)
    case .equals(let word):
      Fragment.joined(
        SearchText.spellings(of: word).map { Fragment("lower(\(value)) = ?", [.text($0)]) },
        " OR ", inParentheses: true)
    case .missing: Fragment("(\(value)) = ''")
    case .number, .date, .birthday: Fragment("0")
    }
  }

  private func address(_ match: SearchMatch) -> Fragment {
    if match == .missing {
      return Fragment("NOT EXISTS (SELECT 1 FROM address WHERE person_id = p.id)")
    }
    return Fragment("EXISTS (SELECT 1 FROM address WHERE person_id = p.id AND ")
      + text("email", match) + ")"
  }

  private func indexedAddresses(_ pattern: String, _ match: SearchMatch) -> Fragment {
    Fragment(
      "SELECT e.person_id FROM address_text t CROSS JOIN address e ON e.person_id = t.rowid / 64 "
        + "AND e.position = t.rowid % 64 WHERE address_text MATCH ? AND ", [.text(pattern)])
      + text("e.email", match)
  }

  /// A condition on state and reason, decided on the few kinds there are.
  private func standing(_ condition: Fragment) -> Fragment {
    Fragment(
      "EXISTS (SELECT 1 FROM standing s WHERE s.person_id = p.id AND (s.state, s.reason) IN "
        + "(SELECT state, reason FROM standing_count WHERE ") + condition + "))"
  }

  private func instant(_ value: String, _ match: SearchMatch) -> Fragment {
    guard case .date(let comparison, let date) = match else { return Fragment("0") }
    let span = day.span(of: date)
    let (start, end) = (
      SQLiteValue.integer(span.lowerBound.milliseconds),
      SQLiteValue.integer(span.upperBound.milliseconds)
    )
    return switch comparison {
    case .equal: Fragment("(\(value) >= ? AND \(value) < ?)", [start, end])
    case .greater: Fragment("\(value) >= ?", [end])
    case .less: Fragment("\(value) < ?", [start])
    }
  }

  private func number(_ value: String, _ match: SearchMatch) -> Fragment {
    guard case .number(let comparison, let wanted) = match else { return Fragment("0") }
    let sign =
      switch comparison {
      case .equal: "="
      case .greater: ">"
      case .less: "<"
      }
    return Fragment("\(value) \(sign) ?", [.real(wanted)])
  }

  /// `MM/DD`, or NULL.
  static let effectiveBirthday =
    "coalesce(p.birthday, substr(p.date_of_birth, 6, 2) || '/' || substr(p.date_of_birth, 9, 2))"

  private func birthday(_ value: String, _ match: SearchMatch) -> Fragment {
    if match == .missing { return Fragment("\(value) IS NULL") }
    guard case .birthday(let wanted) = match else { return Fragment("0") }
    func isDay(_ day: MonthDay?) -> Fragment {
      Fragment("\(value) IS ?", [day.map { .text($0.description) } ?? .text("never")])
    }
    return switch wanted {
    case .day(let day): isDay(day)
    case .today: isDay(MonthDay(month: day.today.month, day: day.today.day))
    case .thisMonth:
      Fragment("substr(\(value), 1, 2) IS ?", [.text(padded(Int64(day.today.month), 2))])
    }
  }

  /// Tags we gave to the contact behind somebody, on the audience that is chosen.
  private func tag(_ match: SearchMatch) -> Fragment {
    let held = """
      SELECT 1 FROM link k JOIN tag_membership m ON m.address_key = k.address_key
        JOIN kept_tag t ON t.id = m.tag_id AND t.audience_id = k.audience_id
      WHERE k.owner_id = p.id
        AND k.audience_id = (SELECT value FROM setting WHERE key = 'mailchimp.audience')
      """
    if match == .missing { return Fragment("NOT EXISTS (\(held))") }
    return Fragment("EXISTS (\(held) AND ") + text("t.name", match) + ")"
  }

  // MARK: Custom fields

  /// A value that fits its type is compared as one; any other text as text.
  private func custom(_ name: String, _ type: FieldType, _ match: SearchMatch) -> Fragment {
    // The path is bound too; a name holds no quotation mark and no backslash.
    let value = Fragment(
      "coalesce(CAST(json_extract(p.custom, ?) AS TEXT), '')", [.text("$.\"\(name)\"")])
    if match == .missing { return value + " = ''" }
    let typed: (fits: String, condition: Fragment)
    switch type {
    case .text, .choice, .address: return with(value, text("v", match))
    case .yesNo:
      return with(
        value,
        text(
          """
          CASE WHEN lower(v) IN ('yes', 'true', '1') THEN 'yes'
            WHEN lower(v) IN ('no', 'false', '0') THEN 'no' ELSE v END
          """, match))
    case .number:
      typed = (
        """
        v GLOB '*[0-9]*' AND v NOT GLOB '*[^0-9.-]*' AND v NOT GLOB '?*-*' AND v NOT GLOB '*.*.*'
        """, number("CAST(v AS REAL)", match)
      )
    case .date:
      typed = ("v GLOB '????-??-??' AND date(v) IS v", date("v", match))
    case .birthday:
      // 2000 was a leap year.
      typed = (
        "v GLOB '??/??' AND date('2000-' || replace(v, '/', '-')) IS '2000-' || replace(v, '/', '-')",
        birthday("v", match)
      )
    }
    return with(
      value,
      Fragment("CASE WHEN \(typed.fits) THEN ") + typed.condition + " ELSE " + text("v", match)
        + " END")
  }

  /// `condition` with `v` standing for `value`, which is computed once.
  private func with(_ value: Fragment, _ condition: Fragment) -> Fragment {
    Fragment("(SELECT ") + condition + " FROM (SELECT " + value + " AS v))"
  }

  private func date(_ value: String, _ match: SearchMatch) -> Fragment {
    guard case .date(let comparison, let wanted) = match else { return Fragment("0") }
    let days = day.days(of: wanted)
    let (first, last) = (
      SQLiteValue.text(days.lowerBound.description), SQLiteValue.text(days.upperBound.description)
    )
    return switch comparison {
    case .equal: Fragment("\(value) BETWEEN ? AND ?", [first, last])
    case .greater: Fragment("\(value) > ?", [last])
    case .less: Fragment("\(value) < ?", [first])
    }
  }
}

/// SQL with the values of its question marks.
private struct Fragment {
  var text: String
  var values: [SQLiteValue]

  init(_ text: String, _ values: [SQLiteValue] = []) {
    self.text = text
    self.values = values
  }

  static func + (a: Self, b: Self) -> Self { Fragment(a.text + b.text, a.values + b.values) }
  static func + (a: Self, b: String) -> Self { Fragment(a.text + b, a.values) }

  static func joined(
    _ parts: [Fragment], _ separator: String, inParentheses: Bool = false
  ) -> Fragment {
    let text = parts.map(\.text).joined(separator: separator)
    return Fragment(inParentheses ? "(\(text))" : text, parts.flatMap(\.values))
  }
}

/// Expressions for the trigram index.
enum Trigrams {
  /// Beyond this many the index finds nobody else out.
  private static let most = 12

  /// Finds at least every text that contains `word` in one of its spellings; nil for words that are
  /// too short for the index.
  static func pattern(for word: String) -> String? {
    var spellings: [String] = []
    for spelling in SearchText.spellings(of: word) {
      let scalars = Array(spelling.unicodeScalars)
      guard scalars.count >= 3, !scalars.contains(Unicode.Scalar(0)) else { return nil }
      let trigrams = (0...(scalars.count - 3)).prefix(most).map { start in
        var trigram = "\""
        for scalar in scalars[start..<(start + 3)] {
          trigram.unicodeScalars.append(scalar)
          if scalar == "\"" { trigram.unicodeScalars.append(scalar) }
        }
        return trigram + "\""
      }
      spellings.append("(\(trigrams.joined(separator: " AND ")))")
    }
    return spellings.joined(separator: " OR ")
  }
}

extension SearchDay {
  /// The day it is in a zone such as `Europe/Paris`; an unknown one counts as UTC.
  package init(now: Instant, zone: String) {
    let zone = TimeZone(identifier: zone) ?? .gmt
    self.init(now: now) { instant in
      zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant.milliseconds) / 1000))
    }
  }
}

extension WorkspaceAccess {
  /// The day it is in the workspace's zone.
  package func searchDay() throws(Problem) -> SearchDay {
    SearchDay(now: now, zone: try settings.values()[Settings.zone])
  }

  /// Reads a search as somebody typed it, in this workspace's fields and zone.
  package func search(_ text: String) throws(Problem) -> CompiledSearch {
    let query = try SearchQuery(text, customFields: try directory.customFields())
    return SearchCompiler(day: try searchDay()).compile(query)
  }
}
