// Logs: following, searching, jumping to errors.

import Basics
import Domain
import Screen
import Testing

@testable import Console

@Suite struct LogsPaneTests {
  @Test func `a move stops following, and f follows again`() {
    var console = ready(.logs)
    #expect(console.picture.contains("following"))
    console.press("k")
    #expect(!console.picture.contains("following"))
    #expect(console.press("f").queries == [.logs(LogFilter(), WindowRequest(.end, count: 87))])
  }

  @Test func `E looks for the error above and shows it among its neighbours`() {
    var console = ready(.logs)
    let effects = console.press("k E")
    #expect(
      effects.queries == [
        .logMatch(
          LogFilter(), text: "", minimum: .error, from: 2, backwards: true, origin: 2)
      ])
    console.answer(.logMatch(.found(3))) { if case .logMatch = $0 { true } else { false } }
    guard case .query(.logs(_, let request), _)? = console.effects.last else {
      return #expect(Bool(false))
    }
    #expect(request.place == .around(3))
  }

  @Test func `a long search goes on piece by piece, says how far it is, and Esc leaves it`() {
    var console = ready(.logs)
    console.press("g /")
    console.type("grace")
    let first = console.press("Enter")
    guard case .query(.logMatch(_, "grace", .debug, let from, false, let origin), _)? = first.first
    else { return #expect(Bool(false), "\(first)") }
    #expect(from == 1 && origin == 1)
    let second = console.answer(.logMatch(.goesOn(from: 200_001, share: 431))) {
      if case .logMatch = $0 { true } else { false }
    }
    #expect(
      second.queries == [
        .logMatch(
          LogFilter(), text: "grace", minimum: .debug, from: 200_001, backwards: false, origin: 1)
      ])
    #expect(console.picture.contains("searching \"grace\" 43%"))
    // A key does not wait for it.
    console.press("j")
    console.press("Esc")
    #expect(console.noticeLine.contains("The search is left."))
    let late = console.answer(.logMatch(.found(2))) {
      if case .logMatch = $0 { true } else { false }
    }
    #expect(late == [])
    #expect(console.picture.contains("searching \"grace\""))
  }

  @Test func `a time is typed and the log stands there`() {
    var console = ready(.logs)
    console.press("@")
    console.type("11-21 13:05")
    let asked = console.press("Enter").queries
    let wanted = Instant(iso8601: "2026-11-21T13:05:00Z")
    #expect(asked == [wanted.map { .logTime(LogFilter(), $0) }].compactMap { $0 })
    console.answer(.logMatch(.found(2))) { if case .logTime = $0 { true } else { false } }
    guard case .query(.logs(_, let request), _)? = console.effects.last else {
      return #expect(Bool(false))
    }
    #expect(request.place == .around(2))
    console.press("@")
    console.type("tomorrow")
    #expect(console.press("Enter").queries == [])
    #expect(console.noticeLine.contains("That is no time."))
  }

  @Test func `the form filters by execution and words, and refuses what is no number`() {
    var console = ready(.logs)
    console.press("& Tab")
    console.type("abc")
    console.press("^S")
    #expect(console.picture.contains("no number of an execution"))
    console.press("^U")
    console.type("311")
    console.press("Tab")
    console.type("refused")
    guard case .logs(let filter, _)? = console.press("^S").queries.first else {
      return #expect(Bool(false))
    }
    #expect(filter.execution == ExecutionID(311))
    #expect(filter.text == "refused")
    #expect(console.picture.contains("Logs, only #311, with \"refused\""))
  }

  @Test func `what is searched for stands out wherever it occurs`() {
    var console = ready(.logs)
    console.press("/")
    console.type("VALUE")
    let drawn = console.session.draw()
    let lines = drawn.lines
    let row = lines.firstIndex { $0.contains("A value was cut") } ?? 0
    let column = Table.matches(of: "value", in: lines[row]).first?.head.count ?? 0
    #expect(drawn[column, row].role == .match)
    #expect(drawn[column + 5, row].role != .match)
  }

  @Test func `n says that nothing is searched for`() {
    var console = ready(.logs)
    #expect(console.press("n") == [])
    #expect(console.noticeLine.contains("press / first"))
  }

  @Test func `T and a digit show the last hour, and Esc everything again`() {
    var console = ready(.logs)
    console.press("T")
    #expect(console.picture.contains("the last hour"))
    var hour = LogFilter()
    hour.within = .hours(1)
    #expect(console.press("4").queries == [.logs(hour, WindowRequest(.end, count: 87))])
    console.answerAll()
    #expect(console.picture.contains("the last hour"))
    #expect(console.press("Esc").queries == [.logs(LogFilter(), WindowRequest(.end, count: 87))])
  }

  @Test func `marked lines are copied together, in their order, and Esc takes the marks off`() {
    var console = ready(.logs)
    console.press("g Space j Space")
    #expect(console.picture.contains("2 marked"))
    console.press("y")
    #expect(console.picture.contains("The 2 marked lines, to the clipboard"))
    guard case .copy(let text, .clipboard)? = console.press("a").first else {
      return #expect(Bool(false), "nothing was copied")
    }
    #expect(text.split(separator: "\n").count == 2)
    console.press("Esc")
    #expect(!console.picture.contains("marked"))
  }

  @Test func `v marks all lines from here to there, however far apart they are`() {
    var console = ready(.logs)
    console.press("g v")
    #expect(console.picture.contains("range from here: v marks it"))
    let asked = console.press("j j v")
    guard case .query(.logRange(LogFilter(), let ids), _)? = asked.last else {
      return #expect(Bool(false), "\(asked)")
    }
    #expect(ids.count == 3)
    console.answerAll()
    #expect(console.picture.contains("3 marked"))
    console.press("G w")
    #expect(console.picture.split(separator: "\n").filter { $0.contains("◆") }.count == 3)
    console.press("Esc v G v")
    console.answer(.logRange([])) { if case .logRange = $0 { true } else { false } }
    #expect(console.noticeLine.contains("too much for a range"))
    #expect(!console.picture.contains("◆"))
    console.press("*")
    #expect(console.picture.contains("marked"))
    console.press("*")
    #expect(!console.picture.contains("marked"))
  }
}
