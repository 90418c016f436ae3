// Counting what a mapping comes to for everybody, piece by piece, so that a million people never
// stand between a key and its answer. What must stay true: one piece is asked for at a time, and
// nobody is counted while nobody looks.

import Basics
import Domain

struct MappingCount: Sendable, Equatable {
  private(set) var rows: [FieldMapping] = []
  private(set) var tally = MappingTally()
  /// When everybody was counted; nil before.
  private(set) var finishedAt: Instant?
  private(set) var problem: Problem?
  private var pending: Ticket?
  private var hasBegun = false

  var isWanted: Bool { hasBegun && finishedAt == nil && problem == nil }

  /// Of one row, once everybody was counted or a part of them already shows something.
  func row(_ tag: String) -> MappingTally.Row? {
    guard let row = tally.rows[tag] else { return nil }
    return finishedAt != nil || row.flawed > 0 ? row : nil
  }

  /// From the top, for these rows.
  mutating func begin(_ rows: [FieldMapping], _ book: inout TicketBook) -> [Effect] {
    self = MappingCount()
    self.rows = rows
    hasBegun = !rows.isEmpty
    return goOn(&book)
  }

  /// The next piece, where one is wanted and none is under way.
  mutating func goOn(_ book: inout TicketBook) -> [Effect] {
    guard isWanted, pending == nil else { return [] }
    let ticket = book.next()
    pending = ticket
    return [.query(.mappingTally(rows, after: tally.next), ticket)]
  }

  /// Nothing more is asked for until it goes on; the piece under way does not count.
  mutating func pause() { pending = nil }

  /// Takes a piece; nil where it is none of this count.
  mutating func take(
    _ answer: Answer, _ ticket: Ticket, at now: Instant, _ book: inout TicketBook
  ) -> [Effect]? {
    guard ticket == pending else { return nil }
    pending = nil
    switch answer {
    case .mappingTally(let piece):
      tally.add(piece)
      if tally.isWhole { finishedAt = now }
    case .refused(let refusal): problem = refusal
    default: return nil
    }
    return goOn(&book)
  }

  /// How far it is: `12,000 of 20,000 people looked at`.
  func progress(in world: World) -> String {
    let total = max(world.overview?.totalPeople ?? 0, tally.looked)
    return "\(Wording.number(tally.looked)) of \(Wording.people(total)) looked at"
  }
}
