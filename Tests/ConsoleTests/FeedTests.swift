// Lists that are read a window at a time.

import Basics
import Domain
import Support
import Testing

@testable import Console

private struct Row: Sendable, Equatable, Identifiable { let id: Int64 }

@Suite struct FeedTests {
  private func window(_ ids: some Sequence<Int64>, at offset: Int, of total: Int) -> Window<Row> {
    Window(rows: ids.map { Row(id: $0) }, offset: offset, total: total)
  }

  /// The ticket of the one question in `effects`.
  private func ticket(_ effects: [Effect]) throws -> (ticket: Ticket, request: WindowRequest) {
    guard effects.count == 1, case .query(.people(_, _, let request), let ticket) = effects[0]
    else {
      throw Violation("expected one question, got \(effects)")
    }
    return (ticket, request)
  }

  private func query(_ request: WindowRequest) -> Query { .people(search: "", request) }

  @Test func `an answer to an older question is dropped`() throws {
    var book = TicketBook(.people)
    var feed = Feed<Row>()
    let old = try ticket(feed.restart(height: 10, &book, query))
    let new = try ticket(feed.restart(at: .at(0), height: 10, &book, query))
    let outcome1 = feed.accept(window([1], at: 0, of: 1), old.ticket, height: 10)
    #expect(!outcome1)
    #expect(feed.isLoading)
    let accepted = feed.accept(window([2], at: 0, of: 1), new.ticket, height: 10)
    #expect(accepted && feed.selected?.id == 2)
  }

  @Test func `while a question is open news only asks once more after its answer`() throws {
    var book = TicketBook(.people)
    var feed = Feed<Row>()
    let first = try ticket(feed.restart(height: 10, &book, query))
    for _ in 0..<5 {
      let more = feed.refresh(height: 10, &book, query)
      #expect(more == [])
    }
    let outcome3 = feed.accept(window(1...10, at: 0, of: 10), first.ticket, height: 10)
    #expect(outcome3)
    let again = try ticket(feed.refill(height: 10, &book, query))
    let outcome4 = feed.accept(window(1...10, at: 0, of: 10), again.ticket, height: 10)
    #expect(outcome4)
    let outcome5 = feed.refill(height: 10, &book, query)
    #expect(outcome5 == [])
  }

  @Test func `the selection stays with its row when rows come in above it`() throws {
    var book = TicketBook(.people)
    var feed = Feed<Row>()
    let first = try ticket(feed.restart(height: 10, &book, query))
    let outcome6 = feed.accept(window(1...30, at: 0, of: 30), first.ticket, height: 10)
    #expect(outcome6)
    feed.select(15, height: 10)
    let (top, id) = (feed.top, feed.selected?.id)
    let second = try ticket(feed.refresh(height: 10, &book, query))
    let outcome7 = feed.accept(window(-2...27, at: 0, of: 33), second.ticket, height: 10)
    #expect(outcome7)
    #expect(feed.selected?.id == id)
    #expect(feed.position == 18)
    #expect(feed.top == top + 3)
  }

  @Test func `moving out of the window asks for the part that is in view`() throws {
    var book = TicketBook(.people)
    var feed = Feed<Row>()
    let first = try ticket(feed.restart(height: 10, &book, query))
    let outcome8 = feed.accept(window(1...30, at: 0, of: 1_000_000), first.ticket, height: 10)
    #expect(outcome8)
    feed.move(.bottom, height: 10)
    let last = try ticket(feed.refill(height: 10, &book, query))
    #expect(last.request == WindowRequest(.at(999_980), count: 30))
    #expect(feed.row(at: 999_999) == nil)
  }

  @Test func `an answer that falls short is not asked for again and again`() throws {
    var book = TicketBook(.people)
    var feed = Feed<Row>()
    let first = try ticket(feed.restart(height: 10, &book, query))
    let outcome9 = feed.accept(window(1...3, at: 0, of: 500), first.ticket, height: 10)
    #expect(outcome9)
    let outcome10 = feed.refill(height: 10, &book, query)
    #expect(outcome10 == [])
  }

  @Test func `a long list is read on from a row that is here, and its length is not asked again`()
    throws
  {
    var book = TicketBook(.logs)
    var feed = Feed<Row>(keyed: true)
    let first = try ticket(feed.restart(at: .end, height: 10, &book, query))
    #expect(first.request.anchor == nil)
    let all = Window(
      rows: (9971...10000).map { Row(id: Int64($0)) }, offset: 1_000_000, total: 1_000_030,
      isEstimate: true)
    let taken = feed.accept(all, first.ticket, height: 10)
    #expect(taken)
    for _ in 0..<4 { feed.move(.pageUp, height: 10) }
    let more = try ticket(feed.refill(height: 10, &book, query))
    let anchor = try #require(more.request.anchor)
    #expect(anchor.total == 1_000_030 && anchor.isEstimate)
    #expect(anchor.id - 9971 == Int64(anchor.position - 1_000_000))
    // The list turns out to begin here: the selected row stays selected under its true number.
    let selected = feed.selected?.id
    let start = Window(rows: (9951...9990).map { Row(id: Int64($0)) }, offset: 0, total: 60)
    let moved = feed.accept(start, more.ticket, height: 10)
    #expect(moved)
    #expect(feed.selected?.id == selected)
    #expect(feed.visible(10).contains(feed.position))
  }

  @Test func `a row that was asked for by its id is selected and in view`() throws {
    var book = TicketBook(.people)
    var feed = Feed<Row>()
    let asked = try ticket(feed.restart(at: .around(512), height: 10, &book, query))
    #expect(asked.request.place == .around(512))
    let accepted = feed.accept(window(500...529, at: 499, of: 900), asked.ticket, height: 10) {
      $0.id == 512
    }
    #expect(accepted)
    #expect(feed.selected?.id == 512)
    #expect(feed.visible(10).contains(feed.position))
  }

  @Test func `following stays at the end until somebody moves`() throws {
    var book = TicketBook(.people)
    var feed = Feed<Row>()
    let first = try ticket(feed.restart(at: .end, height: 5, &book, query))
    let outcome11 = feed.accept(window(71...100, at: 70, of: 100), first.ticket, height: 5)
    #expect(outcome11)
    #expect(feed.position == 99)
    let second = try ticket(feed.refresh(height: 5, &book, query))
    #expect(second.request.place == .end)
    let outcome12 = feed.accept(window(73...102, at: 72, of: 102), second.ticket, height: 5)
    #expect(outcome12)
    #expect(feed.position == 101)
    feed.move(.up, height: 5)
    #expect(!feed.followsEnd)
  }

  @Test(arguments: [Motion.pageUp, .up, .halfUp, .down, .bottom])
  func `what moves before anything was read leaves the end followed`(motion: Motion) throws {
    var book = TicketBook(.people)
    var feed = Feed<Row>()
    let end = try ticket(feed.restart(at: .end, height: 10, &book, query))
    feed.move(motion, height: 10)
    let accepted = feed.accept(window(71...100, at: 70, of: 100), end.ticket, height: 10)
    #expect(accepted && feed.selected?.id == 100)
  }

  @Test func `whatever moves, the selected row exists and is in view`() async throws {
    try await forAll(300) { random in
      var book = TicketBook(.people)
      var feed = Feed<Row>()
      for _ in 0..<40 {
        let height = Int.random(in: 1...30, using: &random)
        switch Int.random(in: 0...4, using: &random) {
        case 0:
          let (ticket, _) = try ticket(feed.restart(height: height, &book, query))
          let total = Int.random(in: 0...90, using: &random)
          let offset = Int.random(in: 0...total, using: &random)
          let count = Int.random(in: 0...(total - offset), using: &random)
          let ids = (0..<count).map { Int64(offset + $0) }
          _ = feed.accept(window(ids, at: offset, of: total), ticket, height: height)
        case 1: feed.scroll(Int.random(in: -40...40, using: &random), height: height)
        case 2: _ = feed.select(line: Int.random(in: -3...40, using: &random), height: height)
        default: feed.move(Motion.allCases.randomElement(using: &random) ?? .up, height: height)
        }
        let view = feed.visible(height)
        if feed.count > 0 {
          // The view was made for another height until something moves in this one.
          feed.select(feed.position, height: height)
          let now = feed.visible(height)
          guard (0..<feed.count).contains(feed.position), now.contains(feed.position) else {
            throw Violation("row \(feed.position) of \(feed.count) is not in \(now)")
          }
        }
        guard view.lowerBound >= 0, view.upperBound <= max(feed.count, view.lowerBound) else {
          throw Violation("the view \(view) leaves the \(feed.count) rows")
        }
      }
    }
  }
}
