// Plays a history through the real engine against a practice Mailchimp, and keeps book of what
// persons and administrators did there: who was taken out, what was written into a field that is not
// mapped, who was given a tag by hand.

import Basics
import Domain
import Engine
import HTTP
import Sandbox
import Storage
import Support

struct HistoryPlayer {
  let history: History
  let time = SteppedTime()
  private(set) var scenario: Scenario
  var people: [Int: PersonID] = [:]
  private var isRunning = false
  /// Where Mailchimp tells what changed, in some histories, and who answers there.
  private let door: HTTPListener?
  private let answers: Locked<Answers>
  /// Addresses that somebody at Mailchimp took out, and that nobody brought back.
  var ended: Set<String> = []
  /// Those of them who were asked whether they want to come back, and have not answered.
  var asked: Set<String> = []
  /// Addresses about which anybody ever did anything there.
  var touched: Set<String> = []
  /// By contact id: what stands in the field that is not mapped, and tags given by hand.
  var notes: [String: String] = [:]
  var theirs: Set<String> = []
  var ours: Set<String> = []

  /// `unseen` are done there at the end without being booked, to see that the judgement finds them.
  static func play(_ history: History, unseen: [SandboxDeed] = []) async throws {
    var player = try await HistoryPlayer(history)
    do {
      for act in history.acts { try await player.perform(act) }
      try await player.settle()
      for deed in unseen { try player.scenario.mailchimp.perform(deed) }
      try await player.judge()
    } catch {
      await player.end()
      throw error
    }
    await player.end()
  }

  private func end() async {
    await scenario.end()
    door?.stop()
  }

  private init(_ history: History) async throws {
    self.history = history
    scenario = try await Scenario(
      settings: history.settings, time: time, in: try TemporaryDirectory.inMemory())
    let answers = Locked(Answers(door: WebhookDoor(scenario.workspace)))
    self.answers = answers
    door =
      history.hasWebhook
      ? HTTPListener { request, _ in .response(await Answers.answer(request, by: answers)) } : nil
    try scenario.mailchimp.with { (mailchimp) throws(Problem) in
      try mailchimp.addMergeField("NOTE", "Note", .text)
      try mailchimp.addMergeField("CITY", "City", .text)
    }
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.directory.define(CustomField(name: "City", type: .text))
    }
    try await scenario.map(History.mapping)
    try scenario.mailchimp.perform(.personSignsUp(History.stranger, ["NOTE": "Hands off"]))
    try scenario.mailchimp.perform(.adminTags(History.stranger, History.theirTag))
    if history.keepsTag {
      try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
        try tx.searches.save(
          SavedSearch(History.ourTag, try SearchQuery(History.ourSearch), isTag: true))
      }
    }
    if history.asksTwice { try scenario.mailchimp.perform(.adminSetsDoubleOptIn(true)) }
    guard let door else { return }
    try door.start()
    let url = "http://127.0.0.1:\(door.port)"
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      try tx.settings.set("webhook.url", to: url)
    }
  }

  // MARK: Acts

  /// What is not possible at this point of the history does not happen.
  private mutating func perform(_ act: Act) async throws {
    switch act {
    case .here(let person, let edit): try await perform(edit, on: person)
    case .there(let deed): try await performThere(deed)
    case .trouble(let fault, let method, let count):
      scenario.mailchimp.addFault(SandboxFaultRule(fault, method: method, count: count))
    case .start: if !isRunning { try await start() }
    case .stop:
      if isRunning { await scenario.stopEngine() }
      isRunning = false
    case .killed: if isRunning { try await kill() }
    case .sync(let approved): try await request(.forceSync(approve: approved))
    case .resync(let approved): try await request(.resync(approve: approved))
    case .passes(let seconds): time.advance(.seconds(seconds))
    case .breathe:
      // Not further than real time allows.
      _ = await time.isAsked(moreThan: time.looks + 40, within: .milliseconds(3))
    case .decide(let decision):
      if isRunning, let open = try await scenario.conflicts().last {
        _ = try await granted(.decideConflict(open.id, decision))
      }
    case .askAgain(let person): try await readmit(person, .asked)
    case .lift(let person): try await readmit(person, .lifted)
    case .undo(let ago):
      let id = ExecutionID(try await scenario.lastExecution().rawValue - Int64(ago))
      if isRunning { _ = try await granted(.undoExecution(id)) }
    case .many(let last): try await gather(last)
    case .verify: try await request(.verify(sample: nil))
    case .repair: try await request(.repairDrift(.all(nil)))
    case .dryRun: try await request(.dryRun)
    case .cancel(let ago):
      let id = ExecutionID(try await scenario.lastExecution().rawValue - Int64(ago))
      if isRunning { _ = try await granted(.cancelExecution(id)) }
    case .plan(let approved):
      let waiting = try await scenario.workspace.read { (reading) throws(Problem) in
        try reading.plans.latestHeld()
      }
      if isRunning, let id = waiting?.id {
        _ = try await granted(approved ? .approvePlan(id) : .discardPlan(id))
      }
    case .forged(let address): try await forge(address)
    case .released(let reversed): scenario.mailchimp.releaseDeliveries(reversed: reversed)
    }
    // Times at Mailchimp have whole seconds.
    time.advance(.milliseconds(1100))
  }

  private mutating func start() async throws {
    try await scenario.startEngine()
    isRunning = true
    // No time passes while the webhook is made: Mailchimp waits ten seconds for its address.
    if door != nil, scenario.mailchimp.webhooks().isEmpty {
      _ = try await scenario.settled(try await scenario.ask(.checkWebhook), time)
    }
  }

  /// And begun anew, as whoever looks after services does.
  private mutating func kill() async throws {
    answers.withLock { $0 = Answers(life: $0.life + 1) }
    scenario = try await scenario.killed()
    let door = WebhookDoor(scenario.workspace)
    answers.withLock { $0.door = door }
    try await start()
  }

  /// By somebody who knows the path and not the secret.
  private func forge(_ address: String) async throws {
    guard let door else { return }
    let path = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.settings.values()[Settings.webhookPath].reveal()
    }
    let body =
      "type=unsubscribe&data[action]=unsub&data[list_id]=\(scenario.mailchimp.audience)"
      + "&data[email]=\(address)"
    let connection = try RawHTTP(port: door.port, authorization: nil).begin(
      "POST", "/webhook/\(path)",
      headers: [
        "Content-Type: application/x-www-form-urlencoded", "Content-Length: \(body.utf8.count)",
      ])
    defer { connection.close() }
    connection.send(body)
    _ = await RawHTTP.answer(on: connection)
  }

  private func request(_ request: Request) async throws {
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      _ = try tx.requests.insert(request)
    }
  }

  private func granted(_ request: Request) async throws -> Bool {
    do {
      try await scenario.ask(request)
      return true
    } catch is Problem {
      return false
    }
  }

  private mutating func perform(_ edit: Act.Edit, on place: Int) async throws {
    if case .added(let address, let optIn) = edit {
      guard people[place] == nil else { return }
      people[place] = try await scenario.add(address, first: "P\(place)") { $0.optIn = optIn }
      return
    }
    guard let id = people[place] else { return }
    let mayBeRemoved = try await scenario.person(id)?.deletedAt != nil
    if edit == .removed {
      guard mayBeRemoved else { return }
      people[place] = nil
    }
    try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      switch edit {
      case .added: break
      case .first(let name): try tx.directory.update(id) { $0.firstName = name }
      case .last(let name): try tx.directory.update(id) { $0.lastName = name }
      case .city(let name):
        try tx.directory.update(id) { $0.customFields["City"] = name.isEmpty ? nil : name }
      case .address(let address): try tx.directory.update(id) { $0.emails = [address] }
      case .optIn(let optIn): try tx.directory.update(id) { $0.optIn = optIn }
      case .active(let isActive): try tx.directory.update(id) { $0.isActive = isActive }
      case .marked: try tx.directory.markDeleted(id)
      case .removed: try tx.directory.remove(id)
      case .restored: try tx.directory.undelete(id)
      }
    }
  }

  /// In one transaction, so that they leave in one call.
  private mutating func gather(_ last: String) async throws {
    let known = people
    let added = try await scenario.workspace.write(as: "test") { (tx) throws(Problem) in
      var added: [Int: PersonID] = [:]
      for place in History.many {
        if let id = known[place] {
          try tx.directory.update(id) { $0.lastName = last }
          continue
        }
        var person = Person(id: PersonID(0), noticedAt: tx.now)
        person.emails = [History.address(place)]
        person.firstName = "P\(place)"
        person.lastName = last
        added[place] = try tx.directory.add(person)
      }
      return added
    }
    people.merge(added) { _, new in new }
  }

  /// The administrator's word; the ledger says for which address it was.
  private mutating func readmit(_ place: Int, _ rule: ReturnRule) async throws {
    guard isRunning, let id = people[place] else { return }
    guard try await granted(rule == .asked ? .askAgain(id) : .liftSuppression(id)) else { return }
    let key = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.one(
        """
        SELECT address_key FROM consent_entry
        WHERE person_id = ? AND old LIKE 'suppressed:%' ORDER BY id DESC LIMIT 1
        """, id
      ) { $0.text(0) }
    }
    guard let key else { throw Violation("a decision without an entry: of person \(id)") }
    ended.remove(key)
    asked.remove(key)
    if rule == .asked { asked.insert(key) }
  }

  // MARK: There

  private func perform(_ deed: SandboxDeed) -> Bool {
    do {
      try scenario.mailchimp.perform(deed)
      return true
    } catch {
      return false
    }
  }

  private mutating func performThere(_ deed: SandboxDeed) async throws {
    let who = deed.address
    let before = scenario.mailchimp.member(who)
    // Only who was asked can confirm.
    if case .personConfirms = deed, before?.status != .pending { return }
    let isUnowned = try await isNobodysTag(at: who)
    guard perform(deed) else { return }
    touched.formUnion(deed.addresses)
    let contact = before?.contactID ?? scenario.mailchimp.member(who)?.contactID ?? ""
    switch deed {
    case .personUnsubscribes: end(who)
    case .adminUnsubscribes:
      if before?.status != .unsubscribed { end(who) }
    case .mailBounces:
      if before?.status != .cleaned { end(who) }
    case .adminArchives:
      if before?.status != .archived { end(who) }
    case .adminDeletesPermanently: end(who)
    case .personConfirms:
      ended.remove(who)
      asked.remove(who)
    case .personSignsUp(_, let values):
      if let note = values["NOTE"]?.string { notes[contact] = note }
      let mustConfirm = history.asksTwice && (ended.contains(who) || asked.contains(who))
      ended.remove(who)
      asked.remove(who)
      if mustConfirm { asked.insert(who) }
    case .personEdits(_, let values):
      if let note = values["NOTE"]?.string { notes[contact] = note }
    case .personChangesAddress(_, let new):
      // The contact goes there with all that was done to it.
      for set in [\HistoryPlayer.ended, \.asked] where new != who {
        if self[keyPath: set].remove(who) != nil {
          self[keyPath: set].insert(new)
        } else {
          self[keyPath: set].remove(new)
        }
      }
    case .adminTags(_, History.theirTag): theirs.insert(contact)
    case .adminUntags(_, History.theirTag): theirs.remove(contact)
    case .adminTags: if isUnowned { ours.insert(contact) }
    case .adminUntags: ours.remove(contact)
    default: break
    }
  }

  private mutating func end(_ who: String) {
    ended.insert(who)
    asked.remove(who)
  }

  /// Nobody can tell a tag given by hand in the moment in which we give it ourselves; sure is it only
  /// where we neither gave it nor are about to.
  private func isNobodysTag(at address: String) async throws -> Bool {
    guard history.keepsTag, !isRunning else { return false }
    return try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.integer(
        """
        SELECT (SELECT count(*) FROM tag_work)
          + (SELECT count(*) FROM tag_membership WHERE address_key = ?)
          + (SELECT count(*) FROM kept_tag WHERE state <> 'kept')
        """, address) == 0
    }
  }

  // MARK: At rest

  private mutating func settle() async throws {
    scenario.mailchimp.clearFaults()
    scenario.mailchimp.with { $0.busyAddresses = [] }
    scenario.mailchimp.releaseDeliveries()
    if !isRunning { try await start() }
    let progress = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.audiences.progress(of: reading.settings.values()[Settings.audience])
    }
    // Nothing leaves by itself before it, and with nobody here there is none.
    if progress.firstSyncAt == nil {
      if people.isEmpty { people[0] = try await scenario.add(History.address(0), first: "P0") }
      _ = try await granted(.forceSync(approve: true))
    }
    // Everything that was left to be tried again is tried.
    try await rests(discarding: history.discards)
    try await judgeDeferred()
    try await judgeOptOuts()
    for _ in 0..<2 {
      scenario.mailchimp.forgetExchanges()
      let changed = try await resync().counts.changed
      let sent = scenario.mailchimp.exchanges.filter { $0.method != "GET" && !isOfWebhook($0) }
      if changed == 0, sent.isEmpty { break }
    }
    guard let word = history.lastWord else { return }
    for _ in 0..<4 {
      let open = try await scenario.conflicts()
      if open.isEmpty { break }
      for conflict in open { _ = try await granted(.decideConflict(conflict.id, word)) }
      try await rests()
      try await resync()
    }
  }

  /// Until nothing is left to be done: what Mailchimp put off for days comes due, and plans that wait
  /// are decided.
  private func rests(discarding discards: Int = 0) async throws {
    var discards = discards
    for _ in 0..<20 {
      await scenario.mailchimp.deliveriesSettled()
      _ = try await scenario.passes(time) { (reading) throws(Problem) in
        try reading.database.integer(
          """
          SELECT (SELECT count(*) FROM message WHERE state <> 'dead' AND run_at < ?)
            + (SELECT count(*) FROM request WHERE state = 'waiting')
            + (SELECT count(*) FROM execution WHERE status IN ('running', 'waiting'))
          """, reading.now + .hours(2)) == 0 ? true : nil
      }
      let (plan, due) = try await scenario.workspace.read { (reading) throws(Problem) in
        (
          try reading.plans.held().first?.id,
          try reading.database.one("SELECT min(run_at) FROM message WHERE state <> 'dead'") {
            $0.optionalInstant(0)
          }
        )
      }
      if let plan {
        _ = try await granted(discards > 0 ? .discardPlan(plan) : .approvePlan(plan))
        discards -= 1
      } else if let due = due ?? nil {
        time.advance(to: due)
      } else {
        return
      }
    }
    throw Violation("it does not come to rest: \(try await scenario.messages())")
  }

  @discardableResult
  func resync() async throws -> Execution {
    time.advance(.minutes(1))
    let id = try await scenario.ask(.resync(approve: true))
    let done = try await scenario.settled(id, time)
    guard done.status.isFinished, done.status != .cancelled else {
      throw Violation("a resync at rest: it ended as \(done.status.rawValue)")
    }
    try await rests()
    return done
  }
}

/// Who answers at the webhook's address: the program that lives now.
private struct Answers: Sendable {
  var life = 0
  /// Nil while no program runs.
  var door: WebhookDoor?

  static func answer(_ request: HTTPRequest, by answers: Locked<Answers>) async -> HTTPResponse {
    let now = answers.withLock { $0 }
    guard let door = now.door else { return HTTPResponse(503) }
    let answer = await door.answer(request) ?? HTTPResponse(404)
    // Who was killed meanwhile says nothing more.
    return answers.withLock { $0.life } == now.life ? answer : HTTPResponse(503)
  }
}

extension SandboxDeed {
  fileprivate var addresses: Set<String> {
    if case .personChangesAddress(let old, let new) = self { [old, new] } else { [address] }
  }

  /// Of whom it is.
  fileprivate var address: String {
    switch self {
    case .personUnsubscribes(let who, _), .personEdits(let who, _), .personSignsUp(let who, _),
      .personChangesAddress(let who, _), .personConfirms(let who), .mailBounces(let who),
      .adminArchives(let who), .adminDeletesPermanently(let who), .adminUnsubscribes(let who),
      .adminEdits(let who, _), .adminTags(let who, _), .adminUntags(let who, _):
      who
    default: ""
    }
  }
}
