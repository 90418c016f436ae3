// Row numbers that cannot be confused with each other: `Identifier<Person>` is not
// `Identifier<Execution>`. The number is SQLite's AUTOINCREMENT rowid and is never reused.

package struct Identifier<Tag>: Sendable, Hashable, Comparable, CustomStringConvertible {
  package let rawValue: Int64

  package init(_ rawValue: Int64) {
    self.rawValue = rawValue
  }

  /// Reads what `description` prints, with or without the leading `#`.
  package init?(_ text: some StringProtocol) {
    let digits = text.hasPrefix("#") ? text.dropFirst() : text[...]
    guard let value = Int64(digits), value > 0 else { return nil }
    self.init(value)
  }

  package var description: String { "#\(rawValue)" }

  package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
