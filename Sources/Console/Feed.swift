// A list that is read a window at a time: a screenful before and after what is shown, whatever the
// list's length. What must stay true: one question at a time is under way, an answer counts only if
// it answers the last question, and the selected row stays selected by its id when rows come and go.

import Basics
import Domain

/// An id that a list can be read on from.
protocol RowKey: Sendable {
  var rowKey: Int64 { get }
}
extension Int64: RowKey { var rowKey: Int64 { self } }
extension Identifier: RowKey { var rowKey: Int64 { rawValue } }

struct Feed<Row: Sendable & Equatable & Identifiable>: Sendable, Equatable
where Row.ID: Sendable {
  /// Long lists are read on from a row that is here; others by position.
  let isKeyed: Bool

  init(keyed: Bool = false) { isKeyed = keyed }

  private(set) var rows: [Row] = []
  /// Position of `rows[0]` in the list.
  private(set) var offset = 0
  /// Nil until the first answer.
  private(set) var total: Int?
  /// True where `total` is a guess, and positions with it.
  private(set) var isEstimate = false
  /// Why the last reading came to nothing.
  private(set) var problem: Problem?
  /// Position of the selected row.
  private(set) var position = 0
  /// Position of the first row in view.
  private(set) var top = 0
  /// While true the last row is selected and stays so as the list grows.
  var followsEnd = false

  private var pending: Ticket?
  private var isStale = false
  private var goal: WindowRequest.Place?
  /// The last question: the same one is not asked twice in a row, so
  /// that an answer that falls short can not turn into a loop.
  private var asked: WindowRequest?

  var isLoading: Bool { total == nil && problem == nil }
  var isEmpty: Bool { total == 0 }
  var count: Int { total ?? 0 }
  var selected: Row? { row(at: position) }

  func row(at position: Int) -> Row? {
    let index = position - offset
    return rows.indices.contains(index) ? rows[index] : nil
  }

  /// The positions in view of a list `height` rows high.
  func visible(_ height: Int) -> Range<Int> {
    let first = min(top, max(0, count - 1))
    return first..<max(first, min(count, first + max(0, height)))
  }

  // MARK: Asking

  /// Asks anew, whatever is under way: the list itself is another one now.
  mutating func restart(
    at place: WindowRequest.Place? = nil, height: Int, _ book: inout TicketBook,
    _ query: (WindowRequest) -> Query
  ) -> [Effect] {
    pending = nil
    goal = place
    if place == .at(0) { (position, top) = (0, 0) }
    if place == .end { followsEnd = true }
    return ask(height: height, &book, query)
  }

  /// Forgets every row, for a list that belongs to something else now.
  mutating func clear() {
    self = Feed(keyed: isKeyed)
  }

  /// Asks for the same rows again, after the answer that is under way, if one is.
  mutating func refresh(
    height: Int, _ book: inout TicketBook, _ query: (WindowRequest) -> Query
  ) -> [Effect] {
    guard pending == nil else {
      isStale = true
      return []
    }
    return ask(height: height, &book, query)
  }

  /// Asks for what is in view and not here, if anything is.
  mutating func refill(
    height: Int, _ book: inout TicketBook, _ query: (WindowRequest) -> Query
  ) -> [Effect] {
    guard pending == nil else { return [] }
    let view = visible(height)
    let isHere = view.lowerBound >= offset && view.upperBound <= offset + rows.count
    let wanted = request(height, isSame: true)
    if isStale { return ask(height: height, &book, query) }
    guard total != nil && !isHere && wanted != asked else { return [] }
    return ask(height: height, isSame: true, &book, query)
  }

  private mutating func ask(
    height: Int, isSame: Bool = false, _ book: inout TicketBook, _ query: (WindowRequest) -> Query
  ) -> [Effect] {
    let ticket = book.next()
    let request = request(height, isSame: isSame)
    pending = ticket
    isStale = false
    asked = request
    return [.query(query(request), ticket)]
  }

  /// `isSame`: of the list as it was when it was last asked for, so that its length is known.
  private func request(_ height: Int, isSame: Bool) -> WindowRequest {
    let page = max(height, 8)
    let place = goal ?? (followsEnd ? .end : .at(max(0, top - page)))
    return WindowRequest(place, count: page * 3, anchor: anchor(isSame, page))
  }

  /// The row that is here nearest to the view. None where the view is far from all of them, or at the
  /// start, where new rows are wanted.
  private func anchor(_ isSame: Bool, _ page: Int) -> WindowAnchor? {
    let index = max(0, min(top - offset, rows.count - 1))
    let isAtStart = top == 0 && offset == 0
    guard isKeyed, goal == nil, !followsEnd, !isAtStart, rows.indices.contains(index),
      abs(offset + index - top) <= page * 4, let key = (rows[index].id as? any RowKey)?.rowKey
    else { return nil }
    return WindowAnchor(
      id: key, position: offset + index, total: isSame ? total : nil,
      isEstimate: isSame && isEstimate)
  }

  // MARK: Answers

  /// Takes the answer to the last question and refuses every other one.
  mutating func accept(
    _ window: Window<Row>, _ ticket: Ticket, height: Int, isGoal: (Row) -> Bool = { _ in false }
  ) -> Bool {
    guard ticket == pending else { return false }
    pending = nil
    problem = nil
    let old = selected?.id
    let isFirst = total == nil
    rows = window.rows
    offset = window.offset
    total = max(window.total, window.offset + window.rows.count)
    isEstimate = window.isEstimate
    let reached = goal
    goal = nil
    if case .around = reached, let index = rows.firstIndex(where: isGoal) {
      position = offset + index
      top = max(0, position - height / 2)
    } else if followsEnd {
      position = max(0, count - 1)
      top = max(0, count - height)
    } else if !isFirst, reached == nil, let old,
      let index = rows.firstIndex(where: { $0.id == old })
    {
      let moved = offset + index - position
      // At the very top new rows are wanted in view; elsewhere the view goes with its row.
      if top > 0 { top += moved }
      position += moved
    }
    clamp(height)
    return true
  }

  /// Takes a whole list that is not read in windows.
  mutating func accept(_ all: [Row], _ ticket: Ticket, height: Int) -> Bool {
    accept(Window(rows: all, offset: 0, total: all.count), ticket, height: height)
  }

  /// Shows a whole list that was read elsewhere.
  mutating func show(_ all: [Row], height: Int) {
    pending = Ticket(pane: .overview, generation: -1)
    _ = accept(all, Ticket(pane: .overview, generation: -1), height: height)
  }

  /// Takes the refusal of the last question.
  mutating func accept(_ problem: Problem, _ ticket: Ticket) -> Bool {
    guard ticket == pending else { return false }
    pending = nil
    goal = nil
    self.problem = problem
    return true
  }

  // MARK: Moving

  mutating func move(_ motion: Motion, height: Int) {
    // Nothing has been read yet: a page from the end must not become the first one.
    if isLoading, followsEnd, motion != .top { return }
    let page = max(1, height - 1)
    switch motion {
    case .up: select(position - 1, height: height)
    case .down: select(position + 1, height: height)
    case .pageUp: scroll(-page, height: height)
    case .pageDown: scroll(page, height: height)
    case .halfUp: scroll(-max(1, height / 2), height: height)
    case .halfDown: scroll(max(1, height / 2), height: height)
    case .top: select(0, height: height)
    case .bottom: select(count - 1, height: height)
    case .left, .right: break
    }
  }

  /// Selects a position and brings it into view.
  mutating func select(_ wanted: Int, height: Int) {
    position = wanted
    followsEnd = false
    clamp(height)
  }

  /// Selects the row shown in a line of the list, and says whether there is one.
  mutating func select(line: Int, height: Int) -> Bool {
    let wanted = top + line
    guard line >= 0, line < height, wanted < count else { return false }
    select(wanted, height: height)
    return true
  }

  /// Moves view and selection together.
  mutating func scroll(_ rows: Int, height: Int) {
    top += rows
    select(position + rows, height: height)
  }

  private mutating func clamp(_ height: Int) {
    let shown = max(1, height)
    position = max(0, min(position, count - 1))
    top = max(0, min(top, count - shown))
    if position < top { top = position }
    if position >= top + shown { top = position - shown + 1 }
  }
}

/// One value that is read as a whole, such as the detail of the selected row.
struct Loaded<Value: Sendable & Equatable>: Sendable, Equatable {
  private(set) var value: Value?
  private(set) var problem: Problem?
  private var pending: Ticket?
  private var isStale = false

  var isLoading: Bool { value == nil && problem == nil }

  /// Asks anew; the old value stays in view until the answer comes.
  mutating func ask(_ query: Query, _ book: inout TicketBook) -> [Effect] {
    let ticket = book.next()
    pending = ticket
    return [.query(query, ticket)]
  }

  /// Asks again, unless an answer is under way, which then is followed by another question.
  mutating func refresh(_ query: Query, _ book: inout TicketBook) -> [Effect] {
    guard pending == nil else {
      isStale = true
      return []
    }
    return ask(query, &book)
  }

  /// Takes the answer to the last question, and asks again where that was wanted meanwhile.
  mutating func accept(_ value: Value, _ ticket: Ticket) -> Bool {
    guard ticket == pending else { return false }
    (self.value, problem, pending) = (value, nil, nil)
    return true
  }

  mutating func accept(_ problem: Problem, _ ticket: Ticket) -> Bool {
    guard ticket == pending else { return false }
    (self.problem, pending) = (problem, nil)
    return true
  }

  /// The question that was wanted while another was under way.
  mutating func refill(_ query: Query, _ book: inout TicketBook) -> [Effect] {
    guard isStale, pending == nil else { return [] }
    isStale = false
    return ask(query, &book)
  }

  mutating func clear() { self = Loaded() }
}
