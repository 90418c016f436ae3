// Where panes draw. A canvas is the only hand on the buffer; it clips to the rectangle it was given
// and counts from that rectangle's corner, so that a pane can neither know nor harm its neighbours.
// It cannot be copied: there is one picture, and it is finished once.

package struct Canvas: ~Copyable {
  package let glyphs: Glyphs
  /// What lies under everything written until it is changed.
  package var ground: Ground
  private var buffer: CellBuffer
  /// Where (0, 0) of this canvas is in the buffer.
  private var origin: Point
  private var extent: Size
  /// In the buffer's coordinates.
  private var clip: Rect

  package init(_ size: Size, glyphs: Glyphs = .unicode) {
    buffer = CellBuffer(size)
    self.glyphs = glyphs
    ground = .normal
    origin = .zero
    extent = size
    clip = Rect(size)
  }

  /// The picture; the canvas is spent.
  package consuming func finish() -> CellBuffer { buffer }

  /// The room there is, from (0, 0).
  package var size: Size { extent }
  package var width: Int { extent.width }
  package var height: Int { extent.height }
  package var bounds: Rect { Rect(extent) }

  /// Runs `body` with this canvas narrowed to `rect`: (0, 0) is its corner, nothing outside it can
  /// be touched, and everything is as before when `body` returns.
  @discardableResult
  package mutating func inside<Result, Failure: Error>(
    _ rect: Rect, on ground: Ground? = nil,
    _ body: (inout Canvas) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let saved = (origin, extent, clip, self.ground)
    clip = clip.intersection(rect.moved(x: origin.x, y: origin.y))
    origin = Point(origin.x + rect.x, origin.y + rect.y)
    extent = rect.size
    if let ground { self.ground = ground }
    defer { (origin, extent, clip, self.ground) = saved }
    return try body(&self)
  }

  // MARK: Writing

  /// One line of text from (x, y); `width` limits it and is what `alignment` refers to. Longer text
  /// ends in an ellipsis when `width` is given and is clipped otherwise. Returns the column after it.
  @discardableResult
  package mutating func text(
    _ text: String, _ x: Int, _ y: Int, _ role: Role = .text, width: Int? = nil,
    align alignment: Alignment = .left, attributes: Attributes = []
  ) -> Int {
    guard let width else { return write(text, x, y, role, attributes) }
    guard width > 0 else { return x }
    let kept = CharacterWidth.cut(text, to: width, ellipsis: glyphs.ellipsis)
    switch alignment {
    case .left: return write(kept, x, y, role, attributes)
    case .right: return write(kept, x + width - CharacterWidth.of(kept), y, role, attributes)
    case .centre: return write(kept, x + (width - CharacterWidth.of(kept)) / 2, y, role, attributes)
    }
  }

  /// Several runs on one line, cut as one text. Returns the column after them.
  @discardableResult
  package mutating func line(
    _ runs: [Run], _ x: Int, _ y: Int, width: Int? = nil, align alignment: Alignment = .left
  ) -> Int {
    let whole = runs.reduce(0) { $0 + $1.width }
    let room = width ?? max(whole, 0)
    var column = x
    if whole <= room {
      switch alignment {
      case .left: break
      case .right: column += room - whole
      case .centre: column += (room - whole) / 2
      }
    }
    let end = x + room
    for run in runs {
      let size = run.width
      // Only a run that has a neighbour beyond the edge, or is too long itself, loses its end.
      if column + size > end || (column + size == end && whole > room) {
        let cut = CharacterWidth.cut(
          run.text + (column + size == end ? "  " : ""), to: end - column,
          ellipsis: glyphs.ellipsis)
        return write(cut, column, y, run.role, run.attributes)
      }
      column = write(run.text, column, y, run.role, run.attributes)
    }
    return column
  }

  private mutating func write(
    _ text: String, _ x: Int, _ y: Int, _ role: Role, _ attributes: Attributes
  ) -> Int {
    let row = origin.y + y
    var column = origin.x + x
    guard row >= clip.y && row < clip.bottom && !clip.isEmpty else {
      return x + CharacterWidth.of(text)
    }
    let isPlain = glyphs == .ascii
    for glyph in GlyphSequence(text) {
      let glyph = isPlain ? glyph.plain : glyph
      let end = column + glyph.width
      if column >= clip.x && end <= clip.right {
        buffer.put(glyph, x: column, y: row, role: role, ground: ground, attributes: attributes)
      } else if column < clip.right && end > clip.x {
        // Half of a wide glyph would show: a blank stands in for the half inside.
        let inside = column >= clip.x ? column : end - 1
        buffer.put(
          Cell.blank.glyph, x: inside, y: row, role: role, ground: ground, attributes: attributes)
      }
      column = end
    }
    return column - origin.x
  }

  // MARK: Areas and lines

  /// Covers `rect`, or the whole canvas, with `sign`: blanks unless it says otherwise.
  package mutating func fill(
    _ rect: Rect? = nil, with sign: String = " ", _ role: Role = .text, on ground: Ground? = nil
  ) {
    let area = (rect ?? bounds).moved(x: origin.x, y: origin.y).intersection(clip)
    var signs = GlyphSequence(sign)
    guard !area.isEmpty, let glyph = signs.next(), glyph.width == 1 else { return }
    for y in area.y..<area.bottom {
      for x in area.x..<area.right {
        buffer.put(
          glyph, x: x, y: y, role: role, ground: ground ?? self.ground, attributes: [])
      }
    }
  }

  /// Puts `ground` under what is already written in `rect`.
  package mutating func lay(_ ground: Ground, under rect: Rect) {
    let area = rect.moved(x: origin.x, y: origin.y).intersection(clip)
    guard !area.isEmpty else { return }
    for y in area.y..<area.bottom {
      for x in area.x..<area.right { buffer.lay(ground, x: x, y: y) }
    }
  }

  package mutating func horizontalLine(_ x: Int, _ y: Int, _ length: Int, _ role: Role = .border) {
    fill(Rect(x, y, length, 1), with: glyphs.horizontal, role)
  }

  package mutating func verticalLine(_ x: Int, _ y: Int, _ length: Int, _ role: Role = .border) {
    fill(Rect(x, y, 1, length), with: glyphs.vertical, role)
  }

  /// A frame along the edge of `rect` with a title in its upper line and a note at that line's end;
  /// returns the room inside.
  @discardableResult
  package mutating func box(
    _ rect: Rect, title: String = "", note: String = "", focused: Bool = false
  ) -> Rect {
    guard rect.width >= 2 && rect.height >= 2 else { return Rect(rect.x, rect.y, 0, 0) }
    let role: Role = focused ? .borderFocused : .border
    let (right, bottom) = (rect.right - 1, rect.bottom - 1)
    horizontalLine(rect.x + 1, rect.y, rect.width - 2, role)
    horizontalLine(rect.x + 1, bottom, rect.width - 2, role)
    verticalLine(rect.x, rect.y + 1, rect.height - 2, role)
    verticalLine(right, rect.y + 1, rect.height - 2, role)
    text(glyphs.topLeft, rect.x, rect.y, role)
    text(glyphs.topRight, right, rect.y, role)
    text(glyphs.bottomLeft, rect.x, bottom, role)
    text(glyphs.bottomRight, right, bottom, role)
    var end = rect.x + 2
    if !title.isEmpty && rect.width > 6 {
      end = text(
        " \(title) ", rect.x + 2, rect.y, focused ? .title : .heading, width: rect.width - 4)
    }
    let size = CharacterWidth.of(note) + 2
    if !note.isEmpty && right - 1 - size > end {
      text(" \(note) ", right - 1 - size, rect.y, .dim)
    }
    return rect.inset(1, 1)
  }

  /// A mark down column `x` that shows which part of `total` rows is in view; nothing when all are.
  /// It has no track: beside a frame that would be a second line, sent anew wherever rows change.
  package mutating func scrollBar(_ x: Int, _ y: Int, _ length: Int, top: Int, total: Int) {
    guard length > 0, total > length else { return }
    let thumb = max(1, length * length / total)
    let free = length - thumb
    let last = max(1, total - length)
    let at =
      top >= last ? free : (top <= 0 ? 0 : min(free, max(1, min(free - 1, free * top / last))))
    for row in at..<(at + thumb) { text(glyphs.scrollThumb, x, y + row, .scrollBar) }
  }

  /// Shows the terminal's cursor at a place of this canvas, if it is not clipped away.
  package mutating func showCursor(_ x: Int, _ y: Int) {
    let place = Point(origin.x + x, origin.y + y)
    if clip.contains(place) { buffer.cursor = place }
  }

  /// Hides the cursor again, for a layer that covers the one that showed it.
  package mutating func hideCursor() { buffer.cursor = nil }

  /// Says that what is drawn at this place is what the keys act on.
  package mutating func standOn(_ x: Int, _ y: Int) {
    let place = Point(origin.x + x, origin.y + y)
    if clip.contains(place) { buffer.focus = place }
  }
}
