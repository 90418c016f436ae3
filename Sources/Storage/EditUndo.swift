// Takes edits back by the audit trail: each line says what stood there before. What must stay true:
// what somebody else changed since stays as they left it; taking back is an edit like any other,
// audited, queued, and itself to be taken back.

import Basics
import Domain
import SQLite

extension WorkspaceTransaction {
  /// Takes back at most `limit` lines of a mark, latest first; the next time goes on before `rest`.
  /// `left` counts lines whose value is another by now.
  package func takeBack(
    _ mark: EditMark, limit: Int
  ) throws(Problem) -> (rest: EditMark?, done: Int, left: Int) {
    let lines = try database.rows(
      """
      SELECT id, person_id, field, old, new FROM audit
      WHERE id BETWEEN ? AND ? AND who = ? AND person_id IS NOT NULL ORDER BY id DESC LIMIT ?
      """, mark.first, mark.last, mark.who, limit
    ) { row in
      Line(
        id: row.int64(0), person: row.identifier(1), field: row.text(2), old: row.optionalText(3),
        new: row.optionalText(4))
    }
    var left = 0
    for line in lines where try !takeBack(line) { left += 1 }
    guard lines.count == limit, let last = lines.last, last.id > mark.first else {
      return (nil, lines.count, left)
    }
    return (EditMark(who: mark.who, first: mark.first, last: last.id - 1), lines.count, left)
  }

  private struct Line {
    var id: Int64
    var person: PersonID
    var field: String
    var old: String?
    var new: String?
  }

  /// False where something else stands there now.
  private func takeBack(_ line: Line) throws(Problem) -> Bool {
    if line.field == "person" { return try takeBackPerson(line) }
    if line.field.hasPrefix("email"), let number = Int(line.field.dropFirst(5)) {
      return try takeBackAddress(line, at: number - 1)
    }
    guard Schema.tracked.contains(line.field) else { return false }
    // A decision has a story: that of whoever takes it back.
    let how = line.field == "opt_in" ? ", opt_in_how = 'console: undo'" : ""
    let changed = try database.execute(
      "UPDATE person SET \(line.field) = ?\(how) WHERE id = ? AND \(line.field) IS ?", line.old,
      line.person, line.new)
    return changed > 0
  }

  /// Who was added is marked as deleted; who was removed is gone.
  private func takeBackPerson(_ line: Line) throws(Problem) -> Bool {
    guard line.new == "added" else { return false }
    return try database.execute(
      "UPDATE person SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL", now, line.person) > 0
  }

  private func takeBackAddress(_ line: Line, at position: Int) throws(Problem) -> Bool {
    switch (line.old, line.new) {
    case (let old?, let new?):
      return try database.execute(
        "UPDATE address SET email = ? WHERE person_id = ? AND position = ? AND email = ?", old,
        line.person, position, new) > 0
    case (nil, let new?):
      // Only the last of the addresses can go without leaving a gap.
      return try database.execute(
        """
        DELETE FROM address WHERE person_id = ?1 AND position = ?2 AND email = ?3
          AND NOT EXISTS (SELECT 1 FROM address WHERE person_id = ?1 AND position > ?2)
        """, line.person, position, new) > 0
    case (let old?, nil):
      return try database.execute(
        """
        INSERT INTO address (person_id, position, email)
          SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM person WHERE id = ?1)
            AND (SELECT count(*) FROM address WHERE person_id = ?1) = ?2
        """, line.person, position, old) > 0
    case (nil, nil): return false
    }
  }
}
