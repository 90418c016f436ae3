// The date format of HTTP headers (RFC 9110 §5.6.7, IMF-fixdate): `Sun, 06 Nov 1994 08:49:37 GMT`.
// Mailchimp's clock is read from it, so a text in any other form is no date rather than a guess.

import Basics

package enum HTTPDate {
  /// `instant` to the second, in GMT.
  package static func print(_ instant: Instant) -> String {
    let seconds = instant.milliseconds / 1000 - (instant.milliseconds % 1000 < 0 ? 1 : 0)
    let rest = ((seconds % 86400) + 86400) % 86400
    let days = (seconds - rest) / 86400
    let date = CivilDate(daysSince1970: days)
    let weekday = weekdays[Int(((days + 4) % 7 + 7) % 7)]
    let clock =
      "\(padded(rest / 3600, 2)):\(padded(rest / 60 % 60, 2)):\(padded(rest % 60, 2))"
    return "\(weekday), \(padded(Int64(date.day), 2)) \(months[date.month - 1]) "
      + "\(padded(Int64(date.year), 4)) \(clock) GMT"
  }

  /// Reads what `print` writes; nil for anything else.
  package static func read(_ text: String) -> Instant? {
    let words = text.split(separator: " ")
    guard words.count == 6, words[0].utf8.count == 4, words[5] == "GMT",
      let day = Int(words[1]), let month = months.firstIndex(of: String(words[2])),
      let year = Int(words[3]),
      let date = CivilDate(year: year, month: month + 1, day: day),
      let time = Instant(iso8601: "\(date)T\(words[4])Z")
    else { return nil }
    return time
  }

  private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
}
