// The description of a terminal with shorter words for the same: nothing here draws with the terminal's
// line characters, so that no change of colour need leave them first; and attributes are switched one
// by one, of which few change at a time. What must stay true: a description that is read or written
// otherwise than known here is left as it is.

import CNcurses
import Foundation

struct LeanDescription {
  /// The description itself, as a file of terminfo has it.
  let bytes: [UInt8]

  /// Places of what is written otherwise, in the order of terminfo's strings.
  private enum Place {
    static let plain = 39
    static let all = 131
    /// Bold, dim, italic, reverse, underlined: what can be switched without `all`.
    static let each = [27, 30, 311, 34, 36]
  }

  /// Nil where there is nothing to be shortened.
  init?(_ given: [UInt8]) {
    func number(_ at: Int) -> Int? {
      guard given.indices.contains(at + 1) else { return nil }
      return Int(Int16(bitPattern: UInt16(given[at]) | UInt16(given[at + 1]) << 8))
    }
    let head = (0..<6).compactMap { number($0 * 2) }
    guard head.count == 6, let width = [0o432: 2, 0o1036: 4][head[0]] else { return nil }
    var table = 12 + head[1] + head[2]
    table += table % 2 + head[3] * width
    let strings = table + head[4] * 2
    func text(_ place: Int) -> ArraySlice<UInt8>? {
      guard place < head[4], let offset = number(table + place * 2), offset >= 0,
        strings + offset < given.count
      else { return nil }
      return given[(strings + offset)...].prefix { $0 != 0 }
    }
    guard let plain = text(Place.plain), Array(plain) == Array("\u{1B}(B\u{1B}[m".utf8),
      Place.each.allSatisfy({ text($0) != nil }), let offset = number(table + Place.plain * 2)
    else { return nil }
    var bytes = given
    func put(_ value: Int, _ place: Int) {
      let short = UInt16(bitPattern: Int16(truncatingIfNeeded: value))
      bytes[table + place * 2] = UInt8(short & 0xFF)
      bytes[table + place * 2 + 1] = UInt8(short >> 8)
    }
    put(offset + 3, Place.plain)
    if Place.all < head[4] { put(-1, Place.all) }
    self.bytes = bytes
  }

  /// Opens the screen with this description, whose name it must have.
  func open(as name: String) -> OpaquePointer? {
    Self.open(CursesTerminal.base64(bytes), as: name)
  }

  /// The same with a description in base 64. What ncurses takes from the environment is there for as
  /// long as it reads.
  static func open(_ description: String, as name: String) -> OpaquePointer? {
    let before = getenv("TERMINFO").map { String(cString: $0) }
    setenv("TERMINFO", "b64:" + description, 1)
    defer {
      if let before { setenv("TERMINFO", before, 1) } else { unsetenv("TERMINFO") }
    }
    return nc_newterm(name)
  }

  /// The description this system has of a terminal, shortened; nil where it has none in a file.
  init?(of name: String, _ environment: [String: String]) {
    guard let first = name.unicodeScalars.first, !name.contains("/") else { return nil }
    let home = environment["HOME"].map { ["\($0)/.terminfo"] } ?? []
    let own = environment["TERMINFO"].map { [$0] } ?? []
    let listed = (environment["TERMINFO_DIRS"] ?? "").split(separator: ":").map(String.init)
    let usual = ["/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo", "/usr/lib/terminfo"]
    for folder in own + home + listed + usual {
      for letter in [String(first), String(first.value, radix: 16)] {
        // Most of these places are not there.
        guard let data = FileManager.default.contents(atPath: "\(folder)/\(letter)/\(name)") else {
          continue
        }
        self.init([UInt8](data.prefix(32_768)))
        return
      }
    }
    return nil
  }
}
