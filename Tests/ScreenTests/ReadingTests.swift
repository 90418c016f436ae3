import Screen
import Support
import Testing

/// Tabs, charts and text to read.
@Suite struct ReadingTests {
  private let panes = Tabs(
    [
      Tabs.Tab("Overview", key: "1"), Tabs.Tab("People", key: "2"),
      Tabs.Tab("Review", key: "8", badge: "3"), Tabs.Tab("Settings", key: "0"),
    ], active: 1)

  @Test func `all tabs have names where there is room, else the open one`() {
    #expect(
      picture(50, 1) { panes.draw(on: &$0) } == " 1 Overview  2 People  8 Review 3  0 Settings")
    #expect(picture(40, 1) { panes.draw(on: &$0) } == " 1  2 People  8 3  0")
    var last = panes
    last.active = 3
    #expect(picture(14, 1) { last.draw(on: &$0) } == " 0 Settings".leftPadded(to: 13))
  }

  @Test func `a click opens the tab that was drawn there`() {
    #expect(panes.tab(at: 1, width: 50) == 0)
    #expect(panes.tab(at: 14, width: 50) == 1)
    #expect(panes.tab(at: 49, width: 50) == nil)
    #expect(panes.tab(at: 4, width: 40) == 1)
  }

  @Test func `progress is never full before the end and never empty after the start`() throws {
    #expect(ProgressBar(done: 0, total: 9).filled(of: 10) == 0)
    #expect(ProgressBar(done: 1, total: 1_000_000).filled(of: 10) == 1)
    #expect(ProgressBar(done: 999_999, total: 1_000_000).filled(of: 10) == 9)
    #expect(ProgressBar(done: 999_999, total: 1_000_000).percent == "99%")
    #expect(ProgressBar(done: 9, total: 9).filled(of: 10) == 10)
    #expect(ProgressBar(done: 5, total: nil).filled(of: 10) == 0)
    #expect(
      picture(10, 1, glyphs: .ascii) {
        ProgressBar(done: 1, total: 2).draw(on: &$0, 0, 0, width: 10)
      }
        == "#####.....")
  }

  @Test func `bars share a scale and stand beside their labels`() {
    let chart = BarChart([
      BarChart.Bar("created", 50), BarChart.Bar("refused", 1, .danger), BarChart.Bar("same", 0),
    ])
    #expect(
      picture(30, 3) { chart.draw(on: &$0) } == """
        created ███████████████████ 50
        refused █░░░░░░░░░░░░░░░░░░  1
        same    ░░░░░░░░░░░░░░░░░░░  0
        """)
    #expect(picture(9, 1) { Sparkline([0, 1, 4, 8]).draw(on: &$0, 0, 0, width: 6) } == "   ▁▄█")
  }

  @Test func `text wraps at blanks and keeps its roles`() {
    let lines = TextView.wrap(
      [Run("Refused: "), Run("the address is not one", .danger), Run(" (row 12).")], to: 14,
      indent: 2)
    #expect(
      lines.map { $0.map(\.text).joined() } == [
        "Refused: the", "  address is", "  not one (row", "  12).",
      ])
    #expect(lines[1].last?.role == .danger)
    #expect(TextView.wrap([Run("")], to: 10) == [[]])
  }

  @Test func `wrapped lines fit and lose nothing but blanks`() async throws {
    try await forAll(300) { random in
      let runs = [Run(randomText(&random)), Run(randomText(&random), .dim)]
      let width = Int.random(in: 4...20, using: &random)
      let lines = TextView.wrap(runs, to: width, indent: 1)
      for line in lines {
        guard line.reduce(0, { $0 + $1.width }) <= width else {
          throw Violation("\(line) > \(width)")
        }
      }
      func letters(_ texts: [String]) -> [String] {
        texts.flatMap {
          GlyphSequence($0).filter { $0.base != 0x20 }.map { String($0.text.first ?? " ") }
        }
        .map { String($0.unicodeScalars.prefix(1)) }
      }
      let found = letters(lines.flatMap { $0.map(\.text) })
      guard letters(runs.map(\.text)) == found else { throw Violation("\(runs) became \(lines)") }
    }
  }

  @Test func `labels and values stand in two columns`() {
    let lines = TextView.pairs(
      [
        ("Started", [Run("12:00:01")]), ("Why", [Run("the person has no address of their own")]),
        ("Ended", []),
      ],
      width: 30)
    #expect(
      picture(30, 6) { TextView.draw(lines, on: &$0) } == """
        Started  12:00:01
        Why      the person has no
                 address of their own
        Ended    -
        """)
  }

  @Test func `the last line can be reached and nothing lies beyond it`() {
    var state = ScrollState()
    _ = state.handle("G", total: 10, height: 4)
    #expect(state.top == 6)
    _ = state.handle("j", total: 10, height: 4)
    #expect(state.top == 6)
    #expect(state.first(total: 3, height: 4) == 0)
    #expect(state.handle("x", total: 10, height: 4) == false)
    let lines = (0..<10).map { [Run("line \($0)")] }
    #expect(
      picture(10, 4) { TextView.draw(lines, on: &$0, state) } == """
        line 6
        line 7
        line 8
        line 9   ┃
        """)
  }
}

extension String {
  fileprivate func leftPadded(to width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }
}
