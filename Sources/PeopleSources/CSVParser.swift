// CSV as in RFC 4180, and as people write it: commas, semicolons or tabs, lines that end in CRLF, LF
// or CR, quoted cells with line breaks in them, a byte-order mark. Pure and incremental: a file fed
// in any pieces gives the same rows. What cannot be read is named with its place and stops the
// reading; nothing is guessed.

import Basics

/// One row with the line it begins on; the header is the row on line 1.
package struct CSVRow: Sendable, Equatable {
  package let line: Int
  package let cells: [String]

  package init(line: Int, cells: [String]) {
    self.line = line
    self.cells = cells
  }
}

package struct CSVParser: Sendable {
  /// The longest cell; beyond it a quotation mark is missing or the file is no list of people.
  package static let longestCell = 65_536
  /// The most cells in a row.
  package static let mostCells = 512

  private enum State {
    /// Before the first byte of a cell.
    case start
    case bare, quoted
    /// After a quotation mark inside a quoted cell: it ends the cell, or a second one follows.
    case quoteInQuoted
    /// After blanks behind a quoted cell: only its end may follow.
    case afterQuoted
    /// After a carriage return: a line feed belongs to it.
    case afterReturn
  }

  private var state = State.start
  private var delimiter: UInt8?
  /// Bytes held back until the delimiter is known.
  private var head: [UInt8] = []
  private var hasBegun = false
  private var cell: [UInt8] = []
  private var cells: [String] = []
  private var isRowQuoted = false
  private var line = 1
  /// Where the row, and its quoted cell, began.
  private var rowLine = 1
  private var quoteLine = 1
  private var offset = 0

  package init() {}

  /// Takes the next bytes and hands each row that they complete to `take`. Rows without anything in
  /// them are passed over.
  package mutating func feed(
    _ bytes: some Collection<UInt8>, _ take: (CSVRow) throws(Problem) -> Void
  ) throws(Problem) {
    if hasBegun {
      for byte in bytes { try step(byte, take) }
      return
    }
    head.append(contentsOf: bytes)
    // The first line tells the delimiter; a header longer than this is none.
    if head.count < CSVParser.longestCell, !isFirstLineComplete { return }
    try begin(take)
  }

  /// To be called after the last byte: the last row needs no line end.
  package mutating func finish(_ take: (CSVRow) throws(Problem) -> Void) throws(Problem) {
    if !hasBegun { try begin(take) }
    if state == .quoted {
      throw Problem(
        "csv.unclosed-quote", "The quotation mark that opens on line \(quoteLine) is never closed.",
        remedy: "Close it, or write a quotation mark inside a quoted cell twice.",
        fields: ["line": "\(quoteLine)", "column": "\(cells.count + 1)"])
    }
    if state == .bare || state == .quoteInQuoted || state == .afterQuoted || !cells.isEmpty {
      try endCell()
    }
    try endRow(take)
    state = .start
  }

  // MARK: The beginning

  private var isFirstLineComplete: Bool {
    var isQuoted = false
    for byte in head {
      if byte == 0x22 { isQuoted.toggle() }
      if !isQuoted, byte == 0x0A || byte == 0x0D { return true }
    }
    return false
  }

  private mutating func begin(_ take: (CSVRow) throws(Problem) -> Void) throws(Problem) {
    hasBegun = true
    var start = 0
    if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) {
      throw CSVParser.encoding("UTF-16", line: 1, byte: 1)
    }
    if head.starts(with: [0xEF, 0xBB, 0xBF]) {
      start = 3
      offset = 3
    }
    delimiter = CSVParser.delimiter(of: head[start...])
    let bytes = head[start...]
    head = []
    for byte in bytes { try step(byte, take) }
  }

  /// Whichever of comma, semicolon and tab stands most often in the first line, outside quotes.
  static func delimiter(of bytes: ArraySlice<UInt8>) -> UInt8 {
    var counts: [UInt8: Int] = [:]
    var isQuoted = false
    for byte in bytes {
      if byte == 0x22 { isQuoted.toggle() }
      if isQuoted { continue }
      if byte == 0x0A || byte == 0x0D { break }
      counts[byte, default: 0] += 1
    }
    // A comma where none of them stands there.
    var best = UInt8(ascii: ",")
    for other in [UInt8(ascii: ";"), UInt8(ascii: "\t")]
    where counts[other, default: 0] > counts[best, default: 0] { best = other }
    return best
  }

  // MARK: Byte by byte

  private mutating func step(
    _ byte: UInt8, _ take: (CSVRow) throws(Problem) -> Void
  ) throws(Problem) {
    offset += 1
    if state == .afterReturn {
      state = .start
      if byte == 0x0A { return }
    }
    if byte == 0 {
      throw Problem(
        "csv.nul", "There is a NUL byte on line \(line) (byte \(offset)).",
        remedy: "Export the file again as CSV in UTF-8; this one may be UTF-16 or no text at all.",
        fields: ["line": "\(line)", "byte": "\(offset)"])
    }
    switch state {
    case .start, .afterReturn:
      if cells.isEmpty { rowLine = line }
      if byte == 0x22 {
        state = .quoted
        quoteLine = line
        isRowQuoted = true
      } else {
        state = .bare
        try bare(byte, take)
      }
    case .bare: try bare(byte, take)
    case .quoted:
      if byte == 0x22 {
        state = .quoteInQuoted
      } else {
        if byte == 0x0A || (byte == 0x0D) { countLine(byte) }
        try keep(byte)
      }
    case .quoteInQuoted:
      if byte == 0x22 {
        state = .quoted
        try keep(byte)
      } else {
        try close(byte, take)
      }
    case .afterQuoted: try close(byte, take)
    }
    lastByte = byte
  }

  /// Behind the quotation mark that ended a cell.
  private mutating func close(
    _ byte: UInt8, _ take: (CSVRow) throws(Problem) -> Void
  ) throws(Problem) {
    if byte == delimiter || byte == 0x0A || byte == 0x0D { return try bare(byte, take) }
    guard byte == 0x20 else {
      throw Problem(
        "csv.stray-text",
        "On line \(line), something follows the quotation mark that closes column \(cells.count + 1).",
        remedy: "Write a quotation mark inside a quoted cell twice.",
        fields: ["line": "\(line)", "column": "\(cells.count + 1)"])
    }
    state = .afterQuoted
  }

  /// The byte before, so that CRLF inside quotes counts as one line end.
  private var lastByte: UInt8 = 0

  private mutating func countLine(_ byte: UInt8) {
    if byte == 0x0D || lastByte != 0x0D { line += 1 }
  }

  private mutating func bare(
    _ byte: UInt8, _ take: (CSVRow) throws(Problem) -> Void
  ) throws(Problem) {
    switch byte {
    case delimiter:
      try endCell()
      state = .start
    case 0x0A, 0x0D:
      try endCell()
      line += 1
      try endRow(take)
      state = byte == 0x0D ? .afterReturn : .start
    default: try keep(byte)
    }
  }

  private mutating func keep(_ byte: UInt8) throws(Problem) {
    if cell.count >= CSVParser.longestCell {
      throw Problem(
        "csv.cell-too-long",
        "The cell in column \(cells.count + 1) of the row on line \(rowLine) is longer than "
          + "\(CSVParser.longestCell) bytes.",
        remedy: "Shorten it, or look for a quotation mark that is missing before it.",
        fields: ["line": "\(rowLine)", "column": "\(cells.count + 1)"])
    }
    cell.append(byte)
  }

  private mutating func endCell() throws(Problem) {
    guard let text = String(validating: cell, as: UTF8.self) else {
      throw CSVParser.encoding("another encoding, such as Latin-1", line: rowLine, byte: offset)
    }
    if cells.count >= CSVParser.mostCells {
      throw Problem(
        "csv.too-many-cells",
        "The row on line \(rowLine) has more than \(CSVParser.mostCells) cells.",
        remedy: "Check that the file is CSV.", fields: ["line": "\(rowLine)"])
    }
    cells.append(text)
    cell.removeAll(keepingCapacity: true)
  }

  private mutating func endRow(_ take: (CSVRow) throws(Problem) -> Void) throws(Problem) {
    let row = CSVRow(line: rowLine, cells: cells)
    let isEmpty = cells.allSatisfy(\.isEmpty) && !isRowQuoted
    cells = []
    isRowQuoted = false
    rowLine = line
    if !isEmpty { try take(row) }
  }

  private static func encoding(_ found: String, line: Int, byte: Int) -> Problem {
    Problem(
      "csv.encoding",
      "The file is not UTF-8: the row on line \(line), near byte \(byte), is in \(found).",
      remedy: "Save it as CSV UTF-8, or convert it: iconv -f "
        + "\(found == "UTF-16" ? "UTF-16" : "LATIN1") -t UTF-8 OLD.csv > NEW.csv",
      fields: ["line": "\(line)", "byte": "\(byte)"])
  }
}
