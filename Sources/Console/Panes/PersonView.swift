// One person: details, the explanation of where they stand step by step, the executions that touched
// them, and the history of their changes and of their consent.

import Basics
import Domain
import Screen

struct PersonView: Sendable, Equatable {
  enum Tab: Int, Sendable, CaseIterable {
    case details, explain, executions, history, consent

    var title: String {
      switch self {
      case .details: "Details"
      case .explain: "Explain"
      case .executions: "Executions"
      case .history: "History"
      case .consent: "Consent"
      }
    }
  }

  private var tab = Tab.details
  private var subject: PersonID?
  private var person = Loaded<PersonDetail>()
  /// Who was shown before: drawn until the next one is read, and never acted on.
  private var before: PersonDetail?
  private var trace = Loaded<[ExplanationLine]>()
  private var runs = Feed<PersonRun>(keyed: true)
  private var history = Feed<AuditRow>(keyed: true)
  private var consent = Feed<ConsentRow>(keyed: true)
  private var scroll = ScrollState()
  private var fresh: Set<Tab> = []

  var value: PersonDetail? { person.value?.person.id == subject ? person.value : nil }

  mutating func expire() { fresh = [] }

  /// The execution that is selected, where they are shown.
  var run: ExecutionID? { tab == .executions ? runs.selected?.execution : nil }

  /// The whole of the line that is selected, where lines are shown.
  func page(_ world: World) -> Reader? {
    switch tab {
    case .history: history.selected.map { PersonLines.page($0, world) }
    case .consent: consent.selected.map { PersonLines.page($0, world) }
    case .details, .explain, .executions: nil
    }
  }

  var enterLabel: String {
    let isLine = tab == .history && history.selected != nil
    let isEntry = tab == .consent && consent.selected != nil
    return run != nil ? "Execution" : isLine || isEntry ? "Show" : "Edit"
  }

  /// Why no suppression can be lifted; nil where one can.
  func whyNotLift(_ keys: UserKeys) -> String? {
    switch value?.suppression?.reason {
    case .archivedByOthers, .deletedByOthers: nil
    case .unsubscribed:
      "They left by themselves: \(keys[PeopleAction.askAgain]) has Mailchimp ask them."
    case .some: "Only they themselves can come back, with the sign-up form."
    case nil: "Nobody at Mailchimp bars the address."
    }
  }

  /// Why they cannot be asked whether they want to come back; nil where they can.
  var whyNotAsk: String? {
    switch value?.suppression?.reason {
    case .unsubscribed: nil
    case nil: "They did not unsubscribe at Mailchimp."
    case .some: "Mailchimp asks only those who unsubscribed."
    }
  }

  /// Shows this person: asks for the details always, because editing needs them, and for the open
  /// tab where it is in view.
  mutating func show(
    _ id: PersonID?, _ world: World, _ split: Split, _ book: inout TicketBook
  ) -> [Effect] {
    if id != subject {
      let (open, shown) = (tab, person.value ?? before)
      self = PersonView()
      tab = open
      before = id == nil ? nil : shown
      subject = id
    }
    guard let id else { return [] }
    var effects: [Effect] = []
    let isShown = split.isDetailShown(world)
    for wanted in Set([Tab.details, isShown ? tab : .details]).sorted(by: {
      $0.rawValue < $1.rawValue
    }) {
      let isFresh = !fresh.insert(wanted).inserted
      switch wanted {
      case .details:
        effects += isFresh ? person.refill(.person(id), &book) : person.refresh(.person(id), &book)
      case .explain:
        effects +=
          isFresh
          ? trace.refill(.explanation(id), &book) : trace.refresh(.explanation(id), &book)
      case .executions:
        effects += Self.fill(&runs, isFresh, split, world, &book) { .personRuns(id, $0) }
      case .history:
        effects += Self.fill(&history, isFresh, split, world, &book) { .history(id, $0) }
      case .consent:
        effects += Self.fill(&consent, isFresh, split, world, &book) { .consent(id, $0) }
      }
    }
    return effects
  }

  private static func fill<Row>(
    _ list: inout Feed<Row>, _ isFresh: Bool, _ split: Split, _ world: World,
    _ book: inout TicketBook, _ query: (WindowRequest) -> Query
  ) -> [Effect] {
    let height = rows(split, world)
    return isFresh
      ? list.refill(height: height, &book, query) : list.refresh(height: height, &book, query)
  }

  /// How many rows of a list are in view, below its headings.
  private static func rows(_ split: Split, _ world: World) -> Int { split.detailHeight(world) - 1 }

  mutating func take(_ answer: Answer, _ ticket: Ticket, _ world: World, _ split: Split) {
    switch answer {
    case .person(let detail?): _ = person.accept(detail, ticket)
    case .person(nil):
      refuse(Problem("people.gone", "This person is not in the workspace any more."), ticket)
    case .explanation(let lines): _ = trace.accept(lines, ticket)
    case .personRuns(let window):
      _ = runs.accept(window, ticket, height: Self.rows(split, world))
    case .history(let window):
      _ = history.accept(window, ticket, height: Self.rows(split, world))
    case .consent(let window):
      _ = consent.accept(window, ticket, height: Self.rows(split, world))
    default: break
    }
  }

  mutating func refuse(_ problem: Problem, _ ticket: Ticket) {
    if !person.accept(problem, ticket), !trace.accept(problem, ticket),
      !runs.accept(problem, ticket), !history.accept(problem, ticket)
    {
      _ = consent.accept(problem, ticket)
    }
  }

  // MARK: Moving

  mutating func turn(_ step: Int) {
    let count = Tab.allCases.count
    turn(to: Tab(rawValue: (tab.rawValue + step + count) % count) ?? .details)
  }

  mutating func turn(to tab: Tab) {
    self.tab = tab
    scroll = ScrollState()
  }

  /// A click in the frame of the detail.
  mutating func click(_ place: Point, _ frame: Rect, _ world: World, _ split: Split) {
    if place.y == 1 {
      if let tab = tabs.tab(at: place.x - 1, width: frame.width - 2).flatMap(Tab.init) {
        turn(to: tab)
      }
    } else {
      _ = take(.line(place.y - 3), world, split)
    }
  }

  mutating func move(_ motion: Motion, _ world: World, _ split: Split) {
    if !take(.move(motion), world, split) {
      scroll.move(motion, total: total(world, split), height: split.detailHeight(world))
    }
  }

  mutating func scroll(by rows: Int, _ world: World, _ split: Split) {
    if !take(.scroll(rows), world, split) {
      scroll.scroll(by: rows, total: total(world, split), height: split.detailHeight(world))
    }
  }

  /// Moves the list of the tab; false where the tab is none.
  private mutating func take(_ nudge: Nudge, _ world: World, _ split: Split) -> Bool {
    let height = Self.rows(split, world)
    switch tab {
    case .executions: runs.take(nudge, height: height)
    case .history: history.take(nudge, height: height)
    case .consent: consent.take(nudge, height: height)
    case .details, .explain: return false
    }
    return true
  }

  private func total(_ world: World, _ split: Split) -> Int {
    lines(world, width: max(1, (split.frames(world).detail?.width ?? 1) - 5)).count
  }

  // MARK: The picture

  private var tabs: Tabs { Tabs(Tab.allCases.map(\.title), active: tab.rawValue) }

  func draw(
    on canvas: inout Canvas, _ frame: Rect, focused: Bool, _ world: World, _ split: Split
  ) {
    let shown = value ?? (person.isLoading ? before : nil)
    let title = shown.map { "\($0.person.displayName) (\($0.person.id))" } ?? "Person"
    let note = note(height: Self.rows(split, world))
    canvas.box(frame, title: title, note: note.isEmpty ? "[ ] tab" : note, focused: focused)
    canvas.inside(frame.insideFrame) { tabs.draw(on: &$0) }
    if tab != .details, tab != .explain {
      canvas.inside(frame.belowTabs) { drawList(on: &$0, focused: focused, world) }
      return
    }
    canvas.inside(frame.belowTabs.inset(1, 0)) { canvas in
      let width = canvas.width - 1
      let isNext = tab == .details && person.isLoading
      let last = isNext ? before.map { details($0, world, width: width) } : nil
      TextView.draw(last ?? lines(world, width: width), on: &canvas, scroll)
    }
  }

  /// Which rows of the tab's list are in view, and of how many.
  private func note(height: Int) -> String {
    switch tab {
    case .executions: runs.note(height: height)
    case .history: history.note(height: height)
    case .consent: consent.note(height: height)
    case .details, .explain: ""
    }
  }

  private func drawList(on canvas: inout Canvas, focused: Bool, _ world: World) {
    switch tab {
    case .executions:
      runs.draw(
        PersonLines.runColumns, on: &canvas, focused: focused,
        empty: ["No execution touched this person yet."]
          + (value?.standing.state == .waiting
            ? ["\(world.keys[PeopleAction.sync]) sends them now."] : [])
      ) { PersonLines.cells($0, world) }
    case .history:
      history.draw(
        PersonLines.historyColumns, on: &canvas, focused: focused, empty: [PersonLines.noHistory]
      ) { PersonLines.cells($0, world) }
    case .consent:
      consent.draw(
        PersonLines.consentColumns, on: &canvas, focused: focused, empty: [PersonLines.noConsent]
      ) { PersonLines.cells($0, world) }
    case .details, .explain: break
    }
  }

  func lines(_ world: World, width: Int) -> [[Run]] {
    guard subject != nil else { return [[Run("Nobody is selected.", .dim)]] }
    switch tab {
    case .details:
      return Self.shown(person) { details($0, world, width: width) }
        ?? loading(person.problem, width)
    case .explain:
      let standing = value.map { verdict($0, world) } ?? []
      return Self.shown(trace) {
        Fold.lines(standing, to: width)
          + TraceText.lines($0, world.capabilities.glyphs, width: width)
      } ?? loading(trace.problem, width)
    case .executions:
      return runs.plain(PersonLines.runColumns, empty: "No execution touched this person yet.") {
        PersonLines.cells($0, world)
      }.map { [Run($0)] }
    case .history:
      return history.plain(PersonLines.historyColumns, empty: PersonLines.noHistory) {
        PersonLines.cells($0, world)
      }.map { [Run($0)] }
    case .consent:
      return consent.plain(PersonLines.consentColumns, empty: PersonLines.noConsent) {
        PersonLines.cells($0, world)
      }.map { [Run($0)] }
    }
  }

  private static func shown<Value>(
    _ reading: Loaded<Value>, _ print: (Value) -> [[Run]]
  ) -> [[Run]]? {
    reading.problem == nil ? reading.value.map(print) : nil
  }

  private func loading(_ problem: Problem?, _ width: Int) -> [[Run]] {
    problem.map { Fold.text([$0.description], to: width, .danger) } ?? [[Run("Loading…", .dim)]]
  }

  private func details(_ detail: PersonDetail, _ world: World, width: Int) -> [[Run]] {
    let person = detail.person
    let standing = detail.standing
    let glyphs = world.capabilities.glyphs
    let role = Wording.role(standing.state)
    var state = [Run("\(Wording.sign(standing.state, glyphs)) \(standing.state.rawValue)", role)]
    if !standing.reason.isEmpty { state.append(Run("  \(standing.fullReason)", .strong)) }
    let sentence = detail.sentence { Wording.time($0, world.zone) }
    if !sentence.isEmpty { state.append(Run("  \(sentence)")) }
    var optIn = person.optIn.rawValue
    if let at = person.optInAt { optIn += ", \(Wording.time(at, world.zone))" }
    if !person.optInHow.isEmpty { optIn += ", \(person.optInHow)" }
    var pairs: [(label: String, value: [Run])] = [("State", state)]
    func add(_ label: String, _ text: String, always: Bool = false) {
      if always || !text.isEmpty { pairs.append((label, [Run(text)])) }
    }
    add("Name", person.displayName, always: true)
    for (index, email) in person.emails.enumerated() {
      add(index == 0 ? "E-mail" : "E-mail \(index + 1)", email)
    }
    if person.emails.isEmpty { add("E-mail", "", always: true) }
    add("Opt-in", optIn)
    add("Account", person.account)
    add("Kind", person.kind.rawValue)
    add("Active", person.deletedAt != nil ? "deleted" : person.isActive ? "yes" : "no")
    add("External id", person.externalID ?? "")
    add("Company", person.company)
    add("Phone", person.phone)
    add("Birthday", person.birthday.map { "\($0)" } ?? "")
    add("Date of birth", person.dateOfBirth.map { "\($0)" } ?? "")
    if let address = person.postalAddress { add("Address", Wording.value(.address(address))) }
    if person.managerID != nil { add("Manager", detail.managerName, always: true) }
    for (name, text) in person.customFields.sorted(by: { $0.key < $1.key }) { add(name, text) }
    add("Changed", Wording.time(person.changedAt, world.zone))
    return TextView.pairs(pairs, width: width) + [[]] + link(detail, world, width: width)
      + word(detail.source, world, width: width)
  }

  /// What the source said last, column by column, and when.
  private func word(_ source: PersonSource?, _ world: World, width: Int) -> [[Run]] {
    guard let source else { return [] }
    var pairs: [(label: String, value: [Run])] = [
      ("Said", [Run("\(Wording.time(source.saidAt, world.zone)), \(source.place)")])
    ]
    if !source.leaving.isEmpty { pairs.append(("Now", [Run(source.leaving, .warning)])) }
    pairs += source.columns.map { ($0.name, [Run($0.text)]) }
    return [[], [Run("At the source: \(source.name)", .heading)]]
      + TextView.pairs(pairs, width: width)
  }

  private func link(_ detail: PersonDetail, _ world: World, width: Int) -> [[Run]] {
    var lines: [[Run]] = [[Run("At Mailchimp", .heading)]]
    if let suppression = detail.suppression {
      let text = "Suppressed: \(suppression.reason.rawValue), \(suppression.evidence)"
      lines += Fold.text([text], to: width, .warning)
    }
    guard let link = detail.link else {
      return lines + [[Run("No member is linked to the address.", .dim)]]
    }
    var pairs: [(label: String, value: [Run])] = [
      ("Status", [Run(link.status?.rawValue ?? "not there")]),
      ("Address", [Run(link.email)]),
    ]
    if let sent = link.sentAt { pairs.append(("Sent", [Run(Wording.time(sent, world.zone))])) }
    if let seen = link.seenAt { pairs.append(("Seen", [Run(Wording.time(seen, world.zone))])) }
    for (tag, value) in (link.agreed ?? [:]).sorted(by: { $0.key < $1.key }) {
      pairs.append((tag, [Run(Wording.value(value))]))
    }
    return lines + TextView.pairs(pairs, width: width)
  }

  /// Where they stand, before the steps that lead there.
  private func verdict(_ detail: PersonDetail, _ world: World) -> [[Run]] {
    let standing = detail.standing
    let role = Wording.role(standing.state)
    let sign = Wording.sign(standing.state, world.capabilities.glyphs)
    let reason = standing.reason.isEmpty ? "" : ": \(standing.fullReason)"
    let sentence = detail.sentence { Wording.time($0, world.zone) }
    let text = sentence.isEmpty ? "" : "  \(sentence)"
    return [[Run("\(sign) \(standing.state.rawValue)\(reason)", role, .bold), Run(text)], []]
  }
}

extension PersonDetail {
  /// How a form names the account manager.
  var managerKey: String { person.managerID.map { "\($0)" } ?? "" }
}
