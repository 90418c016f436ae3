// Everybody in the directory: searched in the search language, each with state and reason; one
// person in detail, explained and with a history; added, edited, synced and deleted from here.

import Basics
import Domain
import Screen

struct PeoplePane: Pane {
  private var split = Split()
  var divided: Split? { split }
  private var book = TicketBook(.people)
  private var list = Feed<PersonRow>()
  private var detail = PersonView()
  private var search = ""
  private var goal: Int64?
  /// Whom the open form edits; nil for somebody new.
  private var edited: Person?
  /// Their account manager when the form was opened.
  private var editedManager = ""
  private var saving: Ticket?
  private var custom = Loaded<[CustomField]>()
  /// The custom field that is being added.
  private var adding: Ticket?
  private var deleting: Ticket?
  private var looking: Ticket?
  /// Saved searches are read, to choose one.
  private var choosing: Ticket?

  // MARK: Events

  mutating func update(_ event: PaneEvent, in world: World) -> [Effect] {
    let effects = take(event, in: world)
    let search = search
    let more = list.refill(height: split.listHeight(world), &book) {
      .people(search: search, $0)
    }
    let shown = split.isDetailShown(world)
    return effects + more + detail.show(list.selected?.id, isShown: shown, &book)
  }

  private mutating func take(_ event: PaneEvent, in world: World) -> [Effect] {
    switch event {
    case .appeared(let row):
      if row != nil { search = "" }
      detail.expire()
      return ask(at: row.map { .around($0) }, in: world) + custom.ask(.customFields, &book)
    case .arrived(.people(let wanted)):
      search = wanted
      return ask(at: .at(0), in: world) + custom.ask(.customFields, &book)
    case .dataChanged:
      detail.expire()
      let search = search
      return list.refresh(height: split.listHeight(world), &book) { .people(search: search, $0) }
        + custom.refresh(.customFields, &book)
    case .moved(let motion): move(motion, in: world)
    case .wheeled(let point, let rows):
      let frames = split.frames(world)
      if frames.list?.contains(point) ?? false {
        list.scroll(rows, height: split.listHeight(world))
      } else if frames.detail?.contains(point) ?? false {
        detail.scroll(by: rows, world, split)
      }
    case .clicked(let point, let isDouble): click(point, isDouble, in: world)
    case .acted(let action): return act(action, in: world)
    case .typed(PeopleAction.search, let text):
      search = Text.oneLine(text)
      return ask(at: .at(0), in: world)
    case .cancelled(PeopleAction.search):
      search = ""
      return ask(at: .at(0), in: world)
    case .submitted(PeopleAction.saved, let values):
      search = values["filter"] ?? ""
      return ask(at: .at(0), in: world)
    case .submitted(PeopleAction.addField, let values):
      let ticket = book.next()
      adding = ticket
      return [.addCustomField(CustomFieldForm.field(values), ticket)]
    case .submitted(PeopleAction.edit, let values), .submitted(PeopleAction.add, let values):
      return save(values)
    case .answered(let ticket, let answer): return take(answer, ticket, in: world)
    case .typed, .cancelled, .submitted, .arrived, .disappeared, .ticked, .resized, .pressed,
      .pasted:
      break
    }
    return []
  }

  private mutating func ask(at place: WindowRequest.Place?, in world: World) -> [Effect] {
    if case .around(let id) = place { goal = id }
    let search = search
    return list.restart(at: place, height: split.listHeight(world), &book) {
      .people(search: search, $0)
    }
  }

  private mutating func take(_ answer: Answer, _ ticket: Ticket, in world: World) -> [Effect] {
    switch answer {
    case .people(let window):
      _ = list.accept(window, ticket, height: split.listHeight(world)) { [goal] in
        $0.id.rawValue == goal
      }
      return []
    case .savedPerson(let id):
      guard ticket == saving else { return [] }
      saving = nil
      let isNew = edited == nil
      let action = isNew ? PeopleAction.add : PeopleAction.edit
      edited = nil
      detail.expire()
      return [
        .closeForm(action),
        .notice(Notice(.success, isNew ? "\(id) was added." : "\(id) was saved.")),
      ] + ask(at: .around(id.rawValue), in: world)
    case .customFields(let fields):
      _ = custom.accept(fields, ticket)
      return custom.refill(.customFields, &book)
    case .done where ticket == adding:
      adding = nil
      return [
        .closeForm(PeopleAction.addField),
        .notice(Notice(.success, "The custom field was added; 4 maps it.")),
      ] + custom.refresh(.customFields, &book)
    case .done:
      guard ticket == deleting else { return [] }
      deleting = nil
      detail.expire()
      return [.notice(Notice(.success, "Done."))] + ask(at: nil, in: world)
    case .sideBySide(let both):
      guard ticket == looking else { return [] }
      looking = nil
      return [.open(.reader(SideBySideText.reader(both, world)))]
    case .savedSearches(let rows, _):
      guard ticket == choosing else { return [] }
      choosing = nil
      return [.open(.menu(Self.menu(rows)))]
    case .refused(let problem):
      if ticket == looking || ticket == choosing {
        if ticket == looking { looking = nil } else { choosing = nil }
        return [.notice(Notice(problem))]
      }
      if ticket == saving {
        saving = nil
        return [.refuseForm(edited == nil ? PeopleAction.add : PeopleAction.edit, problem)]
      }
      if ticket == adding {
        adding = nil
        return [.refuseForm(PeopleAction.addField, problem)]
      }
      if ticket == deleting {
        deleting = nil
        return [.notice(Notice(problem))]
      }
      if custom.accept(problem, ticket) { return [] }
      if !list.accept(problem, ticket) { detail.take(answer, ticket) }
      return []
    default:
      detail.take(answer, ticket)
      return []
    }
  }

  // MARK: Keys

  func bindings(in world: World) -> [KeyBinding] {
    let none = list.selected == nil ? "Nobody is selected." : nil
    let isDeleted = list.selected?.isDeleted ?? false
    let loading = detail.value == nil ? "The person is still being read." : nil
    return [
      KeyBinding(
        ["Enter"], split.focus == .list ? "Open" : "Edit", PeopleAction.open, priority: 50,
        whyNot: none, help: "Open the detail; in it, edit the person."),
      KeyBinding(
        ["/"], "Search", PeopleAction.search, priority: 55,
        help: "Search as you type: last:smith opt-in:yes state:refused \"free text\" -tag:vip."),
      KeyBinding(
        ["&"], "Saved", PeopleAction.saved, priority: 25,
        help: "Choose a saved search as the filter; / then narrows it by hand."),
      KeyBinding(["a"], "Add", PeopleAction.add, priority: 42, help: "Add a person."),
      KeyBinding(
        ["e"], "Edit", PeopleAction.edit, priority: 41, whyNot: none ?? loading,
        help: "Edit the selected person."),
      KeyBinding(
        ["s"], "Sync this person now", PeopleAction.sync, place: .actionMenu,
        whyNot: none ?? GlobalKeys.whyNotSync(world),
        help: "Send this one person now, before everything that waits."),
      KeyBinding(
        ["w"], "Why: explain", PeopleAction.explain, place: .actionMenu, whyNot: none,
        help: "Walk the rules and the last sync for this person, line by line."),
      KeyBinding(
        ["d"], "Delete", PeopleAction.mark, place: .actionMenu,
        whyNot: none ?? (isDeleted ? "The person is marked as deleted already: x D removes." : nil),
        help: "First step: mark the person as deleted; they leave the audience by your rule."),
      KeyBinding(
        ["D"], "Remove for good", PeopleAction.remove, place: .actionMenu,
        whyNot: none ?? (isDeleted ? nil : "Delete the person first: x d."),
        help: "Second step: remove a deleted person from this workspace; cannot be undone."),
      KeyBinding(
        ["u"], "Undo the deletion", PeopleAction.restore, place: .actionMenu,
        whyNot: none ?? (isDeleted ? nil : "The person is not deleted."),
        help: "Take the mark of a deletion away again."),
      KeyBinding(
        ["l"], "Look up at Mailchimp", PeopleAction.lookUp, place: .actionMenu,
        whyNot: none ?? (list.selected?.email.isEmpty ?? true ? "No address to look up." : nil)
          ?? (world.hasKey ? nil : "Set the API key first: press 0."),
        help: "Read the contact now and show both records side by side."),
      KeyBinding(
        ["f"], "Add a custom field", PeopleAction.addField, place: .actionMenu,
        help: "Add a field to people: text, number, yes/no, date, birthday or choice."),
      KeyBinding(
        ["x"], "Executions of this person", PeopleAction.executions, place: .actionMenu,
        whyNot: none, help: "Every execution that touched this person, in Executions (6)."),
    ] + split.bindings(hasTabs: true)
  }

  var canGoBack: Bool { split.canGoBack }

  private mutating func act(_ action: ActionID, in world: World) -> [Effect] {
    switch action {
    case GlobalKeys.back where !split.canGoBack:
      guard !search.isEmpty else { return [] }
      search = ""
      return ask(at: .at(0), in: world)
    case PeopleAction.open:
      if split.focus == .list {
        split.focus = .detail
        return []
      }
      return openForm(for: detail.value?.person, managerName: detail.value?.managerKey ?? "")
    case PeopleAction.search:
      let prompt = Prompt(
        action, label: "/", text: search, help: "last:smith account:Guest opt-in:yes -state:refused"
      )
      return [.open(.prompt(prompt))]
    case PeopleAction.saved:
      let ticket = book.next()
      choosing = ticket
      return [.query(.savedSearches, ticket)]
    case PeopleAction.add: return openForm(for: nil, managerName: "")
    case PeopleAction.edit:
      return openForm(for: detail.value?.person, managerName: detail.value?.managerKey ?? "")
    case PeopleAction.addField:
      let layer = FormLayer(
        action, title: "Add a custom field", form: CustomFieldForm.form(), verb: "Add")
      return [.open(.form(layer))]
    case PeopleAction.sync:
      return list.selected.map { [.request(.syncPerson($0.id))] } ?? []
    case PeopleAction.explain:
      split.focus = .detail
      detail.turn(to: .explain)
    case PeopleAction.mark, PeopleAction.remove, PeopleAction.restore: return confirm(action)
    case PeopleAction.lookUp:
      guard let row = list.selected else { return [] }
      let ticket = book.next()
      looking = ticket
      return [.lookUp(AddressKey(row.email), ticket)]
    case PeopleAction.executions:
      guard let row = list.selected else { return [] }
      var wanted = ExecutionFilter()
      wanted.person = row.id
      return [.jump(.executions(wanted))]
    case SplitAction.nextTab: detail.turn(1)
    case SplitAction.previousTab: detail.turn(-1)
    default: _ = split.take(action)
    }
    return []
  }

  private mutating func move(_ motion: Motion, in world: World) {
    if split.focus == .list {
      list.move(motion, height: split.listHeight(world))
    } else {
      detail.move(motion, world, split)
    }
  }

  private mutating func click(_ point: Point, _ isDouble: Bool, in world: World) {
    let frames = split.frames(world)
    if let frame = frames.list, frame.contains(point) {
      let isRow = list.select(line: point.y - frame.y - 2, height: split.listHeight(world))
      split.focus = isRow && isDouble ? .detail : .list
    } else if let frame = frames.detail, frame.contains(point) {
      split.focus = .detail
      if point.y == frame.y + 1 { detail.turn(at: point.x - frame.x - 1, width: frame.width - 2) }
    }
  }

  var memory: [String: String] { search.isEmpty ? [:] : ["search": search] }

  mutating func recall(_ memory: [String: String]) { search = memory["search"] ?? "" }

  func copies(in world: World) -> [CopyItem] {
    guard let row = list.selected else { return [] }
    let text = detail.lines(world, width: 100).map { $0.map(\.text).joined() }
    return [
      CopyItem("The address", row.email), CopyItem("The name", row.name),
      CopyItem("This tab", text.joined(separator: "\n")),
      CopyItem("The list", plainLines(in: world).joined(separator: "\n"), to: .file),
    ]
  }

  /// Everybody first, then each by its name.
  private static func menu(_ rows: [SavedSearchRow]) -> Menu {
    let all = [("Everybody", "")] + rows.map { ($0.name, $0.filter) }
    return Menu(
      title: "Saved searches",
      items: all.enumerated().map { index, search in
        let (name, filter) = search
        let key = index == 0 ? "*" : index <= 9 ? Key(Unicode.Scalar(UInt8(48 + index))) : Key("-")
        return Menu.Item(
          key, filter.isEmpty ? name : "\(name)  \(filter)",
          .tell(.submitted(PeopleAction.saved, ["filter": filter])))
      })
  }

  // MARK: Deleting

  private mutating func confirm(_ action: ActionID) -> [Effect] {
    guard let row = list.selected else { return [] }
    let who = "\(row.name) (\(row.id))"
    let ticket = book.next()
    deleting = ticket
    func dialog(
      _ title: String, _ lines: [String], _ verb: String, word: String? = nil,
      _ step: PersonDeletion
    ) -> [Effect] {
      let orders = [Effect.deletePerson(row.id, step, ticket)]
      return [
        .open(.dialog(Dialog(title: title, lines: lines, verb: verb, word: word, orders: orders)))
      ]
    }
    switch action {
    case PeopleAction.remove:
      return dialog(
        "Remove 1 person for good",
        [
          "\(who) leaves this workspace with all details. This cannot be undone.",
          "The consent ledger keeps a keyed hash of the address, so that nobody who opted"
            + " out is subscribed again.",
        ], "Remove", word: "\(row.id.rawValue)", .remove)
    case PeopleAction.restore:
      return dialog(
        "Undo the deletion of 1 person",
        ["\(who) counts again, and the rules decide anew whether to send."], "Undo", .restore)
    default:
      return dialog(
        "Delete 1 person",
        [
          "\(who) is marked as deleted and leaves the audience by the rule for leavers.",
          "It can be undone until the person is removed for good.",
        ], "Delete", .mark)
    }
  }

  // MARK: Adding and editing

  private mutating func openForm(for person: Person?, managerName: String) -> [Effect] {
    edited = person
    editedManager = managerName
    let action = person == nil ? PeopleAction.add : PeopleAction.edit
    let title = person.map { "Edit \($0.displayName) (\($0.id))" } ?? "Add a person"
    let form = PersonForm.form(for: person, manager: managerName, custom: custom.value ?? [])
    return [
      .open(.form(FormLayer(action, title: title, form: form, check: .person(custom.value ?? []))))
    ]
  }

  private mutating func save(_ values: FormValues) -> [Effect] {
    let draft = PersonForm.draft(values, of: edited, manager: editedManager)
    let action = edited == nil ? PeopleAction.add : PeopleAction.edit
    if draft.isEmpty {
      return [.closeForm(action), .notice(Notice(.info, "Nothing was changed."))]
    }
    let ticket = book.next()
    saving = ticket
    return [.savePerson(draft, ticket)]
  }

  // MARK: The picture

  private static let columns = [
    TableColumn("State", minimum: 10, priority: 9),
    TableColumn("Name", minimum: 12, ideal: 22, weight: 1, priority: 10),
    TableColumn("E-mail", minimum: 16, ideal: 26, weight: 1, priority: 8),
    TableColumn("Reason", minimum: 12, ideal: 20, priority: 7),
    TableColumn("Opt-in", minimum: 7, priority: 6),
    TableColumn("Account", minimum: 10, ideal: 16, priority: 4),
    TableColumn("Changed", minimum: 14, priority: 3),
  ]

  private func cells(_ row: PersonRow, _ world: World) -> [Run] {
    let sign = Wording.sign(row.state, world.capabilities.glyphs)
    let name = row.isDeleted ? "\(row.name) (deleted)" : row.name
    return [
      Run("\(sign) \(row.state.rawValue)", Wording.role(row.state)),
      Run(name, row.isDeleted || !row.isActive ? .dim : .text), Run(row.email),
      Run(row.reason, row.state == .refused ? .danger : .dim), Run(row.optIn.rawValue),
      Run(row.account, .dim), Run(Wording.short(row.changedAt, world.zone), .dim),
    ]
  }

  private var empty: [String] {
    search.isEmpty
      ? [
        "There are no people yet.",
        "Press a to add one, or run listkeeper people import FILE.csv.",
      ] : ["Nobody fits the search.", "Esc clears it."]
  }

  func draw(on canvas: inout Canvas, in world: World) {
    let frames = split.frames(world)
    if let frame = frames.list {
      let isFocused = split.focus == .list
      let title = search.isEmpty ? "People" : "People: \(search)"
      let note = list.note(height: split.listHeight(world))
      let room = canvas.box(frame, title: title, note: note, focused: isFocused)
      canvas.inside(room) { canvas in
        list.draw(Self.columns, on: &canvas, focused: isFocused, empty: empty) { cells($0, world) }
      }
    }
    if let frame = frames.detail {
      detail.draw(on: &canvas, frame, focused: split.focus == .detail, world)
    }
  }

  func plainLines(in world: World) -> [String] {
    list.plain(Self.columns, empty: empty.joined(separator: " ")) { cells($0, world) }
  }
}

enum PeopleAction {
  static let open: ActionID = "people.open"
  static let search: ActionID = "people.search"
  static let add: ActionID = "people.add"
  static let edit: ActionID = "people.edit"
  static let sync: ActionID = "people.sync"
  static let explain: ActionID = "people.explain"
  static let mark: ActionID = "people.delete"
  static let remove: ActionID = "people.remove"
  static let restore: ActionID = "people.restore"
  static let lookUp: ActionID = "people.look-up"
  static let addField: ActionID = "people.add-field"
  static let saved: ActionID = "people.saved-search"
  static let executions: ActionID = "people.executions"
}
