import Basics
import Testing

@Suite struct TextTests {
  @Test func `control characters go and letters of every script stay`() {
    #expect(Text.oneLine("Zo\u{1B}[31më") == "Zo[31më")
    #expect(Text.oneLine(" A\r\n\tB \u{85} C ") == "A B C")
    #expect(Text.oneLine("שלום\u{202E} 中文 e\u{301} 👩‍👧") == "שלום 中文 e\u{301} 👩‍👧")
    #expect(Text.oneLine("\u{9B}2J\u{7F}") == "2J")
  }

  @Test func `an address is masked so that it cannot be read back`() {
    #expect(Text.masked(email: "ada@lovelace.example.org") == "a•••@l•••.org")
    #expect(Text.masked(email: "nobody") == "•••")
  }

  @Test func `a secret prints dots wherever it is printed`() {
    let secret = Secret("0123456789abcdef-us21")
    var dumped = ""
    dump(secret, to: &dumped)
    #expect("\(secret) \(String(reflecting: secret)) \(dumped)".contains("0123") == false)
    #expect(secret.hint == "••••us21")
    #expect(Secret("file:/etc/listkeeper.key").hint == "file:/etc/listkeeper.key")
    #expect(Secret("command:pass show key-us21").hint == "••••us21")
  }

  @Test(arguments: [
    ("plain-1.2/x_", "plain-1.2/x_"), ("", "''"), ("two words", "'two words'"),
    ("O'Neil", #"'O'\''Neil'"#), ("''", #"''\'''\'''"#), ("$(id)", "'$(id)'"),
  ])
  func `a shell reads a word back as it is`(word: String, written: String) throws {
    #expect(Text.shellWord(word) == written)
    var output: [UInt8] = []
    _ = try ShellCommand(text: "printf %s \(Text.shellWord(word))", limit: .seconds(60)).run {
      output += $0
    }
    #expect(String(decoding: output, as: UTF8.self) == word)
  }
}
