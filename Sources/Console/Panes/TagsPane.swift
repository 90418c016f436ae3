// Saved searches and the tags that are kept of them: who is in each, what is at Mailchimp, and what
// waits for a decision. What must stay true: whatever takes a tag off people names their number
// before it is done. (One state machine with its form, hence its length.)

import Basics
import Domain
import Screen

struct TagsPane: Pane {
  private var split = Split()
  var divided: Split? { split }
  private var book = TicketBook(.tags)
  private var list = Feed<SavedSearchRow>()
  private var counts = Loaded<[String: Int]>()
  private var people = Feed<PersonRow>()
  private var fields: [CustomField] = []
  /// Every search, of which the list shows those with these words.
  private var all: [SavedSearchRow] = []
  private var words = ""
  /// Largest first, instead of by name.
  private var isBySize = false
  /// Whose people are shown, and by which filter.
  private var subject: String?
  private var peopleAreFresh = false
  /// The search the open form changes; nil for a new one.
  private var edited: SavedSearchRow?
  private var changing: (ticket: Ticket, action: ActionID)?

  static func == (a: Self, b: Self) -> Bool {
    (a.split, a.book, a.list, a.counts, a.people) == (b.split, b.book, b.list, b.counts, b.people)
      && (a.all, a.words, a.isBySize) == (b.all, b.words, b.isBySize)
      && (a.fields, a.subject, a.peopleAreFresh, a.edited)
        == (b.fields, b.subject, b.peopleAreFresh, b.edited)
      && a.changing?.ticket == b.changing?.ticket && a.changing?.action == b.changing?.action
  }

  var memory: [String: String] { ["words": words, "sort": isBySize ? "people" : "name"] }

  mutating func recall(_ memory: [String: String]) {
    words = memory["words"] ?? ""
    isBySize = memory["sort"] == "people"
  }

  // MARK: Events

  mutating func update(_ event: PaneEvent, in world: World) -> [Effect] {
    let effects = take(event, in: world)
    return effects + settle(in: world)
  }

  private mutating func take(_ event: PaneEvent, in world: World) -> [Effect] {
    let height = split.listHeight(world)
    switch event {
    case .appeared:
      peopleAreFresh = false
      return list.restart(height: height, &book) { _ in .savedSearches }
        + counts.ask(.searchCounts, &book)
    case .dataChanged:
      peopleAreFresh = false
      // Counting every search takes long: that is done when the pane is shown, and after an edit.
      return list.refresh(height: height, &book) { _ in .savedSearches }
    case .moved(let motion):
      if split.focus == .list {
        list.move(motion, height: height)
      } else {
        people.move(motion, height: peopleHeight(world))
      }
    case .wheeled(let point, let rows):
      if split.frames(world).list?.contains(point) ?? false {
        list.scroll(rows, height: height)
      } else {
        people.scroll(rows, height: peopleHeight(world))
      }
    case .clicked(let point, let isDouble): return click(point, isDouble, in: world)
    case .acted(let action): return act(action, in: world)
    case .typed(TagsAction.filter, let text): look(for: text, in: world)
    case .cancelled(TagsAction.filter): look(for: "", in: world)
    case .submitted(TagsAction.filter, let values): look(for: values["text"] ?? "", in: world)
    case .submitted(TagsAction.new, let values), .submitted(TagsAction.edit, let values):
      return save(values)
    case .submitted(TagsAction.rename, let values):
      guard let row = list.selected else { return [] }
      return change(.renameTag(row.name, to: values["tag"] ?? ""), TagsAction.rename)
    case .answered(let ticket, let answer): return take(answer, ticket, in: world)
    default: break
    }
    return []
  }

  private mutating func take(_ answer: Answer, _ ticket: Ticket, in world: World) -> [Effect] {
    switch answer {
    case .savedSearches(let rows, let fields):
      if list.accept(shown(of: rows), ticket, height: split.listHeight(world)) {
        all = rows
        self.fields = fields
      }
    case .searchCounts(let counts):
      if self.counts.accept(counts, ticket), isBySize { arrange(in: world) }
    case .people(let window): _ = people.accept(window, ticket, height: peopleHeight(world))
    case .done:
      guard let (asked, action) = changing, asked == ticket else { return [] }
      changing = nil
      edited = nil
      peopleAreFresh = false
      return [.closeForm(action), .notice(Notice(.success, Self.said(action)))]
        + list.restart(height: split.listHeight(world), &book) { _ in .savedSearches }
        + counts.ask(.searchCounts, &book)
    case .refused(let problem):
      if let (asked, action) = changing, asked == ticket {
        changing = nil
        return Self.forms.contains(action)
          ? [.refuseForm(action, problem)] : [.notice(Notice(problem))]
      }
      if !list.accept(problem, ticket), !counts.accept(problem, ticket) {
        _ = people.accept(problem, ticket)
      }
    default: break
    }
    return []
  }

  /// Those with every word of the filter in name, tag or search, in the order that is wanted.
  private func shown(of rows: [SavedSearchRow]) -> [SavedSearchRow] {
    let wanted = words.lowercased().split(separator: " ")
    let found = rows.filter { row in
      let text = "\(row.name) \(row.tag) \(row.filter)".lowercased()
      return wanted.allSatisfy { text.contains($0) }
    }
    guard isBySize, let counts = counts.value else { return found }
    return found.sorted { (counts[$0.name] ?? 0, $1.name) > (counts[$1.name] ?? 0, $0.name) }
  }

  private mutating func arrange(in world: World) {
    list.show(shown(of: all), height: split.listHeight(world))
  }

  private mutating func look(for text: String, in world: World) {
    words = Text.oneLine(text)
    arrange(in: world)
    list.select(0, height: split.listHeight(world))
  }

  /// Asks for the people of the selected search, where they are in view and not here.
  private mutating func settle(in world: World) -> [Effect] {
    let filter = list.selected?.filter
    if filter != subject {
      subject = filter
      people.clear()
      peopleAreFresh = false
    }
    guard let filter, split.isDetailShown(world) else { return [] }
    let height = peopleHeight(world)
    defer { peopleAreFresh = true }
    return peopleAreFresh
      ? people.refill(height: height, &book) { .people(search: filter, $0) }
      : people.refresh(height: height, &book) { .people(search: filter, $0) }
  }

  /// Lines above the people in the detail.
  private static let headHeight = 3

  private func peopleHeight(_ world: World) -> Int {
    max(1, split.detailHeight(world) - Self.headHeight)
  }

  // MARK: Keys

  func bindings(in world: World) -> [KeyBinding] {
    let row = list.selected
    let none = row == nil ? "No search is selected." : nil
    let quick =
      row?.isQuick == true
      ? "A quick list stays as it is; \(world.keys[TagsAction.new]) makes a new search." : nil
    let noTag =
      row?.isTag == true
      ? nil : "The selected search is no tag: \(world.keys[TagsAction.toggle]) makes it one."
    let gone =
      row?.isSearchGone == true
      ? "Its search is gone: \(world.keys[TagsAction.takeOff]) takes the tag off who holds it."
      : nil
    let isLeft = row?.isSearchGone == true && row?.state == .left
    return [
      KeyBinding(
        ["Enter"], split.focus == .list ? "Who is in it" : "Open person", TagsAction.open,
        priority: 50, whyNot: none,
        help:
          "Look at the people of the search; in them, open one in People (\(world.keys[.people]))."),
      KeyBinding(
        ["/"], "Filter", TagsAction.filter, priority: 41,
        help: "Show only the searches with these words in name, tag or filter; Esc clears it."),
      KeyBinding(
        ["s"], isBySize ? "By name" : "By size", TagsAction.sort, priority: 12,
        help: "Sort the searches by how many people they find, or by name again."),
      KeyBinding(["n"], "New", TagsAction.new, priority: 44, help: "Save a new search."),
      KeyBinding(
        ["e"], "Edit", TagsAction.edit, priority: 43, whyNot: none ?? gone ?? quick,
        help: "Change name, filter and tag of the selected search."),
      KeyBinding(
        ["t"], "Tag on/off", TagsAction.toggle, priority: 42, whyNot: none ?? gone,
        help: "Keep the search as a tag on the audience, or keep it no more; asks first."),
      KeyBinding(
        ["d"], "Remove", TagsAction.remove, place: .actionMenu, whyNot: none ?? gone ?? quick,
        help: "Remove the search; its tag is taken off those we gave it to. Asks first."),
      KeyBinding(
        ["l"], "Remove, leave the tag", TagsAction.leave, place: .actionMenu,
        whyNot: none ?? gone ?? quick ?? noTag,
        help: "Remove the search and leave its tag on everybody. Asks first."),
      KeyBinding(
        ["a"], "Adopt", TagsAction.adopt, place: .actionMenu,
        whyNot: none ?? TagQuestionText.whyNotAdopt(row),
        help: "Take over a tag of this name that others made, or the name they gave ours."),
      KeyBinding(
        ["r"], "Name of the tag", TagsAction.rename, place: .actionMenu,
        whyNot: none ?? gone ?? noTag, help: "Call the tag otherwise at Mailchimp."),
      KeyBinding(
        ["b"], "Rename back", TagsAction.nameBack, place: .actionMenu,
        whyNot: none ?? TagQuestionText.whyNotNameBack(row),
        help: "Give a tag of ours that was renamed at Mailchimp its name again; asks first."),
      KeyBinding(
        ["o"], "Take off", TagsAction.takeOff, place: .actionMenu,
        whyNot: none ?? (isLeft ? nil : "Only a tag that is no longer kept is taken off so."),
        help: "Take a tag that is no longer kept off those we gave it to; asks first."),
    ] + split.bindings(hasTabs: false, world.keys)
  }

  var canGoBack: Bool { split.canGoBack || !words.isEmpty }

  private mutating func act(_ action: ActionID, in world: World) -> [Effect] {
    let row = list.selected
    switch action {
    case TagsAction.open:
      guard split.focus == .detail else {
        split.focus = .detail
        return []
      }
      return people.selected.map { [.switchPane(.people, row: $0.id.rawValue)] } ?? []
    case TagsAction.filter:
      return [
        .open(
          .prompt(
            Prompt(action, label: "/", text: words, help: "a name, a tag, a word of a filter")))
      ]
    case TagsAction.sort:
      isBySize.toggle()
      arrange(in: world)
    case GlobalKeys.back where !split.canGoBack: look(for: "", in: world)
    case TagsAction.new: return openForm(for: nil)
    case TagsAction.edit: return row.map { openForm(for: $0) } ?? []
    case TagsAction.rename:
      guard let row else { return [] }
      return [.open(.form(TagQuestionText.rename(action, row)))]
    case TagsAction.toggle, TagsAction.remove, TagsAction.leave, TagsAction.adopt,
      TagsAction.nameBack, TagsAction.takeOff:
      return row.map { confirm(action, $0) } ?? []
    default: _ = split.take(action)
    }
    return []
  }

  private mutating func click(_ point: Point, _ isDouble: Bool, in world: World) -> [Effect] {
    let frames = split.frames(world)
    if let frame = frames.list, frame.contains(point) {
      let isRow = list.select(line: point.y - frame.y - 2, height: split.listHeight(world))
      split.focus = isRow && isDouble ? .detail : .list
    } else if let frame = frames.detail, frame.contains(point) {
      split.focus = .detail
      let line = point.y - frame.y - 2 - Self.headHeight
      if people.select(line: line, height: peopleHeight(world)), isDouble {
        return act(TagsAction.open, in: world)
      }
    }
    return []
  }

  func copies(in world: World) -> [CopyItem] {
    guard let row = list.selected else { return [] }
    return [
      CopyItem("The filter", row.filter),
      CopyItem("The list", plainLines(in: world).joined(separator: "\n")),
      CopyItem(
        "The people read",
        people.plain(Self.peopleColumns, empty: "Nobody.") { peopleCells($0, world) }
          .joined(separator: "\n"), to: .file),
    ]
  }

  // MARK: Changing

  private static let forms = [TagsAction.new, TagsAction.edit, TagsAction.rename]

  private mutating func change(_ edit: SavedSearchEdit, _ action: ActionID) -> [Effect] {
    let ticket = book.next()
    changing = (ticket, action)
    return [.editSearch(edit, ticket)]
  }

  private static func said(_ action: ActionID) -> String {
    switch action {
    case TagsAction.remove, TagsAction.leave: "The search was removed."
    case TagsAction.adopt: "The tag is taken over."
    case TagsAction.rename: "The tag has another name."
    case TagsAction.nameBack: "The tag is renamed back at Mailchimp."
    case TagsAction.takeOff: "The tag is taken off those we gave it to."
    default: "The search was saved."
    }
  }

  private mutating func openForm(for row: SavedSearchRow?) -> [Effect] {
    edited = row
    let form = Form([
      Form.Field(
        "name", "Name", value: row?.name ?? "", required: true,
        help: "What the search, and its tag, is called."),
      Form.Field(
        "filter", "Filter", value: row?.filter ?? "", required: true,
        help: "Such as account:choir opt-in:yes -state:refused \"free text\".",
        placeholder: "account:choir opt-in:yes"),
      Form.Field(
        "tag", "Keep as a tag", .toggle, value: row?.isMarked == true ? "true" : "false",
        help: "Members of the audience gain and lose it as they enter and leave the search."),
    ])
    let action = row == nil ? TagsAction.new : TagsAction.edit
    let title = row.map { "Edit \($0.name)" } ?? "Save a search"
    return [
      .open(.form(FormLayer(action, title: title, form: form, check: .search(fields))))
    ]
  }

  private mutating func save(_ values: FormValues) -> [Effect] {
    change(
      .save(
        old: edited?.name, name: values["name"] ?? "", filter: values["filter"] ?? "",
        isTag: values["tag"] == "true"), edited == nil ? TagsAction.new : TagsAction.edit)
  }

  private mutating func confirm(_ action: ActionID, _ row: SavedSearchRow) -> [Effect] {
    let holders = "\(Wording.people(row.placed)) who have it from us"
    let found = counts.value?[row.name].map { Wording.people($0) } ?? "everybody in the search"
    let ticket = book.next()
    changing = (ticket, action)
    let dialog: Dialog
    switch action {
    case TagsAction.toggle where !row.isMarked:
      dialog = Dialog(
        title: "Keep \(row.name) as a tag",
        lines: [
          "The tag '\(row.tag)' is given to \(found) on the audience, and kept so.",
          PlanCounts.tagWarning,
        ], verb: "Keep",
        orders: [.editSearch(.mark(row.name, isTag: true), ticket)])
    case TagsAction.toggle:
      dialog = Dialog(
        title: "Keep \(row.name) as a tag no more",
        lines: ["The tag '\(row.tag)' is taken off \(holders). What others gave stays."],
        verb: "Take off", word: row.placed > 0 ? "\(row.placed)" : nil,
        orders: [.editSearch(.mark(row.name, isTag: false), ticket)])
    case TagsAction.remove:
      var lines = ["The search is removed; nobody here changes."]
      if row.isTag { lines.append("Its tag is taken off \(holders).") }
      dialog = Dialog(
        title: "Remove \(row.name)", lines: lines, verb: "Remove",
        word: row.placed > 0 ? "\(row.placed)" : nil,
        orders: [.editSearch(.remove(row.name, leavingTag: false), ticket)])
    case TagsAction.leave:
      dialog = Dialog(
        title: "Remove \(row.name) and leave its tag",
        lines: [
          "The search is removed. Its tag stays on \(holders), and nobody keeps it in step.",
          "It is listed here until it is taken off.",
        ], verb: "Remove",
        orders: [.editSearch(.remove(row.name, leavingTag: true), ticket)])
    case TagsAction.takeOff:
      dialog = Dialog(
        title: "Take off the tag \(row.tag)",
        lines: ["The tag '\(row.tag)' is taken off \(holders). What others gave stays."],
        verb: "Take off", word: "\(row.placed)",
        orders: [.editSearch(.takeTagOff(row.tag), ticket)])
    case TagsAction.nameBack: dialog = TagQuestionText.nameBack(row, ticket)
    default: dialog = TagQuestionText.adopt(row, ticket)
    }
    return [.open(.dialog(dialog))]
  }

  // MARK: The picture

  private static let columns = [
    TableColumn("Search", minimum: 14, ideal: 18, weight: 1, priority: 10),
    TableColumn("People", minimum: 7, priority: 8, align: .right),
    TableColumn("Tag", minimum: 12, ideal: 14, weight: 1, priority: 9),
    TableColumn("Have it", minimum: 7, priority: 7, align: .right),
    TableColumn("Filter", minimum: 16, ideal: 34, weight: 3, priority: 6),
  ]

  private func cells(_ row: SavedSearchRow, _ world: World) -> [Run] {
    let glyphs = world.capabilities.glyphs
    let tag: Run =
      switch row.isTag ? row.state ?? .new : nil {
      case nil: Run("")
      case _ where row.isSearchGone: Run("\(glyphs.warning) no longer kept", .warning)
      case .kept where row.needsDecision:
        Run(
          "\(glyphs.failure) renamed: \(world.keys[TagsAction.adopt]), \(world.keys[TagsAction.nameBack])",
          .warning)
      case .new: Run("\(glyphs.paused) not placed yet", .dim)
      case .kept: Run("\(glyphs.success) kept", .success)
      case .undecided:
        Run(
          "\(glyphs.failure) decide: \(world.keys[TagsAction.adopt]), \(world.keys[TagsAction.rename])",
          .warning)
      case .problem: Run("\(glyphs.failure) refused", .danger)
      case .leaving, .left: Run("\(glyphs.paused) leaving", .dim)
      }
    return [
      Run(row.name, row.isSearchGone ? .dim : row.isQuick ? .text : .strong),
      Run(row.isSearchGone ? "" : counts.value?[row.name].map { Wording.number($0) } ?? ""), tag,
      Run(row.isTag ? Wording.number(row.placed) : "", .dim),
      Run(row.isSearchGone ? "its search is gone" : row.filter, .dim),
    ]
  }

  private static let peopleColumns = [
    TableColumn("Name", minimum: 12, ideal: 24, weight: 1, priority: 10),
    TableColumn("E-mail", minimum: 16, ideal: 28, weight: 1, priority: 9),
    TableColumn("State", minimum: 10, priority: 8),
    TableColumn("Account", minimum: 10, ideal: 18, priority: 5),
  ]

  private func peopleCells(_ row: PersonRow, _ world: World) -> [Run] {
    let sign = Wording.sign(row.state, world.capabilities.glyphs)
    return [
      Run(row.name), Run(row.email),
      Run("\(sign) \(row.state.rawValue)", Wording.role(row.state)), Run(row.account, .dim),
    ]
  }

  private static func empty(_ world: World) -> [String] {
    ["There are no saved searches.", "Press \(world.keys[TagsAction.new]) to save one."]
  }

  func draw(on canvas: inout Canvas, in world: World) {
    let frames = split.frames(world)
    if let frame = frames.list {
      let isFocused = split.focus == .list
      let room = canvas.box(
        frame, title: words.isEmpty ? "Searches and tags" : "Searches and tags: \(words)",
        note: list.note(height: split.listHeight(world)),
        focused: isFocused)
      canvas.inside(room) { canvas in
        let empty =
          words.isEmpty ? Self.empty(world) : ["No search has these words.", "Esc clears them."]
        list.draw(Self.columns, on: &canvas, focused: isFocused, empty: empty) {
          cells($0, world)
        }
      }
    }
    if let frame = frames.detail { drawDetail(on: &canvas, frame, world) }
  }

  private func drawDetail(on canvas: inout Canvas, _ frame: Rect, _ world: World) {
    let isFocused = split.focus == .detail
    guard let row = list.selected else {
      canvas.box(frame, title: "People", focused: isFocused)
      return
    }
    var room = canvas.box(
      frame, title: row.name, note: people.note(height: peopleHeight(world)), focused: isFocused)
    let head = room.cutTop(Self.headHeight)
    canvas.inside(head.inset(1, 0)) { canvas in
      canvas.text(row.filter, 0, 0, .strong, width: canvas.width)
      let (line, role) = sentence(row, world)
      canvas.text(line, 0, 1, role, width: canvas.width)
    }
    canvas.inside(room) { canvas in
      people.draw(Self.peopleColumns, on: &canvas, focused: isFocused, empty: ["Nobody fits."]) {
        peopleCells($0, world)
      }
    }
  }

  /// What is to be said of its tag.
  private func sentence(_ row: SavedSearchRow, _ world: World) -> (String, Role) {
    if let problem = row.problem { return (problem.description, .danger) }
    if row.isSearchGone {
      let end =
        row.state == .left
        ? " Press \(world.keys[TagsAction.takeOff]) to take it off." : " It is taken off."
      return ("No longer kept; \(row.holders).\(end)", .warning)
    }
    switch row.question {
    case .taken?:
      return (
        "The audience has a tag '\(row.tag)' that others made: \(world.keys[TagsAction.adopt]) adopts"
          + " it, \(world.keys[TagsAction.rename]) renames ours.",
        .warning
      )
    case .renamed(let name)?:
      return (
        "Renamed at Mailchimp to '\(name)': \(world.keys[TagsAction.adopt]) adopts the name,"
          + " \(world.keys[TagsAction.nameBack]) renames it back.", .warning
      )
    case nil: break
    }
    guard row.isTag else {
      return ("No tag is kept of it: \(world.keys[TagsAction.toggle]) makes it one.", .dim)
    }
    let waiting =
      row.waiting == 0
      ? "" : "; \(Wording.count(row.waiting, "change waits", "changes wait"))"
    return ("Tag '\(row.tag)': \(Wording.people(row.placed)) have it from us\(waiting).", .dim)
  }

  func plainLines(in world: World) -> [String] {
    list.plain(Self.columns, empty: Self.empty(world).joined(separator: " ")) { cells($0, world) }
  }
}

enum TagsAction {
  static let open: ActionID = "tags.open"
  static let filter: ActionID = "tags.filter"
  static let sort: ActionID = "tags.sort"
  static let new: ActionID = "tags.new"
  static let edit: ActionID = "tags.edit"
  static let toggle: ActionID = "tags.toggle"
  static let remove: ActionID = "tags.remove"
  static let leave: ActionID = "tags.leave"
  static let adopt: ActionID = "tags.adopt"
  static let rename: ActionID = "tags.rename"
  static let nameBack: ActionID = "tags.rename-back"
  static let takeOff: ActionID = "tags.take-off"
}
