// The one writer of a process. Whatever waits is committed together (one fsync for many writers),
// and a closure that throws undoes only itself: the first by ending the transaction it is alone in,
// each other one in a savepoint of its own (a savepoint writes every page it touches into a temporary
// file first, so it is not for those that need none). Nobody is answered
// before the commit that holds his work; when the commit is refused, all of it is undone and all
// are told.

import Basics
import Glibc

package final class DatabaseThread: Sendable {
  /// When one transaction takes in no more closures, so that another process never waits longer
  /// than about 100 ms.
  package struct Bounds: Sendable {
    package var closures = 512
    package var time = Duration.milliseconds(50)

    package init() {}
  }

  package let path: String
  private let queue: WorkQueue<WriteJob>
  private let thread: WorkThread

  /// Takes `connection` over. `onCommit` is called on the writer's thread once after each commit
  /// that changed a row, when all its writers have been answered; it must return at once.
  package init(
    _ connection: sending Connection, bounds: Bounds = Bounds(),
    onCommit: @escaping @Sendable () -> Void = {}
  ) throws(Problem) {
    path = connection.path
    let queue = WorkQueue<WriteJob>()
    self.queue = queue
    let handover = Handover(connection)
    thread = try WorkThread {
      let writer = GroupCommit(connection: handover.connection, bounds: bounds)
      while let first = queue.next() {
        if writer.commit(first, and: queue) { onCommit() }
      }
    }
  }

  deinit { queue.close() }

  /// Runs `body` on the writer's thread inside a transaction and returns after it is on disk.
  package func write<Value: Sendable>(
    _ body: @escaping @Sendable (Connection) throws(Problem) -> Value
  ) async throws(Problem) -> Value {
    let result: Result<Value, Problem> = await withCheckedContinuation { continuation in
      let job = WriteJob(body) { continuation.resume(returning: $0) }
      if !queue.push(job) { continuation.resume(returning: .failure(.closed(path))) }
    }
    return try result.get()
  }

  /// The same for callers that may block; never call it from an async function or from `body`.
  package func writeBlocking<Value: Sendable>(
    _ body: @escaping @Sendable (Connection) throws(Problem) -> Value
  ) throws(Problem) -> Value {
    let reply = Reply<Value>()
    guard queue.push(WriteJob(body) { reply.say($0) }) else { throw .closed(path) }
    return try reply.wait()
  }

  /// Commits what was handed in, closes the connection, and refuses whatever comes later.
  package func close() {
    queue.close()
    thread.join()
  }
}

/// A closure with the one who waits for it. After `run` exactly one of the two answers is given.
private struct WriteJob: Sendable {
  /// Runs the closure, in a savepoint unless it is alone; returns what to say after the commit, or
  /// the problem.
  let run: @Sendable (Connection, _ isAlone: Bool) -> Result<Answer, Problem>
  let refuse: @Sendable (Problem) -> Void

  typealias Answer = @Sendable () -> Void

  init<Value: Sendable>(
    _ body: @escaping @Sendable (Connection) throws(Problem) -> Value,
    answer: @escaping @Sendable (Result<Value, Problem>) -> Void
  ) {
    run = { connection, isAlone in
      do throws(Problem) {
        let value =
          isAlone
          ? try body(connection)
          : try connection.savepoint { () throws(Problem) in try body(connection) }
        return .success { answer(.success(value)) }
      } catch {
        return .failure(error)
      }
    }
    refuse = { answer(.failure($0)) }
  }
}

/// One transaction after another over the same connection, on the writer's thread.
private struct GroupCommit {
  let connection: Connection
  let bounds: DatabaseThread.Bounds

  /// Commits `first` and what waits behind it, within the bounds of a batch; true when that changed
  /// a row.
  func commit(_ first: WriteJob, and queue: WorkQueue<WriteJob>) -> Bool {
    do throws(Problem) {
      try connection.execute(Connection.TransactionKind.immediate.rawValue)
    } catch {
      first.refuse(error)
      return false
    }
    let before = connection.totalChanges
    let started = ContinuousClock.now
    var done: [(job: WriteJob, answer: WriteJob.Answer)] = []
    var refused: [(job: WriteJob, problem: Problem)] = []
    var next: WriteJob? = first
    while let job = next {
      let isFirst = done.isEmpty
      let result = job.run(connection, isFirst)
      switch result {
      case .success(let answer): done.append((job, answer))
      case .failure(let problem) where isFirst:
        connection.rollBack()
        job.refuse(problem)
        return false
      case .failure(let problem): refused.append((job, problem))
      }
      guard connection.isInTransaction else {
        // SQLite undid everything by itself (full disk, input/output error).
        undone(done.map(\.job), because: result)
        for (job, problem) in refused { job.refuse(problem) }
        return false
      }
      let count = done.count + refused.count
      let goesOn =
        count < bounds.closures && ContinuousClock.now - started < bounds.time
      next = goesOn ? queue.nextIfAny() : nil
    }
    do throws(Problem) {
      try connection.execute("COMMIT")
    } catch {
      connection.rollBack()
      undone(done.map(\.job), because: .failure(error))
      for (job, problem) in refused { job.refuse(problem) }
      return false
    }
    for (_, answer) in done { answer() }
    for (job, problem) in refused { job.refuse(problem) }
    return connection.totalChanges != before
  }

  private func undone(_ jobs: [WriteJob], because result: Result<WriteJob.Answer, Problem>) {
    let problem =
      switch result {
      case .failure(let problem): problem
      case .success:
        Problem(
          "internal", "A write to \(connection.path) ended the transaction it was part of.",
          remedy: "Send the diagnostic log to the developers.")
      }
    for job in jobs { job.refuse(problem) }
  }
}
