// How many cells a text takes. One function for measuring and cutting, and the canvas draws by it
// too, so that a column can never be pushed out of line by a name. What must stay true: it agrees
// with the C library's wcwidth for every character that library knows, because terminals do.
//
// What a terminal might show at a width of its own is degraded to its base: emoji sequences lose
// joiners, skin tones and variation selectors, flags become their two letters, keycaps their digit.
// What it could obey, or what libraries of 2022 do not know, is shown as `?`.

import Basics

/// One drawable: a base and at most two marks on it. Zero means none.
package struct Glyph: Sendable, Hashable {
  package var base: UInt32
  package var mark1: UInt32 = 0
  package var mark2: UInt32 = 0
  /// 1 or 2 cells.
  package var width: Int

  /// The base with its marks, as text.
  package var text: String {
    var scalars = String.UnicodeScalarView()
    for value in [base, mark1, mark2] where value != 0 {
      if let scalar = Unicode.Scalar(value) { scalars.append(scalar) }
    }
    return String(scalars)
  }
}

extension Glyph {
  /// Punctuation that a terminal without much of Unicode may lack, as ASCII has it; letters stay.
  var plain: Glyph {
    let sign: Unicode.Scalar
    switch base {
    case 0x2010...0x2015: sign = "-"
    case 0x2018, 0x2019: sign = "'"
    case 0x201C, 0x201D: sign = "\""
    case 0x2026: sign = "~"
    case 0x2192: sign = ">"
    default: return self
    }
    return Glyph(base: sign.value, mark1: mark1, mark2: mark2, width: width)
  }
}

package enum CharacterWidth {
  /// Cells of one scalar: 0 for marks and invisible ones, nil for controls and unknown ones.
  package static func of(_ scalar: Unicode.Scalar) -> Int? {
    let value = scalar.value
    if value < 0x7F { return value >= 0x20 ? 1 : nil }
    if value < 0x300 { return value >= 0xA0 ? 1 : nil }
    let properties = scalar.properties
    let category = properties.generalCategory
    switch category {
    case .control, .unassigned, .surrogate, .lineSeparator, .paragraphSeparator: return nil
    case .nonspacingMark, .enclosingMark: return 0
    case .format: return prependedSigns.contains(value) ? 1 : 0
    default: break
    }
    guard let age = properties.age, (age.major, age.minor) <= (14, 0) else { return nil }
    if (0x1160...0x11FF).contains(value) || (0xD7B0...0xD7FF).contains(value) || value == 0x1171E {
      return 0
    }
    return isWide(value) ? 2 : 1
  }

  /// Cells that drawing `text` takes on one line.
  package static func of(_ text: some StringProtocol) -> Int {
    var width = 0
    for glyph in GlyphSequence(text) { width += glyph.width }
    return width
  }

  /// `text` in at most `width` cells; what was cut ends in `ellipsis`.
  package static func cut(
    _ text: String, to width: Int, ellipsis: String = "…"
  ) -> String {
    if text.utf8.count <= width && text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
    let mark = of(ellipsis)
    var kept = String.UnicodeScalarView()
    var used = 0
    var shortened = String.UnicodeScalarView()
    for glyph in GlyphSequence(text) {
      if used + glyph.width <= width - mark {
        shortened.append(contentsOf: glyph.text.unicodeScalars)
      }
      used += glyph.width
      if used > width {
        return width < mark ? "" : String(shortened) + ellipsis
      }
      kept.append(contentsOf: glyph.text.unicodeScalars)
    }
    return String(kept)
  }

  /// `text` cut or filled with blanks to exactly `width` cells.
  package static func fit(
    _ text: String, to width: Int, _ alignment: Alignment = .left, ellipsis: String = "…"
  ) -> String {
    let kept = cut(text, to: max(0, width), ellipsis: ellipsis)
    let blanks = max(0, width - of(kept))
    switch alignment {
    case .left: return kept + String(repeating: " ", count: blanks)
    case .right: return String(repeating: " ", count: blanks) + kept
    case .centre:
      let left = blanks / 2
      return String(repeating: " ", count: left) + kept
        + String(repeating: " ", count: blanks - left)
    }
  }

  /// `text` broken into lines of at most `width` cells, at blanks where there are any; line feeds
  /// end a line.
  package static func wrap(_ text: String, to width: Int) -> [String] {
    guard width > 0 else { return [] }
    var lines: [String] = []
    for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
      var line = ""
      var used = 0
      for word in paragraph.split(separator: " ", omittingEmptySubsequences: false) {
        var piece = String(word)
        var size = of(piece)
        if used > 0 || !line.isEmpty {
          if used + 1 + size <= width {
            line += " " + piece
            used += 1 + size
            continue
          }
          lines.append(line)
          line = ""
          used = 0
        }
        while size > width {
          let head = prefix(of: piece, width: width)
          lines.append(head.text)
          piece = head.rest
          size = of(piece)
        }
        line = piece
        used = size
      }
      lines.append(line)
    }
    return lines
  }

  /// As much of `text` as fits, at least one glyph, and what is left.
  private static func prefix(of text: String, width: Int) -> (text: String, rest: String) {
    var glyphs = GlyphSequence(text)
    var head = String.UnicodeScalarView()
    var used = 0
    var end = glyphs.position
    while let glyph = glyphs.next() {
      if used + glyph.width > width && used > 0 { break }
      head.append(contentsOf: glyph.text.unicodeScalars)
      used += glyph.width
      end = glyphs.position
    }
    return (String(head), String(text.unicodeScalars[end...]))
  }

  /// Signs that stand before a number and take a cell though Unicode files them under format.
  private static let prependedSigns: Set<UInt32> = [
    0xAD, 0x600, 0x601, 0x602, 0x603, 0x604, 0x605, 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD,
    0x110CD,
  ]

  private static func isWide(_ value: UInt32) -> Bool {
    guard value >= 0x1100 else { return false }
    var low = 0
    var high = wide.count
    while low < high {
      let middle = (low + high) / 2
      if value > wide[middle].1 { low = middle + 1 } else { high = middle }
    }
    return low < wide.count && value >= wide[low].0
  }

  /// Two cells each; gaps that hold no known character are closed.
  private static let wide: [(UInt32, UInt32)] = [
    (0x1100, 0x115F), (0x231A, 0x231B), (0x2329, 0x232A), (0x23E9, 0x23EC), (0x23F0, 0x23F0),
    (0x23F3, 0x23F3), (0x25FD, 0x25FE), (0x2614, 0x2615), (0x2648, 0x2653), (0x267F, 0x267F),
    (0x2693, 0x2693), (0x26A1, 0x26A1), (0x26AA, 0x26AB), (0x26BD, 0x26BE), (0x26C4, 0x26C5),
    (0x26CE, 0x26CE), (0x26D4, 0x26D4), (0x26EA, 0x26EA), (0x26F2, 0x26F3), (0x26F5, 0x26F5),
    (0x26FA, 0x26FA), (0x26FD, 0x26FD), (0x2705, 0x2705), (0x270A, 0x270B), (0x2728, 0x2728),
    (0x274C, 0x274C), (0x274E, 0x274E), (0x2753, 0x2755), (0x2757, 0x2757), (0x2795, 0x2797),
    (0x27B0, 0x27B0), (0x27BF, 0x27BF), (0x2B1B, 0x2B1C), (0x2B50, 0x2B50), (0x2B55, 0x2B55),
    (0x2E80, 0x303E), (0x3041, 0xA4C6), (0xA960, 0xA97C), (0xAC00, 0xD7A3), (0xF900, 0xFAD9),
    (0xFE10, 0xFE6B), (0xFF01, 0xFF60), (0xFFE0, 0xFFE6), (0x16FE0, 0x1B2FB), (0x1F004, 0x1F004),
    (0x1F0CF, 0x1F0CF), (0x1F18E, 0x1F18E), (0x1F191, 0x1F19A), (0x1F200, 0x1F320),
    (0x1F32D, 0x1F335), (0x1F337, 0x1F37C), (0x1F37E, 0x1F393), (0x1F3A0, 0x1F3CA),
    (0x1F3CF, 0x1F3D3), (0x1F3E0, 0x1F3F0), (0x1F3F4, 0x1F3F4), (0x1F3F8, 0x1F43E),
    (0x1F440, 0x1F440), (0x1F442, 0x1F4FC), (0x1F4FF, 0x1F53D), (0x1F54B, 0x1F54E),
    (0x1F550, 0x1F567), (0x1F57A, 0x1F57A), (0x1F595, 0x1F596), (0x1F5A4, 0x1F5A4),
    (0x1F5FB, 0x1F64F), (0x1F680, 0x1F6C5), (0x1F6CC, 0x1F6CC), (0x1F6D0, 0x1F6D2),
    (0x1F6D5, 0x1F6DF), (0x1F6EB, 0x1F6EC), (0x1F6F4, 0x1F6FC), (0x1F7E0, 0x1F7F0),
    (0x1F90C, 0x1F93A), (0x1F93C, 0x1F945), (0x1F947, 0x1F9FF), (0x1FA70, 0x1FAF6),
    (0x20000, 0x3134A),
  ]
}

package enum Alignment: Sendable, Hashable { case left, right, centre }

/// The drawables of a text, in order; every one takes one or two cells.
package struct GlyphSequence: Sequence, IteratorProtocol {
  private let scalars: String.UnicodeScalarView
  private(set) var position: String.UnicodeScalarView.Index

  package init(_ text: some StringProtocol) {
    scalars = String(text).unicodeScalars
    position = scalars.startIndex
  }

  package mutating func next() -> Glyph? {
    while position < scalars.endIndex {
      let scalar = scalars[position]
      position = scalars.index(after: position)
      if scalar.value >= 0x20 && scalar.value < 0x7F && !marksFollow {
        return Glyph(base: scalar.value, width: 1)
      }
      if (0x1F1E6...0x1F1FF).contains(scalar.value) {
        return Glyph(base: scalar.value - 0x1F1E6 + 0x41, width: 1)
      }
      switch CharacterWidth.of(scalar) {
      case nil:
        // A direction or byte-order mark shows nothing and is not obeyed either; C0, C1 and what
        // nobody knows must not vanish in silence.
        return Glyph(base: 0x3F, width: 1)
      case 0: continue  // a mark with nothing to sit on
      case let width?:
        var glyph = Glyph(base: scalar.value, width: width)
        takeMarks(onto: &glyph)
        return glyph
      }
    }
    return nil
  }

  private var marksFollow: Bool { position < scalars.endIndex && scalars[position].value >= 0x300 }

  /// Everything that belongs to the base just read: two marks stay, joiners and what they join,
  /// selectors and skin tones go.
  private mutating func takeMarks(onto glyph: inout Glyph) {
    while position < scalars.endIndex {
      let scalar = scalars[position]
      let value = scalar.value
      guard value >= 0x300 else { return }
      if (0x1F3FB...0x1F3FF).contains(value) && glyph.width == 2 && glyph.base >= 0x2600 {
        position = scalars.index(after: position)
        continue
      }
      guard CharacterWidth.of(scalar) == 0 else { return }
      position = scalars.index(after: position)
      if value == 0x200D {
        dropJoined(after: glyph)
      } else if Self.stays(scalar) {
        if glyph.mark1 == 0 {
          glyph.mark1 = value
        } else if glyph.mark2 == 0 {
          glyph.mark2 = value
        }
      }
    }
  }

  /// After a joiner the next picture belongs to the one already read; in writing it does not.
  private mutating func dropJoined(after glyph: Glyph) {
    guard position < scalars.endIndex, glyph.base >= 0x2190 else { return }
    let next = scalars[position]
    if next.value >= 0x2190 && next.properties.isEmoji { position = scalars.index(after: position) }
  }

  private static func stays(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .format: false
    case .enclosingMark: false
    default:
      !(0xFE00...0xFE0F).contains(scalar.value) && !(0xE0100...0xE01EF).contains(scalar.value)
    }
  }
}
