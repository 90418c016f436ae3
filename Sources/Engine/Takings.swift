// What comes into the directory from Mailchimp: values taken, decisions about consent, people who
// arrive. Written in the transaction of the outcome, and audited as the owner of the API key.

import Basics
import Domain
import Queue
import Storage

struct Takings {
  let audienceID: String
  let execution: ExecutionID

  func write(_ outcome: inout Outcome, _ tx: WorkspaceTransaction) throws(Problem) {
    guard !outcome.edits.isEmpty || !outcome.arrivals.isEmpty || !outcome.consentBack.isEmpty
    else { return }
    let who = try tx.engine.record().mailchimpUser
    try tx.acting(as: who, evidence: "execution \(execution)") { () throws(Problem) in
      for (person, edits) in outcome.edits.sorted(by: { $0.key < $1.key }) {
        try take(edits, of: person, tx)
      }
      for (key, edits) in outcome.arrivals.sorted(by: { $0.key < $1.key }) {
        guard let id = try welcome(edits, at: key, tx) else { continue }
        // From here on the row says who they are.
        for place in outcome.rows.indices
        where outcome.rows[place].key == key && outcome.rows[place].reason == "arrival" {
          outcome.rows[place].person = id
        }
      }
    }
    guard try tx.settings.values()[Settings.consentBack] else { return }
    for (key, back) in outcome.consentBack.sorted(by: { $0.key < $1.key }) {
      try tx.acting(as: who, evidence: back.evidence) { () throws(Problem) in
        try bring(back, to: key, tx)
      }
    }
  }

  /// Leaves out of an outcome what was edited here while the batch ran: nothing of such a field was
  /// agreed on then, and the change that waits meets the rule for conflicts.
  static func leaveOutEdited(
    _ outcome: inout Outcome, audienceID: String, _ tx: WorkspaceTransaction
  ) throws(Problem) {
    guard !outcome.edits.isEmpty else { return }
    let types = Dictionary(
      try tx.directory.customFields().map { ($0.name, $0.type) }, uniquingKeysWith: { a, _ in a })
    let people = try tx.directory.people(Array(outcome.edits.keys))
    for (id, edits) in outcome.edits {
      guard let person = people[id] else { continue }
      let edited = edits.filter { edit in
        edit.old.map { $0 != person.value(of: edit.field, customTypes: types) } ?? false
      }
      if edited.isEmpty { continue }
      outcome.edits[id] = edits.filter { !edited.contains($0) }
      for index in outcome.links.indices where outcome.links[index].owner == id {
        let before = try tx.links.link(audienceID, at: outcome.links[index].key)
        for tag in edited.map(\.tag) {
          outcome.links[index].agreed?[tag] = before?.agreed?[tag]
          outcome.links[index].kept[tag] = before?.kept[tag]
          outcome.links[index].decided[tag] = before?.decided[tag]
        }
        outcome.links[index].digest = nil
      }
      let names = Set(edited.map(\.field.description))
      for index in outcome.rows.indices where outcome.rows[index].person == id {
        outcome.rows[index].changes.removeAll { $0.isHere && names.contains($0.name) }
      }
    }
  }

  private func take(
    _ edits: [PersonEdit], of id: PersonID, _ tx: WorkspaceTransaction
  ) throws(Problem) {
    guard try tx.directory.person(id) != nil else { return }
    try tx.directory.update(id) { (person) throws(Problem) in
      for edit in edits { try person.set(edit.field, to: edit.value) }
    }
  }

  func welcome(
    _ edits: [PersonEdit], at key: AddressKey, _ tx: WorkspaceTransaction
  ) throws(Problem) -> PersonID? {
    // Somebody may have added them meanwhile.
    guard try tx.directory.people(at: key).isEmpty else { return nil }
    let settings = try tx.settings.values()
    var person = Person(
      id: PersonID(0), account: settings[Settings.defaultAccount], noticedAt: tx.now)
    for edit in edits { try person.set(edit.field, to: edit.value) }
    person.optIn = .yes
    person.optInAt = tx.now
    person.optInHow = "subscribed at Mailchimp"
    let id = try tx.directory.add(person)
    guard var link = try tx.links.link(audienceID, at: key) else { return id }
    link.owner = id
    link.digest = nil
    try tx.links.save([link])
    return id
  }

  /// For everybody whose primary address it is, and for the owner of the contact, who may have
  /// another address by now.
  private func bring(
    _ back: ConsentBack, to key: AddressKey, _ tx: WorkspaceTransaction
  ) throws(Problem) {
    var people = try tx.directory.people(at: key).map(\.id)
    if back.optIn == .no, let owner = try tx.links.link(audienceID, at: key)?.owner {
      people.append(owner)
    }
    for id in Set(people).sorted() {
      guard let person = try tx.directory.person(id), back.changes(person) else { continue }
      try tx.directory.update(id) {
        $0.optIn = back.optIn
        $0.optInAt = back.at
        $0.optInHow = ConsentBack.origin + back.evidence
      }
    }
  }
}
