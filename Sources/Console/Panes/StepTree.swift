// Step outputs as a tree that folds: a line a value, the selected one opened and closed where it has
// more below it. What must stay true: what was folded stays folded when the outputs are read again.

import Basics
import Domain
import Screen

struct StepTree: Sendable, Equatable {
  struct Line: Sendable, Equatable, Identifiable {
    /// The way to the value: step, then names and places.
    var id: String
    var runs: [Run]
    /// Nil where there is nothing below it.
    var isFolded: Bool?
    /// The value in full, for reading and copying.
    var value: String
  }

  private(set) var lines = Feed<Line>()
  private var steps: [StepRow] = []
  /// Turned from how they are at first: short ones open, long ones folded.
  private var turned: Set<String> = []

  /// More than this below a value, and it is folded at first.
  private static let most = 24
  private static let mostLines = 20_000

  var selected: Line? { lines.selected }

  mutating func show(_ steps: [StepRow], _ world: World, height: Int) {
    self.steps = steps
    lay(world, height: height)
  }

  mutating func move(_ motion: Motion, _ world: World, height: Int) {
    switch motion {
    case .left:
      if lines.selected?.isFolded == false { return turn(world, height: height) }
      // To what it belongs to.
      guard let id = lines.selected?.id, let slash = id.lastIndex(of: "/") else { return }
      if let parent = lines.rows.firstIndex(where: { $0.id == id[..<slash] }) {
        lines.select(parent, height: height)
      }
    case .right:
      if lines.selected?.isFolded == true { turn(world, height: height) }
    default: lines.move(motion, height: height)
    }
  }

  mutating func select(line: Int, height: Int) -> Bool { lines.select(line: line, height: height) }

  /// Folds or unfolds the selected line.
  mutating func turn(_ world: World, height: Int) {
    guard let id = lines.selected?.id else { return }
    turned.formSymmetricDifference([id])
    lay(world, height: height)
  }

  /// Folds everything below the steps, or unfolds it.
  mutating func turnAll(_ world: World, height: Int) {
    let isOpen = lines.rows.contains { $0.isFolded == false && $0.id.contains("/") }
    turned = []
    for step in steps { turnAll(step.output, "\(step.id)", isFolding: isOpen) }
    lay(world, height: height)
  }

  private mutating func turnAll(_ value: JSONValue, _ id: String, isFolding: Bool) {
    for (name, child) in Self.children(of: value) where Self.count(child) > 0 {
      let path = "\(id)/\(name)"
      if Self.isFoldedAtFirst(child) != isFolding { turned.insert(path) }
      turnAll(child, path, isFolding: isFolding)
    }
  }

  private mutating func lay(_ world: World, height: Int) {
    var all: [Line] = []
    let glyphs = world.capabilities.glyphs
    for step in steps {
      let id = "\(step.id)"
      let took = step.tookMilliseconds.map { "  \(Wording.took($0))" } ?? ""
      let isFolded = Self.count(step.output) == 0 ? nil : turned.contains(id)
      all.append(
        Line(
          id: id,
          runs: [Self.sign(isFolded, glyphs), Run("\(step.name)  ", .heading)]
            + Wording.runs(step.status, glyphs)
            + [Run("  \(Wording.precise(step.startedAt, world.zone))\(took)", .dim)],
          isFolded: isFolded, value: step.output.pretty()))
      if isFolded == false { add(step.output, id, depth: 1, glyphs, to: &all) }
    }
    lines.show(all, height: height)
  }

  private func add(
    _ value: JSONValue, _ id: String, depth: Int, _ glyphs: Glyphs, to all: inout [Line]
  ) {
    let children = Self.children(of: value)
    let widest = min(24, children.map { CharacterWidth.of($0.name) }.max() ?? 0)
    for (name, child) in children {
      if all.count >= Self.mostLines { return }
      let path = "\(id)/\(name)"
      let label = Run(CharacterWidth.fit(name, to: max(widest, CharacterWidth.of(name))), .label)
      let indent = Run(String(repeating: "  ", count: depth))
      guard Self.count(child) > 0 else {
        all.append(
          Line(
            id: path, runs: [indent, Run("  "), label, Run("  "), Self.run(child)], isFolded: nil,
            value: child.string ?? "\(child)"))
        continue
      }
      let isFolded = Self.isFoldedAtFirst(child) != turned.contains(path)
      let size = Wording.number(Self.count(child))
      all.append(
        Line(
          id: path,
          runs: [
            indent, Self.sign(isFolded, glyphs), Run(name, .label),
            Run(child.array == nil ? "  {\(size)}" : "  [\(size)]", .dim),
          ], isFolded: isFolded, value: child.pretty()))
      if !isFolded { add(child, path, depth: depth + 1, glyphs, to: &all) }
    }
  }

  private static func children(of value: JSONValue) -> [(name: String, value: JSONValue)] {
    if let members = value.object {
      return members.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
    return (value.array ?? []).enumerated().map { ("\($0.offset)", $0.element) }
  }

  private static func count(_ value: JSONValue) -> Int {
    value.object?.count ?? value.array?.count ?? 0
  }

  private static func isFoldedAtFirst(_ value: JSONValue) -> Bool { count(value) > most }

  private static func sign(_ isFolded: Bool?, _ glyphs: Glyphs) -> Run {
    let isPlain = glyphs == .ascii
    switch isFolded {
    case nil: return Run("  ")
    case true?: return Run(isPlain ? "+ " : "▸ ", .accent)
    case false?: return Run(isPlain ? "- " : "▾ ", .accent)
    }
  }

  private static func run(_ value: JSONValue) -> Run {
    switch value {
    case .string(let text): Run(text.isEmpty ? "(empty)" : Text.oneLine(text))
    case .int(let number): Run(Wording.number(Int(number)), .strong)
    case .null: Run("nothing", .dim)
    default: Run("\(value)")
    }
  }

  // MARK: The picture

  func draw(on canvas: inout Canvas, focused: Bool) {
    let height = canvas.height
    let view = lines.visible(height)
    for position in view {
      guard let line = lines.row(at: position) else { continue }
      let isSelected = position == lines.position
      let ground: Ground = !isSelected ? canvas.ground : focused ? .selection : .selectionInactive
      canvas.inside(Rect(0, position - view.lowerBound, canvas.width - 1, 1), on: ground) {
        $0.fill()
        if isSelected { $0.text($0.glyphs.cursor, 0, 0, .accent) }
        $0.line(line.runs, 2, 0, width: $0.width - 3)
      }
    }
    canvas.scrollBar(canvas.width - 1, 0, height, top: view.lowerBound, total: lines.count)
  }
}
