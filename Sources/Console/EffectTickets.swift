// The orders that are answered, by the ticket they carry: so that an order can be given once more in
// the session's own name, and one that is refused before it begins can be answered.

import Basics

extension Ticket {
  /// The session's own: no pane counts below zero.
  static func session(_ number: Int) -> Ticket { Ticket(pane: .overview, generation: -number) }

  package var isOfSession: Bool { generation < 0 }
}

extension Effect {
  /// The same order with another ticket, where it is an edit; others stay as they are.
  func with(_ ticket: Ticket) -> Effect {
    switch self {
    case .saveSettings(let edits, _): .saveSettings(edits, ticket)
    case .savePerson(let draft, _): .savePerson(draft, ticket)
    case .deletePerson(let id, let step, _): .deletePerson(id, step, ticket)
    case .saveSchedule(let id, let terms, _): .saveSchedule(id, terms, ticket)
    case .removeSchedule(let id, _): .removeSchedule(id, ticket)
    case .editSearch(let edit, _): .editSearch(edit, ticket)
    case .changeMapping(let change, _): .changeMapping(change, ticket)
    case .saveFilter(let saved, _): .saveFilter(saved, ticket)
    case .removeFilter(let name, _): .removeFilter(name, ticket)
    case .takeBack(let mark, let what, _): .takeBack(mark, what: what, ticket)
    case .together(let orders, let what, _): .together(orders, what: what, ticket)
    default: self
    }
  }

  /// Of an order that changes the workspace or what is at Mailchimp: the ticket it is answered with,
  /// or nil where nobody waits. Not of one that only reads, or writes a file of its own.
  package var isOrder: (is: Bool, ticket: Ticket?) {
    switch self {
    case .saveSettings(_, let ticket), .savePerson(_, let ticket), .deletePerson(_, _, let ticket),
      .chooseAudience(_, let ticket), .refreshAudiences(let ticket), .readGrowth(_, let ticket),
      .saveSchedule(_, _, let ticket), .removeSchedule(_, let ticket),
      .editSearch(_, let ticket), .changeMapping(_, let ticket), .readMergeFields(let ticket),
      .createMergeField(_, let ticket), .addCustomField(_, let ticket),
      .createAudience(_, let ticket), .setDoubleOptIn(_, _, let ticket), .disconnect(let ticket),
      .beginLogin(let ticket), .saveFilter(_, let ticket), .removeFilter(_, let ticket),
      .ask(_, let ticket), .applyPreset(_, let ticket), .changePeople(_, _, let ticket),
      .takeBack(_, _, let ticket), .importPeople(_, let ticket), .together(_, _, let ticket):
      (true, ticket)
    case .request, .reviveLetters, .discardLetters, .dismissDrift, .startEngine: (true, nil)
    default: (false, nil)
    }
  }
}
