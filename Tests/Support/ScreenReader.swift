// What a person would see: reads the bytes a program sends to an xterm and keeps the screen they
// make. Good for what ncurses says to xterm-256color and for what programs say in plain text. What
// must stay true: a sequence it does not know is skipped whole and counted in `unknown`, never shown.

import Basics
import Foundation
import Screen

package struct ScreenReader: Sendable {
  package struct Cell: Sendable, Hashable {
    package var text: String
    package var style: ResolvedStyle
    /// The right half of the wide character before it.
    package var isContinuation = false

    static func blank(_ style: ResolvedStyle) -> Cell { Cell(text: " ", style: style) }
  }

  static let plain = ResolvedStyle(foreground: .terminal, background: .terminal, attributes: [])

  package private(set) var size: Size
  /// DEC private modes that are set, such as 1049 (alternate screen) or 2004 (bracketed paste).
  package private(set) var modes: Set<Int> = [7, 25]
  package private(set) var title = ""
  /// What was last put on the clipboard by OSC 52.
  package private(set) var clipboard: String?
  package private(set) var bells = 0
  /// Sequences that were skipped because nothing is known about them.
  package private(set) var unknown: [String] = []
  /// Bytes taken in since the start.
  package private(set) var bytes = 0

  private var cells: [[Cell]]
  private var savedMain: [[Cell]]?
  private var at = Point.zero
  private var wrapsNext = false
  private var pen = plain
  private var region: ClosedRange<Int>
  private var saved: (at: Point, style: ResolvedStyle) = (.zero, plain)
  private var drawsLines = (g0: false, g1: false)
  private var usesG1 = false
  private var lastText = ""
  private var pending: [UInt8] = []

  package init(_ size: Size) {
    self.size = size
    region = 0...max(0, size.height - 1)
    cells = Self.blanks(size, Self.plain)
  }

  private static func blanks(_ size: Size, _ style: ResolvedStyle) -> [[Cell]] {
    [[Cell]](
      repeating: [Cell](repeating: .blank(style), count: size.width), count: size.height)
  }

  // MARK: Looking

  /// Each row without the blanks at its end.
  package var lines: [String] { cells.indices.map(line) }

  package func line(_ y: Int) -> String {
    guard cells.indices.contains(y) else { return "" }
    var text = cells[y].filter { !$0.isContinuation }.map(\.text).joined()
    while text.last == " " { text.removeLast() }
    return text
  }

  package func contains(_ text: String) -> Bool { lines.contains { $0.contains(text) } }

  /// The first place where `text` begins, in cells.
  package func find(_ text: String) -> Point? {
    for y in cells.indices {
      guard let range = line(y).range(of: text) else { continue }
      return Point(CharacterWidth.of(line(y)[..<range.lowerBound]), y)
    }
    return nil
  }

  package func style(at point: Point) -> ResolvedStyle {
    guard Rect(size).contains(point) else { return Self.plain }
    return cells[point.y][point.x].style
  }

  /// Where the cursor stands; nil while it is hidden.
  package var cursor: Point? { modes.contains(25) ? at : nil }
  package var isAlternate: Bool { modes.contains(1049) }
  package var position: Point { at }

  /// The screen in a frame, for failures and for looking at.
  package var framed: String {
    let edge = "+" + String(repeating: "-", count: size.width) + "+"
    let rows = cells.indices.map { "|" + CharacterWidth.fit(line($0), to: size.width) + "|" }
    return ([edge] + rows + [edge]).joined(separator: "\n")
  }

  // MARK: Taking in

  package mutating func resize(_ new: Size) {
    func fit(_ old: [[Cell]]) -> [[Cell]] {
      var rows = old.map { row in
        Array(row.prefix(new.width))
          + [Cell](repeating: .blank(Self.plain), count: max(0, new.width - row.count))
      }
      rows = Array(rows.prefix(new.height))
      while rows.count < new.height {
        rows.append([Cell](repeating: .blank(Self.plain), count: new.width))
      }
      return rows
    }
    cells = fit(cells)
    savedMain = savedMain.map(fit)
    size = new
    region = 0...max(0, new.height - 1)
    moveTo(at.x, at.y)
  }

  package mutating func feed(_ text: String) { feed(Array(text.utf8)) }

  package mutating func feed(_ new: some Collection<UInt8>) {
    bytes += new.count
    pending.append(contentsOf: new)
    var index = 0
    while index < pending.count {
      guard let used = step(pending[index...]) else { break }
      index += used
    }
    pending.removeFirst(min(index, pending.count))
  }

  /// Takes one character or sequence; nil when its end has not come yet.
  private mutating func step(_ input: ArraySlice<UInt8>) -> Int? {
    guard let first = input.first else { return nil }
    switch first {
    case 0x1B: return escape(input)
    case 0x07: bells += 1
    case 0x08: moveTo(at.x - 1, at.y)
    case 0x09: moveTo(min(size.width - 1, (at.x / 8 + 1) * 8), at.y)
    case 0x0A, 0x0B, 0x0C: lineFeed()
    case 0x0D: moveTo(0, at.y)
    case 0x0E: usesG1 = true
    case 0x0F: usesG1 = false
    case 0..<0x20, 0x7F: break
    default: return character(input)
    }
    return 1
  }

  private mutating func character(_ input: ArraySlice<UInt8>) -> Int? {
    let first = input[input.startIndex]
    let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    guard input.count >= length else { return nil }
    for scalar in String(decoding: input.prefix(length), as: UTF8.self).unicodeScalars {
      show(scalar)
    }
    return length
  }

  private mutating func show(_ scalar: Unicode.Scalar) {
    var scalar = scalar
    if usesG1 ? drawsLines.g1 : drawsLines.g0 { scalar = Self.lineDrawing[scalar] ?? scalar }
    let width = CharacterWidth.of(scalar) ?? 1
    if width == 0 {
      let x = wrapsNext ? at.x : max(0, at.x - 1)
      let owner = cells[at.y][x].isContinuation ? max(0, x - 1) : x
      cells[at.y][owner].text.unicodeScalars.append(scalar)
      return
    }
    put(String(scalar), width: width)
  }

  private mutating func put(_ text: String, width: Int) {
    if wrapsNext || at.x + width > size.width {
      if modes.contains(7) {
        at.x = 0
        lineFeed()
      } else {
        at.x = max(0, size.width - width)
      }
      wrapsNext = false
    }
    guard at.x + width <= size.width else { return }
    clearHalf(at.x)
    cells[at.y][at.x] = Cell(text: text, style: pen)
    if width == 2 {
      clearHalf(at.x + 1)
      cells[at.y][at.x + 1] = Cell(text: " ", style: pen, isContinuation: true)
    }
    lastText = text
    if at.x + width >= size.width {
      at.x = size.width - 1
      wrapsNext = true
    } else {
      at.x += width
    }
  }

  /// Writing on half of a wide character blanks the other half.
  private mutating func clearHalf(_ x: Int) {
    if cells[at.y][x].isContinuation, x > 0 { cells[at.y][x - 1].text = " " }
    if x + 1 < size.width, cells[at.y][x + 1].isContinuation {
      cells[at.y][x + 1].isContinuation = false
    }
    cells[at.y][x].isContinuation = false
  }

  // MARK: Sequences

  private mutating func escape(_ input: ArraySlice<UInt8>) -> Int? {
    let start = input.startIndex
    guard input.count > 1 else { return nil }
    switch input[start + 1] {
    case UInt8(ascii: "["): return control(input)
    case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "_"), UInt8(ascii: "^"):
      return command(input)
    case UInt8(ascii: "("), UInt8(ascii: ")"):
      guard input.count > 2 else { return nil }
      let isDrawing = input[start + 2] == UInt8(ascii: "0")
      if input[start + 1] == UInt8(ascii: "(") {
        drawsLines.g0 = isDrawing
      } else {
        drawsLines.g1 = isDrawing
      }
      return 3
    case UInt8(ascii: "7"): saved = (at, pen)
    case UInt8(ascii: "8"): (at, pen) = saved
    case UInt8(ascii: "D"): lineFeed()
    case UInt8(ascii: "E"):
      at.x = 0
      lineFeed()
    case UInt8(ascii: "M"): reverseFeed()
    case UInt8(ascii: "c"): self = ScreenReader(size)
    case UInt8(ascii: "="), UInt8(ascii: ">"): break
    default: unknown.append("ESC \(Character(Unicode.Scalar(input[start + 1])))")
    }
    return 2
  }

  /// OSC and the like, up to BEL or ST.
  private mutating func command(_ input: ArraySlice<UInt8>) -> Int? {
    for index in input.indices.dropFirst(2) {
      let isBell = input[index] == 0x07
      let isEnd = input[index] == UInt8(ascii: "\\") && input[index - 1] == 0x1B
      guard isBell || isEnd else { continue }
      let body = input[(input.startIndex + 2)..<(isBell ? index : index - 1)]
      let text = String(decoding: body, as: UTF8.self)
      if text.hasPrefix("0;") || text.hasPrefix("2;") { title = String(text.dropFirst(2)) }
      if text.hasPrefix("52;"), let coded = text.split(separator: ";").last,
        let data = Data(base64Encoded: String(coded))
      {
        clipboard = String(decoding: data, as: UTF8.self)
      }
      return index + 1 - input.startIndex
    }
    return nil
  }

  private mutating func control(_ input: ArraySlice<UInt8>) -> Int? {
    var end = input.startIndex + 2
    while end < input.endIndex, (0x20...0x3F).contains(input[end]) { end += 1 }
    guard end < input.endIndex else { return nil }
    let body = String(decoding: input[(input.startIndex + 2)..<end], as: UTF8.self)
    let final = Character(Unicode.Scalar(input[end]))
    let isPrivate = body.hasPrefix("?")
    let numbers = body.drop { !$0.isNumber && $0 != ";" }
      .split(separator: ";", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    let isPlain = body.allSatisfy { $0.isNumber || $0 == ";" }
    if isPrivate, final == "h" || final == "l" {
      for mode in numbers { set(mode, final == "h") }
    } else if isPlain, final == "m" {
      rendition(numbers)
    } else if !isPlain || !act(final, numbers) {
      if !(final == "p" || final == "q" || (isPrivate && final == "u")) {
        unknown.append("CSI \(body)\(final)")
      }
    }
    return end + 1 - input.startIndex
  }

  private mutating func act(_ final: Character, _ numbers: [Int]) -> Bool {
    func count(_ index: Int = 0) -> Int {
      numbers.indices.contains(index) && numbers[index] > 0 ? numbers[index] : 1
    }
    let first = numbers.first ?? 0
    switch final {
    case "A": moveTo(at.x, at.y - count())
    case "B", "e": moveTo(at.x, at.y + count())
    case "C", "a": moveTo(at.x + count(), at.y)
    case "D": moveTo(at.x - count(), at.y)
    case "E": moveTo(0, at.y + count())
    case "F": moveTo(0, at.y - count())
    case "G", "`": moveTo(count() - 1, at.y)
    case "d": moveTo(at.x, count() - 1)
    case "H", "f": moveTo(count(1) - 1, count() - 1)
    case "J": eraseScreen(first)
    case "K":
      erase(
        row: at.y, from: first == 0 ? at.x : 0, to: first == 1 ? at.x + 1 : size.width)
    case "X": erase(row: at.y, from: at.x, to: at.x + count())
    case "@":
      cells[at.y].insert(
        contentsOf: [Cell](repeating: .blank(background), count: count()), at: at.x)
      cells[at.y] = Array(cells[at.y].prefix(size.width))
    case "P":
      let gone = min(count(), size.width - at.x)
      cells[at.y].removeSubrange(at.x..<(at.x + gone))
      cells[at.y] += [Cell](repeating: .blank(background), count: gone)
    case "L": if region.contains(at.y) { scroll(at.y...region.upperBound, by: -count()) }
    case "M": if region.contains(at.y) { scroll(at.y...region.upperBound, by: count()) }
    case "S": scroll(region, by: count())
    case "T": scroll(region, by: -count())
    case "b": for _ in 0..<count() { put(lastText, width: max(1, CharacterWidth.of(lastText))) }
    case "r":
      let top = count() - 1
      let bottom = numbers.count > 1 && numbers[1] > 0 ? numbers[1] - 1 : size.height - 1
      if top < bottom && bottom < size.height { region = top...bottom }
      moveTo(0, 0)
    case "s": saved = (at, pen)
    case "u": (at, pen) = saved
    case "h", "l", "t", "n", "c", "g": break
    default: return false
    }
    return true
  }

  private mutating func set(_ mode: Int, _ isOn: Bool) {
    let was = modes.contains(mode)
    if isOn { modes.insert(mode) } else { modes.remove(mode) }
    guard mode == 1049 || mode == 47 || mode == 1047, was != isOn else { return }
    if isOn {
      saved = (at, pen)
      savedMain = cells
      cells = Self.blanks(size, Self.plain)
    } else {
      cells = savedMain ?? Self.blanks(size, Self.plain)
      savedMain = nil
      at = saved.at
      moveTo(at.x, at.y)
    }
  }

  private mutating func rendition(_ numbers: [Int]) {
    var rest = (numbers.isEmpty ? [0] : numbers)[...]
    while let code = rest.popFirst() {
      switch code {
      case 0: pen = Self.plain
      case 1: pen.attributes.insert(.bold)
      case 2: pen.attributes.insert(.dim)
      case 3: pen.attributes.insert(.italic)
      case 4: pen.attributes.insert(.underline)
      case 7: pen.attributes.insert(.reverse)
      case 22: pen.attributes.subtract([.bold, .dim])
      case 23: pen.attributes.remove(.italic)
      case 24: pen.attributes.remove(.underline)
      case 27: pen.attributes.remove(.reverse)
      case 30...37: pen.foreground = .ansi(UInt8(code - 30))
      case 40...47: pen.background = .ansi(UInt8(code - 40))
      case 90...97: pen.foreground = .ansi(UInt8(code - 82))
      case 100...107: pen.background = .ansi(UInt8(code - 92))
      case 39: pen.foreground = .terminal
      case 49: pen.background = .terminal
      case 38, 48:
        guard let colour = Self.colour(&rest) else { return }
        if code == 38 { pen.foreground = colour } else { pen.background = colour }
      default: break
      }
    }
  }

  private static func colour(_ rest: inout ArraySlice<Int>) -> Colour? {
    switch rest.popFirst() {
    case 5:
      guard let number = rest.popFirst(), let byte = UInt8(exactly: number) else { return nil }
      return byte < 16 ? .ansi(byte) : .indexed(byte)
    case 2:
      guard rest.count >= 3 else { return nil }
      let parts = rest.prefix(3).map { UInt8(clamping: $0) }
      rest = rest.dropFirst(3)
      return .rgb(parts[0], parts[1], parts[2])
    default: return nil
    }
  }

  // MARK: Moving and erasing

  private mutating func moveTo(_ x: Int, _ y: Int) {
    at = Point(max(0, min(size.width - 1, x)), max(0, min(size.height - 1, y)))
    wrapsNext = false
  }

  private mutating func lineFeed() {
    if at.y == region.upperBound {
      scroll(region, by: 1)
    } else if at.y + 1 < size.height {
      at.y += 1
    }
    wrapsNext = false
  }

  private mutating func reverseFeed() {
    if at.y == region.lowerBound { scroll(region, by: -1) } else { moveTo(at.x, at.y - 1) }
  }

  /// Up by `count` lines; down when negative.
  private mutating func scroll(_ rows: ClosedRange<Int>, by count: Int) {
    let blank = [Cell](repeating: .blank(background), count: size.width)
    for _ in 0..<min(abs(count), rows.count) {
      if count > 0 {
        cells.remove(at: rows.lowerBound)
        cells.insert(blank, at: rows.upperBound)
      } else {
        cells.remove(at: rows.upperBound)
        cells.insert(blank, at: rows.lowerBound)
      }
    }
  }

  /// Erased cells take the background in force (xterm has "bce").
  private var background: ResolvedStyle {
    ResolvedStyle(foreground: .terminal, background: pen.background, attributes: [])
  }

  private mutating func erase(row: Int, from: Int, to: Int) {
    for x in max(0, from)..<max(max(0, from), min(size.width, to)) {
      cells[row][x] = .blank(background)
    }
  }

  private mutating func eraseScreen(_ part: Int) {
    for row in 0..<size.height {
      switch part {
      case 0 where row == at.y: erase(row: row, from: at.x, to: size.width)
      case 0 where row < at.y: break
      case 1 where row == at.y: erase(row: row, from: 0, to: at.x + 1)
      case 1 where row > at.y: break
      case 3: break
      default: erase(row: row, from: 0, to: size.width)
      }
    }
  }

  private static let lineDrawing: [Unicode.Scalar: Unicode.Scalar] = [
    "j": "┘", "k": "┐", "l": "┌", "m": "└", "n": "┼", "q": "─", "t": "├", "u": "┤", "v": "┴",
    "w": "┬", "x": "│", "a": "▒", "`": "◆", "~": "·", "0": "█", "+": "→", ",": "←", ".": "↓",
    "-": "↑",
  ]
}
