// Times in a query, read as the real server reads them: the offset is ignored and the wall clock
// taken for UTC; a text it cannot read is as if it had not been sent, and everybody comes back.

import Basics

enum WireTime {
  /// Microseconds since 1970 of the wall-clock part; nil for what the server cannot read, such as
  /// seven decimals or a plus sign that arrived as a blank.
  static func read(_ text: String) -> Int64? {
    var bytes = Array(text.utf8)[...]
    func take(_ count: Int) -> String? {
      guard bytes.count >= count else { return nil }
      defer { bytes = bytes.dropFirst(count) }
      return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
    guard let day = take(10).flatMap({ CivilDate($0) }) else { return nil }
    let midnight = day.daysSince1970 * 86_400_000_000
    if bytes.isEmpty { return midnight }
    guard let separator = bytes.popFirst(), separator == UInt8(ascii: "T") || separator == 0x20,
      let clock = take(8), let time = Instant(iso8601: "1970-01-01T\(clock)Z")
    else { return nil }
    var micros = midnight + time.milliseconds * 1000
    if bytes.first == UInt8(ascii: ".") {
      bytes = bytes.dropFirst()
      let digits = bytes.prefix { (48...57).contains($0) }
      guard (1...6).contains(digits.count) else { return nil }
      bytes = bytes.dropFirst(digits.count)
      let fraction = String(decoding: digits, as: UTF8.self)
      let filled = fraction + String(repeating: "0", count: 6 - fraction.utf8.count)
      micros += Int64(filled) ?? 0
    }
    return isOffset(bytes) ? micros : nil
  }

  /// Nothing, `Z`, `+HH:MM` or `+HHMM`.
  private static func isOffset(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard let first = bytes.first else { return true }
    if first == UInt8(ascii: "Z") { return bytes.count == 1 }
    guard first == UInt8(ascii: "+") || first == UInt8(ascii: "-") else { return false }
    let rest = bytes.dropFirst().filter { $0 != UInt8(ascii: ":") }
    return rest.count == 4 && rest.allSatisfy { (48...57).contains($0) }
  }
}
