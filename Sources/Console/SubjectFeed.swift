// The rows that belong to what is selected beside them: forgotten when that is something else, read
// again when there is news, and only while they are in view.

import Domain

struct SubjectFeed<Subject: Sendable & Equatable, Row: Sendable & Equatable & Identifiable>:
  Sendable,
  Equatable
where Row.ID: Sendable {
  var rows = Feed<Row>()
  /// What the rows are of; nil where something else is selected.
  private(set) var subject: Subject?
  private var isFresh = false

  mutating func expire() { isFresh = false }

  /// Asks for the rows of `subject`, where they are in view and not here.
  mutating func show(
    _ subject: Subject?, height: Int, isShown: Bool, _ book: inout TicketBook,
    _ query: (Subject, WindowRequest) -> Query
  ) -> [Effect] {
    if subject != self.subject {
      self.subject = subject
      rows.clear()
      isFresh = false
    }
    guard let subject, isShown else { return [] }
    defer { isFresh = true }
    return isFresh
      ? rows.refill(height: height, &book) { query(subject, $0) }
      : rows.refresh(height: height, &book) { query(subject, $0) }
  }
}
