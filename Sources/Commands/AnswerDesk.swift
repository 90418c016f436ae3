// One reader and its thread, answering the console's questions in order. A question that a newer one
// of the same pane and kind has replaced is skipped, and interrupted where it already runs, so that
// typing in a search never waits for the searches before it.

import Basics
import Console
import Dispatch
import Storage

final class AnswerDesk: Sendable {
  private let reader: WorkspaceReader
  private let queue: DispatchQueue
  private let state = Locked(State())

  private struct Subject: Hashable {
    var pane: PaneID
    var kind: String
  }

  private struct State {
    var newest: [Subject: Ticket] = [:]
    var running: Subject?
    var isClosed = false
  }

  private var isClosed: Bool { state.withLock { $0.isClosed } }

  init(_ reader: WorkspaceReader, label: String) {
    self.reader = reader
    queue = DispatchQueue(label: label, qos: .userInteractive)
  }

  func ask(
    _ query: Query, _ ticket: Ticket, _ take: @escaping @Sendable (Answer) -> Void
  ) {
    let subject = Subject(pane: ticket.pane, kind: query.kind)
    let isReplacing = state.withLock { state in
      state.newest[subject] = ticket
      return state.running == subject
    }
    if isReplacing { reader.interrupt() }
    queue.async { [self] in
      while true {
        let isWanted = state.withLock { state in
          guard !state.isClosed, state.newest[subject] == ticket else { return false }
          state.running = subject
          return true
        }
        guard isWanted else { return }
        let answer: Answer
        do throws(Problem) {
          answer = try reader.readBlocking { (reading) throws(Problem) in
            try ConsoleAnswers.answer(query, in: reading)
          }
        } catch {
          state.withLock { $0.running = nil }
          // Meant for the question before this one: look again, or go where a newer one came.
          if error.code == "sqlite.interrupted" { continue }
          return take(.refused(error))
        }
        state.withLock { $0.running = nil }
        return take(answer)
      }
    }
  }

  /// Reads something that is no answer to a pane.
  func read<Value: Sendable>(
    _ body: @escaping @Sendable (WorkspaceReading) throws(Problem) -> Value,
    then: @escaping @Sendable (Result<Value, Problem>) -> Void
  ) {
    queue.async { [self] in
      while true {
        if isClosed { return then(.failure(Problem("cancelled", "The console has ended."))) }
        do throws(Problem) {
          return then(.success(try reader.readBlocking(body)))
        } catch {
          if error.code == "sqlite.interrupted" { continue }
          return then(.failure(error))
        }
      }
    }
  }

  /// What is under way ends, and nothing more is begun.
  func close() {
    state.withLock { $0.isClosed = true }
    reader.interrupt()
    // Behind what is under way, so that nothing reads from a closed connection.
    queue.sync { reader.close() }
  }
}
