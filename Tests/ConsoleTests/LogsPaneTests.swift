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
        .logMatch(LogFilter(), text: "", minimum: .error, from: 2, backwards: true)
      ])
    console.answer(.logMatch(3)) { if case .logMatch = $0 { true } else { false } }
    guard case .query(.logs(_, let request), _)? = console.effects.last else {
      return #expect(Bool(false))
    }
    #expect(request.place == .around(3))
  }

  @Test func `n says that nothing is searched for`() {
    var console = ready(.logs)
    #expect(console.press("n") == [])
    #expect(console.noticeLine.contains("press / first"))
  }
}
