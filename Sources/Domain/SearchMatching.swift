// What a search means, person by person. This is the reference the SQL in `Storage` is checked
// against; it reads the language on its own and shares nothing with the compiler but the query.

import Basics

/// The day it is, in the workspace's time zone.
package struct SearchDay: Sendable {
  package let today: CivilDate
  /// Seconds the zone's clock is ahead of UTC at an instant.
  private let offset: @Sendable (Instant) -> Int

  package init(
    now: Instant, secondsAheadOfUTC offset: @escaping @Sendable (Instant) -> Int = { _ in 0 }
  ) {
    self.offset = offset
    today = SearchDay.civil(now, offset)
  }

  package func civil(_ instant: Instant) -> CivilDate { SearchDay.civil(instant, offset) }

  /// The first instant of a day. Where the clock jumps at midnight, the first that shows that day.
  package func start(of day: CivilDate) -> Instant {
    let midnight = day.daysSince1970 * 86_400_000
    // The offset at the local midnight differs from that at UTC midnight only across a change of
    // the clock; the second guess uses the offset of the first.
    var start = Instant(milliseconds: midnight)
    for _ in 0..<2 { start = Instant(milliseconds: midnight - Int64(offset(start)) * 1000) }
    return start
  }

  /// The half-open span of instants that a date stands for.
  package func span(of date: SearchDate) -> Range<Instant> {
    switch date {
    case .day(let day): return start(of: day)..<start(of: next(day))
    case .today: return start(of: today)..<start(of: next(today))
    case .thisMonth:
      let days = days(of: date)
      return start(of: days.lowerBound)..<start(of: next(days.upperBound))
    }
  }

  /// First and last day that a date stands for.
  package func days(of date: SearchDate) -> ClosedRange<CivilDate> {
    switch date {
    case .day(let day): return day...day
    case .today: return today...today
    case .thisMonth:
      let first = CivilDate(daysSince1970: today.daysSince1970 - Int64(today.day) + 1)
      let length = Int64(CivilDate.days(inMonth: today.month, of: today.year))
      return first...CivilDate(daysSince1970: first.daysSince1970 + length - 1)
    }
  }

  private func next(_ day: CivilDate) -> CivilDate {
    CivilDate(daysSince1970: day.daysSince1970 + 1)
  }

  private static func civil(_ instant: Instant, _ offset: (Instant) -> Int) -> CivilDate {
    let local = instant.milliseconds + Int64(offset(instant)) * 1000
    let days = local >= 0 ? local / 86_400_000 : (local - 86_399_999) / 86_400_000
    return CivilDate(daysSince1970: days)
  }
}

extension SearchQuery {
  /// Whether the person is found. `standing` nil is somebody nobody looked at yet: *waiting*.
  package func matches(
    _ person: Person, standing: Standing? = nil, tags: [String] = [], on day: SearchDay
  ) -> Bool {
    terms.allSatisfy { term in
      let holds =
        switch term.condition {
        case .text(let text):
          person.freeTexts.contains { SearchText.contains($0, text) }
        case .field(let field, let matches):
          matches.contains { match in
            person.holds(field, match, standing: standing, tags: tags, on: day)
          }
        }
      return holds != term.isNegated
    }
  }
}

extension SearchText {
  /// Contained, letter case aside.
  package static func contains(_ text: String, _ word: String) -> Bool {
    let hay = Array(asciiLower(text).utf8)
    return spellings(of: word).contains { contains(hay, Array($0.utf8)) }
  }

  /// The same from end to end, letter case aside.
  package static func equals(_ text: String, _ word: String) -> Bool {
    let whole = asciiLower(text)
    return spellings(of: word).contains { $0.utf8.elementsEqual(whole.utf8) }
  }

  private static func contains(_ hay: [UInt8], _ needle: [UInt8]) -> Bool {
    guard needle.count <= hay.count else { return false }
    return (0...(hay.count - needle.count)).contains { start in
      hay[start..<(start + needle.count)].elementsEqual(needle)
    }
  }
}

extension Person {
  /// Where free text is looked for.
  fileprivate var freeTexts: [String] {
    ["\(firstName) \(lastName)", company, phone, account, externalID ?? ""] + emails
  }

  /// The birthday, where only a date of birth is known the one that follows from it.
  package var effectiveBirthday: MonthDay? {
    birthday ?? dateOfBirth.flatMap { MonthDay(month: $0.month, day: $0.day) }
  }

  fileprivate func holds(
    _ field: SearchField, _ match: SearchMatch, standing: Standing?, tags: [String],
    on day: SearchDay
  ) -> Bool {
    switch field {
    case .last: holds(text: lastName, match)
    case .first: holds(text: firstName, match)
    case .name:
      match == .missing
        ? firstName.isEmpty && lastName.isEmpty : holds(text: "\(firstName) \(lastName)", match)
    case .email: holds(texts: emails, match)
    case .account: holds(text: account, match)
    case .kind: holds(text: kind.rawValue, match)
    case .company: holds(text: company, match)
    case .phone: holds(text: phone, match)
    case .optIn: holds(text: optIn.rawValue, match)
    case .active: holds(text: isActive ? "yes" : "no", match)
    case .deleted: holds(text: deletedAt == nil ? "no" : "yes", match)
    case .state: holds(text: (standing?.state ?? .waiting).searchWord, match)
    case .reason: holds(text: standing?.reason ?? "", match)
    case .updated: holds(instant: changedAt, match, day)
    case .created: holds(instant: createdAt, match, day)
    case .birthday: holds(birthday: effectiveBirthday, match, day)
    case .id: holds(number: Double(id.rawValue), match)
    case .external: holds(text: externalID ?? "", match)
    case .tag: holds(texts: tags, match)
    case .custom(let name, let type):
      holds(custom: PersonValue(customFields[name] ?? "", as: type), match, day)
    }
  }

  private func holds(
    custom value: PersonValue, _ match: SearchMatch, _ day: SearchDay
  ) -> Bool {
    if match == .missing { return value.isEmpty }
    switch value {
    case .number(let number): return holds(number: number, match)
    case .monthDay(let birthday): return holds(birthday: birthday, match, day)
    case .date(let date):
      guard case .date(let comparison, let wanted) = match else { return false }
      let days = day.days(of: wanted)
      return switch comparison {
      case .equal: days.contains(date)
      case .greater: date > days.upperBound
      case .less: date < days.lowerBound
      }
    case .text, .yesNo, .address: return holds(text: value.text, match)
    }
  }

  private func holds(text: String, _ match: SearchMatch) -> Bool {
    switch match {
    case .contains(let word): SearchText.contains(text, word)
    case .equals(let word): SearchText.equals(text, word)
    case .missing: text.isEmpty
    case .number, .date, .birthday: false
    }
  }

  private func holds(texts: [String], _ match: SearchMatch) -> Bool {
    match == .missing
      ? texts.allSatisfy(\.isEmpty) : texts.contains { holds(text: $0, match) }
  }

  private func holds(number: Double, _ match: SearchMatch) -> Bool {
    guard case .number(let comparison, let wanted) = match else { return false }
    return switch comparison {
    case .equal: number == wanted
    case .greater: number > wanted
    case .less: number < wanted
    }
  }

  private func holds(instant: Instant?, _ match: SearchMatch, _ day: SearchDay) -> Bool {
    if match == .missing { return instant == nil }
    guard let instant, case .date(let comparison, let date) = match else { return false }
    let span = day.span(of: date)
    return switch comparison {
    case .equal: span.contains(instant)
    case .greater: instant >= span.upperBound
    case .less: instant < span.lowerBound
    }
  }

  private func holds(birthday: MonthDay?, _ match: SearchMatch, _ day: SearchDay) -> Bool {
    if match == .missing { return birthday == nil }
    guard let birthday, case .birthday(let wanted) = match else { return false }
    switch wanted {
    case .day(let wanted): return birthday == wanted
    case .today: return birthday.month == day.today.month && birthday.day == day.today.day
    case .thisMonth: return birthday.month == day.today.month
    }
  }
}
