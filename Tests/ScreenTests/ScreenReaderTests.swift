import Screen
import Support
import Testing

/// The reader that all terminal tests look through, checked by value.
@Suite struct ScreenReaderTests {
  private func screen(_ width: Int, _ height: Int, _ bytes: String) -> ScreenReader {
    var reader = ScreenReader(Size(width, height))
    reader.feed(bytes)
    return reader
  }

  @Test func `text goes where the cursor is sent`() {
    let seen = screen(8, 3, "ab\u{1B}[2;3Hcd\u{1B}[3Ge\u{1B}[3dF\r\u{1B}[3CG\u{1B}[A\u{8}H")
    #expect(seen.lines == ["ab", "  eH", "   G"])
    #expect(seen.position == Point(4, 1))
  }

  @Test func `the last column holds the cursor until the next character`() {
    #expect(screen(3, 2, "abc").position == Point(2, 0))
    #expect(screen(3, 2, "abcd").lines == ["abc", "d"])
    #expect(screen(3, 2, "abc\rx").lines == ["xbc", ""])
    #expect(screen(3, 2, "\u{1B}[?7labcd").lines == ["abd", ""])
    #expect(screen(3, 2, "ab中").lines == ["ab", "中"])
  }

  @Test func `lines and screens are erased in the colour in force`() {
    let seen = screen(
      6, 2, "abcdef\u{1B}[1;3H\u{1B}[44m\u{1B}[K\u{1B}[m\u{1B}[2;1Hxyz\u{1B}[2D\u{1B}[1K")
    #expect(seen.lines == ["ab", "  z"])
    #expect(seen.style(at: Point(4, 0)).background == .ansi(4))
    #expect(screen(4, 2, "abcd\u{1B}[1;2H\u{1B}[2X").line(0) == "a  d")
    #expect(screen(4, 2, "abcd\r\nefgh\u{1B}[1;3H\u{1B}[J").lines == ["ab", ""])
    #expect(screen(4, 2, "abcd\r\nefgh\u{1B}[2J").lines == ["", ""])
  }

  @Test func `characters and lines are put in and taken out`() {
    #expect(screen(5, 1, "abcde\u{1B}[2G\u{1B}[2@").line(0) == "a  bc")
    #expect(screen(5, 1, "abcde\u{1B}[2G\u{1B}[2P").line(0) == "ade")
    #expect(screen(2, 3, "a\r\nb\r\nc\u{1B}[2H\u{1B}[L").lines == ["a", "", "b"])
    #expect(screen(2, 3, "a\r\nb\r\nc\u{1B}[1H\u{1B}[M").lines == ["b", "c", ""])
    #expect(screen(4, 1, "x\u{1B}[2b").line(0) == "xxx")
  }

  @Test func `only the scroll region scrolls`() {
    let four = "a\r\nb\r\nc\r\nd"
    #expect(screen(2, 4, "\(four)\u{1B}[2;3r\u{1B}[3H\n").lines == ["a", "c", "", "d"])
    #expect(screen(2, 4, "\(four)\u{1B}[2;3r\u{1B}[2H\u{1B}M").lines == ["a", "", "b", "d"])
    #expect(screen(2, 4, "\(four)\n").lines == ["b", "c", "d", ""])
    #expect(screen(2, 4, "\(four)\u{1B}[2S").lines == ["c", "d", "", ""])
  }

  @Test func `the alternate screen comes and goes with the cursor`() {
    var seen = screen(8, 2, "shell\u{1B}[?1049h\u{1B}[2;1Hconsole\u{1B}[?25l\u{1B}[?2004h")
    #expect(seen.lines[0] == "")
    #expect(seen.isAlternate && seen.cursor == nil && seen.modes.contains(2004))
    seen.feed("\u{1B}[?1049l\u{1B}[?25h\u{1B}[?2004l")
    #expect(seen.lines == ["shell", ""])
    #expect(seen.cursor == Point(5, 0))
    #expect(seen.modes == [7, 25])
  }

  @Test func `colours and attributes are those of the sequence`() {
    let seen = screen(9, 1, "\u{1B}[1;38;5;203;48;2;1;2;3mA\u{1B}[22;39mB\u{1B}[0;94;7mC\u{1B}[mD")
    #expect(
      seen.style(at: Point(0, 0))
        == ResolvedStyle(foreground: .indexed(203), background: .rgb(1, 2, 3), attributes: [.bold]))
    #expect(
      seen.style(at: Point(1, 0))
        == ResolvedStyle(foreground: .terminal, background: .rgb(1, 2, 3), attributes: []))
    #expect(
      seen.style(at: Point(2, 0))
        == ResolvedStyle(foreground: .ansi(12), background: .terminal, attributes: [.reverse]))
    #expect(
      seen.style(at: Point(3, 0))
        == ResolvedStyle(foreground: .terminal, background: .terminal, attributes: []))
  }

  @Test func `wide characters take two cells and never half`() {
    #expect(screen(6, 1, "中x").find("x") == Point(2, 0))
    #expect(screen(6, 1, "中文\u{1B}[2Gx").line(0) == " x文")
    #expect(screen(6, 1, "e\u{301}x").find("x") == Point(1, 0))
    #expect(screen(6, 1, "\u{1B}(0lqk\u{1B}(Bq").line(0) == "┌─┐q")
  }

  @Test func `bytes may come in any pieces`() async throws {
    let bytes = Array(
      "a中\u{1B}[31mé\u{1B}]0;title\u{7}\u{1B}[2;2H👩x\u{1B}[?2004h\u{1B}(0q\u{1B}(B\u{1B}[K!".utf8)
    var whole = ScreenReader(Size(10, 3))
    whole.feed(bytes)
    #expect(whole.title == "title")
    #expect(whole.unknown == [])
    try await forAll(100) { random in
      var pieces = ScreenReader(Size(10, 3))
      var rest = bytes[...]
      while !rest.isEmpty {
        let piece = rest.prefix(Int.random(in: 1...5, using: &random))
        pieces.feed(piece)
        rest = rest.dropFirst(piece.count)
      }
      guard pieces.lines == whole.lines, pieces.position == whole.position else {
        throw Violation("\(pieces.framed) is not \(whole.framed)")
      }
    }
  }

  @Test func `what it does not know is counted, not shown`() {
    let seen = screen(9, 1, "a\u{1B}[5zb\u{1B}Pq#0\u{1B}\\c\u{1B}]52;c;aGk=\u{7}")
    #expect(seen.line(0) == "abc")
    #expect(seen.unknown == ["CSI 5z"])
    #expect(seen.clipboard == "hi")
  }
}
