// Which person field goes with which merge field: two columns joined by arrows, with what a real
// person has here and their contact there, how many values would not move, and the edits. What must
// stay true: an edit that cannot work is refused in the form and changes nothing.

import Basics
import Domain
import Screen

struct MappingPane: Pane {
  enum Tab: Int, Sendable, CaseIterable { case people, problems, facts }

  /// An order under way.
  private struct Order: Equatable {
    enum Kind: Equatable {
      case change(MappingChange)
      case backfill
      case read
      case create(String)
    }
    var ticket: Ticket
    var kind: Kind
    /// The form that waits for it.
    var form: ActionID?
  }

  var split = Split()
  var divided: Split? { split }
  private var book = TicketBook(.mapping)
  private(set) var list = Feed<MappingRow>()
  private(set) var board: MappingBoard?
  /// Real people; the selected one is shown on both sides of every row.
  private(set) var people = Feed<MappingExample>()
  private(set) var tab = Tab.people
  /// What is wrong with values of the selected row.
  private(set) var flaws = Feed<MappingFlaw>()
  private var flawsOf = ""
  private(set) var count = MappingCount()
  /// What the count was made against, whomever rows are for.
  private var counted: MappingBoard?
  /// The row in an open form, tried with everybody.
  private var trial = MappingCount()
  /// True until the count that was asked for by a key is told.
  private var tellsCount = false
  /// The tag whose row the open form changes; nil for a new row.
  private var edited: String?
  private var order: Order?
  /// The row to be selected once it is there.
  private var goal: String?
  /// What a new row is made of, as far as it is chosen.
  private var chosen: PersonField?
  /// The merge field that is being created for it.
  private var awaited: String?

  // MARK: Events

  mutating func update(_ event: PaneEvent, in world: World) -> [Effect] {
    let effects = take(event, in: world)
    return effects + settle(in: world)
  }

  private mutating func take(_ event: PaneEvent, in world: World) -> [Effect] {
    switch event {
    case .appeared:
      return list.restart(height: listHeight(world), &book) { _ in .mapping }
        + people.refresh(height: peopleHeight(world), &book) { .mappingExamples($0) }
        + count.goOn(&book)
    case .disappeared:
      count.pause()
      trial.pause()
    case .dataChanged:
      return list.refresh(height: listHeight(world), &book) { _ in .mapping }
        + people.refresh(height: peopleHeight(world), &book) { .mappingExamples($0) }
    case .moved(let motion): move(motion, in: world)
    case .wheeled(let point, let rows): wheel(point, rows, in: world)
    case .clicked(let point, let isDouble): return click(point, isDouble, in: world)
    case .acted(let action): return act(action, in: world)
    case .submitted(let action, let values): return submit(action, values, in: world)
    case .cancelled(MappingAction.add), .cancelled(MappingAction.edit):
      trial.pause()
      chosen = nil
      return count.goOn(&book)
    case .cancelled: (chosen, awaited) = (nil, nil)
    case .answered(let ticket, let answer): return take(answer, ticket, in: world)
    default: break
    }
    return []
  }

  /// Asks for whatever the picture lacks now.
  private mutating func settle(in world: World) -> [Effect] {
    let tag = list.selected?.id ?? ""
    let found = count.tally.rows[tag]?.flaws ?? []
    if flawsOf != tag || flaws.count != found.count {
      if flawsOf != tag { flaws.clear() }
      flaws.show(found, height: flawsHeight(world))
      flawsOf = tag
    }
    return people.refill(height: peopleHeight(world), &book) { .mappingExamples($0) }
  }

  private mutating func move(_ motion: Motion, in world: World) {
    guard split.focus == .detail else {
      return list.move(motion, height: listHeight(world))
    }
    switch tab {
    case .people: people.move(motion, height: peopleHeight(world))
    case .problems: flaws.move(motion, height: flawsHeight(world))
    case .facts: break
    }
  }

  private mutating func wheel(_ point: Point, _ rows: Int, in world: World) {
    let frames = split.frames(world)
    if frames.list?.contains(point) ?? false {
      list.scroll(rows, height: listHeight(world))
    } else if tab == .people {
      people.scroll(rows, height: peopleHeight(world))
    } else {
      flaws.scroll(rows, height: flawsHeight(world))
    }
  }

  private mutating func click(_ point: Point, _ isDouble: Bool, in world: World) -> [Effect] {
    let frames = split.frames(world)
    if let frame = frames.list, frame.contains(point) {
      split.focus = .list
      let isRow = list.select(line: point.y - frame.y - 2, height: listHeight(world))
      if isRow && isDouble { return openForm(world) }
    } else if let frame = frames.detail, frame.contains(point) {
      split.focus = .detail
      let line = point.y - frame.y
      if line == 1 {
        if let index = tabs.tab(at: point.x - frame.x - 1, width: frame.width - 2) {
          tab = Tab(rawValue: index) ?? .people
        }
        return []
      }
      let isRow =
        switch tab {
        case .people: people.select(line: line - 5, height: peopleHeight(world))
        case .problems: flaws.select(line: line - 3, height: flawsHeight(world))
        case .facts: false
        }
      if isRow && isDouble { return openPerson() }
    }
    return []
  }

  // MARK: Actions

  private mutating func act(_ action: ActionID, in world: World) -> [Effect] {
    switch action {
    case MappingAction.edit where split.focus == .detail: return openPerson()
    case MappingAction.edit, MappingAction.change: return openForm(world)
    case MappingAction.add:
      guard let board else { return [] }
      (chosen, awaited, edited) = (nil, nil, nil)
      return [.open(.picker(MappingPickers.fields(MappingAction.pick, board, people.selected)))]
    case MappingAction.remove: return askRemoval(world)
    case MappingAction.up: return move(-1)
    case MappingAction.down: return move(1)
    case MappingAction.backfill:
      return list.selected.map { askBackfill($0.mapping, in: world) } ?? []
    case MappingAction.read: return orders(.read) { .readMergeFields($0) }
    case MappingAction.create: return openCreation(nil)
    case MappingAction.check:
      tellsCount = true
      return [.open(.reader(Reader(title: "Check", lines: verdict(world))))]
        + count.begin(board?.rows ?? [], &book)
    case MappingAction.previous: people.move(.up, height: peopleHeight(world))
    case MappingAction.next: people.move(.down, height: peopleHeight(world))
    case MappingAction.problems:
      tab = .problems
      split.focus = .detail
    case SplitAction.nextTab: turn(1)
    case SplitAction.previousTab: turn(-1)
    default: _ = split.take(action)
    }
    return []
  }

  private mutating func turn(_ step: Int) {
    let all = Tab.allCases.count
    tab = Tab(rawValue: (tab.rawValue + step + all) % all) ?? .people
  }

  /// Shows in People whoever is selected in the detail.
  private func openPerson() -> [Effect] {
    let id = tab == .problems ? flaws.selected?.person : people.selected?.id
    return id.map { [.switchPane(.people, row: $0.rawValue)] } ?? []
  }

  var canGoBack: Bool { split.canGoBack }

  // MARK: Orders

  private mutating func orders(
    _ kind: Order.Kind, form: ActionID? = nil, _ effect: (Ticket) -> Effect
  ) -> [Effect] {
    let ticket = book.next()
    order = Order(ticket: ticket, kind: kind, form: form)
    return [effect(ticket)]
  }

  private mutating func change(_ change: MappingChange, form: ActionID? = nil) -> [Effect] {
    orders(.change(change), form: form) { .changeMapping(change, $0) }
  }

  private mutating func submit(
    _ action: ActionID, _ values: FormValues, in world: World
  ) -> [Effect] {
    switch action {
    case MappingAction.pick: return pickTag(PersonField(values[Picker.choice] ?? ""), in: world)
    case MappingAction.pickTag:
      guard let board, let field = chosen else { return [] }
      let tag = values[Picker.choice] ?? ""
      if tag == MappingPickers.new { return openCreation(field) }
      return board.mergeFields?.first { $0.tag == tag }.map {
        openAddition(MappingPickers.row(field, $0, board), world)
      } ?? []
    case MappingAction.create:
      let draft = MergeFieldForm.draft(values)
      return orders(.create(draft.tag), form: action) { .createMergeField(draft, $0) }
    case MappingAction.test:
      guard let board, let row = MappingForm.read(values, board) else { return [] }
      count.pause()
      return trial.begin([row], &book)
    case MappingAction.add, MappingAction.edit:
      guard let board else { return [] }
      trial.pause()
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

  private mutating func pickTag(_ field: PersonField?, in world: World) -> [Effect] {
    guard let board, let field else { return [] }
    chosen = field
    // Before the audience's fields are read there is nothing to choose from: it is typed.
    guard board.mergeFields != nil else {
      return openAddition(FieldMapping(field, ""), world)
    }
    return [
      .open(
        .picker(
          MappingPickers.tags(
            MappingAction.pickTag, field, board, people.selected,
            canCreate: whyNotOnline(world) == nil)))
    ]
  }

  // MARK: Answers

  private mutating func take(_ answer: Answer, _ ticket: Ticket, in world: World) -> [Effect] {
    switch answer {
    case .mapping(let reading): return take(reading, ticket, in: world)
    case .mappingExamples(let window):
      _ = people.accept(window, ticket, height: peopleHeight(world))
      return []
    case .mappingTally, .refused:
      if let effects = trial.take(answer, ticket, at: world.now, &book) {
        return effects + tellTrial()
      }
      if let effects = count.take(answer, ticket, at: world.now, &book) {
        return effects + tellCount(world)
      }
    default: break
    }
    guard let done = order, done.ticket == ticket else {
      if case .refused(let problem) = answer, !list.accept(problem, ticket) {
        _ = people.accept(problem, ticket)
      }
      return []
    }
    order = nil
    if case .refused(let problem) = answer {
      return [done.form.map { .refuseForm($0, problem) } ?? .notice(Notice(problem))]
    }
    return (done.form.map { [.closeForm($0)] } ?? []) + finish(done.kind, answer, in: world)
      + list.refresh(height: listHeight(world), &book) { _ in .mapping }
  }

  private mutating func take(
    _ reading: MappingReading, _ ticket: Ticket, in world: World
  ) -> [Effect] {
    guard list.accept(reading.rows, ticket, height: listHeight(world)) else { return [] }
    board = reading.board
    if let wanted = goal, let place = reading.rows.firstIndex(where: { $0.id == wanted }) {
      list.select(place, height: listHeight(world))
      goal = nil
    }
    var effects: [Effect] = []
    let basis = reading.board.withoutTimes
    if basis != counted, basis.mergeFields != nil {
      counted = basis
      effects += count.begin(basis.rows, &book)
    }
    if let tag = awaited, let field = chosen,
      let merge = reading.board.mergeFields?.first(where: { $0.tag == tag })
    {
      awaited = nil
      effects += openAddition(MappingPickers.row(field, merge, reading.board), world)
    }
    return effects
  }

  private mutating func tellCount(_ world: World) -> [Effect] {
    guard tellsCount, count.finishedAt != nil else { return [] }
    tellsCount = false
    let flawed = count.rows.filter { (count.row($0.tag)?.flawed ?? 0) > 0 }.map(\.tag)
    let all = Wording.people(count.tally.people)
    return [
      .notice(
        flawed.isEmpty
          ? Notice(.success, "Every value of \(all) moves whole.")
          : Notice(
            .warning,
            "Of \(all) some values do not move whole: \(flawed.joined(separator: ", ")); "
              + "\(world.keys[MappingAction.problems]) lists them."
          ))
    ]
  }

  /// Says in the form how far the trial is, and what came of it.
  private mutating func tellTrial() -> [Effect] {
    let action = edited == nil ? MappingAction.add : MappingAction.edit
    guard let row = trial.rows.first else { return [] }
    if let problem = trial.problem { return [.tellForm(action, problem.description)] }
    guard trial.finishedAt != nil else {
      return [
        .tellForm(action, "\(Wording.people(trial.tally.looked)) looked at…")
      ]
    }
    let all = trial.tally.rows[row.tag] ?? MappingTally.Row()
    let whole = all.count(.fits)
    let said =
      MappingWords.sentence(all, of: row).map { flaw in
        "\(flaw) \(all.flaws.first.map { "The first: \($0.name)." } ?? "")"
      } ?? "Nobody's value would be cut or left out."
    let empty = Wording.count(all.count(.empty), "has nothing here", "have nothing here")
    return [
      .tellForm(
        action,
        "\(said) \(Wording.count(whole, "value moves", "values move")) whole, \(empty).")
    ] + count.goOn(&book)
  }

  private mutating func finish(
    _ kind: Order.Kind, _ answer: Answer, in world: World
  ) -> [Effect] {
    switch kind {
    case .change(let change):
      chosen = nil
      let said = Effect.notice(
        Notice(.success, "\(sentence(change)) \(world.keys[GlobalKeys.undo]) takes it back."))
      guard case .mappingChanged(let row?) = answer else { return [said] }
      return [said] + askBackfill(row, in: world)
    case .backfill:
      return [
        .notice(
          Notice(
            .success,
            "A sync for everybody was asked for; Executions (\(world.keys[.executions]))"
              + " shows it."))
      ]
    case .read: return [.notice(Notice(.success, "The merge fields were read."))]
    case .create(let tag):
      if chosen != nil { awaited = tag }
      return [
        .notice(
          Notice(
            .success,
            "The merge field \(tag) was created\(chosen == nil ? "; \(world.keys[MappingAction.add]) maps onto it." : ".")"
          ))
      ]
    }
  }

  private func sentence(_ change: MappingChange) -> String {
    switch change {
    case .set(let row, _): "\(row.field) and \(row.tag) are mapped."
    case .remove(let tag): "The row for \(tag) was removed; its values stay as they are."
    case .move(let tag, _): "\(tag) was moved."
    case .backfill: "It is for everybody."
    case .restore: "The rows are as they were."
    }
  }

  private mutating func move(_ step: Int) -> [Effect] {
    guard let row = list.selected else { return [] }
    let place = list.position + step
    guard (0..<list.count).contains(place) else { return [] }
    goal = row.id
    return change(.move(row.id, to: place))
  }

  // MARK: Questions and forms

  private mutating func askRemoval(_ world: World) -> [Effect] {
    guard let row = list.selected, let board else { return [] }
    let removal = MappingChange.remove(row.id)
    do throws(Problem) {
      _ = try board.applying(removal, at: Instant(milliseconds: 0))
    } catch {
      return [.notice(Notice(error))]
    }
    let dialog = Dialog(
      title: "Remove the row for \(row.id)",
      lines: [
        "\(row.mapping.field) and \(row.id) are not kept in step any more.",
        "The values at Mailchimp and here stay as they are."
          + " \(world.keys[GlobalKeys.undo]) takes it back.",
      ], verb: "Remove", orders: change(removal))
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

  private mutating func openForm(_ world: World) -> [Effect] {
    guard let row = list.selected else { return [] }
    edited = row.id
    return form(MappingAction.edit, row.mapping, "Change \(row.mapping.field) – \(row.id)", world)
  }

  private mutating func openAddition(_ row: FieldMapping, _ world: World) -> [Effect] {
    edited = nil
    return form(MappingAction.add, row, "Add a row", world)
  }

  private func form(
    _ action: ActionID, _ row: FieldMapping, _ title: String, _ world: World
  ) -> [Effect] {
    guard let board else { return [] }
    let form = MappingForm.form(
      for: row, on: board, replacing: edited, glyphs: world.capabilities.glyphs)
    let current = people.position - people.offset
    return [
      .open(
        .form(
          FormLayer(
            action, title: title, form: form,
            check: .mapping(
              board, replacing: edited, people: Array(people.rows.dropFirst(max(0, current)))))))
    ]
  }

  private func openCreation(_ field: PersonField?) -> [Effect] {
    guard let board else { return [] }
    let draft = field.map { MergeFieldForm.proposal(for: $0, board) }
    return [
      .open(
        .form(
          FormLayer(
            MappingAction.create, title: "Create a merge field at Mailchimp",
            form: MergeFieldForm.form(draft), check: .mergeField(board.mergeFields ?? []),
            verb: "Create")))
    ]
  }

  // MARK: Keys

  func bindings(in world: World) -> [KeyBinding] {
    MappingAction.bindings(self, in: world) + split.bindings(hasTabs: true, world.keys)
  }

  func copies(in world: World) -> [CopyItem] {
    guard !list.isEmpty, !list.isLoading else { return [] }
    let all = plainLines(in: world).joined(separator: "\n")
    var items = [CopyItem("The mapping", all)]
    if let row = list.selected, !flaws.isEmpty {
      let lines = flaws.rows.map { "\($0.email)\t\($0.name)\t\($0.value)\t\($0.remark)" }
      items.append(
        CopyItem("The problems of \(row.id)", lines.joined(separator: "\n"), to: .file))
    }
    return items
  }
}
