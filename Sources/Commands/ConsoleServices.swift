// Carries out what the console orders and brings back what came of it. What must stay true: no call
// here waits for the file, the engine or the network; everything comes back through one mailbox and
// rings one wakeup.

import Basics
import Console
import Dispatch
import Domain
import Screen
import Storage

final class ConsoleServices: Sendable {
  /// Rung when there is mail.
  let wakeup: Wakeup
  let workspace: Workspace
  let seat: EngineSeat
  private let user: String
  private let isPractice: Bool
  private let isReadOnly: Bool

  private let mailbox = Locked<[SessionEvent]>([])
  /// Readers with a thread each: what is shown never waits for a search.
  private let quick: AnswerDesk
  private let slow: AnswerDesk
  private let orders = DispatchQueue(label: "listkeeper.orders")
  /// What writes long files, so that nothing else waits for it.
  private let exports = DispatchQueue(label: "listkeeper.exports", qos: .utility)
  private let world: Locked<WorldState>
  private let login = LoginDesk()
  private let crowd: PeopleDesk
  private let imports: ImportDesk

  private struct WorldState {
    var base: World
    var theme: String
    /// True while one is read; another is wanted after it when `isStale`.
    var isReading = false
    var isStale = false
    /// The key that Mailchimp took last, and whose it is.
    var tried: (key: Secret, account: String)?
    /// Asked of the engine, and not answered when they were looked at last.
    var requests: [RequestID] = []
    /// Who waits for the answers to some of them.
    var asking: [RequestID: Ticket] = [:]
  }

  init(
    _ workspace: Workspace, seat: EngineSeat, user: String, world: World
  ) throws(Problem) {
    self.workspace = workspace
    self.seat = seat
    self.user = user
    isPractice = world.isPractice
    isReadOnly = world.isReadOnly
    crowd = PeopleDesk(workspace)
    imports = ImportDesk(workspace)
    wakeup = try Wakeup()
    quick = AnswerDesk(try workspace.makeReader(), label: "listkeeper.answers")
    slow = AnswerDesk(try workspace.makeReader(), label: "listkeeper.searches")
    self.world = Locked(WorldState(base: world, theme: Settings.theme.defaultText))
  }

  /// What came since the last call.
  func takeMail() -> [SessionEvent] {
    wakeup.silence()
    return mailbox.withLock { mail in
      defer { mail = [] }
      return mail
    }
  }

  private func post(_ events: SessionEvent...) {
    let wasEmpty = mailbox.withLock { mail in
      defer { mail += events }
      return mail.isEmpty
    }
    if wasEmpty { wakeup.ring() }
  }

  func close() {
    login.end()
    crowd.stop()
    imports.stop()
    quick.close()
    slow.close()
  }

  // MARK: Orders

  /// Begins to carry out what is meant for services; false for effects that are not.
  func carryOut(_ effect: Effect) -> Bool {
    if isReadOnly, effect.isOrder.is {
      refuse(effect.isOrder.ticket)
      return true
    }
    switch effect {
    case .query(let query, let ticket): ask(query, ticket)
    case .request(let request):
      let wanted = isPractice ? request.withoutHold : request
      write { (tx) throws(Problem) in [try tx.requests.insert(wanted)] }
    case .saveSettings(let edits, let ticket):
      var changes = edits.map { SettingChange(key: $0.key, text: $0.value?.reveal()) }
      if let tried = world.withLock({ $0.tried }),
        changes.contains(SettingChange(key: Settings.key.key, text: tried.key.reveal())),
        !changes.contains(where: { $0.key == Settings.user.key })
      {
        changes.append(SettingChange(key: Settings.user.key, text: tried.account))
      }
      let wanted = changes
      // The pane has tried a new key before it saves it.
      online(ticket) { [self] (access, user) throws(Problem) in
        let before = try await access.settings()
        try await access.save(wanted, as: user, untested: true)
        if let way = before.wayBack(from: edits) { post(.edited(ticket, way)) }
        return .done
      }
    case .testKey(let key, let url, let ticket):
      online(ticket) { [self] (access, _) throws(Problem) in
        let account = try await access.tryKey(key, url: url)
        world.withLock { $0.tried = (key, account.name) }
        return .account(account)
      }
    case .chooseAudience(let id, let ticket):
      online(ticket) { (access, user) throws(Problem) in
        _ = try await access.choose(id, as: user)
        return .done
      }
    case .refreshAudiences(let ticket):
      online(ticket) { (access, _) throws(Problem) in .audiences(try await access.audiences()) }
    case .reviveLetters(let cause): letters(of: cause) { .reviveMessage($0) }
    case .discardLetters(let cause): letters(of: cause) { .discardMessage($0) }
    case .dismissDrift(let selection):
      write { (tx) throws(Problem) in
        _ = try tx.drifts.dismiss(
          selection, audienceID: try tx.settings.values()[Settings.audience])
        return []
      }
    case .lookUp(let key, let ticket):
      online(ticket) { (access, _) throws(Problem) in .sideBySide(try await access.lookUp(key)) }
    case .readMergeFields(let ticket):
      online(ticket) { (access, _) throws(Problem) in
        try await access.readMergeFields()
        return .done
      }
    case .createMergeField(let draft, let ticket):
      online(ticket) { (access, _) throws(Problem) in
        _ = try await access.createMergeField(draft)
        return .done
      }
    case .addCustomField(let field, let ticket):
      change(ticket) { (tx) throws(Problem) in
        try tx.directory.define(field)
        return .done
      }
    case .startEngine: startEngine()
    case .createAudience(let draft, let ticket):
      online(ticket) { (access, user) throws(Problem) in
        .audience(try await access.create(draft, as: user))
      }
    case .setDoubleOptIn(let isOn, let id, let ticket):
      online(ticket) { (access, user) throws(Problem) in
        .audience(try await access.setDoubleOptIn(isOn, of: id, as: user))
      }
    case .disconnect(let ticket):
      online(ticket) { (access, user) throws(Problem) in
        .disconnected(try await access.disconnect(as: user).sentences)
      }
    case .beginLogin(let ticket):
      login.begin(
        as: user, { [self] step in post(.answered(ticket, .login(step))) },
        { [workspace] () throws(Problem) in try AccountAccess(workspace) })
    case .pasteLogin(let address): login.paste(address)
    case .endLogin: login.end()
    case .ask(let request, let ticket): ask(request, ticket)
    case .readGrowth(let id, let ticket):
      online(ticket) { (access, _) throws(Problem) in .growth(try await access.growth(of: id)) }
    case .copy(let text, .file): save(text)
    case .savePerson(_, let ticket), .deletePerson(_, _, let ticket),
      .changeMapping(_, let ticket), .saveSchedule(_, _, let ticket),
      .removeSchedule(_, let ticket), .editSearch(_, let ticket), .saveFilter(_, let ticket),
      .removeFilter(_, let ticket), .applyPreset(_, let ticket), .together(_, _, let ticket):
      edit(effect, ticket)
    case .exportLogs(let filter): exportLogs(filter)
    case .changePeople(let change, let people, let ticket):
      crowd.change(people, change, as: user) { [self] in tell($0, ticket) }
    case .takeBack(let mark, let what, let ticket):
      crowd.takeBack(mark, what: what, as: user) { [self] in tell($0, ticket) }
    case .stopChange: crowd.stop()
    case .listFiles(let start, let ticket):
      imports.files(start) { [self] in post(.answered(ticket, $0)) }
    case .inspectFile(let path, let ticket):
      imports.inspect(path) { [self] in post(.answered(ticket, $0)) }
    case .previewImport(let order, let ticket):
      imports.preview(order) { [self] in post(.answered(ticket, $0)) }
    case .importPeople(let order, let ticket):
      imports.run(order, as: user) { [self] in tell($0, ticket) }
    case .stopImport: imports.stop()
    default: return false
    }
    return true
  }

  private func ask(_ query: Query, _ ticket: Ticket) {
    let desk = query.maySearchLong ? slow : quick
    desk.ask(query, ticket) { [self] answer in
      // Audiences that were never read are read now.
      if query == .audiences, answer == .audiences([]), hasKey {
        online(ticket) { (access, _) throws(Problem) in .audiences(try await access.audiences()) }
      } else if case (.growth(let id), .growth(let kept)) = (query, answer), hasKey,
        !kept.isFresh(at: workspace.time.now())
      {
        readGrowth(of: id, or: kept, ticket)
      } else {
        post(.answered(ticket, answer))
      }
    }
  }

  /// What is kept is shown all the same where Mailchimp cannot be asked.
  private func readGrowth(of id: String, or kept: AudienceGrowth, _ ticket: Ticket) {
    online(ticket) { (access, _) throws(Problem) in
      do throws(Problem) {
        return .growth(try await access.growth(of: id))
      } catch {
        if kept.months.isEmpty { throw error }
        return .growth(kept)
      }
    }
  }

  private var hasKey: Bool { world.withLock { $0.base.hasKey } }

  /// Writes in the name of the user; an answer goes to `ticket`.
  private func change(
    _ ticket: Ticket,
    _ body: @escaping @Sendable (WorkspaceTransaction) throws(Problem) -> Answer
  ) {
    orders.async { [self] in
      do throws(Problem) {
        let answer = try workspace.writeBlocking(as: user, evidence: "console", body)
        post(.answered(ticket, answer))
      } catch {
        post(.answered(ticket, .refused(error)))
      }
    }
  }

  /// Carries out an edit, and says with its answer how it is taken back.
  private func edit(_ order: Effect, _ ticket: Ticket) {
    orders.async { [self] in
      do throws(Problem) {
        let made = try workspace.writeBlocking(as: user, evidence: "console") {
          (tx) throws(Problem) in try tx.edit(order)
        }
        if let way = made?.edit { post(.edited(ticket, way)) }
        post(.answered(ticket, made?.answer ?? .done))
      } catch {
        post(.answered(ticket, .refused(error)))
      }
    }
  }

  /// Something that goes on for a while is a step further. What the session does itself waits for
  /// the end.
  private func tell(_ news: EditOutcome, _ ticket: Ticket) {
    if let edit = news.edit { post(.edited(ticket, edit)) }
    guard ticket.isOfSession, case .changed(let progress) = news.answer else {
      return post(.answered(ticket, news.answer))
    }
    if progress.isOver {
      post(.answered(ticket, news.answer))
    } else {
      let share = progress.done * 100 / max(1, progress.total)
      post(.noticed(Notice(.info, "Taking back: \(share)%.")))
    }
    if progress.isOver, progress.left > 0 {
      let text = "\(Phrase.number(progress.left)) values were changed since and stayed."
      post(.noticed(Notice(.warning, text)))
    }
  }

  private func refuse(_ ticket: Ticket?) {
    let problem = Problem(
      "console.read-only", "This console only looks: it was opened with --read-only.",
      remedy: "Open it again without --read-only to change anything.")
    post(
      ticket.map { .answered($0, .refused(problem)) }
        ?? .noticed(Notice(.warning, problem.description)))
  }

  /// Writes requests and remembers them until they are answered.
  private func write(
    _ body: @escaping @Sendable (WorkspaceTransaction) throws(Problem) -> [RequestID]
  ) {
    orders.async { [self] in
      do throws(Problem) {
        let ids = try workspace.writeBlocking(as: user, body)
        world.withLock { $0.requests += ids }
        refresh()
      } catch {
        post(.noticed(Notice(error)))
      }
    }
  }

  /// Writes a request whose answer goes to `ticket`.
  private func ask(_ request: Request, _ ticket: Ticket) {
    orders.async { [self] in
      do throws(Problem) {
        let id = try workspace.writeBlocking(as: user) { (tx) throws(Problem) in
          try tx.requests.insert(request)
        }
        world.withLock { state in
          state.requests.append(id)
          state.asking[id] = ticket
        }
        refresh()
      } catch {
        post(.answered(ticket, .refused(error)))
      }
    }
  }

  private func letters(of cause: String?, _ request: @escaping @Sendable (Int64) -> Request) {
    orders.async { [self] in
      do throws(Problem) {
        let found = try workspace.readBlocking { (reading) throws(Problem) in
          try QueueCommands.read(cause: cause, in: reading).map(\.id)
        }
        write { (tx) throws(Problem) in
          try found.map { (id) throws(Problem) in try tx.requests.insert(request(id)) }
        }
      } catch {
        post(.noticed(Notice(error)))
      }
    }
  }

  private func online(
    _ ticket: Ticket,
    _ body: @escaping @Sendable (AccountAccess, String) async throws(Problem) -> Answer
  ) {
    Task.detached { [self] in
      do throws(Problem) {
        post(.answered(ticket, try await body(try AccountAccess(workspace), user)))
      } catch {
        post(.answered(ticket, .refused(error)))
      }
    }
  }

  private func startEngine() {
    seat.begin { [self] problem in
      post(
        .noticed(
          problem.map { Notice($0) } ?? Notice(.success, "The engine runs in this console.")))
    }
  }

  private func path(_ what: String) -> String {
    let stamp = workspace.time.now().description.filter { $0.isNumber }.prefix(14)
    return "\(workspace.path)-\(what)-\(stamp).txt"
  }

  private func exportLogs(_ filter: LogFilter) {
    let path = path("log")
    let zone = world.withLock { $0.base.zone }
    exports.async { [self] in
      do throws(Problem) {
        let count = try LogExport(workspace, filter, zone).write(to: path)
        let lines = count == 1 ? "1 line" : "\(Phrase.number(count)) lines"
        post(.noticed(Notice(.success, "\(lines) written to \(path).")))
      } catch {
        post(.noticed(Notice(error)))
      }
    }
  }

  private func save(_ text: String) {
    orders.async { [self] in
      let path = path("copy")
      do throws(Problem) {
        try PrivateFile.write(text + "\n", to: path)
        post(.noticed(Notice(.success, "Written to \(path).")))
      } catch {
        post(.noticed(Notice(error)))
      }
    }
  }

  // MARK: The world

  /// As the settings say now.
  var theme: String { world.withLock { $0.theme } }

  /// Reads the world anew; what was asked for meanwhile becomes one more reading.
  func refresh() {
    let begins = world.withLock { state in
      if state.isReading {
        state.isStale = true
        return false
      }
      state.isReading = true
      return true
    }
    if begins { readWorld() }
  }

  private func readWorld() {
    let (base, requests) = world.withLock { ($0.base, $0.requests) }
    let seat = seat.state
    quick.read { (reading) throws(Problem) in
      try WorldReading(base, requests, seat: seat, in: reading)
    } then: { [self] result in
      switch result {
      case .success(let seen):
        let asking = world.withLock { state in
          state.base = seen.world
          state.theme = seen.theme
          state.requests.removeAll { seen.answers[$0] != nil }
          defer { for id in seen.answers.keys { state.asking[id] = nil } }
          return state.asking
        }
        post(.worldChanged(seen.world), .dataChanged)
        for (id, answer) in seen.answers.sorted(by: { $0.key < $1.key }) {
          switch (answer, asking[id]) {
          case (.refused(let problem), let ticket?): post(.answered(ticket, .refused(problem)))
          case (.refused(let problem), nil): post(.noticed(Notice(problem)))
          case (.done(let execution), let ticket?): post(.answered(ticket, .taken(execution)))
          case (.done, nil), (.waiting, _): break
          }
        }
      case .failure(let problem): post(.noticed(Notice(problem)))
      }
      let again = world.withLock { state in
        defer { state.isStale = false }
        state.isReading = state.isStale
        return state.isStale
      }
      if again { readWorld() }
    }
  }
}

/// One look at everything the first rows of the screen show.
struct WorldReading: Sendable {
  var world: World
  var theme: String
  /// Of requests that were answered; one that is gone was done.
  var answers: [RequestID: RequestAnswer] = [:]

  init(
    _ base: World, _ requests: [RequestID], seat: EngineSeat.State, in reading: WorkspaceReading
  ) throws(Problem) {
    world = base
    let settings = try reading.settings.values()
    theme = settings[Settings.theme]
    world.theme = theme
    world.overview = try reading.reports.overview()
    world.now = reading.now
    world.hasKey = settings.isSet(Settings.key)
    let zone = settings[Settings.zone]
    if base.zone.name != zone { world.zone = LocalTime.zone(zone) }
    world.capabilities.glyphs =
      switch settings[Settings.lines] {
      case .auto: base.capabilities.plainTerminal ? .ascii : .unicode
      case .unicode: .unicode
      case .ascii: .ascii
      }
    world.capabilities.showsCursor = settings[Settings.cursor] == .always
    if seat == .taken {
      world.engine = .here
    } else if let holder = try EngineLock.holder(of: reading.database.path) {
      world.engine =
        holder.isThisProcess
        ? .here : .elsewhere(holder.pid.map { "process \($0)" } ?? "another process")
    } else {
      world.engine = seat == .beingTaken ? .starting : .nobody
    }
    for id in requests {
      let answer = try reading.requests.answer(to: id) ?? .done(nil)
      if answer != .waiting { answers[id] = answer }
    }
  }
}

extension Request {
  /// The same, without holding the first plan for a look: for practice.
  fileprivate var withoutHold: Request {
    switch self {
    case .forceSync: .forceSync(approve: true)
    case .resync: .resync(approve: true)
    default: self
    }
  }
}
