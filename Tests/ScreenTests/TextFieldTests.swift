import Screen
import Support
import Testing

@Suite struct TextFieldTests {
  private func edited(_ text: String, _ keys: [Key]) -> (text: String, cursor: Int) {
    var field = TextField(text)
    for key in keys { _ = field.handle(key) }
    return (field.text, field.cursor)
  }

  @Test func `the cursor steps over characters as people see them`() {
    #expect(edited("e\u{301}👩‍👧中", ["Left", "Backspace"]) == ("e\u{301}中", 1))
    #expect(edited("e\u{301}x", ["Home", "Delete"]) == ("x", 0))
    #expect(edited("ab", ["Left", "é"]) == ("aéb", 2))
    #expect(edited("e", ["\u{301}", "x"]) == ("e\u{301}x", 2))
  }

  @Test func `words and ends are cut as in a shell`() {
    #expect(edited("ada lovelace", ["^W"]) == ("ada ", 4))
    #expect(edited("ada lovelace  ", ["^W"]) == ("ada ", 4))
    #expect(edited("ada lovelace", ["^A", "^K"]) == ("", 0))
    #expect(edited("ada lovelace", ["A-b", "^U"]) == ("lovelace", 0))
    #expect(edited("ada", ["^A", "x", "^E", "y"]) == ("xaday", 5))
  }

  @Test func `a paste comes in as one clean line`() {
    var field = TextField("<>")
    _ = field.handle(.key("Left"))
    #expect(field.handle(.pasted("  a\u{1B}[31m\r\n\tb \u{202E}c\n")) == .changed)
    #expect(field.text == "<a[31m b c>")
    #expect(field.handle(.pasted("\n\t")) == .ignored)
  }

  @Test func `a longer text than allowed is refused`() {
    var field = TextField("abc", limit: 4)
    #expect(field.handle(.key("d")) == .changed)
    #expect(field.handle(.key("e")) == .ignored)
    #expect(field.handle(.pasted("xyz")) == .ignored)
    #expect(field.text == "abcd")
  }

  @Test func `a long text scrolls so that the cursor is seen`() {
    var field = TextField("abcdefghij")
    #expect(buffer(6, 1) { field.draw(on: &$0, 0, 0, width: 6, focused: true) }.line(0) == "fghij")
    for _ in 0..<8 { _ = field.handle("Left") }
    let drawn = buffer(6, 1) { field.draw(on: &$0, 0, 0, width: 6, focused: true) }
    #expect(drawn.line(0) == "abcdef")
    #expect(drawn.cursor == Point(2, 0))
    #expect(drawn.grounds(0) == "IIIIII")
  }

  @Test func `a masked field never shows its text, not even its words`() {
    var field = TextField("top secret", masked: true)
    #expect(picture(20, 1) { field.draw(on: &$0, 0, 0, width: 20, focused: false) } == "••••••••••")
    _ = field.handle("^W")
    #expect(field.text == "")
  }

  @Test func `no keys whatever move the cursor out of the text`() async throws {
    let keys: [Key] = [
      "Left", "Right", "Home", "End", "^W", "^U", "^K", "Backspace", "Delete", "A-b", "A-f",
    ]
    try await forAll(200) { random in
      var field = TextField()
      for _ in 0..<40 {
        if Bool.random(using: &random) {
          _ = field.handle(.pasted(randomText(&random)))
        } else {
          _ = field.handle(keys[Int.random(in: 0..<keys.count, using: &random)])
        }
        guard (0...field.text.count).contains(field.cursor) else { throw Violation("\(field)") }
        let drawn = buffer(8, 1) { field.draw(on: &$0, 0, 0, width: 8, focused: true) }
        guard drawn.cursor != nil else { throw Violation("no cursor in \(field)") }
      }
    }
  }

  @Test(arguments: [
    ("  0123abcd\n  ef-us21 \r\n", "0123abcdef-us21"), ("0123-us21\n", "0123-us21"),
    ("command:pass show  mailchimp\n", "command:pass show mailchimp"),
    ("env:MAILCHIMP_KEY \n", "env:MAILCHIMP_KEY"),
  ]) func `a pasted secret loses the blanks and line ends that came with it`(
    pasted: String, kept: String
  ) {
    var field = TextField(masked: true)
    _ = field.handle(.pasted(pasted))
    #expect(field.text == kept)
    var plain = TextField()
    _ = plain.handle(.pasted(" two\n words "))
    #expect(plain.text == "two words")
  }
}
