// What must hold when a history has come to rest, whatever came in which order.

import Basics
import Domain
import Sandbox
import Storage
import Support

extension HistoryPlayer {
  func judge() async throws {
    let contacts = try await scenario.audience()
    for (address, contact) in contacts { try judge(contact, at: address) }
    guard contacts[History.stranger]?["status"] == "subscribed" else {
      throw Violation("a stranger was touched: \(contacts[History.stranger] ?? .null)")
    }
    try await judgeSuppressions()
    try await judgeDeliveries()
    try await judgeDirectory(contacts)
    try await judgeAnotherResync()
  }

  /// What we ended ourselves bars nobody.
  private func judgeSuppressions() async throws {
    let barred = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.rows(
        """
        SELECT address_key FROM suppression WHERE reason IN ('unsubscribed', 'archived by others')
        """
      ) { $0.text(0) }
    }
    for address in barred where !touched.contains(address) {
      throw Violation("our own ending was taken for theirs: \(address)")
    }
  }

  /// What Mailchimp put off has come back when it may.
  func judgeDeferred() async throws {
    let left = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.rows(
        "SELECT person_id FROM standing WHERE state = 'refused' AND reason = 'mailchimp.deferred'"
      ) { $0.int64(0) }
    }
    guard left.isEmpty else { throw Violation("put off and never tried again: people \(left)") }
  }

  /// An opt-out leaves by itself, whatever became of the plans it stood in. Who signs up after it is
  /// heard of by the next poll.
  func judgeOptOuts() async throws {
    guard history.settings["sync.on-change"] == "yes" else { return }
    let out = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.rows(
        """
        SELECT s.key FROM standing s JOIN link l ON l.address_key = s.key
        WHERE s.reason = 'opted-out' AND l.status IN ('subscribed', 'pending')
        """
      ) { $0.text(0) }
    }
    for address in out {
      let status = scenario.mailchimp.member(address)?.status
      guard status == .subscribed || status == .pending else { continue }
      throw Violation("an opt-out that waits for a sync: of \(address)")
    }
  }

  /// Whatever was delivered was looked at.
  private func judgeDeliveries() async throws {
    let left = try await scenario.workspace.read { (reading) throws(Problem) in
      try reading.database.integer(
        """
        SELECT count(*) FROM webhook_delivery
        WHERE fate = 'waiting' AND NOT EXISTS (SELECT 1 FROM message WHERE state <> 'dead')
        """)
    }
    guard left == 0 else { throw Violation("delivered and never looked at: \(left) times") }
  }

  private func judgeAnotherResync() async throws {
    scenario.mailchimp.forgetExchanges()
    let last = try await resync()
    let sent = scenario.mailchimp.exchanges.filter { $0.method != "GET" && !isOfWebhook($0) }
    if last.counts.changed > 0 || !sent.isEmpty {
      let rows = try await scenario.outcomes(of: last.id)
      throw Violation(
        "a further resync sent something: \(last.counts) \(rows) "
          + sent.map { "\($0.method) \($0.path)" }.joined(separator: " "))
    }
  }

  /// The webhook is looked after day by day, whatever is synced.
  func isOfWebhook(_ exchange: SandboxExchange) -> Bool { exchange.path.contains("/webhooks") }

  // MARK: There

  /// Nobody came back against their will; what we were not told to touch is as it was left.
  private func judge(_ contact: JSONValue, at address: String) throws {
    let status = contact["status"]?.string ?? ""
    if ended.contains(address), ["subscribed", "pending"].contains(status) {
      throw Violation("taken out there and back: \(contact)")
    }
    if asked.contains(address), status == "subscribed" {
      throw Violation("asked, never confirmed, and subscribed: \(contact)")
    }
    let id = contact["contact_id"]?.string ?? ""
    let note = notes[id] ?? (address == History.stranger ? "Hands off" : "")
    guard contact["merge_fields"]?["NOTE"]?.string == note else {
      throw Violation("an unmapped field was touched: it was '\(note)' of \(contact)")
    }
    let tags = (contact["tags"]?.array ?? []).compactMap { $0["name"]?.string }
    let isTheirs = theirs.contains(id) || address == History.stranger
    guard tags.contains(History.theirTag) == isTheirs else {
      throw Violation("a foreign tag was touched: \(isTheirs) of \(contact)")
    }
    if ours.contains(id), !tags.contains(History.ourTag) {
      throw Violation("a tag given by hand was removed: of \(contact)")
    }
  }

  // MARK: Here

  private func judgeDirectory(_ contacts: [String: JSONValue]) async throws {
    let (taken, everybody) = try await scenario.workspace.read { (reading) throws(Problem) in
      (
        try reading.database.integer(
          """
          SELECT count(*) FROM audit
          WHERE who LIKE 'Mailchimp%' AND field NOT LIKE 'opt_in%'
          """), try reading.directory.people(after: nil, limit: 1000)
      )
    }
    if history.settings["sync.direction"] == "to", taken > 0 {
      throw Violation("the direction is to, and a person was written: \(taken) times")
    }
    let known = Set(everybody.map(\.id))
    guard people.values.allSatisfy(known.contains) else {
      throw Violation("somebody is lost: of \(people) only \(known) are there")
    }
    for person in everybody { try await judge(person, among: everybody, contacts) }
  }

  /// Everybody has a state and a reason; who is in step is there with the same values.
  private func judge(
    _ person: Person, among everybody: [Person], _ contacts: [String: JSONValue]
  ) async throws {
    guard let standing = try await scenario.standing(person.id) else {
      throw Violation("nobody is without a standing: \(person)")
    }
    guard standing.state == .inStep || !standing.reason.isEmpty else {
      throw Violation("nobody stands without a reason: \(person) \(standing)")
    }
    let atRest = ["opt-in-needed", "conflict", "only-taken", "unconfirmed", "undone"]
    guard standing.state != .waiting || atRest.contains(standing.reason) else {
      throw Violation("somebody still waits: \(person) \(standing)")
    }
    let address = person.primaryEmail ?? ""
    let contact = contacts[address]
    let status = contact?["status"]?.string ?? ""
    let isActive = ["subscribed", "pending"].contains(status)
    if standing.reason == "opted-out", isActive {
      throw Violation("opted out here and on the list: \(person) \(contact ?? .null)")
    }
    if standing.reason == "unconfirmed", status != "pending" {
      throw Violation("waits for a confirmation nobody asks for: \(person) \(contact ?? .null)")
    }
    if standing.state == .inStep || standing.reason == "unconfirmed" {
      guard let contact, isActive else {
        throw Violation("in step with nobody: \(person) \(contact ?? .null)")
      }
      if standing.state == .inStep, status == "pending" {
        throw Violation("in step, and has not confirmed: \(person) \(contact)")
      }
      try await compare(person, contact, at: address)
    } else if status == "subscribed", person.optIn == .yes, person.isActive,
      person.deletedAt == nil, everybody.count(where: { $0.primaryEmail == address }) == 1
    {
      // Subscribed on both sides and alone there: only an open question keeps them apart.
      guard standing.reason == "conflict" else {
        throw Violation("on the list and left out: \(person) \(standing) \(contact ?? .null)")
      }
    }
  }

  private func compare(_ person: Person, _ contact: JSONValue, at address: String) async throws {
    let link = try await scenario.link(address)
    guard let limit = SyncDirection(rawValue: history.settings["sync.direction"] ?? "") else {
      throw Violation("a direction that is none: \(history.settings)")
    }
    for mapping in History.mapping {
      guard let direction = mapping.direction.within(limit), link?.decided[mapping.tag] != .open
      else { continue }
      let ours: String =
        switch mapping.field {
        case .firstName: person.firstName
        case .lastName: person.lastName
        default: person.customFields["City"] ?? ""
        }
      let theirs = contact["merge_fields"]?[mapping.tag]?.string ?? ""
      if ours == theirs { continue }
      // What an undo put back on one side alone both agree to leave.
      if let kept = link?.kept[mapping.tag], kept == .text(theirs),
        link?.agreed?[mapping.tag] == .text(ours)
      {
        continue
      }
      // What is empty overwrites nothing at the first link.
      if direction == .toMailchimp, ours.isEmpty { continue }
      if direction == .fromMailchimp, theirs.isEmpty { continue }
      throw Violation(
        "the sides differ: \(mapping.tag) \(direction.rawValue) is '\(ours)' here, '\(theirs)' "
          + "there, of \(person.id) at \(address), link \(link.map { "\($0)" } ?? "none")")
    }
    let tag = (contact["tags"]?.array ?? []).contains { $0["name"]?.string == History.ourTag }
    if history.keepsTag, person.lastName.hasPrefix("N"), !tag {
      let kept = try await scenario.workspace.read { (reading) throws(Problem) in
        try reading.tags.tags(of: reading.settings.values()[Settings.audience])
      }
      if kept.contains(where: { $0.state == .kept }) {
        throw Violation("in the search and without its tag: \(person) \(contact)")
      }
    }
  }
}
