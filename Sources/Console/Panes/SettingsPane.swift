// Every setting, section by section, with its help beside it. Changes are kept here until ^S saves
// all of them at once. What must stay true: a new API key is tried before anything is saved, and a
// refused one saves nothing. (One state machine with its form, hence its length.)

import Basics
import Domain
import Screen

struct SettingsPane: Pane {
  private enum Phase: Sendable, Equatable {
    case idle
    /// The key is being tried; the edits wait for it.
    case testing(Ticket, thenSave: Bool)
    case saving(Ticket, account: String?)
  }

  private struct Greeting: Sendable, Equatable {
    var ticket: Ticket
    var said: String
  }

  private var book = TicketBook(.settings)
  private var rows = Loaded<[SettingRow]>()
  private var form = Form([])
  private var isEditing = false
  /// What the edited field held before, for Esc.
  private var before = ""
  private var phase = Phase.idle
  /// What was said of a new key, until its audiences tell where their permission reminder is.
  private var greeting: Greeting?
  private var revealedUntil: Instant?
  private var login = SettingsLogin()
  /// What a scope may name.
  private var searches = Loaded<[SavedSearchRow]>()
  private var setUp = SetUpWizard()
  /// The setting somebody looked for elsewhere, until its field is there.
  private var goal: String?
  private var history = SettingsHistory()
  /// Only settings with these words are shown.
  private var search = ""

  // MARK: Events

  mutating func update(_ event: PaneEvent, in world: World) -> [Effect] {
    if case .arrived(.setting(let key)) = event { return show(key) }
    if let effects = setUp.update(event, in: world, &book) {
      return effects + (setUp.takeLogin() ? login.begin(book.next(), again: false) : [])
    }
    switch event {
    case .appeared: return hasChanges ? [] : rows.ask(.settings, &book)
    case .dataChanged: return isBusy || hasChanges ? [] : rows.refresh(.settings, &book)
    case .disappeared: leaveField()
    case .ticked: hideSecrets(at: world.now)
    case .moved(let motion): move(motion, in: world)
    case .wheeled(_, let by): for _ in 0..<abs(by) { step(by < 0 ? "Up" : "Down") }
    case .clicked(let point, let isDouble): return click(point, isDouble, in: world)
    case .pressed(let key): return press(key, in: world)
    case .pasted(let text):
      if let id = form.focused?.id, let setting = Settings.description(of: id) {
        do throws(Problem) { try setting.refuseLineBreak(in: text) } catch {
          return [.notice(Notice(.warning, error.description))]
        }
      }
      clearSecret()
      _ = form.handle(.pasted(text))
      check(form.focused?.id)
    case .acted(let action): return act(action, in: world)
    case .typed(SettingsAction.search, let text): look(for: text)
    case .cancelled(SettingsAction.search): look(for: "")
    case .submitted(SettingsAction.search, let values): look(for: values["text"] ?? "")
    case .submitted(SettingsAction.login, _): return login.begin(book.next(), again: true)
    case .cancelled(SettingsAction.login): return login.leave()
    case .answered(let ticket, .login(let step)):
      guard let effects = login.take(step, ticket, in: world) else { return [] }
      if case .done = step { return effects + setUp.connected(&book) }
      return effects
    case .answered(let ticket, let answer): return take(answer, ticket, in: world)
    default: break
    }
    return []
  }

  /// Goes to the field of a setting, once it is there.
  private mutating func show(_ key: String) -> [Effect] {
    if setUp.isOpen {
      return [.notice(Notice(.info, "The set-up is open: Esc leaves it for the settings."))]
    }
    leaveField()
    goal = key
    look(for: "")
    form.focus(on: key)
    return hasChanges ? [] : rows.ask(.settings, &book)
  }

  private var isBusy: Bool { phase != .idle }
  private var hasChanges: Bool { isEditing || !form.changedIDs.isEmpty }

  var takesText: Bool { setUp.isOpen ? setUp.takesText : isEditing }
  var canGoBack: Bool { setUp.isOpen || !search.isEmpty }

  var unsaved: String? {
    let count = form.changedIDs.count + setUp.changes
    guard count > 0 else { return nil }
    return "\(Wording.count(count, "setting is", "settings are")) changed here and not saved."
  }

  func wakeAt(in world: World) -> Instant? { setUp.revealedUntil ?? revealedUntil }

  func guidance(in world: World) -> Guidance? {
    setUp.isOpen ? setUp.guidance : form.focused.flatMap { Guidance.beside(setting: $0.id) }
  }

  private mutating func hideSecrets(at now: Instant) {
    guard let until = revealedUntil, until <= now else { return }
    revealedUntil = nil
    form.hideSecrets()
  }

  // MARK: Keys

  func bindings(in world: World) -> [KeyBinding] {
    if setUp.isOpen { return setUp.bindings(in: world) }
    let loading = rows.isLoading ? "The settings are still being read." : nil
    let busy = isBusy ? "One moment: the key is being tried." : nil
    let count = form.changedIDs.count
    let isSecret = form.focused?.kind == .secret
    return unsavedSteps(busy) + [
      KeyBinding(
        ["^S"], count == 0 ? "Save" : "Save \(count)", SettingsAction.save, priority: 70,
        whyNot: loading ?? busy ?? (count == 0 ? "Nothing is changed." : nil),
        help: "Save every change; a new API key is tried first."),
      KeyBinding(
        ["Enter", "e"], "Edit", SettingsAction.edit, priority: 60, whyNot: loading ?? busy,
        help: "Edit the selected field; Enter keeps, Esc takes back."),
      KeyBinding(
        ["Space"], "Choose", SettingsAction.choose, priority: 20, whyNot: loading ?? busy,
        help: "The next choice of the selected field."),
      KeyBinding(
        ["^R"], "Reveal", SettingsAction.reveal, priority: 40,
        whyNot: loading ?? (isSecret ? nil : "Only secrets are hidden."),
        help: "Show a secret for ten seconds."),
      KeyBinding(
        ["^T"], "Test key", SettingsAction.test, priority: 45,
        whyNot: loading ?? busy
          ?? (form[Settings.key.key].isEmpty ? "There is no API key to try." : nil),
        help: "Try the API key at Mailchimp without saving it."),
      KeyBinding(
        ["/"], "Search", SettingsAction.search, priority: 50, whyNot: loading,
        help: "Show only the settings in whose name, key or help these words are; Esc clears it."),
      KeyBinding(
        ["u"], "Take back", SettingsAction.revert, priority: 15,
        whyNot: count == 0 ? "Nothing is changed." : nil,
        help: "Take back every change that is not saved."),
      KeyBinding(
        ["Delete"], "Default", SettingsAction.reset, whyNot: loading ?? busy,
        help: "Go back to the default of the selected field."),
      KeyBinding(
        ["]"], "Next section", SettingsAction.next, priority: 12, help: "The next section."),
      KeyBinding(["["], "Previous section", SettingsAction.previous, help: "The section before."),
      KeyBinding(
        ["L"], "Log in with Mailchimp", SettingsAction.login, priority: world.hasKey ? 18 : 65,
        whyNot: whyNotLogIn(world.keys),
        help: "Give access in a browser instead of pasting a key."),
      KeyBinding(
        ["W"], "Reconfigure", SetUpAction.open, priority: 10,
        help: "Open the set-up again, step by step."),
    ]
  }

  /// Edits that are not saved are undone here; what was saved, everywhere.
  private func unsavedSteps(_ busy: String?) -> [KeyBinding] {
    var steps: [KeyBinding] = []
    if history.canUndo {
      steps.append(
        KeyBinding(
          ["z"], "Undo", SettingsAction.undo, priority: 16, whyNot: busy,
          help: "Undo the last edit that is not saved."))
    }
    if history.canRedo {
      steps.append(
        KeyBinding(
          ["Z"], "Redo", SettingsAction.redo, whyNot: busy,
          help: "Do again the edit that was undone last."))
    }
    return steps
  }

  private mutating func act(_ action: ActionID, in world: World) -> [Effect] {
    switch action {
    case SettingsAction.save: return save(in: world)
    case SettingsAction.edit: return startEditing()
    case SettingsAction.choose: return choose("Space")
    case SettingsAction.reveal: reveal(in: world)
    case SettingsAction.test: return test(thenSave: false)
    case SettingsAction.revert:
      let before = form
      fill()
      history.note(
        before.changedIDs.map { .init(id: $0, before: before[$0], after: form[$0]) })
    case SettingsAction.undo: return put(history.undo(), "again", world.keys)
    case SettingsAction.redo: return put(history.redo(), "once more", world.keys)
    case SettingsAction.search:
      return [
        .open(
          .prompt(
            Prompt(
              action, label: "/", text: search, help: "a name, a key, a word of the help")))
      ]
    case GlobalKeys.back: look(for: "")
    case SettingsAction.reset:
      guard let id = form.focused?.id, let setting = Settings.description(of: id) else { return [] }
      let held = form[id]
      form[id] = SettingFields.shown(nil, of: setting)
      history.note([.init(id: id, before: held, after: form[id])])
      check(id)
    case SettingsAction.next: turn(1)
    case SettingsAction.previous: turn(-1)
    case SettingsAction.login:
      // Asked for from another pane, too.
      if let whyNotLogIn = whyNotLogIn(world.keys) {
        return [.notice(Notice(.warning, whyNotLogIn))]
      }
      return login.begin(book.next(), again: false)
    default: break
    }
    return []
  }

  /// Puts values back into their fields and says what they are.
  private mutating func put(
    _ values: [(id: String, value: String)], _ how: String, _ keys: UserKeys
  ) -> [Effect] {
    for (id, value) in values {
      form[id] = value
      check(id)
    }
    guard let (id, value) = values.last, let setting = Settings.description(of: id) else {
      return []
    }
    if form.fields.first(where: { $0.id == id })?.isHidden ?? false { look(for: "") }
    form.focus(on: id)
    let shown = SettingFields.stored(value, of: setting)
    let what = setting.isSecret ? "what it was" : shown.isEmpty ? "its default" : "'\(shown)'"
    let more = values.count > 1 ? ", and \(values.count - 1) more" : ""
    return [
      .notice(
        Notice(
          .info, "\(setting.label) is \(what) \(how)\(more); \(keys[SettingsAction.save]) saves."))
    ]
  }

  /// Shows the settings in which every word of `text` is.
  private mutating func look(for text: String) {
    search = Text.oneLine(text)
    let words = search.lowercased().split(separator: " ")
    form.show { field in
      guard let setting = Settings.description(of: field.id) else { return words.isEmpty }
      let all = "\(setting.label) \(setting.key) \(setting.section.rawValue) \(setting.help)"
        .lowercased()
      return words.allSatisfy { all.contains($0) }
    }
  }

  private func whyNotLogIn(_ keys: UserKeys) -> String? {
    if isBusy { return "One moment: the key is being tried." }
    return hasChanges
      ? "A login uses what is saved: save the changes first with \(keys[SettingsAction.save]), or take"
        + " them back with \(keys[SettingsAction.revert])."
      : nil
  }

  /// A key while a field is open.
  private mutating func press(_ key: Key, in world: World) -> [Effect] {
    switch key {
    case "Esc":
      if let id = form.focused?.id {
        form[id] = before
        form.setProblem("", of: id)
      }
      isEditing = false
      form.hideSecrets()
    case "Enter":
      check(form.focused?.id)
      if form.focused?.problem.isEmpty ?? true { leaveField() }
    case "^S": return save(in: world)
    case "^R": reveal(in: world)
    case "^T": return test(thenSave: false)
    case "Tab", "S-Tab", "Up", "Down":
      check(form.focused?.id)
      noteEdit()
      step(key)
      before = form.focused?.value ?? ""
    default:
      if key.typed != nil || Self.erasers.contains(key) { clearSecret() }
      _ = form.handle(.key(key))
      check(form.focused?.id)
    }
    return []
  }

  private mutating func startEditing() -> [Effect] {
    guard let field = form.focused else { return [] }
    if field.id == Settings.theme.key { return [.pickTheme] }
    switch field.kind {
    case .text, .secret, .number:
      before = field.value
      isEditing = true
      return field.id == Settings.scope.key ? searches.ask(.savedSearches, &book) : []
    default: return choose("Space")
    }
  }

  private mutating func choose(_ key: Key) -> [Effect] {
    guard let field = form.focused else { return [] }
    switch field.kind {
    case .toggle, .choice:
      _ = form.handle(.key(key))
      history.note([.init(id: field.id, before: field.value, after: form[field.id])])
      check(field.id)
      return []
    default: return startEditing()
    }
  }

  /// What was typed into the open field is one edit.
  private mutating func noteEdit() {
    guard isEditing, let field = form.focused, field.kind != .toggle else { return }
    history.note([.init(id: field.id, before: before, after: field.value)])
  }

  private mutating func leaveField() {
    if isEditing {
      check(form.focused?.id)
      noteEdit()
    }
    isEditing = false
    revealedUntil = nil
    form.hideSecrets()
  }

  private static let erasers: [Key] = ["Backspace", "Delete", "^W", "^U", "^K", "^D", "^H"]

  /// A set secret is replaced by what is typed, never continued: it cannot be seen.
  private mutating func clearSecret() {
    guard let field = form.focused, field.kind == .secret, field.value == before, !before.isEmpty
    else { return }
    form[field.id] = ""
  }

  private mutating func reveal(in world: World) {
    guard form.focused?.kind == .secret, case .revealed = form.handle(.key("^R")) else {
      revealedUntil = nil
      return
    }
    revealedUntil = world.now + .seconds(10)
  }

  private mutating func check(_ id: String?) {
    guard let id, let setting = Settings.description(of: id) else { return }
    form.setProblem(SettingFields.problem(form[id], setting, searches: searches.value), of: id)
  }

  // MARK: Moving

  private mutating func step(_ key: Key) {
    let old = form.focus
    _ = form.handle(.key(key))
    // A list does not go round: the first field is the first.
    let isDown = key == "Down" || key == "Tab"
    if isDown != (form.focus > old),
      let id = form.fields.indices.contains(old) ? form.fields[old].id : nil
    {
      form.focus(on: id)
    }
  }

  private mutating func move(_ motion: Motion, in world: World) {
    let page = max(1, world.body.height / 2)
    switch motion {
    case .up: step("Up")
    case .down: step("Down")
    case .pageUp, .halfUp: for _ in 0..<page { step("Up") }
    case .pageDown, .halfDown: for _ in 0..<page { step("Down") }
    case .top: form.focus(on: form.fields.first { $0.takesFocus }?.id ?? "")
    case .bottom: form.focus(on: form.fields.last { $0.takesFocus }?.id ?? "")
    case .left: _ = chooseIfChoice("Left")
    case .right: _ = chooseIfChoice("Right")
    }
  }

  private mutating func chooseIfChoice(_ key: Key) -> Bool {
    switch form.focused?.kind {
    case .toggle, .choice:
      _ = choose(key)
      return true
    default: return false
    }
  }

  private mutating func turn(_ step: Int) {
    let sections = SettingSection.allCases
    guard let id = form.focused?.id, let setting = Settings.description(of: id),
      let at = sections.firstIndex(of: setting.section)
    else { return }
    let wanted = sections[(at + step + sections.count) % sections.count]
    if let first = Settings.all.first(where: { $0.section == wanted }) { form.focus(on: first.key) }
  }

  private mutating func click(_ point: Point, _ isDouble: Bool, in world: World) -> [Effect] {
    let room = formRoom(world)
    let place = Point(point.x - room.x, point.y - room.y)
    if let side = sectionsRoom(world), side.contains(point),
      let id = SettingsSections(form).field(atLine: point.y - side.y)
    {
      leaveField()
      form.focus(on: id)
      return []
    }
    guard room.contains(point), let id = form.field(at: place, in: room.size) else { return [] }
    leaveField()
    form.focus(on: id)
    return isDouble ? startEditing() : []
  }

  // MARK: Saving

  private mutating func save(in world: World) -> [Effect] {
    guard !isBusy, !rows.isLoading else { return [] }
    for setting in Settings.all {
      form.setProblem(
        SettingFields.problem(form[setting.key], setting, searches: searches.value), of: setting.key
      )
    }
    if let wrong = form.fields.first(where: {
      !$0.problem.isEmpty && form.changedIDs.contains($0.id)
    }) {
      form.focus(on: wrong.id)
      return [.notice(Notice(.error, "\(wrong.label): \(wrong.problem)"))]
    }
    leaveField()
    let changed = form.changedIDs
    guard !changed.isEmpty else { return [.notice(Notice(.info, "Nothing is changed."))] }
    let concernsKey = changed.contains(Settings.key.key) || changed.contains(Settings.url.key)
    if concernsKey && !form[Settings.key.key].isEmpty { return test(thenSave: true) }
    return write(account: nil)
  }

  private mutating func test(thenSave: Bool) -> [Effect] {
    let ticket = book.next()
    phase = .testing(ticket, thenSave: thenSave)
    return [
      .notice(Notice(.info, "The key is being tried at Mailchimp…")),
      .testKey(Secret(form[Settings.key.key]), url: form[Settings.url.key], ticket),
    ]
  }

  private mutating func write(account: String?) -> [Effect] {
    let ticket = book.next()
    phase = .saving(ticket, account: account)
    return [.saveSettings(SettingFields.edits(form), ticket)]
  }

  private mutating func take(_ answer: Answer, _ ticket: Ticket, in world: World) -> [Effect] {
    switch (answer, phase) {
    case (.settings(let all), _):
      if rows.accept(all, ticket), !hasChanges { fill() }
    case (.savedSearches(let all, _), _):
      if searches.accept(all, ticket) { check(Settings.scope.key) }
    case (.account(let account), .testing(ticket, let thenSave)):
      phase = .idle
      let role = account.role.isEmpty ? "" : " as \(account.role)"
      let who = "Connected to \(account.name)\(role)."
      return thenSave
        ? write(account: who) : [.notice(Notice(.success, "\(who) Nothing was saved."))]
    case (.done, .saving(ticket, let account)):
      phase = .idle
      let count = form.changedIDs.count
      form.markSaved()
      history = SettingsHistory()
      let said = account ?? "\(Wording.count(count, "setting is", "settings are")) saved."
      let next = account == nil || !(world.overview?.audienceID.isEmpty ?? true)
      let whole = next ? said : "\(said) Now choose the audience: press \(world.keys[.audience])."
      let asked = rows.ask(.settings, &book)
      guard account != nil else { return [.notice(Notice(.success, whole))] + asked }
      let reading = book.next()
      greeting = Greeting(ticket: reading, said: whole)
      return [.notice(Notice(.success, whole))] + asked + [.refreshAudiences(reading)]
    case (.audiences(let all), _) where ticket == greeting?.ticket:
      guard let said = greeting?.said else { break }
      greeting = nil
      let audience = all.first { $0.id == world.overview?.audienceID } ?? all.first
      return audience.map {
        let reminder = AudienceFacts.reminder(of: $0, hasPage: !world.isPractice)
        return [.notice(Notice(.success, "\(said) \(reminder)"))]
      } ?? []
    case (.refused(let problem), .testing(ticket, _)):
      phase = .idle
      form.setProblem(problem.description, of: Settings.key.key)
      form.focus(on: Settings.key.key)
      return [.notice(Notice(.error, "Nothing was saved. \(problem.description)"))]
    case (.refused(let problem), .saving(ticket, _)):
      phase = .idle
      if let key = problem.fields["key"] { form.setProblem(problem.description, of: key) }
      return [.notice(Notice(problem))]
    case (.refused(let problem), _):
      if !rows.accept(problem, ticket) { _ = searches.accept(problem, ticket) }
    default: break
    }
    return []
  }

  // MARK: Settings as fields

  /// Fills the form from what was read, staying on the field that has the focus.
  private mutating func fill() {
    let focused = goal ?? form.focused?.id
    goal = nil
    let values = Dictionary((rows.value ?? []).map { ($0.key, $0.value) }) { first, _ in first }
    var fields: [Form.Field] = []
    for section in SettingSection.allCases {
      let settings = Settings.all.filter { $0.section == section }
      if settings.isEmpty { continue }
      fields.append(Form.Field("section.\(section)", section.rawValue, .heading))
      fields += settings.map { SettingFields.field($0, values[$0.key]?.flatMap { $0 }) }
    }
    form = Form(fields)
    form.marksChanges = true
    look(for: search)
    if let focused { form.focus(on: focused) }
    isEditing = false
    revealedUntil = nil
  }

  // MARK: The picture

  private func head(_ world: World, width: Int) -> [[Run]] {
    guard let problem = world.overview?.problem else { return [] }
    return Fold.text([problem.sentence], to: width, .danger)
      + Fold.text(problem.remedy.isEmpty ? [] : [problem.remedy], to: width) + [[]]
  }

  private func formRoom(_ world: World) -> Rect { rooms(world).columns.form }
  private func sectionsRoom(_ world: World) -> Rect? { rooms(world).columns.sections }

  private func rooms(_ world: World) -> (columns: (sections: Rect?, form: Rect), facts: Rect) {
    var room = Rect(world.body).insideFrame
    _ = room.cutTop(head(world, width: max(1, room.width - 2)).count)
    let facts = room.cutBottom(world.body.height < 16 ? 0 : SettingsFacts.height)
    return (SettingsSections.columns(in: room), facts)
  }

  private func drawFacts(on canvas: inout Canvas, _ frame: Rect, in world: World) {
    guard frame.height > 0, let id = form.focused?.id, let setting = Settings.description(of: id)
    else { return }
    let row = rows.value?.first { $0.key == id }
    canvas.inside(frame) { canvas in
      canvas.horizontalLine(0, 0, canvas.width)
      for (y, line) in SettingsFacts.lines(setting, row, form, in: world).enumerated() {
        canvas.line(line, 1, y + 1, width: canvas.width - 2)
      }
    }
  }

  func draw(on canvas: inout Canvas, in world: World) {
    if setUp.isOpen { return setUp.draw(on: &canvas, in: world) }
    let count = form.changedIDs.count
    let note =
      switch phase {
      case .testing: "trying the key…"
      case .saving: "saving…"
      case .idle: count == 0 ? "" : "\(Wording.count(count, "change", "changes")) not saved"
      }
    let title = search.isEmpty ? "Settings" : "Settings: \(search)"
    let room = canvas.box(canvas.bounds, title: title, note: note, focused: true)
    guard rows.value != nil else {
      let text = rows.problem?.description ?? "Loading…"
      canvas.text(
        text, room.x + 1, room.y, rows.problem == nil ? .dim : .danger, width: room.width - 2)
      return
    }
    canvas.inside(room.inset(1, 0)) { canvas in
      for (y, line) in head(world, width: canvas.width).enumerated() { canvas.line(line, 0, y) }
    }
    if let side = sectionsRoom(world) {
      canvas.inside(side) { SettingsSections(form).draw(on: &$0) }
    }
    canvas.inside(formRoom(world)) { canvas in
      if form.fields.contains(where: \.takesFocus) {
        form.draw(on: &canvas, focused: true)
      } else {
        canvas.text("No setting has these words. Esc clears the search.", 1, 0, .dim)
      }
      if !isEditing { canvas.hideCursor() }
    }
    drawFacts(on: &canvas, rooms(world).facts, in: world)
  }

  func plainLines(in world: World) -> [String] {
    guard let all = rows.value else { return [rows.problem?.description ?? "Loading…"] }
    let values = Dictionary(all.map { ($0.key, $0.value) }) { first, _ in first }
    return Settings.all.map { setting in
      let value = values[setting.key].flatMap { $0 }
      let text = setting.isSecret ? value?.hint : value?.reveal()
      let star = setting.isRequired ? " *" : ""
      let shown =
        text ?? (setting.defaultText.isEmpty ? "(not set)" : "\(setting.defaultText) (default)")
      return "\(setting.section.rawValue): \(setting.label)\(star): \(shown)"
    }
  }
}

enum SettingsAction {
  static let save: ActionID = "settings.save"
  static let edit: ActionID = "settings.edit"
  static let choose: ActionID = "settings.choose"
  static let reveal: ActionID = "settings.reveal"
  static let test: ActionID = "settings.test"
  static let revert: ActionID = "settings.revert"
  static let reset: ActionID = "settings.default"
  static let next: ActionID = "settings.next-section"
  static let previous: ActionID = "settings.previous-section"
  static let login: ActionID = "settings.log-in"
  static let search: ActionID = "settings.search"
  static let undo: ActionID = "settings.undo"
  static let redo: ActionID = "settings.redo"
}
