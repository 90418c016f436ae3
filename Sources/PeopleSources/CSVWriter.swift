// Rows as CSV (RFC 4180): commas, CRLF, quotation marks only where a cell needs them. Cells come from
// strangers: they are cleaned of control characters, and what a spreadsheet would compute (`=…`, and
// the like) gets an apostrophe before it, which reading a file takes away again.

import Basics

package enum CSVWriter {
  /// One line with its end.
  package static func line(_ cells: [String]) -> [UInt8] {
    var out: [UInt8] = []
    for (place, cell) in cells.enumerated() {
      if place > 0 { out.append(0x2C) }
      let cell = guarded(Text.oneLine(cell))
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

  private static let apostrophe: Character = "'"

  /// With an apostrophe where a spreadsheet would compute it, or where an apostrophe of its own would
  /// pass for that one. Phone numbers are only digits: nothing comes of computing them.
  static func guarded(_ cell: String) -> String {
    isComputed(cell.drop { $0 == apostrophe }) && !isPhone(cell) ? "'" + cell : cell
  }

  /// What `guarded` was given.
  static func unguarded(_ cell: String) -> String {
    cell.first == apostrophe && isComputed(cell.drop { $0 == apostrophe })
      ? String(cell.dropFirst()) : cell
  }

  private static func isComputed(_ text: Substring) -> Bool {
    text.utf8.first.map { [0x3D, 0x2B, 0x2D, 0x40].contains($0) } ?? false
  }

  private static func isPhone(_ cell: String) -> Bool {
    ![apostrophe, "=", "@"].contains(cell.first) && cell.contains(where: \.isNumber)
      && cell.utf8.dropFirst().allSatisfy { (48...57).contains($0) || " ()-./".utf8.contains($0) }
  }
}
