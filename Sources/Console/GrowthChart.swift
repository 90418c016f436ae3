// How an audience grew, drawn with block characters: a column for each month, as high as it had
// members. What must stay true: the foot is nobody, so that twice as high is twice as many, and the
// months that do not fit are the oldest.

import Basics
import Domain
import Screen

struct GrowthChart {
  private let months: [GrowthMonth]
  private let glyphs: Glyphs

  init(_ growth: AudienceGrowth, _ glyphs: Glyphs) {
    months = growth.months
    self.glyphs = glyphs
  }

  /// Below this many rows there is no chart, only its months.
  static let least = 4

  /// `height` lines: the columns, and the months below them.
  func lines(width: Int, height: Int) -> [[Run]] {
    let whole = months.map(\.subscribed).max() ?? 0
    let axis = Wording.number(whole).count + 1
    let room = width - axis - 1
    guard whole > 0, room >= 4, height >= Self.least else { return [] }
    let shown = months.suffix(room / 4)
    let most = shown.map(\.subscribed).max() ?? 0
    let slot = min(8, room / shown.count)
    let rows = height - 1
    let cells = Sparkline(shown.map(\.subscribed)).cells(rows: rows, glyphs)
    let columns = cells.enumerated().map { row, cells -> [Run] in
      let bars = cells.enumerated().map { index, cell in
        Run(
          String(repeating: cell, count: slot - 1) + " ",
          index == shown.count - 1 ? .accent : .progress)
      }
      return [
        Run(CharacterWidth.fit(label(row, of: rows, most), to: axis - 1, .right) + " ", .label),
        Run(glyphs.vertical, .border),
      ] + bars
    }
    let names = shown.map { Run(CharacterWidth.fit(name($0, slot), to: slot), .label) }
    return columns + [[Run(String(repeating: " ", count: axis + 1))] + names]
  }

  /// How many the top of a row means: said at the top, in the middle and at the foot.
  private func label(_ row: Int, of rows: Int, _ most: Int) -> String {
    switch row {
    case 0: Wording.number(most)
    case rows - 1: "0"
    case rows / 2 where rows >= 6: Wording.number(most * (rows - row) / rows)
    default: ""
    }
  }

  /// `Nov`, and the year where one begins.
  private func name(_ month: GrowthMonth, _ slot: Int) -> String {
    let name = Self.name(ofMonth: month.month)
    return name == "Jan" && slot > 4 ? String(month.month.prefix(4)) : name
  }

  private static let names = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// `Nov` for `2026-11`.
  static func name(ofMonth text: String) -> String {
    let number = Int(text.suffix(2)) ?? 0
    return names.indices.contains(number - 1) ? names[number - 1] : text
  }
}
