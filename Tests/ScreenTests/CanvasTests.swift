import Screen
import Support
import Testing

@Suite struct CanvasTests {
  @Test func `a box has a title, a note and room inside`() {
    let drawn = picture(24, 4) { canvas in
      let room = canvas.box(canvas.bounds, title: "People", note: "3 of 9", focused: true)
      canvas.inside(room) { $0.text("Zoë 中文", 0, 0) }
    }
    #expect(
      drawn == """
        ┌─ People ──── 3 of 9 ─┐
        │Zoë 中文              │
        │                      │
        └──────────────────────┘
        """)
  }

  @Test func `lines are ASCII where the terminal has nothing else`() {
    let drawn = picture(12, 3, glyphs: .ascii) { canvas in
      let room = canvas.box(canvas.bounds, title: "Tags")
      canvas.inside(room) { $0.text("newsletters", 0, 0, width: $0.width) }
    }
    #expect(
      drawn == """
        +- Tags ---+
        |newslette~|
        +----------+
        """)
  }

  @Test func `punctuation is ASCII there too, and letters stay`() {
    let drawn = picture(16, 1, glyphs: .ascii) { $0.text("1–4 of “Zoë’s”…", 0, 0) }
    #expect(drawn == "1-4 of \"Zoë's\"~")
  }

  @Test func `half a wide character at the edge is a blank`() {
    let drawn = buffer(6, 1) { canvas in
      canvas.fill(nil, with: "#")
      canvas.inside(Rect(1, 0, 3, 1)) { $0.text("中文", 0, 0) }
    }
    #expect(drawn.line(0) == "#中 ##")
  }

  @Test func `writing over half a wide character leaves no other half`() {
    #expect(
      picture(4, 1) {
        $0.text("中文", 0, 0); $0.text("x", 1, 0)
      } == " x文")
    #expect(
      picture(4, 1) {
        $0.text("中文", 0, 0); $0.text("x", 2, 0)
      } == "中x")
    #expect(
      picture(4, 1) {
        $0.text("a中b", 0, 0); $0.text("文", 0, 0)
      } == "文 b")
  }

  @Test func `several runs are cut as one line`() {
    let runs: [Run] = [Run("Enter", .key), Run(" Open  "), Run("F", .key), Run(" Force sync")]
    #expect(picture(30, 1) { $0.line(runs, 0, 0, width: 30) } == "Enter Open  F Force sync")
    #expect(picture(30, 1) { $0.line(runs, 0, 0, width: 18) } == "Enter Open  F For…")
    #expect(picture(30, 1) { $0.line(runs, 0, 0, width: 24) } == "Enter Open  F Force sync")
    #expect(picture(30, 1) { $0.line(runs, 0, 0, width: 12) } == "Enter Open …")
    #expect(picture(10, 1) { $0.line([Run("ab")], 0, 0, width: 10, align: .right) } == "        ab")
  }

  @Test func `alignment is within the given width`() {
    #expect(picture(9, 1) { $0.text("12", 1, 0, width: 6, align: .right) } == "     12")
    #expect(picture(9, 1) { $0.text("12", 1, 0, width: 6, align: .centre) } == "   12")
  }

  @Test func `the scroll bar shows the ends only at the ends`() {
    func bar(_ top: Int) -> String {
      let lines = buffer(1, 5) { $0.scrollBar(0, 0, 5, top: top, total: 50) }.lines
      return lines.map { $0.isEmpty ? "·" : $0 }.joined()
    }
    #expect(bar(0) == "┃····")
    #expect(bar(1) == "·┃···")
    #expect(bar(44) == "···┃·")
    #expect(bar(45) == "····┃")
    #expect(buffer(1, 5) { $0.scrollBar(0, 0, 5, top: 0, total: 5) }.picture == "")
  }

  @Test func `the cursor is hidden where the canvas is clipped away`() {
    #expect(
      buffer(9, 2) { c in c.inside(Rect(2, 1, 4, 1)) { $0.showCursor(3, 0) } }.cursor == Point(5, 1)
    )
    #expect(buffer(9, 2) { c in c.inside(Rect(2, 1, 4, 1)) { $0.showCursor(4, 0) } }.cursor == nil)
  }

  @Test func `nothing is drawn outside the clip, and no half characters exist`() async throws {
    try await forAll(400) { random in
      let clip = Rect(
        Int.random(in: 0...8, using: &random), Int.random(in: 0...4, using: &random),
        Int.random(in: 0...10, using: &random), Int.random(in: 0...5, using: &random))
      let before = buffer(14, 7) { $0.fill(nil, with: "#", .dim) }
      var copy = random
      let after = buffer(14, 7) { canvas in
        canvas.fill(nil, with: "#", .dim)
        canvas.inside(clip, on: .popup) { scribble(on: &$0, &copy) }
      }
      for y in 0..<7 {
        for x in 0..<14 where !clip.contains(Point(x, y)) {
          guard after[x, y] == before[x, y] else { throw Violation("(\(x), \(y)) outside \(clip)") }
        }
        for x in 0..<14 {
          let cell = after[x, y]
          let follower = x + 1 < 14 && after[x + 1, y].isContinuation
          guard (cell.glyph.width == 2) == follower else { throw Violation("half at (\(x), \(y))") }
        }
      }
    }
  }

  private func scribble(on canvas: inout Canvas, _ random: inout SeededGenerator) {
    for _ in 0..<12 {
      let x = Int.random(in: -6...14, using: &random)
      let y = Int.random(in: -3...8, using: &random)
      let size = Int.random(in: -2...16, using: &random)
      switch Int.random(in: 0..<7, using: &random) {
      case 0: canvas.text(randomText(&random), x, y)
      case 1: canvas.text(randomText(&random), x, y, width: size, align: .right)
      case 2: canvas.fill(Rect(x, y, size, 2), with: ".")
      case 3: canvas.box(Rect(x, y, size, 4), title: randomText(&random), note: "n")
      case 4: canvas.lay(.selection, under: Rect(x, y, size, 1))
      case 5: canvas.scrollBar(x, y, size, top: 3, total: 40)
      default: canvas.line([Run(randomText(&random)), Run(randomText(&random))], x, y, width: size)
      }
    }
  }
}
