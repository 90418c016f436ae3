// One person: details, the explanation of where they stand, and the history of their changes.

import Basics
import Domain
import Screen

struct PersonView: Sendable, Equatable {
  enum Tab: Int, Sendable, CaseIterable {
    case details, explain, history

    var title: String {
      switch self {
      case .details: "Details"
      case .explain: "Explain"
      case .history: "History"
      }
    }
  }

  private var tab = Tab.details
  private var subject: PersonID?
  private var person = Loaded<PersonDetail>()
  private var trace = Loaded<[ExplanationLine]>()
  private var history = Loaded<[AuditRow]>()
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
    case .refused(let problem):
      if !person.accept(problem, ticket), !trace.accept(problem, ticket) {
        _ = history.accept(problem, ticket)
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
    if !standing.sentence.isEmpty { state.append(Run("  \(standing.sentence)")) }
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

extension PersonDetail {
  /// How a form names the account manager.
  var managerKey: String { person.managerID.map { "\($0)" } ?? "" }
}

/// A person as a form, and back.
enum PersonForm {
  private static let texts: [(field: PersonField, label: String, help: String)] = [
    (.phone, "Phone", "As people write it; Mailchimp takes any text here."),
    (.company, "Company", "Shown instead of a name where there is none."),
    (.birthday, "Birthday", "Month and day, such as 12/10."),
    (.dateOfBirth, "Date of birth", "Year, month and day, such as 1985-12-10."),
    (.account, "Account", "The group the person belongs to; empty for the default account."),
    (.externalID, "External id", "The id in the system the person comes from; unique."),
    (.manager, "Account manager", "For a child: the manager's external id, or # and the id."),
  ]

  static func form(for person: Person?, manager: String) -> Form {
    func choice(_ field: PersonField, _ label: String, _ names: [String], _ help: String)
      -> Form.Field
    {
      Form.Field(
        "\(field)", label, .choice(names.map { Form.Choice($0) }),
        value: Self.text(field, of: person, manager: manager), help: help)
    }
    func line(_ field: PersonField, _ label: String, _ help: String) -> Form.Field {
      Form.Field(
        "\(field)", label, value: Self.text(field, of: person, manager: manager), help: help)
    }
    var fields = [
      line(.firstName, "First name", "A name or an address is needed."),
      line(.lastName, "Last name", ""),
    ]
    for index in 0..<max(3, person?.emails.count ?? 0) {
      let emails = person?.emails ?? []
      fields.append(
        Form.Field(
          "email\(index)", index == 0 ? "E-mail" : "E-mail \(index + 1)",
          value: index < emails.count ? emails[index] : "",
          help: index == 0
            ? "The primary address: the only one that is sent."
            : "Recognised when it comes in; never sent."))
    }
    fields.append(
      choice(
        .optIn, "Opt-in", OptIn.allCases.map(\.rawValue),
        "No is an opt-out: unsubscribed wherever already a member. Unknown bars only where the"
          + " scope is opted-in."))
    fields += texts.prefix(4).map { line($0.field, $0.label, $0.help) }
    fields.append(
      choice(
        .kind, "Kind", Person.Kind.allCases.map(\.rawValue),
        "Organisations are excluded unless the settings include them."))
    fields.append(choice(.active, "Active", ["yes", "no"], "Inactive people leave the audience."))
    fields += texts.dropFirst(4).map { line($0.field, $0.label, $0.help) }
    fields += (person?.customFields.keys.sorted() ?? []).map {
      line(.custom($0), $0, "A custom field.")
    }
    return Form(fields)
  }

  /// What stands in the field of `person`.
  private static func text(_ field: PersonField, of person: Person?, manager: String) -> String {
    guard let person else {
      switch field {
      case .kind: return Person.Kind.individual.rawValue
      case .optIn: return OptIn.unknown.rawValue
      case .active: return "yes"
      default: return ""
      }
    }
    switch field {
    case .email: return person.primaryEmail ?? ""
    case .externalID: return person.externalID ?? ""
    case .account: return person.account
    case .kind: return person.kind.rawValue
    case .firstName: return person.firstName
    case .lastName: return person.lastName
    case .phone: return person.phone
    case .company: return person.company
    case .address: return person.postalAddress.map { Wording.value(.address($0)) } ?? ""
    case .birthday: return person.birthday.map { "\($0)" } ?? ""
    case .dateOfBirth: return person.dateOfBirth.map { "\($0)" } ?? ""
    case .optIn: return person.optIn.rawValue
    case .active: return person.isActive ? "yes" : "no"
    case .manager: return manager
    case .custom(let name): return person.customFields[name] ?? ""
    }
  }

  /// Only what the form changed.
  static func draft(_ values: FormValues, of person: Person?, manager: String) -> PersonDraft {
    var draft = PersonDraft(id: person?.id)
    for (id, value) in values {
      guard let field = PersonField(id), field != .email else { continue }
      let new = Text.oneLine(value)
      if new != text(field, of: person, manager: manager) { draft.values[field] = new }
    }
    let emails = values.filter { $0.key.hasPrefix("email") && $0.key != "email" }
      .sorted { $0.key < $1.key }.map { Text.oneLine($0.value) }.filter { !$0.isEmpty }
    if emails != person?.emails ?? [] { draft.emails = emails }
    return draft
  }
}
