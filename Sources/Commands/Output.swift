// Where lines and JSON go. Nothing leaves uncleaned: names and answers come from strangers and could
// steer a terminal. A reader that went away (`| head`) is no error: the rest is dropped in silence.

import Basics
import Glibc
import Screen

package final class Output: Sendable {
  private let descriptor: Int32
  /// True where somebody reads along.
  package let isTerminal: Bool
  private let state = Locked(State())

  private struct State {
    var pending: [UInt8] = []
    var isClosed = false
  }

  package init(descriptor: Int32) {
    self.descriptor = descriptor
    isTerminal = isatty(descriptor) == 1
  }

  /// True once nobody reads any more.
  package var isClosed: Bool { state.withLock { $0.isClosed } }

  /// One line; line feeds inside begin another.
  package func line(_ text: String = "") {
    put(Array((Text.lines(text) + "\n").utf8))
  }

  package func lines(_ lines: [String]) {
    for line in lines { self.line(line) }
  }

  package func table(_ table: TextTable) { lines(table.lines()) }

  /// A value and a line feed, on several lines for people.
  package func json(_ value: JSONValue) { line(ascii: value.pretty()) }

  /// A value on one line.
  package func jsonLine(_ value: JSONValue) { line(ascii: value.description) }

  /// Text that is shown while work goes on, and overwritten; only on a terminal.
  package func progress(_ text: String) {
    guard isTerminal else { return }
    put(Array("\r\u{1b}[K\(Text.oneLine(text))".utf8))
    flush()
  }

  /// Takes the progress away again.
  package func endProgress() {
    guard isTerminal else { return }
    put(Array("\r\u{1b}[K".utf8))
    flush()
  }

  /// A secret was typed without an echo, and so was the line's end.
  package func flush() {
    state.withLock { state in
      var rest = state.pending[...]
      while !rest.isEmpty, !state.isClosed {
        let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if count > 0 {
          rest = rest.dropFirst(count)
        } else if errno != EINTR {
          state.isClosed = true
        }
      }
      state.pending = []
    }
  }

  /// JSON on one line, fit for a terminal, to be put piece by piece.
  package static func ascii(_ value: JSONValue) -> [UInt8] { ascii(value.description) }

  private func line(ascii text: String) { put(Output.ascii(text) + [0x0A]) }

  /// JSON whose strings hold no character that a terminal could obey.
  private static func ascii(_ text: String) -> [UInt8] {
    var out = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if scalar != "\n", Text.isControl(scalar) {
        for unit in String(scalar).utf16 {
          let hex = String(unit, radix: 16)
          out.append(
            contentsOf: "\\u\(String(repeating: "0", count: 4 - hex.count))\(hex)".unicodeScalars)
        }
      } else {
        out.append(scalar)
      }
    }
    return Array(String(out).utf8)
  }

  /// Whole bytes, for exports.
  package func put(_ bytes: [UInt8]) {
    let isFull = state.withLock { state in
      if !state.isClosed { state.pending += bytes }
      return state.pending.count >= 32768
    }
    if isFull || isTerminal { flush() }
  }
}

/// Lines in columns. Cells are cleaned; the last column is not filled up.
package struct TextTable: Sendable {
  package struct Column: Sendable {
    var title: String
    var alignment: Alignment

    package static func left(_ title: String) -> Column { Column(title: title, alignment: .left) }
    package static func right(_ title: String) -> Column { Column(title: title, alignment: .right) }
  }

  package var columns: [Column]
  package var rows: [[String]] = []
  /// No cell is wider than this; the last column is not cut.
  package var widest = 40

  package init(_ columns: [Column], _ rows: [[String]] = []) {
    self.columns = columns
    self.rows = rows
  }

  package func lines() -> [String] {
    let head = columns.map { $0.title.uppercased() }
    let cells = rows.map { row in row.map { Text.oneLine($0) } }
    let widths = columns.indices.map { index in
      let widest = ([head] + cells).map { CharacterWidth.of($0[index]) }.max() ?? 0
      return index == columns.count - 1 ? widest : min(widest, self.widest)
    }
    return ([head] + cells).map { row in
      var line = ""
      for (index, cell) in row.enumerated() {
        let fitted = CharacterWidth.fit(cell, to: widths[index], columns[index].alignment)
        line += (index == 0 ? "" : "  ") + fitted
      }
      while line.hasSuffix(" ") { line.removeLast() }
      return line
    }
  }
}
