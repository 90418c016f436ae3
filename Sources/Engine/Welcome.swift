// An unknown contact becomes a person because somebody here says so, by the path of an arrival. What
// must stay true: nobody is added who would leave the list by being known, or who is not subscribed.

import Basics
import Domain
import Queue
import Storage

struct Welcome {
  let audienceID: String
  let who: String

  /// Returns the execution that tells of it. What a refusal wrote until then is undone by the caller.
  func add(_ key: AddressKey, _ tx: WorkspaceTransaction) throws(Problem) -> ExecutionID {
    let link = try contact(key, tx)
    let settings = try tx.settings.values()
    let row = try Planning.planner(audienceID, settings, tx).arrival(link)
    let id = try tx.executions.create(
      .pushPeople, .request, audienceID: audienceID, status: .running)
    _ = try tx.acting(as: who, evidence: "execution \(id)") { () throws(Problem) in
      try Takings(audienceID: audienceID, execution: id).welcome(row.edits, at: key, tx)
    }
    let groups = try AddressGroups([key], audienceID: audienceID, settings: settings, tx)
    guard let recipient = groups.resolutions[key]?.recipient else {
      let why = groups.resolutions[key]?.exclusions.first?.exclusion.sentence ?? ""
      throw Problem(
        "contacts.would-leave",
        "As a person here, \(key) would not be on the list" + (why.isEmpty ? "." : ": \(why)"),
        remedy: "Change what excludes them in the settings, or leave the contact unknown.")
    }
    var counts = ExecutionCounts()
    counts.created = 1
    try tx.executions.record(
      [
        RowOutcome(
          person: recipient.person.id, key: key, result: .created, reason: "arrival",
          sentence: row.remarks.joined(separator: " "), changes: row.changes)
      ], of: id)
    try tx.executions.add(counts, done: 1, to: id)
    try tx.executions.log(
      [LogLine(at: tx.now, .info, "\(who) added a contact as a person.")], of: id)
    try tx.executions.finish(id, as: .succeeded)
    try MessageQueue.enqueue(SyncAddress.message(key, at: tx.now, priority: 4), on: tx.database)
    return id
  }

  private func contact(_ key: AddressKey, _ tx: WorkspaceTransaction) throws(Problem) -> Link {
    let list = "See `listkeeper audiences unknown`."
    guard let link = try tx.links.link(audienceID, at: key), let status = link.status else {
      throw Problem(
        "contacts.missing", "The audience shows no contact \(key).", remedy: list,
        fields: ["address": key.description])
    }
    let isKnown = try !tx.directory.people(at: key).isEmpty
    guard link.owner == nil, !isKnown else {
      throw Problem("contacts.known", "Somebody here stands behind \(key).", remedy: list)
    }
    guard try tx.candidates.furtherAddresses(among: [key]).isEmpty else {
      throw Problem(
        "contacts.further-address", "\(key) is a further address of somebody here.",
        remedy: "Make it their first one, if that is what it should be.")
    }
    guard status == .subscribed else {
      throw Problem(
        "contacts.not-subscribed",
        "\(key) is \(status.rawValue) at Mailchimp; only subscribers are added.",
        remedy: "Leave the contact as it is: whoever wants mail signs up again.")
    }
    return link
  }
}
