// Colours and cells as ncurses wants them: pairs are allotted when a pair of colours is first seen,
// because a terminal may have 64 of them or 65,536. What must stay true: a cell that gets no pair is
// still readable, in the terminal's own colours.

import CNcurses
import Glibc
import Screen

struct CursesPalette {
  let depth: ColourDepth
  private let hasDefaults: Bool
  private let limit: Int32
  /// With direct colours: numbers below sixteen are the terminal's own, as in `DirectColour`; in
  /// other descriptions only those below eight.
  private let ownColours: Int32
  private var pairs: [Pair: Int32] = [:]

  private struct Pair: Hashable {
    var foreground: Int32
    var background: Int32
  }

  /// After newterm: asks ncurses what the terminal has; NO_COLOR, unless empty, means none.
  init(environment: [String: String], keepsSixteen: Bool = false) {
    ownColours = keepsSixteen ? 16 : 8
    guard environment["NO_COLOR", default: ""].isEmpty, has_colors(), start_color() == OK else {
      depth = .mono
      hasDefaults = false
      limit = 0
      return
    }
    hasDefaults = use_default_colors() == OK
    limit = nc_pairs()
    switch nc_colors() {
    case 0x100_0000...: depth = .direct
    case 256...: depth = .indexed
    case 16...: depth = .sixteen
    case 8...: depth = .eight
    default: depth = .mono
    }
  }

  /// How a cell is painted, as ncurses wants it.
  private struct Look: Equatable {
    var attributes: attr_t = 0
    var pair: Int32 = 0
    var ground = Colour.terminal

    /// True where a blank shows the ground alone.
    var isBareWhenBlank: Bool { attributes & (NC_UNDERLINE | NC_REVERSE) == 0 }
  }

  /// Writes one row of cells; continuation cells come with the wide glyph before them.
  mutating func put(_ cells: ArraySlice<Cell>, row: Int, theme: Theme) {
    var out: [cchar_t] = []
    out.reserveCapacity(cells.count)
    var last: (role: Role, ground: Ground, own: Attributes, look: Look)?
    // The last cell that is no blank, and how many blanks on its ground follow it.
    var (before, blanks): (Look?, Int) = (nil, 0)
    for cell in cells where !cell.isContinuation {
      // Neighbours mostly look alike.
      if last == nil || last?.role != cell.role || last?.ground != cell.ground
        || last?.own != cell.attributes
      {
        let look = look(theme.style(cell.role, on: cell.ground, cell.attributes))
        last = (cell.role, cell.ground, cell.attributes, look)
      }
      let look = last?.look ?? Look()
      if cell.glyph == Cell.blank.glyph, look.isBareWhenBlank {
        if look.ground != before?.ground { before = nil }
        blanks += 1
      } else {
        // A few blanks between two words of one look have it too: nothing need be switched there and
        // back for what cannot be seen.
        if look == before, look.isBareWhenBlank, (1...Self.longestGap).contains(blanks) {
          let blank = Self.make(Cell.blank.glyph, look)
          for index in (out.count - blanks)..<out.count { out[index] = blank }
        }
        (before, blanks) = (look, 0)
      }
      out.append(Self.make(cell.glyph, look))
    }
    _ = nc_put(Int32(row), 0, out, Int32(out.count))
  }

  private static let longestGap = 8

  mutating func cell(_ cell: Cell, theme: Theme) -> cchar_t {
    Self.make(cell.glyph, look(theme.style(cell.role, on: cell.ground, cell.attributes)))
  }

  private static func make(_ glyph: Glyph, _ look: Look) -> cchar_t {
    var text: (wchar_t, wchar_t, wchar_t, wchar_t) = (
      wchar_t(glyph.base), wchar_t(glyph.mark1), wchar_t(glyph.mark2), 0
    )
    var cell = cchar_t()
    withUnsafePointer(to: &text) { tuple in
      tuple.withMemoryRebound(to: wchar_t.self, capacity: 4) { scalars in
        _ = nc_set(&cell, scalars, look.attributes, look.pair)
      }
    }
    return cell
  }

  private mutating func look(_ style: ResolvedStyle) -> Look {
    var attributes: attr_t = 0
    if style.attributes.contains(.bold) { attributes |= NC_BOLD }
    if style.attributes.contains(.underline) { attributes |= NC_UNDERLINE }
    if style.attributes.contains(.reverse) { attributes |= NC_REVERSE }
    if style.attributes.contains(.dim) { attributes |= NC_DIM }
    if style.attributes.contains(.italic) { attributes |= NC_ITALIC }
    return Look(
      attributes: attributes, pair: pair(style.foreground, style.background),
      ground: style.background)
  }

  private mutating func pair(_ foreground: Colour, _ background: Colour) -> Int32 {
    guard depth != .mono else { return 0 }
    let wanted = Pair(
      foreground: number(foreground, fallback: 7), background: number(background, fallback: 0))
    // The terminal's own colours have a pair too: from pair 0 ncurses puts colours back twice.
    if let known = pairs[wanted] { return known }
    let next = Int32(pairs.count) + 1
    guard next < limit, init_extended_pair(next, wanted.foreground, wanted.background) == OK else {
      return 0
    }
    pairs[wanted] = next
    return next
  }

  private func number(_ colour: Colour, fallback: Int32) -> Int32 {
    switch colour {
    case .terminal: return hasDefaults ? -1 : fallback
    case .ansi(let number):
      return depth == .direct ? Int32(number) % ownColours : Int32(number)
    case .indexed(let number):
      guard depth == .direct, let (r, g, b) = colour.components else { return Int32(number) }
      return direct(r, g, b)
    case .rgb(let r, let g, let b): return direct(r, g, b)
    }
  }

  private func direct(_ r: UInt8, _ g: UInt8, _ b: UInt8) -> Int32 {
    max(ownColours, Int32(r) << 16 | Int32(g) << 8 | Int32(b))
  }
}
