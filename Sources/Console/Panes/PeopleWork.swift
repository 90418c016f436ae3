// Changes of people from the console: the question that names how many and what follows, and how far
// it is. What must stay true: nobody is changed whom the question did not count.

import Basics
import Domain
import Screen

struct PeopleWork: Sendable, Equatable {
  private enum Phase: Sendable, Equatable {
    case idle
    /// Whom it would change is being looked up.
    case choosing(PeopleChange, Ticket)
    /// The question is put, or it is being done.
    case changing(String, Ticket)
  }

  private var phase = Phase.idle
  private(set) var progress: PeopleProgress?

  /// Said while people are being changed; nil else.
  func whyNot(_ keys: UserKeys) -> String? {
    progress == nil
      ? nil
      : "People are being changed: wait for the end, or stop it with \(keys[PeopleAction.stop])."
  }

  // MARK: Asking

  /// Asks whom `change` would change, before anybody is asked whether they want it.
  mutating func choose(
    _ change: PeopleChange, _ selection: PeopleSelection, _ book: inout TicketBook
  ) -> [Effect] {
    let ticket = book.next()
    phase = .choosing(change, ticket)
    return [.query(.choice(selection, change), ticket)]
  }

  /// The question for one person, whose row is here.
  mutating func confirm(
    _ change: PeopleChange, of row: PersonRow, _ keys: UserKeys, _ book: inout TicketBook
  ) -> [Effect] {
    let isMember = row.state == .inStep
    let choice = PeopleChoice(
      people: [row.id], members: isMember ? 1 : 0, names: ["\(row.name) (\(row.id))"])
    return ask(change, choice, keys, &book)
  }

  private mutating func ask(
    _ change: PeopleChange, _ choice: PeopleChoice, _ keys: UserKeys, _ book: inout TicketBook
  ) -> [Effect] {
    let count = choice.people.count
    guard count > 0 else {
      phase = .idle
      return [.notice(Notice(.info, change.nobody(choice.unaffected, keys)))]
    }
    if change == .sync, count > PeopleChange.mostSynced {
      phase = .idle
      let text =
        "\(Wording.number(count)) are too many one by one: "
        + "\(keys[GlobalKeys.forceSync]) sends what changed, \(keys[GlobalKeys.resync]) compares all."
      return [.notice(Notice(.warning, text))]
    }
    if change == .forget, count > PeopleChange.mostForgotten {
      phase = .idle
      let text =
        "\(Wording.number(count)) are too many here: listkeeper people forget --there SEARCH."
      return [.notice(Notice(.warning, text))]
    }
    let ticket = book.next()
    phase = .changing(change.label(count), ticket)
    let dialog = Dialog(
      title: change.label(count), lines: change.lines(choice, keys), verb: change.verb,
      word: change.word(choice), orders: [.changePeople(change, choice.people, ticket)])
    return [.open(.dialog(dialog))]
  }

  // MARK: Answers

  /// Nil where it is none of its answers; `true` where the list is to be read again.
  mutating func take(
    _ answer: Answer, _ ticket: Ticket, _ keys: UserKeys, _ book: inout TicketBook
  ) -> (effects: [Effect], isOver: Bool)? {
    switch (phase, answer) {
    case (.choosing(let change, ticket), .choice(let choice)):
      return (ask(change, choice, keys, &book), false)
    case (.choosing(_, ticket), .refused(let problem)):
      phase = .idle
      return ([.notice(Notice(problem))], false)
    case (.changing(let label, ticket), .changed(let news)):
      guard news.isOver else {
        progress = news
        return ([], false)
      }
      (phase, progress) = (.idle, nil)
      let way = news.undo == nil ? "" : " \(keys[GlobalKeys.undo]) takes it back."
      return ([.notice(Notice(.success, "\(label): done.\(way)"))], true)
    case (.changing(_, ticket), .refused(let problem)):
      (phase, progress) = (.idle, nil)
      return ([.notice(Notice(problem))], true)
    default: return nil
    }
  }
}

extension PeopleChange {
  var verb: String {
    switch self {
    case .activate: "Activate"
    case .deactivate: "Deactivate"
    case .optOut: "Opt out"
    case .move: "Move"
    case .delete: "Delete"
    case .restore: "Undo"
    case .remove: "Remove"
    case .forget: "Forget"
    case .sync: "Sync"
    }
  }

  /// `Deactivate 12 people`
  func label(_ count: Int) -> String {
    let people = Wording.people(count)
    return switch self {
    case .activate, .deactivate, .delete, .sync: "\(verb) \(people)"
    case .optOut: "Opt \(people) out"
    case .move(let account): "Move \(people) to \(account)"
    case .restore: "Undo the deletion of \(people)"
    case .remove: "Remove \(people) for good"
    case .forget: "Forget \(people), here and at Mailchimp"
    }
  }

  /// What must be typed: the number where it is many or cannot be undone; of one person who is
  /// removed, their own.
  func word(_ choice: PeopleChoice) -> String? {
    let count = choice.people.count
    if self == .remove || self == .forget {
      return count == 1 ? "\(choice.people[0].rawValue)" : "\(count)"
    }
    return count > 1 && (isDestructive || count > 100) ? "\(count)" : nil
  }

  func nobody(_ unaffected: Int, _ keys: UserKeys) -> String {
    if unaffected == 0 { return "Nobody is left of those." }
    let all = unaffected == 1 ? "The person" : "All \(Wording.people(unaffected))"
    let be = unaffected == 1 ? "is" : "are"
    return switch self {
    case .activate: "\(all) \(be) active already."
    case .deactivate: "\(all) \(be) inactive already."
    case .optOut: "\(all) said no already."
    case .move(let account): "\(all) \(be) in \(account) already."
    case .delete: "\(all) \(be) marked as deleted already."
    case .restore: "\(all): none is marked as deleted."
    case .remove: "\(all): delete them first, with \(keys[PeopleAction.mark])."
    case .sync, .forget: "Nobody is left of those."
    }
  }

  /// What happens, to whom and to how many.
  func lines(_ choice: PeopleChoice, _ keys: UserKeys) -> [String] {
    let count = choice.people.count
    let isOne = count == 1
    let who: String
    if isOne {
      who = choice.names.first ?? Wording.people(1)
    } else {
      let more = count - choice.names.count
      who =
        "\(Wording.people(count)): " + choice.names.joined(separator: ", ")
        + (more > 0 ? " and \(Wording.number(more)) more" : "")
    }
    let (be, leave) = isOne ? ("is", "leaves") : ("are", "leave")
    var lines: [String] = []
    switch self {
    case .activate:
      lines = ["\(who) \(be) active from now on, and the rules decide anew whether to send."]
    case .deactivate:
      lines = [
        "\(who) \(be) inactive from now on and \(leave) the audience by your rule for leavers."
      ]
    case .optOut:
      lines = [
        "\(who): opt-in no from now on. Whoever is a member is unsubscribed.",
        "An opt-out follows a person to a new address; only a newer yes lifts it.",
      ]
    case .move(let account):
      lines = ["\(who) \(isOne ? "belongs" : "belong") to \(account) from now on."]
    case .delete:
      lines = [
        "\(who) \(be) marked as deleted and \(leave) the audience by the rule for leavers.",
        "It can be undone until \(isOne ? "the person is" : "they are") removed for good.",
      ]
    case .restore:
      lines = [
        "\(who) \(isOne ? "counts" : "count") again, and the rules decide anew whether to send."
      ]
    case .remove:
      lines = [
        "\(who) \(leave) the directory with all details. This cannot be undone.",
        "History, consent ledger and suppressions stay, so that nobody who opted out is"
          + " subscribed again; x E leaves nothing that names them.",
      ]
    case .forget:
      lines = [
        "\(who) \(leave) this workspace to the last byte: details, history, outcomes, log.",
        "At Mailchimp the contact is deleted for good. This cannot be undone: only they themselves"
          + " can come back, with the sign-up form.",
        "The ledger keeps a keyed hash, so that nobody adds or mails them again.",
      ]
    case .sync: lines = ["\(who) \(be) sent now, before everything that waits."]
    }
    if !isOne, isDestructive, choice.members > 0 {
      lines.append("\(Wording.number(choice.members)) of them are members at Mailchimp now.")
    }
    if choice.unaffected > 0 {
      lines.append("\(Wording.number(choice.unaffected)) more are so already and stay as they are.")
    }
    if isUndoable, self != .restore, self != .delete {
      lines.append("\(keys[GlobalKeys.undo]) takes it back.")
    }
    return lines
  }
}
