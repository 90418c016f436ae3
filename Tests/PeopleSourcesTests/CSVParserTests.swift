import Basics
import Support
import Testing

@testable import PeopleSources

@Suite struct CSVParserTests {
  static func parse(_ bytes: [UInt8], pieces: [Int] = []) throws(Problem) -> [CSVRow] {
    var parser = CSVParser()
    var rows: [CSVRow] = []
    var start = 0
    for piece in pieces where start < bytes.count {
      let end = min(bytes.count, start + piece)
      try parser.feed(bytes[start..<end]) { rows.append($0) }
      start = end
    }
    try parser.feed(bytes[start...]) { rows.append($0) }
    try parser.finish { rows.append($0) }
    return rows
  }

  static func parse(_ text: String) throws(Problem) -> [CSVRow] { try parse(Array(text.utf8)) }

  static func problem(_ bytes: [UInt8]) -> Problem? {
    do throws(Problem) {
      _ = try parse(bytes)
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: [
    "a,b\n1,2\n", "a,b\r\n1,2\r\n", "a,b\r1,2\r", "a,b\n1,2", "\u{FEFF}a,b\n1,2\n", "a;b\n1;2\n",
    "a\tb\n1\t2\n", "\"a\" ,\"b\"  \n\"1\",\"2\" ", "\"a\",\"b\"\n\"1\",2\n", "a,b\n\n\n1,2\n\n",
  ])
  func `the same rows in every spelling of CSV`(text: String) throws {
    #expect(try CSVParserTests.parse(text).map(\.cells) == [["a", "b"], ["1", "2"]])
  }

  @Test func `quoted cells hold delimiters, quotation marks and line breaks`() throws {
    let rows = try CSVParserTests.parse("n,t\n\"a,\"\"b\"\"\",\"one\r\ntwo\nthree\"\nx,\"\"\n")
    #expect(
      rows == [
        CSVRow(line: 1, cells: ["n", "t"]),
        CSVRow(line: 2, cells: ["a,\"b\"", "one\r\ntwo\nthree"]),
        CSVRow(line: 5, cells: ["x", ""]),
      ])
  }

  @Test func `a delimiter inside a quoted header does not count`() throws {
    #expect(
      try CSVParserTests.parse("\"a,b,c\";d\n1;2").map(\.cells) == [["a,b,c", "d"], ["1", "2"]])
  }

  @Test func `what is no CSV is named with its place`() {
    func check(_ bytes: [UInt8], _ code: String, line: String) {
      let problem = CSVParserTests.problem(bytes)
      #expect(problem?.code == code)
      #expect(problem?.fields["line"] == line)
      #expect(problem?.remedy.isEmpty == false)
    }
    check(Array("a,b\nx,\"open\nand on\n".utf8), "csv.unclosed-quote", line: "2")
    check(Array("a,b\nx,\"y\"z\n".utf8), "csv.stray-text", line: "2")
    check(Array("a,b\nx,\"y\" \"z\"\n".utf8), "csv.stray-text", line: "2")
    check(Array("a,b\nx,".utf8) + [0xE9, 0x0A], "csv.encoding", line: "2")
    check([0xFF, 0xFE, 0x61, 0x00], "csv.encoding", line: "1")
    check(Array("a,b\n1,2\n3,\0\n".utf8), "csv.nul", line: "3")
    check(
      Array("a,b\n1,\"".utf8) + [UInt8](repeating: 0x78, count: 1_000_000), "csv.cell-too-long",
      line: "2")
    check(
      Array("a\n".utf8) + [UInt8](repeating: 0x2C, count: 600) + [0x0A], "csv.too-many-cells",
      line: "2")
  }

  @Test func `a file fed in any pieces gives the same rows`() async throws {
    let letters = Array("a,b;\"\"\"\n\r\té中 x1".utf8)
    try await forAll(400) { random in
      // Valid UTF-8 is not promised: a piece may be refused, but equally in all pieces.
      let body = (0..<Int.random(in: 0...40, using: &random)).map { _ in
        letters.randomElement(using: &random) ?? 0x61
      }
      let bytes = Array("h1,h2\n".utf8) + body
      let pieces = (0..<bytes.count).map { _ in Int.random(in: 0...5, using: &random) }
      func outcome(_ pieces: [Int]) -> String {
        do throws(Problem) {
          return "\(try CSVParserTests.parse(bytes, pieces: pieces))"
        } catch {
          return "\(error.code) \(error.fields.sorted { $0.key < $1.key })"
        }
      }
      if outcome([]) != outcome(pieces) {
        throw Violation(
          "\(String(decoding: bytes, as: UTF8.self)): \(outcome([])), \(outcome(pieces))")
      }
    }
  }

  @Test func `what is written is read again`() async throws {
    let letters = ["a", ",", "\"", "é", "中", " ", ";", "", "=", "+", "-", "@", "'", "1"]
    try await forAll(400) { random in
      func word() -> String {
        (0..<Int.random(in: 0...4, using: &random)).map { _ in
          letters.randomElement(using: &random) ?? ""
        }.joined()
      }
      var rows = [["name", "email"]]
      for _ in 0..<Int.random(in: 0...5, using: &random) {
        rows.append(["x" + Text.oneLine(word()), Text.oneLine(word())])
      }
      rows = rows.map { $0.map { Text.oneLine($0) } }
      let bytes = rows.flatMap { CSVWriter.line($0) }
      let again = try CSVParserTests.parse(bytes).map { $0.cells.map(CSVWriter.unguarded) }
      if again != rows { throw Violation("\(rows) became \(again)") }
    }
  }

  @Test(arguments: [
    ("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\""), ("@SUM(1)", "'@SUM(1)"),
    ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"), ("-2+3", "'-2+3"), ("\t=1", "'=1"),
    ("'=1", "''=1"), ("+48 (12) 345-67", "+48 (12) 345-67"), ("-5", "-5"), ("O'Neil", "O'Neil"),
    ("a\u{1B}[31mb\r\nc", "a[31mb c"),
  ])
  func `no cell steers a spreadsheet or a terminal`(cell: String, written: String) {
    #expect(String(decoding: CSVWriter.line(["x", cell]), as: UTF8.self) == "x,\(written)\r\n")
  }
}
