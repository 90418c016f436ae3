// The set-up of a workspace, step by step, in the room of the Settings pane. What must stay true: a
// step is saved when it is left forwards and not before, nothing typed is lost by going back or by
// leaving, and a key that Mailchimp refuses is not saved.

import Basics
import Domain
import Screen

struct SetUpWizard: Sendable, Equatable {
  private enum Phase: Sendable, Equatable {
    case idle
    case presetting(Ticket)
    case trying(Ticket)
    case saving(Ticket, account: String?)
    case choosing(Ticket)
  }

  private(set) var isOpen = false
  private(set) var step = SetUpStep.start
  private(set) var done: Set<SetUpStep> = []
  private(set) var forms: [SetUpStep: Form] = [:]
  private(set) var rows = Loaded<[SettingRow]>()
  private(set) var audiences = Loaded<[Audience]>()
  private(set) var mapping = Loaded<MappingReading>()
  /// What a scope may name.
  private var searches = Loaded<[SavedSearchRow]>()
  /// Real people, whose values stand in the mapping.
  private(set) var people = Feed<MappingExample>()
  /// The row of the list of audiences, and whether it has the keys.
  private(set) var chosen = 0
  private(set) var isOnList = false
  private(set) var trial = SetUpTrial()
  private(set) var scroll = ScrollState()
  /// What was said last of this step.
  private(set) var note = Note()
  /// Until when a secret shows.
  private(set) var revealedUntil: Instant?
  private var phase = Phase.idle
  private var returns = PaneID.settings
  private var begun: SetUpBeginning?
  private var asksForLogin = false
  private var reading: Ticket?

  struct Note: Sendable, Equatable {
    var text = ""
    var role = Role.dim
  }

  var isBusy: Bool { phase != .idle || reading != nil }
  var takesText: Bool {
    guard isOpen else { return false }
    return step == .test ? trial.takesText : forms[step] != nil && !isOnList
  }

  /// How many fields hold what is not saved.
  var changes: Int { forms.values.reduce(0) { $0 + $1.changedIDs.count } }

  // MARK: Opening and leaving

  mutating func open(
    leadingTo pane: PaneID, in world: World, _ book: inout TicketBook
  ) -> [Effect] {
    isOpen = true
    returns = pane
    if done.count == SetUpStep.allCases.count { step = .start }
    note = Note()
    return rows.ask(.settings, &book) + enter(in: world, &book)
  }

  private mutating func leave(_ keys: UserKeys) -> [Effect] {
    isOpen = false
    let left = Notice(
      .info,
      "The set-up is left: what was saved stays, what was typed waits."
        + " \(keys[SetUpAction.open]) in Settings reopens it.")
    return [.switchPane(returns, row: nil), .notice(left)]
  }

  private mutating func finish() -> [Effect] {
    done.insert(.finish)
    isOpen = false
    return [.switchPane(.overview, row: nil)]
  }

  /// What the step needs to show.
  private mutating func enter(in world: World, _ book: inout TicketBook) -> [Effect] {
    scroll = ScrollState()
    isOnList = false
    switch step {
    case .connections where world.hasKey && audiences.value == nil:
      return audiences.ask(.audiences, &book)
    case .mapping:
      return mapping.ask(.mapping, &book)
        + people.restart(height: 1, &book) { .mappingExamples($0) }
    case .finish: return mapping.ask(.mapping, &book)
    case .settings: return searches.ask(.savedSearches, &book)
    default: return []
    }
  }

  private mutating func go(
    to wanted: SetUpStep, in world: World, _ book: inout TicketBook
  ) -> [Effect] {
    step = wanted
    note = Note()
    return enter(in: world, &book)
  }

  // MARK: Events

  /// Nil where it does not concern the set-up.
  mutating func update(
    _ event: PaneEvent, in world: World, _ book: inout TicketBook
  ) -> [Effect]? {
    switch event {
    case .answered(let ticket, let answer):
      if let effects = trial.take(answer, ticket, &book) { return effects }
      return take(answer, ticket, in: world, &book)
    case .submitted(SettingsAction.login, _), .cancelled(SettingsAction.login),
      .acted(SettingsAction.login):
      return nil
    case .acted(SetUpAction.open): return open(leadingTo: .settings, in: world, &book)
    case .acted(SetUpAction.begin): return open(leadingTo: .overview, in: world, &book)
    default: break
    }
    guard isOpen else { return nil }
    switch event {
    case .appeared, .dataChanged:
      var effects = rows.refresh(.settings, &book)
      if step == .mapping || step == .finish { effects += mapping.refresh(.mapping, &book) }
      return effects + trial.refresh(&book)
    case .disappeared: hideSecrets()
    case .ticked: if let until = revealedUntil, until <= world.now { hideSecrets() }
    case .pressed(let key): return press(.key(key), in: world, &book)
    case .pasted(let text): return press(.pasted(text), in: world, &book)
    case .moved(let motion): move(motion, in: world)
    case .wheeled(_, let by):
      let room = SetUpLayout(world).content
      let total = lines(in: world, width: room.width - 1).count
      scroll.scroll(by: by, total: total, height: room.height)
    case .clicked(let point, _): return click(point, in: world, &book)
    case .acted(let action): return act(action, in: world, &book)
    case .cancelled(let action): trial.cancel(action)
    default: break
    }
    return []
  }

  /// True once, where the fields' button asked for a login.
  mutating func takeLogin() -> Bool {
    defer { asksForLogin = false }
    return asksForLogin
  }

  /// A login was saved: the audiences of its account are wanted.
  mutating func connected(_ book: inout TicketBook) -> [Effect] {
    guard isOpen else { return [] }
    note = Note(text: "Connected by a login. Now choose the audience.", role: .success)
    return readAudiences(&book)
  }

  private mutating func readAudiences(_ book: inout TicketBook) -> [Effect] {
    let effects = audiences.ask(.audiences, &book).map {
      if case .query(_, let ticket) = $0 { Effect.refreshAudiences(ticket) } else { $0 }
    }
    if case .refreshAudiences(let ticket)? = effects.first { reading = ticket }
    return effects
  }

  private mutating func press(
    _ event: InputEvent, in world: World, _ book: inout TicketBook
  ) -> [Effect] {
    switch event {
    case .key("Esc"): return leave(world.keys)
    case .key("PgUp"): return back(in: world, &book)
    case .key("PgDn"), .key("^S"): return next(in: world, &book)
    default: break
    }
    guard !isBusy else { return [] }
    var form = step == .test ? trial.form : forms[step] ?? Form([])
    // The list of audiences follows the fields.
    let isLast = form.focused?.id == form.fields.last?.id
    if step == .connections, isLast, [.key("Tab"), .key("Down")].contains(event), hasList {
      isOnList = true
      return []
    }
    let before = form.focused?.id
    let outcome = form.handle(event)
    if step == .test { trial.form = form } else { forms[step] = form }
    switch outcome {
    case .changed(let id):
      note = Note()
      if step == .test {
        trial.check(id)
      } else if case .pasted = event {
        check(id, isFinal: false)
      } else {
        check(id, isFinal: false, isTyped: true)
      }
    case .submitted: return next(in: world, &book)
    case .activated: asksForLogin = true
    case .refused(let why): note = Note(text: why, role: .warning)
    case .revealed: revealedUntil = world.now + .seconds(10)
    case .handled, .ignored, .tested, .cancelled: break
    }
    // What was left is told at once what is wrong with it.
    if let before, before != form.focused?.id, step != .test { check(before, isFinal: false) }
    return []
  }

  var hasList: Bool { !(audiences.value?.isEmpty ?? true) }

  private mutating func hideSecrets() {
    revealedUntil = nil
    for step in SetUpStep.allCases { forms[step]?.hideSecrets() }
  }

  private mutating func check(_ id: String, isFinal: Bool, isTyped: Bool = false) {
    guard let field = forms[step]?.fields.first(where: { $0.id == id }) else { return }
    forms[step]?.setProblem(
      SetUpForms.flaw(field, isFinal: isFinal, isTyped: isTyped, searches: searches.value), of: id)
  }

  private mutating func move(_ motion: Motion, in world: World) {
    if step == .connections {
      let last = (audiences.value?.count ?? 1) - 1
      switch motion {
      case .up where chosen == 0: isOnList = false
      case .up: chosen -= 1
      case .down: chosen = min(chosen + 1, max(0, last))
      case .top: chosen = 0
      case .bottom: chosen = max(0, last)
      default: break
      }
      return
    }
    let room = SetUpLayout(world).content
    scroll.move(motion, total: lines(in: world, width: room.width - 1).count, height: room.height)
  }

  private mutating func click(
    _ point: Point, in world: World, _ book: inout TicketBook
  ) -> [Effect] {
    let layout = SetUpLayout(world)
    if let wanted = layout.step(at: point), wanted != step, !isBusy, !trial.isBusy {
      // Forwards only where it was gone before: a step is saved by going on.
      let isOpen =
        wanted.rawValue < step.rawValue || done.contains(wanted)
        || wanted.previous.map(done.contains) ?? false
      return isOpen ? go(to: wanted, in: world, &book) : []
    }
    let fields = layout.fields(step, hasList: hasList, isOnList: isOnList)
    guard fields.contains(point), !isOnList || step == .connections else { return [] }
    let place = Point(point.x - fields.x, point.y - fields.y)
    if step == .test, trial.takesText {
      if let id = trial.form.field(at: place, in: fields.size) { trial.form.focus(on: id) }
    } else if let id = forms[step]?.field(at: place, in: fields.size) {
      isOnList = false
      forms[step]?.focus(on: id)
    }
    return []
  }

  // MARK: Actions

  private mutating func act(
    _ action: ActionID, in world: World, _ book: inout TicketBook
  ) -> [Effect] {
    switch action {
    case GlobalKeys.back: return leave(world.keys)
    case SetUpAction.next: return next(in: world, &book)
    case SetUpAction.previous: return back(in: world, &book)
    case SetUpAction.fields: isOnList = false
    case SetUpAction.nextField: return press(.key("Tab"), in: world, &book)
    case SetUpAction.reveal: return press(.key("^R"), in: world, &book)
    case SetUpAction.editor: return [.switchPane(.mapping, row: nil)]
    case SetUpAction.nextPerson, SetUpAction.previousPerson:
      people.move(action == SetUpAction.nextPerson ? .down : .up, height: 1)
      return people.refill(height: 1, &book) { .mappingExamples($0) }
    case SetUpAction.execution:
      return trial.sent.map { [.switchPane(.executions, row: $0.id.rawValue)] } ?? []
    case SetUpAction.takeBack: return trial.takeBack(&book)
    case SetUpAction.delete: return trial.delete(&book)
    case SetUpAction.again: trial.again()
    default: break
    }
    return []
  }

  private mutating func back(in world: World, _ book: inout TicketBook) -> [Effect] {
    guard !isBusy, let previous = step.previous else { return [] }
    return go(to: previous, in: world, &book)
  }

  /// Checks the step, saves it, and goes on once it is saved.
  private mutating func next(in world: World, _ book: inout TicketBook) -> [Effect] {
    guard !isBusy else { return [] }
    for field in forms[step]?.fields ?? [] { check(field.id, isFinal: true) }
    if let wrong = forms[step]?.fields.first(where: { !$0.problem.isEmpty }) {
      forms[step]?.focus(on: wrong.id)
      isOnList = false
      return []
    }
    switch step {
    case .start:
      guard let form = forms[.start] else { return [] }
      if form.changedIDs.contains(SetUpForms.preset),
        let preset = Preset(rawValue: form[SetUpForms.preset])
      {
        let ticket = book.next()
        phase = .presetting(ticket)
        begun = SetUpBeginning(preset, values)
        return [.applyPreset(preset, ticket)]
      }
      if form[SetUpForms.preset].isEmpty { begun = nil }
      return save(in: world, &book)
    case .connections: return connect(in: world, &book)
    case .settings: return save(in: world, &book)
    case .mapping: return goOn(in: world, &book)
    case .test:
      if trial.takesText, trial.form.changedIDs.isEmpty {
        note = Note(text: "The test was left out.", role: .dim)
        return goOn(in: world, &book)
      }
      guard trial.takesText else { return trial.isBusy ? [] : goOn(in: world, &book) }
      if let why = whyNoTrial(world) {
        note = Note(text: why, role: .warning)
        return []
      }
      note = Note()
      return trial.begin(in: world, &book)
    case .finish: return finish()
    }
  }

  private func whyNoTrial(_ world: World) -> String? {
    if !world.hasKey { return "There is no API key yet: go back to step 2." }
    if world.overview?.audienceID.isEmpty ?? true {
      return "No audience is chosen yet: go back to step 2."
    }
    if world.overview?.engine == .paused {
      return
        "Everything is paused: Esc, then \(world.keys[GlobalKeys.pause]) enables it."
    }
    return nil
  }

  private mutating func goOn(in world: World, _ book: inout TicketBook) -> [Effect] {
    done.insert(step)
    return step.next.map { go(to: $0, in: world, &book) } ?? []
  }

  private mutating func save(in world: World, _ book: inout TicketBook) -> [Effect] {
    let edits = forms[step].map(SettingFields.edits) ?? []
    guard !edits.isEmpty else {
      forms[step]?.markSaved()
      return goOn(in: world, &book)
    }
    let ticket = book.next()
    phase = .saving(ticket, account: nil)
    return [.saveSettings(edits, ticket)]
  }

  private mutating func connect(in world: World, _ book: inout TicketBook) -> [Effect] {
    guard let form = forms[.connections] else { return [] }
    let key = Text.oneLine(form[Settings.key.key])
    if !key.isEmpty {
      let ticket = book.next()
      phase = .trying(ticket)
      note = Note(text: "The key is being tried at Mailchimp…", role: .dim)
      return [.testKey(Secret(key), url: Text.oneLine(form[Settings.url.key]), ticket)]
    }
    if !form.changedIDs.isEmpty { return save(in: world, &book) }
    guard let all = audiences.value, !all.isEmpty else {
      note = Note(text: "The account's audiences are being read…", role: .dim)
      return readAudiences(&book)
    }
    let audience = all[min(chosen, all.count - 1)]
    if audience.id == world.overview?.audienceID { return goOn(in: world, &book) }
    let ticket = book.next()
    phase = .choosing(ticket)
    note = Note(text: "\(audience.name) is being read…", role: .dim)
    return [.chooseAudience(audience.id, ticket)]
  }

  // MARK: Answers

  /// Nil where it is no answer to the set-up.
  private mutating func take(
    _ answer: Answer, _ ticket: Ticket, in world: World, _ book: inout TicketBook
  ) -> [Effect]? {
    switch (answer, phase) {
    case (.settings(let all), _) where rows.accept(all, ticket):
      fill(in: world)
      return rows.refill(.settings, &book)
    case (.savedSearches(let all, _), _) where searches.accept(all, ticket):
      check(Settings.scope.key, isFinal: false)
    case (.mapping(let read), _) where mapping.accept(read, ticket):
      return mapping.refill(.mapping, &book)
    case (.mappingExamples(let window), _) where people.accept(window, ticket, height: 1):
      return people.refill(height: 1, &book) { .mappingExamples($0) }
    case (.audiences(let all), _) where audiences.accept(all, ticket):
      if ticket == reading { reading = nil }
      chosen = all.firstIndex { $0.id == world.overview?.audienceID } ?? 0
      isOnList = isOpen && step == .connections && !all.isEmpty
      if all.isEmpty {
        note = Note(
          text: "The account has no audience: Esc, then \(world.keys[.audience]) and"
            + " \(world.keys[AudienceAction.create]) make one.", role: .warning)
      }
    case (.done, .presetting(ticket)):
      phase = .idle
      return rows.ask(.settings, &book) + save(in: world, &book)
    case (.account(let account), .trying(ticket)):
      let role = account.role.isEmpty ? "" : " as \(account.role)"
      let saving = book.next()
      phase = .saving(saving, account: "\(account.name)\(role)")
      return [.saveSettings(forms[.connections].map(SettingFields.edits) ?? [], saving)]
    case (.done, .saving(ticket, let account)):
      phase = .idle
      forms[step]?.markSaved()
      guard let account else {
        return rows.ask(.settings, &book)
          + (step == .connections ? readAudiences(&book) : goOn(in: world, &book))
      }
      forms[.connections] = nil
      note = Note(text: "Connected to \(account). Now choose the audience.", role: .success)
      return rows.ask(.settings, &book) + readAudiences(&book)
    case (.done, .choosing(ticket)):
      phase = .idle
      return goOn(in: world, &book)
    case (.refused(let problem), _): return refuse(problem, ticket)
    default: return nil
    }
    return []
  }

  private mutating func refuse(_ problem: Problem, _ ticket: Ticket) -> [Effect]? {
    switch phase {
    case .trying(ticket):
      forms[.connections]?.setProblem(problem.description, of: Settings.key.key)
      forms[.connections]?.focus(on: Settings.key.key)
      note = Note(text: "Nothing was saved.", role: .danger)
    case .saving(ticket, _), .presetting(ticket), .choosing(ticket):
      if let key = problem.fields["key"],
        forms[step]?.fields.contains(where: { $0.id == key }) ?? false
      {
        forms[step]?.setProblem(problem.description, of: key)
        forms[step]?.focus(on: key)
        note = Note(text: "Nothing was saved.", role: .danger)
      } else {
        note = Note(text: problem.description, role: .danger)
      }
    default:
      if ticket == reading { reading = nil }
      if audiences.accept(problem, ticket) {
        note = Note(text: problem.description, role: .danger)
        return []
      }
      let isOurs =
        rows.accept(problem, ticket) || mapping.accept(problem, ticket)
        || people.accept(problem, ticket) || searches.accept(problem, ticket)
      return isOurs ? [] : nil
    }
    phase = .idle
    return []
  }

  /// What is stored of the settings, by key.
  private var values: [String: Secret] {
    Dictionary(
      (rows.value ?? []).compactMap { row in row.value.map { (row.key, $0) } }
    ) { first, _ in first }
  }

  /// Fields with what is stored, staying where the focus is; what was typed is left alone.
  private mutating func fill(in world: World) {
    let values = values
    let hasKey = world.hasKey || values[Settings.key.key] != nil
    for step in SetUpStep.allCases {
      guard var form = SetUpForms.form(step, values, hasKey: hasKey) else { continue }
      if let old = forms[step] {
        guard old.changedIDs.isEmpty else { continue }
        if step == .start {
          form[SetUpForms.preset] = begun?.shown(values) ?? old[SetUpForms.preset]
          form.markSaved()
        }
        if let focused = old.focused?.id { form.focus(on: focused) }
      }
      forms[step] = form
    }
  }
}
