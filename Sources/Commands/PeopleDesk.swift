// Changes many people, a few hundred a transaction on a thread of its own, and tells how far it is.
// What must stay true: each transaction is short, whoever is changed is changed whole, and what was
// done when it is stopped stays and can be taken back.

import Basics
import Console
import Dispatch
import Domain
import Storage

final class PeopleDesk: Sendable {
  private let workspace: Workspace
  private let queue = DispatchQueue(label: "listkeeper.people", qos: .utility)
  private let turn = Locked(Turn())

  private struct Turn {
    /// Counts what was ordered; to stop is to let all of it be.
    var ordered = 0
    var stopped = 0
  }

  /// People a transaction: more would keep others waiting for longer than 100 ms.
  private static let chunk = 250
  private static let pause = Duration.milliseconds(100)

  init(_ workspace: Workspace) { self.workspace = workspace }

  /// What is under way ends after its transaction.
  func stop() { turn.withLock { $0.stopped = $0.ordered } }

  func change(
    _ people: [PersonID], _ change: PeopleChange, as who: String,
    _ tell: @escaping @Sendable (EditOutcome) -> Void
  ) {
    if change == .forget { return forget(people, as: who, tell) }
    work(PeopleProgress(done: 0, total: people.count), change.what(people.count), tell) {
      [workspace] (progress: inout PeopleProgress) throws(Problem) in
      let rest = people[progress.done...].prefix(Self.chunk)
      let mark = try workspace.writeBlocking(as: who, evidence: "console") {
        (tx) throws(Problem) in
        try tx.marking { () throws(Problem) in try tx.change(rest, change) }.mark
      }
      progress.undo = mark.map { $0.joined(progress.undo) } ?? progress.undo
      progress.done += rest.count
      progress.isOver = progress.done == people.count
    }
  }

  /// One after the other: each is first deleted at Mailchimp.
  private func forget(
    _ people: [PersonID], as who: String, _ tell: @escaping @Sendable (EditOutcome) -> Void
  ) {
    let eraser = Eraser(workspace, as: who, workspace.time)
    work(
      PeopleProgress(done: 0, total: people.count), PeopleChange.forget.what(people.count), tell
    ) { (progress: inout PeopleProgress) throws(Problem) in
      try eraser.forget(people[progress.done])
      progress.done += 1
      progress.isOver = progress.done == people.count
      if progress.isOver { _ = try eraser.sweep() }
    }
  }

  func takeBack(
    _ mark: EditMark, what: String, as who: String,
    _ tell: @escaping @Sendable (EditOutcome) -> Void
  ) {
    let start = PeopleProgress(done: 0, total: Int(mark.last - mark.first + 1))
    let rest = Locked(mark)
    work(start, what, tell) { [workspace] (progress: inout PeopleProgress) throws(Problem) in
      let wanted = rest.withLock { $0 }
      let (step, mark) = try workspace.writeBlocking(as: who, evidence: "console: undo") {
        (tx) throws(Problem) in
        try tx.marking { () throws(Problem) in try tx.takeBack(wanted, limit: 2 * Self.chunk) }
      }
      progress.undo = mark.map { $0.joined(progress.undo) } ?? progress.undo
      progress.done += step.done
      progress.left += step.left
      progress.isOver = step.rest == nil
      if let next = step.rest { rest.withLock { $0 = next } }
    }
  }

  /// Takes step after step until it is over or stopped; the last answer says that it is.
  private func work(
    _ start: PeopleProgress, _ what: String, _ tell: @escaping @Sendable (EditOutcome) -> Void,
    _ step: @escaping @Sendable (inout PeopleProgress) throws(Problem) -> Void
  ) {
    let number = turn.withLock { turn in
      turn.ordered += 1
      return turn.ordered
    }
    queue.async { [self] in
      var progress = start
      progress.isOver = start.total == 0
      var told = workspace.time.now()
      do throws(Problem) {
        while !progress.isOver {
          try step(&progress)
          if turn.withLock({ $0.stopped >= number }) { progress.isOver = true }
          let now = workspace.time.now()
          if !progress.isOver, now >= told + Self.pause {
            told = now
            tell(EditOutcome(.changed(progress)))
          }
        }
        tell(EditOutcome(.changed(progress), Self.wayBack(progress, what)))
      } catch {
        // What went before it stays, and can be taken back.
        tell(EditOutcome(.refused(error), Self.wayBack(progress, what)))
      }
    }
  }

  private static func wayBack(_ progress: PeopleProgress, _ what: String) -> Edit? {
    progress.undo.map { Edit.takingBack($0, what) }
  }
}

extension Edit {
  /// Taken back by the audit trail.
  static func takingBack(_ mark: EditMark, _ what: String) -> Edit {
    Edit(what, back: .takeBack(mark, what: what, Ticket(pane: .overview, generation: 0)))
  }
}
