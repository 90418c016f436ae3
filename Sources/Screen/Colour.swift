// Colours as a theme names them, and what is left of them on a terminal with fewer. What must stay
// true: mapping to a depth gives a colour of that depth, and contrast is only judged where both
// colours are really known: what the terminal calls red is the terminal's business.

package enum Colour: Sendable, Hashable {
  /// The terminal's own foreground or background.
  case terminal
  /// One of the sixteen that terminals name; 8–15 are the bright ones.
  case ansi(UInt8)
  /// One of xterm's 256; 0–15 are the same as `ansi`.
  case indexed(UInt8)
  case rgb(UInt8, UInt8, UInt8)

  /// The nearest colour that a terminal of `depth` has.
  package func mapped(to depth: ColourDepth) -> Colour {
    switch (self, depth) {
    case (.terminal, _), (_, .mono): return .terminal
    case (_, .direct): return self
    case (.indexed(let n), .indexed): return n < 16 ? .ansi(n) : self
    case (.ansi, .indexed), (.ansi, .sixteen): return self
    case (.ansi(let n), .eight): return .ansi(n & 7)
    case (.rgb(let r, let g, let b), .indexed): return .indexed(Self.nearest256(r, g, b))
    default:
      guard let (r, g, b) = components else { return .terminal }
      let sixteen = Self.nearest16(r, g, b)
      return .ansi(depth == .eight ? sixteen & 7 : sixteen)
    }
  }

  /// Red, green and blue, for those that are the same on every terminal.
  package var components: (UInt8, UInt8, UInt8)? {
    switch self {
    case .terminal, .ansi: return nil
    case .rgb(let r, let g, let b): return (r, g, b)
    case .indexed(let n):
      switch n {
      case 0..<16: return nil
      case 16..<232:
        let cube = Int(n) - 16
        return (Self.steps[cube / 36], Self.steps[cube / 6 % 6], Self.steps[cube % 6])
      default:
        let grey = UInt8(8 + 10 * (Int(n) - 232))
        return (grey, grey, grey)
      }
    }
  }

  /// WCAG contrast, 1 to 21; nil where one of the two is up to the terminal.
  package static func contrast(_ a: Colour, _ b: Colour) -> Double? {
    guard let first = a.luminance, let second = b.luminance else { return nil }
    return (max(first, second) + 0.05) / (min(first, second) + 0.05)
  }

  private var luminance: Double? {
    guard let (r, g, b) = components else { return nil }
    func linear(_ value: UInt8) -> Double {
      let x = Double(value) / 255
      guard x > 0.03928 else { return x / 12.92 }
      // ((x + 0.055) / 1.055) ^ 2.4 as base^2 × base^0.4, the latter by Newton: no libm needed.
      let base = (x + 0.055) / 1.055
      return base * base * Self.twoFifthsPower(base)
    }
    return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
  }

  /// y with y^5 = x^2.
  private static func twoFifthsPower(_ x: Double) -> Double {
    var y = 0.8
    for _ in 0..<30 { y -= (y * y * y * y * y - x * x) / (5 * y * y * y * y) }
    return y
  }

  // MARK: Nearest

  private static let steps: [UInt8] = [0, 95, 135, 175, 215, 255]

  /// How the sixteen look in xterm; used only to choose among them.
  private static let sixteen: [(UInt8, UInt8, UInt8)] = [
    (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205),
    (229, 229, 229), (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255),
    (255, 0, 255), (0, 255, 255), (255, 255, 255),
  ]

  private static func distance(
    _ a: (UInt8, UInt8, UInt8), _ b: (UInt8, UInt8, UInt8)
  ) -> Int {
    let (r, g, b) = (Int(a.0) - Int(b.0), Int(a.1) - Int(b.1), Int(a.2) - Int(b.2))
    return 3 * r * r + 4 * g * g + 2 * b * b
  }

  private static func nearest16(_ r: UInt8, _ g: UInt8, _ b: UInt8) -> UInt8 {
    var best = 0
    for index in 1..<16
    where distance((r, g, b), sixteen[index]) < distance((r, g, b), sixteen[best]) { best = index }
    return UInt8(best)
  }

  private static func nearest256(_ r: UInt8, _ g: UInt8, _ b: UInt8) -> UInt8 {
    func step(_ value: UInt8) -> Int {
      steps.indices.min { abs(Int(steps[$0]) - Int(value)) < abs(Int(steps[$1]) - Int(value)) } ?? 0
    }
    let cube = (step(r), step(g), step(b))
    let cubeColour = (steps[cube.0], steps[cube.1], steps[cube.2])
    let level = max(0, min(23, (Int(r) + Int(g) + Int(b) - 24 + 15) / 30))
    let grey = UInt8(8 + 10 * level)
    return distance((r, g, b), (grey, grey, grey)) < distance((r, g, b), cubeColour)
      ? UInt8(232 + level) : UInt8(16 + 36 * cube.0 + 6 * cube.1 + cube.2)
  }

  // MARK: Names

  package static let names = [
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
  ]

  /// `terminal`, `red`, `bright-red`, `#rrggbb`, or a number of the 256.
  package init?(name: String) {
    if name == "terminal" {
      self = .terminal
    } else if let index = Self.names.firstIndex(of: name) {
      self = .ansi(UInt8(index))
    } else if name.hasPrefix("bright-"),
      let index = Self.names.firstIndex(of: String(name.dropFirst(7)))
    {
      self = .ansi(UInt8(index + 8))
    } else if name.hasPrefix("#"), name.utf8.count == 7,
      let value = UInt32(name.dropFirst(), radix: 16)
    {
      self = .rgb(UInt8(value >> 16), UInt8(value >> 8 & 255), UInt8(value & 255))
    } else if let number = UInt8(name) {
      self = number < 16 ? .ansi(number) : .indexed(number)
    } else {
      return nil
    }
  }
}
