// The list of executions as a picture, and what the mouse does on it. What must stay true: a click
// acts on what is drawn under it, because both ask for the same columns and frames.

import Basics
import Domain
import Screen

extension ExecutionsPane {
  mutating func wheel(_ point: Point, _ rows: Int, in world: World) {
    let frames = split.frames(world)
    if frames.list?.contains(point) ?? false {
      list.scroll(rows, height: split.listHeight(world))
    } else if frames.detail?.contains(point) ?? false {
      for _ in 0..<abs(rows) { moveDetail(rows < 0 ? .up : .down, in: world) }
    }
  }

  mutating func click(_ point: Point, _ isDouble: Bool, in world: World) -> [Effect] {
    let frames = split.frames(world)
    if let frame = frames.list, frame.contains(point) {
      split.focus = .list
      let room = frame.insideFrame
      let place = Point(point.x - room.x, point.y - room.y)
      if let heading = Table(Self.columns, sort: tableSort).heading(at: place, in: room.size) {
        guard let column = Self.sorts[heading] else {
          let text = "Executions are not sorted by \(Self.columns[heading].title.lowercased())."
          return [.notice(Notice(.info, text))]
        }
        return order(
          by: column == sort.column ? sort.reversed : ExecutionSort(column), in: world)
      }
      let isRow = list.select(line: point.y - frame.y - 2, height: split.listHeight(world))
      if isRow && isDouble { return act(ExecutionsAction.open, in: world) }
    } else if let frame = frames.detail, frame.contains(point) {
      split.focus = .detail
      if point.y == frame.y + 1 {
        detail.turn(at: point.x - frame.x - 1, width: frame.width - 2)
      } else if detail.select(line: point.y - frame.y - 3, height: split.detailHeight(world)),
        isDouble
      {
        return act(ExecutionsAction.open, in: world)
      }
    }
    return []
  }

  /// The heading that shows the order.
  var tableSort: Table.Sort? {
    Self.sorts.firstIndex { $0 == sort.column }.map {
      Table.Sort(column: $0, descending: sort.isReversed == (sort.column == .outcome))
    }
  }

  /// What a column is sorted by.
  static let sorts: [ExecutionSort.Column?] = [
    .outcome, .started, .took, nil, nil, nil, .people,
  ]
}

extension ExecutionsPane {
  static let columns = [
    TableColumn("Status", minimum: 11, priority: 10),
    TableColumn("Started", minimum: 14, priority: 9),
    TableColumn("Took", minimum: 7, priority: 6, align: .right),
    TableColumn("Number", minimum: 6, ideal: 7, priority: 4, align: .right),
    TableColumn("Trigger", minimum: 10, priority: 7),
    TableColumn("Flow", minimum: 21, priority: 1),
    TableColumn("What happened", minimum: 12, ideal: 24, weight: 1, priority: 8),
  ]

  func cells(_ run: Execution, _ world: World) -> [Run] {
    let glyphs = world.capabilities.glyphs
    let status = Wording.runs(run.status, glyphs).first ?? Run("")
    let what: Run =
      switch run.status {
      case .running: Run(Progress(run, now: world.now).text, .info)
      case .held: Run("waits for your decision in Review (\(world.keys[.review]))", .warning)
      default:
        run.problem.map { Run($0.sentence, .danger) }
          ?? Run(Wording.outcome(run), run.counts.changed > 0 ? .text : .dim)
      }
    return [
      status, Run(Wording.short(run.startedAt ?? run.queuedAt, in: world)),
      Run(run.tookMilliseconds.map { Wording.took($0) } ?? ""), Run("\(run.id)"),
      Run(run.trigger.rawValue), Run(run.flow.rawValue), what,
    ]
  }

  func empty(_ world: World) -> [String] {
    filter != ExecutionFilter()
      ? ["Nothing fits the filter.", "Esc clears it."]
      : ["Nothing has run yet.", "Press \(world.keys[GlobalKeys.forceSync]) to force a sync."]
  }

  func draw(on canvas: inout Canvas, in world: World) {
    let frames = split.frames(world)
    if let frame = frames.list {
      let text = ExecutionFilterForm.text(filter, in: world)
      let isFocused = split.focus == .list
      let note = list.note(height: split.listHeight(world))
      let marked = marks.all.count
      let title =
        (text.isEmpty ? "Executions" : "Executions: \(text)")
        + (marks.start != nil
          ? "  range from here: \(world.keys[ExecutionsAction.range]) marks it"
          : marked > 0 ? "  \(Wording.number(marked)) marked" : "")
      let room = canvas.box(frame, title: title, note: note, focused: isFocused)
      let (marks, cursor) = (marks, list.position)
      canvas.inside(room) { canvas in
        list.draw(
          Self.columns, on: &canvas, focused: isFocused, empty: empty(world),
          sort: sort == ExecutionSort() ? nil : tableSort,
          marked: { marks.contains($0.id, at: $1, cursor: cursor) }
        ) { cells($0, world) }
      }
    }
    if let frame = frames.detail {
      detail.draw(list.selected, on: &canvas, frame, focused: split.focus == .detail, world)
    }
  }

  func plainLines(in world: World) -> [String] {
    list.plain(Self.columns, empty: empty(world).joined(separator: " ")) { cells($0, world) }
  }
}
