// The console as one value: events in, effects out, a picture whenever somebody wants one. What must
// stay true: nothing here waits, and an event is answered on the screen by state that is already
// here. (One state machine, hence its length.)

import Basics
import Domain
import Screen

/// What happened outside, in the past tense.
package enum SessionEvent: Sendable, Equatable {
  case input(InputEvent)
  case answered(Ticket, Answer)
  /// There is a new world. Its size and mouse capture are ignored: those are the session's own.
  case worldChanged(World)
  /// The workspace's file says something new; lists in view are read again.
  case dataChanged
  /// The time of `wakeAt` came.
  case ticked
  /// A service has something to say.
  case noticed(Notice)
  /// An order was carried out, and this is its way back; said before the order's answer.
  case edited(Ticket, Edit)
  /// Somebody's own keys, as their file says now.
  case keysRead(UserKeys)
  /// The themes there are now.
  case themesRead([ThemeChoice])
}

package struct ConsoleSession: Sendable {
  package internal(set) var world: World
  package internal(set) var current: PaneID
  var panes: [PaneID: any Pane]
  var layers: [Layer] = []
  /// What answers brought while something was being typed.
  private var late: [Layer] = []
  private var isAnswering = false
  var notice: Notice?
  private(set) var pastNotices: [Notice] = []
  private(set) var isHeld = false
  private var missedData = false
  private var undoBook = UndoBook()
  /// As the pane in view names them.
  var userKeys: UserKeys { world.keys.seen(in: current) }
  /// The list's share of each pane whose divider was moved.
  var shares: [PaneID: Int] = [:]
  /// Between a press on the divider and its release.
  var isDragging = false
  /// Painted with instead of the theme of the settings; nil where that is.
  package private(set) var themePreview: String?
  /// Asked for before the workspace was read; done as soon as it is.
  private var early: [ActionID] = []

  private static let mostNotices = 200

  package init(world: World, opening pane: PaneID = .overview) {
    self.world = world
    current = pane
    panes = [:]
    for pane in Self.freshPanes() { panes[pane.0] = pane.1 }
  }

  /// Asks what the first pane needs; the first picture needs no answer.
  package mutating func start() -> [Effect] { tell(current, .appeared(row: nil)) }

  /// The pane that is shown as lines, for `--plain`.
  package func plainLines() -> [String] {
    panes[current]?.plainLines(in: seen(by: current)) ?? []
  }

  /// When `ticked` is wanted; nil: not before something happens.
  package var wakeAt: Instant? {
    let expiry = notice.flatMap { notice in
      notice.lifetime.flatMap { lifetime in notice.at.map { $0 + lifetime } }
    }
    let pane = panes[current]?.wakeAt(in: seen(by: current))
    return [expiry, pane].compactMap { $0 }.min()
  }

  // MARK: Events

  /// Takes what happened at `now`, and returns what is to be done outside, in order.
  package mutating func handle(_ event: SessionEvent, at now: Instant) -> [Effect] {
    world.now = max(world.now, now)
    defer { if !isTyping, !late.isEmpty { layers.append(late.removeFirst()) } }
    switch event {
    case .input(let input): return take(input)
    case .answered(let ticket, let answer) where ticket.isOfSession:
      return take(answer, ticket)
    case .answered(let ticket, let answer):
      isAnswering = true
      defer { isAnswering = false }
      return tell(ticket.pane, .answered(ticket, answer))
    case .worldChanged(let news):
      let (size, isCaptured) = (world.size, world.capabilities.capturesMouse)
      let (themes, keys) = (world.themes, world.keys)
      let (engine, lastRun) = (world.engine, world.overview?.lastRun?.id)
      let (isFirst, held) = (world.overview == nil, world.overview?.heldPlans ?? 0)
      world = news
      world.now = max(world.now, now)
      world.size = size
      world.capabilities.capturesMouse = isCaptured
      world.themes = themes
      world.keys = keys
      // What was chosen is what the settings say now: nothing is preview any more.
      if themePreview == world.theme, !isPicking { themePreview = nil }
      if isFirst, world.overview != nil { return beginSetUp() + useEarly() }
      if case .elsewhere(let who) = engine, world.engine == .nobody {
        return say(
          .warning,
          "The engine in \(who) has ended: press \(userKeys[.overview]), then"
            + " \(userKeys[OverviewAction.start]), to run it here.")
      }
      if !isFirst, (world.overview?.heldPlans ?? 0) > held {
        return say(
          .warning, "A plan waits for your decision: press \(userKeys[.review]) to look at it.")
      }
      guard let run = world.overview?.lastRun, !isFirst, run.id != lastRun else { return [] }
      return notice(ofEnd: run).map { obey([.notice($0)]) } ?? []
    case .dataChanged:
      missedData = isHeld
      return isHeld ? [] : tell(current, .dataChanged)
    case .ticked:
      if let notice, let at = notice.at, let lifetime = notice.lifetime, at + lifetime <= world.now
      {
        self.notice = nil
      }
      return tell(current, .ticked)
    case .noticed(let notice): return obey([.notice(notice)])
    case .edited(let ticket, let edit): undoBook.edited(edit, by: ticket)
    case .keysRead(let keys): world.keys = keys
    case .themesRead(let themes): world.themes = themes
    }
    return []
  }

  /// The world as a pane sees it: with the divider where it stands there.
  func seen(by pane: PaneID) -> World {
    var seen = world
    seen.listShare = shares[pane] ?? Divider.middle
    seen.keys = world.keys.seen(in: pane)
    return seen
  }

  /// What became of an order of the session itself.
  private mutating func take(_ answer: Answer, _ ticket: Ticket) -> [Effect] {
    if let said = undoBook.answered(ticket, answer, userKeys) { return obey([.notice(said)]) }
    guard case .refused(let problem) = answer else { return [] }
    themePreview = nil
    return obey([.notice(Notice(problem))])
  }

  /// True while somebody moves through the themes.
  private var isPicking: Bool { if case .themes? = layers.last { true } else { false } }

  /// What gets the keys before the pane; nil where nothing lies over it.
  var topLayer: Layer? { layers.last }

  /// True while keys are text: of a layer, or of a field in the pane.
  private var isTyping: Bool { layers.last?.takesText ?? panes[current]?.takesText ?? false }

  private mutating func take(_ input: InputEvent) -> [Effect] {
    switch input {
    case .key(let key): return press(key)
    case .pasted(let text): return paste(text)
    case .mouse(let event): return take(event)
    case .resized(let size):
      world.size = size
      return tell(current, .resized)
    case .resumed: return [.redraw]
    // Typed on a screen ^C is a key: as a signal it comes from outside, or from before the screen.
    case .interrupted, .terminated, .hungUp: return [.quit]
    case .focused, .rang, .background: return []
    }
  }

  // MARK: Keys

  mutating func press(_ key: Key) -> [Effect] {
    if key == "^L" { return perform(GlobalKeys.redraw) }
    if key == "^Z" { return perform(GlobalKeys.suspend) }
    if ScreenLayout(world.size).isTooSmall {
      return key == "q" || key == "^C" ? quit() : []
    }
    if notice?.level == .error {
      notice = nil
      if key == "Esc" { return [] }
    }
    if let top = layers.indices.last {
      if key.typed == nil, isHelp(key), let guidance = layers[top].guidance {
        return obey([.open(.reader(Reader(guidance)))])
      }
      guard let meant = layers[top].meaning(of: key, userKeys) else { return nothing(key) }
      return settle(layers[top].press(meant == "^C" ? "Esc" : meant, in: world))
    }
    let isText = panes[current]?.takesText ?? false
    if isText {
      if key.typed == nil, isHelp(key) { return perform(GlobalKeys.help) }
      let own = panes[current]?.bindings(in: seen(by: current)) ?? []
      let all = own + LayerKind.form.bindings
      guard let meant = userKeys.meaning(of: key, among: all, isText: true) else {
        return nothing(key)
      }
      return tell(current, .pressed(meant == "^C" ? "Esc" : meant))
    }
    if !userKeys.isChosenMotion(key), let binding = binding(for: key) { return use(binding) }
    if let motion = userKeys.motion(key) { return tell(current, .moved(motion)) }
    return nothing(key)
  }

  private mutating func nothing(_ key: Key) -> [Effect] {
    hint("\(key) does nothing here; \(userKeys[GlobalKeys.help]) shows the keys.")
  }

  private func isHelp(_ key: Key) -> Bool {
    let global = userKeys.applied(to: GlobalKeys.bindings(in: world, isHeld: isHeld))
    return global.first { $0.action == GlobalKeys.help }?.keys.contains(key) ?? false
  }

  /// Every binding of here, the pane's own first: those win.
  func bindings() -> [KeyBinding] {
    let world = seen(by: current)
    let own = panes[current]?.bindings(in: world) ?? []
    var all =
      own
      + GlobalKeys.bindings(
        in: world, isHeld: isHeld, undo: undoBook, split: panes[current]?.divided)
    // Settings has a key for it.
    if current == .settings {
      all.removeAll { [GlobalKeys.login, GlobalKeys.setUp].contains($0.action) }
    }
    // Where a pane steps with them the mouse moves the divider.
    let stepping: [ActionID] = [GlobalKeys.narrow, GlobalKeys.widen]
    all.removeAll { binding in
      stepping.contains(binding.action) && own.contains { $0.keys == binding.keys }
    }
    // What leads nowhere here is not worth room in the footer.
    if !own.contains(where: { $0.place == .actionMenu }),
      let index = all.firstIndex(where: { $0.action == GlobalKeys.actions })
    {
      all[index].priority = 0
      all[index].whyNot = "There is nothing to do with this here."
    }
    return userKeys.applied(to: all)
  }

  /// Everything the palette finds: what can be done here, elsewhere, and the settings.
  private func paletteEntries() -> [CommandPalette.Entry] {
    let here = bindings().filter { $0.action != GlobalKeys.palette }
    let others = PaneID.inOrder.filter { $0 != current }.flatMap { pane in
      userKeys.applied(to: freshBindings(of: pane))
        .filter { !SplitAction.all.contains($0.action) }
        .map { CommandPalette.Entry($0, in: pane, userKeys) }
    }
    return here.map { CommandPalette.Entry($0, userKeys) } + others
      + Settings.all.map { CommandPalette.Entry($0, userKeys) }
  }

  /// What a pane that has read nothing can do: what needs no row.
  private func freshBindings(of pane: PaneID) -> [KeyBinding] {
    Self.freshPanes().first { $0.0 == pane }?.1.bindings(in: world) ?? []
  }

  private func binding(for key: Key) -> KeyBinding? {
    bindings().first { $0.place == .keys && $0.keys.contains(key) }
  }

  mutating func use(_ binding: KeyBinding) -> [Effect] {
    if world.overview == nil, GlobalKeys.canWait.contains(binding.action) {
      if !early.contains(binding.action) { early.append(binding.action) }
      return say(.info, "\(binding.label) follows as soon as the workspace is read.")
    }
    if let whyNot = binding.whyNot { return say(.warning, whyNot) }
    return perform(binding.action)
  }

  /// A new workspace begins with its set-up; practice has all it needs.
  private mutating func beginSetUp() -> [Effect] {
    guard let overview = world.overview, overview.audienceID.isEmpty, !world.hasKey,
      !world.isPractice, !world.isReadOnly, [.overview, .settings].contains(current),
      layers.isEmpty
    else { return [] }
    return show(.settings, row: nil) + tell(.settings, .acted(SetUpAction.begin))
  }

  private mutating func useEarly() -> [Effect] {
    defer { early = [] }
    return early.flatMap { action in
      bindings().first { $0.action == action }.map { use($0) } ?? []
    }
  }

  private mutating func paste(_ text: String) -> [Effect] {
    if let top = layers.indices.last { return settle(layers[top].paste(text, in: world)) }
    if panes[current]?.takesText ?? false { return tell(current, .pasted(text)) }
    return hint("Pasted text goes into fields only; nothing was done with it.")
  }

  func hintBar(width: Int) -> HintBar {
    if let layer = layers.last { return HintBar(layer.hints(userKeys), width: width) }
    return HintBar(bindings(), isText: panes[current]?.takesText ?? false, width: width)
  }

  /// Moves the divider of this pane, whose parts have other heights then.
  mutating func divide(_ share: Int) -> [Effect] {
    let wanted = max(Divider.range.lowerBound, min(Divider.range.upperBound, share))
    guard wanted != shares[current] ?? Divider.middle else { return [] }
    shares[current] = wanted
    return tell(current, .resized)
  }

  // MARK: Layers

  /// Does what the top layer answered.
  mutating func settle(_ reply: LayerReply) -> [Effect] {
    let closed = reply.closes ? layers.removeLast() : nil
    let back: [Effect] =
      (closed?.isForSelecting ?? false) && world.capabilities.capturesMouse
      ? [.captureMouse(true)] : []
    switch reply.outcome {
    case .none: return back
    case .tell(let event): return back + tell(current, event)
    case .use(let binding): return back + use(binding)
    case .order(let effects): return back + obey(effects)
    }
  }

  // MARK: Actions

  mutating func perform(_ action: ActionID) -> [Effect] {
    switch action {
    case GlobalKeys.forceSync: return forceSync()
    case GlobalKeys.resync: return obey([.open(.dialog(resyncDialog()))])
    case GlobalKeys.pause:
      return obey([.request(world.overview?.engine == .paused ? .enable : .pause)])
    case GlobalKeys.startEngine: return obey([.startEngine])
    case GlobalKeys.hold: return toggleHold()
    case GlobalKeys.notices: return obey([.open(.reader(noticesReader()))])
    case GlobalKeys.redraw: return [.redraw]
    case GlobalKeys.suspend: return [.suspend]
    case GlobalKeys.mouse:
      world.capabilities.capturesMouse.toggle()
      let isOurs = world.capabilities.capturesMouse
      return [.captureMouse(isOurs)]
        + say(
          .info,
          isOurs
            ? "The mouse acts here again."
            : "The mouse selects text in the terminal now;"
              + " \(userKeys[GlobalKeys.mouse]) takes it back.")
    case GlobalKeys.copy:
      // Gathered only now: what can be copied is everything in view.
      let copies = panes[current]?.copies(in: world) ?? []
      guard !copies.isEmpty else { return say(.info, "There is nothing to copy here.") }
      return obey([.open(.menu(Menu.copying(copies)))])
    case GlobalKeys.actions:
      let actions = bindings().filter { $0.place == .actionMenu }
      return obey([.open(.menu(Menu(title: "Actions", bindings: actions)))])
    case GlobalKeys.palette:
      return obey([.open(.palette(CommandPalette(paletteEntries())))])
    case GlobalKeys.undo: return takeStep(.back)
    case GlobalKeys.redo: return takeStep(.forth)
    case GlobalKeys.narrow:
      return divide((shares[current] ?? Divider.middle) - Divider.step)
    case GlobalKeys.widen:
      return divide((shares[current] ?? Divider.middle) + Divider.step)
    case GlobalKeys.theme: return obey([.pickTheme])
    case GlobalKeys.help:
      let guidance = panes[current]?.guidance(in: world)
      let help = Reader.help(
        pane: current, bindings: bindings(), keys: userKeys, guidance: guidance)
      return obey([.open(.reader(help))])
    case GlobalKeys.back:
      return act(
        .acted(action), orSay: "Nothing is open here; \(userKeys[GlobalKeys.quit]) leaves.")
    case GlobalKeys.login:
      return show(.settings, row: nil) + tell(.settings, .acted(SettingsAction.login))
    case GlobalKeys.setUp:
      return show(.settings, row: nil) + tell(.settings, .acted(SetUpAction.open))
    case GlobalKeys.quit: return goBackOrQuit()
    default:
      if let pane = PaneID.allCases.first(where: { GlobalKeys.pane($0) == action }) {
        return pane == current
          ? act(.appeared(row: nil), orSay: "\(pane) is open already.") : show(pane, row: nil)
      }
      return act(.acted(action), orSay: "That changes nothing here.")
    }
  }

  /// Lets the pane act; where nothing came of it, that is said: no key is pressed into the void.
  private mutating func act(_ event: PaneEvent, orSay sentence: String) -> [Effect] {
    let before = panes[current]
    let shown = (current, layers, notice)
    let effects = tell(current, event)
    guard effects.isEmpty, shown == (current, layers, notice), let after = panes[current],
      before?.isEqual(after) ?? false
    else { return effects }
    return hint(sentence)
  }

  private mutating func takeStep(_ way: UndoBook.Way) -> [Effect] {
    switch undoBook.take(way, userKeys) {
    case .success(let order): return [order]
    case .failure(let problem): return say(.warning, problem.sentence)
    }
  }

  /// Does in another pane what was found by its name. What would act on a row waits for somebody to
  /// choose one: the first row is nobody's choice.
  private mutating func act(_ action: ActionID, in pane: PaneID) -> [Effect] {
    let needsRow = freshBindings(of: pane).first { $0.action == action }?.whyNot != nil
    let shown = show(pane, row: nil)
    guard let binding = bindings().first(where: { $0.action == action }) else { return shown }
    if !needsRow { return shown + use(binding) }
    let key = userKeys[action]
    return shown + say(.info, "\(pane) is open: \(key) is \(binding.label), on what you select.")
  }

  private mutating func forceSync() -> [Effect] {
    guard world.engine == .nobody, world.overview?.engine == EngineState.none else {
      return obey([.request(.forceSync(approve: false))])
    }
    let dialog = Dialog(
      title: "No engine is running",
      lines: [
        "The request is noted, but nothing runs the engine of this workspace.",
        "Run it in this console?",
      ], verb: "Run the engine", orders: [.startEngine])
    return obey([.request(.forceSync(approve: false)), .open(.dialog(dialog))])
  }

  private func resyncDialog() -> Dialog {
    let overview = world.overview
    return Dialog(
      title: "Resync everyone",
      lines: [
        "All \(Wording.people(overview?.totalPeople ?? 0)) are compared with the audience"
          + " \(overview?.audienceName ?? ""), and what differs is sent.",
        "The guard holds a resync that would change too much.",
      ], verb: "Resync", orders: [.request(.resync(approve: false))])
  }

  private mutating func toggleHold() -> [Effect] {
    isHeld.toggle()
    guard !isHeld else {
      return say(
        .info, "The lists stand still until \(userKeys[GlobalKeys.hold]) is pressed again.")
    }
    notice = nil
    defer { missedData = false }
    return missedData ? tell(current, .dataChanged) : []
  }

  private func noticesReader() -> Reader {
    let lines = pastNotices.reversed().map { notice in
      let at = notice.at.map { Wording.clock($0, in: world) } ?? ""
      let sign = Wording.sign(notice.level, world.capabilities.glyphs)
      return [Run("\(at)  ", .dim), Run("\(sign) ", Wording.role(notice.level)), Run(notice.text)]
    }
    return Reader(
      title: "Notices", lines: lines.isEmpty ? [[Run("Nothing was said yet.", .dim)]] : lines)
  }

  private mutating func goBackOrQuit() -> [Effect] {
    if panes[current]?.canGoBack ?? false { return tell(current, .acted(GlobalKeys.back)) }
    return quit()
  }

  private mutating func quit() -> [Effect] {
    if ScreenLayout(world.size).isTooSmall { return [.quit] }
    let unsaved = PaneID.allCases.compactMap { panes[$0]?.unsaved }
    if !unsaved.isEmpty {
      let dialog = Dialog(
        title: "Quit without saving", lines: unsaved, verb: "Quit", orders: [.quit])
      return obey([.open(.dialog(dialog))])
    }
    guard let dialog = engineDialog() else { return [.quit] }
    return obey([.open(.dialog(dialog))])
  }

  /// What ends with the engine in this console; nil where nothing does.
  private func engineDialog() -> Dialog? {
    guard world.engine == .here, let overview = world.overview else { return nil }
    let schedules = world.isPractice ? [] : overview.schedules
    var lines: [String] = []
    if let run = overview.running {
      lines += [
        "Execution \(run.id) runs in this console and stops with it at a safe point.",
        "It goes on from there when an engine runs again: start the console, or"
          + " listkeeper serve.",
      ]
    }
    if !schedules.isEmpty {
      lines += StoppedSchedules(schedules).lines + ["They go on without the console with:"]
      lines.append("listkeeper --workspace \(Text.shellWord(world.path)) serve")
    }
    guard !lines.isEmpty else { return nil }
    return Dialog(
      title: overview.running == nil ? "The engine stops" : "A run is live",
      lines: lines, verb: "Quit", orders: [.quit])
  }

  // MARK: Panes

  mutating func show(_ pane: PaneID, row: Int64?) -> [Effect] {
    var effects: [Effect] = []
    if pane != current {
      effects += tell(current, .disappeared)
      current = pane
    }
    return effects + tell(pane, .appeared(row: row))
  }

  private mutating func follow(_ jump: Jump) -> [Effect] {
    var effects: [Effect] = []
    if jump.pane != current {
      effects += tell(current, .disappeared)
      current = jump.pane
    }
    return effects + tell(jump.pane, .arrived(jump))
  }

  mutating func tell(_ id: PaneID, _ event: PaneEvent) -> [Effect] {
    guard var pane = panes[id] else { return [] }
    let effects = pane.update(event, in: seen(by: id))
    panes[id] = pane
    return obey(effects)
  }

  private mutating func say(_ level: Notice.Level, _ text: String) -> [Effect] {
    obey([.notice(Notice(level, text))])
  }

  /// What a key says that did nothing: shown, and not kept among the notices of the past.
  private mutating func hint(_ text: String) -> [Effect] {
    notice = Notice(.info, text)
    notice?.at = world.now
    return []
  }

  /// Obeys the effects that are the session's and passes the others on, in order.
  private mutating func obey(_ effects: [Effect]) -> [Effect] {
    var outside: [Effect] = []
    for effect in effects {
      switch effect {
      case .open(let layer):
        // A question that an answer brings waits until nothing is typed any more: keys meant for a
        // field must not answer it.
        if isAnswering, isTyping, case .dialog = layer {
          late.append(layer)
          continue
        }
        layers.append(layer)
        if layer.isForSelecting, world.capabilities.capturesMouse {
          outside.append(.captureMouse(false))
        }
      case .notice(var said):
        said.at = said.at ?? world.now
        notice = said
        // Said again and again it stands there once, with the last time.
        if let last = pastNotices.last, (last.level, last.text) == (said.level, said.text) {
          pastNotices.removeLast()
        }
        pastNotices.append(said)
        if pastNotices.count > Self.mostNotices { pastNotices.removeFirst() }
      case .switchPane(let pane, let row): outside += show(pane, row: row)
      case .jump(let jump): outside += follow(jump)
      case .closeForm(let action): layers.removeAll { $0.form(for: action) != nil }
      case .refuseForm(let action, let problem):
        for (index, layer) in layers.enumerated() {
          guard var form = layer.form(for: action) else { continue }
          form.refuse(problem)
          layers[index] = .form(form)
        }
      case .stepLogin(let step):
        for (index, layer) in layers.enumerated() {
          guard case .login(var dialog) = layer else { continue }
          dialog.show(step)
          layers[index] = .login(dialog)
        }
      case .tellForm(let action, let text):
        for (index, layer) in layers.enumerated() {
          guard var form = layer.form(for: action) else { continue }
          form.tell(text)
          layers[index] = .form(form)
        }
      case .teachPrompt(let action, let words): change(action) { $0.learn(words) }
      case .offer(let action, let text, let all): change(action) { $0.offer(all, instead: text) }
      case .request(let request):
        if let edit = effect.withoutWayBack(userKeys), !world.isReadOnly {
          undoBook.ordered(edit)
        }
        outside.append(effect)
        if !world.isReadOnly { outside += obey([.notice(Notice(.info, sentence(request)))]) }
      case .act(let pane, let action): outside += act(action, in: pane)
      case .pickTheme:
        guard !world.themes.isEmpty else { break }
        outside += obey([.open(.themes(ThemePicker(world.themes, current: world.theme)))])
      case .previewTheme(let name): themePreview = name
      case .chooseTheme(let name):
        guard name != world.theme else {
          themePreview = nil
          break
        }
        themePreview = name
        let edit = SettingEdit(key: Settings.theme.key, value: Secret(name))
        outside.append(.saveSettings([edit], .session(.max)))
      default:
        if let edit = effect.withoutWayBack(userKeys), !world.isReadOnly {
          undoBook.ordered(edit)
        }
        outside.append(effect)
      }
    }
    return outside
  }

  /// Changes the prompt that was opened for `action`, where it is open.
  private mutating func change(_ action: ActionID, _ body: (inout Prompt) -> Void) {
    for (index, layer) in layers.enumerated() {
      guard case .prompt(var prompt) = layer, prompt.action == action else { continue }
      body(&prompt)
      layers[index] = .prompt(prompt)
    }
  }
}
