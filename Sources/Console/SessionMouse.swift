// What the mouse does: it points at what keys would choose. What must stay true: whatever lies on top
// gets it, and the row of hints does what its key does.

import Screen

extension ConsoleSession {
  mutating func take(_ event: MouseEvent) -> [Effect] {
    let layout = ScreenLayout(world.size)
    guard !layout.isTooSmall else { return [] }
    switch event.kind {
    case .wheelUp, .wheelDown:
      let rows = event.kind == .wheelUp ? -3 : 3
      if let top = layers.indices.last { return settle(layers[top].wheel(rows, in: world)) }
      guard layout.body.contains(event.position) else { return [] }
      return tell(current, .wheeled(local(event.position, layout.body), rows))
    case .released:
      isDragging = false
      return []
    case .dragged(.left):
      guard isDragging, layers.isEmpty, let split = panes[current]?.divided else { return [] }
      let place = local(event.position, layout.body)
      return divide(Divider.share(at: place, split, in: seen(by: current)))
    case .pressed(.right):
      // What is under the mouse, then what can be done with it.
      guard layers.isEmpty, layout.body.contains(event.position) else { return [] }
      let told = tell(current, .clicked(local(event.position, layout.body), isDouble: false))
      let menu = bindings().first { $0.action == GlobalKeys.actions }
      return told + (menu.map { use($0) } ?? [])
    case .pressed(.left), .doublePressed(.left):
      isDragging = false
      if notice?.level == .error { notice = nil }
      if layout.hints.contains(event.position) {
        return hintBar(width: layout.hints.width - 1).key(at: event.position.x).map { press($0) }
          ?? []
      }
      if let top = layers.indices.last {
        return settle(layers[top].click(event.position, in: world))
      }
      if layout.panes.contains(event.position) {
        guard let pane = PaneBar(world, current: current).pane(at: event.position.x) else {
          return []
        }
        return show(pane, row: nil)
      }
      if layout.notice.contains(event.position), notice != nil {
        return perform(GlobalKeys.notices)
      }
      guard layout.body.contains(event.position) else { return [] }
      let place = local(event.position, layout.body)
      if let split = panes[current]?.divided {
        isDragging = Divider.isAt(place, split, in: seen(by: current))
      }
      let isDouble = event.kind == .doublePressed(.left)
      return tell(current, .clicked(place, isDouble: isDouble))
    default: return []
    }
  }

  private func local(_ point: Point, _ rect: Rect) -> Point {
    Point(point.x - rect.x, point.y - rect.y)
  }
}
