// How things stand, at one look: the engine, what wants attention with the key that leads there, the
// health of everybody, the queue, the last and the next runs, and, before the first sync, what to do
// next. What must stay true: everything here was read with the world; the pane asks for nothing.

import Basics
import Domain
import Screen

struct OverviewPane: Pane {
  private var scroll = ScrollState()
  /// Which of what wants attention is selected.
  private var selected = 0

  mutating func update(_ event: PaneEvent, in world: World) -> [Effect] {
    switch event {
    case .moved(let motion): move(motion, in: world)
    case .wheeled(_, let rows):
      let height = height(world)
      scroll.scroll(by: rows, total: height.total, height: height.shown)
    case .clicked(let point, let isDouble):
      guard let item = item(at: point, in: world) else { return [] }
      selected = item
      return isDouble ? attend(in: world) : []
    case .acted(OverviewAction.attend): return attend(in: world)
    case .acted(OverviewAction.start): return [.startEngine]
    case .acted(OverviewAction.last):
      guard let run = world.overview?.running ?? world.overview?.lastRun else { return [] }
      return [.switchPane(.executions, row: run.id.rawValue)]
    default: break
    }
    selected = max(0, min(selected, Attention.items(world).count - 1))
    return []
  }

  /// Up and down choose among what wants attention; past the last of it the view moves.
  private mutating func move(_ motion: Motion, in world: World) {
    let height = height(world)
    let last = Attention.items(world).count - 1
    switch motion {
    case .down where selected < last: selected += 1
    case .up where scroll.top == 0: selected = max(0, selected - 1)
    default: scroll.move(motion, total: height.total, height: height.shown)
    }
  }

  private func height(_ world: World) -> (total: Int, shown: Int) {
    (
      OverviewText(world, width: world.body.width - 4).height, max(0, world.body.height - 2)
    )
  }

  private func item(at point: Point, in world: World) -> Int? {
    let text = OverviewText(world, width: world.body.width - 4)
    let height = height(world)
    let line = point.y - 1 + scroll.first(total: height.total, height: height.shown)
    return text.item(atLine: line, column: point.x - 2)
  }

  /// Goes to what is selected, or, before the first sync, to the next step.
  private func attend(in world: World) -> [Effect] {
    guard let overview = world.overview else { return [] }
    if !world.hasKey { return [.switchPane(.settings, row: nil)] }
    if overview.audienceID.isEmpty { return [.switchPane(.audience, row: nil)] }
    let items = Attention.items(world)
    guard items.indices.contains(selected) else { return [.switchPane(.people, row: nil)] }
    return [items[selected].way]
  }

  func bindings(in world: World) -> [KeyBinding] {
    let overview = world.overview
    let hasRun = overview?.running != nil || overview?.lastRun != nil
    return [
      KeyBinding(
        ["Enter"], "Go there", OverviewAction.attend, priority: 50,
        help: "Go to what is selected of what wants attention."),
      KeyBinding(
        ["l"], "Last run", OverviewAction.last, priority: 45,
        whyNot: hasRun ? nil : "Nothing has run yet: press \(world.keys[GlobalKeys.forceSync]).",
        help: "Show the running or the last execution."),
      KeyBinding(
        ["s"], "Start engine", OverviewAction.start, priority: world.engine == .nobody ? 58 : 0,
        whyNot: GlobalKeys.whyNotStart(world),
        help: "Run the engine in this console, where nothing else runs it."),
    ]
  }

  func copies(in world: World) -> [CopyItem] {
    [CopyItem("The overview", plainLines(in: world).joined(separator: "\n"))]
  }

  func draw(on canvas: inout Canvas, in world: World) {
    let room = canvas.box(canvas.bounds, title: "Overview", note: world.version, focused: true)
    canvas.inside(room.inset(1, 0)) { canvas in
      let text = OverviewText(world, width: canvas.width, selected: selected)
      guard let (left, right) = text.columns else {
        TextView.draw(text.lines, on: &canvas, scroll)
        return
      }
      let parts = canvas.bounds.columns([.rest, .rest], gap: OverviewText.gap)
      canvas.inside(parts[0]) { TextView.draw(left, on: &$0, scroll) }
      canvas.inside(parts[1]) { TextView.draw(right, on: &$0, scroll) }
    }
  }

  func plainLines(in world: World) -> [String] {
    OverviewText(world, width: 100).lines.map { line in
      line.map(\.text).joined().trimmedAtEnd
    }
  }
}

enum OverviewAction {
  static let attend: ActionID = "overview.attend"
  static let last: ActionID = "overview.last"
  static let start: ActionID = "overview.start"
}

extension String {
  var trimmedAtEnd: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
