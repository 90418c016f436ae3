// A value that must never reach a screen, a log, an export or an error text. Printing,
// interpolating or dumping a `Secret` gives `•••`; only `reveal()` gives the value, so that a
// search for that word finds every place a secret leaves us.

package struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  private let value: String

  package init(_ value: String) {
    self.value = value
  }

  package var isEmpty: Bool { value.isEmpty }
  package var description: String { "•••" }
  package var debugDescription: String { "•••" }
  package var customMirror: Mirror { Mirror(self, children: []) }

  /// It only says in which variable or file the secret lies, which is none; a command may hold one.
  package var isPlace: Bool { value.hasPrefix("env:") || value.hasPrefix("file:") }

  /// The last four characters after dots, enough to tell two keys apart; shorter ones show none. Where
  /// it lies elsewhere, that place.
  package var hint: String {
    if isPlace { return value }
    return value.count >= 12 ? "••••" + value.suffix(4) : "••••"
  }

  /// The value itself, for the one call that needs it.
  package func reveal() -> String { value }
}
