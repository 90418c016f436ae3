// The keys of People: what each does, and why it cannot be used now. What acts on people acts on who
// is marked, else on who is selected, and says which.

import Basics
import Domain
import Screen

enum PeopleAction {
  static let open: ActionID = "people.open"
  static let search: ActionID = "people.search"
  static let add: ActionID = "people.add"
  static let edit: ActionID = "people.edit"
  static let sync: ActionID = "people.sync"
  static let explain: ActionID = "people.explain"
  static let mark: ActionID = "people.delete"
  static let remove: ActionID = "people.remove"
  static let forget: ActionID = "people.forget"
  static let restore: ActionID = "people.restore"
  static let lookUp: ActionID = "people.look-up"
  static let addField: ActionID = "people.add-field"
  static let saved: ActionID = "people.saved-search"
  static let executions: ActionID = "people.executions"
  static let sort: ActionID = "people.sort"
  static let reverse: ActionID = "people.reverse"
  static let columns: ActionID = "people.columns"
  static let toggle: ActionID = "people.mark"
  static let range: ActionID = "people.range"
  static let all: ActionID = "people.all"
  static let activate: ActionID = "people.activate"
  static let deactivate: ActionID = "people.deactivate"
  static let optOut: ActionID = "people.opt-out"
  static let move: ActionID = "people.move"
  static let lift: ActionID = "people.lift"
  static let askAgain: ActionID = "people.ask-again"
  static let stop: ActionID = "people.stop"

  /// What is done to people, marked or selected.
  static let changes: [ActionID: PeopleChange] = [
    sync: .sync, activate: .activate, deactivate: .deactivate, optOut: .optOut, mark: .delete,
    restore: .restore, remove: .remove, forget: .forget,
  ]
}

extension PeoplePane {
  func bindings(in world: World) -> [KeyBinding] {
    if let assistant { return assistant.bindings(world.keys) }
    let none = list.selected == nil ? "Nobody is selected." : nil
    return [
      KeyBinding(
        ["Enter"], split.focus == .list ? "Open" : detail.enterLabel, PeopleAction.open,
        priority: 50, whyNot: none,
        help: "Open the detail; in it, edit the person, or show the whole of the selected row."),
      KeyBinding(
        ["/"], "Search", PeopleAction.search, priority: 55,
        help: "Search as you type: last:smith opt-in:yes state:refused \"free text\" -tag:vip."),
      KeyBinding(
        ["&"], "Saved", PeopleAction.saved, priority: 25,
        help:
          "Choose a saved search as the filter; \(world.keys[PeopleAction.search]) then narrows it by hand."
      ),
      KeyBinding(["a"], "Add", PeopleAction.add, priority: 42, help: "Add a person."),
      KeyBinding(
        ["e"], "Edit", PeopleAction.edit, priority: 41, whyNot: none,
        help: "Edit the selected person."),
      KeyBinding(
        ["i"], "Import", ImportAction.open, priority: 22, whyNot: work.whyNot(world.keys),
        help: "Import people from a CSV file: match its columns, see what it would do, then do it."),
      KeyBinding(
        ["Space"], "Mark", PeopleAction.toggle, priority: 39, whyNot: none,
        help:
          "Mark the person, or not any more; \(world.keys[GlobalKeys.actions]) then acts on all who are marked."
      ),
      KeyBinding(
        ["v"], "Range", PeopleAction.range, priority: 12, whyNot: none,
        help:
          "Begin a range here; \(world.keys[PeopleAction.range]) again marks everybody in between."),
      KeyBinding(
        ["*"], "All", PeopleAction.all, priority: 11, whyNot: none,
        help: "Mark all that the search finds, or nobody any more."),
      KeyBinding(
        ["s"], "Sort", PeopleAction.sort, priority: 24,
        help: "Choose the column the list is in the order of; so does a click on its heading."),
      KeyBinding(
        ["S"], "Reverse", PeopleAction.reverse, help: "Turn the order of the list round."),
      KeyBinding(
        ["c"], "Columns", PeopleAction.columns, priority: 23,
        help:
          "Choose the columns and their order; \(world.keys.move(.left)) and \(world.keys.move(.right))"
          + " move those that do not fit into view."),
    ] + actionBindings(none, world) + split.bindings(hasTabs: true, world.keys)
  }

  private func actionBindings(_ none: String?, _ world: World) -> [KeyBinding] {
    let marked = marks.isEmpty ? nil : marks.count(of: list.count)
    let row = list.selected
    /// With the number of those who are marked.
    func label(_ verb: String, _ rest: String = "") -> String {
      let people = marked.map { " \(Wording.people($0))" } ?? ""
      return verb + people + (rest.isEmpty ? "" : " \(rest)")
    }
    /// Why not, where the selected one alone is meant.
    func alone(_ isWrong: Bool, _ why: String) -> String? {
      marked == nil && isWrong ? why : nil
    }
    let one = none ?? (marked == nil ? nil : "That is for one person: Esc takes the marks off.")
    func change(
      _ key: Key, _ label: String, _ action: ActionID, _ whyNot: String?, _ help: String
    ) -> KeyBinding {
      KeyBinding(
        [key], label, action, place: .actionMenu, whyNot: none ?? work.whyNot(world.keys) ?? whyNot,
        help: help)
    }
    let isDeleted = row?.isDeleted ?? false
    return [
      change(
        "s", marked == nil ? "Sync this person now" : label("Sync", "now"), PeopleAction.sync,
        GlobalKeys.whyNotSync(world),
        "Send these people now, before everything that waits."),
      KeyBinding(
        ["w"], "Why: explain", PeopleAction.explain, place: .actionMenu, whyNot: none,
        help: "Walk the rules and the last sync for this person, line by line."),
      change(
        "a", label("Activate"), PeopleAction.activate,
        alone(row?.isActive ?? false, "The person is active."),
        "Set active: the rules decide anew whether they are sent."),
      change(
        "t", label("Deactivate"), PeopleAction.deactivate,
        alone(!(row?.isActive ?? true), "The person is inactive already."),
        "Set inactive: they leave the audience by your rule for leavers."),
      change(
        "o", label("Opt", "out"), PeopleAction.optOut,
        alone(row?.optIn == .no, "The person said no already."),
        "Record a no: unsubscribed wherever already a member."),
      change(
        "g", label("Move", "to an account"), PeopleAction.move, nil,
        "Put these people into another account, and so onto its quick list."),
      change(
        "d", label("Delete"), PeopleAction.mark,
        alone(
          isDeleted,
          "The person is marked as deleted already: \(world.keys[PeopleAction.remove]) removes."),
        "First step: mark as deleted; they leave the audience by your rule."),
      change(
        "D", label("Remove", "for good"), PeopleAction.remove,
        alone(!isDeleted, "Delete the person first: \(world.keys[PeopleAction.mark])."),
        "Second step: remove deleted people from this workspace; cannot be undone."),
      change(
        "E", label("Forget", "to the last byte"), PeopleAction.forget, nil,
        "Erase people who ask for it, here and at Mailchimp; cannot be undone."),
      change(
        "u", "Undo the deletion", PeopleAction.restore,
        alone(!isDeleted, "The person is not deleted."),
        "Take the mark of a deletion away again."),
      KeyBinding(
        ["l"], "Look up at Mailchimp", PeopleAction.lookUp, place: .actionMenu,
        whyNot: one ?? (row?.email.isEmpty ?? true ? "No address to look up." : nil)
          ?? (world.hasKey ? nil : "Set the API key first: press \(world.keys[.settings])."),
        help: "Read the contact now and show both records side by side."),
      KeyBinding(
        ["i"], "Lift the suppression", PeopleAction.lift, place: .actionMenu,
        whyNot: one ?? detail.whyNotLift(world.keys),
        help: "Others archived or deleted the contact: say that it may be added again."),
      KeyBinding(
        ["b"], "Ask them back", PeopleAction.askAgain, place: .actionMenu,
        whyNot: one ?? detail.whyNotAsk,
        help: "They unsubscribed: let Mailchimp ask whether they want to come back."),
      KeyBinding(
        ["f"], "Add a custom field", PeopleAction.addField, place: .actionMenu,
        help: "Add a field to people: text, number, yes/no, date, birthday or choice."),
      KeyBinding(
        ["x"], "Executions of this person", PeopleAction.executions, place: .actionMenu,
        whyNot: none,
        help:
          "Every execution that touched this person, in Executions (\(world.keys[.executions]))."),
      KeyBinding(
        ["."], "Stop the change", PeopleAction.stop, place: .actionMenu,
        whyNot: work.progress == nil ? "Nobody is being changed." : nil,
        help: "End the change of many people; what is done stays and can be taken back."),
    ]
  }

  var canGoBack: Bool { assistant != nil || split.canGoBack }

  mutating func act(_ action: ActionID, in world: World) -> [Effect] {
    if assistant != nil, action == GlobalKeys.back {
      if let effects = assistant?.goBack() { return effects }
      assistant = nil
      return []
    }
    if let effects = assistant?.act(action, world.keys, &book) { return effects }
    if let change = PeopleAction.changes[action] { return order(change, world.keys) }
    switch action {
    case GlobalKeys.back where !split.canGoBack: return clear(in: world)
    case PeopleAction.open:
      if split.focus == .list {
        split.focus = .detail
        return []
      }
      if let run = detail.run { return [.switchPane(.executions, row: run.rawValue)] }
      if let page = detail.page(world) { return [.open(.reader(page))] }
      return edit()
    case PeopleAction.search: return openSearch()
    case ImportAction.open: return openImport()
    case PeopleAction.saved:
      let ticket = book.next()
      choosing = ticket
      return [.query(.savedSearches, ticket)]
    case PeopleAction.add: return openForm(for: nil, managerName: "")
    case PeopleAction.edit: return edit()
    case PeopleAction.addField:
      let layer = FormLayer(
        action, title: "Add a custom field", form: CustomFieldForm.form(), verb: "Add")
      return [.open(.form(layer))]
    case PeopleAction.move: return [.open(.form(accountForm()))]
    case PeopleAction.columns: return [.open(.columns(grid.chooser(custom.value ?? [])))]
    case PeopleAction.sort: return [.open(.menu(grid.sortMenu(custom.value ?? [])))]
    case PeopleAction.reverse: return order(by: grid.sort.reversed, in: world)
    case PeopleAction.toggle:
      guard let row = list.selected else { return [] }
      marks.toggle(row.id)
      list.move(.down, height: split.listHeight(world))
    case PeopleAction.range:
      guard let row = list.selected else { return [] }
      if marks.start != nil { return endRange(in: world) }
      marks.begin(at: row.id, list.position)
    case PeopleAction.all: if marks.isAll { marks.clear() } else { marks.markAll() }
    case PeopleAction.stop: return [.stopChange]
    case PeopleAction.explain:
      split.focus = .detail
      detail.turn(to: .explain)
    case PeopleAction.lookUp:
      guard let row = list.selected else { return [] }
      let ticket = book.next()
      looking = ticket
      return [.lookUp(AddressKey(row.email), ticket)]
    case PeopleAction.lift, PeopleAction.askAgain: return confirm(action)
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

  /// What Esc takes away, the newest first.
  private mutating func clear(in world: World) -> [Effect] {
    if marks.start != nil {
      marks.endRange()
    } else if !marks.isEmpty {
      marks.clear()
    } else if !search.isEmpty {
      find("")
      return ask(at: .at(0), in: world)
    }
    return []
  }

  private mutating func order(_ change: PeopleChange, _ keys: UserKeys) -> [Effect] {
    if let selection = marks.selection(search: search) {
      return work.choose(change, selection, &book)
    }
    guard let row = list.selected else { return [] }
    if change == .sync { return [.request(.syncPerson(row.id))] }
    return work.confirm(change, of: row, keys, &book)
  }

  private func accountForm() -> FormLayer {
    let people = marks.isEmpty ? "1 person" : Wording.people(marks.count(of: list.count))
    let form = Form([
      Form.Field(
        "account", "Account", value: marks.isEmpty ? list.selected?.account ?? "" : "",
        required: true, help: "A group of people; one that is not there yet is made.")
    ])
    return FormLayer(
      PeopleAction.move, title: "Move \(people) to an account", form: form, verb: "Go on")
  }

  /// What only the administrator may say of one person.
  private func confirm(_ action: ActionID) -> [Effect] {
    guard let row = list.selected else { return [] }
    let who = "\(row.name) (\(row.id))"
    let dialog =
      action == PeopleAction.lift
      ? Dialog(
        title: "Lift the suppression of 1 person",
        lines: [
          "Somebody archived or deleted the contact of \(who) at Mailchimp. It counts as a refusal"
            + " until you say otherwise.",
          "With it lifted, the contact is added again where the rules allow it.",
        ], verb: "Lift", orders: [.request(.liftSuppression(row.id))])
      : Dialog(
        title: "Ask 1 person again",
        lines: [
          "\(who) unsubscribed. Mailchimp sends them a mail and asks whether they want to come"
            + " back; they are subscribed only when they confirm."
        ], verb: "Ask", orders: [.request(.askAgain(row.id))])
    return [.open(.dialog(dialog))]
  }

  // MARK: Moving

  mutating func move(_ motion: Motion, in world: World) {
    if assistant != nil {
      assistant?.move(motion, world)
      return
    }
    let frames = split.frames(world)
    if split.focus == .detail {
      detail.move(motion, world, split)
    } else if motion == .left || motion == .right {
      grid.scroll(motion == .left ? -1 : 1, width: (frames.list?.width ?? 2) - 2)
    } else {
      list.move(motion, height: split.listHeight(world))
    }
  }

  mutating func click(_ point: Point, _ isDouble: Bool, in world: World) -> [Effect] {
    if assistant != nil {
      let asks = assistant?.click(point, isDouble: isDouble, world) ?? false
      return asks ? assistant?.act(ImportAction.match, world.keys, &book) ?? [] : []
    }
    let frames = split.frames(world)
    if let frame = frames.list, frame.contains(point) {
      split.focus = .list
      let room = frame.insideFrame
      let place = Point(point.x - room.x, point.y - room.y)
      if let column = grid.heading(at: place, in: room.size) {
        guard column.isSortable else {
          let text = "A list cannot be in the order of \(column.title.lowercased())."
          return [.notice(Notice(.info, text))]
        }
        let isSame = column == grid.sort.column
        return order(by: isSame ? grid.sort.reversed : PeopleSort(column), in: world)
      }
      let isRow = list.select(line: place.y - 1, height: split.listHeight(world))
      if isRow && isDouble { split.focus = .detail }
    } else if let frame = frames.detail, frame.contains(point) {
      split.focus = .detail
      detail.click(Point(point.x - frame.x, point.y - frame.y), frame, world, split)
    }
    return []
  }
}
