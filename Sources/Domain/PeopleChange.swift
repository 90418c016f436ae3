// What can be done to many people at once, and whom it is to be done to. What must stay true: who is
// meant is settled when the question is put; a list that moves afterwards changes nothing of that.

import Basics

package enum PeopleChange: Sendable, Equatable {
  case activate
  case deactivate
  /// A *no*: nobody is opted in by the dozen, because a yes is one person's own.
  case optOut
  case move(account: String)
  /// The first step of deleting.
  case delete
  case restore
  /// The second one.
  case remove
  /// Erased here and at Mailchimp, because they ask for it.
  case forget
  /// No change: sent now, before everything that waits.
  case sync

  /// More at once than that, and a sync of everybody is quicker.
  package static let mostSynced = 500

  /// Each looks through logs and requests, and calls Mailchimp.
  package static let mostForgotten = 100

  package var isUndoable: Bool { ![.remove, .forget, .sync].contains(self) }

  /// What was done to so many, as the way back names it.
  package func what(_ count: Int) -> String {
    let people = count == 1 ? "1 person" : "\(count) people"
    return switch self {
    case .activate: "the activation of \(people)"
    case .deactivate: "the deactivation of \(people)"
    case .optOut: "the opt-out of \(people)"
    case .move(let account): "the move of \(people) to \(account)"
    case .delete: "the deletion of \(people)"
    case .restore: "the return of \(people)"
    case .remove: "the removal of \(people)"
    case .forget: "the erasure of \(people)"
    case .sync: "the sync of \(people)"
    }
  }

  /// True for what takes people off the audience or away from here.
  package var isDestructive: Bool {
    switch self {
    case .deactivate, .optOut, .delete, .remove, .forget: true
    case .activate, .move, .restore, .sync: false
    }
  }
}

/// Whom something is to be done to.
package enum PeopleSelection: Sendable, Equatable {
  case these([PersonID])
  /// All whom a search finds, without some.
  case found(search: String, except: [PersonID])
}

/// A selection as it is at one moment, for one change.
package struct PeopleChoice: Sendable, Equatable {
  /// Whom the change would change, by id.
  package var people: [PersonID]
  /// Who is so already.
  package var unaffected: Int
  /// Of those who would change, who is subscribed or asked to confirm at Mailchimp.
  package var members: Int
  /// The first names.
  package var names: [String]

  package init(people: [PersonID], unaffected: Int = 0, members: Int = 0, names: [String] = []) {
    self.people = people
    self.unaffected = unaffected
    self.members = members
    self.names = names
  }
}

/// Lines of the audit trail that one author wrote: enough to take back what they say.
package struct EditMark: Sendable, Equatable {
  package var who: String
  package var first: Int64
  package var last: Int64

  package init(who: String, first: Int64, last: Int64) {
    self.who = who
    self.first = first
    self.last = last
  }

  /// Both, where they are parts of one thing.
  package func joined(_ other: EditMark?) -> EditMark {
    guard let other else { return self }
    return EditMark(who: who, first: min(first, other.first), last: max(last, other.last))
  }
}

/// How far a change of many people is.
package struct PeopleProgress: Sendable, Equatable {
  package var done: Int
  package var total: Int
  package var isOver: Bool
  /// Of an undo: what was changed by somebody else since, and stayed.
  package var left: Int
  /// By which it can be taken back; nil while nothing was changed.
  package var undo: EditMark?

  package init(
    done: Int, total: Int, isOver: Bool = false, left: Int = 0, undo: EditMark? = nil
  ) {
    self.done = done
    self.total = total
    self.isOver = isOver
    self.left = left
    self.undo = undo
  }
}
