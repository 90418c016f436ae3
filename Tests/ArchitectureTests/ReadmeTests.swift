// The README tells the truth: its keys are the console's, its commands are what CI runs.

import Console
import Foundation
import Testing

@Suite struct ReadmeTests {
  private static let begin = "writes them -->\n"
  private static let end = "<!-- end of keys -->"

  @Test func `the keys table is the one the console works by`() throws {
    let path = "\(Repository.root)/README.md"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let start = try #require(text.range(of: Self.begin)).upperBound
    let finish = try #require(text.range(of: Self.end)).lowerBound
    let keys = "\n" + ConsoleSession.keyTable() + "\n"
    if ProcessInfo.processInfo.environment["LISTKEEPER_WRITE_README"] != nil {
      let written = text[..<start] + keys + text[finish...]
      try String(written).write(toFile: path, atomically: true, encoding: .utf8)
    } else {
      #expect(String(text[start..<finish]) == keys)
    }
  }

  @Test func `what the README calls the test command is what CI runs`() throws {
    let readme = try String(contentsOfFile: "\(Repository.root)/README.md", encoding: .utf8)
    let run = try String(contentsOfFile: "\(Repository.root)/.ci/run", encoding: .utf8)
    #expect(readme.contains(".ci/install && swift test\n"))
    #expect(run.contains("\n.ci/install\n") && run.contains("\nswift test"))
  }

  @Test func `every word of the glossary stands once, and the code speaks it`() throws {
    let map = try String(contentsOfFile: "\(Repository.root)/Sources/README.md", encoding: .utf8)
    let glossary = try #require(map.components(separatedBy: "## Glossary").dropFirst().first)
    let words = glossary.components(separatedBy: "\n## ")[0].split(separator: "\n")
      .filter { $0.hasPrefix("| ") && !$0.hasPrefix("| word") }
      .map { $0.split(separator: "|")[0].trimmingCharacters(in: .whitespaces) }
    #expect(words.count > 15)
    #expect(Set(words).count == words.count)
    let code = try Repository.swiftFiles("Sources").map(\.1).joined().lowercased()
    for word in words {
      let name = word.replacingOccurrences(of: " ", with: "")
      #expect(code.contains(word) || code.contains(name), "\(word)")
    }
  }
}
