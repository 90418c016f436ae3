// Pages to read: help, past notices, an explanation. / keeps only the lines that have a word, so that
// help is found by what it says and by its key.

import Basics
import Domain
import Screen

/// A page to read: help, past notices, an explanation.
package struct Reader: Sendable, Equatable {
  package var title: String
  package var lines: [[Run]]
  private(set) var top = 0
  /// The word that lines must have; nil where all are shown.
  private var search: TextField?
  private(set) var isSearching = false

  package init(title: String, lines: [[Run]]) {
    self.title = title
    self.lines = lines
  }

  /// One topic of the help.
  init(_ guidance: Guidance) {
    self.init(title: guidance.title, lines: Self.lines(of: guidance))
  }

  private static func lines(of guidance: Guidance) -> [[Run]] {
    guidance.lines.map { line in
      (line.margin.isEmpty ? [] : [Run(line.margin, .key)]) + [Run(line.text)]
    }
  }

  /// The steps that help here, where there are some, then the keys of the place, the pane's own
  /// first.
  static func help(
    pane: PaneID, bindings: [KeyBinding], keys: UserKeys, guidance: Guidance? = nil
  ) -> Reader {
    func line(_ keys: String, _ help: String, _ whyNot: String?) -> [Run] {
      let name = CharacterWidth.fit(keys, to: 14)
      let why = whyNot.map { " (Not now: \($0))" } ?? ""
      return [Run("  \(name) ", whyNot == nil ? .key : .keyDisabled), Run(help + why)]
    }
    let global = Set(GlobalKeys.all)
    let own = bindings.filter { !global.contains($0.action) && $0.place == .keys }
    let actions = bindings.filter { $0.place == .actionMenu }
    var lines: [[Run]] = []
    if let guidance {
      lines += [[Run(guidance.title, .heading)]] + Self.lines(of: guidance) + [[]]
    }
    if !own.isEmpty {
      lines.append([Run("\(pane)", .heading)])
      lines += own.map { line($0.keyNames, $0.help, $0.whyNot) } + [[]]
    }
    if !actions.isEmpty {
      let menu = keys[GlobalKeys.actions]
      lines.append([Run("Actions, behind \(menu)", .heading)])
      lines += actions.map { line("\(menu) \($0.keyNames)", $0.help, $0.whyNot) } + [[]]
    }
    lines.append([Run("Everywhere", .heading)])
    lines += bindings.filter { global.contains($0.action) && !$0.keys.isEmpty }
      .map { line($0.keyNames, $0.help, $0.whyNot) }
    lines += [[], [Run("Moving, always harmless", .heading)]]
    lines += keys.motions.map { line($0.keys, $0.help, nil) }
    for kind in LayerKind.allCases {
      lines += [[], [Run(kind.title, .heading)]]
      lines += keys.applied(to: kind.bindings, isText: kind.takesText).filter { !$0.keys.isEmpty }
        .map { line($0.keyNames, $0.help, nil) }
    }
    return Reader(title: "Help: \(pane)", lines: lines)
  }
}

extension Reader: LayerContent {
  var layer: Layer { .reader(self) }
  var kind: LayerKind? { .page }

  func hints(_ keys: UserKeys) -> [(keys: String, label: String)] {
    if isSearching { return [("Enter", "Read on"), ("Esc", "All lines")] }
    let moves = "\(keys.move(.down)) \(keys.move(.up))"
    return [
      (moves, "Scroll"), (keys[LayerAction.search], "Search"),
      ("Esc", search == nil ? "Close" : "All lines"),
    ]
  }

  /// As large as the whole page wants, so that a search does not make it jump.
  private func size(_ world: World) -> Size {
    let width = min(96, world.size.width - 4)
    let room = max(0, world.size.height - 5)
    return Size(width, Fold.count(lines, to: width - 4, atMost: room) + 2)
  }

  /// The lines that have the word, and the headings they stand under.
  private var shown: [[Run]] {
    let word = (search?.text ?? "").lowercased()
    guard !word.isEmpty else { return lines }
    var kept: [[Run]] = []
    var heading: [Run]?
    for line in lines {
      if line.first?.role == .heading { heading = line }
      guard line.map(\.text).joined().lowercased().contains(word) else { continue }
      if let above = heading, above != line { kept.append(above) }
      heading = nil
      kept.append(line)
    }
    return kept
  }

  mutating func press(_ key: Key, in world: World) -> LayerReply {
    if isSearching, type(key) { return .stay }
    switch key {
    case "Esc" where search != nil:
      (search, top) = (nil, 0)
      return .stay
    case "/":
      search = search ?? TextField()
      isSearching = true
      return .stay
    case "Esc", "q", "Enter", "?", "!": return .close
    default:
      guard let motion = GlobalKeys.motion(key) else { return .stay }
      let page = max(1, size(world).height - 3)
      switch motion {
      case .up: scroll(-1, world)
      case .down: scroll(1, world)
      case .pageUp: scroll(-page, world)
      case .pageDown: scroll(page, world)
      case .halfUp: scroll(-page / 2, world)
      case .halfDown: scroll(page / 2, world)
      case .top: top = 0
      case .bottom: scroll(1_000_000, world)
      case .left, .right: break
      }
      return .stay
    }
  }

  /// A key for the word; false for one that moves on the page.
  private mutating func type(_ key: Key) -> Bool {
    switch key {
    case "Esc": (search, isSearching, top) = (nil, false, 0)
    case "Enter":
      isSearching = false
      if search?.text.isEmpty ?? true { search = nil }
    case "Up", "Down", "PgUp", "PgDn": return false
    default: if search?.handle(key) == .changed { top = 0 }
    }
    return true
  }

  mutating func paste(_ text: String, in world: World) -> LayerReply {
    if isSearching, search?.handle(.pasted(text)) == .changed { top = 0 }
    return .stay
  }

  mutating func wheel(_ rows: Int, in world: World) -> LayerReply {
    scroll(rows, world)
    return .stay
  }

  mutating func click(_ point: Point, in world: World) -> LayerReply {
    Canvas.popupFrame(size(world), on: world.size).contains(point) ? .stay : .close
  }

  private mutating func scroll(_ rows: Int, _ world: World) {
    let size = size(world)
    let height = size.height - 2
    let all = Fold.count(shown, to: size.width - 4, atMost: max(0, top + rows) + height)
    top = max(0, min(top + rows, all - height))
  }

  func draw(on canvas: inout Canvas, in world: World) {
    let word = search?.text ?? ""
    canvas.popup(size(world), title: title) { canvas in
      let all = Fold.lines(shown, to: canvas.width)
      let height = canvas.height - (search == nil ? 0 : 1)
      if all.isEmpty { canvas.text("No line has that word.", 0, 0, .dim) }
      for (y, line) in all.dropFirst(top).prefix(height).enumerated() {
        canvas.line(line, 0, y, width: canvas.width)
        for (head, match) in Table.matches(of: word, in: line.map(\.text).joined()) {
          canvas.text(match, CharacterWidth.of(head), y, .match)
        }
      }
      canvas.scrollBar(canvas.width, 0, height, top: top, total: all.count)
      guard let search else { return }
      let x = canvas.text("/ ", 0, height, .accent)
      search.draw(
        on: &canvas, x, height, width: min(48, max(8, canvas.width - x)), focused: isSearching,
        placeholder: "a word, a key")
    }
  }
}
