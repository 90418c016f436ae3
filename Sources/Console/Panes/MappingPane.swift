// Which person field goes into which merge field: shown with what is wrong and what it comes to for
// one real person, edited in a form. What must stay true: an edit that cannot work is refused in the
// form and changes nothing, and the last ones can be taken back.

import Basics
import Domain
import Screen

struct MappingPane: Pane {
  private var book = TicketBook(.mapping)
  private var list = Feed<MappingRow>()
  private var board: MappingBoard?
  /// The tag whose row the open form changes; nil for a new row.
  private var edited: String?
  private var order: Order?
  /// What takes the last edits back, the latest last.
  private var undos: [MappingChange] = []
  /// The row to be selected once it is there.
  private var goal: String?

  /// An order under way.
  private struct Order: Equatable {
    enum Kind: Equatable {
      case change(MappingChange, undo: MappingChange?)
      case undo
      case backfill
      case read
      case create(String)
    }
    var ticket: Ticket
    var kind: Kind
    /// The form that waits for it.
    var form: ActionID?
  }

  private static let mostUndos = 20

  // MARK: Events

  mutating func update(_ event: PaneEvent, in world: World) -> [Effect] {
    let height = height(world)
    switch event {
    case .appeared: return list.restart(height: height, &book) { _ in .mapping }
    case .dataChanged: return list.refresh(height: height, &book) { _ in .mapping }
    case .moved(let motion): list.move(motion, height: height)
    case .wheeled(_, let rows): list.scroll(rows, height: height)
    case .clicked(let point, let isDouble):
      if list.select(line: point.y - 2, height: height), isDouble { return openForm(world) }
    case .acted(let action): return act(action, in: world)
    case .submitted(let action, let values): return submit(action, values)
    case .answered(let ticket, let answer): return take(answer, ticket, in: world)
    default: break
    }
    return []
  }

  private mutating func act(_ action: ActionID, in world: World) -> [Effect] {
    switch action {
    case MappingAction.open: return open(world)
    case MappingAction.edit: return openForm(world)
    case MappingAction.add:
      edited = nil
      return form(action, nil, "Add a row", world)
    case MappingAction.remove: return askRemoval()
    case MappingAction.up: return move(-1)
    case MappingAction.down: return move(1)
    case MappingAction.backfill:
      return list.selected.map { askBackfill($0.mapping, in: world) } ?? []
    case MappingAction.undo: return undo()
    case MappingAction.read: return orders(.read) { .readMergeFields($0) }
    case MappingAction.create:
      let layer = FormLayer(
        action, title: "Create a merge field at Mailchimp", form: MergeFieldForm.form(),
        check: .mergeField(board?.mergeFields ?? []), verb: "Create")
      return [.open(.form(layer))]
    case MappingAction.check:
      return [.open(.reader(Reader(title: "Check", lines: verdict(world))))]
    default: return []
    }
  }

  // MARK: Orders

  private mutating func orders(
    _ kind: Order.Kind, form: ActionID? = nil, _ effect: (Ticket) -> Effect
  ) -> [Effect] {
    let ticket = book.next()
    order = Order(ticket: ticket, kind: kind, form: form)
    return [effect(ticket)]
  }

  private mutating func change(_ change: MappingChange, form: ActionID? = nil) -> [Effect] {
    orders(.change(change, undo: board?.inverse(of: change)), form: form) {
      .changeMapping(change, $0)
    }
  }

  private mutating func undo() -> [Effect] {
    guard let last = undos.last else { return [] }
    return orders(.undo) { .changeMapping(last, $0) }
  }

  private mutating func submit(_ action: ActionID, _ values: FormValues) -> [Effect] {
    switch action {
    case MappingAction.create:
      let draft = MergeFieldForm.draft(values)
      return orders(.create(draft.tag), form: action) { .createMergeField(draft, $0) }
    case MappingAction.add, MappingAction.edit:
      guard let board else { return [] }
      do throws(Problem) {
        let row = try MappingForm.row(values, board)
        if let old = board.rows.first(where: { $0.tag == edited }), old.saysTheSame(as: row) {
          return [.closeForm(action), .notice(Notice(.info, "Nothing was changed."))]
        }
        goal = row.tag
        return change(.set(row, replacing: edited), form: action)
      } catch {
        return [.refuseForm(action, error)]
      }
    default: return []
    }
  }

  private mutating func take(_ answer: Answer, _ ticket: Ticket, in world: World) -> [Effect] {
    if case .mapping(let reading) = answer {
      if list.accept(reading.rows, ticket, height: height(world)) {
        board = reading.board
        if let wanted = goal, let place = reading.rows.firstIndex(where: { $0.id == wanted }) {
          list.select(place, height: height(world))
          goal = nil
        }
      }
      return []
    }
    guard let done = order, done.ticket == ticket else {
      if case .refused(let problem) = answer { _ = list.accept(problem, ticket) }
      return []
    }
    order = nil
    if case .refused(let problem) = answer {
      if done.kind == .undo { undos.removeLast() }
      return [done.form.map { .refuseForm($0, problem) } ?? .notice(Notice(problem))]
    }
    let height = height(world)
    return (done.form.map { [.closeForm($0)] } ?? []) + finish(done.kind, answer, in: world)
      + list.refresh(height: height, &book) { _ in .mapping }
  }

  private mutating func finish(
    _ kind: Order.Kind, _ answer: Answer, in world: World
  ) -> [Effect] {
    switch kind {
    case .change(let change, let undo):
      if let undo { undos = (undos + [undo]).suffix(Self.mostUndos) }
      let said = Effect.notice(Notice(.success, "\(sentence(change)) z takes it back."))
      guard case .mappingChanged(let row?) = answer else { return [said] }
      return [said] + askBackfill(row, in: world)
    case .undo:
      undos.removeLast()
      return [.notice(Notice(.success, "The last edit was taken back."))]
    case .backfill:
      return [.notice(Notice(.success, "A sync for everybody was asked for; pane 6 shows it."))]
    case .read: return [.notice(Notice(.success, "The merge fields were read."))]
    case .create(let tag):
      return [.notice(Notice(.success, "The merge field \(tag) was created; a maps onto it."))]
    }
  }

  private func sentence(_ change: MappingChange) -> String {
    switch change {
    case .set(let row, _): "\(row.field) and \(row.tag) are mapped."
    case .remove(let tag): "The row for \(tag) was removed; its values stay as they are."
    case .move(let tag, _): "\(tag) was moved."
    case .backfill: "It is for everybody."
    }
  }

  private mutating func move(_ step: Int) -> [Effect] {
    guard let row = list.selected else { return [] }
    let place = list.position + step
    guard (0..<list.count).contains(place) else { return [] }
    goal = row.id
    return change(.move(row.id, to: place))
  }

  // MARK: Questions

  private mutating func askRemoval() -> [Effect] {
    guard let row = list.selected else { return [] }
    let dialog = Dialog(
      title: "Remove the row for \(row.id)",
      lines: [
        "\(row.mapping.field) and \(row.id) are not kept in step any more.",
        "The values at Mailchimp and here stay as they are. z takes it back.",
      ], verb: "Remove", orders: change(.remove(row.id)))
    return [.open(.dialog(dialog))]
  }

  private mutating func askBackfill(_ row: FieldMapping, in world: World) -> [Effect] {
    guard row.since != nil else { return [] }
    let people = world.overview?.totalPeople ?? 0
    let dialog = Dialog(
      title: "\(row.tag) for everybody now?",
      lines: [
        "Yes asks for a sync that compares all \(Wording.count(people, "person", "people")) and "
          + "moves \(row.tag) where it differs; the guard judges it like any other.",
        "No leaves those who are in step as they are: they get it when they change next, or by a "
          + "resync.",
      ], verb: "For everybody",
      orders: orders(.backfill) { .changeMapping(.backfill(row.tag), $0) })
    return [.open(.dialog(dialog))]
  }

  // MARK: Forms and pages

  private mutating func openForm(_ world: World) -> [Effect] {
    guard let row = list.selected else { return [] }
    edited = row.id
    return form(MappingAction.edit, row.mapping, "Change \(row.mapping.field) – \(row.id)", world)
  }

  private func form(
    _ action: ActionID, _ row: FieldMapping?, _ title: String, _ world: World
  ) -> [Effect] {
    guard let board else { return [] }
    let form = MappingForm.form(for: row, on: board, glyphs: world.capabilities.glyphs)
    return [
      .open(
        .form(
          FormLayer(
            action, title: title, form: form, check: .mapping(board, replacing: row?.tag))))
    ]
  }

  private func open(_ world: World) -> [Effect] {
    guard let row = list.selected else { return [] }
    return [.open(.reader(Reader(title: row.mapping.tag, lines: details(row, world))))]
  }

  /// Everything that is wrong, then what works for most only.
  private func verdict(_ world: World) -> [[Run]] {
    let glyphs = world.capabilities.glyphs
    let problems = board?.problems ?? []
    let remarks = board?.remarks ?? []
    var lines: [[Run]] = problems.map {
      [Run("\(glyphs.failure) ", .danger), Run($0.description)]
    }
    lines += remarks.map { [Run("\(glyphs.bullet) ", .warning), Run($0.description)] }
    if board?.mergeFields == nil {
      lines.append([Run("The audience's fields were not read yet: r reads them.", .warning)])
    }
    if problems.isEmpty {
      lines.insert([Run("\(glyphs.success) ", .success), Run("The mapping can work.")], at: 0)
    }
    return lines
  }

  // MARK: Keys

  func bindings(in world: World) -> [KeyBinding] {
    let loading = board == nil ? "The mapping is still being read." : nil
    let none = loading ?? (list.selected == nil ? "No row is selected." : nil)
    let offline =
      world.hasKey
      ? (world.overview?.audienceID.isEmpty ?? true)
        ? "No audience is chosen yet: press 3 and choose one." : nil
      : "There is no API key yet: press 0 and set it in Settings."
    let isDone = list.selected?.mapping.since == nil
    return [
      KeyBinding(
        ["Enter"], "Details", MappingAction.open, priority: 50, whyNot: none,
        help: "Show the whole of the selected row, and one real person's values."),
      KeyBinding(
        ["e"], "Change", MappingAction.edit, priority: 45, whyNot: none,
        help: "Change the selected row; what cannot work is said in the form."),
      KeyBinding(
        ["a"], "Add", MappingAction.add, priority: 44, whyNot: loading,
        help: "Map a person field onto a merge field."),
      KeyBinding(
        ["d"], "Remove", MappingAction.remove, priority: 43, whyNot: none,
        help: "Remove the selected row; asks first, and the values stay as they are."),
      KeyBinding(
        ["c"], "Create field", MappingAction.create, priority: 41, whyNot: offline,
        help: "Create a merge field at Mailchimp."),
      KeyBinding(
        ["b"], "For everybody", MappingAction.backfill, priority: 25,
        whyNot: none ?? (isDone ? "The row is for everybody already." : nil),
        help: "Bring everybody in step with the selected row, not only who changes; asks first."),
      KeyBinding(
        ["v"], "Check all", MappingAction.check, priority: 24, whyNot: loading,
        help: "Hold every row against the audience's own fields."),
      KeyBinding(
        ["r"], "Read fields", MappingAction.read, priority: 15, whyNot: offline,
        help: "Read the audience's merge fields from Mailchimp again."),
      KeyBinding(
        ["K"], "Move up", MappingAction.up, priority: 8, whyNot: none,
        help: "Put the row one place up; the order changes nothing that is sent."),
      KeyBinding(
        ["J"], "Move down", MappingAction.down, priority: 7, whyNot: none,
        help: "Put the row one place down."),
    ]
  }

  func copies(in world: World) -> [CopyItem] {
    list.isEmpty || list.isLoading
      ? [] : [CopyItem("The mapping", plainLines(in: world).joined(separator: "\n"))]
  }
}

enum MappingAction {
  static let open: ActionID = "mapping.open"
  static let edit: ActionID = "mapping.edit"
  static let add: ActionID = "mapping.add"
  static let remove: ActionID = "mapping.remove"
  static let undo: ActionID = "mapping.undo"
  static let create: ActionID = "mapping.create-field"
  static let backfill: ActionID = "mapping.backfill"
  static let check: ActionID = "mapping.check"
  static let read: ActionID = "mapping.read-fields"
  static let up: ActionID = "mapping.up"
  static let down: ActionID = "mapping.down"
}

// MARK: - The picture

extension MappingPane {
  private func height(_ world: World) -> Int { max(1, world.body.height - 5) }

  private static let columns = [
    TableColumn("Person field", minimum: 14, ideal: 20, priority: 10),
    TableColumn("Type", minimum: 8, priority: 6),
    TableColumn("Way", minimum: 3, priority: 8),
    TableColumn("Merge field", minimum: 11, ideal: 12, priority: 9),
    TableColumn("Type", minimum: 8, priority: 5),
    TableColumn("Required", minimum: 8, priority: 3),
    TableColumn("Transforms", minimum: 10, ideal: 20, weight: 1, priority: 4),
    TableColumn("For", minimum: 11, priority: 2),
    TableColumn("Problem", minimum: 8, ideal: 30, weight: 2, priority: 7),
  ]

  private func cells(_ row: MappingRow, _ world: World) -> [Run] {
    let glyphs = world.capabilities.glyphs
    let problem =
      row.problem.isEmpty
      ? row.remark.isEmpty
        ? Run("\(glyphs.success) none", .success) : Run("\(glyphs.bullet) \(row.remark)", .warning)
      : Run("\(glyphs.failure) \(row.problem)", .danger)
    return [
      Run("\(row.mapping.field)"), Run(row.fieldType?.rawValue ?? "", .dim),
      Run(glyphs == .ascii ? row.mapping.direction.rawValue : row.mapping.direction.arrow, .accent),
      Run(row.mapping.tag, .strong),
      Run(
        row.mergeField?.type.rawValue ?? (board?.mergeFields == nil ? "not read" : "missing"),
        .dim),
      Run(row.mergeField.map { $0.isRequired ? "yes" : "no" } ?? ""),
      Run(Transform.print(row.mapping.transforms), .dim),
      Run(row.mapping.since == nil ? "everybody" : "who changes", .dim), problem,
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
    let since = row.mapping.since.map {
      "people who changed from \(Wording.time($0, world.zone)) on; b brings everybody in step"
    }
    pairs += [
      ("Transforms", [Run(Transform.print(row.mapping.transforms))]),
      ("For", [Run(since ?? "everybody")]),
      ("Problem", [Run(row.problem, .danger)]), ("Remark", [Run(row.remark, .warning)]),
    ]
    if let sample = row.sample {
      pairs += [
        ("Example", [Run(sample.name)]), ("Here", [Run(sample.ours)]),
        (row.mapping.direction == .fromMailchimp ? "Taken" : "Sent", [Run(sample.moved)]),
        ("At Mailchimp", [Run(sample.theirs ?? "not there")]),
      ]
    }
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
    "Press a to add a row, such as first_name onto FNAME.",
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
      let (text, role) = said(list.selected)
      canvas.text(text, 0, 0, role, width: canvas.width)
      canvas.text(example(list.selected, world), 0, 1, .dim, width: canvas.width)
    }
  }

  /// What is to be said of a row, in a line.
  private func said(_ row: MappingRow?) -> (String, Role) {
    if let row, !row.problem.isEmpty { return (row.problem, .danger) }
    if let row, !row.remark.isEmpty { return (row.remark, .warning) }
    return (
      "The e-mail address is always sent. Merge fields without a row are never touched.", .dim
    )
  }

  private func example(_ row: MappingRow?, _ world: World) -> String {
    guard let row, let sample = row.sample else { return "" }
    func quoted(_ text: String) -> String { text.isEmpty ? "nothing" : "'\(text)'" }
    let theirs = sample.theirs.map(quoted) ?? "nothing"
    let arrow = world.capabilities.glyphs.arrow
    return row.mapping.direction == .fromMailchimp
      ? "\(sample.name): at Mailchimp \(theirs) \(arrow) here \(quoted(sample.moved))"
      : "\(sample.name): here \(quoted(sample.ours)) \(arrow) sent as \(quoted(sample.moved)), "
        + "at Mailchimp \(theirs)"
  }

  func plainLines(in world: World) -> [String] {
    list.plain(Self.columns, empty: Self.empty.joined(separator: " ")) { cells($0, world) }
  }
}
