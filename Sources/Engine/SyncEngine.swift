// The engine of one workspace: takes the lock, takes in what comes, hands out what is due, records
// what comes back, steps down when its term is over. All that must survive is in the file; this
// actor holds running tasks, the busy-set and the call budget. (One actor, hence its length.)

import Basics
import Domain
import Foundation
import HTTP
import Mailchimp
import PeopleSources
import Queue
import Storage

package actor SyncEngine {
  private let workspace: Workspace
  private let log: DiagnosticLog
  private let http: HTTPClient
  private let version: String

  private var lock: EngineLock?
  private var state = DispatcherState()
  private var loop: Task<Void, Never>?
  private var watch: Task<Void, Never>?
  private var timer: Task<Void, Never>?
  private var works: [Int: Task<Void, Never>] = [:]
  /// The leases of what runs: they are kept until it has ended, however long that takes.
  private var tokens: [Int: String] = [:]
  private var mailchimp:
    (connection: MailchimpConnection, connections: Int, client: MailchimpClient)?
  private var resolved: (reference: Secret, secret: Secret)?
  private var blockedUntil: Instant?
  private var lastCleaned: Instant?
  private var lastWeighed: Instant?
  private var isStopping = false
  private let desk = SourceDesk()
  private var sourceWatch: SourceWatch?
  /// A watched file may have changed; which state of it was seen to last.
  private let mayHaveChanged = Locked(false)
  private var seenSignature: String?
  private let nudges: AsyncStream<Void>
  private let nudge: AsyncStream<Void>.Continuation

  /// Where `http` is nil the engine makes a client of its own.
  package init(
    workspace: Workspace, log: DiagnosticLog = .silent, http: HTTPClient? = nil,
    version: String = ""
  ) throws(Problem) {
    self.workspace = workspace
    self.log = log
    self.version = version
    self.http = if let http { http } else { try HTTPClient() }
    (nudges, nudge) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Takes the workspace's lock and begins. Throws `engine.held` where another engine has it.
  /// `prepare` runs once the lock is held, before anything is done; what it throws ends the start.
  package func start(
    prepare: (@Sendable () async throws(Problem) -> Void)? = nil
  ) async throws(Problem) {
    guard loop == nil else { return }
    let lock = try await EngineLock.acquire(workspace, version: version)
    if let prepare {
      do throws(Problem) { try await prepare() } catch {
        await lock.release()
        throw error
      }
    }
    try await RequestDesk.begin(lock, workspace)
    self.lock = lock
    let changes = workspace.changes.stream()
    watch = Task { [nudge] in
      for await _ in changes { nudge.yield() }
    }
    loop = Task { await self.run() }
    nudge.yield()
  }

  /// Ends cleanly: what runs is recorded or given back, the lock is released.
  package func stop() async {
    isStopping = true
    nudge.yield()
    await loop?.value
    loop = nil
  }

  /// Returns when the engine has ended by itself or was stopped.
  package func waitUntilStopped() async { await loop?.value }

  // MARK: The loop

  private func run() async {
    var turns = nudges.makeAsyncIterator()
    while !isStopping {
      do {
        try await turn()
      } catch {
        if error.code == "engine.lost" {
          log.problem(.warning, error)
          break
        }
        log.problem(.error, error)
        wake(at: workspace.time.now() + .seconds(1))
      }
      if isStopping { break }
      _ = await turns.next()
    }
    await wind()
  }

  /// Lets running work end, then gives the lock back.
  private func wind() async {
    timer?.cancel()
    watch?.cancel()
    sourceWatch = nil
    for work in works.values { work.cancel() }
    for work in works.values { await work.value }
    works = [:]
    await lock?.release()
    lock = nil
  }

  private func turn() async throws(Problem) {
    guard let term = lock?.term else { return }
    let intake = Intake(term: term)
    let busy = state.busy
    let seen = try await workspace.read { (reading) throws(Problem) in
      try Glance(reading, busy: busy)
    }
    var settings = seen.settings
    if seen.hasRequests {
      let inHand = state.inHand
      _ = try await workspace.write(as: "engine") { (tx) throws(Problem) in
        try intake.takeRequests(inHand: inHand, tx)
      }
      blockedUntil = nil
    }
    if seen.hasDueSchedules {
      try await workspace.write(as: "engine") { (tx) throws(Problem) in
        try intake.runDueSchedules(tx)
      }
    }
    if seen.hasChangedPeople {
      let current = settings
      var more = true
      while more, !isStopping {
        more = try await workspace.write(as: "engine") { (tx) throws(Problem) in
          try intake.takeInChanges(settings: current, tx)
        }
        // A pause or a cancel does not wait for a large import to be taken in.
        let isAsked = try await workspace.read { (reading) throws(Problem) in
          try !reading.requests.waiting(limit: 1).isEmpty
        }
        if more, isAsked {
          nudge.yield()
          break
        }
      }
    }
    let looksAtTags = try await takeInTags(seen, term: term)
    let glance =
      seen.hasRequests || seen.hasChangedPeople || seen.hasDueSchedules || looksAtTags
      ? try await workspace.read { (reading) throws(Problem) in try Glance(reading, busy: busy) }
      : seen
    settings = glance.settings
    try await pollWhenDue(glance, term: term)
    try await tendWhenDue(glance, term: term)
    try await refreshWhenDue(glance, term: term)
    try await dispatch(glance, settings: settings, term: term)
    await clean(settings: settings, term: term)
    wake(at: glance.nextDue(blockedUntil: blockedUntil))
  }

  /// Compares people with tags where something may differ. True when it did.
  private func takeInTags(_ seen: Glance, term: Int64) async throws(Problem) -> Bool {
    guard seen.asksForTags || seen.hasRequests else { return false }
    let intake = TagIntake(term: term)
    let settings = seen.settings
    var isFirst = true
    var more = true
    while more, !isStopping {
      let first = isFirst
      more = try await workspace.write(as: "engine") { (tx) throws(Problem) in
        try intake.take(settings: settings, reconciles: first, tx)
      }
      isFirst = false
    }
    return true
  }

  private func dispatch(
    _ glance: Glance, settings: SettingValues, term: Int64
  ) async throws(Problem) {
    let lessor = Lessor(term: term)
    let audienceID = settings[Settings.audience]
    let conditions = DispatchConditions(
      isPaused: glance.engine.isPaused, blockedUntil: blockedUntil,
      isConfigured: glance.isConfigured, isFirstSyncDone: glance.progress.firstSyncAt != nil)
    var empty: Set<MessageKind> = []
    let ready = Set(glance.ready.compactMap(MessageKind.init))
    let orders =
      state.orders(
        conditions, connections: settings[Settings.connections], now: workspace.time.now(),
        ready: ready) + state.localOrders(conditions, ready: ready)
      + state.sourceOrders(conditions, ready: ready)
    for order in orders {
      guard case .lease(let kind, let limit) = order, glance.ready.contains(kind.rawValue),
        !empty.contains(kind), !isStopping
      else { continue }
      let busy = state.busy
      let leased = try await workspace.write(as: "engine") { (tx) throws(Problem) in
        try lessor.lease(kind, limit: limit, busy: busy, audienceID: audienceID, tx)
      }
      if leased.isEmpty { empty.insert(kind) }
      for work in leased { begin(work, settings: settings, term: term) }
    }
  }

  // MARK: One piece of work

  private func begin(_ work: LeasedWork, settings: SettingValues, term: Int64) {
    guard
      let number = state.start(
        RunningWork(kind: work.kind, addresses: work.addresses.union(work.former)))
    else {
      // Cannot happen while every lease excludes the busy-set; the lease then runs out by itself.
      log.write(.error, "leased work overlaps the busy-set", ["kind": .string(work.kind.rawValue)])
      return
    }
    tokens[number] = work.token
    works[number] = Task {
      await self.perform(work, settings: settings, term: term)
      self.ended(number)
    }
  }

  private func ended(_ number: Int) {
    state.finish(number)
    works[number] = nil
    tokens[number] = nil
    if works.isEmpty { ProcessMemory.giveBack() }
    nudge.yield()
  }

  private func perform(_ work: LeasedWork, settings: SettingValues, term: Int64) async {
    var settings = settings
    // A resync is for everyone, those too who stood here unsent at set-up.
    if work.execution.isForEveryone {
      settings.texts[Settings.existing.key] = ExistingRule.all.rawValue
    }
    var outcome = Outcome()
    let journal = ExchangeJournal()
    do throws(Setback) {
      if let flow = flow(for: work) {
        let client = try await client(settings).observed { journal.add($0) }
        let run = FlowRun(
          execution: work.execution.id, trigger: work.execution.trigger,
          audienceID: work.execution.audienceID ?? settings[Settings.audience], settings: settings,
          workspace: workspace, mailchimp: client, time: workspace.time,
          addresses: work.addresses, intend: intend(work, settings, term: term))
        outcome = try await flow.handle(work.messages, in: run)
      } else {
        outcome =
          work.kind.isAtSource
          ? try await atSource(work, settings)
          : await BackUp().handle(work.messages, in: workspace)
      }
    } catch {
      outcome = interrupted(work, by: error)
    }
    outcome.exchanges += journal.rows
    if let problem = outcome.fates.values.compactMap(\.everyone).first {
      outcome.blockedBy = problem
      blockedUntil = workspace.time.now() + Disposition.blockedFor
      resolved = nil
    } else if outcome.hasSucceeded {
      blockedUntil = nil
    }
    let recorder = Recorder(
      term: term, policy: RetryPolicy(retries: settings[Settings.attempts] - 1))
    let jitter = Double.random(in: 0.5...1)
    let final = outcome
    while true {
      do throws(Problem) {
        return try await workspace.write(as: "engine") { (tx) throws(Problem) in
          try recorder.record(final, of: work, jitter: jitter, tx)
        }
      } catch {
        log.problem(["engine.lost", "sqlite.busy"].contains(error.code) ? .warning : .error, error)
        if error.code == "engine.lost" { isStopping = true }
        // Somebody else holds the file: the call has waited, and what was done there must not be
        // forgotten. For any other reason the lease stays until it runs out or the next engine's
        // term frees it; the work is done again then, and finds what it already did in step.
        guard error.code == "sqlite.busy", !isStopping else { return }
      }
    }
  }

  /// What a flow may write down before a call.
  private func intend(
    _ work: LeasedWork, _ settings: SettingValues, term: Int64
  ) -> @Sendable ([Intention]) async throws(Problem) -> Void {
    { [workspace] (intentions) async throws(Problem) in
      try await workspace.write(as: "engine") { (tx) throws(Problem) in
        try EngineLock.fence(term: term, on: tx)
        try tx.links.note(intentions, at: tx.now)
      }
    }
  }

  /// What is recorded when a flow threw: the messages' fate, and a line that says so.
  private func interrupted(_ work: LeasedWork, by setback: Setback) -> Outcome {
    var outcome = Outcome()
    outcome.ending = work.kind == .sendChunk ? .chunkReturned : .finishes
    let now = workspace.time.now()
    let fate: MessageFate = isStopping || setback.isCancellation ? .givenBack : .again(setback)
    for message in work.messages { outcome.fates[message.id] = fate }
    if case .again = fate {
      outcome.log = [
        LogLine(
          at: now, .error,
          // What waits is told by the rows, and what is given up with its end.
          setback.isForEveryone ? setback.problem.description : setback.problem.sentence,
          fields: ["code": setback.problem.code])
      ]
    }
    return outcome
  }

  /// Nil for what does not speak with Mailchimp.
  private func flow(for work: LeasedWork) -> (any Flow)? {
    // Its rows are what was, not what the directory wants now.
    if work.kind == .sendChunk, work.execution.trigger == .undo { return UndoPush() }
    return switch work.kind {
    case .readAudience: PullMembers()
    case .survey: Survey()
    case .verify: VerifyAudience()
    case .syncTags, .lookAtTags: SyncTags()
    case .undo: UndoExecution()
    case .personChanged, .syncAddress, .sendChunk: PushPeople()
    case .backup: nil
    case .pullMember: PullMember()
    case .tendWebhook: TendWebhook()
    case .refreshPeople, .writeBack: nil
    }
  }

  /// The client for the settings as they are now; made anew when they changed.
  private func client(_ settings: SettingValues) async throws(Setback) -> MailchimpClient {
    do throws(Problem) {
      try settings.check()
      let secret = try await resolve(settings[Settings.key])
      let connection = MailchimpConnection(
        key: try MailchimpKey(secret), url: settings[Settings.url],
        callTime: .seconds(settings[Settings.timeout]))
      let connections = settings[Settings.connections]
      if let mailchimp, mailchimp.connection == connection, mailchimp.connections == connections {
        return mailchimp.client
      }
      let client = try MailchimpClient(
        connection, http: http, budget: RequestBudget(most: connections), time: workspace.time)
      mailchimp = (connection, connections, client)
      return client
    } catch {
      // A key or a setting that cannot be used hits everyone.
      throw Setback(MailchimpError(error, .everyone(.keyRefused)))
    }
  }

  /// A reference (`env:`, `file:`, `command:`) is looked up once, and again after a refusal.
  private func resolve(_ reference: Secret) async throws(Problem) -> Secret {
    guard SecretReference.isReference(reference) else { return reference }
    if let resolved, resolved.reference == reference { return resolved.secret }
    // A command may take its time: not on a thread of the pool.
    let result = await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(
          returning: Result { () throws(Problem) in try SecretReference.resolve(reference) })
      }
    }
    let secret = try result.get()
    resolved = (reference, secret)
    return secret
  }

  // MARK: The source of people

  private func atSource(
    _ work: LeasedWork, _ settings: SettingValues
  ) async throws(Setback) -> Outcome {
    let run = SourceRun(
      execution: work.execution.id, settings: settings, workspace: workspace, http: http,
      time: workspace.time, desk: desk)
    return work.kind == .refreshPeople
      ? try await RefreshPeople().handle(work.messages, in: run)
      : try await WriteBackPeople().handle(work.messages, in: run)
  }

  /// After so many minutes, and when a watched file is another than was read last.
  private func refreshWhenDue(_ glance: Glance, term: Int64) async throws(Problem) {
    let kind = glance.settings[Settings.sourceKind]
    let path = glance.settings[Settings.sourcePath]
    if kind == .csv, !path.isEmpty {
      if sourceWatch?.path != path {
        mayHaveChanged.withLock { $0 = true }
        seenSignature = nil
        do throws(Problem) {
          sourceWatch = try SourceWatch(path) { [mayHaveChanged, nudge] in
            mayHaveChanged.withLock { $0 = true }
            nudge.yield()
          }
        } catch {
          // A folder that is not there: the refresh itself says so.
          log.problem(.warning, error)
        }
      }
    } else {
      sourceWatch = nil
    }
    guard kind != .builtIn, !glance.engine.isPaused else { return }
    var trigger: Trigger?
    if let due = glance.refreshDue, due <= workspace.time.now() { trigger = .schedule }
    var signature: String?
    if sourceWatch != nil, mayHaveChanged.withLock({ $0 }) {
      signature = CSVFile(path).signature
      if signature == nil || signature == seenSignature ?? glance.source.signature {
        mayHaveChanged.withLock { $0 = false }
      } else {
        trigger = .change
      }
    }
    guard let trigger else { return }
    let isFull = trigger == .change
    let state = signature
    let isStarted = try await workspace.write(as: "engine") { (tx) throws(Problem) in
      try EngineLock.fence(term: term, on: tx)
      // A refresh that was asked for has read this very state of the file since the glance.
      if trigger == .change, try tx.source.record().signature == state { return true }
      // One that runs may have read the file as it was: it is read again after it.
      let isBusy = try tx.executions.open().contains { $0.flow == .refresh && $0.status != .held }
      if !isBusy { _ = try RefreshWork.start(trigger, isFull: isFull, by: "engine", tx) }
      return !isBusy
    }
    if isStarted, trigger == .change {
      seenSignature = signature
      mayHaveChanged.withLock { $0 = false }
    }
  }

  // MARK: Time

  private func pollWhenDue(_ glance: Glance, term: Int64) async throws(Problem) {
    let now = workspace.time.now()
    guard glance.isConfigured, !glance.engine.isPaused, glance.progress.readAt != nil,
      glance.progress.firstSyncAt != nil
    else { return }
    let interval = Duration.minutes(glance.settings[Settings.pollMinutes])
    let due = glance.engine.nextPollAt
    guard due == nil || due.map({ $0 <= now }) == true else { return }
    let audienceID = glance.settings[Settings.audience]
    let readAt = glance.progress.readAt
    try await workspace.write(as: "engine") { (tx) throws(Problem) in
      try EngineLock.fence(term: term, on: tx)
      try tx.engine.setNextPoll(now + interval)
      // A poll that has not ended is not doubled; one that was missed happens once.
      let open = try tx.executions.open().contains {
        $0.flow == .pullMembers && $0.audienceID == audienceID
          && ![.webhook, .retry].contains($0.trigger)
      }
      guard due != nil, !open else { return }
      let id = try tx.executions.create(.pullMembers, .poll, audienceID: audienceID)
      // Who was deleted for good shows in no list of changes, only by missing in a full one.
      let isFull = readAt.map { tx.now - $0 >= PullMembers.fullEvery } ?? true
      try MessageQueue.enqueue(
        ReadAudience(execution: id, isFull: isFull, startedAt: tx.now, then: nil).message,
        on: tx.database)
    }
  }

  private func tendWhenDue(_ glance: Glance, term: Int64) async throws(Problem) {
    let visit = glance.webhookVisit(at: workspace.time.now())
    guard glance.isConfigured, visit.isDue else { return }
    let audienceID = glance.settings[Settings.audience]
    try await workspace.write(as: "engine") { (tx) throws(Problem) in
      try EngineLock.fence(term: term, on: tx)
      _ = try WebhookCalendar.ask(
        .schedule, audienceID: audienceID, tx)
    }
  }

  private func clean(settings: SettingValues, term: Int64) async {
    let now = workspace.time.now()
    if let lastCleaned, now - lastCleaned < Janitor.interval { return }
    lastCleaned = now
    // A dispatcher's own leases do not run out under work that takes long.
    let held = Array(tokens.values)
    do throws(Problem) {
      try await workspace.write(as: "engine") { (tx) throws(Problem) in
        try EngineLock.fence(term: term, on: tx)
        for token in held {
          _ = try MessageQueue.renew(
            token: token, until: tx.now + Lessor.duration, on: tx.database)
        }
      }
    } catch {
      log.problem(.warning, error)
    }
    let weighs = lastWeighed.map { now - $0 >= Janitor.weighing } ?? true
    if weighs { lastWeighed = now }
    await Janitor(workspace: workspace, term: term, log: log, weighs: weighs)
      .clean(settings: settings)
  }

  private func wake(at instant: Instant?) {
    timer?.cancel()
    guard let instant else { return }
    timer = Task { [nudge, time = workspace.time] in
      do {
        try await time.sleep(until: instant)
        nudge.yield()
      } catch {
        // Cancelled: a later turn has set another time.
      }
    }
  }
}

/// What a turn needs to see before it does anything, in one reading.
private struct Glance: Sendable {
  var settings: SettingValues
  var engine: EngineRecord
  var progress: AudienceProgress
  var source: SourceRecord
  var hasRequests: Bool
  var hasChangedPeople: Bool
  /// Somebody may have to gain or lose a tag.
  var asksForTags: Bool
  /// When a tag whose search depends on the day is to be compared.
  var tagsDue: Instant?
  /// Kinds with a message that can be leased now: one about somebody who is in hand cannot, and
  /// trying all the same would wake the engine again and again.
  var ready: Set<String>
  var due: Instant?
  var nextScheduleAt: Instant?
  /// A schedule's time has come, or its next one is to be reckoned in another zone.
  var hasDueSchedules: Bool
  var webhook: WebhookRecord?
  /// When this was seen. What comes due while a turn works on it must not be slept through.
  var at: Instant

  init(_ reading: WorkspaceReading, busy: Set<AddressKey>) throws(Problem) {
    at = reading.now
    settings = try reading.settings.values()
    engine = try reading.engine.record()
    progress = try reading.audiences.progress(of: settings[Settings.audience])
    webhook = try reading.webhooks.record(of: settings[Settings.audience])
    source = try reading.source.record()
    hasRequests = try !reading.requests.waiting().isEmpty
    ready = []
    for kind in MessageKind.allCases
    where try Self.isReady(kind, busy: kind.isSingle ? busy : [], settings, reading) {
      ready.insert(kind.rawValue)
    }
    hasChangedPeople = ready.contains(MessageKind.personChanged.rawValue)
    tagsDue =
      progress.firstSyncAt == nil
      ? nil : try reading.tags.datedDue(settings[Settings.audience])
    asksForTags = ready.contains(MessageKind.lookAtTags.rawValue)
    if let tagsDue, tagsDue <= reading.now { asksForTags = true }
    nextScheduleAt = try reading.schedules.nextRunAt()
    let isDue = nextScheduleAt.map { $0 <= reading.now } ?? false
    let isStale = try reading.schedules.isStale()
    hasDueSchedules = (isDue && !engine.isPaused) || isStale
    due = try MessageQueue.nextDue(after: reading.now, on: reading.database)
  }

  /// Only single changes are about an address; of those that are to be sent, where somebody stands
  /// whose contact is in hand counts as well.
  private static func isReady(
    _ kind: MessageKind, busy: Set<AddressKey>, _ settings: SettingValues,
    _ reading: WorkspaceReading
  ) throws(Problem) -> Bool {
    func isAny(besides keys: Set<AddressKey>) throws(Problem) -> Bool {
      try reading.database.one(
        """
        SELECT 1 FROM message AS m WHERE state = 'ready' AND kind = ? AND run_at <= ?
          AND NOT EXISTS (SELECT 1 FROM message WHERE state = 'leased' AND subject = m.subject)
          AND subject NOT IN (SELECT value FROM json_each(?))
        LIMIT 1
        """, kind.rawValue, reading.now, JSONValue.array(keys.map { .string("address:\($0)") })
      ) { $0.bool(0) } ?? false
    }
    guard try isAny(besides: []) else { return false }
    if busy.isEmpty { return true }
    let newcomers =
      kind == .syncAddress
      ? try reading.links.newcomers(settings[Settings.audience], from: busy) : []
    return try isAny(besides: busy.union(newcomers))
  }

  var isConfigured: Bool { settings.isSet(Settings.key) && settings.isSet(Settings.audience) }

  func webhookVisit(at now: Instant) -> (isDue: Bool, next: Instant?) {
    WebhookCalendar.visit(settings, webhook, now: now)
  }

  /// When the source is to be read again by itself.
  var refreshDue: Instant? {
    let minutes = settings[Settings.sourceMinutes]
    guard minutes > 0, settings[Settings.sourceKind] != .builtIn else { return nil }
    return source.startedAt.map { $0 + .minutes(minutes) } ?? at
  }

  func nextDue(blockedUntil: Instant?) -> Instant {
    [
      due, engine.nextPollAt, nextScheduleAt, blockedUntil, tagsDue, webhookVisit(at: at).next,
      refreshDue,
    ].compactMap { $0 }
      .filter { $0 > at }.reduce(at + Janitor.interval, min)
  }
}

extension MessageFate {
  fileprivate var everyone: Problem? {
    if case .again(let setback) = self, setback.isForEveryone { return setback.problem }
    return nil
  }
}

/// Collects the API calls of one piece of work.
private final class ExchangeJournal: Sendable {
  private let collected = Locked<[ExchangeRow]>([])

  var rows: [ExchangeRow] { collected.withLock { $0 } }

  /// Bodies are kept whole for single calls and for failures; bulk ones are told by the rows.
  func add(_ exchange: ExchangeRecord) {
    let keepsBodies =
      exchange.problem != nil || exchange.requestBytes + exchange.responseBytes < 8192
    let row = ExchangeRow(
      id: 0, at: exchange.at, method: exchange.method, path: exchange.path,
      status: exchange.status, tookMilliseconds: exchange.tookMilliseconds,
      requestBytes: exchange.requestBytes, responseBytes: exchange.responseBytes,
      problem: exchange.problem?.sentence ?? "",
      requestBody: keepsBodies ? exchange.requestText() : nil,
      responseBody: keepsBodies ? exchange.responseText() : nil)
    collected.withLock { $0.append(row) }
  }
}
