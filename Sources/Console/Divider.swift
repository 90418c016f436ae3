// The line between a list and its detail, which can be moved: with the mouse, or with < and >. The
// session keeps where it stands in each pane and tells the pane by its world, so that a pane need not
// know that it moves.

import Screen

enum Divider {
  /// The list's share, in thousandths; neither part ever vanishes.
  static let range = 150...850
  static let middle = 500
  static let step = 50

  /// Why it cannot be moved now; nil where it can.
  static func whyNot(_ split: Split?, in world: World) -> String? {
    guard let split else { return "Nothing is divided here." }
    let frames = split.frames(world)
    return frames.list != nil && frames.detail != nil
      ? nil
      : world.size.height < 24
        ? "On fewer than 24 rows one part is shown at a time; Tab changes between them."
        : "One part has all the room: \(world.keys[SplitAction.unzoom]) shows both again."
  }

  /// True where a press at this place of the body takes hold of the line.
  static func isAt(_ point: Point, _ split: Split, in world: World) -> Bool {
    let frames = split.frames(world)
    guard let list = frames.list, let detail = frames.detail else { return false }
    return isBeside(list, detail)
      ? point.x == list.right - 1 || point.x == detail.x
      : point.y == list.bottom - 1 || point.y == detail.y
  }

  /// The share with which the line stands at this place of the body.
  static func share(at point: Point, _ split: Split, in world: World) -> Int {
    let frames = split.frames(world)
    guard let list = frames.list, let detail = frames.detail else { return middle }
    let (wanted, whole) =
      isBeside(list, detail)
      ? (point.x + 1, world.body.width) : (point.y + 1, world.body.height)
    // Rounded up, so that the line stands where the mouse is and not one cell before it.
    let share = whole == 0 ? middle : (wanted * 1000 + whole - 1) / whole
    return max(range.lowerBound, min(range.upperBound, share))
  }

  private static func isBeside(_ list: Rect, _ detail: Rect) -> Bool { detail.y == list.y }
}
