// A search through the log that goes on in the background, a piece at a time. What must stay true:
// an answer counts for the piece asked last only, and a search can be left at any moment.

import Basics
import Domain

struct LogHunt: Sendable, Equatable {
  /// What became of an answer.
  enum Turn: Sendable, Equatable {
    /// It answers another question.
    case stranger
    case found(Int64)
    case nothing
    case goesOn([Effect])
  }

  private(set) var ticket: Ticket
  private let filter: LogFilter
  private let text: String
  private let minimum: LogLevel
  private let isBackwards: Bool
  private let origin: Int64?
  /// How far it is, in thousandths of the way.
  private(set) var share = 0

  /// A search from the line `from` on, or, without it, from behind the last line backwards.
  init(
    _ filter: LogFilter, _ text: String, minimum: LogLevel, from: Int64?, backwards: Bool,
    _ book: inout TicketBook
  ) {
    ticket = book.next()
    self.filter = filter
    self.text = text
    self.minimum = minimum
    isBackwards = backwards || from == nil
    origin = from
  }

  func ask(from place: Int64?) -> Effect {
    .query(
      .logMatch(
        filter, text: text, minimum: minimum, from: place, backwards: isBackwards, origin: origin),
      ticket)
  }

  var first: Effect { ask(from: origin) }

  mutating func take(_ answer: LogSearch, _ ticket: Ticket, _ book: inout TicketBook) -> Turn {
    guard ticket == self.ticket else { return .stranger }
    switch answer {
    case .found(let id): return .found(id)
    case .nothing: return .nothing
    case .goesOn(let from, let share):
      self.share = share
      self.ticket = book.next()
      return .goesOn([ask(from: from)])
    }
  }
}
