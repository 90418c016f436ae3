// Places on the screen in cells. What must stay true: a part cut from a rectangle lies inside it,
// the parts of one split never overlap, and nothing here ever has a negative size.

package struct Size: Sendable, Hashable {
  package var width: Int
  package var height: Int

  package init(_ width: Int, _ height: Int) {
    self.width = max(0, width)
    self.height = max(0, height)
  }

  package static let zero = Size(0, 0)
}

/// Column `x`, row `y`; the upper left is (0, 0).
package struct Point: Sendable, Hashable {
  package var x: Int
  package var y: Int

  package init(_ x: Int, _ y: Int) {
    self.x = x
    self.y = y
  }

  package static let zero = Point(0, 0)
}

/// How much of a split a part asks for.
package enum Extent: Sendable, Hashable {
  /// So many cells, as far as there are any.
  case cells(Int)
  /// A share of the whole, in hundredths.
  case percent(Int)
  /// What is left, shared by weight.
  case rest(Int)

  package static let rest = Extent.rest(1)
}

package struct Rect: Sendable, Hashable {
  package var x: Int
  package var y: Int
  package var width: Int
  package var height: Int

  package init(_ x: Int, _ y: Int, _ width: Int, _ height: Int) {
    self.x = x
    self.y = y
    self.width = max(0, width)
    self.height = max(0, height)
  }

  package init(_ size: Size) { self.init(0, 0, size.width, size.height) }

  package static let zero = Rect(0, 0, 0, 0)

  package var size: Size { Size(width, height) }
  package var origin: Point { Point(x, y) }
  package var right: Int { x + width }
  package var bottom: Int { y + height }
  package var isEmpty: Bool { width == 0 || height == 0 }

  package func contains(_ point: Point) -> Bool {
    point.x >= x && point.x < right && point.y >= y && point.y < bottom
  }

  package func intersection(_ other: Rect) -> Rect {
    let left = max(x, other.x)
    let top = max(y, other.y)
    return Rect(left, top, min(right, other.right) - left, min(bottom, other.bottom) - top)
  }

  package func moved(x dx: Int = 0, y dy: Int = 0) -> Rect { Rect(x + dx, y + dy, width, height) }

  /// Without `horizontal` columns at either side and `vertical` rows above and below.
  package func inset(_ horizontal: Int, _ vertical: Int) -> Rect {
    let h = min(horizontal, width / 2)
    let v = min(vertical, height / 2)
    return Rect(x + h, y + v, width - 2 * h, height - 2 * v)
  }

  /// A rectangle of at most `size`, in the middle of this one.
  package func centred(_ size: Size) -> Rect {
    let w = min(size.width, width)
    let h = min(size.height, height)
    return Rect(x + (width - w) / 2, y + (height - h) / 2, w, h)
  }

  // MARK: Cutting: each takes a strip off this rectangle and returns it.

  package mutating func cutTop(_ rows: Int) -> Rect {
    let taken = min(max(0, rows), height)
    defer {
      y += taken
      height -= taken
    }
    return Rect(x, y, width, taken)
  }

  package mutating func cutBottom(_ rows: Int) -> Rect {
    let taken = min(max(0, rows), height)
    height -= taken
    return Rect(x, bottom, width, taken)
  }

  package mutating func cutLeft(_ columns: Int) -> Rect {
    let taken = min(max(0, columns), width)
    defer {
      x += taken
      width -= taken
    }
    return Rect(x, y, taken, height)
  }

  package mutating func cutRight(_ columns: Int) -> Rect {
    let taken = min(max(0, columns), width)
    width -= taken
    return Rect(right, y, taken, height)
  }

  // MARK: Splitting

  /// Parts one above the other, in order.
  package func rows(_ extents: [Extent], gap: Int = 0) -> [Rect] {
    var top = y
    return Self.lengths(extents, of: height, gap: gap).map { length in
      defer { top = min(bottom, top + length + gap) }
      return Rect(x, top, width, min(length, bottom - top))
    }
  }

  /// Parts side by side, in order.
  package func columns(_ extents: [Extent], gap: Int = 0) -> [Rect] {
    var left = x
    return Self.lengths(extents, of: width, gap: gap).map { length in
      defer { left = min(right, left + length + gap) }
      return Rect(left, y, min(length, right - left), height)
    }
  }

  /// Fixed parts are served first and in order, the rest is shared by weight to the last cell.
  static func lengths(_ extents: [Extent], of whole: Int, gap: Int) -> [Int] {
    var left = max(0, whole - gap * max(0, extents.count - 1))
    let shareable = left
    var lengths = [Int](repeating: 0, count: extents.count)
    var weights = 0
    for (index, extent) in extents.enumerated() {
      switch extent {
      case .cells(let count): lengths[index] = min(left, max(0, count))
      case .percent(let share): lengths[index] = min(left, max(0, shareable * share / 100))
      case .rest(let weight): weights += max(0, weight)
      }
      left -= lengths[index]
    }
    for (index, extent) in extents.enumerated() {
      guard case .rest(let weight) = extent, weight > 0 else { continue }
      let share = left * weight / weights
      lengths[index] = share
      left -= share
      weights -= weight
    }
    return lengths
  }
}
