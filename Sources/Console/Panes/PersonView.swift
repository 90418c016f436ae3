// One person: details, the explanation of where they stand, and the history of their changes.

import Basics
import Domain
import Screen

struct PersonView: Sendable, Equatable {
  enum Tab: Int, Sendable, CaseIterable {
    case details, explain, history, consent

    var title: String {
      switch self {
      case .details: "Details"
      case .explain: "Explain"
      case .history: "History"
      case .consent: "Consent"
      }
    }
  }

  private var tab = Tab.details
  private var subject: PersonID?
  private var person = Loaded<PersonDetail>()
  private var trace = Loaded<[ExplanationLine]>()
  private var history = Loaded<[AuditRow]>()
  private var consent = Loaded<[ConsentRow]>()
  private var scroll = ScrollState()
  private var fresh: Set<Tab> = []

  var value: PersonDetail? { person.value?.person.id == subject ? person.value : nil }

  mutating func expire() { fresh = [] }

  /// Shows this person: asks for the details always, because editing needs them, and for the open
  /// tab where it is in view.
  mutating func show(_ id: PersonID?, isShown: Bool, _ book: inout TicketBook) -> [Effect] {
    if id != subject {
      let open = tab
      self = PersonView()
      tab = open
      subject = id
    }
    guard let id else { return [] }
    var effects: [Effect] = []
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
      case .history:
        effects +=
          isFresh ? history.refill(.history(id), &book) : history.refresh(.history(id), &book)
      case .consent:
        effects +=
          isFresh ? consent.refill(.consent(id), &book) : consent.refresh(.consent(id), &book)
      }
    }
    return effects
  }

  mutating func take(_ answer: Answer, _ ticket: Ticket) {
    switch answer {
    case .person(let detail?): _ = person.accept(detail, ticket)
    case .person(nil):
      _ = person.accept(
        Problem("people.gone", "This person is not in the workspace any more."), ticket)
    case .explanation(let lines): _ = trace.accept(lines, ticket)
    case .history(let rows): _ = history.accept(rows, ticket)
    case .consent(let rows): _ = consent.accept(rows, ticket)
    case .refused(let problem):
      if !person.accept(problem, ticket), !trace.accept(problem, ticket),
        !history.accept(problem, ticket)
      {
        _ = consent.accept(problem, ticket)
      }
    default: break
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

  mutating func turn(at x: Int, width: Int) {
    if let tab = tabs.tab(at: x, width: width).flatMap(Tab.init) { turn(to: tab) }
  }

  mutating func move(_ motion: Motion, _ world: World, _ split: Split) {
    scroll.move(motion, total: total(world, split), height: split.detailHeight(world))
  }

  mutating func scroll(by rows: Int, _ world: World, _ split: Split) {
    scroll.scroll(by: rows, total: total(world, split), height: split.detailHeight(world))
  }

  private func total(_ world: World, _ split: Split) -> Int {
    lines(world, width: max(1, (split.frames(world).detail?.width ?? 1) - 5)).count
  }

  // MARK: The picture

  private var tabs: Tabs { Tabs(Tab.allCases.map(\.title), active: tab.rawValue) }

  func draw(on canvas: inout Canvas, _ frame: Rect, focused: Bool, _ world: World) {
    let title = value.map { "\($0.person.displayName) (\($0.person.id))" } ?? "Person"
    canvas.box(frame, title: title, note: "[ ] tab", focused: focused)
    canvas.inside(frame.insideFrame) { tabs.draw(on: &$0) }
    canvas.inside(frame.belowTabs.inset(1, 0)) { canvas in
      TextView.draw(lines(world, width: canvas.width - 1), on: &canvas, scroll)
    }
  }

  func lines(_ world: World, width: Int) -> [[Run]] {
    guard subject != nil else { return [[Run("Nobody is selected.", .dim)]] }
    switch tab {
    case .details:
      return Self.shown(person) { details($0, world, width: width) }
        ?? loading(person.problem, width)
    case .explain:
      return Self.shown(trace) { Self.traceLines($0, world.capabilities.glyphs, width: width) }
        ?? loading(trace.problem, width)
    case .history:
      return Self.shown(history) { historyLines($0, world, width: width) }
        ?? loading(history.problem, width)
    case .consent:
      return Self.shown(consent) { consentLines($0, world, width: width) }
        ?? loading(consent.problem, width)
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
    if !standing.reason.isEmpty { state.append(Run("  \(standing.reason)", .strong)) }
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

  /// The explanation: what was looked at, in order, and where it stopped.
  static func traceLines(_ lines: [ExplanationLine], _ glyphs: Glyphs, width: Int) -> [[Run]] {
    Fold.lines(
      lines.map { line in
        let (sign, role): (String, Role) =
          switch line.mark {
          case .passed: (glyphs.success, .success)
          case .stopped: (glyphs.failure, .danger)
          case .note: (glyphs.bullet, .dim)
          }
        return [Run("\(sign) ", role), Run(line.text, line.mark == .stopped ? .strong : .text)]
      }, to: width)
  }

  private func historyLines(_ rows: [AuditRow], _ world: World, width: Int) -> [[Run]] {
    guard !rows.isEmpty else { return [[Run("Nothing was changed yet.", .dim)]] }
    let arrow = world.capabilities.glyphs.arrow
    return Fold.lines(
      rows.map { row in
        let old = row.old.isEmpty ? "(empty)" : row.old
        let new = row.new.isEmpty ? "(empty)" : row.new
        return [
          Run("\(Wording.short(row.at, world.zone))  ", .dim), Run("\(row.who)  ", .label),
          Run("\(row.field): \(old) \(arrow) \(new)"),
        ]
      }, to: width)
  }
}

extension PersonView {
  private func consentLines(_ rows: [ConsentRow], _ world: World, width: Int) -> [[Run]] {
    guard !rows.isEmpty else {
      return [[Run("The ledger says nothing of this person yet.", .dim)]]
    }
    let arrow = world.capabilities.glyphs.arrow
    return Fold.lines(
      rows.map { row in
        let old = row.old.isEmpty ? "(nothing)" : row.old
        var line = [
          Run("\(Wording.short(row.at, world.zone))  ", .dim), Run("\(row.by)  ", .label),
          Run("\(old) \(arrow) \(row.new)", .strong),
        ]
        if !row.evidence.isEmpty { line.append(Run("  \(row.evidence)")) }
        if !row.key.description.isEmpty { line.append(Run("  \(row.key)", .dim)) }
        return line
      }, to: width)
  }
}

extension PersonDetail {
  /// How a form names the account manager.
  var managerKey: String { person.managerID.map { "\($0)" } ?? "" }
}
