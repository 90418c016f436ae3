import Foundation
import Support
import Testing

@testable import Curses

/// The shortened description, read again by a reader of its own.
@Suite struct LeanDescriptionTests {
  private static func file(_ name: String) throws -> [UInt8] {
    let folders = ["/lib/terminfo", "/usr/share/terminfo", "/etc/terminfo", "/usr/lib/terminfo"]
    let path = try #require(
      folders.map { "\($0)/\(name.prefix(1))/\(name)" }
        .first { FileManager.default.fileExists(atPath: $0) })
    return [UInt8](try #require(FileManager.default.contents(atPath: path)))
  }

  /// Every string of a description by its place; those the terminal has not are left out.
  private static func strings(_ bytes: [UInt8]) -> [Int: String] {
    func short(_ at: Int) -> Int {
      Int(Int16(truncatingIfNeeded: Int(bytes[at]) | Int(bytes[at + 1]) << 8))
    }
    let (names, flags, numbers, count) = (short(2), short(4), short(6), short(8))
    let begin = 12 + names + flags + (names + flags) % 2 + numbers * (short(0) == 0o432 ? 2 : 4)
    var all: [Int: String] = [:]
    for place in 0..<count where short(begin + place * 2) >= 0 {
      let text = bytes[(begin + count * 2 + short(begin + place * 2))...].prefix { $0 != 0 }
      all[place] = String(decoding: text, as: UTF8.self)
    }
    return all
  }

  /// Of terminfo's strings: the end of all attributes, and all of them at once.
  private static let (plain, all) = (39, 131)

  @Test(arguments: ["xterm-256color", "xterm"])
  func `the end of attributes is half as long, and nothing else is written otherwise`(
    name: String
  ) throws {
    let given = try Self.file(name)
    let lean = try #require(LeanDescription(given))
    var expected = Self.strings(given)
    #expect(expected[Self.plain] == "\u{1B}(B\u{1B}[m")
    expected[Self.plain] = "\u{1B}[m"
    expected[Self.all] = nil
    #expect(Self.strings(lean.bytes) == expected)
    #expect(lean.bytes.count == given.count)
  }

  @Test(arguments: ["linux", "vt100"])
  func `a terminal that ends its attributes in another way is left as it is`(name: String) throws {
    #expect(LeanDescription(try Self.file(name)) == nil)
  }

  @Test func `a description that is cut off or spoilt is left alone or keeps its length`()
    async throws
  {
    let given = try Self.file("xterm-256color")
    for length in 0..<given.count {
      let lean = LeanDescription(Array(given.prefix(length)))
      #expect(lean == nil || lean?.bytes.count == length)
    }
    try await forAll(300) { random in
      var spoilt = given
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        let place = Int.random(
          in: 0..<(Bool.random(using: &random) ? 12 : spoilt.count), using: &random)
        spoilt[place] = UInt8.random(in: 0...255, using: &random)
      }
      if let lean = LeanDescription(spoilt) {
        try #require(lean.bytes.count == spoilt.count)
        let changed = zip(lean.bytes, spoilt).filter { $0 != $1 }.count
        try #require(changed <= 4, "two strings have each a place of two bytes")
      }
    }
  }

  @Test func `a description of one's own is read before the system's, and no name leads elsewhere`()
    throws
  {
    let folder = try TemporaryDirectory()
    let given = try Self.file("xterm")
    try FileManager.default.createDirectory(
      atPath: folder.file("o"), withIntermediateDirectories: true)
    try Data(given).write(to: URL(filePath: folder.file("o/own")))
    let found = LeanDescription(of: "own", ["TERMINFO": folder.path])
    #expect(found?.bytes == LeanDescription(given)?.bytes)
    #expect(LeanDescription(of: "own", [:]) == nil)
    #expect(LeanDescription(of: "o/../o/own", ["TERMINFO": folder.path]) == nil)
    #expect(LeanDescription(of: "", ["TERMINFO": folder.path]) == nil)
  }
}
