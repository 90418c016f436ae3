import Screen
import Support
import Testing

@Suite struct GeometryTests {
  @Test func `fixed parts are served first and the rest is shared to the last cell`() {
    let whole = Rect(2, 1, 20, 10)
    #expect(
      whole.rows([.cells(1), .rest, .cells(2)]) == [
        Rect(2, 1, 20, 1), Rect(2, 2, 20, 7), Rect(2, 9, 20, 2),
      ])
    #expect(
      whole.columns([.rest(1), .rest(2)], gap: 1) == [Rect(2, 1, 6, 10), Rect(9, 1, 13, 10)])
    #expect(whole.columns([.percent(40), .rest]) == [Rect(2, 1, 8, 10), Rect(10, 1, 12, 10)])
  }

  @Test func `parts of a split never overlap and never leave the whole`() async throws {
    try await forAll(500) { random in
      let whole = Rect(
        Int.random(in: -5...5, using: &random), Int.random(in: -5...5, using: &random),
        Int.random(in: 0...30, using: &random), Int.random(in: 0...30, using: &random))
      let extents: [Extent] = (0..<Int.random(in: 1...5, using: &random)).map { _ in
        switch Int.random(in: 0..<3, using: &random) {
        case 0: .cells(Int.random(in: -1...20, using: &random))
        case 1: .percent(Int.random(in: 0...100, using: &random))
        default: .rest(Int.random(in: 0...3, using: &random))
        }
      }
      let parts = whole.columns(extents, gap: Int.random(in: 0...2, using: &random))
      var end = whole.x
      for part in parts {
        guard part.x >= end, part.right <= whole.right else {
          throw Violation("\(parts) in \(whole) by \(extents)")
        }
        end = part.right
      }
    }
  }

  @Test func `a strip that is cut off is gone from the rest`() {
    var rest = Rect(0, 0, 80, 24)
    #expect(rest.cutTop(2) == Rect(0, 0, 80, 2))
    #expect(rest.cutBottom(1) == Rect(0, 23, 80, 1))
    #expect(rest.cutLeft(30) == Rect(0, 2, 30, 21))
    #expect(rest.cutRight(100) == Rect(30, 2, 50, 21))
    #expect(rest == Rect(30, 2, 0, 21))
  }
}
