// The audit trail and the ledger of one person as lists: read a window at a time to their last line,
// with their length said, and each line whole on its page.

import Basics
import Domain
import Screen
import Testing

@testable import Console

@Suite struct PersonLinesTests {
  /// As a workspace answers of somebody with this many lines.
  private func history(_ request: WindowRequest, of total: Int) -> Window<AuditRow> {
    let first: Int
    switch request.place {
    case .at(let wanted): first = max(0, min(wanted, total - request.count))
    default: first = max(0, total - request.count)
    }
    let rows = (first..<min(total, first + request.count)).map { index in
      AuditRow(
        id: Int64(total - index), at: Sample.now - .seconds(Int64(index)), who: "anna",
        person: PersonID(1), field: "phone", old: "", new: "number \(total - index)")
    }
    return Window(rows: rows, offset: first, total: total)
  }

  /// Answers questions for the history until none is open.
  private func settle(_ console: inout TestSession, _ total: Int) {
    while let index = console.effects.firstIndex(where: {
      if case .query(.history, _) = $0 { true } else { false }
    }) {
      guard case .query(.history(_, let request), let ticket) = console.effects.remove(at: index)
      else { return }
      console.handle(.answered(ticket, .history(history(request, of: total))))
    }
  }

  @Test func `a history of 3,000 lines is read to its last one, and their number is said`() {
    var console = ready(.people)
    console.press("Enter ] ] ]")
    settle(&console, 3000)
    #expect(console.picture.contains("of 3,000"))
    #expect(console.picture.contains("(empty) → number 3000"))
    console.press("G")
    settle(&console, 3000)
    #expect(console.picture.contains("(empty) → number 1 "))
    #expect(console.picture.contains("–3,000 of 3,000"))
    console.press("PgUp PgUp")
    settle(&console, 3000)
    #expect(!console.picture.contains("–3,000 of 3,000"))
    #expect(!console.picture.contains("…\n"))
  }

  @Test func `what a line has no room for is on its page`() {
    var console = ready(.people)
    console.press("Enter ] ] ]")
    let long = String(repeating: "long ", count: 40) + "finis"
    let row = AuditRow(
      id: 1, at: Sample.now, who: "anna", person: PersonID(1), field: "company", old: "", new: long)
    console.answer(.history(Window(rows: [row], offset: 0, total: 1))) {
      if case .history = $0 { true } else { false }
    }
    #expect(!console.picture.contains("finis"))
    #expect(console.lastLine.contains("Enter Show"))
    console.press("Enter")
    #expect(console.picture.contains("finis"))
    #expect(console.picture.contains("company"))
  }

  @Test func `the ledger's entries are told with who made them and by what`() {
    var console = ready(.people)
    console.press("Enter ] ] ] ]")
    console.answerAll()
    #expect(console.picture.contains("opt-in yes → opt-in no"))
    #expect(console.picture.contains("unsubscribed there"))
    #expect(console.picture.contains("1–2 of 2"))
    console.press("j Enter")
    #expect(console.picture.contains("form 1"))
  }
}
