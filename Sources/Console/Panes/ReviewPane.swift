// What waits for a decision, as one inbox: held plans, row by row, dead letters by their cause,
// conflicts, tags whose name is in question, what a verification found, and people who are refused or
// have not confirmed. What must stay true: every decision names its numbers before it is taken.
// (One state machine, hence its length.)

import Basics
import Domain
import Screen

struct ReviewPane: Pane {
  private var split = Split()
  var divided: Split? { split }
  private var book = TicketBook(.review)
  private var plans = Loaded<[PlanSummary]>()
  private var letters = Loaded<[DeadLetterGroup]>()
  private var letterRows = ReviewLetters()
  private var people = ReviewPeople()
  private var drift = ReviewDrift()
  private var conflicts = ReviewConflicts()
  private var tags = ReviewTags()
  private var list = Feed<ReviewItem>()
  private var rows = Feed<PlanRowSummary>()
  private var subject: PlanID?
  private var rowsAreFresh = false
  /// Somebody chose a row: until then the first one is selected, whichever came before it.
  private var isChosen = false

  // MARK: Events

  mutating func update(_ event: PaneEvent, in world: World) -> [Effect] {
    let effects = take(event, in: world)
    return effects + settle(in: world)
  }

  private mutating func take(_ event: PaneEvent, in world: World) -> [Effect] {
    switch event {
    case .acted(GlobalKeys.back): break
    case .moved, .wheeled, .clicked, .acted: isChosen = true
    default: break
    }
    switch event {
    case .appeared:
      isChosen = false
      expire()
      return plans.ask(.plans, &book) + letters.ask(.deadLetters, &book)
        + drift.groups.ask(.driftGroups, &book) + conflicts.loaded.ask(.conflicts, &book)
        + tags.loaded.ask(.tagQuestions, &book)
    case .dataChanged:
      expire()
      return plans.refresh(.plans, &book) + letters.refresh(.deadLetters, &book)
        + drift.groups.refresh(.driftGroups, &book) + conflicts.loaded.refresh(.conflicts, &book)
        + tags.loaded.refresh(.tagQuestions, &book)
    case .moved(let motion):
      if split.focus == .list {
        list.move(motion, height: listHeight(world))
      } else {
        nudge(.move(motion), in: world)
      }
    case .wheeled(let point, let by):
      if split.frames(world).list?.contains(point) ?? false {
        list.scroll(by, height: listHeight(world))
      } else {
        nudge(.scroll(by), in: world)
      }
    case .clicked(let point, let isDouble): click(point, isDouble, in: world)
    case .acted(let action): return act(action, in: world)
    case .submitted(ReviewAction.callOtherwise, let values):
      return tags.rename(to: values["tag"] ?? "", &book)
    case .answered(let ticket, let answer): return take(answer, ticket, in: world)
    default: break
    }
    return []
  }

  private mutating func expire() {
    rowsAreFresh = false
    drift.found.expire()
    letterRows.expire()
    people.found.expire()
  }

  /// Moves in the rows of the detail.
  @discardableResult
  private mutating func nudge(_ nudge: Nudge, in world: World) -> Bool {
    let height = split.detailHeight(world)
    switch list.selected {
    case .plan: return rows.take(nudge, height: rowsHeight(world))
    case .letters:
      return letterRows.rows.take(nudge, height: max(1, height - ReviewLetters.headHeight))
    case .conflicts: return conflicts.rows.take(nudge, height: height)
    case .tags: return tags.rows.take(nudge, height: height)
    case .drift: return drift.found.rows.take(nudge, height: height)
    case .people: return people.found.rows.take(nudge, height: height)
    case nil: return false
    }
  }

  private mutating func take(_ answer: Answer, _ ticket: Ticket, in world: World) -> [Effect] {
    if let effects = tags.take(answer, ticket, &book) { return effects }
    switch answer {
    case .tagQuestions(let all):
      if tags.loaded.accept(all, ticket) {
        tags.rows.show(all, height: split.detailHeight(world))
        return tags.loaded.refill(.tagQuestions, &book) + showItems(in: world)
      }
    case .plans(let all):
      if plans.accept(all, ticket) { return plans.refill(.plans, &book) + showItems(in: world) }
    case .deadLetters(let all):
      if letters.accept(all, ticket) {
        return letters.refill(.deadLetters, &book) + showItems(in: world)
      }
    case .driftGroups(let all):
      if drift.groups.accept(all, ticket) {
        return drift.groups.refill(.driftGroups, &book) + showItems(in: world)
      }
    case .conflicts(let all):
      if conflicts.loaded.accept(all, ticket) {
        conflicts.rows.show(all, height: split.detailHeight(world))
        return conflicts.loaded.refill(.conflicts, &book) + showItems(in: world)
      }
    case .drifts(let window):
      _ = drift.found.rows.accept(window, ticket, height: split.detailHeight(world))
    case .sideBySide(let both):
      guard ticket == drift.looking else { return [] }
      drift.looking = nil
      return [.open(.reader(SideBySideText.reader(both, world)))]
    case .letterRows(let all):
      _ = letterRows.rows.accept(all, ticket, height: split.detailHeight(world))
    case .people(let window):
      _ = people.found.rows.accept(window, ticket, height: split.detailHeight(world))
    case .planRows(let window): _ = rows.accept(window, ticket, height: rowsHeight(world))
    case .refused(let problem):
      if ticket == drift.looking {
        drift.looking = nil
        return [.notice(Notice(problem))]
      }
      if !plans.accept(problem, ticket), !letters.accept(problem, ticket),
        !drift.groups.accept(problem, ticket), !drift.found.rows.accept(problem, ticket),
        !conflicts.loaded.accept(problem, ticket), !tags.loaded.accept(problem, ticket),
        !letterRows.rows.accept(problem, ticket), !people.found.rows.accept(problem, ticket)
      {
        _ = rows.accept(problem, ticket)
      }
    default: break
    }
    return []
  }

  private mutating func showItems(in world: World) -> [Effect] {
    guard let plans = plans.value, let letters = letters.value else { return [] }
    let open = (conflicts.loaded.value ?? []).last.map {
      [ReviewItem.conflicts(conflicts.count, $0.noticedAt)]
    }
    let items =
      plans.map(ReviewItem.plan) + letters.map(ReviewItem.letters) + (open ?? [])
      + (tags.item.map { [$0] } ?? [])
      + (drift.groups.value ?? []).map(ReviewItem.drift)
      + ReviewPeople.Kind.allCases.compactMap { kind in
        let count = kind.count(world.overview)
        return count > 0 ? ReviewItem.people(kind, count) : nil
      }
    list.show(items, height: listHeight(world))
    if !isChosen { list.select(0, height: listHeight(world)) }
    return []
  }

  /// Asks for the rows of the selected plan, where they are in view and not here.
  private mutating func settle(in world: World) -> [Effect] {
    let plan: PlanID? = if case .plan(let plan)? = list.selected { plan.id } else { nil }
    if plan != subject {
      subject = plan
      rows.clear()
      rowsAreFresh = false
    }
    let kind: DriftClass? = if case .drift(let group)? = list.selected { group.kind } else { nil }
    let group: DeadLetterGroup? =
      if case .letters(let group)? = list.selected { group } else { nil }
    let whom: ReviewPeople.Kind? =
      if case .people(let kind, _)? = list.selected { kind } else { nil }
    let (height, isShown) = (split.detailHeight(world), split.isDetailShown(world))
    let more =
      drift.show(kind, height: height, isShown: isShown, &book)
      + letterRows.show(group, height: height, isShown: isShown, &book)
      + people.show(whom, height: height, isShown: isShown, &book)
    guard let plan, isShown else { return more }
    let rowsHeight = rowsHeight(world)
    defer { rowsAreFresh = true }
    return more
      + (rowsAreFresh
        ? rows.refill(height: rowsHeight, &book) { .planRows(plan, $0) }
        : rows.refresh(height: rowsHeight, &book) { .planRows(plan, $0) })
  }

  private var isAtConflicts: Bool {
    if case .conflicts? = list.selected { true } else { false }
  }

  private var isAtTags: Bool {
    if case .tags? = list.selected { true } else { false }
  }

  /// One line below the items says what can be done about the selected one.
  private func listHeight(_ world: World) -> Int { max(1, split.listHeight(world) - 1) }

  /// Lines above the rows of a plan in the detail.
  private static let headHeight = 3

  private func rowsHeight(_ world: World) -> Int {
    max(1, split.detailHeight(world) - Self.headHeight)
  }

  // MARK: Keys

  func bindings(in world: World) -> [KeyBinding] {
    let none = list.selected == nil ? "Nothing waits for a decision." : nil
    let isAddress =
      split.focus == .detail && conflicts.rows.selected?.tag == FieldConflict.emailTag
    let notPlan = none ?? whyNot(world) { if case .plan = $0 { true } else { false } }
    let notLetters = none ?? whyNot(world) { if case .letters = $0 { true } else { false } }
    let notDrift = none ?? whyNot(world) { if case .drift = $0 { true } else { false } }
    let notConflict = none ?? whyNot(world) { if case .conflicts = $0 { true } else { false } }
    let notTag = none ?? whyNot(world) { if case .tags = $0 { true } else { false } }
    let notAddress =
      notConflict
      ?? (isAddress ? nil : "Only a changed address, selected on the right, can be that.")
    let notDiscarded =
      none
      ?? whyNot(world) {
        switch $0 {
        case .plan, .letters, .drift: true
        case .conflicts, .tags, .people: false
        }
      }
    return [
      KeyBinding(
        ["h"], "Here counts", ReviewAction.here, place: .actionMenu,
        whyNot: notConflict,
        help: "The value here counts: of all conflicts, or in the detail of the selected one."),
      KeyBinding(
        ["t"], "There counts", ReviewAction.there, place: .actionMenu,
        whyNot: notConflict,
        help: "The value at Mailchimp counts: of all, or in the detail of the selected one."),
      KeyBinding(
        ["n"], "New contact", ReviewAction.newContact, place: .actionMenu,
        whyNot: notAddress,
        help: "The new address becomes a contact of its own; the old one stays."),
      KeyBinding(
        ["Enter"], split.focus == .list ? "Open" : "Show", ReviewAction.open, priority: 50,
        whyNot: none, help: "Look at the rows; in them, show the whole of one."),
      KeyBinding(
        ["A"], "Approve", ReviewAction.approve, priority: 55, whyNot: notPlan,
        help: "Apply exactly this plan; asks first, with its numbers."),
      KeyBinding(
        ["s"], "Send again", ReviewAction.revive, place: .actionMenu, whyNot: notLetters,
        help: "Send the dead letters of this cause again, or in the detail the selected one."),
      KeyBinding(
        ["d"], "Discard", ReviewAction.discard, place: .actionMenu,
        whyNot: notDiscarded,
        help: "Discard the plan, the dead letters or the differences; asks first."),
      KeyBinding(
        ["r"], "Repair", ReviewAction.repair, place: .actionMenu, whyNot: notDrift,
        help: "Bring in step what differs: all of a kind, or in the detail the selected one."),
      KeyBinding(
        ["v"], "Verify", ReviewAction.verify, priority: 30,
        whyNot: GlobalKeys.whyNotSync(world),
        help: "Compare directory and audience now; what differs is shown here."),
      KeyBinding(
        ["a"], "Adopt", ReviewAction.adopt, place: .actionMenu,
        whyNot: notTag ?? TagQuestionText.whyNotAdopt(tags.rows.selected),
        help: "Take over the selected tag that others made, or the name they gave ours."),
      KeyBinding(
        ["c"], "Call ours otherwise", ReviewAction.callOtherwise, place: .actionMenu,
        whyNot: notTag, help: "Give our tag another name than the one in question."),
      KeyBinding(
        ["b"], "Rename back", ReviewAction.nameBack, place: .actionMenu,
        whyNot: notTag ?? TagQuestionText.whyNotNameBack(tags.rows.selected),
        help: "Give our tag its name at Mailchimp again."),
      KeyBinding(
        ["o"], "Look up", ReviewAction.lookUp, priority: 20,
        whyNot: none ?? (address == nil ? "No address is selected in the detail." : nil),
        help: "Read the selected address from Mailchimp and show both records."),
    ] + split.bindings(hasTabs: false, world.keys)
  }

  /// Nil where `fits` the selected item; else what it is, and the keys for that.
  private func whyNot(_ world: World, _ fits: (ReviewItem) -> Bool) -> String? {
    guard let item = list.selected, !fits(item) else { return nil }
    let ways = item.ways(world.keys).map { "\($0.keys) \($0.what)" }.joined(separator: ", ")
    return "\(ReviewTable.noun(item)): \(ways)."
  }

  /// The address the detail is about.
  private var address: AddressKey? {
    guard split.focus == .detail else { return nil }
    switch list.selected {
    case .drift: return drift.found.rows.selected?.drift.key
    case .conflicts: return conflicts.rows.selected?.key
    case .people: return people.found.rows.selected.map { AddressKey($0.email) }
    case .plan: return rows.selected?.row.key
    case .letters, .tags, nil: return nil
    }
  }

  var canGoBack: Bool { split.canGoBack }

  private mutating func act(_ action: ActionID, in world: World) -> [Effect] {
    switch action {
    case ReviewAction.open:
      guard split.focus == .detail else {
        split.focus = .detail
        return []
      }
      if drift.found.subject != nil { return drift.lookUp(address, &book) }
      if case .people? = list.selected {
        return people.found.rows.selected.map { [.switchPane(.people, row: $0.id.rawValue)] } ?? []
      }
      if case .letters? = list.selected { return [] }
      if isAtTags { return [.switchPane(.tags, row: nil)] }
      if isAtConflicts {
        return conflicts.rows.selected?.person.map { [.switchPane(.people, row: $0.rawValue)] }
          ?? []
      }
      return rows.selected.map { [.open(.reader(PlanRowTable.reader($0, world)))] } ?? []
    case ReviewAction.approve, ReviewAction.discard, ReviewAction.repair, ReviewAction.here,
      ReviewAction.there, ReviewAction.newContact:
      return confirm(action)
    case _ where ReviewAction.ofTags.contains(action): return tags.ask(action, &book)
    case ReviewAction.verify: return [.request(.verify(sample: nil))]
    case ReviewAction.lookUp: return drift.lookUp(address, &book)
    case ReviewAction.revive:
      guard case .letters(let group)? = list.selected else { return [] }
      return ReviewLetters.revive(group, one: selectedLetter)
    default: _ = split.take(action)
    }
    return []
  }

  private var selectedLetter: DeadLetterRow? {
    split.focus == .detail ? letterRows.rows.selected : nil
  }

  private mutating func confirm(_ action: ActionID) -> [Effect] {
    let dialog: Dialog
    // A plan that is decided is gone from the list, and its rows with it.
    if case .plan = list.selected { split.focus = .list }
    switch list.selected {
    case .plan(let plan) where action == ReviewAction.approve:
      let counts = plan.counts
      let losing = counts.unsubscribe + counts.archive
      let isHere = counts.restore + counts.delete > 0
      var lines = ["\(isHere ? "Here and at" : "At") Mailchimp: \(ReviewTable.sentence(counts))."]
      if counts.confirmations > 0 {
        lines.append(
          "Mailchimp sends \(Wording.count(counts.confirmations, "confirmation mail", "confirmation mails"))."
        )
      }
      if counts.tagsAdded + counts.tagsRemoved > 0 {
        lines.append(
          "Tags: \(Wording.number(counts.tagsAdded)) placed,"
            + " \(Wording.number(counts.tagsRemoved)) taken off.")
        lines.append(PlanCounts.tagWarning)
      }
      lines.append("Who changed on either side meanwhile is skipped and planned anew.")
      if losing > 0 {
        lines.append("\(Wording.people(losing)) \(losing == 1 ? "leaves" : "leave") the list.")
      }
      // Leaving the list is what people fear most: there one key is not enough.
      let word = losing > 0 ? "\(losing)" : nil
      dialog = Dialog(
        title: "Approve plan \(plan.id)", lines: lines, verb: "Approve", word: word,
        orders: [.request(.approvePlan(plan.id))])
    case .plan(let plan):
      dialog = ReviewTable.discard(plan)
    case .letters(let group):
      dialog = ReviewLetters.discard(group, one: selectedLetter)
    case .drift(let group):
      let one = split.focus == .detail ? drift.found.rows.selected : nil
      dialog = ReviewDrift.dialog(group, one: one, repairs: action == ReviewAction.repair)
    case .conflicts:
      guard let decision = ReviewAction.decision(action) else { return [] }
      let one = split.focus == .detail ? conflicts.rows.selected : nil
      let all = conflicts.loaded.value ?? []
      dialog = ReviewConflicts.dialog(decision, of: one.map { [$0] } ?? all)
    case .tags, .people, nil: return []
    }
    return [.open(.dialog(dialog))]
  }

  private mutating func click(_ point: Point, _ isDouble: Bool, in world: World) {
    let frames = split.frames(world)
    if let frame = frames.list, frame.contains(point) {
      let isRow = list.select(line: point.y - frame.y - 2, height: listHeight(world))
      split.focus = isRow && isDouble ? .detail : .list
    } else if let frame = frames.detail, frame.contains(point) {
      split.focus = .detail
      let head: Int =
        switch list.selected {
        case .plan: Self.headHeight
        case .letters: ReviewLetters.headHeight
        default: 0
        }
      nudge(.line(point.y - frame.y - 2 - head), in: world)
    }
  }

  func copies(in world: World) -> [CopyItem] {
    guard list.selected != nil else { return [] }
    return [
      CopyItem("What waits", plainLines(in: world).joined(separator: "\n")),
      CopyItem(
        "The rows read",
        rows.plain(PlanRowTable.columns, empty: "None.") { PlanRowTable.cells($0, world) }
          .joined(separator: "\n"), to: .file),
    ]
  }

  // MARK: The picture

  private static func empty(_ world: World) -> [String] {
    [
      "Nothing waits for a decision.",
      "Held plans, letters that could not be sent, conflicts and differences are shown here.",
      "Press \(world.keys[ReviewAction.verify]) to compare the directory with the audience.",
    ]
  }

  func draw(on canvas: inout Canvas, in world: World) {
    let frames = split.frames(world)
    if let frame = frames.list {
      let isFocused = split.focus == .list
      let note = list.note(height: listHeight(world))
      var room = canvas.box(frame, title: "Review", note: note, focused: isFocused)
      let foot = room.cutBottom(1)
      if let item = list.selected {
        canvas.inside(foot.inset(1, 0)) { canvas in
          let runs = item.ways(world.keys).flatMap {
            [Run($0.keys, .key), Run(" \($0.what)   ", .dim)]
          }
          canvas.line(runs, 0, 0, width: canvas.width)
        }
      }
      canvas.inside(room) { canvas in
        if let problem = plans.problem ?? letters.problem ?? drift.groups.problem {
          canvas.text(problem.description, 1, 0, .danger, width: canvas.width - 2)
        } else {
          list.draw(ReviewTable.columns, on: &canvas, focused: isFocused, empty: Self.empty(world))
          {
            ReviewTable.cells($0, world)
          }
        }
      }
    }
    if let frame = frames.detail { drawDetail(on: &canvas, frame, world) }
  }

  private func drawDetail(on canvas: inout Canvas, _ frame: Rect, _ world: World) {
    let isFocused = split.focus == .detail
    switch list.selected {
    case nil: canvas.box(frame, title: "Detail", focused: isFocused)
    case .plan(let plan):
      let note = rows.note(height: rowsHeight(world))
      var room = canvas.box(frame, title: "Plan \(plan.id)", note: note, focused: isFocused)
      let head = room.cutTop(Self.headHeight)
      canvas.inside(head.inset(1, 0)) { canvas in
        let counts = plan.counts
        let tags =
          counts.tagsAdded + counts.tagsRemoved == 0
          ? ""
          : "; tags: \(Wording.number(counts.tagsAdded)) placed,"
            + " \(Wording.number(counts.tagsRemoved)) taken off"
        let rest =
          "\(Wording.number(counts.unchanged)) stay as they are,"
          + " \(Wording.number(counts.excluded)) excluded, \(Wording.number(counts.refused)) refused\(tags)"
        canvas.text(ReviewTable.sentence(counts), 0, 0, .strong, width: canvas.width)
        canvas.text(rest, 0, 1, .dim, width: canvas.width)
        if counts.confirmations > 0 {
          let mails = Wording.count(
            counts.confirmations, "confirmation mail is", "confirmation mails are")
          canvas.text("\(mails) sent by Mailchimp", 0, 2, .warning, width: canvas.width)
        } else {
          canvas.text(plan.reason, 0, 2, .warning, width: canvas.width)
        }
      }
      canvas.inside(room) { canvas in
        rows.draw(
          PlanRowTable.columns, on: &canvas, focused: isFocused, empty: ["The plan is empty."]
        ) {
          PlanRowTable.cells($0, world)
        }
      }
    case .drift(let group):
      drift.draw(group, on: &canvas, frame, focused: isFocused, world, split)
    case .conflicts: conflicts.draw(on: &canvas, frame, focused: isFocused, world, split)
    case .tags: tags.draw(on: &canvas, frame, focused: isFocused, world, split)
    case .people: people.draw(on: &canvas, frame, focused: isFocused, world, split)
    case .letters(let group):
      letterRows.draw(group, on: &canvas, frame, focused: isFocused, world, split)
    }
  }

  func plainLines(in world: World) -> [String] {
    list.plain(ReviewTable.columns, empty: Self.empty(world)[0]) { ReviewTable.cells($0, world) }
  }
}
