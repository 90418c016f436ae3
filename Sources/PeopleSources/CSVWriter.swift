// Rows as CSV (RFC 4180): commas, CRLF, quotation marks only where a cell needs them.

package enum CSVWriter {
  /// One line with its end.
  package static func line(_ cells: [String]) -> [UInt8] {
    var out: [UInt8] = []
    for (place, cell) in cells.enumerated() {
      if place > 0 { out.append(0x2C) }
      if needsQuotes(cell) {
        out.append(0x22)
        for byte in cell.utf8 {
          if byte == 0x22 { out.append(0x22) }
          out.append(byte)
        }
        out.append(0x22)
      } else {
        out.append(contentsOf: cell.utf8)
      }
    }
    out.append(0x0D)
    out.append(0x0A)
    return out
  }

  /// Semicolons and tabs too, so that no header is taken for one delimited by them.
  private static func needsQuotes(_ cell: String) -> Bool {
    cell.utf8.contains { [0x22, 0x2C, 0x0A, 0x0D, 0x3B, 0x09].contains($0) }
      || cell.utf8.first == 0x20 || cell.utf8.last == 0x20
  }
}
