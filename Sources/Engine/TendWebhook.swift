// Makes, checks and repairs the webhook of an audience. What must stay true: a webhook that is not
// ours is never touched; trouble with ours keeps nothing else from working, it stands beside the
// connection with its remedy until a success clears it.

import Basics
import Domain
import Mailchimp
import Queue
import Storage

struct TendWebhook: Flow {
  static let kind = FlowKind.webhook

  func handle(_ batch: [Message], in run: FlowRun) async throws(Setback) -> Outcome {
    guard let message = batch.first else { return Outcome() }
    let visit: WebhookVisit
    let before: (record: WebhookRecord, path: Secret, others: [WebhookRecord])
    do throws(Problem) {
      let work = try WebhookVisit(message)
      visit = work
      before = try await run.workspace.read { (reading) throws(Problem) in
        (
          record: try reading.webhooks.record(of: work.audienceID)
            ?? WebhookRecord(audienceID: work.audienceID),
          path: try reading.settings.values()[Settings.webhookPath],
          others: try reading.webhooks.records().filter {
            $0.audienceID != work.audienceID && $0.remoteID != nil
          }
        )
      }
    } catch {
      throw Setback(error)
    }
    var outcome = Outcome()
    let url = run.settings[Settings.webhookURL]
    var record = before.record
    record.checkedAt = run.time.now()
    do throws(MailchimpError) {
      let listed = try await run.mailchimp.webhooks(of: visit.audienceID)
      if url.isEmpty {
        try await remove(listed, before.path, &record, &outcome, in: run)
      } else {
        record.address = Secret(WebhookWish.address(url: url, path: before.path))
        try await mend(listed, before.path, &record, &outcome, in: run)
      }
      record.problem = outcome.failure
      for other in before.others {
        outcome.webhooks += await removed(other, in: run).map { [$0] } ?? []
      }
    } catch {
      guard isAboutWebhook(error.fault) else { throw Setback(error) }
      record.problem = error.problem
      outcome.failure = error.problem
    }
    if let problem = outcome.failure {
      outcome.log.append(
        LogLine(at: run.time.now(), .error, problem.description, fields: ["code": problem.code]))
    }
    outcome.webhooks.append(record)
    outcome.ending = .finishes
    return outcome
  }

  /// A right that is missing for webhooks must not stop the sync.
  private func isAboutWebhook(_ fault: Fault) -> Bool {
    switch fault {
    case .person, .everyone(.notPermitted), .everyone(.programme): true
    case .everyone, .transient, .cancelled: false
    }
  }

  private func mend(
    _ listed: [RemoteWebhook], _ path: Secret, _ record: inout WebhookRecord,
    _ outcome: inout Outcome, in run: FlowRun
  ) async throws(MailchimpError) {
    let address = record.address
    let steps = WebhookPlan.steps(
      listed, address: address.reveal(), path: path, known: record.remoteID,
      hasSecret: record.signingSecret != nil, isOurMaking: record.createdAt != nil)
    for step in steps {
      switch step {
      case .keep(let webhook):
        record.adopt(webhook)
        say("The webhook is as it should be.", &outcome, run)
      case .keepUnverified(let webhook):
        record.adopt(webhook)
        outcome.failure = .webhookWithoutSecret
      case .update(let id):
        record.adopt(
          try await run.mailchimp.updateWebhook(id, at: address, of: record.audienceID))
        say("The webhook was put right.", &outcome, run)
      case .delete(let id):
        try await run.mailchimp.deleteWebhook(id, of: record.audienceID)
        if id == record.remoteID { record.forget() }
        say("A webhook of ours that was not right any more was deleted.", &outcome, run)
      case .create:
        record.forget()
        let made = try await run.mailchimp.createWebhook(at: address, of: record.audienceID)
        record.remoteID = made.id
        record.signingSecret = made.signingSecret
        record.createdAt = run.time.now()
        say("The webhook was made.", &outcome, run)
        if made.isSigned == true, made.signingSecret == nil {
          outcome.failure = .webhookWithoutSecret
        }
      }
    }
  }

  private func remove(
    _ listed: [RemoteWebhook], _ path: Secret, _ record: inout WebhookRecord,
    _ outcome: inout Outcome, in run: FlowRun
  ) async throws(MailchimpError) {
    for webhook in listed where WebhookPlan.isOurs(webhook, path: path, known: record.remoteID) {
      try await run.mailchimp.deleteWebhook(webhook.id, of: record.audienceID)
      say("The webhook was deleted.", &outcome, run)
    }
    record.forget()
    record.address = Secret("")
  }

  /// That of an audience chosen before; nil where it could not be removed now.
  private func removed(_ other: WebhookRecord, in run: FlowRun) async -> WebhookRecord? {
    guard let id = other.remoteID else { return nil }
    do throws(MailchimpError) {
      try await run.mailchimp.deleteWebhook(id, of: other.audienceID)
    } catch {
      // Where that audience is gone, its webhooks are too; anything else is tried another day.
      guard error.fault == .everyone(.audienceVanished) else { return nil }
    }
    var record = other
    record.forget()
    record.address = Secret("")
    return record
  }

  private func say(_ sentence: String, _ outcome: inout Outcome, _ run: FlowRun) {
    outcome.log.append(LogLine(at: run.time.now(), .info, sentence))
  }
}

extension WebhookRecord {
  /// This is ours; what was known of another one goes.
  fileprivate mutating func adopt(_ webhook: RemoteWebhook) {
    if webhook.id != remoteID { forget() }
    remoteID = webhook.id
    if let secret = webhook.signingSecret { signingSecret = secret }
  }

  fileprivate mutating func forget() {
    remoteID = nil
    signingSecret = nil
    createdAt = nil
    verifiedAt = nil
  }
}

/// When the webhook is looked after, without anybody asking.
enum WebhookCalendar {
  /// The visit that is due; nil for none.
  static func visit(
    _ settings: SettingValues, _ record: WebhookRecord?, now: Instant
  ) -> (isDue: Bool, next: Instant?) {
    let url = settings[Settings.webhookURL]
    if url.isEmpty {
      // Switched off: what is still there goes.
      guard let record, record.remoteID != nil else { return (false, nil) }
      let next =
        record.problem == nil ? nil : record.checkedAt.map { $0 + WebhookRecord.triedEvery }
      return (next.map { $0 <= now } ?? true, next)
    }
    let wanted = Secret(WebhookWish.address(url: url, path: settings[Settings.webhookPath]))
    let next = record?.nextCheck(address: wanted)
    return (next.map { $0 <= now } ?? true, next)
  }

  /// Asks for a visit, unless one is on its way; the secret path is made where there is none.
  static func ask(
    _ trigger: Trigger, audienceID: String, _ tx: WorkspaceTransaction
  ) throws(Problem) -> ExecutionID {
    let settings = try tx.settings.values()
    let path = try tx.webhooks.path()
    var record =
      try tx.webhooks.record(of: audienceID) ?? WebhookRecord(audienceID: audienceID)
    // Tried now, whatever comes of it: the next visit counts from here.
    record.checkedAt = tx.now
    let url = settings[Settings.webhookURL]
    if !url.isEmpty {
      record.address = Secret(WebhookWish.address(url: url, path: path))
    }
    try tx.webhooks.save(record)
    let open = try tx.executions.open().first {
      $0.flow == .webhook && $0.audienceID == audienceID && $0.status == .waiting
    }
    if let open { return open.id }
    let id = try tx.executions.create(.webhook, trigger, audienceID: audienceID)
    try MessageQueue.enqueue(
      WebhookVisit(execution: id, audienceID: audienceID).message(at: tx.now),
      on: tx.database)
    return id
  }
}
