import Screen
import Support
import Testing

@Suite struct CharacterWidthTests {
  @Test func `every character has the width that the C library gives it`() {
    var wrong: [String] = []
    for value in UInt32(0x20)...0x10FFFF {
      guard let scalar = Unicode.Scalar(value), let library = libraryWidth(of: scalar) else {
        continue
      }
      let age = scalar.properties.age ?? (99, 0)
      // A newer library knows newer characters; those we show as a question mark.
      guard (age.major, age.minor) <= (14, 0) else { continue }
      if CharacterWidth.of(scalar) != library { wrong.append("U+" + String(value, radix: 16)) }
    }
    #expect(wrong.isEmpty)
  }

  @Test func `what the C library does not know is never drawn`() {
    // Every 61st, a prime: the whole range takes seconds where strings are made of all.
    for value in stride(from: UInt32(0), through: 0x10FFFF, by: 61) {
      guard let scalar = Unicode.Scalar(value), libraryWidth(of: scalar) == nil else { continue }
      let drawn = GlyphSequence(String(scalar)).map(\.text).joined()
      #expect(drawn != String(scalar), "U+\(String(value, radix: 16))")
    }
  }

  @Test(arguments: [
    ("Zoë", 3), ("中文", 4), ("e\u{301}", 1), ("👩‍👩‍👧", 2), ("👍🏽", 2), ("🇳🇱", 2), ("❤️", 1), ("1️⃣", 1),
    ("", 0), ("\u{1B}[31m", 5), ("한글", 4), ("\u{1112}\u{1161}\u{11AB}", 2), ("שָׁלוֹם", 4), ("नमस्ते", 4),
  ]) func `a text measures what its cells take`(text: String, width: Int) {
    #expect(CharacterWidth.of(text) == width)
  }

  @Test func `what cannot be shown safely degrades to something that can`() {
    func shown(_ text: String) -> String { GlyphSequence(text).map(\.text).joined() }
    #expect(shown("👩‍👩‍👧 family") == "👩 family")
    #expect(shown("👍🏽") == "👍")
    #expect(shown("🇳🇱") == "NL")
    #expect(shown("3️⃣") == "3")
    #expect(shown("a\u{1B}[2Jb\u{7}") == "a?[2Jb?")
    #expect(shown("o\u{302}\u{301}\u{327}") == "o\u{302}\u{301}")
    #expect(shown("क्\u{200D}ष") == "क्ष")
    #expect(shown("\u{301}x") == "x")
  }

  @Test func `cutting never exceeds the width and says that it cut`() async throws {
    #expect(CharacterWidth.cut("Adelaide", to: 5) == "Adel…")
    #expect(CharacterWidth.cut("中文中文", to: 5) == "中文…")
    #expect(CharacterWidth.cut("中文中文", to: 6) == "中文…")
    #expect(CharacterWidth.cut("中文", to: 4) == "中文")
    #expect(CharacterWidth.cut("Ada", to: 0) == "")
    try await forAll(500) { random in
      let text = randomText(&random)
      let width = Int.random(in: 0...20, using: &random)
      let cut = CharacterWidth.cut(text, to: width)
      guard CharacterWidth.of(cut) <= width else {
        throw Violation("'\(cut)' is wider than \(width)")
      }
      let fitted = CharacterWidth.fit(text, to: width, .right)
      guard CharacterWidth.of(fitted) == width else {
        throw Violation("'\(fitted)' is not \(width)")
      }
    }
  }

  @Test func `wrapping keeps every word and every line in the width`() async throws {
    #expect(CharacterWidth.wrap("the quick brown fox", to: 9) == ["the quick", "brown fox"])
    #expect(CharacterWidth.wrap("abcdefgh ij", to: 3) == ["abc", "def", "gh", "ij"])
    #expect(CharacterWidth.wrap("a\n\nb", to: 5) == ["a", "", "b"])
    #expect(CharacterWidth.wrap("中文字", to: 3) == ["中", "文", "字"])
    try await forAll(300) { random in
      let text = randomText(&random)
      let width = Int.random(in: 2...15, using: &random)
      let lines = CharacterWidth.wrap(text, to: width)
      for line in lines where CharacterWidth.of(line) > width {
        throw Violation("'\(line)' > \(width)")
      }
      let whole = GlyphSequence(text).filter { $0.base != 0x20 }.map(\.text)
      let kept = lines.flatMap { GlyphSequence($0).filter { $0.base != 0x20 }.map(\.text) }
      guard whole == kept else { throw Violation("'\(text)' became '\(lines)'") }
    }
  }
}

/// Letters of many scripts, marks, joiners, emoji, controls and blanks.
func randomText(_ random: inout SeededGenerator) -> String {
  let alphabet: [Unicode.Scalar] = [
    "a", "Z", " ", " ", "é", "中", "文", "\u{301}", "\u{200D}", "👩", "🏽", "🇳", "\u{FE0F}", "\u{1B}",
    "한",
    "ש", "\u{05B8}", "न", "\u{94D}", "?", "\u{1FAE8}", "\u{202E}", "\u{20E3}",
  ]
  var scalars = String.UnicodeScalarView()
  for _ in 0..<Int.random(in: 0...25, using: &random) {
    scalars.append(alphabet[Int.random(in: 0..<alphabet.count, using: &random)])
  }
  return String(scalars)
}
