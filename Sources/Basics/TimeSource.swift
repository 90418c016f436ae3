// Time as the workspace stores it: whole milliseconds since 1970-01-01 UTC, and the clock behind
// it, which a test may step. Civil calendars and time zones live in `Domain/Schedule`; here is only
// the arithmetic of the proleptic Gregorian calendar in UTC.

import Glibc

package struct Instant: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Milliseconds since 1970-01-01T00:00:00Z.
  package let milliseconds: Int64

  package init(milliseconds: Int64) {
    self.milliseconds = milliseconds
  }

  package static func < (a: Self, b: Self) -> Bool { a.milliseconds < b.milliseconds }
  package static func + (a: Self, b: Duration) -> Self {
    Self(milliseconds: a.milliseconds + b.wholeMilliseconds)
  }
  package static func - (a: Self, b: Duration) -> Self {
    Self(milliseconds: a.milliseconds - b.wholeMilliseconds)
  }
  package static func - (a: Self, b: Self) -> Duration {
    .milliseconds(a.milliseconds - b.milliseconds)
  }

  /// ISO 8601 in UTC: `2026-01-02T03:04:05Z`, with `.678` only where there are milliseconds.
  package var description: String {
    let (days, rest) = milliseconds.quotientAndRemainderTowardsMinusInfinity(86_400_000)
    let date = CivilDate(daysSince1970: days)
    let fraction = rest % 1000
    let clock =
      padded(rest / 3_600_000, 2) + ":" + padded(rest / 60000 % 60, 2) + ":"
      + padded(rest / 1000 % 60, 2)
    return "\(date)T\(clock)\(fraction == 0 ? "" : "." + padded(fraction, 3))Z"
  }

  /// Reads ISO 8601 (`2026-01-02`, `2026-01-02T03:04:05Z`, fractions, `±HH:MM`, a blank for the T);
  /// a time without an offset is UTC. Nil for anything else.
  package init?(iso8601 text: some StringProtocol) {
    let bytes = Array(text.utf8)
    guard bytes.count >= 10, let date = CivilDate(String(decoding: bytes[..<10], as: UTF8.self))
    else { return nil }
    var milliseconds = date.daysSince1970 * 86_400_000
    var rest = bytes[10...]
    func number(_ count: Int) -> Int64? {
      guard rest.count >= count, rest.prefix(count).allSatisfy({ (48...57).contains($0) }) else {
        return nil
      }
      let value = rest.prefix(count).reduce(Int64(0)) { $0 * 10 + Int64($1 - 48) }
      rest = rest.dropFirst(count)
      return value
    }
    func take(_ byte: UInt8) -> Bool {
      guard rest.first == byte else { return false }
      rest = rest.dropFirst()
      return true
    }
    if !rest.isEmpty {
      guard take(UInt8(ascii: "T")) || take(UInt8(ascii: "t")) || take(UInt8(ascii: " ")),
        let hour = number(2), hour < 24, take(UInt8(ascii: ":")), let minute = number(2),
        minute < 60
      else { return nil }
      milliseconds += hour * 3_600_000 + minute * 60000
      if take(UInt8(ascii: ":")) {
        guard let second = number(2), second < 61 else { return nil }
        milliseconds += second * 1000
        if take(UInt8(ascii: ".")) || take(UInt8(ascii: ",")) {
          let digits = rest.prefix { (48...57).contains($0) }
          guard !digits.isEmpty else { return nil }
          rest = rest.dropFirst(digits.count)
          var fraction: Int64 = 0
          for place in 0..<3 {
            let digit = place < digits.count ? digits[digits.startIndex + place] - 48 : 0
            fraction = fraction * 10 + Int64(digit)
          }
          milliseconds += fraction
        }
      }
      if !rest.isEmpty, !(take(UInt8(ascii: "Z")) || take(UInt8(ascii: "z"))) {
        let sign: Int64
        if take(UInt8(ascii: "+")) {
          sign = 1
        } else if take(UInt8(ascii: "-")) {
          sign = -1
        } else {
          return nil
        }
        guard let hours = number(2), hours < 24 else { return nil }
        _ = take(UInt8(ascii: ":"))
        let minutes = number(2) ?? 0
        milliseconds -= sign * (hours * 3_600_000 + minutes * 60000)
      }
      guard rest.isEmpty else { return nil }
    }
    self.init(milliseconds: milliseconds)
  }
}

/// A day of the proleptic Gregorian calendar, printed `YYYY-MM-DD`.
package struct CivilDate: Sendable, Hashable, Comparable, CustomStringConvertible {
  package let year: Int
  package let month: Int
  package let day: Int

  /// Nil when there is no such day.
  package init?(year: Int, month: Int, day: Int) {
    guard (0...9999).contains(year), (1...12).contains(month),
      (1...CivilDate.days(inMonth: month, of: year)).contains(day)
    else { return nil }
    self.year = year
    self.month = month
    self.day = day
  }

  /// Reads `YYYY-MM-DD` and nothing else.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 10, bytes[4] == 45, bytes[7] == 45,
      let year = Int(text.prefix(4)), let month = Int(text.dropFirst(5).prefix(2)),
      let day = Int(text.suffix(2)), bytes[0] != 43, bytes[5] != 43, bytes[8] != 43
    else { return nil }
    self.init(year: year, month: month, day: day)
  }

  // Howard Hinnant's days_from_civil and its inverse, valid for the whole range of `year`.
  package init(daysSince1970 days: Int64) {
    let z = days + 719_468
    let era = z.quotientAndRemainderTowardsMinusInfinity(146_097).quotient
    let doe = z - era * 146_097
    let yoe = (doe - doe / 1460 + doe / 36524 - doe / 146_096) / 365
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100)
    let mp = (5 * doy + 2) / 153
    day = Int(doy - (153 * mp + 2) / 5 + 1)
    month = Int(mp < 10 ? mp + 3 : mp - 9)
    year = Int(yoe + era * 400) + (month <= 2 ? 1 : 0)
  }

  package var daysSince1970: Int64 {
    let y = Int64(year) - (month <= 2 ? 1 : 0)
    let era = y.quotientAndRemainderTowardsMinusInfinity(400).quotient
    let yoe = y - era * 400
    let doy = (153 * Int64(month + (month > 2 ? -3 : 9)) + 2) / 5 + Int64(day) - 1
    return era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
  }

  package var description: String {
    padded(Int64(year), 4) + "-" + padded(Int64(month), 2) + "-" + padded(Int64(day), 2)
  }

  package static func < (a: Self, b: Self) -> Bool { a.daysSince1970 < b.daysSince1970 }

  package static func days(inMonth month: Int, of year: Int) -> Int {
    switch month {
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

/// Where "now" comes from. Whatever waits for a time asks here, so that a test can step it.
package protocol TimeSource: Sendable {
  func now() -> Instant
  /// Returns when `now()` has reached `deadline`, or throws when the task is cancelled.
  func sleep(until deadline: Instant) async throws
}

/// The clock of this machine.
package struct SystemTime: TimeSource {
  package init() {}

  package func now() -> Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }

  package func sleep(until deadline: Instant) async throws {
    let wait = deadline - now()
    if wait > .zero { try await Task.sleep(for: wait) }
  }
}

extension Duration {
  package var wholeMilliseconds: Int64 {
    components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
  }
  package static func minutes(_ count: Int) -> Duration { .seconds(count * 60) }
  package static func hours(_ count: Int) -> Duration { .seconds(count * 3600) }
  package static func days(_ count: Int) -> Duration { .seconds(count * 86400) }
}

/// `value` in decimal with zeroes before it up to `width` digits.
package func padded(_ value: Int64, _ width: Int) -> String {
  let digits = String(value)
  return digits.count >= width
    ? digits : String(repeating: "0", count: width - digits.count) + digits
}

extension Int64 {
  /// Like `quotientAndRemainder`, with a remainder that is never negative.
  fileprivate func quotientAndRemainderTowardsMinusInfinity(
    _ divisor: Int64
  ) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
