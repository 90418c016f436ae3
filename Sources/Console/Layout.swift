// Where things are, as pure functions of a size: update and draw ask the same function, so that a
// click, a page move and the picture never disagree.

import Screen

/// The screen as the session cuts it: two rows above, two below, the pane between.
struct ScreenLayout: Sendable, Equatable {
  /// Below this there is only a sentence.
  static let minimum = Size(60, 16)

  var status: Rect
  var panes: Rect
  var body: Rect
  var notice: Rect
  var hints: Rect
  var isTooSmall: Bool

  init(_ size: Size) {
    var rest = Rect(size)
    status = rest.cutTop(1)
    panes = rest.cutTop(1)
    hints = rest.cutBottom(1)
    notice = rest.cutBottom(1)
    body = rest
    isTooSmall = size.width < Self.minimum.width || size.height < Self.minimum.height
  }
}

extension World {
  /// The room a pane has.
  var body: Size { ScreenLayout(size).body.size }
}

/// A list with a detail: which of them has the keys, and whether that one has the whole room.
package struct Split: Sendable, Equatable {
  enum Part: Sendable, Equatable { case list, detail }

  var focus = Part.list
  var isZoomed = false

  /// The frames of both parts in a body of `size`; a part without one is hidden.
  func frames(_ world: World) -> (list: Rect?, detail: Rect?) {
    let whole = Rect(world.body)
    let isFlat = world.size.height < 24
    if isZoomed || isFlat { return focus == .list ? (whole, nil) : (nil, whole) }
    let parts =
      world.size.width >= 160
      ? whole.columns([.cells(whole.width * world.listShare / 1000), .rest])
      : whole.rows([.cells(whole.height * world.listShare / 1000), .rest])
    return (parts[0], parts[1])
  }

  /// Rows of the list inside its frame, without its heading.
  func listHeight(_ world: World) -> Int { max(1, (frames(world).list?.height ?? 1) - 3) }

  /// Rows of the detail inside its frame, without its tabs.
  func detailHeight(_ world: World) -> Int { max(1, (frames(world).detail?.height ?? 1) - 3) }

  func isDetailShown(_ world: World) -> Bool { frames(world).detail != nil }

  /// True where Esc and `q` have something to close.
  var canGoBack: Bool { isZoomed || focus == .detail }

  mutating func goBack() {
    if isZoomed { isZoomed = false } else { focus = .list }
  }

  mutating func toggleFocus() { focus = focus == .list ? .detail : .list }

  /// The bindings every split pane has.
  func bindings(hasTabs: Bool, _ keys: UserKeys) -> [KeyBinding] {
    var all = [
      KeyBinding(
        ["Tab", "S-Tab"], "Focus", SplitAction.focus, help: "Between the list and its detail."),
      KeyBinding(
        ["+"], "Zoom", SplitAction.zoom, priority: 8,
        whyNot: isZoomed
          ? "This part has all the room already: \(keys[SplitAction.unzoom]) shows both." : nil,
        help: "Give this part all the room."),
      KeyBinding(
        ["_"], "Unzoom", SplitAction.unzoom,
        whyNot: isZoomed
          ? nil : "Nothing is zoomed: \(keys[SplitAction.zoom]) gives this part all the room.",
        help: "Show both parts again."),
    ]
    if hasTabs {
      all.append(
        KeyBinding(["]"], "Next tab", SplitAction.nextTab, priority: 15, help: "The next tab."))
      all.append(
        KeyBinding(["["], "Previous tab", SplitAction.previousTab, help: "The tab before."))
    }
    return all
  }

  /// Takes the actions that only concern the split; true when it was one.
  mutating func take(_ action: ActionID) -> Bool {
    switch action {
    case SplitAction.focus: toggleFocus()
    case SplitAction.zoom: isZoomed = true
    case SplitAction.unzoom: isZoomed = false
    case GlobalKeys.back: goBack()
    default: return false
    }
    return true
  }
}

enum SplitAction {
  static let focus: ActionID = "split.focus"
  static let zoom: ActionID = "split.zoom"
  static let unzoom: ActionID = "split.unzoom"
  static let nextTab: ActionID = "split.next-tab"
  static let previousTab: ActionID = "split.previous-tab"

  static let all = [focus, zoom, unzoom, nextTab, previousTab]
}
