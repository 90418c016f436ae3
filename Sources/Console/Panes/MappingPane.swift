// Which person field goes into which merge field, as it stands, with what is wrong with a row. It
// is changed by command; here it is read.

import Basics
import Domain
import Screen

struct MappingPane: Pane {
  private var book = TicketBook(.mapping)
  private var list = Feed<MappingRow>()

  mutating func update(_ event: PaneEvent, in world: World) -> [Effect] {
    let height = height(world)
    switch event {
    case .appeared: return list.restart(height: height, &book) { _ in .mapping }
    case .dataChanged: return list.refresh(height: height, &book) { _ in .mapping }
    case .moved(let motion): list.move(motion, height: height)
    case .wheeled(_, let rows): list.scroll(rows, height: height)
    case .clicked(let point, let isDouble):
      if list.select(line: point.y - 2, height: height), isDouble { return open(world) }
    case .acted(MappingAction.open): return open(world)
    case .answered(let ticket, .mapping(let rows)):
      _ = list.accept(rows, ticket, height: height)
    case .answered(let ticket, .refused(let problem)): _ = list.accept(problem, ticket)
    default: break
    }
    return []
  }

  private func height(_ world: World) -> Int { max(1, world.body.height - 5) }

  private func open(_ world: World) -> [Effect] {
    guard let row = list.selected else { return [] }
    return [.open(.reader(Reader(title: row.mapping.tag, lines: details(row, world))))]
  }

  func bindings(in world: World) -> [KeyBinding] {
    [
      KeyBinding(
        ["Enter"], "Details", MappingAction.open, priority: 50,
        whyNot: list.selected == nil ? "No row is selected." : nil,
        help: "Show the whole of the selected row."),
      KeyBinding(
        ["e", "a"], "Edit", MappingAction.edit, priority: 30,
        whyNot: "The mapping is edited by command: listkeeper mapping set FIELD TAG.",
        help: "Edit the mapping by command: listkeeper mapping set FIELD TAG."),
    ]
  }

  func copies(in world: World) -> [CopyItem] {
    list.isEmpty || list.isLoading
      ? [] : [CopyItem("The mapping", plainLines(in: world).joined(separator: "\n"))]
  }

  // MARK: The picture

  private static let columns = [
    TableColumn("Person field", minimum: 14, ideal: 20, priority: 10),
    TableColumn("Type", minimum: 8, priority: 6),
    TableColumn("Way", minimum: 3, priority: 8),
    TableColumn("Merge field", minimum: 11, ideal: 12, priority: 9),
    TableColumn("Type", minimum: 8, priority: 5),
    TableColumn("Required", minimum: 8, priority: 4),
    TableColumn("Transforms", minimum: 10, ideal: 20, weight: 1, priority: 3),
    TableColumn("Problem", minimum: 8, ideal: 30, weight: 2, priority: 7),
  ]

  private func cells(_ row: MappingRow, _ world: World) -> [Run] {
    let glyphs = world.capabilities.glyphs
    let problem =
      row.problem.isEmpty
      ? Run("\(glyphs.success) none", .success) : Run("\(glyphs.failure) \(row.problem)", .danger)
    return [
      Run("\(row.mapping.field)"), Run(row.fieldType?.rawValue ?? "", .dim),
      Run(glyphs == .ascii ? row.mapping.direction.rawValue : row.mapping.direction.arrow, .accent),
      Run(row.mapping.tag, .strong),
      Run(row.mergeField?.type.rawValue ?? "not read", .dim),
      Run(row.mergeField.map { $0.isRequired ? "yes" : "no" } ?? ""),
      Run(Transform.print(row.mapping.transforms), .dim), problem,
    ]
  }

  private func details(_ row: MappingRow, _ world: World) -> [[Run]] {
    var pairs: [(label: String, value: [Run])] = [
      ("Person field", [Run("\(row.mapping.field)")]),
      ("Its type", [Run(row.fieldType?.rawValue ?? "")]),
      ("Way", [Run(way(row.mapping.direction))]),
      ("Merge field", [Run(row.mapping.tag, .strong)]),
    ]
    if let field = row.mergeField {
      pairs += [
        ("Its name", [Run(field.name)]), ("Its type", [Run(field.type.rawValue)]),
        ("Required", [Run(field.isRequired ? "yes: people without a value are refused" : "no")]),
        (
          "Longest text",
          [Run(field.type == .text ? "\(MergeField.longestText) characters" : "")]
        ),
        ("Choices", [Run(field.choices.joined(separator: ", "))]),
      ]
    }
    pairs += [
      ("Transforms", [Run(Transform.print(row.mapping.transforms))]),
      ("Problem", [Run(row.problem, .danger)]),
    ]
    return TextView.pairs(pairs, width: min(88, world.size.width - 12))
  }

  private func way(_ direction: SyncDirection) -> String {
    switch direction {
    case .toMailchimp: "to Mailchimp"
    case .fromMailchimp: "from Mailchimp"
    case .both: "both ways"
    }
  }

  private static let empty = [
    "Nothing is mapped: only the e-mail address is sent.",
    "Run listkeeper mapping set FIELD TAG, such as first_name FNAME.",
  ]

  func draw(on canvas: inout Canvas, in world: World) {
    let room = canvas.box(
      canvas.bounds, title: "Field mapping", note: list.note(height: height(world)), focused: true)
    var rows = room
    let foot = rows.cutBottom(2)
    canvas.inside(rows) { canvas in
      list.draw(Self.columns, on: &canvas, focused: true, empty: Self.empty) { cells($0, world) }
    }
    canvas.inside(foot.inset(1, 0)) { canvas in
      let problem = list.selected?.problem ?? ""
      canvas.text(
        problem.isEmpty
          ? "The e-mail address is always sent. Merge fields without a row are never touched."
          : problem, 0, 0, problem.isEmpty ? .dim : .danger, width: canvas.width)
      canvas.text(
        "Change a row with listkeeper mapping set FIELD TAG.", 0, 1, .dim, width: canvas.width)
    }
  }

  func plainLines(in world: World) -> [String] {
    list.plain(Self.columns, empty: Self.empty.joined(separator: " ")) { cells($0, world) }
  }
}

enum MappingAction {
  static let open: ActionID = "mapping.open"
  static let edit: ActionID = "mapping.edit"
}
