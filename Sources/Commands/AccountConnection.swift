// Beginning and ending a connection by login, and what is written at Mailchimp beside the engine: a
// new audience, double opt-in, our webhook taken away, a contact deleted for good. What must stay
// true: a login that did not succeed saves nothing, and an audience is asked for only where the plan
// has room for it.

import Basics
import Domain
import Engine
import HTTP
import Mailchimp
import Queue
import Storage

/// What ending a connection came to.
struct Disconnection: Sendable, Equatable {
  var webhooks = 0
  /// Webhooks that could not be deleted, with the reason.
  var trouble: [Problem] = []
  /// True when it was a login, which Mailchimp goes on to list.
  var wasLogin = false

  var sentences: [String] {
    var out = ["Disconnected: the key is forgotten, and nothing is sent or taken any more."]
    if webhooks > 0 { out.append("The webhook was deleted at Mailchimp.") }
    for problem in trouble {
      out.append(
        "The webhook could not be deleted: \(problem.sentence) Delete it in Mailchimp: Audience,"
          + " Manage contacts, Settings, Webhooks (as of November 2026).")
    }
    if wasLogin {
      out.append(
        "Mailchimp still lists the app: your profile, Extras, Registered apps or Authorized apps"
          + " (as of November 2026).")
    }
    return out + ["People, links and the consent ledger are kept."]
  }
}

extension AccountAccess {
  // MARK: Login

  /// A login with the settings as they are.
  func login() async throws(Problem) -> MailchimpLogin {
    let settings = try await settings()
    let given = settings[Settings.clientSecret]
    let secret = try await onThread { () throws(Problem) in try SecretReference.resolve(given) }
    return try MailchimpLogin(
      clientID: settings[Settings.clientID], clientSecret: secret,
      address: settings[Settings.loginURL], redirect: settings[Settings.redirect])
  }

  /// Exchanges the code and saves what it gave, once it was tried.
  func finish(
    _ login: MailchimpLogin, code: Secret, as user: String
  ) async throws(Problem) -> NewConnection {
    let grant = try await login.grant(for: code, over: http)
    let changes = [
      SettingChange(key: Settings.url.key, text: grant.url),
      SettingChange(key: Settings.key.key, text: grant.key.reveal()),
    ]
    guard let account = try await save(changes, as: user) else {
      throw Problem("internal", "A login was saved without being tried.")
    }
    return try await connection(of: account)
  }

  /// What the connection leads to, now that it works. Where the audiences cannot be read just now
  /// none is named: the connection stands all the same.
  func connection(of account: MailchimpAccount) async throws(Problem) -> NewConnection {
    let settings = try await configured()
    let given = settings[Settings.key]
    let key = try await onThread { () throws(Problem) in try SecretReference.resolve(given) }
    let chosen = settings[Settings.audience]
    var audience: Audience?
    do throws(Problem) {
      let all = try await audiences()
      audience = all.first { $0.id == chosen } ?? all.first
    } catch {
      audience = nil
    }
    return NewConnection(
      account: account, dataCentre: try MailchimpKey(key).dataCentre, audience: audience)
  }

  /// Deletes our webhooks, then forgets the key. A webhook that cannot be deleted is told and does
  /// not keep the connection alive.
  func disconnect(as user: String) async throws(Problem) -> Disconnection {
    let settings = try await configured()
    let path = settings[Settings.webhookPath]
    let before = try await webhookRecords()
    let isEngineAsked =
      before.contains { $0.remoteID != nil } || settings.isSet(Settings.webhookURL)
    if isEngineAsked { try await removeByEngine(as: user) }
    let records = try await webhookRecords()
    var ended = Disconnection()
    ended.wasLogin = settings[Settings.key].reveal().hasPrefix(MailchimpKey.tokenPrefix)
    ended.webhooks =
      before.count { $0.remoteID != nil } - records.count { $0.remoteID != nil }
    var forgotten: [String] = []
    for record in records {
      do throws(Problem) {
        ended.webhooks += try await deleteWebhooks(record, path)
        forgotten.append(record.audienceID)
      } catch {
        ended.trouble.append(error)
      }
    }
    let gone = forgotten
    // Kept for the next connection; without a key nobody makes a webhook of it.
    let url = settings.texts[Settings.webhookURL.key]
    try await workspace.write(as: user) { (tx) throws(Problem) in
      for id in gone { try tx.webhooks.forget(id) }
      try tx.settings.unset(Settings.key.key)
      try tx.settings.unset(Settings.user.key)
      if let url { try tx.settings.set(Settings.webhookURL.key, to: url) }
      for visit in try tx.executions.open() where visit.flow == .webhook {
        try tx.requests.insert(.cancelExecution(visit.id))
      }
      try tx.requests.insert(.settingsChanged)
    }
    return ended
  }

  private func webhookRecords() async throws(Problem) -> [WebhookRecord] {
    try await workspace.read { (reading) throws(Problem) in try reading.webhooks.records() }
  }

  /// Where an engine runs it takes the webhook away itself, and is waited for: else it could make it
  /// anew between our looking and our forgetting the key. What it cannot do at once is left to us;
  /// without a public address it makes none meanwhile.
  private func removeByEngine(as user: String) async throws(Problem) {
    guard let holder = try EngineLock.holder(of: workspace.path) else { return }
    let watch = holder.isThisProcess ? nil : try ChangeWatch(workspace)
    defer { withExtendedLifetime(watch) {} }
    let changes = workspace.changes.stream()
    let request = try await workspace.write(as: user) { (tx) throws(Problem) in
      try tx.requests.insert(.removeWebhook)
    }
    if try await isOver(request) { return }
    for await _ in changes {
      if try await isOver(request) { return }
    }
  }

  /// True once the engine has done what was asked, or does not do it now.
  private func isOver(_ request: RequestID) async throws(Problem) -> Bool {
    if try EngineLock.holder(of: workspace.path) == nil { return true }
    return try await workspace.read { (reading) throws(Problem) in
      switch try reading.requests.answer(to: request) {
      case nil, .waiting: return false
      case .refused, .done(nil): return true
      case .done(let id?):
        if try reading.executions.execution(id)?.status.isFinished ?? true { return true }
        return try MessageQueue.list(
          state: .ready, kind: MessageKind.tendWebhook.rawValue, limit: 100, on: reading.database
        ).contains { $0.subject == "webhook:\(id.rawValue)" && $0.runAt > reading.now }
      }
    }
  }

  private func deleteWebhooks(_ record: WebhookRecord, _ path: Secret) async throws(Problem) -> Int
  {
    let client = try await client()
    do {
      let ours = try await client.webhooks(of: record.audienceID)
        .filter { WebhookPlan.isOurs($0, path: path, known: record.remoteID) }
      for webhook in ours { try await client.deleteWebhook(webhook.id, of: record.audienceID) }
      return ours.count
    } catch {
      // Where the audience is gone, its webhooks are too.
      if error.fault == .everyone(.audienceVanished) { return 0 }
      throw error.problem
    }
  }

  /// Deletes a contact and its history for good; where the audience has gone, they went with it.
  func deletePermanently(_ key: AddressKey, from audience: String) async throws(Problem) {
    let client = try await client()
    do {
      try await client.deletePermanently(key, from: audience)
    } catch {
      if error.fault == .everyone(.audienceVanished) { return }
      throw error.problem
    }
  }

  // MARK: Audiences

  /// Makes an audience and chooses it. At the plan's limit nothing is sent.
  func create(_ draft: AudienceDraft, as user: String) async throws(Problem) -> Audience {
    try draft.check()
    let client = try await client()
    let made: Audience
    do {
      let list = try await client.audiences()
      guard list.mayCreate else { throw Problem.planIsFull(list) }
      do throws(MailchimpError) {
        made = try await client.createAudience(draft)
      } catch {
        guard error.fault == .everyone(.notPermitted) else { throw error }
        throw Problem.planIsFull(list).caused(by: error.problem)
      }
    } catch {
      throw Problem(describing: error)
    }
    return try await choose(made.id, as: user)
  }

  /// Switches double opt-in of one audience, or of the one that is chosen.
  func setDoubleOptIn(
    _ isOn: Bool, of id: String? = nil, as user: String
  ) async throws(Problem) -> Audience {
    let settings = try await configured()
    let wanted = id ?? settings[Settings.audience]
    guard !wanted.isEmpty else { throw .noAudience }
    let client = try await client()
    let changed: Audience
    do {
      changed = try await client.setDoubleOptIn(isOn, of: wanted)
    } catch {
      throw error.problem
    }
    guard changed.doubleOptIn == isOn else {
      throw Problem(
        "mailchimp.unchanged", "Mailchimp took the change of double opt-in and did not make it.",
        remedy: "Switch it in Mailchimp: Audience, Settings, Audience name and defaults.",
        fields: ["audience": wanted])
    }
    try await workspace.write(as: user) { (tx) throws(Problem) in
      try tx.audiences.save([changed])
      try tx.requests.insert(.settingsChanged)
    }
    return changed
  }
}

extension Problem {
  /// In words, because Mailchimp itself only says that a right is missing.
  static func planIsFull(_ list: AudienceList) -> Problem {
    var allowance = list.allowance
    allowance.mayCreate = false
    let names = list.audiences.prefix(5).map { "\($0.name) (\($0.id))" }
    let more = list.audiences.count > 5 ? " and \(list.audiences.count - 5) more" : ""
    return Problem(
      "mailchimp.plan-full", "No audience was made. \(allowance.sentence)",
      remedy: "Use one that is there: \(names.joined(separator: ", "))\(more). \(allowance.wayOut)",
      fields: [
        "audiences": "\(allowance.audiences)", "limit": list.mostAudiences.map { "\($0)" } ?? "",
      ])
  }
}
