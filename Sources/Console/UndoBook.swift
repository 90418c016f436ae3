// What was edited in this console, and the way back. It knows no edit by itself: whoever carries an
// order out says with which order it is taken back, read in the same transaction. What must stay
// true: one step is under way at a time, and what cannot be taken back stands in its place and says so.

import Basics
import Domain

/// An edit that was made.
package struct Edit: Sendable, Equatable {
  /// What was edited, such as `the mapping of FNAME`.
  package var what: String
  /// The order that takes it back; nil where nothing can.
  package var back: Effect?
  /// Why nothing can, as a sentence with what can be done instead.
  package var whyNot: String

  package init(_ what: String, back: Effect) {
    (self.what, self.back, whyNot) = (what, back, "")
  }

  package init(_ what: String, whyNot: String) {
    (self.what, self.whyNot) = (what, whyNot)
  }
}

struct UndoBook: Sendable, Equatable {
  enum Way: Sendable, Equatable { case back, forth }

  private struct Step: Sendable, Equatable {
    var way: Way
    var ticket: Ticket
    var what: String
    /// The way back from the step itself, once it is known.
    var next: Edit?
  }

  private var done: [Edit] = []
  private var undone: [Edit] = []
  private var underWay: Step?
  private var steps = 0

  private static let most = 100

  func whyNot(_ way: Way, _ keys: UserKeys) -> String? {
    if underWay != nil { return "One moment: the step before is still being taken." }
    switch way {
    case .back:
      return done.isEmpty
        ? "Nothing to take back: \(keys[GlobalKeys.undo]) undoes edits of mapping, settings, searches, tags, schedules and"
          + " people made in this console." : nil
    case .forth: return undone.isEmpty ? "Nothing was taken back." : nil
    }
  }

  /// Takes the last step of that way; a sentence where it cannot be taken.
  mutating func take(_ way: Way, _ keys: UserKeys) -> Result<Effect, Problem> {
    let edit = way == .back ? done.popLast() : undone.popLast()
    guard let edit else { return .failure(Problem("undo.nothing", whyNot(way, keys) ?? "")) }
    guard let back = edit.back else {
      let before = done.last.map { " \(keys[GlobalKeys.undo]) again takes back \($0.what)." } ?? ""
      return .failure(Problem("undo.never", edit.whyNot + before))
    }
    steps += 1
    let ticket = Ticket.session(steps)
    underWay = Step(way: way, ticket: ticket, what: edit.what)
    return .success(back.with(ticket))
  }

  /// An order was carried out: this is its way back.
  mutating func edited(_ edit: Edit, by ticket: Ticket) {
    guard underWay?.ticket != ticket else {
      underWay?.next = edit
      return
    }
    done = (done + [edit]).suffix(Self.most)
    undone = []
  }

  /// Something was ordered that has no way back; said once where it is ordered again and again.
  mutating func ordered(_ edit: Edit) {
    if done.last != edit { done = (done + [edit]).suffix(Self.most) }
  }

  /// What the answer to a step of this book says; nil where it is no step of it.
  mutating func answered(
    _ ticket: Ticket, _ answer: Answer, _ keys: UserKeys
  ) -> Notice? {
    guard let step = underWay, step.ticket == ticket else { return nil }
    underWay = nil
    if case .refused(let problem) = answer {
      return Notice(.error, "\(step.what) stays as it is. \(problem.description)".capitalizedFirst)
    }
    switch step.way {
    case .back:
      if let next = step.next { undone = (undone + [next]).suffix(Self.most) }
      return Notice(.success, "Taken back: \(step.what). \(keys[GlobalKeys.redo]) makes it again.")
    case .forth:
      if let next = step.next { done = (done + [next]).suffix(Self.most) }
      return Notice(.success, "Made again: \(step.what). \(keys[GlobalKeys.undo]) takes it back.")
    }
  }
}

extension Effect {
  /// What `z` says of an order that it cannot take back; nil for orders that need no way back, or
  /// have one.
  func withoutWayBack(_ keys: UserKeys) -> Edit? {
    let sent =
      "What was sent is taken back in Executions: press \(keys[.executions]), then"
      + " \(keys[ExecutionsAction.undo])."
    let there = "That was done at Mailchimp and cannot be undone from here."
    switch self {
    case .request(let request), .ask(let request, _):
      switch request {
      case .forceSync, .resync, .syncPerson, .approvePlan, .retryExecution, .replayExecution,
        .repairDrift, .undoExecution:
        return Edit("the last order to the engine", whyNot: sent)
      case .discardPlan(let id):
        return Edit(
          "plan \(id)",
          whyNot:
            "Plan \(id) was discarded and cannot be brought back; \(keys[GlobalKeys.resync]) makes a"
            + " new one.")
      case .discardMessage:
        return Edit(
          "the dead letter",
          whyNot:
            "A discarded letter cannot be brought back; \(keys[GlobalKeys.resync]) compares anew.")
      case .decideConflict:
        return Edit(
          "the conflict", whyNot: "A decided conflict cannot be opened again; edit the person.")
      case .liftSuppression, .askAgain, .removeWebhook, .addContact:
        return Edit("the last order to the engine", whyNot: there)
      default: return nil
      }
    case .createMergeField(let draft, _): return Edit("merge field \(draft.tag)", whyNot: there)
    case .createAudience: return Edit("the new audience", whyNot: there)
    case .setDoubleOptIn:
      return Edit(
        "double opt-in",
        whyNot:
          "Double opt-in is switched back in Audience: \(keys[.audience]), then"
          + " \(keys[AudienceAction.doubleOptIn]).")
    case .chooseAudience:
      return Edit(
        "the choice of the audience",
        whyNot:
          "Another audience is chosen in Audience (\(keys[.audience])); its first plan is held for a"
          + " look.")
    case .disconnect:
      return Edit("the connection", whyNot: "Connect again in Settings: press \(keys[.settings]).")
    case .discardLetters:
      return Edit(
        "the dead letters",
        whyNot:
          "Discarded letters cannot be brought back; \(keys[GlobalKeys.resync]) compares anew.")
    case .dismissDrift:
      return Edit(
        "the differences", whyNot: "Dismissed differences come back with the next verification.")
    case .addCustomField(let field, _):
      return Edit("the custom field \(field.name)", whyNot: "A custom field stays with people.")
    default: return nil
    }
  }
}

extension String {
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
