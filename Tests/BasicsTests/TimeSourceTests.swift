import Basics
import Testing

@Suite struct TimeSourceTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("2026-01-02T03:04:05Z", 1_767_323_045_000),
    ("2000-02-29", 951_782_400_000), ("2026-01-02T03:04:05.678Z", 1_767_323_045_678),
    ("2026-01-02 05:04:05+02:00", 1_767_323_045_000), ("1969-12-31T23:59:59Z", -1000),
  ])
  func `ISO 8601 is read`(text: String, milliseconds: Int64) {
    #expect(Instant(iso8601: text)?.milliseconds == milliseconds)
  }

  @Test(arguments: [
    "2026-02-30", "2026-1-2", "yesterday", "", "2026-01-02T25:00Z", "2026-01-02T10:00:00 nonsense",
  ])
  func `what is no time is refused`(text: String) {
    #expect(Instant(iso8601: text) == nil)
  }

  @Test func `every day from 1600 to 2400 prints and reads back`() {
    for day in stride(from: Int64(-135_140), through: 157_054, by: 13) {
      let date = CivilDate(daysSince1970: day)
      #expect(date.daysSince1970 == day)
      #expect(CivilDate(date.description) == date)
      let instant = Instant(milliseconds: day * 86_400_000 + 12_345_678)
      #expect(Instant(iso8601: instant.description) == instant)
    }
  }
}
